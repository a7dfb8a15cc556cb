//! What is stored comes back as it was, whatever is left out, and to the microsecond.

use crate::support::{Database, all, assert_same, sample};
use domain::{
    Instant,
    account::{Account, AccountStatus},
    apk::LiftReason,
    custody::{CustodyEntry, CustodyRole, Holder},
    customer::{Customer, CustomerKind, DrivingBehaviour, EmailSource, EmailSourceKind, SevereUse, VehicleUse},
    event::{Fact, FactKind, Stream},
    fleet::{Fleet, FleetStatus},
    garage::Garage,
    ids::{AccountId, CustomerId, EventId, FleetId, InvitationId, PassportId},
    invitation::{Delivery, DeliveryReason, DeliveryStatus, Invitation, Purpose, PurposeKind},
    job::{Task, TaskKind},
    passport::{Fuel, Passport, Vehicle},
    recommendation::DecisionChannel,
    reminder::{DigestPlan, FleetChoice},
    session::IDLE_LIFETIME,
    throttle::Attempts,
    transfer::{Transfer, TransferStatus},
    value::{
        AccountKind, Address, Country, FleetBegin, Language, LinkChangeKind, PersonName, PhoneNumber, ReminderItem,
        StaffRole, TransferKind, Vin,
    },
};
use persistence::{
    Found, Scope, Stamps, StoreError, account, custody, customer, event, fleet, garage, idempotency, invitation,
    jobs::{self, Cause, Claimed, Job},
    passport, session, signing_keys, throttle, transfer,
};

on_both!(
    garages_come_back,
    accounts_of_each_kind_come_back,
    a2_a_session_stands_for_what_its_account_is_now,
    customers_come_back,
    fleets_come_back,
    passports_come_back,
    transfers_come_back,
    p5_custody_comes_back_with_names_and_ends,
    p3_invitations_of_each_purpose_come_back,
    p3_a_new_link_takes_back_the_one_before_it_only,
    ch4_what_became_of_a_mail_comes_back,
    p14_a_link_elsewhere_leaves_the_first_one,
    a26_the_links_of_an_address_come_latest_first,
    sessions_and_refresh_tokens_come_back,
    signing_keys_come_back,
    throttles_come_back,
    idempotency_answers_come_back,
    events_of_each_kind_come_back,
    jobs_come_back,
    instants_are_kept_to_the_microsecond,
    a_row_that_cannot_be_read_is_named,
);

fn full_address() -> Address {
    Address {
        street: Some("Dorpsstraat 1 \u{1F697}".into()),
        postcode: Some("1234 AB".into()),
        place: Some("'s-Hertogenbosch; DROP TABLE garages --".into()),
        country: Country::parse("BE").unwrap(),
    }
}

fn made() -> Stamps {
    Stamps { created_at: sample::at(0), updated_at: sample::at(0) }
}

fn changed() -> Stamps {
    Stamps { updated_at: sample::at(7), ..made() }
}

fn garages_come_back(db: &Database) {
    let bare = sample::garage();
    let full = Garage {
        chain: Some("Vakgarage".into()),
        phone: Some(PhoneNumber::parse("+31612345678").unwrap()),
        address: full_address(),
        language: Language::English,
        ..sample::garage()
    };
    for garage in [&bare, &full] {
        db.write(|tx| garage::insert(tx, garage, sample::at(0)));
        assert_same(&db.read(|tx| garage::find(tx, garage.id)), &Some((garage.clone(), made())));
    }
    assert_eq!(db.read(garage::count), 2);
    let emptied = Garage { id: full.id, ..bare.clone() };
    let next = db.write(|tx| garage::update(tx, &emptied, made(), sample::at(7)));
    assert_same(&next, &Garage { version: 2, ..emptied });
    assert_same(&db.read(|tx| garage::find(tx, full.id)), &Some((next, changed())));
    assert_eq!(db.read(|tx| garage::find(tx, sample::id())), None);
}

fn accounts_of_each_kind_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let mut accounts: Vec<Account> =
        [AccountKind::Driver, AccountKind::Fleet, AccountKind::Platform].map(sample::account).into();
    accounts.extend(StaffRole::ALL.iter().map(|role| sample::staff(garage.id, *role)));
    accounts.push(Account {
        status: AccountStatus::Invited,
        password_hash: None,
        language: Language::English,
        ..sample::account(AccountKind::Driver)
    });
    accounts.push(Account { email: sample::email("Kees@Bakker.Example"), ..sample::account(AccountKind::Driver) });
    for account in accounts {
        db.write(|tx| account::insert(tx, &account, sample::at(0)));
        let expected = Some((account.clone(), made()));
        assert_same(&db.read(|tx| account::find(tx, account.id)), &expected);
        assert_same(&db.read(|tx| account::find_by_email(tx, &account.email)), &expected);
        let next = db.write(|tx| account::update(tx, &account.clone().end(), made(), sample::at(7)));
        assert_same(&db.read(|tx| account::find(tx, account.id)), &Some((next, changed())));
    }
    assert_eq!(db.read(|tx| account::find(tx, sample::id())), None);
    assert_eq!(db.read(|tx| account::other_admins(tx, garage.id, sample::id())), 0);
}

