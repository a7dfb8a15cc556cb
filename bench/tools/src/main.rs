//! What `make bench` needs beside the server. One program, since linking takes longer than all else that is built of it.

mod advise;
mod bare;
mod data;
mod fill;
mod journal;
mod mail_server;
mod offer;
mod past;
mod photo;
mod push_service;
mod pushing;
mod register;
mod sign;
mod tell;
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
    /// A mail server: takes every mail, and writes down its `Message-ID`
    MailServer(mail_server::Options),
    /// Offers cars of fleets to new drivers: each line of the input is `TRANSFER CAR`, the numbers of the two
    Offer(offer::Options),
    /// Makes a photo
    Photo(photo::Options),
    /// A push service for browsers: takes every message, and writes down where it was sent
    PushService(push_service::Options),
    /// The server, which sends push messages to this machine too
    Pushing(Box<pushing::Options>),
    /// A vehicle register: answers questions about any plate
    Register(register::Options),
    /// Signs access tokens: each line of the input is `ACCOUNT KIND SESSION`, each line of the output a token
    Sign(Box<sign::Options>),
    /// Lays in what drivers are told: each line of the input is the number of a car
    Tell(tell::Options),
}

fn main() -> ExitCode {
    let done = match Tool::parse() {
        Tool::Advise(options) => advise::run(&options),
        Tool::Bare(options) => bare::run(&options).map_err(|error| error.to_string()),
        Tool::Fill(options) => fill::run(&options),
        Tool::MailServer(options) => mail_server::run(&options).map_err(|error| error.to_string()),
        Tool::Offer(options) => offer::run(&options),
        Tool::Photo(options) => photo::run(&options),
        Tool::PushService(options) => push_service::run(&options).map_err(|error| error.to_string()),
        Tool::Pushing(options) => pushing::run(&options),
        Tool::Register(options) => register::run(options).map_err(|error| error.to_string()),
        Tool::Sign(options) => sign::run(&options),
        Tool::Tell(options) => tell::run(&options),
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
