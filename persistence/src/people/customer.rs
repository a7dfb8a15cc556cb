//! Customers: the records of a garage.

use crate::{
    connection::{insert_all, load_each},
    error::StoreError,
    page::{Page, PageRequest},
    passport, removal,
    row::{self, Reading, Stamps},
    schema::{customers, fleets, passports},
    scope::{Found, Scope},
    sql_types::{Day, Key, Time},
    store::Tx,
    suppression,
};
use diesel::prelude::*;
use domain::{
    Instant,
    customer::{
        Customer, CustomerKind, DrivingBehaviour, EmailSource, EmailSourceKind, PossibleDuplicate, SevereUse,
        SharedContact, VehicleUse,
    },
    ids::{CustomerId, GarageId, PassportId, SuppressionId},
    removal::Removal,
    value::{EmailAddress, PersonName, PhoneNumber, name_key, search_text, sort_key, sought_words},
};
use std::collections::BTreeSet;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    garage_id: Key,
    kind: String,
    name: String,
    name_key: String,
    search_key: String,
    email: Option<String>,
    email_key: Option<String>,
    mobile: Option<String>,
    street: Option<String>,
    postcode: Option<String>,
    place: Option<String>,
    country: String,
    language: String,
    km_per_year: Option<i64>,
    usage: Option<String>,
    accepts_promotions: bool,
    notes: Option<String>,
    version: i64,
    created_at: Time,
    updated_at: Time,
    severe_use: String,
    email_source: Option<String>,
    email_obtained_on: Option<Day>,
    objection_offered: Option<bool>,
    accepts_calls: bool,
    given_name: Option<String>,
    name_prefix: Option<String>,
    surname: Option<String>,
    sort_key: String,
}

impl Row {
    fn new(customer: &Customer, stamps: Stamps) -> Self {
        let email = customer.email.as_ref();
        let mobile = customer.mobile.as_ref().map(|mobile| mobile.as_str().to_owned());
        let address = &customer.address;
        let parts = customer.parts.as_ref();
        Self {
            id: customer.id.into(),
            garage_id: customer.garage_id.into(),
            kind: customer.kind.code().to_owned(),
            name: customer.name.clone(),
            name_key: name_key(&customer.name),
            search_key: search_text(
                &customer.name,
                email.map(EmailAddress::as_str),
                customer.mobile.as_ref(),
                address.postcode.as_deref(),
                address.place.as_deref(),
            ),
            email: email.map(|email| email.as_str().to_owned()),
            email_key: email.map(EmailAddress::key),
            mobile,
            street: address.street.clone(),
            postcode: address.postcode.clone(),
            place: address.place.clone(),
            country: address.country.as_str().to_owned(),
            language: customer.language.code().to_owned(),
            km_per_year: customer.driving.km_per_year,
            usage: customer.driving.usage.map(|usage| usage.code().to_owned()),
            accepts_promotions: customer.accepts_promotions,
            notes: customer.notes.clone(),
            version: customer.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
            severe_use: severe_use_text(&customer.driving.severe_use),
            email_source: customer.email_source.map(|source| source.how.code().to_owned()),
            email_obtained_on: customer.email_source.map(|source| Day(source.on)),
            objection_offered: customer.email_source.map(|source| source.objection_offered),
            accepts_calls: customer.accepts_calls,
            given_name: parts.and_then(|parts| parts.given.clone()),
            name_prefix: parts.and_then(|parts| parts.prefix.clone()),
            surname: parts.map(|parts| parts.surname.clone()),
            sort_key: sort_key(&customer.name, parts, address.country),
        }
    }

