use super::*;
use crate::{
    cost::{CostCar, PaidTask, answer},
    ids::VehicleId,
    passport::Fuel,
    service_record::RecordOrigin,
    value::Currency,
};
use jiff::{ToSpan, civil::date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 28);

fn task() -> TaskKey {
    TaskKey::find("brake_pads_front").unwrap()
}

fn garage(number: u8) -> GarageId {
    Uuid::from_u128(0x1000 + u128::from(number)).into()
}

const GOLF: CostCar<'static> =
    CostCar { make: Some("Volkswagen"), model: Some("Golf"), fuel: Some(Fuel::Petrol), register: None };
const POLO: CostCar<'static> = CostCar { model: Some("Polo"), ..GOLF };
const CORSA: CostCar<'static> = CostCar { make: Some("Opel"), model: Some("Corsa"), ..GOLF };

/// A network in which records are written down one by one.
#[derive(Default)]
struct World {
    network: Network,
    ledger: Ledger,
    told: Vec<CostGroup>,
    cars: u128,
}

impl World {
    /// Garages 0 to `count - 1`; of those below `in_chain` all are in one chain.
    fn new(count: u8, in_chain: u8) -> Self {
        let mut world = Self::default();
        for number in 0..count {
            world.network.add_garage(garage(number), Country::NL, (number < in_chain).then_some("Profile"));
        }
        world
    }

    fn paid(&mut self, of: u8, car: &CostCar<'_>, cents: i64, recorded_on: Date) -> PaidTask {
        self.cars += 1;
        let vehicle_id: VehicleId = Uuid::from_u128(self.cars).into();
        self.network.add_car(vehicle_id, car);
        PaidTask {
            task: task(),
            net_cents: Some(cents),
            currency: Currency::EUR,
            done_on: recorded_on,
            recorded_on,
            origin: RecordOrigin::Garage,
            replaced_on: None,
            garage_id: garage(of),
            vehicle_id,
        }
    }

    fn pay(&mut self, of: u8, car: &CostCar<'_>, cents: i64, recorded_on: Date) {
        let paid = self.paid(of, car, cents, recorded_on);
        self.ledger.add(&self.network, &paid);
    }

    /// Each of these garages has so many records.
    fn fill(&mut self, garages: std::ops::Range<u8>, each: usize, car: &CostCar<'_>, cents: i64) {
        for number in garages {
            (0..each).for_each(|_| self.pay(number, car, cents, TODAY));
        }
    }

    fn learn(&mut self, today: Date) {
        let before: Vec<CostGroup> = self.told.iter().filter(|group| !group.level.is_own()).cloned().collect();
        self.told = learn(&self.network, &self.ledger, task(), today, &before);
    }

    fn groups(&self, of: u8, chain: Option<&str>, car: &CostCar<'_>) -> Vec<&CostGroup> {
        let keys = group_keys(garage(of), Country::NL, chain, car);
        keys.iter()
            .filter_map(|(_, key)| told(self.told.iter().filter(|group| group.key == *key), garage(of)))
            .collect()
    }

    fn levels(&self, of: u8, chain: Option<&str>, car: &CostCar<'_>) -> Vec<GroupLevel> {
        self.groups(of, chain, car).iter().map(|group| group.level).collect()
    }

    /// What a garage is told that the work costs, in cents, and how many records that rests on.
    fn usual(&self, of: u8, car: &CostCar<'_>) -> (i64, i64) {
        let answer = answer(&self.groups(of, None, car), task(), Country::NL, TODAY).unwrap();
        (answer.range.usual_cents, answer.basis.records)
    }
}

