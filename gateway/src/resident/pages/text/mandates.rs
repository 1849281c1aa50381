//! Representatives.

use super::texts;

texts! {
    mandates_intro:
        "Hier ziet u wie namens u mag kijken of kiezen. U kunt iemand die u vertrouwt dat recht geven, en het weer stoppen.",
        "Here you see who may look or choose for you. You can give that right to somebody you trust, and stop it again.";
    mandates_none: "Niemand mag iets namens u doen.", "Nobody may do anything for you.";
    mandate_somebody: "Iemand die u gemachtigd hebt", "Somebody you authorised";
    mandate_recorded_by(name): "Vastgelegd door {name}", "Recorded by {name}";
    mandate_may: "Mag", "May";
    mandate_until(day): "Tot en met {day}.", "Up to and including {day}.";
    mandate_end: "Stop dit", "Stop this";
    mandate_dispute: "Dit klopt niet", "This is not right";
    mandate_dispute_what:
        "Klopt dit niet? Zeg het dan hier. Deze persoon kan dan niets meer voor u doen, tot het is uitgezocht.",
        "Is this not right? Then say so here. This person can then do nothing for you any more, until it is sorted out.";
    proxy_title: "Iemand machtigen", "Authorise somebody";
    proxy_who: "Wie is het? Bijvoorbeeld: mijn zus", "Who is it? For example: my sister";
    proxy_who_hint: "Alleen u ziet dit.", "Only you see this.";
    proxy_acts: "Wat mag deze persoon?", "What may this person do?";
    which_data_mandate: "Om welke gegevens gaat het?", "Which data is it about?";
    proxy_button: "Maak een code", "Make a code";
    proxy_who_missing: "Vul in wie het is, in hooguit 60 letters", "Fill in who it is, in 60 letters at most";
    proxy_acts_missing: "Vink aan wat deze persoon mag", "Tick what this person may do";
    proxy_domains_missing: "Vink aan waarover het mag gaan", "Tick what it may be about";
    proxy_kinds_missing: "Vink aan om welke gegevens het gaat", "Tick which data it is about";
    proxy_code_title(who): "De code voor: {who}", "The code for: {who}";
    proxy_code_intro:
        "Geef deze code aan de persoon die u machtigt, en aan niemand anders. Die logt in namens u en vult de code in.",
        "Give this code to the person you authorise, and to nobody else. That person logs in for you and fills in the code.";
    redeem_title: "Hebt u een code gekregen?", "Did you get a code?";
    redeem_what:
        "Vul de code in. Daarna mag u kijken en kiezen waarvoor u gemachtigd bent.",
        "Fill in the code. Then you may look and choose where you are authorised.";
    redeem_code: "De code", "The code";
    redeem_code_hint:
        "10 letters en cijfers. Hoofdletters of kleine letters maakt niet uit.",
        "10 letters and digits. Capital or small letters, both work.";
    code_missing: "Vul de code in", "Fill in the code";
    redeem_button: "Gebruik de code", "Use the code";
    code_refused:
        "Deze code werkt niet. Misschien is hij al gebruikt, of te oud",
        "This code does not work. Perhaps it was used already, or it is too old";
    mandate_redeemed: "De code is gebruikt. U bent nu gemachtigd", "The code was used. You are now authorised";
    mandate_ended: "Deze persoon mag niets meer namens u doen", "This person may do nothing for you any more";
    mandate_disputed: "Deze persoon kan nu niets meer voor u doen", "This person can do nothing for you now";
    back_to_mandates: "Naar wie namens u mag kiezen", "Go to who may choose for you";

    act_see: "kijken", "look";
    act_decide: "ja of nee zeggen", "say yes or no";
    act_stop: "minder delen, pauzeren en stoppen", "share less, pause and stop";
    mandate_guardian: "Curator: over geld en zorg", "Guardian (curator): about money and care";
    mandate_mentor: "Mentor: over zorg, niet over geld", "Mentor: about care, not about money";
    mandate_administrator: "Bewindvoerder: alleen over geld", "Administrator (bewindvoerder): about money only";
    mandate_proxy: "Gemachtigde", "Authorised person";
    mandate_relative: "Familie: over zorg, niet over geld", "Family: about care, not about money";
    relation_partner: "Uw partner", "Your partner";
    relation_parent: "Uw ouder", "Your parent";
    relation_child: "Uw kind", "Your child";
    relation_sibling: "Uw broer of zus", "Your brother or sister";
    mandate_declared(relation, assessor, day):
        "{relation}. Op {day} verklaarde {assessor} dat u hier nu niet zelf over kunt kiezen. Bent u het er niet mee eens? Dan kunt u dit altijd stilzetten.",
        "{relation}. On {day} {assessor} declared that you cannot choose about this yourself now. Do you disagree? Then you can always put this on hold.";
    assessor_physician: "een arts", "a physician";
    assessor_psychologist: "een psycholoog", "a psychologist";
    assessor_nurse_specialist: "een verpleegkundig specialist", "a nurse specialist";
    assessor_responsible_professional: "uw vaste hulpverlener", "the professional who is responsible for your care";
    mandate_state_recorded: "Wacht op een tweede medewerker", "Waits for a second worker";
    mandate_state_offered: "De code is nog niet gebruikt", "The code has not been used yet";
    mandate_state_active: "Geldt nu", "Valid now";
    mandate_state_disputed(who): "{who} zei dat dit niet klopt. Het is stilgezet", "{who} said that this is not right. It is on hold";
    mandate_state_ended: "Gestopt", "Stopped";
    mandate_state_expired: "De tijd is om", "The time is up";
    mandate_state_suspended: "Geldt niet: iemand anders gaat voor", "Not valid: somebody else goes before";
}
