//! Offers to hand a passport over.

use crate::{
    error::StoreError,
    page::{Page, PageRequest, page_by_id},
    row::{self, Reading, Stamps},
    schema::{garages, transfers},
    scope::{Found, Scope, scoped},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{prelude::*, sql_types::Bool};
use domain::{
    Instant,
    ids::{GarageId, PassportId, TransferId},
    transfer::{Transfer, TransferStatus},
    value::TransferKind,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = transfers, treat_none_as_null = true)]
struct Row {
    id: Key,
    passport_id: Key,
    garage_id: Key,
    plate: String,
    kind: String,
    offered_by: Key,
    fleet_id: Option<Key>,
    recipient_email: String,
    recipient_email_key: String,
    status: String,
    offered_at: Time,
    expires_at: Time,
    decided_at: Option<Time>,
    version: i64,
    updated_at: Time,
    recipient_id: Option<Key>,
}

impl Row {
    fn new(transfer: &Transfer, now: Instant) -> Self {
        Self {
            id: transfer.id.into(),
            passport_id: transfer.passport_id.into(),
            garage_id: transfer.garage_id.into(),
            plate: transfer.plate.clone(),
            kind: transfer.kind.code().to_owned(),
            offered_by: transfer.offered_by.into(),
            fleet_id: transfer.fleet_id.map(Key::from),
            recipient_email: transfer.recipient_email.as_str().to_owned(),
            recipient_email_key: transfer.recipient_email.key(),
            status: transfer.status.code().to_owned(),
            offered_at: transfer.offered_at.into(),
            expires_at: transfer.expires_at.into(),
            decided_at: transfer.decided_at.map(Time),
            version: transfer.version,
            updated_at: now.into(),
            recipient_id: transfer.recipient.map(Key::from),
        }
    }

    fn read(self) -> Result<(Transfer, Stamps), StoreError> {
        let reading = Reading { table: "transfers", id: self.id.0 };
        let transfer = Transfer {
            id: self.id.into(),
            passport_id: self.passport_id.into(),
            garage_id: self.garage_id.into(),
            plate: self.plate,
            kind: reading.column("kind", &self.kind, TransferKind::from_code)?,
            offered_by: self.offered_by.into(),
            fleet_id: self.fleet_id.map(Into::into),
            recipient_email: reading.column("recipient_email", &self.recipient_email, row::email)?,
            recipient: self.recipient_id.map(Into::into),
            status: reading.column("status", &self.status, TransferStatus::from_code)?,
            offered_at: self.offered_at.0,
            expires_at: self.expires_at.0,
            decided_at: self.decided_at.map(|at| at.0),
            version: self.version,
        };
        Ok((transfer, Stamps::new(self.offered_at, self.updated_at)))
    }
}

/// Which offers a list has.
#[derive(Clone, Debug, Default)]
pub struct TransferFilter {
    /// Only offers that have one of these statuses now; any status when there are none.
    pub statuses: Vec<TransferStatus>,
    /// Whether the newest offer comes first, and not the oldest.
    pub newest_first: bool,
    /// Only offers of this passport.
    pub passport: Option<PassportId>,
}

/// An offer as it is shown, with the name of the garage.
pub type TransferView = (Transfer, Stamps, String);

type ViewRow = (Row, String);

/// Which offers each kind of actor reaches: a fleet and a driver those that their account made, a driver also the open
/// ones addressed to their e-mail, and those that ended as theirs (rule T12).
macro_rules! reach {
    (garage: $garage:expr) => {
        transfers::garage_id.nullable().eq($garage)
    };
    (fleet: $fleet:expr, $account:expr) => {
        transfers::offered_by.nullable().eq($account)
    };
    (driver: $account:expr, $email:expr) => {
        transfers::offered_by
            .nullable()
            .eq($account)
            .or(transfers::recipient_id.eq($account))
            .or(transfers::recipient_email_key.nullable().eq($email).and(transfers::status.eq("offered")))
    };
    (nothing) => {
        transfers::id.eq(Key(uuid::Uuid::nil()))
    };
}

