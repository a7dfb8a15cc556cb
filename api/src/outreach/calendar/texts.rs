//! What the entries of a calendar say, in both languages.

use domain::{
    calendar::{Content, EntryKey, EntryKind},
    service_task::TaskKey,
    value::{Language, written_date},
};

/// The name of the calendar.
pub(super) const fn name(language: Language) -> &'static str {
    match language {
        Language::Dutch => "AutoPaspoort: APK en onderhoud",
        Language::English => "AutoPaspoort: APK and maintenance",
    }
}

/// What an entry is called.
pub(super) fn summary(key: EntryKey, content: &Content) -> String {
    let what = match (key.kind, content.language) {
        (EntryKind::Apk, Language::Dutch) => "APK verloopt",
        (EntryKind::Apk, Language::English) => "APK expires",
        (EntryKind::Maintenance, language) => task(key, language),
    };
    format!("{what}: {}", content.plate)
}

/// What it says of the car.
pub(super) fn description(key: EntryKey, content: &Content) -> String {
    let Content { plate, language, .. } = content;
    let car = content.car.as_ref().map_or_else(|| plate.clone(), |car| format!("{plate} ({car})"));
    let day = written_date(content.day, *language);
    match (key.kind, language) {
        (EntryKind::Apk, Language::Dutch) => {
            format!("De APK van {car} is geldig tot en met {day}. Laat de auto op tijd keuren.")
        }
        (EntryKind::Apk, Language::English) => {
            format!("The APK of {car} is valid until {day} inclusive. Have the car inspected in time.")
        }
        (EntryKind::Maintenance, Language::Dutch) => {
            let task = task(key, *language);
            format!("Naar verwachting nodig voor {car} op {day}: {task}. De dag kan nog verschuiven.")
        }
        (EntryKind::Maintenance, Language::English) => {
            let task = task(key, *language);
            format!("Expected to be needed for {car} on {day}: {task}. The day may still move.")
        }
    }
}

/// The task of an entry.
fn task(key: EntryKey, language: Language) -> &'static str {
    let unknown = match language {
        Language::Dutch => "Onderhoud",
        Language::English => "Maintenance",
    };
    key.task.and_then(TaskKey::task).map_or(unknown, |task| task.names.of(language))
}
