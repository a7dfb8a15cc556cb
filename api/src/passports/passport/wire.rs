//! Requests and answers of passports.

use crate::{
    body,
    customer::wire::NewCustomer,
    enum_scalars,
    licence_plate::wire::{Plate, PlateInput},
    query, sort,
    wire::{AnyOf, Fuel, Id, Moment, Name, Named, OdometerKm, Patch, PlateNumber, Search, Version, VinNumber, Year},
};
use domain::{coded_enum, custody::Holder, value::AccountKind};
use persistence::passport::PassportView;
use serde::Serialize;
use utoipa::ToSchema;

enum_scalars! {
    /// The life of a passport.
    PassportStatus(domain::passport::PassportStatus), "Invited: the driver was mailed. Active: the driver activated it. Archived: kept for the record.";
    /// Whose car it is.
    Owner(OwnerKind), "Whose car it is: the company's whose fleet it is in, the driver's, or nobody's yet.";
}

coded_enum! {
    /// Whose car it is.
    pub enum OwnerKind {
        /// The company behind the fleet.
        Fleet => "fleet",
        /// The driver.
        Driver => "driver",
        /// Nobody yet.
        Nobody => "nobody",
    }
}

body! {
    /// A passport to be, with a new or an existing customer and, if wanted, the fleet to link it to.
    #[schema(example = json!({
        "licencePlate": { "number": "TT-601-D" },
        "customerId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
        "make": "Volkswagen",
        "model": "Kombi",
        "year": 2013,
        "fuel": "diesel",
        "odometerKm": 123_456
    }))]
    pub struct NewPassport {
        /// The plate. At most one passport in use has it, on the whole platform.
        pub licence_plate: PlateInput,
        /// The customer, if the garage has a record of them.
        pub customer_id: Option<Id>,
        /// Or the customer's record to be made in the same act.
        pub customer: Option<NewCustomer>,
        /// The fleet to link it to.
        pub fleet_id: Option<Id>,
        /// Who built the vehicle.
        pub make: Option<Name>,
        /// Under which name.
        pub model: Option<Name>,
        /// Year of first admission.
        pub year: Option<Year>,
        /// What it runs on.
        pub fuel: Option<Fuel>,
        /// Its vehicle identification number.
        pub vin: Option<VinNumber>,
        /// What the odometer shows today: the first reading in its ledger.
        pub odometer_km: Option<OdometerKm>,
    }
}

body! {
    /// What is to change.
    #[schema(example = json!({ "odometerKm": 130_000 }))]
    pub struct UpdatePassport {
        /// The plate, when the vehicle got another one.
        #[schema(value_type = Option<PlateInput>, nullable = false)]
        pub licence_plate: Patch<PlateInput>,
        /// Who built the vehicle.
        #[schema(value_type = Option<Name>)]
        pub make: Patch<Option<Name>>,
        /// Under which name.
        #[schema(value_type = Option<Name>)]
        pub model: Patch<Option<Name>>,
        /// Year of first admission.
        #[schema(value_type = Option<Year>)]
        pub year: Patch<Option<Year>>,
        /// What it runs on.
        #[schema(value_type = Option<Fuel>)]
        pub fuel: Patch<Option<Fuel>>,
        /// Its vehicle identification number.
        #[schema(value_type = Option<VinNumber>)]
        pub vin: Patch<Option<VinNumber>>,
        /// What the odometer shows today. Another value than it shows now becomes a reading of the garage's in its ledger.
        #[schema(value_type = Option<OdometerKm>, nullable = false)]
        pub odometer_km: Patch<OdometerKm>,
    }
}

body! {
    /// The fleet to link to.
    #[schema(example = json!({ "fleetId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a12" }))]
    pub struct LinkPassport {
        /// The fleet.
        pub fleet_id: Id,
    }
}

sort! {
    /// The order of passports.
    pub struct PassportSort("createdAt");
}

query! {
    /// Which passports.
    pub struct PassportQuery {
        /// A part of a plate, or the beginning of words in the customer's name.
        pub search: Option<Search>,
        /// Exactly this plate.
        pub plate: Option<PlateNumber>,
        /// Of this customer.
        pub customer_id: Option<Id>,
        /// In this fleet.
        pub fleet_id: Option<Id>,
        /// With one of these statuses, separated by commas.
        #[param(value_type = Option<Vec<PassportStatus>>, style = Form, explode = false)]
        pub status: Option<AnyOf<PassportStatus>>,
        /// `createdAt`, as unless given, or `-createdAt`: the newest first.
        #[param(inline)]
        pub sort: Option<PassportSort>,
    }
}

