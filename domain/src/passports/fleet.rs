//! Fleets: the cars of a business customer, under one account (*wagenpark*).

use crate::{
    Date,
    account::{EmailRefusal, check_email},
    coded_enum,
    event::Fact,
    ids::{AccountId, CustomerId, FleetId, GarageId, PassportId},
    passport::{FleetToJoin, Passport, PassportStatus},
    reminder::{DigestPlan, FleetChoice, FleetReminders},
    value::{EmailAddress, FleetBegin},
};

coded_enum! {
    /// The life of a fleet.
    pub enum FleetStatus {
        /// In use.
        Open => "open",
        /// Closed by the garage; its account can no longer sign in (rule F6).
        Closed => "closed",
    }
}

/// The cars of a business customer, under one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// Its id.
    pub id: FleetId,
    /// The garage that made it.
    pub garage_id: GarageId,
    /// The customer for whom it was made; none after that record was deleted.
    pub customer_id: Option<CustomerId>,
    /// The manager's own passport, which was required to make the fleet (rule F1).
    pub manager_passport_id: PassportId,
    /// The driver account of the manager's own AutoPaspoort, whose e-mail differs from the fleet's (rule F2).
    pub manager_account_id: AccountId,
    /// The account that signs in to the dashboard.
    pub account_id: AccountId,
    /// Its name, by which the garage finds it.
    pub name: String,
    /// Open or closed.
    pub status: FleetStatus,
    /// How the fleet was set up.
    pub begin: FleetBegin,
    /// Whether the drivers of its cars see what work costs (rule EC6).
    pub drivers_see_amounts: bool,
    /// Who is reminded of its cars (rule RM4).
    pub reminders_to: FleetChoice,
    /// When its next digest comes; none when its manager is reminded at once (rule RM4).
    pub digest: Option<DigestPlan>,
    /// The first day whose reminders no digest has told of, since it takes no more digests; none when it never took one, and
    /// while it takes them, when the plan says so.
    pub digested_before: Option<Date>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a command on a fleet is refused.
    pub enum FleetRefusal {
        /// Rule F1: the customer has no active AutoPaspoort at this garage.
        ManagerPassportNotActive => "manager_passport_not_active",
        /// Rule F2: the e-mail is that of the manager's own AutoPaspoort.
        EmailSameAsManager => "fleet_email_same_as_manager",
        /// Rules A1 and F3: another account has this e-mail.
        EmailInUse => "email_in_use",
        /// The fleet is closed.
        Closed => "fleet_closed",
        /// Rule F6: passports are still linked to the fleet.
        HasPassports => "fleet_has_passports",
        /// Rule F6: the fleet still has an open offer.
        HasOpenOffers => "fleet_has_open_offers",
        /// Rule F6: the fleet can still object to an unlink.
        MayObject => "fleet_may_object",
        /// The manager can already sign in, so there is nobody to invite, and the garage can no longer correct the
        /// address.
        AlreadyActive => "fleet_already_active",
    }
}

impl From<EmailRefusal> for FleetRefusal {
    fn from(refusal: EmailRefusal) -> Self {
        match refusal {
            EmailRefusal::FleetEmailSameAsManager => Self::EmailSameAsManager,
            EmailRefusal::EmailInUse | EmailRefusal::EmailUnchanged => Self::EmailInUse,
        }
    }
}

/// A fleet to be made.
#[derive(Clone, Debug)]
pub struct NewFleet {
    /// Its id.
    pub id: FleetId,
    /// Its account's id.
    pub account_id: AccountId,
    /// The customer for whom it is made.
    pub customer_id: CustomerId,
    /// Its name.
    pub name: String,
    /// Its account's e-mail.
    pub email: EmailAddress,
    /// How the fleet is set up.
    pub begin: FleetBegin,
}

impl From<&Fleet> for FleetToJoin {
    fn from(fleet: &Fleet) -> Self {
        Self { id: fleet.id, is_closed: fleet.status == FleetStatus::Closed }
    }
}

