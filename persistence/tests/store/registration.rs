//! What the vehicle register told: it comes back as it was, and is handed out to be asked about in order, to one at a time.

use crate::support::{Database, assert_same, sample, together};
use domain::{
    Instant,
    apk::{EuCategory, VehicleKind},
    ids::GarageId,
    licence_plate::LicencePlate,
    passport::{Fuel, Passport, Vehicle},
    register::{
        Inspection, InspectionBody, InspectionDefect, Recall, RecallDetail, RecallStatus, RegisterData,
        RegisterVerdict, RegisteredFuel, RegisteredOdometer,
    },
    registration::Registration,
};
use persistence::{Backend, Found, Stamps, StoreError, passport, registration};
use std::collections::BTreeSet;

on_both!(
    registrations_come_back,
    what_was_told_of_many_plates,
    r36_what_was_told_of_a_former_plate_is_kept_for_a_while,
    what_cannot_be_read_is_named,
    r34_inspections_from_before_their_body_was_read_are_asked_about_once_more,
    r20_the_longest_unasked_come_first,
    r20_what_is_claimed_is_not_handed_out_until_its_time_is_over,
    r20_of_many_workers_each_plate_goes_to_one,
    r20_a_row_that_cannot_be_read_does_not_hold_up_the_others,
    r20_plates_that_no_passport_needs_are_forgotten,
    r20_a_plate_that_is_wanted_again_is_not_lost,
    r39_what_is_to_be_asked_soon_comes_first_and_once,
    r39_what_is_given_back_keeps_its_turn,
    passports_in_use_are_found_by_plate,
);

fn stored_car(db: &Database, garage: GarageId, plate: &str) -> Passport {
    let vehicle = Vehicle { plate: sample::dutch_plate(plate), ..sample::passport(garage).vehicle };
    sample::store_passport(db, Passport { vehicle, ..sample::passport(garage) })
}

fn archive(db: &Database, passport: Passport) {
    let archived =
        passport.archive(domain::passport::Pending::default(), sample::id(), sample::at(1)).unwrap().passport;
    let stamps = Stamps { created_at: sample::at(0), updated_at: sample::at(0) };
    db.write(|tx| passport::update(tx, &archived, stamps, sample::at(1)));
}

fn save(db: &Database, registration: &Registration) {
    db.write(|tx| registration::save(tx, registration, sample::at(0)));
}

fn find(db: &Database, plate: &LicencePlate) -> Option<Registration> {
    db.read(|tx| registration::find(tx, Found::by_system(plate)))
}

fn claim(db: &Database, checked_before: Instant, until: Instant, now: Instant, limit: i64) -> Vec<String> {
    let claimed = db.write(|tx| registration::claim_due(tx, checked_before, until, now, limit));
    claimed.into_iter().map(|one| one.plate.number().to_owned()).collect()
}

/// A registration of which everything is known.
fn full(plate: &str) -> Registration {
    let day = |text: &str| text.parse().ok();
    let data = RegisterData {
        kind: Some(VehicleKind::Car),
        eu_category: Some(EuCategory::M1),
        make: Some("ŠKODA".into()),
        model: Some("OCTAVIA".into()),
        body: Some("stationwagen".into()),
        colour: Some("GEEL".into()),
        admitted_on: day("2013-05-17"),
        first_registered_on: day("2013-05-18"),
        registered_on: day("2013-07-25"),
        max_speed_m_per_h: Some(180_000),
        on_tracks: Some(false),
        empty_mass_kg: Some(1_876),
        max_mass_kg: Some(3_200),
        seats: Some(9),
        doors: Some(0),
        engine_cc: Some(1_968),
        catalogue_price_eur: Some(71_828),
        efficiency_class: Some("C".into()),
        apk_expires_on: day("2028-02-29"),
        tachograph_expires_on: day("2027-01-31"),
        taxi: Some(false),
        exported: Some(false),
        registrable: Some(true),
        insured: Some(true),
        open_recall: Some(true),
        odometer: RegisteredOdometer {
            verdict: Some(RegisterVerdict::NoJudgement),
            reason: Some("05".into()),
            last_year: Some(2026),
        },
        fuels: vec![RegisteredFuel { fuel: Fuel::Diesel, power_w: Some(103_000), co2_g_per_km: Some(120) }],
    };
    let detail = RecallDetail {
        defect: Some("De airbag kan \"barsten\".".into()),
        hazards: vec!["Letsel".into(), "Brand".into()],
        announced_on: day("2020-01-02"),
        ..RecallDetail::default()
    };
    let defect = InspectionDefect { code: "205".into(), text: Some("Band".into()), count: Some(2) };
    Registration {
        plate: sample::dutch_plate(plate),
        data: Some(data),
        apk_seen_at: Some(sample::at(1)),
        fetched_at: Some(sample::at(2)),
        checked_at: Some(sample::at(3)),
        stale_since: Some(sample::at(4)),
        recalls_checked_at: Some(sample::at(5)),
        inspections_checked_at: Some(sample::at(6)),
        recalls: vec![Recall { reference: "R1".into(), status: RecallStatus::Open, detail: Some(detail) }],
        inspections: vec![Inspection {
            reported_on: "2026-03-19".parse().unwrap(),
            reported_at: Some("1015".into()),
            body: Some(InspectionBody::ApkLight),
            kind: Some("periodieke controle".into()),
            expires_on: day("2027-05-17"),
            defects: vec![defect],
            seen_at: Some(sample::at(1)),
        }],
    }
}

