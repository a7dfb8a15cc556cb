//! How a request becomes work: a query reads, a command is one transaction. Both look up the actor in the transaction
//! in which they read (rule A2).

use crate::{
    brake::{self, Subject},
    clock::new_id,
    problem::{Code, Problem},
    request::{Anyone, Bearer, Context, Public, SignedIn},
    secret::{Secret, token_hash},
    state::App,
    tags::{Tags, fingerprint},
    wire::{AskedGone, FollowedList, List, ListQuery, ToldGone},
};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use base64::Engine as _;
use domain::{
    Instant,
    access::{Action, Actor, Decision, Relation, decide},
    consequence,
    event::{Event, Fact, Stream},
    ids::{AccountId, GarageId, SessionId},
    invitation::{Invitation, Purpose},
    job::{CarsToRefresh, Task},
    removal,
    suppression::SuppressionReason,
    throttle,
    value::{AccountKind, EmailAddress},
};
use persistence::{self as store, Page, Scope, Tx, removal::ListOf};
use serde::Serialize;

/// The answer of an operation.
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

    /// 200 with the page that a `query` asked for, each item as `show` shows it.
    pub fn page<T, K: Serialize, U: Serialize>(
        query: &ListQuery,
        page: Page<T, K>,
        show: impl FnMut(T) -> U,
    ) -> Result<Self, Problem> {
        let bytes = 1024 * (page.items.len() + 1);
        Self::written(&List::of(query, page, show), bytes)
    }

    /// The same with what is `gone` from the list (rule LS1).
    pub fn followed_page<T, K: Serialize, U: Serialize>(
        query: &ListQuery,
        gone: ToldGone,
        page: Page<T, K>,
        show: impl FnMut(T) -> U,
    ) -> Result<Self, Problem> {
        let rows = page.items.len() + gone.as_ref().map_or(0, |gone| gone.items.len()) / 8;
        Self::written(&FollowedList::of(query, gone, page, show), 1024 * (rows + 1))
    }

    /// `bytes` is the length that the body may well reach, so that it is not copied while it grows.
    fn written<T: Serialize>(content: &T, bytes: usize) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(bytes);
        sonic_rs::to_writer(&mut body, content).map_err(|error| Problem::internal(&error.to_string()))?;
        Ok(Self { status: 200, location: None, etag: None, body })
    }

    /// The body that it has.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The same with another body.
    pub fn with_body<T: Serialize>(self, body: &T) -> Result<Self, Problem> {
        Ok(Self { body: Self::ok(body)?.body, ..self })
    }

    /// 201 with a body and the address of what was created.
    pub fn created<T: Serialize>(body: &T, location: String) -> Result<Self, Problem> {
        Ok(Self { status: 201, location: Some(location), ..Self::ok(body)? })
    }

    /// 202: the work will be done later.
    pub fn accepted() -> Self {
        Self { status: 202, ..Self::nothing() }
    }

    /// 204, without a body.
    pub fn nothing() -> Self {
        Self { status: 204, location: None, etag: None, body: vec![] }
    }

    /// Adds the version that the body shows.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        Self { etag: Some(etag(version)), ..self }
    }

    /// The same with a body that says once what reading it does not say, such as a hint at what was made. The tag stays that of
    /// reading it, so that it need not be read again.
    pub fn saying<T: Serialize>(self, once: &T) -> Result<Self, Problem> {
        let etag = self.etag.as_ref().map(|tag| {
            let version = tag.trim_matches('"');
            format!("\"{version}-{}\"", fingerprint(&self.body))
        });
        Ok(Self { etag, ..self.with_body(once)? })
    }

    /// The answer as HTTP sends it.
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

/// A piece of work: who acts, when, and in which transaction.
pub struct Work<'a, 'c> {
    /// The transaction.
    pub tx: &'a mut Tx<'c>,
    /// The parts that all requests share.
    pub app: &'a App,
    /// What the request has besides its body.
    pub context: &'a Context,
    /// The time: the same for the whole command.
    pub now: Instant,
    /// What the access token says, if one was sent.
    bearer: Option<Bearer>,
    /// The actor, once they were looked up: at the beginning of a command, and in a query when it first needs them.
    actor: Option<Actor>,
    /// Whether a row was read in the session's own scope. If so, the session and the account have not ended, though the
    /// actor was not looked up.
    proven: bool,
    /// The account that this very command created, and that is its author.
    newcomer: Option<AccountId>,
    /// The garages whose lock this command holds.
    locked: Vec<GarageId>,
}

