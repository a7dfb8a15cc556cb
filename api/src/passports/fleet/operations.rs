//! What the operations on fleets do.

use super::wire::{
    DriverAmounts, Fleet, FleetCarQuery, FleetQuery, FleetSummary, NewFleet, NextVisit, SetFleetReminders, UpdateFleet,
};
use crate::{
    account,
    clock::{local_date, new_id},
    command::{Reply, Work},
    expected_maintenance::{costs::Prices, wire::PeriodCosts},
    garage, passport,
    problem::{Code, Problem},
    reach::{lock_and_find as lock_and_find_passport, save},
    wire::{AnyOf, Day, Patch, is_more_gone},
};
use domain::{
    Date,
    access::{Action, Relation},
    account::{Account, AccountStatus, check_email},
    cost::CostCar,
    event::{Fact, Stream},
    expected_maintenance::forecast,
    fleet::{Fleet as DomainFleet, FleetRefusal, FleetStatus, NewFleet as WantedFleet},
    ids::{CustomerId, FleetId, GarageId, PassportId},
    invitation::{Delivery, Invitation, Purpose, PurposeKind},
    passport::Passport,
    reminder::FleetReminders,
    removal::FollowedList,
    service_task::{ServiceTask, catalogue},
    value::{AccountKind, EmailAddress},
};
use jiff::ToSpan;
use persistence::{
    self as store, Found, Page, Scope, Stamps, car_status::StatusCounts, fleet::FleetView, removal::ListOf,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Of how many cars the costs of a fleet are summed at the most.
const SUMMED: i64 = 2_000;
/// How many of the next visits a summary has.
const VISITS: usize = 20;

/// The fleets (rules CH4, F5 and LS1).
pub fn list(work: &mut Work<'_, '_>, query: &FleetQuery) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let search = query.search.as_ref().map(|search| search.0.as_str());
    let statuses = AnyOf::of(query.status.clone(), |status| status.0);
    let lists_closed = statuses.is_empty() || statuses.contains(&FleetStatus::Closed);
    let followed: &[FollowedList] = if lists_closed { &[] } else { &[FollowedList::OpenFleets] };
    let gone = work.gone(query.list(), followed, ListOf::Actor)?;
    let page = if is_more_gone(&gone) {
        Page { items: vec![], next: None }
    } else {
        store::fleet::list(work.tx, &scope, search, &statuses, &query.list().request()?)?
    };
    work.prove(!page.items.is_empty());
    let counts = counts(work, &page.items)?;
    let deliveries = deliveries(work, &page.items)?;
    Reply::followed_page(query.list(), gone, page, |view| {
        let of_fleet = counts.get(&view.fleet.id).copied().unwrap_or_default();
        let delivery = deliveries.get(&view.fleet.account_id.0).copied();
        Fleet::new(view, of_fleet, delivery)
    })
}

/// What became of the mails with the links of these fleets, by their accounts, of those that have no password yet (rule CH4). It is
/// one statement, and none when there are none of them or nobody of the garage asks.
fn deliveries(work: &mut Work<'_, '_>, views: &[FleetView]) -> Result<BTreeMap<Uuid, Delivery>, Problem> {
    if work.bearer()?.kind != AccountKind::Staff {
        return Ok(BTreeMap::new());
    }
    let waiting = views.iter().filter(|view| view.account_status == AccountStatus::Invited);
    let ids: Vec<Uuid> = waiting.map(|view| view.fleet.account_id.0).collect();
    Ok(store::invitation::deliveries(work.tx, PurposeKind::Fleet, &ids)?)
}

/// Today at the garage of a fleet.
fn today(work: &Work<'_, '_>, view: &FleetView) -> Date {
    local_date(work.now, &view.time_zone)
}

/// How the cars of some fleets of one garage stand today (rule ST3).
fn counts(work: &mut Work<'_, '_>, views: &[FleetView]) -> Result<HashMap<FleetId, StatusCounts>, Problem> {
    let Some(first) = views.first() else { return Ok(HashMap::new()) };
    let today = today(work, first);
    let found: Vec<Found<FleetId>> = views.iter().map(FleetView::found).collect();
    let keeper = keeper(work, first)?;
    Ok(store::car_status::of_fleets(work.tx, &found, keeper, today)?)
}

/// Refuses a fleet that its garage made ready and whose manager has not chosen a password yet: whoever acts for it may be the
/// garage itself (rule F8).
pub fn require_handed_over(work: &mut Work<'_, '_>) -> Result<(), Problem> {
    let actor = work.actor()?.clone();
    if actor.fleet_id().is_none() {
        return Ok(());
    }
    let (account, _) = store::account::find(work.tx, actor.account_id())?.ok_or(Code::Unauthenticated)?;
    if account.is_prepared() { Err(Code::FleetNotHandedOver.into()) } else { Ok(()) }
}

