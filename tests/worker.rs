//! The worker as it runs beside the server: several jobs at once, and none twice.

use crate::{
    both,
    support::{Backend, Garage, MailServer, Server, until},
};
use domain::{
    job::{Task, TaskKind},
    value::EmailAddress,
};
use jiff::SignedDuration;
use persistence::{self as store, StoreError, Tx, jobs::Job};
use reqwest::StatusCode;
use serde_json::json;
use std::{collections::HashSet, time::Duration};

/// A server that sends its mails to one that is held up.
async fn sending(backend: Backend) -> (Server, MailServer) {
    let mails = MailServer::start();
    let server = Server::start_with(backend, |settings| settings.smtp_url = Some(mails.url.clone())).await;
    (server, mails)
}

/// Has so many colleagues mailed a link each.
async fn invite(garage: &Garage<'_>, name: &str, count: usize) {
    for number in 0..count {
        let email = format!("colleague{number}@{name}.example");
        let body = json!({ "email": email, "name": format!("Colleague {number}"), "role": "mechanic" });
        garage.admin.post("/v1/garage/staff", body).await.created();
    }
}

/// How many jobs of a kind wait, run, and were given up.
fn jobs(server: &Server, kind: TaskKind) -> (i64, i64, i64) {
    let counts = server.store().read(|tx| store::jobs::counts(tx, server.now())).unwrap();
    let (_, counts) = counts.into_iter().find(|(found, _)| *found == Some(kind)).unwrap();
    (counts.queued, counts.running, counts.dead)
}

/// Leaves a job that was begun 11 minutes ago and that nobody runs.
fn abandon_a_job(server: &Server) {
    let (id, then) = (uuid::Uuid::now_v7(), server.now() - SignedDuration::from_mins(11));
    let task = Task::PasswordReset(EmailAddress::parse("jan@jansen.example").unwrap());
    let work = |tx: &mut Tx<'_>| {
        let job = Job { id, cause: None, task: task.clone(), attempts: 0 };
        store::jobs::insert(tx, &job, then, then)?;
        store::jobs::claim(tx, TaskKind::PasswordReset, 1, then)
    };
    assert_eq!(server.store().write(work).unwrap().len(), 1);
}

