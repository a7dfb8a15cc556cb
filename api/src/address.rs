//! The network address from which a request comes.

use actix_web::{HttpRequest, http::header::HeaderValue};
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether the log says already that a proxy names no address.
static IS_SAID: AtomicBool = AtomicBool::new(false);

/// The address from which a request comes; behind a proxy of the operator's own, the one that this proxy saw. Of an
/// IPv6 address it is only the network: one customer of a provider gets a /56, which is 256 networks of 2^64 addresses
/// (RFC 6177), and all of them count as one.
pub fn of(request: &HttpRequest, trust_forwarded: bool) -> String {
    let forwarded = if trust_forwarded { forwarded(request) } else { None };
    if trust_forwarded && forwarded.is_none() && names_something(request) && is_first(&IS_SAID) {
        // Once: each request of a proxy that is set up wrongly would say it again.
        tracing::warn!(
            "X-Forwarded-For or Forwarded names no address in its last entry; such requests count for the address of the proxy"
        );
    }
    forwarded.or_else(|| request.peer_addr().map(|peer| peer.ip())).map(network).unwrap_or_default()
}

/// Whether a request has one of the headers in which a proxy names an address.
fn names_something(request: &HttpRequest) -> bool {
    ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name))
}

/// Whether this is the first time.
fn is_first(is_said: &AtomicBool) -> bool {
    !is_said.swap(true, Ordering::Relaxed)
}

/// The address that the proxy names, in `X-Forwarded-For` or `Forwarded` (RFC 7239). The proxy adds it as the last entry,
/// and some proxies add it in a header line of their own. Everything before it is only the client's word, and cannot change
/// how the last entry is read. None when the last entry names no address, as `unknown` or a made-up name like `_hidden`.
/// None too when both headers are there and name different addresses: the proxy writes one of them, and the other one may
/// be the client's.
fn forwarded(request: &HttpRequest) -> Option<IpAddr> {
    let last_entry = |name: &str| {
        let line = request.headers().get_all(name).last().map(HeaderValue::as_bytes)?;
        line.rsplit(|byte| *byte == b',').next().map(|entry| std::str::from_utf8(entry).unwrap_or_default())
    };
    let listed = last_entry("x-forwarded-for").map(node);
    let described = last_entry("forwarded").map(node_of_element);
    match (listed, described) {
        (Some(listed), Some(described)) => listed.filter(|listed| described == Some(*listed)),
        (listed, described) => listed.or(described)?,
    }
}

/// The address in an element of a `Forwarded` header: pairs of a name and a value, of which one is `for`. It is what stands
/// after the last comma, so that a quote that a client opens and does not close swallows nothing of it. No address, host or
/// protocol has a comma; of an element that does have one within quotes, the rest is malformed, and names no address.
fn node_of_element(element: &str) -> Option<IpAddr> {
    let (mut rest, mut found) = (element, None);
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = value_of_pair(after)?;
        if !is_token(name.trim()) || name.trim().eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
        match after.trim_start().strip_prefix(';') {
            Some(next) => rest = next,
            None if after.trim().is_empty() => return found.and_then(node),
            None => return None,
        }
    }
}

/// The value with which a text begins, and what stands after it: a value in quotes as it was written, or one without, which
/// may be an address that a proxy has forgotten to quote. None when the quotes do not close.
fn value_of_pair(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if !text.starts_with('"') {
        let (value, after) = text.split_at(text.find(';').unwrap_or(text.len()));
        return (!value.contains(['"', '\\'])).then_some((value, after));
    }
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    text.split_at_checked(end + 2)
}

/// Whether a text is a token of HTTP (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
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

