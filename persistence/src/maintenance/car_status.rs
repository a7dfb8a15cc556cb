//! How cars stand: what a car is judged by, in one statement for the car and one for its schedules and records; and its
//! standing, which is kept beside its passport (rule ST2).

mod records;

pub use records::{OnRecord, records, records_of_all};

use crate::{
    apk::LiftRow,
    connection::{AnyConnection, load_each, on_each},
    cost::CostAsker,
    customer::{self, DrivingColumns},
    error::StoreError,
    passport::{self, reach},
    plates::by_country,
    registration, reminder,
    row::{self, Reading, Stamps},
    schema::{apk_lifts, customers, fleets, garages, passports, recommendations, registrations, vehicle_checks},
    scope::{Found, Scope, scoped},
    sql_types::{CalendarDay, Day, Id, Key, Moment, Time},
    store::Tx,
};
use diesel::{
    dsl::{case_when, count, count_star, min, sql},
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Nullable, Text},
};
use domain::{
    Date, Instant,
    apk::{ApkStatus, EnteredLift},
    car_status::{Standing, StandingDays, StatusReason},
    customer::DrivingBehaviour,
    ids::{CustomerId, FleetId, GarageId, PassportId},
    licence_plate::LicencePlate,
    passport::Passport,
    registration::Registration,
    service_task::TaskKey,
};
use jiff::ToSpan;
use std::collections::HashMap;

/// The APK of a car is near when its last day is at most so many days ahead (rule ST3).
const APK_NEAR_DAYS: i64 = 60;

/// The standing of a car as its passport has it.
#[derive(Clone, Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = passports, treat_none_as_null = true)]
pub(crate) struct StandingRow {
    pub(crate) standing: Option<String>,
    pub(crate) is_judged: Option<bool>,
    pub(crate) attention_from: Option<Day>,
    pub(crate) urgent_from: Option<Day>,
    pub(crate) next_due_on: Day,
    pub(crate) next_due: Option<String>,
    pub(crate) apk_due_on: Option<Day>,
    pub(crate) apk_status: Option<String>,
}

/// The day on which a car is looked at for reminders when its standing has changed: at once (rule RM2).
pub(crate) const LOOK_AT_ONCE: Day = Day(Date::constant(1, 1, 1));

impl StandingRow {
    /// The columns of a standing; none for a car that was not judged yet.
    pub(crate) fn new(standing: Option<&Standing>) -> Self {
        let days = standing.map(Standing::days).unwrap_or_default();
        Self {
            standing: standing.map(Standing::written),
            is_judged: standing.map(|_| days.is_known),
            attention_from: days.attention_from.map(stored),
            urgent_from: days.urgent_from.map(stored),
            next_due_on: days.next_due_on.map_or(Day(Date::MAX), stored),
            next_due: days.next_due.map(|task| task.as_str().to_owned()),
            apk_due_on: days.apk_due_on.map(stored),
            apk_status: days.apk_without_day.map(|status| status.code().to_owned()),
        }
    }

    pub(crate) fn read(self, passport: PassportId) -> Result<KeptStanding, StoreError> {
        let reading = Reading { table: "passports", id: passport.0 };
        let days = StandingDays {
            is_known: self.is_judged == Some(true),
            attention_from: self.attention_from.map(|day| day.0),
            urgent_from: self.urgent_from.map(|day| day.0),
            next_due_on: Some(self.next_due_on.0).filter(|day| *day < Date::MAX),
            next_due: reading.optional("next_due", self.next_due.as_ref(), TaskKey::find)?,
            apk_due_on: self.apk_due_on.map(|day| day.0),
            apk_without_day: reading.optional("apk_status", self.apk_status.as_ref(), ApkStatus::from_code)?,
        };
        Ok(KeptStanding { passport, days, text: self.standing })
    }
}

/// What a car is judged by, as the row of its passport has it; none when it was not judged.
pub(crate) fn standing_of(reading: Reading, text: Option<&String>) -> Result<Option<Standing>, StoreError> {
    reading.optional("standing", text, Standing::read)
}

/// A day as it is stored: on SQLite, days are texts whose years have four digits.
fn stored(day: Date) -> Day {
    Day(day.max(Date::constant(1, 1, 1)))
}

/// The standing of a car as it is kept.
#[derive(Clone, Debug)]
pub struct KeptStanding {
    passport: PassportId,
    /// The days by which lists filter and sort.
    pub days: StandingDays,
    text: Option<String>,
}

impl KeptStanding {
    /// Whether the car was judged.
    pub const fn is_kept(&self) -> bool {
        self.text.is_some()
    }

