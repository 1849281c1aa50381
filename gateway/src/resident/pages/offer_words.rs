//! The words for languages that are spoken, and for what a place has.

use sluis_types::Accessibility;

use super::text::Language;

/// A spoken language by its ISO 639 code; one without a word here is shown as its code.
pub(super) fn spoken(code: &str, t: Language) -> String {
    let known = match code {
        "nl" => t.spoken_nl(),
        "en" => t.spoken_en(),
        "ar" => t.spoken_ar(),
        "de" => t.spoken_de(),
        "es" => t.spoken_es(),
        "fa" => t.spoken_fa(),
        "fr" => t.spoken_fr(),
        "pl" => t.spoken_pl(),
        "so" => t.spoken_so(),
        "ti" => t.spoken_ti(),
        "tr" => t.spoken_tr(),
        "uk" => t.spoken_uk(),
        other => return other.to_owned(),
    };
    known.to_owned()
}

/// What a place has for a body or a mind.
pub(super) fn accessibility(it: Accessibility, t: Language) -> &'static str {
    match it {
        Accessibility::Wheelchair => t.access_wheelchair(),
        Accessibility::AccessibleToilet => t.access_toilet(),
        Accessibility::Hearing => t.access_hearing(),
        Accessibility::Sight => t.access_sight(),
        Accessibility::LowStimulus => t.access_low_stimulus(),
        Accessibility::PublicTransport => t.access_public_transport(),
        Accessibility::Remote => t.access_remote(),
        Accessibility::PlainLanguage => t.access_plain_language(),
    }
}
