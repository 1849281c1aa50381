//! Help, privacy and accessibility: pages for everybody.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::frame::{Frame, Place, html};
use super::site::Site;
use super::visit::Visitor;

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility {
    frame: Frame,
}

pub(super) async fn help(State(site): State<Site>, visitor: Visitor) -> Response {
    html(&Help {
        frame: visitor.frame(&site, Some(Place::Help)),
    })
}

pub(super) async fn privacy(State(site): State<Site>, visitor: Visitor) -> Response {
    html(&Privacy {
        frame: visitor.frame(&site, None),
    })
}

pub(super) async fn accessibility(State(site): State<Site>, visitor: Visitor) -> Response {
    html(&Accessibility {
        frame: visitor.frame(&site, None),
    })
}
