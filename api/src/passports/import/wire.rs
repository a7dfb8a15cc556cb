//! Requests and answers of imports.

use crate::{
    line_import::{RefusedLine, Tally, WarnedLine, refused, warned},
    parameters,
    request::Context,
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
            "detail": "There is at most one passport in use per licence plate. If it is one of the garage itself, 'errors' names it. If another garage keeps it, ask its owner to let you keep it ('POST /garage-changes').",
            "instance": "/v1/passport-imports",
            "code": "passport_exists",
            "requestId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"
        }
    }],
    "warnedLines": [{
        "line": 2,
        "warnings": [{
            "pointer": "#/customer/mobile", "code": "phone_invalid",
            "detail": "is not a telephone number such as 06-12345678 or +31612345678"
        }]
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
    /// How many lines were stored though something in them was left out or is odd: a telephone number or postal code that is none
    /// is left out, and an e-mail that looks misspelled is stored.
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
        }
    }
}