    fn read(self) -> Result<(Customer, Stamps), StoreError> {
        let reading = Reading { table: "customers", id: self.id.0 };
        let customer = Customer {
            id: self.id.into(),
            garage_id: self.garage_id.into(),
            kind: reading.column("kind", &self.kind, CustomerKind::from_code)?,
            name: self.name,
            parts: self.surname.map(|surname| PersonName { given: self.given_name, prefix: self.name_prefix, surname }),
            email: reading.optional("email", self.email.as_ref(), row::email)?,
            email_source: email_source(reading, (self.email_source, self.email_obtained_on, self.objection_offered))?,
            mobile: reading.optional("mobile", self.mobile.as_ref(), row::phone)?,
            address: row::address(reading, self.street, self.postcode, self.place, &self.country)?,
            language: reading.column("language", &self.language, row::language)?,
            driving: driving(reading, (self.km_per_year, self.usage, self.severe_use))?,
            accepts_promotions: self.accepts_promotions,
            accepts_calls: self.accepts_calls,
            notes: self.notes,
            version: self.version,
        };
        Ok((customer, Stamps::new(self.created_at, self.updated_at)))
    }
}

pub(crate) type SourceColumns = (Option<String>, Option<Day>, Option<bool>);

/// How an address was obtained. The table keeps all three columns or none.
pub(crate) fn email_source(
    reading: Reading,
    (how, on, objection_offered): SourceColumns,
) -> Result<Option<EmailSource>, StoreError> {
    let how = reading.optional("email_source", how.as_ref(), EmailSourceKind::from_code)?;
    let known = how.zip(on).zip(objection_offered);
    Ok(known.map(|((how, on), objection_offered)| EmailSource { how, on: on.0, objection_offered }))
}

/// The reasons as they are stored: their words, with commas between them.
fn severe_use_text(reasons: &BTreeSet<SevereUse>) -> String {
    reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>().join(",")
}

pub(crate) type DrivingColumns = (Option<i64>, Option<String>, String);

pub(crate) fn driving(
    reading: Reading,
    (km_per_year, usage, severe): DrivingColumns,
) -> Result<DrivingBehaviour, StoreError> {
    let words = severe.split(',').filter(|word| !word.is_empty());
    Ok(DrivingBehaviour {
        km_per_year,
        usage: reading.optional("usage", usage.as_ref(), VehicleUse::from_code)?,
        severe_use: words
            .map(|word| reading.column("severe_use", word, SevereUse::from_code))
            .collect::<Result<_, _>>()?,
    })
}

/// Where a list by name continues: after what this name is sorted by, and this id.
pub type NameKey = (String, CustomerId);

/// The garage whose customers a scope reaches. Only the garage's own staff see them.
fn garage_of(scope: &Scope) -> Option<Key> {
    match scope {
        Scope::Garage(garage) => Some((*garage).into()),
        Scope::Fleet(..) | Scope::Driver(..) | Scope::Session(..) | Scope::Nothing | Scope::System => None,
    }
}

/// Stores a new customer.
pub fn insert(tx: &mut Tx<'_>, customer: &Customer, now: Instant) -> Result<(), StoreError> {
    insert_all(tx, std::slice::from_ref(customer), now)
}

/// Stores new customers.
pub fn insert_all(tx: &mut Tx<'_>, new: &[Customer], now: Instant) -> Result<(), StoreError> {
    let stamps = Stamps { created_at: now, updated_at: now };
    let rows: Vec<Row> = new.iter().map(|customer| Row::new(customer, stamps)).collect();
    insert_all!(tx, customers::table, rows);
    Ok(())
}

