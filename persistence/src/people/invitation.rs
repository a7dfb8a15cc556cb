//! Mailed one-time links. Only the hash of a token is stored, never the token itself.

use crate::{
    car_status::LOOK_AT_ONCE,
    connection::insert_all,
    error::StoreError,
    row::{self, Reading},
    schema::{invitations, passports},
    scope::Found,
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    ids::{AccountId, CustomerId, InvitationId, PassportId},
    invitation::{Delivery, DeliveryReason, DeliveryStatus, Invitation, Purpose, PurposeKind, Taken},
    value::EmailAddress,
};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
pub(crate) struct Row {
    pub(crate) id: Key,
    purpose: String,
    pub(crate) garage_id: Option<Key>,
    account_id: Option<Key>,
    passport_id: Option<Key>,
    transfer_id: Option<Key>,
    email: String,
    token_hash: Vec<u8>,
    expires_at: Time,
    used_at: Option<Time>,
    revoked_at: Option<Time>,
    pub(crate) created_at: Time,
    former_email: Option<String>,
    taken_by: Option<Key>,
    remind_on: Option<Day>,
    email_key: Option<String>,
    delivery: String,
    delivery_at: Option<Time>,
    delivery_reason: Option<String>,
    first_email: Option<String>,
}

impl Row {
    fn new(invitation: &Invitation, token_hash: &[u8], now: Instant) -> Self {
        let (account_id, passport_id, transfer_id) = subject(invitation.purpose);
        let is_reminded_of = invitation.purpose.kind().reminder().is_some() && invitation.garage_id.is_some();
        Self {
            id: invitation.id.into(),
            purpose: invitation.purpose.code().to_owned(),
            garage_id: invitation.garage_id.map(Key::from),
            account_id,
            passport_id,
            transfer_id,
            email: invitation.email.as_str().to_owned(),
            token_hash: token_hash.to_vec(),
            expires_at: invitation.expires_at.into(),
            used_at: None,
            revoked_at: None,
            created_at: now.into(),
            former_email: None,
            taken_by: None,
            // Who asked for the link at another address is reminded by the first one.
            remind_on: (is_reminded_of && invitation.first_email.is_none()).then_some(LOOK_AT_ONCE),
            email_key: Some(invitation.email.key()),
            delivery: DeliveryStatus::Queued.code().to_owned(),
            delivery_at: Some(now.into()),
            delivery_reason: None,
            first_email: invitation.first_email.as_ref().map(|email| email.as_str().to_owned()),
        }
    }

    pub(crate) fn read(self) -> Result<Invitation, StoreError> {
        let reading = Reading { table: "invitations", id: self.id.0 };
        let purpose = match (self.purpose.as_str(), self.account_id, self.passport_id, self.transfer_id) {
            ("passport", _, Some(id), _) => Purpose::Passport(id.into()),
            ("transfer", _, _, Some(id)) => Purpose::Transfer(id.into()),
            ("fleet", Some(id), ..) => Purpose::Fleet(id.into()),
            ("staff", Some(id), ..) => Purpose::Staff(id.into()),
            ("password_reset", Some(id), ..) => Purpose::PasswordReset(id.into()),
            ("email_change", Some(id), ..) => Purpose::EmailChange(id.into()),
            _ => return Err(reading.corrupt("purpose", self.purpose)),
        };
        Ok(Invitation {
            id: self.id.into(),
            purpose,
            garage_id: self.garage_id.map(Into::into),
            email: reading.column("email", &self.email, row::email)?,
            expires_at: self.expires_at.0,
            used_at: self.used_at.map(|at| at.0),
            revoked_at: self.revoked_at.map(|at| at.0),
            former_email: reading.optional("former_email", self.former_email.as_ref(), row::email)?,
            taken_by: self.taken_by.map(Into::into),
            first_email: reading.optional("first_email", self.first_email.as_ref(), row::email)?,
        })
    }
}

/// Stores a new link. Older links for the same purpose no longer work.
pub fn issue(tx: &mut Tx<'_>, invitation: &Invitation, token_hash: &[u8], now: Instant) -> Result<(), StoreError> {
    revoke(tx, invitation.purpose, now)?;
    diesel::insert_into(invitations::table).values(Row::new(invitation, token_hash, now)).execute(tx.conn)?;
    Ok(())
}

