//! One test for each rule of transfers, and properties that hold for any sequence of commands.

use super::*;
use crate::{
    custody::{CustodyRole, Holder},
    fleet::tests::fleet,
    ids::LinkChangeId,
    link_change::{self, Circumstances, LinkChange, NewLinkChange, Relinked},
    passport::{
        Archiving,
        tests::{DRIVER, STAFF, active, invited, now, pool_car},
    },
};
use proptest::prelude::*;
use uuid::Uuid;

const RECIPIENT: AccountId = AccountId(Uuid::from_u128(50));
const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(51));

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn to(recipient: &str, kind: TransferKind) -> NewTransfer {
    NewTransfer { id: TransferId(Uuid::from_u128(40)), kind, recipient_email: email(recipient), days: DEFAULT_DAYS }
}

fn pending(transfer: bool, link_change: bool) -> Pending {
    Pending { transfer, link_change, ..Pending::default() }
}

fn manager() -> Offerer {
    Offerer::Fleet(fleet(1).account_id, fleet(1).id)
}

fn offer(passport: &Passport, offerer: Offerer, kind: TransferKind) -> Result<Transfer, TransferRefusal> {
    offer_to(passport, offerer, kind, "piet@pietersen.example", false)
}

fn offer_to(
    passport: &Passport,
    offerer: Offerer,
    kind: TransferKind,
    recipient: &str,
    open: bool,
) -> Result<Transfer, TransferRefusal> {
    let (driver, company) = (email("jan@jansen.example"), email("vloot@jansen.example"));
    let holders = Holders { driver: Some(&driver), fleet: passport.hands.fleet.map(|_| &company), taken: None };
    let pending = pending(open, false);
    Transfer::offer(to(recipient, kind), passport, offerer, holders, pending, now()).map(|(transfer, _)| transfer)
}

fn accept(transfer: Transfer, passport: Passport) -> Result<Acceptance, TransferRefusal> {
    transfer.accept(passport, (RECIPIENT, &email("PIET@pietersen.example")), CUSTOMER, now())
}

#[test]
fn f7_a_pool_car_is_handed_on_by_its_fleet_alone() {
    let company = fleet(1);
    let car = pool_car(&company);
    let refused = Some(TransferRefusal::OnlyFleetManagerMayTransfer);
    assert_eq!(offer(&car, Offerer::Driver(DRIVER), TransferKind::NewOwner).err(), refused, "the leaver has no say");
    let driven = accept(offer(&car, manager(), TransferKind::NewDriver).unwrap(), car.clone()).unwrap();
    assert_eq!(driven.passport.hands, Hands { driver: Some(RECIPIENT), fleet: Some(company.id) });
    let owned = accept(offer(&car, manager(), TransferKind::NewOwner).unwrap(), car).unwrap();
    assert_eq!(owned.passport.hands, Hands { driver: Some(RECIPIENT), fleet: None });
    for done in [driven, owned] {
        assert!(matches!(done.fact, Fact::TransferAccepted { former_driver: None, .. }), "nobody is the former driver");
        assert_eq!(done.passport.customer_id, Some(CUSTOMER));
    }
}

#[test]
fn f7_an_offer_stands_while_the_driver_leaves() {
    let company = fleet(1);
    let offered = offer(&active(Some(&company)), manager(), TransferKind::NewDriver).unwrap();
    let taken = accept(offered, pool_car(&company)).unwrap();
    assert_eq!(taken.passport.hands, Hands { driver: Some(RECIPIENT), fleet: Some(company.id) });
}

#[test]
fn t1_only_an_active_passport() {
    let company = fleet(1);
    let refused = Err(TransferRefusal::PassportNotActive);
    assert_eq!(offer(&invited(Some(&company)), manager(), TransferKind::NewOwner), refused);
    assert!(offer(&active(Some(&company)), manager(), TransferKind::NewOwner).is_ok());
}

#[test]
fn t2_in_a_fleet_only_its_account() {
    let company = fleet(1);
    let other = Offerer::Fleet(fleet(2).account_id, fleet(2).id);
    for stranger in [Offerer::Driver(DRIVER), Offerer::Other, other] {
        for kind in [TransferKind::NewOwner, TransferKind::NewDriver] {
            let refused = offer(&active(Some(&company)), stranger, kind);
            assert_eq!(refused, Err(TransferRefusal::OnlyFleetManagerMayTransfer), "{stranger:?}");
        }
    }
    assert!(offer(&active(Some(&company)), manager(), TransferKind::NewDriver).is_ok());
}

