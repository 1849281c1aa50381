//! What a resident's call reaches: the session it comes with, and the residents that its login leads to.

use sluis_envelope::{FormatError, Reader, Writer};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Refusal, ResidentCaller};
use sluis_store::Tx;
use sluis_types::{Oin, Timestamp};

use super::{Name, ResidentKey, RowKind};
use crate::domain::Allowance;
use crate::domain::assurance::Assurance;
use crate::domain::mandate::Mandate;
use crate::domain::mandate_kind::MandateAct;
use crate::domain::receipt::Speaker;
use crate::error::CommandError;
use crate::store::{Lock, Rows};

/// Residents behind one login at most, and mandates of one representation. More cannot be linked.
pub(crate) const RESIDENTS_MAX: u32 = 16;

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

/// By what a call reaches a resident.
#[derive(Debug)]
enum Power {
    /// It is the resident: everything.
    Own,
    /// Mandates of a representative: what any of them allows is allowed.
    By(Vec<Mandate>),
}

/// A resident whom a call reaches, and what the caller may do about them.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) resident: ResidentKey,
    power: Power,
}

impl Reached {
    /// Whether the caller may do this about exactly this.
    pub(crate) fn may(&self, act: MandateAct, about: &Allowance) -> bool {
        match &self.power {
            Power::Own => true,
            Power::By(mandates) => mandates.iter().any(|mandate| mandate.lets(act, about)),
        }
    }

    /// Whether the caller may let this recipient have exactly this: never by a mandate that the recipient recorded.
    fn may_give(&self, about: &Allowance, recipient: &Oin) -> bool {
        match &self.power {
            Power::Own => true,
            Power::By(mandates) => mandates
                .iter()
                .filter(|mandate| mandate.recorded_by.is_none_or(|(oin, _)| oin != *recipient))
                .any(|mandate| mandate.lets(MandateAct::Decide, about)),
        }
    }

    /// Whether the caller may do this about everything: for what is about no life domain in particular.
    pub(crate) fn may_about_all(&self, act: MandateAct) -> bool {
        self.may(act, &Allowance::everything())
    }

    /// The mandates of a representative.
    pub(crate) fn mandates(&self) -> impl Iterator<Item = &Mandate> {
        match &self.power {
            Power::Own => [].iter(),
            Power::By(mandates) => mandates.iter(),
        }
    }
}

/// What a resident's call reaches.
#[derive(Debug)]
pub(crate) struct Reach {
    /// The residents behind the login, in order of j. Pages show the union; they are never merged.
    pub(crate) residents: Vec<Reached>,
    /// How sure it is who logged in.
    pub(crate) assurance: Assurance,
    /// Whether a representative calls.
    pub(crate) is_representative: bool,
}

impl Reach {
    fn of(&self, resident: &ResidentKey) -> Option<&Reached> {
        self.residents
            .iter()
            .find(|reached| reached.resident == *resident)
    }

    /// Who it is that speaks.
    pub(crate) const fn speaker(&self) -> Speaker {
        if self.is_representative {
            Speaker::Representative
        } else {
            Speaker::Resident
        }
    }

    /// Whether a resident is among those behind the login.
    pub(crate) fn owns(&self, resident: &ResidentKey) -> bool {
        self.of(resident).is_some()
    }

    /// Whether the caller may do this about exactly this, of this resident's.
    pub(crate) fn may(&self, resident: &ResidentKey, act: MandateAct, about: &Allowance) -> bool {
        self.of(resident).is_some_and(|reached| reached.may(act, about))
    }

    /// Whether the caller may let this recipient have exactly this, of this resident's.
    pub(crate) fn may_give(&self, resident: &ResidentKey, about: &Allowance, recipient: &Oin) -> bool {
        self.of(resident)
            .is_some_and(|reached| reached.may_give(about, recipient))
    }

