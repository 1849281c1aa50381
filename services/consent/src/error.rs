//! What goes wrong, and the one place where it becomes a refusal.

use std::time::Duration;

use sluis_keyring::{BucketKeysError, KeysError};
use sluis_ledger::LedgerError;
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use sluis_store::{OpenError, StoreError, Stored, WriteError};

use crate::domain::life::{Stage, allowed_from};
use crate::domain::mandate::MandateStage;

/// A "no" that is a decision: it stands in the log, and a repeat of the request gets it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// It does not exist, or is not the caller's, or there is no consent: one answer.
    NotAvailable,
    /// The link code is wrong, used or expired: one answer.
    CodeRefused,
    /// Too many wrong codes.
    TooManyTries { retry_seconds: u32 },
    /// The state does not allow it.
    Illegal(Stage),
    /// Another version is current.
    VersionConflict,
    /// What should be allowed is not within what may be.
    NotWithin,
    /// It must be surer who logged in.
    AssuranceTooLow,
    /// A signature, or what it is over, does not fit.
    BadSignature,
    /// A signed time is too far from ours.
    ClockSkew,
    /// The representative's mandate does not reach it.
    NotMandated,
    /// The mandate's state does not allow it.
    IllegalForMandate(MandateStage),
    /// It must be another person than the one who recorded it.
    SamePerson,
}

impl Denial {
    /// The number of the outcome in log events; 0 is "done".
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::NotAvailable => 1,
            Self::CodeRefused => 2,
            Self::TooManyTries { .. } => 3,
            Self::Illegal(_) => 4,
            Self::VersionConflict => 5,
            Self::NotWithin => 6,
            Self::AssuranceTooLow => 7,
            Self::BadSignature => 8,
            Self::ClockSkew => 9,
            Self::NotMandated => 30,
            Self::IllegalForMandate(_) => 31,
            Self::SamePerson => 32,
        }
    }

    const fn detail(self) -> u32 {
        match self {
            Self::TooManyTries { retry_seconds } => retry_seconds,
            Self::Illegal(stage) => stage.number() as u32,
            Self::IllegalForMandate(stage) => stage.number() as u32,
            _ => 0,
        }
    }
}

impl Stored for Denial {
    fn to_stored(&self) -> Vec<u8> {
        let mut bytes = self.number().to_be_bytes().to_vec();
        bytes.extend(self.detail().to_be_bytes());
        bytes
    }

    fn from_stored(bytes: &[u8]) -> Option<Self> {
        let (number, detail) = bytes.split_at_checked(2)?;
        let detail = u32::from_be_bytes(detail.try_into().ok()?);
        Some(match u16::from_be_bytes(number.try_into().ok()?) {
            1 => Self::NotAvailable,
            2 => Self::CodeRefused,
            3 => Self::TooManyTries {
                retry_seconds: detail,
            },
            4 => Self::Illegal(Stage::from_number(u8::try_from(detail).ok()?)?),
            5 => Self::VersionConflict,
            6 => Self::NotWithin,
            7 => Self::AssuranceTooLow,
            8 => Self::BadSignature,
            9 => Self::ClockSkew,
            30 => Self::NotMandated,
            31 => Self::IllegalForMandate(MandateStage::from_number(u8::try_from(detail).ok()?)?),
            32 => Self::SamePerson,
            _ => return None,
        })
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::NotAvailable => Self::not_available(),
            Denial::CodeRefused => Self::new(ErrorReason::CodeRefused),
            Denial::TooManyTries { retry_seconds } => {
                Self::new(ErrorReason::RateLimited).retry_after(Duration::from_secs(retry_seconds.into()))
            }
            Denial::Illegal(stage) => Self::new(ErrorReason::IllegalTransition)
                .with("state", stage.name())
                .with("allowed", allowed_from(stage)),
            Denial::VersionConflict => Self::new(ErrorReason::VersionConflict),
            Denial::NotWithin => Self::invalid_field("provisions", "must be within what is asked or allowed"),
            Denial::AssuranceTooLow => {
                Self::new(ErrorReason::RoleRefused).with("level_of_assurance", "SUBSTANTIAL")
            }
            Denial::BadSignature => Self::new(ErrorReason::BadSignature),
            Denial::ClockSkew => Self::new(ErrorReason::ClockSkew),
            Denial::NotMandated => Self::new(ErrorReason::MandateRefused),
            Denial::IllegalForMandate(stage) => {
                Self::new(ErrorReason::IllegalTransition).with("state", stage.name())
            }
            Denial::SamePerson => Self::new(ErrorReason::SecondPersonNeeded),
        }
    }
}

