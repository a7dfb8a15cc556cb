//! Tests of every mail in every language, and of every way in which a mail server can behave, also with a real one.

use super::*;
use crate::secret::Secret;
use domain::{
    consequence::Template,
    value::{Language, PhoneNumber, TransferKind},
};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant as Clock},
};

const LINK: &str = "https://app.example/invitation#token=abc_DEF-123";
const APP: &str = "https://app.example";
const CAR: &str = "https://app.example/passports/0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";

fn full(kind: TransferKind) -> Context {
    let some = |text: &str| Some(text.to_owned());
    Context {
        garage_name: some("Garage De Vries & Zn."),
        recipient_name: some("Zoë Jansen"),
        plate: some("AB-123-C"),
        vehicle: some("Škoda Octavia"),
        fleet_name: some("Bakkerij Smit B.V."),
        counterpart: some("Piet Smit"),
        work: some("Remvloeistof\nElke twee jaar"),
        transfer_kind: Some(kind),
        is_no_driver: false,
        lines: vec!["AB-123-C (Škoda Octavia): APK, 7 december 2026".to_owned()],
        is_list: false,
        more: Some(3),
        link: some(LINK),
        code: some("K7QD-M3FA"),
        expires_on: some("7 december 2026 om 14:30 CET"),
        app_url: APP.to_owned(),
        unsubscribe: some("https://autopaspoort.example/unsubscribe/abc"),
        garage_phone: PhoneNumber::parse("+31201234567").ok(),
        garage_email: EmailAddress::parse("info@devries.example").ok(),
        car_url: some(CAR),
        more_work: Some(4),
        in_app: false,
    }
}

/// A mail of a change of link has a link only while one can object, and one of a change of garage while the owner can decide.
pub(super) fn has_link(template: Template) -> bool {
    use Template as T;
    must_have_link(template)
        || matches!(template, T::PassportLinked | T::PassportUnlinkedFleet | T::GarageChangeRequested)
}

fn must_have_link(template: Template) -> bool {
    use Template as T;
    matches!(
        template,
        T::InvitationPassport
            | T::InvitationFleet
            | T::InvitationStaff
            | T::InvitationTransfer
            | T::ReminderInvitation
            | T::ReminderOffer
            | T::PasswordReset
            | T::EmailConfirm
    )
}

fn has_plate(template: Template) -> bool {
    let code = template.code();
    let parts = [
        "passport_",
        "objected",
        "transfer",
        "garage_change",
        "invitation_passport",
        "activation_revoked",
        "check_ready",
        "recall",
        "reminder_apk",
        "reminder_offer",
    ];
    has_work(template) || parts.iter().any(|part| code.contains(part))
}

fn has_work(template: Template) -> bool {
    matches!(template, Template::RecommendationAgreed | Template::RecommendationDeclined) || has_task(template)
}

fn has_task(template: Template) -> bool {
    matches!(template, Template::ReminderMaintenance | Template::ReminderMaintenanceOverdue)
}

/// A context with only the values that are always there for this mail.
fn minimal(template: Template, kind: TransferKind) -> Context {
    let all = full(kind);
    let transferred = template.code().contains("transfer") || template == Template::ReminderOffer;
    Context {
        link: all.link.filter(|_| must_have_link(template)),
        plate: all.plate.filter(|_| has_plate(template)),
        work: all.work.filter(|_| has_work(template)),
        expires_on: all.expires_on.filter(|_| template.is_of_due_work()),
        lines: if template == Template::FleetDigest { all.lines } else { vec![] },
        transfer_kind: all.transfer_kind.filter(|_| transferred),
        ..Context::new(APP)
    }
}

fn each(mut check: impl FnMut(Template, Language, TransferKind)) {
    for template in Template::ALL {
        for language in Language::ALL {
            for kind in TransferKind::ALL {
                check(*template, *language, *kind);
            }
        }
    }
}

#[test]
fn every_text_renders_with_all_and_with_the_least() {
    let renderer = Renderer::new().unwrap();
    each(|template, language, kind| {
        for context in [full(kind), minimal(template, kind)] {
            let mail = renderer.render(template, language, &context).unwrap();
            let place = format!("{template:?} {language:?} {kind:?}\n{}\n{}", mail.subject, mail.text);
            let html = mail.html.replace("text-decoration:none", "");
            for part in [&mail.subject, &mail.text, &html] {
                for artefact in
                    ["{{", "}}", "{%", "None", "none", "undefined", "  ", " .", " ,", "..", "<img", "&#x2f;"]
                {
                    let indented = artefact == "  " && part.starts_with("<!DOCTYPE");
                    assert!(indented || !part.contains(artefact), "{artefact:?} in {place}");
                }
            }
            assert!(!mail.subject.contains("Subject") && !mail.text.contains("Subject:"), "{place}");
            assert!(!mail.text.contains("\n\n\n") && !mail.subject.is_empty(), "{place}");
            if has_plate(template) {
                assert!(mail.subject.contains("AB-123-C") && mail.text.contains("AB-123-C"), "{place}");
            }
            assert!(mail.html.contains(&format!("<html lang=\"{}\">", language.code())), "{place}");
        }
    });
}

