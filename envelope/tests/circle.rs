//! A circle from its secret to an opened contact box, and everything that must not work on the way.

use std::time::Duration;

use sluis_envelope::{
    BoxPlace, CirclePost, EnvelopeError, GateError, KeyKind, MatchStatement, OpenRequest, Opener,
    SealedBundle, Sealer, Signed, SigningKey, StatementError, Suite, Verified,
};
use sluis_types::{BoxId, Epoch, MatchClass, MessageKind};

use crate::mesh::{Mesh, NOW, content, match_key};
use crate::vectors::circle::{bundle, circle, contact_box};

fn circle_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Circle, &[KeyKind::Circle.number(); 32])
}

fn post(mesh: &Mesh) -> Verified<CirclePost> {
    let own = bundle(mesh, &circle(mesh), mesh.sender.oin);
    let post = own.post(MatchClass::StateOfHome, Epoch::of(NOW)).unwrap();
    post.verify(circle_key().verifying_key(), NOW).unwrap()
}

#[test]
fn members_meet_at_one_tag_and_each_has_its_own_posts_only() {
    let mesh = Mesh::new(1);
    let circle = circle(&mesh);
    let (one, other) = (
        bundle(&mesh, &circle, mesh.sender.oin),
        bundle(&mesh, &circle, mesh.recipient.oin),
    );
    let key = circle_key();
    let mut seen = Vec::new();
    for class in one.classes() {
        for epoch in one.epochs() {
            let mine = one.post(class, epoch).unwrap();
            let theirs = other.post(class, epoch).unwrap();
            assert_eq!(mine.unverified().tag, theirs.unverified().tag);
            assert!(
                !seen.contains(&mine.unverified().tag),
                "no two epochs or classes share a tag"
            );
            seen.push(mine.unverified().tag.clone());
            let verified = mine.verify(key.verifying_key(), epoch.starts()).unwrap();
            assert_eq!(verified.permits(mesh.sender.oin), Ok(()));
            assert_eq!(
                verified.permits(mesh.recipient.oin),
                Err(StatementError::Mismatch {
                    field: "organisation"
                })
            );
        }
    }
    assert_eq!(one.post(MatchClass::Carer, Epoch::of(NOW)), None);
    assert_eq!(one.post(MatchClass::StateOfHome, Epoch::of(NOW).later(3)), None);
    assert_eq!(one.post(MatchClass::StateOfHome, Epoch::from_number(1)), None);
}

#[test]
fn a_post_is_for_its_epoch_to_the_microsecond() {
    let mesh = Mesh::new(2);
    let own = bundle(&mesh, &circle(&mesh), mesh.sender.oin);
    let epoch = Epoch::of(NOW).later(1);
    let verify = |micros: i64| {
        let at = sluis_types::Timestamp::from_micros(epoch.starts().micros() + micros);
        let post = own.post(MatchClass::StateOfHome, epoch).unwrap();
        post.verify(circle_key().verifying_key(), at).map(drop)
    };
    let week = i64::try_from(Duration::from_hours(168).as_micros()).unwrap();
    assert_eq!(verify(-1), Err(StatementError::NotYetValid));
    assert_eq!(verify(0), Ok(()));
    assert_eq!(verify(week - 1), Ok(()));
    assert_eq!(verify(week), Err(StatementError::Expired));
}

#[test]
fn a_bundle_is_for_its_member_and_nobody_seals_it_to_another() {
    let mesh = Mesh::new(3);
    let own = bundle(&mesh, &circle(&mesh), mesh.sender.oin);
    assert_eq!(
        SealedBundle::seal(&own, &mesh.recipient.sealing_key(), &mesh.randomness),
        Err(EnvelopeError::WrongOrganisation)
    );
    let sealed = SealedBundle::seal(&own, &mesh.sender.sealing_key(), &mesh.randomness).unwrap();
    let opened = SealedBundle::parse(&sealed)
        .unwrap()
        .open(mesh.sender.oin, &mesh.sender.sealing)
        .unwrap();
    assert_eq!(opened, own);
    assert_eq!(opened.verify(circle_key().verifying_key()), Ok(()));
    assert_eq!(format!("{opened:?}"), "CircleBundle(2 classes, …)");
}

#[test]
fn a_contact_box_goes_from_a_bundle_to_another_member_only() {
    let mesh = Mesh::new(4);
    let circle = circle(&mesh);
    let own = bundle(&mesh, &circle, mesh.sender.oin);
    let draft = |kind| {
        let mut draft = mesh.draft();
        draft.kind = kind;
        draft
    };
    let refused = |kind, to: &crate::mesh::Organisation| {
        Sealer::contact_box(draft(kind), &own, &to.sealing_key(), &mesh.sender.signing)
            .map(drop)
            .unwrap_err()
    };
    assert_eq!(
        refused(MessageKind::ContactBox, &mesh.sender),
        EnvelopeError::WrongOrganisation
    );
    assert_eq!(
        refused(MessageKind::Referral, &mesh.recipient),
        EnvelopeError::Draft { field: "kind" }
    );
    let mut without = circle.clone();
    without.members.retain(|member| *member != mesh.stranger.oin);
    let narrow = bundle(&mesh, &without, mesh.sender.oin);
    let stranger = mesh.stranger.sealing_key();
    let outside = Sealer::contact_box(
        draft(MessageKind::ContactBox),
        &narrow,
        &stranger,
        &mesh.sender.signing,
    );
    assert_eq!(outside.map(drop).unwrap_err(), EnvelopeError::WrongOrganisation);

    let key = mesh.recipient.sealing_key();
    let sealed = Sealer::contact_box(draft(MessageKind::ContactBox), &own, &key, &mesh.sender.signing)
        .unwrap()
        .seal(content(b"call 9 to 12"), &mesh.randomness)
        .unwrap();
    let header = sealed.manifest.header();
    assert_eq!((header.grant_id(), header.grant_version()), (mesh.grant_id, 3));
    assert_eq!(header.gate_key_id(), mesh.gate.id());
}

