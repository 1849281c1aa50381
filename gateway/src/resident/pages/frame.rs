//! What stands around every page: the language, where one is, who is logged in and for how long.

use askama::Template;
use axum::Extension;
use axum::response::{Html, IntoResponse, Response};

use super::problem::Problem;
use super::text::Language;

/// A page that stands in the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    Questions,
    Grants,
    Access,
    Referrals,
    Circles,
    Signals,
    Offers,
    Links,
    Receipts,
    Mandates,
    Notices,
    Help,
}

impl Place {
    const ALL: [Self; 13] = [
        Self::Start,
        Self::Questions,
        Self::Grants,
        Self::Access,
        Self::Referrals,
        Self::Circles,
        Self::Signals,
        Self::Offers,
        Self::Links,
        Self::Receipts,
        Self::Mandates,
        Self::Notices,
        Self::Help,
    ];

    /// Its address.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Start => "/",
            Self::Questions => "/vragen",
            Self::Grants => "/toestemmingen",
            Self::Access => "/gekeken",
            Self::Referrals => "/verwijzingen",
            Self::Circles => "/kringen",
            Self::Signals => "/signalen",
            Self::Offers => "/aanbod",
            Self::Links => "/koppelen",
            Self::Receipts => "/bewijzen",
            Self::Mandates => "/namens-mij",
            Self::Notices => "/berichten",
            Self::Help => "/hulp",
        }
    }

    fn name(self, t: Language) -> &'static str {
        match self {
            Self::Start => t.start_name(),
            Self::Questions => t.questions_name(),
            Self::Grants => t.grants_name(),
            Self::Access => t.access_name(),
            Self::Referrals => t.referrals_name(),
            Self::Circles => t.circles_name(),
            Self::Signals => t.signals_name(),
            Self::Offers => t.offers_name(),
            Self::Links => t.links_name(),
            Self::Receipts => t.receipts_name(),
            Self::Mandates => t.mandates_name(),
            Self::Notices => t.notices_name(),
            Self::Help => t.help_name(),
        }
    }
}

/// What stands around one page.
pub(super) struct Frame {
    /// Address of the style sheet.
    pub(super) style: &'static str,
    /// Address of the icon.
    pub(super) icon: &'static str,
    /// The language, and with it every text.
    pub(super) t: Language,
    /// Where in the menu the page belongs.
    pub(super) place: Option<Place>,
    /// Address to come back to in another language.
    pub(super) back: String,
    /// Who is logged in.
    pub(super) inside: Option<Inside>,
}

/// A session, as far as a page shows it.
pub(super) struct Inside {
    /// What the forms of this session carry.
    pub(super) token: String,
    /// When it ends if nothing more happens: a time of day.
    pub(super) idle_until: String,
    /// When it ends at the latest: a time of day.
    pub(super) ends: String,
    /// Whether somebody else than the resident is logged in.
    pub(super) represents: bool,
}

/// An entry of the menu.
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) is_here: bool,
}

impl Frame {
    /// The menu.
    pub(super) fn menu(&self) -> Vec<Entry> {
        Place::ALL
            .iter()
            .map(|place| Entry {
                path: place.path(),
                name: place.name(self.t),
                is_here: self.place == Some(*place),
            })
            .collect()
    }

    /// Whether somebody else than the resident is logged in.
    pub(super) fn represents(&self) -> bool {
        self.inside.as_ref().is_some_and(|inside| inside.represents)
    }

    /// The token of this session's forms; none stands in a page that nobody is logged in for.
    pub(super) fn token(&self) -> &str {
        self.inside.as_ref().map_or("", |inside| &inside.token)
    }
}

/// Stands with an answer that is a page, whatever its status.
#[derive(Clone, Copy, Debug)]
pub(super) struct IsPage;

/// The page as an answer.
pub(super) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (Extension(IsPage), Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be written");
            Problem::Fault.into_response()
        }
    }
}
