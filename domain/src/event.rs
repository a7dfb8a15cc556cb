//! What happened, recorded once. The audit trail, mails and later additions follow from it.
//!
//! A command returns [`Fact`]s. The store numbers them in each stream, without gaps, in the same transaction. Facts
//! name people by id and have no addresses: events are kept for ever, and a person's data must be erasable where it is
//! stored.

use crate::{
    Date, Instant, coded_enum,
    ids::{
        AccountId, ApkEntryId, ApkMailingId, CheckTemplateId, CustomerId, EventId, FileId, FleetId, GarageChangeId,
        GarageId, InvitationId, LinkChangeId, MaintenanceScheduleId, OdometerReadingId, PassportId, RecommendationId,
        ServiceRecordId, SuppressionId, TransferId, VehicleCheckId,
    },
    value::{DecisionChannel, FleetBegin, LiftReason, LinkChangeKind, ReminderItem, TransferKind},
};
use serde::{Deserialize, Serialize};

/// Where an event is numbered: in the stream of its garage, or in that of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// What happened at a garage.
    Garage(GarageId),
    /// What happened to an account, outside any garage.
    Platform,
}

impl Stream {
    /// The garage whose stream it is; none for that of the platform.
    pub const fn garage_id(self) -> Option<GarageId> {
        match self {
            Self::Garage(garage) => Some(garage),
            Self::Platform => None,
        }
    }
}

/// What a part of a fact refers to.
trait Names {
    /// The passport, if the part is the id of one.
    fn passport(&self) -> Option<PassportId>;
}

impl Names for PassportId {
    fn passport(&self) -> Option<PassportId> {
        Some(*self)
    }
}

impl<T: Names> Names for Option<T> {
    fn passport(&self) -> Option<PassportId> {
        self.as_ref().and_then(Names::passport)
    }
}

macro_rules! name_no_passport {
    ($($part:ty),+ $(,)?) => {$(
        impl Names for $part {
            fn passport(&self) -> Option<PassportId> {
                None
            }
        }
    )+};
}

name_no_passport! {
    AccountId, ApkEntryId, ApkMailingId, bool, CheckTemplateId, LiftReason, CustomerId, Date, DecisionChannel, FileId, FleetBegin, FleetId, GarageChangeId, InvitationId, LinkChangeId, LinkChangeKind, i64, MaintenanceScheduleId, ReminderItem, OdometerReadingId, RecommendationId, ServiceRecordId, String, TransferId, TransferKind, SuppressionId,
    VehicleCheckId,
}

