//! Where a request comes from: the connection's other end, or whom proxies that the operator trusts
//! name.
//!
//! A list of addresses is read from its end, where the nearest proxy has written. The first that is
//! not a trusted proxy is the client; what stands before it anybody may have made up.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection, in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// A proxy writes one of the two headers and may pass on what a client has put into the other. So
/// where both are there they must agree, or else neither counts.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let standard = named(peer, headers, &FORWARDED, trusted, address_of_element);
    let usual = named(peer, headers, &X_FORWARDED_FOR, trusted, address);
    match (standard, usual) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(client), _) | (None, Some(client)) => client,
        (None, None) => peer,
    }
}

fn named(
    peer: IpAddr,
    headers: &HeaderMap,
    name: &HeaderName,
    trusted: &[IpNet],
    read: fn(&str) -> Option<IpAddr>,
) -> Option<IpAddr> {
    if !headers.contains_key(name) {
        return None;
    }
    let mut nearest = peer;
    for value in headers.get_all(name).iter().rev() {
        for element in value.to_str().unwrap_or_default().rsplit(',') {
            let Some(address) = read(element.trim()) else { return Some(nearest) };
            nearest = address;
            if !is_trusted(address, trusted) {
                return Some(address);
            }
        }
    }
    Some(nearest)
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|it| it.contains(&address))
}

/// `for=` of an element of `Forwarded` (RFC 7239, 4).
fn address_of_element(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|it| it.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
}

/// With a port or without one; IPv6 in brackets or bare.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|it: SocketAddr| it.ip()));
    address.ok().map(|it: IpAddr| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUSTED: [&str; 2] = ["10.0.0.0/8", "fd00::/8"];

    fn check(peer: &str, lines: &[(&'static str, &str)], expected: &str) {
        let trusted = TRUSTED.map(|it| it.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let found = client_address(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(found.to_string(), expected, "{peer} {lines:?}");
    }

    #[test]
    fn a_stranger_is_never_believed() {
        check("198.51.100.7", &[], "198.51.100.7");
        check("198.51.100.7", &[("x-forwarded-for", "203.0.113.1")], "198.51.100.7");
        check("198.51.100.7", &[("forwarded", "for=203.0.113.1")], "198.51.100.7");
        check("::ffff:198.51.100.7", &[], "198.51.100.7");
    }

    #[test]
    fn a_list_is_read_from_its_end() {
        let usual = "x-forwarded-for";
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &[(usual, "203.0.113.1")], "203.0.113.1");
        check("::ffff:10.0.0.1", &[(usual, "203.0.113.1")], "203.0.113.1");
        check("10.0.0.1", &[(usual, "1.1.1.1, 203.0.113.1:4711")], "203.0.113.1");
        check("10.0.0.1", &[(usual, "203.0.113.1,10.0.0.2 , 10.0.0.3")], "203.0.113.1");
        check("10.0.0.1", &[(usual, "1.1.1.1"), (usual, "203.0.113.1")], "203.0.113.1");
        check("10.0.0.1", &[(usual, "10.0.0.9, 10.0.0.2")], "10.0.0.9");
        check("fd00::1", &[(usual, "[2001:db8::1]:4711")], "2001:db8::1");
        check("fd00::1", &[(usual, "2001:db8::1")], "2001:db8::1");
        check("10.0.0.1", &[(usual, "203.0.113.1, nonsense")], "10.0.0.1");
        check("10.0.0.1", &[(usual, "203.0.113.1, nonsense, 10.0.0.2")], "10.0.0.2");
        check("10.0.0.1", &[(usual, "")], "10.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_too() {
        check("10.0.0.1", &[("forwarded", "for=203.0.113.1;proto=https")], "203.0.113.1");
        let quoted = "for=1.1.1.1, by=10.0.0.1; FOR=\"[2001:db8::1]:4711\"";
        check("10.0.0.1", &[("forwarded", quoted)], "2001:db8::1");
        check("10.0.0.1", &[("forwarded", "for=unknown")], "10.0.0.1");
        check("10.0.0.1", &[("forwarded", "for=_hidden, for=10.0.0.2")], "10.0.0.2");
    }

    #[test]
    fn a_header_that_the_client_has_added_counts_for_nothing() {
        let usual = ("x-forwarded-for", "203.0.113.1");
        check("10.0.0.1", &[usual, ("forwarded", "for=1.1.1.1")], "10.0.0.1");
        check("10.0.0.1", &[usual, ("forwarded", "for=203.0.113.1")], "203.0.113.1");
    }
}
