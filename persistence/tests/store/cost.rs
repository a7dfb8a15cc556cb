//! Costs: the same records are learned from, and the same is answered, on both databases.

use crate::support::{Database, sample};
use domain::{
    Date, Instant,
    cost::{Certainty, CostBasis, CostCar, CostGroup, GroupLevel, Ledger, LeftOut, Network, answer, learn},
    garage::Garage,
    ids::VehicleId,
    passport::{Fuel, Passport},
    sample_history::{SampleNetwork, SamplePlan},
    service_record::{LineAmount, LineKind, Quantity, RecordOrigin, ServiceLine, ServiceRecord, VatRate},
    service_task::{ServiceTask, TaskKey, catalogue},
    value::Currency,
};
use persistence::{Store, StoreError, cost, service_record};
use std::collections::BTreeSet;

on_both!(
    ec2_what_was_paid_is_learned_and_answered,
    ec3_replaced_free_and_absurd_records_are_left_out_and_counted,
    ec2_a_snapshot_is_of_a_month_and_counts_when_it_is_published,
);

const TODAY: Date = jiff::civil::date(2026, 11, 28);

fn at(day: Date) -> Instant {
    day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

fn task(key: &str) -> TaskKey {
    TaskKey::find(key).unwrap()
}

/// Everything that can be learned from, read page by page.
fn read(store: &Store) -> (Network, Ledger) {
    let (mut network, mut ledger) = (Network::default(), Ledger::default());
    store.read(|tx| cost::read_garages(tx, &mut network)).unwrap();
    let mut after = None;
    while let Some(last) = store.read(|tx| cost::read_cars(tx, &mut network, after)).unwrap() {
        after = Some(last);
    }
    let mut after = None;
    loop {
        let (paid, last) = store.read(|tx| cost::read_records(tx, after)).unwrap();
        for paid in &paid {
            ledger.add(&network, paid);
        }
        let Some(last) = last else { break (network, ledger) };
        after = Some(last);
    }
}

/// Learns the month of a day, as the worker does.
fn learn_month(store: &Store, today: Date) -> Ledger {
    let (month, now) = (today.first_of_month(), at(today));
    assert!(store.write(|tx| cost::begin(tx, month, now, now)).unwrap());
    let (network, ledger) = read(store);
    for task in ledger.tasks() {
        let told = store.read(|tx| cost::list_told(tx, task)).unwrap();
        let groups = learn(&network, &ledger, task, today, &told);
        store.write(|tx| cost::insert_all(tx, month, &groups)).unwrap();
    }
    let entries = i64::try_from(ledger.len()).unwrap();
    assert!(store.write(|tx| cost::publish(tx, (month, now), (entries, &ledger.left_out), now)).unwrap());
    for task in catalogue() {
        store.write(|tx| cost::delete_older(tx, month, task.key())).unwrap();
    }
    ledger
}

fn record(garage: &Garage, vehicle_id: VehicleId, done_on: Date, lines: &[(&str, i64)]) -> ServiceRecord {
    let line = |(key, net_cents): &(&str, i64)| ServiceLine {
        task: Some(task(key)),
        position: None,
        text: None,
        kind: LineKind::Labour,
        quantity: Quantity::ONE,
        amount: Some(LineAmount { net_cents: *net_cents, vat_rate: VatRate::parse("21").unwrap() }),
    };
    ServiceRecord {
        id: sample::id(),
        vehicle_id,
        garage_id: garage.id,
        origin: RecordOrigin::Garage,
        done_on,
        reading: None,
        odometer_km: None,
        mechanic: None,
        place: None,
        lines: lines.iter().map(line).collect(),
        currency: Currency::EUR,
        invoice_number: None,
        note: None,
        owner: None,
        replaces: None,
        recorded_at: at(done_on),
        stands_at: at(done_on),
        by: None,
    }
}

fn car(db: &Database, garage: &Garage, make: &str, model: &str) -> Passport {
    let mut passport = sample::passport(garage.id);
    passport.vehicle.make = Some(make.into());
    passport.vehicle.model = Some(model.into());
    passport.vehicle.fuel = Some(Fuel::Petrol);
    sample::store_passport(db, passport)
}

const GOLF: CostCar<'static> =
    CostCar { make: Some("VOLKSWAGEN"), model: Some("golf"), fuel: Some(Fuel::Petrol), register: None };

fn find(db: &Database, garage: &Garage, key: &str) -> Option<domain::cost::CostAnswer> {
    db.read(|tx| cost::find(tx, &garage.into(), &GOLF, &[task(key)].into(), TODAY)).remove(&task(key))
}

fn ec2_what_was_paid_is_learned_and_answered(db: &Database) {
    // A generated network, as it is in memory and as it comes back from the database.
    let sample = SampleNetwork::new(SamplePlan { seed: 5, garages: 5, cars: 60, years: 5, until: TODAY });
    let garages: Vec<Garage> = sample.garages().map(|_| sample::stored_garage(db)).collect();
    let (mut network, mut ledger) = (Network::default(), Ledger::default());
    for garage in &garages {
        network.add_garage(garage.id, garage.address.country, garage.chain.as_deref());
    }
    for sampled in sample.cars() {
        let garage = &garages[sampled.garage];
        let mut passport = sample::passport(garage.id);
        passport.vehicle.make = Some(sampled.make.to_uppercase());
        passport.vehicle.model = Some(sampled.model.into());
        passport.vehicle.fuel = Some(sampled.fuel);
        let passport = sample::store_passport(db, passport);
        network.add_car(passport.vehicle.id, &sampled.cost_car());
        let records: Vec<ServiceRecord> = sample
            .history(&sampled)
            .records
            .iter()
            .map(|one| {
                let lines: Vec<(&str, i64)> =
                    one.lines.iter().map(|line| (line.task.as_str(), line.net_cents)).collect();
                record(garage, passport.vehicle.id, one.done_on, &lines)
            })
            .collect();
        db.write(|tx| service_record::insert_all(tx, &records));
        for one in &records {
            let mut sums = std::collections::BTreeMap::<TaskKey, i64>::new();
            for line in &one.lines {
                *sums.entry(line.task.unwrap()).or_default() += line.amount.unwrap().net_cents;
            }
            for (task, cents) in sums {
                ledger.add(
                    &network,
                    &domain::cost::PaidTask {
                        task,
                        net_cents: Some(cents),
                        currency: Currency::EUR,
                        done_on: one.done_on,
                        recorded_on: one.done_on,
                        origin: RecordOrigin::Garage,
                        replaced_on: None,
                        garage_id: one.garage_id,
                        vehicle_id: one.vehicle_id,
                    },
                );
            }
        }
    }
    let stored = learn_month(&db.store, TODAY);
    assert_eq!((stored.len(), stored.left_out), (ledger.len(), ledger.left_out));
    // Every answer is the one that follows from what is in memory.
    let learned: Vec<CostGroup> = ledger.tasks().flat_map(|task| learn(&network, &ledger, task, TODAY, &[])).collect();
    let mut rested = 0;
    for garage in &garages {
        for sampled in sample.cars().take(20) {
            let tasks: BTreeSet<TaskKey> = catalogue().iter().map(ServiceTask::key).collect();
            let found = db.read(|tx| cost::find(tx, &garage.into(), &sampled.cost_car(), &tasks, TODAY));
            assert!(!found.contains_key(&TaskKey::RECALL), "what is free has no price");
            let keys = domain::cost::group_keys(
                garage.id,
                garage.address.country,
                garage.chain.as_deref(),
                &sampled.cost_car(),
            );
            for task in tasks {
                let nearest: Vec<&CostGroup> = keys
                    .iter()
                    .filter_map(|(_, key)| {
                        domain::cost::told(
                            learned.iter().filter(|group| group.task == task && group.key == *key),
                            garage.id,
                        )
                    })
                    .collect();
                let expected = answer(&nearest, task, garage.address.country, TODAY);
                let (range, basis) = (|a: &domain::cost::CostAnswer| a.range, |a: &domain::cost::CostAnswer| a.basis);
                assert_eq!(found.get(&task).map(range), expected.as_ref().map(range), "{task:?}");
                assert_eq!(found.get(&task).map(basis), expected.as_ref().map(basis), "{task:?}");
                rested += i64::from(expected.is_some_and(|answer| answer.basis.level.is_some()));
            }
        }
    }
    assert!(rested > 100, "{rested}");
    // One look-up answers for all tasks.
    let statements = db.store.statements();
    db.read(|tx| {
        cost::find(tx, &(&garages[0]).into(), &GOLF, &catalogue().iter().map(ServiceTask::key).collect(), TODAY)
    });
    assert_eq!(db.store.statements() - statements, 1);
}

fn ec3_replaced_free_and_absurd_records_are_left_out_and_counted(db: &Database) {
    let garage = sample::stored_garage(db);
    let cars: Vec<Passport> = (0..10).map(|_| car(db, &garage, "Volkswagen", "Golf")).collect();
    for car in &cars {
        // Labour and part of one task are one payment.
        let lines = [("brake_fluid", 2_000), ("wipers", 0), ("brake_fluid", 4_000), ("tyres", 100_000_000)];
        let good = record(&garage, car.vehicle.id, TODAY, &lines);
        let declared = ServiceRecord {
            origin: RecordOrigin::Declared,
            ..record(&garage, car.vehicle.id, TODAY, &[("tyres", 30_000)])
        };
        db.write(|tx| service_record::insert_all(tx, &[good.clone(), declared.clone()]));
    }
    let wrong = record(&garage, cars[0].vehicle.id, TODAY, &[("brake_fluid", 50_000)]);
    let right = ServiceRecord {
        replaces: Some(wrong.id),
        ..record(&garage, cars[0].vehicle.id, TODAY, &[("brake_fluid", 6_000)])
    };
    db.write(|tx| service_record::insert(tx, &wrong));
    db.write(|tx| service_record::insert(tx, &right));
    let ledger = learn_month(&db.store, TODAY);
    let left_out = LeftOut { replaced: 1, without_price: 10, nothing: 10, implausible: 10, not_comparable: 0 };
    assert_eq!((ledger.len(), ledger.left_out), (11, left_out));
    let snapshot = db.read(cost::latest).unwrap();
    assert_eq!((snapshot.month, snapshot.entries, snapshot.left_out), (TODAY.first_of_month(), 11, left_out));
    let found = find(db, &garage, "brake_fluid").unwrap();
    assert_eq!(found.range.usual_cents, 6_000);
    let basis = CostBasis {
        level: Some(GroupLevel::GarageModel),
        records: 11,
        period: Some((TODAY, TODAY)),
        certainty: Certainty::Low,
    };
    assert_eq!(found.basis, basis);
    // Of tyres nothing is known, so the catalogue's price without VAT is all there is.
    let tyres = find(db, &garage, "tyres").unwrap();
    assert_eq!((tyres.basis.level, tyres.basis.certainty), (None, Certainty::ToGoBy));
    assert!((tyres.range.usual_cents - 42_000 * 100 / 121).abs() <= 500, "{tyres:?}");
    // Another garage is told nothing of it.
    let other = sample::stored_garage(db);
    assert_eq!(find(db, &other, "brake_fluid").unwrap().basis.level, None);
}

fn ec2_a_snapshot_is_of_a_month_and_counts_when_it_is_published(db: &Database) {
    let garage = sample::stored_garage(db);
    assert!(!db.read(cost::has_records));
    for _ in 0..10 {
        let car = car(db, &garage, "Volkswagen", "Golf");
        let paid = record(&garage, car.vehicle.id, TODAY, &[("brake_fluid", 6_000)]);
        db.write(|tx| service_record::insert(tx, &paid));
    }
    assert!(db.read(cost::has_records));
    learn_month(&db.store, TODAY);
    let usual = || find(db, &garage, "brake_fluid").unwrap().range.usual_cents;
    assert_eq!(usual(), 6_000);
    let begin = |month: Date, now: Instant, abandoned: Instant| db.write(|tx| cost::begin(tx, month, now, abandoned));
    // This month's stands, whenever it began.
    assert!(!begin(TODAY.first_of_month(), at(TODAY), Instant::MAX));
    // The next one counts only when it is published, and another server leaves it alone until it is abandoned.
    let month = jiff::civil::date(2026, 12, 1);
    assert!(begin(month, at(month), Instant::MIN));
    let (network, ledger) = read(&db.store);
    let groups: Vec<CostGroup> = learn(&network, &ledger, task("brake_fluid"), month, &[])
        .into_iter()
        .map(|group| CostGroup {
            quartiles: group.quartiles.map(|q| domain::cost::Quartiles { low: 9.0, middle: 9.1, high: 9.2, ..q }),
            ..group
        })
        .collect();
    db.write(|tx| cost::insert_all(tx, month, &groups));
    assert_eq!((usual(), db.read(cost::latest).unwrap().month), (6_000, TODAY.first_of_month()));
    let later = at(month) + jiff::SignedDuration::from_hours(7);
    assert!(!begin(month, later, at(month) - jiff::SignedDuration::from_hours(1)));
    assert!(begin(month, later, at(month)));
    // Who gives up leaves nothing behind; who has lost it has nothing to give up.
    db.write(|tx| cost::insert_all(tx, month, &groups));
    db.write(|tx| cost::abandon(tx, month, at(month)));
    db.write(|tx| cost::abandon(tx, month, later));
    assert!(begin(month, later, Instant::MIN));
    // What the first attempt had written is gone, and it can publish nothing any more.
    let published = |begun_at| db.write(|tx| cost::publish(tx, (month, begun_at), (1, &LeftOut::default()), later));
    assert!(!published(at(month)));
    db.write(|tx| cost::insert_all(tx, month, &groups));
    assert!(published(later) && !published(later));
    assert_eq!(usual(), 9_000);
    assert_eq!(db.read(cost::latest).map(|latest| latest.month), Some(month));
    let deleted: usize =
        db.write(|tx| -> Result<usize, StoreError> { cost::delete_older(tx, month, task("brake_fluid")) });
    assert!(deleted > 0);
}
