//! A vehicle register on this machine that speaks the protocol of RDW Open Data, and fails when told to.
//!
//! It reads what is asked as the real one does: `$where` with `in(…)`, `$order` by columns it knows, `$limit`, `$offset`. Each
//! request is kept, so that a test can look at what was sent.

use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

pub(crate) const VEHICLES: &str = "m9d7-ebf2";
pub(crate) const FUELS: &str = "8ys7-d773";
pub(crate) const INSPECTIONS: &str = "sgfe-77wx";
pub(crate) const RECALL_STATUS: &str = "t49b-isb7";
pub(crate) const RECALL_DETAIL: &str = "j9yg-7rg9";

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) dataset: String,
    /// The address as it was written.
    pub(crate) target: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) headers: HashMap<String, String>,
}

/// What it does instead of answering.
#[derive(Clone, Debug)]
pub(crate) enum Failing {
    /// Answers this: status, headers, body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// Takes the request and says nothing.
    Silent,
    /// Sends a byte now and then.
    Dripping,
    /// Sends so many bytes of rows, if they are taken.
    Huge(usize),
    /// Sends half of what it announced, and hangs up.
    Broken,
    /// Hangs up at once.
    HangingUp,
}

#[derive(Default)]
struct State {
    rows: HashMap<String, Vec<Value>>,
    /// For each of the next requests: how it fails, or that it does not.
    failing: VecDeque<Option<Failing>>,
    always: Option<Failing>,
    failing_at: Option<String>,
    asked: Vec<Asked>,
    unknown_column: Option<&'static str>,
    sent: usize,
    latency: Duration,
}

/// The register; it ends with the test's process.
#[derive(Clone)]
pub(crate) struct Register {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Register {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/resource", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let register = Self { url, state: Arc::clone(&state) };
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                // A client that hangs up in the middle is what some tests are about.
                thread::spawn(move || serve(&state, &connection).unwrap_or_default());
            }
        });
        register
    }

    /// Adds a row to a dataset.
    pub(crate) fn add(&self, dataset: &str, row: Value) {
        self.state.lock().unwrap().rows.entry(dataset.to_owned()).or_default().push(row);
    }

    /// Changes a column of a plate's rows.
    pub(crate) fn change(&self, dataset: &str, plate: &str, column: &str, value: &str) {
        let mut state = self.state.lock().unwrap();
        for row in state.rows.get_mut(dataset).unwrap().iter_mut().filter(|row| row["kenteken"] == plate) {
            row[column] = json!(value);
        }
    }

    /// Forgets the rows of a dataset, as if it knew nothing of these plates.
    pub(crate) fn forget(&self, dataset: &str) -> Vec<Value> {
        self.state.lock().unwrap().rows.remove(dataset).unwrap_or_default()
    }

    /// A car with a fuel: enough to fill a form.
    pub(crate) fn add_car(&self, plate: &str) {
        self.add(
            VEHICLES,
            json!({
                "kenteken": plate, "voertuigsoort": "Personenauto", "merk": "VOLKSWAGEN", "handelsbenaming": "KOMBI",
                "europese_voertuigcategorie": "M1", "datum_eerste_toelating": "20130517", "vervaldatum_apk": "20270517",
                "aantal_deuren": "0", "catalogusprijs": "71828", "export_indicator": "Nee", "wam_verzekerd": "Ja",
                "openstaande_terugroepactie_indicator": "Nee", "tellerstandoordeel": "Logisch",
            }),
        );
        self.add(FUELS, json!({ "kenteken": plate, "brandstof_volgnummer": "1", "brandstof_omschrijving": "Diesel", "nettomaximumvermogen": "103.00" }));
    }

    /// Fails at the next request that is not failed already.
    pub(crate) fn fail(&self, failing: Failing) {
        self.state.lock().unwrap().failing.push_back(Some(failing));
    }

    /// Answers the next requests, and then fails at one.
    pub(crate) fn fail_after(&self, answered: usize, failing: Failing) {
        let mut state = self.state.lock().unwrap();
        state.failing.extend(std::iter::repeat_n(None, answered));
        state.failing.push_back(Some(failing));
    }

    /// Fails at every request about this plate, or no longer.
    pub(crate) fn fail_at(&self, plate: Option<&str>) {
        self.state.lock().unwrap().failing_at = plate.map(ToOwned::to_owned);
    }

    /// Fails at every request, or no longer.
    pub(crate) fn fail_always(&self, failing: Option<Failing>) {
        self.state.lock().unwrap().always = failing;
    }

    /// From now on no dataset has this column.
    pub(crate) fn drop_column(&self, column: &'static str) {
        self.state.lock().unwrap().unknown_column = Some(column);
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        self.state.lock().unwrap().latency = latency;
    }

    /// What was asked since the last time.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// How many bytes of huge answers were taken.
    pub(crate) fn sent(&self) -> usize {
        self.state.lock().unwrap().sent
    }
}

