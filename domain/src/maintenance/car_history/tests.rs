use super::*;
use crate::{
    check_template::{FindingResult, Measure, platform},
    ids::{AccountId, GarageId, RecommendationId, ServiceRecordId, VehicleCheckId, VehicleId},
    recommendation::{Decision, DecisionChannel, RecommendationStatus, Urgency},
    service_record::{LineKind, Quantity, RecordOrigin, ServiceLine},
    service_task::{Position, TaskKey},
    value::Currency,
    vehicle_check::{Completed, NewFinding, Place, VehicleCheckRefusal},
};
use jiff::{SignedDuration, civil::date};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

const VEHICLE: VehicleId = VehicleId(Uuid::from_u128(2));
const MECHANIC: AccountId = AccountId(Uuid::from_u128(3));

/// A day of November 2026.
fn day(number: i8) -> Date {
    date(2026, 11, number)
}

/// The moment at which the something was written down.
fn moment(number: i64) -> Instant {
    Instant::UNIX_EPOCH + SignedDuration::from_hours(number)
}

fn id(number: u8) -> Uuid {
    Uuid::from_u128(u128::from(number))
}

fn tread() -> Place {
    ("tread_depth".into(), Some("front_left".into()))
}

/// A check of a day that found these results at places, written down at a moment. It has the day's number as its id.
fn check(on: i8, at: i64, found: &[(Place, NewFinding)]) -> VehicleCheck {
    let mut check = VehicleCheck {
        id: VehicleCheckId(id(on.unsigned_abs())),
        vehicle_id: VEHICLE,
        list: platform()[0].clone(),
        fuel: None,
        findings: BTreeMap::new(),
        completed: None,
        replaces: None,
        version: 1,
    };
    for (place, finding) in found {
        check = check.enter(place.clone(), finding.clone(), MECHANIC, moment(at)).unwrap();
    }
    VehicleCheck { completed: Some(Completed { by: MECHANIC, at: moment(at), on: day(on) }), ..check }
}

fn measured(value: &str) -> NewFinding {
    NewFinding { result: None, measured: Some(Measure::value(value).unwrap()), reason: None, note: None }
}

fn choice(result: FindingResult) -> NewFinding {
    NewFinding { result: Some(result), measured: None, reason: None, note: None }
}

/// A check of a day that measured the tread at the front left.
fn measures(on: i8, at: i64, value: &str) -> VehicleCheck {
    check(on, at, &[(tread(), measured(value))])
}

/// A record of a day that replaced the tyre at the front left. It has the day's number as its id.
fn replaced_tyre(on: i8, at: i64) -> ServiceRecord {
    let line = ServiceLine {
        task: TaskKey::find("tyres"),
        position: Some(Position::FrontLeft),
        text: None,
        kind: LineKind::Labour,
        quantity: Quantity::ONE,
        amount: None,
    };
    ServiceRecord {
        id: ServiceRecordId(id(on.unsigned_abs())),
        vehicle_id: VEHICLE,
        garage_id: GarageId(id(3)),
        origin: RecordOrigin::Garage,
        done_on: day(on),
        reading: None,
        odometer_km: None,
        mechanic: None,
        place: None,
        lines: vec![line],
        currency: Currency::EUR,
        invoice_number: None,
        note: None,
        owner: None,
        replaces: None,
        recorded_at: moment(at),
        by: None,
    }
}

/// The recommendation that a check leads to.
fn made(check: &VehicleCheck, advice: Advice) -> Recommendation {
    let completed = check.completed.unwrap();
    let number = RecommendationId(check.id.0);
    Recommendation::make(number, VEHICLE, advice, Some(check.id), (completed.on, completed.at))
}

fn advice_of(check: &VehicleCheck) -> Recommendation {
    let found = CarHistory::default().consequences(check, &[], vec![]);
    let [advice] = found.advised.as_slice() else { panic!("{found:?}") };
    made(check, advice.clone())
}

fn ends(consequences: &CheckConsequences) -> Vec<(RecommendationId, Option<RecommendationEnd>)> {
    consequences.ended.iter().chain(&consequences.reconsidered).map(|one| (one.id, one.end)).collect()
}

#[test]
fn vc6_what_is_not_good_becomes_a_recommendation_or_renews_the_open_one() {
    let alone = CarHistory::default();
    let first = advice_of(&measures(1, 1, "1.2"));
    assert_eq!((first.advice.urgency, first.advice.position), (Urgency::Urgent, Some(Position::FrontLeft)));
    assert_eq!(first.advised_on, day(1));
    let open = [first.clone()];
    let again = alone.consequences(&measures(2, 2, "1.1"), &open, vec![]);
    let superseded = |number| Some(RecommendationEnd::Superseded(VehicleCheckId(id(number))));
    assert_eq!((again.advised.len(), ends(&again)), (1, vec![(first.id, superseded(2))]));
    // A later check that finds it good ends it; one that did not look changes nothing, nor does a draft.
    let good = alone.consequences(&measures(2, 2, "8"), &open, vec![]);
    assert_eq!((good.advised.len(), ends(&good)), (0, vec![(first.id, superseded(2))]));
    let unseen = check(2, 2, &[(tread(), choice(FindingResult::NotChecked))]);
    assert_eq!(alone.consequences(&unseen, &open, vec![]), CheckConsequences::default());
    let draft = VehicleCheck { completed: None, ..measures(2, 2, "8") };
    assert_eq!(alone.consequences(&draft, &open, vec![]), CheckConsequences::default());
}

