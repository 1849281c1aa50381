//! P3: what consent and signalling tell together, at rest, with every key that lies beside them: neither which resident
//! a post is about, nor which posts of two weeks belong together.
//!
//! The thief has the raw files of both databases, every sealed column opened (it has the column keys), all key files
//! and the peppers. What it looks for is written as code that must fail when a part is faulty (`tests/faults/weeks.rs`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sluis_client::envelope::CircleBundle;
use sluis_client::types::{Clock as _, Epoch, Handle, MatchClass, OrganisationKind, SignalType};
use sluis_client::{Checklist, CircleQuestion, ResidentTold, Severity, Worry};
use sluis_compose::{Ambient, Fittings, Mesh};
use sluis_demo::calendar::Calendar;
use sluis_demo::dossier::{Dump, Observer, Row, Truth, Value};
use sluis_keyring::{Location, OpenError, RowCodec};
use sluis_proto::consent::v1 as consent;
use zeroize::Zeroizing;

use crate::fixture::{Backend, Place, TestMesh, TestPartner, TestResident, request_id};

const RESIDENTS: usize = 5;
const CLASS: MatchClass = MatchClass::HomeAtRisk;
/// So many bytes in a row that stand in two places are no chance.
const TELLING_BYTES: usize = 12;
/// What one resident's rows come with: being allowed, posted about in the first week, and in the second.
const ACTS: usize = 3;

/// What a thief came to.
#[derive(Debug)]
pub(crate) struct Told {
    /// Tags of posts that lie anywhere in databases or key files.
    pub(crate) tags: usize,
    /// Posts of the week before that a member's bundle still finds, in free pages too.
    pub(crate) old_posts: usize,
    /// Residents of whom something stands beside a post.
    pub(crate) residents: Vec<usize>,
    /// Residents whose posts of two weeks share something.
    pub(crate) linked: Vec<usize>,
}

/// Every sealed value that was written, with what is inside: what column keys are good for.
type Opened = Arc<Mutex<HashMap<Vec<u8>, Vec<u8>>>>;

#[derive(Debug)]
struct Reading {
    opened: Opened,
    codec: Arc<dyn RowCodec>,
}

impl RowCodec for Reading {
    fn seal(&self, at: Location<'_>, plain: &[u8], step: NonZeroUsize) -> Vec<u8> {
        let sealed = self.codec.seal(at, plain, step);
        let mut known = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(sealed.clone(), plain.to_vec());
        sealed
    }

    fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.codec.open(at, sealed)
    }
}

/// A mesh in which housing and welfare share a circle about each of some residents.
struct Town {
    mesh: TestMesh,
    place: Place,
    calendar: Arc<Calendar>,
    housing: TestPartner,
    welfare: TestPartner,
    observer: Observer,
    truth: Truth,
}

impl Town {
    async fn begin(backend: Backend, fittings: &Fittings) -> Self {
        let calendar = Arc::new(Calendar::default());
        let mesh = TestMesh::start_at(backend, fittings, &calendar).await;
        let housing = mesh
            .partner("00000099000000003000", OrganisationKind::Housing)
            .await;
        let welfare = mesh
            .partner("00000099000000001000", OrganisationKind::Welfare)
            .await;
        housing.pin(&welfare);
        welfare.pin(&housing);
        calendar.pass_until(Epoch::of(calendar.now()).later(1).starts());
        let (housing, welfare) = (housing.at(calendar.clone()), welfare.at(calendar.clone()));
        let place = Place::of(&mesh);
        let observer = Observer::of(place.databases().await).await.expect("observed");
        Self {
            mesh,
            place,
            calendar,
            housing,
            welfare,
            observer,
            truth: Truth::default(),
        }
    }

    async fn note(&mut self, act: usize) {
        self.observer.note(act, &mut self.truth).await.expect("noted");
    }

    /// A resident allows a circle; both members fetch it. Gives welfare's handle.
    async fn allow(&mut self, number: usize) -> Handle {
        let resident = self.mesh.resident(&format!("bewoner-{number}")).await;
        let handle = self.welfare.link(&resident).await;
        let question = CircleQuestion {
            members: vec![self.housing.oin(), self.welfare.oin()],
            match_classes: [CLASS].into_iter().collect(),
            valid_days: 90,
            replaces: None,
        };
        let asked = self.welfare.partner.propose_circle(&handle, &question).await;
        asked.expect("asked");
        grant(&resident).await;
        for member in [&self.welfare, &self.housing] {
            assert_eq!(member.partner.fetch_circles().await.expect("fetched").len(), 1);
        }
        self.note(ACTS * number).await;
        handle
    }

