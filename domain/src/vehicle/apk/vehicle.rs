//! What must be known about a vehicle to assess its APK: its kind, mass, fuels, age and use.

use super::rule::{ApkMissing, ApkRule};
use crate::{Date, coded_enum, passport::Fuel};

/// The greatest maximum mass of a light vehicle, in kilograms (arts. 4(1)(g) and 5: "more than 3,500 kg" is heavy).
pub const LIGHT_UNTIL_KG: i64 = 3_500;

/// The greatest empty mass of a three-wheeler that needs no APK, in kilograms (art. 4(1)(f)).
pub const LIGHT_THREE_WHEELER_UNTIL_KG: i64 = 400;

/// The greatest design speed of a tractor that needs no APK, in metres per hour.
pub const SLOW_TRACTOR_UNTIL_M_PER_H: i64 = 40_000;

/// The greatest maximum mass of an electric van for which the rules of light vans may hold, in kilograms.
pub const ELECTRIC_VAN_UNTIL_KG: i64 = 4_250;

coded_enum! {
    /// The kind of a vehicle in the register (*voertuigsoort*), as detailed as the APK needs.
    pub enum VehicleKind {
        /// A passenger car (*personenauto*); also a camper.
        Car => "car",
        /// A commercial vehicle (*bedrijfsauto*): a van or a lorry.
        Commercial => "commercial",
        /// A bus.
        Bus => "bus",
        /// A motorcycle (*motorfiets*).
        Motorcycle => "motorcycle",
        /// A moped (*bromfiets*); in law also the slower kind (*snorfiets*) and the microcar (*brommobiel*).
        Moped => "moped",
        /// A three-wheeled motor vehicle (*driewielig motorrijtuig*); in law also a heavy quadricycle.
        ThreeWheeler => "three_wheeler",
        /// A trailer, caravan or semi-trailer (*aanhangwagen*, *oplegger*).
        Trailer => "trailer",
        /// A tractor for agriculture or forestry (*land- of bosbouwtrekker*), whose APK depends on its speed and its use.
        Tractor => "tractor",
        /// A motor vehicle of limited speed (*motorrijtuig met beperkte snelheid*, MMBS).
        LimitedSpeed => "limited_speed",
        /// A mobile machine (*mobiele machine*).
        MobileMachine => "mobile_machine",
        /// A trailer for agriculture or forestry, or equipment that is towed (*land- of bosbouwaanhangwagen*).
        AgriculturalTrailer => "agricultural_trailer",
        /// Any other vehicle. No rule is known here for it.
        Other => "other",
    }
}

coded_enum! {
    /// The European categories (Regulations (EU) 2018/858 and 168/2013) that say what kind a vehicle is.
    pub enum EuCategory {
        /// For passengers: at most eight seats beside the driver's.
        M1 => "M1",
        /// For passengers: more than eight seats beside the driver's, up to 5,000 kg.
        M2 => "M2",
        /// For passengers: more than eight seats beside the driver's, over 5,000 kg.
        M3 => "M3",
        /// For goods, up to 3,500 kg.
        N1 => "N1",
        /// For goods, over 3,500 kg up to 12,000 kg.
        N2 => "N2",
        /// For goods, over 12,000 kg.
        N3 => "N3",
        /// Trailer up to 750 kg.
        O1 => "O1",
        /// Trailer over 750 kg up to 3,500 kg.
        O2 => "O2",
        /// Trailer over 3,500 kg up to 10,000 kg.
        O3 => "O3",
        /// Trailer over 10,000 kg.
        O4 => "O4",
        /// Light moped on two wheels.
        L1e => "L1e",
        /// Moped on three wheels.
        L2e => "L2e",
        /// Motorcycle.
        L3e => "L3e",
        /// Motorcycle with sidecar.
        L4e => "L4e",
        /// Powered tricycle.
        L5e => "L5e",
        /// Light quadricycle.
        L6e => "L6e",
        /// Heavy quadricycle.
        L7e => "L7e",
    }
}

