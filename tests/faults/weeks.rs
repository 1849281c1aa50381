//! What a dump of two weeks tells when a part is faulty.

use std::sync::Arc;

use sluis_compose::Fittings;

use super::epoch_keys::KeptPeppers;
use crate::dumps::judge;
use crate::fixture::Backend;

async fn kept_peppers_are_noticed(backend: Backend) {
    let mut fittings = Fittings::real();
    fittings.signalling_epochs = Box::new(|keys| Arc::new(KeptPeppers(keys)));
    let told = Box::pin(judge(backend, fittings)).await;
    assert!(told.old_posts > 0, "{told:?}");
    assert_eq!(told.tags, 0, "{told:?}");
    assert!(told.residents.is_empty() && told.linked.is_empty(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p3_peppers_that_are_kept_are_noticed() {
    Box::pin(kept_peppers_are_noticed(Backend::Sqlite)).await;
}

/// Rows that were deleted stay in PostgreSQL's files until something else is written there.
#[tokio::test(flavor = "multi_thread")]
async fn p3_peppers_that_are_kept_are_noticed_on_postgresql() {
    Box::pin(kept_peppers_are_noticed(Backend::Postgres)).await;
}
