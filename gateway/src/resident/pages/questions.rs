//! *Vragen aan mij*: the questions that wait, both directions of one question together.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use sluis_proto::consent::v1::{ListProposalsRequest, PendingProposal};

use super::dates::{day, moment};
use super::frame::{Frame, Place, html};
use super::names::Names;
use super::problem::Problem;
use super::reference::Kind;
use super::site::Site;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "questions.html")]
struct Questions {
    frame: Frame,
    questions: Vec<Question>,
}

struct Question {
    reference: String,
    asked_by: String,
    /// Who would share with whom: one entry per direction.
    directions: Vec<(String, String)>,
    asked_at: String,
    lapses_at: String,
    deferred: bool,
    /// Whether a worker wrote down that the resident agreed, and it waits for its confirmation.
    recorded: bool,
}

pub(super) async fn page(State(site): State<Site>, visit: Visit) -> Result<Response, Problem> {
    let proposals = visit
        .session()
        .list_proposals(ListProposalsRequest {})
        .await?
        .proposals;
    let names = Names::of(visit.session(), organisations(&proposals)).await?;
    let questions = together(proposals)
        .into_iter()
        .map(|asked| question(&site, &visit, &names, &asked))
        .collect();
    Ok(html(&Questions {
        frame: visit.frame(&site, Place::Questions),
        questions,
    }))
}

fn question(site: &Site, visit: &Visit, names: &Names, asked: &[PendingProposal]) -> Question {
    let (first, t) = (&asked[0], visit.t());
    let name = |oin: &str| names.get(oin).to_owned();
    let proposals = asked.iter().filter_map(|pending| pending.proposal.as_ref());
    let ids: Vec<_> = asked
        .iter()
        .map(|pending| pending.proposal_id.clone().into_bytes())
        .collect();
    Question {
        reference: site.references().seal(Kind::Questions, visit.key(), &ids),
        asked_by: name(&first.asked_by),
        directions: proposals
            .map(|one| (name(&one.discloser), name(&one.recipient)))
            .collect(),
        asked_at: day(moment(first.asked_at.as_ref()), site.zone(), t),
        lapses_at: day(moment(first.lapses_at.as_ref()), site.zone(), t),
        deferred: asked.iter().all(|pending| pending.deferred),
        recorded: asked.iter().any(|pending| pending.recorded),
    }
}

/// Every organisation that these questions name.
pub(super) fn organisations(proposals: &[PendingProposal]) -> BTreeSet<&str> {
    let mut oins = BTreeSet::new();
    for pending in proposals {
        oins.insert(pending.asked_by.as_str());
        if let Some(proposal) = &pending.proposal {
            oins.extend([proposal.discloser.as_str(), proposal.recipient.as_str()]);
        }
    }
    oins
}

/// The questions of one organisation between the same two stand together, in the order of the list.
pub(super) fn together(proposals: Vec<PendingProposal>) -> Vec<Vec<PendingProposal>> {
    let mut groups: Vec<Vec<PendingProposal>> = Vec::new();
    for pending in proposals {
        match groups.iter_mut().find(|group| belongs(&group[0], &pending)) {
            Some(group) => group.push(pending),
            None => groups.push(vec![pending]),
        }
    }
    groups
}

fn belongs(one: &PendingProposal, other: &PendingProposal) -> bool {
    let pair = |pending: &PendingProposal| {
        let proposal = pending.proposal.clone().unwrap_or_default();
        let mut pair = [proposal.discloser, proposal.recipient];
        pair.sort_unstable();
        pair
    };
    one.asked_by == other.asked_by && pair(one) == pair(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_proto::consent::v1::Proposal;

    #[test]
    fn both_directions_of_one_question_stand_together() {
        let asked = |by: &str, discloser: &str, recipient: &str| PendingProposal {
            asked_by: by.to_owned(),
            proposal: Some(Proposal {
                discloser: discloser.to_owned(),
                recipient: recipient.to_owned(),
                ..Proposal::default()
            }),
            ..PendingProposal::default()
        };
        let groups = together(vec![
            asked("a", "a", "b"),
            asked("a", "a", "c"),
            asked("b", "a", "b"),
            asked("a", "b", "a"),
        ]);
        let sizes: Vec<_> = groups.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1]);
    }
}
