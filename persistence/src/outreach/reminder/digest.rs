//! What a digest of a fleet tells of (rule RM4).

use super::subject;
use crate::{
    error::StoreError,
    row::{self, Reading},
    schema::{passports, reminders},
    sql_types::{Day, Key},
    store::Tx,
};
use diesel::{dsl::exists, prelude::*};
use domain::{
    Date,
    car_status::Standing,
    custody::Hands,
    ids::{FleetId, PassportId},
    licence_plate::LicencePlate,
    reminder::DueItem,
};

/// A reminder of a car that is in a fleet now.
#[derive(Clone, Debug)]
pub struct FleetReminder {
    /// The car.
    pub car: PassportId,
    /// Its plate.
    pub plate: LicencePlate,
    /// Its make and model, as far as they are known.
    pub vehicle: String,
    /// Who has it.
    pub hands: Hands,
    /// What it is judged by now.
    pub standing: Standing,
    /// Of what one was reminded, and the due day that was named.
    pub of: DueItem,
}

/// The reminders of cars that are in a fleet now which were made from a day on and before another.
macro_rules! of_fleet {
    ($fleet:expr, $since:expr, $until:expr) => {
        reminders::table
            .inner_join(passports::table)
            .filter(passports::fleet_id.eq(Key::from($fleet)))
            .filter(passports::status.eq("active"))
            .filter(reminders::made_on.ge(Day($since)))
            .filter(reminders::made_on.lt(Day($until)))
    };
}

/// Whether there is a reminder for a digest. For the system's own work.
pub fn has_any_of_fleet(tx: &mut Tx<'_>, fleet: FleetId, since: Date, until: Date) -> Result<bool, StoreError> {
    let any = of_fleet!(fleet, since, until).select(reminders::passport_id);
    Ok(diesel::select(exists(any)).get_result(tx.conn)?)
}

/// The reminders for a digest, at most `limit` of them: of cars that are in the fleet now, made from the day `since` on and
/// before the day `until`, in the order of their due days and cars. For the system's own work.
pub fn list_of_fleet(
    tx: &mut Tx<'_>,
    fleet: FleetId,
    since: Date,
    until: Date,
    limit: i64,
) -> Result<Vec<FleetReminder>, StoreError> {
    type Car = (Key, (String, String, Option<String>), Option<String>, Option<String>, Option<Key>, Option<String>);
    type Columns = (Car, (String, String, Day));
    let found: Vec<Columns> = of_fleet!(fleet, since, until)
        .order((reminders::due_on, passports::id, reminders::item, reminders::made_on))
        .limit(limit)
        .select((
            (
                passports::id,
                (passports::country, passports::plate, passports::plate_typed),
                passports::make,
                passports::model,
                passports::driver_account_id,
                passports::standing,
            ),
            (reminders::item, reminders::task, reminders::due_on),
        ))
        .load(tx.conn)?;
    let mut all = vec![];
    for ((id, (country, plate, typed), make, model, driver, standing), (item, task, due_on)) in found {
        let Some(of) = subject(id, &item, &task)? else { continue };
        let reading = Reading { table: "passports", id: id.0 };
        all.push(FleetReminder {
            car: id.into(),
            plate: row::plate(reading, &country, &plate, typed)?,
            vehicle: make.into_iter().chain(model).collect::<Vec<_>>().join(" "),
            hands: Hands { driver: driver.map(Into::into), fleet: Some(fleet) },
            standing: reading.optional("standing", standing.as_ref(), Standing::read)?.unwrap_or_default(),
            of: DueItem { of, due_on: due_on.0 },
        });
    }
    Ok(all)
}
