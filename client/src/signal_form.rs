//! What is inside a signal to its one recipient. The form has no more room than the law gives: where only what is owed
//! may be told, there is no place for a reason.

use serde::{Deserialize, Serialize};
use sluis_envelope::Scope;
use sluis_types::{
    CodeSet, DataKind, LegalArticle, LegalBasis, LifeDomain, OrganisationKind, Purpose, SignalBasis,
    SignalType,
};

use crate::{Error, Referrer, ResidentInformed};

/// Media type of the signal form.
pub const SIGNAL_FORM_JSON: &str = "application/vnd.sluis.signal+json";

/// Longest text of what was seen, or of what somebody makes of it, in characters.
pub const SIGNAL_TEXT_CHARS_MAX: usize = 1000;
/// Longest line of contact data, in characters: room for an address, and not for a story.
pub const CONTACT_LINE_CHARS_MAX: usize = 120;
/// Months of arrears at most that a form says; what is more is said as this.
pub const ARREARS_MONTHS_MAX: u8 = 60;
/// How serious a signal may be at most. What is acute is not for the mesh: call.
pub const SEVERITY_MAX: u8 = 3;

/// The bands in which an amount that is owed is told: never the amount itself.
pub const AMOUNT_BANDS: [&str; 5] = [
    "BELOW_500",
    "FROM_500_TO_1000",
    "FROM_1000_TO_2500",
    "FROM_2500_TO_5000",
    "FROM_5000",
];

/// A signal, version 1.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignalForm {
    /// Version of this form: 1.
    pub version: u32,
    /// What kind of worry, such as `RENT_ARREARS`.
    pub signal: String,
    /// On what it is told: `CONSENT`, or a legal basis such as `STATUTORY_DUTY`.
    pub basis: String,
    /// By which law, such as `BGS_RENT_ARREARS`; empty where the basis asks for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub article: String,
    /// Who the resident is to the recipient, and how to reach them.
    pub resident: SignalContact,
    /// What is owed: for arrears of rent and a threatening eviction, and for nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrears: Option<Arrears>,
    /// What was seen: for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<Observation>,
    /// Who signals, and how to call back.
    pub sender: Referrer,
    /// Whether and when the resident was told.
    pub resident_informed: ResidentInformed,
}

/// How to reach a resident: one line each, and at least one beside the name.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SignalContact {
    /// Name.
    pub name: String,
    /// Street, number, postcode, town.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub telephone: String,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
}

/// What is owed.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Arrears {
    /// One of [`AMOUNT_BANDS`].
    pub amount_band: String,
    /// For how many months: 1 to [`ARREARS_MONTHS_MAX`].
    pub months: u8,
    /// On which day the eviction is to be, `YYYY-MM-DD`: only where one threatens.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub eviction_on: String,
}

/// What was seen, and apart from it what somebody makes of it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// On which day, `YYYY-MM-DD`.
    pub observed_on: String,
    /// 1 attention, 2 worry, 3 serious.
    pub severity: u8,
    /// What was seen, in plain words.
    pub fact: String,
    /// What the professional makes of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub interpretation: String,
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
shows_nothing!(SignalForm, SignalContact, Arrears, Observation);

impl SignalForm {
    /// Reads and checks a form.
    ///
    /// # Errors
    /// [`Error::Malformed`] for JSON that is no form, or has a field that the form has no room for; [`Error::Invalid`]
    /// for one that lacks something or says what its kind may not say.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        let form: Self =
            serde_json::from_slice(json).map_err(|error| Error::malformed("the signal form", error))?;
        form.check()?;
        Ok(form)
    }

    /// What kind of worry.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name of none.
    pub fn signal_type(&self) -> Result<SignalType, Error> {
        SignalType::from_name(&self.signal).map_err(|_| Error::invalid("signal", "is no kind of signal"))
    }

    /// On what it is told.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name of none.
    pub fn signal_basis(&self) -> Result<SignalBasis, Error> {
        SignalBasis::from_name(&self.basis).ok_or_else(|| Error::invalid("basis", "is no legal basis"))
    }

    /// By which law.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name of none.
    pub fn legal_article(&self) -> Result<Option<LegalArticle>, Error> {
        match self.article.as_str() {
            "" => Ok(None),
            name => LegalArticle::from_name(name)
                .map(Some)
                .map_err(|_| Error::invalid("article", "is no law of the list")),
        }
    }

    /// Whether a signal of this kind may go from the one kind of organisation to the other on this basis. Sender and
    /// recipient both ask.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it may not.
    pub fn check_way(&self, sender: OrganisationKind, recipient: OrganisationKind) -> Result<(), Error> {
        if self
            .signal_type()?
            .may_travel(sender, recipient, self.signal_basis()?)
        {
            Ok(())
        } else {
            Err(Error::invalid(
                "signal",
                "may not go from this kind of organisation to that one on this basis",
            ))
        }
    }

    /// What the form contains, for the grant and the gate.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a kind that is none.
    pub fn scope(&self) -> Result<Scope, Error> {
        let signal = self.signal_type()?;
        let (domain, kind) = if signal.is_of_arrears() {
            (LifeDomain::Finances, DataKind::Financial)
        } else {
            (LifeDomain::LivingSafeHome, DataKind::Situation)
        };
        Ok(Scope::new(
            CodeSet::EMPTY.with(Purpose::Signal),
            CodeSet::EMPTY.with(domain),
            CodeSet::EMPTY.with(DataKind::Contact).with(kind),
        )?)
    }

    fn check(&self) -> Result<(), Error> {
        if self.version != 1 {
            return Err(Error::invalid("version", "only version 1 is known"));
        }
        let (signal, basis, article) = (self.signal_type()?, self.signal_basis()?, self.legal_article()?);
        let wants_article = matches!(
            basis,
            SignalBasis::Other(LegalBasis::StatutoryDuty | LegalBasis::PublicTask)
        );
        if wants_article != article.is_some() {
            return Err(Error::invalid(
                "article",
                "must be there exactly where the basis is a law",
            ));
        }
        self.resident.check()?;
        for (field, value) in [
            ("sender.name", &self.sender.name),
            ("sender.callback", &self.sender.callback),
        ] {
            line(field, value)?;
            if value.trim().is_empty() {
                return Err(Error::invalid(field, "is empty"));
            }
        }
        line("sender.function", &self.sender.function)?;
        if self.resident_informed.informed {
            day("resident_informed.on", &self.resident_informed.on)?;
        }
        match (signal.is_of_arrears(), &self.arrears, &self.observation) {
            (true, Some(arrears), None) => arrears.check(signal),
            (false, None, Some(observation)) => observation.check(),
            (true, ..) => Err(Error::invalid(
                "arrears",
                "must be there, and nothing else beside it",
            )),
            (false, ..) => Err(Error::invalid("observation", "must be there, and no arrears")),
        }
    }
}

