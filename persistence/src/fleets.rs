//! Fleets, and finding them by typing.

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    row::{self, Reading, Stamps},
    schema::{accounts, fleets, passports, transfers},
    scope::Scope,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    account::AccountStatus,
    fleet::{Fleet, FleetBegin, FleetStatus},
    ids::FleetId,
    value::{EmailAddress, search_key},
};
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = fleets, treat_none_as_null = true)]
struct Row {
    id: Key,
    garage_id: Key,
    customer_id: Option<Key>,
    manager_passport_id: Key,
    manager_account_id: Key,
    account_id: Key,
    name: String,
    name_key: String,
    status: String,
    begin_kind: String,
    version: i64,
    created_at: Time,
    updated_at: Time,
}

impl Row {
    fn new(fleet: &Fleet, stamps: Stamps) -> Self {
        Self {
            id: fleet.id.into(),
            garage_id: fleet.garage_id.into(),
            customer_id: fleet.customer_id.map(Key::from),
            manager_passport_id: fleet.manager_passport_id.into(),
            manager_account_id: fleet.manager_account_id.into(),
            account_id: fleet.account_id.into(),
            name: fleet.name.clone(),
            name_key: search_key(&fleet.name),
            status: fleet.status.code().to_owned(),
            begin_kind: fleet.begin.code().to_owned(),
            version: fleet.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
        }
    }

