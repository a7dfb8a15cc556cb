//! Which rule of the law governs a vehicle on a day, and what it says in years.

use super::{
    calendar::add_years,
    vehicle::{ApkVehicle, Class, DutyLift},
};
use crate::{Date, coded_enum};
use jiff::civil::date;

/// From this date of first admission on, fuel makes a difference.
pub const FUEL_COUNTS_FROM: Date = date(2005, 1, 1);

/// Since this day, vehicles are exempt that are fifty years old or older (Stb. 2020, 505).
pub const FIFTY_YEARS_SINCE: Date = date(2021, 1, 1);

coded_enum! {
    /// Why a vehicle has the APK duty that it has.
    pub enum ApkRule {
        /// No duty while the registration is suspended.
        Suspended => "suspended",
        /// No duty in the stock of a recognised dealer.
        DealerStock => "dealer_stock",
        /// No duty without a Dutch registration.
        Exported => "exported",
        /// No duty with a plate of another country.
        Foreign => "foreign",
        /// Motorcycles have none.
        Motorcycle => "motorcycle",
        /// Mopeds have none.
        Moped => "moped",
        /// Three-wheelers up to 400 kg have none.
        LightThreeWheeler => "light_three_wheeler",
        /// Trailers and caravans up to 3,500 kg have none.
        LightTrailer => "light_trailer",
        /// Fifty years old or older: exempt; not taxis, public transport and buses.
        FiftyYears => "fifty_years",
        /// Taxis and public transport: after one year, then yearly.
        Taxi => "taxi",
        /// Ambulances: after one year, then yearly.
        Ambulance => "ambulance",
        /// Buses: after one year, then yearly. The law says so of those over 3,500 kg, and hardly any is lighter.
        Bus => "bus",
        /// Motor vehicles over 3,500 kg: after one year, then yearly.
        HeavyVehicle => "heavy_vehicle",
        /// Trailers over 3,500 kg: after one year, then yearly.
        HeavyTrailer => "heavy_trailer",
        /// From thirty years old: every two years.
        ThirtyYears => "thirty_years",
        /// Admitted before 2005: after three years, then yearly. The law told these apart until none was under seven.
        Before2005 => "before_2005",
        /// Petrol, electricity or alcohol, under seven years old: after four years, then every two.
        PetrolElectric => "petrol_electric",
        /// Petrol, electricity or alcohol, from seven years old: yearly.
        PetrolElectricFromSevenYears => "petrol_electric_from_seven_years",
        /// Diesel, gas, other fuels, and hybrids with these: after three years, then yearly.
        DieselGasOther => "diesel_gas_other",
    }
}

impl ApkRule {
    /// Where the law says so: *Besluit voertuigen* (BWBR0025554, as in force on 2026-07-04) or the act above it.
    pub const fn article(self) -> &'static str {
        match self {
            Self::Suspended => "Wegenverkeerswet 1994, art. 73(1)(b)",
            Self::DealerStock => "Besluit voertuigen, art. 12",
            Self::Exported | Self::Foreign => "Wegenverkeerswet 1994, art. 72(1)",
            Self::Motorcycle => "Besluit voertuigen, art. 4(1)(d)",
            Self::Moped => "Besluit voertuigen, art. 4(1)(e)",
            Self::LightThreeWheeler => "Besluit voertuigen, art. 4(1)(f)",
            Self::LightTrailer => "Besluit voertuigen, art. 4(1)(g)",
            Self::FiftyYears => "Besluit voertuigen, art. 4(2)",
            Self::Taxi => "Besluit voertuigen, arts. 6 and 16(1)",
            Self::Ambulance => "Besluit voertuigen, arts. 7 and 16(1)",
            Self::Bus | Self::HeavyVehicle | Self::HeavyTrailer => "Besluit voertuigen, arts. 5 and 16(1)",
            Self::ThirtyYears => "Besluit voertuigen, art. 16(3)",
            Self::Before2005 => "Besluit voertuigen, arts. 8 and 16(1)",
            Self::PetrolElectric => "Besluit voertuigen, arts. 8(b) and 16(2)",
            Self::PetrolElectricFromSevenYears => "Besluit voertuigen, art. 16(1)",
            Self::DieselGasOther => "Besluit voertuigen, arts. 8(a) and 16(1)",
        }
    }

    /// For how many years a certificate issued under it is valid; none where there is no duty.
    pub const fn certificate_years(self) -> Option<i16> {
        match self {
            Self::Suspended
            | Self::DealerStock
            | Self::Exported
            | Self::Foreign
            | Self::Motorcycle
            | Self::Moped
            | Self::LightThreeWheeler
            | Self::LightTrailer
            | Self::FiftyYears => None,
            Self::ThirtyYears | Self::PetrolElectric => Some(2),
            Self::Taxi
            | Self::Ambulance
            | Self::Bus
            | Self::HeavyVehicle
            | Self::HeavyTrailer
            | Self::Before2005
            | Self::PetrolElectricFromSevenYears
            | Self::DieselGasOther => Some(1),
        }
    }
}

