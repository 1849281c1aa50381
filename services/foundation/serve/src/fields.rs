//! Reading the fields of requests: each function returns the value or a refusal that names the field.

use std::str::FromStr;

use sluis_types::{Oin, ParseIdError, RequestId, Timestamp};

use crate::Refusal;

/// The request id of a write.
///
/// # Errors
/// INVALID_FIELD for everything but a UUID in its canonical form.
pub fn request_id(text: &str) -> Result<RequestId, Refusal> {
    id("request_id", text)
}

/// An identifier in its text form.
///
/// # Errors
/// INVALID_FIELD for everything but the canonical form.
pub fn id<T: FromStr<Err = ParseIdError>>(field: &'static str, text: &str) -> Result<T, Refusal> {
    text.parse()
        .map_err(|_| Refusal::invalid_field(field, "must be an identifier in canonical form"))
}

/// How many entries to put in a page: `default` for 0, at most `max`.
///
/// # Errors
/// INVALID_FIELD when negative.
pub fn page_size(asked: i32, default: u32, max: u32) -> Result<u32, Refusal> {
    match u32::try_from(asked) {
        Ok(0) => Ok(default.min(max)),
        Ok(asked) => Ok(asked.min(max)),
        Err(_) => Err(Refusal::invalid_field("page_size", "must not be negative")),
    }
}

/// The name of an organisation.
///
/// # Errors
/// INVALID_FIELD for everything but an OIN.
pub fn oin(field: &'static str, text: &str) -> Result<Oin, Refusal> {
    text.parse()
        .map_err(|_| Refusal::invalid_field(field, "must be an OIN of 20 digits"))
}

/// A text in one line that must be there.
///
/// # Errors
/// INVALID_FIELD when it is empty, holds a control character (NUL is one) or more than `chars_max` characters.
pub fn text<'a>(field: &'static str, value: &'a str, chars_max: usize) -> Result<&'a str, Refusal> {
    optional_text(field, value, chars_max)?.ok_or_else(|| Refusal::invalid_field(field, "must not be empty"))
}

/// A text in one line that may be absent (empty).
///
/// # Errors
/// INVALID_FIELD when it holds a control character or more than `chars_max` characters.
pub fn optional_text<'a>(
    field: &'static str,
    value: &'a str,
    chars_max: usize,
) -> Result<Option<&'a str>, Refusal> {
    // Bytes first: counting the characters of a megabyte is work for nothing.
    if value.len() > chars_max.saturating_mul(4) || value.chars().count() > chars_max {
        return Err(Refusal::invalid_field(field, "is too long"));
    }
    if value.chars().any(char::is_control) {
        return Err(Refusal::invalid_field(field, "must not hold control characters"));
    }
    Ok((!value.is_empty()).then_some(value))
}

/// A value of 32 bytes.
///
/// # Errors
/// INVALID_FIELD for another length.
pub fn bytes32(field: &'static str, value: &[u8]) -> Result<[u8; 32], Refusal> {
    value
        .try_into()
        .map_err(|_| Refusal::invalid_field(field, "must be 32 bytes"))
}

/// A moment that must be there, to the microsecond.
///
/// # Errors
/// INVALID_FIELD when absent, out of range or not after 1970.
pub fn timestamp(field: &'static str, value: Option<&prost_types::Timestamp>) -> Result<Timestamp, Refusal> {
    let value = value.ok_or_else(|| Refusal::invalid_field(field, "must not be empty"))?;
    let micros = (0..1_000_000_000)
        .contains(&value.nanos)
        .then(|| value.seconds.checked_mul(1_000_000))
        .flatten()
        .and_then(|micros| micros.checked_add(i64::from(value.nanos / 1000)))
        .filter(|micros| *micros > 0);
    micros
        .map(Timestamp::from_micros)
        .ok_or_else(|| Refusal::invalid_field(field, "is not a moment after 1970"))
}

/// A moment as it stands in a reply.
pub fn to_proto_timestamp(at: Timestamp) -> prost_types::Timestamp {
    let nanos = at.micros().rem_euclid(1_000_000) * 1000;
    prost_types::Timestamp {
        seconds: at.seconds(),
        nanos: i32::try_from(nanos).expect("less than 10^9 nanoseconds in a second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_send_by_accident_and_on_purpose() {
        assert!(request_id("01234567-89ab-7cde-8f01-23456789abcd").is_ok());
        for wrong in ["", "x", "01234567-89AB-7cde-8f01-23456789abcd", "\0"] {
            assert!(request_id(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(page_size(0, 50, 200), Ok(50));
        assert_eq!(page_size(1000, 50, 200), Ok(200));
        assert!(page_size(-1, 50, 200).is_err());
        assert!(oin("oin", "00000099000000001000").is_ok());
        assert!(oin("oin", "1").is_err());
        assert_eq!(text("name", "Zelfregiecentrum é", 18), Ok("Zelfregiecentrum é"));
        let megabyte = "a".repeat(1 << 20);
        for wrong in ["", "a\0b", "a\nb", "a\u{85}b", "abcdefghijklmnopqrs", &megabyte] {
            assert!(text("name", wrong, 18).is_err());
        }
        assert_eq!(optional_text("name", "", 18), Ok(None));
        assert!(bytes32("hash", &[0; 31]).is_err() && bytes32("hash", &[0; 32]).is_ok());
    }

    #[test]
    fn moments_out_of_range_are_refused() {
        let moment = |seconds, nanos| prost_types::Timestamp { seconds, nanos };
        for wrong in [
            moment(0, 0),
            moment(-1, 0),
            moment(1, -1),
            moment(1, 1_000_000_000),
            moment(i64::MAX, 0),
            moment(i64::MIN, 0),
        ] {
            assert!(timestamp("at", Some(&wrong)).is_err(), "{wrong:?}");
        }
        assert!(timestamp("at", None).is_err());
    }

    proptest! {
        #[test]
        fn moments_survive_the_way(micros in 1_i64..i64::MAX) {
            let at = Timestamp::from_micros(micros);
            prop_assert_eq!(timestamp("at", Some(&to_proto_timestamp(at))), Ok(at));
        }
    }
}
