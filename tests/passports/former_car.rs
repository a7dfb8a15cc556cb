//! Cars that one had, over HTTP: rule P16.

use crate::{
    both,
    support::{Actor, Garage, plate},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A reading, a record of work, and what else of a car is entered by whoever has it.
async fn enter(who: &Actor<'_>, car: &str, km: i64, place: &str) {
    let path = |part: &str| format!("/v1/passports/{car}/{part}");
    who.post(&path("odometer/readings"), json!({ "value": km })).await.created();
    let lines = json!([{ "task": "wipers", "text": place, "netCents": 2_500, "vatRate": "21" }]);
    who.post(&path("service-records"), json!({ "lines": lines, "place": place })).await.created();
}

async fn former(who: &Actor<'_>) -> Vec<Value> {
    who.get("/v1/former-cars").await.items()
}

async fn read(who: &Actor<'_>, car: &str, part: &str) -> Vec<Value> {
    who.get(&format!("/v1/former-cars/{car}/{part}")).await.items()
}

fn values<'v>(items: &'v [Value], name: &str) -> Vec<&'v Value> {
    items.iter().map(|item| &item[name]).collect()
}

/// What comes after: another plate, other data, and what the garage and the next driver enter.
async fn go_on(garage: &Garage<'_>, next: &Actor<'_>, car: &str) {
    garage.admin.server.pass(SignedDuration::from_mins(1));
    let path = format!("/v1/passports/{car}");
    let change = json!({ "licencePlate": { "number": plate() }, "make": "Later" });
    garage.admin.patch(&path, change).await.ok();
    enter(next, car, 300, "Later").await;
    let reading = json!({ "value": 400, "confirm": true });
    garage.mechanic.post(&format!("{path}/odometer/readings"), reading).await.created();
}

both! {
    async fn p16_who_sold_a_car_keeps_what_they_entered(server) {
        let garage = server.garage("p16").await;
        let (seller, _, car) = garage.driver("seller@p16.example").await;
        let (stranger, ..) = garage.driver("stranger@p16.example").await;
        let number = garage.plate_of(&car).await;
        let path = format!("/v1/passports/{car}");
        enter(&seller, &car, 100, "Elders").await;
        garage.mechanic.post(&format!("{path}/odometer/readings"), json!({ "value": 200 })).await.created();
        assert!(former(&seller).await.is_empty(), "it is theirs");
        for part in ["odometer-readings", "service-records"] {
            seller.get(&format!("/v1/former-cars/{car}/{part}")).await.problem(404, "not_found");
        }
        let had = seller.get(&format!("{path}/odometer/readings")).await.items();

        let offer = seller.offer(&car, "new_owner", "buyer@p16.example").await.created();
        let buyer = server.join("buyer@p16.example").await;
        server.pass(SignedDuration::from_mins(1));
        buyer.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        let sold_at = server.now();
        go_on(&garage, &buyer, &car).await;
        // What the garage has to say about a reading of theirs is not theirs.
        let replaced = json!({ "value": 101, "replacesId": had[0]["id"], "confirm": true });
        garage.mechanic.post(&format!("{path}/odometer/readings"), replaced).await.created();

        let cars = former(&seller).await;
        assert_eq!(values(&cars, "id"), [&json!(car)]);
        assert_eq!(cars[0]["licencePlate"]["number"], json!(number));
        assert_eq!(cars[0]["until"].as_str().unwrap().parse::<domain::Instant>().unwrap(), sold_at);
        let names: Vec<&String> = cars[0].as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 4, "{names:?}");
        let readings = read(&seller, &car, "odometer-readings").await;
        assert_eq!(readings, had[..1], "as it was entered");
        let records = read(&seller, &car, "service-records").await;
        assert_eq!(values(&records, "place"), [&json!("Elders")]);
        assert_eq!((&records[0]["totals"]["netCents"], &records[0]["garage"]), (&json!(2_500), &Value::Null));
        let told = format!("{cars:?}{readings:?}{records:?}");
        assert!(!told.contains("Later") && !told.contains("buyer") && !told.contains("Garage p16"), "{told}");
        // The car itself stays out of sight, and what was entered is nobody else's.
        for part in ["", "/odometer", "/odometer/readings", "/service-records", "/custody", "/plates"] {
            seller.get(&format!("{path}{part}")).await.problem(404, "not_found");
        }
        for who in [&buyer, &stranger, &garage.admin, &server.garage("p16b").await.admin] {
            for part in ["odometer-readings", "service-records"] {
                who.get(&format!("/v1/former-cars/{car}/{part}")).await.problem(404, "not_found");
            }
        }
        for who in [&buyer, &stranger] {
            assert!(former(who).await.is_empty());
        }
        garage.admin.get("/v1/former-cars").await.problem(403, "wrong_account_kind");
        server.anonymous().get("/v1/former-cars").await.problem(401, "unauthenticated");
        let later = seller.get("/v1/former-cars?updatedSince=2100-01-01T00:00:00Z").await;
        assert!(later.items().is_empty());
    }

    async fn p16_who_left_the_company_and_comes_back(server) {
        let garage = server.garage("p16c").await;
        let fleet = garage.fleet("fleet-p16c").await;
        let (leaver, car) = garage.fleet_car(&fleet, "leaver@p16c.example").await;
        enter(&leaver, &car, 100, "Elders").await;
        enter(&fleet.account, &car, 150, "Company").await;
        fleet.account.end_driver(&car).await.ok();
        assert_eq!(values(&former(&leaver).await, "id"), [&json!(car)]);
        assert_eq!(values(&read(&leaver, &car, "odometer-readings").await, "value"), [&json!(100)]);
        assert_eq!(values(&read(&leaver, &car, "service-records").await, "place"), [&json!("Elders")]);
        assert!(former(&fleet.account).await.is_empty(), "it has the car");

        let offer = fleet.account.offer(&car, "new_driver", &leaver.email).await.created();
        leaver.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        assert!(former(&leaver).await.is_empty(), "it is theirs again");
        leaver.get(&format!("/v1/former-cars/{car}/odometer-readings")).await.problem(404, "not_found");

        // The fleet sells it to the driver: then the car is one that the fleet had.
        let offer = fleet.account.offer(&car, "new_owner", &leaver.email).await.created();
        leaver.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        assert_eq!(values(&former(&fleet.account).await, "id"), [&json!(car)]);
        assert_eq!(values(&read(&fleet.account, &car, "odometer-readings").await, "value"), [&json!(150)]);
        assert_eq!(values(&read(&fleet.account, &car, "service-records").await, "place"), [&json!("Company")]);
        assert!(former(&leaver).await.is_empty());
    }

    async fn p16_an_archived_car_that_comes_back_is_a_car_again(server) {
        let garage = server.garage("p16d").await;
        let (driver, customer, car) = garage.driver("driver@p16d.example").await;
        let number = garage.plate_of(&car).await;
        enter(&driver, &car, 100, "Elders").await;
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        assert_eq!(values(&former(&driver).await, "id"), [&json!(car)]);
        assert_eq!(values(&read(&driver, &car, "odometer-readings").await, "value"), [&json!(100)]);
        // With another passport it is the same car, whose ledger has all of that.
        let body = json!({ "licencePlate": { "number": number }, "customerId": customer });
        garage.admin.post("/v1/passports", body).await.created();
        assert_eq!(values(&former(&driver).await, "id"), [&json!(car)], "nobody drives it yet");
        let link = json!({ "token": server.token_for(&driver.email) });
        driver.post("/v1/invitations/accept", link).await.ok();
        assert!(former(&driver).await.is_empty());
    }
}
