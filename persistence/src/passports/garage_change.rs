//! Changes of garage: what garages asked for, and what the owners decided (rule P6).

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    row::{self, Reading, Stamps},
    schema::{garage_changes, garages, passports},
    scope::{Found, Scope, scoped},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{prelude::*, sql_types::Bool};
use domain::{
    Instant,
    garage_change::{GarageChange, GarageChangeStatus},
    ids::{GarageChangeId, GarageId, PassportId},
    value::AccountKind,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = garage_changes, treat_none_as_null = true)]
struct Row {
    id: Key,
    passport_id: Key,
    garage_id: Key,
    former_garage_id: Key,
    plate: String,
    customer_id: Key,
    requested_by: Key,
    status: String,
    requested_at: Time,
    expires_at: Time,
    decided_at: Option<Time>,
    version: i64,
    updated_at: Time,
}

impl Row {
    fn new(change: &GarageChange, now: Instant) -> Self {
        Self {
            id: change.id.into(),
            passport_id: change.passport_id.into(),
            garage_id: change.garage_id.into(),
            former_garage_id: change.former_garage_id.into(),
            plate: change.plate.clone(),
            customer_id: change.customer_id.into(),
            requested_by: change.requested_by.into(),
            status: change.status.code().to_owned(),
            requested_at: change.requested_at.into(),
            expires_at: change.expires_at.into(),
            decided_at: change.decided_at.map(Time),
            version: change.version,
            updated_at: now.into(),
        }
    }

    fn read(self) -> Result<(GarageChange, Stamps), StoreError> {
        let reading = Reading { table: "garage_changes", id: self.id.0 };
        let change = GarageChange {
            id: self.id.into(),
            passport_id: self.passport_id.into(),
            garage_id: self.garage_id.into(),
            former_garage_id: self.former_garage_id.into(),
            plate: self.plate,
            customer_id: self.customer_id.into(),
            requested_by: self.requested_by.into(),
            status: reading.column("status", &self.status, GarageChangeStatus::from_code)?,
            requested_at: self.requested_at.0,
            expires_at: self.expires_at.0,
            decided_at: self.decided_at.map(|at| at.0),
            version: self.version,
        };
        Ok((change, Stamps::new(self.requested_at, self.updated_at)))
    }
}

/// Which changes of garage a list has.
#[derive(Clone, Debug, Default)]
pub struct GarageChangeFilter {
    /// Only those that have one of these statuses now; any status when there are none.
    pub statuses: Vec<GarageChangeStatus>,
    /// Whether the newest comes first, and not the oldest.
    pub newest_first: bool,
    /// Only those of this passport.
    pub passport: Option<PassportId>,
}

/// A change of garage as it is shown, with the name of the garage that asked.
pub type GarageChangeView = (GarageChange, Stamps, String);

type ViewRow = (Row, String);

/// Which changes each kind of actor reaches: a garage those that it asked for, and those by which a car left it; an owner those
/// of the cars that they own now.
macro_rules! reach {
    (garage: $garage:expr) => {
        garage_changes::garage_id
            .nullable()
            .eq($garage)
            .or(garage_changes::status.eq("agreed").and(garage_changes::former_garage_id.nullable().eq($garage)))
    };
    (fleet: $fleet:expr, $account:expr) => {
        garage_changes::passport_id
            .eq_any(passports::table.filter(passports::fleet_id.eq($fleet)).select(passports::id))
            .nullable()
    };
    (driver: $account:expr, $email:expr) => {
        garage_changes::passport_id
            .eq_any(
                passports::table
                    .filter(passports::driver_account_id.eq($account))
                    .filter(passports::fleet_id.is_null())
                    .select(passports::id),
            )
            .nullable()
    };
    (nothing) => {
        garage_changes::id.eq(Key(uuid::Uuid::nil()))
    };
}

/// What a garage asked for; and of the others, all that they reach.
macro_rules! own_reach {
    (garage: $garage:expr) => {
        garage_changes::garage_id.nullable().eq($garage)
    };
    ($($other:tt)+) => {
        reach!($($other)+)
    };
}

/// By what cars left a garage.
macro_rules! former_reach {
    (garage: $garage:expr) => {
        garage_changes::status.eq("agreed").and(garage_changes::former_garage_id.nullable().eq($garage))
    };
    ($($other:tt)+) => {
        reach!(nothing)
    };
}

