//! Requests and answers of fleets.

use crate::{
    body,
    car_status::wire::CarCounts,
    enum_scalars,
    expected_maintenance::wire::PeriodCost,
    licence_plate::wire::Plate,
    query,
    wire::{
        AccountStatus, AnyOf, Day, Email, Id, LinkDelivery, Members, Moment, Name, Password, Patch, Search, TaskKey,
        Version,
    },
};
use domain::{expected_maintenance::Visit, invitation::Delivery, service_task, value::Language};
use persistence::{
    car_status::{DueCar, StatusCounts},
    fleet::FleetView,
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// Open or closed.
    FleetStatus(domain::fleet::FleetStatus), "Whether the fleet is open or closed. The account of a closed fleet can no longer sign in.";
    /// Who is reminded of a fleet's cars.
    FleetReminded(domain::reminder::FleetChoice), "Who is reminded of what comes due on the fleet's cars. Manager: the fleet's account. Driver: who drives the car, or the fleet's account when nobody does. Both: the two of them.";
    /// How a fleet is set up.
    FleetBegin(domain::value::FleetBegin), "How the fleet is set up. Invited: a mail explains to the manager how to sign in. Prepared: the garage chooses an e-mail and a password, and no mail is sent.";
}

body! {
    /// A new fleet, created from a customer whose AutoPaspoort with the garage is active.
    #[schema(example = json!({
        "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
        "name": "Bakkerij Jansen, bezorging",
        "email": "bezorging@bakkerij-jansen.example",
        "begin": "invited"
    }))]
    pub struct NewFleet check password_if_prepared {
        /// The id of the customer.
        pub customer_id: Id,
        /// The id of the manager's own passport, which must be one of the customer's active passports. The default is
        /// the oldest of these.
        pub manager_passport_id: Option<Id>,
        /// The name of the fleet. The default is the customer's name.
        pub name: Option<Name>,
        /// The login e-mail of the fleet's account. It must differ from the manager's own login e-mail and from that of
        /// every other account.
        pub email: Email,
        /// How the fleet is set up: the manager is invited, or the garage prepares the account.
        pub begin: FleetBegin,
        /// The password that the garage chooses. A prepared fleet needs it; for an invited one it must be left out.
        pub password: Option<Password>,
    }
}

/// The garage chooses a password for a prepared fleet, and for no other.
fn password_if_prepared(members: &mut Members<'_>) {
    let begin = members.given("begin").and_then(|begin| domain::value::FleetBegin::from_code(begin.as_str()?));
    match (begin, members.given("password").is_some()) {
        (Some(domain::value::FleetBegin::Prepared), false) => members.wrong("password", "required"),
        (Some(domain::value::FleetBegin::Invited), true) => members.wrong("password", "conflicts_with_other"),
        (Some(_) | None, _) => {}
    }
}

body! {
    /// The properties of the fleet that change. What is left out stays as it is.
    #[schema(example = json!({ "name": "Bakkerij Jansen & Zonen" }))]
    pub struct UpdateFleet {
        /// The name of the fleet.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The login e-mail of the fleet's account. It can be changed here until the manager has signed in; after that
        /// it is changed in the settings of the account.
        #[schema(value_type = Option<Email>, nullable = false)]
        pub email: Patch<Email>,
    }
}

body! {
    /// Whether drivers see amounts.
    #[schema(example = json!({ "driversSeeAmounts": true }))]
    pub struct DriverAmounts {
        /// Whether the drivers of the fleet's cars see what work costs and did cost.
        pub drivers_see_amounts: bool,
    }
}

body! {
    /// Who is reminded of a fleet's cars, and how.
    #[schema(example = json!({ "to": "both", "digest": true }))]
    pub struct SetFleetReminders {
        /// Who is reminded.
        pub to: FleetReminded,
        /// Whether the fleet's account receives one overview a week in the place of each reminder. Drivers receive each
        /// reminder by itself.
        pub digest: bool,
    }
}

