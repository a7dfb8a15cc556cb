//! Accounts, and the actor that a session stands for.

use crate::{
    connection::{AnyConnection, insert_all},
    error::StoreError,
    fleet,
    page::{Page, PageRequest},
    passport, removal,
    row::{self, Reading, Stamps},
    schema::{accounts, fleets, sessions},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    access::{Actor, Identity, Standing},
    account::{Account, AccountStatus, Employment},
    ids::{AccountId, GarageId, SessionId},
    removal::Removal,
    value::{AccountKind, EmailAddress, StaffRole},
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = accounts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: Key,
    kind: String,
    email: String,
    email_key: Option<String>,
    name: String,
    language: String,
    status: String,
    garage_id: Option<Key>,
    role: Option<String>,
    password_hash: Option<String>,
    version: i64,
    created_at: Time,
    updated_at: Time,
    is_email_confirmed: bool,
}

impl Row {
    fn new(account: &Account, stamps: Stamps) -> Self {
        Self {
            id: account.id.into(),
            kind: account.kind.code().to_owned(),
            email: account.email.as_str().to_owned(),
            email_key: (account.status != AccountStatus::Ended).then(|| account.email.key()),
            name: account.name.clone(),
            language: account.language.code().to_owned(),
            status: account.status.code().to_owned(),
            garage_id: account.employment.map(|work| work.garage_id.into()),
            role: account.employment.map(|work| work.role.code().to_owned()),
            password_hash: account.password_hash.clone(),
            version: account.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
            is_email_confirmed: account.email_confirmed,
        }
    }

