//! The vehicles that are the same car as another, as it was before (rule P8). They are found when a passport is stored, archived or
//! taken back, or a plate or a VIN changes, so that a verdict needs no search.

use crate::{
    cars::{Cars, load_of_cars},
    connection::{AnyConnection, insert_all, load_each, on_each},
    error::StoreError,
    plates,
    row::Reading,
    schema::{earlier_vehicles, passports, vehicle_plates, vehicle_vins},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{
    dsl::sql,
    prelude::*,
    sql_query,
    sql_types::{Array, Bool, Text},
};
use domain::{
    Instant,
    ids::VehicleId,
    same_car::{HadPlate, OWN_SIGN_DAYS, Traits},
    value::{Country, Vin},
};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Insertable)]
#[diesel(table_name = earlier_vehicles, treat_none_as_default_value = false)]
struct Row {
    vehicle_id: Key,
    earlier_id: Key,
}

#[derive(Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = vehicle_vins, treat_none_as_default_value = false)]
struct HadVin {
    vehicle_id: Key,
    vin: String,
    is_contested: bool,
    since: Time,
    until: Option<Time>,
}

/// One vehicle, and another that is the same car as it was before.
type Pair = (Key, Key);

/// Finds anew which vehicles are the cars of these as they were before, and which others are what these were, at whichever garage: the
/// caller shows nothing of them. Answers with those of these vehicles that were another before. Where something changed for other
/// vehicles, their garages are remembered, since they must be judged anew.
pub fn note(tx: &mut Tx<'_>, vehicles: &[VehicleId], now: Instant) -> Result<HashSet<VehicleId>, StoreError> {
    let keys: Vec<Key> = vehicles.iter().copied().map(Key::from).collect::<HashSet<_>>().into_iter().collect();
    let written = Written::of(tx, keys.iter().copied())?;
    lock(tx, &written)?;
    claim(tx, &written, now)?;
    let wanted = pairs(tx, written)?;
    let noted = earlier_vehicles::table
        .filter(earlier_vehicles::vehicle_id.eq_any(&keys).or(earlier_vehicles::earlier_id.eq_any(&keys)))
        .select((earlier_vehicles::vehicle_id, earlier_vehicles::earlier_id));
    let noted: HashSet<Pair> = on_each!(tx, connection => noted.load::<Pair>(connection)?).into_iter().collect();
    for pair in noted.difference(&wanted) {
        diesel::delete(earlier_vehicles::table.find(*pair)).execute(tx.conn)?;
    }
    let row = |(vehicle_id, earlier_id): &Pair| Row { vehicle_id: *vehicle_id, earlier_id: *earlier_id };
    let new: Vec<Row> = wanted.difference(&noted).map(row).collect();
    insert_all!(tx, earlier_vehicles::table, new);
    let changed = wanted.symmetric_difference(&noted).map(|(vehicle, _)| *vehicle).filter(|one| !keys.contains(one));
    note_stale(tx, changed.collect())?;
    Ok(wanted.into_iter().filter(|(vehicle, _)| keys.contains(vehicle)).map(|(vehicle, _)| vehicle.into()).collect())
}

/// The pairs of these vehicles and what they were before.
pub fn find(tx: &mut Tx<'_>, vehicles: &[VehicleId]) -> Result<Vec<(VehicleId, VehicleId)>, StoreError> {
    let keys: Vec<Key> = vehicles.iter().copied().map(Key::from).collect();
    let written = Written::of(tx, keys.iter().copied())?;
    let found = pairs(tx, written)?.into_iter().filter(|(vehicle, _)| keys.contains(vehicle));
    Ok(found.map(|(vehicle, earlier)| (vehicle.into(), earlier.into())).collect())
}

/// The pairs in which one of the vehicles is either.
fn pairs(tx: &mut Tx<'_>, written: Written) -> Result<HashSet<Pair>, StoreError> {
    let own = traits(tx, written)?;
    let others = alike(tx, &own)?;
    let mut pairs = HashSet::new();
    for (vehicle, mine) in &own {
        for (other, theirs) in others.iter().filter(|(other, _)| *other != vehicle) {
            pairs.extend(mine.continues(theirs).then_some((*vehicle, *other)));
            pairs.extend(theirs.continues(mine).then_some((*other, *vehicle)));
        }
    }
    Ok(pairs)
}

