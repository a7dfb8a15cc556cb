//! The register from a folder with the same JSON, for the demo, for garages without a network, and for tests. Each
//! dataset has a file `<id>.json`, an array of rows. The files are read completely, once.

use super::{
    Source,
    dataset::{self, Dataset},
    row::{Row, Rows},
};
use crate::register_client::RegisterError;
use std::{collections::HashMap, fs::File, io::Read, path::Path, time::Instant};

/// The most bytes in a file.
const MAX_FILE: u64 = 256 * 1024 * 1024;
/// The most rows in a file.
const MAX_ROWS: usize = 2_000_000;

/// Rows by dataset and key.
pub(super) struct Folder(HashMap<&'static str, HashMap<String, Vec<Row>>>);

/// The rows that are built into the program: the cars of the demo garage.
const DEMO: [(&str, &str); 8] = [
    ("m9d7-ebf2", include_str!("../../../demo/vehicle-register/m9d7-ebf2.json")),
    ("8ys7-d773", include_str!("../../../demo/vehicle-register/8ys7-d773.json")),
    ("sgfe-77wx", include_str!("../../../demo/vehicle-register/sgfe-77wx.json")),
    ("a34c-vvps", include_str!("../../../demo/vehicle-register/a34c-vvps.json")),
    ("hx2c-gt7k", include_str!("../../../demo/vehicle-register/hx2c-gt7k.json")),
    ("t49b-isb7", include_str!("../../../demo/vehicle-register/t49b-isb7.json")),
    ("j9yg-7rg9", include_str!("../../../demo/vehicle-register/j9yg-7rg9.json")),
    ("9ihi-jgpf", include_str!("../../../demo/vehicle-register/9ihi-jgpf.json")),
];

impl Folder {
    /// Reads a folder. The error names the file and the row. Any dataset may be absent, except the vehicles.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let mut datasets = HashMap::new();
        for dataset in dataset::ALL {
            let file = path.join(format!("{}.json", dataset.id));
            let named = |error: String| format!("{}: {error}", file.display());
            match read_bounded(&file) {
                Ok(json) => {
                    datasets.insert(dataset.id, read(dataset, &json).map_err(named)?);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && dataset.id != dataset::VEHICLES.id => {}
                Err(error) => return Err(named(error.to_string())),
            }
        }
        Ok(Self(datasets))
    }

    /// The rows that are built into the program.
    pub(super) fn demo() -> Result<Self, String> {
        let read_one = |dataset: &'static Dataset| {
            let (_, json) = DEMO.iter().find(|(id, _)| *id == dataset.id).copied().unwrap_or(("", "[]"));
            let rows = read(dataset, json.as_bytes()).map_err(|error| format!("{}: {error}", dataset.id))?;
            Ok((dataset.id, rows))
        };
        dataset::ALL.into_iter().map(read_one).collect::<Result<_, String>>().map(Self)
    }
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut json = Vec::new();
    let read = File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut json)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_FILE) {
        return Err(std::io::Error::other(format!("has more than {MAX_FILE} bytes")));
    }
    Ok(json)
}

fn read(dataset: &'static Dataset, json: &[u8]) -> Result<HashMap<String, Vec<Row>>, String> {
    let rows = Rows { columns: dataset.columns, most: MAX_ROWS }.read(json).map_err(|error| error.to_string())?;
    let mut by_key: HashMap<String, Vec<Row>> = HashMap::new();
    for (row, number) in rows.into_iter().zip(1..) {
        let key = row.raw(dataset.key).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| format!("row {number} has no {}", dataset.key))?.to_owned();
        by_key.entry(key).or_default().push(row);
    }
    Ok(by_key)
}

impl Source for Folder {
    fn rows(&self, dataset: &'static Dataset, keys: &[&str], _: Instant) -> Result<Vec<Row>, RegisterError> {
        let Some(rows) = self.0.get(dataset.id) else {
            return Ok(vec![]);
        };
        Ok(keys.iter().filter_map(|key| rows.get(*key)).flatten().cloned().collect())
    }
}
