//! Who looked: what organisations and the resident did or tried.

use super::texts;

texts! {
    access_intro:
        "Hier staat wat organisaties met uw gegevens deden, of wilden doen. Ook wat u zelf koos, of iemand namens u, staat erbij. Het nieuwste staat bovenaan.",
        "Here you see what organisations did with your data, or wanted to do. What you chose yourself, or somebody for you, is there too. The newest is at the top.";
    access_self:
        "Dat u zelf naar uw verwijzingen keek, staat hier niet. In het bestand staat het wel.",
        "That you looked at your own referrals is not shown here. It is in the file.";
    access_none: "Er is nog niets gebeurd.", "Nothing has happened yet.";
    access_not_whole: "Dit is niet alles: oudere regels staan hier niet.", "This is not everything: older lines are not shown.";
    access_paper: "Alles op één pagina, om af te drukken", "Everything on one page, to print";
    access_file: "Alles als bestand (JSON)", "Everything as a file (JSON)";
    access_older: "Ouder", "Older";
    access_newest: "Terug naar het nieuwste", "Back to the newest";
    access_wrong: "Klopt er iets niet? Kijk bij Hulp.", "Is something not right? Look at Help.";
    basis_mark: "Zonder uw toestemming:", "Without your consent:";
    emergency_mark: "Noodtoegang, zonder uw toestemming:", "Emergency access, without your consent:";
    basis_statutory_duty: "een wet schrijft dit voor.", "a law says that it must.";
    basis_public_task: "dit is nodig voor een taak van de gemeente.", "it is needed for a task of the municipality.";
    basis_treatment_team: "beide helpen u bij dezelfde behandeling.", "both help you with the same treatment.";
    basis_conflict_of_duties: "om ernstige schade te voorkomen.", "to prevent serious harm.";
    basis_vital_interest: "er was gevaar voor een leven, en u kon niet gevraagd worden.", "a life was in danger, and you could not be asked.";
    assisted_mark: "Met hulp:", "With help:";
    was_assisted:
        "een medewerker schreef deze toestemming voor u op. Klopt het niet? Dan kunt u stoppen.",
        "a worker wrote this consent down for you. Is it not right? Then you can stop.";
    under_assisted:
        "dit ging om een toestemming die een medewerker voor u opschreef.",
        "this was about a consent that a worker wrote down for you.";
    refused_mark: "Geweigerd", "Refused";
    access_about(kinds, domains): "Het ging om: {kinds}. Over: {domains}.", "It was about: {kinds}. On: {domains}.";
    access_purpose(purposes): "Reden: om {purposes}.", "Reason: {purposes}.";
    somebody_did(role, organisation, act): "{role} van {organisation} {act}", "{role} of {organisation} {act}";

    role_professional: "Een hulpverlener", "A care worker";
    role_intaker: "Iemand van de aanmelding", "An intake worker";
    role_expert_by_experience: "Een ervaringsdeskundige", "An expert by experience";
    role_volunteer: "Een vrijwilliger", "A volunteer";
    role_coordinator: "Een coördinator", "A coordinator";
    role_housing_officer: "Iemand die over wonen gaat", "A housing officer";
    role_system: "Het computersysteem", "The computer system";
    role_somebody: "Iemand", "Somebody";

    act_linked: "koppelde zich aan u.", "connected with you.";
    act_linked_refused: "wilde zich aan u koppelen. Dat mocht niet.", "wanted to connect with you. That was refused.";
    act_proposed: "vroeg uw toestemming.", "asked for your consent.";
    act_proposed_refused: "wilde uw toestemming vragen. Dat mocht niet.", "wanted to ask for your consent. That was refused.";
    act_status_asked: "vroeg of er toestemming is.", "asked whether there is consent.";
    act_authorized: "vroeg of een bericht over u mag. Dat mocht.", "asked whether a message about you may be sent. It was allowed.";
    act_authorized_refused: "wilde een bericht over u sturen. Dat mocht niet.", "wanted to send a message about you. That was refused.";
    act_opened: "opende een bericht over u.", "opened a message about you.";
    act_opened_refused: "wilde een bericht over u openen. Dat mocht niet.", "wanted to open a message about you. That was refused.";
    act_assisted_started: "begon u te helpen zonder login.", "began to help you without a login.";
    act_consent_recorded: "legde vast dat u toestemming gaf.", "recorded that you gave consent.";
    act_consent_confirmed: "bevestigde dat u toestemming gaf.", "confirmed that you gave consent.";
    act_withdrawn: "stopte een toestemming voor u.", "stopped a consent for you.";
    act_withdrew_all: "legde vast dat u al uw toestemmingen stopt.", "recorded that you stop all your consents.";
    act_mandate_recorded: "legde vast wie namens u mag kiezen.", "recorded who may choose for you.";
    act_mandate_confirmed: "bevestigde wie namens u mag kiezen.", "confirmed who may choose for you.";
    act_basis_recorded: "legde vast waarom het iets over u deelt zonder uw toestemming.", "recorded why it shares something about you without your consent.";
    act_basis_confirmed: "keek na of iets delen zonder uw toestemming klopt.", "checked that sharing something without your consent is right.";
    act_basis_ended: "stopte met delen zonder uw toestemming.", "stopped sharing without your consent.";
    act_basis_reviewed: "bekeek of het delen zonder uw toestemming goed was.", "looked at whether sharing without your consent was right.";
    act_bundle_fetched: "haalde op wat nodig is om mee te doen in een kring.", "fetched what it needs to take part in a circle.";
    act_other: "deed iets anders.", "did something else.";
    act_other_refused: "wilde iets anders doen. Dat mocht niet.", "wanted to do something else. That was refused.";

    own_granted(who): "{who} gaf toestemming.", "{who} gave consent.";
    own_refused_proposal(who): "{who} zei nee op een vraag.", "{who} said no to a question.";
    own_deferred(who): "{who} zei later op een vraag.", "{who} said later to a question.";
    own_narrowed(who): "{who} liet minder delen.", "{who} let less be shared.";
    own_suspended(who): "{who} zette een toestemming op pauze.", "{who} paused a consent.";
    own_resumed(who): "{who} liet een toestemming weer doorgaan.", "{who} let a consent go on.";
    worker_withdrew: "Een medewerker stopte een toestemming voor u.", "A worker stopped a consent for you.";
    own_withdrawn(who): "{who} stopte een toestemming.", "{who} stopped a consent.";
    own_expired: "Van een toestemming was de tijd om.", "The time of a consent was up.";
    own_code_created(who): "{who} maakte een code om te koppelen.", "{who} made a code to connect.";
    own_letter_redeemed(who): "{who} gebruikte de code uit uw brief.", "{who} used the code in your letter.";
    own_disconnected(who): "{who} verbrak een koppeling.", "{who} broke a connection.";
    own_login_disconnected(who): "{who} koppelde een manier van inloggen los.", "{who} disconnected a way of logging in.";
    own_proxy_created(who): "{who} machtigde iemand.", "{who} authorised somebody.";
    own_mandate_redeemed: "Iemand gebruikte de code om namens u te kiezen.", "Somebody used the code to choose for you.";
    own_mandate_ended(who): "{who} stopte een machtiging.", "{who} stopped an authorisation.";
    own_basis_objected(who): "{who} maakte bezwaar tegen delen zonder uw toestemming.", "{who} objected to sharing without your consent.";
    own_mandate_disputed(who): "{who} zei dat een vertegenwoordiger niet klopt.", "{who} said that a representative is not right.";
    own_notice_address_set: "U gaf een mailadres op voor berichten.", "You gave a mail address for notices.";
    own_notice_address_confirmed: "U bevestigde uw mailadres.", "You confirmed your mail address.";
    own_notice_address_removed: "U haalde uw mailadres weg.", "You took your mail address away.";
    own_notice_sent: "Wij stuurden u een mail.", "We sent you a mail.";
    own_other(who): "{who} deed iets anders.", "{who} did something else.";
    own_refused(who): "{who} wilde iets doen dat niet kon.", "{who} wanted to do something that was not possible.";
}