/// Why a command changed nothing and logged nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The database.
    #[error("the database did not do it")]
    Store(#[from] StoreError),
    /// The bucket keys.
    #[error("the bucket keys did not do it")]
    Keys(#[from] BucketKeysError),
    /// The caller may not, before anything was decided about anybody.
    #[error("the caller was refused")]
    Refused(Refusal),
    /// What was prepared does not fit any more: prepare again.
    #[error("it was changed meanwhile")]
    Moved,
    /// There is nothing to do any more.
    #[error("nothing to do")]
    NothingToDo,
    /// Something of ours is not in the form we give it.
    #[error("{0} has another form than we write")]
    Form(&'static str),
}

impl CommandError {
    /// Whether it is certain that nothing was committed.
    pub(crate) const fn is_certain(&self) -> bool {
        match self {
            Self::Store(error) => !error.is_unavailable(),
            Self::Keys(_) | Self::Refused(_) | Self::Moved | Self::NothingToDo | Self::Form(_) => true,
        }
    }
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal,
            CommandError::Store(error) => store_refusal(&error),
            CommandError::Keys(_) | CommandError::Moved => Self::closed(&error),
            CommandError::NothingToDo | CommandError::Form(_) => Self::internal(&error),
        }
    }
}

/// A failed write as a refusal.
pub(crate) fn write_refusal(error: WriteError<CommandError>) -> Refusal {
    match error {
        WriteError::Command(error) => error.into(),
        WriteError::RequestIdReused => Refusal::new(ErrorReason::RequestIdReused),
        WriteError::Store(error) => store_refusal(&error),
    }
}

/// A failed read as a refusal.
pub(crate) fn store_refusal(error: &StoreError) -> Refusal {
    if error.is_unavailable() {
        Refusal::closed(error)
    } else {
        Refusal::internal(error)
    }
}

/// A failed look into the log as a refusal.
pub(crate) fn ledger_refusal(error: LedgerError) -> Refusal {
    match error {
        LedgerError::Store(error) => store_refusal(&error),
        other => Refusal::internal(&other),
    }
}

/// Why consent does not start. Nothing was served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened, or is not migrated.
    #[error("consent's database cannot be opened")]
    Open(#[from] OpenError),
    /// The database cannot be read.
    #[error("consent's database cannot be read")]
    Store(#[from] StoreError),
    /// A key is missing.
    #[error("consent's keys cannot be used")]
    Keys(#[from] KeysError),
    /// The bucket keys cannot be used.
    #[error("the bucket keys cannot be used")]
    BucketKeys(#[from] BucketKeysError),
    /// PostgreSQL may lose what it acknowledged.
    #[error("PostgreSQL's {setting} is off: an acknowledged withdrawal could be lost; turn it on")]
    NotDurable {
        /// The setting.
        setting: &'static str,
    },
    /// PostgreSQL has no synchronous standby.
    #[error(
        "PostgreSQL has no synchronous standby: a failover could revive a withdrawn grant; \
         set synchronous_standby_names, or single_node = true where there is one server only"
    )]
    NoStandby,
    /// Another replica uses other bucket keys with the same database.
    #[error(
        "another consent replica uses this database with bucket keys of its own: the file store allows one replica; \
         stop it and wait a minute, or use a shared key store"
    )]
    AnotherReplica,
    /// The bucket keys belong to another database.
    #[error(
        "the bucket keys and this database do not belong together: nothing was changed; check both paths. \
         Where the bucket keys of this database are lost for good, start with an empty bucket directory (on PostgreSQL \
         also DELETE FROM holder): its grants are then suspended until their residents confirm"
    )]
    OtherBucketKeys,
    /// Bucket keys and database could not be brought in line.
    #[error("the bucket keys and the database could not be brought in line")]
    Recovery(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_are_stored_and_read_again() {
        for denial in [
            Denial::NotAvailable,
            Denial::CodeRefused,
            Denial::TooManyTries { retry_seconds: 77 },
            Denial::Illegal(Stage::Restored),
            Denial::VersionConflict,
            Denial::NotWithin,
            Denial::AssuranceTooLow,
            Denial::BadSignature,
            Denial::ClockSkew,
            Denial::NotMandated,
            Denial::IllegalForMandate(MandateStage::Disputed),
            Denial::SamePerson,
        ] {
            assert_eq!(Denial::from_stored(&denial.to_stored()), Some(denial));
            assert_ne!(denial.number(), 0);
        }
        assert_eq!(Denial::from_stored(&[0, 0, 0, 0, 0, 0]), None);
        assert_eq!(Denial::from_stored(&[1]), None);
    }
}
