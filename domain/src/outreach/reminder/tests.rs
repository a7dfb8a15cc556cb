use super::*;
use crate::{
    car_status::{Judged, Standing},
    expected_maintenance::DueDays,
    ids::{GarageId, InvitationId, PassportId, TransferId},
    invitation::{Invitation, Purpose},
    service_task::TaskKey,
    value::EmailAddress,
};
use jiff::civil::date;
use proptest::{collection::vec, prelude::*};
use std::collections::HashSet;
use uuid::Uuid;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn after(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap()
}

fn offsets(days: &[i64]) -> Offsets {
    Offsets::new(ReminderItem::Apk, days).unwrap()
}

/// An item of a car, with the reminders that were made of it.
#[derive(Clone)]
struct Item {
    due_on: Date,
    is_settled: bool,
    offsets: Offsets,
    made: Vec<Made>,
}

impl Item {
    fn new(due_on: Date, offsets: Offsets) -> Self {
        Self { due_on, is_settled: false, offsets, made: vec![] }
    }

    fn apk(due_on: &str) -> Self {
        Self::new(day(due_on), Offsets::default_of(ReminderItem::Apk))
    }

    fn decide(&self, today: Date) -> Decision {
        let Self { due_on, is_settled, offsets, made } = self;
        decide(&Facts { due_on: *due_on, is_settled: *is_settled, offsets, made }, today)
    }

    /// A pass on a day.
    fn pass(&mut self, today: Date) -> Decision {
        let decision = self.decide(today);
        self.made.extend(decision.now.map(|due| due.made(today)));
        decision
    }

    /// Passes on each day from one to another, and what they made.
    fn daily(&mut self, from: &str, to: &str) -> Vec<(String, i64)> {
        let (mut today, mut made) = (day(from), vec![]);
        while today <= day(to) {
            made.extend(self.pass(today).now.map(|due| (today.to_string(), due.offset)));
            today = after(today, 1);
        }
        made
    }
}

fn seen(made: &[(&str, i64)]) -> Vec<(String, i64)> {
    made.iter().map(|(on, offset)| ((*on).to_owned(), *offset)).collect()
}

#[test]
fn rm1_the_defaults_are_those_of_the_rule_and_pass_their_own_check() {
    let days = |item| Offsets::default_of(item).days().collect::<Vec<_>>();
    assert_eq!(days(ReminderItem::Apk), [-10 * 7, -8 * 7, -4 * 7, -7, 1]);
    assert_eq!(days(ReminderItem::Maintenance), [-4 * 7, 1]);
    assert_eq!((days(ReminderItem::Offer), days(ReminderItem::Invitation)), (vec![-3], vec![-3]));
    for item in ReminderItem::ALL {
        assert_eq!(Offsets::new(*item, &days(*item)), Ok(Offsets::default_of(*item)));
        assert_eq!(ReminderItem::from_code(item.code()), Some(*item));
    }
}

#[test]
fn rm1_offsets_are_few_within_bounds_different_and_sorted() {
    let new = |days: &[i64]| Offsets::new(ReminderItem::Apk, days);
    assert_eq!(new(&[1, -180, 30]).unwrap().days().collect::<Vec<_>>(), [-180, 1, 30]);
    assert_eq!(new(&[]), Err(OffsetsRefused::None));
    assert_eq!(new(&(0..11).collect::<Vec<_>>()), Err(OffsetsRefused::TooMany));
    assert!(new(&(0..10).collect::<Vec<_>>()).is_ok());
    for outside in [-181, 31, i64::MIN, i64::MAX] {
        assert_eq!(new(&[-7, outside]), Err(OffsetsRefused::OutOfRange(outside)));
    }
    assert_eq!(new(&[-7, 1, -7]), Err(OffsetsRefused::Twice(-7)));
    for ends in [ReminderItem::Offer, ReminderItem::Invitation] {
        assert_eq!(Offsets::new(ends, &[1]), Err(OffsetsRefused::OutOfRange(1)));
        assert!(Offsets::new(ends, &[0]).is_ok());
    }
}

#[test]
fn rm1_the_nearest_level_that_sets_offsets_wins() {
    let (garage, other) = (GarageId(Uuid::from_u128(1)), GarageId(Uuid::from_u128(2)));
    let mut set = SetOffsets::default();
    let found = |set: &SetOffsets, garage, chain, item| {
        let (level, offsets) = set.nearest(garage, chain, item);
        (level, offsets.days().collect::<Vec<_>>())
    };
    let work = ReminderItem::Maintenance;
    assert_eq!(found(&set, garage, Some("Vakgarage"), work), (OffsetsLevel::Default, vec![-28, 1]));
    set.set(OffsetsOf::Platform, work, offsets(&[-1]));
    set.set(OffsetsOf::chain("Vakgarage"), work, offsets(&[-2]));
    set.set(OffsetsOf::Garage(garage), work, offsets(&[-3, 2]));
    assert_eq!(found(&set, garage, Some("Vakgarage"), work), (OffsetsLevel::Garage, vec![-3, 2]));
    assert_eq!(found(&set, other, Some("VAKGARAGE"), work), (OffsetsLevel::Chain, vec![-2]), "however it is written");
    assert_eq!(found(&set, other, Some("Another"), work), (OffsetsLevel::Platform, vec![-1]));
    assert_eq!(found(&set, other, None, work), (OffsetsLevel::Platform, vec![-1]));
    assert_eq!(found(&set, garage, None, ReminderItem::Offer), (OffsetsLevel::Default, vec![-3]), "item by item");
    assert_eq!(set.own(OffsetsOf::Garage(other), work), None);
}

