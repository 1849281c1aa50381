//! Vectors of circles: tags, bundles and contact boxes at rest.

use serde::{Deserialize, Serialize};
use sluis_envelope::{
    BoxPlace, Circle, CircleBundle, CircleSecret, CircleTag, ContactBox, KeyKind, SealedBundle,
    SealingKeyPair, SigningKey, Suite, VerifyingKey,
};
use sluis_types::{BoxId, Epoch, Handle, MatchClass, MessageKind, Oin};

use super::{Recorder, error_name, hex, unhex, unhex_array};
use crate::mesh::{Mesh, NOW, content};

/// All of `circle.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CircleCases {
    pub(crate) tags: Vec<TagCase>,
    pub(crate) bundles: Vec<BundleCase>,
    pub(crate) boxes: Vec<BoxCase>,
}

/// A tag and what it comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TagCase {
    pub(crate) secret: String,
    pub(crate) epoch: u32,
    pub(crate) class: u8,
    pub(crate) tag: String,
}

/// A sealed bundle, opened by `organisation` with `sealing_secret` and then held against the circle key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BundleCase {
    pub(crate) name: String,
    pub(crate) organisation: String,
    pub(crate) sealing_secret: String,
    /// Ed25519 public key.
    pub(crate) circle_key: String,
    pub(crate) sealed: String,
    /// The bundle inside, before padding; of good ones only.
    pub(crate) bundle: Option<String>,
    pub(crate) error: Option<String>,
}

/// A contact box at rest, opened at a place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BoxCase {
    pub(crate) name: String,
    pub(crate) tag: String,
    pub(crate) epoch: u32,
    pub(crate) box_id: String,
    pub(crate) sealed: String,
    pub(crate) receipt: String,
    pub(crate) contact_box: String,
    pub(crate) error: Option<String>,
}

const CLASSES: [MatchClass; 2] = [MatchClass::StateOfHome, MatchClass::NeglectAndSilence];

fn circle_key() -> SigningKey {
    SigningKey::from_seed(KeyKind::Circle, &[KeyKind::Circle.number(); 32])
}

fn secret_bytes() -> ([u8; 32], CircleSecret) {
    let recorder = Recorder::new(700);
    let secret = CircleSecret::fresh(&recorder);
    (recorder.given(0).try_into().unwrap(), secret)
}

/// A circle of sender, recipient and stranger.
pub(crate) fn circle(mesh: &Mesh) -> Circle {
    Circle {
        grant_id: mesh.grant_id,
        grant_version: 3,
        members: vec![mesh.sender.oin, mesh.recipient.oin, mesh.stranger.oin],
        gate_key: mesh.gate.public().clone(),
        valid_until: Epoch::of(NOW).later(3).starts(),
    }
}

/// What a member calls the resident: each its own way.
pub(crate) fn handle_of(organisation: Oin) -> Handle {
    Handle::from_bytes(organisation.as_bytes()[4..].try_into().unwrap())
}

pub(crate) fn bundle(mesh: &Mesh, circle: &Circle, organisation: Oin) -> CircleBundle {
    let (_, secret) = secret_bytes();
    let span = (Epoch::of(NOW), 3);
    assert!(mesh.sender.oin < mesh.recipient.oin);
    let member = (organisation, handle_of(organisation));
    CircleBundle::sign(circle, member, span, &CLASSES, &secret, &circle_key())
}

/// A contact box of the sender for the recipient.
pub(crate) fn contact_box(mesh: &Mesh) -> ContactBox {
    let mut draft = mesh.draft();
    draft.kind = MessageKind::ContactBox;
    let sealed = mesh.seal(draft, Suite::X25519, content(b"call 9 to 12"), vec![]);
    let manifest = sealed.manifest.manifest().clone();
    ContactBox::new(manifest, sealed.sealed_r, sealed.sealed_c, sealed.content).unwrap()
}

pub(crate) fn all() -> CircleCases {
    let mesh = Mesh::new(701);
    CircleCases {
        tags: tags(),
        bundles: bundles(&mesh),
        boxes: boxes(&mesh),
    }
}

fn tags() -> Vec<TagCase> {
    let (bytes, secret) = secret_bytes();
    let case = |epoch, class: MatchClass| TagCase {
        secret: hex(&bytes),
        epoch,
        class: class.number(),
        tag: hex(secret.tag(Epoch::from_number(epoch), class).expose()),
    };
    vec![
        case(2968, MatchClass::HomeAtRisk),
        case(2968, MatchClass::Carer),
        case(2969, MatchClass::HomeAtRisk),
    ]
}