#[test]
fn ec2_the_nearest_group_that_has_enough_comes_first() {
    use GroupLevel::{ChainModel, Country as Land, CountryClass, CountryModel, GarageClass, GarageModel};
    let mut world = World::new(20, 5);
    world.fill(0..20, 5, &GOLF, 16_000);
    world.fill(0..20, 5, &CORSA, 14_000);
    // Garage 0 has ten records of ten Golfs.
    world.fill(0..1, 5, &GOLF, 16_000);
    world.learn(TODAY);
    assert_eq!(
        world.levels(0, Some("profile"), &GOLF),
        [GarageModel, GarageClass, ChainModel, CountryModel, CountryClass, Land]
    );
    // Another garage of the chain has too few of its own, and one without a chain has no such group.
    assert_eq!(world.levels(1, Some("Profile"), &GOLF), [ChainModel, CountryModel, CountryClass, Land]);
    assert_eq!(world.levels(9, None, &GOLF), [CountryModel, CountryClass, Land]);
    // Nobody has a Polo, but there are small cars.
    assert_eq!(world.levels(9, None, &POLO), [CountryClass, Land]);
    let nothing_known = CostCar::default();
    assert_eq!(world.levels(9, None, &nothing_known), [Land]);
}

#[test]
fn ec2_a_group_across_garages_is_counted_without_the_records_of_the_garage_that_asks() {
    let mut world = World::new(5, 0);
    // Four garages: for each of them there are three others, and ten records at least.
    world.fill(0..4, 4, &GOLF, 16_000);
    world.learn(TODAY);
    assert_eq!(world.groups(0, None, &GOLF).first().map(|group| group.records), Some(12));
    // Three garages: for one of them there are two others, but a garage without records has three.
    let mut world = World::new(5, 0);
    world.fill(0..3, 10, &GOLF, 16_000);
    world.learn(TODAY);
    let across = |level: &GroupLevel| !level.is_own();
    assert!(!world.levels(0, None, &GOLF).iter().any(across));
    assert_eq!(world.groups(4, None, &GOLF).first().map(|group| group.records), Some(30));
    // Nine records are too few, and one garage with most of them is too much.
    let mut world = World::new(5, 0);
    world.fill(0..3, 3, &GOLF, 16_000);
    world.learn(TODAY);
    assert!(world.levels(4, None, &GOLF).is_empty());
    world.fill(0..1, 30, &GOLF, 16_000);
    world.learn(TODAY);
    assert!(world.levels(4, None, &GOLF).is_empty());
    assert_eq!(world.usual(4, &GOLF).1, 0, "the catalogue's price rests on nothing");
}

#[test]
fn ec2_no_garage_is_told_its_own_records_across_garages() {
    for count in [6, 12, 13, 40] {
        let mut world = World::new(count + 1, 0);
        world.fill(0..count, 10, &GOLF, 16_000);
        // Garage 2 is five times as dear; it is the only one that must not notice.
        world.ledger = Ledger::default();
        for number in 0..count {
            (0..10).for_each(|_| world.pay(number, &GOLF, if number == 2 { 80_000 } else { 16_000 }, TODAY));
        }
        world.learn(TODAY);
        let of_two = world.groups(2, None, &GOLF);
        let across = of_two.iter().filter(|group| !group.level.is_own());
        for group in across {
            let high = group.quartiles.unwrap().high.exp();
            assert!((high - 16_000.0).abs() < 1.0, "{count} {group:?}");
            assert!(group.records <= i64::from(count - 1) * 10);
        }
        // Every result lacks someone, so no two of them differ by one garage alone.
        let all = i64::from(count) * 10;
        assert!(world.told.iter().all(|group| group.level.is_own() || group.records < all), "{count}");
    }
}

