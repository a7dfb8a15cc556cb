//! From what happened to what must be done: a pure function.
//!
//! Commands know nothing about mails. This module alone decides who gets a mail about a fact, so a new consumer of
//! facts never changes a command.

use crate::{
    event::Fact,
    ids::{AccountId, FleetId, InvitationId, TransferId},
    value::DecisionChannel,
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
    /// The garage whose stream holds the event.
    Garage,
    /// The address for which a one-time link was made; the mail contains the link.
    Invited(InvitationId),
}

crate::coded_enum! {
    /// The texts of all mails.
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
        /// To the offerer: the offer was declined.
        TransferDeclined => "transfer_declined",
        /// To the recipient: the offer was withdrawn.
        TransferWithdrawn => "transfer_withdrawn",
        /// To the offerer: nobody accepted in time.
        TransferExpired => "transfer_expired",
    }
}

/// The mails that follow from a fact.
pub fn mails(fact: &Fact) -> Vec<Mail> {
    let account = |template, id: &AccountId| Mail { template, to: Recipient::Account(*id) };
    let to_garage = |template| Mail { template, to: Recipient::Garage };
    let company = |template, id: &FleetId| Mail { template, to: Recipient::Fleet(*id) };
    match fact {
        Fact::InvitationIssued { invitation_id, purpose, .. } => invitation(purpose)
            .map(|template| Mail { template, to: Recipient::Invited(*invitation_id) })
            .into_iter()
            .collect(),
        Fact::PassportLinked { driver: Some(driver), .. } => vec![account(Template::PassportLinked, driver)],
        // The fleet gets a mail too: the garage takes away a car that only the fleet could hand over (rule T2).
        Fact::PassportUnlinked { fleet_id, driver, .. } => {
            let driver = driver.iter().map(|driver| account(Template::PassportUnlinked, driver));
            driver.chain([company(Template::PassportUnlinkedFleet, fleet_id)]).collect()
        }
        Fact::PassportArchived { driver, fleet_id, .. } => {
            let driver = driver.iter().map(|driver| account(Template::PassportArchived, driver));
            driver.chain(fleet_id.iter().map(|fleet| company(Template::PassportArchivedFleet, fleet))).collect()
        }
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
        // What the garage wrote down itself, it knows.
        Fact::RecommendationAgreed { channel: DecisionChannel::App, .. } => {
            vec![to_garage(Template::RecommendationAgreed)]
        }
        Fact::RecommendationDeclined { channel: DecisionChannel::App, .. } => {
            vec![to_garage(Template::RecommendationDeclined)]
        }
        Fact::AccountPasswordChanged { account_id } => vec![account(Template::PasswordChanged, account_id)],
        Fact::SecondFactorActivated { account_id } => vec![account(Template::SecondFactorActivated, account_id)],
        Fact::SecondFactorRemoved { account_id } => vec![account(Template::SecondFactorRemoved, account_id)],
        Fact::SecondFactorReset { account_id } => vec![account(Template::SecondFactorReset, account_id)],
        Fact::RecoveryCodeUsed { account_id } => vec![account(Template::RecoveryCodeUsed, account_id)],
        Fact::RecoveryCodesReplaced { account_id } => vec![account(Template::RecoveryCodesReplaced, account_id)],
        Fact::SessionCompromised { account_id } => vec![account(Template::SessionCompromised, account_id)],
        Fact::PassportLinked { driver: None, .. }
        | Fact::GarageCreated {}
        | Fact::GarageChanged {}
        | Fact::StaffAdded { .. }
        | Fact::StaffChanged { .. }
        | Fact::StaffRemoved { .. }
        | Fact::CustomerCreated { .. }
        | Fact::CustomerChanged { .. }
        | Fact::CustomerDeleted { .. }
        | Fact::PassportCreated { .. }
        | Fact::PassportActivated { .. }
        | Fact::PassportChanged { .. }
        | Fact::OdometerRecorded { .. }
        | Fact::PhotoAdded { .. }
        | Fact::PhotoDeleted { .. }
        | Fact::AttachmentAdded { .. }
        | Fact::AttachmentDeleted { .. }
        | Fact::ApkDateEntered { .. }
        | Fact::ApkDateChanged { .. }
        | Fact::RecallOpened { .. }
        | Fact::RecallClosed { .. }
        | Fact::VehicleExported { .. }
        | Fact::VehicleCheckStarted { .. }
        | Fact::VehicleCheckDiscarded { .. }
        | Fact::VehicleCheckCompleted { .. }
        | Fact::RecommendationMade { .. }
        | Fact::RecommendationSuperseded { .. }
        | Fact::RecommendationAgreed { .. }
        | Fact::RecommendationDeclined { .. }
        | Fact::FleetCreated { .. }
        | Fact::FleetChanged { .. }
        | Fact::FleetClosed { .. }
        | Fact::TransferOffered { .. }
        | Fact::TransferResent { .. }
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
        | Fact::AccountActivated { .. }
        | Fact::ServiceRecorded { .. }
        | Fact::RecommendationDone { .. }
        | Fact::RecommendationReopened { .. }
        | Fact::AccountChanged { .. } => vec![],
    }
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
        let told = mails(&Fact::PassportLinked { passport_id, fleet_id, driver: Some(driver) });
        assert_eq!(told, [Mail { template: Template::PassportLinked, to: Recipient::Account(driver) }]);
        let told = mails(&Fact::PassportUnlinked { passport_id, fleet_id, driver: Some(driver) });
        let to_fleet = |template| Mail { template, to: Recipient::Fleet(fleet_id) };
        let to_driver = Mail { template: Template::PassportUnlinked, to: Recipient::Account(driver) };
        assert_eq!(told, [to_driver, to_fleet(Template::PassportUnlinkedFleet)]);
        let told = mails(&Fact::PassportUnlinked { passport_id, fleet_id, driver: None });
        assert_eq!(told, [to_fleet(Template::PassportUnlinkedFleet)], "the company is told of a car nobody drives");
        let told = mails(&Fact::PassportArchived { passport_id, driver: None, fleet_id: Some(fleet_id) });
        assert_eq!(told, [to_fleet(Template::PassportArchivedFleet)]);
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
