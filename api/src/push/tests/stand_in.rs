//! A push service on this machine, which answers as it is told.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// The lines after `HTTP/1.1`, without the last ones, and the text.
    Text(String, String),
    /// Millions of bytes.
    Flood,
    /// Nothing, for a while.
    Silence,
    /// The beginning, and then a byte now and then.
    Drip,
    /// Something that is not HTTP.
    Nonsense,
    /// The connection is closed.
    Close,
}

pub(super) const FLOOD: usize = 64 * 1024 * 1024;

pub(super) fn reply(head: &str, body: &str) -> Reply {
    Reply::Text(head.into(), body.into())
}

#[derive(Debug)]
pub(super) struct Request {
    /// The first line.
    pub(super) line: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// How many bytes of a flood were taken.
    pub(super) taken: usize,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found: Vec<_> = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).collect();
        assert!(found.len() <= 1, "{name} twice");
        found.first().map(|(_, value)| value.as_str())
    }
}

pub(super) struct StandIn {
    /// `http://127.0.0.1:PORT`.
    pub(super) base: String,
    /// How long to wait for its answers: not long for those that never come.
    pub(super) patience: Duration,
    requests: Receiver<Request>,
}

impl StandIn {
    /// It answers with one after the other, each on a connection of its own.
    pub(super) fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let is_slow = replies.iter().any(|reply| matches!(reply, Reply::Silence | Reply::Drip));
        let patience = if is_slow { Duration::from_secs(1) } else { Duration::from_secs(20) };
        let (sender, requests) = channel();
        thread::spawn(move || {
            for reply in replies {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = read(&mut stream);
                request.taken = write(stream, &reply);
                if sender.send(request).is_err() {
                    break;
                }
            }
        });
        Self { base, patience, requests }
    }

    pub(super) fn request(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

fn read(stream: &mut TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut next = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let line = next();
    let headers: Vec<(String, String)> = std::iter::from_fn(|| Some(next()).filter(|line| !line.is_empty()))
        .map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap())
        .collect();
    let mut request = Request { line, headers, body: vec![], taken: 0 };
    let length = request.header("content-length").unwrap().parse().unwrap();
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).unwrap();
    request
}

/// How many bytes of the text were taken.
fn write(mut stream: TcpStream, reply: &Reply) -> usize {
    match reply {
        Reply::Text(head, body) => {
            let answer =
                format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).unwrap();
            body.len()
        }
        Reply::Flood => {
            stream.write_all(format!("HTTP/1.1 400 No\r\nContent-Length: {FLOOD}\r\n\r\n").as_bytes()).unwrap();
            let block = vec![b'x'; 64 * 1024];
            let mut taken = 0;
            while taken < FLOOD && stream.write_all(&block).is_ok() {
                taken += block.len();
            }
            taken
        }
        Reply::Silence => {
            // Until the client goes away.
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let end = stream.read(&mut [0]);
            assert!(end.is_ok_and(|read| read == 0), "it waited too long");
            0
        }
        Reply::Drip => {
            stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n").unwrap();
            for _ in 0..100 {
                thread::sleep(Duration::from_millis(100));
                match stream.write_all(b"x") {
                    Ok(()) => {}
                    Err(error) if [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset].contains(&error.kind()) => break,
                    Err(error) => panic!("{error}"),
                }
            }
            0
        }
        Reply::Nonsense => stream.write(b"220 mail.garage-jansen.nl ESMTP\r\n\r\n").unwrap(),
        Reply::Close => 0,
    }
}
