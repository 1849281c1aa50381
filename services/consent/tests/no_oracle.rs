//! "Not there", "not yours" and "no consent" are one answer (promise P6).

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sluis_consent::RowCodec;
use sluis_envelope::{
    GateKeyPair, GrantToken, KeyKind, OperationCounts, Signed, SigningKey, operation_counts,
};
use sluis_keyring::{Location, OpenError};
use sluis_proto::consent::v1 as proto;
use sluis_types::{DataKind, GrantId, Handle};
use tonic::Status;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use zeroize::Zeroizing;

use crate::acts::{Granted, Sent};
use crate::letters::{DAY, Organisation, scope};
use crate::world::World;

/// Every statement that the store runs, in order, and how many rows are sealed and opened.
#[derive(Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<Vec<String>>>, Arc<RowWork>);

/// How often the service under test sealed and opened a row.
#[derive(Debug, Default)]
struct RowWork {
    seals: AtomicU64,
    opens: AtomicU64,
}

impl RowWork {
    fn counts(&self) -> [u64; 2] {
        [&self.seals, &self.opens].map(|count| count.load(Ordering::SeqCst))
    }
}

/// The real codec, counted.
#[derive(Debug)]
struct CountedCodec(Arc<dyn RowCodec>, Arc<RowWork>);

impl RowCodec for CountedCodec {
    fn seal(&self, at: Location<'_>, plain: &[u8], step_bytes: NonZeroUsize) -> Vec<u8> {
        self.1.seals.fetch_add(1, Ordering::SeqCst);
        self.0.seal(at, plain, step_bytes)
    }

    fn open(&self, at: Location<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        self.1.opens.fetch_add(1, Ordering::SeqCst);
        self.0.open(at, sealed)
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "sql" {
            self.0 = format!("{value:?}");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            value.clone_into(&mut self.0);
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sluis_store::statement" {
            let mut text = Text(String::new());
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }
    }
}

/// What somebody outside, or with a look at the machine, can tell an answer by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    code: tonic::Code,
    message: String,
    details: Vec<u8>,
    statements: Vec<String>,
    operations: [u64; 4],
    /// Rows sealed and opened.
    rows: [u64; 2],
}

pub(crate) fn since(before: OperationCounts) -> [u64; 4] {
    let now = operation_counts();
    [
        now.hpke_seal - before.hpke_seal,
        now.hpke_open - before.hpke_open,
        now.sign - before.sign,
        now.verify - before.verify,
    ]
}

impl Statements {
    /// A service whose rows are counted here.
    pub(crate) async fn world(&self) -> World {
        let work = Arc::clone(&self.1);
        World::start_changed(Box::new(move |parts| {
            parts.codec = Arc::new(CountedCodec(Arc::clone(&parts.codec), work));
        }))
        .await
    }

    /// The statements since this was asked last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// How many rows were sealed and opened by now.
    pub(crate) fn rows(&self) -> [u64; 2] {
        self.1.counts()
    }

    /// Runs a call that is refused, with nothing else going on.
    pub(crate) async fn of<T: fmt::Debug>(&self, call: impl Future<Output = Result<T, Status>>) -> Seen {
        self.0.lock().unwrap().clear();
        let (before, rows_before) = (operation_counts(), self.1.counts());
        let status = call.await.expect_err("the call is refused");
        let rows = self.1.counts();
        Seen {
            code: status.code(),
            message: status.message().to_owned(),
            details: status.details().to_vec(),
            statements: self.0.lock().unwrap().clone(),
            operations: since(before),
            rows: [rows[0] - rows_before[0], rows[1] - rows_before[1]],
        }
    }
}

/// Two residents: one who consented, one whom welfare knows and who did not; a grant that ended, one that is paused, one
/// that ran out of time.
struct Cast {
    world: World,
    consented: Granted,
    stranger_to_ggz: Handle,
    ended: Granted,
    paused: Granted,
    sent: [Sent; 3],
}

async fn cast(statements: &Statements) -> Cast {
    let world = statements.world().await;
    let (consented, ended, paused) = (
        world.granted("anna").await,
        world.granted("bert").await,
        world.granted("clara").await,
    );
    let unasked = world.log_in("dirk").await;
    let stranger_to_ggz = world.link(&unasked, &world.welfare).await;
    let sent = [
        world.send(&consented.handle).await,
        world.send(&ended.handle).await,
        world.send(&paused.handle).await,
    ];
    world.withdraw(&ended).await;
    let pause = proto::SuspendGrantRequest {
        request_id: world.request_id(),
        grant_id: paused.grant.grant_id.clone(),
    };
    paused.resident.client.clone().suspend_grant(pause).await.unwrap();
    Cast {
        world,
        consented,
        stranger_to_ggz,
        ended,
        paused,
        sent,
    }
}

