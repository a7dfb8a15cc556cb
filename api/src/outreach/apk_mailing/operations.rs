//! What the operations on APK mailings do.

use super::{
    choice::{Choice, Mailboxes, choose},
    letter::{compose, no_page},
    wire::{
        ApkMailing, ApkMailingQuery, ApkMailingRecipient, LeftOutCar, LeftOutCount, MailingPreview, MailingSample,
        MailingSelection, NewApkMailing, RecipientQuery, ScheduleApkMailing, UpdateApkMailing,
    },
};
use crate::{
    clock::{local_date, new_id, zone},
    command::{Reply, Work},
    mail::Rendered,
    problem::{Code, FieldProblem, Place, Problem},
    wire::{AnyOf, items_after},
};
use domain::{
    Date,
    access::Action,
    apk_mailing::{
        ApkMailing as DomainMailing, LeftOut, MailingText, Selection, SelectionRefused, TextField, TextRefused,
    },
    event::{Fact, Stream},
    garage::Garage,
    ids::{ApkMailingId, CustomerId, PassportId, VehicleId},
    job::{MailingCars, Task},
    licence_plate::LicencePlate,
    passport::PassportStatus,
    reminder::{Arrival, next_decent},
    removal::FollowedList,
    value::Country,
};
use persistence::{
    self as store, PageRequest,
    apk_list::{ApkCar, ApkCustomer, ApkKey, ApkListFilter},
    apk_mailing::Stamped,
    removal::ListOf,
};
use std::collections::{BTreeMap, BTreeSet};

/// How many cars a preview reads at a time.
const BLOCK: usize = 500;
/// How many mails a preview shows as they will look.
const SAMPLES: usize = 3;
/// How many of the cars that are left out a preview names.
const NAMED: usize = 200;

/// A mailing with how many of its cars have which outcome.
fn show(work: &mut Work<'_, '_>, (mailing, stamps): Stamped) -> Result<ApkMailing, Problem> {
    let counts = store::apk_mailing::counts(work.tx, &[mailing.id])?.remove(&mailing.id).unwrap_or_default();
    Ok(ApkMailing::new(&mailing, stamps, &counts))
}

/// The garage's mailings, the newest first (rules LS1 and ML2).
pub fn list(work: &mut Work<'_, '_>, query: &ApkMailingQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerRead)?;
    let statuses = AnyOf::of(query.status.clone(), |status| status.0);
    let gone = work.gone(query.list(), &[FollowedList::ApkMailings], ListOf::Actor)?;
    let request = query.list().request()?;
    let page = items_after(&gone, || store::apk_mailing::list(work.tx, garage, &statuses, &request))?;
    let ids: Vec<ApkMailingId> = page.items.iter().map(|(mailing, _)| mailing.id).collect();
    let mut counts = store::apk_mailing::counts(work.tx, &ids)?;
    Reply::followed_page(query.list(), gone, page, |(mailing, stamps)| {
        let counts = counts.remove(&mailing.id).unwrap_or_default();
        ApkMailing::new(&mailing, stamps, &counts)
    })
}

/// One of them (rules ML2 and ML4).
pub fn get(work: &mut Work<'_, '_>, id: ApkMailingId) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerRead)?;
    let found = store::apk_mailing::find(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    let version = found.0.version;
    Ok(Reply::ok(&show(work, found)?)?.version(version))
}

/// The garage of the actor, who may write mailings, and the day there.
fn writing(work: &mut Work<'_, '_>) -> Result<(Garage, Date), Problem> {
    let garage = work.require_staff(Action::MailingChange)?;
    let (garage, _) = store::garage::find(work.tx, garage)?.ok_or(Code::NotFound)?;
    let today = local_date(work.now, &garage.time_zone);
    Ok((garage, today))
}