impl EuCategory {
    fn kind(self) -> VehicleKind {
        match self {
            Self::M1 => VehicleKind::Car,
            Self::M2 | Self::M3 => VehicleKind::Bus,
            Self::N1 | Self::N2 | Self::N3 => VehicleKind::Commercial,
            Self::O1 | Self::O2 | Self::O3 | Self::O4 => VehicleKind::Trailer,
            Self::L1e | Self::L2e | Self::L6e => VehicleKind::Moped,
            Self::L3e | Self::L4e => VehicleKind::Motorcycle,
            // In Dutch law a heavy quadricycle is a three-wheeler with a wheel more.
            Self::L5e | Self::L7e => VehicleKind::ThreeWheeler,
        }
    }

    /// Whether vehicles of this category are over 3,500 kg; none if the category does not say.
    fn heavy(self) -> Option<bool> {
        match self {
            Self::N1 | Self::O1 | Self::O2 => Some(false),
            Self::M3 | Self::N2 | Self::N3 | Self::O3 | Self::O4 => Some(true),
            Self::M1 | Self::M2 | Self::L1e | Self::L2e | Self::L3e | Self::L4e | Self::L5e | Self::L6e | Self::L7e => {
                None
            }
        }
    }
}

coded_enum! {
    /// Why a vehicle, whatever its kind, needs no APK for the time being.
    pub enum DutyLift {
        /// Its registration is suspended (*geschorst*): it may not be on the road.
        Suspended => "suspended",
        /// It is in the stock of a recognised dealer (*bedrijfsvoorraad*).
        DealerStock => "dealer_stock",
        /// It was exported, so its Dutch registration has ended.
        Exported => "exported",
        /// It has a plate of another country, so no Dutch registration.
        Foreign => "foreign",
        /// It is a tractor that is used for farming, growing, forestry or fishing, mainly on its own grounds.
        OwnGrounds => "own_grounds",
    }
}

/// What is known about a vehicle. An absent value means "unknown", never "no".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApkVehicle {
    /// Its kind.
    pub kind: Option<VehicleKind>,
    /// Its European category; it is used when the kind or the maximum mass is unknown.
    pub eu_category: Option<EuCategory>,
    /// Its permitted maximum mass, in kilograms. A car without one counts as light, as all cars are except a few
    /// campers.
    pub max_mass_kg: Option<i64>,
    /// Its empty mass, in kilograms; it matters for three-wheelers only.
    pub empty_mass_kg: Option<i64>,
    /// Its design speed, in metres per hour; it matters for tractors only.
    pub max_speed_m_per_h: Option<i64>,
    /// Whether it moves on tracks; it matters for tractors only. Unknown counts as no.
    pub on_tracks: Option<bool>,
    /// Its fuels: one, or several for a hybrid; empty when unknown.
    pub fuels: Vec<Fuel>,
    /// Its date of first admission anywhere (*datum eerste toelating*, DET).
    pub admitted_on: Option<Date>,
    /// Whether it is a taxi or a car for public transport (*ov-auto*). Unknown counts as no.
    pub taxi: Option<bool>,
    /// Whether it is an ambulance. Unknown counts as no.
    pub ambulance: Option<bool>,
    /// Why it needs no APK now, if there is such a reason.
    pub lifted: Option<DutyLift>,
}

/// The classes of vehicles in the law, before age and fuel matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Never needs an APK, by this rule.
    NotSubject(ApkRule),
    /// A trailer over 3,500 kg.
    HeavyTrailer,
    /// A bus.
    Bus,
    /// A tractor on wheels that is designed for more than 40 km/h.
    FastTractor,
    /// Any other motor vehicle, and whether it is over 3,500 kg, if known.
    Motor(Option<bool>),
}

