//! How many statements each operation sends to the database: one round trip each on PostgreSQL. A list that asked once
//! more for each of its rows would be found out here, since the scene has several of everything.

use crate::{both, support::Server};
use serde_json::json;

/// Sends a request by `send` and says how many statements it took.
async fn statements(server: &Server, send: impl AsyncFnOnce()) -> u64 {
    let before = server.store().statements();
    send().await;
    server.store().statements() - before
}

both! {
    async fn reads_take_few_statements_however_many_rows_they_have(server) {
        let garage = server.garage("budget").await;
        let fleet = garage.fleet("fleet-budget").await;
        let (driver, car) = garage.fleet_car(&fleet, "one@budget.example").await;
        for who in ["two", "three", "four"] {
            garage.fleet_car(&fleet, &format!("{who}@budget.example")).await;
            garage.fleet(&format!("{who}-budget")).await;
        }
        let offer = fleet.account.offer(&car, "new_driver", "two@budget.example").await.created();
        let offer = format!("/v1/transfers/{}", offer["id"].as_str().unwrap());
        let passport = format!("/v1/passports/{car}");
        let budget = [
            // The four that everyone waits for, and what is read the same way: the session with the rows.
            (&fleet.account, "/v1/passports".to_owned(), 1),
            (&driver, passport.clone(), 1),
            (&garage.mechanic, "/v1/fleets".to_owned(), 1),
            (&garage.mechanic, "/v1/fleets?search=fleet".to_owned(), 1),
            (&garage.mechanic, "/v1/passports?search=one".to_owned(), 1),
            (&garage.mechanic, format!("/v1/fleets/{}", fleet.id), 1),
            (&garage.mechanic, format!("/v1/fleets/{}/passports", fleet.id), 1),
            // Nothing was found, so the actor is looked up.
            (&garage.mechanic, "/v1/passports?search=nobody".to_owned(), 2),
            // First who asks, then what they asked for.
            (&fleet.account, "/v1/transfers".to_owned(), 2),
            (&fleet.account, offer, 2),
            (&garage.mechanic, "/v1/customers".to_owned(), 2),
            (&garage.mechanic, "/v1/garage/staff".to_owned(), 2),
            (&garage.mechanic, "/v1/garage".to_owned(), 2),
            (&driver, "/v1/account".to_owned(), 2),
            (&driver, "/v1/auth/sessions".to_owned(), 2),
            // That the passport is in reach is asked first.
            (&driver, format!("{passport}/custody"), 3),
            (&garage.mechanic, format!("{passport}/events"), 3),
            (&driver, format!("{passport}/plates"), 3),
            (&driver, format!("{passport}/registration"), 3),
            (&driver, format!("{passport}/recalls"), 3),
            (&driver, format!("{passport}/inspections"), 3),
            (&driver, format!("{passport}/apk/entries"), 3),
            // The garage's day, and what the register told.
            (&driver, format!("{passport}/apk"), 5),
            (&driver, format!("{passport}/odometer"), 5),
        ];
        for (who, path, most) in budget {
            let taken = statements(server, async || { who.get(&path).await.ok(); }).await;
            assert_eq!(taken, most, "{path}");
        }
    }

    async fn a_command_takes_as_many_statements_with_much_data_as_with_little(server) {
        let garage = server.garage("budget-c").await;
        let make = async |name: &str| {
            let body = json!({ "kind": "person", "name": name });
            statements(server, async || { garage.admin.post("/v1/customers", body).await.created(); }).await
        };
        let first = make("Jan").await;
        for number in 0..5 {
            make(&format!("Piet {number}")).await;
        }
        assert_eq!(make("Klaas").await, first);
        assert!(first <= 12, "{first}");
    }
}