fn a2_a_session_stands_for_what_its_account_is_now(db: &Database) {
    use domain::access::{Actor, Identity, Standing};
    let garage = sample::stored_garage(db);
    let fleet = sample::stored_fleet(db, garage.id, "Bakker");
    let (fleet_account, _) = db.read(|tx| account::find(tx, fleet.account_id)).unwrap();
    let driver = sample::stored_account(db, AccountKind::Driver);
    let cases = [
        (driver.clone(), Standing::Driver(driver.id, driver.email)),
        (sample::stored_account(db, AccountKind::Platform), Standing::Platform),
        (
            sample::store_account(db, sample::staff(garage.id, StaffRole::Mechanic)),
            Standing::Staff(garage.id, StaffRole::Mechanic),
        ),
        (fleet_account, Standing::Fleet(fleet.id, fleet.account_id)),
    ];
    for (account, standing) in cases {
        let session = session_of(account.id, 0);
        db.write(|tx| session::insert(tx, &session, session.id.0.as_bytes()));
        let actor = db.read(|tx| account::actor(tx, session.id)).unwrap();
        assert_eq!(actor, Actor { by: Identity::Account(account.id), standing: standing.clone() });
        db.write(|tx| account::update(tx, &account.clone().end(), made(), sample::at(1)));
        assert_eq!(db.read(|tx| account::actor(tx, session.id)), None, "{standing:?} has ended");
    }
    let account = sample::stored_account(db, AccountKind::Driver);
    let session = session_of(account.id, 0);
    db.write(|tx| session::insert(tx, &session, b"another"));
    assert!(db.write(|tx| session::end(tx, account.id, session.id, false, sample::at(1))));
    assert_eq!(db.read(|tx| account::actor(tx, session.id)), None);
    assert_eq!(db.read(|tx| account::actor(tx, sample::id())), None);
}

fn customers_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let scope = Scope::Garage(garage.id);
    let bare = sample::customer(garage.id, "Jan");
    let full = Customer {
        kind: CustomerKind::Company,
        parts: Some(PersonName { given: Some("Jan".into()), prefix: Some("van de".into()), surname: "Zebra".into() }),
        email: Some(sample::email("Jan@Jansen.example")),
        email_source: Some(EmailSource {
            how: EmailSourceKind::SaleOrService,
            on: jiff::civil::date(2025, 11, 3),
            objection_offered: true,
        }),
        mobile: Some(PhoneNumber::parse("+31612345678").unwrap()),
        address: full_address(),
        language: Language::English,
        driving: DrivingBehaviour {
            km_per_year: Some(25_000),
            usage: Some(VehicleUse::Mixed),
            severe_use: SevereUse::ALL.iter().copied().collect(),
        },
        accepts_promotions: true,
        accepts_calls: true,
        notes: Some("belt\n\tliever niet".into()),
        ..sample::customer(garage.id, "Café \"De Zebra\" 100% \\ O'Neill_")
    };
    for customer in [&bare, &full] {
        db.write(|tx| customer::insert(tx, customer, sample::at(0)));
        assert_same(&db.read(|tx| customer::find(tx, &scope, customer.id)), &Some((customer.clone(), made())));
    }
    let found = db.read(|tx| customer::find_by_email(tx, garage.id, &sample::email("JAN@jansen.example")));
    assert_same(&found, &Some(full.clone()));
    let emptied = Customer { id: full.id, ..bare.clone() };
    let next = db.write(|tx| customer::update(tx, &emptied, made(), sample::at(7)));
    assert_same(&db.read(|tx| customer::find(tx, &scope, full.id)), &Some((next.clone(), changed())));
    db.write(|tx| customer::delete(tx, &next, sample::at(9)));
    assert_eq!(db.read(|tx| customer::find(tx, &scope, full.id)), None);
}

fn fleets_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let scope = Scope::Garage(garage.id);
    let customer = sample::stored_customer(db, garage.id, "Bakker BV");
    let manager = sample::stored_account(db, AccountKind::Driver);
    let passport = sample::store_passport(db, sample::active_passport(garage.id, &manager, None));
    let fleet = sample::stored_fleet_of(db, &passport, "Bakker BV", Some(customer.id));
    assert_same(&db.read(|tx| fleet::find(tx, &scope, fleet.id)), &Some((fleet.clone(), made())));
    sample::store_passport(db, sample::active_passport(garage.id, &manager, Some(fleet.id)));
    let view = db.read(|tx| fleet::view(tx, &scope, fleet.id)).unwrap();
    let (account, _) = db.read(|tx| account::find(tx, fleet.account_id)).unwrap();
    assert_same(&view.fleet, &fleet);
    assert_eq!((view.email, view.account_status, view.passport_count), (account.email, AccountStatus::Active, 1));
    assert_eq!(db.read(|tx| customer::references(tx, customer.id)), (0, 1));
    let closed = Fleet {
        name: "Bakker".into(),
        status: FleetStatus::Closed,
        begin: FleetBegin::Prepared,
        drivers_see_amounts: true,
        reminders_to: FleetChoice::Driver,
        digest: Some(DigestPlan::from("2026-03-04".parse().unwrap())),
        customer_id: None,
        ..fleet.clone()
    };
    let next = db.write(|tx| fleet::update(tx, &closed, made(), sample::at(7)));
    assert_same(&db.read(|tx| fleet::find(tx, &scope, fleet.id)), &Some((next, changed())));
    assert_eq!(db.read(|tx| customer::references(tx, customer.id)), (0, 0));
}

