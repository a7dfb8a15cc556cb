//! A mail server of a few lines, which can be held up: it has read a mail whole and says nothing until it is let go on.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

#[derive(Default)]
struct State {
    held_up: bool,
    /// How many more mails are read whole and then get no answer, since the connection is closed.
    cut_off: usize,
    /// How many more mails are broken off: the connection is closed before they were read whole.
    broken_off: usize,
    /// What is replied in the place of an acceptance, to mail for which address.
    refusals: Vec<(String, String)>,
    /// At which command how many more connections are closed in the place of an answer.
    hangs_up: Option<(&'static str, usize)>,
    /// What is replied to whoever wants to send anything.
    refuses_all: Option<String>,
    /// How many mails wait for an answer.
    waiting: usize,
    /// The `Message-ID` of each mail that was read whole.
    received: Vec<String>,
}

pub(crate) struct MailServer {
    pub(crate) url: String,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl MailServer {
    /// One that is held up.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let shared = Arc::new((Mutex::new(State { held_up: true, ..State::default() }), Condvar::new()));
        let server = Self { url, shared: shared.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                std::thread::spawn(move || drop(converse(stream, &shared)));
            }
        });
        server
    }

    /// Answers from now on.
    pub(crate) fn go_on(&self) {
        self.shared.0.lock().unwrap().held_up = false;
        self.shared.1.notify_all();
    }

    /// Reads so many more mails whole and closes the connection in the place of an answer.
    pub(crate) fn cut_off(&self, mails: usize) {
        self.shared.0.lock().unwrap().cut_off = mails;
    }

    /// Refuses mail to an address with this reply.
    pub(crate) fn refuse(&self, email: &str, reply: &str) {
        self.shared.0.lock().unwrap().refusals.push((format!("<{email}>"), reply.to_owned()));
    }

    /// Takes mail to an address again, of which it refused some.
    pub(crate) fn accept(&self, email: &str) {
        self.shared.0.lock().unwrap().refusals.retain(|(refused, _)| *refused != format!("<{email}>"));
    }

    /// Refuses all mail with this reply, or takes it again.
    pub(crate) fn refuse_all(&self, reply: Option<&str>) {
        self.shared.0.lock().unwrap().refuses_all = reply.map(str::to_owned);
    }

    /// Closes the connection in the middle of so many more mails.
    pub(crate) fn break_off(&self, mails: usize) {
        self.shared.0.lock().unwrap().broken_off = mails;
    }

    /// Closes so many more connections in the place of an answer to a command.
    pub(crate) fn hang_up(&self, command: &'static str, times: usize) {
        self.shared.0.lock().unwrap().hangs_up = Some((command, times));
    }

    /// How many mails wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.0.lock().unwrap().waiting
    }

    /// The `Message-ID` of each mail that was read whole.
    pub(crate) fn received(&self) -> Vec<String> {
        self.shared.0.lock().unwrap().received.clone()
    }
}

fn converse(mut stream: TcpStream, shared: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut reply = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
    reply("220 test")?;
    while let Some(line) = lines.next().transpose()? {
        let command = line.split([' ', ':']).next().unwrap_or_default();
        if let Some((at, left)) = &mut shared.0.lock().unwrap().hangs_up
            && *at == command
            && *left > 0
        {
            *left -= 1;
            return Ok(());
        }
        match command {
            "EHLO" => reply("250-test\r\n250 8BITMIME")?,
            "DATA" => {
                reply("354 go")?;
                let is_broken_off = {
                    let mut state = shared.0.lock().unwrap();
                    let left = state.broken_off.checked_sub(1);
                    state.broken_off = left.unwrap_or(0);
                    left.is_some()
                };
                if is_broken_off {
                    return Ok(());
                }
                let mut id = String::new();
                while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                    if let Some(value) = line.strip_prefix("Message-ID: ") {
                        id = value.to_owned();
                    }
                }
                let mut state = shared.0.lock().unwrap();
                state.received.push(id);
                state.waiting += 1;
                let mut state = shared.1.wait_while(state, |state| state.held_up).unwrap();
                state.waiting -= 1;
                if state.cut_off > 0 {
                    state.cut_off -= 1;
                    return Ok(());
                }
                drop(state);
                reply("250 2.0.0 taken")?;
            }
            "MAIL" => {
                let refusal = shared.0.lock().unwrap().refuses_all.clone();
                reply(refusal.as_deref().unwrap_or("250 ok"))?;
            }
            "RCPT" => {
                let refusals = shared.0.lock().unwrap().refusals.clone();
                let refusal = refusals.iter().find(|(email, _)| line.contains(email));
                reply(refusal.map_or("250 ok", |(_, text)| text))?;
            }
            "QUIT" => return reply("221 bye"),
            _ => reply("250 ok")?,
        }
    }
    Ok(())
}

/// Waits until something holds, for half a minute at most.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
