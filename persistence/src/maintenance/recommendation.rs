//! Recommendations: work that was advised. Nothing deletes one (rule RC2); the database itself refuses it.

use crate::{
    cars::{Cars, load_of_cars},
    connection::{AnyConnection, insert_all},
    error::StoreError,
    page::{Page, PageRequest},
    passport::{CAR_COLUMNS, CarColumns, ListedCar, read_car},
    row::{self, Reading},
    schema::{accounts, passports, recommendations},
    scope::Found,
    sql_types::{Day, Id, Key, Moment, Time},
    store::Tx,
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, Bool},
};
use domain::{
    Date, Instant,
    ids::{AccountId, GarageId, RecommendationId, ServiceRecordId, VehicleCheckId, VehicleId},
    recommendation::{
        Advice, Decision, DecisionChannel, FoundAt, Happened, Recommendation, RecommendationEnd, RecommendationStatus,
        Urgency,
    },
    service_task::{Position, TaskKey},
};
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = recommendations, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    vehicle_id: Key,
    garage_id: Key,
    check_id: Option<Key>,
    task: Option<String>,
    position: Option<String>,
    urgency: String,
    advice: String,
    found: String,
    expected_on: Option<Day>,
    advised_on: Day,
    advised_at: Time,
    made_at: Time,
    made_by: Option<Key>,
    agreed_at: Option<Time>,
    agreed_by: Option<Key>,
    agreed_channel: Option<String>,
    is_planned: bool,
    ended_at: Option<Time>,
    end_kind: Option<String>,
    done_record_id: Option<Key>,
    declined_by: Option<Key>,
    declined_channel: Option<String>,
    superseded_check_id: Option<Key>,
    version: i64,
    updated_at: Time,
}

/// What changes in a recommendation: its end, the owner's agreement, an appointment.
#[derive(AsChangeset)]
#[diesel(table_name = recommendations, treat_none_as_null = true)]
struct State {
    agreed_at: Option<Time>,
    agreed_by: Option<Key>,
    agreed_channel: Option<String>,
    is_planned: bool,
    ended_at: Option<Time>,
    end_kind: Option<String>,
    done_record_id: Option<Key>,
    declined_by: Option<Key>,
    declined_channel: Option<String>,
    superseded_check_id: Option<Key>,
    version: i64,
    updated_at: Time,
}

/// The columns of an end: its kind, the record that did the work, who declined it and how, the check that superseded it.
struct EndColumns {
    kind: Option<&'static str>,
    record: Option<Key>,
    declined: Option<Decision>,
    check: Option<Key>,
}

impl EndColumns {
    fn new(end: Option<RecommendationEnd>) -> Self {
        let none = Self { kind: None, record: None, declined: None, check: None };
        match end {
            None => none,
            Some(RecommendationEnd::Done(record)) => Self { kind: Some("done"), record: Some(record.into()), ..none },
            Some(RecommendationEnd::Declined(decision)) => {
                Self { kind: Some("declined"), declined: Some(decision), ..none }
            }
            Some(RecommendationEnd::Superseded(check)) => {
                Self { kind: Some("superseded"), check: Some(check.into()), ..none }
            }
        }
    }
}

impl State {
    /// An end is stored as it happens, so it is of `now`; but a decision that is carried over keeps its time.
    fn new(one: &Recommendation, version: i64, now: Instant) -> Self {
        let end = EndColumns::new(one.end);
        let ended_at = end.declined.map_or(now, |declined| declined.at);
        Self {
            agreed_at: one.agreed.map(|agreed| agreed.at.into()),
            agreed_by: one.agreed.map(|agreed| agreed.by.into()),
            agreed_channel: one.agreed.map(|agreed| agreed.channel.code().to_owned()),
            is_planned: one.is_planned,
            ended_at: one.end.is_some().then_some(ended_at.into()),
            end_kind: end.kind.map(str::to_owned),
            done_record_id: end.record,
            declined_by: end.declined.map(|declined| declined.by.into()),
            declined_channel: end.declined.map(|declined| declined.channel.code().to_owned()),
            superseded_check_id: end.check,
            version,
            updated_at: now.into(),
        }
    }
}

