//! The history of what was done to cars. It only grows (rule SR2); the database itself refuses to change or delete its
//! rows.

use crate::{
    cars::{Cars, load_of_cars},
    connection::{insert_all, load_each},
    error::StoreError,
    former_car::FormerCar,
    page::{Page, PageRequest},
    row::{self, Reading},
    schema::{
        accounts, garages, parted_vehicles, recommendations, service_attachments, service_invoices, service_lines,
        service_records,
    },
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{dsl::exists, prelude::*};
use domain::{
    Date, Instant,
    ids::{GarageId, OdometerReadingId, RecommendationId, ServiceRecordId, VehicleId},
    recommendation::Happened,
    service_record::{
        DeclaredBefore, LineAmount, LineKind, Quantity, RecordOrigin, RecordOwner, ServiceLine, ServiceRecord,
        ToReplace, VatRate,
    },
    service_task::{Position, TaskKey, catalogue},
    value::{AccountKind, Country, Currency},
};
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = service_records, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    vehicle_id: Key,
    garage_id: Key,
    origin: String,
    done_on: Day,
    reading_id: Option<Key>,
    odometer_km: Option<i64>,
    mechanic: Option<String>,
    place: Option<String>,
    currency: String,
    net_cents: Option<i64>,
    vat_cents: Option<i64>,
    gross_cents: Option<i64>,
    invoice_number: Option<String>,
    note: Option<String>,
    owner_account_id: Option<Key>,
    owner_fleet_id: Option<Key>,
    replaces_id: Option<Key>,
    recorded_at: Time,
    stands_at: Time,
    recorded_by: Option<Key>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = service_lines, treat_none_as_default_value = false)]
struct LineRow {
    record_id: Key,
    number: i64,
    task: Option<String>,
    position: Option<String>,
    line_text: Option<String>,
    kind: String,
    quantity: String,
    net_cents: Option<i64>,
    vat_rate: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = service_invoices, treat_none_as_default_value = false)]
struct InvoiceRow {
    garage_id: Key,
    invoice_number: String,
    record_id: Key,
}

impl Row {
    fn new(record: &ServiceRecord) -> Self {
        let totals = record.totals();
        let (owner_account_id, owner_fleet_id) = match record.owner {
            Some(RecordOwner::Driver(account)) => (Some(account.into()), None),
            Some(RecordOwner::Fleet(fleet)) => (None, Some(fleet.into())),
            None => (None, None),
        };
        Self {
            id: record.id.into(),
            vehicle_id: record.vehicle_id.into(),
            garage_id: record.garage_id.into(),
            origin: record.origin.code().to_owned(),
            done_on: Day(record.done_on),
            reading_id: record.reading.map(Key::from),
            odometer_km: record.odometer_km,
            mechanic: record.mechanic.clone(),
            place: record.place.clone(),
            currency: record.currency.as_str().to_owned(),
            net_cents: totals.map(|totals| totals.net_cents),
            vat_cents: totals.map(|totals| totals.vat_cents),
            gross_cents: totals.map(|totals| totals.gross_cents),
            invoice_number: record.invoice_number.clone(),
            note: record.note.clone(),
            owner_account_id,
            owner_fleet_id,
            replaces_id: record.replaces.map(Key::from),
            recorded_at: record.recorded_at.into(),
            stands_at: record.stands_at.into(),
            recorded_by: record.by.map(Key::from),
        }
    }

    fn read(self, lines: Vec<ServiceLine>) -> Result<ServiceRecord, StoreError> {
        let reading = Reading { table: "service_records", id: self.id.0 };
        let owner = match (self.owner_account_id, self.owner_fleet_id) {
            (Some(account), _) => Some(RecordOwner::Driver(account.into())),
            (None, Some(fleet)) => Some(RecordOwner::Fleet(fleet.into())),
            (None, None) => None,
        };
        let record = ServiceRecord {
            id: self.id.into(),
            vehicle_id: self.vehicle_id.into(),
            garage_id: self.garage_id.into(),
            origin: reading.column("origin", &self.origin, RecordOrigin::from_code)?,
            done_on: self.done_on.0,
            reading: self.reading_id.map(Into::into),
            odometer_km: self.odometer_km,
            mechanic: self.mechanic,
            place: self.place,
            lines,
            currency: reading.column("currency", &self.currency, Currency::stored)?,
            invoice_number: self.invoice_number,
            note: self.note,
            owner,
            replaces: self.replaces_id.map(Into::into),
            recorded_at: self.recorded_at.0,
            stands_at: self.stands_at.0,
            by: self.recorded_by.map(Into::into),
        };
        let totals = record.totals().map(|totals| (totals.net_cents, totals.vat_cents, totals.gross_cents));
        let stored = self.net_cents.zip(self.vat_cents).zip(self.gross_cents);
        if totals != stored.map(|((net, vat), gross)| (net, vat, gross)) {
            return Err(reading.corrupt("gross_cents", format!("{stored:?}")));
        }
        Ok(record)
    }
}

