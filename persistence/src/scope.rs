//! What an actor's queries can reach. Every query of a tenant's data takes a scope and puts it into the SQL (rule A2).

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
    /// The data of a garage.
    Garage(GarageId),
    /// The passports in a fleet, and the offers that its account made.
    Fleet(FleetId, AccountId),
    /// What an account drives, offered, or is offered (by the key of its e-mail).
    Driver(AccountId, String),
    /// What the account of a session can reach. The statement itself looks it up, so that there is one round trip, and
    /// it reaches nothing once the session or the account has ended. The kind is the account's, which never changes.
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

/// Something that was found in the scope of the actor, or its id: the proof that a look-up was made. The functions that
/// read what belongs to it require this proof. For a request, only this crate makes one; for its own work, the system
/// uses [`Found::by_system`].
///
/// ```
/// use domain::ids::PassportId;
/// use persistence::Found;
///
/// let of_the_system = Found::by_system(PassportId(uuid::Uuid::nil()));
/// assert_eq!(*of_the_system, PassportId(uuid::Uuid::nil()));
/// ```
///
/// A request cannot make one without a look-up:
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
    /// A statement in scope has found this, or has stored it.
    pub(crate) const fn in_scope(found: T) -> Self {
        Self(found)
    }

    /// For the system's own work, and never for a request: there is no actor, so there is no scope to look in.
    pub const fn by_system(found: T) -> Self {
        Self(found)
    }

    /// The value that was found, to be changed.
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

    /// The ids of both, for what is written in the passport and belongs to the vehicle (rule P8).
    pub const fn car(&self) -> Found<(PassportId, VehicleId)> {
        Found((self.0.id, self.0.vehicle.id))
    }

    /// The plate that the vehicle has now.
    pub const fn plate(&self) -> Found<&LicencePlate> {
        Found(&self.0.vehicle.plate)
    }
}

impl Found<PassportId> {
    /// The passport as a command has changed it. It is still the one that was found.
    pub fn with(self, passport: Passport) -> Found<Passport> {
        Found(Passport { id: self.0, ..passport })
    }
}

diesel::alias! {
    // The account of the session, in a statement that may also read accounts for another reason.
    pub(crate) const HOLDERS: Alias<Holders> = accounts as holders;
    // The fleet of that account.
    pub(crate) const HELD_FLEETS: Alias<HeldFleets> = fleets as held_fleets;
}

/// What the account of a session has now, as a subquery: its `garage`, its `fleet`, the `account` itself, the key of
/// its `email`. It is null when the session or the account has ended, or when the account must set up a second factor
/// first (rule A19; only a garage demands one of its staff, so the fleet of an account need not ask). PostgreSQL runs it once per statement, and finds
/// the outer rows in the same index as if the id had been given.
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
            .filter(HOLDERS.field(accounts::must_enrol).eq(false))
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

/// Continues a query in scope. `$reach`, a macro of the concept, says which rows each kind of actor reaches: it gives a
/// condition for each of `garage`, `fleet` and `driver`, made from their ids, and for `nothing` one that no row meets.
/// The ids are given, or the statement itself looks them up.
///
/// A condition has a type of its own for each kind of scope, and what follows is written out for each. So a query that
/// is not boxed stays a statement that is known at compile time, and is not built again each time.
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
                // A concept may need only a part of what is known about the actor.
                let _ = (fleet, account);
                go_on!($reach!(fleet: Key::from(*fleet), Key::from(*account)))
            }
            Scope::Driver(account, email) => {
                let _ = (account, email);
                go_on!($reach!(driver: Key::from(*account), email.clone()))
            }
            Scope::Session(session, AccountKind::Staff) => go_on!($reach!(garage: held!(session, garage))),
            Scope::Session(session, AccountKind::Fleet) => {
                let _ = session;
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
