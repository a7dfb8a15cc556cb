//! Maintenance schedules, over HTTP: rules MS2, MS4 and MS5.

use crate::both;
use serde_json::json;

both! {
    async fn ms5_everyone_reads_the_schedules_of_the_platform_as_a_table(server) {
        let (driver, ..) = server.garage("ms5").await.driver("jan@ms5.example").await;
        let all = driver.get("/v1/maintenance-schedules?limit=200").await.items();
        assert_eq!(all.len(), domain::maintenance_schedule::platform().len());
        assert!(all.iter().all(|schedule| schedule["level"] == "platform" && schedule["source"].is_string()));
        let service = driver.get("/v1/maintenance-schedules?task=small_service").await.items();
        let found: Vec<_> = service.iter().map(|schedule| (&schedule["usage"], &schedule["recurrence"]["then"])).collect();
        assert_eq!(found, [
            (&json!(null), &json!({ "months": 12, "km": 15000 })),
            (&json!("severe"), &json!({ "months": 6, "km": 7500 })),
        ]);
        driver.get("/v1/maintenance-schedules?task=oil").await.wrong(&["task task_unknown"]);
        server.anonymous().get("/v1/maintenance-schedules").await.problem(401, "unauthenticated");
    }

    async fn ms4_schedules_for_a_fuel_are_those_that_a_car_on_it_can_have(server) {
        let (driver, ..) = server.garage("ms4-schedules").await.driver("jan@ms4-schedules.example").await;
        let electric = driver.get("/v1/maintenance-schedules?fuel=electric&limit=200").await.items();
        let has = |task: &str| electric.iter().any(|schedule| schedule["task"] == task);
        assert!(has("electric_service") && has("brake_fluid") && !has("small_service") && !has("timing_belt"));
    }
}
