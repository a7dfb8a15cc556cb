//! One of everything, and everyone: a database that is prepared once and copied for each question, and how each operation
//! of the document is asked about it.
//!
//! Path and body come from the document. An id in a path is that of the thing whose collection it follows, and so is a
//! property `…Id` of an example body; [`fills`] names what an operation needs instead.

use super::{
    Actor, Answer, Backend, Contract, Garage, PASSWORD, Server, database::Database, kombi, maintained,
    register::Register, reports,
};
use api::register_client::RegisterAt;
use domain::{
    apk_mailing::{LeftOut, Outcome},
    register::{Inspection, InspectionBody, Recall, RecallStatus},
    suppression::SuppressionReason,
};
use persistence::{
    Tx,
    apk_mailing::{self, Recipient},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

/// How many copies are made ahead where many follow one another: PostgreSQL takes its time, and mostly waits.
const AHEAD: usize = 4;

type Ending = actix_web::rt::task::JoinHandle<JoinHandle<()>>;

/// Someone of the scene, as they can sign in to each copy of it.
#[derive(Clone)]
struct Person {
    name: &'static str,
    token: Option<String>,
    refresh_token: String,
    email: String,
    /// Another session of theirs.
    session: String,
}

pub(crate) struct Scene {
    backend: Backend,
    database: Arc<Database>,
    people: Vec<Person>,
    things: BTreeMap<&'static str, String>,
    register: Register,
    /// Copies that are being made.
    ahead: Mutex<VecDeque<JoinHandle<Database>>>,
    /// Servers that end, and copies that are dropped.
    used: Mutex<Vec<Ending>>,
}

/// A request of an operation.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) operation: String,
    /// What is special about it; empty for the plain one.
    pub(crate) about: &'static str,
    pub(crate) method: String,
    pub(crate) pattern: String,
    /// The media type of the body.
    pub(crate) media: Option<String>,
    /// Whether `If-Match` is needed, if it is taken at all.
    pub(crate) if_match: Option<bool>,
    example: Value,
    fill: Fill,
}

/// What stands in the place of a named thing: another one of the scene's.
type Fill = &'static [(&'static str, &'static str)];

const NEW_NAME: (&str, &str) = ("name", "unless signed in");
const NEW_PASSWORD: (&str, &str) = ("password", "unless signed in");

