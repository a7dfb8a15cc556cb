use super::*;
use crate::sample_history::{SampleNetwork, SamplePlan};
use jiff::civil::date;

fn found(seed: u64) -> Backtest {
    let until = date(2026, 11, 28);
    let sample = SampleNetwork::new(SamplePlan { seed, garages: 24, cars: 1_500, years: 5, until });
    let (network, ledger) = sample.payments();
    let splits = Splits { choose_from: date(2025, 11, 28), measure_from: date(2026, 5, 28), until };
    backtest(&network, &ledger, &splits, Some(&sample.truths()), |_, _| ())
}

#[test]
fn ec4_the_model_beats_the_catalogue_and_the_plain_median_on_records_that_it_has_not_seen() {
    let found = found(3);
    let all = found.all();
    assert!(all.model.records > 3_000, "{all:?}");
    assert!(all.wins(), "{all:?}");
    // About half of the costs lie between low and high. The records of a garage go together, so with few garages chance
    // has more room than the tolerance of independent records.
    assert!((all.model.coverage() - 0.5).abs() < 0.03, "{}", all.model.coverage());
    // It is nearer to the truth than the others, and nothing beats the truth.
    assert!(
        all.model.distance < 0.7 * all.median.distance && all.model.distance < 0.7 * all.catalogue.distance,
        "{all:?}"
    );
    assert!(all.truth.loss < all.model.loss && all.truth.is_calibrated(), "{all:?}");
    // All strategies were compared, and groups that lean on others are better than the nearest alone.
    assert_eq!(found.tried.len(), 1 + KAPPAS.len() * SPREAD_FACTORS.len());
    assert!(matches!(found.best(), Leaning::Pooled { .. }), "{:?}", found.tried);
    assert!(found.tried.windows(2).all(|pair| pair[0].1 <= pair[1].1));
}

#[test]
fn ec4_a_score_knows_what_chance_can_do() {
    let score = |covered| Score { records: 400, covered, loss: 0.0, distance: 0.0 };
    assert!((score(200).tolerance() - 0.05).abs() < 1e-12);
    assert!(score(219).is_calibrated() && score(181).is_calibrated());
    assert!(!score(221).is_calibrated() && !score(179).is_calibrated());
}
