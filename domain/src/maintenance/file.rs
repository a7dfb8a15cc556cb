//! Files of a car: photos of checks (rule VC5), and what is attached to service records (rules SR1 and SR5): who may add
//! them, and who sees them.

use crate::{
    access::{Actor, Standing},
    check_template::CheckList,
    coded_enum,
    ids::{AccountId, GarageId},
    passport::Fuel,
    service_record::{RecordOrigin, RecordOwner, RecordReader},
    vehicle_check::Place,
};

/// The most photos of a check.
pub const MAX_PHOTOS: usize = 40;
/// The most files attached to a service record.
pub const MAX_ATTACHMENTS: usize = 20;
/// The most characters of the name of a file.
pub const MAX_NAME: usize = 100;

/// A check, as far as its photos depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotographedCheck {
    /// The garage whose mechanics made it.
    pub garage_id: GarageId,
    /// What is looked at.
    pub list: CheckList,
    /// What the car runs on.
    pub fuel: Option<Fuel>,
    /// Whether it was completed.
    pub is_completed: bool,
}

/// A service record, as far as what is attached to it depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachedRecord {
    /// The garage in whose books it is.
    pub garage_id: GarageId,
    /// Who says that the work was done.
    pub origin: RecordOrigin,
    /// Whose the car was; none when it was nobody's.
    pub owner: Option<RecordOwner>,
    /// Who wrote it down.
    pub by: Option<AccountId>,
}

/// What a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belonging {
    /// To an item of a check of this garage.
    Photo {
        /// The garage whose mechanics made the check.
        garage_id: GarageId,
        /// Whether the check was completed.
        is_completed: bool,
    },
    /// To a service record.
    Attachment(AttachedRecord),
}

coded_enum! {
    /// What a file holds, as it is stored.
    pub enum MediaType {
        /// A photo, written anew.
        Jpeg => "image/jpeg",
        /// A document, as it was sent.
        Pdf => "application/pdf",
    }
}

coded_enum! {
    /// What a file is to people.
    pub enum FileKind {
        /// A photo.
        Photo => "photo",
        /// A document.
        Document => "document",
    }
}

impl MediaType {
    /// What it is to people.
    pub const fn kind(self) -> FileKind {
        match self {
            Self::Jpeg => FileKind::Photo,
            Self::Pdf => FileKind::Document,
        }
    }
}

coded_enum! {
    /// The versions of a photo.
    pub enum FileSize {
        /// As it is stored.
        Whole => "whole",
        /// The small version.
        Small => "small",
    }
}

coded_enum! {
    /// Why a photo is not added or deleted.
    pub enum PhotoRefusal {
        /// Rule VC2: the check was completed.
        Completed => "check_completed",
        /// Rule VC1: the template has no such item or position, or the item makes no sense for the car.
        UnknownItem => "check_unknown_item",
        /// Rule VC5: the check has as many photos as it can have.
        TooMany => "check_photos_too_many",
    }
}

coded_enum! {
    /// Why a file is not attached.
    pub enum AttachmentRefusal {
        /// Rule SR1: only the garage whose record it is attaches files to it, and who declared it.
        NotYours => "attachment_not_yours",
        /// Rule SR1: the record has as many files as it can have.
        TooMany => "attachments_too_many",
    }
}

impl PhotographedCheck {
    /// Whether its photos are there for who reads the car: of a draft, for the garage's own staff (rule VC5).
    pub fn shows_photos(&self, reader: &RecordReader) -> bool {
        Belonging::Photo { garage_id: self.garage_id, is_completed: self.is_completed }.is_seen(reader, None)
    }

    /// Decides whether a photo may be added at a place, beside so many others (rules VC1, VC2 and VC5).
    pub fn may_add(&self, place: &Place, photos: usize) -> Result<(), PhotoRefusal> {
        if self.is_completed {
            return Err(PhotoRefusal::Completed);
        }
        let item = self.list.find(&place.0).filter(|item| item.fits(self.fuel));
        let is_known = item.is_some_and(|item| item.places().any(|known| known == place.1.as_deref()));
        match (is_known, photos < MAX_PHOTOS) {
            (false, _) => Err(PhotoRefusal::UnknownItem),
            (true, false) => Err(PhotoRefusal::TooMany),
            (true, true) => Ok(()),
        }
    }
}

