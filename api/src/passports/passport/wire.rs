//! Requests and answers of passports.

use crate::{
    apk::wire::ApkStatus,
    body,
    car_status::wire::{CarStatus, StatusReasonCode},
    clock::local_date,
    customer::wire::{NewCustomer, PossibleDuplicate},
    enum_scalars,
    licence_plate::wire::{Plate, PlateInput},
    problem::Problem,
    query,
    wire::{
        AnyOf, Day, DaysUnread, Fuel, Id, LinkDelivery, Members, Moment, Name, Named, OdometerKm, Patch, PlateNumber,
        Search, TaskKey, Version, VinNumber, Year,
    },
};
use domain::{
    Date, Instant, apk,
    car_status::StandingDays,
    coded_enum,
    custody::Holder,
    value::{AccountKind, PhoneNumber},
};
use persistence::passport::PassportView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The life of a passport.
    PassportStatus(domain::passport::PassportStatus), "The status of a passport. Invited: the garage created it, and the driver has not activated it yet; it does not say whether a link was mailed. Active: the driver activated it; a car in a fleet stays active when the fleet ends its driver's access. Archived: it is kept for the record only.";
    /// The order of passports.
    PassportSort(PassportOrder), "The order of the passports.";
    /// Why another passport may be of the same car.
    WhyLike(LikeBy), "Why another passport of the garage may be of the same car. Plate: both plates are German or Austrian, with the same letters and digits, and one of the two does not say where its district ends. VIN: both have the same.";
    /// Who owns the car.
    Owner(OwnerKind), "Who owns the car: the company of the fleet that it is in, the driver, or nobody yet.";
}

coded_enum! {
    /// Why another passport may be of the same car.
    pub enum LikeBy {
        /// Both plates may be the same one.
        Plate => "plate",
        /// Both have the same VIN.
        Vin => "vin",
    }
}

coded_enum! {
    /// Who owns the car.
    pub enum OwnerKind {
        /// The company behind the fleet.
        Fleet => "fleet",
        /// The driver.
        Driver => "driver",
        /// Nobody yet.
        Nobody => "nobody",
    }
}

body! {
    /// A new passport, with a new or an existing customer and, if needed, the fleet to link it to. Exactly one of `customerId`
    /// and `customer` is required.
    #[schema(example = json!({
        "licencePlate": { "number": "ZZ-999-Z" },
        "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
        "make": "Toyota",
        "model": "Yaris Hybrid",
        "year": 2018,
        "fuel": "hybrid_petrol",
        "odometerKm": 123_456
    }))]
    pub struct NewPassport check one_customer {
        /// The licence plate of the vehicle. On the whole platform, at most one passport in use has it.
        pub licence_plate: PlateInput,
        /// The id of the customer, if the garage already has a record of them. Either this or `customer` is given.
        pub customer_id: Option<Id>,
        /// The new record of the customer, if the garage has none yet. Either this or `customerId` is given.
        pub customer: Option<NewCustomer>,
        /// The id of the fleet to link the passport to. If it is left out, the passport is in no fleet.
        pub fleet_id: Option<Id>,
        /// The make of the vehicle, such as Volkswagen.
        pub make: Option<Name>,
        /// The model of the vehicle, such as Golf.
        pub model: Option<Name>,
        /// The year of the vehicle's first admission to the road.
        pub year: Option<Year>,
        /// The fuel, or other energy, that the vehicle runs on.
        pub fuel: Option<Fuel>,
        /// The vehicle identification number (VIN).
        pub vin: Option<VinNumber>,
        /// What the odometer shows today, in kilometres. It becomes the first reading of the vehicle.
        pub odometer_km: Option<OdometerKm>,
    }
}

/// A customer is named or described, and not both.
fn one_customer(members: &mut Members<'_>) {
    match (members.given("customerId").is_some(), members.given("customer").is_some()) {
        (false, false) => members.one_needed("customerId", "customer"),
        (true, true) => members.wrong("customer", "conflicts_with_other"),
        (true, false) | (false, true) => {}
    }
}

