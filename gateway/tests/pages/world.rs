//! A mesh with pages, somebody who logs in, and what the services then know of them.

use jsonwebtoken::Algorithm;
use prost::Message;
use serde_json::{Value, json};
use sluis_envelope::{DirectoryHead, DirectoryTree, Signed, directory_entry_hash};
use sluis_proto::consent::v1 as consent;
use sluis_proto::matching::v1 as matching;
use sluis_proto::options::v1::ErrorReason;
use sluis_proto::registry::v1 as registry;
use sluis_proto::signalling::v1 as signalling;

use super::browser::{Answer, Browser, PUBLIC_URL};
use crate::mesh::{Mesh, START, mesh_with, offers_signer};
use crate::provider::{CLIENT, Provider, ProviderKey};
use crate::services::Seen;

pub(crate) const WELFARE: &str = "00000099000000001000";
pub(crate) const CARE: &str = "00000099000000002000";
pub(crate) const HOUSING: &str = "00000099000000004000";

pub(crate) struct World {
    pub(crate) mesh: Mesh,
    pub(crate) provider: Provider,
    key: ProviderKey,
}

#[expect(clippy::unnecessary_wraps, reason = "a message's field may be absent")]
pub(crate) fn at(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp {
        seconds: START.seconds() + seconds,
        nanos: 0,
    })
}

pub(crate) async fn world() -> World {
    world_with("").await
}

/// `settings` are added to those of the relying party.
pub(crate) async fn world_with(settings: &str) -> World {
    world_of(settings, "").await
}

/// A proxy on this machine brings the browsers.
pub(crate) async fn world_behind_a_proxy() -> World {
    world_of("", "trusted_proxies = [\"127.0.0.1\"]").await
}

async fn world_of(settings: &str, pages: &str) -> World {
    let provider = Provider::start().await;
    let key = ProviderKey::new("now", Algorithm::ES256);
    provider.publish(&[&key]);
    let settings = format!(
        "[resident.openid]\nissuer = \"{}\"\nclient_id = \"{CLIENT}\"\nredirect_uri = \"{PUBLIC_URL}/terug\"\n\
         {settings}\n\
         [resident.openid.levels_of_assurance]\n\"urn:example:loa3\" = \"substantial\"\n\
         [resident.pages]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{PUBLIC_URL}\"\n\
         areas = {{ GM0755 = \"Boekel\", GM0828 = \"Oss\" }}\n{pages}",
        provider.issuer
    );
    let timer = std::sync::Arc::new(sluis_serve::TokioTimer::new());
    let mesh = mesh_with(&settings, timer).await;
    let world = World { mesh, provider, key };
    world.organisation_is_called("Welzijn Noord");
    world
}