/// Stores a new offer.
pub fn insert(tx: &mut Tx<'_>, transfer: &Transfer, now: Instant) -> Result<(), StoreError> {
    diesel::insert_into(transfers::table).values(Row::new(transfer, now)).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed offer, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, transfer: &Transfer, now: Instant) -> Result<Transfer, StoreError> {
    let next = Transfer { version: transfer.version + 1, ..transfer.clone() };
    let target = transfers::table
        .find(Key::from(transfer.id))
        .filter(transfers::garage_id.eq(Key::from(transfer.garage_id)))
        .filter(transfers::version.eq(transfer.version));
    row::changed_one("transfers", diesel::update(target).set(Row::new(&next, now)).execute(tx.conn)?)?;
    Ok(next)
}

/// An offer in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: TransferId) -> Result<Option<TransferView>, StoreError> {
    let query = transfers::table
        .inner_join(garages::table)
        .filter(transfers::id.eq(Key::from(id)))
        .select((Row::as_select(), garages::name))
        .into_boxed();
    let found: Option<ViewRow> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    found.map(read_view).transpose()
}

fn read_view((row, garage_name): ViewRow) -> Result<TransferView, StoreError> {
    let (transfer, stamps) = row.read()?;
    Ok((transfer, stamps, garage_name))
}

/// The garage in whose stream the events of an offer in scope are. Its lock must be taken before the offer is read to
/// be changed.
pub fn garage_of(tx: &mut Tx<'_>, scope: &Scope, id: TransferId) -> Result<Option<GarageId>, StoreError> {
    let query = transfers::table.find(Key::from(id)).select(transfers::garage_id).into_boxed();
    let found: Option<Key> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    Ok(found.map(Into::into))
}

/// The offer of a passport that nobody has decided, also when it has expired.
pub fn find_undecided(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Option<Transfer>, StoreError> {
    let row: Option<Row> = transfers::table
        .filter(transfers::passport_id.eq(Key::from(*passport)))
        .filter(transfers::status.eq("offered"))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Row::read).transpose()?.map(|(transfer, _)| transfer))
}

/// Offers that have expired without a record of it, the oldest first.
pub fn list_overdue(tx: &mut Tx<'_>, now: Instant, limit: i64) -> Result<Vec<Transfer>, StoreError> {
    let rows: Vec<Row> = transfers::table
        .filter(transfers::status.eq("offered"))
        .filter(transfers::expires_at.le(Time(now)))
        .order(transfers::expires_at)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| row.read().map(|(transfer, _)| transfer)).collect()
}

/// Offers in scope, in the order in which they were made.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &TransferFilter,
    now: Instant,
    request: &PageRequest<TransferId>,
) -> Result<Page<TransferView, TransferId>, StoreError> {
    let query = transfers::table.inner_join(garages::table).select((Row::as_select(), garages::name)).into_boxed();
    let mut query = scoped!(reach, query, scope, scoped => scoped);
    if !filter.statuses.is_empty() {
        // An offer whose time has passed is expired, whether that was recorded or not.
        let wanted = |status| filter.statuses.contains(&status).into_sql::<Bool>();
        let stored = filter.statuses.iter().filter(|status| **status != TransferStatus::Offered);
        let offered = transfers::status.eq("offered");
        let open = offered.and(transfers::expires_at.gt(Time(now))).and(wanted(TransferStatus::Offered));
        let lapsed = offered.and(transfers::expires_at.le(Time(now))).and(wanted(TransferStatus::Expired));
        let decided = transfers::status.eq_any(stored.map(|status| status.code()));
        query = query.filter(decided.or(open).or(lapsed));
    }
    if let Some(passport) = filter.passport {
        query = query.filter(transfers::passport_id.eq(Key::from(passport)));
    }
    let query = page_by_id!(query, transfers, request, filter.newest_first);
    let found: Vec<ViewRow> = query.load(tx.conn)?;
    let items: Vec<_> = found.into_iter().map(read_view).collect::<Result<_, _>>()?;
    Ok(request.page(items, |(transfer, ..)| transfer.id))
}
