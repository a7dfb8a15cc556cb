use super::*;
use crate::{
    apk::{ApkVehicle, EuCategory, VehicleKind},
    expected_maintenance::{ItemSource, Need, Repeat, RoadBasis, Visit, forecast},
    passport::Fuel,
    service_task::TaskKey,
};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn interval(months: Option<i64>, km: Option<i64>) -> Interval {
    Interval::new(months, km).unwrap()
}

fn every(months: Option<i64>, km: Option<i64>, counts_from: CountsFrom) -> Recurrence {
    Recurrence { first: None, then: interval(months, km), counts_from }
}

fn road(from: Date, km: i64, metres: i64) -> Road {
    Road { from, km, metres, low_metres: metres / 2, high_metres: metres * 2, basis: RoadBasis::Readings }
}

const ADMITTED: Date = date(2019, 5, 17);

fn life(known_since: Date, known_since_km: Option<i64>) -> CarLife {
    CarLife { admitted_on: Some(ADMITTED), known_since, known_since_km }
}

#[test]
fn ms2_an_interval_counts_from_completion_whichever_comes_first() {
    let last = Some(Completion { on: date(2026, 1, 31), km: Some(60_000) });
    let due = Due::of(&every(Some(1), Some(15_000), CountsFrom::Completion), &life(ADMITTED, Some(0)), last);
    assert_eq!((due.on, due.km), (Some(date(2026, 2, 28)), Some(75_000)));
    let without_odometer = Some(Completion { on: date(2026, 1, 31), km: None });
    let recurrence = every(Some(12), Some(15_000), CountsFrom::Completion);
    let due = Due::of(&recurrence, &life(ADMITTED, Some(0)), without_odometer);
    assert_eq!((due.on, due.km), (Some(date(2027, 1, 31)), None));
    // By the odometer it is due sooner than by the calendar.
    let due = Due { km: Some(75_000), ..due };
    let days = due.days(Some(&road(date(2026, 6, 1), 70_000, 100_000))).unwrap();
    assert_eq!(days.due_from, date(2026, 7, 21));
}

#[test]
fn ms2_early_and_late_work_does_not_move_a_grid() {
    let yearly = every(Some(12), None, CountsFrom::Anniversary);
    let due = |on| Due::of(&yearly, &life(ADMITTED, None), Some(Completion { on, km: None })).on.unwrap();
    // A month early, in time, a month late: the next is due on the anniversary after the one that was served.
    for on in [date(2026, 4, 17), date(2026, 5, 17), date(2026, 6, 17)] {
        assert_eq!(due(on), date(2027, 5, 17), "{on}");
    }
    // Half a year early served the anniversary before.
    assert_eq!(due(date(2026, 11, 1)), date(2027, 5, 17));
    assert_eq!(due(date(2026, 12, 1)), date(2028, 5, 17));
    let by_distance = every(None, Some(10_000), CountsFrom::Anniversary);
    let due = |km| Due::of(&by_distance, &life(ADMITTED, None), Some(Completion { on: date(2026, 1, 1), km })).km;
    assert_eq!(
        [due(Some(9_000)), due(Some(10_000)), due(Some(14_999)), due(None)],
        [Some(20_000), Some(20_000), Some(20_000), None]
    );
    // Before the first half of the first interval is over, nothing was served yet.
    assert_eq!(due(Some(4_000)), Some(10_000));
}

#[test]
fn ms2_the_first_interval_can_differ() {
    let first = Some(interval(Some(48), Some(60_000)));
    let recurrence = Recurrence { first, ..every(Some(24), Some(30_000), CountsFrom::Completion) };
    let due = Due::of(&recurrence, &life(date(2019, 6, 1), Some(10)), None);
    assert_eq!((due.on, due.km, due.assumed), (Some(date(2023, 5, 17)), Some(60_000), false));
    assert_eq!(due.interval, first);
    // Known since later, it is due by the grid after the first interval.
    let due = Due::of(&recurrence, &life(date(2024, 1, 1), Some(95_000)), None);
    assert_eq!((due.on, due.km, due.assumed), (Some(date(2025, 5, 17)), Some(120_000), true));
    let done = Some(Completion { on: date(2024, 2, 1), km: Some(96_000) });
    let due = Due::of(&recurrence, &life(date(2024, 1, 1), Some(95_000)), done);
    assert_eq!((due.on, due.km, due.assumed), (Some(date(2026, 2, 1)), Some(126_000), false));
}