/// A page of one part. A garage has two, each in the order of an index of its own: with both in one condition the database
/// would read everyone's.
macro_rules! part {
    ($reach:ident, $tx:expr, $scope:expr, $filter:expr, $now:expr, $request:expr) => {{
        let query = garage_changes::table
            .inner_join(garages::table.on(garages::id.eq(garage_changes::garage_id)))
            .select((Row::as_select(), garages::name))
            .into_boxed();
        let mut query = scoped!($reach, query, $scope, scoped => scoped);
        if !$filter.statuses.is_empty() {
            // One whose time has passed is expired, whether that was recorded or not.
            let asked = |status| $filter.statuses.contains(&status).into_sql::<Bool>();
            let stored = $filter.statuses.iter().filter(|status| **status != GarageChangeStatus::Requested);
            let requested = garage_changes::status.eq("requested");
            let (is_open, is_over) =
                (garage_changes::expires_at.gt(Time($now)), garage_changes::expires_at.le(Time($now)));
            let open = requested.and(is_open).and(asked(GarageChangeStatus::Requested));
            let over = requested.and(is_over).and(asked(GarageChangeStatus::Expired));
            let decided = garage_changes::status.eq_any(stored.map(|status| status.code()));
            query = query.filter(decided.or(open).or(over));
        }
        if let Some(passport) = $filter.passport {
            query = query.filter(garage_changes::passport_id.eq(Key::from(passport)));
        }
        if let Some(after) = $request.after.map(Key::from) {
            let (later, earlier) = (garage_changes::id.gt(after), garage_changes::id.lt(after));
            query = if $filter.newest_first { query.filter(earlier) } else { query.filter(later) };
        }
        if let Some(since) = $request.updated_since {
            query = query.filter(garage_changes::updated_at.ge(Time(since)));
        }
        let (newest, oldest) = (garage_changes::id.desc(), garage_changes::id);
        query = if $filter.newest_first { query.order(newest) } else { query.order(oldest) };
        let found: Vec<ViewRow> = query.limit($request.sql_limit()).load($tx.conn)?;
        found
    }};
}

/// Stores a new one.
pub fn insert(tx: &mut Tx<'_>, change: &GarageChange, now: Instant) -> Result<(), StoreError> {
    diesel::insert_into(garage_changes::table).values(Row::new(change, now)).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed one, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, change: &GarageChange, now: Instant) -> Result<GarageChange, StoreError> {
    let next = GarageChange { version: change.version + 1, ..change.clone() };
    let target = garage_changes::table
        .find(Key::from(change.id))
        .filter(garage_changes::garage_id.eq(Key::from(change.garage_id)))
        .filter(garage_changes::version.eq(change.version));
    row::changed_one("garage_changes", diesel::update(target).set(Row::new(&next, now)).execute(tx.conn)?)?;
    Ok(next)
}

/// One in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: GarageChangeId) -> Result<Option<GarageChangeView>, StoreError> {
    let query = garage_changes::table
        .inner_join(garages::table.on(garages::id.eq(garage_changes::garage_id)))
        .filter(garage_changes::id.eq(Key::from(id)))
        .select((Row::as_select(), garages::name))
        .into_boxed();
    let found: Option<ViewRow> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    found.map(read_view).transpose()
}

fn read_view((row, garage_name): ViewRow) -> Result<GarageChangeView, StoreError> {
    let (change, stamps) = row.read()?;
    Ok((change, stamps, garage_name))
}

/// The garages that one in scope concerns: the one that asked, and the one that keeps the passport. Their locks must be taken
/// before it is read to be changed.
pub fn garages_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: GarageChangeId,
) -> Result<Option<(GarageId, GarageId)>, StoreError> {
    let query = garage_changes::table
        .find(Key::from(id))
        .select((garage_changes::garage_id, garage_changes::former_garage_id))
        .into_boxed();
    let found: Option<(Key, Key)> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    Ok(found.map(|(garage, former)| (garage.into(), former.into())))
}

/// The one of a passport that nobody has decided, also when it has expired.
pub fn find_undecided(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Option<GarageChange>, StoreError> {
    let row: Option<Row> = garage_changes::table
        .filter(garage_changes::passport_id.eq(Key::from(*passport)))
        .filter(garage_changes::status.eq("requested"))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Row::read).transpose()?.map(|(change, _)| change))
}

/// Those that have expired without a record of it, the oldest first.
pub fn list_overdue(tx: &mut Tx<'_>, now: Instant, limit: i64) -> Result<Vec<GarageChange>, StoreError> {
    let rows: Vec<Row> = garage_changes::table
        .filter(garage_changes::status.eq("requested"))
        .filter(garage_changes::expires_at.le(Time(now)))
        .order(garage_changes::expires_at)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| row.read().map(|(change, _)| change)).collect()
}

/// Those in scope, in the order in which they were asked for.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &GarageChangeFilter,
    now: Instant,
    request: &PageRequest<GarageChangeId>,
) -> Result<Page<GarageChangeView, GarageChangeId>, StoreError> {
    let mut found = part!(own_reach, tx, scope, filter, now, request);
    if matches!(scope, Scope::Garage(_) | Scope::Session(_, AccountKind::Staff)) {
        found.extend(part!(former_reach, tx, scope, filter, now, request));
        found.sort_unstable_by_key(|(row, _)| row.id.0);
        if filter.newest_first {
            found.reverse();
        }
        found.truncate(usize::try_from(request.sql_limit()).unwrap_or(usize::MAX));
    }
    let items: Vec<_> = found.into_iter().map(read_view).collect::<Result<_, _>>()?;
    Ok(request.page(items, |(change, ..)| change.id))
}