    fn read(self) -> Result<(Account, Stamps), StoreError> {
        let reading = Reading { table: "accounts", id: self.id.0 };
        let role = reading.optional("role", self.role.as_ref(), StaffRole::from_code)?;
        let account = Account {
            id: self.id.into(),
            kind: reading.column("kind", &self.kind, AccountKind::from_code)?,
            email: reading.column("email", &self.email, row::email)?,
            email_confirmed: self.is_email_confirmed,
            name: self.name,
            language: reading.column("language", &self.language, row::language)?,
            status: reading.column("status", &self.status, AccountStatus::from_code)?,
            employment: self.garage_id.zip(role).map(|(garage, role)| Employment { garage_id: garage.into(), role }),
            password_hash: self.password_hash,
            version: self.version,
        };
        Ok((account, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// Stores a new account.
pub fn insert(tx: &mut Tx<'_>, account: &Account, now: Instant) -> Result<(), StoreError> {
    insert_all(tx, std::slice::from_ref(account), now)
}

/// Stores new accounts.
pub fn insert_all(tx: &mut Tx<'_>, new: &[Account], now: Instant) -> Result<(), StoreError> {
    let stamps = Stamps { created_at: now, updated_at: now };
    let rows: Vec<Row> = new.iter().map(|account| Row::new(account, stamps)).collect();
    insert_all!(tx, accounts::table, rows);
    Ok(())
}

/// What passports show of their driver, and a fleet of its account: name, e-mail, status and whether the e-mail is confirmed.
type Shown = (String, String, String, bool);

/// That of an account as it is stored; none of accounts that neither passports nor fleets show.
fn shown(tx: &mut Tx<'_>, account: &Account) -> Result<Option<Shown>, StoreError> {
    match account.kind {
        AccountKind::Driver | AccountKind::Fleet => {}
        AccountKind::Staff | AccountKind::Platform => return Ok(None),
    }
    let columns = (accounts::name, accounts::email, accounts::status, accounts::is_email_confirmed);
    Ok(accounts::table.find(Key::from(account.id)).select(columns).first(tx.conn).optional()?)
}

/// Stores a changed account, which passports and its fleet may show otherwise now (rule LS2), unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, account: &Account, stamps: Stamps, now: Instant) -> Result<Account, StoreError> {
    let next = Account { version: account.version + 1, ..account.clone() };
    let before = shown(tx, account)?;
    let target = accounts::table.find(Key::from(account.id)).filter(accounts::version.eq(account.version));
    let row = Row::new(&next, Stamps { updated_at: now, ..stamps });
    let after = (row.name.clone(), row.email.clone(), row.status.clone(), row.is_email_confirmed);
    row::changed_one("accounts", diesel::update(target).set(row).execute(tx.conn)?)?;
    if before.is_some_and(|before| before != after) {
        match account.kind {
            AccountKind::Driver => passport::touch(tx, passport::Shown::Driver(account.id), now)?,
            AccountKind::Fleet => fleet::touch_of_account(tx, account.id, now)?,
            AccountKind::Staff | AccountKind::Platform => {}
        }
    }
    // An account that has ended is not changed any more.
    if let (Some(work), AccountStatus::Ended) = (account.employment, account.status) {
        removal::insert_all(tx, &[Removal::of_staff(account.id, work.garage_id, now)])?;
    }
    Ok(next)
}

/// Locks an account until the end of the transaction, so that of two commands that replace rows of one account the second reads
/// what the first one left. False when there is no such account.
pub fn lock(tx: &mut Tx<'_>, id: AccountId) -> Result<bool, StoreError> {
    let account = accounts::table.find(Key::from(id)).select(accounts::id);
    let found: Option<Key> = match &mut *tx.conn {
        AnyConnection::Postgres(conn) => account.for_no_key_update().first(conn).optional()?,
        // There a transaction that writes is alone from its beginning.
        AnyConnection::Sqlite(conn) => account.first(conn).optional()?,
    };
    Ok(found.is_some())
}

/// An account by its id: the holder's own, or one that a thing in scope refers to.
pub fn find(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<(Account, Stamps)>, StoreError> {
    let row = accounts::table.find(Key::from(id)).select(Row::as_select()).first(tx.conn).optional()?;
    row.map(Row::read).transpose()
}

/// The account with this e-mail, on the whole platform (rule A1): the one that has confirmed it or, if there is none, the
/// one that has not (rule A4).
pub fn find_by_email(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Option<(Account, Stamps)>, StoreError> {
    for key in keys(email) {
        let query = accounts::table
            .filter(accounts::email_key.eq(key))
            .order(accounts::is_email_confirmed.desc())
            .select(Row::as_select());
        if let Some(row) = query.first(tx.conn).optional()? {
            return row.read().map(Some);
        }
    }
    Ok(None)
}

/// The driver's account with this e-mail.
pub fn find_driver_by_email(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Option<AccountId>, StoreError> {
    let query = accounts::table
        .filter(accounts::email_key.eq_any(keys(email)))
        .filter(accounts::kind.eq(AccountKind::Driver.code()))
        .select(accounts::id);
    Ok(query.first::<Key>(tx.conn).optional()?.map(Into::into))
}

/// The account that holds this e-mail, and has not confirmed it (rule A4).
pub fn find_unconfirmed(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Option<(Account, Stamps)>, StoreError> {
    let query = accounts::table
        .filter(accounts::email_key.eq_any(keys(email)))
        .filter(accounts::is_email_confirmed.eq(false))
        .select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose()
}

/// The account that has confirmed this e-mail (rules A1 and A4).
pub fn find_confirmed(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<Option<AccountId>, StoreError> {
    let query = accounts::table
        .filter(accounts::email_key.eq_any(keys(email)))
        .filter(accounts::is_email_confirmed.eq(true))
        .select(accounts::id);
    Ok(query.first::<Key>(tx.conn).optional()?.map(Into::into))
}

/// Whether an account has this e-mail, confirmed or not (rules A1 and F3).
pub fn email_in_use(tx: &mut Tx<'_>, email: &EmailAddress) -> Result<bool, StoreError> {
    for key in keys(email) {
        let query = diesel::select(diesel::dsl::exists(accounts::table.filter(accounts::email_key.eq(key))));
        if query.get_result(tx.conn)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The keys under which an account with this e-mail can be: as it was typed, if two accounts of one mailbox were made before
/// its spellings were one, and today's.
fn keys(email: &EmailAddress) -> impl Iterator<Item = String> + use<> {
    email.former_key().into_iter().chain([email.key()])
}

/// The e-mails that must differ from an account's by rule F2: for a fleet's account the manager's, for a driver those
/// of their fleets.
pub fn counterpart_emails(tx: &mut Tx<'_>, account: &Account) -> Result<Vec<EmailAddress>, StoreError> {
    let id = Key::from(account.id);
    let found: Vec<(Key, String)> = match account.kind {
        AccountKind::Fleet => fleets::table
            .inner_join(accounts::table.on(accounts::id.eq(fleets::manager_account_id)))
            .filter(fleets::account_id.eq(id))
            .select((accounts::id, accounts::email))
            .load(tx.conn)?,
        AccountKind::Driver => fleets::table
            .inner_join(accounts::table.on(accounts::id.eq(fleets::account_id)))
            .filter(fleets::manager_account_id.eq(id))
            .filter(fleets::status.eq("open"))
            .select((accounts::id, accounts::email))
            .load(tx.conn)?,
        AccountKind::Staff | AccountKind::Platform => vec![],
    };
    found
        .into_iter()
        .map(|(id, email)| Reading { table: "accounts", id: id.0 }.column("email", &email, row::email))
        .collect()
}

/// Who acts through a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The actor.
    pub actor: Actor,
    /// Whether they have to set up a second factor before anything else (rule A19).
    pub must_enrol: bool,
}

/// The actor that a session stands for now; none when the session or the account has ended (rule A2).
pub fn actor(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Actor>, StoreError> {
    Ok(holder(tx, session)?.map(|holder| holder.actor))
}

/// The same, with whether they may act already.
pub fn holder(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<Holder>, StoreError> {
    type Found = (Key, String, String, Option<Key>, Option<String>, Option<Key>, bool);
    let found: Option<Found> = sessions::table
        .inner_join(accounts::table.left_join(fleets::table.on(fleets::account_id.eq(accounts::id))))
        .filter(sessions::id.eq(Key::from(session)))
        .filter(sessions::ended_at.is_null())
        .filter(accounts::status.eq("active"))
        .select((
            accounts::id,
            accounts::kind,
            accounts::email,
            accounts::garage_id,
            accounts::role,
            fleets::id.nullable(),
            accounts::must_enrol,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((id, kind, email, garage, role, fleet, must_enrol)) = found else {
        return Ok(None);
    };
    let reading = Reading { table: "accounts", id: id.0 };
    let role = reading.optional("role", role.as_ref(), StaffRole::from_code)?;
    let standing = match (reading.column("kind", &kind, AccountKind::from_code)?, garage, role, fleet) {
        (AccountKind::Driver, ..) => Standing::Driver(id.into(), reading.column("email", &email, row::email)?),
        (AccountKind::Platform, ..) => Standing::Platform,
        (AccountKind::Staff, Some(garage), Some(role), _) => Standing::Staff(garage.into(), role),
        (AccountKind::Fleet, _, _, Some(fleet)) => Standing::Fleet(fleet.into(), id.into()),
        (AccountKind::Staff | AccountKind::Fleet, ..) => return Err(reading.corrupt("kind", kind)),
    };
    Ok(Some(Holder { actor: Actor { by: Identity::Account(id.into()), standing }, must_enrol }))
}

/// A colleague of a garage who has not left.
pub fn find_staff(tx: &mut Tx<'_>, garage: GarageId, id: AccountId) -> Result<Option<(Account, Stamps)>, StoreError> {
    let query = accounts::table
        .find(Key::from(id))
        .filter(accounts::garage_id.eq(Key::from(garage)))
        .filter(accounts::status.ne("ended"))
        .select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose()
}

/// The colleagues of a garage who have not left, in the order in which they were added.
pub fn list_staff(
    tx: &mut Tx<'_>,
    garage: GarageId,
    request: &PageRequest<AccountId>,
) -> Result<Page<(Account, Stamps), AccountId>, StoreError> {
    let mut query = accounts::table
        .filter(accounts::garage_id.eq(Key::from(garage)))
        .filter(accounts::status.ne("ended"))
        .order(accounts::id)
        .limit(request.sql_limit())
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = request.after {
        query = query.filter(accounts::id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(accounts::updated_at.ge(Time(since)));
    }
    let found: Vec<_> = query.load(tx.conn)?.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    Ok(request.page(found, |(account, _)| account.id))
}

/// How many admins of a garage can sign in, not counting one account.
pub fn other_admins(tx: &mut Tx<'_>, garage: GarageId, except: AccountId) -> Result<usize, StoreError> {
    let count: i64 = accounts::table
        .filter(accounts::garage_id.eq(Key::from(garage)))
        .filter(accounts::role.eq(StaffRole::Admin.code()))
        .filter(accounts::status.eq(AccountStatus::Active.code()))
        .filter(accounts::id.ne(Key::from(except)))
        .count()
        .get_result(tx.conn)?;
    Ok(usize::try_from(count).unwrap_or(0))
}