/// One line, short, without control characters.
fn line(field: &'static str, value: &str) -> Result<(), Error> {
    if value.chars().count() > CONTACT_LINE_CHARS_MAX {
        return Err(Error::invalid(field, "is longer than a line of 120 characters"));
    }
    if value.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must be one line"));
    }
    Ok(())
}

fn day(field: &'static str, value: &str) -> Result<(), Error> {
    match value.parse::<jiff::civil::Date>() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::invalid(field, "is no date like 2026-11-23")),
    }
}

impl SignalContact {
    fn check(&self) -> Result<(), Error> {
        for (field, value) in [
            ("resident.name", &self.name),
            ("resident.address", &self.address),
            ("resident.telephone", &self.telephone),
            ("resident.email", &self.email),
        ] {
            line(field, value)?;
        }
        if self.name.trim().is_empty() {
            return Err(Error::invalid("resident.name", "is empty"));
        }
        if [&self.address, &self.telephone, &self.email]
            .iter()
            .all(|value| value.trim().is_empty())
        {
            return Err(Error::invalid("resident", "says no way to reach the resident"));
        }
        let dials = |character: char| character.is_ascii_digit() || " +-()".contains(character);
        if !self.telephone.chars().all(dials) {
            return Err(Error::invalid("resident.telephone", "is no telephone number"));
        }
        let is_email = self.email.is_empty()
            || (self.email.split('@').filter(|part| !part.is_empty()).count() == 2
                && self.email.matches('@').count() == 1
                && !self.email.chars().any(char::is_whitespace));
        if is_email {
            Ok(())
        } else {
            Err(Error::invalid("resident.email", "is no e-mail address"))
        }
    }
}

impl Arrears {
    fn check(&self, signal: SignalType) -> Result<(), Error> {
        if !AMOUNT_BANDS.contains(&self.amount_band.as_str()) {
            return Err(Error::invalid("arrears.amount_band", "is none of the bands"));
        }
        if !(1..=ARREARS_MONTHS_MAX).contains(&self.months) {
            return Err(Error::invalid("arrears.months", "must be 1 to 60"));
        }
        match (signal == SignalType::EvictionRisk, self.eviction_on.as_str()) {
            (_, "") => Ok(()),
            (true, on) => day("arrears.eviction_on", on),
            (false, _) => Err(Error::invalid("arrears.eviction_on", "is for EVICTION_RISK only")),
        }
    }
}

impl Observation {
    fn check(&self) -> Result<(), Error> {
        day("observation.observed_on", &self.observed_on)?;
        if !(1..=SEVERITY_MAX).contains(&self.severity) {
            return Err(Error::invalid(
                "observation.severity",
                "must be 1 to 3: what is acute is not for the mesh; call 112 or the crisis service",
            ));
        }
        if self.fact.trim().is_empty() {
            return Err(Error::invalid("observation.fact", "is empty"));
        }
        for (field, value) in [
            ("observation.fact", &self.fact),
            ("observation.interpretation", &self.interpretation),
        ] {
            if value.chars().count() > SIGNAL_TEXT_CHARS_MAX {
                return Err(Error::invalid(field, "is longer than 1000 characters"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "signal_form_tests.rs"]
mod tests;
