//! From what happened to what must be done: a pure function.
//!
//! Commands know nothing of mails. Whoever is to be told of a fact is named here, and only here; a new consumer of
//! facts never changes a command.

use crate::{
    event::Fact,
    ids::{AccountId, FleetId, InvitationId, TransferId},
};
use serde::{Deserialize, Serialize};

/// A mail to be sent: which, to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// Which text.
    pub template: Template,
    /// To whom.
    pub to: Recipient,
}

/// To whom a mail goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Recipient {
    /// The e-mail the account has when the mail is sent.
    Account(AccountId),
    /// The fleet's account.
    Fleet(FleetId),
    /// The address an offer was made to.
    Offered(TransferId),
    /// The address an account had before this link changed it.
    Former(InvitationId),
    /// The garage in whose stream the event stands.
    Garage,
    /// The address a one-time link was made for; the mail carries the link.
    Invited(InvitationId),
}

crate::coded_enum! {
    /// The texts there are.
    pub enum Template {
        /// "Your AutoPaspoort is ready": activate it.
        InvitationPassport => "invitation_passport",
        /// How to sign in to the fleet dashboard.
        InvitationFleet => "invitation_fleet",
        /// A colleague's account.
        InvitationStaff => "invitation_staff",
        /// A car is offered to you.
        InvitationTransfer => "invitation_transfer",
        /// Choose a new password.
        PasswordReset => "password_reset",
        /// Confirm your new e-mail.
        EmailConfirm => "email_confirm",
        /// To the old address: the e-mail was changed.
        EmailChanged => "email_changed",
        /// The password was changed.
        PasswordChanged => "password_changed",
        /// A session was ended because its token was used twice.
        SessionCompromised => "session_compromised",
        /// The car was put into a fleet (rule L4).
        PassportLinked => "passport_linked",
        /// The car was taken out of its fleet (rule L4).
        PassportUnlinked => "passport_unlinked",
        /// To the fleet: one of its cars was taken out.
        PassportUnlinkedFleet => "passport_unlinked_fleet",
        /// The passport was put away.
        PassportArchived => "passport_archived",
        /// To the fleet: the passport of one of its cars was put away.
        PassportArchivedFleet => "passport_archived_fleet",
        /// To the recipient: the car is yours (rule T10).
        TransferAcceptedRecipient => "transfer_accepted_recipient",
        /// To who offered: the offer was accepted (rule T10).
        TransferAcceptedOfferer => "transfer_accepted_offerer",
        /// To the former driver: the car has another driver (rule T10).
        TransferAcceptedFormerDriver => "transfer_accepted_former_driver",
        /// To the garage: the car has other hands (rule T10).
        TransferAcceptedGarage => "transfer_accepted_garage",
        /// To who offered: the offer was declined.
        TransferDeclined => "transfer_declined",
        /// To the recipient: the offer was taken back.
        TransferWithdrawn => "transfer_withdrawn",
        /// To who offered: nobody accepted in time.
        TransferExpired => "transfer_expired",
    }
}

/// The mails that follow from a fact.
pub fn mails(fact: &Fact) -> Vec<Mail> {
    let account = |template, id: &AccountId| Mail { template, to: Recipient::Account(*id) };
    let company = |template, id: &FleetId| Mail { template, to: Recipient::Fleet(*id) };
    match fact {
        Fact::InvitationIssued { invitation_id, purpose, .. } => invitation(purpose)
            .map(|template| Mail { template, to: Recipient::Invited(*invitation_id) })
            .into_iter()
            .collect(),
        Fact::PassportLinked { driver: Some(driver), .. } => vec![account(Template::PassportLinked, driver)],
        // The company is told too: the garage's act takes a car from its sight that it alone could hand over (rule T2).
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
                Mail { template: Template::TransferAcceptedGarage, to: Recipient::Garage },
            ];
            // Who sells their own car is both who offered and the former driver: one mail tells them.
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
        Fact::AccountPasswordChanged { account_id } => vec![account(Template::PasswordChanged, account_id)],
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
        | Fact::ApkDateEntered { .. }
        | Fact::ApkDateChanged { .. }
        | Fact::RecallOpened { .. }
        | Fact::RecallClosed { .. }
        | Fact::VehicleExported { .. }
        | Fact::FleetCreated { .. }
        | Fact::FleetChanged { .. }
        | Fact::FleetClosed { .. }
        | Fact::TransferOffered { .. }
        | Fact::TransferResent { .. }
        | Fact::AccountActivated { .. }
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
