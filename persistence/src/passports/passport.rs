//! Passports, in the scope of the actor.

use crate::{
    car_status::{KeptStanding, StandingRow},
    cars::Cars,
    connection::{insert_all, on_each},
    earlier_vehicles,
    error::StoreError,
    fleet,
    page::{Page, PageRequest},
    plates, registration, reminder, removal,
    row::{self, Reading, Stamps},
    schema::{accounts, customers, fleets, garages, odometer_readings, passports},
    scope::{Found, Scope, scoped},
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{
    connection::DefaultLoadingMode,
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    Date, Instant,
    apk::{ApkStatus, inspectable_until},
    car_status::{CarStatus, Standing},
    custody::Hands,
    ids::{AccountId, CustomerId, FleetId, GarageId, PassportId, VehicleId},
    licence_plate::{LicencePlate, normalise, numbers},
    passport::{Fuel, Passport, PassportStatus, Vehicle},
    removal::{Listed, of_passport},
    value::{AccountKind, EmailAddress, Vin, search_key},
};
use std::collections::{BTreeSet, HashMap};

#[derive(Queryable, Selectable, AsChangeset)]
#[diesel(table_name = passports, treat_none_as_null = true)]
pub(crate) struct Row {
    id: Key,
    garage_id: Key,
    customer_id: Option<Key>,
    country: String,
    plate: String,
    make: Option<String>,
    model: Option<String>,
    year: Option<i64>,
    fuel: Option<String>,
    vin: Option<String>,
    odometer_km: Option<i64>,
    status: String,
    driver_account_id: Option<Key>,
    fleet_id: Option<Key>,
    version: i64,
    created_at: Time,
    updated_at: Time,
    vehicle_id: Key,
    kept_since: Option<Time>,
    plate_typed: Option<String>,
}

impl Row {
    fn new(passport: &Passport, stamps: Stamps) -> Self {
        let vehicle = &passport.vehicle;
        Self {
            id: passport.id.into(),
            garage_id: passport.garage_id.into(),
            customer_id: passport.customer_id.map(Key::from),
            country: vehicle.plate.country().as_str().to_owned(),
            plate: vehicle.plate.number().to_owned(),
            make: vehicle.make.clone(),
            model: vehicle.model.clone(),
            year: vehicle.year,
            fuel: vehicle.fuel.map(|fuel| fuel.code().to_owned()),
            vin: vehicle.vin.as_ref().map(|vin| vin.as_str().to_owned()),
            odometer_km: vehicle.odometer_km,
            status: passport.status.code().to_owned(),
            driver_account_id: passport.hands.driver.map(Key::from),
            fleet_id: passport.hands.fleet.map(Key::from),
            version: passport.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
            vehicle_id: vehicle.id.into(),
            kept_since: passport.kept_since.map(Time),
            plate_typed: vehicle.plate.typed().map(str::to_owned),
        }
    }

    pub(crate) fn read(self) -> Result<(Passport, Stamps), StoreError> {
        let reading = Reading { table: "passports", id: self.id.0 };
        let vehicle = Vehicle {
            id: self.vehicle_id.into(),
            plate: row::plate(reading, &self.country, &self.plate, self.plate_typed)?,
            make: self.make,
            model: self.model,
            year: self.year,
            fuel: reading.optional("fuel", self.fuel.as_ref(), Fuel::from_code)?,
            vin: reading.optional("vin", self.vin.as_ref(), |vin| Vin::parse(vin).ok())?,
            odometer_km: self.odometer_km,
        };
        let passport = Passport {
            id: self.id.into(),
            garage_id: self.garage_id.into(),
            kept_since: self.kept_since.map(|since| since.0),
            customer_id: self.customer_id.map(Into::into),
            vehicle,
            status: reading.column("status", &self.status, PassportStatus::from_code)?,
            hands: Hands { driver: self.driver_account_id.map(Into::into), fleet: self.fleet_id.map(Into::into) },
            version: self.version,
        };
        Ok((passport, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// A new row, with the standing of its car. COPY needs all columns in one.
#[derive(Insertable)]
#[diesel(table_name = passports, treat_none_as_default_value = false)]
struct NewRow {
    id: Key,
    garage_id: Key,
    customer_id: Option<Key>,
    country: String,
    plate: String,
    make: Option<String>,
    model: Option<String>,
    year: Option<i64>,
    fuel: Option<String>,
    vin: Option<String>,
    odometer_km: Option<i64>,
    status: String,
    driver_account_id: Option<Key>,
    fleet_id: Option<Key>,
    version: i64,
    created_at: Time,
    updated_at: Time,
    vehicle_id: Key,
    standing: Option<String>,
    is_judged: Option<bool>,
    attention_from: Option<Day>,
    urgent_from: Option<Day>,
    next_due_on: Day,
    next_due: Option<String>,
    apk_due_on: Option<Day>,
    apk_status: Option<String>,
    kept_since: Option<Time>,
    former_plates: Option<String>,
    plate_typed: Option<String>,
}

impl NewRow {
    fn new(row: Row, kept: StandingRow) -> Self {
        Self {
            id: row.id,
            garage_id: row.garage_id,
            customer_id: row.customer_id,
            country: row.country,
            plate: row.plate,
            make: row.make,
            model: row.model,
            year: row.year,
            fuel: row.fuel,
            vin: row.vin,
            odometer_km: row.odometer_km,
            status: row.status,
            driver_account_id: row.driver_account_id,
            fleet_id: row.fleet_id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            vehicle_id: row.vehicle_id,
            standing: kept.standing,
            is_judged: kept.is_judged,
            attention_from: kept.attention_from,
            urgent_from: kept.urgent_from,
            next_due_on: kept.next_due_on,
            next_due: kept.next_due,
            apk_due_on: kept.apk_due_on,
            apk_status: kept.apk_status,
            kept_since: row.kept_since,
            former_plates: None,
            plate_typed: row.plate_typed,
        }
    }
}

/// The customer of a passport, as the garage sees them.
#[derive(Clone, Debug)]
pub struct CustomerProfile {
    /// Its id.
    pub id: CustomerId,
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: Option<String>,
    /// Their mobile number.
    pub mobile: Option<String>,
}

/// The car of something that a list of a garage shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCar {
    /// The passport that is in use.
    pub passport: PassportId,
    /// The plate of the car.
    pub plate: LicencePlate,
}

/// The columns of the car of something that is listed.
pub(crate) type CarColumns = (Key, String, String, Option<String>);

/// The columns of the car of something that is listed, to be selected.
pub(crate) const CAR_COLUMNS: (passports::id, passports::country, passports::plate, passports::plate_typed) =
    (passports::id, passports::country, passports::plate, passports::plate_typed);

pub(crate) fn read_car((id, country, plate, typed): CarColumns) -> Result<ListedCar, StoreError> {
    let reading = Reading { table: "passports", id: id.0 };
    Ok(ListedCar { passport: id.into(), plate: row::plate(reading, &country, &plate, typed)? })
}

/// A passport as it is shown, with the names of what it refers to.
#[derive(Clone, Debug)]
pub struct PassportView {
    /// The passport.
    pub passport: Passport,
    /// When it was created and last changed.
    pub stamps: Stamps,
    /// The name of its garage.
    pub garage_name: String,
    /// The garage's record of the person or company that uses the car.
    pub customer: Option<CustomerProfile>,
    /// The fleet to which it is linked.
    pub fleet: Option<(FleetId, String)>,
    /// The driver: account, name and e-mail.
    pub driver: Option<(AccountId, String, String)>,
    /// How the car stands.
    pub standing: KeptStanding,
    /// The time zone of its garage.
    pub time_zone: String,
    /// The former plate by which a search found it; none when it was found otherwise (rule R19).
    pub former_plate: Option<LicencePlate>,
}

/// Which passports a list has.
#[derive(Clone, Debug, Default)]
pub struct PassportFilter {
    /// A part of a plate, also of one that the vehicle had before, or, for the garage, the beginnings of words in the customer's
    /// name.
    pub search: Option<String>,
    /// Only passports with exactly this plate, as it was typed; of several countries there can be several.
    pub plate: Option<String>,
    /// Only passports of this customer.
    pub customer: Option<CustomerId>,
    /// Only passports in this fleet.
    pub fleet: Option<FleetId>,
    /// Only passports of cars that have a driver, or that have none (rule F7).
    pub has_driver: Option<bool>,
    /// Only passports with one of these statuses; any status when there are none.
    pub statuses: Vec<PassportStatus>,
    /// Only passports whose car has one of these statuses on this day; any status when there are none.
    pub car_statuses: Vec<CarStatus>,
    /// Only passports whose APK has one of these states on this day; any state when there are none.
    pub apk_statuses: Vec<ApkStatus>,
    /// Only passports whose APK expires before this day.
    pub apk_before: Option<Date>,
    /// Only passports in use of cars whose odometer was not read on this day or later.
    pub not_read_since: Option<Date>,
    /// The day for which the statuses of cars and the states of their APK are asked.
    pub today: Option<Date>,
    /// Whether the newest passport comes first, and not the oldest.
    pub newest_first: bool,
}

type ViewRow = (
    Row,
    StandingRow,
    (String, String),
    Option<(Key, String, Option<String>, Option<String>)>,
    Option<(Key, String)>,
    Option<(Key, String, String)>,
    Option<String>,
);

fn read_view(
    (row, standing, (garage_name, time_zone), customer, fleet, driver, _): ViewRow,
) -> Result<PassportView, StoreError> {
    let (passport, stamps) = row.read()?;
    Ok(PassportView {
        standing: standing.read(passport.id)?,
        time_zone,
        passport,
        stamps,
        garage_name,
        customer: customer.map(|(id, name, email, mobile)| CustomerProfile { id: id.into(), name, email, mobile }),
        fleet: fleet.map(|(id, name)| (id.into(), name)),
        driver: driver.map(|(id, name, email)| (id.into(), name, email)),
        former_plate: None,
    })
}

/// The same for rows that a search found: what was found by a former plate says by which (rule R19).
fn read_found(tx: &mut Tx<'_>, rows: Vec<ViewRow>, search: Option<&str>) -> Result<Vec<PassportView>, StoreError> {
    let part = search.and_then(|search| normalise(search).ok()).filter(|part| !part.is_empty());
    let by_former = |row: &&ViewRow, part: &String| {
        let (found, .., former) = row;
        !found.plate.contains(part) && former.as_ref().is_some_and(|former| former.contains(part))
    };
    let mut former = HashMap::new();
    if let Some(part) = &part {
        let ids = rows.iter().filter(|row| by_former(row, part)).map(|row| (row.0.id, row.0.vehicle_id));
        let (passports, vehicles): (Vec<_>, Vec<_>) = ids.unzip();
        if !vehicles.is_empty() {
            former = plates::former_with(tx, &Cars { passports, vehicles }, part)?;
        }
    }
    let view = |row: ViewRow| {
        let former_plate = former.remove(&row.0.vehicle_id);
        Ok(PassportView { former_plate, ..read_view(row)? })
    };
    rows.into_iter().map(view).collect()
}

/// Which passports each kind of actor reaches.
macro_rules! reach {
    (garage: $garage:expr) => {
        passports::garage_id.nullable().eq($garage)
    };
    (fleet: $fleet:expr, $account:expr) => {
        passports::fleet_id.eq($fleet)
    };
    (driver: $account:expr, $email:expr) => {
        passports::driver_account_id.eq($account)
    };
    (nothing) => {
        passports::id.eq(Key(uuid::Uuid::nil()))
    };
}

pub(crate) use reach;

macro_rules! views {
    () => {
        passports::table
            .inner_join(garages::table)
            .left_join(customers::table)
            .left_join(fleets::table)
            .left_join(accounts::table)
            .select((
                Row::as_select(),
                StandingRow::as_select(),
                (garages::name, garages::time_zone),
                (customers::id, customers::name, customers::email, customers::mobile).nullable(),
                (fleets::id, fleets::name).nullable(),
                (accounts::id, accounts::name, accounts::email).nullable(),
                passports::former_plates,
            ))
    };
}

/// Narrows a boxed query of passports with their customers down to those with this part of a plate, where asked for also of a
/// former one, or with these beginnings of words in the customer's name, where customers are seen.
macro_rules! by_plate_or_name {
    ($query:expr, $search:expr, $sees_customers:expr, former: $former:expr) => {{
        let (key, plate) = (search_key($search), normalise($search).unwrap_or_default());
        let name = customers::name_key.like(format!("{key}%")).or(customers::name_key.like(format!("% {key}%")));
        let former = passports::former_plates.like(format!("%{plate}%")).assume_not_null();
        let part = passports::plate.like(format!("%{plate}%")).or(former.and($former.into_sql::<Bool>()));
        match ($sees_customers && !key.is_empty(), !plate.is_empty()) {
            (true, true) => $query.filter(part.or(name.assume_not_null())),
            (true, false) => $query.filter(name.assume_not_null()),
            (false, true) => $query.filter(part),
            (false, false) => $query.filter(passports::id.eq(Key(uuid::Uuid::nil()))),
        }
    }};
}

pub(crate) use by_plate_or_name;

/// As many rows as a page may have, of those that meet the filter.
macro_rules! filtered {
    ($query:expr, $scope:expr, $filter:expr, $request:expr) => {{
        let mut query = $query;
        if let Some(plate) = &$filter.plate {
            query = query.filter(passports::plate.eq_any(numbers(plate)));
        }
        // The customer is the garage's record: others neither see it nor find passports by it.
        let is_garage = matches!($scope, Scope::Garage(_) | Scope::Session(_, AccountKind::Staff));
        if let Some(customer) = $filter.customer {
            let customer = if is_garage { customer } else { CustomerId(uuid::Uuid::nil()) };
            query = query.filter(passports::customer_id.eq(Key::from(customer)));
        }
        if let Some(fleet) = $filter.fleet {
            query = query.filter(passports::fleet_id.eq(Key::from(fleet)));
        }
        query = match $filter.has_driver {
            Some(true) => query.filter(passports::driver_account_id.is_not_null()),
            Some(false) => query.filter(passports::driver_account_id.is_null()),
            None => query,
        };
        if !$filter.statuses.is_empty() {
            query = query.filter(passports::status.eq_any($filter.statuses.iter().map(|status| status.code())));
        }
        if let Some(search) = &$filter.search {
            query = by_plate_or_name!(query, search, is_garage, former: true);
        }
        if let Some(since) = $request.updated_since {
            query = query.filter(passports::updated_at.ge(Time(since)));
        }
        if let Some(today) = $filter.today.map(Day) {
            let is_judged = || passports::is_judged.eq(true).assume_not_null();
            let is_unknown = || passports::is_judged.is_null().or(passports::is_judged.eq(false).assume_not_null());
            let is_urgent = || is_judged().and(passports::urgent_from.le(today).assume_not_null());
            let is_calm = || passports::urgent_from.is_null().or(passports::urgent_from.gt(today).assume_not_null());
            let is_attention = || is_judged().and(passports::attention_from.le(today).assume_not_null()).and(is_calm());
            let is_quiet =
                || passports::attention_from.is_null().or(passports::attention_from.gt(today).assume_not_null());
            let is_good = || is_judged().and(is_quiet());
            let asks = |status: CarStatus| $filter.car_statuses.contains(&status).into_sql::<Bool>();
            query = match $filter.car_statuses.as_slice() {
                [] => query,
                [CarStatus::Urgent] => query.filter(is_urgent()),
                [CarStatus::Attention] => query.filter(is_attention()),
                // What is said beside the status follows from it, and narrows down the index by the next due day.
                [CarStatus::Good] => query.filter(is_good()).filter(passports::next_due_on.gt(today)),
                [CarStatus::Unknown] => query.filter(is_unknown()).filter(passports::next_due_on.eq(Day(Date::MAX))),
                _ => query.filter(
                    asks(CarStatus::Urgent)
                        .and(is_urgent())
                        .or(asks(CarStatus::Attention).and(is_attention()))
                        .or(asks(CarStatus::Good).and(is_good()))
                        .or(asks(CarStatus::Unknown).and(is_unknown())),
                ),
            };
        }
        let due = passports::apk_due_on;
        if let Some(before) = $filter.apk_before {
            query = query.filter(due.lt(Day(before)));
        }
        if let Some(today) = $filter.today {
            let (today, until) = (Day(today), Day(inspectable_until(today)));
            let has = |status: ApkStatus| $filter.apk_statuses.contains(&status).into_sql::<Bool>();
            query = match $filter.apk_statuses.as_slice() {
                [] => query,
                [ApkStatus::Expired] => query.filter(due.lt(today)),
                [ApkStatus::Inspectable] => query.filter(due.between(today, until)),
                [ApkStatus::Valid] => query.filter(due.gt(until)),
                asked => {
                    let by_day = has(ApkStatus::Expired)
                        .and(due.lt(today).assume_not_null())
                        .or(has(ApkStatus::Inspectable).and(due.between(today, until).assume_not_null()))
                        .or(has(ApkStatus::Valid).and(due.gt(until).assume_not_null()));
                    let is_named = passports::apk_status.eq_any(asked.iter().map(|status| status.code()));
                    let is_unknown = has(ApkStatus::Unknown).and(passports::apk_status.is_null());
                    let without_day = due.is_null().and(is_named.assume_not_null().or(is_unknown));
                    query.filter(by_day.or(without_day))
                }
            };
        }
        if let Some(since) = $filter.not_read_since {
            let is_read = odometer_readings::table
                .filter(odometer_readings::vehicle_id.eq(passports::vehicle_id))
                .filter(odometer_readings::read_on.ge(Day(since)));
            query = query.filter(sql::<Bool>(IN_USE)).filter(not(exists(is_read)));
        }
        query.limit($request.sql_limit())
    }};
}

/// Written as in the indexes of passports in use, so that the database sees that it can use these.
const IN_USE: &str = "passports.status <> 'archived'";

/// Stores a new passport, with its vehicle if that is new too (rule R19), and queues a question to the register about
/// its plate. The actor who stored it has it in scope.
pub fn insert(tx: &mut Tx<'_>, passport: &Passport, now: Instant) -> Result<Found<PassportId>, StoreError> {
    let is_known = !plates::make_known(tx, &passport.vehicle, now)?;
    insert_all(tx, std::slice::from_ref(passport), now)?;
    if is_known {
        plates::come_back(tx, &passport.vehicle, now)?;
    }
    Ok(Found::in_scope(passport.id))
}

/// Stores new passports whose vehicles are stored already, and queues questions to the register about their plates.
pub fn insert_all(tx: &mut Tx<'_>, new: &[Passport], now: Instant) -> Result<(), StoreError> {
    insert_judged(tx, new.iter().map(|passport| (passport, None)), now).map(|_| ())
}

/// The same for passports whose cars are judged already: each with its standing. Answers with those of cars of which other garages
/// know more (rule P8), which must be judged anew.
pub fn insert_judged<'n>(
    tx: &mut Tx<'_>,
    new: impl Iterator<Item = (&'n Passport, Option<&'n Standing>)> + Clone,
    now: Instant,
) -> Result<Vec<PassportId>, StoreError> {
    let stamps = Stamps { created_at: now, updated_at: now };
    let row = |(passport, standing): (&Passport, Option<&Standing>)| {
        NewRow::new(Row::new(passport, stamps), StandingRow::new(standing))
    };
    let rows: Vec<NewRow> = new.clone().map(row).collect();
    // A car that is judged when it is made is looked at for reminders at once.
    let is_judged = |row: &&NewRow| row.is_judged.is_some() && row.status == PassportStatus::Active.code();
    let judged: Vec<Key> = rows.iter().filter(is_judged).map(|row| row.id).collect();
    insert_all!(tx, passports::table, rows);
    reminder::look_first(tx, judged)?;
    let joined: BTreeSet<FleetId> = new.clone().filter_map(|(passport, _)| passport.hands.fleet).collect();
    fleet::touch(tx, &joined.into_iter().collect::<Vec<_>>(), now)?;
    let in_use =
        new.clone().map(|(passport, _)| passport).filter(|passport| passport.status != PassportStatus::Archived);
    registration::enqueue(tx, in_use.map(|passport| &passport.vehicle.plate), now)?;
    let vehicles: Vec<VehicleId> = new.clone().map(|(passport, _)| passport.vehicle.id).collect();
    let continuing = earlier_vehicles::note(tx, &vehicles, now)?;
    let of_them = |(passport, _): &(&Passport, Option<&Standing>)| continuing.contains(&passport.vehicle.id);
    Ok(new.filter(of_them).map(|(passport, _)| passport.id).collect())
}

/// Stores a changed passport, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, passport: &Passport, stamps: Stamps, now: Instant) -> Result<Passport, StoreError> {
    change_garage(tx, passport, passport.garage_id, stamps, now)
}

/// The same for a passport that the garage `former` kept until now (rule P6).
pub fn change_garage(
    tx: &mut Tx<'_>,
    passport: &Passport,
    former: GarageId,
    stamps: Stamps,
    now: Instant,
) -> Result<Passport, StoreError> {
    let next = Passport { version: passport.version + 1, ..passport.clone() };
    let before = listed(tx, passport.id)?;
    let target = passports::table
        .find(Key::from(passport.id))
        .filter(passports::garage_id.eq(Key::from(former)))
        .filter(passports::version.eq(passport.version));
    let rows = diesel::update(target).set(Row::new(&next, Stamps { updated_at: now, ..stamps })).execute(tx.conn)?;
    row::changed_one("passports", rows)?;
    // One that came into use, or to another garage, may have something to be reminded of.
    if next.status == PassportStatus::Active {
        reminder::look_at_next_pass(tx, &[Key::from(next.id)])?;
    }
    if let Some((before, vin)) = before {
        // By its VIN it is known again, and what is in use tells nothing of itself elsewhere.
        let has_other_vin = vin.as_deref() != next.vehicle.vin.as_ref().map(Vin::as_str);
        if has_other_vin || before.in_use != Listed::from(&next).in_use {
            earlier_vehicles::note(tx, &[next.vehicle.id], now)?;
        }
        tell_holders(tx, passport.id, before, Listed::from(&next), now)?;
    }
    Ok(next)
}

/// In whose lists a passport is, and its VIN; none when there is no such passport.
fn listed(tx: &mut Tx<'_>, id: PassportId) -> Result<Option<(Listed, Option<String>)>, StoreError> {
    type Columns = (Key, Option<Key>, Option<Key>, String, Option<String>);
    let columns =
        (passports::garage_id, passports::driver_account_id, passports::fleet_id, passports::status, passports::vin);
    let found: Option<Columns> = passports::table.find(Key::from(id)).select(columns).first(tx.conn).optional()?;
    Ok(found.map(|(garage, driver, fleet, status, vin)| {
        let hands = Hands { driver: driver.map(Into::into), fleet: fleet.map(Into::into) };
        (Listed { garage_id: garage.into(), hands, in_use: status != PassportStatus::Archived.code() }, vin)
    }))
}

/// Writes down from whose lists a passport is gone (rule LS1), and that the fleets that it left or joined show another number of cars
/// (rule LS2).
fn tell_holders(
    tx: &mut Tx<'_>,
    id: PassportId,
    before: Listed,
    after: Listed,
    now: Instant,
) -> Result<(), StoreError> {
    removal::insert_all(tx, &of_passport(id, before, after, now))?;
    if (before.garage_id, before.hands.fleet) == (after.garage_id, after.hands.fleet) {
        return Ok(());
    }
    let concerned: BTreeSet<FleetId> = [before.hands.fleet, after.hands.fleet].into_iter().flatten().collect();
    fleet::touch(tx, &concerned.into_iter().collect::<Vec<_>>(), now)
}

/// Whose names and addresses passports show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The customer under whose record they are.
    Customer(CustomerId),
    /// Who drives the car.
    Driver(AccountId),
    /// The fleet in which they are.
    Fleet(FleetId),
    /// The garage that keeps them.
    Garage(GarageId),
}

/// Notes in one statement that what passports show of someone has changed, so that lists of what changed since have them (rule LS2).
/// Their versions stay, since nobody changed the passports.
pub(crate) fn touch(tx: &mut Tx<'_>, shown: Shown, now: Instant) -> Result<(), StoreError> {
    let set = passports::updated_at.eq(Time(now));
    let before = passports::table.filter(passports::updated_at.lt(Time(now)));
    match shown {
        Shown::Customer(id) => {
            diesel::update(before.filter(passports::customer_id.eq(Key::from(id)))).set(set).execute(tx.conn)?
        }
        Shown::Driver(id) => {
            diesel::update(before.filter(passports::driver_account_id.eq(Key::from(id)))).set(set).execute(tx.conn)?
        }
        Shown::Fleet(id) => {
            diesel::update(before.filter(passports::fleet_id.eq(Key::from(id)))).set(set).execute(tx.conn)?
        }
        Shown::Garage(id) => {
            diesel::update(before.filter(passports::garage_id.eq(Key::from(id)))).set(set).execute(tx.conn)?
        }
    };
    Ok(())
}

/// A passport in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: PassportId) -> Result<Option<(Found<Passport>, Stamps)>, StoreError> {
    let query = passports::table.find(Key::from(id)).select(Row::as_select());
    let row: Option<Row> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    let found = row.map(Row::read).transpose()?;
    Ok(found.map(|(passport, stamps)| (Found::in_scope(passport), stamps)))
}

