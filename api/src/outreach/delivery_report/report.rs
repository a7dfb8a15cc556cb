//! Reads a delivery report: of a mail that came back (RFC 3464), or of a complaint (RFC 5965).

use super::parts::Part;
use crate::mail::PROOF_HEADER;
use domain::{
    delivery_report::{Delivery, complaint},
    suppression::SuppressionReason,
    value::EmailAddress,
};
use mail_parser::{Address, MessageParser};

/// The most bytes of a report.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most recipients of a report that are looked at. Each mail of this server has one.
const MOST_RECIPIENTS: usize = 20;

/// What a report says, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What proves which mail it is about: a header line of the mail; none when the report does not have it.
    pub proof: Option<String>,
    /// To which addresses something lasting happened.
    pub lasting: Vec<Lasting>,
}

/// That an address must not be written to any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// Why.
    pub reason: SuppressionReason,
    /// What the report calls the address: as the mail had it, and as it was passed on. The proof says which one was
    /// written to.
    pub addresses: Vec<EmailAddress>,
}

impl Report {
    /// Reads a message; none when it is no report. It is never fully trusted: see [`super::operations::receive`].
    pub fn read(message: &[u8]) -> Option<Self> {
        let message = Part::read(without_envelope(message))?;
        if !message.is("multipart", "report") {
            return None;
        }
        let kind = message.parameter("report-type")?;
        let parts = message.parts();
        let lasting = if kind.eq_ignore_ascii_case("delivery-status") {
            deliveries(&parts)?
        } else if kind.eq_ignore_ascii_case("feedback-report") {
            feedback(&parts)?
        } else {
            return None;
        };
        let proof = parts.iter().find_map(Returned::read).and_then(|returned| returned.proof);
        Some(Self { proof, lasting })
    }
}

/// A message as it was sent, without the line that mail servers put before one that they give to a program.
fn without_envelope(message: &[u8]) -> &[u8] {
    if !message.starts_with(b"From ") {
        return message;
    }
    let end = message.iter().position(|byte| *byte == b'\n').map_or(message.len(), |end| end + 1);
    message.get(end..).unwrap_or_default()
}

/// The head of the mail that a report is about, whether the report has the mail or its head alone.
struct Returned {
    proof: Option<String>,
    to: Vec<EmailAddress>,
}

impl Returned {
    fn read(part: &Part<'_>) -> Option<Self> {
        let is_whole = part.is("message", "rfc822") || part.is("message", "global");
        let is_head = part.is("text", "rfc822-headers") || part.is("message", "global-headers");
        // A mail has parts with encodings of their own; a head alone may be encoded as a text is.
        let head = if is_head { part.text().map(String::into_bytes)? } else { part.body().to_vec() };
        let head = MessageParser::default().parse_headers(&head).filter(|_| is_whole || is_head)?;
        let to = head.to().map(Address::iter).into_iter().flatten().filter_map(|to| to.address());
        let to = to.filter_map(|to| EmailAddress::parse(to).ok()).take(MOST_RECIPIENTS).collect();
        let proof = head.header_raw(PROOF_HEADER).map(|line| line.trim().to_owned());
        Some(Self { proof, to })
    }
}

/// The addresses of which a report says that mail to them comes back for good.
fn deliveries(parts: &[Part<'_>]) -> Option<Vec<Lasting>> {
    let status = parts
        .iter()
        .find(|part| part.is("message", "delivery-status") || part.is("message", "global-delivery-status"))?;
    let status = status.text()?;
    // The first group is about the report, each other one about an address. Some programs leave a blank line too much.
    let groups = groups(&status);
    let recipients = groups.iter().filter(|group| group.get("Final-Recipient").is_some()).take(MOST_RECIPIENTS);
    let lasting = recipients.filter_map(|group| {
        let delivery = Delivery {
            action: group.get("Action")?,
            status: group.get("Status")?,
            diagnostic: group.get("Diagnostic-Code"),
        };
        let addresses =
            ["Original-Recipient", "Final-Recipient"].into_iter().filter_map(|name| typed(group.get(name)?));
        Some(Lasting { reason: delivery.reason()?, addresses: addresses.collect() })
    });
    Some(lasting.collect())
}

/// The address of which a report says that its reader complained.
fn feedback(parts: &[Part<'_>]) -> Option<Vec<Lasting>> {
    let report = parts.iter().find(|part| part.is("message", "feedback-report"))?.text()?;
    let groups = groups(&report);
    let report = groups.first()?;
    let Some(reason) = complaint(report.get("Feedback-Type")?) else { return Some(vec![]) };
    let named = report.all("Original-Rcpt-To").filter_map(address);
    let returned = parts.iter().find_map(Returned::read).map(|returned| returned.to).unwrap_or_default();
    let addresses = named.chain(returned).take(MOST_RECIPIENTS).collect();
    Some(vec![Lasting { reason, addresses }])
}

/// An address behind the kind of address, as in `rfc822; jan@jansen.example`.
fn typed(field: &str) -> Option<EmailAddress> {
    let (kind, text) = field.split_once(';')?;
    let is_mail = ["rfc822", "utf-8"].iter().any(|known| kind.trim().eq_ignore_ascii_case(known));
    if is_mail { address(text) } else { None }
}

fn address(text: &str) -> Option<EmailAddress> {
    let text = text.trim();
    let text = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    EmailAddress::parse(text).ok()
}

/// Fields as a report has them: a name and what it says, in one line.
#[derive(Default)]
struct Group(Vec<(String, String)>);

impl Group {
    fn all<'g>(&'g self, name: &'static str) -> impl Iterator<Item = &'g str> {
        self.0.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, text)| text.as_str())
    }

    fn get(&self, name: &'static str) -> Option<&str> {
        self.all(name).next()
    }
}

/// The groups of fields, which blank lines separate. A line that begins with white space continues the one before.
fn groups(text: &str) -> Vec<Group> {
    let mut groups = vec![];
    let mut group = Group::default();
    for line in text.lines() {
        if line.trim().is_empty() {
            groups.push(std::mem::take(&mut group));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, before)) = group.0.last_mut() {
                before.push(' ');
                before.push_str(line.trim());
            }
        } else if let Some((name, text)) = line.split_once(':') {
            group.0.push((name.trim().to_owned(), text.trim().to_owned()));
        }
    }
    groups.push(group);
    groups.retain(|group| !group.0.is_empty());
    groups
}

#[cfg(test)]
mod tests;