#[test]
fn n2_what_is_told_in_the_app_has_the_words_of_the_mail_and_no_secret() {
    let renderer = Renderer::new().unwrap();
    each(|template, language, kind| {
        let context = Context { in_app: true, ..full(kind) };
        let notice = renderer.notice(template, language, &context).unwrap();
        let mail = renderer.render(template, language, &full(kind)).unwrap();
        let place = format!("{template:?} {language:?}\n{}\n{}", notice.title, notice.text);
        assert_eq!(notice.title, mail.subject);
        assert!(notice.text.len() > 30 && !notice.text.contains(LINK) && !notice.text.ends_with(':'), "{place}");
        // It leads to its place by itself.
        assert!(!notice.text.contains("https://"), "{place}");
        for greeting in ["Zoë Jansen", "Met vriendelijke groet", "Kind regards", "automatisch", "automatically"] {
            assert!(!notice.text.contains(greeting), "{place}");
        }
    });
    let long = Context { work: Some("x".repeat(9_000)), ..full(TransferKind::NewOwner) };
    let notice = renderer.notice(Template::RecommendationAgreed, Language::Dutch, &long).unwrap();
    assert!(notice.text.chars().count() <= 4000 && notice.text.ends_with('…'));
}

#[test]
fn a_reminder_of_many_cars_names_each_of_them_and_no_single_one() {
    let renderer = Renderer::new().unwrap();
    let lines = ["AB-123-C (Škoda Octavia)", "XX-999-Y"].map(|car| format!("{car}: APK, 7 december 2026")).to_vec();
    for template in Template::ALL.iter().filter(|template| template.is_of_due_work()) {
        for language in Language::ALL {
            let context = Context { is_list: true, lines: lines.clone(), ..minimal(*template, TransferKind::NewOwner) };
            let mail = renderer.render(*template, *language, &context).unwrap();
            let place = format!("{template:?} {language:?}\n{}\n{}", mail.subject, mail.text);
            assert!(mail.subject.contains(" 2 ") && !mail.subject.contains("AB-123-C"), "{place}");
            for line in &lines {
                assert_eq!(mail.text.lines().filter(|said| *said == format!("- {line}")).count(), 1, "{place}");
                let html = mail.html.replace("<span style=\"white-space:nowrap\">", "").replace("</span>", "");
                assert!(html.contains(line), "{place}");
            }
            assert!(mail.text.contains(APP) && !mail.text.contains("\n\n\n") && !mail.text.contains("{%"), "{place}");
        }
    }
}

#[test]
fn who_cannot_accept_a_car_gets_no_link() {
    let renderer = Renderer::new().unwrap();
    for language in Language::ALL {
        let context = Context { is_no_driver: true, ..full(TransferKind::NewOwner) };
        let mail = renderer.render(Template::InvitationTransfer, *language, &context).unwrap();
        assert!(!mail.text.contains(LINK) && mail.text.contains("Piet Smit"), "{}", mail.text);
    }
}

#[test]
fn p14_who_signs_in_to_a_garage_or_a_fleet_is_told_how_to_activate_a_passport() {
    let renderer = Renderer::new().unwrap();
    for (language, says) in
        [(Language::Dutch, "ander e-mailadres van uzelf"), (Language::English, "another e-mail address of yours")]
    {
        let mail = |is_no_driver| {
            let context = Context { is_no_driver, ..full(TransferKind::NewOwner) };
            renderer.render(Template::InvitationPassport, language, &context).unwrap().text
        };
        assert!(mail(true).contains(says) && mail(true).contains(LINK), "{}", mail(true));
        assert!(!mail(false).contains(says), "{}", mail(false));
    }
}

#[test]
fn a26_invitations_have_a_code_and_what_is_told_in_the_app_has_none() {
    let renderer = Renderer::new().unwrap();
    each(|template, language, kind| {
        let mail = renderer.render(template, language, &full(kind)).unwrap();
        let told = renderer.notice(template, language, &Context { in_app: true, ..full(kind) }).unwrap();
        assert_eq!(mail.text.contains("K7QD-M3FA"), template.has_code(), "{template:?} {language:?}\n{}", mail.text);
        assert!(!told.text.contains("K7QD-M3FA"), "{template:?} {language:?}\n{}", told.text);
    });
}

#[test]
fn link_mails_hold_one_link_and_others_none() {
    let renderer = Renderer::new().unwrap();
    each(|template, language, kind| {
        let mail = renderer.render(template, language, &Context { unsubscribe: None, ..full(kind) }).unwrap();
        let place = format!("{template:?} {language:?}\n{}\n{}", mail.text, mail.html);
        if has_link(template) {
            assert_eq!(mail.text.matches("https://").count(), 1, "{place}");
            assert!(mail.text.lines().any(|line| line == LINK), "{place}");
            // Of the other part it is the button.
            let anchors = mail.html.matches("<a href=\"https").count();
            assert_eq!((anchors, mail.html.matches(LINK).count()), (1, 1), "{place}");
            assert!(mail.html.contains(&format!("<a href=\"{LINK}\" style=\"display:inline-block;")), "{place}");
        } else {
            assert!(!mail.text.contains(LINK) && !mail.html.contains(LINK), "{place}");
            let shown = mail.text.matches(APP).count();
            let anchors = [APP, CAR].map(|to| mail.html.matches(&format!("<a href=\"{to}\">{to}</a>")).count());
            assert_eq!(anchors.iter().sum::<usize>(), shown, "{place}");
        }
    });
}

