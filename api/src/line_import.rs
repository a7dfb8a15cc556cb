//! Importing, line by line: what every import does with its stream. What a line says, and what is decided about it, is
//! the room's.

use crate::{
    command::{Reply, Work},
    json_lines::{self, JsonLines, Line},
    problem::{self, Code, FieldProblem, Problem},
    request::{Context, SignedIn},
    wire::Request,
};
use actix_web::{HttpResponse, rt, web};
use domain::{
    ids::{GarageId, PassportId},
    licence_plate::LicencePlate,
};
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};
use utoipa::ToSchema;

/// How many lines of a kind an answer names.
pub const NAMED: usize = 1_000;

/// Of how many cars an import remembers the first line: a stream has no end, and its memory has.
const REMEMBERED: usize = 100_000;

/// What lines are imported as.
#[derive(Clone)]
pub struct LineImport<S> {
    /// Whether who acts may import; the garage they do it for.
    pub may_import: fn(&mut Work<'_, '_>) -> Result<GarageId, Problem>,
    /// Decides about the lines of a block, and stores what they say, in one transaction.
    pub store: S,
    /// The refusal of a whole block that another garage's command may cause by coming in between; the block is then stored
    /// again. None when others have nothing to do with it.
    pub race: Option<Code>,
    /// The answer, when all lines are stored, to the request with this id.
    pub answer: fn(&Tally, &Context, &str) -> Result<Reply, Problem>,
}

/// What became of lines.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Lines of which something was made.
    pub made: u64,
    /// Lines that say what is known already.
    pub existing: u64,
    /// Lines that were refused.
    pub refused: u64,
    /// What was made beside what the lines are about: customers' records.
    pub beside: u64,
    /// The first of the refused lines, each with its problem.
    pub refusals: Vec<(u64, Problem)>,
    /// Lines that were not refused, though something in them was left out or is odd.
    pub warned: u64,
    /// The first of those lines, each with what is odd in it.
    pub warnings: Vec<(u64, Vec<FieldProblem>)>,
    /// The first of the lines about cars that have a passport already.
    pub passed: Vec<PassedCar>,
    /// The first line about the car of each passport that was made, or was there already.
    cars: HashMap<PassportId, u64>,
}

/// A line about a car that has a passport already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedCar {
    /// The number of the line, from 1.
    pub line: u64,
    /// The plate that the line names.
    pub plate: LicencePlate,
    /// The passport that is there.
    pub passport: PassportId,
}

impl Tally {
    /// Counts what became of a line: whether something was made of it, or why it was refused.
    pub fn count(&mut self, number: u64, outcome: Result<bool, Problem>) {
        match outcome {
            Ok(true) => self.made += 1,
            Ok(false) => self.existing += 1,
            Err(problem) => {
                self.refused += 1;
                if self.refusals.len() < NAMED {
                    self.refusals.push((number, problem));
                }
            }
        }
    }

    /// Notes what is odd in a line that was not refused.
    pub fn warn(&mut self, number: u64, odd: Vec<FieldProblem>) {
        if !odd.is_empty() {
            self.warned += 1;
            if self.warnings.len() < NAMED {
                self.warnings.push((number, odd));
            }
        }
    }

    /// Notes that a line is about the car of a passport.
    pub fn meet(&mut self, number: u64, passport: PassportId) {
        if self.cars.len() < REMEMBERED {
            self.cars.entry(passport).or_insert(number);
        }
    }

    /// Notes a line that was passed over, since its car has a passport.
    pub fn pass(&mut self, car: PassedCar) {
        self.meet(car.line, car.passport);
        if self.passed.len() < NAMED {
            self.passed.push(car);
        }
    }

    /// The line of the same import that was about the same car first; none when that is the line itself, or is not remembered.
    pub fn earlier(&self, car: &PassedCar) -> Option<u64> {
        self.cars.get(&car.passport).copied().filter(|first| *first < car.line)
    }

    /// Adds what became of the lines that follow.
    fn add(&mut self, next: Self) {
        self.made += next.made;
        self.existing += next.existing;
        self.refused += next.refused;
        self.beside += next.beside;
        let room = NAMED.saturating_sub(self.refusals.len());
        self.refusals.extend(next.refusals.into_iter().take(room));
        self.warned += next.warned;
        let room = NAMED.saturating_sub(self.warnings.len());
        self.warnings.extend(next.warnings.into_iter().take(room));
        let room = NAMED.saturating_sub(self.passed.len());
        self.passed.extend(next.passed.into_iter().take(room));
        for (passport, line) in next.cars {
            self.meet(line, passport);
        }
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
    /// What is wrong with the line: the problem that the request for what it says alone would have been answered with.
    #[schema(value_type = LineProblem)]
    pub problem: problem::Body<'a>,
}

/// The refused lines that an answer names, in the language of the request to `path`.
pub fn refused<'a>(tally: &'a Tally, context: &Context, path: &'a str, request_id: &'a str) -> Vec<RefusedLine<'a>> {
    let base = &context.app.settings.public_url;
    let shown = |(line, problem): &'a (u64, Problem)| RefusedLine {
        line: *line,
        problem: problem.shown(context.language, base, path, request_id),
    };
    tally.refusals.iter().map(shown).collect()
}

/// What is wrong with one value of a line.
#[derive(ToSchema)]
#[schema(as = FieldProblem)]
pub struct LineFieldProblem {}

/// A line that was not refused, though something in it was left out or is odd.
#[derive(Serialize, ToSchema)]
pub struct WarnedLine<'a> {
    /// The number of the line, from 1.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64)]
    pub line: u64,
    /// What was left out of the line because it cannot be read, or is odd in it. `detail` says what became of the value: it was left
    /// empty, or stored as it was sent.
    #[schema(value_type = Vec<LineFieldProblem>, min_items = 1, max_items = 100)]
    pub warnings: Vec<problem::FieldBody<'a>>,
}

