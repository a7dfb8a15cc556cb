//! Checks and recommendations: they come back as they were, what is completed stays, and nothing deletes what was advised.

use crate::support::{Database, all, assert_same, sample};
use domain::{
    account::Account,
    check_template::{FindingResult, LimitKind, Measure, MeasureUnit, platform},
    ids::{ServiceRecordId, VehicleCheckId, VehicleId},
    odometer::OdometerReading,
    passport::{Fuel, Passport},
    recommendation::{
        Advice, Decision, DecisionChannel, FoundAt, Happened, MeasuredValue, Recommendation, RecommendationEnd,
        RecommendationStatus, Urgency,
    },
    service_task::{Position, TaskKey, Texts},
    value::StaffRole,
    vehicle_check::{Completed, NewFinding, Place, VehicleCheck},
};
use jiff::civil::date;
use persistence::{
    Cars, Found, Scope, StoreError, Tx, car_status, odometer, passport, recommendation, recommendation::EndedBy,
    service_record, vehicle_check, vehicle_check::CheckFilter,
};

on_both!(
    vc2_a_check_comes_back_with_what_was_found_and_by_whom,
    vc2_a_completed_check_cannot_be_changed_by_anyone,
    vc2_a_draft_is_deleted_with_what_was_found,
    em6_what_was_measured_counts_when_completed_and_not_replaced,
    rc2_recommendations_come_back_and_end_in_bulk,
    rc2_nobody_deletes_a_recommendation,
    sr2_what_a_record_or_check_ended_is_found_by_it_and_corrected_once,
    sr7_what_is_looked_up_of_many_cars_is_that_of_each,
);

struct Scene {
    mechanic: Account,
    car: Passport,
    reading: OdometerReading,
}

fn scene(db: &Database) -> Scene {
    let garage = sample::stored_garage(db).id;
    let mechanic = sample::store_account(db, sample::staff(garage, StaffRole::Mechanic));
    let car = sample::store_passport(db, sample::passport(garage));
    let reading = sample::odometer_reading(60_000);
    db.write(|tx| odometer::insert(tx, Found::by_system(sample::car(&car)), &reading));
    Scene { mechanic, car, reading }
}

fn tyre(position: &str) -> Place {
    ("tread_depth".into(), Some(position.into()))
}

impl Scene {
    fn vehicle(&self) -> Found<VehicleId> {
        Found::by_system(self.car.vehicle.id)
    }

    /// A stored draft in which a tyre has so many millimetres left.
    fn draft(&self, db: &Database, measured: &str, replaces: Option<VehicleCheckId>) -> VehicleCheck {
        let list = platform()[0].clone();
        let check = VehicleCheck::start(sample::id(), *self.vehicle(), list, Some(Fuel::Diesel), None).unwrap();
        let measured = Some(Measure::value(measured).unwrap());
        let (reason, note) = (Some("edge".into()), Some("a\nb".into()));
        let new = NewFinding { result: Some(FindingResult::Attention), measured, reason, note };
        let check = check.enter(tyre("front_left"), new, self.mechanic.id, sample::at(1)).unwrap();
        let check = VehicleCheck { replaces, ..check };
        db.write(|tx| vehicle_check::insert(tx, self.car.garage_id, &check, self.mechanic.id, sample::at(1)));
        check
    }

    fn complete(&self, db: &Database, check: &VehicleCheck) -> Completed {
        let completed = Completed {
            by: self.mechanic.id,
            at: sample::at(9),
            on: "2026-03-01".parse().unwrap(),
            stands_at: sample::at(8),
        };
        let reading = (self.reading.id, 60_000);
        db.write(|tx| vehicle_check::complete(tx, check, completed, reading));
        completed
    }
}

