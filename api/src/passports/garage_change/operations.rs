//! What the operations on changes of garage do.

use super::wire::{GarageChange, GarageChangeQuery, GarageInvitation, NewGarageChange};
use crate::{
    brake::{Subject, count_or_wait},
    car_status::operations::refresh_car,
    clock::new_id,
    command::{Reply, Work, record},
    customer, fleet,
    occupancy::{own_passport, require_lock},
    passport::operations::{garage_change_open, open_link_change, pending, referred_customer},
    problem::{Code, Problem},
    reach,
    request::SignedIn,
    vehicle_check,
    wire::{AnyOf, Moment, Token},
};
use actix_web::HttpResponse;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Instant,
    access::{Action, Actor, Relation},
    custody::Holder,
    event::Stream,
    garage_change::{
        GarageChange as DomainChange, GarageChangeRefusal, INVITATION_DAYS, NewGarageChange as Asked, can_change,
        knows_vin,
    },
    ids::{GarageChangeId, GarageId, PassportId},
    invitation::Purpose,
    passport::{Passport, Pending},
    throttle::VIN_GUESSES,
};
use jiff::SignedDuration;
use persistence::{self as store, Found, Scope};

fn relation(actor: &Actor, change: &DomainChange, passport: Option<&Passport>) -> Relation {
    let garage = actor.garage_id();
    Relation {
        garage: garage == Some(change.garage_id) || garage == Some(change.former_garage_id),
        offerer: garage == Some(change.garage_id),
        ..passport.map(|passport| reach::relation(actor, passport)).unwrap_or_default()
    }
}

fn reply(work: &mut Work<'_, '_>, id: GarageChangeId) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let view = store::garage_change::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let (version, now) = (view.0.version, work.now);
    Ok(Reply::ok(&GarageChange::new(view, work.actor()?, now))?.version(version))
}

/// The changes of garage (rule P6).
pub fn list(work: &mut Work<'_, '_>, query: &GarageChangeQuery) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let filter = store::garage_change::GarageChangeFilter {
        statuses: AnyOf::of(query.status.clone(), |status| status.0),
        newest_first: query.sort.is_some_and(|sort| sort.newest_first),
        passport: query.passport_id.map(|id| id.0.into()),
    };
    let page = store::garage_change::list(work.tx, &scope, &filter, work.now, &query.list().request()?)?;
    let now = work.now;
    let actor = work.actor()?;
    Reply::page(query.list(), page, |view| GarageChange::new(view, actor, now))
}

/// One change of garage (rule P6).
pub fn get(work: &mut Work<'_, '_>, id: GarageChangeId) -> Result<Reply, Problem> {
    reply(work, id)
}

const INVITATION: &str = "garage invitation";

/// What the mark of an invitation is of: the car, its owner, and the end of its time. Nothing is stored, and with another owner
/// it is another mark.
fn marked(passport: &Passport, expires: i64) -> [Vec<u8>; 3] {
    let owner = match passport.hands.owner() {
        Holder::Account(account) => [b"a".as_slice(), account.0.as_bytes()].concat(),
        Holder::Fleet(fleet) => [b"f".as_slice(), fleet.0.as_bytes()].concat(),
        Holder::Nobody => vec![],
    };
    [passport.id.0.as_bytes().to_vec(), owner, expires.to_be_bytes().to_vec()]
}

/// Makes the token by which a garage can ask for the passport (rule P6).
pub fn invite(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let passport = reach::find(work, id, Action::GarageInvite)?;
    let expires_at =
        work.now.checked_add(SignedDuration::from_hours(24 * INVITATION_DAYS)).unwrap_or(Instant::MAX).as_second();
    let parts = marked(&passport, expires_at);
    let mac = work.app.secret.mac(INVITATION, &parts.each_ref().map(Vec::as_slice));
    let bytes = [passport.id.0.as_bytes().as_slice(), &expires_at.to_be_bytes(), &mac].concat();
    let expires_at = Instant::from_second(expires_at).unwrap_or(Instant::MAX);
    let invitation = GarageInvitation { token: Token(URL_SAFE_NO_PAD.encode(bytes)), expires_at: Moment(expires_at) };
    Reply::ok(&invitation)
}

/// The passport that a token names, the end of its time, and its mark.
fn opened(token: &str) -> Option<(PassportId, i64, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, rest) = bytes.split_at_checked(16)?;
    let (expires, mark) = rest.split_at_checked(8)?;
    let id = uuid::Uuid::from_slice(id).ok()?;
    Some((id.into(), i64::from_be_bytes(expires.try_into().ok()?), mark.to_vec()))
}

