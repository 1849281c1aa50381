//! Ranges of network addresses, as an operator writes them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::Deserialize;

/// Addresses with the same first bits: `192.0.2.0/24`, `2001:db8::/32`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AddressRange {
    /// Of IPv4 the last 32 bits.
    first: u128,
    is_v4: bool,
    /// How many bits are the same.
    bits: u32,
}

/// A text that is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no address and no range of addresses such as 192.0.2.0/24")]
pub struct AddressRangeError;

impl AddressRange {
    /// Whether an address lies in it. An IPv4 address in IPv6 form counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (number, is_v4) = number_of(address);
        is_v4 == self.is_v4 && prefix(number, is_v4, self.bits) == prefix(self.first, is_v4, self.bits)
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (address, bits) = text
            .split_once('/')
            .map_or((text, None), |(it, bits)| (it, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| AddressRangeError)?;
        let (first, is_v4) = number_of(address);
        let all = width(is_v4);
        let bits = bits.map_or(Ok(all), str::parse).map_err(|_| AddressRangeError)?;
        (bits <= all)
            .then_some(Self { first, is_v4, bits })
            .ok_or(AddressRangeError)
    }
}

impl TryFrom<String> for AddressRange {
    type Error = AddressRangeError;

    fn try_from(text: String) -> Result<Self, AddressRangeError> {
        text.parse()
    }
}

/// The first bits of an address, as bytes: what lies in one network. The rest are zeros.
pub(crate) fn network(address: IpAddr, v4_bits: u32, v6_bits: u32) -> Vec<u8> {
    let (number, is_v4) = number_of(address);
    let bits = if is_v4 { v4_bits } else { v6_bits };
    let kept = prefix(number, is_v4, bits);
    let whole = if bits == 0 {
        0
    } else {
        kept << (width(is_v4) - bits)
    };
    if is_v4 {
        let whole = u32::try_from(whole).unwrap_or(u32::MAX);
        Ipv4Addr::from(whole).octets().to_vec()
    } else {
        Ipv6Addr::from(whole).octets().to_vec()
    }
}

fn number_of(address: IpAddr) -> (u128, bool) {
    match address.to_canonical() {
        IpAddr::V4(address) => (u32::from(address).into(), true),
        IpAddr::V6(address) => (address.into(), false),
    }
}

const fn width(is_v4: bool) -> u32 {
    if is_v4 { 32 } else { 128 }
}

fn prefix(number: u128, is_v4: bool, bits: u32) -> u128 {
    if bits == 0 {
        0
    } else {
        number >> (width(is_v4) - bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, address: &str) -> bool {
        let range: AddressRange = range.parse().expect(range);
        range.contains(address.parse().expect(address))
    }

    #[test]
    fn a_range_holds_what_begins_alike_and_nothing_else() {
        for (range, address, within) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.8", false),
            ("192.0.2.7", "::ffff:192.0.2.7", true),
            ("0.0.0.0/0", "203.0.113.1", true),
            ("0.0.0.0/0", "::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "2001:db9::1", true),
            ("::1", "::1", true),
        ] {
            assert_eq!(contains(range, address), within, "{address} in {range}");
        }
        for bad in [
            "",
            "192.0.2.0/33",
            "::/129",
            "192.0.2/24",
            "192.0.2.0/-1",
            "host",
            "1.2.3.4/8/8",
        ] {
            assert_eq!(bad.parse::<AddressRange>(), Err(AddressRangeError), "{bad}");
        }
    }

    #[test]
    fn a_network_is_the_address_without_its_end() {
        let of = |text: &str, v4, v6| network(text.parse().expect(text), v4, v6);
        assert_eq!(of("192.0.2.7", 32, 56), [192, 0, 2, 7]);
        assert_eq!(of("::ffff:192.0.2.7", 24, 56), [192, 0, 2, 0]);
        let one = of("2001:db8:1:2ff:3:4:5:6", 32, 56);
        assert_eq!(one, of("2001:db8:1:200::", 32, 56));
        assert_ne!(one, of("2001:db8:1:300::", 32, 56));
        assert_eq!(of("2001:db8::1", 32, 0), [0; 16]);
    }
}
