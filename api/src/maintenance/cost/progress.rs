//! Shows on the terminal how far a long command is. Where the errors go to a file, only the steps are written.

use std::io::{IsTerminal, Write};

/// How wide the bar is.
const WIDTH: usize = 30;

/// What is shown while a long command runs.
pub struct Progress {
    is_shown: bool,
    is_terminal: bool,
    step: String,
    last: usize,
}

impl Progress {
    /// Progress that is shown on the standard error.
    pub fn shown() -> Self {
        Self { is_shown: true, is_terminal: std::io::stderr().is_terminal(), step: String::new(), last: 0 }
    }

    /// Progress that nobody sees.
    pub fn silent() -> Self {
        Self { is_shown: false, is_terminal: false, step: String::new(), last: 0 }
    }

    /// Begins a step.
    pub fn step(&mut self, name: &str) {
        self.end();
        name.clone_into(&mut self.step);
        self.last = 0;
        if self.is_shown && !self.is_terminal {
            write(&format!("{name}\n"));
        }
    }

    /// Shows how many things there are by now.
    pub fn count(&mut self, count: usize) {
        if self.is_shown && self.is_terminal && count >= self.last + 10_000 {
            self.last = count;
            write(&format!("\r{:<28} {count}", self.step));
        }
    }

    /// Shows how many parts of all are done.
    pub fn part(&mut self, done: usize, all: usize) {
        let percent = done * 100 / all.max(1);
        if self.is_shown && self.is_terminal && percent != self.last {
            self.last = percent;
            let filled = WIDTH * percent / 100;
            write(&format!(
                "\r{:<28} [{}{}] {percent:>3} %",
                self.step,
                "#".repeat(filled),
                ".".repeat(WIDTH - filled)
            ));
        }
    }

    /// Ends the line.
    pub fn end(&mut self) {
        if self.is_shown && self.is_terminal && !self.step.is_empty() {
            write("\n");
        }
        self.step.clear();
    }
}

/// A terminal that is gone does not end the command.
fn write(text: &str) {
    let mut out = std::io::stderr();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    drop(written);
}
