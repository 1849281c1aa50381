//! The cryptography of one whole job and nothing else: seal, verify and open at the gate, open at the recipient.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluis_envelope::{
    AskToOpen, GateKeyPair, GrantToken, KeyKind, OpenCheck, OpenRequest, Opener, OrganisationKey,
    SealingKeyPair, Signed, SigningKey, SubmissionReceipt, Suite, jwt_hash,
};
use sluis_types::{Clock as _, GrantId, Handle, Oin, OsRandomness, RequestId, SystemClock};

use crate::error::{BenchError, Source, failed};
use crate::letter::{Addresses, seal};
use crate::load::count;

const JWT: &str = "the hash of a token costs the same whatever the token says";

/// Two organisations, a gate and a mailbox, as keys only.
pub(crate) struct Crypto {
    sender: (Oin, SigningKey),
    recipient: (Oin, SigningKey, SealingKeyPair),
    gate: GateKeyPair,
    tokens: SigningKey,
    receipts: SigningKey,
    handle: Handle,
}

impl Crypto {
    pub(crate) fn new() -> Arc<Self> {
        let oin = |text: &str| text.parse().expect("twenty digits");
        let random = &OsRandomness;
        Arc::new(Self {
            sender: (
                oin("00000099000000008001"),
                SigningKey::generate(KeyKind::Signing, random),
            ),
            recipient: (
                oin("00000099000000008002"),
                SigningKey::generate(KeyKind::Signing, random),
                SealingKeyPair::generate(random),
            ),
            gate: GateKeyPair::generate(random),
            tokens: SigningKey::generate(KeyKind::GrantToken, random),
            receipts: SigningKey::generate(KeyKind::Receipt, random),
            handle: Handle::random(random),
        })
    }

    /// Jobs in a second on this many threads, each doing `each` jobs with a body of `body_bytes`.
    pub(crate) async fn measure(
        self: &Arc<Self>,
        threads: usize,
        each: usize,
        body_bytes: usize,
    ) -> Result<f64, BenchError> {
        let begun = Instant::now();
        let mut running = Vec::with_capacity(threads);
        for _ in 0..threads {
            let this = Arc::clone(self);
            running.push(tokio::task::spawn_blocking(move || {
                (0..each).try_for_each(|_| this.job(body_bytes).map_err(failed("the bare cryptography")))
            }));
        }
        for thread in running {
            thread.await.map_err(failed("the bare cryptography"))??;
        }
        Ok(count(threads * each) / begun.elapsed().as_secs_f64())
    }

    fn job(&self, body_bytes: usize) -> Result<(), Source> {
        let (now, random) = (SystemClock.now(), &OsRandomness);
        let token = GrantToken {
            grant_id: GrantId::random(random),
            grant_version: 1,
            sender: self.sender.0,
            recipient: self.recipient.0,
            gate_key: self.gate.public().clone(),
            issued_at: now,
            not_after: now.plus(Duration::from_mins(10)),
        };
        let token = Signed::sign(token, &self.tokens).verify(self.tokens.verifying_key(), now)?;
        let key = OrganisationKey {
            organisation: self.recipient.0,
            key: self.recipient.2.public().clone(),
        };
        let addresses = Addresses {
            token: &token,
            recipient: &key,
            signing: &self.sender.1,
        };
        let sealed = seal(&addresses, body_bytes, now, random)?;

        let signed_by = |organisation, key: &SigningKey| OrganisationKey {
            organisation,
            key: key.verifying_key().clone(),
        };
        let (sender, asker) = (
            signed_by(self.sender.0, &self.sender.1),
            signed_by(self.recipient.0, &self.recipient.1),
        );
        let manifest = sluis_envelope::Manifest::parse(&sealed.manifest.encode())?.verify(&sender)?;
        let receipt = SubmissionReceipt {
            manifest_hash: manifest.hash(),
            received_at: now,
        };
        let receipt = Signed::sign(receipt, &self.receipts);
        let opener = Opener::new(manifest, &self.recipient.2, &sealed.sealed_r, &sealed.sealed_c)?;
        let ask = AskToOpen {
            request_id: RequestId::random(random),
            at: now,
            jwt_hash: jwt_hash(JWT),
            receipt,
            match_statement: None,
            suite: Suite::XWing,
        };
        let (request, pending) = opener.request(ask, &self.recipient.1, random)?;
        let check = OpenCheck {
            recipient: &asker,
            sender: &sender,
            receipt: self.receipts.verifying_key(),
            matches: None,
            caller: self.recipient.0,
            jwt_hash: &jwt_hash(JWT),
            now,
        };
        let gate = OpenRequest::parse(&request)?.verify(&check)?.open(&self.gate)?;
        let reply = gate.reply(&self.handle, false, &[9; 32], random)?;
        let opened = pending.complete(&reply)?;
        opened.content(&sealed.content)?;
        Ok(())
    }
}