/// The garage whose cars alone are shown: staff see of a fleet what their garage keeps, which made the fleet (rule P6).
fn keeper(work: &Work<'_, '_>, view: &FleetView) -> Result<Option<GarageId>, Problem> {
    Ok((work.bearer()?.kind == AccountKind::Staff).then_some(view.fleet.garage_id))
}

fn view(work: &mut Work<'_, '_>, id: FleetId) -> Result<(FleetView, StatusCounts), Problem> {
    let scope = work.scope()?;
    let view = store::fleet::view(work.tx, &scope, id)?;
    work.prove(view.is_some());
    let view = view.ok_or(Code::NotFound)?;
    let counts = counts(work, std::slice::from_ref(&view))?.get(&id).copied().unwrap_or_default();
    Ok((view, counts))
}

fn shown(work: &mut Work<'_, '_>, id: FleetId) -> Result<(Fleet, i64), Problem> {
    let (view, counts) = view(work, id)?;
    let (version, account) = (view.fleet.version, view.fleet.account_id);
    let delivery = deliveries(work, std::slice::from_ref(&view))?.remove(&account.0);
    Ok((Fleet::new(view, counts, delivery), version))
}

fn reply(work: &mut Work<'_, '_>, id: FleetId) -> Result<Reply, Problem> {
    let (fleet, version) = shown(work, id)?;
    Ok(Reply::ok(&fleet)?.version(version))
}

/// One fleet (rule CH4).
pub fn get(work: &mut Work<'_, '_>, id: FleetId) -> Result<Reply, Problem> {
    reply(work, id)
}

/// How a fleet stands, and what the coming year is expected to cost (rules ST3 and EC5). It is computed from the standings of
/// the cars, which one query reads, and not by a forecast of each car: so the work is bounded, also for a fleet of thousands.
pub fn summary(work: &mut Work<'_, '_>, id: FleetId) -> Result<Reply, Problem> {
    let (view, counts) = view(work, id)?;
    let today = today(work, &view);
    let until = today.checked_add(1.year()).unwrap_or(Date::MAX);
    let keeper = keeper(work, &view)?;
    let cars = store::car_status::list_due(work.tx, view.found(), keeper, until, SUMMED)?;
    let language = work.context.language;
    // The cars of a fleet are of many classes: what tasks cost for all cars of the country stands for them.
    let any_car = CostCar { make: None, model: None, fuel: None, register: None };
    let garage = store::garage::find(work.tx, view.fleet.garage_id)?.ok_or(Code::NotFound)?.0;
    let tasks = catalogue().iter().map(ServiceTask::key).collect();
    let prices = Prices::find(work, &(&garage).into(), &any_car, &tasks, today)?;
    let (mut costs, mut visits) = (PeriodCosts::new(&prices), vec![]);
    for car in &cars {
        let foretold = forecast(&car.standing.needs(), None, today, until);
        foretold.visits.iter().for_each(|visit| costs.add(visit));
        visits.extend(foretold.visits.first().map(|visit| NextVisit::new(car, visit, language)));
    }
    visits.sort_by_key(|visit| (visit.on.0, visit.passport_id.0));
    visits.truncate(VISITS);
    Reply::ok(&FleetSummary {
        on: Day(today),
        car_status: counts.into(),
        costs: costs.shown(),
        costs_of_cars: cars.len(),
        next_visits: visits,
    })
}

/// The passports in a fleet (rules F5, F7 and LS1).
pub fn list_passports(work: &mut Work<'_, '_>, id: FleetId, query: &FleetCarQuery) -> Result<Reply, Problem> {
    // A driver's reach holds cars of a fleet, though not the fleet.
    if matches!(work.bearer()?.kind, AccountKind::Driver | AccountKind::Platform) {
        return Err(Code::NotFound.into());
    }
    let filter =
        store::passport::PassportFilter { fleet: Some(id), has_driver: query.has_driver, ..Default::default() };
    let page = passport::operations::page(work, &filter, query.list())?;
    // What is gone from the actor's lists proves nothing of this fleet.
    if !work.is_proven() || query.list().updated_since.is_some() {
        let scope = work.scope()?;
        store::fleet::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    }
    Ok(page)
}

/// Ends the access of whoever drives a fleet's car, or was mailed a link to it (rules F7, A2, L5 and F8).
pub fn end_driver(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find_passport(work, id, Action::DriverEnd)?;
    work.require_version(passport.version)?;
    // Else the garage could take a car from its driver in the fleet's name.
    require_handed_over(work)?;
    let link_change_open = passport::operations::open_link_change(work, passport.passport_id())?.is_some();
    let customer = company_record(work, &passport)?;
    let by = work.actor()?.account_id();
    let changed = passport.into_inner().end_driver(customer, link_change_open, by, work.now)?;
    if !changed.facts.is_empty() {
        store::invitation::revoke(work.tx, Purpose::Passport(id), work.now)?;
        save(work, &changed, stamps)?;
    }
    passport::operations::get(work, id)
}

