//! PublishKey: a member states its keys anew.

use sluis_envelope::{KeyStatement, Signed, VerifiedKeyStatement};
use sluis_proto::registry::v1::{PublishKeyRequest, PublishKeyResponse};
use sluis_serve::Refusal;
use sluis_store::{Command, Outcome, Tx};
use sluis_types::Oin;

use super::call::Call;
use super::message::{organisation, organisation_changed};
use crate::Inner;
use crate::domain::{Act, Refused, next_statement};
use crate::error::Error;
use crate::store::{insert_statement, load_member, load_record, mark_changed, unexpected};

const METHOD: &str = "sluis.registry.v1.RegistryService/PublishKey";

pub(super) async fn handle(
    registry: &Inner,
    request: &tonic::Request<PublishKeyRequest>,
) -> Result<PublishKeyResponse, Refusal> {
    let now = registry.clock.now();
    let call = Call::of(request, METHOD, &request.get_ref().request_id, now)?;
    let publisher = call.caller.partner()?.organisation;
    let statement = Signed::parse(&request.get_ref().key_statement).map_err(Error::from)?;
    Ok(registry
        .write(
            &call,
            PublishKey {
                call: call.clone(),
                publisher,
                statement,
            },
        )
        .await?)
}

struct PublishKey {
    call: Call,
    publisher: Oin,
    statement: Signed<KeyStatement>,
}

impl PublishKey {
    async fn accept(&self, tx: &mut Tx<'_>) -> Result<Result<VerifiedKeyStatement, Refused>, Error> {
        let Some(member) = load_member(tx, self.publisher, self.call.at).await? else {
            return Ok(Err(Refused::NotAvailable));
        };
        Ok(next_statement(
            &member.keys,
            member.chain_bytes,
            self.statement.clone(),
            self.call.at,
        ))
    }
}

impl Command for PublishKey {
    type Reply = PublishKeyResponse;
    type Refusal = Refused;
    type Error = Error;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Outcome<Self::Reply, Refused>, Error> {
        let keys = match self.accept(tx).await? {
            Ok(keys) => keys,
            Err(refused) => {
                return Ok(Outcome::refused(
                    refused,
                    self.call.refused(Act::KeysPublished, refused),
                ));
            }
        };
        insert_statement(tx, &keys).await?;
        mark_changed(tx, self.publisher).await?;
        let record = load_record(tx, self.publisher)
            .await?
            .ok_or(unexpected("an organisation that was there a moment ago"))?;
        let log = self.call.done(Act::KeysPublished, self.publisher, &keys.hash());
        let reply = PublishKeyResponse {
            organisation: Some(organisation(record)),
        };
        Ok(Outcome::done(reply, log).with_event(organisation_changed(self.publisher)))
    }
}
