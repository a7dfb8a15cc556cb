//! Vehicle checks, and what was found in them. A completed check never changes (rule VC2); the database itself refuses it.

use crate::{
    connection::insert_all,
    error::StoreError,
    page::{Page, PageRequest},
    passport::{CAR_COLUMNS, CarColumns, ListedCar, read_car},
    removal,
    row::{self, Reading, Stamps},
    schema::{accounts, passports, vehicle_check_findings, vehicle_checks},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    Date, Decimal, Instant,
    check_template::{FindingResult, Measure},
    ids::{AccountId, GarageId, OdometerReadingId, VehicleCheckId, VehicleId},
    passport::Fuel,
    removal::Removal,
    service_task::Texts,
    vehicle_check::{Completed, Finding, Place, VehicleCheck},
};
use std::collections::BTreeMap;

#[derive(Queryable, Selectable)]
#[diesel(table_name = vehicle_checks)]
struct Row {
    id: Key,
    vehicle_id: Key,
    list: String,
    fuel: Option<String>,
    started_by: Key,
    created_at: Time,
    updated_at: Time,
    checked_on: Option<Day>,
    completed_at: Option<Time>,
    stands_at: Option<Time>,
    completed_by: Option<Key>,
    reading_id: Option<Key>,
    odometer_km: Option<i64>,
    replaces_id: Option<Key>,
    version: i64,
}

#[derive(Insertable)]
#[diesel(table_name = vehicle_checks, treat_none_as_default_value = false)]
struct NewRow {
    id: Key,
    vehicle_id: Key,
    garage_id: Key,
    template_key: String,
    template_names: String,
    list: String,
    fuel: Option<String>,
    started_by: Key,
    created_at: Time,
    updated_at: Time,
    replaces_id: Option<Key>,
    version: i64,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = vehicle_check_findings, treat_none_as_default_value = false)]
struct FindingRow {
    check_id: Key,
    item: String,
    position: String,
    result: String,
    measured: Option<String>,
    reason: Option<String>,
    note: Option<String>,
    found_by: Key,
    found_at: Time,
    version: i64,
}

impl FindingRow {
    fn new(check: VehicleCheckId, (item, position): &Place, finding: &Finding) -> Self {
        Self {
            check_id: check.into(),
            item: item.clone(),
            position: position.clone().unwrap_or_default(),
            result: finding.result.code().to_owned(),
            measured: finding.measured.map(|value| value.to_string()),
            reason: finding.reason.clone(),
            note: finding.note.clone(),
            found_by: finding.by.into(),
            found_at: finding.at.into(),
            version: finding.version,
        }
    }

    fn read(self) -> Result<(Place, Finding), StoreError> {
        let reading = Reading { table: "vehicle_check_findings", id: self.check_id.0 };
        let finding = Finding {
            result: reading.column("result", &self.result, FindingResult::from_code)?,
            measured: reading.optional("measured", self.measured.as_ref(), measured)?,
            reason: self.reason,
            note: self.note,
            by: self.found_by.into(),
            at: self.found_at.0,
            version: self.version,
        };
        Ok(((self.item, position(self.position)), finding))
    }
}

fn measured(text: &str) -> Option<Decimal> {
    Measure::value(text).ok()
}

/// The position is empty where the item has none.
fn position(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn written<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))
}

/// A check as it is shown, with the names of those who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleCheckView {
    /// The check.
    pub check: VehicleCheck,
    /// When it was begun and last changed.
    pub stamps: Stamps,
    /// Who began it, with their name.
    pub started_by: (AccountId, String),
    /// The name of who completed it.
    pub completed_by: Option<String>,
    /// The names of those who found something.
    pub finders: BTreeMap<AccountId, String>,
    /// What the odometer showed, in kilometres; none for a draft.
    pub odometer_km: Option<i64>,
    /// The reading of the odometer that came with it; none for a draft.
    pub reading: Option<OdometerReadingId>,
    /// The check that has taken its place.
    pub replaced_by: Option<VehicleCheckId>,
}