/// The record that the garage of a fleet's car has of the company: none when the fleet was made by another garage, whose record is
/// its own.
fn company_record(work: &mut Work<'_, '_>, passport: &Passport) -> Result<Option<CustomerId>, Problem> {
    let Some(fleet) = passport.hands.fleet else { return Ok(None) };
    let found = store::fleet::find(work.tx, &Scope::System, fleet)?;
    Ok(found.and_then(|(fleet, _)| fleet.customer_id.filter(|_| fleet.garage_id == passport.garage_id)))
}

/// Whether the actor may make a fleet: asked before the password of a prepared one is hashed, which is dear.
pub fn may_create(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    work.require_staff(Action::FleetManage).map(|_| Reply::nothing())
}

/// Makes a fleet (rules F1 to F4). `hash` is that of the password of a prepared one.
pub fn create(work: &mut Work<'_, '_>, body: &NewFleet, hash: Option<String>) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::FleetManage)?;
    work.lock(garage)?;
    let customer = passport::operations::referred_customer(work, body.customer_id.0.into())?;
    let named = body.manager_passport_id.map(|id| id.0.into());
    let (manager_passport, manager_email) =
        store::passport::find_manager_passport(work.tx, garage, customer.id, named)?
            .ok_or(FleetRefusal::ManagerPassportNotActive)?;
    let email = body.email.0.clone();
    let in_use = account::operations::is_email_in_use(work, garage, &email)?;
    let wanted = WantedFleet {
        id: new_id(),
        account_id: new_id(),
        customer_id: customer.id,
        name: body.name.as_ref().map_or(customer.name, |name| name.0.clone()),
        email: email.clone(),
        begin: body.begin.0,
    };
    let (fleet, fact) = DomainFleet::create(wanted, &manager_passport, &manager_email, in_use)?;
    let account = Account {
        id: fleet.account_id,
        kind: AccountKind::Fleet,
        email,
        email_confirmed: false,
        name: fleet.name.clone(),
        language: customer.language,
        status: if hash.is_some() { AccountStatus::Active } else { AccountStatus::Invited },
        employment: None,
        password_hash: hash,
        version: 1,
    };
    store::account::insert(work.tx, &account, work.now)?;
    store::fleet::insert(work.tx, &fleet, work.now)?;
    work.record(Stream::Garage(garage), [fact])?;
    if account.status == AccountStatus::Invited {
        mail_link(work, &fleet, account.email)?;
    }
    let (shown, version) = shown(work, fleet.id)?;
    Ok(Reply::created(&shown, format!("/v1/fleets/{}", fleet.id))?.version(version))
}

fn mail_link(work: &mut Work<'_, '_>, fleet: &DomainFleet, email: EmailAddress) -> Result<(), Problem> {
    let purpose = Purpose::Fleet(fleet.account_id);
    let invitation = Invitation::new(new_id(), purpose, Some(fleet.garage_id), email, work.now);
    work.invite(Stream::Garage(fleet.garage_id), &invitation)
}

/// A fleet in the actor's reach, to be changed: its garage's lock is held from here on.
fn lock_and_find(work: &mut Work<'_, '_>, id: FleetId, action: Action) -> Result<(DomainFleet, Stamps), Problem> {
    let scope = work.scope()?;
    let (fleet, _) = store::fleet::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let actor = work.actor()?;
    let relation = Relation {
        garage: actor.garage_id() == Some(fleet.garage_id),
        fleet: actor.fleet_id() == Some(fleet.id),
        ..Relation::default()
    };
    work.require(action, relation)?;
    work.lock(fleet.garage_id)?;
    Ok(store::fleet::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?)
}

/// A fleet with its account, to be changed by the garage.
fn managed(work: &mut Work<'_, '_>, id: FleetId) -> Result<(DomainFleet, Stamps, Account, Stamps), Problem> {
    let (fleet, stamps) = lock_and_find(work, id, Action::FleetManage)?;
    let (account, account_stamps) = store::account::find(work.tx, fleet.account_id)?.ok_or(Code::NotFound)?;
    Ok((fleet, stamps, account, account_stamps))
}

