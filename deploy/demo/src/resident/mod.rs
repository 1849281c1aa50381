//! A fictional resident's commands, for trying things by hand beside a running mesh.
//!
//! They go the way of any resident: log in at the provider, through the gateway's relying party into a session, and
//! from there by the gateway's resident functions over mTLS to the services. Only the provider is a special one
//! ([`crate::provider`]), and where the mesh has another, nothing here runs.

mod login;
mod words;

use std::collections::HashMap;

use sluis_compose::{Ambient, Config, resident_gateway};
use sluis_gateway::Session;
use sluis_proto::consent::v1 as wire;
use sluis_proto::registry::v1::ListOrganisationsRequest;
use sluis_types::{Oin, RequestId};
use tokio::net::TcpStream;

pub use login::{LoggedIn, log_in};

use crate::DemoError;
use crate::provider::{BANNER, DEFAULT_PORT, Provider, port_of, resident_config};

/// What a resident does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Makes a link code for an organisation, to give to its worker.
    Code {
        /// Its OIN.
        organisation: String,
    },
    /// Looks at what is asked.
    Requests,
    /// Grants what was asked.
    Grant {
        /// Id of the request.
        id: String,
    },
    /// Refuses what was asked.
    Refuse {
        /// Id of the request.
        id: String,
    },
    /// Looks at what is allowed.
    Grants,
    /// Withdraws a grant.
    Withdraw {
        /// Id of the grant.
        id: String,
    },
    /// Looks who asked, who opened, what was refused.
    Log,
}

/// Acts as the fictional resident `name` in the mesh of this configuration, and gives the lines to show.
///
/// # Errors
/// [`DemoError`] when the mesh has another provider of logins, is not running, or refuses.
pub async fn act(config: &Config, name: &str, act: Act) -> Result<Vec<String>, DemoError> {
    let port = allowed_port(config)?;
    let ambient = Ambient::system()?;
    let acted = act_through(config, &ambient, port, name, act).await;
    ambient.stop.request();
    acted
}

/// The port of the development login, where the mesh has no other provider.
fn allowed_port(config: &Config) -> Result<u16, DemoError> {
    let Some(resident) = &config.gateway.resident else {
        return Ok(DEFAULT_PORT);
    };
    port_of(&resident.openid.issuer).ok_or_else(|| {
        DemoError::unexpected(
            "this mesh has a provider of logins for real residents: the development login does not run beside it",
        )
    })
}

async fn act_through(
    config: &Config,
    ambient: &Ambient,
    port: u16,
    name: &str,
    act: Act,
) -> Result<Vec<String>, DemoError> {
    // A mesh that plays the demonstration has its provider up already.
    if TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        let (clock, randomness) = (ambient.clock.clone(), ambient.randomness.clone());
        Provider::start(port, &config.keys_dir, clock, randomness, ambient.stop.clone()).await?;
    }
    let gateway = resident_gateway(config, ambient, resident_config(port)).await?;
    let login = gateway
        .login()
        .ok_or_else(|| DemoError::unexpected("the gateway was started without a login"))?;
    let side = gateway.resident().clone();
    let token = log_in(login, &side, name).await?.token;
    let session = side
        .session(&token)
        .await
        .map_err(DemoError::refused("finding the session"))?;
    let lines = Desk {
        session: &session,
        ambient,
    }
    .act(act)
    .await?;
    side.log_out(&token)
        .await
        .map_err(DemoError::refused("logging out"))?;
    Ok([vec![format!("{BANNER} You are {name}.")], lines].concat())
}

struct Desk<'a> {
    session: &'a Session,
    ambient: &'a Ambient,
}

