//! What is shown of a car that an account had.

use crate::{
    licence_plate::wire::Plate,
    wire::{Id, Moment},
};
use persistence::former_car;
use serde::Serialize;
use utoipa::ToSchema;

/// A car that the account had and has no longer, as it was then.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a30",
    "licencePlate": { "country": "NL", "number": "X97XXX", "shown": "X-97-XXX" },
    "since": "2026-03-01T09:30:00Z",
    "until": "2026-09-01T09:30:00Z"
}))]
pub struct FormerCar {
    /// The id of the passport in which the account had the car. The passport itself cannot be read with it any more.
    pub id: Id,
    /// The plate that the car had when the account had it last.
    pub licence_plate: Plate,
    /// When the account got the car: as its driver or, for a fleet, into the fleet. If it had the car more than once, the
    /// first time.
    pub since: Moment,
    /// When the account had the car no longer; if it had it more than once, the last time.
    pub until: Moment,
}

impl FormerCar {
    /// A car that an account had.
    pub fn new(car: &former_car::FormerCar) -> Self {
        Self {
            id: Id(car.passport_id.0),
            licence_plate: Plate::new(&car.plate),
            since: Moment(car.since),
            until: Moment(car.until),
        }
    }
}