/// The passport that a request names, whoever keeps it: its plate with the end of its VIN, or the owner's token, is right. Until
/// the garages are locked, this is only where to look.
fn named(work: &mut Work<'_, '_>, body: &NewGarageChange) -> Result<Option<Found<Passport>>, Problem> {
    let id = match (&body.invitation, &body.licence_plate) {
        (Some(token), _) => opened(&token.0).map(|(id, ..)| id),
        (None, Some(plate)) => {
            let found = store::occupancy::occupants(work.tx, std::slice::from_ref(&plate.0))?;
            found.get(&plate.0).map(|occupant| occupant.passport_id)
        }
        (None, None) => None,
    };
    let Some(id) = id else { return Ok(None) };
    let Some((passport, _)) = store::passport::find(work.tx, &Scope::System, id)? else { return Ok(None) };
    let is_right = match (&body.invitation, &body.licence_plate, &body.vin_end) {
        (Some(token), ..) => opened(&token.0).is_some_and(|(_, expires, mark)| {
            let parts = marked(&passport, expires);
            let is_ours = work.app.secret.is_mac(INVITATION, &parts.each_ref().map(Vec::as_slice), &mark);
            is_ours && work.now.as_second() < expires
        }),
        (None, Some(plate), Some(end)) => {
            passport.vehicle.plate == plate.0 && knows_vin(passport.vehicle.vin.as_ref(), &end.0)
        }
        (None, ..) => false,
    };
    Ok(Some(passport).filter(|passport| is_right && can_change(passport)))
}

/// What is counted for a garage that guesses which plate has which VIN.
fn guesses(work: &Work<'_, '_>, garage: GarageId) -> Subject {
    Subject::new(&work.app.secret, "vin", &[garage.0.as_bytes()], VIN_GUESSES)
}

/// Counts a guess at the VIN of a plate, before it is looked at, so that many at the same moment do not all get through. Neither
/// who brings the owner's token guesses, nor who repeats a request that was answered.
pub async fn count_guess(
    signed_in: &SignedIn,
    body: &NewGarageChange,
    hash: [u8; 32],
) -> Result<Option<Subject>, Problem> {
    if body.invitation.is_some() {
        return Ok(None);
    }
    let guess = signed_in.look(move |work| {
        let garage = work.require_staff(Action::GarageChangeRequest)?;
        Ok(work.answer(hash)?.is_none().then(|| guesses(work, garage)))
    });
    let guess = guess.await?;
    if let Some(guess) = &guess {
        count_or_wait(&signed_in.context, vec![guess.clone()]).await?;
    }
    Ok(guess)
}

/// Gives a guess back that was right, or that was refused whatever the plate is.
pub async fn settle_guess(
    signed_in: &SignedIn,
    guess: Option<Subject>,
    answer: &Result<HttpResponse, Problem>,
) -> Result<(), Problem> {
    let was_wrong = answer.as_ref().is_err_and(|problem| problem.code == Code::GarageChangeNoMatch);
    match guess.filter(|_| !was_wrong) {
        Some(guess) => signed_in.part(move |work| guess.give_back(work.tx, work.now)).await,
        None => Ok(()),
    }
}

/// A garage asks for a passport (rules A24, CU8, L5, P6 and P14).
pub fn request(work: &mut Work<'_, '_>, body: &NewGarageChange) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::GarageChangeRequest)?;
    // First what says nothing of the car: a mistake in it is no guess.
    if let Some(id) = body.customer_id {
        referred_customer(work, id.0.into())?;
    }
    let before = named(work, body)?;
    let mut concerned = vec![garage];
    if let Some(passport) = &before {
        concerned.push(passport.garage_id);
        concerned
            .extend(store::garage_change::find_undecided(work.tx, passport.passport_id())?.map(|one| one.garage_id));
    }
    work.lock_all(concerned)?;
    let (customer, possible_duplicate_customers) = match (body.customer_id, body.customer.clone()) {
        (Some(id), _) => (referred_customer(work, id.0.into())?, None),
        (None, Some(new)) => customer::operations::find_or_insert(work, garage, new)?,
        (None, None) => return Err(Problem::body("/customerId", "required")),
    };
    // Once more, with the locks.
    let is_invited = body.invitation.is_some();
    let mismatch = if is_invited { Code::GarageInvitationInvalid } else { Code::GarageChangeNoMatch };
    let passport = named(work, body)?.ok_or(mismatch)?;
    if passport.garage_id == garage {
        return Err(own_passport(passport.id));
    }
    require_lock(work, passport.garage_id)?;
    let offer = store::transfer::find_undecided(work.tx, passport.passport_id())?;
    let pending = Pending {
        transfer: offer.is_some_and(|offer| offer.is_open(work.now)),
        link_change: open_link_change(work, passport.passport_id())?.is_some(),
        garage_change: garage_change_open(work, passport.passport_id())?,
    };
    let taken = store::invitation::find_taken(work.tx, passport.passport_id())?;
    let asked = Asked { id: new_id(), garage_id: garage, customer_id: customer.id, by: work.actor()?.account_id() };
    let (change, fact) = DomainChange::request(asked, &passport, pending, taken, work.now)?;
    if let Some(over) = store::garage_change::find_undecided(work.tx, passport.passport_id())? {
        require_lock(work, over.garage_id)?;
        let (over, expired) = over.expire(work.now)?;
        store::garage_change::update(work.tx, &over, work.now)?;
        record(work.tx, Stream::Garage(over.garage_id), None, [expired], work.now)?;
    }
    count_mail_to_owner(work, &passport)?;
    store::garage_change::insert(work.tx, &change, work.now)?;
    work.record(Stream::Garage(garage), [fact])?;
    let scope = work.scope()?;
    let view = store::garage_change::find(work.tx, &scope, change.id)?.ok_or(Code::NotFound)?;
    let now = work.now;
    let shown = GarageChange::new(view, work.actor()?, now);
    let reply = Reply::created(&shown, format!("/v1/garage-changes/{}", change.id))?.version(change.version);
    reply.saying(&GarageChange { possible_duplicate_customers, ..shown })
}

