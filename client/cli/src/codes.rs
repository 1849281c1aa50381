//! Codes of the domain on the command line and on the screen.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use sluis_client::{DeferralReason, MatchOutcome, Severity};
use sluis_envelope::Scope;
use sluis_ranking::{Area, Language, Tag};
use sluis_types::DeferralReason as BasisDeferral;
use sluis_types::{
    Accessibility, BasisCheck, CapacityStatus, CardRole, CodeSet, DataKind, DistanceBand, Entrance, Gender,
    HomeAccess, HousingMove, LeaseKind, LegalArticle, LegalBasis, LifeDomain, MatchClass, OfferKind,
    Priority, ProfessionalRole, Purpose, ReviewOutcome, SignalType, SizeBand, SupportBand,
};

macro_rules! parsers {
    ($($(#[$meta:meta])* $name:ident: $list:ident;)+) => {$(
        $(#[$meta])*
        pub(crate) fn $name() -> impl TypedValueParser<Value = $list> {
            PossibleValuesParser::new($list::ALL.iter().map(|code| code.name()))
                .try_map(|text| $list::from_name(&text.to_ascii_uppercase()))
        }
    )+};
}

parsers! {
    /// Reads a purpose.
    purposes: Purpose;
    /// Reads a life domain.
    life_domains: LifeDomain;
    /// Reads a kind of data.
    data_kinds: DataKind;
    /// Reads a priority.
    priorities: Priority;
    /// Reads a role.
    roles: ProfessionalRole;
    /// Reads a legal basis.
    legal_bases: LegalBasis;
    /// Reads a law.
    legal_articles: LegalArticle;
    /// Reads what is stated of a legal basis.
    basis_checks: BasisCheck;
    /// Reads why a resident is told of a legal basis later.
    basis_deferrals: BasisDeferral;
    /// Reads what a review found.
    review_outcomes: ReviewOutcome;
    /// Reads what a place has.
    accessibility: Accessibility;
    /// Reads a kind of offer.
    offer_kinds: OfferKind;
    /// Reads a way in.
    entrances: Entrance;
    /// Reads whether there is room.
    capacity_statuses: CapacityStatus;
    /// Reads what somebody wants of an introduction.
    card_roles: CardRole;
    /// Reads a distance.
    distances: DistanceBand;
    /// Reads a gender.
    genders: Gender;
    /// Reads the size of a home.
    home_sizes: SizeBand;
    /// Reads how much support comes along.
    support_bands: SupportBand;
    /// Reads in whose name a lease is.
    leases: LeaseKind;
    /// Reads what a home must have.
    home_access: HomeAccess;
    /// Reads a step on the way to a home.
    housing_moves: HousingMove;
    /// Reads a sort of worry that may meet.
    match_classes: MatchClass;
    /// Reads how serious a worry is.
    severities: Severity;
    /// Reads why a resident is not told yet.
    deferral_reasons: DeferralReason;
    /// Reads how a match ended.
    outcomes: MatchOutcome;
}

/// Reads a CBS code of a gemeente, wijk or buurt.
pub(crate) fn area(text: &str) -> Result<Area, String> {
    Area::parse(text).map_err(|_| "a CBS code is GM0828, WK082803 or BU08280301".to_owned())
}

/// Reads a language.
pub(crate) fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).map_err(|_| "a language is an ISO 639 code such as nl or tig".to_owned())
}

/// Reads a tag.
pub(crate) fn tag(text: &str) -> Result<Tag, String> {
    Tag::parse(text).map_err(|_| "a tag is a word or two such as samen-eten".to_owned())
}

/// What somebody would write down as a signal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DraftType {
    /// A type of the closed list.
    Signal(SignalType),
    /// Violence: no signal. It is read, so that it can be answered with whom to call.
    Violence,
}

/// The word for violence where a type of signal is asked for.
const VIOLENCE: &str = "SAFETY_VIOLENCE";

/// Reads a type of signal.
pub(crate) fn signal_types() -> impl TypedValueParser<Value = DraftType> {
    let names = SignalType::ALL.iter().map(|kind| kind.name());
    PossibleValuesParser::new(names.chain([VIOLENCE])).try_map(|text| {
        let text = text.to_ascii_uppercase();
        if text == VIOLENCE {
            return Ok(DraftType::Violence);
        }
        SignalType::from_name(&text).map(DraftType::Signal)
    })
}

/// What a message is about, where it does not say so itself.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What it is about")]
pub(crate) struct ScopeArguments {
    /// What the content is for; may be repeated [default: REFERRAL, or FEEDBACK when it is feedback]
    #[arg(long = "purpose", value_name = "CODE", value_parser = purposes(), ignore_case = true)]
    pub(crate) purposes: Vec<Purpose>,
    /// A life domain that it is about; may be repeated
    #[arg(long = "domain", value_name = "CODE", value_parser = life_domains(), ignore_case = true)]
    pub(crate) domains: Vec<LifeDomain>,
    /// A kind of data that it holds; may be repeated
    #[arg(long = "data", value_name = "CODE", value_parser = data_kinds(), ignore_case = true)]
    pub(crate) data: Vec<DataKind>,
}

impl ScopeArguments {
    /// Whether none was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.purposes.is_empty() && self.domains.is_empty() && self.data.is_empty()
    }

    /// The scope that they say, with a purpose where none was given; none where a domain or kind is missing.
    pub(crate) fn scope(&self, purpose: Purpose) -> Option<Scope> {
        let purposes = if self.purposes.is_empty() {
            vec![purpose]
        } else {
            self.purposes.clone()
        };
        let domains: CodeSet<LifeDomain> = self.domains.iter().copied().collect();
        let data: CodeSet<DataKind> = self.data.iter().copied().collect();
        Scope::new(purposes.into_iter().collect(), domains, data).ok()
    }
}

/// A code as a person reads it: `FITTING_SUPPORT` → `fitting support`.
pub(crate) fn words(code: &str) -> String {
    code.to_ascii_lowercase().replace('_', " ")
}

/// Codes as a person reads them, with commas.
pub(crate) fn list(codes: impl IntoIterator<Item = &'static str>) -> String {
    codes.into_iter().map(words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_needs_domain_and_kind_and_has_a_purpose() {
        let arguments = ScopeArguments {
            domains: vec![LifeDomain::Finances],
            ..ScopeArguments::default()
        };
        assert!(arguments.scope(Purpose::Referral).is_none() && !arguments.is_empty());
        let arguments = ScopeArguments {
            data: vec![DataKind::Plan],
            ..arguments
        };
        let scope = arguments.scope(Purpose::Feedback).expect("a scope");
        assert_eq!(scope.purposes(), CodeSet::EMPTY.with(Purpose::Feedback));
    }

    #[test]
    fn codes_read_as_words() {
        assert_eq!(list(["FITTING_SUPPORT", "FINANCES"]), "fitting support, finances");
    }
}
