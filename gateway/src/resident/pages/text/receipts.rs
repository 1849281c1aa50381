//! Receipts.

use super::texts;

texts! {
    receipts_intro:
        "U krijgt een bewijs van elke toestemming en van elke kring, en van elke verandering daarvan. Van een nee is er geen bewijs. Zo kan niemand u vragen om te laten zien dat u nee zei. U kunt een bewijs bewaren, afdrukken of aan iemand laten zien.",
        "You get a receipt of every consent and of every circle, and of every change of it. Of a no there is no receipt. So nobody can ask you to show that you said no. You can keep a receipt, print it or show it to somebody.";
    receipts_none: "Er zijn nog geen bewijzen.", "There are no receipts yet.";
    receipt_look: "Bekijk het bewijs", "Look at the receipt";
    receipt_title: "Bewijs", "Receipt";
    receipt_is:
        "Dit bewijs is getekend door Sluis. Er staat niet in wie u bent, en ook niet wat er in berichten staat.",
        "This receipt was signed by Sluis. It does not say who you are, nor what is in messages.";
    receipt_file: "Bewaar het getekende bestand", "Keep the signed file";
    receipt_check(address):
        "Iedereen kan nagaan of dit bewijs echt is, met het getekende bestand. Dat kan op {address}. Daar staan ook de openbare sleutels van Sluis.",
        "Anybody can check that this receipt is genuine, with the signed file. You can do that at {address}. The public keys of Sluis are there too.";
    receipt_assisted:
        "een medewerker schreef deze toestemming op.",
        "a worker wrote this consent down.";
    check_link: "Nagaan of een bewijs echt is", "Check whether a receipt is genuine";

    check_title: "Is dit bewijs echt?", "Is this receipt genuine?";
    check_intro:
        "Hebt u een bewijs van Sluis? Of kreeg u er een van iemand anders? Hier kunt u nagaan of het echt is. U hoeft niet in te loggen. Wij bewaren niets van wat u hier instuurt.",
        "Do you have a receipt from Sluis? Or did you get one from somebody else? Here you can check whether it is genuine. You do not need to log in. We keep nothing of what you send here.";
    check_file: "Kies het bestand", "Choose the file";
    check_file_hint: "Het heet vaak: bewijs.jws. Niet groter dan 64 kB.", "It is often called: bewijs.jws. Not larger than 64 kB.";
    check_paste: "Of plak de tekst van het bewijs", "Or paste the text of the receipt";
    check_paste_hint: "Alles wat in het bestand staat, van begin tot eind.", "All that is in the file, from beginning to end.";
    check_button: "Kijk of het echt is", "See whether it is genuine";
    check_missing: "Kies een bestand of plak de tekst", "Choose a file or paste the text";
    check_both: "Kies één van de twee: een bestand of de tekst", "Choose one of the two: a file or the text";
    check_too_large: "Dit is te groot. Een bewijs is nooit groter dan 64 kB", "This is too large. A receipt is never larger than 64 kB";

    check_yes_title: "Dit bewijs is echt", "This receipt is genuine";
    check_yes: "Sluis heeft dit bewijs getekend. Er is daarna niets aan veranderd.", "Sluis signed this receipt. Nothing was changed in it since.";
    check_yes_not_now:
        "Het zegt hoe het toen was. Misschien is er daarna iets gestopt of veranderd.",
        "It says how it was then. Perhaps something was stopped or changed since.";
    check_no_title: "Dit bewijs is niet echt", "This receipt is not genuine";
    check_no:
        "Sluis heeft dit niet zo getekend. Misschien is er iets aan veranderd, of is het van iemand anders dan Sluis. Vertrouw er niet op.",
        "Sluis did not sign this as it is. Perhaps something was changed in it, or it is not from Sluis. Do not rely on it.";
    check_form_title: "Dit kunnen wij niet lezen", "We cannot read this";
    check_form:
        "Dit is geen bewijs van Sluis, of er mist een stuk. Probeer het met het hele bestand.",
        "This is no receipt of Sluis, or a part is missing. Try again with the whole file.";
    check_again: "Nog een bewijs nagaan", "Check another receipt";
    check_says: "Dit staat erin", "What it says";
    check_when: "Wanneer", "When";
    check_what: "Wat er gebeurde", "What happened";
    check_who: "Wie er iets mag vertellen", "Who may tell something";
    check_to_whom: "Aan wie", "To whom";
    check_circle: "Kring van", "Circle of";
    check_worries: "Over welke zorgen zij het van elkaar horen", "About which worries they hear of each other";
    check_about: "Wat er verteld mag worden", "What may be told";
    check_until: "Tot en met", "Up to and including";
    check_by: "Wie koos dit", "Who chose this";
    check_by_resident: "De inwoner zelf", "The resident";
    check_by_representative: "Iemand die namens de inwoner mag kiezen", "Somebody who may choose for the resident";
    check_by_worker: "Een medewerker, voor de inwoner", "A worker, for the resident";
    check_by_clock: "Niemand: de tijd was om", "Nobody: the time was up";
    check_granted: "Er is toestemming gegeven.", "Consent was given.";
    check_narrowed: "Er mag minder worden verteld.", "Less may be told.";
    check_suspended: "De toestemming staat op pauze.", "The consent is paused.";
    check_resumed: "De toestemming gaat weer door.", "The consent goes on.";
    check_withdrawn: "De toestemming is gestopt.", "The consent was stopped.";
    check_expired: "De tijd van de toestemming was om.", "The time of the consent was up.";
    check_number(number): "nummer {number}", "number {number}";
    check_you:
        "Het bewijs is gemaakt voor de inwoner. Met 'u' wordt hieronder de inwoner bedoeld.",
        "The receipt was made for the resident. Below, 'you' means the resident.";
    keys_title: "De openbare sleutels", "The public keys";
    keys_what:
        "Met deze sleutels kan ook een ander programma nagaan of een bewijs echt is. De sleutels van vroeger staan er ook bij.",
        "With these keys another program can check too whether a receipt is genuine. The keys of before are there too.";
    keys_link: "De sleutels als bestand (JWK)", "The keys as a file (JWK)";
    receipt_full: "Alles wat er in het bewijs staat", "Everything that the receipt says";
    back_to_receipts: "Naar alle bewijzen", "Go to all receipts";
}
