//! A certificate that was issued a moment ago: the registry tells of it after the commit that issued it, so its holder
//! may be here before the directory heard of it. The first call waits for that, at whichever gateway it comes in.

use std::time::Duration;

use sluis_serve::{Directory, Timer};
use sluis_types::Clock;

use super::connection::PartnerConnection;

/// How long after its first moment a certificate counts as just issued. The mesh's CA dates certificates back by five
/// minutes, for clocks that are slow.
const JUST_ISSUED: Duration = Duration::from_mins(10);
/// How long a call waits at most until the directory lists the certificate. The registry tells at once; a directory
/// that lags by [`sluis_serve::DIRECTORY_SILENCE_MAX`] is closed anyway.
const LISTING_WAIT_MAX: Duration = Duration::from_secs(2);

/// Comes back at once, unless the certificate was just issued and is not listed: then once the directory lists it, or
/// after [`LISTING_WAIT_MAX`]. Says nothing of whether it is let in.
pub(super) async fn listed(
    connection: &PartnerConnection,
    directory: &Directory,
    clock: &dyn Clock,
    timer: &dyn Timer,
) {
    if !is_awaited(connection, directory, clock) {
        return;
    }
    // Followed before the next look, so that no change falls between the two.
    let mut changes = directory.changes();
    let mut patience = timer.sleep_until(timer.now() + LISTING_WAIT_MAX);
    while is_awaited(connection, directory, clock) {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = &mut patience => return,
        }
    }
}

fn is_awaited(connection: &PartnerConnection, directory: &Directory, clock: &dyn Clock) -> bool {
    let (facts, now) = (connection.facts(), clock.now());
    let is_new = facts.is_within_dates(now) && now < facts.not_before.plus(JUST_ISSUED);
    // A directory that cannot say is a refusal of its own. One that lists the certificate said all there is to say.
    is_new
        && directory
            .organisation(&facts.organisation)
            .is_ok_and(|entry| entry.is_none_or(|entry| entry.certificate(&facts.fingerprint).is_none()))
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use futures_util::poll;
    use sluis_envelope::{KeyKind, KeyStatement, Signed, SigningKey};
    use sluis_serve::{CertificateEntry, Hash, ManualTimer, OrganisationEntry};
    use sluis_types::{ManualClock, Oin, OrganisationKind, SeededRandomness, Timestamp};

    use super::super::certificate::CertificateFacts;
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const MINE: Hash = [1; 32];
    const OLDER: Hash = [2; 32];

    fn oin() -> Oin {
        "00000099000000001000".parse().expect("well-formed")
    }

    /// The organisation, with these certificates.
    fn entry(certificates: &[Hash]) -> OrganisationEntry {
        let identity = SigningKey::generate(KeyKind::Identity, &SeededRandomness::new(1));
        let statement = KeyStatement::first(oin(), identity.verifying_key(), [0; 32], vec![], NOW);
        let listed = certificates.iter().map(|fingerprint| CertificateEntry {
            fingerprint: *fingerprint,
            not_after: NOW.plus(Duration::from_hours(24)),
            revoked_at: None,
        });
        let chain = vec![Signed::sign(statement, &identity)];
        let version = certificates.len() as u64 + 1;
        OrganisationEntry::new(OrganisationKind::Welfare, "Noord", chain, listed.collect(), NOW)
            .expect("the chain holds")
            .with_version(version)
    }

    /// A connection whose certificate was issued so long ago.
    fn connection(age: Duration) -> PartnerConnection {
        let not_before = NOW.minus(age);
        PartnerConnection::new(CertificateFacts {
            fingerprint: MINE,
            spki_sha256: [3; 32],
            organisation: oin(),
            not_before,
            not_after: NOW.plus(Duration::from_hours(24)),
        })
    }

    #[tokio::test]
    async fn a_call_with_a_certificate_of_a_moment_ago_waits_until_the_directory_lists_it() {
        let (clock, timer) = (ManualClock::new(NOW), ManualTimer::new());
        let connection = connection(Duration::from_mins(5));
        // A newcomer, and somebody who renewed.
        for known in [vec![], vec![entry(&[OLDER])]] {
            let (directory, feed) = Directory::fed(known);
            let mut waiting = Box::pin(listed(&connection, &directory, &clock, &timer));
            assert_eq!(poll!(&mut waiting), Poll::Pending);
            let other = SigningKey::generate(KeyKind::Identity, &SeededRandomness::new(2));
            let stranger = "00000099000000002000".parse().expect("well-formed");
            let statement = KeyStatement::first(stranger, other.verifying_key(), [0; 32], vec![], NOW);
            let chain = vec![Signed::sign(statement, &other)];
            let stranger = OrganisationEntry::new(OrganisationKind::Gp, "Zuid", chain, vec![], NOW);
            feed.put(stranger.expect("the chain holds")).expect("taken");
            assert_eq!(poll!(&mut waiting), Poll::Pending, "another's change");
            feed.put(entry(&[OLDER, MINE])).expect("taken");
            assert_eq!(poll!(&mut waiting), Poll::Ready(()));
        }
    }

    #[tokio::test]
    async fn it_waits_no_longer_than_the_limit() {
        let (clock, timer) = (ManualClock::new(NOW), ManualTimer::new());
        let (directory, _feed) = Directory::fed([]);
        let connection = connection(Duration::ZERO);
        let mut waiting = Box::pin(listed(&connection, &directory, &clock, &timer));
        assert_eq!(poll!(&mut waiting), Poll::Pending);
        timer.advance(Duration::from_millis(1999));
        assert_eq!(poll!(&mut waiting), Poll::Pending);
        timer.advance(Duration::from_millis(1));
        assert_eq!(poll!(&mut waiting), Poll::Ready(()));
    }

    #[tokio::test]
    async fn nobody_waits_for_what_is_not_to_come() {
        let (clock, timer) = (ManualClock::new(NOW), ManualTimer::new());
        let (empty, _feed) = Directory::fed([]);
        let (full, _feed) = Directory::fed([entry(&[MINE])]);
        let (silent, feed) = Directory::fed([]);
        feed.fall_silent();
        let new = connection(Duration::ZERO);
        let old = connection(JUST_ISSUED);
        for (connection, directory) in [(&old, &empty), (&new, &full), (&new, &silent)] {
            let mut asked = Box::pin(listed(connection, directory, &clock, &timer));
            assert_eq!(poll!(&mut asked), Poll::Ready(()));
        }
        clock.set(NOW.plus(Duration::from_hours(25)));
        let mut asked = Box::pin(listed(&new, &empty, &clock, &timer));
        assert_eq!(poll!(&mut asked), Poll::Ready(()), "expired");
    }
}
