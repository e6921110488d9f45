//! Where a request comes from: the address by which tries to sign in, and whatever else strangers may do, are counted.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::Site;
use crate::addresses::TrustedProxies;

/// Where a request comes from: an IPv4 address, or the /56 network of an IPv6 address. Who is given IPv6 at home or in an
/// office has a whole /56 network, with 256 networks of which each holds more addresses than anybody can count. Some have
/// a /48; but in one /48 of a mobile operator there may be thousands of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl Source {
    /// For a request that came over no connection: from this program itself.
    pub const INSIDE: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

    /// The peer of the connection or, where that is a trusted proxy, the last address in `X-Forwarded-For` that is no
    /// trusted proxy's: what stands before it may be made up by the client.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let mut source = peer.to_canonical();
        let named: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        let mut hops = named.into_iter().rev().flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        while trusted.trust(source) {
            match hops.next().and_then(address) {
                Some(before) => source = before,
                None => break,
            }
        }
        Self(counted(source))
    }
}

/// The form in which it is counted. Not for logs: it is personal data.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An address as proxies write it, with a port or without.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d & 0xff00, 0, 0, 0, 0))
        }
    }
}

impl FromRequestParts<Site> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(peer.map_or(Self::INSIDE, |peer| Self::of(peer.ip(), &parts.headers, &site.trusted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(peer: &str, forwarded: &[&'static str], trusted: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a header"));
        }
        let trusted = TrustedProxies::parse(trusted).expect("networks");
        Source::of(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_counted_by_the_peer_address_whatever_it_claims() {
        assert_eq!(source("203.0.113.7", &[], ""), "203.0.113.7");
        assert_eq!(source("203.0.113.7", &["198.51.100.1"], ""), "203.0.113.7");
        assert_eq!(source("203.0.113.7", &["198.51.100.1"], "127.0.0.1"), "203.0.113.7");
    }

    #[test]
    fn a_trusted_proxy_tells_who_comes_and_what_the_client_wrote_before_it_counts_for_nothing() {
        assert_eq!(source("127.0.0.1", &["198.51.100.1"], "127.0.0.1"), "198.51.100.1");
        assert_eq!(source("127.0.0.1", &["1.1.1.1, 198.51.100.1"], "127.0.0.1"), "198.51.100.1");
        let chain = ["1.1.1.1", "198.51.100.1:4711, 10.0.0.9"];
        assert_eq!(source("127.0.0.1", &chain, "127.0.0.1,10.0.0.0/24"), "198.51.100.1");
        assert_eq!(source("127.0.0.1", &["1.1.1.1, rubbish"], "127.0.0.1"), "127.0.0.1", "no further");
        assert_eq!(source("127.0.0.1", &[], "127.0.0.1"), "127.0.0.1");
        assert_eq!(
            source("127.0.0.1", &["10.0.0.9"], "127.0.0.1,10.0.0.0/24"),
            "10.0.0.9",
            "the last one known"
        );
    }

    #[test]
    fn an_ipv6_network_is_one_source_and_a_mapped_address_is_its_ipv4() {
        let one = source("2001:db8:1:202:aaaa::1", &[], "");
        assert_eq!(one, "2001:db8:1:200::");
        for same in ["2001:db8:1:202:bbbb::2", "2001:db8:1:2ff::1"] {
            assert_eq!(source(same, &[], ""), one);
        }
        assert_ne!(source("2001:db8:1:302::1", &[], ""), one);
        assert_eq!(source("::ffff:203.0.113.7", &[], ""), "203.0.113.7");
        assert_eq!(source("::ffff:127.0.0.1", &["[2001:db8:1:202::9]:443"], "127.0.0.1"), one);
    }

    #[test]
    fn programs_of_this_machine_come_from_its_loopback_addresses_alone() {
        let ours = TrustedProxies::of_this_machine();
        for (peer, trusted) in
            [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("10.0.0.1", false), ("::2", false)]
        {
            assert_eq!(ours.trust(peer.parse().expect("an address")), trusted, "{peer}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        assert_eq!(TrustedProxies::parse("127.0.0.1, proxy").unwrap_err().0, "proxy");
        assert!(TrustedProxies::parse(" ").unwrap().is_empty());
    }
}