    /// Whether it is this standing that is kept.
    pub fn says(&self, standing: &Standing) -> bool {
        self.text.as_ref().is_some_and(|text| *text == standing.written())
    }

    /// What the car is judged by; none when it was not judged.
    pub fn standing(&self) -> Result<Option<Standing>, StoreError> {
        standing_of(Reading { table: "passports", id: self.passport.0 }, self.text.as_ref())
    }

    /// How many recalls of the car are open (rule ST4).
    pub fn open_recalls(&self) -> Result<usize, StoreError> {
        let Some(text) = &self.text else { return Ok(0) };
        let reading = Reading { table: "passports", id: self.passport.0 };
        // What always counts stands before what counts from a day.
        let standing = reading.column("standing", text, |text| Standing::read_until(text, Date::MIN))?;
        Ok(standing.open_recalls())
    }

    /// The reasons for the status on a day, the worst first.
    pub fn reasons(&self, today: Date) -> Result<Vec<StatusReason>, StoreError> {
        let Some(text) = &self.text else { return Ok(vec![]) };
        let reading = Reading { table: "passports", id: self.passport.0 };
        let standing = reading.column("standing", text, |text| Standing::read_until(text, today))?;
        Ok(standing.reasons(today))
    }
}

/// A car with what it is judged by, except its schedules and records.
#[derive(Clone, Debug)]
pub struct CarView {
    /// Its passport.
    pub passport: Found<Passport>,
    /// When the passport was made and last changed.
    pub stamps: Stamps,
    /// The time zone of its garage.
    pub time_zone: String,
    /// Its garage, as one that asks for prices.
    pub asker: CostAsker,
    /// How its customer drives.
    pub driving: Option<DrivingBehaviour>,
    /// What the register said.
    pub registration: Option<Registration>,
    /// What somebody said that lifts its APK duty.
    pub lift: Option<EnteredLift>,
    /// Whether its fleet lets the drivers see amounts; none when it is in no fleet.
    pub drivers_see_amounts: Option<bool>,
    /// Its standing as it is kept.
    pub standing: KeptStanding,
}

type GarageColumns = (String, String, Option<String>);

type CarColumns = (
    passport::Row,
    StandingRow,
    GarageColumns,
    Option<(Key, DrivingColumns)>,
    Option<registration::Row>,
    Option<LiftRow>,
    Option<bool>,
);

macro_rules! cars {
    () => {
        passports::table
            .inner_join(garages::table)
            .left_join(customers::table)
            .left_join(fleets::table)
            .left_join(
                registrations::table
                    .on(registrations::country.eq(passports::country).and(registrations::plate.eq(passports::plate))),
            )
            .left_join(apk_lifts::table.on(apk_lifts::vehicle_id.eq(passports::vehicle_id)))
            .select((
                passport::Row::as_select(),
                StandingRow::as_select(),
                (garages::time_zone, garages::country, garages::chain),
                (customers::id, (customers::km_per_year, customers::usage, customers::severe_use)).nullable(),
                Option::<registration::Row>::as_select(),
                Option::<LiftRow>::as_select(),
                fleets::drivers_see_amounts.nullable(),
            ))
    };
}

/// A car in scope, in one query.
pub fn view(tx: &mut Tx<'_>, scope: &Scope, id: PassportId) -> Result<Option<CarView>, StoreError> {
    let found: Option<CarColumns> = on_each!(tx, connection => {
        let query = cars!().filter(passports::id.eq(Key::from(id)));
        scoped!(reach, query, scope, scoped => scoped.first(connection).optional()?)
    });
    found.map(read_car).transpose()
}

/// The cars that a garage has in use with one of these plates, in a query for each country.
pub fn of_plates(tx: &mut Tx<'_>, garage: GarageId, plates: &[LicencePlate]) -> Result<Vec<CarView>, StoreError> {
    let mut views = Vec::with_capacity(plates.len());
    for (country, numbers) in by_country(plates.iter()) {
        let found: Vec<CarColumns> = load_each!(
            tx,
            cars!()
                .filter(passports::garage_id.eq(Key::from(garage)))
                .filter(passports::country.eq(&country))
                // Written as in the index of plates in use, so that the database sees that it can use that index.
                .filter(sql::<Bool>("passports.status <> 'archived'")),
            passports::plate in &numbers
        );
        for columns in found {
            views.push(read_car(columns)?);
        }
    }
    Ok(views)
}

