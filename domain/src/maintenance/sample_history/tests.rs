use super::*;
use crate::{cost::QUARTILE, service_task::TaskKey};
use jiff::civil::date;
use std::collections::BTreeSet;

fn network(cars: usize) -> SampleNetwork {
    SampleNetwork::new(SamplePlan { seed: 1, garages: 12, cars, years: 5, until: date(2026, 11, 28) })
}

#[test]
fn the_same_seed_gives_the_same_history_and_each_car_by_itself() {
    let (one, larger) = (network(30), network(60));
    let car = one.car(17).unwrap();
    assert_eq!((one.car(17), one.history(&car)), (larger.car(17), larger.history(&car)));
    let other = SampleNetwork::new(SamplePlan { seed: 2, ..*one.plan() });
    assert_ne!(other.car(17), one.car(17));
    // The very numbers, so that another machine that gives others is noticed.
    let sum: i64 = one
        .cars()
        .flat_map(|car| one.history(&car).records)
        .flat_map(|record| record.lines)
        .map(|line| line.net_cents)
        .sum();
    assert_eq!(sum, 12_245_899);
}

#[test]
fn histories_are_plausible() {
    let network = network(400);
    let (mut lines, mut tasks, mut urgent) = (0, BTreeSet::new(), 0);
    for car in network.cars() {
        let history = network.history(&car);
        let days: Vec<Date> = history.records.iter().map(|record| record.done_on).collect();
        assert!(days.is_sorted() && days.windows(2).all(|pair| pair[0] < pair[1]), "{car:?}");
        assert!(days.iter().all(|day| car.admitted_on <= *day && *day <= network.plan().until), "{car:?}");
        assert!(history.records.windows(2).all(|pair| pair[0].km <= pair[1].km), "{car:?}");
        for record in &history.records {
            assert!(!record.lines.is_empty(), "{car:?}");
            let done: Vec<TaskKey> = record.tasks().into_iter().map(|(task, _)| task).collect();
            assert_eq!(done.iter().collect::<BTreeSet<_>>().len(), done.len(), "a task stands twice: {done:?}");
            assert!(done.iter().all(|task| task.fits(Some(car.fuel))), "{car:?} {done:?}");
            assert!(!done.iter().any(|task| done.iter().any(|other| other.includes(*task))), "{done:?}");
            assert!(record.lines.iter().all(|line| line.net_cents > 0), "{record:?}");
            lines += record.lines.len();
            tasks.extend(done);
        }
        for check in &history.checks {
            assert!(days.contains(&check.done_on), "{car:?}");
            assert!(check.findings.iter().all(|finding| (0..=150).contains(&finding.tenths)), "{check:?}");
            for finding in &check.findings {
                let item = crate::check_template::platform()[0].find(finding.item).unwrap();
                assert!(item.places().any(|place| place == Some(finding.position.code())), "{finding:?}");
                assert_eq!(item.task(), Some(finding.task), "{finding:?}");
            }
            urgent += check.findings.iter().filter(|finding| finding.is_urgent.is_some()).count();
        }
    }
    assert!((15..60).contains(&(lines / 400)), "{}", lines / 400);
    assert!(tasks.len() > 25, "{tasks:?}");
    assert!(urgent > 50, "{urgent}");
}

#[test]
fn amounts_have_the_distribution_that_is_said_to_be_true() {
    let network = network(3_000);
    let (mut within, mut below, mut all) = (0, 0, 0);
    for car in network.cars() {
        let garage = network.garage(car.garage);
        for record in network.history(&car).records {
            for (task, cents) in record.tasks() {
                let (Some(cents), Some(truth)) = (cents, network.truth(task, &car, &garage, record.done_on)) else {
                    continue;
                };
                let ln = float(cents).ln();
                all += 1;
                within += i64::from((truth.low..=truth.high).contains(&ln));
                below += i64::from(ln < truth.middle);
            }
        }
    }
    let part = |count| float(count) / float(all);
    assert!(all > 20_000 && QUARTILE > 0.6, "{all}");
    assert!((part(within) - 0.5).abs() < 0.015, "{}", part(within));
    assert!((part(below) - 0.5).abs() < 0.015, "{}", part(below));
}