/// Who is reminded of a fleet's cars, and how.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "to": "both", "digest": true }))]
pub struct FleetReminders {
    /// Who is reminded.
    pub to: FleetReminded,
    /// Whether the fleet's account receives one overview a week, on Monday, in the place of each reminder.
    pub digest: bool,
}

impl From<domain::reminder::FleetReminders> for FleetReminders {
    fn from(chosen: domain::reminder::FleetReminders) -> Self {
        Self { to: FleetReminded(chosen.to), digest: chosen.digest }
    }
}

query! {
    /// Which cars of a fleet to list.
    pub struct FleetCarQuery {
        /// Only passports of cars that have a driver, or, with `false`, of those that nobody drives.
        pub has_driver: Option<bool>,
    }
}

query! {
    /// Which fleets to list.
    pub struct FleetQuery {
        /// The beginnings of words in the name of the fleet, in any order. Fleets whose name begins with the text come
        /// first.
        pub search: Option<Search>,
        /// Only fleets with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<FleetStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<FleetStatus>>,
    }
}

/// A fleet: the cars of a business customer, under one account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a12",
    "name": "Bakkerij Jansen",
    "status": "open",
    "begin": "invited",
    "email": "wagenpark@bakkerij-jansen.example",
    "emailSuggestion": null,
    "accountStatus": "active",
    "handedOver": true,
    "invitationDelivery": null,
    "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a13",
    "managerPassportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "passportCount": 12,
    "carStatus": {
        "cars": 12, "good": 7, "attention": 3, "urgent": 1, "unknown": 1, "apkWithin60Days": 2, "nextDueOn": "2026-03-14"
    },
    "driversSeeAmounts": false,
    "reminders": { "to": "both", "digest": false },
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Fleet {
    /// The id of the fleet.
    pub id: Id,
    /// The name of the fleet.
    #[schema(max_length = 100)]
    pub name: String,
    /// Whether the fleet is open or closed.
    pub status: FleetStatus,
    /// How the fleet was set up: the manager was invited, or the garage prepared the account.
    pub begin: FleetBegin,
    /// The login e-mail of the fleet's account.
    pub email: Email,
    /// The address that was perhaps meant, when the e-mail looks like a slip of the pen in the name of a great mail house
    /// (`gmial.com`); else null. It is a hint only.
    pub email_suggestion: Option<Email>,
    /// Whether the fleet's account has a password, so that someone can sign in to it.
    pub account_status: AccountStatus,
    /// Whether the manager has chosen the password themselves. Until then the fleet can make no offers and decide nothing:
    /// the garage that prepared it still has its password.
    pub handed_over: bool,
    /// What became of the latest mail with the link to choose a password. It is null when no link was mailed that still counts, once
    /// the account has a password, and for everyone outside the garage. It is not part of the version.
    pub invitation_delivery: Option<LinkDelivery>,
    /// The id of the customer for whom the fleet was created; null when that record was deleted.
    pub customer_id: Option<Id>,
    /// The id of the manager's own passport, which was required to create the fleet.
    pub manager_passport_id: Id,
    /// How many passports are linked to the fleet, of those that you see: a garage sees those that it keeps itself.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub passport_count: i64,
    /// How the cars of the fleet stand today, in the garage's time zone.
    pub car_status: CarCounts,
    /// Whether the drivers of the fleet's cars see what work costs and did cost.
    pub drivers_see_amounts: bool,
    /// Who is reminded of the fleet's cars, and how.
    pub reminders: FleetReminders,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the fleet was created.
    pub created_at: Moment,
    /// When the fleet last changed.
    pub updated_at: Moment,
}

