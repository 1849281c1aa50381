//! The words for who acted, for purposes, life domains and kinds of data.

use super::texts;

texts! {
    who_you: "U", "You";
    who_your_representative: "Uw vertegenwoordiger", "Your representative";
    who_you_or_representative: "U of uw vertegenwoordiger", "You or your representative";
    who_resident: "De inwoner", "The resident";
    who_representative: "Een vertegenwoordiger", "A representative";
    who_resident_or_representative: "De inwoner of een vertegenwoordiger", "The resident or a representative";

    purpose_referral: "u te verwijzen naar hulp", "to refer you to help";
    purpose_feedback: "te laten weten hoe het gaat", "to tell how it is going";
    purpose_signal_combine: "zorgen over u samen te bekijken", "to look at worries about you together";
    purpose_case_meeting: "samen over uw situatie te praten", "to talk about your situation together";
    purpose_matching_offer: "hulp te zoeken die bij u past", "to find help that suits you";
    purpose_matching_peer: "u te koppelen aan een maatje of iemand met ervaring", "to match you with a buddy or somebody with experience";
    purpose_housing: "een woning voor u te regelen", "to arrange a home for you";
    purpose_home_visit: "bij u thuis te komen", "to visit you at home";
    purpose_monitoring: "te volgen of de hulp helpt", "to see whether the help helps";
    purpose_signal: "een zorg over u door te geven aan wie er iets aan kan doen", "to pass on a worry about you to whoever can do something about it";

    domain_living_safe_home: "goed wonen en veilig thuis", "living well and safe at home";
    domain_finances: "uw geld", "your money";
    domain_meaningful_day: "wat u overdag doet", "what you do during the day";
    domain_fitting_support: "hulp die bij u past", "help that suits you";
    domain_surroundings: "uw buurt en de mensen om u heen", "your area and the people around you";
    domain_living_safe_home_short: "Wonen", "Home";
    domain_finances_short: "Geld", "Money";
    domain_meaningful_day_short: "Dag", "Day";
    domain_fitting_support_short: "Hulp", "Help";
    domain_surroundings_short: "Buurt", "Area";

    kind_contact: "uw naam en hoe u te bereiken bent", "your name and how to reach you";
    kind_situation: "hoe het met u gaat", "how you are doing";
    kind_plan: "uw plan", "your plan";
    kind_care_summary: "een samenvatting van uw zorg", "a summary of your care";
    kind_medical: "medische gegevens", "medical data";
    kind_financial: "geld en schulden", "money and debts";
    kind_housing: "uw woning en huur", "your home and rent";
    kind_network: "familie, vrienden en buren", "family, friends and neighbours";
    kind_safety: "veiligheid", "safety";
    kind_document: "documenten", "documents";
}
