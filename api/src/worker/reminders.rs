//! Reminders of what comes due on cars, of mailed links that are about to expire, and the digests of fleets (rules RM1 to RM5).
//!
//! A car says on which day it is to be looked at, so a pass reads those that are due by an index and no others; so does a
//! link. A car whose standing was judged anew is looked at with the next pass. Two hundred cars, of one garage or of many, are
//! decided together, in the transaction that remembers the reminders, records the events and says when to look again: whatever
//! stops a pass, or runs beside it, a reminder is made once. That takes as many statements for two hundred cars as for one.

use super::{Worker, may_pass, report};
use crate::{
    brake,
    clock::zone,
    command::{record, record_each},
    problem::{Code, Problem},
    secret::Secret,
};
use domain::{
    Date, Instant,
    consequence::Mail,
    custody::Hands,
    event::{Fact, Stream},
    ids::{FleetId, GarageId, InvitationId, PassportId},
    job::Task,
    reminder::{
        Arrival, Facts, LinkLook, Made, Offsets, SetOffsets, Subject, decide, due_items, is_decent, lists,
        look_at_link, over_on,
    },
    throttle::MAILS_PER_ADDRESS,
    value::ReminderItem,
};
use jiff::tz::TimeZone;
use persistence::{
    self as store, Scope, StoreError, Tx,
    jobs::Job,
    reminder::{LockedCar, RemindingGarage, ToLookAt},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many cars, or links, are read at once. They are ids, and the more there are, the fewer garages are locked for each car.
const BLOCK: i64 = 10_000;
/// How many are decided in one transaction: the commands of their garages wait for no more than that.
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
        let list = |tx: &mut Tx<'_>, after| store::reminder::list_due(tx, pass.latest, &pass.asleep, after, BLOCK);
        self.look_at_all(pass, list, |due| due.chunks(TOGETHER).try_for_each(|part| self.remind_of_part(pass, part)))
    }

    /// Decides cars together; when that fails, garage by garage, so that one that is busy holds up none of the others.
    fn remind_of_part(&self, pass: &Pass, part: &[ToLookAt<PassportId>]) -> Result<(), Problem> {
        let look = |tx: &mut Tx<'_>, cars: &[ToLookAt<PassportId>]| remind_of(tx, pass, cars);
        let are_of_one = part.first().map(|one| one.garage) == part.last().map(|one| one.garage);
        if !are_of_one {
            match self.with_store(|store| store.write(|tx| look(tx, part))) {
                Ok(()) => return Ok(()),
                Err(problem) if may_pass(problem.code) && problem.code != Code::Overloaded => return Err(problem),
                Err(_) => {}
            }
        }
        let look_again = |tx: &mut Tx<'_>, car, on| store::reminder::look_again(tx, &[(car, on)]);
        self.by_garage(pass, part, look, look_again)
    }

    fn remind_of_links(&self, pass: &Pass) -> Result<(), Problem> {
        let list =
            |tx: &mut Tx<'_>, after| store::reminder::list_due_links(tx, pass.latest, &pass.asleep, after, BLOCK);
        let look = |tx: &mut Tx<'_>, links: &[_]| remind_of_links(tx, &self.app.secret, pass, links);
        let look_again = |tx: &mut Tx<'_>, link, on| store::reminder::look_again_at_links(tx, &[link], on);
        self.look_at_all(pass, list, |due| self.by_garage(pass, due, look, look_again))
    }

    /// Looks at all that is due, block by block, each in the order of the garages.
    fn look_at_all<Id: Copy>(
        &self,
        pass: &Pass,
        list: impl Fn(&mut Tx<'_>, Option<ToLookAt<Id>>) -> Result<Vec<ToLookAt<Id>>, StoreError>,
        look: impl Fn(&[ToLookAt<Id>]) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut after = None;
        for _ in 0..BLOCKS {
            let block = |tx: &mut Tx<'_>| -> Result<_, Problem> { Ok(list(tx, after)?) };
            let mut due = self.with_store(|store| store.read(block))?;
            let is_last = i64::try_from(due.len()).is_ok_and(|many| many < BLOCK);
            after = due.last().copied();
            // Where it is not yet that day, it waits.
            due.retain(|one| pass.has_come(one.garage, one.on));
            due.sort_unstable_by_key(|one| one.garage);
            look(&due)?;
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Looks at what is due, that of one garage together.
    fn by_garage<Id: Copy>(
        &self,
        pass: &Pass,
        due: &[ToLookAt<Id>],
        look: impl Fn(&mut Tx<'_>, &[ToLookAt<Id>]) -> Result<(), Problem>,
        look_again: impl Fn(&mut Tx<'_>, Id, Option<Date>) -> Result<(), StoreError>,
    ) -> Result<(), Problem> {
        for part in due.chunk_by(|one, other| one.garage == other.garage).flat_map(|all| all.chunks(TOGETHER)) {
            self.together(part, &look, |tx, one| Ok(look_again(tx, one.id, tomorrow(one.on, pass))?))?;
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

/// The day after that of a pass, on which something is tried again that could not be decided.
fn tomorrow(on: Date, pass: &Pass) -> Option<Date> {
    on.max(pass.latest).tomorrow().ok()
}

/// Decides cars (rules RM1 and RM2), and says when each is looked at again.
fn remind_of(tx: &mut Tx<'_>, pass: &Pass, cars: &[ToLookAt<PassportId>]) -> Result<(), Problem> {
    let garages: BTreeSet<GarageId> = cars.iter().map(|one| one.garage).collect();
    let garages: Vec<GarageId> = garages.into_iter().collect();
    let streams: Vec<Stream> = garages.iter().copied().map(Stream::Garage).collect();
    store::event::lock_all(tx, &streams)?;
    let ids: Vec<PassportId> = cars.iter().map(|one| one.id).collect();
    // Of others another server was quicker, or they were archived or went to another garage.
    let mut due = store::reminder::lock_due(tx, &garages, &ids, pass.latest)?;
    due.retain(|one| pass.has_come(one.garage, one.on));
    if due.is_empty() {
        return Ok(());
    }
    let (chains, set) = store::reminder::offsets_of_each(tx, &garages)?;
    let made = store::reminder::made(tx, &ids)?;
    let mut known = HashMap::new();
    let mut decided = Decided::default();
    for one in &due {
        let Some(garage) = pass.awake.get(&one.garage) else { continue };
        let known = known.entry(one.garage).or_insert_with(|| {
            let chain = chains.get(&one.garage).and_then(Option::as_deref);
            let offsets = |item| set.nearest(one.garage, chain, item).1;
            let (apk, work) = (offsets(ReminderItem::Apk), offsets(ReminderItem::Maintenance));
            Known { made: &made, apk, work, today: garage.today }
        });
        decided.decide(one, known);
    }
    store::reminder::insert_all(tx, &decided.made)?;
    store::reminder::look_again(tx, &decided.looks)?;
    let hands: HashMap<PassportId, Hands> = due.iter().map(|car| (car.id, car.hands)).collect();
    let facts = decided.facts.into_iter().map(|(garage, facts)| (Stream::Garage(garage), facts));
    record_each(tx, facts.collect(), pass.now, |due| put_together(due, &hands))
}

/// Puts the mails of many reminders to one recipient together (rule RM4). The list takes the place of its first mail.
fn put_together(due: &mut Vec<Job>, hands: &HashMap<PassportId, Hands>) {
    let mails = due.iter().enumerate().filter_map(|(place, job)| match (&job.task, job.cause) {
        (Task::Reminder(mail), Some(cause)) => Some((place, (cause.number, mail))),
        _ => None,
    });
    let (places, mails): (Vec<usize>, Vec<(i64, &Mail)>) = mails.unzip();
    let lists = lists(mails.into_iter(), |car| hands.get(&car).copied().unwrap_or_default());
    let mut in_lists = BTreeSet::new();
    for (list, among) in lists {
        let mut own = among.into_iter().filter_map(|place| places.get(place).copied());
        if let Some(job) = own.next().and_then(|first| due.get_mut(first)) {
            job.task = Task::ReminderList(list);
        }
        in_lists.extend(own);
    }
    let mut place = 0..;
    due.retain(|_| place.next().is_none_or(|place| !in_lists.contains(&place)));
}

/// What is known when cars of a garage are decided.
struct Known<'m> {
    made: &'m HashMap<(PassportId, Subject), Vec<Made>>,
    apk: Offsets,
    work: Offsets,
    today: Date,
}

/// What was decided about cars.
#[derive(Default)]
struct Decided {
    made: Vec<(PassportId, Subject, Made)>,
    looks: Vec<(PassportId, Option<Date>)>,
    facts: BTreeMap<GarageId, Vec<Fact>>,
}

impl Decided {
    fn decide(&mut self, one: &LockedCar, known: &Known<'_>) {
        let (car, today) = (one.id, known.today);
        let mut looks = vec![];
        for item in due_items(&one.standing, today) {
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
                let fact = Fact::ReminderDue { passport_id: car, item: of.item, task, due_on, offset };
                self.facts.entry(one.garage).or_default().push(fact);
            }
        }
        self.looks.push((car, looks.into_iter().min()));
    }
}

/// Decides mailed links of one garage (rule RM1), and says when each is looked at again. Nobody's mailbox is filled with reminders
/// of many links (rule A24): what is too much for a day comes on the next, as long as the link lasts.
fn remind_of_links(
    tx: &mut Tx<'_>,
    secret: &Secret,
    pass: &Pass,
    links: &[ToLookAt<InvitationId>],
) -> Result<(), Problem> {
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
                let address = link.invitation.email.key();
                let mailbox = brake::Subject::new(secret, "reminder address", &[address.as_bytes()], MAILS_PER_ADDRESS);
                if brake::count(tx, &[mailbox], pass.now)?.is_none() {
                    facts.push(link.invitation.expiring());
                    None
                } else {
                    garage.today.tomorrow().ok()
                }
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