#[test]
fn em2_the_status_changes_on_its_days() {
    let status = |due: Due, road: Option<&Road>, today| due.days(road).unwrap().status(today);
    let yearly = Due { interval: Some(interval(Some(36), None)), ..Due::on(date(2026, 12, 1)) };
    for (today, expected) in [
        (date(2026, 10, 1), DueStatus::Ok),
        (date(2026, 10, 2), DueStatus::DueSoon),
        (date(2026, 11, 30), DueStatus::DueSoon),
        (date(2026, 12, 1), DueStatus::Due),
        (date(2026, 12, 31), DueStatus::Due),
        (date(2027, 1, 1), DueStatus::Overdue),
    ] {
        assert_eq!(status(yearly, None, today), expected, "{today}");
    }
    // The APK is overdue from the first day after its expiry.
    let apk = Due::by_law(date(2026, 12, 1));
    assert_eq!(status(apk, None, date(2026, 12, 1)), DueStatus::Due);
    assert_eq!(status(apk, None, date(2026, 12, 2)), DueStatus::Overdue);
    // By distance: 2,000 km before, and more than 1,000 km late.
    let driven = road(date(2026, 1, 1), 0, 100_000);
    let due = Due { on: None, km: Some(30_000), interval: Some(interval(None, Some(30_000))), ..yearly };
    let day = |days: i64| date(2026, 1, 1).checked_add(days.days()).unwrap();
    for (days, expected) in [
        (279, DueStatus::Ok),
        (280, DueStatus::DueSoon),
        (300, DueStatus::Due),
        (310, DueStatus::Due),
        (311, DueStatus::Overdue),
    ] {
        assert_eq!(status(due, Some(&driven), day(days)), expected, "{days}");
    }
}

#[test]
fn em2_a_short_interval_is_due_soon_within_a_tenth_of_it() {
    // Six hundred kilometres a week, an interval of 5,000: two months and 2,000 km would be "soon" for half the time.
    let driven = road(date(2026, 1, 1), 0, 600_000 / 7);
    let due = Due { on: None, km: Some(5_000), interval: Some(interval(None, Some(5_000))), ..Due::on(ADMITTED) };
    let days = due.days(Some(&driven)).unwrap();
    assert_eq!(days_between(days.soon_from, days.due_from), 6);
    let monthly = Due { interval: Some(interval(Some(1), None)), ..Due::on(date(2026, 3, 1)) };
    assert_eq!(monthly.days(None).unwrap().soon_from, date(2026, 2, 26));
}

#[test]
fn em3_a_task_that_was_never_recorded_is_due_by_the_grid_and_never_overdue() {
    let recurrence = every(Some(12), Some(15_000), CountsFrom::Completion);
    let due = Due::of(&recurrence, &life(date(2026, 3, 1), Some(152_300)), None);
    assert_eq!((due.on, due.km, due.assumed), (Some(date(2026, 5, 17)), Some(165_000), true));
    let days = due.days(Some(&road(date(2026, 3, 1), 152_300, 30_000))).unwrap();
    assert_eq!(days.status(date(2040, 1, 1)), DueStatus::Due);
    // A car that has not reached the first of its intervals has missed nothing: that is known, and not assumed.
    let due = Due::of(&recurrence, &life(date(2019, 8, 1), Some(1_200)), None);
    assert_eq!((due.on, due.km, due.assumed), (Some(date(2020, 5, 17)), Some(15_000), false));
    assert_eq!(due.days(None).unwrap().status(date(2020, 7, 1)), DueStatus::Overdue);
    // Without a first admission the interval begins when the car became known.
    let unknown = CarLife { admitted_on: None, known_since: date(2026, 3, 1), known_since_km: None };
    let due = Due::of(&recurrence, &unknown, None);
    assert_eq!((due.on, due.km, due.assumed), (Some(date(2027, 3, 1)), None, true));
}

#[test]
fn em1_without_an_estimate_there_are_dates_only() {
    let due = Due { km: Some(75_000), ..Due::on(date(2027, 1, 1)) };
    assert_eq!(due.predicted(None).map(|day| day.on), Some(date(2027, 1, 1)));
    assert_eq!(Due { on: None, ..due }.predicted(None), None);
    let driven = road(date(2026, 1, 1), 70_000, 20_000);
    let predicted = due.predicted(Some(&driven)).unwrap();
    assert_eq!(predicted.on, date(2026, 9, 8));
    assert_eq!((predicted.earliest_on, predicted.latest_on), (date(2026, 5, 6), Some(date(2027, 1, 1))));
}

