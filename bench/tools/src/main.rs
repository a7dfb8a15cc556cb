//! What `make bench` needs beside the server. One program, since linking takes longer than all else that is built of it.

mod advise;
mod bare;
mod data;
mod fill;
mod offer;
mod past;
mod photo;
mod register;
mod sign;
mod world;

use clap::Parser;
use std::{io::Write, process::ExitCode};

/// The tools of the bench
#[derive(Parser)]
enum Tool {
    /// Lays in open recommendations: each line of the input is `NUMBER CAR`, that of the two and that of the car
    Advise(advise::Options),
    /// A bare web server: answers every request with the same bytes
    Bare(bare::Options),
    /// Fills a migrated, empty database; each line of the output is how many cars more are there
    Fill(fill::Options),
    /// Offers cars of fleets to new drivers: each line of the input is `TRANSFER CAR`, the numbers of the two
    Offer(offer::Options),
    /// Makes a photo
    Photo(photo::Options),
    /// A vehicle register: answers questions about any plate
    Register(register::Options),
    /// Signs access tokens: each line of the input is `ACCOUNT KIND SESSION`, each line of the output a token
    Sign(Box<sign::Options>),
}

fn main() -> ExitCode {
    let done = match Tool::parse() {
        Tool::Advise(options) => advise::run(&options),
        Tool::Bare(options) => bare::run(&options).map_err(|error| error.to_string()),
        Tool::Fill(options) => fill::run(&options),
        Tool::Offer(options) => offer::run(&options),
        Tool::Photo(options) => photo::run(&options),
        Tool::Register(options) => register::run(options).map_err(|error| error.to_string()),
        Tool::Sign(options) => sign::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let written = writeln!(std::io::stderr(), "{message}");
            drop(written);
            ExitCode::FAILURE
        }
    }
}
