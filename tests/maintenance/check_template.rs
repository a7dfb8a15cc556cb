//! Check templates, over HTTP: rules VC1 and VC3.

use crate::both;
use serde_json::json;

both! {
    async fn vc1_vc3_everyone_reads_the_templates_with_their_limits(server) {
        let garage = server.garage("vc1").await;
        let templates = garage.mechanic.get("/v1/check-templates").await.items();
        assert_eq!(templates.len(), domain::check_template::platform().len());
        let items = |template: &serde_json::Value| -> Vec<serde_json::Value> {
            template["groups"].as_array().unwrap().iter().flat_map(|group| group["items"].as_array().unwrap().clone()).collect()
        };
        let tread = items(&templates[0]).into_iter().find(|item| item["key"] == "tread_depth").unwrap();
        assert_eq!((&tread["name"], &tread["task"], &tread["demanded"]), (&json!("Tread depth"), &json!("tyres"), &json!(true)));
        assert_eq!((&tread["measure"]["urgent"], &tread["measure"]["unit"]), (&json!("1.6"), &json!("mm")));
        assert!(tread["measure"]["source"].as_str().unwrap().contains("5.2.27"));
        let dutch = garage.mechanic.send("GET", "/v1/check-templates", &[("accept-language", "nl")], None).await.items();
        assert!(items(&dutch[0]).iter().any(|item| item["name"] == "Profieldiepte"));
        server.anonymous().get("/v1/check-templates").await.problem(401, "unauthenticated");
    }
}
