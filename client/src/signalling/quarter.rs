//! Months and quarters: what counts of signals go by. By UTC, as the mesh counts.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use sluis_types::Timestamp;

use crate::Error;

/// A month, such as `2026-11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: u16,
    /// 1 to 12.
    number: u8,
}

/// A quarter of a year, such as `2026-Q4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: u16,
    /// 1 to 4.
    number: u8,
}

impl Month {
    /// The month that a moment lies in.
    pub fn of(at: Timestamp) -> Self {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let day = at.to_zoned_datetime(TimeZone::UTC).date();
        Self {
            year: day.year().unsigned_abs(),
            number: day.month().unsigned_abs(),
        }
    }

    /// The quarter that it lies in.
    pub const fn quarter(self) -> Quarter {
        Quarter {
            year: self.year,
            number: (self.number - 1) / 3 + 1,
        }
    }
}

impl Quarter {
    /// The quarter that a moment lies in.
    pub fn of(at: Timestamp) -> Self {
        Month::of(at).quarter()
    }

    /// So many quarters before this one.
    #[must_use]
    pub fn earlier(self, quarters: u16) -> Self {
        let since = self.year * 4 + u16::from(self.number) - 1;
        let before = since.saturating_sub(quarters);
        Self {
            year: before / 4,
            number: u8::try_from(before % 4 + 1).expect("1 to 4"),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.number)
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

/// A year and a number up to `most`.
fn parse(text: &str, separator: &str, digits: usize, most: u8) -> Option<(u16, u8)> {
    let (year, number) = text.split_once(separator)?;
    let is_number = |text: &str, length| text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(year, 4) || !is_number(number, digits) {
        return None;
    }
    let number = number.parse().ok()?;
    // Times four it still is a number of this size.
    let year = year.parse().ok()?;
    (1..=most).contains(&number).then_some((year, number))
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (year, number) =
            parse(text, "-", 2, 12).ok_or_else(|| Error::invalid("month", "a month is YYYY-MM"))?;
        Ok(Self { year, number })
    }
}

impl FromStr for Quarter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (year, number) = parse(text, "-Q", 1, 4)
            .ok_or_else(|| Error::invalid("quarter", "a quarter is YYYY-Q1 to YYYY-Q4"))?;
        Ok(Self { year, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_follow_the_months_and_go_back() {
        let at = |text: &str| {
            let at: jiff::Timestamp = text.parse().expect("a moment");
            Timestamp::from_micros(at.as_microsecond())
        };
        let quarter = |text: &str| Quarter::of(at(text)).to_string();
        assert_eq!(quarter("2026-01-01T00:00:00Z"), "2026-Q1");
        assert_eq!(quarter("2026-12-31T23:59:59Z"), "2026-Q4");
        assert_eq!(Month::of(at("2026-03-31T23:59:59Z")).to_string(), "2026-03");
        let first: Quarter = "2026-Q1".parse().expect("a quarter");
        assert_eq!(first.earlier(1).to_string(), "2025-Q4");
        assert_eq!(first.earlier(8).to_string(), "2024-Q1");
        for text in [
            "2026-Q0", "2026-Q5", "2026-4", "26-Q1", "2026-Q1 ", "+026-Q1", "9999-Q", "",
        ] {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
        assert_eq!(
            "9999-Q4"
                .parse::<Quarter>()
                .expect("a quarter")
                .earlier(0)
                .to_string(),
            "9999-Q4"
        );
        assert!("2026-13".parse::<Month>().is_err() && "2026-1".parse::<Month>().is_err());
        assert_eq!(
            "2026-10".parse::<Month>().expect("a month").quarter().to_string(),
            "2026-Q4"
        );
    }
}