impl AttachedRecord {
    /// Decides whether a file may be attached, beside so many others (rules SR1 and SR4): by the staff of the garage whose
    /// record it is, and by who declared it.
    pub fn may_attach(&self, actor: &Actor, attachments: usize) -> Result<(), AttachmentRefusal> {
        let is_yours = match actor.standing {
            Standing::Staff(garage, _) => garage == self.garage_id,
            Standing::Driver(..) | Standing::Fleet(..) | Standing::Platform => self.is_declared_by(actor.account_id()),
        };
        match (is_yours, attachments < MAX_ATTACHMENTS) {
            (false, _) => Err(AttachmentRefusal::NotYours),
            (true, false) => Err(AttachmentRefusal::TooMany),
            (true, true) => Ok(()),
        }
    }

    fn is_declared_by(&self, account: AccountId) -> bool {
        self.origin == RecordOrigin::Declared && self.by == Some(account)
    }
}

impl Belonging {
    /// Whether the file may be deleted: a photo of a completed check never (rule VC2).
    pub fn may_delete(&self) -> Result<(), PhotoRefusal> {
        match self {
            Self::Photo { is_completed: true, .. } => Err(PhotoRefusal::Completed),
            Self::Photo { .. } | Self::Attachment(_) => Ok(()),
        }
    }

