use super::{
    stand_in::{FLOOD, Request, reply},
    *,
};
use crate::push::web_push::{Receiver, encrypted};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hmac,
    rand::SystemRandom,
    signature::{self, ECDSA_P256_SHA256_FIXED},
};
use std::time::Instant;

/// Browsers' keys, of RFC 8291, appendix A.
const UA_PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn target(service: &StandIn) -> Target {
    let endpoint = format!("{}/wpush/s3cret?token=s3cret", service.base);
    Target::WebPush { endpoint, p256dh: UA_PUBLIC.into(), auth: AUTH.into() }
}

fn send(service: &StandIn) -> Result<(), PushError> {
    let settings = PushSettings { timeout: service.patience, ..settings() };
    Pusher::new(settings).unwrap().send(&target(service), &message(), now())
}

/// A browser, which decrypts as RFC 8291 and RFC 8188 say. Its arithmetic is that of another library than the sender's.
struct Browser {
    key: EphemeralPrivateKey,
    public: Vec<u8>,
    auth: [u8; 16],
}

impl Browser {
    fn new() -> Self {
        let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = key.compute_public_key().unwrap().as_ref().to_vec();
        Self { key, public, auth: *b"sixteen secrets!" }
    }

    fn target(&self, service: &StandIn) -> Target {
        let endpoint = format!("{}/wpush/s3cret", service.base);
        Target::WebPush {
            endpoint,
            p256dh: URL_SAFE_NO_PAD.encode(&self.public),
            auth: URL_SAFE_NO_PAD.encode(self.auth),
        }
    }

    fn decrypt(self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (size, rest) = rest.split_at(4);
        let size = u32::from_be_bytes(size.try_into().unwrap());
        let sender = &rest[1..=usize::from(rest[0])];
        let record = &rest[1 + sender.len()..];
        assert!(sender.len() == 65 && record.len() <= size as usize, "one record");
        let shared = agree_ephemeral(self.key, &UnparsedPublicKey::new(&ECDH_P256, sender), <[u8]>::to_vec).unwrap();
        let info = [b"WebPush: info\0", &*self.public, sender].concat();
        let secret = hkdf(&self.auth, &shared, &info, 32);
        let key = hkdf(salt, &secret, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = hkdf(salt, &secret, b"Content-Encoding: nonce\0", 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let mut text = record.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut text).unwrap();
        let end = text.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(text[end], 2, "the last record");
        text[..end].to_vec()
    }
}

/// RFC 5869, for one block.
fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), secret);
    let expanded = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref()), &[info, &[1]].concat());
    expanded.as_ref()[..length].to_vec()
}

