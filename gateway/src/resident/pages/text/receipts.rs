//! Receipts.

use super::texts;

texts! {
    receipts_intro:
        "Van elke keuze krijgt u een bewijs. U kunt het bewaren, afdrukken of aan iemand laten zien.",
        "You get a receipt of every choice. You can keep it, print it or show it to somebody.";
    receipts_none: "Er zijn nog geen bewijzen.", "There are no receipts yet.";
    receipt_look: "Bekijk het bewijs", "Look at the receipt";
    receipt_title: "Bewijs", "Receipt";
    receipt_is:
        "Dit bewijs is getekend door Sluis. Er staat niet in wie u bent, en ook niet wat er in berichten staat.",
        "This receipt was signed by Sluis. It does not say who you are, nor what is in messages.";
    receipt_file: "Bewaar het getekende bestand", "Keep the signed file";
    receipt_check:
        "Iedereen kan met dat bestand en de openbare sleutel van Sluis nagaan dat dit bewijs echt is.",
        "With that file and the public key of Sluis, anybody can check that this receipt is genuine.";
    receipt_full: "Alles wat er in het bewijs staat", "Everything that the receipt says";
    back_to_receipts: "Naar alle bewijzen", "Go to all receipts";
}
