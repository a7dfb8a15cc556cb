//! What the operations on the APK do.

use super::wire::{Apk, ApkEntry, ApkLiftSet, EntryWarning, Ground, NewApkEntry, NewApkLift};
use crate::{
    car_status::operations::refresh,
    clock::new_id,
    command::{Reply, Work},
    garage::operations::today,
    problem::{Code, Problem},
    reach::{find, lock_and_find, relation},
    wire::ListQuery,
};
use domain::{
    access::Action,
    apk::{
        self, ApkAssessment, ApkEntryWarning, ApkFacts, EnteredLift, GarageExpiry, Inspected, LiftReason,
        certificate_before,
    },
    event::{Fact, Stream},
    ids::{ApkEntryId, PassportId},
    passport::Passport,
    registration::{RegisterStatus, Registration, admitted_on, apk_vehicle},
};
use persistence::{
    self as store, Found,
    apk::{ApkEntryView, ApkLiftView},
};

/// How a car stands with its APK, and what that follows from.
pub struct Assessed {
    /// How it stands.
    pub apk: ApkAssessment,
    /// The garage's latest entry.
    pub entry: Option<ApkEntryView>,
    /// What somebody said that lifts the duty, also when the register says that this has ended.
    pub lift: Option<ApkLiftView>,
    /// What the register said about the car.
    pub registration: Option<Registration>,
}

/// Assesses the APK of a car today (rules APK1 to APK10, R17).
pub fn assess(work: &mut Work<'_, '_>, passport: &Found<Passport>) -> Result<Assessed, Problem> {
    let today = today(work, passport.garage_id)?;
    let registration = store::registration::find(work.tx, passport.plate())?;
    let entry = store::apk::latest(work.tx, passport.vehicle_id())?;
    let lift = store::apk::lift(work.tx, passport.vehicle_id())?;
    let known = registration.as_ref();
    let facts = ApkFacts {
        vehicle: &apk_vehicle(
            &passport.vehicle,
            known.and_then(|known| known.data.as_ref()),
            lift.as_ref().map(|(lift, _)| lift),
        ),
        register: known.and_then(Registration::apk_expiry),
        garage: entry
            .as_ref()
            .map(|(entry, _)| GarageExpiry { expires_on: entry.expires_on, entered_at: entry.entered_at }),
        inspections: &known.map(Registration::undated_apks).unwrap_or_default(),
    };
    let apk = apk::assess(&facts, today);
    Ok(Assessed { apk, entry, lift, registration })
}

/// How the car stands with its APK (rules APK1 to APK10, R17).
pub fn get(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let Assessed { apk, entry, lift, registration } = assess(work, &passport)?;
    let known = registration.as_ref();
    let language = work.context.language;
    let ground = Ground {
        entry,
        lift: lift.filter(|(lift, _)| holds(lift, known)),
        register_status: RegisterStatus::of(&passport.vehicle.plate, known),
        stale_since: known.and_then(|known| known.stale_since),
        actor: work.actor()?,
        passport: &passport,
    };
    Reply::ok(&Apk::new(&apk, ground, language))
}

/// The dates that the garage entered (rules APK11, R21 and T9).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let page = store::apk::list(work.tx, passport.vehicle_id(), &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(query, page, |entry| ApkEntry::new(entry, actor, &passport))
}

/// One of them (rules APK11, R21 and T9).
pub fn get_entry(work: &mut Work<'_, '_>, id: PassportId, entry: ApkEntryId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let entry = store::apk::find(work.tx, passport.vehicle_id(), entry)?.ok_or(Code::NotFound)?;
    Reply::ok(&ApkEntry::new(entry, work.actor()?, &passport))
}

/// The value that each of these refusals is about, when it is said of the inspection.
const VALUES_OF_INSPECTION: &[(Code, &str)] = &[
    (Code::ApkEntryEmpty, "/expiresOn"),
    (Code::ApkEntryEmpty, "/inspectedOn"),
    (Code::ApkInspectionInFuture, "/inspectedOn"),
    (Code::ApkDateBeforeFirstAdmission, "/inspectedOn"),
    (Code::ApkExpiryNotComputable, "/expiresOn"),
];

