//! A push service of a few lines (RFC 8030), and a browser that reads what came there (RFC 8291).

use api::push::{Networks, PushSettings, VapidKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hkdf::{HKDF_SHA256, Salt},
    rand::SystemRandom,
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// Settings with which a server sends push messages.
pub(crate) fn settings(networks: Networks) -> PushSettings {
    let key = VapidKey::from_bytes(&[7; 32]).unwrap();
    PushSettings { networks, ..PushSettings::new(key, "mailto:beheer@autopaspoort.nl") }
}

/// A message as it came to the service.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) path: String,
    /// By their names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Reads the next request of a connection; none when there is no more.
    pub(super) fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = vec![];
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut message = Self { path, headers, body: vec![] };
        message.body = vec![0; message.header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut message.body)?;
        Ok(Some(message))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

#[derive(Default)]
struct State {
    received: Vec<Message>,
    /// What the next messages are answered; 201 when nothing is said.
    answers: VecDeque<&'static str>,
}

pub(crate) struct PushService {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl PushService {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let service = Self { url, state: state.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = state.clone();
                std::thread::spawn(move || drop(converse(stream, &state)));
            }
        });
        service
    }

    /// What the next message is answered: a status, and headers in further lines.
    pub(crate) fn answer(&self, answer: &'static str) {
        self.state.lock().unwrap().answers.push_back(answer);
    }

    /// The messages that came, the oldest first. They are forgotten.
    pub(crate) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.state.lock().unwrap().received)
    }
}

fn converse(stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(message) = Message::read(&mut reader)? {
        let answer = {
            let mut state = state.lock().unwrap();
            state.received.push(message);
            state.answers.pop_front().unwrap_or("201 Created")
        };
        writer.write_all(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
    }
    Ok(())
}

/// A browser that has subscribed. Its key is good for one message, since nobody can agree twice with it.
pub(crate) struct Browser {
    endpoint: String,
    key: EphemeralPrivateKey,
    public: Vec<u8>,
    auth: [u8; 16],
}

impl Browser {
    pub(crate) fn subscribe(service: &PushService, path: &str) -> Self {
        let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let public = key.compute_public_key().unwrap().as_ref().to_vec();
        Self { endpoint: format!("{}{path}", service.url), key, public, auth: *b"sixteen secrets!" }
    }

    /// The body with which it is registered.
    pub(crate) fn subscription(&self) -> Value {
        let (p256dh, auth) = (URL_SAFE_NO_PAD.encode(&self.public), URL_SAFE_NO_PAD.encode(self.auth));
        json!({ "kind": "web_push", "endpoint": self.endpoint, "p256dh": p256dh, "auth": auth })
    }

    /// What a message says.
    pub(crate) fn read(self, message: &Message) -> Value {
        let (salt, rest) = message.body.split_at(16);
        let (sender, record) = rest[5..].split_at(usize::from(rest[4]));
        let shared = agree_ephemeral(self.key, &UnparsedPublicKey::new(&ECDH_P256, sender), <[u8]>::to_vec).unwrap();
        let info = [b"WebPush: info\0", &*self.public, sender].concat();
        let secret = derive(&self.auth, &shared, &info, 32);
        let key = derive(salt, &secret, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = derive(salt, &secret, b"Content-Encoding: nonce\0", 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let mut record = record.to_vec();
        let plain = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        // Behind the text there is a mark and padding.
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], 2, "the last record");
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

fn derive(salt: &[u8], secret: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    struct Length(usize);
    impl ring::hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut derived = vec![0; length];
    let key = Salt::new(HKDF_SHA256, salt).extract(secret);
    key.expand(&[info], Length(length)).unwrap().fill(&mut derived).unwrap();
    derived
}
