//! What reminders and digests say, and whether they are still to be sent (rules RM1, RM2 and RM4).

use super::{Context, describe_passport, hands};
use crate::{clock::local_date, problem::Problem};
use domain::{
    Date, Instant,
    car_status::Standing,
    consequence::{Mail, Recipient, ReminderList, Template},
    event::{Event, Fact, Stream},
    ids::{InvitationId, PassportId},
    invitation::Purpose,
    reminder::{DueItem, FleetReminders, Reminded, Subject, due_items, due_together, is_still_due, reminded},
    service_task::TaskKey,
    value::{Language, ReminderItem, written_date},
};
use persistence::{self as store, Scope, Tx, reminder::FleetReminder};
use std::collections::BTreeMap;

/// The most lines of a digest that is mailed.
const LINES: usize = 200;
/// The most reminders that are read for a digest.
const READ: i64 = 10_000;

/// Whether a reminder is still true, and is for this recipient. Everything else is to be sent.
pub(super) fn is_to_be_sent(tx: &mut Tx<'_>, mail: &Mail, event: &Event, now: Instant) -> Result<bool, Problem> {
    if let Fact::InvitationExpiring { invitation_id, .. } = &event.fact {
        return waits_for_recipient(tx, *invitation_id, now);
    }
    let Fact::ReminderDue { passport_id, item, task, due_on, .. } = &event.fact else { return Ok(true) };
    let Some(view) = store::car_status::view(tx, &Scope::System, *passport_id)? else { return Ok(false) };
    if !is_chosen(tx, mail, local_date(event.at, &view.time_zone))? {
        return Ok(false);
    }
    let standing = view.standing.standing()?.unwrap_or_default();
    let Some(of) = subject(*item, task.as_deref()) else { return Ok(false) };
    Ok(is_still_due(&standing, &DueItem { of, due_on: *due_on }, local_date(now, &view.time_zone)))
}

/// Whether there is something left to do with a link; of the link of an offer, whether the offer is open.
fn waits_for_recipient(tx: &mut Tx<'_>, link: InvitationId, now: Instant) -> Result<bool, Problem> {
    match store::invitation::find(tx, link)?.filter(|link| link.waits_for_recipient(now)).map(|link| link.purpose) {
        Some(Purpose::Transfer(id)) => {
            let found = store::transfer::find(tx, &Scope::System, id)?;
            Ok(found.is_some_and(|(transfer, ..)| transfer.is_open(now)))
        }
        found => Ok(found.is_some()),
    }
}

/// Of what one was reminded; none when this version knows no such task.
fn subject(item: ReminderItem, task: Option<&str>) -> Option<Subject> {
    match task {
        None => Some(Subject { item, task: None }),
        Some(task) => TaskKey::find(task).map(|task| Subject { item, task: Some(task) }),
    }
}

/// Whether the recipient is reminded at once of what came due on a car on a day, as its fleet chooses now (rule RM4).
fn is_chosen(tx: &mut Tx<'_>, mail: &Mail, made_on: Date) -> Result<bool, Problem> {
    let (car, is_recipient): (PassportId, fn(&Reminded) -> bool) = match &mail.to {
        Recipient::Driver(car) => (*car, |to| matches!(to, Reminded::Driver(_))),
        Recipient::FleetOf(car) => (*car, |to| matches!(to, Reminded::Manager(_))),
        Recipient::Account(_)
        | Recipient::Fleet(_)
        | Recipient::Offered(_)
        | Recipient::Former(_)
        | Recipient::Garage
        | Recipient::Invited(_) => return Ok(true),
    };
    let hands = hands(tx, car)?;
    let chosen = match hands.fleet {
        Some(fleet) => store::fleet::reminders(tx, fleet, made_on)?.unwrap_or_default(),
        None => FleetReminders::default(),
    };
    Ok(reminded(hands, chosen).iter().any(is_recipient))
}

/// The reminders of a list that are still true and whose car the recipient still has, in the order of the due days, each with the
/// mail in the place of which the list is sent.
pub(super) fn still_of(
    tx: &mut Tx<'_>,
    list: &ReminderList,
    stream: Stream,
    now: Instant,
) -> Result<Vec<(Mail, Event)>, Problem> {
    let mut still = vec![];
    for number in &list.events {
        let Some(event) = store::event::find(tx, stream, *number)? else { continue };
        let Some(car) = event.fact.passport_id() else { continue };
        let mail = list.mail_of(car);
        if list.is_of(hands(tx, car)?) && is_to_be_sent(tx, &mail, &event, now)? {
            still.push((mail, event));
        }
    }
    still.sort_by_key(
        |(_, event)| if let Fact::ReminderDue { due_on, .. } = &event.fact { Some(*due_on) } else { None },
    );
    Ok(still)
}

/// One line about what comes due.
pub(super) fn line_of(tx: &mut Tx<'_>, fact: &Fact, language: Language, now: Instant) -> Result<String, Problem> {
    let mut context = Context::new("");
    describe(tx, fact, language, now, &mut context)?;
    let (plate, day) = (context.plate.unwrap_or_default(), context.expires_on.unwrap_or_default());
    let work = context.work.map(|work| with_more(&work, context.more_work.unwrap_or_default(), language));
    Ok(written(&plate, &context.vehicle.unwrap_or_default(), work.as_deref(), &day))
}

