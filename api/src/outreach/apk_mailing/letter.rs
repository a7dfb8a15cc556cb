//! A mailing's text for one car, as it is previewed and as it is sent.

use crate::{
    mail::{Context, Rendered, without_links},
    problem::Problem,
    state::App,
    unsubscribe::Unsubscribe,
};
use domain::{
    Date,
    apk_mailing::{ApkMailing, Values},
    garage::Garage,
    value::PhoneNumber,
};
use persistence::apk_list::{ApkCar, ApkCustomer};

/// The page on which the customer of a car leaves off the garage's mailings.
pub fn unsubscribe(app: &App, mailing: &ApkMailing, car: &ApkCar) -> String {
    Unsubscribe::Mailing(mailing.id, car.passport).link(&app.settings.public_url, &app.secret)
}

/// What a preview has in the place of that page's address: the address itself is for the customer alone, who takes an objection
/// back with it.
pub fn no_page(app: &App) -> String {
    format!("{}/unsubscribe/…", app.settings.public_url)
}

/// Fills a mailing in for a car whose APK expires on a day (rules ML2 and ML5), with the address of the page on which its customer
/// leaves off.
pub fn compose(
    app: &App,
    garage: &Garage,
    mailing: &ApkMailing,
    (car, customer, unsubscribe): (&ApkCar, &ApkCustomer, &str),
    expires_on: Date,
) -> Result<Rendered, Problem> {
    let name: Vec<&str> = car.make.as_deref().into_iter().chain(car.model.as_deref()).collect();
    // No mail program makes a link of what others chose.
    let name = without_links(&name.join(" "));
    let (customer_name, garage_name) = (without_links(&customer.name), without_links(&garage.name));
    let plate = car.plate.shown();
    let phone = garage.phone.as_ref().map(PhoneNumber::shown);
    let values = Values {
        name: Some(&customer_name),
        plate: &plate,
        car: Some(name.as_str()).filter(|name| !name.is_empty()),
        apk_date: expires_on,
        garage: &garage_name,
        phone: phone.as_deref(),
        garage_email: garage.email.as_str(),
    };
    let context = Context {
        garage_name: Some(garage.name.clone()),
        garage_phone: garage.phone.clone(),
        garage_email: Some(garage.email.clone()),
        unsubscribe: Some(unsubscribe.to_owned()),
        ..Context::new(&app.settings.app_url)
    };
    app.renderer
        .mailing(customer.language, &mailing.text.fill(&values, customer.language), &context)
        .map_err(|error| Problem::internal(&error.to_string()))
}
