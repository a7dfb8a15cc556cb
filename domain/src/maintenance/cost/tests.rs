use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn samples(amounts: &[i64]) -> Vec<Sample> {
    amounts.iter().map(|cents| Sample::of(*cents, 1.0).unwrap()).collect()
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

fn normal(low: f64, middle: f64, high: f64) -> Quartiles {
    Quartiles { low: low.ln(), middle: middle.ln(), high: high.ln(), effective: 100.0 }
}

#[test]
fn ec1_equal_weights_give_the_quantile_of_type_7() {
    let values = [1_i64, 2, 3, 4, 5, 6];
    let ln = |value: f64| value.ln();
    let found = quartiles(&samples(&values)).unwrap();
    // By hand: h = 0.25 * 5 + 1 = 2.25, so a quarter of the way from the second value to the third.
    assert!(near(found.low, ln(2.0) + 0.25 * (ln(3.0) - ln(2.0))), "{found:?}");
    assert!(near(found.middle, ln(3.0) + 0.5 * (ln(4.0) - ln(3.0))), "{found:?}");
    assert!(near(found.high, ln(4.0) + 0.75 * (ln(5.0) - ln(4.0))), "{found:?}");
    assert!(near(found.effective, 6.0));
    let one = quartiles(&samples(&[500])).unwrap();
    assert!(near(one.low, one.high) && near(one.middle, ln(500.0)));
    assert_eq!(quartiles(&[]), None);
}

#[test]
fn ec3_older_records_weigh_less() {
    let today = date(2026, 11, 28);
    assert!(near(weight(today, today), 1.0));
    assert!(near(weight(date(2024, 11, 28), today), 0.5));
    assert!(near(weight(date(2030, 1, 1), today), 1.0));
    // Nine old records at 100 euros and nine of today at 200: the median leans to today's price.
    let old = (0..9).map(|_| Sample::of(10_000, weight(date(2020, 11, 28), today)).unwrap());
    let new = (0..9).map(|_| Sample::of(20_000, 1.0).unwrap());
    let both: Vec<_> = old.chain(new).collect();
    assert_eq!(CostRange::shown(&quartiles(&both).unwrap()).usual_cents, 20_000);
    assert!(effective_number(&both) < 12.0);
}

#[test]
fn ec3_amounts_of_nothing_and_credits_are_left_out() {
    assert_eq!((Sample::of(0, 1.0), Sample::of(-5, 1.0)), (None, None));
    assert_eq!((Sample::of(5, 0.0), Sample::of(5, f64::NAN), Sample::of(5, f64::INFINITY)), (None, None, None));
    assert!(Sample::of(100_000_000, 1.0).is_some());
}

#[test]
fn ec2_a_group_with_less_tells_nothing() {
    let own = GroupSize { records: 10, cars: 5, garages: 1, greatest_part: 1.0 };
    assert!(GroupLevel::GarageModel.is_enough(&own));
    assert!(!GroupLevel::GarageModel.is_enough(&GroupSize { records: 9, ..own }));
    assert!(!GroupLevel::GarageClass.is_enough(&GroupSize { cars: 4, ..own }));
    let across = GroupSize { records: 10, cars: 10, garages: 3, greatest_part: 0.5 };
    for level in GroupLevel::ALL.iter().filter(|level| !level.is_own()) {
        assert!(level.is_enough(&across), "{level:?}");
        assert!(!level.is_enough(&GroupSize { records: 9, ..across }), "{level:?}");
        assert!(!level.is_enough(&GroupSize { garages: 2, ..across }), "{level:?}");
        assert!(!level.is_enough(&GroupSize { greatest_part: 0.51, ..across }), "{level:?}");
        assert!(!level.is_enough(&own), "{level:?}");
    }
}

#[test]
fn ec2_answers_are_in_steps_of_five_euros() {
    let shown = CostRange::shown(&normal(12_249.0, 12_251.0, 99_999.0));
    assert_eq!((shown.low_cents, shown.usual_cents, shown.high_cents), (12_000, 12_500, 100_000));
}

#[test]
fn ec2_a_small_group_leans_on_its_parent_and_a_large_one_hardly() {
    let parent = normal(8_000.0, 10_000.0, 13_000.0);
    let group = |effective| Quartiles { effective, ..normal(18_000.0, 20_000.0, 22_000.0) };
    let usual = |effective| pool(&group(effective), &parent, 12.0, 48.0).middle.exp();
    assert!((14_000.0..14_300.0).contains(&usual(12.0)), "{}", usual(12.0));
    assert!(usual(500.0) > 19_500.0, "{}", usual(500.0));
    let pooled = pool(&group(12.0), &parent, 12.0, 48.0);
    assert!(pooled.low < pooled.middle && pooled.middle < pooled.high);
}

#[test]
fn ec4_the_loss_is_least_at_the_quantile() {
    assert!(near(pinball(0.5, 10.0, 8.0), 1.0) && near(pinball(0.5, 8.0, 10.0), 1.0));
    assert!(near(pinball(0.25, 10.0, 8.0), 0.5) && near(pinball(0.25, 8.0, 10.0), 1.5));
    let data = samples(&[90, 100, 110, 120, 150, 200, 220, 300, 310, 400, 500]);
    let found = quartiles(&data).unwrap();
    let loss = |tau: f64, q: f64| data.iter().map(|sample| pinball(tau, sample.ln, q)).sum::<f64>();
    for (tau, q) in [(0.25, found.low), (0.5, found.middle), (0.75, found.high)] {
        assert!(loss(tau, q) <= loss(tau, q + 0.2) && loss(tau, q) <= loss(tau, q - 0.2), "{tau}");
    }
}

#[test]
fn ec5_the_range_of_a_sum_is_narrower_than_the_sum_of_the_ranges() {
    let one = normal(8_000.0, 10_000.0, 12_500.0);
    let sum = sum_of_costs(&[one; 8]);
    assert!((78_000..=90_000).contains(&sum.usual_cents), "{sum:?}");
    assert!(sum.high_cents < 8 * 12_500 && sum.low_cents > 8 * 8_000, "{sum:?}");
    // One task alone keeps its own range.
    let alone = sum_of_costs(&[one]);
    assert!((alone.low_cents - 8_000).abs() <= 500 && (alone.high_cents - 12_500).abs() <= 500, "{alone:?}");
    assert_eq!(sum_of_costs(&[one; 8]), sum);
    assert_eq!(sum_of_costs(&[]), CostRange { low_cents: 0, usual_cents: 0, high_cents: 0 });
}

fn any_samples() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (1..10_000_000_i64, 0.01..10.0_f64).prop_map(|(cents, weight)| Sample::of(cents, weight).unwrap());
    proptest::collection::vec(sample, 1..60)
}

