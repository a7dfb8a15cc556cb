use super::*;
use crate::{expected_maintenance::DueDays, recommendation::Urgency};
use jiff::{ToSpan, civil::date};
use proptest::prelude::*;
use uuid::Uuid;

fn at(hours: i64) -> Instant {
    Instant::from_second(1_790_000_000 + 3_600 * hours).unwrap()
}

fn passport(number: u128) -> PassportId {
    PassportId(Uuid::from_u128(number))
}

fn task(key: &str) -> TaskKey {
    TaskKey::find(key).unwrap()
}

fn days(due_from: Date) -> DueDays {
    DueDays { soon_from: due_from, due_from, overdue_from: None }
}

fn car(number: u128, judged: Vec<Judged>) -> CalendarCar {
    CalendarCar {
        passport: passport(number),
        plate: format!("AB-{number:03}-C"),
        make: Some("Volkswagen".into()),
        model: Some(" Golf\nGTI ".into()),
        standing: Standing { judged },
    }
}

fn key(number: u128) -> EntryKey {
    EntryKey { passport: passport(number), kind: EntryKind::Apk, task: None }
}

fn content(day: i64) -> Content {
    let day = date(2026, 5, 1).checked_add(day.days()).unwrap();
    Content { day, plate: "AB-123-C".into(), car: None, language: Language::Dutch }
}

/// What is remembered after a look.
fn remember(before: &[Entry], outcome: &Outcome) -> Vec<Entry> {
    let mut all: BTreeMap<EntryKey, Entry> = before.iter().map(|entry| (entry.key, entry.clone())).collect();
    for entry in &outcome.changed {
        let known = all.insert(entry.key, entry.clone());
        let sequence = known.map_or(0, |known| known.sequence + 1);
        assert_eq!(entry.sequence, sequence, "it is stored on top of the one that was remembered");
    }
    for key in &outcome.forgotten {
        all.remove(key);
    }
    all.into_values().collect()
}

#[test]
fn cal1_apk_and_tasks_of_the_cars_are_entries() {
    let (oil, tyres) = (task("oil_and_filter"), task("tyres"));
    let judged = vec![
        Judged::Task(tyres, days(date(2026, 9, 1))),
        Judged::Apk(days(date(2026, 5, 1))),
        Judged::Task(tyres, days(date(2026, 8, 1))),
        Judged::Task(oil, days(date(9999, 12, 31))),
        Judged::Recall { urgent: true },
        Judged::Recommendation(Urgency::Urgent, crate::car_status::AdvisedWork::Task(oil)),
        Judged::OdometerIllogical,
    ];
    let found = due(&[car(7, judged), car(8, vec![])], Language::English);
    let told: Vec<_> = found.iter().map(|(key, content)| (key.kind, key.task, content.day)).collect();
    assert_eq!(
        told,
        [(EntryKind::Apk, None, date(2026, 5, 1)), (EntryKind::Maintenance, Some(tyres), date(2026, 8, 1))]
    );
    let first = found.values().next().unwrap();
    assert_eq!((first.plate.as_str(), first.car.as_deref()), ("AB-007-C", Some("Volkswagen Golf GTI")));
    let uids: Vec<String> = found.keys().map(EntryKey::uid).collect();
    let id = passport(7);
    assert_eq!(uids, [format!("{id}-apk@autopaspoort"), format!("{id}-maintenance-tyres@autopaspoort")]);
}

#[test]
fn cal1_the_earliest_thousand_are_in_the_calendar() {
    let of = |number: i64| {
        let day = date(2026, 1, 1).checked_add((2_000 - number).days()).unwrap();
        car(u128::try_from(number).unwrap(), vec![Judged::Apk(days(day))])
    };
    let cars: Vec<CalendarCar> = (0..1_500).map(of).collect();
    let found = due(&cars, Language::Dutch);
    assert_eq!(found.len(), MOST_ENTRIES);
    assert_eq!(found.values().map(|content| content.day).max(), date(2026, 1, 1).checked_add(1_500.days()).ok());
    // A name is cut between characters.
    let long = CalendarCar { make: Some("🚗".repeat(300)), ..car(1, vec![Judged::Apk(days(date(2026, 5, 1)))]) };
    let content = due(&[long], Language::Dutch).into_values().next().unwrap();
    assert_eq!(content.car.unwrap().chars().count(), MOST_OF_CAR);
}

#[test]
fn cal1_what_changes_has_a_higher_sequence_and_what_stays_is_not_stored() {
    let first = look(vec![], BTreeMap::from([(key(1), content(0))]), at(0));
    assert_eq!((first.changed.len(), first.shown[0].sequence, first.shown[0].changed_at), (1, 0, at(0)));
    let known = remember(&[], &first);
    let same = look(known.clone(), BTreeMap::from([(key(1), content(0))]), at(5));
    assert_eq!((same.changed.as_slice(), &same.shown), ([].as_slice(), &first.shown));
    let moved = look(known.clone(), BTreeMap::from([(key(1), content(9))]), at(5));
    assert_eq!((moved.shown[0].sequence, moved.shown[0].changed_at), (1, at(5)));
    let other_language = Content { language: Language::English, ..content(0) };
    assert_eq!(look(known.clone(), BTreeMap::from([(key(1), other_language)]), at(5)).shown[0].sequence, 1);
    // A server whose clock is slow does not go back.
    assert_eq!(look(known, BTreeMap::from([(key(1), content(9))]), at(-5)).shown[0].changed_at, at(0));
}

