//! A mesh to measure: all services in this process, partners that enrolled, and consent that was given.

mod backstage;
mod seat;
mod shortcut;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sluis_client::{Ask, Provision};
use sluis_compose::{Ambient, Config, Fittings, Invitee, Mesh, Trust};
use sluis_envelope::{GrantToken, KeyKind, Signed, Verified};
use sluis_proto::consent::v1 as wire;
use sluis_proto::consent::v1::consent_service_client::ConsentServiceClient;
use sluis_types::{CodeSet, DataKind, Handle, LifeDomain, OrganisationKind, Purpose, RequestId};
use tonic::{Extensions, Request};

pub(crate) use seat::Seat;
pub(crate) use shortcut::Shortcut;

use crate::error::{BenchError, failed, refused};
use crate::letter;
use crate::place::Place;
use backstage::Backstage;

/// A sender and a recipient, and the resident's consent from the one to the other.
pub(crate) struct Pair {
    pub(crate) sender: Seat,
    pub(crate) recipient: Seat,
    pub(crate) handle: Handle,
    /// A channel of the sender, for what is not measured.
    aside: tonic::transport::Channel,
    trust: Trust,
}

/// A running mesh with its partners.
pub(crate) struct World {
    mesh: Mesh,
    backstage: Backstage,
    pub(crate) pairs: Vec<Arc<Pair>>,
    /// How often a call was told to come back later. A rate that was throttled is no measurement.
    pub(crate) throttled: Arc<AtomicUsize>,
}

impl World {
    /// Starts a mesh on fresh databases, with this many pairs of partners.
    pub(crate) async fn start(
        place: &mut Place,
        directory: &Path,
        name: &str,
        pairs: usize,
    ) -> Result<Self, BenchError> {
        let ambient = Ambient::system().map_err(failed("the rules of the interface"))?;
        let loopback: SocketAddr = ([127, 0, 0, 1], 0).into();
        let mut config = Config {
            mesh_id: "mesh.bench".to_owned(),
            data_dir: directory.join("data"),
            keys_dir: directory.join("keys"),
            ..Config::default()
        };
        config.gateway.listen = loopback;
        config.registry.listen = Some(loopback);
        config.consent.listen = Some(loopback);
        config.referral.listen = None;
        config.matching.listen = None;
        config.signalling.listen = None;
        config.consent.single_node = true;
        std::fs::create_dir_all(&config.data_dir).map_err(failed("a directory"))?;
        config.registry.database = Some(place.database(&format!("{name}_registry")).await?.into());
        config.consent.database = Some(place.database(&format!("{name}_consent")).await?.into());
        config.referral.database = Some(place.database(&format!("{name}_referral")).await?.into());
        config.matching.database = Some(place.database(&format!("{name}_matching")).await?.into());
        config.signalling.database = Some(place.database(&format!("{name}_signalling")).await?.into());
        let mesh = Mesh::start(&config, ambient.clone(), &Fittings::real())
            .await
            .map_err(failed("starting a mesh"))?;
        let backstage = Backstage::open(&config.keys_dir, ambient)?;
        let trust = Trust::load(&config.keys_dir).map_err(failed("the mesh's public keys"))?;
        let mut world = Self {
            mesh,
            backstage,
            pairs: Vec::with_capacity(pairs),
            throttled: Arc::default(),
        };
        let resident = world
            .backstage
            .resident(listener(world.mesh.listeners().consent)?)
            .await?;
        for number in 0..pairs {
            let sender = world.enrol(number, OrganisationKind::Welfare, directory).await?;
            let recipient = world
                .enrol(number, OrganisationKind::MentalHealth, directory)
                .await?;
            pin(&sender, &recipient)?;
            pin(&recipient, &sender)?;
            // The recipient came last: once consent knows it, it knows both.
            resident.code_for(recipient.oin).await?;
            let code = resident.code_for(sender.oin).await?;
            let handle = sender
                .partner
                .redeem_link_code(&code)
                .await
                .map_err(failed("a link"))?;
            let ask = Ask {
                discloser: sender.oin,
                recipient: recipient.oin,
                provisions: vec![Provision {
                    purpose: Purpose::Referral,
                    life_domains: CodeSet::EMPTY.with(LifeDomain::MeaningfulDay),
                    data_kinds: CodeSet::EMPTY.with(DataKind::Situation),
                    objection: false,
                }],
                valid_days: 30,
            };
            sender
                .partner
                .ask_consent(&handle, &[ask])
                .await
                .map_err(failed("asking for consent"))?;
            resident.grant_all().await?;
            world.pairs.push(Arc::new(Pair {
                aside: sender.connect(world.mesh.address()).await?,
                trust: trust.clone(),
                sender,
                recipient,
                handle,
            }));
        }
        Ok(world)
    }

