//! What a resident's call reaches: the session it comes with, and the residents that its login leads to.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Refusal, ResidentCaller};
use sluis_store::Tx;
use sluis_types::Timestamp;

use super::{Name, ResidentKey};
use crate::domain::assurance::Assurance;
use crate::error::CommandError;
use crate::store::Rows;

/// Residents behind one login at most. More cannot be linked.
const RESIDENTS_MAX: u32 = 16;

/// A session, as it rests.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionRow {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) represents: Option<String>,
    pub(crate) assurance: Assurance,
    pub(crate) ends: Timestamp,
}

impl std::fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionRow(…)")
    }
}

/// Longest text of a login in a session row: what a caller token can carry.
const LOGIN_BYTES_MAX: usize = 512;

impl SessionRow {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u8(self.assurance.number())
            .timestamp(self.ends)
            .bytes16(self.issuer.as_bytes())
            .bytes16(self.subject.as_bytes())
            .u8(u8::from(self.represents.is_some()))
            .bytes16(self.represents.as_deref().unwrap_or_default().as_bytes());
        writer.finish()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        let invalid = FormatError::Invalid { field: "session" };
        let mut reader = Reader::new(bytes);
        let assurance = Assurance::from_number(reader.u8()?).ok_or(invalid)?;
        let ends = reader.timestamp()?;
        let mut text = || {
            let bytes = reader.bytes16(LOGIN_BYTES_MAX)?;
            String::from_utf8(bytes.to_vec()).map_err(|_| invalid)
        };
        let (issuer, subject) = (text()?, text()?);
        let represented = reader.u8()? == 1;
        let represents = reader.bytes16(LOGIN_BYTES_MAX)?;
        let represents = String::from_utf8(represents.to_vec()).map_err(|_| invalid)?;
        reader.finish()?;
        Ok(Self {
            issuer,
            subject,
            represents: represented.then_some(represents),
            assurance,
            ends,
        })
    }

    fn is_of(&self, caller: &ResidentCaller) -> bool {
        self.issuer == caller.issuer && self.subject == caller.subject && self.represents == caller.represents
    }
}

/// What a resident's call reaches.
#[derive(Debug)]
pub(crate) struct Reach {
    /// The residents behind the login, in order of j. Pages show the union; they are never merged.
    pub(crate) residents: Vec<ResidentKey>,
    /// How sure it is who logged in.
    pub(crate) assurance: Assurance,
}

impl Reach {
    /// Whether a resident is among those behind the login.
    pub(crate) fn owns(&self, resident: &ResidentKey) -> bool {
        self.residents.iter().any(|one| one == resident)
    }

    /// The login's own resident, whose log takes what is about no row in particular.
    pub(crate) fn first(&self) -> Result<&ResidentKey, CommandError> {
        self.residents
            .first()
            .ok_or_else(|| CommandError::Refused(Refusal::not_available()))
    }
}

/// Opens what a call reaches.
///
/// # Errors
/// SESSION_ENDED unless a session with the caller's hash lives and is the caller's own; NOT_AVAILABLE for a
/// representation without a recorded mandate.
pub(crate) async fn reach(
    rows: &Rows,
    tx: &mut Tx<'_>,
    caller: &ResidentCaller,
    now: Timestamp,
) -> Result<Reach, CommandError> {
    let session = rows.session(tx, &rows.session_key(&caller.session)).await?;
    let session = session
        .filter(|session| now < session.ends && session.is_of(caller))
        .ok_or_else(|| CommandError::Refused(Refusal::new(ErrorReason::SessionEnded)))?;
    let (issuer, subject) = (caller.issuer.as_str(), caller.subject.as_str());
    let mut residents = Vec::new();
    if let Some(represents) = &caller.represents {
        let key = rows.key(&Name::Representation {
            issuer,
            subject,
            represents,
        });
        let mandate = rows.access(tx, &key).await?;
        residents.extend(mandate.map(|access| access.resident));
    } else {
        for j in 0..RESIDENTS_MAX {
            let key = rows.key(&Name::Login { issuer, subject, j });
            let Some(access) = rows.access(tx, &key).await? else {
                break;
            };
            residents.push(access.resident);
        }
    }
    if residents.is_empty() {
        return Err(CommandError::Refused(Refusal::not_available()));
    }
    Ok(Reach {
        residents,
        assurance: session.assurance,
    })
}