fn passports_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let scope = Scope::Garage(garage.id);
    let customer = sample::stored_customer(db, garage.id, "Jan");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, garage.id, "Bakker");
    for fuel in Fuel::ALL {
        let vehicle = Vehicle {
            id: sample::id(),
            plate: sample::plate(),
            make: Some("Škoda".into()),
            model: Some("Octavia".into()),
            year: Some(2019),
            fuel: Some(*fuel),
            vin: Some(Vin::parse("WVWZZZ1JZXW000001").unwrap()),
            odometer_km: Some(1_999_999),
        };
        let active = sample::active_passport(garage.id, &driver, Some(fleet.id));
        let passport = Passport { customer_id: Some(customer.id), vehicle, ..active };
        db.write(|tx| passport::insert(tx, &passport, sample::at(0)));
        assert_same(
            &db.read(|tx| passport::find(tx, &scope, passport.id)),
            &Some((Found::by_system(passport.clone()), made())),
        );
        let view = db.read(|tx| passport::view(tx, &scope, passport.id)).unwrap();
        assert_same(&view.passport, &passport);
        assert_eq!(view.garage_name, garage.name);
        assert_eq!(view.customer.map(|customer| customer.name), Some("Jan".into()));
        assert_eq!(view.fleet, Some((fleet.id, "Bakker".into())));
        assert_eq!(view.driver, Some((driver.id, driver.name.clone(), driver.email.as_str().into())));

        let archived =
            passport.archive(domain::passport::Pending::default(), driver.id, sample::at(7)).unwrap().passport;
        let vehicle = Vehicle { id: archived.vehicle.id, ..sample::passport(garage.id).vehicle };
        let bare = Passport { vehicle, customer_id: None, ..archived };
        let next = db.write(|tx| passport::update(tx, &bare, made(), sample::at(7)));
        assert_same(&db.read(|tx| passport::find(tx, &scope, bare.id)), &Some((Found::by_system(next), changed())));
        let view = db.read(|tx| passport::view(tx, &scope, bare.id)).unwrap();
        assert!(view.customer.is_none() && view.fleet.is_none() && view.driver.is_none());
    }
    let dutch = Vehicle { plate: sample::dutch_plate("TT-601-D"), ..sample::passport(garage.id).vehicle };
    let invited = sample::store_passport(db, Passport { vehicle: dutch, ..sample::passport(garage.id) });
    assert_same(
        &db.read(|tx| passport::find(tx, &scope, invited.id)),
        &Some((Found::by_system(invited.clone()), made())),
    );
}

fn transfers_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, garage.id, "Bakker");
    for (index, status) in TransferStatus::ALL.iter().enumerate() {
        let fleet = (index % 2 == 0).then_some(fleet.id);
        let passport = sample::store_passport(db, sample::active_passport(garage.id, &driver, fleet));
        let offered = sample::transfer(&passport, &driver, "Piet@Pietersen.Example");
        let kind = if fleet.is_some() { TransferKind::NewDriver } else { TransferKind::NewOwner };
        let offered = sample::store_transfer(db, Transfer { kind, ..offered });
        let decided_at = (*status != TransferStatus::Offered).then(|| sample::at(7));
        let decided = Transfer { status: *status, decided_at, ..offered.clone() };
        let next = db.write(|tx| transfer::update(tx, &decided, sample::at(7)));
        let found = db.read(|tx| transfer::find(tx, &Scope::Garage(garage.id), offered.id));
        let stamps = Stamps { created_at: offered.offered_at, updated_at: sample::at(7) };
        assert_same(&found, &Some((next.clone(), stamps, garage.name.clone())));
        let undecided = db.read(|tx| transfer::find_undecided(tx, Found::by_system(passport.id)));
        assert_same(&undecided, &(*status == TransferStatus::Offered).then_some(next));
    }
    let offers = |now| db.read(|tx| fleet::references(tx, fleet.id, now)).1;
    assert_eq!(offers(sample::day(13)), 1, "F6: an open offer counts");
    assert_eq!(offers(sample::day(14)), 0, "an overdue one does not");
}

fn p5_custody_comes_back_with_names_and_ends(db: &Database) {
    let garage = sample::stored_garage(db);
    let (jan, piet) =
        (sample::stored_account(db, AccountKind::Driver), sample::stored_account(db, AccountKind::Driver));
    let fleet = sample::stored_fleet(db, garage.id, "Bakker");
    let passport = sample::store_passport(db, sample::passport(garage.id));
    let entry = |role, holder, since, by: Option<AccountId>| CustodyEntry {
        passport_id: passport.id,
        role,
        holder,
        since: sample::at(since),
        changed_by: by,
    };
    let (driver, owner) = (CustodyRole::Driver, CustodyRole::Owner);
    let first = [entry(driver, Holder::Account(jan.id), 1, None), entry(owner, Holder::Fleet(fleet.id), 1, None)];
    let second = [entry(driver, Holder::Nobody, 2, Some(jan.id))];
    let third =
        [entry(driver, Holder::Account(piet.id), 3, Some(piet.id)), entry(CustodyRole::Fleet, Holder::Nobody, 3, None)];
    db.write(|tx| custody::append(tx, &first));
    db.write(|tx| custody::append(tx, &second));
    db.write(|tx| custody::append(tx, &third));
    db.write(|tx| custody::append(tx, &[]));
    let page = db.read(|tx| custody::list(tx, Found::by_system(passport.id), &all()));
    let got: Vec<_> = page.items.iter().map(|p| (p.number, p.role, p.since, p.until, p.changed_by)).collect();
    let (one, two, three) = (sample::at(1), sample::at(2), sample::at(3));
    let expected = [
        (1, driver, one, Some(two), None),
        (2, owner, one, None, None),
        (3, driver, two, Some(three), Some(jan.id)),
        (4, driver, three, None, Some(piet.id)),
        (5, CustodyRole::Fleet, three, None, None),
    ];
    assert_eq!(got, expected);
    let holders: Vec<_> = page.items.into_iter().map(|period| (period.account, period.fleet)).collect();
    assert_eq!(holders[0], (Some((jan.id, jan.name)), None));
    assert_eq!(holders[1], (None, Some((fleet.id, fleet.name))));
    assert_eq!(holders[2], (None, None));
    assert!(db.read(|tx| custody::list(tx, Found::by_system(sample::id()), &all())).items.is_empty());
}

