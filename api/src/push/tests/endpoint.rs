use crate::push::{
    EndpointError, Networks, OwnService, PushError, PushSettings, VapidKey, check_endpoint,
    endpoint::{PublicResolver, is_public},
    exchange::{answer, public_agent},
};
use std::{
    net::{IpAddr, TcpListener},
    time::Duration,
};
use ureq::{
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::NextTimeout,
    },
};

fn checked(text: &str) -> Result<String, EndpointError> {
    check_endpoint(text, Networks::PublicOnly).map(|endpoint| endpoint.reveal().to_owned())
}

#[test]
fn endpoints_of_push_services_are_accepted() {
    for text in [
        "https://fcm.googleapis.com/fcm/send/dGVzdA:APA91bH-x_y",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAAB=",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2fx%3d",
        "https://push.xn--mnchen-3ya.de/1",
        "https://8.8.8.8/1",
        "https://[2606:4700::1111]/1",
        "https://localhost.nl/",
        "https://notlocal.nl/",
    ] {
        assert_eq!(checked(text).as_deref(), Ok(text));
    }
    // It is written the normal way.
    assert_eq!(checked("https://Push.Garage-Jansen.NL:443/A").unwrap(), "https://push.garage-jansen.nl/A");
    let endpoint = check_endpoint("https://Push.Garage-Jansen.NL:443/A?b", Networks::PublicOnly).unwrap();
    assert_eq!((endpoint.host(), &*endpoint.origin()), ("push.garage-jansen.nl", "https://push.garage-jansen.nl"));
    let prefix = "https://a.nl/";
    assert!(checked(&format!("{prefix}{}", "x".repeat(2_048 - prefix.len()))).is_ok());
}

#[test]
fn other_endpoints_are_refused_with_the_reason() {
    let long = format!("https://a.nl/{}", "x".repeat(2_048));
    let escaped = format!("https://a.nl/{}", "\"".repeat(1_000));
    for (text, reason) in [
        (&*long, EndpointError::TooLong),
        (&*escaped, EndpointError::TooLong),
        ("", EndpointError::Malformed),
        ("push.a.nl/1", EndpointError::Malformed),
        ("//push.a.nl/1", EndpointError::Malformed),
        ("https://", EndpointError::Malformed),
        ("https:///", EndpointError::Malformed),
        ("https://?x", EndpointError::Malformed),
        (" https://a.nl/", EndpointError::Malformed),
        ("https://a.nl/ ", EndpointError::Malformed),
        ("https://a.nl/\r\nHost: b", EndpointError::Malformed),
        ("https://a.nl/\t", EndpointError::Malformed),
        ("https://a.nl/#x", EndpointError::Malformed),
        ("https://a.nl\\@b.nl/", EndpointError::Malformed),
        ("https://münchen.de/", EndpointError::Malformed),
        ("https://１２７.0.0.1/", EndpointError::Malformed),
        ("https://127。0。0。1/", EndpointError::Malformed),
        ("https://a.nl/é", EndpointError::Malformed),
        ("https://a.nl:99999/", EndpointError::Malformed),
        ("https://256.256.256.256/", EndpointError::Malformed),
        ("https://1.2.3.4.5/", EndpointError::Malformed),
        ("https://[::1/", EndpointError::Malformed),
        ("https://[fe80::1%25eth0]/", EndpointError::Malformed),
        ("https://xn--a/", EndpointError::Malformed),
        ("https://xn--localhost-/", EndpointError::Malformed),
        ("https://a%00.nl/", EndpointError::Malformed),
        ("https://a%2fb.nl/", EndpointError::Malformed),
        ("http://a.nl/", EndpointError::Scheme),
        ("ftp://a.nl/", EndpointError::Scheme),
        ("file:///etc/passwd", EndpointError::Scheme),
        ("wss://a.nl/", EndpointError::Scheme),
        ("data:text/plain,x", EndpointError::Scheme),
        ("javascript:alert(1)", EndpointError::Scheme),
        ("https://user@a.nl/", EndpointError::UserInfo),
        ("https://user:word@a.nl/", EndpointError::UserInfo),
        ("https://:word@a.nl/", EndpointError::UserInfo),
        ("https://fcm.googleapis.com@127.0.0.1/", EndpointError::UserInfo),
        ("https://fcm.googleapis.com:443@127.0.0.1/", EndpointError::UserInfo),
        ("https://a.nl:80/", EndpointError::Port),
        ("https://a.nl:8443/", EndpointError::Port),
        ("https://a.nl:0/", EndpointError::Port),
        ("https://8.8.8.8:22/", EndpointError::Port),
        ("https://localhost/", EndpointError::LocalName),
        ("https://LOCALHOST/", EndpointError::LocalName),
        ("https://local%68ost/", EndpointError::LocalName),
        ("https://localhost./", EndpointError::LocalName),
        ("https://foo.localhost/", EndpointError::LocalName),
        ("https://foo.localhost./", EndpointError::LocalName),
        ("https://a.nl./", EndpointError::LocalName),
        ("https://a..nl/", EndpointError::LocalName),
        ("https://.nl/", EndpointError::LocalName),
        ("https://database/", EndpointError::LocalName),
        ("https://printer.local/", EndpointError::LocalName),
        ("https://metadata.google.internal/", EndpointError::LocalName),
        ("https://router.home.arpa/", EndpointError::LocalName),
        ("https://1.0.0.127.in-addr.arpa/", EndpointError::LocalName),
        ("https://a.test/", EndpointError::LocalName),
        ("https://a.onion/", EndpointError::LocalName),
    ] {
        assert_eq!(checked(text), Err(reason), "{text}");
    }
}

