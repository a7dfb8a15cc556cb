//! The access policy: one pure function of the actor, the action and the actor's relation to the resource.
//!
//! What an actor may not see does not exist for them ([`Decision::Hidden`], a 404). What they may see but not do is
//! refused with a reason ([`Decision::Refused`], a 403): rule A3. Rules of state (an archived passport, an open offer)
//! are not access; they are in the domain's modules.
//!
//! Fleets and offers have no action for reading them: who sees them is what the scope of a query reaches, and that is all
//! there is to decide.

use crate::{
    coded_enum,
    ids::{AccountId, FleetId, GarageId},
    value::{AccountKind, EmailAddress, StaffRole},
};

/// Who acts, with what they have now (rule A2). An actor is never made from a token alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who it is, for the record of what they do.
    pub by: Identity,
    /// What they are, with what they have now and the keys by which their data is found.
    pub standing: Standing,
}

/// Who did something, as the record names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An account.
    Account(AccountId),
}

/// What an actor is and has now. The policy and the scope of their queries depend on nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Someone who uses passports: their account, which drives cars and makes offers, and their e-mail, to which offers
    /// are addressed.
    Driver(AccountId, EmailAddress),
    /// A fleet, and its account, which makes offers.
    Fleet(FleetId, AccountId),
    /// Staff of a garage.
    Staff(GarageId, StaffRole),
    /// Support of the network.
    Platform,
}

impl Actor {
    /// The account that acts.
    pub fn account_id(&self) -> AccountId {
        let Identity::Account(id) = self.by;
        id
    }

    /// The kind of account.
    pub fn kind(&self) -> AccountKind {
        match self.standing {
            Standing::Driver(..) => AccountKind::Driver,
            Standing::Fleet(..) => AccountKind::Fleet,
            Standing::Staff(..) => AccountKind::Staff,
            Standing::Platform => AccountKind::Platform,
        }
    }

    /// A driver's account and e-mail.
    pub fn driver(&self) -> Option<(AccountId, &EmailAddress)> {
        match &self.standing {
            Standing::Driver(account, email) => Some((*account, email)),
            Standing::Fleet(..) | Standing::Staff(..) | Standing::Platform => None,
        }
    }

    /// The garage of a staff account.
    pub fn garage_id(&self) -> Option<GarageId> {
        match self.standing {
            Standing::Staff(garage, _) => Some(garage),
            Standing::Driver(..) | Standing::Fleet(..) | Standing::Platform => None,
        }
    }

    /// The fleet of a fleet account.
    pub fn fleet_id(&self) -> Option<FleetId> {
        match self.standing {
            Standing::Fleet(fleet, _) => Some(fleet),
            Standing::Driver(..) | Standing::Staff(..) | Standing::Platform => None,
        }
    }
}

/// The actor's relation to the resource.
#[expect(clippy::struct_excessive_bools, reason = "each is a tie of its own, and any of them can hold together")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The resource belongs to the garage of the staff.
    pub garage: bool,
    /// The resource is the account's fleet, or is in it.
    pub fleet: bool,
    /// The account drives the car.
    pub driver: bool,
    /// The account owns the car.
    pub owner: bool,
    /// The passport is in a fleet, whichever that is.
    pub linked: bool,
    /// The offer is addressed to the account.
    pub recipient: bool,
    /// The offer was made by the account.
    pub offerer: bool,
    /// The account is of the side that lost the car by a change of link.
    pub former_owner: bool,
}

