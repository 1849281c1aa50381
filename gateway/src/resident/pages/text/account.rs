//! Welcome, overview, logging in and out.

use super::texts;

texts! {
    welcome_title: "U bepaalt wie wat over u weet", "You decide who knows what about you";
    welcome_what:
        "Organisaties die u helpen, willen soms iets over u aan elkaar vertellen. Dat kan met Sluis alleen als u ja zegt.",
        "Organisations that help you sometimes want to tell each other something about you. With Sluis they can do so only if you say yes.";
    welcome_see: "U ziet wie iets vraagt, en waarom.", "You see who asks something, and why.";
    welcome_choose: "U kiest wat mag, en hoe lang.", "You choose what is allowed, and for how long.";
    welcome_stop: "U kunt altijd stoppen. U hoeft niet te zeggen waarom.", "You can always stop. You do not need to say why.";
    welcome_log: "U ziet wie er keek.", "You see who looked.";
    welcome_refuse:
        "Zegt u nee? Dan mag dat geen gevolgen hebben voor uw hulp.",
        "If you say no, that must not have consequences for the help you get.";
    more_help: "Wat is Sluis?", "What is Sluis?";

    start_title: "Uw overzicht", "Your overview";
    waiting_none: "Er wachten geen vragen op u.", "No questions are waiting for you.";
    waiting_one: "Er wacht 1 vraag op u.", "1 question is waiting for you.";
    waiting_many(count): "Er wachten {count} vragen op u.", "{count} questions are waiting for you.";
    look_at_questions: "Bekijk de vragen", "Look at the questions";
    live_none: "Niemand mag iets over u delen.", "Nobody may share anything about you.";
    live_one: "Er is 1 toestemming om iets over u te vertellen.", "There is 1 consent to tell something about you.";
    live_many(count): "Er zijn {count} toestemmingen om iets over u te vertellen.", "There are {count} consents to tell something about you.";
    look_at_grants: "Bekijk wie wat mag weten", "Look at who may know what";

    login_failed_title: "U bent niet ingelogd", "You are not logged in";
    login_refused:
        "Het inloggen is afgebroken. Er is niets gebeurd.",
        "Logging in was cancelled. Nothing happened.";
    login_expired:
        "Het inloggen duurde te lang. Probeer het opnieuw.",
        "Logging in took too long. Please try again.";
    login_unknown:
        "Wij konden niet zien dat u hier begon met inloggen. Begin opnieuw, in hetzelfde scherm.",
        "We could not see that you began to log in here. Please begin again, in the same window.";
    login_not_confirmed:
        "Het inloggen is niet gelukt. Begin opnieuw.",
        "Logging in did not work. Please begin again.";
    slowed_title: "Even wachten", "Please wait a moment";
    slowed_why:
        "Op uw internetadres is inloggen vaak mislukt. Dat kan ook iemand anders zijn geweest, bijvoorbeeld in hetzelfde huis of op dezelfde wifi.",
        "Logging in failed often from your internet address. That may have been somebody else, for example in the same house or on the same wifi.";
    slowed_what(seconds):
        "Wacht {seconds} seconden en probeer het dan opnieuw. Daarna kunt u gewoon inloggen.",
        "Wait {seconds} seconds and then try again. After that you can log in as usual.";
    login_unreachable:
        "Inloggen lukt nu niet. Dat ligt niet aan u. Probeer het over een paar minuten opnieuw.",
        "Logging in does not work right now. That is not your fault. Try again in a few minutes.";
    login_not_taken:
        "Wij kunnen deze manier van inloggen niet gebruiken. Probeer het opnieuw of kies een andere manier.",
        "We cannot use this way of logging in. Try again or choose another way.";
    try_again: "Probeer opnieuw", "Try again";

    left_title: "U bent uitgelogd", "You are logged out";
    left:
        "Is dit niet uw eigen computer of telefoon? Sluit dan ook de browser.",
        "Is this not your own computer or phone? Then close the browser too.";
    left_here_only:
        "Deze browser is uitgelogd. Wij konden dat nu niet overal doorgeven. Uw sessie eindigt vanzelf, binnen een uur. Sluit de browser.",
        "This browser is logged out. We could not pass that on everywhere right now. Your session ends by itself, within an hour. Close the browser.";
    left_there_too:
        "U bent ook uitgelogd bij de dienst waarmee u inlogde.",
        "You are also logged out at the service that you logged in with.";
    log_in_again: "Opnieuw inloggen", "Log in again";
}
