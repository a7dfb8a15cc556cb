//! SQL types of our own, so that each database stores ids, instants and days in its native form: `uuid`, `timestamptz` and
//! `date` on PostgreSQL; 16 bytes, microseconds since 1970, and text as in `2026-03-01` on SQLite.

use crate::connection::MultiBackend;
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{BigInt, Binary, HasSqlType, SqlType, Text},
    sqlite::Sqlite,
};
use std::io::Write;
use uuid::Uuid;

/// The SQL type of ids.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Id;

/// The SQL type of instants.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Moment;

/// The SQL type of days.
#[derive(SqlType, QueryId)]
#[diesel(postgres_type(oid = 1082, array_oid = 1182))]
#[diesel(sqlite_type(name = "Text"))]
pub struct CalendarDay;

/// Days have an order, so one can be the earliest.
impl diesel::sql_types::SqlOrd for CalendarDay {}

impl HasSqlType<Id> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Id>(lookup)
    }
}

impl HasSqlType<Moment> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<Moment>(lookup)
    }
}

impl HasSqlType<CalendarDay> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<CalendarDay>(lookup)
    }
}

/// An id in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct Key(pub Uuid);

/// An instant in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Moment)]
pub struct Time(pub domain::Instant);

/// A day in a row. Its year has four digits, so that on SQLite the texts sort in the order of the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = CalendarDay)]
pub struct Day(pub domain::Date);

impl From<domain::Instant> for Time {
    fn from(instant: domain::Instant) -> Self {
        Self(instant)
    }
}

macro_rules! keys {
    ($($id:ident),+ $(,)?) => {$(
        impl From<domain::ids::$id> for Key {
            fn from(id: domain::ids::$id) -> Self {
                Self(id.0)
            }
        }

        impl From<Key> for domain::ids::$id {
            fn from(key: Key) -> Self {
                Self(key.0)
            }
        }
    )+};
}

keys! { GarageId, AccountId, CustomerId, PassportId, FleetId, TransferId, GarageChangeId, NotificationId, DeviceId, ApkMailingId, SuppressionId, InvitationId, LinkChangeId, SessionId, EventId, OdometerReadingId, VehicleId, ApkEntryId,
MaintenanceScheduleId, CheckTemplateId, VehicleCheckId, RecommendationId, ServiceRecordId, FileId }

impl ToSql<Id, Pg> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Id, Sqlite> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Sqlite> for Key {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

/// PostgreSQL counts its microseconds from 2000-01-01.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<Moment, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.as_microsecond() - POSTGRES_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        let since_1970 = micros.checked_add(POSTGRES_EPOCH).ok_or("an instant beyond the calendar")?;
        Ok(Self(domain::Instant::from_microsecond(since_1970)?))
    }
}

impl ToSql<Moment, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_microsecond());
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Sqlite> for Time {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Ok(Self(domain::Instant::from_microsecond(micros)?))
    }
}

/// PostgreSQL counts its days from here.
const POSTGRES_FIRST_DAY: domain::Date = jiff::civil::date(2000, 1, 1);

impl ToSql<CalendarDay, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = POSTGRES_FIRST_DAY.until(self.0)?.get_days();
        out.write_all(&days.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<CalendarDay, Pg> for Day {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(value.as_bytes().try_into()?);
        let since = jiff::Span::new().try_days(days)?;
        Ok(Self(POSTGRES_FIRST_DAY.checked_add(since)?))
    }
}

impl ToSql<CalendarDay, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<CalendarDay, Sqlite> for Day {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(<String as FromSql<Text, Sqlite>>::from_sql(value)?.parse()?))
    }
}

impl ToSql<Id, MultiBackend> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Id, self));
        Ok(IsNull::No)
    }
}

impl FromSql<Id, MultiBackend> for Key {
    fn from_sql(value: <MultiBackend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, Id>()
    }
}

impl ToSql<Moment, MultiBackend> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Moment, self));
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, MultiBackend> for Time {
    fn from_sql(value: <MultiBackend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, Moment>()
    }
}

impl ToSql<CalendarDay, MultiBackend> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((CalendarDay, self));
        Ok(IsNull::No)
    }
}

impl FromSql<CalendarDay, MultiBackend> for Day {
    fn from_sql(value: <MultiBackend as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, CalendarDay>()
    }
}