impl<'a, 'c> Work<'a, 'c> {
    fn new(tx: &'a mut Tx<'c>, app: &'a App, context: &'a Context, bearer: Option<Bearer>) -> Self {
        let now = app.clock.now();
        Self { tx, app, context, now, bearer, actor: None, proven: false, newcomer: None, locked: vec![] }
    }

    /// The actor; 401 when nobody has signed in, or when the session or the account has ended. Who must set up a second factor
    /// first is refused here, since every command and every query that found nothing in the scope of a session comes by, and
    /// that scope reaches nothing for them (rule A19).
    pub fn actor(&mut self) -> Result<&Actor, Problem> {
        if self.actor.is_none() {
            let bearer = self.bearer.ok_or(Code::Unauthenticated)?;
            let holder = store::account::holder(self.tx, bearer.session_id)?;
            if holder.as_ref().is_some_and(|holder| holder.must_enrol) && !self.context.is_before_enrolment {
                return Err(Code::SecondFactorEnrolmentRequired.into());
            }
            self.actor = holder.map(|holder| holder.actor);
        }
        self.actor.as_ref().ok_or_else(|| Code::Unauthenticated.into())
    }

    /// The actor, if anyone has signed in.
    pub fn actor_if_any(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// What the token says about who sent the request: enough to decide what is shown of what was found in
    /// [`Work::scope`].
    pub fn bearer(&self) -> Result<Bearer, Problem> {
        self.bearer.ok_or_else(|| Code::Unauthenticated.into())
    }

    /// The session through which the actor acts. Only operations on sessions need it.
    pub fn session(&mut self) -> Result<SessionId, Problem> {
        self.actor()?;
        Ok(self.bearer()?.session_id)
    }

    /// What the actor's queries can reach. Until the actor is looked up, the query itself looks that up.
    pub fn scope(&self) -> Result<Scope, Problem> {
        match &self.actor {
            Some(actor) => Ok(Scope::from(actor)),
            None => self.bearer().map(|bearer| Scope::Session(bearer.session_id, bearer.kind)),
        }
    }

    /// What is gone from lists, as far as a query asks for it (rule LS1).
    pub fn gone(
        &mut self,
        query: &ListQuery,
        lists: &[removal::FollowedList],
        of: ListOf,
    ) -> Result<ToldGone, Problem> {
        let request = match query.asked_gone(self.now) {
            AskedGone::Nothing => return Ok(None),
            AskedGone::ToldBefore => return Ok(Some(Page { items: vec![], next: None })),
            // Nothing can leave the list.
            AskedGone::Page(_) if lists.is_empty() => return Ok(Some(Page { items: vec![], next: None })),
            AskedGone::Page(request) => request,
        };
        let scope = self.scope()?;
        let gone = store::removal::list(self.tx, &scope, lists, of, &request)?;
        let is_scoped = match of {
            ListOf::Actor | ListOf::Fleet(_) | ListOf::KeptCar(_) => true,
            ListOf::Car(_) | ListOf::Account(_) => false,
        };
        self.prove(is_scoped && !gone.items.is_empty());
        Ok(Some(gone))
    }

    /// Notes whether something was `found` in [`Work::scope`]. A row proves that the session has not ended. Without
    /// one, the actor is looked up before the answer is given, so that someone who is no longer signed in gets a 401
    /// and no empty list.
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

    /// The garage of staff who may do `action` with what their garage has. Others get a 403, since the collection can
    /// never be theirs.
    pub fn require_staff(&mut self, action: Action) -> Result<GarageId, Problem> {
        let garage = self.actor()?.garage_id().ok_or(Code::WrongAccountKind)?;
        self.require(action, Relation { garage: true, ..Relation::default() })?;
        Ok(garage)
    }

    /// Goes on only if the client has seen the stored version (428 without `If-Match`, 412 with another version). What
    /// a tag has behind the version identifies one form of the answer; it matters to clients that store an answer, and
    /// not to those that change the thing.
    pub fn require_version(&self, version: i64) -> Result<(), Problem> {
        match &self.context.if_match {
            None => Err(Code::PreconditionRequired.into()),
            Some(Tags::Any) => Ok(()),
            Some(Tags::Listed(tags)) => {
                let strong = || tags.iter().filter(|tag| !tag.is_weak);
                if strong().any(|tag| tag.version() == Some(version)) {
                    Ok(())
                } else if strong().next().is_none() {
                    // To load it again gives no other answer.
                    Err(Problem::weak_tag())
                } else {
                    Err(Code::PreconditionFailed.into())
                }
            }
        }
    }

    /// The same, where `If-Match` may be left out: for commands that check the state by rules of their own.
    pub fn check_version(&self, version: i64) -> Result<(), Problem> {
        if self.context.if_match.is_some() { self.require_version(version) } else { Ok(()) }
    }

    /// The answer to an earlier request with the same key and body.
    pub fn answer(&mut self, body: [u8; 32]) -> Result<Option<Reply>, Problem> {
        let actor = self.actor()?.account_id().to_string();
        let repeat = Repeat::new(self.context, actor, body);
        repeat.map_or(Ok(None), |repeat| repeat.find(self.tx, self.app))
    }

    /// Whether a request with the same key was answered before, whatever its body. This is for streams, whose hash is
    /// known only at their end.
    pub fn has_answered(&mut self) -> Result<bool, Problem> {
        let actor = self.actor()?.account_id().to_string();
        let repeat = Repeat::new(self.context, actor, NO_BODY);
        repeat.map_or(Ok(false), |repeat| Ok(repeat.stored(self.tx)?.is_some()))
    }

    /// Takes the garage's lock, which waits for the garage's other commands.
    pub fn lock(&mut self, garage: GarageId) -> Result<(), Problem> {
        self.locked.push(garage);
        Ok(store::event::lock(self.tx, Stream::Garage(garage))?)
    }

    /// Takes the locks of several garages, always in the same order, so that of two commands that need the same locks one
    /// waits for the other.
    pub fn lock_all(&mut self, mut garages: Vec<GarageId>) -> Result<(), Problem> {
        garages.sort_unstable_by_key(|garage| garage.0);
        garages.dedup();
        garages.into_iter().try_for_each(|garage| self.lock(garage))
    }

    /// Whether this command has taken the garage's lock.
    pub fn has_locked(&self, garage: GarageId) -> bool {
        self.locked.contains(&garage)
    }

    /// Records what happened, and the jobs that follow from it.
    pub fn record(&mut self, stream: Stream, facts: impl IntoIterator<Item = Fact>) -> Result<(), Problem> {
        let facts: Vec<Fact> = facts.into_iter().collect();
        // A command on a car without its garage's lock loses a race on PostgreSQL only, and only now and then.
        let is_locked = matches!(stream, Stream::Garage(garage) if self.locked.contains(&garage));
        let names_a_car = || facts.iter().any(|fact| fact.passport_id().is_some());
        debug_assert!(is_locked || !names_a_car(), "recorded without the lock of {stream:?}: {facts:?}");
        let by = self.newcomer.or(self.actor.as_ref().map(Actor::account_id));
        record(self.tx, stream, by, facts, self.now)
    }

    /// Creates a one-time link and has it mailed (rule A24).
    pub fn invite(&mut self, stream: Stream, invitation: &Invitation) -> Result<(), Problem> {
        self.require_mailbox(invitation)?;
        self.count_mail(invitation)?;
        let hash = token_hash(&self.app.secret.invitation_token(invitation.id));
        store::invitation::issue(self.tx, invitation, &hash, self.now)?;
        self.record(stream, [invitation.issued()])
    }

    /// Staff are told that no link can be mailed to an address from which mail came back, rather than wait for an answer to it
    /// (rule CH3). They learn it of addresses that are on their garage's records, where it is shown anyway: of customers, and of the
    /// accounts that the garage makes. Of whoever else a link goes to, and to everyone else, nothing is said (rule A24).
    fn require_mailbox(&mut self, invitation: &Invitation) -> Result<(), Problem> {
        if self.actor.as_ref().and_then(Actor::garage_id).is_none() {
            return Ok(());
        }
        let is_on_record = match invitation.purpose {
            Purpose::Passport(_) | Purpose::Fleet(_) | Purpose::Staff(_) => true,
            Purpose::Transfer(_) | Purpose::PasswordReset(_) | Purpose::EmailChange(_) => false,
        };
        if is_on_record {
            self.require_address(&invitation.email)?;
        }
        Ok(())
    }

    /// Refuses an address on the garage's records from which mail came back.
    pub fn require_address(&mut self, email: &EmailAddress) -> Result<(), Problem> {
        if store::suppression::of_email(self.tx, None, email)?.has(SuppressionReason::Bounced) {
            return Err(Code::EmailSuppressed.into());
        }
        Ok(())
    }

    /// Nobody can have the server fill a mailbox: a link is mailed again only after some minutes, and an address and an
    /// account have bounds (rule A24). Who opens an account with a link causes no other mails.
    pub fn count_mail(&mut self, invitation: &Invitation) -> Result<(), Problem> {
        self.count_mail_about(invitation.purpose.code(), invitation.purpose.subject(), &invitation.email)
    }

    /// The same of a mail without a link: what it is about, and to whom it goes.
    pub fn count_mail_about(&mut self, what: &str, id: uuid::Uuid, email: &EmailAddress) -> Result<(), Problem> {
        let Some(actor) = &self.actor else { return Ok(()) };
        let (kind, account) = (actor.kind(), actor.account_id());
        let secret = &self.app.secret;
        let [link, address] = mail_subjects(secret, what, id, email, kind == AccountKind::Staff);
        let by = Subject::new(secret, "mail account", &[account.0.as_bytes()], throttle::mails_by(kind));
        brake::require_for(self.tx, &[link, address, by], Code::TooManyMails, self.now)
    }

    /// The same without a count, for many links, for purposes that have no open one.
    pub fn invite_all(&mut self, stream: Stream, invitations: Vec<Invitation>) -> Result<(), Problem> {
        let facts: Vec<Fact> = invitations.iter().map(Invitation::issued).collect();
        self.issue_all(invitations)?;
        self.record(stream, facts)
    }

    /// Creates links, for purposes that have no open one; that they must be mailed is for the caller to record.
    pub fn issue_all(&mut self, invitations: Vec<Invitation>) -> Result<(), Problem> {
        let hashed = |link: Invitation| {
            let hash = token_hash(&self.app.secret.invitation_token(link.id)).to_vec();
            (link, hash)
        };
        let links: Vec<_> = invitations.into_iter().map(hashed).collect();
        Ok(store::invitation::issue_first(self.tx, &links, self.now)?)
    }

    /// From here on, what is recorded is the act of the account that this command created.
    pub fn act_as(&mut self, newcomer: AccountId) {
        self.newcomer = Some(newcomer);
    }
}

/// What is counted of a mail, whoever causes it: what it is about, at its address, and the address, where those that a garage's
/// staff cause are counted apart (rule A24).
pub fn mail_subjects(
    secret: &Secret,
    what: &str,
    id: uuid::Uuid,
    email: &EmailAddress,
    is_by_staff: bool,
) -> [Subject; 2] {
    let address = email.key();
    let address = address.as_bytes();
    let (of_address, per_address) = if is_by_staff {
        ("mail address by staff", throttle::MAILS_PER_ADDRESS_BY_STAFF)
    } else {
        ("mail address", throttle::MAILS_PER_ADDRESS)
    };
    // A change of e-mail, which anyone can ask for, uses up nothing of the offers of cars.
    let purpose = if is_by_staff { &[] } else { what.as_bytes() };
    let link: [&[u8]; 3] = [what.as_bytes(), id.as_bytes(), address];
    [
        Subject::new(secret, "mail link", &link, throttle::MAILS_PER_LINK),
        Subject::new(secret, of_address, &[purpose, address], per_address),
    ]
}

/// Records what happened, and the jobs that follow from it, in the transaction in which it happened.
pub fn record(
    tx: &mut Tx<'_>,
    stream: Stream,
    by: Option<AccountId>,
    facts: impl IntoIterator<Item = Fact>,
    now: Instant,
) -> Result<(), Problem> {
    let facts = facts.into_iter().map(|fact| (new_id(), fact)).collect();
    let appended = store::event::append_all(tx, stream, by, facts, now)?;
    queue_all(tx, &appended, now, |_| ())
}

/// Records what the system itself did in several streams, each named once, and the jobs that follow from it. Those that follow from
/// the facts of a stream are put together first. The streams' locks are held.
pub fn record_each(
    tx: &mut Tx<'_>,
    facts: Vec<(Stream, Vec<Fact>)>,
    now: Instant,
    put_together: impl Fn(&mut Vec<store::jobs::Job>),
) -> Result<(), Problem> {
    let named =
        |(stream, facts): (Stream, Vec<Fact>)| (stream, facts.into_iter().map(|fact| (new_id(), fact)).collect());
    let appended = store::event::append_to_each(tx, facts.into_iter().map(named).collect(), now)?;
    queue_all(tx, &appended, now, put_together)
}

fn queue_all(
    tx: &mut Tx<'_>,
    appended: &[Event],
    now: Instant,
    put_together: impl Fn(&mut Vec<store::jobs::Job>),
) -> Result<(), Problem> {
    let mut due = vec![];
    for of_stream in appended.chunk_by(|one, other| one.stream == other.stream) {
        let mut jobs = vec![];
        for event in of_stream {
            queue_messages(event, &mut jobs);
        }
        put_together(&mut jobs);
        due.append(&mut jobs);
    }
    Ok(store::jobs::insert_all(tx, &due, now, now)?)
}

fn by_mail(mail: consequence::Mail) -> Task {
    if mail.template.is_reminder() { Task::Reminder(mail) } else { Task::Mail(mail) }
}

/// A mail, and beside it what is told of the same in the app: each is a job, so that none waits for the other.
fn queue_messages(event: &Event, due: &mut Vec<store::jobs::Job>) {
    let mails = consequence::mails(&event.fact);
    let told = mails.iter().filter(|mail| mail.is_told_in_app()).cloned().map(Task::Notify);
    let tasks: Vec<Task> = mails.iter().filter(|mail| mail.is_mailed()).cloned().map(by_mail).chain(told).collect();
    for (task, position) in tasks.into_iter().zip(0..) {
        let cause = Some(store::jobs::Cause { stream: event.stream, number: event.number, position });
        due.push(store::jobs::Job { id: new_id(), cause, task, attempts: 0 });
    }
}

impl SignedIn {
    /// The answer to an earlier request with the same key and body. It is for commands that first prove something that
    /// the command itself changes.
    pub async fn answered(&self, body: [u8; 32]) -> Result<Option<HttpResponse>, Problem> {
        Ok(self.look(move |work| work.answer(body)).await?.map(Reply::into_response))
    }

