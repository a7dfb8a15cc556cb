//! Addresses that must not be written to (rule CH3).
//!
//! What is about a mailbox is stored once, for all garages. A garage reaches it only as far as one of its customers has the
//! address, so that no garage learns about the customers of another.

use crate::{
    connection::AnyConnection,
    error::StoreError,
    page::{Page, PageRequest},
    removal,
    row::{self, Reading},
    schema::{customers, suppressions},
    scope::{Found, Scope},
    sql_types::{Id, Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    Instant,
    customer::Customer,
    ids::{CustomerId, GarageId, SuppressionId},
    removal::Removal,
    suppression::{Reasons, Suppression, SuppressionReason},
    value::EmailAddress,
};
use std::collections::BTreeSet;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = suppressions, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    garage_id: Option<Key>,
    email: String,
    email_key: String,
    reason: String,
    since: Time,
    goes_with: Option<Key>,
}

impl Row {
    fn new(new: &Suppression) -> Self {
        Self {
            id: new.id.into(),
            garage_id: new.garage.map(Key::from),
            email: new.email.as_str().to_owned(),
            email_key: new.email.key(),
            reason: new.reason.code().to_owned(),
            since: new.since.into(),
            goes_with: new.goes_with.map(Key::from),
        }
    }

    fn read(self) -> Result<Suppression, StoreError> {
        let reading = Reading { table: "suppressions", id: self.id.0 };
        Ok(Suppression {
            id: self.id.into(),
            garage: self.garage_id.map(Into::into),
            email: reading.column("email", &self.email, row::email)?,
            reason: reading.column("reason", &self.reason, SuppressionReason::from_code)?,
            since: self.since.0,
            goes_with: self.goes_with.map(Into::into),
        })
    }
}

/// What a list of a garage is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct SuppressionFilter {
    /// Only those with one of these reasons; any reason when there are none.
    pub reasons: Vec<SuppressionReason>,
}

/// A suppression with the customers of the garage that have its address, the oldest first, by id and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionView {
    /// The suppression.
    pub suppression: Suppression,
    /// The customers.
    pub customers: Vec<(CustomerId, String)>,
}

/// The garage whose addresses a scope reaches. Only the garage's own staff see them.
fn garage_of(scope: &Scope) -> Option<Key> {
    match scope {
        Scope::Garage(garage) => Some((*garage).into()),
        Scope::Fleet(..) | Scope::Driver(..) | Scope::Session(..) | Scope::Nothing | Scope::System => None,
    }
}

/// How each database finds what a garage reaches: the objections to its mailings, and what is about a mailbox that a customer of it
/// has now. It begins with what is the garage's, so that a garage of which little is stored does not read what is stored of all
/// others; the garage's id stands between the parts.
const REACHED_POSTGRES: [&str; 3] = [
    "suppressions.id = ANY (ARRAY(
        SELECT own.id FROM suppressions AS own WHERE own.garage_id = ",
    " UNION ALL
        SELECT of_platform.id FROM customers CROSS JOIN LATERAL (
            SELECT suppressions.id FROM suppressions
            WHERE suppressions.email_key = customers.email_key AND suppressions.garage_id IS NULL OFFSET 0
        ) AS of_platform WHERE customers.garage_id = ",
    "))",
];
const REACHED_SQLITE: [&str; 3] = [
    "suppressions.id IN (
        SELECT own.id FROM suppressions AS own WHERE own.garage_id = ",
    " UNION ALL
        SELECT of_platform.id FROM customers CROSS JOIN suppressions AS of_platform
        WHERE of_platform.email_key = customers.email_key AND of_platform.garage_id IS NULL AND customers.garage_id = ",
    ")",
];

/// Stores that an address must not be written to. What is stored already stays as it is, so it does not matter how often
/// this is done. False when it was.
pub fn insert(tx: &mut Tx<'_>, new: &Suppression) -> Result<bool, StoreError> {
    let insert = diesel::insert_into(suppressions::table).values(Row::new(new));
    let rows = match &mut *tx.conn {
        AnyConnection::Postgres(conn) => insert.on_conflict_do_nothing().execute(conn)?,
        AnyConnection::Sqlite(conn) => insert.on_conflict_do_nothing().execute(conn)?,
    };
    if rows == 1 {
        touch_customers(tx, &new.email, new.garage, new.since)?;
    }
    Ok(rows == 1)
}

