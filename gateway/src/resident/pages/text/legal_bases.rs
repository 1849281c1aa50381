//! What is told about the resident without consent: on which basis and law, and objecting.

use super::texts;

texts! {
    bases_name: "Zonder toestemming gedeeld", "Shared without consent";
    bases_intro:
        "Soms mag of moet een organisatie iets over u vertellen zonder uw toestemming, omdat dat in een wet staat. Hier ziet u elke keer wie, aan wie en waarom.",
        "Sometimes an organisation may or must tell something about you without your consent, because a law says so. Here you see each time who, to whom and why.";
    bases_none:
        "Er is niets over u gedeeld zonder uw toestemming.",
        "Nothing about you was shared without your consent.";
    bases_link: "Bekijk wat er zonder toestemming gedeeld mocht worden", "Look at what could be shared without consent";
    basis_why: "Waarom dit mag zonder toestemming", "Why this is allowed without consent";
    basis_law(law): "Wet: {law}.", "Law: {law}.";
    basis_stated: "De organisatie verklaarde:", "The organisation stated:";
    why_statutory_duty: "De wet verplicht het.", "The law requires it.";
    why_public_task: "De ontvanger heeft het nodig voor een taak uit de wet.", "The recipient needs it for a task in the law.";
    why_treatment_team: "Beide helpen u bij dezelfde behandeling.", "Both help you in the same treatment.";
    why_conflict_of_duties: "Er dreigt ernstige schade. Het beroepsgeheim is daarvoor doorbroken.", "Serious harm threatens. Professional secrecy was broken for that.";
    why_vital_interest: "Uw leven of gezondheid was in gevaar, en u kon het niet zelf zeggen (noodtoegang).", "Your life or health was in danger, and you could not say it yourself (emergency access).";
    law_bgs: "Besluit gemeentelijke schuldhulpverlening, bij huurschuld", "Besluit gemeentelijke schuldhulpverlening, for rent arrears";
    law_wmo: "Wet maatschappelijke ondersteuning 2015", "Wet maatschappelijke ondersteuning 2015 (social support)";
    law_jeugdwet: "Jeugdwet", "Jeugdwet (youth act)";
    law_participatiewet: "Participatiewet", "Participatiewet (work and income)";
    check_task_holder: "de ontvanger heeft deze taak", "the recipient has this task";
    check_necessary: "het is nodig voor die taak", "it is needed for that task";
    check_minimal_data: "er is niet meer gedeeld dan nodig", "no more was shared than needed";
    check_contact_sought: "er is persoonlijk contact met u gezocht", "personal contact with you was sought";
    check_help_pointed_out: "u bent gewezen op hulp bij schulden", "you were told of help with debts";
    check_reminded: "u kreeg een brief, waarin deze stap staat", "you got a letter that tells of this step";
    check_same_treatment: "de ontvanger werkt mee aan dezelfde behandeling", "the recipient takes part in the same treatment";
    check_serious_harm: "er dreigt ernstige schade", "serious harm threatens";
    check_no_other_way: "er is geen andere, lichtere manier", "there is no other, lighter way";
    check_consent_tried: "u bent om toestemming gevraagd, of dat kon niet", "you were asked for consent, or that could not be";
    check_peer_consulted: "er is overlegd met een collega", "a colleague was consulted";
    check_cannot_be_asked: "u kon niet gevraagd worden", "you could not be asked";
    basis_recorded(day): "Dit wacht op een tweede persoon, tot {day}. Er kan nog niets verstuurd worden.", "This waits for a second person, until {day}. Nothing can be sent yet.";
    basis_active(day): "Op deze grond mag er iets gedeeld worden, tot {day}.", "Something may be shared on this basis, until {day}.";
    basis_suspended: "Dit staat stil. Er kan niets gedeeld worden.", "This is on hold. Nothing can be shared.";
    basis_ended(day): "Dit is gestopt op {day}.", "This ended on {day}.";
    basis_expired(day): "De tijd was om op {day}.", "The time was up on {day}.";
    basis_recorded_on(day): "Vastgelegd op {day}.", "Recorded on {day}.";
    basis_confirmed_on(day): "Een tweede persoon keek mee op {day}.", "A second person confirmed it on {day}.";
    basis_deferred(day): "U hoorde dit pas vanaf {day}.", "You heard of this from {day} only.";
    basis_deferred_you(day): "U hoorde dit pas vanaf {day}, omdat het eerder gevaarlijk voor u was.", "You heard of this from {day} only, because telling you earlier would have put you in danger.";
    basis_deferred_others(day): "U hoorde dit pas vanaf {day}, omdat het eerder gevaarlijk voor een ander was.", "You heard of this from {day} only, because telling you earlier would have put somebody else in danger.";
    basis_review_waits: "Een privacy-medewerker van de organisatie moet hiernaar kijken. Tot die tijd stopt er niets.", "A privacy officer of the organisation must look at this. Until then nothing stops.";
    basis_review_upheld(day): "Een privacy-medewerker keek hiernaar op {day} en vond dat het mocht.", "A privacy officer looked at this on {day} and found that it was allowed.";
    basis_review_unfounded(day): "Een privacy-medewerker keek hiernaar op {day} en vond dat het niet mocht. Het is gestopt.", "A privacy officer looked at this on {day} and found that it was not allowed. It has ended.";
    basis_object: "Ik maak bezwaar", "I object";
    basis_object_title: "Bezwaar maken", "Object";
    basis_object_what:
        "Vindt u dat dit niet had gemogen? Maak dan bezwaar. U hoeft niet te zeggen waarom.",
        "Do you think that this should not have been allowed? Then object. You do not need to say why.";
    basis_object_who:
        "Een privacy-medewerker van de organisatie die deelt, moet ernaar kijken. U ziet hier wat die vindt.",
        "A privacy officer of the organisation that shares must look at it. You see here what they find.";
    basis_object_meanwhile:
        "Zolang er niet naar gekeken is, stopt er niets. Wat al gelezen is, kunnen wij niet ongelezen maken.",
        "Until it is looked at, nothing stops. What was already read, we cannot make unread.";
    basis_object_complain:
        "U kunt ook klagen bij de Autoriteit Persoonsgegevens.",
        "You can also complain to the Autoriteit Persoonsgegevens (the data protection authority).";
    basis_objected: "Uw bezwaar is ontvangen", "Your objection was received";
    back_to_bases: "Naar wat zonder toestemming gedeeld mocht worden", "Go to what could be shared without consent";
}
