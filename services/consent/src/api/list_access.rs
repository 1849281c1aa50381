//! ListAccess: who asked, who opened, what was refused. Read from the log, under the resident's tags.

use bytes::Bytes;
use sluis_ledger::Recorded;
use sluis_proto::consent::v1::{AccessEntry, AccessKind, ListAccessRequest, ListAccessResponse};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::{Caller, Refusal, SealedTokens, page_size, to_proto_timestamp};
use sluis_store::{LoggedId, Tx};
use sluis_types::{ProfessionalRole, Timestamp};
use tonic::Request;

use super::convert;
use crate::desk::Desk;
use crate::domain::Allowance;
use crate::domain::access_kind::Details;
use crate::domain::mandate_kind::MandateAct;
use crate::error::{CommandError, ledger_refusal, store_refusal};
use crate::identity::{Head, Reached, RowKind, view};

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 200;
/// Events that one call looks at, per entry of the page: a mandate may reach few of them.
const LOOKED_AT_PER_ENTRY: usize = 4;
const TOKEN_KIND: &str = "consent.access";

pub(super) async fn handle(
    desk: &Desk,
    request: Request<ListAccessRequest>,
) -> Result<ListAccessResponse, Refusal> {
    let caller = Caller::of(&request)?;
    let resident = caller.resident()?;
    let asked = request.get_ref();
    let size = page_size(asked.page_size, PAGE_DEFAULT, PAGE_MAX)? as usize;
    let filter = SealedTokens::filter(caller, &[]);
    let position = desk.tokens.open_page(TOKEN_KIND, &asked.page_token, &filter)?;

    let mut read = desk
        .store
        .read("ListAccess")
        .await
        .map_err(|error| store_refusal(&error))?;
    let mut tx = read.tx();
    let now = desk.now();
    let reach = view(&desk.rows, &mut tx, resident, now).await?;
    let positions = position.as_deref().map(positions).transpose()?;
    let mut logs = Vec::new();
    for (j, reached) in reach.residents.iter().enumerate() {
        // A page goes on where the one before ended; what came in meanwhile stands on a new first page.
        let below = match &positions {
            Some(positions) => positions.get(j).copied().unwrap_or_default(),
            None => {
                Head::read(&desk.rows, &mut tx, &reached.resident)
                    .await
                    .map_err(CommandError::Store)?
                    .log
            }
        };
        logs.push(Log {
            reached,
            below,
            newest: None,
        });
    }

    let (mut entries, mut looked_at) = (Vec::new(), 0);
    while entries.len() < size && looked_at < LOOKED_AT_PER_ENTRY * size {
        looked_at += 1;
        for log in &mut logs {
            log.look(desk, &mut tx).await?;
        }
        let newest = logs
            .iter_mut()
            .max_by_key(|log| log.newest.as_ref().map(|(_, recorded)| recorded.event.at));
        let Some((reached, (_, recorded))) =
            newest.and_then(|log| log.newest.take().map(|it| (log.reached, it)))
        else {
            break;
        };
        entries.extend(entry(&recorded, reached, now));
    }
    for log in &mut logs {
        log.look(desk, &mut tx).await?;
        // What was looked at and not shown is looked at again.
        if let Some((i, _)) = &log.newest {
            log.below = i + 1;
        }
    }
    let next_page_token = if logs.iter().any(|log| log.newest.is_some()) {
        let position: Vec<u8> = logs.iter().flat_map(|log| log.below.to_be_bytes()).collect();
        desk.tokens.seal_page(TOKEN_KIND, &position, &filter)
    } else {
        String::new()
    };
    Ok(ListAccessResponse {
        entries,
        next_page_token,
    })
}

fn positions(bytes: &[u8]) -> Result<Vec<u64>, Refusal> {
    let (positions, rest) = bytes.as_chunks::<8>();
    if rest.is_empty() {
        Ok(positions.iter().map(|bytes| u64::from_be_bytes(*bytes)).collect())
    } else {
        Err(Refusal::new(ErrorReason::BadPageToken))
    }
}

/// The log of one resident, read from its newest event back.
struct Log<'a> {
    reached: &'a Reached,
    /// Everything from this number on was read.
    below: u64,
    /// The newest event that was read and not given yet, and its number.
    newest: Option<(u64, Recorded)>,
}

impl Log<'_> {
    async fn look(&mut self, desk: &Desk, tx: &mut Tx<'_>) -> Result<(), Refusal> {
        if self.newest.is_none() && self.below > 0 {
            let i = self.below - 1;
            let tag = self.reached.resident.tag(RowKind::Log, i);
            match desk.ledger.event_under(tx, &tag).await.map_err(ledger_refusal)? {
                Some(recorded) => {
                    self.below = i;
                    self.newest = Some((i, recorded));
                }
                // Retention has taken it, and with it everything before.
                None => self.below = 0,
            }
        }
        Ok(())
    }
}

/// A line of the page; none for what residents are not shown, or not yet, and for what a mandate does not reach.
fn entry(recorded: &Recorded, reached: &Reached, now: Timestamp) -> Option<AccessEntry> {
    let event = &recorded.event;
    let kind = AccessKind::try_from(i32::from(event.kind)).ok()?;
    let details = Details::decode(&event.details).unwrap_or_default();
    if details.hidden_until.is_some_and(|until| now < until) {
        return None;
    }
    let is_reached = match &details.scope {
        Some(scope) => reached.may(MandateAct::See, &Allowance::needed_for(scope)),
        None => reached.may_about_all(MandateAct::See),
    };
    if !is_reached {
        return None;
    }
    let grant = event.ids.iter().find_map(|id| match id {
        LoggedId::Grant(grant) => Some(grant.to_string()),
        _ => None,
    });
    Some(AccessEntry {
        kind: kind.into(),
        at: Some(to_proto_timestamp(event.at)),
        organisation: event.organisation.map(|oin| oin.to_string()).unwrap_or_default(),
        role: details
            .role
            .map(ProfessionalRole::name)
            .unwrap_or_default()
            .to_owned(),
        allowed: event.outcome == 0,
        grant_id: grant.unwrap_or_default(),
        scope: details.scope.as_ref().map(convert::scope_to_proto),
        leaf_hash: Bytes::copy_from_slice(&recorded.leaf),
        by_representative: details.by_representative,
        assisted: details.assisted,
        grant_version: details.grant_version,
        legal_basis: details.basis.map_or(0, |basis| i32::from(basis.number())),
    })
}