fn registrations_come_back(db: &Database) {
    let plate = sample::dutch_plate("TT601D");
    assert_eq!(find(db, &plate), None);
    let unasked = Registration::new(plate.clone());
    let (unknown, _) = unasked.clone().answered(None, sample::at(9));
    let dateless = Registration {
        data: Some(RegisterData::default()),
        fetched_at: Some(sample::at(5)),
        checked_at: Some(sample::at(6)),
        ..unasked.clone()
    };
    for registration in [unasked, unknown, full("TT601D"), dateless, full("TT601D")] {
        save(db, &registration);
        assert_same(&find(db, &plate), &Some(registration.clone()));
        assert_same(&db.write(|tx| registration::find_to_change(tx, &plate)), &Some(registration.clone()));
        assert_same(
            &db.read(|tx| registration::view(tx, Found::by_system(&plate))),
            &Some((registration, sample::at(0))),
        );
    }
    save(db, &full("TT602D"));
    assert_same(&find(db, &plate), &Some(full("TT601D")));
    let day = match db.backend() {
        Backend::Sqlite => "SELECT apk_expires_on AS line FROM registrations WHERE plate = 'TT601D'",
        Backend::Postgres => "SELECT apk_expires_on::text AS line FROM registrations WHERE plate = 'TT601D'",
    };
    assert_eq!(db.raw().line(day), "2028-02-29");
}

/// The migration finds the inspections of a server that did not read who reported them.
fn r34_inspections_from_before_their_body_was_read_are_asked_about_once_more(db: &Database) {
    save(db, &full("TT601D"));
    save(db, &Registration { inspections: vec![], ..full("TT602D") });
    let older =
        r#"[{"reportedOn":"2026-03-19","reportedAt":"1015","kind":null,"expiresOn":"2027-05-17","defects":[]}]"#;
    db.raw().run(&format!("UPDATE registrations SET inspections = '{older}' WHERE plate = 'TT601D'")).unwrap();
    let (_, up) = db.migration("2026-12-01-030000_inspection_bodies");
    db.raw().run(&up).unwrap();
    let found = find(db, &sample::dutch_plate("TT601D")).unwrap();
    let one = &found.inspections[0];
    assert_eq!((one.body, one.seen_at, found.inspections_checked_at), (None, None, None));
    assert_eq!(found.apk_expiry().map(|expiry| expiry.expires_on), "2028-02-29".parse().ok());
    let without = find(db, &sample::dutch_plate("TT602D")).unwrap();
    assert_eq!(without.inspections_checked_at, Some(sample::at(6)), "it has none that could lack it");
}

fn what_cannot_be_read_is_named(db: &Database) {
    for (set, at) in [
        ("data = '{'", "data"),
        ("apk_expires_on = '2030-01-01'", "apk_expires_on"),
        ("recalls = '{}'", "recalls"),
        ("inspections = '[1]'", "inspections"),
    ] {
        save(db, &full("TT601D"));
        db.raw().run(&format!("UPDATE registrations SET {set}")).unwrap();
        let error =
            db.store.read(|tx| registration::find(tx, Found::by_system(&sample::dutch_plate("TT601D")))).unwrap_err();
        assert!(
            matches!(&error, StoreError::Corrupt { table: "registrations", column, id, .. } if *column == at && id == "NL TT601D"),
            "{error:?}"
        );
    }
    for set in ["fetched_at = NULL", "apk_seen_at = NULL", "data = NULL, fetched_at = NULL", "checked_at = NULL"] {
        save(db, &full("TT601D"));
        assert!(db.raw().run(&format!("UPDATE registrations SET {set}")).is_err(), "{set}");
    }
}