body! {
    /// The properties of the passport and its vehicle that change. What is left out stays as it is; null clears a property.
    #[schema(example = json!({ "odometerKm": 60_000 }))]
    pub struct UpdatePassport {
        /// The licence plate, when it was wrong or the vehicle got another one.
        #[schema(value_type = Option<PlateInput>, nullable = false)]
        pub licence_plate: Patch<PlateInput>,
        /// The id of the garage's record of the customer under which the passport is from now on, as when a customer was recorded
        /// twice. Driver and fleet stay as they are.
        #[schema(value_type = Option<Id>, nullable = false)]
        pub customer_id: Patch<Id>,
        /// The make of the vehicle, such as Volkswagen; null clears it.
        #[schema(value_type = Option<Name>)]
        pub make: Patch<Option<Name>>,
        /// The model of the vehicle, such as Golf; null clears it.
        #[schema(value_type = Option<Name>)]
        pub model: Patch<Option<Name>>,
        /// The year of the vehicle's first admission to the road; null clears it.
        #[schema(value_type = Option<Year>)]
        pub year: Patch<Option<Year>>,
        /// The fuel, or other energy, that the vehicle runs on; null clears it.
        #[schema(value_type = Option<Fuel>)]
        pub fuel: Patch<Option<Fuel>>,
        /// The vehicle identification number (VIN); null clears it.
        #[schema(value_type = Option<VinNumber>)]
        pub vin: Patch<Option<VinNumber>>,
        /// What the odometer shows today, in kilometres. When it differs from the present value, it is recorded as a
        /// reading by the garage.
        #[schema(value_type = Option<OdometerKm>, nullable = false)]
        pub odometer_km: Patch<OdometerKm>,
    }
}

body! {
    /// The fleet to link the passport to.
    #[schema(example = json!({ "fleetId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10" }))]
    pub struct LinkPassport {
        /// The id of the fleet.
        pub fleet_id: Id,
    }
}

coded_enum! {
    /// The order of passports.
    pub enum PassportOrder {
        /// The oldest first.
        Oldest => "createdAt",
        /// The newest first.
        Newest => "-createdAt",
        /// Those first on whose cars something is due first.
        NextDue => "nextDueOn",
        /// Those first whose APK expires first.
        Apk => "apkExpiresOn",
    }
}

query! {
    /// Which passports to list.
    pub struct PassportQuery {
        /// A part of a licence plate, also of one that the vehicle had before (`formerPlate` says which), or the beginnings of words
        /// in the customer's name. A plate that was a mistake in writing, and was corrected within a day, is never found.
        pub search: Option<Search>,
        /// Only the passport with exactly this licence plate.
        pub plate: Option<PlateNumber>,
        /// Only passports of the customer with this id.
        pub customer_id: Option<Id>,
        /// Only passports in the fleet with this id.
        pub fleet_id: Option<Id>,
        /// Only passports of cars that have a driver, or, with `false`, of those that nobody drives. Archived passports have none.
        pub has_driver: Option<bool>,
        /// Only passports with one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<PassportStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<PassportStatus>>,
        /// Only passports whose car has one of these statuses today, separated by commas.
        #[param(value_type = Option<Vec<CarStatus>>, style = Form, explode = false)]
        pub car_status: Option<AnyOf<CarStatus>>,
        /// Only passports whose car has one of these APK statuses today, separated by commas.
        #[param(value_type = Option<Vec<ApkStatus>>, style = Form, explode = false)]
        pub apk_status: Option<AnyOf<ApkStatus>>,
        /// Only passports whose APK certificate expires before this day.
        pub apk_before: Option<Day>,
        /// Only passports in use of cars whose odometer was last read so many days ago or earlier, or never.
        pub not_read_for: Option<DaysUnread>,
        /// The order of the list: `createdAt` has the oldest first and is the default; `-createdAt` has the newest
        /// first; `nextDueOn` has those first on whose cars something is due first, and those last on which nothing is
        /// due; `apkExpiresOn` has only passports in use whose APK has a day, those first whose APK expires first.
        #[param(inline)]
        pub sort: Option<PassportSort>,
    }
}

/// The contact data of a customer or driver.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The id of the customer's record or of the driver's account.
    pub id: Id,
    /// The name of the person or company.
    #[schema(max_length = 100)]
    pub name: String,
    /// The e-mail; null when unknown.
    #[schema(max_length = 254, format = "idn-email")]
    pub email: Option<String>,
    /// The mobile telephone number; null when unknown, and for a driver.
    #[schema(max_length = 40)]
    pub mobile: Option<String>,
    /// The same number as people in the Netherlands write it; null when unknown, and for a driver.
    #[schema(max_length = 40)]
    pub mobile_shown: Option<String>,
}

