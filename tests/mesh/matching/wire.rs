//! What goes over the wire until a place is held: read at the gateway's door and at matching's, and in the databases.
//!
//! Two people who have nothing in common are looked for in the same way, with the same clock-work behind it. What the
//! mesh is sent for the one must be, byte for byte, what it is sent for the other: then nothing of either is in it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost_reflect::DescriptorPool;
use serde_json::json;
use sluis_client::types::{Handle, OrganisationKind, SeededRandomness, SystemClock};
use sluis_client::{Environment, Invitation, Profile};
use sluis_compose::{Ambient, Config, Fittings, Invitee, Mesh, make_role_keys, resident_gateway};
use sluis_demo::dossier::{Dump, Needle, RawFile, search};
use sluis_demo::tap::{Call, Tap};
use sluis_gateway::Gateway;
use sluis_serve::MeshRole;
use tempfile::TempDir;

use super::cli::{Desk, text};
use super::offers::offer;
use crate::fixture::{admitted, config_in, development_login};

/// Words of the coarse search: they are told, and must be found where they are looked for.
const WORDS: &str = "soepterrine";

/// A mesh whose partners reach it by a second gateway that asks matching through a tap.
struct Tapped {
    mesh: Mesh,
    config: Config,
    gateway: Gateway,
    at_matching: Tap,
    directory: TempDir,
}

impl Tapped {
    async fn start() -> Self {
        sluis_client::install_crypto_provider();
        let directory = tempfile::tempdir().expect("a directory");
        let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let mut config = config_in(directory.path());
        config.registry.listen = any;
        config.consent.listen = any;
        config.referral.listen = any;
        config.signalling.listen = any;
        config.matching.listen = any;
        let ambient = Ambient::system().expect("rules");
        let login = development_login(&config, &ambient).await;
        config.gateway.resident = Some(login.clone());
        let mesh = Box::pin(Mesh::start(&config, ambient.clone(), &Fittings::real()))
            .await
            .expect("the mesh starts");
        for role in [MeshRole::Gateway, MeshRole::Matching] {
            make_role_keys(&config, role, &ambient).expect("role certificates");
        }
        let listeners = mesh.listeners();
        let listener = listeners.matching.expect("matching listens");
        let (at_matching, address) =
            Tap::before_role(&config.keys_dir, MeshRole::Matching, listener, &ambient)
                .await
                .expect("a tap");
        let mut beside = config.clone();
        beside.registry.listen = listeners.registry;
        beside.consent.listen = listeners.consent;
        beside.referral.listen = listeners.referral;
        beside.signalling.listen = listeners.signalling;
        beside.matching.address = Some(address.to_string());
        let gateway = Box::pin(resident_gateway(&beside, &ambient, login))
            .await
            .expect("a gateway");
        Self {
            mesh,
            config,
            gateway,
            at_matching,
            directory,
        }
    }

    /// Enrols an organisation, points it to the second gateway, and puts a tap of its own before it.
    async fn partner(&self, oin: &str, kind: OrganisationKind) -> (PathBuf, Tap) {
        let invitee = Invitee {
            oin: oin.parse().expect("an OIN"),
            display_name: format!("Organisation {oin}"),
            kind,
            contact: String::new(),
        };
        let invitation = self.mesh.invite(&invitee).await.expect("invited");
        let invitation = Invitation::parse(invitation.as_bytes()).expect("an invitation");
        let folder = self.directory.path().join("partners").join(oin);
        sluis_client::enrol(&invitation, &folder, &Environment::system())
            .await
            .expect("enrolled");
        let facts_path = folder.join("profile.json");
        let facts = std::fs::read(&facts_path).expect("the facts");
        let mut facts: serde_json::Value = serde_json::from_slice(&facts).expect("JSON");
        facts["gateway"] = self.gateway.address().expect("it listens").to_string().into();
        std::fs::write(&facts_path, facts.to_string()).expect("written");
        let tap = Tap::before(&folder, self.mesh.ambient()).await.expect("a tap");
        admitted(&folder).await;
        (folder, tap)
    }
}