/// In which ways an operation is asked, where the things of its path and its example are not enough.
fn fills(operation: &str) -> &'static [(&'static str, Fill)] {
    match operation {
        "login" => &[("", &[("email", "own email"), ("password", "currentPassword")])],
        "refresh" => &[
            ("with a token of one's own", &[("refreshToken", "own refresh token")]),
            ("with an unknown token", &[("refreshToken", "unknown link")]),
        ],
        "endSession" => &[("of one's own", &[("sessions", "own session")]), ("of the driver", &[])],
        "confirmPasswordReset" => &[
            ("with the driver's link", &[("token", "link to a new password")]),
            ("with an unknown link", &[("token", "unknown link")]),
        ],
        "confirmEmail" => &[
            ("with the driver's link", &[("token", "link to a new e-mail")]),
            ("with an unknown link", &[("token", "unknown link")]),
        ],
        "previewInvitation" => &[
            ("with a link to a passport", &[("token", "link of someone new")]),
            ("with an unknown link", &[("token", "unknown link")]),
        ],
        "sendInvitationElsewhere" => &[
            ("with a link to a passport", &[("token", "link of someone new")]),
            ("with a link to an offer", &[("token", "link to an offer")]),
            ("with an unknown link", &[("token", "unknown link")]),
        ],
        // Who is signed in takes the car with the account they have.
        "acceptInvitation" => &[
            ("with a passport's link, for someone new", &[("token", "link of someone new"), NEW_NAME, NEW_PASSWORD]),
            (
                "with a passport's link, for the recipient",
                &[("token", "link of the recipient"), NEW_NAME, NEW_PASSWORD],
            ),
            ("with a colleague's link", &[("token", "link of a colleague"), NEW_NAME, NEW_PASSWORD]),
            ("with a link to an offer", &[("token", "link to an offer"), NEW_NAME, NEW_PASSWORD]),
            ("with an unknown link", &[("token", "unknown link"), NEW_NAME, NEW_PASSWORD]),
        ],
        "setNotificationSetting" => &[("", &[("kind", "kind of notification")])],
        "listApkMailingRecipients" => &[("", &[("apk-mailings", "scheduled mailing")])],
        "stopApkMailing" | "unscheduleApkMailing" => {
            &[("of a draft", &[]), ("of a scheduled one", &[("apk-mailings", "scheduled mailing")])]
        }
        "readNotifications" => &[("", &[("upTo", "notifications")])],
        "changePassword" => &[("", &[("newPassword", "another password")])],
        "deleteCustomer" => &[("", &[("customers", "customer without a car")])],
        "createPassport" | "importPassports" => {
            &[("for a customer", &[]), ("for a new customer", &[("customerId", ""), ("customer", "new customer")])]
        }
        "invitePassport" => &[("", &[("passports", "invited car")]), ("of a car that is active", &[])],
        "linkPassport" => {
            &[("of a car in no fleet", &[("passports", "car in no fleet")]), ("of a car that is in it", &[])]
        }
        "unlinkPassport" => &[("", &[]), ("of a car in no fleet", &[("passports", "car in no fleet")])],
        "unarchivePassport" => &[("", &[("passports", "archived car")]), ("of a car in use", &[])],
        "offerTransfer" => {
            &[("of a car in a fleet", &[]), ("of a car in no fleet", &[("passports", "car in no fleet")])]
        }
        "enterFinding" | "removeFinding" | "completeVehicleCheck" | "discardVehicleCheck" | "addPhoto" => {
            &[("of a draft", &[("checkId", "draft of a check")]), ("of a completed check", &[])]
        }
        "listPhotos" => &[("", &[("checkId", "draft of a check")])],
        "inviteFleet" | "closeFleet" => {
            &[("of one not begun", &[("fleets", "empty fleet")]), ("of one in use, with cars", &[])]
        }
        _ => &[("", &[])],
    }
}

impl Scene {
    /// Plays it.
    pub(crate) async fn prepare(backend: Backend) -> Self {
        let server = Server::start(backend).await;
        let (people, things) = play(&server).await;
        let register = Register::start();
        register.add_car(&things["plate"]);
        let database = Arc::new(server.leave().await);
        Self { backend, database, people, things, register, ahead: Mutex::default(), used: Mutex::default() }
    }

    /// A server with a copy of it, which asks a register.
    pub(crate) async fn open(&self) -> Server {
        self.open_with(|_| {}).await
    }

    pub(crate) async fn open_with(&self, change: impl FnOnce(&mut api::config::Settings)) -> Server {
        self.open_at(self.database.copy(), change).await
    }

    /// A server with a fresh copy, in the place of one that is used up.
    pub(crate) async fn renew(&self, server: &mut Server) {
        let fresh = self.open_at(self.next_copy(), |_| {}).await;
        let used = std::mem::replace(server, fresh);
        let ending = actix_web::rt::spawn(async move {
            let used = used.leave().await;
            thread::spawn(|| used.drop_now())
        });
        self.used.lock().unwrap().push(ending);
    }

    fn next_copy(&self) -> Database {
        let mut ahead = self.ahead.lock().unwrap();
        while ahead.len() < AHEAD {
            let database = Arc::clone(&self.database);
            ahead.push_back(thread::spawn(move || database.copy()));
        }
        ahead.pop_front().unwrap().join().unwrap()
    }

    async fn open_at(&self, copy: Database, change: impl FnOnce(&mut api::config::Settings)) -> Server {
        let url = self.register.url.clone();
        let settings = |settings: &mut api::config::Settings| {
            settings.vehicle_register.at = RegisterAt::Http(url);
            change(settings);
        };
        Server::start_at(self.backend, copy, settings).await
    }

    pub(crate) async fn close(self) {
        for copy in self.ahead.into_inner().unwrap() {
            copy.join().unwrap().drop_now();
        }
        for used in self.used.into_inner().unwrap() {
            used.await.unwrap().join().unwrap();
        }
        Arc::into_inner(self.database).unwrap().drop_now();
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.people.iter().map(|person| person.name).collect()
    }

