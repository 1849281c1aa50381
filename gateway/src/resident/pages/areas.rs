//! The gemeenten and wijken from which residents can choose, by name: what the operator set.

use std::collections::BTreeMap;

use sluis_ranking::{Area, AreaLevel, ShortText};

use crate::ConfigError;

const SETTING: &str = "resident.pages.areas";

/// The areas, each gemeente followed by its wijken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Areas(Vec<(Area, String)>);

impl Areas {
    /// The areas of a setting: names by CBS code.
    ///
    /// # Errors
    /// [`ConfigError`] for a code of nothing, or of a buurt: that would say too closely where somebody lives.
    pub(crate) fn of(setting: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let wrong = |fault| ConfigError {
            setting: SETTING,
            fault,
        };
        let mut areas = Vec::new();
        for (code, name) in setting {
            let area = Area::parse(code).map_err(|_| wrong("has a code that is no CBS code"))?;
            if area.level() == AreaLevel::Quarter {
                return Err(wrong("has a buurt: name a gemeente or a wijk"));
            }
            let name = ShortText::new("name", name).map_err(|_| wrong("has a name that is too long"))?;
            if name.is_empty() {
                return Err(wrong("has an empty name"));
            }
            areas.push((area, name.to_string()));
        }
        let names: BTreeMap<Area, String> = areas.iter().cloned().collect();
        let around = |area: Area| area.within().next().unwrap_or(area);
        areas.sort_by_cached_key(|(area, name)| {
            let gemeente = around(*area);
            let of = names.get(&gemeente).cloned().unwrap_or_default();
            (of, gemeente, area.level(), name.clone())
        });
        for (area, name) in &mut areas {
            let gemeente = around(*area);
            if let Some(of) = names.get(&gemeente).filter(|_| gemeente != *area) {
                *name = format!("{of}: {name}");
            }
        }
        Ok(Self(areas))
    }

    /// Every area with its name, in the order in which one looks for it.
    pub(super) fn all(&self) -> &[(Area, String)] {
        &self.0
    }

    /// What an area is called, or the gemeente that it lies in.
    pub(super) fn name(&self, area: Area) -> Option<&str> {
        let is_called = |wanted: Area| self.0.iter().find(|(area, _)| *area == wanted);
        let mut around: Vec<_> = area.within().collect();
        around.reverse();
        let found = around.into_iter().find_map(is_called);
        found.map(|(_, name)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(code, name): &(&str, &str)| ((*code).to_owned(), (*name).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn wijken_stand_under_their_gemeente_and_gemeenten_by_name() {
        let areas = Areas::of(&setting(&[
            ("GM1948", "Meierijstad"),
            ("GM0755", "Boekel"),
            ("WK194802", "Zuid"),
            ("WK194801", "Verzonnen wijk"),
        ]));
        let areas = areas.expect("a setting");
        let names: Vec<_> = areas.all().iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Boekel",
                "Meierijstad",
                "Meierijstad: Verzonnen wijk",
                "Meierijstad: Zuid"
            ]
        );
        let area = |code| Area::parse(code).expect("a code");
        assert_eq!(areas.name(area("BU19480203")), Some("Meierijstad: Zuid"));
        assert_eq!(areas.name(area("GM1948")), Some("Meierijstad"));
        assert_eq!(areas.name(area("GM0363")), None);
    }

    #[test]
    fn what_is_no_area_is_refused() {
        for (code, name) in [("Boekel", "Boekel"), ("BU07550001", "Een buurt"), ("GM0755", " ")] {
            assert!(Areas::of(&setting(&[(code, name)])).is_err(), "{code}");
        }
        assert!(Areas::of(&BTreeMap::new()).expect("none").all().is_empty());
    }
}