/// Stores a changed customer, whom their passports may show otherwise now (rule LS2), unless someone else changed it since it was read.
pub fn update(tx: &mut Tx<'_>, customer: &Customer, stamps: Stamps, now: Instant) -> Result<Customer, StoreError> {
    type Shown = (String, Option<String>, Option<String>);
    let next = Customer { version: customer.version + 1, ..customer.clone() };
    let shown = (customers::name, customers::email, customers::mobile);
    let before: Option<Shown> =
        customers::table.find(Key::from(customer.id)).select(shown).first(tx.conn).optional()?;
    let target = customers::table
        .find(Key::from(customer.id))
        .filter(customers::garage_id.eq(Key::from(customer.garage_id)))
        .filter(customers::version.eq(customer.version));
    let row = Row::new(&next, Stamps { updated_at: now, ..stamps });
    let after = (row.name.clone(), row.email.clone(), row.mobile.clone());
    row::changed_one("customers", diesel::update(target).set(row).execute(tx.conn)?)?;
    let Some(before) = before else { return Ok(next) };
    if before != after {
        passport::touch(tx, passport::Shown::Customer(customer.id), now)?;
    }
    let left = before.1.filter(|email| after.1.as_ref() != Some(email));
    if let Some(left) = left.as_deref().and_then(row::email) {
        suppression::left_by_customer(tx, customer.garage_id, &left, now)?;
    }
    Ok(next)
}

