//! What the operations on service records do.

use super::wire::{NewServiceLine, NewServiceRecord, RecordWarning, ServiceRecord, ServiceRecordQuery};
use crate::{
    car_status::operations::refresh,
    clock::{day_bounds, local_date, new_id},
    command::{Reply, Work},
    odometer::operations::{self as odometer, Draft},
    problem::{Code, FieldProblem, Place, Problem},
    reach::{find, lock_and_find, reader, relation, save_odometer},
    recommendation::history::{self, ReplacedBy},
    wire::AnyOf,
};
use domain::{
    Date, Instant,
    access::Action,
    custody::Holder,
    event::Fact,
    garage::Garage,
    ids::{AccountId, OdometerReadingId, PassportId, ServiceRecordId, VehicleId},
    passport::{Changed, Passport, Vehicle},
    recommendation::{Recommendation, RecommendationEnd},
    register::RegisterData,
    registration::{self, Registration},
    service_record::{
        LineAmount, LineKind, Quantity, RecordOrigin, RecordOwner, RecordedCar, ServiceLine,
        ServiceRecord as DomainRecord, ServiceRecordRefusal, ServiceRecordWarning, ToReplace, Totals,
    },
    value::ValueError,
};
use persistence::{
    self as store, Found, Page, PageRequest,
    recommendation::EndedBy,
    service_record::{ServiceRecordFilter, ServiceRecordView},
};

/// The records of a car (rules SR2 and SR5).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ServiceRecordQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ServiceRecordRead)?;
    let filter = ServiceRecordFilter {
        from: query.done_from.map(|day| day.0),
        until: query.done_until.map(|day| day.0),
        tasks: AnyOf::of(query.task.clone(), |task| task.0),
        origins: AnyOf::of(query.origin.clone(), |origin| origin.0),
        with_replaced: query.include_replaced == Some(true),
    };
    let vehicle = passport.vehicle_id();
    let page = store::service_record::list(work.tx, vehicle, &filter, &query.list().request()?)?;
    let page = Page { items: shown(work, &passport, page.items)?, next: page.next };
    Reply::page(query.list(), page, |record| record)
}

/// One record (rules SR2 and SR5).
pub fn get(work: &mut Work<'_, '_>, id: PassportId, record: ServiceRecordId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ServiceRecordRead)?;
    Reply::ok(&shown_one(work, &passport, record)?)
}

fn shown_one(
    work: &mut Work<'_, '_>,
    passport: &Found<Passport>,
    id: ServiceRecordId,
) -> Result<ServiceRecord, Problem> {
    let view = store::service_record::view(work.tx, passport.vehicle_id(), id)?;
    let shown = shown(work, passport, view.into_iter().collect())?;
    shown.into_iter().next().ok_or_else(|| Code::NotFound.into())
}

/// Records of a car as the actor sees them.
fn shown(
    work: &mut Work<'_, '_>,
    passport: &Found<Passport>,
    views: Vec<ServiceRecordView>,
) -> Result<Vec<ServiceRecord>, Problem> {
    let reader = reader(work, passport)?;
    let ids: Vec<ServiceRecordId> = views.iter().map(|view| view.record.id).collect();
    let mut closed = store::service_record::closed_by(work.tx, passport.vehicle_id(), &ids)?;
    let (language, actor) = (work.context.language, work.actor()?);
    let show = |view: ServiceRecordView| {
        let closed = closed.remove(&view.record.id).unwrap_or_default();
        ServiceRecord::new(view, closed, actor, &reader, language)
    };
    Ok(views.into_iter().map(show).collect())
}

/// Among how many declared records of a day the same work is looked for.
const DECLARED_A_DAY: usize = 100;

/// A record to be added, and what decides about it.
struct Entry {
    record: DomainRecord,
    car: RecordedCar,
    stated: Option<Totals>,
    replaced: Option<ToReplace>,
    /// The reading of the record that is replaced.
    former_reading: Option<OdometerReadingId>,
    today: Date,
    /// The day on which the APK expires, as far as the register knows.
    registered_apk: Option<Date>,
}

