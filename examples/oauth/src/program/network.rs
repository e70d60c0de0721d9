//! The network of an address.

use std::net::{IpAddr, Ipv6Addr};

/// Returns an IPv4 address as it is, and of an IPv6 address the first 64 bits, because a client with one
/// address of such a network can use them all.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(network).into()
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_ipv4_address_or_64_bits_of_an_ipv6_address() {
        for (address, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::"),
            ("2001:db8:0:2::1", "2001:db8:0:2::"),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(network(address).to_string(), expected, "{address}");
        }
    }
}