    /// Welfare worries a little about each resident: nothing meets.
    async fn draft(&self, resident: Handle) -> sluis_client::types::SignalId {
        let worry = Worry {
            kind: SignalType::NoContact,
            resident,
            severity: Severity::Attention,
            observed_at: self.calendar.now(),
            fact: Zeroizing::new("niemand doet open".to_owned()),
            interpretation: None,
            function: "wijkwerker".to_owned(),
            callback: "0412-000001".to_owned(),
            area: None,
        };
        let partner = &self.welfare.partner;
        let draft = partner.draft_signal(&worry).await.expect("written down");
        let checklist = Checklist {
            first_hand: true,
            consent_tried: true,
            least_intrusive: true,
            danger: false,
            told: ResidentTold::At(self.calendar.now()),
        };
        let weighed = partner
            .weigh_signal(draft.signal_id, draft.version, &checklist)
            .await;
        weighed.expect("weighed").signal_id
    }

    /// The tags of a week, from the bundles that a member keeps: what the mesh never had at rest.
    fn tags_of(&self, epoch: Epoch) -> Vec<[u8; 32]> {
        let circles = self.welfare.partner.profile().directory().join("circles");
        let files = std::fs::read_dir(circles).expect("circles");
        files
            .map(|file| {
                let bytes = std::fs::read(file.expect("a file").path()).expect("a bundle");
                let bundle = CircleBundle::parse(&bytes).expect("a bundle");
                let post = bundle.post(CLASS, epoch).expect("a post");
                *post.unverified().tag.expose()
            })
            .collect()
    }
}

async fn grant(resident: &TestResident) {
    let list = consent::ListCircleProposalsRequest {};
    let session = &resident.session;
    let pending = session.list_circle_proposals(list).await.expect("proposals");
    let pending = &pending.proposals[0];
    let grant = consent::GrantCircleRequest {
        request_id: request_id(),
        proposal_id: pending.proposal_id.clone(),
        terms: pending.terms.clone(),
        valid_days: 0,
        notice: Some(consent::Notice {
            notice_id: "share-circle".to_owned(),
            version: 1,
            language: "nl".to_owned(),
            sha256: vec![7; 32].into(),
        }),
    };
    session.grant_circle(grant).await.expect("granted");
}

/// Plays two weeks on a mesh with these parts, and looks.
pub(crate) async fn judge(backend: Backend, mut fittings: Fittings) -> Told {
    let opened = Opened::default();
    let beside = |opened: &Opened| Arc::clone(opened);
    let of_consent = beside(&opened);
    fittings.consent_codec = Box::new(move |codec| {
        let opened = Arc::clone(&of_consent);
        Arc::new(Reading { opened, codec })
    });
    let of_signalling = beside(&opened);
    fittings.signalling_codec = Box::new(move |codec| {
        let opened = Arc::clone(&of_signalling);
        Arc::new(Reading { opened, codec })
    });
    let mut town = Box::pin(Town::begin(backend, &fittings)).await;
    let mut handles = Vec::new();
    for number in 0..RESIDENTS {
        handles.push(town.allow(number).await);
    }
    // Some time apart: what is told by the clock alone is not what is looked for.
    town.calendar.pass(Duration::from_hours(1));
    let first = Epoch::of(town.calendar.now());
    let mut signals = Vec::new();
    for (number, handle) in handles.iter().enumerate() {
        let signal = town.draft(*handle).await;
        town.welfare.partner.post_signal(signal).await.expect("posted");
        signals.push(signal);
        town.note(ACTS * number + 1).await;
    }
    let loot = town.place.loot().await;
    let tags_first = town.tags_of(first);
    assert_eq!(loot.found_with(tags_first.iter()), RESIDENTS, "the search sees");
    let tags = tokio::task::spawn_blocking(move || loot.try_everything().found)
        .await
        .expect("tried");

    town.calendar.pass_until(first.later(1).starts());
    for (number, signal) in signals.iter().enumerate().rev() {
        town.welfare.partner.post_signal(*signal).await.expect("posted");
        town.note(ACTS * number + 2).await;
    }
    let rows = rows_of(&town.place.dump().await).await;
    let known = opened.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (residents, linked) = compared(&rows, &town.truth, &known);
    let old_posts = Box::pin(old_posts(town, &fittings, first, &tags_first)).await;
    Told {
        tags,
        old_posts,
        residents,
        linked,
    }
}

/// The first week's end was tidied up: what a member's tags of that week still find.
async fn old_posts(town: Town, fittings: &Fittings, first: Epoch, tags: &[[u8; 32]]) -> usize {
    let second = town.tags_of(first.later(1));
    let (config, _directory, _databases) = town.mesh.stop().await;
    // A start tidies up first of all.
    let clock = town.calendar.clone();
    let ambient = Ambient {
        clock,
        ..Ambient::system().expect("rules")
    };
    let again = Mesh::start(&config, ambient, fittings)
        .await
        .expect("it starts again");
    while town.place.cells().await != RESIDENTS {
        tokio::task::yield_now().await;
    }
    let loot = town.place.loot().await;
    assert_eq!(loot.found_with(second.iter()), RESIDENTS, "the search sees");
    let found = loot.found_with(tags.iter());
    again.stop().await;
    found
}

