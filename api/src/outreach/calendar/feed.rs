//! What a calendar program finds at the secret address of a calendar (rule CAL1). It signs in nowhere: the address is the
//! secret, and what its account reaches is looked up each time.

use super::{
    ical::Calendar,
    operations::relation,
    secret_address::{secret_hash, secret_of},
    texts,
};
use crate::{
    problem::{Code, Problem},
    state::App,
};
use actix_web::{HttpResponse, http::header, web};
use domain::{
    Instant,
    access::{Action, Decision, decide},
    calendar::{self, Entry, MOST_ENTRIES, Outcome},
    ids::AccountId,
    value::Language,
};
use persistence::{self as store, Scope, Tx};

/// Serves a calendar.
///
/// Looks at one calendar are counted, in the memory of each server, since a row for each look would cost more than the look.
/// Those at secrets that are none are not: an address has its limit for them, and nobody guesses 256 random bits.
pub(crate) async fn serve(app: web::Data<App>, file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let hash = secret_hash(&app.secret, secret_of(&file).ok_or(Code::NotFound)?);
    let now = app.clock.now();
    app.calendar_looks.count(hash, now)?;
    let Some(found) = look(&app, hash, now).await? else {
        app.calendar_looks.forget(&hash);
        return Err(Code::NotFound.into());
    };
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .body(written(&found, &app.settings.app_url)))
}

/// A calendar that was found.
struct Found {
    account: AccountId,
    language: Language,
    outcome: Outcome,
}

/// Looks at a calendar, and remembers what has changed. Where nothing has, nothing is written.
async fn look(app: &App, hash: [u8; 32], now: Instant) -> Result<Option<Found>, Problem> {
    let found = app.database.read(move |tx| look_at(tx, &hash, now)).await?;
    if found.as_ref().is_none_or(|found| found.outcome.changed.is_empty() && found.outcome.forgotten.is_empty()) {
        return Ok(found);
    }
    // Another program may have looked meanwhile, so it is looked at again under the calendar's lock.
    let remember = move |tx: &mut Tx<'_>| -> Result<Option<Found>, Problem> {
        if !store::calendar::lock(tx, &hash)? {
            return Ok(None);
        }
        let found = look_at(tx, &hash, now)?;
        if let Some(Found { account, outcome, .. }) = &found {
            store::calendar::save_entries(tx, *account, &outcome.changed, &outcome.forgotten)?;
        }
        Ok(found)
    };
    app.database.write(remember).await
}

/// What a calendar shows now, compared with what it showed last: whose it is, their cars, and what is remembered.
fn look_at(tx: &mut Tx<'_>, hash: &[u8], now: Instant) -> Result<Option<Found>, Problem> {
    let Some(store::calendar::Holder { actor, language }) = store::calendar::holder(tx, hash)? else {
        return Ok(None);
    };
    let may_see = relation(&actor).is_some_and(|own| decide(&actor, Action::CalendarKeep, own) == Decision::Allowed);
    if !may_see {
        return Ok(None);
    }
    let account = actor.account_id();
    // Each car has an entry on its next day, so those beyond the first thousand have none among the earliest thousand.
    let most = i64::try_from(MOST_ENTRIES).unwrap_or(i64::MAX);
    let cars = store::calendar::list_cars(tx, &Scope::from(&actor), most)?;
    let remembered = store::calendar::list(tx, account)?;
    let outcome = calendar::look(remembered, calendar::due(&cars, language), now);
    Ok(Some(Found { account, language, outcome }))
}

/// The calendar as text (RFC 5545). There is no `METHOD`, since it is subscribed to and not an invitation.
fn written(found: &Found, app_url: &str) -> String {
    let mut calendar = Calendar::begin(texts::name(found.language), found.outcome.shown.len());
    for entry in &found.outcome.shown {
        write(&mut calendar, entry, app_url);
    }
    calendar.end()
}