    fn person(&self, name: &str) -> &Person {
        self.people.iter().find(|person| person.name == name).unwrap()
    }

    pub(crate) fn actor<'s>(&self, server: &'s Server, name: &str) -> Actor<'s> {
        let Person { token, refresh_token, email, .. } = self.person(name).clone();
        Actor { server, token, refresh_token, email }
    }

    pub(crate) fn garage<'s>(&self, server: &'s Server) -> Garage<'s> {
        let [admin, advisor, mechanic] = ["admin", "advisor", "mechanic"].map(|name| self.actor(server, name));
        Garage { admin, advisor, mechanic }
    }

    pub(crate) fn thing(&self, name: &str) -> &str {
        self.things.get(name).unwrap_or_else(|| panic!("the scene has no {name}: say in `play` which one is tried"))
    }

    /// Every request of the document's operations that is tried, the reading ones first.
    pub(crate) fn requests() -> Vec<Request> {
        let contract = Contract::shared();
        let mut requests = Vec::new();
        for (pattern, item) in contract.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                let content = contract.resolve(&operation["requestBody"])["content"].as_object();
                let media = content.and_then(|kinds| kinds.keys().next()).cloned();
                let example = media.as_ref().map(|media| contract.example(&content.unwrap()[media]));
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let parameters: Vec<&Value> = parameters.map(|parameter| contract.resolve(parameter)).collect();
                let if_match = parameters.iter().find(|parameter| parameter["name"] == "If-Match");
                let if_match = if_match.map(|parameter| parameter["required"] == true);
                requests.extend(fills(name).iter().map(|(about, fill)| Request {
                    operation: name.to_owned(),
                    about,
                    method: method.to_ascii_uppercase(),
                    pattern: pattern.clone(),
                    media: media.clone(),
                    if_match,
                    example: example.clone().unwrap_or_default(),
                    fill,
                }));
            }
        }
        requests.sort_by_key(|request| request.method != "GET");
        requests
    }

    /// One request of each operation.
    pub(crate) fn operations() -> Vec<Request> {
        let mut requests = Self::requests();
        let mut known = std::collections::BTreeSet::new();
        requests.retain(|request| known.insert(request.operation.clone()));
        requests
    }

    fn value(&self, request: &Request, person: &Person, name: &str) -> Option<String> {
        let name = request.fill.iter().find(|(place, _)| *place == name).map_or(name, |(_, thing)| thing);
        match name {
            "own email" => Some(person.email.clone()),
            "own refresh token" => Some(person.refresh_token.clone()),
            "own session" => Some(person.session.clone()),
            _ => self.things.get(name).cloned(),
        }
    }

    /// The path of a request as someone sends it.
    pub(crate) fn path(&self, request: &Request, name: &str) -> String {
        let person = self.person(name);
        let mut path = String::from("/v1");
        let mut before = "";
        for part in request.pattern.split('/').skip(1) {
            let filled = match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                None => part.to_owned(),
                Some(place) => {
                    let thing = if place == "id" { before } else { place };
                    self.value(request, person, thing).unwrap_or_else(|| {
                        panic!("{}: the scene has no {thing}: say in `play` which one is tried", request.operation)
                    })
                }
            };
            path.push('/');
            path.push_str(&filled);
            before = part;
        }
        path
    }

    /// The body of a request as someone sends it: the document's example, about the scene's things.
    pub(crate) fn body(&self, request: &Request, name: &str) -> Option<Value> {
        let person = self.person(name);
        request.media.as_ref()?;
        let mut body = request.example.clone();
        // A file is not written as JSON; `bytes` says what is sent.
        let Some(properties) = body.as_object_mut() else { return Some(body) };
        for (place, thing) in request.fill {
            if *thing == "new customer" {
                properties
                    .insert((*place).to_owned(), json!({ "kind": "person", "name": "N", "email": "n@x.example" }));
            }
        }
        properties.retain(|place, _| match request.fill.iter().find(|(filled, _)| filled == place) {
            Some((_, "")) => false,
            Some((_, "unless signed in")) => person.token.is_none(),
            _ => true,
        });
        for (place, value) in properties.iter_mut() {
            if let Some(filled) = self.value(request, person, place) {
                *value = filled.into();
            }
        }
        Some(body)
    }

    /// The same as it is sent.
    pub(crate) fn bytes(&self, request: &Request, name: &str) -> Option<Vec<u8>> {
        let sample = || maintained::sample(request.media.as_deref().unwrap_or_default());
        self.body(request, name).map(|body| if body.is_null() { sample() } else { body.to_string().into_bytes() })
    }

    /// Sends a request, in answer to whatever version there is.
    pub(crate) async fn send(&self, server: &Server, name: &str, request: &Request) -> Answer {
        self.send_with(server, name, request, &[("if-match", "*")]).await
    }

    pub(crate) async fn send_with(
        &self,
        server: &Server,
        name: &str,
        request: &Request,
        headers: &[(&str, &str)],
    ) -> Answer {
        // It is signed, and about a mail that this very server sent.
        if request.operation == "reportDelivery" {
            let message = reports::bounce(server, "nobody@x.example");
            return reports::send(&self.actor(server, name), &message, headers).await;
        }
        let mut headers = headers.to_vec();
        headers.extend(request.media.as_deref().map(|media| ("content-type", media)));
        let body = self.bytes(request, name);
        self.actor(server, name).send(&request.method, &self.path(request, name), &headers, body).await
    }
}

