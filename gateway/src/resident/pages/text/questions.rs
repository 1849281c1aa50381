//! Questions, the notice that goes with each, and what an answer comes to.

use super::texts;

texts! {
    questions_intro:
        "Organisaties vragen hier of ze iets over u mogen delen. Zonder uw ja wordt er niets gedeeld.",
        "Here organisations ask whether they may share something about you. Without your yes, nothing is shared.";
    questions_none: "Er zijn nu geen vragen aan u.", "There are no questions for you now.";
    asked_by(name): "Vraag van {name}", "Question from {name}";
    share_line(discloser, recipient):
        "{discloser} wil iets over u vertellen aan {recipient}.",
        "{discloser} wants to tell {recipient} something about you.";
    asked_at(day): "Gevraagd op {day}.", "Asked on {day}.";
    lapses_at(day):
        "U kunt antwoorden tot {day}. Doet u niets? Dan is het antwoord nee.",
        "You can answer until {day}. If you do nothing, the answer is no.";
    recorded_mark: "Let op:", "Please note:";
    recorded_what(name):
        "{name} schreef op dat u hier al ja op zei. Dat geldt nog niet. Een tweede medewerker kan het bevestigen, ook zonder u. Klopt het niet? Zeg dan nee.",
        "{name} wrote down that you already said yes to this. It does not count yet. A second worker can confirm it, also without you. Is it not right? Then say no.";
    recorded_lapses_at(day):
        "U kunt antwoorden tot {day}. Bevestigt niemand het voor die tijd? Dan gaat het niet door.",
        "You can answer until {day}. If nobody confirms it before then, it does not go ahead.";
    deferred: "Er is eerder gekozen: later.", "The choice before was: later.";
    look_and_decide: "Bekijk en kies", "Look and choose";
    question_about(name): "de vraag van {name}", "the question from {name}";

    answer_title(name): "Een vraag van {name}", "A question from {name}";
    answer_intro:
        "Lees rustig wat er gevraagd wordt. Nee zeggen mag. Later kiezen mag ook.",
        "Take your time to read what is asked. You may say no. You may also choose later.";
    answer_two:
        "Dit zijn vragen in twee richtingen. U kiest voor elke richting apart.",
        "These are questions in two directions. You choose for each direction separately.";
    direction_title(discloser, recipient): "Van {discloser} naar {recipient}", "From {discloser} to {recipient}";
    notice_question(discloser, recipient):
        "Mag {discloser} iets over u vertellen aan {recipient}?",
        "May {discloser} tell {recipient} something about you?";
    notice_shared_title: "Dit willen zij delen:", "This is what they want to share:";
    notice_terms_title: "Goed om te weten:", "Good to know:";
    notice_days(days):
        "Uw toestemming geldt {days} dagen, of korter als u dat kiest. Daarna stopt het vanzelf.",
        "Your consent lasts {days} days, or shorter if you choose so. Then it stops by itself.";
    notice_only_recipient(recipient):
        "Alleen {recipient} kan de berichten lezen. Wij kunnen dat niet.",
        "Only {recipient} can read the messages. We cannot.";
    notice_stop:
        "U kunt altijd stoppen, zonder reden. Wat dan nog niet geopend is, kan niemand meer openen.",
        "You can always stop, without a reason. What was not opened by then, nobody can open any more.";
    notice_read:
        "Wat al gelezen is, kunnen wij niet ongelezen maken.",
        "What was already read, we cannot make unread.";
    notice_refusing:
        "Zegt u nee? Dan hoort de organisatie alleen dat er geen toestemming is.",
        "If you say no, the organisation only hears that there is no consent.";

    your_answer: "Uw antwoord", "Your answer";
    answer_yes: "Ja, dit mag allemaal", "Yes, all of this is allowed";
    answer_part: "Ja, maar niet alles. Ik kies hieronder wat mag", "Yes, but not everything. I choose below what is allowed";
    answer_no: "Nee, dit mag niet", "No, this is not allowed";
    answer_later: "Ik kies later", "I will choose later";
    part_title: "Wat mag wel?", "What is allowed?";
    part_hint:
        "Vul dit alleen in als u koos: ja, maar niet alles.",
        "Fill this in only if you chose: yes, but not everything.";
    in_order(purpose): "Om {purpose}", "In order {purpose}";
    term_in_order(purpose): "om {purpose}", "{purpose}";
    about_what: "Waarover mag het gaan?", "What may it be about?";
    which_data: "Wat mogen ze vertellen?", "What may they tell?";
    how_long: "Hoe lang mag het?", "For how long?";
    days(count): "{count} dagen", "{count} days";
    send_answer: "Verstuur mijn antwoord", "Send my answer";
    choose_answer(discloser, recipient):
        "Kies een antwoord: van {discloser} naar {recipient}",
        "Choose an answer: from {discloser} to {recipient}";
    tick_something:
        "U koos: niet alles. Vink hieronder aan wat wel mag",
        "You chose: not everything. Tick below what is allowed";
    tick_both:
        "Vink aan waarover het mag gaan én wat ze mogen vertellen",
        "Tick both what it may be about and what they may tell";
    faults_title: "Dit is nog niet goed", "This is not right yet";

    answered_title: "Uw antwoord is verwerkt", "Your answer was processed";
    answered_yes(day):
        "U zei ja. Dit mag tot en met {day}. U kunt altijd eerder stoppen.",
        "You said yes. This is allowed up to and including {day}. You can always stop earlier.";
    answered_no: "U zei nee. Er wordt niets gedeeld.", "You said no. Nothing is shared.";
    answered_later:
        "U kiest later. Tot dan wordt er niets gedeeld.",
        "You will choose later. Until then nothing is shared.";
    answered_gone:
        "Deze vraag is er niet meer. Uw antwoord is niet verwerkt. Misschien was de vraag al beantwoord of verlopen.",
        "This question is not there any more. Your answer was not processed. Perhaps it was already answered or it lapsed.";
    other_questions: "Naar de andere vragen", "Go to the other questions";
}
