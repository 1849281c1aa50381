//! Working days in the Netherlands: Monday to Friday, but for the days that the Algemene termijnenwet (article 3) sets
//! apart.

use jiff::civil::{Date, Weekday, date};
use sluis_types::Timestamp;

const DAY_SECONDS: i64 = 86_400;
/// The longest run of days that are no working days is far shorter.
const DAYS_MAX: u16 = 60;

/// The end of the last of `count` working days that follow the day of `from`, in UTC. Deadlines that people keep are
/// given in days; the hour of the time zone does not matter to them.
pub(crate) fn end_of_working_day(from: Timestamp, count: u8) -> Timestamp {
    let first = from.seconds().div_euclid(DAY_SECONDS);
    let mut left = count;
    let mut day = first;
    for _ in 0..DAYS_MAX {
        if left == 0 {
            break;
        }
        day += 1;
        left -= u8::from(civil(day).is_none_or(is_working_day));
    }
    Timestamp::from_seconds((day + 1).saturating_mul(DAY_SECONDS))
}

/// The date of a day since 1970; none outside the calendar.
fn civil(day: i64) -> Option<Date> {
    let days = jiff::Span::new().try_days(day).ok()?;
    date(1970, 1, 1).checked_add(days).ok()
}

fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

fn is_holiday(day: Date) -> bool {
    let fixed = matches!((day.month(), day.day()), (1, 1) | (5, 5) | (12, 25 | 26));
    let since_easter = easter(day.year())
        .until(day)
        .map_or(i32::MAX, |span| span.get_days());
    // Good Friday, Easter Monday, Ascension Day, Whit Monday.
    fixed || day == kings_day(day.year()) || matches!(since_easter, -2 | 1 | 39 | 50)
}

/// 27 April, or the day before where that is a Sunday.
fn kings_day(year: i16) -> Date {
    let day = date(year, 4, 27);
    match day.weekday() {
        Weekday::Sunday => date(year, 4, 26),
        _ => day,
    }
}

/// Easter Sunday, by the anonymous Gregorian computus.
fn easter(year: i16) -> Date {
    let year_number = i32::from(year);
    let (golden, century, rest) = (year_number % 19, year_number / 100, year_number % 100);
    let correction = (8 * century + 13) / 25;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 19 * to_sunday) / 433;
    let month = (epact + to_sunday - 7 * late + 90) / 25;
    let day = (epact + to_sunday - 7 * late + 33 * month + 19) % 32;
    let small = |number: i32| i8::try_from(number).expect("months and days are small");
    date(year, small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i16, month: i8, day: i8, hour: i8) -> Timestamp {
        let moment = date(year, month, day).at(hour, 0, 0, 0).in_tz("UTC").unwrap();
        Timestamp::from_seconds(moment.timestamp().as_second())
    }

    #[test]
    fn easter_is_when_it_was() {
        for (year, month, day) in [
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
        ] {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn weekends_and_holidays_do_not_count() {
        // A Monday without anything special: five days later is the next Monday.
        assert_eq!(end_of_working_day(at(2026, 9, 21, 14), 5), at(2026, 9, 29, 0));
        // The Thursday before Easter 2026: Friday, the weekend and Monday are passed over.
        assert_eq!(end_of_working_day(at(2026, 4, 2, 9), 1), at(2026, 4, 8, 0));
        // King's Day on a Monday (2026), and Liberation Day on a Tuesday.
        assert_eq!(end_of_working_day(at(2026, 4, 24, 9), 1), at(2026, 4, 29, 0));
        assert_eq!(end_of_working_day(at(2026, 5, 4, 9), 1), at(2026, 5, 7, 0));
        // In 2025 the 27th of April is a Sunday: the Saturday before is King's Day, and Monday counts.
        assert_eq!(kings_day(2025), date(2025, 4, 26));
        assert_eq!(end_of_working_day(at(2025, 4, 25, 9), 1), at(2025, 4, 29, 0));
        assert_eq!(end_of_working_day(at(2026, 12, 24, 9), 1), at(2026, 12, 29, 0));
        assert_eq!(end_of_working_day(at(2026, 9, 21, 9), 0), at(2026, 9, 22, 0));
    }
}