/// What a garage keeps of the maintenance of a car: one of everything.
async fn maintain(server: &Server, garage: &Garage<'_>, car: &str) -> [(&'static str, String); 7] {
    let path = |part: &str| format!("/v1/passports/{car}/{part}");
    let then = json!({ "then": { "months": 24 }, "countsFrom": "completion" });
    let body = json!({ "task": "brake_fluid", "recurrence": then });
    let schedule = garage.advisor.post("/v1/maintenance-schedules", body).await.expect(CREATED).id();
    let body = json!({ "recurrence": then });
    garage.advisor.put(&path("maintenance-schedule/small_service"), body).await.ok();
    let body = json!({ "readOn": "2026-02-01", "daysLeft": 30 });
    garage.mechanic.put(&path("service-indicator/small_service"), body).await.ok();
    let template = garage.advisor.post("/v1/check-templates", check_template("own")).await.expect(CREATED).id();
    let body = json!({ "lines": [{ "task": "wipers", "netCents": 2_500, "vatRate": "21" }], "invoiceNumber": "1" });
    let record = garage.mechanic.post(&path("service-records"), body).await.id();
    let worn = ("tread_depth.front_left", json!({ "measured": "1.2" }));
    let check = maintained::filled_check(&garage.mechanic, car, "holiday", &[worn]).await;
    let body = json!({ "odometer": 59_000, "checkedOn": "2026-02-01" });
    garage.mechanic.post(&path(&format!("checks/{check}/complete")), body).await.ok();
    let advised = garage.mechanic.get(&path("recommendations")).await.items();
    let advised = advised[0]["id"].as_str().unwrap().to_owned();
    let draft = maintained::filled_check(&garage.mechanic, car, "holiday", &[]).await;
    tell(server, &garage.plate_of(car).await, 1);
    let photo = path(&format!("checks/{draft}/findings/tread_depth.front_left/photos"));
    let headers = [("content-type", "image/jpeg")];
    garage.mechanic.send("POST", &photo, &headers, Some(maintained::sample("image/jpeg"))).await.created();
    let attached = path(&format!("service-records/{record}/attachments"));
    let headers = [("content-type", "application/pdf")];
    let file = garage.mechanic.send("POST", &attached, &headers, Some(maintained::PDF.to_vec())).await.id();
    [
        ("maintenance-schedules", schedule),
        ("check-templates", template),
        ("checkId", check),
        ("recordId", record),
        ("fileId", file),
        ("draft of a check", draft),
        ("recommendationId", advised),
    ]
}