both! {
    async fn a_mail_server_that_hangs_holds_up_no_other_work_and_no_mail_goes_out_twice(server) {
        let (hanging, mails) = sending(server.backend).await;
        let garage = hanging.garage("hang").await;
        invite(&garage, "hang", 7).await;
        let worker = hanging.start_worker();
        until("as many mails as run at once hang", || mails.waiting() == 4).await;
        assert_eq!(jobs(&hanging, TaskKind::Mail), (3, 4, 0));

        let body = json!({ "email": garage.advisor.email });
        hanging.anonymous().post("/v1/auth/password-reset", body).await.expect(StatusCode::ACCEPTED);
        let is_done = || jobs(&hanging, TaskKind::Mail) == (4, 4, 0) && jobs(&hanging, TaskKind::PasswordReset) == (0, 0, 0);
        until("the password reset is done", is_done).await;
        abandon_a_job(&hanging);
        hanging.pass_idle(SignedDuration::from_mins(1));
        let is_done_again = || jobs(&hanging, TaskKind::PasswordReset) == (0, 0, 0);
        until("what lost its worker is done again", is_done_again).await;
        assert_eq!(jobs(&hanging, TaskKind::Mail), (4, 4, 0));

        // Told to stop, it finishes what it runs and begins nothing else.
        worker.tell();
        mails.go_on();
        worker.stop();
        assert_eq!(jobs(&hanging, TaskKind::Mail), (4, 0, 0));

        // Two servers share the rest.
        let workers = [hanging.start_worker(), hanging.start_worker()];
        until("all mails are sent", || jobs(&hanging, TaskKind::Mail) == (0, 0, 0)).await;
        for worker in workers {
            worker.stop();
        }
        let received = mails.received();
        assert_eq!(received.len(), 8, "{received:?}");
        assert_eq!(received.iter().collect::<HashSet<_>>().len(), 8, "{received:?}");
        hanging.stop().await;
    }

    async fn a_mail_of_which_nobody_knows_whether_it_went_out_is_sent_again_as_the_same(server) {
        let (cutting, mails) = sending(server.backend).await;
        let garage = cutting.garage("cut").await;
        invite(&garage, "cut", 2).await;
        mails.cut_off(2);
        mails.go_on();
        let worker = cutting.start_worker();
        until("both mails were cut off", || mails.received().len() == 2).await;
        until("both wait", || jobs(&cutting, TaskKind::Mail) == (2, 0, 0)).await;
        // The server is ready all the same: requests are answered, and mails wait.
        let ready = cutting.anonymous().get("/health/ready").await;
        assert_eq!((ready.status, ready.body["mail"].as_str()), (200, Some("failing")), "{}", ready.body);
        cutting.pass_idle(SignedDuration::from_secs(11));
        until("both are sent", || jobs(&cutting, TaskKind::Mail) == (0, 0, 0)).await;
        let ready = cutting.anonymous().get("/health/ready").await;
        assert_eq!(ready.body["mail"].as_str(), Some("ok"), "{}", ready.body);
        worker.stop();
        let received = mails.received();
        assert_eq!(received.len(), 4, "{received:?}");
        assert_eq!(received.iter().collect::<HashSet<_>>().len(), 2, "a program that reads mail takes both for one");
        cutting.stop().await;
    }

    async fn a_mail_server_that_refuses_puts_off_or_breaks_off_loses_no_mail_about_an_account(server) {
        let (refusing, mails) = sending(server.backend).await;
        let garage = refusing.garage("refuse").await;
        invite(&garage, "refuse", 4).await;
        mails.go_on();
        // It does not know one address yet (greylisting), has a full mailbox, and closes the connection in the middle of a mail.
        mails.refuse("colleague0@refuse.example", "450 4.2.0 try again later");
        mails.refuse("colleague1@refuse.example", "452 4.2.2 mailbox full");
        mails.break_off(1);
        refusing.work();
        assert_eq!((jobs(&refusing, TaskKind::Mail), mails.received().len()), ((3, 0, 0), 1));
        mails.accept("colleague0@refuse.example");
        refusing.pass_idle(SignedDuration::from_secs(11));
        refusing.work();
        assert_eq!((jobs(&refusing, TaskKind::Mail), mails.received().len()), ((1, 0, 0), 3));
        mails.accept("colleague1@refuse.example");
        refusing.pass_idle(SignedDuration::from_secs(21));
        refusing.work();
        assert_eq!((jobs(&refusing, TaskKind::Mail), mails.received().len()), ((0, 0, 0), 4));

        // It takes nothing for a while.
        invite(&garage, "refuse-all", 2).await;
        mails.refuse_all(Some("451 4.3.2 not now"));
        refusing.work();
        let ready = async || refusing.anonymous().get("/health/ready").await.body["mail"].as_str().unwrap().to_owned();
        assert_eq!((jobs(&refusing, TaskKind::Mail), ready().await.as_str()), ((2, 0, 0), "failing"));
        // It takes nothing for good, such as when it does not know this server any more: that is for an operator, who mends it.
        mails.refuse_all(Some("550 5.7.1 you may not send here"));
        refusing.pass_idle(SignedDuration::from_secs(11));
        refusing.work();
        assert_eq!(jobs(&refusing, TaskKind::Mail), (0, 0, 2));
        let dead = refusing.store().read(|tx| store::jobs::list_dead(tx, 9)).unwrap();
        assert!(dead.iter().all(|job| job.last_error.as_deref().is_some_and(|error| error.contains("5.7.1"))), "{dead:?}");
        mails.refuse_all(None);
        let again = refusing.store().write(|tx| store::jobs::revive(tx, None, refusing.now())).unwrap();
        refusing.work();
        assert_eq!((again, jobs(&refusing, TaskKind::Mail), ready().await.as_str()), (2, (0, 0, 0), "ok"));
        let received = mails.received();
        assert_eq!((received.len(), received.iter().collect::<HashSet<_>>().len()), (6, 6), "each once");
        let suppressed = refusing.store().read(|tx| {
            let email = EmailAddress::parse("colleague1@refuse.example").unwrap();
            store::suppression::list_of_email(tx, &email)
        });
        assert!(suppressed.unwrap().is_empty(), "a full mailbox is emptied");
        refusing.stop().await;
    }

    async fn that_a_mail_went_out_is_written_down_once_the_database_is_back(server) {
        let (hanging, mails) = sending(server.backend).await;
        let garage = hanging.garage("back").await;
        invite(&garage, "back", 1).await;
        let worker = hanging.start_worker();
        until("the mail is on its way", || mails.waiting() == 1).await;
        // Longer than a single attempt to write takes: SQLite waits 5 seconds for who writes, PostgreSQL cannot be reached.
        match server.backend {
            Backend::Sqlite => {
                let other = hanging.store().clone();
                let held = move || other.write(|_| {
                    mails.go_on();
                    std::thread::sleep(Duration::from_secs(8));
                    assert_eq!(mails.received().len(), 1);
                    Ok::<_, StoreError>(())
                });
                actix_web::rt::task::spawn_blocking(held).await.unwrap().unwrap();
                assert_eq!(jobs(&hanging, TaskKind::Mail), (0, 1, 0), "it is not written down yet");
            }
            Backend::Postgres => {
                hanging.set_database_reachable(false);
                mails.go_on();
                tokio::time::sleep(Duration::from_secs(5)).await;
                hanging.set_database_reachable(true);
            }
        }
        until("it is written down", || jobs(&hanging, TaskKind::Mail) == (0, 0, 0)).await;
        worker.stop();
        hanging.stop().await;
    }

    async fn an_operator_sees_how_many_jobs_wait_and_for_how_long(server) {
        let garage = server.garage("numbers").await;
        invite(&garage, "numbers", 3).await;
        server.pass_idle(SignedDuration::from_secs(90));
        let counts = server.store().read(|tx| store::jobs::counts(tx, server.now())).unwrap();
        let (_, mails) = counts.into_iter().find(|(kind, _)| *kind == Some(TaskKind::Mail)).unwrap();
        let waits = server.now().duration_since(mails.due_since.unwrap());
        assert_eq!((mails.queued, waits), (3, SignedDuration::from_secs(90)));
        server.mails_to("colleague0@numbers.example");
        assert_eq!(jobs(server, TaskKind::Mail), (0, 0, 0));
    }
}