/// Whoever gets a mail can act on it: they see how they reach the garage, and a telephone calls it.
#[test]
fn a_mail_of_a_garage_says_how_it_is_reached() {
    let renderer = Renderer::new().unwrap();
    let call = "<a href=\"tel:+31201234567\" style=\"white-space:nowrap\">020 123 45 67</a>";
    each(|template, language, kind| {
        let mail = renderer.render(template, language, &full(kind)).unwrap();
        let place = format!("{template:?} {language:?}\n{}\n{}", mail.text, mail.html);
        let below = "Garage De Vries & Zn.\n020 123 45 67 · info@devries.example\n";
        assert!(mail.text.contains(below) && mail.html.contains(call), "{place}");
        // Of a car that is due one makes an appointment, and a garage that gave no number is written to.
        if template.is_of_due_work() || template == Template::FleetDigest {
            let says = match language {
                Language::Dutch => [": bel 020 123 45 67 of beantwoord deze e-mail.", ": beantwoord deze e-mail."],
                Language::English => [": call 020 123 45 67 or answer this e-mail.", ": answer this e-mail."],
            };
            let without = renderer.render(template, language, &Context { garage_phone: None, ..full(kind) }).unwrap();
            assert!(mail.text.contains(says[0]) && without.text.contains(says[1]), "{place}");
            assert!(!without.html.contains("tel:") && without.text.contains("Zn.\ninfo@devries.example\n"), "{place}");
            let told = renderer.notice(template, language, &Context { in_app: true, ..full(kind) }).unwrap();
            assert!(told.text.contains("020 123 45 67.") && !told.text.contains("e-mail"), "{}", told.text);
        }
    });
}

/// A mail about a car leads to that car.
#[test]
fn a_mail_about_a_car_leads_to_the_car() {
    let renderer = Renderer::new().unwrap();
    for template in [Template::CheckReady, Template::RecallOpened, Template::ReminderApk, Template::ReminderMaintenance]
    {
        for language in Language::ALL {
            let mail = renderer.render(template, *language, &full(TransferKind::NewOwner)).unwrap();
            assert!(mail.text.contains(&format!(" {CAR}.")), "{template:?} {}", mail.text);
        }
    }
}

#[test]
fn of_work_that_is_due_together_the_first_is_named_and_the_rest_counted() {
    let renderer = Renderer::new().unwrap();
    for (language, says) in [(Language::Dutch, "Grote beurt en nog 4."), (Language::English, "Grote beurt and 4 more.")]
    {
        let context = Context { work: Some("Grote beurt".into()), ..full(TransferKind::NewOwner) };
        for template in [Template::ReminderMaintenance, Template::ReminderMaintenanceOverdue] {
            let text = |context: &Context| renderer.render(template, language, context).unwrap().text;
            assert!(text(&context).contains(says), "{}", text(&context));
            let alone = Context { more_work: Some(0), ..context.clone() };
            assert!(text(&alone).contains("Grote beurt."), "{}", text(&alone));
        }
    }
}

#[test]
fn no_line_ends_within_a_plate_or_a_day() {
    let renderer = Renderer::new().unwrap();
    let whole = |text: &str| format!("<span style=\"white-space:nowrap\">{text}</span>");
    let context = Context { expires_on: Some("7 december 2026".into()), ..full(TransferKind::NewOwner) };
    let mail = renderer.render(Template::ReminderApk, Language::Dutch, &context).unwrap();
    let sentence = format!("De APK van {} (Škoda Octavia) is geldig tot en met 7 december 2026.", whole("AB-123-C"));
    assert!(mail.html.contains(&sentence), "{}", mail.html);
    let name = Context { counterpart: Some("Jan-Willem <b>1-2-3</b> AB-123-C-9999".into()), ..context };
    let mail = renderer.render(Template::InvitationTransfer, Language::Dutch, &name).unwrap();
    assert!(mail.html.contains("Jan-Willem &lt;b&gt;1-2-3&lt;/b&gt; AB-123-C-9999 wil"), "{}", mail.html);
}

#[test]
fn a_missing_value_is_an_error_and_names_the_place() {
    let renderer = Renderer::new().unwrap();
    let error = renderer.render(Template::PasswordReset, Language::Dutch, &Context::default()).unwrap_err();
    assert_eq!(error.template, "nl/password_reset.txt");
    assert!(error.reason.contains("line 5"), "{error}");
    let kindless = Context { transfer_kind: None, ..full(TransferKind::NewOwner) };
    for template in Template::ALL.iter().filter(|template| template.code().starts_with("transfer_accepted")) {
        assert!(renderer.render(*template, Language::English, &kindless).is_err(), "{template:?}");
    }
}

