//! Makes domain values from rows. A value that cannot be read is an error that names table, column and row.

use crate::{error::StoreError, sql_types::Time};
use domain::{
    Instant,
    licence_plate::LicencePlate,
    value::{Address, Country, EmailAddress, Language, PhoneNumber},
};

/// When a row was made and last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Stamps {
    pub(crate) fn new(created_at: Time, updated_at: Time) -> Self {
        Self { created_at: created_at.0, updated_at: updated_at.0 }
    }
}

/// The row that is being read, to name it in errors.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) table: &'static str,
    pub(crate) id: uuid::Uuid,
}

impl Reading {
    pub(crate) fn corrupt(self, column: &'static str, value: impl Into<String>) -> StoreError {
        StoreError::Corrupt { table: self.table, column, id: self.id.to_string(), value: value.into() }
    }

    /// Reads a column with `parse`; if that fails, the row is corrupt.
    pub(crate) fn column<T>(
        self,
        column: &'static str,
        value: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(value).ok_or_else(|| self.corrupt(column, value))
    }

    /// The same for a column that may be null.
    pub(crate) fn optional<T>(
        self,
        column: &'static str,
        value: Option<&String>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        value.map(|value| self.column(column, value, parse)).transpose()
    }
}

pub(crate) fn email(text: &str) -> Option<EmailAddress> {
    EmailAddress::stored(text)
}

pub(crate) fn phone(text: &str) -> Option<PhoneNumber> {
    PhoneNumber::stored(text)
}

pub(crate) fn country(text: &str) -> Option<Country> {
    Country::stored(text)
}

/// A plate by its country and number, and how it was typed, where people see it so.
pub(crate) fn plate(
    reading: Reading,
    country_code: &str,
    number: &str,
    typed: Option<String>,
) -> Result<LicencePlate, StoreError> {
    let country = reading.column("country", country_code, country)?;
    Ok(reading.column("plate", number, |number| LicencePlate::stored(country, number))?.typed_as(typed))
}

pub(crate) fn language(text: &str) -> Option<Language> {
    Language::from_code(text)
}

pub(crate) fn address(
    reading: Reading,
    street: Option<String>,
    postcode: Option<String>,
    place: Option<String>,
    country_code: &str,
) -> Result<Address, StoreError> {
    Ok(Address { street, postcode, place, country: reading.column("country", country_code, country)? })
}

/// How many characters of unreadable data an error shows.
pub(crate) const MOST_SHOWN: usize = 200;

/// How many rows are handled at a time: those that housekeeping deletes, so that its transactions are short, and those that
/// are read of many.
pub(crate) const BATCH: i64 = 1_000;

/// Checks that one row was changed. If none was, its version had changed in the meantime.
pub(crate) fn changed_one(table: &'static str, rows: usize) -> Result<(), StoreError> {
    changed(table, rows, 1)
}

/// So many rows must have been changed.
pub(crate) fn changed(table: &'static str, rows: usize, expected: usize) -> Result<(), StoreError> {
    if rows == expected { Ok(()) } else { Err(StoreError::Stale { table }) }
}