/// The foreign garage keeps the car that the example names, and one of the stranger's for which the garage has asked.
async fn change_garage(server: &Server, garage: &Garage<'_>, other: &Garage<'_>, stranger: &Actor<'_>) -> String {
    let customer = other.customer("vin@x.example").await;
    let body = json!({ "licencePlate": { "number": "ZX-711-B" }, "vin": "VF3CCHMZ6JT004711", "customerId": customer });
    other.admin.post("/v1/passports", body).await.created();
    server.join("vin@x.example").await;
    let car = stranger.get("/v1/passports").await.items()[0]["id"].as_str().unwrap().to_owned();
    let token = stranger.act(&format!("/v1/passports/{car}/garage-invitation")).await.ok()["token"].clone();
    let customer = garage.customer("stranger@x.example").await;
    let body = json!({ "invitation": token, "customerId": customer });
    garage.advisor.post("/v1/garage-changes", body).await.expect(CREATED).id()
}

/// Something that the staff and the fleet are told, and a device of the advisor's: the ids of the device and of what the fleet is
/// told.
/// Writes down for so many cars that a mailing leaves them out, as when it had begun.
pub(crate) async fn leave_out_cars(garage: &Garage<'_>, mailing: &str, most: usize) {
    let server = garage.admin.server;
    let cars = garage.advisor.get("/v1/passports").await.items();
    let recipient = |car: &Value| {
        let id: uuid::Uuid = car["id"].as_str().unwrap().parse().unwrap();
        Recipient {
            passport: id.into(),
            vehicle: id.into(),
            customer: None,
            email: None,
            expires_on: "2026-04-01".parse().unwrap(),
            outcome: Outcome::LeftOut,
            left_out: Some(LeftOut::NoAddress),
            is_forced: false,
            job: None,
        }
    };
    let recipients: Vec<Recipient> = cars.iter().take(most).map(recipient).collect();
    let mailing = mailing.parse::<uuid::Uuid>().unwrap().into();
    let insert = |tx: &mut Tx<'_>| apk_mailing::insert_recipients(tx, mailing, recipients.clone(), server.now());
    server.store().write(insert).unwrap();
}

async fn write_mailings(server: &Server, garage: &Garage<'_>) -> [(&'static str, String); 2] {
    let body = json!({
        "subject": "APK", "body": "APK", "selection": { "expiresFrom": "2026-03-01", "expiresUntil": "2027-03-01" }
    });
    let draft = garage.advisor.post("/v1/apk-mailings", body.clone()).await.id();
    let begun = garage.advisor.post("/v1/apk-mailings", body).await.id();
    let path = format!("/v1/apk-mailings/{begun}");
    let etag = garage.advisor.get(&path).await.etag();
    let moment = json!({ "sendAt": "2026-03-02T10:00:00Z" });
    garage.advisor.change("POST", &format!("{path}/schedule"), &etag, moment).await.ok();
    server.work();
    leave_out_cars(garage, &begun, 1).await;
    [("apk-mailings", draft), ("scheduled mailing", begun)]
}

