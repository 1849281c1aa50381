//! Notices by e-mail.

use super::texts;

texts! {
    notices_name: "Berichten", "Notices";
    notices_intro:
        "Wij kunnen u mailen als er iets verandert op deze pagina's. Dat hoeft niet: u kunt ook zelf af en toe kijken.",
        "We can mail you when something changes on these pages. You do not need it: you can also look now and then yourself.";
    notices_off: "Hier worden geen berichten per mail gestuurd.", "No notices are mailed here.";
    notices_not_for_others:
        "U bent ingelogd voor iemand anders. Alleen die persoon zelf kan hier een mailadres opgeven.",
        "You are logged in for somebody else. Only that person can give a mail address here.";
    notices_say_title: "Wat staat er in een bericht?", "What does a notice say?";
    notices_say:
        "Alleen dat er iets veranderd is, en het adres van deze pagina's. U logt zelf in om te zien wat het is.",
        "Only that something changed, and the address of these pages. You log in yourself to see what it is.";
    notices_never_say:
        "Nooit wat er veranderd is, over wie het gaat of van wie het komt. Uw naam staat er niet in.",
        "Never what changed, who it is about or who it is from. Your name is not in it.";
    notices_how_often:
        "U krijgt hooguit één bericht per uur. Wat u zelf op deze pagina's doet, mailen wij niet.",
        "You get one notice an hour at most. What you do on these pages yourself, we do not mail.";
    notices_who_sees:
        "Wie uw mail kan lezen, ziet dat u Sluis gebruikt. Kijkt er iemand mee in uw mail? Geef dan liever geen adres op.",
        "Whoever can read your mail sees that you use Sluis. Does somebody look at your mail too? Then better give no address.";
    notice_code_title: "Vul de code in", "Fill in the code";
    notice_code_what(address, until):
        "Wij mailden een code naar {address}. De code werkt tot {until} uur. Kijk ook bij ongewenste mail.",
        "We mailed a code to {address}. The code works until {until}. Look among unwanted mail too.";
    notice_code_refused:
        "Deze code werkt niet. Kijk of u hem goed overnam, of vraag een nieuwe",
        "This code does not work. See whether you copied it right, or ask for a new one";
    notices_on_title: "U krijgt berichten", "You get notices";
    notices_on(address, language): "Ze gaan naar {address}, {language}.", "They go to {address}, {language}.";
    notice_in_dutch: "in het Nederlands", "in Dutch";
    notice_in_english: "in het Engels", "in English";
    notice_give_title: "Een mailadres opgeven", "Give a mail address";
    notice_change_title: "Een ander mailadres, of een andere taal", "Another mail address, or another language";
    notice_address: "Uw mailadres", "Your mail address";
    notice_address_hint:
        "Wij sturen er eerst een code naartoe. Berichten komen in de taal waarin u deze pagina nu leest.",
        "We first send a code there. Notices come in the language in which you read this page now.";
    notice_address_button: "Stuur mij een code", "Send me a code";
    notice_address_wrong: "Dit is geen mailadres dat wij kunnen gebruiken", "This is no mail address that we can use";
    notice_address_too_often:
        "U vroeg te vaak om een code. Probeer het morgen opnieuw",
        "You asked for a code too often. Try again tomorrow";
    notices_stop_title: "Geen berichten meer", "No more notices";
    notices_stop_what: "Wij wissen dan uw mailadres.", "We then erase your mail address.";
    notices_stop: "Stop met mailen", "Stop mailing";
    notices_confirmed: "U krijgt voortaan berichten", "You get notices from now on";
    notices_removed: "U krijgt geen berichten meer. Uw mailadres is gewist", "You get no notices any more. Your mail address is erased";
    back_to_notices: "Naar uw berichten", "Go to your notices";
    start_notices: "Wilt u mail als er iets verandert?", "Do you want mail when something changes?";
    look_at_notices: "Kies of u berichten wilt", "Choose whether you want notices";
}