coded_enum! {
    /// What would have to be known to tell the rule.
    pub enum ApkMissing {
        /// The kind of vehicle, or its European category.
        Kind => "kind",
        /// The permitted maximum mass.
        MaxMass => "max_mass",
        /// The empty mass, of a three-wheeler.
        EmptyMass => "empty_mass",
        /// The date of first admission.
        FirstAdmission => "first_admission",
        /// The fuel or fuels.
        Fuel => "fuel",
    }
}

/// The rule that governs the vehicle on a day, or what must be known to tell. Nothing is missing, and still there is no
/// rule, for kinds of vehicle that this engine does not hold.
pub(super) fn rule_on(vehicle: &ApkVehicle, on: Date) -> Result<ApkRule, Vec<ApkMissing>> {
    match vehicle.lifted {
        Some(DutyLift::Suspended) => Ok(ApkRule::Suspended),
        Some(DutyLift::DealerStock) => Ok(ApkRule::DealerStock),
        Some(DutyLift::Exported) => Ok(ApkRule::Exported),
        Some(DutyLift::Foreign) => Ok(ApkRule::Foreign),
        None => duty_on(vehicle, on),
    }
}

/// The rule by the vehicle itself, whatever lifts the duty now: it tells what a certificate issued that day is worth.
pub(super) fn duty_on(vehicle: &ApkVehicle, on: Date) -> Result<ApkRule, Vec<ApkMissing>> {
    let class = vehicle.class()?;
    if let Class::NotSubject(rule) = class {
        return Ok(rule);
    }
    if exempt_from(vehicle).is_some_and(|from| from <= on) {
        return Ok(ApkRule::FiftyYears);
    }
    match class {
        Class::NotSubject(rule) => Ok(rule),
        Class::HeavyTrailer => Ok(ApkRule::HeavyTrailer),
        Class::Bus => Ok(ApkRule::Bus),
        Class::Motor(_) if vehicle.is_taxi() => Ok(ApkRule::Taxi),
        Class::Motor(_) if vehicle.is_ambulance() => Ok(ApkRule::Ambulance),
        Class::Motor(Some(true)) => Ok(ApkRule::HeavyVehicle),
        Class::Motor(Some(false)) => light_on(vehicle, on),
        Class::Motor(None) => Err(vec![ApkMissing::MaxMass]),
    }
}

/// The rule of a car or van up to 3,500 kg, by its age and its fuels.
fn light_on(vehicle: &ApkVehicle, on: Date) -> Result<ApkRule, Vec<ApkMissing>> {
    let petrol_or_electric = vehicle.petrol_or_electric();
    let Some(admitted_on) = vehicle.admitted_on else {
        let fuel = petrol_or_electric.is_none().then_some(ApkMissing::Fuel);
        return Err([ApkMissing::FirstAdmission].into_iter().chain(fuel).collect());
    };
    let is_aged = |years| add_years(admitted_on, years).is_some_and(|day| day <= on);
    if is_aged(30) {
        return Ok(ApkRule::ThirtyYears);
    }
    if admitted_on < FUEL_COUNTS_FROM {
        return Ok(ApkRule::Before2005);
    }
    match petrol_or_electric {
        None => Err(vec![ApkMissing::Fuel]),
        Some(false) => Ok(ApkRule::DieselGasOther),
        Some(true) if is_aged(7) => Ok(ApkRule::PetrolElectricFromSevenYears),
        Some(true) => Ok(ApkRule::PetrolElectric),
    }
}

/// When the first APK is due: the day on which the duty begins.
pub(super) fn first_due(vehicle: &ApkVehicle) -> Option<Date> {
    let admitted_on = vehicle.admitted_on?;
    let years = match vehicle.class().ok()? {
        Class::Motor(_) if vehicle.is_taxi() || vehicle.is_ambulance() => 1,
        Class::HeavyTrailer | Class::Bus | Class::Motor(Some(true)) => 1,
        Class::NotSubject(_) | Class::Motor(None) => return None,
        Class::Motor(Some(false)) if admitted_on >= FUEL_COUNTS_FROM && vehicle.petrol_or_electric()? => 4,
        Class::Motor(Some(false)) => 3,
    };
    add_years(admitted_on, years)
}

/// From when the vehicle's age exempts it, if it ever does: taxis, public transport and buses never are.
pub(super) fn exempt_from(vehicle: &ApkVehicle) -> Option<Date> {
    match vehicle.class().ok()? {
        Class::NotSubject(_) | Class::Bus => None,
        Class::HeavyTrailer => Some(()),
        Class::Motor(_) => (!vehicle.is_taxi()).then_some(()),
    }?;
    Some(add_years(vehicle.admitted_on?, 50)?.max(FIFTY_YEARS_SINCE))
}