coded_enum! {
    /// What can be done: one action for each right, not one for each route.
    pub enum Action {
        /// Read the garage's own data.
        GarageRead => "garage_read",
        /// Change the garage's own data.
        GarageChange => "garage_change",
        /// Read the list of the garage's staff.
        StaffRead => "staff_read",
        /// Add, change and remove colleagues.
        StaffChange => "staff_change",
        /// Read customers.
        CustomerRead => "customer_read",
        /// Create, change and delete customers.
        CustomerChange => "customer_change",
        /// Take many customers along in a file (rule ML1).
        CustomerExport => "customer_export",
        /// Write, send and stop mailings to customers (rule ML2).
        MailingChange => "mailing_change",
        /// Ask the vehicle register about any plate.
        VehicleRegisterRead => "vehicle_register_read",
        /// Read a passport and its history of hands.
        PassportRead => "passport_read",
        /// Create a passport, mail its link again, put it under another customer's record, archive it.
        PassportManage => "passport_manage",
        /// Read what happened with a passport, and who did it (rule P10).
        EventRead => "event_read",
        /// Change the vehicle's data.
        PassportChange => "passport_change",
        /// Give the vehicle another plate (rule P12).
        PassportPlate => "passport_plate",
        /// Read the register's data about a car, and its APK.
        ApkRead => "apk_read",
        /// Enter an APK date that the register does not have yet.
        ApkEnter => "apk_enter",
        /// Say that the APK duty is lifted for the time being, or no longer (rule APK9).
        ApkLift => "apk_lift",
        /// Read a car's odometer ledger, and what follows from it.
        OdometerRead => "odometer_read",
        /// Record a reading in the ledger.
        OdometerRecord => "odometer_record",
        /// Confirm a reading in spite of warnings (rule OD5).
        OdometerConfirm => "odometer_confirm",
        /// Change maintenance schedules: the garage's, and those of its cars (rule MS3).
        ScheduleChange => "maintenance_schedule_change",
        /// Read which schedule decides about each task of a car, and what its service indicator says.
        ScheduleRead => "maintenance_schedule_read",
        /// Write down what the car's service indicator says (rule MS6).
        IndicatorRecord => "service_indicator_record",
        /// Change the garage's check templates (rule VC1).
        TemplateChange => "check_template_change",
        /// See which files a car has, and what is in them as far as they are for the actor (rules VC5 and SR5).
        FileRead => "file_read",
        /// Add photos to a check, and delete them (rule VC5).
        PhotoChange => "photo_change",
        /// Attach files to a service record; of the record depends whether it is theirs to do (rule SR1).
        AttachmentAdd => "attachment_add",
        /// Delete a file that was attached to a service record.
        AttachmentDelete => "attachment_delete",
        /// Read what was done to a car (rule SR5 says how much of it).
        ServiceRecordRead => "service_record_read",
        /// Write down what was done to a car (rule SR4 says as whose work).
        ServiceRecordAdd => "service_record_add",
        /// Bring along what the garage did to its cars before (rule SR7).
        ServiceRecordImport => "service_record_import",
        /// Read the checks of a car (rule VC2).
        CheckRead => "vehicle_check_read",
        /// Check a car: begin a check, fill it in, complete or discard it (rule VC2).
        CheckRun => "vehicle_check_run",
        /// Read the recommendations for a car (rule RC1).
        RecommendationRead => "recommendation_read",
        /// Make a recommendation without a check (rule RC1).
        RecommendationMake => "recommendation_make",
        /// Agree to or decline a recommendation (rule RC3).
        RecommendationDecide => "recommendation_decide",
        /// Link to and unlink from a fleet (rule L1).
        PassportLink => "passport_link",
        /// End the access of whoever drives a fleet's car (rule F7).
        DriverEnd => "driver_end",
        /// Agree or object to a change of link (rule L5).
        LinkChangeDecide => "link_change_decide",
        /// Create, rename, invite and close a fleet.
        FleetManage => "fleet_manage",
        /// Say whether the drivers of a fleet's cars see amounts (rule EC6).
        FleetAmounts => "fleet_amounts",
        /// Choose who is reminded of a fleet's cars (rule RM4).
        FleetReminders => "fleet_reminders",
        /// Offer a passport (rules T2 and T3).
        TransferOffer => "transfer_offer",
        /// Accept or decline an offer (rule T6).
        TransferDecide => "transfer_decide",
        /// Withdraw an offer or have it mailed again (rule T6).
        TransferRetract => "transfer_retract",
        /// Invite another garage to keep a passport (rule P6).
        GarageInvite => "garage_invite",
        /// Ask for a passport that another garage keeps (rule P6).
        GarageChangeRequest => "garage_change_request",
        /// Agree to or decline a change of garage (rule P6).
        GarageChangeDecide => "garage_change_decide",
        /// Withdraw a request for a passport (rule P6).
        GarageChangeWithdraw => "garage_change_withdraw",
        /// Have a calendar of what comes due on one's cars (rule CAL1).
        CalendarKeep => "calendar_keep",
    }
}

