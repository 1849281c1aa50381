//! What stands around every page, and what one hears when something does not go.

use super::texts;

texts! {
    skip: "Naar de inhoud", "Skip to the content";
    menu: "Menu", "Menu";
    log_out: "Uitloggen", "Log out";
    log_in: "Inloggen", "Log in";
    start_name: "Overzicht", "Overview";
    questions_name: "Vragen aan mij", "Questions to me";
    grants_name: "Wie mag wat weten", "Who may know what";
    access_name: "Wie heeft gekeken", "Who looked";
    referrals_name: "Mijn verwijzingen", "My referrals";
    links_name: "Koppelen", "Connect";
    receipts_name: "Bewijzen", "Receipts";
    mandates_name: "Namens mij", "On my behalf";
    help_name: "Hulp", "Help";
    privacy_name: "Privacy", "Privacy";
    accessibility_name: "Toegankelijkheid", "Accessibility";
    represents_label: "Voor wie u ingelogd bent", "For whom you are logged in";
    represents:
        "Let op: u bent ingelogd voor iemand anders. Alles op deze pagina gaat over die persoon. U ziet en kiest alleen waar u toestemming voor hebt.",
        "Please note: you are logged in for somebody else. Everything on this page is about that person. You see and choose only what you have permission for.";
    session_ends(idle, ends):
        "Doet u niets meer? Dan loggen wij u om {idle} uur uit. U blijft nooit langer ingelogd dan tot {ends} uur.",
        "If you do nothing more, we log you out at {idle}. You never stay logged in longer than until {ends}.";
    emergency:
        "Sluis is niet voor noodgevallen. Is er gevaar? Bel 112. Denkt u aan zelfdoding? Bel 113 of 0800 0113 (gratis).",
        "Sluis is not for emergencies. Is there danger? Call 112. Are you thinking about suicide? Call 113 or 0800 0113 (free).";
    to_start: "Naar het overzicht", "Go to the overview";
    cancel: "Nee, ga terug", "No, go back";
    something_else: "iets anders", "something else";

    not_found_title: "Deze pagina is er niet", "This page is not here";
    not_found:
        "Misschien is de vraag al beantwoord, of is het adres niet goed. Ga naar het overzicht en kies opnieuw.",
        "Perhaps the question was already answered, or the address is not right. Go to the overview and choose again.";
    not_found_represents:
        "U bent ingelogd voor iemand anders. Misschien mag u deze pagina niet zien, of hebt u nog geen code ingevuld.",
        "You are logged in for somebody else. Perhaps you may not see this page, or you have not filled in a code yet.";
    to_code: "Vul een code in", "Fill in a code";
    no_mandate_title: "Eerst een code", "First a code";
    no_mandate:
        "U bent ingelogd voor iemand anders. Dat mag pas als u een code invult. Nu ziet u nog niets.",
        "You are logged in for somebody else. For that you need to fill in a code first. You cannot see anything yet.";
    no_mandate_get_title: "Hoe krijgt u een code?", "How do you get a code?";
    no_mandate_get_person:
        "De persoon voor wie u inlogt, kan een code maken bij: Namens mij. Vraag die code aan haar of hem.",
        "The person you log in for can make a code at: On my behalf. Ask that person for the code.";
    no_mandate_get_court:
        "Bent u curator, mentor of bewindvoerder? Dan krijgt u de code van een organisatie die deze persoon helpt.",
        "Are you a guardian, mentor or administrator appointed by a court? Then you get the code from an organisation that helps this person.";
    no_mandate_wrong:
        "Had u al een code ingevuld? Dan is uw recht gestopt of is de tijd om. Vraag het aan de persoon zelf.",
        "Did you fill in a code before? Then your right was stopped or its time is up. Ask the person.";
    logged_out_title: "U bent niet ingelogd", "You are not logged in";
    logged_out:
        "Voor deze pagina moet u inloggen. Was u al ingelogd? Dan hebt u een tijd niets gedaan, of de tijd was om.",
        "You need to log in for this page. Were you logged in? Then nothing happened for a while, or the time was up.";
    forged_title: "Dit formulier werkt niet meer", "This form does not work any more";
    forged:
        "Er is niets veranderd. Ga terug naar het overzicht en probeer het opnieuw.",
        "Nothing was changed. Go back to the overview and try again.";
    bad_form_title: "Dit formulier kunnen wij niet lezen", "We cannot read this form";
    bad_form:
        "Er is niets veranderd. Ga terug en probeer het opnieuw.",
        "Nothing was changed. Go back and try again.";
    changed_title: "Er is intussen iets veranderd", "Something changed in the meantime";
    changed:
        "Wij hebben niets gedaan. Kijk eerst hoe het nu is, en kies dan opnieuw.",
        "We did nothing. Look how it is now, and then choose again.";
    code_refused_title: "Deze code werkt niet", "This code does not work";
    code_refused_what:
        "Misschien is de code al gebruikt, of is hij te oud. Vraag om een nieuwe.",
        "Perhaps the code was used already, or it is too old. Ask for a new one.";
    too_often_title: "Even wachten", "Please wait a moment";
    too_often:
        "Dit ging te vaak achter elkaar. Wacht een minuut en probeer het opnieuw.",
        "This happened too often in a short time. Wait a minute and try again.";
    looked_too_often:
        "U keek hier vaak in korte tijd. Daarom staat hier nu niet alles. Wacht een minuut en kijk dan opnieuw.",
        "You looked here often in a short time. That is why not everything is shown now. Wait a minute and look again.";
    rest_none_here: "Op dit deel van de lijst staat niets.", "There is nothing on this part of the list.";
    rest_not_all: "Dit is nog niet alles.", "This is not everything yet.";
    rest_show: "Laat de rest zien", "Show the rest";
    rest_begin: "Terug naar het begin", "Back to the beginning";
    not_sure_title: "Log hiervoor anders in", "Please log in another way for this";
    not_sure:
        "U bent ingelogd op een manier die niet zeker genoeg is om toestemming te geven. Log in op een manier met meer controle. Kijken en stoppen kan wel.",
        "You are logged in in a way that is not sure enough for giving consent. Log in in a way with more checks. You can look and stop.";
    not_mandated_title: "Dit mag u niet voor een ander doen", "You may not do this for somebody else";
    not_mandated:
        "Er is niets veranderd. Uw machtiging staat dit niet toe, of alleen de inwoner zelf mag het. Vraag de inwoner, of kies iets dat u wel mag.",
        "Nothing was changed. Your mandate does not allow this, or only the resident may do it. Ask the resident, or choose something that you may do.";
    closed_title: "Het lukt nu niet", "This does not work right now";
    closed:
        "Dat ligt aan ons, niet aan u. Probeer het over een paar minuten opnieuw. Hebt u net iets gekozen? Kijk dan in het overzicht of het gelukt is.",
        "This is our fault, not yours. Try again in a few minutes. Did you just choose something? Then look in the overview whether it worked.";
}
