//! The code lists of introductions. Wire numbers never change and are never used again.

use crate::code::code_list;

code_list! {
    /// What somebody wants of an introduction.
    CardRole {
        /// Looks for somebody.
        Seeks = 1 "SEEKS",
        /// Offers themselves: volunteer, buddy, expert by experience.
        Offers = 2 "OFFERS",
    }
}

code_list! {
    /// How far somebody goes for an introduction.
    DistanceBand {
        /// On foot.
        Walk = 1 "WALK",
        /// By bicycle.
        Cycle = 2 "CYCLE",
        /// Within the gemeente.
        Town = 3 "TOWN",
        /// Within the region.
        Region = 4 "REGION",
    }
}

code_list! {
    /// What somebody on a card is, where they want it known, and whom they would rather meet.
    Gender {
        /// A woman.
        Woman = 1 "WOMAN",
        /// A man.
        Man = 2 "MAN",
        /// Neither, or both.
        Other = 3 "OTHER",
    }
}

code_list! {
    /// Where an introduction is, as who asks may know it.
    IntroductionState {
        /// Waits for the asker's answer; to the coordinator: for answers.
        Offered = 1 "OFFERED",
        /// The asker said yes. Of the other nothing is told.
        Waiting = 2 "WAITING",
        /// The asker said no.
        Declined = 3 "DECLINED",
        /// Both said yes less than 7 days ago.
        Trial = 4 "TRIAL",
        /// Both said yes, and the trial is over.
        Active = 5 "ACTIVE",
        /// 14 days went by without two yeses.
        Closed = 6 "CLOSED",
        /// It was, and has ended.
        Ended = 7 "ENDED",
    }
}
