//! Every operation of the API.

use crate::{
    account, apk, check_template, custody, customer, event, fleet, garage, import, invitation, licence_plate,
    maintenance_schedule, odometer, passport, plates, register, registration, registry::Registry, service_record,
    service_task, session, staff, transfer,
};

/// Every operation of the API, below `/v1`. An operation that is not listed here does not exist, neither in the
/// document nor outside it.
pub fn services(registry: &mut impl Registry) {
    // The router tries them one after the other: the most frequent requests come first.
    passport::services(registry);
    custody::services(registry);
    event::services(registry);
    plates::services(registry);
    fleet::services(registry);
    apk::services(registry);
    odometer::services(registry);
    service_record::services(registry);
    registration::services(registry);
    transfer::services(registry);
    customer::services(registry);
    service_task::services(registry);
    maintenance_schedule::services(registry);
    check_template::services(registry);
    licence_plate::services(registry);
    register::services(registry);
    session::services(registry);
    account::services(registry);
    invitation::services(registry);
    garage::services(registry);
    staff::services(registry);
    import::services(registry);
}
