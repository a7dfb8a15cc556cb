//! HTTP of mailed links.

use super::{
    operations,
    wire::{AcceptInvitation, InvitationAccepted, InvitationPreview, PreviewInvitation},
};
use crate::{
    problem::{Problem, problems},
    request::{Anyone, Json, Public},
    session,
};
use actix_web::{HttpResponse, post};

/// Preview a mailed link.
///
/// The answer says which garage, car and fleet the link is about, who offers the car and as what, and whether its holder must
/// sign in or choose a password. The link stays unused, so the request can be repeated without an `Idempotency-Key`.
#[utoipa::path(operation_id = "previewInvitation", tag = "invitations", request_body = PreviewInvitation,
    responses((status = 200, description = "The purpose of the link.", body = InvitationPreview)),
    security(()),
    extensions(("x-only-reads" = json!(true)), ("x-problems" = json!(problems![InvitationNotFound, InvitationUsed,
        InvitationRevoked, InvitationExpired, TransferNotOpen]))))]
#[post("/invitations/preview")]
pub(crate) async fn preview_invitation(public: Public, body: Json<PreviewInvitation>) -> Result<HttpResponse, Problem> {
    public.query(move |work| operations::preview(work, &body.value)).await
}

/// Use a mailed link.
///
/// Without a session, the link creates the account with the password in the body, and signs in. Someone who already has
/// a driver account signs in first and uses the link then: the passport is added to that account. The link of an offer
/// only creates the account; the offer itself is accepted or declined with an operation of its own.
#[utoipa::path(operation_id = "acceptInvitation", tag = "invitations", request_body = AcceptInvitation,
    responses((status = 200, description = "The link was used.", body = InvitationAccepted)),
    security((), ("bearer" = [])),
    extensions(("x-problems" = json!(problems![InvitationNotFound, InvitationUsed, InvitationRevoked,
        InvitationExpired, TransferNotOpen, SignInFirst, EmailInUse, WrongAccountKind, NotForThisAccount, PassportAlreadyActive,
        PassportArchived]))))]
#[post("/invitations/accept")]
pub(crate) async fn accept_invitation(anyone: Anyone, body: Json<AcceptInvitation>) -> Result<HttpResponse, Problem> {
    let hash = match (&body.value.password, anyone.bearer) {
        (Some(password), None) => {
            let about = operations::about(&anyone.context, &body.value).await?;
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            session::operations::check_password(password, &about, "/password")?;
            Some(anyone.context.app.passwords.hash(&password.0).await?)
        }
        (Some(_), Some(_)) => return Err(Problem::body("/password", "conflicts_with_other")),
        (None, _) => None,
    };
    let token = body.value.token.0.clone();
    anyone
        .sign_in(&token, body.hash, session::operations::revive, move |work| {
            operations::accept(work, &body.value, hash.as_deref())
        })
        .await
}
