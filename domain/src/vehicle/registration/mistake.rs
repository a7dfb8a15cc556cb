//! Plates that were written down by mistake.

use crate::register::RegisterData;
use jiff::SignedDuration;

/// A plate that stood this long is not called a mistake.
const MISTAKE_IS_SEEN_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Whether a plate that a vehicle had was a mistake in writing (rule R19): it stood for less than a day, and the register has
/// never confirmed it. The register confirms it by knowing the plate, unless it knows the plate that came next as well, and
/// as that of another vehicle: then the mistake was the plate of a stranger's car.
pub fn was_mistake(stood: SignedDuration, told: Option<&RegisterData>, told_of_next: Option<&RegisterData>) -> bool {
    let is_confirmed = told.is_some_and(|told| told_of_next.is_none_or(|next| may_be_same_vehicle(told, next)));
    stood < MISTAKE_IS_SEEN_WITHIN && !is_confirmed
}

fn may_be_same_vehicle(one: &RegisterData, other: &RegisterData) -> bool {
    (&one.make, &one.model, one.admitted_on) == (&other.make, &other.model, other.admitted_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r19_a_plate_of_less_than_a_day_that_the_register_never_confirmed_was_a_mistake() {
        let golf = RegisterData { make: Some("VOLKSWAGEN".into()), ..RegisterData::default() };
        let yaris = RegisterData { make: Some("TOYOTA".into()), ..RegisterData::default() };
        let (soon, late) = (MISTAKE_IS_SEEN_WITHIN - SignedDuration::from_secs(1), MISTAKE_IS_SEEN_WITHIN);
        let cases = [
            (soon, None, None, true),
            (soon, None, Some(&golf), true),
            (late, None, Some(&golf), false),
            (soon, Some(&golf), None, false),
            (soon, Some(&golf), Some(&golf), false),
            (soon, Some(&yaris), Some(&golf), true),
            (late, Some(&yaris), Some(&golf), false),
        ];
        for (stood, told, next, expected) in cases {
            assert_eq!(was_mistake(stood, told, next), expected, "{stood:?} {told:?} {next:?}");
        }
    }
}