#[test]
fn vc6_two_findings_about_the_same_work_are_one_advice() {
    let cut = NewFinding { note: Some("Snee in de wang".into()), ..choice(FindingResult::Urgent) };
    let damage = (("tyre_damage".to_owned(), tread().1), cut);
    let advice = advice_of(&check(1, 1, &[(tread(), measured("2")), damage])).advice;
    assert_eq!(
        (advice.urgency, advice.found.len(), advice.text.as_str()),
        (Urgency::Urgent, 2, "Profieldiepte linksvoor: 2 mm (advies: meer dan 3 mm)\nSnee in de wang")
    );
}

#[test]
fn rc4_what_was_declined_stays_and_a_later_check_raises_it_again() {
    let decision = Decision { by: MECHANIC, at: moment(1), channel: DecisionChannel::App };
    let declined = advice_of(&measures(1, 1, "1.2")).decline(decision).unwrap();
    assert_eq!(declined.status(), RecommendationStatus::Declined);
    // It is not open, so the check does not see it.
    let again = CarHistory::default().consequences(&measures(2, 2, "1.2"), &[], vec![]);
    assert_eq!((again.advised.len(), again.ended.len()), (1, 0));
}

#[test]
fn vc6_what_is_newer_than_a_check_stands() {
    let newer = advice_of(&measures(20, 1, "1.2"));
    let nothing = CheckConsequences::default();
    for value in ["1.1", "8"] {
        let old = measures(10, 2, value);
        assert_eq!(
            CarHistory::default().consequences(&old, std::slice::from_ref(&newer), vec![]),
            nothing,
            "advice of a later day"
        );
        let since = CarHistory { records: vec![replaced_tyre(15, 1)], checks: vec![] };
        assert_eq!(since.consequences(&old, &[], vec![]), nothing, "work of a later day");
        let since = CarHistory { records: vec![], checks: vec![measures(15, 1, "7")] };
        assert_eq!(since.consequences(&old, &[], vec![]), nothing, "a check of a later day");
    }
    // Of what happened on one day, what was written down later counts.
    let same_day = CarHistory { records: vec![replaced_tyre(10, 1)], checks: vec![] };
    assert_eq!(same_day.consequences(&measures(10, 2, "1.1"), &[], vec![]).advised.len(), 1);
    // Work at another place says nothing about this one.
    let lines = replaced_tyre(15, 1).lines.into_iter();
    let lines = lines.map(|line| ServiceLine { position: Some(Position::RearLeft), ..line }).collect();
    let elsewhere = CarHistory { records: vec![ServiceRecord { lines, ..replaced_tyre(15, 1) }], checks: vec![] };
    assert_eq!(elsewhere.consequences(&measures(10, 2, "1.1"), &[], vec![]).advised.len(), 1);
}

#[test]
fn vc2_a_check_is_replaced_once_and_what_it_made_ends() {
    let worn = measures(10, 1, "1.2");
    let start = |former: &VehicleCheck, is_replaced| {
        let id = VehicleCheckId(id(9));
        VehicleCheck::start(id, VEHICLE, former.list.clone(), None, Some((former, is_replaced)))
    };
    let draft = VehicleCheck { completed: None, ..worn.clone() };
    assert_eq!(start(&draft, false), Err(VehicleCheckRefusal::ReplacesUnknown));
    assert_eq!(start(&worn, true), Err(VehicleCheckRefusal::AlreadyReplaced));
    let new = start(&worn, false).unwrap();
    assert_eq!((new.replaces, new.completed, new.version), (Some(worn.id), None, 1));
    // The mistake ends also when the check that takes its place is of an earlier day, and what another check made stays.
    let of_another = advice_of(&measures(12, 1, "1.2"));
    let unseen = VehicleCheck { replaces: Some(worn.id), ..check(5, 2, &[]) };
    let ended = CarHistory::default().consequences(&unseen, &[advice_of(&worn), of_another], vec![]);
    assert_eq!(ended.advised, vec![]);
    assert_eq!(ends(&ended), [(advice_of(&worn).id, Some(RecommendationEnd::Superseded(unseen.id)))]);
}

