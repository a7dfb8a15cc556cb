//! What the operations on transfers do.

use super::wire::{NewTransfer, Role, Transfer, TransferQuery};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    customer::wire::minimal,
    passport::operations::pending,
    problem::{Code, Problem},
    reach::{lock_and_find, save},
    wire::{AnyOf, LinkDelivery},
};
use domain::{
    access::{Action, Actor, Relation, Standing},
    event::{Fact, Stream},
    ids::{AccountId, CustomerId, PassportId, TransferId},
    invitation::{Invitation, Purpose, PurposeKind},
    passport::Changed,
    transfer::{
        DEFAULT_DAYS, Holders, NewTransfer as WantedTransfer, Offerer, Transfer as DomainTransfer, TransferStatus,
    },
    value::EmailAddress,
};
use persistence::{self as store, Page, Scope};

fn relation(actor: &Actor, transfer: &DomainTransfer) -> Relation {
    Relation {
        garage: actor.garage_id() == Some(transfer.garage_id),
        offerer: transfer.offered_by == actor.account_id(),
        recipient: actor.driver().is_some_and(|driver| transfer.is_recipient(driver)),
        ..Relation::default()
    }
}

fn reply(work: &mut Work<'_, '_>, id: TransferId) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let view = store::transfer::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let version = view.0.version;
    let now = work.now;
    let mut shown = [Transfer::new(view, work.actor()?, now)];
    add_deliveries(work, &mut shown)?;
    let [shown] = shown;
    Ok(Reply::ok(&shown)?.version(version))
}

/// Adds what became of the mails with the links to these offers, of those that are open, for whoever made them and for the garage
/// (rule CH4). It is one statement, and none when there are none of them.
fn add_deliveries(work: &mut Work<'_, '_>, shown: &mut [Transfer]) -> Result<(), Problem> {
    let is_told = |offer: &&Transfer| offer.status.0 == TransferStatus::Offered && offer.role.0 != Role::Recipient;
    let ids: Vec<_> = shown.iter().filter(is_told).map(|offer| offer.id.0).collect();
    let known = store::invitation::deliveries(work.tx, PurposeKind::Transfer, &ids)?;
    for offer in shown {
        offer.invitation_delivery = known.get(&offer.id.0).copied().map(LinkDelivery::new);
    }
    Ok(())
}

/// The offers (rules CH4 and T10).
pub fn list(work: &mut Work<'_, '_>, query: &TransferQuery) -> Result<Reply, Problem> {
    let scope = work.scope()?;
    let filter = store::transfer::TransferFilter {
        statuses: AnyOf::of(query.status.clone(), |status| status.0),
        newest_first: query.sort.is_some_and(|sort| sort.newest_first),
        passport: query.passport_id.map(|id| id.0.into()),
    };
    let page = store::transfer::list(work.tx, &scope, &filter, work.now, &query.list().request()?)?;
    let now = work.now;
    let actor = work.actor()?;
    let mut items: Vec<Transfer> = page.items.into_iter().map(|view| Transfer::new(view, actor, now)).collect();
    add_deliveries(work, &mut items)?;
    Reply::page(query.list(), Page { items, next: page.next }, |offer: Transfer| offer)
}

/// One offer (rules CH4 and T10).
pub fn get(work: &mut Work<'_, '_>, id: TransferId) -> Result<Reply, Problem> {
    reply(work, id)
}

/// Offers a passport (rules T1 to T6, A24, F8, L5, P14).
pub fn offer(work: &mut Work<'_, '_>, passport_id: PassportId, body: &NewTransfer) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, passport_id, Action::TransferOffer)?;
    let actor = work.actor()?.clone();
    let offerer = match actor.standing {
        Standing::Fleet(fleet, account) => {
            let own = store::account::find(work.tx, account)?.ok_or(Code::Unauthenticated)?.0;
            if own.is_prepared() { Offerer::Prepared(fleet) } else { Offerer::Fleet(account, fleet) }
        }
        Standing::Driver(account, _) => Offerer::Driver(account),
        Standing::Staff(..) | Standing::Platform => Offerer::Other,
    };
    let driver = passport.hands.driver.map(|driver| store::account::find(work.tx, driver)).transpose()?.flatten();
    let fleet =
        passport.hands.fleet.map(|fleet| store::fleet::view(work.tx, &Scope::System, fleet)).transpose()?.flatten();
    let driver_email = driver.map(|(account, _)| account.email);
    let fleet_email = fleet.map(|view| view.email);
    // A fleet offers its car whoever took its link.
    let taken = match offerer {
        Offerer::Driver(_) => store::invitation::find_taken(work.tx, passport.passport_id())?,
        Offerer::Fleet(..) | Offerer::Prepared(_) | Offerer::Other => None,
    };
    let holders = Holders { driver: driver_email.as_ref(), fleet: fleet_email.as_ref(), taken };
    let pending = pending(work, passport.passport_id())?;
    let wanted = WantedTransfer {
        id: new_id(),
        kind: body.kind.0,
        recipient_email: body.recipient_email.0.clone(),
        days: body.expires_in_days.map_or(DEFAULT_DAYS, |days| days.0),
    };
    let (transfer, fact) = DomainTransfer::offer(wanted, &passport, offerer, holders, pending, work.now)?;
    store::transfer::insert(work.tx, &transfer, work.now)?;
    work.record(Stream::Garage(transfer.garage_id), [fact])?;
    mail_link(work, &transfer)?;
    let scope = work.scope()?;
    let view = store::transfer::find(work.tx, &scope, transfer.id)?.ok_or(Code::NotFound)?;
    let mut shown = [Transfer::new(view, &actor, work.now)];
    add_deliveries(work, &mut shown)?;
    let [shown] = shown;
    Ok(Reply::created(&shown, format!("/v1/transfers/{}", transfer.id))?.version(transfer.version))
}

