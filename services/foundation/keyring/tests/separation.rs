//! The bucket keys' directory lies apart from the data.

use std::os::unix::fs::symlink;

use sluis_keyring::{NestedDirectoriesError, refuse_nested};

#[test]
fn directories_that_lie_apart_are_taken_whether_they_exist_or_not() {
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    refuse_nested(&at("data"), &at("data-buckets")).unwrap();
    std::fs::create_dir_all(at("data")).unwrap();
    refuse_nested(&at("data"), &at("buckets/deep")).unwrap();
    refuse_nested(&at("data/.."), &at("data")).unwrap_err();
    refuse_nested(&at("data/../data2"), &at("data")).unwrap();
}

#[test]
fn one_inside_the_other_is_refused_both_ways() {
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    std::fs::create_dir_all(at("data/deep")).unwrap();
    for (data, buckets) in [
        ("data", "data"),
        ("data", "data/buckets"),
        ("data", "data/deep/er"),
        ("data/deep", "data"),
        ("absent", "absent/buckets"),
        ("data/../data", "data/deep"),
    ] {
        let refused = refuse_nested(&at(data), &at(buckets)).unwrap_err();
        assert!(
            matches!(refused, NestedDirectoriesError::Nested { .. }),
            "{data} {buckets}"
        );
    }
}

#[test]
fn a_symbolic_link_hides_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let at = |name: &str| temporary.path().join(name);
    std::fs::create_dir_all(at("data")).unwrap();
    symlink(at("data"), at("link")).unwrap();
    assert!(refuse_nested(&at("data"), &at("link/buckets")).is_err());
    assert!(refuse_nested(&at("link"), &at("data/buckets")).is_err());
    symlink(at("data/later"), at("dangling")).unwrap();
    assert!(matches!(
        refuse_nested(&at("data"), &at("dangling/buckets")),
        Err(NestedDirectoriesError::Unresolved { .. })
    ));
}
