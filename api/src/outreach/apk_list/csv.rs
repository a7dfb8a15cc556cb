//! The list as a file for spreadsheets (RFC 4180), and as a Dutch Excel reads it: with a byte order mark, without which it
//! shows `ë` as two characters, and with semicolons, since it takes the comma for the decimal sign.

use super::wire::ApkListCar;
use crate::problem::Problem;
use domain::{apk_mailing::csv_cell, value::Language};

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    /// Whether it is for a Dutch Excel.
    pub(super) excel: bool,
    /// The language of its headings and of the reasons.
    pub(super) language: Language,
}

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

const DUTCH: [&str; 13] = [
    "kenteken",
    "merk",
    "model",
    "apk verloopt op",
    "klant",
    "e-mail",
    "mobiel",
    "akkoord met aanbiedingen",
    "laatste bezoek",
    "gemaild op",
    "waarom niet te mailen",
    "klant-id",
    "paspoort-id",
];
const ENGLISH: [&str; 13] = [
    "plate",
    "make",
    "model",
    "apk expires on",
    "customer",
    "e-mail",
    "mobile",
    "agreed to promotions",
    "last visit",
    "mailed at",
    "why not mailable",
    "customer id",
    "passport id",
];

impl Style {
    /// How the file begins: with its headings.
    pub(super) fn begin(self) -> Result<Vec<u8>, Problem> {
        let headings = match self.language {
            Language::Dutch => DUTCH,
            Language::English => ENGLISH,
        };
        let mut begun = if self.excel { BYTE_ORDER_MARK.to_vec() } else { vec![] };
        begun.extend(self.written([headings.map(str::to_owned)])?);
        Ok(begun)
    }

    /// The lines of cars.
    pub(super) fn lines(self, cars: Vec<ApkListCar>) -> Result<Vec<u8>, Problem> {
        self.written(cars.into_iter().map(|car| self.cells(&car)))
    }

    fn cells(self, car: &ApkListCar) -> [String; 13] {
        let customer = car.customer.as_ref();
        let agreed = match (customer.map(|customer| customer.accepts_promotions), self.language) {
            (None, _) => "",
            (Some(true), Language::Dutch) => "ja",
            (Some(false), Language::Dutch) => "nee",
            (Some(true), Language::English) => "yes",
            (Some(false), Language::English) => "no",
        };
        let day = |day: Option<domain::Date>| day.map(|day| day.to_string()).unwrap_or_default();
        [
            car.plate.clone(),
            car.make.clone().unwrap_or_default(),
            car.model.clone().unwrap_or_default(),
            day(car.apk_expires_on.map(|day| day.0)),
            customer.map(|customer| customer.name.clone()).unwrap_or_default(),
            customer.and_then(|one| one.email.as_ref()).map(|email| email.0.as_str().to_owned()).unwrap_or_default(),
            customer.and_then(|one| one.mobile.as_ref()).map(|phone| phone.0.as_str().to_owned()).unwrap_or_default(),
            agreed.to_owned(),
            day(car.last_visit_on.map(|day| day.0)),
            car.mailed_at.map(|at| at.0.to_string()).unwrap_or_default(),
            car.explanation(self.language).to_owned(),
            customer.map(|customer| customer.id.0.to_string()).unwrap_or_default(),
            car.passport_id.0.to_string(),
        ]
    }

    fn written(self, lines: impl IntoIterator<Item = [String; 13]>) -> Result<Vec<u8>, Problem> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(if self.excel { b';' } else { b',' })
            .terminator(csv::Terminator::CRLF)
            .from_writer(vec![]);
        for line in lines {
            let cells: Vec<_> = line.iter().map(|cell| csv_cell(cell)).collect();
            writer
                .write_record(cells.iter().map(|cell| cell.as_bytes()))
                .map_err(|error| Problem::internal(&error.to_string()))?;
        }
        writer.into_inner().map_err(|error| Problem::internal(&error.to_string()))
    }
}