/// Changes name, and e-mail before the manager has signed in (rules F2 and F3).
pub fn update(work: &mut Work<'_, '_>, id: FleetId, body: UpdateFleet) -> Result<Reply, Problem> {
    let (before, stamps, before_account, account_stamps) = managed(work, id)?;
    work.require_version(before.version)?;
    let name = match body.name {
        Patch::Value(name) => name.0,
        Patch::Absent => before.name.clone(),
    };
    let (fleet, _) = before.clone().rename(name)?;
    let mut account = before_account.clone();
    // The account is called like its fleet until it chooses a name of its own.
    if account.name == before.name {
        account.name.clone_from(&fleet.name);
    }
    if let Patch::Value(email) = body.email {
        fleet.may_invite(account.email_confirmed)?;
        let counterparts = store::account::counterpart_emails(work.tx, &account)?;
        let is_other = email.0 != account.email;
        let taken = is_other && account::operations::is_email_in_use(work, fleet.garage_id, &email.0)?;
        check_email(&email.0, &counterparts, taken)?;
        account.email = email.0;
    }
    let written_alike = EmailAddress::is_written_like(&account.email, &before_account.email);
    if fleet == before && account == before_account && written_alike {
        return reply(work, id);
    }
    store::account::update(work.tx, &account, account_stamps, work.now)?;
    let fleet = store::fleet::update(work.tx, &fleet, stamps, work.now)?;
    work.record(Stream::Garage(fleet.garage_id), [Fact::FleetChanged { fleet_id: id }])?;
    if account.email != before_account.email {
        // A link that went to the former address dies with it.
        store::invitation::revoke(work.tx, Purpose::PasswordReset(account.id), work.now)?;
        // Of a prepared fleet, the garage has the password, and nobody is mailed.
        if account.status == AccountStatus::Invited {
            mail_link(work, &fleet, account.email)?;
        }
    }
    reply(work, id)
}

/// Says whether the drivers of the fleet's cars see amounts (rule EC6).
pub fn set_driver_amounts(work: &mut Work<'_, '_>, id: FleetId, body: &DriverAmounts) -> Result<Reply, Problem> {
    let (fleet, stamps) = lock_and_find(work, id, Action::FleetAmounts)?;
    work.require_version(fleet.version)?;
    let (fleet, fact) = fleet.show_drivers_amounts(body.drivers_see_amounts);
    if let Some(fact) = fact {
        let fleet = store::fleet::update(work.tx, &fleet, stamps, work.now)?;
        work.record(Stream::Garage(fleet.garage_id), [fact])?;
    }
    reply(work, id)
}

/// Chooses who is reminded of the fleet's cars, and whether in a weekly digest (rule RM4).
pub fn set_reminders(work: &mut Work<'_, '_>, id: FleetId, body: &SetFleetReminders) -> Result<Reply, Problem> {
    let (fleet, stamps) = lock_and_find(work, id, Action::FleetReminders)?;
    work.require_version(fleet.version)?;
    let today = garage::operations::today(work, fleet.garage_id)?;
    let (fleet, facts) = fleet.choose_reminders(FleetReminders { to: body.to.0, digest: body.digest }, today);
    if !facts.is_empty() {
        let fleet = store::fleet::update(work.tx, &fleet, stamps, work.now)?;
        work.record(Stream::Garage(fleet.garage_id), facts)?;
    }
    reply(work, id)
}

/// Mails the manager's link again (rule F4).
pub fn invite(work: &mut Work<'_, '_>, id: FleetId) -> Result<Reply, Problem> {
    let (fleet, _, account, _) = managed(work, id)?;
    fleet.may_invite(account.status == AccountStatus::Active)?;
    account::operations::require_unclaimed(work, &account.email)?;
    mail_link(work, &fleet, account.email)?;
    Ok(Reply::accepted())
}

/// Closes a fleet (rules F6 and CAL1).
pub fn close(work: &mut Work<'_, '_>, id: FleetId) -> Result<Reply, Problem> {
    let (fleet, stamps, account, account_stamps) = managed(work, id)?;
    work.check_version(fleet.version)?;
    let (passports, offers) = store::fleet::references(work.tx, id, work.now)?;
    let unlinks = store::link_change::open_unlinks(work.tx, id, work.now)?;
    let (fleet, fact) = fleet.close(passports, offers, unlinks)?;
    store::fleet::update(work.tx, &fleet, stamps, work.now)?;
    let account_id = account.id;
    store::account::update(work.tx, &account.end(), account_stamps, work.now)?;
    store::second_factor::delete(work.tx, account_id)?;
    store::calendar::delete(work.tx, account_id)?;
    store::session::end_all(work.tx, account_id, None, work.now)?;
    work.app.streams.suspect(account_id);
    for purpose in [Purpose::Fleet(account_id), Purpose::PasswordReset(account_id), Purpose::EmailChange(account_id)] {
        store::invitation::revoke(work.tx, purpose, work.now)?;
    }
    work.record(Stream::Garage(fleet.garage_id), [fact])?;
    reply(work, id)
}