#[tokio::test]
async fn p6_every_no_of_authorize_is_the_same() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let cast = Box::pin(cast(&statements)).await;
    let world = &cast.world;
    let plan = &[DataKind::Plan][..];
    let mut all = Vec::new();
    for (what, handle, kinds) in [
        ("absent", &Handle::from_bytes([7; 16]), plan),
        ("known, never asked", &cast.stranger_to_ggz, plan),
        ("withdrawn", &cast.ended.handle, plan),
        ("paused", &cast.paused.handle, plan),
        ("beyond the grant", &cast.consented.handle, &[DataKind::Medical]),
    ] {
        let request = world.asking_to_send(handle, kinds);
        let mut welfare = world.as_welfare();
        all.push((what, statements.of(welfare.authorize(request)).await));
    }
    // Somebody else's handle.
    let request = world.asking_to_send(&cast.consented.handle, plan);
    let mut stranger = world.as_stranger();
    all.push(("foreign", statements.of(stranger.authorize(request)).await));
    assert_all_alike(&all);
    assert_eq!(leaves(&all[0].1), 1, "one leaf each");
}

#[tokio::test]
async fn p6_every_no_of_the_gate_is_the_same() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let cast = Box::pin(cast(&statements)).await;
    let world = &cast.world;
    // Sealed under a grant of another mesh with the same organisations: it never was here.
    let elsewhere = World::start_changed(Box::new(|_| ())).await;
    let granted_elsewhere = elsewhere.granted("erik").await;
    let absent = elsewhere.send(&granted_elsewhere.handle).await;
    assert_ne!(granted_elsewhere.id(), GrantId::from_bytes([0; 16]));
    // A grant that is there, and is between two others.
    let token = (*world.authorize(&cast.consented.handle).await.unwrap()).clone();
    let between_others = GrantToken {
        sender: world.stranger.oin,
        ..token.clone()
    };
    let foreign = forged(world, &world.stranger, between_others);
    // A live grant, and a share that its gate key does not open.
    let gate_key = GateKeyPair::generate(world.randomness.as_ref()).public().clone();
    let unopenable = forged(world, &world.welfare, GrantToken { gate_key, ..token });
    let mut all = Vec::new();
    for (what, sent) in [
        ("absent", &absent),
        ("foreign", &foreign),
        ("sealed to another gate", &unopenable),
        ("withdrawn", &cast.sent[1]),
        ("paused", &cast.sent[2]),
    ] {
        let (request, _) = world.opening(sent);
        let mut ggz = world.as_ggz();
        all.push((what, statements.of(ggz.open_gate(request)).await));
    }
    let (request, _) = {
        world.clock.advance(190 * DAY);
        world.opening(&cast.sent[0])
    };
    let mut ggz = world.as_ggz();
    all.push(("expired", statements.of(ggz.open_gate(request)).await));
    assert_all_alike(&all);
    assert_eq!(leaves(&all[0].1), 1, "one leaf each");
    assert_eq!(
        all[0].1.operations[..2],
        [1, 1],
        "a refusal opens and seals as a release does"
    );
}

/// A message that `sender` sealed under a token that consent never signed.
fn forged(world: &World, sender: &Organisation, token: GrantToken) -> Sent {
    let key = SigningKey::from_seed(KeyKind::GrantToken, &[1; 32]);
    let token = Signed::sign(token, &key)
        .verify(key.verifying_key(), world.now())
        .unwrap();
    let scope = scope(&[DataKind::Plan]);
    Sent {
        envelope: sender.seal(&world.ggz, &token, scope, world.randomness.as_ref()),
        at: world.now(),
    }
}

#[tokio::test]
async fn p6_a_release_costs_what_a_refusal_costs() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let cast = Box::pin(cast(&statements)).await;
    let world = &cast.world;
    let (refused, _) = world.opening(&cast.sent[1]);
    let mut ggz = world.as_ggz();
    let refused = statements.of(ggz.open_gate(refused)).await;
    let (released, _) = world.opening(&cast.sent[0]);
    let before = operation_counts();
    ggz.open_gate(released).await.unwrap();
    let released = since(before);
    assert_eq!(released[..2], refused.operations[..2]);
    assert_eq!(released[3], refused.operations[3]);
}

