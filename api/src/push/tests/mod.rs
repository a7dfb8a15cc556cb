//! Tests of push messages, without any network but the machine's own.

mod endpoint;
mod fcm;
mod stand_in;
mod web_push;

use super::*;
use stand_in::{Reply, StandIn};

/// 2026-11-24 10:00:00 UTC.
const NOW: i64 = 1_795_514_400;
const SUBJECT: &str = "mailto:beheer@garage-jansen.nl";

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn message() -> PushMessage {
    PushMessage {
        title: "APK verloopt".into(),
        body: "De APK van AB-123-C verloopt over 30 dagen.".into(),
        url: "/passports/1".into(),
        tag: Some("apk/1".into()),
        urgency: Urgency::Normal,
        ttl_seconds: 86_400,
    }
}

fn settings() -> PushSettings {
    PushSettings { networks: Networks::Any, ..PushSettings::new(VapidKey::from_bytes(&[7; 32]).unwrap(), SUBJECT) }
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The parts of a JSON web token: header, claims, signature, and what is signed.
fn parts(token: &str) -> (Value, Value, Vec<u8>, String) {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let read = |part| serde_json::from_slice(&decode(part)).unwrap();
    (read(header), read(claims), decode(signature), input.to_owned())
}

/// Checks what became of a message: how it is told must begin so, and contain nothing secret.
fn check_told(sent: Result<(), PushError>, wanted: &str, answer: &Reply) {
    let shown = match sent {
        Ok(()) => "Ok".to_owned(),
        Err(PushError::Gone) => "Gone".into(),
        Err(PushError::Temporary { reason, retry_after }) => {
            format!("Temporary {:?} {reason}", retry_after.map(|pause| pause.as_secs()))
        }
        Err(PushError::Permanent { reason }) => format!("Permanent {reason}"),
    };
    assert!(shown.starts_with(wanted) && !shown.contains("s3cret"), "{answer:?}: {shown}, not {wanted}");
}

#[test]
fn nothing_secret_is_shown() {
    let settings = settings();
    let shown = format!("{settings:?} {:?} {:?}", Pusher::new(settings.clone()), message());
    let target = Target::WebPush {
        endpoint: "https://push.services.mozilla.com/wpush/s3cret".into(),
        p256dh: "s3cret".into(),
        auth: "s3cret".into(),
    };
    let shown = format!("{shown} {target:?} {:?}", Target::Fcm { token: "s3cret".into() });
    assert!(shown.contains("push.services.mozilla.com") && !shown.contains("s3cret"), "{shown}");
    assert!(!shown.contains(&URL_SAFE_NO_PAD.encode([7; 32])) && !shown.contains("7, 7"), "{shown}");
    assert!(!shown.contains("APK") && !shown.contains("passports"), "{shown}");
    let endpoint = check_endpoint("https://web.push.apple.com/s3cret", Networks::PublicOnly).unwrap();
    assert!(!format!("{endpoint:?}").contains("s3cret"));
}

#[test]
fn texts_are_cut_between_characters() {
    let write = |title: &str, body: &str| object([("t", Some(title.into())), ("b", Some(body.into()))]).to_string();
    let cut = |title: &str, body: &str, limit: usize| {
        let message = PushMessage { title: title.into(), body: body.into(), ..message() };
        cut::fitted(&message, limit, |title, body| write(title, body).into_bytes())
            .map(|bytes| String::from_utf8(bytes).unwrap())
    };
    assert_eq!(cut("ab", "cdef", 100).unwrap(), write("ab", "cdef"));
    let frame = write("", "").len();
    assert_eq!(cut("ab", "cdef", frame + 6).unwrap(), write("ab", "cdef"));
    assert_eq!(cut("ab", "cdef", frame + 5).unwrap(), write("ab", ""));
    assert_eq!(cut("ab", "cdefgh", frame + 7).unwrap(), write("ab", "cd…"));
    assert_eq!(cut("ab", "cdef 😀😀", frame + 12).unwrap(), write("ab", "cdef…"), "no half of a character, no space");
    assert_eq!(cut("ab", "\u{1}\u{1}\u{1}", frame + 12).unwrap(), write("ab", "\u{1}…"), "an escape takes six bytes");
    assert_eq!(cut("abcdef", "c", frame + 5).unwrap(), write("ab…", ""));
    assert!(matches!(cut("ab", "c", frame - 1), Err(PushError::Permanent { .. })));
    for limit in frame..frame + 40 {
        let text = cut("tïtel €", "één € \"drie\" 😀 en nog meer", limit).unwrap();
        assert!(text.len() <= limit);
    }
    assert!(cut("a", &"x".repeat(5_000_000), 4_096).unwrap().len() > 4_090);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let built = |subject: &str| {
        let key = VapidKey::generate().unwrap();
        Pusher::new(PushSettings::new(key, subject)).map(|_| ())
    };
    for subject in [
        SUBJECT,
        "mailto:a+b@xn--mnchen-3ya.de",
        "https://garage-jansen.nl",
        "https://garage-jansen.nl:8443/contact?about=push",
    ] {
        assert_eq!(built(subject), Ok(()), "{subject}");
    }
    for subject in [
        "",
        "beheer@garage-jansen.nl",
        "http://garage-jansen.nl",
        "mailto:",
        "mailto:garage-jansen.nl",
        "mailto:@garage-jansen.nl",
        "mailto: beheer@garage-jansen.nl",
        "mailto:<beheer@garage-jansen.nl>",
        "mailto:a@b.nl,c@d.nl",
        "mailto:a@b.nl@c.nl",
        "mailto:a@garage-jansen.nl/x",
        "mailto:a@garage-jansen.nl?subject=x",
        "mailto:a@b",
        "mailto:a@localhost",
        "mailto:a@LOCALHOST",
        "mailto:a@foo.localhost",
        "mailto:a@example.com",
        "mailto:a@mail.Example.ORG",
        "mailto:a@mail.example",
        "mailto:a@garage.test",
        "mailto:a@garage.local",
        "mailto:a@garage.invalid",
        "mailto:a@garage-jansen.nl.",
        "mailto:a@127.0.0.1",
        "mailto:a@[::1]",
        "https://localhost/contact",
        "https://example.com",
        "https://127.0.0.1",
        "https://8.8.8.8",
        "https://[::1]",
        "https://user@garage-jansen.nl",
    ] {
        assert_eq!(built(subject), Err(SetupError::Subject), "{subject}");
    }
    assert_eq!(built("mailto:a@notexample.com"), Ok(()));
    assert_eq!(built(&format!("https://garage-jansen.nl/{}", "x".repeat(300))), Err(SetupError::Subject));
}

#[test]
fn an_app_needs_a_service_account() {
    let pusher = Pusher::new(settings()).unwrap();
    let sent = pusher.send(&Target::Fcm { token: "t".into() }, &message(), now());
    assert!(matches!(sent, Err(PushError::Permanent { .. })));
}
