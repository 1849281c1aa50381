//! What an attacker, an operator and whoever finds a dump come to.

use std::path::Path;
use std::sync::Arc;

use sluis_client::envelope::{KeyStatement, OrganisationKey, Signed, VerifiedKeyStatement};
use sluis_types::KeyId;

use super::crowd::Crowd;
use super::house::{House, oin};
use super::people::{BEA, ORGANISATIONS, Who, question};
use super::stage::Stage;
use super::story::{Secrets, Told};
use super::verdict::{Expectation, Verdict};
use crate::DemoError;
use crate::attacker::{Attempt, DrawnRandomness, LiveGate, Loot, Target, attack, try_as_operator};
use crate::dossier::{Dump, Finding, Needle, Outcome, attempt_to_group, search};
use crate::tap::Recording;

/// The attack on what was withdrawn, on what is live, and the operator's.
pub(super) async fn attacks(
    house: &House,
    told: &Told,
    stage: &mut Stage,
    verdict: &mut Verdict,
) -> Result<(), DemoError> {
    let now = Dump::take(&house.config.data_dir).await?;
    let recording = house.tap.recording();
    let recorded = |message| {
        Target::recorded(recording, message)
            .ok_or_else(|| DemoError::unexpected("the traffic lacks a message"))
    };
    let (withdrawn, live) = (recorded(told.withdrawn)?, recorded(told.live)?);
    let dumps = [&told.backup, &now];
    let profile = house.profile(Who::Ggz);
    let loot = take(house, &dumps, Some(&profile), recording, &house.drawn).await?;

    let sender = sender_key(&profile, withdrawn.manifest.header().signing_key_id(), house)?;
    let ambient = house.mesh.ambient();
    let gate = LiveGate {
        tap: &house.tap,
        profile: &profile,
        sender: &sender,
        clock: Arc::clone(&ambient.clock),
        randomness: Arc::clone(&ambient.randomness),
    };

    let text = question(BEA, 0);
    let (mut control, loot) = in_background(loot, live.clone(), attack).await?;
    verdict.expect(
        holds(control.opened.as_deref(), &text),
        Expectation::AttackerOpensWhatIsLive,
        || control.line(),
    );
    let asked = gate.ask(&live).await?;
    (control.asked, control.replayed) = (asked.requests, asked.replies);
    let given = holds(asked.opened.as_deref(), &text);
    verdict.expect(given, Expectation::AttackerOpensWhatIsLive, || {
        "the gate gave it nothing".to_owned()
    });
    stage.say(&format!(
        "    The attacker, on Bea's message under her live grant: {}.",
        control.line()
    ));

    let (mut attempt, _) = in_background(loot, withdrawn.clone(), attack).await?;
    let asked = gate.ask(&withdrawn).await?;
    (attempt.asked, attempt.replayed) = (asked.requests, asked.replies);
    if attempt.opened.is_none() && asked.opened.is_some() {
        (attempt.opened, attempt.by) = (asked.opened, "the live gate gave its share");
    }
    let stays_closed = attempt.own_half && attempt.opened.is_none();
    verdict.expect(stays_closed, Expectation::WithdrawnStaysClosed, || attempt.line());
    stage.say(&format!(
        "    The attacker, on what Ans withdrew: {}.",
        attempt.line()
    ));
    let with = "the GGZ's private keys, all databases now and from before, all key files, all its traffic";
    stage
        .step(&format!(
            "An attacker with {with} tries to open the second message."
        ))
        .await?;

    let loot = take(
        house,
        &dumps,
        None,
        &Recording::default(),
        &DrawnRandomness::default(),
    )
    .await?;
    let (operator, _) = in_background(loot, live, try_as_operator).await?;
    verdict.expect(
        operator.opened.is_none(),
        Expectation::OperatorDoesNotOpen,
        || operator.line(),
    );
    stage.say(&format!(
        "    The operator, on Bea's message: {}.",
        operator.line()
    ));
    stage
        .step("An operator with all databases and all keys of the mesh tries to open Bea's message.")
        .await
}

async fn take(
    house: &House,
    dumps: &[&Dump],
    profile: Option<&Path>,
    recording: &Recording,
    drawn: &DrawnRandomness,
) -> Result<Loot, DemoError> {
    let config = &house.config;
    let keys = [config.keys_dir.as_path(), &config.bucket_dir()].map(Path::to_owned);
    let keys: Vec<&Path> = keys.iter().map(std::path::PathBuf::as_path).collect();
    Loot::take(
        dumps,
        &keys,
        &config.keys_dir.join("consent"),
        profile,
        recording,
        drawn,
    )
    .await
}

/// An attack takes all cores for seconds: not on the threads that the mesh answers on.
async fn in_background(
    loot: Loot,
    target: Target,
    attack: fn(&Target, &Loot) -> Attempt,
) -> Result<(Attempt, Loot), DemoError> {
    tokio::task::spawn_blocking(move || (attack(&target, &loot), loot))
        .await
        .map_err(|_| DemoError::unexpected("the attack broke off"))
}

