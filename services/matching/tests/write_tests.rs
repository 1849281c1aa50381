//! The four tests that every write has: it works, repeats, refuses the wrong caller, and knows no unknown id.

/// The four tests of a write: what to make ready, the call, what it gives, and the calls of others that all hear the
/// same NOT_AVAILABLE.
#[macro_export]
macro_rules! write_tests {
    ($works:ident, $repeats:ident, $refuses:ident, $unknown:ident:
     ready $ready:expr; call $call:expr; owner $owner:expr; other_body $other:expr) => {
        #[tokio::test]
        async fn $works() {
            let world = $crate::world::World::start().await;
            let ready = $ready(&world).await;
            let owner = $owner(&ready);
            $call(&world, owner, world.request_id(), ready.clone())
                .await
                .unwrap();
            world.end().await;
        }

        #[tokio::test]
        async fn $repeats() {
            let world = $crate::world::World::start().await;
            let ready = $ready(&world).await;
            let owner = $owner(&ready);
            let id = world.request_id();
            let first = $call(&world, owner, id.clone(), ready.clone())
                .await
                .unwrap();
            let again = $call(&world, owner, id.clone(), ready.clone())
                .await
                .unwrap();
            assert_eq!(first, again);
            let other = $call(&world, owner, id, $other(&world, ready)).await;
            assert_eq!(
                $crate::world::refusal(other),
                sluis_proto::options::v1::ErrorReason::RequestIdReused
            );
            world.end().await;
        }

        #[tokio::test]
        async fn $refuses() {
            let world = $crate::world::World::start().await;
            let ready = $ready(&world).await;
            let stranger = $crate::world::stranger();
            let outcome = $call(&world, stranger, world.request_id(), ready).await;
            assert_eq!(
                $crate::world::refusal(outcome),
                sluis_proto::options::v1::ErrorReason::NotAvailable
            );
            world.end().await;
        }

        #[tokio::test]
        async fn $unknown() {
            let world = $crate::world::World::start().await;
            let ready = $ready(&world).await;
            let owner = $owner(&ready);
            let foreign = $call(
                &world,
                $crate::world::stranger(),
                world.request_id(),
                ready.clone(),
            )
            .await;
            let absent = $call(&world, owner, world.request_id(), $other(&world, ready)).await;
            let (foreign, absent) = (foreign.unwrap_err(), absent.unwrap_err());
            assert_eq!(
                (foreign.code(), foreign.message()),
                (absent.code(), absent.message())
            );
            assert_eq!(foreign.details(), absent.details());
            world.end().await;
        }
    };
}