impl Desk<'_> {
    async fn act(&self, act: Act) -> Result<Vec<String>, DemoError> {
        match act {
            Act::Code { organisation } => self.code(organisation).await,
            Act::Requests => self.requests().await,
            Act::Grant { id } => self.grant(id).await,
            Act::Refuse { id } => self.refuse(id).await,
            Act::Grants => self.grants().await,
            Act::Withdraw { id } => self.withdraw(id).await,
            Act::Log => self.log().await,
        }
    }

    fn request_id(&self) -> String {
        RequestId::random(&*self.ambient.randomness).to_string()
    }

    async fn code(&self, organisation: String) -> Result<Vec<String>, DemoError> {
        let oin: Oin = organisation
            .parse()
            .map_err(|_| DemoError::unexpected("an OIN is 20 digits"))?;
        let names = self.names().await?;
        if !names.0.contains_key(oin.as_str()) {
            return Err(DemoError::unexpected(
                "no organisation with this OIN is in the mesh yet",
            ));
        }
        let message = wire::CreateLinkCodeRequest {
            request_id: self.request_id(),
            oin: oin.to_string(),
        };
        let made = self
            .session
            .create_link_code(message)
            .await
            .map_err(DemoError::refused("making a link code"))?;
        let until = words::time(made.expires_at.as_ref());
        Ok(vec![
            format!("Code: {}", made.code),
            format!(
                "Geef deze code aan {}. Hij werkt één keer, tot {until}.",
                names.of(oin.as_str())
            ),
        ])
    }

    async fn requests(&self) -> Result<Vec<String>, DemoError> {
        let names = self.names().await?;
        let asked = self.proposals().await?;
        let mut lines = Vec::new();
        for pending in &asked {
            let proposal = pending.proposal.clone().unwrap_or_default();
            lines.push(format!("Vraag {}", pending.proposal_id));
            lines.push(format!(
                "  Mag {} delen met {}? Gevraagd door {} op {}; vervalt op {}.",
                names.of(&proposal.discloser),
                names.of(&proposal.recipient),
                names.of(&pending.asked_by),
                words::day(pending.asked_at.as_ref()),
                words::day(pending.lapses_at.as_ref()),
            ));
            lines.extend(
                proposal
                    .provisions
                    .iter()
                    .map(|provision| format!("  - {}", words::provision(provision))),
            );
        }
        if lines.is_empty() {
            lines.push("Er zijn geen vragen aan u.".to_owned());
        }
        Ok(lines)
    }

    async fn proposals(&self) -> Result<Vec<wire::PendingProposal>, DemoError> {
        let listed = self.session.list_proposals(wire::ListProposalsRequest {}).await;
        Ok(listed
            .map_err(DemoError::refused("looking at what is asked"))?
            .proposals)
    }

    async fn grant(&self, id: String) -> Result<Vec<String>, DemoError> {
        let asked = self.proposals().await?;
        let wanted = asked.iter().find(|pending| pending.proposal_id == id);
        let proposal = wanted
            .and_then(|pending| pending.proposal.clone())
            .ok_or_else(|| {
                DemoError::unexpected("there is no such request: `requests` shows what is asked")
            })?;
        let message = grant_request(self.request_id(), id, &proposal);
        let granted = self
            .session
            .grant_consent(message)
            .await
            .map_err(DemoError::refused("granting"))?;
        let grant = granted.grant.unwrap_or_default();
        let names = self.names().await?;
        Ok(vec![
            format!("Toestemming {}", grant.grant_id),
            format!(
                "  {} mag delen met {} tot en met {}. U kunt dit altijd intrekken.",
                names.of(&grant.discloser),
                names.of(&grant.recipient),
                words::last_day(grant.valid_until.as_ref())
            ),
        ])
    }

    async fn refuse(&self, id: String) -> Result<Vec<String>, DemoError> {
        let message = wire::RefuseConsentRequest {
            request_id: self.request_id(),
            proposal_id: id,
        };
        self.session
            .refuse_consent(message)
            .await
            .map_err(DemoError::refused("refusing"))?;
        Ok(vec!["U hebt nee gezegd. Er wordt niets gedeeld.".to_owned()])
    }

    async fn grants(&self) -> Result<Vec<String>, DemoError> {
        let names = self.names().await?;
        let listed = self.session.list_grants(wire::ListGrantsRequest {}).await;
        let grants = listed
            .map_err(DemoError::refused("looking at what is allowed"))?
            .grants;
        let mut lines = Vec::new();
        for grant in &grants {
            lines.push(format!(
                "Toestemming {} ({})",
                grant.grant_id,
                words::state(grant.state)
            ));
            lines.push(format!(
                "  {} → {}, sinds {}, tot en met {}",
                names.of(&grant.discloser),
                names.of(&grant.recipient),
                words::day(grant.since.as_ref()),
                words::last_day(grant.valid_until.as_ref())
            ));
            lines.extend(
                grant
                    .provisions
                    .iter()
                    .map(|provision| format!("  - {}", words::provision(provision))),
            );
        }
        if lines.is_empty() {
            lines.push("U hebt niemand toestemming gegeven.".to_owned());
        }
        Ok(lines)
    }

    async fn withdraw(&self, id: String) -> Result<Vec<String>, DemoError> {
        let message = wire::WithdrawGrantRequest {
            request_id: self.request_id(),
            grant_id: id,
        };
        self.session
            .withdraw_grant(message)
            .await
            .map_err(DemoError::refused("withdrawing"))?;
        Ok(vec![
            "Ingetrokken. Wat nog niet geopend was, kan niemand meer openen.".to_owned(),
            "Wat al gelezen is, kunnen wij niet ongelezen maken.".to_owned(),
        ])
    }

    async fn log(&self) -> Result<Vec<String>, DemoError> {
        let names = self.names().await?;
        let mut lines = Vec::new();
        for entry in access_entries(self.session).await? {
            let who = match entry.organisation.as_str() {
                "" => String::new(),
                oin => format!("{} ", names.of(oin)),
            };
            let when = words::time(entry.at.as_ref());
            lines.push(format!(
                "{when}  {who}{}",
                words::happening(entry.kind, entry.allowed)
            ));
        }
        if lines.is_empty() {
            lines.push("Er is nog niets gebeurd.".to_owned());
        }
        Ok(lines)
    }

    async fn names(&self) -> Result<Names, DemoError> {
        let mut names = HashMap::new();
        let mut page_token = String::new();
        loop {
            let message = ListOrganisationsRequest {
                page_size: 200,
                page_token,
            };
            let page = self.session.list_organisations(message).await;
            let page = page.map_err(DemoError::refused("looking up the organisations"))?;
            names.extend(
                page.organisations
                    .into_iter()
                    .map(|one| (one.oin, one.display_name)),
            );
            if page.next_page_token.is_empty() {
                return Ok(Names(names));
            }
            page_token = page.next_page_token;
        }
    }
}