impl LineRow {
    fn of(record: &ServiceRecord) -> impl Iterator<Item = Self> {
        record.lines.iter().zip(1..).map(|(line, number)| Self {
            record_id: record.id.into(),
            number,
            task: line.task.map(|task| task.as_str().to_owned()),
            position: line.position.map(|position| position.code().to_owned()),
            line_text: line.text.clone(),
            kind: line.kind.code().to_owned(),
            quantity: line.quantity.to_string(),
            net_cents: line.amount.map(|amount| amount.net_cents),
            vat_rate: line.amount.map(|amount| amount.vat_rate.to_string()),
        })
    }

    fn read(self) -> Result<ServiceLine, StoreError> {
        let reading = Reading { table: "service_lines", id: self.record_id.0 };
        let rate = reading.optional("vat_rate", self.vat_rate.as_ref(), |rate| VatRate::parse(rate).ok())?;
        Ok(ServiceLine {
            task: reading.optional("task", self.task.as_ref(), TaskKey::find)?,
            position: reading.optional("position", self.position.as_ref(), Position::from_code)?,
            text: self.line_text,
            kind: reading.column("kind", &self.kind, LineKind::from_code)?,
            quantity: reading.column("quantity", &self.quantity, |quantity| Quantity::parse(quantity).ok())?,
            amount: self.net_cents.zip(rate).map(|(net_cents, vat_rate)| LineAmount { net_cents, vat_rate }),
        })
    }
}

impl InvoiceRow {
    /// The garage's own invoice of a record.
    fn of(record: &ServiceRecord) -> Option<Self> {
        let invoice_number = record.own_invoice()?.to_owned();
        Some(Self { garage_id: record.garage_id.into(), invoice_number, record_id: record.id.into() })
    }
}

/// A record as it is shown, before it is decided how much of it someone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRecordView {
    /// The record.
    pub record: ServiceRecord,
    /// The name of the garage in whose books it is.
    pub garage_name: String,
    /// The country of that garage, whose VAT it is.
    pub country: Country,
    /// The name of the account that wrote it down.
    pub recorder: Option<String>,
    /// The record that replaces it.
    pub replaced_by: Option<ServiceRecordId>,
}

/// Which records of a car a list has.
#[derive(Clone, Debug, Default)]
pub struct ServiceRecordFilter {
    /// Only those of this day and later.
    pub from: Option<Date>,
    /// Only those of this day and earlier.
    pub until: Option<Date>,
    /// Only those with which one of these tasks was done, by itself or within another; any when there are none.
    pub tasks: Vec<TaskKey>,
    /// Only those of one of these origins; any when there are none.
    pub origins: Vec<RecordOrigin>,
    /// Whether those that were replaced are listed too.
    pub with_replaced: bool,
}

/// Where a list continues: after which day and id.
pub type ServiceRecordKey = (Date, ServiceRecordId);

type ViewRow = (Row, (String, String), Option<String>, Option<Key>);

diesel::alias! {
    // The record that replaces another.
    const LATER: Alias<Later> = service_records as later_records;
}

macro_rules! views {
    () => {
        service_records::table
            .inner_join(garages::table.on(garages::id.eq(service_records::garage_id)))
            .left_join(accounts::table.on(accounts::id.nullable().eq(service_records::recorded_by)))
            .left_join(LATER.on(LATER.field(service_records::replaces_id).eq(service_records::id.nullable())))
            .select((
                Row::as_select(),
                (garages::name, garages::country),
                accounts::name.nullable(),
                LATER.field(service_records::id).nullable(),
            ))
    };
}

