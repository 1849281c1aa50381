//! The offer as a JSON document: what is published, signed for, kept and handed on. `docs/matching.md` lists its fields.

use serde::{Deserialize, Serialize};
use sluis_types::Accessibility;
use sluis_types::{
    CapacityStatus, Code, CodeSet, Entrance, Law, LifeDomain, OfferKind, ProofCriterion, Provision,
    Timestamp, UnknownCode,
};

use crate::area::Area;
use crate::capacity::{Capacity, Weeks};
use crate::offer::{Address, Ages, Contact, Offer, Opening, Place, ProofBasis, VulnerabilityProof};
use crate::text::{InvalidOffer, Language, LongText, ShortText, Tag};

/// Longest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024;
/// Minutes in a day: the last moment at which something closes.
const DAY_MINUTES: u16 = 24 * 60;
/// All days of a week, as bits.
const ALL_DAYS: u8 = 0x7f;

/// The fields of an offer's document. A field that a reader does not know is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the field of `Offer` of that name")]
pub struct OfferDocument {
    pub id: String,
    pub publisher: String,
    pub organisation: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub kind: String,
    pub provision: String,
    pub law: String,
    pub life_domains: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_min: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_max: Option<u8>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub eligibility: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accessibility: Vec<String>,
    pub entrance: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerability_proof: Option<ProofDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub openings: Vec<OpeningDocument>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub costs: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub address_is_confidential: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressDocument>,
    #[serde(default, skip_serializing_if = "ContactDocument::is_empty")]
    pub contact: ContactDocument,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityDocument>,
    pub updated_at_seconds: i64,
}

/// Who says that a place is kwetsbaarproof: itself, unless somebody checked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "each field is the field of `VulnerabilityProof` of that name"
)]
pub struct ProofDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at_seconds: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<String>,
}

/// A time to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the field of `Opening` of that name")]
pub struct OpeningDocument {
    #[serde(default)]
    pub days: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_minutes: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_minutes: Option<u16>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A public address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the field of `Address` of that name")]
pub struct AddressDocument {
    #[serde(default)]
    pub line: String,
    #[serde(default)]
    pub postal_code: String,
    #[serde(default)]
    pub town: String,
}

/// Whom to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the field of `Contact` of that name")]
pub struct ContactDocument {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub function: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub page: String,
}

/// Whether there is room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the field of `Capacity` of that name")]
pub struct CapacityDocument {
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_weeks_min: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_weeks_max: Option<u16>,
    pub updated_at_seconds: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Offer {
    /// The offer in its document.
    ///
    /// # Errors
    /// [`InvalidOffer`] for the first field that is not what it should be.
    pub fn decode(document: &[u8]) -> Result<Self, InvalidOffer> {
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(InvalidOffer::new("document", "longer than allowed"));
        }
        let document: OfferDocument =
            serde_json::from_slice(document).map_err(|_| InvalidOffer::new("document", "not an offer"))?;
        document.try_into()
    }

    /// The offer's document: the same bytes for the same offer.
    ///
    /// # Errors
    /// [`InvalidOffer`] when the offer does not hold together or its document would be too long.
    pub fn encode(&self) -> Result<Vec<u8>, InvalidOffer> {
        self.check()?;
        let document = serde_json::to_vec(&OfferDocument::from(self))
            .map_err(|_| InvalidOffer::new("document", "cannot be written"))?;
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(InvalidOffer::new("document", "longer than allowed"));
        }
        Ok(document)
    }
}

impl TryFrom<OfferDocument> for Offer {
    type Error = InvalidOffer;

