//! Introductions: who was proposed, answering, and ending.

use super::texts;

texts! {
    introductions_name: "Iemand leren kennen", "Getting to know somebody";
    introductions_intro:
        "Hier staat wie een coördinator voor u bedacht: een maatje, vrijwilliger of iemand met eigen ervaring. U ziet genoeg om te kiezen, en niet wie het is.",
        "Here is whom a coordinator thought of for you: a buddy, a volunteer or somebody with experience of their own. You see enough to choose, and not who it is.";
    introductions_silence:
        "Zegt u nee? Dan ziet de ander hetzelfde als wanneer u niets doet. Niemand hoort dat u nee zei. Zegt de ander nee? Dan hoort u dat ook niet.",
        "If you say no, the other sees the same as when you do nothing. Nobody hears that you said no. If the other says no, you do not hear it either.";
    introductions_none:
        "Er is niemand voorgesteld. Wilt u een maatje? Vraag het aan een organisatie die u helpt.",
        "Nobody was proposed. Would you like a buddy? Ask an organisation that helps you.";
    introduction_seeks: "Iemand zoekt contact", "Somebody looks for contact";
    introduction_offers: "Iemand wil er voor u zijn", "Somebody wants to be there for you";
    introduction_number(number, title): "{number}. {title}", "{number}. {title}";
    introduction_area(name): "Uit: {name}", "From: {name}";
    introduction_hours(hours): "Hooguit {hours} uur per week", "At most {hours} hours a week";
    introduction_when(parts): "Kan: {parts}", "Is free: {parts}";
    introduction_languages(words): "Spreekt: {words}", "Speaks: {words}";
    introduction_tags(words): "Houdt van of helpt bij: {words}", "Likes or helps with: {words}";
    introduction_conduct: "Er is een Verklaring Omtrent het Gedrag (VOG) gezien.", "A certificate of conduct (VOG) was seen.";
    introduction_smoke: "Heeft geen last van rook", "Does not mind smoke";
    introduction_animals: "Heeft geen last van dieren", "Does not mind animals";
    introduction_woman: "Vrouw", "Woman";
    introduction_man: "Man", "Man";
    introduction_wishes_woman: "Leert liever een vrouw kennen", "Would rather meet a woman";
    introduction_wishes_man: "Leert liever een man kennen", "Would rather meet a man";
    distance_walk: "Komt lopend", "Comes on foot";
    distance_cycle: "Komt op de fiets", "Comes by bicycle";
    distance_town: "Komt door de hele gemeente", "Comes anywhere in the municipality";
    distance_region: "Komt door de hele regio", "Comes anywhere in the region";
    part_morning(day): "{day}ochtend", "{day} morning";
    part_afternoon(day): "{day}middag", "{day} afternoon";
    part_evening(day): "{day}avond", "{day} evening";

    introduction_offered(day): "U kunt kiezen tot en met {day}. Doet u niets? Dan komt er geen kennismaking.", "You can choose up to and including {day}. If you do nothing, there is no introduction.";
    introduction_waiting(who):
        "{who} zei ja. Zegt de ander ook ja, dan hoort u het. Tot die tijd ziet u niet of de ander al koos.",
        "{who} said yes. If the other says yes too, you hear it. Until then you do not see whether the other chose already.";
    introduction_declined(who): "{who} zei nee. Niemand hoort dat.", "{who} said no. Nobody hears that.";
    introduction_trial(day): "Het is van beide kanten ja. U probeert het samen tot en met {day}. Stoppen mag altijd.", "Both sides said yes. You try it together up to and including {day}. You may always stop.";
    introduction_active: "U kent elkaar nu. Stoppen mag altijd.", "You know each other now. You may always stop.";
    introduction_contact(name): "{name} helpt u om contact te krijgen.", "{name} helps you to get in touch.";
    introduction_closed:
        "Het kwam niet tot een kennismaking. Waarom, hoort niemand: u niet en de ander niet.",
        "It did not come to an introduction. Nobody hears why: neither you nor the other.";
    introduction_ended: "Dit is gestopt.", "This has ended.";

    introduction_choose: "Kies: ja of nee", "Choose: yes or no";
    introduction_ask_title: "Wilt u deze persoon leren kennen?", "Do you want to get to know this person?";
    introduction_yes_means:
        "Zegt u ja, en zegt de ander ook ja? Dan helpt een organisatie u om contact te krijgen. U probeert het eerst een week.",
        "If you say yes, and the other says yes too, an organisation helps you to get in touch. You first try it for a week.";
    introduction_yes: "Ja, graag", "Yes, please";
    introduction_no: "Nee, dank u", "No, thank you";
    introduction_later: "Later kiezen", "Choose later";
    introduction_exclude:
        "Zeg ik nee? Stel mij deze persoon dan nooit meer voor. Niemand hoort dat.",
        "If I say no, never propose this person to me again. Nobody hears that.";
    introduction_end: "Stop hiermee", "Stop this";
    introduction_end_title: "Stoppen met deze persoon", "Stop with this person";
    introduction_end_what:
        "Het stopt meteen. De ander hoort dat het gestopt is, niet door wie en niet waarom.",
        "It stops at once. The other hears that it has ended, not by whom and not why.";
    introduction_end_known:
        "Dat u elkaar al kent, kunnen wij niet terughalen.",
        "That you know each other already, we cannot recall.";
    introduction_end_exclude:
        "Stel mij deze persoon ook nooit meer voor. Niemand hoort dat.",
        "Also never propose this person to me again. Nobody hears that.";
    introduction_said_yes: "U zei ja", "You said yes";
    introduction_said_no: "U zei nee", "You said no";
    introduction_has_ended: "Dit is gestopt", "This has ended";
    back_to_introductions: "Naar wie is voorgesteld", "Go to who was proposed";
}
