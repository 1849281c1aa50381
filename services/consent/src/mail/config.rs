//! What an operator sets for notices.

use std::path::PathBuf;

use serde::Deserialize;

/// Notices by e-mail. Without these settings none are sent.
///
/// ```toml
/// from = "Sluis <geen-antwoord@mijn.example>"
/// pages_url = "https://mijn.example"
/// [relay]
/// host = "smtp.example"
/// port = 587
/// tls = "starttls"
/// user = "sluis"
/// password_file = "/etc/sluis/relay-password"
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticesConfig {
    /// Who mail is from: `name@host`, or `Name <name@host>`.
    pub from: String,
    /// The address of the residents' pages: scheme, host and port only.
    pub pages_url: String,
    /// The relay that delivers mail.
    pub relay: Option<RelayConfig>,
    /// A folder into which each mail is written instead, as a file: for trying out.
    pub folder: Option<PathBuf>,
}

/// The relay that delivers mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayConfig {
    /// Its name, which its certificate must carry.
    pub host: String,
    /// Its port: 587 with `starttls`, 465 with `implicit`, as a rule.
    pub port: u16,
    /// How TLS begins. Mail never goes in clear.
    pub tls: RelayTls,
    /// Who logs in there, if anybody must.
    pub user: Option<String>,
    /// File with the password; required with `user`. White space at its end is not part of it.
    pub password_file: Option<PathBuf>,
    /// PEM file of the authority that vouches for the relay; the public ones when not set.
    pub ca_file: Option<PathBuf>,
}

/// How TLS begins. Both require it: a relay that offers none gets no mail.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RelayTls {
    /// After a greeting in clear (RFC 3207).
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// A setting that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("notices.{setting} {fault}")]
pub struct MailConfigError {
    /// Its name.
    pub setting: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
}

impl NoticesConfig {
    /// Whether the settings can be, alone and together. Reads no file and reaches nobody.
    ///
    /// # Errors
    /// [`MailConfigError`] for the first that cannot.
    pub fn check(&self) -> Result<(), MailConfigError> {
        let wrong = |setting, fault| Err(MailConfigError { setting, fault });
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            return wrong("from", "must be an e-mail address");
        }
        if !is_origin(&self.pages_url) {
            return wrong(
                "pages_url",
                "must be https (or http on this machine) with host and port only",
            );
        }
        match (&self.relay, &self.folder) {
            (None, None) => wrong("relay", "is required, or folder"),
            (Some(_), Some(_)) => wrong("folder", "must not stand beside relay"),
            (None, Some(_)) => Ok(()),
            (Some(relay), None) => relay.check(),
        }
    }
}

impl RelayConfig {
    fn check(&self) -> Result<(), MailConfigError> {
        let wrong = |setting, fault| Err(MailConfigError { setting, fault });
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        if self.host.is_empty() || !self.host.bytes().all(is_name) {
            return wrong("relay.host", "must be the name of a host");
        }
        if self.port == 0 {
            return wrong("relay.port", "must not be 0");
        }
        match (&self.user, &self.password_file) {
            (Some(user), _) if user.is_empty() => wrong("relay.user", "must not be empty"),
            (Some(_), None) => wrong("relay.password_file", "is required with user"),
            (None, Some(_)) => wrong("relay.user", "is required with password_file"),
            _ => Ok(()),
        }
    }
}

/// Whether this is scheme, host and port as a browser shows them, and nothing after it.
fn is_origin(url: &str) -> bool {
    let is_host = |rest: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        !rest.is_empty() && rest.bytes().all(is_plain)
    };
    let is_this_machine = |rest: &str| {
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
            rest.strip_prefix(host)
                .is_some_and(|port| port.is_empty() || port.starts_with(':'))
        })
    };
    match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => is_host(rest),
        (None, Some(rest)) => is_host(rest) && is_this_machine(rest),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> serde_json::Value {
        serde_json::json!({
            "from": "Sluis <geen-antwoord@mijn.example>",
            "pages_url": "https://mijn.example",
            "relay": {
                "host": "smtp.example", "port": 587, "tls": "starttls",
                "user": "sluis", "password_file": "/etc/sluis/relay-password",
            },
        })
    }

    fn checked(value: serde_json::Value) -> Result<(), &'static str> {
        let config: NoticesConfig = serde_json::from_value(value).map_err(|_| "unread")?;
        config.check().map_err(|error| error.setting)
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        assert_eq!(checked(good()), Ok(()));
        let mut to_folder = good();
        to_folder["relay"] = serde_json::Value::Null;
        assert_eq!(checked(to_folder.clone()), Err("relay"));
        to_folder["folder"] = "mail".into();
        to_folder["pages_url"] = "http://127.0.0.1:8080".into();
        assert_eq!(checked(to_folder), Ok(()));
        for (at, value, fault) in [
            ("/from", "nobody".into(), "from"),
            ("/pages_url", "http://mijn.example".into(), "pages_url"),
            ("/pages_url", "http://127.0.0.1.evil.example".into(), "pages_url"),
            ("/pages_url", "https://mijn.example/vragen".into(), "pages_url"),
            ("/pages_url", "https://iemand@mijn.example".into(), "pages_url"),
            ("/relay/host", "".into(), "relay.host"),
            ("/relay/port", 0.into(), "relay.port"),
            ("/relay/tls", "none".into(), "unread"),
            ("/relay/user", "".into(), "relay.user"),
            (
                "/relay/password_file",
                serde_json::Value::Null,
                "relay.password_file",
            ),
            ("/relay/user", serde_json::Value::Null, "relay.user"),
        ] {
            let mut changed = good();
            *changed.pointer_mut(at).unwrap() = value;
            assert_eq!(checked(changed), Err(fault), "{at}");
        }
        let mut both = good();
        both["folder"] = "mail".into();
        assert_eq!(checked(both), Err("folder"));
        let mut unknown = good();
        unknown["relais"] = "x".into();
        assert_eq!(checked(unknown), Err("unread"));
    }
}
