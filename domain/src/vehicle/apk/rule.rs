//! Which rule of the law applies to a vehicle on a day, and for how many years a certificate is valid.

use super::{
    calendar::add_years,
    vehicle::{ApkVehicle, Class, DutyLift, LIGHT_UNTIL_KG},
};
use crate::{Date, coded_enum};
use jiff::civil::date;

/// The fuel matters for vehicles whose first admission was on this date or later.
pub const FUEL_COUNTS_FROM: Date = date(2005, 1, 1);

/// Since this day, tractors on wheels that are designed for more than 40 km/h need an APK.
pub const TRACTORS_SINCE: Date = date(2021, 5, 1);

/// Since this day, vehicles of fifty years or older are exempt (Stb. 2020, 505).
pub const FIFTY_YEARS_SINCE: Date = date(2021, 1, 1);

coded_enum! {
    /// The rule that decides whether a vehicle needs an APK, and how often.
    pub enum ApkRule {
        /// No APK is needed while the registration is suspended.
        Suspended => "suspended",
        /// No APK is needed in the stock of a recognised dealer.
        DealerStock => "dealer_stock",
        /// No APK is needed after export: the Dutch registration has ended.
        Exported => "exported",
        /// No APK is needed with a plate of another country.
        Foreign => "foreign",
        /// No APK is needed for a tractor that is used for farming, growing, forestry or fishing, mainly on its own grounds.
        OwnGrounds => "own_grounds",
        /// Tractors on tracks need no APK.
        TrackedTractor => "tracked_tractor",
        /// Tractors that are designed for 40 km/h at most need no APK.
        SlowTractor => "slow_tractor",
        /// Vehicles of limited speed need no APK.
        LimitedSpeed => "limited_speed",
        /// Mobile machines need no APK.
        MobileMachine => "mobile_machine",
        /// Agricultural and forestry trailers, and equipment that is towed, need no APK.
        AgriculturalTrailer => "agricultural_trailer",
        /// Motorcycles need no APK.
        Motorcycle => "motorcycle",
        /// Mopeds need no APK.
        Moped => "moped",
        /// Three-wheelers up to 400 kg need no APK.
        LightThreeWheeler => "light_three_wheeler",
        /// Trailers and caravans up to 3,500 kg need no APK.
        LightTrailer => "light_trailer",
        /// Vehicles of fifty years or older are exempt, except taxis, public transport and buses.
        FiftyYears => "fifty_years",
        /// Taxis and public transport: the first APK after one year, then every year.
        Taxi => "taxi",
        /// Ambulances: the first APK after one year, then every year.
        Ambulance => "ambulance",
        /// Buses over 3,500 kg: the first APK after one year, then every year. A bus whose mass is unknown is one of these,
        /// since hardly any bus is lighter.
        Bus => "bus",
        /// Buses up to 3,500 kg: the first APK after one year, then every year.
        LightBus => "light_bus",
        /// Tractors on wheels that are designed for more than 40 km/h: the first APK after four years, then every two years.
        FastTractor => "fast_tractor",
        /// Motor vehicles over 3,500 kg: the first APK after one year, then every year.
        HeavyVehicle => "heavy_vehicle",
        /// Trailers over 3,500 kg: the first APK after one year, then every year.
        HeavyTrailer => "heavy_trailer",
        /// Vehicles of thirty years or older: every two years.
        ThirtyYears => "thirty_years",
        /// Vehicles admitted before 2005: the first APK after three years, then every year. The law no longer names
        /// this group, since all its vehicles are now seven years old or older.
        Before2005 => "before_2005",
        /// Petrol, electricity or alcohol, under seven years old: the first APK after four years, then every two years.
        PetrolElectric => "petrol_electric",
        /// Petrol, electricity or alcohol, seven years or older: every year.
        PetrolElectricFromSevenYears => "petrol_electric_from_seven_years",
        /// Diesel, gas, other fuels, and hybrids with these: the first APK after three years, then every year.
        DieselGasOther => "diesel_gas_other",
    }
}

impl ApkRule {
    /// The article of the law: *Besluit voertuigen* (BWBR0025554, as in force on 2026-07-04) or the act above it.
    pub const fn article(self) -> &'static str {
        match self {
            Self::Suspended => "Wegenverkeerswet 1994, art. 73(1)(b)",
            Self::DealerStock => "Besluit voertuigen, art. 12",
            Self::Exported | Self::Foreign => "Wegenverkeerswet 1994, art. 72(1)",
            // The decree that brought these vehicles into the register, and fast tractors under the duty.
            Self::OwnGrounds
            | Self::TrackedTractor
            | Self::SlowTractor
            | Self::FastTractor
            | Self::LimitedSpeed
            | Self::MobileMachine
            | Self::AgriculturalTrailer => "Besluit voertuigen, as changed by Stb. 2020, 505",
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
            Self::LightBus | Self::PetrolElectricFromSevenYears => "Besluit voertuigen, art. 16(1)",
            Self::DieselGasOther => "Besluit voertuigen, arts. 8(a) and 16(1)",
        }
    }

    /// For how many years a certificate under this rule is valid; none where no APK is needed.
    pub const fn certificate_years(self) -> Option<i16> {
        match self {
            Self::Suspended
            | Self::DealerStock
            | Self::Exported
            | Self::Foreign
            | Self::OwnGrounds
            | Self::TrackedTractor
            | Self::SlowTractor
            | Self::LimitedSpeed
            | Self::MobileMachine
            | Self::AgriculturalTrailer
            | Self::Motorcycle
            | Self::Moped
            | Self::LightThreeWheeler
            | Self::LightTrailer
            | Self::FiftyYears => None,
            Self::ThirtyYears | Self::PetrolElectric | Self::FastTractor => Some(2),
            Self::Taxi
            | Self::Ambulance
            | Self::Bus
            | Self::LightBus
            | Self::HeavyVehicle
            | Self::HeavyTrailer
            | Self::Before2005
            | Self::PetrolElectricFromSevenYears
            | Self::DieselGasOther => Some(1),
        }
    }
}

