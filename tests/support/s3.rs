//! A real server of S3-compatible storage, SeaweedFS, as a process of its own: one for all tests, each of which gets a
//! bucket.

use super::source::repository;
use api::{
    config::Settings,
    storage::{FilesAt, S3SettingsText},
};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{OnceLock, mpsc},
    time::Duration,
};

const KEYS: &str = r#"{"identities":[{"name":"tests","credentials":[{"accessKey":"key","secretKey":"secret"}],
    "actions":["Admin","Read","Write","List"]}]}"#;

/// A bucket of the server.
pub(crate) struct Bucket {
    endpoint: String,
    pub(crate) name: String,
}

struct Ports {
    s3: u16,
    filer: u16,
}

impl Bucket {
    /// A new bucket, on a server that is started when it is first needed.
    pub(crate) async fn create() -> Self {
        static PORTS: OnceLock<Ports> = OnceLock::new();
        let Ports { s3, filer } = actix_web::web::block(|| PORTS.get_or_init(start)).await.unwrap();
        let name = format!("files-{}", uuid::Uuid::now_v7().simple());
        // In SeaweedFS a bucket is a folder.
        let made =
            reqwest::Client::new().post(format!("http://127.0.0.1:{filer}/buckets/{name}/")).send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
        Self { endpoint: format!("http://127.0.0.1:{s3}"), name }
    }

    pub(crate) fn at(&self, secret: &str) -> FilesAt {
        let text = S3SettingsText {
            endpoint: Some(&self.endpoint),
            region: "us-east-1",
            bucket: Some(&self.name),
            key_id: Some("key"),
            secret: Some(secret),
        };
        FilesAt::S3(text.check().unwrap().unwrap())
    }

    pub(crate) fn settings(&self) -> impl FnOnce(&mut Settings) {
        let files = self.at("secret");
        move |settings| settings.files = files
    }
}

/// Ports that are free, as is the one ten thousand above each, which the server takes too.
fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let own = u16::try_from(std::process::id() % 9_000).unwrap();
    let ports = (0..9_000).map(|step| 11_000 + (own + step) % 9_000);
    let free: Vec<u16> = ports.filter(|port| is_free(*port) && is_free(port + 10_000)).take(COUNT).collect();
    free.try_into().unwrap()
}

/// A folder for this process; those of processes that have ended are removed.
fn folder() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("s3");
    for old in std::fs::read_dir(&all).into_iter().flatten().map(Result::unwrap) {
        if !Path::new("/proc").join(old.file_name()).exists() {
            // Another run may remove it at the same moment.
            let _ = std::fs::remove_dir_all(old.path());
        }
    }
    let own = all.join(std::process::id().to_string());
    std::fs::create_dir_all(&own).unwrap();
    own
}

/// Starts the server. It ends with this process, whatever becomes of that: the thread that starts it stays until then.
fn start() -> Ports {
    let (say, said) = mpsc::channel();
    std::thread::spawn(move || {
        let (ports, mut server) = launch();
        say.send(ports).unwrap();
        panic!("the S3 server ended: {:?}", server.wait());
    });
    said.recv().unwrap()
}

#[expect(clippy::zombie_processes, reason = "the process ends with the thread that started it")]
fn launch() -> (Ports, Child) {
    let weed = repository().join("tools/s3-server/.venv/bin/weed");
    assert!(
        weed.exists(),
        "{} is missing: scripts/ensure-s3-server.sh installs it, as `make test` does",
        weed.display()
    );
    let folder = folder();
    std::fs::write(folder.join("s3.json"), KEYS).unwrap();
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let [master, volume, filer, s3] = free_ports();
    let option = |name: &str, value: &dyn std::fmt::Display| format!("-{name}={value}");
    let server = Command::new("setpriv")
        .args(["--pdeathsig", "KILL"])
        .arg(weed)
        .args(["-logtostderr=true", "server", "-filer", "-s3", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"])
        .args(["-master.volumeSizeLimitMB=64", "-volume.max=20", "-master.telemetry=false"])
        .args([option("dir", &folder.display()), option("s3.config", &folder.join("s3.json").display())])
        .args([option("master.port", &master), option("volume.port", &volume)])
        .args([option("filer.port", &filer), option("s3.port", &s3)])
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    for _ in 0..600 {
        if std::net::TcpStream::connect(("127.0.0.1", s3)).is_ok() {
            return (Ports { s3, filer }, server);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the S3 server did not start: {}", std::fs::read_to_string(folder.join("log")).unwrap());
}