/// What is wrong with a text, each in its place (rule ML2).
fn refused_text(refused: Vec<TextRefused>) -> Problem {
    let field = |wrong: TextRefused| {
        let place = match wrong.field {
            TextField::Subject => "/subject",
            TextField::Body => "/body",
        };
        let bounds = (None, wrong.most().and_then(|most| i64::try_from(most).ok()));
        let said = vec![wrong.line.to_string(), wrong.piece];
        FieldProblem { bounds, said, ..FieldProblem::new(Place::Body(place.to_owned()), wrong.fault.code()) }
    };
    Problem::invalid(refused.into_iter().map(field))
}

fn text(subject: &str, body: &str) -> Result<MailingText, Problem> {
    MailingText::parse(subject, body).map_err(refused_text)
}

fn selection(sent: &MailingSelection, today: Date) -> Result<Selection, Problem> {
    let again = sent.again.iter().flat_map(|again| &again.0);
    let again: BTreeSet<_> = again.map(|id| id.0.into()).collect();
    Selection::new(sent.expires_from.0, sent.expires_until.0, again, today).map_err(refused_selection)
}

fn refused_selection(refused: SelectionRefused) -> Problem {
    let place = match refused {
        SelectionRefused::TooEarly | SelectionRefused::Reversed => "/selection/expiresFrom",
        SelectionRefused::TooWide | SelectionRefused::TooLate => "/selection/expiresUntil",
        SelectionRefused::TooManyForced => "/selection/again",
    };
    Problem::invalid([FieldProblem::new(Place::Body(place.to_owned()), refused.code())])
}

/// Begins a mailing, as a draft (rule ML2).
pub fn create(work: &mut Work<'_, '_>, body: &NewApkMailing) -> Result<Reply, Problem> {
    let (garage, today) = writing(work)?;
    work.lock(garage.id)?;
    let (text, selection) = (text(&body.subject.0, &body.body.0)?, selection(&body.selection, today)?);
    let by = work.actor()?.account_id();
    let mailing = DomainMailing::draft(new_id(), garage.id, text, selection, by);
    store::apk_mailing::insert(work.tx, &mailing, work.now)?;
    work.record(Stream::Garage(garage.id), [Fact::ApkMailingCreated { mailing_id: mailing.id }])?;
    let location = format!("/v1/apk-mailings/{}", mailing.id);
    let stamps = store::Stamps { created_at: work.now, updated_at: work.now };
    let version = mailing.version;
    Ok(Reply::created(&ApkMailing::new(&mailing, stamps, &BTreeMap::new()), location)?.version(version))
}

/// A mailing of the garage, to be changed.
fn owned(work: &mut Work<'_, '_>, id: ApkMailingId) -> Result<(Garage, Date, Stamped), Problem> {
    let (garage, today) = writing(work)?;
    work.lock(garage.id)?;
    let found = store::apk_mailing::find(work.tx, garage.id, id)?.ok_or(Code::NotFound)?;
    Ok((garage, today, found))
}

/// Stores a changed mailing, and answers with it.
fn save(work: &mut Work<'_, '_>, mailing: &DomainMailing, stamps: store::Stamps, fact: Fact) -> Result<Reply, Problem> {
    let mailing = store::apk_mailing::update(work.tx, mailing, stamps, work.now)?;
    work.record(Stream::Garage(mailing.garage_id), [fact])?;
    let (version, stamps) = (mailing.version, store::Stamps { updated_at: work.now, ..stamps });
    Ok(Reply::ok(&show(work, (mailing, stamps))?)?.version(version))
}

/// Changes what a mailing says and for which cars it is, as long as it has not begun (rule ML2).
pub fn update(work: &mut Work<'_, '_>, id: ApkMailingId, body: UpdateApkMailing) -> Result<Reply, Problem> {
    let (_, today, (before, stamps)) = owned(work, id)?;
    work.require_version(before.version)?;
    let (mut subject, mut lines) = (before.text.subject().to_owned(), before.text.body().to_owned());
    body.subject.apply_with(&mut subject, |subject| subject.0);
    body.body.apply_with(&mut lines, |body| body.0);
    let mut chosen = before.selection.clone();
    if let crate::wire::Patch::Value(sent) = &body.selection {
        chosen = selection(sent, today)?;
    }
    let mailing = before.change(text(&subject, &lines)?, chosen)?;
    if mailing == before {
        let version = before.version;
        return Ok(Reply::ok(&show(work, (before, stamps))?)?.version(version));
    }
    save(work, &mailing, stamps, Fact::ApkMailingChanged { mailing_id: id })
}

