//! The offsets that platform, chains and garages set, of which the nearest counts (rule RM1).

use super::Offsets;
use crate::{
    coded_enum,
    ids::GarageId,
    value::{ReminderItem, search_key},
};
use std::collections::BTreeMap;

coded_enum! {
    /// Where offsets come from, the farthest level first.
    pub enum OffsetsLevel {
        /// Nobody set any: those of rule RM1 count.
        Default => "default",
        /// The operator, for all garages.
        Platform => "platform",
        /// The operator, for the garages of a chain.
        Chain => "chain",
        /// The garage itself.
        Garage => "garage",
    }
}

/// Whose offsets they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OffsetsOf {
    /// Those of the platform.
    Platform,
    /// Those of a chain, by the [`search_key`] of its name, so that case and accents do not matter.
    Chain(String),
    /// Those of a garage.
    Garage(GarageId),
}

impl OffsetsOf {
    /// The chain of this name.
    pub fn chain(name: &str) -> Self {
        Self::Chain(search_key(name))
    }
}

/// The offsets that were set, of any levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetOffsets(BTreeMap<(OffsetsOf, ReminderItem), Offsets>);

impl SetOffsets {
    /// Puts offsets in place.
    pub fn set(&mut self, of: OffsetsOf, item: ReminderItem, offsets: Offsets) {
        self.0.insert((of, item), offsets);
    }

    /// The offsets that one level sets itself.
    pub fn own(&self, of: OffsetsOf, item: ReminderItem) -> Option<&Offsets> {
        self.0.get(&(of, item))
    }

    /// The offsets of an item that count for a garage of this chain, and the level that they come from: of the levels that
    /// set any, the nearest. The offsets of several levels are never mixed.
    pub fn nearest(&self, garage: GarageId, chain: Option<&str>, item: ReminderItem) -> (OffsetsLevel, Offsets) {
        let levels = [
            (OffsetsLevel::Garage, Some(OffsetsOf::Garage(garage))),
            (OffsetsLevel::Chain, chain.map(OffsetsOf::chain)),
            (OffsetsLevel::Platform, Some(OffsetsOf::Platform)),
        ];
        let mut set = levels.into_iter().filter_map(|(level, of)| Some((level, self.own(of?, item)?.clone())));
        set.next().unwrap_or_else(|| (OffsetsLevel::Default, Offsets::default_of(item)))
    }
}
