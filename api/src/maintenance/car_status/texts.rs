//! What is said of the reasons for a car's status, in Dutch and English.

use domain::{
    car_status::{StatusReason, StatusReasonCode as Code},
    value::Language,
};

/// A reason in words. The name of its task, if it has one, follows after a colon, unless the words name it already.
pub(super) fn text(reason: &StatusReason, language: Language) -> String {
    let (english, dutch, is_whole) = match reason.code {
        Code::ApkExpired => ("The APK is no longer valid", "De APK is verlopen", true),
        Code::RecommendationUrgent => ("Advised, and urgent", "Dringend geadviseerd", false),
        Code::RecallUrgent => ("A recall that is dangerous to put off", "Dringende terugroepactie", true),
        Code::TaskOverdue => ("Overdue", "Te laat", false),
        Code::TaskDue => ("Due now", "Nu aan de beurt", false),
        Code::ApkDue => ("The APK expires soon", "De APK verloopt binnenkort", true),
        Code::RecommendationOpen => ("Advised", "Geadviseerd", false),
        Code::RecallOpen => ("A recall is open", "Er staat een terugroepactie open", true),
        Code::OdometerIllogical => {
            ("The odometer readings contradict one another", "De tellerstanden spreken elkaar tegen", true)
        }
        Code::TaskDueSoon => ("Due soon", "Binnenkort aan de beurt", false),
    };
    let said = match language {
        Language::English => english,
        Language::Dutch => dutch,
    };
    let name = reason
        .task
        .filter(|_| !is_whole)
        .and_then(domain::service_task::TaskKey::task)
        .map(|task| task.names.of(language));
    name.map_or_else(|| format!("{said}."), |name| format!("{said}: {name}."))
}
