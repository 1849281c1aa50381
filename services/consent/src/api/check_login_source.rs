//! CheckLoginSource: whether logins from a source are welcome.

use std::time::Duration;

use sluis_proto::consent::v1::{CheckLoginSourceRequest, CheckLoginSourceResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{MeshRole, Refusal, bytes32};
use tonic::Request;

use super::require_role;
use crate::desk::Desk;
use crate::error::store_refusal;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<CheckLoginSourceRequest>,
) -> Result<CheckLoginSourceResponse, Refusal> {
    require_role(&request, &[MeshRole::Gateway])?;
    let source = bytes32("source", &request.get_ref().source)?;
    let now = desk.now();
    let mut read = desk
        .store
        .read("CheckLoginSource")
        .await
        .map_err(|error| store_refusal(&error))?;
    let counter = desk.rows.tries_of_source(&source);
    let tries = desk.rows.peek_tries(&mut read.tx(), &counter).await;
    let allowed = desk.login_alarm.allowed_of_source(now);
    let tries = tries.map_err(|error| store_refusal(&error))?;
    match tries.closed_after(allowed, now) {
        None => Ok(CheckLoginSourceResponse {}),
        Some(opens) => {
            let wait = opens.since(now) + Duration::from_secs(1);
            Err(Refusal::new(ErrorReason::RateLimited).retry_after(wait))
        }
    }
}
