//! Quantities, rates of VAT, and the sums of a record.

use super::MAX_CENTS;
use crate::{
    Date,
    value::{Country, ValueError, decimal, number},
};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::Deserialize;
use std::{collections::BTreeMap, str::FromStr, sync::LazyLock};

/// The most characters of a quantity or a rate.
const MAX_LENGTH: usize = 20;
/// The most decimals of a quantity: a millilitre of oil, a second of an hour.
const QUANTITY_DECIMALS: u32 = 3;
/// The largest quantity.
const MAX_QUANTITY: i64 = 100_000;
/// The most decimals of a rate of VAT.
const RATE_DECIMALS: u32 = 2;

/// How much of something: not zero, of at most 100,000 and three decimals. A negative one makes a credit line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(Decimal);

impl Quantity {
    /// One of something.
    pub const ONE: Self = Self(Decimal::ONE);

    /// Parses a quantity, such as `4.5`.
    ///
    /// ```
    /// use domain::service_record::Quantity;
    /// assert_eq!(Quantity::parse("4.50").unwrap().to_string(), "4.5");
    /// assert!(Quantity::parse("4,5").is_err());
    /// ```
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        let quantity = decimal(input, MAX_LENGTH, QUANTITY_DECIMALS)?;
        let is_in_range = !quantity.is_zero() && quantity.abs() <= Decimal::from(MAX_QUANTITY);
        let range = ValueError::OutOfRange { min: -MAX_QUANTITY, max: MAX_QUANTITY };
        if is_in_range { Ok(Self(quantity)) } else { Err(range) }
    }

    /// Whether it takes something back.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative()
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A rate of VAT in per cent, from 0 to 100, with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VatRate(Decimal);

impl VatRate {
    /// Parses a rate, such as `21`.
    pub fn parse(input: &str) -> Result<Self, ValueError> {
        let rate = decimal(input, MAX_LENGTH, RATE_DECIMALS)?;
        let is_in_range = !rate.is_sign_negative() && rate <= Decimal::ONE_HUNDRED;
        if is_in_range { Ok(Self(rate)) } else { Err(ValueError::OutOfRange { min: 0, max: 100 }) }
    }

    /// The VAT on a net amount, in minor units, rounded half away from zero.
    fn of(self, net_cents: i64) -> i64 {
        let exact = Decimal::from(net_cents) * self.0 / Decimal::ONE_HUNDRED;
        let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        rounded.to_i64().unwrap_or(0)
    }

    /// The standard rate of a country on a day: the highest that is in force. None where the rates are not known here.
    pub fn standard(country: Country, on: Date) -> Option<Self> {
        let known = COUNTRIES.iter().find(|known| known.country == country.as_str())?;
        let in_force = known.rates.iter().filter(|rate| rate.from <= on && rate.until.is_none_or(|until| on <= until));
        in_force.filter_map(|rate| Self::parse(&rate.percent).ok()).max()
    }

    /// What a net amount is multiplied by to be one with VAT; for estimates, which are no amounts of an invoice.
    pub fn factor(self) -> f64 {
        1.0 + self.0.to_f64().unwrap_or(0.0) / 100.0
    }

    /// Whether the law of the country has this rate on that day. Of a country whose rates are not known here, every rate
    /// is taken to be right.
    pub fn is_in_force(self, country: Country, on: Date) -> bool {
        let Some(known) = COUNTRIES.iter().find(|known| known.country == country.as_str()) else { return true };
        known.rates.iter().any(|rate| {
            Decimal::from_str(&rate.percent) == Ok(self.0)
                && rate.from <= on
                && rate.until.is_none_or(|until| on <= until)
        })
    }
}

impl std::fmt::Display for VatRate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The rates of VAT of a country.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountryRates {
    country: String,
    #[expect(dead_code, reason = "the file says where its figures come from")]
    source: String,
    rates: Vec<DatedRate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatedRate {
    percent: String,
    from: Date,
    until: Option<Date>,
}

static COUNTRIES: LazyLock<Vec<CountryRates>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../data/vat_rates.json")).unwrap_or_default());

/// What a line cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAmount {
    /// The amount without VAT for the whole line, in minor units.
    pub net_cents: i64,
    /// The rate of VAT on it.
    pub vat_rate: VatRate,
}

impl LineAmount {
    /// Checks a net amount.
    pub fn check_net(cents: i64) -> Result<i64, ValueError> {
        number(cents, -MAX_CENTS, MAX_CENTS)
    }
}

/// The sums of a record, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Without VAT.
    pub net_cents: i64,
    /// The VAT.
    pub vat_cents: i64,
    /// With VAT.
    pub gross_cents: i64,
}

impl Totals {
    /// The sums of lines: VAT is computed for each rate over the sum of its lines, and rounded once.
    pub fn of(amounts: &[LineAmount]) -> Self {
        let mut by_rate: BTreeMap<VatRate, i64> = BTreeMap::new();
        for amount in amounts {
            *by_rate.entry(amount.vat_rate).or_default() += amount.net_cents;
        }
        let net_cents = by_rate.values().sum();
        let vat_cents = by_rate.iter().map(|(rate, net)| rate.of(*net)).sum();
        Self { net_cents, vat_cents, gross_cents: net_cents + vat_cents }
    }
}
