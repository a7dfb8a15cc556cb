//! What was done to a car and found on it since a day, and what becomes of recommendations whose end does not count any more
//! (rules SR2, VC2 and VC6).

use crate::{command::Work, problem::Problem};
use domain::{
    Date,
    car_history::CarHistory,
    event::Fact,
    ids::{PassportId, ServiceRecordId, VehicleCheckId, VehicleId},
    recommendation::{Advice, Recommendation, RecommendationEnd},
    service_task::TaskKey,
};
use persistence::{
    self as store, Found, PageRequest,
    recommendation::EndedBy,
    service_record::{ServiceRecordFilter, ServiceRecordView},
};
use std::collections::BTreeSet;

/// How many records and how many checks are looked at.
const LATEST: usize = 200;

/// What was done since a day of the work that is advised, and what checks found since then.
pub fn since<'a>(
    work: &mut Work<'_, '_>,
    vehicle: Found<VehicleId>,
    day: Date,
    advised: impl IntoIterator<Item = &'a Advice>,
) -> Result<CarHistory, Problem> {
    let tasks: BTreeSet<TaskKey> = advised.into_iter().filter_map(|advice| advice.task).collect();
    if tasks.is_empty() {
        return Ok(CarHistory::default());
    }
    let filter = ServiceRecordFilter { from: Some(day), tasks: tasks.into_iter().collect(), ..Default::default() };
    let request = PageRequest { after: None, limit: LATEST, updated_since: None };
    let done = store::service_record::list(work.tx, vehicle, &filter, &request)?.items;
    let checks = store::vehicle_check::completed_since(work.tx, vehicle, day, LATEST)?;
    Ok(CarHistory { records: done.into_iter().map(|ServiceRecordView { record, .. }| record).collect(), checks })
}

/// What has replaced what ended a recommendation.
#[derive(Clone, Copy, Debug)]
pub enum ReplacedBy {
    /// A record.
    Record(ServiceRecordId),
    /// A check.
    Check(VehicleCheckId),
}

/// Stores what becomes of the recommendations that a record or check had ended which was replaced, and says it.
pub fn reconsidered(
    work: &mut Work<'_, '_>,
    passport_id: PassportId,
    vehicle: Found<VehicleId>,
    (replaced, by): (EndedBy, ReplacedBy),
    all: &[Recommendation],
) -> Result<Vec<Fact>, Problem> {
    store::recommendation::correct_all(work.tx, vehicle, replaced, all, work.now)?;
    let (record, check) = match by {
        ReplacedBy::Record(record) => (Some(record), None),
        ReplacedBy::Check(check) => (None, Some(check)),
    };
    let reopened = |one: &Recommendation| Fact::RecommendationReopened {
        passport_id,
        recommendation_id: one.id,
        record_id: record,
        check_id: check,
    };
    let fact = |one| ended(passport_id, one).unwrap_or_else(|| reopened(one));
    Ok(all.iter().map(fact).collect())
}

/// What is said of a recommendation that something has ended; nothing while it waits. That its owner declined it was said
/// when they did.
pub fn ended(passport_id: PassportId, one: &Recommendation) -> Option<Fact> {
    let recommendation_id = one.id;
    match one.end {
        Some(RecommendationEnd::Superseded(check_id)) => {
            Some(Fact::RecommendationSuperseded { passport_id, recommendation_id, check_id })
        }
        Some(RecommendationEnd::Done(record_id)) => {
            Some(Fact::RecommendationDone { passport_id, recommendation_id, record_id })
        }
        Some(RecommendationEnd::Declined(_)) | None => None,
    }
}
