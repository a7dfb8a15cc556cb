//! Conditions: `If-Match` on changes, and `If-None-Match` on what is read (RFC 9110).

use crate::{
    both,
    support::{Answer, Request, Scene, Server},
};
use serde_json::json;

both! {
    async fn a_condition_that_no_version_can_meet_is_a_mistake(server) {
        let garage = server.garage("mistaken").await;
        let path = format!("/v1/customers/{}", garage.customer("jan@mistaken.example").await);
        let change = async |tag: &str| garage.admin.change("PATCH", &path, tag, json!({ "name": "No" })).await;
        for wrong in ["1", "\"1", "1\"", "", ",", "\"1\"x", "\"1\" \"2\"", "w/\"1\"", "W/1", "*, \"1\"", "\"01\"", "\"+1\"", "\"1-\"", "\"-1\"", "\"x\"", "\"\"", "\"90d5b3c0b5a1f1a4\"", "\"1-90d5b3c0\"", "W/\"x\""] {
            let answer = change(wrong).await;
            answer.wrong(&["If-Match if_match_invalid"]);
            assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("\"3\""), "it says how a tag looks");
        }
        for stale in ["\"0\"", "\"2\"", "\"2\", \"x\"", "\"10-90d5b3c0b5a1f1a4\"", "\"2\", W/\"1\""] {
            let answer = change(stale).await;
            answer.problem(412, "precondition_failed");
            assert!(answer.body["errors"].is_null());
        }
        for weak in ["W/\"1\"", "W/\"2\", W/\"1-90d5b3c0b5a1f1a4\""] {
            let answer = change(weak).await;
            answer.problem(412, "precondition_failed");
            assert_eq!((&answer.body["errors"][0]["parameter"], &answer.body["errors"][0]["code"]), (&json!("If-Match"), &json!("tag_weak")));
        }
        assert_eq!(garage.admin.get(&path).await.ok()["version"], 1, "nothing was changed");
        // Where it may be left out, and on several lines.
        let car = format!("/v1/passports/{}", garage.invited_passport(path.rsplit('/').next().unwrap()).await);
        let archive = async |tags: &[(&str, &str)]| garage.admin.send("POST", &format!("{car}/archive"), tags, None).await;
        archive(&[("if-match", "1")]).await.wrong(&["If-Match if_match_invalid"]);
        archive(&[("if-match", "\"7\"")]).await.problem(412, "precondition_failed");
        archive(&[("if-match", "\"7\""), ("if-match", "\"1\"")]).await.ok();
    }

    async fn one_of_several_tags_and_any_will_do(server) {
        let garage = server.garage("any").await;
        let path = format!("/v1/customers/{}", garage.customer("jan@any.example").await);
        let change = async |tag: &str, name: &str| garage.admin.change("PATCH", &path, tag, json!({ "name": name })).await;
        for (tag, version) in [("\"1\", \"3\"", 2), ("\"x\" ,,W/\"7\",\"2\"", 3), (" * ", 4), ("\"4-0123456789abcdef-gzip\"", 5)] {
            assert_eq!(change(tag, &format!("Version {version}")).await.ok()["version"], version, "{tag}");
        }
        // Any version of what is there; nothing is there.
        let unknown = "/v1/customers/0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";
        garage.admin.change("PATCH", unknown, "*", json!({ "name": "No" })).await.problem(404, "not_found");
    }

    async fn what_is_known_is_compared_weakly(server) {
        let garage = server.garage("known").await;
        let path = format!("/v1/customers/{}", garage.customer("jan@known.example").await);
        let ask = async |tag: &str| garage.admin.send("GET", &path, &[("if-none-match", tag)], None).await;
        let tag = garage.admin.get(&path).await.etag();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), format!(",\"a,b\" ,W/{tag},"), "*".to_owned()] {
            assert_eq!(ask(&known).await.status, 304, "{known}");
        }
        for other in ["\"1\"", "W/\"x\"", "\"*\""] {
            ask(other).await.ok();
        }
        for wrong in ["1", "\"1", "*, \"1\"", "", "\"1\"\"2\"", tag.trim_matches('"')] {
            ask(wrong).await.wrong(&["If-None-Match if_none_match_invalid"]);
        }
        // A change has no use for it, and says so before it does anything.
        for (method, path) in [("POST", "/v1/customers"), ("PATCH", path.as_str()), ("DELETE", &path), ("POST", "/v1/auth/login")] {
            for sent in ["*", "\"x\"", &tag] {
                let headers = [("content-type", "application/json"), ("if-match", "*"), ("if-none-match", sent)];
                let body = br#"{"kind":"person","name":"No"}"#.to_vec();
                garage.admin.send(method, path, &headers, Some(body)).await.wrong(&["If-None-Match only_for_reading"]);
            }
        }
        assert_eq!(garage.admin.get(&path).await.etag(), tag);
        assert_eq!(garage.admin.send("HEAD", &path, &[("if-none-match", &tag)], None).await.status, 304);
        let page = server.anonymous().send("GET", "/changelog", &[("if-none-match", "odd")], None).await;
        assert_eq!(page.status, 200, "besides the operations it is as if it were not sent");
    }
}

/// What a command changed is known by the tag that it gave, so it need not be read again. True when it gave one. Every command
/// of the access matrix is held to this.
pub(crate) async fn has_the_tag_of_reading_it(
    scene: &Scene,
    server: &Server,
    name: &str,
    request: &Request,
    answer: &Answer,
) -> bool {
    if !answer.headers.contains_key("etag") {
        return false;
    }
    let location = answer.header("location");
    let mut path = if location.is_empty() { scene.path(request, name) } else { location.to_owned() };
    let actor = scene.actor(server, name);
    let read =
        async |path: &str| -> Answer { actor.send("GET", path, &[("if-none-match", &answer.etag())], None).await };
    let mut found = read(&path).await;
    while [404, 405].contains(&found.status) {
        path.truncate(path.rfind('/').unwrap());
        found = read(&path).await;
    }
    let now = actor.get(&path).await;
    let what = format!("{} {} by {name}:\n{:#}\n{:#}", request.operation, request.about, answer.body, now.body);
    assert_eq!((found.status, now.etag()), (304, answer.etag()), "{what}");
    true
}
