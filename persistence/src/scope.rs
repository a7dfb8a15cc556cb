//! What an actor's queries can reach. Every query of a tenant's data takes one, and puts it into the SQL (rule A2).

use domain::{
    access::{Actor, Standing},
    ids::{AccountId, FleetId, GarageId},
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
    /// Nothing.
    Nothing,
    /// Everything: for the system's own work, never for a request.
    System,
}

impl From<&Actor> for Scope {
    fn from(actor: &Actor) -> Self {
        match actor.standing {
            Standing::Staff(garage, _) => Self::Garage(garage),
            Standing::Fleet(fleet) => Self::Fleet(fleet, actor.account_id),
            Standing::Driver => Self::Driver(actor.account_id, actor.email.key()),
            Standing::Platform => Self::Nothing,
        }
    }
}