/// A link of each purpose, to things that are stored.
fn each_purpose(db: &Database) -> [Purpose; 6] {
    let garage = sample::stored_garage(db);
    let driver = sample::stored_account(db, AccountKind::Driver);
    let passport = sample::store_passport(db, sample::active_passport(garage.id, &driver, None));
    let transfer = sample::store_transfer(db, sample::transfer(&passport, &driver, "piet@pietersen.example"));
    [
        Purpose::Passport(passport.id),
        Purpose::Fleet(driver.id),
        Purpose::Staff(driver.id),
        Purpose::Transfer(transfer.id),
        Purpose::PasswordReset(driver.id),
        Purpose::EmailChange(driver.id),
    ]
}

fn invitation(purpose: Purpose) -> Invitation {
    Invitation::new(sample::id(), purpose, None, sample::email("Jan@Jansen.example"), sample::at(0))
}

fn token(id: InvitationId) -> Vec<u8> {
    [id.0.as_bytes().as_slice(), &[0, 255]].concat()
}

fn p3_invitations_of_each_purpose_come_back(db: &Database) {
    let garage = sample::stored_garage(db);
    for purpose in each_purpose(db) {
        let fresh = Invitation { garage_id: Some(garage.id), ..invitation(purpose) };
        db.write(|tx| invitation::issue(tx, &fresh, &token(fresh.id), sample::at(0)));
        assert_same(&db.read(|tx| invitation::find(tx, fresh.id)), &Some(fresh.clone()));
        assert_same(&db.read(|tx| invitation::find_by_token(tx, &token(fresh.id))), &Some(fresh.clone()));
        let used = fresh.redeem(sample::at(5)).unwrap();
        db.write(|tx| invitation::redeem(tx, &used));
        assert_same(&db.read(|tx| invitation::find(tx, used.id)), &Some(used.clone()));
        db.write(|tx| invitation::revoke(tx, purpose, sample::at(6)));
        // A used link of an offer ends with the offer; the others have done what they are for.
        let is_of_offer = matches!(purpose, Purpose::Transfer(_));
        let after = Invitation { revoked_at: is_of_offer.then(|| sample::at(6)), ..used };
        assert_same(&db.read(|tx| invitation::find(tx, after.id)), &Some(after));
    }
    assert_eq!(db.read(|tx| invitation::find_by_token(tx, b"unknown")), None);
}

fn ch4_what_became_of_a_mail_comes_back(db: &Database) {
    let at = sample::at(3);
    for purpose in each_purpose(db) {
        let (kind, subject) = (purpose.kind(), purpose.subject());
        let of = || db.read(|tx| invitation::deliveries(tx, kind, &[subject, sample::id()]));
        assert!(of().is_empty());
        let fresh = invitation(purpose);
        db.write(|tx| invitation::issue(tx, &fresh, &token(fresh.id), sample::at(0)));
        let queued = Delivery { status: DeliveryStatus::Queued, at: Some(sample::at(0)), reason: None };
        assert_eq!(of().into_iter().collect::<Vec<_>>(), [(subject, queued)]);
        for reason in DeliveryReason::ALL {
            db.write(|tx| invitation::note_delivery(tx, fresh.id, Delivery::hindered(*reason, at)));
            assert_eq!(of()[&subject], Delivery::hindered(*reason, at));
        }
        db.write(|tx| invitation::note_delivery(tx, fresh.id, Delivery::sent(at)));
        assert_eq!(of()[&subject], Delivery::sent(at));
        let email = sample::email("JAN@jansen.example");
        db.write(|tx| invitation::note_bounce(tx, &email, sample::at(4)));
        assert_eq!(of()[&subject], Delivery::hindered(DeliveryReason::Bounced, sample::at(4)));
        let again = invitation(purpose);
        db.write(|tx| invitation::issue(tx, &again, &token(again.id), sample::at(9)));
        assert_eq!(of()[&subject].status, DeliveryStatus::Queued);
        db.write(|tx| invitation::revoke(tx, purpose, sample::at(10)));
        assert!(of().is_empty());
    }
}

fn p14_a_link_elsewhere_leaves_the_first_one(db: &Database) {
    let Some(purpose) = each_purpose(db).into_iter().find(|purpose| purpose.kind() == PurposeKind::Passport) else {
        panic!("no passport")
    };
    let first = invitation(purpose);
    db.write(|tx| invitation::issue(tx, &first, &token(first.id), sample::at(0)));
    let mut elsewhere = vec![];
    for email in ["one@elsewhere.example", "two@elsewhere.example"] {
        let other =
            Invitation { email: sample::email(email), first_email: Some(first.email.clone()), ..invitation(purpose) };
        db.write(|tx| invitation::issue_elsewhere(tx, &other, &token(other.id), sample::at(1)));
        elsewhere.push(other);
    }
    assert_same(&db.read(|tx| invitation::find(tx, first.id)), &Some(first.clone()));
    let revoked = Invitation { revoked_at: Some(sample::at(1)), ..elsewhere[0].clone() };
    assert_same(&db.read(|tx| invitation::find(tx, revoked.id)), &Some(revoked.clone()));
    assert_same(&db.read(|tx| invitation::find(tx, elsewhere[1].id)), &Some(elsewhere[1].clone()));
    let open = |email: &str| db.read(|tx| invitation::find_open_by_email(tx, &sample::email(email), sample::at(2)));
    assert_eq!(open("ONE@elsewhere.example"), None);
    assert_eq!(open("TWO@elsewhere.example").map(|link| link.id), Some(elsewhere[1].id));
    assert_eq!(open("jan@jansen.example").map(|link| link.id), Some(first.id));
    assert_eq!(db.read(|tx| invitation::find_open_by_email(tx, &first.email, first.expires_at)), None);
}

