//! The class of a car: cars of one class pay about the same for the same work (rule EC2).
//!
//! It is made of what drives the car and of how large it is. The size follows from the vehicle register where that is
//! known: its category, and its empty mass, for which cars with a battery have limits of their own. Of another car it is
//! that of its model in the file `domain/data/car_models.json`.

use crate::{apk::EuCategory, coded_enum, passport::Fuel, register::RegisterData, value::search_key};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

coded_enum! {
    /// What drives a car, as far as it matters for the costs.
    pub enum Drive {
        /// An engine alone.
        Engine => "engine",
        /// An engine and a battery.
        Hybrid => "hybrid",
        /// A battery, or hydrogen.
        Electric => "electric",
        /// Nobody knows.
        Unknown => "unknown",
    }
}

coded_enum! {
    /// How large a car is.
    pub enum CarSize {
        /// A small car, such as a Polo.
        Small => "small",
        /// A car of the middle class, such as a Golf.
        Medium => "medium",
        /// A large one.
        Large => "large",
        /// A van.
        Van => "van",
        /// Nobody knows.
        Unknown => "unknown",
    }
}

/// The class of a car.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CarClass {
    /// What drives it.
    pub drive: Drive,
    /// How large it is.
    pub size: CarSize,
}

/// What is known about a car whose costs are learned or asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct CostCar<'a> {
    /// Its make.
    pub make: Option<&'a str>,
    /// Its model.
    pub model: Option<&'a str>,
    /// What it runs on.
    pub fuel: Option<Fuel>,
    /// What the vehicle register says about it.
    pub register: Option<&'a RegisterData>,
}

impl CostCar<'_> {
    /// Its class.
    pub fn class(&self) -> CarClass {
        let drive = match self.fuel {
            Some(Fuel::Electric | Fuel::Hydrogen) => Drive::Electric,
            Some(Fuel::HybridPetrol | Fuel::HybridDiesel) => Drive::Hybrid,
            Some(Fuel::Petrol | Fuel::Diesel | Fuel::Lpg | Fuel::Cng | Fuel::Alcohol) => Drive::Engine,
            Some(Fuel::Other) | None => Drive::Unknown,
        };
        let registered = self.register.and_then(|data| size_in_register(data, drive));
        let of_model = || self.model_key().and_then(|key| SIZES.get(&key).copied());
        CarClass { drive, size: registered.or_else(of_model).unwrap_or(CarSize::Unknown) }
    }

    /// The name of its model, the same however it is written; none without both make and model.
    pub fn model_key(&self) -> Option<String> {
        model_key(self.make?, self.model?)
    }
}

impl CarClass {
    /// The text that stands for it in the database.
    pub fn key(self) -> String {
        format!("{}_{}", self.drive.code(), self.size.code())
    }
}

fn model_key(make: &str, model: &str) -> Option<String> {
    let (make, model) = (search_key(make), search_key(model));
    (!make.is_empty() && !model.is_empty()).then(|| format!("{make}|{model}"))
}

/// The size by category and empty mass. A battery makes a car of the same size heavier. The limits are our choice.
fn size_in_register(data: &RegisterData, drive: Drive) -> Option<CarSize> {
    if matches!(data.eu_category, Some(EuCategory::N1 | EuCategory::N2 | EuCategory::N3)) {
        return Some(CarSize::Van);
    }
    let (small, medium) = match drive {
        Drive::Engine | Drive::Unknown => (1_080, 1_450),
        Drive::Hybrid => (1_200, 1_600),
        Drive::Electric => (1_500, 1_900),
    };
    let mass = data.empty_mass_kg.filter(|mass| *mass > 0)?;
    Some(if mass < small {
        CarSize::Small
    } else if mass < medium {
        CarSize::Medium
    } else {
        CarSize::Large
    })
}

/// A common model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonModel {
    /// Its make.
    pub make: String,
    /// Its name.
    pub model: String,
    /// How large it is.
    pub size: CarSize,
    /// What it runs on; what is more common stands there more than once.
    pub fuels: Vec<Fuel>,
    /// How common it is.
    pub weight: usize,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Models {
    #[expect(dead_code, reason = "the file says where it comes from")]
    source: String,
    models: Vec<CommonModel>,
}

static MODELS: LazyLock<Vec<CommonModel>> = LazyLock::new(|| {
    let read: Models = serde_json::from_str(include_str!("../../../data/car_models.json")).unwrap_or_default();
    read.models
});

static SIZES: LazyLock<BTreeMap<String, CarSize>> = LazyLock::new(|| {
    MODELS.iter().filter_map(|model| Some((model_key(&model.make, &model.model)?, model.size))).collect()
});

/// The models of the file.
pub fn common_models() -> &'static [CommonModel] {
    &MODELS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ec2_the_class_follows_from_the_register_and_else_from_the_model() {
        assert!(common_models().len() > 50, "the file cannot be read");
        let golf = CostCar { make: Some("VOLKSWAGEN"), model: Some("golf"), fuel: Some(Fuel::Diesel), register: None };
        assert_eq!(golf.class(), CarClass { drive: Drive::Engine, size: CarSize::Medium });
        assert_eq!((golf.class().key(), golf.model_key()), ("engine_medium".into(), Some("volkswagen|golf".into())));
        let heavy = RegisterData { empty_mass_kg: Some(1_460), ..RegisterData::default() };
        let heavy_golf = CostCar { register: Some(&heavy), ..golf };
        assert_eq!(heavy_golf.class().size, CarSize::Large);
        let electric = CostCar { fuel: Some(Fuel::Electric), ..heavy_golf };
        assert_eq!(electric.class(), CarClass { drive: Drive::Electric, size: CarSize::Small });
        let van = RegisterData { eu_category: Some(EuCategory::N1), ..RegisterData::default() };
        assert_eq!(CostCar { register: Some(&van), ..golf }.class().size, CarSize::Van);
        // The register may not know the mass, and of some cars nothing is known at all.
        let nothing = RegisterData::default();
        assert_eq!(CostCar { register: Some(&nothing), ..golf }.class().size, CarSize::Medium);
        let unknown = CarClass { drive: Drive::Unknown, size: CarSize::Unknown };
        assert_eq!((CostCar::default().class(), CostCar::default().model_key()), (unknown, None));
        assert_eq!(CostCar { make: Some("-"), model: Some("x"), ..golf }.model_key(), None);
    }
}
