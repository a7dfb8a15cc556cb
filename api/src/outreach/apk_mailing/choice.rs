//! Which cars are mailed, and why the others are not: the same for the list, the preview and the sending.

use crate::problem::Problem;
use domain::{
    Date,
    apk_mailing::{Candidate, LeftOut, Selection, decide},
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
use std::collections::HashMap;

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

/// Decides about cars of a garage (rules ML2 to ML4), with two statements for all of them. What `own`, the mailing itself,
/// has sent does not count.
pub fn choose(
    tx: &mut Tx<'_>,
    garage: GarageId,
    cars: Vec<ApkCar>,
    selection: &Selection,
    own: Option<ApkMailingId>,
) -> Result<Vec<Choice>, Problem> {
    let mut mailed = store::apk_list::mailed(tx, &cars, own)?;
    let reasons = reasons(tx, garage, &cars)?;
    let decided = |car: ApkCar| {
        let mailed = mailed.remove(&car.passport);
        let known = reasons.get(&car.passport).cloned().unwrap_or_default();
        let left_out = left_out(&car, &known, selection, None, mailed.is_some());
        // Which mailing it was is told to the garage that sent it.
        let mailed = mailed.filter(|mailed| mailed.garage == garage);
        Choice { car, left_out, mailed }
    };
    Ok(cars.into_iter().map(decided).collect())
}

/// Decides about one car again, when its letter is about to be sent; `chosen_for` is the expiry for which it was chosen.
pub fn choose_again(
    tx: &mut Tx<'_>,
    garage: GarageId,
    car: &ApkCar,
    selection: &Selection,
    (own, chosen_for): (ApkMailingId, Date),
) -> Result<Option<LeftOut>, Problem> {
    let cars = std::slice::from_ref(car);
    let mailed = store::apk_list::mailed(tx, cars, Some(own))?;
    let known = reasons(tx, garage, cars)?.remove(&car.passport).unwrap_or_default();
    Ok(left_out(car, &known, selection, Some(chosen_for), !mailed.is_empty()))
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
    selection: &Selection,
    chosen_for: Option<Date>,
    is_mailed: bool,
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
        mailed_for_this_expiry: is_mailed,
        forced: selection.forced().contains(&car.passport),
    })
}
