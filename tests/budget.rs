//! How many statements each operation sends to the database: one round trip each on PostgreSQL.
//!
//! Every operation of the document that reads is measured, with few rows and with many: a list that asked once more for
//! each of its rows would be found out.

use crate::{
    both,
    support::{Backend, Garage, Request, Scene, Server, enter, leave_out_cars, tell},
};
use domain::suppression::SuppressionReason;
use serde_json::json;
use std::collections::BTreeMap;

/// How many statements each operation takes for an advisor of the garage. A new one says its number here.
const STATEMENTS: &[(&str, u64)] = &[
    // The session with the rows, in one.
    ("getPassport", 1),
    // What became of the mails of those that wait for their driver is one more.
    ("listPassports", 2),
    ("listFleetPassports", 2),
    ("getCarStatus", 1),
    ("listNotifications", 1),
    ("countUnreadNotifications", 1),
    ("streamNotifications", 1),
    // How their cars stand is counted apart.
    // And what became of the mails of those that wait for their manager.
    ("listFleets", 3),
    ("getFleet", 2),
    // The cars on which something is due.
    ("getFleetSummary", 5),
    // The car, all that is on record of it, and the prices.
    ("getExpectedMaintenance", 3),
    ("listFormerCars", 1),
    // The car that they had, and what they entered about it; the lines of the records are one more.
    ("listFormerCarReadings", 2),
    ("listFormerCarRecords", 3),
    // First who asks, then what they asked for.
    ("getAccount", 2),
    ("getCalendar", 2),
    ("getWebPushKey", 1),
    ("listDevices", 2),
    // The garage's day, the visits, the mailings and what must not be written to.
    ("listApkList", 7),
    ("exportApkList", 8),
    ("listApkMailings", 3),
    ("getApkMailing", 3),
    ("previewApkMailing", 7),
    ("listApkMailingRecipients", 3),
    ("getNotificationSettings", 2),
    ("listSessions", 2),
    ("getGarage", 2),
    // Who asks, the garage, and what platform and chain set, and what it sets itself.
    ("getReminderOffsets", 4),
    // With what became of the mails with their links.
    ("listStaff", 3),
    ("getStaff", 3),
    // With the reasons for which their e-mails must not be written to.
    ("listCustomers", 3),
    // And the records that may be of the same customer.
    ("getCustomer", 4),
    // With the customers that have the address.
    ("listSuppressions", 3),
    // With what became of the mails of those that are open.
    ("listTransfers", 3),
    ("getTransfer", 3),
    ("listGarageChanges", 3),
    ("getGarageChange", 2),
    ("listLinkChanges", 2),
    ("getLinkChange", 2),
    // That the passport is in reach is asked between the two.
    ("listCustody", 3),
    ("listEvents", 3),
    ("listPlates", 3),
    ("getRegistration", 6),
    ("listRecalls", 3),
    ("listInspections", 3),
    ("listApkEntries", 3),
    ("getApkEntry", 3),
    ("listOdometerReadings", 3),
    ("getOdometerReading", 3),
    ("getFile", 3),
    // The check or record too.
    ("listPhotos", 4),
    ("listAttachments", 4),
    // The records, their lines, and the recommendations that they did.
    ("listServiceRecords", 5),
    ("getServiceRecord", 5),
    ("listRecommendations", 3),
    ("getRecommendation", 3),
    ("listGarageRecommendations", 2),
    // How many places have each result is counted apart.
    ("listGarageChecks", 3),
    // What was found is one more.
    ("listVehicleChecks", 4),
    ("getVehicleCheck", 4),
    // The garage's day, and what the register told.
    ("getApk", 6),
    // And whether other garages archived the car.
    ("getOdometer", 6),
    // Who asks, the garage's day, how its cars stand, and what waits for its staff.
    ("getGarageSummary", 5),
    // Who asks is all that is looked up.
    ("getLicencePlate", 1),
    ("listServiceTasks", 1),
    // Who asks, and what their garage has of its own.
    ("listMaintenanceSchedules", 2),
    ("getMaintenanceSchedule", 2),
    ("previewMaintenanceSchedule", 2),
    ("getCheckTemplate", 2),
    // Which templates of the platform are replaced is a question of its own.
    ("listCheckTemplates", 3),
    ("getCarRule", 3),
    // The car with its use, the schedules, and what its indicator says.
    ("getCarSchedule", 5),
    ("getRegisteredVehicle", 2),
    // Who asks, what they have, the recovery codes that are left, and what their garage demands.
    ("getSecondFactor", 4),
];

/// What is not for staff, and is read by a driver.
const OF_DRIVERS: &[&str] = &["getCalendar", "listFormerCars", "listFormerCarReadings", "listFormerCarRecords"];

/// Who of the scene reads by an operation.
pub(crate) fn reader_of(operation: &str) -> &'static str {
    if OF_DRIVERS.contains(&operation) { "driver" } else { "advisor" }
}

/// Lists whose rows are in the program and not in the database.
const FIXED: &[&str] = &["listServiceTasks"];

