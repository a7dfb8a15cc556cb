//! What the operation on delivery reports does, which the command line does too.

use super::{Report, report::Lasting, wire::DeliveryReportResult};
use crate::{
    clock::new_id,
    command::{Reply, Work, record},
    mail::{Proven, read_proof},
    problem::Problem,
    secret::Secret,
};
use domain::{
    Instant,
    delivery_report::ReportOutcome,
    event::{Fact, Stream},
    suppression::{Suppression, SuppressionReason},
    value::EmailAddress,
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
    let ours = report.lasting.iter().filter_map(|lasting| proven(secret, report.proof.as_deref()?, lasting, now));
    let mut outcome = ReportOutcome::NotOurs;
    for (proven, suppression) in ours.collect::<Vec<_>>() {
        if suppression.reason == SuppressionReason::Bounced {
            store::apk_mailing::mark_bounced(tx, proven.job, now)?;
        }
        if suppress(tx, &suppression, now)? {
            outcome = ReportOutcome::Suppressed;
        } else if outcome == ReportOutcome::NotOurs {
            outcome = ReportOutcome::Known;
        }
    }
    Ok(outcome)
}

/// Notes that an address must not be written to. When mail to it came back, the staff of each garage that has it of a customer are
/// told, as something to correct (rule CH3), and links to it have the bounce (rule CH4). False when it was noted before.
pub fn suppress(tx: &mut Tx<'_>, suppression: &Suppression, now: Instant) -> Result<bool, Problem> {
    /// The most customers with one address whose garages are told.
    const MOST: i64 = 200;
    if !store::suppression::insert(tx, suppression)? {
        return Ok(false);
    }
    if suppression.reason == SuppressionReason::Bounced {
        // In the order of the garages, so that no two wait for each other's locks.
        for (garage, customer_id) in store::customer::with_email(tx, &suppression.email, MOST)? {
            let stream = Stream::Garage(garage);
            store::event::lock(tx, stream)?;
            record(tx, stream, None, [Fact::CustomerEmailBounced { customer_id }], now)?;
        }
        // After the locks, since commands that hold one change links too.
        store::invitation::note_bounce(tx, &suppression.email, now)?;
    }
    Ok(true)
}

/// Notes what came of a report: for the operator, without the address.
pub fn count(outcome: ReportOutcome) {
    metrics::counter!("delivery_reports_total", "outcome" => outcome.code()).increment(1);
    tracing::info!(outcome = outcome.code(), "a delivery report was read");
}

/// The mail that the report is about and the address that it went to, if the report names it, has the mail's proof and comes in
/// time. A signed report needs the proof too: who signs is a mail server of the operator's, which passes on what anyone wrote.
fn proven(secret: &Secret, proof: &str, lasting: &Lasting, now: Instant) -> Option<(Proven, Suppression)> {
    let proven = |email: &EmailAddress| Some((read_proof(secret, proof, email)?, email.clone()));
    let (proven, email) = lasting.addresses.iter().find_map(proven)?;
    let suppression = Suppression::of_mailbox(new_id(), email, lasting.reason, now)?;
    proven.counts(now).then_some((proven, suppression))
}