/// Another passport of the garage that may be of the same car.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LikePassport {
    /// The id of the other passport.
    pub id: Id,
    /// Its plate.
    pub licence_plate: Plate,
    /// Whether it is archived. Then the car was perhaps meant to come back with its history: a passport with the plate that it had
    /// last, or had before, begins where the archived one ended.
    pub archived: bool,
    /// Why it may be the same car.
    pub why: WhyLike,
}

/// The digital passport of one vehicle.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "status": "active",
    "vehicleId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a15",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "formerPlate": null,
    "make": "Volkswagen",
    "model": "Kombi",
    "year": 2013,
    "fuel": "diesel",
    "vin": null,
    "odometerKm": 123_456,
    "garage": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a11", "name": "Garage De Vries" },
    "fleet": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a12", "name": "Bakkerij Jansen" },
    "customer": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a13", "name": "Jan Jansen", "email": "jan@jansen.example", "mobile": null, "mobileShown": null },
    "driver": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Jan Jansen", "email": "jan@jansen.example", "mobile": null, "mobileShown": null },
    "owner": "fleet",
    "carStatus": "attention",
    "statusReasons": ["task_due_soon"],
    "nextDueOn": "2026-04-17",
    "nextDue": "brake_fluid",
    "apk": { "status": "inspectable", "expiresOn": "2026-05-17", "inspectableFrom": "2026-03-17" },
    "openRecalls": 0,
    "invitationDelivery": null,
    "possibleDuplicateCustomers": null,
    "possibleDuplicates": null,
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Passport {
    /// The id of the passport.
    pub id: Id,
    /// The status of the passport: invited, active or archived.
    pub status: PassportStatus,
    /// The id of the vehicle. It stays the same when the plate changes, and in each passport that the garage creates
    /// for the vehicle.
    pub vehicle_id: Id,
    /// The licence plate of the vehicle.
    pub licence_plate: Plate,
    /// The plate that the vehicle had before and by which `search` found the passport; null when it was found otherwise, and
    /// where nothing was searched for. `GET /passports/{id}/plates` has all of them.
    pub former_plate: Option<Plate>,
    /// The make of the vehicle, such as Volkswagen; null when unknown.
    #[schema(max_length = 100)]
    pub make: Option<String>,
    /// The model of the vehicle, such as Golf; null when unknown.
    #[schema(max_length = 100)]
    pub model: Option<String>,
    /// The year of the vehicle's first admission to the road; null when unknown.
    pub year: Option<Year>,
    /// The fuel, or other energy, that the vehicle runs on; null when unknown.
    pub fuel: Option<Fuel>,
    /// The vehicle identification number (VIN); null when unknown.
    pub vin: Option<VinNumber>,
    /// The latest odometer reading that counts, in kilometres; null when there is none.
    pub odometer_km: Option<OdometerKm>,
    /// The garage that keeps the passport.
    pub garage: Named,
    /// The fleet to which the passport is linked; null when it is in no fleet.
    pub fleet: Option<Named>,
    /// The garage's record of the person or company that uses the car; null when there is none, and for everyone
    /// outside the garage.
    pub customer: Option<Contact>,
    /// The account of the driver; null when nobody drives the car, as until someone activates the passport, or after a fleet ended
    /// its driver's access.
    pub driver: Option<Contact>,
    /// Who owns the car: the company of the fleet, the driver, or nobody yet.
    pub owner: Owner,
    /// How the car is today, in the garage's time zone. `GET /passports/{id}/status` says more.
    pub car_status: CarStatus,
    /// Why the car has this status, the worst reason first, each once; empty when all is well.
    #[schema(max_items = 20)]
    pub status_reasons: Vec<StatusReasonCode>,
    /// The day on which the next task, or the APK, is due. It is past when that is late, and null when nothing is due.
    pub next_due_on: Option<Day>,
    /// The key of the task that is due then; null when nothing is due.
    pub next_due: Option<TaskKey>,
    /// The APK of the car today. `GET /passports/{id}/apk` says more.
    pub apk: ListedApk,
    /// How many recalls of the car are open. `GET /passports/{id}/recalls` says more.
    #[schema(minimum = 0, maximum = 200)]
    pub open_recalls: usize,
    /// What became of the latest mail with the link to activate the passport. It is null when no link was mailed that still counts,
    /// once the passport is no longer `invited`, and for everyone outside the garage. It is not part of the version.
    pub invitation_delivery: Option<LinkDelivery>,
    /// Other records of the garage that may be of the customer whose record was made together with this passport, as a customer's
    /// own record names them. Null in every other answer.
    #[schema(max_items = 5)]
    pub possible_duplicate_customers: Option<Vec<PossibleDuplicate>>,
    /// Other passports of the garage that may be of the same car: they have the same VIN, or their plates are German or Austrian, with
    /// the same letters and digits, and one of the two does not say where its district ends. It is a hint only, which is worked out
    /// when the passport is read, and is no part of its version. Null in a list, which does not look for them, and for everyone
    /// outside the garage.
    #[schema(max_items = 3)]
    pub possible_duplicates: Option<Vec<LikePassport>>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes. The status of
    /// the car is not part of it.
    pub version: Version,
    /// When the passport was created.
    pub created_at: Moment,
    /// When what the passport shows last changed: also the names and addresses of customer, driver, fleet and garage, and how the car
    /// stands. That a day has passed is no change.
    pub updated_at: Moment,
}

