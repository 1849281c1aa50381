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

    /// The first moment of a day, `YYYY-MM-DD`, in UTC: what is said in days needs no zone.
    ///
    /// # Errors
    /// A sentence for anything that is no day.
    pub(crate) fn parse_day(text: &str) -> Result<Timestamp, String> {
        let day: jiff::civil::Date = text.parse().map_err(|_| "a day is YYYY-MM-DD".to_owned())?;
        let midnight = TimeZone::UTC
            .to_timestamp(day.at(0, 0, 0, 0))
            .map_err(|_| "the day is beyond the calendar".to_owned())?;
        Ok(Timestamp::from_seconds(midnight.as_second()))
    }

    /// A day that somebody said, where it has to lie behind: today may begin later in UTC than here.
    pub(crate) fn behind(day: Timestamp, now: Timestamp) -> Timestamp {
        if day > now && day.since(now) < std::time::Duration::from_hours(24) {
            now
        } else {
            day
        }
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

/// When a day begins, in UTC; a day beyond the calendar begins with it.
pub(crate) fn start_of(day: jiff::civil::Date) -> Timestamp {
    let start = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    Timestamp::from_micros(start.unwrap_or(jiff::Timestamp::MIN).as_microsecond())
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

    #[test]
    fn a_day_is_read_and_today_lies_behind() {
        let day = Dates::parse_day("2026-11-23").expect("a day");
        assert_eq!(rfc3339(day), "2026-11-23T00:00:00Z");
        assert!(Dates::parse_day("23-11-2026").is_err());
        let just_before = Timestamp::from_seconds(day.seconds() - 3600);
        assert_eq!(Dates::behind(day, just_before), just_before);
        let long_before = Timestamp::from_seconds(day.seconds() - 90_000);
        assert_eq!(Dates::behind(day, long_before), day, "left to be refused");
    }
}
