//! From what happened to what must be done: a pure function.
//!
//! Commands know nothing about mails. This module alone decides who is told of a fact (rule N1), by mail and in the app, so a
//! new consumer of facts never changes a command.

use crate::{
    event::Fact,
    ids::{AccountId, FleetId, InvitationId, PassportId, TransferId},
    value::{AccountKind, DecisionChannel, LinkChangeKind, ReminderItem},
};
use serde::{Deserialize, Serialize};

/// A mail to be sent: which text, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// The text that is sent.
    pub template: Template,
    /// Who receives it.
    pub to: Recipient,
}

/// Who receives a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Recipient {
    /// An account, at the e-mail address that it has when the mail is sent.
    Account(AccountId),
    /// The account of a fleet.
    Fleet(FleetId),
    /// The address to which a transfer was offered.
    Offered(TransferId),
    /// The address that an account had before this link changed it.
    Former(InvitationId),
    /// Who drives a car when the mail is sent.
    Driver(PassportId),
    /// The account of the fleet in which a car is when the mail is sent.
    FleetOf(PassportId),
    /// The garage whose stream holds the event.
    Garage,
    /// The address for which a one-time link was made; the mail contains the link.
    Invited(InvitationId),
}

/// Reminders of a kind that come at once for one account or fleet, and go out in one mail (rule RM4). In the app each is told by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReminderList {
    /// The kind.
    pub template: Template,
    /// The account that drove the cars when they were reminded of, or the fleet that had them.
    pub to: Recipient,
    /// The numbers of the events, in the stream of the garage.
    pub events: Vec<i64>,
}

crate::coded_enum! {
    /// How much a message matters to who receives it (rule N3).
    pub enum Class {
        /// The account itself: signing in, invitations, offers, whose car it is. Always mailed and never switched off.
        Account => "account",
        /// The car: due work, recalls, a check that is ready. Can be switched off, by kind and channel.
        Service => "service",
        /// Advertising: only with consent.
        Promotion => "promotion",
    }
}

impl Mail {
    /// Whether the same is told in the app too. A mail with a one-time link is for someone who cannot sign in yet or who
    /// proves an address with it, so there is nobody to tell it to; but an offer is shown to the account that it is for.
    pub const fn is_told_in_app(&self) -> bool {
        !matches!(self.to, Recipient::Invited(_))
            || matches!(self.template, Template::InvitationTransfer | Template::ReminderOffer)
    }

    /// Whether it is mailed at all. What the garage has to do in the app when it is there anyway is not.
    pub const fn is_mailed(&self) -> bool {
        !matches!(self.template, Template::CustomerEmailBounced)
    }
}

impl Template {
    /// The class of the message (rule N3).
    pub const fn class(self) -> Class {
        let is_about_the_car = matches!(
            self,
            Self::RecommendationAgreed
                | Self::RecommendationDeclined
                | Self::CustomerEmailBounced
                | Self::CheckReady
                | Self::RecallOpened
                | Self::FleetDigest
        ) || self.is_of_due_work();
        if is_about_the_car { Class::Service } else { Class::Account }
    }

    /// Whether the mail has a code beside its link, which is typed where the link does not work (rule A26).
    pub const fn has_code(self) -> bool {
        matches!(
            self,
            Self::InvitationPassport | Self::InvitationFleet | Self::InvitationStaff | Self::InvitationTransfer
        )
    }

    /// Whether the message is about a car that the recipient has, and is shown only as long as they have it (rule N4). Other
    /// messages say that they have it no longer, or are not about a car.
    pub const fn needs_access(self) -> bool {
        self.is_of_due_work()
            || matches!(
                self,
                Self::CheckReady
                    | Self::RecallOpened
                    | Self::RecommendationAgreed
                    | Self::RecommendationDeclined
                    | Self::PassportLinked
                    | Self::PassportUnlinked
                    | Self::PassportUnarchived
                    | Self::PassportUnarchivedFleet
                    | Self::PassportTaken
                    | Self::GarageChangeRequested
                    | Self::GarageChangeAgreed
                    | Self::GarageChangeAgreedDriver
                    | Self::LinkObjected
                    | Self::UnlinkObjected
                    | Self::PassportDriverEndedGarage
                    | Self::TransferAcceptedRecipient
                    | Self::TransferAcceptedGarage
                    | Self::TransferDeclined
                    | Self::TransferExpired
            )
    }

    /// Whether it reminds of something that comes due, and is sent at decent hours alone (rule RM3).
    pub const fn is_reminder(self) -> bool {
        self.is_of_due_work() || matches!(self, Self::FleetDigest | Self::ReminderInvitation | Self::ReminderOffer)
    }

    /// Whether it reminds of something that comes due on one car, of which a fleet chooses who is reminded (rule RM4).
    pub const fn is_of_due_work(self) -> bool {
        matches!(
            self,
            Self::ReminderApk | Self::ReminderApkExpired | Self::ReminderMaintenance | Self::ReminderMaintenanceOverdue
        )
    }