#[test]
fn ec3_what_is_not_comparable_is_left_out_and_counted() {
    let mut world = World::new(3, 0);
    let good = world.paid(0, &GOLF, 16_000, TODAY);
    let all = [
        good,
        PaidTask { net_cents: Some(0), ..good },
        PaidTask { net_cents: Some(-16_000), ..good },
        PaidTask { net_cents: Some(100_000_000), ..good },
        PaidTask { net_cents: Some(100), ..good },
        PaidTask { net_cents: None, ..good },
        PaidTask { origin: RecordOrigin::Declared, ..good },
        PaidTask { replaced_on: Some(TODAY), ..good },
        PaidTask { currency: Currency::parse("SEK").unwrap(), ..good },
        PaidTask { vehicle_id: Uuid::from_u128(99).into(), ..good },
        PaidTask { done_on: date(1999, 12, 31), ..good },
        PaidTask { task: TaskKey::RECALL, ..good },
    ];
    for paid in &all {
        world.ledger.add(&world.network, paid);
    }
    let left_out = world.ledger.left_out;
    assert_eq!((world.ledger.len(), left_out.total()), (1, 11));
    assert_eq!((left_out.nothing, left_out.implausible, left_out.without_price), (2, 3, 2));
    assert_eq!((left_out.replaced, left_out.not_comparable), (1, 3));
}

#[test]
fn ec3_prices_of_other_years_count_at_todays() {
    let mut world = World::new(5, 0);
    for number in 0..5 {
        for _ in 0..5 {
            let paid = world.paid(number, &GOLF, 8_020, TODAY);
            let old = PaidTask { done_on: date(2021, 7, 1), ..paid };
            world.ledger.add(&world.network, &old);
        }
    }
    world.learn(date(2026, 7, 1));
    assert_eq!(world.usual(0, &GOLF).0, 10_000);
}

#[test]
fn ec4_groups_that_do_worse_than_the_catalogue_are_not_told() {
    // Who learned from the past would be wrong: from one day on everything costs what the catalogue says.
    let mut world = World::new(6, 0);
    let days = |ago: i32| TODAY.saturating_sub(ago.days());
    for number in 0..6 {
        for index in 0..20_i64 {
            world.pay(number, &GOLF, 100_000 + index, days(300));
            world.pay(number, &GOLF, 13_300 + index, days(20));
        }
    }
    world.learn(TODAY);
    assert!(world.groups(0, None, &GOLF).is_empty(), "{:?}", world.levels(0, None, &GOLF));
    assert!(!world.told.is_empty(), "what was found is remembered");
    // When prices stay what they were, the groups are told.
    let mut world = World::new(6, 0);
    for number in 0..6 {
        for index in 0..20_i64 {
            world.pay(number, &GOLF, 30_000 + index, days(300));
            world.pay(number, &GOLF, 30_000 + index, days(20));
        }
    }
    world.learn(TODAY);
    assert!(!world.groups(0, None, &GOLF).is_empty());
}

/// Someone in garage 1 tries to find out what garage 0 charges, which nobody else's price is near to.
#[test]
fn ec2_nobody_learns_the_price_of_one_other_garage() {
    let month = |number: i32| date(2027, 1, 1).saturating_add(number.months());
    let (spied, spy, dear) = (0, 1, 64_000);
    let mut world = World::new(9, 4);
    for number in 1..8 {
        (0..6).for_each(|index| world.pay(number, &GOLF, 15_000 + 100 * index, month(0)));
        (0..6).for_each(|index| world.pay(number, &CORSA, 13_000 + 100 * index, month(0)));
    }
    world.learn(month(0));
    // The index has ended by then, so that nothing but records can change what is told.
    let asked = |world: &World| -> Vec<Option<Quartiles>> {
        let cars = [GOLF, CORSA, POLO, CostCar::default()];
        let chains = [None, Some("Profile")];
        let asks = cars.iter().flat_map(|car| chains.iter().map(move |chain| (*car, *chain)));
        asks.flat_map(|(car, chain)| {
            let mut told: Vec<Option<Quartiles>> = vec![];
            for level in GroupLevel::ALL {
                let groups = world.groups(spy, chain, &car);
                let found = groups.iter().find(|group| group.level == *level);
                told.push(found.and_then(|group| group.quartiles));
            }
            told
        })
        .collect()
    };
    // Over time: garage 0 writes down its records, month by month, and nobody else anything.
    let mut before = asked(&world);
    for number in 1..8 {
        (0..5).for_each(|_| world.pay(spied, &GOLF, dear, month(number).saturating_sub(10.days())));
        world.learn(month(number));
        let after = asked(&world);
        for (one, other) in before.iter().zip(&after) {
            let change = |of: fn(&Quartiles) -> f64| match (one, other) {
                (Some(one), Some(other)) => (of(one) - of(other)).abs(),
                (None, None) => 0.0,
                (one, other) => panic!("month {number}: {one:?} became {other:?}"),
            };
            assert!(change(|q| q.low) + change(|q| q.middle) + change(|q| q.high) < 1e-9, "month {number}");
        }
        before = after;
    }
    // Nor does a correction of its records show.
    let paid = world.paid(spied, &GOLF, dear, month(0));
    world.ledger.add(&world.network, &PaidTask { replaced_on: Some(month(8)), ..paid });
    world.learn(month(9));
    let stored = |told: Vec<Option<Quartiles>>| told.into_iter().map(|q| q.map(|q| q.stored())).collect::<Vec<_>>();
    assert_eq!(stored(asked(&world)), stored(before));
    // Once enough others have new records too, the groups follow; then the change is of many garages.
    for number in 2..8 {
        (0..10).for_each(|_| world.pay(number, &GOLF, 15_200, month(9)));
    }
    world.learn(month(10));
    let followed = world.groups(spy, None, &GOLF);
    assert!(followed.iter().any(|group| !group.level.is_own() && group.read_on == month(10)), "{followed:?}");
}

