//! The network address from which a request comes.

use actix_web::{HttpRequest, http::header::HeaderValue};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address from which a request comes; behind a proxy of the operator's own, the one that this proxy saw. Of an
/// IPv6 address it is only the network: one customer of a provider gets 2^64 addresses or more (RFC 6177), and all of
/// them count as one.
pub fn of(request: &HttpRequest, trust_forwarded: bool) -> String {
    let forwarded = if trust_forwarded { forwarded(request) } else { None };
    forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip())).map(network).unwrap_or_default()
}

/// The address that the proxy names: in `X-Forwarded-For` or, without that, in `Forwarded` (RFC 7239). The proxy adds it
/// as the last entry, and some proxies add it in a header line of their own. Everything before it is only the client's
/// word. None when the last entry names no address, as `unknown` or a made-up name like `_hidden`.
fn forwarded(request: &HttpRequest) -> Option<IpAddr> {
    let last_line = |name: &str| request.headers().get_all(name).last().map(HeaderValue::to_str);
    match last_line("x-forwarded-for") {
        Some(line) => node(line.ok()?.rsplit(',').next()?),
        None => last_of_forwarded(last_line("forwarded")?.ok()?),
    }
}

/// The address in the last element of a `Forwarded` header.
fn last_of_forwarded(line: &str) -> Option<IpAddr> {
    let element = *split(line, ',').last()?;
    split(element, ';').into_iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| node(value))
    })?
}

/// The parts of a text between separators that do not stand within quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.extend(text.get(begin..at));
                begin = at + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.extend(text.get(begin..));
    parts
}

/// The address of a node, with or without quotes, brackets and a port: `192.0.2.43`, `192.0.2.43:47011`, `2001:db8::17`,
/// `"[2001:db8:cafe::17]:4711"`.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).trim();
    // A proxy may hide the port behind a name that begins with an underscore.
    let text = text.rsplit_once(':').filter(|(_, port)| port.starts_with('_')).map_or(text, |(address, _)| address);
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let bare = || text.parse::<IpAddr>().ok();
    bare().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip())).or_else(bracketed)
}

/// An IPv4 address, also one that is written as IPv6, or the /64 network of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
            format!("{network}/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    /// What is taken for the address of a request that a proxy at 192.0.2.1 sent on with these headers.
    fn taken(headers: &[(&'static str, &'static str)]) -> String {
        let mut request = TestRequest::default().peer_addr("192.0.2.1:4000".parse().unwrap());
        for header in headers {
            request = request.append_header(*header);
        }
        of(&request.to_http_request(), true)
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let shown = |text: &str| network(text.parse().unwrap());
        assert_eq!(shown("192.0.2.7"), "192.0.2.7");
        assert_eq!(shown("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(shown("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(shown("2001:db8:1:2::9"), shown("2001:db8:1:2:ffff::"));
        assert_ne!(shown("2001:db8:1:3::9"), shown("2001:db8:1:2::9"));
    }

    #[test]
    fn what_the_proxy_adds_is_read_however_it_is_written() {
        for (entry, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("198.51.100.7:80", "198.51.100.7"),
            ("203.0.113.9, 198.51.100.7:51000 ", "198.51.100.7"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
            ("\"[2001:db8:1:2::9]:4711\"", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
            ("[::1]", "::/64"),
            ("[::1]:443", "::/64"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("[::ffff:198.51.100.7]:80", "198.51.100.7"),
            ("198.51.100.7:_port", "198.51.100.7"),
        ] {
            assert_eq!(taken(&[("x-forwarded-for", entry)]), expected, "{entry}");
        }
        assert_eq!(taken(&[("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "198.51.100.7")]), "198.51.100.7");
    }

    #[test]
    fn forwarded_is_read_where_there_is_no_other() {
        for (line, expected) in [
            ("for=198.51.100.7", "198.51.100.7"),
            ("For=\"198.51.100.7:4711\";proto=https;by=203.0.113.43", "198.51.100.7"),
            ("for=203.0.113.9, by=\"a,b;for=x\"; for=\"[2001:db8::1]:4711\"", "2001:db8::/64"),
            ("for=203.0.113.9, FOR=\"[2001:db8::1]\"", "2001:db8::/64"),
            ("for=203.0.113.9;secret=\"a\\\",b\",for=198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(taken(&[("forwarded", line)]), expected, "{line}");
        }
        let both = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(taken(&both), "198.51.100.7", "a client may have written the other one");
    }

    #[test]
    fn what_names_no_address_leaves_the_peer() {
        for entry in [
            "unknown",
            "_hidden",
            "_hidden:80",
            "",
            "203.0.113.9, unknown",
            "198.51.100.7:x",
            "[198.51.100.7]",
            "[::1",
            "1.2.3",
            "203.0.113.9,",
        ] {
            assert_eq!(taken(&[("x-forwarded-for", entry)]), "192.0.2.1", "{entry}");
        }
        for line in [
            "for=unknown",
            "for=_hidden",
            "for=\"_hidden:80\"",
            "proto=https",
            "for=203.0.113.9, proto=https",
            "for=203.0.113.9,",
            "for",
            "",
        ] {
            assert_eq!(taken(&[("forwarded", line)]), "192.0.2.1", "{line}");
        }
        let request = TestRequest::default().peer_addr("192.0.2.1:4000".parse().unwrap());
        let request = request.append_header(("x-forwarded-for", "198.51.100.7")).to_http_request();
        assert_eq!(of(&request, false), "192.0.2.1", "nobody is trusted unless the operator says so");
    }
}