/// The lines with something odd that an answer names, in the language of the request.
pub fn warned<'a>(tally: &'a Tally, context: &Context) -> Vec<WarnedLine<'a>> {
    let shown = |(line, odd): &'a (u64, Vec<FieldProblem>)| WarnedLine {
        line: *line,
        warnings: odd.iter().map(|field| problem::FieldBody::warning(field, context.language)).collect(),
    };
    tally.warnings.iter().map(shown).collect()
}

/// Imports a stream.
pub async fn run<T, S>(
    import: LineImport<S>,
    signed_in: SignedIn,
    stream: JsonLines,
    request_id: String,
) -> Result<HttpResponse, Problem>
where
    T: Request + Send + Sync + 'static,
    S: Fn(&mut Work<'_, '_>, &[Line<T>]) -> Result<Tally, Problem> + Clone + Send + Sync + 'static,
{
    // On its own, since a request ends with its connection: what had arrived by then is stored too.
    let running = rt::spawn(take_turn(import, signed_in, stream, request_id));
    running.await.map_err(|error| Problem::internal(&error.to_string()))?
}

async fn take_turn<T, S>(
    import: LineImport<S>,
    signed_in: SignedIn,
    mut stream: JsonLines,
    request_id: String,
) -> Result<HttpResponse, Problem>
where
    T: Request + Send + Sync + 'static,
    S: Fn(&mut Work<'_, '_>, &[Line<T>]) -> Result<Tally, Problem> + Clone + Send + Sync + 'static,
{
    let may_import = import.may_import;
    let (garage, is_repeat) = signed_in.look(move |work| Ok((may_import(work)?, work.has_answered()?))).await?;
    let turn = signed_in.context.app.imports.begin(garage);
    let _turn = turn.ok_or_else(|| Problem::new(Code::Overloaded).retry_after(5))?;
    if is_repeat {
        while stream.next_block().await?.is_some() {}
        return signed_in.command(stream.hash(), |_| Err(Code::Conflict.into())).await;
    }
    let (mut tally, mut number, mut storing) = (Tally::default(), 0, None);
    // While one block is stored, the next is read.
    let broke_off = loop {
        let block = match stream.next_block().await {
            Ok(Some(block)) => block,
            Ok(None) => break None,
            Err(problem) => break Some(problem),
        };
        let reading = web::block(move || json_lines::read(&block, number)).await;
        let (lines, last) = reading.map_err(|error| Problem::internal(&error.to_string()))?;
        number = last;
        settle(&mut tally, storing.take()).await?;
        storing = Some(rt::spawn(store(import.clone(), signed_in.clone(), lines)));
    };
    settle(&mut tally, storing).await?;
    if let Some(problem) = broke_off {
        return Err(problem);
    }
    let answer = (import.answer)(&tally, &signed_in.context, &request_id)?;
    signed_in.command(stream.hash(), move |_| Ok(answer.clone())).await
}

async fn settle(
    tally: &mut Tally,
    storing: Option<rt::task::JoinHandle<Result<Tally, Problem>>>,
) -> Result<(), Problem> {
    if let Some(storing) = storing {
        tally.add(storing.await.map_err(|error| Problem::internal(&error.to_string()))??);
    }
    Ok(())
}

/// Stores a block; again when another garage came in between, of which it then knows.
async fn store<T, S>(import: LineImport<S>, signed_in: SignedIn, lines: Vec<Line<T>>) -> Result<Tally, Problem>
where
    T: Send + Sync + 'static,
    S: Fn(&mut Work<'_, '_>, &[Line<T>]) -> Result<Tally, Problem> + Clone + Send + Sync + 'static,
{
    let lines = Arc::new(lines);
    let attempt = || {
        let (store, lines) = (import.store.clone(), Arc::clone(&lines));
        signed_in.part(move |work| store(work, &lines))
    };
    for _ in 0..2 {
        match attempt().await {
            Err(problem) if import.race == Some(problem.code) => {}
            other => return other,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::value::Country;
    use uuid::Uuid;

    #[test]
    fn p9_the_first_line_about_a_car_is_known_through_all_blocks() {
        let passport = |number: u128| PassportId(Uuid::from_u128(number));
        let car = |line: u64, number: u128| PassedCar {
            line,
            plate: LicencePlate::parse(Country::NL, "TT-601-D").unwrap(),
            passport: passport(number),
        };
        let (mut tally, mut next) = (Tally::default(), Tally::default());
        tally.meet(1, passport(1));
        tally.pass(car(2, 2));
        next.pass(car(3, 1));
        next.pass(car(4, 2));
        next.meet(5, passport(3));
        next.pass(car(6, 3));
        tally.add(next);
        let earlier: Vec<_> = tally.passed.iter().map(|car| (car.line, tally.earlier(car))).collect();
        assert_eq!(earlier, [(2, None), (3, Some(1)), (4, Some(2)), (6, Some(5))]);
    }

    #[test]
    fn p9_no_more_lines_are_named_than_an_answer_has() {
        let plate = LicencePlate::parse(Country::NL, "TT-601-D").unwrap();
        let mut tally = Tally::default();
        for block in 0..3 {
            let mut next = Tally::default();
            for line in 0..600 {
                let passport = PassportId(Uuid::from_u128(1));
                next.pass(PassedCar { line: block * 600 + line + 1, plate: plate.clone(), passport });
            }
            tally.add(next);
        }
        assert_eq!((tally.passed.len(), tally.passed[NAMED - 1].line), (NAMED, 1_000));
    }
}