    fn try_from(document: OfferDocument) -> Result<Self, InvalidOffer> {
        let offer = Self {
            id: document
                .id
                .parse()
                .map_err(|_| InvalidOffer::new("id", "not an offer id"))?,
            publisher: document
                .publisher
                .parse()
                .map_err(|_| InvalidOffer::new("publisher", "not an OIN"))?,
            organisation: ShortText::new("organisation", &document.organisation)?,
            name: ShortText::new("name", &document.name)?,
            description: LongText::new("description", &document.description)?,
            kind: code("kind", OfferKind::from_name(&document.kind))?,
            provision: code("provision", Provision::from_name(&document.provision))?,
            law: code("law", Law::from_name(&document.law))?,
            life_domains: codes("life_domains", &document.life_domains, LifeDomain::from_name)?,
            areas: document
                .areas
                .iter()
                .map(|area| Area::parse(area))
                .collect::<Result<_, _>>()?,
            ages: Ages::new(document.age_min, document.age_max)?,
            eligibility: LongText::new("eligibility", &document.eligibility)?,
            languages: document
                .languages
                .iter()
                .map(|language| Language::parse(language))
                .collect::<Result<_, _>>()?,
            accessibility: codes("accessibility", &document.accessibility, Accessibility::from_name)?,
            entrance: code("entrance", Entrance::from_name(&document.entrance))?,
            proof: document.vulnerability_proof.map(TryInto::try_into).transpose()?,
            openings: document
                .openings
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            costs: ShortText::new("costs", &document.costs)?,
            place: place(document.address_is_confidential, document.address)?,
            contact: document.contact.try_into()?,
            tags: document
                .tags
                .iter()
                .map(|tag| Tag::parse(tag))
                .collect::<Result<_, _>>()?,
            capacity: document.capacity.map(TryInto::try_into).transpose()?,
            updated_at: moment("updated_at_seconds", document.updated_at_seconds)?,
        };
        offer.check()?;
        Ok(offer)
    }
}

impl From<&Offer> for OfferDocument {
    fn from(offer: &Offer) -> Self {
        Self {
            id: offer.id.to_string(),
            publisher: offer.publisher.to_string(),
            organisation: offer.organisation.to_string(),
            name: offer.name.to_string(),
            description: offer.description.to_string(),
            kind: offer.kind.name().to_owned(),
            provision: offer.provision.name().to_owned(),
            law: offer.law.name().to_owned(),
            life_domains: names(offer.life_domains, LifeDomain::name),
            areas: offer.areas.iter().map(Area::to_string).collect(),
            age_min: offer.ages.min(),
            age_max: offer.ages.max(),
            eligibility: offer.eligibility.to_string(),
            languages: offer.languages.iter().map(Language::to_string).collect(),
            accessibility: names(offer.accessibility, Accessibility::name),
            entrance: offer.entrance.name().to_owned(),
            vulnerability_proof: offer.proof.as_ref().map(Into::into),
            openings: offer.openings.iter().map(Into::into).collect(),
            costs: offer.costs.to_string(),
            address_is_confidential: offer.place == Place::Confidential,
            address: match &offer.place {
                Place::Public(address) => Some(address.into()),
                Place::Nowhere | Place::Confidential => None,
            },
            contact: (&offer.contact).into(),
            tags: offer.tags.iter().map(Tag::to_string).collect(),
            capacity: offer.capacity.as_ref().map(Into::into),
            updated_at_seconds: offer.updated_at.seconds(),
        }
    }
}

impl TryFrom<ProofDocument> for VulnerabilityProof {
    type Error = InvalidOffer;

    fn try_from(document: ProofDocument) -> Result<Self, InvalidOffer> {
        let basis = match (document.checked_by, document.checked_at_seconds) {
            (None, None) => ProofBasis::SelfDeclared,
            (Some(by), Some(at)) if !by.trim().is_empty() => ProofBasis::Checked {
                by: ShortText::new("vulnerability_proof.checked_by", &by)?,
                at: moment("vulnerability_proof.checked_at_seconds", at)?,
            },
            _ => {
                return Err(InvalidOffer::new(
                    "vulnerability_proof",
                    "who checked it goes with when",
                ));
            }
        };
        let criteria = codes(
            "vulnerability_proof.criteria",
            &document.criteria,
            ProofCriterion::from_name,
        )?;
        Ok(Self { basis, criteria })
    }
}

impl From<&VulnerabilityProof> for ProofDocument {
    fn from(proof: &VulnerabilityProof) -> Self {
        let (checked_by, checked_at_seconds) = match &proof.basis {
            ProofBasis::SelfDeclared => (None, None),
            ProofBasis::Checked { by, at } => (Some(by.to_string()), Some(at.seconds())),
        };
        Self {
            checked_by,
            checked_at_seconds,
            criteria: names(proof.criteria, ProofCriterion::name),
        }
    }
}

impl TryFrom<OpeningDocument> for Opening {
    type Error = InvalidOffer;

    fn try_from(document: OpeningDocument) -> Result<Self, InvalidOffer> {
        let times = [document.from_minutes, document.to_minutes];
        if document.days & !ALL_DAYS != 0 || times.into_iter().flatten().any(|minutes| minutes > DAY_MINUTES)
        {
            return Err(InvalidOffer::new("openings", "not a time of a week"));
        }
        Ok(Self {
            days: document.days,
            from: document.from_minutes,
            to: document.to_minutes,
            note: ShortText::new("openings.note", &document.note)?,
        })
    }
}

