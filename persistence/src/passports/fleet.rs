//! Fleets, and the search for them while someone types.

use crate::{
    connection::on_each,
    error::StoreError,
    page::{Page, PageRequest},
    passport, removal,
    row::{self, Reading, Stamps},
    schema::{accounts, fleets, garages, passports, transfers},
    scope::{Found, Scope, scoped},
    sql_types::{Day, Key, Time},
    store::Tx,
    words::each_word_begins,
};
use diesel::{
    dsl::{count_star, not},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    Date, Instant,
    account::AccountStatus,
    fleet::{Fleet, FleetStatus},
    ids::{AccountId, FleetId, GarageId, PassportId},
    reminder::{DigestPlan, FleetChoice, FleetReminders},
    removal::Removal,
    value::{AccountKind, EmailAddress, FleetBegin, name_key, sought_words},
};

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
    drivers_see_amounts: bool,
    reminders_to: String,
    digest_since: Option<Day>,
    digest_on: Option<Day>,
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
            name_key: name_key(&fleet.name),
            status: fleet.status.code().to_owned(),
            begin_kind: fleet.begin.code().to_owned(),
            version: fleet.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
            drivers_see_amounts: fleet.drivers_see_amounts,
            reminders_to: fleet.reminders_to.code().to_owned(),
            digest_since: fleet.digest.map(|plan| plan.since).or(fleet.digested_before).map(Day),
            digest_on: fleet.digest.map(|plan| Day(plan.on)),
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
            drivers_see_amounts: self.drivers_see_amounts,
            reminders_to: reading.column("reminders_to", &self.reminders_to, FleetChoice::from_code)?,
            digest: self.digest_since.zip(self.digest_on).map(|(since, on)| DigestPlan { since: since.0, on: on.0 }),
            digested_before: self.digest_since.filter(|_| self.digest_on.is_none()).map(|day| day.0),
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
    /// When it was created and last changed.
    pub stamps: Stamps,
    /// The e-mail of its account.
    pub email: EmailAddress,
    /// Whether its account can sign in.
    pub account_status: AccountStatus,
    /// Whether who has the mailbox has confirmed the e-mail (rules A4 and F8).
    pub email_confirmed: bool,
    /// How many passports are linked to it.
    pub passport_count: i64,
    /// The time zone of its garage.
    pub time_zone: String,
}

impl FleetView {
    /// Its id, which was found in scope.
    pub const fn found(&self) -> Found<FleetId> {
        Found::in_scope(self.fleet.id)
    }
}

/// Where a list continues: whether among the names that begin with the search text, and after which name and id.
pub type FleetKey = (bool, String, FleetId);

