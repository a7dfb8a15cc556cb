//! What the operations on vehicle checks do.

use super::wire::{
    CheckCompletion, EnteredFinding, Found as FoundAt, GarageCheck, GarageCheckQuery, NewFinding, NewVehicleCheck,
    Status, VehicleCheck, VehicleCheckQuery, VehicleCheckSummary,
};
use crate::{
    car_status::operations::refresh,
    clock::new_id,
    command::{Reply, Work},
    file,
    garage::operations::today,
    licence_plate::wire::Plate,
    odometer::operations::{Draft, add_in_place_of},
    problem::{Code, FieldProblem, Place as Where, Problem},
    reach::{find, lock_and_find, reader, save_odometer},
    recommendation::history::{self, ReplacedBy},
    wire::{AnyOf, CheckPlace, Id, items_after},
};
use domain::{
    Date,
    access::{Action, Standing},
    car_history::{Advised, CarHistory, CheckConsequences, Replaced},
    event::{Fact, Stream},
    ids::{GarageId, PassportId, VehicleCheckId, VehicleId},
    odometer::{Distance, DistanceUnit},
    passport::Passport,
    recommendation::{Happened, Recommendation},
    registration,
    removal::FollowedList,
    value::Language,
    vehicle_check::{Completed, Place, VehicleCheck as DomainCheck, VehicleCheckRefusal},
};
use persistence::{
    self as store, Found, Stamps,
    recommendation::EndedBy,
    removal::ListOf,
    vehicle_check::{CheckFilter, GarageCheckFilter, VehicleCheckView},
};

/// The first day on which a car can have been on the road, as far as the register and the garage know.
fn admitted_on(work: &mut Work<'_, '_>, passport: &Found<Passport>) -> Result<Option<Date>, Problem> {
    let known = store::registration::find(work.tx, passport.plate())?;
    Ok(registration::admitted_on(&passport.vehicle, known.and_then(|known| known.data).as_ref()))
}

/// The checks of a car (rules LS1 and VC2).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &VehicleCheckQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::CheckRead)?;
    let is_staff = is_staff(work)?;
    let asked = AnyOf::of(query.status.clone(), |status| status.0);
    let is_left_out = |status| !asked.is_empty() && !asked.contains(&status);
    let filter = CheckFilter {
        without_drafts: !is_staff || is_left_out(Status::Draft),
        without_completed: is_left_out(Status::Completed),
    };
    let vehicle = passport.vehicle_id();
    let gone = work.gone(query.list(), &[FollowedList::Checks], ListOf::KeptCar(vehicle))?;
    let request = query.list().request()?;
    let page = items_after(&gone, || store::vehicle_check::list(work.tx, vehicle, filter, &request))?;
    let language = work.context.language;
    let sees_amounts = reader(work, &passport)?.sees_amounts();
    Reply::followed_page(query.list(), gone, page, |mut summary| {
        let is_of_before = is_staff && !passport.shows_names_of(summary.stamps.created_at);
        if is_of_before || !sees_amounts {
            summary.names = summary.names.without_amounts(&summary.template);
        }
        VehicleCheckSummary::new(summary, is_staff && !is_of_before, language)
    })
}

/// The checks of the garage's cars (rules LS1 and VC2).
pub fn list_of_garage(work: &mut Work<'_, '_>, query: &GarageCheckQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CheckRead)?;
    let mine = if query.mine == Some(true) { Some(work.actor()?.account_id()) } else { None };
    let filter = GarageCheckFilter { completed: query.completed(), started_by: mine };
    let gone = work.gone(query.list(), &[FollowedList::Checks], ListOf::Actor)?;
    let request = query.list().request()?;
    let page = items_after(&gone, || store::vehicle_check::list_of_garage(work.tx, garage, filter, &request))?;
    let language = work.context.language;
    Reply::followed_page(query.list(), gone, page, |(car, summary)| GarageCheck {
        passport_id: Id(car.passport.0),
        licence_plate: Plate::new(&car.plate),
        check: VehicleCheckSummary::new(summary, true, language),
    })
}

