//! The directory that every other part of the mesh has, following a real registry.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use sluis_envelope::Signed;
use sluis_proto::registry::v1::{PublishKeyRequest, RevokeCertificateRequest};
use sluis_serve::{Caller, Directory, MeshRole, TokioTimer};

use crate::newcomer::Newcomer;
use crate::world::{NOW, World, oin};

#[tokio::test]
async fn a_directory_learns_of_members_keys_and_revocations_at_once() {
    let world = World::start().await;
    let member = Newcomer::new(1);
    let enrolled = world.enrol(&member).await.organisation.unwrap();
    let directory = Directory::follow(
        world.mesh_client(Caller::Mesh(MeshRole::Consent)),
        world.clock.clone(),
        Arc::new(TokioTimer::new()),
        world.stop.clone(),
    );
    directory.ready().await;
    let fingerprint: [u8; 32] = enrolled.certificates[0].fingerprint.as_ref().try_into().unwrap();
    let spki: [u8; 32] = Sha256::digest(rcgen::PublicKeyData::subject_public_key_info(&member.tls)).into();
    let entry = directory.organisation(&oin(1)).unwrap().expect("a member");
    assert!(entry.admits(&fingerprint, &spki, NOW));
    assert!(directory.organisation(&oin(2)).unwrap().is_none());

    let mut changes = directory.changes();
    changes.mark_unchanged();
    let next = Signed::sign(
        member.verified(NOW).next(member.entries(NOW), NOW),
        &member.identity,
    );
    let publish = PublishKeyRequest {
        request_id: world.request_id(),
        key_statement: next.encode().into(),
    };
    world.admin(oin(1)).publish_key(publish).await.unwrap();
    changes.changed().await.unwrap();
    assert_eq!(
        directory.organisation(&oin(1)).unwrap().unwrap().keys.sequence(),
        2
    );

    let revoke = RevokeCertificateRequest {
        request_id: world.request_id(),
        oin: oin(1).to_string(),
        fingerprint: fingerprint.to_vec().into(),
    };
    world.operator().revoke_certificate(revoke).await.unwrap();
    changes.changed().await.unwrap();
    assert!(
        !directory
            .organisation(&oin(1))
            .unwrap()
            .unwrap()
            .admits(&fingerprint, &spki, NOW)
    );
    world.end().await;
}