impl Fleet {
    /// Makes a fleet from the profile of a customer with an active AutoPaspoort (rules F1 to F4).
    ///
    /// `manager_email` is the e-mail of the account that drives `manager_passport`; `in_use` says whether any account
    /// has the fleet's e-mail.
    pub fn create(
        new: NewFleet,
        manager_passport: &Passport,
        manager_email: &EmailAddress,
        in_use: bool,
    ) -> Result<(Self, Fact), FleetRefusal> {
        let driver = manager_passport.hands.driver;
        let manager_account_id = driver
            .filter(|_| manager_passport.status == PassportStatus::Active)
            .filter(|_| manager_passport.customer_id == Some(new.customer_id))
            .ok_or(FleetRefusal::ManagerPassportNotActive)?;
        check_email(&new.email, std::slice::from_ref(manager_email), in_use)?;
        let fact = Fact::FleetCreated { fleet_id: new.id, begin: new.begin };
        let fleet = Self {
            id: new.id,
            garage_id: manager_passport.garage_id,
            customer_id: Some(new.customer_id),
            manager_passport_id: manager_passport.id,
            manager_account_id,
            account_id: new.account_id,
            name: new.name,
            status: FleetStatus::Open,
            begin: new.begin,
            drivers_see_amounts: false,
            reminders_to: FleetChoice::default(),
            digest: None,
            digested_before: None,
            version: 1,
        };
        Ok((fleet, fact))
    }

    /// Gives the fleet another name.
    pub fn rename(self, name: String) -> Result<(Self, Option<Fact>), FleetRefusal> {
        self.open()?;
        let fact = (name != self.name).then_some(Fact::FleetChanged { fleet_id: self.id });
        Ok((Self { name, ..self }, fact))
    }

    /// Says whether the drivers of its cars see amounts (rule EC6). What is so already is no fact.
    #[must_use]
    pub fn show_drivers_amounts(self, is_shown: bool) -> (Self, Option<Fact>) {
        let fact = (is_shown != self.drivers_see_amounts).then_some(Fact::FleetChanged { fleet_id: self.id });
        (Self { drivers_see_amounts: is_shown, ..self }, fact)
    }

    /// What it chose about reminders of its cars (rule RM4).
    pub const fn reminders(&self) -> FleetReminders {
        FleetReminders { to: self.reminders_to, digest: self.digest.is_some() }
    }

    /// Chooses who is reminded of its cars, and whether the manager takes digests, on a day at its garage (rule RM4). Whoever
    /// takes no more digests is sent a last one, with what came since the one before, that day's too. Whoever takes them again on
    /// that day is reminded at once until it is over, so that no day is in two digests. What is so already is no fact.
    #[must_use]
    pub fn choose_reminders(self, chosen: FleetReminders, today: Date) -> (Self, Vec<Fact>) {
        if chosen == self.reminders() {
            return (self, vec![]);
        }
        let until = today.tomorrow().unwrap_or(today);
        let (digest, digested_before, last) = match (self.digest, chosen.digest) {
            (Some(plan), false) => (None, Some(until), Some(plan.since)),
            (None, true) => {
                let since = self.digested_before.map_or(today, |day| day.max(today));
                (Some(DigestPlan { since, ..DigestPlan::from(today) }), None, None)
            }
            (digest, _) => (digest, self.digested_before, None),
        };
        // Of a day that a digest told of already there is nothing to tell.
        let last = last.filter(|since| *since < until);
        let last = last.map(|since| Fact::FleetDigestDue { fleet_id: self.id, since, until });
        let facts = std::iter::once(Fact::FleetChanged { fleet_id: self.id }).chain(last).collect();
        (Self { reminders_to: chosen.to, digest, digested_before, ..self }, facts)
    }

    /// The digest that is due on a day at its garage, and the plan of the next one; none when none is due (rule RM4).
    pub fn take_digest(&self, today: Date) -> Option<(Fact, DigestPlan)> {
        let plan = self.digest.filter(|plan| plan.on <= today)?;
        let fact = Fact::FleetDigestDue { fleet_id: self.id, since: plan.since, until: today };
        Some((fact, DigestPlan::from(today)))
    }

    /// Whether the garage may invite the manager again, or correct the e-mail: only while the account is not active.
    pub fn may_invite(&self, account_active: bool) -> Result<(), FleetRefusal> {
        self.open()?;
        if account_active { Err(FleetRefusal::AlreadyActive) } else { Ok(()) }
    }

    /// Closes the fleet, if no passport is linked to it, it has no open offer, and it can object to no unlink any more (rule
    /// F6).
    pub fn close(self, passports: i64, open_offers: i64, open_unlinks: i64) -> Result<(Self, Fact), FleetRefusal> {
        self.open()?;
        match (passports, open_offers, open_unlinks) {
            (0, 0, 0) => {
                let fact = Fact::FleetClosed { fleet_id: self.id };
                Ok((Self { status: FleetStatus::Closed, digest: None, digested_before: None, ..self }, fact))
            }
            (0, 0, _) => Err(FleetRefusal::MayObject),
            (0, ..) => Err(FleetRefusal::HasOpenOffers),
            _ => Err(FleetRefusal::HasPassports),
        }
    }