/// Writes down how the e-mail of a record was obtained, of which that was not known.
pub fn write_source(
    tx: &mut Tx<'_>,
    garage: GarageId,
    id: CustomerId,
    source: EmailSource,
    now: Instant,
) -> Result<(), StoreError> {
    let target = customers::table
        .find(Key::from(id))
        .filter(customers::garage_id.eq(Key::from(garage)))
        .filter(customers::email_source.is_null());
    let rows = diesel::update(target)
        .set((
            customers::email_source.eq(Some(source.how.code())),
            customers::email_obtained_on.eq(Some(Day(source.on))),
            customers::objection_offered.eq(Some(source.objection_offered)),
            customers::version.eq(customers::version + 1),
            customers::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?;
    row::changed_one("customers", rows)
}

/// Remembers the objection that a customer made, for each address that the record has (rule ML3), or that there is none. The version
/// stays, since nobody changed what the record says.
pub fn remember_objection(tx: &mut Tx<'_>, id: CustomerId, objection: Option<SuppressionId>) -> Result<(), StoreError> {
    let target = customers::table.find(Key::from(id));
    diesel::update(target).set(customers::objection_id.eq(objection.map(Key::from))).execute(tx.conn)?;
    Ok(())
}

/// Deletes a record. Archived passports and closed fleets lose their reference to it, which changes them; the domain
/// refuses the deletion while passports in use or open fleets refer to it.
pub fn delete(tx: &mut Tx<'_>, customer: &Customer, now: Instant) -> Result<(), StoreError> {
    let id = Key::from(customer.id);
    diesel::update(passports::table.filter(passports::customer_id.eq(id)).filter(passports::status.eq("archived")))
        .set((
            passports::customer_id.eq(None::<Key>),
            passports::version.eq(passports::version + 1),
            passports::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?;
    diesel::update(fleets::table.filter(fleets::customer_id.eq(id)).filter(fleets::status.eq("closed")))
        .set((
            fleets::customer_id.eq(None::<Key>),
            fleets::version.eq(fleets::version + 1),
            fleets::updated_at.eq(Time(now)),
        ))
        .execute(tx.conn)?;
    let target = customers::table
        .find(id)
        .filter(customers::garage_id.eq(Key::from(customer.garage_id)))
        .filter(customers::version.eq(customer.version));
    row::changed_one("customers", diesel::delete(target).execute(tx.conn)?)?;
    if let Some(email) = &customer.email {
        suppression::left_by_customer(tx, customer.garage_id, email, now)?;
    }
    removal::insert_all(tx, &[Removal::of_customer(customer.id, customer.garage_id, now)])
}

/// A customer in scope.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: CustomerId) -> Result<Option<(Customer, Stamps)>, StoreError> {
    let Some(garage) = garage_of(scope) else {
        return Ok(None);
    };
    let query = customers::table.find(Key::from(id)).filter(customers::garage_id.eq(garage)).select(Row::as_select());
    query.first(tx.conn).optional()?.map(Row::read).transpose()
}

/// How the customer of a passport drives. It says how the car is used, which everyone who sees the car may know.
pub fn driving_of(tx: &mut Tx<'_>, passport: Found<PassportId>) -> Result<Option<DrivingBehaviour>, StoreError> {
    let found: Option<(Key, DrivingColumns)> = passports::table
        .inner_join(customers::table)
        .filter(passports::id.eq(Key::from(*passport)))
        .select((customers::id, (customers::km_per_year, customers::usage, customers::severe_use)))
        .first(tx.conn)
        .optional()?;
    found.map(|(id, columns)| driving(Reading { table: "customers", id: id.0 }, columns)).transpose()
}

/// The customers with these ids that are in scope.
pub fn find_all(tx: &mut Tx<'_>, scope: &Scope, ids: &[CustomerId]) -> Result<Vec<Customer>, StoreError> {
    let Some(garage) = garage_of(scope).filter(|_| !ids.is_empty()) else {
        return Ok(vec![]);
    };
    let ids: Vec<Key> = ids.iter().copied().map(Key::from).collect();
    let query = customers::table.filter(customers::id.eq_any(ids)).filter(customers::garage_id.eq(garage));
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.conn)?;
    rows.into_iter().map(|row| Ok(row.read()?.0)).collect()
}

/// The garage's records with these e-mails, the oldest first.
pub fn find_by_emails(tx: &mut Tx<'_>, garage: GarageId, emails: &[EmailAddress]) -> Result<Vec<Customer>, StoreError> {
    if emails.is_empty() {
        return Ok(vec![]);
    }
    // Each e-mail is asked for once, since it finds all its records.
    let keys: BTreeSet<String> = emails.iter().map(EmailAddress::key).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let of_garage = customers::table.filter(customers::garage_id.eq(Key::from(garage)));
    let rows: Vec<Row> = load_each!(tx, of_garage.select(Row::as_select()), customers::email_key in &keys);
    let mut found = rows.into_iter().map(|row| Ok(row.read()?.0)).collect::<Result<Vec<_>, StoreError>>()?;
    found.sort_by_key(|customer| customer.id);
    Ok(found)
}

/// The garage's records with these mobile numbers, the oldest first.
pub fn find_by_mobiles(
    tx: &mut Tx<'_>,
    garage: GarageId,
    mobiles: &[PhoneNumber],
) -> Result<Vec<Customer>, StoreError> {
    if mobiles.is_empty() {
        return Ok(vec![]);
    }
    let numbers: BTreeSet<&str> = mobiles.iter().map(PhoneNumber::as_str).collect();
    let numbers: Vec<&str> = numbers.into_iter().collect();
    let of_garage = customers::table.filter(customers::garage_id.eq(Key::from(garage)));
    let rows: Vec<Row> = load_each!(tx, of_garage.select(Row::as_select()), customers::mobile in &numbers);
    let mut found = rows.into_iter().map(|row| Ok(row.read()?.0)).collect::<Result<Vec<_>, StoreError>>()?;
    found.sort_by_key(|customer| customer.id);
    Ok(found)
}

/// The garage's record with this e-mail, the oldest if there are several.
pub fn find_by_email(tx: &mut Tx<'_>, garage: GarageId, email: &EmailAddress) -> Result<Option<Customer>, StoreError> {
    let row: Option<Row> = customers::table
        .filter(customers::garage_id.eq(Key::from(garage)))
        .filter(customers::email_key.eq(email.key()))
        .order(customers::id)
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row.map(Row::read).transpose()?.map(|(customer, _)| customer))
}

/// How many records that share an address are looked at: of an address of a whole company there may be many.
const MOST_SHARING: i64 = 200;

/// The other records of a customer's garage that have the same e-mail or mobile number (rule CU8), in one query.
pub fn sharing_contact(tx: &mut Tx<'_>, customer: &Customer) -> Result<Vec<PossibleDuplicate>, StoreError> {
    type Columns = (Key, String, Option<String>, Option<String>);
    let email = customer.email.as_ref().map(EmailAddress::key);
    let mobile = customer.mobile.as_ref().map(|mobile| mobile.as_str().to_owned());
    if email.is_none() && mobile.is_none() {
        return Ok(vec![]);
    }
    let found: Vec<Columns> = customers::table
        .filter(customers::garage_id.eq(Key::from(customer.garage_id)))
        .filter(customers::email_key.eq(email.clone()).or(customers::mobile.eq(mobile.clone())))
        .filter(customers::id.ne(Key::from(customer.id)))
        .limit(MOST_SHARING)
        .select((customers::id, customers::name, customers::email_key, customers::mobile))
        .load(tx.conn)?;
    let shared = |(id, name, email_key, number): Columns| {
        let own = (email.as_deref(), mobile.as_deref());
        let why = SharedContact::of(own, (email_key.as_deref(), number.as_deref()));
        PossibleDuplicate { id: id.into(), name, why }
    };
    Ok(found.into_iter().map(shared).collect())
}

/// The customers of all garages that have this e-mail, by garage, at most so many.
pub fn with_email(
    tx: &mut Tx<'_>,
    email: &EmailAddress,
    limit: i64,
) -> Result<Vec<(GarageId, CustomerId)>, StoreError> {
    let found: Vec<(Key, Key)> = customers::table
        .filter(customers::email_key.eq(email.key()))
        .order((customers::garage_id, customers::id))
        .limit(limit)
        .select((customers::garage_id, customers::id))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(garage, id)| (garage.into(), id.into())).collect())
}

