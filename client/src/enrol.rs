//! Joining a mesh: from an invitation to a profile with a certificate.

use std::path::Path;

use sluis_proto::registry::v1::EnrolRequest;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_types::RequestId;

use crate::connection::{channel, repeating};
use crate::profile::{Facts, Keys};
use crate::{Environment, Error, Invitation, Profile, private_file};

/// Enrols an organisation: makes its keys in `directory`, here and nowhere else, and lets the mesh issue a
/// certificate. A call that was interrupted may be repeated with the same invitation and directory.
///
/// # Errors
/// [`Error::Invalid`] when the directory holds an enrolment already, [`Error::Refused`] when the invitation is used,
/// expired or unknown, and [`Error`] of files and connection.
pub async fn enrol(
    invitation: &Invitation,
    directory: &Path,
    environment: &Environment,
) -> Result<Profile, Error> {
    if directory.join("profile.json").exists() {
        return Err(Error::invalid(
            "directory",
            "there is an enrolled profile already",
        ));
    }
    let oin = invitation.oin()?;
    private_file::create_directory(directory)?;
    let first = match Keys::resume(directory)? {
        Some(first) => first,
        None => Keys::create(directory, oin, environment.now(), &*environment.randomness)?,
    };
    let message = EnrolRequest {
        request_id: resumable_request_id(directory, environment)?,
        code: invitation.code.clone(),
        certificate_request: first.certificate_request.into(),
        key_statement: first.statement.into(),
    };
    let channel = channel(
        &invitation.gateway,
        &invitation.gateway_name,
        &invitation.ca,
        None,
    )?;
    let reply = repeating(|| {
        let (mut client, message) = (RegistryServiceClient::new(channel.clone()), message.clone());
        async move { Ok(client.enrol(message).await?.into_inner()) }
    })
    .await?;
    Keys::store_certificate(directory, &reply.certificate_chain)?;
    private_file::write(&directory.join("mesh-ca.pem"), invitation.ca.as_bytes())?;
    let facts = Facts {
        version: 1,
        mesh_id: invitation.mesh_id.clone(),
        gateway: invitation.gateway.clone(),
        gateway_name: invitation.gateway_name.clone(),
        oin: invitation.oin.clone(),
        display_name: invitation.display_name.clone(),
        kind: invitation.kind.clone(),
        mesh_keys: invitation.keys.clone(),
    };
    Profile::store_facts(directory, &facts)?;
    Keys::settle_certificate(directory)?;
    Profile::open(directory)
}

/// The same attempt keeps its id, also over a restart of this program.
fn resumable_request_id(directory: &Path, environment: &Environment) -> Result<String, Error> {
    let path = directory.join("enrolment-request-id");
    if let Some(bytes) = private_file::read_optional(&path)? {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if text.parse::<RequestId>().is_ok() {
            return Ok(text);
        }
    }
    let id = RequestId::random(&*environment.randomness).to_string();
    private_file::write(&path, id.as_bytes())?;
    Ok(id)
}
