//! The client of the vehicle register against a local one that speaks its protocol: what is sent, and what its failures
//! come to.

use crate::support::register::{Failing, Register};
use api::register_client::{AppToken, RegisterAt, RegisterError, RegisterSettings, VehicleRegister};
use domain::{licence_plate::LicencePlate, register::RegisterData, value::Country};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

fn settings(register: &Register) -> RegisterSettings {
    let at = RegisterAt::Http(register.url.clone());
    RegisterSettings { at, token: None, timeout: Duration::from_secs(1), rate: 1000 }
}

fn client(register: &Register) -> Arc<dyn VehicleRegister> {
    settings(register).open().unwrap().prompt
}

fn plate(number: &str) -> LicencePlate {
    LicencePlate::parse(Country::NL, number).unwrap()
}

fn look_up(client: &dyn VehicleRegister) -> Result<Option<RegisterData>, RegisterError> {
    client.vehicle(&plate("TT601D"))
}

#[test]
fn a_question_is_written_as_the_register_reads_it() {
    let register = Register::start();
    register.add_car("TT601D");
    let token = AppToken::parse("the-token");
    let client = RegisterSettings { token, ..settings(&register) }.open().unwrap().prompt;
    let plates = [plate("V-95-JKV"), plate("tt-601-d")];
    let found = client.vehicles(&plates).unwrap();
    assert_eq!((found.len(), found[&plates[1]].make.as_deref()), (1, Some("VOLKSWAGEN")));
    assert_eq!(client.vehicle(&plates[1]).unwrap().unwrap().fuels[0].power_w, Some(103_000));
    let asked = register.asked();
    let targets: Vec<&str> = asked.iter().map(|asked| asked.target.as_str()).collect();
    let expected = [
        "/resource/m9d7-ebf2.json?$where=kenteken%20in%28%27TT601D%27%2C%27V95JKV%27%29&$order=kenteken&$limit=2000",
        "/resource/m9d7-ebf2.json?$where=kenteken%20in%28%27TT601D%27%29&$order=kenteken&$limit=2000",
        "/resource/8ys7-d773.json?$where=kenteken%20in%28%27TT601D%27%29&$order=kenteken%2Cbrandstof_volgnummer&$limit=2000",
    ];
    assert_eq!(targets, expected);
    for asked in &asked {
        assert_eq!(asked.headers["x-app-token"], "the-token");
        assert_eq!(asked.headers["accept"], "application/json");
        assert!(asked.headers["user-agent"].starts_with("autopaspoort/"));
    }
}

#[test]
fn without_a_token_none_is_sent() {
    let register = Register::start();
    assert_eq!(look_up(&*client(&register)), Ok(None));
    let asked = register.asked();
    assert_eq!(asked.len(), 1, "fuels are not asked of a plate that is not known");
    assert!(!asked[0].headers.contains_key("x-app-token"));
}

