//! Customers: a garage's record of a person or company.

use crate::{
    Date, coded_enum,
    ids::{CustomerId, GarageId},
    value::{Address, EmailAddress, Language, PersonName, PhoneNumber, search_key},
};
use std::collections::BTreeSet;

coded_enum! {
    /// Whether the customer is a person or a company.
    pub enum CustomerKind {
        /// A person.
        Person => "person",
        /// A company.
        Company => "company",
    }
}

coded_enum! {
    /// What the car is mostly used for; part of the driving behaviour (*rijgedrag*).
    pub enum VehicleUse {
        /// Private trips.
        Private => "private",
        /// To and from work.
        Commute => "commute",
        /// Business trips.
        Business => "business",
        /// A mix of these.
        Mixed => "mixed",
    }
}

coded_enum! {
    /// What makes the use of a car severe, so that its maintenance comes sooner (rule MS6).
    pub enum SevereUse {
        /// Mostly short trips, on which the engine does not get warm.
        ShortTrips => "short_trips",
        /// A trailer or caravan is often drawn.
        Trailer => "trailer",
        /// Taxi work, or deliveries with many stops.
        Taxi => "taxi",
        /// Dust, sand or unpaved roads.
        Dust => "dust",
    }
}

/// The highest number of kilometres a year that is accepted.
pub const MAX_KM_PER_YEAR: i64 = 500_000;

/// How the customer drives (*rijgedrag*).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrivingBehaviour {
    /// Kilometres a year.
    pub km_per_year: Option<i64>,
    /// What the car is used for.
    pub usage: Option<VehicleUse>,
    /// What makes the use severe; empty for normal use.
    pub severe_use: BTreeSet<SevereUse>,
}

coded_enum! {
    /// How a garage got the e-mail of a customer (rule ML3). The law lets a company mail about its own similar services without
    /// asking first, but only to addresses that it got itself with a sale (Telecommunicatiewet 11.7(3)).
    pub enum EmailSourceKind {
        /// With a sale or service that was paid for, by this garage itself. The exception of Telecommunicatiewet 11.7(3) is for
        /// these alone.
        SaleOrService => "sale_or_service",
        /// With a question or a request for a quotation, without a sale: no sale, no exception, so consent is needed
        /// (Telecommunicatiewet 11.7(1)).
        Enquiry => "enquiry",
        /// From another legal person: the chain, the garage that was here before, a list that was bought. The exception is for
        /// the company that got the address, so consent to this garage is needed (Telecommunicatiewet 11.7(1)).
        OtherCompany => "other_company",
    }
}

/// How and when a garage got the e-mail of a customer (rule ML3). The sender has to prove it, so it is kept for each address;
/// an address of which it is not known is not for mailings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailSource {
    /// How the garage got it.
    pub how: EmailSourceKind,
    /// When the garage got it.
    pub on: Date,
    /// Whether the customer was told of mailings then, and could object at once and without cost: without that the exception of
    /// Telecommunicatiewet 11.7(3) does not hold.
    pub objection_offered: bool,
}

/// Why the source of an e-mail is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailSourceRefused {
    /// The day is still to come.
    InFuture,
}

impl EmailSource {
    /// Checks the source of an e-mail. `today` is the day at the garage.
    pub fn new(
        how: EmailSourceKind,
        on: Date,
        objection_offered: bool,
        today: Date,
    ) -> Result<Self, EmailSourceRefused> {
        if on > today { Err(EmailSourceRefused::InFuture) } else { Ok(Self { how, on, objection_offered }) }
    }

    /// Whether the address falls under the exception for a company's own customers (Telecommunicatiewet 11.7(3)).
    const fn is_excepted(self) -> bool {
        match self.how {
            EmailSourceKind::SaleOrService => self.objection_offered,
            EmailSourceKind::Enquiry | EmailSourceKind::OtherCompany => false,
        }
    }
}

/// Whether the law lets the garage send a mailing to a customer's e-mail (rule ML3): the customer agreed to promotions, or the
/// garage got the address with a sale and offered an objection then. That the customer has not objected since is looked at
/// apart.
pub fn may_be_mailed(source: Option<&EmailSource>, accepts_promotions: bool) -> bool {
    accepts_promotions || source.is_some_and(|source| source.is_excepted())
}

