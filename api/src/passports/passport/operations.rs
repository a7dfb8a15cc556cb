//! What the operations on passports do.

use super::wire::{LikeBy, LikePassport, NewPassport, Passport, PassportOrder, PassportQuery, UpdatePassport, WhyLike};
use crate::{
    brake::{Subject, count_or_wait},
    car_status::operations::refresh_car,
    clock::{local_date, new_id},
    command::{Reply, Work},
    customer,
    licence_plate::wire::Plate,
    occupancy,
    odometer::{self, operations::Draft},
    problem::{Code, Problem},
    reach::{find, lock_and_find, relation, save},
    register::operations::{self as vehicle_register, Answer},
    request::SignedIn,
    vehicle_check,
    wire::{AnyOf, AskedGone, Id, LinkDelivery, ListQuery, Patch, ToldGone, is_more_gone},
};
use domain::{
    Date,
    access::Action,
    account::AccountStatus,
    custody::Hands,
    customer::Customer,
    event::{Fact, FactKind, Stream},
    fleet::{Fleet, FleetStatus},
    ids::{CustomerId, FleetId, GarageId, PassportId, VehicleId},
    invitation::{Invitation, Purpose, PurposeKind},
    licence_plate::LicencePlate,
    link_change::{self, Circumstances, LinkChange, NewLinkChange, Relinked},
    passport::{Archiving, Changed, Passport as DomainPassport, PassportRefusal, PassportStatus, Pending, Vehicle},
    removal::FollowedList,
    throttle::PLATES_PER_ACCOUNT,
    value::{AccountKind, LinkChangeKind},
};
use jiff::ToSpan;
use persistence::{
    self as store, Found, Page, PageRequest, Scope, Stamps, StoreError, Tx,
    passport::{PassportFilter, PassportView},
    removal::ListOf,
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// A passport as the actor sees it now, with its version.
fn shown(work: &mut Work<'_, '_>, id: PassportId) -> Result<(Passport, i64), Problem> {
    let scope = work.scope()?;
    let view = store::passport::view(work.tx, &scope, id)?;
    work.prove(view.is_some());
    let view = view.ok_or(Code::NotFound)?;
    let version = view.passport.version;
    let like = if work.bearer()?.kind == AccountKind::Staff { Some(like(work, &view.passport)?) } else { None };
    let mut shown = [Passport::new(view, work.bearer()?.kind, work.now)?];
    add_deliveries(work, &mut shown)?;
    let [shown] = shown;
    Ok((Passport { possible_duplicates: like, ..shown }, version))
}

/// How many other passports are named that may be of the same car.
const LIKE: u8 = 3;

/// The other passports of the same garage that may be of the same car: by their plates (rule K9) or their VIN (rule P8). Few plates
/// can be several, and only for those the database is asked.
fn like(work: &mut Work<'_, '_>, passport: &DomainPassport) -> Result<Vec<LikePassport>, Problem> {
    let plates = passport.vehicle.plate.may_be();
    let mut found = if plates.is_empty() { HashMap::new() } else { store::plates::in_use(work.tx, &plates)? };
    let own = plates.into_iter().filter_map(|plate| {
        let (id, keeper) = found.remove(&plate)?;
        (keeper == passport.garage_id).then(|| LikePassport {
            id: Id(id.0),
            licence_plate: Plate::new(&plate),
            archived: false,
            why: WhyLike(LikeBy::Plate),
        })
    });
    let mut like: Vec<LikePassport> = own.collect();
    if let Some(vin) = &passport.vehicle.vin {
        let same = store::plates::with_vin(work.tx, passport.garage_id, vin, passport.vehicle.id, LIKE)?;
        let same = same.into_iter().map(|(id, plate, archived)| LikePassport {
            id: Id(id.0),
            licence_plate: Plate::new(&plate),
            archived,
            why: WhyLike(LikeBy::Vin),
        });
        like.extend(same);
    }
    like.truncate(LIKE.into());
    Ok(like)
}

/// Adds what became of the mails with the links to activate these passports, of those that wait for their driver (rule CH4). It is
/// one statement, and none when there are none of them or nobody of the garage asks.
fn add_deliveries(work: &mut Work<'_, '_>, shown: &mut [Passport]) -> Result<(), Problem> {
    if work.bearer()?.kind != AccountKind::Staff {
        return Ok(());
    }
    let waiting = shown.iter().filter(|passport| passport.status.0 == PassportStatus::Invited);
    let ids: Vec<_> = waiting.map(|passport| passport.id.0).collect();
    let known = store::invitation::deliveries(work.tx, PurposeKind::Passport, &ids)?;
    for passport in shown {
        passport.invitation_delivery = known.get(&passport.id.0).copied().map(LinkDelivery::new);
    }
    Ok(())
}

fn reply(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let (passport, version) = shown(work, id)?;
    Ok(Reply::ok(&passport)?.version(version))
}

/// What a list of passports is asked for. The day at the garage is asked only where it matters.
fn filter(work: &mut Work<'_, '_>, query: &PassportQuery) -> Result<PassportFilter, Problem> {
    let car_statuses = AnyOf::of(query.car_status.clone(), |status| status.0);
    let apk_statuses = AnyOf::of(query.apk_status.clone(), |status| status.0);
    let is_of_today = !car_statuses.is_empty() || !apk_statuses.is_empty() || query.not_read_for.is_some();
    let today = if is_of_today { Some(today(work)?) } else { None };
    let not_read_since = today.zip(query.not_read_for).map(|(today, days)| today.saturating_sub((days.0 - 1).days()));
    Ok(PassportFilter {
        search: query.search.as_ref().map(|search| search.0.clone()),
        plate: query.plate.as_ref().map(|plate| plate.0.clone()),
        customer: query.customer_id.map(|id| id.0.into()),
        fleet: query.fleet_id.map(|id| id.0.into()),
        has_driver: query.has_driver,
        statuses: AnyOf::of(query.status.clone(), |status| status.0),
        today,
        car_statuses,
        apk_statuses,
        apk_before: query.apk_before.map(|day| day.0),
        not_read_since,
        newest_first: query.sort.is_some_and(|sort| sort.0 == PassportOrder::Newest),
    })
}

/// The passports (rules A2, A3, CH4, F5, F7, LS1, ST2 and ST4).
pub fn list(work: &mut Work<'_, '_>, query: &PassportQuery) -> Result<Reply, Problem> {
    let filter = filter(work, query)?;
    match query.sort.map_or(PassportOrder::Oldest, |sort| sort.0) {
        PassportOrder::Oldest | PassportOrder::Newest => page(work, &filter, query.list()),
        PassportOrder::NextDue => reply_page(work, &filter, query.list(), store::passport::list_by_due),
        PassportOrder::Apk => reply_page(work, &filter, query.list(), store::passport::list_by_apk),
    }
}

/// Today, for a filter: the day at the garage of the passports in the actor's reach.
fn today(work: &mut Work<'_, '_>) -> Result<Date, Problem> {
    let scope = work.scope()?;
    let zone = store::passport::time_zone(work.tx, &scope)?;
    Ok(local_date(work.now, zone.as_deref().unwrap_or("UTC")))
}

/// A page of the passports in the actor's reach.
pub fn page(work: &mut Work<'_, '_>, filter: &PassportFilter, query: &ListQuery) -> Result<Reply, Problem> {
    reply_page(work, filter, query, store::passport::list)
}

/// How the store lists passports in an order.
type ListPassports<K> =
    fn(&mut Tx<'_>, &Scope, &PassportFilter, &PageRequest<K>) -> Result<Page<PassportView, K>, StoreError>;

fn reply_page<K: Serialize + DeserializeOwned>(
    work: &mut Work<'_, '_>,
    filter: &PassportFilter,
    query: &ListQuery,
    list: ListPassports<K>,
) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let gone = gone(work, filter, query)?;
    let page = if is_more_gone(&gone) {
        Page { items: vec![], next: None }
    } else {
        list(work.tx, &scope, filter, &query.request()?)?
    };
    work.prove(!page.items.is_empty());
    let (kind, now) = (work.bearer()?.kind, work.now);
    let mut items: Vec<Passport> =
        page.items.into_iter().map(|view| Passport::new(view, kind, now)).collect::<Result<_, _>>()?;
    add_deliveries(work, &mut items)?;
    Reply::followed_page(query, gone, Page { items, next: page.next }, |passport: Passport| passport)
}

/// The passports that are gone from a list, as far as they are asked for (rule LS1): from a garage's list of a fleet those that the
/// fleet or the garage has no longer, and from a list without archived passports those that were archived.
fn gone(work: &mut Work<'_, '_>, filter: &PassportFilter, query: &ListQuery) -> Result<ToldGone, Problem> {
    let is_staff = work.bearer()?.kind == AccountKind::Staff;
    if let Some(fleet) = filter.fleet.filter(|_| is_staff && matches!(query.asked_gone(work.now), AskedGone::Page(_))) {
        let scope = work.scope()?;
        return match store::fleet::view(work.tx, &scope, fleet)? {
            Some(view) => work.gone(query, &[FollowedList::FleetPassports], ListOf::Fleet(view.found())),
            None => Ok(Some(Page { items: vec![], next: None })),
        };
    }
    let lists_archived = filter.statuses.is_empty() || filter.statuses.contains(&PassportStatus::Archived);
    if lists_archived {
        work.gone(query, &[FollowedList::Passports], ListOf::Actor)
    } else {
        work.gone(query, &[FollowedList::Passports, FollowedList::PassportsInUse], ListOf::Actor)
    }
}

/// One passport (rules A2, A3, CH4, K9, T7, T8).
pub fn get(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    reply(work, id)
}

/// The vehicle of a passport to be.
pub fn vehicle(body: &NewPassport, plate: LicencePlate, id: VehicleId) -> Vehicle {
    Vehicle {
        id,
        plate,
        make: body.make.clone().map(Into::into),
        model: body.model.clone().map(Into::into),
        year: body.year.map(|year| year.0),
        fuel: body.fuel.map(|fuel| fuel.0),
        vin: body.vin.clone().map(|vin| vin.0),
        odometer_km: body.odometer_km.map(|km| km.0),
    }
}

/// Makes a passport (rules P1 to P5, P7, P8, CU8, K9, R19, OD3 to OD5, OD10), with what the register answered about its plate (rules R36 and
/// R38).
pub fn create(work: &mut Work<'_, '_>, body: NewPassport, answer: &Answer) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::PassportManage)?;
    let plate = body.licence_plate.0.clone();
    occupancy::lock(work, garage, std::slice::from_ref(&plate))?;
    occupancy::require_tries(work, garage)?;
    // A car that was archived and comes back is the same car.
    let known = known_vehicle(work, garage, &plate, &body)?;
    let id = known.map_or_else(new_id, Found::into_inner);
    let mut readings = known.map_or(Ok(vec![]), |known| store::odometer::ledger(work.tx, known))?;
    let mut vehicle = vehicle(&body, plate.clone(), id);
    if let Some(known) = known {
        let before = store::passport::last_of_vehicle(work.tx, garage, known)?;
        vehicle = before.into_iter().fold(vehicle, Vehicle::begins_where);
    }
    let vehicle = vehicle_register::complete(work, vehicle, answer)?;
    let fleet = body.fleet_id.map(|id| referred_fleet(work, id.0.into())).transpose()?;
    let (customer, duplicates) = match (body.customer_id, body.customer) {
        (Some(id), _) => (referred_customer(work, id.0.into())?, None),
        (None, Some(new)) => {
            let (customer, duplicates) = customer::operations::insert_beside(work, garage, new)?;
            (customer, Some(duplicates))
        }
        (None, None) => return Err(Problem::body("/customerId", "required")),
    };
    let by = work.actor()?.account_id();
    let mut made =
        DomainPassport::create(new_id(), garage, customer.id, vehicle, fleet.as_ref().map(Into::into), by, work.now)?;
    let id = made.passport.id;
    let draft = body.odometer_km.map(|km| Draft::of_today(km.0)).transpose()?;
    let Some(email) = &customer.email else { return Err(PassportRefusal::CustomerWithoutEmail.into()) };
    work.require_address(email)?;
    if let Some(draft) = &draft {
        let known = vehicle_register::known(work, &plate, answer)?;
        odometer::operations::check_first(work, &made.passport, &mut readings, draft, known.as_ref())?;
    }
    made.passport.vehicle.odometer_km = odometer::operations::latest_km(&readings);
    // The last thing that may be refused: whoever asks for a plate in vain learns nothing else about it (rule P1).
    occupancy::take(work, garage, &plate)?;
    let stored = store::passport::insert(work.tx, &made.passport, work.now)?;
    store::custody::append(work.tx, &made.custody)?;
    work.record(Stream::Garage(garage), made.facts)?;
    vehicle_register::store_answer(work, &made.passport, answer)?;
    mail_link(work, &made.passport, Some(customer))?;
    if let Some(draft) = draft {
        let (read, _) = odometer::operations::add(work, stored.with(made.passport), &draft)?;
        work.record(Stream::Garage(garage), read.facts)?;
    }
    refresh_car(work.tx, id, work.now)?;
    let (passport, version) = shown(work, id)?;
    let reply = Reply::created(&passport, format!("/v1/passports/{id}"))?.version(version);
    reply.saying(&Passport { possible_duplicate_customers: duplicates, ..passport })
}

