//! Days and times as people say them, in the time of the Netherlands.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use sluis_types::Timestamp;

use super::text::Language;

const ZONE: &str = "Europe/Amsterdam";

/// The zone in which times are shown; UTC where the machine has no table of zones.
pub(super) fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or_else(|_| {
        tracing::warn!(
            zone = ZONE,
            "this machine does not know the zone: pages show times in UTC"
        );
        TimeZone::UTC
    })
}

/// A moment of the mesh.
pub(super) fn moment(timestamp: Option<&prost_types::Timestamp>) -> Timestamp {
    timestamp.map_or(Timestamp::default(), |it| Timestamp::from_seconds(it.seconds))
}

fn zoned(at: Timestamp, zone: &TimeZone) -> ZonedDateTime {
    // The mesh's times lie far within what a calendar has; what does not is shown as its beginning.
    jiff::Timestamp::from_second(at.seconds())
        .unwrap_or_default()
        .to_zoned_datetime(zone.clone())
}

/// A day: "3 juli 2026".
pub(super) fn day(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let at = zoned(at, zone);
    let month = language.month(at.month());
    format!("{} {month} {}", at.day(), at.year())
}

/// The last day of what ends at a moment: a grant ends when its last day, a day in UTC, does.
pub(super) fn last_day(end: Timestamp, language: Language) -> String {
    day(
        Timestamp::from_seconds(end.seconds() - 1),
        &TimeZone::UTC,
        language,
    )
}

/// A time of day: "14:05".
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    zoned(at, zone).strftime("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_netherlands_and_ends_those_of_the_mesh() {
        // 30 June 2026, 23:30 UTC: the next day in the Netherlands.
        let at = Timestamp::from_seconds(1_782_862_200);
        let zone = zone();
        assert_eq!(day(at, &zone, Language::Dutch), "1 juli 2026");
        assert_eq!(day(at, &zone, Language::English), "1 July 2026");
        assert_eq!(time(at, &zone), "01:30");
        let midnight = Timestamp::from_seconds(1_782_864_000);
        assert_eq!(last_day(midnight, Language::Dutch), "30 juni 2026");
    }
}
