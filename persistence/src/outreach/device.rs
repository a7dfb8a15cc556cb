//! Devices that receive push messages (rule CH2).

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    removal,
    row::Reading,
    schema::{accounts, devices, sessions},
    session::{OpenAt, is_open},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    device::{Device, DeviceKind, MOST_DEVICES},
    ids::{AccountId, DeviceId, SessionId},
    removal::Removal,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = devices)]
struct Row {
    id: Key,
    session_id: Key,
    account_id: Key,
    kind: String,
    registered_at: Time,
}

impl Row {
    fn new(device: &Device) -> Self {
        Self {
            id: device.id.into(),
            session_id: device.session.into(),
            account_id: device.account.into(),
            kind: device.kind.code().to_owned(),
            registered_at: device.registered_at.into(),
        }
    }

    fn read(self) -> Result<Device, StoreError> {
        let reading = Reading { table: "devices", id: self.id.0 };
        Ok(Device {
            id: self.id.into(),
            account: self.account_id.into(),
            session: self.session_id.into(),
            kind: reading.column("kind", &self.kind, DeviceKind::from_code)?,
            registered_at: self.registered_at.0,
        })
    }
}

/// A device as its account sees it: with what it signed in, and when it was last there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDevice {
    /// The device.
    pub device: Device,
    /// The `User-Agent` with which its session began.
    pub user_agent: Option<String>,
    /// When its session was last used.
    pub last_used_at: Instant,
}

/// Where a device is reached, as it is stored.
#[derive(Clone, Debug)]
pub struct StoredTarget {
    /// A keyed hash of the address or token.
    pub hash: Vec<u8>,
    /// The address or token with its keys, sealed.
    pub sealed: Vec<u8>,
}

/// The devices whose session has not ended, of accounts that have not either.
macro_rules! reachable {
    ($open:expr) => {
        devices::table
            .inner_join(sessions::table.inner_join(accounts::table))
            .filter(is_open!($open))
            .filter(accounts::status.eq("active"))
    };
}

/// Devices with their accounts, as what is gone from the lists of those.
fn gone(found: Vec<(Key, Key)>, now: Instant) -> Vec<Removal> {
    found.into_iter().map(|(id, account)| Removal::of_device(id.into(), account.into(), now)).collect()
}

/// The devices of sessions that end, as what is gone from the lists of their accounts.
pub(crate) fn gone_with(tx: &mut Tx<'_>, sessions: &[SessionId], now: Instant) -> Result<Vec<Removal>, StoreError> {
    let keys: Vec<Key> = sessions.iter().map(|id| Key::from(*id)).collect();
    let theirs = devices::table.filter(devices::session_id.eq_any(keys));
    Ok(gone(theirs.select((devices::id, devices::account_id)).load(tx.conn)?, now))
}

/// Stores a device. One with the same target goes, whoever had it: it is the same device with someone else signed in. And when
/// an account has too many, those that were registered first go.
pub fn register(tx: &mut Tx<'_>, device: &Device, target: &StoredTarget) -> Result<(), StoreError> {
    // Of two at the same moment the second counts the device of the first one too.
    crate::account::lock(tx, device.account)?;
    let same = devices::table.filter(devices::target_hash.eq(&target.hash));
    let mut left = gone(same.select((devices::id, devices::account_id)).load(tx.conn)?, device.registered_at);
    diesel::delete(devices::table.filter(devices::target_hash.eq(&target.hash))).execute(tx.conn)?;
    let known: Vec<Key> = devices::table
        .filter(devices::account_id.eq(Key::from(device.account)))
        .order(devices::id.desc())
        .select(devices::id)
        .load(tx.conn)?;
    let too_many: Vec<Key> = known.into_iter().skip(MOST_DEVICES - 1).collect();
    if !too_many.is_empty() {
        let own = Key::from(device.account);
        left.extend(gone(too_many.iter().map(|id| (*id, own)).collect(), device.registered_at));
        diesel::delete(devices::table.filter(devices::id.eq_any(too_many))).execute(tx.conn)?;
    }
    let stored = (devices::target_hash.eq(&target.hash), devices::sealed_target.eq(&target.sealed));
    diesel::insert_into(devices::table).values((Row::new(device), stored)).execute(tx.conn)?;
    removal::insert_all(tx, &left)
}

/// The devices of an account on which it is signed in, those first that were registered first.
pub fn list(
    tx: &mut Tx<'_>,
    account: AccountId,
    open: OpenAt,
    request: &PageRequest<DeviceId>,
) -> Result<Page<ListedDevice, DeviceId>, StoreError> {
    let mut query = reachable!(open)
        .filter(devices::account_id.eq(Key::from(account)))
        .order(devices::id)
        .limit(request.sql_limit())
        .select((Row::as_select(), sessions::user_agent, sessions::last_used_at))
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(devices::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(devices::registered_at.ge(Time(since)));
    }
    let found: Vec<Listed> = query.load(tx.conn)?;
    let found: Vec<ListedDevice> = found.into_iter().map(read_listed).collect::<Result<_, _>>()?;
    Ok(request.page(found, |listed| listed.device.id))
}

type Listed = (Row, Option<String>, Time);

fn read_listed((row, user_agent, last_used_at): Listed) -> Result<ListedDevice, StoreError> {
    Ok(ListedDevice { device: row.read()?, user_agent, last_used_at: last_used_at.0 })
}

/// A device that was registered, as its account sees it.
pub fn find_listed(tx: &mut Tx<'_>, id: DeviceId) -> Result<Option<ListedDevice>, StoreError> {
    let found: Option<Listed> = devices::table
        .inner_join(sessions::table)
        .filter(devices::id.eq(Key::from(id)))
        .select((Row::as_select(), sessions::user_agent, sessions::last_used_at))
        .first(tx.conn)
        .optional()?;
    found.map(read_listed).transpose()
}

/// The devices of these accounts on which they are signed in.
pub fn list_of_all(tx: &mut Tx<'_>, accounts: &[AccountId], open: OpenAt) -> Result<Vec<Device>, StoreError> {
    let keys: Vec<Key> = accounts.iter().map(|id| Key::from(*id)).collect();
    let found = reachable!(open).filter(devices::account_id.eq_any(keys)).order(devices::id).select(Row::as_select());
    found.load(tx.conn)?.into_iter().map(Row::read).collect()
}

/// A device, if its account is still signed in on it, with its sealed target.
pub fn find(tx: &mut Tx<'_>, id: DeviceId, open: OpenAt) -> Result<Option<(Device, Vec<u8>)>, StoreError> {
    let found: Option<(Row, Vec<u8>)> = reachable!(open)
        .filter(devices::id.eq(Key::from(id)))
        .select((Row::as_select(), devices::sealed_target))
        .first(tx.conn)
        .optional()?;
    found.map(|(row, sealed)| Ok((row.read()?, sealed))).transpose()
}

/// Deletes a device of an account. False when it has no such device.
pub fn delete(tx: &mut Tx<'_>, account: AccountId, id: DeviceId, now: Instant) -> Result<bool, StoreError> {
    // That of a session that has ended is gone already, and was told.
    let open = sessions::table.filter(sessions::id.eq(devices::session_id)).filter(sessions::ended_at.is_null());
    let own = devices::table
        .filter(devices::id.eq(Key::from(id)))
        .filter(devices::account_id.eq(Key::from(account)))
        .filter(diesel::dsl::exists(open));
    let is_deleted = diesel::delete(own).execute(tx.conn)? == 1;
    if is_deleted {
        removal::insert_all(tx, &[Removal::of_device(id, account, now)])?;
    }
    Ok(is_deleted)
}