    /// Which kinds of account can receive the message.
    pub const fn is_for(self, kind: AccountKind) -> bool {
        let is_to_garage = matches!(
            self,
            Self::RecommendationAgreed
                | Self::RecommendationDeclined
                | Self::CustomerEmailBounced
                | Self::PassportTaken
                | Self::EmailLost
                | Self::PassportLapsed
                | Self::PassportLeft
                | Self::GarageChangeAgreed
                | Self::GarageChangeDeclined
                | Self::GarageChangeExpired
                | Self::LinkObjected
                | Self::UnlinkObjected
                | Self::PassportDriverEndedGarage
                | Self::TransferAcceptedGarage
        );
        match kind {
            AccountKind::Staff => is_to_garage || self.is_of_the_account(),
            AccountKind::Fleet => !is_to_garage,
            AccountKind::Driver => !is_to_garage && !matches!(self, Self::FleetDigest),
            AccountKind::Platform => self.is_of_the_account(),
        }
    }

    /// Whether the message is about signing in, which every account does.
    const fn is_of_the_account(self) -> bool {
        matches!(
            self,
            Self::EmailChanged
                | Self::EmailRequested
                | Self::PasswordChanged
                | Self::SecondFactorActivated
                | Self::SecondFactorRemoved
                | Self::SecondFactorReset
                | Self::RecoveryCodeUsed
                | Self::RecoveryCodesReplaced
                | Self::SessionCompromised
        )
    }
}

crate::coded_enum! {
    /// The texts of all mails, and of what is told in the app.
    pub enum Template {
        /// To a new driver: the AutoPaspoort is ready, with the link to activate it.
        InvitationPassport => "invitation_passport",
        /// To a fleet manager: how to sign in to the fleet dashboard.
        InvitationFleet => "invitation_fleet",
        /// To a new colleague: an account was made, with the link to choose a password.
        InvitationStaff => "invitation_staff",
        /// To the recipient of an offer: the car is offered to you.
        InvitationTransfer => "invitation_transfer",
        /// The link to choose a new password.
        PasswordReset => "password_reset",
        /// To the new address: the link to confirm it.
        EmailConfirm => "email_confirm",
        /// To the former address: the e-mail address of the account was changed.
        EmailChanged => "email_changed",
        /// The password was changed.
        PasswordChanged => "password_changed",
        /// A second factor is asked for from now on (rule A16).
        SecondFactorActivated => "second_factor_activated",
        /// The second factor was removed (rule A16).
        SecondFactorRemoved => "second_factor_removed",
        /// The second factor was reset by someone else (rule A20).
        SecondFactorReset => "second_factor_reset",
        /// A recovery code was used (rule A18).
        RecoveryCodeUsed => "recovery_code_used",
        /// There are other recovery codes (rule A18).
        RecoveryCodesReplaced => "recovery_codes_replaced",
        /// A session was ended because its token was used twice.
        SessionCompromised => "session_compromised",
        /// To the holder of an address: someone asked to use it for another account.
        EmailRequested => "email_requested",
        /// To the garage: an address that it gave belongs to someone else (rule A4).
        EmailLost => "email_lost",
        /// To the garage: an account with another address used the link to activate a passport (rule P14).
        PassportTaken => "passport_taken",
        /// To the account that used that link: the garage ended it (rule P14).
        ActivationRevoked => "activation_revoked",
        /// To the driver: the car was linked to a fleet (rule L4).
        PassportLinked => "passport_linked",
        /// To the driver: the car was unlinked from its fleet (rule L4).
        PassportUnlinked => "passport_unlinked",
        /// To the fleet: one of its cars was unlinked.
        PassportUnlinkedFleet => "passport_unlinked_fleet",
        /// To the driver: the passport was archived.
        PassportArchived => "passport_archived",
        /// To the fleet: the passport of one of its cars was archived.
        PassportArchivedFleet => "passport_archived_fleet",
        /// To the garage: a passport that nobody activated was archived, since another garage took the plate (rule P7).
        PassportLapsed => "passport_lapsed",
        /// To the owner: a garage asks to keep the passport (rule P6).
        GarageChangeRequested => "garage_change_requested",
        /// To the garage that asked: it keeps the passport now (rule P6).
        GarageChangeAgreed => "garage_change_agreed",
        /// To the driver of a fleet's car: another garage keeps the passport (rule P6).
        GarageChangeAgreedDriver => "garage_change_agreed_driver",
        /// To the garage that asked: the owner declined (rule P6).
        GarageChangeDeclined => "garage_change_declined",
        /// To the garage that asked: the owner did not decide in time (rule P6).
        GarageChangeExpired => "garage_change_expired",
        /// To the garage that kept the passport: another keeps it now (rule P6).
        PassportLeft => "passport_left",
        /// To the driver: the passport was taken back into use (rule P11).
        PassportUnarchived => "passport_unarchived",
        /// To the fleet: the passport of one of its cars was taken back into use (rule P11).
        PassportUnarchivedFleet => "passport_unarchived_fleet",
        /// To the former driver: the fleet ended their access to the car (rule F7).
        PassportDriverEnded => "passport_driver_ended",
        /// To the garage: the fleet ended the access of the car's driver (rule F7).
        PassportDriverEndedGarage => "passport_driver_ended_garage",
        /// To the garage: the former owner objected to a link (rule L5).
        LinkObjected => "link_objected",
        /// To the fleet: a car went back to its owner, who objected to the link (rule L5).
        LinkObjectedFleet => "link_objected_fleet",
        /// To the garage: the fleet objected to an unlink (rule L5).
        UnlinkObjected => "unlink_objected",
        /// To the driver: the car is in the fleet again, which objected to the unlink (rule L5).
        UnlinkObjectedDriver => "unlink_objected_driver",
        /// To the recipient: the car is yours (rule T10).
        TransferAcceptedRecipient => "transfer_accepted_recipient",
        /// To the offerer: the offer was accepted (rule T10).
        TransferAcceptedOfferer => "transfer_accepted_offerer",
        /// To the former driver: the car has another driver (rule T10).
        TransferAcceptedFormerDriver => "transfer_accepted_former_driver",
        /// To the garage: the car has a new owner or driver (rule T10).
        TransferAcceptedGarage => "transfer_accepted_garage",
        /// To the garage: the owner agreed to a recommendation (rule RC3).
        RecommendationAgreed => "recommendation_agreed",
        /// To the garage: the owner declined a recommendation (rule RC3).
        RecommendationDeclined => "recommendation_declined",
        /// To the garage, in the app alone: mail to a customer came back (rule CH3).
        CustomerEmailBounced => "customer_email_bounced",
        /// To the driver and the fleet: a check of the car is ready.
        CheckReady => "check_ready",
        /// To the driver and the fleet: the manufacturer recalls the car.
        RecallOpened => "recall_opened",
        /// To the driver and the fleet: the APK is about to expire (rule RM1).
        ReminderApk => "reminder_apk",
        /// To the driver and the fleet: the APK has expired (rule RM1).
        ReminderApkExpired => "reminder_apk_expired",
        /// To the driver and the fleet: work on the car is expected soon (rule RM1).
        ReminderMaintenance => "reminder_maintenance",
        /// To the driver and the fleet: work on the car is overdue (rule RM1).
        ReminderMaintenanceOverdue => "reminder_maintenance_overdue",
        /// To the fleet: what its cars were reminded of since the last digest (rule RM4).
        FleetDigest => "fleet_digest",
        /// To someone who was invited: the link is about to expire (rule RM1).
        ReminderInvitation => "reminder_invitation",
        /// To the recipient of an offer: it is about to expire (rule RM1).
        ReminderOffer => "reminder_offer",
        /// To the offerer: the offer was declined.
        TransferDeclined => "transfer_declined",
        /// To the recipient: the offer was withdrawn.
        TransferWithdrawn => "transfer_withdrawn",
        /// To the offerer: nobody accepted in time.
        TransferExpired => "transfer_expired",
    }
}

