use super::*;
use crate::{mail::read_proof, secret::Secret};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

// Written for these tests, with words that are filled in, in the form in which Postfix, Exim and Exchange Online report, and of the
// example in RFC 5965.
const POSTFIX: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/reports/postfix.eml"));
const EXIM: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/reports/exim.eml"));
const EXCHANGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/reports/exchange.eml"));
const FEEDBACK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/reports/feedback.eml"));

/// Reports that mail servers made of mails that this program sent (`received/README.md` says how), each with the address that is
/// not written to any more.
macro_rules! received {
    ($($name:literal $to:literal $lasting:expr,)+) => {
        [$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/support/reports/received/", $name, ".eml")),
            $to,
            $lasting,
        ),)+]
    };
}

const PROOF: &str = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10.1772000000.00112233445566778899aabbccddeeff";

fn filled(sample: &str) -> String {
    let words = [
        ("{to}", "jan@jansen.example"),
        ("{proof}", PROOF),
        ("{action}", "failed"),
        ("{status}", "5.1.1"),
        ("{type}", "abuse"),
    ];
    words.iter().fold(sample.to_owned(), |text, (word, value)| text.replace(word, value))
}

fn read(message: &str) -> Option<Report> {
    Report::read(message.as_bytes())
}

fn found(reason: SuppressionReason, many: usize) -> Report {
    let email = EmailAddress::parse("jan@jansen.example").unwrap();
    Report { proof: Some(PROOF.into()), lasting: vec![Lasting { reason, addresses: vec![email; many] }] }
}

#[test]
fn ch3_what_mail_servers_report_is_read() {
    for (sample, many) in [(POSTFIX, 2), (EXIM, 1), (EXCHANGE, 1)] {
        let message = filled(sample);
        let expected = Some(found(SuppressionReason::Bounced, many));
        assert_eq!(read(&message), expected, "{message}");
        // As it travels, and as a mail server gives it to a program.
        assert_eq!(read(&message.replace('\n', "\r\n")), expected);
        assert_eq!(read(&format!("From MAILER-DAEMON  Wed Feb 25 07:14:02 2026\n{message}")), expected);
    }
}

#[test]
fn ch3_a_head_that_was_encoded_is_read() {
    for kind in ["text/rfc822-headers", "message/global-headers"] {
        let (begin, end) = ("Content-Type: message/rfc822\n\n", "--c1a5f2d0-6f5e-4b0b-9c1e-7b0c1d2e3f40--");
        let whole = filled(EXCHANGE);
        let (report, returned) = whole.split_once(begin).unwrap();
        let head = returned.split_once(end).unwrap().0.trim_end();
        let proof = format!("X-AutoPaspoort-Proof: {PROOF}");
        // Quoted-printable breaks a line that long.
        let broken = head.replace(&proof, &format!("{}=\n{}", &proof[..70], &proof[70..]));
        for (encoding, head) in
            [("quoted-printable", broken), ("base64", STANDARD.encode(head)), ("7bit", head.to_owned())]
        {
            let message =
                format!("{report}Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{head}\n\n{end}\n");
            assert_eq!(read(&message), Some(found(SuppressionReason::Bounced, 1)), "{kind} {encoding}");
        }
    }
}

#[test]
fn ch3_what_mail_servers_really_report_is_read() {
    let secret = Secret::parse("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE").unwrap();
    for (name, message, to, is_lasting) in received![
        "postfix-refused" "onbekend.postfix@jansen.example" true,
        "postfix-over-quota" "vol.postfix@jansen.example" false,
        "postfix-delayed" "traag.postfix@jansen.example" false,
        "postfix-unknown" "weg.postfix@garage.example" true,
        "exim-refused" "onbekend.exim@jansen.example" true,
        "exim-over-quota" "vol.exim@jansen.example" false,
        "exim-delayed" "traag.exim@jansen.example" false,
        "exim-unrouteable" "weg.exim@garage.example" false,
    ] {
        for message in [message.to_owned(), message.replace('\n', "\r\n")] {
            let report = read(&message).unwrap_or_else(|| panic!("{name} is no report"));
            let proof = report.proof.unwrap_or_else(|| panic!("{name} proves nothing"));
            let to = EmailAddress::parse(to).unwrap();
            assert!(read_proof(&secret, &proof, &to).is_some(), "{name}: {proof}");
            assert_eq!(
                read_proof(&secret, &proof, &EmailAddress::parse("piet@jansen.example").unwrap()),
                None,
                "{name}"
            );
            let bounced =
                |one: &Lasting| one.reason == SuppressionReason::Bounced && one.addresses.iter().all(|own| *own == to);
            assert_eq!(report.lasting.len(), usize::from(is_lasting), "{name}");
            assert!(report.lasting.iter().all(|one| bounced(one) && !one.addresses.is_empty()), "{name}");
        }
    }
    for (name, message, ..) in received![
        "opensmtpd-refused" "onbekend.opensmtpd@jansen.example" false,
        "opensmtpd-over-quota" "vol.opensmtpd@jansen.example" false,
        "opensmtpd-delayed" "traag.opensmtpd@jansen.example" false,
    ] {
        assert_eq!(read(message), None, "{name} does not call itself a report");
    }
}