/// Answers one request after another on a connection.
fn serve(state: &Mutex<State>, connection: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some(asked) = read(&mut reader)? {
        let (failing, latency) = {
            let mut state = state.lock().unwrap();
            state.asked.push(asked.clone());
            let about = state.failing_at.as_ref().is_some_and(|plate| asked.query["$where"].contains(plate.as_str()));
            let at_plate = about.then(|| Failing::Status(500, vec![], String::new()));
            (state.failing.pop_front().flatten().or(at_plate).or_else(|| state.always.clone()), state.latency)
        };
        thread::sleep(latency);
        match failing {
            None => {
                let (status, body) = answer(&state.lock().unwrap(), &asked);
                send(connection, status, &[], body.as_bytes())?;
            }
            Some(Failing::Status(status, headers, body)) => send(connection, status, &headers, body.as_bytes())?,
            Some(failing) => return misbehave(state, connection, &failing),
        }
    }
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let target = first.split(' ').nth(1).unwrap().to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| (decode(name), decode(value))).collect();
    let dataset = path.trim_start_matches("/resource/").trim_end_matches(".json").to_owned();
    Ok(Some(Asked { dataset, target, query, headers }))
}

/// Undoes percent-encoding; whatever is not encoded must be a character that an address may hold.
fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            assert!(byte.is_ascii_alphanumeric() || b"-_.~$".contains(&byte), "{text} is not encoded");
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).unwrap()
}

/// The rows that were asked for, or 400 for a column that there is not.
fn answer(state: &State, asked: &Asked) -> (u16, String) {
    let condition = &asked.query["$where"];
    let (key, list) = condition.split_once(" in(").unwrap();
    let keys: Vec<&str> = list.trim_end_matches(')').split(',').map(|key| key.trim_matches('\'')).collect();
    let order: Vec<&str> = asked.query.get("$order").map(|order| order.split(',').collect()).unwrap_or_default();
    let unknown =
        order.iter().map(|part| part.split(' ').next().unwrap()).find(|column| state.unknown_column == Some(column));
    if let Some(column) = unknown {
        let message = format!("Query coordinator: query.soql.no-such-column; No such column: {column}");
        return (400, json!({ "message": message, "errorCode": "query.soql.no-such-column" }).to_string());
    }
    let mut rows: Vec<&Value> = state
        .rows
        .get(&asked.dataset)
        .into_iter()
        .flatten()
        .filter(|row| keys.contains(&row[key].as_str().unwrap_or_default()))
        .collect();
    for part in order.iter().rev() {
        let (column, descending) = part.split_once(' ').map_or((*part, false), |(column, _)| (column, true));
        rows.sort_by_key(|row| row[column].as_str().unwrap_or_default().to_owned());
        if descending {
            rows.reverse();
        }
    }
    let number = |name: &str, default: usize| asked.query.get(name).map_or(default, |text| text.parse().unwrap());
    let page: Vec<&Value> = rows.into_iter().skip(number("$offset", 0)).take(number("$limit", 1000)).collect();
    (200, json!(page).to_string())
}

fn send(mut connection: &TcpStream, status: u16, headers: &[(&str, String)], body: &[u8]) -> std::io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nContent-Type: application/json;charset=utf-8\r\n",
        body.len()
    );
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    connection.write_all(head.as_bytes())?;
    connection.write_all(b"\r\n")?;
    connection.write_all(body)
}

fn misbehave(state: &Mutex<State>, mut connection: &TcpStream, failing: &Failing) -> std::io::Result<()> {
    match failing {
        Failing::Status(..) => unreachable!("a status is an answer"),
        Failing::HangingUp => connection.shutdown(Shutdown::Both),
        // Until the client loses its patience and hangs up.
        Failing::Silent => connection.read(&mut [0]).map(drop),
        Failing::Broken => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[{\"kenteken\":")?;
            connection.shutdown(Shutdown::Both)
        }
        Failing::Dripping => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")?;
            loop {
                thread::sleep(Duration::from_millis(50));
                connection.write_all(b" ")?;
            }
        }
        Failing::Huge(bytes) => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[")?;
            let piece = br#"{"kenteken":"TT601D","merk":"HUGE"},"#.repeat(1000);
            let mut sent = 0;
            while sent < *bytes {
                connection.write_all(&piece)?;
                sent += piece.len();
                state.lock().unwrap().sent = sent;
            }
            connection.write_all(b"{}]")
        }
    }
}