/// Notes in one statement that the records with an address, of one garage or of all, show otherwise now whether it may be written to
/// (rule LS2). Their versions stay.
fn touch_customers(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    garage: Option<GarageId>,
    now: Instant,
) -> Result<(), StoreError> {
    let set = customers::updated_at.eq(Time(now));
    let target =
        customers::table.filter(customers::email_key.eq(email.key())).filter(customers::updated_at.lt(Time(now)));
    match garage {
        Some(garage) => {
            diesel::update(target.filter(customers::garage_id.eq(Key::from(garage)))).set(set).execute(tx.conn)?
        }
        None => diesel::update(target).set(set).execute(tx.conn)?,
    };
    Ok(())
}

/// For each of these addresses, in their order, why it must not be written to: what is about the mailbox and, with a garage,
/// the objections to its mailings. It is one statement.
pub fn of_emails(
    tx: &mut Tx<'_>,
    garage: Option<GarageId>,
    emails: &[EmailAddress],
) -> Result<Vec<Reasons>, StoreError> {
    let keys: Vec<String> = emails.iter().map(EmailAddress::key).collect();
    let once: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    if once.is_empty() {
        return Ok(vec![]);
    }
    let columns = (suppressions::id, suppressions::email_key, suppressions::reason);
    let of_platform = suppressions::garage_id.is_null();
    let mut query = suppressions::table.filter(suppressions::email_key.eq_any(once)).select(columns).into_boxed();
    query = match garage {
        Some(garage) => query.filter(of_platform.or(suppressions::garage_id.assume_not_null().eq(Key::from(garage)))),
        None => query.filter(of_platform),
    };
    let found: Vec<(Key, String, String)> = query.load(tx.conn)?;
    let read = |(id, key, reason): (Key, String, String)| -> Result<(String, SuppressionReason), StoreError> {
        let reading = Reading { table: "suppressions", id: id.0 };
        Ok((key, reading.column("reason", &reason, SuppressionReason::from_code)?))
    };
    let found: Vec<(String, SuppressionReason)> = found.into_iter().map(read).collect::<Result<_, _>>()?;
    let reasons = |key: &String| found.iter().filter(|(of, _)| of == key).map(|(_, reason)| *reason).collect();
    Ok(keys.iter().map(reasons).collect())
}

