//! A vehicle register that knows every plate: what it tells follows from the plate and the day, so that it needs no data.
//! It speaks the protocol of RDW Open Data, its rows are as long as the real ones, and each answer takes a given time.

use clap::Args;
use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// How it answers, and where.
#[derive(Args, Clone, Copy)]
pub(crate) struct Options {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// How long each answer takes, in milliseconds
    #[arg(long, default_value = "50")]
    latency: u64,
    /// Which day it is: each day one vehicle in 365 has another APK date than the day before
    #[arg(long, default_value = "0")]
    day: u64,
}

/// Columns that nobody reads: what makes a row as long as it is.
const PADDING: usize = 45;

/// Serves until it is ended.
pub(crate) fn run(options: Options) -> std::io::Result<()> {
    for connection in TcpListener::bind(options.listen)?.incoming() {
        let connection = connection?;
        thread::spawn(move || serve(options, &connection));
    }
    Ok(())
}

/// Answers one request after another, until the client hangs up.
fn serve(options: Options, mut connection: &TcpStream) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = first.clone();
        while !line.trim().is_empty() {
            line.clear();
            reader.read_line(&mut line)?;
        }
        thread::sleep(Duration::from_millis(options.latency));
        let body = answer(options, first.split(' ').nth(1).unwrap_or_default());
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.write_all(head.as_bytes())?;
        connection.write_all(body.as_bytes())?;
    }
}

/// The rows of all keys that are asked for. Keys are letters and digits, between encoded quotes.
fn answer(options: Options, target: &str) -> String {
    if target == "/" || target.contains("$offset=") {
        return "[]".to_owned();
    }
    let dataset = target.rsplit('/').next().and_then(|last| last.split('.').next()).unwrap_or_default();
    let condition = target.split("$where=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
    let mut body = String::from("[");
    for key in condition.split("%27").skip(1).step_by(2) {
        row(&mut body, options, dataset, key);
    }
    if body.ends_with(',') {
        body.pop();
    }
    body.push(']');
    body
}

fn row(body: &mut String, options: Options, dataset: &str, key: &str) {
    let number = key.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(1_099_511_628_211) ^ u64::from(byte)) >> 16;
    let year = if number % 365 < options.day { 2028 } else { 2027 };
    let open = number % 50 == 0;
    // Writing to a text cannot fail.
    let written = match dataset {
        "m9d7-ebf2" => write!(
            body,
            r#"{{"kenteken":"{key}","voertuigsoort":"Personenauto","merk":"VOLKSWAGEN","handelsbenaming":"KOMBI","inrichting":"MPV","eerste_kleur":"ROOD","vervaldatum_apk":"{year}0517","vervaldatum_apk_dt":"{year}-05-17T00:00:00.000","datum_eerste_toelating":"20130517","massa_ledig_voertuig":"1876","toegestane_maximum_massa_voertuig":"3200","aantal_zitplaatsen":"9","aantal_deuren":"4","cilinderinhoud":"1968","catalogusprijs":"71828","europese_voertuigcategorie":"M1","export_indicator":"Nee","wam_verzekerd":"Ja","taxi_indicator":"Nee","openstaande_terugroepactie_indicator":"{}","tellerstandoordeel":"Logisch","code_toelichting_tellerstandoordeel":"00","jaar_laatste_registratie_tellerstand":"2026"{}}},"#,
            if open { "Ja" } else { "Nee" },
            (0..PADDING).fold(String::new(), |text, column| text + &format!(r#","kolom_{column}":"waarde""#)),
        ),
        "8ys7-d773" => write!(
            body,
            r#"{{"kenteken":"{key}","brandstof_volgnummer":"1","brandstof_omschrijving":"Diesel","nettomaximumvermogen":"103.00"}},"#
        ),
        "sgfe-77wx" => (2023..year).try_for_each(|past| {
            write!(
                body,
                r#"{{"kenteken":"{key}","meld_datum_door_keuringsinstantie":"{past}0420","meld_tijd_door_keuringsinstantie":"1015","soort_melding_ki_omschrijving":"periodieke controle","vervaldatum_keuring":"{}0517"}},"#,
                past + 1
            )
        }),
        "a34c-vvps" => write!(
            body,
            r#"{{"kenteken":"{key}","meld_datum_door_keuringsinstantie":"20250420","meld_tijd_door_keuringsinstantie":"1015","gebrek_identificatie":"205","aantal_gebreken_geconstateerd":"1"}},"#
        ),
        "t49b-isb7" if open => {
            write!(body, r#"{{"kenteken":"{key}","referentiecode_rdw":"MGP{}","code_status":"O"}},"#, number % 1000)
        }
        "j9yg-7rg9" => write!(body, r#"{{"referentiecode_rdw":"{key}","omschrijving_defect":"De slang kan lekken."}},"#),
        "9ihi-jgpf" => write!(body, r#"{{"referentiecode_rdw":"{key}","mogelijk_gevaar":"Brand met letselschade"}},"#),
        "hx2c-gt7k" => {
            write!(body, r#"{{"gebrek_identificatie":"{key}","gebrek_omschrijving":"Dimlicht werkt niet/onjuist"}},"#)
        }
        _ => Ok(()),
    };
    written.unwrap_or_default();
}