/// A check as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VehicleCheckSummary {
    /// Its id.
    pub id: VehicleCheckId,
    /// The key of its template.
    pub template: String,
    /// What the template is called.
    pub names: Texts,
    /// When it was begun and last changed.
    pub stamps: Stamps,
    /// Who began it, with their name.
    pub started_by: (AccountId, String),
    /// How it was completed, with the name of who did so; none for a draft.
    pub completed: Option<(Completed, String)>,
    /// What the odometer showed, in kilometres; none for a draft.
    pub odometer_km: Option<i64>,
    /// The check that it replaces.
    pub replaces: Option<VehicleCheckId>,
    /// The check that has taken its place.
    pub replaced_by: Option<VehicleCheckId>,
    /// How many places have each result.
    pub results: BTreeMap<FindingResult, i64>,
    /// Raised by one with each change.
    pub version: i64,
}

/// Stores a new draft, with what was found already.
pub fn insert(
    tx: &mut Tx<'_>,
    garage: GarageId,
    check: &VehicleCheck,
    by: AccountId,
    now: Instant,
) -> Result<(), StoreError> {
    insert_all(tx, garage, [(check, by, now)])
}

/// Stores new drafts of a garage, with what was found already, each with who began it and when.
pub fn insert_all<'c>(
    tx: &mut Tx<'_>,
    garage: GarageId,
    drafts: impl IntoIterator<Item = (&'c VehicleCheck, AccountId, Instant)>,
) -> Result<(), StoreError> {
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    for (check, by, now) in drafts {
        rows.push(NewRow::new(garage, check, by, now)?);
        findings.extend(check.findings.iter().map(|(place, finding)| FindingRow::new(check.id, place, finding)));
    }
    insert_all!(tx, vehicle_checks::table, rows);
    insert_all!(tx, vehicle_check_findings::table, findings);
    Ok(())
}

impl NewRow {
    fn new(garage: GarageId, check: &VehicleCheck, by: AccountId, now: Instant) -> Result<Self, StoreError> {
        Ok(Self {
            id: check.id.into(),
            vehicle_id: check.vehicle_id.into(),
            garage_id: garage.into(),
            template_key: check.list.key.clone(),
            template_names: written(&check.list.names)?,
            list: written(&check.list)?,
            fuel: check.fuel.map(|fuel| fuel.code().to_owned()),
            started_by: by.into(),
            created_at: now.into(),
            updated_at: now.into(),
            replaces_id: check.replaces.map(Key::from),
            version: check.version,
        })
    }
}

/// The completed check that has taken the place of one, as a subquery.
macro_rules! replaced_by {
    ($later:ident) => {
        $later
            .filter($later.field(vehicle_checks::replaces_id).eq(vehicle_checks::id.nullable()))
            .filter($later.field(vehicle_checks::completed_at).is_not_null())
            .select($later.field(vehicle_checks::id))
            .single_value()
    };
}

type ViewRow = (Row, String, Option<String>, Option<Key>);

/// A check of a vehicle.
pub fn find(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: VehicleCheckId,
) -> Result<Option<VehicleCheckView>, StoreError> {
    let (starters, completers) = diesel::alias!(accounts as starters, accounts as completers);
    let later = diesel::alias!(vehicle_checks as later);
    let found: Option<ViewRow> = vehicle_checks::table
        .inner_join(starters.on(starters.field(accounts::id).eq(vehicle_checks::started_by)))
        .left_join(completers.on(completers.field(accounts::id).nullable().eq(vehicle_checks::completed_by)))
        .filter(vehicle_checks::id.eq(Key::from(id)))
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)))
        .select((
            Row::as_select(),
            starters.field(accounts::name),
            completers.field(accounts::name).nullable(),
            replaced_by!(later),
        ))
        .first(tx.conn)
        .optional()?;
    let Some(found) = found else { return Ok(None) };
    let findings: Vec<(FindingRow, String)> = vehicle_check_findings::table
        .inner_join(accounts::table.on(accounts::id.eq(vehicle_check_findings::found_by)))
        .filter(vehicle_check_findings::check_id.eq(Key::from(id)))
        .select((FindingRow::as_select(), accounts::name))
        .load(tx.conn)?;
    read_view(found, findings).map(Some)
}

