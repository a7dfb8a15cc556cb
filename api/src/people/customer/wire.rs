//! Requests and answers of customers.

use crate::{
    body, enum_scalars,
    garage::wire::{Address, TypedAddress, read_phone},
    problem::{FieldProblem, Place, Problem},
    query,
    suppression::wire::SuppressionReason,
    wire::{
        Day, Email, Id, KmPerYear, Language, Many, Members, Moment, Name, Notes, Patch, Phone, Search, TypedPhone,
        Version,
    },
};
use domain::{
    customer::{
        Customer as DomainCustomer, CustomerKind as DomainKind, DrivingBehaviour as DomainDriving,
        EmailSource as DomainSource, EmailSourceRefused, PossibleDuplicate as DomainDuplicate,
    },
    ids::{CustomerId, GarageId},
    suppression::Reasons,
    value::{EmailAddress, PersonName, PhoneNumber},
};
use persistence::Stamps;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

enum_scalars! {
    /// Person or company.
    CustomerKind(domain::customer::CustomerKind), "Whether the customer is a person or a company.";
    /// What a car is mostly used for.
    VehicleUse(domain::customer::VehicleUse), "What the car is mostly used for.";
    /// How a garage got an e-mail address.
    EmailSourceKind(domain::customer::EmailSourceKind), "How a garage got an e-mail address. Sale or service: with a sale or service of this garage that was paid for. Enquiry: with a question or a request for a price, without a sale. Other company: from someone else, such as the chain, the garage that was here before, or a list that was bought.";
    /// What two records share.
    SharedContact(domain::customer::SharedContact), "What two records of customers share. Email: the e-mail. Mobile: the mobile telephone number.";
    /// What makes the use of a car severe.
    SevereUse(domain::customer::SevereUse), "What makes the use of a car severe, so that its maintenance comes sooner. Short trips: the engine mostly does not get warm. Trailer: a trailer or caravan is often drawn. Taxi: taxi work, or deliveries with many stops. Dust: dust, sand or unpaved roads.";
}

body! {
    /// How the customer drives (*rijgedrag*). A patch replaces it as a whole.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "kmPerYear": 18000, "usage": "mixed", "severeUse": ["short_trips"] }))]
    pub struct DrivingBehaviour {
        /// How many kilometres the customer drives in a year; null when unknown.
        pub km_per_year: Option<KmPerYear>,
        /// What the customer mostly uses the car for; null when unknown.
        pub usage: Option<VehicleUse>,
        /// What makes the use severe, so that schedules for severe use hold (rule MS6); empty or null for normal use.
        #[schema(value_type = Option<Vec<SevereUse>>, max_items = 4)]
        pub severe_use: Option<Many<SevereUse, 4>>,
    }
}

impl From<DrivingBehaviour> for DomainDriving {
    fn from(driving: DrivingBehaviour) -> Self {
        let severe = driving.severe_use.into_iter().flat_map(|reasons| reasons.0);
        Self {
            km_per_year: driving.km_per_year.map(|km| km.0),
            usage: driving.usage.map(|usage| usage.0),
            severe_use: severe.map(|reason| reason.0).collect(),
        }
    }
}

body! {
    /// How the garage got the customer's e-mail address. A patch replaces it as a whole. Without consent, a garage may mail its
    /// offers to an address alone that it got itself with a sale or service, when it told the customer of mailings then and the
    /// customer could object (Telecommunicatiewet 11.7(3)); so an APK mailing leaves out those of whom neither is known.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[schema(example = json!({ "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true }))]
    pub struct EmailSource {
        /// How the garage got it.
        pub how: EmailSourceKind,
        /// The day on which the garage got it, today at the latest.
        pub on: Day,
        /// Whether the customer was told of mailings then, and could object at once.
        pub objection_offered: bool,
    }
}

