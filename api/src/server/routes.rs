//! Every operation of the API.

use crate::{
    account, apk, apk_list, apk_mailing, calendar, car_schedule, car_status, check_template, custody, customer,
    delivery_report, device, event, expected_maintenance, file, fleet, former_car, garage, garage_change, import,
    invitation, licence_plate, link_change, maintenance_schedule, notification, odometer, passport, plates,
    recommendation, register, registration, registry::Registry, reminder, second_factor, service_indicator,
    service_record, service_record_import, service_task, session, staff, suppression, transfer, vehicle_check,
};

/// Every operation of the API, below `/v1`. An operation that is not listed here does not exist, neither in the
/// document nor outside it.
pub fn services(registry: &mut impl Registry) {
    // The router tries them one after the other: the most frequent requests come first.
    passport::services(registry);
    notification::services(registry);
    custody::services(registry);
    event::services(registry);
    car_status::services(registry);
    expected_maintenance::services(registry);
    plates::services(registry);
    fleet::services(registry);
    apk::services(registry);
    odometer::services(registry);
    file::services(registry);
    service_record::services(registry);
    registration::services(registry);
    vehicle_check::services(registry);
    recommendation::services(registry);
    transfer::services(registry);
    garage_change::services(registry);
    link_change::services(registry);
    former_car::services(registry);
    customer::services(registry);
    service_task::services(registry);
    car_schedule::services(registry);
    service_indicator::services(registry);
    maintenance_schedule::services(registry);
    check_template::services(registry);
    licence_plate::services(registry);
    register::services(registry);
    session::services(registry);
    account::services(registry);
    second_factor::services(registry);
    device::services(registry);
    apk_list::services(registry);
    apk_mailing::services(registry);
    suppression::services(registry);
    delivery_report::services(registry);
    calendar::services(registry);
    reminder::services(registry);
    invitation::services(registry);
    garage::services(registry);
    staff::services(registry);
    import::services(registry);
    service_record_import::services(registry);
}
