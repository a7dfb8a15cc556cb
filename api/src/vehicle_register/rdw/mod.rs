//! RDW Open Data, the Dutch vehicle register: what is asked of which dataset, and what its rows say.
//!
//! Rows come over HTTP ([`Http`]) or from a folder of the same JSON ([`Folder`]); both are read by the same code. The
//! register knows Dutch plates alone: others are not asked.

mod dataset;
mod folder;
mod http;
mod inspection;
mod recall;
mod row;
#[cfg(test)]
mod tests;
mod vehicle;

use super::{AppToken, Fuels, RegisterError, VehicleRegister};
use dataset::Dataset;
use domain::{
    licence_plate::LicencePlate,
    value::Country,
    vehicle_register::{Inspection, Recall, RegisteredVehicle},
};
use folder::Folder;
use http::Http;
use row::Row;
use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// RDW Open Data at an address. Answers take `budget` at the most; it is asked `rate` times a second at the most.
pub(super) fn over_http(
    base: &str,
    token: Option<AppToken>,
    rate: Option<u32>,
    budget: Duration,
) -> Arc<dyn VehicleRegister> {
    Arc::new(Rdw::new(Http::new(base, token, rate), budget))
}

/// The register from a folder; the error says what is wrong with it.
pub(super) fn from_folder(path: &Path) -> Result<Arc<dyn VehicleRegister>, String> {
    Ok(Arc::new(Rdw::new(Folder::open(path)?, Duration::ZERO)))
}

/// The register that comes with the program.
pub(super) fn demo() -> Result<Arc<dyn VehicleRegister>, String> {
    Ok(Arc::new(Rdw::new(Folder::demo()?, Duration::ZERO)))
}

/// Where rows come from.
trait Source: Send + Sync {
    /// The rows of a dataset whose key is one of `keys`, by `until` at the latest.
    fn rows(&self, dataset: &'static Dataset, keys: &[&str], until: Instant) -> Result<Vec<Row>, RegisterError>;
}

/// The register, from one of the sources.
struct Rdw<S> {
    source: S,
    budget: Duration,
}

impl<S: Source> Rdw<S> {
    /// A register whose answers take `budget` at the most.
    fn new(source: S, budget: Duration) -> Self {
        Self { source, budget }
    }

    fn until(&self) -> Instant {
        Instant::now() + self.budget
    }

    /// The rows of each plate. A row of a plate that was not asked for is dropped.
    fn by_plate(
        &self,
        dataset: &'static Dataset,
        plates: &Plates<'_>,
        until: Instant,
    ) -> Result<HashMap<LicencePlate, Vec<Row>>, RegisterError> {
        let mut found: HashMap<LicencePlate, Vec<Row>> = HashMap::new();
        for row in self.ask(dataset, &plates.numbers(), until)? {
            if let Some(plate) = plates.of(&row) {
                found.entry(plate.clone()).or_default().push(row);
            }
        }
        Ok(found)
    }

    fn ask(&self, dataset: &'static Dataset, keys: &[&str], until: Instant) -> Result<Vec<Row>, RegisterError> {
        if keys.is_empty() { Ok(vec![]) } else { self.source.rows(dataset, keys, until) }
    }
}

impl<S: Source> VehicleRegister for Rdw<S> {
    fn vehicles(&self, plates: &[LicencePlate], fuels: Fuels) -> Result<Vec<RegisteredVehicle>, RegisterError> {
        let (plates, until) = (Plates::new(plates), self.until());
        let found = self.by_plate(&dataset::VEHICLES, &plates, until)?;
        let fuels = match fuels {
            Fuels::Asked => self.by_plate(&dataset::FUELS, &plates.only(&found), until)?,
            Fuels::LeftOut => HashMap::new(),
        };
        let vehicle = |(plate, rows): (LicencePlate, Vec<Row>)| {
            let data = vehicle::data(rows.first()?, fuels.get(&plate).map_or(&[], Vec::as_slice));
            Some(RegisteredVehicle { plate, data })
        };
        Ok(found.into_iter().filter_map(vehicle).collect())
    }

    fn recalls(&self, plates: &[LicencePlate]) -> Result<HashMap<LicencePlate, Vec<Recall>>, RegisterError> {
        let (plates, until) = (Plates::new(plates), self.until());
        let found = self.by_plate(&dataset::RECALL_STATUS, &plates, until)?;
        let references: BTreeSet<String> = found.values().flatten().filter_map(recall::reference).collect();
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let details = self.ask(&dataset::RECALL_DETAIL, &references, until)?;
        let hazards = self.ask(&dataset::RECALL_HAZARDS, &references, until)?;
        let details = recall::details(&details, &hazards);
        Ok(found.into_iter().map(|(plate, rows)| (plate, recall::recalls(&rows, &details))).collect())
    }

    fn inspections(&self, plate: &LicencePlate) -> Result<Vec<Inspection>, RegisterError> {
        let (plates, until) = (Plates::new(std::slice::from_ref(plate)), self.until());
        let reports = self.by_plate(&dataset::INSPECTIONS, &plates, until)?.remove(plate).unwrap_or_default();
        let defects = self.by_plate(&dataset::DEFECTS, &plates, until)?.remove(plate).unwrap_or_default();
        let codes: BTreeSet<String> = defects.iter().filter_map(inspection::code).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let texts = inspection::texts(&self.ask(&dataset::DEFECT_TEXTS, &codes, until)?);
        Ok(inspection::inspections(&reports, &defects, &texts))
    }
}

/// The Dutch plates among those that were asked for, by their number.
struct Plates<'p>(HashMap<&'p str, &'p LicencePlate>);

impl<'p> Plates<'p> {
    fn new(plates: &'p [LicencePlate]) -> Self {
        let dutch = plates.iter().filter(|plate| plate.country() == Country::NL);
        Self(dutch.map(|plate| (plate.number(), plate)).collect())
    }

    /// In one order, so that the same question is always written the same way.
    fn numbers(&self) -> Vec<&'p str> {
        let mut numbers: Vec<&str> = self.0.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    fn of(&self, row: &Row) -> Option<&'p LicencePlate> {
        self.0.get(row.raw("kenteken")?).copied()
    }

    fn only<T>(&self, found: &HashMap<LicencePlate, T>) -> Self {
        Self(self.0.iter().filter(|(_, plate)| found.contains_key(plate)).map(|(n, p)| (*n, *p)).collect())
    }
}
