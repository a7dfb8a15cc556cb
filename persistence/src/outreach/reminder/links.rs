//! Mailed links of which someone is reminded before they end (rule RM1).

use super::{ToLookAt, keys};
use crate::{
    car_status::LOOK_AT_ONCE,
    connection::AnyConnection,
    error::StoreError,
    invitation::Row,
    schema::invitations,
    sql_types::{Day, Key},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Date,
    ids::{GarageId, InvitationId},
    reminder::ExpiringLink,
};

/// Links that are to be looked at on a day or before it, except those of some garages, after one of them, in the order of their
/// days. They are read by an index.
pub fn list_due_links(
    tx: &mut Tx<'_>,
    today: Date,
    except: &[GarageId],
    after: Option<ToLookAt<InvitationId>>,
    limit: i64,
) -> Result<Vec<ToLookAt<InvitationId>>, StoreError> {
    let after = after.unwrap_or_else(ToLookAt::first);
    let (on, id) = (Day(after.on), Key::from(after.id));
    let mut query = invitations::table
        .filter(invitations::remind_on.is_not_null())
        .filter(invitations::remind_on.le(Day(today)))
        .filter(invitations::remind_on.ge(on))
        .filter(invitations::remind_on.gt(on).or(invitations::id.nullable().gt(id)))
        .order((invitations::remind_on, invitations::id))
        .limit(limit)
        .select((invitations::remind_on, invitations::id, invitations::garage_id))
        .into_boxed();
    if !except.is_empty() {
        query = query.filter(invitations::garage_id.ne_all(keys(except.iter().copied())));
    }
    let found: Vec<(Option<Day>, Key, Option<Key>)> = query.load(tx.conn)?;
    let read = |(on, id, garage): (Option<Day>, Key, Option<Key>)| {
        Some(ToLookAt { on: on?.0, id: id.into(), garage: garage?.into() })
    };
    Ok(found.into_iter().filter_map(read).collect())
}

/// Of some links of a garage those that still are to be looked at. Their rows are locked until the end of the transaction.
pub fn lock_due_links(
    tx: &mut Tx<'_>,
    garage: GarageId,
    links: &[InvitationId],
    today: Date,
) -> Result<Vec<ExpiringLink>, StoreError> {
    let due = invitations::table
        .filter(invitations::id.eq_any(keys(links.iter().copied())))
        .filter(invitations::garage_id.eq(Key::from(garage)))
        .filter(invitations::remind_on.le(Day(today)))
        .order(invitations::id);
    let rows: Vec<Row> = match &mut *tx.conn {
        AnyConnection::Postgres(conn) => due.select(Row::as_select()).for_no_key_update().load(conn)?,
        AnyConnection::Sqlite(conn) => due.select(Row::as_select()).load(conn)?,
    };
    let read = |row: Row| {
        let mailed_at = row.created_at.0;
        Ok(ExpiringLink { invitation: row.read()?, mailed_at })
    };
    rows.into_iter().map(read).collect()
}

/// Says on which day some links are looked at again; none when there will be no reminder of them any more.
pub fn look_again_at_links(tx: &mut Tx<'_>, links: &[InvitationId], on: Option<Date>) -> Result<(), StoreError> {
    diesel::update(invitations::table.filter(invitations::id.eq_any(keys(links.iter().copied()))))
        .set(invitations::remind_on.eq(on.map(Day)))
        .execute(tx.conn)?;
    Ok(())
}

/// Has the links of a garage of which there may be a reminder yet looked at with the next pass.
pub fn look_at_links_at_once(tx: &mut Tx<'_>, garage: GarageId) -> Result<(), StoreError> {
    let open = invitations::table
        .filter(invitations::garage_id.eq(Key::from(garage)))
        .filter(invitations::remind_on.is_not_null());
    diesel::update(open).set(invitations::remind_on.eq(Some(LOOK_AT_ONCE))).execute(tx.conn)?;
    Ok(())
}
