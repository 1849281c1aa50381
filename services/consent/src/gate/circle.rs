//! What a circle's members get when a version begins, and what is taken back when it ends.

use std::fmt;
use std::sync::Arc;

use sluis_envelope::{
    Circle as SealedCircle, CircleBundle, CircleSecret, GatePublicKey, SealedBundle, SigningKey,
};
use sluis_serve::Directory;
use sluis_store::Tx;
use sluis_types::{CIRCLE_EPOCHS_MAX, Epoch, Handle, Oin, Timestamp, circle_epochs};

use super::GateKeys;
use crate::domain::circle::Circle;
use crate::domain::grant::Grant;
use crate::error::CommandError;
use crate::identity::{Head, ResidentKey, handle_for};
use crate::store::Bundle;

/// What bundles are made with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct BundleMaker {
    /// Signs circle posts.
    pub(crate) key: Arc<SigningKey>,
    /// Members' kinds and sealing keys.
    pub(crate) directory: Directory,
}

impl fmt::Debug for BundleMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BundleMaker(…)")
    }
}

impl GateKeys {
    /// After a step of a grant: takes back the bundles of the version before that nobody fetched, and makes those of
    /// the version that began. Does nothing for a grant that is no circle, or whose gate key stayed.
    pub(crate) async fn renew_bundles(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
        before: Option<&Grant>,
        grant: &Grant,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if let Some(before) = before.filter(|before| before.gate_key != grant.gate_key) {
            self.take_back(tx, before).await?;
        }
        let is_new = before.is_none_or(|before| before.gate_key != grant.gate_key);
        match grant.circle {
            Some(circle) if is_new && !grant.gate_key.is_empty() => {
                self.make_bundles(tx, resident, grant, &circle, now).await
            }
            _ => Ok(()),
        }
    }

    /// Forgets the bundles of a version that nobody fetched.
    pub(crate) async fn take_back(&self, tx: &mut Tx<'_>, grant: &Grant) -> Result<(), CommandError> {
        let Some(circle) = grant.circle else {
            return Ok(());
        };
        for member in circle.members() {
            self.rows
                .take_bundle(tx, &member, grant.id, grant.version)
                .await?;
        }
        Ok(())
    }

    /// Draws the secret, signs every member's posts for every epoch up to the end, seals them, and forgets the secret:
    /// it is wiped here, and was nowhere else. A member that did not know the resident gets its own handle with them:
    /// otherwise it would have posts about nobody.
    async fn make_bundles(
        &self,
        tx: &mut Tx<'_>,
        resident: &ResidentKey,
        grant: &Grant,
        circle: &Circle,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let form = CommandError::Form;
        let sealed = SealedCircle {
            grant_id: grant.id,
            grant_version: grant.version,
            members: circle.members().collect(),
            gate_key: GatePublicKey::parse(&grant.gate_key)
                .map_err(|_| form("a circle's public gate key"))?,
            valid_until: grant.valid_until,
        };
        let epochs = circle_epochs(now, grant.valid_until);
        let count = u8::try_from(epochs.len()).unwrap_or(CIRCLE_EPOCHS_MAX);
        let span = (Epoch::of(now), count);
        let secret = CircleSecret::fresh(&*self.randomness);
        let mut head = Head::lock(&self.rows, tx, resident).await?;
        for member in circle.members() {
            let handle = handle_for(&self.rows, tx, &mut head, &member, now, None, &*self.randomness).await?;
            let whose = (member, handle);
            if let Some(sealed) = self.bundle_of(whose, circle, &sealed, span, &secret, now)? {
                let bundle = Bundle {
                    grant: grant.id,
                    version: grant.version,
                    sealed,
                };
                self.rows.put_bundle(tx, &member, &bundle).await?;
            }
        }
        head.save(&self.rows, tx).await?;
        Ok(())
    }

    /// One member's bundle; none for a member that may post nothing or has no key to seal to.
    fn bundle_of(
        &self,
        (member, handle): (Oin, Handle),
        circle: &Circle,
        sealed: &SealedCircle,
        span: (Epoch, u8),
        secret: &CircleSecret,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, CommandError> {
        let entry = self.bundles.directory.organisation(&member);
        let Some(entry) = entry.map_err(CommandError::Refused)? else {
            return Ok(None);
        };
        let classes = circle.classes_of(entry.kind);
        let Some(to) = entry.keys.newest_sealing_key(now) else {
            tracing::warn!(
                "a member of a circle has no sealing key: it gets its posts with the next version"
            );
            return Ok(None);
        };
        if classes.is_empty() {
            return Ok(None);
        }
        let whose = (member, handle);
        let bundle = CircleBundle::sign(sealed, whose, span, &classes, secret, &self.bundles.key);
        SealedBundle::seal(&bundle, &to, &*self.randomness)
            .map(Some)
            .map_err(|_| CommandError::Form("a bundle that cannot be sealed"))
    }
}