#[tokio::test]
async fn p6_every_no_of_a_status_question_is_the_same() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let cast = Box::pin(cast(&statements)).await;
    let world = &cast.world;
    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("known, never asked", &cast.stranger_to_ggz),
        ("withdrawn", &cast.ended.handle),
        ("paused", &cast.paused.handle),
    ] {
        let request = proto::GetConsentStatusRequest {
            handle: handle.expose(),
            discloser: world.welfare.oin.to_string(),
            recipient: world.ggz.oin.to_string(),
        };
        let mut welfare = world.as_welfare();
        all.push((what, statements.of(welfare.get_consent_status(request)).await));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_every_no_to_a_link_code_is_the_same() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let world = statements.world().await;
    let resident = world.log_in("anna").await;
    let expired = world.code(&resident, world.welfare.oin).await.code;
    world.clock.advance(std::time::Duration::from_mins(20));
    let used = world.code(&resident, world.welfare.oin).await.code;
    let redeem = world.redeeming(&used);
    world.as_welfare().redeem_link_code(redeem).await.unwrap();
    let for_another = world.code(&resident, world.ggz.oin).await.code;
    let mut all = Vec::new();
    for (what, code) in [
        ("absent", "00000-00000"),
        ("expired", expired.as_str()),
        ("used", used.as_str()),
        ("for another", for_another.as_str()),
    ] {
        let request = world.redeeming(code);
        let mut welfare = world.as_welfare();
        all.push((what, statements.of(welfare.redeem_link_code(request)).await));
    }
    assert_all_alike(&all);
    assert_eq!(leaves(&all[0].1), 1, "one leaf each");
}

#[tokio::test]
async fn p6_a_resident_cannot_tell_anothers_grant_from_none() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let world = statements.world().await;
    let granted = world.granted("anna").await;
    let bert = world.log_in("bert").await;
    let mut all = Vec::new();
    for (what, grant_id) in [
        ("absent", "00000000-0000-4000-8000-000000000000"),
        ("foreign", granted.grant.grant_id.as_str()),
    ] {
        let grant = proto::Grant {
            grant_id: grant_id.into(),
            ..proto::Grant::default()
        };
        let request = world.withdrawing(&grant);
        let mut client = bert.client.clone();
        all.push((what, statements.of(client.withdraw_grant(request)).await));
    }
    assert_all_alike(&all);
}

#[tokio::test]
async fn p6_asking_a_resident_who_is_not_there_looks_like_asking_one_who_is() {
    let statements = Statements::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(statements.clone()));
    let cast = Box::pin(cast(&statements)).await;
    let world = &cast.world;
    // One who refused just now: not asked again, and the asker does not learn it.
    let refused = world.log_in("fien").await;
    let handle_of_refused = world.link(&refused, &world.welfare).await;
    let question = || world.question(vec![crate::acts::provision()]);
    let proposal = world.ask(&refused, &handle_of_refused, question()).await;
    let refuse = proto::RefuseConsentRequest {
        request_id: world.request_id(),
        proposal_id: proposal.proposal_id,
    };
    refused.client.clone().refuse_consent(refuse).await.unwrap();

    let mut all = Vec::new();
    for (what, handle) in [
        ("absent", &Handle::from_bytes([7; 16])),
        ("there", &cast.stranger_to_ggz),
        ("refused before", &handle_of_refused),
    ] {
        statements.0.lock().unwrap().clear();
        let before = operation_counts();
        let request = world.proposing(handle, vec![question()]);
        let reply = world
            .as_welfare()
            .propose_consent(request)
            .await
            .unwrap()
            .into_inner();
        let texts = statements.0.lock().unwrap().clone();
        // The call's own caller token is counted on both sides alike.
        all.push((what, (reply, texts, since(before))));
    }
    for (what, seen) in &all[1..] {
        assert_eq!(seen, &all[0].1, "{what} is told from {}", all[0].0);
    }
}

pub(crate) fn assert_all_alike(all: &[(&str, Seen)]) {
    let (first, expected) = &all[0];
    assert!(!expected.statements.is_empty(), "statements are seen");
    for (what, seen) in &all[1..] {
        assert_eq!(seen, expected, "{what} is told from {first}");
    }
}

fn leaves(seen: &Seen) -> usize {
    seen.statements
        .iter()
        .filter(|sql| sql.contains("INSERT INTO log_event"))
        .count()
}