/// Why an address must not be written to; see [`of_emails`].
pub fn of_email(tx: &mut Tx<'_>, garage: Option<GarageId>, email: &EmailAddress) -> Result<Reasons, StoreError> {
    let found = of_emails(tx, garage, std::slice::from_ref(email))?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// All suppressions of an address, of the platform and of all garages, for the operator: the oldest first.
pub fn list_of_email(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Vec<Suppression>, StoreError> {
    let query = suppressions::table.filter(suppressions::email_key.eq(email.key())).order(suppressions::id);
    query.select(Row::as_select()).load(tx.conn)?.into_iter().map(Row::read).collect()
}

/// A block of all suppressions, for the operator: in the order of their ids, after one of them.
pub fn list_all(tx: &mut Tx<'_>, after: Option<SuppressionId>) -> Result<Vec<Suppression>, StoreError> {
    let after = Key(after.map_or_else(uuid::Uuid::nil, |id| id.0));
    let query = suppressions::table.filter(suppressions::id.gt(after)).order(suppressions::id).limit(row::BATCH);
    query.select(Row::as_select()).load(tx.conn)?.into_iter().map(Row::read).collect()
}

/// The addresses in scope that must not be written to, those first that were found out last.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &SuppressionFilter,
    request: &PageRequest<SuppressionId>,
) -> Result<Page<SuppressionView, SuppressionId>, StoreError> {
    let Some(garage) = garage_of(scope) else {
        return Ok(Page { items: vec![], next: None });
    };
    let [own, of_customers, end] = match &*tx.conn {
        AnyConnection::Postgres(_) => REACHED_POSTGRES,
        AnyConnection::Sqlite(_) => REACHED_SQLITE,
    };
    let reached = sql::<Bool>(own).bind::<Id, _>(garage).sql(of_customers).bind::<Id, _>(garage).sql(end);
    let mut query =
        suppressions::table.filter(reached).order(suppressions::id.desc()).limit(request.sql_limit()).into_boxed();
    if !filter.reasons.is_empty() {
        query = query.filter(suppressions::reason.eq_any(filter.reasons.iter().map(|reason| reason.code())));
    }
    if let Some(after) = request.after {
        query = query.filter(suppressions::id.lt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        // A customer who got the address brings with it what was stored of it before.
        let of_customer = customers::table
            .filter(customers::garage_id.eq(garage))
            .filter(customers::email_key.eq(suppressions::email_key.nullable()))
            .filter(customers::updated_at.ge(Time(since)));
        query = query.filter(suppressions::since.ge(Time(since)).or(exists(of_customer)));
    }
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.conn)?;
    let found = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    let page = request.page(found, |suppression| suppression.id);
    let items = with_customers(tx, garage, page.items)?;
    Ok(Page { items, next: page.next })
}

/// Adds to each suppression the customers of the garage that have its address, with one statement for all.
fn with_customers(tx: &mut Tx<'_>, garage: Key, found: Vec<Suppression>) -> Result<Vec<SuppressionView>, StoreError> {
    let keys: BTreeSet<String> = found.iter().map(|one| one.email.key()).collect();
    if keys.is_empty() {
        return Ok(vec![]);
    }
    let customers: Vec<(Key, String, Option<String>)> = customers::table
        .filter(customers::garage_id.eq(garage))
        .filter(customers::email_key.eq_any(keys))
        .order(customers::id)
        .select((customers::id, customers::name, customers::email_key))
        .load(tx.conn)?;
    let view = |suppression: Suppression| {
        let key = suppression.email.key();
        let has_it = |of: &Option<String>| of.as_deref() == Some(key.as_str());
        let customers = customers.iter().filter(|(_, _, of)| has_it(of));
        let customers = customers.map(|(id, name, _)| ((*id).into(), name.clone())).collect();
        SuppressionView { suppression, customers }
    };
    Ok(found.into_iter().map(view).collect())
}

/// A suppression in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: SuppressionId) -> Result<Option<Found<Suppression>>, StoreError> {
    let Some(garage) = garage_of(scope) else {
        return Ok(None);
    };
    let of_a_customer = customers::table
        .filter(customers::garage_id.eq(garage))
        .filter(customers::email_key.eq(suppressions::email_key.nullable()));
    let of_platform = suppressions::garage_id.is_null().and(exists(of_a_customer));
    let query = suppressions::table
        .find(Key::from(id))
        .filter(suppressions::garage_id.assume_not_null().eq(garage).or(of_platform))
        .select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose().map(|found| found.map(Found::in_scope))
}

/// The objection of an address to the mailings of a garage.
pub fn find_objection(
    tx: &mut Tx<'_>,
    garage: GarageId,
    email: &EmailAddress,
) -> Result<Option<Found<Suppression>>, StoreError> {
    let query = suppressions::table
        .filter(suppressions::email_key.eq(email.key()))
        .filter(suppressions::garage_id.eq(Some(Key::from(garage))))
        .filter(suppressions::reason.eq(SuppressionReason::Objected.code()));
    let row: Option<Row> = query.select(Row::as_select()).first(tx.conn).optional()?;
    row.map(Row::read).transpose().map(|found| found.map(Found::in_scope))
}

/// The objection that a customer made to the mailings of the garage, at the address where they made it, as the record remembers
/// it. One that was taken back is gone.
pub fn find_objection_of(tx: &mut Tx<'_>, customer: &Customer) -> Result<Option<Found<Suppression>>, StoreError> {
    let remembered = customers::table.find(Key::from(customer.id)).select(customers::objection_id);
    let query = suppressions::table
        .filter(suppressions::id.nullable().eq_any(remembered))
        .filter(suppressions::garage_id.eq(Some(Key::from(customer.garage_id))));
    let row: Option<Row> = query.select(Row::as_select()).first(tx.conn).optional()?;
    row.map(Row::read).transpose().map(|found| found.map(Found::in_scope))
}

/// Notes that an objection which went along with a customer was made at its address too.
pub fn keep_here(tx: &mut Tx<'_>, found: &Found<Suppression>) -> Result<(), StoreError> {
    let target = suppressions::table.find(Key::from(found.id));
    diesel::update(target).set(suppressions::goes_with.eq(None::<Key>)).execute(tx.conn)?;
    Ok(())
}

