//! What the register fills in when a passport is made, and its warnings about the vehicle.

use super::{RegisterData, RegisterVerdict};
use crate::{Date, coded_enum, passport::Vehicle};

coded_enum! {
    /// What the maker of a passport should know about the vehicle (rule R37). A warning is never a reason to refuse.
    pub enum RegisterWarning {
        /// The vehicle was exported, so this plate is no longer on the road.
        Exported => "exported",
        /// The vehicle has an open recall.
        OpenRecall => "open_recall",
        /// The vehicle's APK certificate has expired.
        ApkExpired => "apk_expired",
        /// The register's verdict on the odometer readings is "illogical".
        OdometerIllogical => "odometer_illogical",
        /// The vehicle does not have the insurance that the law requires.
        NotInsured => "not_insured",
    }
}

impl RegisterData {
    /// The warnings on the day `today` (rule R37).
    pub fn warnings(&self, today: Date) -> Vec<RegisterWarning> {
        let holds = |warning: &RegisterWarning| match warning {
            RegisterWarning::Exported => self.exported == Some(true),
            RegisterWarning::OpenRecall => self.open_recall == Some(true),
            RegisterWarning::ApkExpired => self.apk_expires_on.is_some_and(|expires_on| expires_on < today),
            RegisterWarning::OdometerIllogical => self.odometer.verdict == Some(RegisterVerdict::Illogical),
            RegisterWarning::NotInsured => self.insured == Some(false),
        };
        RegisterWarning::ALL.iter().copied().filter(holds).collect()
    }

    /// The year of first admission.
    pub fn year(&self) -> Option<i64> {
        self.admitted_on.map(|day| i64::from(day.year()))
    }

    /// Fills in what the vehicle lacks; what people entered stays as it is (rule R36).
    #[must_use]
    pub fn complete(&self, vehicle: Vehicle) -> Vehicle {
        Vehicle {
            make: vehicle.make.or_else(|| self.make.clone()),
            model: vehicle.model.or_else(|| self.model.clone()),
            year: vehicle.year.or_else(|| self.year()),
            fuel: vehicle.fuel.or_else(|| self.fuel()),
            ..vehicle
        }
    }

    /// The same for a vehicle that had other plates; `former` is what the register said about those. A value that the
    /// register had filled in then was not entered by people, so it is replaced by what the register says now. If the
    /// register says nothing about it now, it stays.
    #[must_use]
    pub fn complete_after<'f>(&self, former: impl IntoIterator<Item = &'f Self>, vehicle: Vehicle) -> Vehicle {
        self.complete(former.into_iter().fold(vehicle, |vehicle, former| self.without(former, vehicle)))
    }

    /// The vehicle without the values that came from `former`, where the register says something else now.
    fn without(&self, former: &Self, vehicle: Vehicle) -> Vehicle {
        fn unless_told<T: PartialEq>(value: Option<T>, former: Option<&T>, is_told: bool) -> Option<T> {
            value.filter(|value| !is_told || former != Some(value))
        }
        Vehicle {
            make: unless_told(vehicle.make, former.make.as_ref(), self.make.is_some()),
            model: unless_told(vehicle.model, former.model.as_ref(), self.model.is_some()),
            year: unless_told(vehicle.year, former.year().as_ref(), self.year().is_some()),
            fuel: unless_told(vehicle.fuel, former.fuel().as_ref(), self.fuel().is_some()),
            ..vehicle
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        passport::{Fuel, tests as passport},
        register::{RegisteredFuel, RegisteredOdometer},
    };

    fn vehicle() -> Vehicle {
        Vehicle { odometer_km: Some(12), ..passport::vehicle() }
    }

    fn data() -> RegisterData {
        let fuel = |fuel| RegisteredFuel { fuel, power_w: None, co2_g_per_km: None };
        RegisterData {
            make: Some("TOYOTA".into()),
            model: Some("PRIUS".into()),
            admitted_on: "2013-05-17".parse().ok(),
            fuels: vec![fuel(Fuel::Petrol), fuel(Fuel::Electric)],
            ..RegisterData::default()
        }
    }

    #[test]
    fn r36_the_register_fills_what_people_left_open() {
        let filled = data().complete(vehicle());
        let make = filled.make.as_deref();
        assert_eq!((make, filled.year, filled.fuel), (Some("TOYOTA"), Some(2013), Some(Fuel::HybridPetrol)));
        let written = Vehicle { make: Some("Daihatsu".into()), year: Some(2012), ..vehicle() };
        let filled = data().complete(written);
        assert_eq!((filled.make.as_deref(), filled.model.as_deref()), (Some("Daihatsu"), Some("PRIUS")));
        assert_eq!((filled.year, filled.odometer_km), (Some(2012), Some(12)));
        assert_eq!(RegisterData::default().complete(vehicle()), vehicle());
    }

    #[test]
    fn r36_what_another_plate_filled_in_gives_way() {
        let wrong = RegisterData {
            make: Some("FIAT".into()),
            model: Some("PANDA".into()),
            admitted_on: "1999-01-01".parse().ok(),
            ..RegisterData::default()
        };
        let written = Vehicle { model: Some("Prius".into()), fuel: Some(Fuel::Petrol), ..vehicle() };
        let mistaken = wrong.complete(written);
        assert_eq!((mistaken.make.as_deref(), mistaken.year), (Some("FIAT"), Some(1999)));
        let right = data().complete_after([&RegisterData::default(), &wrong], mistaken.clone());
        assert_eq!((right.make.as_deref(), right.model.as_deref()), (Some("TOYOTA"), Some("Prius")));
        assert_eq!((right.year, right.fuel, right.odometer_km), (Some(2013), Some(Fuel::Petrol), Some(12)));
        let silent = RegisterData { model: Some("PRIUS".into()), ..RegisterData::default() };
        assert_eq!(
            silent.complete_after([&wrong], mistaken.clone()),
            mistaken,
            "nothing is lost where nothing is told"
        );
    }

    #[test]
    fn r37_what_is_odd_is_told_and_unknown_is_not_odd() {
        let today = "2026-11-24".parse().unwrap();
        assert_eq!(RegisterData::default().warnings(today), []);
        let odd = RegisterData {
            exported: Some(true),
            open_recall: Some(true),
            insured: Some(false),
            apk_expires_on: "2026-11-23".parse().ok(),
            odometer: RegisteredOdometer { verdict: Some(RegisterVerdict::Illogical), ..RegisteredOdometer::default() },
            ..RegisterData::default()
        };
        assert_eq!(odd.warnings(today), RegisterWarning::ALL);
        let valid = RegisterData { apk_expires_on: Some(today), insured: Some(true), ..RegisterData::default() };
        assert_eq!(valid.warnings(today), []);
    }
}
