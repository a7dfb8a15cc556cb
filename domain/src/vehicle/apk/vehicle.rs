//! What the APK asks of a vehicle: its kind, its mass, its fuels, its age and its use.

use super::rule::{ApkMissing, ApkRule};
use crate::{Date, coded_enum, passport::Fuel};

/// The greatest maximum mass of a light vehicle, in kilograms (arts. 4(1)(g) and 5: "more than 3,500 kg" is heavy).
pub const LIGHT_UNTIL_KG: i64 = 3_500;

/// The greatest empty mass of a three-wheeler that needs no APK, in kilograms (art. 4(1)(f)).
pub const LIGHT_THREE_WHEELER_UNTIL_KG: i64 = 400;

coded_enum! {
    /// The register's kinds of vehicle (*voertuigsoort*), as far as the APK tells them apart.
    pub enum VehicleKind {
        /// A passenger car (*personenauto*), campers among them.
        Car => "car",
        /// A commercial vehicle (*bedrijfsauto*): van or lorry.
        Commercial => "commercial",
        /// A bus.
        Bus => "bus",
        /// A motorcycle (*motorfiets*).
        Motorcycle => "motorcycle",
        /// A moped (*bromfiets*), in law also the slower kind (*snorfiets*) and the microcar (*brommobiel*).
        Moped => "moped",
        /// A three-wheeled motor vehicle (*driewielig motorrijtuig*).
        ThreeWheeler => "three_wheeler",
        /// A trailer, caravan or semi-trailer (*aanhangwagen*, *oplegger*).
        Trailer => "trailer",
        /// Any other, such as a tractor, whose APK follows from its use and speed: no rule is computed for it.
        Other => "other",
    }
}

coded_enum! {
    /// The European categories (Regulations (EU) 2018/858 and 168/2013) that say what kind a vehicle is.
    pub enum EuCategory {
        /// Passengers, at most eight beside the driver.
        M1 => "M1",
        /// Passengers, more than eight, up to 5,000 kg.
        M2 => "M2",
        /// Passengers, more than eight, over 5,000 kg.
        M3 => "M3",
        /// Goods, up to 3,500 kg.
        N1 => "N1",
        /// Goods, over 3,500 kg up to 12,000 kg.
        N2 => "N2",
        /// Goods, over 12,000 kg.
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
            Self::L5e => VehicleKind::ThreeWheeler,
        }
    }

    /// Whether it is over 3,500 kg, where the category says so.
    fn heavy(self) -> Option<bool> {
        match self {
            Self::N1 | Self::O1 | Self::O2 => Some(false),
            Self::M3 | Self::N2 | Self::N3 | Self::O3 | Self::O4 => Some(true),
            Self::M1 | Self::M2 | Self::L1e | Self::L2e | Self::L3e | Self::L4e | Self::L5e | Self::L6e => None,
        }
    }
}

coded_enum! {
    /// What lifts the duty for the time being, whatever the vehicle.
    pub enum DutyLift {
        /// Its registration is suspended (*geschorst*): it may not be on the road.
        Suspended => "suspended",
        /// It is in the stock of a recognised dealer (*bedrijfsvoorraad*).
        DealerStock => "dealer_stock",
        /// It was exported: the Dutch registration has ended.
        Exported => "exported",
        /// Its plate is of another country: it has no Dutch registration.
        Foreign => "foreign",
    }
}

/// What is known of a vehicle. Whatever is absent is unknown, never "no" by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApkVehicle {
    /// Its kind.
    pub kind: Option<VehicleKind>,
    /// Its European category; it counts where the kind or the maximum mass is unknown.
    pub eu_category: Option<EuCategory>,
    /// Its permitted maximum mass, in kilograms. A car without one counts as light: all but a few campers are.
    pub max_mass_kg: Option<i64>,
    /// Its empty mass, in kilograms; only three-wheelers are asked for it.
    pub empty_mass_kg: Option<i64>,
    /// What it runs on: one fuel, or several for a hybrid; empty when unknown.
    pub fuels: Vec<Fuel>,
    /// Its date of first admission anywhere (*datum eerste toelating*, DET).
    pub admitted_on: Option<Date>,
    /// Whether it is a taxi or a car for public transport (*ov-auto*). Unknown counts as no.
    pub taxi: Option<bool>,
    /// Whether it is an ambulance. Unknown counts as no.
    pub ambulance: Option<bool>,
    /// What lifts the duty now.
    pub lifted: Option<DutyLift>,
}

/// What the law tells apart before it looks at age and fuel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Never subject, by this rule.
    NotSubject(ApkRule),
    /// A trailer over 3,500 kg.
    HeavyTrailer,
    /// A bus.
    Bus,
    /// Any other motor vehicle; whether it is over 3,500 kg, if known.
    Motor(Option<bool>),
}

impl ApkVehicle {
    /// Its class, or what must be known to tell.
    pub(super) fn class(&self) -> Result<Class, Vec<ApkMissing>> {
        match self.kind.or(self.eu_category.map(EuCategory::kind)) {
            None => Err(vec![ApkMissing::Kind]),
            Some(VehicleKind::Other) => Err(vec![]),
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
            Some(VehicleKind::Bus) => Ok(Class::Bus),
            Some(VehicleKind::Car) => Ok(Class::Motor(Some(self.heavy().unwrap_or(false)))),
            Some(VehicleKind::Commercial) => Ok(Class::Motor(self.heavy())),
        }
    }

    fn heavy(&self) -> Option<bool> {
        self.max_mass_kg.map(|kg| kg > LIGHT_UNTIL_KG).or(self.eu_category.and_then(EuCategory::heavy))
    }

    pub(super) fn is_taxi(&self) -> bool {
        self.taxi == Some(true)
    }

    pub(super) fn is_ambulance(&self) -> bool {
        self.ambulance == Some(true)
    }

    /// Whether it burns nothing but petrol or alcohol, if anything; unknown without fuels. Hydrogen is not told apart
    /// from gas here, which at worst computes a date too early until the register gives its own.
    pub(super) fn petrol_or_electric(&self) -> Option<bool> {
        let fits = |fuel: &Fuel| match fuel {
            Fuel::Petrol | Fuel::Electric | Fuel::HybridPetrol | Fuel::Alcohol => true,
            Fuel::Diesel | Fuel::HybridDiesel | Fuel::Lpg | Fuel::Cng | Fuel::Hydrogen | Fuel::Other => false,
        };
        (!self.fuels.is_empty()).then(|| self.fuels.iter().all(fits))
    }
}