/// Drafts, and the names of colleagues, are for the garage alone.
fn is_staff(work: &mut Work<'_, '_>) -> Result<bool, Problem> {
    Ok(matches!(work.actor()?.standing, Standing::Staff(..)))
}

/// One check (rule VC2).
pub fn get(work: &mut Work<'_, '_>, id: PassportId, check: VehicleCheckId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::CheckRead)?;
    shown(work, &passport, check).and_then(|check| reply(&check))
}

fn shown(work: &mut Work<'_, '_>, passport: &Found<Passport>, id: VehicleCheckId) -> Result<VehicleCheck, Problem> {
    let is_staff = is_staff(work)?;
    let view = store::vehicle_check::find(work.tx, passport.vehicle_id(), id)?;
    let mut view = view.filter(|view| is_staff || view.check.completed.is_some()).ok_or(Code::NotFound)?;
    // Of a check by another garage, the one that keeps the passport now sees neither names nor amounts (rules P6 and T9).
    let is_of_before = is_staff && !passport.shows_names_of(view.stamps.created_at);
    if is_of_before || !reader(work, passport)?.sees_amounts() {
        view.check = view.check.without_amounts();
    }
    Ok(VehicleCheck::new(&view, is_staff && !is_of_before, work.context.language))
}

fn reply(check: &VehicleCheck) -> Result<Reply, Problem> {
    Ok(Reply::ok(check)?.version(check.version.0))
}

/// Begins a check (rules VC1 and VC2).
pub fn start(work: &mut Work<'_, '_>, id: PassportId, body: &NewVehicleCheck) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::CheckRun)?;
    passport.in_use()?;
    let vehicle = passport.vehicle_id();
    let list = store::check_template::find_for(work.tx, passport.garage_id, &body.template.0)?;
    let list = list.ok_or_else(|| Problem::body("/template", "not_found"))?;
    let former = match body.replaces_id {
        Some(former) => {
            // What another garage found before stays as it is (rule P6).
            let found = store::vehicle_check::find(work.tx, vehicle, former.0.into())?;
            Some(found.filter(|view| passport.shows_names_of(view.stamps.created_at)).ok_or_else(unknown)?)
        }
        None => None,
    };
    let replaces = former.as_ref().map(|former| (&former.check, former.replaced_by.is_some()));
    let check = DomainCheck::start(new_id(), *vehicle, list, passport.vehicle.fuel, replaces);
    let check = check
        .map_err(|refusal| if refusal == VehicleCheckRefusal::ReplacesUnknown { unknown() } else { refusal.into() })?;
    require_no_draft(work, &passport, &check)?;
    let by = work.actor()?.account_id();
    store::vehicle_check::insert(work.tx, passport.garage_id, &check, by, work.now)?;
    let fact = Fact::VehicleCheckStarted { passport_id: id, check_id: check.id };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    let shown = shown(work, &passport, check.id)?;
    Ok(Reply::created(&shown, format!("/v1/passports/{id}/checks/{}", check.id))?.version(check.version))
}

/// Whoever finds a draft by the same template goes on with it: the problem names it. The garage's lock is held, so of two who
/// begin at once one does.
fn require_no_draft(work: &mut Work<'_, '_>, passport: &Found<Passport>, check: &DomainCheck) -> Result<(), Problem> {
    let open = store::vehicle_check::draft_by(work.tx, passport.vehicle_id(), passport.garage_id, &check.list.key)?;
    DomainCheck::require_no_draft(open).map_err(|refusal| {
        let at = FieldProblem::new(Where::Body("/template".into()), "draft_open");
        Problem::from(refusal).with_fields([FieldProblem { other: open.map(|open| open.0), ..at }])
    })
}

/// The check that is to be replaced is not there.
fn unknown() -> Problem {
    let field = FieldProblem::new(Where::Body("/replacesId".into()), "not_found");
    Problem::from(VehicleCheckRefusal::ReplacesUnknown).with_fields([field])
}