/// Stores a link in the place of a former one, which no longer works; others for the same purpose do.
pub fn replace(
    tx: &mut Tx<'_>,
    former: InvitationId,
    invitation: &Invitation,
    token_hash: &[u8],
    now: Instant,
) -> Result<(), StoreError> {
    let target = invitations::table.find(Key::from(former)).filter(invitations::revoked_at.is_null());
    diesel::update(target).set(invitations::revoked_at.eq(Some(Time(now)))).execute(tx.conn)?;
    diesel::insert_into(invitations::table).values(Row::new(invitation, token_hash, now)).execute(tx.conn)?;
    Ok(())
}

/// Stores the first links, with the hashes of their tokens, for purposes that have no open link.
pub fn issue_first(tx: &mut Tx<'_>, links: &[(Invitation, Vec<u8>)], now: Instant) -> Result<(), StoreError> {
    let rows: Vec<Row> = links.iter().map(|(invitation, hash)| Row::new(invitation, hash, now)).collect();
    insert_all!(tx, invitations::table, rows);
    Ok(())
}

fn subject(purpose: Purpose) -> (Option<Key>, Option<Key>, Option<Key>) {
    match purpose {
        Purpose::Passport(id) => (None, Some(id.into()), None),
        Purpose::Transfer(id) => (None, None, Some(id.into())),
        Purpose::Fleet(id) | Purpose::Staff(id) | Purpose::PasswordReset(id) | Purpose::EmailChange(id) => {
            (Some(id.into()), None, None)
        }
    }
}

/// Revokes the open links of a purpose; of an offer also one that was used, so that nobody is reminded by it of an offer that
/// ended or was mailed again.
pub fn revoke(tx: &mut Tx<'_>, purpose: Purpose, now: Instant) -> Result<(), StoreError> {
    let standing =
        invitations::table.filter(invitations::purpose.eq(purpose.code())).filter(invitations::revoked_at.is_null());
    let open = standing.filter(invitations::used_at.is_null());
    let set = invitations::revoked_at.eq(Some(Time(now)));
    match subject(purpose) {
        (Some(id), ..) => diesel::update(open.filter(invitations::account_id.eq(id))).set(set).execute(tx.conn)?,
        (_, Some(id), _) => diesel::update(open.filter(invitations::passport_id.eq(id))).set(set).execute(tx.conn)?,
        (.., id) => diesel::update(standing.filter(invitations::transfer_id.eq(id))).set(set).execute(tx.conn)?,
    };
    Ok(())
}

/// Revokes the open links to activate a customer's passports. Returns those passports.
pub fn revoke_of_customer(tx: &mut Tx<'_>, customer: CustomerId, now: Instant) -> Result<Vec<PassportId>, StoreError> {
    let open: Vec<(Key, Key)> = invitations::table
        .inner_join(passports::table)
        .filter(passports::customer_id.eq(Key::from(customer)))
        .filter(passports::status.eq("invited"))
        .filter(invitations::purpose.eq("passport"))
        .filter(invitations::used_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(Time(now)))
        .order(passports::id)
        .select((invitations::id, passports::id))
        .load(tx.conn)?;
    let (links, mut cars): (Vec<Key>, Vec<Key>) = open.into_iter().unzip();
    // A car may have two: its holder asked for one at another address.
    cars.dedup();
    diesel::update(invitations::table.filter(invitations::id.eq_any(links)))
        .set(invitations::revoked_at.eq(Some(Time(now))))
        .execute(tx.conn)?;
    Ok(cars.into_iter().map(Into::into).collect())
}

/// Revokes the open link to activate a passport, unless it went to this address. Returns whether there was one.
pub fn revoke_elsewhere(
    tx: &mut Tx<'_>,
    passport: Found<PassportId>,
    address: Option<&EmailAddress>,
    now: Instant,
) -> Result<bool, StoreError> {
    let open: Vec<(Key, String)> = invitations::table
        .filter(invitations::passport_id.eq(Key::from(*passport)))
        .filter(invitations::purpose.eq("passport"))
        .filter(invitations::used_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(Time(now)))
        .select((invitations::id, invitations::email))
        .load(tx.conn)?;
    let key = address.map(EmailAddress::key);
    let went_there = |email: &str| row::email(email).is_some_and(|email| Some(email.key()) == key);
    let elsewhere: Vec<Key> = open.into_iter().filter(|(_, email)| !went_there(email)).map(|(id, _)| id).collect();
    if elsewhere.is_empty() {
        return Ok(false);
    }
    diesel::update(invitations::table.filter(invitations::id.eq_any(elsewhere)))
        .set(invitations::revoked_at.eq(Some(Time(now))))
        .execute(tx.conn)?;
    Ok(true)
}

