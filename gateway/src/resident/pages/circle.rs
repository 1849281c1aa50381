//! A circle in words: its members, its sorts of worries, and boxes to tick of both.

use std::collections::BTreeSet;

use sluis_proto::consent::v1::{Circle, CircleTerms, Grant, GrantState, ListCirclesRequest, MatchClass};

use super::dates::{day, last_day, moment};
use super::faults::Fault;
use super::form::Fields;
use super::grants::is_live;
use super::names::Names;
use super::problem::Problem;
use super::provisions::Ticked;
use super::reference::Kind;
use super::site::Site;
use super::text::Language;
use super::visit::Visit;

/// Fewest members of a circle: with less, nothing can meet.
const MEMBERS_MIN: usize = 2;
/// The field of the members. What is sent are their places in the list that was shown: no number of an organisation.
const MEMBER_FIELD: &str = "lid";
/// The field of the sorts of worries.
const CLASS_FIELD: &str = "zorg";

/// A circle that lives, as a page shows it.
pub(super) struct Described {
    pub(super) reference: String,
    /// All members, as one name.
    pub(super) name: String,
    pub(super) members: Vec<String>,
    pub(super) classes: Vec<&'static str>,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) paused: bool,
}

/// A circle in words.
pub(super) fn describe(site: &Site, visit: &Visit, circle: &Circle, names: &Names) -> Described {
    let t = visit.t();
    let (grant, terms) = (grant_of(circle), terms_of(circle));
    let id = grant.grant_id.clone().into_bytes();
    Described {
        reference: site.references().seal(Kind::Circle, visit.key(), &[id]),
        name: together(&terms.members, names, t),
        members: members(&terms.members, names),
        classes: classes(&terms, t),
        since: day(moment(grant.since.as_ref()), site.zone(), t),
        until: last_day(moment(grant.valid_until.as_ref()), t),
        paused: grant.state() == GrantState::Suspended,
    }
}

/// The grant that a circle is.
pub(super) fn grant_of(circle: &Circle) -> Grant {
    circle.grant.clone().unwrap_or_default()
}

/// Who is in a circle, and what may meet.
pub(super) fn terms_of(circle: &Circle) -> CircleTerms {
    circle.terms.clone().unwrap_or_default()
}

/// Every organisation in these circles.
pub(super) fn organisations<'a>(circles: impl IntoIterator<Item = &'a CircleTerms>) -> BTreeSet<&'a str> {
    let members = circles.into_iter().flat_map(|terms| &terms.members);
    members.map(String::as_str).collect()
}

/// The names of organisations, one by one.
pub(super) fn members(oins: &[String], names: &Names) -> Vec<String> {
    oins.iter().map(|oin| names.get(oin).to_owned()).collect()
}

/// The names of organisations as one: "A, B en C".
pub(super) fn together(oins: &[String], names: &Names, t: Language) -> String {
    let names = members(oins, names);
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} {} {last}", before.join(", "), t.and()),
        None => String::new(),
    }
}

/// The sorts of worries, one line each.
pub(super) fn classes(terms: &CircleTerms, t: Language) -> Vec<&'static str> {
    terms
        .match_classes()
        .map(|class| class_in_words(class, t))
        .collect()
}

pub(super) fn class_in_words(class: MatchClass, t: Language) -> &'static str {
    match class {
        MatchClass::Unspecified => t.something_else(),
        MatchClass::HomeAtRisk => t.class_home_at_risk(),
        MatchClass::StateOfHome => t.class_state_of_home(),
        MatchClass::Neighbours => t.class_neighbours(),
        MatchClass::NeglectAndSilence => t.class_neglect_and_silence(),
        MatchClass::OutOfSight => t.class_out_of_sight(),
        MatchClass::EarlySigns => t.class_early_signs(),
        MatchClass::Carer => t.class_carer(),
    }
}

/// A box to tick.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) ticked: bool,
}

/// The members and sorts of a circle, to tick.
pub(super) struct Boxes {
    pub(super) member_field: &'static str,
    pub(super) members: Vec<Choice>,
    pub(super) class_field: &'static str,
    pub(super) classes: Vec<Choice>,
}

/// The boxes of a circle.
pub(super) fn boxes(terms: &CircleTerms, names: &Names, ticked: Ticked<'_>, t: Language) -> Boxes {
    let choice = |field: &'static str, value: String, label: String| Choice {
        ticked: match ticked {
            Ticked::Nothing => false,
            Ticked::All => true,
            Ticked::AsSent(sent) => is_sent(sent, field, &value),
        },
        value,
        label,
    };
    let members = members(&terms.members, names).into_iter().enumerate();
    Boxes {
        member_field: MEMBER_FIELD,
        members: members
            .map(|(place, name)| choice(MEMBER_FIELD, place.to_string(), name))
            .collect(),
        class_field: CLASS_FIELD,
        classes: terms
            .match_classes()
            .map(|class| {
                let label = class_in_words(class, t).to_owned();
                choice(CLASS_FIELD, i32::from(class).to_string(), label)
            })
            .collect(),
    }
}

