//! The two shares of a message key and the commitments to them. AES-GCM does not commit to its key: without the
//! commitments a sender could make one message that opens to two contents, and nobody could show who cheated.

use sluis_types::Randomness;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::scope::{SCOPE_BYTES, Scope};
use crate::chance;
use crate::hash::{Digest, hash, info};
use crate::wire::{FormatError, Reader, Writer};

/// Length of the gate's share: C, salt, scope.
pub(crate) const SHARE_C_BYTES: usize = 32 + 32 + SCOPE_BYTES;

/// What HPKE binds a share to.
pub(crate) fn share_info(label: &str, header_hash: &Digest) -> Vec<u8> {
    info(label, &[header_hash])
}

/// The recipient's share.
#[derive(Clone)]
pub(crate) struct ShareR(pub(crate) Zeroizing<[u8; 32]>);

impl ShareR {
    pub(crate) fn fresh(randomness: &dyn Randomness) -> Self {
        Self(chance::secret(randomness))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let share = Zeroizing::new(reader.array()?);
        reader.finish()?;
        Ok(Self(share))
    }

    pub(crate) fn commitment(&self, header_hash: &Digest) -> Digest {
        hash("sluis/v1/commit-r", &[header_hash, self.0.as_slice()])
    }
}

/// The gate's share with the scope that it is for.
pub(crate) struct ShareC {
    c: Zeroizing<[u8; 32]>,
    salt: Zeroizing<[u8; 32]>,
    scope: Scope,
}

impl ShareC {
    pub(crate) fn fresh(scope: Scope, randomness: &dyn Randomness) -> Self {
        Self {
            c: chance::secret(randomness),
            salt: chance::secret(randomness),
            scope,
        }
    }

    pub(crate) const fn scope(&self) -> Scope {
        self.scope
    }

    /// C || salt || scope.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::with_capacity(SHARE_C_BYTES);
        writer.bytes(self.c.as_slice()).bytes(self.salt.as_slice());
        self.scope.write(&mut writer);
        Zeroizing::new(writer.finish())
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let share = Self {
            c: Zeroizing::new(reader.array()?),
            salt: Zeroizing::new(reader.array()?),
            scope: Scope::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(share)
    }

    /// What stands in the header.
    pub(crate) fn scope_commitment(&self) -> Digest {
        let mut writer = Writer::new();
        self.scope.write(&mut writer);
        hash("sluis/v1/scope", &[self.salt.as_slice(), &writer.finish()])
    }

    /// R || C, which the content key comes from.
    pub(crate) fn combine(&self, r: &ShareR) -> Zeroizing<[u8; 64]> {
        let mut both = Zeroizing::new([0; 64]);
        both[..32].copy_from_slice(r.0.as_slice());
        both[32..].copy_from_slice(self.c.as_slice());
        both
    }
}

/// Commitment to the encoded gate's share.
pub(crate) fn commit_c(header_hash: &Digest, share: &[u8]) -> Digest {
    hash("sluis/v1/commit-c", &[header_hash, share])
}

/// Whether two commitments are the same, in constant time.
pub(crate) fn check_commitment(computed: &Digest, signed: &Digest) -> bool {
    computed.ct_eq(signed).into()
}