/// The mails that follow from a fact.
#[expect(clippy::too_many_lines, reason = "every fact is named, one in a line, so that a new one is not forgotten")]
pub fn mails(fact: &Fact) -> Vec<Mail> {
    let account = |template, id: &AccountId| Mail { template, to: Recipient::Account(*id) };
    let to_garage = |template| Mail { template, to: Recipient::Garage };
    let company = |template, id: &FleetId| Mail { template, to: Recipient::Fleet(*id) };
    match fact {
        Fact::InvitationIssued { invitation_id, purpose, .. } => invitation(purpose)
            .map(|template| Mail { template, to: Recipient::Invited(*invitation_id) })
            .into_iter()
            .collect(),
        Fact::InvitationExpiring { invitation_id, purpose, .. } => {
            let template = if purpose == "transfer" { Template::ReminderOffer } else { Template::ReminderInvitation };
            vec![Mail { template, to: Recipient::Invited(*invitation_id) }]
        }
        Fact::FleetDigestDue { fleet_id, .. } => vec![company(Template::FleetDigest, fleet_id)],
        Fact::PassportLinked { driver: Some(driver), .. } => vec![account(Template::PassportLinked, driver)],
        // The fleet gets a mail too: the garage takes away a car that only the fleet could hand over (rule T2).
        Fact::PassportUnlinked { fleet_id, driver, .. } => {
            let driver = driver.iter().map(|driver| account(Template::PassportUnlinked, driver));
            driver.chain([company(Template::PassportUnlinkedFleet, fleet_id)]).collect()
        }
        Fact::PassportArchived { driver, fleet_id, .. } => {
            to_both(*driver, *fleet_id, [Template::PassportArchived, Template::PassportArchivedFleet])
        }
        Fact::PassportLapsed { .. } => vec![to_garage(Template::PassportLapsed)],
        Fact::GarageChangeRequested { driver, fleet_id, .. } => garage_asks(*driver, *fleet_id),
        Fact::GarageChangeAgreed { driver, .. } => garage_changes(*driver),
        Fact::GarageChangeDeclined { .. } => vec![to_garage(Template::GarageChangeDeclined)],
        Fact::GarageChangeExpired { .. } => vec![to_garage(Template::GarageChangeExpired)],
        Fact::PassportLeft { .. } => vec![to_garage(Template::PassportLeft)],
        Fact::PassportUnarchived { driver, fleet_id, .. } => {
            to_both(*driver, *fleet_id, [Template::PassportUnarchived, Template::PassportUnarchivedFleet])
        }
        Fact::DriverEnded { driver, .. } => driver_ended(*driver),
        Fact::LinkChangeObjected { change, fleet_id, driver, .. } => objected(*change, *fleet_id, *driver),
        Fact::TransferAccepted { recipient, offered_by, former_driver, .. } => {
            let mut mails = vec![
                account(Template::TransferAcceptedRecipient, recipient),
                account(Template::TransferAcceptedOfferer, offered_by),
                to_garage(Template::TransferAcceptedGarage),
            ];
            // Someone who sells their own car is both the offerer and the former driver, and gets one mail.
            let former = former_driver.filter(|former| former != offered_by);
            mails.extend(former.map(|former| account(Template::TransferAcceptedFormerDriver, &former)));
            mails
        }
        Fact::TransferDeclined { offered_by, .. } => vec![account(Template::TransferDeclined, offered_by)],
        Fact::TransferWithdrawn { transfer_id, .. } => {
            vec![Mail { template: Template::TransferWithdrawn, to: Recipient::Offered(*transfer_id) }]
        }
        Fact::TransferExpired { offered_by, .. } => vec![account(Template::TransferExpired, offered_by)],
        Fact::AccountEmailChanged { invitation_id, .. } => {
            vec![Mail { template: Template::EmailChanged, to: Recipient::Former(*invitation_id) }]
        }
        Fact::VehicleCheckCompleted { passport_id, .. } => to_hands(Template::CheckReady, *passport_id),
        Fact::ReminderDue { passport_id, item, offset, .. } => {
            reminder(*item, *offset).map_or_else(Vec::new, |template| to_hands(template, *passport_id))
        }
        Fact::RecallOpened { passport_id, .. } => to_hands(Template::RecallOpened, *passport_id),
        // What the garage wrote down itself, it knows.
        Fact::RecommendationAgreed { channel: DecisionChannel::App, .. } => {
            vec![to_garage(Template::RecommendationAgreed)]
        }
        Fact::RecommendationDeclined { channel: DecisionChannel::App, .. } => {
            vec![to_garage(Template::RecommendationDeclined)]
        }
        Fact::AccountPasswordChanged { account_id } => vec![account(Template::PasswordChanged, account_id)],
        Fact::AccountEmailRequested { account_id } => vec![account(Template::EmailRequested, account_id)],
        Fact::AccountEmailLost { .. } => vec![to_garage(Template::EmailLost)],
        Fact::CustomerEmailBounced { .. } => vec![to_garage(Template::CustomerEmailBounced)],
        Fact::PassportTaken { .. } => vec![to_garage(Template::PassportTaken)],
        Fact::ActivationRevoked { driver, .. } => vec![account(Template::ActivationRevoked, driver)],
        Fact::SecondFactorActivated { account_id } => vec![account(Template::SecondFactorActivated, account_id)],
        Fact::SecondFactorRemoved { account_id } => vec![account(Template::SecondFactorRemoved, account_id)],
        Fact::SecondFactorReset { account_id } => vec![account(Template::SecondFactorReset, account_id)],
        Fact::RecoveryCodeUsed { account_id } => vec![account(Template::RecoveryCodeUsed, account_id)],
        Fact::RecoveryCodesReplaced { account_id } => vec![account(Template::RecoveryCodesReplaced, account_id)],
        Fact::SessionCompromised { account_id } => vec![account(Template::SessionCompromised, account_id)],
        Fact::PassportLinked { driver: None, .. }
        | Fact::LinkChangeAgreed { .. }
        | Fact::LinkChangeWithdrawn { .. }
        | Fact::GarageCreated {}
        | Fact::GarageChanged {}
        | Fact::ReminderOffsetsChanged { .. }
        | Fact::StaffAdded { .. }
        | Fact::StaffChanged { .. }
        | Fact::StaffRemoved { .. }
        | Fact::CustomerCreated { .. }
        | Fact::CustomerChanged { .. }
        | Fact::CustomerDeleted { .. }
        | Fact::ApkMailingCreated { .. }
        | Fact::ApkMailingChanged { .. }
        | Fact::ApkMailingDeleted { .. }
        | Fact::ApkMailingScheduled { .. }
        | Fact::ApkMailingUnscheduled { .. }
        | Fact::ApkMailingBegun { .. }
        | Fact::ApkMailed { .. }
        | Fact::ApkMailingSent { .. }
        | Fact::ApkMailingStopped { .. }
        | Fact::MailingsObjected { .. }
        | Fact::MailingsObjectionWithdrawn { .. }
        | Fact::PassportCreated { .. }
        | Fact::PassportActivated { .. }
        | Fact::PassportChanged { .. }
        | Fact::PassportCustomerChanged { .. }
        | Fact::OdometerRecorded { .. }
        | Fact::PhotoAdded { .. }
        | Fact::PhotoDeleted { .. }
        | Fact::AttachmentAdded { .. }
        | Fact::AttachmentDeleted { .. }
        | Fact::ApkDateEntered { .. }
        | Fact::ApkDateChanged { .. }
        | Fact::ApkLiftChanged { .. }
        | Fact::RecallClosed { .. }
        | Fact::VehicleExported { .. }
        | Fact::VehicleCheckStarted { .. }
        | Fact::VehicleCheckDiscarded { .. }
        | Fact::RecommendationMade { .. }
        | Fact::RecommendationSuperseded { .. }
        | Fact::RecommendationAgreed { .. }
        | Fact::RecommendationDeclined { .. }
        | Fact::FleetCreated { .. }
        | Fact::FleetChanged { .. }
        | Fact::FleetClosed { .. }
        | Fact::TransferOffered { .. }
        | Fact::TransferResent { .. }
        | Fact::GarageChangeWithdrawn { .. }
        | Fact::ScheduleCreated { .. }
        | Fact::ScheduleChanged { .. }
        | Fact::ScheduleDeleted { .. }
        | Fact::CarScheduleSet { .. }
        | Fact::CarScheduleRemoved { .. }
        | Fact::ServiceIndicatorRecorded { .. }
        | Fact::ServiceIndicatorRemoved { .. }
        | Fact::CheckTemplateCreated { .. }
        | Fact::CheckTemplateChanged { .. }
        | Fact::CheckTemplateDeleted { .. }
        | Fact::SuppressionLifted { .. }
        | Fact::AccountActivated { .. }
        | Fact::ServiceRecorded { .. }
        | Fact::RecommendationDone { .. }
        | Fact::RecommendationReopened { .. }
        | Fact::AccountChanged { .. } => vec![],
    }
}

