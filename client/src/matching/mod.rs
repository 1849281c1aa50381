//! Matching: the sociale kaart, places, introductions and homes.
//!
//! What is looked for stays here: nothing in this module has a parameter for a need, an age or a wish of somebody. The
//! directory is fetched whole ([`Partner::sync_directory`](crate::Partner::sync_directory)) and ranked on this side.

mod capacity;
mod card;
mod directory;
mod housing;
mod increment;
mod introduction;
mod offer;
mod person_tag;
mod place;
mod wire;

pub use capacity::{CapacityAnswer, CapacityQuestion};
pub use card::{Card, EnrolledCard, WeekParts};
pub use directory::Directory;
pub use housing::{HomeNeed, Housing, HousingCounts, HousingStep};
pub use increment::{DirectoryChange, Increment};
pub use introduction::{Introduction, IntroductionAnswer};
pub use offer::{ListedOffer, Room};
pub use place::{Place, PlaceState};
