//! The storage of files: a folder and a real S3-speaking server, when they work, when they are down and when they are full,
//! and the comparison of either with the database.

use crate::{
    both,
    support::{
        Actor, Answer, Server,
        maintained::{PDF, draft_check, jpeg, service_record},
        s3::Bucket,
    },
};
use api::{
    file_check::{Comparison, compare},
    storage::FilesAt,
};
use jiff::SignedDuration;
use reqwest::StatusCode;

async fn add_photo(actor: &Actor<'_>, car: &str, check: &str) -> Answer {
    let path = format!("/v1/passports/{car}/checks/{check}/findings/windscreen/photos");
    actor.send("POST", &path, &[("content-type", "image/jpeg")], Some(jpeg(900, 700, 1))).await
}

async fn attach(actor: &Actor<'_>, car: &str, record: &str) -> Answer {
    let path = format!("/v1/passports/{car}/service-records/{record}/attachments");
    actor.send("POST", &path, &[("content-type", "application/pdf")], Some(PDF.to_vec())).await
}

fn names(server: &Server) -> Vec<uuid::Uuid> {
    let mut names = vec![];
    server
        .app
        .files
        .storage()
        .list(&mut |batch| {
            names.extend(batch.iter().map(|stored| stored.name));
            Ok(())
        })
        .unwrap();
    names
}

/// What an operator sees, a day after the files were written.
async fn compared(server: &Server, delete_orphans: bool) -> (Comparison, Vec<String>) {
    let app = server.app.clone();
    let work = move || {
        let mut said = vec![];
        let later = jiff::Timestamp::now() + SignedDuration::from_hours(25);
        let found = compare(app.database.store(), app.files.storage(), later, delete_orphans, &mut |line| {
            said.push(line.to_owned());
        });
        (found.unwrap(), said)
    };
    actix_web::web::block(work).await.unwrap()
}

/// The life of a photo and of a document: added, read in part, deleted in the database and then in the storage; what one of
/// the two lost is found.
async fn live(server: &Server) {
    let garage = server.garage("life").await;
    let (_, _, car) = garage.driver("driver@life.example").await;
    let (check, record) = (draft_check(&garage.mechanic, &car).await, service_record(&garage.advisor, &car).await);
    let (photo, document) =
        (add_photo(&garage.mechanic, &car, &check).await, attach(&garage.mechanic, &car, &record).await);
    let file = |answer: &Answer| format!("/v1/passports/{car}/files/{}", answer.id());
    let whole = garage.mechanic.get(&file(&photo)).await.expect(StatusCode::OK).bytes;
    let part = garage.mechanic.send("GET", &file(&photo), &[("range", "bytes=100-199")], None).await;
    assert_eq!((part.status, &part.bytes[..]), (206, &whole[100..200]));
    assert_eq!(garage.mechanic.get(&file(&document)).await.bytes, PDF);
    assert_eq!(names(server).len(), 3);
    let (found, said) = compared(server, false).await;
    assert_eq!((found, said.len()), (Comparison { stored: 3, rows: 3, ..Comparison::default() }, 0));

    // The database has lost a file at once, and the storage when the worker comes to it.
    garage.mechanic.send("DELETE", &file(&photo), &[], None).await.expect(StatusCode::NO_CONTENT);
    garage.mechanic.get(&file(&photo)).await.problem(404, "not_found");
    assert_eq!(names(server).len(), 3);
    server.work();
    let document_name: uuid::Uuid = document.id().parse().unwrap();
    assert_eq!(names(server), [document_name]);

    // What nobody knows is found, and deleted at the operator's word alone.
    let orphan = uuid::Uuid::now_v7();
    let storage = server.app.clone();
    actix_web::web::block(move || storage.files.storage().put(orphan, b"orphan")).await.unwrap().unwrap();
    let (found, said) = compared(server, false).await;
    assert_eq!((found.stored, found.orphans, found.deleted, found.missing), (2, 1, 0, 0));
    assert!(said[0].starts_with(&format!("{orphan} is in the storage alone")), "{said:?}");
    assert_eq!(compared(server, true).await.0.deleted, 1);
    assert_eq!(names(server), [document_name]);

    // What has another size than it should is named.
    let storage = server.app.clone();
    let damage = move || {
        storage.files.storage().delete(document_name).and_then(|()| storage.files.storage().put(document_name, b"cut"))
    };
    actix_web::web::block(damage).await.unwrap().unwrap();
    let (found, said) = compared(server, true).await;
    assert_eq!((found.stored, found.damaged, found.orphans, found.missing), (1, 1, 0, 0));
    assert_eq!(said, [format!("{document_name} has 3 bytes and should have {}", PDF.len())]);

    // What the storage lost is named, and is a failure of ours to those who ask for it.
    let storage = server.app.clone();
    actix_web::web::block(move || storage.files.storage().delete(document_name)).await.unwrap().unwrap();
    let (found, said) = compared(server, true).await;
    assert_eq!((found.rows, found.missing, found.deleted), (1, 1, 0));
    assert_eq!(said, [format!("{document_name} of the file {document_name} is in the database alone")]);
    garage.mechanic.get(&file(&document)).await.problem(500, "internal_error");
}

