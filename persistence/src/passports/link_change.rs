//! Changes of link to which the side that lost the car can object.

use crate::{
    error::StoreError,
    page::{Page, PageRequest, page_by_id},
    row::{self, Reading, Stamps},
    schema::{fleets, garages, link_changes},
    scope::{Found, Scope, scoped},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{prelude::*, sql_types::Bool};
use domain::{
    Instant,
    ids::{FleetId, GarageId, LinkChangeId, PassportId},
    link_change::{LinkChange, LinkChangeStatus},
    value::LinkChangeKind,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = link_changes, treat_none_as_null = true)]
struct Row {
    id: Key,
    passport_id: Key,
    garage_id: Key,
    plate: String,
    kind: String,
    fleet_id: Key,
    driver_account_id: Key,
    status: String,
    changed_at: Time,
    ends_at: Time,
    decided_at: Option<Time>,
    version: i64,
    updated_at: Time,
}

impl Row {
    fn new(change: &LinkChange, now: Instant) -> Self {
        Self {
            id: change.id.into(),
            passport_id: change.passport_id.into(),
            garage_id: change.garage_id.into(),
            plate: change.plate.clone(),
            kind: change.kind.code().to_owned(),
            fleet_id: change.fleet_id.into(),
            driver_account_id: change.driver.into(),
            status: change.status.code().to_owned(),
            changed_at: change.changed_at.into(),
            ends_at: change.ends_at.into(),
            decided_at: change.decided_at.map(Time),
            version: change.version,
            updated_at: now.into(),
        }
    }

    fn read(self) -> Result<(LinkChange, Stamps), StoreError> {
        let reading = Reading { table: "link_changes", id: self.id.0 };
        let change = LinkChange {
            id: self.id.into(),
            passport_id: self.passport_id.into(),
            garage_id: self.garage_id.into(),
            plate: self.plate,
            kind: reading.column("kind", &self.kind, LinkChangeKind::from_code)?,
            fleet_id: self.fleet_id.into(),
            driver: self.driver_account_id.into(),
            status: reading.column("status", &self.status, LinkChangeStatus::from_code)?,
            changed_at: self.changed_at.0,
            ends_at: self.ends_at.0,
            decided_at: self.decided_at.map(|at| at.0),
            version: self.version,
        };
        Ok((change, Stamps::new(self.changed_at, self.updated_at)))
    }
}

/// Which changes of link a list has.
#[derive(Clone, Debug, Default)]
pub struct LinkChangeFilter {
    /// Only changes that have one of these statuses now; any status when there are none.
    pub statuses: Vec<LinkChangeStatus>,
    /// Only changes of the link of this passport.
    pub passport: Option<PassportId>,
    /// Whether the newest change comes first, and not the oldest.
    pub newest_first: bool,
}

/// A change of link as it is shown, with the names of the garage and of the fleet.
#[derive(Clone, Debug)]
pub struct LinkChangeView {
    /// The change.
    pub change: LinkChange,
    /// When it was made and last changed.
    pub stamps: Stamps,
    /// The name of the garage.
    pub garage_name: String,
    /// The name of the fleet.
    pub fleet_name: String,
}

type ViewRow = (Row, String, String);

/// Which changes each kind of actor reaches: a garage its own, a fleet those of its cars, a driver those of the cars that
/// they drove then.
macro_rules! reach {
    (garage: $garage:expr) => {
        link_changes::garage_id.nullable().eq($garage)
    };
    (fleet: $fleet:expr, $account:expr) => {
        link_changes::fleet_id.nullable().eq($fleet)
    };
    (driver: $account:expr, $email:expr) => {
        link_changes::driver_account_id.nullable().eq($account)
    };
    (nothing) => {
        link_changes::id.eq(Key(uuid::Uuid::nil()))
    };
}

/// Stores a new change.
pub fn insert(tx: &mut Tx<'_>, change: &LinkChange, now: Instant) -> Result<(), StoreError> {
    diesel::insert_into(link_changes::table).values(Row::new(change, now)).execute(tx.conn)?;
    Ok(())
}

