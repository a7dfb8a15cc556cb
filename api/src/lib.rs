//! The web floor of AutoPaspoort: HTTP, signing in, mail, and the worker.
//!
//! A request goes down once and comes up once: handler, operation, then domain and store. Each feature has a folder with
//! its list of services, its requests and answers (`wire`), its HTTP (`handlers`) and what it does (`operations`).

pub mod account;
pub mod apk;
pub mod auth;
pub mod clock;
pub mod command;
pub mod config;
pub mod customers;
pub mod database;
pub mod demo;
pub mod fleets;
pub mod garage;
pub mod invitations;
pub mod licence_plates;
pub mod mail;
pub mod odometer;
pub mod openapi;
pub mod passport_imports;
pub mod passports;
pub mod passwords;
pub mod problem;
pub mod provision;
pub mod registration;
pub mod request;
pub mod secret;
pub mod server;
pub mod staff;
pub mod state;
pub mod telemetry;
pub mod tokens;
pub mod transfers;
pub mod vehicle_register;
pub mod wire;
pub mod worker;
