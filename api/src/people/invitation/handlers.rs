//! HTTP of mailed links.

use super::{
    guess::{Guess, settle},
    operations,
    wire::{AcceptInvitation, InvitationAccepted, InvitationElsewhere, InvitationPreview, PreviewInvitation},
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
/// sign in or choose a password. The link stays unused, so the request can be repeated without an `Idempotency-Key`. Where the
/// link does not work, since something cut off its end, the code of the mail does, with the address to which it went.
#[utoipa::path(operation_id = "previewInvitation", tag = "invitations", request_body = PreviewInvitation,
    responses((status = 200, description = "The purpose of the link.", body = InvitationPreview)),
    security(()),
    extensions(("x-only-reads" = json!(true)), ("x-problems" = json!(problems![InvitationNotFound, InvitationUsed,
        InvitationRevoked, InvitationExpired, TransferNotOpen, TooManyAttempts]))))]
#[post("/invitations/preview")]
pub(crate) async fn preview_invitation(public: Public, body: Json<PreviewInvitation>) -> Result<HttpResponse, Problem> {
    let (context, key) = (public.context.clone(), body.value.key()?);
    let guess = Guess::count(&context, &key).await?;
    let answer = public.query(move |work| operations::preview(work, &key)).await;
    settle(&context, guess, answer).await
}

/// Have a link mailed to another address.
///
/// Whoever has the link to activate a passport may activate it with another e-mail of theirs. They need this when the link went to an
/// address with which they sign in to a garage or a fleet, since such an account has no car. A link is mailed to the other address;
/// using it confirms that address. It ends when the first link ends, and both work until one of them is used. Whoever asks again, for
/// whichever address, gets a new link, which replaces the one that was asked for before (`invitation_revoked`); the first link goes on
/// working. After five requests for a passport no more is mailed for some time (429, `too_many_mails`). The garage is told when
/// another address took the passport. The answer is the same whether the other address has an account or not.
#[utoipa::path(operation_id = "sendInvitationElsewhere", tag = "invitations", request_body = InvitationElsewhere,
    responses((status = 202, description = "A link will be mailed to the other address.")),
    security(()),
    extensions(("x-problems" = json!(problems![InvitationNotFound, InvitationUsed, InvitationRevoked, InvitationExpired,
        InvitationBound, TransferNotOpen, TooManyAttempts, TooManyMails]))))]
#[post("/invitations/elsewhere")]
pub(crate) async fn send_invitation_elsewhere(
    public: Public,
    body: Json<InvitationElsewhere>,
) -> Result<HttpResponse, Problem> {
    let (context, key) = (public.context.clone(), body.value.key()?);
    let guess = Guess::count(&context, &key).await?;
    let secret = key.secret();
    let work = public.command(&secret, body.hash, move |work| operations::send_elsewhere(work, &key, &body.value));
    settle(&context, guess, work.await).await
}

/// Use a mailed link.
///
/// Without a session, the link creates the account with the password in the body, and signs in. Someone who already has
/// a driver account signs in first and uses the link then: the passport is added to that account. The link of an offer
/// only creates the account; the offer itself is accepted or declined with an operation of its own. The code of the mail does what
/// the link does, with the address to which it went.
#[utoipa::path(operation_id = "acceptInvitation", tag = "invitations", request_body = AcceptInvitation,
    responses((status = 200, description = "The link was used.", body = InvitationAccepted)),
    security((), ("bearer" = [])),
    extensions(("x-problems" = json!(problems![InvitationNotFound, InvitationUsed, InvitationRevoked,
        InvitationExpired, TransferNotOpen, SignInFirst, EmailInUse, WrongAccountKind, NotForThisAccount, PassportAlreadyActive,
        PassportArchived, TooManyAttempts]))))]
#[post("/invitations/accept")]
pub(crate) async fn accept_invitation(anyone: Anyone, body: Json<AcceptInvitation>) -> Result<HttpResponse, Problem> {
    let (context, key) = (anyone.context.clone(), body.value.key()?);
    let guess = Guess::count(&context, &key).await?;
    let answer = async {
        let hash = match (&body.value.password, anyone.bearer) {
            (Some(password), None) => {
                let about = operations::about(&anyone.context, &key, &body.value).await?;
                let about: Vec<&str> = about.iter().map(String::as_str).collect();
                session::operations::check_password(password, &about, "/password")?;
                Some(anyone.context.app.passwords.hash(&password.0).await?)
            }
            (Some(_), Some(_)) => return Err(Problem::body("/password", "conflicts_with_other")),
            (None, _) => None,
        };
        let (secret, hash_of_body) = (key.secret(), body.hash);
        let work = anyone.sign_in(&secret, hash_of_body, session::operations::revive, move |work| {
            operations::accept(work, &key, &body.value, hash.as_deref())
        });
        work.await
    };
    settle(&context, guess, answer.await).await
}
