//! A push service for browsers (RFC 8030) that takes every message, keeps nothing of it but the address that it was sent to, in
//! a file, and refuses what no browser could read.

use crate::journal::{CONNECTION, Journal};
use clap::Args;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
};

/// Where it listens, and where it writes.
#[derive(Args)]
pub(crate) struct Options {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// The file for the path that each message was sent to
    #[arg(long)]
    journal: PathBuf,
}

/// What a message has before its text: a salt, the size of its records, and a public key (RFC 8188, 2.1).
const HEAD: usize = 16 + 4 + 1 + 65;

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> std::io::Result<()> {
    let journal = Arc::new(Journal::open(&options.journal)?);
    for connection in TcpListener::bind(options.listen)?.incoming() {
        let (connection, journal) = (connection?, Arc::clone(&journal));
        thread::spawn(move || converse(&connection, &journal));
    }
    Ok(())
}

/// Answers one request after another, until the client hangs up.
fn converse(mut connection: &TcpStream, journal: &Journal) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    let mut is_new = true;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let (mut length, mut is_encrypted, mut is_signed) = (0, false, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "content-encoding" => is_encrypted = value == "aes128gcm",
                "authorization" => is_signed = value.starts_with("vapid t="),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let answer = if method == "GET" {
            "200 OK" // somebody asks whether it is there
        } else if method == "POST" && is_encrypted && is_signed && length > HEAD {
            if is_new {
                journal.add(CONNECTION)?;
                is_new = false;
            }
            journal.add(path)?;
            "201 Created"
        } else {
            "400 Bad Request"
        };
        connection.write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").as_bytes())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encrypted_and_signed_message_is_taken_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        let journal = Journal::open(&file).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let body = "x".repeat(HEAD + 1);
        let send = |path: &str, headers: &str| {
            format!("POST {path} HTTP/1.1\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
        };
        let good = "Authorization: vapid t=a,k=b\r\nContent-Encoding: aes128gcm\r\n";
        let said = [send("/1", good), send("/2", "Content-Encoding: aes128gcm\r\n"), send("/3", good)].concat();
        client.write_all(said.as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        converse(&listener.accept().unwrap().0, &journal).unwrap();
        drop(listener);
        let mut answered = String::new();
        client.read_to_string(&mut answered).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "connection\n/1\n/3\n");
        assert_eq!((answered.matches(" 201 ").count(), answered.matches(" 400 ").count()), (2, 1));
    }
}