fn need(key: &str, recurrence: Recurrence, last: Date) -> Need {
    let life = life(date(2026, 1, 1), Some(100_000));
    let due = Due::of(&recurrence, &life, Some(Completion { on: last, km: Some(100_000) }));
    let task = Some(TaskKey::find(key).unwrap());
    Need { task, source: ItemSource::Schedule, due, repeat: Repeat::Every(recurrence, life) }
}

#[test]
fn em4_what_falls_within_thirty_days_is_one_visit_and_comes_back_from_it() {
    let yearly = every(Some(12), None, CountsFrom::Completion);
    let needs = [need("brake_fluid", yearly, date(2026, 3, 1)), need("wipers", yearly, date(2026, 3, 31))];
    let forecast = forecast(&needs, None, date(2026, 6, 1), date(2029, 6, 1));
    let visits: Vec<_> = forecast.visits.iter().map(|visit| (visit.on, visit.items.len())).collect();
    assert_eq!(visits, [(date(2027, 3, 1), 2), (date(2028, 3, 1), 2), (date(2029, 3, 1), 2)]);
    // One day more, and they are two visits.
    let needs = [need("brake_fluid", yearly, date(2026, 3, 1)), need("wipers", yearly, date(2026, 4, 1))];
    let forecast = super::super::forecast(&needs, None, date(2026, 6, 1), date(2027, 6, 1));
    assert_eq!(forecast.visits.len(), 2);
}

#[test]
fn em4_a_large_service_includes_the_oil() {
    let needs = [
        need("large_service", every(Some(24), None, CountsFrom::Completion), date(2025, 7, 1)),
        need("small_service", every(Some(12), None, CountsFrom::Completion), date(2026, 1, 1)),
    ];
    let forecast = forecast(&needs, None, date(2026, 6, 1), date(2030, 6, 1));
    let seen: Vec<_> = forecast.visits.iter().map(|visit| (visit.on, visit.items.len())).collect();
    // The small service is due half a year before the large one; then the large one does its work.
    assert_eq!(seen, [(date(2027, 1, 1), 1), (date(2027, 7, 1), 1), (date(2028, 7, 1), 1), (date(2029, 7, 1), 2)]);
    let last = &forecast.visits[3].items;
    let included: Vec<_> = last.iter().map(|item| item.included_in.map(TaskKey::as_str)).collect();
    assert_eq!(included, [None, Some("large_service")]);
}

#[test]
fn em4_the_apk_comes_back_by_law() {
    let vehicle = ApkVehicle {
        kind: Some(VehicleKind::Car),
        eu_category: Some(EuCategory::M1),
        max_mass_kg: Some(1_800),
        empty_mass_kg: Some(1_300),
        fuels: vec![Fuel::Petrol],
        admitted_on: Some(ADMITTED),
        max_speed_m_per_h: None,
        on_tracks: None,
        taxi: Some(false),
        ambulance: Some(false),
        lifted: None,
    };
    let due = Due::by_law(date(2025, 5, 17));
    let needs = [Need { task: Some(TaskKey::APK), source: ItemSource::Apk, due, repeat: Repeat::Apk(vehicle) }];
    let forecast = forecast(&needs, None, date(2025, 1, 1), date(2030, 1, 1));
    let days: Vec<_> = forecast.visits.iter().map(|visit| visit.on).collect();
    assert_eq!(days, [date(2025, 5, 17), date(2027, 5, 17), date(2028, 5, 17), date(2029, 5, 17)]);
}

#[test]
fn em4_what_is_late_is_expected_today_and_what_has_no_day_is_named() {
    let late = Need {
        due: Due::on(date(2025, 1, 1)),
        repeat: Repeat::Once,
        ..need("tyres", every(Some(12), None, CountsFrom::Completion), ADMITTED)
    };
    let by_distance = Need { due: Due { on: None, km: Some(9), ..late.due }, ..late.clone() };
    let forecast = forecast(&[late, by_distance], None, date(2026, 6, 1), date(2026, 7, 1));
    assert_eq!(forecast.visits.iter().map(|visit| visit.on).collect::<Vec<_>>(), [date(2026, 6, 1)]);
    assert_eq!(forecast.without_day, [1]);
}

fn advised(key: &str, on: Date) -> Need {
    let (task, source) = (Some(TaskKey::find(key).unwrap()), ItemSource::Recommendation);
    Need { task, source, due: Due::on(on), repeat: Repeat::Once }
}