async fn rows_of(dump: &Dump) -> Vec<Row> {
    let mut rows = Vec::new();
    for store in ["consent", "signalling"] {
        let mut database = dump.database(store).await.expect("a database");
        rows.extend(database.rows().await.expect("rows"));
    }
    rows
}

/// Of whom something stands beside a post, and whose posts of two weeks share something.
fn compared(rows: &[Row], truth: &Truth, opened: &HashMap<Vec<u8>, Vec<u8>>) -> (Vec<usize>, Vec<usize>) {
    let mut windows: BTreeMap<usize, HashSet<Vec<u8>>> = BTreeMap::new();
    for row in rows {
        let Some(act) = truth.rows.get(&row.id) else {
            continue;
        };
        let is_post = act % ACTS != 0;
        if is_post == (row.id.store == "consent") {
            // What consent does while a post is made, and signalling while a circle is, is neither's.
            continue;
        }
        let of_act = windows.entry(*act).or_default();
        for (_, value) in &row.columns {
            let bytes = match value {
                Value::Blob(bytes) => opened.get(bytes).unwrap_or(bytes).clone(),
                Value::Text(text) => text.clone().into_bytes(),
                _ => continue,
            };
            of_act.extend(bytes.windows(TELLING_BYTES).map(<[u8]>::to_vec));
        }
    }
    let empty = HashSet::new();
    let of = |act: usize| windows.get(&act).unwrap_or(&empty);
    assert!(
        (0..ACTS * RESIDENTS).all(|act| !of(act).is_empty()),
        "every act left rows"
    );
    let only = |number: usize, phase: usize, window: &Vec<u8>| {
        (0..RESIDENTS)
            .filter(|other| *other != number)
            .all(|other| !of(ACTS * other + phase).contains(window))
    };
    let (mut told, mut linked) = (BTreeSet::new(), BTreeSet::new());
    for number in 0..RESIDENTS {
        let posts: [&HashSet<_>; 2] = [of(ACTS * number + 1), of(ACTS * number + 2)];
        let own = of(ACTS * number).iter().filter(|window| only(number, 0, window));
        if own
            .into_iter()
            .any(|window| posts.iter().any(|post| post.contains(window)))
        {
            told.insert(number);
        }
        let mut shared = posts[0].intersection(posts[1]);
        if shared.any(|window| only(number, 1, window) && only(number, 2, window)) {
            linked.insert(number);
        }
    }
    (told.into_iter().collect(), linked.into_iter().collect())
}

async fn consent_and_signalling_tell_nothing(backend: Backend) {
    let told = Box::pin(judge(backend, Fittings::real())).await;
    assert_eq!((told.tags, told.old_posts), (0, 0), "{told:?}");
    assert!(told.residents.is_empty() && told.linked.is_empty(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_consent_and_signalling_together_tell_neither_whom_a_post_is_about_nor_which_belong_together() {
    Box::pin(consent_and_signalling_tell_nothing(Backend::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_they_tell_no_more_in_the_files_of_postgresql() {
    Box::pin(consent_and_signalling_tell_nothing(Backend::Postgres)).await;
}

/// The comparison finds what it looks for.
#[test]
fn what_a_post_shares_with_its_resident_is_found() {
    let row = |act: usize, store: &'static str, bytes: &[u8]| {
        let key = vec![Value::Integer(i64::try_from(act).expect("a small number"))];
        let id = sluis_demo::dossier::RowId {
            store,
            table: "any".to_owned(),
            key,
        };
        let columns = vec![("value".to_owned(), Value::Blob(bytes.to_vec()))];
        Row { id, columns }
    };
    let distinct = |act: usize| [u8::try_from(act).expect("small"); TELLING_BYTES];
    let mut bytes: Vec<Vec<u8>> = (0..ACTS * RESIDENTS).map(|act| distinct(act).to_vec()).collect();
    // The second resident's post holds what its consent holds; the third's two posts share something.
    bytes[4] = bytes[3].clone();
    bytes[8] = bytes[7].clone();
    let store = |act: usize| {
        if act.is_multiple_of(ACTS) {
            "consent"
        } else {
            "signalling"
        }
    };
    let rows: Vec<Row> = (0..ACTS * RESIDENTS)
        .map(|act| row(act, store(act), &bytes[act]))
        .collect();
    let mut truth = Truth::default();
    truth
        .rows
        .extend(rows.iter().enumerate().map(|(act, row)| (row.id.clone(), act)));
    assert_eq!(compared(&rows, &truth, &HashMap::new()), (vec![1], vec![2]));
}
