//! Cars that an account had and has no longer (rule P16). What is known of them follows from the history of hands and that of
//! the plates, which only grow: nothing of after the account's own time is read.

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    row::{self, Reading},
    schema::{custody, fleets, passports, vehicle_plates},
    scope::{Found, Scope, scoped},
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use domain::{
    Instant,
    custody::CustodyRole,
    ids::{AccountId, PassportId, VehicleId},
    licence_plate::LicencePlate,
};

/// A car that an account had: a driver as its driver, a fleet as one of its cars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerCar {
    /// The passport in which they had it.
    pub passport_id: PassportId,
    /// The vehicle of that passport. It is shown to nobody.
    pub(crate) vehicle_id: VehicleId,
    /// The account that had it, or that of the fleet.
    pub(crate) account_id: AccountId,
    /// The plate that it had when they had it last.
    pub plate: LicencePlate,
    /// When they got it; the first time, if they had it more than once.
    pub since: Instant,
    /// When they lost it; the last time, if they had it more than once.
    pub until: Instant,
}

diesel::alias! {
    // The period that ended theirs.
    const ENDING: Alias<Ending> = custody as ending;
    // A period between the two: then another one ended theirs.
    const SOONER: Alias<Sooner> = custody as sooner;
    // A later period of theirs.
    const AGAIN: Alias<Again> = custody as again;
    // Their first period.
    const EARLIEST: Alias<Earliest> = custody as earliest;
    // A later plate, which the vehicle got while they had it.
    const NEWER: Alias<Newer> = vehicle_plates as newer;
    // A passport of the same vehicle that is in their hands now.
    const HELD: Alias<Held> = passports as held_passports;
}

/// Which periods each kind of actor reaches: those in which the account drove, or those of the fleet.
macro_rules! reach {
    (garage: $garage:expr) => {{
        // A garage has no former cars: what is on record of its cars is its own.
        let _ = $garage;
        custody::passport_id.eq(Key(uuid::Uuid::nil()))
    }};
    (fleet: $fleet:expr, $account:expr) => {
        custody::fleet_id.eq($fleet).and(custody::role.eq(CustodyRole::Fleet.code()))
    };
    (driver: $account:expr, $email:expr) => {
        custody::account_id.eq($account).and(custody::role.eq(CustodyRole::Driver.code()))
    };
    (nothing) => {
        custody::passport_id.eq(Key(uuid::Uuid::nil()))
    };
}

/// A period of the same passport and role as the one that is asked about.
macro_rules! of_role {
    ($period:expr) => {
        $period
            .filter($period.field(custody::passport_id).eq(custody::passport_id))
            .filter($period.field(custody::role).eq(custody::role))
    };
}

/// The same, of the same holder too.
macro_rules! of_holder {
    ($period:expr) => {
        of_role!($period).filter(
            $period
                .field(custody::account_id)
                .eq(custody::account_id)
                .or($period.field(custody::fleet_id).eq(custody::fleet_id)),
        )
    };
}

/// The last period of each holder of a role, if it has ended and the holder does not have the vehicle now, with the plate of
/// its end.
macro_rules! views {
    () => {{
        let sooner = of_role!(SOONER)
            .filter(SOONER.field(custody::number).gt(custody::number))
            .filter(SOONER.field(custody::number).lt(ENDING.field(custody::number)));
        let again = of_holder!(AGAIN).filter(AGAIN.field(custody::number).gt(custody::number));
        let since = of_holder!(EARLIEST)
            .order(EARLIEST.field(custody::number))
            .select(EARLIEST.field(custody::since))
            .limit(1)
            .single_value();
        let newer = NEWER
            .filter(NEWER.field(vehicle_plates::vehicle_id).eq(vehicle_plates::vehicle_id))
            .filter(NEWER.field(vehicle_plates::number).gt(vehicle_plates::number))
            .filter(NEWER.field(vehicle_plates::since).le(ENDING.field(custody::since)));
        let held = HELD.filter(HELD.field(passports::vehicle_id).eq(passports::vehicle_id)).filter(
            HELD.field(passports::driver_account_id)
                .eq(custody::account_id)
                .or(HELD.field(passports::fleet_id).eq(custody::fleet_id)),
        );
        custody::table
            .inner_join(
                ENDING.on(ENDING
                    .field(custody::passport_id)
                    .eq(custody::passport_id)
                    .and(ENDING.field(custody::role).eq(custody::role))
                    .and(ENDING.field(custody::number).gt(custody::number))),
            )
            .inner_join(passports::table.on(passports::id.eq(custody::passport_id)))
            .inner_join(vehicle_plates::table.on(vehicle_plates::vehicle_id.eq(passports::vehicle_id)))
            .left_join(fleets::table.on(fleets::id.nullable().eq(custody::fleet_id)))
            .filter(not(exists(sooner)))
            .filter(not(exists(again)))
            .filter(not(exists(held)))
            // The first plate is the vehicle itself, which has always one.
            .filter(vehicle_plates::number.eq(1_i64).or(vehicle_plates::since.le(ENDING.field(custody::since))))
            .filter(not(exists(newer)))
            .select((
                custody::passport_id,
                passports::vehicle_id,
                custody::account_id,
                fleets::account_id.nullable(),
                (vehicle_plates::country, vehicle_plates::plate, vehicle_plates::plate_typed),
                since,
                ENDING.field(custody::since),
            ))
    }};
}

type Columns = (Key, Key, Option<Key>, Option<Key>, (String, String, Option<String>), Option<Time>, Time);

fn read((passport, vehicle, driver, of_fleet, plate, since, until): Columns) -> Result<FormerCar, StoreError> {
    let account = driver.or(of_fleet);
    let (country, number, typed) = plate;
    let holder = Reading { table: "custody", id: passport.0 };
    Ok(FormerCar {
        passport_id: passport.into(),
        vehicle_id: vehicle.into(),
        account_id: account.ok_or_else(|| holder.corrupt("account_id", ""))?.into(),
        plate: row::plate(Reading { table: "vehicle_plates", id: vehicle.0 }, &country, &number, typed)?,
        since: since.map_or(until.0, |since| since.0),
        until: until.0,
    })
}

/// The car of a passport that an account had and has no longer.
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: PassportId) -> Result<Option<Found<FormerCar>>, StoreError> {
    let query = views!().filter(custody::passport_id.eq(Key::from(id))).into_boxed();
    let found: Option<Columns> = scoped!(reach, query, scope, scoped => scoped.first(tx.conn).optional()?);
    Ok(found.map(read).transpose()?.map(Found::in_scope))
}

/// The cars that an account had and has no longer, in the order of their passports.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    request: &PageRequest<PassportId>,
) -> Result<Page<FormerCar, PassportId>, StoreError> {
    let query = views!().order(custody::passport_id).limit(request.sql_limit()).into_boxed();
    let mut query = scoped!(reach, query, scope, scoped => scoped);
    if let Some(after) = request.after {
        query = query.filter(custody::passport_id.gt(Key::from(after)));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(ENDING.field(custody::since).ge(Time(since)));
    }
    let found: Vec<Columns> = query.load(tx.conn)?;
    let items = found.into_iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(request.page(items, |car| car.passport_id))
}
