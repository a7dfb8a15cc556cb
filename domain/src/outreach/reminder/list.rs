//! Reminders of many cars that come at once, which whoever has the cars receives in one mail (rule RM4).

use crate::{
    consequence::{Mail, Recipient, ReminderList},
    custody::Hands,
    ids::PassportId,
};

/// So many reminders of a kind that come at once are mailed one by one; more of them come in one mail.
pub const MOST_SINGLE: usize = 3;

impl ReminderList {
    /// The mail about one of the cars, in the place of which the list is sent.
    pub fn mail_of(&self, car: PassportId) -> Mail {
        let to = if matches!(self.to, Recipient::Fleet(_)) { Recipient::FleetOf(car) } else { Recipient::Driver(car) };
        Mail { template: self.template, to }
    }

    /// Whether the recipient has a car with these hands, in the part for which they are reminded of it.
    pub fn is_of(&self, hands: Hands) -> bool {
        match self.to {
            Recipient::Account(driver) => hands.driver == Some(driver),
            Recipient::Fleet(fleet) => hands.fleet == Some(fleet),
            Recipient::Offered(_)
            | Recipient::Former(_)
            | Recipient::Driver(_)
            | Recipient::FleetOf(_)
            | Recipient::Garage
            | Recipient::Invited(_) => false,
        }
    }
}

/// To whom a reminder of a car goes, whichever car it is; none for other mails.
fn holder(to: &Recipient, hands: impl Fn(PassportId) -> Hands) -> Option<Recipient> {
    match to {
        Recipient::Driver(car) => hands(*car).driver.map(Recipient::Account),
        Recipient::FleetOf(car) => hands(*car).fleet.map(Recipient::Fleet),
        Recipient::Account(_)
        | Recipient::Fleet(_)
        | Recipient::Offered(_)
        | Recipient::Former(_)
        | Recipient::Garage
        | Recipient::Invited(_) => None,
    }
}

/// The lists in which mails go out that are due at once (rule RM4), each with the places of its mails among them: of reminders of one
/// kind to one recipient, when there are more than [`MOST_SINGLE`]. `mails` has each with the number of its event.
pub fn lists<'m>(
    mails: impl Iterator<Item = (i64, &'m Mail)>,
    hands: impl Fn(PassportId) -> Hands,
) -> Vec<(ReminderList, Vec<usize>)> {
    let mut all: Vec<(ReminderList, Vec<usize>)> = vec![];
    for (place, (number, mail)) in mails.enumerate().filter(|(_, (_, mail))| mail.template.is_of_due_work()) {
        let Some(to) = holder(&mail.to, &hands) else { continue };
        match all.iter_mut().find(|(list, _)| list.template == mail.template && list.to == to) {
            Some((list, places)) => {
                list.events.push(number);
                places.push(place);
            }
            None => all.push((ReminderList { template: mail.template, to, events: vec![number] }, vec![place])),
        }
    }
    all.retain(|(list, _)| list.events.len() > MOST_SINGLE);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        consequence::Template,
        ids::{AccountId, FleetId},
    };
    use uuid::Uuid;

    const fn car(number: u128) -> PassportId {
        PassportId(Uuid::from_u128(number))
    }

    #[test]
    fn rm4_many_reminders_of_a_kind_at_once_come_in_one_mail() {
        let (fleet, other) = (FleetId(Uuid::from_u128(100)), FleetId(Uuid::from_u128(101)));
        // Each car has a driver of its own; five are in one fleet, three in another, and one in none.
        let hands = |car: PassportId| Hands {
            driver: Some(AccountId(car.0)),
            fleet: match car.0.as_u128() {
                1..=5 => Some(fleet),
                6..=8 => Some(other),
                _ => None,
            },
        };
        let both = |number| [Recipient::Driver(car(number)), Recipient::FleetOf(car(number))];
        let mail = |to| Mail { template: Template::ReminderApk, to };
        let mails: Vec<(i64, Mail)> = (1..=9_i64)
            .flat_map(|number| both(u128::try_from(number).unwrap()).map(|to| (number * 10, mail(to))))
            .chain([(95, Mail { template: Template::ReminderMaintenance, to: Recipient::FleetOf(car(5)) })])
            .chain([(96, Mail { template: Template::CheckReady, to: Recipient::FleetOf(car(4)) })])
            .collect();
        let found = lists(mails.iter().map(|(number, mail)| (*number, mail)), hands);
        let list = ReminderList {
            template: Template::ReminderApk,
            to: Recipient::Fleet(fleet),
            events: vec![10, 20, 30, 40, 50],
        };
        assert_eq!(found, [(list.clone(), vec![1, 3, 5, 7, 9])], "three come one by one, and so does another kind");
        assert_eq!(list.mail_of(car(2)), mail(Recipient::FleetOf(car(2))));
        assert!(list.is_of(hands(car(2))) && !list.is_of(hands(car(6))) && !list.is_of(hands(car(9))));
    }

    #[test]
    fn rm4_whoever_drives_many_cars_gets_one_mail_too() {
        let driver = AccountId(Uuid::from_u128(7));
        let hands = |_| Hands { driver: Some(driver), fleet: None };
        let mails: Vec<Mail> = (1..=4)
            .map(|number| Mail { template: Template::ReminderApkExpired, to: Recipient::Driver(car(number)) })
            .collect();
        let found = |many: usize| lists((1..).zip(&mails[..many]), hands);
        assert_eq!(found(3), []);
        let all = found(4);
        assert_eq!((all.len(), &all[0].0.to, &all[0].0.events), (1, &Recipient::Account(driver), &vec![1, 2, 3, 4]));
        assert_eq!(all[0].0.mail_of(car(1)), mails[0]);
    }
}