/// The vehicle of a passport to be, if the garage had the car before: with this plate last, or with its VIN and this plate (rule R19).
fn known_vehicle(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    plate: &LicencePlate,
    body: &NewPassport,
) -> Result<Option<Found<VehicleId>>, Problem> {
    if let Some(known) = store::plates::known_to(work.tx, garage, plate)? {
        return Ok(Some(known));
    }
    let Some(vin) = &body.vin else { return Ok(None) };
    let mut known = store::plates::known_by_vin(work.tx, garage, &[(plate.clone(), vin.0.clone())])?;
    Ok(known.remove(plate))
}

/// A fleet of the garage that a body refers to.
fn referred_fleet(work: &mut Work<'_, '_>, id: FleetId) -> Result<Fleet, Problem> {
    let scope = work.scope()?;
    let found = store::fleet::find(work.tx, &scope, id)?;
    Ok(found.ok_or_else(|| Problem::body("/fleetId", "not_found"))?.0)
}

/// A customer of the garage that a body refers to.
pub fn referred_customer(work: &mut Work<'_, '_>, id: CustomerId) -> Result<Customer, Problem> {
    let scope = work.scope()?;
    let found = store::customer::find(work.tx, &scope, id)?;
    Ok(found.ok_or_else(|| Problem::body("/customerId", "not_found"))?.0)
}

