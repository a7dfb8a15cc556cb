//! Which register is asked, and how.

use super::{Fuels, RegisterError, VehicleRegister, rdw};
use domain::{
    licence_plate::LicencePlate,
    vehicle_register::{Inspection, Recall, RegisteredVehicle},
};
use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

/// Where RDW Open Data is.
pub const RDW: &str = "https://opendata.rdw.nl/resource";

/// How long the refresh waits for an answer: nobody waits for it, but a server that stops does.
const PATIENT: Duration = Duration::from_secs(15);

/// Where the register is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterAt {
    /// Nowhere: it is switched off.
    Off,
    /// In the program: the cars of the demo garage.
    Demo,
    /// In a folder, a file of rows for each dataset.
    Folder(PathBuf),
    /// At an address, without a slash at the end.
    Http(String),
}

/// The token that lifts the limit which all callers of an address share. Never shown.
#[derive(Clone)]
pub struct AppToken(String);

impl AppToken {
    /// Visible ASCII, as headers take it.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| Self(text.to_owned()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for AppToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AppToken")
    }
}

/// The settings of the register.
#[derive(Clone, Debug)]
pub struct RegisterSettings {
    /// Where it is.
    pub at: RegisterAt,
    /// The token it is asked with.
    pub token: Option<AppToken>,
    /// How long a request of ours may wait for its answer.
    pub timeout: Duration,
    /// How often a second the refresh asks at the most.
    pub rate: u32,
}

impl RegisterSettings {
    /// The register for those who wait for its answer.
    pub fn open(&self) -> Result<Arc<dyn VehicleRegister>, String> {
        self.open_for(self.timeout, None)
    }

    /// The register for the refresh, which is patient and keeps its pace.
    pub fn open_for_refresh(&self) -> Result<Arc<dyn VehicleRegister>, String> {
        self.open_for(PATIENT, Some(self.rate))
    }

    fn open_for(&self, budget: Duration, rate: Option<u32>) -> Result<Arc<dyn VehicleRegister>, String> {
        Ok(match &self.at {
            RegisterAt::Off => Arc::new(Off),
            RegisterAt::Demo => rdw::demo()?,
            RegisterAt::Folder(path) => rdw::from_folder(path)?,
            RegisterAt::Http(base) => rdw::over_http(base, self.token.clone(), rate, budget),
        })
    }
}

/// No register.
struct Off;

impl VehicleRegister for Off {
    fn vehicles(&self, _: &[LicencePlate], _: Fuels) -> Result<Vec<RegisteredVehicle>, RegisterError> {
        Err(RegisterError::Off)
    }

    fn recalls(&self, _: &[LicencePlate]) -> Result<HashMap<LicencePlate, Vec<Recall>>, RegisterError> {
        Err(RegisterError::Off)
    }

    fn inspections(&self, _: &LicencePlate) -> Result<Vec<Inspection>, RegisterError> {
        Err(RegisterError::Off)
    }
}