impl From<&Opening> for OpeningDocument {
    fn from(opening: &Opening) -> Self {
        Self {
            days: opening.days,
            from_minutes: opening.from,
            to_minutes: opening.to,
            note: opening.note.to_string(),
        }
    }
}

impl TryFrom<AddressDocument> for Address {
    type Error = InvalidOffer;

    fn try_from(document: AddressDocument) -> Result<Self, InvalidOffer> {
        Ok(Self {
            line: ShortText::new("address.line", &document.line)?,
            postal_code: ShortText::new("address.postal_code", &document.postal_code)?,
            town: ShortText::new("address.town", &document.town)?,
        })
    }
}

impl From<&Address> for AddressDocument {
    fn from(address: &Address) -> Self {
        Self {
            line: address.line.to_string(),
            postal_code: address.postal_code.to_string(),
            town: address.town.to_string(),
        }
    }
}

impl ContactDocument {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl TryFrom<ContactDocument> for Contact {
    type Error = InvalidOffer;

    fn try_from(document: ContactDocument) -> Result<Self, InvalidOffer> {
        Ok(Self {
            function: ShortText::new("contact.function", &document.function)?,
            phone: ShortText::new("contact.phone", &document.phone)?,
            email: ShortText::new("contact.email", &document.email)?,
            page: ShortText::new("contact.page", &document.page)?,
        })
    }
}

impl From<&Contact> for ContactDocument {
    fn from(contact: &Contact) -> Self {
        Self {
            function: contact.function.to_string(),
            phone: contact.phone.to_string(),
            email: contact.email.to_string(),
            page: contact.page.to_string(),
        }
    }
}

impl TryFrom<CapacityDocument> for Capacity {
    type Error = InvalidOffer;

    fn try_from(document: CapacityDocument) -> Result<Self, InvalidOffer> {
        let wait = match (document.wait_weeks_min, document.wait_weeks_max) {
            (None, None) => None,
            (min, Some(max)) => Some(Weeks::new(min.unwrap_or(0), max)?),
            (Some(min), None) => Some(Weeks::new(min, min)?),
        };
        Ok(Self {
            status: code("capacity.status", CapacityStatus::from_name(&document.status))?,
            wait,
            updated_at: moment("capacity.updated_at_seconds", document.updated_at_seconds)?,
            note: ShortText::new("capacity.note", &document.note)?,
        })
    }
}

impl From<&Capacity> for CapacityDocument {
    fn from(capacity: &Capacity) -> Self {
        Self {
            status: capacity.status.name().to_owned(),
            wait_weeks_min: capacity.wait.map(Weeks::min),
            wait_weeks_max: capacity.wait.map(Weeks::max),
            updated_at_seconds: capacity.updated_at.seconds(),
            note: capacity.note.to_string(),
        }
    }
}

/// A confidential address is refused when it comes along after all: nothing may hold it.
fn place(is_confidential: bool, address: Option<AddressDocument>) -> Result<Place, InvalidOffer> {
    match (is_confidential, address) {
        (true, Some(_)) => Err(InvalidOffer::new(
            "address",
            "confidential, so it may not be given",
        )),
        (true, None) => Ok(Place::Confidential),
        (false, Some(address)) => Ok(Place::Public(address.try_into()?)),
        (false, None) => Ok(Place::Nowhere),
    }
}

fn code<C>(field: &'static str, parsed: Result<C, UnknownCode>) -> Result<C, InvalidOffer> {
    parsed.map_err(|_| InvalidOffer::new(field, "unknown code"))
}

fn codes<C: Code>(
    field: &'static str,
    names: &[String],
    parse: fn(&str) -> Result<C, UnknownCode>,
) -> Result<CodeSet<C>, InvalidOffer> {
    names.iter().map(|name| code(field, parse(name))).collect()
}

fn names<C: Code>(set: CodeSet<C>, name: fn(C) -> &'static str) -> Vec<String> {
    set.iter().map(|value| name(value).to_owned()).collect()
}

fn moment(field: &'static str, seconds: i64) -> Result<Timestamp, InvalidOffer> {
    // Up to the year 9999, as calendars can show it.
    if (1..253_402_300_800).contains(&seconds) {
        Ok(Timestamp::from_seconds(seconds))
    } else {
        Err(InvalidOffer::new(field, "not a moment after 1970"))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
