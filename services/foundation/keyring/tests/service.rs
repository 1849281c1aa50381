//! Loading, making and rotating the keys of a service.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sluis_keyring::{BlindIndex, KeyFileError, KeysError, Location, ServiceKeys};

use crate::seeded;

const AT: Location<'_> = Location::new("table", "column", b"row");

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("the path is there")
        .permissions()
        .mode()
        & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("we own the path");
}

#[test]
fn what_is_made_once_is_loaded_again() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("deep/keys");
    let made = ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    let sealed = made.columns().seal(AT, b"value");
    let log = made.secret("log").unwrap();
    for loaded in [
        ServiceKeys::load_or_create(&dir, seeded(2)).unwrap(),
        ServiceKeys::load(&dir, seeded(3)).unwrap(),
    ] {
        assert_eq!(loaded.columns().open(AT, &sealed).unwrap().as_slice(), b"value");
        assert_eq!(loaded.index().index("a", &[]), made.blind_index().index("a", &[]));
        assert!(loaded.secret("log").unwrap() == log);
    }
    assert!(made.secret("caller-token").unwrap() != log);
}

#[test]
fn only_the_owner_can_read_what_is_made() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    let keys = ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    keys.secret("log").unwrap();
    assert_eq!(mode(&dir), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort_unstable();
    assert_eq!(names, ["column.keys", "index.key", "keys.lock", "secret-log.key"]);
}

#[test]
fn what_others_can_read_is_refused_with_the_remedy() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    let keys = ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    keys.secret("log").unwrap();

    set_mode(&dir, 0o750);
    for refused in [
        ServiceKeys::load_or_create(&dir, seeded(1)),
        ServiceKeys::load(&dir, seeded(1)),
    ] {
        let KeysError::File(error) = refused.unwrap_err() else {
            panic!("the permissions are at fault");
        };
        assert!(matches!(error, KeyFileError::Permissions { mode: 0o750, .. }));
        assert!(error.to_string().contains("chmod go-rwx"));
    }
    set_mode(&dir, 0o700);

    set_mode(&dir.join("secret-log.key"), 0o644);
    assert!(matches!(
        keys.secret("log"),
        Err(KeysError::File(KeyFileError::Permissions { mode: 0o644, .. }))
    ));
    set_mode(&dir.join("index.key"), 0o604);
    assert!(ServiceKeys::load(&dir, seeded(1)).is_err());
}

#[test]
fn loading_makes_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    assert!(matches!(
        ServiceKeys::load(&dir, seeded(1)),
        Err(KeysError::File(KeyFileError::Missing { .. }))
    ));
    assert!(!dir.exists());
    ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    let loaded = ServiceKeys::load(&dir, seeded(1)).unwrap();
    assert!(matches!(
        loaded.secret("log"),
        Err(KeysError::File(KeyFileError::Missing { .. }))
    ));
    assert!(!dir.join("secret-log.key").exists());
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    let path = dir.join("column.keys");
    let whole = fs::read_to_string(&path).unwrap();
    for damaged in [
        "",
        "\n",
        &whole[..63],
        &format!("{whole}x"),
        &format!("{whole}\n"),
    ] {
        fs::write(&path, damaged).unwrap();
        assert!(matches!(
            ServiceKeys::load_or_create(&dir, seeded(1)),
            Err(KeysError::File(KeyFileError::Malformed { .. }))
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[test]
fn what_a_crash_left_half_written_is_not_in_the_way() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    fs::write(dir.join("column.keys.tmp"), "half").unwrap();
    fs::write(dir.join("secret-log.key.tmp"), "half").unwrap();
    ServiceKeys::rotate_column_key(&dir, &*seeded(2)).unwrap();
    let keys = ServiceKeys::load_or_create(&dir, seeded(3)).unwrap();
    keys.secret("log").unwrap();
    assert!(!dir.join("column.keys.tmp").exists() && !dir.join("secret-log.key.tmp").exists());
}

#[test]
fn rotation_seals_with_a_new_key_and_opens_with_the_old() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    let before = ServiceKeys::load_or_create(&dir, seeded(1)).unwrap();
    let sealed = before.columns().seal(AT, b"value");
    ServiceKeys::rotate_column_key(&dir, &*seeded(2)).unwrap();
    let after = ServiceKeys::load(&dir, seeded(3)).unwrap();
    assert_eq!(after.columns().open(AT, &sealed).unwrap().as_slice(), b"value");
    assert!(after.columns().needs_rekey(&sealed));
    assert!(
        before
            .columns()
            .open(AT, &after.columns().seal(AT, b"new"))
            .is_err()
    );
}

#[test]
fn many_that_start_at_once_agree_on_the_keys() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("keys");
    let secrets: Vec<_> = std::thread::scope(|scope| {
        let starters: Vec<_> = (0..8)
            .map(|seed| {
                let dir = &dir;
                scope.spawn(move || {
                    let keys = ServiceKeys::load_or_create(dir, seeded(seed)).unwrap();
                    (
                        keys.index().index("a", &[]),
                        *keys.secret("log").unwrap().expose(),
                    )
                })
            })
            .collect();
        starters
            .into_iter()
            .map(|starter| starter.join().unwrap())
            .collect()
    });
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
}

#[test]
fn the_environment_gives_keys_and_never_makes_them() {
    let key = |digit: &str| digit.repeat(64);
    let variables = HashMap::from([
        ("SLUIS_CONSENT_COLUMN_KEYS", format!("{}, {}", key("b"), key("a"))),
        ("SLUIS_CONSENT_INDEX_KEY", key("c")),
        ("SLUIS_CONSENT_SECRET_CALLER_TOKEN", key("D")),
        ("OLD_COLUMN_KEYS", key("a")),
        ("OLD_INDEX_KEY", key("c")),
        ("SHORT_COLUMN_KEYS", key("a")),
        ("SHORT_INDEX_KEY", "abc".to_owned()),
    ]);
    let load = |prefix: &str| {
        let variables = variables.clone();
        ServiceKeys::from_environment(prefix, move |name| variables.get(name).cloned(), seeded(1))
    };
    let keys = load("SLUIS_CONSENT").unwrap();
    let old = load("OLD").unwrap().columns().seal(AT, b"value");
    assert_eq!(keys.columns().open(AT, &old).unwrap().as_slice(), b"value");
    assert!(keys.columns().needs_rekey(&old));
    assert_eq!(keys.secret("caller-token").unwrap().expose(), &[0xdd; 32]);
    assert!(
        matches!(keys.secret("log"), Err(KeysError::NotSet { name }) if name == "SLUIS_CONSENT_SECRET_LOG")
    );
    assert!(matches!(load("NONE"), Err(KeysError::NotSet { .. })));
    let invalid = load("SHORT").unwrap_err();
    assert!(matches!(&invalid, KeysError::Invalid { name } if name == "SHORT_INDEX_KEY"));
    assert!(!invalid.to_string().contains("abc"), "an error shows no key");
}

#[test]
fn a_secret_has_a_plain_name() {
    let temporary = tempfile::tempdir().unwrap();
    let keys = ServiceKeys::load_or_create(&temporary.path().join("keys"), seeded(1)).unwrap();
    for name in ["", "../log", "Log", "log\0", "a/b", &"a".repeat(49)] {
        assert!(matches!(keys.secret(name), Err(KeysError::Name)), "{name}");
    }
    assert!(keys.secret(&"a".repeat(48)).is_ok());
    assert_eq!(format!("{keys:?}"), "ServiceKeys(…)");
}
