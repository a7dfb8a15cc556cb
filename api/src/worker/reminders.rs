//! Reminders of what comes due on cars, of mailed links that are about to expire, and the digests of fleets (rules RM1 to RM5).
//!
//! A car says on which day it is to be looked at, so a pass reads those that are due by an index and no others; so does a
//! link. A car whose standing was judged anew is looked at with the next pass. The cars of a garage are decided together, in
//! the transaction that remembers the reminders, records the events and says when to look again: whatever stops a pass, or
//! runs beside it, a reminder is made once. A pass takes as many statements for two hundred cars as for one.

use super::{Worker, may_pass, report};
use crate::{
    clock::zone,
    command::record,
    problem::{Code, Problem},
};
use domain::{
    Date, Instant,
    car_status::Standing,
    event::{Fact, Stream},
    ids::{FleetId, GarageId, InvitationId, PassportId},
    reminder::{
        Arrival, Facts, LinkLook, Made, Offsets, SetOffsets, Subject, decide, due_items, is_decent, look_at_link,
        over_on,
    },
    value::ReminderItem,
};
use jiff::tz::TimeZone;
use persistence::{
    self as store, Scope, Tx,
    reminder::{DueLink, RemindingGarage, ToLookAt},
};
use std::collections::{BTreeMap, HashMap};

/// How many cars, or links, are read at once. They are ids, and the more there are, the more of one garage are decided
/// together.
const BLOCK: i64 = 10_000;
/// How many of one garage are decided in one transaction: the garage's commands wait for no more than that.
const TOGETHER: usize = 200;
/// How many blocks one pass takes, so that the rest of the housekeeping does not wait long. The next pass,
/// a minute later, goes on.
const BLOCKS: usize = 5;
/// How many fleets are read at once.
const FLEETS: i64 = 500;

/// A garage where it is decent time (rule RM3).
struct Awake {
    today: Date,
    zone: TimeZone,
}

/// What a pass goes by, read once.
struct Pass {
    now: Instant,
    awake: HashMap<GarageId, Awake>,
    /// The garages where it is night: what waits there is not even read.
    asleep: Vec<GarageId>,
    /// The latest day that it is at any garage.
    latest: Date,
}

impl Pass {
    /// None when it is night everywhere.
    fn new(now: Instant, garages: Vec<RemindingGarage>) -> Option<Self> {
        let (mut awake, mut asleep) = (HashMap::new(), vec![]);
        for RemindingGarage { id, time_zone } in garages {
            let zone = zone(&time_zone);
            if is_decent(now, &zone, Arrival::Email) {
                awake.insert(id, Awake { today: zone.to_datetime(now).date(), zone });
            } else {
                asleep.push(id);
            }
        }
        let latest = awake.values().map(|garage: &Awake| garage.today).max()?;
        Some(Self { now, awake, asleep, latest })
    }

    /// Whether a day has come at a garage where it is decent time.
    fn has_come(&self, garage: GarageId, on: Date) -> bool {
        self.awake.get(&garage).is_some_and(|garage| on <= garage.today)
    }
}

/// When people are reminded, by what counts at a garage (rule RM1). It is read under the garage's lock, so that what its admin has
/// just changed counts, and the look that follows from the change comes after this one.
pub(super) struct OfGarage {
    garage: GarageId,
    chain: Option<String>,
    set: SetOffsets,
}

impl OfGarage {
    pub(super) fn read(tx: &mut Tx<'_>, garage: GarageId) -> Result<Self, Problem> {
        let chain = store::garage::find(tx, garage)?.and_then(|(garage, _)| garage.chain);
        let set = store::reminder::offsets_of(tx, garage, chain.as_deref())?;
        Ok(Self { garage, chain, set })
    }

    pub(super) fn offsets(&self, item: ReminderItem) -> Offsets {
        self.set.nearest(self.garage, self.chain.as_deref(), item).1
    }
}

impl Worker {
    /// Makes the reminders and digests that are due, at decent hours of each garage (rule RM3).
    pub(super) fn remind(&self, now: Instant) -> Result<(), Problem> {
        let read = |tx: &mut Tx<'_>| Ok::<_, Problem>(store::reminder::garages(tx)?);
        let Some(pass) = Pass::new(now, self.with_store(|store| store.read(read))?) else { return Ok(()) };
        // One that fails keeps none of the others from being done.
        let done = [self.remind_of_cars(&pass), self.remind_of_links(&pass), self.send_digests(&pass)];
        done.into_iter().collect()
    }

