//! The status of a car (*autostatus*) in one word, with its reasons (rules ST1 and ST2).
//!
//! What is kept of a car is its standing: of everything that is to be judged, the days from which it needs attention and
//! from which it is urgent. The status on any day follows from the standing by comparing days, so it is right on every
//! day without a pass in the night, and lists can filter and sort by two columns.

mod kept;

use crate::{
    Date,
    apk::{self, ApkStatus},
    coded_enum,
    expected_maintenance::{About, CarNeeds, Due, DueDays, DueStatus, ItemSource, Need, Repeat},
    ids::RecommendationId,
    recommendation::Urgency,
    service_task::TaskKey,
};

coded_enum! {
    /// The status of a car (rule ST1), the best first.
    pub enum CarStatus {
        /// All is well.
        Good => "good",
        /// Something is to be done before long.
        Attention => "attention",
        /// Something is to be done now.
        Urgent => "urgent",
        /// There is nothing to judge by.
        Unknown => "unknown",
    }
}

coded_enum! {
    /// Why a car has its status, the worst first (rule ST1).
    pub enum StatusReasonCode {
        /// The APK is no longer valid.
        ApkExpired => "apk_expired",
        /// An urgent recommendation is open.
        RecommendationUrgent => "recommendation_urgent",
        /// A recall of the urgent kind is open.
        RecallUrgent => "recall_urgent",
        /// A task is overdue.
        TaskOverdue => "task_overdue",
        /// A task is due.
        TaskDue => "task_due",
        /// The last day of the APK, or the two months before it.
        ApkDue => "apk_due",
        /// A recommendation is open.
        RecommendationOpen => "recommendation_open",
        /// A recall is open.
        RecallOpen => "recall_open",
        /// The readings of the odometer contradict one another.
        OdometerIllogical => "odometer_illogical",
        /// A task is due soon.
        TaskDueSoon => "task_due_soon",
    }
}

impl StatusReasonCode {
    /// The status that the reason alone gives.
    pub const fn status(self) -> CarStatus {
        match self {
            Self::ApkExpired | Self::RecommendationUrgent | Self::RecallUrgent | Self::TaskOverdue => CarStatus::Urgent,
            Self::TaskDue
            | Self::ApkDue
            | Self::RecommendationOpen
            | Self::RecallOpen
            | Self::OdometerIllogical
            | Self::TaskDueSoon => CarStatus::Attention,
        }
    }
}

/// One thing to judge a car by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// A task, by the days on which it becomes due.
    Task(TaskKey, DueDays),
    /// The APK, by the days on which it becomes due.
    Apk(DueDays),
    /// An open recommendation.
    Recommendation(Urgency, AdvisedWork),
    /// An open recall, and whether it is of the urgent kind.
    Recall {
        /// Whether the car should not be driven on.
        urgent: bool,
    },
    /// The readings of the odometer contradict one another.
    OdometerIllogical,
    /// The APK has no day: the vehicle needs none, or it is not known. That is no reason for a status, and lists show it.
    ApkWithoutDay(ApkStatus),
}

/// The work that an open recommendation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdvisedWork {
    /// A task. Several recommendations for it are one reason.
    Task(TaskKey),
    /// Work that only the words of this recommendation describe.
    InWords(RecommendationId),
}

impl AdvisedWork {
    /// Its task, if it has one.
    pub const fn task(self) -> Option<TaskKey> {
        match self {
            Self::Task(task) => Some(task),
            Self::InWords(_) => None,
        }
    }

    /// The recommendation whose words describe it, if it has no task.
    const fn in_words(self) -> Option<RecommendationId> {
        match self {
            Self::Task(_) => None,
            Self::InWords(id) => Some(id),
        }
    }
}

/// A reason for the status of a car.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusReason {
    /// What it is.
    pub code: StatusReasonCode,
    /// The day on which that is due, which may be past; none for what has no day of its own.
    pub due_on: Option<Date>,
    /// The task that it is about.
    pub task: Option<TaskKey>,
    /// The recommendation that it is about, if that has no task and is only described in words.
    pub in_words: Option<RecommendationId>,
}