/// Remembers the garages that have these vehicles in use.
fn note_stale(tx: &mut Tx<'_>, changed: HashSet<Key>) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let cars = Cars::of_vehicles(changed);
    let in_use = passports::table.filter(passports::status.ne("archived")).select(passports::garage_id);
    let garages: Vec<Key> = load_of_cars!(tx, in_use, passports::vehicle_id = vehicle in &cars);
    tx.stale.extend(garages.into_iter().map(domain::ids::GarageId::from));
    Ok(())
}

/// How many locks there are for the signs by which cars are known again. An import may need all of them.
const LOCKS: i64 = 256;

/// Waits until no other transaction looks for what has a VIN or a Dutch plate of these vehicles: each would miss what the other
/// writes.
fn lock(tx: &mut Tx<'_>, written: &Written) -> Result<(), StoreError> {
    // On SQLite one transaction writes at a time.
    let AnyConnection::Postgres(connection) = &mut *tx.conn else { return Ok(()) };
    let dutch = written.plates.values().flatten().filter(|had| had.plate.country() == Country::NL);
    let vins = written.vins.iter().map(|(_, vin)| vin.as_str());
    let signs: Vec<&str> = dutch.map(|had| had.plate.number()).chain(vins).collect();
    let sql = format!(
        "SELECT pg_advisory_xact_lock(8, number) FROM (
            SELECT DISTINCT abs(hashtext(sign) % {LOCKS}) AS number FROM unnest($1) AS sign ORDER BY number) AS locks"
    );
    sql_query(sql).bind::<Array<Text>, _>(signs).execute(connection)?;
    Ok(())
}

/// What is written of some vehicles.
struct Written {
    /// The vehicles.
    cars: Cars,
    /// Their plates, the oldest first.
    plates: HashMap<Key, Vec<HadPlate>>,
    /// The VINs in their passports, each with its vehicle.
    vins: BTreeSet<(Key, String)>,
    /// Those of which a passport is in use.
    in_use: HashSet<Key>,
}

impl Written {
    fn of(tx: &mut Tx<'_>, vehicles: impl IntoIterator<Item = Key>) -> Result<Self, StoreError> {
        let cars = Cars::of_vehicles(vehicles);
        let plates = plates::had_by(tx, &cars)?;
        let of_passports = passports::table.select((passports::vehicle_id, passports::vin, passports::status));
        let found: Vec<(Key, Option<String>, String)> =
            load_of_cars!(tx, of_passports, passports::vehicle_id = vehicle in &cars);
        let in_use = found.iter().filter(|(.., status)| status != "archived").map(|(vehicle, ..)| *vehicle).collect();
        let vins = found.into_iter().filter_map(|(vehicle, vin, _)| Some((vehicle, vin?))).collect();
        Ok(Self { cars, plates, vins, in_use })
    }
}

/// Writes down which VINs these vehicles have now, and whether another vehicle in use has them already: that is settled when a vehicle
/// gets it, and stays so when the VIN is taken away for a while.
fn claim(tx: &mut Tx<'_>, Written { cars, vins: has, .. }: &Written, now: Instant) -> Result<(), StoreError> {
    let had = vins_had(tx, cars)?.into_iter();
    let had: HashMap<(Key, String), HadVin> = had.map(|one| ((one.vehicle_id, one.vin.clone()), one)).collect();
    let mut new = vec![];
    for (vehicle, vin) in has {
        let before = had.get(&(*vehicle, vin.clone()));
        if before.is_some_and(|before| before.until.is_none()) {
            continue;
        }
        let other_in_use = passports::table
            .filter(passports::vin.eq(vin))
            .filter(passports::vehicle_id.ne(*vehicle))
            .filter(passports::status.ne("archived"))
            .select(passports::id);
        let is_taken = other_in_use.first::<Key>(tx.conn).optional()?.is_some();
        match before {
            None => new.push(HadVin {
                vehicle_id: *vehicle,
                vin: vin.clone(),
                is_contested: is_taken,
                since: Time(now),
                until: None,
            }),
            Some(before) => {
                let again = (
                    vehicle_vins::is_contested.eq(before.is_contested || is_taken),
                    vehicle_vins::since.eq(Time(now)),
                    vehicle_vins::until.eq(None::<Time>),
                );
                diesel::update(vehicle_vins::table.find((*vehicle, vin))).set(again).execute(tx.conn)?;
            }
        }
    }
    insert_all!(tx, vehicle_vins::table, new);
    for (key, _) in had.into_iter().filter(|(key, one)| one.until.is_none() && !has.contains(key)) {
        let row = vehicle_vins::table.find(key);
        diesel::update(row).set(vehicle_vins::until.eq(Some(Time(now)))).execute(tx.conn)?;
    }
    Ok(())
}

