//! The history of hands. It only grows (rule P5); the database itself refuses to change or delete its rows.

use crate::{
    cars::{Cars, load_of_cars},
    connection::insert_all,
    error::StoreError,
    page::{Page, PageRequest},
    row::Reading,
    schema::{accounts, custody, fleets},
    scope::Found,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{dsl::max, prelude::*};
use domain::{
    Instant,
    custody::{CustodyEntry, CustodyRole, Holder},
    ids::{AccountId, FleetId, PassportId},
};
use std::collections::HashMap;

#[derive(Insertable)]
#[diesel(table_name = custody, treat_none_as_default_value = false)]
struct Row {
    passport_id: Key,
    number: i64,
    role: &'static str,
    account_id: Option<Key>,
    fleet_id: Option<Key>,
    since: Time,
    changed_by: Option<Key>,
}

/// A period in which someone held a role, as it is shown.
#[derive(Clone, Debug)]
pub struct CustodyPeriod {
    /// The number of the period in the passport's history, from 1.
    pub number: i64,
    /// The role.
    pub role: CustodyRole,
    /// The account that held the role, and its name.
    pub account: Option<(AccountId, String)>,
    /// The fleet that held the role, and its name. When both are none, nobody held it.
    pub fleet: Option<(FleetId, String)>,
    /// When the period began.
    pub since: Instant,
    /// When the period ended; none while it lasts.
    pub until: Option<Instant>,
    /// The account that began it.
    pub changed_by: Option<AccountId>,
}

impl Row {
    fn new(entry: &CustodyEntry, number: i64) -> Self {
        let (account_id, fleet_id) = match entry.holder {
            Holder::Nobody => (None, None),
            Holder::Account(account) => (Some(account.into()), None),
            Holder::Fleet(fleet) => (None, Some(fleet.into())),
        };
        Self {
            passport_id: entry.passport_id.into(),
            number,
            role: entry.role.code(),
            account_id,
            fleet_id,
            since: entry.since.into(),
            changed_by: entry.changed_by.map(Key::from),
        }
    }
}

/// Adds entries to a passport's history.
pub fn append(tx: &mut Tx<'_>, entries: &[CustodyEntry]) -> Result<(), StoreError> {
    let Some(first) = entries.first() else {
        return Ok(());
    };
    let of_passport = custody::table.filter(custody::passport_id.eq(Key::from(first.passport_id)));
    let last: Option<i64> = of_passport.select(max(custody::number)).first(tx.conn)?;
    let rows: Vec<Row> =
        entries.iter().zip(last.unwrap_or(0) + 1..).map(|(entry, number)| Row::new(entry, number)).collect();
    insert_all!(tx, custody::table, rows);
    Ok(())
}

/// Stores the first entries in the histories of new passports.
pub fn begin(tx: &mut Tx<'_>, histories: &[Vec<CustodyEntry>]) -> Result<(), StoreError> {
    let numbered = histories.iter().flat_map(|entries| entries.iter().zip(1..));
    let rows: Vec<Row> = numbered.map(|(entry, number)| Row::new(entry, number)).collect();
    insert_all!(tx, custody::table, rows);
    Ok(())
}

/// Who owned the car of a passport, each with the instant from which on, the oldest first.
pub fn owners(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Vec<(Instant, Holder)>, StoreError> {
    let found: Vec<(Time, Option<Key>, Option<Key>)> = custody::table
        .filter(custody::passport_id.eq(Key::from(*passport)))
        .filter(custody::role.eq(CustodyRole::Owner.code()))
        .order(custody::number)
        .select((custody::since, custody::account_id, custody::fleet_id))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(since, account, fleet)| (since.0, holder(account, fleet))).collect())
}

/// The same for the cars of many passports.
pub fn owners_of_all(tx: &mut Tx<'_>, cars: &Cars) -> Result<HashMap<PassportId, Vec<(Instant, Holder)>>, StoreError> {
    type Columns = (Key, i64, Time, Option<Key>, Option<Key>);
    let query = custody::table.filter(custody::role.eq(CustodyRole::Owner.code())).select((
        custody::passport_id,
        custody::number,
        custody::since,
        custody::account_id,
        custody::fleet_id,
    ));
    let mut found: Vec<Columns> = load_of_cars!(tx, query, custody::passport_id = passport in cars);
    found.sort_unstable_by_key(|(_, number, ..)| *number);
    let mut owners: HashMap<PassportId, Vec<(Instant, Holder)>> = HashMap::new();
    for (passport, _, since, account, fleet) in found {
        owners.entry(passport.into()).or_default().push((since.0, holder(account, fleet)));
    }
    Ok(owners)
}

fn holder(account: Option<Key>, fleet: Option<Key>) -> Holder {
    match (account, fleet) {
        (Some(account), _) => Holder::Account(account.into()),
        (None, Some(fleet)) => Holder::Fleet(fleet.into()),
        (None, None) => Holder::Nobody,
    }
}

/// The history of a passport, the oldest period first.
pub fn list(
    tx: &mut Tx<'_>,
    passport: Found<PassportId>,
    request: &PageRequest<i64>,
) -> Result<Page<CustodyPeriod, i64>, StoreError> {
    type ViewRow = (i64, String, Option<(Key, String)>, Option<(Key, String)>, Time, Option<Time>, Option<Key>);
    let later = diesel::alias!(custody as later);
    let until = later
        .filter(later.field(custody::passport_id).eq(custody::passport_id))
        .filter(later.field(custody::role).eq(custody::role))
        .filter(later.field(custody::number).gt(custody::number))
        .order(later.field(custody::number))
        .select(later.field(custody::since))
        .limit(1)
        .single_value();
    let mut query = custody::table
        .left_join(accounts::table.on(accounts::id.nullable().eq(custody::account_id)))
        .left_join(fleets::table.on(fleets::id.nullable().eq(custody::fleet_id)))
        .filter(custody::passport_id.eq(Key::from(*passport)))
        .order(custody::number)
        .limit(request.sql_limit())
        .select((
            custody::number,
            custody::role,
            (accounts::id, accounts::name).nullable(),
            (fleets::id, fleets::name).nullable(),
            custody::since,
            until,
            custody::changed_by,
        ))
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(custody::number.gt(after));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(custody::since.ge(Time(since)));
    }
    let found: Vec<ViewRow> = query.load(tx.conn)?;
    let reading = Reading { table: "custody", id: passport.0 };
    let items = found
        .into_iter()
        .map(|(number, role, account, fleet, since, until, changed_by)| {
            Ok(CustodyPeriod {
                number,
                role: reading.column("role", &role, CustodyRole::from_code)?,
                account: account.map(|(id, name)| (id.into(), name)),
                fleet: fleet.map(|(id, name)| (id.into(), name)),
                since: since.0,
                until: until.map(|until| until.0),
                changed_by: changed_by.map(Into::into),
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |period| period.number))
}
