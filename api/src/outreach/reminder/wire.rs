//! Requests and answers of reminders.

use crate::{
    body, enum_scalars,
    wire::{Member, OffsetDays, Reader},
};
use domain::{
    ids::GarageId,
    reminder::{MAX_OFFSETS, Offsets, OffsetsOf, SetOffsets},
    value::ReminderItem as DomainItem,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

enum_scalars! {
    /// What one is reminded of.
    ReminderItem(DomainItem), "What one is reminded of. Apk: the last day of the APK. Maintenance: the day on which the next work is expected. Offer: the end of the offer of a car. Invitation: the end of a mailed link to activate a passport or an account.";
    /// Where offsets come from.
    OffsetsLevel(domain::reminder::OffsetsLevel), "Where the offsets that count come from, the nearest that sets any. Garage: the garage itself. Chain: the operator, for the garages of its chain. Platform: the operator, for all. Default: nobody, so the usual ones count.";
}

/// The offsets of an item as they are sent.
#[derive(Clone, Debug)]
pub struct SentOffsets(pub Vec<i64>);

impl Member for SentOffsets {
    fn read(value: Value, reader: &mut Reader<'_>) -> Option<Self> {
        let offsets: Vec<OffsetDays> = reader.items(value, 1, MAX_OFFSETS)?;
        Some(Self(offsets.into_iter().map(|OffsetDays(days)| days).collect()))
    }
}

body! {
    /// When people are to be reminded of an item.
    #[schema(example = json!({ "days": [-70, -28, 1] }))]
    pub struct SetReminderOffsets {
        /// The offsets in days from the due day, each once, in any order: negative before it, 0 on the day itself, positive after
        /// it. From 180 days before until 30 days after; of an offer or an invitation until the day itself.
        #[schema(value_type = Vec<OffsetDays>, min_items = 1, max_items = 10)]
        pub days: SentOffsets,
    }
}

/// When people are reminded of an item.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "item": "apk", "days": [-70, -28, 1], "level": "garage", "own": [-70, -28, 1] }))]
pub struct ReminderOffsets {
    /// What they are reminded of.
    pub item: ReminderItem,
    /// The offsets that count, in days from the due day, the earliest first.
    #[schema(min_items = 1, max_items = 10)]
    pub days: Vec<OffsetDays>,
    /// Where they come from.
    pub level: OffsetsLevel,
    /// The offsets that the garage itself set; null when it set none.
    #[schema(min_items = 1, max_items = 10)]
    pub own: Option<Vec<OffsetDays>>,
}

/// When people are reminded, item by item.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "offsets": [
    { "item": "apk", "days": [-70, -28, 1], "level": "garage", "own": [-70, -28, 1] },
    { "item": "maintenance", "days": [-28, 1], "level": "default", "own": null }
] }))]
pub struct AllReminderOffsets {
    /// The offsets of each item.
    #[schema(max_items = 20)]
    pub offsets: Vec<ReminderOffsets>,
}

impl ReminderOffsets {
    /// The offsets of an item for a garage of this chain.
    pub fn new(set: &SetOffsets, garage: GarageId, chain: Option<&str>, item: DomainItem) -> Self {
        let (level, offsets) = set.nearest(garage, chain, item);
        Self {
            item: ReminderItem(item),
            days: offsets.days().map(OffsetDays).collect(),
            level: OffsetsLevel(level),
            own: set.own(OffsetsOf::Garage(garage), item).map(|own: &Offsets| own.days().map(OffsetDays).collect()),
        }
    }
}
