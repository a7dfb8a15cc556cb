//! The client of the vehicle register, which is asked by licence plate.
//!
//! Its data is public. It is a service of others, which can be slow, be down, or answer nonsense at any time. So it is
//! never asked within a transaction or while a database connection is held, each question has a time limit, and the
//! size and contents of each answer are checked.

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

/// The vehicle register. Its functions block, so call them only on blocking threads or on the thread of the refresh.
pub trait VehicleRegister: Send + Sync {
    /// What the register says about a vehicle, with its fuels; none if it does not know the plate.
    fn vehicle(&self, plate: &LicencePlate) -> Result<Option<RegisterData>, RegisterError>;

    /// The same for many vehicles, without their fuels. If a plate is absent, the register does not know it.
    fn vehicles(&self, plates: &[LicencePlate]) -> Result<ByPlate<RegisterData>, RegisterError>;

    /// The fuels of these vehicles.
    fn fuels(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<RegisteredFuel>>, RegisterError>;

    /// The recalls of these vehicles, with their details and hazards. If a plate is absent, it has none.
    fn recalls(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<Recall>>, RegisterError>;

    /// The inspections of these vehicles, the newest first, with the defects found. If a plate is absent, it has none.
    fn inspections(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<Inspection>>, RegisterError>;
}

/// Values by licence plate.
pub type ByPlate<T> = HashMap<LicencePlate, T>;

/// Why the register gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// The register is switched off.
    #[error("the vehicle register is switched off")]
    Off,
    /// The register is busy, and must not be asked for a while.
    #[error("the vehicle register is busy for {} seconds", retry_after.as_secs())]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The garage asks too often.
    #[error("the garage asks the vehicle register too often")]
    TooOften {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The register cannot be reached, fails, or takes too long.
    #[error("the vehicle register is unavailable: {0}")]
    Unavailable(String),
    /// The answer cannot be read.
    #[error("the vehicle register answered nonsense: {0}")]
    Garbage(String),
    /// The register refuses the question, for instance since a column was renamed or the token is wrong. Asking again
    /// does not help; a person must look into it.
    #[error("the vehicle register refused the question: {0}")]
    Refused(String),
}

impl RegisterError {
    /// The same error, with the name of what was asked.
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