/// Whether this text came out.
fn holds(opened: Option<&[u8]>, text: &str) -> bool {
    let opened = opened.unwrap_or_default();
    opened.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The sender's signing key, from the statement that the recipient's software remembered.
fn sender_key(profile: &Path, id: KeyId, house: &House) -> Result<OrganisationKey, DemoError> {
    let path = profile.join("known").join(oin(Who::Welfare).as_str());
    let bytes = std::fs::read(&path).map_err(DemoError::file("read", &path))?;
    let unusable = || DemoError::unexpected("the sender's key statement cannot be used");
    let statement = Signed::<KeyStatement>::parse(&bytes).map_err(|_| unusable())?;
    let fingerprint = statement.unverified().identity.id();
    let now = house.mesh.ambient().clock.now();
    let statement = VerifiedKeyStatement::pinned(statement, &fingerprint, now).map_err(|_| unusable())?;
    statement.signing_key(&id, now).map_err(|_| unusable())
}

/// The search through one dump for what must not be there.
pub(super) async fn search_dump(
    house: &House,
    secrets: &Secrets,
    stage: &mut Stage,
    verdict: &mut Verdict,
) -> Result<(), DemoError> {
    let dump = Dump::take(&house.config.data_dir).await?;
    let everywhere = needles(house, secrets);
    let mut found: Vec<(&str, Finding)> = search(dump.files(), &everywhere)
        .into_iter()
        .map(|finding| ("a database", finding))
        .collect();
    let organisations = || {
        ORGANISATIONS
            .iter()
            .filter_map(|one| Needle::new("an organisation", one.oin))
            .collect::<Vec<_>>()
    };
    let of = |store: &'static str| {
        dump.files()
            .iter()
            .filter(move |file| file.name.starts_with(store))
    };
    found.extend(
        search(of("consent"), &organisations())
            .into_iter()
            .map(|finding| ("consent", finding)),
    );
    // What does stand in clear, by design, must be found: else the search is blind.
    let sees = !search(of("referral"), &organisations()).is_empty();
    verdict.expect(sees, Expectation::NothingStandsInClear, || {
        "the search does not find what is in clear".to_owned()
    });
    verdict.expect(found.is_empty(), Expectation::NothingStandsInClear, || {
        let found: Vec<_> = found
            .iter()
            .map(|(place, finding)| format!("{} ({}) in {place}", finding.what, finding.form))
            .collect();
        found.join(", ")
    });
    let bytes: usize = dump.files().iter().map(|file| file.bytes.len()).sum();
    stage.say(&format!(
        "    Looked for {} values in up to 13 forms each, in {bytes} bytes.",
        everywhere.len() + ORGANISATIONS.len()
    ));
    stage
        .step("Somebody who found one dump of all databases searches it for people and what was said.")
        .await
}

fn needles(house: &House, secrets: &Secrets) -> Vec<Needle> {
    let mut needles = Vec::new();
    needles.extend(
        secrets
            .names
            .iter()
            .filter_map(|name| Needle::new("a name", name.as_str())),
    );
    needles.extend(
        secrets
            .contents
            .iter()
            .filter_map(|text| Needle::new("content", text.as_str())),
    );
    needles.extend(
        secrets
            .subjects
            .iter()
            .filter_map(|subject| Needle::new("a login", subject.as_str())),
    );
    needles.extend(Needle::new("the provider of logins", house.provider.issuer()));
    for handle in &secrets.handles {
        needles.extend(Needle::new("a handle", handle.expose()));
        needles.extend(Needle::new("a handle", *handle.as_bytes()));
    }
    for grant in &secrets.grants {
        needles.extend(Needle::new("a grant id", grant.to_string()));
        needles.extend(Needle::new("a grant id", *grant.as_bytes()));
    }
    for thread in &secrets.threads {
        needles.extend(Needle::new("a thread id", thread.to_string()));
        needles.extend(Needle::new("a thread id", *thread.as_bytes()));
    }
    needles
}

/// The attempt to tell whose row is whose. Gives what did not look like chance.
pub(super) async fn group(house: &House, crowd: &Crowd, stage: &Stage) -> Result<Vec<Outcome>, DemoError> {
    let dump = Dump::take(&house.config.data_dir).await?;
    let mut rows = Vec::new();
    for store in crate::dossier::STORES {
        let mut database = dump.database(store).await?;
        rows.extend(database.rows().await?);
        database.close().await?;
    }
    let (truth, attempt) = (crowd.truth.clone(), crowd.attempt.clone());
    let grouped = tokio::task::spawn_blocking(move || attempt_to_group(&rows, &truth, &attempt)).await;
    let outcomes = grouped.map_err(|_| DemoError::unexpected("the grouping broke off"))?;
    for Outcome {
        by,
        index,
        chance: (low, high),
    } in &outcomes
    {
        stage.say(&format!(
            "    By {by}: adjusted Rand index {index:.4}; chance gives {low:.4} to {high:.4}."
        ));
    }
    Ok(outcomes
        .into_iter()
        .filter(|outcome| !outcome.is_chance())
        .collect())
}
