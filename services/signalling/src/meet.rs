//! What happens when signals meet.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sluis_envelope::{MatchStatement, Signed, SigningKey};
use sluis_store::Tx;
use sluis_types::{GrantId, KeyId, MatchId, Randomness, SignalId, Timestamp};

use crate::domain::cell::{Cell, Entry};
use crate::domain::encounter::{Encounter, Party};
use crate::domain::signal::Signal;
use crate::store::boxes::{MatchedBox, TakenBox};
use crate::store::place::List;
use crate::store::under_tag::UnderTag;
use crate::store::vault::{Fault, Vault};

/// What a meeting needs: the tag that opens the boxes, and the key that says so.
pub(crate) struct Meet<'a> {
    pub(crate) vault: &'a Vault,
    pub(crate) at: &'a UnderTag,
    pub(crate) match_key: &'a Arc<SigningKey>,
    pub(crate) randomness: &'a dyn Randomness,
    pub(crate) gate_key: KeyId,
    pub(crate) now: Timestamp,
}

impl Meet<'_> {
    /// Makes a match of these posts, or has them join the one that they are in; none when all of it is known already.
    /// Cell and signals must be locked.
    pub(crate) async fn meet(
        &self,
        tx: &mut Tx<'_>,
        cell: &mut Cell,
        entries: &[Entry],
        signals: BTreeMap<SignalId, Signal>,
    ) -> Result<Option<Encounter>, Fault> {
        let ids: Vec<SignalId> = entries.iter().map(|entry| entry.signal).collect();
        let known = self.known(tx, cell, &signals).await?;
        let open = || known.iter().filter(|encounter| !encounter.stage.is_final());
        let whole = open().find(|encounter| encounter.holds(&ids));
        let part = open().find(|encounter| encounter.is_within(&ids));
        let is_known = match whole {
            Some(same) if same.gate_key == self.gate_key => self.has_boxes(tx, same.id, entries).await?,
            _ => false,
        };
        let parties: Vec<Party> = entries.iter().map(Party::of).collect();
        let encounter = match (whole, part) {
            (Some(same), _) if is_known => {
                cell.matched = Some(same.id);
                return Ok(None);
            }
            // Posted anew under the circle's next version: what the one before brought can never be opened.
            (Some(one), _) | (None, Some(one)) => self.join(tx, one.clone(), &parties).await?,
            (None, None) => self.begin(tx, parties).await?,
        };
        encounter.list_parties(self.vault, tx).await?;
        self.open_boxes(tx, &encounter).await?;
        cell.matched = Some(encounter.id);
        for id in ids {
            if let Some(signal) = signals.get(&id) {
                signal.clone().met(encounter.id).save(self.vault, tx).await?;
            }
        }
        Ok(Some(encounter))
    }

    /// The matches that these signals are in, in the order in which everyone locks them.
    async fn known(
        &self,
        tx: &mut Tx<'_>,
        cell: &Cell,
        signals: &BTreeMap<SignalId, Signal>,
    ) -> Result<Vec<Encounter>, Fault> {
        let of_signals = signals.values().flat_map(|signal| signal.matches.iter().copied());
        let ids: BTreeSet<MatchId> = of_signals.chain(cell.matched).collect();
        let mut known = Vec::with_capacity(ids.len());
        for id in ids {
            known.extend(Encounter::lock(self.vault, tx, id).await?);
        }
        Ok(known)
    }

    /// Whether the match has every box that these posts brought.
    async fn has_boxes(&self, tx: &mut Tx<'_>, id: MatchId, entries: &[Entry]) -> Result<bool, Fault> {
        for one in entries {
            for other in entries {
                let pair = (one.organisation, other.organisation);
                if pair.0 != pair.1
                    && MatchedBox::load(self.vault, tx, id, pair).await?.is_none()
                    && TakenBox::load(self.at, tx, pair).await?.is_some()
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn begin(&self, tx: &mut Tx<'_>, parties: Vec<Party>) -> Result<Encounter, Fault> {
        let id = MatchId::random(self.randomness);
        let encounter = Encounter::new(id, self.gate_key, parties, self.now);
        encounter.insert(self.vault, tx).await?;
        for grant in encounter.grants() {
            List::Grant(grant).append(self.vault, tx, id).await?;
        }
        List::GateKey(self.gate_key).append(self.vault, tx, id).await?;
        Ok(encounter)
    }

    async fn join(&self, tx: &mut Tx<'_>, one: Encounter, parties: &[Party]) -> Result<Encounter, Fault> {
        if one.gate_key != self.gate_key {
            one.delete_boxes(self.vault, tx).await?;
            List::GateKey(self.gate_key)
                .append(self.vault, tx, one.id)
                .await?;
        }
        let joined = one.joined(parties, self.gate_key);
        joined.save(self.vault, tx).await?;
        Ok(joined)
    }

    /// Takes the boxes of the match out from under the tag, each with a statement that it was met.
    async fn open_boxes(&self, tx: &mut Tx<'_>, encounter: &Encounter) -> Result<(), Fault> {
        for pair in encounter.pairs() {
            let Some(taken) = TakenBox::load(self.at, tx, pair).await? else {
                continue;
            };
            let statement = MatchStatement {
                manifest_hash: taken.contact_box.manifest().hash(),
                matched_at: self.now,
            };
            let matched = MatchedBox {
                contact_box: taken.contact_box.encode(),
                receipt: taken.receipt.encode(),
                statement: Signed::sign(statement, self.match_key).encode(),
            };
            matched.insert(self.vault, tx, encounter.id, pair).await?;
        }
        Ok(())
    }
}

impl Party {
    fn of(entry: &Entry) -> Self {
        Self {
            organisation: entry.organisation,
            signal: entry.signal,
            grant: entry.grant,
            acknowledged: false,
        }
    }
}

impl Encounter {
    /// The circles that its parties name: one, unless somebody lied.
    pub(crate) fn grants(&self) -> BTreeSet<GrantId> {
        self.parties.iter().map(|party| party.grant).collect()
    }
}
