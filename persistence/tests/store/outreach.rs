//! What people are told, on which devices, of what they are reminded, and whom nobody writes to: rules N2, N4, CH2, CH3, RM1, RM2, RM4
//! and RM5.

use crate::support::{Database, first, sample};
use domain::{
    Date, Instant,
    account::Account,
    consequence::Template,
    customer::Customer,
    device::{Device, DeviceKind, MOST_DEVICES},
    garage::Garage,
    ids::{AccountId, GarageId, PassportId, SessionId},
    invitation::{Invitation, Purpose},
    notification::{Channel, KEPT, Notification, Settings},
    passport::Passport,
    reminder::{
        DigestPlan, DueItem, FleetChoice, FleetReminders, Made, Offsets, OffsetsLevel, OffsetsOf, SetOffsets, Subject,
    },
    service_task::TaskKey,
    session::{IDLE_LIFETIME, Lifetimes},
    suppression::{Reasons, Suppression, SuppressionReason},
    value::{AccountKind, EmailAddress, ReminderItem, StaffRole},
};
use jiff::SignedDuration;
use persistence::{
    Found, PageRequest, Scope, StoreError, Tx, car_status, customer,
    device::{self, StoredTarget},
    fleet, garage, invitation,
    notification::{self, NotificationFilter},
    reminder,
    session::{self, OpenAt, Session},
    suppression::{self, SuppressionFilter, SuppressionView},
};
use std::slice;

on_both!(
    n2_a_notification_is_stored_once_and_comes_back,
    n3_settings_come_back,
    n4_what_is_about_a_car_is_seen_with_the_car_alone,
    n5_old_notifications_are_deleted,
    ch2_a_device_goes_with_its_session,
    ch2_a_device_and_a_stream_end_with_the_longest_time_of_a_session,
    ch2_of_a_thousand_devices_twenty_stay,
    ch3_a_suppression_is_stored_once_and_comes_back,
    ch3_a_garage_reaches_the_addresses_of_its_customers_alone,
    ch3_suppressions_come_in_pages,
    ml3_a_record_remembers_its_objection_and_leaves_what_went_along,
    rm2_a_reminder_is_remembered_once,
    rm1_the_cars_of_a_garage_are_looked_at_anew_block_by_block,
    rm1_offsets_of_each_level_come_back,
    rm1_links_are_looked_at_in_the_order_of_their_days,
    rm4_a_digest_has_the_reminders_of_the_cars_that_are_in_the_fleet_now,
    rm5_cars_are_looked_at_in_the_order_of_their_days,
);

/// An account that is signed in.
fn signed_in(db: &Database, kind: AccountKind) -> (Account, SessionId) {
    let account = sample::stored_account(db, kind);
    let id = open_session(db, account.id, sample::at(0));
    (account, id)
}

fn open_session(db: &Database, account_id: AccountId, at: Instant) -> SessionId {
    let session = Session {
        id: sample::id(),
        account_id,
        user_agent: None,
        created_at: at,
        last_used_at: at,
        remembered_until: None,
    };
    db.write(|tx| session::insert(tx, &session, session.id.0.as_bytes()));
    session.id
}

fn notice(account: AccountId, passport: Option<&Passport>, kind: Template) -> Notification {
    Notification {
        id: sample::id(),
        account,
        cause: sample::id(),
        kind,
        passport: passport.map(|passport| passport.id),
        title: "Titel".into(),
        text: "Eerst.\n\nDan.".into(),
        link: Some("/passports/1".into()),
        made_at: sample::at(5),
        read_at: None,
    }
}

/// Sessions that are open some seconds after the beginning.
fn open_at(seconds: i64) -> OpenAt {
    OpenAt::new(Lifetimes::default(), sample::at(seconds))
}

/// What the account of a session is told.
fn list(db: &Database, session: SessionId, read: Option<bool>) -> Vec<Notification> {
    db.read(|tx| notification::list(tx, session, &NotificationFilter { read }, &first(50))).items
}

fn n2_a_notification_is_stored_once_and_comes_back(db: &Database) {
    let (account, session) = signed_in(db, AccountKind::Driver);
    let one = notice(account.id, None, Template::PasswordChanged);
    let again = Notification { id: sample::id(), ..one.clone() };
    let insert = |all: Vec<Notification>| db.write(|tx| notification::insert_all(tx, all.clone()));
    assert_eq!(insert(vec![one.clone()]), slice::from_ref(&one));
    assert_eq!(insert(vec![again, one.clone()]), []);
    assert_eq!(list(db, session, None), slice::from_ref(&one));
    assert_eq!(list(db, session, Some(true)), []);
    let unread = || db.read(|tx| notification::count_unread(tx, session));
    assert_eq!(unread(), 1);
    let (_, other) = signed_in(db, AccountKind::Driver);
    let mark = |who, id| db.write(|tx| notification::mark_read(tx, who, id, sample::at(9)));
    assert_eq!((mark(other, one.id), unread()), (false, 1));
    assert_eq!((mark(session, one.id), unread(), mark(session, one.id)), (true, 0, true));
    assert_eq!(list(db, session, None)[0].read_at, Some(sample::at(9)), "the first time counts");
    // Who has signed out is told nothing.
    db.write(|tx| session::end(tx, account.id, session, false, sample::at(10)));
    assert_eq!(list(db, session, None), []);
}

