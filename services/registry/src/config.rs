//! What the operator sets.

use serde::Deserialize;

use crate::ca::CaFiles;

/// Settings of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the mesh: `aud` of every JWT, and the beginning of the logs' names. Letters, digits, `.` and `-`.
    pub mesh_id: String,
    /// Where partners reach the gateway, `host:port`.
    pub gateway: String,
    /// The DNS name in the gateway's certificate.
    pub gateway_name: String,
    /// An authority that was made elsewhere, instead of one of the mesh's own.
    #[serde(default)]
    pub ca: Option<CaFiles>,
}

/// A setting that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("registry.{field} {fault}")]
pub struct ConfigError {
    /// The setting.
    pub field: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
}

const MESH_ID_CHARS_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 253;

impl Config {
    /// Checks what can be checked without reading anything.
    ///
    /// # Errors
    /// [`ConfigError`] for the first setting that cannot be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !is_name(&self.mesh_id, MESH_ID_CHARS_MAX) {
            let fault = "must be 1 to 64 letters, digits, dots or hyphens";
            return Err(ConfigError {
                field: "mesh_id",
                fault,
            });
        }
        let gateway = self.gateway.rsplit_once(':');
        let reachable = gateway.is_some_and(|(host, port)| {
            (is_name(host, NAME_CHARS_MAX) || is_bracketed_address(host))
                && port.parse::<u16>().is_ok_and(|port| port != 0)
        });
        if !reachable {
            return Err(ConfigError {
                field: "gateway",
                fault: "must be host:port",
            });
        }
        if !is_name(&self.gateway_name, NAME_CHARS_MAX) {
            return Err(ConfigError {
                field: "gateway_name",
                fault: "must be a DNS name",
            });
        }
        Ok(())
    }
}

fn is_name(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

fn is_bracketed_address(text: &str) -> bool {
    text.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_one_by_one() {
        let good = Config {
            mesh_id: "mesh.example".into(),
            gateway: "gateway.example:8443".into(),
            gateway_name: "gateway.example".into(),
            ca: None,
        };
        assert_eq!(good.check(), Ok(()));
        assert_eq!(
            Config {
                gateway: "[::1]:1".into(),
                ..good.clone()
            }
            .check(),
            Ok(())
        );
        let fault = |config: Config| config.check().expect_err("refused").field;
        for mesh_id in ["", "a/b", "a b", "a+b", &"a".repeat(65)] {
            assert_eq!(
                fault(Config {
                    mesh_id: mesh_id.into(),
                    ..good.clone()
                }),
                "mesh_id"
            );
        }
        for gateway in [
            "",
            "host",
            "host:",
            "host:0",
            "host:70000",
            ":1",
            "https://host:1",
            "::1:1",
        ] {
            assert_eq!(
                fault(Config {
                    gateway: gateway.into(),
                    ..good.clone()
                }),
                "gateway",
                "{gateway}"
            );
        }
        assert_eq!(
            fault(Config {
                gateway_name: String::new(),
                ..good
            }),
            "gateway_name"
        );
    }
}