    /// Whether someone who may read the car sees the file (rules VC5, SR5 and EC6). Photos of a completed check are for
    /// all of them, those of a draft for the garage's staff. What is attached to a record is for the garage whose record
    /// it is, for whoever owned the car when the work was done, as long as they own it, and for the `account` that
    /// declared it.
    pub fn is_seen(&self, reader: &RecordReader, account: Option<AccountId>) -> bool {
        match self {
            Self::Photo { garage_id, is_completed } => *is_completed || *reader == RecordReader::Garage(*garage_id),
            Self::Attachment(record) => {
                let is_theirs = match reader {
                    RecordReader::Garage(garage_id) => *garage_id == record.garage_id,
                    RecordReader::Owner(owner) => record.owner == Some(*owner),
                    RecordReader::DriverOf(_) | RecordReader::Other => false,
                };
                is_theirs || account.is_some_and(|account| record.is_declared_by(account))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::Identity,
        check_template::platform,
        custody::Hands,
        ids::FleetId,
        value::{EmailAddress, StaffRole},
    };
    use uuid::Uuid;

    const GARAGE: GarageId = GarageId(Uuid::from_u128(1));
    const OTHER_GARAGE: GarageId = GarageId(Uuid::from_u128(2));
    const FLEET: FleetId = FleetId(Uuid::from_u128(3));
    const DRIVER: AccountId = AccountId(Uuid::from_u128(4));
    const LATER: AccountId = AccountId(Uuid::from_u128(5));

    fn actor(account: AccountId, standing: Standing) -> Actor {
        Actor { by: Identity::Account(account), standing }
    }

    fn driver(account: AccountId) -> Actor {
        actor(account, Standing::Driver(account, EmailAddress::parse("a@b.example").unwrap()))
    }

    fn staff(garage: GarageId) -> Actor {
        actor(AccountId(Uuid::from_u128(9)), Standing::Staff(garage, StaffRole::Mechanic))
    }

    fn fleet() -> Actor {
        actor(AccountId(Uuid::from_u128(8)), Standing::Fleet(FLEET, AccountId(Uuid::from_u128(8))))
    }

    fn hands(driver: Option<AccountId>, fleet: Option<FleetId>) -> Hands {
        Hands { driver, fleet }
    }

    fn record(origin: RecordOrigin, owner: RecordOwner, by: AccountId) -> AttachedRecord {
        AttachedRecord { garage_id: GARAGE, origin, owner: Some(owner), by: Some(by) }
    }

    #[test]
    fn ec6_the_driver_of_a_fleet_car_reads_as_the_fleet_only_when_it_allows_it() {
        let (own, in_fleet) = (hands(Some(DRIVER), None), hands(Some(DRIVER), Some(FLEET)));
        let owner = |owner| RecordReader::Owner(owner);
        assert_eq!(RecordReader::of(&driver(DRIVER), own, false), owner(RecordOwner::Driver(DRIVER)));
        assert_eq!(RecordReader::of(&driver(DRIVER), in_fleet, false), RecordReader::DriverOf(FLEET));
        assert_eq!(RecordReader::of(&driver(DRIVER), in_fleet, true), owner(RecordOwner::Fleet(FLEET)));
        assert_eq!(RecordReader::of(&driver(LATER), in_fleet, true), RecordReader::Other);
        assert_eq!(RecordReader::of(&fleet(), in_fleet, false), owner(RecordOwner::Fleet(FLEET)));
        assert_eq!(RecordReader::of(&fleet(), own, true), RecordReader::Other);
        assert_eq!(RecordReader::of(&staff(GARAGE), own, false), RecordReader::Garage(GARAGE));
    }

    #[test]
    fn vc5_photos_of_a_draft_are_the_garages_and_of_a_completed_check_everyones() {
        let readers = [
            (RecordReader::Garage(GARAGE), true),
            (RecordReader::Garage(OTHER_GARAGE), false),
            (RecordReader::Owner(RecordOwner::Driver(DRIVER)), false),
            (RecordReader::Other, false),
        ];
        for (reader, sees_draft) in readers {
            let photo = |is_completed| Belonging::Photo { garage_id: GARAGE, is_completed };
            assert_eq!(photo(false).is_seen(&reader, Some(DRIVER)), sees_draft, "{reader:?}");
            assert!(photo(true).is_seen(&reader, None), "{reader:?}");
        }
    }

    #[test]
    fn vc5_photos_belong_to_an_item_of_a_draft_and_are_bounded() {
        let check = |is_completed, fuel| PhotographedCheck {
            garage_id: GARAGE,
            list: platform()[0].clone(),
            fuel,
            is_completed,
        };
        let tyre = ("tread_depth".to_owned(), Some("front_left".to_owned()));
        assert_eq!(check(false, None).may_add(&tyre, MAX_PHOTOS - 1), Ok(()));
        assert_eq!(check(false, None).may_add(&tyre, MAX_PHOTOS), Err(PhotoRefusal::TooMany));
        assert_eq!(check(true, None).may_add(&tyre, 0), Err(PhotoRefusal::Completed));
        let oil = ("oil_level".to_owned(), None);
        let unknown = Err(PhotoRefusal::UnknownItem);
        assert_eq!(check(false, Some(Fuel::Electric)).may_add(&oil, 0), unknown);
        assert_eq!(check(false, Some(Fuel::Petrol)).may_add(&oil, 0), Ok(()));
        for place in [("tread_depth", None), ("tread_depth", Some("middle")), ("nothing", None)] {
            let place = (place.0.to_owned(), place.1.map(str::to_owned));
            assert_eq!(check(false, None).may_add(&place, 0), unknown, "{place:?}");
        }
    }

    #[test]
    fn sr5_invoices_are_for_the_garage_and_for_who_owned_the_car_then() {
        let of_driver = Belonging::Attachment(record(RecordOrigin::Garage, RecordOwner::Driver(DRIVER), LATER));
        let of_fleet = Belonging::Attachment(record(RecordOrigin::Garage, RecordOwner::Fleet(FLEET), LATER));
        for (reader, sees_drivers, sees_fleets) in [
            (RecordReader::Garage(GARAGE), true, true),
            (RecordReader::Garage(OTHER_GARAGE), false, false),
            (RecordReader::Owner(RecordOwner::Driver(DRIVER)), true, false),
            (RecordReader::Owner(RecordOwner::Driver(LATER)), false, false),
            (RecordReader::Owner(RecordOwner::Fleet(FLEET)), false, true),
            (RecordReader::Other, false, false),
        ] {
            assert_eq!(of_driver.is_seen(&reader, Some(LATER)), sees_drivers, "{reader:?}");
            assert_eq!(of_fleet.is_seen(&reader, Some(LATER)), sees_fleets, "{reader:?}");
        }
        let nobodys = AttachedRecord { owner: None, ..record(RecordOrigin::Garage, RecordOwner::Fleet(FLEET), LATER) };
        assert!(!Belonging::Attachment(nobodys).is_seen(&RecordReader::Other, None));
    }

    #[test]
    fn sr4_who_declared_a_record_attaches_to_it_and_sees_what_is_attached() {
        let declared = record(RecordOrigin::Declared, RecordOwner::Fleet(FLEET), DRIVER);
        assert!(Belonging::Attachment(declared).is_seen(&RecordReader::Other, Some(DRIVER)));
        assert!(!Belonging::Attachment(declared).is_seen(&RecordReader::Other, Some(LATER)));
        let own = record(RecordOrigin::Garage, RecordOwner::Driver(DRIVER), DRIVER);
        let refused = Err(AttachmentRefusal::NotYours);
        assert_eq!(declared.may_attach(&driver(DRIVER), 0), Ok(()));
        assert_eq!(declared.may_attach(&driver(LATER), 0), refused);
        assert_eq!(declared.may_attach(&fleet(), 0), refused);
        assert_eq!(own.may_attach(&driver(DRIVER), 0), refused);
        assert_eq!(own.may_attach(&staff(GARAGE), MAX_ATTACHMENTS - 1), Ok(()));
        assert_eq!(own.may_attach(&staff(GARAGE), MAX_ATTACHMENTS), Err(AttachmentRefusal::TooMany));
        assert_eq!(own.may_attach(&staff(OTHER_GARAGE), 0), refused);
    }
}
