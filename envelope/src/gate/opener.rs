//! What the gate does: check everything, open its share, check the commitments, release.

use std::fmt;
use std::time::Duration;

use sluis_types::{Handle, MessageKind, Oin, Randomness, Timestamp};
use zeroize::Zeroizing;

use super::error::GateError;
use super::open_reply::{OpenReply, Release, reply_info};
use super::open_request::{Ask, OpenRequest};
use crate::hash::Digest;
use crate::key::{GateKeyPair, OrganisationKey, RequestPublicKey, VerifyingKey};
use crate::limits::OPEN_REQUEST_SECONDS_MAX;
use crate::message::{
    EnvelopeError, Header, SHARE_C_BYTES, Scope, ShareC, VerifiedManifest, check_commitment, commit_c,
    share_info,
};
use crate::statement::{MatchStatement, Signed, StatementError, SubmissionReceipt, Verified};

/// What a request is checked against.
#[derive(Debug)]
pub struct OpenCheck<'a> {
    /// The recipient's signing key that the request names, valid now.
    pub recipient: &'a OrganisationKey,
    /// The sender's signing key that the message names, valid at the receipt's time.
    pub sender: &'a OrganisationKey,
    /// The receipt key that the receipt names: referral's, or for a contact box signalling's.
    pub receipt: &'a VerifyingKey,
    /// Signalling's key for match statements; none where there is no signalling.
    pub matches: Option<&'a VerifyingKey>,
    /// Who calls, by its caller token.
    pub caller: Oin,
    /// H(JWT) in the caller token.
    pub jwt_hash: &'a Digest,
    /// Now.
    pub now: Timestamp,
}

impl OpenRequest {
    /// Checks, in this order: recipient's key and signature; caller and JWT; time; sender's key and signature;
    /// expiry; evidence; the sealed share's hash. That the grant is live, and for this scope, is for the gate.
    ///
    /// # Errors
    /// [`GateError`] for the first check that fails.
    pub fn verify(self, check: &OpenCheck<'_>) -> Result<GateOpener, GateError> {
        let request_hash = self.hash();
        let ask = self
            .0
            .verify(&check.recipient.key, check.now)
            .map_err(|error| match error {
                StatementError::BadSignature(bad) => bad.into(),
                _ => GateError::WrongKey,
            })?;
        let header = ask.manifest.header();
        if check.recipient.organisation != header.recipient() {
            return Err(GateError::WrongKey);
        }
        if check.caller != header.recipient() || ask.jwt_hash != *check.jwt_hash {
            return Err(GateError::Caller);
        }
        if ask.asked_at.distance(check.now) > Duration::from_secs(OPEN_REQUEST_SECONDS_MAX) {
            return Err(GateError::Stale);
        }
        let manifest = ask
            .manifest
            .clone()
            .verify(check.sender)
            .map_err(|error| match error {
                EnvelopeError::BadSignature(bad) => bad.into(),
                _ => GateError::WrongKey,
            })?;
        if check.now >= manifest.header().expires() {
            return Err(GateError::Expired);
        }
        check_evidence(&ask, &manifest, check)?;
        manifest
            .check_sealed_c(&ask.sealed_c)
            .map_err(|_| GateError::ShareMismatch)?;
        Ok(GateOpener {
            manifest,
            request_hash,
            ask,
        })
    }
}

fn check_evidence(
    ask: &Verified<Ask>,
    manifest: &VerifiedManifest,
    check: &OpenCheck<'_>,
) -> Result<(), GateError> {
    // A contact box opens on a match, and nothing else does.
    let is_contact_box = manifest.header().kind() == MessageKind::ContactBox;
    if is_contact_box != ask.match_statement.is_some() {
        return Err(GateError::Evidence);
    }
    let receipt = ask.receipt.clone();
    let receipt = receipt.verify(check.receipt, check.now).map_err(evidence_error)?;
    if receipt.manifest_hash != manifest.hash() {
        return Err(GateError::Evidence);
    }
    match &ask.match_statement {
        Some(statement) => check_match(statement, &receipt, check),
        None => Ok(()),
    }
}

/// That signalling says: what lies in this very box met others after it came.
fn check_match(
    statement: &Signed<MatchStatement>,
    receipt: &SubmissionReceipt,
    check: &OpenCheck<'_>,
) -> Result<(), GateError> {
    let key = check.matches.ok_or(GateError::WrongKey)?;
    let statement = statement.clone().verify(key, check.now).map_err(evidence_error)?;
    if statement.manifest_hash == receipt.manifest_hash && statement.matched_at >= receipt.received_at {
        Ok(())
    } else {
        Err(GateError::Evidence)
    }
}