/// Mails the customer the link to activate a passport (rule P3).
fn mail_link(work: &mut Work<'_, '_>, passport: &DomainPassport, customer: Option<Customer>) -> Result<(), Problem> {
    let email = customer.and_then(|customer| customer.email).ok_or(PassportRefusal::CustomerWithoutEmail)?;
    let invitation =
        Invitation::new(new_id(), Purpose::Passport(passport.id), Some(passport.garage_id), email, work.now);
    work.invite(Stream::Garage(passport.garage_id), &invitation)
}

/// Counts a change of plate for the account that asks for it, whatever comes of it (rule P12). A plate that the vehicle has
/// already is no change.
pub async fn count_plate(signed_in: &SignedIn, id: PassportId, plate: &LicencePlate) -> Result<(), Problem> {
    let requested = plate.clone();
    let changes = signed_in.look(move |work| {
        let passport = find(work, id, Action::PassportChange)?;
        let is_new = passport.vehicle.plate != requested;
        if is_new {
            let relation = relation(work.actor()?, &passport);
            work.require(Action::PassportPlate, relation)?;
        }
        Ok(is_new.then_some(work.actor()?.account_id()))
    });
    let Some(account) = changes.await? else {
        return Ok(());
    };
    let secret = &signed_in.context.app.secret;
    let subject = Subject::new(secret, "plates", &[account.0.as_bytes()], PLATES_PER_ACCOUNT);
    count_or_wait(&signed_in.context, vec![subject]).await
}

