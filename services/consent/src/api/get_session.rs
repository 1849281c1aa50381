//! GetSession: who is logged in under a session token.

use sluis_proto::consent::v1::{GetSessionRequest, GetSessionResponse, LevelOfAssurance};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{MeshRole, Refusal, session_hash, to_proto_timestamp};
use tonic::Request;

use super::require_role;
use crate::desk::Desk;
use crate::domain::assurance::Assurance;
use crate::error::store_refusal;

pub(super) async fn handle(
    desk: &Desk,
    request: Request<GetSessionRequest>,
) -> Result<GetSessionResponse, Refusal> {
    require_role(&request, &[MeshRole::Gateway])?;
    // A token of another length is no token: one answer.
    let key = desk
        .rows
        .session_key(&session_hash(&request.get_ref().session_token));
    let mut read = desk
        .store
        .read("GetSession")
        .await
        .map_err(|error| store_refusal(&error))?;
    let session = desk
        .rows
        .session(&mut read.tx(), &key)
        .await
        .map_err(|error| store_refusal(&error))?;
    let session = session
        .filter(|session| desk.now() < session.ends)
        .ok_or_else(|| Refusal::new(ErrorReason::SessionEnded))?;
    let level = match session.assurance {
        Assurance::Low => LevelOfAssurance::Low,
        Assurance::Substantial => LevelOfAssurance::Substantial,
        Assurance::High => LevelOfAssurance::High,
    };
    Ok(GetSessionResponse {
        issuer: session.issuer,
        subject: session.subject,
        represents: session.represents.unwrap_or_default(),
        level_of_assurance: level.into(),
        expires_at: Some(to_proto_timestamp(session.ends)),
    })
}
