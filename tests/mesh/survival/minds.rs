//! Residents give consent and take it away again while the mesh is killed.

use sluis_client::types::{CodeSet, GrantId, Purpose};
use sluis_client::{Ask, Error, Provision};
use sluis_proto::consent::v1::{GrantConsentRequest, ListProposalsRequest, Notice, WithdrawGrantRequest};
use sluis_proto::options::v1::ErrorReason;
use sluis_serve::Refusal;
use tonic::Status;

use super::dice::Dice;
use super::load::Load;
use super::promises::Phase;
use super::town::bucket_keys_in;
use crate::fixture::{referral_scope, request_id};

impl Load {
    pub(super) async fn change_mind(&self, resident: usize, dice: &Dice) {
        while self.is_open() {
            let is_answered = match self.promises.phase(resident) {
                Phase::Live(grant) => {
                    self.pause(10 + dice.below(30)).await;
                    self.is_open() && self.withdraw(resident, grant).await
                }
                Phase::Closed | Phase::Ended(_) => self.grant(resident).await,
                Phase::Granting | Phase::Ending(_) => {
                    unreachable!("only this task asks, and it waits for the answer")
                }
            };
            if !is_answered {
                return;
            }
        }
    }

    /// Asks, and grants what was asked, however often it takes; false when that would be too often.
    pub(super) async fn grant(&self, resident: usize) -> bool {
        let (before, person) = (self.promises.phase(resident), &self.people[resident]);
        self.promises.enter(resident, Phase::Granting);
        let ask = Ask {
            discloser: self.welfare.oin(),
            recipient: self.ggz.oin(),
            provisions: vec![Provision {
                purpose: Purpose::Referral,
                life_domains: CodeSet::all(),
                data_kinds: referral_scope(Purpose::Referral).data_kinds(),
                objection: false,
            }],
            valid_days: 30,
        };
        let asks = [ask];
        let welfare = &self.welfare.partner;
        let asked = self
            .persist(
                || welfare.ask_consent(&person.handle, &asks),
                Error::is_unreachable,
            )
            .await;
        asked.expect("asked");
        let session = &person.resident.session;
        let listed = self
            .persist(|| session.list_proposals(ListProposalsRequest {}), is_closed)
            .await;
        let pending = listed.expect("listed").proposals.pop().expect("what was asked");
        let message = GrantConsentRequest {
            request_id: request_id(),
            proposal_id: pending.proposal_id,
            provisions: pending.proposal.expect("a proposal").provisions,
            valid_days: 0,
            notice: Some(Notice {
                notice_id: "share-consent".to_owned(),
                version: 1,
                language: "nl".to_owned(),
                sha256: vec![7; 32].into(),
            }),
        };
        match self
            .persist(|| session.grant_consent(message.clone()), is_closed)
            .await
        {
            Ok(reply) => {
                let id: GrantId = reply.grant.expect("a grant").grant_id.parse().expect("an id");
                assert_ne!(
                    before,
                    Phase::Ended(id),
                    "what has ended does not come back under its id"
                );
                self.promises.enter(resident, Phase::Live(id));
                true
            }
            Err(status) => {
                assert_eq!(
                    Refusal::reason_of(&status),
                    Some(ErrorReason::RateLimited),
                    "{status:?}"
                );
                self.promises.enter(resident, before);
                false
            }
        }
    }

    /// Withdraws, the same request however often it takes. When the answer is there, no key is that was there before.
    async fn withdraw(&self, resident: usize, id: GrantId) -> bool {
        let message = WithdrawGrantRequest {
            request_id: request_id(),
            grant_id: id.to_string(),
        };
        let keys_before = bucket_keys_in(&self.config.bucket_dir());
        self.promises.enter(resident, Phase::Ending(id));
        let session = &self.people[resident].resident.session;
        match self
            .persist(|| session.withdraw_grant(message.clone()), is_closed)
            .await
        {
            Ok(reply) => {
                let left: Vec<_> = keys_before.iter().filter(|key| key.exists()).collect();
                assert!(
                    left.is_empty(),
                    "a withdrawal was acknowledged and its key is still there: {left:?}"
                );
                self.promises.ended(resident, id, reply.grant.expect("a grant"));
                true
            }
            Err(status) => {
                assert_eq!(
                    Refusal::reason_of(&status),
                    Some(ErrorReason::RateLimited),
                    "{status:?}"
                );
                self.promises.enter(resident, Phase::Live(id));
                false
            }
        }
    }
}

/// Whether a resident's call did not come through.
fn is_closed(status: &Status) -> bool {
    Refusal::reason_of(status) == Some(ErrorReason::TemporarilyClosed)
}
