//! What the operations on customers do.

use super::wire::{Customer, CustomerQuery, NewCustomer, PossibleDuplicate, UpdateCustomer, parts_of};
use crate::{
    car_status::operations::refresh_customer,
    clock::{local_date, new_id},
    command::{Reply, Work},
    garage::{
        operations::today,
        wire::{TypedAddress, read_phone},
    },
    problem::{Code, FieldProblem, Place, Problem},
    wire::{Name, Patch, TypedPhone, is_more_gone},
};
use domain::{
    access::Action,
    customer::{Customer as DomainCustomer, CustomerKind, may_delete, possible_duplicates},
    event::{Fact, Stream},
    ids::{CustomerId, GarageId},
    invitation::{Invitation, Purpose},
    removal::FollowedList,
    suppression::Reasons,
    value::{self, PersonName},
};
use persistence::{self as store, Page, Stamps, removal::ListOf};

/// The customers (rules CU1, CU5, CU7 and LS1).
pub fn list(work: &mut Work<'_, '_>, query: &CustomerQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerRead)?;
    let scope = work.scope()?;
    let search = query.search.as_ref().map(|search| search.0.as_str());
    let gone = work.gone(query.list(), &[FollowedList::Customers], ListOf::Actor)?;
    let page = if is_more_gone(&gone) {
        Page { items: vec![], next: None }
    } else {
        store::customer::list(work.tx, &scope, search, &query.list().request()?)?
    };
    let page = with_reasons(work, garage, page)?;
    Reply::followed_page(query.list(), gone, page, |(customer, stamps, reasons)| {
        Customer::new(customer, stamps, &reasons, None)
    })
}

/// One customer (rules CU1 and CU8).
pub fn get(work: &mut Work<'_, '_>, id: CustomerId) -> Result<Reply, Problem> {
    work.require_staff(Action::CustomerRead)?;
    let scope = work.scope()?;
    let (customer, stamps) = store::customer::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    shown(work, customer, stamps)
}

/// Says of each customer of a page why its e-mail must not be written to, with one statement for all (rule CH3).
fn with_reasons<K>(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    page: Page<(DomainCustomer, Stamps), K>,
) -> Result<Page<(DomainCustomer, Stamps, Reasons), K>, Problem> {
    let emails: Vec<value::EmailAddress> = page.items.iter().filter_map(|(one, _)| one.email.clone()).collect();
    let mut reasons = store::suppression::of_emails(work.tx, Some(garage), &emails)?.into_iter();
    let mut of = |customer: &DomainCustomer| customer.email.as_ref().and_then(|_| reasons.next()).unwrap_or_default();
    let items = page.items.into_iter().map(|(customer, stamps)| {
        let reasons = of(&customer);
        (customer, stamps, reasons)
    });
    Ok(Page { items: items.collect(), next: page.next })
}

/// Why the e-mail of a customer must not be written to (rule CH3).
fn reasons(work: &mut Work<'_, '_>, customer: &DomainCustomer) -> Result<Reasons, Problem> {
    match &customer.email {
        Some(email) => Ok(store::suppression::of_email(work.tx, Some(customer.garage_id), email)?),
        None => Ok(Reasons::default()),
    }
}

/// A customer, with the records that may be of the same one (rule CU8).
fn with_duplicates(work: &mut Work<'_, '_>, customer: DomainCustomer, stamps: Stamps) -> Result<Customer, Problem> {
    let reasons = reasons(work, &customer)?;
    let duplicates = duplicates(work, &customer)?;
    Ok(Customer::new(customer, stamps, &reasons, Some(duplicates)))
}

/// The records that may be of the same customer as this one (rule CU8).
fn duplicates(work: &mut Work<'_, '_>, customer: &DomainCustomer) -> Result<Vec<PossibleDuplicate>, Problem> {
    let sharing = store::customer::sharing_contact(work.tx, customer)?;
    Ok(possible_duplicates(&customer.name, sharing).into_iter().map(PossibleDuplicate::from).collect())
}

/// A customer as the answer.
fn shown(work: &mut Work<'_, '_>, customer: DomainCustomer, stamps: Stamps) -> Result<Reply, Problem> {
    let version = customer.version;
    Ok(Reply::ok(&with_duplicates(work, customer, stamps)?)?.version(version))
}

/// Makes a record (rules CU1, CU3, CU4, CU6, CU7 and CU8).
pub fn create(work: &mut Work<'_, '_>, body: NewCustomer) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerChange)?;
    work.lock(garage)?;
    let customer = insert(work, garage, body, "")?;
    let (version, location) = (customer.version, format!("/v1/customers/{}", customer.id));
    let stamps = Stamps { created_at: work.now, updated_at: work.now };
    Ok(Reply::created(&with_duplicates(work, customer, stamps)?, location)?.version(version))
}

