//! Opening contact boxes: whom to call about a match.

use sluis_envelope::{ContactBox, EnvelopeError, MatchStatement, Opener, Signed, SubmissionReceipt};
use sluis_proto::signalling::v1 as wire;
use sluis_types::{Handle, MatchId, MessageId, Oin};

use super::card::{CONTACT_CARD_JSON, ContactCard};
use super::kept_match::{KeptContact, KeptMatch};
use super::matches::Match;
use crate::Error;
use crate::partner::Partner;

/// Whom to call at one organisation that worries too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Which organisation: its signature was checked.
    pub organisation: Oin,
    /// What it says of itself.
    pub card: ContactCard,
    /// Whether another match told of the same worry before: the same worry met in another class or week.
    pub is_known: bool,
}

/// A box that was checked as far as it can be before the gate is asked.
struct Checked {
    message: MessageId,
    sender: Oin,
    opener: Opener,
    receipt: Signed<SubmissionReceipt>,
    statement: Signed<MatchStatement>,
    content: Vec<u8>,
}

impl Partner {
    /// Whom a match is about, by this organisation's own handle, and whom to call: opens the contact boxes that were not
    /// opened yet at consent's gate, with signalling's receipt and match statement as evidence, each checked against its
    /// pinned key.
    ///
    /// # Errors
    /// [`Error::Refused`] with reason `NOT_AVAILABLE` when the resident ended or paused the circle;
    /// [`Error::Statement`] or [`Error::Envelope`] when somebody cheated; [`Error::NothingToOpen`] when there is no box
    /// for this organisation.
    pub async fn open_contacts(&self, id: MatchId) -> Result<(Handle, Vec<Contact>), Error> {
        let directory = self.profile.directory();
        let (found, boxes) = self.match_with_boxes(id).await?;
        let mut kept = KeptMatch::load(directory, id)?;
        for matched in &boxes {
            let checked = self.check_box(&found, matched).await?;
            let contacts = kept.iter().flat_map(|kept| &kept.contacts);
            if contacts.into_iter().any(|contact| contact.is_of(checked.message)) {
                continue;
            }
            let (message, sender) = (checked.message, checked.sender);
            let (resident, card) = self.open_box(checked).await?;
            let kept = kept.get_or_insert_with(|| KeptMatch::new(resident));
            // A newer box of the same organisation takes the place of its older one.
            kept.contacts
                .retain(|contact| contact.organisation().ok() != Some(sender));
            kept.contacts.push(KeptContact::new(sender, message, card));
            kept.store(directory, id)?;
        }
        let kept = kept.ok_or(Error::NothingToOpen { state: found.state })?;
        let mut contacts = Vec::with_capacity(kept.contacts.len());
        for contact in &kept.contacts {
            let organisation = contact.organisation()?;
            contacts.push(Contact {
                organisation,
                is_known: KeptMatch::is_known(directory, id, organisation, &contact.card.worry)?,
                card: contact.card.clone(),
            });
        }
        Ok((kept.resident()?, contacts))
    }

    /// Forgets what was opened of a match.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be removed.
    pub fn forget_match(&self, id: MatchId) -> Result<(), Error> {
        KeptMatch::forget(self.profile.directory(), id)
    }

    async fn check_box(&self, found: &Match, matched: &wire::MatchedBox) -> Result<Checked, Error> {
        let now = self.environment.now();
        let contact_box = ContactBox::parse(&matched.contact_box)?;
        let receipt = Signed::<SubmissionReceipt>::parse(&matched.receipt)?
            .verify(&self.profile.mesh.signalling_receipt, now)?;
        let statement = Signed::<MatchStatement>::parse(&matched.match_statement)?
            .verify(&self.profile.mesh.match_statement, now)?;
        let sender = contact_box.header().sender();
        let key = self
            .signing_key_of(
                sender,
                &contact_box.header().signing_key_id(),
                receipt.received_at,
            )
            .await?;
        let manifest = contact_box.manifest().clone().verify(&key)?;
        let header = manifest.header();
        let is_party = found.parties.iter().any(|party| party.organisation == sender);
        if header.recipient() != self.profile.oin || sender == self.profile.oin || !is_party {
            return Err(EnvelopeError::WrongOrganisation.into());
        }
        if receipt.manifest_hash != manifest.hash() || statement.manifest_hash != manifest.hash() {
            return Err(Error::bad_answer("a contact box's evidence", "for another box"));
        }
        manifest.check_content(contact_box.content())?;
        let keys = self
            .profile
            .keys
            .sealing(&header.sealing_key_id())
            .ok_or(Error::Unknown { what: "sealing key" })?;
        let message = header.message_id();
        Ok(Checked {
            message,
            sender,
            opener: Opener::new(manifest, keys, contact_box.sealed_r(), contact_box.sealed_c())?,
            receipt: receipt.signed().clone(),
            statement: statement.signed().clone(),
            content: contact_box.content().to_vec(),
        })
    }

    async fn open_box(&self, checked: Checked) -> Result<(Handle, ContactCard), Error> {
        let opened = self
            .ask_gate(checked.opener, checked.receipt, Some(checked.statement))
            .await?;
        let content = opened.content(&checked.content)?;
        if content.media_type.as_str() != CONTACT_CARD_JSON {
            return Err(Error::bad_answer("a contact box", "no contact card"));
        }
        Ok((*opened.handle(), ContactCard::parse(&content.body)?))
    }
}
