//! The access matrix: every operation, by everyone, on their own and on what is foreign, held against a golden file.
//!
//! Each cell is what the server answers: `ok`, or status and code. Operations that change something run on a copy of the
//! scene for each actor that may; those that may not are shown to have changed nothing.

use crate::support::{Actor, Backend, Contract, Fleet, Garage, PASSWORD, Server, plate};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Ids that the operations are tried on.
struct Scene<'s> {
    garage: Garage<'s>,
    other: Garage<'s>,
    fleet: Fleet<'s>,
    other_fleet: Fleet<'s>,
    driver: Actor<'s>,
    recipient: Actor<'s>,
    stranger: Actor<'s>,
    car: String,
    own_car: String,
    invited_car: String,
    customer: String,
    free_customer: String,
    transfer: String,
    staff: String,
    empty_fleet: String,
    entry: String,
    reading: String,
}

impl<'s> Scene<'s> {
    async fn new(server: &'s Server) -> Self {
        let (garage, other) = (server.garage("own").await, server.garage("foreign").await);
        let fleet = garage.fleet("fleet").await;
        let other_fleet = other.fleet("foreign-fleet").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@x.example").await;
        let (recipient, _, own_car) = garage.driver("recipient@x.example").await;
        let (stranger, ..) = other.driver("stranger@x.example").await;
        let customer = garage.customer("invited@x.example").await;
        let invited_car = garage.invited_passport(&customer).await;
        let free_customer = garage.customer("free@x.example").await;
        let (_, offered) = garage.fleet_car(&fleet, "offered@x.example").await;
        let transfer = fleet.account.offer(&offered, "new_owner", "recipient@x.example").await.created()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let body = json!({ "email": "kees@x.example", "name": "Kees", "role": "mechanic" });
        let staff = garage.admin.post("/v1/garage/staff", body).await.created()["id"].as_str().unwrap().to_owned();
        let body = json!({ "customerId": fleet.customer, "email": "empty@x.example", "begin": "invited" });
        let empty_fleet = garage.admin.post("/v1/fleets", body).await.created()["id"].as_str().unwrap().to_owned();
        let path = |part: &str| format!("/v1/passports/{car}/{part}");
        let entry = garage.mechanic.post(&path("apk/entries"), json!({ "expiresOn": "2027-03-01" })).await.id();
        let body = json!({ "value": 11, "readOn": "2026-02-01" });
        let reading = garage.mechanic.post(&path("odometer/readings"), body).await.id();
        Self {
            garage,
            other,
            fleet,
            other_fleet,
            driver,
            recipient,
            stranger,
            car,
            own_car,
            invited_car,
            customer,
            free_customer,
            transfer,
            staff,
            empty_fleet,
            entry,
            reading,
        }
    }

    fn actors(&self, server: &'s Server) -> Vec<(&'static str, Actor<'s>)> {
        vec![
            ("anonymous", server.anonymous()),
            ("foreign admin", self.other.admin.clone()),
            ("foreign fleet", self.other_fleet.account.clone()),
            ("stranger", self.stranger.clone()),
            ("mechanic", self.garage.mechanic.clone()),
            ("advisor", self.garage.advisor.clone()),
            ("admin", self.garage.admin.clone()),
            ("fleet", self.fleet.account.clone()),
            ("driver", self.driver.clone()),
            ("recipient", self.recipient.clone()),
        ]
    }

