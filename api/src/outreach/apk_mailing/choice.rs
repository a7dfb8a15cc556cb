//! Which cars are mailed, and why the others are not: the same for the list, the preview and the sending.

use crate::problem::Problem;
use domain::{
    Date, Instant,
    apk_mailing::{AGAIN_AFTER, Candidate, LeftOut, Selection, decide},
    consequence::Class,
    customer::may_be_mailed,
    ids::{ApkMailingId, GarageId, PassportId},
    suppression::{Reasons, SuppressionReason},
    value::EmailAddress,
};
use persistence::{
    self as store, Tx,
    apk_list::{ApkCar, Mailed},
};
use std::collections::{HashMap, HashSet};

/// A car with what was decided about it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The car.
    pub car: ApkCar,
    /// Why it is left out; none when it is mailed.
    pub left_out: Option<LeftOut>,
    /// The mailing that told of the expiry which the car has now.
    pub mailed: Option<Mailed>,
}

/// How many letters of a garage's mailings each mailbox got lately or is to get, the letters that are chosen at this moment among
/// them (rule ML4). Addresses that mean the same mailbox count together.
#[derive(Debug, Default)]
pub struct Mailboxes(HashMap<String, usize>);

/// Decides about cars of a garage (rules ML2 to ML4), with three statements for all of them. What `own`, the mailing itself,
/// has sent does not count.
pub fn choose(
    tx: &mut Tx<'_>,
    garage: GarageId,
    cars: Vec<ApkCar>,
    (selection, own): (&Selection, Option<ApkMailingId>),
    (mailboxes, now): (&mut Mailboxes, Instant),
) -> Result<Vec<Choice>, Problem> {
    let mut mailed = store::apk_list::mailed(tx, &cars, own)?;
    let reasons = reasons(tx, garage, &cars)?;
    let before = letters(tx, garage, &cars, own, now)?;
    let mut decided = vec![];
    for car in cars {
        let mailed = mailed.remove(&car.passport);
        let known = reasons.get(&car.passport).cloned().unwrap_or_default();
        let mailbox = car.customer.as_ref().and_then(|customer| customer.email.as_ref()).map(EmailAddress::key);
        let chosen = mailbox.as_ref().map_or(0, |key| mailboxes.0.get(key).copied().unwrap_or(0));
        let letters = chosen + mailbox.as_ref().map_or(0, |key| before.get(key).copied().unwrap_or(0));
        let left_out = left_out(&car, &known, (selection, None), (mailed, letters), now);
        // A list chooses nothing.
        if let Some(key) = mailbox.filter(|_| left_out.is_none() && own.is_some()) {
            *mailboxes.0.entry(key).or_default() += 1;
        }
        // Which mailing it was is told to the garage that sent it.
        let mailed = mailed.filter(|mailed| mailed.garage == garage);
        decided.push(Choice { car, left_out, mailed });
    }
    Ok(decided)
}

/// Decides about one car again, when its letter is about to be sent; `chosen_for` is the expiry for which it was chosen.
pub fn choose_again(
    tx: &mut Tx<'_>,
    garage: GarageId,
    car: &ApkCar,
    selection: &Selection,
    (own, chosen_for): (ApkMailingId, Date),
    now: Instant,
) -> Result<Option<LeftOut>, Problem> {
    let cars = std::slice::from_ref(car);
    let mailed = store::apk_list::mailed(tx, cars, Some(own))?.remove(&car.passport);
    let known = reasons(tx, garage, cars)?.remove(&car.passport).unwrap_or_default();
    // The customer may have another address by now, whose mailbox has enough.
    let letters = letters(tx, garage, cars, Some(own), now)?.into_values().sum();
    Ok(left_out(car, &known, (selection, Some(chosen_for)), (mailed, letters), now))
}

/// How many letters of other cars, or of other mailings than `own`, the mailbox of each car's customer got lately or is to get.
fn letters(
    tx: &mut Tx<'_>,
    garage: GarageId,
    cars: &[ApkCar],
    own: Option<ApkMailingId>,
    now: Instant,
) -> Result<HashMap<String, usize>, Problem> {
    let emails = cars.iter().filter_map(|car| car.customer.as_ref()?.email.clone()).collect::<Vec<_>>();
    let passports: HashSet<PassportId> = cars.iter().map(|car| car.passport).collect();
    let mut letters: HashMap<String, usize> = HashMap::new();
    for (key, mailing, car) in store::apk_mailing::letters_to(tx, garage, &emails, now - AGAIN_AFTER)? {
        if Some(mailing) != own || !passports.contains(&car) {
            *letters.entry(key).or_default() += 1;
        }
    }
    Ok(letters)
}

/// Why the address of each car's customer must not be written to.
fn reasons(tx: &mut Tx<'_>, garage: GarageId, cars: &[ApkCar]) -> Result<HashMap<PassportId, Reasons>, Problem> {
    let address = |car: &ApkCar| Some((car.passport, car.customer.as_ref()?.email.clone()?));
    let (cars, emails): (Vec<PassportId>, Vec<EmailAddress>) = cars.iter().filter_map(address).unzip();
    let found = store::suppression::of_emails(tx, Some(garage), &emails)?;
    Ok(cars.into_iter().zip(found).collect())
}

fn left_out(
    car: &ApkCar,
    reasons: &Reasons,
    (selection, chosen_for): (&Selection, Option<Date>),
    (mailed, letters): (Option<Mailed>, usize),
    now: Instant,
) -> Option<LeftOut> {
    let customer = car.customer.as_ref();
    let stopping = reasons.stopping(Class::Promotion);
    decide(&Candidate {
        has_address: customer.is_some_and(|customer| customer.email.is_some()),
        objected: reasons.has(SuppressionReason::Objected),
        suppressed: stopping.is_some_and(|reason| reason != SuppressionReason::Objected),
        may_be_mailed: customer
            .is_some_and(|customer| may_be_mailed(customer.email_source.as_ref(), customer.accepts_promotions)),
        // There are no appointments yet.
        is_planned: false,
        expiry: car.expires_on,
        chosen_for,
        selection,
        mailed_for_this_expiry: mailed.is_some(),
        forced: selection.forced().contains(&car.passport),
        forced_lately: mailed.and_then(|mailed| mailed.again_at).is_some_and(|at| at > now - AGAIN_AFTER),
        letters_to_mailbox: letters,
    })
}
