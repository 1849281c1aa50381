//! A profile comes back as it was made, and says what is wrong with it.

use std::time::Duration;

use sluis_types::{BlobId, MessageId, SeededRandomness, ThreadId};

use super::fixture::{NOW, oin, profile};
use super::*;

#[test]
fn a_profile_comes_back_as_it_was_made() {
    let (directory, first) = profile();
    let again = Profile::open(directory.path()).expect("opened again");
    assert_eq!(
        (again.oin(), again.display_name()),
        (oin(), "Welzijn (verzonnen)")
    );
    assert_eq!(again.fingerprint(), first.fingerprint());
    assert_eq!(again.keys.signing.id(), first.keys.signing.id());
    assert!(again.keys.certificate_chain.starts_with("-----BEGIN CERTIFICATE"));
    assert!(!again.keys.certificate_chain.contains("PRIVATE") && again.keys.tls_key.contains("PRIVATE"));
    assert!(
        private_file::open_to_others(&directory.path().join("keys"))
            .expect("walked")
            .is_empty()
    );
}

#[test]
fn no_key_prints_itself() {
    let (_directory, profile) = profile();
    let printed = format!("{profile:?}");
    assert!(!printed.contains("PRIVATE"), "{printed}");
    let seed = sluis_types::KeyId::from_bytes(*profile.keys.jwt.seed()).to_string();
    assert!(!printed.contains(&seed));
}

#[test]
fn what_is_missing_or_torn_is_said_without_panic() {
    let (directory, _) = profile();
    let at = |name: &str| directory.path().join(name);
    assert!(matches!(Profile::open(&at("elsewhere")), Err(Error::File { .. })));
    for (name, torn) in [
        ("profile.json", &b"{"[..]),
        ("keys/statement", b"short"),
        ("keys/tls.pem", b"no certificate"),
    ] {
        let whole = std::fs::read(at(name)).expect("there");
        std::fs::write(at(name), torn).expect("torn");
        assert!(
            matches!(Profile::open(directory.path()), Err(Error::Malformed { .. })),
            "{name}"
        );
        std::fs::write(at(name), whole).expect("mended");
    }
    assert!(Profile::open(directory.path()).is_ok());
}

#[test]
fn a_key_that_was_made_and_not_stated_is_not_used() {
    let (directory, first) = profile();
    let what = Rotation {
        sealing: true,
        signing: true,
        jwt: true,
    };
    let later = NOW.plus(Duration::from_hours(1));
    let fresh = Keys::rotate(directory.path(), what, later, &SeededRandomness::new(8)).expect("made");
    let again = Profile::open(directory.path()).expect("opened again");
    assert_eq!(again.keys.signing.id(), first.keys.signing.id());
    assert_eq!(again.keys.newest_sealing().id(), first.keys.newest_sealing().id());
    assert_eq!(
        again.keys.sealing.len(),
        2,
        "it stays, in case the registry has it after all"
    );
    assert!(!again.keys.due(later).sealing);
    let statement =
        Keys::next_statement(directory.path(), &first.keys.statement, fresh, later).expect("signed");
    Keys::store_statement(directory.path(), &statement).expect("stored");
    let again = Profile::open(directory.path()).expect("opened again");
    assert_ne!(again.keys.signing.id(), first.keys.signing.id());
    assert_ne!(again.keys.jwt.id(), first.keys.jwt.id());
    assert_ne!(again.keys.newest_sealing().id(), first.keys.newest_sealing().id());
    assert!(
        again
            .keys
            .statement
            .signing_key(&first.keys.signing.id(), later)
            .is_ok(),
        "old ones stay stated"
    );
}

#[test]
fn keys_are_due_by_their_age() {
    let (_directory, profile) = profile();
    let days = |days: u64| NOW.plus(Duration::from_hours(24 * days));
    let due = |at| {
        let due = profile.keys.due(at);
        (due.sealing, due.signing, due.jwt)
    };
    assert_eq!(due(days(29)), (false, false, false));
    assert_eq!(due(days(31)), (true, false, false));
    assert_eq!(due(days(210)), (true, true, true));
}

#[test]
fn labels_name_one_resident_each() {
    let (_directory, profile) = profile();
    let [one, other] = [Handle::from_bytes([1; 16]), Handle::from_bytes([2; 16])];
    profile.check_free_label("J.").expect("free");
    profile.name_resident("J.", one).expect("named");
    profile.name_resident("J.", one).expect("named again");
    assert!(matches!(
        profile.name_resident("J.", other),
        Err(Error::Invalid { .. })
    ));
    assert!(profile.check_free_label("J.").is_err());
    assert!(profile.name_resident("a\nb", other).is_err() && profile.name_resident(" ", other).is_err());
    assert_eq!(profile.resident("J.").expect("named"), one);
    assert_eq!(profile.resident(&other.expose()).expect("a handle"), other);
    assert!(matches!(profile.resident("K."), Err(Error::Unknown { .. })));
    assert_eq!(profile.label_of(&one).expect("read").as_deref(), Some("J."));
    assert_eq!(profile.label_of(&other).expect("read"), None);
    assert_eq!(profile.residents().expect("read"), [("J.".to_owned(), one)]);
}

#[test]
fn threads_and_kept_copies_come_back() {
    let (directory, _) = profile();
    let path = directory.path();
    let randomness = SeededRandomness::new(9);
    let (thread, message) = (ThreadId::random(&randomness), MessageId::fresh(NOW, &randomness));
    let scope = sluis_envelope::Scope::new(
        sluis_types::CodeSet::EMPTY.with(sluis_types::Purpose::Referral),
        sluis_types::CodeSet::EMPTY.with(sluis_types::LifeDomain::Finances),
        sluis_types::CodeSet::EMPTY.with(sluis_types::DataKind::Plan),
    )
    .expect("a scope");
    let handle = Handle::from_bytes([3; 16]);
    assert!(matches!(
        Conversation::load(path, thread),
        Err(Error::Unknown { .. })
    ));
    Conversation::new(oin(), handle, message, &scope)
        .store(path, thread)
        .expect("stored");
    let known = Conversation::load(path, thread).expect("loaded");
    assert_eq!(
        (known.counterpart, known.resident, known.latest),
        (oin(), handle, message)
    );
    assert_eq!(
        (known.life_domains, known.data_kinds),
        (scope.life_domains(), scope.data_kinds())
    );
    assert!(!format!("{known:?}").contains(&handle.expose()));

    let blob = BlobId::random(&randomness);
    Kept::new(oin(), handle, NOW, &[blob])
        .store(path, message, b"manifest", b"copy")
        .expect("stored");
    let (kept, manifest, copy) = Kept::load(path, message).expect("loaded");
    assert_eq!(
        (
            kept.recipient().expect("an OIN"),
            kept.handle().expect("a handle")
        ),
        (oin(), handle)
    );
    assert_eq!(
        (manifest.as_slice(), copy.as_slice()),
        (&b"manifest"[..], &b"copy"[..])
    );
    assert_eq!(Kept::list(path).expect("listed"), [message]);
    Kept::forget(path, message)
        .and_then(|()| Kept::forget(path, message))
        .expect("forgotten, twice");
    assert!(matches!(Kept::load(path, message), Err(Error::Unknown { .. })));
}