    /// How an operation is tried: path and body. A new operation has to be added here.
    fn request(&self, operation: &str) -> (String, Option<Value>) {
        let path = |path: String| (path, None);
        match operation {
            "login" => ("/v1/auth/login".into(), Some(json!({ "email": self.driver.email, "password": PASSWORD }))),
            "refresh" => ("/v1/auth/refresh".into(), Some(json!({ "refreshToken": "nonsense" }))),
            "logout" => path("/v1/auth/logout".into()),
            "listSessions" => path("/v1/auth/sessions".into()),
            "endSession" => path(format!("/v1/auth/sessions/{}", self.car)),
            "requestPasswordReset" => ("/v1/auth/password-reset".into(), Some(json!({ "email": "nobody@x.example" }))),
            "confirmPasswordReset" => {
                ("/v1/auth/password-reset/confirm".into(), Some(json!({ "token": "nonsense", "password": PASSWORD })))
            }
            "getAccount" => path("/v1/account".into()),
            "updateAccount" => ("/v1/account".into(), Some(json!({ "name": "New" }))),
            "changePassword" => (
                "/v1/account/password".into(),
                Some(json!({ "currentPassword": PASSWORD, "newPassword": "negen groene kikkers zingen" })),
            ),
            "changeEmail" => {
                ("/v1/account/email".into(), Some(json!({ "currentPassword": PASSWORD, "email": "new@x.example" })))
            }
            "confirmEmail" => ("/v1/account/email/confirm".into(), Some(json!({ "token": "nonsense" }))),
            "previewInvitation" => ("/v1/invitations/preview".into(), Some(json!({ "token": "nonsense" }))),
            "acceptInvitation" => ("/v1/invitations/accept".into(), Some(json!({ "token": "nonsense" }))),
            "getGarage" => path("/v1/garage".into()),
            "updateGarage" => ("/v1/garage".into(), Some(json!({ "name": "New" }))),
            "listStaff" => path("/v1/garage/staff".into()),
            "addStaff" => (
                "/v1/garage/staff".into(),
                Some(json!({ "email": "nieuw@x.example", "name": "N", "role": "mechanic" })),
            ),
            "getStaff" | "removeStaff" => path(format!("/v1/garage/staff/{}", self.staff)),
            "updateStaff" => (format!("/v1/garage/staff/{}", self.staff), Some(json!({ "name": "New" }))),
            "inviteStaff" => path(format!("/v1/garage/staff/{}/invitation", self.staff)),
            "listCustomers" => path("/v1/customers".into()),
            "createCustomer" => ("/v1/customers".into(), Some(json!({ "kind": "person", "name": "N" }))),
            "getCustomer" => path(format!("/v1/customers/{}", self.customer)),
            "updateCustomer" => (format!("/v1/customers/{}", self.customer), Some(json!({ "name": "New" }))),
            "deleteCustomer" => path(format!("/v1/customers/{}", self.free_customer)),
            "getLicencePlate" => path("/v1/licence-plates/TT601D".into()),
            "getRegisteredVehicle" => path("/v1/vehicle-register/TT601D".into()),
            "listPassports" => path("/v1/passports".into()),
            "createPassport" => {
                let body = json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "person", "name": "N", "email": "n@x.example" } });
                ("/v1/passports".into(), Some(body))
            }
            "importPassports" => {
                let line =
                    json!({ "licencePlate": { "number": plate() }, "customer": { "kind": "person", "name": "N" } });
                ("/v1/passport-imports".into(), Some(line))
            }
            "getPassport" => path(format!("/v1/passports/{}", self.car)),
            "updatePassport" => (format!("/v1/passports/{}", self.car), Some(json!({ "make": "New" }))),
            "invitePassport" => path(format!("/v1/passports/{}/invitation", self.invited_car)),
            "archivePassport" => path(format!("/v1/passports/{}/archive", self.car)),
            "listCustody" => path(format!("/v1/passports/{}/custody", self.car)),
            "listEvents" => path(format!("/v1/passports/{}/events", self.car)),
            "listPlates" => path(format!("/v1/passports/{}/plates", self.car)),
            "getRegistration" => path(format!("/v1/passports/{}/registration", self.car)),
            "listRecalls" => path(format!("/v1/passports/{}/recalls", self.car)),
            "listInspections" => path(format!("/v1/passports/{}/inspections", self.car)),
            "getApk" => path(format!("/v1/passports/{}/apk", self.car)),
            "listApkEntries" => path(format!("/v1/passports/{}/apk/entries", self.car)),
            "getApkEntry" => path(format!("/v1/passports/{}/apk/entries/{}", self.car, self.entry)),
            "enterApkDate" => {
                (format!("/v1/passports/{}/apk/entries", self.car), Some(json!({ "expiresOn": "2027-05-17" })))
            }
            "getOdometerReading" => path(format!("/v1/passports/{}/odometer/readings/{}", self.car, self.reading)),
            "getOdometer" => path(format!("/v1/passports/{}/odometer", self.car)),
            "listOdometerReadings" => path(format!("/v1/passports/{}/odometer/readings", self.car)),
            "recordOdometerReading" => {
                (format!("/v1/passports/{}/odometer/readings", self.car), Some(json!({ "value": 12 })))
            }
            "linkPassport" => {
                (format!("/v1/passports/{}/fleet", self.own_car), Some(json!({ "fleetId": self.fleet.id })))
            }
            "unlinkPassport" => path(format!("/v1/passports/{}/fleet", self.car)),
            "offerTransfer" => (
                format!("/v1/passports/{}/transfers", self.car),
                Some(json!({ "kind": "new_owner", "recipientEmail": "n@x.example" })),
            ),
            "listFleets" => path("/v1/fleets".into()),
            "createFleet" => (
                "/v1/fleets".into(),
                Some(json!({ "customerId": self.fleet.customer, "email": "nf@x.example", "begin": "invited" })),
            ),
            "getFleet" => path(format!("/v1/fleets/{}", self.fleet.id)),
            "updateFleet" => (format!("/v1/fleets/{}", self.fleet.id), Some(json!({ "name": "New" }))),
            "listFleetPassports" => path(format!("/v1/fleets/{}/passports", self.fleet.id)),
            "inviteFleet" => path(format!("/v1/fleets/{}/invitation", self.empty_fleet)),
            "closeFleet" => path(format!("/v1/fleets/{}/close", self.empty_fleet)),
            "listTransfers" => path("/v1/transfers".into()),
            "getTransfer" => path(format!("/v1/transfers/{}", self.transfer)),
            "acceptTransfer" => path(format!("/v1/transfers/{}/accept", self.transfer)),
            "declineTransfer" => path(format!("/v1/transfers/{}/decline", self.transfer)),
            "withdrawTransfer" => path(format!("/v1/transfers/{}/withdraw", self.transfer)),
            "resendTransfer" => path(format!("/v1/transfers/{}/resend", self.transfer)),
            other => panic!("{other} is not in the access matrix: say in `request` how it is tried"),
        }
    }
}

