use super::*;
use crate::register::{RegisterVerdict, RegisteredOdometer};
use uuid::Uuid;

mod properties;

const STAFF: AccountId = AccountId(Uuid::from_u128(1));
const DRIVER: AccountId = AccountId(Uuid::from_u128(2));

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn now() -> Instant {
    Instant::from_second(1_800_000_000).unwrap()
}

fn today() -> Date {
    day("2027-01-15")
}

fn id(number: u128) -> OdometerReadingId {
    OdometerReadingId(Uuid::from_u128(number))
}

fn km(value: i64) -> Distance {
    Distance::new(value, DistanceUnit::Km).unwrap()
}

fn new(read_on: &str, value: i64) -> NewReading {
    NewReading {
        id: id(1_000),
        shown: km(value),
        read_on: day(read_on),
        source: ReadingSource::Garage,
        by: Some(STAFF),
        replaces: None,
        start: None,
        confirm: false,
    }
}

fn by_driver(read_on: &str, value: i64) -> NewReading {
    NewReading { source: ReadingSource::Driver, by: Some(DRIVER), ..new(read_on, value) }
}

fn reading(number: u128, read_on: Date, value: i64) -> OdometerReading {
    OdometerReading {
        id: id(number),
        shown: km(value),
        read_on,
        recorded_at: now(),
        source: ReadingSource::Garage,
        by: Some(STAFF),
        replaces: None,
        start: None,
        confirmed: false,
    }
}

fn readings(rows: &[(&str, i64)]) -> Vec<OdometerReading> {
    rows.iter().zip(1..).map(|((on, km), number)| reading(number, day(on), *km)).collect()
}

fn car(admitted_on: &str) -> CarHistory {
    CarHistory { admitted_on: Some(day(admitted_on)), ..CarHistory::default() }
}

fn record(rows: &[OdometerReading], new: NewReading) -> Result<OdometerReading, NotRecorded> {
    OdometerLedger::new(car("2020-01-01"), rows).record(new, today(), now())
}

fn refusal(rows: &[OdometerReading], new: NewReading) -> OdometerRefusal {
    record(rows, new).unwrap_err().refusal
}

