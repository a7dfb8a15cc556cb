//! Each mail in each language as people get it, kept in files: `snapshots/LANGUAGE/NAME.txt` has the subject and the plain text,
//! and the `.html` beside it the other part, which `make browser-check` shows on a phone. Run the test with `UPDATE_GOLDEN=1` to
//! write them, and read the differences.

use super::{tests::has_link, *};
use domain::{
    apk_mailing::{MailingText, Values},
    consequence::{Class, Template},
    value::{EmailAddress, Language, PhoneNumber, TransferKind, written_date},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const APP: &str = "https://autopaspoort.example/app";
const TOKEN: &str = "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo";
const DECISION: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";
const UNSUBSCRIBE: &str = "https://autopaspoort.example/unsubscribe/AZnF8n0efDqbHy9tHB6KEAE.7cKJH1nT9ZxR4mP8sD6fGw";

/// Mails of the platform, which are sent in no garage's name.
fn is_of_platform(template: Template) -> bool {
    use Template as T;
    matches!(
        template,
        T::PasswordReset
            | T::EmailConfirm
            | T::EmailChanged
            | T::EmailRequested
            | T::PasswordChanged
            | T::SecondFactorActivated
            | T::SecondFactorRemoved
            | T::RecoveryCodeUsed
            | T::RecoveryCodesReplaced
            | T::SessionCompromised
    )
}

/// To which page of the app the link of a mail leads.
fn page(template: Template) -> String {
    if matches!(template, Template::PassportLinked | Template::PassportUnlinkedFleet) {
        return format!("link-changes/{DECISION}");
    }
    if template == Template::GarageChangeRequested {
        return format!("garage-changes/{DECISION}");
    }
    format!("invitation#{TOKEN}")
}

/// What a mail says of a usual case.
fn usual(template: Template, kind: TransferKind, language: Language) -> Context {
    let some = |text: &str| Some(text.to_owned());
    let is_digest = template == Template::FleetDigest;
    let day = |text: &str| written_date(text.parse().unwrap(), language);
    let at = if language == Language::Dutch { "om" } else { "at" };
    let expires_on = day("2026-12-07");
    let expires_on = if template.is_of_due_work() { expires_on } else { format!("{expires_on} {at} 14:30 CET") };
    let is_of_car = matches!(template.class(), Class::Service);
    Context {
        garage_name: some("Garage De Vries & Zn.").filter(|_| !is_of_platform(template)),
        recipient_name: some("Zoë Jansen"),
        plate: some("AB-123-C"),
        vehicle: some("Škoda Octavia"),
        // A driver confirms an address more often than a fleet.
        fleet_name: some("Bakkerij Smit B.V.").filter(|_| template != Template::EmailConfirm),
        counterpart: some("piet.smit@bakkerij-smit.example"),
        work: some(if template == Template::RecallOpened { "R/2026/041" } else { "Remvloeistof" }),
        transfer_kind: Some(kind),
        lines: if is_digest {
            vec![
                format!("AB-123-C (Škoda Octavia): APK, {}", day("2026-12-07")),
                format!(
                    "V-456-DEF (Volkswagen Transporter 2.0 TDI Lang Hoog Dak): Remvloeistof, {}",
                    day("2026-12-14")
                ),
            ]
        } else {
            vec![]
        },
        more: is_digest.then_some(3),
        link: has_link(template).then(|| format!("{APP}/{}", page(template))),
        code: some("K7QD-M3FA").filter(|_| template.has_code()),
        expires_on: some(&expires_on),
        garage_phone: PhoneNumber::parse("+31201234567").ok().filter(|_| !is_of_platform(template)),
        garage_email: EmailAddress::parse("info@devries.example").ok().filter(|_| !is_of_platform(template)),
        car_url: is_of_car.then(|| format!("{APP}/passports/{DECISION}")),
        unsubscribe: some(UNSUBSCRIBE).filter(|_| template.class() != Class::Account),
        ..Context::new(APP)
    }
}

/// What a garage writes to its customers, for one of them.
fn mailing(renderer: &Renderer, language: Language) -> Rendered {
    let (subject, body) = match language {
        Language::Dutch => (
            "De APK van {{kenteken}} verloopt op {{apk_datum}}",
            "Beste {{naam}},\n\nDe APK van uw {{auto}} met kenteken {{kenteken}} verloopt op {{apk_datum}}.\n\nMaak een afspraak \
             op https://devries.example/afspraak of bel {{telefoon}}.\n\nMet vriendelijke groet,\n{{garage}}",
        ),
        Language::English => (
            "The APK of {{plate}} expires on {{apk_date}}",
            "Dear {{name}},\n\nThe APK of your {{car}} with licence plate {{plate}} expires on {{apk_date}}.\n\nMake an \
             appointment at https://devries.example/afspraak or call {{phone}}.\n\nKind regards,\n{{garage}}",
        ),
    };
    let values = Values {
        name: Some("Zoë Jansen"),
        plate: "AB-123-C",
        car: Some("Škoda Octavia"),
        apk_date: "2026-12-07".parse().unwrap(),
        garage: "Garage De Vries & Zn.",
        phone: Some("+31201234567"),
        garage_email: "info@devries.example",
    };
    let context = Context {
        garage_name: Some("Garage De Vries & Zn.".into()),
        garage_phone: PhoneNumber::parse("+31201234567").ok(),
        garage_email: EmailAddress::parse("info@devries.example").ok(),
        unsubscribe: Some(UNSUBSCRIBE.into()),
        ..Context::new(APP)
    };
    let text = MailingText::parse(subject, body).unwrap();
    renderer.mailing(language, &text.fill(&values, language), &context).unwrap()
}

/// What every file holds. A mail that is another one for a new driver than for a new owner has a file for each.
fn all() -> BTreeMap<PathBuf, String> {
    let renderer = Renderer::new().unwrap();
    let mut files = BTreeMap::new();
    for language in Language::ALL {
        let mut add = |name: &str, mail: &Rendered| {
            let path = |ending: &str| Path::new(language.code()).join(format!("{name}.{ending}"));
            files.insert(path("txt"), format!("Subject: {}\n\n{}", mail.subject, mail.text));
            files.insert(path("html"), mail.html.clone());
        };
        add("mailing", &mailing(&renderer, *language));
        for template in Template::ALL {
            let each = TransferKind::ALL.iter().map(|kind| {
                let mail = renderer.render(*template, *language, &usual(*template, *kind, *language)).unwrap();
                (kind, mail)
            });
            let each: Vec<_> = each.collect();
            let is_one = each.iter().all(|(_, mail)| *mail == each[0].1);
            for (kind, mail) in each {
                let code = template.code();
                add(&if is_one { code.to_owned() } else { format!("{code}.{}", kind.code()) }, &mail);
            }
        }
    }
    files
}

/// The files that there are.
fn stored(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for language in Language::ALL {
        for file in fs::read_dir(folder.join(language.code())).into_iter().flatten() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    files
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is the variable of all golden files, which no program has")]
fn golden_each_mail_is_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mail/snapshots");
    let should = all();
    if std::env::var("UPDATE_GOLDEN").is_ok() {
        drop(fs::remove_dir_all(&folder));
        for (name, content) in &should {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    let found = stored(&folder);
    for (name, content) in &should {
        let kept = found.get(name).map_or("", String::as_str);
        assert_eq!(
            kept,
            content,
            "{} is another mail now: if that is meant, run the test with UPDATE_GOLDEN=1",
            name.display()
        );
    }
    let left_over: Vec<_> = found.keys().filter(|name| !should.contains_key(*name)).collect();
    assert!(left_over.is_empty(), "no mail has these files: {left_over:?}");
}