/// Somebody for whom one looks.
struct Person {
    label: &'static str,
    handle: Handle,
    age: u8,
    area: &'static str,
    language: &'static str,
    wish: &'static str,
    strength: &'static str,
    need: &'static str,
}

const PEOPLE: [Person; 2] = [
    Person {
        label: "Mina Verzonnenduin",
        handle: Handle::from_bytes([0xa7; 16]),
        age: 19,
        area: "BU08280301",
        language: "tig",
        wish: "vlindertuin-verzorgen",
        strength: "klokken-repareren",
        need: "stille-kamer-vlakbij",
    },
    Person {
        label: "Otto Verzonnenkamp",
        handle: Handle::from_bytes([0x5b; 16]),
        age: 83,
        area: "BU08280344",
        language: "prs",
        wish: "zeilboot-schilderen",
        strength: "achtstemmig-zingen",
        need: "lift-zonder-spiegel",
    },
];

impl Person {
    fn needles(&self) -> Vec<Needle> {
        let texts = [self.label, self.area, self.wish, self.strength, self.need];
        let texts = texts
            .iter()
            .filter_map(|text| Needle::new("what is a person's", *text));
        let handles = [
            Needle::new("a handle", self.handle.expose()),
            Needle::new("a handle", *self.handle.as_bytes()),
        ];
        texts.chain(handles.into_iter().flatten()).collect()
    }

    /// Looks for what fits, asks for room, holds a place, and gives it back: each time as if it were the first.
    async fn is_looked_for(&self, profile: &Path, tap: &Tap, folder: &Path, offer: &str) {
        let fresh = Environment {
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SeededRandomness::new(5)),
        };
        let desk = Desk::with(profile, fresh);
        let known = Profile::open(profile).expect("a profile");
        known.name_resident(self.label, self.handle).expect("named");
        let card = folder.join(format!("{}.json", self.age));
        let plan = json!({"version": 1, "area": self.area, "age": self.age, "languages": [self.language],
            "wish": [self.wish], "strength": [self.strength], "need": [self.need]});
        std::fs::write(&card, plan.to_string()).expect("written");
        let card = card.to_str().expect("text");
        desk.run(&["offers", "sync", "--anew"]).await;
        let before = tap.recording().calls().len();
        let found = desk.run(&["match", "--card", card, "--words", self.wish]).await;
        assert_eq!(tap.recording().calls().len(), before, "matching asks nobody");
        assert!(found["fitting"].is_u64());
        let coarse = [
            "offers",
            "search",
            "--area",
            "GM0828",
            "--domain",
            "MEANINGFUL_DAY",
            "--words",
            WORDS,
        ];
        desk.run(&coarse).await;
        let asked = desk.run(&["offers", "ask", offer]).await;
        let question = text(&asked["question_id"]);
        desk.run(&["offers", "ask", "--question", &question]).await;
        let held = desk.run(&["hold", "place", offer]).await;
        let place = text(&held["place_id"]);
        desk.run(&["hold", "show", offer, &place]).await;
    }
}

/// What a call was about, as who reads along has it: all but the token, which is new every few minutes.
fn said(call: &Call) -> (String, Vec<u8>) {
    (call.path.clone(), call.sent.clone())
}

fn files(calls: &[Call]) -> Vec<RawFile> {
    let mut files = Vec::new();
    for call in calls {
        let headers = call
            .headers
            .iter()
            .flat_map(|(name, value)| [name.as_bytes(), value.as_slice()]);
        for bytes in [call.sent.clone(), call.received.clone()]
            .into_iter()
            .chain(headers.map(<[u8]>::to_vec))
        {
            files.push(RawFile {
                name: call.path.clone(),
                bytes,
            });
        }
    }
    files
}

/// The methods of the directory and of places, and those that only who coordinates or owns an offer calls.
fn methods() -> BTreeSet<String> {
    let pool = DescriptorPool::decode(sluis_proto::FILE_DESCRIPTOR_SET).expect("our own descriptor set");
    ["DirectoryService", "PlaceService"]
        .iter()
        .filter_map(|name| pool.get_service_by_name(&format!("sluis.matching.v1.{name}")))
        .flat_map(|service| {
            let name = service.full_name().to_owned();
            let methods: Vec<String> = service
                .methods()
                .map(|method| format!("/{name}/{}", method.name()))
                .collect();
            methods
        })
        .collect()
}

