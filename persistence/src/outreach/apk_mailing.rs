//! The APK mailings of garages, and what became of each car in them (rules ML2 and ML4).

use crate::{
    connection::AnyConnection,
    error::StoreError,
    page::{Page, PageRequest, page_by_id},
    removal,
    row::{self, Reading, Stamps},
    schema::{apk_mailing_recipients, apk_mailings, customers, jobs, passports},
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{count_star, exists, not, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    Date, Instant,
    apk_mailing::{ApkMailing, LeftOut, MailingStatus, MailingText, Outcome, Selection},
    ids::{ApkMailingId, CustomerId, GarageId, PassportId, VehicleId},
    licence_plate::LicencePlate,
    removal::Removal,
    value::EmailAddress,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = apk_mailings, treat_none_as_null = true)]
struct Row {
    id: Key,
    garage_id: Key,
    status: String,
    subject: String,
    body: String,
    expires_from: Day,
    expires_until: Day,
    forced: String,
    send_at: Option<Time>,
    begun_at: Option<Time>,
    ended_at: Option<Time>,
    created_by: Key,
    version: i64,
    created_at: Time,
    updated_at: Time,
}

impl Row {
    fn new(mailing: &ApkMailing, stamps: Stamps) -> Self {
        let forced: Vec<String> = mailing.selection.forced().iter().map(ToString::to_string).collect();
        Self {
            id: mailing.id.into(),
            garage_id: mailing.garage_id.into(),
            status: mailing.status.code().to_owned(),
            subject: mailing.text.subject().to_owned(),
            body: mailing.text.body().to_owned(),
            expires_from: Day(mailing.selection.from()),
            expires_until: Day(mailing.selection.until()),
            forced: forced.join(","),
            send_at: mailing.send_at.map(Time),
            begun_at: mailing.begun_at.map(Time),
            ended_at: mailing.ended_at.map(Time),
            created_by: mailing.created_by.into(),
            version: mailing.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
        }
    }

