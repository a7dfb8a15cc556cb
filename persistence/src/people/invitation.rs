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
    ids::{CustomerId, InvitationId, PassportId},
    invitation::{Invitation, Purpose, Taken},
    value::EmailAddress,
};

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
            remind_on: is_reminded_of.then_some(LOOK_AT_ONCE),
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
        })
    }
}

/// Stores a new link. Older links for the same purpose no longer work.
pub fn issue(tx: &mut Tx<'_>, invitation: &Invitation, token_hash: &[u8], now: Instant) -> Result<(), StoreError> {
    revoke(tx, invitation.purpose, now)?;
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
    let (links, cars): (Vec<Key>, Vec<Key>) = open.into_iter().unzip();
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

/// Deletes links that ended before an instant, with the addresses in them, a limited number at a time. Returns how
/// many.
pub fn delete_ended(tx: &mut Tx<'_>, before: Instant) -> Result<usize, StoreError> {
    let ended = invitations::table.filter(invitations::expires_at.lt(Time(before))).limit(row::BATCH);
    let ids: Vec<Key> = ended.select(invitations::id).load(tx.conn)?;
    Ok(diesel::delete(invitations::table.filter(invitations::id.eq_any(ids))).execute(tx.conn)?)
}