impl Row {
    fn new(one: &Recommendation, garage: GarageId, by: Option<AccountId>, now: Instant) -> Result<Self, StoreError> {
        let state = State::new(one, one.version, now);
        let found = serde_json::to_string(&one.advice.found);
        Ok(Self {
            id: one.id.into(),
            vehicle_id: one.vehicle_id.into(),
            garage_id: garage.into(),
            check_id: one.check_id.map(Key::from),
            task: one.advice.task.map(|task| task.as_str().to_owned()),
            position: one.advice.position.map(|position| position.code().to_owned()),
            urgency: one.advice.urgency.code().to_owned(),
            advice: one.advice.text.clone(),
            found: found.map_err(|error| StoreError::Internal(error.to_string()))?,
            expected_on: one.advice.expected_on.map(Day),
            advised_on: Day(one.advised.on),
            advised_at: one.advised.at.into(),
            made_at: one.made_at.into(),
            made_by: by.map(Key::from),
            agreed_at: state.agreed_at,
            agreed_by: state.agreed_by,
            agreed_channel: state.agreed_channel,
            is_planned: state.is_planned,
            ended_at: state.ended_at,
            end_kind: state.end_kind,
            done_record_id: state.done_record_id,
            declined_by: state.declined_by,
            declined_channel: state.declined_channel,
            superseded_check_id: state.superseded_check_id,
            version: state.version,
            updated_at: state.updated_at,
        })
    }

    fn read(self) -> Result<Recommendation, StoreError> {
        let reading = Reading { table: "recommendations", id: self.id.0 };
        let channel = |column, text: Option<&String>| reading.optional(column, text, DecisionChannel::from_code);
        let decision = |by: Option<Key>, at: Option<Time>, channel: Option<DecisionChannel>| {
            Some(Decision { by: by?.into(), at: at?.0, channel: channel? })
        };
        let agreed = decision(self.agreed_by, self.agreed_at, channel("agreed_channel", self.agreed_channel.as_ref())?);
        let declined =
            decision(self.declined_by, self.ended_at, channel("declined_channel", self.declined_channel.as_ref())?);
        let end = match self.end_kind.as_deref() {
            None => None,
            Some("done") => self.done_record_id.map(|record| RecommendationEnd::Done(record.into())),
            Some("declined") => declined.map(RecommendationEnd::Declined),
            Some("superseded") => self.superseded_check_id.map(|check| RecommendationEnd::Superseded(check.into())),
            Some(other) => return Err(reading.corrupt("end_kind", other)),
        };
        if end.is_none() && self.end_kind.is_some() {
            return Err(reading.corrupt("end_kind", self.end_kind.unwrap_or_default()));
        }
        Ok(Recommendation {
            id: self.id.into(),
            vehicle_id: self.vehicle_id.into(),
            advice: Advice {
                task: reading.optional("task", self.task.as_ref(), TaskKey::find)?,
                position: reading.optional("position", self.position.as_ref(), Position::from_code)?,
                urgency: reading.column("urgency", &self.urgency, Urgency::from_code)?,
                text: self.advice,
                found: read_found(&reading, &self.found)?,
                expected_on: self.expected_on.map(|day| day.0),
            },
            check_id: self.check_id.map(Into::into),
            advised: Happened { on: self.advised_on.0, at: self.advised_at.0 },
            made_at: self.made_at.0,
            agreed,
            is_planned: self.is_planned,
            end,
            version: self.version,
        })
    }
}

/// What a check found, by which work is advised.
pub(crate) fn read_found(reading: &Reading, text: &str) -> Result<Vec<FoundAt>, StoreError> {
    reading.column("found", text, |text| serde_json::from_str(text).ok())
}

/// A recommendation as it is shown, with the names of those who made it and decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecommendationView {
    /// The recommendation.
    pub recommendation: Recommendation,
    /// Who made it, with their name; none when another system did.
    pub made_by: Option<(AccountId, String)>,
    /// The name of who agreed.
    pub agreed_by: Option<String>,
    /// The name of who declined.
    pub declined_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Which recommendations a list has.
#[derive(Clone, Debug, Default)]
pub struct RecommendationFilter {
    /// Only those that have one of these statuses; any status when there are none.
    pub statuses: Vec<RecommendationStatus>,
    /// Only those that are this urgent; any when there are none.
    pub urgencies: Vec<Urgency>,
    /// Only those to which the owner agreed, or only those to which they did not.
    pub agreed: Option<bool>,
}

/// Stores new recommendations, which someone of the garage made.
pub fn insert_all(
    tx: &mut Tx<'_>,
    garage: GarageId,
    by: Option<AccountId>,
    new: &[Recommendation],
    now: Instant,
) -> Result<(), StoreError> {
    let rows = new.iter().map(|one| Row::new(one, garage, by, now)).collect::<Result<Vec<Row>, StoreError>>()?;
    insert_all!(tx, recommendations::table, rows);
    Ok(())
}

