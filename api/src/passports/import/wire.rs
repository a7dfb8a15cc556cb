//! Requests and answers of imports.

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
        /// Whether the link to activate the passport is mailed to each customer, as when passports are created one by
        /// one. The default is false: the passports are
        /// `invited`, but nobody is mailed, and the links can be mailed later, one by one, with `invitePassport`. For a
        /// car that is skipped nobody is mailed, also when the first import mailed nobody.
        pub invite: Option<bool>,
    }
}

/// What became of lines.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Passports that were made.
    pub made: u64,
    /// Lines of cars of which the garage has a passport.
    pub existing: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// Customers' records that were made.
    pub customers_made: u64,
    /// The first of the refused lines, each with its problem.
    pub refusals: Vec<(u64, Problem)>,
}

impl Tally {
    /// Adds what became of the lines that follow.
    pub fn add(&mut self, next: Self) {
        self.made += next.made;
        self.existing += next.existing;
        self.refused += next.refused;
        self.customers_made += next.customers_made;
        let room = NAMED.saturating_sub(self.refusals.len());
        self.refusals.extend(next.refusals.into_iter().take(room));
    }
}

/// The problem of one line.
#[derive(ToSchema)]
#[schema(as = Problem)]
pub struct LineProblem {}

/// A line that was refused.
#[derive(Serialize, ToSchema)]
pub struct RefusedLine<'a> {
    /// The number of the line, from 1.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub line: u64,
    /// What is wrong with the line: the problem that `createPassport` would have answered.
    #[schema(value_type = LineProblem)]
    pub problem: problem::Body<'a>,
}

/// The result of an import.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "made": 2, "existing": 1, "refused": 1, "customersMade": 1,
    "refusedLines": [{
        "line": 4,
        "problem": {
            "type": "https://api.autopaspoort.example/problems/passport_exists",
            "title": "A passport exists for this plate",
            "status": 409,
            "detail": "There is at most one passport in use per licence plate.",
            "instance": "/v1/passport-imports",
            "code": "passport_exists",
            "requestId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a99"
        }
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
    /// How many customers' records were created.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub customers_made: u64,
    /// The refused lines, at most the first 1000.
    #[schema(max_items = 1_000)]
    pub refused_lines: Vec<RefusedLine<'a>>,
}

impl<'a> PassportImport<'a> {
    /// The result of an import, in the language of the request.
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
