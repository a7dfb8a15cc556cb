//! The passports in use that plates have, for a garage that takes such a plate (rules P1 and P7).

use crate::{
    connection::load_each,
    error::StoreError,
    plates,
    row::Reading,
    schema::{custody, events, passports},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{Instant, event::FactKind, licence_plate::LicencePlate, occupancy::Occupant, passport::PassportStatus};
use std::collections::HashMap;

type Columns = (Key, Key, String, String, Option<Key>, (Time, Option<Time>, Option<Time>), bool);

/// The passport in use of each of these plates that has one. The query has no scope: the caller shows a garage nothing
/// about passports of others except that there is one.
pub fn occupants(tx: &mut Tx<'_>, asked: &[LicencePlate]) -> Result<HashMap<LicencePlate, Occupant>, StoreError> {
    let mut occupants = HashMap::new();
    for (country, numbers) in plates::by_country(asked.iter()) {
        let driven = custody::table
            .filter(custody::passport_id.eq(passports::id))
            .filter(custody::role.eq("driver"))
            .filter(custody::account_id.is_not_null());
        let taken_back = events::table
            .filter(events::stream_id.eq(passports::garage_id))
            .filter(events::passport_id.eq(passports::id.nullable()))
            .filter(events::kind.eq(FactKind::PassportUnarchived.code()))
            .order(events::number.desc())
            .select(events::happened_at)
            .single_value();
        // The status is written as in the index of plates in use, so that the database sees that it can use that index.
        let query = passports::table
            .filter(passports::country.eq(&country))
            .filter(sql::<Bool>("passports.status <> 'archived'"))
            .select((
                passports::id,
                passports::garage_id,
                passports::plate,
                passports::status,
                passports::fleet_id,
                (passports::created_at, passports::kept_since, taken_back),
                exists(driven),
            ));
        let found: Vec<Columns> = load_each!(tx, query, passports::plate in &numbers);
        let mut read = HashMap::with_capacity(found.len());
        for (id, garage, number, status, fleet, (made_at, kept_since, taken_back), was_activated) in found {
            let reading = Reading { table: "passports", id: id.0 };
            let occupant = Occupant {
                passport_id: id.into(),
                garage_id: garage.into(),
                status: reading.column("status", &status, PassportStatus::from_code)?,
                fleet: fleet.map(Into::into),
                in_use_since: [kept_since, taken_back]
                    .into_iter()
                    .flatten()
                    .map(|at| at.0)
                    .fold(made_at.0, Instant::max),
                was_activated,
            };
            read.insert(number, occupant);
        }
        let of_country = asked.iter().filter(|plate| plate.country().as_str() == country);
        occupants.extend(of_country.filter_map(|plate| Some((plate.clone(), *read.get(plate.number())?))));
    }
    Ok(occupants)
}