coded_enum! {
    /// What must be known about a vehicle to find the rule that applies to it, or how it stands.
    pub enum ApkMissing {
        /// The kind of the vehicle, or its European category.
        Kind => "kind",
        /// The permitted maximum mass.
        MaxMass => "max_mass",
        /// The empty mass, which matters for a three-wheeler.
        EmptyMass => "empty_mass",
        /// The date of first admission.
        FirstAdmission => "first_admission",
        /// The fuel or fuels.
        Fuel => "fuel",
        /// The design speed, which matters for a tractor.
        MaxSpeed => "max_speed",
        /// Until when the last certificate is valid: the vehicle may have one of which no date is known.
        Certificate => "certificate",
        /// Nothing about the vehicle is missing, but no rule is known here for its kind.
        Rule => "rule",
        /// Nothing about the vehicle is missing, but the rules for electric vans of its mass have been changing.
        RuleUncertain => "rule_uncertain",
    }
}

/// The rule that applies to the vehicle on a day, or what must be known to find it.
pub(super) fn rule_on(vehicle: &ApkVehicle, on: Date) -> Result<ApkRule, Vec<ApkMissing>> {
    match vehicle.lifted {
        Some(DutyLift::Suspended) => Ok(ApkRule::Suspended),
        Some(DutyLift::DealerStock) => Ok(ApkRule::DealerStock),
        Some(DutyLift::Exported) => Ok(ApkRule::Exported),
        Some(DutyLift::Foreign) => Ok(ApkRule::Foreign),
        Some(DutyLift::OwnGrounds) => Ok(ApkRule::OwnGrounds),
        None => duty_on(vehicle, on),
    }
}

/// The rule by the vehicle itself, even if its duty is lifted now: this rule says how long a certificate issued that
/// day is valid.
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
        Class::Bus if vehicle.max_mass_kg.is_some_and(|kg| kg <= LIGHT_UNTIL_KG) => Ok(ApkRule::LightBus),
        Class::Bus => Ok(ApkRule::Bus),
        Class::FastTractor => Ok(ApkRule::FastTractor),
        Class::Motor(_) if vehicle.is_taxi() => Ok(ApkRule::Taxi),
        Class::Motor(_) if vehicle.is_ambulance() => Ok(ApkRule::Ambulance),
        Class::Motor(Some(true)) => match vehicle.is_electric_van() {
            None => Err(vec![ApkMissing::Fuel]),
            Some(true) => Err(vec![ApkMissing::RuleUncertain]),
            Some(false) => Ok(ApkRule::HeavyVehicle),
        },
        Class::Motor(Some(false)) => light_on(vehicle, on),
        Class::Motor(None) => Err(vec![ApkMissing::MaxMass]),
    }
}

/// The rule for a car or van up to 3,500 kg, by its age and its fuels.
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
        Class::FastTractor => return Some(add_years(admitted_on, 4)?.max(TRACTORS_SINCE)),
        Class::Motor(_) if vehicle.is_taxi() || vehicle.is_ambulance() => 1,
        Class::Motor(Some(true)) if vehicle.is_electric_van() != Some(false) => return None,
        Class::HeavyTrailer | Class::Bus | Class::Motor(Some(true)) => 1,
        Class::NotSubject(_) | Class::Motor(None) => return None,
        Class::Motor(Some(false)) if admitted_on >= FUEL_COUNTS_FROM && vehicle.petrol_or_electric()? => 4,
        Class::Motor(Some(false)) => 3,
    };
    add_years(admitted_on, years)
}

/// The day on which the vehicle becomes exempt by its age; none for taxis, public transport and buses, which never do.
pub(super) fn exempt_from(vehicle: &ApkVehicle) -> Option<Date> {
    match vehicle.class().ok()? {
        Class::NotSubject(_) | Class::Bus => None,
        Class::HeavyTrailer | Class::FastTractor => Some(()),
        Class::Motor(_) => (!vehicle.is_taxi()).then_some(()),
    }?;
    Some(add_years(vehicle.admitted_on?, 50)?.max(FIFTY_YEARS_SINCE))
}
