//! Garages.

use crate::{
    error::StoreError,
    passport,
    row::{self, Reading, Stamps},
    schema::garages,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{Instant, garage::Garage, ids::GarageId, value::Currency};
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = garages, treat_none_as_null = true)]
struct Row {
    id: Key,
    name: String,
    chain: Option<String>,
    email: String,
    phone: Option<String>,
    street: Option<String>,
    postcode: Option<String>,
    place: Option<String>,
    country: String,
    language: String,
    currency: String,
    time_zone: String,
    second_factor_required: bool,
    version: i64,
    created_at: Time,
    updated_at: Time,
    second_thoughts_days: i64,
}

impl Row {
    fn new(garage: &Garage, stamps: Stamps) -> Self {
        let address = &garage.address;
        Self {
            id: garage.id.into(),
            name: garage.name.clone(),
            chain: garage.chain.clone(),
            email: garage.email.as_str().to_owned(),
            phone: garage.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            street: address.street.clone(),
            postcode: address.postcode.clone(),
            place: address.place.clone(),
            country: address.country.as_str().to_owned(),
            language: garage.language.code().to_owned(),
            currency: garage.currency.as_str().to_owned(),
            time_zone: garage.time_zone.clone(),
            second_factor_required: garage.second_factor_required,
            version: garage.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
            second_thoughts_days: garage.second_thoughts_days,
        }
    }

    fn read(self) -> Result<(Garage, Stamps), StoreError> {
        let reading = Reading { table: "garages", id: self.id.0 };
        let garage = Garage {
            id: self.id.into(),
            name: self.name,
            chain: self.chain,
            email: reading.column("email", &self.email, row::email)?,
            phone: reading.optional("phone", self.phone.as_ref(), row::phone)?,
            address: row::address(reading, self.street, self.postcode, self.place, &self.country)?,
            language: reading.column("language", &self.language, row::language)?,
            currency: reading.column("currency", &self.currency, Currency::stored)?,
            time_zone: self.time_zone,
            second_thoughts_days: self.second_thoughts_days,
            second_factor_required: self.second_factor_required,
            version: self.version,
        };
        Ok((garage, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// Stores a new garage, with the stream in which its events are numbered.
pub fn insert(tx: &mut Tx<'_>, garage: &Garage, now: Instant) -> Result<(), StoreError> {
    let row = Row::new(garage, Stamps { created_at: now, updated_at: now });
    diesel::insert_into(garages::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// A garage by its id. A garage is its own scope.
pub fn find(tx: &mut Tx<'_>, id: GarageId) -> Result<Option<(Garage, Stamps)>, StoreError> {
    let row = garages::table.find(Key::from(id)).select(Row::as_select()).first(tx.conn).optional()?;
    row.map(Row::read).transpose()
}

/// Stores a changed garage, which its passports may show otherwise now (rule LS2), unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, garage: &Garage, stamps: Stamps, now: Instant) -> Result<Garage, StoreError> {
    let next = Garage { version: garage.version + 1, ..garage.clone() };
    let shown = (garages::name, garages::time_zone);
    let before: Option<(String, String)> =
        garages::table.find(Key::from(garage.id)).select(shown).first(tx.conn).optional()?;
    let target = garages::table.find(Key::from(garage.id)).filter(garages::version.eq(garage.version));
    let rows = diesel::update(target).set(Row::new(&next, Stamps { updated_at: now, ..stamps })).execute(tx.conn)?;
    row::changed_one("garages", rows)?;
    if before.is_some_and(|(name, time_zone)| name != garage.name || time_zone != garage.time_zone) {
        passport::touch(tx, passport::Shown::Garage(garage.id), now)?;
    }
    Ok(next)
}

/// The number of garages.
pub fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(garages::table.count().get_result(tx.conn)?)
}

/// The names of garages, for the operator.
pub fn names(tx: &mut Tx<'_>, ids: &[GarageId]) -> Result<HashMap<GarageId, String>, StoreError> {
    let keys: Vec<Key> = ids.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<(Key, String)> =
        garages::table.filter(garages::id.eq_any(keys)).select((garages::id, garages::name)).load(tx.conn)?;
    Ok(found.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

/// The names of the chains to which garages belong, for the operator, in the order of the alphabet.
pub fn chains(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let found: Vec<Option<String>> = garages::table.select(garages::chain).distinct().load(tx.conn)?;
    let mut chains: Vec<String> = found.into_iter().flatten().collect();
    chains.sort_unstable();
    Ok(chains)
}