/// A link for this purpose that was mailed at an instant.
fn link(purpose: Purpose, mailed_at: &str) -> ExpiringLink {
    let mailed_at = mailed_at.parse().unwrap();
    let email = EmailAddress::parse("jan@jansen.example").unwrap();
    let invitation = Invitation::new(InvitationId(Uuid::from_u128(9)), purpose, None, email, mailed_at);
    ExpiringLink { invitation, mailed_at }
}

#[test]
fn rm1_one_is_reminded_once_of_a_link_that_is_about_to_end() {
    let zone = amsterdam();
    let fresh = link(Purpose::Passport(PassportId(Uuid::from_u128(1))), "2026-03-01T23:30:00Z");
    let look = |link: &ExpiringLink, set: &[i64], now: &str| {
        let offsets = Offsets::new(ReminderItem::Invitation, set).unwrap();
        look_at_link(link, &offsets, now.parse().unwrap(), &zone)
    };
    // It ends on the 16th there.
    assert_eq!(look(&fresh, &[-3], "2026-03-02T10:00:00Z"), LinkLook::Later(day("2026-03-13")));
    assert_eq!(look(&fresh, &[-3], "2026-03-12T22:59:00Z"), LinkLook::Later(day("2026-03-13")));
    assert_eq!(look(&fresh, &[-3], "2026-03-12T23:00:00Z"), LinkLook::Remind);
    assert_eq!(look(&fresh, &[-3], "2026-03-15T23:29:59Z"), LinkLook::Remind, "late is better than never");
    assert_eq!(look(&fresh, &[-3], "2026-03-15T23:30:00Z"), LinkLook::Never, "it has ended");
    assert_eq!(look(&fresh, &[-10, -3], "2026-03-02T10:00:00Z"), LinkLook::Later(day("2026-03-06")));
    assert_eq!(
        look(&fresh, &[-14, -3], "2026-03-02T10:00:00Z"),
        LinkLook::Later(day("2026-03-13")),
        "that day is past"
    );
    assert_eq!(look(&fresh, &[-30], "2026-03-02T10:00:00Z"), LinkLook::Never, "it is not as long as that");
    for ended in [
        Invitation { used_at: Some(fresh.mailed_at), ..fresh.invitation.clone() },
        Invitation { revoked_at: Some(fresh.mailed_at), ..fresh.invitation.clone() },
    ] {
        let ended = ExpiringLink { invitation: ended, ..fresh.clone() };
        assert_eq!(look(&ended, &[-3], "2026-03-14T10:00:00Z"), LinkLook::Never);
    }
}

#[test]
fn rm1_an_open_offer_is_reminded_of_whoever_used_its_link() {
    let offered = link(Purpose::Transfer(TransferId(Uuid::from_u128(1))), "2026-03-01T09:00:00Z");
    let look = |invitation: Invitation| {
        let link = ExpiringLink { invitation, ..offered.clone() };
        look_at_link(
            &link,
            &Offsets::default_of(ReminderItem::Offer),
            "2026-03-12T09:00:00Z".parse().unwrap(),
            &amsterdam(),
        )
    };
    let at = Some(offered.mailed_at);
    let used = Invitation { used_at: at, ..offered.invitation.clone() };
    assert_eq!((look(offered.invitation.clone()), look(used.clone())), (LinkLook::Remind, LinkLook::Remind));
    assert_eq!(look(Invitation { revoked_at: at, ..used }), LinkLook::Never, "it was decided, or mailed again");
}

#[test]
fn rm1_rm3_a_link_that_ends_in_the_morning_is_reminded_of_on_the_day_before() {
    let zone = amsterdam();
    let look = |ends_at: &str, days: &[i64], now: &str| {
        let mut link = link(Purpose::Passport(PassportId(Uuid::from_u128(1))), "2026-03-01T09:00:00Z");
        link.invitation.expires_at = ends_at.parse().unwrap();
        look_at_link(&link, &Offsets::new(ReminderItem::Invitation, days).unwrap(), now.parse().unwrap(), &zone)
    };
    let evening = "2026-03-14T21:00:00Z";
    // Before decent time, and when it has begun for less than an hour.
    for ends_at in ["2026-03-14T23:00:00Z", "2026-03-15T06:59:00Z", "2026-03-15T07:59:59Z"] {
        assert_eq!(look(ends_at, &[0], "2026-03-13T10:00:00Z"), LinkLook::Later(day("2026-03-14")), "{ends_at}");
        assert_eq!(look(ends_at, &[-1, 0], "2026-03-14T07:00:00Z"), LinkLook::Remind, "{ends_at}: once for both");
    }
    assert_eq!(look("2026-03-15T08:00:00Z", &[0], evening), LinkLook::Later(day("2026-03-15")));
    assert_eq!(look("2026-03-15T06:00:00Z", &[-3], "2026-03-11T10:00:00Z"), LinkLook::Later(day("2026-03-12")));
    // The clock is changed on the 29th: nine o'clock there is an hour earlier.
    assert_eq!(look("2026-03-29T06:59:00Z", &[0], evening), LinkLook::Later(day("2026-03-28")));
    assert_eq!(look("2026-03-29T07:00:00Z", &[0], evening), LinkLook::Later(day("2026-03-29")));
    // It was mailed on the last such day: the mail itself was as late.
    assert_eq!(look("2026-03-02T06:00:00Z", &[0], "2026-03-01T10:00:00Z"), LinkLook::Never);
}

