//! What the vehicle register told, over HTTP: rules R11 to R16, R18 and R19, and T9.

use crate::{
    both,
    support::{Actor, PASSWORD, kombi, plate},
};
use domain::register::{
    Inspection, InspectionBody, InspectionDefect, Recall, RecallDetail, RecallStatus, RegisterData, RegisterVerdict,
    RegisteredOdometer,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn read(actor: &Actor<'_>, car: &str, what: &str) -> Value {
    actor.get(&format!("/v1/passports/{car}/{what}")).await.ok()
}

async fn shown(actor: &Actor<'_>, car: &str) -> Value {
    actor.get(&format!("/v1/passports/{car}")).await.ok()
}

fn recall(reference: &str, status: RecallStatus, detail: Option<RecallDetail>) -> Recall {
    Recall { reference: reference.into(), status, detail }
}

fn inspection(reported_on: &str, expires_on: Option<&str>) -> Inspection {
    Inspection {
        reported_on: reported_on.parse().unwrap(),
        reported_at: Some("1015".into()),
        body: Some(InspectionBody::ApkLight),
        kind: Some("periodieke controle".into()),
        expires_on: expires_on.map(|day| day.parse().unwrap()),
        defects: vec![InspectionDefect {
            code: "205".into(),
            text: Some("Band onvoldoende profiel".into()),
            count: Some(2),
        }],
        seen_at: None,
    }
}

/// The codes of the warnings about a vehicle.
fn warned(vehicle: &Value) -> Vec<String> {
    let codes =
        vehicle["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap().to_owned());
    codes.collect()
}

both! {
    async fn r18_how_the_register_stands_to_a_car(server) {
        let garage = server.garage("r18").await;
        let (driver, _, car) = garage.driver("jan@r18.example").await;
        let number = garage.plate_of(&car).await;
        let plate_shown = shown(&driver, &car).await["licencePlate"].clone();
        let bare = |status: &str, checked: Value| json!({
            "status": status, "licencePlate": plate_shown, "checkedAt": checked, "fetchedAt": null, "staleSince": null,
            "recallsCheckedAt": null, "inspectionsCheckedAt": null, "vehicle": null,
        });
        assert_eq!(read(&driver, &car, "registration").await, bare("pending", Value::Null));
        server.told(&number, None);
        assert_eq!(read(&driver, &car, "registration").await, bare("unknown", json!(server.now().to_string())));
        server.pass_idle(SignedDuration::from_mins(1));
        let fetched = server.now().to_string();
        server.told(&number, Some(&kombi("2027-05-17")));
        let known = read(&driver, &car, "registration").await;
        let expected = json!({
            "status": "known", "licencePlate": plate_shown, "checkedAt": fetched, "fetchedAt": fetched, "staleSince": null,
            "recallsCheckedAt": null, "inspectionsCheckedAt": null, "vehicle": {
                "licencePlate": plate_shown, "kind": "car", "euCategory": "M1", "make": "VOLKSWAGEN", "model": "KOMBI", "year": 2013, "fuel": "diesel",
                "body": null, "colour": null, "firstAdmittedOn": "2013-05-17", "firstRegisteredOn": null, "registeredOn": null, "emptyMassKg": null, "maxMassKg": 3_200,
                "seats": null, "doors": 0, "engineCc": null, "cataloguePrice": { "cents": 7_182_800, "currency": "EUR" },
                "efficiencyClass": null, "apk": {
                    "status": "valid", "expiresOn": "2027-05-17", "source": "register", "inspectableFrom": "2027-03-17",
                    "why": {
                        "code": "diesel_gas_other",
                        "explanation": "Diesel, gas and other fuels, and hybrids with these: the first after 3 years, then yearly.",
                        "article": "Besluit voertuigen, arts. 8(a) and 16(1)",
                    }, "missing": [],
                },
                "tachographExpiresOn": null, "taxi": null, "exported": false, "registrable": null, "insured": null, "openRecall": true,
                "fuels": [{ "fuel": "diesel", "powerW": 103_000, "co2GPerKm": null }],
                "odometer": { "verdict": "logical", "reason": "00", "lastYear": 2026 },
                "warnings": [{ "code": "open_recall", "detail": known["vehicle"]["warnings"][0]["detail"] }],
            },
        });
        assert_eq!(known, expected);
        server.register(&number, |kept| (kept.with_recalls(vec![], server.now()).0.with_inspections(vec![], server.now()), ()));
        let asked = read(&driver, &car, "registration").await;
        assert_eq!((&asked["recallsCheckedAt"], &asked["inspectionsCheckedAt"]), (&json!(fetched), &json!(fetched)));
        // The passport is what the garage wrote: the register does not change it here.
        assert_eq!(shown(&driver, &car).await["make"], "Volkswagen");
        server.pass_idle(SignedDuration::from_mins(1));
        let silent = server.now().to_string();
        server.told(&number, None);
        let mut stale = expected;
        for (name, value) in [("status", "stale"), ("checkedAt", &silent), ("recallsCheckedAt", &fetched), ("inspectionsCheckedAt", &fetched), ("staleSince", &silent)] {
            stale[name] = json!(value);
        }
        assert_eq!(read(&driver, &car, "registration").await, stale);
    }

    async fn r18_plates_of_other_countries_are_not_covered(server) {
        let garage = server.garage("r18b").await;
        let customer = garage.customer("jan@r18b.example").await;
        let body = json!({ "licencePlate": { "number": "M-AB 124", "country": "DE" }, "customerId": customer });
        let car = garage.admin.post("/v1/passports", body).await.id();
        assert_eq!(read(&garage.admin, &car, "registration").await["status"], "not_covered");
        assert_eq!(read(&garage.admin, &car, "recalls").await, json!({ "items": [], "nextCursor": null }));
    }

    async fn r14_recalls_with_what_they_are_about(server) {
        let garage = server.garage("r14").await;
        let (driver, _, car) = garage.driver("jan@r14.example").await;
        let number = garage.plate_of(&car).await;
        assert_eq!(read(&driver, &car, "recalls").await["items"], json!([]));
        let detail = RecallDetail {
            defect: Some("De airbag kan barsten.".into()),
            consequences: Some("Letsel.".into()),
            repair: Some("De airbag wordt vervangen.".into()),
            producer_reference: Some("69Q7".into()),
            announced_on: "2019-11-04".parse().ok(),
            owners_informed_on: None,
            hazards: vec!["Letsel".into(), "Brand".into()],
        };
        let told = vec![
            recall("RDW3", RecallStatus::Unknown, None),
            recall("RDW1", RecallStatus::Open, Some(detail)),
            recall("RDW2", RecallStatus::Repaired, None),
        ];
        server.register(&number, |kept| kept.with_recalls(told.clone(), server.now()));
        let all = read(&driver, &car, "recalls").await["items"].clone();
        let expected = json!([
            { "reference": "RDW1", "status": "open", "detail": {
                "defect": "De airbag kan barsten.", "consequences": "Letsel.", "repair": "De airbag wordt vervangen.",
                "producerReference": "69Q7", "announcedOn": "2019-11-04", "ownersInformedOn": null, "hazards": ["Letsel", "Brand"] } },
            { "reference": "RDW2", "status": "repaired", "detail": null },
            { "reference": "RDW3", "status": "unknown", "detail": null },
        ]);
        assert_eq!(all, expected);
        // What the register no longer mentions stays.
        server.register(&number, |kept| kept.with_recalls(vec![], server.now()));
        assert_eq!(read(&driver, &car, "recalls").await["items"], expected);
        let path = format!("/v1/passports/{car}/recalls");
        let first = driver.get(&format!("{path}?limit=2")).await;
        let cursor = first.body["nextCursor"].as_str().unwrap().to_owned();
        let rest = driver.get(&format!("{path}?limit=2&cursor={cursor}")).await;
        assert_eq!((first.items().len(), rest.items(), &rest.body["nextCursor"]), (2, vec![expected[2].clone()], &Value::Null));
        assert_eq!(driver.get(&format!("{path}?updatedSince={}", server.now())).await.items().len(), 3);
        server.pass_idle(SignedDuration::from_mins(1));
        assert_eq!(driver.get(&format!("{path}?updatedSince={}", server.now())).await.items().len(), 0);
        driver.get(&format!("{path}?cursor=nonsense")).await.wrong(&["cursor cursor_invalid"]);
        driver.get(&format!("{path}?limit=201")).await.wrong(&["limit out_of_range"]);
    }

    async fn r40_each_report_names_its_body_and_the_later_apk_date_counts(server) {
        let garage = server.garage("r40").await;
        let (driver, _, car) = garage.driver("jan@r40.example").await;
        let number = garage.plate_of(&car).await;
        server.told(&number, Some(&kombi("2026-02-17")));
        assert_eq!(read(&driver, &car, "apk").await["status"], "expired");
        // The report is there before the vehicle's own row says so.
        let tachograph = Inspection { body: Some(InspectionBody::Tachograph), ..inspection("2026-02-12", Some("2028-02-12")) };
        let told = vec![inspection("2026-02-12", Some("2027-02-17")), tachograph];
        server.register(&number, |kept| (kept.with_inspections(told.clone(), server.now()), ()));
        let reports = read(&driver, &car, "inspections").await["items"].clone();
        let short = |one: &Value| (one["body"].as_str().unwrap().to_owned(), one["expiresOn"].as_str().unwrap().to_owned());
        let reports: Vec<_> = reports.as_array().unwrap().iter().map(short).collect();
        assert_eq!(reports, [("tachograph".to_owned(), "2028-02-12".to_owned()), ("apk_light".to_owned(), "2027-02-17".to_owned())]);
        let apk = read(&driver, &car, "apk").await;
        assert_eq!((&apk["status"], &apk["expiresOn"], &apk["source"]), (&json!("valid"), &json!("2027-02-17"), &json!("register")));
        // The car, its list and the warnings judge by the same date.
        assert_eq!(shown(&driver, &car).await["apk"]["expiresOn"], "2027-02-17");
        let registration = read(&driver, &car, "registration").await["vehicle"].clone();
        assert_eq!((&registration["apk"]["expiresOn"], &registration["tachographExpiresOn"]), (&json!("2027-02-17"), &json!("2028-02-12")));
        assert_eq!(warned(&registration), ["open_recall"]);
    }

    async fn r37_warnings_follow_the_judgement_of_the_car(server) {
        let garage = server.garage("r37").await;
        let (driver, _, car) = garage.driver("jan@r37.example").await;
        let number = garage.plate_of(&car).await;
        let old = RegisterData { open_recall: Some(false), insured: Some(false), registered_on: "2020-01-02".parse().ok(), ..kombi("2026-02-17") };
        let warnings = async || warned(&read(&driver, &car, "registration").await["vehicle"]);
        server.told(&number, Some(&old));
        assert_eq!(warnings().await, ["apk_expired", "not_insured"]);
        // The garage knows better than the register.
        server.pass_idle(SignedDuration::from_mins(1));
        garage.mechanic.post(&format!("/v1/passports/{car}/apk/entries"), json!({ "expiresOn": "2027-02-17" })).await.created();
        assert_eq!(warnings().await, ["not_insured"]);
        let apk = read(&driver, &car, "registration").await["vehicle"]["apk"].clone();
        assert_eq!((&apk["status"], &apk["source"]), (&json!("valid"), &json!("garage")));
        // Nobody can put it in their name: that is what a buyer must know.
        let blocked = RegisterData { registrable: Some(false), ..old.clone() };
        server.told(&number, Some(&blocked));
        assert_eq!(warnings().await, ["not_registrable", "not_insured"]);
        // Exported, it needs neither APK nor insurance, and nobody wonders why it cannot be registered.
        server.told(&number, Some(&RegisterData { exported: Some(true), ..blocked }));
        assert_eq!(warnings().await, ["exported"]);
        // An oldtimer is exempt, whatever its old certificate says; and a van that is in nobody's name needs no insurance.
        let (_, _, other) = garage.driver("piet@r37.example").await;
        let oldtimer = RegisterData { admitted_on: "1970-05-17".parse().ok(), registered_on: None, ..old };
        server.told(&garage.plate_of(&other).await, Some(&oldtimer));
        let vehicle = read(&garage.admin, &other, "registration").await["vehicle"].clone();
        assert_eq!((warned(&vehicle), &vehicle["apk"]["status"]), (vec![], &json!("exempt")));
        assert_eq!(vehicle["apk"]["why"]["code"], "fifty_years");
    }

    async fn r16_inspections_with_what_was_found(server) {
        let garage = server.garage("r16").await;
        let (driver, _, car) = garage.driver("jan@r16.example").await;
        let number = garage.plate_of(&car).await;
        let told = vec![inspection("2024-03-28", Some("2025-05-17")), inspection("2026-02-20", None), inspection("2025-04-01", Some("2026-05-17"))];
        server.register(&number, |kept| (kept.with_inspections(told.clone(), server.now()), ()));
        let all = read(&driver, &car, "inspections").await["items"].clone();
        let one = |day: &str, until: Value| json!({
            "reportedOn": day, "reportedTime": "10:15", "body": "apk_light", "kind": "periodieke controle", "expiresOn": until,
            "defects": [{ "code": "205", "text": "Band onvoldoende profiel", "count": 2 }],
        });
        let expected = json!([one("2026-02-20", Value::Null), one("2025-04-01", json!("2026-05-17")), one("2024-03-28", json!("2025-05-17"))]);
        assert_eq!(all, expected);
        // One more inspection shifts nothing of the pages that follow.
        let path = format!("/v1/passports/{car}/inspections");
        let first = driver.get(&format!("{path}?limit=2")).await;
        let cursor = first.body["nextCursor"].as_str().unwrap().to_owned();
        server.register(&number, |kept| (kept.with_inspections(vec![inspection("2026-02-25", Some("2027-05-17"))], server.now()), ()));
        let rest = driver.get(&format!("{path}?limit=2&cursor={cursor}")).await;
        assert_eq!((rest.items(), &rest.body["nextCursor"]), (vec![expected[2].clone()], &Value::Null));
        assert_eq!(driver.get(&path).await.items()[0]["reportedOn"], "2026-02-25");
        driver.get(&format!("{path}?cursor=IngI")).await.wrong(&["cursor cursor_invalid"]);
    }

    async fn od7_the_registers_verdict_stands_beside_ours(server) {
        let garage = server.garage("o7r").await;
        let (driver, _, car) = garage.driver("jan@o7r.example").await;
        let number = garage.plate_of(&car).await;
        for (day, value) in [("2026-01-01", 90_000), ("2026-02-01", 91_000)] {
            garage.mechanic.post(&format!("/v1/passports/{car}/odometer/readings"), json!({ "value": value, "readOn": day })).await.created();
        }
        server.told(&number, Some(&kombi("2027-05-17")));
        let told = read(&driver, &car, "odometer").await;
        assert_eq!((told["verdict"].as_str(), &told["registered"]), (Some("logical"), &json!({ "verdict": "logical", "reason": "00", "lastYear": 2026 })));
        // Readings from abroad are not known: neither can be judged.
        let foreign = RegisteredOdometer { verdict: Some(RegisterVerdict::NoJudgement), reason: Some("05".into()), last_year: None };
        server.told(&number, Some(&RegisterData { odometer: foreign, ..kombi("2027-05-17") }));
        let told = read(&driver, &car, "odometer").await;
        assert_eq!((told["verdict"].as_str(), told["reason"].as_str()), (Some("no_judgement"), Some("foreign_history")));
        assert_eq!(told["registered"], json!({ "verdict": "no_judgement", "reason": "05", "lastYear": 2026 }));
        // And the register knows the day of first admission.
        let early = json!({ "value": 5, "readOn": "2013-05-16" });
        garage.mechanic.post(&format!("/v1/passports/{car}/odometer/readings"), early).await.problem(409, "odometer_before_first_admission");
    }

    async fn r19_a_vehicle_keeps_its_id_and_its_plates(server) {
        let (garage, other) = (server.garage("r19").await, server.garage("r19b").await);
        let (driver, customer, car) = garage.driver("jan@r19.example").await;
        let (path, first) = (format!("/v1/passports/{car}"), garage.plate_of(&car).await);
        let vehicle = shown(&driver, &car).await["vehicleId"].clone();
        server.told(&first, Some(&kombi("2027-05-17")));
        let second = plate();
        server.pass_idle(SignedDuration::from_mins(1));
        let changed = garage.advisor.patch(&path, json!({ "licencePlate": { "number": second } })).await.ok();
        assert_eq!(changed["vehicleId"], vehicle);
        // The same plate again, and anything else, adds nothing.
        garage.mechanic.patch(&path, json!({ "licencePlate": { "number": second }, "make": "Opel" })).await.ok();
        let history = read(&driver, &car, "plates").await["items"].as_array().unwrap().clone();
        let number = |index: usize| history[index]["licencePlate"]["number"].as_str().unwrap().to_owned();
        assert_eq!((history.len(), number(0), number(1)), (2, first.clone(), second.replace('-', "")));
        assert_eq!((&history[0]["until"], &history[1]["until"], history[1]["since"].as_str()), (&history[1]["since"], &Value::Null, Some(server.now().to_string().as_str())));
        // What was told of the former plate is not told of this one.
        assert_eq!(read(&driver, &car, "registration").await["status"], "pending");
        assert_eq!(driver.get(&format!("{path}/plates?limit=1")).await.items().len(), 1);
        // A car that was archived and comes back to its garage is the same one; to another garage it is not.
        garage.admin.act(&format!("{path}/archive")).await.ok();
        let body = |customer: &str, number: &str| json!({ "licencePlate": { "number": number }, "customerId": customer });
        let foreign = other.customer("jan@r19b.example").await;
        let theirs = other.admin.post("/v1/passports", body(&foreign, &second)).await.created();
        assert_ne!(theirs["vehicleId"], vehicle);
        assert_eq!(read(&other.admin, theirs["id"].as_str().unwrap(), "plates").await["items"].as_array().unwrap().len(), 1);
        other.admin.act(&format!("/v1/passports/{}/archive", theirs["id"].as_str().unwrap())).await.ok();
        let again = garage.admin.post("/v1/passports", body(&customer, &second)).await.created();
        assert_eq!(again["vehicleId"], vehicle);
        assert_eq!(read(&garage.admin, again["id"].as_str().unwrap(), "plates").await["items"].as_array().unwrap().len(), 2);
        // By the plate that it had before, it is not known again.
        let by_former = garage.admin.post("/v1/passports", body(&customer, &first)).await.created();
        assert_ne!(by_former["vehicleId"], vehicle);
    }

    async fn r19_searching_finds_a_plate_that_the_car_had_before_and_says_so(server) {
        let garage = server.garage("r19s").await;
        let (driver, customer, car) = garage.driver("jan@r19s.example").await;
        let (before, after) = (garage.plate_of(&car).await, plate());
        // Else it would be a mistake in writing, which nobody looks for.
        server.told(&before, Some(&kombi("2027-05-17")));
        let body = json!({ "licencePlate": { "number": after } });
        garage.admin.patch(&format!("/v1/passports/{car}"), body).await.ok();
        for who in [&garage.admin, &garage.mechanic, &driver] {
            let found = async |search: &str| -> Vec<(String, Value)> {
                let items = who.get(&format!("/v1/passports?search={search}")).await.items();
                items.iter().map(|one| (one["id"].as_str().unwrap().to_owned(), one["formerPlate"].clone())).collect()
            };
            let (number, shown) = (before.replace('-', ""), after.to_lowercase());
            let by_former = found(&number).await;
            assert_eq!((by_former.len(), &by_former[0].0, &by_former[0].1["number"]), (1, &car, &json!(number)));
            assert_eq!(found(&shown).await, [(car.clone(), Value::Null)], "by the plate that it has");
            assert_eq!(found(&number[..5]).await[0].1["country"], "NL", "by a part of it");
            let sorted = who.get(&format!("/v1/passports?search={number}&sort=nextDueOn")).await.items();
            assert_eq!(sorted[0]["formerPlate"]["number"].as_str(), Some(number.as_str()));
        }
        assert_eq!(shown(&driver, &car).await["formerPlate"], Value::Null);
        // When the car comes back with the plate that it has, the one before still finds it.
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        assert!(garage.admin.get(&format!("/v1/passports?search={before}&status=active,invited")).await.items().is_empty());
        let body = json!({ "licencePlate": { "number": after }, "customerId": customer });
        let again = garage.admin.post("/v1/passports", body).await.created()["id"].clone();
        let found = garage.admin.get(&format!("/v1/passports?search={before}&status=invited")).await.items();
        assert_eq!((found.len(), &found[0]["id"]), (1, &again));
    }

    async fn r19_a_plate_that_was_a_mistake_is_for_the_garage_alone(server) {
        let garage = server.garage("r19m").await;
        let fleet = garage.fleet("fleet-r19m").await;
        let (driver, car) = garage.fleet_car(&fleet, "jan@r19m.example").await;
        let path = format!("/v1/passports/{car}");
        let give = async || garage.advisor.patch(&path, json!({ "licencePlate": { "number": plate() } })).await.ok();
        let shown = async |who: &Actor<'_>| -> Vec<i64> {
            let items = read(who, &car, "plates").await["items"].as_array().unwrap().clone();
            items.iter().map(|period| period["number"].as_i64().unwrap()).collect()
        };
        // The first plate stood for an hour, and the register does not know it.
        server.pass_idle(SignedDuration::from_mins(10));
        give().await;
        assert_eq!(shown(&garage.mechanic).await, [1, 2]);
        for who in [&driver, &fleet.account] {
            assert_eq!(shown(who).await, [2], "a plate that may be a stranger's is not shown");
        }
        // The second one is confirmed by the register, and stays.
        server.told(&garage.plate_of(&car).await, Some(&kombi("2027-05-17")));
        give().await;
        assert_eq!(shown(&driver).await, [2, 3]);
        // The third one stood for a day, whatever the register says.
        server.pass_idle(SignedDuration::from_hours(24));
        let (advisor, driver) = (server.sign_in(&garage.advisor.email, PASSWORD).await, server.sign_in(&driver.email, PASSWORD).await);
        advisor.patch(&path, json!({ "licencePlate": { "number": plate() } })).await.ok();
        assert_eq!(shown(&driver).await, [2, 3, 4]);
    }

    async fn t9_what_the_register_told_goes_with_the_car(server) {
        let (garage, other) = (server.garage("t9r").await, server.garage("t9s").await);
        let (former, _, car) = garage.driver("former@t9r.example").await;
        server.told(&garage.plate_of(&car).await, Some(&kombi("2027-05-17")));
        let parts = ["registration", "recalls", "inspections", "plates"];
        for part in parts {
            let path = format!("/v1/passports/{car}/{part}");
            former.get(&path).await.ok();
            other.admin.get(&path).await.problem(404, "not_found");
            server.anonymous().get(&path).await.problem(401, "unauthenticated");
        }
        let id = former.offer(&car, "new_owner", "new@t9r.example").await.created()["id"].as_str().unwrap().to_owned();
        let owner = server.join("new@t9r.example").await;
        owner.act(&format!("/v1/transfers/{id}/accept")).await.ok();
        for part in parts {
            former.get(&format!("/v1/passports/{car}/{part}")).await.problem(404, "not_found");
            owner.get(&format!("/v1/passports/{car}/{part}")).await.ok();
        }
        assert_eq!(read(&owner, &car, "registration").await["vehicle"]["make"], "VOLKSWAGEN");
        // And with the passport away, the register is asked no more about the car.
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let (now, later) = (server.now(), server.now() + SignedDuration::from_mins(10));
        let due = server.store().write(|tx| persistence::registration::claim_due(tx, later, later, now, 10)).unwrap();
        assert!(due.is_empty());
        assert_eq!(read(&garage.admin, &car, "registration").await["status"], "pending");
    }

    async fn r19_a_plate_that_another_passport_has_changes_nothing(server) {
        let garage = server.garage("r19c").await;
        let (_, _, car) = garage.driver("jan@r19c.example").await;
        let (_, _, other) = garage.driver("piet@r19c.example").await;
        let taken = garage.plate_of(&other).await;
        let answer = garage.advisor.patch(&format!("/v1/passports/{car}"), json!({ "licencePlate": { "number": taken } })).await;
        answer.problem(409, "passport_exists");
        assert_eq!(read(&garage.mechanic, &car, "plates").await["items"].as_array().unwrap().len(), 1);
    }
}