/// The APK of a car in a few words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedApk {
    /// The state of the APK today, in the garage's time zone.
    pub status: ApkStatus,
    /// The day on which the APK certificate expires; null when it is not known, and when the vehicle needs none. It is null as well
    /// while the duty is lifted (`suspended`): `GET /passports/{id}/apk` shows the date all the same.
    pub expires_on: Option<Day>,
    /// The first day on which an inspection keeps the anniversary (*keurbaar vanaf*); null when `expiresOn` is.
    pub inspectable_from: Option<Day>,
}

impl ListedApk {
    /// The APK by the days of a standing.
    pub fn new(days: &StandingDays, today: Date) -> Self {
        Self {
            status: ApkStatus(days.apk_status(today)),
            expires_on: days.apk_due_on.map(Day),
            inspectable_from: days.apk_due_on.map(apk::inspectable_from).map(Day),
        }
    }
}

/// A stored telephone number as people in the Netherlands write it.
fn shown(mobile: Option<&str>) -> Option<String> {
    Some(PhoneNumber::stored(mobile?)?.shown())
}

impl Passport {
    /// A passport as an account of this kind sees it, if it is in the account's scope. What became of the mail with its link is
    /// looked up apart.
    pub fn new(view: PassportView, viewer: AccountKind, now: Instant) -> Result<Self, Problem> {
        let PassportView { passport, stamps, garage_name, customer, fleet, driver, standing, time_zone, former_plate } =
            view;
        let today = local_date(now, &time_zone);
        let mut reasons: Vec<_> = standing.reasons(today)?.into_iter().map(|reason| reason.code).collect();
        reasons.dedup();
        let vehicle = passport.vehicle;
        let is_staff = viewer == AccountKind::Staff;
        Ok(Self {
            id: Id(passport.id.0),
            status: PassportStatus(passport.status),
            vehicle_id: Id(vehicle.id.0),
            licence_plate: Plate::new(&vehicle.plate),
            former_plate: former_plate.as_ref().map(Plate::new),
            make: vehicle.make,
            model: vehicle.model,
            year: vehicle.year.map(Year),
            fuel: vehicle.fuel.map(Fuel),
            vin: vehicle.vin.map(VinNumber),
            odometer_km: vehicle.odometer_km.map(OdometerKm),
            garage: Named { id: Id(passport.garage_id.0), name: garage_name },
            fleet: fleet.map(|(id, name)| Named { id: Id(id.0), name }),
            customer: customer.filter(|_| is_staff).map(|customer| Contact {
                id: Id(customer.id.0),
                name: customer.name,
                email: customer.email,
                mobile_shown: shown(customer.mobile.as_deref()),
                mobile: customer.mobile,
            }),
            driver: driver.map(|(id, name, email)| Contact {
                id: Id(id.0),
                name,
                email: Some(email),
                mobile: None,
                mobile_shown: None,
            }),
            owner: Owner(match passport.hands.owner() {
                Holder::Fleet(_) => OwnerKind::Fleet,
                Holder::Account(_) => OwnerKind::Driver,
                Holder::Nobody => OwnerKind::Nobody,
            }),
            car_status: CarStatus(standing.days.status(today)),
            status_reasons: reasons.into_iter().map(StatusReasonCode).collect(),
            next_due_on: standing.days.next_due_on.map(Day),
            next_due: standing.days.next_due.map(TaskKey),
            apk: ListedApk::new(&standing.days, today),
            open_recalls: standing.open_recalls()?,
            invitation_delivery: None,
            possible_duplicate_customers: None,
            possible_duplicates: None,
            version: Version(passport.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        })
    }
}
