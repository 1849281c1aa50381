//! The contact card: what is in a contact box.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Error;

/// Media type of a contact card.
pub const CONTACT_CARD_JSON: &str = "application/vnd.sluis.contact+json";
/// Longest text of a card's field, in bytes: all of them fit in a contact box.
const FIELD_BYTES_MAX: usize = 200;
/// Length of the text form of a worry's id.
const WORRY_CHARACTERS: usize = 32;

/// Whom to call about a worry: a function and how to reach it, never what the worry is.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContactCard {
    /// Version of this form: 1.
    version: u32,
    /// Name of the organisation that worries.
    pub organisation: String,
    /// Function of whom to call.
    pub function: String,
    /// How to reach them, and when.
    pub callback: String,
    /// The worry by a random name, 32 hexadecimal digits: the same in every box of one signal, so that who meets it
    /// again sees that it is known.
    pub worry: String,
}

impl ContactCard {
    /// A card.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is empty or too long, or has control characters.
    pub(crate) fn new(
        organisation: &str,
        function: &str,
        callback: &str,
        worry: &str,
    ) -> Result<Self, Error> {
        check_text("function", function)?;
        check_text("callback", callback)?;
        let mut name = organisation.to_owned();
        while name.len() > FIELD_BYTES_MAX {
            name.pop();
        }
        Ok(Self {
            version: 1,
            organisation: name,
            function: function.to_owned(),
            callback: callback.to_owned(),
            worry: worry.to_owned(),
        })
    }

    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("texts are JSON"))
    }

    /// Reads a card of another organisation.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Error> {
        let malformed = |why: &dyn std::fmt::Display| Error::bad_answer("a contact card", why);
        let card: Self = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        if card.version != 1 {
            return Err(malformed(&"unknown version"));
        }
        let is_worry = card.worry.len() == WORRY_CHARACTERS
            && card
                .worry
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !is_worry {
            return Err(malformed(&"no name of a worry"));
        }
        Ok(card)
    }
}

fn check_text(field: &'static str, text: &str) -> Result<(), Error> {
    if text.trim().is_empty() || text.len() > FIELD_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(Error::invalid(field, "1 to 200 bytes, no control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORRY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_card_comes_out_as_it_went_in_and_fits_in_a_box() {
        let longest = "é".repeat(FIELD_BYTES_MAX / 2);
        let card = ContactCard::new(&"o".repeat(400), &longest, &longest, WORRY).expect("a card");
        let body = card.encode();
        assert!(body.len() < 1500, "{}", body.len());
        assert_eq!(ContactCard::parse(&body).expect("a card"), card);
    }

    #[test]
    fn what_is_no_card_is_refused() {
        for (function, callback) in [("", "0412"), ("wijkteam", " "), ("wijk\nteam", "0412")] {
            assert!(ContactCard::new("Welzijn", function, callback, WORRY).is_err());
        }
        for body in [
            r#"{"version":2,"organisation":"a","function":"b","callback":"c","worry":"0123456789abcdef0123456789abcdef"}"#,
            r#"{"version":1,"organisation":"a","function":"b","callback":"c","worry":"../../etc"}"#,
            r#"{"version":1,"organisation":"a"}"#,
            "bel 112",
        ] {
            assert!(ContactCard::parse(body.as_bytes()).is_err(), "{body}");
        }
    }
}
