//! Sample history: a network of garages and cars with a plausible past, made from a seed.
//!
//! Nothing real is behind it. It fills the demo, the measurements of speed and the backtest of costs. The same seed gives
//! the same history on every machine, each car by itself, so any part of a large network can be made alone. How prices come about is
//! known exactly ([`SampleNetwork::truth`]): that is what a model of costs can be compared with, and also the limit of what
//! such a comparison shows, since real prices need not come about like that.

mod life;
mod price;

pub use life::{SampleCheck, SampleFinding, SampleHistory, SampleLine, SampleRecord};

use crate::{
    Date,
    cost::{CostCar, Draws, Ledger, Network, PaidTask, common_models, exp, float, integer},
    expected_maintenance::average_metres_a_day,
    ids::{GarageId, VehicleId},
    passport::Fuel,
    service_record::RecordOrigin,
    value::{Country, Currency},
};
use jiff::ToSpan;
use uuid::Uuid;

/// How large a network is made, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplePlan {
    /// Another seed gives another network.
    pub seed: u64,
    /// The number of garages.
    pub garages: usize,
    /// The number of cars.
    pub cars: usize,
    /// How many years the history goes back.
    pub years: i16,
    /// The last day of the history.
    pub until: Date,
}

/// A network that can be made.
#[derive(Clone, Debug)]
pub struct SampleNetwork {
    plan: SamplePlan,
    works: Vec<(Fuel, Vec<life::Work>)>,
    /// The place in the list of models that each share of the cars has.
    models: Vec<usize>,
}

/// A garage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleGarage {
    /// Its number, from 0.
    pub number: usize,
    /// Its id.
    pub id: GarageId,
    /// The number of its chain, if it is in one.
    pub chain: Option<usize>,
    /// The logarithm of its price level.
    ln_level: f64,
}

/// A car.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleCar {
    /// Its number, from 0.
    pub number: usize,
    /// Its id.
    pub id: VehicleId,
    /// The number of its garage.
    pub garage: usize,
    /// Its make.
    pub make: &'static str,
    /// Its model.
    pub model: &'static str,
    /// What it runs on.
    pub fuel: Fuel,
    /// The day of its first admission.
    pub admitted_on: Date,
    /// How far it is driven in a day, in metres.
    pub metres_a_day: i64,
    place: usize,
}

/// What the numbers of different kinds of things are told apart by.
const GARAGES: u64 = 1 << 40;
const CARS: u64 = 2 << 40;
const LIVES: u64 = 3 << 40;

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn id_of(draws: &mut Draws) -> Uuid {
    Uuid::from_u64_pair(draws.bits(), draws.bits())
}

impl SampleNetwork {
    /// A network by its plan.
    pub fn new(plan: SamplePlan) -> Self {
        let models = (0..).zip(common_models());
        let models = models.flat_map(|(place, model)| std::iter::repeat_n(place, model.weight)).collect();
        let works = Fuel::ALL.iter().map(|fuel| (*fuel, life::works(*fuel))).collect();
        Self { plan, works, models }
    }

    /// Its plan.
    pub const fn plan(&self) -> &SamplePlan {
        &self.plan
    }

    /// The garage with a number. One of three belongs to a chain of eight.
    pub fn garage(&self, number: usize) -> SampleGarage {
        let mut draws = Draws::of(self.plan.seed, GARAGES + wide(number));
        let id = id_of(&mut draws).into();
        let chain = number.is_multiple_of(3).then_some(number / 24);
        let of_chain = chain.map_or(0.0, |chain| 0.05 * Draws::of(self.plan.seed, 2 * GARAGES + wide(chain)).normal());
        SampleGarage { number, id, chain, ln_level: of_chain + 0.14 * draws.normal() }
    }

    /// The garages.
    pub fn garages(&self) -> impl Iterator<Item = SampleGarage> + '_ {
        (0..self.plan.garages).map(|number| self.garage(number))
    }

    /// The car with a number; none without a model to choose from.
    pub fn car(&self, number: usize) -> Option<SampleCar> {
        let mut draws = Draws::of(self.plan.seed, CARS + wide(number));
        let id = id_of(&mut draws).into();
        let garage = draws.below(self.plan.garages);
        let place = *self.models.get(draws.below(self.models.len()))?;
        let model = common_models().get(place)?;
        let fuel = *model.fuels.get(draws.below(model.fuels.len()))?;
        // Most cars are of 2 to 14 years; the electric ones are young.
        let oldest = if fuel == Fuel::Electric { 6.0 } else { 14.0 };
        let age = integer(365.0 * draws.between(1.0, oldest));
        let admitted_on = self.plan.until.saturating_sub(age.days());
        let average = float(average_metres_a_day(Some(fuel)).unwrap_or(30_000));
        let metres_a_day = integer(average * exp(0.4 * draws.normal())).max(1_000);
        let (make, model) = (model.make.as_str(), model.model.as_str());
        Some(SampleCar { number, id, garage, make, model, fuel, admitted_on, metres_a_day, place })
    }

    /// The cars.
    pub fn cars(&self) -> impl Iterator<Item = SampleCar> + '_ {
        (0..self.plan.cars).filter_map(|number| self.car(number))
    }

    /// What happened to a car.
    pub fn history(&self, car: &SampleCar) -> SampleHistory {
        let works =
            self.works.iter().find(|(fuel, _)| *fuel == car.fuel).map_or(&[][..], |(_, works)| works.as_slice());
        life::history(self, car, works, Draws::of(self.plan.seed, LIVES + wide(car.number)))
    }

    /// The garages, cars and payments, as costs are learned from them.
    pub fn payments(&self) -> (Network, Ledger) {
        let (mut network, mut ledger) = (Network::default(), Ledger::default());
        for garage in self.garages() {
            let chain = garage.chain.map(|chain| format!("chain {chain}"));
            network.add_garage(garage.id, Country::NL, chain.as_deref());
        }
        for car in self.cars() {
            network.add_car(car.id, &car.cost_car());
            let garage_id = self.garage(car.garage).id;
            for record in self.history(&car).records {
                for (task, net_cents) in record.tasks() {
                    ledger.add(
                        &network,
                        &PaidTask {
                            task,
                            net_cents,
                            currency: Currency::EUR,
                            done_on: record.done_on,
                            recorded_on: record.done_on,
                            origin: if record.is_elsewhere { RecordOrigin::Declared } else { RecordOrigin::Garage },
                            replaced_on: None,
                            garage_id,
                            vehicle_id: car.id,
                        },
                    );
                }
            }
        }
        (network, ledger)
    }
}

impl SampleCar {
    /// What is known about it when costs are asked.
    pub fn cost_car(&self) -> CostCar<'static> {
        CostCar { make: Some(self.make), model: Some(self.model), fuel: Some(self.fuel), register: None }
    }

    /// Its odometer on a day, in kilometres.
    pub fn km_on(&self, day: Date) -> i64 {
        crate::days_between(self.admitted_on, day).max(0) * self.metres_a_day / 1_000
    }
}

#[cfg(test)]
mod tests;
