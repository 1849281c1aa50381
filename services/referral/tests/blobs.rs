//! UploadBlob and DownloadBlob.

use sha2::{Digest as _, Sha256};
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::referral::v1::upload_blob_request::Part;
use sluis_proto::referral::v1::{BlobStart, DownloadBlobRequest, UploadBlobRequest, UploadBlobResponse};
use sluis_types::{BlobId, MessageId, MessageKind};
use tonic::Status;

use crate::letters::{DAY, Grant, HOUR, attachment, submission};
use crate::world::{Client, World, refusal};

fn start(world: &World, message: MessageId, blob: BlobId, chunks: &[Vec<u8>], grant: &Grant) -> BlobStart {
    let whole = chunks.concat();
    BlobStart {
        request_id: world.request_id(),
        message_id: message.to_string(),
        blob_id: blob.to_string(),
        ciphertext_bytes: whole.len() as u64,
        sha256: Sha256::digest(&whole).to_vec().into(),
        grant_token: grant.token(world.now()).encode().into(),
    }
}

fn parts(start: BlobStart, chunks: &[Vec<u8>]) -> Vec<UploadBlobRequest> {
    let chunks = chunks.iter().map(|chunk| Part::Chunk(chunk.clone().into()));
    std::iter::once(Part::Start(start))
        .chain(chunks)
        .map(|part| UploadBlobRequest { part: Some(part) })
        .collect()
}

async fn upload(mut client: Client, parts: Vec<UploadBlobRequest>) -> Result<UploadBlobResponse, Status> {
    Ok(client.upload_blob(tokio_stream::iter(parts)).await?.into_inner())
}

async fn download(mut client: Client, message: MessageId, blob: BlobId) -> Result<Vec<u8>, Status> {
    let request = DownloadBlobRequest {
        message_id: message.to_string(),
        blob_id: blob.to_string(),
    };
    let mut stream = client.download_blob(request).await?.into_inner();
    let mut whole = Vec::new();
    while let Some(reply) = stream.message().await? {
        assert!(
            !reply.chunk.is_empty() && reply.chunk.len() <= 65_536,
            "chunks are small"
        );
        whole.extend_from_slice(&reply.chunk);
    }
    Ok(whole)
}

/// A referral with an attachment of these bytes, uploaded and submitted.
async fn refer_with(world: &World, grant: &Grant, bytes: &[u8]) -> (MessageId, BlobId, Vec<u8>) {
    let letter = world.letter(MessageKind::Referral, world.thread_id());
    let id = letter.id();
    let (blob, chunks) = attachment(id, bytes, world.randomness.as_ref());
    let blob_id = blob.entry().id;
    upload(
        world.as_welfare(),
        parts(start(world, id, blob_id, &chunks, grant), &chunks),
    )
    .await
    .unwrap();
    world.send(letter.with_blob(blob), grant).await.unwrap();
    (id, blob_id, chunks.concat())
}