/// The answer of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They may do it.
    Allowed,
    /// The resource does not exist for them.
    Hidden,
    /// They see the resource, but may not do this.
    Refused(Forbidden),
}

coded_enum! {
    /// Why something visible may not be done.
    pub enum Forbidden {
        /// Only an admin of the garage may do it.
        AdminOnly => "admin_only",
        /// Only an admin or advisor of the garage may do it.
        AdvisorOnly => "advisor_only",
        /// Only the staff of the garage may do it.
        StaffOnly => "staff_only",
        /// Only the fleet's account may do it (rules EC6, F7 and RM4).
        FleetOnly => "fleet_only",
        /// Only the fleet's account may offer (rule T2).
        OnlyFleetManagerMayTransfer => "only_fleet_manager_may_transfer",
        /// Only the owner may offer (rule T3).
        OnlyOwnerMayTransfer => "only_owner_may_transfer",
        /// Only the owner may decide (rule RC3).
        OnlyOwnerMayDecide => "only_owner_may_decide",
        /// Only the side that lost the car may agree or object (rule L5).
        OnlyFormerOwnerMayDecide => "only_former_owner_may_decide",
        /// Only the recipient may decide (rule T6).
        OnlyRecipientMayDecide => "only_recipient_may_decide",
        /// Only the offerer may do it (rule T6).
        OnlyOffererMayWithdraw => "only_offerer_may_withdraw",
    }
}

/// Decides whether `actor` may do `action` with a resource to which it has this `relation`.
///
/// For an action without a resource yet (creating one, listing), the relation is that to the collection: the
/// collections of a garage belong to its staff.
pub fn decide(actor: &Actor, action: Action, relation: Relation) -> Decision {
    let role = match actor.standing {
        Standing::Staff(_, role) => relation.garage.then_some(role),
        Standing::Driver(..) | Standing::Fleet(..) | Standing::Platform => None,
    };
    match action {
        Action::GarageRead | Action::StaffRead | Action::CustomerRead | Action::VehicleRegisterRead => {
            staff_only(role, |_| None, false)
        }
        Action::GarageChange | Action::StaffChange => staff_only(role, admin, false),
        Action::CustomerChange
        | Action::CustomerExport
        | Action::MailingChange
        | Action::TemplateChange
        | Action::ServiceRecordImport
        | Action::GarageChangeRequest => staff_only(role, advisor, false),
        Action::PassportRead
        | Action::ApkRead
        | Action::OdometerRead
        | Action::OdometerRecord
        | Action::ScheduleRead
        | Action::IndicatorRecord
        | Action::FileRead
        | Action::AttachmentAdd
        | Action::ServiceRecordRead
        | Action::ServiceRecordAdd
        | Action::CheckRead
        | Action::RecommendationRead => seen(sees_passport(relation, role)),
        Action::PassportManage
        | Action::PassportPlate
        | Action::PassportLink
        | Action::ScheduleChange
        | Action::AttachmentDelete
        | Action::RecommendationMake => staff_only(role, advisor, sees_passport(relation, role)),
        Action::EventRead
        | Action::PassportChange
        | Action::PhotoChange
        | Action::ApkEnter
        | Action::CheckRun
        | Action::OdometerConfirm => staff_only(role, |_| None, sees_passport(relation, role)),
        Action::RecommendationDecide => decide_for_owner(relation, role),
        // Whoever of the garage has the car in hands knows too that it is suspended, or in stock.
        Action::ApkLift => {
            party(role.is_some() || is_owner(relation), sees_passport(relation, role), Forbidden::OnlyOwnerMayDecide)
        }
        Action::FleetManage => staff_only(role, advisor, relation.fleet),
        Action::FleetAmounts | Action::FleetReminders => party(relation.fleet, role.is_some(), Forbidden::FleetOnly),
        Action::DriverEnd => party(relation.fleet, sees_passport(relation, role), Forbidden::FleetOnly),
        Action::LinkChangeDecide => {
            let is_party = role.is_some() || relation.fleet || relation.driver;
            party(relation.former_owner, is_party, Forbidden::OnlyFormerOwnerMayDecide)
        }
        Action::TransferOffer => offer(relation, role),
        Action::TransferDecide => {
            party(relation.recipient, sees_transfer(relation, role), Forbidden::OnlyRecipientMayDecide)
        }
        Action::TransferRetract => {
            party(relation.offerer, sees_transfer(relation, role), Forbidden::OnlyOffererMayWithdraw)
        }
        Action::GarageInvite | Action::GarageChangeDecide => {
            party(is_owner(relation), sees_passport(relation, role), Forbidden::OnlyOwnerMayDecide)
        }
        Action::GarageChangeWithdraw => {
            staff_only(role.filter(|_| relation.offerer), advisor, role.is_some() || is_owner(relation))
        }
        Action::CalendarKeep => seen(relation.driver || relation.fleet),
    }
}

