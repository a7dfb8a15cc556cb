//! A standing as it is kept: one line of text, in the order in which its reasons begin to count.
//!
//! A list shows the reasons of each of its cars, of which few have any. So what counts always comes first, then what counts
//! from a day, the earliest first, and whoever reads the reasons of a day stops at the first that is still to come. Each
//! part ends with a `;`, and begins with a letter: `R` and `r` for recommendations, urgent and not, with the task or
//! else the id, `C` and `c` for recalls, `o` for the odometer, `a` for the APK, `n` for one without a day, with its state, `t` for a task; the days are written as in `20261128`.

use super::{AdvisedWork, Judged, Standing};
use crate::{
    Date, apk::ApkStatus, expected_maintenance::DueDays, ids::RecommendationId, recommendation::Urgency,
    service_task::TaskKey,
};
use std::fmt::Write as _;

impl Standing {
    /// The standing as text.
    pub fn written(&self) -> String {
        let mut sorted: Vec<&Judged> = self.judged.iter().collect();
        sorted.sort_by_key(|judged| judged.days().0);
        let mut text = String::with_capacity(48 * sorted.len());
        for judged in sorted {
            write(&mut text, judged);
        }
        text
    }

    /// The standing that a text is of; none when it is none.
    pub fn read(text: &str) -> Option<Self> {
        parts(text).map(read).collect::<Option<_>>().map(|judged| Self { judged })
    }

    /// Of the standing that a text is of, what gives a reason on a day.
    pub fn read_until(text: &str, today: Date) -> Option<Self> {
        let mut judged = vec![];
        for part in parts(text) {
            let one = read(part)?;
            if one.days().0.is_some_and(|from| from > today) {
                break;
            }
            judged.push(one);
        }
        Some(Self { judged })
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator(';')
}

fn write(text: &mut String, judged: &Judged) {
    // Writing to a text never fails.
    let _ = match judged {
        Judged::Task(task, days) => write!(text, "t{},{};", task.as_str(), Written(days)),
        Judged::Apk(days) => write!(text, "a{};", Written(days)),
        Judged::Recommendation(urgency, work) => {
            let letter = if *urgency == Urgency::Urgent { 'R' } else { 'r' };
            match work {
                AdvisedWork::Task(task) => write!(text, "{letter}{};", task.as_str()),
                AdvisedWork::InWords(id) => write!(text, "{letter}{};", id.0.simple()),
            }
        }
        Judged::Recall { urgent: true } => write!(text, "C;"),
        Judged::Recall { urgent: false } => write!(text, "c;"),
        Judged::OdometerIllogical => write!(text, "o;"),
        Judged::ApkWithoutDay(status) => write!(text, "n{};", status.code()),
    };
}

struct Written<'a>(&'a DueDays);

impl std::fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = |day: Date| i32::from(day.year()) * 10_000 + i32::from(day.month()) * 100 + i32::from(day.day());
        write!(f, "{},{},", day(self.0.soon_from), day(self.0.due_from))?;
        self.0.overdue_from.map_or(Ok(()), |from| write!(f, "{}", day(from)))
    }
}

fn read(part: &str) -> Option<Judged> {
    let mut letters = part.chars();
    let kind = letters.next()?;
    let rest = letters.as_str();
    let in_words = || uuid::Uuid::try_parse(rest).ok().map(|id| AdvisedWork::InWords(RecommendationId(id)));
    let work = || TaskKey::find(rest).map(AdvisedWork::Task).or_else(in_words);
    match kind {
        't' => {
            let (task, days) = rest.split_once(',')?;
            Some(Judged::Task(TaskKey::find(task)?, read_days(days)?))
        }
        'a' => Some(Judged::Apk(read_days(rest)?)),
        'R' => Some(Judged::Recommendation(Urgency::Urgent, work()?)),
        'r' => Some(Judged::Recommendation(Urgency::Attention, work()?)),
        'C' => Some(Judged::Recall { urgent: true }),
        'c' => Some(Judged::Recall { urgent: false }),
        'o' => Some(Judged::OdometerIllogical),
        'n' => Some(Judged::ApkWithoutDay(ApkStatus::from_code(rest)?)),
        _ => None,
    }
}

fn read_days(text: &str) -> Option<DueDays> {
    let mut days = text.split(',');
    let (soon_from, due_from, late) = (read_day(days.next()?)?, read_day(days.next()?)?, days.next()?);
    let overdue_from = if late.is_empty() { None } else { Some(read_day(late)?) };
    if days.next().is_some() { None } else { Some(DueDays { soon_from, due_from, overdue_from }) }
}

fn read_day(text: &str) -> Option<Date> {
    let number: i32 = text.parse().ok()?;
    let part = |number: i32| i8::try_from(number).ok();
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::tests::any_judged, *};
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;

    #[test]
    fn st2_what_is_no_standing_is_not_read() {
        for text in [
            "x;",
            "t;",
            "ttyres;",
            "ttyres,20260101;",
            "ttyres,20260101,20260230,;",
            "toil,20260101,20260101,;",
            "a20260101,20260201,20260301,20260401;",
            "a20260101,20260201;",
            "Roil;",
            "nnever;",
            "R;",
            "ttyres,aa,bb,;",
            ";",
        ] {
            assert_eq!(Standing::read(text), None, "{text}");
        }
        assert_eq!(Standing::read(""), Some(Standing::default()));
    }

    proptest! {
        /// What is kept says the same as what it was made from, and the part that is read for a day gives its reasons.
        #[test]
        fn st2_what_is_kept_is_read_again(judged in proptest::collection::vec(any_judged(), 0..8), ahead in 0..1_200_i64) {
            let standing = Standing { judged };
            let (text, today) = (standing.written(), date(2026, 1, 1).checked_add(ahead.days()).unwrap());
            let read = Standing::read(&text).unwrap();
            prop_assert_eq!(read.days(), standing.days());
            prop_assert_eq!(read.written(), text.clone());
            prop_assert_eq!(Standing::read_until(&text, today).unwrap().reasons(today), standing.reasons(today));
        }
    }
}
