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
    /// The number of the period in the vehicle's history, from 1.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub number: i64,
    /// The plate in this period.
    pub licence_plate: Plate,
    /// When the garage recorded the plate for this vehicle.
    pub since: Moment,
    /// When another plate replaced it; null for the present plate.
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
