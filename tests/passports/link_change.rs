//! Second thoughts after a link or unlink, over HTTP: rule L5.

use crate::{
    both,
    support::{Actor, Fleet, Garage, PASSWORD, Server},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A garage, a fleet, and a private owner whose car the garage has linked to it: the car and the change of its link.
struct Linked<'s> {
    garage: Garage<'s>,
    fleet: Fleet<'s>,
    owner: Actor<'s>,
    car: String,
    change: String,
}

async fn linked<'s>(server: &'s Server, name: &str) -> Linked<'s> {
    let garage = server.garage(name).await;
    let fleet = garage.fleet(&format!("fleet-{name}")).await;
    let (owner, _, car) = garage.driver(&format!("owner@{name}.example")).await;
    garage.advisor.link(&car, &fleet.id).await.ok();
    let change = owner.open_link_change(&car).await;
    Linked { garage, fleet, owner, car, change }
}

async fn decide(actor: &Actor<'_>, change: &str, what: &str) -> crate::support::Answer {
    actor.act(&format!("/v1/link-changes/{change}/{what}")).await
}

async fn status(actor: &Actor<'_>, change: &str) -> String {
    actor.get(&format!("/v1/link-changes/{change}")).await.ok()["status"].as_str().unwrap().to_owned()
}

/// Who owns a car, as the garage sees it: the kind of owner and the fleet.
async fn hands(garage: &Garage<'_>, car: &str) -> (String, Value) {
    let shown = garage.admin.get(&format!("/v1/passports/{car}")).await.ok();
    (shown["owner"].as_str().unwrap().to_owned(), shown["fleet"]["id"].clone())
}

async fn again<'s>(server: &'s Server, actor: &Actor<'_>) -> Actor<'s> {
    server.sign_in(&actor.email, PASSWORD).await
}

