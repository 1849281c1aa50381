//! `application/x-www-form-urlencoded`, both ways (WHATWG URL, RFC 3986).

/// The pairs as a query or form body.
pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        escape(name, &mut text);
        text.push('=');
        escape(value, &mut text);
    }
    text
}

/// The address with the pairs added to its query.
pub(super) fn with_query(address: &http::Uri, pairs: &[(&str, &str)]) -> String {
    let separator = if address.query().is_some() { '&' } else { '?' };
    format!("{address}{separator}{}", encode(pairs))
}

/// One value with everything escaped that is not unreserved.
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::new();
    escape(value, &mut text);
    text
}

fn escape(value: &str, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The pairs of a query, in order. What is not UTF-8 after decoding is left out.
pub(in crate::resident) fn decode(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescaped(name)?, unescaped(value)?))
        })
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                nibble(*high)? << 4 | nibble(*low)?
            }
            (b'%', _) => return None,
            (byte, _) => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_unreserved_is_escaped() {
        assert_eq!(
            encode(&[("a b", "ë&="), ("c", "~-._")]),
            "a%20b=%C3%AB%26%3D&c=~-._"
        );
        let pairs: Vec<_> = decode("a+b=%26&c&=d&%zz=1&e=%").collect();
        let expected = [("a b", "&"), ("c", ""), ("", "d")];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    proptest! {
        #[test]
        fn pairs_round_trip_and_any_text_is_read_without_panic(name in ".{0,20}", value in ".{0,20}", text in ".{0,60}") {
            let pairs: Vec<_> = decode(&encode(&[(&name, &value)])).collect();
            prop_assert_eq!(pairs, vec![(name, value)]);
            prop_assert!(decode(&text).count() <= 61);
        }
    }
}
