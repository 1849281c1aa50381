//! Looking under one grant after the other, each with a ticket: a page that runs out of them shows what it found, and
//! says that it is not all.

use tonic::Status;

use super::problem::Problem;

/// What one look found; nothing where somebody looked too often, and then no further grant is to be looked under.
pub(super) fn unless_too_often<M>(looked: Result<M, Status>) -> Result<Option<M>, Problem> {
    match looked.map_err(Problem::from) {
        Ok(found) => Ok(Some(found)),
        Err(Problem::TooOften) => Ok(None),
        Err(problem) => Err(problem),
    }
}
