//! Help, privacy, accessibility.

use super::texts;

texts! {
    help_title: "Hulp", "Help";
    help_what_title: "Wat is Sluis?", "What is Sluis?";
    help_what:
        "Sluis is een veilige weg voor berichten tussen organisaties in zorg en welzijn. Elk bericht heeft twee sloten. Het ene slot heeft de organisatie die het bericht krijgt. Het andere slot hebt u: uw toestemming. Alleen als beide open zijn, kan iemand het bericht lezen.",
        "Sluis is a safe way for messages between organisations in care and welfare. Every message has two locks. One lock belongs to the organisation that gets the message. The other lock is yours: your consent. Only when both are open can somebody read the message.";
    help_no_file:
        "Er is geen gedeeld dossier. Uw naam, uw geboortedatum en uw BSN staan niet in Sluis. Elke organisatie heeft een eigen code voor u.",
        "There is no shared file. Your name, your date of birth and your BSN (citizen service number) are not in Sluis. Every organisation has its own code for you.";
    help_recall_title: "Wat kan ik terugdraaien?", "What can I undo?";
    help_recall:
        "U kunt elke toestemming stoppen. Dat geldt meteen. Berichten die nog niet geopend zijn, kan dan niemand meer openen. Wat al gelezen is, kunnen wij niet ongelezen maken. Dat zeggen wij er eerlijk bij.",
        "You can stop every consent. That applies at once. Messages that were not opened yet, nobody can open any more. What was already read, we cannot make unread. We are honest about that.";
    help_no_title: "Mag ik nee zeggen?", "May I say no?";
    help_no:
        "Ja. Nee zeggen mag altijd, en u hoeft niet te zeggen waarom. De organisatie hoort alleen dat er geen toestemming is. Zij mag het 30 dagen niet opnieuw vragen.",
        "Yes. You may always say no, and you do not need to say why. The organisation only hears that there is no consent. It may not ask again for 30 days.";
    help_wrong_title: "Er klopt iets niet", "Something is not right";
    help_wrong:
        "Ziet u iets wat niet klopt? Bel of mail de organisatie die erbij staat, en vraag naar de functionaris gegevensbescherming. Die moet u antwoord geven. Komt u er samen niet uit? Dan kunt u een klacht sturen aan de Autoriteit Persoonsgegevens.",
        "Do you see something that is not right? Call or mail the organisation that is named, and ask for the data protection officer, who must answer you. If you cannot solve it together, you can send a complaint to the Autoriteit Persoonsgegevens (the Dutch data protection authority).";
    help_emergency_title: "Nood", "Emergency";
    help_receipt:
        "Hebt u een bewijs van een toestemming? Iedereen kan nagaan of het echt is, ook zonder in te loggen.",
        "Do you have a receipt of a consent? Anybody can check whether it is genuine, also without logging in.";
    help_together_title: "Liever samen?", "Rather together?";
    help_together:
        "Vindt u dit lastig? Vraag iemand die u vertrouwt om mee te kijken. Ook een medewerker van een organisatie kan helpen. U kiest zelf.",
        "Do you find this difficult? Ask somebody you trust to look with you. A worker of an organisation can help too. You make the choice.";

    privacy_title: "Privacy", "Privacy";
    privacy_know_title: "Wat weten wij van u?", "What do we know about you?";
    privacy_know:
        "Als u inlogt, krijgen wij een code. Die code is alleen voor Sluis. Wij krijgen geen naam, geen adres en geen BSN. Wij bewaren welke toestemmingen u gaf en wie er iets vroeg of opende. Dat ligt op slot, en niets daarvan staat op uw naam.",
        "When you log in, we get a code. That code is for Sluis only. We get no name, no address and no BSN (citizen service number). We keep which consents you gave and who asked or opened something. It is locked away, and none of it carries your name.";
    privacy_read_title: "Kunnen jullie mijn berichten lezen?", "Can you read my messages?";
    privacy_read:
        "Nee. Berichten zijn versleuteld van organisatie tot organisatie.",
        "No. Messages are encrypted from organisation to organisation.";
    privacy_kept_title: "Hoe lang bewaren jullie het?", "How long do you keep it?";
    privacy_kept:
        "Wie er keek, bewaren wij vijf jaar. Zo kunt u het later nog nakijken.",
        "Who looked, we keep for five years. So you can still check it later.";
    privacy_cookies_title: "Cookies", "Cookies";
    privacy_cookies:
        "Wij gebruiken alleen cookies die nodig zijn: één voor het inloggen, één zolang u ingelogd bent en één voor uw taal. Moet u even wachten voor u inlogt? Dan is er ook daarvoor één. Er staat niets over u in dat iemand kan lezen. Er kijkt niemand mee op deze pagina's: geen advertenties, geen volgers.",
        "We use only cookies that are needed: one for logging in, one while you are logged in and one for your language. If you have to wait before you log in, there is one for that too. They hold nothing about you that anybody can read. Nobody watches along on these pages: no advertisements, no trackers.";
    privacy_rights_title: "Uw rechten", "Your rights";
    privacy_rights:
        "U mag zien wat er over u is, het laten verbeteren of laten weghalen, en een klacht indienen bij de Autoriteit Persoonsgegevens. Uw dossier staat bij de organisaties zelf. Vraag het dus ook aan hen.",
        "You may see what there is about you, have it corrected or removed, and complain to the Autoriteit Persoonsgegevens (the Dutch data protection authority). Your file is with the organisations themselves. So ask them too.";

    accessibility_title: "Toegankelijkheid", "Accessibility";
    accessibility_goal:
        "Iedereen moet deze pagina's kunnen gebruiken. Wij volgen de regels van WCAG 2.2, niveau AA. De pagina's werken zonder muis, met een schermlezer, op een kleine telefoon en zonder JavaScript.",
        "Everybody must be able to use these pages. We follow the rules of WCAG 2.2, level AA. The pages work without a mouse, with a screen reader, on a small phone and without JavaScript.";
    accessibility_checked:
        "Wij toetsen dit met een programma. Een onderzoek door anderen is er nog niet.",
        "We test this with a program. There has not been an audit by others yet.";
    accessibility_wrong:
        "Lukt er iets niet? Vertel het aan de organisatie die u helpt, of vraag iemand om mee te kijken.",
        "Does something not work for you? Tell the organisation that helps you, or ask somebody to look with you.";
}