fn r20_the_longest_unasked_come_first(db: &Database) {
    let garage = sample::stored_garage(db).id;
    sample::store_passport(db, sample::passport(garage));
    for plate in ["TT601D", "TT602D", "TT603D", "TT604D"] {
        stored_car(db, garage, plate);
    }
    for (plate, checked) in [("TT601D", 20), ("TT602D", 10), ("TT603D", 30)] {
        let (asked, _) = Registration::new(sample::dutch_plate(plate)).answered(None, sample::at(checked));
        save(db, &asked);
    }
    let (until, now) = (sample::at(60), sample::at(50));
    // Never asked comes first; what was asked at the very instant is not due; the foreign car is nobody's to ask about.
    assert_eq!(claim(db, sample::at(30), until, now, 2), ["TT604D", "TT602D"]);
    assert_eq!(claim(db, sample::at(30), until, now, 2), ["TT601D"]);
    assert_eq!(claim(db, sample::at(30), until, now, 2), [""; 0]);
    assert_eq!(claim(db, sample::at(31), until, now, 2), ["TT603D"]);
}

fn r20_what_is_claimed_is_not_handed_out_until_its_time_is_over(db: &Database) {
    let garage = sample::stored_garage(db).id;
    stored_car(db, garage, "TT601D");
    let later = sample::at(100);
    assert_eq!(claim(db, later, sample::at(10), sample::at(0), 5), ["TT601D"]);
    assert_eq!(claim(db, later, sample::at(19), sample::at(9), 5), [""; 0]);
    assert_eq!(claim(db, later, sample::at(20), sample::at(10), 5), ["TT601D"], "who claimed it has vanished");
    // The answer lets go of it, and another turn comes when its time has.
    let (asked, _) = find(db, &sample::dutch_plate("TT601D")).unwrap().answered(None, sample::at(12));
    save(db, &asked);
    assert_eq!(claim(db, sample::at(12), sample::at(20), sample::at(13), 5), [""; 0]);
    assert_eq!(claim(db, sample::at(13), sample::at(20), sample::at(13), 5), ["TT601D"]);
}

fn r39_what_is_to_be_asked_soon_comes_first_and_once(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for (plate, checked) in [("TT601D", 10), ("TT602D", 20)] {
        stored_car(db, garage, plate);
        save(db, &Registration::new(sample::dutch_plate(plate)).answered(None, sample::at(checked)).0);
    }
    let (later, until, now) = (sample::at(30), sample::at(60), sample::at(40));
    let second = sample::dutch_plate("TT602D");
    db.write(|tx| registration::ask_soon(tx, &second));
    assert_eq!(find(db, &second).unwrap().checked_at, Some(sample::at(20)), "when it was asked is not lost");
    assert_eq!(claim(db, sample::at(5), until, now, 5), ["TT602D"]);
    save(db, &find(db, &second).unwrap().answered(None, now).0);
    assert_eq!(claim(db, later, until, now, 5), ["TT601D"]);
}

fn r36_what_was_told_of_a_former_plate_is_kept_for_a_while(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let (later, until, now) = (sample::at(30), sample::at(60), sample::at(40));
    let cars = ["TT601D", "TT602D", "TT603D"].map(|plate| stored_car(db, garage, plate));
    let plates = cars.clone().map(|car| car.vehicle.plate);
    save(db, &Registration { checked_at: Some(sample::at(20)), ..full("TT601D") });
    save(db, &Registration { checked_at: Some(sample::at(20)), ..full("TT602D") });
    db.write(|tx| plates.iter().try_for_each(|plate| registration::postpone(tx, plate, now)));
    // Of the third nothing was told: there is nothing to keep, and its turn comes first.
    assert_eq!(claim(db, later, until, now, 5), ["TT603D"]);
    // A passport that gets the plate again gets its turn back.
    archive(db, cars[0].clone());
    stored_car(db, garage, "TT601D");
    assert_eq!(claim(db, later, until, now, 5), ["TT601D"]);
    assert_eq!(claim(db, sample::at(41), until, now, 5), ["TT602D"]);
}

fn r39_what_is_given_back_keeps_its_turn(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for plate in ["TT601D", "TT602D", "TT603D"] {
        stored_car(db, garage, plate);
    }
    let (later, until, now) = (sample::at(30), sample::at(60), sample::at(40));
    let plates = ["TT601D", "TT602D"].map(sample::dutch_plate);
    assert_eq!(claim(db, later, until, now, 2), ["TT601D", "TT602D"]);
    db.write(|tx| registration::release(tx, &plates, until, None));
    assert_eq!(claim(db, later, until, now, 2), ["TT601D", "TT602D"]);
    // Put aside, so that others go first.
    db.write(|tx| registration::release(tx, &plates, until, Some(sample::at(100))));
    assert_eq!(claim(db, later, until, now, 2), ["TT603D"]);
    assert_eq!(claim(db, later, sample::at(200), sample::at(100), 5), ["TT601D", "TT602D", "TT603D"]);
    // Whose claim had run out gives nothing back: it is another worker's by now.
    db.write(|tx| registration::release(tx, &plates, until, None));
    assert!(claim(db, later, sample::at(200), sample::at(101), 5).is_empty());
}

