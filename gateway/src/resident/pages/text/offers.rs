//! What fits the resident: the card to fill in, and offers with why each fits.

use super::texts;

texts! {
    offers_name: "Wat past bij mij", "What fits me";
    offers_intro:
        "Vink aan wat u wilt, wat u kunt en wat u nodig hebt. U ziet dan wat er is, en waarom het bij u past.",
        "Tick what you want, what you can do and what you need. You then see what there is, and why it fits you.";
    offers_kept_title: "Wij bewaren uw antwoorden niet", "We do not keep your answers";
    offers_kept:
        "Wat u aanvinkt, gebruiken wij alleen om deze pagina te maken. Wij bewaren het niet en geven het aan niemand. Ook organisaties zien het niet.",
        "What you tick, we use only to make this page. We do not keep it and give it to nobody. Organisations do not see it either.";
    offers_nothing_needed:
        "U hoeft niets in te vullen. Alles wat u leeg laat, telt niet mee.",
        "You do not need to fill in anything. Whatever you leave empty does not count.";
    offers_meet_title: "Iemand leren kennen", "Getting to know somebody";
    offers_meet:
        "Wilt u een maatje, of iemand met eigen ervaring? Dat loopt via een organisatie. Hier ziet u wie er is voorgesteld.",
        "Would you like a buddy, or somebody with experience of their own? That goes through an organisation. Here you see who was proposed.";
    card_wish: "Ik wil", "I want";
    card_strength: "Ik kan", "I can";
    card_need: "Ik heb nodig", "I need";
    card_where: "Waar woont u ongeveer?", "Roughly where do you live?";
    card_anywhere: "Dat maakt niet uit", "It does not matter";
    card_age: "Hoe oud bent u ongeveer?", "Roughly how old are you?";
    card_age_unsaid: "Dat zeg ik liever niet", "I would rather not say";
    card_words: "Zoekt u een woord?", "Are you looking for a word?";
    card_words_hint: "Bijvoorbeeld: wandelen", "For example: walking";
    card_more: "Meer kiezen: onderwerp, taal en toegang", "Choose more: subject, language and access";
    card_about: "Waar moet het over gaan?", "What should it be about?";
    card_languages: "Welke taal spreekt u? Eén ervan moet er gesproken worden.", "Which language do you speak? One of them must be spoken there.";
    card_accessibility: "Wat moet er zijn?", "What must there be?";
    card_only_proof:
        "Alleen plekken die kwetsbaarproof zijn: u bent er welkom, ook als u het moeilijk hebt",
        "Only places that are kwetsbaarproof: you are welcome there, also when you have a hard time";
    card_show: "Laat zien wat past", "Show what fits";
    card_change: "Uw keuzes veranderen", "Change your choices";

    ages_from_to(min, max): "{min} tot en met {max} jaar", "{min} up to and including {max} years";
    ages_from(min): "{min} jaar of ouder", "{min} years or older";
    ages_to(max): "tot en met {max} jaar", "up to and including {max} years";
    ages_all: "alle leeftijden", "all ages";

    found_title: "Dit past bij u", "This fits you";
    found_none: "Er is niets dat bij al uw keuzes past. Kies hieronder wat minder.", "There is nothing that fits all your choices. Choose a bit less below.";
    found_order:
        "Bovenaan staat wat het meest heeft van wat u nodig hebt, dan van wat u wilt en kunt. Er komt geen cijfer aan te pas.",
        "At the top is what has most of what you need, then of what you want and can do. No score is used.";
    found_more(count): "Er past nog meer: {count}. Kies meer om de lijst korter te maken.", "There is more that fits: {count}. Choose more to make the list shorter.";
    found_not_title: "Wat niet past", "What does not fit";
    found_why: "Waarom dit past", "Why this fits";
    found_details: "Meer over", "More about";
    misfit(count, why): "{count} × {why}", "{count} × {why}";
    misfit_kind: "het is iets anders", "it is something else";
    misfit_life_domain: "het gaat over iets anders", "it is about something else";
    misfit_area: "het is voor een andere plaats", "it is for another place";
    misfit_age: "het is voor een andere leeftijd", "it is for another age";
    misfit_language: "ze spreken uw taal niet", "they do not speak your language";
    misfit_accessibility: "het heeft niet, of zegt niet, wat er moet zijn", "it does not have, or does not say, what there must be";
    misfit_entrance: "u komt er anders binnen", "one comes in another way";
    misfit_proof: "het is niet kwetsbaarproof", "it is not kwetsbaarproof";
    misfit_full: "het is vol", "it is full";

    offer_by(organisation): "van {organisation}", "by {organisation}";
    offer_activity: "Activiteit", "Activity";
    offer_general_facility: "Plek voor iedereen", "Place for everybody";
    offer_light_care: "Lichte hulp", "Light care";
    offer_training: "Cursus", "Course";
    offer_home_visit: "Bezoek bij u thuis", "Visit at your home";
    offer_housing: "Woning", "Home";
    offer_companion: "Maatje", "Buddy";
    offer_said_on(day): "Dat zei de organisatie op {day}.", "The organisation said so on {day}.";
    offer_updated(organisation, day): "{organisation} keek dit na op {day}.", "{organisation} checked this on {day}.";
    room_is: "Er is plek.", "There is room.";
    room_waitlist: "Er is een wachtlijst.", "There is a waiting list.";
    room_weeks(min, max): "Er is een wachtlijst: {min} tot {max} weken.", "There is a waiting list: {min} to {max} weeks.";
    room_talk_first: "Eerst is er een gesprek. Dan weet u of er plek is.", "First there is a talk. Then you know whether there is room.";
    room_unknown: "Of er plek is, weten wij nu niet. Vraag het even.", "Whether there is room, we do not know now. Please ask.";
    room_full: "Het is nu vol.", "It is full now.";

    because_need(words): "U hebt nodig: {words}.", "You need: {words}.";
    because_wish(words): "U wilt: {words}.", "You want: {words}.";
    because_strength(words): "U kunt: {words}.", "You can: {words}.";
    because_about(words): "Het gaat over {words}.", "It is about {words}.";
    because_quarter: "Het is voor uw buurt.", "It is for your quarter.";
    because_neighbourhood: "Het is voor uw wijk.", "It is for your neighbourhood.";
    because_municipality: "Het is voor uw gemeente.", "It is for your municipality.";
    because_anywhere: "U kunt er terecht waar u ook woont.", "You can go there wherever you live.";
    because_age: "Het is voor uw leeftijd.", "It is for your age.";
    because_language(words): "Ze spreken {words}.", "They speak {words}.";
    because_accessibility(words): "Er is: {words}.", "There is: {words}.";
    entrance_drop_in: "U kunt zo binnenlopen.", "You can just walk in.";
    entrance_sign_up: "U meldt zich zelf aan.", "You sign up yourself.";
    entrance_referral: "Iemand moet u verwijzen. Vraag het aan een organisatie die u helpt.", "Somebody has to refer you. Ask an organisation that helps you.";
    proof_self_declared:
        "Kwetsbaarproof: dat zegt de plek zelf.",
        "Kwetsbaarproof: the place says so itself.";
    proof_checked(by, day):
        "Kwetsbaarproof: {by} ging kijken op {day}.",
        "Kwetsbaarproof: {by} went to see on {day}.";
    proof_host: "een gastheer of gastvrouw", "a host";
    proof_no_registration: "u hoeft zich niet in te schrijven", "you do not need to register";
    proof_trained: "vrijwilligers met een training", "trained volunteers";
    proof_open_to_all: "open voor iedereen", "open to all";

    fact_whom: "Voor wie", "For whom";
    fact_when: "Wanneer", "When";
    fact_entrance: "Hoe u binnenkomt", "How you come in";
    fact_costs: "Wat het kost", "What it costs";
    fact_where: "Waar", "Where";
    fact_room_note: "Over de plekken", "About the places";
    fact_languages: "Talen", "Languages";
    fact_accessibility: "Wat er is", "What there is";
    fact_proof: "Kwetsbaarproof", "Kwetsbaarproof";
    fact_updated: "Hoe oud dit is", "How old this is";
    place_nowhere: "Geen vaste plek: bij u thuis, aan de telefoon of op internet.", "No fixed place: at your home, by telephone or online.";
    place_confidential:
        "Het adres is geheim, voor de veiligheid van wie daar is. U hoort het als u er terechtkunt.",
        "The address is secret, for the safety of who is there. You hear it when you can go there.";
    reach_title: "Vraag het aan", "Whom to ask";
    reach_phone: "Telefoon", "Telephone";
    reach_email: "E-mail", "E-mail";
    reach_page: "Website", "Website";
    time_from_to(from, to): "{from} tot {to} uur", "{from} to {to}";
    time_from(from): "vanaf {from} uur", "from {from}";
    time_to(to): "tot {to} uur", "until {to}";

    access_wheelchair: "plek voor een rolstoel", "room for a wheelchair";
    access_toilet: "een toilet voor mensen met een beperking", "an accessible toilet";
    access_hearing: "hulp als u slecht hoort", "help if you hear badly";
    access_sight: "hulp als u slecht ziet", "help if you see badly";
    access_low_stimulus: "weinig geluid, licht en drukte", "little noise, light and crowd";
    access_public_transport: "dicht bij bus of trein", "close to bus or train";
    access_remote: "kan ook vanuit huis", "also possible from home";
    access_plain_language: "gewone taal en plaatjes", "plain language and pictures";

    spoken_nl: "Nederlands", "Dutch";
    spoken_en: "Engels", "English";
    spoken_ar: "Arabisch", "Arabic";
    spoken_de: "Duits", "German";
    spoken_es: "Spaans", "Spanish";
    spoken_fa: "Farsi", "Persian";
    spoken_fr: "Frans", "French";
    spoken_pl: "Pools", "Polish";
    spoken_so: "Somalisch", "Somali";
    spoken_ti: "Tigrinya", "Tigrinya";
    spoken_tr: "Turks", "Turkish";
    spoken_uk: "Oekraïens", "Ukrainian";
}
