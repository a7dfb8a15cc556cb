use super::*;
use crate::{
    Date, Instant,
    check_template::{FindingResult, Measure, platform},
    ids::{AccountId, GarageId, RecommendationId, ServiceRecordId, VehicleId},
    recommendation::{Decision, DecisionChannel, RecommendationStatus, Urgency},
    service_record::{LineKind, Quantity, RecordOrigin, ServiceLine, ToReplace},
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
    let completed = Completed { by: MECHANIC, at: moment(at), on: day(on), stands_at: moment(at) };
    VehicleCheck { completed: Some(completed), ..check }
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
        stands_at: moment(at),
        by: None,
    }
}

/// The recommendation that a check leads to. It has the number of the check, since each of these has one finding at most.
fn made(check: &VehicleCheck, new: Advised) -> Recommendation {
    let happened = check.happened().unwrap();
    let number = RecommendationId(check.id.0);
    let made = Recommendation::make(number, VEHICLE, new.advice, Some(check.id), (happened, happened.at));
    Recommendation { agreed: new.agreed, end: new.end, ..made }
}

fn advice_of(check: &VehicleCheck) -> Recommendation {
    let found = CarHistory::default().consequences(check, &[], &Replaced::default());
    let [advice] = found.advised.as_slice() else { panic!("{found:?}") };
    made(check, advice.clone())
}

fn ends(consequences: &CheckConsequences) -> Vec<(RecommendationId, Option<RecommendationEnd>)> {
    let CheckConsequences { ended, mistaken, reconsidered, .. } = consequences;
    ended.iter().chain(mistaken).chain(reconsidered).map(|one| (one.id, one.end)).collect()
}

const fn superseded(by: u8) -> RecommendationEnd {
    RecommendationEnd::Superseded(VehicleCheckId(Uuid::from_u128(by as u128)))
}

#[test]
fn vc6_what_is_not_good_becomes_a_recommendation_or_renews_the_open_one() {
    let (alone, nothing) = (CarHistory::default(), Replaced::default());
    let first = advice_of(&measures(1, 1, "1.2"));
    assert_eq!((first.advice.urgency, first.advice.position), (Urgency::Urgent, Some(Position::FrontLeft)));
    assert_eq!(first.advised, Happened { on: day(1), at: moment(1) });
    let open = [first.clone()];
    let again = alone.consequences(&measures(2, 2, "1.1"), &open, &nothing);
    assert_eq!((again.advised.len(), ends(&again)), (1, vec![(first.id, Some(superseded(2)))]));
    // A later check that finds it good ends it; one that did not look changes nothing, nor does a draft.
    let good = alone.consequences(&measures(2, 2, "8"), &open, &nothing);
    assert_eq!((good.advised.len(), ends(&good)), (0, vec![(first.id, Some(superseded(2)))]));
    let unseen = check(2, 2, &[(tread(), choice(FindingResult::NotChecked))]);
    assert_eq!(alone.consequences(&unseen, &open, &nothing), CheckConsequences::default());
    let draft = VehicleCheck { completed: None, ..measures(2, 2, "8") };
    assert_eq!(alone.consequences(&draft, &open, &nothing), CheckConsequences::default());
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
    let later = CarHistory::default().consequences(&measures(2, 2, "1.2"), &[declined], &Replaced::default());
    assert_eq!((later.advised.len(), later.ended.len()), (1, 0));
    // One of an earlier day than what the garage wrote down, and the owner has declined, does not.
    let by_hand = Recommendation { check_id: None, ..advice_of(&measures(20, 3, "1.2")) }.decline(decision).unwrap();
    let earlier = CarHistory::default().consequences(&measures(2, 4, "1.2"), &[by_hand], &Replaced::default());
    assert_eq!(earlier, CheckConsequences::default());
}

#[test]
fn vc2_a_check_that_mends_a_mistake_keeps_the_owners_word_on_what_is_the_same() {
    let decision = Decision { by: MECHANIC, at: moment(1), channel: DecisionChannel::App };
    let first = advice_of(&measures(5, 1, "2"));
    let agreed = first.clone().agree(decision).unwrap();
    let declined = first.decline(decision).unwrap();
    let again = |advised: &Recommendation, value| {
        let mended = VehicleCheck { replaces: advised.check_id, id: VehicleCheckId(id(30)), ..measures(5, 1, value) };
        let replaced = Replaced { advised: vec![advised.clone()], ended: vec![] };
        let found = CarHistory::default().consequences(&mended, &[], &replaced);
        (found.advised[0].agreed, found.advised[0].end, ends(&found))
    };
    assert_eq!(again(&agreed, "2.1"), (Some(decision), None, vec![(agreed.id, Some(superseded(30)))]));
    assert_eq!(again(&declined, "2.1"), (None, Some(RecommendationEnd::Declined(decision)), vec![]));
    // It is urgent now, so the owner is asked again.
    assert_eq!(again(&agreed, "1").0, None);
    assert_eq!(again(&declined, "1").1, None);
}

