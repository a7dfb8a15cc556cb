//! The OpenAPI document: collected from the handlers, completed by rules that hold for every operation.
//!
//! The handlers name what is their own (summary, bodies, problems of state). What follows from the conventions is added
//! here, once: security, the problems that any operation can have, conditions, headers, examples and bounds.

#![expect(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null, or made")]

mod ids;
mod operations;
mod problems;
mod schemas;
mod shared;
mod yaml;

use crate::{
    fleet::wire::FleetStatus,
    passport::wire::PassportStatus,
    transfer::wire::TransferStatus,
    wire::{Cursor, Day, DaysUnread, Id, Limit, Moment, PlateNumber, Search},
};
use serde_json::{Map, Value, json};
use utoipa_actix_web::AppExt;

/// The version of the API, in the document and in the `API-Version` header of each response.
pub const VERSION: &str = "1.0.0";

/// Tags, in the order of the manual.
const TAGS: [(&str, &str); 24] = [
    ("auth", "Signing in and out, for drivers, fleet managers and staff alike."),
    ("account", "The account that is signed in: its settings, password and e-mail."),
    ("garage", "The garage's own data and its staff."),
    ("customers", "A garage's records of persons and companies (*klanten*)."),
    ("passports", "The digital passport of each vehicle (*AutoPaspoort*), its fleet and its history of hands."),
    ("fleets", "A business customer's cars under one account (*wagenparken*)."),
    ("transfers", "Handing a passport over to a new owner or a new driver (*overdracht*)."),
    ("garage-changes", "Having a passport kept by another garage (*garagewissel*)."),
    ("invitations", "Mailed one-time links, with which passports and accounts are activated."),
    ("notifications", "What an account is told in the app (*meldingen*), live, and what it wants to hear."),
    ("apk-mailings", "The cars whose APK expires, and what a garage writes to their customers (*APK-mailing*)."),
    ("suppressions", "Addresses that must not be written to, and the delivery reports that say so."),
    ("licence-plates", "What a licence plate (*kenteken*) says by its letters and digits."),
    ("vehicle-register", "The data, recalls and inspections in the Dutch vehicle register (RDW, *kentekenregister*)."),
    ("apk", "The Dutch periodic inspection (*APK*): until when it is valid, when the next ones are, and why."),
    ("odometer", "The readings of a car's odometer (*tellerstanden*), and what follows from them."),
    ("service-tasks", "The catalogue of what is done to cars (*onderhoudstaken*), with durations and prices to go by."),
    (
        "maintenance-schedules",
        "When tasks come back (*onderhoudsschema's*): for a garage, for one car, and by its service indicator.",
    ),
    ("check-templates", "The lists by which cars are checked (*checklijsten*): the platform's, and a garage's own."),
    ("files", "Photos of checks, and what is attached to service records."),
    ("checks", "Checks of cars (*autostatus-checks*), from the first finding to completing them."),
    ("recommendations", "Work that is advised (*adviezen*), and what the owner decides about it."),
    ("service-records", "What was done to a car (*werkorders*), by the garage or elsewhere."),
    (
        "expected-maintenance",
        "The status of a car (*autostatus*), and what it is expected to need (*verwacht onderhoud*), with costs.",
    ),
];

const DESCRIPTION: &str = "AutoPaspoort gives each car a digital passport. Garages make passports for their customers, \
    drivers use them in the app, and companies see all their cars in a fleet dashboard.\n\nWhat an address gives depends on \
    the account that is signed in: a garage, a fleet and a driver each get their own cars from `/passports`. What an account \
    may not see does not exist for it (404). Every error is a problem of RFC 9457 with a stable `code`; its texts are English \
    or Dutch by `Accept-Language`. Lists come in pages, by cursor. Single resources have an `ETag`, and changes need \
    `If-Match`. Every POST that changes something takes an `Idempotency-Key`.";

/// The schemas of parameters, which are not collected with the handlers.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    Cursor,
    Day,
    DaysUnread,
    FleetStatus,
    Id,
    Limit,
    Moment,
    PassportStatus,
    PlateNumber,
    Search,
    TransferStatus
)))]
struct Parameters;

/// The document.
pub fn document() -> Value {
    let (_, mut collected) = actix_web::App::new()
        .into_utoipa_app()
        .configure(|registry| crate::server::routes::services(registry))
        .split_for_parts();
    collected.merge(<Parameters as utoipa::OpenApi>::openapi());
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    complete(&mut document);
    document
}

/// A document as YAML that readers of YAML 1.1 and 1.2 understand in the same way.
pub fn yaml(document: &Value) -> String {
    yaml::written(document)
}

fn complete(document: &mut Value) {
    document["info"] = json!({
        "title": "AutoPaspoort API",
        "version": VERSION,
        "description": DESCRIPTION,
        "contact": { "name": "AutoPaspoort", "url": "https://autopaspoort.example", "email": "api@autopaspoort.example" },
        "license": { "name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html" },
    });
    document["servers"] =
        json!([{ "url": "/v1", "description": "This server (local, test or production)", "x-internal": false }]);
    document["security"] = json!([{ "bearer": [] }]);
    document["tags"] =
        TAGS.iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
    schemas::name_lists(document);
    for (path, method, operation) in operations_mut(document) {
        operations::complete(&path, &method, operation);
    }
    document["components"]["securitySchemes"] = json!({ "bearer": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "The `accessToken` that signing in gives: a JWT that is signed with EdDSA and checked by the rules of RFC8725. The public keys are at `/.well-known/jwks.json`.",
    }});
    document["components"]["headers"] = operations::headers();
    document["components"]["examples"] = problems::examples();
    schemas::complete(document);
    shared::share(document);
    ids::describe(document);
}

/// Every operation with its path and method.
fn operations_mut(document: &mut Value) -> Vec<(String, String, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut();
    paths
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            item.as_object_mut()
                .into_iter()
                .flatten()
                .filter_map(|(method, operation)| Some((path.clone(), method.clone(), operation.as_object_mut()?)))
        })
        .collect()
}

/// The paths that exist and their methods, for 405 and the contract tests.
pub fn routes(document: &Value) -> Vec<(String, Vec<String>)> {
    let paths = document["paths"].as_object();
    paths
        .into_iter()
        .flatten()
        .map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten().map(|(method, _)| method.to_ascii_uppercase());
            (path.clone(), methods.collect())
        })
        .collect()
}