#[test]
fn a_box_is_the_posters_own_and_for_the_circles_gate() {
    let mesh = Mesh::new(5);
    let (post, contact) = (post(&mesh), contact_box(&mesh));
    assert!(contact.check(&post, &mesh.sender.signing_key()).is_ok());
    assert_eq!(
        contact.check(&post, &mesh.recipient.signing_key()),
        Err(EnvelopeError::WrongOrganisation)
    );
    let theirs = bundle(&mesh, &circle(&mesh), mesh.recipient.oin);
    let theirs = theirs.post(MatchClass::StateOfHome, Epoch::of(NOW)).unwrap();
    let theirs = theirs.verify(circle_key().verifying_key(), NOW).unwrap();
    assert_eq!(
        contact.check(&theirs, &mesh.sender.signing_key()),
        Err(EnvelopeError::WrongOrganisation)
    );
    let mut elsewhere = circle(&mesh);
    elsewhere.gate_key = sluis_envelope::GateKeyPair::generate(&mesh.randomness)
        .public()
        .clone();
    let elsewhere = bundle(&mesh, &elsewhere, mesh.sender.oin);
    let elsewhere = elsewhere.post(MatchClass::StateOfHome, Epoch::of(NOW)).unwrap();
    let elsewhere = elsewhere.verify(circle_key().verifying_key(), NOW).unwrap();
    assert_eq!(
        contact.check(&elsewhere, &mesh.sender.signing_key()),
        Err(EnvelopeError::WrongKey)
    );
}

#[test]
fn boxes_at_rest_have_one_length_and_open_at_their_place_only() {
    let mesh = Mesh::new(6);
    let (post, contact) = (post(&mesh), contact_box(&mesh));
    let receipt = mesh.receipt(contact.manifest().hash());
    let place = |number: u8| BoxPlace {
        tag: &post.tag,
        epoch: post.epoch,
        box_id: BoxId::from_bytes([number; 16]),
    };
    let sealed = contact.seal_at_rest(&receipt, &place(1));
    assert_eq!(sealed.len(), sluis_envelope::limits::CONTACT_BOX_BYTES + 16);
    let opened = sluis_envelope::ContactBox::open_at_rest(&sealed, &place(1)).unwrap();
    assert_eq!(opened, (contact.clone(), receipt.clone()));
    assert_ne!(sealed, contact.seal_at_rest(&receipt, &place(2)));
    assert_eq!(
        sluis_envelope::ContactBox::open_at_rest(&sealed, &place(2)),
        Err(EnvelopeError::CannotOpen)
    );
}

/// The gate's verdict on the contact box with this match statement, at this many seconds.
fn asked(
    mesh: &Mesh,
    statement: Option<Signed<MatchStatement>>,
    kind: MessageKind,
) -> Result<Result<(), GateError>, EnvelopeError> {
    let mut draft = mesh.draft();
    draft.kind = kind;
    let sealed = mesh.seal(draft, Suite::X25519, content(b"x"), vec![]);
    let mut ask = mesh.ask(sealed.manifest.hash(), Suite::X25519);
    ask.match_statement = statement.map(|statement| {
        if statement.unverified().manifest_hash == [0; 32] {
            let body = MatchStatement {
                manifest_hash: sealed.manifest.hash(),
                ..statement.unverified().clone()
            };
            Signed::sign(body, &match_key())
        } else {
            statement
        }
    });
    let opener = Opener::new(
        sealed.manifest,
        &mesh.recipient.sealing,
        &sealed.sealed_r,
        &sealed.sealed_c,
    )
    .unwrap();
    let (request, _) = opener.request(ask, &mesh.recipient.signing, &mesh.randomness)?;
    assert_eq!(OpenRequest::parse(&request).unwrap().encode(), request);
    Ok(mesh.verify(&request, 100).map(drop))
}

/// A statement about the box at hand, or with another hash about another box.
fn matched(manifest_hash: [u8; 32], seconds: u64, key: &SigningKey) -> Signed<MatchStatement> {
    let body = MatchStatement {
        manifest_hash,
        matched_at: NOW.plus(Duration::from_secs(seconds)),
    };
    Signed::sign(body, key)
}

#[test]
fn a_contact_box_opens_on_a_match_after_it_came_and_on_nothing_else() {
    let mesh = Mesh::new(7);
    let this = [0; 32];
    let boxed = |statement| asked(&mesh, statement, MessageKind::ContactBox);
    assert_eq!(boxed(Some(matched(this, 50, &match_key()))), Ok(Ok(())));
    assert_eq!(
        boxed(Some(matched([9; 32], 50, &match_key()))),
        Ok(Err(GateError::Evidence)),
        "about another box"
    );
    assert_eq!(
        boxed(Some(matched(this, 0, &match_key()))),
        Ok(Err(GateError::Evidence)),
        "before the box came"
    );
    assert_eq!(
        boxed(Some(matched(this, 161, &match_key()))),
        Ok(Err(GateError::Evidence)),
        "from the future"
    );
    let thief = SigningKey::from_seed(KeyKind::Match, &[1; 32]);
    assert_eq!(
        boxed(Some(matched([9; 32], 50, &thief))),
        Ok(Err(GateError::WrongKey)),
        "by somebody else"
    );
    let draft = Err(EnvelopeError::Draft {
        field: "match statement",
    });
    assert_eq!(boxed(None), draft);
    assert_eq!(
        asked(
            &mesh,
            Some(matched(this, 50, &match_key())),
            MessageKind::Referral
        ),
        draft
    );
}
