//! The APK dates that garages entered before the register had them: the vehicle's, whichever passports it has had (rule P8). They
//! only grow (rule R21); the database itself refuses to change or delete them. And what owner and garage said that lifts a
//! vehicle's APK duty (rule APK9): one reason takes the place of another.

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    row::Reading,
    schema::{accounts, apk_entries, apk_lifts},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    apk::{ApkEntry, EnteredLift, LiftReason},
    ids::{ApkEntryId, PassportId, VehicleId},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = apk_entries, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    passport_id: Key,
    expires_on: Day,
    entered_at: Time,
    entered_by: Key,
    vehicle_id: Key,
    inspected_on: Option<Day>,
}

impl From<Row> for ApkEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            expires_on: row.expires_on.0,
            inspected_on: row.inspected_on.map(|day| day.0),
            entered_at: row.entered_at.0,
            entered_by: row.entered_by.into(),
        }
    }
}

/// An entry as it is shown, with the name of the account that entered it.
pub type ApkEntryView = (ApkEntry, String);

type ViewRow = (Row, String);

fn view((row, name): ViewRow) -> ApkEntryView {
    (row.into(), name)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = apk_lifts)]
pub(crate) struct LiftRow {
    vehicle_id: Key,
    reason: String,
    entered_at: Time,
    entered_by: Key,
}

impl LiftRow {
    pub(crate) fn read(self) -> Result<EnteredLift, StoreError> {
        let reading = Reading { table: "apk_lifts", id: self.vehicle_id.0 };
        Ok(EnteredLift {
            reason: reading.column("reason", &self.reason, LiftReason::from_code)?,
            entered_at: self.entered_at.0,
            entered_by: self.entered_by.into(),
        })
    }
}

/// What lifts a vehicle's duty as it is shown, with the name of the account that entered it.
pub type ApkLiftView = (EnteredLift, String);

/// What somebody said that lifts the duty of a vehicle.
pub fn lift(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Option<ApkLiftView>, StoreError> {
    let found: Option<(LiftRow, String)> = apk_lifts::table
        .inner_join(accounts::table)
        .filter(apk_lifts::vehicle_id.eq(Key::from(*vehicle)))
        .select((LiftRow::as_select(), accounts::name))
        .first(tx.conn)
        .optional()?;
    found.map(|(row, name)| Ok((row.read()?, name))).transpose()
}

/// Stores what lifts the duty of a vehicle now, in the place of what did before; none when nothing does.
pub fn save_lift(tx: &mut Tx<'_>, vehicle: Found<VehicleId>, entered: Option<&EnteredLift>) -> Result<(), StoreError> {
    diesel::delete(apk_lifts::table.filter(apk_lifts::vehicle_id.eq(Key::from(*vehicle)))).execute(tx.conn)?;
    if let Some(entered) = entered {
        let row = LiftRow {
            vehicle_id: (*vehicle).into(),
            reason: entered.reason.code().to_owned(),
            entered_at: entered.entered_at.into(),
            entered_by: entered.entered_by.into(),
        };
        diesel::insert_into(apk_lifts::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Stores an entry of a vehicle, made in this passport of it.
pub fn insert(tx: &mut Tx<'_>, car: Found<(PassportId, VehicleId)>, entry: &ApkEntry) -> Result<(), StoreError> {
    let (passport, vehicle) = *car;
    let row = Row {
        id: entry.id.into(),
        passport_id: passport.into(),
        expires_on: Day(entry.expires_on),
        entered_at: entry.entered_at.into(),
        entered_by: entry.entered_by.into(),
        vehicle_id: vehicle.into(),
        inspected_on: entry.inspected_on.map(Day),
    };
    diesel::insert_into(apk_entries::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The latest entry of a vehicle: the one that counts.
pub fn latest(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Option<ApkEntryView>, StoreError> {
    let found: Option<ViewRow> = apk_entries::table
        .inner_join(accounts::table)
        .filter(apk_entries::vehicle_id.eq(Key::from(*vehicle)))
        .order(apk_entries::id.desc())
        .select((Row::as_select(), accounts::name))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(view))
}

/// One entry of a vehicle.
pub fn find(tx: &mut Tx<'_>, vehicle: Found<VehicleId>, id: ApkEntryId) -> Result<Option<ApkEntryView>, StoreError> {
    let found: Option<ViewRow> = apk_entries::table
        .inner_join(accounts::table)
        .filter(apk_entries::id.eq(Key::from(id)))
        .filter(apk_entries::vehicle_id.eq(Key::from(*vehicle)))
        .select((Row::as_select(), accounts::name))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(view))
}

/// A page of the entries of a vehicle, in the order in which they were entered.
pub fn list(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    request: &PageRequest<ApkEntryId>,
) -> Result<Page<ApkEntryView, ApkEntryId>, StoreError> {
    let mut query = apk_entries::table
        .inner_join(accounts::table)
        .filter(apk_entries::vehicle_id.eq(Key::from(*vehicle)))
        .order(apk_entries::id)
        .limit(request.sql_limit())
        .select((Row::as_select(), accounts::name))
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(apk_entries::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(apk_entries::entered_at.ge(Time(since)));
    }
    let found: Vec<ViewRow> = query.load(tx.conn)?;
    Ok(request.page(found.into_iter().map(view).collect(), |(entry, _)| entry.id))
}
