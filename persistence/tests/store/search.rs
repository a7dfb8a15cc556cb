//! Finding by typing: case, accents, the order of words and what stands between them don't matter (rules F5 and CU5).

use crate::support::{Database, all, sample};
use domain::{
    customer::Customer,
    fleet::{Fleet, FleetStatus},
    passport::{Passport, PassportStatus, Vehicle},
    transfer::{Transfer, TransferStatus},
    value::{AccountKind, Address, PhoneNumber},
};
use persistence::{
    Scope, Stamps, customer, fleet,
    passport::{self, PassportFilter},
    transfer::{self, TransferFilter},
};

on_both!(
    f5_fleets_are_found_by_typing_part_of_their_name,
    f5_names_that_start_with_what_was_typed_come_first,
    f5_fleets_are_found_by_status,
    customers_are_found_by_name_email_mobile_postcode_and_place,
    passports_are_found_by_plate_and_customer,
    passports_are_filtered,
    t6_offers_are_found_by_the_status_they_have_now,
);

const FLEETS: [&str; 7] = [
    "Café De Zèbra",
    "De Bakkerij B.V.",
    "Bakker & Zonen",
    "Aannemersbedrijf Jansen-Bakker",
    "JANSEN TRANSPORT",
    "Zebra",
    "Autobedrijf 100% Ø",
];

fn found(db: &Database, scope: &Scope, typed: &str) -> Vec<String> {
    let page = db.read(|tx| fleet::list(tx, scope, Some(typed), &[], &all()));
    page.items.into_iter().map(|view| view.fleet.name).collect()
}

fn f5_fleets_are_found_by_typing_part_of_their_name(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for name in FLEETS {
        sample::stored_fleet(db, garage, name);
    }
    let cases: [(&str, &[&str]); 18] = [
        ("zebra", &["Zebra", "Café De Zèbra"]),
        ("ZÈBRA", &["Zebra", "Café De Zèbra"]),
        ("cafe de z", &["Café De Zèbra"]),
        ("zebra cafe", &["Café De Zèbra"]),
        ("  z   c  ", &["Café De Zèbra"]),
        ("bakker", &["Bakker & Zonen", "Aannemersbedrijf Jansen-Bakker", "De Bakkerij B.V."]),
        ("bakker jansen", &["Aannemersbedrijf Jansen-Bakker"]),
        ("jansen", &["JANSEN TRANSPORT", "Aannemersbedrijf Jansen-Bakker"]),
        ("zonen, bakker!", &["Bakker & Zonen"]),
        ("kerij", &[]),
        ("zebra bakker", &[]),
        ("%", &[]),
        ("100%", &["Autobedrijf 100% Ø"]),
        ("autobedrijf o", &["Autobedrijf 100% Ø"]),
        ("jansenbakker", &["Aannemersbedrijf Jansen-Bakker"]),
        ("dezebra", &["Café De Zèbra"]),
        ("_ebra", &[]),
        ("", &[]),
    ];
    for (typed, expected) in cases {
        assert_eq!(found(db, &Scope::Garage(garage), typed), expected, "{typed:?}");
    }
    let page = db.read(|tx| fleet::list(tx, &Scope::Garage(garage), None, &[], &all()));
    assert_eq!(page.items.into_iter().map(|view| view.fleet.name).collect::<Vec<_>>(), FLEETS_BY_NAME);
}

const FLEETS_BY_NAME: [&str; 7] = [
    "Aannemersbedrijf Jansen-Bakker",
    "Autobedrijf 100% Ø",
    "Bakker & Zonen",
    "Café De Zèbra",
    "De Bakkerij B.V.",
    "JANSEN TRANSPORT",
    "Zebra",
];

fn f5_names_that_start_with_what_was_typed_come_first(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for name in ["Aa De Vries", "De Vries", "Vries De Aa", "Zz De Vries", "de vries zonen", "Vries"] {
        sample::stored_fleet(db, garage, name);
    }
    let scope = Scope::Garage(garage);
    let expected = ["De Vries", "de vries zonen", "Aa De Vries", "Vries De Aa", "Zz De Vries"];
    assert_eq!(found(db, &scope, "De Vries"), expected);
    assert_eq!(
        found(db, &scope, "vries"),
        ["Vries", "Vries De Aa", "Aa De Vries", "De Vries", "de vries zonen", "Zz De Vries"]
    );
}

