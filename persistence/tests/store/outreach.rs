//! What people are told, on which devices, and of what they are reminded: rules N2, N4, CH2, RM2 and RM5.

use crate::support::{Database, first, sample};
use domain::{
    Date, Instant,
    account::Account,
    consequence::Template,
    device::{Device, DeviceKind},
    ids::{AccountId, SessionId},
    notification::{Channel, KEPT, Notification, Settings},
    passport::Passport,
    reminder::Made,
    service_task::TaskKey,
    session::IDLE_LIFETIME,
    value::{AccountKind, ReminderItem},
};
use jiff::SignedDuration;
use persistence::{
    Found, StoreError, Tx, car_status,
    device::{self, StoredTarget},
    notification::{self, NotificationFilter},
    reminder::{self, Subject},
    session::{self, Session},
};
use std::slice;

on_both!(
    n2_a_notification_is_stored_once_and_comes_back,
    n3_settings_come_back,
    n4_what_is_about_a_car_is_seen_with_the_car_alone,
    n5_old_notifications_are_deleted,
    ch2_a_device_goes_with_its_session,
    rm2_a_reminder_is_remembered_once,
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
    let save = |settings: &Settings| db.write(|tx| notification::save_settings(tx, one.id, settings));
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
    let devices = || db.read(|tx| device::list(tx, account.id, &first(50))).items;
    let (one, again) = (device(session), device(session));
    register(&one, "a");
    register(&again, "a");
    assert_eq!(devices(), slice::from_ref(&again), "it is the same device");
    assert_eq!(db.read(|tx| device::find(tx, again.id)), Some((again.clone(), b"sealed".to_vec())));
    assert_eq!(db.read(|tx| device::list_of_all(tx, &[account.id])), slice::from_ref(&again));
    db.write(|tx| session::end(tx, account.id, session, false, sample::at(2)));
    assert_eq!((devices(), db.read(|tx| device::find(tx, again.id))), (vec![], None));
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

/// A car with a driver.
fn car(db: &Database) -> Passport {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    sample::store_passport(db, sample::active_passport(garage, &driver, None))
}

fn rm2_a_reminder_is_remembered_once(db: &Database) {
    let car = car(db).id;
    let day = |text: &str| text.parse::<Date>().unwrap();
    let made =
        Made { armed_for: day("2026-05-01"), due_on: day("2026-05-03"), offset: -28, made_on: day("2026-04-05") };
    let apk = Subject { item: ReminderItem::Apk, task: None };
    let of = |task| Subject { item: ReminderItem::Maintenance, task: TaskKey::find(task) };
    let insert = |of, made| db.write(|tx| reminder::insert(tx, car, of, made));
    let other = Made { offset: 1, made_on: day("2026-05-04"), ..made };
    for (of, made) in [(apk, other), (apk, made), (of("tyres"), made), (of("wipers"), other)] {
        insert(of, made);
    }
    let found = |of| db.read(|tx| reminder::made(tx, car, of));
    assert_eq!((found(apk), found(of("tyres")), found(of("wipers"))), (vec![made, other], vec![made], vec![other]));
    assert!(db.store.write(|tx| reminder::insert(tx, car, apk, made)).is_err());
}

fn rm5_cars_are_looked_at_in_the_order_of_their_days(db: &Database) {
    let cars: Vec<Passport> = (0..4).map(|_| car(db)).collect();
    let day = |number: i8| Date::constant(2026, 5, 1).with().day(number).build().unwrap();
    let due = |today, after, limit| db.read(|tx| reminder::list_due(tx, today, after, limit));
    assert_eq!(due(day(20), None, 10), [], "no car was judged yet");
    for (car, on) in cars.iter().zip([Some(day(3)), Some(day(2)), Some(day(3)), None]) {
        db.write(|tx| reminder::look_again(tx, car.id, on));
    }
    let ids = |found: &[reminder::ToLookAt]| found.iter().map(|one| one.car).collect::<Vec<_>>();
    assert_eq!(ids(&due(day(2), None, 10)), [cars[1].id]);
    let mut same_day = [cars[0].id, cars[2].id];
    same_day.sort_unstable();
    let page = due(day(3), None, 2);
    assert_eq!(ids(&page), [cars[1].id, same_day[0]]);
    assert_eq!(page[0].garage, cars[1].garage_id);
    assert_eq!(ids(&due(day(3), page.last().copied(), 2)), [same_day[1]]);
    let lock = |today| db.write(|tx: &mut Tx<'_>| reminder::lock_due(tx, cars[0].id, today));
    assert!(!lock(day(2)) && lock(day(3)));
    // A car that is judged anew is looked at again at once.
    let standing = domain::car_status::Standing::default();
    db.write(|tx| car_status::save(tx, Found::by_system(cars[3].id), &standing));
    assert_eq!(ids(&due(day(1), None, 10)), [cars[3].id]);
}