/// Stores a record with its lines. A correction takes over the invoice's number and what is attached from the record that it
/// replaces: the invoice belongs to the work, not to the words.
pub fn insert(tx: &mut Tx<'_>, record: &ServiceRecord) -> Result<(), StoreError> {
    let Some(replaced) = record.replaces.map(Key::from) else {
        return insert_all(tx, std::slice::from_ref(record));
    };
    diesel::delete(service_invoices::table.filter(service_invoices::record_id.eq(replaced))).execute(tx.conn)?;
    insert_all(tx, std::slice::from_ref(record))?;
    diesel::update(service_attachments::table.filter(service_attachments::record_id.eq(replaced)))
        .set(service_attachments::record_id.eq(Key::from(record.id)))
        .execute(tx.conn)?;
    Ok(())
}

/// Stores records that replace none, with their lines.
pub fn insert_all(tx: &mut Tx<'_>, records: &[ServiceRecord]) -> Result<(), StoreError> {
    let rows: Vec<Row> = records.iter().map(Row::new).collect();
    let lines: Vec<LineRow> = records.iter().flat_map(LineRow::of).collect();
    let invoices: Vec<InvoiceRow> = records.iter().filter_map(InvoiceRow::of).collect();
    insert_all!(tx, service_records::table, rows);
    insert_all!(tx, service_lines::table, lines);
    insert_all!(tx, service_invoices::table, invoices);
    Ok(())
}

/// The lines of records, each in its order.
fn lines(tx: &mut Tx<'_>, rows: &[ViewRow]) -> Result<HashMap<Key, Vec<ServiceLine>>, StoreError> {
    let mut lines: HashMap<Key, Vec<ServiceLine>> = HashMap::new();
    if rows.is_empty() {
        return Ok(lines);
    }
    let found: Vec<LineRow> = service_lines::table
        .filter(service_lines::record_id.eq_any(rows.iter().map(|(row, ..)| row.id)))
        .order((service_lines::record_id, service_lines::number))
        .select(LineRow::as_select())
        .load(tx.conn)?;
    for row in found {
        lines.entry(row.record_id).or_default().push(row.read()?);
    }
    Ok(lines)
}

fn read_views(tx: &mut Tx<'_>, rows: Vec<ViewRow>) -> Result<Vec<ServiceRecordView>, StoreError> {
    let mut lines = lines(tx, &rows)?;
    let read = |(row, (garage_name, country), recorder, later): ViewRow| {
        let reading = Reading { table: "garages", id: row.garage_id.0 };
        let lines = lines.remove(&row.id).unwrap_or_default();
        Ok(ServiceRecordView {
            record: row.read(lines)?,
            garage_name,
            country: reading.column("country", &country, row::country)?,
            recorder,
            replaced_by: later.map(Into::into),
        })
    };
    rows.into_iter().map(read).collect()
}

/// One record of a car, in two queries.
pub fn view(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: ServiceRecordId,
) -> Result<Option<ServiceRecordView>, StoreError> {
    let rows: Vec<ViewRow> = views!()
        .filter(service_records::id.eq(Key::from(id)))
        .filter(service_records::vehicle_id.eq(Key::from(*vehicle)))
        .load(tx.conn)?;
    Ok(read_views(tx, rows)?.pop())
}