    fn open(&self) -> Result<(), FleetRefusal> {
        if self.status == FleetStatus::Closed { Err(FleetRefusal::Closed) } else { Ok(()) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::passport::tests::{DRIVER, GARAGE, STAFF, active, invited, now};
    use uuid::Uuid;

    pub(crate) fn fleet(number: u128) -> Fleet {
        Fleet {
            id: FleetId(Uuid::from_u128(100 + number)),
            garage_id: GARAGE,
            customer_id: Some(CustomerId(Uuid::from_u128(11))),
            manager_passport_id: PassportId(Uuid::from_u128(10)),
            manager_account_id: DRIVER,
            account_id: AccountId(Uuid::from_u128(200 + number)),
            name: "Bakkerij Jansen".into(),
            status: FleetStatus::Open,
            begin: FleetBegin::Invited,
            drivers_see_amounts: false,
            reminders_to: FleetChoice::default(),
            digest: None,
            digested_before: None,
            version: 1,
        }
    }

    #[test]
    fn rm4_a_fleet_chooses_and_whoever_takes_no_more_digests_gets_a_last_one() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let choice = |to, digest| FleetReminders { to, digest };
        let open = fleet(1);
        let (same, facts) = open.clone().choose_reminders(choice(FleetChoice::Both, false), day("2026-03-04"));
        assert_eq!((same, facts), (open.clone(), vec![]));
        let changed = Fact::FleetChanged { fleet_id: open.id };
        let (weekly, facts) = open.choose_reminders(choice(FleetChoice::Manager, true), day("2026-03-04"));
        assert_eq!(facts, std::slice::from_ref(&changed));
        let plan = DigestPlan { since: day("2026-03-04"), on: day("2026-03-09") };
        assert_eq!((weekly.digest, weekly.reminders()), (Some(plan), choice(FleetChoice::Manager, true)));
        // Another choice moves the day of the digest not.
        let (weekly, _) = weekly.choose_reminders(choice(FleetChoice::Both, true), day("2026-03-06"));
        assert_eq!(weekly.digest, Some(plan));
        let (at_once, facts) = weekly.clone().choose_reminders(choice(FleetChoice::Both, false), day("2026-03-07"));
        let last = Fact::FleetDigestDue { fleet_id: weekly.id, since: day("2026-03-04"), until: day("2026-03-08") };
        assert_eq!((at_once.digest, facts), (None, vec![changed, last]));
        assert_eq!(weekly.close(0, 0, 0).unwrap().0.digest, None);
    }

    #[test]
    fn rm4_a_day_on_which_digests_are_left_off_and_taken_again_is_in_one_of_them() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let choose = |fleet: Fleet, digest, on: &str| {
            let (fleet, facts) = fleet.choose_reminders(FleetReminders { to: FleetChoice::Both, digest }, day(on));
            let told = facts.into_iter().filter_map(|fact| {
                if let Fact::FleetDigestDue { since, until, .. } = fact { Some((since, until)) } else { None }
            });
            (fleet, told.collect::<Vec<_>>())
        };
        let (fleet, _) = choose(fleet(1), true, "2026-03-04");
        let (fleet, told) = choose(fleet, false, "2026-03-05");
        assert_eq!(told, [(day("2026-03-04"), day("2026-03-06"))]);
        let (fleet, _) = choose(fleet, true, "2026-03-05");
        let plan = DigestPlan { since: day("2026-03-06"), on: day("2026-03-09") };
        assert_eq!(fleet.digest, Some(plan), "the fifth was told of");
        let (fleet, told) = choose(fleet, false, "2026-03-05");
        assert_eq!(told, [], "there is nothing that was not told");
        let (fleet, _) = choose(fleet, true, "2026-03-07");
        assert_eq!(
            fleet.digest,
            Some(DigestPlan { since: day("2026-03-07"), ..plan }),
            "the sixth was reminded of at once"
        );
        assert_eq!(fleet.digested_before, None);
        // On a Sunday, of which a digest told: the next comes on the day after, with nothing of that day.
        let (fleet, _) = choose(fleet, false, "2026-03-08");
        let (fleet, _) = choose(fleet, true, "2026-03-08");
        assert_eq!(fleet.digest, Some(DigestPlan { since: day("2026-03-09"), on: day("2026-03-09") }));
        let (fact, next) = fleet.take_digest(day("2026-03-09")).unwrap();
        assert_eq!(next.since, day("2026-03-09"));
        assert!(matches!(fact, Fact::FleetDigestDue { since, until, .. } if since == until), "no day at all");
    }