impl Judged {
    /// Whether the car is judged by it.
    const fn is_said(&self) -> bool {
        self.apk_without_day().is_none()
    }

    /// The state of an APK that has no day.
    const fn apk_without_day(&self) -> Option<ApkStatus> {
        match self {
            Self::ApkWithoutDay(status) => Some(*status),
            Self::Task(..)
            | Self::Apk(_)
            | Self::Recommendation(..)
            | Self::Recall { .. }
            | Self::OdometerIllogical => None,
        }
    }

    /// The reason that it gives on a day; none while it is good.
    fn reason(&self, today: Date) -> Option<StatusReason> {
        use StatusReasonCode as Code;

        let at = |days: &DueDays, late, due, soon| match days.status(today) {
            DueStatus::Overdue => Some(late),
            DueStatus::Due => Some(due),
            DueStatus::DueSoon => Some(soon),
            DueStatus::Ok => None,
        };
        let (code, task) = match self {
            Self::Task(task, days) => (at(days, Code::TaskOverdue, Code::TaskDue, Code::TaskDueSoon), Some(*task)),
            Self::Apk(days) => (at(days, Code::ApkExpired, Code::ApkDue, Code::ApkDue), Some(TaskKey::APK)),
            Self::Recommendation(Urgency::Urgent, work) => (Some(Code::RecommendationUrgent), work.task()),
            Self::Recommendation(Urgency::Attention, work) => (Some(Code::RecommendationOpen), work.task()),
            Self::Recall { urgent: true } => (Some(Code::RecallUrgent), Some(TaskKey::RECALL)),
            Self::Recall { urgent: false } => (Some(Code::RecallOpen), Some(TaskKey::RECALL)),
            Self::OdometerIllogical => (Some(Code::OdometerIllogical), None),
            Self::ApkWithoutDay(_) => (None, None),
        };
        let due_on = match self {
            Self::Task(_, days) | Self::Apk(days) => Some(days.due_from),
            Self::Recommendation(..) | Self::Recall { .. } | Self::OdometerIllogical | Self::ApkWithoutDay(_) => None,
        };
        let in_words = match self {
            Self::Recommendation(_, work) => work.in_words(),
            Self::Task(..) | Self::Apk(_) | Self::Recall { .. } | Self::OdometerIllogical | Self::ApkWithoutDay(_) => {
                None
            }
        };
        code.map(|code| StatusReason { code, due_on, task, in_words })
    }

    /// From which days it needs attention and is urgent; the earliest day there is stands for "always".
    fn days(&self) -> (Option<Date>, Option<Date>) {
        match self {
            Self::Task(_, days) | Self::Apk(days) => (Some(days.soon_from), days.overdue_from),
            Self::Recommendation(Urgency::Urgent, _) | Self::Recall { urgent: true } => {
                (Some(Date::MIN), Some(Date::MIN))
            }
            Self::Recommendation(Urgency::Attention, _) | Self::Recall { urgent: false } | Self::OdometerIllogical => {
                (Some(Date::MIN), None)
            }
            Self::ApkWithoutDay(_) => (None, None),
        }
    }
}

/// The standing of a car: what is kept of it so that its status on any day can be told (rule ST2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What it is judged by.
    pub judged: Vec<Judged>,
}

/// The days of a standing by which lists filter and sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandingDays {
    /// Whether there is something to judge by.
    pub is_known: bool,
    /// From when it needs attention.
    pub attention_from: Option<Date>,
    /// From when it is urgent.
    pub urgent_from: Option<Date>,
    /// The day on which the next task, or the APK, is due; it may be past, and is not while the car is good: what is due
    /// needs attention before. Without anything to judge by there is none.
    pub next_due_on: Option<Date>,
    /// What is due then.
    pub next_due: Option<TaskKey>,
    /// The last day of the APK.
    pub apk_due_on: Option<Date>,
    /// The state of the APK when it has no day.
    pub apk_without_day: Option<ApkStatus>,
}