fn a26_the_links_of_an_address_come_latest_first(db: &Database) {
    let purposes = each_purpose(db);
    let links = purposes.map(invitation);
    for (number, link) in (0..).zip(&links) {
        db.write(|tx| invitation::issue(tx, link, &token(link.id), sample::at(number)));
    }
    let email = sample::email("JAN@jansen.example");
    let ids = |since: i64, limit: i64| -> Vec<InvitationId> {
        let found = db.read(|tx| invitation::list_by_email(tx, &email, sample::at(since), limit));
        found.into_iter().map(|link| link.id).collect()
    };
    let [passport, fleet, staff, transfer, ..] = links.map(|link| link.id);
    assert_eq!(ids(-1, 200), [transfer, staff, fleet, passport], "a link to a password or an e-mail has no code");
    assert_eq!(ids(1, 200), [transfer, staff]);
    assert_eq!(ids(-1, 1), [transfer]);
    let other = sample::email("piet@jansen.example");
    assert!(db.read(|tx| invitation::list_by_email(tx, &other, sample::at(-1), 200)).is_empty());
}

fn p3_a_new_link_takes_back_the_one_before_it_only(db: &Database) {
    let purposes = each_purpose(db);
    let before = purposes.map(invitation);
    for fresh in &before {
        db.write(|tx| invitation::issue(tx, fresh, &token(fresh.id), sample::at(0)));
    }
    for (index, purpose) in purposes.into_iter().enumerate() {
        let again = invitation(purpose);
        db.write(|tx| invitation::issue(tx, &again, &token(again.id), sample::at(9)));
        assert_eq!(db.read(|tx| invitation::find(tx, again.id)), Some(again));
        for (other, fresh) in before.iter().enumerate() {
            let revoked_at = (other <= index).then(|| sample::at(9));
            assert_eq!(db.read(|tx| invitation::find(tx, fresh.id)), Some(Invitation { revoked_at, ..fresh.clone() }));
        }
    }
}

fn session_of(account: AccountId, at: i64) -> session::Session {
    session::Session {
        id: sample::id(),
        account_id: account,
        user_agent: None,
        created_at: sample::at(at),
        last_used_at: sample::at(at),
        remembered_until: None,
    }
}

fn sessions_and_refresh_tokens_come_back(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver).id;
    let phone = session::Session { user_agent: Some("Toestel \u{1F4F1}".into()), ..session_of(account, 0) };
    let (laptop, tablet) = (session_of(account, 1), session_of(account, 2));
    for (session, token) in [(&phone, "phone 1"), (&laptop, "laptop 1"), (&tablet, "tablet 1")] {
        db.write(|tx| session::insert(tx, session, token.as_bytes()));
    }
    let open = |now: Instant| {
        db.read(|tx| {
            session::list(tx, account, session::OpenAt::new(domain::session::Lifetimes::default(), now), &all())
        })
        .items
    };
    assert_same(&open(sample::at(3)), &vec![phone.clone(), laptop.clone(), tablet.clone()]);

    db.write(|tx| session::rotate(tx, phone.id, b"phone 1", b"phone 2", sample::at(4)));
    assert_same(&open(sample::at(5))[0], &session::Session { last_used_at: sample::at(4), ..phone.clone() });
    let known = |token: &str| {
        let (session, owner, token) = db.read(|tx| session::find_token(tx, token.as_bytes())).unwrap();
        assert_eq!(owner, account);
        (session, token.issued_at, token.used_at, token.session_ended)
    };
    assert_eq!(known("phone 1"), (phone.id, sample::at(0), Some(sample::at(4)), false));
    assert_eq!(known("phone 2"), (phone.id, sample::at(4), None, false));
    assert!(db.read(|tx| session::find_token(tx, b"unknown")).is_none());

    let stranger = sample::stored_account(db, AccountKind::Driver).id;
    assert!(
        !db.write(|tx| session::end(tx, stranger, tablet.id, true, sample::at(6))),
        "only its own account ends one"
    );
    let is_known = |device| db.read(|tx| session::is_known_device(tx, account, device));
    assert!(is_known(tablet.id) && is_known(phone.id) && !is_known(sample::id()));
    assert!(!db.read(|tx| session::is_known_device(tx, stranger, tablet.id)));
    assert!(db.write(|tx| session::end(tx, account, tablet.id, true, sample::at(6))));
    assert!(!is_known(tablet.id), "it was ended from elsewhere");
    assert!(!db.write(|tx| session::end(tx, account, tablet.id, true, sample::at(7))), "it has ended");
    assert!(known("tablet 1").3);
    db.write(|tx| session::end_all(tx, account, Some(laptop.id), sample::at(8)));
    assert_same(&open(sample::at(9)), &vec![laptop.clone()]);
    assert_eq!([laptop.id, phone.id].map(is_known), [true, false]);
    assert!(open(sample::at(1) + IDLE_LIFETIME).is_empty(), "it was left alone for too long");
    db.write(|tx| session::end_all(tx, account, None, sample::at(10)));
    assert!(open(sample::at(11)).is_empty());
    let now = sample::at(3) + IDLE_LIFETIME;
    assert_eq!(db.write(|tx| session::delete_stale_tokens(tx, now)), 3, "all but the one issued at 4");
    assert!(known("phone 2").3);
    assert_eq!(db.write(|tx| session::delete_stale(tx, now)), 2, "all but the phone, last used at 4");
    assert_eq!(db.write(|tx| session::delete_stale(tx, sample::at(5) + IDLE_LIFETIME)), 1);
    assert!(db.read(|tx| session::find_token(tx, b"phone 2")).is_none(), "a session takes its tokens along");
}

