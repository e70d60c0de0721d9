//! The address that a request came from.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::program::network;

/// The address of the connection, if the server is served with it.
pub(super) struct Peer(Option<IpAddr>);

impl Peer {
    /// Returns the [`network`] of the client.
    ///
    /// If the headers are of a trusted proxy, the last element of `X-Forwarded-For` is the client's address.
    /// The elements before it are from the client. An element that is no address, with or without a port,
    /// is as none.
    pub(super) fn network(&self, headers: &HeaderMap, is_forwarded: bool) -> Option<IpAddr> {
        let forwarded = || {
            let last = headers.get_all("X-Forwarded-For").into_iter().next_back()?;
            forwarded_address(last.to_str().ok()?.rsplit(',').next()?.trim())
        };
        let address = match is_forwarded {
            true => forwarded().or(self.0),
            false => self.0,
        };
        address.map(network)
    }
}

/// Parses an address, which some proxies write with the port of the client or an IPv6 address in brackets.
fn forwarded_address(element: &str) -> Option<IpAddr> {
    if let Ok(address) = element.parse() {
        return Some(address);
    }
    if let Ok(address) = element.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    let address = element.strip_prefix('[')?.strip_suffix(']')?;
    address.parse::<Ipv6Addr>().ok().map(IpAddr::from)
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|ConnectInfo(address)| address.ip())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_that_of_the_peer_or_what_a_trusted_proxy_says() {
        let peer = Peer(Some(IpAddr::from([192, 0, 2, 1])));
        let of = |headers: &[&'static str], is_forwarded| {
            let mut map = HeaderMap::new();
            for value in headers {
                map.append("X-Forwarded-For", value.parse().expect("a value"));
            }
            peer.network(&map, is_forwarded)
                .expect("an address")
                .to_string()
        };
        assert_eq!(of(&["198.51.100.7"], false), "192.0.2.1", "not trusted");
        assert_eq!(of(&["198.51.100.7"], true), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1, 198.51.100.7"], true), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1", "198.51.100.7"], true), "198.51.100.7");
        assert_eq!(of(&[], true), "192.0.2.1");
        assert_eq!(of(&["198.51.100.7:50001"], true), "198.51.100.7");
        assert_eq!(of(&["1.1.1.1, 198.51.100.7:443"], true), "198.51.100.7");
        assert_eq!(of(&["[2001:db8:0:1::1]:50001"], true), "2001:db8:0:1::");
        assert_eq!(of(&["[2001:db8:0:1::1]"], true), "2001:db8:0:1::");
        for malformed in [
            "unknown",
            "",
            "198.51.100.7:",
            "198.51.100.7:65536",
            "198.51.100.7:80:80",
            "[198.51.100.7]",
            "[198.51.100.7]:80",
            "[2001:db8::1",
            "2001:db8::1]",
            "[2001:db8::1]:",
            "198.51.100.7, ",
        ] {
            assert_eq!(of(&[malformed], true), "192.0.2.1", "{malformed:?}");
        }
        assert_eq!(of(&["2001:db8::1:2:3:4"], true), "2001:db8::");
        assert_eq!(of(&["2001:db8:0:1::1"], true), "2001:db8:0:1::");
        assert_eq!(of(&["::ffff:198.51.100.7"], true), "198.51.100.7");
    }
}
