//! The APK dates that garages entered before the register had them. They only grow (rule R21); the database itself
//! refuses to change or delete them.

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    schema::{accounts, apk_entries},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    apk::ApkEntry,
    ids::{ApkEntryId, PassportId},
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = apk_entries)]
struct Row {
    id: Key,
    passport_id: Key,
    expires_on: Day,
    entered_at: Time,
    entered_by: Key,
}

impl From<Row> for ApkEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            expires_on: row.expires_on.0,
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

/// Stores an entry of a passport.
pub fn insert(tx: &mut Tx<'_>, passport: Found<PassportId>, entry: &ApkEntry) -> Result<(), StoreError> {
    let row = Row {
        id: entry.id.into(),
        passport_id: (*passport).into(),
        expires_on: Day(entry.expires_on),
        entered_at: entry.entered_at.into(),
        entered_by: entry.entered_by.into(),
    };
    diesel::insert_into(apk_entries::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The latest entry of a passport: the one that counts.
pub fn latest(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Option<ApkEntryView>, StoreError> {
    let found: Option<ViewRow> = apk_entries::table
        .inner_join(accounts::table)
        .filter(apk_entries::passport_id.eq(Key::from(*passport)))
        .order(apk_entries::id.desc())
        .select((Row::as_select(), accounts::name))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(view))
}

/// One entry of a passport.
pub fn find(tx: &mut Tx<'_>, passport: Found<PassportId>, id: ApkEntryId) -> Result<Option<ApkEntryView>, StoreError> {
    let found: Option<ViewRow> = apk_entries::table
        .inner_join(accounts::table)
        .filter(apk_entries::id.eq(Key::from(id)))
        .filter(apk_entries::passport_id.eq(Key::from(*passport)))
        .select((Row::as_select(), accounts::name))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(view))
}

/// A page of the entries of a passport, in the order in which they were entered.
pub fn list(
    tx: &mut Tx<'_>,
    passport: Found<PassportId>,
    request: &PageRequest<ApkEntryId>,
) -> Result<Page<ApkEntryView, ApkEntryId>, StoreError> {
    let mut query = apk_entries::table
        .inner_join(accounts::table)
        .filter(apk_entries::passport_id.eq(Key::from(*passport)))
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
