//! Counts the costly operations of this process. An answer that must not tell why it says no (promise P6) is
//! tested to cost the same operations as any other; operators see the counts as metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How often this process did each costly operation since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// HPKE sealings.
    pub hpke_seal: u64,
    /// HPKE openings, failed ones too.
    pub hpke_open: u64,
    /// Ed25519 signatures made.
    pub sign: u64,
    /// Ed25519 signatures checked, bad ones too.
    pub verify: u64,
}

#[derive(Clone, Copy)]
pub(crate) enum Operation {
    HpkeSeal,
    HpkeOpen,
    Sign,
    Verify,
}

static COUNTS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];

pub(crate) fn count(operation: Operation) {
    COUNTS[operation as usize].fetch_add(1, Relaxed);
}

/// The counts so far.
pub fn operation_counts() -> OperationCounts {
    let read = |operation: Operation| COUNTS[operation as usize].load(Relaxed);
    OperationCounts {
        hpke_seal: read(Operation::HpkeSeal),
        hpke_open: read(Operation::HpkeOpen),
        sign: read(Operation::Sign),
        verify: read(Operation::Verify),
    }
}