fn f5_fleets_are_found_by_status(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let scope = Scope::Garage(garage);
    let [open, closed] = ["Bakker Een", "Bakker Twee"].map(|name| sample::stored_fleet(db, garage, name));
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    let closed = Fleet { status: FleetStatus::Closed, ..closed };
    db.write(|tx| fleet::update(tx, &closed, stamps, sample::at(1)));
    for typed in [None, Some("bakker"), Some("een bakker"), Some("twee bakker")] {
        let ids = |statuses: &[FleetStatus]| -> Vec<_> {
            let page = db.read(|tx| fleet::list(tx, &scope, typed, statuses, &all()));
            page.items.into_iter().map(|view| view.fleet.id).collect()
        };
        let has = |word| typed.is_some_and(|typed: &str| typed.contains(word));
        let (one, two) = (!has("twee"), !has("een"));
        assert_eq!(ids(&[FleetStatus::Open]), if one { vec![open.id] } else { vec![] }, "{typed:?}");
        assert_eq!(ids(&[FleetStatus::Closed]), if two { vec![closed.id] } else { vec![] }, "{typed:?}");
        for both in [&[][..], FleetStatus::ALL] {
            assert_eq!(ids(both).len(), usize::from(one) + usize::from(two), "{typed:?}");
        }
    }
}

fn customers_are_found_by_name_email_mobile_postcode_and_place(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let zoe = Customer {
        email: Some(sample::email("Z.Visser@Post.example")),
        mobile: Some(PhoneNumber::parse("+31612345678").unwrap()),
        address: Address {
            street: Some("Kerkstraat 1".into()),
            postcode: Some("1234 AB".into()),
            place: Some("'s-Hertogenbosch".into()),
            ..sample::address()
        },
        notes: Some("geheim".into()),
        ..sample::customer(garage, "Zoë de Visser")
    };
    db.write(|tx| customer::insert(tx, &zoe, sample::at(0)));
    let jan = sample::stored_customer(db, garage, "Jan Visser");
    let both = vec![jan.id, zoe.id];
    let cases = [
        ("visser", both),
        ("VISSER zoe", vec![zoe.id]),
        ("z", vec![zoe.id]),
        ("z.visser@post.example", vec![zoe.id]),
        ("+31612345678", vec![zoe.id]),
        ("31612", vec![zoe.id]),
        ("1234 ab", vec![zoe.id]),
        ("hertogenbosch visser", vec![zoe.id]),
        ("isser", vec![]),
        ("geheim", vec![]),
        ("%", vec![]),
        ("😀", vec![]),
        ("", vec![]),
        ("jan zoe", vec![]),
        ("devisser", vec![zoe.id]),
        ("06 12345678", vec![zoe.id]),
        ("06-1234", vec![zoe.id]),
        ("+31 (0)6 12345678", vec![zoe.id]),
        ("0031612345678", vec![zoe.id]),
        ("1234ab", vec![zoe.id]),
        ("1234-AB", vec![zoe.id]),
        ("shertogenbosch", vec![zoe.id]),
    ];
    for (typed, expected) in cases {
        let page = db.read(|tx| customer::list(tx, &Scope::Garage(garage), Some(typed), &all()));
        assert_eq!(page.items.into_iter().map(|(customer, _)| customer.id).collect::<Vec<_>>(), expected, "{typed:?}");
    }
}

fn stored_car(db: &Database, plate: &str, customer: &Customer) -> Passport {
    let vehicle = Vehicle {
        plate: sample::dutch_plate(plate),
        make: Some("Škoda".into()),
        ..sample::passport(customer.garage_id).vehicle
    };
    let passport = sample::passport(customer.garage_id);
    sample::store_passport(db, Passport { vehicle, customer_id: Some(customer.id), ..passport })
}

fn listed(db: &Database, scope: &Scope, filter: &PassportFilter) -> Vec<domain::ids::PassportId> {
    let page = db.read(|tx| passport::list(tx, scope, filter, &all()));
    page.items.into_iter().map(|view| view.passport.id).collect()
}

fn passports_are_found_by_plate_and_customer(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let [zoe, jan] = ["Zoë de Visser", "Jan Bakker"].map(|name| sample::stored_customer(db, garage, name));
    let [one, two] = [("TT-601-D", &zoe), ("V-95-JKV", &jan)].map(|(plate, who)| stored_car(db, plate, who).id);
    let nobodys = sample::dutch_plate("00-BBL-8");
    let vehicle = Vehicle { plate: nobodys, ..sample::passport(garage).vehicle };
    let three = sample::store_passport(db, Passport { vehicle, ..sample::passport(garage) }).id;
    let cases = [
        ("tt-601-d", vec![one]),
        ("TT601D", vec![one]),
        ("601", vec![one]),
        ("jkv", vec![two]),
        ("bbl", vec![three]),
        ("ZOE", vec![one]),
        ("visser", vec![one]),
        ("bakk", vec![two]),
        ("devisser", vec![one]),
        ("de visser", vec![one]),
        ("zoedevis", vec![one]),
        ("isser", vec![]),
        ("%", vec![]),
    ];
    for (typed, expected) in cases {
        let filter = PassportFilter { search: Some(typed.into()), ..PassportFilter::default() };
        assert_eq!(listed(db, &Scope::Garage(garage), &filter), expected, "{typed:?}");
    }
}

