//! Sealing columns, and finding rows.

use std::num::NonZeroUsize;

use proptest::prelude::*;
use sluis_keyring::{BlindIndex, ColumnKeys, IndexKey, Key32, Location, OpenError, SEALED_OVERHEAD_BYTES};

use crate::seeded;

const AT: Location<'_> = Location::new("outbox", "payload", b"row 1");

fn keys(first: u8, older: &[u8]) -> ColumnKeys {
    let older = older.iter().map(|byte| Key32::new([*byte; 32])).collect();
    ColumnKeys::new(Key32::new([first; 32]), older, seeded(u64::from(first)))
}

#[test]
fn a_value_opens_at_its_own_place_only() {
    let keys = keys(1, &[]);
    let sealed = keys.seal(AT, b"value");
    assert_eq!(sealed.len(), 5 + SEALED_OVERHEAD_BYTES);
    assert_eq!(keys.open(AT, &sealed).unwrap().as_slice(), b"value");
    for elsewhere in [
        Location::new("inbox", "payload", b"row 1"),
        Location::new("outbox", "topic", b"row 1"),
        Location::new("outbox", "payload", b"row 2"),
        Location::new("outboxp", "ayload", b"row 1"),
        Location::new("outbox", "payloadr", b"ow 1"),
    ] {
        assert_eq!(keys.open(elsewhere, &sealed), Err(OpenError::NotAuthentic));
    }
}

#[test]
fn the_same_value_never_looks_the_same() {
    let keys = keys(1, &[]);
    assert_ne!(keys.seal(AT, b"value"), keys.seal(AT, b"value"));
}

#[test]
fn the_first_key_seals_and_all_open() {
    let (old, new, other) = (keys(1, &[]), keys(2, &[1]), keys(3, &[]));
    let (by_old, by_new) = (old.seal(AT, b"old"), new.seal(AT, b"new"));
    assert_eq!(new.open(AT, &by_old).unwrap().as_slice(), b"old");
    assert_eq!(new.open(AT, &by_new).unwrap().as_slice(), b"new");
    assert!(new.needs_rekey(&by_old) && !new.needs_rekey(&by_new));
    assert_eq!(old.open(AT, &by_new), Err(OpenError::UnknownKey));
    assert_eq!(other.open(AT, &by_old), Err(OpenError::UnknownKey));
}

#[test]
fn a_padded_length_says_less_and_opens_to_the_same_value() {
    let keys = keys(1, &[]);
    let step = NonZeroUsize::new(64).unwrap();
    let length = |plaintext: usize| keys.seal_padded(AT, &vec![7; plaintext], step).len();
    assert_eq!(length(0), 64 + SEALED_OVERHEAD_BYTES);
    assert_eq!(length(60), length(0));
    assert_eq!(length(61), 128 + SEALED_OVERHEAD_BYTES);
    let sealed = keys.seal_padded(AT, b"ends in zeros\0\0", step);
    assert_eq!(keys.open(AT, &sealed).unwrap().as_slice(), b"ends in zeros\0\0");
}

#[test]
fn a_padded_value_does_not_pass_for_an_exact_one() {
    let keys = keys(1, &[]);
    let mut sealed = keys.seal_padded(AT, b"value", NonZeroUsize::new(16).unwrap());
    assert_eq!(sealed[0], 2);
    sealed[0] = 1;
    assert_eq!(keys.open(AT, &sealed), Err(OpenError::NotAuthentic));
}

#[test]
fn what_is_no_sealed_value_is_refused() {
    let keys = keys(1, &[]);
    let sealed = keys.seal(AT, b"");
    for length in 0..sealed.len() {
        assert_eq!(keys.open(AT, &sealed[..length]), Err(OpenError::Malformed));
    }
    let mut unknown = sealed;
    unknown[0] = 3;
    assert_eq!(keys.open(AT, &unknown), Err(OpenError::Malformed));
    assert!(!keys.needs_rekey(&unknown));
}

#[test]
fn keys_do_not_print_themselves() {
    assert_eq!(format!("{:?}", keys(1, &[2])), "ColumnKeys(2 keys)");
    assert_eq!(format!("{:?}", IndexKey::new(Key32::new([1; 32]))), "IndexKey(…)");
}

#[test]
fn an_index_depends_on_label_parts_and_key() {
    let index = IndexKey::new(Key32::new([1; 32]));
    let value = index.index("grant", &[b"ab", b"c"]);
    assert_eq!(value, index.clone().index("grant", &[b"ab", b"c"]));
    let others = [
        index.index("thread", &[b"ab", b"c"]),
        index.index("grant", &[b"a", b"bc"]),
        index.index("grant", &[b"abc"]),
        index.index("grant", &[b"ab", b"c", b""]),
        IndexKey::new(Key32::new([2; 32])).index("grant", &[b"ab", b"c"]),
    ];
    assert!(!others.contains(&value));
}

proptest! {
    #[test]
    fn any_flipped_bit_is_refused(
        plaintext in prop::collection::vec(any::<u8>(), 0..80),
        byte: prop::sample::Index,
        bit in 0_u8..8,
    ) {
        let keys = keys(1, &[2]);
        let mut sealed = keys.seal(AT, &plaintext);
        let position = byte.index(sealed.len());
        sealed[position] ^= 1 << bit;
        prop_assert!(keys.open(AT, &sealed).is_err());
    }

    #[test]
    fn any_value_comes_back(plaintext in prop::collection::vec(any::<u8>(), 0..200), step in 1_usize..300) {
        let keys = keys(1, &[]);
        let exact = keys.seal(AT, &plaintext);
        prop_assert_eq!(keys.open(AT, &exact).unwrap().to_vec(), plaintext.clone());
        let padded = keys.seal_padded(AT, &plaintext, NonZeroUsize::new(step).unwrap());
        prop_assert_eq!((padded.len() - SEALED_OVERHEAD_BYTES) % step, 0);
        prop_assert_eq!(keys.open(AT, &padded).unwrap().to_vec(), plaintext.clone());
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(keys(1, &[]).open(AT, &bytes).is_err());
    }
}