fn read_car(
    (row, standing, (time_zone, country, chain), driving, registration, lift, drivers_see_amounts): CarColumns,
) -> Result<CarView, StoreError> {
    let (passport, stamps) = row.read()?;
    let garage_id = passport.garage_id;
    let country = Reading { table: "garages", id: garage_id.0 }.column("country", &country, row::country)?;
    let asker = CostAsker { garage_id, country, chain };
    let driving = driving.map(|(id, columns)| customer::driving(Reading { table: "customers", id: id.0 }, columns));
    Ok(CarView {
        stamps,
        time_zone,
        asker,
        driving: driving.transpose()?,
        registration: registration.map(registration::Row::read).transpose()?,
        lift: lift.map(LiftRow::read).transpose()?,
        drivers_see_amounts,
        standing: standing.read(passport.id)?,
        passport: Found::in_scope(passport),
    })
}

/// Keeps the standing of a car, which has changed. The version of its passport stays, since nobody changed that.
pub fn save(tx: &mut Tx<'_>, passport: Found<PassportId>, standing: &Standing, now: Instant) -> Result<(), StoreError> {
    diesel::update(passports::table.find(Key::from(*passport)))
        .set((StandingRow::new(Some(standing)), passports::updated_at.eq(Time(now))))
        .execute(tx.conn)?;
    reminder::look_at_next_pass(tx, &[Key::from(*passport)])
}

/// A car whose standing is stored together with those of others.
#[derive(Clone, Debug)]
pub struct JudgedCar<'a> {
    /// Its passport, as it is now.
    pub passport: &'a Found<Passport>,
    /// What the passport showed of the odometer before. If it shows something else now, it gets a new version.
    pub showed: Option<i64>,
    /// Its standing.
    pub standing: &'a Standing,
}

/// A statement that stores what passports show of the odometer, and the standings of their cars.
const SAVE: &str = "UPDATE passports
    SET odometer_km = judged.odometer_km, version = judged.version,
        updated_at = $3,
        standing = judged.standing, is_judged = judged.is_judged, attention_from = judged.attention_from,
        urgent_from = judged.urgent_from, next_due_on = judged.next_due_on, next_due = judged.next_due,
        apk_due_on = judged.apk_due_on, apk_status = judged.apk_status
    FROM unnest($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS judged
        (id, version, before, odometer_km, standing, is_judged, attention_from, urgent_from, next_due_on, next_due, apk_due_on,
            apk_status)
    WHERE passports.id = judged.id AND passports.version = judged.before";

/// Stores what passports show of the odometer, with a new version for those that show something else than before, and keeps
/// the standings of their cars; unless someone else changed one since it was read.
pub fn save_all(tx: &mut Tx<'_>, cars: &[JudgedCar<'_>], now: Instant) -> Result<(), StoreError> {
    if cars.is_empty() {
        return Ok(());
    }
    let version = |car: &JudgedCar<'_>| {
        let changed = car.passport.vehicle.odometer_km != car.showed;
        car.passport.version + i64::from(changed)
    };
    let rows = match tx.conn {
        AnyConnection::Postgres(connection) => {
            let kept: Vec<StandingRow> = cars.iter().map(|car| StandingRow::new(Some(car.standing))).collect();
            sql_query(SAVE)
                .bind::<Array<Id>, _>(cars.iter().map(|car| Key::from(car.passport.id)).collect::<Vec<_>>())
                .bind::<Array<BigInt>, _>(cars.iter().map(version).collect::<Vec<_>>())
                .bind::<Moment, _>(Time(now))
                .bind::<Array<BigInt>, _>(cars.iter().map(|car| car.passport.version).collect::<Vec<_>>())
                .bind::<Array<Nullable<BigInt>>, _>(
                    cars.iter().map(|car| car.passport.vehicle.odometer_km).collect::<Vec<_>>(),
                )
                .bind::<Array<Nullable<Text>>, _>(kept.iter().map(|row| row.standing.as_deref()).collect::<Vec<_>>())
                .bind::<Array<Nullable<Bool>>, _>(kept.iter().map(|row| row.is_judged).collect::<Vec<_>>())
                .bind::<Array<Nullable<CalendarDay>>, _>(kept.iter().map(|row| row.attention_from).collect::<Vec<_>>())
                .bind::<Array<Nullable<CalendarDay>>, _>(kept.iter().map(|row| row.urgent_from).collect::<Vec<_>>())
                .bind::<Array<CalendarDay>, _>(kept.iter().map(|row| row.next_due_on).collect::<Vec<_>>())
                .bind::<Array<Nullable<Text>>, _>(kept.iter().map(|row| row.next_due.as_deref()).collect::<Vec<_>>())
                .bind::<Array<Nullable<CalendarDay>>, _>(kept.iter().map(|row| row.apk_due_on).collect::<Vec<_>>())
                .bind::<Array<Nullable<Text>>, _>(kept.iter().map(|row| row.apk_status.as_deref()).collect::<Vec<_>>())
                .execute(connection)?
        }
        AnyConnection::Sqlite(connection) => {
            let mut rows = 0;
            for car in cars {
                let target = passports::table
                    .find(Key::from(car.passport.id))
                    .filter(passports::version.eq(car.passport.version));
                rows += diesel::update(target)
                    .set((StandingRow::new(Some(car.standing)), passports::updated_at.eq(Time(now))))
                    .execute(connection)?;
                if version(car) != car.passport.version {
                    let shown = (
                        passports::odometer_km.eq(car.passport.vehicle.odometer_km),
                        passports::version.eq(version(car)),
                    );
                    diesel::update(passports::table.find(Key::from(car.passport.id))).set(shown).execute(connection)?;
                }
            }
            rows
        }
    };
    row::changed("passports", rows, cars.len())?;
    reminder::look_at_next_pass(tx, &cars.iter().map(|car| Key::from(car.passport.id)).collect::<Vec<_>>())
}