#[test]
fn names_add_neither_headers_nor_markup_nor_anchors() {
    let renderer = Renderer::new().unwrap();
    let evil = "x\r\nBcc: all@evil.example\n\n<script>alert('1')</script> {{ link }} \u{2028}\0\u{202E}\u{61C}https://evil.example";
    let name = Some(evil.to_owned());
    let context = Context {
        garage_name: name.clone(),
        recipient_name: name.clone(),
        plate: name.clone(),
        vehicle: name.clone(),
        fleet_name: name.clone(),
        counterpart: name,
        ..full(TransferKind::NewOwner)
    };
    each(|template, language, _| {
        let mail = renderer.render(template, language, &context).unwrap();
        assert!(!mail.subject.chars().any(breaks_line), "{template:?}");
        assert!(!mail.text.lines().any(|line| line.starts_with("Bcc:")), "{template:?}");
        assert!(!mail.html.contains("<script") && mail.html.contains("&lt;script&gt;"), "{template:?}");
        assert!(!mail.html.contains("href=\"https://evil"), "{template:?}");
        let message =
            sent_to_folder(&Letter { subject: evil.to_owned(), from_name: context.plate.clone(), ..letter(1) });
        let head = message.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    });
}

/// What people chose is text: mail programs find no address in it, neither in the plain part nor in the other.
#[test]
fn names_that_look_like_addresses_are_no_links() {
    let renderer = Renderer::new().unwrap();
    let name = |text: &str| Some(text.to_owned());
    let context = Context {
        garage_name: name("betaal.nl"),
        recipient_name: name("Jan www.betaal.nl"),
        vehicle: name("http://auto.example/x"),
        fleet_name: name("Bol.com B.V."),
        counterpart: name("piet@pietersen.example"),
        work: name("zie bit.ly/betaal"),
        ..full(TransferKind::NewOwner)
    };
    each(|template, language, _| {
        let mail = renderer.render(template, language, &context).unwrap();
        let place = format!("{template:?} {language:?}\n{}\n{}", mail.subject, mail.text);
        for part in [&mail.subject, &mail.text, &mail.html] {
            for link in ["betaal.nl", "www.b", "http://", "auto.example", "Bol.com", "bit.ly"] {
                assert!(!part.replace(LINK, "").contains(link), "{link} in {place}");
            }
        }
        let greeting = mail.text.lines().next().unwrap();
        assert_eq!(greeting.replace('\u{200C}', "").matches("www.betaal.nl").count(), 1, "{place}");
    });
    for same in
        ["Garage De Vries B.V.", "J.P. d'Arc", "Autobedrijf Jansen & Zn.", "Golf 1.6 TDI", "piet@pietersen.example"]
    {
        assert_eq!(without_links(same), same);
    }
}

#[test]
fn a_name_is_never_read_as_an_encoded_word() {
    let trick = "=?utf-8?B?QmV0YWFsIG51?= =?utf-8?q?x?=";
    let message = sent_to_folder(&Letter {
        subject: format!("Van {trick}"),
        from_name: Some(trick.to_owned()),
        to_name: Some(trick.to_owned()),
        ..letter(1)
    });
    let head = message.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("=?utf-8?B?QmV0") && !head.contains("=?utf-8?q?x"), "{head}");
    assert!(head.contains("= ?utf-8?B?QmV0YWFsIG51?="), "{head}");
}

/// An independent reader finds the subject and the names as they were written, in any script.
#[test]
fn subjects_and_names_in_any_script_arrive_as_they_are() {
    let family = "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}";
    let long = format!(
        "{family} \u{05E9}\u{05DC}\u{05D5}\u{05DD} \u{0645}\u{0631}\u{062D}\u{0628}\u{0627} {}",
        "één \u{1F697} ".repeat(20)
    );
    for subject in [
        "\u{1F697}",
        "APK \u{1F697} verloopt",
        "\u{05D4}-APK \u{05E9}\u{05DC} AB-123-C",
        long.trim_end(),
        "50% korting, \"nu\" <b>",
    ] {
        let name = "\u{05D3}\u{05D5}\u{05D3} \u{1F697}, \"B.V.\" <x@y.example>";
        let letter = Letter {
            subject: subject.to_owned(),
            from_name: Some(name.to_owned()),
            to_name: Some(name.to_owned()),
            text: format!("{subject}\n"),
            ..letter(1)
        };
        let message = sent_to_folder(&letter);
        let head = message.split("\r\n\r\n").next().unwrap();
        assert!(head.is_ascii() && head.split("\r\n").all(|line| line.len() <= 998), "{head}");
        let read = mail_parser::MessageParser::default().parse(&message).unwrap();
        assert_eq!(read.subject(), Some(subject), "{head}");
        for (addresses, address) in [(read.from(), &letter.from), (read.to(), &letter.to)] {
            let all: Vec<_> = addresses.unwrap().iter().map(|one| (one.name(), one.address())).collect();
            assert_eq!(all, [(Some(name), Some(address.as_str()))], "{head}");
        }
        assert_eq!(read.body_text(0).unwrap().trim_end(), subject);
    }
}

#[test]
fn mail_goes_to_the_domain_in_its_ascii_form() {
    let to = EmailAddress::parse("Jan@Müller.example").unwrap();
    let from = EmailAddress::parse("noreply@garage-één.example").unwrap();
    let message = sent_to_folder(&Letter { message_id: message_id(1, &from), to, from, ..letter(1) });
    let head = message.split("\r\n\r\n").next().unwrap();
    assert!(head.contains("Jan@xn--mller-kva.example") && head.contains("noreply@xn--garage-n-h1aa.example"), "{head}");
    assert!(head.contains("Message-ID: <1@xn--garage-n-h1aa.example>"), "{head}");
}