/// What the garage wrote last of a vehicle that it had, in an archived passport.
pub fn last_of_vehicle(
    tx: &mut Tx<'_>,
    garage: GarageId,
    vehicle: Found<VehicleId>,
) -> Result<Option<Vehicle>, StoreError> {
    let row: Option<Row> = passports::table
        .filter(passports::vehicle_id.eq(Key::from(*vehicle)))
        .filter(passports::garage_id.eq(Key::from(garage)))
        .order(passports::id.desc())
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Row::read).transpose()?.map(|(passport, _)| passport.vehicle))
}

/// The garage that keeps a passport in scope. Its lock must be taken before the passport is read to be changed.
pub fn garage_of(tx: &mut Tx<'_>, scope: &Scope, id: PassportId) -> Result<Option<GarageId>, StoreError> {
    let query = passports::table.find(Key::from(id)).select(passports::garage_id);
    let found: Option<Key> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    Ok(found.map(Into::into))
}

/// A passport in scope, as it is shown, in one query.
pub fn view(tx: &mut Tx<'_>, scope: &Scope, id: PassportId) -> Result<Option<PassportView>, StoreError> {
    let found: Option<ViewRow> = on_each!(tx, connection => {
        let query = views!().filter(passports::id.eq(Key::from(id)));
        scoped!(reach, query, scope, scoped => scoped.first(connection).optional()?)
    });
    found.map(read_view).transpose()
}