/// The text of a reminder: before the due day or on it, or after it. Those of offers and invitations follow from facts of
/// their own.
fn reminder(item: ReminderItem, offset: i64) -> Option<Template> {
    match (item, offset > 0) {
        (ReminderItem::Apk, false) => Some(Template::ReminderApk),
        (ReminderItem::Apk, true) => Some(Template::ReminderApkExpired),
        (ReminderItem::Maintenance, false) => Some(Template::ReminderMaintenance),
        (ReminderItem::Maintenance, true) => Some(Template::ReminderMaintenanceOverdue),
        (ReminderItem::Offer | ReminderItem::Invitation, _) => None,
    }
}

/// To who drives the car, and to its fleet, as they are when the message goes out.
fn to_hands(template: Template, car: PassportId) -> Vec<Mail> {
    [Recipient::Driver(car), Recipient::FleetOf(car)].map(|to| Mail { template, to }).to_vec()
}

/// The owner is asked: the fleet of a car in a fleet, else the driver.
fn garage_asks(driver: Option<AccountId>, fleet: Option<FleetId>) -> Vec<Mail> {
    let owner = fleet.map(Recipient::Fleet).or(driver.map(Recipient::Account));
    owner.map(|to| Mail { template: Template::GarageChangeRequested, to }).into_iter().collect()
}

