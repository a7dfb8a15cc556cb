//! What a link to leave off does.

use super::Unsubscribe;
use crate::{clock::new_id, command::record, notification::wire::name, problem::Problem};
use domain::{
    Instant,
    event::{Fact, Stream},
    ids::{CustomerId, GarageId},
    notification::Channel,
    suppression::Suppression,
    value::{EmailAddress, Language},
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
    /// Mails of a kind: what they are about.
    Kind(&'static str),
    /// The mailings of a garage: its name.
    Mailings(String),
}

/// A mailing's recipient.
struct Addressee {
    garage: GarageId,
    garage_name: String,
    customer: Option<CustomerId>,
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
        customer: customer.as_ref().map(|customer| customer.id),
        language: customer.map_or(garage.language, |customer| customer.language),
        email,
    }))
}

/// What a link is about (rule CH1). None when what it was for is no longer there.
pub fn look(tx: &mut Tx<'_>, what: Unsubscribe) -> Result<Option<Shown>, Problem> {
    if let Unsubscribe::Kind(account, kind) = what {
        let Some((account, _)) = store::account::find(tx, account)? else { return Ok(None) };
        let settings = store::notification::settings(tx, account.id)?;
        return Ok(Some(Shown {
            what: What::Kind(name(kind, account.language)),
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
            if store::account::find(tx, account)?.is_some() {
                let mut settings = store::notification::settings(tx, account)?;
                // What concerns the account itself cannot be left off, and has no such link.
                if settings.set(kind, Channel::Email, wanted).is_ok() {
                    store::notification::save_settings(tx, account, &settings)?;
                }
            }
        }
        Unsubscribe::Mailing(..) => object(tx, what, !wanted, now)?,
    }
    look(tx, what)
}

fn object(tx: &mut Tx<'_>, what: Unsubscribe, objects: bool, now: Instant) -> Result<(), Problem> {
    let Some(to) = addressee(tx, what)? else { return Ok(()) };
    let stream = Stream::Garage(to.garage);
    store::event::lock(tx, stream)?;
    let known = store::suppression::find_objection(tx, to.garage, &to.email)?;
    let fact = match (known, objects) {
        (None, true) => {
            let objection = Suppression::of_objection(new_id(), to.garage, to.email, now);
            store::suppression::insert(tx, &objection)?;
            Fact::MailingsObjected { customer_id: to.customer }
        }
        (Some(known), false) => {
            store::suppression::delete(tx, &known)?;
            Fact::MailingsObjectionWithdrawn { customer_id: to.customer }
        }
        (Some(_), true) | (None, false) => return Ok(()),
    };
    record(tx, stream, None, [fact], now)
}