#[test]
fn t3_outside_a_fleet_only_the_owner() {
    for stranger in [Offerer::Driver(RECIPIENT), Offerer::Other, manager()] {
        let refused = offer(&active(None), stranger, TransferKind::NewOwner);
        assert_eq!(refused, Err(TransferRefusal::OnlyOwnerMayTransfer), "{stranger:?}");
    }
    assert!(offer(&active(None), Offerer::Driver(DRIVER), TransferKind::NewOwner).is_ok());
}

#[test]
fn t4_to_whom() {
    let company = active(Some(&fleet(1)));
    let own = active(None);
    let driver = Offerer::Driver(DRIVER);
    let holds = Err(TransferRefusal::RecipientAlreadyHolds);
    assert_eq!(offer(&own, driver, TransferKind::NewDriver), Err(TransferRefusal::NewDriverOnlyInFleet));
    assert_eq!(offer_to(&own, driver, TransferKind::NewOwner, "Jan@Jansen.example", false), holds);
    assert_eq!(offer_to(&company, manager(), TransferKind::NewDriver, "jan@jansen.example", false), holds);
    assert!(offer_to(&company, manager(), TransferKind::NewOwner, "jan@jansen.example", false).is_ok());
    for kind in [TransferKind::NewOwner, TransferKind::NewDriver] {
        let refused = offer_to(&company, manager(), kind, "Vloot@jansen.example", false);
        assert_eq!(refused, Err(TransferRefusal::RecipientIsFleet));
    }
}

#[test]
fn t5_one_open_offer() {
    let refused = offer_to(&active(None), Offerer::Driver(DRIVER), TransferKind::NewOwner, "x@y.example", true);
    assert_eq!(refused, Err(TransferRefusal::Open));
}

#[test]
fn l5_nobody_offers_a_car_while_the_side_that_lost_it_may_object() {
    let driver = email("jan@jansen.example");
    let holders = Holders { driver: Some(&driver), fleet: None, taken: None };
    let cars = [(active(None), Offerer::Driver(DRIVER), TransferKind::NewOwner)];
    let of_fleet =
        [TransferKind::NewOwner, TransferKind::NewDriver].map(|kind| (active(Some(&fleet(1))), manager(), kind));
    for (passport, offerer, kind) in cars.into_iter().chain(of_fleet) {
        let new = || to("piet@pietersen.example", kind);
        let offered = |open| Transfer::offer(new(), &passport, offerer, holders, pending(false, open), now());
        assert_eq!(offered(true).unwrap_err(), TransferRefusal::LinkChangeOpen);
        assert!(offered(false).is_ok());
    }
}

#[test]
fn p6_nobody_offers_a_car_for_which_a_garage_has_asked() {
    let (passport, offerer) = (active(None), Offerer::Driver(DRIVER));
    let offer_while = |garage_change| {
        let pending = Pending { garage_change, ..Pending::default() };
        let new = to("piet@pietersen.example", TransferKind::NewOwner);
        Transfer::offer(new, &passport, offerer, Holders::default(), pending, now()).map(|_| ())
    };
    assert_eq!(offer_while(true), Err(TransferRefusal::GarageChangeOpen));
    assert_eq!(offer_while(false), Ok(()));
}

#[test]
fn t6_only_the_recipient_decides_and_only_the_offerer_withdraws() {
    let transfer = offer(&active(None), Offerer::Driver(DRIVER), TransferKind::NewOwner).unwrap();
    let stranger = email("stranger@x.example");
    let accepted = transfer.clone().accept(active(None), (RECIPIENT, &stranger), CUSTOMER, now());
    assert_eq!(accepted, Err(TransferRefusal::NotRecipient));
    assert_eq!(transfer.clone().decline((RECIPIENT, &stranger), now()).unwrap_err(), TransferRefusal::NotRecipient);
    assert_eq!(transfer.clone().withdraw(STAFF, None, now()).unwrap_err(), TransferRefusal::NotOfferer);
    assert_eq!(transfer.clone().resend(STAFF, now()).unwrap_err(), TransferRefusal::NotOfferer);
    assert_eq!(transfer.withdraw(DRIVER, None, now()).unwrap().0.status, TransferStatus::Withdrawn);
}

