//! What the operation on delivery reports does, which the command line does too.

use super::{Report, report::Lasting, wire::DeliveryReportResult};
use crate::{
    clock::new_id,
    command::{Reply, Work},
    mail::{job_of, proves_recipient},
    problem::Problem,
    secret::Secret,
};
use domain::{
    Instant,
    delivery_report::ReportOutcome,
    suppression::{Suppression, SuppressionReason},
};
use persistence::{self as store, Tx};

/// A report that another program sent (rule CH3).
pub fn report(work: &mut Work<'_, '_>, report: Option<&Report>) -> Result<(ReportOutcome, Reply), Problem> {
    let outcome = receive(work.tx, &work.app.secret, report, work.now)?;
    Ok((outcome, Reply::ok(&DeliveryReportResult { outcome: super::wire::ReportOutcome(outcome) })?))
}

/// Stores what a report says about an address that this server wrote to (rule CH3). Once more changes nothing.
pub fn receive(
    tx: &mut Tx<'_>,
    secret: &Secret,
    report: Option<&Report>,
    now: Instant,
) -> Result<ReportOutcome, Problem> {
    let Some(report) = report else { return Ok(ReportOutcome::NoReport) };
    if report.lasting.is_empty() {
        return Ok(ReportOutcome::NothingLasting);
    }
    let ours = report.lasting.iter().filter_map(|lasting| proven(secret, report.message_id.as_deref()?, lasting, now));
    let mut outcome = ReportOutcome::NotOurs;
    for suppression in ours.collect::<Vec<_>>() {
        if suppression.reason == SuppressionReason::Bounced
            && let Some(job) = report.message_id.as_deref().and_then(job_of)
        {
            store::apk_mailing::mark_bounced(tx, job, now)?;
        }
        if store::suppression::insert(tx, &suppression)? {
            outcome = ReportOutcome::Suppressed;
        } else if outcome == ReportOutcome::NotOurs {
            outcome = ReportOutcome::Known;
        }
    }
    Ok(outcome)
}

/// Notes what came of a report: for the operator, without the address.
pub fn count(outcome: ReportOutcome) {
    metrics::counter!("delivery_reports_total", "outcome" => outcome.code()).increment(1);
    tracing::info!(outcome = outcome.code(), "a delivery report was read");
}

/// The address that the mail with this id went to, if the report names it.
fn proven(secret: &Secret, message_id: &str, lasting: &Lasting, now: Instant) -> Option<Suppression> {
    let email = lasting.addresses.iter().find(|email| proves_recipient(secret, message_id, email))?;
    Suppression::of_mailbox(new_id(), email.clone(), lasting.reason, now)
}
