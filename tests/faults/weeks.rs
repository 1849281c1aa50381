//! What a dump of two weeks tells when a part is faulty.

use std::sync::Arc;

use sluis_compose::Fittings;

use super::epoch_keys::KeptPeppers;
use crate::dumps::judge;

#[tokio::test(flavor = "multi_thread")]
async fn p3_peppers_that_are_kept_are_noticed() {
    let mut fittings = Fittings::real();
    fittings.signalling_epochs = Box::new(|keys| Arc::new(KeptPeppers(keys)));
    let told = Box::pin(judge(fittings)).await;
    assert!(told.old_posts > 0, "{told:?}");
    assert_eq!(told.tags, 0, "{told:?}");
    assert!(told.residents.is_empty() && told.linked.is_empty(), "{told:?}");
}
