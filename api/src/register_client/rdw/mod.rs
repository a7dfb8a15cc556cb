//! RDW Open Data, the Dutch vehicle register: which dataset is asked for what, and how its rows are read.
//!
//! Rows come over HTTP ([`Http`]) or from a folder of the same JSON ([`Folder`]); both are read by the same code. The
//! register knows only Dutch plates, so it is not asked about others.

mod dataset;
mod folder;
mod http;
mod inspection;
mod recall;
mod row;
#[cfg(test)]
mod tests;
mod vehicle;

use super::{AppToken, ByPlate, RegisterError, VehicleRegister};
use dataset::Dataset;
use domain::{
    licence_plate::LicencePlate,
    register::{Inspection, Recall, RegisterData, RegisteredFuel},
    value::Country,
};
use folder::Folder;
use http::Http;
use row::Row;
use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// RDW Open Data at an address. An answer takes `budget` at the most, and it is asked `rate` times a second at the
/// most.
pub(super) fn over_http(
    base: &str,
    token: Option<AppToken>,
    rate: Option<u32>,
    budget: Duration,
) -> Arc<dyn VehicleRegister> {
    Arc::new(Rdw::new(Http::new(base, token, rate), budget))
}

/// The register from a folder. The error says what is wrong with the folder.
pub(super) fn from_folder(path: &Path) -> Result<Arc<dyn VehicleRegister>, String> {
    Ok(Arc::new(Rdw::new(Folder::open(path)?, Duration::ZERO)))
}

/// The register that is built into the program.
pub(super) fn demo() -> Result<Arc<dyn VehicleRegister>, String> {
    Ok(Arc::new(Rdw::new(Folder::demo()?, Duration::ZERO)))
}

/// Where rows come from.
trait Source: Send + Sync {
    /// The rows of a dataset whose key is one of `keys`. The answer comes by `until` at the latest.
    fn rows(&self, dataset: &'static Dataset, keys: &[&str], until: Instant) -> Result<Vec<Row>, RegisterError>;
}

/// The most texts of defects that are kept.
const MOST_TEXTS: usize = 5_000;

/// The register, from one of the sources.
struct Rdw<S> {
    source: S,
    budget: Duration,
    /// The texts of the defect codes that were asked for so far. There are some hundreds, and they hardly change.
    texts: Mutex<HashMap<String, String>>,
}

impl<S: Source> Rdw<S> {
    /// A register from this source. An answer takes `budget` at the most.
    fn new(source: S, budget: Duration) -> Self {
        Self { source, budget, texts: Mutex::default() }
    }

    fn until(&self) -> Instant {
        Instant::now() + self.budget
    }

    /// The rows of each plate. A row for a plate that was not asked for is dropped.
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

    /// The texts of these defect codes. Unknown ones are asked for, and kept.
    fn defect_texts(&self, codes: &BTreeSet<String>, until: Instant) -> Result<HashMap<String, String>, RegisterError> {
        let known = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown: Vec<&str> = {
            let known = known();
            codes.iter().filter(|code| !known.contains_key(*code)).map(String::as_str).collect()
        };
        let told = inspection::texts(&self.ask(&dataset::DEFECT_TEXTS, &unknown, until)?);
        let mut known = known();
        if known.len() > MOST_TEXTS {
            known.clear();
        }
        known.extend(told);
        Ok(codes.iter().filter_map(|code| Some((code.clone(), known.get(code)?.clone()))).collect())
    }

    fn ask(&self, dataset: &'static Dataset, keys: &[&str], until: Instant) -> Result<Vec<Row>, RegisterError> {
        if keys.is_empty() { Ok(vec![]) } else { self.source.rows(dataset, keys, until) }
    }
}

impl<S: Source> VehicleRegister for Rdw<S> {
    fn vehicle(&self, plate: &LicencePlate) -> Result<Option<RegisterData>, RegisterError> {
        let (plates, until) = (Plates::new(std::slice::from_ref(plate)), self.until());
        let Some(row) = self.by_plate(&dataset::VEHICLES, &plates, until)?.remove(plate) else {
            return Ok(None);
        };
        let fuels = self.by_plate(&dataset::FUELS, &plates, until)?.remove(plate).unwrap_or_default();
        Ok(row.first().map(|row| RegisterData { fuels: vehicle::fuels(&fuels), ..vehicle::data(row) }))
    }

    fn vehicles(&self, plates: &[LicencePlate]) -> Result<ByPlate<RegisterData>, RegisterError> {
        let found = self.by_plate(&dataset::VEHICLES, &Plates::new(plates), self.until())?;
        Ok(found.into_iter().filter_map(|(plate, rows)| Some((plate, vehicle::data(rows.first()?)))).collect())
    }

    fn fuels(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<RegisteredFuel>>, RegisterError> {
        let found = self.by_plate(&dataset::FUELS, &Plates::new(plates), self.until())?;
        Ok(found.into_iter().map(|(plate, rows)| (plate, vehicle::fuels(&rows))).collect())
    }

    fn recalls(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<Recall>>, RegisterError> {
        let (plates, until) = (Plates::new(plates), self.until());
        let found = self.by_plate(&dataset::RECALL_STATUS, &plates, until)?;
        let references: BTreeSet<String> = found.values().flatten().filter_map(recall::reference).collect();
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let details = self.ask(&dataset::RECALL_DETAIL, &references, until)?;
        let hazards = self.ask(&dataset::RECALL_HAZARDS, &references, until)?;
        let details = recall::details(&details, &hazards);
        Ok(found.into_iter().map(|(plate, rows)| (plate, recall::recalls(&rows, &details))).collect())
    }

    fn inspections(&self, plates: &[LicencePlate]) -> Result<ByPlate<Vec<Inspection>>, RegisterError> {
        let (plates, until) = (Plates::new(plates), self.until());
        let mut reports = self.by_plate(&dataset::INSPECTIONS, &plates, until)?;
        let mut defects = self.by_plate(&dataset::DEFECTS, &plates, until)?;
        let codes: BTreeSet<String> = defects.values().flatten().filter_map(inspection::code).collect();
        let texts = self.defect_texts(&codes, until)?;
        let found = plates.0.values().filter_map(|plate| {
            let (reports, defects) = (reports.remove(*plate), defects.remove(*plate));
            let (reports, defects) = (reports.unwrap_or_default(), defects.unwrap_or_default());
            let inspections = inspection::inspections(&reports, &defects, &texts);
            (!inspections.is_empty()).then(|| ((*plate).clone(), inspections))
        });
        Ok(found.collect())
    }
}

/// The Dutch plates among those that were asked for, by their number.
struct Plates<'p>(HashMap<&'p str, &'p LicencePlate>);

impl<'p> Plates<'p> {
    fn new(plates: &'p [LicencePlate]) -> Self {
        let dutch = plates.iter().filter(|plate| plate.country() == Country::NL);
        Self(dutch.map(|plate| (plate.number(), plate)).collect())
    }

    /// Sorted, so that the same question is always written in the same way.
    fn numbers(&self) -> Vec<&'p str> {
        let mut numbers: Vec<&str> = self.0.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    fn of(&self, row: &Row) -> Option<&'p LicencePlate> {
        self.0.get(row.raw("kenteken")?).copied()
    }
}