/// Sends a request by `send` and says how many statements it took.
async fn statements<T>(server: &Server, send: impl AsyncFnOnce() -> T) -> (u64, T) {
    let before = server.store().statements();
    let answer = send().await;
    (server.store().statements() - before, answer)
}

/// What each operation that reads takes and, of a list, how many rows it gives.
async fn measure(scene: &Scene, server: &Server) -> BTreeMap<String, (u64, Option<usize>)> {
    let reading = Scene::requests().into_iter().filter(|request| request.method == "GET");
    let mut measured = BTreeMap::new();
    for request in reading {
        let Request { operation, .. } = &request;
        let who = reader_of(operation);
        let (taken, answer) = statements(server, async || scene.send(server, who, &request).await).await;
        assert_eq!(answer.status, 200, "{operation}");
        measured.insert(operation.clone(), (taken, answer.body["items"].as_array().map(Vec::len)));
    }
    measured
}

/// More rows in each list.
pub(crate) async fn grow(scene: &Scene, server: &Server) {
    let garage = scene.garage(server);
    let (car, fleet) = (scene.thing("passports"), scene.thing("fleets"));
    leave_out_cars(&garage, scene.thing("scheduled mailing"), 5).await;
    for number in 1..5 {
        garage.fleet(&format!("more-{number}")).await;
        let (owner, _, offered) = garage.driver(&format!("more-{number}@x.example")).await;
        server.told(&garage.plate_of(&offered).await, Some(&crate::support::kombi("2026-04-01")));
        garage.admin.link(&offered, fleet).await.ok();
        owner.agree(&offered).await;
        let of_fleet = scene.actor(server, "fleet");
        of_fleet.offer(&offered, "new_owner", &format!("offered-{number}@x.example")).await.created();
        // An owner is mailed of two such requests at once.
        if number < 3 {
            let body = json!({ "licencePlate": { "number": "ZX-711-B" }, "vinEnd": "4711", "customerId": scene.thing("customerId") });
            let change = garage.advisor.post("/v1/garage-changes", body).await.id();
            garage.advisor.act(&format!("/v1/garage-changes/{change}/withdraw")).await.ok();
        }
        let colleague = json!({ "email": format!("staff-{number}@x.example"), "name": "More", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", colleague).await.created();
        server.sign_in(&garage.advisor.email, crate::support::PASSWORD).await;
        garage.admin.unlink(car).await.ok();
        garage.admin.link(car, fleet).await.ok();
        let mailing = json!({
            "subject": "APK", "body": "APK", "selection": { "expiresFrom": "2026-03-01", "expiresUntil": "2026-04-01" }
        });
        garage.advisor.post("/v1/apk-mailings", mailing).await.created();
        let phone = json!({ "kind": "fcm", "token": format!("phone {number}") });
        garage.advisor.post("/v1/account/devices", phone).await.ok();
        server.suppress(&format!("more-{number}@x.example"), SuppressionReason::Complained);
        grow_car(scene, &garage, car, number).await;
        let recurrence = json!({ "then": { "months": number }, "countsFrom": "completion" });
        let own = json!({ "task": "tyres", "make": format!("Make {number}"), "recurrence": recurrence });
        garage.admin.post("/v1/maintenance-schedules", own).await.created();
        garage
            .admin
            .post("/v1/check-templates", crate::support::check_template(&format!("own_{number}")))
            .await
            .created();
    }
    grow_former_cars(scene, &garage).await;
    tell(server, &garage.plate_of(car).await, 5);
    server.work();
}

/// The driver has the former car for a while again, and enters more; and another one, which is archived too.
async fn grow_former_cars(scene: &Scene, garage: &Garage<'_>) {
    let (driver, car) = (scene.actor(garage.admin.server, "driver"), scene.thing("former-cars"));
    garage.admin.act(&format!("/v1/passports/{car}/unarchive")).await.ok();
    for number in 1..5 {
        enter(&driver, car, number).await;
    }
    let customer = garage.customer(&driver.email).await;
    let another = garage.invited_passport(&customer).await;
    let link = json!({ "token": garage.admin.server.token_for(&driver.email) });
    driver.post("/v1/invitations/accept", link).await.ok();
    for archived in [car, another.as_str()] {
        garage.admin.act(&format!("/v1/passports/{archived}/archive")).await.ok();
    }
}

async fn grow_car(scene: &Scene, garage: &Garage<'_>, car: &str, number: i64) {
    let path = |part: &str| format!("/v1/passports/{car}/{part}");
    let plate = json!({ "licencePlate": { "number": crate::support::plate() } });
    garage.admin.patch(&format!("/v1/passports/{car}"), plate).await.ok();
    let entry = json!({ "expiresOn": format!("2027-03-0{}", number + 1) });
    garage.admin.post(&path("apk/entries"), entry).await.created();
    let reading = json!({ "value": 59_000 + number, "readOn": format!("2026-02-0{}", number + 1) });
    garage.admin.post(&path("odometer/readings"), reading).await.created();
    for (target, media) in [
        (format!("checks/{}/findings/windscreen/photos", scene.thing("draft of a check")), "image/jpeg"),
        (format!("service-records/{}/attachments", scene.thing("recordId")), "application/pdf"),
    ] {
        let bytes = crate::support::maintained::sample(media);
        garage.admin.send("POST", &path(&target), &[("content-type", media)], Some(bytes)).await.created();
    }
    let record =
        json!({ "lines": [{ "task": "wipers" }, { "task": "lights" }], "doneOn": format!("2026-02-0{}", number + 1) });
    garage.admin.post(&path("service-records"), record).await.created();
    // A car has one draft of each template.
    let key = format!("grown_{}", crate::support::plate().replace('-', "").to_lowercase());
    garage.admin.post("/v1/check-templates", crate::support::check_template(&key)).await.created();
    garage.admin.post(&path("checks"), json!({ "template": key })).await.created();
    let advice = json!({ "text": format!("Work {number}"), "urgency": "attention" });
    let advised = garage.admin.post(&path("recommendations"), advice).await.id();
    // Of what the owner says the staff are told.
    scene.actor(garage.admin.server, "fleet").act(&path(&format!("recommendations/{advised}/decline"))).await.ok();
}

async fn each_read_takes_its_number_of_statements(backend: Backend) {
    let scene = Scene::prepare(backend).await;
    let server = scene.open().await;
    let few = measure(&scene, &server).await;
    let found: BTreeMap<&str, u64> = few.iter().map(|(name, (taken, _))| (name.as_str(), *taken)).collect();
    assert_eq!(
        found,
        STATEMENTS.iter().copied().collect(),
        "a statement more or less, or an operation without a number"
    );
    grow(&scene, &server).await;
    for (operation, (taken, rows)) in measure(&scene, &server).await {
        let (taken_before, rows_before) = few[&operation];
        assert_eq!(taken, taken_before, "{operation} takes as many with {rows:?} rows as with {rows_before:?}");
        let is_fixed = FIXED.contains(&operation.as_str());
        assert!(
            is_fixed || rows.is_none() || rows > rows_before,
            "{operation} has {rows:?} rows: let `grow` make more"
        );
        assert_ne!(rows_before, Some(0), "{operation} has no rows in the scene: let `play` make one");
    }
    server.stop().await;
    scene.close().await;
}

mod reads_take_their_number_of_statements_however_many_rows_there_are {
    use super::*;

    #[actix_web::test]
    async fn sqlite() {
        each_read_takes_its_number_of_statements(Backend::Sqlite).await;
    }

    #[actix_web::test]
    async fn postgres() {
        each_read_takes_its_number_of_statements(Backend::Postgres).await;
    }
}

both! {
    async fn searches_and_other_actors_take_few_too(server) {
        let garage = server.garage("budget").await;
        let fleet = garage.fleet("fleet-budget").await;
        let (driver, car) = garage.fleet_car(&fleet, "one@budget.example").await;
        for who in ["two", "three"] {
            garage.fleet_car(&fleet, &format!("{who}@budget.example")).await;
        }
        for (who, path, pinned) in [
            (&fleet.account, "/v1/passports".to_owned(), 1),
            (&driver, format!("/v1/passports/{car}"), 1),
            (&garage.mechanic, "/v1/fleets?search=fleet".to_owned(), 2),
            (&garage.mechanic, "/v1/passports?search=one".to_owned(), 1),
            // Nothing was found, so the actor is looked up.
            (&garage.mechanic, "/v1/passports?search=nobody".to_owned(), 2),
            (&driver, format!("/v1/passports/{car}/odometer"), 6),
            (&driver, format!("/v1/passports/{car}/expected-maintenance"), 2),
            (&driver, format!("/v1/passports/{car}/status"), 1),
            (&fleet.account, "/v1/passports?sort=nextDueOn".to_owned(), 1),
            // None of their cars has a day of the APK, so the actor is looked up.
            (&fleet.account, "/v1/passports?sort=apkExpiresOn".to_owned(), 2),
            // For a filter by status, the day at the garage is asked first.
            (&fleet.account, "/v1/passports?carStatus=unknown,good,attention,urgent".to_owned(), 2),
        ] {
            let (taken, answer) = statements(server, async || who.get(&path).await).await;
            assert_eq!((answer.status, taken), (200, pinned), "{path}");
        }
    }

    async fn a_command_takes_as_many_statements_with_much_data_as_with_little(server) {
        let garage = server.garage("budget-c").await;
        let make = async |name: &str| {
            let body = json!({ "kind": "person", "name": name });
            statements(server, async || { garage.admin.post("/v1/customers", body).await.created(); }).await.0
        };
        let first = make("Jan").await;
        for number in 0..5 {
            make(&format!("Piet {number}")).await;
        }
        assert_eq!(make("Klaas").await, first);
        assert!(first <= 12, "{first}");
    }
}
