//! Recommendations: work that was advised. Nothing deletes one (rule RC2); the database itself refuses it.

use crate::{
    connection::insert_all,
    error::StoreError,
    page::{Page, PageRequest},
    row::{self, Reading},
    schema::{accounts, recommendations},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{prelude::*, sql_types::Bool};
use domain::{
    Instant,
    ids::{AccountId, GarageId, RecommendationId, VehicleId},
    recommendation::{
        Advice, Decision, DecisionChannel, FoundAt, Recommendation, RecommendationEnd, RecommendationStatus, Urgency,
    },
    service_task::{Position, TaskKey},
};

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
    /// An end is stored as it happens, so it is of `now`.
    fn new(one: &Recommendation, version: i64, now: Instant) -> Self {
        let end = EndColumns::new(one.end);
        Self {
            agreed_at: one.agreed.map(|agreed| agreed.at.into()),
            agreed_by: one.agreed.map(|agreed| agreed.by.into()),
            agreed_channel: one.agreed.map(|agreed| agreed.channel.code().to_owned()),
            is_planned: one.is_planned,
            ended_at: one.end.is_some().then_some(now.into()),
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

/// The recommendations of a vehicle that wait to be done, planned ones included, in the order in which they were made.
pub fn open_of(tx: &mut Tx<'_>, vehicle: Found<VehicleId>) -> Result<Vec<Recommendation>, StoreError> {
    let rows: Vec<Row> = recommendations::table
        .filter(recommendations::vehicle_id.eq(Key::from(*vehicle)))
        .filter(recommendations::ended_at.is_null())
        .order(recommendations::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Row::read).collect()
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

/// Stores that open recommendations of a vehicle ended, with one statement for those that ended in the same way, unless one
/// of them ended before.
pub fn end_all(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    ended: &[Recommendation],
    now: Instant,
) -> Result<(), StoreError> {
    for alike in ended.chunk_by(|one, other| one.end == other.end) {
        let Some(end) = alike.first().map(|one| EndColumns::new(one.end)) else { continue };
        let ids: Vec<Key> = alike.iter().map(|one| one.id.into()).collect();
        let target = recommendations::table
            .filter(recommendations::id.eq_any(ids))
            .filter(recommendations::vehicle_id.eq(Key::from(*vehicle)))
            .filter(recommendations::ended_at.is_null());
        let changed = (
            recommendations::ended_at.eq(Time(now)),
            recommendations::end_kind.eq(end.kind),
            recommendations::done_record_id.eq(end.record),
            recommendations::declined_by.eq(end.declined.map(|declined| Key::from(declined.by))),
            recommendations::declined_channel.eq(end.declined.map(|declined| declined.channel.code())),
            recommendations::superseded_check_id.eq(end.check),
            recommendations::version.eq(recommendations::version + 1),
            recommendations::updated_at.eq(Time(now)),
        );
        let rows = diesel::update(target).set(changed).execute(tx.conn)?;
        row::changed("recommendations", rows, alike.len())?;
    }
    Ok(())
}

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

/// The recommendations of a vehicle with the names of their people, to be narrowed down.
macro_rules! views {
    ($vehicle:expr, $query:ident => $rest:expr) => {{
        let (makers, agreeing, declining) =
            diesel::alias!(accounts as makers, accounts as agreeing, accounts as declining);
        let $query = recommendations::table
            .left_join(makers.on(makers.field(accounts::id).nullable().eq(recommendations::made_by)))
            .left_join(agreeing.on(agreeing.field(accounts::id).nullable().eq(recommendations::agreed_by)))
            .left_join(declining.on(declining.field(accounts::id).nullable().eq(recommendations::declined_by)))
            .filter(recommendations::vehicle_id.eq(Key::from(*$vehicle)))
            .select((
                Row::as_select(),
                makers.field(accounts::name).nullable(),
                agreeing.field(accounts::name).nullable(),
                declining.field(accounts::name).nullable(),
            ));
        $rest
    }};
}

/// A recommendation for a vehicle.
pub fn find(
    tx: &mut Tx<'_>,
    vehicle: Found<VehicleId>,
    id: RecommendationId,
) -> Result<Option<RecommendationView>, StoreError> {
    let found: Option<ViewRow> = views!(vehicle, query => {
        query.filter(recommendations::id.eq(Key::from(id))).first(tx.conn).optional()?
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
    let found: Vec<ViewRow> = views!(vehicle, query => {
        let mut query = query.order(recommendations::id).limit(request.sql_limit()).into_boxed();
        if !filter.statuses.is_empty() {
            let wanted = |status| filter.statuses.contains(&status).into_sql::<Bool>();
            let ended = filter.statuses.iter().map(|status| status.code());
            let open = recommendations::ended_at.is_null();
            let planned = open.and(recommendations::is_planned.eq(true)).and(wanted(RecommendationStatus::Planned));
            let waiting = open.and(recommendations::is_planned.eq(false)).and(wanted(RecommendationStatus::Open));
            let ended = recommendations::end_kind.is_not_null().and(recommendations::end_kind.eq_any(ended.map(Some)));
            query = query.filter(ended.assume_not_null().or(planned).or(waiting));
        }
        if !filter.urgencies.is_empty() {
            query = query.filter(recommendations::urgency.eq_any(filter.urgencies.iter().map(|one| one.code())));
        }
        if let Some(after) = request.after {
            query = query.filter(recommendations::id.gt(Key::from(after)));
        }
        if let Some(since) = request.updated_since {
            query = query.filter(recommendations::updated_at.ge(Time(since)));
        }
        query.load(tx.conn)?
    });
    let items = found.into_iter().map(read_view).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(items, |view| view.recommendation.id))
}