/// Adds a record (rules SR1 to SR6, MS4, OD1 to OD6, OD10, OD11).
pub fn add(work: &mut Work<'_, '_>, id: PassportId, body: &NewServiceRecord) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::ServiceRecordAdd)?;
    passport.in_use()?;
    let confirm = body.confirm == Some(true);
    if confirm {
        let relation = relation(work.actor()?, &passport);
        work.require(Action::OdometerConfirm, relation)?;
    }
    let (found, vehicle, before) = (passport.passport_id(), passport.vehicle_id(), passport.vehicle.odometer_km);
    let mut entry = Entry::new(work, &passport, body)?;
    entry.check(work, vehicle)?;
    let (mut changed, reading) = read_odometer(work, passport, &entry, confirm)?;
    entry.record.reading = reading;
    store::service_record::insert(work.tx, &entry.record)?;
    changed.facts.push(Fact::ServiceRecorded { passport_id: id, record_id: entry.record.id });
    changed.facts.extend(correct_recommendations(work, id, vehicle, &entry.record)?);
    changed.facts.extend(close_recommendations(work, id, vehicle, &entry.record)?);
    save_odometer(work, &changed, before, stamps)?;
    let passport = found.with(changed.passport);
    refresh(work, &passport)?;
    let location = format!("/v1/passports/{id}/service-records/{}", entry.record.id);
    let mut shown = shown_one(work, &passport, entry.record.id)?;
    if lacks_apk_date(work, &passport, &entry)? {
        shown.warnings.push(RecordWarning::new(ServiceRecordWarning::ApkDateUnknown, work.context.language));
    }
    Reply::created(&shown, location)
}

/// Whether the garage inspected the car, and neither the register nor the garage has the new date yet.
fn lacks_apk_date(work: &mut Work<'_, '_>, passport: &Found<Passport>, entry: &Entry) -> Result<bool, Problem> {
    if !entry.record.lacks_apk_date(entry.registered_apk) {
        return Ok(false);
    }
    let entered = store::apk::latest(work.tx, passport.vehicle_id())?.map(|(entered, _)| entered.expires_on);
    Ok(entry.record.lacks_apk_date(entered))
}

impl Entry {
    fn new(work: &mut Work<'_, '_>, passport: &Found<Passport>, body: &NewServiceRecord) -> Result<Self, Problem> {
        let (garage, _) = store::garage::find(work.tx, passport.garage_id)?
            .ok_or_else(|| Problem::internal("a passport has no garage"))?;
        let (actor, today) = (work.actor()?.clone(), local_date(work.now, &garage.time_zone));
        let corrects: Option<ServiceRecordId> = body.replaces_id.map(|id| id.0.into());
        let found = match corrects {
            Some(id) => store::service_record::find_to_replace(work.tx, passport.vehicle_id(), id)?,
            None => None,
        };
        let (replaced, former_reading) = found.map_or((None, None), |(replaced, reading)| (Some(replaced), reading));
        let (by_garage, done_on) = (actor.garage_id().is_some(), body.done_on.map_or(today, |day| day.0));
        let usual = if by_garage { RecordOrigin::Garage } else { RecordOrigin::Declared };
        let origin = body.origin.map_or(usual, |origin| origin.0);
        if origin == RecordOrigin::Garage && body.place.is_some() {
            return Err(Problem::body("/place", "conflicts_with_other"));
        }
        let known = store::registration::find(work.tx, passport.plate())?;
        let registered_apk = known.as_ref().and_then(Registration::apk_expiry).map(|expiry| expiry.expires_on);
        let data = known.and_then(|known| known.data);
        let owner = owner(work, passport, &garage, (origin, done_on, today))?;
        let record = written(body, passport, &garage, (origin, done_on, owner), (actor.account_id(), work.now));
        let record = record.in_place_of(replaced.as_ref());
        let car = recorded_car(&passport.vehicle, data.as_ref());
        let stated = body.totals.clone().map(Totals::from);
        Ok(Self { record, car, stated, replaced, former_reading, today, registered_apk })
    }

