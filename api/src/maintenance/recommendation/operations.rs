//! What the operations on recommendations do.

use super::wire::{GarageRecommendation, NewRecommendation, OwnersDecision, Recommendation, RecommendationQuery};
use crate::{
    car_status::operations::refresh,
    clock::new_id,
    command::{Reply, Work},
    garage::operations::today,
    licence_plate::wire::Plate,
    problem::{Code, FieldProblem, Place, Problem},
    reach::{find, lock_and_find, reader},
    wire::{AnyOf, Id},
};
use domain::{
    Date,
    access::{Action, Standing},
    event::{Fact, Stream},
    ids::{PassportId, RecommendationId},
    passport::Passport,
    recommendation::{
        Advice, Decision, DecisionChannel, Happened, Recommendation as DomainRecommendation, RecommendationRefusal,
    },
    service_record::RecordReader,
};
use persistence::{
    self as store, Found,
    recommendation::{RecommendationFilter, RecommendationView},
};

/// The recommendations for a car (rules RC1 and RC2).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &RecommendationQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::RecommendationRead)?;
    let page = store::recommendation::list(work.tx, passport.vehicle_id(), &filter(query), &query.list().request()?)?;
    let language = work.context.language;
    let reader = reader(work, &passport)?;
    let actor = work.actor()?;
    Reply::page(query.list(), page, |view| {
        Recommendation::new(seen(view, &reader, &passport), actor, |at| passport.shows_names_of(at), language)
    })
}

/// A recommendation as someone sees it (rule EC6). What another garage's work would cost is not shown to the one that keeps the
/// passport now (rule P6).
fn seen(mut view: RecommendationView, reader: &RecordReader, passport: &Passport) -> RecommendationView {
    let is_of_before =
        matches!(reader, RecordReader::Garage(_)) && !passport.shows_names_of(view.recommendation.made_at);
    if is_of_before || !reader.sees_amounts() {
        view.recommendation.advice = view.recommendation.advice.without_amounts();
    }
    view
}

fn filter(query: &RecommendationQuery) -> RecommendationFilter {
    RecommendationFilter {
        statuses: AnyOf::of(query.status.clone(), |status| status.0),
        urgencies: AnyOf::of(query.urgency.clone(), |urgency| urgency.0),
        agreed: query.agreed,
    }
}

/// What the garage recommends for its cars (rules RC1 and RC2).
pub fn list_of_garage(work: &mut Work<'_, '_>, query: &RecommendationQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::RecommendationRead)?;
    let request = query.list().request()?;
    let page = store::recommendation::list_of_garage(work.tx, garage, &filter(query), &request)?;
    let language = work.context.language;
    let actor = work.actor()?;
    Reply::page(query.list(), page, |(car, view)| GarageRecommendation {
        passport_id: Id(car.passport.0),
        licence_plate: Plate::new(&car.plate),
        recommendation: Recommendation::new(view, actor, |_| true, language),
    })
}

/// One recommendation (rule RC1).
pub fn get(work: &mut Work<'_, '_>, id: PassportId, one: RecommendationId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::RecommendationRead)?;
    reply(&shown(work, &passport, one)?)
}

fn shown(
    work: &mut Work<'_, '_>,
    passport: &Found<Passport>,
    one: RecommendationId,
) -> Result<Recommendation, Problem> {
    let view = store::recommendation::find(work.tx, passport.vehicle_id(), one)?.ok_or(Code::NotFound)?;
    let reader = reader(work, passport)?;
    let language = work.context.language;
    let view = seen(view, &reader, passport);
    Ok(Recommendation::new(view, work.actor()?, |at| passport.shows_names_of(at), language))
}

fn reply(one: &Recommendation) -> Result<Reply, Problem> {
    Ok(Reply::ok(one)?.version(one.version.0))
}