    /// Runs one of the transactions of a long request. The actor is looked up in each.
    pub async fn part<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Work<'_, '_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (context, bearer) = (self.context.clone(), self.bearer);
        let database = context.app.database.clone();
        let part = move |tx: &mut Tx<'_>| {
            let mut running = Work::new(tx, &context.app, &context, Some(bearer));
            running.actor()?;
            let done = work(&mut running)?;
            judge_elsewhere(&mut running)?;
            Ok(done)
        };
        database.write(part).await
    }

    /// Reads something for the handler itself. The connection is given back before the handler goes on.
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        query(self.context.clone(), Some(self.bearer), work).await
    }

    /// Runs a query.
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
        command(self.context, Who::SignedIn(self.bearer), body, |_, reply| Ok(Some(reply)), work).await
    }
}

impl Public {
    /// Runs a query.
    pub async fn query(
        self,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        Ok(query(self.context, None, work).await?.into_response())
    }

    /// Runs a command. `secret` is what only its sender knows, such as the token of a link: a repeat is known by it, from
    /// whatever network it comes.
    pub async fn command(
        self,
        secret: &str,
        body: [u8; 32],
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let who = Who::Holder(holder(&self.context, secret));
        command(self.context, who, body, |_, reply| Ok(Some(reply)), work).await
    }

