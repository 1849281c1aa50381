//! Rows: what stands in the tables, and how it is sealed. One file per aggregate; the SQL is in [`sql`].

mod access;
mod bucket;
mod bundle;
mod circle;
mod due;
mod evidence;
mod grant;
mod legal_basis;
mod link;
mod mandate;
mod notice_address;
mod proposal;
mod receipt;
mod receipt_key;
mod rows;
mod session;
pub(crate) mod sql;
mod tries;

pub(crate) use bucket::{BucketRow, Lock, Slot};
pub(crate) use bundle::Bundle;
pub(crate) use due::{Due, DueRow};
pub(crate) use grant::NOTICE_TEXT_BYTES_MAX;
pub(crate) use link::LinkRow;
pub(crate) use mandate::LABEL_CHARS_MAX;
pub(crate) use notice_address::NoticeDue;
pub(crate) use receipt_key::{ReceiptKey, note_receipt_key, receipt_keys};
pub(crate) use rows::{Rows, Table};
