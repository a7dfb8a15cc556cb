use super::{
    stand_in::{Request, reply},
    *,
};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::json;

/// The key of RFC 7515, appendix A.2, which everybody knows.
const KEY: &str = include_str!("rfc7515_a2.pem");
const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Q\
                       lL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBY\
                       UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNm\
                       oudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

fn account(token_uri: &str) -> Value {
    json!({
        "type": "service_account",
        "project_id": "garage-1",
        "private_key_id": "key-1",
        "private_key": KEY,
        "client_email": "push@garage-1.iam.gserviceaccount.com",
        "token_uri": token_uri,
    })
}

fn pusher(service: &StandIn) -> Pusher {
    let account = account(&format!("{}/token", service.base)).to_string();
    let service_account = Some(ServiceAccount::from_json(&account).unwrap());
    let (fcm_base, timeout) = (format!("{}/", service.base), service.patience);
    Pusher::new(PushSettings { service_account, fcm_base, timeout, ..settings() }).unwrap()
}

fn target() -> Target {
    Target::Fcm { token: "s3cret:token".into() }
}

fn granted(token: &str) -> Reply {
    let body = json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" });
    reply("200 OK\r\nContent-Type: application/json", &body.to_string())
}

fn accepted() -> Reply {
    reply("200 OK", r#"{"name":"projects/garage-1/messages/1"}"#)
}

fn refused(status: &str, error: &Value) -> Reply {
    reply(status, &json!({ "error": error }).to_string())
}

fn send(service: &StandIn) -> Result<(), PushError> {
    pusher(service).send(&target(), &message(), now())
}

/// The fields of a form.
fn fields(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

#[test]
fn the_server_signs_in_with_an_assertion() {
    let service = StandIn::new(vec![granted("ya29.s3cret"), accepted()]);
    send(&service).unwrap();
    let request = service.request();
    assert_eq!(request.line, "POST /token HTTP/1.1");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let fields = fields(&request);
    assert_eq!(fields[0], ("grant_type".into(), "urn:ietf:params:oauth:grant-type:jwt-bearer".into()));
    assert_eq!((fields.len(), &*fields[1].0), (2, "assertion"));
    let (header, claims, signature, input) = parts(&fields[1].1);
    assert_eq!(header, json!({ "typ": "JWT", "alg": "RS256", "kid": "key-1" }));
    let wanted = json!({
        "iss": "push@garage-1.iam.gserviceaccount.com",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": format!("{}/token", service.base),
        "iat": NOW,
        "exp": NOW + 3_600,
    });
    assert_eq!(claims, wanted);
    let key = RsaPublicKeyComponents { n: decode(MODULUS), e: vec![1, 0, 1] };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &signature).unwrap();
}

#[test]
fn a_message_has_the_published_shape() {
    let service = StandIn::new(vec![granted("ya29.one"), accepted(), accepted()]);
    let pusher = pusher(&service);
    pusher.send(&target(), &message(), now()).unwrap();
    service.request();
    let request = service.request();
    assert_eq!(request.line, "POST /v1/projects/garage-1/messages:send HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer ya29.one"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let key = message().collapse_key().unwrap();
    let wanted = json!({ "message": {
        "token": "s3cret:token",
        "notification": { "title": "APK verloopt", "body": "De APK van AB-123-C verloopt over 30 dagen." },
        "data": { "url": "/passports/1", "tag": "apk/1" },
        "android": { "ttl": "86400s", "collapse_key": key, "priority": "NORMAL", "notification": { "tag": key } },
        "apns": { "headers": {
            "apns-expiration": (NOW + 86_400).to_string(), "apns-priority": "5", "apns-collapse-id": key,
        } },
    } });
    assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), wanted);

    let long =
        PushMessage { body: "€".repeat(5_000), tag: None, urgency: Urgency::High, ttl_seconds: 0, ..message() };
    pusher.send(&target(), &long, now()).unwrap();
    let request = service.request();
    assert!((4_090..=4_096).contains(&request.body.len()), "{}", request.body.len());
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let sent = &sent["message"];
    assert!(sent["notification"]["body"].as_str().unwrap().ends_with("€…"));
    assert_eq!(sent["android"], json!({ "ttl": "0s", "priority": "HIGH" }));
    assert_eq!(sent["apns"]["headers"], json!({ "apns-expiration": "0", "apns-priority": "10" }));
    assert_eq!(sent["data"], json!({ "url": "/passports/1" }));
}

