//! Migrations and statements are the same on both databases.

use sluis_ledger::{MIGRATIONS, STATEMENTS};
use sluis_store::Schema;
use sluis_store_testing::{assert_migrations_agree, assert_schemas_agree, assert_statements_prepare};

#[test]
fn both_folders_hold_the_same_migrations() {
    assert_migrations_agree(env!("CARGO_MANIFEST_DIR"), &MIGRATIONS);
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    assert_schemas_agree(&Schema::of(&[&MIGRATIONS])).await;
}

#[tokio::test]
async fn both_databases_take_every_statement() {
    assert_statements_prepare(&Schema::of(&[&MIGRATIONS]), STATEMENTS).await;
}
