//! The open reply: the gate's share and the recipient's handle, sealed to the request key.

use sluis_types::Handle;
use zeroize::Zeroizing;

use crate::hash::{Digest, info};
use crate::key::Suite;
use crate::message::SHARE_C_BYTES;
use crate::wire::{FormatError, Reader, VERSION, Writer};

/// Flag: the resident has no login and consented with help.
const ASSISTED: u8 = 1;
/// Length of the plaintext: C, salt, scope, handle, flags.
const PLAIN_BYTES: usize = SHARE_C_BYTES + 16 + 1;

/// What a reply is bound to: this message, this request, this leaf.
pub(super) fn reply_info(header_hash: &Digest, request_hash: &Digest, leaf_hash: &Digest) -> Vec<u8> {
    info("sluis/v1/open-reply", &[header_hash, request_hash, leaf_hash])
}

/// What is inside a reply.
pub(super) struct Release {
    pub(super) share: Zeroizing<Vec<u8>>,
    pub(super) handle: Handle,
    pub(super) assisted: bool,
}

impl Release {
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::with_capacity(PLAIN_BYTES);
        writer
            .bytes(&self.share)
            .bytes(self.handle.as_bytes())
            .u8(if self.assisted { ASSISTED } else { 0 });
        Zeroizing::new(writer.finish())
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let share = Zeroizing::new(reader.take(SHARE_C_BYTES)?.to_vec());
        let handle = Handle::from_bytes(reader.array()?);
        let assisted = match reader.u8()? {
            0 => false,
            ASSISTED => true,
            _ => return Err(FormatError::Invalid { field: "flags" }),
        };
        reader.finish()?;
        Ok(Self {
            share,
            handle,
            assisted,
        })
    }
}

/// A reply as it travels: version, leaf hash, `enc || ct`.
pub(super) struct OpenReply<'a> {
    pub(super) leaf_hash: Digest,
    pub(super) sealed: &'a [u8],
}

impl<'a> OpenReply<'a> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u16(VERSION).digest(&self.leaf_hash).bytes(self.sealed);
        writer.finish()
    }

    pub(super) fn parse(bytes: &'a [u8], suite: Suite) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        reader.version()?;
        let leaf_hash = reader.digest()?;
        let sealed = reader.take(suite.sealed_bytes(PLAIN_BYTES))?;
        reader.finish()?;
        Ok(Self { leaf_hash, sealed })
    }
}
