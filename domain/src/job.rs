//! Work that is done after a command: what it is, and how it is stored until a worker does it.
//!
//! A new kind of work is added here. The compiler then requires the rest: what a worker does for it, and how many jobs
//! of this kind run at once.

use crate::{
    Date,
    consequence::{Mail, ReminderList},
    ids::{ApkMailingId, DeviceId, FileId, GarageId, NotificationId, PassportId},
    value::EmailAddress,
};
use serde::{Deserialize, Serialize};

/// The work, with the data that it needs. It never has a secret, since it is stored as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Send a mail that follows from an event.
    Mail(Mail),
    /// Send a mail that reminds of something. It is a kind of its own, so that thousands of them in a morning hold up no link to a
    /// new password.
    Reminder(Mail),
    /// Send the reminders of many cars in one mail (rule RM4).
    ReminderList(ReminderList),
    /// Tell the accounts of whom a mail would be about an event the same in the app.
    Notify(Mail),
    /// Send to a device what its account was told.
    Push(Pushed),
    /// Someone requested a new password for this address: if it has an account, a link is mailed to it.
    PasswordReset(EmailAddress),
    /// A file was deleted in the database: what it held is deleted in the storage of files.
    DeleteFile(FileId),
    /// What many cars of a garage are judged by has changed: their standings are computed anew (rule ST2).
    RefreshStandings(CarsToRefresh),
    /// When people are reminded has changed for a garage: its cars are looked at anew (rule RM1).
    LookAgain(CarsToRefresh),
    /// An APK mailing begins: for a block of its cars it is decided which are mailed (rule ML2).
    Mailing(MailingCars),
    /// Send the mail of an APK mailing about one car (rule ML4).
    MailingLetter(MailingCar),
}

/// The cars of an APK mailing about which it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MailingCars {
    /// The mailing.
    pub mailing_id: ApkMailingId,
    /// The last car that was decided, with the day on which its APK expires; none at the beginning.
    pub after: Option<(Date, PassportId)>,
}

/// A car of an APK mailing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MailingCar {
    /// The mailing.
    pub mailing_id: ApkMailingId,
    /// The car.
    pub passport_id: PassportId,
}

/// What is sent to which device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pushed {
    /// What the account was told.
    pub notification_id: NotificationId,
    /// The device.
    pub device_id: DeviceId,
    /// The event that was told of, so that it can be asked when sending whether it is still told (rules N4 and RM2); none for what an
    /// earlier version queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<PushedEvent>,
}

/// The event that a push message is about: its number in the stream of its garage, or in that of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushedEvent {
    /// The garage in whose stream it is; none for that of the platform.
    pub garage_id: Option<GarageId>,
    /// Its number there.
    pub number: i64,
}

/// The cars whose standings are computed anew, or that are looked at anew for reminders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CarsToRefresh {
    /// The garage whose cars they are.
    pub garage_id: GarageId,
    /// The last car that was done; none at the beginning.
    pub after: Option<PassportId>,
}

crate::coded_enum! {
    /// The kinds of work.
    pub enum TaskKind {
        /// See [`Task::Mail`].
        Mail => "mail",
        /// See [`Task::Reminder`].
        Reminder => "reminder",
        /// See [`Task::ReminderList`].
        ReminderList => "reminder_list",
        /// See [`Task::Notify`].
        Notify => "notify",
        /// See [`Task::Push`].
        Push => "push",
        /// See [`Task::PasswordReset`].
        PasswordReset => "password_reset",
        /// See [`Task::RefreshStandings`].
        RefreshStandings => "refresh_standings",
        /// See [`Task::LookAgain`].
        LookAgain => "look_again",
        /// See [`Task::DeleteFile`].
        DeleteFile => "delete_file",
        /// See [`Task::Mailing`].
        Mailing => "mailing",
        /// See [`Task::MailingLetter`].
        MailingLetter => "mailing_letter",
    }
}

impl TaskKind {
    /// Whether work of this kind may be done twice: it is then done again by itself when its worker vanished half-way, or
    /// when nobody knows whether it succeeded. A second copy of a mail about an account or a car has the same link and the
    /// same `Message-ID`, so it harms nobody, while a lost one shuts people out. A mailing is another matter: nobody asked for it.
    pub const fn may_be_done_twice(self) -> bool {
        match self {
            Self::Mail
            | Self::Reminder
            | Self::ReminderList
            | Self::Notify
            | Self::Push
            | Self::PasswordReset
            | Self::RefreshStandings
            | Self::LookAgain
            | Self::DeleteFile
            | Self::Mailing => true,
            Self::MailingLetter => false,
        }
    }
}

