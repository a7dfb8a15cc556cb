//! What the operations on the APK do.

use super::wire::{Apk, ApkEntry, Ground, NewApkEntry};
use crate::{
    car_status::operations::refresh,
    clock::new_id,
    command::{Reply, Work},
    garage::operations::today,
    problem::{Code, Problem},
    reach::{find, lock_and_find},
    wire::ListQuery,
};
use domain::{
    access::Action,
    apk::{self, ApkFacts, GarageExpiry},
    event::{Fact, Stream},
    ids::{ApkEntryId, PassportId},
    registration::{RegisterStatus, Registration, admitted_on, apk_vehicle},
};
use persistence as store;

/// How the car stands with its APK (rules APK1 to APK10, R17).
pub fn get(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let today = today(work, passport.garage_id)?;
    let registration = store::registration::find(work.tx, passport.plate())?;
    let entry = store::apk::latest(work.tx, passport.passport_id())?;
    let known = registration.as_ref();
    let facts = ApkFacts {
        vehicle: &apk_vehicle(&passport.vehicle, known.and_then(|known| known.data.as_ref())),
        register: known.and_then(Registration::apk_expiry),
        garage: entry
            .as_ref()
            .map(|(entry, _)| GarageExpiry { expires_on: entry.expires_on, entered_at: entry.entered_at }),
        inspections: &known.map(Registration::passed_on).unwrap_or_default(),
    };
    let assessment = apk::assess(&facts, today);
    let language = work.context.language;
    let ground = Ground {
        entry,
        register_status: RegisterStatus::of(&passport.vehicle.plate, known),
        stale_since: known.and_then(|known| known.stale_since),
        actor: work.actor()?,
        passport: &passport,
    };
    Reply::ok(&Apk::new(&assessment, ground, language))
}

/// The dates that the garage entered (rules R21 and T9).
pub fn list(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let page = store::apk::list(work.tx, passport.passport_id(), &query.request()?)?;
    let actor = work.actor()?;
    Reply::page(query, page, |entry| ApkEntry::new(entry, actor, &passport))
}

/// One of them (rules R21 and T9).
pub fn get_entry(work: &mut Work<'_, '_>, id: PassportId, entry: ApkEntryId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let entry = store::apk::find(work.tx, passport.passport_id(), entry)?.ok_or(Code::NotFound)?;
    Reply::ok(&ApkEntry::new(entry, work.actor()?, &passport))
}

/// Enters a date (rules R21 and R22).
pub fn enter(work: &mut Work<'_, '_>, id: PassportId, body: &NewApkEntry) -> Result<Reply, Problem> {
    let (passport, _) = lock_and_find(work, id, Action::ApkEnter)?;
    passport.in_use()?;
    let today = today(work, passport.garage_id)?;
    let registration = store::registration::find(work.tx, passport.plate())?;
    let admitted_from = admitted_on(&passport.vehicle, registration.and_then(|known| known.data).as_ref());
    let by = work.actor()?.account_id();
    let entry = apk::ApkEntry::enter(new_id(), body.expires_on.0, admitted_from, today, by, work.now)?;
    store::apk::insert(work.tx, passport.passport_id(), &entry)?;
    let fact = Fact::ApkDateEntered { passport_id: id, entry_id: entry.id };
    work.record(Stream::Garage(passport.garage_id), [fact])?;
    refresh(work, &passport)?;
    let name = store::account::find(work.tx, by)?.map(|(account, _)| account.name).unwrap_or_default();
    let location = format!("/v1/passports/{id}/apk/entries/{}", entry.id);
    Reply::created(&ApkEntry::new((entry, name), work.actor()?, &passport), location)
}