/// Whether an account of this kind, which sees a car, sees amounts of it too (rule EC6): what something costs is the
/// owner's and the garage's, and the driver of a fleet's car sees it only if the fleet allows that.
pub const fn sees_amounts(kind: AccountKind, linked: bool, fleet_allows: bool) -> bool {
    match kind {
        AccountKind::Staff | AccountKind::Fleet => true,
        AccountKind::Driver => !linked || fleet_allows,
        AccountKind::Platform => false,
    }
}

fn admin(role: StaffRole) -> Option<Forbidden> {
    (role != StaffRole::Admin).then_some(Forbidden::AdminOnly)
}

fn advisor(role: StaffRole) -> Option<Forbidden> {
    (role == StaffRole::Mechanic).then_some(Forbidden::AdvisorOnly)
}

/// Allows the garage's staff whose role is not refused. Others who see the resource learn who may do it.
fn staff_only(role: Option<StaffRole>, refused: impl Fn(StaffRole) -> Option<Forbidden>, visible: bool) -> Decision {
    match role {
        Some(role) => refused(role).map_or(Decision::Allowed, Decision::Refused),
        None if visible => Decision::Refused(Forbidden::StaffOnly),
        None => Decision::Hidden,
    }
}

fn seen(visible: bool) -> Decision {
    if visible { Decision::Allowed } else { Decision::Hidden }
}

fn party(is_party: bool, visible: bool, reason: Forbidden) -> Decision {
    match (is_party, visible) {
        (true, _) => Decision::Allowed,
        (false, true) => Decision::Refused(reason),
        (false, false) => Decision::Hidden,
    }
}

fn sees_passport(relation: Relation, role: Option<StaffRole>) -> bool {
    role.is_some() || relation.fleet || relation.driver || relation.owner
}

fn sees_transfer(relation: Relation, role: Option<StaffRole>) -> bool {
    role.is_some() || relation.recipient || relation.offerer
}

/// In a fleet, the fleet's account offers (rule T2); outside a fleet, the owner (rule T3).
fn offer(relation: Relation, role: Option<StaffRole>) -> Decision {
    let visible = sees_passport(relation, role);
    if relation.linked {
        party(relation.fleet, visible, Forbidden::OnlyFleetManagerMayTransfer)
    } else {
        party(relation.owner, visible, Forbidden::OnlyOwnerMayTransfer)
    }
}

/// Whether the actor is the owner: the fleet of a car in a fleet, else the driver.
const fn is_owner(relation: Relation) -> bool {
    if relation.linked { relation.fleet } else { relation.owner }
}

