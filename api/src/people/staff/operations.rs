//! What the operations on staff do.

use super::wire::{NewStaff, Staff, UpdateStaff};
use crate::{
    account,
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, Problem},
    wire::{LinkDelivery, ListQuery, Patch, items_after},
};
use domain::{
    access::Action,
    account::{Account, AccountStatus, Employment, check_email},
    event::{Fact, Stream},
    ids::{AccountId, GarageId},
    invitation::{Delivery, Invitation, Purpose, PurposeKind},
    removal::FollowedList,
    second_factor::SecondFactorRefusal,
    staff::may_lose_admin,
    value::{AccountKind, StaffRole},
};
use persistence::{self as store, Stamps, removal::ListOf};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The colleagues (rules CH4, GA1 and LS1).
pub fn list(work: &mut Work<'_, '_>, query: &ListQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::StaffRead)?;
    let gone = work.gone(query, &[FollowedList::Staff], ListOf::Actor)?;
    let request = query.request()?;
    let page = items_after(&gone, || store::account::list_staff(work.tx, garage, &request))?;
    let items: Vec<&Account> = page.items.iter().map(|(account, _)| account).collect();
    let known = deliveries(work, &items)?;
    Reply::followed_page(query, gone, page, |(account, stamps)| Staff {
        invitation_delivery: known.get(&account.id.0).copied().map(LinkDelivery::new),
        ..Staff::new(&account, stamps)
    })
}

/// What became of the mails with the links of these colleagues, of those who have not chosen a password (rule CH4).
fn deliveries(work: &mut Work<'_, '_>, staff: &[&Account]) -> Result<BTreeMap<Uuid, Delivery>, Problem> {
    let waiting = staff.iter().filter(|account| account.status == AccountStatus::Invited);
    let ids: Vec<Uuid> = waiting.map(|account| account.id.0).collect();
    Ok(store::invitation::deliveries(work.tx, PurposeKind::Staff, &ids)?)
}

/// A colleague as they are shown, with what became of the mail with their link.
fn shown(work: &mut Work<'_, '_>, account: &Account, stamps: Stamps) -> Result<Staff, Problem> {
    let known = deliveries(work, &[account])?;
    let invitation_delivery = known.get(&account.id.0).copied().map(LinkDelivery::new);
    Ok(Staff { invitation_delivery, ..Staff::new(account, stamps) })
}

/// One colleague (rules CH4 and GA1).
pub fn get(work: &mut Work<'_, '_>, id: AccountId) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::StaffRead)?;
    let (account, stamps) = store::account::find_staff(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    Ok(Reply::ok(&shown(work, &account, stamps)?)?.version(account.version))
}

/// Adds a colleague and mails the link (rules A1, A19, GA1, GA3).
pub fn add(work: &mut Work<'_, '_>, body: &NewStaff) -> Result<Reply, Problem> {
    let garage_id = work.require_staff(Action::StaffChange)?;
    work.lock(garage_id)?;
    let email = body.email.0.clone();
    check_email(&email, &[], account::operations::is_email_in_use(work, garage_id, &email)?)?;
    let (garage, _) = store::garage::find(work.tx, garage_id)?.ok_or(Code::NotFound)?;
    let account = Account {
        id: new_id(),
        kind: AccountKind::Staff,
        email,
        email_confirmed: false,
        name: body.name.0.clone(),
        language: body.language.map_or(garage.language, |language| language.0),
        status: AccountStatus::Invited,
        employment: Some(Employment { garage_id, role: body.role.0 }),
        password_hash: None,
        version: 1,
    };
    store::account::insert(work.tx, &account, work.now)?;
    store::second_factor::demand_of(work.tx, &account)?;
    work.record(Stream::Garage(garage_id), [Fact::StaffAdded { account_id: account.id }])?;
    mail_link(work, garage_id, &account)?;
    let stamps = Stamps { created_at: work.now, updated_at: work.now };
    let location = format!("/v1/garage/staff/{}", account.id);
    Ok(Reply::created(&shown(work, &account, stamps)?, location)?.version(account.version))
}

