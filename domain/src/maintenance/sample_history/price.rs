//! What work costs in a sample network. All figures are our choice; they are what the model of costs has to find out.

use super::{SampleCar, SampleGarage, SampleNetwork};
use crate::{
    Date,
    cost::{CarSize, Draws, Drive, QUARTILE, Quartiles, exp, float, integer, price_factor},
    ids::{GarageId, VehicleId},
    service_record::VatRate,
    service_task::{TaskCategory, TaskKey},
    value::Country,
};

/// What draws of different kinds are told apart by.
const TASKS: u64 = 4 << 40;
const MODELS: u64 = 5 << 40;
const HABITS: u64 = 6 << 40;

fn number_of(task: TaskKey) -> u64 {
    task.as_str().bytes().fold(7, |number, byte| number.wrapping_mul(31).wrapping_add(u64::from(byte)) & 0xFFFF_FFFF)
}

impl SampleNetwork {
    /// How prices of a task differ from the catalogue's on a day: the logarithm of the factor between the two medians,
    /// and the standard deviation of the logarithms.
    fn ln_factor(&self, task: TaskKey, car: &SampleCar, garage: &SampleGarage) -> (f64, f64) {
        let seed = self.plan.seed;
        let mut of_task = Draws::of(seed, TASKS + number_of(task));
        // The catalogue is a guess.
        let shift = 0.12 * of_task.normal();
        let spread = of_task.between(0.10, 0.28);
        let is_inspection = task.task().is_some_and(|task| task.category == TaskCategory::Inspection);
        // An inspection costs the same for every car.
        let of_car = if is_inspection {
            0.0
        } else {
            let class = car.cost_car().class();
            let size = match class.size {
                CarSize::Small => -0.14,
                CarSize::Medium | CarSize::Unknown => 0.0,
                CarSize::Large => 0.20,
                CarSize::Van => 0.13,
            };
            let drive = match class.drive {
                Drive::Engine | Drive::Unknown => 0.0,
                Drive::Hybrid => 0.04,
                Drive::Electric => -0.05,
            };
            let of_model = 0.08 * Draws::of(seed, MODELS + number_of(task) * 1_000 + super::wide(car.place)).normal();
            size + drive + of_model
        };
        let habit = 0.06 * Draws::of(seed, HABITS + number_of(task) * 1_000 + super::wide(garage.number)).normal();
        (shift + of_car + garage.ln_level + habit, spread)
    }

    /// The median of the net amounts in minor units; none of a task that costs nothing.
    fn median(task: TaskKey, on: Date, ln_factor: f64) -> Option<f64> {
        let price = &task.task()?.price;
        let of_year = Date::new(i16::try_from(price.year).ok()?, 7, 1).ok()?;
        let vat =
            if price.vat_included { VatRate::standard(Country::NL, on).map_or(1.0, VatRate::factor) } else { 1.0 };
        let catalogue = float(price.usual_cents) / vat * price_factor(Country::NL, task, of_year, on);
        (price.usual_cents > 0).then(|| catalogue * exp(ln_factor))
    }

    /// Draws what a task costs on a day.
    pub(super) fn draw(
        &self,
        task: TaskKey,
        (car, garage): (&SampleCar, &SampleGarage),
        on: Date,
        draws: &mut Draws,
    ) -> i64 {
        let (ln_factor, spread) = self.ln_factor(task, car, garage);
        Self::median(task, on, ln_factor + spread * draws.normal()).map_or(0, |cents| integer(cents).max(1))
    }

    /// The distribution from which the price of a task on a day is drawn: the quartiles of its logarithm.
    pub fn truth(&self, task: TaskKey, car: &SampleCar, garage: &SampleGarage, on: Date) -> Option<Quartiles> {
        let (ln_factor, spread) = self.ln_factor(task, car, garage);
        let middle = Self::median(task, on, ln_factor)?.ln();
        let distance = spread * QUARTILE;
        Some(Quartiles { low: middle - distance, middle, high: middle + distance, effective: f64::INFINITY })
    }

    /// The truth by ids, for the backtest.
    pub fn truths(&self) -> impl Fn(TaskKey, GarageId, VehicleId, Date) -> Option<Quartiles> + '_ {
        let garages: std::collections::HashMap<_, _> = self.garages().map(|garage| (garage.id, garage)).collect();
        let cars: std::collections::HashMap<_, _> = self.cars().map(|car| (car.id, car)).collect();
        move |task, garage, car, on| self.truth(task, cars.get(&car)?, garages.get(&garage)?, on)
    }
}