/// Stores a new fleet.
pub fn insert(tx: &mut Tx<'_>, fleet: &Fleet, now: Instant) -> Result<(), StoreError> {
    let row = Row::new(fleet, Stamps { created_at: now, updated_at: now });
    diesel::insert_into(fleets::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed fleet, which its passports may show otherwise now (rule LS2), unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, fleet: &Fleet, stamps: Stamps, now: Instant) -> Result<Fleet, StoreError> {
    let next = Fleet { version: fleet.version + 1, ..fleet.clone() };
    let before: Option<(String, String)> =
        fleets::table.find(Key::from(fleet.id)).select((fleets::name, fleets::status)).first(tx.conn).optional()?;
    let target = fleets::table
        .find(Key::from(fleet.id))
        .filter(fleets::garage_id.eq(Key::from(fleet.garage_id)))
        .filter(fleets::version.eq(fleet.version));
    let rows = diesel::update(target).set(Row::new(&next, Stamps { updated_at: now, ..stamps })).execute(tx.conn)?;
    row::changed_one("fleets", rows)?;
    let Some((name, status)) = before else { return Ok(next) };
    if name != fleet.name {
        passport::touch(tx, passport::Shown::Fleet(fleet.id), now)?;
    }
    if fleet.status == FleetStatus::Closed && status != fleet.status.code() {
        removal::insert_all(tx, &[Removal::of_closed_fleet(fleet.id, fleet.garage_id, now)])?;
    }
    Ok(next)
}

/// Notes in one statement that what some fleets show has changed, such as how many cars they have (rule LS2). Their versions stay.
pub(crate) fn touch(tx: &mut Tx<'_>, ids: &[FleetId], now: Instant) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = ids.iter().copied().map(Key::from).collect();
    let target = fleets::table.filter(fleets::id.eq_any(keys)).filter(fleets::updated_at.lt(Time(now)));
    diesel::update(target).set(fleets::updated_at.eq(Time(now))).execute(tx.conn)?;
    Ok(())
}

/// The same of the fleet that signs in with an account.
pub(crate) fn touch_of_account(tx: &mut Tx<'_>, account: AccountId, now: Instant) -> Result<(), StoreError> {
    let target =
        fleets::table.filter(fleets::account_id.eq(Key::from(account))).filter(fleets::updated_at.lt(Time(now)));
    diesel::update(target).set(fleets::updated_at.eq(Time(now))).execute(tx.conn)?;
    Ok(())
}

/// Which fleets each kind of actor reaches.
macro_rules! reach {
    (garage: $garage:expr) => {
        fleets::garage_id.nullable().eq($garage)
    };
    (fleet: $fleet:expr, $account:expr) => {
        fleets::id.nullable().eq($fleet)
    };
    (driver: $account:expr, $email:expr) => {
        reach!(nothing)
    };
    (nothing) => {
        fleets::id.eq(Key(uuid::Uuid::nil()))
    };
}

/// A fleet in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: FleetId) -> Result<Option<(Fleet, Stamps)>, StoreError> {
    let query = fleets::table.find(Key::from(id)).select(Row::as_select());
    let row: Option<Row> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    row.map(Row::read).transpose()
}

/// The garage of the fleet that this account signs in to, if it is a fleet's.
pub fn garage_of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<GarageId>, StoreError> {
    let query = fleets::table.filter(fleets::account_id.eq(Key::from(account))).select(fleets::garage_id);
    Ok(query.first::<Key>(tx.conn).optional()?.map(Into::into))
}

/// The fleets with these ids that are in scope.
pub fn find_all(tx: &mut Tx<'_>, scope: &Scope, ids: &[FleetId]) -> Result<Vec<Fleet>, StoreError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let ids: Vec<Key> = ids.iter().copied().map(Key::from).collect();
    let query = fleets::table.filter(fleets::id.eq_any(ids)).select(Row::as_select());
    let rows: Vec<Row> = scoped!(reach, query, scope, scoped => scoped.load(tx.conn)?);
    rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
}

/// Fleets as they are shown, and whether the name of each begins with the search text. The garage of a fleet counts the cars
/// that it keeps itself (rule P6).
macro_rules! views {
    ($prefix:expr, $scope:expr) => {
        fleets::table
            .inner_join(accounts::table)
            .inner_join(garages::table.on(garages::id.eq(fleets::garage_id)))
            .select((
                Row::as_select(),
                accounts::email,
                (accounts::status, accounts::is_email_confirmed),
                passports::table
                    .filter(passports::fleet_id.eq(fleets::id.nullable()))
                    .filter(passports::garage_id.eq(fleets::garage_id).or(counts_all($scope).into_sql::<Bool>()))
                    .select(count_star())
                    .single_value()
                    .assume_not_null(),
                fleets::name_key.like($prefix),
                garages::time_zone,
            ))
    };
}

/// Whether all cars of a fleet are counted, whichever garages keep them.
const fn counts_all(scope: &Scope) -> bool {
    !matches!(scope, Scope::Garage(_) | Scope::Session(_, AccountKind::Staff))
}

type ViewRow = (Row, String, (String, bool), i64, bool, String);

