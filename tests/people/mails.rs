//! How many mails people can have the server send: rule A24.

use crate::{
    both,
    support::{Actor, PASSWORD, plate},
};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::json;

both! {
    async fn a24_a_garage_learns_of_few_addresses_whether_they_have_an_account(server) {
        let (garage, other) = (server.garage("a24staff").await, server.garage("a24theirs").await);
        let (_, customer, _) = garage.driver("manager@a24staff.example").await;
        let fleet = garage.fleet("fleet-a24staff").await;
        let colleague = |email: &str| json!({ "email": email, "name": "Nieuw", "role": "mechanic" });
        let company = |email: &str| json!({ "customerId": customer, "email": email, "begin": "invited" });
        let taken = &other.mechanic.email;
        let invited = garage.admin.post("/v1/fleets", company("invited@a24staff.example")).await.created();
        for _ in 0..5 {
            garage.admin.post("/v1/garage/staff", colleague(taken)).await.problem(409, "email_in_use");
            garage.advisor.post("/v1/fleets", company(taken)).await.problem(409, "email_in_use");
        }
        // Whichever address, and whether it is in use or not.
        let (free, path) = ("free@a24staff.example", format!("/v1/fleets/{}", fleet.id));
        for email in [taken.as_str(), free] {
            garage.admin.post("/v1/garage/staff", colleague(email)).await.problem(429, "too_many_attempts");
            garage.admin.post("/v1/fleets", company(email)).await.problem(429, "too_many_attempts");
            let invited = format!("/v1/fleets/{}", invited["id"].as_str().unwrap());
            garage.admin.patch(&invited, json!({ "email": email })).await.problem(429, "too_many_attempts");
        }
        // Another name writes down no address, and another garage is not braked.
        garage.admin.patch(&path, json!({ "name": "Anders" })).await.ok();
        other.admin.post("/v1/garage/staff", colleague(free)).await.created();
        server.pass(jiff::SignedDuration::from_mins(30));
        let admin = server.sign_in(&garage.admin.email, PASSWORD).await;
        admin.post("/v1/garage/staff", colleague("late@a24staff.example")).await.created();
    }

    async fn a24_a_link_is_mailed_again_only_after_some_minutes(server) {
        let garage = server.garage("a24").await;
        let fleet = garage.fleet("fleet-a24").await;
        let (owner, _, own) = garage.driver("owner@a24.example").await;
        let car = garage.invited_passport(&garage.customer("jan@a24.example").await).await;
        let new = json!({ "email": "kees@a24.example", "name": "Kees", "role": "mechanic" });
        let staff = garage.admin.post("/v1/garage/staff", new).await.created()["id"].as_str().unwrap().to_owned();
        let (_, customer, _) = garage.driver("manager@a24.example").await;
        let new = json!({ "customerId": customer, "email": "desk@a24.example", "begin": "invited" });
        let invited = garage.admin.post("/v1/fleets", new).await.created()["id"].as_str().unwrap().to_owned();
        let offer = owner.offer(&own, "new_owner", "new@a24.example").await.created()["id"].as_str().unwrap().to_owned();
        let ways = [
            (&garage.admin, format!("/v1/passports/{car}/invitation"), "jan@a24.example"),
            (&garage.admin, format!("/v1/garage/staff/{staff}/invitation"), "kees@a24.example"),
            (&garage.admin, format!("/v1/fleets/{invited}/invitation"), "desk@a24.example"),
            (&owner, format!("/v1/transfers/{offer}/resend"), "new@a24.example"),
        ];
        for (who, path, address) in &ways {
            // Once at once, for who sees that the mail did not arrive, and then only after some minutes.
            assert!(who.act(path).await.status < 300, "{path}");
            let slowed = who.act(path).await;
            slowed.problem(429, "too_many_mails");
            assert_eq!(slowed.header("retry-after").parse::<i64>().unwrap(), 181);
            assert_eq!(server.mails_to(address).len(), 2, "{path}");
        }
        server.pass_idle(SignedDuration::from_secs(181));
        for (who, path, address) in &ways {
            assert!(who.act(path).await.status < 300, "{path}");
            assert_eq!(server.mails_to(address).len(), 3, "{path}");
        }
        // So it is when the address of a customer goes to and fro.
        let customer = garage.customer("here@a24.example").await;
        garage.invited_passport(&customer).await;
        let path = format!("/v1/customers/{customer}");
        for address in ["there@a24.example", "here@a24.example", "there@a24.example"] {
            garage.admin.patch(&path, json!({ "email": address })).await.ok();
        }
        garage.admin.patch(&path, json!({ "email": "here@a24.example" })).await.problem(429, "too_many_mails");
        let change = json!({ "email": "else@a24.example", "currentPassword": PASSWORD });
        for _ in 0..2 {
            fleet.account.post("/v1/account/email", change.clone()).await.expect(StatusCode::ACCEPTED);
        }
        fleet.account.post("/v1/account/email", change).await.problem(429, "too_many_mails");
    }

    async fn a24_nobody_fills_a_mailbox(server) {
        let garage = server.garage("a24box").await;
        let (owner, _, car) = garage.driver("owner@a24box.example").await;
        let (victim, full) = ("victim@elsewhere.example", "full@elsewhere.example");
        // What anyone can ask for, without a car, uses up nothing of the offers.
        for who in [&garage.admin, &garage.advisor, &owner] {
            let change = json!({ "email": victim, "currentPassword": PASSWORD });
            for _ in 0..2 {
                who.post("/v1/account/email", change.clone()).await.expect(StatusCode::ACCEPTED);
            }
        }
        let before = server.mails_to(victim).len();
        // Ten offers to an address, by whomever, and then one each two hours.
        let offer = async |who: &Actor<'_>, car: &str| {
            let offered = who.offer(car, "new_owner", victim).await;
            if offered.status == 201 {
                let id = offered.body["id"].as_str().unwrap().to_owned();
                who.act(&format!("/v1/transfers/{id}/withdraw")).await.ok();
            }
            offered
        };
        for _ in 0..10 {
            offer(&owner, &car).await.created();
        }
        offer(&owner, &car).await.problem(429, "too_many_mails");
        let (other, _, cars) = garage.driver("other@a24box.example").await;
        offer(&other, &cars).await.problem(429, "too_many_mails");
        assert_eq!(server.mails_to(victim).len(), before + 10, "of what was withdrawn before the mail went out, the withdrawal alone is told");
        // Others are mailed as before: the garage's staff has a count of its own.
        other.offer(&cars, "new_owner", "else@a24box.example").await.created();
        let customer = garage.customer(victim).await;
        garage.invited_passport(&customer).await;
        // A company may have many cars with one address, and yet there is an end.
        let company = garage.customer(full).await;
        for _ in 0..200 {
            garage.invited_passport(&company).await;
        }
        let plate = plate();
        let one_more = json!({ "licencePlate": { "number": plate }, "customerId": company });
        garage.admin.post("/v1/passports", one_more.clone()).await.problem(429, "too_many_mails");
        assert!(garage.admin.get(&format!("/v1/passports?plate={plate}")).await.items().is_empty(), "nothing is half done");
        let new = json!({ "email": full, "name": "Kees", "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", new).await.problem(429, "too_many_mails");
        let (_, manager, _) = garage.driver("manager@a24box.example").await;
        let new = json!({ "customerId": manager, "email": full, "begin": "invited" });
        garage.admin.post("/v1/fleets", new).await.problem(429, "too_many_mails");
        let new = json!({ "customerId": manager, "email": "desk@a24box.example", "begin": "invited" });
        let path = format!("/v1/fleets/{}", garage.admin.post("/v1/fleets", new).await.created()["id"].as_str().unwrap());
        garage.admin.patch(&path, json!({ "email": full })).await.problem(429, "too_many_mails");
        server.pass_idle(SignedDuration::from_mins(5));
        garage.admin.post("/v1/passports", one_more).await.created();
    }
}
