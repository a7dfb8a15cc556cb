//! The catalogue of service tasks, over HTTP: rules MS1 and MS4.

use crate::both;
use serde_json::json;

both! {
    async fn ms1_everyone_reads_the_catalogue_in_their_language(server) {
        let garage = server.garage("ms1").await;
        let (driver, ..) = garage.driver("jan@ms1.example").await;
        let all = driver.get("/v1/service-tasks?limit=200").await.items();
        assert_eq!(all.len(), domain::service_task::catalogue().len());
        assert_eq!(garage.mechanic.get("/v1/service-tasks?limit=200").await.items(), all);
        let brake_fluid = all.iter().find(|task| task["key"] == "brake_fluid").unwrap();
        assert_eq!(brake_fluid["name"], "Brake fluid");
        assert_eq!(brake_fluid["price"]["usual"], json!({ "cents": 7000, "currency": "EUR" }));
        assert_eq!((&brake_fluid["fuels"], &brake_fluid["vmrsCode"]), (&json!(null), &json!(null)));
        let dutch = driver.send("GET", "/v1/service-tasks?category=brakes", &[("accept-language", "nl")], None).await.items();
        assert!(dutch.iter().all(|task| task["category"] == "brakes") && dutch.len() == 5);
        assert!(dutch.iter().any(|task| task["name"] == "Remvloeistof"));
        let large = all.iter().find(|task| task["key"] == "large_service").unwrap();
        assert_eq!(large["includes"], json!(["small_service", "oil_and_filter", "air_filter", "cabin_filter", "oil_top_up"]));
    }

    async fn ms1_the_catalogue_comes_in_pages(server) {
        let (driver, ..) = server.garage("ms1-pages").await.driver("jan@ms1-pages.example").await;
        let all = driver.get("/v1/service-tasks?limit=200").await.items();
        let (mut found, mut path) = (vec![], "/v1/service-tasks?limit=7".to_owned());
        loop {
            let page = driver.get(&path).await.ok();
            found.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            path = format!("/v1/service-tasks?limit=7&cursor={cursor}");
        }
        assert_eq!(found, all);
        driver.get("/v1/service-tasks?category=wheels&fuel=steam").await.wrong(&["category unknown_value", "fuel unknown_value"]);
        server.anonymous().get("/v1/service-tasks").await.problem(401, "unauthenticated");
    }

    async fn ms4_a_filter_leaves_out_what_makes_no_sense(server) {
        let (driver, ..) = server.garage("ms4").await.driver("jan@ms4.example").await;
        let keys = driver.get("/v1/service-tasks?fuel=electric&limit=200").await.items();
        let has = |key: &str| keys.iter().any(|task| task["key"] == key);
        assert!(has("electric_service") && has("brake_fluid") && !has("spark_plugs") && !has("oil_and_filter"));
    }
}