fn read_view(
    (row, email, (status, is_confirmed), passport_count, begins, time_zone): ViewRow,
) -> Result<(FleetView, bool), StoreError> {
    let reading = Reading { table: "accounts", id: row.account_id.0 };
    let (fleet, stamps) = row.read()?;
    let view = FleetView {
        fleet,
        stamps,
        email: reading.column("email", &email, row::email)?,
        account_status: reading.column("status", &status, AccountStatus::from_code)?,
        email_confirmed: is_confirmed,
        passport_count,
        time_zone,
    };
    Ok((view, begins))
}

/// A fleet in scope, as it is shown, in one query.
pub fn view(tx: &mut Tx<'_>, scope: &Scope, id: FleetId) -> Result<Option<FleetView>, StoreError> {
    let found: Option<ViewRow> = on_each!(tx, connection => {
        let query = views!("%", scope).filter(fleets::id.eq(Key::from(id)));
        scoped!(reach, query, scope, scoped => scoped.first(connection).optional()?)
    });
    Ok(found.map(read_view).transpose()?.map(|(view, _)| view))
}

/// Fleets by name, in one query. With `search`, those that have each of its words at the beginning of a word of their
/// name, and none when it has no word; names that begin with the search text come first. Without statuses, fleets with any
/// status.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    search: Option<&str>,
    statuses: &[FleetStatus],
    request: &PageRequest<FleetKey>,
) -> Result<Page<FleetView, FleetKey>, StoreError> {
    let words = search.map(sought_words);
    let found = match &words {
        None => by_name(tx, scope, statuses, request)?,
        Some(words) if words.is_empty() => vec![],
        Some(words) => by_typing(tx, scope, &words.join(" "), statuses, request)?,
    };
    let items: Vec<_> = found.into_iter().map(read_view).collect::<Result<_, _>>()?;
    let page = request.page(items, |(view, begins)| (*begins, name_key(&view.fleet.name), view.fleet.id));
    Ok(Page { items: page.items.into_iter().map(|(view, _)| view).collect(), next: page.next })
}

/// In the order of the index. Only a filter that was given becomes a condition; otherwise PostgreSQL expects so few
/// rows that it sorts them.
fn by_name(
    tx: &mut Tx<'_>,
    scope: &Scope,
    statuses: &[FleetStatus],
    request: &PageRequest<FleetKey>,
) -> Result<Vec<ViewRow>, StoreError> {
    Ok(on_each!(tx, connection, Db => {
        let mut query = scoped!(reach, views!("%", scope).into_boxed::<Db>(), scope, scoped => scoped);
        if let Some((_, name, id)) = &request.after {
            let later = fleets::name_key.gt(name).or(fleets::name_key.eq(name).and(fleets::id.gt(Key::from(*id))));
            query = query.filter(fleets::name_key.ge(name)).filter(later);
        }
        if !statuses.is_empty() {
            query = query.filter(fleets::status.eq_any(statuses.iter().map(|status| status.code())));
        }
        if let Some(since) = request.updated_since {
            query = query.filter(fleets::updated_at.ge(Time(since)));
        }
        query.order((fleets::name_key, fleets::id)).limit(request.sql_limit()).load(connection)?
    }))
}

/// A filter that was not given becomes a condition that all rows meet. So there is one statement for all searches,
/// which is known at compile time.
fn by_typing(
    tx: &mut Tx<'_>,
    scope: &Scope,
    typed: &str,
    statuses: &[FleetStatus],
    request: &PageRequest<FleetKey>,
) -> Result<Vec<ViewRow>, StoreError> {
    let prefix = format!("{typed}%");
    let begins = fleets::name_key.like(&prefix);
    // The names that begin with the search text come first, then the others.
    let (begun, name, id) = request.after.clone().unwrap_or((true, String::new(), FleetId(uuid::Uuid::nil())));
    let begun = begun.into_sql::<Bool>();
    let later = fleets::name_key.gt(&name).or(fleets::name_key.eq(&name).and(fleets::id.gt(Key::from(id))));
    let since = Time(request.updated_since.unwrap_or(Instant::UNIX_EPOCH));
    let is_any = statuses.is_empty().into_sql::<Bool>();
    let codes: Vec<&str> = statuses.iter().map(|status| status.code()).collect();
    Ok(on_each!(tx, connection => {
        let query = views!(&prefix, scope)
            .filter(each_word_begins(fleets::name_key, typed))
            .filter(begins.eq(begun).and(later).or(not(begins).and(begun)))
            .filter(fleets::status.eq_any(&codes).or(is_any))
            .filter(fleets::updated_at.ge(since))
            .order((begins.desc(), fleets::name_key, fleets::id))
            .limit(request.sql_limit());
        scoped!(reach, query, scope, scoped => scoped.load(connection)?)
    }))
}