/// The completed checks of a vehicle since a day that have not been replaced, the latest first, and this many at most.
pub fn completed_since(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    day: Date,
    limit: usize,
) -> Result<Vec<VehicleCheck>, StoreError> {
    let later = diesel::alias!(vehicle_checks as later);
    let found: Vec<Row> = vehicle_checks::table
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)))
        .filter(vehicle_checks::checked_on.ge(Day(day)))
        .filter(replaced_by!(later).is_null())
        .order((vehicle_checks::checked_on.desc(), vehicle_checks::stands_at.desc(), vehicle_checks::id.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(Row::as_select())
        .load(tx.conn)?;
    let ids: Vec<Key> = found.iter().map(|row| row.id).collect();
    let findings: Vec<FindingRow> = vehicle_check_findings::table
        .filter(vehicle_check_findings::check_id.eq_any(ids))
        .select(FindingRow::as_select())
        .load(tx.conn)?;
    let mut of_check: BTreeMap<VehicleCheckId, BTreeMap<Place, Finding>> = BTreeMap::new();
    for finding in findings {
        let check = finding.check_id.into();
        let (place, finding) = finding.read()?;
        of_check.entry(check).or_default().insert(place, finding);
    }
    let read = |row: Row| {
        let findings = of_check.remove(&row.id.into()).unwrap_or_default();
        row.read(findings)
    };
    found.into_iter().map(read).collect()
}

fn read_view(
    (row, starter, completed_by, replaced_by): ViewRow,
    found: Vec<(FindingRow, String)>,
) -> Result<VehicleCheckView, StoreError> {
    let (mut findings, mut finders) = (BTreeMap::new(), BTreeMap::new());
    for (finding, name) in found {
        finders.insert(finding.found_by.into(), name);
        let (place, finding) = finding.read()?;
        findings.insert(place, finding);
    }
    Ok(VehicleCheckView {
        stamps: Stamps::new(row.created_at, row.updated_at),
        started_by: (row.started_by.into(), starter),
        completed_by,
        finders,
        odometer_km: row.odometer_km,
        reading: row.reading_id.map(Into::into),
        replaced_by: replaced_by.map(Into::into),
        check: row.read(findings)?,
    })
}

impl Row {
    fn read(self, findings: BTreeMap<Place, Finding>) -> Result<VehicleCheck, StoreError> {
        let reading = Reading { table: "vehicle_checks", id: self.id.0 };
        Ok(VehicleCheck {
            id: self.id.into(),
            vehicle_id: self.vehicle_id.into(),
            list: reading.column("list", &self.list, |text| serde_json::from_str(text).ok())?,
            fuel: reading.optional("fuel", self.fuel.as_ref(), Fuel::from_code)?,
            findings,
            completed: completed(self.completed_by, self.completed_at, self.checked_on, self.stands_at),
            replaces: self.replaces_id.map(Into::into),
            version: self.version,
        })
    }
}

fn completed(by: Option<Key>, at: Option<Time>, on: Option<Day>, stands_at: Option<Time>) -> Option<Completed> {
    Some(Completed { by: by?.into(), at: at?.0, on: on?.0, stands_at: stands_at?.0 })
}

/// The columns of a summary, without the list itself, which is long.
#[derive(Queryable, Selectable)]
#[diesel(table_name = vehicle_checks)]
struct Columns {
    id: Key,
    template_key: String,
    template_names: String,
    started_by: Key,
    created_at: Time,
    updated_at: Time,
    checked_on: Option<Day>,
    completed_at: Option<Time>,
    stands_at: Option<Time>,
    completed_by: Option<Key>,
    odometer_km: Option<i64>,
    replaces_id: Option<Key>,
    version: i64,
}

type ListedRow = (Columns, String, Option<String>, Option<Key>, CarColumns);
type SummaryRow = (Columns, String, Option<String>, Option<Key>);

/// The draft that a garage has begun of a vehicle by the template with this key.
pub fn draft_by(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    garage: GarageId,
    template: &str,
) -> Result<Option<VehicleCheckId>, StoreError> {
    let found: Option<Key> = vehicle_checks::table
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)))
        .filter(vehicle_checks::garage_id.eq(Key::from(garage)))
        .filter(vehicle_checks::completed_at.is_null())
        .filter(vehicle_checks::template_key.eq(template))
        .order(vehicle_checks::id)
        .select(vehicle_checks::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.map(Into::into))
}