async fn notify(server: &Server, garage: &Garage<'_>, fleet: &Actor<'_>, car: &str) -> [(&'static str, String); 2] {
    let phone = json!({ "kind": "fcm", "token": "phone of the advisor" });
    let device = garage.advisor.post("/v1/account/devices", phone).await.ok()["id"].as_str().unwrap().to_owned();
    // The staff are told what the owner says of their advice.
    let advice = json!({ "text": "Banden roteren", "urgency": "attention" });
    let path = format!("/v1/passports/{car}/recommendations");
    let advised = garage.advisor.post(&path, advice).await.id();
    fleet.act(&format!("{path}/{advised}/decline")).await.ok();
    server.work();
    let told = fleet.get("/v1/notifications").await.items()[0]["id"].as_str().unwrap().to_owned();
    [("devices", device), ("notifications", told)]
}

/// A car that someone had, whose passport was archived, and what they entered about it.
async fn former_car(server: &Server, garage: &Garage<'_>, driver: &Actor<'_>) -> String {
    let car = garage.invited_passport(&garage.customer(&driver.email).await).await;
    driver.post("/v1/invitations/accept", json!({ "token": server.token_for(&driver.email) })).await.ok();
    enter(driver, &car, 0).await;
    garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
    car
}

/// A reading and a record of a car, by whoever has it; each time others.
pub(crate) async fn enter(driver: &Actor<'_>, car: &str, number: i64) {
    let day = format!("2026-02-1{number}");
    let reading = json!({ "value": 40_000 + number, "readOn": day });
    driver.post(&format!("/v1/passports/{car}/odometer/readings"), reading).await.created();
    let record = json!({ "lines": [{ "task": "wipers" }], "doneOn": day, "place": "Elders" });
    driver.post(&format!("/v1/passports/{car}/service-records"), record).await.created();
}

/// Somebody with a session on a telephone beside the one that they act in.
async fn person(server: &Server, name: &'static str, actor: &Actor<'_>) -> Person {
    let phone = server.sign_in(&actor.email, PASSWORD).await;
    let sessions = phone.get("/v1/auth/sessions").await.items();
    let other = sessions.iter().find(|session| session["current"] == true).unwrap();
    let session = other["id"].as_str().unwrap().to_owned();
    let Actor { token, email, .. } = actor.clone();
    Person { name, token, refresh_token: phone.refresh_token, email, session }
}

/// Everyone, each with a session besides, and one of everything.
async fn play(server: &Server) -> (Vec<Person>, BTreeMap<&'static str, String>) {
    let (garage, other) = (server.garage("own").await, server.garage("foreign").await);
    let fleet = garage.fleet("fleet").await;
    let other_fleet = other.fleet("foreign-fleet").await;
    let (driver, car) = garage.fleet_car(&fleet, "driver@x.example").await;
    let (recipient, _, own_car) = garage.driver("recipient@x.example").await;
    server.told(&garage.plate_of(&own_car).await, Some(&kombi("2026-04-01")));
    let (stranger, ..) = other.driver("stranger@x.example").await;
    let (_, _, archived) = garage.driver("archived@x.example").await;
    garage.admin.act(&format!("/v1/passports/{archived}/archive")).await.ok();
    let former = former_car(server, &garage, &driver).await;
    // The driver has a car of their own too, which the garage linked to the fleet, and to which they can object.
    let linked = garage.invited_passport(&garage.customer("driver@x.example").await).await;
    driver.post("/v1/invitations/accept", json!({ "token": server.token_for("driver@x.example") })).await.ok();
    garage.admin.link(&linked, &fleet.id).await.ok();
    let link_change = driver.open_link_change(&linked).await;
    let new_customer = garage.customer("invited@x.example").await;
    let invited_car = garage.invited_passport(&new_customer).await;
    garage.admin.link(&invited_car, &fleet.id).await.ok();
    let free_customer = garage.customer("free@x.example").await;
    let second = garage.customer("recipient@x.example").await;
    garage.invited_passport(&second).await;
    let of_recipient = server.token_for("recipient@x.example");
    let (_, offered) = garage.fleet_car(&fleet, "offered@x.example").await;
    let offer = fleet.account.offer(&offered, "new_owner", "recipient@x.example").await.expect(CREATED).id();
    let (_, offered) = garage.fleet_car(&fleet, "also-offered@x.example").await;
    fleet.account.offer(&offered, "new_owner", "newcomer@x.example").await.created();
    let requested = change_garage(server, &garage, &other, &stranger).await;
    let body = json!({ "email": "kees@x.example", "name": "Kees", "role": "mechanic" });
    let staff = garage.admin.post("/v1/garage/staff", body).await.expect(CREATED).id();
    let body = json!({ "customerId": fleet.customer, "email": "empty@x.example", "begin": "invited" });
    let empty_fleet = garage.admin.post("/v1/fleets", body).await.expect(CREATED).id();
    let path = |part: &str| format!("/v1/passports/{car}/{part}");
    let entry = garage.mechanic.post(&path("apk/entries"), json!({ "expiresOn": "2027-03-01" })).await.id();
    let body = json!({ "value": 59_000, "readOn": "2026-02-01" });
    let reading = garage.mechanic.post(&path("odometer/readings"), body).await.id();
    let maintained = maintain(server, &garage, &car).await;
    let change = json!({ "currentPassword": PASSWORD, "email": "driver-new@x.example" });
    driver.post("/v1/account/email", change).await.expect(reqwest::StatusCode::ACCEPTED);
    let new_email = server.token_for("driver-new@x.example");
    let forgotten = json!({ "email": driver.email });
    driver.post("/v1/auth/password-reset", forgotten).await.expect(reqwest::StatusCode::ACCEPTED);
    let new_password = server.token_for("driver@x.example");
    let told = notify(server, &garage, &fleet.account, &car).await;
    let actors = [
        ("foreign admin", &other.admin),
        ("foreign fleet", &other_fleet.account),
        ("stranger", &stranger),
        ("mechanic", &garage.mechanic),
        ("advisor", &garage.advisor),
        ("admin", &garage.admin),
        ("fleet", &fleet.account),
        ("driver", &driver),
        ("recipient", &recipient),
    ];
    let mut people = Vec::new();
    for (name, actor) in actors {
        people.push(person(server, name, actor).await);
    }
    let of_driver = people.iter().find(|person| person.name == "driver").unwrap().clone();
    // Without signing in one has what the driver has, save the access token.
    people.insert(0, Person { name: "anonymous", token: None, ..of_driver.clone() });
    let things = [
        ("suppressions", server.suppress("free@x.example", SuppressionReason::Bounced)),
        ("kind of notification", "check_ready".to_owned()),
        ("item", "apk".to_owned()),
        ("passports", car),
        ("invited car", invited_car),
        ("car in no fleet", own_car),
        ("archived car", archived),
        ("former-cars", former),
        ("link-changes", link_change),
        ("customers", fleet.customer.clone()),
        ("customerId", fleet.customer),
        ("customer without a car", free_customer),
        ("fleets", fleet.id.clone()),
        ("fleetId", fleet.id),
        ("empty fleet", empty_fleet),
        ("staff", staff),
        ("transfers", offer),
        ("garage-changes", requested),
        ("entryId", entry),
        ("task", "small_service".to_owned()),
        ("readingId", reading),
        ("place", "tread_depth.front_left".to_owned()),
        ("sessions", of_driver.session),
        ("plate", "TT601D".to_owned()),
        ("currentPassword", PASSWORD.to_owned()),
        ("another password", "negen groene kikkers zingen".to_owned()),
        ("link to a new e-mail", new_email),
        ("link to a new password", new_password),
        ("link of someone new", server.token_for("invited@x.example")),
        ("link of the recipient", of_recipient),
        ("link of a colleague", server.token_for("kees@x.example")),
        ("link to an offer", server.token_for("newcomer@x.example")),
        ("unknown link", "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo".to_owned()),
    ];
    (people, things.into_iter().chain(maintained).chain(told).chain(write_mailings(server, &garage).await).collect())
}

/// The body of a check template with one item.
pub(crate) fn check_template(key: &str) -> Value {
    let names = json!({ "nl": "Eigen", "en": "Own" });
    let item = json!({ "key": "tread_depth", "names": names, "task": "tyres" });
    json!({ "key": key, "names": names, "groups": [{ "key": "tyres", "names": names, "items": [item] }] })
}

const CREATED: reqwest::StatusCode = reqwest::StatusCode::CREATED;

/// Has the register tell of a car, with so many recalls and inspections.
pub(crate) fn tell(server: &Server, plate: &str, many: i8) {
    server.told(plate, Some(&kombi("2027-05-17")));
    let recalls: Vec<Recall> = (0..many)
        .map(|number| Recall { reference: format!("RDW{number}"), status: RecallStatus::Open, detail: None })
        .collect();
    let inspections: Vec<Inspection> = (0..many)
        .map(|number| Inspection {
            reported_on: format!("2025-04-{:02}", number + 1).parse().unwrap(),
            reported_at: Some("1015".into()),
            body: Some(InspectionBody::ApkLight),
            kind: Some("periodieke controle".into()),
            expires_on: None,
            defects: vec![],
            seen_at: None,
        })
        .collect();
    server.register(plate, |kept| kept.with_recalls(recalls.clone(), server.now()));
    server.register(plate, |kept| (kept.with_inspections(inspections.clone(), server.now()), ()));
}
