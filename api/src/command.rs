//! How a request becomes work: a query reads, a command is one transaction. Both know who acts, from the same
//! transaction that they read in (rule A2).

use crate::{
    clock::new_id,
    problem::{Code, Problem},
    request::{Anyone, Bearer, Context, SignedIn},
    secret::token_hash,
    state::App,
    wire::List,
};
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, EntityTag, IfMatch},
    },
};
use domain::{
    Instant,
    access::{Action, Actor, Decision, Relation, decide},
    consequence,
    event::{Event, Fact, Stream},
    ids::{AccountId, GarageId, SessionId},
    invitation::Invitation,
    job::Task,
};
use persistence::{self as store, Page, Scope, Tx};
use serde::Serialize;

/// What an operation answers.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    body: Vec<u8>,
}

impl Reply {
    /// 200 with a body.
    pub fn ok<T: Serialize>(body: &T) -> Result<Self, Problem> {
        Self::written(body, 1024)
    }

    /// 200 with a page of a list, each item as `show` shows it.
    pub fn page<T, K: Serialize, U: Serialize>(page: Page<T, K>, show: impl FnMut(T) -> U) -> Result<Self, Problem> {
        let bytes = 1024 * (page.items.len() + 1);
        Self::written(&List::of(page, show), bytes)
    }

    /// `bytes` is how long the body may well become: it is not copied from one place to the next while it grows.
    fn written<T: Serialize>(content: &T, bytes: usize) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(bytes);
        sonic_rs::to_writer(&mut body, content).map_err(|error| Problem::internal(&error.to_string()))?;
        Ok(Self { status: 200, location: None, etag: None, body })
    }

    /// 201 with a body and where it can be found.
    pub fn created<T: Serialize>(body: &T, location: String) -> Result<Self, Problem> {
        Ok(Self { status: 201, location: Some(location), ..Self::ok(body)? })
    }

    /// 202: it will be done.
    pub fn accepted() -> Self {
        Self { status: 202, ..Self::nothing() }
    }

    /// 204.
    pub fn nothing() -> Self {
        Self { status: 204, location: None, etag: None, body: vec![] }
    }

    /// The version that the body shows.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        Self { etag: Some(etag(version)), ..self }
    }

    /// As HTTP sends it.
    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.content_type("application/json").body(self.body)
    }
}

fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// Whether a tag is of this version. What follows the version tells one way of showing it from another, which matters to
/// those who keep a copy and not to those who change it.
fn names_version(tag: &EntityTag, version: i64) -> bool {
    !tag.weak && tag.tag().split('-').next().and_then(|named| named.parse().ok()) == Some(version)
}

/// A piece of work under way: who acts, when, on which transaction.
pub struct Work<'a, 'c> {
    /// The transaction.
    pub tx: &'a mut Tx<'c>,
    /// The program.
    pub app: &'a App,
    /// What the request brings.
    pub context: &'a Context,
    /// The time: one for the whole command.
    pub now: Instant,
    /// What the access token says, if there was one.
    bearer: Option<Bearer>,
    /// Who acts, once that was looked up: at the beginning of a command, and when first asked in a query.
    actor: Option<Actor>,
    /// A row was read in the session's own scope: session and account stand, though the actor was not looked up.
    proven: bool,
    /// The account that was made by this very command, whose act it is.
    newcomer: Option<AccountId>,
}

impl<'a, 'c> Work<'a, 'c> {
    fn new(tx: &'a mut Tx<'c>, app: &'a App, context: &'a Context, bearer: Option<Bearer>) -> Self {
        let now = app.clock.now();
        Self { tx, app, context, now, bearer, actor: None, proven: false, newcomer: None }
    }

    /// Who acts; 401 when nobody has signed in, or session or account have ended.
    pub fn actor(&mut self) -> Result<&Actor, Problem> {
        if self.actor.is_none() {
            let bearer = self.bearer.ok_or(Code::Unauthenticated)?;
            self.actor = store::account::actor(self.tx, bearer.session_id)?;
        }
        self.actor.as_ref().ok_or_else(|| Code::Unauthenticated.into())
    }