impl EmailSource {
    /// The source, if its day is not to come; `today` is the day at the garage. `within` is the JSON pointer of the customer in the
    /// body.
    pub fn check(&self, today: domain::Date, within: &str) -> Result<DomainSource, Problem> {
        DomainSource::new(self.how.0, self.on.0, self.objection_offered, today).map_err(
            |EmailSourceRefused::InFuture| {
                Problem::invalid([FieldProblem::new(Place::Body(format!("{within}/emailSource/on")), "day_in_future")])
            },
        )
    }
}

impl From<DomainSource> for EmailSource {
    fn from(source: DomainSource) -> Self {
        Self { how: EmailSourceKind(source.how), on: Day(source.on), objection_offered: source.objection_offered }
    }
}

body! {
    /// The record of a new customer.
    #[schema(example = json!({
        "kind": "company",
        "name": "Bakkerij Jansen",
        "email": "jan@jansen.example",
        "mobile": "06-12345678",
        "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
        "drivingBehaviour": { "kmPerYear": 18000, "usage": "business", "severeUse": ["trailer"] }
    }))]
    pub struct NewCustomer check one_name {
        /// Whether the customer is a person or a company.
        pub kind: CustomerKind,
        /// The name of the person or company.
        pub name: Name,
        /// The given name of a person, which is sent with a `surname`. Without both, the parts are those into which `name` can be split.
        pub given_name: Option<Name>,
        /// What stands before the surname of a person, such as *van de*.
        pub name_prefix: Option<Name>,
        /// The surname of a person, without what stands before it.
        pub surname: Option<Name>,
        /// The e-mail of the customer. The link to activate a passport is mailed to it.
        pub email: Option<Email>,
        /// How the garage got that e-mail; null when it is not known.
        pub email_source: Option<EmailSource>,
        /// The mobile telephone number of the customer. Without a country code it is read as one of the country of the address, or
        /// as a mobile number of the garage's country.
        pub mobile: Option<TypedPhone>,
        /// Where the customer lives, or where the company is. The default is the garage's country and nothing else.
        pub address: Option<TypedAddress>,
        /// The language of the mails to the customer. The default is the garage's language.
        pub language: Option<Language>,
        /// How the customer drives.
        pub driving_behaviour: Option<DrivingBehaviour>,
        /// Whether the customer agreed to receive promotions. The default is false.
        pub accepts_promotions: Option<bool>,
        /// Whether the customer agreed to be called about the garage's services. The default is false.
        pub accepts_calls: Option<bool>,
        /// Notes of the garage about the customer. Only its own staff can see them.
        pub notes: Option<Notes>,
    }
}

/// Only a person's name has parts, and never without the surname (rule CU7).
fn one_name(members: &mut Members<'_>) {
    let parts = ["givenName", "namePrefix", "surname"];
    let given: Vec<&str> = parts.into_iter().filter(|name| members.given(name).is_some()).collect();
    let is_company = members.given("kind").and_then(Value::as_str) == Some(DomainKind::Company.code());
    if is_company {
        for name in given {
            members.wrong(name, "conflicts_with_other");
        }
    } else if !given.is_empty() && !given.contains(&"surname") {
        members.wrong("surname", "required");
    }
}

impl NewCustomer {
    /// The mobile telephone number, as far as it can be read by the countries of the address and the garage (rule CU3).
    pub fn mobile_number(&self, garage: &domain::garage::Garage) -> Option<PhoneNumber> {
        let home = garage.address.country;
        let country = self.address.as_ref().and_then(|address| address.country.as_ref());
        read_phone(
            self.mobile.as_ref()?,
            &[country.map_or(home, |country| country.0), home],
            String::new(),
            &mut vec![],
        )
    }

    /// The customer, for a garage with this address and language where it is `today`. `within` is the JSON pointer of the
    /// customer in the body.
    pub fn into_customer(
        self,
        id: CustomerId,
        garage: &domain::garage::Garage,
        today: domain::Date,
        within: &str,
    ) -> Result<DomainCustomer, Problem> {
        let mut wrong = vec![];
        let customer = self.as_far_as_read(id, garage, today, (within, &mut wrong))?;
        if wrong.is_empty() { Ok(customer) } else { Err(Problem::invalid(wrong)) }
    }