impl Task {
    /// The kind of this work.
    pub fn kind(&self) -> TaskKind {
        match self {
            Self::Mail(_) => TaskKind::Mail,
            Self::Reminder(_) => TaskKind::Reminder,
            Self::ReminderList(_) => TaskKind::ReminderList,
            Self::Notify(_) => TaskKind::Notify,
            Self::Push(_) => TaskKind::Push,
            Self::PasswordReset(_) => TaskKind::PasswordReset,
            Self::RefreshStandings(_) => TaskKind::RefreshStandings,
            Self::LookAgain(_) => TaskKind::LookAgain,
            Self::DeleteFile(_) => TaskKind::DeleteFile,
            Self::Mailing(_) => TaskKind::Mailing,
            Self::MailingLetter(_) => TaskKind::MailingLetter,
        }
    }

    /// The data that it needs, as JSON; [`Task::read`] reads it.
    pub fn payload(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Mail(mail) | Self::Reminder(mail) | Self::Notify(mail) => serde_json::to_string(mail),
            Self::ReminderList(list) => serde_json::to_string(list),
            Self::Push(pushed) => serde_json::to_string(pushed),
            Self::PasswordReset(email) => Ok(serde_json::json!({ "email": email.as_str() }).to_string()),
            Self::RefreshStandings(cars) | Self::LookAgain(cars) => serde_json::to_string(cars),
            Self::DeleteFile(id) => Ok(serde_json::json!({ "file": id }).to_string()),
            Self::Mailing(cars) => serde_json::to_string(cars),
            Self::MailingLetter(car) => serde_json::to_string(car),
        }
    }

    /// A task as it was stored, or why it cannot be read.
    pub fn read(kind: TaskKind, payload: &str) -> Result<Self, String> {
        match kind {
            TaskKind::Mail => serde_json::from_str(payload).map(Self::Mail).map_err(|error| error.to_string()),
            TaskKind::Reminder => serde_json::from_str(payload).map(Self::Reminder).map_err(|error| error.to_string()),
            TaskKind::ReminderList => {
                serde_json::from_str(payload).map(Self::ReminderList).map_err(|error| error.to_string())
            }
            TaskKind::Notify => serde_json::from_str(payload).map(Self::Notify).map_err(|error| error.to_string()),
            TaskKind::Push => serde_json::from_str(payload).map(Self::Push).map_err(|error| error.to_string()),
            TaskKind::PasswordReset => {
                let payload: serde_json::Value = serde_json::from_str(payload).map_err(|error| error.to_string())?;
                let email = payload.get("email").and_then(serde_json::Value::as_str).ok_or("it names no e-mail")?;
                EmailAddress::stored(email).map(Self::PasswordReset).ok_or_else(|| "it names no e-mail".to_owned())
            }
            TaskKind::RefreshStandings => {
                serde_json::from_str(payload).map(Self::RefreshStandings).map_err(|error| error.to_string())
            }
            TaskKind::LookAgain => {
                serde_json::from_str(payload).map(Self::LookAgain).map_err(|error| error.to_string())
            }
            TaskKind::DeleteFile => {
                let payload: serde_json::Value = serde_json::from_str(payload).map_err(|error| error.to_string())?;
                let id = payload.get("file").cloned().ok_or("it names no file")?;
                serde_json::from_value(id).map(Self::DeleteFile).map_err(|error| error.to_string())
            }
            TaskKind::Mailing => serde_json::from_str(payload).map(Self::Mailing).map_err(|error| error.to_string()),
            TaskKind::MailingLetter => {
                serde_json::from_str(payload).map(Self::MailingLetter).map_err(|error| error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consequence::{Recipient, Template};

    /// One task of each kind, in the order of the kinds, as it is stored in the database.
    fn samples() -> Vec<(Task, &'static str)> {
        let sample = |kind: &TaskKind| match kind {
            TaskKind::Mail => (
                Task::Mail(Mail { template: Template::TransferAcceptedGarage, to: Recipient::Garage }),
                r#"{"template":"transfer_accepted_garage","to":{"kind":"garage"}}"#,
            ),
            TaskKind::Reminder => (
                Task::Reminder(Mail { template: Template::ReminderApk, to: Recipient::Garage }),
                r#"{"template":"reminder_apk","to":{"kind":"garage"}}"#,
            ),
            TaskKind::ReminderList => (
                Task::ReminderList(ReminderList {
                    template: Template::ReminderApk,
                    to: Recipient::Fleet(crate::ids::FleetId(uuid::Uuid::from_u128(8))),
                    events: vec![5, 7],
                }),
                r#"{"template":"reminder_apk","to":{"kind":"fleet","value":"00000000-0000-0000-0000-000000000008"},"events":[5,7]}"#,
            ),
            TaskKind::Notify => (
                Task::Notify(Mail {
                    template: Template::CheckReady,
                    to: Recipient::Driver(PassportId(uuid::Uuid::from_u128(2))),
                }),
                r#"{"template":"check_ready","to":{"kind":"driver","value":"00000000-0000-0000-0000-000000000002"}}"#,
            ),
            TaskKind::Push => (
                Task::Push(Pushed {
                    notification_id: NotificationId(uuid::Uuid::from_u128(3)),
                    device_id: DeviceId(uuid::Uuid::from_u128(4)),
                    event: Some(PushedEvent { garage_id: Some(GarageId(uuid::Uuid::from_u128(1))), number: 7 }),
                }),
                r#"{"notificationId":"00000000-0000-0000-0000-000000000003","deviceId":"00000000-0000-0000-0000-000000000004","event":{"garageId":"00000000-0000-0000-0000-000000000001","number":7}}"#,
            ),
            TaskKind::PasswordReset => (
                Task::PasswordReset(EmailAddress::parse("Jan@jansen.example").unwrap()),
                r#"{"email":"Jan@jansen.example"}"#,
            ),
            TaskKind::RefreshStandings => (
                Task::RefreshStandings(CarsToRefresh { garage_id: GarageId(uuid::Uuid::from_u128(1)), after: None }),
                r#"{"garageId":"00000000-0000-0000-0000-000000000001","after":null}"#,
            ),
            TaskKind::LookAgain => (
                Task::LookAgain(CarsToRefresh {
                    garage_id: GarageId(uuid::Uuid::from_u128(1)),
                    after: Some(PassportId(uuid::Uuid::from_u128(2))),
                }),
                r#"{"garageId":"00000000-0000-0000-0000-000000000001","after":"00000000-0000-0000-0000-000000000002"}"#,
            ),
            TaskKind::DeleteFile => (
                Task::DeleteFile(FileId(uuid::Uuid::from_u128(7))),
                r#"{"file":"00000000-0000-0000-0000-000000000007"}"#,
            ),
            TaskKind::Mailing => (
                Task::Mailing(MailingCars {
                    mailing_id: ApkMailingId(uuid::Uuid::from_u128(5)),
                    after: Some((jiff::civil::date(2026, 4, 1), PassportId(uuid::Uuid::from_u128(6)))),
                }),
                r#"{"mailingId":"00000000-0000-0000-0000-000000000005","after":["2026-04-01","00000000-0000-0000-0000-000000000006"]}"#,
            ),
            TaskKind::MailingLetter => (
                Task::MailingLetter(MailingCar {
                    mailing_id: ApkMailingId(uuid::Uuid::from_u128(5)),
                    passport_id: PassportId(uuid::Uuid::from_u128(6)),
                }),
                r#"{"mailingId":"00000000-0000-0000-0000-000000000005","passportId":"00000000-0000-0000-0000-000000000006"}"#,
            ),
        };
        TaskKind::ALL.iter().map(sample).collect()
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        for ((task, payload), kind) in samples().into_iter().zip(TaskKind::ALL) {
            assert_eq!((task.kind(), task.payload().unwrap().as_str()), (*kind, payload));
            assert_eq!(Task::read(*kind, payload), Ok(task));
        }
    }

    #[test]
    fn a_push_message_that_an_earlier_version_queued_is_read() {
        let earlier = r#"{"notificationId":"00000000-0000-0000-0000-000000000003","deviceId":"00000000-0000-0000-0000-000000000004"}"#;
        let task = Task::read(TaskKind::Push, earlier).unwrap();
        assert!(matches!(task, Task::Push(Pushed { event: None, .. })));
        assert_eq!(task.payload().unwrap(), earlier);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for kind in TaskKind::ALL {
            for payload in ["", "{}", "null", "[1]", r#"{"email":7}"#, r#"{"email":"nobody"}"#, r#"{"file":"x"}"#] {
                assert!(!Task::read(*kind, payload).unwrap_err().is_empty(), "{kind:?} {payload}");
            }
        }
        let unknown = r#"{"template":"from_the_future","to":{"kind":"garage"}}"#;
        assert!(Task::read(TaskKind::Mail, unknown).unwrap_err().contains("from_the_future"));
    }
}
