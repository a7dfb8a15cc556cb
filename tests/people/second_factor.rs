//! The second factor at sign-in: rules A16 to A21.

use crate::{
    both,
    support::{Actor, Answer, PASSWORD, Scene, Server},
};
use api::one_time_codes::code_of;
use domain::value::EmailAddress;
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};

const PATH: &str = "/v1/account/second-factor";

/// What an authenticator app does with the secret that it scanned.
struct App {
    secret: Vec<u8>,
}

impl App {
    fn new(shown: &str) -> Self {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let (mut secret, mut held, mut bits) = (vec![], 0_u32, 0);
        for letter in shown.bytes() {
            let value = letters.iter().position(|known| *known == letter).unwrap();
            held = ((held << 5) | u32::try_from(value).unwrap()) & 0xFFF;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                secret.push(u8::try_from((held >> bits) & 0xFF).unwrap());
            }
        }
        Self { secret }
    }

    /// The code that it shows so many steps from now.
    fn code_in(&self, server: &Server, steps: i64) -> String {
        let code = code_of(&self.secret, server.now().as_second() / 30 + steps);
        format!("{code:06}")
    }

    fn code(&self, server: &Server) -> String {
        self.code_in(server, 0)
    }

    /// A code that is no good now.
    fn wrong_code(&self, server: &Server) -> String {
        let good: Vec<String> = (-1..=1).map(|step| self.code_in(server, step)).collect();
        ["000000", "000001", "000002", "000003"]
            .map(str::to_owned)
            .into_iter()
            .find(|code| !good.contains(code))
            .unwrap()
    }
}

/// The next code has another step.
fn next_step(server: &Server) {
    server.pass_idle(SignedDuration::from_secs(30));
}

async fn begin(actor: &Actor<'_>) -> App {
    let begun = actor.post(PATH, json!({ "currentPassword": PASSWORD })).await.ok();
    let (secret, uri) = (begun["secret"].as_str().unwrap(), begun["uri"].as_str().unwrap());
    assert!(uri.starts_with("otpauth://totp/AutoPaspoort:") && uri.contains(&format!("secret={secret}&")), "{uri}");
    App::new(secret)
}