#[test]
fn vc2_a_check_is_replaced_once() {
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
}

/// What happened on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Good,
    Attention,
    Urgent,
    /// A check that did not look.
    Unseen,
    NewTyre,
    /// Work on something else.
    OtherWork,
}

impl What {
    const CHECKS: [Self; 4] = [Self::Good, Self::Attention, Self::Urgent, Self::Unseen];
    const WORK: [Self; 2] = [Self::NewTyre, Self::OtherWork];

    fn check(self, on: i8, at: i64) -> VehicleCheck {
        match self {
            Self::Good => measures(on, at, "8"),
            Self::Attention => measures(on, at, "2.5"),
            Self::Urgent => measures(on, at, "1.2"),
            Self::Unseen | Self::NewTyre | Self::OtherWork => check(on, at, &[]),
        }
    }

    fn record(self, on: i8, at: i64) -> ServiceRecord {
        let record = replaced_tyre(on, at);
        let lines = if self == Self::NewTyre { record.lines.clone() } else { vec![] };
        ServiceRecord { lines, ..record }
    }
}

/// Something that counts: its number, what happened and when.
#[derive(Clone, Copy, Debug)]
struct Event {
    number: u8,
    what: What,
    happened: Happened,
}

/// A car of which things are written down, and corrected.
#[derive(Default)]
struct Car {
    history: CarHistory,
    advices: Vec<Recommendation>,
    live: Vec<Event>,
    written: u8,
}

impl Car {
    fn open(&self) -> Vec<Recommendation> {
        self.advices.iter().filter(|one| one.is_open()).cloned().collect()
    }

    fn change(&mut self, changed: Vec<Recommendation>) {
        for one in changed {
            let id = one.id;
            *self.advices.iter_mut().find(|known| known.id == id).unwrap() = one;
        }
    }

    /// Writes something down, in the place of something else of the same kind if that is given.
    fn write(&mut self, on: i8, what: What, replaces: Option<Event>) {
        self.written += 1;
        let number = self.written;
        let former = replaces.map(|event| event.number);
        self.live.retain(|event| Some(event.number) != former);
        let happened = if What::WORK.contains(&what) {
            self.work(what.record(on, i64::from(number)), number, former)
        } else {
            self.check(what.check(on, i64::from(number)), number, former)
        };
        self.live.push(Event { number, what, happened });
    }

    fn check(&mut self, check: VehicleCheck, number: u8, former: Option<u8>) -> Happened {
        let former = former.map(|former| VehicleCheckId(id(former)));
        let of = |one: &&Recommendation| one.check_id.is_some() && one.check_id == former;
        let by = |one: &&Recommendation| former.is_some() && one.end == former.map(RecommendationEnd::Superseded);
        let replaced = Replaced {
            advised: self.advices.iter().filter(of).cloned().collect(),
            ended: self.advices.iter().filter(by).cloned().collect(),
        };
        let completed = check
            .completed
            .map(|completed| completed.in_place_of(self.history.checks.iter().find(|known| Some(known.id) == former)));
        let check = VehicleCheck { id: VehicleCheckId(id(number)), replaces: former, completed, ..check };
        self.history.checks.retain(|known| Some(known.id) != former);
        self.history.checks.push(check.clone());
        let found = self.history.consequences(&check, &self.open(), &replaced);
        self.change(found.ended);
        self.change(found.mistaken);
        self.change(found.reconsidered);
        self.advices.extend(found.advised.into_iter().map(|new| made(&check, new)));
        check.happened().unwrap()
    }

