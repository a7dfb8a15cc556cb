//! What a link to leave off does.

use super::Unsubscribe;
use crate::{clock::new_id, command::record, problem::Problem};
use domain::{
    Instant,
    consequence::Template,
    customer::Customer,
    event::{Fact, Stream},
    ids::GarageId,
    notification::Channel,
    suppression::Suppression,
    value::{AccountKind, EmailAddress, Language},
};
use persistence::{self as store, Scope, Tx};

/// What someone can leave off, as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The kind of message, or the garage whose mailings they are.
    pub what: What,
    /// Whether it was left off already.
    pub is_off: bool,
    /// The language of who got the mail.
    pub language: Language,
}

/// What is left off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Mails of a kind, to an account of a kind.
    Kind(Template, AccountKind),
    /// The mailings of a garage: its name.
    Mailings(String),
}

/// A mailing's recipient.
struct Addressee {
    garage: GarageId,
    garage_name: String,
    customer: Option<Customer>,
    /// The address to which it went.
    email: EmailAddress,
    language: Language,
}

fn addressee(tx: &mut Tx<'_>, what: Unsubscribe) -> Result<Option<Addressee>, Problem> {
    let Unsubscribe::Mailing(mailing, car) = what else { return Ok(None) };
    let Some(garage) = store::apk_mailing::garage_of(tx, mailing)? else { return Ok(None) };
    let Some(recipient) = store::apk_mailing::find_recipient(tx, mailing, car)? else { return Ok(None) };
    let Some((garage, _)) = store::garage::find(tx, garage)? else { return Ok(None) };
    let customer = match recipient.customer {
        Some(id) => store::customer::find(tx, &Scope::Garage(garage.id), id)?.map(|(customer, _)| customer),
        None => None,
    };
    // The address to which it went is erased after some time.
    let email = recipient.email.or_else(|| customer.as_ref().and_then(|customer| customer.email.clone()));
    Ok(email.map(|email| Addressee {
        garage: garage.id,
        garage_name: garage.name,
        language: customer.as_ref().map_or(garage.language, |customer| customer.language),
        customer,
        email,
    }))
}

/// What a link is about (rule CH1). None when what it was for is no longer there.
pub fn look(tx: &mut Tx<'_>, what: Unsubscribe) -> Result<Option<Shown>, Problem> {
    if let Unsubscribe::Kind(account, kind) = what {
        let Some((account, _)) = store::account::find(tx, account)? else { return Ok(None) };
        let settings = store::notification::settings(tx, account.id)?;
        return Ok(Some(Shown {
            what: What::Kind(kind, account.kind),
            is_off: !settings.wants(kind, Channel::Email),
            language: account.language,
        }));
    }
    let Some(to) = addressee(tx, what)? else { return Ok(None) };
    let is_off = store::suppression::find_objection(tx, to.garage, &to.email)?.is_some();
    Ok(Some(Shown { what: What::Mailings(to.garage_name), is_off, language: to.language }))
}

/// Leaves off, or takes it back (rules CH1 and ML3). Once more changes nothing. An objection is the garage's to know: it is
/// recorded, without the address.
pub fn set(tx: &mut Tx<'_>, what: Unsubscribe, wanted: bool, now: Instant) -> Result<Option<Shown>, Problem> {
    match what {
        Unsubscribe::Kind(account, kind) => {
            if store::account::lock(tx, account)? {
                let mut settings = store::notification::settings(tx, account)?;
                // What concerns the account itself cannot be left off, and has no such link.
                if settings.set(kind, Channel::Email, wanted).is_ok() {
                    store::notification::save_setting(tx, account, kind, &settings)?;
                }
            }
        }
        Unsubscribe::Mailing(..) => object(tx, what, !wanted, now)?,
    }
    look(tx, what)
}

fn object(tx: &mut Tx<'_>, what: Unsubscribe, objects: bool, now: Instant) -> Result<(), Problem> {
    let Unsubscribe::Mailing(mailing, _) = what else { return Ok(()) };
    let Some(garage) = store::apk_mailing::garage_of(tx, mailing)? else { return Ok(()) };
    let stream = Stream::Garage(garage);
    // Before the customer is read, whose address may be changing at this moment.
    store::event::lock(tx, stream)?;
    let Some(to) = addressee(tx, what)? else { return Ok(()) };
    let is_new = if objects { objection(tx, &to, now)? } else { take_back(tx, &to, now)? };
    if !is_new {
        return Ok(());
    }
    let customer_id = to.customer.as_ref().map(|customer| customer.id);
    let fact =
        if objects { Fact::MailingsObjected { customer_id } } else { Fact::MailingsObjectionWithdrawn { customer_id } };
    record(tx, stream, None, [fact], now)
}

/// An objection belongs to who made it and to the address to which the mailing was sent (rule ML3): the record remembers it, and it
/// holds for the address that the garage has of them by now too. False when they objected before.
fn objection(tx: &mut Tx<'_>, to: &Addressee, now: Instant) -> Result<bool, Problem> {
    let known = store::suppression::find_objection(tx, to.garage, &to.email)?;
    let (made, is_new) = match known {
        None => {
            let made = Suppression::of_objection(new_id(), to.garage, to.email.clone(), now);
            store::suppression::insert(tx, &made)?;
            (made, true)
        }
        Some(known) => {
            // It came along with another customer, whom it still concerns: who reads mail here objects as well.
            let is_new = known.goes_with.is_some_and(|other| to.customer.as_ref().is_none_or(|own| own.id != other));
            if is_new {
                store::suppression::keep_here(tx, &known)?;
            }
            (known.into_inner(), is_new)
        }
    };
    let Some(customer) = &to.customer else { return Ok(is_new) };
    if store::suppression::find_objection_of(tx, customer)?.is_some() {
        return Ok(is_new);
    }
    store::customer::remember_objection(tx, customer.id, Some(made.id))?;
    if let Some(email) = &customer.email {
        store::suppression::insert(tx, &made.along_with(new_id(), customer.id, email.clone()))?;
    }
    Ok(is_new)
}

/// Takes an objection back, also where it went along. What someone else objected to at another address stays. False when there was
/// none.
fn take_back(tx: &mut Tx<'_>, to: &Addressee, now: Instant) -> Result<bool, Problem> {
    let here = store::suppression::find_objection(tx, to.garage, &to.email)?;
    if let (Some(here), Some(customer)) = (&here, &to.customer) {
        store::suppression::leave_to_others(tx, here, customer.id)?;
    }
    let mut is_gone = match &here {
        Some(here) => store::suppression::delete(tx, here, now)?,
        None => false,
    };
    let Some(customer) = &to.customer else { return Ok(is_gone) };
    let own = store::suppression::find_objection_of(tx, customer)?;
    // What they made at another address, to which no link of this mailing leads, is taken back there; here it only went along.
    let is_elsewhere = own.is_some() && here.is_none_or(|here| here.goes_with != Some(customer.id));
    if is_elsewhere {
        return Ok(is_gone);
    }
    if let Some(own) = own {
        is_gone |= store::suppression::delete(tx, &own, now)?;
    }
    is_gone |= store::suppression::leave(tx, customer, now)?;
    store::customer::remember_objection(tx, customer.id, None)?;
    Ok(is_gone)
}
