//! The web floor of AutoPaspoort: HTTP, signing in, mail, and the worker.
//!
//! A request goes down once and comes up once: handler, operation, then domain and store. Each feature has a folder with
//! its list of services, its requests and answers (`wire`), its HTTP (`handlers`) and what it does (`operations`).

mod maintenance;
mod outreach;
mod passports;
mod people;
mod vehicle;

pub mod address;
pub mod brake;
pub mod clock;
pub mod command;
pub mod config;
pub mod database;
pub mod demo;
pub mod file_check;
pub mod incoming;
pub mod json_lines;
pub mod line_import;
pub mod mail;
pub mod one_time_codes;
pub mod openapi;
pub mod passwords;
pub mod picture;
mod private;
pub mod problem;
pub mod provision;
pub mod pulse;
pub mod push;
pub mod register_client;
pub mod registry;
pub mod request;
pub mod secret;
pub mod server;
pub mod state;
pub mod storage;
pub mod streams;
pub mod tags;
pub mod telemetry;
pub mod tokens;
pub mod turns;
pub mod webhook;
pub mod wire;
pub mod worker;

pub use maintenance::{
    car_schedule, car_status, check_template, cost, expected_maintenance, file, maintenance_schedule, recommendation,
    service_indicator, service_record, service_record_import, service_task, vehicle_check,
};
pub use outreach::{
    apk_list, apk_mailing, calendar, delivery_report, device, notification, reminder, suppression, unsubscribe,
};
pub use passports::{
    custody, event, fleet, former_car, garage_change, import, link_change, occupancy, passport, reach, transfer,
};
pub use people::{account, customer, garage, invitation, second_factor, session, staff};
pub use vehicle::{apk, licence_plate, odometer, plates, register, registration};