/// Someone's contact data.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The id.
    pub id: Id,
    /// The name.
    #[schema(max_length = 100)]
    pub name: String,
    /// The e-mail.
    #[schema(max_length = 254, format = "email")]
    pub email: Option<String>,
    /// The mobile number.
    #[schema(max_length = 40)]
    pub mobile: Option<String>,
}

/// The digital passport of one vehicle.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10",
    "status": "active",
    "vehicleId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a15",
    "licencePlate": { "country": "NL", "number": "TT601D", "shown": "TT-601-D" },
    "make": "Volkswagen",
    "model": "Kombi",
    "year": 2013,
    "fuel": "diesel",
    "vin": null,
    "odometerKm": 123_456,
    "garage": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a11", "name": "Garage De Vries" },
    "fleet": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a12", "name": "Bakkerij Jansen" },
    "customer": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a13", "name": "Jan Jansen", "email": "jan@jansen.example", "mobile": null },
    "driver": { "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a14", "name": "Jan Jansen", "email": "jan@jansen.example", "mobile": null },
    "owner": "fleet",
    "version": 3,
    "createdAt": "2026-03-01T09:30:00Z",
    "updatedAt": "2026-03-01T09:30:00Z"
}))]
pub struct Passport {
    /// Its id.
    pub id: Id,
    /// Where it is in its life.
    pub status: PassportStatus,
    /// The vehicle, whatever plate it has: the same in each passport that the garage made for it.
    pub vehicle_id: Id,
    /// The plate.
    pub licence_plate: Plate,
    /// Who built the vehicle.
    #[schema(max_length = 100)]
    pub make: Option<String>,
    /// Under which name.
    #[schema(max_length = 100)]
    pub model: Option<String>,
    /// Year of first admission.
    pub year: Option<Year>,
    /// What it runs on.
    pub fuel: Option<Fuel>,
    /// Its vehicle identification number.
    pub vin: Option<VinNumber>,
    /// What the odometer showed last: the latest reading in its ledger that counts.
    pub odometer_km: Option<OdometerKm>,
    /// The garage that keeps it.
    pub garage: Named,
    /// The fleet it is in.
    pub fleet: Option<Named>,
    /// The garage's record of who uses it; shown to the garage alone.
    pub customer: Option<Contact>,
    /// Who drives it.
    pub driver: Option<Contact>,
    /// Whose car it is.
    pub owner: Owner,
    /// The version, which `If-Match` takes in quotes: the same number as in `ETag`.
    pub version: Version,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Passport {
    /// A passport as an account of this kind, within whose reach it is, sees it.
    pub fn new(view: PassportView, viewer: AccountKind) -> Self {
        let PassportView { passport, stamps, garage_name, customer, fleet, driver } = view;
        let vehicle = passport.vehicle;
        let is_staff = viewer == AccountKind::Staff;
        Self {
            id: Id(passport.id.0),
            status: PassportStatus(passport.status),
            vehicle_id: Id(vehicle.id.0),
            licence_plate: Plate::new(&vehicle.plate),
            make: vehicle.make,
            model: vehicle.model,
            year: vehicle.year.map(Year),
            fuel: vehicle.fuel.map(Fuel),
            vin: vehicle.vin.map(VinNumber),
            odometer_km: vehicle.odometer_km.map(OdometerKm),
            garage: Named { id: Id(passport.garage_id.0), name: garage_name },
            fleet: fleet.map(|(id, name)| Named { id: Id(id.0), name }),
            customer: customer.filter(|_| is_staff).map(|customer| Contact {
                id: Id(customer.id.0),
                name: customer.name,
                email: customer.email,
                mobile: customer.mobile,
            }),
            driver: driver.map(|(id, name, email)| Contact { id: Id(id.0), name, email: Some(email), mobile: None }),
            owner: Owner(match passport.hands.owner() {
                Holder::Fleet(_) => OwnerKind::Fleet,
                Holder::Account(_) => OwnerKind::Driver,
                Holder::Nobody => OwnerKind::Nobody,
            }),
            version: Version(passport.version),
            created_at: Moment(stamps.created_at),
            updated_at: Moment(stamps.updated_at),
        }
    }
}
