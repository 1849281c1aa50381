//! Where a visitor comes from, as far as failed logins are counted by it: a network, under a key, never in clear.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
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
    /// Balancers that pass connections through. They say nothing: what a request behind them says of its client, the
    /// client wrote itself.
    pub(super) balancers: Vec<AddressRange>,
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
    /// Whether a connection from here is one client's own. A proxy's and a balancer's is everybody's.
    pub(super) fn is_client(&self, peer: IpAddr) -> bool {
        self.direct && !is_within(&self.trusted, peer) && !is_within(&self.balancers, peer)
    }

    /// The client's address: the connection's own, or what the nearest proxies that are trusted say of it. What anybody
    /// else says is not looked at: it could name a neighbour.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if is_within(&self.balancers, peer) {
            return None;
        }
        if !is_within(&self.trusted, peer) {
            return self.direct.then_some(peer);
        }
        let lines: Vec<&[u8]> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        // Each hop is read by itself: what the client wrote to the left of them must not make the nearest unreadable.
        let hops = lines
            .iter()
            .rev()
            .flat_map(|line| line.rsplit(|byte| *byte == b','));
        for hop in hops.take(HOPS_MAX) {
            let address = address_of(hop)?;
            if is_within(&self.balancers, address) {
                return None;
            }
            if !is_within(&self.trusted, address) {
                return Some(address);
            }
        }
        None
    }
}

fn is_within(ranges: &[AddressRange], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(address))
}

/// The address that a proxy wrote down, which may stand in brackets or have the port with it.
fn address_of(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sluis_keyring::{IndexKey, Key32};

    fn ranges(texts: &[&str]) -> Vec<AddressRange> {
        texts.iter().map(|it| it.parse().expect(it)).collect()
    }

    fn client(trusted: &[&str], direct: bool, peer: &str, forwarded: &[&str]) -> Option<String> {
        behind(&[], trusted, direct, peer, forwarded)
    }

    fn behind(
        balancers: &[&str],
        trusted: &[&str],
        direct: bool,
        peer: &str,
        forwarded: &[&str],
    ) -> Option<String> {
        let neighbours = Neighbours {
            trusted: ranges(trusted),
            balancers: ranges(balancers),
            direct,
        };
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let line = HeaderValue::from_bytes(line.as_bytes()).expect("no control characters");
            headers.append(FORWARDED_FOR, line);
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
    fn nobody_leaves_the_count_by_what_they_write_before_their_address() {
        let far = Some("192.0.2.1");
        for line in [
            "caf\u{e9}, 192.0.2.1",
            "\u{fffd}\u{fffd},192.0.2.1",
            ",,, 192.0.2.1 ",
            "203.0.113.9, 192.0.2.1:4711",
        ] {
            let found = client(&["127.0.0.1"], false, "127.0.0.1", &[line]);
            assert_eq!(found.as_deref(), far, "{line}");
        }
        for line in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"] {
            let found = client(&["127.0.0.1"], false, "127.0.0.1", &[line]);
            assert_eq!(found.as_deref(), Some("2001:db8::1"), "{line}");
        }
    }

    #[test]
    fn behind_a_balancer_nobody_is_told_apart_and_nobody_names_a_neighbour() {
        let (balancer, proxy, far) = ("192.0.2.80", "10.0.0.1", "203.0.113.9");
        assert_eq!(behind(&[balancer], &[], true, balancer, &[far]), None);
        assert_eq!(behind(&[balancer], &[balancer], true, balancer, &[far]), None);
        assert_eq!(behind(&[balancer], &[proxy], true, proxy, &[far, balancer]), None);
        assert_eq!(behind(&[balancer], &[], true, far, &[]).as_deref(), Some(far));
        let neighbours = Neighbours {
            trusted: ranges(&[proxy]),
            balancers: ranges(&[balancer]),
            direct: true,
        };
        let is_client = |address: &str| neighbours.is_client(address.parse().expect(address));
        assert!(is_client(far) && !is_client(proxy) && !is_client(balancer));
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