    /// The same, where a telephone number or postal code that is not valid goes to what is `wrong`, and the customer is without it
    /// (rules CU3 and CU4).
    pub fn as_far_as_read(
        self,
        id: CustomerId,
        garage: &domain::garage::Garage,
        today: domain::Date,
        (within, wrong): (&str, &mut Vec<FieldProblem>),
    ) -> Result<DomainCustomer, Problem> {
        let source = self.email_source.as_ref().filter(|_| self.email.is_some());
        let email_source = source.map(|source| source.check(today, within)).transpose()?;
        let home = garage.address.country;
        let nowhere = domain::value::Address { street: None, postcode: None, place: None, country: home };
        let address = self.address.map_or(nowhere, |address| address.read(&format!("{within}/address"), home, wrong));
        let countries = [address.country, home];
        let mobile = self.mobile.and_then(|typed| read_phone(&typed, &countries, format!("{within}/mobile"), wrong));
        let parts = match self.surname {
            Some(surname) => {
                let (given, prefix) = (self.given_name.map(Into::into), self.name_prefix.map(Into::into));
                Some(PersonName { given, prefix, surname: surname.0 })
            }
            None => parts_of(self.kind.0, &self.name.0),
        };
        Ok(DomainCustomer {
            id,
            garage_id: garage.id,
            kind: self.kind.0,
            name: self.name.0,
            parts,
            email: self.email.map(|email| email.0),
            email_source,
            mobile,
            address,
            language: self.language.map_or(garage.language, |language| language.0),
            driving: self.driving_behaviour.map(Into::into).unwrap_or_default(),
            accepts_promotions: self.accepts_promotions.unwrap_or(false),
            accepts_calls: self.accepts_calls.unwrap_or(false),
            notes: self.notes.map(|notes| notes.0),
            version: 1,
        })
    }
}

/// The parts into which the name of a customer can be split; none of a company's.
pub fn parts_of(kind: DomainKind, name: &str) -> Option<PersonName> {
    match kind {
        DomainKind::Person => PersonName::split(name),
        DomainKind::Company => None,
    }
}

body! {
    /// The properties of the record that change. What is left out stays as it is; null clears a property.
    #[schema(example = json!({ "mobile": "06-87654321", "notes": null }))]
    pub struct UpdateCustomer {
        /// Whether the customer is a person or a company.
        #[schema(value_type = Option<CustomerKind>, nullable = false)]
        pub kind: Patch<CustomerKind>,
        /// The name of the person or company.
        #[schema(value_type = Option<Name>, nullable = false)]
        pub name: Patch<Name>,
        /// The given name of a person; null removes it. When the name changes and none of its parts is given, they are those into
        /// which the new name can be split.
        #[schema(value_type = Option<Name>)]
        pub given_name: Patch<Option<Name>>,
        /// What stands before the surname of a person, such as *van de*; null removes it.
        #[schema(value_type = Option<Name>)]
        pub name_prefix: Patch<Option<Name>>,
        /// The surname of a person, without what stands before it; null when it is not known, and then the others are null too.
        #[schema(value_type = Option<Name>)]
        pub surname: Patch<Option<Name>>,
        /// The e-mail of the customer; null removes it.
        #[schema(value_type = Option<Email>)]
        pub email: Patch<Option<Email>>,
        /// How the garage got the e-mail; null when it is not known. It becomes null when the e-mail changes and this is left out.
        #[schema(value_type = Option<EmailSource>)]
        pub email_source: Patch<Option<EmailSource>>,
        /// The mobile telephone number of the customer; null removes it. Without a country code it is read as one of the country of
        /// the address, or as a mobile number of the garage's country.
        #[schema(value_type = Option<TypedPhone>)]
        pub mobile: Patch<Option<TypedPhone>>,
        /// Where the customer lives, or where the company is. It replaces the whole address, also its country.
        #[schema(value_type = Option<TypedAddress>, nullable = false)]
        pub address: Patch<TypedAddress>,
        /// The language of the mails to the customer.
        #[schema(value_type = Option<Language>, nullable = false)]
        pub language: Patch<Language>,
        /// How the customer drives. It replaces the whole property.
        #[schema(value_type = Option<DrivingBehaviour>, nullable = false)]
        pub driving_behaviour: Patch<DrivingBehaviour>,
        /// Whether the customer agreed to receive promotions.
        #[schema(value_type = Option<bool>, nullable = false)]
        pub accepts_promotions: Patch<bool>,
        /// Whether the customer agreed to be called about the garage's services.
        #[schema(value_type = Option<bool>, nullable = false)]
        pub accepts_calls: Patch<bool>,
        /// Notes of the garage about the customer; null removes them.
        #[schema(value_type = Option<Notes>)]
        pub notes: Patch<Option<Notes>>,
    }
}