/// Stores what became of a change, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, change: &LinkChange, now: Instant) -> Result<LinkChange, StoreError> {
    let next = LinkChange { version: change.version + 1, ..change.clone() };
    let target = link_changes::table
        .find(Key::from(change.id))
        .filter(link_changes::garage_id.eq(Key::from(change.garage_id)))
        .filter(link_changes::version.eq(change.version));
    row::changed_one("link_changes", diesel::update(target).set(Row::new(&next, now)).execute(tx.conn)?)?;
    Ok(next)
}

/// A change in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: LinkChangeId) -> Result<Option<LinkChangeView>, StoreError> {
    let query = link_changes::table
        .inner_join(garages::table)
        .inner_join(fleets::table)
        .filter(link_changes::id.eq(Key::from(id)))
        .select((Row::as_select(), garages::name, fleets::name))
        .into_boxed();
    let found: Option<ViewRow> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    found.map(read_view).transpose()
}

fn read_view((row, garage_name, fleet_name): ViewRow) -> Result<LinkChangeView, StoreError> {
    let (change, stamps) = row.read()?;
    Ok(LinkChangeView { change, stamps, garage_name, fleet_name })
}

/// The garage in whose stream the events of a change in scope are. Its lock must be taken before the change is read to be
/// decided.
pub fn garage_of(tx: &mut Tx<'_>, scope: &Scope, id: LinkChangeId) -> Result<Option<GarageId>, StoreError> {
    let query = link_changes::table.find(Key::from(id)).select(link_changes::garage_id).into_boxed();
    let found: Option<Key> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    Ok(found.map(Into::into))
}

/// The change of the link of a passport that nobody has decided, also when its time is over.
pub fn find_undecided(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Option<LinkChange>, StoreError> {
    let row: Option<Row> = link_changes::table
        .filter(link_changes::passport_id.eq(Key::from(*passport)))
        .filter(link_changes::status.eq("open"))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Row::read).transpose()?.map(|(change, _)| change))
}

/// To how many unlinks a fleet can still object (rule F6).
pub fn open_unlinks(tx: &mut Tx<'_>, fleet: FleetId, now: Instant) -> Result<i64, StoreError> {
    let open = link_changes::table
        .filter(link_changes::fleet_id.eq(Key::from(fleet)))
        .filter(link_changes::kind.eq("unlinked"))
        .filter(link_changes::status.eq("open"))
        .filter(link_changes::ends_at.gt(Time(now)));
    Ok(open.count().get_result(tx.conn)?)
}

/// Changes in scope, in the order in which they were made.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &LinkChangeFilter,
    now: Instant,
    request: &PageRequest<LinkChangeId>,
) -> Result<Page<LinkChangeView, LinkChangeId>, StoreError> {
    let query = link_changes::table
        .inner_join(garages::table)
        .inner_join(fleets::table)
        .select((Row::as_select(), garages::name, fleets::name))
        .into_boxed();
    let mut query = scoped!(reach, query, scope, scoped => scoped);
    if !filter.statuses.is_empty() {
        // A change whose time has passed is over, whether that is stored or not.
        let asked = |status| filter.statuses.contains(&status).into_sql::<Bool>();
        let stored = filter.statuses.iter().filter(|status| **status != LinkChangeStatus::Open);
        let undecided = link_changes::status.eq("open");
        let open = undecided.and(link_changes::ends_at.gt(Time(now))).and(asked(LinkChangeStatus::Open));
        let lapsed = undecided.and(link_changes::ends_at.le(Time(now))).and(asked(LinkChangeStatus::Over));
        let decided = link_changes::status.eq_any(stored.map(|status| status.code()));
        query = query.filter(decided.or(open).or(lapsed));
    }
    if let Some(passport) = filter.passport {
        query = query.filter(link_changes::passport_id.eq(Key::from(passport)));
    }
    let query = page_by_id!(query, link_changes, request, filter.newest_first);
    let found: Vec<ViewRow> = query.load(tx.conn)?;
    let items: Vec<_> = found.into_iter().map(read_view).collect::<Result<_, _>>()?;
    Ok(request.page(items, |view| view.change.id))
}
