//! The attacker's own reading of the formats, held against messages that the envelope sealed.

use std::time::Duration;

use sluis_envelope::{
    ContentDraft, Draft, GateKeyPair, GrantToken, KeyKind, MediaType, OrganisationKey, Scope, Sealer,
    SealingKeyPair, Signed, SigningKey,
};
use sluis_types::{
    CodeSet, DataKind, GrantId, LifeDomain, MessageId, MessageKind, Oin, Priority, Purpose, SeededRandomness,
    ThreadId, Timestamp,
};
use zeroize::Zeroizing;

use super::formats::{open_content, open_share};
use super::window::Hunt;
use super::{Manifest, Target};
use crate::dossier::RawFile;

const BODY: &[u8] = b"Ans zoekt iemand die meedenkt.";

struct Sealed {
    target: Target,
    gate: GateKeyPair,
    sealing: SealingKeyPair,
}

fn sealed() -> Sealed {
    let chance = SeededRandomness::new(3);
    let now = Timestamp::from_seconds(1_790_000_000);
    let oin = |number: u8| -> Oin { format!("000000990000000{number:02}000").parse().expect("an OIN") };
    let (gate, sealing) = (GateKeyPair::generate(&chance), SealingKeyPair::generate(&chance));
    let (issuer, sender) = (
        SigningKey::generate(KeyKind::GrantToken, &chance),
        SigningKey::generate(KeyKind::Signing, &chance),
    );
    let token = GrantToken {
        grant_id: GrantId::from_bytes([1; 16]),
        grant_version: 1,
        sender: oin(1),
        recipient: oin(2),
        gate_key: gate.public().clone(),
        issued_at: now,
        not_after: now.plus(Duration::from_mins(5)),
    };
    let token = Signed::sign(token, &issuer)
        .verify(issuer.verifying_key(), now)
        .expect("a token");
    let draft = Draft {
        message_id: MessageId::fresh(now, &chance),
        thread_id: ThreadId::random(&chance),
        kind: MessageKind::Referral,
        priority: Priority::Routine,
        replaces: None,
        respond_by: None,
        created: now,
        expires: now.plus(Duration::from_hours(24)),
        extensions: Vec::new(),
    };
    let scope = Scope::new(
        CodeSet::EMPTY.with(Purpose::Referral),
        CodeSet::EMPTY.with(LifeDomain::Finances),
        CodeSet::EMPTY.with(DataKind::Contact),
    );
    let content = ContentDraft {
        media_type: MediaType::new("text/plain").expect("a media type"),
        based_on: None,
        scope: scope.expect("not empty"),
        body: Zeroizing::new(BODY.to_vec()),
    };
    let recipient = OrganisationKey {
        organisation: oin(2),
        key: sealing.public().clone(),
    };
    let sealer = Sealer::new(draft, &token, &recipient, &sender).expect("keys that fit");
    let envelope = sealer.seal(content, &chance).expect("sealed");
    let manifest_bytes = envelope.manifest.encode();
    let target = Target {
        manifest: Manifest::parse(&manifest_bytes).expect("a manifest"),
        manifest_bytes,
        sealed_r: envelope.sealed_r,
        sealed_c: envelope.sealed_c,
        content: envelope.content,
        receipt: Vec::new(),
    };
    Sealed {
        target,
        gate,
        sealing,
    }
}

fn among_others(secret: &[u8]) -> [RawFile; 1] {
    let noise: Vec<u8> = (0..5000_u32)
        .map(|number| u8::try_from(number * 7 % 251).expect("a byte"))
        .collect();
    [RawFile {
        name: "x".to_owned(),
        bytes: [&noise[..], secret, &noise].concat(),
    }]
}

#[test]
fn with_both_halves_the_content_opens_and_with_others_it_does_not() {
    let Sealed {
        target,
        gate,
        sealing,
    } = sealed();
    let (hh, header) = (target.header_hash(), target.manifest.header());
    let share = target.open_c(&gate.to_secret_bytes()).expect("the gate's share");
    let r = open_share(
        &sealing.to_secret_bytes(),
        header.suite_r(),
        "sluis/v1/share-r",
        &hh,
        &target.sealed_r,
    );
    let r = r.expect("the recipient's half");
    let plain = open_content(&r, &share[..32], &hh, &target.content).expect("opened");
    assert!(plain.windows(BODY.len()).any(|window| window == BODY));
    assert!(open_content(&r, &r, &hh, &target.content).is_none());
    assert!(target.open_c(&sealing.to_secret_bytes()).is_none());
}

#[test]
fn what_was_forgotten_in_clear_is_found() {
    let Sealed {
        target,
        gate,
        sealing,
    } = sealed();
    let (hh, header) = (target.header_hash(), target.manifest.header());
    let secret = gate.to_secret_bytes();
    let files = among_others(&secret);
    let (found, _) = Hunt::over(&files).gate_keys(Some(&gate.public().encode()));
    assert_eq!(found, [secret.to_vec()]);

    let share = target.open_c(&secret).expect("the gate's share");
    let files = among_others(&share);
    assert_eq!(
        Hunt::over(&files).gate_shares(&target.manifest_bytes, &hh).0,
        std::slice::from_ref(&share)
    );

    let r = open_share(
        &sealing.to_secret_bytes(),
        header.suite_r(),
        "sluis/v1/share-r",
        &hh,
        &target.sealed_r,
    );
    let r = r.expect("the recipient's half");
    let files = among_others(&r);
    let (found, tried) = Hunt::over(&files).halves_r(&target.manifest_bytes, &hh);
    assert_eq!(found, [r]);
    assert_eq!(tried, 10_000 + 1);

    let files = among_others(&[]);
    let hunt = Hunt::over(&files);
    assert!(hunt.gate_keys(Some(&gate.public().encode())).0.is_empty());
    assert!(hunt.gate_shares(&target.manifest_bytes, &hh).0.is_empty());
    assert!(hunt.halves_r(&target.manifest_bytes, &hh).0.is_empty());
}