    async fn enrol(
        &self,
        number: usize,
        kind: OrganisationKind,
        directory: &Path,
    ) -> Result<Seat, BenchError> {
        let oin = format!("00000099000000{:03}{number:03}", kind.number());
        let invitee = Invitee {
            oin: oin.parse().map_err(failed("an OIN"))?,
            display_name: format!("Organisation {oin}"),
            kind,
            contact: String::new(),
        };
        let invitation = self.mesh.invite(&invitee).await.map_err(failed("inviting"))?;
        Seat::enrol(&invitation, &directory.join("partners").join(oin)).await
    }

    /// Where partners connect.
    pub(crate) fn gateway(&self) -> SocketAddr {
        self.mesh.address()
    }

    /// The chassis and the gateway of this mesh with an echo behind them instead of the referral service.
    pub(crate) async fn shortcut(&self) -> Result<Shortcut, BenchError> {
        Shortcut::start(&self.backstage, &self.mesh).await
    }

    /// How often the mesh told a call to come back later.
    pub(crate) fn throttled(&self) -> usize {
        self.throttled.load(Ordering::Relaxed)
    }

    pub(crate) async fn stop(self) {
        self.mesh.stop().await;
    }
}

impl Pair {
    /// A grant token of now, and its bytes.
    pub(crate) async fn authorize(&self) -> Result<(Verified<GrantToken>, Vec<u8>), BenchError> {
        let scope = letter::scope();
        let ask = wire::AuthorizeRequest {
            request_id: RequestId::random(&sluis_types::OsRandomness).to_string(),
            handle: self.handle.expose(),
            recipient: self.recipient.oin.to_string(),
            legal_basis_id: String::new(),
            scope: Some(wire::Scope {
                purposes: scope
                    .purposes()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
                life_domains: scope
                    .life_domains()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
                data_kinds: scope
                    .data_kinds()
                    .iter()
                    .map(|code| i32::from(code.number()))
                    .collect(),
            }),
        };
        let ask = Request::from_parts(self.sender.metadata()?, Extensions::new(), ask);
        let reply = ConsentServiceClient::new(self.aside.clone())
            .authorize(ask)
            .await
            .map_err(refused("a grant token"))?
            .into_inner();
        let key = self
            .trust
            .grant_token
            .verifying(KeyKind::GrantToken)
            .map_err(failed("the mesh's public keys"))?;
        let now = sluis_types::Clock::now(&sluis_types::SystemClock);
        let token = Signed::<GrantToken>::parse(&reply.grant_token)
            .map_err(failed("a grant token"))?
            .verify(&key, now)
            .map_err(failed("a grant token"))?;
        Ok((token, reply.grant_token.to_vec()))
    }
}

fn pin(one: &Seat, other: &Seat) -> Result<(), BenchError> {
    let fingerprint = other.partner.profile().fingerprint();
    one.partner
        .profile()
        .pin(other.oin, fingerprint)
        .map_err(failed("a pin"))
}

/// The address of a listener that was configured.
fn listener(address: Option<SocketAddr>) -> Result<SocketAddr, BenchError> {
    address.ok_or_else(|| BenchError::Option("a service has no listener".to_owned()))
}