#[test]
fn rm1_nobody_is_reminded_of_a_link_that_they_asked_for() {
    let account = AccountId(Uuid::from_u128(1));
    for purpose in [Purpose::PasswordReset(account), Purpose::EmailChange(account)] {
        let mut asked = link(purpose, "2026-03-01T09:00:00Z");
        asked.invitation.expires_at = "2026-04-01T09:00:00Z".parse().unwrap();
        let offsets = Offsets::default_of(ReminderItem::Invitation);
        let now = "2026-03-31T09:00:00Z".parse().unwrap();
        assert_eq!(look_at_link(&asked, &offsets, now, &TimeZone::UTC), LinkLook::Never, "{purpose:?}");
    }
}

#[test]
fn rm2_of_the_work_on_a_car_the_first_counts_until_it_is_too_old() {
    let task = |name: &str, due_from: &str| {
        let days = DueDays { soon_from: day("2026-01-01"), due_from: day(due_from), overdue_from: None };
        (TaskKey::find(name).unwrap(), days)
    };
    let ((wipers, first), (tyres, second)) = (task("wipers", "2026-03-01"), task("tyres", "2026-08-01"));
    let apk = task("wipers", "2026-12-01").1;
    let judged = vec![Judged::Task(tyres, second), Judged::Task(wipers, first), Judged::Apk(apk)];
    let standing = Standing { judged };
    let of = |item, task, due_on: &str| DueItem { of: Subject { item, task }, due_on: day(due_on) };
    let (of_apk, of_wipers) =
        (of(ReminderItem::Apk, None, "2026-12-01"), of(ReminderItem::Maintenance, Some(wipers), "2026-03-01"));
    let of_tyres = of(ReminderItem::Maintenance, Some(tyres), "2026-08-01");
    let until = |today: &str| due_items(&standing, day(today));
    assert_eq!(until("2026-02-01"), [of_apk, of_wipers]);
    assert_eq!(until("2026-04-30"), [of_apk, of_wipers], "sixty days later");
    assert_eq!(until("2026-05-01"), [of_apk, of_tyres]);
    assert_eq!(over_on(&of_wipers, day("2026-04-30")), Some(day("2026-05-01")));
    assert_eq!((over_on(&of_wipers, day("2026-05-01")), over_on(&of_apk, day("2026-04-30"))), (None, None));
    let moved = |due_on: &str| is_still_due(&standing, &of(ReminderItem::Apk, None, due_on), day("2026-11-01"));
    assert!(moved("2026-12-08") && moved("2026-11-24") && !moved("2026-12-09") && !moved("2025-12-01"));
    assert!(!is_still_due(&standing, &of_tyres, day("2026-04-30")), "the wipers come first");
    assert_eq!(due_items(&Standing::default(), day("2026-04-30")), []);
}

#[test]
fn rm2_nobody_is_reminded_that_an_assumed_apk_date_has_passed() {
    let apk = |overdue_from: Option<&str>| {
        let days =
            DueDays { soon_from: day("2026-01-01"), due_from: day("2026-03-01"), overdue_from: overdue_from.map(day) };
        Standing { judged: vec![Judged::Apk(days)] }
    };
    let count = |standing: &Standing, today: &str| due_items(standing, day(today)).len();
    let (assumed, known) = (apk(None), apk(Some("2026-03-02")));
    assert_eq!((count(&assumed, "2026-03-01"), count(&known, "2026-03-01")), (1, 1));
    assert_eq!((count(&assumed, "2026-03-02"), count(&known, "2026-03-02")), (0, 1));
}

#[test]
fn rm2_of_work_that_is_due_together_the_most_important_is_named() {
    let key = |name: &str| TaskKey::find(name).unwrap();
    let task = |name: &str, due_from: &str| {
        let days = DueDays { soon_from: day("2026-01-01"), due_from: day(due_from), overdue_from: None };
        Judged::Task(key(name), days)
    };
    let judged = vec![
        task("adblue", "2026-12-08"),
        task("timing_belt", "2026-12-16"),
        task("oil_and_filter", "2026-12-08"),
        task("brake_fluid", "2026-12-10"),
        task("large_service", "2026-12-08"),
    ];
    let standing = Standing { judged };
    let named = due_items(&standing, day("2026-11-10"));
    assert_eq!(named.iter().map(|item| item.of.task).collect::<Vec<_>>(), [Some(key("large_service"))]);
    // The oil is part of the service, and the timing belt is due eight days later.
    let together = due_together(&standing, &named[0]);
    assert_eq!(together, ["large_service", "brake_fluid", "adblue"].map(key));
    let of_adblue = DueItem { of: Subject { item: ReminderItem::Maintenance, task: Some(key("adblue")) }, ..named[0] };
    assert_eq!(due_together(&standing, &of_adblue), together, "whichever was named before");
    let alone = due_together(&Standing::default(), &of_adblue);
    assert_eq!(alone, [key("adblue")]);
}

#[test]
fn rm4_a_digest_comes_each_monday() {
    for (today, on) in [
        ("2026-03-02", "2026-03-09"),
        ("2026-03-03", "2026-03-09"),
        ("2026-03-08", "2026-03-09"),
        ("2026-12-31", "2027-01-04"),
    ] {
        assert_eq!(DigestPlan::from(day(today)), DigestPlan { since: day(today), on: day(on) });
    }
    assert_eq!(DigestPlan::from(Date::MAX).on, Date::MAX);
}