/// The customer under whose record a passport is to be, if the body names one (rule P15).
fn new_customer(
    work: &mut Work<'_, '_>,
    passport: &DomainPassport,
    named: &Patch<Id>,
) -> Result<Option<Customer>, Problem> {
    let Patch::Value(id) = named else { return Ok(None) };
    if passport.customer_id == Some(id.0.into()) {
        return Ok(None);
    }
    let relation = relation(work.actor()?, passport);
    work.require(Action::PassportManage, relation)?;
    referred_customer(work, id.0.into()).map(Some)
}

/// The open link to activate a passport dies with the address to which it went, or whoever reads mail there would become the owner
/// of the car; a new one goes to the customer under whose record the passport is now (rules P13, P15 and A24).
fn correct_link(
    work: &mut Work<'_, '_>,
    passport: Found<PassportId>,
    garage: GarageId,
    customer: &Customer,
) -> Result<(), Problem> {
    let was_open = store::invitation::revoke_elsewhere(work.tx, passport, customer.email.as_ref(), work.now)?;
    let Some(email) = customer.email.clone().filter(|_| was_open) else { return Ok(()) };
    let link = Invitation::new(new_id(), Purpose::Passport(*passport), Some(garage), email, work.now);
    work.count_mail(&link)?;
    work.invite_all(Stream::Garage(garage), vec![link])
}

