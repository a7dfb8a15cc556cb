//! Requests and answers of imports.

use crate::{
    licence_plate::wire::Plate,
    line_import::{PassedCar, RefusedLine, Tally, WarnedLine, refused, warned},
    parameters,
    request::Context,
    wire::Id,
};
use serde::Serialize;
use utoipa::ToSchema;

parameters! {
    /// How to import.
    pub struct ImportQuery {
        /// Whether the link to activate the passport is mailed to each customer, as when passports are created one by
        /// one. The default is false: the passports are
        /// `invited`, but nobody is mailed, and the links can be mailed later, one by one, with `invitePassport`. For a
        /// car that is skipped nobody is mailed, also when the first import mailed nobody.
        pub invite: Option<bool>,
    }
}

/// The result of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "made": 2, "existing": 1, "refused": 1, "warned": 1, "customersMade": 1,
    "refusedLines": [{
        "line": 4,
        "problem": {
            "type": "https://api.autopaspoort.example/problems/passport_exists",
            "title": "A passport exists for this plate",
            "status": 409,
            "detail": "There is at most one passport in use per licence plate. If it is one of the garage itself, 'errors' names it. If another garage keeps it, request a change of garage: the owner of the car decides.",
            "instance": "/v1/passport-imports",
            "code": "passport_exists",
            "requestId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"
        }
    }],
    "warnedLines": [{
        "line": 2,
        "warnings": [{
            "pointer": "#/customer/mobile", "code": "phone_invalid",
            "detail": "is not one telephone number without words, such as 06-12345678 or +31612345678, and was left empty"
        }]
    }],
    "existingLines": [{
        "line": 3,
        "licencePlate": { "country": "NL", "number": "ZZ999Z", "shown": "ZZ-999-Z" },
        "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
        "earlierLine": 1
    }]
}))]
pub struct PassportImport<'a> {
    /// How many passports were created.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub made: u64,
    /// How many lines were skipped because the garage already has a passport for the car.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub existing: u64,
    /// How many lines were refused.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub refused: u64,
    /// How many lines were stored though something in them was left out or is odd: a telephone number or postal code that is not valid
    /// is left out, and so is an e-mail that the record of the customer has not; an e-mail that looks misspelled is stored, and so are
    /// a customer who may be that of another record and a plate that may be that of another passport of the garage.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub warned: u64,
    /// How many customers' records were created.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub customers_made: u64,
    /// The refused lines, at most the first 1000.
    #[schema(max_items = 1_000)]
    pub refused_lines: Vec<RefusedLine<'a>>,
    /// The lines with something that was left out or is odd, at most the first 1000.
    #[schema(max_items = 1_000)]
    pub warned_lines: Vec<WarnedLine<'a>>,
    /// The lines that were skipped, at most the first 1000: `existing` counts all. What such a line says of the car and its customer
    /// is not stored.
    #[schema(max_items = 1_000)]
    pub existing_lines: Vec<ExistingLine>,
}

/// A line that was skipped, because the garage has a passport for its car.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExistingLine {
    /// The number of the line, from 1.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub line: u64,
    /// The licence plate that the line names.
    pub licence_plate: Plate,
    /// The id of the passport that the garage has for the car.
    pub passport_id: Id,
    /// The number of the first line of this import that is about the same car, perhaps with another spelling of its plate; null when
    /// there is none before this one. It is known for the first 100,000 cars of an import.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub earlier_line: Option<u64>,
}

impl ExistingLine {
    fn new(tally: &Tally, car: &PassedCar) -> Self {
        Self {
            line: car.line,
            licence_plate: Plate::new(&car.plate),
            passport_id: Id(car.passport.0),
            earlier_line: tally.earlier(car),
        }
    }
}

impl<'a> PassportImport<'a> {
    /// The result of an import, in the language of the request.
    pub fn new(tally: &'a Tally, context: &Context, request_id: &'a str) -> Self {
        Self {
            made: tally.made,
            existing: tally.existing,
            refused: tally.refused,
            warned: tally.warned,
            customers_made: tally.beside,
            refused_lines: refused(tally, context, "/v1/passport-imports", request_id),
            warned_lines: warned(tally, context),
            existing_lines: tally.passed.iter().map(|car| ExistingLine::new(tally, car)).collect(),
        }
    }
}