#[tokio::test]
async fn upload_blob_works_and_download_blob_works() {
    let world = World::start().await;
    let grant = world.grant();
    // Around the borders of chunks and pieces.
    for length in [0, 1, 65_536, 262_144, 262_145, 1_000_000] {
        let bytes = vec![7; length];
        let (id, blob, whole) = refer_with(&world, &grant, &bytes).await;
        assert_eq!(
            download(world.as_ggz(), id, blob).await.unwrap(),
            whole,
            "{length} bytes"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn the_largest_attachment_goes_through() {
    let world = World::start().await;
    let grant = world.grant();
    let (id, blob, whole) = refer_with(&world, &grant, &vec![3; 25 * 1024 * 1024]).await;
    assert_eq!(download(world.as_ggz(), id, blob).await.unwrap(), whole);
    world.end().await;
}

#[tokio::test]
async fn upload_blob_repeats_with_the_same_request_id() {
    let world = World::start().await;
    let grant = world.grant();
    let letter = world.letter(MessageKind::Referral, world.thread_id());
    let (blob, chunks) = attachment(letter.id(), &vec![1; 300_000], world.randomness.as_ref());
    let (id, blob_id) = (letter.id(), blob.entry().id);
    let begin = start(&world, id, blob_id, &chunks, &grant);
    let first = upload(world.as_welfare(), parts(begin.clone(), &chunks))
        .await
        .unwrap();
    world.clock.advance(HOUR);
    let again = BlobStart {
        grant_token: grant.token(world.now()).encode().into(),
        ..begin.clone()
    };
    assert_eq!(
        upload(world.as_welfare(), parts(again.clone(), &chunks))
            .await
            .unwrap(),
        first
    );
    // Nothing but the start is needed when all of it is there.
    assert_eq!(
        upload(world.as_welfare(), parts(again.clone(), &[]))
            .await
            .unwrap(),
        first
    );
    // Another body under the same ids is refused, also when only the hash differs.
    let other = BlobStart {
        sha256: vec![9; 32].into(),
        ..again
    };
    let outcome = upload(world.as_welfare(), parts(other, &chunks)).await;
    assert_eq!(refusal(outcome), ErrorReason::RequestIdReused);
    world.send(letter.with_blob(blob), &grant).await.unwrap();
    assert_eq!(
        download(world.as_ggz(), id, blob_id).await.unwrap(),
        chunks.concat()
    );
    world.end().await;
}

#[tokio::test]
async fn an_attempt_that_broke_off_is_taken_over() {
    let world = World::start().await;
    let grant = world.grant();
    let letter = world.letter(MessageKind::Referral, world.thread_id());
    let (blob, chunks) = attachment(letter.id(), &vec![1; 900_000], world.randomness.as_ref());
    let (id, blob_id) = (letter.id(), blob.entry().id);
    let begin = |world: &World| start(world, id, blob_id, &chunks, &grant);
    // Cut short, too much, out of order, wrong bytes, a second start, an oversized chunk: nothing is complete then.
    let mut swapped = chunks.clone();
    swapped.swap(0, 1);
    let mut more = chunks.clone();
    more.push(vec![0]);
    let huge = vec![chunks.concat()[..70_000].to_vec()];
    for wrong in [&chunks[..9], &more, &swapped, &huge, &[vec![]]] {
        let outcome = upload(world.as_welfare(), parts(begin(&world), wrong)).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    let mut twice = parts(begin(&world), &chunks);
    twice.insert(
        2,
        UploadBlobRequest {
            part: Some(Part::Start(begin(&world))),
        },
    );
    assert_eq!(
        refusal(upload(world.as_welfare(), twice).await),
        ErrorReason::InvalidField
    );
    let refused = world.send(
        {
            let mut letter = world.letter(MessageKind::Referral, world.thread_id());
            letter.draft.message_id = id;
            let (blob, _) = attachment(id, &vec![1; 900_000], world.randomness.as_ref());
            letter.with_blob(blob)
        },
        &grant,
    );
    assert_eq!(refusal(refused.await), ErrorReason::BlobsMissing);
    // While one attempt waits, another begins: the first can write no more.
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let mut slow = parts(begin(&world), &chunks).into_iter();
    sender.send(slow.next().unwrap()).await.unwrap();
    let mut client = world.as_welfare();
    let first = tokio::spawn(async move {
        client
            .upload_blob(tokio_stream::wrappers::ReceiverStream::new(receiver))
            .await
    });
    for _ in 0..6 {
        sender.send(slow.next().unwrap()).await.unwrap();
    }
    upload(world.as_welfare(), parts(begin(&world), &chunks))
        .await
        .unwrap();
    for part in slow {
        if sender.send(part).await.is_err() {
            break;
        }
    }
    drop(sender);
    assert_eq!(refusal(first.await.unwrap()), ErrorReason::VersionConflict);
    world.send(letter.with_blob(blob), &grant).await.unwrap();
    assert_eq!(
        download(world.as_ggz(), id, blob_id).await.unwrap(),
        chunks.concat()
    );
    world.end().await;
}

#[tokio::test]
async fn upload_blob_refuses_the_wrong_caller() {
    let world = World::start().await;
    let grant = world.grant();
    let id = MessageId::fresh(world.now(), world.randomness.as_ref());
    let (blob, chunks) = attachment(id, &[1; 10], world.randomness.as_ref());
    let begin = start(&world, id, blob.entry().id, &chunks, &grant);
    for client in [world.as_ggz(), world.as_stranger()] {
        let outcome = upload(client, parts(begin.clone(), &chunks)).await;
        assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    }
    let late = BlobStart {
        grant_token: grant.token(world.now().minus(HOUR)).encode().into(),
        ..begin
    };
    let outcome = upload(world.as_welfare(), parts(late, &chunks)).await;
    assert_eq!(refusal(outcome), ErrorReason::GrantTokenRefused);
    world.end().await;
}

#[tokio::test]
async fn upload_blob_answers_an_unknown_id() {
    let world = World::start().await;
    let grant = world.grant();
    let id = MessageId::fresh(world.now(), world.randomness.as_ref());
    let (blob, chunks) = attachment(id, &[1; 10], world.randomness.as_ref());
    let good = start(&world, id, blob.entry().id, &chunks, &grant);
    let wrong = [
        BlobStart {
            request_id: "x".into(),
            ..good.clone()
        },
        BlobStart {
            message_id: String::new(),
            ..good.clone()
        },
        BlobStart {
            blob_id: "\0".into(),
            ..good.clone()
        },
        BlobStart {
            ciphertext_bytes: 0,
            ..good.clone()
        },
        BlobStart {
            ciphertext_bytes: 26_300_001,
            ..good.clone()
        },
        BlobStart {
            ciphertext_bytes: u64::MAX,
            ..good.clone()
        },
        BlobStart {
            sha256: vec![1; 31].into(),
            ..good.clone()
        },
    ];
    for start in wrong {
        let outcome = upload(world.as_welfare(), parts(start, &chunks)).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    for first in [
        vec![],
        vec![UploadBlobRequest { part: None }],
        parts(good, &chunks)[1..].to_vec(),
    ] {
        let outcome = upload(world.as_welfare(), first).await;
        assert_eq!(refusal(outcome), ErrorReason::InvalidField);
    }
    world.end().await;
}

#[tokio::test]
async fn download_blob_refuses_the_wrong_caller_and_answers_an_unknown_id() {
    let world = World::start().await;
    let grant = world.grant();
    let (id, blob, _) = refer_with(&world, &grant, &[5; 1000]).await;
    // Its sender gets no ciphertext back either: it keeps a copy of its own.
    for client in [world.as_welfare(), world.as_stranger()] {
        assert_eq!(
            refusal(download(client, id, blob).await),
            ErrorReason::NotAvailable
        );
    }
    let unknown = BlobId::from_bytes([1; 16]);
    assert_eq!(
        refusal(download(world.as_ggz(), id, unknown).await),
        ErrorReason::NotAvailable
    );
    let unknown = MessageId::fresh(world.now(), world.randomness.as_ref());
    assert_eq!(
        refusal(download(world.as_ggz(), unknown, blob).await),
        ErrorReason::NotAvailable
    );
    world.end().await;
}

#[tokio::test]
async fn what_no_message_claims_goes_after_a_day_and_the_rest_stays() {
    let world = World::start().await;
    let grant = world.grant();
    let (claimed, claimed_blob, whole) = refer_with(&world, &grant, &[5; 1000]).await;
    let lost = world.letter(MessageKind::Referral, world.thread_id());
    let (blob, chunks) = attachment(lost.id(), &vec![6; 600_000], world.randomness.as_ref());
    let begin = start(&world, lost.id(), blob.entry().id, &chunks, &grant);
    upload(world.as_welfare(), parts(begin, &chunks)).await.unwrap();
    let half = MessageId::fresh(world.now(), world.randomness.as_ref());
    let begin = start(&world, half, blob.entry().id, &chunks, &grant);
    let outcome = upload(world.as_welfare(), parts(begin, &chunks[..8])).await;
    assert_eq!(refusal(outcome), ErrorReason::InvalidField);

    world.clock.advance(23 * HOUR);
    assert_eq!(world.referral.run_timers().await.unwrap(), 0);
    world.clock.advance(2 * HOUR);
    assert_eq!(
        world.referral.run_timers().await.unwrap(),
        2,
        "the complete one and the half"
    );
    let mut late = lost.with_blob(blob);
    late.draft.created = world.now();
    let envelope = world.seal(late, &grant);
    let request = submission(&envelope, &grant.token(world.now()));
    assert_eq!(
        refusal(world.as_welfare().submit_message(request).await),
        ErrorReason::BlobsMissing
    );
    assert_eq!(
        download(world.as_ggz(), claimed, claimed_blob).await.unwrap(),
        whole
    );
    assert!(world.now() > crate::letters::NOW.plus(DAY));
    world.end().await;
}