    /// The login's own resident, whose log takes what is about no row in particular.
    pub(crate) fn first(&self) -> Result<&ResidentKey, CommandError> {
        self.residents
            .first()
            .map(|reached| &reached.resident)
            .ok_or_else(|| CommandError::Refused(Refusal::not_available()))
    }

    /// That the residents themself call, where no mandate reaches.
    ///
    /// # Errors
    /// MANDATE_REFUSED for a representative.
    pub(crate) fn require_own(&self) -> Result<(), CommandError> {
        if self.is_representative {
            return Err(CommandError::Refused(Refusal::new(ErrorReason::MandateRefused)));
        }
        Ok(())
    }

    fn add(&mut self, resident: ResidentKey, mandate: Mandate) {
        let known = self
            .residents
            .iter_mut()
            .find(|reached| reached.resident == resident);
        if let Some(Reached {
            power: Power::By(mandates),
            ..
        }) = known
        {
            mandates.push(mandate);
        } else {
            self.residents.push(Reached {
                resident,
                power: Power::By(vec![mandate]),
            });
        }
    }
}

/// Opens what a call reaches, for an act: a mandate that it is done by cannot end meanwhile.
///
/// # Errors
/// SESSION_ENDED unless a session with the caller's hash lives and is the caller's own; NOT_AVAILABLE for a
/// representation without a live mandate.
pub(crate) async fn reach(
    rows: &Rows,
    tx: &mut Tx<'_>,
    caller: &ResidentCaller,
    now: Timestamp,
) -> Result<Reach, CommandError> {
    open(rows, tx, caller, now, Lock::Shared).await
}

/// The same, for reading.
///
/// # Errors
/// As [`reach`].
pub(crate) async fn view(
    rows: &Rows,
    tx: &mut Tx<'_>,
    caller: &ResidentCaller,
    now: Timestamp,
) -> Result<Reach, CommandError> {
    open(rows, tx, caller, now, Lock::None).await
}

/// The session that a call comes with.
///
/// # Errors
/// SESSION_ENDED unless it lives and is the caller's own.
pub(crate) async fn session(
    rows: &Rows,
    tx: &mut Tx<'_>,
    caller: &ResidentCaller,
    now: Timestamp,
) -> Result<SessionRow, CommandError> {
    let session = rows.session(tx, &rows.session_key(&caller.session)).await?;
    session
        .filter(|session| now < session.ends && session.is_of(caller))
        .ok_or_else(|| CommandError::Refused(Refusal::new(ErrorReason::SessionEnded)))
}

async fn open(
    rows: &Rows,
    tx: &mut Tx<'_>,
    caller: &ResidentCaller,
    now: Timestamp,
    lock: Lock,
) -> Result<Reach, CommandError> {
    let mut reach = Reach {
        residents: Vec::new(),
        assurance: session(rows, tx, caller, now).await?.assurance,
        is_representative: caller.represents.is_some(),
    };
    for j in 0..RESIDENTS_MAX {
        let Some(access) = rows.access(tx, &rows.key(&login_name(caller, j))).await? else {
            break;
        };
        if !reach.is_representative {
            reach.residents.push(Reached {
                resident: access.resident,
                power: Power::Own,
            });
        } else if let Some(i) = access.row() {
            let tag = access.resident.tag(RowKind::Mandate, i);
            let mandate = rows.mandate(tx, &tag, lock).await?;
            if let Some(mandate) = mandate.filter(|mandate| mandate.is_live(now)) {
                reach.add(access.resident, mandate);
            }
        }
    }
    reach.first()?;
    Ok(reach)
}

/// The name of the `j`th resident, or mandate, behind a login.
pub(crate) fn login_name(caller: &ResidentCaller, j: u32) -> Name<'_> {
    let (issuer, subject) = (caller.issuer.as_str(), caller.subject.as_str());
    match &caller.represents {
        None => Name::Login { issuer, subject, j },
        Some(represents) => Name::Representation {
            issuer,
            subject,
            represents,
            j,
        },
    }
}