impl StandingDays {
    /// The status on a day.
    pub fn status(&self, today: Date) -> CarStatus {
        let has_come = |from: Option<Date>| from.is_some_and(|from| from <= today);
        if !self.is_known {
            CarStatus::Unknown
        } else if has_come(self.urgent_from) {
            CarStatus::Urgent
        } else if has_come(self.attention_from) {
            CarStatus::Attention
        } else {
            CarStatus::Good
        }
    }

    /// The state of the APK on a day (rule ST4).
    pub fn apk_status(&self, today: Date) -> ApkStatus {
        let without_day = self.apk_without_day.unwrap_or(ApkStatus::Unknown);
        self.apk_due_on.map_or(without_day, |expires_on| apk::status_by(expires_on, today))
    }
}

impl Standing {
    /// The standing that follows from what a car needs (rules ST1 and ST2). A task that is due at a distance only, while
    /// nothing is known of how far the car drives, has no days to judge by; nor has an interval of a car of which nothing
    /// is known.
    pub fn of(car: &CarNeeds) -> Self {
        let mut judged: Vec<Judged> =
            car.needs.iter().zip(&car.about).filter_map(|(need, about)| judge(car, need, about)).collect();
        if car.is_odometer_illogical {
            judged.push(Judged::OdometerIllogical);
        }
        judged.extend(car.apk_without_day.map(Judged::ApkWithoutDay));
        Self { judged }
    }

    /// What it says that the car will need: each task, the APK, each recommendation and recall once. What comes back is not
    /// repeated, since a standing has the next time only.
    pub fn needs(&self) -> Vec<Need> {
        let need = |task, source, due| Need { task, source, due, repeat: Repeat::Once };
        // Long ago, so that it is expected today.
        let at_once = || Due::on(Date::constant(1900, 1, 1));
        let needs = self.judged.iter().filter_map(|judged| {
            Some(match judged {
                Judged::Task(task, days) => need(Some(*task), ItemSource::Schedule, Due::on(days.due_from)),
                Judged::Apk(days) => need(Some(TaskKey::APK), ItemSource::Apk, Due::by_law(days.due_from)),
                Judged::Recommendation(_, work) => need(work.task(), ItemSource::Recommendation, at_once()),
                Judged::Recall { .. } => need(Some(TaskKey::RECALL), ItemSource::Recall, at_once()),
                Judged::OdometerIllogical | Judged::ApkWithoutDay(_) => return None,
            })
        });
        needs.collect()
    }

    /// The days that are stored beside it.
    pub fn days(&self) -> StandingDays {
        let days = || self.judged.iter().map(Judged::days);
        let due = self.judged.iter().filter_map(|judged| match judged {
            Judged::Task(task, days) => Some((days.due_from, *task)),
            Judged::Apk(days) => Some((days.due_from, TaskKey::APK)),
            Judged::Recommendation(..)
            | Judged::Recall { .. }
            | Judged::OdometerIllogical
            | Judged::ApkWithoutDay(_) => None,
        });
        let next = due.min();
        let apk = self.judged.iter().filter_map(|judged| match judged {
            Judged::Apk(days) => Some(days),
            Judged::Task(..)
            | Judged::Recommendation(..)
            | Judged::Recall { .. }
            | Judged::OdometerIllogical
            | Judged::ApkWithoutDay(_) => None,
        });
        StandingDays {
            is_known: self.judged.iter().any(Judged::is_said),
            attention_from: days().filter_map(|(from, _)| from).min(),
            urgent_from: days().filter_map(|(_, from)| from).min(),
            next_due_on: next.map(|(day, _)| day),
            next_due: next.map(|(_, task)| task),
            apk_due_on: apk.map(|days| days.due_from).min(),
            apk_without_day: self.judged.iter().find_map(Judged::apk_without_day),
        }
    }

    /// How many recalls are open.
    pub fn open_recalls(&self) -> usize {
        self.judged.iter().filter(|judged| matches!(judged, Judged::Recall { .. })).count()
    }

    /// The reasons on a day, the worst first, and of those that are equally bad the one that is due first; each once.
    pub fn reasons(&self, today: Date) -> Vec<StatusReason> {
        let mut reasons: Vec<_> = self.judged.iter().filter_map(|judged| judged.reason(today)).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }
}

