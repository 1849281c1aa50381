//! Signals that go sealed to their one recipient: checked against the table before they leave, and again when they are
//! opened.

use sluis_envelope::MediaType;
use sluis_types::{GrantId, Handle, LegalBasis, MessageKind, Oin, OrganisationKind, Priority, SignalBasis};
use zeroize::Zeroizing;

use crate::partner::Partner;
use crate::{Error, Opened, Outgoing, SIGNAL_FORM_JSON, Sent, SignalForm};

/// In how many days an answer should be there: what the recipient does about a signal is not to wait.
const RESPOND_WITHIN_DAYS: u16 = 28;
/// In how many days a signal may no longer be opened.
const EXPIRES_IN_DAYS: u16 = 60;

/// A signal to its one recipient.
#[derive(Clone, Debug)]
pub struct OutgoingSignal {
    /// To whom.
    pub recipient: Oin,
    /// About whom: this organisation's own handle.
    pub resident: Handle,
    /// The record that it is sent on; none where the form says `CONSENT`.
    pub basis: Option<GrantId>,
    /// The form, as JSON ([`SignalForm`]): what goes in comes out, byte for byte.
    pub form: Zeroizing<Vec<u8>>,
}

impl Partner {
    /// Sends a signal: checks the form, whether its kind may go from this organisation to that one on that basis, and
    /// sends it.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Invalid`] for a form that may not go; otherwise as [`Partner::send`].
    pub async fn send_signal(&self, signal: OutgoingSignal) -> Result<Sent, Error> {
        let form = SignalForm::parse(&signal.form)?;
        let basis = form.signal_basis()?;
        if (basis == SignalBasis::Consent) != signal.basis.is_none() {
            return Err(Error::invalid(
                "basis",
                "a record goes with every basis but consent",
            ));
        }
        let sender = self.kind_of(self.profile().oin).await?;
        form.check_way(sender, self.kind_of(signal.recipient).await?)?;
        let emergency = basis == SignalBasis::Other(LegalBasis::VitalInterest);
        let outgoing = Outgoing {
            recipient: signal.recipient,
            resident: signal.resident,
            kind: MessageKind::Signal,
            thread: None,
            based_on: None,
            priority: if emergency {
                Priority::Urgent
            } else {
                Priority::Soon
            },
            respond_within_days: Some(RESPOND_WITHIN_DAYS),
            expires_in_days: EXPIRES_IN_DAYS,
            scope: form.scope()?,
            media_type: MediaType::new(SIGNAL_FORM_JSON).expect("a media type"),
            body: signal.form,
            attachments: Vec::new(),
        };
        match signal.basis {
            Some(basis) => self.send_on_basis(outgoing, basis, &|_| ()).await,
            None => self.send(outgoing, &|_| ()).await,
        }
    }

    /// Reads a signal that was opened, and checks it as the sender had to.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Invalid`] for a message that is no signal, or one that may not have come here: tell
    /// its sender.
    pub async fn read_signal(&self, opened: &Opened) -> Result<SignalForm, Error> {
        if opened.kind != MessageKind::Signal || opened.content.media_type.as_str() != SIGNAL_FORM_JSON {
            return Err(Error::invalid("message", "is no signal"));
        }
        let form = SignalForm::parse(&opened.content.body)?;
        let sender = self.kind_of(opened.sender).await?;
        form.check_way(sender, self.kind_of(self.profile().oin).await?)?;
        if form.scope()? == opened.content.scope {
            Ok(form)
        } else {
            Err(Error::invalid("scope", "is not that of the form"))
        }
    }

    /// What an organisation is to the mesh, as the registry shows it.
    async fn kind_of(&self, organisation: Oin) -> Result<OrganisationKind, Error> {
        let text = organisation.to_string();
        let all = self.organisations().await?;
        let found = all.iter().find(|other| other.oin == text);
        let kind = found.and_then(|other| u8::try_from(other.kind).ok());
        kind.and_then(|number| OrganisationKind::from_number(number).ok())
            .ok_or(Error::Unknown { what: "organisation" })
    }
}