/// An IPv4 address, also one that is written as IPv6, or the /56 network of an IPv6 address.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 72));
            format!("{network}/56")
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
    fn what_names_no_address_is_said_once() {
        let said = AtomicBool::new(false);
        assert_eq!([is_first(&said), is_first(&said), is_first(&said)], [true, false, false]);
        let request = |name: &'static str| {
            let request = TestRequest::default().peer_addr("192.0.2.1:4000".parse().unwrap());
            request.append_header((name, "nonsense")).to_http_request()
        };
        assert!(names_something(&request("x-forwarded-for")) && names_something(&request("forwarded")));
        assert!(!names_something(&request("x-real-ip")));
        assert_eq!(taken(&[("x-forwarded-for", "nonsense")]), "192.0.2.1");
        assert!(IS_SAID.load(Ordering::Relaxed), "it is in the log now");
        assert_eq!(taken(&[("x-forwarded-for", "198.51.100.7:47011")]), "198.51.100.7");
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let shown = |text: &str| network(text.parse().unwrap());
        assert_eq!(shown("192.0.2.7"), "192.0.2.7");
        assert_eq!(shown("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(shown("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/56");
        assert_eq!(shown("2001:db8:1:2::9"), shown("2001:db8:1:2:ffff::"));
        assert_eq!(shown("2001:db8:1:ff::9"), shown("2001:db8:1:2::9"));
        assert_ne!(shown("2001:db8:1:102::9"), shown("2001:db8:1:2::9"));
    }

    #[test]
    fn what_the_proxy_adds_is_read_however_it_is_written() {
        for (entry, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("198.51.100.7:80", "198.51.100.7"),
            ("203.0.113.9, 198.51.100.7:51000 ", "198.51.100.7"),
            ("2001:db8:1:2::9", "2001:db8:1::/56"),
            ("[2001:db8:1:2::9]", "2001:db8:1::/56"),
            ("[2001:db8:1:2::9]:443", "2001:db8:1::/56"),
            ("\"[2001:db8:1:2::9]:4711\"", "2001:db8:1::/56"),
            ("::1", "::/56"),
            ("[::1]", "::/56"),
            ("[::1]:443", "::/56"),
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
            ("for=203.0.113.9, by=\"a;for=x\"; for=\"[2001:db8::1]:4711\"", "2001:db8::/56"),
            ("for=203.0.113.9, FOR=\"[2001:db8::1]\"", "2001:db8::/56"),
            ("for=203.0.113.9;secret=\"a\\\",b\",for=198.51.100.7", "198.51.100.7"),
        ] {
            assert_eq!(taken(&[("forwarded", line)]), expected, "{line}");
        }
    }

    /// Whatever a client writes, a proxy that adds its element to the same line or to one of its own has the last word.
    #[test]
    fn nothing_that_a_client_writes_changes_what_the_proxy_says() {
        for begun in [
            "for=203.0.113.9;x=\"",
            "for=203.0.113.9;x=\"\\",
            "for=203.0.113.9;x=\"\\\"",
            "for=\"203.0.113.9",
            "\"",
            "\\",
            "for=203.0.113.9;x=(",
            "for=203.0.113.9;",
            "for=203.0.113.9;x=",
            "x=\";for=203.0.113.9;y=\"",
            "",
            ",,",
        ] {
            for added in
                ["for=198.51.100.7", "for=\"198.51.100.7:80\";by=\"[2001:db8::1]\"", "by=_a;for=\"198.51.100.7\""]
            {
                for joint in [",", ", "] {
                    let line: &'static str = format!("{begun}{joint}{added}").leak();
                    assert_eq!(taken(&[("forwarded", line)]), "198.51.100.7", "{line}");
                }
                assert_eq!(taken(&[("forwarded", begun), ("forwarded", added)]), "198.51.100.7", "{begun}");
            }
            let line: &'static str = format!("{begun}, 198.51.100.7").leak();
            assert_eq!(taken(&[("x-forwarded-for", line)]), "198.51.100.7", "{line}");
        }
        let not_ascii = HeaderValue::from_bytes(b"for=\xff\", for=198.51.100.7").unwrap();
        let request = TestRequest::default().append_header(("forwarded", not_ascii)).to_http_request();
        assert_eq!(of(&request, true), "198.51.100.7");
    }

    #[test]
    fn two_headers_are_believed_when_they_agree() {
        let both = |forwarded, listed| taken(&[("forwarded", forwarded), ("x-forwarded-for", listed)]);
        assert_eq!(both("for=203.0.113.9, for=198.51.100.7", "203.0.113.9, 198.51.100.7"), "198.51.100.7");
        for (forwarded, listed) in [
            ("for=203.0.113.9", "198.51.100.7"),
            ("for=198.51.100.7", "203.0.113.9"),
            ("for=198.51.100.7", "unknown"),
            ("for=unknown", "198.51.100.7"),
        ] {
            assert_eq!(both(forwarded, listed), "192.0.2.1", "one of them may be the client's: {forwarded}, {listed}");
        }
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
            "for=203.0.113.9;for=198.51.100.7",
            "for=198.51.100.7;x=\"",
            "for=198.51.100.7;x=\"a\\\"",
            "for=198.51.100.7;x=\"a\"b",
            "for=198.51.100.7;x=a\"b\"",
            "for=198.51.100.7;",
            "for=198.51.100.7;by=\"a,b\"",
            "for=\"198.51.100.7",
            "=;for=198.51.100.7",
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
