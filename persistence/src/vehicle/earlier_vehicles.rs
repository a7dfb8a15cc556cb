//! The vehicles that are the same car as another, as it was before (rule P8). They are found when a passport is stored, archived or
//! taken back, or a plate or a VIN changes, so that a verdict needs no search.

use crate::{
    cars::{Cars, load_of_cars},
    connection::{AnyConnection, insert_all, load_each, on_each},
    error::StoreError,
    plates,
    row::Reading,
    schema::{earlier_vehicles, passports, vehicle_plates, vehicle_vins},
    sql_types::Key,
    store::Tx,
};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};
use domain::{
    ids::VehicleId,
    same_car::Traits,
    value::{Country, Vin},
};
use std::collections::{BTreeSet, HashMap, HashSet};

#[derive(Insertable)]
#[diesel(table_name = earlier_vehicles, treat_none_as_default_value = false)]
struct Row {
    vehicle_id: Key,
    earlier_id: Key,
}

/// Finds anew which vehicles are the cars of these as they were before, at whichever garage, and whether these still are what others
/// were before: the caller shows nothing of them. Answers with those of these vehicles that were another before.
pub fn note(tx: &mut Tx<'_>, vehicles: &[VehicleId]) -> Result<HashSet<VehicleId>, StoreError> {
    let keys: Vec<Key> = vehicles.iter().copied().map(Key::from).collect();
    let mut own = traits(tx, keys.clone())?;
    claim(tx, &mut own)?;
    let found = find_of(tx, &own)?;
    let continuing = found.iter().map(|(vehicle, _)| (*vehicle).into()).collect();
    let over = over(tx, &own)?;
    let noted = earlier_vehicles::table.filter(earlier_vehicles::vehicle_id.eq_any(keys));
    on_each!(tx, connection => diesel::delete(noted).execute(connection)?);
    for (vehicle, earlier) in over {
        diesel::delete(earlier_vehicles::table.find((vehicle, earlier))).execute(tx.conn)?;
    }
    let rows: Vec<Row> = found.into_iter().map(|(vehicle_id, earlier_id)| Row { vehicle_id, earlier_id }).collect();
    insert_all!(tx, earlier_vehicles::table, rows);
    Ok(continuing)
}

/// The same for the vehicles in use that have the VIN of one that is no longer in use: what it was is theirs now.
pub(crate) fn note_those_with(tx: &mut Tx<'_>, vehicle: VehicleId, vin: &Vin) -> Result<(), StoreError> {
    let found: Vec<Key> = passports::table
        .filter(passports::vin.eq(vin.as_str()))
        .filter(passports::vehicle_id.ne(Key::from(vehicle)))
        .filter(passports::status.ne("archived"))
        .select(passports::vehicle_id)
        .load(tx.conn)?;
    if !found.is_empty() {
        let found: Vec<VehicleId> = found.into_iter().map(Into::into).collect();
        note(tx, &found)?;
    }
    Ok(())
}

/// The pairs of these vehicles and what they were before.
pub fn find(tx: &mut Tx<'_>, vehicles: &[VehicleId]) -> Result<Vec<(VehicleId, VehicleId)>, StoreError> {
    let own = traits(tx, vehicles.iter().copied().map(Key::from).collect())?;
    let found = find_of(tx, &own)?;
    Ok(found.into_iter().map(|(vehicle, earlier)| (vehicle.into(), earlier.into())).collect())
}

fn find_of(tx: &mut Tx<'_>, own: &HashMap<Key, Traits>) -> Result<Vec<(Key, Key)>, StoreError> {
    let others = alike(tx, own)?;
    let earlier_of = |(vehicle, mine): (&Key, &Traits)| {
        let earlier = others.iter().filter(|(other, theirs)| *other != vehicle && mine.continues(theirs));
        earlier.map(|(other, _)| (*vehicle, *other)).collect::<Vec<_>>()
    };
    Ok(own.iter().flat_map(earlier_of).collect())
}

/// Writes down which VINs these vehicles have, and which of them another vehicle in use has. One that nobody else had stays so.
fn claim(tx: &mut Tx<'_>, own: &mut HashMap<Key, Traits>) -> Result<(), StoreError> {
    for (vehicle, traits) in own {
        for vin in &traits.vins {
            if traits.uncontested.contains(vin) {
                continue;
            }
            let other_in_use = passports::table
                .filter(passports::vin.eq(vin.as_str()))
                .filter(passports::vehicle_id.ne(*vehicle))
                .filter(passports::status.ne("archived"))
                .select(passports::id);
            let is_contested = other_in_use.first::<Key>(tx.conn).optional()?.is_some();
            let values = (
                vehicle_vins::vehicle_id.eq(*vehicle),
                vehicle_vins::vin.eq(vin.as_str()),
                vehicle_vins::is_contested.eq(is_contested),
            );
            let insert = diesel::insert_into(vehicle_vins::table)
                .values(values)
                .on_conflict((vehicle_vins::vehicle_id, vehicle_vins::vin))
                .do_update()
                .set(vehicle_vins::is_contested.eq(is_contested));
            match tx.conn {
                AnyConnection::Postgres(connection) => insert.execute(connection)?,
                AnyConnection::Sqlite(connection) => insert.execute(connection)?,
            };
            if !is_contested {
                traits.uncontested.push(vin.clone());
            }
        }
    }
    Ok(())
}