both! {
    async fn l5_the_private_owner_objects_to_a_link_and_has_the_car_again(server) {
        let Linked { garage, fleet, owner, car, change } = linked(server, "l5a").await;
        let seen = owner.get(&format!("/v1/link-changes/{change}")).await.ok();
        assert_eq!((&seen["kind"], &seen["status"], &seen["role"]), (&json!("linked"), &json!("open"), &json!("former_owner")));
        assert_eq!((&seen["garageName"], &seen["fleetName"]), (&json!("Garage l5a"), &json!("fleet-l5a")));
        assert_eq!((&seen["passportId"], &seen["decidedAt"]), (&json!(car), &Value::Null));
        let mails = server.mails_to(&owner.email);
        let said = &mails.last().unwrap().raw;
        assert!(said.contains("Garage l5a") && said.contains("fleet-l5a"), "{said}");
        assert!(said.contains(&format!("/link-changes/{change}")) && said.contains("bezwaar"), "{said}");
        let before = [server.mails_to("info@l5a.example").len(), server.mails_to(&fleet.account.email).len()];

        // Nobody offers the car meanwhile, to whomever.
        for kind in ["new_owner", "new_driver"] {
            fleet.account.offer(&car, kind, "new@l5a.example").await.problem(409, "link_change_open");
        }
        assert_eq!(decide(&owner, &change, "object").await.ok()["status"], "objected");
        assert_eq!(hands(&garage, &car).await, ("driver".into(), Value::Null));
        fleet.account.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        let custody = garage.admin.get(&format!("/v1/passports/{car}/custody")).await.items();
        let last: Vec<_> = custody.iter().rev().take(2).map(|entry| (entry["role"].as_str().unwrap(), entry["holder"].as_str().unwrap())).collect();
        assert_eq!(last, [("fleet", "nobody"), ("owner", "account")]);
        let after = [server.mails_to("info@l5a.example").len(), server.mails_to(&fleet.account.email).len()];
        assert_eq!(after, before.map(|count| count + 1), "the garage and the fleet, once each");
        assert!(garage.events().await.iter().any(|(_, kind)| kind == "link_change_objected"));
        // It is decided, and the owner offers the car again.
        for what in ["agree", "object"] {
            decide(&owner, &change, what).await.problem(409, "link_change_not_open");
        }
        owner.offer(&car, "new_owner", "new@l5a.example").await.created();
        // The fleet keeps the record, without a right to decide.
        assert_eq!(fleet.account.get(&format!("/v1/link-changes/{change}")).await.ok()["role"], "owner");
    }

    async fn l5_the_fleet_objects_to_an_unlink_and_has_the_car_again(server) {
        let Linked { garage, fleet, owner, car, .. } = linked(server, "l5b").await;
        owner.agree(&car).await;
        garage.admin.unlink(&car).await.ok();
        // The fleet sees the car no longer, and the change it does.
        fleet.account.get(&format!("/v1/passports/{car}")).await.problem(404, "not_found");
        let change = fleet.account.open_link_change(&car).await;
        let seen = fleet.account.get(&format!("/v1/link-changes/{change}")).await.ok();
        assert_eq!((&seen["kind"], &seen["role"]), (&json!("unlinked"), &json!("former_owner")));
        assert!(server.mails_to(&fleet.account.email).last().unwrap().raw.contains(&format!("/link-changes/{change}")));
        let told = server.mails_to(&owner.email);
        let said = &told.last().unwrap().raw;
        assert!(said.contains("bezwaar") && !said.contains("/link-changes/"), "the driver is told until when, and cannot decide: {said}");
        decide(&owner, &change, "object").await.problem(403, "only_former_owner_may_decide");
        owner.offer(&car, "new_owner", "new@l5b.example").await.problem(409, "link_change_open");
        // Another fleet does not get it meanwhile.
        let other = garage.fleet("other-l5b").await;
        garage.admin.link(&car, &other.id).await.problem(409, "link_change_open");
        assert_eq!(decide(&fleet.account, &change, "object").await.ok()["status"], "objected");
        assert_eq!(hands(&garage, &car).await, ("fleet".into(), json!(fleet.id)));
        assert_eq!(server.mails_to(&owner.email).len(), told.len() + 1);
        fleet.account.offer(&car, "new_owner", "new@l5b.example").await.created();
    }

    async fn l5_who_agrees_lets_the_car_go(server) {
        let Linked { garage, fleet, owner, car, change } = linked(server, "l5c").await;
        let mails = server.mails_to("info@l5c.example").len();
        assert_eq!(decide(&owner, &change, "agree").await.ok()["status"], "agreed");
        assert_eq!(server.mails_to("info@l5c.example").len(), mails);
        for what in ["agree", "object"] {
            decide(&owner, &change, what).await.problem(409, "link_change_not_open");
        }
        assert_eq!(hands(&garage, &car).await, ("fleet".into(), json!(fleet.id)));
        fleet.account.offer(&car, "new_owner", "new@l5c.example").await.created();
    }

    async fn l5_after_seven_days_it_is_over(server) {
        let Linked { fleet, owner, car, change, .. } = linked(server, "l5d").await;
        server.pass_idle(SignedDuration::from_hours(24 * 7) - SignedDuration::from_secs(1));
        let (of_fleet, of_owner) = (again(server, &fleet.account).await, again(server, &owner).await);
        of_fleet.offer(&car, "new_owner", "new@l5d.example").await.problem(409, "link_change_open");
        server.pass_idle(SignedDuration::from_secs(1));
        for what in ["agree", "object"] {
            decide(&of_owner, &change, what).await.problem(409, "link_change_over");
        }
        assert_eq!(status(&of_owner, &change).await, "over");
        assert_eq!(of_owner.get("/v1/link-changes?status=over").await.items().len(), 1);
        assert!(of_owner.get("/v1/link-changes?status=open").await.items().is_empty());
        // By time alone: nobody had to write it down.
        of_fleet.offer(&car, "new_owner", "new@l5d.example").await.created();
    }

    async fn l5_a_car_that_is_linked_before_it_is_activated_has_no_second_thoughts(server) {
        let garage = server.garage("l5e").await;
        let fleet = garage.fleet("fleet-l5e").await;
        let customer = garage.customer("driver@l5e.example").await;
        let car = garage.invited_passport(&customer).await;
        garage.admin.link(&car, &fleet.id).await.ok();
        let body = json!({ "licencePlate": { "number": crate::support::plate() }, "customerId": customer, "fleetId": fleet.id });
        garage.admin.post("/v1/passports", body).await.created();
        let driver = server.join("driver@l5e.example").await;
        assert!(garage.admin.get("/v1/link-changes").await.items().is_empty());
        let cars = driver.get("/v1/passports").await.items();
        let car = cars[0]["id"].as_str().unwrap();
        fleet.account.offer(car, "new_owner", "new@l5e.example").await.created();
    }

    async fn l5_the_garage_chooses_for_how_many_days(server) {
        let garage = server.garage("l5f").await;
        let fleet = garage.fleet("fleet-l5f").await;
        assert_eq!(garage.mechanic.get("/v1/garage").await.ok()["secondThoughtsDays"], 7);
        let set = async |days: i64| garage.admin.patch("/v1/garage", json!({ "secondThoughtsDays": days })).await;
        set(31).await.wrong(&["#/secondThoughtsDays out_of_range"]);
        set(-1).await.wrong(&["#/secondThoughtsDays out_of_range"]);
        garage.advisor.patch("/v1/garage", json!({ "secondThoughtsDays": 0 })).await.problem(403, "admin_only");
        assert_eq!(set(0).await.ok()["secondThoughtsDays"], 0);
        let (_, _, car) = garage.driver("one@l5f.example").await;
        garage.admin.link(&car, &fleet.id).await.ok();
        assert!(garage.admin.get("/v1/link-changes").await.items().is_empty());
        fleet.account.offer(&car, "new_owner", "new@l5f.example").await.created();
        set(30).await.ok();
        let (owner, _, car) = garage.driver("two@l5f.example").await;
        garage.admin.link(&car, &fleet.id).await.ok();
        let change = owner.open_link_change(&car).await;
        let ends = owner.get(&format!("/v1/link-changes/{change}")).await.ok()["endsAt"].clone();
        assert_eq!(ends, json!((server.now() + SignedDuration::from_hours(24 * 30)).to_string()));
    }

    async fn l5_the_garage_undoes_its_change(server) {
        let Linked { garage, fleet, owner, car, change } = linked(server, "l5g").await;
        garage.admin.unlink(&car).await.ok();
        assert_eq!(status(&owner, &change).await, "withdrawn");
        decide(&owner, &change, "agree").await.problem(409, "link_change_not_open");
        // The fleet had the car for a trial only, and has nothing to object to.
        assert_eq!(fleet.account.get("/v1/link-changes?status=open").await.items(), Vec::<Value>::new());
        assert!(!server.mails_to(&fleet.account.email).last().unwrap().raw.contains("/link-changes/"));
        owner.offer(&car, "new_owner", "new@l5g.example").await.created();
    }

    async fn l5_nobody_archives_the_car_meanwhile(server) {
        let Linked { garage, owner, car, change, .. } = linked(server, "l5h").await;
        let archive = format!("/v1/passports/{car}/archive");
        garage.admin.act(&archive).await.problem(409, "link_change_open");
        decide(&owner, &change, "agree").await.ok();
        garage.admin.act(&archive).await.ok();
    }

    async fn l5_what_is_foreign_does_not_exist(server) {
        let Linked { garage, fleet, owner, car, change } = linked(server, "l5j").await;
        let other = linked(server, "l5k").await;
        for who in [&other.garage.admin, &other.fleet.account, &other.owner, &fleet.manager] {
            who.get(&format!("/v1/link-changes/{change}")).await.problem(404, "not_found");
            for what in ["agree", "object"] {
                decide(who, &change, what).await.problem(404, "not_found");
            }
            assert!(who.get(&format!("/v1/link-changes?passportId={car}")).await.items().is_empty());
        }
        for who in [&garage.admin, &garage.mechanic, &fleet.account] {
            who.get(&format!("/v1/link-changes/{change}")).await.ok();
            for what in ["agree", "object"] {
                decide(who, &change, what).await.problem(403, "only_former_owner_may_decide");
            }
        }
        server.anonymous().get(&format!("/v1/link-changes/{change}")).await.problem(401, "unauthenticated");
        decide(&owner, &car, "agree").await.problem(404, "not_found");
        assert_eq!(garage.mechanic.get("/v1/link-changes?sort=-changedAt").await.items().len(), 1);
    }

    async fn l5_a_repeat_gets_the_first_answer_and_a_stale_version_none(server) {
        let Linked { owner, change, .. } = linked(server, "l5l").await;
        let path = format!("/v1/link-changes/{change}/object");
        owner.send("POST", &path, &[("if-match", "\"9\"")], None).await.problem(412, "precondition_failed");
        let headers = [("idempotency-key", "object-once"), ("if-match", "\"1\"")];
        let first = owner.send("POST", &path, &headers, None).await;
        assert_eq!((first.status, first.body["version"].as_i64()), (200, Some(2)));
        let repeated = owner.send("POST", &path, &headers, None).await;
        assert_eq!((repeated.status, &repeated.body), (200, &first.body));
        owner.send("POST", &path, &[("idempotency-key", "object-twice")], None).await.problem(409, "link_change_not_open");
    }

    async fn l5_of_two_at_the_same_moment_one_stands(server) {
        let Linked { garage, owner, car, change, .. } = linked(server, "l5m").await;
        let mut racing = Vec::new();
        for number in 0..16 {
            let what = if number % 2 == 0 { "agree" } else { "object" };
            let (client, token) = (server.client.clone(), owner.token.clone().unwrap());
            let url = format!("{}/v1/link-changes/{change}/{what}", server.url);
            racing.push(actix_web::rt::spawn(async move {
                let answer = client.post(url).bearer_auth(token).send().await.unwrap();
                let status = answer.status().as_u16();
                let body: Value = answer.json().await.unwrap();
                (status, body["status"].as_str().or(body["code"].as_str()).unwrap_or_default().to_owned())
            }));
        }
        let mut outcomes = Vec::new();
        for race in racing {
            outcomes.push(race.await.unwrap());
        }
        let won: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 200).collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|(status, code)| *status == 200 || (*status == 409 && code == "link_change_not_open")), "{outcomes:?}");
        assert_eq!(status(&owner, &change).await, won[0].1);
        let expected = if won[0].1 == "agreed" { "fleet" } else { "driver" };
        assert_eq!(hands(&garage, &car).await.0, expected);
    }
}