#[test]
fn vc2_what_a_replaced_check_had_ended_waits_again_unless_something_else_ended_it() {
    let mistake = measures(10, 2, "8");
    let advice = advice_of(&measures(5, 1, "1.2")).supersede(mistake.id).unwrap();
    let replacing = |found: &[(Place, NewFinding)]| VehicleCheck {
        replaces: Some(mistake.id),
        id: VehicleCheckId(id(30)),
        ..check(10, 3, found)
    };
    let end = |history: &CarHistory, found: &[(Place, NewFinding)]| {
        let consequences = history.consequences(&replacing(found), &[], vec![advice.clone()]);
        ends(&consequences)[0].1
    };
    let superseded = |number| Some(RecommendationEnd::Superseded(VehicleCheckId(id(number))));
    assert_eq!(end(&CarHistory::default(), &[]), None);
    assert_eq!(end(&CarHistory::default(), &[(tread(), measured("7"))]), superseded(30));
    let done = CarHistory { records: vec![replaced_tyre(12, 1)], checks: vec![measures(14, 1, "8")] };
    assert_eq!(end(&done, &[]), Some(RecommendationEnd::Done(ServiceRecordId(id(12)))));
    let checked = CarHistory { records: vec![replaced_tyre(16, 1)], ..done };
    assert_eq!(end(&checked, &[]), superseded(14));
}

#[test]
fn sr2_what_a_corrected_record_had_done_is_done_by_another_or_waits_again() {
    let done = advice_of(&measures(5, 1, "1.2")).done(ServiceRecordId(id(7))).unwrap();
    let end = |records, checks| CarHistory { records, checks }.reconsider(done.clone()).end;
    assert_eq!(end(vec![], vec![]), None);
    assert_eq!(end(vec![replaced_tyre(6, 9)], vec![]), Some(RecommendationEnd::Done(ServiceRecordId(id(6)))));
    assert_eq!(end(vec![replaced_tyre(4, 9)], vec![]), None, "what was done before it was advised");
    let superseded = Some(RecommendationEnd::Superseded(VehicleCheckId(id(8))));
    assert_eq!(end(vec![replaced_tyre(9, 9)], vec![measures(8, 1, "6")]), superseded);
}

/// What is written down of a car, in some order.
#[derive(Default)]
struct Car {
    history: CarHistory,
    advices: Vec<Recommendation>,
}

impl Car {
    fn open(&self) -> Vec<Recommendation> {
        self.advices.iter().filter(|one| one.is_open()).cloned().collect()
    }

    fn check(&mut self, check: VehicleCheck) {
        let consequences = self.history.consequences(&check, &self.open(), vec![]);
        for changed in consequences.ended {
            let known = self.advices.iter_mut().find(|one| one.id == changed.id).unwrap();
            *known = changed;
        }
        self.advices.extend(consequences.advised.into_iter().map(|advice| made(&check, advice)));
        self.history.checks.push(check);
    }

    fn work(&mut self, record: ServiceRecord) {
        for one in self.advices.iter_mut().filter(|one| one.is_open()) {
            if record.closes(&one.advice, one.advised_on) {
                *one = one.clone().done(record.id).unwrap();
            }
        }
        self.history.records.push(record);
    }

    /// Writes down what happened on each day: a check that found the tyre good or worn, or a new tyre.
    fn after(happened: &[(i8, u8)]) -> Vec<(RecommendationId, Date, Urgency)> {
        let mut car = Self::default();
        for (at, (on, what)) in happened.iter().enumerate() {
            let at = i64::try_from(at).unwrap();
            match what {
                0 => car.check(measures(*on, at, "8")),
                1 => car.check(measures(*on, at, "2.5")),
                2 => car.check(measures(*on, at, "1.2")),
                _ => car.work(replaced_tyre(*on, at)),
            }
        }
        car.open().into_iter().map(|one| (one.id, one.advised_on, one.advice.urgency)).collect()
    }
}

proptest! {
    /// What waits to be done depends on what happened on which day, and not on the order in which it is written down.
    #[test]
    fn vc6_the_order_of_writing_down_does_not_matter(
        happened in proptest::collection::btree_map(1..29_i8, 0..4_u8, 0..7),
        keys in proptest::collection::vec(any::<u64>(), 7),
    ) {
        let in_order: Vec<(i8, u8)> = happened.into_iter().collect();
        let mut keyed: Vec<(u64, (i8, u8))> = keys.into_iter().zip(in_order.iter().copied()).collect();
        keyed.sort_unstable();
        let shuffled: Vec<(i8, u8)> = keyed.into_iter().map(|(_, event)| event).collect();
        let expected = match in_order.last() {
            Some((on, 1)) => vec![(RecommendationId(id(on.unsigned_abs())), day(*on), Urgency::Attention)],
            Some((on, 2)) => vec![(RecommendationId(id(on.unsigned_abs())), day(*on), Urgency::Urgent)],
            _ => vec![],
        };
        prop_assert_eq!(Car::after(&in_order), expected.clone());
        prop_assert_eq!(Car::after(&shuffled), expected);
    }
}
