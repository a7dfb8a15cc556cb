//! What the register fills in when a passport is made, and its warnings about the vehicle.

use super::{RegisterData, RegisterVerdict};
use crate::{apk::ApkStatus, coded_enum, passport::Vehicle};

coded_enum! {
    /// What the maker of a passport should know about the vehicle (rule R37). A warning is never a reason to refuse.
    pub enum RegisterWarning {
        /// The vehicle was exported, so this plate is no longer on the road.
        Exported => "exported",
        /// The vehicle cannot be registered in someone's name, although it was not exported.
        NotRegistrable => "not_registrable",
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
    /// The warnings about a vehicle whose APK is in this state (rule R37). Of a vehicle that was exported, is in nobody's
    /// name yet, or whose registration is suspended, no insurance is required.
    pub fn warnings(&self, apk: ApkStatus) -> Vec<RegisterWarning> {
        let is_exported = self.exported == Some(true);
        let must_be_insured = !is_exported && self.registered_on.is_some() && apk != ApkStatus::Suspended;
        let holds = |warning: &RegisterWarning| match warning {
            RegisterWarning::Exported => is_exported,
            RegisterWarning::NotRegistrable => self.registrable == Some(false) && !is_exported,
            RegisterWarning::OpenRecall => self.open_recall == Some(true),
            RegisterWarning::ApkExpired => apk == ApkStatus::Expired,
            RegisterWarning::OdometerIllogical => self.odometer.verdict == Some(RegisterVerdict::Illogical),
            RegisterWarning::NotInsured => self.insured == Some(false) && must_be_insured,
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
        assert_eq!(RegisterData::default().warnings(ApkStatus::Unknown), []);
        let odd = RegisterData {
            registrable: Some(false),
            registered_on: "2025-01-02".parse().ok(),
            open_recall: Some(true),
            insured: Some(false),
            odometer: RegisteredOdometer { verdict: Some(RegisterVerdict::Illogical), ..RegisteredOdometer::default() },
            ..RegisterData::default()
        };
        let but_exported = |warning: &&RegisterWarning| **warning != RegisterWarning::Exported;
        let all: Vec<_> = RegisterWarning::ALL.iter().filter(but_exported).copied().collect();
        assert_eq!(odd.warnings(ApkStatus::Expired), all);
        let fine = RegisterData { registrable: Some(true), insured: Some(true), ..RegisterData::default() };
        for status in ApkStatus::ALL {
            let is_expired = *status == ApkStatus::Expired;
            assert_eq!(fine.warnings(*status), if is_expired { vec![RegisterWarning::ApkExpired] } else { vec![] });
        }
    }

    #[test]
    fn r37_what_was_exported_is_in_nobodys_name_or_suspended_need_not_be_insured() {
        let uninsured = RegisterData { insured: Some(false), registered_on: "2025-01-02".parse().ok(), ..data() };
        assert_eq!(uninsured.warnings(ApkStatus::Valid), [RegisterWarning::NotInsured]);
        assert_eq!(uninsured.warnings(ApkStatus::Suspended), []);
        let exported = RegisterData { exported: Some(true), registrable: Some(false), ..uninsured.clone() };
        assert_eq!(exported.warnings(ApkStatus::NotSubject), [RegisterWarning::Exported]);
        let unregistered = RegisterData { registered_on: None, ..uninsured };
        assert_eq!(unregistered.warnings(ApkStatus::Valid), []);
    }
}
