//! E-mail addresses that mail can be delivered to.

use std::fmt;

use zeroize::Zeroizing;

/// Longest address (RFC 5321, 4.5.3.1.3), in bytes.
pub(crate) const ADDRESS_BYTES_MAX: usize = 254;
/// Longest part before the @ (RFC 5321, 4.5.3.1.1), in bytes.
const LOCAL_BYTES_MAX: usize = 64;
/// Longest label of a domain (RFC 1035), in bytes.
const LABEL_BYTES_MAX: usize = 63;

/// An e-mail address: ASCII, without quotes, comments or address literals. Wiped when dropped; prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EmailAddress(Zeroizing<String>);

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

impl EmailAddress {
    /// The address in a text; none when mail to it could not be delivered whatever is behind it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > ADDRESS_BYTES_MAX {
            return None;
        }
        let (local, domain) = text.split_once('@')?;
        let is_atom = |part: &str| !part.is_empty() && part.bytes().all(is_atom_byte);
        let is_local = local.len() <= LOCAL_BYTES_MAX && local.split('.').all(is_atom);
        let labels: Vec<&str> = domain.split('.').collect();
        let is_domain = labels.len() >= 2
            && labels.iter().all(|label| is_label(label))
            && labels
                .last()
                .is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        (is_local && is_domain).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The address, for sealing and for sending.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// As its owner recognises it: the first character and the domain.
    pub(crate) fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or(("", &self.0));
        let first: String = local.chars().take(1).collect();
        format!("{first}•••@{domain}")
    }
}

/// What a part of an address before the @ is made of (RFC 5322 atext).
fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_can_reach() {
        for good in [
            "anna@post.example",
            "a.b+c@mail.post.example",
            "x'y@a-b.nl",
            &format!("{}@post.example", "a".repeat(64)),
        ] {
            let parsed = EmailAddress::parse(good);
            assert_eq!(parsed.as_ref().map(EmailAddress::expose), Some(good));
        }
        for bad in [
            "",
            "anna",
            "@post.example",
            "anna@",
            "anna@localhost",
            "anna@post..example",
            "anna@-post.example",
            "anna@127.0.0.1",
            "anna@[127.0.0.1]",
            ".anna@post.example",
            "an..na@post.example",
            "an na@post.example",
            "\"anna\"@post.example",
            "anna@post.example\r\nBcc: bert@post.example",
            "anna@post.example,bert@post.example",
            "anna@bert@post.example",
            "änna@post.example",
            &format!("{}@post.example", "a".repeat(65)),
            &format!("anna@{}.example", "a".repeat(250)),
        ] {
            assert_eq!(EmailAddress::parse(bad), None, "{bad:?}");
        }
        let address = EmailAddress::parse("anna.janssen@post.example").unwrap();
        assert_eq!(address.masked(), "a•••@post.example");
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
    }
}