/// What a customer is called; none when there is no such record any more.
pub fn name_of(tx: &mut Tx<'_>, id: CustomerId) -> Result<Option<String>, StoreError> {
    Ok(customers::table.find(Key::from(id)).select(customers::name).first(tx.conn).optional()?)
}

/// The customers by name, as the custom of their country sorts it (rule CU7). With `search`, those who have each of its words in their name, e-mail, mobile number, postal
/// code or place (rule CU5); nobody, when it has no word.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    search: Option<&str>,
    request: &PageRequest<NameKey>,
) -> Result<Page<(Customer, Stamps), NameKey>, StoreError> {
    let Some(garage) = garage_of(scope) else {
        return Ok(Page { items: vec![], next: None });
    };
    let mut query = customers::table
        .filter(customers::garage_id.eq(garage))
        .order((customers::sort_key, customers::id))
        .limit(request.sql_limit())
        .select(Row::as_select())
        .into_boxed();
    let words = search.map(sought_words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Page { items: vec![], next: None });
    }
    for word in words.unwrap_or_default() {
        query = query.filter(customers::search_key.like(format!("% {word}%")));
    }
    if let Some((name, id)) = &request.after {
        let later = customers::sort_key.eq(name.clone()).and(customers::id.gt(Key::from(*id)));
        query = query.filter(customers::sort_key.ge(name.clone()));
        query = query.filter(customers::sort_key.gt(name.clone()).or(later));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(customers::updated_at.ge(Time(since)));
    }
    let found: Vec<_> = query.load(tx.conn)?.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    let key = |customer: &Customer| sort_key(&customer.name, customer.parts.as_ref(), customer.address.country);
    Ok(request.page(found, |(customer, _)| (key(customer), customer.id)))
}

/// How many passports in use and open fleets refer to a record.
pub fn references(tx: &mut Tx<'_>, id: CustomerId) -> Result<(i64, i64), StoreError> {
    let id = Key::from(id);
    let in_use = passports::table.filter(passports::customer_id.eq(id)).filter(passports::status.ne("archived"));
    let open = fleets::table.filter(fleets::customer_id.eq(id)).filter(fleets::status.eq("open"));
    Ok((in_use.count().get_result(tx.conn)?, open.count().get_result(tx.conn)?))
}