fn vc2_a_check_comes_back_with_what_was_found_and_by_whom(db: &Database) {
    let scene = scene(db);
    let check = scene.draft(db, "2.8", None);
    let found = || db.read(|tx| vehicle_check::find(tx, scene.vehicle(), check.id)).unwrap();
    assert_same(&found().check, &check);
    assert_eq!(found().finders, [(scene.mechanic.id, scene.mechanic.name.clone())].into());
    // A finding elsewhere, and another one in the place of the first.
    let good = NewFinding { result: Some(FindingResult::Good), measured: None, reason: None, note: None };
    let mut now = check.clone();
    for place in [("windscreen".to_owned(), None), tyre("front_left")] {
        now = now.enter(place.clone(), good.clone(), scene.mechanic.id, sample::at(2)).unwrap();
        let finding = now.findings[&place].clone();
        db.write(|tx| vehicle_check::save_finding(tx, &now, &place, &finding, sample::at(2)));
        now.version += 1;
        assert_same(&found().check, &now);
    }
    // Who has read it before cannot change it.
    let stale = db.refused(|tx| vehicle_check::delete_finding(tx, &check, &tyre("front_left"), sample::at(3)));
    assert!(matches!(stale, StoreError::Stale { table: "vehicle_checks" }), "{stale:?}");
    db.write(|tx| vehicle_check::delete_finding(tx, &now, &tyre("front_left"), sample::at(3)));
    (now, _) = now.clear(&tyre("front_left")).unwrap();
    now.version += 1;
    assert_same(&found().check, &now);
    let completed = scene.complete(db, &now);
    let view = found();
    assert_eq!((view.check.completed, view.odometer_km, view.check.version), (Some(completed), Some(60_000), 5));
    assert_eq!(
        (view.completed_by.as_ref(), view.started_by.1),
        (Some(&scene.mechanic.name), scene.mechanic.name.clone())
    );
    let draft = scene.draft(db, "2", Some(check.id));
    assert_eq!(found().replaced_by, None, "a draft has replaced nothing yet");
    let list = |without_drafts| {
        let filter = CheckFilter { without_drafts, without_completed: false };
        db.read(|tx| vehicle_check::list(tx, scene.vehicle(), filter, &all())).items
    };
    let drafts = CheckFilter { without_drafts: false, without_completed: true };
    let drafts = db.read(|tx| vehicle_check::list(tx, scene.vehicle(), drafts, &all())).items;
    assert_eq!(drafts.iter().map(|one| one.id).collect::<Vec<_>>(), [draft.id]);
    let key = draft.list.key.as_str();
    let open = |garage, key| db.read(|tx| vehicle_check::draft_by(tx, scene.vehicle(), garage, key));
    assert_eq!(open(scene.car.garage_id, key), Some(draft.id));
    assert_eq!((open(scene.car.garage_id, "other"), open(sample::id(), key)), (None, None));
    let ids = |completed_only| list(completed_only).iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!((ids(false), ids(true)), (vec![check.id, draft.id], vec![check.id]));
    assert_eq!(list(false)[0].results, [(FindingResult::Good, 1)].into());
    scene.complete(db, &draft);
    assert_eq!((found().replaced_by, list(true)[0].replaced_by), (Some(draft.id), Some(draft.id)));
    let other = Found::by_system(sample::id());
    assert_eq!(db.read(|tx| vehicle_check::find(tx, other, check.id)), None, "it is another car's");
}

fn vc2_a_completed_check_cannot_be_changed_by_anyone(db: &Database) {
    let scene = scene(db);
    let check = scene.draft(db, "2.8", None);
    scene.complete(db, &check);
    let now = VehicleCheck { version: 2, ..check };
    let finding = now.findings[&tyre("front_left")].clone();
    let lights = ("lights".to_owned(), None);
    for refused in [
        db.refused(|tx| vehicle_check::save_finding(tx, &now, &lights, &finding, sample::at(10))),
        db.refused(|tx| vehicle_check::delete_finding(tx, &now, &tyre("front_left"), sample::at(10))),
        db.refused(|tx| vehicle_check::delete(tx, scene.car.garage_id, &now, sample::at(10))),
    ] {
        assert!(refused.to_string().contains("a completed check never changes"), "{refused}");
    }
    for sql in [
        "UPDATE vehicle_checks SET odometer_km = 1",
        "DELETE FROM vehicle_check_findings",
        "UPDATE vehicle_check_findings SET result = 'good'",
        "DELETE FROM vehicle_checks",
    ] {
        assert!(db.raw().run(sql).is_err(), "{sql}");
    }
}

fn vc2_a_draft_is_deleted_with_what_was_found(db: &Database) {
    let scene = scene(db);
    let (gone, kept) = (scene.draft(db, "2", None), scene.draft(db, "3", None));
    let garage = scene.car.garage_id;
    db.write(|tx| vehicle_check::delete(tx, garage, &gone, sample::at(3)));
    // The drafts of a car go together, and only those of the garage that asks.
    let drafts = [scene.draft(db, "2", None).id, scene.draft(db, "3", None).id];
    let drafts_of = |garage| db.read(|tx| vehicle_check::drafts_of(tx, scene.vehicle(), garage));
    let all = vec![kept.id, drafts[0], drafts[1]];
    assert_eq!((drafts_of(scene.car.garage_id), drafts_of(sample::id())), (all, vec![]));
    let of_garage = (scene.vehicle(), garage);
    let missing = db.refused(|tx| vehicle_check::delete_drafts(tx, of_garage, &[drafts[0], gone.id], sample::at(4)));
    assert!(matches!(missing, StoreError::Stale { table: "vehicle_checks" }), "{missing:?}");
    db.write(|tx| vehicle_check::delete_drafts(tx, of_garage, &drafts, sample::at(4)));
    assert_eq!(drafts_of(scene.car.garage_id), vec![kept.id]);
    assert_eq!(db.read(|tx| vehicle_check::find(tx, scene.vehicle(), gone.id)), None);
    assert_eq!(db.read(|tx| vehicle_check::find(tx, scene.vehicle(), kept.id)).map(|view| view.check), Some(kept));
}

