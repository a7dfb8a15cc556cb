//! The people who work at a garage.

use crate::{coded_enum, value::StaffRole};

coded_enum! {
    /// Why a change among the staff is refused.
    pub enum StaffRefusal {
        /// This is the last admin who can sign in, and a garage keeps at least one.
        LastAdmin => "last_admin",
    }
}

/// Checks that the garage keeps at least one admin. `other_admins` is the number of other admins who can sign in.
pub fn may_lose_admin(role: StaffRole, stays_admin: bool, other_admins: usize) -> Result<(), StaffRefusal> {
    if role == StaffRole::Admin && !stays_admin && other_admins == 0 { Err(StaffRefusal::LastAdmin) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ga2_a_garage_keeps_an_admin() {
        assert_eq!(may_lose_admin(StaffRole::Admin, false, 0), Err(StaffRefusal::LastAdmin));
        assert_eq!(may_lose_admin(StaffRole::Admin, true, 0), Ok(()));
        assert_eq!(may_lose_admin(StaffRole::Admin, false, 1), Ok(()));
        assert_eq!(may_lose_admin(StaffRole::Mechanic, false, 0), Ok(()));
    }
}
