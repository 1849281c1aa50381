//! Circles: what one is, what is asked, and narrowing, pausing and stopping it.

use super::texts;

texts! {
    circles_name: "Mijn kringen", "My circles";
    circles_what_group:
        "Een kring is een groep organisaties die u zelf hebt goedgekeurd.",
        "A circle is a group of organisations that you approved yourself.";
    circles_what_meet:
        "Maken twee van hen zich zorgen over hetzelfde? Dan horen die twee dat van elkaar.",
        "When two of them worry about the same thing, those two hear it of each other.";
    circles_what_not:
        "Wat er precies aan de hand is, staat daar niet bij. U ziet elk signaal bij Signalen over mij.",
        "What exactly is the matter is not told there. You see each signal under Signals about me.";
    circles_none: "U hebt nu geen kring.", "You have no circle now.";
    circles_questions_title: "Vragen voor een kring", "Questions for a circle";
    circles_live_title: "Uw kringen", "Your circles";
    circles_waiting_one: "Er wacht 1 vraag voor een kring op u.", "1 question for a circle is waiting for you.";
    circles_waiting_many(count): "Er wachten {count} vragen voor een kring op u.", "{count} questions for a circle are waiting for you.";
    circles_look: "Bekijk de kringen", "Look at the circles";
    circle_title(members): "Kring van {members}", "Circle of {members}";
    circle_no_one_else: "Alleen deze organisaties doen mee:", "Only these organisations take part:";
    circle_which_worries: "Over deze zorgen mogen zij het van elkaar horen:", "About these worries they may hear of each other:";
    circle_until(day): "Deze kring duurt tot en met {day}.", "This circle lasts up to and including {day}.";
    circle_paused:
        "Deze kring staat op pauze. De organisaties horen nu niets van elkaar.",
        "This circle is paused. The organisations hear nothing of each other now.";
    circle_change: "Minder laten horen of pauze", "Let them hear less, or pause";
    circle_stop: "Stop deze kring", "Stop this circle";
    circles_how_new:
        "Wilt u een kring of een grotere kring? Vraag het aan een organisatie. U krijgt dan hier een vraag, en u kiest zelf.",
        "Do you want a circle or a larger one? Ask an organisation. You then get a question here, and you choose yourself.";
    circles_ended_title: "Gestopte kringen", "Stopped circles";
    and: "en", "and";

    class_home_at_risk:
        "uw woning loopt gevaar: huurschuld, een uitzetting, geen contact of gemiste afspraken",
        "your home is at risk: unpaid rent, an eviction, no contact or missed appointments";
    class_state_of_home:
        "hoe uw woning eraan toe is: vervuiling of brandgevaar",
        "the state of your home: neglect or danger of fire";
    class_neighbours:
        "problemen met de buren: geluid of ruzie",
        "trouble with neighbours: noise or a conflict";
    class_neglect_and_silence:
        "uw woning raakt vervuild en u bent weinig te zien",
        "your home gets neglected and you are hardly seen";
    class_out_of_sight:
        "u bent uit beeld: geen contact, veel alleen of gemiste afspraken",
        "you are out of sight: no contact, much alone or missed appointments";
    class_early_signs:
        "het gaat misschien niet goed met u: tekenen uit uw eigen plan of gemiste afspraken",
        "you may not be well: signs from your own plan or missed appointments";
    class_carer:
        "uw mantelzorger heeft het te zwaar",
        "your informal carer carries too much";

    circle_question_title(name): "{name} vraagt om een kring", "{name} asks for a circle";
    circle_question_intro:
        "Lees rustig wat er gevraagd wordt. Nee zeggen mag. Later kiezen mag ook.",
        "Take your time to read what is asked. You may say no. You may also choose later.";
    circle_asks: "Mogen deze organisaties samen een kring zijn?", "May these organisations be a circle together?";
    circle_notice_when:
        "Zij horen van elkaar alleen dát er een zorg is, en wie zij kunnen bellen. Ze horen niet wat er is.",
        "They hear of each other only that there is a worry, and whom to call. They do not hear what it is.";
    circle_notice_serious:
        "Dat gebeurt pas als twee organisaties zich tegelijk zorgen maken over hetzelfde.",
        "That happens only when two organisations worry about the same thing at the same time.";
    circle_notice_seen:
        "U ziet het hier altijd, en u mag bezwaar maken.",
        "You always see it here, and you may object.";
    circle_notice_days(days):
        "De kring duurt {days} dagen, of korter als u dat kiest. Daarna stopt de kring vanzelf.",
        "The circle lasts {days} days, or shorter if you choose so. Then it stops by itself.";
    circle_notice_stop:
        "U kunt altijd stoppen, zonder reden. Daarna horen de organisaties niets meer van elkaar door deze kring.",
        "You can always stop, without a reason. After that the organisations hear nothing more of each other through this circle.";
    circle_notice_known:
        "Wat twee organisaties al van elkaar hoorden, kunnen wij niet terughalen.",
        "What two organisations already heard of each other, we cannot recall.";
    circle_notice_refusing:
        "Zegt u nee? Dan hoort de organisatie alleen dat er geen kring is.",
        "If you say no, the organisation only hears that there is no circle.";
    circle_replaces:
        "Deze kring komt in de plaats van een kring die u al hebt. Zegt u ja? Dan stopt de oude kring meteen.",
        "This circle takes the place of a circle that you have. If you say yes, the old one stops at once.";
    circle_yes: "Ja, deze kring is goed", "Yes, this circle is all right";
    circle_part: "Ja, maar niet alles. Ik kies hieronder wie en wat", "Yes, but not everything. I choose below who and what";
    circle_no: "Nee, geen kring", "No, no circle";
    circle_which_members: "Wie mag meedoen?", "Who may take part?";
    circle_which_classes: "Over welke zorgen mogen zij het horen?", "About which worries may they hear?";
    circle_two_members: "Kies ten minste twee organisaties", "Choose at least two organisations";
    circle_one_class: "Kies ten minste één soort zorg", "Choose at least one sort of worry";
    circle_choose_answer: "Kies een antwoord", "Choose an answer";
    circle_yes_done(day):
        "U zei ja. De kring duurt tot en met {day}. U kunt altijd eerder stoppen.",
        "You said yes. The circle lasts up to and including {day}. You can always stop earlier.";
    circle_no_done: "U zei nee. Er komt geen kring.", "You said no. There will be no circle.";
    circle_later_done:
        "U kiest later. Tot dan is er geen kring.",
        "You will choose later. Until then there is no circle.";
    back_to_circles: "Naar mijn kringen", "Go to my circles";

    circle_change_title: "Minder laten horen", "Let them hear less";
    circle_narrow_title: "Iemand of iets weglaten", "Leave out somebody or something";
    circle_narrow_intro:
        "Aangevinkt is wie nu meedoet, en over welke zorgen. Haal weg wat niet meer mag. Het geldt meteen.",
        "Ticked is who takes part now, and about which worries. Untick what is no longer allowed. It applies at once.";
    circle_narrow_effect:
        "De kring begint dan opnieuw, zonder wie of wat u weglaat. Wat al gehoord is, kunnen wij niet terughalen.",
        "The circle then begins anew, without whom or what you leave out. What was already heard, we cannot recall.";
    circle_narrow_button: "Sla op wie en wat blijft", "Save who and what stays";
    circle_narrow_to_nothing:
        "Laat twee organisaties en één soort zorg aangevinkt. Wilt u dat niet? Kies dan voor stoppen",
        "Leave two organisations and one sort of worry ticked. Do you not want that? Then choose to stop";
    circle_narrowed: "Uw kring is kleiner", "Your circle is smaller";
    circle_pause_intro:
        "Bij een pauze horen de organisaties even niets van elkaar. U kunt de kring later weer laten doorgaan.",
        "During a pause the organisations hear nothing of each other for a while. You can let the circle go on later.";
    circle_is_paused: "Uw kring staat op pauze", "Your circle is paused";
    circle_resume_intro:
        "Hierna kunnen de organisaties het weer van elkaar horen.",
        "After this, the organisations can hear of each other again.";
    circle_goes_on: "Uw kring gaat weer door", "Your circle goes on";

    circle_stop_title: "Deze kring stoppen", "Stop this circle";
    circle_stop_now:
        "Deze organisaties horen daarna niets meer van elkaar door deze kring. Dit geldt meteen.",
        "After this, these organisations hear nothing more of each other through this circle. This applies at once.";
    circle_stops_meeting:
        "Zorgen van deze organisaties komen niet meer bij elkaar.",
        "Worries of these organisations do not meet any more.";
    circle_stops_contact:
        "Wie een organisatie kan bellen over een zorg, kan niemand meer openen. Ook wij niet.",
        "Whom to call about a worry, nobody can open any more. Not even we.";
    circle_stops_matches:
        "Signalen die door deze kring lopen, worden gesloten.",
        "Signals that run through this circle are closed.";
    circle_stays_heard:
        "Wat twee organisaties al van elkaar hoorden, weten zij. Zij kunnen het ook in hun eigen dossier hebben gezet. Vraag het die organisaties zelf.",
        "What two organisations already heard of each other, they know. They may also have put it in their own files. Ask those organisations.";
    circle_stays_own:
        "Een organisatie mag zich zelf nog zorgen maken. Zij kan dat ook zelf met u bespreken.",
        "An organisation may still have a worry of its own. It can also talk with you about it itself.";
    circle_stopped: "De kring is gestopt", "The circle was stopped";
    circle_stopped_after:
        "De organisaties horen door deze kring niets meer van elkaar. Wat al gehoord is, kunnen wij niet terughalen.",
        "The organisations hear nothing more of each other through this circle. What was already heard, we cannot recall.";
}
