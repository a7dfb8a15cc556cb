//! What is shown of a vehicle's plates.

use crate::{licence_plate::wire::Plate, wire::Moment};
use persistence::plates;
use serde::Serialize;
use utoipa::ToSchema;

/// A period in which a vehicle had a plate.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "number": 1,
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "since": "2026-03-01T09:30:00Z",
    "until": null
}))]
pub struct PlatePeriod {
    /// Its number in the vehicle's history, from 1.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub number: i64,
    /// The plate.
    pub licence_plate: Plate,
    /// Since when the garage knew the vehicle by it.
    pub since: Moment,
    /// Until when; null while it lasts.
    pub until: Option<Moment>,
}

impl PlatePeriod {
    /// A period of the vehicle's history.
    pub fn new(period: &plates::PlatePeriod) -> Self {
        Self {
            number: period.number,
            licence_plate: Plate::new(&period.plate),
            since: Moment(period.since),
            until: period.until.map(Moment),
        }
    }
}