fn mail_link(work: &mut Work<'_, '_>, garage: GarageId, account: &Account) -> Result<(), Problem> {
    let purpose = Purpose::Staff(account.id);
    let invitation = Invitation::new(new_id(), purpose, Some(garage), account.email.clone(), work.now);
    work.invite(Stream::Garage(garage), &invitation)
}

/// A colleague, to be changed by an admin.
fn colleague(work: &mut Work<'_, '_>, id: AccountId) -> Result<(GarageId, Account, Stamps), Problem> {
    let garage = work.require_staff(Action::StaffChange)?;
    work.lock(garage)?;
    let (account, stamps) = store::account::find_staff(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    Ok((garage, account, stamps))
}

/// Changes name or role (rules GA1 and GA2).
pub fn update(work: &mut Work<'_, '_>, id: AccountId, body: UpdateStaff) -> Result<Reply, Problem> {
    let (garage, before, stamps) = colleague(work, id)?;
    work.require_version(before.version)?;
    let mut account = before.clone();
    if let (Patch::Value(role), Some(employment)) = (body.role, account.employment) {
        let others = store::account::other_admins(work.tx, garage, id)?;
        if account.status == AccountStatus::Active {
            may_lose_admin(employment.role, role.0 == StaffRole::Admin, others)?;
        }
        account.employment = Some(Employment { role: role.0, ..employment });
    }
    body.name.apply(&mut account.name);
    if account == before {
        return Ok(Reply::ok(&shown(work, &account, stamps)?)?.version(account.version));
    }
    let account = store::account::update(work.tx, &account, stamps, work.now)?;
    work.record(Stream::Garage(garage), [Fact::StaffChanged { account_id: id }])?;
    let stamps = Stamps { updated_at: work.now, ..stamps };
    Ok(Reply::ok(&shown(work, &account, stamps)?)?.version(account.version))
}

/// A colleague leaves (rules GA1, GA2, GA4).
pub fn remove(work: &mut Work<'_, '_>, id: AccountId) -> Result<Reply, Problem> {
    let (garage, account, stamps) = colleague(work, id)?;
    work.require_version(account.version)?;
    let others = store::account::other_admins(work.tx, garage, id)?;
    if let (Some(employment), AccountStatus::Active) = (account.employment, account.status) {
        may_lose_admin(employment.role, false, others)?;
    }
    store::account::update(work.tx, &account.end(), stamps, work.now)?;
    store::second_factor::delete(work.tx, id)?;
    store::session::end_all(work.tx, id, None, work.now)?;
    work.app.streams.suspect(id);
    store::invitation::revoke(work.tx, Purpose::Staff(id), work.now)?;
    work.record(Stream::Garage(garage), [Fact::StaffRemoved { account_id: id }])?;
    Ok(Reply::nothing())
}

/// Mails the link again (rules GA1 and GA3).
pub fn invite(work: &mut Work<'_, '_>, id: AccountId) -> Result<Reply, Problem> {
    let (garage, account, _) = colleague(work, id)?;
    if account.status != AccountStatus::Invited {
        return Err(Code::StaffAlreadyActive.into());
    }
    account::operations::require_unclaimed(work, &account.email)?;
    mail_link(work, garage, &account)?;
    Ok(Reply::accepted())
}

/// The way back for a colleague who has lost their second factor (rules A19, A20, GA1).
pub fn reset_second_factor(work: &mut Work<'_, '_>, id: AccountId) -> Result<Reply, Problem> {
    let (garage, account, _) = colleague(work, id)?;
    if work.actor()?.account_id() == id {
        return Err(SecondFactorRefusal::Own.into());
    }
    if store::second_factor::delete(work.tx, id)? {
        store::second_factor::demand_of(work.tx, &account)?;
        store::session::end_all(work.tx, id, None, work.now)?;
        work.app.streams.suspect(id);
        work.record(Stream::Garage(garage), [Fact::SecondFactorReset { account_id: id }])?;
    }
    Ok(Reply::nothing())
}