/// The recommendations of a vehicle that meet all of these conditions, in the order in which they were made.
macro_rules! of_vehicle {
    ($tx:expr, $vehicle:expr, $($condition:expr),+) => {{
        let rows: Vec<Row> = recommendations::table
            .filter(recommendations::vehicle_id.eq(Key::from(*$vehicle)))
            $(.filter($condition))+
            .order(recommendations::id)
            .select(Row::as_select())
            .load($tx.conn)?;
        rows.into_iter().map(Row::read).collect()
    }};
}

/// The recommendations of a vehicle that wait to be done, planned ones included, in the order in which they were made.
pub fn open_of(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Vec<Recommendation>, StoreError> {
    of_vehicle!(tx, vehicle, recommendations::ended_at.is_null())
}

/// The same for many vehicles.
pub fn open_of_all(tx: &mut Tx<'_>, cars: &Cars) -> Result<HashMap<VehicleId, Vec<Recommendation>>, StoreError> {
    let rows: Vec<Row> = load_of_cars!(
        tx,
        recommendations::table.filter(recommendations::ended_at.is_null()).select(Row::as_select()),
        recommendations::vehicle_id = vehicle in cars
    );
    let mut open: HashMap<VehicleId, Vec<Recommendation>> = HashMap::new();
    for row in rows {
        open.entry(row.vehicle_id.into()).or_default().push(row.read()?);
    }
    for waiting in open.values_mut() {
        waiting.sort_unstable_by_key(|one| one.id);
    }
    Ok(open)
}

/// Stores a changed recommendation, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, one: &Recommendation, now: Instant) -> Result<(), StoreError> {
    let target = recommendations::table
        .filter(recommendations::id.eq(Key::from(one.id)))
        .filter(recommendations::vehicle_id.eq(Key::from(one.vehicle_id)))
        .filter(recommendations::version.eq(one.version));
    let rows = diesel::update(target).set(State::new(one, one.version + 1, now)).execute(tx.conn)?;
    row::changed_one("recommendations", rows)
}

/// The recommendations that a check of a vehicle has made, whatever became of them.
pub fn made_by(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    check: VehicleCheckId,
) -> Result<Vec<Recommendation>, StoreError> {
    of_vehicle!(tx, vehicle, recommendations::check_id.eq(Key::from(check)))
}

/// The recommendations of a vehicle that were made on a later day than this, and that the owner has declined.
pub fn declined_after(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    day: Date,
) -> Result<Vec<Recommendation>, StoreError> {
    of_vehicle!(tx, vehicle, recommendations::end_kind.eq("declined"), recommendations::advised_on.gt(Day(day)))
}

/// Stores that what a check had made was a mistake, whatever became of it, unless one of them was changed before: another
/// check has taken its place.
pub fn end_mistaken(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    mistaken: &[Recommendation],
    now: Instant,
) -> Result<(), StoreError> {
    change_ends(tx, vehicle, Before::NotDeclined, mistaken, now)
}

/// What ended recommendations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// A record that has done them.
    Record(ServiceRecordId),
    /// A check that took their place.
    Check(VehicleCheckId),
}

/// The recommendations of a vehicle that a record or a check has ended, in the order in which they were made.
pub fn ended_by(tx: &mut Tx<'_>, vehicle: Found<VehicleId>, by: EndedBy) -> Result<Vec<Recommendation>, StoreError> {
    match by {
        EndedBy::Record(record) => of_vehicle!(tx, vehicle, recommendations::done_record_id.eq(Key::from(record))),
        EndedBy::Check(check) => of_vehicle!(tx, vehicle, recommendations::superseded_check_id.eq(Key::from(check))),
    }
}

/// Stores that open recommendations of a vehicle ended, with one statement for those that ended in the same way, unless one
/// of them ended before.
pub fn end_all(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    ended: &[Recommendation],
    now: Instant,
) -> Result<(), StoreError> {
    change_ends(tx, vehicle, Before::Open, ended, now)
}

/// Stores what became of the recommendations of a vehicle that a record or check had ended which is replaced, with one
/// statement for those of which the same became, unless one of them was changed before.
pub fn correct_all(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    replaced: EndedBy,
    corrected: &[Recommendation],
    now: Instant,
) -> Result<(), StoreError> {
    change_ends(tx, vehicle, Before::Ended(replaced), corrected, now)
}

/// What recommendations must be for their ends to change.
#[derive(Clone, Copy)]
enum Before {
    /// They wait to be done.
    Open,
    /// This record or check has ended them.
    Ended(EndedBy),
    /// The owner has not declined them.
    NotDeclined,
}

