//! What the pages of other origins may send and read (CORS), what our own page may load, and the address that a proxy names.

use crate::{both, support::Server};

const APP: (&str, &str) = ("origin", "https://app.autopaspoort.example");
const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

both! {
    async fn the_page_for_mailed_links_is_a_page_whether_there_is_something_or_not(server) {
        let get = async |path: &str| server.anonymous().get(path).await;
        for (path, status) in [("/app", 200), ("/app/", 200), ("/app/invitation", 200), ("/app/niets/hier", 404), ("/app/transfers/1", 404)] {
            let page = get(path).await;
            assert_eq!((page.status, page.header("content-type")), (status, "text/html; charset=utf-8"), "{path}");
            assert!(page.bytes.starts_with(b"<!DOCTYPE html>"), "{path}");
            assert!(page.header("content-security-policy").contains("script-src 'self'"), "{path}");
        }
        let script = get("/app/app.js").await;
        assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
        server.anonymous().post("/app/invitation", serde_json::json!({})).await.problem(405, "method_not_allowed");
    }

    async fn a_refused_preflight_says_so(server) {
        let ask = async |path: &str, headers: &[(&str, &str)]| server.anonymous().send("OPTIONS", path, headers, None).await;
        let (get, odd_method) = (("access-control-request-method", "GET"), ("access-control-request-method", "TRACE"));
        let (known, odd) = (("access-control-request-headers", "authorization, if-match"), ("access-control-request-headers", "x-odd"));
        for path in ["/v1/passports", "/v1/nothing", "/v1/openapi.json"] {
            assert_eq!(ask(path, &[APP, get, known]).await.status, 200, "{path}");
            for refused in [&[FOREIGN, get][..], &[FOREIGN, get, known], &[FOREIGN, odd_method], &[FOREIGN, get, odd], &[APP, odd_method], &[APP, get, odd], &[get]] {
                // What everyone can read, everyone can ask for.
                if path == "/v1/openapi.json" && refused[0] == FOREIGN && refused[1] == get && refused.get(2) != Some(&odd) {
                    continue;
                }
                let answer = ask(path, refused).await;
                answer.problem(403, "preflight_refused");
                assert_eq!(answer.header("content-type"), "application/problem+json", "{path} {refused:?}");
                assert!(answer.body["errors"].is_null());
            }
        }
        let dutch = ask("/v1/passports", &[FOREIGN, get, ("accept-language", "nl")]).await;
        assert!(dutch.body["title"].as_str().unwrap().starts_with("Pagina's"));
    }

    async fn every_header_of_an_operation_may_be_sent_by_the_pages_that_are_allowed(server) {
        // Delivery reports are sent by mail servers, and not by pages.
        let contract = crate::support::Contract::shared();
        let operations = contract.document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        let mut names: std::collections::BTreeSet<&str> = operations
            .flat_map(|operation| contract.parameters(operation))
            .filter(|parameter| parameter["in"] == "header" && !parameter["name"].as_str().unwrap().starts_with("webhook-"))
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        assert!(["If-Match", "If-None-Match", "Idempotency-Key", "Last-Event-ID"].iter().all(|name| names.contains(name)), "{names:?}");
        names.extend(["Authorization", "Content-Type", "Accept-Language", "Range", "If-Range", "traceparent"]);
        let conventions = include_str!("../docs/api-conventions.md");
        for name in names {
            let headers = [APP, ("access-control-request-method", "GET"), ("access-control-request-headers", name)];
            let answer = server.anonymous().send("OPTIONS", "/v1/notifications/stream", &headers, None).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            assert!(conventions.contains(&format!("`{name}`")), "{name}");
        }
    }

    async fn what_is_open_to_all_can_be_asked_for_by_all(server) {
        let asked = ("access-control-request-headers", "if-none-match,Accept-Language");
        let ask = async |path: &str, origin, method, headers: &[(&str, &str)]| {
            let headers = [&[origin, ("access-control-request-method", method)], headers].concat();
            server.anonymous().send("OPTIONS", path, &headers, None).await
        };
        for path in ["/v1/openapi.json", "/v1/openapi.yaml", "/.well-known/jwks.json", "/changelog", "/v1/%6fpenapi.json"] {
            for origin in [APP, FOREIGN, ("origin", "null")] {
                for method in ["GET", "HEAD"] {
                    for headers in [&[asked][..], &[]] {
                        let answer = ask(path, origin, method, headers).await;
                        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{path} {origin:?}");
                        let allowed = (answer.header("access-control-allow-methods"), answer.header("access-control-max-age"));
                        assert_eq!(allowed, ("GET, HEAD", "3600"), "{path}");
                        assert!(answer.header("access-control-allow-headers").contains("If-None-Match"), "{path}");
                    }
                }
            }
            ask(path, FOREIGN, "POST", &[]).await.problem(403, "preflight_refused");
            ask(path, FOREIGN, "GET", &[("access-control-request-headers", "if-none-match, x-odd")]).await.problem(403, "preflight_refused");
        }
        ask("/v1/passports", FOREIGN, "GET", &[asked]).await.problem(403, "preflight_refused");
    }

    async fn the_address_of_the_server_leads_to_its_page(server) {
        let answer = server.anonymous().get("/").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(answer.header("content-security-policy").contains("default-src 'self'"), "it is the page at /docs/");
    }

    async fn every_answer_can_be_read_by_the_pages_that_are_allowed(server) {
        let garage = server.garage("origins").await;
        for (method, path, status) in [
            ("GET", "/v1/garage", 200), ("GET", "/v1/nothing", 404), ("GET", "/nothing", 404), ("PUT", "/v1/garage", 405), ("PUT", "/v1/openapi.json", 405),
            ("GET", "/v1/passports?limit=0", 400), ("GET", "/docs/", 200), ("PUT", "/docs/", 405), ("GET", "/health/live", 200), ("GET", "/problems/nothing", 404),
        ] {
            let answer = garage.admin.send(method, path, &[APP], None).await;
            assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, APP.1), "{method} {path}");
            assert!(answer.header("access-control-expose-headers").to_lowercase().contains("ratelimit"), "{method} {path}");
            let foreign = garage.admin.send(method, path, &[FOREIGN], None).await;
            let open = if path == "/v1/openapi.json" { "*" } else { "" };
            assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (status, open), "{method} {path}");
        }
        for path in ["/v1/openapi.json", "/v1/openapi.yaml", "/.well-known/jwks.json", "/changelog", "/v1/%6fpenapi.json"] {
            for origin in [&[FOREIGN][..], &[]] {
                let answer = server.anonymous().send("GET", path, origin, None).await;
                assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "*"), "{path}");
            }
        }
    }

    async fn the_policy_for_content_follows_the_page_however_its_path_is_written(server) {
        let policy = async |path: &str| server.anonymous().get(path).await.header("content-security-policy").to_owned();
        let (of_page, of_answer) = (policy("/docs/").await, policy("/v1/openapi.json").await);
        assert!(of_page.contains("default-src 'self'"));
        assert!(of_answer.contains("default-src 'none'"));
        for path in ["/%64ocs/", "/doc%73/", "/docs/page.js", "/%64ocs/page.js"] {
            assert_eq!(server.anonymous().get(path).await.status, 200, "{path}");
            assert_eq!(policy(path).await, of_page, "{path}");
        }
        for path in ["/docsomething", "/v1/docs", "/changelog", "/health/live"] {
            assert_eq!(policy(path).await, of_answer, "{path}");
        }
    }

    async fn a_refusal_of_the_rate_limit_can_be_read_everywhere(server) {
        let flooded = Server::start_with(server.backend, |settings| settings.requests_per_minute = Some(1)).await;
        flooded.anonymous().send("GET", "/v1/garage", &[APP], None).await.problem(401, "unauthenticated");
        for path in ["/v1/garage", "/v1/openapi.json", "/v1/openapi.yaml", "/v1/nothing"] {
            let answer = flooded.anonymous().send("GET", path, &[APP], None).await;
            answer.problem(429, "too_many_requests");
            assert_eq!(answer.header("access-control-allow-origin"), APP.1, "{path}");
            let foreign = flooded.anonymous().send("GET", path, &[FOREIGN], None).await;
            let open = if path.contains("openapi") { "*" } else { "" };
            assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (429, open), "{path}");
        }
        flooded.stop().await;
    }

    async fn the_rate_limit_counts_the_address_that_the_proxy_names(server) {
        let behind = Server::start_with(server.backend, |settings| {
            settings.requests_per_minute = Some(2);
            settings.trust_forwarded = true;
        }).await;
        let left = async |header: (&str, &str)| behind.anonymous().send("GET", "/v1/garage", &[header], None).await.header("ratelimit").to_owned();
        // Four ways to write two addresses.
        for (first, second) in [("198.51.100.7", "[::ffff:198.51.100.7]:443"), ("[2001:db8::1]:4711", "2001:db8::2")] {
            assert!(left(("x-forwarded-for", first)).await.contains("r=1;"), "{first}");
            assert!(left(("x-forwarded-for", second)).await.contains("r=0;"), "{second}");
        }
        assert!(left(("forwarded", "for=\"[2001:db8:0:100::1]:4711\";proto=https")).await.contains("r=1;"));
        // The proxy's own address.
        assert!(left(("x-forwarded-for", "unknown")).await.contains("r=1;"));
        assert!(left(("x-forwarded-for", "_hidden")).await.contains("r=0;"));
        behind.stop().await;
    }
}