    /// Who acts, if anyone has signed in.
    pub fn actor_if_any(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// Whose request it is by their token: enough to say what is shown of what was found in [`Work::scope`].
    pub fn bearer(&self) -> Result<Bearer, Problem> {
        self.bearer.ok_or_else(|| Code::Unauthenticated.into())
    }

    /// The session that the actor acts through: only what is done to sessions needs it.
    pub fn session(&mut self) -> Result<SessionId, Problem> {
        self.actor()?;
        Ok(self.bearer()?.session_id)
    }

    /// What the actor's queries can reach. Before the actor was looked up, the query looks that up itself.
    pub fn scope(&self) -> Result<Scope, Problem> {
        match &self.actor {
            Some(actor) => Ok(Scope::from(actor)),
            None => self.bearer().map(|bearer| Scope::Session(bearer.session_id, bearer.kind)),
        }
    }

    /// Something was `found` in [`Work::scope`], or not. A row proves that the session stands; without one the actor is
    /// looked up before the answer is given, so that who is no longer signed in gets 401 and no empty list.
    pub fn prove(&mut self, found: bool) {
        self.proven |= found;
    }

    /// Whether a row was found in [`Work::scope`].
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    /// Goes on only if the policy allows it.
    pub fn require(&mut self, action: Action, relation: Relation) -> Result<(), Problem> {
        match decide(self.actor()?, action, relation) {
            Decision::Allowed => Ok(()),
            Decision::Hidden => Err(Code::NotFound.into()),
            Decision::Refused(reason) => Err(reason.into()),
        }
    }

    /// The garage of staff who may do `action` with what their garage has; others get 403 for a collection that is not
    /// theirs to begin with.
    pub fn require_staff(&mut self, action: Action) -> Result<GarageId, Problem> {
        let garage = self.actor()?.garage_id().ok_or(Code::WrongAccountKind)?;
        self.require(action, Relation { garage: true, ..Relation::default() })?;
        Ok(garage)
    }

    /// Goes on only if the client saw the version that is stored (428 without `If-Match`, 412 with another).
    pub fn require_version(&self, version: i64) -> Result<(), Problem> {
        match &self.context.if_match {
            None => Err(Code::PreconditionRequired.into()),
            Some(IfMatch::Any) => Ok(()),
            Some(IfMatch::Items(tags)) if tags.iter().any(|tag| names_version(tag, version)) => Ok(()),
            Some(IfMatch::Items(_)) => Err(Code::PreconditionFailed.into()),
        }
    }

    /// The same, where `If-Match` may be left out: commands that state rules of their own.
    pub fn check_version(&self, version: i64) -> Result<(), Problem> {
        if self.context.if_match.is_some() { self.require_version(version) } else { Ok(()) }
    }

    /// The answer to an earlier request with the same key and body.
    pub fn answer(&mut self, body: [u8; 32]) -> Result<Option<Reply>, Problem> {
        let actor = self.actor()?.clone();
        let repeat = Repeat::new(self.context, Some(&actor), body);
        repeat.map_or(Ok(None), |repeat| repeat.find(self.tx, self.app))
    }

    /// Whether a request with the same key was answered before, whatever its body: for streams, whose hash is known at
    /// their end.
    pub fn has_answered(&mut self) -> Result<bool, Problem> {
        let actor = self.actor()?.clone();
        let repeat = Repeat::new(self.context, Some(&actor), NO_BODY);
        repeat.map_or(Ok(false), |repeat| Ok(repeat.stored(self.tx)?.is_some()))
    }

    /// Waits for the garage's other commands.
    pub fn lock(&mut self, garage: GarageId) -> Result<(), Problem> {
        Ok(store::event::lock(self.tx, Stream::Garage(garage))?)
    }

    /// Records what happened, and the jobs that follow from it.
    pub fn record(&mut self, stream: Stream, facts: impl IntoIterator<Item = Fact>) -> Result<(), Problem> {
        let by = self.newcomer.or(self.actor.as_ref().map(Actor::account_id));
        record(self.tx, stream, by, facts, self.now)
    }

    /// Makes a one-time link and has it mailed.
    pub fn invite(&mut self, stream: Stream, invitation: &Invitation) -> Result<(), Problem> {
        let hash = token_hash(&self.app.secret.invitation_token(invitation.id));
        store::invitation::issue(self.tx, invitation, &hash, self.now)?;
        self.record(stream, [invitation.issued()])
    }

    /// What is recorded from here on is the act of the account that this command made.
    pub fn act_as(&mut self, newcomer: AccountId) {
        self.newcomer = Some(newcomer);
    }
}

/// Records what happened, and the jobs that follow from it, in the transaction that made it so.
pub fn record(
    tx: &mut Tx<'_>,
    stream: Stream,
    by: Option<AccountId>,
    facts: impl IntoIterator<Item = Fact>,
    now: Instant,
) -> Result<(), Problem> {
    let facts = facts.into_iter().map(|fact| (new_id(), fact)).collect();
    let appended = store::event::append_all(tx, stream, by, facts, now)?;
    let mut due = vec![];
    for event in &appended {
        queue_mails(event, &mut due);
    }
    Ok(store::jobs::insert_all(tx, &due, now, now)?)
}

fn queue_mails(event: &Event, due: &mut Vec<store::jobs::Job>) {
    for (mail, position) in consequence::mails(&event.fact).into_iter().zip(0..) {
        let cause = Some(store::jobs::Cause { stream: event.stream, number: event.number, position });
        due.push(store::jobs::Job { id: new_id(), cause, task: Task::Mail(mail), attempts: 0 });
    }
}

impl SignedIn {
    /// The answer to an earlier request with the same key and body: for commands that prove something first which the
    /// command itself changes.
    pub async fn answered(&self, body: [u8; 32]) -> Result<Option<HttpResponse>, Problem> {
        Ok(self.look(move |work| work.answer(body)).await?.map(Reply::into_response))
    }