#[test]
fn cal1_what_is_gone_is_cancelled_for_thirty_days_as_it_was_shown_last() {
    let known = remember(&[], &look(vec![], BTreeMap::from([(key(1), content(0))]), at(0)));
    let gone = look(known.clone(), BTreeMap::new(), at(24));
    let cancelled = &gone.shown[0];
    assert_eq!((cancelled.cancelled_at, cancelled.sequence, &cancelled.content), (Some(at(24)), 1, &content(0)));
    let known = remember(&known, &gone);
    let last = at(24 + 30 * 24) - SignedDuration::from_micros(1);
    let still = look(known.clone(), BTreeMap::new(), last);
    assert_eq!((still.shown.as_slice(), still.changed), (gone.shown.as_slice(), vec![]));
    let over = look(known.clone(), BTreeMap::new(), at(24 + 30 * 24));
    assert_eq!(over, Outcome::default(), "it is left out, and a fetch writes nothing for it");
    // It comes back, even after that.
    for now in [last, at(24 * 300)] {
        let back = look(known.clone(), BTreeMap::from([(key(1), content(0))]), now);
        assert_eq!((back.shown[0].sequence, back.shown[0].cancelled_at), (2, None));
    }
}

#[test]
fn cal1_no_more_is_remembered_than_twice_the_most() {
    let all = |from: u128| (from..from + 1_000).map(|number| (key(number), content(0))).collect::<BTreeMap<_, _>>();
    let mut known = vec![];
    for round in 0..4_u128 {
        let outcome = look(known.clone(), all(round * 1_000), at(i64::try_from(round).unwrap()));
        known = remember(&known, &outcome);
        assert!(known.len() <= 2 * MOST_ENTRIES && outcome.shown.len() == known.len(), "{}", known.len());
    }
    let cancelled: Vec<_> = known.iter().filter_map(|entry| entry.cancelled_at).collect();
    assert!(cancelled.len() == MOST_ENTRIES && cancelled.iter().all(|at_| *at_ == at(3)), "the latest stay");
}

/// A look after some hours: which cars have an entry, and on which day.
fn any_look() -> impl Strategy<Value = (i64, BTreeMap<EntryKey, Content>)> {
    let of = (0..4_u128, 0..3_i64).prop_map(|(number, day)| (key(number), content(day)));
    (0..500_i64, proptest::collection::btree_map(0..4_u128, of, 0..4))
        .prop_map(|(hours, found)| (hours, found.into_values().collect()))
}

proptest! {
    /// However cars come, go and move: what an entry says changes with its sequence alone, which only grows while it is
    /// remembered; what is due is shown as it is; what is gone is shown as cancelled until 30 days are over; and a second
    /// look at the same moment changes nothing.
    #[test]
    fn cal1_sequence_grows_with_each_change_and_with_nothing_else(looks in proptest::collection::vec(any_look(), 1..30)) {
        let (mut known, mut now): (Vec<Entry>, i64) = (vec![], 0);
        for (hours, found) in looks {
            now += hours;
            let outcome = look(known.clone(), found.clone(), at(now));
            let after = remember(&known, &outcome);
            for entry in &after {
                let before = known.iter().find(|before| before.key == entry.key);
                let Some(before) = before else { continue };
                let is_same = (&before.content, before.cancelled_at) == (&entry.content, entry.cancelled_at);
                prop_assert_eq!(entry.sequence, before.sequence + i64::from(!is_same));
                prop_assert!(is_same == (entry.changed_at == before.changed_at) || hours == 0);
                prop_assert!(entry.changed_at >= before.changed_at);
            }
            let live: BTreeMap<EntryKey, Content> = outcome.shown.iter()
                .filter(|entry| entry.cancelled_at.is_none())
                .map(|entry| (entry.key, entry.content.clone()))
                .collect();
            prop_assert_eq!(&live, &found);
            for entry in &after {
                let is_shown = outcome.shown.contains(entry);
                let is_young = entry.cancelled_at.is_none_or(|cancelled| at(now).duration_since(cancelled) < CANCELLED_FOR);
                prop_assert_eq!(is_shown, is_young);
                prop_assert_eq!(entry.cancelled_at.is_none(), found.contains_key(&entry.key));
            }
            prop_assert!(outcome.shown.windows(2).all(|pair| pair[0].content.day <= pair[1].content.day));
            let again = look(after.clone(), found, at(now));
            prop_assert_eq!((again.changed, again.shown), (vec![], outcome.shown));
            known = after;
        }
    }
}
