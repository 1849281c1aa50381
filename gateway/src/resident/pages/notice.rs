//! The notice that a resident reads before answering a question. Its text, as shown, is hashed into the grant.

use sha2::{Digest as _, Sha256};
use sluis_proto::consent::v1::{Notice, PendingProposal};

use super::names::Names;
use super::provisions::{Line, lines};
use super::text::Language;

/// Which notice this is.
const NOTICE_ID: &str = "sluis-share-consent";
/// Its version: grows with every change of the words below.
const NOTICE_VERSION: u32 = 3;

/// The notice of one question: paragraphs, then what would be shared, then paragraphs.
pub(super) struct Shown {
    /// Who would share with whom.
    pub(super) question: String,
    /// What would be shared.
    pub(super) shared: Vec<Line>,
    /// How long, and what one may do later.
    pub(super) terms: Vec<String>,
}

impl Shown {
    /// The notice of a question, in the words of one language.
    pub(super) fn of(pending: &PendingProposal, names: &Names, t: Language) -> Self {
        let proposal = pending.proposal.as_ref();
        let (discloser, recipient) = proposal.map_or(("", ""), |it| (&it.discloser, &it.recipient));
        let (discloser, recipient) = (names.get(discloser), names.get(recipient));
        let provisions = proposal.map_or(&[][..], |it| &it.provisions);
        Self {
            question: t.notice_question(discloser, recipient),
            shared: lines(provisions, t),
            terms: vec![
                t.notice_days(proposal.map_or(0, |it| it.valid_days)),
                t.notice_only_recipient(recipient),
                t.notice_stop().to_owned(),
                t.notice_read().to_owned(),
                t.notice_refusing().to_owned(),
            ],
        }
    }

    /// What stands in the grant of the notice.
    pub(super) fn to_proto(&self, t: Language) -> Notice {
        let all = self.all();
        notice(NOTICE_ID, NOTICE_VERSION, all.iter().map(String::as_str), t)
    }

    /// Every line, in the order in which it is shown.
    fn all(&self) -> Vec<String> {
        let terms = self.shared.iter().flat_map(|line| &line.terms);
        let shared = terms.map(|term| format!("{}: {}", term.name, term.words));
        std::iter::once(self.question.clone())
            .chain(shared)
            .chain(self.terms.iter().cloned())
            .collect()
    }
}

/// What stands in a grant of the lines that were shown.
pub(super) fn notice<'a>(
    notice_id: &str,
    version: u32,
    lines: impl Iterator<Item = &'a str>,
    t: Language,
) -> Notice {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    Notice {
        notice_id: notice_id.to_owned(),
        version,
        language: t.code().to_owned(),
        sha256: hash.finalize().to_vec().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_proto::consent::v1::{Proposal, Provision};

    #[test]
    fn the_hash_is_of_every_line_as_shown() {
        let pending = PendingProposal {
            proposal: Some(Proposal {
                discloser: "00000099000000001000".to_owned(),
                recipient: "00000099000000002000".to_owned(),
                provisions: vec![Provision {
                    purpose: 1,
                    life_domains: vec![2],
                    data_kinds: vec![1],
                    objection: false,
                }],
                valid_days: 183,
            }),
            ..PendingProposal::default()
        };
        let shown = |t| Shown::of(&pending, &Names::default(), t);
        let dutch = shown(Language::Dutch);
        let mut text = dutch.all().join("\n");
        assert!(text.contains("\nWat: uw naam"), "{text}");
        text.push('\n');
        let notice = dutch.to_proto(Language::Dutch);
        assert_eq!(&notice.sha256[..], &Sha256::digest(text.as_bytes())[..]);
        assert_eq!((notice.language.as_str(), notice.version), ("nl", NOTICE_VERSION));
        let english = shown(Language::English).to_proto(Language::English);
        assert_ne!(english.sha256, notice.sha256);
    }
}