fn em6_what_was_measured_counts_when_completed_and_not_replaced(db: &Database) {
    let scene = scene(db);
    let (wrong, _) = (scene.draft(db, "1.2", None), scene.draft(db, "9", None));
    scene.complete(db, &wrong);
    let car = Found::by_system(scene.car.clone());
    let measured = || db.read(|tx| car_status::records(tx, &car)).records.measured;
    let values = || measured().iter().map(|(_, one)| one.value.to_string()).collect::<Vec<_>>();
    assert_eq!(values(), ["1.2"], "a draft says nothing yet");
    let right = scene.draft(db, "6.5", Some(wrong.id));
    assert_eq!(values(), ["1.2"]);
    scene.complete(db, &right);
    assert_eq!(values(), ["6.5"], "the other was a mistake");
    let (place, one) = measured().remove(0);
    assert_eq!((place, one.on.to_string(), one.km), (tyre("front_left"), "2026-03-01".to_owned(), 60_000));
}

fn found() -> FoundAt {
    FoundAt {
        item: "tread_depth".into(),
        names: Texts { nl: "Profiel".into(), en: "Tread".into() },
        position: Some(Position::FrontLeft),
        measured: Some(MeasuredValue {
            value: "1.20".parse().unwrap(),
            unit: MeasureUnit::Millimetre,
            limit: Some((LimitKind::AtLeast, "1.6".parse().unwrap())),
        }),
        note: Some("Snee".into()),
    }
}

fn rc2_recommendations_come_back_and_end_in_bulk(db: &Database) {
    use RecommendationStatus::{Declined, Done, Open, Planned, Superseded};
    let scene = scene(db);
    let check = scene.draft(db, "1.2", None);
    scene.complete(db, &check);
    let advice = |task: Option<&str>, urgency| Advice {
        task: task.and_then(TaskKey::find),
        position: task.map(|_| Position::FrontLeft),
        urgency,
        text: "a\nb".into(),
        found: task.map(|_| found()).into_iter().collect(),
        expected_on: task.map(|_| "2026-04-01".parse().unwrap()),
    };
    let make = |number: usize| {
        let (task, urgency) = [(Some("tyres"), Urgency::Urgent), (None, Urgency::Attention)][number % 2];
        let check = number.is_multiple_of(2).then_some(check.id);
        Recommendation::make(
            sample::id(),
            *scene.vehicle(),
            advice(task, urgency),
            check,
            (Happened { on: date(1970, 1, 1), at: sample::at(2) }, sample::at(1)),
        )
    };
    // Enough for a COPY, and one alone.
    let many: Vec<_> = (0..9).map(make).collect();
    let one = [make(9)];
    for new in [many.as_slice(), &one] {
        let by = Some(scene.mechanic.id);
        db.write(|tx| recommendation::insert_all(tx, scene.car.garage_id, by, new, sample::at(1)));
    }
    let open = || db.read(|tx| recommendation::open_of(tx, scene.vehicle()));
    let expected: Vec<_> = many.iter().chain(&one).cloned().collect();
    assert_same(&open(), &expected);
    let decision = Decision { by: scene.mechanic.id, at: sample::at(5), channel: DecisionChannel::Phone };
    let agreed = many[0].clone().agree(decision).unwrap();
    db.write(|tx| recommendation::update(tx, &agreed, sample::at(5)));
    let agreed = Recommendation { version: 2, ..agreed };
    assert_same(&open()[0], &agreed);
    let stale = db.refused(|tx| recommendation::update(tx, &many[0], sample::at(6)));
    assert!(matches!(stale, StoreError::Stale { table: "recommendations" }), "{stale:?}");
    let planned = Recommendation { is_planned: true, ..many[1].clone() };
    db.write(|tx| recommendation::update(tx, &planned, sample::at(5)));
    let mut ended: Vec<_> = many[2..5].iter().map(|one| one.clone().supersede(check.id).unwrap()).collect();
    ended.push(many[5].clone().decline(Decision { at: sample::at(7), ..decision }).unwrap());
    db.write(|tx| recommendation::end_all(tx, scene.vehicle(), &ended, sample::at(7)));
    for one in &ended {
        let view = db.read(|tx| recommendation::find(tx, scene.vehicle(), one.id)).unwrap();
        assert_same(&view.recommendation, &Recommendation { version: 2, ..one.clone() });
        assert_eq!((view.ended_at, view.updated_at), (Some(sample::at(7)), sample::at(7)));
        assert_eq!(view.made_by, Some((scene.mechanic.id, scene.mechanic.name.clone())));
    }
    let again = db.refused(|tx| recommendation::end_all(tx, scene.vehicle(), &ended, sample::at(8)));
    assert!(matches!(again, StoreError::Stale { table: "recommendations" }), "{again:?}");
    let other = Found::by_system(sample::id());
    let foreign = db.refused(|tx| {
        recommendation::end_all(tx, other, &[one[0].clone().supersede(check.id).unwrap()], sample::at(8))
    });
    assert!(matches!(foreign, StoreError::Stale { table: "recommendations" }), "{foreign:?}");
    let count = |statuses: &[RecommendationStatus], urgencies: &[Urgency]| {
        let filter = recommendation::RecommendationFilter {
            statuses: statuses.to_vec(),
            urgencies: urgencies.to_vec(),
            agreed: None,
        };
        db.read(|tx| recommendation::list(tx, scene.vehicle(), &filter, &all())).items.len()
    };
    assert_eq!(
        [&[Open][..], &[Planned], &[Superseded], &[Declined], &[Done]].map(|one| count(one, &[])),
        [5, 1, 3, 1, 0]
    );
    assert_eq!((count(&[], &[]), count(&[Open, Declined], &[]), count(&[], &[Urgency::Urgent])), (10, 6, 5));
    // A record that is not there cannot have done it.
    let done = [one[0].clone().done(ServiceRecordId(uuid::Uuid::nil())).unwrap()];
    assert!(matches!(
        db.refused(|tx| recommendation::end_all(tx, scene.vehicle(), &done, sample::at(8))),
        StoreError::Internal(_)
    ));
}

