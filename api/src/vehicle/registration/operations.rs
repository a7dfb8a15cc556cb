//! What the operations on what the register told do.

use super::wire::{Inspection, Recall, Registration};
use crate::{
    apk::operations::assess,
    command::{Reply, Work},
    problem::Problem,
    reach::find,
    wire::{ListQuery, page_of},
};
use domain::{access::Action, ids::PassportId, registration::Registration as Kept};
use persistence::{self as store, PageRequest};
use serde::de::DeserializeOwned;

/// What the register tells, with warnings that judge the APK as that of the car is judged (rules R11, R12, R17, R18, R37).
pub fn get(work: &mut Work<'_, '_>, id: PassportId) -> Result<Reply, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let assessed = assess(work, &passport)?;
    let (plate, language) = (&passport.vehicle.plate, work.context.language);
    Reply::ok(&Registration::new(plate, assessed.registration, &assessed.apk, language))
}

/// The recalls, by reference (rule R14).
pub fn list_recalls(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let request: PageRequest<String> = query.request()?;
    let kept = kept(work, id, &request)?;
    let recalls = kept.into_iter().flat_map(|kept| kept.recalls).map(|recall| (recall.reference.clone(), recall));
    let rest = recalls.filter(|(reference, _)| request.after.as_ref().is_none_or(|after| reference > after));
    Reply::page(query, page_of(rest, request.limit), Recall::new)
}

/// The inspections, the newest first. A page goes on from a number that counts them from the oldest, so that one more
/// inspection shifts nothing (rule R16).
pub fn list_inspections(work: &mut Work<'_, '_>, id: PassportId, query: &ListQuery) -> Result<Reply, Problem> {
    let request: PageRequest<usize> = query.request()?;
    let inspections = kept(work, id, &request)?.map(|kept| kept.inspections).unwrap_or_default();
    let numbered = (1..=inspections.len()).rev().zip(inspections);
    let rest = numbered.filter(|(number, _)| request.after.is_none_or(|after| *number < after));
    Reply::page(query, page_of(rest, request.limit), Inspection::new)
}

/// What is kept of the car, if it was written since the time that the request asks for: its lists are written whole.
fn kept<K: DeserializeOwned>(
    work: &mut Work<'_, '_>,
    id: PassportId,
    request: &PageRequest<K>,
) -> Result<Option<Kept>, Problem> {
    let passport = find(work, id, Action::ApkRead)?;
    let kept = store::registration::view(work.tx, passport.plate())?;
    Ok(kept.filter(|(_, written)| request.asks_for(*written)).map(|(kept, _)| kept))
}