#[test]
fn rm1_a_reminder_comes_on_the_day_of_each_offset() {
    let mut apk = Item::apk("2027-06-01");
    let expected =
        [("2027-03-23", -70), ("2027-04-06", -56), ("2027-05-04", -28), ("2027-05-25", -7), ("2027-06-02", 1)];
    assert_eq!(apk.daily("2026-09-01", "2028-09-01"), seen(&expected));
    assert!(apk.made.iter().all(|made| made.armed_for == apk.due_on));
}

#[test]
fn rm1_days_are_counted_over_leap_days_and_the_end_of_the_year() {
    let mut leap = Item::new(day("2028-02-29"), offsets(&[-180, -1, 0, 1]));
    let expected = [("2027-09-02", -180), ("2028-02-28", -1), ("2028-02-29", 0), ("2028-03-01", 1)];
    assert_eq!(leap.daily("2027-01-01", "2029-01-01"), seen(&expected));
    let mut after_it = Item::new(day("2028-03-01"), offsets(&[-1]));
    assert_eq!(after_it.daily("2028-01-01", "2028-12-31"), seen(&[("2028-02-29", -1)]));
    let mut year_end = Item::apk("2026-12-31");
    let expected = [("2026-12-01", -56), ("2026-12-03", -28), ("2026-12-24", -7), ("2027-01-01", 1)];
    assert_eq!(year_end.daily("2026-12-01", "2027-02-01"), seen(&expected));
}

#[test]
fn rm2_a_pass_that_runs_again_makes_nothing() {
    let mut apk = Item::apk("2027-06-01");
    let first = apk.pass(day("2027-05-04"));
    let due = Due { due_on: apk.due_on, armed_for: apk.due_on, offset: -28 };
    assert_eq!(first, Decision { now: Some(due), next_look: Some(day("2027-05-25")) });
    for today in ["2027-05-04", "2027-05-04", "2027-05-05", "2027-05-24"] {
        assert_eq!(apk.pass(day(today)), Decision { now: None, ..first });
    }
}

#[test]
fn rm2_of_what_passed_before_the_car_came_or_while_the_server_stood_still_the_latest_counts() {
    let mut came = Item::apk("2027-06-01");
    assert_eq!(came.daily("2027-04-10", "2027-05-20"), seen(&[("2027-04-10", -56), ("2027-05-04", -28)]));
    // Down from 20 May until the evening of 5 June.
    assert_eq!(came.daily("2027-06-05", "2027-12-31"), seen(&[("2027-06-05", 1)]));
    let early = Item::apk("2027-06-01").decide(day("2027-03-22"));
    assert_eq!(early, Decision { now: None, next_look: Some(day("2027-03-23")) });
}

#[test]
fn rm2_a_late_reminder_has_its_bounds() {
    let nothing = Decision { now: None, next_look: None };
    let apk = Item::apk("2027-06-01");
    assert_eq!(apk.decide(day("2027-07-02")).now.unwrap().offset, 1, "thirty days late");
    assert_eq!(apk.decide(day("2027-07-03")), nothing, "thirty-one days late");
    assert_eq!(Item::apk("2019-06-01").decide(day("2027-07-03")), nothing, "expired years ago");
    let before = Item::new(day("2027-06-01"), offsets(&[-7]));
    assert_eq!(before.decide(day("2027-06-01")).now.unwrap().offset, -7, "on the due day");
    assert_eq!(before.decide(day("2027-06-02")), nothing, "an announcement of what is over");
    let far = Item::new(day("2027-06-01"), offsets(&[-7, 30]));
    let gap = far.decide(day("2027-06-10"));
    assert_eq!(gap, Decision { now: None, next_look: Some(day("2027-07-01")) }, "the next one is looked for");
}

#[test]
fn rm2_a_move_of_a_week_arms_nothing_and_of_more_arms_anew() {
    for (moved, expected) in [
        ("2027-06-08", seen(&[("2027-06-01", -7), ("2027-06-09", 1)])),
        ("2027-06-09", seen(&[("2027-05-12", -28), ("2027-06-02", -7), ("2027-06-10", 1)])),
        ("2027-05-25", seen(&[("2027-05-18", -7), ("2027-05-26", 1)])),
        ("2027-05-24", seen(&[("2027-05-10", -28), ("2027-05-17", -7), ("2027-05-25", 1)])),
    ] {
        let mut apk = Item::apk("2027-06-01");
        apk.daily("2027-05-04", "2027-05-09");
        assert_eq!(apk.made.len(), 1);
        apk.due_on = day(moved);
        assert_eq!(apk.daily("2027-05-10", "2027-12-31"), expected, "{moved}");
    }
}

#[test]
fn rm2_moves_that_add_up_are_compared_with_the_day_of_arming() {
    let mut apk = Item::apk("2027-06-01");
    let mut made = apk.daily("2027-05-01", "2027-05-04");
    for (due_on, from, to) in [
        ("2027-06-07", "2027-05-05", "2027-05-10"),
        ("2027-06-13", "2027-05-11", "2027-05-16"),
        ("2027-06-19", "2027-05-17", "2027-05-22"),
    ] {
        apk.due_on = day(due_on);
        made.extend(apk.daily(from, to));
    }
    // Six days are no new arming; twelve are, four weeks before the new day; six more are none again.
    assert_eq!(made, seen(&[("2027-05-01", -56), ("2027-05-04", -28), ("2027-05-16", -28)]));
    assert_eq!(apk.made.last().unwrap().armed_for, day("2027-06-13"));
    assert_eq!(apk.daily("2027-05-23", "2027-12-31"), seen(&[("2027-06-12", -7), ("2027-06-20", 1)]));
    assert!(apk.made.iter().skip(2).all(|made| made.armed_for == day("2027-06-13")));
}

