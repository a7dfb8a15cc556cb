//! Delivery reports, as mail servers write them, signed as the server takes them.

use super::{Actor, Answer, Server};
use api::{mail::proof, webhook::WebhookSecret};
use domain::{
    suppression::{Suppression, SuppressionReason},
    value::EmailAddress,
};
use persistence as store;

pub(crate) const POSTFIX: &str = include_str!("reports/postfix.eml");
pub(crate) const EXIM: &str = include_str!("reports/exim.eml");
pub(crate) const EXCHANGE: &str = include_str!("reports/exchange.eml");
pub(crate) const FEEDBACK: &str = include_str!("reports/feedback.eml");

/// A report that a mail server made of a mail that this program sent to it (`reports/received/README.md` says how).
pub(crate) struct Received {
    /// The mail server, and what happened there.
    pub(crate) name: &'static str,
    pub(crate) message: &'static str,
    /// To whom the mail went.
    pub(crate) to: &'static str,
    /// What comes of the report.
    pub(crate) outcome: &'static str,
}

macro_rules! received {
    ($($name:literal $to:literal $outcome:literal,)+) => {
        [$(Received {
            name: $name,
            message: include_str!(concat!("reports/received/", $name, ".eml")),
            to: $to,
            outcome: $outcome,
        },)+]
    };
}

/// Another mail server knew no such mailbox, the mailbox was full, it did not take the mail for now; or the mail server itself knew
/// no such mailbox.
pub(crate) const RECEIVED: [Received; 11] = received![
    "postfix-refused" "onbekend.postfix@jansen.example" "suppressed",
    "postfix-over-quota" "vol.postfix@jansen.example" "nothing_lasting",
    "postfix-delayed" "traag.postfix@jansen.example" "nothing_lasting",
    "postfix-unknown" "weg.postfix@garage.example" "suppressed",
    "exim-refused" "onbekend.exim@jansen.example" "suppressed",
    "exim-over-quota" "vol.exim@jansen.example" "nothing_lasting",
    "exim-delayed" "traag.exim@jansen.example" "nothing_lasting",
    "exim-unrouteable" "weg.exim@garage.example" "nothing_lasting",
    "opensmtpd-refused" "onbekend.opensmtpd@jansen.example" "no_report",
    "opensmtpd-over-quota" "vol.opensmtpd@jansen.example" "no_report",
    "opensmtpd-delayed" "traag.opensmtpd@jansen.example" "no_report",
];

/// The secret of the server whose mails those were.
pub(crate) fn secret_of_received() -> api::secret::Secret {
    api::secret::Secret::parse("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE").unwrap()
}

/// What the server of the tests and its mail server both know.
pub(crate) fn secret() -> WebhookSecret {
    WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
}

/// A report in this form about a mail to an address: that there is no such mailbox, or that its reader complains.
pub(crate) fn report(form: &str, to: &str, proof: &str) -> String {
    let words = [("{to}", to), ("{proof}", proof), ("{action}", "failed"), ("{status}", "5.1.1"), ("{type}", "abuse")];
    words.iter().fold(form.to_owned(), |text, (word, value)| text.replace(word, value))
}

/// The proof that a mail of the server to an address has.
pub(crate) fn proof_of_mail(server: &Server, to: &str) -> String {
    proof_of(server, uuid::Uuid::now_v7(), to)
}

/// The proof that the mail of a job has.
pub(crate) fn proof_of(server: &Server, job: uuid::Uuid, to: &str) -> String {
    proof(&server.app.secret, job, server.now(), &EmailAddress::parse(to).unwrap())
}

/// A report that mail to an address comes back, which the server cannot tell from one about a mail that it sent.
pub(crate) fn bounce(server: &Server, to: &str) -> String {
    report(POSTFIX, to, &proof_of_mail(server, to))
}

/// The headers with which a report is signed.
pub(crate) fn signed(server: &Server, message: &[u8]) -> [(&'static str, String); 3] {
    let timestamp = server.now().as_second().to_string();
    let signature = secret().sign("msg_1", &timestamp, message).unwrap();
    [("webhook-id", "msg_1".into()), ("webhook-timestamp", timestamp), ("webhook-signature", format!("v1,{signature}"))]
}

/// Sends a report with its signature, and with other headers.
pub(crate) async fn send(actor: &Actor<'_>, message: &str, headers: &[(&str, &str)]) -> Answer {
    let signed = signed(actor.server, message.as_bytes());
    let signed = signed.iter().map(|(name, value)| (*name, value.as_str()));
    let headers: Vec<(&str, &str)> =
        headers.iter().copied().chain([("content-type", "message/rfc822")]).chain(signed).collect();
    actor.send("POST", "/v1/delivery-reports", &headers, Some(message.into())).await
}

impl Server {
    /// Notes that an address must not be written to, for all garages; the id of that.
    pub(crate) fn suppress(&self, email: &str, reason: SuppressionReason) -> String {
        let email = EmailAddress::parse(email).unwrap();
        let new = Suppression::of_mailbox(uuid::Uuid::now_v7().into(), email, reason, self.now()).unwrap();
        assert!(self.store().write(|tx| store::suppression::insert(tx, &new)).unwrap());
        new.id.to_string()
    }
}
