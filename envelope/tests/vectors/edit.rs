//! Changes to a message case, as they stand in `negative.json`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::case::MessageCase;
use super::{hex, unhex};

/// One change to a field of a message case, named by a JSON pointer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Edit {
    pub(crate) field: String,
    #[serde(flatten)]
    pub(crate) change: Change,
}

/// What is done to the field's bytes; `set` and `set_json` replace the JSON value itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Set(String),
    SetJson(Value),
    Xor {
        at: usize,
        with: u8,
    },
    Keep(usize),
    Append(String),
    Swap {
        first: usize,
        second: usize,
        length: usize,
    },
}

/// Applies the edits to a copy of the case.
pub(crate) fn apply(case: &MessageCase, edits: &[Edit]) -> MessageCase {
    let mut value = serde_json::to_value(case).unwrap();
    for edit in edits {
        let field = value.pointer_mut(&edit.field).expect("the field exists");
        *field = match &edit.change {
            Change::Set(text) => text.clone().into(),
            Change::SetJson(value) => value.clone(),
            change => changed(field, change),
        };
    }
    serde_json::from_value(value).unwrap()
}

fn changed(field: &Value, change: &Change) -> Value {
    let mut bytes = unhex(field.as_str().unwrap());
    match change {
        Change::Xor { at, with } => bytes[*at] ^= with,
        Change::Keep(count) => bytes.truncate(*count),
        Change::Append(more) => bytes.extend(unhex(more)),
        Change::Swap {
            first,
            second,
            length,
        } => {
            let piece = bytes[*first..first + length].to_vec();
            bytes.copy_within(*second..second + length, *first);
            bytes[*second..second + length].copy_from_slice(&piece);
        }
        Change::Set(_) | Change::SetJson(_) => unreachable!("replaced above"),
    }
    hex(&bytes).into()
}

pub(crate) fn edit(field: &str, change: Change) -> Edit {
    Edit {
        field: field.into(),
        change,
    }
}

pub(crate) fn set(field: &str, value: impl Into<String>) -> Edit {
    edit(field, Change::Set(value.into()))
}

pub(crate) fn json(field: &str, value: impl Into<Value>) -> Edit {
    edit(field, Change::SetJson(value.into()))
}

pub(crate) fn flip(field: &str, at: usize) -> Edit {
    edit(field, Change::Xor { at, with: 1 })
}
