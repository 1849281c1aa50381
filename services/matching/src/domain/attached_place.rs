//! A place that its resident sees: it hangs on the grant that its referral goes under.

use std::time::Duration;

use sluis_types::{GrantId, OfferId, Oin, PlaceId, Timestamp};

use super::places::{Places, Standing};

/// How long a place that was claimed or ended is still shown, from when it was attached.
pub(crate) const PAST_LIFE: Duration = Duration::from_hours(90 * 24);

/// A place, and the grant whose resident sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttachedPlace {
    pub(crate) id: PlaceId,
    pub(crate) offer: OfferId,
    /// What the offer was called when it was attached: an offer may be retired while its places are held.
    pub(crate) offer_name: String,
    /// Whose offer it is.
    pub(crate) organisation: Oin,
    /// Who holds it.
    pub(crate) holder: Oin,
    pub(crate) grant: GrantId,
    pub(crate) attached_at: Timestamp,
    pub(crate) is_claimed: bool,
}

/// How it stands, for its resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Held, waited for or claimed.
    Standing(Standing),
    /// Given back, or not claimed in time.
    Ended,
}

impl AttachedPlace {
    /// How it stands among the places of its offer, which are settled; none once it is of the past for so long that it
    /// is shown no more.
    pub(crate) fn seen(&self, places: &Places, now: Timestamp) -> Option<Seen> {
        if let Some(standing) = places.standing(self.id, self.holder) {
            return Some(Seen::Standing(standing));
        }
        let past = if self.is_claimed {
            Seen::Standing(Standing::Claimed)
        } else {
            Seen::Ended
        };
        (now < self.attached_at.plus(PAST_LIFE)).then_some(past)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::places::HOLD_LIFE;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn oin(number: u8) -> Oin {
        format!("000000990000000{number:02}000").parse().unwrap()
    }

    fn attached(id: PlaceId) -> AttachedPlace {
        AttachedPlace {
            id,
            offer: OfferId::from_bytes([1; 16]),
            offer_name: "Samen koken".into(),
            organisation: oin(1),
            holder: oin(2),
            grant: GrantId::from_bytes([3; 16]),
            attached_at: NOW,
            is_claimed: false,
        }
    }

    #[test]
    fn a_place_is_seen_as_it_stands_and_for_a_while_after_it_ended() {
        let (first, second) = (PlaceId::from_bytes([4; 16]), PlaceId::from_bytes([5; 16]));
        let mut places = Places::default();
        places.open(1, NOW).unwrap();
        places.hold(first, oin(2), false, NOW).unwrap();
        places.hold(second, oin(2), true, NOW).unwrap();
        let until = NOW.plus(HOLD_LIFE);
        assert_eq!(
            attached(first).seen(&places, NOW),
            Some(Seen::Standing(Standing::Held(until)))
        );
        assert_eq!(
            attached(second).seen(&places, NOW),
            Some(Seen::Standing(Standing::Waiting(1)))
        );
        places.settle(until);
        assert_eq!(attached(first).seen(&places, until), Some(Seen::Ended));
        let next = Standing::Held(until.plus(HOLD_LIFE));
        assert_eq!(
            attached(second).seen(&places, until),
            Some(Seen::Standing(next)),
            "the next in line has it, without anybody doing anything"
        );
        let gone = NOW.plus(PAST_LIFE);
        assert_eq!(attached(first).seen(&places, gone), None);
        let claimed = AttachedPlace {
            is_claimed: true,
            ..attached(first)
        };
        assert_eq!(
            claimed.seen(&places, until),
            Some(Seen::Standing(Standing::Claimed))
        );
        assert_eq!(claimed.seen(&places, gone), None);
    }

    #[test]
    fn what_another_holds_is_not_theirs() {
        let id = PlaceId::from_bytes([4; 16]);
        let mut places = Places::default();
        places.open(1, NOW).unwrap();
        places.hold(id, oin(9), false, NOW).unwrap();
        assert_eq!(attached(id).seen(&places, NOW), Some(Seen::Ended));
    }
}
