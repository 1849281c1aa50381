//! Who may know what; changing, pausing and stopping it.

use super::texts;

texts! {
    grants_intro:
        "Hier ziet u welke organisatie iets over u mag weten, en waarover.",
        "Here you see which organisation may know something about you, and what about.";
    grants_none:
        "Niemand mag iets over u delen. Er is geen toestemming.",
        "Nobody may share anything about you. There is no consent.";
    table_caption:
        "Wie mag iets weten, en waarover? De regels hieronder leggen het uit.",
        "Who may know something, and what about? The lines below explain it.";
    organisation: "Organisatie", "Organisation";
    yes: "Ja", "Yes";
    no: "Nee", "No";
    paused_short: "Pauze", "Paused";
    details_of(name): "Wat mag {name} weten?", "What may {name} know?";
    told_by(name): "Van {name}", "From {name}";
    not_allowed: "Mag niet:", "Not allowed:";
    term_what: "Wat", "What";
    term_about: "Over", "About";
    term_why: "Waarom", "Why";
    valid_until(day): "Dit mag tot en met {day}.", "This is allowed up to and including {day}.";
    valid_since(day): "Zo afgesproken op {day}.", "Agreed like this on {day}.";
    is_paused:
        "Dit staat op pauze. Er mag nu niets worden gedeeld of geopend.",
        "This is paused. Nothing may be shared or opened now.";
    change_button: "Minder delen of pauze", "Share less or pause";
    stop_button: "Stoppen", "Stop";
    of_pair(discloser, recipient): "van {discloser} naar {recipient}", "from {discloser} to {recipient}";
    want_more: "Meer delen of langer?", "Share more or longer?";
    want_more_how:
        "Vraag het aan de organisatie. U krijgt dan een nieuwe vraag, en u kiest zelf.",
        "Ask the organisation. You then get a new question, and you choose yourself.";
    grants_other_bases:
        "Hier staat alleen wat met toestemming mag.",
        "Only what is allowed by consent is shown here.";
    ended_title: "Gestopt", "Stopped";
    ended_withdrawn(day): "Dit is gestopt op {day}.", "This was stopped on {day}.";
    ended_expired(day): "De tijd was om op {day}.", "The time was up on {day}.";

    change_title(recipient): "Minder delen met {recipient}", "Share less with {recipient}";
    narrow_title: "Minder laten vertellen", "Let them tell less";
    narrow_intro:
        "Een vinkje betekent: dit mag nu. Haal het vinkje weg bij wat niet meer mag. Dat geldt meteen.",
        "A tick means: this is allowed now. Take away the tick where it is no longer allowed. That applies at once.";
    narrow_effect:
        "Berichten die nog niet geopend zijn, moeten opnieuw worden gestuurd. Dat kan alleen als ze nog passen. Wat al gelezen is, kunnen wij niet ongelezen maken.",
        "Messages that were not opened yet must be sent again. That is possible only if they still fit. What was already read, we cannot make unread.";
    narrow_button: "Sla op wat nog mag", "Save what is still allowed";
    narrow_to_nothing:
        "Laat iets aangevinkt. Mag er niets meer? Kies dan voor stoppen",
        "Leave something ticked. Is nothing allowed any more? Then choose to stop";
    narrowed_title: "Er mag nu minder", "Less is allowed now";
    pause_title: "Op pauze zetten", "Pause";
    pause_intro:
        "Bij een pauze mag er even niets. U kunt het later weer laten doorgaan.",
        "During a pause nothing is allowed for a while. You can let it go on later.";
    pause_button: "Zet op pauze", "Pause";
    paused_title: "Dit staat op pauze", "This is paused";
    resume_title: "Weer laten doorgaan", "Let it go on";
    resume_intro:
        "Hierna mag weer wat u eerder hebt toegestaan.",
        "After this, what you allowed before is allowed again.";
    resume_button: "Laat doorgaan", "Let it go on";
    resumed_title: "Dit mag weer", "This is allowed again";
    stop_instead: "Helemaal stoppen", "Stop altogether";

    stop_title(discloser, recipient):
        "Stoppen: van {discloser} naar {recipient}",
        "Stop: from {discloser} to {recipient}";
    stop_now(discloser, recipient):
        "{discloser} mag dan niets meer over u vertellen aan {recipient}. Dit geldt meteen.",
        "{discloser} may then tell {recipient} nothing about you any more. This applies at once.";
    stops_title: "Dit stopt", "What stops";
    stops_unopened:
        "Berichten die nog niet geopend zijn, kan niemand meer openen. Ook wij niet.",
        "Messages that were not opened yet, nobody can open any more. Not even we.";
    stops_new: "Er kunnen geen nieuwe berichten over u worden gestuurd.", "No new messages about you can be sent.";
    stops_running:
        "Loopt er een verwijzing? Dan wordt die stilgezet. Beide organisaties horen dat uw toestemming stopt, niet waarom.",
        "Is a referral under way? Then it is put on hold. Both organisations hear that your consent stops, not why.";
    stays_title: "Dit kunnen wij niet terughalen", "What we cannot recall";
    stays_read:
        "Wat al gelezen is, blijft bekend. De organisatie kan het ook in haar eigen dossier hebben gezet. Vraag de organisatie zelf om het weg te halen.",
        "What was already read stays known. The organisation may also have put it in its own file. Ask the organisation itself to remove it.";
    stays_log:
        "In het overzicht van wie er keek, blijft staan wat er gebeurd is.",
        "What happened stays in the list of who looked.";
    not_this_title: "Dit stopt hier niet mee", "What this does not stop";
    not_this_what:
        "Soms mag een organisatie iets delen zonder uw toestemming, omdat een wet dat toestaat. Dat gaat door, ook als u al uw toestemmingen stopt. U kunt er wel bezwaar tegen maken.",
        "Sometimes an organisation may share something without your consent, because a law allows it. That goes on, also when you stop all your consents. You can object to it.";
    stop_other(discloser, recipient):
        "Stop ook andersom: van {discloser} naar {recipient}",
        "Also stop the other way round: from {discloser} to {recipient}";
    stop_confirm: "Ja, stop nu", "Yes, stop now";
    stopped_title: "Gestopt", "Stopped";
    stopped_pair(discloser, recipient):
        "{discloser} mag niets meer over u vertellen aan {recipient}.",
        "{discloser} may tell {recipient} nothing about you any more.";
    stopped_after:
        "Wat nog niet geopend was, kan niemand meer openen. Wat al gelezen is, kunnen wij niet ongelezen maken.",
        "What was not opened yet, nobody can open any more. What was already read, we cannot make unread.";
    back_to_grants: "Naar wie mag wat weten", "Go to who may know what";
}
