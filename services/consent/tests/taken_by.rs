//! OpenGate: whose receipt opens what.

use sluis_envelope::{KeyKind, SigningKey};
use sluis_proto::consent::v1 as proto;
use sluis_proto::options::v1::ErrorReason;
use sluis_types::{DataKind, MessageKind, RequestId};

use crate::acts::Sent;
use crate::circle_acts::signalling_key;
use crate::letters::{assert_reads, receipt_key, scope};
use crate::world::{World, refusal};

impl World {
    /// A message of this kind from welfare to GGZ under anna's consent.
    async fn sent_as(&self, kind: MessageKind) -> Sent {
        let granted = self.granted("anna").await;
        let token = self.authorize(&granted.handle).await.unwrap();
        let scope = scope(&[DataKind::Plan]);
        Sent {
            envelope: self
                .welfare
                .seal_as(kind, &self.ggz, &token, scope, self.randomness.as_ref()),
            at: self.now(),
        }
    }

    fn opening_on(
        &self,
        taken_by: &SigningKey,
        sent: &Sent,
    ) -> (proto::OpenGateRequest, sluis_envelope::PendingOpen) {
        let id = RequestId::random(self.randomness.as_ref());
        let times = (id, sent.at, self.now());
        let (bytes, pending) = self
            .ggz
            .ask_on(taken_by, &sent.envelope, times, self.randomness.as_ref());
        let request = proto::OpenGateRequest {
            request_id: id.to_string(),
            open_request: bytes.into(),
        };
        (request, pending)
    }
}

/// Opens on the receipt of one key, and on those of no others.
async fn opens_on(kind: MessageKind, right: SigningKey, wrong: [SigningKey; 2]) {
    let world = World::start().await;
    let sent = world.sent_as(kind).await;
    for key in wrong {
        let (request, _) = world.opening_on(&key, &sent);
        let outcome = world.as_ggz().open_gate(request).await;
        assert_eq!(refusal(outcome), ErrorReason::BadSignature, "{kind:?}");
    }
    let (request, pending) = world.opening_on(&right, &sent);
    let reply = world.as_ggz().open_gate(request).await.unwrap().into_inner();
    assert_reads(&pending.complete(&reply.open_reply).unwrap(), &sent.envelope);
}

fn somebody() -> SigningKey {
    SigningKey::from_seed(KeyKind::Receipt, &[75; 32])
}

#[tokio::test]
async fn p2_an_agenda_item_opens_on_signallings_receipt_and_on_no_other_keys() {
    let signalling = signalling_key(KeyKind::Receipt);
    Box::pin(opens_on(
        MessageKind::AgendaItem,
        signalling,
        [receipt_key(), somebody()],
    ))
    .await;
}

#[tokio::test]
async fn p2_a_referral_opens_on_referrals_receipt_and_on_no_other_keys() {
    let signalling = signalling_key(KeyKind::Receipt);
    Box::pin(opens_on(
        MessageKind::Referral,
        receipt_key(),
        [signalling, somebody()],
    ))
    .await;
}
