//! Lists come in pages: every row that was there at the start is seen once, wherever rows are added meanwhile.

use crate::support::{Database, all, sample};
use domain::{
    Instant,
    account::Account,
    custody::{CustodyEntry, CustodyRole, Holder},
    customer::Customer,
    event::{Fact, Stream},
    fleet::Fleet,
    ids::EventId,
    passport::Passport,
    transfer::{Transfer, TransferStatus},
    value::{AccountKind, StaffRole},
};
use persistence::{
    Found, Page, PageRequest, Scope, Stamps, account, custody, customer, event, fleet,
    jobs::{self, Outcome},
    passport::{self, PassportFilter},
    session,
    transfer::{self, TransferFilter},
};
use std::{collections::HashSet, fmt::Debug, hash::Hash};
use uuid::Uuid;

on_both!(
    passports_page,
    customers_page,
    fleets_page,
    fleets_page_across_the_two_parts_of_a_search,
    transfers_page,
    staff_page,
    sessions_page,
    events_page,
    events_of_a_passport_page,
    custody_pages,
    lists_without_pages_keep_their_limit,
    lists_hold_what_changed_since,
);

/// Walks through a list in pages of several sizes. Between pages `add` stores new rows: some before, some after the
/// place reached. Each row of `there` must come exactly once, in the order of `list` without pages; no row twice.
fn walk<T, K, I: Copy + Debug + Eq + Hash>(
    list: impl Fn(&PageRequest<K>) -> Page<T, K>,
    id: impl Fn(&T) -> I,
    add: impl Fn(),
) {
    for limit in [1, 2, 3, 7] {
        let there: Vec<I> = list(&all()).items.iter().map(&id).collect();
        assert!(there.len() >= 7, "enough for several pages");
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = list(&PageRequest { after: after.take(), limit, updated_since: None });
            seen.extend(page.items.iter().map(&id));
            assert!(page.items.len() <= limit);
            let Some(next) = page.next else {
                break;
            };
            assert_eq!(page.items.len(), limit, "only the last page may be shorter");
            after = Some(next);
            pages += 1;
            if pages <= 3 {
                add();
            }
        }
        let distinct: HashSet<I> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len(), "none twice");
        let old: HashSet<I> = there.iter().copied().collect();
        let order: Vec<I> = seen.iter().copied().filter(|id| old.contains(id)).collect();
        assert_eq!(order, there, "none lost, in order, by {limit}");
    }
    // A page that ends with the last row says that it is the last.
    let total = list(&all()).items.len();
    let first = |limit| list(&PageRequest { after: None, limit, updated_since: None });
    assert!(first(total).next.is_none() && first(total - 1).next.is_some());
}

/// An id that is earlier than those of [`sample::id`].
fn early_id<T: From<Uuid>>() -> T {
    Uuid::from_u128(u128::from(sample::number())).into()
}

fn passports_page(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, garage, "Bakker").id;
    let passport = || sample::active_passport(garage, &driver, Some(fleet));
    (0..9).for_each(|_| drop(sample::store_passport(db, passport())));
    let scopes = [
        Scope::Garage(garage),
        Scope::Fleet(fleet, sample::id()),
        Scope::Driver(driver.id, driver.email.key()),
        Scope::System,
    ];
    for scope in scopes {
        walk(
            |request| db.read(|tx| passport::list(tx, &scope, &PassportFilter::default(), request)),
            |view| view.passport.id,
            || {
                sample::store_passport(db, passport());
                sample::store_passport(db, Passport { id: early_id(), ..passport() });
            },
        );
    }
}

fn customers_page(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let scope = Scope::Garage(garage);
    // Names that are alike, or alike once searched, need the id to tell them apart.
    for name in
        ["Jan", "jan", "JÀN", "Jan", "Bert", "Zoë", "Jan Peter", "Ján de Vries", "jan-peter", "Øystein", "1 auto"]
    {
        sample::stored_customer(db, garage, name);
    }
    for search in [None, Some("j")] {
        walk(
            |request| db.read(|tx| customer::list(tx, &scope, search, request)),
            |(customer, _)| customer.id,
            || {
                for name in ["Jaap", "Jan", "Jzz"] {
                    sample::stored_customer(db, garage, name);
                    let early = Customer { id: early_id(), ..sample::customer(garage, name) };
                    db.write(|tx| customer::insert(tx, &early, sample::at(0)));
                }
            },
        );
    }
}

