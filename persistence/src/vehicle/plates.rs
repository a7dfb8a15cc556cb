//! Vehicles, each with the plates that it had. The history of plates only grows (rule R19). Its first row is the
//! vehicle: nothing else is stored about it.

use crate::{
    cars::{Cars, load_of_cars},
    connection::{AnyConnection, insert_all, load_each},
    earlier_vehicles,
    error::StoreError,
    page::{Page, PageRequest},
    row::{self, Reading},
    schema::{parted_vehicles, passports, vehicle_plates},
    scope::Found,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{max, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    Instant,
    ids::{GarageId, PassportId, VehicleId},
    licence_plate::LicencePlate,
    passport::Vehicle,
    same_car::HadPlate,
    value::{Country, Vin},
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Insertable)]
#[diesel(table_name = vehicle_plates, treat_none_as_default_value = false)]
struct Row<'a> {
    vehicle_id: Key,
    number: i64,
    country: &'a str,
    plate: &'a str,
    since: Time,
    corrects: bool,
    plate_typed: Option<String>,
}

/// How many earlier plates are looked at.
const FORMER: i64 = 10;

/// A period in which a vehicle had a plate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatePeriod {
    /// The number of the period in the vehicle's history, from 1.
    pub number: i64,
    /// The plate.
    pub plate: LicencePlate,
    /// When the period began, as far as this system knows.
    pub since: Instant,
    /// When the period ended; none while it lasts.
    pub until: Option<Instant>,
}

/// Stores a vehicle with its first plate; false when it is known already.
pub(crate) fn make_known(tx: &mut Tx<'_>, vehicle: &Vehicle, now: Instant) -> Result<bool, StoreError> {
    let country = vehicle.plate.country();
    let insert = diesel::insert_into(vehicle_plates::table).values(Row::new(vehicle, &country, 1, now));
    // A vehicle that is known has its first plate already, whichever plate it has now.
    let stored = match tx.conn {
        AnyConnection::Postgres(conn) => insert.on_conflict_do_nothing().execute(conn)?,
        AnyConnection::Sqlite(conn) => insert.on_conflict_do_nothing().execute(conn)?,
    };
    Ok(stored > 0)
}

/// Adds the plate that a vehicle has now to its history, and queues a question to the register about it.
pub fn give(tx: &mut Tx<'_>, vehicle: &Vehicle, now: Instant) -> Result<(), StoreError> {
    add(tx, vehicle, false, now)
}

/// The same, and the plate before was a mistake in writing (rule R19). The history only grows, so that stands in the new row.
pub fn correct(tx: &mut Tx<'_>, vehicle: &Vehicle, now: Instant) -> Result<(), StoreError> {
    add(tx, vehicle, true, now)
}

fn add(tx: &mut Tx<'_>, vehicle: &Vehicle, corrects: bool, now: Instant) -> Result<(), StoreError> {
    let last: Option<i64> = vehicle_plates::table
        .filter(vehicle_plates::vehicle_id.eq(Key::from(vehicle.id)))
        .select(max(vehicle_plates::number))
        .first(tx.conn)?;
    let country = vehicle.plate.country();
    let row = Row { corrects, ..Row::new(vehicle, &country, last.unwrap_or(0) + 1, now) };
    diesel::insert_into(vehicle_plates::table).values(row).execute(tx.conn)?;
    note_former(tx, vehicle.id)?;
    earlier_vehicles::note(tx, &[vehicle.id], now)?;
    crate::registration::enqueue(tx, [&vehicle.plate], now)
}

/// Takes in that a vehicle that was known has come back, after its passport was stored: with another plate than it had last, or the
/// same.
pub fn come_back(tx: &mut Tx<'_>, vehicle: &Vehicle, now: Instant) -> Result<(), StoreError> {
    if last(tx, vehicle.id)?.is_some_and(|(plate, _)| plate != vehicle.plate) {
        return give(tx, vehicle, now);
    }
    note_former(tx, vehicle.id)?;
    crate::registration::enqueue(tx, [&vehicle.plate], now)
}

/// Notes beside the passport in use of a vehicle which plates the vehicle had before, without those that were mistakes in writing,
/// so that searching finds them (rule R19).
fn note_former(tx: &mut Tx<'_>, vehicle: VehicleId) -> Result<(), StoreError> {
    let had = had(tx, vehicle.into())?;
    let has = had.last().map(|last| &last.plate);
    let former = had.iter().filter(|had| !had.is_mistake && Some(&had.plate) != has);
    let former: BTreeSet<&str> = former.map(|had| had.plate.number()).collect();
    let former = (!former.is_empty()).then(|| former.into_iter().collect::<Vec<_>>().join(" "));
    let in_use =
        passports::table.filter(passports::vehicle_id.eq(Key::from(vehicle))).filter(passports::status.ne("archived"));
    diesel::update(in_use).set(passports::former_plates.eq(former)).execute(tx.conn)?;
    Ok(())
}

