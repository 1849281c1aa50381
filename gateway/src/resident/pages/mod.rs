//! The residents' web pages: server-rendered, in Dutch and English, without a script and without anything of others.
//!
//! - Each page is one file: what it reads from the session, what its form means, which template shows it. Pages call
//!   [`Session`](crate::Session) and nothing else of the mesh.
//! - `visit` finds out who visits, before any page runs, and makes every answer safe afterwards: headers, cookies, and
//!   an error page that says nothing of what went wrong.
//! - A form is read through [`form::Submitted`] only, which refuses what does not come from a form of this very session.
//! - No address holds an identifier: what a page is about stands in it sealed, good in one session
//!   ([`reference::References`]).
//!
//! Nothing is kept here: the browser keeps a sealed session token, consent keeps the session.

mod access;
mod answer;
mod areas;
mod assets;
mod change;
mod check;
mod circle;
mod circle_answer;
mod circle_change;
mod circle_stop;
mod circles;
mod cookies;
mod dates;
mod faults;
mod form;
mod frame;
mod grants;
mod headers;
mod help;
mod introduction_card;
mod introductions;
mod legal_bases;
mod links;
mod listener;
mod login;
mod looking;
mod mandates;
mod meetings;
mod names;
mod notice;
mod notices;
mod offer_card;
mod offer_question;
mod offer_words;
mod offers;
mod patience;
mod picture;
mod places;
mod problem;
mod provisions;
mod questions;
mod receipt_keys;
mod receipts;
mod reference;
mod referrals;
mod referring;
mod router;
mod signal_answer;
mod signals;
mod site;
mod source;
mod start;
mod stop;
mod text;
mod visit;
mod who;
mod words;

pub(crate) use areas::Areas;
pub(crate) use listener::RunningPages;
pub(crate) use router::{LEFT_PATH, can_come_back_to};
pub(crate) use site::Site;