fn n3_settings_come_back(db: &Database) {
    let (one, other) =
        (sample::stored_account(db, AccountKind::Driver), sample::stored_account(db, AccountKind::Driver));
    let mut settings = Settings::default();
    settings.set(Template::CheckReady, Channel::Email, false).unwrap();
    settings.set(Template::RecallOpened, Channel::Push, false).unwrap();
    let save = |settings: &Settings| {
        db.write(|tx| {
            for kind in [Template::CheckReady, Template::RecallOpened] {
                assert!(persistence::account::lock(tx, one.id)?);
                notification::save_setting(tx, one.id, kind, settings)?;
            }
            Ok(())
        });
    };
    save(&settings);
    let found = db.read(|tx| notification::settings_of_all(tx, &[other.id, one.id]));
    assert_eq!(found, [(other.id, Settings::default()), (one.id, settings.clone())]);
    settings.set(Template::CheckReady, Channel::Email, true).unwrap();
    save(&settings);
    assert_eq!(db.read(|tx| notification::settings(tx, one.id)), settings);
}

fn n4_what_is_about_a_car_is_seen_with_the_car_alone(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let (driver, session) = signed_in(db, AccountKind::Driver);
    let car = sample::store_passport(db, sample::active_passport(garage, &driver, None));
    let others = sample::store_passport(
        db,
        sample::active_passport(garage, &sample::stored_account(db, AccountKind::Driver), None),
    );
    let all = [
        notice(driver.id, Some(&car), Template::CheckReady),
        notice(driver.id, Some(&others), Template::CheckReady),
        notice(driver.id, Some(&others), Template::TransferAcceptedFormerDriver),
    ];
    db.write(|tx| notification::insert_all(tx, all.to_vec()));
    let seen = || list(db, session, None).into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(seen(), [all[2].id, all[0].id], "of the car that others have, what says so alone");
    assert_eq!(db.read(|tx| notification::count_unread(tx, session)), 2);
    let find = |id| db.read(|tx| notification::find_unread(tx, session, id));
    assert_eq!((find(all[0].id).is_some(), find(all[1].id)), (true, None));
    let mark = |id| db.write(|tx| notification::mark_read(tx, session, id, sample::at(9)));
    assert!(!mark(all[1].id), "it is not there");
    db.write(|tx| notification::mark_all_read(tx, session, all[2].id, sample::at(9)));
    assert_eq!(seen().len(), 2, "what is gone does not come back by being read");
    assert_eq!(find(all[0].id), None);
}

fn n5_old_notifications_are_deleted(db: &Database) {
    let (account, session) = signed_in(db, AccountKind::Driver);
    db.write(|tx| notification::insert_all(tx, vec![notice(account.id, None, Template::PasswordChanged)]));
    let delete = |now| db.write(|tx| notification::delete_old(tx, now));
    assert_eq!(delete(sample::at(5) + KEPT), 0);
    assert_eq!((delete(sample::at(6) + KEPT), list(db, session, None).len()), (1, 0));
}

fn ch2_a_device_goes_with_its_session(db: &Database) {
    let (account, session) = signed_in(db, AccountKind::Driver);
    let target = |text: &str| StoredTarget { hash: text.as_bytes().to_vec(), sealed: b"sealed".to_vec() };
    let device = |session| Device {
        id: sample::id(),
        account: account.id,
        session,
        kind: DeviceKind::WebPush,
        registered_at: sample::at(1),
    };
    let register = |device: &Device, text: &str| db.write(|tx| device::register(tx, device, &target(text)));
    let devices = || {
        db.read(|tx| device::list(tx, account.id, open_at(3), &first(50)))
            .items
            .into_iter()
            .map(|listed| listed.device)
            .collect::<Vec<_>>()
    };
    let (one, again) = (device(session), device(session));
    register(&one, "a");
    register(&again, "a");
    assert_eq!(devices(), slice::from_ref(&again), "it is the same device");
    assert_eq!(db.read(|tx| device::find(tx, again.id, open_at(3))), Some((again.clone(), b"sealed".to_vec())));
    assert_eq!(db.read(|tx| device::list_of_all(tx, &[account.id], open_at(3))), slice::from_ref(&again));
    db.write(|tx| session::end(tx, account.id, session, false, sample::at(2)));
    assert_eq!((devices(), db.read(|tx| device::find(tx, again.id, open_at(3)))), (vec![], None));
    // The session is deleted one day, and the device with it.
    let later = sample::at(0) + IDLE_LIFETIME + SignedDuration::from_hours(1);
    db.write(|tx| -> Result<(), StoreError> {
        session::delete_stale_tokens(tx, later)?;
        assert_eq!(session::delete_stale(tx, later)?, 1);
        Ok(())
    });
    let next = device(open_session(db, account.id, later));
    register(&next, "a");
    assert_eq!(devices(), [next]);
}