    fn read(self) -> Result<Stamped, StoreError> {
        let reading = Reading { table: "apk_mailings", id: self.id.0 };
        let forced = self.forced.split(',').filter(|id| !id.is_empty());
        let forced = forced.map(|id| reading.column("forced", id, |id| Uuid::parse_str(id).ok().map(PassportId)));
        let mailing = ApkMailing {
            id: self.id.into(),
            garage_id: self.garage_id.into(),
            status: reading.column("status", &self.status, MailingStatus::from_code)?,
            text: MailingText::stored(self.subject, self.body),
            selection: Selection::stored(
                self.expires_from.0,
                self.expires_until.0,
                forced.collect::<Result<BTreeSet<_>, _>>()?,
            ),
            send_at: self.send_at.map(|at| at.0),
            begun_at: self.begun_at.map(|at| at.0),
            ended_at: self.ended_at.map(|at| at.0),
            created_by: self.created_by.into(),
            version: self.version,
        };
        Ok((mailing, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// A mailing with the times at which it was made and last changed.
pub type Stamped = (ApkMailing, Stamps);

/// Stores a new mailing.
pub fn insert(tx: &mut Tx<'_>, mailing: &ApkMailing, now: Instant) -> Result<(), StoreError> {
    let row = Row::new(mailing, Stamps { created_at: now, updated_at: now });
    diesel::insert_into(apk_mailings::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed mailing, unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, mailing: &ApkMailing, stamps: Stamps, now: Instant) -> Result<ApkMailing, StoreError> {
    let next = ApkMailing { version: mailing.version + 1, ..mailing.clone() };
    let target = apk_mailings::table
        .find(Key::from(mailing.id))
        .filter(apk_mailings::garage_id.eq(Key::from(mailing.garage_id)))
        .filter(apk_mailings::version.eq(mailing.version));
    let row = Row::new(&next, Stamps { updated_at: now, ..stamps });
    row::changed_one("apk_mailings", diesel::update(target).set(row).execute(tx.conn)?)?;
    Ok(next)
}

/// Deletes a mailing that never began.
pub fn delete(tx: &mut Tx<'_>, mailing: &ApkMailing, now: Instant) -> Result<(), StoreError> {
    let target = apk_mailings::table
        .find(Key::from(mailing.id))
        .filter(apk_mailings::garage_id.eq(Key::from(mailing.garage_id)))
        .filter(apk_mailings::version.eq(mailing.version));
    row::changed_one("apk_mailings", diesel::delete(target).execute(tx.conn)?)?;
    removal::insert_all(tx, &[Removal::of_mailing(mailing.id, mailing.garage_id, now)])
}

/// One of a garage's mailings.
pub fn find(tx: &mut Tx<'_>, garage: GarageId, id: ApkMailingId) -> Result<Option<Stamped>, StoreError> {
    let of_garage = apk_mailings::table.find(Key::from(id)).filter(apk_mailings::garage_id.eq(Key::from(garage)));
    let row: Option<Row> = of_garage.select(Row::as_select()).first(tx.conn).optional()?;
    row.map(Row::read).transpose()
}

/// The garage whose mailing it is. Its lock is taken before the mailing is read to be changed.
pub fn garage_of(tx: &mut Tx<'_>, id: ApkMailingId) -> Result<Option<GarageId>, StoreError> {
    let found: Option<Key> =
        apk_mailings::table.find(Key::from(id)).select(apk_mailings::garage_id).first(tx.conn).optional()?;
    Ok(found.map(Into::into))
}

/// A garage's mailings, the newest first.
pub fn list(
    tx: &mut Tx<'_>,
    garage: GarageId,
    statuses: &[MailingStatus],
    request: &PageRequest<ApkMailingId>,
) -> Result<Page<Stamped, ApkMailingId>, StoreError> {
    let mut query =
        apk_mailings::table.filter(apk_mailings::garage_id.eq(Key::from(garage))).select(Row::as_select()).into_boxed();
    if !statuses.is_empty() {
        query = query.filter(apk_mailings::status.eq_any(statuses.iter().map(|status| status.code())));
    }
    let query = page_by_id!(query, apk_mailings, request, true);
    let rows: Vec<Row> = query.load(tx.conn)?;
    let found = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(found, |(mailing, _)| mailing.id))
}

/// A car of a mailing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The car's passport.
    pub passport: PassportId,
    /// The vehicle, which is the same when its passport was made anew.
    pub vehicle: VehicleId,
    /// Who had it, by the garage's records.
    pub customer: Option<CustomerId>,
    /// The address to which it goes or went; none when there was none, and after some time.
    pub email: Option<EmailAddress>,
    /// The last day of the APK of which the mail tells.
    pub expires_on: Date,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was left out.
    pub left_out: Option<LeftOut>,
    /// Whether the garage wanted this car mailed once more.
    pub is_forced: bool,
    /// The job that sends it.
    pub job: Option<Uuid>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = apk_mailing_recipients, treat_none_as_default_value = false)]
struct RecipientRow {
    mailing_id: Key,
    passport_id: Key,
    vehicle_id: Key,
    customer_id: Option<Key>,
    email: Option<String>,
    expires_on: Day,
    outcome: String,
    left_out: Option<String>,
    is_mailed: bool,
    is_forced: bool,
    job_id: Option<Key>,
    updated_at: Time,
    email_key: Option<String>,
}

impl RecipientRow {
    fn new(mailing: ApkMailingId, recipient: &Recipient, now: Instant) -> Self {
        Self {
            mailing_id: mailing.into(),
            passport_id: recipient.passport.into(),
            vehicle_id: recipient.vehicle.into(),
            customer_id: recipient.customer.map(Key::from),
            email: recipient.email.as_ref().map(|email| email.as_str().to_owned()),
            expires_on: Day(recipient.expires_on),
            outcome: recipient.outcome.code().to_owned(),
            left_out: recipient.left_out.map(|reason| reason.code().to_owned()),
            is_mailed: recipient.outcome.claims(),
            is_forced: recipient.is_forced,
            job_id: recipient.job.map(Key),
            updated_at: now.into(),
            email_key: recipient.email.as_ref().map(EmailAddress::key),
        }
    }

    fn read(self) -> Result<Recipient, StoreError> {
        let reading = Reading { table: "apk_mailing_recipients", id: self.passport_id.0 };
        Ok(Recipient {
            passport: self.passport_id.into(),
            vehicle: self.vehicle_id.into(),
            customer: self.customer_id.map(Into::into),
            email: reading.optional("email", self.email.as_ref(), row::email)?,
            expires_on: self.expires_on.0,
            outcome: reading.column("outcome", &self.outcome, Outcome::from_code)?,
            left_out: reading.optional("left_out", self.left_out.as_ref(), LeftOut::from_code)?,
            is_forced: self.is_forced,
            job: self.job_id.map(|id| id.0),
        })
    }
}

/// Stores cars of a mailing. A car that is in it already is left as it is, so it does not matter how often this is done.
/// Returns those that are new.
pub fn insert_recipients(
    tx: &mut Tx<'_>,
    mailing: ApkMailingId,
    new: Vec<Recipient>,
    now: Instant,
) -> Result<Vec<Recipient>, StoreError> {
    let mut stored = vec![];
    for one in new {
        let insert = diesel::insert_into(apk_mailing_recipients::table).values(RecipientRow::new(mailing, &one, now));
        let key = (apk_mailing_recipients::mailing_id, apk_mailing_recipients::passport_id);
        let rows = match &mut *tx.conn {
            AnyConnection::Postgres(conn) => insert.on_conflict(key).do_nothing().execute(conn)?,
            AnyConnection::Sqlite(conn) => insert.on_conflict(key).do_nothing().execute(conn)?,
        };
        stored.extend((rows == 1).then_some(one));
    }
    Ok(stored)
}

/// A car of a mailing.
pub fn find_recipient(
    tx: &mut Tx<'_>,
    mailing: ApkMailingId,
    car: PassportId,
) -> Result<Option<Recipient>, StoreError> {
    let row: Option<RecipientRow> = apk_mailing_recipients::table
        .find((Key::from(mailing), Key::from(car)))
        .select(RecipientRow::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(RecipientRow::read).transpose()
}

/// Writes down what became of a car of a mailing.
pub fn update_recipient(
    tx: &mut Tx<'_>,
    mailing: ApkMailingId,
    recipient: &Recipient,
    now: Instant,
) -> Result<(), StoreError> {
    let row = RecipientRow::new(mailing, recipient, now);
    // A report that it came back can have been read meanwhile, without the garage's lock: then all is decided anew.
    let target = apk_mailing_recipients::table
        .find((row.mailing_id, row.passport_id))
        .filter(apk_mailing_recipients::outcome.ne(Outcome::Failed.code()));
    let rows = diesel::update(target)
        .set((
            apk_mailing_recipients::customer_id.eq(row.customer_id),
            apk_mailing_recipients::email.eq(row.email),
            apk_mailing_recipients::email_key.eq(row.email_key),
            apk_mailing_recipients::outcome.eq(row.outcome),
            apk_mailing_recipients::left_out.eq(row.left_out),
            apk_mailing_recipients::is_mailed.eq(row.is_mailed),
            apk_mailing_recipients::updated_at.eq(row.updated_at),
        ))
        .execute(tx.conn)?;
    row::changed_one("apk_mailing_recipients", rows)
}

/// Notes that all cars of a mailing are known.
pub fn mark_complete(tx: &mut Tx<'_>, id: ApkMailingId) -> Result<(), StoreError> {
    diesel::update(apk_mailings::table.find(Key::from(id))).set(apk_mailings::is_complete.eq(true)).execute(tx.conn)?;
    Ok(())
}

/// Whether all cars of a mailing are known, and none of them waits.
pub fn is_dealt_with(tx: &mut Tx<'_>, id: ApkMailingId) -> Result<bool, StoreError> {
    let waits = apk_mailing_recipients::table
        .filter(apk_mailing_recipients::mailing_id.eq(apk_mailings::id))
        .filter(sql::<Bool>("apk_mailing_recipients.outcome = 'waiting'"));
    let done =
        apk_mailings::table.find(Key::from(id)).filter(apk_mailings::is_complete.eq(true)).filter(not(exists(waits)));
    Ok(diesel::select(exists(done)).get_result(tx.conn)?)
}

/// Nothing goes out any more to those that wait, except what is under way to the mail server at this moment: what becomes of that
/// is written down when it is known. Returns how many.
pub fn stop_waiting(tx: &mut Tx<'_>, mailing: ApkMailingId, now: Instant) -> Result<usize, StoreError> {
    let under_way =
        jobs::table.filter(jobs::id.nullable().eq(apk_mailing_recipients::job_id)).filter(jobs::state.eq("running"));
    let waiting = apk_mailing_recipients::table
        .filter(apk_mailing_recipients::mailing_id.eq(Key::from(mailing)))
        .filter(sql::<Bool>("apk_mailing_recipients.outcome = 'waiting'"))
        .filter(not(exists(under_way)));
    Ok(diesel::update(waiting)
        .set((
            apk_mailing_recipients::outcome.eq(Outcome::Stopped.code()),
            apk_mailing_recipients::is_mailed.eq(false),
            apk_mailing_recipients::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?)
}

/// Of cars whose job was put away, nobody knows whether the mail went out. Returns how many there were.
pub fn settle_lost(tx: &mut Tx<'_>, now: Instant) -> Result<usize, StoreError> {
    let lost: Vec<(Key, Key)> = apk_mailing_recipients::table
        .inner_join(jobs::table.on(jobs::id.nullable().eq(apk_mailing_recipients::job_id)))
        .filter(sql::<Bool>("apk_mailing_recipients.outcome = 'waiting'"))
        .filter(jobs::state.eq("dead"))
        .select((apk_mailing_recipients::mailing_id, apk_mailing_recipients::passport_id))
        .limit(row::BATCH)
        .load(tx.conn)?;
    for (mailing, car) in &lost {
        let still_waits = apk_mailing_recipients::table
            .find((*mailing, *car))
            .filter(apk_mailing_recipients::outcome.eq(Outcome::Waiting.code()));
        diesel::update(still_waits)
            .set((
                apk_mailing_recipients::outcome.eq(Outcome::Unknown.code()),
                apk_mailing_recipients::updated_at.eq(Time(now)),
            ))
            .execute(tx.conn)?;
    }
    Ok(lost.len())
}

/// Mailings that were to begin before a moment and have not.
pub fn list_late(tx: &mut Tx<'_>, before: Instant, limit: i64) -> Result<Vec<ApkMailingId>, StoreError> {
    let late = apk_mailings::table
        .filter(sql::<Bool>("apk_mailings.status IN ('scheduled', 'sending')"))
        .filter(apk_mailings::status.eq(MailingStatus::Scheduled.code()))
        .filter(apk_mailings::send_at.lt(Time(before)))
        .order(apk_mailings::id)
        .limit(limit)
        .select(apk_mailings::id);
    let found: Vec<Key> = late.load(tx.conn)?;
    Ok(found.into_iter().map(Into::into).collect())
}

/// A mail has come back, so the car does not count as mailed, and can be mailed at another address. It may not have been written
/// down yet that it went out, or nobody may have known.
pub fn mark_bounced(tx: &mut Tx<'_>, job: Uuid, now: Instant) -> Result<bool, StoreError> {
    let went_out = [Outcome::Sent, Outcome::Unknown, Outcome::Waiting].map(Outcome::code);
    let sent = apk_mailing_recipients::table
        .filter(apk_mailing_recipients::job_id.eq(Some(Key(job))))
        .filter(apk_mailing_recipients::outcome.eq_any(went_out));
    let rows = diesel::update(sent)
        .set((
            apk_mailing_recipients::outcome.eq(Outcome::Failed.code()),
            apk_mailing_recipients::is_mailed.eq(Outcome::Failed.claims()),
            apk_mailing_recipients::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?;
    Ok(rows == 1)
}

/// Mailings that are being sent and of which no car waits any more, all of whose cars are known.
pub fn list_finished(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(GarageId, ApkMailingId)>, StoreError> {
    let waits = apk_mailing_recipients::table
        .filter(apk_mailing_recipients::mailing_id.eq(apk_mailings::id))
        .filter(sql::<Bool>("apk_mailing_recipients.outcome = 'waiting'"));
    let found: Vec<(Key, Key)> = apk_mailings::table
        .filter(sql::<Bool>("apk_mailings.status IN ('scheduled', 'sending')"))
        .filter(apk_mailings::status.eq(MailingStatus::Sending.code()))
        .filter(apk_mailings::is_complete.eq(true))
        .filter(not(exists(waits)))
        .order(apk_mailings::id)
        .limit(limit)
        .select((apk_mailings::garage_id, apk_mailings::id))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(garage, id)| (garage.into(), id.into())).collect())
}

/// How many cars of each mailing have each outcome.
pub fn counts(
    tx: &mut Tx<'_>,
    mailings: &[ApkMailingId],
) -> Result<BTreeMap<ApkMailingId, BTreeMap<Outcome, i64>>, StoreError> {
    let keys: Vec<Key> = mailings.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<(Key, String, i64)> = apk_mailing_recipients::table
        .filter(apk_mailing_recipients::mailing_id.eq_any(keys))
        .group_by((apk_mailing_recipients::mailing_id, apk_mailing_recipients::outcome))
        .select((apk_mailing_recipients::mailing_id, apk_mailing_recipients::outcome, count_star()))
        .load(tx.conn)?;
    let mut counts: BTreeMap<ApkMailingId, BTreeMap<Outcome, i64>> = BTreeMap::new();
    for (mailing, outcome, count) in found {
        let reading = Reading { table: "apk_mailing_recipients", id: mailing.0 };
        let outcome = reading.column("outcome", &outcome, Outcome::from_code)?;
        counts.entry(mailing.into()).or_default().insert(outcome, count);
    }
    Ok(counts)
}

/// A car of a mailing as it is listed: with its plate, the name of its customer now, and when something last happened.
#[derive(Clone, Debug)]
pub struct RecipientView {
    /// The car of the mailing.
    pub recipient: Recipient,
    /// The plate.
    pub plate: LicencePlate,
    /// The name of the customer, as long as there is the record.
    pub customer_name: Option<String>,
    /// When the outcome was written down.
    pub at: Instant,
}

/// The cars of a mailing, in the order of their passports.
pub fn list_recipients(
    tx: &mut Tx<'_>,
    mailing: ApkMailingId,
    outcomes: &[Outcome],
    request: &PageRequest<PassportId>,
) -> Result<Page<RecipientView, PassportId>, StoreError> {
    type Columns = (RecipientRow, (String, String, Option<String>), Option<String>);
    let mut query = apk_mailing_recipients::table
        .inner_join(passports::table)
        .left_join(customers::table.on(customers::id.nullable().eq(apk_mailing_recipients::customer_id)))
        .filter(apk_mailing_recipients::mailing_id.eq(Key::from(mailing)))
        .order(apk_mailing_recipients::passport_id)
        .limit(request.sql_limit())
        .select((
            RecipientRow::as_select(),
            (passports::country, passports::plate, passports::plate_typed),
            customers::name.nullable(),
        ))
        .into_boxed();
    if !outcomes.is_empty() {
        query = query.filter(apk_mailing_recipients::outcome.eq_any(outcomes.iter().map(|outcome| outcome.code())));
    }
    if let Some(after) = request.after {
        query = query.filter(apk_mailing_recipients::passport_id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(apk_mailing_recipients::updated_at.ge(Time(since)));
    }
    let rows: Vec<Columns> = query.load(tx.conn)?;
    let read = |(row, (country, plate, typed), customer_name): Columns| {
        let reading = Reading { table: "passports", id: row.passport_id.0 };
        let at = row.updated_at.0;
        Ok(RecipientView {
            recipient: row.read()?,
            plate: row::plate(reading, &country, &plate, typed)?,
            customer_name,
            at,
        })
    };
    let found = rows.into_iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(found, |view| view.recipient.passport))
}

/// The letters of a garage's mailings to these addresses that wait, or of which something became since a moment: the address in the
/// form in which addresses are compared, the mailing and the car.
pub fn letters_to(
    tx: &mut Tx<'_>,
    garage: GarageId,
    emails: &[EmailAddress],
    since: Instant,
) -> Result<Vec<(String, ApkMailingId, PassportId)>, StoreError> {
    let keys: BTreeSet<String> = emails.iter().map(EmailAddress::key).collect();
    let found: Vec<(Option<String>, Key, Key)> = apk_mailing_recipients::table
        .inner_join(apk_mailings::table)
        .filter(apk_mailing_recipients::email_key.eq_any(keys))
        // Written as in the index, so that the database sees that it can use it.
        .filter(sql::<Bool>("apk_mailing_recipients.is_mailed"))
        .filter(
            apk_mailing_recipients::outcome
                .eq(Outcome::Waiting.code())
                .or(apk_mailing_recipients::updated_at.gt(Time(since))),
        )
        .filter(apk_mailings::garage_id.eq(Key::from(garage)))
        .select((
            apk_mailing_recipients::email_key,
            apk_mailing_recipients::mailing_id,
            apk_mailing_recipients::passport_id,
        ))
        .load(tx.conn)?;
    let read = |(email, mailing, car): (Option<String>, Key, Key)| Some((email?, mailing.into(), car.into()));
    Ok(found.into_iter().filter_map(read).collect())
}

/// Erases the addresses of mails that went out before a moment, a limited number at a time. Returns how many.
pub fn erase_addresses(tx: &mut Tx<'_>, before: Instant) -> Result<usize, StoreError> {
    let old: Vec<(Key, Key)> = apk_mailing_recipients::table
        .filter(sql::<Bool>("apk_mailing_recipients.email IS NOT NULL"))
        .filter(apk_mailing_recipients::updated_at.lt(Time(before)))
        .select((apk_mailing_recipients::mailing_id, apk_mailing_recipients::passport_id))
        .limit(row::BATCH)
        .load(tx.conn)?;
    for (mailing, car) in &old {
        diesel::update(apk_mailing_recipients::table.find((*mailing, *car)))
            .set((
                apk_mailing_recipients::email.eq(None::<String>),
                apk_mailing_recipients::email_key.eq(None::<String>),
            ))
            .execute(tx.conn)?;
    }
    Ok(old.len())
}