/// Passports in scope, in the order in which they were created, in one query.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &PassportFilter,
    request: &PageRequest<PassportId>,
) -> Result<Page<PassportView, PassportId>, StoreError> {
    let found = on_each!(tx, connection, Db => {
        let query = scoped!(reach, views!().into_boxed::<Db>(), scope, scoped => scoped);
        let mut query = filtered!(query, scope, filter, request);
        if let Some(after) = request.after.map(Key::from) {
            query = if filter.newest_first {
                query.filter(passports::id.lt(after))
            } else {
                query.filter(passports::id.gt(after))
            };
        }
        let query = if filter.newest_first { query.order(passports::id.desc()) } else { query.order(passports::id) };
        let mut rows = Vec::with_capacity(request.limit + 1);
        for row in query.load_iter::<ViewRow, DefaultLoadingMode>(connection)? {
            rows.push(row?);
        }
        rows
    });
    let items = read_found(tx, found, filter.search.as_deref())?;
    Ok(request.page(items, |view| view.passport.id))
}

/// Where a list by the next due day continues: after this day and passport.
pub type DueKey = (Date, PassportId);

/// Passports in scope, those first on whose cars something is due first, in one query. Those on which nothing is due come
/// last.
pub fn list_by_due(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &PassportFilter,
    request: &PageRequest<DueKey>,
) -> Result<Page<PassportView, DueKey>, StoreError> {
    let found: Vec<ViewRow> = on_each!(tx, connection, Db => {
        let query = scoped!(reach, views!().into_boxed::<Db>(), scope, scoped => scoped);
        let mut query = filtered!(query, scope, filter, request);
        if let Some((day, id)) = request.after {
            let later = passports::next_due_on
                .gt(Day(day))
                .or(passports::next_due_on.eq(Day(day)).and(passports::id.gt(Key::from(id))));
            query = query.filter(passports::next_due_on.ge(Day(day))).filter(later);
        }
        query.order((passports::next_due_on, passports::id)).load(connection)?
    });
    let items = read_found(tx, found, filter.search.as_deref())?;
    let day = |view: &PassportView| view.standing.days.next_due_on.unwrap_or(Date::MAX);
    Ok(request.page(items, |view| (day(view), view.passport.id)))
}

