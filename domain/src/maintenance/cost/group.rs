//! The groups of records from which prices are learned, and when a group may tell anything (rule EC2).

use crate::coded_enum;

/// A group has at least this many records.
pub const MIN_RECORDS: usize = 10;
/// A garage's own group has records of at least this many cars.
pub const MIN_CARS: usize = 5;
/// A group across garages has records of at least this many of them.
pub const MIN_GARAGES: usize = 3;

coded_enum! {
    /// Which records form a group, the nearest to the car first.
    pub enum GroupLevel {
        /// This garage, and this model.
        GarageModel => "garage_model",
        /// This garage, and this class of car.
        GarageClass => "garage_class",
        /// The garages of this chain, and this model.
        ChainModel => "chain_model",
        /// The garages of this country, and this model.
        CountryModel => "country_model",
        /// The garages of this country, and this class of car.
        CountryClass => "country_class",
        /// The garages of this country.
        Country => "country",
    }
}

/// How large a group is, counted without the records of the garage that asks if it is a group across garages.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GroupSize {
    /// The number of records.
    pub records: usize,
    /// The number of cars.
    pub cars: usize,
    /// The number of garages.
    pub garages: usize,
    /// The greatest part of the weight that one garage has, from 0 to 1.
    pub greatest_part: f64,
}

impl GroupLevel {
    /// Whether the group is of one garage only.
    pub const fn is_own(self) -> bool {
        match self {
            Self::GarageModel | Self::GarageClass => true,
            Self::ChainModel | Self::CountryModel | Self::CountryClass | Self::Country => false,
        }
    }

    /// Whether a group of this size may tell anything. One with less tells nothing, not even that it exists.
    pub fn is_enough(self, size: &GroupSize) -> bool {
        let has_records = size.records >= MIN_RECORDS;
        if self.is_own() {
            has_records && size.cars >= MIN_CARS
        } else {
            has_records && size.garages >= MIN_GARAGES && size.greatest_part <= 0.5
        }
    }
}