/// Deletes the objection that went along with a customer to their address, when they leave that or take it back.
pub fn leave(tx: &mut Tx<'_>, customer: &Customer, now: Instant) -> Result<bool, StoreError> {
    let Some(email) = &customer.email else { return Ok(false) };
    let target = || {
        suppressions::table
            .filter(suppressions::email_key.eq(email.key()))
            .filter(suppressions::garage_id.eq(Some(Key::from(customer.garage_id))))
            .filter(suppressions::goes_with.eq(Some(Key::from(customer.id))))
    };
    let left: Vec<Key> = target().select(suppressions::id).load(tx.conn)?;
    if left.is_empty() {
        return Ok(false);
    }
    diesel::delete(target()).execute(tx.conn)?;
    tell_gone(tx, left, customer.garage_id, now)?;
    touch_customers(tx, email, Some(customer.garage_id), now)?;
    Ok(true)
}

/// Leaves an objection that is about to be deleted to the others who made it with the same mailbox and have gone to another address
/// since: what went along with them is their own from now on.
pub fn leave_to_others(tx: &mut Tx<'_>, found: &Found<Suppression>, own: CustomerId) -> Result<(), StoreError> {
    let others = customers::table
        .filter(customers::objection_id.eq(Some(Key::from(found.id))))
        .filter(customers::id.ne(Key::from(own)));
    let gone_along: Vec<(Key, Key)> = others
        .inner_join(suppressions::table.on(suppressions::goes_with.eq(customers::id.nullable())))
        .order(customers::id)
        .select((customers::id, suppressions::id))
        .load(tx.conn)?;
    for (customer, along) in gone_along {
        let along_with = suppressions::table.find(along);
        diesel::update(along_with).set(suppressions::goes_with.eq(None::<Key>)).execute(tx.conn)?;
        diesel::update(customers::table.find(customer))
            .set(customers::objection_id.eq(Some(along)))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Deletes a suppression. False when someone else did so meanwhile.
pub fn delete(tx: &mut Tx<'_>, found: &Found<Suppression>, now: Instant) -> Result<bool, StoreError> {
    let is_deleted = diesel::delete(suppressions::table.find(Key::from(found.id))).execute(tx.conn)? == 1;
    if is_deleted {
        let garages = match found.garage {
            Some(garage) => vec![garage],
            None => garages_of(tx, &found.email)?,
        };
        let gone: Vec<Removal> =
            garages.into_iter().map(|garage| Removal::of_suppression(found.id, garage, now)).collect();
        removal::insert_all(tx, &gone)?;
        touch_customers(tx, &found.email, found.garage, now)?;
    }
    Ok(is_deleted)
}

/// The garages of which a customer has an address: they see what is stored of the mailbox.
fn garages_of(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Vec<GarageId>, StoreError> {
    let with_it = customers::table.filter(customers::email_key.eq(email.key()));
    let found: Vec<Key> = with_it.select(customers::garage_id).distinct().load(tx.conn)?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Writes down that suppressions are gone from the list of a garage (rule LS1).
fn tell_gone(tx: &mut Tx<'_>, left: Vec<Key>, garage: GarageId, now: Instant) -> Result<(), StoreError> {
    let gone: Vec<Removal> = left.into_iter().map(|id| Removal::of_suppression(id.into(), garage, now)).collect();
    removal::insert_all(tx, &gone)
}

/// A customer has left an address: what is stored of the mailbox is gone from the list of the garage, if no other customer of it
/// has the address (rule LS1).
pub(crate) fn left_by_customer(
    tx: &mut Tx<'_>,
    garage: GarageId,
    email: &EmailAddress,
    now: Instant,
) -> Result<(), StoreError> {
    let others = customers::table
        .filter(customers::garage_id.eq(Key::from(garage)))
        .filter(customers::email_key.eq(email.key()));
    let of_mailbox = suppressions::table
        .filter(suppressions::email_key.eq(email.key()))
        .filter(suppressions::garage_id.is_null())
        .filter(not(exists(others)));
    let left: Vec<Key> = of_mailbox.select(suppressions::id).load(tx.conn)?;
    tell_gone(tx, left, garage, now)
}