/// Nobody fills the owner's mailbox with requests that are withdrawn again (rule A24).
fn count_mail_to_owner(work: &mut Work<'_, '_>, passport: &Passport) -> Result<(), Problem> {
    let email = match passport.hands.owner() {
        Holder::Account(driver) => store::account::find(work.tx, driver)?.map(|(account, _)| account.email),
        Holder::Fleet(fleet) => store::fleet::view(work.tx, &Scope::System, fleet)?.map(|view| view.email),
        Holder::Nobody => None,
    };
    match email {
        Some(email) => work.count_mail_about("garage change", passport.id.0, &email),
        None => Ok(()),
    }
}

/// A change of garage in the actor's reach, to be changed: the locks of both garages are held from here on.
fn lock_and_find(work: &mut Work<'_, '_>, id: GarageChangeId, action: Action) -> Result<DomainChange, Problem> {
    let scope = work.scope()?;
    let (garage, former) = store::garage_change::garages_of(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    work.lock_all(vec![garage, former])?;
    let (change, ..) = store::garage_change::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let passport = store::passport::find(work.tx, &scope, change.passport_id)?.map(|(passport, _)| passport);
    let relation = relation(work.actor()?, &change, passport.as_deref());
    work.require(action, relation)?;
    fleet::operations::require_handed_over(work)?;
    work.check_version(change.version)?;
    Ok(change)
}

/// The owner agrees (rules F8, P6, T9 and VC2).
pub fn agree(work: &mut Work<'_, '_>, id: GarageChangeId) -> Result<Reply, Problem> {
    let change = lock_and_find(work, id, Action::GarageChangeDecide)?;
    let scope = work.scope()?;
    let (passport, stamps) = store::passport::find(work.tx, &scope, change.passport_id)?.ok_or(Code::NotFound)?;
    if passport.garage_id != change.former_garage_id {
        // It went elsewhere since the request was made.
        return Err(GarageChangeRefusal::NotOpen.into());
    }
    let (vehicle, passport_id) = (passport.vehicle_id(), passport.id);
    let pending = pending(work, passport.passport_id())?;
    let taken = store::invitation::find_taken(work.tx, passport.passport_id())?;
    let customer = store::customer::find(work.tx, &Scope::Garage(change.garage_id), change.customer_id)?
        .map(|(known, _)| known.id);
    let former = change.former_garage_id;
    let agreed = change.agree(passport.into_inner(), customer, pending, taken, work.now)?;
    // What nobody had written down yet is the former garage's.
    let mut facts = vehicle_check::operations::discard_drafts(work, passport_id, vehicle, former)?;
    store::invitation::revoke(work.tx, Purpose::Passport(passport_id), work.now)?;
    store::passport::change_garage(work.tx, &agreed.changed.passport, former, stamps, work.now)?;
    store::plates::part_archived(work.tx, former, vehicle, new_id(), work.now)?;
    store::garage_change::update(work.tx, &agreed.change, work.now)?;
    // Who did it is the owner, whom both garages know.
    facts.push(agreed.left);
    work.record(Stream::Garage(former), facts)?;
    work.record(Stream::Garage(agreed.change.garage_id), agreed.changed.facts)?;
    refresh_car(work.tx, passport_id, work.now)?;
    reply(work, id)
}

/// The owner declines (rules F8 and P6).
pub fn decline(work: &mut Work<'_, '_>, id: GarageChangeId) -> Result<Reply, Problem> {
    let change = lock_and_find(work, id, Action::GarageChangeDecide)?;
    let (change, fact) = change.decline(work.now)?;
    store::garage_change::update(work.tx, &change, work.now)?;
    work.record(Stream::Garage(change.garage_id), [fact])?;
    reply(work, id)
}

/// The garage that asked takes it back (rule P6).
pub fn withdraw(work: &mut Work<'_, '_>, id: GarageChangeId) -> Result<Reply, Problem> {
    let change = lock_and_find(work, id, Action::GarageChangeWithdraw)?;
    let (change, fact) = change.withdraw(work.now)?;
    store::garage_change::update(work.tx, &change, work.now)?;
    work.record(Stream::Garage(change.garage_id), [fact])?;
    reply(work, id)
}
