//! How records of other legal bases are shown.

use std::fmt::Write as _;

use serde::Serialize;
use sluis_client::LegalBasisRecord;
use sluis_types::{DataKind, LegalArticle, LifeDomain, ReviewOutcome, Timestamp};

use crate::codes::{self, words};
use crate::dates::{self, Dates};
use crate::names::Names;
use crate::screen::{Report, columns, plain};

#[derive(Serialize)]
pub(super) struct RecordView {
    legal_basis_id: String,
    basis: &'static str,
    article: Option<&'static str>,
    state: &'static str,
    recipient: String,
    recipient_name: String,
    /// The resident's label here.
    resident: Option<String>,
    life_domains: Vec<&'static str>,
    data_kinds: Vec<&'static str>,
    #[serde(serialize_with = "dates::serialize")]
    recorded_at: Timestamp,
    #[serde(serialize_with = "dates::serialize")]
    valid_until: Timestamp,
    #[serde(serialize_with = "dates::serialize_optional")]
    told_from: Option<Timestamp>,
    #[serde(serialize_with = "dates::serialize_optional")]
    objected_at: Option<Timestamp>,
    review_outcome: Option<&'static str>,
    review_waits: bool,
}

impl RecordView {
    pub(super) fn new(record: &LegalBasisRecord, names: &Names, resident: Option<String>) -> Self {
        Self {
            legal_basis_id: record.id.to_string(),
            basis: record.basis.name(),
            article: record.article.map(LegalArticle::name),
            state: record.state,
            recipient: record.recipient.to_string(),
            recipient_name: names.of(record.recipient),
            resident,
            life_domains: record.life_domains.iter().map(LifeDomain::name).collect(),
            data_kinds: record.data_kinds.iter().map(DataKind::name).collect(),
            recorded_at: record.recorded_at,
            valid_until: record.valid_until,
            told_from: record.told_from,
            objected_at: record.objected_at,
            review_outcome: record.review_outcome.map(ReviewOutcome::name),
            review_waits: record.review_waits,
        }
    }

    fn what(&self) -> String {
        match self.article {
            Some(article) => format!("{} ({article})", words(self.basis)),
            None => words(self.basis),
        }
    }

    fn cells(&self, dates: &Dates) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Some(label) = &self.resident {
            remarks.push(format!("about {}", plain(label)));
        }
        if self.objected_at.is_some() {
            remarks.push("the resident objected".to_owned());
        }
        if let Some(outcome) = self.review_outcome {
            remarks.push(words(outcome));
        }
        if self.review_waits {
            remarks.push("waits for your privacy officer".to_owned());
        }
        vec![
            self.legal_basis_id.clone(),
            self.what(),
            format!("to {}", self.recipient_name),
            words(self.state),
            format!("until {}", dates.moment(self.valid_until)),
            remarks.join(", "),
        ]
    }
}

/// One record that was made or changed.
#[derive(Serialize)]
pub(super) struct Changed {
    #[serde(skip)]
    pub(super) what: &'static str,
    #[serde(flatten)]
    pub(super) record: RecordView,
}

impl Report for Changed {
    fn human(&self, dates: &Dates) -> String {
        let record = &self.record;
        let mut text = format!(
            "{} {} to {}: {}, until {}.\n  record {}\n  {}; {}\n",
            self.what,
            record.what(),
            record.recipient_name,
            words(record.state),
            dates.moment(record.valid_until),
            record.legal_basis_id,
            codes::list(record.data_kinds.iter().copied()),
            codes::list(record.life_domains.iter().copied()),
        );
        let waits = record.state == "RECORDED";
        if waits || (record.basis == "CONFLICT_OF_DUTIES" && self.what == "Recorded.") {
            let so = if waits { "before it counts" } else { "or it lapses" };
            let _ = writeln!(
                text,
                "A colleague confirms it, {so}: `sluis basis confirm {}`.",
                record.legal_basis_id
            );
        }
        match record.told_from {
            Some(at) => {
                let _ = writeln!(text, "The resident sees it from {} on.", dates.moment(at));
            }
            None => text.push_str("The resident sees it.\n"),
        }
        text
    }
}

#[derive(Serialize)]
pub(super) struct Listed {
    pub(super) records: Vec<RecordView>,
}

impl Report for Listed {
    fn human(&self, dates: &Dates) -> String {
        if self.records.is_empty() {
            return "There is none.\n".to_owned();
        }
        let rows: Vec<_> = self.records.iter().map(|record| record.cells(dates)).collect();
        columns(&rows)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use sluis_types::{CodeSet, GrantId, LegalBasis};

    use super::super::super::referral::tests::{names, them};
    use super::*;

    fn record(state: &'static str) -> RecordView {
        let at = Timestamp::from_seconds(1_795_446_600);
        let record = LegalBasisRecord {
            id: GrantId::from_bytes([1; 16]),
            basis: LegalBasis::StatutoryDuty,
            article: Some(LegalArticle::BgsRentArrears),
            discloser: them(),
            recipient: them(),
            life_domains: CodeSet::EMPTY.with(LifeDomain::Finances),
            data_kinds: CodeSet::EMPTY.with(DataKind::Contact).with(DataKind::Financial),
            state,
            recorded_at: at,
            valid_until: at,
            told_from: None,
            objected_at: (state == "ACTIVE").then_some(at),
            review_outcome: None,
            review_waits: state == "ACTIVE",
        };
        RecordView::new(&record, &names(), Some("Ans\u{1b}".to_owned()))
    }

    #[test]
    fn it_says_what_was_recorded_and_what_comes_next() {
        let changed = Changed {
            what: "Recorded.",
            record: record("RECORDED"),
        };
        assert_eq!(
            changed.human(&Dates(TimeZone::UTC)),
            "Recorded. statutory duty (BGS_RENT_ARREARS) to MET ggz: recorded, until Mon 23 Nov 2026, 15:10.\n  \
             record 01010101-0101-0101-0101-010101010101\n  contact, financial; finances\n\
             A colleague confirms it, before it counts: \
             `sluis basis confirm 01010101-0101-0101-0101-010101010101`.\nThe resident sees it.\n"
        );
    }

    #[test]
    fn what_was_objected_to_stands_out() {
        let listed = Listed {
            records: vec![record("ACTIVE")],
        };
        let text = listed.human(&Dates(TimeZone::UTC));
        for part in [
            "the resident objected",
            "waits for your privacy officer",
            "about Ans",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains('\u{1b}'));
        assert_eq!(
            Listed { records: Vec::new() }.human(&Dates(TimeZone::UTC)),
            "There is none.\n"
        );
    }
}