#[test]
fn rm2_a_due_day_that_comes_back_is_not_reminded_of_twice() {
    let mut apk = Item::apk("2027-06-01");
    apk.daily("2027-05-04", "2027-05-10");
    apk.due_on = day("2027-06-15");
    assert_eq!(apk.daily("2027-05-11", "2027-05-18"), seen(&[("2027-05-18", -28)]));
    apk.due_on = day("2027-06-01");
    assert_eq!(apk.daily("2027-05-19", "2027-06-30"), seen(&[("2027-05-25", -7), ("2027-06-02", 1)]));
    apk.made.reverse();
    assert_eq!(apk.decide(day("2027-06-30")).now, None, "whatever order they come in");
}

#[test]
fn rm2_near_two_armings_the_last_reminder_says_which_goes_on() {
    let mut apk = Item::apk("2027-06-01");
    apk.daily("2027-06-02", "2027-06-02");
    apk.due_on = day("2027-06-10");
    assert_eq!(apk.daily("2027-06-03", "2027-06-03"), seen(&[("2027-06-03", -7)]));
    apk.due_on = day("2027-06-08");
    assert_eq!(apk.daily("2027-06-04", "2027-12-31"), seen(&[("2027-06-09", 1)]), "the overdue one is not swallowed");
}

#[test]
fn rm2_what_the_last_reminder_said_already_is_not_said_again() {
    // It was late, and then the garage sets an offset that had passed before it.
    let mut late = Item::apk("2027-06-01");
    late.daily("2027-05-12", "2027-05-12");
    late.offsets = offsets(&[-21, -7]);
    assert_eq!(late.decide(day("2027-05-13")), Decision { now: None, next_look: Some(day("2027-05-25")) });
    late.offsets = offsets(&[-20, -19, -7]);
    assert_eq!(late.decide(day("2027-05-13")).now.unwrap().offset, -19, "its day is after the last reminder");
    // Put off to a day for which an offset had passed before the last reminder.
    let mut later = Item::apk("2027-06-01");
    later.daily("2027-05-25", "2027-05-25");
    later.due_on = day("2027-06-15");
    assert_eq!(later.daily("2027-05-26", "2027-06-30"), seen(&[("2027-06-08", -7), ("2027-06-16", 1)]));
    // But an earlier due day is news, on the same day too.
    let mut sooner = Item::apk("2027-12-01");
    sooner.daily("2027-09-22", "2027-09-22");
    sooner.due_on = day("2027-09-29");
    assert_eq!(sooner.daily("2027-09-22", "2027-10-31"), seen(&[("2027-09-22", -7), ("2027-09-30", 1)]));
}

#[test]
fn rm2_planned_or_done_work_is_silent_and_speaks_up_when_it_is_cancelled() {
    let mut apk = Item::apk("2027-06-01");
    apk.daily("2027-05-04", "2027-05-04");
    apk.is_settled = true;
    assert_eq!(apk.decide(day("2027-05-25")), Decision { now: None, next_look: None });
    assert_eq!(apk.daily("2027-05-05", "2027-05-27"), []);
    apk.is_settled = false;
    assert_eq!(apk.daily("2027-05-28", "2027-06-30"), seen(&[("2027-05-28", -7), ("2027-06-02", 1)]));
}

#[test]
fn rm2_what_was_done_is_due_again_next_year() {
    let mut apk = Item::apk("2027-06-01");
    apk.daily("2027-05-04", "2027-05-04");
    apk.is_settled = true;
    assert_eq!(apk.daily("2027-05-05", "2027-06-10"), []);
    (apk.is_settled, apk.due_on) = (false, day("2028-06-01"));
    assert_eq!(apk.decide(day("2027-06-11")), Decision { now: None, next_look: Some(day("2028-03-23")) });
    assert_eq!(apk.daily("2027-06-11", "2029-01-01").len(), 5);
}

#[test]
fn rm2_offsets_that_change_in_between_count_from_the_last_one_made() {
    let mut apk = Item::apk("2027-06-01");
    apk.daily("2027-05-04", "2027-05-10");
    apk.offsets = offsets(&[-30, -29]);
    assert_eq!(apk.decide(day("2027-05-11")), Decision { now: None, next_look: None }, "earlier ones are passed");
    apk.offsets = offsets(&[-26, -25, -7]);
    let decision = apk.pass(day("2027-05-11"));
    assert_eq!((decision.now.unwrap().offset, decision.next_look), (-25, Some(day("2027-05-25"))), "the latest of two");
    apk.offsets = offsets(&[-28, -20]);
    assert_eq!(apk.decide(day("2027-05-11")), Decision { now: None, next_look: Some(day("2027-05-12")) });
}

#[test]
fn rm2_a_move_forward_does_not_bring_an_offset_back() {
    let mut apk = Item::apk("2027-06-01");
    apk.daily("2027-05-25", "2027-05-25");
    apk.due_on = day("2027-06-08");
    // The day of the offset of a week lies ahead again, but it was made.
    assert_eq!(apk.decide(day("2027-05-26")), Decision { now: None, next_look: Some(day("2027-06-09")) });
}

#[test]
fn rm2_the_ends_of_time_are_no_trouble() {
    for due_on in [Date::MIN, Date::MAX] {
        for today in [Date::MIN, Date::MAX] {
            let mut item = Item::new(due_on, offsets(&[-180, 30]));
            item.pass(today);
            item.made = vec![Made { armed_for: due_on, due_on, offset: i64::MIN, made_on: today }];
            item.pass(today);
        }
    }
}