fn write(calendar: &mut Calendar, entry: &Entry, app_url: &str) {
    let Entry { key, content, sequence, changed_at, cancelled_at } = entry;
    // A day has a morrow: the domain leaves out the one that has none.
    let Ok(until) = content.day.tomorrow() else { return };
    calendar.line("BEGIN", "VEVENT");
    calendar.text("UID", &key.uid());
    calendar.instant("DTSTAMP", *changed_at);
    calendar.instant("LAST-MODIFIED", *changed_at);
    calendar.line("SEQUENCE", &sequence.to_string());
    calendar.day("DTSTART", content.day);
    calendar.day("DTEND", until);
    calendar.text("SUMMARY", &texts::summary(*key, content));
    calendar.text("DESCRIPTION", &texts::description(*key, content));
    if cancelled_at.is_some() {
        // The car may be someone else's now, so there is nothing to go to.
        calendar.line("STATUS", "CANCELLED");
    } else {
        calendar.line("STATUS", "CONFIRMED");
        calendar.address("URL", &format!("{app_url}/passports/{}", key.passport));
    }
    calendar.line("TRANSP", "TRANSPARENT");
    calendar.line("END", "VEVENT");
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        calendar::{Content, EntryKey, EntryKind},
        ids::PassportId,
        service_task::TaskKey,
    };

    /// Each line of RFC 5545, and what stands in it is never a line of its own, whatever a car is called.
    #[test]
    fn cal1_a_hostile_name_stays_within_its_line() {
        let entry = |kind, task, car: &str, cancelled_at| Entry {
            key: EntryKey { passport: PassportId(uuid::Uuid::nil()), kind, task },
            content: Content {
                day: "2026-02-28".parse().unwrap(),
                plate: "AB-123-C".into(),
                car: Some(car.into()),
                language: Language::Dutch,
            },
            sequence: 3,
            changed_at: "2026-01-02T03:04:05.678Z".parse().unwrap(),
            cancelled_at,
        };
        let hostile = "a\\;,\"b\r\nEND:VCALENDAR\n\u{202E}x\u{2028}\u{0}\u{85}🚗".to_owned() + &"é🚗".repeat(60);
        let shown = vec![
            entry(EntryKind::Apk, None, &hostile, None),
            entry(EntryKind::Maintenance, TaskKey::find("oil_and_filter"), "Golf", Some(Instant::UNIX_EPOCH)),
        ];
        let outcome = Outcome { shown, ..Outcome::default() };
        let found = Found { account: AccountId(uuid::Uuid::nil()), language: Language::Dutch, outcome };
        let text = written(&found, "https://a.example/app");
        let lines: Vec<&str> = text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
        let unfolded = text.replace("\r\n ", "");
        let unfolded: Vec<&str> = unfolded.lines().collect();
        for (line, times) in [
            ("BEGIN:VCALENDAR", 1),
            ("END:VCALENDAR", 1),
            ("VERSION:2.0", 1),
            ("BEGIN:VEVENT", 2),
            ("END:VEVENT", 2),
            ("UID:00000000-0000-0000-0000-000000000000-apk@autopaspoort", 1),
            ("DTSTAMP:20260102T030405Z", 2),
            ("SEQUENCE:3", 2),
            ("DTSTART;VALUE=DATE:20260228", 2),
            ("DTEND;VALUE=DATE:20260301", 2),
            ("STATUS:CANCELLED", 1),
            ("STATUS:CONFIRMED", 1),
            ("URL:https://a.example/app/passports/00000000-0000-0000-0000-000000000000", 1),
            ("REFRESH-INTERVAL;VALUE=DURATION:PT12H", 1),
            ("SUMMARY:APK verloopt: AB-123-C", 1),
        ] {
            assert_eq!(unfolded.iter().filter(|found| **found == line).count(), times, "{line} in {text}");
        }
        assert!(!text.contains("METHOD") && !text.contains('\u{202E}') && text.contains(r"(a\\\;\,"), "{text}");
    }
}