/// Passports in use and in scope whose APK has a day, those first whose APK expires first, in one query.
pub fn list_by_apk(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &PassportFilter,
    request: &PageRequest<DueKey>,
) -> Result<Page<PassportView, DueKey>, StoreError> {
    let found: Vec<ViewRow> = on_each!(tx, connection, Db => {
        let query = scoped!(reach, views!().into_boxed::<Db>(), scope, scoped => scoped);
        let mut query = filtered!(query, scope, filter, request)
            .filter(sql::<Bool>(IN_USE))
            .filter(passports::apk_due_on.is_not_null());
        if let Some((day, id)) = request.after {
            let due = passports::apk_due_on;
            let later = due.gt(Day(day)).or(passports::id.nullable().gt(Key::from(id)));
            query = query.filter(due.ge(Day(day))).filter(later);
        }
        query.order((passports::apk_due_on, passports::id)).load(connection)?
    });
    let items = found.into_iter().map(read_view).collect::<Result<Vec<_>, _>>()?;
    let day = |view: &PassportView| view.standing.days.apk_due_on.unwrap_or(Date::MAX);
    Ok(request.page(items, |view| (day(view), view.passport.id)))
}

/// The time zone of a garage whose passports are in scope; none without any. Staff and fleets have one garage; a driver may
/// have cars of several, of which it is any.
pub fn time_zone(tx: &mut Tx<'_>, scope: &Scope) -> Result<Option<String>, StoreError> {
    Ok(on_each!(tx, connection => {
        let query = passports::table.inner_join(garages::table).select(garages::time_zone);
        scoped!(reach, query, scope, scoped => scoped.first(connection).optional()?)
    }))
}

/// The active passport of a customer from which a fleet can be created (rule F1): the given one, or the oldest.
pub fn find_manager_passport(
    tx: &mut Tx<'_>,
    garage: GarageId,
    customer: CustomerId,
    named: Option<PassportId>,
) -> Result<Option<(Passport, EmailAddress)>, StoreError> {
    let mut query = passports::table
        .inner_join(accounts::table)
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::customer_id.eq(Key::from(customer)))
        .filter(passports::status.eq("active"))
        .order(passports::id)
        .select((Row::as_select(), accounts::email))
        .into_boxed();
    if let Some(named) = named {
        query = query.filter(passports::id.eq(Key::from(named)));
    }
    let found: Option<(Row, String)> = query.first(tx.conn).optional()?;
    let Some((row, email)) = found else {
        return Ok(None);
    };
    let (passport, _) = row.read()?;
    let reading = Reading { table: "accounts", id: passport.id.0 };
    Ok(Some((passport, reading.column("email", &email, row::email)?)))
}
