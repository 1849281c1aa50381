//! Times: in the machine's zone for people, RFC 3339 in UTC for programs.

use jiff::tz::TimeZone;
use serde::Serializer;
use sluis_types::Timestamp;

/// Writes times as people read them.
#[derive(Clone, Debug)]
pub(crate) struct Dates(pub(crate) TimeZone);

impl Dates {
    /// A day and a time: `Mon 23 Nov 2026, 16:10`.
    pub(crate) fn moment(&self, at: Timestamp) -> String {
        self.format(at, "%a %-d %b %Y, %H:%M")
    }

    /// A day: `Mon 23 Nov 2026`.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        self.format(at, "%a %-d %b %Y")
    }

    /// A day in figures, as Dutch letters have it: `23-11-2026`.
    pub(crate) fn numeric_day(&self, at: Timestamp) -> String {
        self.format(at, "%-d-%-m-%Y")
    }

    fn format(&self, at: Timestamp, format: &str) -> String {
        instant(at)
            .to_zoned_datetime(self.0.clone())
            .strftime(format)
            .to_string()
    }
}

/// A moment beyond the calendar is shown as its end.
fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::MAX)
}

/// RFC 3339 in UTC.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    instant(at).to_string()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(crate) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}

#[expect(clippy::ref_option, reason = "serde gives a reference")]
pub(crate) fn serialize_optional<S: Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_some(&rfc3339(*at)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_their_own_zone_and_programs_utc() {
        let at = Timestamp::from_seconds(1_795_446_600);
        let east = Dates(TimeZone::fixed(jiff::tz::offset(1)));
        assert_eq!(east.moment(at), "Mon 23 Nov 2026, 16:10");
        assert_eq!(Dates(TimeZone::UTC).moment(at), "Mon 23 Nov 2026, 15:10");
        assert_eq!(east.day(at), "Mon 23 Nov 2026");
        assert_eq!(rfc3339(at), "2026-11-23T15:10:00Z");
        assert!(!rfc3339(Timestamp::from_micros(i64::MAX)).is_empty());
    }
}
