//! Requests and answers of imports.

use super::operations::Tally;
use crate::{
    parameters,
    problem::{self, Problem},
    request::Context,
};
use serde::Serialize;
use utoipa::ToSchema;

/// How many refused lines an answer names.
pub const NAMED: usize = 1_000;

parameters! {
    /// How to import.
    pub struct ImportQuery {
        /// Whether each customer is mailed the link to activate their passport, as when passports are made one by one.
        /// Without it the links can be sent later, each by itself.
        pub invite: Option<bool>,
    }
}

/// The problem of one line.
#[derive(ToSchema)]
#[schema(as = Problem)]
pub struct LineProblem {}

/// A line that was refused.
#[derive(Serialize, ToSchema)]
pub struct RefusedLine<'a> {
    /// Its number, from 1.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub line: u64,
    /// What is wrong with it, as if the passport had been made by itself.
    #[schema(value_type = LineProblem)]
    pub problem: problem::Body<'a>,
}

/// What became of the lines of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "made": 2, "existing": 1, "refused": 1, "customersMade": 1,
    "refusedLines": [{
        "line": 4,
        "problem": {
            "type": "https://api.autopaspoort.example/problems/passport_exists",
            "title": "There is a passport for this plate",
            "status": 409,
            "detail": "A plate has one passport at most.",
            "instance": "/v1/passport-imports",
            "code": "passport_exists",
            "requestId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"
        }
    }]
}))]
pub struct PassportImport<'a> {
    /// How many passports were made.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub made: u64,
    /// How many lines name a car of which the garage has a passport; those were passed over.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub existing: u64,
    /// How many lines were refused.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub refused: u64,
    /// How many customers' records were made.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub customers_made: u64,
    /// The first thousand of the refused lines.
    #[schema(max_items = 1_000)]
    pub refused_lines: Vec<RefusedLine<'a>>,
}

impl<'a> PassportImport<'a> {
    /// What a tally shows in the request's language.
    pub fn new(tally: &'a Tally, context: &Context, request_id: &'a str) -> Self {
        let shown = |(line, problem): &'a (u64, Problem)| RefusedLine {
            line: *line,
            problem: problem.shown(
                context.language,
                &context.app.settings.public_url,
                "/v1/passport-imports",
                request_id,
            ),
        };
        Self {
            made: tally.made,
            existing: tally.existing,
            refused: tally.refused,
            customers_made: tally.customers_made,
            refused_lines: tally.refusals.iter().map(shown).collect(),
        }
    }
}