fn fleets_page(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for name in ["Bakker", "bakker", "Bäkker", "Zand & Grind", "De Jong", "de jong", "Ámsterdam Taxi", "12 Provinciën"]
    {
        sample::stored_fleet(db, garage, name);
    }
    for scope in [Scope::Garage(garage), Scope::System] {
        walk(
            |request| db.read(|tx| fleet::list(tx, &scope, None, &[], request)),
            |view| view.fleet.id,
            || ["Aa", "Bakker", "Zz"].into_iter().for_each(|name| drop(sample::stored_fleet(db, garage, name))),
        );
    }
}

fn fleets_page_across_the_two_parts_of_a_search(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let scope = Scope::Garage(garage);
    let names =
        ["Bakker", "Bakkerij Zon", "bakker", "De Bakker", "Aannemer Bakker", "Zz Bakker", "De Bakker", "Jansen"];
    for name in names {
        sample::stored_fleet(db, garage, name);
    }
    walk(
        |request| db.read(|tx| fleet::list(tx, &scope, Some("bakker"), &[], request)),
        |view| view.fleet.id,
        || {
            for name in ["Bakker", "Bakkerzz", "Aa Bakker", "Zzz Bakker", "Anders"] {
                sample::stored_fleet(db, garage, name);
            }
        },
    );
}

fn transfers_page(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, garage, "Bakker").id;
    let recipient = sample::stored_account(db, AccountKind::Driver);
    let transfer = || {
        let passport = sample::store_passport(db, sample::active_passport(garage, &driver, Some(fleet)));
        sample::transfer(&passport, &driver, recipient.email.as_str())
    };
    (0..9).for_each(|_| drop(sample::store_transfer(db, transfer())));
    let scopes = [
        Scope::Garage(garage),
        Scope::Fleet(fleet, driver.id),
        Scope::Driver(driver.id, driver.email.key()),
        Scope::Driver(recipient.id, recipient.email.key()),
        // Both at once: no row twice.
        Scope::Driver(driver.id, recipient.email.key()),
        Scope::System,
    ];
    for scope in scopes {
        walk(
            |request| db.read(|tx| transfer::list(tx, &scope, &TransferFilter::default(), sample::at(0), request)),
            |(transfer, ..)| transfer.id,
            || {
                sample::store_transfer(db, transfer());
                sample::store_transfer(db, Transfer { id: early_id(), ..transfer() });
            },
        );
    }
}

fn staff_page(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let colleague = || sample::staff(garage, StaffRole::Mechanic);
    (0..9).for_each(|_| drop(sample::store_account(db, colleague())));
    walk(
        |request| db.read(|tx| account::list_staff(tx, garage, request)),
        |(account, _)| account.id,
        || {
            sample::store_account(db, colleague());
            sample::store_account(db, Account { id: early_id(), ..colleague() });
        },
    );
}

fn sessions_page(db: &Database) {
    let account = sample::stored_account(db, AccountKind::Driver).id;
    let add = |id: Uuid| {
        let session = session::Session {
            id: id.into(),
            account_id: account,
            user_agent: None,
            created_at: sample::at(0),
            last_used_at: sample::at(0),
            remembered_until: None,
        };
        db.write(|tx| session::insert(tx, &session, id.as_bytes()));
    };
    (0..9).for_each(|_| add(sample::id()));
    walk(
        |request| {
            db.read(|tx| {
                session::list(
                    tx,
                    account,
                    session::OpenAt::new(domain::session::Lifetimes::default(), sample::at(1)),
                    request,
                )
            })
        },
        |session| session.id,
        || {
            add(sample::id());
            add(early_id());
        },
    );
}

fn events_page(db: &Database) {
    let stream = Stream::Garage(sample::stored_garage(db).id);
    let add = || {
        let id = sample::id::<EventId>();
        db.write(|tx| event::append(tx, stream, id, None, Fact::GarageChanged {}, sample::at(0)));
    };
    (0..9).for_each(|_| add());
    walk(|request| db.read(|tx| event::list(tx, stream, request)), |event| event.number, add);
}

fn events_of_a_passport_page(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let car = Found::by_system(sample::store_passport(db, sample::passport(garage)));
    let add = || {
        let (id, fact) = (sample::id::<EventId>(), Fact::PassportChanged { passport_id: car.id });
        db.write(|tx| event::append(tx, Stream::Garage(garage), id, None, fact.clone(), sample::at(0)));
    };
    (0..9).for_each(|_| add());
    let list = |request: &PageRequest<i64>| db.read(|tx| event::list_of_passport(tx, &car, None, request));
    walk(list, |(event, _)| event.number, add);
}