    /// Goes on only if nobody declared the same work before (rule SR4).
    fn check_duplicate(&self, work: &mut Work<'_, '_>, vehicle: Found<VehicleId>) -> Result<(), Problem> {
        let record = &self.record;
        if record.origin != RecordOrigin::Declared {
            return Ok(());
        }
        let day = Some(record.done_on);
        let of_day = ServiceRecordFilter { from: day, until: day, origins: vec![record.origin], ..Default::default() };
        let request = PageRequest { after: None, limit: DECLARED_A_DAY, updated_since: None };
        let known = store::service_record::list(work.tx, vehicle, &of_day, &request)?.items;
        record.check_duplicate(known.iter().map(|view| &view.record)).map_err(|other| {
            let at = FieldProblem::new(Place::Body("/lines".into()), "record_known");
            let named = FieldProblem { other: Some(other.0), ..at };
            Problem::from(ServiceRecordRefusal::Duplicate).with_fields([named])
        })
    }

    fn check(&self, work: &mut Work<'_, '_>, vehicle: Found<VehicleId>) -> Result<(), Problem> {
        let record = &self.record;
        record.check_origin(work.actor()?.garage_id().is_some(), self.replaced.as_ref())?;
        if record.origin == RecordOrigin::Declared {
            let vehicle = Found::by_system(record.vehicle_id);
            let since = work.now.saturating_sub(jiff::SignedDuration::from_hours(24)).unwrap_or(work.now);
            let before = store::service_record::declared_before(work.tx, vehicle, since)?;
            record.check_declared(work.actor()?.garage_id().is_some(), before)?;
        }
        record
            .check(&self.car, self.stated.as_ref(), self.replaced.as_ref(), self.today)
            .map_err(|refusal| problem(refusal, record, &self.car, self.stated.as_ref()))?;
        self.check_duplicate(work, vehicle)?;
        let numbers: Vec<&str> = record.own_invoice().into_iter().collect();
        let known = store::service_record::find_by_invoices(work.tx, record.garage_id, &numbers)?;
        check_invoice(record, known.into_values().next())
    }
}

/// What a body says, as a record of a car.
pub fn written(
    body: &NewServiceRecord,
    passport: &Passport,
    garage: &Garage,
    (origin, done_on, owner): (RecordOrigin, Date, Option<RecordOwner>),
    (by, now): (AccountId, Instant),
) -> DomainRecord {
    DomainRecord {
        id: new_id(),
        vehicle_id: passport.vehicle.id,
        garage_id: passport.garage_id,
        origin,
        done_on,
        reading: None,
        odometer_km: body.odometer_km.map(|km| km.0),
        mechanic: body.mechanic.clone().map(|name| name.0),
        place: body.place.clone().map(|place| place.0),
        lines: body.lines.0.iter().map(line).collect(),
        currency: body.currency.as_ref().map_or(garage.currency, |currency| currency.0),
        invoice_number: body.invoice_number.clone().map(|number| number.0),
        note: body.note.clone().map(|note| note.0),
        owner,
        replaces: body.replaces_id.map(|id| id.0.into()),
        recorded_at: now,
        stands_at: now,
        by: Some(by),
    }
}

/// What a record must know about its car.
pub fn recorded_car(vehicle: &Vehicle, data: Option<&RegisterData>) -> RecordedCar {
    RecordedCar { admitted_on: registration::admitted_on(vehicle, data), fuel: vehicle.fuel }
}

/// Refuses the number of an invoice that another record of the garage has (rule SR6). `known` is the record with the number.
pub fn check_invoice(record: &DomainRecord, known: Option<ServiceRecordId>) -> Result<(), Problem> {
    record.check_invoice(known).map_err(|refusal| {
        let at = FieldProblem::new(Place::Body("/invoiceNumber".into()), "invoice_known");
        let other = known.map(|known| known.0);
        Problem::from(refusal).with_fields([FieldProblem { other, ..at }])
    })
}