/// The garage that keeps the passport now is told, and the driver of a fleet's car.
fn garage_changes(driver: Option<AccountId>) -> Vec<Mail> {
    let garage = Mail { template: Template::GarageChangeAgreed, to: Recipient::Garage };
    let to = |driver| Mail { template: Template::GarageChangeAgreedDriver, to: Recipient::Account(driver) };
    std::iter::once(garage).chain(driver.map(to)).collect()
}

/// The fleet knows what it did itself. Whoever was only invited is told by their link that it works no longer.
fn driver_ended(driver: Option<AccountId>) -> Vec<Mail> {
    let driver = driver.map(|driver| (Template::PassportDriverEnded, Recipient::Account(driver)));
    let all = driver.into_iter().chain([(Template::PassportDriverEndedGarage, Recipient::Garage)]);
    all.map(|(template, to)| Mail { template, to }).collect()
}

/// To the driver and the fleet of a car, as far as it has them.
fn to_both(driver: Option<AccountId>, fleet: Option<FleetId>, [to_driver, to_fleet]: [Template; 2]) -> Vec<Mail> {
    let driver = driver.map(|driver| Mail { template: to_driver, to: Recipient::Account(driver) });
    let fleet = fleet.map(|fleet| Mail { template: to_fleet, to: Recipient::Fleet(fleet) });
    driver.into_iter().chain(fleet).collect()
}

/// Who objected knows it. The garage, and the other side, which has the car no longer, do not.
fn objected(change: LinkChangeKind, fleet: FleetId, driver: AccountId) -> Vec<Mail> {
    let (to_garage, to_other, other) = match change {
        LinkChangeKind::Linked => (Template::LinkObjected, Template::LinkObjectedFleet, Recipient::Fleet(fleet)),
        LinkChangeKind::Unlinked => {
            (Template::UnlinkObjected, Template::UnlinkObjectedDriver, Recipient::Account(driver))
        }
    };
    vec![Mail { template: to_garage, to: Recipient::Garage }, Mail { template: to_other, to: other }]
}