/// Makes a recommendation without a check (rules RC1 and MS4).
pub fn make(work: &mut Work<'_, '_>, id: PassportId, body: &NewRecommendation) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::RecommendationMake)?;
    passport.in_use()?;
    let vehicle = passport.vehicle_id();
    let today = today(work, passport.garage_id)?;
    let advice = advice(body, today)?;
    let open = store::recommendation::open_of(work.tx, vehicle)?;
    DomainRecommendation::check_another(&advice, passport.vehicle.fuel, open.len())?;
    let made = (Happened { on: today, at: work.now }, work.now);
    let new = DomainRecommendation::make(new_id(), *vehicle, advice, None, made);
    let by = work.actor()?.account_id();
    store::recommendation::insert_all(work.tx, passport.garage_id, Some(by), std::slice::from_ref(&new), work.now)?;
    let fact = Fact::RecommendationMade { passport_id: id, recommendation_id: new.id };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    let shown = shown(work, &passport, new.id)?;
    Ok(Reply::created(&shown, format!("/v1/passports/{id}/recommendations/{}", new.id))?.version(new.version))
}

/// What is advised. A task says by itself what is to be done; without one, only a text can.
fn advice(body: &NewRecommendation, today: Date) -> Result<Advice, Problem> {
    let task = body.task.as_ref().map(|task| task.0);
    let named = task.and_then(domain::service_task::TaskKey::task).map(|task| task.names.nl.clone());
    let text = body.text.as_ref().map(|text| text.0.clone()).or(named);
    let advice = Advice {
        task,
        position: body.position.map(|position| position.0),
        urgency: body.urgency.0,
        text: text.ok_or_else(|| Problem::body("/text", "required"))?,
        found: vec![],
        expected_on: body.expected_on.map(|day| day.0),
    };
    if !advice.is_expected_in_time(today) {
        return Err(Problem::body("/expectedOn", "expected_on_out_of_range"));
    }
    Ok(advice)
}

/// The owner agrees (rule RC3).
pub fn agree(
    work: &mut Work<'_, '_>,
    id: PassportId,
    one: RecommendationId,
    body: &OwnersDecision,
) -> Result<Reply, Problem> {
    let agreed = |channel| Fact::RecommendationAgreed { passport_id: id, recommendation_id: one, channel };
    decide(work, (id, one), body, DomainRecommendation::agree, agreed)
}

/// The owner does not want it (rules RC2 to RC4).
pub fn decline(
    work: &mut Work<'_, '_>,
    id: PassportId,
    one: RecommendationId,
    body: &OwnersDecision,
) -> Result<Reply, Problem> {
    let declined = |channel| Fact::RecommendationDeclined { passport_id: id, recommendation_id: one, channel };
    decide(work, (id, one), body, DomainRecommendation::decline, declined)
}

/// Stores what was decided about a recommendation. The garage's lock is held from here on.
fn decide(
    work: &mut Work<'_, '_>,
    (id, one): (PassportId, RecommendationId),
    body: &OwnersDecision,
    decided: fn(DomainRecommendation, Decision) -> Result<DomainRecommendation, RecommendationRefusal>,
    fact: impl FnOnce(DecisionChannel) -> Fact,
) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::RecommendationDecide)?;
    let vehicle = passport.vehicle_id();
    let known = store::recommendation::find(work.tx, vehicle, one)?.ok_or(Code::NotFound)?.recommendation;
    passport.in_use()?;
    work.check_version(known.version)?;
    let decision = decision(work, body)?;
    store::recommendation::update(work.tx, &decided(known, decision)?, work.now)?;
    work.record(Stream::Garage(passport.garage_id), [fact(decision.channel)])?;
    refresh(work, &passport)?;
    reply(&shown(work, &passport, one)?)
}

/// Who decides, and how the owner made it known: in the app themselves, or in another way to the garage, which says in
/// which.
fn decision(work: &mut Work<'_, '_>, body: &OwnersDecision) -> Result<Decision, Problem> {
    let (at, actor) = (work.now, work.actor()?);
    let is_staff = matches!(actor.standing, Standing::Staff(..));
    let channel = match (body.channel.map(|channel| channel.0), is_staff) {
        (None, true) => return Err(Problem::body("/channel", "required")),
        (None, false) => DecisionChannel::App,
        (Some(channel), is_staff) if (channel != DecisionChannel::App) == is_staff => channel,
        (Some(_), is_staff) => {
            let can_be = DecisionChannel::ALL.iter().filter(|one| (**one != DecisionChannel::App) == is_staff);
            let wrong = FieldProblem::new(Place::Body("/channel".into()), "unknown_value");
            return Err(Problem::invalid([FieldProblem { allowed: can_be.map(|one| one.code()).collect(), ..wrong }]));
        }
    };
    Ok(Decision { by: actor.account_id(), at, channel })
}