#[test]
fn t6_an_offer_expires_and_sending_again_renews_it() {
    let transfer = offer(&active(None), Offerer::Driver(DRIVER), TransferKind::NewOwner).unwrap();
    assert_eq!(transfer.expires_at, after_days(now(), 14));
    let late = transfer.expires_at;
    assert_eq!(transfer.status_at(late), TransferStatus::Expired);
    let recipient = email("piet@pietersen.example");
    let accepted = transfer.clone().accept(active(None), (RECIPIENT, &recipient), CUSTOMER, late);
    assert_eq!(accepted, Err(TransferRefusal::Expired));
    assert_eq!(transfer.clone().expire(None, now()).unwrap_err(), TransferRefusal::NotOpen);
    assert_eq!(transfer.clone().expire(None, late).unwrap().0.status, TransferStatus::Expired);
    let day = SignedDuration::from_hours(24);
    let (renewed, _) = transfer.resend(DRIVER, now() + day).unwrap();
    assert_eq!(renewed.expires_at, late + day);
}

#[test]
fn t7_a_new_owner_takes_the_car_out_of_the_fleet() {
    let passport = active(Some(&fleet(1)));
    let transfer = offer(&passport, manager(), TransferKind::NewOwner).unwrap();
    let accepted = accept(transfer, passport).unwrap();
    assert_eq!(accepted.passport.hands, Hands { driver: Some(RECIPIENT), fleet: None });
    assert_eq!(accepted.passport.hands.owner(), Holder::Account(RECIPIENT));
    assert_eq!(accepted.passport.customer_id, Some(CUSTOMER));
    let roles: Vec<_> = accepted.custody.iter().map(|entry| (entry.role, entry.holder)).collect();
    let new = Holder::Account(RECIPIENT);
    assert_eq!(roles, [(CustodyRole::Driver, new), (CustodyRole::Owner, new), (CustodyRole::Fleet, Holder::Nobody)]);
}

#[test]
fn t8_a_new_driver_leaves_the_car_in_the_fleet() {
    let passport = active(Some(&fleet(1)));
    let transfer = offer(&passport, manager(), TransferKind::NewDriver).unwrap();
    let accepted = accept(transfer, passport).unwrap();
    assert_eq!(accepted.passport.hands, Hands { driver: Some(RECIPIENT), fleet: Some(fleet(1).id) });
    assert_eq!(accepted.custody.len(), 1);
}

#[test]
fn t9_what_is_the_cars_travels_and_the_customer_stays_behind() {
    let passport = active(None);
    let transfer = offer(&passport, Offerer::Driver(DRIVER), TransferKind::NewOwner).unwrap();
    let accepted = accept(transfer, passport.clone()).unwrap();
    assert_eq!(accepted.passport.vehicle, passport.vehicle);
    assert_ne!(accepted.passport.customer_id, passport.customer_id);
}

#[test]
fn t10_the_fact_names_everyone_to_tell() {
    let passport = active(Some(&fleet(1)));
    let transfer = offer(&passport, manager(), TransferKind::NewOwner).unwrap();
    let accepted = accept(transfer.clone(), passport.clone()).unwrap();
    assert_eq!(
        accepted.fact,
        Fact::TransferAccepted {
            transfer_id: transfer.id,
            passport_id: passport.id,
            transfer_kind: TransferKind::NewOwner,
            recipient: RECIPIENT,
            offered_by: fleet(1).account_id,
            former_driver: Some(DRIVER),
            former_fleet: Some(fleet(1).id),
        }
    );
}

#[test]
fn t11_a_decided_offer_is_decided() {
    let passport = active(None);
    let open = offer(&passport, Offerer::Driver(DRIVER), TransferKind::NewOwner).unwrap();
    let recipient = email("piet@pietersen.example");
    let decided = [
        accept(open.clone(), passport.clone()).unwrap().transfer,
        open.clone().decline((RECIPIENT, &recipient), now()).unwrap().0,
        open.clone().withdraw(DRIVER, Some(RECIPIENT), now()).unwrap().0,
    ];
    for transfer in decided {
        let not_open = TransferRefusal::NotOpen;
        assert_eq!(accept(transfer.clone(), passport.clone()).unwrap_err(), not_open);
        assert_eq!(transfer.clone().decline((RECIPIENT, &recipient), now()).unwrap_err(), not_open);
        assert_eq!(transfer.clone().withdraw(DRIVER, None, now()).unwrap_err(), not_open);
        assert_eq!(transfer.clone().resend(DRIVER, now()).unwrap_err(), not_open);
        assert_eq!(transfer.expire(None, after_days(now(), 90)).unwrap_err(), not_open);
    }
}

