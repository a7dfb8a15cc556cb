//! The worker: sends mails and does what time brings about.
//!
//! Jobs are rows that were written with the events they follow from. A mail is claimed in one transaction, sent outside
//! any, and its outcome written down in another. When nobody can tell whether a mail went out (the worker was killed, the
//! connection broke after the message was handed over) it is put away for an operator rather than sent twice.

mod housekeeping;
mod letter;

use crate::{
    mail::{Letter, Renderer, SendError, Transport, message_id},
    problem::{Code, Problem},
    session,
    state::App,
    telemetry,
};
use actix_web::web;
use domain::{Instant, consequence::Mail, value::EmailAddress};
use jiff::SignedDuration;
use persistence::{
    self as store, Tx,
    jobs::{Job, Outcome},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often a mail is tried before it is given up.
const ATTEMPTS: i64 = 10;
/// How many jobs are run before the worker looks up.
const AT_ONCE: usize = 20;
/// How often an outcome is written again while the database is away.
const WRITES: u32 = 10;
/// Runs jobs.
pub struct Worker {
    app: web::Data<App>,
    renderer: Renderer,
    transport: Transport,
}

impl Worker {
    /// A worker for the program.
    pub fn new(app: web::Data<App>) -> Result<Self, String> {
        let transport = Transport::from_config(app.settings.smtp_url.as_deref(), &app.settings.mail_folder)?;
        let renderer = Renderer::new().map_err(|error| error.to_string())?;
        Ok(Self { app, renderer, transport })
    }

    /// Works until told to stop, on a thread of its own.
    pub fn spawn(self, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
        std::thread::spawn(move || {
            let mut housekeeping_at = Instant::MIN;
            while !stop.load(Ordering::Relaxed) {
                let now = self.app.clock.now();
                self.app.worker_seen.beat(now);
                if now >= housekeeping_at {
                    report(self.keep_house());
                    telemetry::keep_metrics_small();
                    housekeeping_at = now + SignedDuration::from_mins(1);
                }
                match self.run_due() {
                    Ok(0) => std::thread::sleep(Duration::from_millis(250)),
                    Ok(_) => {}
                    Err(problem) => {
                        report(Err(problem));
                        std::thread::sleep(Duration::from_secs(1));
                    }
                }
            }
        })
    }

    fn now(&self) -> Instant {
        self.app.clock.now()
    }

    /// Runs some of the jobs that are due, one after the other. Returns how many; none: there are no more.
    pub fn run_due(&self) -> Result<usize, Problem> {
        let mut done = 0;
        while let Some(job) =
            self.app.database.store().write(|tx| Ok::<_, Problem>(store::jobs::claim(tx, self.now())?))?
        {
            let outcome = self.run(&job);
            if let Outcome::Dead(reason) = &outcome {
                tracing::error!(job = %job.id, kind = job.kind, reason, "a job was given up; see `autopaspoort jobs`");
            }
            metrics::counter!("jobs_run_total", "kind" => job.kind.clone(), "outcome" => outcome_word(&outcome))
                .increment(1);
            self.write_down(&job, &outcome)?;
            done += 1;
            self.app.worker_seen.beat(self.now());
            // So that a long queue holds up neither housekeeping nor a stop.
            if done >= AT_ONCE {
                break;
            }
        }
        Ok(done)
    }

    /// Writes down how an attempt ended, and does not give up at the first: of a mail that went out, and of which that is not
    /// written, nobody could tell later.
    fn write_down(&self, job: &Job, outcome: &Outcome) -> Result<(), Problem> {
        let write = || {
            let finish =
                |tx: &mut Tx<'_>| Ok::<_, Problem>(store::jobs::finish(tx, job.id, outcome.clone(), self.now())?);
            self.app.database.store().write(finish)
        };
        let mut result = write();
        for _ in 0..WRITES {
            match result {
                Err(problem) if problem.code == Code::DatabaseUnavailable => {
                    report(Err(problem));
                    std::thread::sleep(Duration::from_secs(1));
                    result = write();
                }
                result => return result,
            }
        }
        result
    }

    fn run(&self, job: &Job) -> Outcome {
        let result = match job.kind.as_str() {
            "mail" => self.mail(job),
            "password_reset" => self.password_reset(job),
            other => Err(Failure::Final(format!("unknown kind of job: {other}"))),
        };
        match result {
            Ok(()) => Outcome::Done,
            Err(Failure::Temporary(reason)) if job.attempts < ATTEMPTS => {
                Outcome::Retry(self.now() + backoff(job.attempts), reason)
            }
            Err(Failure::Temporary(reason) | Failure::Final(reason)) => Outcome::Dead(reason),
        }
    }

    fn password_reset(&self, job: &Job) -> Result<(), Failure> {
        let payload: serde_json::Value =
            serde_json::from_str(&job.payload).map_err(|error| Failure::Final(error.to_string()))?;
        let email = payload.get("email").and_then(serde_json::Value::as_str).unwrap_or_default();
        let email = EmailAddress::parse(email).map_err(|error| Failure::Final(error.code().into()))?;
        let app = &self.app;
        let work =
            |tx: &mut Tx<'_>| session::operations::issue_password_reset(tx, &app.secret, &email, app.clock.now());
        app.database.store().write(work).map_err(|problem| Failure::temporary(&problem))
    }

    fn mail(&self, job: &Job) -> Result<(), Failure> {
        let mail: Mail = serde_json::from_str(&job.payload).map_err(|error| Failure::Final(error.to_string()))?;
        let Some(cause) = job.cause else {
            return Err(Failure::Final("a mail without an event".into()));
        };
        let app = &self.app;
        let read = |tx: &mut Tx<'_>| -> Result<Option<letter::Addressed>, Problem> {
            match store::event::find(tx, cause.stream, cause.number)? {
                Some(event) => letter::address(tx, app, &mail, &event),
                None => Ok(None),
            }
        };
        let addressed = app.database.store().read(read).map_err(|problem| Failure::temporary(&problem))?;
        // Whom it was for is no more, or the link was replaced by a newer one: there is nothing to send.
        let Some(addressed) = addressed else {
            return Ok(());
        };
        let rendered = self
            .renderer
            .render(mail.template, addressed.language, &addressed.context)
            .map_err(|error| Failure::Final(error.to_string()))?;
        let letter = Letter {
            from: app.settings.mail_from.clone(),
            from_name: addressed.context.garage_name.clone(),
            to: addressed.email,
            to_name: addressed.context.recipient_name.clone(),
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            message_id: message_id(job.id, &app.settings.mail_from),
            date: addressed.asked_at,
        };
        self.transport.send(&letter).map_err(|error| match error {
            SendError::Temporary(reason) => Failure::Temporary(reason),
            SendError::Permanent(reason) => Failure::Final(reason),
            SendError::Unknown(reason) => Failure::Final(format!("it may or may not have been sent: {reason}")),
        })
    }
}

fn report(result: Result<(), Problem>) {
    if let Err(problem) = result {
        tracing::warn!(code = problem.code.code(), reason = problem.reason(), "the worker could not go on");
    }
}

enum Failure {
    Temporary(String),
    Final(String),
}

impl Failure {
    fn temporary(problem: &Problem) -> Self {
        Self::Temporary(problem.reason().unwrap_or_else(|| problem.code.code().to_owned()))
    }
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Retry(..) => "retry",
        Outcome::Dead(_) => "dead",
    }
}

/// 10 seconds, then twice as long each time, an hour at the most.
fn backoff(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 10)).unwrap_or(1) - 1;
    SignedDuration::from_secs((10_i64 << doublings).min(3600))
}

#[cfg(test)]
mod tests {
    use super::backoff;

    #[test]
    fn retries_come_slower_and_slower() {
        let seconds: Vec<i64> = (1..=10).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(seconds, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
    }
}
