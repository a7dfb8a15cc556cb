//! What holds for any ledger.

use super::*;
use proptest::prelude::*;

const FIRST: i64 = 20_000;

fn date_of(number: i64) -> Date {
    day("1970-01-01").saturating_add(jiff::Span::new().days(number))
}

/// Readings of one counter, in any order and of any value.
fn any_readings() -> impl Strategy<Value = Vec<OdometerReading>> {
    prop::collection::vec((0..800_i64, 0..=MAX_ODOMETER_KM), 0..80).prop_map(|rows| {
        rows.into_iter().zip(1..).map(|((on, km), number)| reading(number, date_of(FIRST + on), km)).collect()
    })
}

/// Readings on different days that never fall.
fn logical_readings() -> impl Strategy<Value = Vec<OdometerReading>> {
    prop::collection::vec((1..200_i64, 0..20_000_i64), 1..60).prop_map(|steps| {
        let rows = steps.into_iter().scan((FIRST, 0), |(on, km), (days, distance)| {
            (*on, *km) = (*on + days, *km + distance);
            Some((*on, *km))
        });
        rows.zip(1..).map(|((on, km), number)| reading(number, date_of(on), km)).collect()
    })
}

fn any_car() -> impl Strategy<Value = CarHistory> {
    (prop::option::of(0..40_000_i64), any::<bool>(), any::<bool>()).prop_map(|(admitted, foreign, motorcycle)| {
        CarHistory { admitted_on: admitted.map(date_of), foreign, motorcycle }
    })
}

/// Readings that someone may send at any moment.
fn commands() -> impl Strategy<Value = Vec<NewReading>> {
    let source = (0..ReadingSource::ALL.len()).prop_map(|index| ReadingSource::ALL[index]);
    let start = prop::option::weighted(0.1, (0..2_usize).prop_map(|index| CounterStart::ALL[index]));
    let replaces = prop::option::weighted(0.3, 1..45_u128);
    let command = (0..120_i64, 0..60_000_i64, source, start, replaces, any::<bool>(), 0..3_u128);
    prop::collection::vec(command, 1..40).prop_map(|commands| {
        commands
            .into_iter()
            .zip(1..)
            .map(|((on, value, source, start, replaces, confirm, by), number)| NewReading {
                id: id(number),
                shown: km(value),
                read_on: date_of(FIRST + on),
                source,
                by: (by > 0).then(|| AccountId(Uuid::from_u128(by))),
                replaces: replaces.map(id),
                start,
                confirm,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn od1_the_order_of_recording_does_not_matter(
        (rows, shuffled) in any_readings().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        car in any_car(),
        on in 0..40_000_i64,
    ) {
        let (a, b) = (OdometerLedger::new(car, &rows), OdometerLedger::new(car, &shuffled));
        prop_assert_eq!(a.verdict(), b.verdict());
        prop_assert_eq!(a.daily_distance(), b.daily_distance());
        prop_assert_eq!(a.estimate(date_of(on)), b.estimate(date_of(on)));
    }

    #[test]
    fn od9_the_estimate_on_the_day_of_a_reading_is_that_reading(rows in logical_readings(), car in any_car()) {
        let ledger = OdometerLedger::new(car, &rows);
        for reading in &rows {
            let km = reading.shown.km();
            let read = EstimatedReading { km, low_km: km, high_km: km, basis: EstimateBasis::Read };
            prop_assert_eq!(ledger.estimate(reading.read_on), Some(read));
        }
    }

    #[test]
    fn od9_estimates_never_fall_over_time(
        rows in prop_oneof![any_readings(), logical_readings()],
        car in any_car(),
        mut days in prop::collection::vec(prop_oneof![FIRST..FIRST + 1_000, -100_000..2_900_000_i64], 2..60),
    ) {
        let ledger = OdometerLedger::new(car, &rows);
        days.sort_unstable();
        let estimates: Vec<_> = days.into_iter().filter_map(|on| ledger.estimate(date_of(on))).collect();
        prop_assert!(estimates.is_sorted_by_key(|estimate| estimate.km));
        prop_assert!(estimates.is_sorted_by_key(|estimate| estimate.low_km));
        prop_assert!(estimates.is_sorted_by_key(|estimate| estimate.high_km));
        for estimate in estimates {
            prop_assert!(0 <= estimate.low_km && estimate.low_km <= estimate.km);
            prop_assert!(estimate.km <= estimate.high_km && estimate.high_km <= MAX_ODOMETER_KM);
        }
    }

    #[test]
    fn od1_whatever_is_sent_the_ledger_stays_consistent(commands in commands()) {
        let today = date_of(FIRST + 100);
        let car = CarHistory { admitted_on: Some(date_of(FIRST + 10)), ..CarHistory::default() };
        let mut rows: Vec<OdometerReading> = vec![];
        for new in commands {
            let ledger = OdometerLedger::new(car, &rows);
            let counted = ledger.readings().count();
            let Ok(reading) = ledger.record(new, today, now()) else { continue };
            // Only the garage's side confirms, or says that a counter started again.
            prop_assert!(reading.source.is_garage_side() || !(reading.confirmed || reading.start.is_some()));
            rows.push(reading);
            let after = OdometerLedger::new(car, &rows).readings().count();
            prop_assert_eq!(after, counted + usize::from(new.replaces.is_none()));
        }
        let mut replaced: Vec<_> = rows.iter().filter_map(|reading| reading.replaces).collect();
        let count = replaced.len();
        replaced.sort_unstable();
        replaced.dedup();
        prop_assert_eq!(replaced.len(), count, "none is replaced twice");
        for (index, reading) in rows.iter().enumerate() {
            prop_assert!((date_of(FIRST + 10)..=today).contains(&reading.read_on));
            if let Some(replaced) = reading.replaces {
                let came_before = rows[..index].iter().any(|earlier| earlier.id == replaced);
                prop_assert!(came_before, "what is replaced");
            }
        }
        // A ledger without confirmed readings and corrections is logical, if there is a verdict.
        let plain = rows.iter().all(|reading| !reading.confirmed && reading.replaces.is_none());
        if plain {
            prop_assert_ne!(OdometerLedger::new(car, &rows).verdict(), OdometerVerdict::Illogical);
        }
    }
}