/// A check of a car in use that staff work on: the garage's lock is held from here on.
fn lock_and_find_check(
    work: &mut Work<'_, '_>,
    id: PassportId,
    check: VehicleCheckId,
) -> Result<(Found<Passport>, Stamps, VehicleCheckView), Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::CheckRun)?;
    let view = store::vehicle_check::find(work.tx, passport.vehicle_id(), check)?.ok_or(Code::NotFound)?;
    passport.in_use()?;
    Ok((passport, stamps, view))
}

/// Discards a draft (rule VC2).
pub fn discard(work: &mut Work<'_, '_>, id: PassportId, check: VehicleCheckId) -> Result<Reply, Problem> {
    let (passport, _, VehicleCheckView { check, .. }) = lock_and_find_check(work, id, check)?;
    work.check_version(check.version)?;
    check.is_draft()?;
    file::operations::delete_photos(work, passport.vehicle_id(), &[check.id])?;
    store::vehicle_check::delete(work.tx, passport.garage_id, &check, work.now)?;
    let fact = Fact::VehicleCheckDiscarded { passport_id: id, check_id: check.id };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    Ok(Reply::nothing())
}

/// Discards the drafts of a car whose passport is archived, since nobody could complete them any more (rules P2 and VC2).
/// The lock of its garage is held.
pub fn discard_drafts(
    work: &mut Work<'_, '_>,
    passport_id: PassportId,
    vehicle: Found<VehicleId>,
    garage: GarageId,
) -> Result<Vec<Fact>, Problem> {
    let drafts = store::vehicle_check::drafts_of(work.tx, vehicle, garage)?;
    if !drafts.is_empty() {
        file::operations::delete_photos(work, vehicle, &drafts)?;
        store::vehicle_check::delete_drafts(work.tx, (vehicle, garage), &drafts, work.now)?;
    }
    Ok(drafts.into_iter().map(|check_id| Fact::VehicleCheckDiscarded { passport_id, check_id }).collect())
}

/// Enters what was found at a place (rules VC1 to VC3).
pub fn enter(
    work: &mut Work<'_, '_>,
    id: PassportId,
    check: VehicleCheckId,
    place: &str,
    body: NewFinding,
) -> Result<Reply, Problem> {
    let (_, _, VehicleCheckView { check, finders, .. }) = lock_and_find_check(work, id, check)?;
    let place = CheckPlace::read(place);
    let (by, version, language) = (work.actor()?.account_id(), check.version, work.context.language);
    let before = check.findings.get(&place).cloned();
    work.check_version(before.as_ref().map_or(0, |before| before.version))?;
    let entered = check.clone().enter(place.clone(), body.into(), by, work.now);
    let check = entered.map_err(|refusal| explained(refusal, &check, &place, language))?;
    let entered =
        check.findings.get(&place).ok_or_else(|| Problem::internal("a finding that was entered is missing"))?;
    store::vehicle_check::save_finding(work.tx, &check, &place, entered, work.now)?;
    let name = store::account::find(work.tx, by)?.map(|(account, _)| account.name);
    let before = before.map(|before| FoundAt::new(&before, finders.get(&before.by)));
    let found = FoundAt::new(entered, name.as_ref());
    let shown = EnteredFinding::new(&place, found, before, &check.missing(), version + 1);
    Reply::ok(&shown)
}

/// Why nothing can be entered at a place: of a value that is not plausible, with the range that is.
fn explained(refusal: VehicleCheckRefusal, check: &DomainCheck, (item, _): &Place, language: Language) -> Problem {
    let problem = Problem::from(refusal);
    let measure = check.list.find(item).and_then(|item| item.measure.as_ref());
    match measure.filter(|_| refusal == VehicleCheckRefusal::Implausible) {
        Some(measure) => {
            let [min, max] = [measure.min, measure.max].map(|value| measure.unit.written(value, language));
            let at = FieldProblem::new(Where::Body("/measured".into()), "not_plausible");
            problem.with_fields([FieldProblem { said: vec![min, max], ..at }])
        }
        None => problem,
    }
}