/// Keeps the vehicle's data (rules P1, P2, P7, P12, P13, P15, K8, K9, R19, R36, OD4, OD5, OD10).
pub fn update(work: &mut Work<'_, '_>, id: PassportId, body: UpdatePassport) -> Result<Reply, Problem> {
    if let (Patch::Value(input), Some(garage)) = (&body.licence_plate, work.actor()?.garage_id()) {
        occupancy::lock(work, garage, std::slice::from_ref(&input.0))?;
        occupancy::require_tries(work, garage)?;
    }
    let (passport, stamps) = lock_and_find(work, id, Action::PassportChange)?;
    let found = passport.passport_id();
    work.require_version(passport.version)?;
    let customer = new_customer(work, &passport, &body.customer_id)?;
    let mut vehicle = passport.vehicle.clone();
    // The number alone, as answers have it, does not take away how the plate is written (rule K8).
    if let Patch::Value(input) = &body.licence_plate
        && (input.0 != vehicle.plate || input.0.typed().is_some())
    {
        vehicle.plate = input.0.clone();
    }
    // First what the register told, then what people write.
    let has_new_plate = vehicle.plate != passport.vehicle.plate;
    let plate_before = passport.vehicle.plate.clone();
    if has_new_plate {
        let relation = relation(work.actor()?, &passport);
        work.require(Action::PassportPlate, relation)?;
        vehicle = vehicle_register::complete_after(work, &plate_before, vehicle)?;
    }
    body.make.apply_with(&mut vehicle.make, |make| make.map(Into::into));
    body.model.apply_with(&mut vehicle.model, |model| model.map(Into::into));
    body.year.apply_with(&mut vehicle.year, |year| year.map(|year| year.0));
    body.fuel.apply_with(&mut vehicle.fuel, |fuel| fuel.map(|fuel| fuel.0));
    body.vin.apply_with(&mut vehicle.vin, |vin| vin.map(|vin| vin.0));
    let mut changed = passport.into_inner().revise(vehicle)?;
    if let Some(customer) = &customer {
        let put = changed.passport.put_under(customer.id)?;
        changed = Changed { facts: changed.facts.into_iter().chain(put.facts).collect(), ..put };
    }
    if has_new_plate {
        vehicle_register::give_plate(work, &plate_before, &changed.passport.vehicle)?;
    }
    if let Patch::Value(km) = body.odometer_km
        && changed.passport.vehicle.odometer_km != Some(km.0)
    {
        let (read, _) = odometer::operations::add(work, found.with(changed.passport), &Draft::of_today(km.0)?)?;
        changed = Changed { facts: changed.facts.into_iter().chain(read.facts).collect(), ..read };
    }
    if !changed.facts.is_empty() {
        if has_new_plate {
            occupancy::take(work, changed.passport.garage_id, &changed.passport.vehicle.plate)?;
        }
        save(work, &changed, stamps)?;
        if let Some(customer) = &customer {
            correct_link(work, found, changed.passport.garage_id, customer)?;
        }
        refresh_car(work.tx, id, work.now)?;
    }
    reply(work, id)
}

/// Mails the link again (rules P2 and P3).
pub fn invite(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::PassportManage)?;
    passport.may_invite()?;
    let scope = work.scope()?;
    let customer = match passport.customer_id {
        Some(customer) => store::customer::find(work.tx, &scope, customer)?.map(|(customer, _)| customer),
        None => None,
    };
    mail_link(work, &passport, customer)?;
    Ok(Reply::accepted())
}

/// Ends the activation by an account with another address than the link was mailed to (rules L5 and P14).
pub fn revoke_activation(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::PassportManage)?;
    work.check_version(passport.version)?;
    let taken = store::invitation::find_taken(work.tx, passport.passport_id())?;
    let open = transfer_open(work, passport.passport_id())?;
    // The side that lost the car would find it in other hands, and could not take it back (rule L5).
    if open_link_change(work, passport.passport_id())?.is_some() {
        return Err(Code::LinkChangeOpen.into());
    }
    let by = work.actor()?.account_id();
    let changed = passport.into_inner().revoke_activation(taken, open, by, work.now)?;
    save(work, &changed, stamps)?;
    reply(work, id)
}

