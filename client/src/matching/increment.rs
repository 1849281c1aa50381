//! Fetching the directory: what changed, until the signed head speaks of all of it.

use std::collections::BTreeMap;
use std::time::Duration;

use sluis_envelope::{DirectoryHead, Signed, VerifyingKey};
use sluis_proto::matching::v1 as wire;
use sluis_proto::matching::v1::directory_service_client::DirectoryServiceClient;
use sluis_ranking::DOCUMENT_BYTES_MAX;
use sluis_types::OfferId;

use super::wire::parsed;
use crate::Error;
use crate::connection::REPLY_BYTES_MAX;
use crate::partner::Partner;
use crate::profile::Profile;

/// How old a head may be that comes as the newest: matching makes one for every answer.
const HEAD_AGE_MAX: Duration = Duration::from_mins(10);
/// Most changes that one fetching takes: as many as a directory has entries at most.
const CHANGES_MAX: usize = 1_000_000;
/// Most bytes of documents that one fetching takes: ten times a directory of a country.
const DOCUMENTS_BYTES_MAX: usize = 512 * 1024 * 1024;

/// What changed in the directory since a version, and matching's signed word on what it holds now. The signature is
/// checked; whether the changes lead to it can only be told by who holds the rest: [`Directory`](super::Directory) in
/// memory, or the crate `sluis-kaart` on disk.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Increment {
    /// The version after which the changes came.
    pub since_version: u64,
    /// One change for each offer that changed, in order of its id.
    pub changes: Vec<DirectoryChange>,
    /// What the whole directory holds now.
    pub head: Signed<DirectoryHead>,
}

/// What an offer is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryChange {
    /// Which offer.
    pub offer_id: OfferId,
    /// Its document, byte for byte as it was signed for; none where it was retired.
    pub document: Option<Vec<u8>>,
}

impl Profile {
    /// The key that signs directory heads, as the invitation pinned it: for whoever keeps the directory.
    pub fn directory_key(&self) -> &VerifyingKey {
        &self.mesh.directory
    }
}

impl Partner {
    /// What changed in the directory after a version; 0 fetches all of it. The mesh learns that somebody fetches, and
    /// nothing of what for.
    ///
    /// # Errors
    /// [`Error::Statement`] when the head is not signed by the mesh's pinned key; [`Error::BadAnswer`] when it is old,
    /// goes back behind `since_version`, or the changes do not go forward.
    pub async fn sync_directory(&self, since_version: u64) -> Result<Increment, Error> {
        let mut gathered = Gathered::after(since_version);
        loop {
            let message = wire::SyncDirectoryRequest {
                since_version: gathered.version,
            };
            let reply = self
                .connection
                .call(message, |channel, request| async move {
                    DirectoryServiceClient::new(channel)
                        .max_decoding_message_size(REPLY_BYTES_MAX)
                        .sync_directory(request)
                        .await
                })
                .await?;
            gathered.take(&reply.changes, reply.more)?;
            if !reply.more {
                return gathered.close(self.head(&reply.head)?);
            }
        }
    }

    fn head(&self, bytes: &[u8]) -> Result<Signed<DirectoryHead>, Error> {
        let (signed, now) = (Signed::<DirectoryHead>::parse(bytes)?, self.environment.now());
        let head = signed.clone().verify(&self.profile.mesh.directory, now)?;
        if now.since(head.made_at) > HEAD_AGE_MAX {
            return Err(Error::bad_answer("the directory head", "an old one"));
        }
        Ok(signed)
    }
}

/// Pages of changes, put together. An offer that changes again while one fetches comes again: the last word counts.
struct Gathered {
    since_version: u64,
    version: u64,
    count: usize,
    bytes: usize,
    changes: BTreeMap<OfferId, Option<Vec<u8>>>,
}

impl Gathered {
    fn after(version: u64) -> Self {
        Self {
            since_version: version,
            version,
            count: 0,
            bytes: 0,
            changes: BTreeMap::new(),
        }
    }

