//! Requests and answers of the list of cars whose APK expires.

use crate::{
    apk_mailing::{
        choice::Choice,
        wire::{LeftOutReason, explanation},
    },
    parameters,
    passport::wire::PassportStatus,
    query,
    wire::{AnyOf, Day, Email, Id, Moment, Phone, Search},
};
use domain::value::{Language, PhoneNumber};
use persistence::apk_list::ApkKey;
use serde::Serialize;
use utoipa::ToSchema;

crate::sort! {
    /// The order of the list: by the day of expiry.
    pub struct ApkListSort("apkExpiresOn");
}

query! {
    /// Which cars to list.
    pub struct ApkListQuery {
        /// The first day on which the APK expires. The default is today.
        #[param(value_type = Option<Day>)]
        pub expires_from: Option<Day>,
        /// The last day on which the APK expires, at most 366 days after `expiresFrom`. The default is ten weeks after `expiresFrom`.
        #[param(value_type = Option<Day>)]
        pub expires_until: Option<Day>,
        /// Only cars of which a mailing has told that the APK expires then (`true`), or only the others (`false`).
        pub mailed: Option<bool>,
        /// A part of the plate, or the beginning of a word in the customer's name.
        #[param(value_type = Option<Search>)]
        pub search: Option<Search>,
        /// Only cars that a mailing leaves out for one of these reasons, separated by commas. A page may then have fewer cars than
        /// `limit` although there is a next one.
        #[param(value_type = Option<Vec<LeftOutReason>>, style = Form, explode = false)]
        pub not_mailable_because: Option<AnyOf<LeftOutReason>>,
        /// The order: `apkExpiresOn`, which is the default, or `-apkExpiresOn` for the latest first.
        #[param(inline)]
        pub sort: Option<ApkListSort>,
    }
}

parameters! {
    /// Which cars to write into a file, and for which program.
    pub struct ApkExportQuery {
        /// The first day on which the APK expires. The default is today.
        #[param(value_type = Option<Day>)]
        pub expires_from: Option<Day>,
        /// The last day on which the APK expires, at most 366 days after `expiresFrom`. The default is ten weeks after `expiresFrom`.
        #[param(value_type = Option<Day>)]
        pub expires_until: Option<Day>,
        /// Only cars of which a mailing has told that the APK expires then (`true`), or only the others (`false`).
        pub mailed: Option<bool>,
        /// A part of the plate, or the beginning of a word in the customer's name.
        #[param(value_type = Option<Search>)]
        pub search: Option<Search>,
        /// Whether a Dutch Excel opens the file: with a byte order mark and semicolons. The default is false: commas (RFC 4180).
        pub excel: Option<bool>,
    }
}

/// The customer of a car of the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "name": "Bakkerij Jansen", "email": "jan@jansen.example",
    "mobile": "+31612345678", "mobileShown": "06 12 34 56 78", "acceptsPromotions": false
}))]
pub struct ApkListCustomer {
    /// The id of the customer.
    pub id: Id,
    /// The name of the person or company.
    #[schema(max_length = 100)]
    pub name: String,
    /// The e-mail of the customer; null when unknown.
    pub email: Option<Email>,
    /// The mobile telephone number of a customer who agreed to be called (Telecommunicatiewet 11.7); else null.
    pub mobile: Option<Phone>,
    /// The same number as people in the Netherlands write it; null where `mobile` is.
    #[schema(max_length = 40)]
    pub mobile_shown: Option<String>,
    /// Whether the customer agreed to receive promotions.
    pub accepts_promotions: bool,
}

/// A car whose APK expires.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "passportId": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "plate": "GR-731-N", "make": "Opel", "model": "Combo",
    "status": "active", "apkExpiresOn": "2026-04-12",
    "customer": {
        "id": "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10", "name": "Bakkerij Jansen", "email": "jan@jansen.example",
        "mobile": "+31612345678", "mobileShown": "06 12 34 56 78", "acceptsPromotions": false
    },
    "lastVisitOn": "2025-11-03", "notMailableBecause": null, "mailedAt": null, "mailingId": null
}))]
pub struct ApkListCar {
    /// The passport of the car.
    pub passport_id: Id,
    /// The plate of the car, as people write it.
    #[schema(max_length = 20)]
    pub plate: String,
    /// The make; null when unknown.
    #[schema(max_length = 100)]
    pub make: Option<String>,
    /// The model; null when unknown.
    #[schema(max_length = 100)]
    pub model: Option<String>,
    /// Whether the driver has activated the passport.
    pub status: PassportStatus,
    /// The last day on which the APK is valid.
    pub apk_expires_on: Option<Day>,
    /// The garage's record of who has the car; null when there is none.
    pub customer: Option<ApkListCustomer>,
    /// The day of the last work of this garage on the car; null when there was none.
    pub last_visit_on: Option<Day>,
    /// Why a mailing leaves the car out; null when it would be mailed.
    pub not_mailable_because: Option<LeftOutReason>,
    /// When a mailing of the garage told of this expiry, or when it was decided that it will; null when none has.
    pub mailed_at: Option<Moment>,
    /// That mailing; null when none has.
    pub mailing_id: Option<Id>,
}

impl ApkListCar {
    /// A car with what was decided about it, and the day of its last visit.
    pub fn new(choice: Choice, last_visit: Option<domain::Date>) -> Self {
        let Choice { car, left_out, mailed } = choice;
        Self {
            passport_id: Id(car.passport.0),
            plate: car.plate.shown(),
            make: car.make,
            model: car.model,
            status: PassportStatus(car.status),
            apk_expires_on: car.expires_on.map(Day),
            customer: car.customer.map(|customer| {
                let mobile = customer.mobile.filter(|_| customer.accepts_calls);
                ApkListCustomer {
                    id: Id(customer.id.0),
                    name: customer.name,
                    email: customer.email.map(Email),
                    mobile_shown: mobile.as_ref().map(PhoneNumber::shown),
                    mobile: mobile.map(Phone),
                    accepts_promotions: customer.accepts_promotions,
                }
            }),
            last_visit_on: last_visit.map(Day),
            not_mailable_because: left_out.map(LeftOutReason),
            mailed_at: mailed.map(|mailed| Moment(mailed.at)),
            mailing_id: mailed.map(|mailed| Id(mailed.mailing.0)),
        }
    }

    /// Where a list goes on behind this car.
    pub fn key(&self) -> Option<ApkKey> {
        Some((self.apk_expires_on.as_ref()?.0, self.passport_id.0.into()))
    }

    /// The reason in words why a mailing leaves the car out.
    pub fn explanation(&self, language: Language) -> &'static str {
        self.not_mailable_because.map_or("", |reason| explanation(reason.0, language))
    }
}
