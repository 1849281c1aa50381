//! Reads see one moment and change nothing.

use sluis_store::{Statement, StoreError, args};
use sluis_store_testing::TestDatabases;
use sluis_types::{Oin, Timestamp};

use crate::counter::{ADD, Add, VALUE, open, value};

#[tokio::test]
async fn a_read_sees_one_moment() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        store
            .write_internal("add", Add::new("a", 1))
            .await
            .expect("writes");
        let mut read = store.read("twice").await.expect("reads");
        let mut tx = read.tx();
        let before: i64 = tx
            .fetch_one(VALUE, args!["a"])
            .await
            .expect("reads")
            .get(0)
            .expect("a value");
        store
            .write_internal("add", Add::new("a", 1))
            .await
            .expect("writes");
        let after: i64 = tx
            .fetch_one(VALUE, args!["a"])
            .await
            .expect("reads")
            .get(0)
            .expect("a value");
        assert_eq!((before, after), (1, 1), "{}", database.name());
        drop(read);
        assert_eq!(value(&store, "a").await, Some(2));
    }
}

#[tokio::test]
async fn a_read_cannot_write() {
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let mut read = store.read("sly").await.expect("reads");
        let mut tx = read.tx();
        assert!(
            tx.fetch_one(ADD, args!["a", 1]).await.is_err(),
            "{}",
            database.name()
        );
        assert!(
            tx.fetch_one(VALUE, args!["a"]).await.is_err(),
            "and a failed statement ends it"
        );
        drop(read);
        assert_eq!(value(&store, "a").await, None);
    }
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    // The casts give PostgreSQL the types that a table would.
    const ECHO: Statement = Statement::differ(
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9",
        "SELECT $1::text, $2::bytea, $3::bigint, $4::boolean, $5::text, $6::bytea, $7::bigint, $8::boolean, $9::text",
    );
    let oin: Oin = "00000099000000001000".parse().expect("an OIN");
    for database in TestDatabases::start().await.each().await {
        let store = open(&database).await;
        let mut read = store.read("echo").await.expect("reads");
        let (text, bytes) = ("naïef \u{1f6aa}".to_owned(), vec![0, 255, 10]);
        let none = (None::<&str>, None::<&[u8]>, None::<i64>, None::<bool>);
        let row = read
            .tx()
            .fetch_one(
                ECHO,
                args![
                    &text,
                    &bytes,
                    i64::MIN,
                    true,
                    none.0,
                    none.1,
                    none.2,
                    none.3,
                    &oin
                ],
            )
            .await
            .expect("reads");
        assert_eq!(row.get(0), Ok(text));
        assert_eq!(row.get(1), Ok(bytes));
        assert_eq!(row.get::<[u8; 3]>(1), Ok([0, 255, 10]));
        assert_eq!(row.get(2), Ok(i64::MIN));
        assert_eq!(row.get(2), Ok(Timestamp::from_micros(i64::MIN)));
        assert_eq!(row.get(3), Ok(true));
        assert_eq!(row.get::<Option<String>>(4), Ok(None));
        assert_eq!(row.get::<Option<Vec<u8>>>(5), Ok(None));
        assert_eq!(row.get::<Option<i64>>(6), Ok(None));
        assert_eq!(row.get::<Option<bool>>(7), Ok(None));
        assert_eq!(row.get(8), Ok(oin));
        for wrong in [
            row.get::<i64>(0).err(),
            row.get::<String>(4).map(|_| 0).err(),
            row.get::<Vec<u8>>(5).map(|_| 0).err(),
            row.get::<i64>(6).err(),
            row.get::<bool>(7).map(|_| 0).err(),
            row.get::<[u8; 4]>(1).map(|_| 0).err(),
            row.get::<Oin>(0).map(|_| 0).err(),
            row.get::<i64>(99).err(),
        ] {
            assert!(matches!(wrong, Some(StoreError::Unexpected { .. })), "{wrong:?}");
        }
    }
}