#[test]
fn f8_a_fleet_that_was_not_handed_over_offers_nothing() {
    let company = fleet(1);
    let refused = |offerer| may_offer(&active(Some(&company)), offerer);
    assert_eq!(refused(Offerer::Prepared(company.id)), Err(TransferRefusal::FleetNotHandedOver));
    assert_eq!(refused(Offerer::Prepared(fleet(2).id)), Err(TransferRefusal::OnlyFleetManagerMayTransfer));
    assert_eq!(refused(Offerer::Fleet(company.account_id, company.id)), Ok(()));
}

#[test]
fn p14_who_took_the_link_does_not_pass_the_car_on_while_the_garage_can_end_it() {
    let holders = |by| Holders { taken: Some(Taken { by, at: now() }), ..Holders::default() };
    let offer = |offerer, by, now| {
        let new = to("x@y.example", TransferKind::NewOwner);
        Transfer::offer(new, &active(None), offerer, holders(by), pending(false, false), now).map(|_| ())
    };
    let driver = Offerer::Driver(DRIVER);
    assert_eq!(offer(driver, DRIVER, now()), Err(TransferRefusal::ActivationNotSettled));
    assert_eq!(offer(driver, DRIVER, now() + Taken::REVOCABLE), Ok(()));
    assert_eq!(offer(driver, STAFF, now()), Ok(()), "the car has another driver by now");
}

#[test]
fn t12_an_offer_that_ended_belongs_to_an_account_and_not_to_an_address() {
    let passport = active(None);
    let open = offer(&passport, Offerer::Driver(DRIVER), TransferKind::NewOwner).unwrap();
    let (address, other) = (email("piet@pietersen.example"), email("piet@elsewhere.example"));
    let successor = AccountId(Uuid::from_u128(77));
    assert!(open.is_recipient((RECIPIENT, &address)) && open.is_recipient((successor, &address)));
    assert!(!open.is_recipient((RECIPIENT, &other)));
    let ended = [
        accept(open.clone(), passport.clone()).unwrap().transfer,
        open.clone().decline((RECIPIENT, &address), now()).unwrap().0,
        open.clone().withdraw(DRIVER, Some(RECIPIENT), now()).unwrap().0,
        open.clone().expire(Some(RECIPIENT), after_days(now(), 90)).unwrap().0,
    ];
    for transfer in ended {
        assert!(transfer.is_recipient((RECIPIENT, &other)), "{:?}", transfer.status);
        assert!(!transfer.is_recipient((successor, &address)), "{:?}", transfer.status);
    }
    let (nobodys, _) = open.withdraw(DRIVER, None, now()).unwrap();
    assert!(!nobodys.is_recipient((successor, &address)));
}

/// A command that anyone can send at any moment.
#[derive(Clone, Copy, Debug)]
enum Command {
    Link(u128),
    Unlink,
    Offer { offerer: usize, kind: TransferKind, recipient: u128 },
    Accept(u128),
    Decline(u128),
    Withdraw(u128),
    Archive,
    Unarchive,
    EndDriver,
    Agree,
    Object,
    Wait(i64),
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let kind = prop_oneof![Just(TransferKind::NewOwner), Just(TransferKind::NewDriver)];
    let command = prop_oneof![
        3 => (1..3_u128).prop_map(Command::Link),
        2 => Just(Command::Unlink),
        5 => (0..6_usize, kind, 0..4_u128).prop_map(|(offerer, kind, recipient)| Command::Offer { offerer, kind, recipient }),
        5 => (0..4_u128).prop_map(Command::Accept),
        1 => (0..4_u128).prop_map(Command::Decline),
        1 => (0..4_u128).prop_map(Command::Withdraw),
        1 => Just(Command::Archive),
        1 => Just(Command::Unarchive),
        2 => Just(Command::EndDriver),
        1 => Just(Command::Agree),
        2 => Just(Command::Object),
        1 => (1..20_i64).prop_map(Command::Wait),
    ];
    prop::collection::vec(command, 1..60)
}

