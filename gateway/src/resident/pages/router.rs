//! Which address is which page.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};

use super::problem::Problem;
use super::site::Site;
use super::{
    access, answer, assets, change, check, circle_answer, circle_change, circle_stop, circles, grants,
    headers, help, introductions, legal_bases, links, login, mandates, meetings, notices, offers, places,
    questions, receipts, referrals, signal_answer, signals, start, stop, visit,
};

/// Where the provider sends the browser back to after logging out there.
pub(crate) const LEFT_PATH: &str = "/uitgelogd";

/// Every page with an address of its own.
fn pages() -> Vec<(&'static str, MethodRouter<Site>)> {
    vec![
        ("/", get(start::page)),
        ("/inloggen", get(login::begin)),
        (login::LEAVE_PATH, post(login::leave)),
        (LEFT_PATH, get(login::left)),
        ("/taal", post(login::choose_language)),
        ("/vragen", get(questions::page)),
        ("/vragen/antwoord", get(answer::page).post(answer::send)),
        ("/toestemmingen", get(grants::page)),
        ("/toestemmingen/wijzigen", get(change::page).post(change::narrow)),
        ("/toestemmingen/pauze", post(change::pause)),
        ("/toestemmingen/verder", post(change::resume)),
        ("/toestemmingen/stoppen", get(stop::page).post(stop::send)),
        ("/gekeken", get(access::page)),
        ("/gekeken/afdrukken", get(access::on_paper)),
        ("/gekeken/bestand", get(access::as_file)),
        ("/verwijzingen", get(referrals::page)),
        (
            "/verwijzingen/stoppen",
            get(referrals::ask_to_stop).post(referrals::stop),
        ),
        ("/kringen", get(circles::page)),
        (
            "/kringen/vraag",
            get(circle_answer::page).post(circle_answer::send),
        ),
        (
            "/kringen/wijzigen",
            get(circle_change::page).post(circle_change::narrow),
        ),
        ("/kringen/pauze", post(circle_change::pause)),
        ("/kringen/verder", post(circle_change::resume)),
        ("/kringen/stoppen", get(circle_stop::page).post(circle_stop::send)),
        ("/signalen", get(signals::page)),
        (
            "/signalen/antwoord",
            get(signal_answer::ask).post(signal_answer::answer),
        ),
        (
            "/signalen/bezwaar",
            get(signal_answer::ask_to_object).post(signal_answer::object),
        ),
        ("/aanbod", get(offers::page).post(offers::find)),
        ("/plaatsen", get(places::page)),
        ("/kennismaken", get(introductions::page)),
        (
            "/kennismaken/antwoord",
            get(introductions::ask).post(introductions::answer),
        ),
        (
            "/kennismaken/stoppen",
            get(introductions::ask_to_end).post(introductions::end),
        ),
        ("/overleg", get(meetings::page)),
        ("/overleg/antwoord", get(meetings::ask).post(meetings::answer)),
        (
            "/overleg/bezwaar",
            get(meetings::ask_to_object).post(meetings::object),
        ),
        ("/zonder-toestemming", get(legal_bases::page)),
        (
            "/zonder-toestemming/bezwaar",
            get(legal_bases::ask_to_object).post(legal_bases::object),
        ),
        ("/koppelen", get(links::page)),
        ("/koppelen/code", post(links::make_code)),
        ("/koppelen/brief", post(links::take_over)),
        (
            "/koppelen/verbreken",
            get(links::ask_to_disconnect).post(links::disconnect),
        ),
        ("/bewijzen", get(receipts::page)),
        ("/bewijzen/bekijken", get(receipts::one)),
        ("/bewijzen/bestand", get(receipts::as_file)),
        (check::PATH, get(check::page).post(check::send)),
        ("/namens-mij", get(mandates::page)),
        ("/namens-mij/machtigen", post(mandates::create)),
        ("/namens-mij/code", post(mandates::redeem)),
        ("/namens-mij/stoppen", post(mandates::end)),
        ("/namens-mij/klopt-niet", post(mandates::dispute)),
        ("/berichten", get(notices::page)),
        ("/berichten/adres", post(notices::set)),
        ("/berichten/code", post(notices::confirm)),
        ("/berichten/stoppen", post(notices::remove)),
        ("/hulp", get(help::help)),
        ("/privacy", get(help::privacy)),
        ("/toegankelijkheid", get(help::accessibility)),
    ]
}

/// The files beside the pages. They are the same for everybody and may be kept anywhere, so nobody's session is looked
/// at, and no cookie goes with them.
fn files() -> Vec<(&'static str, MethodRouter<Site>)> {
    vec![
        (assets::style_path(), get(assets::style)),
        (assets::icon_path(), get(assets::icon)),
        (check::KEYS_PATH, get(check::keys)),
    ]
}

/// Whether the provider of logins can send browsers back to this path: one of plain characters that no page has.
pub(crate) fn can_come_back_to(path: &str) -> bool {
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte));
    let taken = pages().into_iter().chain(files());
    path.starts_with('/') && is_plain && taken.map(|(taken, _)| taken).all(|taken| taken != path)
}

/// All pages, each behind [`visit::enter`], and the files.
pub(super) fn router(site: &Site) -> Router {
    let routes = |all: Vec<_>| {
        all.into_iter()
            .fold(Router::new(), |router, (path, page)| router.route(path, page))
    };
    let pages = routes(pages())
        .route(site.callback_path(), get(login::finish))
        .fallback(async || Problem::NotFound.into_response())
        .layer(from_fn_with_state(site.clone(), visit::enter));
    let files = routes(files()).layer(from_fn_with_state(site.clone(), headers::protected));
    pages.merge(files).with_state(site.clone())
}
