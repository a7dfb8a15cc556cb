//! What a delivery report says about an address (rule CH3): of RFC 3464, in the codes of RFC 3463, and of RFC 5965.

use crate::{coded_enum, suppression::SuppressionReason};

coded_enum! {
    /// What came of a delivery report.
    pub enum ReportOutcome {
        /// An address is not written to any more.
        Suppressed => "suppressed",
        /// The address was not written to before either.
        Known => "known",
        /// What it says is not about the address, or may pass.
        NothingLasting => "nothing_lasting",
        /// It names no mail that went from here to that address.
        NotOurs => "not_ours",
        /// The message is no delivery report.
        NoReport => "no_report",
    }
}

/// What became of a mail to one address, in the words of a delivery report (RFC 3464).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery<'r> {
    /// `Action`: what the mail server did.
    pub action: &'r str,
    /// `Status`: the code of RFC 3463, with or without a comment behind it.
    pub status: &'r str,
    /// `Diagnostic-Code`: what the other mail server replied, behind the kind of code.
    pub diagnostic: Option<&'r str>,
}

impl Delivery<'_> {
    /// Why the address must not be written to from now on; none when it says nothing lasting about the address. What is delayed
    /// may still arrive, and what was delivered, relayed or passed on did.
    pub fn reason(&self) -> Option<SuppressionReason> {
        if !self.action.trim().eq_ignore_ascii_case("failed") {
            return None;
        }
        let status = Status::parse(self.status.split_whitespace().next()?)?;
        // Some mail servers have only "failed" for a status, and leave it to the reply to say why.
        let replied = || self.diagnostic.and_then(replied_status);
        let status = if status.is_undefined() { replied().unwrap_or(status) } else { status };
        status.names_no_mailbox().then_some(SuppressionReason::Bounced)
    }
}

/// Whether a mail server that refuses a mail with this code (RFC 3463) means that there is no such mailbox.
pub fn means_no_mailbox(status: &str) -> bool {
    Status::parse(status).is_some_and(Status::names_no_mailbox)
}

/// What a report of feedback (RFC 5965) means for the address. Only abuse is a complaint of who reads the mail.
pub fn complaint(feedback_type: &str) -> Option<SuppressionReason> {
    feedback_type.trim().eq_ignore_ascii_case("abuse").then_some(SuppressionReason::Complained)
}

/// A code of RFC 3463: class, subject and detail.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Status(u16, u16, u16);

impl Status {
    fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| {
            let is_number = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse().ok() } else { None }
        };
        let mut parts = text.split('.');
        let status = Self(number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
        if parts.next().is_none() { Some(status) } else { None }
    }

    /// Whether it says only that it failed.
    const fn is_undefined(self) -> bool {
        matches!(self, Self(5, 0, 0))
    }

    /// Whether it says, for good, that the mailbox or its domain is not there: no such mailbox (5.1.1), no such domain (5.1.2), no
    /// such address (5.1.3), moved without saying where to (5.1.6), a domain that takes no mail (5.1.10), switched off (5.2.1).
    /// A full mailbox is emptied, what is refused as unwanted is about the mail, and what cannot be routed may be about the
    /// resolver of the mail server that reports.
    const fn names_no_mailbox(self) -> bool {
        matches!(self, Self(5, 1, 1 | 2 | 3 | 6 | 10) | Self(5, 2, 1))
    }
}

/// The code of RFC 3463 in the reply of a mail server, as in `smtp; 550 5.1.1 no such user`.
fn replied_status(diagnostic: &str) -> Option<Status> {
    let (kind, reply) = diagnostic.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("smtp") {
        return None;
    }
    let (code, text) = reply.trim_start().split_at_checked(3)?;
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // The lines of a longer reply have a hyphen there.
    let text = text.strip_prefix([' ', '-'])?;
    Status::parse(text.split_whitespace().next()?.trim_matches(|c| matches!(c, '#' | '(' | ')' | ':')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reason(action: &str, status: &str, diagnostic: Option<&str>) -> Option<SuppressionReason> {
        Delivery { action, status, diagnostic }.reason()
    }

    #[test]
    fn ch3_a_mailbox_that_is_not_there_is_suppressed() {
        for status in ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.1.1 (no such user)"] {
            assert_eq!(reason("failed", status, None), Some(SuppressionReason::Bounced), "{status}");
            assert_eq!(reason(" Failed ", status, None), Some(SuppressionReason::Bounced), "{status}");
        }
    }

    #[test]
    fn ch3_what_may_pass_is_not() {
        for status in [
            "5.2.2", "5.7.1", "5.7.26", "5.3.4", "5.4.4", "5.4.1", "5.1.0", "5.1.7", "5.1.8", "5.0.0", "4.1.1",
            "2.1.5", "5.1", "5.1.1.1", "", "x", "5.1.+1", "5.1.0001", "51.1.1",
        ] {
            assert_eq!(reason("failed", status, None), None, "{status}");
        }
        for action in ["delayed", "delivered", "relayed", "expanded", "", "failed?"] {
            assert_eq!(reason(action, "5.1.1", None), None, "{action}");
        }
    }

    #[test]
    fn ch3_a_status_that_says_nothing_leaves_it_to_the_reply() {
        for diagnostic in [
            "smtp; 550 5.1.1 <jan@jansen.example>: no such user",
            "SMTP;550-5.1.1 The email account that you tried to reach does not exist",
            "smtp; 550 #5.1.1 unknown",
        ] {
            assert_eq!(reason("failed", "5.0.0", Some(diagnostic)), Some(SuppressionReason::Bounced), "{diagnostic}");
            assert_eq!(reason("failed", "5.7.1", Some(diagnostic)), None, "what the status says goes first");
        }
        for diagnostic in [
            "smtp; 550 no such user",
            "smtp; 552 5.2.2 full",
            "x-unix; 550 5.1.1",
            "5.1.1",
            "smtp; 5é0 5.1.1",
            "smtp;",
            "",
        ] {
            assert_eq!(reason("failed", "5.0.0", Some(diagnostic)), None, "{diagnostic}");
        }
    }

    #[test]
    fn ch3_only_abuse_is_a_complaint() {
        assert_eq!(complaint("abuse"), Some(SuppressionReason::Complained));
        assert_eq!(complaint(" Abuse"), Some(SuppressionReason::Complained));
        for other in ["fraud", "virus", "other", "not-spam", "auth-failure", "opt-out", ""] {
            assert_eq!(complaint(other), None, "{other}");
        }
    }

    #[test]
    fn ch3_a_refusal_of_a_mail_server_is_judged_alike() {
        assert!(means_no_mailbox("5.1.1") && means_no_mailbox("5.1.10"));
        assert!(!means_no_mailbox("5.7.1") && !means_no_mailbox("4.2.1") && !means_no_mailbox("nonsense"));
    }

    proptest! {
        #[test]
        fn ch3_nothing_that_a_report_says_breaks_it(action in ".*", status in ".*", diagnostic in ".*") {
            let _ = reason(&action, &status, Some(&diagnostic));
            let _ = reason("failed", "5.0.0", Some(&format!("smtp; {diagnostic}")));
        }
    }
}