#[test]
fn the_example_of_rfc_8291_comes_out() {
    let sender = p256::SecretKey::from_slice(&decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
    let receiver = Receiver::parse(UA_PUBLIC, AUTH).unwrap();
    let salt = decode("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
    let body = encrypted(b"When I grow up, I want to be a watermelon", &receiver, &sender, salt).unwrap();
    let wanted = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
                  EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    assert_eq!(URL_SAFE_NO_PAD.encode(body), wanted);
}

#[test]
fn a_browser_reads_what_was_sent() {
    let service = StandIn::new(vec![reply("201 Created\r\nLocation: /m/1", ""), reply("201 Created", "")]);
    let pusher = Pusher::new(settings()).unwrap();
    let (one, other) = (Browser::new(), Browser::new());
    pusher.send(&one.target(&service), &message(), now()).unwrap();
    let request = service.request();
    assert_eq!(request.line, "POST /wpush/s3cret HTTP/1.1");
    assert_eq!(request.header("ttl"), Some("86400"));
    assert_eq!(request.header("urgency"), Some("normal"));
    assert_eq!(request.header("content-encoding"), Some("aes128gcm"));
    assert_eq!(request.header("content-type"), Some("application/octet-stream"));
    let topic = request.header("topic").unwrap();
    assert!(topic.len() == 32 && decode(topic).len() == 24, "{topic}");
    let text: Value = serde_json::from_slice(&one.decrypt(&request.body)).unwrap();
    let message = message();
    let wanted = serde_json::json!({
        "title": message.title, "body": message.body, "url": message.url, "tag": message.tag,
    });
    assert_eq!(text, wanted);

    let plain = PushMessage { tag: None, urgency: Urgency::VeryLow, ttl_seconds: u32::MAX, ..message };
    pusher.send(&other.target(&service), &plain, now()).unwrap();
    let request = service.request();
    assert_eq!((request.header("ttl"), request.header("urgency")), (Some("2419200"), Some("very-low")));
    assert_eq!(request.header("topic"), None);
    let text: Value = serde_json::from_slice(&other.decrypt(&request.body)).unwrap();
    assert_eq!(text.get("tag"), None);
}

#[test]
fn a_long_message_takes_4096_bytes() {
    let service = StandIn::new(vec![reply("201 Created", "")]);
    let browser = Browser::new();
    let long = PushMessage { body: "lang ".repeat(2_000), ..message() };
    Pusher::new(settings()).unwrap().send(&browser.target(&service), &long, now()).unwrap();
    let request = service.request();
    assert!((4_090..=4_096).contains(&request.body.len()), "{}", request.body.len());
    let text: Value = serde_json::from_slice(&browser.decrypt(&request.body)).unwrap();
    assert!(text["body"].as_str().unwrap().ends_with('…') && text["title"] == "APK verloopt");
}

fn token(request: &Request) -> (String, Vec<u8>) {
    let header = request.header("authorization").unwrap();
    let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(",k=").unwrap();
    (token.to_owned(), decode(key))
}

#[test]
fn each_request_is_signed_for_its_service() {
    let service = StandIn::new(vec![reply("201 Created", ""); 4]);
    let pusher = Pusher::new(settings()).unwrap();
    let send = |seconds: i64| {
        pusher.send(&target(&service), &message(), Timestamp::from_second(NOW + seconds).unwrap()).unwrap();
        let (text, key) = token(&service.request());
        assert_eq!((key.len(), key[0], URL_SAFE_NO_PAD.encode(&key)), (65, 4, pusher.vapid_public_key().to_owned()));
        let (header, claims, signature, input) = parts(&text);
        assert_eq!(header, serde_json::json!({ "typ": "JWT", "alg": "ES256" }));
        let verified = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        verified.verify(input.as_bytes(), &signature).unwrap();
        assert_eq!((&claims["aud"], &claims["sub"]), (&service.base.clone().into(), &SUBJECT.into()));
        let left = claims["exp"].as_i64().unwrap() - NOW - seconds;
        assert!((3_600..=12 * 3_600).contains(&left), "{left}");
        text
    };
    let first = send(0);
    assert_eq!(send(10 * 3_600), first, "it is used again");
    let second = send(11 * 3_600 + 1);
    assert_ne!(second, first, "not when it is about to end");
    assert_ne!(send(0), second, "nor when its end is too far away");
}

#[test]
fn keys_go_in_and_out() {
    let key = VapidKey::generate().unwrap();
    let again = VapidKey::from_bytes(&key.to_bytes()).unwrap();
    assert_eq!((again.to_bytes(), again.public_key()), (key.to_bytes(), key.public_key()));
    assert_eq!(key.public_key().len(), 87);
    assert_ne!(VapidKey::generate().unwrap().to_bytes(), key.to_bytes());
    // RFC 8291, appendix A: a private key and its public one.
    let key = VapidKey::from_bytes(&decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
    assert_eq!(key.public_key(), UA_PUBLIC);
    for bytes in [&[0; 32][..], &[255; 32], &[7; 31], &[7; 33], &[]] {
        assert_eq!(VapidKey::from_bytes(bytes).map(|_| ()), Err(SetupError::VapidKey));
    }
}

#[test]
fn keys_of_a_browser_are_checked() {
    assert_eq!(check_keys(UA_PUBLIC, AUTH), []);
    assert_eq!(check_keys(&format!("{UA_PUBLIC}="), &format!("{AUTH}==")), [], "padding does no harm");
    let mut off_curve = decode(UA_PUBLIC);
    off_curve[64] ^= 1;
    let mut compressed = decode(UA_PUBLIC)[..33].to_vec();
    compressed[0] = 2;
    let mut hybrid = decode(UA_PUBLIC);
    hybrid[0] = 6;
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    for key in [
        String::new(),
        encode(&off_curve),
        encode(&compressed),
        encode(&hybrid),
        encode(&[0]),
        encode(&[4; 65]),
        encode(&[0; 65]),
        UA_PUBLIC.replace('_', "/"),
        UA_PUBLIC.to_lowercase(),
        format!("{UA_PUBLIC}AAAA"),
        "x".repeat(100_000),
    ] {
        assert_eq!(check_keys(&key, AUTH), [KeyError::P256dh], "{key}");
        assert_eq!(check_keys(&key, "x"), [KeyError::P256dh, KeyError::Auth], "{key}");
    }
    for auth in ["", "AAAA", &encode(&[1; 15]), &encode(&[1; 17]), "not base64url!!!!!!!!!"] {
        assert_eq!(check_keys(UA_PUBLIC, auth), [KeyError::Auth], "{auth}");
    }
    let pusher = Pusher::new(settings()).unwrap();
    let target = Target::WebPush { endpoint: "http://127.0.0.1:9/".into(), p256dh: "x".into(), auth: AUTH.into() };
    assert!(matches!(pusher.send(&target, &message(), now()), Err(PushError::Permanent { .. })));
    let pusher = Pusher::new(PushSettings { networks: Networks::PublicOnly, ..settings() }).unwrap();
    let sent = pusher.send(&target, &message(), now());
    assert_eq!(sent, Err(PushError::permanent(EndpointError::Scheme)));
}

#[test]
fn each_answer_has_its_meaning() {
    let in_two_minutes = "503 Wait\r\nRetry-After: Tue, 24 Nov 2026 10:02:00 GMT";
    for (answer, wanted) in [
        (reply("200 OK", ""), "Ok"),
        (reply("201 Created", "s3cret"), "Ok"),
        (reply("202 Accepted", ""), "Ok"),
        (reply("204 No Content", ""), "Ok"),
        (reply("404 Not Found", ""), "Gone"),
        (reply("410 Gone", "s3cret"), "Gone"),
        (reply("429 Wait\r\nRetry-After: 7", ""), "Temporary Some(7) 127.0.0.1 answers 429"),
        (reply("429 Wait", ""), "Temporary None"),
        (reply("429 Wait\r\nRetry-After: 0", ""), "Temporary None"),
        (reply("429 Wait\r\nRetry-After: soon", ""), "Temporary None"),
        (reply("429 Wait\r\nRetry-After: -5", ""), "Temporary None"),
        (reply("429 Wait\r\nRetry-After: 99999999999999999999999", ""), "Temporary Some(86400)"),
        (reply(in_two_minutes, ""), "Temporary Some(120) 127.0.0.1 answers 503"),
        (reply("503 Wait\r\nRetry-After: Tue, 24 Nov 2026 09:00:00 GMT", ""), "Temporary None"),
        (reply("500 Oops", "https://push/s3cret"), "Temporary None 127.0.0.1 answers 500"),
        (reply("502 Oops", ""), "Temporary None"),
        (reply("301 There\r\nLocation: http://127.0.0.1:1/s3cret", ""), "Permanent 127.0.0.1 answers 301: redirects"),
        (reply("307 There\r\nLocation: /s3cret", ""), "Permanent 127.0.0.1 answers 307: redirects"),
        (reply("308 There", ""), "Permanent 127.0.0.1 answers 308: redirects"),
        (reply("400 No", r#"{"reason":"BadJwtToken"}"#), "Permanent 127.0.0.1 answers 400 (BadJwtToken): the key"),
        (reply("401 No", r#"{"errno":109,"message":"s3cret"}"#), "Permanent 127.0.0.1 answers 401 (109): the key"),
        (reply("403 No", r#"{"reason":"no s3cret"}"#), "Permanent 127.0.0.1 answers 403: the key"),
        (reply("413 Long", ""), "Permanent 127.0.0.1 answers 413: the message is too long"),
        (reply("405 No", "s3cret"), "Permanent 127.0.0.1 answers 405"),
        (reply("206 Part", ""), "Permanent 127.0.0.1 answers 206"),
        (Reply::Silence, "Temporary None 127.0.0.1: no answer in time"),
        (Reply::Nonsense, "Temporary None 127.0.0.1: the answer is no valid HTTP"),
        (Reply::Close, "Temporary None 127.0.0.1: "),
    ] {
        check_told(send(&StandIn::new(vec![answer.clone()])), wanted, &answer);
    }
}

#[test]
fn no_service_can_hold_a_thread_or_fill_the_memory() {
    let begun = Instant::now();
    let service = StandIn::new(vec![Reply::Drip]);
    assert_eq!(send(&service), Ok(()), "it was accepted, whatever follows");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let service = StandIn::new(vec![Reply::Flood]);
    let Err(PushError::Permanent { .. }) = send(&service) else { panic!() };
    assert!(service.request().taken < FLOOD, "the rest is not read");
    let long = "x".repeat(1_000_000);
    let answer = reply(&format!("201 OK\r\nX-Long: {long}"), "");
    check_told(send(&StandIn::new(vec![answer.clone()])), "Temporary None 127.0.0.1: ", &answer);
}

#[test]
fn nobody_at_the_address_is_temporary() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{free}/s3cret");
    let target = Target::WebPush { endpoint, p256dh: UA_PUBLIC.into(), auth: AUTH.into() };
    let Err(PushError::Temporary { reason, .. }) = Pusher::new(settings()).unwrap().send(&target, &message(), now())
    else {
        panic!()
    };
    assert_eq!(reason, "127.0.0.1: connection refused");
}