#[test]
fn em2_what_is_advised_at_several_places_is_done_at_once() {
    let needs = [
        advised("tyres", date(2026, 9, 1)),
        advised("wipers", date(2026, 8, 1)),
        advised("tyres", date(2026, 6, 1)),
        Need { task: None, ..advised("tyres", date(2026, 9, 1)) },
        Need { task: None, ..advised("tyres", date(2026, 9, 1)) },
    ];
    let forecast = forecast(&needs, None, date(2026, 6, 1), date(2030, 6, 1));
    let shown = |visit: &Visit| visit.items.iter().map(|item| (item.need, item.joined.clone())).collect::<Vec<_>>();
    let seen: Vec<_> = forecast.visits.iter().map(|visit| (visit.on, shown(visit))).collect();
    let words = vec![(3, vec![]), (4, vec![])];
    assert_eq!(
        seen,
        [(date(2026, 6, 1), vec![(2, vec![0])]), (date(2026, 8, 1), vec![(1, vec![])]), (date(2026, 9, 1), words),]
    );
}

#[test]
fn em2_advice_stands_for_the_next_time_of_the_schedule() {
    let yearly = every(Some(12), None, CountsFrom::Completion);
    let days = |needs: &[Need]| {
        let forecast = forecast(needs, None, date(2026, 6, 1), date(2028, 12, 1));
        let on = |visit: &Visit| (visit.on, visit.items.len(), visit.items[0].source, visit.items[0].joined.len());
        forecast.visits.iter().map(on).collect::<Vec<_>>()
    };
    // The schedule expects it on 1 March 2027. What is advised earlier is done then, and the year begins anew.
    let earlier = [need("tyres", yearly, date(2026, 3, 1)), advised("tyres", date(2026, 7, 1))];
    assert_eq!(
        days(&earlier),
        [
            (date(2026, 7, 1), 1, ItemSource::Recommendation, 1),
            (date(2027, 7, 1), 1, ItemSource::Schedule, 0),
            (date(2028, 7, 1), 1, ItemSource::Schedule, 0),
        ]
    );
    let later = [need("tyres", yearly, date(2026, 3, 1)), advised("tyres", date(2027, 5, 1))];
    assert_eq!(
        days(&later),
        [(date(2027, 3, 1), 1, ItemSource::Schedule, 1), (date(2028, 3, 1), 1, ItemSource::Schedule, 0),]
    );
    // A schedule that knows a distance only waits for no day of its own.
    let by_distance = Need { due: Due { on: None, km: Some(9), ..Due::on(date(2026, 1, 1)) }, ..earlier[0].clone() };
    let forecast = forecast(&[by_distance, earlier[1].clone()], None, date(2026, 6, 1), date(2027, 6, 1));
    assert_eq!((forecast.visits[0].items[0].joined.as_slice(), forecast.without_day.len()), ([0].as_slice(), 0));
}

#[test]
fn em2_advice_takes_the_place_of_no_recall() {
    let recall = Need { source: ItemSource::Recall, ..advised("recall_repair", date(2026, 6, 1)) };
    let needs = [recall.clone(), recall, advised("recall_repair", date(2026, 6, 1))];
    let forecast = forecast(&needs, None, date(2026, 6, 1), date(2027, 6, 1));
    assert_eq!(forecast.visits[0].items.len(), 3);
}

fn any_interval() -> impl Strategy<Value = Interval> {
    (proptest::option::of(1..=240_i64), proptest::option::of(500..=200_000_i64))
        .prop_filter_map("neither months nor kilometres", |(months, km)| Interval::new(months, km))
}

fn any_recurrence() -> impl Strategy<Value = Recurrence> {
    let counts_from = prop_oneof![Just(CountsFrom::Completion), Just(CountsFrom::Anniversary)];
    (proptest::option::of(any_interval()), any_interval(), counts_from)
        .prop_map(|(first, then, counts_from)| Recurrence { first, then, counts_from })
}

fn any_day() -> impl Strategy<Value = Date> {
    (0..9_000_i64).prop_map(|days| date(2005, 1, 1).checked_add(days.days()).unwrap())
}

fn any_life() -> impl Strategy<Value = CarLife> {
    (proptest::option::of(any_day()), any_day(), proptest::option::of(0..400_000_i64))
        .prop_map(|(admitted_on, known_since, known_since_km)| CarLife { admitted_on, known_since, known_since_km })
}

