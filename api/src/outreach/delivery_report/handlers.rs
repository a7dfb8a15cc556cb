//! HTTP of delivery reports.

use super::{
    MAX_BYTES, Report, operations,
    wire::{DeliveryReportResult, RawMessage},
};
use crate::{
    command::Work,
    incoming::{Form, Incoming},
    problem::{Code, Problem, problems},
    request::Public,
    webhook::Signed,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, post};
use sha2::{Digest, Sha256};
use std::{
    future::{Ready, ready},
    sync::mpsc,
};

const MESSAGE: Form =
    Form { media_types: &["message/rfc822", "application/octet-stream"], otherwise: "content_type_message" };

/// The body of a request that is a message.
pub(crate) struct MessageBody(Incoming);

impl FromRequest for MessageBody {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Incoming::new(request, payload, &MESSAGE, Some(MAX_BYTES)).map(Self))
    }
}

/// Report what became of a mail.
///
/// For the mail server, or for whoever delivers the mails: the body is the report as it came, a message of RFC 3464 (mail that
/// came back) or RFC 5965 (a complaint). An address whose mailbox is not there, or whose reader complained, is not written to
/// any more. A report counts only for an address to which this server sent the mail that comes back with it, whole or its head
/// alone: a line of that head, `X-AutoPaspoort-Proof`, proves it, for two weeks. So anything else may be passed on too: it is
/// answered with what came of it, and does nothing. Once more changes nothing.
///
/// No one signs in for it. The request is signed as in Standard Webhooks, with the secret that the operator set
/// (`AUTOPASPOORT_DELIVERY_REPORT_SECRET`): HMAC-SHA256 of the id, the time and the body, with points between them.
#[utoipa::path(operation_id = "reportDelivery", tag = "suppressions",
    params(
        ("webhook-id" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$",
            description = "An id of the request, without a point in it."),
        ("webhook-timestamp" = Option<String>, Header, min_length = 1, max_length = 20, pattern = "^[0-9]+$",
            description = "When it was signed, in seconds since 1970; at most five minutes ago."),
        ("webhook-signature" = Option<String>, Header, min_length = 1, max_length = 1000, pattern = "^[ -~]+$",
            description = "`v1,` and the signature in base64; several with a space between them.")),
    request_body(content((RawMessage = "message/rfc822"), (RawMessage = "application/octet-stream")),
        description = "The report, at most 256 KiB."),
    responses((status = 200, description = "What came of it.", body = DeliveryReportResult)),
    security(()),
    extensions(("x-problems" = json!(problems![DeliveryReportsOff, SignatureInvalid]))))]
#[post("/delivery-reports")]
pub(crate) async fn report_delivery(
    request: HttpRequest,
    public: Public,
    body: MessageBody,
) -> Result<HttpResponse, Problem> {
    public.context.require_read_query()?;
    let app = public.context.app.clone();
    let secret = app.settings.delivery_reports.as_ref().ok_or(Code::DeliveryReportsOff)?;
    let message = body.0.whole().await?;
    let [id, timestamp, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| header(&request, name));
    if !secret.has_signed(&Signed { id, timestamp, signature }, &message, app.clock.now()) {
        return Err(Code::SignatureInvalid.into());
    }
    let (report, hash) = (Report::read(&message), Sha256::digest(&message).into());
    let (sender, outcomes) = mpsc::channel();
    let work = move |work: &mut Work<'_, '_>| {
        let (outcome, reply) = operations::report(work, report.as_ref())?;
        // Nobody listens any more only when the request has been given up.
        sender.send(outcome).unwrap_or_default();
        Ok(reply)
    };
    let answer = public.command("delivery report", hash, work).await?;
    // A transaction that was run again has had another outcome before.
    outcomes.try_iter().last().into_iter().for_each(operations::count);
    Ok(answer)
}

/// What a header says, which is nothing when there are several: nobody can say which of them counts.
fn header<'r>(request: &'r HttpRequest, name: &'static str) -> &'r str {
    let mut all = request.headers().get_all(name);
    all.next().and_then(|value| value.to_str().ok()).filter(|_| all.next().is_none()).unwrap_or_default()
}