impl World {
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.mesh.gateway.pages_address().unwrap())
    }

    /// A browser in which somebody is logged in.
    pub(crate) async fn inside(&self) -> Browser {
        self.inside_as(json!({})).await
    }

    /// As [`World::inside`], with these claims over the usual ones.
    pub(crate) async fn inside_as(&self, claims: Value) -> Browser {
        let mut browser = self.browser();
        let answer = self.log_in(&mut browser, claims).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
        browser
    }

    /// Goes to the provider and back.
    pub(crate) async fn log_in(&self, browser: &mut Browser, claims: Value) -> Answer {
        let back = self.way_back(browser, claims).await;
        browser.get(&back).await
    }

    /// Goes to the provider and gives the address that it sends the browser back to.
    pub(crate) async fn way_back(&self, browser: &mut Browser, claims: Value) -> String {
        let begun = browser.get("/inloggen").await;
        assert_eq!(begun.status, 303);
        let query = begun.location().split_once('?').unwrap().1.to_owned();
        let field = |name: &str| {
            let find = |pair: &str| pair.strip_prefix(name)?.strip_prefix('=').map(ToOwned::to_owned);
            query.split('&').find_map(find).unwrap()
        };
        let mut all = self.provider.claims(&field("nonce"));
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let code = format!("code-{}", field("state"));
        self.provider
            .issue(&code, &field("code_challenge"), self.key.sign(&all));
        let issuer = self.provider.issuer.replace(':', "%3A").replace('/', "%2F");
        format!("/terug?code={code}&state={}&iss={issuer}", field("state"))
    }

    pub(crate) fn reply(&self, path: &'static str, message: &impl Message) {
        let mut replies = self.mesh.records.replies.lock().unwrap();
        replies.insert(path, message.encode_to_vec());
    }

    /// Every organisation has the same name to this registry.
    pub(crate) fn organisation_is_called(&self, name: &str) {
        let organisation = registry::Organisation {
            oin: WELFARE.to_owned(),
            display_name: name.to_owned(),
            ..Default::default()
        };
        self.reply(
            "/sluis.registry.v1.RegistryService/ListOrganisations",
            &registry::ListOrganisationsResponse {
                organisations: vec![organisation.clone()],
                ..Default::default()
            },
        );
        self.reply(
            "/sluis.registry.v1.RegistryService/GetOrganisation",
            &registry::GetOrganisationResponse {
                organisation: Some(organisation),
            },
        );
    }

    /// A method refuses from now on.
    pub(crate) fn refuse(&self, path: &'static str, reason: ErrorReason) {
        self.mesh.records.refusals.lock().unwrap().insert(path, reason);
    }

    pub(crate) fn proposals(&self, proposals: Vec<consent::PendingProposal>) {
        let reply = consent::ListProposalsResponse { proposals };
        self.reply("/sluis.consent.v1.ResidentConsentService/ListProposals", &reply);
    }

    pub(crate) fn grants(&self, grants: Vec<consent::Grant>) {
        let reply = consent::ListGrantsResponse { grants };
        self.reply("/sluis.consent.v1.ResidentConsentService/ListGrants", &reply);
    }

    pub(crate) fn circles(&self, proposals: Vec<consent::PendingCircle>, circles: Vec<consent::Circle>) {
        let reply = consent::ListCircleProposalsResponse { proposals };
        self.reply(
            "/sluis.consent.v1.ResidentCircleService/ListCircleProposals",
            &reply,
        );
        let reply = consent::ListCirclesResponse { circles };
        self.reply("/sluis.consent.v1.ResidentCircleService/ListCircles", &reply);
    }

    /// What is known of any circle's matches, and the ticket to ask for them.
    pub(crate) fn matches(&self, matches: Vec<signalling::Match>) {
        let ticket = b"a ticket".as_slice().into();
        let ticket = consent::IssueTicketResponse {
            ticket,
            ..Default::default()
        };
        self.reply("/sluis.consent.v1.ResidentConsentService/IssueTicket", &ticket);
        self.reply(
            "/sluis.signalling.v1.ResidentSignallingService/ListResidentMatches",
            &signalling::ListResidentMatchesResponse { matches },
        );
    }

    /// What is known of any grant's introductions, and the ticket to ask for them.
    pub(crate) fn introductions(&self, introductions: Vec<matching::Introduction>) {
        self.matches(vec![]);
        self.reply(
            "/sluis.matching.v1.ResidentMatchingService/ListResidentIntroductions",
            &matching::ListResidentIntroductionsResponse { introductions },
        );
    }

    /// The service directory, signed by who signs it.
    pub(crate) fn offers(&self, documents: &[Vec<u8>]) {
        let mut tree = DirectoryTree::new();
        let mut changes = Vec::new();
        for (number, document) in (1_u8..).zip(documents) {
            let id = offer_id(number);
            tree.put(id, directory_entry_hash(&id, document));
            changes.push(matching::DirectoryChange {
                version: number.into(),
                offer_id: id.to_string(),
                document: document.clone().into(),
            });
        }
        let head = DirectoryHead {
            version: changes.len() as u64,
            made_at: START,
            entries: tree.len(),
            root: tree.root(),
        };
        self.reply(
            "/sluis.matching.v1.DirectoryService/SyncDirectory",
            &matching::SyncDirectoryResponse {
                changes,
                head: Signed::sign(head, &offers_signer()).encode().into(),
                more: false,
            },
        );
    }

    /// What reached a method, in order.
    pub(crate) fn seen<M: Message + Default>(&self, method: &str) -> Vec<M> {
        let is_it = |path: &str| path.ends_with(&format!("/{method}"));
        let seen = self.mesh.records.seen.lock().unwrap();
        let message = |it: &Seen| M::decode(&it.body[5..]).unwrap();
        seen.iter().filter(|it| is_it(&it.path)).map(message).collect()
    }
}

pub(crate) fn provision(purpose: i32, life_domains: &[i32], data_kinds: &[i32]) -> consent::Provision {
    consent::Provision {
        purpose,
        life_domains: life_domains.to_vec(),
        data_kinds: data_kinds.to_vec(),
        objection: false,
    }
}

/// A question in both directions: a referral, and feedback on it.
pub(crate) fn both_ways() -> Vec<consent::PendingProposal> {
    let asked = |id: u8, discloser: &str, recipient: &str, provision| consent::PendingProposal {
        proposal_id: format!("{id:02x}").repeat(16),
        proposal: Some(consent::Proposal {
            discloser: discloser.to_owned(),
            recipient: recipient.to_owned(),
            provisions: vec![provision],
            valid_days: 183,
        }),
        asked_by: WELFARE.to_owned(),
        asked_at: at(-3600),
        lapses_at: at(14 * 86_400),
        deferred: false,
        recorded: false,
    };
    vec![
        asked(0xa1, WELFARE, CARE, provision(1, &[1, 4], &[1, 2])),
        asked(0xa2, CARE, WELFARE, provision(2, &[4], &[2])),
    ]
}