fn person(number: u128) -> (AccountId, EmailAddress) {
    (AccountId(Uuid::from_u128(1000 + number)), email(&format!("person{number}@x.example")))
}

/// One passport and everything around it, as the store would keep it.
struct World {
    now: Instant,
    passport: Passport,
    transfers: Vec<Transfer>,
    custody: Vec<CustodyEntry>,
    /// The last change of link (rule L5).
    change: Option<LinkChange>,
    archiving: Option<Archiving>,
}

impl World {
    fn open(&self) -> Option<usize> {
        self.transfers.iter().position(|transfer| transfer.is_open(self.now))
    }

    fn changed(&mut self, result: Result<crate::passport::Changed, crate::passport::PassportRefusal>) {
        if let Ok(changed) = result {
            self.passport = changed.passport;
            self.custody.extend(changed.custody);
        }
    }

    fn open_change(&self) -> Option<&LinkChange> {
        self.change.as_ref().filter(|change| change.is_open(self.now))
    }

    fn circumstances(&self) -> Circumstances {
        let new = NewLinkChange { id: LinkChangeId(Uuid::from_u128(70)), days: 7 };
        Circumstances { pending: pending(self.open().is_some(), false), open: self.open_change().cloned(), new }
    }

    fn relinked(&mut self, result: Result<Relinked, crate::passport::PassportRefusal>) {
        if let Ok(done) = result {
            self.change = done.made.or(done.withdrawn).or(self.change.take());
            self.changed(Ok(done.changed));
        }
    }

    /// The side that lost the car objects: it has the car again, as before the change.
    fn object(&mut self, transfer_open: bool) {
        let Some(change) = self.change.clone() else { return };
        let by = (change.former_owner(), person(0).0);
        let was_open = change.is_open(self.now);
        if let Ok(done) = change.object(self.passport.clone(), by, transfer_open, self.now) {
            assert!(was_open && done.passport.hands.owner() == by.0, "{done:?}");
            self.change = Some(done.change);
            self.passport = done.passport;
            self.custody.extend(done.custody);
        }
    }

    fn run(&mut self, command: Command) {
        let (passport, open) = (self.passport.clone(), self.open());
        match command {
            Command::Link(number) => {
                let done = link_change::link(passport, &fleet(number), self.circumstances(), STAFF, self.now);
                self.relinked(done);
            }
            Command::Unlink => {
                self.relinked(link_change::unlink(passport, self.circumstances(), STAFF, self.now));
            }
            Command::Archive => {
                let archiving = Archiving { at: self.now, hands: passport.hands, pool_car: passport.is_pool_car() };
                let done = passport.archive(pending(open.is_some(), self.open_change().is_some()), STAFF, self.now);
                self.archiving = if done.is_ok() { Some(archiving) } else { self.archiving };
                self.changed(done);
            }
            Command::EndDriver => {
                let held = self.open_change().is_some();
                self.changed(passport.end_driver(Some(CUSTOMER), held, person(0).0, self.now));
            }
            Command::Unarchive => self.changed(passport.unarchive(self.archiving, true, true, STAFF, self.now)),
            Command::Agree => {
                let agreed = self.change.clone().map(|change| change.clone().agree(change.former_owner(), self.now));
                self.change = agreed.and_then(Result::ok).map(|(change, _)| change).or(self.change.take());
            }
            Command::Object => self.object(open.is_some()),
            Command::Wait(days) => self.now = after_days(self.now, days),
            Command::Offer { offerer, kind, recipient } => self.offer(offerer, kind, recipient, open.is_some()),
            Command::Accept(number) => {
                let (account, address) = person(number);
                for index in 0..self.transfers.len() {
                    let transfer = self.transfers[index].clone();
                    if let Ok(done) = transfer.accept(self.passport.clone(), (account, &address), CUSTOMER, self.now) {
                        self.transfers[index] = done.transfer;
                        self.passport = done.passport;
                        self.custody.extend(done.custody);
                    }
                }
            }
            Command::Decline(number) => {
                self.decide(|transfer, now| transfer.decline((person(number).0, &person(number).1), now));
            }
            Command::Withdraw(number) => self.decide(|transfer, now| transfer.withdraw(person(number).0, None, now)),
        }
    }

    fn decide(&mut self, act: impl Fn(Transfer, Instant) -> Result<(Transfer, Fact), TransferRefusal>) {
        let now = self.now;
        for transfer in &mut self.transfers {
            if let Ok((decided, _)) = act(transfer.clone(), now) {
                *transfer = decided;
            }
        }
    }