/// Deletes a draft (rule ML2).
pub fn delete(work: &mut Work<'_, '_>, id: ApkMailingId) -> Result<Reply, Problem> {
    let (garage, _, (mailing, _)) = owned(work, id)?;
    work.require_version(mailing.version)?;
    mailing.may_delete()?;
    store::jobs::withdraw_mailing(work.tx, id)?;
    store::apk_mailing::delete(work.tx, &mailing, work.now)?;
    work.record(Stream::Garage(garage.id), [Fact::ApkMailingDeleted { mailing_id: id }])?;
    Ok(Reply::nothing())
}

/// Has a mailing sent now or at a moment (rules ML2 and RM3). It begins by itself, also when this server has ended by then.
pub fn schedule(work: &mut Work<'_, '_>, id: ApkMailingId, body: &ScheduleApkMailing) -> Result<Reply, Problem> {
    let (garage, _, (before, stamps)) = owned(work, id)?;
    work.require_version(before.version)?;
    let at = body.send_at.as_ref().map_or(work.now, |at| at.0);
    let decent = next_decent(at, &zone(&garage.time_zone), Arrival::Email);
    // A moment at night is moved to the morning, and one that is over is refused as it was sent.
    let mailing = before.schedule(Some(if at < work.now { at } else { decent }), work.now)?;
    // A mailing has one job that waits, whatever moments it was given.
    store::jobs::withdraw_mailing(work.tx, id)?;
    let task = Task::Mailing(MailingCars { mailing_id: id, after: None });
    let job = store::jobs::Job::without_cause(new_id(), task);
    store::jobs::insert(work.tx, &job, mailing.send_at.unwrap_or(work.now), work.now)?;
    save(work, &mailing, stamps, Fact::ApkMailingScheduled { mailing_id: id })
}

/// Makes a scheduled mailing a draft again (rule ML2).
pub fn unschedule(work: &mut Work<'_, '_>, id: ApkMailingId) -> Result<Reply, Problem> {
    let (_, _, (before, stamps)) = owned(work, id)?;
    work.require_version(before.version)?;
    let draft = before.unschedule()?;
    store::jobs::withdraw_mailing(work.tx, id)?;
    save(work, &draft, stamps, Fact::ApkMailingUnscheduled { mailing_id: id })
}

/// Stops a mailing: nothing more goes out, except what is on its way to the mail server at this moment (rule ML4).
pub fn stop(work: &mut Work<'_, '_>, id: ApkMailingId) -> Result<Reply, Problem> {
    let (_, _, (before, stamps)) = owned(work, id)?;
    let mailing = before.stop(work.now)?;
    store::apk_mailing::stop_waiting(work.tx, id, work.now)?;
    store::jobs::withdraw_mailing(work.tx, id)?;
    save(work, &mailing, stamps, Fact::ApkMailingStopped { mailing_id: id })
}

/// What became of each car (rule ML4).
pub fn recipients(work: &mut Work<'_, '_>, id: ApkMailingId, query: &RecipientQuery) -> Result<Reply, Problem> {
    let garage = work.require_staff(Action::CustomerRead)?;
    store::apk_mailing::find(work.tx, garage, id)?.ok_or(Code::NotFound)?;
    let outcomes = AnyOf::of(query.outcome.clone(), |outcome| outcome.0);
    let page = store::apk_mailing::list_recipients(work.tx, id, &outcomes, &query.list().request()?)?;
    Reply::page(query.list(), page, ApkMailingRecipient::new)
}

/// What a preview has found so far.
#[derive(Default)]
struct Found {
    mailed: i64,
    samples: Vec<MailingSample>,
    counts: BTreeMap<LeftOut, i64>,
    named: Vec<LeftOutCar>,
    /// The first car that is left out.
    first: Option<ApkCar>,
}

