//! Second factors (rules A16 to A21). Secrets come sealed, recovery codes hashed.
//!
//! Who uses a code, or changes a second factor, locks its row first and then reads it, so that of two at the same moment the
//! second sees what the first one left. Who needs the garage's lock too takes that before.

use crate::{
    error::StoreError,
    row,
    schema::{accounts, garages, recovery_codes, second_factors, sessions},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{dsl::exists, prelude::*};
use domain::{
    Instant,
    account::Account,
    ids::{AccountId, GarageId, SessionId},
    second_factor::{Active, SecondFactor},
};

/// A second factor as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What is known of it.
    pub factor: SecondFactor,
    /// Its secret, sealed.
    pub sealed_secret: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factors, treat_none_as_default_value = false)]
struct Row {
    account_id: Key,
    sealed_secret: Vec<u8>,
    begun_at: Time,
    confirmed_at: Option<Time>,
    last_step: Option<i64>,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let active = row.confirmed_at.zip(row.last_step);
        let active = active.map(|(since, last_step)| Active { since: since.0, last_step });
        Self { factor: SecondFactor { begun_at: row.begun_at.0, active }, sealed_secret: row.sealed_secret }
    }
}

/// The second factor of an account.
pub fn find(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Stored>, StoreError> {
    let query = second_factors::table.find(Key::from(account)).select(Row::as_select());
    Ok(query.first(tx.conn).optional()?.map(Into::into))
}

/// Whether a second factor is asked for at each sign-in to an account.
pub fn is_active(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    let active = second_factors::table.find(Key::from(account)).filter(second_factors::confirmed_at.is_not_null());
    Ok(diesel::select(exists(active)).get_result(tx.conn)?)
}

/// The same as [`find`], by someone who goes on to use or change it: others wait until this transaction ends.
pub fn find_to_change(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Stored>, StoreError> {
    let same = second_factors::begun_at.eq(second_factors::begun_at);
    diesel::update(second_factors::table.find(Key::from(account))).set(same).execute(tx.conn)?;
    find(tx, account)
}

/// Stores a secret that was shown, in the place of another one that was not confirmed.
pub fn begin(tx: &mut Tx<'_>, account: AccountId, sealed_secret: &[u8], now: Instant) -> Result<(), StoreError> {
    let begun = second_factors::table.find(Key::from(account)).filter(second_factors::confirmed_at.is_null());
    diesel::delete(begun).execute(tx.conn)?;
    let row = Row {
        account_id: account.into(),
        sealed_secret: sealed_secret.to_vec(),
        begun_at: now.into(),
        confirmed_at: None,
        last_step: None,
    };
    diesel::insert_into(second_factors::table).values(row).execute(tx.conn).map_err(StoreError::from).map_err(
        |error| {
            // It was confirmed, or another one was begun, at the same moment.
            let is_known = matches!(error, StoreError::Duplicate(_));
            if is_known { StoreError::Stale { table: "second_factors" } } else { error }
        },
    )?;
    Ok(())
}

/// From now on it is asked for. `step` is that of the code that confirmed it.
pub fn confirm(tx: &mut Tx<'_>, account: AccountId, step: i64, now: Instant) -> Result<(), StoreError> {
    let begun = second_factors::table.find(Key::from(account)).filter(second_factors::confirmed_at.is_null());
    let set = (second_factors::confirmed_at.eq(Some(Time(now))), second_factors::last_step.eq(Some(step)));
    row::changed_one("second_factors", diesel::update(begun).set(set).execute(tx.conn)?)
}

/// The code of a step was used. Only a later one than the latest is stored.
pub fn use_step(tx: &mut Tx<'_>, account: AccountId, step: i64) -> Result<(), StoreError> {
    let earlier = second_factors::table.find(Key::from(account)).filter(second_factors::last_step.lt(step));
    row::changed_one(
        "second_factors",
        diesel::update(earlier).set(second_factors::last_step.eq(Some(step))).execute(tx.conn)?,
    )
}

/// Uses a recovery code, once. False when it is none of the account's, or was used.
pub fn use_recovery_code(tx: &mut Tx<'_>, account: AccountId, hash: &[u8]) -> Result<bool, StoreError> {
    let code = recovery_codes::table.find((Key::from(account), hash.to_vec()));
    Ok(diesel::delete(code).execute(tx.conn)? == 1)
}

/// Stores recovery codes in the place of those that there were.
pub fn replace_recovery_codes(tx: &mut Tx<'_>, account: AccountId, hashes: &[Vec<u8>]) -> Result<(), StoreError> {
    delete_recovery_codes(tx, account)?;
    for hash in hashes {
        let code = (recovery_codes::account_id.eq(Key::from(account)), recovery_codes::hash.eq(hash.clone()));
        diesel::insert_into(recovery_codes::table).values(code).execute(tx.conn)?;
    }
    Ok(())
}

fn delete_recovery_codes(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    let codes = recovery_codes::table.filter(recovery_codes::account_id.eq(Key::from(account)));
    diesel::delete(codes).execute(tx.conn)?;
    Ok(())
}

/// How many recovery codes an account has left.
pub fn recovery_codes_left(tx: &mut Tx<'_>, account: AccountId) -> Result<i64, StoreError> {
    let codes = recovery_codes::table.filter(recovery_codes::account_id.eq(Key::from(account)));
    Ok(codes.count().get_result(tx.conn)?)
}

/// Deletes the second factor of an account, with its recovery codes and the devices that it had remembered. Whether an active
/// one was there.
pub fn delete(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    let was_active = find_to_change(tx, account)?.is_some_and(|stored| stored.factor.active.is_some());
    delete_recovery_codes(tx, account)?;
    forget_devices(tx, account)?;
    diesel::delete(second_factors::table.find(Key::from(account))).execute(tx.conn)?;
    Ok(was_active)
}

/// Whether the garage of an account demands a second factor of it.
pub fn is_required(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    let found: Option<bool> = accounts::table
        .inner_join(garages::table.on(garages::id.nullable().eq(accounts::garage_id)))
        .filter(accounts::id.eq(Key::from(account)))
        .select(garages::second_factor_required)
        .first(tx.conn)
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Writes at an account whether it has to set up a second factor before anything else (rule A19). It is called, under the
/// garage's lock, by whatever changes that.
pub fn demand_of(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let must_enrol = account.employment.is_some() && is_required(tx, account.id)? && !is_active(tx, account.id)?;
    let target = accounts::table.find(Key::from(account.id));
    diesel::update(target).set(accounts::must_enrol.eq(must_enrol)).execute(tx.conn)?;
    Ok(())
}

/// The same for all staff of a garage, which demands a second factor from now on, or no more.
pub fn demand_of_staff(tx: &mut Tx<'_>, garage: GarageId, is_required: bool) -> Result<(), StoreError> {
    let staff = accounts::table.filter(accounts::garage_id.eq(Key::from(garage)));
    let active =
        second_factors::table.filter(second_factors::confirmed_at.is_not_null()).select(second_factors::account_id);
    if is_required {
        let lacking = staff.filter(accounts::id.ne_all(active));
        diesel::update(lacking).set(accounts::must_enrol.eq(true)).execute(tx.conn)?;
    } else {
        diesel::update(staff).set(accounts::must_enrol.eq(false)).execute(tx.conn)?;
    }
    Ok(())
}

/// Until when a device is remembered that once opened this session; none when it is not, or not trusted any more (rule A21).
pub fn remembered_until(
    tx: &mut Tx<'_>,
    account: AccountId,
    session: SessionId,
) -> Result<Option<Instant>, StoreError> {
    let found: Option<Option<Time>> = sessions::table
        .find(Key::from(session))
        .filter(sessions::account_id.eq(Key::from(account)))
        .filter(sessions::is_distrusted.eq(false))
        .select(sessions::remembered_until)
        .first(tx.conn)
        .optional()?;
    Ok(found.flatten().map(|until| until.0))
}

/// Remembers the device of a session until then, or forgets it.
pub fn remember(tx: &mut Tx<'_>, session: SessionId, until: Option<Instant>) -> Result<(), StoreError> {
    let until = sessions::remembered_until.eq(until.map(Time));
    diesel::update(sessions::table.find(Key::from(session))).set(until).execute(tx.conn)?;
    Ok(())
}

fn forget_devices(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    let remembered = sessions::table
        .filter(sessions::account_id.eq(Key::from(account)))
        .filter(sessions::remembered_until.is_not_null());
    diesel::update(remembered).set(sessions::remembered_until.eq(None::<Time>)).execute(tx.conn)?;
    Ok(())
}