/// The names of organisations by OIN.
struct Names(HashMap<String, String>);

impl Names {
    fn of(&self, oin: &str) -> String {
        self.0.get(oin).cloned().unwrap_or_else(|| oin.to_owned())
    }
}

/// A yes to all that was asked, for as long as was asked, with what was shown.
pub(crate) fn grant_request(
    request_id: String,
    proposal_id: String,
    proposal: &wire::Proposal,
) -> wire::GrantConsentRequest {
    let shown: Vec<String> = proposal.provisions.iter().map(words::provision).collect();
    wire::GrantConsentRequest {
        request_id,
        proposal_id,
        provisions: proposal.provisions.clone(),
        valid_days: proposal.valid_days,
        notice: Some(wire::Notice {
            notice_id: "sluis-demo".to_owned(),
            version: 1,
            language: "nl".to_owned(),
            sha256: sluis_envelope::hash("sluis/demo/notice", &[shown.join("\n").as_bytes()])
                .to_vec()
                .into(),
        }),
    }
}

/// The whole of a resident's log, newest first.
pub(crate) async fn access_entries(session: &Session) -> Result<Vec<wire::AccessEntry>, DemoError> {
    let mut entries = Vec::new();
    let mut page_token = String::new();
    loop {
        let message = wire::ListAccessRequest {
            page_size: 100,
            page_token,
        };
        let page = session
            .list_access(message)
            .await
            .map_err(DemoError::refused("looking into the log"))?;
        entries.extend(page.entries);
        if page.next_page_token.is_empty() {
            return Ok(entries);
        }
        page_token = page.next_page_token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_run_beside_another_provider() {
        let mut config = Config::default();
        assert_eq!(allowed_port(&config).ok(), Some(DEFAULT_PORT));
        config.gateway.resident = Some(resident_config(40_123));
        assert_eq!(allowed_port(&config).ok(), Some(40_123));
        let mut other = resident_config(40_123);
        "https://login.example.nl".clone_into(&mut other.openid.issuer);
        config.gateway.resident = Some(other);
        let refused = allowed_port(&config).expect_err("refused").to_string();
        assert!(refused.contains("development login does not run"), "{refused}");
    }
}