/// Stores a new record. `within` is the JSON pointer of the customer in the body.
fn insert(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    body: NewCustomer,
    within: &str,
) -> Result<DomainCustomer, Problem> {
    let (garage, _) = store::garage::find(work.tx, garage)?.ok_or(Code::NotFound)?;
    let today = local_date(work.now, &garage.time_zone);
    let customer = body.into_customer(new_id(), &garage, today, within)?;
    store::customer::insert(work.tx, &customer, work.now)?;
    work.record(Stream::Garage(garage.id), [Fact::CustomerCreated { customer_id: customer.id }])?;
    Ok(customer)
}

/// Stores the new record of a passport that is made together with its customer, and names those that may be of the same one
/// (rules P4 and CU8).
pub fn insert_beside(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    body: NewCustomer,
) -> Result<(DomainCustomer, Vec<PossibleDuplicate>), Problem> {
    let customer = insert(work, garage, body, "/customer")?;
    let duplicates = duplicates(work, &customer)?;
    Ok((customer, duplicates))
}

/// The record that the garage has of who is called so and has this e-mail, or else a new one, with those that may be of the same
/// customer (rule CU8): who asks again for a car makes no second record.
pub fn find_or_insert(
    work: &mut Work<'_, '_>,
    garage: GarageId,
    body: NewCustomer,
) -> Result<(DomainCustomer, Option<Vec<PossibleDuplicate>>), Problem> {
    if let Some(email) = &body.email {
        let known = store::customer::find_by_email(work.tx, garage, &email.0)?;
        if let Some(known) = known.filter(|known| value::search_key(&known.name) == value::search_key(&body.name.0)) {
            return Ok((known, None));
        }
    }
    let (customer, duplicates) = insert_beside(work, garage, body)?;
    Ok((customer, Some(duplicates)))
}

/// A customer, to be changed.
fn owned(work: &mut Work<'_, '_>, id: CustomerId) -> Result<(DomainCustomer, Stamps), Problem> {
    let garage = work.require_staff(Action::CustomerChange)?;
    work.lock(garage)?;
    let scope = work.scope()?;
    let (customer, stamps) = store::customer::find(work.tx, &scope, id)?.ok_or(Code::NotFound)?;
    work.require_version(customer.version)?;
    Ok((customer, stamps))
}

/// The links to activate the customer's passports die with the address to which they went, or whoever reads mail there
/// would become the owner of the cars. New ones go to the new address (rules P13 and A24).
fn correct_links(work: &mut Work<'_, '_>, customer: &DomainCustomer) -> Result<(), Problem> {
    let passports = store::invitation::revoke_of_customer(work.tx, customer.id, work.now)?;
    let Some(email) = &customer.email else { return Ok(()) };
    let (garage, now) = (customer.garage_id, work.now);
    let link = |passport| Invitation::new(new_id(), Purpose::Passport(passport), Some(garage), email.clone(), now);
    let links: Vec<Invitation> = passports.into_iter().map(link).collect();
    // One of them counts for all: a company's address can be corrected, however many cars it has.
    if let Some(first) = links.first() {
        work.count_mail(first)?;
    }
    work.invite_all(Stream::Garage(garage), links)
}

/// Whoever objected to the garage's mailings is not mailed at another address either (rule ML3): the objection goes along, and is
/// gone from the address that they leave, unless it was made there. What others objected to there is not theirs.
fn keep_objection(work: &mut Work<'_, '_>, before: &DomainCustomer, now: &DomainCustomer) -> Result<(), Problem> {
    store::suppression::leave(work.tx, before, work.now)?;
    if let Some(objection) = store::suppression::find_objection_of(work.tx, now)?
        && let Some(email) = &now.email
    {
        // Where there is one already, it was made there.
        store::suppression::insert(work.tx, &objection.along_with(new_id(), now.id, email.clone()))?;
    }
    Ok(())
}

