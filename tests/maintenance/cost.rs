//! Costs are learned by the worker, from what the garages wrote down.

use crate::{
    both,
    support::{Server, until},
};
use api::{
    cost::{
        learning::{Outcome, learn_month},
        progress::Progress,
    },
    demo,
};
use domain::{
    cost::{CostCar, GroupLevel},
    garage::Garage,
    passport::Fuel,
    service_task::TaskKey,
};
use jiff::SignedDuration;
use persistence::{self as store, StoreError, Tx, cost::Snapshot};

fn latest(server: &Server) -> Option<Snapshot> {
    server.store().read(store::cost::latest).unwrap()
}

/// The demo with its history, and its first garage.
async fn with_history(server: &Server) -> Garage {
    assert!(server.seed_demo().await);
    demo::seed_history(&server.app, |_, _| ()).await.unwrap();
    let find = |tx: &mut Tx<'_>| -> Result<Option<Garage>, StoreError> {
        let email = domain::value::EmailAddress::parse(demo::LOGINS[0].1).unwrap();
        let (admin, _) = store::account::find_by_email(tx, &email)?.unwrap();
        Ok(store::garage::find(tx, admin.employment.unwrap().garage_id)?.map(|(garage, _)| garage))
    };
    server.store().read(find).unwrap().unwrap()
}

both! {
    async fn ec2_the_worker_learns_from_the_history_and_answers_follow(server) {
        let garage = with_history(server).await;
        assert_eq!(latest(server), None);
        let worker = server.start_worker();
        until("the costs are published", || latest(server).is_some()).await;
        worker.stop();
        let snapshot = latest(server).unwrap();
        assert!(snapshot.entries > 5_000 && snapshot.left_out.without_price > 50, "{snapshot:?}");
        let car = CostCar { make: Some("Volkswagen"), model: Some("Golf"), fuel: Some(Fuel::Petrol), register: None };
        let task = TaskKey::find("small_service").unwrap();
        let today = api::cost::learning::day(server.now());
        let price = |tx: &mut Tx<'_>| store::cost::find(tx, &(&garage).into(), &car, &[task].into(), today);
        let found = server.store().read(price).unwrap()[&task];
        // Each of three garages has two others, which is too few to be told anything about them.
        assert!(found.basis.level.is_some_and(GroupLevel::is_own), "{found:?}");
        assert!(found.range.low_cents < found.range.usual_cents && found.range.usual_cents < found.range.high_cents);
        assert!((8_000..40_000).contains(&found.range.usual_cents) && found.range.usual_cents % 500 == 0, "{found:?}");
        // The month is published once; the next one, when it is new.
        let learn = || learn_month(server.store(), server.now(), &mut Progress::silent()).unwrap();
        assert_eq!(learn(), Outcome::Standing(snapshot.clone()));
        server.pass_idle(SignedDuration::from_hours(24 * 31));
        assert!(matches!(learn(), Outcome::Published { entries, .. } if entries == snapshot.entries));
        assert!(latest(server).unwrap().month > snapshot.month);
    }

    async fn the_demo_has_a_history_that_can_be_read(server) {
        with_history(server).await;
        let admin = server.sign_in(demo::LOGINS[0].1, demo::PASSWORD).await;
        assert_eq!(admin.get("/v1/passports?limit=100").await.items().len(), 100);
        let driver = server.sign_in("bestuurder1@demo.example", demo::PASSWORD).await;
        let own = driver.get("/v1/passports").await;
        let car = own.items()[0]["id"].as_str().unwrap().to_owned();
        for list in ["service-records", "odometer/readings"] {
            let listed = driver.get(&format!("/v1/passports/{car}/{list}")).await;
            assert!(listed.items().len() >= 3, "{list}");
        }
        // A part of the cars was checked, and what was found has become of all kinds.
        let summary = admin.get("/v1/garage/summary").await.ok();
        assert!(summary["openRecommendations"].as_i64().is_some_and(|open| open >= 30), "{summary}");
        let mut seen = std::collections::BTreeMap::<String, usize>::new();
        for car_status in ["urgent", "attention"] {
            let cars = admin.get(&format!("/v1/passports?carStatus={car_status}&limit=100")).await.items();
            for car in &cars {
                let car = car["id"].as_str().unwrap();
                let status = admin.get(&format!("/v1/passports/{car}/status")).await.ok();
                let reasons = status["reasons"].as_array().unwrap().iter();
                let codes: Vec<_> = reasons.filter_map(|reason| reason["code"].as_str()).filter(|code| code.starts_with("recommendation_")).collect();
                for code in codes {
                    *seen.entry(code.to_owned()).or_default() += 1;
                }
                for advised in admin.get(&format!("/v1/passports/{car}/recommendations")).await.items() {
                    let agreed = if advised["agreed"].is_null() { "" } else { " agreed" };
                    *seen.entry(format!("{}{agreed}", advised["status"].as_str().unwrap())).or_default() += 1;
                }
            }
        }
        for kind in ["open", "open agreed", "declined", "done", "recommendation_urgent", "recommendation_open"] {
            assert!(seen.get(kind).is_some_and(|many| *many >= 3), "{kind}: {seen:?}");
        }
    }

    async fn ec2_without_records_nothing_is_published(server) {
        server.garage("first").await;
        let learned = learn_month(server.store(), server.now(), &mut Progress::silent()).unwrap();
        assert!(matches!(learned, Outcome::Nothing(_)), "{learned:?}");
        assert_eq!(latest(server), None);
    }
}