/// Whether an offer of the passport is open now. One whose time is over is written down as expired first, so that it is
/// not in the way.
pub fn transfer_open(work: &mut Work<'_, '_>, passport: Found<PassportId>) -> Result<bool, Problem> {
    let Some(transfer) = store::transfer::find_undecided(work.tx, passport)? else {
        return Ok(false);
    };
    if transfer.is_open(work.now) {
        return Ok(true);
    }
    let garage: GarageId = transfer.garage_id;
    let recipient = store::account::find_driver_by_email(work.tx, &transfer.recipient_email)?;
    let (transfer, fact) = transfer.expire(recipient, work.now)?;
    store::transfer::update(work.tx, &transfer, work.now)?;
    store::invitation::revoke(work.tx, Purpose::Transfer(transfer.id), work.now)?;
    work.record(Stream::Garage(garage), [fact])?;
    Ok(false)
}

/// Puts a passport away (rules P2, P5, L3 to L5, P6 and VC2).
pub fn archive(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::PassportManage)?;
    work.check_version(passport.version)?;
    let pending = pending(work, passport.passport_id())?;
    let by = work.actor()?.account_id();
    let (vehicle, garage) = (passport.vehicle_id(), passport.garage_id);
    let mut changed = passport.into_inner().archive(pending, by, work.now)?;
    let discarded = vehicle_check::operations::discard_drafts(work, id, vehicle, garage)?;
    changed.facts.splice(0..0, discarded);
    store::invitation::revoke(work.tx, Purpose::Passport(id), work.now)?;
    save(work, &changed, stamps)?;
    refresh_car(work.tx, id, work.now)?;
    reply(work, id)
}

/// What is on record of the archiving of a passport; none when nothing is.
fn archiving(work: &mut Work<'_, '_>, passport: &Found<DomainPassport>) -> Result<Option<Archiving>, Problem> {
    let latest = PageRequest { after: None, limit: 1, updated_since: None };
    let mut found = Vec::new();
    for kind in [FactKind::PassportArchived, FactKind::PassportLapsed] {
        let page = store::event::list_of_passport(work.tx, passport, Some(kind), &latest)?;
        found.extend(page.items.into_iter().map(|(event, _)| (event.at, event.fact)));
    }
    let last = found.into_iter().max_by_key(|(at, _)| *at);
    Ok(last.map(|(at, fact)| {
        // One that lapsed was in nobody's hands.
        if let Fact::PassportArchived { driver, fleet_id, pool_car, .. } = fact {
            Archiving { at, hands: Hands { driver, fleet: fleet_id }, pool_car: pool_car == Some(true) }
        } else {
            Archiving { at, hands: Hands::default(), pool_car: false }
        }
    }))
}

/// Takes an archived passport back into use (rules P1, P5, P11, F7 and R19).
pub fn unarchive(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    // Before the locks this is only where to look: a passport of another garage that lapsed makes room.
    let scope = work.scope()?;
    let (before, _) = store::passport::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    occupancy::lock(work, before.garage_id, std::slice::from_ref(&before.vehicle.plate))?;
    let (passport, stamps) = lock_and_find(work, id, Action::PassportManage)?;
    work.check_version(passport.version)?;
    let archiving = archiving(work, &passport)?;
    let hands = archiving.map(|archiving| archiving.hands).unwrap_or_default();
    let driver = hands.driver.map(|driver| store::account::find(work.tx, driver)).transpose()?.flatten();
    let driver_remains = driver.is_some_and(|(account, _)| account.status == AccountStatus::Active);
    let fleet = hands.fleet.map(|fleet| store::fleet::find(work.tx, &Scope::System, fleet)).transpose()?.flatten();
    let fleet_is_open = fleet.is_some_and(|(fleet, _)| fleet.status == FleetStatus::Open);
    let by = work.actor()?.account_id();
    let changed = passport.into_inner().unarchive(archiving, driver_remains, fleet_is_open, by, work.now)?;
    let vehicle = &changed.passport.vehicle;
    // The car may have come back already, with another passport, and have another plate by now.
    if let Some((other, keeper)) = store::plates::in_use_of(work.tx, vehicle.id)? {
        let is_own = keeper == changed.passport.garage_id;
        return Err(if is_own { occupancy::own_passport(other) } else { Code::PassportExists.into() });
    }
    let (garage, plate) = (changed.passport.garage_id, vehicle.plate.clone());
    occupancy::require_tries(work, garage)?;
    occupancy::take(work, garage, &plate)?;
    let vehicle = &changed.passport.vehicle;
    save(work, &changed, stamps)?;
    store::plates::come_back(work.tx, vehicle, work.now)?;
    refresh_car(work.tx, id, work.now)?;
    reply(work, id)
}