/// The parts of a customer's name (rule CU7): as they were, with those that are given; or, when the name or the kind changed and
/// none is given, those into which the name can be split.
fn name_parts(
    customer: &DomainCustomer,
    before: &DomainCustomer,
    [given, prefix, surname]: [Patch<Option<Name>>; 3],
) -> Result<Option<PersonName>, Problem> {
    if customer.kind == CustomerKind::Company {
        let parts = [("/givenName", &given), ("/namePrefix", &prefix), ("/surname", &surname)];
        let sent = parts.into_iter().filter(|(_, part)| matches!(part, Patch::Value(Some(_))));
        let at = |pointer: &str| FieldProblem::new(Place::Body(pointer.to_owned()), "conflicts_with_other");
        let wrong: Vec<_> = sent.map(|(pointer, _)| at(pointer)).collect();
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
    }
    let is_renamed = (customer.kind, &customer.name) != (before.kind, &before.name);
    let is_given = [&given, &prefix, &surname].into_iter().any(|part| matches!(part, Patch::Value(_)));
    let known = before.parts.clone().filter(|_| !is_renamed);
    if !is_given {
        return Ok(known.or_else(|| parts_of(customer.kind, &customer.name).filter(|_| is_renamed)));
    }
    let known = known.map(|parts| (parts.given, parts.prefix, Some(parts.surname)));
    let (mut now_given, mut now_prefix, mut now_surname) = known.unwrap_or_default();
    for (part, now) in [(given, &mut now_given), (prefix, &mut now_prefix), (surname, &mut now_surname)] {
        part.apply_with(now, |name| name.map(Into::into));
    }
    match now_surname {
        None if now_given.is_none() && now_prefix.is_none() => Ok(None),
        None => Err(Problem::body("/surname", "required")),
        Some(surname) => Ok(Some(PersonName { given: now_given, prefix: now_prefix, surname })),
    }
}

/// Changes the address and the telephone number of a customer, as far as they are given (rules CU3 and CU4).
fn contact(
    work: &mut Work<'_, '_>,
    customer: &mut DomainCustomer,
    address: Patch<TypedAddress>,
    mobile: Patch<Option<TypedPhone>>,
) -> Result<(), Problem> {
    let mut wrong = vec![];
    let before = customer.address.country;
    address.apply_with(&mut customer.address, |address| address.read("/address", before, &mut wrong));
    match mobile {
        Patch::Absent => {}
        Patch::Value(None) => customer.mobile = None,
        Patch::Value(Some(typed)) => {
            let (garage, _) = store::garage::find(work.tx, customer.garage_id)?.ok_or(Code::NotFound)?;
            let countries = [customer.address.country, garage.address.country];
            customer.mobile = read_phone(&typed, &countries, "/mobile".to_owned(), &mut wrong);
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(wrong)) }
}

/// Changes a record (rules CU1, CU3, CU4, CU6, CU7, CU8 and P13).
pub fn update(work: &mut Work<'_, '_>, id: CustomerId, body: UpdateCustomer) -> Result<Reply, Problem> {
    let (before, stamps) = owned(work, id)?;
    let mut customer = before.clone();
    body.kind.apply_with(&mut customer.kind, |kind| kind.0);
    body.name.apply(&mut customer.name);
    customer.parts = name_parts(&customer, &before, [body.given_name, body.name_prefix, body.surname])?;
    body.email.apply_with(&mut customer.email, |email| email.map(|email| email.0));
    if customer.email != before.email {
        // Nobody knows yet how the garage got the new one.
        customer.email_source = None;
    }
    if let Patch::Value(source) = &body.email_source {
        let today = today(work, customer.garage_id)?;
        customer.email_source = source.as_ref().map(|source| source.check(today, "")).transpose()?;
    }
    if customer.email.is_none() {
        customer.email_source = None;
    }
    contact(work, &mut customer, body.address, body.mobile)?;
    body.language.apply(&mut customer.language);
    body.driving_behaviour.apply(&mut customer.driving);
    body.accepts_promotions.apply(&mut customer.accepts_promotions);
    body.accepts_calls.apply(&mut customer.accepts_calls);
    body.notes.apply_with(&mut customer.notes, |notes| notes.map(|notes| notes.0));
    if customer.is_same(&before) {
        return shown(work, customer, stamps);
    }
    let customer = store::customer::update(work.tx, &customer, stamps, work.now)?;
    work.record(Stream::Garage(customer.garage_id), [Fact::CustomerChanged { customer_id: id }])?;
    if customer.email != before.email {
        keep_objection(work, &before, &customer)?;
        correct_links(work, &customer)?;
    }
    if customer.driving != before.driving {
        refresh_customer(work, customer.garage_id, id)?;
    }
    let stamps = Stamps { updated_at: work.now, ..stamps };
    shown(work, customer, stamps)
}

/// Deletes a record (rules CU1 and CU2).
pub fn delete(work: &mut Work<'_, '_>, id: CustomerId) -> Result<Reply, Problem> {
    let (customer, _) = owned(work, id)?;
    let (passports, fleets) = store::customer::references(work.tx, id)?;
    may_delete(passports, fleets)?;
    store::suppression::leave(work.tx, &customer, work.now)?;
    store::customer::delete(work.tx, &customer, work.now)?;
    work.record(Stream::Garage(customer.garage_id), [Fact::CustomerDeleted { customer_id: id }])?;
    Ok(Reply::nothing())
}