    fn remind_of_cars(&self, pass: &Pass) -> Result<(), Problem> {
        let mut after = None;
        for _ in 0..BLOCKS {
            let list = |tx: &mut Tx<'_>| -> Result<_, Problem> {
                Ok(store::reminder::list_due(tx, pass.latest, &pass.asleep, after, BLOCK)?)
            };
            let mut due = self.with_store(|store| store.read(list))?;
            let is_last = is_last(due.len());
            after = due.last().copied();
            // Where it is not yet that day, the car waits.
            due.retain(|one| pass.has_come(one.garage, one.on));
            due.sort_unstable_by_key(|one| one.garage);
            for part in due.chunk_by(|one, other| one.garage == other.garage).flat_map(|all| all.chunks(TOGETHER)) {
                self.together(
                    part,
                    |tx, cars: &[ToLookAt]| remind_of(tx, pass, cars),
                    |tx, one: ToLookAt| Ok(store::reminder::look_again(tx, &[(one.car, tomorrow(one.on, pass))])?),
                )?;
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    fn remind_of_links(&self, pass: &Pass) -> Result<(), Problem> {
        let mut after = None;
        for _ in 0..BLOCKS {
            let list = |tx: &mut Tx<'_>| -> Result<_, Problem> {
                Ok(store::reminder::list_due_links(tx, pass.latest, &pass.asleep, after, BLOCK)?)
            };
            let mut due = self.with_store(|store| store.read(list))?;
            let is_last = is_last(due.len());
            after = due.last().copied();
            due.retain(|one| pass.has_come(one.garage, one.on));
            due.sort_unstable_by_key(|one| one.garage);
            for part in due.chunk_by(|one, other| one.garage == other.garage).flat_map(|all| all.chunks(TOGETHER)) {
                self.together(
                    part,
                    |tx, links: &[DueLink]| remind_of_links(tx, pass, links),
                    |tx, one: DueLink| Ok(store::reminder::look_again_at_links(tx, &[one.id], tomorrow(one.on, pass))?),
                )?;
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Does something with things of one garage together. When that fails it is done with each by itself, so that one of which
    /// something cannot be read holds up no other; that one is put off. A garage that is busy is left to the next pass, so that it
    /// holds up no other garage.
    fn together<T: Copy>(
        &self,
        all: &[T],
        work: impl Fn(&mut Tx<'_>, &[T]) -> Result<(), Problem>,
        put_off: impl Fn(&mut Tx<'_>, T) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        match self.with_store(|store| store.write(|tx| work(tx, all))) {
            Err(problem) if problem.code == Code::Overloaded => {
                report(Err(problem));
                return Ok(());
            }
            Err(problem) if may_pass(problem.code) => return Err(problem),
            Err(_) => {}
            Ok(()) => return Ok(()),
        }
        for one in all {
            match self.with_store(|store| store.write(|tx| work(tx, &[*one]))) {
                Ok(()) => {}
                Err(problem) if may_pass(problem.code) => report(Err(problem)),
                Err(problem) => {
                    report(Err(problem));
                    self.with_store(|store| store.write(|tx| put_off(tx, *one)))?;
                }
            }
        }
        Ok(())
    }

    /// Sends the digests of fleets for which it is time (rule RM4).
    fn send_digests(&self, pass: &Pass) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let list = |tx: &mut Tx<'_>| -> Result<_, Problem> {
                Ok(store::fleet::list_digests(tx, pass.latest, &pass.asleep, after, FLEETS)?)
            };
            let due = self.with_store(|store| store.read(list))?;
            for (_, fleet, garage) in due.iter().filter(|(on, _, garage)| pass.has_come(*garage, *on)) {
                let send = |tx: &mut Tx<'_>| send_digest(tx, pass, *garage, *fleet);
                report(self.with_store(|store| store.write(send)));
            }
            let Some((on, fleet, _)) = due.last().filter(|_| i64::try_from(due.len()) == Ok(FLEETS)) else {
                return Ok(());
            };
            after = Some((*on, *fleet));
        }
    }
}

fn is_last(many: usize) -> bool {
    i64::try_from(many).is_ok_and(|many| many < BLOCK)
}

/// The day after that of a pass, on which something is tried again that could not be decided.
fn tomorrow(on: Date, pass: &Pass) -> Option<Date> {
    on.max(pass.latest).tomorrow().ok()
}

/// Decides cars of one garage (rules RM1 and RM2), and says when each is looked at again.
fn remind_of(tx: &mut Tx<'_>, pass: &Pass, cars: &[ToLookAt]) -> Result<(), Problem> {
    let Some((id, garage)) = cars.first().and_then(|one| Some((one.garage, pass.awake.get(&one.garage)?))) else {
        return Ok(());
    };
    let stream = Stream::Garage(id);
    store::event::lock(tx, stream)?;
    let ids: Vec<PassportId> = cars.iter().map(|one| one.car).collect();
    // Of others another server was quicker, or they were archived or went to another garage.
    let due = store::reminder::lock_due(tx, id, &ids, garage.today)?;
    if due.is_empty() {
        return Ok(());
    }
    let set = OfGarage::read(tx, id)?;
    let known = Known {
        made: store::reminder::made(tx, &ids)?,
        apk: set.offsets(ReminderItem::Apk),
        work: set.offsets(ReminderItem::Maintenance),
        today: garage.today,
    };
    let mut decided = Decided::default();
    for (car, standing) in &due {
        decided.decide(*car, standing, &known);
    }
    store::reminder::insert_all(tx, &decided.made)?;
    store::reminder::look_again(tx, &decided.looks)?;
    record(tx, stream, None, decided.facts, pass.now)
}

/// What is known when cars of a garage are decided.
struct Known {
    made: HashMap<(PassportId, Subject), Vec<Made>>,
    apk: Offsets,
    work: Offsets,
    today: Date,
}

/// What was decided about cars.
#[derive(Default)]
struct Decided {
    made: Vec<(PassportId, Subject, Made)>,
    looks: Vec<(PassportId, Option<Date>)>,
    facts: Vec<Fact>,
}

impl Decided {
    fn decide(&mut self, car: PassportId, standing: &Standing, known: &Known) {
        let today = known.today;
        let mut looks = vec![];
        for item in due_items(standing, today) {
            let (of, due_on) = (item.of, item.due_on);
            let made = known.made.get(&(car, of)).map_or(&[][..], Vec::as_slice);
            let offsets = if of.item == ReminderItem::Apk { &known.apk } else { &known.work };
            let decision = decide(&Facts { due_on, is_settled: false, offsets, made }, today);
            looks.extend(decision.next_look);
            looks.extend(over_on(&item, today));
            if let Some(due) = decision.now {
                self.made.push((car, of, due.made(today)));
                let task = of.task.map(|task| task.as_str().to_owned());
                let offset = due.offset;
                self.facts.push(Fact::ReminderDue { passport_id: car, item: of.item, task, due_on, offset });
            }
        }
        self.looks.push((car, looks.into_iter().min()));
    }
}

/// Decides mailed links of one garage (rule RM1), and says when each is looked at again.
fn remind_of_links(tx: &mut Tx<'_>, pass: &Pass, links: &[DueLink]) -> Result<(), Problem> {
    let Some((id, garage)) = links.first().and_then(|one| Some((one.garage, pass.awake.get(&one.garage)?))) else {
        return Ok(());
    };
    let stream = Stream::Garage(id);
    store::event::lock(tx, stream)?;
    let set = OfGarage::read(tx, id)?;
    let ids: Vec<InvitationId> = links.iter().map(|one| one.id).collect();
    let mut looks: BTreeMap<Option<Date>, Vec<InvitationId>> = BTreeMap::new();
    let mut facts = vec![];
    for link in store::reminder::lock_due_links(tx, id, &ids, garage.today)? {
        let item = link.invitation.purpose.kind().reminder();
        let look = item.map(|item| look_at_link(&link, &set.offsets(item), pass.now, &garage.zone));
        let again = match look {
            Some(LinkLook::Later(on)) => Some(on),
            Some(LinkLook::Never) | None => None,
            Some(LinkLook::Remind) => {
                facts.push(link.invitation.expiring());
                None
            }
        };
        looks.entry(again).or_default().push(link.invitation.id);
    }
    for (on, links) in looks {
        store::reminder::look_again_at_links(tx, &links, on)?;
    }
    record(tx, stream, None, facts, pass.now)
}

/// Sends the digest of a fleet, if it is due still and there is something to tell (rule RM4).
fn send_digest(tx: &mut Tx<'_>, pass: &Pass, garage: GarageId, id: FleetId) -> Result<(), Problem> {
    let Some(today) = pass.awake.get(&garage).map(|garage| garage.today) else { return Ok(()) };
    let stream = Stream::Garage(garage);
    store::event::lock(tx, stream)?;
    let found = store::fleet::find(tx, &Scope::System, id)?;
    // Another server was quicker, or the fleet takes no digests any more.
    let Some((fact, plan)) = found.and_then(|(fleet, _)| fleet.take_digest(today)) else { return Ok(()) };
    store::fleet::plan_digest(tx, id, plan)?;
    let Fact::FleetDigestDue { since, until, .. } = fact else { return Ok(()) };
    if store::reminder::has_any_of_fleet(tx, id, since, until)? {
        record(tx, stream, None, [fact], pass.now)?;
    }
    Ok(())
}
