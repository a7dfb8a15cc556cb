//! The tables, as both databases have them. The SQL types `Id`, `Moment` and `CalendarDay` are this crate's own: see `sql_types`.
#![cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "the table macro brings the SQL types in by one"))]

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    garages (id) {
        id -> Id,
        name -> Text,
        chain -> Nullable<Text>,
        email -> Text,
        phone -> Nullable<Text>,
        street -> Nullable<Text>,
        postcode -> Nullable<Text>,
        place -> Nullable<Text>,
        country -> Text,
        language -> Text,
        currency -> Text,
        time_zone -> Text,
        second_factor_required -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        second_thoughts_days -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    accounts (id) {
        id -> Id,
        kind -> Text,
        email -> Text,
        email_key -> Nullable<Text>,
        name -> Text,
        language -> Text,
        status -> Text,
        garage_id -> Nullable<Id>,
        role -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        must_enrol -> Bool,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        is_email_confirmed -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    customers (id) {
        id -> Id,
        garage_id -> Id,
        kind -> Text,
        name -> Text,
        name_key -> Text,
        search_key -> Text,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        mobile -> Nullable<Text>,
        street -> Nullable<Text>,
        postcode -> Nullable<Text>,
        place -> Nullable<Text>,
        country -> Text,
        language -> Text,
        km_per_year -> Nullable<BigInt>,
        usage -> Nullable<Text>,
        accepts_promotions -> Bool,
        notes -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        severe_use -> Text,
        email_source -> Nullable<Text>,
        email_obtained_on -> Nullable<CalendarDay>,
        objection_offered -> Nullable<Bool>,
        accepts_calls -> Bool,
        objection_id -> Nullable<Id>,
        given_name -> Nullable<Text>,
        name_prefix -> Nullable<Text>,
        surname -> Nullable<Text>,
        sort_key -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    fleets (id) {
        id -> Id,
        garage_id -> Id,
        customer_id -> Nullable<Id>,
        manager_passport_id -> Id,
        manager_account_id -> Id,
        account_id -> Id,
        name -> Text,
        name_key -> Text,
        status -> Text,
        begin_kind -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        drivers_see_amounts -> Bool,
        reminders_to -> Text,
        digest_since -> Nullable<CalendarDay>,
        digest_on -> Nullable<CalendarDay>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    passports (id) {
        id -> Id,
        garage_id -> Id,
        customer_id -> Nullable<Id>,
        country -> Text,
        plate -> Text,
        make -> Nullable<Text>,
        model -> Nullable<Text>,
        year -> Nullable<BigInt>,
        fuel -> Nullable<Text>,
        vin -> Nullable<Text>,
        odometer_km -> Nullable<BigInt>,
        status -> Text,
        driver_account_id -> Nullable<Id>,
        fleet_id -> Nullable<Id>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        vehicle_id -> Id,
        standing -> Nullable<Text>,
        is_judged -> Nullable<Bool>,
        attention_from -> Nullable<CalendarDay>,
        urgent_from -> Nullable<CalendarDay>,
        next_due_on -> CalendarDay,
        next_due -> Nullable<Text>,
        apk_due_on -> Nullable<CalendarDay>,
        kept_since -> Nullable<Moment>,
        former_plates -> Nullable<Text>,
        apk_status -> Nullable<Text>,
        plate_typed -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    apk_mailings (id) {
        id -> Id,
        garage_id -> Id,
        status -> Text,
        subject -> Text,
        body -> Text,
        expires_from -> CalendarDay,
        expires_until -> CalendarDay,
        forced -> Text,
        send_at -> Nullable<Moment>,
        begun_at -> Nullable<Moment>,
        ended_at -> Nullable<Moment>,
        created_by -> Id,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        is_complete -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    apk_mailing_recipients (mailing_id, passport_id) {
        mailing_id -> Id,
        passport_id -> Id,
        vehicle_id -> Id,
        customer_id -> Nullable<Id>,
        email -> Nullable<Text>,
        expires_on -> CalendarDay,
        outcome -> Text,
        left_out -> Nullable<Text>,
        is_mailed -> Bool,
        is_forced -> Bool,
        job_id -> Nullable<Id>,
        updated_at -> Moment,
        email_key -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id};

    reminders (passport_id, item, task, armed_for, offset) {
        passport_id -> Id,
        item -> Text,
        task -> Text,
        armed_for -> CalendarDay,
        offset -> BigInt,
        due_on -> CalendarDay,
        made_on -> CalendarDay,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id};

    reminder_looks (passport_id) {
        passport_id -> Id,
        look_on -> CalendarDay,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    garage_reminder_offsets (garage_id, item) {
        garage_id -> Id,
        item -> Text,
        days -> Text,
    }
}

diesel::table! {
    reminder_offsets (chain_key, item) {
        chain_key -> Text,
        item -> Text,
        days -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    vehicle_plates (vehicle_id, number) {
        vehicle_id -> Id,
        number -> BigInt,
        country -> Text,
        plate -> Text,
        since -> Moment,
        corrects -> Bool,
        plate_typed -> Nullable<Text>,
    }
}

diesel::table! {
    use crate::sql_types::Id;

    earlier_vehicles (vehicle_id, earlier_id) {
        vehicle_id -> Id,
        earlier_id -> Id,
    }
}

diesel::table! {
    use crate::sql_types::{Id, Moment};
    use diesel::sql_types::*;

    vehicle_vins (vehicle_id, vin) {
        vehicle_id -> Id,
        vin -> Text,
        is_contested -> Bool,
        since -> Moment,
        until -> Nullable<Moment>,
    }
}

diesel::table! {
    use crate::sql_types::Id;

    parted_vehicles (vehicle_id) {
        vehicle_id -> Id,
        from_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Moment};

    registrations (country, plate) {
        country -> Text,
        plate -> Text,
        data -> Nullable<Text>,
        apk_expires_on -> Nullable<CalendarDay>,
        apk_seen_at -> Nullable<Moment>,
        fetched_at -> Nullable<Moment>,
        checked_at -> Nullable<Moment>,
        stale_since -> Nullable<Moment>,
        recalls -> Text,
        inspections -> Text,
        turn_at -> Moment,
        claimed_until -> Nullable<Moment>,
        updated_at -> Moment,
        recalls_checked_at -> Nullable<Moment>,
        inspections_checked_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    apk_entries (id) {
        id -> Id,
        passport_id -> Id,
        expires_on -> CalendarDay,
        entered_at -> Moment,
        entered_by -> Id,
        vehicle_id -> Id,
        inspected_on -> Nullable<CalendarDay>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    apk_lifts (vehicle_id) {
        vehicle_id -> Id,
        reason -> Text,
        entered_at -> Moment,
        entered_by -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    transfers (id) {
        id -> Id,
        passport_id -> Id,
        garage_id -> Id,
        plate -> Text,
        kind -> Text,
        offered_by -> Id,
        fleet_id -> Nullable<Id>,
        recipient_email -> Text,
        recipient_email_key -> Text,
        status -> Text,
        offered_at -> Moment,
        expires_at -> Moment,
        decided_at -> Nullable<Moment>,
        version -> BigInt,
        updated_at -> Moment,
        recipient_id -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    link_changes (id) {
        id -> Id,
        passport_id -> Id,
        garage_id -> Id,
        plate -> Text,
        kind -> Text,
        fleet_id -> Id,
        driver_account_id -> Id,
        status -> Text,
        changed_at -> Moment,
        ends_at -> Moment,
        decided_at -> Nullable<Moment>,
        version -> BigInt,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    garage_changes (id) {
        id -> Id,
        passport_id -> Id,
        garage_id -> Id,
        former_garage_id -> Id,
        plate -> Text,
        customer_id -> Id,
        requested_by -> Id,
        status -> Text,
        requested_at -> Moment,
        expires_at -> Moment,
        decided_at -> Nullable<Moment>,
        version -> BigInt,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    notifications (id) {
        id -> Id,
        account_id -> Id,
        cause_id -> Id,
        kind -> Text,
        passport_id -> Nullable<Id>,
        needs_access -> Bool,
        title -> Text,
        text -> Text,
        link -> Nullable<Text>,
        made_at -> Moment,
        read_at -> Nullable<Moment>,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    calendar_feeds (account_id) {
        account_id -> Id,
        secret_hash -> Binary,
        made_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    calendar_entries (account_id, passport_id, kind, task) {
        account_id -> Id,
        passport_id -> Id,
        kind -> Text,
        task -> Text,
        due_on -> CalendarDay,
        plate -> Text,
        car -> Nullable<Text>,
        language -> Text,
        sequence -> BigInt,
        changed_at -> Moment,
        cancelled_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    devices (id) {
        id -> Id,
        session_id -> Id,
        account_id -> Id,
        kind -> Text,
        target_hash -> Binary,
        sealed_target -> Binary,
        registered_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    suppressions (id) {
        id -> Id,
        garage_id -> Nullable<Id>,
        email -> Text,
        email_key -> Text,
        reason -> Text,
        since -> Moment,
        goes_with -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    notification_settings (account_id, kind, channel) {
        account_id -> Id,
        kind -> Text,
        channel -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    custody (passport_id, number) {
        passport_id -> Id,
        number -> BigInt,
        role -> Text,
        account_id -> Nullable<Id>,
        fleet_id -> Nullable<Id>,
        since -> Moment,
        changed_by -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    odometer_readings (id) {
        id -> Id,
        passport_id -> Id,
        value -> BigInt,
        unit -> Text,
        km -> BigInt,
        read_on -> CalendarDay,
        recorded_at -> Moment,
        source -> Text,
        recorded_by -> Nullable<Id>,
        replaces_id -> Nullable<Id>,
        counter_start -> Nullable<Text>,
        confirmed -> Bool,
        vehicle_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    invitations (id) {
        id -> Id,
        purpose -> Text,
        garage_id -> Nullable<Id>,
        account_id -> Nullable<Id>,
        passport_id -> Nullable<Id>,
        transfer_id -> Nullable<Id>,
        email -> Text,
        token_hash -> Binary,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        created_at -> Moment,
        former_email -> Nullable<Text>,
        taken_by -> Nullable<Id>,
        remind_on -> Nullable<CalendarDay>,
        email_key -> Nullable<Text>,
        delivery -> Text,
        delivery_at -> Nullable<Moment>,
        delivery_reason -> Nullable<Text>,
        first_email -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    sessions (id) {
        id -> Id,
        account_id -> Id,
        user_agent -> Nullable<Text>,
        created_at -> Moment,
        last_used_at -> Moment,
        ended_at -> Nullable<Moment>,
        is_distrusted -> Bool,
        remembered_until -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    second_factors (account_id) {
        account_id -> Id,
        sealed_secret -> Binary,
        begun_at -> Moment,
        confirmed_at -> Nullable<Moment>,
        last_step -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    recovery_codes (account_id, hash) {
        account_id -> Id,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    refresh_tokens (hash) {
        hash -> Binary,
        session_id -> Id,
        issued_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    signing_keys (id) {
        id -> Text,
        sealed_private -> Binary,
        public -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    throttles (subject) {
        subject -> Binary,
        full_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    idempotency_keys (actor, idempotency_key) {
        actor -> Text,
        idempotency_key -> Text,
        fingerprint -> Binary,
        status -> BigInt,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        sealed_body -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    event_streams (id) {
        id -> Id,
        last_number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    events (stream_id, number) {
        stream_id -> Id,
        number -> BigInt,
        id -> Id,
        happened_at -> Moment,
        account_id -> Nullable<Id>,
        kind -> Text,
        passport_id -> Nullable<Id>,
        fact -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    jobs (id) {
        id -> Id,
        position -> BigInt,
        kind -> Text,
        payload -> Text,
        state -> Text,
        attempts -> BigInt,
        run_at -> Moment,
        last_error -> Nullable<Text>,
        created_at -> Moment,
        updated_at -> Moment,
        stream_id -> Nullable<Id>,
        event_number -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    maintenance_schedules (id) {
        id -> Id,
        garage_id -> Id,
        vehicle_id -> Nullable<Id>,
        task -> Text,
        make -> Nullable<Text>,
        model -> Nullable<Text>,
        fuel -> Nullable<Text>,
        year_from -> Nullable<BigInt>,
        year_to -> Nullable<BigInt>,
        usage -> Nullable<Text>,
        counts_from -> Nullable<Text>,
        first_months -> Nullable<BigInt>,
        first_km -> Nullable<BigInt>,
        months -> Nullable<BigInt>,
        km -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    service_indicators (vehicle_id, task) {
        vehicle_id -> Id,
        task -> Text,
        read_on -> CalendarDay,
        km -> Nullable<BigInt>,
        days_left -> Nullable<BigInt>,
        km_left -> Nullable<BigInt>,
        recorded_at -> Moment,
        recorded_by -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    check_templates (id) {
        id -> Id,
        garage_id -> Id,
        template_key -> Text,
        list -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    vehicle_checks (id) {
        id -> Id,
        vehicle_id -> Id,
        garage_id -> Id,
        template_key -> Text,
        template_names -> Text,
        list -> Text,
        fuel -> Nullable<Text>,
        started_by -> Id,
        created_at -> Moment,
        updated_at -> Moment,
        checked_on -> Nullable<CalendarDay>,
        completed_at -> Nullable<Moment>,
        stands_at -> Nullable<Moment>,
        completed_by -> Nullable<Id>,
        reading_id -> Nullable<Id>,
        odometer_km -> Nullable<BigInt>,
        replaces_id -> Nullable<Id>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    vehicle_check_findings (check_id, item, position) {
        check_id -> Id,
        item -> Text,
        position -> Text,
        result -> Text,
        measured -> Nullable<Text>,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        found_by -> Id,
        found_at -> Moment,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    files (id) {
        id -> Id,
        garage_id -> Id,
        vehicle_id -> Id,
        media_type -> Text,
        bytes -> BigInt,
        sha256 -> Binary,
        name -> Nullable<Text>,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        small_id -> Nullable<Id>,
        small_bytes -> Nullable<BigInt>,
        created_at -> Moment,
        created_by -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    vehicle_check_photos (file_id) {
        file_id -> Id,
        check_id -> Id,
        item -> Text,
        position -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    service_records (id) {
        id -> Id,
        vehicle_id -> Id,
        garage_id -> Id,
        origin -> Text,
        done_on -> CalendarDay,
        reading_id -> Nullable<Id>,
        odometer_km -> Nullable<BigInt>,
        mechanic -> Nullable<Text>,
        place -> Nullable<Text>,
        currency -> Text,
        net_cents -> Nullable<BigInt>,
        vat_cents -> Nullable<BigInt>,
        gross_cents -> Nullable<BigInt>,
        invoice_number -> Nullable<Text>,
        note -> Nullable<Text>,
        owner_account_id -> Nullable<Id>,
        owner_fleet_id -> Nullable<Id>,
        replaces_id -> Nullable<Id>,
        recorded_at -> Moment,
        stands_at -> Moment,
        recorded_by -> Nullable<Id>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    service_invoices (garage_id, invoice_number) {
        garage_id -> Id,
        invoice_number -> Text,
        record_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    service_lines (record_id, number) {
        record_id -> Id,
        number -> BigInt,
        task -> Nullable<Text>,
        position -> Nullable<Text>,
        line_text -> Nullable<Text>,
        kind -> Text,
        quantity -> Text,
        net_cents -> Nullable<BigInt>,
        vat_rate -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::Id;

    service_attachments (file_id) {
        file_id -> Id,
        record_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id, Moment};

    recommendations (id) {
        id -> Id,
        vehicle_id -> Id,
        garage_id -> Id,
        check_id -> Nullable<Id>,
        task -> Nullable<Text>,
        position -> Nullable<Text>,
        urgency -> Text,
        advice -> Text,
        found -> Text,
        expected_on -> Nullable<CalendarDay>,
        advised_on -> CalendarDay,
        advised_at -> Moment,
        made_at -> Moment,
        made_by -> Nullable<Id>,
        agreed_at -> Nullable<Moment>,
        agreed_by -> Nullable<Id>,
        agreed_channel -> Nullable<Text>,
        is_planned -> Bool,
        ended_at -> Nullable<Moment>,
        end_kind -> Nullable<Text>,
        done_record_id -> Nullable<Id>,
        declined_by -> Nullable<Id>,
        declined_channel -> Nullable<Text>,
        superseded_check_id -> Nullable<Id>,
        version -> BigInt,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Moment};

    cost_snapshots (month) {
        month -> CalendarDay,
        begun_at -> Moment,
        published_at -> Nullable<Moment>,
        entries -> BigInt,
        left_out -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{CalendarDay, Id};

    cost_groups (month, group_key, left_out, task) {
        month -> CalendarDay,
        group_key -> Text,
        left_out -> Id,
        task -> Text,
        level -> Text,
        low_ln -> Nullable<BigInt>,
        middle_ln -> Nullable<BigInt>,
        high_ln -> Nullable<BigInt>,
        effective -> Nullable<BigInt>,
        records -> BigInt,
        first_on -> CalendarDay,
        last_on -> CalendarDay,
        read_on -> CalendarDay,
        is_shown -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::{Id, Moment};

    removals (holder_id, removed_at, item_id, list) {
        holder_id -> Id,
        removed_at -> Moment,
        item_id -> Id,
        list -> Text,
        garage_id -> Nullable<Id>,
    }
}

diesel::joinable!(passports -> garages (garage_id));
diesel::joinable!(passports -> customers (customer_id));
diesel::joinable!(passports -> fleets (fleet_id));
diesel::joinable!(passports -> accounts (driver_account_id));
diesel::joinable!(fleets -> accounts (account_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(second_factors -> accounts (account_id));
diesel::joinable!(recovery_codes -> second_factors (account_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(transfers -> garages (garage_id));
diesel::joinable!(invitations -> passports (passport_id));
diesel::joinable!(reminders -> passports (passport_id));
diesel::joinable!(reminder_looks -> passports (passport_id));
diesel::joinable!(devices -> sessions (session_id));
diesel::joinable!(calendar_feeds -> accounts (account_id));
diesel::joinable!(link_changes -> garages (garage_id));
diesel::joinable!(link_changes -> fleets (fleet_id));
diesel::joinable!(odometer_readings -> accounts (recorded_by));
diesel::joinable!(apk_entries -> accounts (entered_by));
diesel::joinable!(apk_lifts -> accounts (entered_by));
diesel::joinable!(events -> accounts (account_id));
diesel::joinable!(service_indicators -> accounts (recorded_by));
diesel::joinable!(vehicle_check_findings -> vehicle_checks (check_id));
diesel::joinable!(vehicle_check_photos -> vehicle_checks (check_id));
diesel::joinable!(vehicle_check_photos -> files (file_id));
diesel::joinable!(service_lines -> service_records (record_id));
diesel::joinable!(service_attachments -> service_records (record_id));
diesel::joinable!(service_attachments -> files (file_id));
diesel::joinable!(apk_mailing_recipients -> apk_mailings (mailing_id));
diesel::joinable!(apk_mailing_recipients -> passports (passport_id));
diesel::allow_tables_to_appear_in_same_query!(
    accounts,
    customers,
    fleets,
    garages,
    passports,
    sessions,
    refresh_tokens,
    second_factors,
    recovery_codes,
    transfers,
    garage_changes,
    invitations,
    link_changes,
    notifications,
    notification_settings,
    devices,
    apk_mailings,
    apk_mailing_recipients,
    suppressions,
    jobs,
    calendar_feeds,
    calendar_entries,
    reminders,
    reminder_looks,
    garage_reminder_offsets,
    reminder_offsets,
    custody,
    odometer_readings,
    apk_entries,
    apk_lifts,
    events,
    vehicle_plates,
    earlier_vehicles,
    vehicle_vins,
    parted_vehicles,
    registrations,
    maintenance_schedules,
    service_indicators,
    check_templates,
    vehicle_checks,
    vehicle_check_findings,
    files,
    vehicle_check_photos,
    service_records,
    service_invoices,
    service_lines,
    service_attachments,
    recommendations,
    cost_snapshots,
    cost_groups,
    removals
);
