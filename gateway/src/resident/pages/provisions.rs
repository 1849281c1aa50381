//! What is allowed or asked, as lines to read and as boxes to tick.

use sluis_proto::consent::v1::Provision;

use super::faults::Fault;
use super::form::Fields;
use super::text::Language;
use super::words;

/// One provision to read.
pub(super) struct Line {
    /// Which kinds of data, over which life domains, and what for: a line each.
    pub(super) terms: Vec<Term>,
    /// Whether it says what is not allowed.
    pub(super) objection: bool,
}

/// One line of what is told: its name, and what stands there.
pub(super) struct Term {
    pub(super) name: &'static str,
    pub(super) words: String,
}

/// What is told: which kinds of data, over which life domains.
pub(super) fn told(data_kinds: &[i32], life_domains: &[i32], t: Language) -> Vec<Term> {
    vec![
        Term {
            name: t.term_what(),
            words: words::list(data_kinds, t, words::data_kind),
        },
        Term {
            name: t.term_about(),
            words: words::list(life_domains, t, words::life_domain),
        },
    ]
}

/// The provisions to read.
pub(super) fn lines(provisions: &[Provision], t: Language) -> Vec<Line> {
    provisions
        .iter()
        .map(|provision| {
            let mut terms = told(&provision.data_kinds, &provision.life_domains, t);
            terms.push(Term {
                name: t.term_why(),
                words: t.term_in_order(words::purpose(provision.purpose, t)),
            });
            Line {
                terms,
                objection: provision.objection,
            }
        })
        .collect()
}

/// A box to tick.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) value: i32,
    pub(super) label: &'static str,
    pub(super) ticked: bool,
}

/// One provision to tick.
pub(super) struct Boxes {
    /// What for.
    pub(super) purpose: &'static str,
    /// The field of the life domains.
    pub(super) domain_field: String,
    pub(super) life_domains: Vec<Choice>,
    /// The field of the kinds of data.
    pub(super) kind_field: String,
    pub(super) data_kinds: Vec<Choice>,
}

/// What stands ticked when a page with boxes is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ticked<'a> {
    /// Nothing: saying yes is the resident's own act.
    Nothing,
    /// All: what is allowed now, to take away from.
    All,
    /// What was sent, to be mended.
    AsSent(&'a Fields),
}

/// The provisions to tick. `prefix` keeps the boxes of several questions on one page apart.
pub(super) fn boxes(provisions: &[Provision], prefix: &str, ticked: Ticked<'_>, t: Language) -> Vec<Boxes> {
    provisions
        .iter()
        .enumerate()
        .filter(|(_, provision)| !provision.objection)
        .map(|(number, provision)| {
            let (domain_field, kind_field) = fields(prefix, number);
            Boxes {
                purpose: words::purpose(provision.purpose, t),
                life_domains: choices(
                    &provision.life_domains,
                    &domain_field,
                    ticked,
                    t,
                    words::life_domain,
                ),
                data_kinds: choices(&provision.data_kinds, &kind_field, ticked, t, words::data_kind),
                domain_field,
                kind_field,
            }
        })
        .collect()
}

fn choices(
    numbers: &[i32],
    field: &str,
    ticked: Ticked<'_>,
    t: Language,
    word: fn(i32, Language) -> &'static str,
) -> Vec<Choice> {
    numbers
        .iter()
        .map(|number| Choice {
            id: format!("{field}-{number}"),
            value: *number,
            label: word(*number, t),
            ticked: match ticked {
                Ticked::Nothing => false,
                Ticked::All => true,
                Ticked::AsSent(sent) => sent.all(field).any(|value| value == number.to_string()),
            },
        })
        .collect()
}

fn fields(prefix: &str, number: usize) -> (String, String) {
    (
        format!("{prefix}-{number}-over"),
        format!("{prefix}-{number}-wat"),
    )
}

/// A provision of which the life domains were ticked and no kind of data, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HalfTicked {
    /// The field in which nothing was ticked.
    pub(super) field: String,
    /// Its first box.
    pub(super) first: i32,
}

impl HalfTicked {
    /// What to do about it.
    pub(super) fn fault(&self, t: Language) -> Fault {
        Fault::in_group(
            &self.field,
            format!("{}-{}", self.field, self.first),
            t.tick_both(),
        )
    }
}