/// Who would get a mailing, how it would look, and who is left out and why (rules ML2 and ML3). It stores nothing.
pub fn preview(work: &mut Work<'_, '_>, id: ApkMailingId) -> Result<Reply, Problem> {
    let (garage, _) = writing(work)?;
    let (mailing, _) = store::apk_mailing::find(work.tx, garage.id, id)?.ok_or(Code::NotFound)?;
    mailing.check_not_begun()?;
    let filter = filter(&mailing.selection);
    let mut found = Found::default();
    let mut mailboxes = Mailboxes::default();
    let mut after: Option<ApkKey> = None;
    loop {
        let request = PageRequest { after, limit: BLOCK, updated_since: None };
        let page = store::apk_list::list(work.tx, garage.id, &filter, &request)?;
        let mailboxes = (&mut mailboxes, work.now);
        for choice in choose(work.tx, garage.id, page.items, (&mailing.selection, Some(id)), mailboxes)? {
            found.add(work, &garage, &mailing, choice)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let example = match found.mailed {
        0 => Some(example(work, &garage, &mailing, found.first)?.into()),
        _ => None,
    };
    let begins_at = next_decent(mailing.send_at.unwrap_or(work.now), &zone(&garage.time_zone), Arrival::Email);
    let language = work.context.language;
    let left_out = found.counts.into_iter().map(|(reason, cars)| LeftOutCount::new(reason, cars, language)).collect();
    Reply::ok(&MailingPreview {
        recipients: found.mailed,
        begins_at: crate::wire::Moment(begins_at),
        names_price: mailing.text.names_price(),
        samples: found.samples,
        example,
        left_out,
        left_out_cars: found.named,
    })
}

impl Found {
    fn add(
        &mut self,
        work: &Work<'_, '_>,
        garage: &Garage,
        mailing: &DomainMailing,
        choice: Choice,
    ) -> Result<(), Problem> {
        let Choice { car, left_out, .. } = choice;
        if let Some(reason) = left_out {
            *self.counts.entry(reason).or_default() += 1;
            if self.named.len() < NAMED {
                self.named.push(LeftOutCar::new(&car, reason));
            }
            self.first.get_or_insert(car);
            return Ok(());
        }
        self.mailed += 1;
        if self.samples.len() < SAMPLES
            && let Some((customer, expires_on)) = car.customer.as_ref().zip(car.expires_on)
        {
            let rendered = compose(work.app, garage, mailing, (&car, customer, &no_page(work.app)), expires_on)?;
            self.samples.push(MailingSample::new(&car, customer, rendered));
        }
        Ok(())
    }
}

/// A mailing for a car that is left out, or for a made-up one, so that who wrote it sees how it looks.
fn example(
    work: &Work<'_, '_>,
    garage: &Garage,
    mailing: &DomainMailing,
    car: Option<ApkCar>,
) -> Result<Rendered, Problem> {
    let made_up = ApkCustomer {
        id: CustomerId(uuid::Uuid::nil()),
        name: "Jan Jansen".to_owned(),
        email: None,
        mobile: None,
        language: garage.language,
        accepts_promotions: false,
        accepts_calls: false,
        email_source: None,
    };
    let car = match car {
        Some(car) => car,
        None => ApkCar {
            passport: PassportId(uuid::Uuid::nil()),
            vehicle: VehicleId(uuid::Uuid::nil()),
            plate: LicencePlate::parse(Country::NL, "GR731N")
                .map_err(|_| Problem::internal("the plate of an example is refused"))?,
            make: Some("Opel".to_owned()),
            model: Some("Combo".to_owned()),
            status: PassportStatus::Active,
            expires_on: None,
            customer: None,
        },
    };
    let customer = car.customer.clone().unwrap_or(made_up);
    let expires_on = car.expires_on.unwrap_or(mailing.selection.from());
    compose(work.app, garage, mailing, (&car, &customer, &no_page(work.app)), expires_on)
}

/// The list of the cars of a selection.
pub fn filter(selection: &Selection) -> ApkListFilter {
    ApkListFilter { from: selection.from(), until: selection.until(), mailed: None, search: None, latest_first: false }
}