    /// The same for a command whose answer does not stay what it was: `revive` says what it is worth to a repeat.
    pub async fn sign_in(
        self,
        secret: &str,
        body: [u8; 32],
        revive: Revive,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let who = Who::Holder(holder(&self.context, secret));
        command(self.context, who, body, revive, work).await
    }
}

impl Anyone {
    /// Runs a command, as the actor of the token if one was sent. `secret` is what only its sender knows, and `revive` says what
    /// the answer is worth to a repeat.
    pub async fn sign_in(
        self,
        secret: &str,
        body: [u8; 32],
        revive: Revive,
        work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let who = self.bearer.map_or_else(|| Who::Holder(holder(&self.context, secret)), Who::SignedIn);
        command(self.context, who, body, revive, work).await
    }
}

/// What a kept answer is worth when the request is repeated: none if the work is to be done anew.
pub type Revive = fn(&mut Work<'_, '_>, Reply) -> Result<Option<Reply>, Problem>;

/// Who sends a command.
enum Who {
    /// Whose access token it is.
    SignedIn(Bearer),
    /// Who knows a secret, by its keyed hash.
    Holder(String),
}

fn holder(context: &Context, secret: &str) -> String {
    let hash = context.app.secret.mac("holder", &[secret.as_bytes()]);
    format!("holder {}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash))
}

/// Runs a query. Someone who sends a token is signed in, or gets a 401 whatever the work found.
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

/// Has the cars of garages judged anew of which something changed elsewhere that a verdict knows of (rules P8 and ST2). Their locks
/// are not held, so what waits in the queue may have begun.
fn judge_elsewhere(work: &mut Work<'_, '_>) -> Result<(), Problem> {
    for garage_id in work.tx.take_stale() {
        let task = Task::RefreshStandings(CarsToRefresh { garage_id, after: None });
        store::jobs::insert(work.tx, &store::jobs::Job::without_cause(new_id(), task), work.now, work.now)?;
    }
    Ok(())
}

/// One transaction: it looks up the actor, answers a repeated request or does the work, and stores the answer for
/// repeats. `revive` says what a kept answer is worth now: none if the work is to be done anew.
async fn command(
    context: Context,
    who: Who,
    body: [u8; 32],
    revive: Revive,
    mut work: impl FnMut(&mut Work<'_, '_>) -> Result<Reply, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    context.require_read_query()?;
    let database = context.app.database.clone();
    let reply = database
        .write(move |tx| {
            let app = &context.app;
            let bearer = match &who {
                Who::SignedIn(bearer) => Some(*bearer),
                Who::Holder(_) => None,
            };
            let mut running = Work::new(tx, app, &context, bearer);
            // Clients that are not signed in are distinguished by what they know, so that the keys of strangers do not clash.
            let actor = match &who {
                Who::SignedIn(_) => running.actor()?.account_id().to_string(),
                Who::Holder(holder) => holder.clone(),
            };
            let repeat = Repeat::new(&context, actor, body);
            if let Some(repeat) = &repeat
                && let Some(kept) = repeat.find(running.tx, app)?
            {
                if let Some(answer) = revive(&mut running, kept)? {
                    return Ok(answer);
                }
                repeat.forget(running.tx)?;
            }
            let reply = match work(&mut running) {
                Ok(reply) => {
                    judge_elsewhere(&mut running)?;
                    reply
                }
                Err(refusal) => {
                    // The same request may have been answered between the look-up above and this refusal. The refusal
                    // is then only an effect of the first one.
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
    fn new(context: &Context, actor: String, body: [u8; 32]) -> Option<Self> {
        // Only a POST needs a stored answer: the other methods can be repeated by their nature, or have `If-Match`.
        let key = context.idempotency_key.clone().filter(|_| context.target.starts_with("POST "))?;
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

    fn forget(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        Ok(store::idempotency::delete(tx, &self.actor, &self.key)?)
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

/// The hash of an empty body.
pub const NO_BODY: [u8; 32] = [0; 32];