/// Stores the ends of recommendations, unless one of them is not what it must be.
fn change_ends(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    before: Before,
    changed: &[Recommendation],
    now: Instant,
) -> Result<(), StoreError> {
    for alike in changed.chunk_by(|one, other| one.end == other.end) {
        let Some(end) = alike.first().map(|one| EndColumns::new(one.end)) else { continue };
        let ids: Vec<Key> = alike.iter().map(|one| one.id.into()).collect();
        let target = recommendations::table
            .filter(recommendations::id.eq_any(ids))
            .filter(recommendations::vehicle_id.eq(Key::from(*vehicle)));
        let changed = (
            recommendations::ended_at.eq(end.kind.map(|_| Time(now))),
            recommendations::end_kind.eq(end.kind),
            recommendations::done_record_id.eq(end.record),
            recommendations::declined_by.eq(end.declined.map(|declined| Key::from(declined.by))),
            recommendations::declined_channel.eq(end.declined.map(|declined| declined.channel.code())),
            recommendations::superseded_check_id.eq(end.check),
            recommendations::version.eq(recommendations::version + 1),
            recommendations::updated_at.eq(Time(now)),
        );
        let rows = match before {
            Before::Open => {
                let open = target.filter(recommendations::ended_at.is_null());
                diesel::update(open).set(changed).execute(tx.conn)?
            }
            Before::Ended(EndedBy::Record(record)) => {
                let done = target.filter(recommendations::done_record_id.eq(Key::from(record)));
                diesel::update(done).set(changed).execute(tx.conn)?
            }
            Before::Ended(EndedBy::Check(check)) => {
                let superseded = target.filter(recommendations::superseded_check_id.eq(Key::from(check)));
                diesel::update(superseded).set(changed).execute(tx.conn)?
            }
            Before::NotDeclined => {
                let others = target.filter(recommendations::declined_by.is_null());
                diesel::update(others).set(changed).execute(tx.conn)?
            }
        };
        row::changed("recommendations", rows, alike.len())?;
    }
    Ok(())
}

/// A statement that stores which record did the work of each of many recommendations.
const DONE: &str = "UPDATE recommendations
    SET ended_at = $3, end_kind = 'done', done_record_id = ended.record, version = version + 1, updated_at = $3
    FROM unnest($1, $2) AS ended (id, record)
    WHERE recommendations.id = ended.id AND ended_at IS NULL";

/// Stores that the work of open recommendations of any cars was done, with the record that did each, unless one of them
/// ended before.
pub fn done_all(tx: &mut Tx<'_>, done: &[(RecommendationId, ServiceRecordId)], now: Instant) -> Result<(), StoreError> {
    if done.is_empty() {
        return Ok(());
    }
    let rows = match tx.conn {
        AnyConnection::Postgres(connection) => {
            let (ids, records): (Vec<Key>, Vec<Key>) =
                done.iter().map(|(id, record)| (Key::from(*id), Key::from(*record))).unzip();
            sql_query(DONE)
                .bind::<Array<Id>, _>(ids)
                .bind::<Array<Id>, _>(records)
                .bind::<Moment, _>(Time(now))
                .execute(connection)?
        }
        AnyConnection::Sqlite(connection) => {
            let mut rows = 0;
            for (id, record) in done {
                let target = recommendations::table.find(Key::from(*id)).filter(recommendations::ended_at.is_null());
                let changed = (
                    recommendations::ended_at.eq(Time(now)),
                    recommendations::end_kind.eq("done"),
                    recommendations::done_record_id.eq(Key::from(*record)),
                    recommendations::version.eq(recommendations::version + 1),
                    recommendations::updated_at.eq(Time(now)),
                );
                rows += diesel::update(target).set(changed).execute(connection)?;
            }
            rows
        }
    };
    row::changed("recommendations", rows, done.len())
}

type ListedRow = (Row, Option<String>, Option<String>, Option<String>, CarColumns);
type ViewRow = (Row, Option<String>, Option<String>, Option<String>);

fn read_view((row, maker, agreed_by, declined_by): ViewRow) -> Result<RecommendationView, StoreError> {
    let (made_by, ended_at, updated_at) = (row.made_by, row.ended_at, row.updated_at.0);
    Ok(RecommendationView {
        made_by: made_by.map(Into::into).zip(maker),
        agreed_by,
        declined_by,
        ended_at: ended_at.map(|at| at.0),
        updated_at,
        recommendation: row.read()?,
    })
}