/// A page of the records of a car, the latest work first, in two queries.
pub fn list(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    filter: &ServiceRecordFilter,
    request: &PageRequest<ServiceRecordKey>,
) -> Result<Page<ServiceRecordView, ServiceRecordKey>, StoreError> {
    let mut query = views!().filter(service_records::vehicle_id.eq(Key::from(*vehicle))).into_boxed();
    if let Some((day, id)) = request.after {
        let earlier = service_records::done_on
            .lt(Day(day))
            .or(service_records::done_on.eq(Day(day)).and(service_records::id.lt(Key::from(id))));
        query = query.filter(service_records::done_on.le(Day(day))).filter(earlier);
    }
    if let Some(from) = filter.from {
        query = query.filter(service_records::done_on.ge(Day(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(service_records::done_on.le(Day(until)));
    }
    if !filter.tasks.is_empty() {
        let of_record = service_lines::table
            .filter(service_lines::record_id.eq(service_records::id))
            .filter(service_lines::task.eq_any(doing(&filter.tasks)))
            .filter(service_lines::quantity.not_like("-%"));
        query = query.filter(exists(of_record));
    }
    if !filter.origins.is_empty() {
        query = query.filter(service_records::origin.eq_any(filter.origins.iter().map(|origin| origin.code())));
    }
    if !filter.with_replaced {
        query = query.filter(LATER.field(service_records::id).nullable().is_null());
    }
    if let Some(since) = request.updated_since {
        query = query.filter(service_records::recorded_at.ge(Time(since)));
    }
    let rows: Vec<ViewRow> = query
        .order((service_records::done_on.desc(), service_records::id.desc()))
        .limit(request.sql_limit())
        .load(tx.conn)?;
    Ok(request.page(read_views(tx, rows)?, |view| (view.record.done_on, view.record.id)))
}

/// A page of the records that an account wrote down itself of a car that it has no longer (rule P16), the latest work first, in
/// two queries. Those that were corrected are among them.
pub fn list_entered(
    tx: &mut Tx<'_>,
    car: &Found<FormerCar>,
    request: &PageRequest<ServiceRecordKey>,
) -> Result<Page<ServiceRecordView, ServiceRecordKey>, StoreError> {
    let vehicle = Key::from(car.vehicle_id);
    // What was done to the car stayed with it when its archived passports got a vehicle of their own.
    let parted_from = parted_vehicles::table.find(vehicle).select(parted_vehicles::from_id).single_value();
    let mut query = views!()
        .filter(
            service_records::vehicle_id
                .eq(vehicle)
                .or(service_records::vehicle_id.nullable().eq(parted_from))
                .assume_not_null(),
        )
        .filter(service_records::recorded_by.eq(Key::from(car.account_id)))
        .into_boxed();
    if let Some((day, id)) = request.after {
        let earlier = service_records::done_on
            .lt(Day(day))
            .or(service_records::done_on.eq(Day(day)).and(service_records::id.lt(Key::from(id))));
        query = query.filter(service_records::done_on.le(Day(day))).filter(earlier);
    }
    if let Some(since) = request.updated_since {
        query = query.filter(service_records::recorded_at.ge(Time(since)));
    }
    let rows: Vec<ViewRow> = query
        .order((service_records::done_on.desc(), service_records::id.desc()))
        .limit(request.sql_limit())
        .load(tx.conn)?;
    Ok(request.page(read_views(tx, rows)?, |view| (view.record.done_on, view.record.id)))
}

/// The keys of the tasks, and of those that include one of them.
fn doing(tasks: &[TaskKey]) -> Vec<&'static str> {
    let does = |key: &TaskKey| tasks.iter().any(|task| key.does(*task));
    catalogue().iter().map(domain::service_task::ServiceTask::key).filter(does).map(TaskKey::as_str).collect()
}

/// The recommendations that each of some records of a car has done.
pub fn closed_by(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    records: &[ServiceRecordId],
) -> Result<HashMap<ServiceRecordId, Vec<RecommendationId>>, StoreError> {
    let mut closed: HashMap<ServiceRecordId, Vec<RecommendationId>> = HashMap::new();
    if records.is_empty() {
        return Ok(closed);
    }
    let found: Vec<(Option<Key>, Key)> = recommendations::table
        .filter(recommendations::vehicle_id.eq(Key::from(*vehicle)))
        .filter(recommendations::done_record_id.eq_any(records.iter().map(|id| Some(Key::from(*id)))))
        .order(recommendations::id)
        .select((recommendations::done_record_id, recommendations::id))
        .load(tx.conn)?;
    for (record, id) in found {
        if let Some(record) = record {
            closed.entry(record.into()).or_default().push(id.into());
        }
    }
    Ok(closed)
}

/// How much was declared for a vehicle before (rule SR4): today since this moment.
pub fn declared_before(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    since: Instant,
) -> Result<DeclaredBefore, StoreError> {
    let declared = || {
        service_records::table
            .filter(service_records::vehicle_id.eq(Key::from(*vehicle)))
            .filter(service_records::origin.eq(RecordOrigin::Declared.code()))
    };
    let today = declared()
        .inner_join(accounts::table.on(accounts::id.nullable().eq(service_records::recorded_by)))
        .filter(accounts::kind.ne(AccountKind::Staff.code()))
        .filter(service_records::recorded_at.gt(Time(since)))
        .count()
        .get_result(tx.conn)?;
    Ok(DeclaredBefore { today, ever: declared().count().get_result(tx.conn)? })
}

/// What a correction must know about the record of a car that it replaces, with its reading of the odometer.
pub fn find_to_replace(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: ServiceRecordId,
) -> Result<Option<(ToReplace, Option<OdometerReadingId>)>, StoreError> {
    type Columns = (Key, Key, String, Option<Key>, Option<Key>, Day, Time, Option<Key>);
    let found: Option<Columns> = service_records::table
        .left_join(LATER.on(LATER.field(service_records::replaces_id).eq(service_records::id.nullable())))
        .filter(service_records::id.eq(Key::from(id)))
        .filter(service_records::vehicle_id.eq(Key::from(*vehicle)))
        .select((
            service_records::garage_id,
            service_records::vehicle_id,
            service_records::origin,
            service_records::recorded_by,
            service_records::reading_id,
            service_records::done_on,
            service_records::stands_at,
            LATER.field(service_records::id).nullable(),
        ))
        .first(tx.conn)
        .optional()?;
    let reading = Reading { table: "service_records", id: id.0 };
    let read = |(garage_id, vehicle_id, origin, by, reading_id, done_on, stands_at, later): Columns| {
        let origin = reading.column("origin", &origin, RecordOrigin::from_code)?;
        let replaced = ToReplace {
            garage_id: garage_id.into(),
            vehicle_id: vehicle_id.into(),
            origin,
            by: by.map(Into::into),
            happened: Happened { on: done_on.0, at: stands_at.0 },
            is_replaced: later.is_some(),
        };
        Ok((replaced, reading_id.map(Into::into)))
    };
    found.map(read).transpose()
}

/// The records of a garage's own work on many cars that were done on one of these days, those that were corrected too.
pub fn of_days(
    tx: &mut Tx<'_>,
    garage: GarageId,
    cars: &Cars,
    days: &[Date],
) -> Result<Vec<ServiceRecord>, StoreError> {
    let days: Vec<Day> = days.iter().map(|day| Day(*day)).collect();
    macro_rules! of_days {
        ($table:expr) => {
            $table
                .filter(service_records::garage_id.eq(Key::from(garage)))
                .filter(service_records::origin.eq(RecordOrigin::Garage.code()))
                .filter(service_records::done_on.eq_any(&days))
        };
    }
    let rows: Vec<Row> = load_of_cars!(
        tx,
        of_days!(service_records::table).select(Row::as_select()),
        service_records::vehicle_id = vehicle in cars
    );
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let mut found: Vec<LineRow> = load_of_cars!(
        tx,
        of_days!(service_records::table.inner_join(service_lines::table)).select(LineRow::as_select()),
        service_records::vehicle_id = vehicle in cars
    );
    found.sort_unstable_by_key(|row| row.number);
    let mut lines: HashMap<Key, Vec<ServiceLine>> = HashMap::new();
    for row in found {
        lines.entry(row.record_id).or_default().push(row.read()?);
    }
    let read = |row: Row| {
        let lines = lines.remove(&row.id).unwrap_or_default();
        row.read(lines)
    };
    rows.into_iter().map(read).collect()
}

/// The record of a garage that has each of these numbers of invoices, where there is one (rule SR6).
pub fn find_by_invoices(
    tx: &mut Tx<'_>,
    garage: GarageId,
    numbers: &[&str],
) -> Result<HashMap<String, ServiceRecordId>, StoreError> {
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let query = service_invoices::table
        .filter(service_invoices::garage_id.eq(Key::from(garage)))
        .select((service_invoices::invoice_number, service_invoices::record_id));
    let found: Vec<(String, Key)> = load_each!(tx, query, service_invoices::invoice_number in numbers);
    Ok(found.into_iter().map(|(number, id)| (number, id.into())).collect())
}