#[test]
fn ch3_what_readers_complain_of_is_read() {
    assert_eq!(read(&filled(FEEDBACK)), Some(found(SuppressionReason::Complained, 1)));
    let named = filled(FEEDBACK).replace("Version: 1\n", "Version: 1\nOriginal-Rcpt-To: <jan@jansen.example>\n");
    assert_eq!(read(&named), Some(found(SuppressionReason::Complained, 2)));
    let other = filled(&FEEDBACK.replace("{type}", "not-spam"));
    assert_eq!(read(&other).map(|report| report.lasting), Some(vec![]));
}

#[test]
fn ch3_what_may_pass_is_no_reason() {
    for (action, status) in [("delayed", "4.4.1"), ("failed", "5.2.2"), ("failed", "5.7.1"), ("relayed", "2.1.9")] {
        let message = filled(&POSTFIX.replace("{action}", action).replace("{status}", status));
        assert_eq!(read(&message).map(|report| report.lasting), Some(vec![]), "{action} {status}");
    }
}

#[test]
fn ch3_what_is_no_report_is_none() {
    let away = "From: jan@jansen.example\nAuto-Submitted: auto-replied\nSubject: Afwezig\n\nIk ben er niet.\n";
    let receipt = filled(POSTFIX).replace("report-type=delivery-status", "report-type=disposition-notification");
    let mixed = filled(POSTFIX).replace("multipart/report", "multipart/mixed");
    let cut_off = filled(POSTFIX).replace("message/delivery-status", "text/plain");
    for other in ["", "\n", "From x", "\0\0", away, &receipt, &mixed, &cut_off] {
        assert_eq!(read(other), None, "{other}");
    }
}

#[test]
fn ch3_only_the_mail_itself_says_which_it_was() {
    // What stands in the report's own head, or in that of a mail within the mail, is not asked.
    let line = format!("X-AutoPaspoort-Proof: {PROOF}\n");
    let without = filled(EXIM).replace(&line, "");
    assert_eq!(read(&without).and_then(|report| report.proof), None);
    assert_eq!(read(&format!("{line}{without}")).and_then(|report| report.proof), None);
    let report = filled(POSTFIX);
    let (head, body) = report.split_once("\n\n").unwrap();
    let about = "multipart/report; report-type=delivery-status; boundary=x";
    let status = "Final-Recipient: rfc822; jan@jansen.example\nAction: failed\nStatus: 5.1.1";
    let nested = format!(
        "Content-Type: {about}\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{status}\n\n--x\nContent-Type: message/rfc822\n\n{head}\n\n{body}\n--x--\n"
    );
    let found = read(&nested).unwrap();
    assert_eq!(found.lasting.len(), 1);
    assert_eq!(found.proof, None, "a report about a report");
}

#[test]
fn ch3_an_address_in_letters_of_its_language_is_read() {
    let message = filled(EXCHANGE)
        .replace("message/delivery-status", "message/global-delivery-status\nContent-Transfer-Encoding: base64");
    let (before, rest) = message.split_once("base64\n\n").unwrap();
    let (_, after) = rest.split_once("\n--c1a5f2d0").unwrap();
    let status = "Reporting-MTA: dns; x\n\nFinal-Recipient: utf-8; jan@müller.example\nAction: failed\nStatus: 5.1.1\n";
    let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, status);
    let found = read(&format!("{before}base64\n\n{coded}\n--c1a5f2d0{after}")).unwrap();
    assert_eq!(found.lasting[0].addresses, [EmailAddress::parse("jan@müller.example").unwrap()]);
}

#[test]
fn ch3_a_report_of_thousands_is_read_in_part() {
    let many = "\nFinal-Recipient: rfc822; jan@jansen.example\nAction: failed\nStatus: 5.1.1\n".repeat(3000);
    let message = filled(EXCHANGE).replace("X-Display-Name", &format!("{many}\nX-Display-Name"));
    assert_eq!(read(&message).unwrap().lasting.len(), MOST_RECIPIENTS);
}

proptest! {
    #[test]
    fn ch3_nothing_that_arrives_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = Report::read(&bytes);
    }

    #[test]
    fn ch3_no_report_that_is_damaged_breaks_it(
        at in 0_usize..3000, length in 0_usize..500, with in proptest::collection::vec(any::<u8>(), 0..20)
    ) {
        for sample in [POSTFIX, EXIM, EXCHANGE, FEEDBACK] {
            let mut bytes = filled(sample).into_bytes();
            let at = at.min(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, with.clone());
            let _ = Report::read(&bytes);
        }
    }
}
