//! Bad moments: the database goes away, an address floods, keys of requests clash.

use crate::{
    both,
    support::{Backend, Server},
};
use serde_json::json;

#[actix_web::test]
async fn postgres_goes_away_and_comes_back() {
    let server = Server::start(Backend::Postgres).await;
    let garage = server.garage("away").await;
    server.set_database_reachable(false);
    for _ in 0..6 {
        let answer = garage.admin.get("/v1/passports").await;
        answer.problem(503, "database_unavailable");
        assert!(!answer.header("retry-after").is_empty());
    }
    let ready = server.anonymous().get("/health/ready").await;
    assert_eq!((ready.status, ready.body["database"].as_str()), (503, Some("failing")));
    assert_eq!(server.anonymous().get("/health/live").await.status, 200);
    server.set_database_reachable(true);
    let mut answer = garage.admin.get("/v1/passports").await;
    for _ in 0..50 {
        if answer.status == 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        answer = garage.admin.get("/v1/passports").await;
    }
    answer.ok();
    server.stop().await;
}

both! {
    async fn who_would_wait_in_vain_is_told_at_once(server) {
        let garage = server.garage("full").await;
        let busy = server.fill().await;
        for path in ["/v1/fleets", "/v1/licence-plates/TT601D"] {
            let refused = garage.admin.get(path).await;
            refused.problem(503, "overloaded");
            assert_eq!(refused.header("retry-after"), "2");
        }
        server.anonymous().get("/health/live").await.expect(reqwest::StatusCode::OK);
        for end in busy.end().await {
            end.unwrap();
        }
        garage.admin.get("/v1/fleets").await.ok();
    }

    async fn an_address_that_floods_is_told_to_wait(server) {
        let flooded = Server::start_with(server.backend, |settings| settings.requests_per_minute = Some(20)).await;
        let mut refused = 0;
        for _ in 0..30 {
            let answer = flooded.anonymous().get("/v1/garage").await;
            assert!(!answer.header("ratelimit").is_empty());
            if answer.status == 429 {
                answer.problem(429, "too_many_requests");
                let seconds: u32 = answer.header("retry-after").parse().unwrap();
                assert!((1..=3).contains(&seconds), "20 a minute are one in three seconds");
                assert_eq!(answer.header("ratelimit"), format!("\"address\";r=0;t={seconds}"));
                refused += 1;
            }
        }
        assert!((8..=10).contains(&refused), "{refused}");
        // However the path is written, it is the same operation.
        for path in ["/%761/garage", "/v%31/garage", "/v1/%67arage"] {
            let answer = flooded.anonymous().get(path).await;
            assert!(answer.status == 429 && answer.header("ratelimit").contains("r=0"), "{path} {}", answer.status);
        }
        assert_eq!(flooded.anonymous().get("/health/live").await.status, 200);
        flooded.stop().await;
    }

    async fn a_page_can_read_that_it_is_to_wait(server) {
        let flooded = Server::start_with(server.backend, |settings| settings.requests_per_minute = Some(2)).await;
        let origin = ("origin", "https://app.autopaspoort.example");
        let preflight = [origin, ("access-control-request-method", "GET"), ("access-control-request-headers", "authorization,if-none-match")];
        for _ in 0..8 {
            let asked = flooded.anonymous().send("OPTIONS", "/v1/garage", &preflight, None).await;
            assert_eq!((asked.status, asked.header("access-control-allow-origin")), (200, origin.1));
        }
        for left in ["r=1;", "r=0;"] {
            let answer = flooded.anonymous().send("GET", "/v1/garage", &[origin], None).await;
            assert!(answer.header("ratelimit").contains(left), "what a browser asks beforehand is not counted");
        }
        let refused = flooded.anonymous().send("GET", "/v1/garage", &[origin], None).await;
        refused.problem(429, "too_many_requests");
        assert_eq!(refused.header("access-control-allow-origin"), origin.1);
        for name in ["retry-after", "ratelimit", "etag"] {
            assert!(refused.header("access-control-expose-headers").to_lowercase().contains(name), "{name}");
        }
        let asked = flooded.anonymous().send("OPTIONS", "/v1/garage", &preflight, None).await;
        assert_eq!(asked.status, 200, "and is not refused");
        flooded.stop().await;
    }

    async fn the_metrics_have_one_address(server) {
        assert_eq!(server.anonymous().get("/metrics").await.status, 200);
        for other in ["/%6detrics", "/metric%73"] {
            server.anonymous().get(other).await.problem(404, "not_found");
        }
    }

    async fn metrics_and_health_are_there(server) {
        let ready = server.anonymous().get("/health/ready").await;
        assert_eq!((ready.body["database"].as_str(), ready.body["migrations"].as_str()), (Some("ok"), Some("ok")));
        let garage = server.garage("metrics").await;
        garage.admin.get("/v1/passports").await.ok();
        assert_eq!(server.anonymous().get("/metrics").await.status, 200);
    }

    async fn many_commands_of_one_garage_are_numbered_without_gaps(server) {
        let garage = server.garage("numbers").await;
        let mut racing = Vec::new();
        for number in 0..64 {
            let request = server.client.post(format!("{}/v1/customers", server.url)).bearer_auth(garage.admin.token.clone().unwrap());
            let request = request.header("content-type", "application/json").body(json!({ "kind": "person", "name": format!("N {number}") }).to_string());
            racing.push(actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() }));
        }
        for race in racing {
            assert_eq!(race.await.unwrap(), 201);
        }
        let events = garage.events().await;
        let numbers: Vec<i64> = events.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
        assert_eq!(events.iter().filter(|(_, kind)| kind == "customer_created").count(), 64);
    }
}
