//! What reminders and digests say, and whether they are still to be sent (rules RM1, RM2 and RM4).

use super::{Context, describe_passport, hands};
use crate::{clock::local_date, problem::Problem};
use domain::{
    Date, Instant,
    consequence::{Mail, Recipient, Template},
    event::Fact,
    ids::PassportId,
    reminder::{DueItem, FleetReminders, Reminded, Subject, due_items, is_still_due, reminded},
    service_task::TaskKey,
    value::{Language, ReminderItem},
};
use persistence::{self as store, Scope, Tx, reminder::FleetReminder};
use std::collections::BTreeMap;

/// The most lines of a digest that is mailed.
const LINES: usize = 200;
/// The most reminders that are read for a digest.
const READ: i64 = 10_000;

/// Whether a reminder is still true, and is for this recipient. Everything else is to be sent.
pub(super) fn is_to_be_sent(tx: &mut Tx<'_>, mail: &Mail, fact: &Fact, now: Instant) -> Result<bool, Problem> {
    if let Fact::InvitationExpiring { invitation_id, .. } = fact {
        let found = store::invitation::find(tx, *invitation_id)?;
        return Ok(found.is_some_and(|link| link.check(now).is_ok()));
    }
    let Fact::ReminderDue { passport_id, item, task, due_on, .. } = fact else { return Ok(true) };
    if !is_chosen(tx, mail)? {
        return Ok(false);
    }
    let Some(view) = store::car_status::view(tx, &Scope::System, *passport_id)? else { return Ok(false) };
    let standing = view.standing.standing()?.unwrap_or_default();
    let Some(of) = subject(*item, task.as_deref()) else { return Ok(false) };
    Ok(is_still_due(&standing, &DueItem { of, due_on: *due_on }, local_date(now, &view.time_zone)))
}

/// Of what one was reminded; none when this version knows no such task.
fn subject(item: ReminderItem, task: Option<&str>) -> Option<Subject> {
    match task {
        None => Some(Subject { item, task: None }),
        Some(task) => TaskKey::find(task).map(|task| Subject { item, task: Some(task) }),
    }
}

/// Whether the recipient is reminded of the car at once, as its fleet chooses now (rule RM4).
fn is_chosen(tx: &mut Tx<'_>, mail: &Mail) -> Result<bool, Problem> {
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
        Some(fleet) => store::fleet::reminders(tx, fleet)?.unwrap_or_default(),
        None => FleetReminders::default(),
    };
    Ok(reminded(hands, chosen).iter().any(is_recipient))
}

/// What comes due, when, and of which car.
pub(super) fn describe(tx: &mut Tx<'_>, fact: &Fact, language: Language, context: &mut Context) -> Result<(), Problem> {
    if let Fact::ReminderDue { passport_id, task, due_on, .. } = fact {
        describe_passport(tx, *passport_id, context)?;
        context.expires_on = Some(shown(*due_on));
        let task = task.as_deref().and_then(TaskKey::find);
        context.work = task.and_then(TaskKey::task).map(|task| task.names.of(language).to_owned());
    }
    Ok(())
}

fn shown(day: Date) -> String {
    day.strftime("%d-%m-%Y").to_string()
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
    let chosen = store::fleet::reminders(tx, *fleet_id)?.map(|chosen| FleetReminders { digest: true, ..chosen });
    let found = store::reminder::list_of_fleet(tx, *fleet_id, *since, *until, READ)?;
    let is_told = |one: &FleetReminder| {
        let to = reminded(one.hands, chosen.unwrap_or_default());
        to.contains(&Reminded::Digest(*fleet_id)) && is_still_due(&one.standing, &one.of, today)
    };
    // The day that is known now, which may have moved by some days since.
    let now_due = |mut one: FleetReminder| {
        let now = due_items(&one.standing, today).into_iter().find(|item| item.of == one.of.of);
        one.of.due_on = now.map_or(one.of.due_on, |item| item.due_on);
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

/// The plate, make and model of a car, what comes due on it, and when.
fn line(one: &FleetReminder, language: Language) -> String {
    let work = one.of.of.task.and_then(TaskKey::task).map_or("APK", |task| task.names.of(language));
    let vehicle = if one.vehicle.is_empty() { String::new() } else { format!(" ({})", one.vehicle) };
    format!("{}{vehicle}: {work}, {}", one.plate.shown(), shown(one.of.due_on))
}

/// Whether there is something to say: a digest without a line is not sent, and who cannot accept a car is not reminded of its offer.
pub(super) fn says_something(template: Template, context: &Context) -> bool {
    if template == Template::FleetDigest {
        return !context.lines.is_empty() || context.more.is_some();
    }
    template != Template::ReminderOffer || !context.is_no_driver
}