    fn take(&mut self, changes: &[wire::DirectoryChange], more: bool) -> Result<(), Error> {
        let bad = |why: &str| Error::bad_answer("the directory", why);
        if more && changes.is_empty() {
            return Err(bad("it says that more follows, and nothing does"));
        }
        self.count += changes.len();
        self.bytes += changes.iter().map(|change| change.document.len()).sum::<usize>();
        if self.count > CHANGES_MAX || self.bytes > DOCUMENTS_BYTES_MAX {
            return Err(bad("it has no end"));
        }
        for change in changes {
            if change.version <= self.version {
                return Err(bad("its changes do not go forward"));
            }
            if change.document.len() > DOCUMENT_BYTES_MAX {
                return Err(bad("a document is too long"));
            }
            self.version = change.version;
            let document = (!change.document.is_empty()).then(|| change.document.to_vec());
            self.changes
                .insert(parsed("the directory", &change.offer_id)?, document);
        }
        Ok(())
    }

    fn close(self, head: Signed<DirectoryHead>) -> Result<Increment, Error> {
        if head.unverified().version < self.version {
            return Err(Error::bad_answer("the directory head", "it goes back"));
        }
        let changes = self
            .changes
            .into_iter()
            .map(|(offer_id, document)| DirectoryChange { offer_id, document });
        Ok(Increment {
            since_version: self.since_version,
            changes: changes.collect(),
            head,
        })
    }
}

#[cfg(test)]
impl Increment {
    /// An increment as the mesh would have sent it.
    pub(super) fn made(
        since_version: u64,
        changes: Vec<DirectoryChange>,
        head: Signed<DirectoryHead>,
    ) -> Self {
        Self {
            since_version,
            changes,
            head,
        }
    }
}

#[cfg(test)]
mod tests {
    use sluis_envelope::{KeyKind, SigningKey};
    use sluis_types::Timestamp;

    use super::*;

    fn change(version: u64, id: u8, document: &[u8]) -> wire::DirectoryChange {
        wire::DirectoryChange {
            version,
            offer_id: OfferId::from_bytes([id; 16]).to_string(),
            document: document.to_vec().into(),
        }
    }

    fn head(version: u64) -> Signed<DirectoryHead> {
        let head = DirectoryHead {
            version,
            made_at: Timestamp::from_seconds(1),
            entries: 0,
            root: [0; 32],
        };
        Signed::sign(head, &SigningKey::from_seed(KeyKind::Directory, &[1; 32]))
    }

    #[test]
    fn pages_become_one_increment_and_the_last_word_counts() {
        let mut gathered = Gathered::after(4);
        gathered
            .take(&[change(5, 1, b"a"), change(7, 2, b"b")], true)
            .expect("taken");
        gathered
            .take(&[change(8, 1, b"c"), change(9, 2, b"")], false)
            .expect("taken");
        let increment = gathered.close(head(9)).expect("closed");
        assert_eq!(increment.since_version, 4);
        assert_eq!(
            increment.changes,
            [
                DirectoryChange {
                    offer_id: OfferId::from_bytes([1; 16]),
                    document: Some(b"c".to_vec())
                },
                DirectoryChange {
                    offer_id: OfferId::from_bytes([2; 16]),
                    document: None
                },
            ]
        );
    }

    #[test]
    fn what_goes_back_or_never_ends_is_a_bad_answer() {
        let taken = |pages: &[(&[wire::DirectoryChange], bool)]| {
            let mut gathered = Gathered::after(4);
            pages
                .iter()
                .try_for_each(|(changes, more)| gathered.take(changes, *more))
                .and_then(|()| gathered.close(head(6)))
        };
        assert!(taken(&[(&[change(5, 1, b"a")], true), (&[], false)]).is_ok());
        let long = vec![b' '; DOCUMENT_BYTES_MAX + 1];
        for bad in [
            taken(&[(&[], true)]),
            taken(&[(&[change(4, 1, b"a")], false)]),
            taken(&[(&[change(6, 1, b"a"), change(5, 2, b"b")], false)]),
            taken(&[(&[change(7, 1, b"a")], false)]),
            taken(&[(&[change(5, 1, &long)], false)]),
        ] {
            assert!(matches!(bad, Err(Error::BadAnswer { .. })), "{bad:?}");
        }
    }
}