/// A live grant from the welfare organisation to care, or the other way round.
pub(crate) fn grant(id: u8, turned: bool) -> consent::Grant {
    let (discloser, recipient) = if turned { (CARE, WELFARE) } else { (WELFARE, CARE) };
    consent::Grant {
        grant_id: sluis_types::GrantId::from_bytes([id; 16]).to_string(),
        version: 3,
        discloser: discloser.to_owned(),
        recipient: recipient.to_owned(),
        provisions: vec![provision(1, &[1, 2], &[1, 3])],
        state: consent::GrantState::Active.into(),
        since: at(-86_400),
        valid_until: at(90 * 86_400),
        ended_at: None,
        assisted: false,
    }
}

fn circle_terms() -> consent::CircleTerms {
    consent::CircleTerms {
        members: [WELFARE, CARE, HOUSING].map(ToOwned::to_owned).to_vec(),
        match_classes: vec![1, 5],
    }
}

/// A circle that is asked for.
pub(crate) fn circle_question() -> consent::PendingCircle {
    consent::PendingCircle {
        proposal_id: "c1".repeat(16),
        terms: Some(circle_terms()),
        valid_days: 183,
        asked_by: WELFARE.to_owned(),
        asked_at: at(-3600),
        lapses_at: at(14 * 86_400),
        ..Default::default()
    }
}

/// A circle that lives.
pub(crate) fn circle() -> consent::Circle {
    let grant = consent::Grant {
        discloser: String::new(),
        recipient: String::new(),
        provisions: vec![],
        ..grant(0xc2, false)
    };
    consent::Circle {
        grant: Some(grant),
        terms: Some(circle_terms()),
    }
}

/// A match of which the lead spoke with the resident.
pub(crate) fn encounter() -> signalling::Match {
    let party = |organisation: &str, acknowledged| signalling::Party {
        organisation: organisation.to_owned(),
        acknowledged,
    };
    signalling::Match {
        match_id: sluis_types::MatchId::from_bytes([0xc3; 16]).to_string(),
        state: signalling::SignalState::ResidentContacted.into(),
        version: 4,
        matched_at: at(-86_400),
        acknowledge_by: at(6 * 86_400),
        parties: vec![party(WELFARE, true), party(HOUSING, false)],
        lead: WELFARE.to_owned(),
        ..Default::default()
    }
}

/// The id of the offer that comes as this change.
pub(crate) fn offer_id(number: u8) -> sluis_types::OfferId {
    sluis_types::OfferId::from_bytes([number; 16])
}

/// The document of an offer; `more` are fields beside what every offer has.
pub(crate) fn offer(number: u8, name: &str, more: &Value) -> Vec<u8> {
    let mut document = json!({
        "id": offer_id(number).to_string(),
        "publisher": WELFARE,
        "organisation": "Buurthuis De Kade",
        "name": name,
        "description": "Iedereen is welkom.",
        "kind": "ACTIVITY",
        "provision": "GENERAL",
        "law": "GENERAL",
        "life_domains": ["MEANINGFUL_DAY"],
        "entrance": "DROP_IN",
        "updated_at_seconds": START.seconds() - 86_400,
    });
    for (field, value) in more.as_object().unwrap() {
        document[field] = value.clone();
    }
    serde_json::to_vec(&document).unwrap()
}

/// A live grant on which introductions stand.
pub(crate) fn peer_grant() -> consent::Grant {
    consent::Grant {
        provisions: vec![provision(consent::Purpose::MatchingPeer.into(), &[3], &[2])],
        ..grant(0xc4, false)
    }
}

/// An introduction that waits for the resident's answer.
pub(crate) fn introduction() -> matching::Introduction {
    matching::Introduction {
        introduction_id: sluis_types::IntroductionId::from_bytes([0xc5; 16]).to_string(),
        state: matching::IntroductionState::Offered.into(),
        other: Some(matching::CardContent {
            role: matching::CardRole::Offers.into(),
            week_parts: 0b10,
            hours_max: 2,
            area: "GM0755".to_owned(),
            languages: vec!["nl".to_owned()],
            tags: vec!["wandelen".to_owned()],
            ..Default::default()
        }),
        answer_by: at(10 * 86_400),
        ..Default::default()
    }
}