/// The last of the former plates of each of these cars that has this part of a plate, without those that were mistakes in writing.
pub(crate) fn former_with(tx: &mut Tx<'_>, cars: &Cars, part: &str) -> Result<HashMap<Key, LicencePlate>, StoreError> {
    type Columns = (Key, i64, PlateColumns);
    let correction = diesel::alias!(vehicle_plates as correction);
    let corrected = correction
        .filter(correction.field(vehicle_plates::vehicle_id).eq(vehicle_plates::vehicle_id))
        .filter(correction.field(vehicle_plates::number).eq(vehicle_plates::number + 1))
        .filter(correction.field(vehicle_plates::corrects));
    let query = vehicle_plates::table
        .filter(vehicle_plates::plate.like(format!("%{part}%")))
        .filter(diesel::dsl::not(diesel::dsl::exists(corrected)))
        .select((vehicle_plates::vehicle_id, vehicle_plates::number, PLATE_COLUMNS));
    let mut found: Vec<Columns> = load_of_cars!(tx, query, vehicle_plates::vehicle_id = vehicle in cars);
    found.sort_unstable_by_key(|(_, number, ..)| *number);
    let read = |(vehicle, _, plate): Columns| Ok((vehicle, read_plate(vehicle, plate)?));
    found.into_iter().map(read).collect()
}