/// Which checks a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckFilter {
    /// Without drafts.
    pub without_drafts: bool,
    /// Without completed checks.
    pub without_completed: bool,
}

/// A page of the checks of a vehicle, in the order in which they were begun.
pub fn list(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    filter: CheckFilter,
    request: &PageRequest<VehicleCheckId>,
) -> Result<Page<VehicleCheckSummary, VehicleCheckId>, StoreError> {
    let (starters, completers) = diesel::alias!(accounts as starters, accounts as completers);
    let later = diesel::alias!(vehicle_checks as later);
    let mut query = vehicle_checks::table
        .inner_join(starters.on(starters.field(accounts::id).eq(vehicle_checks::started_by)))
        .left_join(completers.on(completers.field(accounts::id).nullable().eq(vehicle_checks::completed_by)))
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)))
        .order(vehicle_checks::id)
        .limit(request.sql_limit())
        .select((
            Columns::as_select(),
            starters.field(accounts::name),
            completers.field(accounts::name).nullable(),
            replaced_by!(later),
        ))
        .into_boxed();
    if filter.without_drafts {
        query = query.filter(vehicle_checks::completed_at.is_not_null());
    }
    if filter.without_completed {
        query = query.filter(vehicle_checks::completed_at.is_null());
    }
    if let Some(after) = request.after {
        query = query.filter(vehicle_checks::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(vehicle_checks::updated_at.ge(Time(since)));
    }
    let found: Vec<SummaryRow> = query.load(tx.conn)?;
    let results = count_results(tx, found.iter().map(|(columns, ..)| columns.id).collect())?;
    let items = found.into_iter().map(|found| read_summary(found, &results)).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |summary| summary.id))
}

/// Which checks a list of a garage has.
#[derive(Clone, Copy, Debug, Default)]
pub struct GarageCheckFilter {
    /// Only completed checks, or only drafts.
    pub completed: Option<bool>,
    /// Only those that this account began.
    pub started_by: Option<AccountId>,
}

/// A page of the checks of a garage's cars in use, the newest first, each with its car.
pub fn list_of_garage(
    tx: &mut Tx<'_>,
    garage: GarageId,
    filter: GarageCheckFilter,
    request: &PageRequest<VehicleCheckId>,
) -> Result<Page<(ListedCar, VehicleCheckSummary), VehicleCheckId>, StoreError> {
    let (starters, completers) = diesel::alias!(accounts as starters, accounts as completers);
    let later = diesel::alias!(vehicle_checks as later);
    let mut query = vehicle_checks::table
        .inner_join(passports::table.on(passports::vehicle_id.eq(vehicle_checks::vehicle_id)))
        .inner_join(starters.on(starters.field(accounts::id).eq(vehicle_checks::started_by)))
        .left_join(completers.on(completers.field(accounts::id).nullable().eq(vehicle_checks::completed_by)))
        .filter(vehicle_checks::garage_id.eq(Key::from(garage)))
        .filter(passports::garage_id.eq(Key::from(garage)))
        .filter(passports::status.ne("archived"))
        .order(vehicle_checks::id.desc())
        .limit(request.sql_limit())
        .select((
            Columns::as_select(),
            starters.field(accounts::name),
            completers.field(accounts::name).nullable(),
            replaced_by!(later),
            CAR_COLUMNS,
        ))
        .into_boxed();
    match filter.completed {
        None => {}
        Some(true) => query = query.filter(vehicle_checks::completed_at.is_not_null()),
        Some(false) => query = query.filter(vehicle_checks::completed_at.is_null()),
    }
    if let Some(account) = filter.started_by {
        query = query.filter(vehicle_checks::started_by.eq(Key::from(account)));
    }
    if let Some(after) = request.after {
        query = query.filter(vehicle_checks::id.lt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(vehicle_checks::updated_at.ge(Time(since)));
    }
    let found: Vec<ListedRow> = query.load(tx.conn)?;
    let results = count_results(tx, found.iter().map(|(columns, ..)| columns.id).collect())?;
    let items = found.into_iter().map(|(columns, starter, completer, later, car)| {
        Ok((read_car(car)?, read_summary((columns, starter, completer, later), &results)?))
    });
    let items = items.collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |(_, summary)| summary.id))
}