fn rc2_nobody_deletes_a_recommendation(db: &Database) {
    let scene = scene(db);
    let advice = Advice {
        task: None,
        position: None,
        urgency: Urgency::Attention,
        text: "a".into(),
        found: vec![],
        expected_on: None,
    };
    let one = Recommendation::make(
        sample::id(),
        *scene.vehicle(),
        advice,
        None,
        (Happened { on: date(1970, 1, 1), at: sample::at(2) }, sample::at(1)),
    );
    db.write(|tx| recommendation::insert_all(tx, scene.car.garage_id, None, std::slice::from_ref(&one), sample::at(1)));
    assert!(db.raw().run("DELETE FROM recommendations").is_err());
    assert_same(&db.read(|tx| recommendation::open_of(tx, scene.vehicle())), &vec![one]);
}

/// Work at the front left that is advised for a car.
fn advised(vehicle: VehicleId, task: &str) -> Recommendation {
    let advice = Advice {
        task: TaskKey::find(task),
        position: Some(Position::FrontLeft),
        urgency: Urgency::Urgent,
        text: "a".into(),
        found: vec![],
        expected_on: None,
    };
    Recommendation::make(
        sample::id(),
        vehicle,
        advice,
        None,
        (Happened { on: date(1970, 1, 1), at: sample::at(2) }, sample::at(1)),
    )
}