fn is_sent(sent: &Fields, field: &str, value: &str) -> bool {
    sent.all(field).any(|it| it == value)
}

/// What is missing in what was ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooFew {
    Members,
    Classes,
}

impl TooFew {
    /// Where it is missing, and what to do there.
    pub(super) fn fault(self, terms: &CircleTerms, text: &str) -> Fault {
        match self {
            Self::Members => Fault::in_group(MEMBER_FIELD, format!("{MEMBER_FIELD}-0"), text),
            Self::Classes => {
                let first = terms.match_classes.first().copied().unwrap_or_default();
                Fault::in_group(CLASS_FIELD, format!("{CLASS_FIELD}-{first}"), text)
            }
        }
    }

    /// What to do.
    pub(super) fn text(self, t: Language) -> &'static str {
        match self {
            Self::Members => t.circle_two_members(),
            Self::Classes => t.circle_one_class(),
        }
    }
}

/// What was ticked of a circle. What was not offered cannot be ticked.
pub(super) fn ticked(terms: &CircleTerms, sent: &Fields) -> Result<CircleTerms, TooFew> {
    let members: Vec<_> = terms
        .members
        .iter()
        .enumerate()
        .filter(|(place, _)| is_sent(sent, MEMBER_FIELD, &place.to_string()))
        .map(|(_, oin)| oin.clone())
        .collect();
    let of_class = |class: &i32| is_sent(sent, CLASS_FIELD, &class.to_string());
    let match_classes: Vec<_> = terms.match_classes.iter().copied().filter(of_class).collect();
    if members.len() < MEMBERS_MIN {
        Err(TooFew::Members)
    } else if match_classes.is_empty() {
        Err(TooFew::Classes)
    } else {
        Ok(CircleTerms {
            members,
            match_classes,
        })
    }
}

/// The circle behind a reference, as it is now; one that ended is not there.
pub(super) async fn find(site: &Site, visit: &Visit, reference: &str) -> Result<Circle, Problem> {
    let parts = site.references().open(Kind::Circle, visit.key(), reference);
    let parts = parts.ok_or(Problem::NotFound)?;
    let id = parts.first().ok_or(Problem::NotFound)?;
    let circles = visit.session().list_circles(ListCirclesRequest {}).await?.circles;
    let is_it = |circle: &Circle| {
        let grant = grant_of(circle);
        grant.grant_id.as_bytes() == id.as_slice() && is_live(&grant)
    };
    circles.into_iter().find(is_it).ok_or(Problem::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> CircleTerms {
        CircleTerms {
            members: ["one", "two", "three"].map(ToOwned::to_owned).to_vec(),
            match_classes: vec![1, 5],
        }
    }

    #[test]
    fn only_who_and_what_was_offered_and_ticked_is_taken() {
        let taken = |query| ticked(&terms(), &Fields::of_query(Some(query)));
        let some = taken("lid=0&lid=2&lid=7&lid=two&zorg=5&zorg=2").expect("enough");
        assert_eq!(some.members, ["one", "three"]);
        assert_eq!(some.match_classes, [5]);
        assert_eq!(taken("lid=1&zorg=1"), Err(TooFew::Members));
        assert_eq!(taken("lid=1&lid=1&zorg=1"), Err(TooFew::Members));
        assert_eq!(taken("lid=0&lid=1"), Err(TooFew::Classes));
        let fault = TooFew::Classes.fault(&terms(), "one");
        assert_eq!(fault, Fault::in_group("zorg", "zorg-1", "one"));
    }

    #[test]
    fn names_stand_together_as_people_say_them() {
        let names = Names::default();
        let said = |count: usize| together(&terms().members[..count], &names, Language::Dutch);
        assert_eq!(said(3), "one, two en three");
        assert_eq!(said(2), "one en two");
        assert_eq!((said(1).as_str(), said(0).as_str()), ("one", ""));
    }

    #[test]
    fn nothing_stands_ticked_before_somebody_ticked_it() {
        let names = Names::default();
        let ticked = |how| -> Vec<bool> {
            let boxes = boxes(&terms(), &names, how, Language::Dutch);
            let all = boxes.members.iter().chain(&boxes.classes);
            all.map(|choice| choice.ticked).collect()
        };
        assert_eq!(ticked(Ticked::Nothing), [false; 5]);
        assert_eq!(ticked(Ticked::All), [true; 5]);
        let sent = Fields::of_query(Some("lid=1&zorg=5"));
        assert_eq!(ticked(Ticked::AsSent(&sent)), [false, true, false, false, true]);
    }
}