/// A garage's record of a person or company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The garage whose record it is.
    pub garage_id: GarageId,
    /// A person or a company.
    pub kind: CustomerKind,
    /// The person's or company's name.
    pub name: String,
    /// The parts of a person's name, as far as they are known (rule CU7).
    pub parts: Option<PersonName>,
    /// The e-mail to which mails go, also the link that activates a passport.
    pub email: Option<EmailAddress>,
    /// How the garage got that e-mail; none when it is not known (rule ML3).
    pub email_source: Option<EmailSource>,
    /// The mobile phone number.
    pub mobile: Option<PhoneNumber>,
    /// Where they live or have their office.
    pub address: Address,
    /// The language of mails to them.
    pub language: Language,
    /// How they drive.
    pub driving: DrivingBehaviour,
    /// Whether they agreed to receive promotions.
    pub accepts_promotions: bool,
    /// Whether they agreed to be called about the garage's services (Telecommunicatiewet 11.7, since 1 July 2026).
    pub accepts_calls: bool,
    /// Notes that the garage keeps about the customer.
    pub notes: Option<String>,
    /// Raised by one with each change.
    pub version: i64,
}

coded_enum! {
    /// Why a customer's record cannot be deleted.
    pub enum CustomerRefusal {
        /// The customer has a passport that is not archived.
        HasPassports => "customer_has_passports",
        /// The customer has an open fleet.
        HasFleets => "customer_has_fleets",
    }
}

impl Customer {
    /// Whether nothing differs from `before`, not even the spelling of the e-mail.
    pub fn is_same(&self, before: &Self) -> bool {
        self == before && EmailAddress::is_written_like(self.email.as_ref(), before.email.as_ref())
    }
}

coded_enum! {
    /// What two records share that may be of one customer (rule CU8).
    pub enum SharedContact {
        /// The e-mail.
        Email => "email",
        /// The mobile telephone number.
        Mobile => "mobile",
    }
}

impl SharedContact {
    /// What two records share, each given by the key of its e-mail and its mobile number.
    pub fn of(one: (Option<&str>, Option<&str>), other: (Option<&str>, Option<&str>)) -> Vec<Self> {
        let shares =
            [(Self::Email, one.0.is_some() && one.0 == other.0), (Self::Mobile, one.1.is_some() && one.1 == other.1)];
        shares.into_iter().filter(|(_, is_shared)| *is_shared).map(|(what, _)| what).collect()
    }
}

/// Another record of the garage that may be of the same customer (rule CU8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleDuplicate {
    /// The record.
    pub id: CustomerId,
    /// What the customer is called there.
    pub name: String,
    /// What both records share.
    pub why: Vec<SharedContact>,
}

/// How many records are named that may be of the same customer.
pub const MOST_DUPLICATES: usize = 5;

/// Words by which nobody is known: what stands before surnames, and forms of companies.
const COMMON_WORDS: [&str; 16] =
    ["de", "den", "der", "het", "ten", "ter", "van", "von", "bv", "nv", "vof", "cv", "gmbh", "en", "and", "the"];

/// Whether two names can be of one customer (rule CU8): each word of the shorter one, except those by which nobody is known, is in
/// the other too, or is an initial of a word there; and one of them is more than an initial.
fn is_like_name(one: &str, other: &str) -> bool {
    let (one, other) = (search_key(one), search_key(other));
    if one == other {
        return true;
    }
    let (one, other) = (telling_words(&one), telling_words(&other));
    let (fewer, mut more) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    // Each word stands for one of the other name: the J. of J. Jansen is not the Jansen.
    let mut take = |is_it: &dyn Fn(&str) -> bool| {
        let place = more.iter().position(|known| is_it(known));
        place.map(|place| more.remove(place)).is_some()
    };
    let (same, others): (Vec<&str>, Vec<&str>) = fewer.into_iter().partition(|word| take(&|known| known == *word));
    same.iter().any(|word| !is_initial(word)) && others.iter().all(|word| take(&|known| is_short_for(word, known)))
}

fn telling_words(key: &str) -> Vec<&str> {
    key.split(' ').filter(|word| !word.is_empty() && !COMMON_WORDS.contains(word)).collect()
}

fn is_short_for(one: &str, other: &str) -> bool {
    (is_initial(one) && other.starts_with(one)) || (is_initial(other) && one.starts_with(other))
}

fn is_initial(word: &str) -> bool {
    word.chars().count() == 1
}

