//! Looking under one grant after the other, each with a ticket: a page takes a number of them, and goes on where it
//! stopped when the resident asks for the rest. One that runs out of tickets shows what it found, and says so.

use sluis_proto::consent::v1::Grant;
use sluis_types::GrantId;
use tonic::Status;

use super::form::{Fields, REFERENCE};
use super::grants::is_live;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

/// Grants and circles that one page looks under at most: each costs a ticket.
const LOOKS_MAX: usize = 24;

/// What was found under the grants of one page.
pub(super) struct Looked<T, M> {
    /// Under what, and what was there.
    pub(super) found: Vec<(T, GrantId, Vec<M>)>,
    pub(super) reach: Reach,
}

/// How far a page reaches.
pub(super) struct Reach {
    /// The page's address.
    path: &'static str,
    /// Where the rest begins; absent where this is all.
    pub(super) rest: Option<String>,
    /// Whether somebody asked for the rest before.
    pub(super) continues: bool,
    /// Whether it stopped because somebody looked too often.
    pub(super) too_often: bool,
}

impl Reach {
    /// Whether nothing was found because there is nothing.
    pub(super) fn is_all(&self) -> bool {
        self.rest.is_none() && !self.continues
    }

    pub(super) fn path(&self) -> &'static str {
        self.path
    }
}

/// Where a page stopped: the last grants that it looked under, which all lived then or had all ended. Between two pages
/// grants end and new ones come, so a number would not do.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stopped {
    ended: bool,
    grants: Vec<String>,
}

impl Stopped {
    fn after(looked: &[Grant]) -> Option<Self> {
        let ended = !is_live(looked.last()?);
        let grants = looked.iter().filter(|grant| is_live(grant) != ended);
        Some(Self {
            ended,
            grants: grants.map(|grant| grant.grant_id.clone()).collect(),
        })
    }

    /// The place of the first grant that was not looked under, in a list with the live ones first. What ended since
    /// comes again, among those that ended.
    fn next(&self, these: &[Grant]) -> usize {
        let is_here = |grant: &Grant| is_live(grant) != self.ended && self.grants.contains(&grant.grant_id);
        let begin = || {
            let same = these.iter().position(|grant| is_live(grant) != self.ended);
            // Those that lived have all ended: they are among the others, which come after them.
            same.or((!self.ended).then_some(0))
        };
        let last = these.iter().rposition(is_here).map(|last| last + 1);
        last.or_else(begin).unwrap_or(these.len())
    }

    fn to_parts(&self) -> Vec<Vec<u8>> {
        let grants = self.grants.iter().map(|grant| grant.clone().into_bytes());
        std::iter::once(vec![u8::from(self.ended)])
            .chain(grants)
            .collect()
    }

    fn from_parts(parts: Vec<Vec<u8>>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let ended = parts.next()? == [1];
        let grants: Result<_, _> = parts.map(String::from_utf8).collect();
        Some(Self {
            ended,
            grants: grants.ok()?,
        })
    }
}

/// Looks under these, live ones first, from where the address says; `grant_of` gives the grant that each is.
pub(super) async fn look_under<T, M, F>(
    (site, visit): (&Site, &Visit),
    (path, query): (&'static str, Option<&str>),
    these: Vec<T>,
    grant_of: impl Fn(&T) -> Grant,
    look: impl Fn(GrantId) -> F,
) -> Result<Looked<T, M>, Problem>
where
    F: Future<Output = Result<Vec<M>, Status>>,
{
    let (mut live, ended): (Vec<_>, Vec<_>) = these.into_iter().partition(|it| is_live(&grant_of(it)));
    live.extend(ended);
    let grants: Vec<Grant> = live.iter().map(&grant_of).collect();
    let query = Fields::of_query(query);
    let before = match query.one(REFERENCE) {
        Some(reference) => Some(opened(site, visit, reference).ok_or(Problem::NotFound)?),
        None => None,
    };
    let first = before.as_ref().map_or(0, |before| before.next(&grants));
    let mut found = Vec::new();
    let mut too_often = false;
    for under in live.into_iter().skip(first).take(LOOKS_MAX) {
        let id: GrantId = grant_of(&under).grant_id.parse().map_err(|_| Problem::Fault)?;
        match look(id).await.map_err(Problem::from) {
            Ok(there) => found.push((under, id, there)),
            Err(Problem::TooOften) => {
                too_often = true;
                break;
            }
            Err(problem) => return Err(problem),
        }
    }
    let next = first + found.len();
    let rest = (next < grants.len()).then(|| {
        let stopped = Stopped::after(&grants[first..next]).or(before);
        seal(site, visit, &stopped.unwrap_or_default())
    });
    let reach = Reach {
        path,
        rest,
        continues: first > 0,
        too_often,
    };
    Ok(Looked { found, reach })
}

fn seal(site: &Site, visit: &Visit, stopped: &Stopped) -> String {
    site.references()
        .seal(Kind::Rest, visit.key(), &stopped.to_parts())
}

fn opened(site: &Site, visit: &Visit, reference: &str) -> Option<Stopped> {
    let parts = site.references().open(Kind::Rest, visit.key(), reference);
    Stopped::from_parts(parts?)
}

#[cfg(test)]
mod tests {
    use sluis_proto::consent::v1::GrantState;

    use super::*;

    fn grants(live: &[&str], ended: &[&str]) -> Vec<Grant> {
        let in_state = |state: GrantState| {
            move |id: &&str| Grant {
                grant_id: (*id).to_owned(),
                state: state.into(),
                ..Grant::default()
            }
        };
        let live = live.iter().map(in_state(GrantState::Active));
        live.chain(ended.iter().map(in_state(GrantState::Withdrawn)))
            .collect()
    }

    fn next<'a>(stopped: &Stopped, these: &'a [Grant]) -> &'a str {
        these.get(stopped.next(these)).map_or("", |it| &it.grant_id)
    }

    #[test]
    fn the_rest_begins_after_what_was_looked_under() {
        let all = grants(&["a", "b", "c"], &["d", "e"]);
        let stopped = Stopped::after(&all[..2]).expect("something");
        assert_eq!(next(&stopped, &all), "c");
        let stopped = Stopped::after(&all[..4]).expect("something");
        assert_eq!((next(&stopped, &all), stopped.grants.len()), ("e", 1));
        assert_eq!(next(&Stopped::after(&all).expect("all"), &all), "");
        assert_eq!(Stopped::after(&[]), None);
        let parts = stopped.to_parts();
        assert_eq!(Stopped::from_parts(parts), Some(stopped));
    }

    #[test]
    fn nothing_is_passed_over_when_grants_end_or_come_in_between() {
        let all = grants(&["a", "b", "c"], &["d", "e"]);
        let stopped = Stopped::after(&all[..2]).expect("something");
        assert_eq!(next(&stopped, &grants(&["new", "a", "c"], &["b", "d"])), "c");
        assert_eq!(next(&stopped, &grants(&["c"], &["a", "b"])), "c");
        assert_eq!(next(&stopped, &grants(&["a", "b"], &["c", "d"])), "c");
        let among_ended = Stopped::after(&all[..4]).expect("something");
        let since = grants(&["a"], &["b", "d", "c", "e"]);
        assert_eq!(next(&among_ended, &since), "c");
        assert_eq!(
            next(&stopped, &grants(&[], &["d", "a"])),
            "d",
            "all of them ended"
        );
        assert_eq!(
            next(&Stopped::default(), &grants(&[], &["d"])),
            "d",
            "too often at once"
        );
    }
}