/// The change of a passport's link to which the side that lost the car can still object. One whose time is over is written
/// down as that first, so that it is not in the way.
pub fn open_link_change(work: &mut Work<'_, '_>, passport: Found<PassportId>) -> Result<Option<LinkChange>, Problem> {
    let Some(change) = store::link_change::find_undecided(work.tx, passport)? else {
        return Ok(None);
    };
    if change.is_open(work.now) {
        return Ok(Some(change));
    }
    store::link_change::update(work.tx, &change.lapsed(), work.now)?;
    Ok(None)
}

/// What about a passport waits for somebody's decision. The lock of the garage that keeps it is held.
pub fn pending(work: &mut Work<'_, '_>, passport: Found<PassportId>) -> Result<Pending, Problem> {
    Ok(Pending {
        transfer: transfer_open(work, passport)?,
        link_change: open_link_change(work, passport)?.is_some(),
        garage_change: garage_change_open(work, passport)?,
    })
}

/// Whether another garage has asked for the passport, and the owner can still decide (rule P6).
pub fn garage_change_open(work: &mut Work<'_, '_>, passport: Found<PassportId>) -> Result<bool, Problem> {
    let undecided = store::garage_change::find_undecided(work.tx, passport)?;
    Ok(undecided.is_some_and(|change| change.is_open(work.now)))
}

/// What must be known to change the link of a passport.
fn circumstances(work: &mut Work<'_, '_>, passport: &Found<DomainPassport>) -> Result<Circumstances, Problem> {
    let (garage, _) = store::garage::find(work.tx, passport.garage_id)?.ok_or(Code::NotFound)?;
    Ok(Circumstances {
        open: open_link_change(work, passport.passport_id())?,
        pending: pending(work, passport.passport_id())?,
        new: NewLinkChange { id: new_id(), days: garage.second_thoughts_days },
    })
}

/// Stores what a link or unlink has done.
fn save_relinked(work: &mut Work<'_, '_>, done: &Relinked, stamps: Stamps) -> Result<(), Problem> {
    if done.changed.facts.is_empty() {
        return Ok(());
    }
    if let Some(withdrawn) = &done.withdrawn {
        store::link_change::update(work.tx, withdrawn, work.now)?;
    }
    if let Some(made) = &done.made {
        store::link_change::insert(work.tx, made, work.now)?;
    }
    save(work, &done.changed, stamps)
}

/// Links (rules L1 to L5, P5).
pub fn link(work: &mut Work<'_, '_>, id: PassportId, fleet: FleetId) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::PassportLink)?;
    work.require_version(passport.version)?;
    let circumstances = circumstances(work, &passport)?;
    // The garage undoes its own unlink also when another garage made the fleet (rules L5 and P6).
    let is_undone = |open: &LinkChange| open.kind == LinkChangeKind::Unlinked && open.fleet_id == fleet;
    let fleet = if circumstances.open.as_ref().is_some_and(is_undone) {
        store::fleet::find(work.tx, &Scope::System, fleet)?.ok_or(Code::NotFound)?.0
    } else {
        referred_fleet(work, fleet)?
    };
    let by = work.actor()?.account_id();
    let done = link_change::link(passport.into_inner(), &fleet, circumstances, by, work.now)?;
    save_relinked(work, &done, stamps)?;
    reply(work, id)
}

/// Unlinks (rules L1, L3 to L5, F7, P5).
pub fn unlink(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let (passport, stamps) = lock_and_find(work, id, Action::PassportLink)?;
    work.require_version(passport.version)?;
    let circumstances = circumstances(work, &passport)?;
    let by = work.actor()?.account_id();
    let done = link_change::unlink(passport.into_inner(), circumstances, by, work.now)?;
    save_relinked(work, &done, stamps)?;
    reply(work, id)
}