/// A session of staff ends after thirty days and is deleted later; who used that computer hears nothing more there.
fn ch2_a_device_and_a_stream_end_with_the_longest_time_of_a_session(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let staff = sample::staff(garage, StaffRole::Mechanic);
    for (account, days) in [(staff, 30), (sample::account(AccountKind::Driver), 180)] {
        let (kind, account) = (account.kind, sample::store_account(db, account));
        let session = open_session(db, account.id, sample::at(0));
        let target = StoredTarget { hash: account.id.0.as_bytes().to_vec(), sealed: b"sealed".to_vec() };
        let device = Device {
            id: sample::id(),
            account: account.id,
            session,
            kind: DeviceKind::WebPush,
            registered_at: sample::at(1),
        };
        db.write(|tx| device::register(tx, &device, &target));
        let end = sample::at(0) + SignedDuration::from_hours(24 * days);
        // It was used until the end.
        let last = end - SignedDuration::from_secs(2);
        db.write(|tx| session::rotate(tx, session, session.0.as_bytes(), account.id.0.as_bytes(), last));
        for (now, is_open) in [(end - SignedDuration::from_secs(1), true), (end, false)] {
            let open = OpenAt::new(Lifetimes::default(), now);
            assert_eq!(db.read(|tx| device::find(tx, device.id, open)).is_some(), is_open, "{kind:?}");
            assert_eq!(db.read(|tx| device::list_of_all(tx, &[account.id], open)).len(), usize::from(is_open));
            assert_eq!(db.read(|tx| device::list(tx, account.id, open, &first(5))).items.len(), usize::from(is_open));
            let sessions = db.read(|tx| session::list_open(tx, &[session], open));
            assert_eq!(sessions.len(), usize::from(is_open), "{kind:?}");
        }
    }
}

fn ch2_of_a_thousand_devices_twenty_stay(db: &Database) {
    let (account, session) = signed_in(db, AccountKind::Driver);
    let device = |_| Device {
        id: sample::id(),
        account: account.id,
        session,
        kind: DeviceKind::Fcm,
        registered_at: sample::at(1),
    };
    let last: Vec<Device> = (0..1000).map(device).collect();
    db.write(|tx| -> Result<(), StoreError> {
        for device in &last {
            let target = StoredTarget { hash: device.id.0.as_bytes().to_vec(), sealed: b"sealed".to_vec() };
            device::register(tx, device, &target)?;
        }
        Ok(())
    });
    let stayed = db
        .read(|tx| device::list(tx, account.id, open_at(3), &first(50)))
        .items
        .into_iter()
        .map(|listed| listed.device)
        .collect::<Vec<_>>();
    assert_eq!(stayed, last[1000 - MOST_DEVICES..], "those that were registered last");
}

fn suppression(garage: Option<GarageId>, email: &str, reason: SuppressionReason, seconds: i64) -> Suppression {
    let email = EmailAddress::parse(email).unwrap();
    Suppression { id: sample::id(), garage, email, reason, since: sample::at(seconds), goes_with: None }
}