#[test]
fn every_question_has_an_order() {
    let register = Register::start();
    register.add_car("TT601D");
    register.add("sgfe-77wx", json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": "20260420" }));
    register.add(
        "a34c-vvps",
        json!({ "kenteken": "TT601D", "meld_datum_door_keuringsinstantie": "20260420", "gebrek_identificatie": "205" }),
    );
    register.add("t49b-isb7", json!({ "kenteken": "TT601D", "referentiecode_rdw": "MGP1", "code_status": "O" }));
    let client = client(&register);
    look_up(&*client).unwrap();
    assert_eq!(client.recalls(&[plate("TT601D")]).unwrap().len(), 1);
    let plates = [plate("TT601D")];
    assert_eq!(client.inspections(&plates).unwrap()[&plates[0]][0].defects.len(), 1);
    let asked: Vec<(String, String)> =
        register.asked().into_iter().map(|asked| (asked.dataset.clone(), asked.query["$order"].clone())).collect();
    let newest = "kenteken,meld_datum_door_keuringsinstantie DESC,meld_tijd_door_keuringsinstantie DESC";
    let expected = [
        ("m9d7-ebf2", "kenteken".to_owned()),
        ("8ys7-d773", "kenteken,brandstof_volgnummer".to_owned()),
        ("t49b-isb7", "kenteken,code_status,referentiecode_rdw".to_owned()),
        ("j9yg-7rg9", "referentiecode_rdw".to_owned()),
        ("9ihi-jgpf", "referentiecode_rdw,code_mogelijk_gevaar".to_owned()),
        ("sgfe-77wx", newest.to_owned()),
        ("a34c-vvps", format!("{newest},gebrek_identificatie")),
        ("hx2c-gt7k", "gebrek_identificatie".to_owned()),
    ];
    assert_eq!(asked, expected.map(|(dataset, order)| (dataset.to_owned(), order)));
}

#[test]
fn many_plates_are_asked_in_batches_and_many_rows_in_pages() {
    let register = Register::start();
    let plates: Vec<LicencePlate> =
        (0..650).map(|number| plate(&format!("{:02}BB{:02}", number / 100, number % 100))).collect();
    for plate in &plates {
        register.add("m9d7-ebf2", json!({ "kenteken": plate.number(), "merk": "OPEL" }));
        for reference in 0..8 {
            register.add("t49b-isb7", json!({ "kenteken": plate.number(), "referentiecode_rdw": format!("MGP{reference}"), "code_status": "P" }));
        }
    }
    let mut settings = settings(&register);
    settings.timeout = Duration::from_secs(30);
    let client = settings.open().unwrap().prompt;
    assert_eq!(client.vehicles(&plates).unwrap().len(), 650);
    assert_eq!(register.asked().len(), 3);
    let recalls = client.recalls(&plates).unwrap();
    assert!(recalls.len() == 650 && recalls.values().all(|recalls| recalls.len() == 8));
    let offsets: Vec<Option<String>> =
        register.asked().iter().map(|asked| asked.query.get("$offset").cloned()).collect();
    // 2,400 rows of each whole batch in two pages, 400 of the last in one; then detail and hazards.
    let second = Some("2000".to_owned());
    assert_eq!(offsets, [None, second.clone(), None, second, None, None, None]);
}

/// What a failure comes to, and that it does not last.
fn comes_to(failing: Failing) -> RegisterError {
    let register = Register::start();
    register.add_car("TT601D");
    let client = client(&register);
    register.fail(failing);
    let begun = Instant::now();
    let error = look_up(&*client).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(look_up(&*client).unwrap().is_some(), "after {error}");
    error
}

fn status(status: u16, headers: &[(&'static str, &str)], body: &str) -> Failing {
    Failing::Status(status, headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(), body.to_owned())
}

#[test]
fn r35_throttled_with_and_without_retry_after() {
    let busy = |seconds| RegisterError::Busy { retry_after: Duration::from_secs(seconds) };
    assert_eq!(comes_to(status(429, &[("Retry-After", "7")], "{}")), busy(7));
    assert_eq!(comes_to(status(429, &[], "slow down")), busy(30));
    assert_eq!(comes_to(status(503, &[("Retry-After", "999999")], "")), busy(3600));
}

#[test]
fn r35_errors_of_the_register() {
    for code in [500, 502, 503, 504] {
        let error = comes_to(status(code, &[], "<h1>Oops</h1>"));
        assert!(matches!(&error, RegisterError::Unavailable(reason) if reason.contains(&code.to_string())), "{error}");
    }
}

#[test]
fn r35_what_is_refused_needs_someone_to_look() {
    for (code, body) in [(403, "{\"message\":\"Invalid app_token specified\"}"), (404, "{}"), (414, "")] {
        assert!(matches!(comes_to(status(code, &[], body)), RegisterError::Refused(_)), "{code}");
    }
    let register = Register::start();
    register.drop_column("brandstof_volgnummer");
    register.add_car("TT601D");
    let RegisterError::Refused(reason) = look_up(&*client(&register)).unwrap_err() else { panic!("it was refused") };
    assert!(
        reason.starts_with("8ys7-d773: 400") && reason.contains("No such column: brandstof_volgnummer"),
        "{reason}"
    );
}

#[test]
fn r35_a_register_that_says_nothing_or_little_ends_with_the_budget() {
    for failing in [Failing::Silent, Failing::Dripping] {
        let begun = Instant::now();
        assert!(matches!(comes_to(failing), RegisterError::Unavailable(_)));
        assert!(begun.elapsed() >= Duration::from_millis(900));
    }
    // The budget is that of the whole call, not of each of its questions.
    let register = Register::start();
    register.add_car("TT601D");
    register.set_latency(Duration::from_millis(600));
    assert!(matches!(look_up(&*client(&register)), Err(RegisterError::Unavailable(_))));
}

#[test]
fn r35_nobody_listens() {
    let register = Register::start();
    let nobody = RegisterSettings { at: RegisterAt::Http("http://127.0.0.1:9/resource".into()), ..settings(&register) };
    assert!(matches!(look_up(&*nobody.open().unwrap().prompt), Err(RegisterError::Unavailable(_))));
}

#[test]
fn r35_broken_connections() {
    for failing in [Failing::Broken, Failing::HangingUp] {
        let error = comes_to(failing.clone());
        assert!(matches!(error, RegisterError::Unavailable(_) | RegisterError::Garbage(_)), "{failing:?}: {error}");
    }
}

#[test]
fn r35_nonsense_is_refused_whole() {
    let deep = format!("[{{\"merk\":{}", "[".repeat(200_000));
    let many_columns = format!("[{{{}", "\"a\":1,".repeat(50_000));
    for body in [
        "<!doctype html><html><body>Maintenance</body></html>",
        "",
        "[",
        "[{\"kenteken\":\"TT601D\",\"merk\":\"OP",
        "{\"error\":true}",
        "[[],[]]",
        "[null]",
        "\"[]\"",
        "[] []",
        deep.as_str(),
        many_columns.as_str(),
    ] {
        let error = comes_to(status(200, &[], body));
        let RegisterError::Garbage(reason) = &error else { panic!("{}: {error}", &body[..body.len().min(40)]) };
        assert!(reason.len() < 400, "{reason}");
    }
    assert!(matches!(comes_to(status(204, &[], "")), RegisterError::Garbage(_)));
}

#[test]
fn r35_more_rows_than_asked_for_are_nonsense() {
    let rows = format!("[{}{{}}]", "{},".repeat(2_000));
    assert!(matches!(comes_to(status(200, &[], &rows)), RegisterError::Garbage(_)));
    // A register that has a next page for ever.
    let register = Register::start();
    let page = json!(vec![json!({ "kenteken": "TT601D" }); 2000]).to_string();
    register.fail_always(Some(status(200, &[], &page)));
    assert!(matches!(look_up(&*client(&register)), Err(RegisterError::Garbage(_) | RegisterError::Unavailable(_))));
    assert!(register.asked().len() <= 10);
}

#[test]
fn r35_an_endless_answer_is_not_read_to_its_end() {
    let register = Register::start();
    register.fail(Failing::Huge(200_000_000));
    let mut settings = settings(&register);
    settings.timeout = Duration::from_secs(20);
    let error = look_up(&*settings.open().unwrap().prompt).unwrap_err();
    assert!(matches!(&error, RegisterError::Garbage(reason) if reason.contains("more than 8388608 bytes")), "{error}");
    // What was under way when it was hung up: buffers of the connection.
    assert!((8_000_000..40_000_000).contains(&register.sent()), "{}", register.sent());
    let announced = status(200, &[("X-Padding", "1")], &" ".repeat(9_000_000));
    assert!(matches!(comes_to(announced), RegisterError::Garbage(_)));
}

#[test]
fn r35_redirects_are_not_followed() {
    let (register, elsewhere) = (Register::start(), Register::start());
    elsewhere.add_car("TT601D");
    register.fail_always(Some(status(302, &[("Location", &format!("{}/m9d7-ebf2.json", elsewhere.url))], "")));
    let error = look_up(&*client(&register)).unwrap_err();
    assert!(matches!(&error, RegisterError::Refused(reason) if reason.contains("302 to http://127.0.0.1")), "{error}");
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn r35_the_refresh_keeps_its_pace() {
    let register = Register::start();
    register.add_car("TT601D");
    let client = RegisterSettings { rate: 20, ..settings(&register) }.open().unwrap().patient;
    let begun = Instant::now();
    for _ in 0..5 {
        look_up(&*client).unwrap();
    }
    assert!(begun.elapsed() >= Duration::from_millis(9 * 50), "{:?}", begun.elapsed());
    assert_eq!(register.asked().len(), 10);
}

#[test]
fn off_is_off() {
    let register = Register::start();
    let off = RegisterSettings { at: RegisterAt::Off, ..settings(&register) }.open().unwrap().prompt;
    assert_eq!(look_up(&*off), Err(RegisterError::Off));
    assert_eq!(off.recalls(&[plate("TT601D")]), Err(RegisterError::Off));
    assert_eq!(off.inspections(&[plate("TT601D")]), Err(RegisterError::Off));
    let missing = RegisterSettings { at: RegisterAt::Folder("/nowhere".into()), ..settings(&register) };
    assert!(missing.open().err().unwrap().contains("/nowhere/m9d7-ebf2.json"));
}
