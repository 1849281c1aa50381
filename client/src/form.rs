//! What is inside a message: our referral form, FHIR R4 or plain text.
//!
//! The SDK checks a form before it seals it and reads its scope from it; it never changes a byte of it.

use serde::{Deserialize, Serialize};
use sluis_envelope::Scope;
use sluis_types::{CodeSet, DataKind, LifeDomain, OfferId, PlaceId, Purpose};

use crate::Error;

/// Media type of the referral form.
pub const REFERRAL_FORM_JSON: &str = "application/vnd.sluis.referral+json";
/// Media type of an [`Answer`].
pub const ANSWER_JSON: &str = "application/vnd.sluis.answer+json";
/// Media type of FHIR R4 resources in JSON.
pub const FHIR_JSON: &str = "application/fhir+json";
/// Media type of plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// A referral form, version 1: what a recipient needs to decide, in the resident's own order of things.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralForm {
    /// Version of this form: 1.
    pub version: u32,
    /// Who the resident is to the recipient, and how to reach them.
    pub resident: ResidentContact,
    /// The question (hulpvraag), in a few sentences.
    pub question: String,
    /// Why now.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// *Ik wil, ik kan, ik heb nodig.*
    pub plan: Plan,
    /// The life domains that it is about; at least one.
    pub life_domains: Vec<LifeDomainNote>,
    /// What was tried already.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tried: String,
    /// Language or communication need, visiting instructions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub practical: String,
    /// Which kinds of data the form and its attachments hold, such as `CONTACT`, `SITUATION`, `PLAN`; at least one.
    pub data_kinds: Vec<String>,
    /// Who refers, and how to call back.
    pub referrer: Referrer,
    /// Whether and when the resident was told.
    pub resident_informed: ResidentInformed,
    /// Whether the referrer would like to hear how it goes. Needs consent of its own.
    pub feedback_wanted: bool,
    /// The place of an offer of the recipient that is held for the resident, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<HeldPlace>,
}

/// A held place: the only thing that names it outside the mesh is the sealed referral of whom it is for.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HeldPlace {
    /// Of which offer, UUID form.
    pub offer_id: String,
    /// Which place, UUID form.
    pub place_id: String,
}

impl HeldPlace {
    /// The two ids, to claim the place with.
    ///
    /// # Errors
    /// [`Error::Invalid`] where one of them is none.
    pub fn ids(&self) -> Result<(OfferId, PlaceId), Error> {
        match (self.offer_id.parse(), self.place_id.parse()) {
            (Ok(offer), Ok(place)) => Ok((offer, place)),
            _ => Err(Error::invalid("place", "names no offer and place")),
        }
    }
}

/// Who the resident is to the recipient.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ResidentContact {
    /// Name as the resident wants to be called.
    pub name: String,
    /// Telephone, e-mail or address: what the resident wants to be reached by, and when.
    pub contact: String,
    /// A relative or representative to involve, if the resident wants that.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relative: String,
}

/// *Ik wil, ik kan, ik heb nodig*, in the resident's words.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// *Ik wil*: wishes.
    #[serde(default)]
    pub wish: Vec<String>,
    /// *Ik kan*: strengths.
    #[serde(default)]
    pub strength: Vec<String>,
    /// *Ik heb nodig*: needs.
    #[serde(default)]
    pub need: Vec<String>,
}

/// What there is to say on one life domain.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LifeDomainNote {
    /// Which one, such as `FITTING_SUPPORT`.
    pub domain: String,
    /// What there is to say.
    pub note: String,
}

/// Who refers.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Referrer {
    /// Name of the professional.
    pub name: String,
    /// Function.
    pub function: String,
    /// How to call back.
    pub callback: String,
}

/// Whether and when the resident was told.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ResidentInformed {
    /// Whether the resident knows of this referral.
    pub informed: bool,
    /// On which day, `YYYY-MM-DD`.
    pub on: String,
}

/// What a recipient answers, sealed: feedback, or the reason of a decision. Version 1.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Version of this form: 1.
    pub version: u32,
    /// Code of the reason, such as `OUT_OF_SCOPE`; empty where it is plain feedback.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What there is to say.
    pub text: String,
}

impl Answer {
    /// An answer, version 1.
    pub fn new(reason: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            version: 1,
            reason: reason.into(),
            text: text.into(),
        }
    }
}