/// What happens to an item on one day.
#[derive(Clone, Debug)]
struct Day {
    moved: Option<i64>,
    settled: Option<bool>,
    offsets: Option<Vec<i64>>,
    passes: usize,
}

fn some_offsets() -> impl Strategy<Value = Vec<i64>> {
    proptest::collection::btree_set(-40..=30_i64, 1..6).prop_map(|days| days.into_iter().collect())
}

fn some_day() -> impl Strategy<Value = Day> {
    let moved = prop_oneof![
        60 => Just(None),
        4 => (-7..=7_i64).prop_map(Some),
        1 => (-60..=60_i64).prop_map(Some),
        1 => prop_oneof![Just(8), Just(-8), Just(365), Just(366)].prop_map(Some),
        2 => prop_oneof![Just(10), Just(-10)].prop_map(Some),
    ];
    let settled = prop_oneof![40 => Just(None), 1 => Just(Some(true)), 2 => Just(Some(false))];
    let offsets = prop_oneof![60 => Just(None), 1 => some_offsets().prop_map(Some)];
    let passes = prop_oneof![1 => Just(0_usize), 6 => Just(1), 1 => Just(3)];
    (moved, settled, offsets, passes).prop_map(|(moved, settled, offsets, passes)| Day {
        moved,
        settled,
        offsets,
        passes,
    })
}

fn start() -> Date {
    date(2026, 11, 20)
}

fn some_item() -> impl Strategy<Value = Item> {
    (-40..400_i64, some_offsets()).prop_map(|(due, days)| Item::new(after(start(), due), offsets(&days)))
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "due {}, {:?}, made {:?}", self.due_on, self.offsets, self.made)
    }
}

/// Applies a day, and says whether something changed.
fn apply(item: &mut Item, day: &Day) -> bool {
    if let Some(days) = day.moved {
        item.due_on = after(item.due_on, days);
    }
    item.is_settled = day.settled.unwrap_or(item.is_settled);
    if let Some(days) = &day.offsets {
        item.offsets = offsets(days);
    }
    day.moved.is_some() || day.settled.is_some() || day.offsets.is_some()
}