/// What a check lacks before it can be completed: each place without a result.
fn lacking(refusal: VehicleCheckRefusal, missing: &[Place]) -> Problem {
    let place = |(item, position): &Place| {
        let at = FieldProblem::new(Where::Parameter("checkId".into()), "place_without_result");
        FieldProblem { said: vec![CheckPlace::of(item, position.as_deref()).0], ..at }
    };
    Problem::from(refusal).with_fields(missing.iter().map(place))
}

/// Removes what was found at a place (rule VC2).
pub fn remove(work: &mut Work<'_, '_>, id: PassportId, check: VehicleCheckId, place: &str) -> Result<Reply, Problem> {
    let (_, _, VehicleCheckView { check, .. }) = lock_and_find_check(work, id, check)?;
    let place = CheckPlace::read(place);
    let (check, found) = check.clear(&place)?;
    work.check_version(found.ok_or(Code::NotFound)?.version)?;
    store::vehicle_check::delete_finding(work.tx, &check, &place, work.now)?;
    Ok(Reply::nothing())
}

/// Completes a check, with all that follows from it (rules VC2, VC4 and VC6).
pub fn complete(
    work: &mut Work<'_, '_>,
    id: PassportId,
    check: VehicleCheckId,
    body: &CheckCompletion,
) -> Result<Reply, Problem> {
    let (passport, stamps, VehicleCheckView { check, .. }) = lock_and_find_check(work, id, check)?;
    let found = passport.passport_id();
    let today = today(work, passport.garage_id)?;
    let on = body.checked_on.map_or(today, |day| day.0);
    let completed = Completed { by: work.actor()?.account_id(), at: work.now, on, stands_at: work.now };
    let admitted_on = admitted_on(work, &passport)?;
    work.check_version(check.version)?;
    let former = require_not_replaced(work, passport.vehicle_id(), &check)?;
    let completed = completed.in_place_of(former.as_ref().map(|former| &former.check));
    let missing = check.missing();
    let check = check.complete(completed, admitted_on, today).map_err(|refusal| {
        if refusal == VehicleCheckRefusal::Incomplete { lacking(refusal, &missing) } else { refusal.into() }
    })?;
    let vehicle = passport.vehicle_id();
    let draft = reading(body, on)?;
    let km = draft.shown.km();
    let odometer_before = passport.vehicle.odometer_km;
    let (mut changed, reading) = add_in_place_of(work, passport, draft, former.and_then(|former| former.reading))?;
    store::vehicle_check::complete(work.tx, &check, completed, (reading, km))?;
    let replaces = check.replaces;
    changed.facts.push(Fact::VehicleCheckCompleted { passport_id: id, check_id: check.id, replaces });
    let advised = recommend(work, vehicle, (&check, completed), &changed.passport, today)?;
    changed.facts.extend(advised);
    save_odometer(work, &changed, odometer_before, stamps)?;
    let passport = found.with(changed.passport);
    refresh(work, &passport)?;
    reply(&shown(work, &passport, check.id)?)
}

/// The check in whose place it comes, with the reading that is corrected with it. Meanwhile, another draft may have taken its
/// place.
fn require_not_replaced(
    work: &mut Work<'_, '_>,
    vehicle: Found<VehicleId>,
    check: &DomainCheck,
) -> Result<Option<VehicleCheckView>, Problem> {
    let Some(former) = check.replaces else { return Ok(None) };
    let former = store::vehicle_check::find(work.tx, vehicle, former)?.ok_or_else(unknown)?;
    former.check.may_be_replaced(former.replaced_by.is_some())?;
    Ok(Some(former))
}