both! {
    async fn files_live_in_a_folder(server) {
        live(server).await;
    }

    async fn files_live_in_a_bucket(server) {
        let bucket = Bucket::create().await;
        let server = Server::start_with(server.backend, bucket.settings()).await;
        live(&server).await;
        server.stop().await;
    }

    async fn a_storage_that_is_down_or_full_leaves_nothing_half_done(server) {
        let bucket = Bucket::create().await;
        let blocked = tempfile::NamedTempFile::new().unwrap();
        let nowhere = api::storage::S3SettingsText {
            endpoint: Some("http://127.0.0.1:1"),
            region: "us-east-1",
            bucket: Some("files"),
            key_id: Some("key"),
            secret: Some("secret"),
        };
        for (files, code) in [
            // A folder that is a file, a server where nobody listens, and a key that is wrong.
            (FilesAt::Folder(blocked.path().join("files")), "files_unavailable"),
            (FilesAt::S3(nowhere.check().unwrap().unwrap()), "files_unavailable"),
            (bucket.at("another"), "files_unavailable"),
            // A folder in which nobody can write, root neither.
            (FilesAt::Folder("/sys/autopaspoort-files".into()), "storage_full"),
        ] {
            let server = Server::start_with(server.backend, |settings| settings.files = files).await;
            let garage = server.garage("down").await;
            let (_, _, car) = garage.driver("driver@down.example").await;
            let (check, record) = (draft_check(&garage.mechanic, &car).await, service_record(&garage.advisor, &car).await);
            for refused in [add_photo(&garage.mechanic, &car, &check).await, attach(&garage.mechanic, &car, &record).await] {
                refused.problem(503, code);
                assert!(!refused.header("retry-after").is_empty());
            }
            // There is no row, and the rest works.
            assert_eq!(garage.mechanic.get(&format!("/v1/passports/{car}/checks/{check}/photos")).await.items().len(), 0);
            server.stop().await;
        }
    }

    async fn what_cannot_be_deleted_now_is_deleted_later(server) {
        let garage = server.garage("later").await;
        let (_, _, car) = garage.driver("driver@later.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let photo = add_photo(&garage.mechanic, &car, &check).await.id();
        let path = format!("/v1/passports/{car}/files/{photo}");
        let FilesAt::Folder(folder) = &server.app.settings.files else { unreachable!() };
        let away = folder.with_extension("away");
        std::fs::rename(folder, &away).unwrap();
        std::fs::write(folder, b"no folder").unwrap();
        garage.mechanic.get(&path).await.problem(503, "files_unavailable");
        // The database does not wait for the storage.
        garage.mechanic.send("DELETE", &path, &[], None).await.expect(StatusCode::NO_CONTENT);
        server.work();
        std::fs::remove_file(folder).unwrap();
        std::fs::rename(&away, folder).unwrap();
        assert_eq!(names(server).len(), 2);
        server.pass(SignedDuration::from_secs(11));
        server.work();
        assert_eq!(names(server).len(), 0);
    }
}