/// What was ticked of these provisions. What was not offered cannot be ticked.
pub(super) fn ticked(
    provisions: &[Provision],
    prefix: &str,
    sent: &Fields,
) -> Result<Vec<Provision>, HalfTicked> {
    let mut all = Vec::new();
    for (number, provision) in provisions.iter().enumerate().filter(|(_, it)| !it.objection) {
        let (domain_field, kind_field) = fields(prefix, number);
        let life_domains = chosen(&provision.life_domains, &domain_field, sent);
        let data_kinds = chosen(&provision.data_kinds, &kind_field, sent);
        let half = |field: String, offered: &[i32]| HalfTicked {
            field,
            first: offered.first().copied().unwrap_or_default(),
        };
        match (life_domains.is_empty(), data_kinds.is_empty()) {
            (true, true) => {}
            (true, false) => return Err(half(domain_field, &provision.life_domains)),
            (false, true) => return Err(half(kind_field, &provision.data_kinds)),
            (false, false) => all.push(Provision {
                purpose: provision.purpose,
                life_domains,
                data_kinds,
                objection: false,
            }),
        }
    }
    Ok(all)
}

fn chosen(offered: &[i32], field: &str, sent: &Fields) -> Vec<i32> {
    let is_sent = |number: &i32| sent.all(field).any(|value| value == number.to_string());
    offered.iter().copied().filter(is_sent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Vec<Provision> {
        let provision = |purpose, life_domains: &[i32], data_kinds: &[i32], objection| Provision {
            purpose,
            life_domains: life_domains.to_vec(),
            data_kinds: data_kinds.to_vec(),
            objection,
        };
        vec![
            provision(1, &[1, 2], &[1, 3], false),
            provision(2, &[5], &[5], true),
            provision(2, &[4], &[2], false),
        ]
    }

    fn sent(query: &str) -> Fields {
        Fields::of_query(Some(query))
    }

    #[test]
    fn what_is_told_stands_in_three_lines() {
        let said = lines(&asked()[..1], Language::Dutch).remove(0).terms;
        let said: Vec<_> = said.iter().map(|it| (it.name, it.words.as_str())).collect();
        let expected = [
            ("Wat", "uw naam en hoe u te bereiken bent, uw plan"),
            ("Over", "goed wonen en veilig thuis, uw geld"),
            ("Waarom", "om u te verwijzen naar hulp"),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn only_what_was_offered_and_ticked_is_taken() {
        let taken = ticked(
            &asked(),
            "v0",
            &sent("v0-0-over=2&v0-0-over=5&v0-0-wat=3&v1-2-wat=2"),
        );
        let expected = Provision {
            purpose: 1,
            life_domains: vec![2],
            data_kinds: vec![3],
            objection: false,
        };
        assert_eq!(taken, Ok(vec![expected]));
        assert_eq!(
            ticked(&asked(), "v0", &sent("v0-1-over=5&v0-1-wat=5")),
            Ok(vec![])
        );
    }

    #[test]
    fn half_an_answer_is_shown_where_it_is_missing() {
        let half = |field: &str, first| HalfTicked {
            field: field.to_owned(),
            first,
        };
        assert_eq!(
            ticked(&asked(), "v0", &sent("v0-0-over=2")),
            Err(half("v0-0-wat", 1))
        );
        assert_eq!(
            ticked(&asked(), "v0", &sent("v0-2-wat=2")),
            Err(half("v0-2-over", 4))
        );
    }

    #[test]
    fn nothing_stands_ticked_before_somebody_ticked_it() {
        let boxes_of = |ticked| -> Vec<bool> {
            boxes(&asked(), "v0", ticked, Language::Dutch)
                .iter()
                .flat_map(|boxes| boxes.life_domains.iter().chain(&boxes.data_kinds))
                .map(|choice| choice.ticked)
                .collect()
        };
        assert_eq!(boxes_of(Ticked::Nothing), [false; 6]);
        assert_eq!(boxes_of(Ticked::All), [true; 6]);
        let sent = sent("v0-0-over=1&v0-2-wat=2");
        let as_sent = boxes_of(Ticked::AsSent(&sent));
        assert_eq!(as_sent, [true, false, false, false, false, true]);
    }
}