fn what_was_told_of_many_plates(db: &Database) {
    let (known, unknown) = (sample::dutch_plate("TT601D"), sample::dutch_plate("TT602D"));
    save(db, &full("TT601D"));
    save(db, &Registration::new(unknown.clone()));
    let foreign = LicencePlate::parse(domain::value::Country::parse("DE").unwrap(), "TT601D").unwrap();
    let asked = [known.clone(), unknown, foreign, known.clone()];
    let told = db.read(|tx| registration::told_of(tx, &asked));
    assert_eq!(told.into_iter().collect::<Vec<_>>(), [(known, full("TT601D").data.unwrap())]);
}

fn r20_of_many_workers_each_plate_goes_to_one(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for number in 0..60 {
        stored_car(db, garage, &format!("TT6{number:02}D"));
    }
    let claimed = together(6, |_| {
        let mut mine = Vec::new();
        loop {
            let some = claim(db, sample::at(0), sample::at(10), sample::at(0), 7);
            if some.is_empty() {
                return mine;
            }
            mine.extend(some);
        }
    });
    let all: Vec<String> = claimed.into_iter().flatten().collect();
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}

fn r20_a_row_that_cannot_be_read_does_not_hold_up_the_others(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for plate in ["TT601D", "TT602D", "TT603D"] {
        stored_car(db, garage, plate);
    }
    db.raw().run("UPDATE registrations SET recalls = '?' WHERE plate <> 'TT603D'").unwrap();
    for now in [0, 10] {
        let (now, until) = (sample::at(now), sample::at(now + 10));
        assert_eq!(claim(db, now, until, now, 1), ["TT603D"]);
        assert_eq!(claim(db, now, until, now, 1), [""; 0]);
    }
    assert!(db.store.read(|tx| registration::find(tx, Found::by_system(&sample::dutch_plate("TT601D")))).is_err());
}

fn r20_plates_that_no_passport_needs_are_forgotten(db: &Database) {
    let garage = sample::stored_garage(db).id;
    for number in 0..10 {
        archive(db, stored_car(db, garage, &format!("TT6{number:02}D")));
    }
    stored_car(db, garage, "TT699D");
    let kept = || db.raw().lines("SELECT plate AS line FROM registrations ORDER BY plate");
    assert_eq!(kept().len(), 11);
    let (later, now) = (sample::at(10), sample::at(0));
    assert_eq!(claim(db, now, later, now, 4), ["TT699D"], "they stand before it and are no end of the queue");
    assert_eq!(kept(), ["TT699D"]);
    assert_eq!(claim(db, now, later, now, 4), [""; 0]);
}

fn r20_a_plate_that_is_wanted_again_is_not_lost(db: &Database) {
    let garages: Vec<_> = (0..4).map(|_| sample::stored_garage(db).id).collect();
    for _ in 0..10 {
        archive(db, stored_car(db, garages[0], "TT601D"));
        // One worker forgets the plate at the moment at which another garage makes a passport for it.
        together(4, |index| match index {
            0 | 1 => drop(claim(db, sample::at(0), sample::at(0), sample::at(0), 5)),
            index => {
                let vehicle =
                    Vehicle { plate: sample::dutch_plate("TT601D"), ..sample::passport(garages[index]).vehicle };
                let passport = Passport { vehicle, ..sample::passport(garages[index]) };
                // Of two garages one gets the plate.
                drop(db.store.write(|tx| passport::insert(tx, &passport, sample::at(0))));
            }
        });
        assert!(find(db, &sample::dutch_plate("TT601D")).is_some(), "the register is never asked about this car");
        let plate = sample::dutch_plate("TT601D");
        let (car, keeper) = db.read(|tx| persistence::plates::in_use(tx, std::slice::from_ref(&plate)))[&plate];
        let (passport, _) = db.read(|tx| passport::find(tx, &persistence::Scope::Garage(keeper), car)).unwrap();
        archive(db, passport.into_inner());
    }
}

fn passports_in_use_are_found_by_plate(db: &Database) {
    let (garage, other) = (sample::stored_garage(db).id, sample::stored_garage(db).id);
    let (one, two) = (stored_car(db, garage, "TT601D"), stored_car(db, other, "TT602D"));
    archive(db, stored_car(db, garage, "TT603D"));
    let foreign = sample::store_passport(db, sample::passport(garage));
    let asked = ["TT601D", "TT602D", "TT603D", "TT604D"].map(sample::dutch_plate);
    let asked: Vec<_> = asked.into_iter().chain([foreign.vehicle.plate.clone()]).collect();
    let expected = [one, two, foreign].map(|car| (car.vehicle.plate, (car.id, car.garage_id)));
    assert_eq!(db.read(|tx| persistence::plates::in_use(tx, &asked)), expected.into());
    assert!(db.read(|tx| persistence::plates::in_use(tx, &[])).is_empty());
}