fn evidence_error(error: StatementError) -> GateError {
    match error {
        StatementError::BadSignature(bad) => bad.into(),
        StatementError::WrongKey => GateError::WrongKey,
        _ => GateError::Evidence,
    }
}

/// A request that is the caller's, of this moment, about a message that its sender signed and referral took.
pub struct GateOpener {
    manifest: VerifiedManifest,
    request_hash: Digest,
    ask: Verified<Ask>,
}

impl GateOpener {
    /// The message's header.
    pub const fn header(&self) -> &Header {
        self.manifest.header()
    }

    /// The message's manifest.
    pub const fn manifest(&self) -> &VerifiedManifest {
        &self.manifest
    }

    /// What the gate keeps of the request.
    pub const fn request_hash(&self) -> &Digest {
        &self.request_hash
    }

    /// Opens the gate's share and checks the commitments.
    ///
    /// # Errors
    /// [`GateError::CannotOpen`], [`GateError::WrongKey`] or [`GateError::Commitment`]. The opening is tried before
    /// the key's id is looked at, so that a wrong key costs what a right one does.
    pub fn open(&self, key: &GateKeyPair) -> Result<OpenedGate, GateError> {
        let hh = self.manifest.header_hash();
        let info = share_info("sluis/v1/share-c", hh);
        let opened = key.open(self.header().suite_c(), &info, &self.ask.sealed_c);
        if key.id() != self.header().gate_key_id() {
            return Err(GateError::WrongKey);
        }
        let share = opened?;
        let claims = self.manifest.claims();
        if !check_commitment(&commit_c(hh, &share), &claims.commitment_c) {
            return Err(GateError::Commitment);
        }
        let c = ShareC::parse(&share)?;
        if !check_commitment(&c.scope_commitment(), &claims.header.scope_commitment) {
            return Err(GateError::Commitment);
        }
        Ok(OpenedGate {
            share,
            scope: c.scope(),
            header_hash: *hh,
            request_hash: self.request_hash,
            request_key: self.ask.request_key.clone(),
        })
    }

    /// Does the costly work of [`GateOpener::open`] and [`OpenedGate::reply`] with a decoy key, and gives nothing: for
    /// refusals, which must not be told apart by what they cost.
    pub fn spend(&self, decoy: &GateKeyPair, randomness: &dyn Randomness) {
        let info = share_info("sluis/v1/share-c", self.manifest.header_hash());
        let opened = decoy.open(self.header().suite_c(), &info, &self.ask.sealed_c);
        std::hint::black_box(opened.is_ok());
        self.spend_reply(randomness);
    }

    /// Does the costly work of [`OpenedGate::reply`] and gives nothing: for what was refused after an opening was tried.
    pub fn spend_reply(&self, randomness: &dyn Randomness) {
        let blank = OpenedGate {
            share: Zeroizing::new(vec![0; SHARE_C_BYTES]),
            scope: Scope::of_everything(),
            header_hash: commit_c(self.manifest.header_hash(), &[0; SHARE_C_BYTES]),
            request_hash: self.request_hash,
            request_key: self.ask.request_key.clone(),
        };
        let reply = blank.reply(&Handle::from_bytes([0; 16]), false, &[0; 32], randomness);
        std::hint::black_box(reply.is_ok());
    }
}

impl fmt::Debug for GateOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GateOpener({:?})", self.header().message_id())
    }
}

/// The gate's share, opened and checked. Dropping it releases nothing.
pub struct OpenedGate {
    share: Zeroizing<Vec<u8>>,
    scope: Scope,
    header_hash: Digest,
    request_hash: Digest,
    request_key: RequestPublicKey,
}

impl OpenedGate {
    /// What the sender says the message is for: to be compared with the grant before [`OpenedGate::reply`].
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Seals the share and the recipient's handle to the request key. Call it when the leaf is durable.
    ///
    /// # Errors
    /// [`GateError::CannotOpen`] when the request key cannot be sealed to.
    pub fn reply(
        &self,
        handle: &Handle,
        assisted: bool,
        leaf_hash: &Digest,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, GateError> {
        let release = Release {
            share: self.share.clone(),
            handle: *handle,
            assisted,
        };
        let info = reply_info(&self.header_hash, &self.request_hash, leaf_hash);
        let sealed = self.request_key.seal(&info, &release.encode(), randomness)?;
        Ok(OpenReply {
            leaf_hash: *leaf_hash,
            sealed: &sealed,
        }
        .encode())
    }
}

impl fmt::Debug for OpenedGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenedGate(…)")
    }
}
