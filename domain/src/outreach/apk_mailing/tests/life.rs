use super::*;
use jiff::ToSpan;

const NOW: &str = "2026-02-25T09:00:00Z";

fn draft() -> ApkMailing {
    let id = uuid::Uuid::from_u128;
    ApkMailing::draft(ApkMailingId(id(1)), GarageId(id(2)), written("Beste klant"), march(), AccountId(id(3)))
}

fn scheduled() -> ApkMailing {
    draft().schedule(None, at(NOW)).unwrap()
}

/// A mailing in each state.
fn each() -> [ApkMailing; 5] {
    let sending = scheduled().begin(at(NOW)).unwrap();
    let sent = sending.finish(at(NOW)).unwrap();
    let stopped = sending.stop(at(NOW)).unwrap();
    [draft(), scheduled(), sending, sent, stopped]
}

#[test]
fn ml4_each_command_is_for_some_states_only() {
    use MailingStatus::{Draft, Scheduled, Sending, Sent, Stopped};
    let now = at(NOW);
    let mut tried = Vec::new();
    for mailing in each() {
        let status = mailing.status;
        tried.push(status);
        let became = |changed: Result<ApkMailing, MailingRefusal>| {
            changed.map(|changed| {
                assert_eq!(changed.version, mailing.version, "the store raises it: {status:?}");
                changed.status
            })
        };
        let begun = Err(MailingRefusal::HasBegun);
        let expected = match status {
            Draft => (Ok(Draft), Ok(Scheduled), Err(MailingRefusal::NotBegun), Err(MailingRefusal::NotBegun)),
            Scheduled => (Ok(Scheduled), Ok(Scheduled), Ok(Draft), Ok(Stopped)),
            Sending => (begun, begun, begun, Ok(Stopped)),
            Sent | Stopped => (begun, begun, begun, Err(MailingRefusal::HasEnded)),
        };
        let commands = (
            became(mailing.change(written("Anders"), march())),
            became(mailing.schedule(None, now)),
            became(mailing.unschedule()),
            became(mailing.stop(now)),
        );
        assert_eq!(commands, expected, "{status:?}");
        let steps =
            (mailing.begin(now).map(|changed| changed.status), mailing.finish(now).map(|changed| changed.status));
        assert_eq!(
            steps,
            ((status == Scheduled).then_some(Sending), (status == Sending).then_some(Sent)),
            "{status:?}"
        );
    }
    assert_eq!(tried, MailingStatus::ALL, "each state was tried");
}

#[test]
fn ml4_what_never_began_is_not_said_to_have_begun() {
    let stopped = scheduled().stop(at(NOW)).unwrap();
    assert_eq!(stopped.may_delete(), Err(MailingRefusal::WasStopped));
    assert_eq!(stopped.change(written("Anders"), march()), Err(MailingRefusal::WasStopped));
    assert_eq!(stopped.schedule(None, at(NOW)), Err(MailingRefusal::WasStopped));
    assert_eq!(stopped.stop(at(NOW)), Err(MailingRefusal::HasEnded));
    let refused: Vec<_> = each().iter().map(ApkMailing::may_delete).collect();
    let begun = Err(MailingRefusal::HasBegun);
    assert_eq!(refused, [Ok(()), Err(MailingRefusal::IsScheduled), begun, begun, begun]);
}

#[test]
fn ml4_a_mailing_begins_at_its_moment_and_not_before() {
    let now = at(NOW);
    let later = now + 2.hours();
    let mailing = draft().schedule(Some(later), now).unwrap();
    assert_eq!(mailing.send_at, Some(later));
    assert_eq!(mailing.begin(later - 1.microsecond()), None);
    let begun = mailing.begin(later).unwrap();
    assert_eq!((begun.begun_at, begun.ended_at), (Some(later), None));
    let ended = begun.finish(later + 1.hour()).unwrap();
    assert_eq!((ended.begun_at, ended.ended_at), (Some(later), Some(later + 1.hour())));
    let stopped = mailing.stop(now).unwrap();
    assert_eq!((stopped.begun_at, stopped.ended_at), (None, Some(now)));
    assert_eq!(stopped.begin(later), None, "a stopped mailing is not taken up again");
    let taken_back = mailing.unschedule().unwrap();
    assert_eq!((taken_back.send_at, taken_back.begin(later)), (None, None));
}

#[test]
fn ml4_its_moment_is_neither_over_nor_more_than_a_year_ahead() {
    let now = at(NOW);
    let moment = |at| draft().schedule(at, now).map(|mailing| mailing.send_at.unwrap());
    assert_eq!(moment(None), Ok(now));
    assert_eq!(moment(Some(now - 1.minute())), Ok(now), "the clock went on while someone chose");
    assert_eq!(moment(Some(now - 61.seconds())), Err(MailingRefusal::MomentOver));
    assert_eq!(moment(Some(now + FURTHEST)), Ok(now + FURTHEST));
    assert_eq!(moment(Some(now + FURTHEST + SignedDuration::from_secs(1))), Err(MailingRefusal::MomentTooFar));
    assert_eq!(moment(Some(Instant::MAX)), Err(MailingRefusal::MomentTooFar));
    assert_eq!(moment(Some(Instant::MIN)), Err(MailingRefusal::MomentOver));
}

#[test]
fn ml2_what_a_scheduled_mailing_says_can_be_changed_until_it_begins() {
    let mailing = scheduled();
    let changed = mailing.change(written("Anders"), march()).unwrap();
    assert_eq!((changed.text.body(), changed.send_at), ("Anders", mailing.send_at));
}
