//! The places where a part can be exchanged for another one of the same trait.
//!
//! `sluisd` always uses [`Fittings::real`]. Tests fit a faulty part to show that a promise then breaks: the faulty
//! parts themselves live under `tests/`, and there is no configuration that reaches them.

use std::sync::Arc;

use sluis_consent::{LiveNow, Liveness};
use sluis_keyring::{BlindIndex, BucketKeys, EpochKeys, RowCodec};
use sluis_store::Journal;

/// Exchanges a part for another one.
pub type Fit<P> = Box<dyn Fn(Arc<P>) -> Arc<P> + Send + Sync>;

/// What stands at each place.
pub struct Fittings {
    /// Keeps bucket keys outside the database.
    pub bucket_keys: Fit<dyn BucketKeys>,
    /// Decides whether a grant is live.
    pub liveness: Arc<dyn Liveness>,
    /// Writes consent's leaves.
    pub consent_journal: Fit<dyn Journal>,
    /// Seals consent's rows.
    pub consent_codec: Fit<dyn RowCodec>,
    /// Blinds consent's lookups.
    pub consent_index: Fit<dyn BlindIndex>,
    /// Seals referral's rows.
    pub referral_codec: Fit<dyn RowCodec>,
    /// Blinds referral's lookups.
    pub referral_index: Fit<dyn BlindIndex>,
    /// Seals matching's rows.
    pub matching_codec: Fit<dyn RowCodec>,
    /// Blinds matching's lookups.
    pub matching_index: Fit<dyn BlindIndex>,
    /// Seals signalling's rows.
    pub signalling_codec: Fit<dyn RowCodec>,
    /// Blinds signalling's lookups.
    pub signalling_index: Fit<dyn BlindIndex>,
    /// Keeps the peppers of epochs outside the database.
    pub signalling_epochs: Fit<dyn EpochKeys>,
}

impl Fittings {
    /// The real parts.
    pub fn real() -> Self {
        Self {
            bucket_keys: Box::new(|part| part),
            liveness: Arc::new(LiveNow),
            consent_journal: Box::new(|part| part),
            consent_codec: Box::new(|part| part),
            consent_index: Box::new(|part| part),
            referral_codec: Box::new(|part| part),
            referral_index: Box::new(|part| part),
            matching_codec: Box::new(|part| part),
            matching_index: Box::new(|part| part),
            signalling_codec: Box::new(|part| part),
            signalling_index: Box::new(|part| part),
            signalling_epochs: Box::new(|part| part),
        }
    }
}

impl std::fmt::Debug for Fittings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fittings")
    }
}
