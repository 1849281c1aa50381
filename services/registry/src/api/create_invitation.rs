//! CreateInvitation: the operator invites an organisation.

use std::time::Duration;

use sluis_proto::registry::v1::{CreateInvitationRequest, CreateInvitationResponse};
use sluis_serve::{Refusal, oin, optional_text, text, to_proto_timestamp};
use sluis_store::{Command, Outcome, Tx};
use sluis_types::OrganisationKind;

use super::call::Call;
use crate::Inner;
use crate::domain::{Act, Invitation, InvitationCode, InvitationDocument, Profile, Refused, Standing};
use crate::error::Error;
use crate::store::{lock_organisation, put_invitation};

const METHOD: &str = "sluis.registry.v1.RegistryService/CreateInvitation";
/// How long an invitation can be used.
const VALIDITY: Duration = Duration::from_hours(14 * 24);
const DISPLAY_NAME_CHARS_MAX: usize = 120;
const CONTACT_CHARS_MAX: usize = 200;

fn decode(request: &CreateInvitationRequest) -> Result<Profile, Refusal> {
    let display_name = text("display_name", &request.display_name, DISPLAY_NAME_CHARS_MAX)?;
    let contact = optional_text("contact", &request.contact, CONTACT_CHARS_MAX)?;
    let kind = u8::try_from(request.kind)
        .ok()
        .and_then(|number| OrganisationKind::from_number(number).ok())
        .ok_or_else(|| Refusal::invalid_field("kind", "must be a kind of organisation"))?;
    Ok(Profile {
        oin: oin("oin", &request.oin)?,
        display_name: display_name.to_owned(),
        kind,
        contact: contact.unwrap_or_default().to_owned(),
    })
}

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<CreateInvitationRequest>,
) -> Result<CreateInvitationResponse, Refusal> {
    let now = registry.clock.now();
    let call = Call::of(request, METHOD, &request.get_ref().request_id, now)?;
    let profile = decode(request.get_ref())?;
    let code = InvitationCode::fresh(registry.randomness.as_ref());
    let expires_at = now.plus(VALIDITY);
    let document = InvitationDocument {
        mesh_id: &registry.config.mesh_id,
        gateway: &registry.config.gateway,
        gateway_name: &registry.config.gateway_name,
        ca_pem: registry.ca.certificate_pem(),
        code: &code,
        profile: &profile,
        expires_at,
        pins: &registry.pins,
        registry_log: registry.ledger.verifying_key(),
    };
    let reply = CreateInvitationResponse {
        invitation: document.to_json().to_string(),
        expires_at: Some(to_proto_timestamp(expires_at)),
    };
    let code = code.index(registry.index.as_ref());
    let invitation = Invitation {
        profile,
        code,
        expires_at,
        used_at: None,
    };
    Ok(registry
        .write(
            &call,
            CreateInvitation {
                call: call.clone(),
                invitation,
                reply,
            },
        )
        .await?)
}

struct CreateInvitation {
    call: Call,
    invitation: Invitation,
    reply: CreateInvitationResponse,
}

impl Command for CreateInvitation {
    type Reply = CreateInvitationResponse;
    type Refusal = Refused;
    type Error = Error;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Self::Reply, Refused>, Error> {
        let invited = self.invitation.profile.oin;
        let member = lock_organisation(tx, invited).await?;
        match Standing::of(None, member).invite(self.invitation.clone()) {
            Ok(invitation) => {
                put_invitation(tx, &invitation).await?;
                let log = self.call.done(Act::InvitationCreated, invited, &[0; 32]);
                Ok(Outcome::done(self.reply.clone(), log))
            }
            Err(refused) => Ok(Outcome::refused(
                refused,
                self.call.refused(Act::InvitationCreated, refused),
            )),
        }
    }
}