/// What holds of each reminder, said without the code's own notions.
fn check_made(before: &Item, due: Due, today: Date) -> Result<(), TestCaseError> {
    let since_due = days_between(before.due_on, today);
    let passed = before.offsets.days().filter(|offset| *offset <= since_due).max();
    prop_assert!(!before.is_settled);
    prop_assert_eq!((Some(due.offset), due.due_on), (passed, before.due_on));
    prop_assert!(since_due <= 0 || (due.offset > 0 && since_due - due.offset <= 30));
    prop_assert!(days_between(due.armed_for, due.due_on).abs() <= 7);
    if let Some(last) = before.made.last() {
        let offset_day = after(before.due_on, due.offset);
        prop_assert!(before.due_on < last.due_on || last.made_on < offset_day, "the last one said as much");
    }
    // The last reminder's arming goes on as long as the due day is within a week of it.
    if let Some(last) = before.made.last()
        && days_between(last.armed_for, before.due_on).abs() <= 7
    {
        prop_assert_eq!(due.armed_for, last.armed_for);
        prop_assert!(due.offset > last.offset);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever moves, and however often and irregularly the pass runs, no offset is made twice for one arming.
    #[test]
    fn rm2_no_years_of_passes_make_an_offset_twice_for_one_arming(
        mut item in some_item(), days in vec(some_day(), 1..1100),
    ) {
        for (number, day) in (0..).zip(&days) {
            let today = after(start(), number);
            apply(&mut item, day);
            for pass in 0..day.passes {
                let before = item.clone();
                let decision = item.pass(today);
                prop_assert!(pass == 0 || decision.now.is_none());
                if let Some(due) = decision.now {
                    check_made(&before, due, today)?;
                }
                prop_assert!(decision.next_look.is_none_or(|next| next > today));
            }
        }
        let keys = item.made.iter().map(|made| (made.armed_for, made.offset)).collect::<HashSet<_>>();
        prop_assert_eq!(keys.len(), item.made.len());
    }

    /// A due day that goes back and forth between a few days makes no offset twice either.
    #[test]
    fn rm2_a_due_day_that_wavers_makes_no_offset_twice(
        days in some_offsets(), moves in vec((proptest::sample::select(&[60_i64, 63, 70, 75, 84]), 1..9_i64), 1..40),
    ) {
        let mut item = Item::new(start(), offsets(&days));
        let mut today = start();
        for (due, stays) in moves {
            item.due_on = after(start(), due);
            for _ in 0..stays {
                item.pass(today);
                today = after(today, 1);
            }
        }
        let keys = item.made.iter().map(|made| (made.armed_for, made.offset)).collect::<HashSet<_>>();
        prop_assert_eq!(keys.len(), item.made.len());
    }

    /// With a pass on each day, the latest offset that has passed is made at the end of each day on which it still makes
    /// sense, or a reminder on its day or later said as much. So no due day goes by in silence.
    #[test]
    fn rm2_with_daily_passes_no_arming_stays_silent(mut item in some_item(), days in vec(some_day(), 1..1100)) {
        for (number, day) in (0..).zip(&days) {
            let today = after(start(), number);
            apply(&mut item, day);
            item.pass(today);
            let since_due = days_between(item.due_on, today);
            let passed = item.offsets.days().filter(|offset| *offset <= since_due).max();
            let still = passed.is_some_and(|offset| since_due <= if offset > 0 { offset + 30 } else { 0 });
            if still && !item.is_settled {
                let near = |made: &&Made| days_between(made.armed_for, item.due_on).abs() <= 7;
                let reached = item.made.iter().filter(near).map(|made| made.offset).max();
                let since = after(item.due_on, passed.unwrap());
                let said = item.made.iter().any(|made| made.due_on <= item.due_on && made.made_on >= since);
                prop_assert!(reached >= passed || said, "{item:?} on {today}");
            }
        }
    }

    /// An undisturbed item is reminded of at each of its offsets, on its day.
    #[test]
    fn rm2_an_item_that_does_not_move_is_reminded_of_at_each_offset(days in some_offsets(), due in 200..600_i64) {
        let mut item = Item::new(after(start(), due), offsets(&days));
        for number in 0..700 {
            item.pass(after(start(), number));
        }
        let made = item.made.iter().map(|made| (made.offset, days_between(item.due_on, made.made_on))).collect::<Vec<_>>();
        prop_assert_eq!(made, days.iter().map(|offset| (*offset, *offset)).collect::<Vec<_>>());
    }

    /// Who looks only on the days of `next_look` and after changes makes the same reminders as who looks each day, also
    /// when the server stands still on some days.
    #[test]
    fn rm2_the_next_look_skips_no_reminder(mut daily in some_item(), days in vec(some_day(), 1..1100)) {
        let (mut indexed, mut look) = (daily.clone(), Some(start()));
        for (number, day) in (0..).zip(&days) {
            let today = after(start(), number);
            apply(&mut daily, day);
            if apply(&mut indexed, day) {
                look = Some(today);
            }
            for _ in 0..day.passes {
                let decision = daily.pass(today);
                if look.is_some_and(|look| look <= today) {
                    look = indexed.pass(today).next_look;
                }
                prop_assert_eq!(decision.next_look, look, "what each look says is still so");
            }
            prop_assert_eq!(&daily.made, &indexed.made);
        }
    }

    /// After each change the next look is exactly the next day with a reminder, found day by day.
    #[test]
    fn rm2_the_next_look_is_the_next_day_with_a_reminder(mut item in some_item(), days in vec(some_day(), 1..400)) {
        for (number, day) in (0..).zip(&days) {
            let today = after(start(), number);
            let is_changed = apply(&mut item, day);
            let next_look = item.pass(today).next_look;
            if is_changed {
                let last = days_between(today, item.due_on).max(0) + 40;
                let found = (1..last).map(|ahead| after(today, ahead)).find(|day| item.decide(*day).now.is_some());
                prop_assert_eq!(next_look, found);
            }
        }
    }
}

fn amsterdam() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn new_york() -> TimeZone {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").unwrap()
}

const ARRIVALS: [Arrival; 3] = [Arrival::Email, Arrival::Push, Arrival::UrgentPush];

#[test]
fn rm3_between_eight_and_eight_it_is_at_once() {
    // A Wednesday, in summer.
    for (now, next) in [
        ("2027-06-02T08:00:00+02:00", "2027-06-02T08:00:00+02:00"),
        ("2027-06-02T12:34:56.789+02:00", "2027-06-02T12:34:56.789+02:00"),
        ("2027-06-02T19:59:59.999999+02:00", "2027-06-02T19:59:59.999999+02:00"),
        ("2027-06-02T20:00:00+02:00", "2027-06-03T08:00:00+02:00"),
        ("2027-06-02T23:30:00+02:00", "2027-06-03T08:00:00+02:00"),
        ("2027-06-03T00:00:00+02:00", "2027-06-03T08:00:00+02:00"),
        ("2027-06-03T07:59:59.999999+02:00", "2027-06-03T08:00:00+02:00"),
    ] {
        for arrival in ARRIVALS {
            assert_eq!(next_decent(at(now), &amsterdam(), arrival), at(next), "{now}");
            assert_eq!(is_decent(at(now), &amsterdam(), arrival), now == next, "{now}");
        }
    }
}

#[test]
fn rm3_a_push_waits_until_monday_unless_it_is_urgent() {
    for (now, push, others) in [
        ("2027-06-05T19:00:00+02:00", "2027-06-05T19:00:00+02:00", "2027-06-05T19:00:00+02:00"),
        ("2027-06-05T20:00:00+02:00", "2027-06-07T08:00:00+02:00", "2027-06-06T08:00:00+02:00"),
        ("2027-06-06T12:00:00+02:00", "2027-06-07T08:00:00+02:00", "2027-06-06T12:00:00+02:00"),
        ("2027-06-06T22:00:00+02:00", "2027-06-07T08:00:00+02:00", "2027-06-07T08:00:00+02:00"),
    ] {
        assert_eq!(next_decent(at(now), &amsterdam(), Arrival::Push), at(push), "{now}");
        for arrival in [Arrival::Email, Arrival::UrgentPush] {
            assert_eq!(next_decent(at(now), &amsterdam(), arrival), at(others), "{now}");
        }
    }
}

#[test]
fn rm3_the_clock_changes_and_the_morning_does_not() {
    for (zone, now, email, push) in [
        // The Netherlands: 28 March and 31 October 2027, both Sundays.
        (amsterdam(), "2027-03-27T20:00:00+01:00", "2027-03-28T08:00:00+02:00", "2027-03-29T08:00:00+02:00"),
        (amsterdam(), "2027-03-28T01:59:00+01:00", "2027-03-28T08:00:00+02:00", "2027-03-29T08:00:00+02:00"),
        (amsterdam(), "2027-10-30T20:30:00+02:00", "2027-10-31T08:00:00+01:00", "2027-11-01T08:00:00+01:00"),
        (amsterdam(), "2027-10-31T02:30:00+02:00", "2027-10-31T08:00:00+01:00", "2027-11-01T08:00:00+01:00"),
        (amsterdam(), "2027-10-31T02:30:00+01:00", "2027-10-31T08:00:00+01:00", "2027-11-01T08:00:00+01:00"),
        // New York: 14 March and 7 November 2027. In UTC it is Sunday already or still.
        (new_york(), "2027-03-13T20:30:00-05:00", "2027-03-14T08:00:00-04:00", "2027-03-15T08:00:00-04:00"),
        (new_york(), "2027-11-06T19:30:00-04:00", "2027-11-06T19:30:00-04:00", "2027-11-06T19:30:00-04:00"),
        (new_york(), "2027-11-07T01:30:00-05:00", "2027-11-07T08:00:00-05:00", "2027-11-08T08:00:00-05:00"),
        (new_york(), "2027-11-07T23:30:00-05:00", "2027-11-08T08:00:00-05:00", "2027-11-08T08:00:00-05:00"),
    ] {
        assert_eq!(next_decent(at(now), &zone, Arrival::Email), at(email), "{now}");
        assert_eq!(next_decent(at(now), &zone, Arrival::Push), at(push), "{now}");
    }
}

#[test]
fn rm3_a_clock_that_changes_at_eight_is_no_trouble_either() {
    // From 7:30 to 8:30 on the last Sunday of March, and from 8:30 back to 7:30 on the last of October.
    let odd = TimeZone::posix("CET-1CEST,M3.5.0/7:30,M10.5.0/8:30").unwrap();
    for (now, next) in [
        ("2027-03-28T05:00:00+01:00", "2027-03-28T08:30:00+02:00"),
        ("2027-10-31T07:00:00+02:00", "2027-10-31T08:00:00+02:00"),
        ("2027-10-31T08:15:00+02:00", "2027-10-31T08:15:00+02:00"),
        ("2027-10-31T07:45:00+01:00", "2027-10-31T08:00:00+01:00"),
    ] {
        assert_eq!(next_decent(at(now), &odd, Arrival::Email), at(next), "{now}");
    }
    // Back from 20:30 to 19:30: the evening is decent again.
    let evening = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/20:30").unwrap();
    let next = next_decent(at("2027-10-31T20:10:00+02:00"), &evening, Arrival::Email);
    assert_eq!(next, at("2027-10-31T19:30:00+01:00"));
}

#[test]
fn rm3_the_ends_of_time_have_an_hour_too() {
    for arrival in ARRIVALS {
        for zone in [amsterdam(), new_york(), TimeZone::UTC] {
            assert!(next_decent(Instant::MIN, &zone, arrival) >= Instant::MIN);
            assert_eq!(next_decent(Instant::MAX, &zone, arrival), Instant::MAX);
        }
    }
}

proptest! {
    /// The answer is decent, not before the question, and nothing decent lies between the two.
    #[test]
    fn rm3_the_next_decent_instant_is_the_first(
        second in 1_700_000_000..1_900_000_000_i64, west in any::<bool>(), arrival in proptest::sample::select(&ARRIVALS),
    ) {
        let zone = if west { new_york() } else { amsterdam() };
        let now = Instant::from_second(second).unwrap();
        let next = next_decent(now, &zone, arrival);
        prop_assert!(next >= now && is_decent(next, &zone, arrival));
        let mut between = now;
        while between < next {
            prop_assert!(!is_decent(between, &zone, arrival));
            between = between.checked_add(SignedDuration::from_mins(5)).unwrap();
        }
        let hours = next.duration_since(now).as_hours();
        let longest = if arrival == Arrival::Push { 37 } else { 13 };
        prop_assert!(hours <= longest);
    }
}

#[test]
fn rm4_driver_and_fleet_are_reminded_as_the_fleet_chooses() {
    let (person, company) = (AccountId(uuid::Uuid::from_u128(1)), FleetId(uuid::Uuid::from_u128(2)));
    let (driver, manager, digest) = (Reminded::Driver(person), Reminded::Manager(company), Reminded::Digest(company));
    let who = |driver: bool, fleet: bool, to, digest| {
        let hands = Hands { driver: driver.then_some(person), fleet: fleet.then_some(company) };
        reminded(hands, FleetReminders { to, digest })
    };
    assert_eq!(FleetReminders::default(), FleetReminders { to: FleetChoice::Both, digest: false });
    assert_eq!(who(true, true, FleetChoice::Both, false), [driver, manager]);
    assert_eq!(who(true, true, FleetChoice::Manager, false), [manager]);
    assert_eq!(who(true, true, FleetChoice::Driver, false), [driver]);
    assert_eq!(who(true, true, FleetChoice::Both, true), [driver, digest]);
    assert_eq!(who(true, true, FleetChoice::Manager, true), [digest]);
    assert_eq!(who(true, true, FleetChoice::Driver, true), [driver], "the manager is not among those chosen");
    for to in FleetChoice::ALL {
        assert_eq!(who(true, false, *to, true), [driver], "a car in no fleet");
        assert_eq!(who(false, true, *to, false), [manager], "somebody must know of a car that nobody drives");
        assert_eq!(who(false, true, *to, true), [digest]);
        assert_eq!(who(false, false, *to, false), []);
        assert_eq!(FleetChoice::from_code(to.code()), Some(*to));
    }
}
