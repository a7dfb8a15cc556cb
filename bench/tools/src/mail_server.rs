//! A mail server that takes every mail and keeps nothing of it but its `Message-ID`, in a file.

use crate::journal::{CONNECTION, Journal};
use clap::Args;
use std::{
    io::{BufRead, BufReader, Write},
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
    /// The file for the `Message-ID` of each mail that it took
    #[arg(long)]
    journal: PathBuf,
}

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> std::io::Result<()> {
    let journal = Journal::open(&options.journal)?;
    serve(&TcpListener::bind(options.listen)?, &Arc::new(journal))
}

fn serve(listener: &TcpListener, journal: &Arc<Journal>) -> std::io::Result<()> {
    for connection in listener.incoming() {
        let (connection, journal) = (connection?, Arc::clone(journal));
        thread::spawn(move || converse(&connection, &journal));
    }
    Ok(())
}

/// Speaks SMTP (RFC 5321), as far as a client needs it that sends one command after another.
fn converse(mut connection: &TcpStream, journal: &Journal) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    journal.add(CONNECTION)?;
    let mut lines = BufReader::new(connection).lines();
    let mut reply = |text: &str| connection.write_all(format!("{text}\r\n").as_bytes());
    reply("220 bench")?;
    while let Some(line) = lines.next().transpose()? {
        match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => reply("250-bench\r\n250 8BITMIME")?,
            "DATA" => {
                reply("354 go on")?;
                let mut id = String::new();
                let mut is_whole = false;
                while let Some(line) = lines.next().transpose()? {
                    if line == "." {
                        is_whole = true;
                        break;
                    }
                    if let Some(value) = line.strip_prefix("Message-ID: ") {
                        value.clone_into(&mut id);
                    }
                }
                // Of a sender who died half-way nothing was taken.
                if !is_whole {
                    return Ok(());
                }
                journal.add(&id)?;
                reply("250 2.0.0 taken")?;
            }
            "QUIT" => return reply("221 bye"),
            _ => reply("250 2.0.0 fine")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// What is in the journal after a client said all this, and what the client was answered.
    fn after(said: &str) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal");
        let journal = Arc::new(Journal::open(&file).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(said.as_bytes()).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();
        converse(&listener.accept().unwrap().0, &journal).unwrap();
        drop(listener);
        let mut answered = String::new();
        client.read_to_string(&mut answered).unwrap();
        (std::fs::read_to_string(&file).unwrap(), answered)
    }

    #[test]
    fn a_whole_mail_is_in_the_journal_and_half_of_one_is_not() {
        let mail = |id: &str| {
            format!("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nMessage-ID: <{id}@b>\r\n\r\nText.\r\n")
        };
        let (taken, answered) = after(&format!("EHLO b\r\n{}.\r\n{}.\r\n{}", mail("1"), mail("2"), mail("3")));
        assert_eq!(taken, "connection\n<1@b>\n<2@b>\n");
        assert_eq!(answered.matches("250 2.0.0 taken").count(), 2);
    }
}