/// A line of a record.
pub fn line(new: &NewServiceLine) -> ServiceLine {
    let amount = new.net_cents.zip(new.vat_rate);
    ServiceLine {
        task: new.task.as_ref().map(|task| task.0),
        position: new.position.map(|position| position.0),
        text: new.text.clone().map(|text| text.0),
        kind: new.kind.map_or(LineKind::Labour, |kind| kind.0),
        quantity: new.quantity.map_or(Quantity::ONE, |quantity| quantity.0),
        amount: amount.map(|(net, rate)| LineAmount { net_cents: net.0, vat_rate: rate.0 }),
    }
}

/// Whose the car was when the work was done (rule SR5), by the history of hands. What an owner declares was done for them.
fn owner(
    work: &mut Work<'_, '_>,
    passport: &Found<Passport>,
    garage: &Garage,
    (origin, done_on, today): (RecordOrigin, Date, Date),
) -> Result<Option<RecordOwner>, Problem> {
    let now = passport.hands.owner();
    let relation = relation(work.actor()?, passport);
    let declares = origin == RecordOrigin::Declared && (relation.owner || relation.fleet);
    if declares {
        return Ok(RecordOwner::of(now));
    }
    let history = store::custody::owners(work.tx, passport.passport_id())?;
    Ok(owner_on(done_on, today, garage, &history))
}

/// Whose the car was on a day, by the history of its owners.
pub fn owner_on(day: Date, today: Date, garage: &Garage, history: &[(Instant, Holder)]) -> Option<RecordOwner> {
    let (from, until) = day_bounds(day, &garage.time_zone);
    if day < today { RecordOwner::of_day(history, from, until) } else { RecordOwner::of_today(history, from) }
}

/// The refusal, with the places of the values that are wrong.
pub fn problem(
    refusal: ServiceRecordRefusal,
    record: &DomainRecord,
    car: &RecordedCar,
    stated: Option<&Totals>,
) -> Problem {
    let at = |pointer: String, code| FieldProblem::new(Place::Body(pointer), code);
    let fields = match refusal {
        ServiceRecordRefusal::TaskNotForFuel => {
            let wrong = |task: domain::service_task::TaskKey| !task.fits(car.fuel);
            let numbered = record.lines.iter().enumerate().filter(|(_, line)| line.task.is_some_and(wrong));
            numbered.map(|(number, _)| at(format!("/lines/{number}/task"), "task_not_for_fuel")).collect()
        }
        ServiceRecordRefusal::AmountsIncomplete => {
            let numbered = record.lines.iter().enumerate().filter(|(_, line)| line.amount.is_none());
            numbered.map(|(number, _)| at(format!("/lines/{number}/netCents"), "required")).collect()
        }
        ServiceRecordRefusal::TotalsDiffer => match record.totals() {
            None => vec![at("/totals".into(), "conflicts_with_other")],
            Some(totals) => {
                let said = |of: fn(&Totals) -> i64| (stated.map(of), of(&totals));
                let sums = [
                    ("net", said(|totals| totals.net_cents)),
                    ("vat", said(|totals| totals.vat_cents)),
                    ("gross", said(|totals| totals.gross_cents)),
                ];
                let wrong = sums.into_iter().filter(|(_, (stated, sum))| *stated != Some(*sum));
                let exactly = |sum| ValueError::OutOfRange { min: sum, max: sum };
                let place = |name| Place::Body(format!("/totals/{name}Cents"));
                wrong.map(|(name, (_, sum))| FieldProblem::from_value(place(name), exactly(sum))).collect()
            }
        },
        ServiceRecordRefusal::ReplacesUnknown => vec![at("/replacesId".into(), "not_found")],
        ServiceRecordRefusal::InFuture
        | ServiceRecordRefusal::BeforeFirstAdmission
        | ServiceRecordRefusal::AlreadyReplaced
        | ServiceRecordRefusal::DeclaredOnly
        | ServiceRecordRefusal::NotYours
        | ServiceRecordRefusal::Duplicate
        | ServiceRecordRefusal::DeclaredTooManyToday
        | ServiceRecordRefusal::DeclaredTooMany
        | ServiceRecordRefusal::InvoiceKnown => vec![],
    };
    Problem::from(refusal).with_fields(fields)
}

