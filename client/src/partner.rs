//! A professional of an organisation, connected to the mesh.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sluis_envelope::{KeyStatement, OrganisationKey, Signed, VerifiedKeyStatement};
use sluis_proto::registry::v1 as registry;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_types::{KeyId, Oin, ProfessionalRole, Timestamp};

use crate::connection::{Connection, REPLY_BYTES_MAX};
use crate::profile::{Profile, remember};
use crate::{Environment, Error, private_file, trust};

/// How long a partner's keys are used before the registry is asked again.
const STATEMENT_AGE_MAX: Duration = Duration::from_mins(1);

/// Who acts: the organisation's own name for the professional, and what it may do.
#[derive(Clone, Debug)]
pub struct Professional {
    /// The organisation's own identifier; the mesh sees it in the token and logs a hash of it.
    pub id: String,
    /// What the professional may do.
    pub role: ProfessionalRole,
}

/// A professional of an organisation, connected to the mesh. Cheap to keep, safe to share between tasks.
#[derive(Debug)]
pub struct Partner {
    pub(crate) profile: Profile,
    pub(crate) connection: Connection,
    pub(crate) environment: Environment,
    statements: Mutex<HashMap<Oin, (Timestamp, VerifiedKeyStatement)>>,
}

impl Partner {
    /// Prepares a connection; the gateway is reached at the first call.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Malformed`] where the profile has no usable certificate or key.
    pub fn connect(
        profile: Profile,
        professional: Professional,
        environment: Environment,
    ) -> Result<Self, Error> {
        let ca = ca_of(profile.directory())?;
        Ok(Self {
            connection: Connection::new(&profile, &ca, professional, environment.clone())?,
            profile,
            environment,
            statements: Mutex::default(),
        })
    }

    /// The organisation's profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The organisations of the mesh, in order of OIN, without keys.
    ///
    /// # Errors
    /// [`Error`] of the call.
    pub async fn organisations(&self) -> Result<Vec<registry::Organisation>, Error> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let message = registry::ListOrganisationsRequest {
                page_size: 200,
                page_token,
            };
            let page = self
                .connection
                .call(message, |channel, request| async move {
                    RegistryServiceClient::new(channel)
                        .list_organisations(request)
                        .await
                })
                .await?;
            all.extend(page.organisations);
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = page.next_page_token;
        }
    }

    /// The fingerprint that the registry shows for an organisation now: to compare with what the organisation itself
    /// says, never to trust by itself.
    ///
    /// # Errors
    /// [`Error`] of the call, or a chain that is none.
    pub async fn shown_fingerprint(&self, organisation: Oin) -> Result<KeyId, Error> {
        trust::shown(&self.chain_of(organisation).await?)
    }

    /// Pins a fingerprint that was learned out of band, and looks whether the keys that the registry shows follow from
    /// it. False when the mesh could not be reached: then it is pinned, and looked at when it is first needed.
    ///
    /// # Errors
    /// [`Error::KeysChanged`] when the registry's keys do not follow from it: then nothing is pinned.
    pub async fn pin(&self, organisation: Oin, fingerprint: KeyId) -> Result<bool, Error> {
        let chain = match self.chain_of(organisation).await {
            Ok(chain) => Some(chain),
            Err(Error::Unreachable(_)) => None,
            Err(error) => return Err(error),
        };
        if let Some(chain) = &chain {
            trust::follow_pin(organisation, &fingerprint, chain, self.environment.now())?;
        }
        self.profile.pin(organisation, fingerprint)?;
        self.cached().remove(&organisation);
        Ok(chain.is_some())
    }

    /// An organisation's keys, checked back to the pinned fingerprint; not older than a minute.
    pub(crate) async fn statement_of(&self, organisation: Oin) -> Result<VerifiedKeyStatement, Error> {
        let now = self.environment.now();
        if let Some((at, statement)) = self.cached().get(&organisation)
            && now.since(*at) < STATEMENT_AGE_MAX
        {
            return Ok(statement.clone());
        }
        self.newest_statement_of(organisation).await
    }

    /// The key that an organisation signed with at a time. One that was made a moment ago is looked up anew.
    pub(crate) async fn signing_key_of(
        &self,
        organisation: Oin,
        id: &KeyId,
        at: Timestamp,
    ) -> Result<OrganisationKey, Error> {
        if let Ok(key) = self.statement_of(organisation).await?.signing_key(id, at) {
            return Ok(key);
        }
        self.newest_statement_of(organisation)
            .await?
            .signing_key(id, at)
            .map_err(|source| Error::KeysChanged { organisation, source })
    }

    async fn newest_statement_of(&self, organisation: Oin) -> Result<VerifiedKeyStatement, Error> {
        let now = self.environment.now();
        let chain = self.chain_of(organisation).await?;
        let statement = trust::follow(self.profile.directory(), organisation, &chain, now)?;
        remember(self.profile.directory(), &statement)?;
        self.cached().insert(organisation, (now, statement.clone()));
        Ok(statement)
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, HashMap<Oin, (Timestamp, VerifiedKeyStatement)>> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The chain of key statements that the registry shows; nothing of it is checked.
    pub(crate) async fn chain_of(&self, organisation: Oin) -> Result<Vec<Signed<KeyStatement>>, Error> {
        let message = registry::GetOrganisationRequest {
            oin: organisation.to_string(),
        };
        let reply = self
            .connection
            .call(message, |channel, request| async move {
                RegistryServiceClient::new(channel)
                    .max_decoding_message_size(REPLY_BYTES_MAX)
                    .get_organisation(request)
                    .await
            })
            .await?;
        reply
            .organisation
            .unwrap_or_default()
            .key_statements
            .iter()
            .map(|bytes| Ok(Signed::parse(bytes)?))
            .collect()
    }
}

/// The mesh's CA certificate, as the enrolment stored it.
pub(crate) fn ca_of(directory: &Path) -> Result<String, Error> {
    let bytes = private_file::read(&directory.join("mesh-ca.pem"))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::malformed("mesh-ca.pem", "no text"))
}