fn ch3_a_suppression_is_stored_once_and_comes_back(db: &Database) {
    use SuppressionReason::{Bounced, Complained, Objected};
    let (one, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let insert = |new: &Suppression| db.write(|tx| suppression::insert(tx, new));
    let bounced = suppression(None, "Jan@Jansen.example", Bounced, 1);
    let objected = suppression(Some(one), "jan@jansen.example", Objected, 2);
    assert!(insert(&bounced) && insert(&objected));
    assert!(!insert(&suppression(None, "jan@jansen.EXAMPLE", Bounced, 3)), "it is the same mailbox");
    assert!(!insert(&suppression(Some(one), "jan@jansen.example", Objected, 3)));
    let elsewhere = suppression(Some(other), "jan@jansen.example", Objected, 4);
    let complained = suppression(None, "jan@jansen.example", Complained, 5);
    assert!(insert(&elsewhere) && insert(&complained));
    let stored = db.read(|tx| suppression::list_of_email(tx, &bounced.email));
    assert_eq!(stored, [bounced.clone(), objected, elsewhere, complained]);
    assert_eq!(db.read(|tx| suppression::list_all(tx, Some(bounced.id))).len(), 3);

    let reasons = |all: &[SuppressionReason]| all.iter().copied().collect::<Reasons>();
    let of = |garage| db.read(|tx| suppression::of_email(tx, garage, &bounced.email));
    assert_eq!(of(None), reasons(&[Bounced, Complained]));
    assert_eq!(of(Some(one)), reasons(&[Bounced, Complained, Objected]));
    let free = EmailAddress::parse("free@jansen.example").unwrap();
    let emails = [free.clone(), bounced.email.clone(), free];
    let all = db.read(|tx| suppression::of_emails(tx, Some(other), &emails));
    assert_eq!(all, [Reasons::default(), reasons(&[Bounced, Complained, Objected]), Reasons::default()]);
    assert_eq!(db.read(|tx| suppression::of_emails(tx, None, &[])), []);
}

fn ch3_a_garage_reaches_the_addresses_of_its_customers_alone(db: &Database) {
    use SuppressionReason::{Bounced, Objected};
    let (one, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let customer = |garage, email: &str| {
        let email = Some(EmailAddress::parse(email).unwrap());
        let customer = Customer { email, ..sample::customer(garage, "Jan") };
        db.write(|tx| customer::insert(tx, &customer, sample::at(0)));
        customer
    };
    let (jan, again) = (customer(one, "jan@jansen.example"), customer(one, "JAN@jansen.example"));
    customer(other, "piet@pietersen.example");
    let bounced = suppression(None, "jan@jansen.example", Bounced, 1);
    let foreign = suppression(None, "piet@pietersen.example", Bounced, 2);
    let objected = suppression(Some(one), "gone@jansen.example", Objected, 3);
    let of_other = suppression(Some(other), "jan@jansen.example", Objected, 4);
    for new in [&bounced, &foreign, &objected, &of_other] {
        db.write(|tx| suppression::insert(tx, new));
    }
    let list = |scope: &Scope, reasons: &[SuppressionReason]| {
        let filter = SuppressionFilter { reasons: reasons.to_vec() };
        db.read(|tx| suppression::list(tx, scope, &filter, &first(50))).items
    };
    let scope = Scope::Garage(one);
    let named = |customer: &Customer| (customer.id, customer.name.clone());
    let views = [
        SuppressionView { suppression: objected.clone(), customers: vec![] },
        SuppressionView { suppression: bounced.clone(), customers: vec![named(&jan), named(&again)] },
    ];
    assert_eq!(list(&scope, &[]), views);
    assert_eq!(list(&scope, &[Bounced]), views[1..]);
    assert_eq!(list(&scope, &[Bounced, Objected]), views);
    let ids = |items: Vec<SuppressionView>| items.iter().map(|view| view.suppression.id).collect::<Vec<_>>();
    assert_eq!(ids(list(&Scope::Garage(other), &[])), [of_other.id, foreign.id]);
    for nobody in [Scope::Nothing, Scope::Driver(sample::id(), "jan@jansen.example".into())] {
        assert_eq!(list(&nobody, &[]), []);
        assert_eq!(db.read(|tx| suppression::find(tx, &nobody, bounced.id)), None);
    }
    let find = |id| db.read(|tx| suppression::find(tx, &scope, id)).map(Found::into_inner);
    assert_eq!((find(foreign.id), find(of_other.id)), (None, None));
    assert_eq!((find(bounced.id), find(objected.id)), (Some(bounced.clone()), Some(objected)));
    // With the address of the customers goes what is known of it.
    let found = db.read(|tx| suppression::find(tx, &scope, bounced.id)).unwrap();
    for customer in [jan, again] {
        db.write(|tx| customer::delete(tx, &customer, sample::at(5)));
    }
    assert_eq!(find(bounced.id), None);
    assert!(db.write(|tx| suppression::delete(tx, &found, sample::at(0))));
    assert!(!db.write(|tx| suppression::delete(tx, &found, sample::at(0))), "someone else was first");
}

fn ml3_a_record_remembers_its_objection_and_leaves_what_went_along(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let customer = Customer { email: None, ..sample::customer(garage, "Jan") };
    db.write(|tx| customer::insert(tx, &customer, sample::at(0)));
    let find = |customer: &Customer| db.read(|tx| suppression::find_objection_of(tx, customer)).map(Found::into_inner);
    assert_eq!(find(&customer), None);
    let objected = suppression(Some(garage), "jan@jansen.example", SuppressionReason::Objected, 1);
    db.write(|tx| suppression::insert(tx, &objected));
    let remember = |objection| db.write(|tx| customer::remember_objection(tx, customer.id, objection));
    remember(Some(objected.id));
    // Another change of the record leaves it.
    let (found, stamps) = db.read(|tx| customer::find(tx, &Scope::Garage(garage), customer.id)).unwrap();
    db.write(|tx| customer::update(tx, &Customer { name: "Piet".into(), ..found.clone() }, stamps, sample::at(2)));
    assert_eq!(find(&customer), Some(objected.clone()));
    // It goes along to another address, and from there with this customer alone, unless it was made there too.
    let with = |email: &str| Customer { email: Some(sample::email(email)), ..customer.clone() };
    let at = |email: &str| {
        let email = sample::email(email);
        db.read(|tx| suppression::find_objection(tx, garage, &email)).map(Found::into_inner)
    };
    let along = objected.along_with(sample::id(), customer.id, sample::email("new@jansen.example"));
    assert!(db.write(|tx| suppression::insert(tx, &along)));
    assert_eq!(at("new@jansen.example"), Some(along.clone()));
    let other = Customer { id: sample::id(), ..with("new@jansen.example") };
    assert!(!db.write(|tx| suppression::leave(tx, &other, sample::at(0))));
    assert!(!db.write(|tx| suppression::leave(tx, &with("jan@jansen.example"), sample::at(0))));
    assert!(db.write(|tx| suppression::leave(tx, &with("new@jansen.example"), sample::at(0))));
    assert_eq!((at("new@jansen.example"), at("jan@jansen.example")), (None, Some(objected.clone())));
    assert!(db.write(|tx| suppression::insert(tx, &along)));
    db.write(|tx| suppression::keep_here(tx, &Found::by_system(along.clone())));
    assert!(!db.write(|tx| suppression::leave(tx, &with("new@jansen.example"), sample::at(0))));
    remember(None);
    assert_eq!(find(&customer), None);
    remember(Some(objected.id));
    assert!(db.write(|tx| suppression::delete(tx, &Found::by_system(objected.clone()), sample::at(0))));
    assert_eq!(find(&customer), None, "it was taken back");
}

fn ch3_suppressions_come_in_pages(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for number in 0..5 {
        let email = format!("jan{number}@jansen.example");
        let new = suppression(Some(garage), &email, SuppressionReason::Objected, number);
        db.write(|tx| suppression::insert(tx, &new));
    }
    let (scope, filter) = (Scope::Garage(garage), SuppressionFilter::default());
    let list = |after, since| {
        let request = PageRequest { after, limit: 2, updated_since: since };
        let page = db.read(|tx| suppression::list(tx, &scope, &filter, &request));
        let emails = page.items.iter().map(|view| view.suppression.email.as_str()[..4].to_owned()).collect::<Vec<_>>();
        (emails, page.next)
    };
    let (first, next) = list(None, None);
    let (second, next) = (first == ["jan4", "jan3"]).then(|| list(next, None)).unwrap();
    let (third, end) = list(next, None);
    assert_eq!((second, third, end), (vec!["jan2".into(), "jan1".into()], vec!["jan0".into()], None));
    assert_eq!(list(None, Some(sample::at(4))).0, ["jan4"]);
}

/// A car with a driver.
fn car(db: &Database) -> Passport {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    sample::store_passport(db, sample::active_passport(garage, &driver, None))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn of(task: &str) -> Subject {
    Subject { item: ReminderItem::Maintenance, task: TaskKey::find(task) }
}

const APK: Subject = Subject { item: ReminderItem::Apk, task: None };

fn rm2_a_reminder_is_remembered_once(db: &Database) {
    let (one, two) = (car(db).id, car(db).id);
    let made =
        Made { armed_for: day("2026-05-01"), due_on: day("2026-05-03"), offset: -28, made_on: day("2026-04-05") };
    let other = Made { offset: 1, made_on: day("2026-05-04"), ..made };
    let all =
        [(one, APK, other), (one, APK, made), (one, of("tyres"), made), (one, of("wipers"), other), (two, APK, made)];
    db.write(|tx| reminder::insert_all(tx, &all));
    let found = db.read(|tx| reminder::made(tx, &[one]));
    assert_eq!(found.len(), 3, "of no other car");
    assert_eq!(found[&(one, APK)], [made, other]);
    assert_eq!((&found[&(one, of("tyres"))][..], &found[&(one, of("wipers"))][..]), (&[made][..], &[other][..]));
    assert!(db.store.write(|tx| reminder::insert_all(tx, &all[..1])).is_err());
    // By COPY, too.
    let many: Vec<_> = (0..10).map(|offset| (two, of("tyres"), Made { offset, ..made })).collect();
    db.write(|tx| reminder::insert_all(tx, &many));
    assert_eq!(db.read(|tx| reminder::made(tx, &[two]))[&(two, of("tyres"))].len(), 10);
}

fn rm5_cars_are_looked_at_in_the_order_of_their_days(db: &Database) {
    let cars: Vec<Passport> = (0..4).map(|_| car(db)).collect();
    let due =
        |today, except: &[GarageId], after, limit| db.read(|tx| reminder::list_due(tx, today, except, after, limit));
    assert_eq!(due(day("2026-05-20"), &[], None, 10), [], "no car was judged yet");
    let standing = domain::car_status::Standing::default();
    for car in &cars {
        db.write(|tx| car_status::save(tx, Found::by_system(car.id), &standing, sample::at(0)));
    }
    assert_eq!(due(day("2026-05-01"), &[], None, 10).len(), 4);
    let (second, third) = (day("2026-05-02"), day("2026-05-03"));
    let looks: Vec<_> = cars.iter().map(|car| car.id).zip([Some(third), Some(second), Some(third), None]).collect();
    db.write(|tx| reminder::look_again(tx, &looks));
    let ids = |found: &[reminder::ToLookAt<PassportId>]| found.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&due(second, &[], None, 10)), [cars[1].id]);
    let mut same_day = [cars[0].id, cars[2].id];
    same_day.sort_unstable();
    let page = due(third, &[], None, 2);
    assert_eq!(ids(&page), [cars[1].id, same_day[0]]);
    assert_eq!(page[0].garage, cars[1].garage_id);
    assert_eq!(ids(&due(third, &[], page.last().copied(), 2)), [same_day[1]]);
    let asleep = [cars[0].garage_id, cars[2].garage_id];
    assert_eq!(ids(&due(third, &asleep, None, 10)), [cars[1].id], "where it is night nothing is read");
    let lock = |garages: &[_], until| {
        let all: Vec<_> = cars.iter().map(|car| car.id).collect();
        let found = db.write(|tx: &mut Tx<'_>| reminder::lock_due(tx, garages, &all, until));
        found.into_iter().map(|car| car.id).collect::<Vec<_>>()
    };
    let (one, two) = ([cars[0].garage_id], [cars[0].garage_id, cars[1].garage_id]);
    assert_eq!((lock(&one, second), lock(&one, third)), (vec![], vec![cars[0].id]));
    assert_eq!(lock(&two, third), [cars[0].id, cars[1].id], "cars of several garages at once");
    // A car that is judged anew is looked at again at once, and so is one that may have come into use.
    db.write(|tx| car_status::save(tx, Found::by_system(cars[3].id), &standing, sample::at(0)));
    assert_eq!(ids(&due(day("2026-05-01"), &[], None, 10)), [cars[3].id]);
    let (found, stamps) = db.read(|tx| persistence::passport::find(tx, &Scope::System, cars[2].id)).unwrap();
    db.write(|tx| persistence::passport::update(tx, &found, stamps, sample::at(5)));
    let mut both = [cars[2].id, cars[3].id];
    both.sort_unstable();
    assert_eq!(ids(&due(day("2026-05-01"), &[], None, 10)), both);
}

fn rm1_the_cars_of_a_garage_are_looked_at_anew_block_by_block(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let mut own: Vec<_> =
        (0..5).map(|_| sample::store_passport(db, sample::active_passport(garage, &driver, None)).id).collect();
    own.sort_unstable();
    let foreign = car(db).id;
    let standing = domain::car_status::Standing::default();
    for id in own[..4].iter().chain([&foreign]) {
        db.write(|tx| car_status::save(tx, Found::by_system(*id), &standing, sample::at(0)));
        db.write(|tx| reminder::look_again(tx, &[(*id, None)]));
    }
    let block = |after| db.write(|tx| reminder::look_at_once(tx, garage, after, 2));
    let due = || {
        let found = db.read(|tx| reminder::list_due(tx, day("2026-01-01"), &[], None, 10));
        found.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!((block(None), due()), (Some(own[1]), own[..2].to_vec()));
    assert_eq!((block(Some(own[1])), due()), (Some(own[3]), own[..4].to_vec()));
    assert_eq!((block(Some(own[3])), due()), (None, own[..4].to_vec()), "one was never judged, one is another's");
}

fn rm1_offsets_of_each_level_come_back(db: &Database) {
    let garage = |name: &str, chain: Option<&str>| {
        let garage = Garage { name: name.into(), chain: chain.map(Into::into), ..sample::garage() };
        db.write(|tx| garage::insert(tx, &garage, sample::at(0)));
        garage.id
    };
    let (one, two, other) = (garage("A", Some("Vakgarage")), garage("B", Some("VAKGARAGE")), garage("C", None));
    let offsets = |item, days: &[i64]| Offsets::new(item, days).unwrap();
    let set = |of: OffsetsOf, item, days: &[i64]| {
        db.write(|tx| reminder::set_offsets(tx, &of, item, &offsets(item, days)));
    };
    set(OffsetsOf::Platform, ReminderItem::Apk, &[-7]);
    set(OffsetsOf::chain("Vakgarage"), ReminderItem::Apk, &[-14, 1]);
    set(OffsetsOf::Garage(one), ReminderItem::Apk, &[5]);
    set(OffsetsOf::Garage(one), ReminderItem::Apk, &[-1, 0, 30]);
    set(OffsetsOf::Garage(one), ReminderItem::Offer, &[0]);
    let all = db.read(reminder::all_offsets);
    let found = |set: &SetOffsets, garage, chain, item| {
        let (level, offsets) = set.nearest(garage, chain, item);
        (level, offsets.days().collect::<Vec<_>>())
    };
    let of = |garage, chain| db.read(|tx| reminder::offsets_of(tx, garage, chain));
    for (garage, chain, apk) in [
        (one, Some("Vakgarage"), (OffsetsLevel::Garage, vec![-1, 0, 30])),
        (two, Some("VAKGARAGE"), (OffsetsLevel::Chain, vec![-14, 1])),
        (other, None, (OffsetsLevel::Platform, vec![-7])),
    ] {
        assert_eq!(found(&all, garage, chain, ReminderItem::Apk), apk);
        assert_eq!(found(&of(garage, chain), garage, chain, ReminderItem::Apk), apk);
    }
    assert_eq!(of(other, None).own(OffsetsOf::Garage(one), ReminderItem::Apk), None, "another garage's are not read");
    assert_eq!(found(&of(one, None), one, None, ReminderItem::Offer), (OffsetsLevel::Garage, vec![0]));
    let concerned = |level| db.read(|tx| reminder::list_garages_of(tx, &level));
    assert_eq!(concerned(OffsetsOf::chain("vakgarage")).len(), 2);
    assert_eq!((concerned(OffsetsOf::Platform).len(), concerned(OffsetsOf::Garage(two))), (3, vec![two]));
    for level in [OffsetsOf::Garage(one), OffsetsOf::chain("vakgarage")] {
        db.write(|tx| reminder::clear_offsets(tx, &level, ReminderItem::Apk));
    }
    let (level, _) = of(one, Some("Vakgarage")).nearest(one, Some("Vakgarage"), ReminderItem::Apk);
    assert_eq!(level, OffsetsLevel::Platform);
}

fn rm1_links_are_looked_at_in_the_order_of_their_days(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let invited = sample::store_passport(db, sample::passport(garage)).id;
    let staff = sample::stored_account(db, AccountKind::Driver).id;
    let issue = |purpose, garage_id| {
        let link =
            Invitation::new(sample::id(), purpose, garage_id, sample::email("jan@jansen.example"), sample::at(0));
        db.write(|tx| invitation::issue(tx, &link, link.id.0.as_bytes(), sample::at(3)));
        link
    };
    let link = issue(Purpose::Passport(invited), Some(garage));
    let reset = issue(Purpose::PasswordReset(staff), Some(garage));
    issue(Purpose::Staff(staff), None);
    let due = |today, except: &[GarageId]| {
        let found = db.read(|tx| reminder::list_due_links(tx, today, except, None, 10));
        found.into_iter().map(|one| (one.id, one.garage)).collect::<Vec<_>>()
    };
    assert_eq!(due(day("2026-01-01"), &[]), [(link.id, garage)], "of a link that was asked for nobody is reminded");
    assert_eq!(due(day("2026-01-01"), &[garage]), []);
    let lock = |garage| db.write(|tx| reminder::lock_due_links(tx, garage, &[link.id, reset.id], day("2026-01-01")));
    let locked = lock(garage);
    assert_eq!((locked.len(), &locked[0].invitation, locked[0].mailed_at), (1, &link, sample::at(3)));
    assert_eq!(lock(sample::id()).len(), 0);
    let again = |on| db.write(|tx| reminder::look_again_at_links(tx, &[link.id], on));
    again(Some(day("2026-05-01")));
    assert_eq!((due(day("2026-04-30"), &[]).len(), due(day("2026-05-01"), &[]).len()), (0, 1));
    db.write(|tx| reminder::look_at_links_at_once(tx, garage));
    assert_eq!(due(day("2026-01-01"), &[]).len(), 1);
    // Who was reminded is not reminded again.
    again(None);
    db.write(|tx| reminder::look_at_links_at_once(tx, garage));
    assert_eq!(due(Date::MAX, &[]), []);
    // Of an offer also a link that was used is revoked when the offer ends or is mailed again; of a passport it stays as it was.
    let driver = sample::stored_account(db, AccountKind::Driver);
    let car = sample::store_passport(db, sample::active_passport(garage, &driver, None));
    let offered = sample::store_transfer(db, sample::transfer(&car, &driver, "jan@jansen.example")).id;
    for (purpose, is_revoked) in [(Purpose::Transfer(offered), true), (Purpose::Passport(invited), false)] {
        let used = issue(purpose, Some(garage)).redeem(sample::at(5)).unwrap();
        db.write(|tx| invitation::redeem(tx, &used));
        db.write(|tx| invitation::revoke(tx, purpose, sample::at(6)));
        let found = db.read(|tx| invitation::find(tx, used.id)).unwrap();
        assert_eq!((found.used_at, found.revoked_at), (Some(sample::at(5)), is_revoked.then(|| sample::at(6))));
    }
}

fn rm4_a_digest_has_the_reminders_of_the_cars_that_are_in_the_fleet_now(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let fleet = sample::stored_fleet(db, garage, "Bakkerij");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let store = |fleet| sample::store_passport(db, sample::active_passport(garage, &driver, fleet)).id;
    let (one, two, left) = (store(Some(fleet.id)), store(Some(fleet.id)), store(None));
    let made = |due_on: &str, made_on: &str| Made {
        armed_for: day(due_on),
        due_on: day(due_on),
        offset: -28,
        made_on: day(made_on),
    };
    let all = [
        (one, APK, made("2026-05-01", "2026-03-01")),
        (one, of("tyres"), made("2026-04-20", "2026-03-02")),
        (two, APK, made("2026-04-10", "2026-03-08")),
        (two, of("tyres"), made("2026-04-12", "2026-03-09")),
        (left, APK, made("2026-04-12", "2026-03-03")),
    ];
    db.write(|tx| reminder::insert_all(tx, &all));
    let list = |since, until, limit| {
        let found = db.read(|tx| reminder::list_of_fleet(tx, fleet.id, day(since), day(until), limit));
        found.into_iter().map(|one| (one.car, one.of)).collect::<Vec<_>>()
    };
    let item = |of, due_on| DueItem { of, due_on: day(due_on) };
    let expected = [(two, item(APK, "2026-04-10")), (one, item(of("tyres"), "2026-04-20"))];
    assert_eq!(list("2026-03-02", "2026-03-09", 10), expected);
    assert_eq!(list("2026-03-02", "2026-03-09", 1), expected[..1]);
    let any = |since, until| db.read(|tx| reminder::has_any_of_fleet(tx, fleet.id, day(since), day(until)));
    assert!(any("2026-03-02", "2026-03-09") && !any("2026-03-03", "2026-03-08"));
    // When the next one comes.
    let due = |today, except: &[GarageId]| db.read(|tx| fleet::list_digests(tx, day(today), except, None, 10));
    assert_eq!(due("2027-01-01", &[]), []);
    let plan = DigestPlan::from(day("2026-03-09"));
    db.write(|tx| fleet::plan_digest(tx, fleet.id, plan));
    assert_eq!(due("2026-03-15", &[]), []);
    let due_now = (day("2026-03-16"), fleet.id, garage);
    assert_eq!((due("2026-03-16", &[]), due("2026-03-16", &[garage])), (vec![due_now], vec![]));
    let after = db.read(|tx| fleet::list_digests(tx, day("2026-03-16"), &[], Some((due_now.0, fleet.id)), 10));
    assert_eq!(after, []);
    let chosen = FleetReminders { to: FleetChoice::Both, digest: true };
    let reminders = |made_on| db.read(|tx| fleet::reminders(tx, fleet.id, day(made_on)));
    assert_eq!(reminders("2026-03-09"), Some(chosen));
    let at_once = FleetReminders { digest: false, ..chosen };
    assert_eq!(reminders("2026-03-08"), Some(at_once), "no digest to come tells of that day");
    let (found, stamps) = db.read(|tx| fleet::find(tx, &Scope::System, fleet.id)).unwrap();
    assert_eq!((found.digest, found.version), (Some(plan), fleet.version), "nobody changed the fleet");
    // Until when digests told stays known without them.
    let (off, _) = found.choose_reminders(at_once, day("2026-03-10"));
    let off = db.write(|tx| fleet::update(tx, &off, stamps, sample::at(9)));
    let (found, _) = db.read(|tx| fleet::find(tx, &Scope::System, fleet.id)).unwrap();
    assert_eq!((found.digest, found.digested_before, &found), (None, Some(day("2026-03-11")), &off));
    assert_eq!(reminders("2026-03-09"), Some(at_once));
}