proptest! {
    /// Quartiles come in their order, lie within the data, and depend neither on the order nor on the unit of weights.
    #[test]
    fn ec1_quartiles_are_ordered_and_within_the_data(samples in any_samples(), scale in 0.1..10.0_f64) {
        let found = quartiles(&samples).unwrap();
        let least = samples.iter().map(|sample| sample.ln).fold(f64::INFINITY, f64::min);
        let greatest = samples.iter().map(|sample| sample.ln).fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(least - 1e-9 <= found.low && found.low <= found.middle + 1e-9);
        prop_assert!(found.middle <= found.high + 1e-9 && found.high <= greatest + 1e-9);
        let scaled: Vec<_> = samples.iter().rev().map(|s| Sample { weight: s.weight * scale, ..*s }).collect();
        let again = quartiles(&scaled).unwrap();
        prop_assert!((again.middle - found.middle).abs() < 1e-6 && (again.effective - found.effective).abs() < 1e-6);
    }

    /// What a group makes of itself and its parent lies between the two.
    #[test]
    fn ec2_pooling_lies_between_group_and_parent(one in any_samples(), other in any_samples(), kappa in 2.0..64.0_f64) {
        let (group, parent) = (quartiles(&one).unwrap(), quartiles(&other).unwrap());
        let pooled = pool(&group, &parent, kappa, 4.0 * kappa);
        prop_assert!(pooled.middle >= group.middle.min(parent.middle) - 1e-9);
        prop_assert!(pooled.middle <= group.middle.max(parent.middle) + 1e-9);
        prop_assert!(pooled.low <= pooled.middle + 1e-9 && pooled.middle <= pooled.high + 1e-9);
    }
}
