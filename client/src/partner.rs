//! A professional of an organisation, connected to the mesh.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sluis_envelope::{KeyStatement, Signed, VerifiedKeyStatement};
use sluis_proto::registry::v1 as registry;
use sluis_proto::registry::v1::registry_service_client::RegistryServiceClient;
use sluis_types::{KeyId, Oin, ProfessionalRole, Timestamp};

use crate::connection::{Connection, REPLY_BYTES_MAX};
use crate::profile::{Keys, Profile, open_statement};
use crate::{Environment, Error, private_file};

/// How long a partner's keys are used before the registry is asked again.
const STATEMENT_AGE_MAX: Duration = Duration::from_secs(60);

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
    pub fn connect(profile: Profile, professional: Professional, environment: Environment) -> Result<Self, Error> {
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
                    RegistryServiceClient::new(channel).list_organisations(request).await
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
        let chain = self.chain_of(organisation).await?;
        let newest = chain.last().ok_or_else(|| Error::malformed("the registry's answer", "no key statement"))?;
        Ok(newest.unverified().identity.id())
    }

    /// An organisation's keys, checked back to the pinned fingerprint.
    pub(crate) async fn statement_of(&self, organisation: Oin) -> Result<VerifiedKeyStatement, Error> {
        let now = self.environment.now();
        if let Some((at, statement)) = self.cached().get(&organisation)
            && now.since(*at) < STATEMENT_AGE_MAX
        {
            return Ok(statement.clone());
        }
        let chain = self.chain_of(organisation).await?;
        let statement = self.follow(organisation, chain, now)?;
        self.profile.remember_statement(&statement)?;
        self.cached().insert(organisation, (now, statement.clone()));
        Ok(statement)
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, HashMap<Oin, (Timestamp, VerifiedKeyStatement)>> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Walks a chain from what is known, or from the pin, to its newest statement.
    fn follow(
        &self,
        organisation: Oin,
        chain: Vec<Signed<KeyStatement>>,
        now: Timestamp,
    ) -> Result<VerifiedKeyStatement, Error> {
        let changed = |source| Error::KeysChanged { organisation, source };
        let known = match self.profile.known_statement(organisation)? {
            Some(bytes) => open_statement(&bytes)?,
            None => self.first_pinned(organisation, &chain, now)?,
        };
        if known.organisation() != organisation {
            return Err(Error::malformed("the known keys", "of another organisation"));
        }
        // The registry may not fall back behind what was seen, nor show another statement under the same number.
        let same = chain
            .iter()
            .find(|statement| statement.unverified().sequence == known.sequence());
        if same.is_none_or(|statement| statement.hash() != known.hash()) {
            return Err(changed(sluis_envelope::KeyStatementError::Chain));
        }
        chain
            .into_iter()
            .filter(|next| next.unverified().sequence > known.sequence())
            .try_fold(known.clone(), |current, next| current.accept(next, now))
            .map_err(changed)
    }

    fn first_pinned(
        &self,
        organisation: Oin,
        chain: &[Signed<KeyStatement>],
        now: Timestamp,
    ) -> Result<VerifiedKeyStatement, Error> {
        let newest = chain.last().ok_or_else(|| Error::malformed("the registry's answer", "no key statement"))?;
        let Some(fingerprint) = self.profile.pinned(organisation)? else {
            return Err(Error::NotPinned {
                organisation,
                shown: newest.unverified().identity.id(),
            });
        };
        // The identity key may have been replaced since or before the pin was taken: start at its first statement.
        let first = chain
            .iter()
            .find(|statement| statement.unverified().identity.id() == fingerprint)
            .ok_or(Error::KeysChanged {
                organisation,
                source: sluis_envelope::KeyStatementError::Identity,
            })?;
        VerifiedKeyStatement::pinned(first.clone(), &fingerprint, now)
            .map_err(|source| Error::KeysChanged { organisation, source })
    }

    async fn chain_of(&self, organisation: Oin) -> Result<Vec<Signed<KeyStatement>>, Error> {
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

    /// Replaces the newest sealing key when it is older than 30 days, or when asked. Old keys stay, to open old
    /// messages with. Needs the identity key in the profile, and [`ProfessionalRole::OrganisationAdmin`] or
    /// [`ProfessionalRole::System`].
    ///
    /// # Errors
    /// [`Error`] of the files or the call. A key that was made but not published is never sealed to.
    pub async fn rotate_sealing_key(&self, even_if_young: bool) -> Result<bool, Error> {
        let now = self.environment.now();
        if !even_if_young && !self.profile.keys.sealing_is_old(now) {
            return Ok(false);
        }
        let directory = self.profile.directory();
        let statement = self.profile.keys.rotate_sealing(directory, now, &*self.environment.randomness)?;
        let message = registry::PublishKeyRequest {
            request_id: self.connection.request_id().to_string(),
            key_statement: statement.clone().into(),
        };
        self.connection
            .call(message, |channel, request| async move {
                RegistryServiceClient::new(channel).publish_key(request).await
            })
            .await?;
        Keys::store_statement(directory, &statement)?;
        Ok(true)
    }
}

/// The mesh's CA certificate, as the enrolment stored it.
pub(crate) fn ca_of(directory: &Path) -> Result<String, Error> {
    let bytes = private_file::read(&directory.join("mesh-ca.pem"))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::malformed("mesh-ca.pem", "no text"))
}
