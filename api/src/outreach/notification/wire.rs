//! Requests and answers of notifications.

use crate::{
    body, enum_scalars, query,
    wire::{Id, Members, Moment},
};
use domain::{
    consequence::Template,
    notification::{Channel, Notification as DomainNotification, Settings},
    value::{AccountKind, Language},
};
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// What a notification is about.
    NotificationKind(Template), "What happened. There will be more kinds: show the title and text of one that you do not know.";
    /// How much a notification matters.
    NotificationClass(domain::consequence::Class), "How much it matters. Account: the account itself, such as a new password or an offer; it cannot be switched off. Service: the car, such as a check that is ready; it can be switched off. Promotion: advertising, which is sent only with consent.";
}

query! {
    /// Which notifications to list.
    pub struct NotificationQuery {
        /// Only those that were read (`true`), or only those that were not (`false`).
        pub read: Option<bool>,
    }
}

/// Something that the account is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a31",
    "kind": "check_ready",
    "class": "service",
    "title": "De controle van GR-731-N is klaar",
    "text": "Garage De Vries heeft de controle van GR-731-N (Opel Combo) afgerond. In de app ziet u wat er is gevonden en wat wij u adviseren.",
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "link": "/passports/0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "madeAt": "2026-03-01T09:30:00Z",
    "readAt": null
}))]
pub struct Notification {
    /// The id of the notification.
    pub id: Id,
    /// What happened.
    pub kind: NotificationKind,
    /// How much it matters.
    pub class: NotificationClass,
    /// What happened, in one line, in the language that the account had then.
    #[schema(max_length = 500)]
    pub title: String,
    /// What happened and what to do. A blank line separates paragraphs.
    #[schema(max_length = 4000)]
    pub text: String,
    /// The id of the passport that it is about; null when it is about none.
    pub passport_id: Option<Id>,
    /// Where in the app it leads: a path, to be put behind the address of the app. Null when it leads nowhere.
    #[schema(max_length = 200)]
    pub link: Option<String>,
    /// When it was made.
    pub made_at: Moment,
    /// When it was read; null until then.
    pub read_at: Option<Moment>,
}

impl From<DomainNotification> for Notification {
    fn from(notification: DomainNotification) -> Self {
        Self {
            id: Id(notification.id.0),
            kind: NotificationKind(notification.kind),
            class: NotificationClass(notification.kind.class()),
            title: notification.title,
            text: notification.text,
            passport_id: notification.passport.map(|id| Id(id.0)),
            link: notification.link,
            made_at: Moment(notification.made_at),
            read_at: notification.read_at.map(Moment),
        }
    }
}

/// How much is unread.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "count": 3 }))]
pub struct UnreadCount {
    /// How many notifications are unread. 1000 means 1000 or more.
    #[schema(minimum = 0, maximum = 1000)]
    pub count: i64,
}

body! {
    /// Up to which notification everything was read.
    #[schema(example = json!({ "upTo": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a31" }))]
    pub struct ReadNotifications {
        /// The id of the newest notification that was shown. Newer ones stay unread.
        pub up_to: Id,
    }
}

/// Whether the account hears of a kind, by which way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "kind": "check_ready", "name": "Een controle van mijn auto is klaar", "inApp": true, "email": false, "push": true }))]
pub struct NotificationSetting {
    /// The kind of notification.
    pub kind: NotificationKind,
    /// What the kind is about, as a settings page shows it, in the language of the request.
    #[schema(max_length = 200)]
    pub name: String,
    /// Whether it is shown in the app.
    pub in_app: bool,
    /// Whether it is mailed to the account. Always false for staff: what concerns the garage is mailed to the garage's own address,
    /// whatever its staff set here.
    pub email: bool,
    /// Whether it is sent to the account's devices.
    pub push: bool,
}

/// What the account hears of.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({ "settings": [
    { "kind": "check_ready", "name": "Een controle van mijn auto is klaar", "inApp": true, "email": false, "push": true }
] }))]
pub struct NotificationSettings {
    /// The kinds that can be switched off, for this kind of account.
    #[schema(max_items = 200)]
    pub settings: Vec<NotificationSetting>,
}

impl NotificationSetting {
    /// What the settings say of a kind.
    pub fn new(kind: Template, settings: &Settings, account: AccountKind, language: Language) -> Self {
        Self {
            kind: NotificationKind(kind),
            name: name(kind, account, language).to_owned(),
            in_app: settings.wants(kind, Channel::InApp),
            email: account != AccountKind::Staff && settings.wants(kind, Channel::Email),
            push: settings.wants(kind, Channel::Push),
        }
    }
}

