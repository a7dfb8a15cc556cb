//! Which register is asked, and how.

use super::{ByPlate, RegisterError, VehicleRegister, rdw};
use domain::{
    licence_plate::LicencePlate,
    register::{Inspection, Recall, RegisterData, RegisteredFuel},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// The address of RDW Open Data.
pub const RDW: &str = "https://opendata.rdw.nl/resource";

/// How long the refresh waits for an answer, which may have several pages. No person waits for it, but a server that is
/// stopping does.
const PATIENT: Duration = Duration::from_secs(30);

/// Which register is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterAt {
    /// None: the register is switched off.
    Off,
    /// The register that is built into the program: the cars of the demo garage.
    Demo,
    /// A folder with a file of rows for each dataset.
    Folder(PathBuf),
    /// A URL, without a slash at the end.
    Http(String),
}

/// The app token. With it, the limit that all programs at one network address share does not apply. It is never shown.
#[derive(Clone)]
pub struct AppToken(String);

impl AppToken {
    /// Parses a token, which must be visible ASCII, since it is sent in a header.
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
    /// Which register is used.
    pub at: RegisterAt,
    /// The app token, if there is one.
    pub token: Option<AppToken>,
    /// How long one of our requests waits for its answer at the most.
    pub timeout: Duration,
    /// The most questions a second from the refresh.
    pub rate: u32,
}

impl RegisterSettings {
    /// Makes the two clients: one for requests, and one for the refresh, which has a longer time limit and a limited
    /// rate.
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

/// The two clients of the register.
pub struct Registers {
    /// The client for requests, with a short time limit.
    pub prompt: Arc<dyn VehicleRegister>,
    /// The client for the refresh, with a long time limit and a limited rate.
    pub patient: Arc<dyn VehicleRegister>,
}

/// The register when it is switched off.
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
