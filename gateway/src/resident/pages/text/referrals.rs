//! Referrals and their states.

use super::texts;

texts! {
    referrals_intro:
        "Hier ziet u waar uw verwijzingen zijn. U mag een verwijzing altijd stoppen.",
        "Here you see where your referrals are. You may always stop a referral.";
    referrals_none: "Er zijn geen verwijzingen.", "There are no referrals.";
    referral_title(sender, recipient): "Van {sender} naar {recipient}", "From {sender} to {recipient}";
    referral_changed(day): "Dit is zo sinds {day}.", "It has been so since {day}.";
    referral_weeks(weeks): "Verwachte wachttijd: {weeks} weken.", "Expected wait: {weeks} weeks.";
    referral_stop: "Stop deze verwijzing", "Stop this referral";
    referral_stop_title: "Deze verwijzing stoppen", "Stop this referral";
    referral_stop_what:
        "De verwijzing stopt meteen. Beide organisaties horen dat u stopt, niet waarom. Wilt u later toch hulp? Dan is een nieuwe verwijzing nodig.",
        "The referral stops at once. Both organisations hear that you stop, not why. If you want help later, a new referral is needed.";
    referral_stop_consent:
        "Uw toestemming blijft bestaan. Wilt u die ook stoppen? Kijk dan bij wie mag wat weten.",
        "Your consent stays. Do you want to stop that too? Then look at who may know what.";
    referral_stopped_title: "De verwijzing is gestopt", "The referral was stopped";
    referral_stopped:
        "Beide organisaties horen dat u gestopt bent. Wat al gelezen is, kunnen wij niet ongelezen maken.",
        "Both organisations hear that you stopped. What was already read, we cannot make unread.";
    back_to_referrals: "Naar mijn verwijzingen", "Go to my referrals";

    referral_submitted: "De verwijzing is verstuurd, maar nog niet aangekomen.", "The referral was sent, but has not arrived yet.";
    referral_delivered: "De verwijzing is aangekomen, maar nog niet gelezen.", "The referral arrived, but has not been read yet.";
    referral_in_review: "De verwijzing is gelezen. De organisatie beslist nog.", "The referral was read. The organisation has not decided yet.";
    referral_accepted: "De organisatie zegt ja. De hulp moet nog beginnen.", "The organisation says yes. The help has not begun yet.";
    referral_waitlisted: "U staat op een wachtlijst.", "You are on a waiting list.";
    referral_rejected: "De organisatie kan u niet helpen. Vraag de verwijzer hoe het verder gaat.", "The organisation cannot help you. Ask who referred you what happens next.";
    referral_in_progress: "De hulp is begonnen.", "The help has begun.";
    referral_on_hold: "De verwijzing staat stil, omdat uw toestemming op pauze staat of gestopt is.", "The referral is on hold, because your consent is paused or stopped.";
    referral_completed: "De hulp is klaar.", "The help is finished.";
    referral_cancelled: "De verwijzing is gestopt.", "The referral was stopped.";
    referral_expired: "Er kwam geen antwoord op tijd. Vraag de verwijzer hoe het verder gaat.", "There was no answer in time. Ask who referred you what happens next.";
}