/// What an actor gets: for a list, how much of it.
fn cell(answer: &crate::support::Answer) -> String {
    match (answer.status, answer.body["items"].as_array()) {
        (200..=299, Some(items)) => format!("ok ({})", items.len()),
        (200..=299, None) => "ok".into(),
        (status, _) => format!("{status} {}", answer.body["code"].as_str().unwrap_or_default()),
    }
}

async fn matrix(backend: Backend) -> String {
    let contract = Contract::shared();
    let mut table = String::from("Generated by the acceptance tests; see tests/access.rs.\n\n");
    let mut reading = Vec::new();
    let mut writing = Vec::new();
    for (path, item) in contract.document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let entry = (operation["operationId"].as_str().unwrap(), method.to_ascii_uppercase(), path);
            if method == "get" { reading.push(entry) } else { writing.push(entry) }
        }
    }
    let server = Server::start(backend).await;
    let scene = Scene::new(&server).await;
    let names: Vec<&str> = scene.actors(&server).iter().map(|(name, _)| *name).collect();
    writeln!(table, "| operation | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len())).unwrap();
    for (operation, method, _) in &reading {
        row(&mut table, &server, &scene, operation, method, &names).await;
    }
    server.stop().await;
    for (operation, method, _) in &writing {
        // Refusals leave the scene as it is, and the first who may is the last who can: so each column that is allowed
        // has a scene of its own.
        let mut cells = vec![String::new(); names.len()];
        let mut open: Vec<usize> = (0..names.len()).collect();
        while !open.is_empty() {
            let server = Server::start(backend).await;
            let scene = Scene::new(&server).await;
            let mut later = Vec::new();
            let mut changed = false;
            for index in open {
                if changed {
                    later.push(index);
                    continue;
                }
                let before = scene.garage.events().await.len();
                let (_, actor) = scene.actors(&server).swap_remove(index);
                let (path, body) = scene.request(operation);
                let kind = if *operation == "importPassports" { "application/x-ndjson" } else { "application/json" };
                let headers = [("content-type", kind), ("if-match", "*")];
                let answer = actor.send(method, &path, &headers, body.map(|body| body.to_string().into_bytes())).await;
                cells[index] = cell(&answer);
                changed = answer.status < 300;
                if !changed {
                    assert_eq!(
                        scene.garage.events().await.len(),
                        before,
                        "{operation} was refused to {} and yet left a trace",
                        names[index]
                    );
                }
            }
            server.stop().await;
            open = later;
        }
        writeln!(table, "| {operation} | {} |", cells.join(" | ")).unwrap();
    }
    table
}

async fn row(table: &mut String, server: &Server, scene: &Scene<'_>, operation: &str, method: &str, names: &[&str]) {
    let mut cells = Vec::new();
    for (index, _) in names.iter().enumerate() {
        let (_, actor) = scene.actors(server).swap_remove(index);
        let (path, _) = scene.request(operation);
        cells.push(cell(&actor.send(method, &path, &[], None).await));
    }
    writeln!(table, "| {operation} | {} |", cells.join(" | ")).unwrap();
}

fn held_against_the_golden_file(found: &str) {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/access-matrix.md");
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        std::fs::write(golden, found).unwrap();
    }
    let expected = std::fs::read_to_string(golden).unwrap_or_default();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(
            found, expected,
            "access has changed; if that is meant, run the test with UPDATE_GOLDEN=1 and read the difference"
        );
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

mod the_access_matrix_is_the_golden_one {
    use super::*;

    #[actix_web::test]
    async fn sqlite() {
        held_against_the_golden_file(&matrix(Backend::Sqlite).await);
    }

    #[actix_web::test]
    async fn postgres() {
        held_against_the_golden_file(&matrix(Backend::Postgres).await);
    }
}