impl Fleet {
    /// A fleet as it is shown, with what became of the mail with its link, if that was looked up.
    pub fn new(view: FleetView, counts: StatusCounts, delivery: Option<Delivery>) -> Self {
        let FleetView { fleet, stamps, email, account_status, email_confirmed, passport_count, time_zone: _ } = view;
        let reminders = fleet.reminders();
        Self {
            id: Id(fleet.id.0),
            name: fleet.name,
            status: FleetStatus(fleet.status),
            begin: FleetBegin(fleet.begin),
            email_suggestion: email.suggestion().map(Email),
            email: Email(email),
            handed_over: email_confirmed && account_status == domain::account::AccountStatus::Active,
            account_status: AccountStatus(account_status),
            invitation_delivery: delivery.map(LinkDelivery::new),
            customer_id: fleet.customer_id.map(|id| Id(id.0)),
            manager_passport_id: Id(fleet.manager_passport_id.0),
            passport_count,
            car_status: counts.into(),
            drivers_see_amounts: fleet.drivers_see_amounts,
            reminders: reminders.into(),
            version: Version(fleet.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}

/// A task of a visit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "task": "brake_fluid", "name": "Brake fluid" }))]
pub struct VisitTask {
    /// The key of the task.
    pub task: TaskKey,
    /// What the task is called, in the language of the request.
    #[schema(max_length = 100, pattern = "^[^\\u0000]*$")]
    pub name: &'static str,
}

/// The next visit of a car of the fleet.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "on": "2026-03-14",
    "tasks": [{ "task": "brake_fluid", "name": "Brake fluid" }]
}))]
pub struct NextVisit {
    /// The id of the passport.
    pub passport_id: Id,
    /// The licence plate of the car.
    pub licence_plate: Plate,
    /// The day on which it is expected. What is late is expected today.
    pub on: Day,
    /// What is done. A task that another one includes, as a large service includes a small one, is not in it.
    #[schema(max_items = 500)]
    pub tasks: Vec<VisitTask>,
}

/// How a fleet stands, and what it is expected to cost.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "on": "2026-03-01",
    "carStatus": {
        "cars": 12, "good": 7, "attention": 3, "urgent": 1, "unknown": 1, "apkWithin60Days": 2, "nextDueOn": "2026-03-14"
    },
    "costs": [],
    "costsOfCars": 12,
    "nextVisits": []
}))]
pub struct FleetSummary {
    /// The day for which this is said: today, in the garage's time zone.
    pub on: Day,
    /// How the cars of the fleet stand.
    pub car_status: CarCounts,
    /// What is expected to be paid in each month, and in each year of the calendar, until a year from today. Each task of
    /// each car counts the next time that it is due, at what the task costs for all cars of the country, since a fleet has
    /// cars of many kinds. So it is a rough sum: the expected maintenance of a single car goes by cars like it, and counts
    /// what comes back within the year.
    #[schema(max_items = 20)]
    pub costs: Vec<PeriodCost>,
    /// On how many cars `costs` and `nextVisits` rest: those on which something is due within a year, those first on which
    /// it is due first, and at most 2,000.
    #[schema(minimum = 0, maximum = 2_000)]
    pub costs_of_cars: usize,
    /// The next visits, at most 20.
    #[schema(max_items = 20)]
    pub next_visits: Vec<NextVisit>,
}

impl NextVisit {
    /// The first visit of a car.
    pub fn new(car: &DueCar, visit: &Visit, language: Language) -> Self {
        let named = |task: service_task::TaskKey| Some((task, task.task()?.names.of(language)));
        let mut tasks: Vec<VisitTask> = vec![];
        // What is done with another task is not told apart.
        let apart = visit.items.iter().filter(|item| item.included_in.is_none());
        for (task, name) in apart.filter_map(|item| named(item.task?)) {
            if tasks.iter().all(|known| known.task.0 != task) {
                tasks.push(VisitTask { task: TaskKey(task), name });
            }
        }
        Self { passport_id: Id(car.passport.0), licence_plate: Plate::new(&car.plate), on: Day(visit.on), tasks }
    }
}