/// Gives the archived passports of a garage that leaves a car to another a vehicle of their own, with the plates that it had until
/// now: what is the car's goes along to the other garage, and the one that kept it reaches nothing of that by what it archived
/// before (rule P6).
pub fn part_archived(
    tx: &mut Tx<'_>,
    garage: GarageId,
    vehicle: Found<VehicleId>,
    own: VehicleId,
    now: Instant,
) -> Result<(), StoreError> {
    type Columns = (i64, PlateColumns, Time, bool);
    let archived = passports::table
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::vehicle_id.eq(Key::from(*vehicle)))
        .filter(passports::status.eq("archived"));
    let parted = diesel::update(archived)
        .set((passports::vehicle_id.eq(Key::from(own)), passports::updated_at.eq(Time(now))))
        .execute(tx.conn)?;
    if parted == 0 {
        return Ok(());
    }
    let from = (parted_vehicles::vehicle_id.eq(Key::from(own)), parted_vehicles::from_id.eq(Key::from(*vehicle)));
    diesel::insert_into(parted_vehicles::table).values(from).execute(tx.conn)?;
    let plates: Vec<Columns> = vehicle_plates::table
        .filter(vehicle_plates::vehicle_id.eq(Key::from(*vehicle)))
        .order(vehicle_plates::number)
        .select((vehicle_plates::number, PLATE_COLUMNS, vehicle_plates::since, vehicle_plates::corrects))
        .load(tx.conn)?;
    for (number, (country, plate, typed), since, corrects) in &plates {
        let (vehicle_id, plate_typed) = (Key::from(own), typed.clone());
        let row = Row { vehicle_id, number: *number, country, plate, since: *since, corrects: *corrects, plate_typed };
        diesel::insert_into(vehicle_plates::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// The plate that a vehicle had last, and since when.
pub fn last(tx: &mut Tx<'_>, vehicle: VehicleId) -> Result<Option<(LicencePlate, Instant)>, StoreError> {
    let found: Option<(PlateColumns, Time)> = vehicle_plates::table
        .filter(vehicle_plates::vehicle_id.eq(Key::from(vehicle)))
        .order(vehicle_plates::number.desc())
        .select((PLATE_COLUMNS, vehicle_plates::since))
        .first(tx.conn)
        .optional()?;
    found.map(|(plate, since)| Ok((read_plate(vehicle.into(), plate)?, since.0))).transpose()
}

/// The other plates that a vehicle had, the latest first. They are limited in number, since a typing mistake is soon
/// noticed.
pub fn former(tx: &mut Tx<'_>, vehicle: &Vehicle) -> Result<Vec<LicencePlate>, StoreError> {
    let found: Vec<PlateColumns> = vehicle_plates::table
        .filter(vehicle_plates::vehicle_id.eq(Key::from(vehicle.id)))
        .order(vehicle_plates::number.desc())
        .limit(FORMER)
        .select(PLATE_COLUMNS)
        .load(tx.conn)?;
    let plates = found.into_iter().map(|plate| read_plate(vehicle.id.into(), plate));
    plates.filter(|plate| plate.as_ref().ok() != Some(&vehicle.plate)).collect()
}

/// The columns of a plate.
type PlateColumns = (String, String, Option<String>);

/// The columns of a plate, to be selected.
const PLATE_COLUMNS: (vehicle_plates::country, vehicle_plates::plate, vehicle_plates::plate_typed) =
    (vehicle_plates::country, vehicle_plates::plate, vehicle_plates::plate_typed);

fn read_plate(vehicle: Key, (country, plate, typed): PlateColumns) -> Result<LicencePlate, StoreError> {
    row::plate(Reading { table: "vehicle_plates", id: vehicle.0 }, &country, &plate, typed)
}

impl<'a> Row<'a> {
    fn new(vehicle: &'a Vehicle, country: &'a Country, number: i64, now: Instant) -> Self {
        Self {
            vehicle_id: vehicle.id.into(),
            number,
            country: country.as_str(),
            plate: vehicle.plate.number(),
            since: now.into(),
            corrects: false,
            plate_typed: vehicle.plate.typed().map(str::to_owned),
        }
    }
}

/// Stores new vehicles, each with its first plate.
pub fn insert_all<'v>(
    tx: &mut Tx<'_>,
    new: impl IntoIterator<Item = &'v Vehicle>,
    now: Instant,
) -> Result<(), StoreError> {
    let new: Vec<(&Vehicle, Country)> = new.into_iter().map(|vehicle| (vehicle, vehicle.plate.country())).collect();
    let plates: Vec<_> = new.iter().map(|(vehicle, country)| Row::new(vehicle, country, 1, now)).collect();
    insert_all!(tx, vehicle_plates::table, plates);
    Ok(())
}

/// The vehicle that a garage knew by this plate: the one of an archived passport of its own, unless the vehicle has had
/// another plate since. Passports of other garages are not looked at, since that would show a garage something about
/// another's cars.
pub fn known_to(
    tx: &mut Tx<'_>,
    garage: GarageId,
    plate: &LicencePlate,
) -> Result<Option<Found<VehicleId>>, StoreError> {
    let later = diesel::alias!(vehicle_plates as later);
    let has_later = later
        .filter(later.field(vehicle_plates::vehicle_id).eq(vehicle_plates::vehicle_id))
        .filter(later.field(vehicle_plates::number).gt(vehicle_plates::number));
    let found: Option<Key> = passports::table
        .inner_join(vehicle_plates::table.on(vehicle_plates::vehicle_id.eq(passports::vehicle_id)))
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::plate.eq(plate.number()))
        .filter(passports::country.eq(plate.country().as_str()))
        .filter(passports::status.eq("archived"))
        .filter(vehicle_plates::country.eq(passports::country))
        .filter(vehicle_plates::plate.eq(passports::plate))
        .filter(diesel::dsl::not(diesel::dsl::exists(has_later)))
        .order(passports::id.desc())
        .select(passports::vehicle_id)
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|vehicle| Found::in_scope(vehicle.into())))
}

/// The vehicles of an archived passport of the garage that have the VIN of one of these cars and had its plate before, though another
/// since, and are not in use: the car has got its plate back.
pub fn known_by_vin(
    tx: &mut Tx<'_>,
    garage: GarageId,
    cars: &[(LicencePlate, Vin)],
) -> Result<HashMap<LicencePlate, Found<VehicleId>>, StoreError> {
    let mut known = HashMap::new();
    let vins: Vec<&str> = cars.iter().map(|(_, vin)| vin.as_str()).collect();
    if vins.is_empty() {
        return Ok(known);
    }
    let archived = passports::table
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::status.eq("archived"))
        // Written as in the index of VINs, so that the database sees that it can use that index.
        .filter(sql::<Bool>("passports.vin IS NOT NULL"))
        .select((passports::vehicle_id, passports::vin.assume_not_null()));
    let found: Vec<(Key, String)> = load_each!(tx, archived, passports::vin in &vins);
    for (vehicle, vin) in found {
        if in_use_of(tx, vehicle.into())?.is_some() {
            continue;
        }
        let plates = had(tx, vehicle)?;
        let is_car =
            |(plate, of): &&(LicencePlate, Vin)| of.as_str() == vin && plates.iter().any(|had| had.plate == *plate);
        let cars = cars.iter().filter(is_car);
        known.extend(cars.map(|(plate, _)| (plate.clone(), Found::in_scope(vehicle.into()))));
    }
    Ok(known)
}