    /// One of the transactions that a long request is made of. Who acts is looked up in each.
    pub async fn part<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Work<'_, '_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (context, bearer) = (self.context.clone(), self.bearer);
        let database = context.app.database.clone();
        let part = move |tx: &mut Tx<'_>| {
            let mut running = Work::new(tx, &context.app, &context, Some(bearer));
            running.actor()?;
            work(&mut running)
        };
        database.write(part).await
    }

    /// Reads something for the handler itself. The connection is given back before it goes on.
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        query(self.context.clone(), Some(self.bearer), work).await
    }

    /// Reads.
    pub async fn query(
        self,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        Ok(query(self.context, Some(self.bearer), work).await?.into_response())
    }

    /// Runs a command; `body` is the hash of the request's body.
    pub async fn command(
        self,
        body: [u8; 32],
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        command(self.context, Some(self.bearer), body, work).await
    }
}

impl Anyone {
    /// Reads, whoever asks.
    pub async fn query(
        self,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        Ok(query(self.context, None, work).await?.into_response())
    }

    /// Runs a command, as the actor of the token if there was one.
    pub async fn command(
        self,
        body: [u8; 32],
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        command(self.context, self.bearer, body, work).await
    }
}

/// Reads. Whoever brings a token is signed in, or gets 401 whatever the work found.
async fn query<T: Send + 'static>(
    context: Context,
    bearer: Option<Bearer>,
    mut work: impl FnMut(&mut Work<'_, '_>) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    context.require_read_query()?;
    let database = context.app.database.clone();
    let read = move |tx: &mut Tx<'_>| {
        let mut running = Work::new(tx, &context.app, &context, bearer);
        let answer = work(&mut running);
        if bearer.is_some() && !running.proven {
            running.actor()?;
        }
        answer
    };
    database.read(read).await
}

