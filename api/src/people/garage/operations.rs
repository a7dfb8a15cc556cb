//! What the garage's operations do.

use super::wire::{Garage, GarageSummary, UpdateGarage, read_phone};
use crate::{
    clock::local_date,
    command::{Reply, Work},
    problem::{Code, Problem},
    reminder,
    wire::Day,
};
use domain::{
    Date,
    access::Action,
    event::{Fact, Stream},
    ids::GarageId,
    second_factor::SecondFactorRefusal,
};
use persistence::{self as store, Stamps};

/// The day it is at a garage.
pub fn today(work: &mut Work<'_, '_>, garage: GarageId) -> Result<Date, Problem> {
    let (garage, _) =
        store::garage::find(work.tx, garage)?.ok_or_else(|| Problem::internal("a passport has no garage"))?;
    Ok(local_date(work.now, &garage.time_zone))
}

/// The garage (rule GA1).
pub fn get(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let id = work.require_staff(Action::GarageRead)?;
    let (garage, stamps) = store::garage::find(work.tx, id)?.ok_or(Code::NotFound)?;
    let version = garage.version;
    Ok(Reply::ok(&Garage::new(garage, stamps))?.version(version))
}

/// How the garage stands (rule ST3).
pub fn summary(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let id = work.require_staff(Action::GarageRead)?;
    let today = today(work, id)?;
    let counts = store::car_status::of_garage(work.tx, id, today)?;
    let workload = store::car_status::workload(work.tx, id)?;
    Reply::ok(&GarageSummary {
        on: Day(today),
        car_status: counts.into(),
        draft_checks: workload.drafts,
        open_recommendations: workload.open_recommendations,
    })
}

/// Changes the garage (rules A19, CU3, CU4 and GA1).
pub fn update(work: &mut Work<'_, '_>, body: UpdateGarage) -> Result<Reply, Problem> {
    let id = work.require_staff(Action::GarageChange)?;
    work.lock(id)?;
    let (before, stamps) = store::garage::find(work.tx, id)?.ok_or(Code::NotFound)?;
    work.require_version(before.version)?;
    let mut garage = before.clone();
    body.name.apply(&mut garage.name);
    body.chain.apply_with(&mut garage.chain, |chain| chain.map(|chain| chain.0));
    body.email.apply_with(&mut garage.email, |email| email.0);
    let mut wrong = vec![];
    let home = before.address.country;
    body.address.apply_with(&mut garage.address, |address| address.read("/address", home, &mut wrong));
    let country = [garage.address.country];
    body.phone.apply_with(&mut garage.phone, |phone| read_phone(&phone?, &country, "/phone".to_owned(), &mut wrong));
    if !wrong.is_empty() {
        return Err(Problem::invalid(wrong));
    }
    body.language.apply(&mut garage.language);
    body.currency.apply_with(&mut garage.currency, |currency| currency.0);
    body.second_thoughts_days.apply_with(&mut garage.second_thoughts_days, |days| days.0);
    body.second_factor_required.apply(&mut garage.second_factor_required);
    // By a slip an admin would shut out everyone, themselves too.
    let is_demanded = garage.second_factor_required && !before.second_factor_required;
    let by = work.actor()?.account_id();
    if is_demanded && !store::second_factor::is_active(work.tx, by)? {
        return Err(SecondFactorRefusal::Absent.into());
    }
    if garage.is_same(&before) {
        let version = garage.version;
        return Ok(Reply::ok(&Garage::new(garage, stamps))?.version(version));
    }
    let garage = store::garage::update(work.tx, &garage, stamps, work.now)?;
    if garage.second_factor_required != before.second_factor_required {
        store::second_factor::demand_of_staff(work.tx, id, garage.second_factor_required)?;
    }
    if garage.chain != before.chain {
        reminder::operations::look_again(work, id)?;
    }
    work.record(Stream::Garage(id), [Fact::GarageChanged {}])?;
    let version = garage.version;
    Ok(Reply::ok(&Garage::new(garage, Stamps { updated_at: work.now, ..stamps }))?.version(version))
}