/// In a fleet, the fleet's account decides about the car; outside a fleet, the owner. Admins and advisors write down what
/// the owner said to them (rule RC3).
fn decide_for_owner(relation: Relation, role: Option<StaffRole>) -> Decision {
    match role {
        Some(role) => advisor(role).map_or(Decision::Allowed, Decision::Refused),
        None => party(is_owner(relation), sees_passport(relation, role), Forbidden::OnlyOwnerMayDecide),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));

    fn actor(standing: Standing) -> Actor {
        Actor { by: Identity::Account(ACCOUNT), standing }
    }

    fn driver() -> Actor {
        actor(Standing::Driver(ACCOUNT, EmailAddress::parse("a@b.example").unwrap()))
    }

    fn fleet() -> Actor {
        actor(Standing::Fleet(FleetId(Uuid::from_u128(4)), ACCOUNT))
    }

    fn staff(role: StaffRole) -> Actor {
        actor(Standing::Staff(GarageId(Uuid::from_u128(3)), role))
    }

    const GARAGE: Relation = Relation {
        garage: true,
        fleet: false,
        driver: false,
        owner: false,
        linked: false,
        recipient: false,
        offerer: false,
        former_owner: false,
    };
    const NONE: Relation = Relation { garage: false, ..GARAGE };

    #[test]
    fn a3_what_is_foreign_does_not_exist() {
        let actors = [driver(), fleet(), staff(StaffRole::Admin), actor(Standing::Platform)];
        for actor in actors {
            for action in Action::ALL {
                assert_eq!(decide(&actor, *action, NONE), Decision::Hidden, "{actor:?} {action:?}");
            }
        }
    }

    #[test]
    fn a3_what_is_visible_but_not_theirs_to_do_is_refused_with_a_reason() {
        use Forbidden::{AdminOnly, AdvisorOnly, OnlyOffererMayWithdraw, OnlyRecipientMayDecide, StaffOnly};
        let driver = driver();
        let fleet = fleet();
        let mechanic = staff(StaffRole::Mechanic);
        let own_car = Relation { driver: true, ..NONE };
        let in_fleet = Relation { fleet: true, ..NONE };
        let cases = [
            (&mechanic, Action::GarageChange, GARAGE, AdminOnly),
            (&staff(StaffRole::Advisor), Action::StaffChange, GARAGE, AdminOnly),
            (&mechanic, Action::CustomerChange, GARAGE, AdvisorOnly),
            (&mechanic, Action::PassportManage, GARAGE, AdvisorOnly),
            (&mechanic, Action::PassportPlate, GARAGE, AdvisorOnly),
            (&mechanic, Action::PassportLink, GARAGE, AdvisorOnly),
            (&driver, Action::PassportPlate, own_car, StaffOnly),
            (&mechanic, Action::FleetManage, GARAGE, AdvisorOnly),
            (&driver, Action::PassportChange, own_car, StaffOnly),
            (&driver, Action::EventRead, own_car, StaffOnly),
            (&fleet, Action::EventRead, in_fleet, StaffOnly),
            (&driver, Action::PassportLink, own_car, StaffOnly),
            (&driver, Action::ApkEnter, own_car, StaffOnly),
            (&fleet, Action::ApkEnter, in_fleet, StaffOnly),
            (&driver, Action::ApkLift, Relation { linked: true, ..own_car }, Forbidden::OnlyOwnerMayDecide),
            (&driver, Action::OdometerConfirm, own_car, StaffOnly),
            (&driver, Action::PhotoChange, own_car, StaffOnly),
            (&fleet, Action::PhotoChange, in_fleet, StaffOnly),
            (&driver, Action::AttachmentDelete, own_car, StaffOnly),
            (&mechanic, Action::AttachmentDelete, GARAGE, AdvisorOnly),
            (&fleet, Action::OdometerConfirm, in_fleet, StaffOnly),
            (&fleet, Action::PassportLink, in_fleet, StaffOnly),
            (&fleet, Action::FleetManage, in_fleet, StaffOnly),
            (&staff(StaffRole::Admin), Action::FleetAmounts, GARAGE, Forbidden::FleetOnly),
            (&staff(StaffRole::Admin), Action::DriverEnd, GARAGE, Forbidden::FleetOnly),
            (&driver, Action::DriverEnd, own_car, Forbidden::FleetOnly),
            (&mechanic, Action::LinkChangeDecide, GARAGE, Forbidden::OnlyFormerOwnerMayDecide),
            (&driver, Action::LinkChangeDecide, own_car, Forbidden::OnlyFormerOwnerMayDecide),
            (&fleet, Action::LinkChangeDecide, in_fleet, Forbidden::OnlyFormerOwnerMayDecide),
            (&driver, Action::TransferDecide, Relation { offerer: true, ..NONE }, OnlyRecipientMayDecide),
            (&mechanic, Action::TransferDecide, GARAGE, OnlyRecipientMayDecide),
            (&driver, Action::TransferRetract, Relation { recipient: true, ..NONE }, OnlyOffererMayWithdraw),
        ];
        for (actor, action, relation, reason) in cases {
            assert_eq!(decide(actor, action, relation), Decision::Refused(reason), "{action:?}");
        }
    }

    #[test]
    fn l1_p12_admins_and_advisors_link_and_give_plates_and_a_mechanic_writes_down_what_the_car_shows() {
        for action in [Action::PassportLink, Action::PassportPlate] {
            for role in [StaffRole::Admin, StaffRole::Advisor] {
                assert_eq!(decide(&staff(role), action, GARAGE), Decision::Allowed);
            }
            let refused = Decision::Refused(Forbidden::AdvisorOnly);
            assert_eq!(decide(&staff(StaffRole::Mechanic), action, GARAGE), refused);
        }
        assert_eq!(decide(&staff(StaffRole::Mechanic), Action::PassportChange, GARAGE), Decision::Allowed);
    }

    #[test]
    fn f7_the_fleet_ends_the_access_of_a_driver() {
        let in_fleet = Relation { fleet: true, linked: true, ..NONE };
        assert_eq!(decide(&fleet(), Action::DriverEnd, in_fleet), Decision::Allowed);
    }

    #[test]
    fn p10_every_role_of_the_garage_reads_what_happened() {
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::EventRead, GARAGE), Decision::Allowed);
        }
    }

    #[test]
    fn r21_whoever_sees_the_car_reads_its_apk_and_every_role_of_the_garage_enters_a_date() {
        let fleet = fleet();
        let (own_car, in_fleet) = (Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE });
        for (actor, relation) in [(&driver(), own_car), (&fleet, in_fleet)] {
            assert_eq!(decide(actor, Action::ApkRead, relation), Decision::Allowed);
        }
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::ApkEnter, GARAGE), Decision::Allowed);
        }
    }

    #[test]
    fn apk9_the_owner_and_every_role_of_the_garage_say_what_lifts_the_duty() {
        let (owner, in_fleet) =
            (Relation { driver: true, owner: true, ..NONE }, Relation { fleet: true, linked: true, ..NONE });
        for (actor, relation) in [(&driver(), owner), (&fleet(), in_fleet)] {
            assert_eq!(decide(actor, Action::ApkLift, relation), Decision::Allowed);
        }
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::ApkLift, GARAGE), Decision::Allowed);
        }
        assert_eq!(decide(&driver(), Action::ApkLift, NONE), Decision::Hidden);
    }

    #[test]
    fn od5_whoever_sees_the_car_adds_readings_and_the_garage_confirms() {
        let fleet = fleet();
        let (own_car, in_fleet) = (Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE });
        for (actor, relation) in [(&driver(), own_car), (&fleet, in_fleet)] {
            assert_eq!(decide(actor, Action::OdometerRecord, relation), Decision::Allowed);
        }
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::OdometerConfirm, GARAGE), Decision::Allowed);
        }
    }

    #[test]
    fn ec6_the_driver_of_a_fleets_car_sees_no_amounts_unless_the_fleet_allows_it() {
        for kind in [AccountKind::Staff, AccountKind::Fleet] {
            assert!(sees_amounts(kind, true, false) && sees_amounts(kind, false, false));
        }
        assert!(sees_amounts(AccountKind::Driver, false, false) && sees_amounts(AccountKind::Driver, true, true));
        assert!(!sees_amounts(AccountKind::Driver, true, false) && !sees_amounts(AccountKind::Platform, false, true));
    }

    #[test]
    fn ms3_vc1_admins_and_advisors_change_schedules_and_templates() {
        let in_reach = [Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE }];
        for action in [Action::ScheduleChange, Action::TemplateChange] {
            for role in [StaffRole::Admin, StaffRole::Advisor] {
                assert_eq!(decide(&staff(role), action, GARAGE), Decision::Allowed);
            }
            let refused = Decision::Refused(Forbidden::AdvisorOnly);
            assert_eq!(decide(&staff(StaffRole::Mechanic), action, GARAGE), refused);
        }
        for (actor, relation) in [driver(), fleet()].iter().zip(in_reach) {
            let refused = Decision::Refused(Forbidden::StaffOnly);
            assert_eq!(decide(actor, Action::ScheduleChange, relation), refused);
        }
    }

    #[test]
    fn ms6_whoever_sees_the_car_reads_its_schedule_and_says_what_its_indicator_says() {
        let fleet = fleet();
        let (own_car, in_fleet) = (Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE });
        for action in [Action::ScheduleRead, Action::IndicatorRecord] {
            for (actor, relation) in [(&driver(), own_car), (&fleet, in_fleet)] {
                assert_eq!(decide(actor, action, relation), Decision::Allowed);
            }
            for role in StaffRole::ALL {
                assert_eq!(decide(&staff(*role), action, GARAGE), Decision::Allowed);
            }
        }
    }

    #[test]
    fn sr4_whoever_sees_the_car_writes_down_what_was_done_and_reads_it() {
        let fleet = fleet();
        let (own_car, in_fleet) = (Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE });
        for action in [Action::ServiceRecordRead, Action::ServiceRecordAdd] {
            for (actor, relation) in [(&driver(), own_car), (&fleet, in_fleet)] {
                assert_eq!(decide(actor, action, relation), Decision::Allowed);
            }
            for role in StaffRole::ALL {
                assert_eq!(decide(&staff(*role), action, GARAGE), Decision::Allowed);
            }
        }
    }

    #[test]
    fn vc5_every_role_of_the_garage_adds_photos_and_whoever_sees_the_car_asks_for_its_files() {
        let own_car = Relation { driver: true, ..NONE };
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::PhotoChange, GARAGE), Decision::Allowed);
        }
        for action in [Action::FileRead, Action::AttachmentAdd] {
            assert_eq!(decide(&driver(), action, own_car), Decision::Allowed);
            assert_eq!(decide(&staff(StaffRole::Mechanic), action, GARAGE), Decision::Allowed);
        }
    }

    #[test]
    fn vc2_every_role_of_the_garage_checks_and_whoever_sees_the_car_reads() {
        let fleet = fleet();
        let (own_car, in_fleet) = (Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE });
        for (actor, relation) in [(&driver(), own_car), (&fleet, in_fleet)] {
            assert_eq!(decide(actor, Action::CheckRead, relation), Decision::Allowed);
            assert_eq!(decide(actor, Action::RecommendationRead, relation), Decision::Allowed);
            assert_eq!(decide(actor, Action::CheckRun, relation), Decision::Refused(Forbidden::StaffOnly));
            assert_eq!(decide(actor, Action::RecommendationMake, relation), Decision::Refused(Forbidden::StaffOnly));
        }
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::CheckRun, GARAGE), Decision::Allowed);
        }
    }

    #[test]
    fn ec6_the_fleet_alone_says_whether_its_drivers_see_amounts() {
        let in_fleet = Relation { fleet: true, ..NONE };
        assert_eq!(decide(&fleet(), Action::FleetAmounts, in_fleet), Decision::Allowed);
        assert_eq!(decide(&driver(), Action::FleetAmounts, NONE), Decision::Hidden);
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::FleetAmounts, GARAGE), Decision::Refused(Forbidden::FleetOnly));
        }
    }

    #[test]
    fn cal1_drivers_and_fleets_have_a_calendar_of_their_cars() {
        let (own_cars, in_fleet) = (Relation { driver: true, ..NONE }, Relation { fleet: true, ..NONE });
        assert_eq!(decide(&driver(), Action::CalendarKeep, own_cars), Decision::Allowed);
        assert_eq!(decide(&fleet(), Action::CalendarKeep, in_fleet), Decision::Allowed);
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::CalendarKeep, GARAGE), Decision::Hidden);
        }
    }

    #[test]
    fn rm4_the_fleet_alone_chooses_who_is_reminded() {
        let in_fleet = Relation { fleet: true, ..NONE };
        assert_eq!(decide(&fleet(), Action::FleetReminders, in_fleet), Decision::Allowed);
        assert_eq!(decide(&driver(), Action::FleetReminders, Relation { driver: true, ..NONE }), Decision::Hidden);
        for role in StaffRole::ALL {
            assert_eq!(decide(&staff(*role), Action::FleetReminders, GARAGE), Decision::Refused(Forbidden::FleetOnly));
        }
    }

    #[test]
    fn rc3_the_owner_decides_or_the_garage_on_their_word() {
        let (driver, fleet) = (driver(), fleet());
        let decided = |actor: &Actor, relation| decide(actor, Action::RecommendationDecide, relation);
        let own = Relation { driver: true, owner: true, ..NONE };
        assert_eq!(decided(&driver, own), Decision::Allowed);
        let linked = Relation { linked: true, ..NONE };
        assert_eq!(decided(&fleet, Relation { fleet: true, ..linked }), Decision::Allowed);
        let refused = Decision::Refused(Forbidden::OnlyOwnerMayDecide);
        assert_eq!(decided(&driver, Relation { driver: true, ..linked }), refused);
        for (role, answer) in [
            (StaffRole::Admin, Decision::Allowed),
            (StaffRole::Advisor, Decision::Allowed),
            (StaffRole::Mechanic, Decision::Refused(Forbidden::AdvisorOnly)),
        ] {
            assert_eq!(decided(&staff(role), Relation { garage: true, ..linked }), answer);
            assert_eq!(decide(&staff(role), Action::RecommendationMake, GARAGE), answer);
        }
    }

    #[test]
    fn l5_the_side_that_lost_the_car_decides_and_nobody_else() {
        for (actor, tie) in [(driver(), Relation { driver: true, ..NONE }), (fleet(), Relation { fleet: true, ..NONE })]
        {
            let decided = |relation| decide(&actor, Action::LinkChangeDecide, relation);
            assert_eq!(decided(Relation { former_owner: true, ..tie }), Decision::Allowed);
            assert_eq!(decided(tie), Decision::Refused(Forbidden::OnlyFormerOwnerMayDecide));
        }
        let admin = decide(&staff(StaffRole::Admin), Action::LinkChangeDecide, GARAGE);
        assert_eq!(admin, Decision::Refused(Forbidden::OnlyFormerOwnerMayDecide));
    }

    #[test]
    fn t2_and_t3_who_offers() {
        let driver = driver();
        let fleet = fleet();
        let (linked_one, own) = (Relation { linked: true, ..NONE }, Relation { driver: true, owner: true, ..NONE });
        let t2 = Decision::Refused(Forbidden::OnlyFleetManagerMayTransfer);
        let t3 = Decision::Refused(Forbidden::OnlyOwnerMayTransfer);
        let admin = staff(StaffRole::Admin);
        assert_eq!(decide(&driver, Action::TransferOffer, own), Decision::Allowed);
        assert_eq!(decide(&fleet, Action::TransferOffer, Relation { fleet: true, ..linked_one }), Decision::Allowed);
        assert_eq!(decide(&driver, Action::TransferOffer, Relation { driver: true, ..linked_one }), t2);
        assert_eq!(decide(&admin, Action::TransferOffer, Relation { garage: true, ..linked_one }), t2);
        assert_eq!(decide(&admin, Action::TransferOffer, GARAGE), t3);
        assert_eq!(decide(&driver, Action::TransferOffer, Relation { driver: true, ..NONE }), t3);
    }
}