/// The pairs in which one of these vehicles was noted as what another was before, and is so no longer.
fn over(tx: &mut Tx<'_>, own: &HashMap<Key, Traits>) -> Result<Vec<(Key, Key)>, StoreError> {
    let noted = earlier_vehicles::table
        .filter(earlier_vehicles::earlier_id.eq_any(own.keys().copied()))
        .select((earlier_vehicles::vehicle_id, earlier_vehicles::earlier_id));
    let noted: Vec<(Key, Key)> = on_each!(tx, connection => noted.load(connection)?);
    let others = traits(tx, noted.iter().map(|(vehicle, _)| *vehicle).collect())?;
    let is_over = |(vehicle, earlier): &(Key, Key)| {
        let pair = others.get(vehicle).zip(own.get(earlier));
        pair.is_none_or(|(vehicle, earlier)| !vehicle.continues(earlier))
    };
    Ok(noted.into_iter().filter(is_over).collect())
}

/// The vehicles that share a Dutch plate or a VIN with one of these, and these where they share it with one another.
fn alike(tx: &mut Tx<'_>, own: &HashMap<Key, Traits>) -> Result<HashMap<Key, Traits>, StoreError> {
    let dutch = own.values().flat_map(|traits| &traits.plates).filter(|had| had.plate.country() == Country::NL);
    let numbers: BTreeSet<&str> = dutch.map(|had| had.plate.number()).collect();
    let vins: BTreeSet<&str> = own.values().flat_map(|traits| &traits.vins).map(Vin::as_str).collect();
    let (numbers, vins): (Vec<&str>, Vec<&str>) = (numbers.into_iter().collect(), vins.into_iter().collect());
    // Both are written as in their indexes, so that the database sees that it can use these.
    let of_plate = vehicle_plates::table
        .filter(sql::<Bool>("vehicle_plates.country = 'NL'"))
        .select((vehicle_plates::vehicle_id, vehicle_plates::plate));
    let mut found: Vec<(Key, String)> = load_each!(tx, of_plate, vehicle_plates::plate in &numbers);
    if !vins.is_empty() {
        let of_vin = passports::table
            .filter(sql::<Bool>("passports.vin IS NOT NULL"))
            .select((passports::vehicle_id, passports::vin.assume_not_null()));
        let with_vin: Vec<(Key, String)> = load_each!(tx, of_vin, passports::vin in &vins);
        found.extend(with_vin);
    }
    let mut sharing: HashMap<String, HashSet<Key>> = HashMap::new();
    for (vehicle, sign) in found {
        sharing.entry(sign).or_default().insert(vehicle);
    }
    let shared: HashSet<Key> = sharing.into_values().filter(|vehicles| vehicles.len() > 1).flatten().collect();
    traits(tx, shared.into_iter().collect())
}

/// By what each of these vehicles is known again.
fn traits(tx: &mut Tx<'_>, vehicles: Vec<Key>) -> Result<HashMap<Key, Traits>, StoreError> {
    if vehicles.is_empty() {
        return Ok(HashMap::new());
    }
    let cars = Cars { passports: vec![], vehicles };
    let had = plates::had_by(tx, &cars)?.into_iter();
    let mut traits: HashMap<Key, Traits> =
        had.map(|(vehicle, plates)| (vehicle, Traits { plates, ..Traits::default() })).collect();
    let of_passports = passports::table.select((passports::vehicle_id, passports::vin, passports::status));
    let of_passports: Vec<(Key, Option<String>, String)> =
        load_of_cars!(tx, of_passports, passports::vehicle_id = vehicle in &cars);
    for (vehicle, vin, status) in of_passports {
        let of_vehicle = traits.entry(vehicle).or_default();
        of_vehicle.is_in_use |= status != "archived";
        let reading = Reading { table: "passports", id: vehicle.0 };
        let vin = reading.optional("vin", vin.as_ref(), |vin| Vin::parse(vin).ok())?;
        of_vehicle.vins.extend(vin.filter(|vin| !of_vehicle.vins.contains(vin)));
    }
    if traits.values().all(|of_vehicle| of_vehicle.vins.is_empty()) {
        return Ok(traits);
    }
    let free = vehicle_vins::table
        .filter(diesel::dsl::not(vehicle_vins::is_contested))
        .select((vehicle_vins::vehicle_id, vehicle_vins::vin));
    let free: Vec<(Key, String)> = load_of_cars!(tx, free, vehicle_vins::vehicle_id = vehicle in &cars);
    for (vehicle, vin) in free {
        if let Some(of_vehicle) = traits.get_mut(&vehicle) {
            let vin = of_vehicle.vins.iter().find(|has| has.as_str() == vin);
            of_vehicle.uncontested.extend(vin.cloned());
        }
    }
    Ok(traits)
}
