//! Where an organisation stands: a stranger, invited, or a member.

use sluis_types::{Oin, OrganisationKind, Timestamp};

use super::{CodeIndex, Refused};

/// What the operator says of an organisation. No names of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) oin: Oin,
    pub(crate) display_name: String,
    pub(crate) kind: OrganisationKind,
    pub(crate) contact: String,
}

/// An invitation, with what is kept of its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) profile: Profile,
    pub(crate) code: CodeIndex,
    pub(crate) expires_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
}

/// Where an organisation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Stranger,
    Invited(Invitation),
    Member,
}

impl Standing {
    /// By what is stored: a member stays one, whatever invitation lies about.
    pub(crate) fn of(invitation: Option<Invitation>, member: bool) -> Self {
        match invitation {
            _ if member => Self::Member,
            Some(invitation) => Self::Invited(invitation),
            None => Self::Stranger,
        }
    }

    /// Invites it. An invitation that is under way loses its place: whoever asks for another one lost the first.
    pub(crate) fn invite(self, invitation: Invitation) -> Result<Invitation, Refused> {
        match self {
            Self::Stranger | Self::Invited(_) => Ok(invitation),
            Self::Member => Err(Refused::AlreadyMember),
        }
    }

    /// Makes it a member. One answer to every code that does not open.
    pub(crate) fn enrol(self, code: &CodeIndex, by: Oin, now: Timestamp) -> Result<Profile, Refused> {
        match self {
            Self::Invited(invitation)
                if invitation.code == *code
                    && invitation.profile.oin == by
                    && invitation.used_at.is_none()
                    && now < invitation.expires_at =>
            {
                Ok(invitation.profile)
            }
            Self::Stranger | Self::Invited(_) | Self::Member => Err(Refused::Invitation),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const LIFE: Duration = Duration::from_secs(1000);

    fn oin(number: u8) -> Oin {
        format!("000000990000000010{number:02}").parse().unwrap()
    }

    fn invitation(code: u8, made: Timestamp) -> Invitation {
        let profile = Profile {
            oin: oin(1),
            display_name: "Welzijn Noord".into(),
            kind: OrganisationKind::Welfare,
            contact: String::new(),
        };
        let code = CodeIndex::from_bytes([code; 32]);
        Invitation {
            profile,
            code,
            expires_at: made.plus(LIFE),
            used_at: None,
        }
    }

    #[test]
    fn the_table_of_invitation_and_enrolment() {
        let used = Invitation {
            used_at: Some(NOW),
            ..invitation(1, NOW)
        };
        let lapsed = invitation(1, NOW.minus(LIFE));
        let right = (CodeIndex::from_bytes([1; 32]), oin(1));
        let wrong_code = (CodeIndex::from_bytes([2; 32]), oin(1));
        let wrong_oin = (CodeIndex::from_bytes([1; 32]), oin(2));
        let no = Err(Refused::Invitation);
        let yes = Ok(());
        // standing, may be invited, enrols with: right code, wrong code, right code of another
        let table = [
            (Standing::Stranger, yes, [no, no, no]),
            (Standing::Invited(invitation(1, NOW)), yes, [yes, no, no]),
            (Standing::Invited(lapsed), yes, [no, no, no]),
            (Standing::Invited(used), yes, [no, no, no]),
            (Standing::Member, Err(Refused::AlreadyMember), [no, no, no]),
        ];
        for (standing, invited, enrolled) in table {
            let again = standing.clone().invite(invitation(3, NOW)).map(|_| ());
            assert_eq!(again, invited, "{standing:?}");
            for ((code, by), expected) in [right, wrong_code, wrong_oin].into_iter().zip(enrolled) {
                let got = standing.clone().enrol(&code, by, NOW).map(|_| ());
                assert_eq!(got, expected, "{standing:?}");
            }
        }
        let newest = Standing::Member;
        assert_eq!(
            Standing::of(Some(invitation(1, NOW)), true),
            newest,
            "an invitation left behind opens nothing"
        );
    }

    #[derive(Clone, Debug)]
    enum Step {
        Invite(u8),
        Enrol(u8, u8),
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..4_u8).prop_map(Step::Invite),
            (0..4_u8, 1..3_u8).prop_map(|(code, by)| Step::Enrol(code, by)),
            (0..1500_u64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Against the rule in one sentence: only the newest invitation opens, once, in its time, for its organisation.
        #[test]
        fn only_the_newest_invitation_opens_once(steps in prop::collection::vec(step(), 0..40)) {
            let (mut standing, mut now) = (Standing::Stranger, NOW);
            let mut newest: Option<(u8, Timestamp)> = None;
            let mut member = false;
            for step in steps {
                match step {
                    Step::Wait(seconds) => now = now.plus(Duration::from_secs(seconds)),
                    Step::Invite(code) => match standing.clone().invite(invitation(code, now)) {
                        Ok(invitation) => {
                            prop_assert!(!member);
                            newest = Some((code, now));
                            standing = Standing::Invited(invitation);
                        }
                        Err(refused) => {
                            prop_assert!(member);
                            prop_assert_eq!(refused, Refused::AlreadyMember);
                        }
                    },
                    Step::Enrol(code, by) => {
                        let opens = !member && by == 1 && newest.is_some_and(|(made_code, made)| {
                            made_code == code && now < made.plus(LIFE)
                        });
                        let code = CodeIndex::from_bytes([code; 32]);
                        let enrolled = standing.clone().enrol(&code, oin(by), now);
                        prop_assert_eq!(enrolled.is_ok(), opens);
                        if opens {
                            standing = Standing::Member;
                            member = true;
                        }
                    }
                }
            }
        }
    }
}
