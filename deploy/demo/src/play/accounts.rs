//! What was done stands in the log: in the resident's own part of it, and as a leaf that nobody can take away quietly.

use sluis_client::envelope::{LeafPromise, Signed};
use sluis_proto::consent::v1::{AccessEntry, AccessKind, OpenGateResponse};
use sluis_types::GrantId;

use super::house::{House, oin};
use super::people::Who;
use super::resident::Resident;
use super::verdict::{Expectation, Verdict};
use crate::DemoError;
use crate::dossier::{Database, Value};
use crate::resident::access_entries;

const OPEN_GATE: &str = "/sluis.consent.v1.ConsentService/OpenGate";

/// Looks whether the GGZ's opening and its refusal have leaves, and whether the resident reads both.
pub(super) async fn check(
    house: &House,
    verdict: &mut Verdict,
    resident: &Resident,
    grant: GrantId,
) -> Result<(), DemoError> {
    let promised = promised_leaves(house);
    let leaves = leaves(house).await?;
    let missing = promised.iter().filter(|leaf| !leaves.contains(*leaf)).count();
    verdict.expect(
        !promised.is_empty() && missing == 0,
        Expectation::OpeningIsLogged,
        || {
            format!(
                "of {} openings, {missing} have no leaf in the database",
                promised.len()
            )
        },
    );
    let entries = match access_entries(&house.session(resident).await?).await {
        Ok(entries) => entries,
        Err(error) => {
            verdict.expect(false, Expectation::OpeningIsLogged, || error.to_string());
            return Ok(());
        }
    };
    let (grant, ggz) = (grant.to_string(), oin(Who::Ggz).to_string());
    let opening = |allowed: bool| {
        entries.iter().find(|entry: &&AccessEntry| {
            entry.kind() == AccessKind::Opened
                && entry.allowed == allowed
                && entry.organisation == ggz
                && entry.grant_id == grant
        })
    };
    let shown =
        opening(true).is_some_and(|entry| promised.iter().any(|leaf| leaf[..] == entry.leaf_hash[..]));
    verdict.expect(shown, Expectation::OpeningIsLogged, || {
        "the resident does not see the opening".to_owned()
    });
    let refused =
        opening(false).is_some_and(|entry| leaves.iter().any(|leaf| leaf[..] == entry.leaf_hash[..]));
    verdict.expect(refused, Expectation::RefusalIsLogged, || {
        "the resident does not see the refusal".to_owned()
    });
    Ok(())
}

/// The leaves that the gate promised for each opening, as the GGZ's traffic has them.
fn promised_leaves(house: &House) -> Vec<Vec<u8>> {
    let calls = house.tap.recording().calls_of(OPEN_GATE);
    calls
        .iter()
        .flat_map(crate::tap::Call::replies::<OpenGateResponse>)
        .filter_map(|reply| Signed::<LeafPromise>::parse(&reply.leaf_promise).ok())
        .map(|promise| promise.unverified().leaf_hash.to_vec())
        .collect()
}

/// Every leaf in consent's database, waiting for its place or in the tree.
async fn leaves(house: &House) -> Result<Vec<Vec<u8>>, DemoError> {
    let path = house.config.data_dir.join("consent.sqlite");
    let mut database = Database::open("consent", &path).await?;
    // Waiting ones first: one that moves meanwhile is in the tree when the tree is read.
    let mut rows = database.rows_of("log_waiting").await?;
    rows.extend(database.rows_of("log_leaf").await?);
    database.close().await?;
    Ok(rows
        .iter()
        .filter_map(|row| match row.get("leaf") {
            Some(Value::Blob(leaf)) => Some(leaf.clone()),
            _ => None,
        })
        .collect())
}