#[test]
fn a_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("private");
    let inner = folder.0.join("mail");
    Transport::from_config(None, &inner).unwrap().send(&letter(1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = fs::read_dir(&inner).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(&inner), mode(&file)), (0o700, 0o600));
}

fn secret() -> Secret {
    Secret::parse("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE").unwrap()
}

#[test]
fn ch3_a_mail_has_its_proof_in_its_head_and_nowhere_else() {
    let letter = letter(1);
    let message = sent_to_folder(&letter);
    let line = format!("X-AutoPaspoort-Proof: {}", letter.proof);
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    assert!(head.split("\r\n").any(|found| found == line), "{head}");
    let mark = letter.proof.rsplit('.').next().unwrap();
    let others = head.split("\r\n").filter(|found| *found != line);
    assert!(!body.contains(mark) && !others.collect::<String>().contains(mark), "what a reply repeats proves nothing");
    let folder = Folder::new("proof");
    let transport = Transport::from_config(None, &folder.0).unwrap();
    let sent = transport.send(&Letter { proof: "a\r\nBcc: c@d".to_owned(), ..letter.clone() });
    assert!(matches!(sent, Err(SendError::Permanent(_))), "{sent:?}");
}

fn letter(number: u32) -> Letter {
    let from = EmailAddress::parse("noreply@autopaspoort.example").unwrap();
    let to = EmailAddress::parse("jan@jansen.example").unwrap();
    Letter {
        message_id: message_id(format_args!("00000000-0000-0000-0000-{number:012}"), &from),
        proof: proof(
            &secret(),
            uuid::Uuid::from_u128(number.into()),
            Instant::from_second(1_800_000_000).unwrap(),
            &to,
        ),
        from,
        from_name: Some("Garage Één".to_owned()),
        to,
        to_name: Some("Jan, \"de\" Jansen".to_owned()),
        subject: "Uw AutoPaspoort staat klaar: één klik".to_owned(),
        text: format!("Beste Jan,\n\nDe link werkt één keer:\n\n{LINK}\n.\nDaarna niet.\n"),
        html: format!("<p>één <a href=\"{LINK}\">{LINK}</a></p>"),
        reply_to: Some(EmailAddress::parse("info@devries.example").unwrap()),
        unsubscribe: Some("https://autopaspoort.example/unsubscribe/abc".to_owned()),
        date: Instant::from_second(1_800_000_000).unwrap(),
    }
}

/// A temporary folder, which is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("autopaspoort-mail-{name}-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn sent_to_folder(letter: &Letter) -> String {
    let folder = Folder::new("one");
    Transport::from_config(None, &folder.0).unwrap().send(letter).unwrap();
    fs::read_to_string(folder.files().first().unwrap()).unwrap()
}

#[test]
fn a_file_holds_the_whole_mail_readable() {
    let letter = letter(1);
    let message = sent_to_folder(&letter);
    for line in [
        &*format!("Message-ID: <{}>", letter.message_id),
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "De link werkt één keer:",
        LINK,
    ] {
        assert!(message.split("\r\n").any(|found| found == line), "{line} is not in\n{message}");
    }
    assert!(message.contains("Content-Type: multipart/alternative;"), "{message}");
}

/// Copies the link by hand, as the one who tries the server does: the line that it is on, and nothing else.
#[test]
fn a_link_can_be_copied_from_a_file() {
    let renderer = Renderer::new().unwrap();
    let token = "q3Vt0lYw2yU5bq0c7kJH1nT9ZxR4mP8sD6fG2hL0aEo";
    let app = "https://autopaspoort.a-rather-long-name-of-a-garage.example/the/app/of/the/garage";
    let link = format!("{app}/invitation#{token}");
    each(|template, language, kind| {
        let context = Context { link: Some(link.clone()), ..full(kind) };
        let Rendered { subject, text, html } = renderer.render(template, language, &context).unwrap();
        let message = sent_to_folder(&Letter { subject, text: text.clone(), html: html.clone(), ..letter(1) });
        let whole_lines = message.lines().filter(|line| *line == link).count();
        assert_eq!(whole_lines, usize::from(has_link(template)), "{template:?} {language:?}\n{message}");
        // Nothing of the texts is encoded.
        let lines: Vec<&str> = message.lines().collect();
        for line in text.lines().chain(html.lines()) {
            assert!(lines.contains(&line), "{line} is not in\n{message}");
        }
    });
}

#[test]
fn a_line_that_is_too_long_for_a_mail_is_encoded() {
    let text = format!("{}\n\nnog één regel\n", "x".repeat(999));
    let message = sent_to_folder(&Letter { text, ..letter(1) });
    assert!(message.split("\r\n").all(|line| line.len() <= 998), "{message}");
    assert!(message.contains("nog =C3=A9=C3=A9n regel"), "{message}");
}

#[test]
fn the_same_message_id_twice_leaves_one_file() {
    let folder = Folder::new("twice");
    let nested = folder.0.join("made/when/missing");
    let transport = Transport::from_config(None, &nested).unwrap();
    for number in [1, 1, 2] {
        transport.send(&letter(number)).unwrap();
    }
    let mut names: Vec<_> = fs::read_dir(&nested).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 2);
    let first = format!("20270115T080000Z-{}.eml", letter(1).message_id);
    assert_eq!(names.first().unwrap().to_str().unwrap(), first);
}

