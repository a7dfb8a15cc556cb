//! What an operator is shown of a job that was given up: which letter it is, of which garage, and for whom.

use super::letter::account_of;
use crate::problem::Problem;
use domain::{
    consequence::{Recipient, Template},
    ids::GarageId,
    job::Task,
    value::EmailAddress,
};
use persistence::{self as store, Scope, Tx, jobs::DeadJob};

/// How much of the reason is shown.
const MAX_REASON: usize = 200;

/// What is known of a dead job, in one line: the kind of the letter, the garage, the address as far as it may be shown, and why the
/// job was given up. No link and no token is in it.
pub fn about(tx: &mut Tx<'_>, job: &DeadJob) -> Result<String, Problem> {
    let mut parts = vec![];
    let letter = job.task.as_ref().and_then(letter_of);
    parts.extend(letter.map(|(template, _)| format!("letter={}", template.code())));
    let garage = garage_of(tx, job)?;
    if let Some((garage, _)) = garage.map(|id| store::garage::find(tx, id)).transpose()?.flatten() {
        parts.push(format!("garage=\"{}\"", garage.name));
    }
    let email = match (&job.task, letter) {
        (Some(Task::PasswordReset(email)), _) => Some(email.clone()),
        (Some(Task::MailingLetter(car)), _) => {
            store::apk_mailing::find_recipient(tx, car.mailing_id, car.passport_id)?.and_then(|found| found.email)
        }
        (_, Some((_, to))) => email_of(tx, to, garage)?,
        (_, None) => None,
    };
    parts.extend(email.map(|email| format!("to={}", email.masked())));
    parts.extend(job.last_error.as_deref().map(reason));
    Ok(parts.join(" "))
}

/// The kind of a letter, and to whom it is.
fn letter_of(task: &Task) -> Option<(Template, &Recipient)> {
    match task {
        Task::Mail(mail) | Task::Reminder(mail) | Task::Notify(mail) => Some((mail.template, &mail.to)),
        Task::ReminderList(list) => Some((list.template, &list.to)),
        Task::Push(_)
        | Task::PasswordReset(_)
        | Task::RefreshStandings(_)
        | Task::LookAgain(_)
        | Task::DeleteFile(_)
        | Task::Mailing(_)
        | Task::MailingLetter(_) => None,
    }
}

fn garage_of(tx: &mut Tx<'_>, job: &DeadJob) -> Result<Option<GarageId>, Problem> {
    let of_cause = job.cause.and_then(|cause| cause.stream.garage_id());
    Ok(match &job.task {
        Some(Task::RefreshStandings(cars) | Task::LookAgain(cars)) => Some(cars.garage_id),
        Some(Task::Mailing(cars)) => store::apk_mailing::garage_of(tx, cars.mailing_id)?,
        Some(Task::MailingLetter(car)) => store::apk_mailing::garage_of(tx, car.mailing_id)?,
        Some(
            Task::Mail(_)
            | Task::Reminder(_)
            | Task::ReminderList(_)
            | Task::Notify(_)
            | Task::Push(_)
            | Task::PasswordReset(_)
            | Task::DeleteFile(_),
        )
        | None => of_cause,
    })
}

/// The address to which a mail would go now.
fn email_of(tx: &mut Tx<'_>, to: &Recipient, garage: Option<GarageId>) -> Result<Option<EmailAddress>, Problem> {
    Ok(match to {
        Recipient::Garage => {
            garage.map(|id| store::garage::find(tx, id)).transpose()?.flatten().map(|(garage, _)| garage.email)
        }
        Recipient::Account(_) | Recipient::Driver(_) | Recipient::FleetOf(_) | Recipient::Fleet(_) => {
            match account_of(tx, to)? {
                Some(account) => store::account::find(tx, account)?.map(|(account, _)| account.email),
                None => None,
            }
        }
        Recipient::Offered(id) => {
            store::transfer::find(tx, &Scope::System, *id)?.map(|(transfer, ..)| transfer.recipient_email)
        }
        Recipient::Former(id) => store::invitation::find(tx, *id)?.and_then(|link| link.former_email),
        Recipient::Invited(id) => store::invitation::find(tx, *id)?.map(|link| link.email),
    })
}

/// Why it was given up, in one line.
fn reason(error: &str) -> String {
    let words = error.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_REASON) {
        Some((end, _)) => format!("{}…", &line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn a_reason_is_one_short_line() {
        assert_eq!(reason("no\r\n  answer\t."), "no answer .");
        let long = reason(&"é".repeat(300));
        assert!(long.chars().count() == 201 && long.ends_with("é…"), "{long}");
    }
}