#[test]
fn an_access_token_is_kept_until_a_minute_before_its_end() {
    let service = StandIn::new(vec![granted("one"), accepted(), accepted(), granted("two"), accepted()]);
    let pusher = pusher(&service);
    let send = |seconds: i64| {
        pusher.send(&target(), &message(), Timestamp::from_second(NOW + seconds).unwrap()).unwrap();
    };
    send(0);
    service.request();
    assert_eq!(service.request().header("authorization"), Some("Bearer one"));
    send(3_538);
    assert_eq!(service.request().header("authorization"), Some("Bearer one"));
    send(3_539);
    assert_eq!(service.request().line, "POST /token HTTP/1.1");
    assert_eq!(service.request().header("authorization"), Some("Bearer two"));
}

#[test]
fn a_refused_access_token_is_replaced_once() {
    let unauthorized = || refused("401 No", &json!({ "code": 401, "status": "UNAUTHENTICATED" }));
    let service = StandIn::new(vec![granted("one"), unauthorized(), granted("two"), accepted(), accepted()]);
    let kept = pusher(&service);
    kept.send(&target(), &message(), now()).unwrap();
    kept.send(&target(), &message(), now()).unwrap();
    let used: Vec<Option<String>> =
        (0..5).map(|_| service.request().header("authorization").map(str::to_owned)).collect();
    let used: Vec<&str> = used.iter().flatten().map(String::as_str).collect();
    assert_eq!(used, ["Bearer one", "Bearer two", "Bearer two"]);

    let service = StandIn::new(vec![granted("one"), unauthorized(), granted("two"), unauthorized()]);
    let sent = send(&service);
    assert!(matches!(&sent, Err(PushError::Temporary { reason, .. }) if reason.contains("401")), "{sent:?}");
}

