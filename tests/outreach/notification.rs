//! What people are told in the app, live and later, and what they want to hear: rules N1 to N6.

use crate::{
    both,
    support::{Actor, Garage, PASSWORD, Server, maintained, until},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;

/// The kinds of what someone is told, the newest first.
async fn kinds(actor: &Actor<'_>, query: &str) -> Vec<String> {
    actor.server.work();
    let items = actor.get(&format!("/v1/notifications{query}")).await.items();
    items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

/// How often someone is told of this kind, read or unread.
async fn told(actor: &Actor<'_>, kind: &str) -> usize {
    kinds(actor, "").await.iter().filter(|found| *found == kind).count()
}

async fn unread(actor: &Actor<'_>) -> i64 {
    actor.server.work();
    actor.get("/v1/notifications/unread-count").await.ok()["count"].as_i64().unwrap()
}

/// Completes a check of a car.
async fn check(garage: &Garage<'_>, car: &str) {
    let draft = maintained::draft_check(&garage.mechanic, car).await;
    maintained::complete_check(&garage.mechanic, car, &draft).await;
}

/// Hands a car over to someone new, who is returned.
async fn hand_over<'s>(server: &'s Server, owner: &Actor<'_>, car: &str, email: &str) -> Actor<'s> {
    let offer = owner.offer(car, "new_owner", email).await.created();
    let next = server.join(email).await;
    next.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
    next
}

/// The subjects of the mails to an address.
fn subjects(server: &Server, email: &str) -> Vec<String> {
    server.mails_to(email).iter().map(|mail| mail.subject().to_owned()).collect()
}

/// A stream of events as its client reads it.
struct Reader {
    response: reqwest::Response,
    text: String,
}

impl Reader {
    async fn open(actor: &Actor<'_>, last: Option<&str>) -> Self {
        let client = &actor.server.client;
        let mut request = client.get(format!("{}/v1/notifications/stream", actor.server.url));
        request = request.bearer_auth(actor.token.as_ref().unwrap());
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Self { response, text: String::new() }
    }

    /// Reads on until this stands in what was received; false when the stream ends before.
    async fn read_until(&mut self, expected: &str) -> bool {
        self.read_until_times(expected, 1).await
    }

    /// Reads on until this stands so often in what was received; false when the stream ends before.
    async fn read_until_times(&mut self, expected: &str, times: usize) -> bool {
        while self.text.matches(expected).count() < times {
            let next = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            let Some(bytes) = next.await.unwrap_or_else(|_| panic!("{expected} did not come: {}", self.text)).unwrap()
            else {
                return false;
            };
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        true
    }
}

both! {
    async fn n1_n2_driver_and_fleet_are_told_of_a_check_once_and_nobody_else_is(server) {
        let garage = server.garage("n1").await;
        let fleet = garage.fleet("fleet-n1").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@n1.example").await;
        let (stranger, ..) = garage.driver("stranger@n1.example").await;
        check(&garage, &car).await;
        for who in [&driver, &fleet.account] {
            assert_eq!(told(who, "check_ready").await, 1);
            assert_eq!(subjects(server, &who.email).iter().filter(|line| line.contains("controle")).count(), 1);
        }
        assert_eq!((told(&stranger, "check_ready").await, told(&garage.mechanic, "check_ready").await), (0, 0));
        let plate = domain::licence_plate::LicencePlate::parse(domain::value::Country::NL, &garage.plate_of(&car).await).unwrap().shown();
        let found = driver.get("/v1/notifications?limit=1").await.items()[0].clone();
        assert_eq!((found["class"].as_str(), found["link"].as_str()), (Some("service"), Some(&*format!("/passports/{car}"))));
        assert_eq!((found["passportId"].as_str(), &found["readAt"]), (Some(car.as_str()), &Value::Null));
        assert!(found["title"].as_str().unwrap().contains(&plate) && found["text"].as_str().unwrap().contains("Garage n1"), "{found}");
        // However often the work is done, as after a crash, it is told once.
        server.run_sql("UPDATE jobs SET state = 'queued' WHERE kind = 'notify'");
        assert_eq!((told(&driver, "check_ready").await, unread(&driver).await), (1, unread(&driver).await));
        // Everyone speaks their own language.
        driver.patch("/v1/account", json!({ "language": "en" })).await.ok();
        check(&garage, &car).await;
        server.work();
        let titles = [&driver, &fleet.account].map(async |who| who.get("/v1/notifications?limit=1").await.items()[0]["title"].as_str().unwrap().to_owned());
        let [english, dutch] = titles;
        assert!(english.await.starts_with("The check of") && dutch.await.starts_with("De controle van"));
    }

    async fn n2_an_offer_is_shown_to_whom_it_was_made_without_its_secret(server) {
        let garage = server.garage("n2").await;
        let (owner, _, car) = garage.driver("owner@n2.example").await;
        let (recipient, ..) = garage.driver("recipient@n2.example").await;
        let offer = owner.offer(&car, "new_owner", "recipient@n2.example").await.created();
        assert_eq!(told(&recipient, "invitation_transfer").await, 1);
        let found = recipient.get("/v1/notifications?limit=1").await.items()[0].clone();
        assert_eq!(found["link"].as_str(), Some(&*format!("/transfers/{}", offer["id"].as_str().unwrap())));
        let token = server.token_for("recipient@n2.example");
        assert!(!found.to_string().contains(&token) && !found.to_string().contains("invitation#"), "{found}");
        // Staff are told what their garage is mailed.
        recipient.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        for who in [&garage.admin, &garage.advisor, &garage.mechanic] {
            assert_eq!(told(who, "transfer_accepted_garage").await, 1);
        }
        // A link that was withdrawn before the work was done is told to nobody.
        let offer = recipient.offer(&car, "new_owner", "owner@n2.example").await.created();
        recipient.act(&format!("/v1/transfers/{}/withdraw", offer["id"].as_str().unwrap())).await.ok();
        assert_eq!((told(&owner, "invitation_transfer").await, told(&owner, "transfer_withdrawn").await), (0, 1));
    }

    async fn n3_what_is_switched_off_is_neither_shown_nor_mailed(server) {
        let garage = server.garage("n3").await;
        let (owner, _, car) = garage.driver("owner@n3.example").await;
        let path = "/v1/account/notification-settings";
        let list = owner.get(path).await.ok()["settings"].as_array().unwrap().clone();
        let offered: Vec<&str> = list.iter().map(|item| item["kind"].as_str().unwrap()).collect();
        assert_eq!(offered[..3], ["check_ready", "recall_opened", "reminder_apk"]);
        assert!(list.iter().all(|item| item["inApp"] == true && item["email"] == true), "{list:?}");
        let set = async |in_app: bool, email: bool| {
            owner.put(&format!("{path}/check_ready"), json!({ "inApp": in_app, "email": email, "push": in_app })).await.ok()
        };
        let mailed = || subjects(server, "owner@n3.example").iter().filter(|line| line.contains("controle")).count();
        assert_eq!(set(true, false).await["email"], false);
        check(&garage, &car).await;
        assert_eq!((told(&owner, "check_ready").await, mailed()), (1, 0));
        set(false, true).await;
        check(&garage, &car).await;
        assert_eq!((told(&owner, "check_ready").await, mailed()), (1, 1));
        assert_eq!(owner.get(path).await.ok()["settings"][0]["inApp"], false);
        set(true, true).await;
        // What concerns the account cannot be switched off, nor what this account never hears of.
        let always = owner.put(&format!("{path}/password_changed"), json!({ "inApp": true, "email": false, "push": true })).await;
        always.problem(409, "notification_always_told");
        for kind in ["recommendation_agreed", "nonsense", "CHECK_READY"] {
            owner.put(&format!("{path}/{kind}"), json!({ "inApp": true, "email": false, "push": true })).await.problem(404, "not_found");
        }
        owner.put(&format!("{path}/check_ready"), json!({ "inApp": false, "email": true, "push": true })).await.wrong(&["#/push push_needs_in_app"]);
        owner.put(&format!("{path}/check_ready"), json!({ "inApp": true, "push": true })).await.wrong(&["#/email required"]);
        let staff = garage.mechanic.send("GET", path, &[("accept-language", "en")], None).await.ok();
        assert_eq!(staff["settings"][0]["name"], "A customer agrees to a recommendation");
    }

    async fn n4_who_has_the_car_no_longer_hears_no_more_of_it(server) {
        let garage = server.garage("n4").await;
        let (owner, _, car) = garage.driver("owner@n4.example").await;
        check(&garage, &car).await;
        assert_eq!(kinds(&owner, "?read=false").await, ["check_ready"]);
        let next = hand_over(server, &owner, &car, "next@n4.example").await;
        check(&garage, &car).await;
        assert_eq!(kinds(&owner, "").await, ["transfer_accepted_offerer"], "what was unread is gone, and what says so is there");
        assert_eq!(unread(&owner).await, 1);
        // To read all brings nothing back.
        let newest = owner.get("/v1/notifications?limit=1").await.items()[0]["id"].clone();
        owner.post("/v1/notifications/read", json!({ "upTo": newest })).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert_eq!((kinds(&owner, "").await.len(), unread(&owner).await), (1, 0));
        assert_eq!(told(&next, "check_ready").await, 1, "and the earlier check is not the new owner's");
        assert_eq!(subjects(server, "owner@n4.example").iter().filter(|line| line.contains("controle")).count(), 1);
        // What was read stays.
        let own = next.get("/v1/notifications").await.items();
        let ready = own.iter().find(|one| one["kind"] == "check_ready").unwrap();
        next.act(&format!("/v1/notifications/{}/read", ready["id"].as_str().unwrap())).await.expect(reqwest::StatusCode::NO_CONTENT);
        hand_over(server, &next, &car, "last@n4.example").await;
        assert_eq!((told(&next, "check_ready").await, told(&next, "transfer_accepted_recipient").await), (1, 0));
    }

    async fn n4_a_message_that_is_under_way_does_not_arrive_when_the_car_is_gone(server) {
        let garage = server.garage("n4way").await;
        let (owner, _, car) = garage.driver("owner@n4way.example").await;
        let (next, ..) = garage.driver("next@n4way.example").await;
        let offer = owner.offer(&car, "new_owner", "next@n4way.example").await.created();
        server.work();
        check(&garage, &car).await;
        next.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        // The worker was slow: only now is it looked up who has the car.
        assert_eq!((told(&owner, "check_ready").await, told(&next, "check_ready").await), (0, 1));
        assert!(subjects(server, "owner@n4way.example").iter().all(|line| !line.contains("controle")));
    }

    async fn n4_who_passed_the_car_on_meanwhile_is_not_told_that_it_is_theirs(server) {
        let garage = server.garage("n4on").await;
        let (first, _, car) = garage.driver("first@n4on.example").await;
        let (second, ..) = garage.driver("second@n4on.example").await;
        let (third, ..) = garage.driver("third@n4on.example").await;
        server.work();
        // The worker stands still while the car goes from hand to hand.
        for (from, to) in [(&first, &second), (&second, &third)] {
            let offer = from.offer(&car, "new_owner", &to.email).await.created();
            to.act(&format!("/v1/transfers/{}/accept", offer["id"].as_str().unwrap())).await.ok();
        }
        let worker = server.start_worker();
        let mut live = Reader::open(&second, None).await;
        assert!(live.read_until("\"kind\":\"transfer_accepted_offerer\"").await);
        worker.stop();
        server.work();
        assert!(!live.text.contains("transfer_accepted_recipient"), "nor while one looks: {}", live.text);
        assert_eq!((told(&second, "transfer_accepted_recipient").await, told(&third, "transfer_accepted_recipient").await), (0, 1));
        let owns = |email: &str| subjects(server, email).iter().filter(|line| line.starts_with("U bent nu eigenaar")).count();
        assert_eq!((owns(&second.email), owns(&third.email)), (0, 1));
    }

    async fn n5_notifications_are_read_counted_and_kept_for_400_days(server) {
        let garage = server.garage("n5").await;
        let (owner, _, car) = garage.driver("owner@n5.example").await;
        let (other, ..) = garage.driver("other@n5.example").await;
        for _ in 0..3 {
            check(&garage, &car).await;
        }
        assert_eq!((unread(&owner).await, unread(&other).await), (3, 0));
        let ids: Vec<String> = owner.get("/v1/notifications").await.items().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        let newest_first = { let mut sorted = ids.clone(); sorted.sort_by(|a, b| b.cmp(a)); sorted };
        assert_eq!(ids, newest_first);
        other.act(&format!("/v1/notifications/{}/read", ids[0])).await.problem(404, "not_found");
        for _ in 0..2 {
            owner.act(&format!("/v1/notifications/{}/read", ids[2])).await.expect(reqwest::StatusCode::NO_CONTENT);
            assert_eq!(unread(&owner).await, 2);
        }
        assert_eq!(kinds(&owner, "?read=true").await.len(), 1);
        // What came in the meantime stays unread.
        other.post("/v1/notifications/read", json!({ "upTo": ids[0] })).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert_eq!(unread(&owner).await, 2);
        owner.post("/v1/notifications/read", json!({ "upTo": ids[1] })).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert_eq!((unread(&owner).await, kinds(&owner, "?read=false").await.len()), (1, 1));
        let page = owner.get("/v1/notifications?limit=2").await.ok();
        let rest = owner.get(&format!("/v1/notifications?limit=2&cursor={}", page["nextCursor"].as_str().unwrap())).await.items();
        assert_eq!((page["items"].as_array().unwrap().len(), rest[0]["id"].as_str()), (2, Some(ids[2].as_str())));
        owner.get("/v1/notifications?read=perhaps").await.wrong(&["read wrong_type"]);
        server.pass(SignedDuration::from_hours(24 * 400 - 1));
        let owner = server.sign_in(&owner.email, PASSWORD).await;
        assert_eq!(kinds(&owner, "").await.len(), 3);
        server.pass(SignedDuration::from_hours(2));
        let owner = server.sign_in(&owner.email, PASSWORD).await;
        assert!(kinds(&owner, "").await.is_empty());
    }

    async fn n6_what_is_told_comes_while_one_looks_and_what_was_missed_comes_first(server) {
        let garage = server.garage("n6").await;
        let (owner, _, car) = garage.driver("owner@n6.example").await;
        let (other, ..) = garage.driver("other@n6.example").await;
        let worker = server.start_worker();
        let (mut own, mut others) = (Reader::open(&owner, None).await, Reader::open(&other, None).await);
        assert!(own.read_until("retry: 3000").await);
        check(&garage, &car).await;
        assert!(own.read_until("\n\n").await && own.read_until("\"kind\":\"check_ready\"").await);
        let first = own.text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
        assert_eq!(own.text.matches("event: notification").count(), 1, "{}", own.text);
        // While nobody listens two more are made.
        drop(own);
        check(&garage, &car).await;
        check(&garage, &car).await;
        let stored = || owner.server.store().read(|tx| persistence::jobs::counts(tx, owner.server.now())).unwrap().iter().all(|(_, counts)| counts.queued + counts.running == 0);
        until("they are made", stored).await;
        let mut again = Reader::open(&owner, Some(&first)).await;
        assert!(again.read_until("event: notification").await);
        server.pass_idle(SignedDuration::from_secs(11));
        assert!(again.read_until(": alive").await);
        assert_eq!(again.text.matches("event: notification").count(), 2, "{}", again.text);
        server.pass_idle(SignedDuration::from_secs(2));
        // An id that the account does not have says nothing, whoever has it.
        let future = "ffffffff-ffff-7fff-bfff-ffffffffffff";
        for (who, last) in [(&other, first.as_str()), (&owner, future), (&owner, "nonsense"), (&owner, "")] {
            let mut odd = Reader::open(who, Some(last)).await;
            assert!(odd.read_until("event: reload").await && !odd.text.contains("event: notification"), "{last}: {}", odd.text);
        }
        // Others hear nothing of it, and a stream ends with its session.
        server.pass_idle(SignedDuration::from_secs(11));
        assert!(others.read_until(": alive").await);
        assert!(!others.text.contains("event: notification"), "{}", others.text);
        other.act("/v1/auth/logout").await.expect(reqwest::StatusCode::NO_CONTENT);
        server.pass_idle(SignedDuration::from_secs(11));
        assert!(!others.read_until("never").await, "it has ended");
        assert!(again.read_until("retry").await, "and the other's has not");
        drop(again);
        worker.stop();
    }

    async fn n6_a_stream_ends_before_it_tells_what_ended_its_session(server) {
        let garage = server.garage("n6ends").await;
        let (owner, ..) = garage.driver("owner@n6ends.example").await;
        let phone = server.sign_in(&owner.email, PASSWORD).await;
        let worker = server.start_worker();
        let (mut own, mut stolen) = (Reader::open(&owner, None).await, Reader::open(&phone, None).await);
        assert!(own.read_until("retry").await && stolen.read_until("retry").await);
        // No time passes on the server's clock, so no beat comes.
        let body = json!({ "currentPassword": PASSWORD, "newPassword": "een heel ander wachtwoord" });
        owner.post("/v1/account/password", body).await.expect(reqwest::StatusCode::NO_CONTENT);
        assert!(own.read_until("\"kind\":\"password_changed\"").await, "{}", own.text);
        assert!(!stolen.read_until("event: notification").await, "it was told: {}", stolen.text);
        // A stream ends with its session though nothing is told.
        owner.act("/v1/auth/logout").await.expect(reqwest::StatusCode::NO_CONTENT);
        assert!(!own.read_until("never").await);
        worker.stop();
    }

    async fn n3_of_many_settings_at_once_none_is_lost(server) {
        let garage = server.garage("n3many").await;
        let (owner, ..) = garage.driver("owner@n3many.example").await;
        let account = owner.get("/v1/account").await.ok()["id"].as_str().unwrap().parse().unwrap();
        let kind = domain::consequence::Template::ReminderApk;
        let leave_off = api::unsubscribe::Unsubscribe::Kind(domain::ids::AccountId(account), kind);
        let leave_off = leave_off.link(&server.url, &server.app.settings.secret);
        let settings = owner.get("/v1/account/notification-settings").await.ok();
        let kinds: Vec<String> = settings["settings"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
        assert!(kinds.len() > 4 && kinds.iter().any(|one| one == kind.code()), "{kinds:?}");
        for round in 0..6 {
            let wanted = round % 2 == 1;
            let mut requests = tokio::task::JoinSet::new();
            let put = |kind: &str| {
                let url = format!("{}/v1/account/notification-settings/{kind}", server.url);
                let body = json!({ "inApp": wanted, "email": wanted, "push": wanted });
                let request = server.client.put(url).bearer_auth(owner.token.as_ref().unwrap()).header("content-type", "application/json");
                request.body(body.to_string())
            };
            for other in kinds.iter().filter(|one| *one != kind.code()) {
                // Twice, since a client may repeat what it got no answer to.
                requests.spawn(put(other).send());
                requests.spawn(put(other).send());
            }
            if wanted {
                requests.spawn(put(kind.code()).send());
            } else {
                let page = server.client.post(&leave_off).header("content-type", "application/x-www-form-urlencoded");
                requests.spawn(page.body("List-Unsubscribe=One-Click").send());
            }
            while let Some(answer) = requests.join_next().await {
                let answer = answer.unwrap().unwrap();
                assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
            }
            let settings = owner.get("/v1/account/notification-settings").await.ok();
            for one in settings["settings"].as_array().unwrap() {
                assert_eq!(one["email"], json!(wanted), "round {round}: {one}");
            }
        }
    }

    async fn n6_a_stream_goes_on_when_the_clock_is_set_back(server) {
        let garage = server.garage("n6back").await;
        let (owner, _, car) = garage.driver("owner@n6back.example").await;
        let worker = server.start_worker();
        let mut own = Reader::open(&owner, None).await;
        check(&garage, &car).await;
        assert!(own.read_until("event: notification").await);
        let first = own.text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
        server.pass_idle(SignedDuration::from_hours(-1));
        check(&garage, &car).await;
        assert!(own.read_until_times("event: notification", 2).await, "the stream ended: {}", own.text);
        // Whoever connects again cannot be told what was missed, and loads the list.
        drop(own);
        let mut again = Reader::open(&owner, Some(&first)).await;
        assert!(again.read_until("event: reload").await);
        drop(again);
        worker.stop();
    }

    async fn n6_streams_whose_client_has_left_are_forgotten(server) {
        let garage = server.garage("n6left").await;
        let worker = server.start_worker();
        for _ in 0..100 {
            let all = [&garage.admin, &garage.advisor, &garage.mechanic].map(|who| Reader::open(who, None));
            for stream in all {
                drop(stream.await);
            }
        }
        // An account has 8 at most, and the oldest ends.
        let mut open = vec![];
        for _ in 0..9 {
            open.push(Reader::open(&garage.admin, None).await);
        }
        assert!(!open[0].read_until("never").await);
        server.pass_idle(SignedDuration::from_secs(11));
        let are_eight = || { server.pass_idle(SignedDuration::from_secs(11)); server.open_streams() == 8 };
        until("those of clients that left are gone", are_eight).await;
        drop(open);
        let are_none = || { server.pass_idle(SignedDuration::from_secs(11)); server.open_streams() == 0 };
        until("all have left", are_none).await;
        worker.stop();
    }
}