/// The plates that a vehicle had, the oldest first.
fn had(tx: &mut Tx<'_>, vehicle: Key) -> Result<Vec<HadPlate>, StoreError> {
    Ok(had_by(tx, &Cars::of_vehicles([vehicle]))?.remove(&vehicle).unwrap_or_default())
}

/// The plates that each of these vehicles had, the oldest first.
pub(super) fn had_by(tx: &mut Tx<'_>, cars: &Cars) -> Result<HashMap<Key, Vec<HadPlate>>, StoreError> {
    type Columns = (Key, i64, PlateColumns, Time, bool);
    let all = vehicle_plates::table.select((
        vehicle_plates::vehicle_id,
        vehicle_plates::number,
        PLATE_COLUMNS,
        vehicle_plates::since,
        vehicle_plates::corrects,
    ));
    let mut all: Vec<Columns> = load_of_cars!(tx, all, vehicle_plates::vehicle_id = vehicle in cars);
    all.sort_unstable_by_key(|(_, number, ..)| *number);
    let mut had: HashMap<Key, Vec<HadPlate>> = HashMap::new();
    for (vehicle, _, plate, since, corrects) in all {
        let plates = had.entry(vehicle).or_default();
        if let Some(before) = plates.last_mut() {
            (before.until, before.is_mistake) = (Some(since.0), corrects);
        }
        let plate = read_plate(vehicle, plate)?;
        plates.push(HadPlate { plate, since: since.0, until: None, is_mistake: false });
    }
    Ok(had)
}

/// Those of many plates with which the garage archived a passport.
pub fn archived(
    tx: &mut Tx<'_>,
    garage: GarageId,
    plates: &[LicencePlate],
) -> Result<HashSet<LicencePlate>, StoreError> {
    let numbers: Vec<&str> = plates.iter().map(LicencePlate::number).collect();
    let archived = passports::table
        .filter(passports::garage_id.eq(Key::from(garage)))
        // Written as in the index of archived passports, so that the database sees that it can use that index.
        .filter(sql::<Bool>("passports.status = 'archived'"))
        .select((passports::country, passports::plate));
    let found: Vec<(String, String)> = load_each!(tx, archived, passports::plate in &numbers);
    let found: HashSet<(String, String)> = found.into_iter().collect();
    let is_archived =
        |plate: &&LicencePlate| found.contains(&(plate.country().as_str().to_owned(), plate.number().to_owned()));
    Ok(plates.iter().filter(is_archived).cloned().collect())
}

/// The vehicles of many plates, as far as the garage knew them. Few cars come back, so one query finds the
/// plates for which a query of their own is needed.
pub fn known_to_any(
    tx: &mut Tx<'_>,
    garage: GarageId,
    plates: &[LicencePlate],
) -> Result<HashMap<LicencePlate, Found<VehicleId>>, StoreError> {
    let archived = archived(tx, garage, plates)?;
    let mut known = HashMap::new();
    for plate in plates.iter().filter(|plate| archived.contains(*plate)) {
        if let Some(id) = known_to(tx, garage, plate)? {
            known.insert(plate.clone(), id);
        }
    }
    Ok(known)
}

/// The plates of a vehicle, the oldest first.
pub fn list(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    request: &PageRequest<i64>,
) -> Result<Page<PlatePeriod, i64>, StoreError> {
    listed(tx, vehicle, true, request)
}

/// The same, without those that were mistakes in writing (rule R19).
pub fn list_without_mistakes(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    request: &PageRequest<i64>,
) -> Result<Page<PlatePeriod, i64>, StoreError> {
    listed(tx, vehicle, false, request)
}

