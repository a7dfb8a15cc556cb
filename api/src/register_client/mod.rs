//! The vehicle register, asked by licence plate.
//!
//! What it tells is public. It is a service of others: slow, down, or saying nonsense at any time. So it is never asked
//! within a transaction or while a connection is held, each question has a budget, and whatever it answers is bounded
//! and read with suspicion.

mod lookups;
mod rdw;
mod settings;

pub use lookups::Lookups;
pub use settings::{AppToken, RDW, RegisterAt, RegisterSettings};

use crate::problem::{Code, Problem};
use domain::{
    licence_plate::LicencePlate,
    register::{Inspection, Recall, RegisterData, RegisteredFuel},
};
use std::{collections::HashMap, time::Duration};

/// The vehicle register. Sync: it is called on blocking threads and that of the refresh.
pub trait VehicleRegister: Send + Sync {
    /// What the register tells of a vehicle, with what it runs on; none when it does not know the plate.
    fn vehicle(&self, plate: &LicencePlate) -> Result<Option<RegisterData>, RegisterError>;

    /// The same of many, without what they run on; a plate that is absent is not known.
    fn vehicles(&self, plates: &[LicencePlate]) -> Result<ByPlate<RegisterData>, RegisterError>;

    /// What these vehicles run on.
    fn fuels(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<RegisteredFuel>>, RegisterError>;

    /// The recalls of these vehicles, with their detail and hazards. A plate that is absent has none.
    fn recalls(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<Recall>>, RegisterError>;

    /// The inspections of these vehicles, the newest first, with the defects found. A plate that is absent has none.
    fn inspections(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<Inspection>>, RegisterError>;
}

/// Something of each vehicle, by its plate.
pub type ByPlate<T> = HashMap<LicencePlate, T>;

/// Why the register gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// It is switched off.
    #[error("the vehicle register is switched off")]
    Off,
    /// It asks to be left alone for a while.
    #[error("the vehicle register is busy for {} seconds", retry_after.as_secs())]
    Busy {
        /// For how long.
        retry_after: Duration,
    },
    /// The garage asks it too often.
    #[error("the garage asks the vehicle register too often")]
    TooOften {
        /// How long to wait.
        retry_after: Duration,
    },
    /// It cannot be reached, fails, or takes too long.
    #[error("the vehicle register is unavailable: {0}")]
    Unavailable(String),
    /// What it answered cannot be read.
    #[error("the vehicle register answered nonsense: {0}")]
    Garbage(String),
    /// It does not take the question: a column was renamed, the token is wrong. Asking again does not help; someone has
    /// to look.
    #[error("the vehicle register refused the question: {0}")]
    Refused(String),
}

impl RegisterError {
    /// The same, naming what was asked.
    fn about(self, what: &str) -> Self {
        match self {
            Self::Off | Self::Busy { .. } | Self::TooOften { .. } => self,
            Self::Unavailable(reason) => Self::Unavailable(format!("{what}: {reason}")),
            Self::Garbage(reason) => Self::Garbage(format!("{what}: {reason}")),
            Self::Refused(reason) => Self::Refused(format!("{what}: {reason}")),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        let whole = |wait: &Duration| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
        let seconds = match &error {
            RegisterError::Off => return Code::VehicleRegisterOff.into(),
            RegisterError::TooOften { retry_after } => {
                return Self::new(Code::TooManyRequests)
                    .because(&error.to_string())
                    .retry_after(whole(retry_after) + 1);
            }
            RegisterError::Busy { retry_after } => whole(retry_after).max(1),
            RegisterError::Unavailable(_) => 5,
            RegisterError::Garbage(_) | RegisterError::Refused(_) => 60,
        };
        Self::new(Code::VehicleRegisterUnavailable).because(&error.to_string()).retry_after(seconds)
    }
}