fn signing_keys_come_back(db: &Database) {
    let key = |id: &str, made| signing_keys::SigningKey::new(id.into(), vec![0, 1, 255], vec![7; 32], sample::at(made));
    let keys = [key("a", 3), key("b", 1), key("c", 2), key("d", 3)];
    for key in &keys {
        db.write(|tx| signing_keys::insert(tx, key.clone()));
    }
    let order = |wanted: &[usize]| wanted.iter().map(|index| keys[*index].clone()).collect::<Vec<_>>();
    assert_same(&db.read(signing_keys::list), &order(&[3, 0, 2, 1]));
    assert_eq!(keys[0].created_at(), sample::at(3));
    assert_eq!(db.write(|tx| signing_keys::delete_older(tx, sample::at(2), "d")), 1);
    assert_eq!(db.write(|tx| signing_keys::delete_older(tx, sample::at(9), "d")), 2);
    assert_same(&db.read(signing_keys::list), &order(&[3]));
}

fn throttles_come_back(db: &Database) {
    let subject = [0, 1, 255];
    assert_eq!(db.read(|tx| throttle::find(tx, &subject)), None);
    let once = Attempts { full_at: sample::at(1) };
    let twice = Attempts { full_at: sample::at(2) };
    db.write(|tx| throttle::save(tx, &subject, None, once));
    assert_eq!(db.read(|tx| throttle::find(tx, &subject)), Some(once));
    db.write(|tx| throttle::save(tx, &subject, Some(once), twice));
    assert_eq!(db.read(|tx| throttle::find(tx, &subject)), Some(twice));
    db.write(|tx| throttle::save(tx, b"other", None, once));
    assert_eq!(db.write(|tx| throttle::delete_older(tx, sample::at(2))), 1);
    assert_eq!(db.read(|tx| throttle::find(tx, &subject)), Some(twice));
    db.write(|tx| throttle::delete(tx, &subject));
    assert_eq!(db.read(|tx| throttle::find(tx, &subject)), None);
}

fn idempotency_answers_come_back(db: &Database) {
    let bare = idempotency::StoredAnswer {
        actor: "a".into(),
        idempotency_key: "k".into(),
        fingerprint: vec![0, 255],
        status: 204,
        location: None,
        etag: None,
        sealed_body: vec![],
    };
    let full = idempotency::StoredAnswer {
        actor: "b".into(),
        location: Some("/v1/fleets/1".into()),
        etag: Some("\"1\"".into()),
        sealed_body: vec![0; 100_000],
        ..bare.clone()
    };
    for (answer, now) in [(&bare, 1), (&full, 2)] {
        db.write(|tx| idempotency::insert(tx, answer.clone(), sample::at(now)));
        assert_same(&db.read(|tx| idempotency::find(tx, &answer.actor, "k")), &Some(answer.clone()));
    }
    assert!(db.read(|tx| idempotency::find(tx, "a", "K")).is_none());
    assert_eq!(db.write(|tx| idempotency::delete_older(tx, sample::at(2))), 1);
    assert!(db.read(|tx| idempotency::find(tx, "a", "k")).is_none());
    assert!(db.read(|tx| idempotency::find(tx, "b", "k")).is_some());
}

fn facts_of_garage_change(passport_id: PassportId, driver: Option<AccountId>, fleet_id: FleetId) -> [Fact; 6] {
    let garage_change_id = sample::id();
    [
        Fact::GarageChangeRequested { garage_change_id, passport_id, driver, fleet_id: Some(fleet_id) },
        Fact::GarageChangeAgreed { garage_change_id, passport_id, driver },
        Fact::GarageChangeDeclined { garage_change_id, passport_id },
        Fact::GarageChangeWithdrawn { garage_change_id, passport_id },
        Fact::GarageChangeExpired { garage_change_id, passport_id },
        Fact::PassportLeft { garage_change_id, passport_id },
    ]
}

fn facts_of_account(account_id: AccountId) -> Vec<Fact> {
    vec![
        Fact::AccountActivated { account_id },
        Fact::SecondFactorActivated { account_id },
        Fact::SecondFactorRemoved { account_id },
        Fact::SecondFactorReset { account_id },
        Fact::RecoveryCodeUsed { account_id },
        Fact::RecoveryCodesReplaced { account_id },
        Fact::AccountChanged { account_id },
        Fact::AccountPasswordChanged { account_id },
        Fact::AccountEmailChanged { account_id, invitation_id: sample::id() },
        Fact::AccountEmailLost { account_id },
        Fact::AccountEmailRequested { account_id },
        Fact::SessionCompromised { account_id },
    ]
}

fn facts_of_mailings(passport_id: PassportId, customer_id: CustomerId) -> Vec<Fact> {
    vec![
        Fact::ApkMailingCreated { mailing_id: sample::id() },
        Fact::ApkMailingChanged { mailing_id: sample::id() },
        Fact::ApkMailingDeleted { mailing_id: sample::id() },
        Fact::ApkMailingScheduled { mailing_id: sample::id() },
        Fact::ApkMailingUnscheduled { mailing_id: sample::id() },
        Fact::ApkMailingBegun { mailing_id: sample::id() },
        Fact::ApkMailed { passport_id, mailing_id: sample::id() },
        Fact::ApkMailingSent { mailing_id: sample::id() },
        Fact::ApkMailingStopped { mailing_id: sample::id() },
        Fact::MailingsObjected { customer_id: Some(customer_id) },
        Fact::MailingsObjectionWithdrawn { customer_id: None },
    ]
}

