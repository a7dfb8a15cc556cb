//! Who sees how much of a record (rules SR5, EC6 and T9).
//!
//! What was done goes with the car; what it cost stays with those who know already. Texts that people wrote freely stay
//! behind with a later owner, since they may name people and prices.

use crate::{
    Instant,
    access::{Actor, Standing},
    amount_text::names_amount,
    custody::{Hands, Holder},
    ids::{AccountId, FleetId, GarageId},
};

/// Whose the car was when the work was done. Amounts are theirs (rules SR5 and T9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordOwner {
    /// A private owner.
    Driver(AccountId),
    /// A fleet.
    Fleet(FleetId),
}

/// Who reads a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordReader {
    /// The staff of a garage.
    Garage(GarageId),
    /// The owner of the car, or who sees what the owner sees.
    Owner(RecordOwner),
    /// The driver of a car of a fleet that does not show its drivers amounts.
    DriverOf(FleetId),
    /// Someone else who may read the car.
    Other,
}

/// How much of a record someone sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All of it.
    Whole,
    /// All but what it cost, and what names the invoice or an amount.
    WithoutAmounts,
    /// What was done: the day, the odometer, the tasks, the garage.
    WorkAlone,
}

impl RecordOwner {
    /// The owner, if the car has one.
    pub const fn of(holder: Holder) -> Option<Self> {
        match holder {
            Holder::Account(account) => Some(Self::Driver(account)),
            Holder::Fleet(fleet) => Some(Self::Fleet(fleet)),
            Holder::Nobody => None,
        }
    }

    /// Whose the car was on a past day, which lasted from one instant until another, by the history of its owners: each
    /// with the instant from which on they owned it, the oldest first. When the car changed hands on that day, or its owner
    /// then is not known, nobody can say for whom the work was done; then only the garage sees what it cost.
    pub fn of_day(history: &[(Instant, Holder)], from: Instant, until: Instant) -> Option<Self> {
        let (_, before) = history.iter().rev().find(|(since, _)| *since <= from)?;
        let has_changed = history.iter().any(|(since, _)| *since > from && *since < until);
        if has_changed { None } else { Self::of(*before) }
    }

    /// Whose the car is on the present day, which began at an instant, by the same history. When it changed hands since
    /// then, nobody is named, as for a past day: the work may have been done for the owner before. Where nobody was known
    /// to own the car before, it is the present owner's.
    pub fn of_today(history: &[(Instant, Holder)], from: Instant) -> Option<Self> {
        let began = history.iter().rposition(|(since, _)| *since <= from).unwrap_or_default();
        let mut today = history.iter().skip(began).filter_map(|(_, holder)| Self::of(*holder));
        let owner = history.last().and_then(|(_, holder)| Self::of(*holder))?;
        today.all(|other| other == owner).then_some(owner)
    }
}

impl RecordReader {
    /// What an actor is to the records of a car that is in these hands. `drivers_see_amounts` is what its fleet says of its
    /// drivers (rule EC6).
    pub fn of(actor: &Actor, hands: Hands, drivers_see_amounts: bool) -> Self {
        match actor.standing {
            Standing::Staff(garage, _) => Self::Garage(garage),
            Standing::Fleet(fleet, _) if hands.fleet == Some(fleet) => Self::Owner(RecordOwner::Fleet(fleet)),
            Standing::Driver(account, _) => match hands.owner() {
                Holder::Account(owner) if owner == account => Self::Owner(RecordOwner::Driver(account)),
                Holder::Fleet(fleet) if hands.driver == Some(account) && drivers_see_amounts => {
                    Self::Owner(RecordOwner::Fleet(fleet))
                }
                Holder::Fleet(fleet) if hands.driver == Some(account) => Self::DriverOf(fleet),
                Holder::Account(_) | Holder::Fleet(_) | Holder::Nobody => Self::Other,
            },
            Standing::Fleet(..) | Standing::Platform => Self::Other,
        }
    }
}

impl RecordReader {
    /// Whether they see what work costs that is advised for the car or expected (rule EC6).
    pub const fn sees_amounts(&self) -> bool {
        match self {
            Self::Garage(_) | Self::Owner(_) => true,
            Self::DriverOf(_) | Self::Other => false,
        }
    }
}

impl Sight {
    /// Whether a text that someone wrote freely is seen.
    pub fn shows_text(self, text: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::WithoutAmounts => !names_amount(text),
            Self::WorkAlone => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::Identity,
        value::{EmailAddress, StaffRole},
    };
    use uuid::Uuid;

    const JAN: AccountId = AccountId(Uuid::from_u128(1));
    const FLEET: FleetId = FleetId(Uuid::from_u128(2));
    const GARAGE: GarageId = GarageId(Uuid::from_u128(3));