fn custody_pages(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let passport = sample::store_passport(db, sample::passport(garage)).id;
    let add = || {
        let entry = CustodyEntry {
            passport_id: passport,
            role: CustodyRole::Driver,
            holder: Holder::Nobody,
            since: sample::at(0),
            changed_by: None,
        };
        db.write(|tx| custody::append(tx, &[entry]));
    };
    (0..9).for_each(|_| add());
    walk(|request| db.read(|tx| custody::list(tx, Found::by_system(passport), request)), |period| period.number, add);
}

fn lists_without_pages_keep_their_limit(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let mut expected = Vec::new();
    for days in [3, 1, 2, 9] {
        let passport = sample::store_passport(db, sample::active_passport(garage, &driver, None));
        let transfer = sample::transfer(&passport, &driver, "piet@pietersen.example");
        expected.push(sample::store_transfer(db, Transfer { expires_at: sample::day(days), ..transfer }));
    }
    let overdue = |now, limit| {
        let found = db.read(|tx| transfer::list_overdue(tx, now, limit));
        found.into_iter().map(|transfer| transfer.id).collect::<Vec<_>>()
    };
    let ids = |wanted: &[usize]| wanted.iter().map(|index| expected[*index].id).collect::<Vec<_>>();
    assert_eq!(overdue(sample::day(3), 10), ids(&[1, 2, 0]));
    assert_eq!(overdue(sample::day(3), 2), ids(&[1, 2]));
    let declined =
        Transfer { status: TransferStatus::Declined, decided_at: Some(sample::at(1)), ..expected[1].clone() };
    db.write(|tx| transfer::update(tx, &declined, sample::at(1)));
    assert_eq!(overdue(sample::day(3), 10), ids(&[2, 0]), "a decided one is not overdue");

    for _ in 0..3 {
        let job = sample::job();
        db.write(|tx| jobs::insert(tx, &job, sample::at(0), sample::at(0)));
        db.write(|tx| jobs::claim(tx, job.task.kind(), 1, sample::at(0)));
        db.write(|tx| jobs::finish(tx, job.id, Outcome::Dead("no".into()), sample::at(0)));
    }
    assert_eq!(db.read(|tx| jobs::list_dead(tx, 2)).len(), 2);
}

fn since<K>(at: Instant) -> PageRequest<K> {
    PageRequest { updated_since: Some(at), ..all() }
}

fn lists_hold_what_changed_since(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let scope = Scope::Garage(garage);
    let (before, now) = (Stamps { created_at: sample::at(0), updated_at: sample::at(0) }, sample::at(5));
    let driver = sample::stored_account(db, AccountKind::Driver);
    let [colleague, _] = [(); 2].map(|()| sample::store_account(db, sample::staff(garage, StaffRole::Admin)));
    let [customer, _] = ["Jan", "Piet"].map(|name| sample::stored_customer(db, garage, name));
    let [fleet, _] = ["Bakker", "Visser"].map(|name| sample::stored_fleet(db, garage, name));
    let [passport, other] =
        [(); 2].map(|()| sample::store_passport(db, sample::active_passport(garage, &driver, None)));
    let [transfer, _] =
        [&passport, &other].map(|car| sample::store_transfer(db, sample::transfer(car, &driver, "a@b.example")));
    db.write(|tx| {
        account::update(tx, &colleague, before, now)?;
        customer::update(tx, &Customer { name: "Jan".into(), ..customer.clone() }, before, now)?;
        fleet::update(tx, &Fleet { name: "Bakker".into(), ..fleet.clone() }, before, now)?;
        passport::update(tx, &passport, before, now)?;
        transfer::update(tx, &transfer, now)
    });
    for (at, count) in [(now, 1), (sample::at(6), 0)] {
        assert_eq!(db.read(|tx| account::list_staff(tx, garage, &since(at))).items.len(), count);
        assert_eq!(db.read(|tx| customer::list(tx, &scope, None, &since(at))).items.len(), count);
        assert_eq!(db.read(|tx| fleet::list(tx, &scope, None, &[], &since(at))).items.len(), count);
        assert_eq!(db.read(|tx| fleet::list(tx, &scope, Some("b"), &[], &since(at))).items.len(), count);
        let filter = PassportFilter::default();
        assert_eq!(db.read(|tx| passport::list(tx, &scope, &filter, &since(at))).items.len(), count);
        let filter = TransferFilter::default();
        assert_eq!(db.read(|tx| transfer::list(tx, &scope, &filter, now, &since(at))).items.len(), count);
    }
    assert!(db.read(|tx| customer::list(tx, &scope, None, &since(sample::at(0)))).items.len() > 1);
}