fn invitation(purpose: &str) -> Option<Template> {
    match purpose {
        "passport" => Some(Template::InvitationPassport),
        "fleet" => Some(Template::InvitationFleet),
        "staff" => Some(Template::InvitationStaff),
        "transfer" => Some(Template::InvitationTransfer),
        "password_reset" => Some(Template::PasswordReset),
        "email_change" => Some(Template::EmailConfirm),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::PassportId, invitation::Purpose, value::TransferKind};
    use uuid::Uuid;

    fn accepted(offered_by: u128, former_driver: Option<u128>) -> Fact {
        Fact::TransferAccepted {
            transfer_id: TransferId(Uuid::from_u128(1)),
            passport_id: PassportId(Uuid::from_u128(2)),
            transfer_kind: TransferKind::NewOwner,
            recipient: AccountId(Uuid::from_u128(3)),
            offered_by: AccountId(Uuid::from_u128(offered_by)),
            former_driver: former_driver.map(|id| AccountId(Uuid::from_u128(id))),
            former_fleet: None,
        }
    }

    #[test]
    fn l4_the_driver_is_told_of_link_and_unlink() {
        let driver = AccountId(Uuid::from_u128(1));
        let (passport_id, fleet_id) = (PassportId(Uuid::from_u128(2)), FleetId(Uuid::from_u128(3)));
        let told = mails(&Fact::PassportLinked { passport_id, fleet_id, driver: Some(driver), change_id: None });
        assert_eq!(told, [Mail { template: Template::PassportLinked, to: Recipient::Account(driver) }]);
        let told = mails(&Fact::PassportUnlinked { passport_id, fleet_id, driver: Some(driver), change_id: None });
        let to_fleet = |template| Mail { template, to: Recipient::Fleet(fleet_id) };
        let to_driver = Mail { template: Template::PassportUnlinked, to: Recipient::Account(driver) };
        assert_eq!(told, [to_driver, to_fleet(Template::PassportUnlinkedFleet)]);
        let told = mails(&Fact::PassportUnlinked { passport_id, fleet_id, driver: None, change_id: None });
        assert_eq!(told, [to_fleet(Template::PassportUnlinkedFleet)], "the company is told of a car nobody drives");
        let told =
            mails(&Fact::PassportArchived { passport_id, driver: None, fleet_id: Some(fleet_id), pool_car: None });
        assert_eq!(told, [to_fleet(Template::PassportArchivedFleet)]);
    }

    #[test]
    fn f7_the_leaver_and_the_garage_are_told() {
        let driver = AccountId(Uuid::from_u128(1));
        let (passport_id, fleet_id) = (PassportId(Uuid::from_u128(2)), FleetId(Uuid::from_u128(3)));
        let told = |driver| mails(&Fact::DriverEnded { passport_id, fleet_id, driver });
        let to_garage = || Mail { template: Template::PassportDriverEndedGarage, to: Recipient::Garage };
        let to_driver = Mail { template: Template::PassportDriverEnded, to: Recipient::Account(driver) };
        assert_eq!(told(Some(driver)), [to_driver, to_garage()]);
        assert_eq!(told(None), [to_garage()]);
        assert!(!Template::PassportDriverEndedGarage.is_for(AccountKind::Driver));
        assert!(Template::PassportDriverEnded.is_for(AccountKind::Driver));
    }

    #[test]
    fn p7_the_garage_is_told_of_a_passport_that_lapsed() {
        let lapsed = Fact::PassportLapsed { passport_id: PassportId(Uuid::from_u128(2)) };
        assert_eq!(mails(&lapsed), [Mail { template: Template::PassportLapsed, to: Recipient::Garage }]);
    }

    #[test]
    fn p6_owner_both_garages_and_the_driver_of_a_fleets_car_are_told() {
        let garage_change_id = crate::ids::GarageChangeId(Uuid::from_u128(1));
        let passport_id = PassportId(Uuid::from_u128(2));
        let (driver, fleet) = (AccountId(Uuid::from_u128(3)), FleetId(Uuid::from_u128(4)));
        let mail = |template, to| Mail { template, to };
        let asked =
            |driver, fleet_id| mails(&Fact::GarageChangeRequested { garage_change_id, passport_id, driver, fleet_id });
        let requested = |to| [mail(Template::GarageChangeRequested, to)];
        assert_eq!(asked(Some(driver), None), requested(Recipient::Account(driver)));
        assert_eq!(asked(None, Some(fleet)), requested(Recipient::Fleet(fleet)));
        let told = mails(&Fact::GarageChangeAgreed { garage_change_id, passport_id, driver: Some(driver) });
        let to_driver = mail(Template::GarageChangeAgreedDriver, Recipient::Account(driver));
        assert_eq!(told, [mail(Template::GarageChangeAgreed, Recipient::Garage), to_driver]);
        let told = mails(&Fact::PassportLeft { garage_change_id, passport_id });
        assert_eq!(told, [mail(Template::PassportLeft, Recipient::Garage)]);
    }

    #[test]
    fn l5_an_objection_is_mailed_to_the_garage_and_to_who_has_the_car_no_longer() {
        let (driver, fleet_id) = (AccountId(Uuid::from_u128(1)), FleetId(Uuid::from_u128(3)));
        let passport_id = PassportId(Uuid::from_u128(2));
        let change_id = crate::ids::LinkChangeId(Uuid::from_u128(4));
        let objected = |change| mails(&Fact::LinkChangeObjected { change_id, passport_id, change, fleet_id, driver });
        let garage = |template| Mail { template, to: Recipient::Garage };
        let fleet = Mail { template: Template::LinkObjectedFleet, to: Recipient::Fleet(fleet_id) };
        assert_eq!(objected(LinkChangeKind::Linked), [garage(Template::LinkObjected), fleet]);
        let to_driver = Mail { template: Template::UnlinkObjectedDriver, to: Recipient::Account(driver) };
        assert_eq!(objected(LinkChangeKind::Unlinked), [garage(Template::UnlinkObjected), to_driver]);
        assert_eq!(mails(&Fact::LinkChangeAgreed { change_id, passport_id }), []);
        assert_eq!(mails(&Fact::LinkChangeWithdrawn { change_id, passport_id }), []);
    }

    #[test]
    fn p11_driver_and_fleet_are_told_that_a_passport_is_back() {
        let (driver, fleet) = (AccountId(Uuid::from_u128(1)), FleetId(Uuid::from_u128(3)));
        let passport_id = PassportId(Uuid::from_u128(2));
        let back = |driver, fleet_id| mails(&Fact::PassportUnarchived { passport_id, driver, fleet_id });
        let to_driver = Mail { template: Template::PassportUnarchived, to: Recipient::Account(driver) };
        let to_fleet = Mail { template: Template::PassportUnarchivedFleet, to: Recipient::Fleet(fleet) };
        assert_eq!(back(Some(driver), Some(fleet)), [to_driver, to_fleet]);
        assert_eq!(back(None, None), []);
    }

    #[test]
    fn t10_everyone_concerned_is_told_once() {
        let templates = |fact| mails(&fact).into_iter().map(|mail| mail.template).collect::<Vec<_>>();
        assert_eq!(
            templates(accepted(4, Some(5))),
            [
                Template::TransferAcceptedRecipient,
                Template::TransferAcceptedOfferer,
                Template::TransferAcceptedGarage,
                Template::TransferAcceptedFormerDriver,
            ]
        );
        assert_eq!(templates(accepted(4, Some(4))).len(), 3);
        assert_eq!(templates(accepted(4, None)).len(), 3);
    }

    #[test]
    fn rc3_the_garage_is_told_what_the_owner_decided_in_the_app() {
        let (passport_id, recommendation_id) =
            (PassportId(Uuid::from_u128(2)), crate::ids::RecommendationId(Uuid::from_u128(3)));
        for channel in DecisionChannel::ALL {
            let is_told = *channel == DecisionChannel::App;
            let told = |template| if is_told { vec![Mail { template, to: Recipient::Garage }] } else { vec![] };
            let agreed = Fact::RecommendationAgreed { passport_id, recommendation_id, channel: *channel };
            let declined = Fact::RecommendationDeclined { passport_id, recommendation_id, channel: *channel };
            assert_eq!(mails(&agreed), told(Template::RecommendationAgreed), "{channel:?}");
            assert_eq!(mails(&declined), told(Template::RecommendationDeclined), "{channel:?}");
        }
    }

    #[test]
    fn a16_a18_a20_whoever_has_a_second_factor_is_told_what_happens_to_it() {
        let account_id = AccountId(Uuid::from_u128(1));
        let told = [
            (Fact::SecondFactorActivated { account_id }, Template::SecondFactorActivated),
            (Fact::SecondFactorRemoved { account_id }, Template::SecondFactorRemoved),
            (Fact::SecondFactorReset { account_id }, Template::SecondFactorReset),
            (Fact::RecoveryCodeUsed { account_id }, Template::RecoveryCodeUsed),
            (Fact::RecoveryCodesReplaced { account_id }, Template::RecoveryCodesReplaced),
        ];
        for (fact, template) in told {
            assert_eq!(mails(&fact), [Mail { template, to: Recipient::Account(account_id) }]);
        }
    }

    #[test]
    fn f4_a_prepared_fleet_is_no_mail() {
        let fleet_id = FleetId(Uuid::from_u128(3));
        for begin in crate::value::FleetBegin::ALL {
            assert_eq!(mails(&Fact::FleetCreated { fleet_id, begin: *begin }), []);
        }
    }

    #[test]
    fn n1_driver_and_fleet_hear_of_a_check_and_of_a_recall() {
        let passport_id = PassportId(Uuid::from_u128(2));
        let check_id = crate::ids::VehicleCheckId(Uuid::from_u128(3));
        let told = |template| {
            [Recipient::Driver(passport_id), Recipient::FleetOf(passport_id)].map(|to| Mail { template, to })
        };
        let completed = Fact::VehicleCheckCompleted { passport_id, check_id, replaces: None };
        assert_eq!(mails(&completed), told(Template::CheckReady));
        let recalled = Fact::RecallOpened { passport_id, reference: "R1".into() };
        assert_eq!(mails(&recalled), told(Template::RecallOpened));
        let due = |item, offset| {
            let due_on = crate::Date::constant(2026, 3, 1);
            mails(&Fact::ReminderDue { passport_id, item, task: None, due_on, offset })
        };
        assert_eq!(due(ReminderItem::Apk, -28), told(Template::ReminderApk));
        assert_eq!(due(ReminderItem::Apk, 1), told(Template::ReminderApkExpired));
        assert_eq!(due(ReminderItem::Maintenance, 0), told(Template::ReminderMaintenance));
        assert_eq!(due(ReminderItem::Maintenance, 1), told(Template::ReminderMaintenanceOverdue));
    }

    #[test]
    fn rm1_the_recipient_of_a_link_is_reminded_of_it() {
        let invitation_id = InvitationId(Uuid::from_u128(1));
        let of = |purpose: &str| Fact::InvitationExpiring { invitation_id, purpose: purpose.into(), passport_id: None };
        for (purpose, template) in [
            ("passport", Template::ReminderInvitation),
            ("fleet", Template::ReminderInvitation),
            ("staff", Template::ReminderInvitation),
            ("transfer", Template::ReminderOffer),
        ] {
            assert_eq!(mails(&of(purpose)), [Mail { template, to: Recipient::Invited(invitation_id) }]);
            assert_eq!((template.class(), template.is_reminder()), (Class::Account, true), "at decent hours");
            assert!(!template.needs_access() && !template.is_of_due_work());
        }
    }

    #[test]
    fn rm4_a_fleet_alone_has_digests() {
        let fleet_id = FleetId(Uuid::from_u128(3));
        let day = crate::Date::constant(2026, 3, 2);
        let told = mails(&Fact::FleetDigestDue { fleet_id, since: day, until: day });
        assert_eq!(told, [Mail { template: Template::FleetDigest, to: Recipient::Fleet(fleet_id) }]);
        let kinds = AccountKind::ALL.iter().filter(|kind| Template::FleetDigest.is_for(**kind));
        assert_eq!(kinds.collect::<Vec<_>>(), [&AccountKind::Fleet]);
        assert_eq!((Template::FleetDigest.class(), Template::FleetDigest.needs_access()), (Class::Service, false));
    }

    #[test]
    fn ch3_the_garage_is_told_in_the_app_that_mail_to_a_customer_came_back() {
        let fact = Fact::CustomerEmailBounced { customer_id: crate::ids::CustomerId(Uuid::from_u128(1)) };
        let told = mails(&fact);
        assert_eq!(told, [Mail { template: Template::CustomerEmailBounced, to: Recipient::Garage }]);
        assert!(told.iter().all(|mail| mail.is_told_in_app() && !mail.is_mailed()));
        assert_eq!(Template::CustomerEmailBounced.class(), Class::Service);
        let kinds = AccountKind::ALL.iter().filter(|kind| Template::CustomerEmailBounced.is_for(**kind));
        assert_eq!(kinds.collect::<Vec<_>>(), [&AccountKind::Staff]);
    }

    #[test]
    fn n2_who_cannot_sign_in_yet_is_told_nothing_in_the_app() {
        let invited = Recipient::Invited(InvitationId(Uuid::from_u128(1)));
        for template in Template::ALL {
            let mail = Mail { template: *template, to: invited.clone() };
            let is_told = matches!(template, Template::InvitationTransfer | Template::ReminderOffer);
            assert_eq!(mail.is_told_in_app(), is_told, "{template:?}");
            let to = Recipient::Account(AccountId(Uuid::from_u128(1)));
            assert!(Mail { template: *template, to }.is_told_in_app());
        }
    }

    #[test]
    fn n3_each_kind_has_a_class_and_someone_who_receives_it() {
        for template in Template::ALL {
            let receivers = AccountKind::ALL.iter().filter(|kind| template.is_for(**kind)).count();
            assert!(receivers > 0, "{template:?}");
            assert_ne!(template.class(), Class::Promotion, "{template:?} would be sent without consent");
        }
        let security = [Template::SessionCompromised, Template::PasswordChanged, Template::InvitationTransfer];
        for template in security {
            assert_eq!(template.class(), Class::Account);
        }
        assert_eq!(Template::CheckReady.class(), Class::Service);
        assert!(Template::PasswordChanged.is_for(AccountKind::Staff));
        assert!(!Template::CheckReady.is_for(AccountKind::Staff));
    }

    #[test]
    fn n4_what_says_that_the_car_is_gone_is_shown_to_who_has_it_no_longer() {
        for farewell in [
            Template::TransferAcceptedFormerDriver,
            Template::TransferAcceptedOfferer,
            Template::PassportUnlinkedFleet,
            Template::PassportArchived,
            Template::LinkObjectedFleet,
            Template::ActivationRevoked,
            Template::PassportDriverEnded,
            Template::PassportLeft,
        ] {
            assert!(!farewell.needs_access(), "{farewell:?}");
        }
        for about_the_car in [Template::CheckReady, Template::RecallOpened, Template::PassportLinked] {
            assert!(about_the_car.needs_access(), "{about_the_car:?}");
        }
    }

    #[test]
    fn every_purpose_has_its_text() {
        let account = AccountId(Uuid::from_u128(1));
        let purposes = [
            Purpose::Passport(PassportId(Uuid::from_u128(1))),
            Purpose::Fleet(account),
            Purpose::Staff(account),
            Purpose::Transfer(TransferId(Uuid::from_u128(1))),
            Purpose::PasswordReset(account),
            Purpose::EmailChange(account),
        ];
        for purpose in purposes {
            assert!(invitation(purpose.code()).is_some(), "{purpose:?}");
        }
    }
}