#[test]
fn a_folder_that_went_away_is_temporary() {
    let folder = Folder::new("gone");
    let transport = Transport::from_config(None, &folder.0.join("mail")).unwrap();
    fs::remove_dir_all(&folder.0).unwrap();
    assert!(matches!(transport.send(&letter(1)), Err(SendError::Temporary(_))));
}

#[test]
fn a_message_id_cannot_leave_the_folder_or_the_header() {
    let folder = Folder::new("id");
    let transport = Transport::from_config(None, &folder.0).unwrap();
    for id in ["", "../a@b", "a@b>\r\nBcc: c@d", "a b"] {
        let sent = transport.send(&Letter { message_id: id.to_owned(), ..letter(1) });
        assert!(matches!(sent, Err(SendError::Permanent(_))), "{id:?}");
    }
    assert!(folder.files().is_empty());
}

#[test]
fn addresses_of_servers_are_checked_and_passwords_not_shown() {
    let folder = Path::new("/nonexistent");
    for good in ["smtp://127.0.0.1:2525", "smtps://u:secret@mail.example", "smtp://u:secret@mail.example?tls=required"]
    {
        let transport = Transport::from_config(Some(good), folder).unwrap();
        assert!(!format!("{transport:?}").contains("secret"));
    }
    for bad in ["", "mail.example", "http://u:secret@mail.example", "smtp://u:secret@mail.example?tls=maybe", "smtp://"]
    {
        let error = Transport::from_config(Some(bad), folder).unwrap_err();
        assert!(!error.contains("secret") && error.contains("smtps://"), "{bad}: {error}");
    }
}

/// How a test's mail server behaves, and at which step it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behaviour {
    Accept,
    Greeting(&'static str),
    Recipient(&'static str),
    Data(&'static str),
    DropAfterData,
    /// The connection is closed in the place of an answer to this command.
    DropAt(&'static str),
    DropAfterAccepting,
    DropMidMessage,
    Sender(&'static str),
    StartTlsMissing,
    /// After the first mail one answer more is given than was asked for, and the later ones are refused for now.
    OneTooMany,
    /// After the first mail nothing more is heard on its connection.
    SilentAfterwards,
}

/// A mail server of a few lines. It counts the mails that it received completely.
fn server(behaviour: Behaviour) -> (String, Arc<Mutex<u32>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&received);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            drop(converse(stream, behaviour, &counter));
        }
    });
    (format!("smtp://{address}"), received)
}

fn converse(mut stream: TcpStream, behaviour: Behaviour, received: &Mutex<u32>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut reply = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
    if let Behaviour::Greeting(text) = behaviour {
        return reply(text);
    }
    reply("220 test")?;
    while let Some(line) = lines.next().transpose()? {
        match line.split([' ', ':']).next().unwrap_or_default() {
            command if matches!(behaviour, Behaviour::DropAt(at) if at == command) => return Ok(()),
            "EHLO" => reply("250-test\r\n250 8BITMIME")?,
            "RCPT" if matches!(behaviour, Behaviour::Recipient(_)) => {
                let Behaviour::Recipient(text) = behaviour else { return Ok(()) };
                reply(text)?;
            }
            "MAIL" if matches!(behaviour, Behaviour::Sender(_)) => {
                let Behaviour::Sender(text) = behaviour else { return Ok(()) };
                reply(text)?;
            }
            "DATA" => {
                reply("354 go")?;
                if behaviour == Behaviour::DropMidMessage {
                    lines.next().transpose()?;
                    return Ok(());
                }
                loop {
                    match lines.next().transpose()? {
                        Some(line) if line == "." => break,
                        Some(_) => {}
                        None => return Ok(()),
                    }
                }
                *received.lock().unwrap() += 1;
                let is_first = *received.lock().unwrap() == 1;
                match behaviour {
                    Behaviour::OneTooMany if is_first => reply("250 2.0.0 taken\r\n250 and more")?,
                    Behaviour::OneTooMany => reply("451 4.3.0 not this one")?,
                    Behaviour::SilentAfterwards => {
                        reply("250 2.0.0 taken")?;
                        // The lines are taken, and nothing is said.
                        while lines.next().transpose()?.is_some() {}
                        return Ok(());
                    }
                    Behaviour::DropAfterData => return Ok(()),
                    Behaviour::Data(text) => reply(text)?,
                    Behaviour::DropAfterAccepting => return reply("250 2.0.0 taken"),
                    Behaviour::Accept
                    | Behaviour::Greeting(_)
                    | Behaviour::Recipient(_)
                    | Behaviour::DropAt(_)
                    | Behaviour::DropMidMessage
                    | Behaviour::Sender(_)
                    | Behaviour::StartTlsMissing => reply("250 2.0.0 taken")?,
                }
            }
            "QUIT" => return reply("221 bye"),
            _ => reply("250 ok")?,
        }
    }
    Ok(())
}