/// Mails the recipient; the link stands as long as the offer.
fn mail_link(work: &mut Work<'_, '_>, transfer: &DomainTransfer) -> Result<(), Problem> {
    let purpose = Purpose::Transfer(transfer.id);
    let email = transfer.recipient_email.clone();
    let invitation = Invitation::new(new_id(), purpose, Some(transfer.garage_id), email, work.now);
    work.invite(Stream::Garage(transfer.garage_id), &Invitation { expires_at: transfer.expires_at, ..invitation })
}

/// An offer in the actor's reach, to be changed: its garage's lock is held from here on.
fn lock_and_find_offer(work: &mut Work<'_, '_>, id: TransferId, action: Action) -> Result<DomainTransfer, Problem> {
    let scope = work.scope()?;
    let garage = store::transfer::garage_of(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    work.lock(garage)?;
    let (transfer, ..) = store::transfer::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    let relation = relation(work.actor()?, &transfer);
    work.require(action, relation)?;
    work.check_version(transfer.version)?;
    Ok(transfer)
}

/// Stores an offer that found its end: its link no longer works.
fn close(work: &mut Work<'_, '_>, transfer: &DomainTransfer, fact: Fact) -> Result<Reply, Problem> {
    store::transfer::update(work.tx, transfer, work.now)?;
    store::invitation::revoke(work.tx, Purpose::Transfer(transfer.id), work.now)?;
    work.record(Stream::Garage(transfer.garage_id), [fact])?;
    reply(work, transfer.id)
}

/// The recipient takes the car (rules T6 to T11, P5).
pub fn accept(work: &mut Work<'_, '_>, id: TransferId) -> Result<Reply, Problem> {
    let transfer = lock_and_find_offer(work, id, Action::TransferDecide)?;
    let actor = work.actor()?.clone();
    let (passport, stamps) =
        store::passport::find(work.tx, &Scope::System, transfer.passport_id)?.ok_or(Code::NotFound)?;
    let recipient = actor.driver().ok_or(Code::NotFound)?;
    let customer = recipient_record(work, &transfer, recipient)?;
    let accepted = transfer.accept(passport.into_inner(), recipient, customer, work.now)?;
    let changed = Changed { passport: accepted.passport, custody: accepted.custody, facts: vec![] };
    save(work, &changed, stamps)?;
    close(work, &accepted.transfer, accepted.fact)
}

/// The garage's record of the recipient: the one with their e-mail, or a new one with what they bring themselves. What
/// the garage knew of the former driver stays with that record (rule T9).
fn recipient_record(
    work: &mut Work<'_, '_>,
    transfer: &DomainTransfer,
    (account, email): (AccountId, &EmailAddress),
) -> Result<CustomerId, Problem> {
    if let Some(known) = store::customer::find_by_email(work.tx, transfer.garage_id, email)? {
        return Ok(known.id);
    }
    let (account, _) = store::account::find(work.tx, account)?.ok_or(Code::Unauthenticated)?;
    // An offer that is refused below leaves nothing: the transaction is rolled back whole.
    let customer = minimal(new_id(), transfer.garage_id, &account);
    store::customer::insert(work.tx, &customer, work.now)?;
    work.record(Stream::Garage(transfer.garage_id), [Fact::CustomerCreated { customer_id: customer.id }])?;
    Ok(customer.id)
}

/// The recipient does not want it (rules T6, T10, T11).
pub fn decline(work: &mut Work<'_, '_>, id: TransferId) -> Result<Reply, Problem> {
    let transfer = lock_and_find_offer(work, id, Action::TransferDecide)?;
    let now = work.now;
    let recipient = work.actor()?.driver().ok_or(Code::NotFound)?;
    let (transfer, fact) = transfer.decline(recipient, now)?;
    close(work, &transfer, fact)
}

/// The offerer withdraws an offer (rules T6, T10, T11).
pub fn withdraw(work: &mut Work<'_, '_>, id: TransferId) -> Result<Reply, Problem> {
    let transfer = lock_and_find_offer(work, id, Action::TransferRetract)?;
    let by = work.actor()?.account_id();
    let recipient = store::account::find_driver_by_email(work.tx, &transfer.recipient_email)?;
    let (transfer, fact) = transfer.withdraw(by, recipient, work.now)?;
    close(work, &transfer, fact)
}

/// The offerer has an offer mailed again (rules T6 and T11).
pub fn resend(work: &mut Work<'_, '_>, id: TransferId) -> Result<Reply, Problem> {
    let transfer = lock_and_find_offer(work, id, Action::TransferRetract)?;
    let by = work.actor()?.account_id();
    let (transfer, fact) = transfer.resend(by, work.now)?;
    store::transfer::update(work.tx, &transfer, work.now)?;
    work.record(Stream::Garage(transfer.garage_id), [fact])?;
    mail_link(work, &transfer)?;
    reply(work, id)
}