/// Whether the fleet to which a passport in scope is linked lets its drivers see amounts (rule EC6).
pub fn drivers_see_amounts(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<bool, StoreError> {
    let found = passports::table
        .inner_join(fleets::table)
        .filter(passports::id.eq(Key::from(*passport)))
        .select(fleets::drivers_see_amounts)
        .first(tx.conn)
        .optional()?;
    Ok(found.unwrap_or(false))
}

/// What a fleet chose about reminders of its cars that are made on a day (rule RM4); none when there is no such fleet. What was
/// made before the first day of which its next digest tells is no longer for a digest. For the system's own work.
pub fn reminders(tx: &mut Tx<'_>, id: FleetId, made_on: Date) -> Result<Option<FleetReminders>, StoreError> {
    let columns = (fleets::reminders_to, fleets::digest_since, fleets::digest_on.is_not_null());
    let found: Option<(String, Option<Day>, bool)> =
        fleets::table.find(Key::from(id)).select(columns).first(tx.conn).optional()?;
    let reading = Reading { table: "fleets", id: id.0 };
    let read = |(to, since, is_taken): (String, Option<Day>, bool)| {
        let digest = is_taken && since.is_some_and(|since| since.0 <= made_on);
        Ok(FleetReminders { to: reading.column("reminders_to", &to, FleetChoice::from_code)?, digest })
    };
    found.map(read).transpose()
}

/// Fleets whose digest is due on a day or was before, with their garages, except those of some garages; after a day and a
/// fleet, in their order.
pub fn list_digests(
    tx: &mut Tx<'_>,
    today: Date,
    except: &[GarageId],
    after: Option<(Date, FleetId)>,
    limit: i64,
) -> Result<Vec<(Date, FleetId, GarageId)>, StoreError> {
    let mut query = fleets::table
        .filter(fleets::digest_on.is_not_null())
        .filter(fleets::digest_on.le(Day(today)))
        .order((fleets::digest_on, fleets::id))
        .limit(limit)
        .select((fleets::digest_on, fleets::id, fleets::garage_id))
        .into_boxed();
    if let Some((on, fleet)) = after {
        query = query
            .filter(fleets::digest_on.ge(Day(on)))
            .filter(fleets::digest_on.gt(Day(on)).or(fleets::id.nullable().gt(Key::from(fleet))));
    }
    if !except.is_empty() {
        query = query.filter(fleets::garage_id.ne_all(except.iter().copied().map(Key::from).collect::<Vec<_>>()));
    }
    let found: Vec<(Option<Day>, Key, Key)> = query.load(tx.conn)?;
    let read = |(on, fleet, garage): (Option<Day>, Key, Key)| Some((on?.0, fleet.into(), garage.into()));
    Ok(found.into_iter().filter_map(read).collect())
}

/// Keeps when the next digest of a fleet comes. Its version stays, since nobody changed the fleet.
pub fn plan_digest(tx: &mut Tx<'_>, id: FleetId, plan: DigestPlan) -> Result<(), StoreError> {
    diesel::update(fleets::table.find(Key::from(id)))
        .set((fleets::digest_since.eq(Some(Day(plan.since))), fleets::digest_on.eq(Some(Day(plan.on)))))
        .execute(tx.conn)?;
    Ok(())
}

/// How many passports are linked to a fleet, and how many open offers it has made (rule F6).
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
