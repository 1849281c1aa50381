//! Asking the live gate, in ways that no honest software would.

use std::path::Path;
use std::sync::Arc;

use sluis_envelope::{
    AskToOpen, Manifest, OpenRequest, Opener, OrganisationKey, SealingKeyPair, Signed, SigningKey,
    SubmissionReceipt, Suite, VerifyingKey, jwt_hash,
};
use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_types::{Clock, Randomness, RequestId};
use tonic::Request;

use super::{OPEN_GATE, Target};
use crate::DemoError;
use crate::tap::Tap;

/// The live gate, as the recipient reaches it.
#[derive(Debug)]
pub struct LiveGate<'a> {
    /// The recipient's own connection, and what it recorded.
    pub tap: &'a Tap,
    /// The recipient's profile, with its private keys.
    pub profile: &'a Path,
    /// The sender's public signing key and whose it is.
    pub sender: &'a OrganisationKey<VerifyingKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub randomness: Arc<dyn Randomness>,
}

/// What came of asking.
#[derive(Debug, Default)]
pub struct Asked {
    /// Requests that were made.
    pub requests: usize,
    /// Replies of the past that were held against a fresh request.
    pub replies: usize,
    /// The content, when the gate gave its share after all.
    pub opened: Option<Vec<u8>>,
}

impl LiveGate<'_> {
    /// Asks for a message's share with fresh requests, and replays every request of the past.
    ///
    /// # Errors
    /// [`DemoError`] when the recipient's own keys cannot be read.
    pub async fn ask(&self, target: &Target) -> Result<Asked, DemoError> {
        let token = self.tap.recording().newest_token().unwrap_or_default();
        let mut asked = Asked::default();
        for suite in [Suite::XWing, Suite::X25519] {
            asked.requests += 1;
            if let Some(content) = self.fresh(target, &token, suite, &mut asked.replies).await? {
                asked.opened = Some(content);
            }
        }
        for call in self.tap.recording().calls_of(OPEN_GATE) {
            for request in call.requests::<wire::OpenGateRequest>() {
                let about =
                    OpenRequest::parse(&request.open_request).map(|request| request.header().message_id());
                if about.ok() != Some(target.manifest.header().message_id()) {
                    continue;
                }
                // As it was, with the token of then; and with the token of now.
                for token in [&call.token, &token] {
                    asked.requests += 1;
                    if self.call(request.clone(), token).await.is_some() {
                        // A reply to a request whose key is gone still counts: the gate gave its share.
                        asked.opened.get_or_insert_default();
                    }
                }
            }
        }
        Ok(asked)
    }

    /// A fresh request, and every reply of the past held against it.
    async fn fresh(
        &self,
        target: &Target,
        token: &str,
        suite: Suite,
        replayed: &mut usize,
    ) -> Result<Option<Vec<u8>>, DemoError> {
        let unusable = || DemoError::unexpected("the recipient's own keys do not open its half");
        let manifest = Manifest::parse(&target.manifest_bytes).and_then(|manifest| {
            let unsigned = sluis_envelope::FormatError::Invalid { field: "signature" };
            manifest.verify(self.sender).map_err(|_| unsigned)
        });
        let manifest = manifest.map_err(|_| unusable())?;
        let keys = self
            .sealing(manifest.header().sealing_key_id())?
            .ok_or_else(unusable)?;
        let opener =
            Opener::new(manifest, &keys, &target.sealed_r, &target.sealed_c).map_err(|_| unusable())?;
        let receipt = Signed::<SubmissionReceipt>::parse(&target.receipt).map_err(|_| unusable())?;
        let signing = self.signing()?.ok_or_else(unusable)?;
        let request_id = RequestId::random(&*self.randomness);
        let ask = AskToOpen {
            request_id,
            at: self.clock.now(),
            jwt_hash: jwt_hash(token),
            receipt,
            match_statement: None,
            suite,
        };
        let (request, pending) = opener
            .request(ask, &signing, &*self.randomness)
            .map_err(|_| unusable())?;
        let message = wire::OpenGateRequest {
            request_id: request_id.to_string(),
            open_request: request.into(),
        };
        let past = self.tap.recording().calls_of(OPEN_GATE);
        let past = past
            .iter()
            .flat_map(crate::tap::Call::replies::<wire::OpenGateResponse>);
        let mut replies: Vec<_> = past.collect();
        *replayed += replies.len();
        replies.extend(self.call(message, token).await);
        let mut opened = replies
            .iter()
            .filter_map(|reply| pending.complete(&reply.open_reply).ok())
            .filter_map(|opened| opened.content(&target.content).ok());
        Ok(opened.next().map(|content| content.body.to_vec()))
    }

    async fn call(&self, message: wire::OpenGateRequest, token: &str) -> Option<wire::OpenGateResponse> {
        let mut request = Request::new(message);
        request
            .metadata_mut()
            .insert("authorization", format!("Bearer {token}").parse().ok()?);
        let mut client = ConsentServiceClient::new(self.tap.channel());
        client
            .open_gate(request)
            .await
            .ok()
            .map(tonic::Response::into_inner)
    }

    /// The newest signing key: names of files begin with their time.
    fn signing(&self) -> Result<Option<SigningKey>, DemoError> {
        let mut files = super::loot::files_below(&self.profile.join("keys").join("signing"))?;
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files
            .iter()
            .rev()
            .find_map(|file| SigningKey::from_secret_bytes(&file.bytes).ok()))
    }

    fn sealing(&self, id: sluis_types::KeyId) -> Result<Option<SealingKeyPair>, DemoError> {
        let files = super::loot::files_below(&self.profile.join("keys").join("sealing"))?;
        let pairs = files
            .iter()
            .filter_map(|file| SealingKeyPair::from_secret_bytes(&file.bytes).ok());
        Ok(pairs.into_iter().find(|pair| pair.id() == id))
    }
}