/// The warnings for a reading, which are the same for garage and driver.
fn warnings(rows: &[OdometerReading], read_on: &str, value: i64) -> Vec<OdometerWarning> {
    let garage = record(rows, new(read_on, value)).err().map(|not| (not.refusal, not.warnings));
    let driver = record(rows, by_driver(read_on, value)).err().map(|not| (not.refusal, not.warnings));
    match (garage, driver) {
        (None, None) => vec![],
        (Some((OdometerRefusal::Unconfirmed, garage)), Some((OdometerRefusal::Implausible, driver))) => {
            assert_eq!(garage, driver);
            garage
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn od1_only_what_was_not_replaced_can_be() {
    let mut rows = readings(&[("2026-01-01", 10_000), ("2026-02-01", 120_000)]);
    let correction = NewReading { replaces: Some(id(2)), ..new("2026-02-01", 12_000) };
    let corrected = record(&rows, correction).unwrap();
    assert_eq!((corrected.replaces, corrected.confirmed), (Some(id(2)), false), "judged without what it replaces");
    rows.push(corrected);
    let ledger = OdometerLedger::new(CarHistory::default(), &rows);
    assert_eq!(ledger.readings().map(|reading| reading.shown.value()).collect::<Vec<_>>(), [10_000, 12_000]);
    assert!(ledger.is_replaced(id(2)));
    let again = NewReading { replaces: Some(id(2)), ..new("2026-02-01", 13_000) };
    assert_eq!(refusal(&rows, again), OdometerRefusal::AlreadyReplaced);
    let unknown = NewReading { replaces: Some(id(77)), ..new("2026-02-01", 13_000) };
    assert_eq!(refusal(&rows, unknown), OdometerRefusal::ReplacesUnknown);
    // The correction can be corrected too.
    assert!(record(&rows, NewReading { replaces: Some(id(1_000)), ..new("2026-02-01", 13_000) }).is_ok());
}

#[test]
fn od2_a_reading_is_kept_as_read_and_as_kilometres() {
    let cases = [
        (0, DistanceUnit::Km, Some(0)),
        (1_999_999, DistanceUnit::Km, Some(1_999_999)),
        (2_000_000, DistanceUnit::Km, None),
        (-1, DistanceUnit::Km, None),
        (i64::MIN, DistanceUnit::Mi, None),
        (i64::MAX, DistanceUnit::Mi, None),
        (1, DistanceUnit::Mi, Some(2)),
        (2, DistanceUnit::Mi, Some(3)),
        (100, DistanceUnit::Mi, Some(161)),
        (62_137, DistanceUnit::Mi, Some(100_000)),
        (1_000_000, DistanceUnit::Mi, Some(1_609_344)),
        (1_242_741, DistanceUnit::Mi, Some(1_999_998)),
        (1_242_742, DistanceUnit::Mi, Some(1_999_999)),
        (1_242_743, DistanceUnit::Mi, None),
    ];
    for (value, unit, kilometres) in cases {
        let range = ValueError::OutOfRange { min: 0, max: unit.max() };
        let got = Distance::new(value, unit).map(|shown| (shown.value(), shown.unit(), shown.km()));
        assert_eq!(got, kilometres.map(|km| (value, unit, km)).ok_or(range), "{value} {unit:?}");
    }
}

#[test]
fn od3_not_in_the_future_and_not_before_first_admission() {
    for source in [new("2027-01-16", 10), by_driver("2027-01-16", 10)] {
        assert_eq!(refusal(&[], NewReading { confirm: true, ..source }), OdometerRefusal::InFuture);
    }
    assert!(record(&[], new("2027-01-15", 10)).is_ok());
    for source in [new("2019-12-31", 10), by_driver("2019-12-31", 10)] {
        assert_eq!(refusal(&[], NewReading { confirm: true, ..source }), OdometerRefusal::BeforeFirstAdmission);
    }
    assert!(record(&[], new("2020-01-01", 10)).is_ok());
    let unknown = OdometerLedger::new(CarHistory::default(), &[]);
    assert!(unknown.record(new("1950-01-01", 10), today(), now()).is_ok());
}

#[test]
fn od4_a_reading_is_judged_by_its_neighbours_in_time() {
    use OdometerWarning::{Falls, SecondOnDay, TooFar};
    // Later the counter fell to a lower value than ever, but only the neighbours count.
    let rows = readings(&[("2026-01-01", 50_000), ("2026-01-11", 55_000), ("2026-03-01", 20_000)]);
    let cases: [(&str, i64, &[OdometerWarning]); 18] = [
        ("2026-01-06", 52_000, &[]),
        ("2026-01-06", 50_000, &[]),
        ("2026-01-06", 49_999, &[Falls, TooFar]),
        ("2026-01-06", 50_001, &[]),
        ("2026-01-06", 55_001, &[Falls, TooFar]),
        ("2026-01-06", 55_000, &[]),
        ("2026-01-02", 51_000, &[]),
        ("2026-01-02", 51_001, &[TooFar]),
        ("2026-01-10", 54_000, &[]),
        ("2026-01-10", 53_999, &[TooFar]),
        ("2026-02-01", 54_000, &[Falls]),
        ("2026-03-05", 20_001, &[]),
        // The ledger already has the fall; a reading after it still gets the warning.
        ("2026-03-01", 20_000, &[Falls]),
        // Higher than another one of its day, and so read later.
        ("2026-03-01", 20_001, &[Falls]),
        ("2026-03-01", 19_999, &[Falls, SecondOnDay]),
        ("2026-03-01", 55_000, &[TooFar]),
        ("2025-12-31", 49_000, &[]),
        ("2025-12-31", 48_999, &[TooFar]),
    ];
    for (read_on, value, expected) in cases {
        assert_eq!(warnings(&rows, read_on, value), expected, "{read_on} {value}");
    }
    assert_eq!(warnings(&[], "2026-01-01", 1_999_999), []);
}

#[test]
fn od4_a_driver_reads_a_little_more_than_the_garage_did_on_the_same_day() {
    use OdometerWarning::{SecondOnDay, TooFar};
    let rows = readings(&[("2026-01-01", 50_000), ("2026-02-01", 51_200)]);
    for (value, expected) in [
        (51_200, vec![]),
        (51_212, vec![]),
        (52_200, vec![]),
        (52_201, vec![TooFar]),
        (51_199, vec![SecondOnDay]),
        (51_150, vec![SecondOnDay]),
    ] {
        assert_eq!(warnings(&rows, "2026-02-01", value), expected, "{value}");
    }
}

#[test]
fn od5_the_garage_confirms_what_a_driver_cannot() {
    let rows = readings(&[("2026-01-01", 50_000)]);
    for source in ReadingSource::ALL.iter().copied() {
        let low = NewReading { source, ..new("2026-02-01", 40_000) };
        let confirmed = record(&rows, NewReading { confirm: true, ..low });
        if source.is_garage_side() {
            assert_eq!(refusal(&rows, low), OdometerRefusal::Unconfirmed);
            assert!(confirmed.unwrap().confirmed);
        } else {
            assert_eq!(refusal(&rows, low), OdometerRefusal::Implausible);
            assert_eq!(confirmed.unwrap_err().refusal, OdometerRefusal::Implausible);
        }
        let likely = NewReading { source, confirm: true, ..new("2026-02-01", 51_000) };
        assert!(!record(&rows, likely).unwrap().confirmed, "nothing was to be confirmed");
    }
}

#[test]
fn od5_a_driver_corrects_only_their_own() {
    let mut rows = readings(&[("2026-01-01", 50_000)]);
    rows.push(record(&rows, by_driver("2026-02-01", 51_000)).unwrap());
    let own = NewReading { replaces: Some(id(1_000)), ..by_driver("2026-02-01", 51_100) };
    assert!(record(&rows, own).is_ok());
    let fleet = NewReading { source: ReadingSource::Fleet, by: Some(STAFF), ..own };
    let strangers = [
        NewReading { replaces: Some(id(1)), ..own },
        NewReading { by: Some(AccountId(Uuid::from_u128(9))), ..own },
        NewReading { by: None, ..own },
        fleet,
        NewReading { by: Some(DRIVER), ..fleet },
    ];
    for stranger in strangers {
        assert_eq!(refusal(&rows, stranger), OdometerRefusal::NotYours);
    }
    assert!(record(&rows, NewReading { replaces: Some(id(1_000)), ..new("2026-02-01", 51_200) }).is_ok());
    // A reading that no account recorded is nobody's own.
    rows[1].by = None;
    assert_eq!(refusal(&rows, NewReading { by: None, ..own }), OdometerRefusal::NotYours);
}

#[test]
fn od6_a_counter_that_began_anew_is_compared_with_its_own_readings() {
    let mut rows = readings(&[("2026-01-01", 180_000), ("2026-02-01", 181_000)]);
    let start = NewReading { start: Some(CounterStart::Replaced), ..new("2026-02-01", 12) };
    assert_eq!(
        refusal(&rows, NewReading { source: ReadingSource::Driver, ..start }),
        OdometerRefusal::CounterByGarageOnly
    );
    rows.push(record(&rows, start).unwrap());
    assert_eq!(warnings(&rows, "2026-03-01", 1_500), []);
    assert_eq!(warnings(&rows, "2026-03-01", 11), [OdometerWarning::Falls]);
    // On that day and before it, the old counter still counts.
    assert_eq!(warnings(&rows, "2026-02-01", 181_000), []);
    assert_eq!(warnings(&rows, "2026-01-20", 180_500), []);
    assert_eq!(warnings(&rows, "2026-01-20", 500), [OdometerWarning::Falls, OdometerWarning::TooFar]);
}

#[test]
fn od6_a_counter_that_rolled_over_begins_near_nothing() {
    let rows = readings(&[("2026-01-01", 99_000), ("2026-02-01", 99_990)]);
    let rolled = |read_on: &str, value: i64| {
        let new = NewReading { start: Some(CounterStart::RolledOver), confirm: true, ..new(read_on, value) };
        record(&rows, new).map(|_| ()).map_err(|refused| refused.refusal)
    };
    let refused = Err(OdometerRefusal::DidNotRollOver);
    assert_eq!(rolled("2026-02-02", 200_000), refused, "it shows more than before");
    assert_eq!(rolled("2028-02-02", 200_000), Err(OdometerRefusal::InFuture));
    assert_eq!((rolled("2026-02-02", 1_000), rolled("2026-02-02", 1_001)), (Ok(()), refused));
    assert_eq!((rolled("2026-02-01", 5), rolled("2026-03-01", 12_000)), (Ok(()), Ok(())));
    assert_eq!(rolled("2027-01-01", 99_990), refused);
    // Nobody knows what it showed before the first reading.
    assert_eq!(rolled("2025-12-31", 60_000), Ok(()));
    // A counter that was replaced begins anywhere.
    let replaced = NewReading { start: Some(CounterStart::Replaced), ..new("2026-02-02", 200_000) };
    assert!(record(&rows, replaced).is_ok());
    // The reading that it replaces is not the one before it.
    let mistaken = readings(&[("2026-01-01", 99_990), ("2026-02-01", 5)]);
    let corrected =
        NewReading { start: Some(CounterStart::RolledOver), replaces: Some(id(2)), ..new("2026-02-01", 700) };
    assert!(record(&mistaken, corrected).is_ok());
}

#[test]
fn od7_the_verdict() {
    use NoJudgementReason::{CounterReplaced, ForeignHistory, Motorcycle, RolledOver, TooFew};
    use OdometerVerdict::{Illogical, Logical, NoJudgement};
    let verdict = |rows: &[OdometerReading], foreign| {
        OdometerLedger::new(CarHistory { foreign, ..CarHistory::default() }, rows).verdict()
    };
    let rising = readings(&[("2026-01-01", 10), ("2026-02-01", 200), ("2026-02-02", 200)]);
    let falling = readings(&[("2026-01-01", 10), ("2026-02-01", 200), ("2026-02-02", 100)]);
    let motorcycle = CarHistory { motorcycle: true, foreign: true, ..CarHistory::default() };
    for rows in [&rising[..1], &rising, &falling] {
        assert_eq!(OdometerLedger::new(motorcycle, rows).verdict(), NoJudgement(Motorcycle));
    }
    assert_eq!(verdict(&[], false), NoJudgement(TooFew));
    assert_eq!(verdict(&rising[..1], false), NoJudgement(TooFew));
    assert_eq!(verdict(&readings(&[("2026-01-01", 10), ("2026-01-01", 20)]), false), NoJudgement(TooFew));
    assert_eq!(verdict(&rising, false), Logical);
    assert_eq!(verdict(&falling, false), Illogical);
    assert_eq!(verdict(&falling, true), NoJudgement(ForeignHistory));
    for (start, reason) in [(CounterStart::Replaced, CounterReplaced), (CounterStart::RolledOver, RolledOver)] {
        let mut rows = falling.clone();
        rows[2].start = Some(start);
        assert_eq!(verdict(&rows, true), NoJudgement(reason));
        // Replaced readings do not count.
        rows.push(OdometerReading { replaces: Some(id(3)), ..reading(4, day("2026-02-02"), 201) });
        assert_eq!(verdict(&rows, false), Logical);
    }
    assert_eq!((Logical.kind().code(), Logical.reason()), ("logical", None));
    assert_eq!((Illogical.kind().code(), Illogical.reason()), ("illogical", None));
    assert_eq!((NoJudgement(TooFew).kind().code(), NoJudgement(TooFew).reason()), ("no_judgement", Some(TooFew)));
}

#[test]
fn od7_a_slip_of_the_pen_is_no_fall_and_one_before_2014_is_not_judged() {
    use NoJudgementReason::FellBefore2014;
    use OdometerVerdict::{Illogical, Logical, NoJudgement};
    let verdict = |rows: &[(&str, i64)]| OdometerLedger::new(CarHistory::default(), &readings(rows)).verdict();
    assert_eq!(verdict(&[("2026-01-01", 50_000), ("2026-02-01", 49_901), ("2026-03-01", 51_000)]), Logical);
    assert_eq!(verdict(&[("2026-01-01", 50_000), ("2026-02-01", 49_900), ("2026-03-01", 51_000)]), Illogical);
    // Many small falls are a great one.
    assert_eq!(verdict(&[("2026-01-01", 50_000), ("2026-02-01", 49_950), ("2026-03-01", 49_900)]), Illogical);
    let old = [("2011-05-01", 160_000), ("2013-12-31", 70_000), ("2014-06-01", 75_000), ("2016-01-01", 90_000)];
    assert_eq!(verdict(&old), NoJudgement(FellBefore2014));
    assert_eq!(verdict(&[("2011-05-01", 160_000), ("2014-01-01", 70_000)]), Illogical, "it may have been later");
    assert_eq!(verdict(&[old.as_slice(), &[("2017-01-01", 80_000)]].concat()), Illogical);
}

#[test]
fn od12_the_worse_verdict_of_ours_and_the_registers_counts() {
    use VerdictKind::{Illogical, Logical, NoJudgement};
    use VerdictReason as Why;
    let register = |verdict, reason: &str| {
        Some(RegisteredOdometer { verdict: Some(verdict), reason: Some(reason.into()), last_year: None })
    };
    let logical = || register(RegisterVerdict::Logical, "00");
    let illogical = || register(RegisterVerdict::Illogical, "04");
    let none = |reason| register(RegisterVerdict::NoJudgement, reason);
    let rising = readings(&[("2026-01-01", 10_000), ("2026-02-01", 11_000)]);
    let falling = readings(&[("2026-01-01", 10_000), ("2026-02-01", 9_000)]);
    let replaced =
        vec![rising[0].clone(), OdometerReading { start: Some(CounterStart::Replaced), ..falling[1].clone() }];
    let silent = Some(RegisteredOdometer::default());
    let cases = [
        (&rising[..], None, Logical, Why::ReadingsRise),
        (&rising, silent, Logical, Why::ReadingsRise),
        (&rising, logical(), Logical, Why::ReadingsRise),
        (&rising, illogical(), Illogical, Why::RegisterIllogical),
        (&rising, none("03"), NoJudgement, Why::RegisterNoJudgement),
        (&rising, none("01"), NoJudgement, Why::RolledOver),
        (&rising, none("02"), NoJudgement, Why::CounterReplaced),
        (&rising, none("05"), NoJudgement, Why::ForeignHistory),
        // Too few readings say nothing against those that there are.
        (&rising, none("06"), Logical, Why::ReadingsRise),
        (&rising, register(RegisterVerdict::NotRegistered, "NG"), Logical, Why::ReadingsRise),
        (&rising[..1], logical(), Logical, Why::RegisterLogical),
        (&rising[..1], illogical(), Illogical, Why::RegisterIllogical),
        (&rising[..1], None, NoJudgement, Why::TooFew),
        (&rising[..1], none("06"), NoJudgement, Why::TooFew),
        (&falling, logical(), Illogical, Why::ReadingsFall),
        (&falling, none("02"), Illogical, Why::ReadingsFall),
        (&replaced, logical(), NoJudgement, Why::CounterReplaced),
        (&replaced, illogical(), Illogical, Why::RegisterIllogical),
    ];
    for (rows, register, kind, reason) in cases {
        let verdict = OdometerLedger::new(CarHistory::default(), rows).combined_verdict(register.as_ref());
        assert_eq!(verdict, CombinedVerdict { kind, reason }, "{register:?}");
    }
}

#[test]
fn od8_yearly_readings_on_a_line_have_a_narrow_range() {
    let step = |number: i64| day("2021-03-01").saturating_add(jiff::Span::new().days(365 * number));
    let daily = |distances: &[i64]| {
        let rows = distances.iter().scan(10_000, |km, distance| {
            *km += distance;
            Some(*km)
        });
        let rows: Vec<_> =
            rows.zip(1..).map(|(km, number)| reading(number, step(i64::try_from(number).unwrap()), km)).collect();
        OdometerLedger::new(CarHistory::default(), &rows).daily_distance().unwrap()
    };
    let line = daily(&[0, 15_000, 15_000, 15_000, 15_000]);
    assert_eq!((line.metres, line.low_metres, line.high_metres), (41_096, 41_096, 41_096));
    assert_eq!((line.readings, line.days, line.is_short()), (5, 4 * 365, false));
    let nearly = daily(&[0, 14_000, 16_000, 14_500, 15_500]);
    assert_eq!(nearly.readings, 5);
    assert!(
        nearly.low_metres * 100 >= nearly.metres * 90 && nearly.high_metres * 100 <= nearly.metres * 110,
        "{nearly:?}"
    );
    // Whoever drives otherwise now is judged by now.
    let changed = daily(&[0, 40_000, 40_000, 40_000, 10_000]);
    assert_eq!(changed.readings, 3, "{changed:?}");
}

#[test]
fn od8_readings_that_cluster_weigh_no_more_than_their_days() {
    let daily =
        |rows: &[(&str, i64)]| OdometerLedger::new(CarHistory::default(), &readings(rows)).daily_distance().unwrap();
    // One a year ago and five within a visit: 32.5 km a day in truth.
    let visit = daily(&[
        ("2025-01-15", 50_000),
        ("2026-01-15", 61_862),
        ("2026-01-16", 61_864),
        ("2026-01-17", 61_866),
        ("2026-01-18", 61_868),
        ("2026-01-19", 61_870),
    ]);
    assert!((32_000..=32_600).contains(&visit.metres) && !visit.is_short(), "{visit:?}");
    // Two long days in a row: 29 km a day in truth.
    let long = daily(&[("2025-01-01", 10_000), ("2026-01-01", 20_585), ("2026-01-02", 21_000), ("2026-01-03", 21_400)]);
    assert!((29_000..=31_100).contains(&long.metres) && long.high_metres < 32_000, "{long:?}");
    // What spans less than ninety days says so.
    for (last, is_short) in [("2026-03-31", true), ("2026-04-01", false)] {
        let few = daily(&[("2026-01-01", 10_000), ("2026-01-20", 10_600), (last, 13_000)]);
        assert_eq!(few.is_short(), is_short, "{few:?}");
    }
}

#[test]
fn od8_a_leap_that_was_confirmed_is_not_trusted_until_it_is_borne_out() {
    let mut rows = readings(&[("2026-01-01", 50_000), ("2026-02-01", 51_000), ("2026-03-01", 510_000)]);
    rows[2].confirmed = true;
    let last = |rows: &[OdometerReading]| OdometerLedger::new(CarHistory::default(), rows).last_trusted();
    assert_eq!(last(&rows), Some((day("2026-02-01"), 51_000)));
    let estimate = OdometerLedger::new(CarHistory::default(), &rows).estimate(day("2026-03-11")).unwrap();
    assert_eq!((estimate.km, estimate.basis), (52_225, EstimateBasis::After));
    // Corrected, the correction counts.
    let correction = OdometerReading { replaces: Some(id(3)), ..reading(4, day("2026-03-01"), 51_900) };
    assert_eq!(last(&[rows.as_slice(), &[correction]].concat()), Some((day("2026-03-01"), 51_900)));
    // A later reading bears it out, unless it falls or leaps too.
    let later = |km: i64, confirmed| OdometerReading { confirmed, ..reading(4, day("2026-03-20"), km) };
    let with = |later: OdometerReading| last(&[rows.as_slice(), &[later]].concat());
    assert_eq!(with(later(510_600, false)), Some((day("2026-03-20"), 510_600)));
    assert_eq!(with(later(52_500, true)), Some((day("2026-03-20"), 52_500)));
    assert_eq!(with(later(900_000, true)), Some((day("2026-02-01"), 51_000)));
    // One before it that is far too low is the one that was wrong.
    let mut rows = readings(&[("2026-01-01", 5_000), ("2026-01-11", 50_000), ("2026-02-01", 50_600)]);
    rows[1].confirmed = true;
    assert_eq!(last(&rows[..2]), Some((day("2026-01-01"), 5_000)));
    assert_eq!(last(&rows), Some((day("2026-02-01"), 50_600)));
}

#[test]
fn od8_the_distance_a_day_is_robust() {
    let daily = |rows: &[OdometerReading], car| OdometerLedger::new(car, rows).daily_distance();
    let steady: Vec<_> = (0..12_u8)
        .map(|month| {
            reading(
                u128::from(month) + 1,
                day("2026-01-01").saturating_add(jiff::Span::new().days(30 * i64::from(month))),
                10_000 + 1_200 * i64::from(month),
            )
        })
        .collect();
    let forty = DailyDistance { metres: 40_000, low_metres: 40_000, high_metres: 40_000, days: 330, readings: 12 };
    assert_eq!(daily(&steady, CarHistory::default()), Some(forty));
    // A typing mistake, too high or too low, that someone confirmed.
    for slip in [999_999, 1] {
        let mut rows = steady.clone();
        rows[5].shown = km(slip);
        assert_eq!(daily(&rows, CarHistory::default()), Some(DailyDistance { readings: 11, ..forty }), "{slip}");
    }
    // With one slope there are no quartiles.
    let two = readings(&[("2026-01-01", 10_000), ("2026-01-11", 10_500)]);
    let fifty = DailyDistance { metres: 50_000, low_metres: 25_000, high_metres: 75_000, days: 10, readings: 2 };
    assert_eq!(daily(&two, CarHistory::default()), Some(fifty));
    let rounded = readings(&[("2026-01-01", 0), ("2026-01-04", 2)]);
    assert_eq!(daily(&rounded, CarHistory::default()).map(|daily| daily.metres), Some(667), "to the nearest metre");
    // With one reading, the first admission is the second point, except for a car with a foreign history.
    let admitted = car("2025-09-23");
    let hundred = DailyDistance { metres: 100_000, low_metres: 50_000, high_metres: 150_000, days: 100, readings: 2 };
    assert_eq!(daily(&two[..1], admitted), Some(hundred));
    assert_eq!(daily(&two[..1], CarHistory { foreign: true, ..admitted }), None);
    assert_eq!(daily(&two[..1], CarHistory::default()), None);
    assert_eq!(daily(&[], admitted), None);
}

#[test]
fn od8_people_change_and_counters_too() {
    let rows = readings(&[("2020-01-01", 0), ("2021-01-01", 36_600), ("2025-01-01", 40_000), ("2025-04-11", 41_000)]);
    let ledger = OdometerLedger::new(CarHistory::default(), &rows);
    assert_eq!(ledger.daily_distance().map(|daily| (daily.metres, daily.readings)), Some((10_000, 2)), "of late");
    assert_eq!(
        OdometerLedger::new(CarHistory::default(), &rows[..3]).daily_distance().map(|daily| daily.readings),
        Some(3),
        "all of them, when none of late can be paired"
    );
    // Two years before the last reading is recent, and a day more is not. Recent readings are used alone when they span
    // ninety days, but not with a day less.
    for (earlier, later, considered) in [
        ("2023-05-02", "2025-05-01", 2),
        ("2023-05-01", "2025-05-01", 3),
        ("2025-01-31", "2025-05-01", 2),
        ("2025-02-01", "2025-05-01", 3),
    ] {
        let rows = readings(&[("2020-01-01", 0), (earlier, 30_000), (later, 40_000)]);
        let daily = OdometerLedger::new(CarHistory::default(), &rows).daily_distance();
        assert_eq!(daily.map(|daily| daily.readings), Some(considered), "{earlier}");
    }
    // The two readings of one visit to the garage, after years, are not used alone.
    let visit = readings(&[("2020-01-01", 0), ("2025-01-01", 18_270), ("2025-01-02", 18_271)]);
    let daily = OdometerLedger::new(CarHistory::default(), &visit).daily_distance().unwrap();
    assert_eq!((daily.metres, daily.readings), (9_995, 3));
    // The new counter has only one reading; the distance a day is that of the old counter.
    let mut rows = rows;
    rows.push(OdometerReading { start: Some(CounterStart::Replaced), ..reading(5, day("2025-05-01"), 7) });
    let ledger = OdometerLedger::new(CarHistory::default(), &rows);
    assert_eq!(ledger.daily_distance().map(|daily| daily.metres), Some(10_000));
    let estimate = |on| ledger.estimate(day(on)).map(|estimate| (estimate.km, estimate.basis));
    assert_eq!(estimate("2025-04-21"), Some((41_100, EstimateBasis::After)));
    assert_eq!(estimate("2025-05-01"), Some((7, EstimateBasis::Read)));
    assert_eq!(estimate("2025-05-11"), Some((107, EstimateBasis::After)));
}

#[test]
fn od8_a_long_ledger_is_judged_by_its_last_readings() {
    let step = |from: Date, number: i64| from.saturating_add(jiff::Span::new().days(number));
    let slow = (0..400_i64).map(|number| (step(day("2025-01-01"), number), 10 * number));
    let fast = (0..50_i64).map(|number| (step(day("2026-02-05"), number), 4_000 + 100 * number));
    let rows: Vec<_> = slow.chain(fast).zip(1..).map(|((on, km), number)| reading(number, on, km)).collect();
    let daily = OdometerLedger::new(CarHistory::default(), &rows).daily_distance().unwrap();
    assert_eq!((daily.metres, daily.readings), (100_000, CONSIDERED));
}

#[test]
fn od9_the_reading_on_any_day() {
    use EstimateBasis::{After, Between, Read};
    let rows = readings(&[("2026-01-01", 10_000), ("2026-01-11", 10_500), ("2026-01-31", 12_000)]);
    let ledger = OdometerLedger::new(car("2025-06-15"), &rows);
    let cases = [
        ("2025-06-14", None),
        ("2025-06-15", Some((0, 0, 10_000, Between))),
        ("2025-09-23", Some((5_000, 0, 10_000, Between))),
        ("2026-01-01", Some((10_000, 10_000, 10_000, Read))),
        ("2026-01-02", Some((10_050, 10_000, 10_500, Between))),
        ("2026-01-10", Some((10_450, 10_000, 10_500, Between))),
        ("2026-01-11", Some((10_500, 10_500, 10_500, Read))),
        ("2026-01-31", Some((12_000, 12_000, 12_000, Read))),
        ("9999-12-31", None),
    ];
    for (on, expected) in cases {
        let got = ledger.estimate(day(on)).map(|got| (got.km, got.low_km, got.high_km, got.basis));
        assert_eq!(got, expected, "{on}");
    }
    let daily = ledger.daily_distance().unwrap();
    let later = ledger.estimate(day("2026-02-10")).unwrap();
    assert_eq!(later.basis, After);
    assert_eq!(later.km, 12_000 + daily.metres / 100);
    assert_eq!((later.low_km, later.high_km), (12_000 + daily.low_metres / 100, 12_000 + daily.high_metres / 100));
    // A car that did not drive, read on each of the days.
    let still = readings(&[("2026-01-01", 500), ("2026-02-01", 500), ("2026-03-01", 500)]);
    let still = OdometerLedger::new(CarHistory::default(), &still);
    for on in ["2026-01-01", "2026-02-01", "2026-03-01"] {
        assert_eq!(still.estimate(day(on)).map(|estimate| (estimate.km, estimate.basis)), Some((500, Read)), "{on}");
    }
    // Nothing is known before the first reading, nor after it without a second.
    let alone = OdometerLedger::new(CarHistory::default(), &rows[..1]);
    assert_eq!(alone.estimate(day("2025-12-31")), None);
    assert_eq!(alone.estimate(day("2026-01-01")).map(|estimate| estimate.km), Some(10_000));
    assert_eq!(alone.estimate(day("2026-01-02")), None);
}

#[test]
fn od9_where_there_is_no_estimate_the_reason_is_given() {
    use NoEstimateReason::{BeforeFirst, NoReading, TooFarAhead, TooFew};
    let rows = readings(&[("2026-01-01", 10_000), ("2026-07-01", 16_000)]);
    let estimated = |rows: &[OdometerReading], on: &str| {
        OdometerLedger::new(CarHistory::default(), rows).estimated(day(on)).map(|estimate| estimate.basis)
    };
    assert_eq!(estimated(&[], "2026-01-01"), Err(NoReading));
    assert_eq!(estimated(&rows, "2025-12-31"), Err(BeforeFirst));
    assert_eq!(estimated(&rows[..1], "2026-01-02"), Err(TooFew));
    // Five years after the last reading, and a day more.
    assert_eq!(estimated(&rows, "2031-07-01"), Ok(EstimateBasis::After));
    assert_eq!(estimated(&rows, "2031-07-02"), Err(TooFarAhead));
    assert_eq!(estimated(&rows, "9999-12-31"), Err(TooFarAhead));
    // Within readings, however far these lie apart, there is one.
    let apart = readings(&[("2000-01-01", 10_000), ("2026-07-01", 16_000)]);
    assert_eq!(estimated(&apart, "2015-01-01"), Ok(EstimateBasis::Between));
}

#[test]
fn od9_of_a_ledger_that_falls_the_longest_series_is_trusted() {
    let at = |rows: &[(&str, i64)], on: &str| {
        let rows = readings(rows);
        OdometerLedger::new(CarHistory::default(), &rows).estimate(day(on)).unwrap().km
    };
    // The counter was turned back after the second reading.
    let turned = [
        ("2026-01-01", 100_000),
        ("2026-02-01", 110_000),
        ("2026-03-01", 60_000),
        ("2026-03-11", 60_500),
        ("2026-03-21", 61_000),
    ];
    assert_eq!(at(&turned, "2026-03-06"), 60_250);
    // With one reading in each series, the lower one is trusted.
    assert_eq!(at(&[("2026-01-01", 100_000), ("2026-02-01", 10_000)], "2026-02-01"), 10_000);
    // Several readings on a day: the highest counts.
    assert_eq!(at(&[("2026-01-01", 300), ("2026-01-01", 100), ("2026-02-01", 400)], "2026-01-01"), 300);
}

#[test]
fn od11_a_ledger_takes_so_many_a_day() {
    let of_today = |count: usize| -> Vec<OdometerReading> {
        (0..count).map(|number| reading(number as u128, day("2026-01-01"), 1_000)).collect()
    };
    let full = Err(OdometerRefusal::TooManyToday);
    for (source, most) in [
        (ReadingSource::Driver, MAX_A_DAY),
        (ReadingSource::Fleet, MAX_A_DAY),
        (ReadingSource::Garage, MAX_A_DAY_BY_GARAGE),
        (ReadingSource::Gms, MAX_A_DAY_BY_GARAGE),
    ] {
        let record = |count: usize, later: i64| {
            let (known, one) = (of_today(count), NewReading { source, ..new("2026-01-02", 1_000) });
            let later = now() + SignedDuration::from_secs(later);
            let recorded = OdometerLedger::new(CarHistory::default(), &known).record(one, today(), later);
            recorded.map(|_| ()).map_err(|refused| refused.refusal)
        };
        let hours = 24 * 3_600;
        assert_eq!((record(most - 1, 0), record(most, 0), record(most, hours - 1)), (Ok(()), full, full), "{source:?}");
        assert_eq!(record(most, hours), Ok(()), "{source:?}");
    }
}

#[test]
fn od11_the_same_reading_by_the_same_account_is_known() {
    let known = [
        reading(1, day("2026-01-01"), 1_000),
        OdometerReading { replaces: Some(id(1)), ..reading(2, day("2026-01-02"), 2_000) },
    ];
    let first = &known[..1];
    let same = |known: &[OdometerReading], new: NewReading| {
        OdometerLedger::new(CarHistory::default(), known).same(&new).map(|same| same.id)
    };
    let again = new("2026-01-01", 1_000);
    assert_eq!(same(first, again), Some(id(1)));
    assert_eq!(same(first, NewReading { confirm: true, ..again }), Some(id(1)));
    for other in [
        new("2026-01-01", 1_001),
        new("2026-01-02", 1_000),
        by_driver("2026-01-01", 1_000),
        NewReading { by: Some(DRIVER), ..again },
        NewReading { shown: Distance::new(1_000, DistanceUnit::Mi).unwrap(), ..again },
        NewReading { replaces: Some(id(1)), ..again },
        NewReading { start: Some(CounterStart::Replaced), ..again },
    ] {
        assert_eq!(same(first, other), None, "{other:?}");
    }
    assert_eq!(same(&known, again), None, "it was replaced");
    assert_eq!(same(&known, new("2026-01-02", 2_000)), None, "a correction is not the same as a reading");
}