/// Recommendations with the names of their people, and with `$more` columns, to be narrowed down.
macro_rules! views {
    ($source:expr, ($($more:expr),*), $query:ident => $rest:expr) => {{
        let (makers, agreeing, declining) =
            diesel::alias!(accounts as makers, accounts as agreeing, accounts as declining);
        let $query = $source
            .left_join(makers.on(makers.field(accounts::id).nullable().eq(recommendations::made_by)))
            .left_join(agreeing.on(agreeing.field(accounts::id).nullable().eq(recommendations::agreed_by)))
            .left_join(declining.on(declining.field(accounts::id).nullable().eq(recommendations::declined_by)))
            .select((
                Row::as_select(),
                makers.field(accounts::name).nullable(),
                agreeing.field(accounts::name).nullable(),
                declining.field(accounts::name).nullable(),
                $($more,)*
            ));
        $rest
    }};
}

/// Those of a boxed query that meet the filter, as many as a page may have.
macro_rules! filtered {
    ($query:expr, $filter:expr, $request:expr) => {{
        let mut query = $query.limit($request.sql_limit());
        let statuses = &$filter.statuses;
        if !statuses.is_empty() {
            let wanted = |status| statuses.contains(&status).into_sql::<Bool>();
            let ended = statuses.iter().map(|status| status.code());
            let open = recommendations::ended_at.is_null();
            let planned = open.and(recommendations::is_planned.eq(true)).and(wanted(RecommendationStatus::Planned));
            let waiting = open.and(recommendations::is_planned.eq(false)).and(wanted(RecommendationStatus::Open));
            let ended = recommendations::end_kind.is_not_null().and(recommendations::end_kind.eq_any(ended.map(Some)));
            query = query.filter(ended.assume_not_null().or(planned).or(waiting));
            // Said once more, so that the database sees that it can use the index of those that wait.
            if statuses.iter().all(|status| status.is_waiting()) {
                query = query.filter(recommendations::ended_at.is_null());
            }
        }
        if !$filter.urgencies.is_empty() {
            query = query.filter(recommendations::urgency.eq_any($filter.urgencies.iter().map(|one| one.code())));
        }
        match $filter.agreed {
            None => {}
            Some(true) => query = query.filter(recommendations::agreed_at.is_not_null()),
            Some(false) => query = query.filter(recommendations::agreed_at.is_null()),
        }
        if let Some(since) = $request.updated_since {
            query = query.filter(recommendations::updated_at.ge(Time(since)));
        }
        query
    }};
}

/// A recommendation for a vehicle.
pub fn find(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: RecommendationId,
) -> Result<Option<RecommendationView>, StoreError> {
    let found: Option<ViewRow> = views!(recommendations::table, (), query => {
        let of_vehicle = recommendations::vehicle_id.eq(Key::from(*vehicle));
        query.filter(of_vehicle).filter(recommendations::id.eq(Key::from(id))).first(tx.conn).optional()?
    });
    found.map(read_view).transpose()
}

/// A page of the recommendations for a vehicle, in the order in which they were made.
pub fn list(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    filter: &RecommendationFilter,
    request: &PageRequest<RecommendationId>,
) -> Result<Page<RecommendationView, RecommendationId>, StoreError> {
    let found: Vec<ViewRow> = views!(recommendations::table, (), query => {
        let of_vehicle = recommendations::vehicle_id.eq(Key::from(*vehicle));
        let mut query = filtered!(query.filter(of_vehicle).into_boxed(), filter, request);
        if let Some(after) = request.after {
            query = query.filter(recommendations::id.gt(Key::from(after)));
        }
        query.order(recommendations::id).load(tx.conn)?
    });
    let items = found.into_iter().map(read_view).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(items, |view| view.recommendation.id))
}

/// A page of what a garage recommends for its cars in use, the newest first, each with its car.
pub fn list_of_garage(
    tx: &mut Tx<'_>,
    garage: GarageId,
    filter: &RecommendationFilter,
    request: &PageRequest<RecommendationId>,
) -> Result<Page<(ListedCar, RecommendationView), RecommendationId>, StoreError> {
    let source =
        recommendations::table.inner_join(passports::table.on(passports::vehicle_id.eq(recommendations::vehicle_id)));
    let found: Vec<ListedRow> = views!(source, (CAR_COLUMNS), query => {
        let of_garage = query
            .filter(recommendations::garage_id.eq(Key::from(garage)))
            .filter(passports::garage_id.eq(Key::from(garage)))
            .filter(passports::status.ne("archived"))
            .into_boxed();
        let mut query = filtered!(of_garage, filter, request);
        if let Some(after) = request.after {
            query = query.filter(recommendations::id.lt(Key::from(after)));
        }
        query.order(recommendations::id.desc()).load(tx.conn)?
    });
    let items = found
        .into_iter()
        .map(|(row, maker, agreed, declined, car)| Ok((read_car(car)?, read_view((row, maker, agreed, declined))?)));
    let items = items.collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |(_, view)| view.recommendation.id))
}