impl ApkVehicle {
    /// The vehicle's class, or what must be known to find it.
    pub(super) fn class(&self) -> Result<Class, Vec<ApkMissing>> {
        match self.kind.or(self.eu_category.map(EuCategory::kind)) {
            None => Err(vec![ApkMissing::Kind]),
            Some(VehicleKind::Other) => Err(vec![ApkMissing::Rule]),
            Some(VehicleKind::Motorcycle) => Ok(Class::NotSubject(ApkRule::Motorcycle)),
            Some(VehicleKind::Moped) => Ok(Class::NotSubject(ApkRule::Moped)),
            Some(VehicleKind::ThreeWheeler) => match self.empty_mass_kg {
                None => Err(vec![ApkMissing::EmptyMass]),
                Some(kg) if kg <= LIGHT_THREE_WHEELER_UNTIL_KG => Ok(Class::NotSubject(ApkRule::LightThreeWheeler)),
                Some(_) => Ok(Class::Motor(Some(false))),
            },
            Some(VehicleKind::Trailer) => match self.heavy() {
                None => Err(vec![ApkMissing::MaxMass]),
                Some(false) => Ok(Class::NotSubject(ApkRule::LightTrailer)),
                Some(true) => Ok(Class::HeavyTrailer),
            },
            Some(VehicleKind::LimitedSpeed) => Ok(Class::NotSubject(ApkRule::LimitedSpeed)),
            Some(VehicleKind::MobileMachine) => Ok(Class::NotSubject(ApkRule::MobileMachine)),
            Some(VehicleKind::AgriculturalTrailer) => Ok(Class::NotSubject(ApkRule::AgriculturalTrailer)),
            Some(VehicleKind::Tractor) if self.on_tracks == Some(true) => {
                Ok(Class::NotSubject(ApkRule::TrackedTractor))
            }
            Some(VehicleKind::Tractor) => match self.max_speed_m_per_h {
                None => Err(vec![ApkMissing::MaxSpeed]),
                Some(speed) if speed <= SLOW_TRACTOR_UNTIL_M_PER_H => Ok(Class::NotSubject(ApkRule::SlowTractor)),
                Some(_) => Ok(Class::FastTractor),
            },
            Some(VehicleKind::Bus) => Ok(Class::Bus),
            Some(VehicleKind::Car) => Ok(Class::Motor(Some(self.heavy().unwrap_or(false)))),
            Some(VehicleKind::Commercial) => Ok(Class::Motor(self.heavy())),
        }
    }

    fn heavy(&self) -> Option<bool> {
        self.max_mass_kg.map(|kg| kg > LIGHT_UNTIL_KG).or(self.eu_category.and_then(EuCategory::heavy))
    }

    /// Whether it is a van of 3,501 to 4,250 kg that runs on electricity alone, for which the rules have been changing; none
    /// when it has that mass and its fuels are unknown.
    pub(super) fn is_electric_van(&self) -> Option<bool> {
        let is_van = self.kind.or(self.eu_category.map(EuCategory::kind)) == Some(VehicleKind::Commercial);
        let has_mass = |kg: i64| (LIGHT_UNTIL_KG + 1..=ELECTRIC_VAN_UNTIL_KG).contains(&kg);
        if !is_van || !self.max_mass_kg.is_some_and(has_mass) {
            return Some(false);
        }
        (!self.fuels.is_empty()).then(|| self.fuels.iter().all(|fuel| *fuel == Fuel::Electric))
    }

    pub(super) fn is_taxi(&self) -> bool {
        self.taxi == Some(true)
    }

    pub(super) fn is_ambulance(&self) -> bool {
        self.ambulance == Some(true)
    }

    /// Whether it has no other fuels than petrol, alcohol and electricity; none when its fuels are unknown. Hydrogen
    /// counts as gas here. At worst that gives a date that is too early, until the register gives its own.
    pub(super) fn petrol_or_electric(&self) -> Option<bool> {
        let fits = |fuel: &Fuel| match fuel {
            Fuel::Petrol | Fuel::Electric | Fuel::HybridPetrol | Fuel::Alcohol => true,
            Fuel::Diesel | Fuel::HybridDiesel | Fuel::Lpg | Fuel::Cng | Fuel::Hydrogen | Fuel::Other => false,
        };
        (!self.fuels.is_empty()).then(|| self.fuels.iter().all(fits))
    }
}