/// The vehicles that share a Dutch plate or a VIN with one of these, and these where they share it with one another.
fn alike(tx: &mut Tx<'_>, own: &HashMap<Key, Traits>) -> Result<HashMap<Key, Traits>, StoreError> {
    let dutch = own.values().flat_map(|traits| &traits.plates).filter(|had| had.plate.country() == Country::NL);
    let numbers: BTreeSet<&str> = dutch.map(|had| had.plate.number()).collect();
    let vins: BTreeSet<&str> = own.values().flat_map(|traits| &traits.vins).map(Vin::as_str).collect();
    let (numbers, vins): (Vec<&str>, Vec<&str>) = (numbers.into_iter().collect(), vins.into_iter().collect());
    // Written as in its index, so that the database sees that it can use that.
    let of_plate = vehicle_plates::table
        .filter(sql::<Bool>("vehicle_plates.country = 'NL'"))
        .select((vehicle_plates::vehicle_id, vehicle_plates::plate));
    let mut found: Vec<(Key, String)> = load_each!(tx, of_plate, vehicle_plates::plate in &numbers);
    if !vins.is_empty() {
        let of_vin = vehicle_vins::table.select((vehicle_vins::vehicle_id, vehicle_vins::vin));
        let with_vin: Vec<(Key, String)> = load_each!(tx, of_vin, vehicle_vins::vin in &vins);
        found.extend(with_vin);
    }
    let mut sharing: HashMap<String, HashSet<Key>> = HashMap::new();
    for (vehicle, sign) in found {
        sharing.entry(sign).or_default().insert(vehicle);
    }
    let shared: HashSet<Key> = sharing.into_values().filter(|vehicles| vehicles.len() > 1).flatten().collect();
    if shared.is_empty() {
        return Ok(HashMap::new());
    }
    let written = Written::of(tx, shared)?;
    traits(tx, written)
}

/// The VINs that these vehicles have or had.
fn vins_had(tx: &mut Tx<'_>, cars: &Cars) -> Result<Vec<HadVin>, StoreError> {
    Ok(load_of_cars!(tx, vehicle_vins::table.select(HadVin::as_select()), vehicle_vins::vehicle_id = vehicle in cars))
}

/// By what each of the vehicles is known again.
fn traits(tx: &mut Tx<'_>, written: Written) -> Result<HashMap<Key, Traits>, StoreError> {
    let Written { cars, plates, in_use, .. } = written;
    let mut traits: HashMap<Key, Traits> = plates
        .into_iter()
        .map(|(vehicle, plates)| {
            let is_in_use = in_use.contains(&vehicle);
            (vehicle, Traits { plates, is_in_use, ..Traits::default() })
        })
        .collect();
    // One that was taken away again soon was a mistake.
    let was_mistake = |had: &HadVin| {
        let stood = had.until.map(|until| until.0.duration_since(had.since.0));
        stood.is_some_and(|stood| stood < SignedDuration::from_hours(24 * OWN_SIGN_DAYS))
    };
    for HadVin { vehicle_id, vin, is_contested, .. } in vins_had(tx, &cars)?.into_iter().filter(|had| !was_mistake(had))
    {
        let reading = Reading { table: "vehicle_vins", id: vehicle_id.0 };
        let vin = reading.column("vin", &vin, |vin| Vin::parse(vin).ok())?;
        let of_vehicle = traits.entry(vehicle_id).or_default();
        of_vehicle.uncontested.extend((!is_contested).then(|| vin.clone()));
        of_vehicle.vins.push(vin);
    }
    Ok(traits)
}