impl ReferralForm {
    /// Reads and checks a form.
    ///
    /// # Errors
    /// [`Error::Malformed`] for JSON that is no form, [`Error::Invalid`] for a form that lacks what a recipient needs
    /// or names a code that does not exist.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let form: Self =
            serde_json::from_slice(json).map_err(|error| Error::malformed("the referral form", error))?;
        form.check()?;
        Ok(form)
    }

    /// Whether a body looks like our form at all, so that a mistake in it can be told apart from another form.
    pub fn is_meant(json: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Probe {
            question: Option<serde::de::IgnoredAny>,
            plan: Option<serde::de::IgnoredAny>,
        }
        serde_json::from_slice(json)
            .is_ok_and(|probe: Probe| probe.question.is_some() || probe.plan.is_some())
    }

    fn check(&self) -> Result<(), Error> {
        let required = [
            ("resident.name", &self.resident.name),
            ("resident.contact", &self.resident.contact),
            ("question", &self.question),
            ("referrer.name", &self.referrer.name),
            ("referrer.callback", &self.referrer.callback),
        ];
        if let Some((field, _)) = required.iter().find(|(_, value)| value.trim().is_empty()) {
            return Err(Error::invalid(field, "is empty"));
        }
        if self.version != 1 {
            return Err(Error::invalid("version", "only version 1 is known"));
        }
        if self.resident_informed.informed && self.resident_informed.on.parse::<jiff::civil::Date>().is_err()
        {
            return Err(Error::invalid(
                "resident_informed.on",
                "is no date like 2026-11-23",
            ));
        }
        if let Some(place) = &self.place {
            place.ids()?;
        }
        self.scope().map(|_| ())
    }

    /// What the form contains, for the grant and the gate: the purpose is a referral.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it names no life domain or kind of data, or an unknown one.
    pub fn scope(&self) -> Result<Scope, Error> {
        let domains = self
            .life_domains
            .iter()
            .map(|note| {
                LifeDomain::from_name(&note.domain)
                    .map_err(|_| Error::invalid("life_domains", format!("{} is none", note.domain)))
            })
            .collect::<Result<CodeSet<_>, _>>()?;
        let kinds = self
            .data_kinds
            .iter()
            .map(|kind| {
                DataKind::from_name(kind).map_err(|_| Error::invalid("data_kinds", format!("{kind} is none")))
            })
            .collect::<Result<CodeSet<_>, _>>()?;
        if domains.is_empty() || kinds.is_empty() {
            return Err(Error::invalid(
                "life_domains and data_kinds",
                "at least one of each",
            ));
        }
        Ok(Scope::new(
            CodeSet::EMPTY.with(Purpose::Referral),
            domains,
            kinds,
        )?)
    }
}

macro_rules! shows_nothing {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
shows_nothing!(
    ReferralForm,
    ResidentContact,
    Plan,
    LifeDomainNote,
    Referrer,
    ResidentInformed,
    HeldPlace,
    Answer
);

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> serde_json::Value {
        serde_json::json!({
            "version": 1,
            "resident": {"name": "Ans (verzonnen)", "contact": "06-00000000, na 14 uur"},
            "question": "Ans zoekt iemand die meedenkt over slapen en piekeren.",
            "plan": {"wish": ["rust in huis"], "strength": ["koken"], "need": ["een vast gezicht"]},
            "life_domains": [{"domain": "FITTING_SUPPORT", "note": "piekert 's nachts"}],
            "data_kinds": ["CONTACT", "SITUATION", "PLAN"],
            "referrer": {"name": "T. de Vries", "function": "consulent", "callback": "0412-000000"},
            "resident_informed": {"informed": true, "on": "2026-11-20"},
            "feedback_wanted": true
        })
    }

    #[test]
    fn a_whole_form_gives_its_scope_and_prints_nothing() {
        let form = ReferralForm::parse(form().to_string().as_bytes()).expect("a form");
        let scope = form.scope().expect("a scope");
        assert!(
            scope.data_kinds().contains(DataKind::Plan) && !scope.data_kinds().contains(DataKind::Medical)
        );
        assert_eq!(format!("{form:?}"), "ReferralForm(…)");
    }

    #[test]
    fn a_held_place_is_named_by_its_ids() {
        let mut with_place = form();
        let (offer_id, place_id) = (OfferId::from_bytes([1; 16]), PlaceId::from_bytes([2; 16]));
        with_place["place"] =
            serde_json::json!({"offer_id": offer_id.to_string(), "place_id": place_id.to_string()});
        let form = ReferralForm::parse(with_place.to_string().as_bytes()).expect("a form");
        let place = form.place.expect("a place");
        assert_eq!(place.ids().expect("two ids"), (offer_id, place_id));
        assert_eq!(format!("{place:?}"), "HeldPlace(…)");
        with_place["place"]["place_id"] = serde_json::json!("the blue one");
        assert!(ReferralForm::parse(with_place.to_string().as_bytes()).is_err());
    }

    #[test]
    fn what_a_recipient_needs_must_be_there() {
        for (pointer, bad) in [
            ("/resident/contact", serde_json::json!(" ")),
            ("/question", serde_json::json!("")),
            ("/life_domains", serde_json::json!([])),
            ("/life_domains/0/domain", serde_json::json!("LOVE")),
            ("/data_kinds", serde_json::json!(["BSN"])),
            ("/resident_informed/on", serde_json::json!("gisteren")),
            ("/version", serde_json::json!(2)),
        ] {
            let mut form = form();
            *form.pointer_mut(pointer).expect("in the form") = bad;
            assert!(
                ReferralForm::parse(form.to_string().as_bytes()).is_err(),
                "{pointer}"
            );
        }
        let mut unknown = form();
        unknown["bsn"] = serde_json::json!("999990019");
        assert!(ReferralForm::parse(unknown.to_string().as_bytes()).is_err());
        assert!(ReferralForm::is_meant(unknown.to_string().as_bytes()));
        assert!(!ReferralForm::is_meant(br#"{"resourceType":"ServiceRequest"}"#));
    }
}
