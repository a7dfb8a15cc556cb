//! What the operations on reminders do.

use super::wire::{AllReminderOffsets, ReminderOffsets, SetReminderOffsets};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    problem::{Code, FieldProblem, Place, Problem},
};
use domain::{
    access::Action,
    event::{Fact, Stream},
    garage::Garage,
    ids::GarageId,
    job::{CarsToRefresh, Task},
    reminder::{EARLIEST_OFFSET, MAX_OFFSETS, Offsets, OffsetsOf, OffsetsRefused},
    value::ReminderItem,
};
use persistence::{self as store, Tx};

/// How many cars are looked at anew in one transaction: the garage's commands wait for no more than that.
const BLOCK: i64 = 1000;

/// When people are reminded (rule RM1).
pub fn get(work: &mut Work<'_, '_>) -> Result<Reply, Problem> {
    let id = work.require_staff(Action::GarageRead)?;
    let garage = find(work, id)?;
    let set = store::reminder::offsets_of(work.tx, id, garage.chain.as_deref())?;
    let offsets = |item: &ReminderItem| ReminderOffsets::new(&set, id, garage.chain.as_deref(), *item);
    Reply::ok(&AllReminderOffsets { offsets: ReminderItem::ALL.iter().map(offsets).collect() })
}

/// Sets when people are reminded of an item (rule RM1).
pub fn set(work: &mut Work<'_, '_>, item: &str, body: &SetReminderOffsets) -> Result<Reply, Problem> {
    let id = work.require_staff(Action::GarageChange)?;
    let item = ReminderItem::from_code(item).ok_or(Code::NotFound)?;
    let days = &body.days.0;
    let offsets = Offsets::new(item, days).map_err(|refused| Problem::invalid([wrong(item, days, refused)]))?;
    change(work, id, item, Some(&offsets))
}

/// Goes back to the offsets of the next level (rule RM1).
pub fn reset(work: &mut Work<'_, '_>, item: &str) -> Result<Reply, Problem> {
    let id = work.require_staff(Action::GarageChange)?;
    let item = ReminderItem::from_code(item).ok_or(Code::NotFound)?;
    change(work, id, item, None)
}

fn find(work: &mut Work<'_, '_>, id: GarageId) -> Result<Garage, Problem> {
    Ok(store::garage::find(work.tx, id)?.ok_or(Code::NotFound)?.0)
}

/// Keeps what the garage sets itself. What is so already is no event.
fn change(
    work: &mut Work<'_, '_>,
    id: GarageId,
    item: ReminderItem,
    offsets: Option<&Offsets>,
) -> Result<Reply, Problem> {
    work.lock(id)?;
    let garage = find(work, id)?;
    let chain = garage.chain.as_deref();
    let set = store::reminder::offsets_of(work.tx, id, chain)?;
    let of = OffsetsOf::Garage(id);
    if set.own(of.clone(), item) == offsets {
        return Reply::ok(&ReminderOffsets::new(&set, id, chain, item));
    }
    match offsets {
        Some(offsets) => store::reminder::set_offsets(work.tx, &of, item, offsets)?,
        None => store::reminder::clear_offsets(work.tx, &of, item)?,
    }
    work.record(Stream::Garage(id), [Fact::ReminderOffsetsChanged { item, chain: None }])?;
    look_again(work, id)?;
    let set = store::reminder::offsets_of(work.tx, id, chain)?;
    Reply::ok(&ReminderOffsets::new(&set, id, chain, item))
}

/// Where offsets are wrong, and by which rule.
fn wrong(item: ReminderItem, days: &[i64], refused: OffsetsRefused) -> FieldProblem {
    let at = |offset: i64, nth: usize| {
        let mut places = days.iter().enumerate().filter(|(_, day)| **day == offset).map(|(place, _)| place);
        Place::Body(format!("/days/{}", places.nth(nth).unwrap_or_default()))
    };
    match refused {
        OffsetsRefused::None | OffsetsRefused::TooMany => {
            let bounds = (Some(1), i64::try_from(MAX_OFFSETS).ok());
            FieldProblem { bounds, ..FieldProblem::new(Place::Body("/days".to_owned()), "list_length") }
        }
        OffsetsRefused::OutOfRange(offset) => {
            let bounds = (Some(EARLIEST_OFFSET), Some(item.latest_offset()));
            FieldProblem { bounds, ..FieldProblem::new(at(offset, 0), "out_of_range") }
        }
        OffsetsRefused::Twice(offset) => FieldProblem::new(at(offset, 1), "offset_repeated"),
    }
}

/// Has all cars of a garage looked at anew, after a command that changed when people are reminded. The worker does it, block by
/// block. The garage's lock is held, so what waits in the queue has not begun.
pub fn look_again(work: &mut Work<'_, '_>, garage: GarageId) -> Result<(), Problem> {
    let task = Task::LookAgain(CarsToRefresh { garage_id: garage, after: None });
    if store::jobs::is_queued(work.tx, &task)? {
        return Ok(());
    }
    let job = store::jobs::Job::without_cause(new_id(), task);
    Ok(store::jobs::insert(work.tx, &job, work.now, work.now)?)
}

/// Has a block of a garage's cars looked at anew: the next ones after a car; and with the first block the links that it mailed.
/// The answer is where to go on; none when all are done.
pub fn look_at_block(tx: &mut Tx<'_>, cars: CarsToRefresh) -> Result<Option<CarsToRefresh>, Problem> {
    store::event::lock(tx, Stream::Garage(cars.garage_id))?;
    if cars.after.is_none() {
        store::reminder::look_at_links_at_once(tx, cars.garage_id)?;
    }
    let last = store::reminder::look_at_once(tx, cars.garage_id, cars.after, BLOCK)?;
    Ok(last.map(|last| CarsToRefresh { after: Some(last), ..cars }))
}
