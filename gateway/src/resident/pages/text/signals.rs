//! Signals about the resident: where each is, answering, objecting.

use super::texts;

texts! {
    signals_name: "Signalen over mij", "Signals about me";
    signals_intro:
        "Maken organisaties uit een van uw kringen zich zorgen over hetzelfde? Dan ziet u hier wie, sinds wanneer en wat er nu gebeurt.",
        "Do organisations of one of your circles worry about the same thing? Then you see here who, since when and what happens now.";
    signals_content:
        "Wat zij precies zagen, weten wij niet. Dat staat alleen bij de organisaties zelf. Vraag het hun gerust.",
        "What exactly they saw, we do not know. Only the organisations themselves have that. Feel free to ask them.";
    signals_none:
        "Er zijn geen signalen over u. Een zorg van één organisatie staat hier niet: die blijft bij die organisatie.",
        "There are no signals about you. A worry of one organisation is not shown here: it stays with that organisation.";
    signal_title(names): "Tussen {names}", "Between {names}";
    signal_since(day): "Zij horen dit van elkaar sinds {day}.", "They have heard this of each other since {day}.";
    signal_one_class: "Het gaat om deze zorg:", "It is about this worry:";
    signal_classes:
        "Het gaat om één van deze zorgen. Welke, weten wij niet:",
        "It is about one of these worries. Which one, we do not know:";
    signal_now: "Wat gebeurt er nu?", "What happens now?";
    signal_lead(name): "{name} heeft de leiding.", "{name} has the lead.";
    signal_no_lead: "Er is nog geen organisatie die de leiding heeft.", "No organisation has the lead yet.";
    signal_seen_by(name): "{name} heeft dit gezien.", "{name} has seen this.";
    signal_not_seen_by(name): "{name} heeft dit nog niet gezien.", "{name} has not seen this yet.";

    signal_matched(day):
        "De organisaties moeten dit zien, uiterlijk op {day}. Daarna spreken zij af wie er met u praat.",
        "The organisations are to see this by {day}. Then they agree on who talks with you.";
    signal_overdue:
        "De organisaties keken niet op tijd. Een coördinator moet het nu oppakken.",
        "The organisations did not look in time. A coordinator is to take it up now.";
    signal_acknowledged:
        "De organisaties weten het. Eén van hen neemt contact met u op.",
        "The organisations know. One of them will contact you.";
    signal_contacted:
        "Er is met u gepraat en u krijgt hulp aangeboden. Kiest u ja of nee?",
        "Somebody talked with you and you are offered help. Do you choose yes or no?";
    signal_on_agenda:
        "Het staat op de agenda van een overleg tussen organisaties.",
        "It is on the agenda of a meeting of organisations.";
    signal_follow_up: "Er wordt hulp geregeld.", "Help is being arranged.";
    signal_disputed(who):
        "{who} maakte bezwaar. Het signaal is verborgen: niemand kan er nu iets mee.",
        "{who} objected. The signal is hidden: nobody can do anything with it now.";
    signal_who_decides:
        "Een privacy-medewerker of coördinator van een van de organisaties beslist, binnen 10 werkdagen na het bezwaar. Beslist niemand op tijd? Dan krijgt u gelijk.",
        "A privacy officer or coordinator of one of the organisations decides, within 10 working days after the objection. If nobody decides in time, you are right.";
    signal_withdrawn: "Een organisatie nam haar zorg terug. Dit is klaar.", "An organisation took its worry back. This is over.";
    signal_expired: "De tijd was om. Er gebeurt niets meer mee.", "The time was up. Nothing more happens with it.";
    signal_closed: "Dit is klaar.", "This is over.";
    signal_declined(who): "{who} zei nee. Dit is klaar. Nee zeggen heeft geen gevolgen.", "{who} said no. This is over. Saying no has no consequences.";
    signal_referred: "Dit is klaar. Er kwam een verwijzing, met uw toestemming.", "This is over. A referral followed, with your consent.";
    signal_resolved: "Dit is klaar. De zorg is weg.", "This is over. The worry is gone.";
    signal_no_action: "Dit is klaar. Er hoefde niets te gebeuren.", "This is over. Nothing needed to be done.";
    signal_unfounded: "Dit is klaar. Er bleek niets aan de hand.", "This is over. There was nothing to worry about.";
    signal_moved: "Dit is klaar, omdat u verhuisd bent.", "This is over, because you moved away.";
    signal_objection_upheld: "Het bezwaar was terecht. Dit is klaar.", "The objection was right. This is over.";
    signal_circle_ended: "Dit is klaar, omdat de kring stopte of de tijd om was.", "This is over, because the circle was stopped or its time was up.";

    signal_choose: "Kies: ja of nee", "Choose: yes or no";
    signal_object: "Ik maak bezwaar", "I object";
    signal_answer_title: "Wilt u hulp?", "Do you want help?";
    signal_answer_lead(name): "{name} praatte met u en wil u helpen.", "{name} talked with you and wants to help you.";
    signal_answer_yes_means:
        "Zegt u ja? Dan regelt deze organisatie hulp. Wil zij daarvoor iets over u vertellen aan een ander, dan vraagt zij dat apart.",
        "If you say yes, this organisation arranges help. If it wants to tell somebody else something about you for that, it asks you separately.";
    signal_answer_no_means:
        "Zegt u nee? Dan is dit signaal klaar. Nee zeggen heeft geen gevolgen. U hoeft niet te zeggen waarom.",
        "If you say no, this signal is over. Saying no has no consequences. You do not need to say why.";
    signal_yes: "Ja, ik wil hulp", "Yes, I want help";
    signal_no: "Nee, ik wil dit niet", "No, I do not want this";
    signal_decide_later: "Later kiezen", "Choose later";
    signal_yes_done: "U zei ja", "You said yes";
    signal_no_done: "U zei nee", "You said no";
    back_to_signals: "Naar signalen over mij", "Go to signals about me";

    signal_object_title: "Bezwaar maken", "Object";
    signal_object_what:
        "Vindt u dat dit signaal niet klopt, of dat het er niet mag zijn? Dan kunt u bezwaar maken. U hoeft niet te zeggen waarom.",
        "Do you think that this signal is not right, or should not be there? Then you can object. You do not need to say why.";
    signal_object_hidden:
        "Het signaal wordt meteen verborgen. De organisaties kunnen er dan niets meer mee.",
        "The signal is hidden at once. The organisations can then do nothing with it.";
    signal_object_known:
        "Dat de organisaties het al wisten, kunnen wij niet terughalen.",
        "That the organisations knew already, we cannot recall.";
    signal_object_settled:
        "Krijgt u geen gelijk? Dan gaat het signaal verder waar het was.",
        "If it is decided that you are not right, the signal goes on where it was.";
    signal_object_confirm: "Ja, ik maak bezwaar", "Yes, I object";
    signal_objected: "Uw bezwaar is ontvangen", "Your objection was received";
}