    fn work(&mut self, record: ServiceRecord, number: u8, former: Option<u8>) -> Happened {
        let former = former.map(|former| ServiceRecordId(id(former)));
        let known = self.history.records.iter().find(|known| Some(known.id) == former);
        let to_replace = known.map(|known| ToReplace {
            garage_id: known.garage_id,
            vehicle_id: known.vehicle_id,
            origin: known.origin,
            by: known.by,
            happened: known.happened(),
            is_replaced: false,
        });
        let record = ServiceRecord { id: ServiceRecordId(id(number)), ..record }.in_place_of(to_replace.as_ref());
        self.history.records.retain(|known| Some(known.id) != former);
        self.history.records.push(record.clone());
        let done = Some(RecommendationEnd::Done(record.id));
        for one in &mut self.advices {
            let was_done = former.is_some() && one.end == former.map(RecommendationEnd::Done);
            if (was_done || one.is_open()) && record.closes(&one.advice, one.advised) {
                one.end = done;
            } else if was_done {
                *one = self.history.reconsider(one.clone());
            }
        }
        record.happened()
    }

    /// What is open: the number of the check and how urgent it is.
    fn found(&self) -> Vec<(Uuid, Urgency)> {
        self.open().into_iter().map(|one| (one.check_id.unwrap().0, one.advice.urgency)).collect()
    }

    /// What should be open, by what happened last.
    fn expected(&self) -> Vec<(Uuid, Urgency)> {
        let says_nothing = |event: &&Event| matches!(event.what, What::Unseen | What::OtherWork);
        let last = self.live.iter().filter(|event| !says_nothing(event)).max_by_key(|event| event.happened);
        match last.map(|event| (event.number, event.what)) {
            Some((number, What::Attention)) => vec![(id(number), Urgency::Attention)],
            Some((number, What::Urgent)) => vec![(id(number), Urgency::Urgent)],
            _ => vec![],
        }
    }
}

/// Steps that found faults before: what is written down on which day, and which step it corrects.
#[test]
fn vc6_what_was_overtaken_by_a_mistake_waits_again() {
    use What::{Attention, Good, NewTyre, OtherWork, Unseen, Urgent};
    type Steps = Vec<(i8, What, Option<usize>)>;
    let all: Vec<Steps> = vec![
        // What overtook the finding is corrected.
        vec![(10, NewTyre, None), (5, Urgent, None), (10, OtherWork, Some(0))],
        vec![(10, Good, None), (5, Urgent, None), (10, Unseen, Some(0))],
        vec![(5, Urgent, None), (20, NewTyre, None), (10, Attention, None), (20, OtherWork, Some(1))],
        vec![(5, Urgent, None), (8, NewTyre, None), (5, Attention, Some(0)), (8, OtherWork, Some(1))],
        // What a replaced check had found does not come back.
        vec![(5, Urgent, None), (5, Unseen, Some(0)), (5, Unseen, Some(1))],
        vec![(5, Urgent, None), (8, NewTyre, None), (5, Unseen, Some(0)), (8, OtherWork, Some(1))],
        vec![(5, Urgent, None), (20, Good, None), (5, Unseen, Some(0)), (20, Unseen, Some(1))],
        vec![(6, Attention, None), (8, Unseen, Some(0)), (3, Attention, Some(1))],
        // A correction keeps its place in the day.
        vec![(5, Urgent, None), (5, NewTyre, None), (5, Urgent, Some(0))],
        vec![(5, NewTyre, None), (5, Urgent, None), (5, NewTyre, Some(0))],
    ];
    for steps in all {
        let mut car = Car::default();
        let mut written: Vec<Event> = vec![];
        for (on, what, corrects) in &steps {
            car.write(*on, *what, corrects.map(|step| written[step]));
            written.push(*car.live.last().unwrap());
        }
        assert_eq!(car.found(), car.expected(), "{steps:?}");
    }
}

proptest! {
    /// What waits to be done follows from what counts, in the order of its days: not from the order in which it was written
    /// down, nor from what was corrected meanwhile.
    #[test]
    fn vc6_the_order_of_writing_down_does_not_matter(
        steps in proptest::collection::vec((1..6_i8, 0..6_usize, proptest::option::of(any::<prop::sample::Index>())), 1..12),
    ) {
        let mut car = Car::default();
        for (on, kind, corrected) in steps {
            let what = [What::CHECKS.as_slice(), &What::WORK].concat()[kind];
            let same_kind = |event: &Event| What::WORK.contains(&event.what) == What::WORK.contains(&what);
            let others: Vec<Event> = car.live.iter().copied().filter(same_kind).collect();
            let replaces = corrected.filter(|_| !others.is_empty()).map(|index| *index.get(&others));
            car.write(on, what, replaces);
            prop_assert_eq!(car.found(), car.expected());
        }
    }
}
