//! For whom an offer is, and how one comes in.

use std::collections::BTreeSet;

use serde_json::Value;
use sluis_ranking::{Ages, Area, Language, ProofBasis, ShortText, TAGS_MAX, Tag, VulnerabilityProof};
use sluis_types::{Accessibility, CodeSet, Entrance, LifeDomain, ProofCriterion};

use super::{Reading, moment};
use crate::profile::is_profile;
use crate::report::Severity;
use crate::words;

impl Reading<'_> {
    pub(super) fn life_domains(&mut self) -> CodeSet<LifeDomain> {
        let said = self.codes("life_domain", LifeDomain::from_name);
        if !said.is_empty() {
            return said;
        }
        let told = words::life_domains(&format!("{} {}", self.text("name"), self.text("description")));
        let found = if told.is_empty() {
            [LifeDomain::FittingSupport].into_iter().collect()
        } else {
            told
        };
        let names: Vec<&str> = found.iter().map(LifeDomain::name).collect();
        let what = format!("it names no life domain; told by its words: {}", names.join(", "));
        self.tell(
            "life_domain",
            Severity::Mended,
            what,
            "Add the attribute life_domain.",
        );
        found
    }

    pub(super) fn areas(&mut self) -> BTreeSet<Area> {
        let (mut areas, mut unclear) = (BTreeSet::new(), false);
        for area in self.list("service_areas") {
            let text = ["extent", "name", "description"]
                .map(|field| area[field].as_str().unwrap_or_default())
                .join(" ");
            let codes = words::areas(&text);
            unclear |= codes.is_empty() && !text.trim().is_empty();
            areas.extend(codes);
        }
        if unclear {
            let advice = "Add the CBS code (GM, WK or BU) to the service area.";
            self.tell(
                "/service_areas",
                Severity::Mended,
                "an area without a code filters nothing",
                advice,
            );
        }
        areas.into_iter().take(sluis_ranking::AREAS_MAX).collect()
    }

    pub(super) fn ages(&mut self) -> Ages {
        let age = |field: &str| {
            let years = self.service.document[field]
                .as_f64()
                .filter(|years| (0.0..=255.0).contains(years))?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked just above"
            )]
            Some(years as u8)
        };
        // Half of HSDS says 0 and 100 for "all ages".
        let (min, max) = (age("minimum_age").filter(|years| *years > 0), age("maximum_age"));
        let zero = self.service.document["minimum_age"].as_f64() == Some(0.0) && self.value("kind").is_some();
        Ages::new(if zero { Some(0) } else { min }, max).unwrap_or_else(|_| {
            self.tell(
                "/minimum_age",
                Severity::Mended,
                "ages the wrong way round; not used",
                "Swap them.",
            );
            Ages::ALL
        })
    }

    pub(super) fn languages(&mut self) -> BTreeSet<Language> {
        let (mut languages, mut unclear) = (BTreeSet::new(), false);
        for language in self.list("languages") {
            let code = language["code"].as_str().unwrap_or_default().to_lowercase();
            let code = code.split(['-', '_']).next().unwrap_or_default();
            match Language::parse(code) {
                Ok(language) => {
                    languages.insert(language);
                }
                Err(_) => unclear = true,
            }
        }
        if unclear {
            self.tell(
                "/languages",
                Severity::Mended,
                "a language without a code is not used",
                "Add its ISO 639 code.",
            );
        }
        languages.into_iter().take(sluis_ranking::LANGUAGES_MAX).collect()
    }

    pub(super) fn locations(&self) -> impl Iterator<Item = &Value> + use<'_> {
        self.list("service_at_locations")
            .map(|at| &at["location"])
            .filter(|location| location.is_object())
    }

    pub(super) fn accessibility(&mut self) -> CodeSet<Accessibility> {
        let said = self.codes("accessibility", Accessibility::from_name);
        let told = self.locations().flat_map(|location| {
            let rows = location["accessibility"].as_array().into_iter().flatten();
            rows.map(|row| words::accessibility(&format!("{} {}", row["description"], row["details"])))
        });
        told.flat_map(|codes| codes.iter().collect::<Vec<_>>())
            .fold(said, CodeSet::with)
    }

    pub(super) fn entrance(&mut self) -> Entrance {
        if let Some(entrance) = self.code("entrance", Entrance::from_name) {
            return entrance;
        }
        words::entrance(self.text("application_process")).unwrap_or(Entrance::SignUp)
    }

    pub(super) fn proof(&mut self) -> Option<VulnerabilityProof> {
        self.value("vulnerability_proof")?;
        let by = self
            .value("vulnerability_proof_checked_by")
            .map(|by| ShortText::cut(by).0);
        let at = self.value("vulnerability_proof_checked_at").and_then(moment);
        let basis = match (by.filter(|by| !by.is_empty()), at) {
            (Some(by), Some(at)) => ProofBasis::Checked { by, at },
            _ => ProofBasis::SelfDeclared,
        };
        let criteria = self.codes("vulnerability_proof_criterion", ProofCriterion::from_name);
        Some(VulnerabilityProof { basis, criteria })
    }

    /// The profile's tags, and the names of other taxonomies' terms.
    pub(super) fn tags(&self) -> BTreeSet<Tag> {
        let own = self.fields.get("tag").into_iter().flatten().map(String::as_str);
        let others = self
            .list("attributes")
            .map(|attribute| &attribute["taxonomy_term"])
            .filter(|term| !is_profile(term))
            .filter_map(|term| term["name"].as_str());
        own.chain(others)
            .filter_map(|text| Tag::parse(text).ok())
            .take(TAGS_MAX)
            .collect()
    }
}