/// What the odometer showed on the day of the work, as a reading to be added.
pub fn shown_then(km: i64, done_on: Date, confirm: bool) -> Result<Draft, Problem> {
    Ok(Draft { read_on: Some(done_on), confirm, ..Draft::of_today(km)? })
}

/// Adds what the odometer showed to the car's ledger: the answer is the passport after that, and the reading. The reading of
/// a record that is corrected is corrected with it.
fn read_odometer(
    work: &mut Work<'_, '_>,
    passport: Found<Passport>,
    entry: &Entry,
    confirm: bool,
) -> Result<(Changed, Option<OdometerReadingId>), Problem> {
    let Some(km) = entry.record.odometer_km else {
        return Ok((Changed::nothing(passport.into_inner()), None));
    };
    let draft = shown_then(km, entry.record.done_on, confirm)?;
    let (changed, reading) = odometer::add_in_place_of(work, passport, draft, entry.former_reading)?;
    Ok((changed, Some(reading)))
}

/// What becomes of the recommendations for the work of the record that this one replaces (rules SR2, SR3 and RC2): those that
/// this one does too were done by this one; the others wait again, unless something else that happened has ended them.
fn correct_recommendations(
    work: &mut Work<'_, '_>,
    passport_id: PassportId,
    vehicle: Found<VehicleId>,
    record: &DomainRecord,
) -> Result<Vec<Fact>, Problem> {
    let Some(replaced) = record.replaces else { return Ok(vec![]) };
    let done = store::recommendation::ended_by(work.tx, vehicle, EndedBy::Record(replaced))?;
    let Some(since) = done.iter().map(|one| one.advised.on).min() else { return Ok(vec![]) };
    let (again, undone): (Vec<_>, Vec<_>) = done.into_iter().partition(|one| record.closes(&one.advice, one.advised));
    let history = history::since(work, vehicle, since, undone.iter().map(|one| &one.advice))?;
    let done = Some(RecommendationEnd::Done(record.id));
    let again = again.into_iter().map(|one| Recommendation { end: done, ..one });
    let all: Vec<_> = again.chain(undone.into_iter().map(|one| history.reconsider(one))).collect();
    let replaced = (EndedBy::Record(replaced), ReplacedBy::Record(record.id));
    history::reconsidered(work, passport_id, vehicle, replaced, &all)
}

/// Closes the open recommendations for the work of a record (rule SR3).
fn close_recommendations(
    work: &mut Work<'_, '_>,
    passport_id: PassportId,
    vehicle: Found<VehicleId>,
    record: &DomainRecord,
) -> Result<Vec<Fact>, Problem> {
    let mut open = store::recommendation::open_of(work.tx, vehicle)?;
    let (ended, facts) = close(&mut open, passport_id, record)?;
    store::recommendation::end_all(work.tx, vehicle, &ended, work.now)?;
    Ok(facts)
}

/// Takes those that a record closes out of the open recommendations of its car; they come back with what happened.
pub fn close(
    open: &mut Vec<Recommendation>,
    passport_id: PassportId,
    record: &DomainRecord,
) -> Result<(Vec<Recommendation>, Vec<Fact>), Problem> {
    let record_id = record.id;
    let (closed, left) = std::mem::take(open).into_iter().partition(|one| record.closes(&one.advice, one.advised));
    *open = left;
    let closed: Vec<Recommendation> = closed;
    let done = |one: Recommendation| one.done(record_id).map_err(|refusal| Problem::internal(refusal.code()));
    let ended = closed.into_iter().map(done).collect::<Result<Vec<_>, _>>()?;
    debug_assert!(ended.iter().all(|one| one.end == Some(RecommendationEnd::Done(record_id))));
    let fact = |one: &Recommendation| Fact::RecommendationDone { passport_id, recommendation_id: one.id, record_id };
    let facts = ended.iter().map(fact).collect();
    Ok((ended, facts))
}