/// How many places have each result, in each of some checks.
fn count_results(tx: &mut Tx<'_>, checks: Vec<Key>) -> Result<Vec<(Key, String, i64)>, StoreError> {
    let counts = vehicle_check_findings::table
        .filter(vehicle_check_findings::check_id.eq_any(checks))
        .group_by((vehicle_check_findings::check_id, vehicle_check_findings::result))
        .select((vehicle_check_findings::check_id, vehicle_check_findings::result, count_star()))
        .load(tx.conn)?;
    Ok(counts)
}

fn read_summary(
    (columns, starter, completed_by, replaced_by): SummaryRow,
    counts: &[(Key, String, i64)],
) -> Result<VehicleCheckSummary, StoreError> {
    let reading = Reading { table: "vehicle_checks", id: columns.id.0 };
    let of_this = counts.iter().filter(|(id, ..)| *id == columns.id);
    let results = of_this
        .map(|(_, result, count)| Ok((reading.column("result", result, FindingResult::from_code)?, *count)))
        .collect::<Result<_, StoreError>>()?;
    let names = &columns.template_names;
    Ok(VehicleCheckSummary {
        id: columns.id.into(),
        names: reading.column("template_names", names, |text| serde_json::from_str(text).ok())?,
        template: columns.template_key,
        stamps: Stamps::new(columns.created_at, columns.updated_at),
        started_by: (columns.started_by.into(), starter),
        completed: completed(columns.completed_by, columns.completed_at, columns.checked_on, columns.stands_at)
            .zip(completed_by),
        odometer_km: columns.odometer_km,
        replaces: columns.replaces_id.map(Into::into),
        replaced_by: replaced_by.map(Into::into),
        results,
        version: columns.version,
    })
}

/// Stores what was found at one place, in the place of what was there; `check` is as it was read.
pub fn save_finding(
    tx: &mut Tx<'_>,
    check: &VehicleCheck,
    place: &Place,
    finding: &Finding,
    now: Instant,
) -> Result<(), StoreError> {
    remove(tx, check.id, place)?;
    let row = FindingRow::new(check.id, place, finding);
    diesel::insert_into(vehicle_check_findings::table).values(row).execute(tx.conn)?;
    touch(tx, check, now)
}

/// Deletes what was found at one place; `check` is as it was read.
pub fn delete_finding(tx: &mut Tx<'_>, check: &VehicleCheck, place: &Place, now: Instant) -> Result<(), StoreError> {
    remove(tx, check.id, place)?;
    touch(tx, check, now)
}

fn remove(tx: &mut Tx<'_>, check: VehicleCheckId, (item, position): &Place) -> Result<(), StoreError> {
    let at = vehicle_check_findings::table
        .filter(vehicle_check_findings::check_id.eq(Key::from(check)))
        .filter(vehicle_check_findings::item.eq(item))
        .filter(vehicle_check_findings::position.eq(position.clone().unwrap_or_default()));
    diesel::delete(at).execute(tx.conn)?;
    Ok(())
}