    fn offer(&mut self, offerer: usize, kind: TransferKind, recipient: u128, open: bool) {
        let offerers = [
            Offerer::Driver(person(0).0),
            Offerer::Driver(person(1).0),
            Offerer::Driver(person(2).0),
            Offerer::Fleet(fleet(1).account_id, fleet(1).id),
            Offerer::Fleet(fleet(2).account_id, fleet(2).id),
            Offerer::Other,
        ];
        let (before, offerer) = (self.passport.hands, offerers[offerer]);
        let driver =
            (0..4).map(person).find(|(account, _)| Some(*account) == before.driver).map(|(_, address)| address);
        let new =
            NewTransfer { id: TransferId(Uuid::from_u128(40)), kind, recipient_email: person(recipient).1, days: 14 };
        let holders = Holders { driver: driver.as_ref(), fleet: None, taken: None };
        let held = self.open_change().is_some();
        if let Ok((transfer, _)) = Transfer::offer(new, &self.passport, offerer, holders, pending(open, held), self.now)
        {
            assert!(!held, "offered while the side that lost the car may object");
            match (before.fleet, offerer) {
                (Some(fleet), Offerer::Fleet(_, own)) => assert_eq!(fleet, own),
                (None, Offerer::Driver(account)) => assert_eq!(before.driver, Some(account)),
                _ => panic!("offered without a right to: {offerer:?} of {before:?}"),
            }
            self.transfers.push(transfer);
        }
    }
}

proptest! {
    #[test]
    fn no_sequence_of_commands_breaks_the_rules(commands in commands()) {
        let first = invited(None).activate(person(0).0, now()).unwrap();
        let mut world = World {
            now: now(),
            passport: first.passport,
            transfers: vec![],
            custody: first.custody,
            change: None,
            archiving: None,
        };
        for command in commands {
            let before = world.passport.hands;
            world.run(command);
            // T5: at most one open offer.
            prop_assert!(world.transfers.iter().filter(|transfer| transfer.is_open(world.now)).count() <= 1);
            // L5: during second thoughts no offer is open.
            prop_assert!(world.open_change().is_none() || world.open().is_none());
            // P5: the last entry of each role is the present holder, and there are no gaps.
            for (role, holder) in [
                (CustodyRole::Driver, world.passport.hands.driver.map_or(Holder::Nobody, Holder::Account)),
                (CustodyRole::Owner, world.passport.hands.owner()),
                (CustodyRole::Fleet, world.passport.hands.fleet.map_or(Holder::Nobody, Holder::Fleet)),
            ] {
                let last = world.custody.iter().rev().find(|entry| entry.role == role).map_or(Holder::Nobody, |entry| entry.holder);
                prop_assert_eq!(last, holder);
            }
            // F7: a car in use has somebody: its driver, its fleet, or whoever is to activate it.
            prop_assert!(world.passport.status != PassportStatus::Active || world.passport.hands.owner() != Holder::Nobody);
            // F7: nobody gets a car that no one drives by leaving its fleet.
            if before.driver.is_none() && before.fleet.is_some() && world.passport.hands.fleet.is_none() {
                prop_assert!(matches!(command, Command::Accept(_) | Command::Archive), "{:?} took it out", command);
            }
            // T6 and F7: the driver changes only when the new driver accepts, when the fleet ends the driver's access, or when the
            // passport is archived or taken back.
            if world.passport.hands.driver != before.driver {
                match command {
                    Command::Accept(number) => prop_assert_eq!(world.passport.hands.driver, Some(person(number).0)),
                    Command::Archive => prop_assert_eq!(world.passport.hands, Hands::default()),
                    Command::EndDriver => {
                        prop_assert_eq!(world.passport.hands, Hands { driver: None, fleet: before.fleet });
                        prop_assert!(before.fleet.is_some());
                    }
                    Command::Unarchive => prop_assert_eq!(Some(world.passport.hands), world.archiving.map(|one| one.hands)),
                    Command::Link(_) | Command::Unlink | Command::Agree | Command::Object | Command::Offer { .. } | Command::Decline(_)
                    | Command::Withdraw(_) | Command::Wait(_) => prop_assert!(false, "{:?} changed the driver", command),
                }
            }
        }
    }
}