query! {
    /// Which customers to list.
    pub struct CustomerQuery {
        /// The beginnings of words in the name, e-mail, mobile number, postal code or place of the customer, in any spelling:
        /// `yilmaz` finds Yılmaz, `obrien` finds O'Brien, `06 12345678` finds +31612345678, and `1234ab` finds 1234 AB.
        pub search: Option<Search>,
    }
}

/// Another record of the garage that may be of the same customer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PossibleDuplicate {
    /// The id of the other record.
    pub id: Id,
    /// The name of the person or company in the other record.
    #[schema(max_length = 100)]
    pub name: String,
    /// What both records share, beside a name that is like it.
    #[schema(min_items = 1, max_items = 2)]
    pub why: Vec<SharedContact>,
}

impl From<DomainDuplicate> for PossibleDuplicate {
    fn from(other: DomainDuplicate) -> Self {
        Self { id: Id(other.id.0), name: other.name, why: other.why.into_iter().map(SharedContact).collect() }
    }
}

/// A garage's record of a person or company.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "kind": "company",
    "name": "Bakkerij Jansen",
    "givenName": null,
    "namePrefix": null,
    "surname": null,
    "email": "jan@jansen.example",
    "emailSource": { "how": "sale_or_service", "on": "2025-11-03", "objectionOffered": true },
    "emailSuppressed": null,
    "emailSuggestion": null,
    "mobile": "+31612345678",
    "mobileShown": "06 12 34 56 78",
    "address": { "street": "Dorpsstraat 12", "postcode": "1234 AB", "place": "Zaandam", "country": "NL" },
    "language": "nl",
    "drivingBehaviour": { "kmPerYear": 18000, "usage": "business", "severeUse": ["trailer"] },
    "acceptsPromotions": false,
    "acceptsCalls": true,
    "notes": null,
    "possibleDuplicates": [{ "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a13", "name": "Bakkerij Jansen BV", "why": ["email"] }],
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Customer {
    /// The id of the customer.
    pub id: Id,
    /// Whether the customer is a person or a company.
    pub kind: CustomerKind,
    /// The name of the person or company.
    #[schema(max_length = 100)]
    pub name: String,
    /// The given name of a person, or what stands for it; null when unknown, and of a company.
    #[schema(max_length = 100)]
    pub given_name: Option<String>,
    /// What stands before the surname of a person, such as *van de*; null when there is nothing.
    #[schema(max_length = 100)]
    pub name_prefix: Option<String>,
    /// The surname of a person, without what stands before it, by which lists are sorted; null when unknown, and of a company.
    #[schema(max_length = 100)]
    pub surname: Option<String>,
    /// The e-mail of the customer; null when unknown.
    pub email: Option<Email>,
    /// How the garage got that e-mail; null when it is not known.
    pub email_source: Option<EmailSource>,
    /// Why the e-mail must not be written to; null when it may. A corrected e-mail may.
    pub email_suppressed: Option<SuppressionReason>,
    /// The e-mail that was perhaps meant, when the present one looks like a slip of the pen in the name of a great mail house
    /// (`gmial.com`); else null. It is a hint only.
    pub email_suggestion: Option<Email>,
    /// The mobile telephone number of the customer; null when unknown.
    pub mobile: Option<Phone>,
    /// The same number as people in the country of the address write it, which can be sent back; null when unknown.
    #[schema(max_length = 40)]
    pub mobile_shown: Option<String>,
    /// Where the customer lives, or where the company is.
    pub address: Address,
    /// The language of the mails to the customer.
    pub language: Language,
    /// How the customer drives.
    pub driving_behaviour: DrivingBehaviour,
    /// Whether the customer agreed to receive promotions.
    pub accepts_promotions: bool,
    /// Whether the customer agreed to be called about the garage's services: lists to telephone have the numbers of those alone
    /// (Telecommunicatiewet 11.7).
    pub accepts_calls: bool,
    /// Notes of the garage about the customer; null when there are none.
    pub notes: Option<Notes>,
    /// Other records of the garage that may be of the same customer, at most 5: they have the same e-mail or mobile number and a
    /// name that is like it. It is a hint only, which is worked out when the record is read, and is no part of its version. Null in
    /// a list, which does not look for them.
    #[schema(max_items = 5)]
    pub possible_duplicates: Option<Vec<PossibleDuplicate>>,
    /// The version, which grows with each change. `ETag` has the same number; `If-Match` takes it in quotes.
    pub version: Version,
    /// When the record was created.
    pub created_at: Moment,
    /// When the record last changed, also in whether its e-mail may be written to (`emailSuppressed`).
    pub updated_at: Moment,
}