/// Everything that the offering organisation does, once.
async fn offered(desk: &Desk, folder: &Path, oin: &str) -> String {
    let offered = offer(1, oin.parse().expect("an OIN"), "Soepterrine", &["samen-eten"]);
    let document = folder.join("offer.json");
    std::fs::write(&document, offered.encode().expect("an offer")).expect("written");
    desk.run(&["offers", "publish", document.to_str().expect("text")])
        .await;
    let id = offered.id.to_string();
    desk.run(&["offers", "capacity", &id, "--status", "capacity", "--places", "4"])
        .await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_nothing_of_a_person_is_on_the_wire_before_a_place_is_held() {
    let mesh = Tapped::start().await;
    let folder = tempfile::tempdir().expect("a directory");
    let (worker, at_worker) = mesh
        .partner("00000099000000001000", OrganisationKind::Welfare)
        .await;
    let (house, at_house) = mesh
        .partner("00000099000000005000", OrganisationKind::SelfDirection)
        .await;
    let house = Desk::at(&house);
    let id = offered(&house, folder.path(), "00000099000000005000").await;

    let mut runs = Vec::new();
    for person in &PEOPLE {
        let before = at_worker.recording().calls().len();
        person
            .is_looked_for(&worker, &at_worker, folder.path(), &id)
            .await;
        let calls = at_worker.recording().calls();
        runs.push(calls[before..].iter().map(said).collect::<Vec<_>>());
    }
    assert!(runs[0].len() >= 6, "{} calls", runs[0].len());
    assert!(runs[0] == runs[1], "what is sent depends on for whom one looks");

    // The rest of both services is called too, so that none is left out.
    let question = house.run(&["offers", "answer"]).await;
    let question = text(&question["questions"][0]["question_id"]);
    house
        .run(&["offers", "answer", &question, &id, "--status", "capacity"])
        .await;
    let own = Desk::at(&worker);
    let place = text(&own.run(&["hold", "place", &id]).await["place_id"]);
    house.run(&["hold", "claim", &id, &place]).await;
    let place = text(&own.run(&["hold", "place", &id]).await["place_id"]);
    own.run(&["hold", "release", &id, &place]).await;
    house.run(&["offers", "retire", &id]).await;

    let at_gateway = [at_worker.recording().calls(), at_house.recording().calls()].concat();
    let at_matching = mesh.at_matching.recording().calls();
    let called: BTreeSet<String> = at_matching.iter().map(|call| call.path.clone()).collect();
    let left_out: Vec<_> = methods().difference(&called).cloned().collect();
    assert!(left_out.is_empty(), "nobody read what {left_out:?} says");
    // Matching is told what the gateway was told, byte for byte.
    for call in &at_matching {
        let as_sent = at_gateway.iter().any(|sent| said(sent) == said(call));
        assert!(as_sent, "{} is not what the partner said", call.path);
    }

    let dump = Dump::take(&mesh.config.data_dir).await.expect("the databases");
    let wire: Vec<RawFile> = [&at_gateway, &at_matching]
        .into_iter()
        .flat_map(|calls| files(calls))
        .collect();
    let needles: Vec<Needle> = PEOPLE.iter().flat_map(Person::needles).collect();
    assert!(
        search(&wire, &needles).is_empty(),
        "{:?}",
        search(&wire, &needles)
    );
    let at_rest = search(dump.files(), &needles);
    assert!(at_rest.is_empty(), "{at_rest:?}");
    // The search is not blind: what is told is found at both doors, and what is public in the database.
    let told = [Needle::new("the words", WORDS).expect("long enough")];
    for door in [files(&at_gateway), files(&at_matching)] {
        assert!(!search(&door, &told).is_empty());
    }
    let published = [Needle::new("an offer", "Soepterrine").expect("long enough")];
    assert!(!search(dump.files(), &published).is_empty());
    mesh.gateway.address().expect("it listened all the while");
    mesh.mesh.stop().await;
}