#[test]
fn each_answer_has_its_meaning() {
    let fcm = |code: &str| json!({ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code });
    let field = |field: &str| {
        json!({ "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{ "field": field, "description": "s3cret" }] })
    };
    let error =
        |status: &str, details: Value| json!({ "code": 0, "message": "s3cret", "status": status, "details": details });
    let invalid = |details: Value| refused("400 No", &error("INVALID_ARGUMENT", details));
    let other = json!({ "@type": "type.googleapis.com/google.firebase.fcm.v1.ApnsError", "errorCode": "UNREGISTERED" });
    for (answer, wanted) in [
        (accepted(), "Ok"),
        (refused("404 No", &error("NOT_FOUND", json!([fcm("UNREGISTERED")]))), "Gone"),
        (refused("404 No", &error("NOT_FOUND", json!([]))), "Permanent 127.0.0.1 answers 404 (NOT_FOUND)"),
        (refused("404 No", &error("NOT_FOUND", json!([other]))), "Permanent"),
        (reply("404 No", "<html>s3cret"), "Permanent 127.0.0.1 answers 404 (no reason given)"),
        (invalid(json!([fcm("INVALID_ARGUMENT")])), "Gone"),
        (invalid(json!([fcm("INVALID_ARGUMENT"), field("message.token")])), "Gone"),
        (invalid(json!([field("message"), fcm("INVALID_ARGUMENT")])), "Permanent"),
        (invalid(json!([fcm("INVALID_ARGUMENT"), field("message.android.ttl")])), "Permanent"),
        (invalid(json!([field("message.token")])), "Permanent 127.0.0.1 answers 400 (INVALID_ARGUMENT)"),
        (refused("400 No", &json!({ "status": "INVALID_ARGUMENT" })), "Permanent"),
        (refused("403 No", &error("PERMISSION_DENIED", json!([fcm("SENDER_ID_MISMATCH")]))), "Gone"),
        (
            refused("403 No", &error("PERMISSION_DENIED", json!([]))),
            "Permanent 127.0.0.1 answers 403 (PERMISSION_DENIED)",
        ),
        (
            refused("401 No", &error("UNAUTHENTICATED", json!([fcm("THIRD_PARTY_AUTH_ERROR")]))),
            "Permanent 127.0.0.1 answers 401 (THIRD_PARTY_AUTH_ERROR): Firebase's key",
        ),
        (
            refused("429 Wait\r\nRetry-After: 60", &error("RESOURCE_EXHAUSTED", json!([fcm("QUOTA_EXCEEDED")]))),
            "Temporary Some(60) 127.0.0.1 answers 429 (QUOTA_EXCEEDED)",
        ),
        (refused("500 Oops", &error("INTERNAL", json!([fcm("INTERNAL")]))), "Temporary None 127.0.0.1 answers 500"),
        (reply("503 Wait\r\nRetry-After: Tue, 24 Nov 2026 10:01:00 GMT", "s3cret"), "Temporary Some(60)"),
        (reply("502 Oops", "<html>"), "Temporary None"),
        (reply("302 There\r\nLocation: /s3cret", ""), "Permanent 127.0.0.1 answers 302 (no reason given): redirects"),
        (reply("413 Long", ""), "Permanent"),
        (refused("400 No", &error("s3cret word", json!([]))), "Permanent 127.0.0.1 answers 400 (no reason given)"),
        (Reply::Flood, "Permanent"),
        (Reply::Silence, "Temporary None 127.0.0.1: no answer in time"),
        (Reply::Close, "Temporary None 127.0.0.1: "),
    ] {
        let service = StandIn::new(vec![granted("ya29.s3cret"), answer.clone()]);
        check_told(send(&service), wanted, &answer);
    }
}

#[test]
fn without_an_access_token_nothing_is_sent() {
    let refusal = r#"{"error":"invalid_grant","error_description":"s3cret"}"#;
    let told = "Permanent 127.0.0.1 answers 400 to the service account (invalid_grant)";
    for (answer, wanted) in [
        (reply("400 No", refusal), told),
        (reply("403 No", "s3cret"), "Permanent 127.0.0.1 answers 403 to the service account (no reason given)"),
        (reply("302 There\r\nLocation: /s3cret", ""), "Permanent"),
        (reply("429 Wait\r\nRetry-After: 5", ""), "Temporary Some(5)"),
        (reply("503 Wait", ""), "Temporary None"),
        (reply("200 OK", "{}"), "Temporary None 127.0.0.1 gives no access token"),
        (reply("200 OK", r#"{"access_token":"a\r\nb","expires_in":1}"#), "Temporary None 127.0.0.1 gives no access"),
        (Reply::Silence, "Temporary None 127.0.0.1: no answer in time"),
    ] {
        let service = StandIn::new(vec![answer.clone()]);
        check_told(send(&service), wanted, &answer);
    }
}

#[test]
fn a_service_account_is_checked() {
    let good = account("https://oauth2.googleapis.com/token");
    let read = |account: &Value| ServiceAccount::from_json(&account.to_string());
    let shown = format!("{:?}", read(&good).unwrap());
    assert_eq!(
        (read(&good).unwrap().project_id(), &*shown),
        ("garage-1", r#"ServiceAccount { project: "garage-1", .. }"#)
    );
    let mut without_id = good.clone();
    without_id.as_object_mut().unwrap().remove("private_key_id");
    assert!(read(&without_id).is_ok());
    for (name, value) in [
        ("project_id", ""),
        ("project_id", "a/../b"),
        ("client_email", "nobody"),
        ("private_key", "s3cret"),
        ("private_key", "-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----\n"),
        ("token_uri", "s3cret"),
        ("token_uri", "data:s3cret"),
    ] {
        let mut bad = good.clone();
        bad[name] = value.into();
        let Err(SetupError::ServiceAccount(reason)) = read(&bad) else { panic!("{name} {value}") };
        assert!(reason.contains(name) && !reason.contains("s3cret"), "{reason}");
        bad.as_object_mut().unwrap().remove(name);
        assert!(matches!(read(&bad), Err(SetupError::ServiceAccount(_))));
    }
    assert!(matches!(ServiceAccount::from_json("s3cret"), Err(SetupError::ServiceAccount(_))));

    let built = |account: &Value, base: &str| {
        let service_account = Some(read(account).unwrap());
        let settings =
            PushSettings { service_account, fcm_base: base.into(), networks: Networks::PublicOnly, ..settings() };
        Pusher::new(settings).map(|_| ())
    };
    assert_eq!(built(&good, FCM_BASE), Ok(()));
    assert_eq!(built(&good, "http://fcm.googleapis.com"), Err(SetupError::FcmBase));
    assert_eq!(built(&good, "fcm"), Err(SetupError::FcmBase));
    assert!(matches!(
        built(&account("http://oauth2.googleapis.com/token"), FCM_BASE),
        Err(SetupError::ServiceAccount(_))
    ));
}
