//! The commands `autopaspoort costs learn` and `autopaspoort costs backtest`.

use super::{backtest, learning, learning::Outcome, picture, progress::Progress};
use crate::problem::Problem;
use clap::{Args, Subcommand};
use domain::{
    Date, Instant,
    cost::{Ledger, Network, Splits, Truth, backtest as run_backtest},
    sample_history::{SampleNetwork, SamplePlan},
};
use jiff::ToSpan;
use persistence::Store;
use std::{path::PathBuf, process::ExitCode};

/// The exit code of a backtest that ran, and whose model does not beat the simple ones.
const BEATEN: u8 = 3;

/// What is done about costs.
#[derive(Subcommand)]
pub enum CostsCommand {
    /// Learn this month's costs from the records of all garages, and publish them
    ///
    /// Costs are published once a month: when this month's are published already, nothing changes. A running server learns
    /// by itself, at night.
    #[command(after_help = "Exit codes: 0 published, or published before; 1 it failed; 2 wrong options")]
    Learn,
    /// Measure the model on records that it has not seen
    ///
    /// It learns from the records until a day and foretells those after it. It tries several ways of combining groups, and
    /// compares the best with the catalogue's prices and with the plain median of the country.
    #[command(
        after_help = "Exit codes: 0 the model is better than both; 1 it failed; 2 wrong options; 3 the model is not better"
    )]
    Backtest(BacktestOptions),
}

/// What a backtest runs on.
#[derive(Args)]
pub struct BacktestOptions {
    /// Use a generated network, whose true prices are known, and no database
    #[arg(long)]
    generated: bool,
    /// The seed of the generated network
    #[arg(long, default_value_t = 1, requires = "generated")]
    seed: u64,
    /// The number of generated garages, 1 to 10000
    #[arg(long, default_value_t = 60, requires = "generated", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    garages: u32,
    /// The number of generated cars, 1 to 2000000
    #[arg(long, default_value_t = 20_000, requires = "generated", value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    cars: u32,
    /// How many years of history are generated, 2 to 20
    #[arg(long, default_value_t = 5, requires = "generated", value_parser = clap::value_parser!(i16).range(2..=20))]
    years: i16,
    /// How many of the last months are measured, 1 to 24; as many before them are for choosing the strategy
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(i32).range(1..=24))]
    months: i32,
    /// Write a picture to this file, as SVG
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

fn reason(problem: &Problem) -> String {
    problem.reason().unwrap_or_else(|| problem.code.code().to_owned())
}

/// Runs a command. `open` opens the database, if the command needs one; `say` writes a line for the user.
pub fn run(
    command: &CostsCommand,
    open: impl FnOnce() -> Result<Store, String>,
    now: Instant,
    mut say: impl FnMut(&str),
) -> Result<ExitCode, String> {
    match command {
        CostsCommand::Learn => {
            let outcome = learning::learn_month(&open()?, now, &mut Progress::shown());
            say(&told(&outcome.map_err(|problem| reason(&problem))?));
            Ok(ExitCode::SUCCESS)
        }
        CostsCommand::Backtest(options) => {
            let today = learning::day(now);
            let mut progress = Progress::shown();
            let found = if options.generated {
                let sample = SampleNetwork::new(options.plan(today));
                progress.step("Generating");
                let (network, ledger) = sample.payments();
                let truths = sample.truths();
                measure(&network, &ledger, options.splits(today), Some(&truths), &mut progress)
            } else {
                let read = learning::read_ledger(&open()?, &mut progress).map_err(|problem| reason(&problem))?;
                let Some((network, ledger)) = read else { return Err("it was stopped".into()) };
                measure(&network, &ledger, options.splits(today), None, &mut progress)
            };
            if found.tasks.is_empty() {
                return Err("there are no records to measure; `--generated` makes some".into());
            }
            say(&backtest::table(&found));
            say(&backtest::summary(&found));
            if let Some(file) = &options.picture {
                std::fs::write(file, picture::draw(&found)).map_err(|error| format!("{}: {error}", file.display()))?;
                say(&format!("The picture is in {}.", file.display()));
            }
            Ok(if found.all().wins() { ExitCode::SUCCESS } else { ExitCode::from(BEATEN) })
        }
    }
}

impl BacktestOptions {
    fn plan(&self, until: Date) -> SamplePlan {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        SamplePlan { seed: self.seed, garages: count(self.garages), cars: count(self.cars), years: self.years, until }
    }

    fn splits(&self, today: Date) -> Splits {
        let before = |months: i32| today.saturating_sub(months.months());
        let until = today.saturating_add(1.day());
        Splits { choose_from: before(2 * self.months), measure_from: before(self.months), until }
    }
}

fn measure(
    network: &Network,
    ledger: &Ledger,
    splits: Splits,
    truth: Option<Truth<'_>>,
    progress: &mut Progress,
) -> domain::cost::Backtest {
    progress.step("Learning and measuring");
    let found = run_backtest(network, ledger, &splits, truth, |step, all| progress.part(step, all));
    progress.end();
    found
}

/// What came of learning, for the user.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Published { month, entries, left_out, groups } => format!(
            "The costs of {} are published: {groups} results of groups, from {entries} payments. {} were left out: {} of \
             replaced records, {} without a price, {} of nothing or credits, {} implausible, {} not comparable.",
            month.strftime("%Y-%m"),
            left_out.total(),
            left_out.replaced,
            left_out.without_price,
            left_out.nothing,
            left_out.implausible,
            left_out.not_comparable,
        ),
        Outcome::Standing(snapshot) => format!(
            "The costs of {} are published already. Those of the next month can be learned from its first day on.",
            snapshot.month.strftime("%Y-%m")
        ),
        Outcome::Elsewhere => "Another server is learning already.".into(),
        Outcome::Nothing(left_out) => {
            format!("There are no payments to learn from; {} were left out.", left_out.total())
        }
        Outcome::Stopped => "It was stopped.".into(),
    }
}