fn any_road() -> impl Strategy<Value = Option<Road>> {
    let road = (any_day(), 0..400_000_i64, 0..200_000_i64).prop_map(|(from, km, metres)| road(from, km, metres));
    proptest::option::of(road)
}

proptest! {
    /// No interval ever yields a due day before the last completion, nor on it.
    #[test]
    fn ms2_what_was_done_is_due_later(
        recurrence in any_recurrence(), life in any_life(), on in any_day(), km in proptest::option::of(0..400_000_i64),
    ) {
        let due = Due::of(&recurrence, &life, Some(Completion { on, km }));
        prop_assert!(due.on.is_none_or(|day| day > on), "{:?}", due);
        prop_assert!(due.km.is_none_or(|due| km.is_some_and(|km| due > km)), "{:?}", due);
        prop_assert!(!due.assumed);
    }

    /// A task of unknown history is due within one interval after the car became known.
    #[test]
    fn em3_a_grid_is_never_further_than_its_interval(then in any_interval(), life in any_life()) {
        let recurrence = Recurrence { first: None, then, counts_from: CountsFrom::Completion };
        let due = Due::of(&recurrence, &life, None);
        if let (Some(on), Some(months), Some(admitted_on)) = (due.on, then.months(), life.admitted_on) {
            let reach = add_months(life.known_since.max(admitted_on), months).unwrap();
            prop_assert!(on >= life.known_since && days_between(reach, on) <= 3, "{} {}", on, reach);
        }
        if let (Some(due), Some(km), Some(known)) = (due.km, then.km(), life.known_since_km) {
            prop_assert!(due >= known && due < known + km.max(1) || known == 0 && due == km);
        }
    }

    /// The days of a status come in their order, and the status only grows worse as days pass.
    #[test]
    fn em2_a_status_only_grows_worse(recurrence in any_recurrence(), life in any_life(), road in any_road(), today in any_day()) {
        let due = Due::of(&recurrence, &life, None);
        if let Some(days) = due.days(road.as_ref()) {
            prop_assert!(days.soon_from <= days.due_from);
            prop_assert!(days.overdue_from.is_none_or(|late| late >= days.due_from));
            prop_assert!(days.status(today) <= days.status(today.tomorrow().unwrap()));
            let predicted = due.predicted(road.as_ref()).unwrap();
            prop_assert!(predicted.earliest_on <= predicted.on && predicted.latest_on.is_none_or(|day| day >= predicted.on));
            prop_assert_eq!(predicted.on, days.due_from);
        }
    }

    /// Gathering loses no item: every need that has a day before the end stands in the first visits once, in order, and
    /// nothing is done more than thirty days before it is expected.
    #[test]
    fn em4_gathering_loses_no_item(
        recurrences in proptest::collection::vec((any_recurrence(), any_life()), 1..12), road in any_road(), today in any_day(),
    ) {
        let keys = ["brake_fluid", "wipers", "tyres", "coolant", "small_service", "large_service", "oil_and_filter"];
        let needs: Vec<Need> = recurrences
            .into_iter()
            .enumerate()
            .map(|(index, (recurrence, life))| Need {
                task: TaskKey::find(keys[index % keys.len()]),
                source: ItemSource::Schedule,
                due: Due::of(&recurrence, &life, None),
                repeat: Repeat::Every(recurrence, life),
            })
            .collect();
        let until = add_months(today, 60).unwrap();
        let forecast = forecast(&needs, road.as_ref(), today, until);
        let mut seen = BTreeSet::new();
        for pair in forecast.visits.windows(2) {
            prop_assert!(days_between(pair[0].on, pair[1].on) >= 1);
        }
        for visit in &forecast.visits {
            prop_assert!(!visit.items.is_empty() && visit.on >= today && visit.on <= until);
            for item in &visit.items {
                prop_assert!(days_between(visit.on, item.predicted.on) <= 30);
                if item.repeated == 0 { prop_assert!(seen.insert(item.need)); }
            }
        }
        for (number, need) in needs.iter().enumerate() {
            match need.due.predicted(road.as_ref()) {
                None => prop_assert!(forecast.without_day.contains(&number)),
                Some(predicted) if predicted.on <= until => {
                    let task = need.task.unwrap();
                    let included = |visit: &crate::expected_maintenance::Visit| {
                        visit.on <= predicted.on && visit.items.iter().any(|item| item.task.unwrap().includes(task))
                    };
                    prop_assert!(seen.contains(&number) || forecast.visits.iter().any(included));
                }
                Some(_) => {}
            }
        }
    }
}