/// Cars in use of a garage after one of them, in the order of their ids. For the system's own work.
pub fn list_cars(
    tx: &mut Tx<'_>,
    garage: GarageId,
    after: Option<PassportId>,
    limit: i64,
) -> Result<Vec<PassportId>, StoreError> {
    let mut query = passports::table
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::status.ne("archived"))
        .order(passports::id)
        .limit(limit)
        .select(passports::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(passports::id.gt(Key::from(after)));
    }
    let found: Vec<Key> = query.load(tx.conn)?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Cars in use of a customer, in the order of their ids.
pub fn list_of_customer(tx: &mut Tx<'_>, customer: CustomerId, limit: i64) -> Result<Vec<PassportId>, StoreError> {
    let found: Vec<Key> = passports::table
        .filter(passports::customer_id.eq(Key::from(customer)))
        .filter(passports::status.ne("archived"))
        .order(passports::id)
        .limit(limit)
        .select(passports::id)
        .load(tx.conn)?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Cars in use that were never judged, with their garages, those of one garage together. For the system's own work.
pub fn list_unjudged(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(GarageId, PassportId)>, StoreError> {
    let found: Vec<(Key, Key)> = passports::table
        .filter(passports::is_judged.is_null())
        .filter(passports::status.ne("archived"))
        .order((passports::garage_id, passports::id))
        .limit(limit)
        .select((passports::garage_id, passports::id))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(garage, passport)| (garage.into(), passport.into())).collect())
}

/// How the cars of a garage or a fleet stand on a day (rule ST3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// How many cars there are.
    pub cars: i64,
    /// How many are good.
    pub good: i64,
    /// How many need attention.
    pub attention: i64,
    /// How many are urgent.
    pub urgent: i64,
    /// Of how many nothing is known to judge by.
    pub unknown: i64,
    /// How many have an APK whose last day is today or within 60 days.
    pub apk_near: i64,
    /// The day on which the next task or APK of any of them is due; it may be past.
    pub next_due_on: Option<Date>,
}

type CountColumns = (i64, i64, i64, i64, i64, Option<Day>);

impl From<CountColumns> for StatusCounts {
    fn from((cars, judged, needing, urgent, apk_near, next): CountColumns) -> Self {
        Self {
            cars,
            good: judged - needing,
            attention: needing - urgent,
            urgent,
            unknown: cars - judged,
            apk_near,
            next_due_on: next.map(|day| day.0).filter(|day| *day < Date::MAX),
        }
    }
}

/// The columns that count: all cars, those judged, those that need attention or are urgent, those that are urgent, those
/// whose APK is near, and the next day on which something is due.
macro_rules! counts {
    ($today:expr) => {{
        let until = $today.checked_add(APK_NEAR_DAYS.days()).unwrap_or(Date::MAX);
        let today = Day($today);
        let one = || 1_i64.into_sql::<BigInt>();
        let is_judged = || passports::is_judged.eq(true).assume_not_null();
        let has_come = passports::attention_from.le(today).assume_not_null();
        let is_urgent = passports::urgent_from.le(today).assume_not_null();
        let is_near = passports::apk_due_on.between(today, Day(until)).assume_not_null();
        (
            count_star(),
            count(case_when(is_judged(), one())),
            count(case_when(is_judged().and(has_come), one())),
            count(case_when(is_judged().and(is_urgent), one())),
            count(case_when(is_near, one())),
            min(passports::next_due_on),
        )
    }};
}

