//! Where a visitor comes from, as far as failed logins are counted by it: a network, under a key, never in clear.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;
use sluis_keyring::BlindIndex;
use sluis_serve::Hash;

use super::problem::Problem;
use super::site::Site;
use crate::AddressRange;
use crate::address::network;

/// Of an IPv4 address all bits count: behind one there is a household, a library, or a whole shelter.
const V4_BITS: u32 = 32;
/// Of an IPv6 address these bits count: a household has at least as many addresses as the rest allows.
const V6_BITS: u32 = 56;
/// Forwarded addresses that are looked at, from the nearest.
const HOPS_MAX: usize = 16;
const FORWARDED_FOR: &str = "x-forwarded-for";
const LABEL: &str = "login.source";

/// Who is at the other end of a connection. Stands with every request of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Who connects, and whom of them one may believe.
#[derive(Clone, Debug)]
pub(super) struct Neighbours {
    /// Proxies: what they say of the client is believed, and they are nobody's client.
    pub(super) trusted: Vec<AddressRange>,
    /// Whether browsers connect themselves. In clear it is a proxy of this machine that does.
    pub(super) direct: bool,
}

/// What failed logins are counted by; none where nobody can tell clients apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source(pub(super) Option<Hash>);

impl FromRequestParts<Site> for Source {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let Peer(peer) = parts.extensions.get().copied().ok_or(Problem::Fault)?;
        let address = site.neighbours().client(peer, &parts.headers);
        Ok(Self(address.map(|address| hashed(address, site.index()))))
    }
}

fn hashed(address: IpAddr, index: &dyn BlindIndex) -> Hash {
    index.index(LABEL, &[&network(address, V4_BITS, V6_BITS)])
}

impl Neighbours {
    /// The client's address: the connection's own, or what the nearest proxies that are trusted say of it. What anybody
    /// else says is not looked at: it could name a neighbour.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let is_trusted = |address: IpAddr| self.trusted.iter().any(|range| range.contains(address));
        if !is_trusted(peer) {
            return self.direct.then_some(peer);
        }
        let lines: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops.take(HOPS_MAX) {
            let address = hop.trim().parse().ok()?;
            if !is_trusted(address) {
                return Some(address);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::{IndexKey, Key32};

    fn client(trusted: &[&str], direct: bool, peer: &str, forwarded: &[&str]) -> Option<String> {
        let neighbours = Neighbours {
            trusted: trusted.iter().map(|it| it.parse().expect(it)).collect(),
            direct,
        };
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().expect("visible ASCII"));
        }
        let found = neighbours.client(peer.parse().expect(peer), &headers);
        found.map(|address| address.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let proxies = ["127.0.0.1", "10.0.0.0/8"];
        let (near, far) = ("127.0.0.1", "203.0.113.9");
        // Nobody is believed who is not configured.
        assert_eq!(client(&[], true, far, &["192.0.2.1"]).as_deref(), Some(far));
        assert_eq!(client(&proxies, true, far, &["192.0.2.1"]).as_deref(), Some(far));
        assert_eq!(client(&[], false, near, &["192.0.2.1"]), None);
        // What the client itself wrote stands further to the left.
        let forwarded = ["192.0.2.66, 192.0.2.1", "10.1.2.3"];
        assert_eq!(
            client(&proxies, false, near, &forwarded).as_deref(),
            Some("192.0.2.1")
        );
        // A proxy that says nothing, nonsense, or names proxies only: nobody can be told apart.
        for nothing in [&[][..], &["unknown"], &["10.1.1.1"], &["192.0.2.1, _hidden"]] {
            assert_eq!(client(&proxies, true, near, nothing), None, "{nothing:?}");
        }
        let many = vec!["10.0.0.1"; HOPS_MAX + 1].join(",");
        assert_eq!(client(&proxies, true, near, &["192.0.2.1", &many]), None);
    }

    #[test]
    fn a_household_is_one_source() {
        let index = IndexKey::new(Key32::new([8; 32]));
        let of = |text: &str| hashed(text.parse().expect(text), &index);
        assert_eq!(of("2001:db8:1:200::1"), of("2001:db8:1:2ff::2"));
        assert_ne!(of("2001:db8:1:200::1"), of("2001:db8:1:300::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    }
}