fn outcome(behaviour: Behaviour) -> (Result<(), SendError>, u32) {
    let (mut url, received) = server(behaviour);
    if behaviour == Behaviour::StartTlsMissing {
        url.push_str("?tls=required");
    }
    let sent = Transport::from_config(Some(&url), Path::new("/nonexistent")).unwrap().send(&letter(1));
    let count = *received.lock().unwrap();
    (sent, count)
}

#[test]
fn a_servers_answer_settles_the_mails_fate() {
    use Behaviour as B;
    let quoted = "554 5.7.1 refused because of https://app.example/invitation#token=abc_DEF-123";
    let temporary = |text: &str| Err(SendError::Temporary(text.to_owned()));
    let permanent = |text: &str| Err(SendError::Permanent(text.to_owned()));
    let no_tls = "the mail server offers no STARTTLS, or no way to sign in that is known here";
    let cut_off = "the mail server's reply was cut off or could not be read";
    let cases = [
        (B::Accept, Ok(()), 1),
        (B::DropAfterAccepting, Ok(()), 1),
        (B::Greeting("421 4.3.2 too busy"), temporary("reply 421 4.3.2: too busy"), 0),
        (B::Greeting("554 not today"), temporary("reply 554: not today"), 0),
        (B::Greeting("220"), temporary(cut_off), 0),
        (B::DropAt("EHLO"), temporary(cut_off), 0),
        (B::DropAt("MAIL"), temporary(cut_off), 0),
        (B::DropAt("RCPT"), temporary(cut_off), 0),
        (B::DropAt("DATA"), temporary(cut_off), 0),
        (B::Recipient("nonsense"), temporary(cut_off), 0),
        (B::StartTlsMissing, temporary(no_tls), 0),
        (B::Recipient("450 4.2.1 grey"), Err(SendError::NotNow("reply 450 4.2.1: grey".to_owned())), 0),
        (
            B::Recipient("550 5.1.1 <jan@jansen.example> unknown"),
            Err(SendError::NoMailbox("reply 550 5.1.1: … unknown".to_owned())),
            0,
        ),
        // Who may not send at all learns nothing of the recipient's mailbox.
        (B::Sender("451 4.3.2 not now"), temporary("reply 451 4.3.2: not now"), 0),
        (B::Sender("550 5.7.1 you may not send here"), permanent("reply 550 5.7.1: you may not send here"), 0),
        (B::Sender("553 5.1.8 your domain is unknown"), permanent("reply 553 5.1.8: your domain is unknown"), 0),
        (B::Sender("550 5.1.1 your address is unknown"), permanent("reply 550 5.1.1: your address is unknown"), 0),
        (B::Data("354 go on"), Err(SendError::Unknown("the mail server said neither yes nor no".to_owned())), 1),
        (B::Data("451 4.3.0 disk full"), temporary("reply 451 4.3.0: disk full"), 1),
        (B::Data(quoted), permanent("reply 554 5.7.1: refused because of …"), 1),
    ];
    for (behaviour, sent, count) in cases {
        assert_eq!(outcome(behaviour), (sent, count), "{behaviour:?}");
    }
}

#[test]
fn mails_go_one_after_another_over_a_connection_that_is_kept() {
    // This server hears one client at a time: a second connection would wait until the first is closed.
    let (url, received) = server(Behaviour::Accept);
    let transport = Transport::from_config(Some(&url), Path::new("/nonexistent")).unwrap();
    for number in 1..=3 {
        assert_eq!(transport.send(&letter(number)), Ok(()));
    }
    assert_eq!(*received.lock().unwrap(), 3);
    // One that the server has closed meanwhile, or closes when it is asked, is no failure of the next mail.
    for behaviour in [Behaviour::DropAfterAccepting, Behaviour::DropAt("NOOP")] {
        let (url, received) = server(behaviour);
        let transport = Transport::from_config(Some(&url), Path::new("/nonexistent")).unwrap();
        for number in 1..=3 {
            assert_eq!(transport.send(&letter(number)), Ok(()), "{behaviour:?}");
        }
        assert_eq!(*received.lock().unwrap(), 3);
    }
}

#[test]
fn an_answer_too_much_is_not_taken_for_that_to_the_next_mail() {
    let (url, received) = server(Behaviour::OneTooMany);
    let transport = Transport::from_config(Some(&url), Path::new("/nonexistent")).unwrap();
    assert_eq!(transport.send(&letter(1)), Ok(()));
    let out_of_step = SendError::Temporary("the mail server answered more often than it was asked".to_owned());
    assert_eq!(transport.send(&letter(2)), Err(out_of_step));
    assert_eq!(*received.lock().unwrap(), 1, "the text was not sent");
    // That connection is given up, and on a new one each answer is the one to what was asked.
    let refused = transport.send(&letter(2));
    assert_eq!(refused, Err(SendError::Temporary("reply 451 4.3.0: not this one".to_owned())));
}

