//! The cars of a garage by the day on which their APK expires, with whom to write to (rule ML1).

use crate::{
    connection::on_each,
    customer,
    error::StoreError,
    page::{Page, PageRequest},
    passport::by_plate_or_name,
    row::{self, Reading},
    schema::{apk_mailing_recipients, apk_mailings, customers, passports, service_records},
    sql_types::{Day, Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, max, not, sql},
    prelude::*,
    sql_types::Bool,
};
use domain::{
    Date, Instant,
    customer::EmailSource,
    ids::{ApkMailingId, CustomerId, GarageId, PassportId, VehicleId},
    licence_plate::{LicencePlate, normalise},
    passport::PassportStatus,
    value::{EmailAddress, Language, PhoneNumber, search_key},
};
use std::collections::HashMap;

/// A car of the list.
#[derive(Clone, Debug)]
pub struct ApkCar {
    /// Its passport.
    pub passport: PassportId,
    /// The vehicle, for its history.
    pub vehicle: VehicleId,
    /// Its plate.
    pub plate: LicencePlate,
    /// Its make.
    pub make: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Whether its driver has activated the passport.
    pub status: PassportStatus,
    /// The last day on which its APK is valid.
    pub expires_on: Option<Date>,
    /// The garage's record of who has the car.
    pub customer: Option<ApkCustomer>,
}

/// The customer of a car of the list, as far as it matters for writing to them.
#[derive(Clone, Debug)]
pub struct ApkCustomer {
    /// The record.
    pub id: CustomerId,
    /// The name of the person or company.
    pub name: String,
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The mobile phone number.
    pub mobile: Option<PhoneNumber>,
    /// The language of messages to them.
    pub language: Language,
    /// Whether they agreed to receive promotions.
    pub accepts_promotions: bool,
    /// Whether they agreed to be called.
    pub accepts_calls: bool,
    /// How the address was obtained, if that is known.
    pub email_source: Option<EmailSource>,
}

/// That a car was mailed for an expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailed {
    /// The mailing.
    pub mailing: ApkMailingId,
    /// The garage whose mailing it is.
    pub garage: GarageId,
    /// When it went out, or when it was decided that it goes out.
    pub at: Instant,
    /// When it last was because the garage wanted the car mailed once more; none when it never was.
    pub again_at: Option<Instant>,
}

/// Which cars the list has.
#[derive(Clone, Debug)]
pub struct ApkListFilter {
    /// The first day of expiry.
    pub from: Date,
    /// The last day of expiry.
    pub until: Date,
    /// Only cars that were mailed for this expiry, or only those that were not.
    pub mailed: Option<bool>,
    /// A part of a plate, or the beginnings of words in the customer's name.
    pub search: Option<String>,
    /// Whether those that expire last come first.
    pub latest_first: bool,
}

/// Where the list continues: after this day and passport.
pub type ApkKey = (Date, PassportId);

type CarColumns = (Key, Key, (String, String, Option<String>), Option<String>, Option<String>, String, Option<Day>);
type CustomerColumns = (Key, String, Option<String>, Option<String>, String, (bool, bool), customer::SourceColumns);

macro_rules! cars {
    ($garage:expr) => {
        passports::table
            .left_join(customers::table)
            .filter(passports::garage_id.eq(Key::from($garage)))
            // Written as in the index, so that the database sees that it can use it.
            .filter(sql::<Bool>("passports.status <> 'archived'"))
            .select((
                (
                    passports::id,
                    passports::vehicle_id,
                    (passports::country, passports::plate, passports::plate_typed),
                    passports::make,
                    passports::model,
                    passports::status,
                    passports::apk_due_on,
                ),
                (
                    customers::id,
                    customers::name,
                    customers::email,
                    customers::mobile,
                    customers::language,
                    (customers::accepts_promotions, customers::accepts_calls),
                    (customers::email_source, customers::email_obtained_on, customers::objection_offered),
                )
                    .nullable(),
            ))
    };
}

fn read((car, customer): (CarColumns, Option<CustomerColumns>)) -> Result<ApkCar, StoreError> {
    let (id, vehicle, (country, plate, typed), make, model, status, expires_on) = car;
    let reading = Reading { table: "passports", id: id.0 };
    Ok(ApkCar {
        passport: id.into(),
        vehicle: vehicle.into(),
        plate: row::plate(reading, &country, &plate, typed)?,
        make,
        model,
        status: reading.column("status", &status, PassportStatus::from_code)?,
        expires_on: expires_on.map(|day| day.0),
        customer: customer.map(read_customer).transpose()?,
    })
}

fn read_customer(
    (id, name, email, mobile, language, (accepts_promotions, accepts_calls), source): CustomerColumns,
) -> Result<ApkCustomer, StoreError> {
    let reading = Reading { table: "customers", id: id.0 };
    Ok(ApkCustomer {
        id: id.into(),
        name,
        email: reading.optional("email", email.as_ref(), row::email)?,
        mobile: reading.optional("mobile", mobile.as_ref(), row::phone)?,
        language: reading.column("language", &language, row::language)?,
        accepts_promotions,
        accepts_calls,
        email_source: customer::email_source(reading, source)?,
    })
}