fn facts_of_cars(account_id: AccountId, passport_id: PassportId, customer_id: CustomerId) -> Vec<Fact> {
    vec![
        Fact::GarageCreated {},
        Fact::GarageChanged {},
        Fact::ReminderOffsetsChanged { item: ReminderItem::Offer, chain: Some("Vakgarage".into()) },
        Fact::StaffAdded { account_id },
        Fact::StaffChanged { account_id },
        Fact::StaffRemoved { account_id },
        Fact::CustomerCreated { customer_id },
        Fact::CustomerChanged { customer_id },
        Fact::CustomerDeleted { customer_id },
        Fact::PassportCreated { passport_id, customer_id },
        Fact::PassportActivated { passport_id, driver: account_id },
        Fact::PassportTaken { passport_id, driver: account_id },
        Fact::ActivationRevoked { passport_id, driver: account_id },
        Fact::PassportChanged { passport_id },
        Fact::PassportCustomerChanged { passport_id, customer_id, former_customer: None },
        Fact::OdometerRecorded { passport_id, reading_id: sample::id() },
        Fact::ServiceRecorded { passport_id, record_id: sample::id() },
        Fact::RecommendationDone { passport_id, recommendation_id: sample::id(), record_id: sample::id() },
        Fact::RecommendationReopened {
            passport_id,
            recommendation_id: sample::id(),
            record_id: Some(sample::id()),
            check_id: None,
        },
        Fact::ApkDateEntered { passport_id, entry_id: sample::id() },
        Fact::ApkLiftChanged { passport_id, reason: Some(LiftReason::DealerStock) },
        Fact::ApkDateChanged { passport_id, from: None, to: "2027-05-17".parse().unwrap() },
        Fact::ReminderDue {
            passport_id,
            item: ReminderItem::Apk,
            task: None,
            due_on: "2027-05-17".parse().unwrap(),
            offset: -28,
        },
    ]
}

fn each_fact() -> Vec<Fact> {
    let (account_id, passport_id, fleet_id) = (sample::id(), sample::id(), sample::id());
    let (customer_id, transfer_id) = (sample::id(), sample::id());
    let (driver, transfer_kind) = (Some(account_id), TransferKind::NewDriver);
    let before = facts_of_cars(account_id, passport_id, customer_id);
    let between = vec![
        Fact::RecallOpened { passport_id, reference: "R1".into() },
        Fact::RecallClosed { passport_id, reference: "R1".into() },
        Fact::VehicleExported { passport_id },
        Fact::PhotoAdded { passport_id, check_id: sample::id(), file_id: sample::id() },
        Fact::PhotoDeleted { passport_id, check_id: sample::id(), file_id: sample::id() },
        Fact::AttachmentAdded { passport_id, record_id: sample::id(), file_id: sample::id() },
        Fact::AttachmentDeleted { passport_id, record_id: sample::id(), file_id: sample::id() },
        Fact::VehicleCheckStarted { passport_id, check_id: sample::id() },
        Fact::VehicleCheckDiscarded { passport_id, check_id: sample::id() },
        Fact::VehicleCheckCompleted { passport_id, check_id: sample::id(), replaces: Some(sample::id()) },
        Fact::RecommendationMade { passport_id, recommendation_id: sample::id() },
        Fact::RecommendationSuperseded { passport_id, recommendation_id: sample::id(), check_id: sample::id() },
        Fact::RecommendationAgreed { passport_id, recommendation_id: sample::id(), channel: DecisionChannel::App },
        Fact::RecommendationDeclined { passport_id, recommendation_id: sample::id(), channel: DecisionChannel::Phone },
        Fact::PassportArchived { passport_id, driver: None, fleet_id: Some(fleet_id), pool_car: Some(true) },
        Fact::PassportLapsed { passport_id },
        Fact::PassportUnarchived { passport_id, driver, fleet_id: None },
        Fact::PassportLinked { passport_id, fleet_id, driver, change_id: Some(sample::id()) },
        Fact::PassportUnlinked { passport_id, fleet_id, driver, change_id: None },
        Fact::DriverEnded { passport_id, fleet_id, driver },
        Fact::LinkChangeAgreed { change_id: sample::id(), passport_id },
        Fact::LinkChangeObjected {
            change_id: sample::id(),
            passport_id,
            change: LinkChangeKind::Unlinked,
            fleet_id,
            driver: account_id,
        },
        Fact::LinkChangeWithdrawn { change_id: sample::id(), passport_id },
        Fact::FleetCreated { fleet_id, begin: FleetBegin::Prepared },
        Fact::FleetChanged { fleet_id },
        Fact::FleetClosed { fleet_id },
        Fact::FleetDigestDue { fleet_id, since: "2026-03-02".parse().unwrap(), until: "2026-03-09".parse().unwrap() },
        Fact::TransferOffered { transfer_id, passport_id, transfer_kind },
        Fact::TransferResent { transfer_id, passport_id: Some(passport_id) },
        Fact::TransferAccepted {
            transfer_id,
            passport_id,
            transfer_kind,
            recipient: account_id,
            offered_by: account_id,
            former_driver: None,
            former_fleet: Some(fleet_id),
        },
        Fact::TransferDeclined { transfer_id, passport_id: None, offered_by: account_id },
        Fact::TransferWithdrawn { transfer_id, passport_id: None },
        Fact::TransferExpired { transfer_id, passport_id: Some(passport_id), offered_by: account_id },
    ];
    let after = vec![
        Fact::ScheduleCreated { schedule_id: sample::id() },
        Fact::ScheduleChanged { schedule_id: sample::id() },
        Fact::ScheduleDeleted { schedule_id: sample::id() },
        Fact::CarScheduleSet { passport_id, task: "tyres".into() },
        Fact::CarScheduleRemoved { passport_id, task: "tyres".into() },
        Fact::ServiceIndicatorRecorded { passport_id, task: "small_service".into() },
        Fact::ServiceIndicatorRemoved { passport_id, task: "small_service".into() },
        Fact::CheckTemplateCreated { template_id: sample::id() },
        Fact::CheckTemplateChanged { template_id: sample::id() },
        Fact::CheckTemplateDeleted { template_id: sample::id() },
        Fact::CustomerEmailBounced { customer_id: sample::id() },
        Fact::SuppressionLifted { suppression_id: sample::id() },
        Fact::InvitationIssued { invitation_id: sample::id(), purpose: "fleet".into(), passport_id: None },
        Fact::InvitationExpiring {
            invitation_id: sample::id(),
            purpose: "passport".into(),
            passport_id: Some(passport_id),
        },
    ];
    before
        .into_iter()
        .chain(facts_of_mailings(passport_id, customer_id))
        .chain(between)
        .chain(facts_of_garage_change(passport_id, driver, fleet_id))
        .chain(after)
        .chain(facts_of_account(account_id))
        .collect()
}