/// How the cars in use of a garage stand.
pub fn of_garage(tx: &mut Tx<'_>, garage: GarageId, today: Date) -> Result<StatusCounts, StoreError> {
    let found: CountColumns = on_each!(tx, connection => passports::table
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::status.ne("archived"))
        .select(counts!(today))
        .first(connection)?);
    Ok(found.into())
}

/// How the cars of each of some fleets stand: all of them, or those that a garage keeps (rule P6). The fleets were found in
/// scope.
pub fn of_fleets(
    tx: &mut Tx<'_>,
    fleets: &[Found<FleetId>],
    keeper: Option<GarageId>,
    today: Date,
) -> Result<HashMap<FleetId, StatusCounts>, StoreError> {
    let keys: Vec<Key> = fleets.iter().map(|fleet| Key::from(**fleet)).collect();
    let (any, keeper) = any_or(keeper);
    let found: Vec<(Option<Key>, CountColumns)> = on_each!(tx, connection => passports::table
        .filter(passports::fleet_id.eq_any(keys))
        .filter(passports::garage_id.eq(keeper).or(any.into_sql::<Bool>()))
        .group_by(passports::fleet_id)
        .select((passports::fleet_id, counts!(today)))
        .load(connection)?);
    Ok(found.into_iter().filter_map(|(fleet, counts)| Some((fleet?.into(), counts.into()))).collect())
}

/// Whether any garage may keep a car, and else which.
fn any_or(keeper: Option<GarageId>) -> (bool, Key) {
    (keeper.is_none(), keeper.map_or(Key(uuid::Uuid::nil()), Key::from))
}

/// A car of a fleet on which something is due.
#[derive(Clone, Debug)]
pub struct DueCar {
    /// Its passport.
    pub passport: PassportId,
    /// Its plate.
    pub plate: LicencePlate,
    /// What it is judged by.
    pub standing: Standing,
}

/// The cars of a fleet on which something is due until a day, those first on which it is due first: all of them, or those that
/// a garage keeps (rule P6).
pub fn list_due(
    tx: &mut Tx<'_>,
    fleet: Found<FleetId>,
    keeper: Option<GarageId>,
    until: Date,
    limit: i64,
) -> Result<Vec<DueCar>, StoreError> {
    type Columns = (Key, String, String, Option<String>, Option<String>);
    let (any, keeper) = any_or(keeper);
    let found: Vec<Columns> = on_each!(tx, connection => passports::table
        .filter(passports::fleet_id.eq(Key::from(*fleet)))
        .filter(passports::garage_id.eq(keeper).or(any.into_sql::<Bool>()))
        .filter(passports::next_due_on.le(Day(until)))
        .order((passports::next_due_on, passports::id))
        .limit(limit)
        .select((
            passports::id,
            passports::country,
            passports::plate,
            passports::plate_typed,
            passports::standing,
        ))
        .load(connection)?);
    let read = |(id, country, plate, typed, text): Columns| {
        let reading = Reading { table: "passports", id: id.0 };
        Ok(DueCar {
            passport: id.into(),
            plate: row::plate(reading, &country, &plate, typed)?,
            standing: reading.optional("standing", text.as_ref(), Standing::read)?.unwrap_or_default(),
        })
    };
    found.into_iter().map(read).collect()
}

/// How much waits for the staff of a garage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workload {
    /// The checks that are begun and not completed.
    pub drafts: i64,
    /// The recommendations of the garage that wait to be done.
    pub open_recommendations: i64,
}

/// What waits for the staff of a garage, on cars whose passports are in use.
pub fn workload(tx: &mut Tx<'_>, garage: GarageId) -> Result<Workload, StoreError> {
    let garage = Key::from(garage);
    let drafts = vehicle_checks::table
        .inner_join(passports::table.on(passports::vehicle_id.eq(vehicle_checks::vehicle_id)))
        .filter(passports::status.ne("archived"))
        .filter(passports::garage_id.eq(garage))
        .filter(vehicle_checks::garage_id.eq(garage))
        .filter(vehicle_checks::completed_at.is_null())
        .count()
        .get_result(tx.conn)?;
    let open_recommendations = recommendations::table
        .inner_join(passports::table.on(passports::vehicle_id.eq(recommendations::vehicle_id)))
        .filter(passports::status.ne("archived"))
        .filter(passports::garage_id.eq(garage))
        .filter(recommendations::garage_id.eq(garage))
        .filter(recommendations::ended_at.is_null())
        .count()
        .get_result(tx.conn)?;
    Ok(Workload { drafts, open_recommendations })
}
