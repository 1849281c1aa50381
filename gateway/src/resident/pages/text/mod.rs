//! Every text of the pages, in Dutch at level B1 and in English: one row per text, and one without both does not
//! compile. A text that no page uses is a warning.

mod access;
mod account;
mod circles;
mod frame;
mod grants;
mod help;
mod introductions;
mod legal_bases;
mod links;
mod mandates;
mod meetings;
mod notices;
mod offers;
mod places;
mod questions;
mod receipts;
mod referrals;
mod signals;
mod words;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// Dutch, level B1.
    Dutch,
    /// English.
    English,
}

impl Language {
    /// Its code (BCP 47).
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        match code {
            "nl" => Some(Self::Dutch),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The other language, to change to.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Dutch => Self::English,
            Self::English => Self::Dutch,
        }
    }

    /// Its name, in itself.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dutch => "Nederlands",
            Self::English => "English",
        }
    }

    /// A month by its number from 1.
    pub(super) fn month(self, number: i8) -> &'static str {
        const DUTCH: [&str; 12] = [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ];
        const ENGLISH: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let months = match self {
            Self::Dutch => DUTCH,
            Self::English => ENGLISH,
        };
        let index = usize::try_from(number - 1).expect("months begin at 1");
        months[index]
    }
}

impl Language {
    /// A day of the week by its number from 0, which is Monday.
    pub(super) fn weekday(self, number: usize) -> &'static str {
        const DUTCH: [&str; 7] = [
            "maandag",
            "dinsdag",
            "woensdag",
            "donderdag",
            "vrijdag",
            "zaterdag",
            "zondag",
        ];
        const ENGLISH: [&str; 7] = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        match self {
            Self::Dutch => DUTCH[number % 7],
            Self::English => ENGLISH[number % 7],
        }
    }
}

/// Declares texts: `name: "Dutch", "English";`, or with values that stand in them: `name(value): "… {value}", "…";`.
macro_rules! texts {
    ($($name:ident $(($($value:ident),+))?: $dutch:literal, $english:literal;)+) => {
        impl super::Language {
            $(texts!(@one $name $(($($value),+))?: $dutch, $english);)+
        }
    };
    (@one $name:ident: $dutch:literal, $english:literal) => {
        pub(in crate::resident::pages) const fn $name(self) -> &'static str {
            match self {
                Self::Dutch => $dutch,
                Self::English => $english,
            }
        }
    };
    (@one $name:ident($($value:ident),+): $dutch:literal, $english:literal) => {
        pub(in crate::resident::pages) fn $name(self, $($value: impl std::fmt::Display),+) -> String {
            match self {
                Self::Dutch => format!($dutch),
                Self::English => format!($english),
            }
        }
    };
}
use texts;
