//! The circle post: consent's word, towards signalling, that an organisation may place a signal at a tag in one epoch.

use std::cmp::Ordering;

use sluis_types::{Epoch, KeyId, Oin, Timestamp};

use super::signed::{Statement, StatementError, Verified};
use crate::circle::CircleTag;
use crate::key::KeyKind;
use crate::wire::{FormatError, Reader, Writer};

/// Body of a circle post. It says nothing of person, grant, class or type: signalling sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CirclePost {
    /// Where the signals meet.
    pub tag: CircleTag,
    /// Who may post.
    pub organisation: Oin,
    /// When: in this epoch only.
    pub epoch: Epoch,
    /// The circle's gate key. When it is destroyed, signalling refuses the post.
    pub gate_key_id: KeyId,
}

impl Statement for CirclePost {
    const TAG: &'static str = "sluis/v1/circle-post";
    const SIGNER: KeyKind = KeyKind::Circle;
    const BODY_BYTES_MAX: usize = 32 + 20 + 4 + 32;

    fn write(&self, writer: &mut Writer) {
        writer
            .bytes(self.tag.expose())
            .bytes(self.organisation.as_bytes())
            .u32(self.epoch.number())
            .bytes(self.gate_key_id.as_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            tag: CircleTag::from_bytes(reader.array()?),
            organisation: reader.oin()?,
            epoch: Epoch::from_number(reader.u32()?),
            gate_key_id: KeyId::from_bytes(reader.array()?),
        })
    }

    /// Without a margin: epochs of the mesh begin and end for everybody at once, by signalling's clock.
    fn check_time(&self, now: Timestamp) -> Result<(), StatementError> {
        match self.epoch.cmp(&Epoch::of(now)) {
            Ordering::Greater => Err(StatementError::NotYetValid),
            Ordering::Less => Err(StatementError::Expired),
            Ordering::Equal => Ok(()),
        }
    }
}

impl Verified<CirclePost> {
    /// Whether this post is the caller's.
    ///
    /// # Errors
    /// [`StatementError::Mismatch`] when it is another organisation's.
    pub fn permits(&self, caller: Oin) -> Result<(), StatementError> {
        if caller == self.organisation {
            Ok(())
        } else {
            Err(StatementError::Mismatch {
                field: "organisation",
            })
        }
    }
}