body! {
    /// By which ways to hear of a kind. All are given.
    #[schema(example = json!({ "inApp": true, "email": false, "push": true }))]
    pub struct SetNotificationSetting check push_needs_app {
        /// Whether it is shown in the app.
        pub in_app: bool,
        /// Whether it is mailed to the account. Nothing is mailed to staff, so for them this has no effect.
        pub email: bool,
        /// Whether it is sent to the account's devices. That needs `inApp`, since what is sent is read in the app.
        pub push: bool,
    }
}

fn push_needs_app(members: &mut Members<'_>) {
    let is = |value: Option<&serde_json::Value>, wanted| value.and_then(serde_json::Value::as_bool) == Some(wanted);
    if is(members.given("inApp"), false) && is(members.given("push"), true) {
        members.wrong("push", "push_needs_in_app");
    }
}

/// What a kind that can be switched off is about, for an account of a kind. The others have the subject of their mail, which no
/// settings page shows.
pub fn name(kind: Template, account: AccountKind, language: Language) -> &'static str {
    let of_fleet = account == AccountKind::Fleet;
    let [dutch, english] = if let Some(names) = name_of_reminder(kind, of_fleet) {
        names
    } else if matches!(kind, Template::CheckReady) {
        if of_fleet {
            ["Een controle van een auto in mijn wagenpark is klaar", "A check of a car of my fleet is ready"]
        } else {
            ["Een controle van mijn auto is klaar", "A check of my car is ready"]
        }
    } else if matches!(kind, Template::RecallOpened) {
        if of_fleet {
            ["De fabrikant roept een auto in mijn wagenpark terug", "The manufacturer recalls a car of my fleet"]
        } else {
            ["De fabrikant roept mijn auto terug", "The manufacturer recalls my car"]
        }
    } else if matches!(kind, Template::RecommendationAgreed) {
        ["Een klant gaat akkoord met een advies", "A customer agrees to a recommendation"]
    } else if matches!(kind, Template::RecommendationDeclined) {
        ["Een klant ziet af van een advies", "A customer declines a recommendation"]
    } else if matches!(kind, Template::CustomerEmailBounced) {
        ["E-mail aan een klant kwam terug (alleen in de app)", "Mail to a customer came back (in the app alone)"]
    } else {
        [kind.code(), kind.code()]
    };
    match language {
        Language::Dutch => dutch,
        Language::English => english,
    }
}

/// What a reminder of what comes due is about.
fn name_of_reminder(kind: Template, of_fleet: bool) -> Option<[&'static str; 2]> {
    let [driver, fleet] = if matches!(kind, Template::ReminderApk) {
        [
            ["De APK van mijn auto verloopt binnenkort", "The APK of my car expires soon"],
            ["De APK van een auto in mijn wagenpark verloopt binnenkort", "The APK of a car of my fleet expires soon"],
        ]
    } else if matches!(kind, Template::ReminderApkExpired) {
        [
            ["De APK van mijn auto is verlopen", "The APK of my car has expired"],
            ["De APK van een auto in mijn wagenpark is verlopen", "The APK of a car of my fleet has expired"],
        ]
    } else if matches!(kind, Template::ReminderMaintenance) {
        [
            ["Mijn auto heeft binnenkort onderhoud nodig", "My car needs maintenance soon"],
            ["Een auto in mijn wagenpark heeft binnenkort onderhoud nodig", "A car of my fleet needs maintenance soon"],
        ]
    } else if matches!(kind, Template::ReminderMaintenanceOverdue) {
        [
            ["Mijn auto is aan de beurt voor onderhoud", "My car is due for maintenance"],
            ["Een auto in mijn wagenpark is aan de beurt voor onderhoud", "A car of my fleet is due for maintenance"],
        ]
    } else if matches!(kind, Template::FleetDigest) {
        let names = ["Het weekoverzicht van mijn wagenpark", "The weekly overview of my fleet"];
        [names, names]
    } else {
        return None;
    };
    Some(if of_fleet { fleet } else { driver })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::notification::can_be_switched;

    #[test]
    fn n3_every_kind_that_can_be_switched_off_has_a_name_in_each_language() {
        for kind in Template::ALL.iter().filter(|kind| can_be_switched(**kind)) {
            for language in Language::ALL {
                for account in AccountKind::ALL {
                    assert!(name(*kind, *account, *language).contains(' '), "{kind:?} {account:?} {language:?}");
                }
                // A fleet has many cars, and none of them is the manager's own.
                let of_fleet = name(*kind, AccountKind::Fleet, *language).to_lowercase();
                assert!(!of_fleet.contains("mijn auto") && !of_fleet.contains("my car"), "{of_fleet}");
            }
        }
    }
}