/// Declares the facts, each with the word by which it is stored and shown. Everything else that is known of every fact
/// follows from that, so that none can be forgotten.
macro_rules! facts {
    ($($(#[$meta:meta])* $name:ident => $code:literal { $($field:ident: $part:ty),* $(,)? })+) => {
        /// One thing that happened.
        #[expect(missing_docs, reason = "a field's name and type say what it is; the variant says when")]
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "data", rename_all_fields = "camelCase")]
        pub enum Fact {
            $($(#[$meta])* #[serde(rename = $code)] $name { $($field: $part),* },)+
        }

        coded_enum! {
            /// What kind of thing happened.
            pub enum FactKind {
                $($(#[$meta])* $name => $code,)+
            }
        }

        impl Fact {
            /// What kind of fact it is.
            pub const fn kind(&self) -> FactKind {
                match self {
                    $(Self::$name { .. } => FactKind::$name,)+
                }
            }

            /// The passport that the fact names. The audit trail of a car is found by it.
            pub fn passport_id(&self) -> Option<PassportId> {
                match self {
                    $(Self::$name { $($field),* } => None$(.or_else(|| $field.passport()))*,)+
                }
            }
        }
    };
}

facts! {
    /// A garage joined.
    GarageCreated => "garage_created" {}
    /// A garage's data changed.
    GarageChanged => "garage_changed" {}
    /// When people are reminded of an item has changed: for a garage in its own stream, for a chain or for all in the
    /// platform's.
    ReminderOffsetsChanged => "reminder_offsets_changed" { item: ReminderItem, chain: Option<String> }
    /// A colleague was added.
    StaffAdded => "staff_added" { account_id: AccountId }
    /// A colleague's name or role changed.
    StaffChanged => "staff_changed" { account_id: AccountId }
    /// A colleague left.
    StaffRemoved => "staff_removed" { account_id: AccountId }
    /// A customer's record was created.
    CustomerCreated => "customer_created" { customer_id: CustomerId }
    /// A customer's record changed.
    CustomerChanged => "customer_changed" { customer_id: CustomerId }
    /// A customer's record was deleted.
    CustomerDeleted => "customer_deleted" { customer_id: CustomerId }
    /// A passport was created.
    PassportCreated => "passport_created" { passport_id: PassportId, customer_id: CustomerId }
    /// The driver activated a passport.
    PassportActivated => "passport_activated" { passport_id: PassportId, driver: AccountId }
    /// The link that was mailed to one address was used by an account with another one.
    PassportTaken => "passport_taken" { passport_id: PassportId, driver: AccountId }
    /// The garage ended the activation by an account with another address than the link was mailed to.
    ActivationRevoked => "activation_revoked" { passport_id: PassportId, driver: AccountId }
    /// The data of a vehicle changed.
    PassportChanged => "passport_changed" { passport_id: PassportId }
    /// The garage put a passport under another of its records of customers.
    PassportCustomerChanged => "passport_customer_changed" {
        passport_id: PassportId,
        customer_id: CustomerId,
        former_customer: Option<CustomerId>,
    }
    /// A reading was added to the car's odometer ledger.
    OdometerRecorded => "odometer_recorded" { passport_id: PassportId, reading_id: OdometerReadingId }
    /// Work that was done was written down.
    ServiceRecorded => "service_recorded" { passport_id: PassportId, record_id: ServiceRecordId }
    /// Work that was advised was done.
    RecommendationDone => "recommendation_done" {
        passport_id: PassportId,
        recommendation_id: RecommendationId,
        record_id: ServiceRecordId,
    }
    /// It waits again: a record has corrected the one that did the work, or a check has replaced the one that took its place.
    RecommendationReopened => "recommendation_reopened" {
        passport_id: PassportId,
        recommendation_id: RecommendationId,
        record_id: Option<ServiceRecordId>,
        check_id: Option<VehicleCheckId>,
    }
    /// The garage entered an APK date that the register does not have yet.
    ApkDateEntered => "apk_date_entered" { passport_id: PassportId, entry_id: ApkEntryId }
    /// Somebody said that the APK duty is lifted for the time being, or no longer.
    ApkLiftChanged => "apk_lift_changed" { passport_id: PassportId, reason: Option<LiftReason> }
    /// The register gives another APK date for the vehicle, or the first one.
    ApkDateChanged => "apk_date_changed" { passport_id: PassportId, from: Option<Date>, to: Date }
    /// Something of the car comes due, of which its driver and its fleet are reminded.
    ReminderDue => "reminder_due" { passport_id: PassportId, item: ReminderItem, task: Option<String>, due_on: Date, offset: i64 }
    /// An APK mailing was written.
    ApkMailingCreated => "apk_mailing_created" { mailing_id: ApkMailingId }
    /// What it says or for which cars it is changed.
    ApkMailingChanged => "apk_mailing_changed" { mailing_id: ApkMailingId }
    /// A draft was deleted.
    ApkMailingDeleted => "apk_mailing_deleted" { mailing_id: ApkMailingId }
    /// An APK mailing will be sent at its moment.
    ApkMailingScheduled => "apk_mailing_scheduled" { mailing_id: ApkMailingId }
    /// It was made a draft again.
    ApkMailingUnscheduled => "apk_mailing_unscheduled" { mailing_id: ApkMailingId }
    /// Its mails began to go out.
    ApkMailingBegun => "apk_mailing_begun" { mailing_id: ApkMailingId }
    /// The customer of a car was mailed that its APK expires.
    ApkMailed => "apk_mailed" { passport_id: PassportId, mailing_id: ApkMailingId }
    /// All its cars were dealt with.
    ApkMailingSent => "apk_mailing_sent" { mailing_id: ApkMailingId }
    /// Someone stopped it.
    ApkMailingStopped => "apk_mailing_stopped" { mailing_id: ApkMailingId }
    /// A customer objected to the garage's mailings.
    MailingsObjected => "mailings_objected" { customer_id: Option<CustomerId> }
    /// A customer took that back.
    MailingsObjectionWithdrawn => "mailings_objection_withdrawn" { customer_id: Option<CustomerId> }
    /// The register says that the vehicle has an open recall.
    RecallOpened => "recall_opened" { passport_id: PassportId, reference: String }
    /// The register says that the vehicle has no open recall any more.
    RecallClosed => "recall_closed" { passport_id: PassportId, reference: String }
    /// The register says that the vehicle was exported.
    VehicleExported => "vehicle_exported" { passport_id: PassportId }
    /// A photo was added to a check of the car.
    PhotoAdded => "photo_added" { passport_id: PassportId, check_id: VehicleCheckId, file_id: FileId }
    /// A photo of a check was deleted.
    PhotoDeleted => "photo_deleted" { passport_id: PassportId, check_id: VehicleCheckId, file_id: FileId }
    /// A file was attached to a service record of the car.
    AttachmentAdded => "attachment_added" { passport_id: PassportId, record_id: ServiceRecordId, file_id: FileId }
    /// A file that was attached to a service record was deleted.
    AttachmentDeleted => "attachment_deleted" { passport_id: PassportId, record_id: ServiceRecordId, file_id: FileId }
    /// A mechanic began to check the car.
    VehicleCheckStarted => "vehicle_check_started" { passport_id: PassportId, check_id: VehicleCheckId }
    /// A draft of a check was discarded.
    VehicleCheckDiscarded => "vehicle_check_discarded" { passport_id: PassportId, check_id: VehicleCheckId }
    /// A check was completed.
    VehicleCheckCompleted => "vehicle_check_completed" { passport_id: PassportId, check_id: VehicleCheckId, replaces: Option<VehicleCheckId> }
    /// Work was advised, by a check or without one.
    RecommendationMade => "recommendation_made" { passport_id: PassportId, recommendation_id: RecommendationId }
    /// A later check found the work good, or found it anew.
    RecommendationSuperseded => "recommendation_superseded" { passport_id: PassportId, recommendation_id: RecommendationId, check_id: VehicleCheckId }
    /// The owner agreed to a recommendation, in the app or by word to the garage.
    RecommendationAgreed => "recommendation_agreed" { passport_id: PassportId, recommendation_id: RecommendationId, channel: DecisionChannel }
    /// The owner declined a recommendation, in the app or by word to the garage.
    RecommendationDeclined => "recommendation_declined" { passport_id: PassportId, recommendation_id: RecommendationId, channel: DecisionChannel }
    /// A passport was archived; `pool_car` says that it was a car in a fleet without a driver, and is absent otherwise.
    PassportArchived => "passport_archived" {
        passport_id: PassportId,
        driver: Option<AccountId>,
        fleet_id: Option<FleetId>,
        pool_car: Option<bool>,
    }
    /// A passport was archived since nobody had activated it in time, and another garage made one for its plate.
    PassportLapsed => "passport_lapsed" { passport_id: PassportId }
    /// An archived passport was taken back into use.
    PassportUnarchived => "passport_unarchived" { passport_id: PassportId, driver: Option<AccountId>, fleet_id: Option<FleetId> }
    /// A passport was linked to a fleet. Until its time is over, the former owner can object to this change.
    PassportLinked => "passport_linked" {
        passport_id: PassportId,
        fleet_id: FleetId,
        driver: Option<AccountId>,
        change_id: Option<LinkChangeId>,
    }
    /// A passport was unlinked from its fleet. Until its time is over, the fleet can object to this change.
    PassportUnlinked => "passport_unlinked" {
        passport_id: PassportId,
        fleet_id: FleetId,
        driver: Option<AccountId>,
        change_id: Option<LinkChangeId>,
    }
    /// The fleet ended the access of whoever drove its car, or was invited to; it has no driver until it is handed on.
    DriverEnded => "driver_ended" { passport_id: PassportId, fleet_id: FleetId, driver: Option<AccountId> }
    /// The side that lost a car agreed to that.
    LinkChangeAgreed => "link_change_agreed" { change_id: LinkChangeId, passport_id: PassportId }
    /// The side that lost a car objected, and has it again.
    LinkChangeObjected => "link_change_objected" {
        change_id: LinkChangeId,
        passport_id: PassportId,
        change: LinkChangeKind,
        fleet_id: FleetId,
        driver: AccountId,
    }
    /// The garage undid a change of link before the side that lost the car decided.
    LinkChangeWithdrawn => "link_change_withdrawn" { change_id: LinkChangeId, passport_id: PassportId }
    /// A fleet was created.
    FleetCreated => "fleet_created" { fleet_id: FleetId, begin: FleetBegin }
    /// A fleet's name changed, or its e-mail before its manager signed in.
    FleetChanged => "fleet_changed" { fleet_id: FleetId }
    /// A fleet was closed.
    FleetClosed => "fleet_closed" { fleet_id: FleetId }
    /// It is time for the digest of a fleet: of the reminders from a day on until another, which is not in it.
    FleetDigestDue => "fleet_digest_due" { fleet_id: FleetId, since: Date, until: Date }
    /// A passport was offered.
    TransferOffered => "transfer_offered" { transfer_id: TransferId, passport_id: PassportId, transfer_kind: TransferKind }
    /// An offer was mailed again.
    TransferResent => "transfer_resent" { transfer_id: TransferId, passport_id: Option<PassportId> }
    /// The recipient accepted an offer.
    TransferAccepted => "transfer_accepted" {
        transfer_id: TransferId,
        passport_id: PassportId,
        transfer_kind: TransferKind,
        recipient: AccountId,
        offered_by: AccountId,
        former_driver: Option<AccountId>,
        former_fleet: Option<FleetId>,
    }
    /// The recipient declined an offer.
    TransferDeclined => "transfer_declined" { transfer_id: TransferId, passport_id: Option<PassportId>, offered_by: AccountId }
    /// The offerer withdrew an offer.
    TransferWithdrawn => "transfer_withdrawn" { transfer_id: TransferId, passport_id: Option<PassportId> }
    /// Nobody accepted an offer in time.
    TransferExpired => "transfer_expired" { transfer_id: TransferId, passport_id: Option<PassportId>, offered_by: AccountId }
    /// A garage asked to keep a passport that another garage keeps.
    GarageChangeRequested => "garage_change_requested" {
        garage_change_id: GarageChangeId,
        passport_id: PassportId,
        driver: Option<AccountId>,
        fleet_id: Option<FleetId>,
    }
    /// The owner agreed that the garage keeps the passport; `driver` is that of a fleet's car.
    GarageChangeAgreed => "garage_change_agreed" {
        garage_change_id: GarageChangeId,
        passport_id: PassportId,
        driver: Option<AccountId>,
    }
    /// The owner declined that the garage keeps the passport.
    GarageChangeDeclined => "garage_change_declined" { garage_change_id: GarageChangeId, passport_id: PassportId }
    /// The garage took its request for a passport back.
    GarageChangeWithdrawn => "garage_change_withdrawn" { garage_change_id: GarageChangeId, passport_id: PassportId }
    /// The owner did not decide in time whether the garage keeps the passport.
    GarageChangeExpired => "garage_change_expired" { garage_change_id: GarageChangeId, passport_id: PassportId }
    /// Another garage keeps the passport from now on.
    PassportLeft => "passport_left" { garage_change_id: GarageChangeId, passport_id: PassportId }
    /// The garage made a maintenance schedule.
    ScheduleCreated => "maintenance_schedule_created" { schedule_id: MaintenanceScheduleId }
    /// The garage changed one of its maintenance schedules.
    ScheduleChanged => "maintenance_schedule_changed" { schedule_id: MaintenanceScheduleId }
    /// The garage deleted one of its maintenance schedules.
    ScheduleDeleted => "maintenance_schedule_deleted" { schedule_id: MaintenanceScheduleId }
    /// The garage set a rule for a task of one car.
    CarScheduleSet => "car_schedule_set" { passport_id: PassportId, task: String }
    /// The garage took the rule for a task of one car back.
    CarScheduleRemoved => "car_schedule_removed" { passport_id: PassportId, task: String }
    /// Someone wrote down what a car's service indicator says about a task.
    ServiceIndicatorRecorded => "service_indicator_recorded" { passport_id: PassportId, task: String }
    /// Someone took back what was written down of a car's service indicator.
    ServiceIndicatorRemoved => "service_indicator_removed" { passport_id: PassportId, task: String }
    /// The garage made a check template.
    CheckTemplateCreated => "check_template_created" { template_id: CheckTemplateId }
    /// The garage changed one of its check templates.
    CheckTemplateChanged => "check_template_changed" { template_id: CheckTemplateId }
    /// The garage deleted one of its check templates.
    CheckTemplateDeleted => "check_template_deleted" { template_id: CheckTemplateId }
    /// Mail to a customer came back: the mailbox is not there.
    CustomerEmailBounced => "customer_email_bounced" { customer_id: CustomerId }
    /// An address that must not be written to may be written to again.
    SuppressionLifted => "suppression_lifted" { suppression_id: SuppressionId }
    /// A one-time link was created, to be mailed.
    InvitationIssued => "invitation_issued" { invitation_id: InvitationId, purpose: String, passport_id: Option<PassportId> }
    /// A mailed link is about to expire, of which its recipient is reminded.
    InvitationExpiring => "invitation_expiring" { invitation_id: InvitationId, purpose: String, passport_id: Option<PassportId> }
    /// Someone chose the first password of an account.
    AccountActivated => "account_activated" { account_id: AccountId }
    /// A second factor is asked for at each sign-in to an account.
    SecondFactorActivated => "second_factor_activated" { account_id: AccountId }
    /// The holder of an account removed its second factor.
    SecondFactorRemoved => "second_factor_removed" { account_id: AccountId }
    /// An admin or the operator removed the second factor of someone who had lost it.
    SecondFactorReset => "second_factor_reset" { account_id: AccountId }
    /// A recovery code was used in the place of a code of the app.
    RecoveryCodeUsed => "recovery_code_used" { account_id: AccountId }
    /// An account got other recovery codes.
    RecoveryCodesReplaced => "recovery_codes_replaced" { account_id: AccountId }
    /// An account's name or language changed.
    AccountChanged => "account_changed" { account_id: AccountId }
    /// An account's password changed.
    AccountPasswordChanged => "account_password_changed" { account_id: AccountId }
    /// An account's e-mail changed, by this link. The link has the previous address.
    AccountEmailChanged => "account_email_changed" { account_id: AccountId, invitation_id: InvitationId }
    /// Someone else confirmed the address that a garage gave for an account, which has to choose another one.
    AccountEmailLost => "account_email_lost" { account_id: AccountId }
    /// Someone asked to change the e-mail of another account to the address of this one.
    AccountEmailRequested => "account_email_requested" { account_id: AccountId }
    /// A refresh token was used again: the session was ended, since someone may have a copy.
    SessionCompromised => "session_compromised" { account_id: AccountId }
}

/// A fact with its place in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The stream in which it is numbered.
    pub stream: Stream,
    /// Its number in that stream, from 1, without gaps.
    pub number: i64,
    /// When it happened.
    pub at: Instant,
    /// Who did it; none when time or the system itself did it.
    pub by: Option<AccountId>,
    /// What happened.
    pub fact: Fact,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn facts_are_stored_by_their_word() {
        let fact = Fact::PassportLinked {
            passport_id: PassportId(Uuid::from_u128(1)),
            fleet_id: FleetId(Uuid::from_u128(2)),
            driver: None,
            change_id: None,
        };
        let json = serde_json::to_value(&fact).unwrap();
        assert_eq!(json["kind"], "passport_linked");
        assert_eq!(json["data"]["fleetId"], "00000000-0000-0000-0000-000000000002");
        assert_eq!(serde_json::from_value::<Fact>(json).unwrap(), fact);
        assert_eq!((fact.kind(), fact.kind().code()), (FactKind::PassportLinked, "passport_linked"));
    }

    #[test]
    fn the_passport_of_a_fact_is_the_one_that_it_names() {
        let (passport_id, fleet_id) = (PassportId(Uuid::from_u128(1)), FleetId(Uuid::from_u128(2)));
        assert_eq!(Fact::FleetClosed { fleet_id }.passport_id(), None);
        assert_eq!(Fact::GarageChanged {}.passport_id(), None);
        assert_eq!(Fact::PassportChanged { passport_id }.passport_id(), Some(passport_id));
        let linked = Fact::PassportLinked { passport_id, fleet_id, driver: None, change_id: None };
        assert_eq!(linked.passport_id(), Some(passport_id));
        let withdrawn = |passport_id| Fact::TransferWithdrawn { transfer_id: TransferId(Uuid::nil()), passport_id };
        assert_eq!(withdrawn(Some(passport_id)).passport_id(), Some(passport_id));
        assert_eq!(withdrawn(None).passport_id(), None);
    }

    #[test]
    fn f7_an_event_of_before_pool_cars_is_still_read() {
        let old = r#"{"kind":"passport_archived","data":{"passportId":"00000000-0000-0000-0000-000000000001","driver":null,"fleetId":null}}"#;
        let passport_id = PassportId(Uuid::from_u128(1));
        let fact = Fact::PassportArchived { passport_id, driver: None, fleet_id: None, pool_car: None };
        assert_eq!(serde_json::from_str::<Fact>(old).unwrap(), fact);
    }

    #[test]
    fn an_event_of_before_offers_named_their_passport_is_still_read() {
        let old = r#"{"kind":"transfer_withdrawn","data":{"transferId":"00000000-0000-0000-0000-000000000001"}}"#;
        let fact = Fact::TransferWithdrawn { transfer_id: TransferId(Uuid::from_u128(1)), passport_id: None };
        assert_eq!(serde_json::from_str::<Fact>(old).unwrap(), fact);
    }
}
