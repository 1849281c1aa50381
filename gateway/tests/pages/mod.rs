//! The residents' pages, as a browser gets them: real requests to the real listener.

mod access;
mod answering;
mod arriving;
mod browser;
mod checking;
mod every_page;
mod forms;
mod grants;
mod links;
mod mandates;
mod receipts;
mod referrals;
mod throttling;
mod world;