/// The value that each of these refusals is about, when it is said of the date.
const VALUES_OF_DATE: &[(Code, &str)] =
    &[(Code::ApkDateBeforeFirstAdmission, "/expiresOn"), (Code::ApkDateTooFar, "/expiresOn")];

/// Enters a date, or the day of an inspection that the car passed (rules R21, R22 and APK11).
pub fn enter(work: &mut Work<'_, '_>, id: PassportId, body: &NewApkEntry) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::ApkEnter)?;
    passport.in_use()?;
    let today = today(work, passport.garage_id)?;
    let registration = store::registration::find(work.tx, passport.plate())?;
    let entered = store::apk::latest(work.tx, passport.vehicle_id())?;
    let entered = entered.map(|(one, _)| GarageExpiry { expires_on: one.expires_on, entered_at: one.entered_at });
    let registered = registration.as_ref().and_then(Registration::apk_expiry).map(|expiry| expiry.expires_on);
    let data = registration.and_then(|known| known.data);
    let inspected_on = body.inspected_on.map(|day| day.0);
    let (expires_on, is_odd) = Inspected {
        vehicle: &apk_vehicle(&passport.vehicle, data.as_ref(), None),
        current_expiry: certificate_before(registered, entered, work.now),
        inspected_on,
        expires_on: body.expires_on.map(|day| day.0),
    }
    .expiry(today)
    .map_err(|refusal| Problem::from(refusal).about(VALUES_OF_INSPECTION))?;
    let admitted_from = admitted_on(&passport.vehicle, data.as_ref());
    let by = work.actor()?.account_id();
    let said = (expires_on, inspected_on);
    let entry = apk::ApkEntry::enter(new_id(), said, admitted_from, today, by, work.now)
        .map_err(|refusal| Problem::from(refusal).about(VALUES_OF_DATE))?;
    store::apk::insert(work.tx, passport.car(), &entry)?;
    let fact = Fact::ApkDateEntered { passport_id: id, entry_id: entry.id };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    let name = store::account::find(work.tx, by)?.map(|(account, _)| account.name).unwrap_or_default();
    let location = format!("/v1/passports/{id}/apk/entries/{}", entry.id);
    let mut shown = ApkEntry::new((entry, name), work.actor()?, &passport);
    if is_odd {
        let language = work.context.language;
        shown.warnings.push(EntryWarning::new(ApkEntryWarning::NotByLaw, inspected_on.is_some(), language));
    }
    Reply::created(&shown, location)
}

/// Says what lifts the duty, or that nothing does any longer (rule APK9).
pub fn set_lift(work: &mut Work<'_, '_>, id: PassportId, body: &NewApkLift) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::ApkLift)?;
    passport.in_use()?;
    let found = store::apk::lift(work.tx, passport.vehicle_id())?;
    let before = found.as_ref().map(|(lift, _)| lift.reason);
    let reason = body.reason.map(|reason| reason.0);
    // What only the garage judges, it alone says and takes back.
    if [before, reason].into_iter().flatten().any(LiftReason::is_for_garage) {
        let relation = relation(work.actor()?, &passport);
        work.require(Action::ApkEnter, relation)?;
    }
    if before.is_none() && reason.is_none() {
        // It is so already.
        return Reply::ok(&ApkLiftSet::new(None, work.actor()?, &passport));
    }
    let registration = store::registration::find(work.tx, passport.plate())?;
    let kind = registration.as_ref().and_then(|known| known.data.as_ref()?.kind);
    let by = work.actor()?.account_id();
    let entered = reason.map(|reason| EnteredLift::enter(reason, kind, by, work.now)).transpose()?;
    store::apk::save_lift(work.tx, passport.vehicle_id(), entered.as_ref())?;
    let fact = Fact::ApkLiftChanged { passport_id: id, reason };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    let name = store::account::find(work.tx, by)?.map(|(account, _)| account.name).unwrap_or_default();
    Reply::ok(&ApkLiftSet::new(entered.map(|entered| (entered, name)), work.actor()?, &passport))
}

/// Whether what was said still lifts the duty.
fn holds(lift: &EnteredLift, known: Option<&Registration>) -> bool {
    lift.holds(known.and_then(|known| known.data.as_ref()?.registered_on)).is_some()
}