/// The cars of a garage whose APK expires on these days, by day.
pub fn list(
    tx: &mut Tx<'_>,
    garage: GarageId,
    filter: &ApkListFilter,
    request: &PageRequest<ApkKey>,
) -> Result<Page<ApkCar, ApkKey>, StoreError> {
    let found: Vec<(CarColumns, Option<CustomerColumns>)> = on_each!(tx, connection, Db => {
        let due = passports::apk_due_on;
        let mut query = cars!(garage)
            .filter(due.is_not_null())
            .filter(due.ge(Day(filter.from)))
            .filter(due.le(Day(filter.until)))
            .limit(request.sql_limit())
            .into_boxed::<Db>();
        if let Some((day, id)) = request.after {
            let (day, id) = (Day(day), Key::from(id));
            query = if filter.latest_first {
                query.filter(due.le(day)).filter(due.lt(day).or(passports::id.nullable().lt(id)))
            } else {
                query.filter(due.ge(day)).filter(due.gt(day).or(passports::id.nullable().gt(id)))
            };
        }
        if let Some(is_mailed) = filter.mailed {
            let mailed = || exists(
                apk_mailing_recipients::table
                    .filter(apk_mailing_recipients::vehicle_id.eq(passports::vehicle_id))
                    .filter(apk_mailing_recipients::expires_on.nullable().eq(due))
                    .filter(sql::<Bool>("apk_mailing_recipients.is_mailed")),
            );
            query = if is_mailed { query.filter(mailed()) } else { query.filter(not(mailed())) };
        }
        if let Some(search) = &filter.search {
            query = by_plate_or_name!(query, search, true, former: false);
        }
        if let Some(since) = request.updated_since {
            query = query.filter(passports::updated_at.ge(Time(since)));
        }
        let query = if filter.latest_first {
            query.order((due.desc(), passports::id.desc()))
        } else {
            query.order((due, passports::id))
        };
        query.load(connection)?
    });
    let cars = found.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(cars, |car| (car.expires_on.unwrap_or(Date::MAX), car.passport)))
}

/// One of the garage's cars, whenever its APK expires; none when the garage does not keep it, or not any more.
pub fn find(tx: &mut Tx<'_>, garage: GarageId, car: PassportId) -> Result<Option<ApkCar>, StoreError> {
    let found: Option<(CarColumns, Option<CustomerColumns>)> =
        cars!(garage).filter(passports::id.eq(Key::from(car))).first(tx.conn).optional()?;
    found.map(read).transpose()
}

/// When each of these vehicles was last at the garage, by the records of work.
pub fn last_visits(
    tx: &mut Tx<'_>,
    garage: GarageId,
    vehicles: &[VehicleId],
) -> Result<HashMap<VehicleId, Date>, StoreError> {
    let keys: Vec<Key> = vehicles.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<(Key, Option<Day>)> = service_records::table
        .filter(service_records::vehicle_id.eq_any(keys))
        .filter(service_records::garage_id.eq(Key::from(garage)))
        .filter(service_records::origin.eq("garage"))
        .group_by(service_records::vehicle_id)
        .select((service_records::vehicle_id, max(service_records::done_on)))
        .load(tx.conn)?;
    Ok(found.into_iter().filter_map(|(id, day)| Some((id.into(), day?.0))).collect())
}

/// Which of these cars were mailed for the expiry that they have now (rule ML4), by another mailing than `except`.
pub fn mailed(
    tx: &mut Tx<'_>,
    cars: &[ApkCar],
    except: Option<ApkMailingId>,
) -> Result<HashMap<PassportId, Mailed>, StoreError> {
    /// The vehicle, its expiry, the mailing and its garage; when what became of it was written down, and whether it was forced.
    type Found = (Key, Day, Key, Key, (Time, bool));
    // By vehicle: the car is the same when its passport was made anew.
    let days: HashMap<VehicleId, (PassportId, Date)> =
        cars.iter().filter_map(|car| Some((car.vehicle, (car.passport, car.expires_on?)))).collect();
    let keys: Vec<Key> = days.keys().map(|id| Key::from(*id)).collect();
    let found: Vec<Found> = apk_mailing_recipients::table
        .inner_join(apk_mailings::table)
        .filter(apk_mailing_recipients::vehicle_id.eq_any(keys))
        .filter(sql::<Bool>("apk_mailing_recipients.is_mailed"))
        .select((
            apk_mailing_recipients::vehicle_id,
            apk_mailing_recipients::expires_on,
            apk_mailing_recipients::mailing_id,
            apk_mailings::garage_id,
            (apk_mailing_recipients::updated_at, apk_mailing_recipients::is_forced),
        ))
        .load(tx.conn)?;
    let mut latest: HashMap<PassportId, Mailed> = HashMap::new();
    for (vehicle, expires_on, mailing, garage, (at, is_forced)) in found {
        let Some((car, day)) = days.get(&vehicle.into()).copied() else { continue };
        let again_at = is_forced.then_some(at.0);
        let mailed = Mailed { mailing: mailing.into(), garage: garage.into(), at: at.0, again_at };
        if Some(mailed.mailing) == except || day != expires_on.0 {
            continue;
        }
        let known = latest.get(&car).copied();
        let again_at = mailed.again_at.max(known.and_then(|known| known.again_at));
        let last = known.filter(|known| known.at >= mailed.at).unwrap_or(mailed);
        latest.insert(car, Mailed { again_at, ..last });
    }
    Ok(latest)
}