#[test]
fn kept_connections_on_which_nothing_is_heard_are_given_up_together() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let received = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&received);
    thread::spawn(move || {
        // The first four clients are heard no more after their mail.
        for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let behaviour = if number < 4 { Behaviour::SilentAfterwards } else { Behaviour::Accept };
            let counter = Arc::clone(&counter);
            thread::spawn(move || drop(converse(stream, behaviour, &counter)));
        }
    });
    let transport = Transport::from_config(Some(&url), Path::new("/nonexistent")).unwrap();
    let started = std::sync::Barrier::new(4);
    thread::scope(|scope| {
        for number in 1..=4 {
            let (transport, started) = (&transport, &started);
            scope.spawn(move || {
                started.wait();
                assert_eq!(transport.send(&letter(number)), Ok(()));
            });
        }
    });
    let asked = std::time::Instant::now();
    assert_eq!(transport.send(&letter(5)), Ok(()));
    assert_eq!(*received.lock().unwrap(), 5);
    assert!(asked.elapsed() < std::time::Duration::from_secs(20), "one is waited for, for a moment, and not each");
}

#[test]
fn a_line_with_a_dot_does_not_end_a_mail() {
    for (text, travels) in [
        ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
        (".a\r\n..b", "..a\r\n...b\r\n.\r\n"),
        ("a. b", "a. b\r\n.\r\n"),
        ("", "\r\n.\r\n"),
    ] {
        assert_eq!(super::smtp::as_it_travels(text), travels, "{text:?}");
    }
}

#[test]
fn a_connection_that_breaks_after_the_mail_leaves_its_fate_unknown() {
    let (sent, count) = outcome(Behaviour::DropAfterData);
    assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
    assert_eq!(count, 1);
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_a_mail_leaves_its_fate_unknown() {
    let (sent, count) = outcome(Behaviour::DropMidMessage);
    assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
    assert_eq!(count, 0);
}

#[test]
fn a_refused_connection_is_temporary() {
    // Nothing listens on port 1, and no other test ever gets this port.
    let url = "smtp://u:secret@127.0.0.1:1";
    let sent = Transport::from_config(Some(url), Path::new("/nonexistent")).unwrap().send(&letter(1));
    assert!(
        matches!(&sent, Err(SendError::Temporary(why)) if why.contains("refused") && !why.contains("secret")),
        "{sent:?}"
    );
}

/// A mail server in its own process, which is stopped at the end.
struct MailServer(Child);

impl MailServer {
    fn start(maildir: &Path) -> (Self, String) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new("aiosmtpd")
            .args(["-n", "-l", &address, "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(maildir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("this test needs the mail server `aiosmtpd` (Debian package python3-aiosmtpd): {error}")
            });
        let mut server = Self(child);
        let begun = Clock::now();
        while TcpStream::connect(&address).is_err() {
            let ended = server.0.try_wait().unwrap();
            assert!(ended.is_none(), "aiosmtpd ended at once with {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(30), "aiosmtpd does not listen on {address}");
            thread::sleep(Duration::from_millis(50));
        }
        (server, format!("smtp://{address}"))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_mail_goes_through_a_real_mail_server() {
    let folder = Folder::new("smtp");
    let maildir = folder.0.join("maildir");
    let (_server, url) = MailServer::start(&maildir);
    let transport = Transport::from_config(Some(&url), &folder.0).unwrap();
    let context = full(TransferKind::NewOwner);
    let mail = Renderer::new().unwrap().render(Template::InvitationTransfer, Language::Dutch, &context).unwrap();
    transport.send(&Letter { subject: mail.subject, text: mail.text, html: mail.html, ..letter(7) }).unwrap();
    let delivered: Vec<_> = fs::read_dir(maildir.join("new")).unwrap().collect();
    assert_eq!(delivered.len(), 1);
    let message = fs::read_to_string(delivered.first().unwrap().as_ref().unwrap().path()).unwrap();
    for header in [
        &*format!("Message-ID: <{}>", letter(7).message_id),
        "Auto-Submitted: auto-generated",
        "X-RcptTo: jan@jansen.example",
        "Content-Transfer-Encoding: quoted-printable",
    ] {
        assert!(message.contains(header), "{header} is not in\n{message}");
    }
    let readable = message.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
    assert_eq!(readable.matches(LINK).count(), 2, "one in the plain part, a button in the other\n{readable}");
}

proptest::proptest! {
    /// What is accepted as an address is what a mail can be made for: no mail waits for ever for a slip.
    #[test]
    fn a1_an_address_that_is_accepted_can_be_mailed(text in "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,12}@[a-z0-9ü.\\[\\]-]{1,16}") {
        if let Ok(address) = EmailAddress::parse(&text) {
            let sent = address.sent();
            let mailed: lettre::Address = sent.parse().unwrap();
            proptest::prop_assert!(sent.is_ascii() && mailed.to_string() == *sent);
        }
    }
}

#[test]
fn a1_what_cannot_be_mailed_is_not_accepted() {
    for bad in
        ["jan.@x.nl", "ja..n@x.nl", ".jan@x.nl", "jan@[10.0.0.1]", "jan@x", "\"jan\"@x.nl", "jan@x_y.nl", "jan@-x.nl"]
    {
        assert!(EmailAddress::parse(bad).is_err(), "{bad}");
    }
    let label = "a".repeat(63);
    for (local, domain) in
        [("a".repeat(64), format!("{label}.nl")), ("a".repeat(65), "x.nl".into()), ("a".into(), format!("{label}a.nl"))]
    {
        let text = format!("{local}@{domain}");
        assert_eq!(EmailAddress::parse(&text).is_ok(), text.parse::<lettre::Address>().is_ok(), "{text}");
    }
}