fn listed(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    with_mistakes: bool,
    request: &PageRequest<i64>,
) -> Result<Page<PlatePeriod, i64>, StoreError> {
    type ViewRow = (i64, PlateColumns, Time, Option<Time>);
    let next = diesel::alias!(vehicle_plates as next);
    let until = next
        .filter(next.field(vehicle_plates::vehicle_id).eq(vehicle_plates::vehicle_id))
        .filter(next.field(vehicle_plates::number).gt(vehicle_plates::number))
        .order(next.field(vehicle_plates::number))
        .select(next.field(vehicle_plates::since))
        .limit(1)
        .single_value();
    let mut query = vehicle_plates::table
        .filter(vehicle_plates::vehicle_id.eq(Key::from(*vehicle)))
        .order(vehicle_plates::number)
        .limit(request.sql_limit())
        .select((vehicle_plates::number, PLATE_COLUMNS, vehicle_plates::since, until))
        .into_boxed();
    if !with_mistakes {
        let correction = diesel::alias!(vehicle_plates as correction);
        let corrected = correction
            .filter(correction.field(vehicle_plates::vehicle_id).eq(vehicle_plates::vehicle_id))
            .filter(correction.field(vehicle_plates::number).eq(vehicle_plates::number + 1))
            .filter(correction.field(vehicle_plates::corrects));
        query = query.filter(diesel::dsl::not(diesel::dsl::exists(corrected)));
    }
    if let Some(after) = request.after {
        query = query.filter(vehicle_plates::number.gt(after));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(vehicle_plates::since.ge(Time(since)));
    }
    let found: Vec<ViewRow> = query.load(tx.conn)?;
    let read = |(number, plate, since, until): ViewRow| {
        let plate = read_plate((*vehicle).into(), plate)?;
        Ok(PlatePeriod { number, plate, since: since.0, until: until.map(|until| until.0) })
    };
    let items = found.into_iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |period| period.number))
}

/// The passports in use with these plates, at most one each (rule P1), with the garages that keep them. The query has
/// no scope: the caller shows a garage nothing about passports of others except that there is one.
pub fn in_use(
    tx: &mut Tx<'_>,
    plates: &[LicencePlate],
) -> Result<HashMap<LicencePlate, (PassportId, GarageId)>, StoreError> {
    let mut in_use = HashMap::with_capacity(plates.len());
    for (country, numbers) in by_country(plates.iter()) {
        // The status is written as in the index of plates in use, so that the database sees that it can use that index.
        let query = passports::table
            .filter(passports::country.eq(&country))
            .filter(sql::<Bool>("passports.status <> 'archived'"))
            .select((passports::id, passports::garage_id, passports::plate));
        let found: Vec<(Key, Key, String)> = load_each!(tx, query, passports::plate in &numbers);
        let mut keepers: HashMap<String, (PassportId, GarageId)> =
            found.into_iter().map(|(id, garage, number)| (number, (id.into(), garage.into()))).collect();
        let asked = plates.iter().filter(|plate| plate.country().as_str() == country);
        in_use.extend(asked.filter_map(|plate| Some((plate.clone(), keepers.remove(plate.number())?))));
    }
    Ok(in_use)
}

/// Passports of a garage with a VIN, of other vehicles than one, the latest first, with their plates and whether they are archived.
pub fn with_vin(
    tx: &mut Tx<'_>,
    garage: GarageId,
    vin: &Vin,
    other_than: VehicleId,
    at_most: u8,
) -> Result<Vec<(PassportId, LicencePlate, bool)>, StoreError> {
    type Columns = (Key, (String, String, Option<String>), String);
    let found: Vec<Columns> = passports::table
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::vin.eq(vin.as_str()))
        .filter(passports::vehicle_id.ne(Key::from(other_than)))
        .order(passports::id.desc())
        .limit(at_most.into())
        .select((passports::id, (passports::country, passports::plate, passports::plate_typed), passports::status))
        .load(tx.conn)?;
    let read = |(id, (country, plate, typed), status): Columns| {
        let plate = row::plate(Reading { table: "passports", id: id.0 }, &country, &plate, typed)?;
        Ok((id.into(), plate, status == "archived"))
    };
    found.into_iter().map(read).collect()
}

/// The passport of a vehicle that is in use, whatever its plate, with its garage; none when none is.
pub fn in_use_of(tx: &mut Tx<'_>, vehicle: VehicleId) -> Result<Option<(PassportId, GarageId)>, StoreError> {
    let in_use =
        passports::table.filter(passports::vehicle_id.eq(Key::from(vehicle))).filter(passports::status.ne("archived"));
    let found: Option<(Key, Key)> = in_use.select((passports::id, passports::garage_id)).first(tx.conn).optional()?;
    Ok(found.map(|(passport, garage)| (passport.into(), garage.into())))
}

pub(super) fn number(plate: &LicencePlate) -> (String, &str) {
    (plate.country().as_str().to_owned(), plate.number())
}

/// The numbers of plates, by country.
pub(crate) fn by_country<'a>(plates: impl Iterator<Item = &'a LicencePlate>) -> BTreeMap<String, Vec<&'a str>> {
    grouped(plates.map(number))
}

pub(super) fn grouped<'a>(plates: impl Iterator<Item = (String, &'a str)>) -> BTreeMap<String, Vec<&'a str>> {
    let mut each = BTreeMap::<String, Vec<&str>>::new();
    for (country, number) in plates {
        each.entry(country).or_default().push(number);
    }
    each
}
