//! Photos of checks and attachments of service records over HTTP: who adds them, who sees them, what is refused.

use crate::{
    both,
    support::{
        Actor, Answer, PASSWORD, Server,
        maintained::{PDF, complete_check, draft_check, jpeg, png, service_record},
    },
};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;

async fn send(actor: &Actor<'_>, path: &str, media: &str, bytes: &[u8]) -> Answer {
    actor.send("POST", path, &[("content-type", media)], Some(bytes.to_vec())).await
}

fn photos(car: &str, check: &str, place: &str) -> String {
    format!("/v1/passports/{car}/checks/{check}/findings/{place}/photos")
}

fn list(car: &str, check: &str) -> String {
    format!("/v1/passports/{car}/checks/{check}/photos")
}

fn attachments(car: &str, record: &str) -> String {
    format!("/v1/passports/{car}/service-records/{record}/attachments")
}

fn file(car: &str, id: &str) -> String {
    format!("/v1/passports/{car}/files/{id}")
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn seen(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory_with_format(bytes, image::ImageFormat::Jpeg).unwrap().into_rgb8()
}

/// How many files lie in the server's folder.
fn stored(server: &Server) -> usize {
    let mut stored = 0;
    server
        .app
        .files
        .storage()
        .list(&mut |batch| {
            stored += batch.len();
            Ok(())
        })
        .unwrap();
    stored
}

both! {
    async fn vc5_a_photo_comes_back_upright_small_and_without_what_was_hidden_in_it(server) {
        let garage = server.garage("photo").await;
        let (driver, _, car) = garage.driver("driver@photo.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let mut sent = jpeg(3_000, 2_000, 6);
        assert!(has(&sent, b"SecretCamera"));
        sent.extend_from_slice(b"PK\x03\x04<script>alert(1)</script>");
        let path = photos(&car, &check, "tread_depth.front_left");
        let added = send(&garage.mechanic, &path, "image/jpeg", &sent).await;
        let shown = added.clone().created();
        assert_eq!(added.header("location"), file(&car, &added.id()));
        assert_eq!(shown["place"], json!("tread_depth.front_left"));
        // It was taken on its side: what was wide is high.
        assert_eq!((&shown["width"], &shown["height"]), (&json!(1_365), &json!(2_048)));
        let whole = garage.mechanic.get(&file(&car, &added.id())).await.expect(StatusCode::OK);
        assert_eq!((whole.header("content-type"), whole.bytes.len().to_string()), ("image/jpeg", shown["bytes"].to_string()));
        assert!(whole.header("content-disposition").starts_with("inline; filename="));
        assert_eq!(whole.header("x-content-type-options"), "nosniff");
        assert!(whole.header("content-security-policy").contains("sandbox"));
        assert_eq!(whole.header("content-length"), whole.bytes.len().to_string());
        let small = garage.mechanic.get(&format!("{}?size=small", file(&car, &added.id()))).await.expect(StatusCode::OK);
        for (answer, size) in [(&whole, (1_365, 2_048)), (&small, (267, 400))] {
            assert!(!has(&answer.bytes, b"SecretCamera") && !has(&answer.bytes, b"Exif") && !has(&answer.bytes, b"script"));
            let pixels = seen(&answer.bytes);
            assert_eq!(pixels.dimensions(), size);
            // The left half was red, and is above now.
            let at = |height: u32| pixels.get_pixel(size.0 / 2, height).0[0];
            assert!(at(size.1 / 10) > 150 && at(size.1 - size.1 / 10) < 60);
        }
        assert_ne!(whole.etag(), small.etag());
        assert_eq!(garage.mechanic.get(&list(&car, &check)).await.items(), [shown]);
        let kinds: Vec<_> = garage.events().await.into_iter().map(|(_, kind)| kind).collect();
        assert!(kinds.contains(&"photo_added".to_owned()));
        drop(driver);
    }

    async fn vc5_what_is_no_photo_is_refused_whatever_it_is_called(server) {
        let garage = server.garage("nophoto").await;
        let (_, _, car) = garage.driver("driver@nophoto.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let path = photos(&car, &check, "windscreen");
        let add = async |media: &str, bytes: &[u8]| send(&garage.mechanic, &path, media, bytes).await;
        let whole = jpeg(60, 40, 1);
        for (bytes, status, code) in [
            (&b"GIF89a\x01\0\x01\0"[..], 415, "file_not_taken"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", 415, "file_not_taken"),
            (b"<!DOCTYPE html><html><script>alert(1)</script></html>", 415, "file_not_taken"),
            (PDF, 415, "file_not_taken"),
            (b"", 415, "file_not_taken"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 415, "heic_not_taken"),
            // It begins as an image and is a page: no image can be read from it.
            (b"\xFF\xD8\xFF\xE0<script>alert(1)</script>", 400, "image_damaged"),
            (b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>", 400, "image_damaged"),
            (&whole[..whole.len() / 4], 400, "image_damaged"),
            (&png(10_000, 10_000), 413, "image_too_large"),
        ] {
            add("image/jpeg", bytes).await.problem(status, code);
            add("application/octet-stream", bytes).await.problem(status, code);
        }
        add("image/heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").await.problem(415, "heic_not_taken");
        let svg = add("image/svg+xml", b"<svg/>").await;
        svg.problem(415, "unsupported_media_type");
        assert!(svg.body["errors"].to_string().contains("content_type_photo"), "{}", svg.body);
        add("image/jpeg", &vec![0; 12 * 1024 * 1024 + 1]).await.problem(413, "payload_too_large");
        assert_eq!(stored(server), 0);
        assert_eq!(garage.mechanic.get(&list(&car, &check)).await.items().len(), 0);
        // What it is counts, not what it is called.
        add("image/png", &jpeg(60, 40, 1)).await.created();
        add("image/jpeg", &png(60, 40)).await.created();
    }

    async fn vc5_an_upload_that_is_too_large_breaks_off_or_lies_about_its_length_leaves_nothing(server) {
        let garage = server.garage("upload").await;
        let (_, _, car) = garage.driver("driver@upload.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let path = photos(&car, &check, "windscreen");
        let token = garage.mechanic.token.clone().unwrap();
        let address = server.url.strip_prefix("http://").unwrap().to_owned();
        let head = |length: &str| {
            format!("POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: image/jpeg\r\n{length}\r\n\r\n")
        };
        let whole = jpeg(600, 400, 1);
        let converse = async |head: String, body: Vec<u8>, ends: bool| {
            let address = address.clone();
            let talk = move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                // The server may have refused it and closed.
                let _ = stream.write_all(&body);
                if ends {
                    stream.shutdown(std::net::Shutdown::Write).unwrap();
                }
                let mut answer = vec![0; 12];
                let read = stream.read(&mut answer).unwrap_or(0);
                String::from_utf8_lossy(&answer[..read]).into_owned()
            };
            actix_web::web::block(talk).await.unwrap()
        };
        // A gigabyte that is announced is refused before it is sent; one that is not, when it has grown too long.
        let begun = std::time::Instant::now();
        assert_eq!(converse(head("content-length: 1000000000"), vec![], false).await, "HTTP/1.1 413");
        assert!(begun.elapsed() < Duration::from_secs(5));
        let mut chunked = format!("{:x}\r\n", 13 * 1024 * 1024).into_bytes();
        chunked.extend(vec![b'x'; 13 * 1024 * 1024]);
        assert_eq!(converse(head("transfer-encoding: chunked"), chunked, false).await, "HTTP/1.1 413");
        // It announces more than it sends, and is gone.
        let more = format!("content-length: {}", whole.len() + 1);
        let answer = converse(head(&more), whole.clone(), true).await;
        assert!(answer.is_empty() || answer == "HTTP/1.1 400", "{answer}");
        let answer = converse(head(&format!("content-length: {}", whole.len())), whole[..whole.len() / 2].to_vec(), true).await;
        assert!(answer.is_empty() || answer == "HTTP/1.1 400", "{answer}");
        // It announces less than it sends: that is not all of the image.
        let less = format!("content-length: {}", whole.len() / 4);
        assert_eq!(converse(head(&less), whole.clone(), false).await, "HTTP/1.1 400");
        assert_eq!(stored(server), 0);
        assert_eq!(garage.mechanic.get(&list(&car, &check)).await.items().len(), 0);
    }

    async fn who_sends_many_photos_slowly_keeps_nobody_else_from_sending_one(server) {
        let garage = server.garage("slowly").await;
        let (_, _, car) = garage.driver("driver@slowly.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let path = photos(&car, &check, "windscreen");
        let token = garage.mechanic.token.clone().unwrap();
        let address = server.url.strip_prefix("http://").unwrap().to_owned();
        let (photo, head) = (jpeg(60, 40, 1), format!("POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}"));
        let head = format!("{head}\r\ncontent-type: image/jpeg\r\ncontent-length: {}\r\n\r\n", photo.len());
        let half = photo[..photo.len() / 2].to_vec();
        let begin = move || -> Vec<TcpStream> {
            let begin = |_| {
                let mut stream = TcpStream::connect(&address).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(&half).unwrap();
                stream
            };
            (0..40).map(begin).collect()
        };
        let slow = actix_web::web::block(begin).await.unwrap();
        // All but four are refused for want of a room of their own.
        let rest = photo[photo.len() / 2..].to_vec();
        let wait = move || {
            let (mut refused, mut waiting) = (vec![], vec![]);
            for mut stream in slow {
                let patience = if refused.is_empty() && waiting.is_empty() { 9 } else { 1 };
                stream.set_read_timeout(Some(Duration::from_secs(patience))).unwrap();
                let mut answer = [0; 12];
                match stream.read_exact(&mut answer) {
                    Ok(()) => refused.push(String::from_utf8_lossy(&answer).into_owned()),
                    Err(_) => waiting.push(stream),
                }
            }
            (refused, waiting)
        };
        let (refused, waiting) = actix_web::web::block(wait).await.unwrap();
        assert_eq!((waiting.len(), refused.len()), (4, 36));
        assert!(refused.iter().all(|answer| answer == "HTTP/1.1 503"), "{refused:?}");
        send(&garage.advisor, &path, "image/jpeg", &photo).await.created();
        // Theirs are taken as soon as they have sent the rest.
        let finish = move || {
            let answers = waiting.into_iter().map(|mut stream| {
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.write_all(&rest).unwrap();
                let mut answer = [0; 12];
                stream.read_exact(&mut answer).unwrap();
                String::from_utf8_lossy(&answer).into_owned()
            });
            answers.collect::<Vec<_>>()
        };
        assert_eq!(actix_web::web::block(finish).await.unwrap(), ["HTTP/1.1 201"; 4]);
        send(&garage.mechanic, &path, "image/jpeg", &photo).await.created();
    }

    async fn vc5_photos_of_a_draft_are_the_garages_and_of_a_completed_check_everyones(server) {
        let (garage, other) = (server.garage("who").await, server.garage("who-else").await);
        let fleet = garage.fleet("fleet-who").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@who.example").await;
        let (stranger, _, _) = garage.driver("stranger@who.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let (path, photo) = (photos(&car, &check, "windscreen"), jpeg(60, 40, 1));
        for staff in [&garage.admin, &garage.advisor, &garage.mechanic] {
            send(staff, &path, "image/jpeg", &photo).await.created();
        }
        for (actor, status, code) in [
            (&driver, 403, "staff_only"),
            (&fleet.account, 403, "staff_only"),
            (&stranger, 404, "not_found"),
            (&other.admin, 404, "not_found"),
        ] {
            send(actor, &path, "image/jpeg", &photo).await.problem(status, code);
        }
        let ids: Vec<String> =
            garage.mechanic.get(&list(&car, &check)).await.items().iter().map(|photo| photo["id"].as_str().unwrap().to_owned()).collect();
        let id = &ids[0];
        for actor in [&driver, &fleet.account, &stranger, &other.admin] {
            actor.get(&list(&car, &check)).await.problem(404, "not_found");
            actor.get(&file(&car, id)).await.problem(404, "not_found");
            actor.send("DELETE", &file(&car, id), &[], None).await.problem(404, "not_found");
        }
        // Of another car, there is none of it.
        let (_, _, second) = garage.driver("second@who.example").await;
        garage.mechanic.get(&file(&second, id)).await.problem(404, "not_found");
        garage.mechanic.get(&list(&second, &check)).await.problem(404, "not_found");
        send(&garage.mechanic, &photos(&second, &check, "windscreen"), "image/jpeg", &photo).await.problem(404, "not_found");
        garage.mechanic.send("DELETE", &file(&car, &ids[2]), &[], None).await.expect(NO_CONTENT);
        garage.mechanic.send("DELETE", &file(&car, &ids[2]), &[], None).await.problem(404, "not_found");
        complete_check(&garage.mechanic, &car, &check).await;
        for actor in [&driver, &fleet.account, &garage.mechanic] {
            assert_eq!(actor.get(&list(&car, &check)).await.items().len(), 2);
            actor.get(&file(&car, id)).await.expect(StatusCode::OK);
        }
        for actor in [&stranger, &other.admin] {
            actor.get(&list(&car, &check)).await.problem(404, "not_found");
            actor.get(&file(&car, id)).await.problem(404, "not_found");
        }
        // What was completed stays.
        send(&garage.mechanic, &path, "image/jpeg", &photo).await.problem(409, "check_completed");
        garage.admin.send("DELETE", &file(&car, id), &[], None).await.problem(409, "check_completed");
        driver.send("DELETE", &file(&car, id), &[], None).await.problem(403, "staff_only");
    }

    async fn vc5_a_photo_belongs_to_a_place_and_a_check_has_forty(server) {
        let garage = server.garage("forty").await;
        let (_, _, car) = garage.driver("driver@forty.example").await;
        let (check, photo) = (draft_check(&garage.mechanic, &car).await, jpeg(16, 12, 1));
        let add = async |place: &str| send(&garage.mechanic, &photos(&car, &check, place), "image/jpeg", &photo).await;
        for place in ["nothing", "tread_depth", "tread_depth.middle", "windscreen.front_left", "tread_depth.front_left.x", "%E2%82%AC"] {
            add(place).await.problem(404, "check_unknown_item");
        }
        let path = format!("{}?position=front_left", photos(&car, &check, "windscreen"));
        send(&garage.mechanic, &path, "image/jpeg", &photo).await.wrong(&["position unknown_parameter"]);
        let nowhere = photos(&car, &check, "windscreen").replace(&check, "nowhere");
        send(&garage.mechanic, &nowhere, "image/jpeg", &photo).await.wrong(&["checkId uuid_invalid"]);
        for _ in 0..40 {
            add("windscreen").await.created();
        }
        add("windscreen").await.problem(409, "check_photos_too_many");
        assert_eq!(stored(server), 80, "what was refused is not stored");
    }

    async fn the_same_upload_with_the_same_key_is_one_file(server) {
        let garage = server.garage("repeat").await;
        let (_, _, car) = garage.driver("driver@repeat.example").await;
        let (check, photo) = (draft_check(&garage.mechanic, &car).await, jpeg(60, 40, 1));
        let add = async |place: &str, bytes: &[u8]| {
            let headers = [("content-type", "image/jpeg"), ("idempotency-key", "k-1")];
            let path = photos(&car, &check, place);
            garage.mechanic.send("POST", &path, &headers, Some(bytes.to_vec())).await
        };
        let first = add("tread_depth.front_left", &photo).await;
        first.clone().created();
        complete_check(&garage.mechanic, &car, &check).await;
        let again = add("tread_depth.front_left", &photo).await;
        assert_eq!((again.status, &again.body, stored(server)), (201, &first.body, 2));
        add("tread_depth.front_right", &photo).await.problem(422, "idempotency_key_reused");
        add("tread_depth.front_left", &jpeg(60, 41, 1)).await.problem(422, "idempotency_key_reused");
        assert_eq!(stored(server), 2);
    }

    async fn a_file_is_served_in_parts_and_not_sent_twice(server) {
        let garage = server.garage("parts").await;
        let (_, _, car) = garage.driver("driver@parts.example").await;
        let check = draft_check(&garage.mechanic, &car).await;
        let id = send(&garage.mechanic, &photos(&car, &check, "windscreen"), "image/jpeg", &jpeg(900, 700, 1)).await.id();
        let path = file(&car, &id);
        let whole = garage.mechanic.get(&path).await.expect(StatusCode::OK);
        let (length, etag) = (whole.bytes.len(), whole.etag());
        assert_eq!((whole.header("accept-ranges"), whole.header("cache-control")), ("bytes", "private, no-cache"));
        let part = async |headers: &[(&str, &str)]| garage.mechanic.send("GET", &path, headers, None).await;
        for (range, from, to) in [("bytes=0-9", 0, 10), ("bytes=10-", 10, length), ("bytes=-5", length - 5, length)] {
            let answer = part(&[("range", range)]).await;
            assert_eq!((answer.status, &answer.bytes[..]), (206, &whole.bytes[from..to]), "{range}");
            assert_eq!(answer.header("content-range"), format!("bytes {from}-{}/{length}", to - 1));
            assert_eq!(answer.etag(), etag);
        }
        let behind = part(&[("range", "bytes=99999999-")]).await;
        behind.problem(416, "range_not_satisfiable");
        assert_eq!(behind.header("content-range"), format!("bytes */{length}"));
        for headers in [[("range", "bytes=0-1,3-4"), ("accept", "*/*")], [("range", "bytes=0-9"), ("if-range", "\"other\"")]] {
            assert_eq!(part(&headers).await.expect(StatusCode::OK).bytes, whole.bytes);
        }
        assert_eq!(part(&[("range", "bytes=0-9"), ("if-range", &etag)]).await.status, 206);
        let known = part(&[("if-none-match", &etag)]).await;
        assert_eq!((known.status, known.etag(), known.bytes.len()), (304, etag.clone(), 0));
        assert_eq!(part(&[("if-none-match", "\"other\"")]).await.status, 200);
        part(&[("if-none-match", "other")]).await.wrong(&["If-None-Match if_none_match_invalid"]);
        garage.mechanic.get(&format!("{path}?size=huge")).await.wrong(&["size unknown_value"]);
        let head = garage.mechanic.send("HEAD", &path, &[], None).await;
        assert_eq!((head.status, head.bytes.len(), head.header("content-length")), (200, 0, &*length.to_string()));
        server.anonymous().get(&path).await.problem(401, "unauthenticated");
    }

    async fn sr2_a_correction_takes_what_is_attached_along(server) {
        let garage = server.garage("along").await;
        let (driver, _, car) = garage.driver("driver@along.example").await;
        let records = format!("/v1/passports/{car}/service-records");
        let record = garage.mechanic.post(&records, json!({ "lines": [{ "task": "wipers" }] })).await.id();
        let sent = send(&garage.mechanic, &attachments(&car, &record), "application/pdf", PDF).await.created();
        let invoice = sent["id"].as_str().unwrap();
        let mut newest = record.clone();
        for task in ["lights", "tyres"] {
            let before = newest;
            newest = garage.mechanic.post(&records, json!({ "lines": [{ "task": task }], "replacesId": before })).await.id();
            for who in [&garage.mechanic, &driver] {
                assert_eq!(who.get(&attachments(&car, &newest)).await.items(), std::slice::from_ref(&sent));
                assert_eq!(who.get(&attachments(&car, &before)).await.items().len(), 0);
                assert_eq!(who.get(&file(&car, invoice)).await.expect(StatusCode::OK).bytes, PDF);
            }
            send(&garage.mechanic, &attachments(&car, &before), "application/pdf", PDF).await.problem(409, "service_record_already_replaced");
        }
        send(&garage.mechanic, &attachments(&car, &newest), "application/pdf", PDF).await.created();
        garage.admin.send("DELETE", &file(&car, invoice), &[], None).await.expect(NO_CONTENT);
        assert_eq!(garage.mechanic.get(&attachments(&car, &newest)).await.items().len(), 1);
    }

    async fn sr1_documents_and_photos_are_attached_to_a_record(server) {
        let garage = server.garage("attach").await;
        let (driver, _, car) = garage.driver("driver@attach.example").await;
        let record = service_record(&garage.advisor, &car).await;
        let path = attachments(&car, &record);
        let name = "%C3%A9fdp.html%22%3B%20x%3D%C3%A9"; // a name with a quote in it
        let added = send(&garage.mechanic, &format!("{path}?name={name}"), "application/pdf", PDF).await;
        assert_eq!(added.clone().created()["kind"], "document");
        send(&garage.mechanic, &format!("{path}?name=%E2%80%AEfdp"), "application/pdf", PDF).await.wrong(&["name control_character"]);
        let served = garage.mechanic.get(&file(&car, &added.id())).await.expect(StatusCode::OK);
        assert_eq!((served.header("content-type"), &served.bytes[..]), ("application/pdf", PDF));
        let disposition = served.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"_fdp.html__ x__.pdf\"; filename*=UTF-8''%C3%A9fdp"), "{disposition}");
        assert!(served.header("content-security-policy").contains("sandbox"));
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        // A document has one version.
        let small = garage.mechanic.get(&format!("{}?size=small", file(&car, &added.id()))).await;
        assert_eq!(small.expect(StatusCode::OK).bytes, PDF);
        let photo = send(&garage.mechanic, &path, "image/jpeg", &jpeg(60, 40, 6)).await;
        assert_eq!(photo.clone().created()["kind"], "photo");
        let upright = seen(&garage.mechanic.get(&file(&car, &photo.id())).await.bytes);
        assert_eq!(upright.dimensions(), (40, 60));
        for (bytes, status, code) in [
            (&b"<!DOCTYPE html><html><script>alert(1)</script></html>"[..], 415, "file_not_taken"),
            (b"%PDF-1.7\n<html><script>alert(1)</script></html>\n%%EOF", 415, "file_not_taken"),
            (b"%PDF-1.7 which breaks off", 415, "file_not_taken"),
            (b"MZ\x90\0 a program", 415, "file_not_taken"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 415, "heic_not_taken"),
            (&jpeg(60, 40, 1)[..200], 400, "image_damaged"),
            (&png(10_000, 10_000), 413, "image_too_large"),
        ] {
            send(&garage.mechanic, &path, "application/pdf", bytes).await.problem(status, code);
        }
        let mut large = PDF.to_vec();
        large.resize(10 * 1024 * 1024 + 1, b' ');
        send(&garage.mechanic, &path, "application/pdf", &large).await.problem(413, "payload_too_large");
        assert_eq!(stored(server), 3);
        assert_eq!(garage.advisor.get(&path).await.items().len(), 2);
        // Whose car it was then sees it; adding is the garage's.
        assert_eq!(driver.get(&path).await.items().len(), 2);
        send(&driver, &path, "application/pdf", PDF).await.problem(403, "attachment_not_yours");
        garage.mechanic.send("DELETE", &file(&car, &photo.id()), &[], None).await.problem(403, "advisor_only");
        driver.send("DELETE", &file(&car, &photo.id()), &[], None).await.problem(403, "staff_only");
        garage.advisor.send("DELETE", &file(&car, &photo.id()), &[], None).await.expect(NO_CONTENT);
        for _ in 0..19 {
            send(&garage.mechanic, &path, "application/pdf", PDF).await.created();
        }
        send(&garage.mechanic, &path, "application/pdf", PDF).await.problem(409, "attachments_too_many");
    }

    async fn sr5_invoices_stay_with_the_garage_and_with_who_owned_the_car(server) {
        let (garage, other) = (server.garage("invoice").await, server.garage("invoice-else").await);
        let (owner, _, car) = garage.driver("owner@invoice.example").await;
        let record = service_record(&garage.advisor, &car).await;
        let id = send(&garage.mechanic, &attachments(&car, &record), "application/pdf", PDF).await.id();
        owner.get(&file(&car, &id)).await.expect(StatusCode::OK);
        other.admin.get(&file(&car, &id)).await.problem(404, "not_found");
        other.admin.get(&attachments(&car, &record)).await.problem(404, "not_found");
        // The car changes hands: the new owner sees that there is a record, and nothing of what it cost.
        let (later, _, _) = garage.driver("later@invoice.example").await;
        let offer = owner.offer(&car, "new_owner", "later@invoice.example").await.expect(StatusCode::CREATED).id();
        later.act(&format!("/v1/transfers/{offer}/accept")).await.ok();
        later.get(&format!("/v1/passports/{car}")).await.ok();
        assert_eq!(later.get(&attachments(&car, &record)).await.items().len(), 0);
        later.get(&file(&car, &id)).await.problem(404, "not_found");
        owner.get(&file(&car, &id)).await.problem(404, "not_found");
        garage.mechanic.get(&file(&car, &id)).await.expect(StatusCode::OK);
    }

    async fn ec6_the_driver_of_a_fleet_car_sees_invoices_when_the_fleet_allows_it(server) {
        let garage = server.garage("ec6").await;
        let fleet = garage.fleet("fleet-ec6").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@ec6.example").await;
        // On the day on which it came into the fleet, nobody could say for whom the work was done.
        server.pass_idle(SignedDuration::from_hours(30));
        let sign_in = async |email: &str| server.sign_in(email, PASSWORD).await;
        let (advisor, mechanic) = (sign_in("advisor@ec6.example").await, sign_in("mechanic@ec6.example").await);
        let (driver, account) = (sign_in(&driver.email).await, sign_in(&fleet.account.email).await);
        let record = service_record(&advisor, &car).await;
        let id = send(&mechanic, &attachments(&car, &record), "application/pdf", PDF).await.id();
        account.get(&file(&car, &id)).await.expect(StatusCode::OK);
        driver.get(&file(&car, &id)).await.problem(404, "not_found");
        assert_eq!(driver.get(&attachments(&car, &record)).await.items().len(), 0);
        let (address, allow) = (format!("/v1/fleets/{}/driver-amounts", fleet.id), json!({ "driversSeeAmounts": true }));
        account.change("PUT", &address, "*", allow).await.ok();
        driver.get(&file(&car, &id)).await.expect(StatusCode::OK);
        assert_eq!(driver.get(&attachments(&car, &record)).await.items().len(), 1);
    }

    async fn sr4_who_declared_a_record_attaches_to_it(server) {
        let garage = server.garage("sr4").await;
        let fleet = garage.fleet("fleet-sr4").await;
        let (driver, car) = garage.fleet_car(&fleet, "driver@sr4.example").await;
        let record = service_record(&driver, &car).await;
        let path = attachments(&car, &record);
        let id = send(&driver, &path, "application/pdf", PDF).await.id();
        driver.get(&file(&car, &id)).await.expect(StatusCode::OK);
        send(&fleet.account, &path, "application/pdf", PDF).await.problem(403, "attachment_not_yours");
        send(&garage.mechanic, &path, "application/pdf", PDF).await.created();
        send(&driver, &attachments(&car, &uuid::Uuid::now_v7().to_string()), "application/pdf", PDF).await.problem(404, "not_found");
    }

    async fn an_archived_passport_takes_no_files(server) {
        let garage = server.garage("archived").await;
        let (_, _, car) = garage.driver("driver@archived.example").await;
        let (check, record) = (draft_check(&garage.mechanic, &car).await, service_record(&garage.advisor, &car).await);
        let photo = send(&garage.mechanic, &photos(&car, &check, "windscreen"), "image/jpeg", &jpeg(60, 40, 1)).await.id();
        complete_check(&garage.mechanic, &car, &check).await;
        garage.admin.act(&format!("/v1/passports/{car}/archive")).await.ok();
        let archived = garage.admin.get(&format!("/v1/passports/{car}")).await.ok();
        assert_eq!(archived["status"], "archived", "{archived}");
        send(&garage.mechanic, &photos(&car, &check, "windscreen"), "image/jpeg", &jpeg(60, 40, 1)).await.problem(409, "passport_archived");
        send(&garage.mechanic, &attachments(&car, &record), "application/pdf", PDF).await.problem(409, "passport_archived");
        garage.mechanic.send("DELETE", &file(&car, &photo), &[], None).await.problem(409, "passport_archived");
        garage.mechanic.get(&file(&car, &photo)).await.expect(StatusCode::OK);
    }
}