/// The link with this hash of its token.
pub fn find_by_token(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<Option<Invitation>, StoreError> {
    let query = invitations::table.filter(invitations::token_hash.eq(token_hash.to_vec())).select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose()
}

/// A link by its id, for the mail that has it.
pub fn find(tx: &mut Tx<'_>, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let query = invitations::table.find(Key::from(id)).select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose()
}

/// Records that a link was used. When two use it at once, the second is refused.
pub fn redeem(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let target = invitations::table
        .find(Key::from(invitation.id))
        .filter(invitations::used_at.is_null())
        .filter(invitations::revoked_at.is_null());
    let former_email = invitation.former_email.as_ref().map(|email| email.as_str().to_owned());
    let set = (
        invitations::used_at.eq(invitation.used_at.map(Time)),
        invitations::former_email.eq(former_email),
        invitations::taken_by.eq(invitation.taken_by.map(Key::from)),
    );
    row::changed_one("invitations", diesel::update(target).set(set).execute(tx.conn)?)
}

/// How an account with another address than its link was mailed to has activated a passport, if one did (rule P14). Of links
/// that ended long ago, nothing is known any more.
pub fn find_taken(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Option<Taken>, StoreError> {
    let found: Option<(Option<Key>, Option<Time>)> = invitations::table
        .filter(invitations::passport_id.eq(Key::from(*passport)))
        .filter(invitations::taken_by.is_not_null())
        .order(invitations::used_at.desc())
        .select((invitations::taken_by, invitations::used_at))
        .first(tx.conn)
        .optional()?;
    let Some((Some(by), Some(at))) = found else { return Ok(None) };
    Ok(Some(Taken { by: by.into(), at: at.0 }))
}

/// Records that an account that a link made has another address than the garage had the link mailed to (rule P14).
pub fn note_taken(tx: &mut Tx<'_>, id: InvitationId, by: AccountId) -> Result<(), StoreError> {
    let set = invitations::taken_by.eq(Some(Key::from(by)));
    let target = invitations::table.find(Key::from(id));
    row::changed_one("invitations", diesel::update(target).set(set).execute(tx.conn)?)
}

/// Stores a link that the holder of another one asked for at another address (rule P14). That one goes on working; one that was
/// asked for so before does not.
pub fn issue_elsewhere(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    token_hash: &[u8],
    now: Instant,
) -> Result<(), StoreError> {
    let (_, passport, _) = subject(invitation.purpose);
    let before = invitations::table
        .filter(invitations::passport_id.eq(passport))
        .filter(invitations::purpose.eq(invitation.purpose.code()))
        .filter(invitations::first_email.is_not_null())
        .filter(invitations::used_at.is_null())
        .filter(invitations::revoked_at.is_null());
    diesel::update(before).set(invitations::revoked_at.eq(Some(Time(now)))).execute(tx.conn)?;
    diesel::insert_into(invitations::table).values(Row::new(invitation, token_hash, now)).execute(tx.conn)?;
    Ok(())
}

/// The link that was mailed last to an address, of those with which a password is chosen for the first time, if it still works
/// (rule A25).
pub fn find_open_by_email(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    now: Instant,
) -> Result<Option<Invitation>, StoreError> {
    let query = invitations::table
        .filter(invitations::email_key.eq(email.key()))
        .filter(invitations::purpose.eq_any(["passport", "fleet", "staff", "transfer"]))
        .filter(invitations::used_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(Time(now)))
        .order(invitations::created_at.desc())
        .select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose()
}

/// The latest links to an address that were made since an instant, of those whose mail has a code, the latest first (rule A26).
pub fn list_by_email(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    since: Instant,
    limit: i64,
) -> Result<Vec<Invitation>, StoreError> {
    let query = invitations::table
        .filter(invitations::email_key.eq(email.key()))
        .filter(invitations::purpose.eq_any(["passport", "fleet", "staff", "transfer"]))
        .filter(invitations::created_at.gt(Time(since)))
        .order(invitations::created_at.desc())
        .limit(limit)
        .select(Row::as_select());
    query.load(tx.conn)?.into_iter().map(Row::read).collect()
}

/// Records what became of the mail with a link (rule CH4).
pub fn note_delivery(tx: &mut Tx<'_>, id: InvitationId, delivery: Delivery) -> Result<(), StoreError> {
    let set = (
        invitations::delivery.eq(delivery.status.code()),
        invitations::delivery_at.eq(delivery.at.map(Time)),
        invitations::delivery_reason.eq(delivery.reason.map(DeliveryReason::code)),
    );
    // A link that housekeeping has deleted meanwhile has nothing to be noted.
    diesel::update(invitations::table.find(Key::from(id))).set(set).execute(tx.conn)?;
    Ok(())
}

/// Records that mail to an address came back, at the links to it that are still of use (rule CH4).
pub fn note_bounce(tx: &mut Tx<'_>, email: &EmailAddress, now: Instant) -> Result<(), StoreError> {
    let open = invitations::table
        .filter(invitations::email_key.eq(email.key()))
        .filter(invitations::used_at.is_null())
        .filter(invitations::revoked_at.is_null());
    let set = (
        invitations::delivery.eq(DeliveryStatus::Failed.code()),
        invitations::delivery_at.eq(Some(Time(now))),
        invitations::delivery_reason.eq(Some(DeliveryReason::Bounced.code())),
    );
    diesel::update(open).set(set).execute(tx.conn)?;
    Ok(())
}

/// What became of the mails with the latest links of some passports, accounts or offers, which a look-up in a scope found (rule
/// CH4): of each that has a link that was not replaced. It is one statement.
pub fn deliveries(
    tx: &mut Tx<'_>,
    kind: PurposeKind,
    subjects: &[Uuid],
) -> Result<BTreeMap<Uuid, Delivery>, StoreError> {
    type Found = (Key, Option<Key>, Option<Key>, Option<Key>, String, Option<Time>, Option<String>);
    if subjects.is_empty() {
        return Ok(BTreeMap::new());
    }
    let keys: Vec<Option<Key>> = subjects.iter().map(|id| Some(Key(*id))).collect();
    let standing = invitations::table
        .filter(invitations::purpose.eq(kind.code()))
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::first_email.is_null())
        .order(invitations::created_at)
        .select((
            invitations::id,
            invitations::account_id,
            invitations::passport_id,
            invitations::transfer_id,
            invitations::delivery,
            invitations::delivery_at,
            invitations::delivery_reason,
        ));
    let found: Vec<Found> = match kind {
        PurposeKind::Passport => standing.filter(invitations::passport_id.eq_any(keys)).load(tx.conn)?,
        PurposeKind::Transfer => standing.filter(invitations::transfer_id.eq_any(keys)).load(tx.conn)?,
        PurposeKind::Fleet | PurposeKind::Staff | PurposeKind::PasswordReset | PurposeKind::EmailChange => {
            standing.filter(invitations::account_id.eq_any(keys)).load(tx.conn)?
        }
    };
    let read = |(id, account, passport, transfer, status, at, reason): Found| {
        let reading = Reading { table: "invitations", id: id.0 };
        let subject = account.or(passport).or(transfer).ok_or_else(|| reading.corrupt("purpose", kind.code()))?;
        let status = reading.column("delivery", &status, DeliveryStatus::from_code)?;
        let reason = reading.optional("delivery_reason", reason.as_ref(), DeliveryReason::from_code)?;
        Ok((subject.0, Delivery { status, at: at.map(|at| at.0), reason }))
    };
    found.into_iter().map(read).collect()
}

/// Deletes links that ended before an instant, with the addresses in them, a limited number at a time. Returns how
/// many.
pub fn delete_ended(tx: &mut Tx<'_>, before: Instant) -> Result<usize, StoreError> {
    let ended = invitations::table.filter(invitations::expires_at.lt(Time(before))).limit(row::BATCH);
    let ids: Vec<Key> = ended.select(invitations::id).load(tx.conn)?;
    Ok(diesel::delete(invitations::table.filter(invitations::id.eq_any(ids))).execute(tx.conn)?)
}