#[test]
fn no_spelling_of_a_private_address_is_accepted() {
    for host in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "0x7f.0x0.0x0.0x1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "0x0",
        "10.0.0.1",
        "167772161",
        "012.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.168.257",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.169.254",
        "2852039166",
        "0xA9FEA9FE",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "4294967295",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[2001:db8::1]",
        "[3fff::1]",
        "[fc00::1]",
        "[fd12:3456:789a::1]",
        "[fe80::1]",
        "[febf::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[100::1]",
        "[5f00::1]",
    ] {
        assert_eq!(checked(&format!("https://{host}/")), Err(EndpointError::PrivateAddress), "{host}");
    }
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.0.1",
        "192.169.0.1",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2a00:1450:400e::200a",
        "64:ff9b::8.8.8.8",
        "2001:4860:4860::8888",
        "2620:149::1",
    ] {
        assert!(is_public(address.parse::<IpAddr>().unwrap()), "{address}");
    }
}

#[test]
fn a_test_may_use_its_own_machine() {
    let any = |text| check_endpoint(text, Networks::Any).map(|endpoint| endpoint.origin());
    assert_eq!(any("http://127.0.0.1:8080/x").as_deref(), Ok("http://127.0.0.1:8080"));
    assert_eq!(any("https://localhost/x").as_deref(), Ok("https://localhost"));
    assert_eq!(any("ftp://localhost/x"), Err(EndpointError::Scheme));
    assert_eq!(any("http://user@localhost/x"), Err(EndpointError::UserInfo));
}

#[test]
fn a_name_is_resolved_to_public_addresses_alone() {
    let resolved = |uri: &str| {
        let config = Config::default();
        let found = PublicResolver::<DefaultResolver>::default().resolve(
            &uri.parse().unwrap(),
            &config,
            NextTimeout::default(),
        );
        found.map(|found| found.to_vec()).map_err(|error| error.to_string())
    };
    assert_eq!(resolved("https://8.8.8.8/1"), Ok(vec!["8.8.8.8:443".parse().unwrap()]));
    assert_eq!(resolved("https://[2606:4700::1111]/"), Ok(vec!["[2606:4700::1111]:443".parse().unwrap()]));
    for uri in ["https://localhost/", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://2130706433/"] {
        assert!(resolved(uri).unwrap_err().contains("not public"), "{uri}");
    }
}

/// As if the DNS said this.
#[derive(Debug)]
struct Says(&'static [&'static str]);

impl Resolver for Says {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        self.0.iter().for_each(|address| found.push(address.parse().unwrap()));
        Ok(found)
    }
}

#[test]
fn one_private_address_among_others_is_enough() {
    let is_accepted = |addresses: &'static [&'static str]| {
        let resolver = PublicResolver { inner: Says(addresses) };
        let uri = "https://push.a.nl/".parse().unwrap();
        resolver.resolve(&uri, &Config::default(), NextTimeout::default()).is_ok()
    };
    assert!(is_accepted(&["8.8.8.8:443", "[2606:4700::1111]:443"]));
    assert!(!is_accepted(&["8.8.8.8:443", "10.0.0.1:443"]));
    assert!(!is_accepted(&["[fd00::1]:443", "8.8.8.8:443"]));
    assert!(!is_accepted(&["8.8.8.8:443", "[::ffff:127.0.0.1]:443", "1.1.1.1:443"]));
}

#[test]
fn a_name_for_a_private_address_is_not_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let agent = public_agent(Networks::PublicOnly, Duration::from_secs(5));
    // As if a public name stood for it, which the check of the text cannot see.
    for host in ["localhost", "127.0.0.1", "2130706433"] {
        let sent = agent.post(format!("https://{host}:{port}/s3cret")).send(b"x".as_slice());
        let Err(PushError::Permanent { reason }) = answer(sent, host, super::now()) else { panic!("{host}") };
        assert_eq!(reason, format!("{host}: the name stands for an address that is not public"));
    }
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn ch2_the_operators_own_service_is_reached_wherever_it_is_and_nothing_beside_it() {
    let own = OwnService::parse("http://192.168.1.5:8081");
    let settings = PushSettings {
        networks: Networks::PublicOnly,
        own_service: own.clone(),
        ..PushSettings::new(VapidKey::from_bytes(&[7; 32]).unwrap(), "mailto:beheer@autopaspoort.nl")
    };
    assert!(settings.check_endpoint("http://192.168.1.5:8081/up/a?b=c").is_ok());
    // The same address in another spelling is that address.
    assert!(settings.check_endpoint("HTTP://3232235781:8081/up").is_ok());
    for (beside, why) in [
        ("http://192.168.1.5:8082/up", EndpointError::Scheme),
        ("https://192.168.1.5:8081/up", EndpointError::PrivateAddress),
        ("http://192.168.1.5/up", EndpointError::Scheme),
        ("https://192.168.1.6/up", EndpointError::PrivateAddress),
        ("http://192.168.1.5:8081@127.0.0.1/up", EndpointError::UserInfo),
    ] {
        assert_eq!(settings.check_endpoint(beside).unwrap_err(), why, "{beside}");
    }
    assert!(settings.check_endpoint("https://web.push.apple.com/a").is_ok());
    assert_eq!(own, OwnService::parse("http://192.168.1.5:8081/"), "the slash says nothing");
    for wrong in
        ["192.168.1.5:8081", "ftp://192.168.1.5", "http://192.168.1.5/up", "http://a.lan?x", "http://u@a.lan", ""]
    {
        assert_eq!(OwnService::parse(wrong), None, "{wrong}");
    }
}