    fn read(self) -> Result<(Fleet, Stamps), StoreError> {
        let reading = Reading { table: "fleets", id: self.id.0 };
        let fleet = Fleet {
            id: self.id.into(),
            garage_id: self.garage_id.into(),
            customer_id: self.customer_id.map(Into::into),
            manager_passport_id: self.manager_passport_id.into(),
            manager_account_id: self.manager_account_id.into(),
            account_id: self.account_id.into(),
            name: self.name,
            status: reading.column("status", &self.status, FleetStatus::from_code)?,
            begin: reading.column("begin_kind", &self.begin_kind, FleetBegin::from_code)?,
            version: self.version,
        };
        Ok((fleet, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// A fleet as it is shown.
#[derive(Clone, Debug)]
pub struct FleetView {
    /// The fleet.
    pub fleet: Fleet,
    /// When it was made and last changed.
    pub stamps: Stamps,
    /// Its account's e-mail.
    pub email: EmailAddress,
    /// Whether its account can sign in.
    pub account_status: AccountStatus,
    /// How many passports are linked to it.
    pub passport_count: i64,
}

/// Where a list goes on: whether among the names that begin with what was typed, after which name and id.
pub type FleetKey = (bool, String, FleetId);

/// Stores a new fleet.
pub fn insert(tx: &mut Tx<'_>, fleet: &Fleet, now: Instant) -> Result<(), StoreError> {
    let row = Row::new(fleet, Stamps { created_at: now, updated_at: now });
    diesel::insert_into(fleets::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed fleet, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, fleet: &Fleet, stamps: Stamps, now: Instant) -> Result<Fleet, StoreError> {
    let next = Fleet { version: fleet.version + 1, ..fleet.clone() };
    let target = fleets::table
        .find(Key::from(fleet.id))
        .filter(fleets::garage_id.eq(Key::from(fleet.garage_id)))
        .filter(fleets::version.eq(fleet.version));
    let rows = diesel::update(target).set(Row::new(&next, Stamps { updated_at: now, ..stamps })).execute(tx.conn)?;
    row::changed_one("fleets", rows)?;
    Ok(next)
}

macro_rules! in_scope {
    ($query:expr, $scope:expr) => {
        match $scope {
            Scope::Garage(garage) => $query.filter(fleets::garage_id.eq(Key::from(*garage))),
            Scope::Fleet(fleet, _) => $query.filter(fleets::id.eq(Key::from(*fleet))),
            Scope::System => $query,
            Scope::Driver(..) | Scope::Nothing => $query.filter(fleets::id.eq(Key(uuid::Uuid::nil()))),
        }
    };
}

/// A fleet in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: FleetId) -> Result<Option<(Fleet, Stamps)>, StoreError> {
    let query = fleets::table.find(Key::from(id)).select(Row::as_select()).into_boxed();
    in_scope!(query, scope).first(tx.conn).optional()?.map(Row::read).transpose()
}

/// A fleet in scope, as it is shown.
pub fn view(tx: &mut Tx<'_>, scope: &Scope, id: FleetId) -> Result<Option<FleetView>, StoreError> {
    let query = fleets::table
        .inner_join(accounts::table)
        .filter(fleets::id.eq(Key::from(id)))
        .select((Row::as_select(), accounts::email, accounts::status))
        .into_boxed();
    let found: Option<(Row, String, String)> = in_scope!(query, scope).first(tx.conn).optional()?;
    Ok(views(tx, found.into_iter().collect())?.pop())
}

fn views(tx: &mut Tx<'_>, rows: Vec<(Row, String, String)>) -> Result<Vec<FleetView>, StoreError> {
    let ids: Vec<Key> = rows.iter().map(|(row, ..)| row.id).collect();
    let counts: HashMap<Key, i64> = passports::table
        .filter(passports::fleet_id.eq_any(ids))
        .group_by(passports::fleet_id)
        .select((passports::fleet_id.assume_not_null(), diesel::dsl::count_star()))
        .load::<(Key, i64)>(tx.conn)?
        .into_iter()
        .collect();
    rows.into_iter()
        .map(|(row, email, status)| {
            let passport_count = counts.get(&row.id).copied().unwrap_or(0);
            let reading = Reading { table: "accounts", id: row.account_id.0 };
            let (fleet, stamps) = row.read()?;
            Ok(FleetView {
                fleet,
                stamps,
                email: reading.column("email", &email, row::email)?,
                account_status: reading.column("status", &status, AccountStatus::from_code)?,
                passport_count,
            })
        })
        .collect()
}

/// Fleets by name. With `search`, those with each of its words at the beginning of a word of theirs; names that begin
/// with what was typed come first.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    search: Option<&str>,
    status: Option<FleetStatus>,
    request: &PageRequest<FleetKey>,
) -> Result<Page<FleetView, FleetKey>, StoreError> {
    let typed = search.map(search_key).unwrap_or_default();
    let mut rows = Vec::new();
    let mut starting = Vec::new();
    for begins in [true, false] {
        // Without a search all names "begin with what was typed", and there is no second part.
        let passed = request.after.as_ref().is_some_and(|(part, ..)| begins && !part);
        if passed || (!begins && typed.is_empty()) || rows.len() > request.limit {
            continue;
        }
        let after = request.after.as_ref().filter(|(part, ..)| *part == begins).map(|(_, name, id)| (name, *id));
        let query = part_query(scope, &typed, begins, after, status, request);
        let found: Vec<(Row, String, String)> = query.load(tx.conn)?;
        starting.extend(std::iter::repeat_n(begins, found.len()));
        rows.extend(found);
    }
    rows.truncate(usize::try_from(request.sql_limit()).unwrap_or(usize::MAX));
    let items: Vec<_> = views(tx, rows)?.into_iter().zip(starting).collect();
    let page = request.page(items, |(view, begins)| (*begins, search_key(&view.fleet.name), view.fleet.id));
    Ok(Page { items: page.items.into_iter().map(|(view, _)| view).collect(), next: page.next })
}

type PartQuery<'a> = diesel::helper_types::IntoBoxed<
    'a,
    diesel::helper_types::Select<
        diesel::helper_types::InnerJoin<fleets::table, accounts::table>,
        (diesel::helper_types::AsSelect<Row, crate::connection::MultiBackend>, accounts::email, accounts::status),
    >,
    crate::connection::MultiBackend,
>;

/// One of the two parts of a search: names that begin with what was typed, or the others that have all of its words.
fn part_query<'a>(
    scope: &Scope,
    typed: &str,
    begins: bool,
    after: Option<(&String, FleetId)>,
    status: Option<FleetStatus>,
    request: &PageRequest<FleetKey>,
) -> PartQuery<'a> {
    let mut query = fleets::table
        .inner_join(accounts::table)
        .select((Row::as_select(), accounts::email, accounts::status))
        .into_boxed();
    query = in_scope!(query, scope);
    if !typed.is_empty() {
        let prefix = format!("{typed}%");
        if begins {
            query = query.filter(fleets::name_key.like(prefix));
        } else {
            query = query.filter(fleets::name_key.not_like(prefix));
            for word in typed.split(' ') {
                let first = fleets::name_key.like(format!("{word}%"));
                query = query.filter(first.or(fleets::name_key.like(format!("% {word}%"))));
            }
        }
    }
    if let Some((name, id)) = after {
        let later = fleets::name_key.eq(name.clone()).and(fleets::id.gt(Key::from(id)));
        query = query.filter(fleets::name_key.gt(name.clone()).or(later));
    }
    if let Some(status) = status {
        query = query.filter(fleets::status.eq(status.code()));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(fleets::updated_at.ge(Time(since)));
    }
    query.order((fleets::name_key, fleets::id)).limit(request.sql_limit())
}

/// How many passports are linked to a fleet, and how many of its offers are open (rule F6).
pub fn references(tx: &mut Tx<'_>, id: FleetId, now: Instant) -> Result<(i64, i64), StoreError> {
    let id = Key::from(id);
    let linked = passports::table.filter(passports::fleet_id.eq(id)).count().get_result(tx.conn)?;
    let open = transfers::table
        .filter(transfers::fleet_id.eq(id))
        .filter(transfers::status.eq("offered"))
        .filter(transfers::expires_at.gt(Time(now)))
        .count()
        .get_result(tx.conn)?;
    Ok((linked, open))
}