impl Customer {
    /// A customer as their garage sees them, with the reasons for which their e-mail must not be written to, and the records that may
    /// be of the same customer, if they were looked for.
    pub fn new(
        customer: DomainCustomer,
        stamps: Stamps,
        suppressed: &Reasons,
        possible_duplicates: Option<Vec<PossibleDuplicate>>,
    ) -> Self {
        let driving = customer.driving;
        let parts = customer.parts.map(|parts| (parts.given, parts.prefix, Some(parts.surname)));
        let (given_name, name_prefix, surname) = parts.unwrap_or_default();
        Self {
            id: Id(customer.id.0),
            kind: CustomerKind(customer.kind),
            name: customer.name,
            given_name,
            name_prefix,
            surname,
            email_suggestion: customer.email.as_ref().and_then(EmailAddress::suggestion).map(Email),
            email: customer.email.map(Email),
            email_source: customer.email_source.map(EmailSource::from),
            email_suppressed: suppressed.first().map(SuppressionReason),
            mobile_shown: customer.mobile.as_ref().map(|mobile| mobile.shown_in(customer.address.country)),
            mobile: customer.mobile.map(Phone),
            address: customer.address.into(),
            language: Language(customer.language),
            driving_behaviour: DrivingBehaviour {
                km_per_year: driving.km_per_year.map(KmPerYear),
                usage: driving.usage.map(VehicleUse),
                severe_use: Some(Many(driving.severe_use.into_iter().map(SevereUse).collect())),
            },
            accepts_promotions: customer.accepts_promotions,
            accepts_calls: customer.accepts_calls,
            notes: customer.notes.map(Notes),
            possible_duplicates,
            version: Version(customer.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}

/// A record with only a name and an e-mail, for the recipient of a car.
pub fn minimal(id: CustomerId, garage: GarageId, account: &domain::account::Account) -> DomainCustomer {
    DomainCustomer {
        id,
        garage_id: garage,
        kind: domain::customer::CustomerKind::Person,
        name: account.name.clone(),
        parts: PersonName::split(&account.name),
        email: Some(account.email.clone()),
        email_source: None,
        mobile: None,
        address: domain::value::Address {
            street: None,
            postcode: None,
            place: None,
            country: domain::value::Country::NL,
        },
        language: account.language,
        driving: DomainDriving::default(),
        accepts_promotions: false,
        accepts_calls: false,
        notes: None,
        version: 1,
    }
}