/// Of the records that share an e-mail or telephone number with that of `name`, those that may be of the same customer: first those
/// that share both, and of these the oldest (rule CU8).
pub fn possible_duplicates(name: &str, sharing: Vec<PossibleDuplicate>) -> Vec<PossibleDuplicate> {
    let mut found: Vec<_> = sharing.into_iter().filter(|other| is_like_name(name, &other.name)).collect();
    found.sort_by_key(|other| (std::cmp::Reverse(other.why.len()), other.id.0));
    found.truncate(MOST_DUPLICATES);
    found
}

/// Whether a record may be deleted: only when no passport in use and no open fleet refers to it.
pub fn may_delete(passports: i64, fleets: i64) -> Result<(), CustomerRefusal> {
    match (passports, fleets) {
        (0, 0) => Ok(()),
        (0, _) => Err(CustomerRefusal::HasFleets),
        _ => Err(CustomerRefusal::HasPassports),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_in_use_stays() {
        assert_eq!(may_delete(0, 0), Ok(()));
        assert_eq!(may_delete(1, 0), Err(CustomerRefusal::HasPassports));
        assert_eq!(may_delete(0, 1), Err(CustomerRefusal::HasFleets));
    }

    #[test]
    fn cu8_one_customer_is_known_by_a_name_that_is_written_otherwise() {
        for (one, other) in [
            ("Jan Jansen", "jan  JANSEN"),
            ("J. Jansen", "Jan Jansen"),
            ("Jansen", "Jan Jansen"),
            ("Jansen, Jan", "Jan Jansen"),
            ("Jan de Vries", "Jan Vries"),
            ("Bakkerij Jansen B.V.", "Bakkerij Jansen"),
            ("Bakkerij Jansen BV", "Bakkerij Jansen"),
            ("Fatima Yılmaz", "Fatima Yilmaz"),
            ("-", "-"),
        ] {
            assert!(is_like_name(one, other) && is_like_name(other, one), "{one} and {other}");
        }
        for (one, other) in [
            ("Jan Jansen", "Piet Jansen"),
            ("J. Jansen", "P. Jansen"),
            ("Jan de Vries", "Kees de Boer"),
            ("De BV", "Jan de Vries"),
            ("J.", "Jan Jansen"),
            ("", "Jan Jansen"),
        ] {
            assert!(!is_like_name(one, other) && !is_like_name(other, one), "{one} and {other}");
        }
    }

    #[test]
    fn cu8_five_records_are_named_at_most_and_first_those_that_share_most() {
        let record = |number: u128, name: &str, why: &[SharedContact]| PossibleDuplicate {
            id: CustomerId(uuid::Uuid::from_u128(number)),
            name: name.into(),
            why: why.to_vec(),
        };
        let both = [SharedContact::Email, SharedContact::Mobile];
        let mut sharing: Vec<_> = (10..20).map(|number| record(number, "J. Jansen", &both[..1])).collect();
        sharing.extend([
            record(30, "Jan Jansen", &both),
            record(1, "Piet Jansen", &both),
            record(2, "Jansen", &both[1..]),
        ]);
        let found: Vec<u128> =
            possible_duplicates("Jan Jansen", sharing).iter().map(|other| other.id.0.as_u128()).collect();
        assert_eq!(found, [30, 2, 10, 11, 12]);
        assert_eq!(possible_duplicates("Jan Jansen", vec![]), []);
    }

    #[test]
    fn ml3_an_address_is_for_mailings_with_consent_or_from_an_own_sale_with_an_objection_offered() {
        let day = jiff::civil::date(2026, 2, 25);
        for how in EmailSourceKind::ALL.iter().copied() {
            for offered in [false, true] {
                let source = EmailSource::new(how, day, offered, day).unwrap();
                assert!(may_be_mailed(Some(&source), true), "consent is enough");
                let is_own_sale = how == EmailSourceKind::SaleOrService && offered;
                assert_eq!(may_be_mailed(Some(&source), false), is_own_sale, "{how:?} {offered}");
            }
        }
        assert!(!may_be_mailed(None, false), "nobody knows where it is from");
        assert!(may_be_mailed(None, true));
    }

    #[test]
    fn ml3_an_address_was_not_got_on_a_day_to_come() {
        let today = jiff::civil::date(2026, 2, 25);
        let got = |on| EmailSource::new(EmailSourceKind::SaleOrService, on, true, today);
        assert!(got(today).is_ok() && got(today.yesterday().unwrap()).is_ok());
        assert_eq!(got(today.tomorrow().unwrap()), Err(EmailSourceRefused::InFuture));
    }
}