fn judge(car: &CarNeeds, need: &Need, about: &About) -> Option<Judged> {
    let days = || need.due.days(car.road.as_ref());
    match about {
        About::Schedule(..) if !car.is_grounded => None,
        About::Schedule(..) | About::Indicator(_) | About::Wear(_) => Some(Judged::Task(need.task?, days()?)),
        About::Recommendation(id, advice) => {
            let work = need.task.map_or(AdvisedWork::InWords(*id), AdvisedWork::Task);
            Some(Judged::Recommendation(advice.urgency, work))
        }
        About::Apk(_) => Some(Judged::Apk(days()?)),
        About::Recall { urgent, .. } => Some(Judged::Recall { urgent: *urgent }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    fn task(key: &str) -> TaskKey {
        TaskKey::find(key).unwrap()
    }

    fn days(soon_from: Date, due_from: Date, overdue_from: Option<Date>) -> DueDays {
        DueDays { soon_from, due_from, overdue_from }
    }

    fn year(month: i8, day: i8) -> Date {
        date(2026, month, day)
    }

    #[test]
    fn st1_the_worst_reason_decides_and_comes_first() {
        let oil = days(year(1, 1), year(3, 1), Some(year(4, 1)));
        let standing = Standing {
            judged: vec![
                Judged::Task(task("oil_and_filter"), oil),
                Judged::OdometerIllogical,
                Judged::Apk(days(year(2, 1), year(4, 1), Some(year(4, 2)))),
            ],
        };
        let codes = |day| standing.reasons(day).iter().map(|reason| reason.code.code()).collect::<Vec<_>>();
        assert_eq!(codes(year(1, 1)), ["odometer_illogical", "task_due_soon"]);
        assert_eq!(codes(year(3, 1)), ["task_due", "apk_due", "odometer_illogical"]);
        assert_eq!(codes(year(4, 2)), ["apk_expired", "task_overdue", "odometer_illogical"]);
        let status = |day| standing.days().status(day);
        assert_eq!([status(year(1, 1)), status(year(4, 1))], [CarStatus::Attention, CarStatus::Urgent]);
    }

    #[test]
    fn st1_without_anything_to_judge_by_a_car_is_unknown() {
        let standing = Standing::default();
        assert_eq!((standing.days().status(year(1, 1)), standing.reasons(year(1, 1))), (CarStatus::Unknown, vec![]));
        let far = Standing { judged: vec![Judged::Task(task("tyres"), days(year(6, 1), year(8, 1), None))] };
        assert_eq!(far.days().status(year(5, 31)), CarStatus::Good);
        assert_eq!(far.days().status(date(2036, 1, 1)), CarStatus::Attention);
    }

    fn in_words(number: u128) -> AdvisedWork {
        AdvisedWork::InWords(RecommendationId(uuid::Uuid::from_u128(number)))
    }

    #[test]
    fn st1_each_advice_in_words_is_a_reason_of_its_own_and_those_for_one_task_are_one() {
        let tyres = Judged::Recommendation(Urgency::Attention, AdvisedWork::Task(task("tyres")));
        let words = |number| Judged::Recommendation(Urgency::Attention, in_words(number));
        let standing = Standing { judged: vec![tyres, words(2), tyres, words(1)] };
        let reasons = Standing::read(&standing.written()).unwrap().reasons(year(1, 1));
        let named: Vec<_> =
            reasons.iter().map(|reason| (reason.task, reason.in_words.map(|id| id.0.as_u128()))).collect();
        assert_eq!(named, [(None, Some(1)), (None, Some(2)), (Some(task("tyres")), None)]);
    }

    #[test]
    fn st1_recommendations_and_recalls() {
        let status = |judged| Standing { judged: vec![judged] }.days().status(year(1, 1));
        assert_eq!(status(Judged::Recommendation(Urgency::Urgent, in_words(1))), CarStatus::Urgent);
        assert_eq!(status(Judged::Recommendation(Urgency::Attention, in_words(1))), CarStatus::Attention);
        assert_eq!(status(Judged::Recall { urgent: true }), CarStatus::Urgent);
        assert_eq!(status(Judged::Recall { urgent: false }), CarStatus::Attention);
    }

    #[test]
    fn st4_a_standing_says_how_the_apk_is_without_a_day_too() {
        let status = |judged: Vec<Judged>, day| Standing { judged }.days().apk_status(day);
        let apk = days(year(2, 1), year(4, 1), Some(year(4, 2)));
        assert_eq!(status(vec![Judged::Apk(apk)], year(1, 31)), ApkStatus::Valid);
        assert_eq!(status(vec![Judged::Apk(apk)], year(2, 1)), ApkStatus::Inspectable);
        assert_eq!(status(vec![Judged::Apk(apk)], year(4, 2)), ApkStatus::Expired);
        assert_eq!(status(vec![Judged::ApkWithoutDay(ApkStatus::NotSubject)], year(4, 2)), ApkStatus::NotSubject);
        assert_eq!(status(vec![], year(4, 2)), ApkStatus::Unknown);
        // It is nothing to judge a car by.
        let alone = Standing { judged: vec![Judged::ApkWithoutDay(ApkStatus::Exempt)] };
        assert_eq!((alone.days().status(year(1, 1)), alone.reasons(year(1, 1))), (CarStatus::Unknown, vec![]));
    }

    #[test]
    fn st3_the_next_due_day_is_the_earliest_of_tasks_and_apk() {
        let apk = Judged::Apk(days(year(2, 1), year(4, 1), Some(year(4, 2))));
        let tyres = Judged::Task(task("tyres"), days(year(2, 1), year(3, 1), None));
        let standing = Standing { judged: vec![apk, tyres, Judged::Recall { urgent: true }] };
        assert_eq!((standing.days().next_due_on, standing.days().next_due), (Some(year(3, 1)), Some(task("tyres"))));
    }

    pub(super) fn any_judged() -> impl Strategy<Value = Judged> {
        let day = |days: i64| date(2026, 1, 1).checked_add(days.days()).unwrap();
        let due = (0..900_i64, 0..90_i64, proptest::option::of(0..60_i64)).prop_map(move |(soon, due, late)| DueDays {
            soon_from: day(soon),
            due_from: day(soon + due),
            overdue_from: late.map(|late| day(soon + due + late)),
        });
        prop_oneof![
            due.clone().prop_map(|days| Judged::Task(TaskKey::find("tyres").unwrap(), days)),
            due.prop_map(Judged::Apk),
            (0..3_u128).prop_map(|number| Judged::Recommendation(Urgency::Attention, in_words(number))),
            Just(Judged::Recommendation(Urgency::Urgent, AdvisedWork::Task(TaskKey::find("tyres").unwrap()))),
            Just(Judged::Recommendation(Urgency::Urgent, in_words(7))),
            Just(Judged::Recall { urgent: false }),
            Just(Judged::OdometerIllogical),
            Just(Judged::ApkWithoutDay(ApkStatus::Exempt)),
        ]
    }

    proptest! {
        /// The status from the stored days is the one computed afresh from the reasons of that day.
        #[test]
        fn st2_stored_days_and_reasons_say_the_same(judged in proptest::collection::vec(any_judged(), 0..6), ahead in 0..1_200_i64) {
            let standing = Standing { judged };
            let today = date(2026, 1, 1).checked_add(ahead.days()).unwrap();
            let reasons = standing.reasons(today);
            let afresh = match reasons.first() {
                Some(worst) => worst.code.status(),
                None if !standing.judged.iter().any(Judged::is_said) => CarStatus::Unknown,
                None => CarStatus::Good,
            };
            let days = standing.days();
            prop_assert_eq!(days.status(today), afresh);
            // By this, lists narrow down what they read.
            match afresh {
                CarStatus::Good => prop_assert!(days.next_due_on.is_none_or(|due| due > today)),
                CarStatus::Unknown => prop_assert_eq!(days.next_due_on, None),
                CarStatus::Attention | CarStatus::Urgent => (),
            }
            prop_assert!(reasons.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