    fn actor(standing: Standing) -> Actor {
        Actor { by: Identity::Account(JAN), standing }
    }

    fn driver() -> Actor {
        actor(Standing::Driver(JAN, EmailAddress::parse("jan@a.example").unwrap()))
    }

    #[test]
    fn ec6_the_driver_of_a_fleet_car_sees_amounts_when_the_fleet_says_so() {
        let (own, company) =
            (Hands { driver: Some(JAN), fleet: None }, Hands { driver: Some(JAN), fleet: Some(FLEET) });
        let owner = RecordReader::Owner(RecordOwner::Driver(JAN));
        assert_eq!([RecordReader::of(&driver(), own, false), RecordReader::of(&driver(), own, true)], [owner; 2]);
        assert_eq!(RecordReader::of(&driver(), company, false), RecordReader::DriverOf(FLEET));
        assert_eq!(RecordReader::of(&driver(), company, true), RecordReader::Owner(RecordOwner::Fleet(FLEET)));
        // Whoever does not drive it sees no amounts, whatever the fleet allows its drivers.
        let anothers = Hands { driver: Some(AccountId(Uuid::from_u128(9))), fleet: Some(FLEET) };
        assert_eq!(RecordReader::of(&driver(), anothers, true), RecordReader::Other);
        assert_eq!(RecordReader::of(&driver(), Hands::default(), true), RecordReader::Other);
        let fleet = actor(Standing::Fleet(FLEET, JAN));
        assert_eq!(RecordReader::of(&fleet, company, false), RecordReader::Owner(RecordOwner::Fleet(FLEET)));
        let staff = actor(Standing::Staff(GARAGE, StaffRole::Mechanic));
        assert_eq!(RecordReader::of(&staff, company, false), RecordReader::Garage(GARAGE));
        assert_eq!(RecordReader::of(&actor(Standing::Platform), company, true), RecordReader::Other);
    }

    #[test]
    fn sr5_whose_the_car_was_is_plain_or_is_not_said() {
        let (jan, fleet) = (Some(RecordOwner::Driver(JAN)), Some(RecordOwner::Fleet(FLEET)));
        assert_eq!([RecordOwner::of(Holder::Account(JAN)), RecordOwner::of(Holder::Fleet(FLEET))], [jan, fleet]);
        assert_eq!(RecordOwner::of(Holder::Nobody), None);
        let at = |second| Instant::from_second(second).unwrap();
        let history = [(at(100), Holder::Account(JAN)), (at(300), Holder::Fleet(FLEET)), (at(500), Holder::Nobody)];
        let of_day = |from, until| RecordOwner::of_day(&history, at(from), at(until));
        assert_eq!([of_day(100, 200), of_day(200, 300), of_day(300, 400)], [jan, jan, fleet]);
        // Before anyone is known, on the day of a change, and after the last owner.
        for (from, until) in [(0, 50), (0, 100), (50, 150), (250, 350), (450, 550), (500, 600)] {
            assert_eq!(of_day(from, until), None, "{from}");
        }
    }

    #[test]
    fn sr5_on_the_day_of_a_handover_only_the_garage_knows_for_whom() {
        let at = |second| Instant::from_second(second).unwrap();
        let (jan, piet) = (Holder::Account(JAN), Holder::Account(AccountId(Uuid::from_u128(8))));
        let of = |history: &[(i64, Holder)]| {
            let history: Vec<_> = history.iter().map(|(since, holder)| (at(*since), *holder)).collect();
            RecordOwner::of_today(&history, at(300))
        };
        let owner = Some(RecordOwner::Driver(JAN));
        assert_eq!(of(&[(100, jan)]), owner);
        // The first owner that is known, since this morning.
        assert_eq!([of(&[(310, jan)]), of(&[(100, Holder::Nobody), (310, jan)])], [owner; 2]);
        // It was another's when the day began, or for an hour of it.
        let changed: [&[(i64, Holder)]; 4] = [
            &[(100, piet), (310, jan)],
            &[(100, piet), (310, Holder::Nobody), (320, jan)],
            &[(100, Holder::Fleet(FLEET)), (310, jan)],
            &[(100, jan), (310, piet), (320, jan)],
        ];
        for history in changed {
            assert_eq!(of(history), None, "{history:?}");
        }
        assert_eq!([of(&[]), of(&[(100, jan), (310, Holder::Nobody)])], [None; 2]);
    }

    #[test]
    fn sr5_a_text_that_names_an_amount_goes_with_the_amounts() {
        let shows = |text| [Sight::Whole, Sight::WithoutAmounts, Sight::WorkAlone].map(|sight| sight.shows_text(text));
        assert_eq!(shows("Remblokken: 120 euro"), [true, false, false]);
        assert_eq!(shows("Remblokken, 60.250 km"), [true, true, false]);
    }
}