fn events_of_each_kind_come_back(db: &Database) {
    let kinds: Vec<_> = each_fact().iter().map(Fact::kind).collect();
    assert_eq!(kinds, FactKind::ALL);
    let garage = sample::stored_garage(db);
    db.write(|tx| event::create_stream(tx, Stream::Platform));
    db.write(|tx| event::create_stream(tx, Stream::Platform));
    for stream in [Stream::Garage(garage.id), Stream::Platform] {
        let mut expected = Vec::new();
        for (index, fact) in each_fact().into_iter().enumerate() {
            let by = (index % 2 == 0).then(sample::id::<AccountId>);
            let (id, now) = (sample::id::<EventId>(), sample::at(i64::try_from(index).unwrap()));
            let event = db.write(|tx| event::append(tx, stream, id, by, fact.clone(), now));
            assert_eq!((event.id, event.by, event.at, &event.fact), (id, by, now, &fact));
            assert_same(&db.read(|tx| event::find(tx, stream, event.number)), &Some(event.clone()));
            expected.push(event);
        }
        assert_same(&db.read(|tx| event::list(tx, stream, &all())).items, &expected);
    }
    assert_eq!(db.read(|tx| event::find(tx, Stream::Platform, 1_000)), None);
    assert_eq!(db.read(|tx| event::find(tx, Stream::Garage(sample::id()), 1)), None);
}

fn jobs_come_back(db: &Database) {
    let bare = Job { attempts: 0, ..sample::job() };
    let of = |stream| Job { id: sample::id(), cause: Some(Cause { stream, number: 7, position: 3 }), ..bare.clone() };
    let (full, platform) = (of(Stream::Garage(sample::id())), of(Stream::Platform));
    for (job, at) in [(&bare, 1), (&full, 2), (&platform, 3)] {
        db.write(|tx| jobs::insert(tx, job, sample::at(at), sample::at(0)));
    }
    let reset = Job { task: Task::PasswordReset(sample::email("Zoe@Reset.example")), ..sample::job() };
    db.write(|tx| jobs::insert(tx, &reset, sample::at(2), sample::at(0)));
    let claim = |kind, room| db.write(|tx| jobs::claim(tx, kind, room, sample::at(3)));
    let begun = |job: Job| Claimed::Job(Job { attempts: 1, ..job });
    assert_same(&claim(TaskKind::Mail, 1), &vec![begun(bare)]);
    assert_same(&claim(TaskKind::Mail, 9), &vec![begun(full), begun(platform)]);
    assert_same(&claim(TaskKind::Mail, 9), &vec![]);
    assert_same(&claim(TaskKind::PasswordReset, 9), &vec![begun(reset)]);
}

fn instants_are_kept_to_the_microsecond(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver).id;
    let epoch = 946_684_800_000_000;
    let long_ago = -62_135_596_800_000_000;
    for micros in
        [0, 1, -1, 999_999, epoch - 1, epoch, epoch + 1, 1_790_000_000_123_457, long_ago, 253_000_000_000_000_001]
    {
        let instant = Instant::from_microsecond(micros).unwrap();
        let session = session::Session { created_at: instant, last_used_at: instant, ..session_of(account, 0) };
        db.write(|tx| session::insert(tx, &session, &micros.to_be_bytes()));
        let (_, _, token) = db.read(|tx| session::find_token(tx, &micros.to_be_bytes())).unwrap();
        assert_eq!(token.issued_at, instant, "{micros}");
    }
}

fn a_row_that_cannot_be_read_is_named(db: &Database) {
    let garage = sample::stored_garage(db);
    let scope = Scope::Garage(garage.id);
    let customer = sample::stored_customer(db, garage.id, "Jan");
    let passport = sample::store_passport(db, sample::passport(garage.id));
    db.raw().run("UPDATE customers SET language = 'xx'; UPDATE passports SET plate = '?'").unwrap();
    let error = db.store.read(|tx| customer::find(tx, &scope, customer.id)).unwrap_err();
    assert_corrupt(&error, ("customers", "language", &customer.id.to_string(), "xx"));
    let error =
        db.store.read(|tx| passport::list(tx, &scope, &passport::PassportFilter::default(), &all())).unwrap_err();
    assert_corrupt(&error, ("passports", "plate", &passport.id.to_string(), "?"));
}

#[track_caller]
fn assert_corrupt(error: &StoreError, expected: (&str, &str, &str, &str)) {
    let StoreError::Corrupt { table, column, id, value } = error else {
        panic!("{error:?}");
    };
    assert_eq!((*table, *column, id.as_str(), value.as_str()), expected);
}
