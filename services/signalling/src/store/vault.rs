//! What turns values into sealed columns and hidden keys, and back.

use std::num::NonZeroUsize;
use std::sync::Arc;

use sluis_envelope::FormatError;
use sluis_keyring::{BlindIndex, Location, OpenError, RowCodec, RowSeal};
use sluis_store::StoreError;
use sluis_types::{AgendaItemId, GrantId, KeyId, MatchId, MeetingId, Oin};
use zeroize::Zeroizing;

/// Why something could not be loaded or saved.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value does not open.
    #[error("a sealed value of the database does not open")]
    Sealed(#[from] OpenError),
    /// A sealed value is not as this program writes it.
    #[error("a sealed value of the database has another form")]
    Format(#[from] FormatError),
    /// Two rows that belong together do not fit.
    #[error("the database met a contradiction: {0}")]
    Contradiction(&'static str),
}

/// What seals and what hides the keys of rows.
#[derive(Clone, Debug)]
pub(crate) struct Vault {
    rows: RowSeal,
    index: Arc<dyn BlindIndex>,
}

/// The key under which a row is found.
pub(crate) type Tag = [u8; 32];

impl Vault {
    pub(crate) fn new(codec: Arc<dyn RowCodec>, index: Arc<dyn BlindIndex>) -> Self {
        Self {
            rows: RowSeal::new(codec, super::STEPS),
            index,
        }
    }

    /// Seals a value for its place; its length is rounded up to a multiple of `step`.
    pub(crate) fn seal(&self, at: Location<'_>, plaintext: &[u8], step: NonZeroUsize) -> Vec<u8> {
        self.rows.seal(at, plaintext, step)
    }

    /// Opens a value that was sealed for this place.
    pub(crate) fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.rows.open(at, sealed)
    }

    /// Opens nobody's row of this step ([`RowSeal::absent`]).
    pub(crate) fn absent(&self, step: NonZeroUsize) {
        self.rows.absent(step);
    }

    pub(crate) fn match_tag(&self, id: MatchId) -> Tag {
        self.index.index("match", &[id.as_bytes()])
    }

    pub(crate) fn party_tag(&self, id: MatchId, organisation: Oin) -> Tag {
        self.index
            .index("match-party", &[id.as_bytes(), organisation.as_bytes()])
    }

    pub(crate) fn match_box_tag(&self, id: MatchId, sender: Oin, recipient: Oin) -> Tag {
        self.index.index(
            "match-box",
            &[id.as_bytes(), sender.as_bytes(), recipient.as_bytes()],
        )
    }

    pub(crate) fn grant_place_tag(&self, grant: GrantId, number: u32) -> Tag {
        self.index
            .index("match-of-grant", &[grant.as_bytes(), &number.to_be_bytes()])
    }

    pub(crate) fn gate_key_place_tag(&self, gate_key: KeyId, number: u32) -> Tag {
        self.index
            .index("match-of-gate-key", &[gate_key.as_bytes(), &number.to_be_bytes()])
    }

    pub(crate) fn meeting_tag(&self, id: MeetingId) -> Tag {
        self.index.index("meeting", &[id.as_bytes()])
    }

    pub(crate) fn seat_tag(&self, id: MeetingId, organisation: Oin) -> Tag {
        self.index
            .index("meeting-seat", &[id.as_bytes(), organisation.as_bytes()])
    }

    /// Of the meeting too: what is done to an item of one meeting reaches no message of another.
    pub(crate) fn agenda_message_tag(&self, (meeting, id): (MeetingId, AgendaItemId), recipient: Oin) -> Tag {
        self.index.index(
            "agenda-message",
            &[meeting.as_bytes(), id.as_bytes(), recipient.as_bytes()],
        )
    }

    pub(crate) fn agenda_of_grant_tag(&self, grant: GrantId) -> Tag {
        self.index.index("agenda-of-grant", &[grant.as_bytes()])
    }

    pub(crate) fn agenda_of_gate_key_tag(&self, gate_key: KeyId) -> Tag {
        self.index.index("agenda-of-gate-key", &[gate_key.as_bytes()])
    }

    pub(crate) fn ended_grant_tag(&self, grant: GrantId, version: u32) -> Tag {
        self.index
            .index("ended-grant", &[grant.as_bytes(), &version.to_be_bytes()])
    }

    pub(crate) fn ended_key_tag(&self, gate_key: KeyId) -> Tag {
        self.index.index("ended-gate-key", &[gate_key.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seals nothing, and shows what an index is of.
    #[derive(Debug)]
    struct Bare;

    impl RowCodec for Bare {
        fn seal(&self, _: Location<'_>, plaintext: &[u8], _: NonZeroUsize) -> Vec<u8> {
            plaintext.to_vec()
        }

        fn open(&self, _: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
            Ok(Zeroizing::new(sealed.to_vec()))
        }
    }

    impl BlindIndex for Bare {
        fn index(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
            sluis_envelope::hash(label, parts)
        }
    }

    #[test]
    fn p5_items_of_one_id_in_two_meetings_have_two_messages() {
        let vault = Vault::new(Arc::new(Bare), Arc::new(Bare));
        let recipient: Oin = "00000099000000001000".parse().unwrap();
        let item = AgendaItemId::from_bytes([7; 16]);
        let tag = |meeting| vault.agenda_message_tag((MeetingId::from_bytes([meeting; 16]), item), recipient);
        assert_eq!(tag(1), tag(1));
        assert_ne!(tag(1), tag(2));
    }
}
