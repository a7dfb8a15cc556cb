//! Whether two vehicles on record are one car (rule P8). A garage that gets a car begins a vehicle of its own, since it must not
//! see what another recorded. A verdict on the odometer knows of it all the same.

use crate::{
    Instant,
    licence_plate::LicencePlate,
    value::{Country, Vin},
};
use jiff::SignedDuration;

/// For how many days a vehicle must have had a plate or a VIN that it has no longer, so that it was its own. A mistake in writing is
/// found sooner.
pub const OWN_SIGN_DAYS: i64 = 30;

/// A plate that a vehicle had, and from when to when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HadPlate {
    /// The plate.
    pub plate: LicencePlate,
    /// Since when, as far as is known.
    pub since: Instant,
    /// When another plate took its place; none for the last one.
    pub until: Option<Instant>,
    /// Whether it was a mistake in writing (rule R19).
    pub is_mistake: bool,
}

impl HadPlate {
    /// Whether the plate names the vehicle: it stays with one vehicle for life, as in the Netherlands, and was really the vehicle's.
    fn names(&self) -> bool {
        let stood = self
            .until
            .is_none_or(|until| until.duration_since(self.since) >= SignedDuration::from_hours(24 * OWN_SIGN_DAYS));
        self.plate.country() == Country::NL && !self.is_mistake && stood
    }
}

/// What is on record of a vehicle by which one knows it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Its VINs: one, unless it was corrected late.
    pub vins: Vec<Vin>,
    /// Those of them that no other vehicle in use had when this one got it. What is written of a VIN that another vehicle in use has
    /// says nothing about that one: anybody could do so with a car that they want to harm.
    pub uncontested: Vec<Vin>,
    /// Its plates, the oldest first.
    pub plates: Vec<HadPlate>,
    /// Whether a passport of it is in use.
    pub is_in_use: bool,
}

impl Traits {
    /// Whether another vehicle on record is this car as it was before: they are one car, and the other is in use nowhere. What is in
    /// use is another's, and nothing of it is told.
    pub fn continues(&self, other: &Self) -> bool {
        !other.is_in_use && self.is_same_car(other)
    }

    /// Whether they are one car: by a VIN, or by the Dutch plate that both had last, which counts more than the VINs, since these are
    /// copied by hand. Where not both have a VIN, a Dutch plate that one of them had before tells it too. One passport in use has a
    /// plate, so whatever had this one before had it earlier.
    fn is_same_car(&self, other: &Self) -> bool {
        if self.vins.iter().any(|vin| other.uncontested.contains(vin)) {
            return true;
        }
        let are_vins_known = !self.vins.is_empty() && !other.vins.is_empty();
        let counts = |had: &&HadPlate| had.names() && (had.until.is_none() || !are_vins_known);
        self.plates
            .iter()
            .filter(counts)
            .any(|mine| other.plates.iter().filter(counts).any(|theirs| mine.plate == theirs.plate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIN: &str = "VF3CCHMZ6JT004711";
    const OTHER_VIN: &str = "VF3CCHMZ6JT004712";

    /// A vehicle with a VIN, or none, and Dutch plates, each with the days after which the next one took its place.
    fn car(vin: &str, plates: &[(&str, Option<i64>)]) -> Traits {
        in_country("NL", vin, plates)
    }

    fn in_country(country: &str, vin: &str, plates: &[(&str, Option<i64>)]) -> Traits {
        let mut since: Instant = "2024-01-01T00:00:00Z".parse().unwrap();
        let mut had = |&(plate, days): &(&str, Option<i64>)| {
            let until = days.map(|days| since + SignedDuration::from_hours(24 * days));
            let plate = LicencePlate::parse(Country::parse(country).unwrap(), plate).unwrap();
            let had = HadPlate { plate, since, until, is_mistake: false };
            since = until.unwrap_or(since);
            had
        };
        let vins: Vec<Vin> = Vin::parse(vin).into_iter().collect();
        let plates = plates.iter().map(&mut had).collect();
        Traits { uncontested: vins.clone(), vins, plates, is_in_use: false }
    }

    #[test]
    fn p8_a_vin_or_a_dutch_plate_is_one_car() {
        let (one, other) = ("TT601D", "TT602D");
        let now = |plate| [(plate, None)];
        let same = |mine: &Traits, theirs: &Traits| {
            assert_eq!(mine.is_same_car(theirs), theirs.is_same_car(mine), "it does not depend on who asks");
            mine.is_same_car(theirs)
        };
        assert!(same(&car("", &now(one)), &car("", &now(one))) && same(&car(VIN, &now(one)), &car("", &now(one))));
        assert!(same(&car(VIN, &now(one)), &car(VIN, &now(other))), "one VIN is one car, whatever its plate");
        assert!(
            same(&car(VIN, &now(one)), &car(OTHER_VIN, &now(one))),
            "a VIN is copied by hand, a Dutch plate is the car's"
        );
        assert!(!same(&car("", &now(one)), &car("", &now(other))));
        // A plate of before: where it was the car's for long enough, and no VIN says that it is another car.
        let was = |days| [(one, Some(days)), (other, None)];
        assert!(same(&car("", &now(one)), &car("", &was(30))) && same(&car(VIN, &now(one)), &car("", &was(30))));
        assert!(!same(&car("", &now(one)), &car("", &was(29))), "a mistake that was found");
        assert!(!same(&car(VIN, &now(one)), &car(OTHER_VIN, &was(400))));
        let mut mistake = car("", &was(400));
        mistake.plates[0].is_mistake = true;
        assert!(!same(&car("", &now(one)), &mistake));
        // In other countries a plate may go from car to car.
        let belgian = |vin| in_country("BE", vin, &now("1ABC234"));
        assert!(!same(&belgian(""), &belgian("")) && !same(&belgian(VIN), &belgian("")));
        assert!(same(&belgian(VIN), &belgian(VIN)) && same(&belgian(VIN), &car(VIN, &now(one))));
    }

    #[test]
    fn p8_what_is_in_use_and_what_somebody_else_wrote_of_a_vin_says_nothing() {
        let ours = car(VIN, &[("TT601D", None)]);
        let theirs = car(VIN, &[("TT602D", None)]);
        assert!(ours.continues(&theirs));
        assert!(!ours.continues(&Traits { is_in_use: true, ..theirs.clone() }));
        let contested = Traits { uncontested: vec![], ..theirs };
        assert!(
            !ours.continues(&contested) && contested.continues(&ours),
            "who was there first knows nothing of the other"
        );
    }
}