/// Sets up a second factor: the app and the recovery codes. The next code is of another step.
async fn enrol(actor: &Actor<'_>) -> (App, Vec<String>) {
    let app = begin(actor).await;
    let codes = actor.post(&format!("{PATH}/confirm"), json!({ "code": app.code(actor.server) })).await.ok();
    next_step(actor.server);
    (app, texts(&codes["recoveryCodes"]))
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn login(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

fn with(mut login: Value, name: &str, value: impl Into<Value>) -> Value {
    login[name] = value.into();
    login
}

async fn sign_in(server: &Server, body: Value) -> Answer {
    server.anonymous().post("/v1/auth/login", body).await
}

async fn sign_in_with(server: &Server, email: &str, code: &str) -> Answer {
    sign_in(server, with(login(email), "secondFactor", code)).await
}

async fn demand(admin: &Actor<'_>, demanded: bool) {
    admin.patch("/v1/garage", json!({ "secondFactorRequired": demanded })).await.ok();
}

async fn account_id(actor: &Actor<'_>) -> String {
    actor.get("/v1/account").await.ok()["id"].as_str().unwrap().to_owned()
}

both! {
    async fn a16_a_second_factor_is_begun_and_confirmed(server) {
        let garage = server.garage("enrol").await;
        let admin = &garage.admin;
        let none = json!({ "state": "none", "activeSince": null, "recoveryCodesLeft": 0, "required": false });
        assert_eq!(admin.get(PATH).await.ok(), none);
        admin.post(PATH, json!({ "currentPassword": "wrong" })).await.wrong(&["#/currentPassword password_wrong"]);
        let code = json!({ "code": "123456" });
        for path in ["confirm", "recovery-codes"] {
            let expected = if path == "confirm" { "second_factor_not_begun" } else { "second_factor_absent" };
            admin.post(&format!("{PATH}/{path}"), code.clone()).await.problem(409, expected);
        }
        let remove = with(code.clone(), "currentPassword", PASSWORD);
        admin.post(&format!("{PATH}/remove"), remove).await.problem(409, "second_factor_absent");
        // Nothing changes before it is confirmed, and what was begun anew replaces it.
        let first = begin(admin).await;
        assert_eq!(admin.get(PATH).await.ok()["state"], "begun");
        server.sign_in(&admin.email, PASSWORD).await;
        let app = begin(admin).await;
        assert_ne!(first.secret, app.secret);
        let confirm = |code: String| admin.post("/v1/account/second-factor/confirm", json!({ "code": code }));
        confirm(app.wrong_code(server)).await.wrong(&["#/code code_wrong"]);
        confirm("no code".into()).await.wrong(&["#/code code_wrong"]);
        let other = server.sign_in(&admin.email, PASSWORD).await;
        let codes = texts(&confirm(app.code(server)).await.ok()["recoveryCodes"]);
        assert_eq!(codes.len(), 10);
        // The other sessions have ended, this one goes on.
        other.get("/v1/account").await.problem(401, "unauthenticated");
        let active = admin.get(PATH).await.ok();
        assert_eq!((&active["state"], &active["recoveryCodesLeft"]), (&json!("active"), &json!(10)));
        confirm(app.code(server)).await.problem(409, "second_factor_active");
        admin.post(PATH, json!({ "currentPassword": PASSWORD })).await.problem(409, "second_factor_active");
        assert_eq!(server.mails_to(&admin.email).len(), 1, "its holder is told");
        assert!(garage.events().await.iter().any(|(_, kind)| kind == "second_factor_activated"));
    }

    async fn a16_what_is_not_confirmed_in_an_hour_is_void(server) {
        let garage = server.garage("hour").await;
        let app = begin(&garage.advisor).await;
        server.pass_idle(SignedDuration::from_hours(1));
        let advisor = server.sign_in(&garage.advisor.email, PASSWORD).await;
        assert_eq!(advisor.get(PATH).await.ok()["state"], "none");
        let code = json!({ "code": app.code(server) });
        advisor.post(&format!("{PATH}/confirm"), code).await.problem(409, "second_factor_not_begun");
        enrol(&advisor).await;
    }

    async fn a16_every_kind_of_account_can_have_one_and_remove_it(server) {
        let garage = server.garage("kinds").await;
        let fleet = garage.fleet("fleet-kinds").await;
        for actor in [&garage.mechanic, &fleet.account, &fleet.manager] {
            let (app, _) = enrol(actor).await;
            sign_in(server, login(&actor.email)).await.problem(401, "second_factor_required");
            let signed_in = sign_in_with(server, &actor.email, &app.code(server)).await.ok();
            let actor = Actor::new(server, Some(&signed_in));
            next_step(server);
            let remove = |password: &str, code: String| json!({ "currentPassword": password, "code": code });
            let path = format!("{PATH}/remove");
            let code = app.code(server);
            actor.post(&path, remove("wrong", code.clone())).await.wrong(&["#/currentPassword password_wrong"]);
            actor.post(&path, remove(PASSWORD, app.wrong_code(server))).await.wrong(&["#/code code_wrong"]);
            actor.post(&path, remove(PASSWORD, code)).await.expect(StatusCode::NO_CONTENT);
            server.sign_in(&actor.email, PASSWORD).await;
            let mails = server.mails_to(&actor.email);
            assert!(mails.last().unwrap().raw.contains("tweede factor"), "{mails:?}");
        }
    }

    async fn a17_signing_in_takes_a_code_that_works_once(server) {
        let garage = server.garage("code").await;
        let email = &garage.admin.email;
        let (app, _) = enrol(&garage.admin).await;
        // Without the password nothing is said of the second factor.
        let guess = json!({ "email": email, "password": "wrong", "secondFactor": app.code(server) });
        sign_in(server, guess).await.problem(401, "credentials_invalid");
        let required = sign_in(server, login(email)).await;
        required.problem(401, "second_factor_required");
        assert!(required.body["accessToken"].is_null());
        sign_in_with(server, email, &app.wrong_code(server)).await.problem(401, "second_factor_wrong");
        sign_in_with(server, email, "nonsense").await.problem(401, "second_factor_wrong");
        let code = app.code(server);
        sign_in_with(server, email, &code).await.ok();
        sign_in_with(server, email, &code).await.problem(401, "second_factor_wrong");
        // The clocks of telephones may be a little behind or ahead; a code of before the latest one is used up.
        next_step(server);
        next_step(server);
        sign_in_with(server, email, &app.code_in(server, -2)).await.problem(401, "second_factor_wrong");
        sign_in_with(server, email, &app.code_in(server, 1)).await.ok();
        sign_in_with(server, email, &app.code(server)).await.problem(401, "second_factor_wrong");
        // Who has none may send a code.
        sign_in_with(server, &garage.mechanic.email, "123456").await.ok();
    }

    async fn a17_a_repeat_with_its_key_gets_the_same_answer(server) {
        let garage = server.garage("repeat").await;
        let (app, _) = enrol(&garage.admin).await;
        let body = with(login(&garage.admin.email), "secondFactor", app.code(server)).to_string().into_bytes();
        let send = async |key: &str| {
            let headers = [("content-type", "application/json"), ("idempotency-key", key)];
            server.anonymous().send("POST", "/v1/auth/login", &headers, Some(body.clone())).await
        };
        let first = send("lost-answer").await.ok();
        assert_eq!(send("lost-answer").await.ok()["refreshToken"], first["refreshToken"]);
        send("another").await.problem(401, "second_factor_wrong");
    }

    async fn a17_wrong_codes_are_slowed_and_only_for_those_who_have_the_password(server) {
        let garage = server.garage("brake").await;
        let email = &garage.admin.email;
        let (app, codes) = enrol(&garage.admin).await;
        let known = sign_in_with(server, email, &app.code(server)).await.ok();
        next_step(server);
        // Without the password nobody uses up a guess.
        for _ in 0..6 {
            let body = json!({ "email": email, "password": "wrong", "secondFactor": "123456" });
            sign_in(server, body).await.problem(401, "credentials_invalid");
        }
        for _ in 0..5 {
            sign_in_with(server, email, &app.wrong_code(server)).await.problem(401, "second_factor_wrong");
        }
        let slowed = sign_in_with(server, email, &app.code(server)).await;
        slowed.problem(429, "too_many_attempts");
        let wait: i64 = slowed.header("retry-after").parse().unwrap();
        assert!((1..=301).contains(&wait), "{wait}");
        // A recovery code, which nobody guesses, does not wait for that, nor does the holder's own device.
        sign_in_with(server, email, &codes[0]).await.ok();
        let body = with(with(login(email), "secondFactor", app.code(server)), "deviceToken", known["deviceToken"].clone());
        sign_in(server, body).await.ok();
        server.pass_idle(SignedDuration::from_secs(wait));
        sign_in_with(server, email, &app.code(server)).await.ok();
        // Who is signed in is slowed as well.
        let admin = Actor::new(server, Some(&sign_in_with(server, email, &app.code_in(server, 1)).await.ok()));
        let path = format!("{PATH}/recovery-codes");
        let guess = json!({ "code": app.wrong_code(server) });
        for _ in 0..5 {
            admin.post(&path, guess.clone()).await.wrong(&["#/code code_wrong"]);
        }
        admin.post(&path, guess).await.problem(429, "too_many_attempts");
    }

    async fn a17_guesses_at_begin_confirm_and_removal_are_slowed(server) {
        let garage = server.garage("slow").await;
        begin(&garage.admin).await;
        let confirm = json!({ "code": "no code" });
        for _ in 0..5 {
            garage.admin.post(&format!("{PATH}/confirm"), confirm.clone()).await.wrong(&["#/code code_wrong"]);
        }
        garage.admin.post(&format!("{PATH}/confirm"), confirm).await.problem(429, "too_many_attempts");
        for _ in 0..10 {
            let guess = json!({ "currentPassword": "wrong" });
            garage.advisor.post(PATH, guess).await.wrong(&["#/currentPassword password_wrong"]);
        }
        garage.advisor.post(PATH, json!({ "currentPassword": PASSWORD })).await.problem(429, "too_many_attempts");
        let (app, _) = enrol(&garage.mechanic).await;
        let guess = json!({ "currentPassword": PASSWORD, "code": app.wrong_code(server) });
        for _ in 0..5 {
            garage.mechanic.post(&format!("{PATH}/remove"), guess.clone()).await.wrong(&["#/code code_wrong"]);
        }
        garage.mechanic.post(&format!("{PATH}/remove"), guess).await.problem(429, "too_many_attempts");
    }

    async fn a18_a_recovery_code_works_once(server) {
        let garage = server.garage("recovery").await;
        let email = &garage.admin.email;
        let (_, codes) = enrol(&garage.admin).await;
        let before = server.mails_to(email).len();
        let typed = codes[0].to_lowercase().replace('-', " ");
        sign_in_with(server, email, &typed).await.ok();
        sign_in_with(server, email, &codes[0]).await.problem(401, "second_factor_wrong");
        assert_eq!(garage.admin.get(PATH).await.ok()["recoveryCodesLeft"], 9);
        assert_eq!(server.mails_to(email).len(), before + 1, "its holder is told");
        // A code of someone else is none.
        let (_, others) = enrol(&garage.advisor).await;
        sign_in_with(server, email, &others[0]).await.problem(401, "second_factor_wrong");
        // New ones take the place of all.
        let fresh = garage.admin.post(&format!("{PATH}/recovery-codes"), json!({ "code": codes[1] })).await.ok();
        let fresh = texts(&fresh["recoveryCodes"]);
        assert_eq!(garage.admin.get(PATH).await.ok()["recoveryCodesLeft"], 10);
        sign_in_with(server, email, &codes[2]).await.problem(401, "second_factor_wrong");
        sign_in_with(server, email, &fresh[0]).await.ok();
        // Whoever has lost the telephone removes the second factor with one.
        let remove = json!({ "currentPassword": PASSWORD, "code": fresh[1] });
        garage.admin.post(&format!("{PATH}/remove"), remove).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(garage.admin.get(PATH).await.ok()["recoveryCodesLeft"], 0);
        let kinds: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).collect();
        for kind in ["recovery_code_used", "recovery_codes_replaced", "second_factor_removed"] {
            assert!(kinds.iter().any(|found| found == kind), "{kind}: {kinds:?}");
        }
    }

    async fn a18_of_two_at_the_same_moment_one_gets_in(server) {
        let garage = server.garage("race").await;
        let email = &garage.admin.email;
        let (app, codes) = enrol(&garage.admin).await;
        for recovery in [Some(&codes[0]), None, Some(&codes[1])] {
            let code = recovery.cloned().unwrap_or_else(|| app.code(server));
            let one = || sign_in_with(server, email, &code);
            let (first, second, third, fourth) = tokio::join!(one(), one(), one(), one());
            let mut statuses = [first, second, third, fourth].map(|answer| answer.status);
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 401, 401, 401], "{code}");
            server.pass_idle(SignedDuration::from_mins(30));
        }
    }

    async fn a19_a_garage_demands_it_of_its_staff(server) {
        let garage = server.garage("demand").await;
        let (driver, ..) = garage.driver("jan@demand.example").await;
        garage.advisor.patch("/v1/garage", json!({ "secondFactorRequired": true })).await.problem(403, "admin_only");
        // Nobody shuts out their colleagues and themselves by a slip: the admin has set up their own first.
        garage.admin.patch("/v1/garage", json!({ "secondFactorRequired": true })).await.problem(409, "second_factor_absent");
        enrol(&garage.admin).await;
        demand(&garage.admin, true).await;
        assert_eq!(garage.admin.get("/v1/garage").await.ok()["secondFactorRequired"], true);
        // Who has one goes on, and nobody else of the garage does, in a session that is open or a new one.
        garage.admin.get("/v1/passports").await.ok();
        let mechanic = server.sign_in(&garage.mechanic.email, PASSWORD).await;
        for actor in [&garage.mechanic, &mechanic] {
            for path in ["/v1/passports", "/v1/garage", "/v1/service-tasks"] {
                actor.get(path).await.problem(403, "second_factor_enrolment_required");
            }
            actor.get("/v1/account").await.ok();
            assert_eq!(actor.get(PATH).await.ok()["required"], true);
        }
        let customer = json!({ "kind": "person", "name": "X" });
        garage.advisor.post("/v1/customers", customer.clone()).await.problem(403, "second_factor_enrolment_required");
        driver.get("/v1/passports").await.ok();
        assert_eq!(driver.get(PATH).await.ok()["required"], false);
        // A new colleague too.
        let body = json!({ "email": "kees@demand.example", "name": "Kees", "role": "advisor" });
        garage.admin.post("/v1/garage/staff", body).await.created();
        let kees = server.join("kees@demand.example").await;
        kees.post("/v1/customers", customer.clone()).await.problem(403, "second_factor_enrolment_required");
        let (of_kees, _) = enrol(&kees).await;
        kees.post("/v1/customers", customer.clone()).await.created();
        // Who moves to another telephone removes it, and sets up another one before anything else.
        let remove = json!({ "currentPassword": PASSWORD, "code": of_kees.code(server) });
        kees.post(&format!("{PATH}/remove"), remove).await.expect(StatusCode::NO_CONTENT);
        kees.get("/v1/passports").await.problem(403, "second_factor_enrolment_required");
        enrol(&kees).await;
        kees.get("/v1/passports").await.ok();
        // When it is demanded no more, everyone goes on.
        demand(&garage.admin, false).await;
        garage.mechanic.get("/v1/passports").await.ok();
    }

    async fn a19_everything_else_is_refused_until_then(server) {
        let scene = Scene::prepare(server.backend).await;
        let copy = scene.open().await;
        let garage = scene.garage(&copy);
        let events = garage.events().await.len();
        let (app, _) = enrol(&garage.admin).await;
        demand(&garage.admin, true).await;
        let remove = json!({ "currentPassword": PASSWORD, "code": app.code(&copy) });
        garage.admin.post(&format!("{PATH}/remove"), remove).await.expect(StatusCode::NO_CONTENT);
        let contract = crate::support::Contract::shared();
        let mut open = vec![];
        for request in Scene::operations() {
            let operation = &contract.document["paths"][&request.pattern][request.method.to_lowercase()];
            if operation["security"] == json!([{}]) {
                continue;
            }
            let refusal = contract.resolve(&operation["responses"]["403"]);
            let examples = &refusal["content"]["application/problem+json"]["examples"];
            if !examples["second_factor_enrolment_required"].is_object() {
                open.push(request.operation.clone());
                continue;
            }
            for name in ["mechanic", "advisor", "admin"] {
                scene.send(&copy, name, &request).await.problem(403, "second_factor_enrolment_required");
            }
        }
        open.sort_unstable();
        let expected = [
            "beginSecondFactor", "changeEmail", "changePassword", "confirmSecondFactor", "endSession", "getAccount",
            "getSecondFactor", "listSessions", "logout", "removeSecondFactor", "replaceRecoveryCodes", "updateAccount",
        ];
        assert_eq!(open, expected, "what is there before a second factor is");
        enrol(&garage.admin).await;
        let after: Vec<String> = garage.events().await.into_iter().map(|(_, kind)| kind).skip(events).collect();
        let expected = ["second_factor_activated", "garage_changed", "second_factor_removed", "second_factor_activated"];
        assert_eq!(after, expected, "what is refused leaves no trace");
        copy.stop().await;
        scene.close().await;
    }

    async fn a20_an_admin_resets_a_colleague(server) {
        let (garage, other) = (server.garage("reset").await, server.garage("reset-b").await);
        let (id, own) = (account_id(&garage.mechanic).await, account_id(&garage.admin).await);
        let path = |id: &str| format!("/v1/garage/staff/{id}/second-factor");
        let delete = async |actor: &Actor<'_>, id: &str| actor.send("DELETE", &path(id), &[], None).await;
        let events = async || garage.events().await.len();
        let before = events().await;
        delete(&garage.admin, &id).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(events().await, before, "there was none");
        garage.mechanic.get("/v1/account").await.ok();
        enrol(&garage.mechanic).await;
        let told = server.mails_to(&garage.mechanic.email).len();
        delete(&other.admin, &id).await.problem(404, "not_found");
        delete(&garage.advisor, &id).await.problem(403, "admin_only");
        delete(&garage.mechanic, &id).await.problem(403, "admin_only");
        delete(&garage.admin, &own).await.problem(409, "second_factor_own");
        sign_in(server, login(&garage.mechanic.email)).await.problem(401, "second_factor_required");
        delete(&garage.admin, &id).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(server.mails_to(&garage.mechanic.email).len(), told + 1, "the colleague is told");
        garage.mechanic.get("/v1/account").await.problem(401, "unauthenticated");
        assert_eq!(garage.events().await.last().unwrap().1, "second_factor_reset");
        let mechanic = server.sign_in(&garage.mechanic.email, PASSWORD).await;
        assert_eq!(mechanic.get(PATH).await.ok()["state"], "none");
        // Where it is demanded, the colleague sets up another one first.
        enrol(&garage.admin).await;
        enrol(&mechanic).await;
        demand(&garage.admin, true).await;
        mechanic.get("/v1/passports").await.ok();
        delete(&garage.admin, &id).await.expect(StatusCode::NO_CONTENT);
        let mechanic = server.sign_in(&garage.mechanic.email, PASSWORD).await;
        mechanic.get("/v1/passports").await.problem(403, "second_factor_enrolment_required");
    }

    async fn a20_the_operator_resets_who_has_nobody_to_ask(server) {
        let garage = server.garage("operator").await;
        let fleet = garage.fleet("fleet-operator").await;
        let now = server.now();
        for actor in [&garage.admin, &fleet.account] {
            let email = EmailAddress::parse(&actor.email).unwrap();
            let reset = || server.store().write(|tx| api::provision::reset_second_factor(tx, &email, now)).unwrap();
            assert!(!reset());
            enrol(actor).await;
            let told = server.mails_to(&actor.email).len();
            assert!(reset());
            actor.get("/v1/account").await.problem(401, "unauthenticated");
            server.sign_in(&actor.email, PASSWORD).await;
            assert_eq!(server.mails_to(&actor.email).len(), told + 1);
        }
    }

    async fn a21_a_device_is_remembered_for_thirty_days(server) {
        let garage = server.garage("device").await;
        let email = &garage.admin.email;
        let (app, _) = enrol(&garage.admin).await;
        let remember = |code: String| with(with(login(email), "secondFactor", code), "rememberDevice", true);
        let of_device = |tokens: &Value| with(login(email), "deviceToken", tokens["deviceToken"].clone());
        // Without having asked for it, a device is known and not remembered.
        let known = sign_in_with(server, email, &app.code(server)).await.ok();
        sign_in(server, of_device(&known)).await.problem(401, "second_factor_required");
        next_step(server);
        let first = sign_in(server, remember(app.code(server))).await.ok();
        let sessions = Actor::new(server, Some(&first)).get("/v1/auth/sessions").await.items();
        assert!(sessions.iter().any(|one| one["current"] == true && one["rememberedUntil"].is_string()), "{sessions:?}");
        let second = sign_in(server, of_device(&first)).await.ok();
        // The latest token counts; another account's, or none, does not.
        sign_in(server, of_device(&first)).await.problem(401, "second_factor_required");
        sign_in(server, login(email)).await.problem(401, "second_factor_required");
        let (of_advisor, _) = enrol(&garage.advisor).await;
        let theirs = with(with(login(&garage.advisor.email), "secondFactor", of_advisor.code(server)), "rememberDevice", true);
        let theirs = sign_in(server, theirs).await.ok();
        sign_in(server, of_device(&theirs)).await.problem(401, "second_factor_required");
        // Whoever signs out keeps the device. It is not remembered longer by being used.
        server.pass_idle(SignedDuration::from_mins(10));
        Actor::new(server, Some(&second)).act("/v1/auth/logout").await.expect(StatusCode::NO_CONTENT);
        let third = sign_in(server, of_device(&second)).await.ok();
        server.pass_idle(SignedDuration::from_hours(24 * 30));
        sign_in(server, of_device(&third)).await.problem(401, "second_factor_required");
        // Who ends its session from elsewhere forgets it.
        let fourth = sign_in(server, remember(app.code(server))).await.ok();
        next_step(server);
        let admin = Actor::new(server, Some(&sign_in_with(server, email, &app.code(server)).await.ok()));
        let sessions = admin.get("/v1/auth/sessions").await.items();
        let lost = sessions.iter().find(|one| one["rememberedUntil"].is_string()).unwrap()["id"].as_str().unwrap();
        admin.send("DELETE", &format!("/v1/auth/sessions/{lost}"), &[], None).await.expect(StatusCode::NO_CONTENT);
        sign_in(server, of_device(&fourth)).await.problem(401, "second_factor_required");
    }

    async fn a21_a_new_password_or_second_factor_forgets_devices(server) {
        let garage = server.garage("forget").await;
        let email = &garage.admin.email;
        let (app, codes) = enrol(&garage.admin).await;
        let remember = |code: &str| with(with(login(email), "secondFactor", code), "rememberDevice", true);
        let of_device = |tokens: &Value| with(login(email), "deviceToken", tokens["deviceToken"].clone());
        let device = sign_in(server, remember(&app.code(server))).await.ok();
        let new = "negen groene kikkers zingen";
        let change = json!({ "currentPassword": PASSWORD, "newPassword": new });
        garage.admin.post("/v1/account/password", change).await.expect(StatusCode::NO_CONTENT);
        sign_in(server, with(of_device(&device), "password", new)).await.problem(401, "second_factor_required");
        // So is the device on which it was chosen.
        next_step(server);
        let own = with(with(with(login(email), "password", new), "secondFactor", app.code(server)), "rememberDevice", true);
        let own = sign_in(server, own).await.ok();
        let admin = Actor::new(server, Some(&own));
        let back = json!({ "currentPassword": new, "newPassword": PASSWORD });
        admin.post("/v1/account/password", back).await.expect(StatusCode::NO_CONTENT);
        sign_in(server, of_device(&own)).await.problem(401, "second_factor_required");
        // Another second factor knows nothing of the devices of the one before.
        let device = sign_in(server, remember(&codes[0])).await.ok();
        let remove = json!({ "currentPassword": PASSWORD, "code": codes[1] });
        admin.post(&format!("{PATH}/remove"), remove).await.expect(StatusCode::NO_CONTENT);
        enrol(&admin).await;
        sign_in(server, of_device(&device)).await.problem(401, "second_factor_required");
    }

    async fn a14_a_mailed_link_does_not_go_round_it(server) {
        let garage = server.garage("round").await;
        let email = &garage.admin.email;
        let (app, _) = enrol(&garage.admin).await;
        let anyone = server.anonymous();
        anyone.post("/v1/auth/password-reset", json!({ "email": email })).await.expect(StatusCode::ACCEPTED);
        let new = "negen groene kikkers zingen";
        let body = json!({ "token": server.token_for(email), "password": new });
        let confirmed = anyone.post("/v1/auth/password-reset/confirm", body).await.expect(StatusCode::NO_CONTENT);
        assert!(confirmed.body.is_null(), "it signs nobody in");
        let with_new = with(login(email), "password", new);
        sign_in(server, with_new.clone()).await.problem(401, "second_factor_required");
        sign_in(server, with(with_new, "secondFactor", app.code(server))).await.ok();
    }

    async fn a17_secrets_are_shown_once_and_nowhere_else(server) {
        let garage = server.garage("secret").await;
        let begun = garage.admin.post(PATH, json!({ "currentPassword": PASSWORD })).await.ok();
        let shown = begun["secret"].as_str().unwrap();
        let app = App::new(shown);
        let confirm = json!({ "code": app.code(server) });
        let codes = texts(&garage.admin.post(&format!("{PATH}/confirm"), confirm).await.ok()["recoveryCodes"]);
        assert!(!garage.admin.get(PATH).await.ok().to_string().contains(shown));
        let id = domain::ids::AccountId(account_id(&garage.admin).await.parse().unwrap());
        let stored = server.store().read(|tx| persistence::second_factor::find(tx, id)).unwrap().unwrap();
        assert!(!stored.sealed_secret.windows(app.secret.len()).any(|part| part == app.secret), "it is sealed");
        for mail in server.mails_to(&garage.admin.email) {
            assert!(!mail.raw.contains(shown) && codes.iter().all(|code| !mail.raw.contains(code)));
        }
    }
}