fn sr2_what_a_record_or_check_ended_is_found_by_it_and_corrected_once(db: &Database) {
    let scene = scene(db);
    let check = scene.draft(db, "2.8", None);
    scene.complete(db, &check);
    let record = sample::service_record(&scene.car);
    db.write(|tx| service_record::insert(tx, &record));
    let new = ["tyres", "wipers", "lights"].map(|task| advised(*scene.vehicle(), task));
    db.write(|tx| recommendation::insert_all(tx, scene.car.garage_id, None, &new, sample::at(1)));
    let [tyres, wipers, lights] = new;
    let (done, superseded) = (tyres.done(record.id).unwrap(), wipers.supersede(check.id).unwrap());
    db.write(|tx| recommendation::end_all(tx, scene.vehicle(), &[done.clone(), superseded.clone()], sample::at(2)));
    let by = |by| db.read(|tx| recommendation::ended_by(tx, scene.vehicle(), by));
    let (of_record, of_check) = (EndedBy::Record(record.id), EndedBy::Check(check.id));
    let stored = |one: &Recommendation, version| Recommendation { version, ..one.clone() };
    assert_same(&by(of_record), &vec![stored(&done, 2)]);
    assert_same(&by(of_check), &vec![stored(&superseded, 2)]);
    // One waits again, the other was done by the record. What something else has ended is not corrected.
    let open = Recommendation { end: None, ..done };
    let other = Recommendation { end: Some(RecommendationEnd::Done(record.id)), ..superseded };
    let (open, other) = ([open], [other]);
    let correct = |tx: &mut Tx<'_>, by, one| recommendation::correct_all(tx, scene.vehicle(), by, one, sample::at(3));
    let wrong = db.refused(|tx| correct(tx, of_check, &open));
    assert!(matches!(wrong, StoreError::Stale { table: "recommendations" }), "{wrong:?}");
    db.write(|tx| correct(tx, of_record, &open));
    db.write(|tx| correct(tx, of_check, &other));
    assert_same(&by(of_record), &vec![stored(&other[0], 3)]);
    assert_eq!(by(of_check), vec![]);
    let waiting = db.read(|tx| recommendation::open_of(tx, scene.vehicle()));
    assert_same(&waiting, &vec![stored(&open[0], 3), lights]);
    let again = db.refused(|tx| correct(tx, of_check, &other));
    assert!(matches!(again, StoreError::Stale { table: "recommendations" }), "{again:?}");
    // The completed checks since a day.
    let since = |day: &str| db.read(|tx| vehicle_check::completed_since(tx, scene.vehicle(), day.parse().unwrap(), 9));
    let ids = |found: Vec<VehicleCheck>| found.into_iter().map(|check| check.id).collect::<Vec<_>>();
    assert_eq!((ids(since("2026-03-01")), ids(since("2026-03-02"))), (vec![check.id], vec![]));
}

fn sr7_what_is_looked_up_of_many_cars_is_that_of_each(db: &Database) {
    let garage = sample::stored_garage(db).id;
    let cars: Vec<Passport> = (0..3).map(|_| sample::store_passport(db, sample::passport(garage))).collect();
    let find = |car: &Passport| db.read(|tx| passport::find(tx, &Scope::System, car.id)).unwrap().0;
    let found: Vec<_> = cars.iter().map(find).collect();
    let mut closing = vec![];
    // The last car has nothing on record.
    for car in &cars[..2] {
        let record = sample::service_record(car);
        let new = ["tyres", "wipers"].map(|task| advised(car.vehicle.id, task));
        db.write(|tx| service_record::insert(tx, &record));
        db.write(|tx| recommendation::insert_all(tx, garage, None, &new, sample::at(1)));
        closing.push((new[0].id, record.id));
    }
    let many = Cars::of(&found);
    let open = db.read(|tx| recommendation::open_of_all(tx, &many));
    let judged = db.read(|tx| car_status::records_of_all(tx, &many));
    for car in &found {
        let alone = db.read(|tx| recommendation::open_of(tx, car.vehicle_id()));
        assert_same(&open.get(&car.vehicle.id).cloned().unwrap_or_default(), &alone);
        let alone = db.read(|tx| car_status::records(tx, car));
        let of_all = judged.get(&car.vehicle.id).cloned().unwrap_or_default();
        assert_eq!((&of_all.records, &of_all.readings), (&alone.records, &alone.readings));
    }
    assert_eq!((open.len(), open[&cars[0].vehicle.id].len()), (2, 2));
    db.write(|tx| recommendation::done_all(tx, &closing, sample::at(5)));
    let open = db.read(|tx| recommendation::open_of_all(tx, &many));
    assert!(open.values().all(|left| left.len() == 1 && left[0].advice.task == TaskKey::find("wipers")), "{open:?}");
    let view = db.read(|tx| recommendation::find(tx, found[0].vehicle_id(), closing[0].0)).unwrap();
    assert_eq!(view.recommendation.end, Some(RecommendationEnd::Done(closing[0].1)));
    let again = db.refused(|tx| recommendation::done_all(tx, &closing[..1], sample::at(6)));
    assert!(matches!(again, StoreError::Stale { table: "recommendations" }), "{again:?}");
    // The records of these days, of these cars alone.
    let days = ["2024-02-29".parse().unwrap(), "2024-03-01".parse().unwrap()];
    let of_days =
        |cars: &Cars, days: &[jiff::civil::Date]| db.read(|tx| service_record::of_days(tx, garage, cars, days));
    assert_eq!((of_days(&many, &days).len(), of_days(&many, &days[1..]).len()), (2, 0));
    assert_eq!(of_days(&Cars::of(&found[1..2]), &days)[0].vehicle_id, cars[1].vehicle.id);
}
