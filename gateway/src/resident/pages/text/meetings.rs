//! Meetings about the resident: what is asked, who is there, coming, objecting.

use super::texts;

texts! {
    meetings_name: "Overleg over mij", "Meetings about me";
    meetings_intro:
        "Soms praten organisaties samen over uw situatie. Hier ziet u wanneer, wie erbij is en wat er gevraagd wordt. U mag erbij zijn.",
        "Sometimes organisations talk about your situation together. Here you see when, who is there and what is asked. You may be there.";
    meetings_content:
        "Wat er over u verteld wordt, weten wij niet. Alleen wie bij uw punt is uitgenodigd, kan het lezen.",
        "What is told about you, we do not know. Only who is invited to your item can read it.";
    meetings_none: "Er staat nu niets over u op een agenda.", "There is nothing about you on an agenda now.";
    meetings_kept:
        "Een overleg dat langer dan 30 dagen klaar is, staat hier niet meer. Misschien ziet u er nog iets van bij:",
        "A meeting that has been over for more than 30 days is not shown here any more. Perhaps you still see something of it at:";
    meetings_link: "Bekijk of er over u overlegd wordt", "Look whether there are meetings about you";
    meeting_on(day, time): "Overleg op {day} om {time} uur", "Meeting on {day} at {time}";
    meeting_area(name): "Plaats: {name}.", "Place: {name}.";
    meeting_presenter(name): "{name} zette u op de agenda.", "{name} put you on the agenda.";
    meeting_invited(names): "Bij dit punt zijn uitgenodigd: {names}.", "Invited to this item: {names}.";
    meeting_deidentified:
        "Uw naam wordt niet genoemd.",
        "Your name is not mentioned.";
    meeting_question(words): "De vraag is: {words}", "The question is: {words}";
    meeting_who_takes_it_up: "wie pakt dit op?", "who takes this up?";
    meeting_which_help_fits: "welke hulp past?", "which help fits?";
    meeting_how_to_reach: "hoe krijgen wij contact?", "how do we get in touch?";
    meeting_how_to_keep_the_home: "hoe houdt u uw woning?", "how do you keep your home?";
    meeting_how_to_work_together: "wie doet wat?", "who does what?";
    meeting_you_are_invited: "U bent uitgenodigd. Komt u?", "You are invited. Are you coming?";
    meeting_to_come: "Dit overleg moet nog komen.", "This meeting is still to come.";
    meeting_in_treatment: "Er wordt nu over gepraat.", "It is being talked about now.";
    meeting_objected(who): "{who} maakte bezwaar. Dit punt is meteen verborgen. Er wordt niet over gepraat.", "{who} objected. This item was hidden at once. It is not talked about.";
    meeting_act: "Er is besloten om iets te doen.", "It was decided to do something.";
    meeting_no_action: "Er hoefde niets te gebeuren.", "Nothing needed to be done.";
    meeting_unfounded: "Er bleek niets aan de hand.", "There was nothing to worry about.";
    meeting_postponed: "Het is uitgesteld.", "It was postponed.";
    meeting_withdrawn: "Het is van de agenda gehaald.", "It was taken off the agenda.";
    meeting_consent_ended: "Het is van de agenda gehaald, omdat een toestemming stopte of de tijd daarvan om was.", "It was taken off the agenda, because a consent was stopped or its time was up.";
    meeting_consent_changed: "Het is van de agenda gehaald, omdat een toestemming veranderde.", "It was taken off the agenda, because a consent changed.";
    meeting_not_treated: "Er was geen tijd meer voor.", "There was no time left for it.";
    meeting_you_come(who): "{who} zei dat u komt.", "{who} said that you come.";
    meeting_you_send(who): "{who} zei dat er iemand namens u komt.", "{who} said that somebody comes for you.";
    meeting_you_do_not_come(who): "{who} zei dat u niet komt. Dat heeft geen gevolgen.", "{who} said that you do not come. That has no consequences.";
    meeting_action(name, act, day): "{name} {act}, uiterlijk op {day}.", "{name} {act}, by {day}.";
    meeting_do_contact: "praat met u", "talks with you";
    meeting_do_visit: "komt bij u langs, en u weet daarvan", "visits you, and you know of it";
    meeting_do_lead: "is degene die u kunt bellen", "is the one whom you can call";
    meeting_do_help: "regelt hulp", "arranges help";
    meeting_do_refer: "verwijst u, als u daar ja op zegt", "refers you, if you say yes to it";
    meeting_choose: "Zeg of u komt", "Say whether you come";
    meeting_answer_title: "Komt u naar het overleg?", "Are you coming to the meeting?";
    meeting_answer_what:
        "U mag komen, iemand sturen of niet komen. Niet komen heeft geen gevolgen. U kunt later nog iets anders kiezen.",
        "You may come, send somebody, or not come. Not coming has no consequences. You can still choose something else later.";
    meeting_come: "Ik kom", "I am coming";
    meeting_send: "Ik stuur iemand", "I will send somebody";
    meeting_do_not_come: "Ik kom niet", "I am not coming";
    meeting_answered: "Uw antwoord is doorgegeven", "Your answer was passed on";
    meeting_object_what:
        "Wilt u niet dat er over u gepraat wordt? Dan kunt u bezwaar maken. U hoeft niet te zeggen waarom.",
        "Do you not want to be talked about? Then you can object. You do not need to say why.";
    meeting_object_hidden:
        "Het punt wordt meteen verborgen en niet besproken. Wij wissen wat erover verstuurd is.",
        "The item is hidden at once and not talked about. We erase what was sent about it.";
    meeting_object_fetched:
        "Heeft een organisatie het al opgehaald? Dan kan die het nog openen, tot u de toestemming voor die organisatie stopt.",
        "Did an organisation fetch it already? It can still open it, until you stop the consent for that organisation.";
    meeting_stop_consent: "Een toestemming stoppen", "Stop a consent";
    meeting_object_known:
        "Wat iemand al las, kunnen wij niet ongelezen maken.",
        "What somebody already read, we cannot make unread.";
    back_to_meetings: "Naar overleg over mij", "Go to meetings about me";
}