/// One transaction: who acts, the answer to a repeated request or the work itself, and that answer kept for repeats.
async fn command(
    context: Context,
    bearer: Option<Bearer>,
    body: [u8; 32],
    mut work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    context.require_read_query()?;
    let database = context.app.database.clone();
    let reply = database
        .write(move |tx| {
            let app = &context.app;
            let mut running = Work::new(tx, app, &context, bearer);
            if bearer.is_some() {
                running.actor()?;
            }
            let repeat = Repeat::new(&context, running.actor_if_any(), body);
            if let Some(answer) = repeat.as_ref().map(|repeat| repeat.find(running.tx, app)).transpose()?.flatten() {
                return Ok(answer);
            }
            let reply = match work(&mut running) {
                Ok(reply) => reply,
                Err(refusal) => {
                    // The same request may have been answered between the look above and this refusal, which then is
                    // but its echo.
                    let answer = repeat.as_ref().map(|repeat| repeat.find(running.tx, app)).transpose();
                    return answer.ok().flatten().flatten().ok_or(refusal);
                }
            };
            if let Some(repeat) = &repeat {
                repeat.keep(running.tx, app, &reply, running.now)?;
            }
            Ok(reply)
        })
        .await?;
    Ok(reply.into_response())
}

/// A request that may be a repeat of an earlier one, by its `Idempotency-Key`.
struct Repeat {
    actor: String,
    key: String,
    fingerprint: Vec<u8>,
}

const SEAL: &str = "repeated answer";

impl Repeat {
    fn new(context: &Context, actor: Option<&Actor>, body: [u8; 32]) -> Option<Self> {
        // Only a POST is answered again: the other methods can be repeated by their nature, or have `If-Match`.
        let key = context.idempotency_key.clone().filter(|_| context.target.starts_with("POST "))?;
        // Who has not signed in is told apart by address, so that strangers' keys do not clash.
        let actor =
            actor.map_or_else(|| format!("anonymous {}", context.address), |actor| actor.account_id().to_string());
        let fingerprint = context.app.secret.mac("request", &[context.target.as_bytes(), &body]).to_vec();
        Some(Self { actor, key, fingerprint })
    }

    fn stored(&self, tx: &mut Tx<'_>) -> Result<Option<store::idempotency::StoredAnswer>, Problem> {
        Ok(store::idempotency::find(tx, &self.actor, &self.key)?)
    }

    fn find(&self, tx: &mut Tx<'_>, app: &App) -> Result<Option<Reply>, Problem> {
        let Some(stored) = self.stored(tx)? else {
            return Ok(None);
        };
        if stored.fingerprint != self.fingerprint {
            return Err(Code::IdempotencyKeyReused.into());
        }
        let body = app.secret.open(SEAL, &stored.sealed_body).map_err(|error| Problem::internal(&error.to_string()))?;
        let status = u16::try_from(stored.status).unwrap_or(500);
        Ok(Some(Reply { status, location: stored.location, etag: stored.etag, body }))
    }

    fn keep(&self, tx: &mut Tx<'_>, app: &App, reply: &Reply, now: Instant) -> Result<(), Problem> {
        let sealed_body = app.secret.seal(SEAL, &reply.body).map_err(|error| Problem::internal(&error.to_string()))?;
        let answer = store::idempotency::StoredAnswer {
            actor: self.actor.clone(),
            idempotency_key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            status: i64::from(reply.status),
            location: reply.location.clone(),
            etag: reply.etag.clone(),
            sealed_body,
        };
        Ok(store::idempotency::insert(tx, answer, now)?)
    }
}

/// The hash of a body that is not there.
pub const NO_BODY: [u8; 32] = [0; 32];
