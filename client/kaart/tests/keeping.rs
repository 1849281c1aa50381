//! What is kept: signed as a whole, never back, whole or not at all, for its owner only.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use sluis_envelope::{DirectoryHead, KeyKind, SigningKey};
use sluis_kaart::{Change, Error, Kaart};
use sluis_ranking::{LongText, Offer, Question};

use crate::made::{NOW, plain};
use crate::signed::Directory;

fn open(folder: &Path, directory: &Directory) -> Kaart {
    Kaart::open(folder, directory.key(), NOW).expect("opens")
}

fn names(kaart: &Kaart) -> Vec<String> {
    let mut names: Vec<String> = kaart
        .offers()
        .expect("read")
        .iter()
        .map(|offer| offer.name.to_string())
        .collect();
    names.sort();
    names
}

/// A kept directory of two offers.
fn two(folder: &Path) -> (Directory, Kaart) {
    let mut directory = Directory::new();
    let mut kaart = open(folder, &directory);
    let changes = [
        directory.put(&plain(1, "Inloop")),
        directory.put(&plain(2, "Maatjes")),
    ];
    kaart.apply(&changes, directory.head(), NOW).expect("taken");
    (directory, kaart)
}

#[test]
fn an_increment_is_taken_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut directory, mut kaart) = two(folder.path());
    assert_eq!(
        (kaart.version(), names(&kaart)),
        (2, vec!["Inloop".to_owned(), "Maatjes".to_owned()])
    );
    let changes = [
        directory.remove(plain(1, "").id),
        directory.put(&plain(2, "Buddy's")),
        directory.put(&plain(3, "Koken")),
    ];
    kaart.apply(&changes, directory.head(), NOW).expect("taken");
    drop(kaart);
    let kaart = open(folder.path(), &directory);
    assert_eq!(
        (kaart.version(), names(&kaart)),
        (5, vec!["Buddy's".to_owned(), "Koken".to_owned()])
    );
    let found = kaart.find(&Question::default(), "koken").expect("searched");
    assert_eq!(found.offers.len(), 1, "the index was kept too");
}

#[test]
fn what_does_not_match_its_head_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut directory, mut kaart) = two(folder.path());
    let old = directory.head();
    let change = directory.put(&plain(3, "Koken"));
    let good = directory.body();
    let stranger = SigningKey::from_seed(KeyKind::Directory, &[8; 32]);
    let forged = sluis_envelope::Signed::sign(good.clone(), &stranger);
    let bad = |change: fn(&mut DirectoryHead)| {
        let mut body = good.clone();
        change(&mut body);
        directory.sign(body)
    };
    let another = Change::Put {
        offer_id: plain(3, "").id,
        document: plain(3, "Anders").encode().expect("an offer"),
    };
    for (what, changes, head) in [
        ("a stranger's head", vec![change.clone()], forged),
        (
            "another root",
            vec![change.clone()],
            bad(|head| head.root[0] ^= 1),
        ),
        (
            "another count",
            vec![change.clone()],
            bad(|head| head.entries += 1),
        ),
        (
            "an older version",
            vec![change.clone()],
            bad(|head| head.version = 1),
        ),
        (
            "something else at the same version",
            vec![change.clone()],
            bad(|head| head.version = 2),
        ),
        ("another document", vec![another], directory.head()),
        ("a change that is missing", vec![], directory.head()),
        (
            "one more change",
            vec![
                change.clone(),
                Change::Remove {
                    offer_id: plain(1, "").id,
                },
            ],
            directory.head(),
        ),
    ] {
        let refused = kaart.apply(&changes, head, NOW);
        assert!(matches!(refused, Err(Error::Head(_))), "{what}");
        assert_eq!((kaart.version(), names(&kaart).len()), (2, 2), "{what}");
    }
    kaart.apply(&[], old, NOW).expect("the same head again is fine");
    kaart
        .apply(&[change], directory.head(), NOW)
        .expect("the good one is still taken");
}

#[test]
fn a_file_that_ends_anywhere_holds_what_was_last_finished_or_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut directory, mut kaart) = two(folder.path());
    let path = folder.path().join("directory");
    let first = fs::metadata(&path).expect("there").len();
    let change = directory.put(&plain(3, "Koken"));
    kaart.apply(&[change], directory.head(), NOW).expect("taken");
    drop(kaart);
    let whole = fs::read(&path).expect("read");
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let kaart = open(folder.path(), &directory);
        let expected = match length {
            length if length == whole.len() => (3, 3),
            length if length as u64 >= first => (2, 2),
            _ => (0, 0),
        };
        assert_eq!((kaart.version(), names(&kaart).len()), expected, "{length} bytes");
    }
}

#[test]
fn a_file_that_was_changed_is_forgotten_and_fetched_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (directory, kaart) = two(folder.path());
    drop(kaart);
    let path = folder.path().join("directory");
    let whole = fs::read(&path).expect("read");
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).expect("written");
        let kaart = open(folder.path(), &directory);
        assert_eq!((kaart.version(), names(&kaart).len()), (0, 0), "byte {at}");
    }
    let mut kaart = open(folder.path(), &directory);
    kaart
        .apply(&directory.all(), directory.head(), NOW)
        .expect("fetched again");
    assert_eq!(names(&kaart).len(), 2);
    kaart.forget().expect("forgotten");
    assert_eq!((kaart.version(), names(&kaart).len()), (0, 0));
    assert!(
        kaart
            .find(&Question::default(), "")
            .expect("searched")
            .offers
            .is_empty()
    );
}

#[test]
fn another_key_starts_afresh() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, kaart) = two(folder.path());
    drop(kaart);
    let key = SigningKey::from_seed(KeyKind::Directory, &[9; 32]);
    let kaart = Kaart::open(folder.path(), key.verifying_key().clone(), NOW).expect("opens");
    assert_eq!((kaart.version(), names(&kaart).len()), (0, 0));
}

#[test]
fn what_is_dead_is_swept_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut directory, mut kaart) = two(folder.path());
    let length = || {
        fs::metadata(folder.path().join("directory"))
            .expect("there")
            .len()
    };
    let long = |number: usize| Offer {
        description: LongText::cut(&format!("{number} {}", "lang ".repeat(790))).0,
        ..plain(3, "Koken")
    };
    for number in 0..400 {
        let change = directory.put(&long(number));
        kaart.apply(&[change], directory.head(), NOW).expect("taken");
    }
    assert!(length() < 1_300_000, "{} bytes", length());
    assert_eq!((kaart.version(), names(&kaart).len()), (402, 3));
    drop(kaart);
    assert_eq!(open(folder.path(), &directory).version(), 402);
}

#[test]
fn everything_is_for_its_owner_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("kaart");
    let (_, kaart) = two(&inner);
    let mut open = vec![inner];
    let mut files = 0;
    while let Some(path) = open.pop() {
        let metadata = fs::metadata(&path).expect("there");
        let closed = metadata.permissions().mode() & 0o777;
        if metadata.is_dir() {
            assert_eq!(closed, 0o700, "{}", path.display());
            open.extend(
                fs::read_dir(&path)
                    .expect("listed")
                    .map(|entry| entry.expect("an entry").path()),
            );
        } else {
            assert_eq!(closed, 0o600, "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 2, "the directory and its index");
    drop(kaart);
}