    #[test]
    fn rm4_each_day_is_in_one_digest() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let plan = DigestPlan { since: day("2026-03-23"), on: day("2026-03-30") };
        let weekly = Fleet { digest: Some(plan), ..fleet(1) };
        assert_eq!(weekly.take_digest(day("2026-03-29")), None, "the Sunday on which the clock is changed");
        let due = |since: &str, until: &str| Fact::FleetDigestDue {
            fleet_id: weekly.id,
            since: day(since),
            until: day(until),
        };
        let (fact, next) = weekly.take_digest(day("2026-03-30")).unwrap();
        assert_eq!(fact, due("2026-03-23", "2026-03-30"));
        assert_eq!(next, DigestPlan { since: day("2026-03-30"), on: day("2026-04-06") });
        // The server stood still on the next Monday.
        let weekly = Fleet { digest: Some(next), ..weekly };
        assert_eq!(weekly.take_digest(day("2026-03-30")), None, "once");
        let (fact, next) = weekly.take_digest(day("2026-04-08")).unwrap();
        assert_eq!(fact, due("2026-03-30", "2026-04-08"));
        assert_eq!(next, DigestPlan { since: day("2026-04-08"), on: day("2026-04-13") });
    }

    fn wanted(email: &str) -> NewFleet {
        NewFleet {
            id: FleetId(Uuid::from_u128(101)),
            account_id: AccountId(Uuid::from_u128(201)),
            customer_id: CustomerId(Uuid::from_u128(11)),
            name: "Bakkerij Jansen".into(),
            email: EmailAddress::parse(email).unwrap(),
            begin: FleetBegin::Invited,
        }
    }

    fn create(passport: &Passport, email: &str, in_use: bool) -> Result<Fleet, FleetRefusal> {
        let manager = EmailAddress::parse("jan@jansen.example").unwrap();
        Fleet::create(wanted(email), passport, &manager, in_use).map(|(fleet, _)| fleet)
    }

    #[test]
    fn f1_a_fleet_is_made_from_a_customer_with_an_active_passport() {
        let made = create(&active(None), "vloot@jansen.example", false).unwrap();
        assert_eq!((made.manager_passport_id, made.manager_account_id), (active(None).id, DRIVER));
        let archived = active(None).archive(crate::passport::Pending::default(), STAFF, now()).unwrap().passport;
        let foreign = Passport { customer_id: Some(CustomerId(Uuid::from_u128(99))), ..active(None) };
        for passport in [invited(None), archived, foreign] {
            let refused = create(&passport, "vloot@jansen.example", false);
            assert_eq!(refused, Err(FleetRefusal::ManagerPassportNotActive));
        }
    }

    #[test]
    fn f2_its_email_differs_from_the_managers() {
        for same in ["jan@jansen.example", " JAN@Jansen.Example "] {
            assert_eq!(create(&active(None), same, true), Err(FleetRefusal::EmailSameAsManager));
        }
    }

    #[test]
    fn f3_its_email_is_no_other_accounts() {
        assert_eq!(create(&active(None), "piet@jansen.example", true), Err(FleetRefusal::EmailInUse));
    }

    #[test]
    fn f4_the_garage_invites_until_the_manager_has_signed_in() {
        assert_eq!(fleet(1).may_invite(false), Ok(()));
        assert_eq!(fleet(1).may_invite(true), Err(FleetRefusal::AlreadyActive));
    }

    #[test]
    fn f6_only_an_empty_fleet_without_offers_is_closed() {
        assert_eq!(fleet(1).close(1, 0, 1).unwrap_err(), FleetRefusal::HasPassports);
        assert_eq!(fleet(1).close(0, 1, 1).unwrap_err(), FleetRefusal::HasOpenOffers);
        assert_eq!(fleet(1).close(0, 0, 1).unwrap_err(), FleetRefusal::MayObject);
        let (closed, _) = fleet(1).close(0, 0, 0).unwrap();
        assert_eq!(closed.status, FleetStatus::Closed);
        assert_eq!(closed.clone().close(0, 0, 0).unwrap_err(), FleetRefusal::Closed);
        assert_eq!(closed.clone().may_invite(false), Err(FleetRefusal::Closed));
        assert_eq!(closed.rename("x".into()).unwrap_err(), FleetRefusal::Closed);
    }
}
