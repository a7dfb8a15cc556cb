//! Which register is asked, and how.

use super::{ByPlate, RegisterError, VehicleRegister, rdw};
use domain::{
    licence_plate::LicencePlate,
    register::{Inspection, Recall, RegisterData, RegisteredFuel},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Where RDW Open Data is.
pub const RDW: &str = "https://opendata.rdw.nl/resource";

/// How long the refresh waits for an answer, which may be several pages at its pace: nobody waits for it, but a server
/// that stops does.
const PATIENT: Duration = Duration::from_secs(30);

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
    /// The register for those who wait for its answer, and that for the refresh, which is patient and keeps its pace.
    pub fn open(&self) -> Result<Registers, String> {
        let same = |register: Arc<dyn VehicleRegister>| Registers { prompt: Arc::clone(&register), patient: register };
        Ok(match &self.at {
            RegisterAt::Off => same(Arc::new(Off)),
            RegisterAt::Demo => same(rdw::demo()?),
            RegisterAt::Folder(path) => same(rdw::from_folder(path)?),
            RegisterAt::Http(base) => Registers {
                prompt: rdw::over_http(base, self.token.clone(), None, self.timeout),
                patient: rdw::over_http(base, self.token.clone(), Some(self.rate), PATIENT),
            },
        })
    }
}

/// The register, twice.
pub struct Registers {
    /// For those who wait for its answer.
    pub prompt: Arc<dyn VehicleRegister>,
    /// For the refresh.
    pub patient: Arc<dyn VehicleRegister>,
}

/// No register.
struct Off;

impl VehicleRegister for Off {
    fn vehicle(&self, _: &LicencePlate) -> Result<Option<RegisterData>, RegisterError> {
        Err(RegisterError::Off)
    }

    fn vehicles(&self, _: &[LicencePlate]) -> Result<ByPlate<RegisterData>, RegisterError> {
        Err(RegisterError::Off)
    }

    fn fuels(&self, _: &[LicencePlate]) -> Result<ByPlate<Vec<RegisteredFuel>>, RegisterError> {
        Err(RegisterError::Off)
    }

    fn recalls(&self, _: &[LicencePlate]) -> Result<ByPlate<Vec<Recall>>, RegisterError> {
        Err(RegisterError::Off)
    }

    fn inspections(&self, _: &[LicencePlate]) -> Result<ByPlate<Vec<Inspection>>, RegisterError> {
        Err(RegisterError::Off)
    }
}
