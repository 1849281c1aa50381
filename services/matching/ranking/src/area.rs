//! Areas by their codes of Statistics Netherlands (CBS).

use std::fmt;

use crate::text::InvalidOffer;

/// How large an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    /// Gemeente: `GM` and four digits.
    Municipality,
    /// Wijk: `WK`, the municipality's digits, and two characters.
    Neighbourhood,
    /// Buurt: `BU`, the neighbourhood's characters, and two characters.
    Quarter,
}

impl AreaLevel {
    const ALL: [Self; 3] = [Self::Municipality, Self::Neighbourhood, Self::Quarter];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Municipality => "GM",
            Self::Neighbourhood => "WK",
            Self::Quarter => "BU",
        }
    }

    /// Characters after the prefix.
    const fn characters(self) -> usize {
        match self {
            Self::Municipality => 4,
            Self::Neighbourhood => 6,
            Self::Quarter => 8,
        }
    }
}

/// A municipality, neighbourhood or quarter. The smaller one's code begins with the larger one's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area {
    code: [u8; 8],
    level: AreaLevel,
}

impl Area {
    /// The area of a CBS code such as `GM0363`, `WK036300` or `BU03630001`.
    ///
    /// # Errors
    /// [`InvalidOffer`] for anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidOffer> {
        const INVALID: InvalidOffer = InvalidOffer::new("areas", "not a CBS code");
        let (level, code) = AreaLevel::ALL
            .into_iter()
            .find_map(|level| Some((level, text.strip_prefix(level.prefix())?)))
            .ok_or(INVALID)?;
        // Amsterdam names its neighbourhoods by letters; municipalities have digits only.
        let is_code = code.len() == level.characters()
            && code
                .bytes()
                .enumerate()
                .all(|(at, byte)| byte.is_ascii_digit() || (at >= 4 && byte.is_ascii_uppercase()));
        if !is_code {
            return Err(INVALID);
        }
        let mut padded = [0; 8];
        padded[..code.len()].copy_from_slice(code.as_bytes());
        Ok(Self { code: padded, level })
    }

    /// How large it is.
    pub const fn level(self) -> AreaLevel {
        self.level
    }

    /// Whether `other` lies within this area, or is it.
    pub fn contains(self, other: Self) -> bool {
        self.level <= other.level && other.code.starts_with(self.characters())
    }

    /// Whether one lies within the other.
    pub fn meets(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// The areas that this one lies in, itself among them, the largest first.
    pub fn within(self) -> impl Iterator<Item = Self> {
        AreaLevel::ALL
            .into_iter()
            .filter(move |level| *level <= self.level)
            .map(move |level| {
                let mut code = [0; 8];
                code[..level.characters()].copy_from_slice(&self.code[..level.characters()]);
                Self { code, level }
            })
    }

    fn characters(&self) -> &[u8] {
        &self.code[..self.level.characters()]
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters = std::str::from_utf8(self.characters()).expect("a code holds ASCII only");
        write!(f, "{}{characters}", self.level.prefix())
    }
}

impl fmt::Debug for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> Area {
        Area::parse(code).expect("a code")
    }

    #[test]
    fn a_quarter_lies_in_its_neighbourhood_and_its_municipality() {
        let quarter = area("BU0363AA01");
        let around: Vec<String> = quarter.within().map(|area| area.to_string()).collect();
        assert_eq!(around, ["GM0363", "WK0363AA", "BU0363AA01"]);
        assert!(area("GM0363").contains(quarter) && area("WK0363AA").contains(quarter));
        assert!(!quarter.contains(area("WK0363AA")) && !area("WK0363AB").contains(quarter));
    }

    #[test]
    fn only_codes_are_areas() {
        for text in [
            "",
            "GM",
            "GM036",
            "GM03633",
            "GM036A",
            "WK0363",
            "BU036300",
            "XX0363",
            "gm0363",
            "WK0363aé",
        ] {
            assert!(Area::parse(text).is_err(), "{text}");
        }
    }
}