/// What the odometer showed on the day of the check.
fn reading(body: &CheckCompletion, on: Date) -> Result<Draft, Problem> {
    let place = "/odometer";
    let unit = body.unit.map_or(DistanceUnit::Km, |unit| unit.0);
    let wrong = |error| Problem::invalid([FieldProblem::from_value(Where::Body(place.into()), error)]);
    let shown = Distance::new(body.odometer.0, unit).map_err(wrong)?;
    Ok(Draft { shown, read_on: Some(on), replaces: None, start: None, confirm: body.confirm == Some(true), place })
}

/// Stores what follows from a completed check for the car's recommendations, and says it (rules VC2 and VC6). What happened
/// since matters only for a check that is written down on a later day, or in the place of another.
fn recommend(
    work: &mut Work<'_, '_>,
    vehicle: Found<VehicleId>,
    (check, completed): (&DomainCheck, Completed),
    passport: &Passport,
    today: Date,
) -> Result<Vec<Fact>, Problem> {
    let mut later = store::recommendation::open_of(work.tx, vehicle)?;
    let open = later.len();
    let replaced = replaced(work, vehicle, check)?;
    let since = replaced.ended.iter().map(|one| one.advised.on).fold(completed.on, Date::min);
    let history = if since < today || check.replaces.is_some() {
        later.extend(store::recommendation::declined_after(work.tx, vehicle, completed.on)?);
        let found: Vec<_> = check.advices().collect();
        history::since(work, vehicle, since, found.iter().chain(replaced.ended.iter().map(|one| &one.advice)))?
    } else {
        CarHistory::default()
    };
    let consequences = history.consequences(check, &later, &replaced);
    let waiting = consequences.reconsidered.iter().filter(|one| one.is_open()).count();
    let waiting = waiting + consequences.advised.iter().filter(|new| new.end.is_none()).count();
    let mistaken = replaced.advised.iter().filter(|one| one.is_open()).count();
    Recommendation::check_room(open + waiting - consequences.ended.len() - mistaken)?;
    store_consequences(work, vehicle, (check, completed), passport, consequences)
}

/// What the check had done that this one replaces.
fn replaced(work: &mut Work<'_, '_>, vehicle: Found<VehicleId>, check: &DomainCheck) -> Result<Replaced, Problem> {
    let Some(former) = check.replaces else { return Ok(Replaced::default()) };
    Ok(Replaced {
        advised: store::recommendation::made_by(work.tx, vehicle, former)?,
        ended: store::recommendation::ended_by(work.tx, vehicle, EndedBy::Check(former))?,
    })
}

fn store_consequences(
    work: &mut Work<'_, '_>,
    vehicle: Found<VehicleId>,
    (check, completed): (&DomainCheck, Completed),
    passport: &Passport,
    CheckConsequences { advised, ended, mistaken, reconsidered }: CheckConsequences,
) -> Result<Vec<Fact>, Problem> {
    let when = Happened { on: completed.on, at: completed.stands_at };
    let make = |Advised { advice, agreed, end }| {
        let made = Recommendation::make(new_id(), *vehicle, advice, Some(check.id), (when, work.now));
        Recommendation { agreed, end, ..made }
    };
    let new: Vec<_> = advised.into_iter().map(make).collect();
    let by = work.actor()?.account_id();
    store::recommendation::end_all(work.tx, vehicle, &ended, work.now)?;
    store::recommendation::end_mistaken(work.tx, vehicle, &mistaken, work.now)?;
    store::recommendation::insert_all(work.tx, passport.garage_id, Some(by), &new, work.now)?;
    let passport_id = passport.id;
    let mut facts: Vec<Fact> = vec![];
    if let Some(former) = check.replaces {
        let replaced = (EndedBy::Check(former), ReplacedBy::Check(check.id));
        facts.extend(history::reconsidered(work, passport_id, vehicle, replaced, &reconsidered)?);
    }
    let superseded = ended.iter().chain(&mistaken);
    facts.extend(superseded.filter_map(|one| history::ended(passport_id, one)));
    for one in &new {
        facts.push(Fact::RecommendationMade { passport_id, recommendation_id: one.id });
        facts.extend(history::ended(passport_id, one));
    }
    Ok(facts)
}