/// A check as it was read, unless someone else changed it since.
macro_rules! unchanged {
    ($check:expr) => {
        vehicle_checks::table
            .filter(vehicle_checks::id.eq(Key::from($check.id)))
            .filter(vehicle_checks::vehicle_id.eq(Key::from($check.vehicle_id)))
            .filter(vehicle_checks::version.eq($check.version))
    };
}

fn touch(tx: &mut Tx<'_>, check: &VehicleCheck, now: Instant) -> Result<(), StoreError> {
    let changed = (vehicle_checks::version.eq(check.version + 1), vehicle_checks::updated_at.eq(Time(now)));
    let rows = diesel::update(unchanged!(check)).set(changed).execute(tx.conn)?;
    row::changed_one("vehicle_checks", rows)
}

/// Stores that a check was completed, with the reading of the odometer, unless someone else changed it since it was read.
pub fn complete(
    tx: &mut Tx<'_>,
    check: &VehicleCheck,
    completed: Completed,
    (reading, km): (OdometerReadingId, i64),
) -> Result<(), StoreError> {
    let changed = (
        vehicle_checks::checked_on.eq(Day(completed.on)),
        vehicle_checks::completed_at.eq(Time(completed.at)),
        vehicle_checks::stands_at.eq(Time(completed.stands_at)),
        vehicle_checks::completed_by.eq(Key::from(completed.by)),
        vehicle_checks::reading_id.eq(Key::from(reading)),
        vehicle_checks::odometer_km.eq(km),
        vehicle_checks::version.eq(check.version + 1),
        vehicle_checks::updated_at.eq(Time(completed.at)),
    );
    let rows = diesel::update(unchanged!(check)).set(changed).execute(tx.conn)?;
    row::changed_one("vehicle_checks", rows)
}

/// The drafts of a vehicle that a garage began.
pub fn drafts_of(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    garage: GarageId,
) -> Result<Vec<VehicleCheckId>, StoreError> {
    let found: Vec<Key> = vehicle_checks::table
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)))
        .filter(vehicle_checks::garage_id.eq(Key::from(garage)))
        .filter(vehicle_checks::completed_at.is_null())
        .order(vehicle_checks::id)
        .select(vehicle_checks::id)
        .load(tx.conn)?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// Deletes drafts that a garage has of a vehicle, with what was found, whatever their version. Their photos were deleted before.
pub fn delete_drafts(
    tx: &mut Tx<'_>,
    (vehicle, garage): (Found<VehicleId>, GarageId),
    drafts: &[VehicleCheckId],
    now: Instant,
) -> Result<(), StoreError> {
    let keys: Vec<Key> = drafts.iter().map(|id| Key::from(*id)).collect();
    diesel::delete(vehicle_check_findings::table.filter(vehicle_check_findings::check_id.eq_any(&keys)))
        .execute(tx.conn)?;
    let target = vehicle_checks::table
        .filter(vehicle_checks::id.eq_any(&keys))
        .filter(vehicle_checks::vehicle_id.eq(Key::from(*vehicle)));
    let rows = diesel::delete(target).execute(tx.conn)?;
    row::changed("vehicle_checks", rows, keys.len())?;
    let gone: Vec<Removal> =
        drafts.iter().flat_map(|draft| Removal::of_draft(*draft, (*vehicle, garage), now)).collect();
    removal::insert_all(tx, &gone)
}

/// Deletes a draft of a garage with what was found, unless someone else changed it since it was read. Its photos were deleted before.
pub fn delete(tx: &mut Tx<'_>, garage: GarageId, check: &VehicleCheck, now: Instant) -> Result<(), StoreError> {
    let id = Key::from(check.id);
    diesel::delete(vehicle_check_findings::table.filter(vehicle_check_findings::check_id.eq(id))).execute(tx.conn)?;
    let rows = diesel::delete(unchanged!(check)).execute(tx.conn)?;
    row::changed_one("vehicle_checks", rows)?;
    removal::insert_all(tx, &Removal::of_draft(check.id, (check.vehicle_id, garage), now))
}
