//! Signs access tokens for sessions that are in the database already, with the server's own code, secret and key: the
//! load of `make bench` is signed in without thousands of sign-ins, each of which hashes a password on purpose slowly.
//!
//! It takes the server's options. Each line of the input is `ACCOUNT KIND SESSION`, each line of the output a token.

use api::{
    clock::{Clock, SystemClock},
    config,
    tokens::Tokens,
};
use clap::Args;
use domain::{
    ids::{AccountId, SessionId},
    value::AccountKind,
};
use persistence::Store;
use std::io::{BufRead, BufWriter, Write};
use uuid::Uuid;

/// The server's own.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Options {
    #[command(flatten)]
    server: config::Options,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Signs a token for each line.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let settings = options.server.check()?;
    let store = Store::open(&settings.database_url, 1).map_err(text)?;
    let clock = SystemClock;
    let tokens = Tokens::load(&store, &settings.secret, &clock, &settings.public_url)
        .map_err(|_| "there is no usable signing key")?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(text)?;
        let (account, kind, session) = read(&line).ok_or_else(|| format!("not ACCOUNT KIND SESSION: {line}"))?;
        let token =
            tokens.issue(account, kind, session, clock.now()).map_err(|_| format!("cannot be signed: {line}"))?;
        writeln!(output, "{token}").map_err(text)?;
    }
    output.flush().map_err(text)
}

fn read(line: &str) -> Option<(AccountId, AccountKind, SessionId)> {
    let mut words = line.split(' ');
    let account = Uuid::try_parse(words.next()?).ok()?;
    let kind = AccountKind::from_code(words.next()?)?;
    let session = Uuid::try_parse(words.next()?).ok()?;
    words.next().is_none().then_some((AccountId(account), kind, SessionId(session)))
}
