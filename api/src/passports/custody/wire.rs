//! What is shown of the history of hands.

use crate::{enum_scalars, wire::Moment};
use domain::{
    access::{Actor, Standing},
    coded_enum,
    passport::Passport,
};
use persistence::custody::CustodyPeriod;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// A role in the history of hands.
    CustodyRole(domain::custody::CustodyRole), "The role that someone has for the car: driver, owner, or the fleet to which the passport is linked.";
    /// Who holds a role.
    CustodyHolder(HolderKind), "Who holds the role: the holder of an account, a fleet, or nobody.";
}

coded_enum! {
    /// Who holds a role.
    pub enum HolderKind {
        /// The holder of an account.
        Account => "account",
        /// A fleet.
        Fleet => "fleet",
        /// Nobody.
        Nobody => "nobody",
    }
}

/// A period in which someone held a role for a car, or in which nobody held it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "number": 1,
    "role": "driver",
    "holder": "account",
    "name": "Jan Jansen",
    "since": "2026-03-01T09:30:00Z",
    "until": null
}))]
pub struct Custody {
    /// The number of the period in the passport's history, from 1.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub number: i64,
    /// The role that this period is about.
    pub role: CustodyRole,
    /// Who held the role: the holder of an account, a fleet, or nobody.
    pub holder: CustodyHolder,
    /// The name of the account's holder or of the fleet; null when nobody held the role, and when the one who asks may
    /// not see the name. A former driver's name is shown only to the garage and to that driver.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// When the period began.
    pub since: Moment,
    /// When the period ended; null while it lasts.
    pub until: Option<Moment>,
}

impl Custody {
    /// A period as `actor` sees it: the garage sees the names of all who held the car while it kept the passport, others see
    /// their own.
    pub fn new(period: CustodyPeriod, actor: &Actor, passport: &Passport) -> Self {
        let is_known = period.until.is_none_or(|until| passport.kept_since.is_none_or(|since| until > since));
        let is_staff = matches!(actor.standing, Standing::Staff(..)) && is_known;
        let (holder, name) = match (period.account, period.fleet) {
            (Some((id, name)), _) => (HolderKind::Account, Some(name).filter(|_| is_staff || id == actor.account_id())),
            (None, Some((id, name))) => {
                (HolderKind::Fleet, Some(name).filter(|_| is_staff || Some(id) == actor.fleet_id()))
            }
            (None, None) => (HolderKind::Nobody, None),
        };
        Self {
            number: period.number,
            role: CustodyRole(period.role),
            holder: CustodyHolder(holder),
            name,
            since: Moment(period.since),
            until: period.until.map(Moment),
        }
    }
}
