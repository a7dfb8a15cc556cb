//! Prices of earlier years at the prices of another day (rule EC3), by two indices: of repairs, and of inspections.

use super::quantile::float;
use crate::{
    Date, days_between,
    service_task::{TaskCategory, TaskKey},
    value::Country,
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    country: String,
    #[expect(dead_code, reason = "the file says what its figures mean")]
    base: String,
    series: ShippedSeries,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedSeries {
    repair: Series,
    inspection: Series,
}

/// The mean of each year.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    #[expect(dead_code, reason = "the file says where its figures come from")]
    source: String,
    #[serde(deserialize_with = "numbers")]
    years: BTreeMap<i16, f64>,
}

fn numbers<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeMap<i16, f64>, D::Error> {
    let texts = BTreeMap::<i16, String>::deserialize(from)?;
    let number = |(year, text): (i16, String)| text.parse().map(|number| (year, number));
    texts.into_iter().map(number).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

static SHIPPED: LazyLock<Option<Shipped>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../data/price_index.json")).ok());

impl Series {
    /// The index on a day: that of its year in the middle of the year, and on a straight line between. Before the first
    /// year and after the last it stays what it was.
    fn on(&self, day: Date) -> Option<f64> {
        let middle = |year: i16| Date::new(year, 7, 1).ok();
        let at = |year: i16| self.years.get(&year).copied();
        let year = if day < middle(day.year())? { day.year() - 1 } else { day.year() };
        match (at(year), at(year + 1)) {
            (Some(before), Some(after)) => {
                let (from, to) = (middle(year)?, middle(year + 1)?);
                let part = float(days_between(from, day)) / float(days_between(from, to));
                Some(before + (after - before) * part)
            }
            (Some(only), None) | (None, Some(only)) => Some(only),
            (None, None) if self.years.keys().next().is_some_and(|first| year < *first) => {
                self.years.values().next().copied()
            }
            (None, None) => self.years.values().next_back().copied(),
        }
    }
}

/// What a price of the day `from` for this task is to be multiplied by to be one of the day `to`. For a country without
/// an index prices are taken as they are.
pub fn price_factor(country: Country, task: TaskKey, from: Date, to: Date) -> f64 {
    factor(country, task, from, to).unwrap_or(1.0)
}

fn factor(country: Country, task: TaskKey, from: Date, to: Date) -> Option<f64> {
    let shipped = SHIPPED.as_ref().filter(|shipped| shipped.country == country.as_str())?;
    let is_inspection = task.task()?.category == TaskCategory::Inspection;
    let series = if is_inspection { &shipped.series.inspection } else { &shipped.series.repair };
    Some(series.on(to)? / series.on(from)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn ec3_prices_of_earlier_years_are_brought_to_those_of_today() {
        let task = |key: &str| TaskKey::find(key).unwrap();
        let factor = |key, from, to| price_factor(Country::NL, task(key), from, to);
        let (then, now) = (date(2021, 7, 1), date(2026, 7, 1));
        assert!((factor("tyres", then, now) - 100.0 / 80.2).abs() < 1e-12);
        assert!((factor("apk_inspection", then, now) - 100.0 / 87.5).abs() < 1e-12);
        assert!((factor("tyres", then, now) * factor("tyres", now, then) - 1.0).abs() < 1e-12);
        // On a straight line between the years, and no further than the years go.
        let half = factor("tyres", date(2025, 12, 31), now);
        assert!((half - 100.0 / 98.5).abs() < 1e-3, "{half}");
        assert!((factor("tyres", now, date(2040, 1, 1)) - 1.0).abs() < 1e-12);
        assert!((factor("tyres", date(1999, 1, 1), date(2016, 1, 1)) - 1.0).abs() < 1e-12);
        let elsewhere = Country::parse("BE").unwrap();
        assert!((price_factor(elsewhere, task("tyres"), then, now) - 1.0).abs() < 1e-12);
    }
}
