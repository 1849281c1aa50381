//! Every service in this process, reached over in-memory channels of the same gRPC stack.

use sluis_consent::Consent;
use sluis_gateway::Channels;
use sluis_matching::Matching;
use sluis_referral::Referral;
use sluis_registry::Registry;
use sluis_registry::ca::MeshCa;
use sluis_serve::{InMemory, MeshRole, ServiceHost};
use sluis_signalling::Signalling;
use tonic::transport::Channel;

use crate::config::Config;
use crate::error::ComposeError;
use crate::fittings::Fittings;
use crate::services::{self, Ambient};
use crate::trust::{AllKeys, Trust};

/// The services of a mesh, and the memory that each is reached through.
pub(crate) struct InProcess {
    registry: (Registry, InMemory),
    consent: (Consent, InMemory),
    referral: (Referral, InMemory),
    signalling: (Signalling, InMemory),
    matching: (Matching, InMemory),
}

/// What the services are made of besides their configuration.
pub(crate) struct Materials<'a> {
    pub(crate) keys: &'a AllKeys,
    pub(crate) trust: &'a Trust,
    pub(crate) ca: &'a MeshCa,
    /// The gateway's address, for invitations.
    pub(crate) advertise: String,
    pub(crate) ambient: &'a Ambient,
    pub(crate) fittings: &'a Fittings,
}

impl InProcess {
    /// Starts them, each after those that it asks.
    pub(crate) async fn start(config: &Config, of: Materials<'_>) -> Result<Self, ComposeError> {
        let Materials {
            keys,
            trust,
            ambient,
            fittings,
            ..
        } = of;
        let held = |host: ServiceHost| host.in_memory(ambient.stop.clone());
        let registry = services::registry(
            config,
            &keys.registry,
            trust,
            of.ca.clone(),
            of.advertise,
            ambient,
        )
        .await?;
        let in_registry = held(registry.host());
        let members = || in_registry.channel();
        let consent = services::consent(config, &keys.consent, trust, members(), ambient, fittings).await?;
        let in_consent = held(consent.host());
        let gate = || in_consent.channel();
        let own = &keys.referral;
        let referral = services::referral(config, own, trust, members(), gate(), ambient, fittings).await?;
        let own = &keys.signalling;
        let signalling =
            services::signalling(config, own, trust, members(), gate(), ambient, fittings).await?;
        let matching = services::matching(config, &keys.matching, trust, gate(), ambient, fittings).await?;
        let (in_referral, in_signalling, in_matching) = (
            held(referral.host()),
            held(signalling.host()),
            held(matching.host()),
        );
        Ok(Self {
            registry: (registry, in_registry),
            consent: (consent, in_consent),
            referral: (referral, in_referral),
            signalling: (signalling, in_signalling),
            matching: (matching, in_matching),
        })
    }

    /// The gateway's ways to them.
    pub(crate) fn channels(&self) -> Channels {
        Channels {
            registry: self.registry_channel(),
            consent: self.consent.1.channel(),
            referral: self.referral.1.channel(),
            signalling: self.signalling.1.channel(),
            matching: self.matching.1.channel(),
        }
    }

    pub(crate) fn registry_channel(&self) -> Channel {
        self.registry.1.channel()
    }

    pub(crate) fn consent(&self) -> &Consent {
        &self.consent.0
    }

    /// A service once more, to be served on a listener beside.
    pub(crate) fn host(&self, role: MeshRole) -> ServiceHost {
        match role {
            MeshRole::Consent => self.consent.0.host(),
            MeshRole::Referral => self.referral.0.host(),
            MeshRole::Signalling => self.signalling.0.host(),
            MeshRole::Matching => self.matching.0.host(),
            _ => self.registry.0.host(),
        }
    }

    /// Waits until what was in flight is done, and closes the databases.
    pub(crate) async fn ended(self) {
        let Self {
            registry,
            consent,
            referral,
            signalling,
            matching,
        } = self;
        for memory in [registry.1, consent.1, referral.1, signalling.1, matching.1] {
            memory.drained().await;
        }
        matching.0.close().await;
        signalling.0.close().await;
        referral.0.close().await;
        consent.0.close().await;
        registry.0.close().await;
    }
}
