//! Where browsers may have their messages sent. An endpoint comes from a client, who could name an address within the
//! operator's own network, so it is checked when it is stored, when it is used, and again as an address after its name
//! was resolved.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use ureq::{
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};
use url::{Host, Url};

/// The most characters of an endpoint.
const MAX_LENGTH: usize = 2_048;
/// The port of https.
const PORT: u16 = 443;

/// The addresses of IPv4 that are not public, with the number of bits that they have in common (IANA's registry of
/// special-purpose addresses, RFC 6890, and multicast, RFC 5771).
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    // This network and unspecified, private, shared by a carrier's customers, loopback, link-local.
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // For protocols, documentation, relays of 6to4, and measurements.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast; reserved, and broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];
/// The public addresses of IPv6, and the ones among them that are not: for protocols (with Teredo, which contains
/// addresses of IPv4), documentation, 6to4 (which contains them too), and documentation again (RFC 9637).
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];
/// Addresses of IPv4 in a network that has IPv6 alone (RFC 6052).
const TRANSLATED: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// The last labels of names that are not in the public DNS (RFC 6761, 6762, 7686, 8375, 9476, and ICANN's `internal`),
/// or have no hosts there.
const LOCAL_LABELS: [&str; 14] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "arpa",
    "test",
    "example",
    "invalid",
    "onion",
    "alt",
];

/// Which networks endpoints may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Networks {
    /// Public addresses, by https on port 443.
    PublicOnly,
    /// Any address, scheme and port: for tests with a push service on the same machine.
    Any,
}

/// An endpoint that was checked. `Debug` shows its host alone, since whoever knows the whole can send to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

impl Endpoint {
    /// The host, in lower case and in ASCII.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The origin: scheme, host, and the port if it is not the usual one (RFC 6454, 6.2).
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The whole address, written the normal way. It is a secret.
    pub(super) fn reveal(&self) -> &str {
        self.url.as_str()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.host()).finish_non_exhaustive()
    }
}

/// The origin of a push service that the operator runs, such as one of UnifiedPush in the own network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnService(String);

impl OwnService {
    /// Reads an origin: a scheme (`http` or `https`) and a host, with a port if it is not the usual one, and no more.
    pub fn parse(text: &str) -> Option<Self> {
        let url = check_endpoint(text, Networks::Any).ok()?.url;
        let is_origin = url.path() == "/" && url.query().is_none();
        is_origin.then(|| Self(url.origin().ascii_serialization()))
    }

    /// Whether this endpoint is there.
    pub(super) fn has(&self, endpoint: &str) -> bool {
        check_endpoint(endpoint, Networks::Any).is_ok_and(|endpoint| endpoint.origin() == self.0)
    }
}

/// Why an endpoint is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It has more than 2,048 characters.
    #[error("the endpoint is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// It is not a URL, or has a fragment, a backslash, or characters other than the visible ones of ASCII.
    #[error("the endpoint is no URL of plain ASCII without a fragment")]
    Malformed,
    /// It is not https.
    #[error("the endpoint is not https")]
    Scheme,
    /// It has a user or a password.
    #[error("the endpoint has a user or password")]
    UserInfo,
    /// It has another port than 443.
    #[error("the endpoint has another port than {PORT}")]
    Port,
    /// Its host is a name that the public DNS does not have, such as `localhost`, or ends with a dot.
    #[error("the endpoint's host is no public name")]
    LocalName,
    /// Its host is an address that is not public.
    #[error("the endpoint's host is no public address")]
    PrivateAddress,
}

/// Checks the endpoint of a browser's subscription; see [`EndpointError`] for what is refused, and why.
///
/// It reads the text as browsers do (WHATWG URL Standard), so another spelling of an address is that address. It does
/// not ask the DNS: what a name stands for may change, so [`super::Pusher::send`] checks each address it connects to.
pub fn check_endpoint(text: &str, networks: Networks) -> Result<Endpoint, EndpointError> {
    if text.len() > MAX_LENGTH {
        return Err(EndpointError::TooLong);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
    let url = Url::parse(text).ok().filter(|_| is_plain).ok_or(EndpointError::Malformed)?;
    // The normal spelling may be longer.
    if url.as_str().len() > MAX_LENGTH {
        return Err(EndpointError::TooLong);
    }
    let is_secure = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(EndpointError::Scheme),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::UserInfo);
    }
    let host = url.host().ok_or(EndpointError::Malformed)?;
    if networks == Networks::PublicOnly {
        if !is_secure {
            return Err(EndpointError::Scheme);
        }
        match host {
            Host::Domain(name) if is_local_name(name) => return Err(EndpointError::LocalName),
            Host::Ipv4(address) if !is_public(address.into()) => return Err(EndpointError::PrivateAddress),
            Host::Ipv6(address) if !is_public(address.into()) => return Err(EndpointError::PrivateAddress),
            Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => {}
        }
        if url.port_or_known_default() != Some(PORT) {
            return Err(EndpointError::Port);
        }
    }
    Ok(Endpoint { url })
}

/// Whether a name in lower case is not in the public DNS: it has one label, ends with a dot or with a label that is
/// kept for other uses.
pub(super) fn is_local_name(name: &str) -> bool {
    match name.rsplit_once('.') {
        Some((rest, last)) => rest.split('.').any(str::is_empty) || last.is_empty() || LOCAL_LABELS.contains(&last),
        None => true,
    }
}

/// Whether an address can belong to a service in the Internet. An address of IPv4 that is written as one of IPv6
/// (`::ffff:0:0/96`) is not public: nobody needs that spelling.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| is_in_v4(address, *network)),
        IpAddr::V6(address) if is_in_v6(address, TRANSLATED) => {
            let [.., a, b, c, d] = address.octets();
            is_public(Ipv4Addr::new(a, b, c, d).into())
        }
        IpAddr::V6(address) => {
            is_in_v6(address, GLOBAL_V6) && !SPECIAL_V6.iter().any(|network| is_in_v6(address, *network))
        }
    }
}

fn is_in_v4(address: Ipv4Addr, (network, bits): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

fn is_in_v6(address: Ipv6Addr, (network, bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

/// A name stands for an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the name stands for an address that is not public")]
pub(super) struct NotPublic;

/// Resolves names, and refuses one if any of its addresses is not public. The connection goes to one of the addresses
/// that were checked, so a name that stands for another address a moment later gains nothing.
#[derive(Debug, Default)]
pub(super) struct PublicResolver<R = DefaultResolver> {
    pub(super) inner: R,
}

impl<R: Resolver> Resolver for PublicResolver<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.inner.resolve(uri, config, timeout)?;
        if addresses.iter().all(|address| is_public(address.ip())) {
            Ok(addresses)
        } else {
            Err(ureq::Error::Other(Box::new(NotPublic)))
        }
    }
}
