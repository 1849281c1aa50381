//! How much a length says: padding in 256-byte steps up to 4 KiB, then Padmé (Nikitin et al., PoPETs 2019/4).

use crate::wire::FormatError;

/// Up to here lengths are rounded up to a multiple of [`STEP_BYTES`].
const SMALL_BYTES: u32 = 4096;
const STEP_BYTES: u32 = 256;

/// The length that `length` bytes are padded to. Above 4 KiB it is at most 12 % more.
///
/// Meant for lengths up to 2³¹; larger ones give `u32::MAX` at most.
pub const fn padded_length(length: u32) -> u32 {
    if length <= STEP_BYTES {
        return STEP_BYTES;
    }
    // With e = ⌊log2 length⌋, the low e − (⌊log2 e⌋ + 1) bits are rounded up.
    let low_bits = if length <= SMALL_BYTES {
        STEP_BYTES.ilog2()
    } else {
        let exponent = length.ilog2();
        exponent - (exponent.ilog2() + 1)
    };
    let mask = (1 << low_bits) - 1;
    length.saturating_add(mask) & !mask
}

/// Refuses padding that is not zero, or not as long as it should be.
pub(crate) fn check_padding(padding: &[u8]) -> Result<(), FormatError> {
    if padding.iter().fold(0, |all, byte| all | byte) == 0 {
        Ok(())
    } else {
        Err(FormatError::Invalid { field: "padding" })
    }
}

/// Coarse size of a message, in clear: the smallest c with 4 KiB · 2^c not below the padded bytes of content and
/// attachments together.
pub(crate) const fn size_class(padded_total: u64) -> u8 {
    let mut class = 0;
    while (SMALL_BYTES as u64) << class < padded_total {
        class += 1;
    }
    class
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_lengths() {
        for (length, padded) in [
            (0, 256),
            (256, 256),
            (257, 512),
            (4096, 4096),
            (4097, 4352),
            (10_000, 10_240),
            (65_536, 65_536),
            (65_537, 67_584),
            (25 * 1024 * 1024, 25 * 1024 * 1024),
            (25 * 1024 * 1024 - 1, 25 * 1024 * 1024),
        ] {
            assert_eq!(padded_length(length), padded, "{length}");
        }
        assert_eq!((size_class(256), size_class(4096), size_class(4097)), (0, 0, 1));
        assert_eq!(size_class(32 * 27_000_000), 18);
    }

    proptest! {
        #[test]
        fn padding_covers_is_idempotent_and_cheap(length in 0_u32..1 << 31) {
            let padded = padded_length(length);
            prop_assert!(padded >= length);
            prop_assert_eq!(padded_length(padded), padded);
            prop_assert!(length < 4096 || f64::from(padded) <= f64::from(length) * 1.12);
        }
    }
}