/// What comes due, when, and of which car. The day is the one that is known now, which may have moved by some days since.
pub(super) fn describe(
    tx: &mut Tx<'_>,
    fact: &Fact,
    language: Language,
    now: Instant,
    context: &mut Context,
) -> Result<(), Problem> {
    if let Fact::ReminderDue { passport_id, item, task, due_on, .. } = fact {
        describe_passport(tx, *passport_id, context)?;
        let of = subject(*item, task.as_deref()).map(|of| DueItem { of, due_on: *due_on });
        let view = store::car_status::view(tx, &Scope::System, *passport_id)?;
        let (day, together) = match of.zip(view) {
            Some((of, view)) => {
                let standing = view.standing.standing()?.unwrap_or_default();
                let due_on = day_now(&standing, &of, local_date(now, &view.time_zone));
                (due_on, together(&standing, &DueItem { due_on, ..of }))
            }
            None => (*due_on, task.as_deref().and_then(TaskKey::find).into_iter().collect()),
        };
        context.expires_on = Some(written_date(day, language));
        context.work = together.first().and_then(|task| task.task()).map(|task| task.names.of(language).to_owned());
        context.more_work = Some(together.len().saturating_sub(1));
    }
    Ok(())
}

/// The due day that is known now of something of which one was reminded, or the day that was named then.
fn day_now(standing: &Standing, reminded: &DueItem, today: Date) -> Date {
    let now = due_items(standing, today).into_iter().find(|item| item.of == reminded.of);
    now.map_or(reminded.due_on, |item| item.due_on)
}

/// The work for which one visit is made, the most important first; none for the APK, of which one is reminded by itself.
fn together(standing: &Standing, reminded: &DueItem) -> Vec<TaskKey> {
    if reminded.of.task.is_some() { due_together(standing, reminded) } else { vec![] }
}

/// What the digest of a fleet tells of: of what its cars were reminded that is still due, those of which its manager is reminded in
/// digests, each once, in the order of the due days (rule RM4).
pub(super) fn describe_digest(
    tx: &mut Tx<'_>,
    fact: &Fact,
    language: Language,
    today: Date,
    context: &mut Context,
) -> Result<(), Problem> {
    let Fact::FleetDigestDue { fleet_id, since, until } = fact else { return Ok(()) };
    // A last digest comes when the fleet takes none any more.
    let chosen = store::fleet::reminders(tx, *fleet_id, today)?.map(|chosen| FleetReminders { digest: true, ..chosen });
    let found = store::reminder::list_of_fleet(tx, *fleet_id, *since, *until, READ)?;
    let is_told = |one: &FleetReminder| {
        let to = reminded(one.hands, chosen.unwrap_or_default());
        to.contains(&Reminded::Digest(*fleet_id)) && is_still_due(&one.standing, &one.of, today)
    };
    let now_due = |mut one: FleetReminder| {
        one.of.due_on = day_now(&one.standing, &one.of, today);
        ((one.car, one.of.of), one)
    };
    let each: BTreeMap<_, FleetReminder> = found.into_iter().filter(is_told).map(now_due).collect();
    let mut all: Vec<FleetReminder> = each.into_values().collect();
    all.sort_by_key(|one| (one.of.due_on, one.car));
    let lines = all.iter().map(|one| line(one, language));
    // In the app it stays, and names no car that may be someone else's by then (rule N4).
    context.lines = if context.in_app { vec![] } else { lines.take(LINES).collect() };
    context.more = Some(all.len().saturating_sub(context.lines.len())).filter(|more| *more > 0);
    Ok(())
}

fn line(one: &FleetReminder, language: Language) -> String {
    let together = together(&one.standing, &one.of);
    let first = together.first().and_then(|task| task.task()).map(|task| task.names.of(language));
    let work = first.map(|work| with_more(work, together.len().saturating_sub(1), language));
    written(&one.plate.shown(), &one.vehicle, work.as_deref(), &written_date(one.of.due_on, language))
}

/// The first work of several, and how much more there is.
fn with_more(work: &str, more: usize, language: Language) -> String {
    match (more, language) {
        (0, _) => work.to_owned(),
        (more, Language::Dutch) => format!("{work} en nog {more}"),
        (more, Language::English) => format!("{work} and {more} more"),
    }
}

/// The plate, make and model of a car, what comes due on it, and when.
fn written(plate: &str, vehicle: &str, work: Option<&str>, day: &str) -> String {
    let vehicle = if vehicle.is_empty() { String::new() } else { format!(" ({vehicle})") };
    format!("{plate}{vehicle}: {}, {day}", work.unwrap_or("APK"))
}

/// Whether there is something to say: a digest without a line is not sent, and who cannot accept a car is not reminded of its offer.
pub(super) fn says_something(template: Template, context: &Context) -> bool {
    if template == Template::FleetDigest {
        return !context.lines.is_empty() || context.more.is_some();
    }
    template != Template::ReminderOffer || !context.is_no_driver
}
