//! The code lists of the way to a home. Wire numbers never change and are never used again.

use crate::code::code_list;

code_list! {
    /// How large a home.
    SizeBand {
        /// One room.
        OneRoom = 1 "ONE_ROOM",
        /// Two rooms.
        TwoRooms = 2 "TWO_ROOMS",
        /// Three rooms or more.
        ThreeRooms = 3 "THREE_ROOMS",
    }
}

code_list! {
    /// How much support comes along.
    SupportBand {
        /// Up to two hours a week.
        TwoHours = 1 "TWO_HOURS",
        /// Up to six hours a week.
        SixHours = 2 "SIX_HOURS",
        /// More.
        More = 3 "MORE",
    }
}

code_list! {
    /// In whose name the lease is.
    LeaseKind {
        /// The resident's own.
        Own = 1 "OWN",
        /// An organisation in between, to become the resident's own (omklap).
        Intermediary = 2 "INTERMEDIARY",
    }
}

code_list! {
    /// What a home must have.
    HomeAccess {
        /// No stairs.
        StepFree = 1 "STEP_FREE",
        /// Room for a wheelchair.
        Wheelchair = 2 "WHEELCHAIR",
        /// On the ground floor.
        GroundFloor = 3 "GROUND_FLOOR",
    }
}

code_list! {
    /// Where the way to a home is.
    HousingState {
        /// Wished for.
        Wish = 1 "WISH",
        /// Plan, support and finances were checked with the resident.
        Ready = 2 "READY",
        /// The landlord is asked.
        Nominated = 3 "NOMINATED",
        /// A home is offered.
        Offered = 4 "OFFERED",
        /// The resident went to see it.
        Viewed = 5 "VIEWED",
        /// The resident takes it.
        Accepted = 6 "ACCEPTED",
        /// The resident does not take it; another may be offered.
        Declined = 7 "DECLINED",
        /// The lease is signed; contact at 3, 6 and 12 months.
        Settling = 8 "SETTLING",
        /// Settled.
        Settled = 9 "SETTLED",
        /// Back to a place of return.
        Returned = 10 "RETURNED",
        /// Given up.
        Stopped = 11 "STOPPED",
    }
}

code_list! {
    /// A step on the way to a home.
    HousingMove {
        /// Plan, support and finances were checked with the resident.
        Prepare = 1 "PREPARE",
        /// Ask the landlord.
        Nominate = 2 "NOMINATE",
        /// The landlord offers a home.
        Offer = 3 "OFFER",
        /// The resident went to see it.
        View = 4 "VIEW",
        /// The resident takes it.
        Accept = 5 "ACCEPT",
        /// The resident does not take it.
        Decline = 6 "DECLINE",
        /// The landlord and the resident signed.
        SignLease = 7 "SIGN_LEASE",
        /// The contact at 3, 6 or 12 months took place.
        Contact = 8 "CONTACT",
        /// The landlord asks for the support that was arranged.
        AskSupport = 9 "ASK_SUPPORT",
        /// It is a home.
        Settle = 10 "SETTLE",
        /// Back to a place of return.
        Return = 11 "RETURN",
        /// Give up.
        Stop = 12 "STOP",
    }
}