fn passports_are_filtered(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let customer = sample::stored_customer(db, garage, "Jan");
    let driver = sample::stored_account(db, AccountKind::Driver);
    let fleet = sample::stored_fleet(db, garage, "Bakker");
    let manager = fleet.manager_passport_id;
    let invited = stored_car(db, "TT-601-D", &customer).id;
    let linked = sample::store_passport(db, sample::active_passport(garage, &driver, Some(fleet.id))).id;
    let old = Passport { status: PassportStatus::Archived, ..sample::passport(garage) };
    let archived = sample::store_passport(db, old).id;
    let none = PassportFilter::default;
    let cases = [
        (none(), vec![manager, invited, linked, archived]),
        (PassportFilter { plate: Some("TT601D".into()), ..none() }, vec![invited]),
        (PassportFilter { customer: Some(customer.id), ..none() }, vec![invited]),
        (PassportFilter { fleet: Some(fleet.id), ..none() }, vec![linked]),
        (PassportFilter { statuses: vec![PassportStatus::Invited], ..none() }, vec![invited]),
        (PassportFilter { statuses: vec![PassportStatus::Active], ..none() }, vec![manager, linked]),
        (PassportFilter { statuses: vec![PassportStatus::Archived], ..none() }, vec![archived]),
        (
            PassportFilter { statuses: vec![PassportStatus::Archived, PassportStatus::Invited], ..none() },
            vec![invited, archived],
        ),
        (PassportFilter { fleet: Some(fleet.id), customer: Some(customer.id), ..none() }, vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(listed(db, &Scope::Garage(garage), &filter), expected, "{filter:?}");
    }
}

fn t6_offers_are_found_by_the_status_they_have_now(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let driver = sample::stored_account(db, AccountKind::Driver);
    let offer = |status: TransferStatus, days| {
        let passport = sample::store_passport(db, sample::active_passport(garage, &driver, None));
        let decided_at = (status != TransferStatus::Offered).then(|| sample::at(1));
        let offered = sample::transfer(&passport, &driver, "piet@pietersen.example");
        sample::store_transfer(db, Transfer { status, decided_at, expires_at: sample::day(days), ..offered })
    };
    let open = offer(TransferStatus::Offered, 14);
    let overdue = offer(TransferStatus::Offered, 3);
    let [accepted, declined, withdrawn, expired] =
        [TransferStatus::Accepted, TransferStatus::Declined, TransferStatus::Withdrawn, TransferStatus::Expired]
            .map(|status| offer(status, 3));
    for scope in [Scope::Garage(garage), Scope::Driver(driver.id, "piet@pietersen.example".into())] {
        let ids = |statuses: &[TransferStatus], now| -> Vec<_> {
            let filter = TransferFilter { statuses: statuses.to_vec(), ..TransferFilter::default() };
            let page = db.read(|tx| transfer::list(tx, &scope, &filter, now, &all()));
            page.items.into_iter().map(|(transfer, ..)| transfer.id).collect()
        };
        let now = sample::day(3);
        assert_eq!(ids(&[], now).len(), 6);
        assert_eq!(ids(&[TransferStatus::Offered], now), [open.id]);
        assert_eq!(ids(&[TransferStatus::Expired], now), [overdue.id, expired.id]);
        assert_eq!(ids(&[TransferStatus::Offered], sample::at(0)), [open.id, overdue.id]);
        assert_eq!(ids(&[TransferStatus::Expired], sample::at(0)), [expired.id]);
        assert_eq!(ids(&[TransferStatus::Accepted], now), [accepted.id]);
        assert_eq!(ids(&[TransferStatus::Declined], now), [declined.id]);
        assert_eq!(ids(&[TransferStatus::Withdrawn], now), [withdrawn.id]);
        assert_eq!(ids(&[TransferStatus::Offered, TransferStatus::Accepted], now), [open.id, accepted.id]);
        assert_eq!(
            ids(&[TransferStatus::Expired, TransferStatus::Declined], now),
            [overdue.id, declined.id, expired.id]
        );
        assert_eq!(ids(TransferStatus::ALL, now).len(), 6);
    }
}
