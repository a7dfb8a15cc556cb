//! The vehicles that are the same car as another, which was on record before (rule P8). They are found when a passport is stored or
//! a plate or a VIN changes, so that a verdict needs no search.

use crate::{
    cars::{Cars, load_of_cars},
    connection::{insert_all, load_each, on_each},
    error::StoreError,
    plates,
    row::Reading,
    schema::{earlier_vehicles, passports, vehicle_plates},
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

/// Finds anew which vehicles are the cars of these, and were on record before, at whichever garage: the caller shows nothing of
/// them. Answers with those of which there are any.
pub fn note(tx: &mut Tx<'_>, vehicles: &[VehicleId]) -> Result<HashSet<VehicleId>, StoreError> {
    let found = find(tx, vehicles)?;
    let continuing = found.iter().map(|(vehicle, _)| *vehicle).collect();
    let row =
        |(vehicle, earlier): (VehicleId, VehicleId)| Row { vehicle_id: vehicle.into(), earlier_id: earlier.into() };
    let rows: Vec<Row> = found.into_iter().map(row).collect();
    let keys = vehicles.iter().copied().map(Key::from);
    let noted = earlier_vehicles::table.filter(earlier_vehicles::vehicle_id.eq_any(keys));
    on_each!(tx, connection => diesel::delete(noted).execute(connection)?);
    insert_all!(tx, earlier_vehicles::table, rows);
    Ok(continuing)
}

/// The pairs of these vehicles and those that are the same car and were on record before.
pub fn find(tx: &mut Tx<'_>, vehicles: &[VehicleId]) -> Result<Vec<(VehicleId, VehicleId)>, StoreError> {
    let own = traits(tx, vehicles.iter().copied().map(Key::from).collect())?;
    let others = alike(tx, &own)?;
    let earlier_of = |(vehicle, mine): (&Key, &Traits)| {
        let earlier = others.iter().filter(|(other, theirs)| *other != vehicle && mine.continues(theirs));
        earlier.map(|(other, _)| ((*vehicle).into(), (*other).into())).collect::<Vec<_>>()
    };
    Ok(own.iter().flat_map(earlier_of).collect())
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
        had.map(|(vehicle, plates)| (vehicle, Traits { vins: vec![], plates })).collect();
    let with_vin = passports::table
        .filter(passports::vin.is_not_null())
        .select((passports::vehicle_id, passports::vin.assume_not_null()));
    let vins: Vec<(Key, String)> = load_of_cars!(tx, with_vin, passports::vehicle_id = vehicle in &cars);
    for (vehicle, vin) in vins {
        let vin = Reading { table: "passports", id: vehicle.0 }.column("vin", &vin, |vin| Vin::parse(vin).ok())?;
        let vins = &mut traits.entry(vehicle).or_default().vins;
        if !vins.contains(&vin) {
            vins.push(vin);
        }
    }
    Ok(traits)
}
