//! The residents' pages, as a browser gets them: real requests to the real listener.

mod access;
mod answering;
mod arriving;
mod browser;
mod checking;
mod circles;
mod every_page;
mod forms;
mod grants;
mod introductions;
mod legal_bases;
mod links;
mod looking;
mod mandates;
mod meetings;
mod notices;
mod offers;
mod places;
mod receipts;
mod referrals;
mod signals;
mod throttling;
mod who;
mod world;