fn bundles(mesh: &Mesh) -> Vec<BundleCase> {
    let circle = circle(mesh);
    let narrow = SealingKeyPair::generate(&mesh.randomness).into_x25519_only();
    let own = bundle(mesh, &circle, mesh.sender.oin);
    let seal = |pair: &SealingKeyPair| {
        let to = sluis_envelope::OrganisationKey {
            organisation: mesh.sender.oin,
            key: pair.public().clone(),
        };
        SealedBundle::seal(&own, &to, &mesh.randomness).unwrap()
    };
    let case = |name: &str, pair: &SealingKeyPair, sealed: &[u8], error: Option<&str>| BundleCase {
        name: name.into(),
        organisation: mesh.sender.oin.to_string(),
        sealing_secret: hex(&pair.to_secret_bytes()),
        circle_key: hex(circle_key().verifying_key().as_bytes()),
        sealed: hex(sealed),
        bundle: error.is_none().then(|| hex(&own.encode())),
        error: error.map(Into::into),
    };
    let good = seal(&narrow);
    let change = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        bytes
    };
    let another_organisation = BundleCase {
        organisation: mesh.recipient.oin.to_string(),
        ..case("another organisation", &narrow, &good, Some("CannotOpen"))
    };
    let another_key = SigningKey::from_seed(KeyKind::Circle, &[1; 32]);
    let another_circle_key = BundleCase {
        circle_key: hex(another_key.verifying_key().as_bytes()),
        ..case("another circle key", &narrow, &good, Some("WrongKey"))
    };
    vec![
        case("x25519", &narrow, &good, None),
        case("x-wing", &mesh.sender.sealing, &seal(&mesh.sender.sealing), None),
        case("version", &narrow, &change(&|bytes| bytes[1] = 2), Some("Format")),
        case("truncated", &narrow, &good[..good.len() - 1], Some("Format")),
        case(
            "trailing byte",
            &narrow,
            &change(&|bytes| bytes.push(0)),
            Some("Format"),
        ),
        case(
            "key id flipped",
            &narrow,
            &change(&|bytes| bytes[2] ^= 1),
            Some("WrongKey"),
        ),
        case(
            "flipped",
            &narrow,
            &change(&|bytes| bytes[100] ^= 1),
            Some("CannotOpen"),
        ),
        case(
            "another sealing key",
            &mesh.sender.sealing,
            &good,
            Some("WrongKey"),
        ),
        another_organisation,
        another_circle_key,
    ]
}

fn boxes(mesh: &Mesh) -> Vec<BoxCase> {
    let (_, secret) = secret_bytes();
    let contact = contact_box(mesh);
    let receipt = mesh.receipt(contact.manifest().hash());
    let epoch = Epoch::of(NOW);
    let tag = secret.tag(epoch, MatchClass::StateOfHome);
    let box_id = BoxId::from_bytes([0x77; 16]);
    let place = BoxPlace {
        tag: &tag,
        epoch,
        box_id,
    };
    let sealed = contact.seal_at_rest(&receipt, &place);
    let good = BoxCase {
        name: "good".into(),
        tag: hex(tag.expose()),
        epoch: epoch.number(),
        box_id: hex(box_id.as_bytes()),
        sealed: hex(&sealed),
        receipt: hex(&receipt.encode()),
        contact_box: hex(&contact.encode()),
        error: None,
    };
    let bad = |name: &str, change: &dyn Fn(&mut BoxCase)| {
        let mut case = good.clone();
        case.name = name.into();
        case.error = Some("CannotOpen".into());
        change(&mut case);
        case
    };
    let other_tag = secret.tag(epoch, MatchClass::Carer);
    let mut flipped = sealed.clone();
    flipped[0] ^= 1;
    vec![
        good.clone(),
        bad("another tag", &|case| case.tag = hex(other_tag.expose())),
        bad("another epoch", &|case| case.epoch += 1),
        bad("another box id", &|case| case.box_id = hex(&[0x78; 16])),
        bad("flipped", &|case| case.sealed = hex(&flipped)),
        bad("truncated", &|case| {
            case.sealed = hex(&sealed[..sealed.len() - 1]);
        }),
    ]
}

/// Opens a bundle with the public interface.
pub(crate) fn judge_bundle(case: &BundleCase) -> Result<(), String> {
    let sealed = SealedBundle::parse(&unhex(&case.sealed)).map_err(|_| "Format".to_owned())?;
    assert_eq!(hex(&sealed.encode()), case.sealed, "one encoding");
    let pair = SealingKeyPair::from_secret_bytes(&unhex(&case.sealing_secret)).unwrap();
    let bundle = sealed
        .open(case.organisation.parse().unwrap(), &pair)
        .map_err(|error| error_name(&error))?;
    let key = VerifyingKey::from_bytes(KeyKind::Circle, &unhex_array(&case.circle_key)).unwrap();
    bundle.verify(&key).map_err(|error| error_name(&error))?;
    assert_eq!(case.bundle.as_ref(), Some(&hex(&bundle.encode())));
    Ok(())
}

/// Opens a contact box with the public interface.
pub(crate) fn judge_box(case: &BoxCase) -> Result<(), String> {
    let tag = CircleTag::from_bytes(unhex_array(&case.tag));
    let place = BoxPlace {
        tag: &tag,
        epoch: Epoch::from_number(case.epoch),
        box_id: BoxId::from_bytes(unhex_array(&case.box_id)),
    };
    let (contact, receipt) =
        ContactBox::open_at_rest(&unhex(&case.sealed), &place).map_err(|error| error_name(&error))?;
    assert_eq!(hex(&contact.encode()), case.contact_box);
    assert_eq!(hex(&receipt.encode()), case.receipt);
    Ok(())
}
