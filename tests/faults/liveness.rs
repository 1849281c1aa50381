//! A liveness that always says yes: a gate that skips the question.

use sluis_consent::{Liveness, Standing};
use sluis_types::Timestamp;

/// Whatever the grant's state, it is live.
#[derive(Debug)]
pub(super) struct AlwaysLive;

impl Liveness for AlwaysLive {
    fn is_live(&self, _: &Standing, _: Timestamp) -> bool {
        true
    }
}
