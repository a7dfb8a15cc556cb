//! What holds for any vehicle on any day.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn dates() -> impl Strategy<Value = Date> {
    prop_oneof![
        8 => (1950..2100_i16, 1..=12_i8, 1..=31_i8),
        1 => (prop_oneof![-9999..-9990_i16, 9990..=9999_i16], 1..=12_i8, 1..=31_i8),
    ]
    .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap_or_else(|_| date(year, month, 28)))
}

fn vehicles() -> impl Strategy<Value = ApkVehicle> {
    let fuel = (0..Fuel::ALL.len()).prop_map(|index| Fuel::ALL[index]);
    (
        prop::option::of((0..VehicleKind::ALL.len()).prop_map(|index| VehicleKind::ALL[index])),
        prop::option::of((0..EuCategory::ALL.len()).prop_map(|index| EuCategory::ALL[index])),
        prop::option::of(prop_oneof![3_490..3_510_i64, any::<i64>()]),
        prop::option::of(390..410_i64),
        prop::collection::vec(fuel, 0..3),
        prop::option::weighted(0.9, dates()),
        prop::option::of(prop::bool::weighted(0.1)),
        prop::option::of((0..DutyLift::ALL.len()).prop_map(|index| DutyLift::ALL[index])),
        prop::option::of(39_990..40_010_i64),
    )
        .prop_map(|(kind, eu_category, max_mass_kg, empty_mass_kg, fuels, admitted_on, taxi, lifted, speed)| {
            ApkVehicle {
                max_speed_m_per_h: speed,
                on_tracks: taxi,
                kind,
                eu_category,
                max_mass_kg,
                empty_mass_kg,
                fuels,
                admitted_on,
                taxi,
                ambulance: taxi,
                lifted,
            }
        })
}

proptest! {
    #[test]
    fn apk_is_total_and_each_date_lies_after_the_last(
        vehicle in vehicles(),
        register in prop::option::of((dates(), 0..9_i64)),
        garage in prop::option::of((dates(), 0..9_i64)),
        inspections in prop::collection::vec(dates(), 0..6),
        today in dates(),
    ) {
        let register = register.map(|(expires_on, seen)| RegisterExpiry { expires_on, seen_at: at(seen) });
        let garage = garage.map(|(expires_on, entered)| GarageExpiry { expires_on, entered_at: at(entered) });
        let got = assess(&ApkFacts { vehicle: &vehicle, register, garage, inspections: &inspections }, today);
        let mut last = got.expiry.map_or(Date::MIN, |expiry| expiry.expires_on);
        prop_assert!(got.next.len() <= 2);
        for expected in got.next {
            prop_assert!(last < expected.expires_on);
            prop_assert!(today <= expected.inspect_from && expected.inspect_from <= expected.inspect_by);
            prop_assert!(expected.inspect_by <= last.max(today));
            let safe = expected.safe;
            prop_assert!(safe.inspect_from <= expected.inspect_from && expected.inspect_by <= safe.inspect_by);
            prop_assert!(safe.inspect_by <= last.max(today) && safe.expires_on <= expected.expires_on);
            last = expected.expires_on;
        }
        prop_assert_eq!(got.status == ApkStatus::Unknown && got.expiry.is_some(), false);
    }

    #[test]
    fn apk5_in_the_window_the_anniversary_never_moves(vehicle in vehicles(), expiry in dates(), before in 0..70_i32) {
        let inspected_on = expiry.saturating_sub(before.days());
        let in_window = inspected_on >= expiry.saturating_sub(2.months());
        if let Some(next) = next_expiry(&vehicle, Some(expiry), inspected_on) {
            prop_assert!(next > inspected_on);
            if in_window {
                // The same day, or the 29th of February in place of the 28th and the other way round.
                let leap = expiry.month() == 2 && expiry.day() >= 28 && next.day() >= 28;
                prop_assert_eq!(next.month(), expiry.month());
                prop_assert!(next.day() == expiry.day() || leap);
                prop_assert!((1..=2).contains(&(next.year() - expiry.year())));
            }
        }
    }
}
