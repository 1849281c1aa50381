//! A circle as it is shown.

use serde::Serialize;
use sluis_client::{KeptCircle, Profile};
use sluis_types::{MatchClass, Timestamp};

use crate::codes;
use crate::dates::{self, Dates};
use crate::failure::Failure;
use crate::screen::{Report, plain};

/// A circle.
#[derive(Serialize)]
pub(crate) struct CircleView {
    circle: String,
    version: u32,
    /// The resident's label; null when this organisation gave none.
    resident: Option<String>,
    members: Vec<String>,
    /// The sorts of worries that this organisation may post.
    classes: Vec<&'static str>,
    #[serde(serialize_with = "dates::serialize")]
    valid_until: Timestamp,
}

impl CircleView {
    pub(crate) fn of(circle: &KeptCircle, profile: &Profile) -> Result<Self, Failure> {
        Ok(Self {
            circle: circle.circle.to_string(),
            version: circle.version,
            resident: profile.label_of(&circle.resident)?,
            members: circle.members.iter().map(ToString::to_string).collect(),
            classes: circle.match_classes.iter().map(MatchClass::name).collect(),
            valid_until: circle.valid_until,
        })
    }
}

impl Report for CircleView {
    fn human(&self, dates: &Dates) -> String {
        let about = self
            .resident
            .as_deref()
            .map_or_else(|| "a resident without a label".to_owned(), plain);
        format!(
            "{}  circle about {about}, until {}: {}; members {}\n",
            self.circle,
            dates.day(self.valid_until),
            codes::list(self.classes.iter().copied()),
            self.members.join(", ")
        )
    }
}