#[test]
fn ec2_two_groups_that_differ_by_few_garages_are_not_both_told() {
    // A chain of six, and one garage besides: country less chain is what that one charges.
    let differ = |others: u8| {
        let mut world = World::new(20, 6);
        world.fill(0..6, 6, &GOLF, 16_000);
        world.fill(6..6 + others, 6, &GOLF, 64_000);
        world.learn(TODAY);
        let levels = world.levels(1, Some("Profile"), &GOLF);
        (levels.contains(&GroupLevel::ChainModel), levels.contains(&GroupLevel::CountryModel))
    };
    for others in 1..=3 {
        assert_eq!(differ(others), (false, true), "{others}");
    }
    assert_eq!(differ(4), (true, true));
    // Of the same garages, both may be told: they are the same records.
    assert_eq!(differ(0), (true, true));
    // The same with a model and its class.
    let mut world = World::new(20, 0);
    world.fill(0..6, 6, &CORSA, 16_000);
    world.fill(6..7, 3, &POLO, 64_000);
    world.learn(TODAY);
    assert_eq!(world.levels(1, None, &CORSA), [GroupLevel::CountryClass, GroupLevel::Country]);
}

proptest! {
    /// Whatever was recorded, every result that is shown has enough, and is not of the garage that it is told to.
    #[test]
    fn ec2_whatever_is_told_rests_on_enough_others(
        records in proptest::collection::vec((0..8_u8, 0..3_u8, 5_000..90_000_i64), 0..150),
    ) {
        let mut world = World::new(9, 4);
        for (of, car, cents) in &records {
            let car = [GOLF, CORSA, POLO][usize::from(*car)];
            world.pay(*of, &car, *cents, TODAY);
        }
        world.learn(TODAY);
        for asks in 0..9 {
            for car in [GOLF, CORSA, POLO] {
                for group in world.groups(asks, Some("Profile"), &car) {
                    prop_assert!(group.records >= 10);
                    let of_model = |number: &u8| group.level != GroupLevel::ChainModel || *number < 4;
                    if !group.level.is_own() {
                        let others = records.iter().filter(|(of, ..)| *of != asks && of_model(of)).count();
                        prop_assert!(group.records <= i64::try_from(others).unwrap());
                    }
                    let quartiles = group.quartiles.unwrap();
                    prop_assert!(quartiles.low <= quartiles.middle && quartiles.middle <= quartiles.high);
                }
            }
        }
    }
}
