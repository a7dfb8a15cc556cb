//! What an actor's queries can reach. Every query of a tenant's data takes one, and puts it into the SQL (rule A2).

use crate::schema::{accounts, fleets};
use domain::{
    access::{Actor, Standing},
    ids::{AccountId, FleetId, GarageId, PassportId, SessionId, VehicleId},
    licence_plate::LicencePlate,
    passport::Passport,
    value::AccountKind,
};

/// The part of the data that an actor can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What a garage has.
    Garage(GarageId),
    /// What is in a fleet, and what its account offered.
    Fleet(FleetId, AccountId),
    /// What an account drives, offered, or is offered (by the key of its e-mail).
    Driver(AccountId, String),
    /// What the account of a session can reach, looked up by the statement that reads: one round trip, and nothing once
    /// session or account have ended. The kind is the account's, which never changes.
    Session(SessionId, AccountKind),
    /// Nothing.
    Nothing,
    /// Everything: for the system's own work, never for a request.
    System,
}

impl From<&Actor> for Scope {
    fn from(actor: &Actor) -> Self {
        match &actor.standing {
            Standing::Staff(garage, _) => Self::Garage(*garage),
            Standing::Fleet(fleet, account) => Self::Fleet(*fleet, *account),
            Standing::Driver(account, email) => Self::Driver(*account, email.key()),
            Standing::Platform => Self::Nothing,
        }
    }
}

/// What was found in the scope of who asks, or an id of that: the proof that a look-up was made, which the functions ask
/// for that read what belongs to it. Only this crate makes one of a request's; what the system does for nobody says
/// [`Found::by_system`].
///
/// ```
/// use domain::ids::PassportId;
/// use persistence::Found;
///
/// let of_the_system = Found::by_system(PassportId(uuid::Uuid::nil()));
/// assert_eq!(*of_the_system, PassportId(uuid::Uuid::nil()));
/// ```
///
/// A request cannot make one up:
///
/// ```compile_fail,E0423
/// use domain::ids::PassportId;
/// use persistence::Found;
///
/// let made_up = Found(PassportId(uuid::Uuid::nil()));
/// ```
///
/// ```compile_fail,E0624
/// use domain::ids::PassportId;
/// use persistence::Found;
///
/// let made_up = Found::in_scope(PassportId(uuid::Uuid::nil()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<T>(T);

impl<T> Found<T> {
    /// A statement in scope, or one that stored it, has found this.
    pub(crate) const fn in_scope(found: T) -> Self {
        Self(found)
    }

    /// For the system's own work, and never for a request: nobody asks, so there is no scope to look in.
    pub const fn by_system(found: T) -> Self {
        Self(found)
    }

    /// What was found, to be changed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> std::ops::Deref for Found<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl Found<Passport> {
    /// The id of the passport.
    pub const fn passport_id(&self) -> Found<PassportId> {
        Found(self.0.id)
    }

    /// The id of its vehicle.
    pub const fn vehicle_id(&self) -> Found<VehicleId> {
        Found(self.0.vehicle.id)
    }

    /// The plate that the vehicle has now.
    pub const fn plate(&self) -> Found<&LicencePlate> {
        Found(&self.0.vehicle.plate)
    }
}

impl Found<PassportId> {
    /// The passport as a command has it by now; it is the one that was found, whatever it was changed to.
    pub fn with(self, passport: Passport) -> Found<Passport> {
        Found(Passport { id: self.0, ..passport })
    }
}

diesel::alias! {
    // The account of the session, in a statement that may read accounts for another reason.
    pub(crate) const HOLDERS: Alias<Holders> = accounts as holders;
    // The fleet of that account.
    pub(crate) const HELD_FLEETS: Alias<HeldFleets> = fleets as held_fleets;
}

/// What the account of a session holds now, as a subquery: its `garage`, its `fleet`, the `account` itself, the key of
/// its `email`. Null when the session or the account has ended. PostgreSQL runs it once a statement and looks the outer
/// rows up in the same index as if the id had been given.
macro_rules! held {
    ($session:expr, garage) => {
        held!($session, by $crate::scope::HOLDERS.field($crate::schema::accounts::garage_id))
    };
    ($session:expr, account) => {
        held!($session, by $crate::scope::HOLDERS.field($crate::schema::accounts::id).nullable())
    };
    ($session:expr, email) => {
        held!($session, by $crate::scope::HOLDERS.field($crate::schema::accounts::email_key))
    };
    ($session:expr, by $column:expr) => {{
        use $crate::{
            schema::{accounts, sessions},
            scope::HOLDERS,
        };
        sessions::table
            .inner_join(HOLDERS.on(HOLDERS.field(accounts::id).eq(sessions::account_id)))
            .filter(sessions::id.eq(Key::from(*$session)))
            .filter(sessions::ended_at.is_null())
            .filter(HOLDERS.field(accounts::status).eq("active"))
            .select($column)
            .single_value()
    }};
    ($session:expr, fleet) => {{
        use $crate::{
            schema::{accounts, fleets, sessions},
            scope::{HELD_FLEETS, HOLDERS},
        };
        sessions::table
            .inner_join(HOLDERS.on(HOLDERS.field(accounts::id).eq(sessions::account_id)))
            .inner_join(HELD_FLEETS.on(HELD_FLEETS.field(fleets::account_id).eq(sessions::account_id)))
            .filter(sessions::id.eq(Key::from(*$session)))
            .filter(sessions::ended_at.is_null())
            .filter(HOLDERS.field(accounts::status).eq("active"))
            .select(HELD_FLEETS.field(fleets::id).nullable())
            .single_value()
    }};
}

/// Goes on with a query in scope. Which rows each one reaches is told by `$reach`, a macro of the concept, which gives a
/// condition for each of `garage`, `fleet` and `driver` from who they are, and one that no row meets for `nothing`; who
/// they are is given, or looked up by the statement itself.
///
/// A condition is a type of its own for each kind of scope, and what follows is written out for each: so a query that is
/// not boxed keeps a statement that is known as it compiles, and is not put together anew each time.
macro_rules! scoped {
    ($reach:ident, $query:expr, $scope:expr, $scoped:ident => $rest:expr) => {{
        macro_rules! go_on {
            ($condition:expr) => {{
                let $scoped = $query.filter($condition);
                $rest
            }};
        }
        use $crate::{
            scope::{Scope, held},
            sql_types::Key,
        };
        use domain::value::AccountKind;
        match $scope {
            Scope::Garage(garage) => go_on!($reach!(garage: Key::from(*garage))),
            Scope::Fleet(fleet, account) => {
                // A concept need not look at all of what is known of who asks.
                let _ = (fleet, account);
                go_on!($reach!(fleet: Key::from(*fleet), Key::from(*account)))
            }
            Scope::Driver(account, email) => {
                let _ = (account, email);
                go_on!($reach!(driver: Key::from(*account), email.clone()))
            }
            Scope::Session(session, AccountKind::Staff) => go_on!($reach!(garage: held!(session, garage))),
            Scope::Session(session, AccountKind::Fleet) => {
                go_on!($reach!(fleet: held!(session, fleet), held!(session, account)))
            }
            Scope::Session(session, AccountKind::Driver) => {
                let _ = session;
                go_on!($reach!(driver: held!(session, account), held!(session, email)))
            }
            Scope::System => {
                let $scoped = $query;
                $rest
            }
            Scope::Session(_, AccountKind::Platform) | Scope::Nothing => go_on!($reach!(nothing)),
        }
    }};
}

pub(crate) use {held, scoped};
