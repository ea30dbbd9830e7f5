//! What may become of a person in a course or an exam. Pure: no clock, no database.

use chrono::{Days, NaiveDate};
use kernel::{Code, Error};
use strum::{Display, EnumIter, IntoEnumIterator};

use crate::catalogue::{ExamEntry, ItemKind};

database::text_enum! {
    /// Where somebody stands in a course or an exam.
    #[derive(EnumIter)]
    pub enum Status as TrainingEnrollmentStatus {
        /// Not begun.
        Enrolled,
        /// Begun.
        InProgress,
        /// The course is completed, or the exam passed.
        Completed,
        /// All attempts at the exam have failed.
        Failed,
        /// Given up.
        Withdrawn,
        /// The vendor counts it as completed.
        Waived,
    }
}

impl Status {
    /// Whether something can still become of it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Enrolled | Self::InProgress)
    }

    /// Whether it counts as done.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Completed | Self::Waived)
    }
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Begin.
    Start,
    /// Say how far it has come.
    Progress,
    /// Complete a course.
    Complete,
    /// Try an exam.
    Attempt,
    /// Give up.
    Withdraw,
    /// Count it as completed.
    Waive,
}

/// Whether an action is possible.
///
/// # Errors
/// `invalid_transition`, naming state, action and what is possible.
pub fn allow(kind: ItemKind, status: Status, action: Action) -> Result<(), Error> {
    if is_possible(kind, status, action) {
        return Ok(());
    }
    let possible: Vec<String> =
        Action::iter().filter(|other| is_possible(kind, status, *other)).map(|it| it.to_string()).collect();
    let possible = if possible.is_empty() { "nothing".to_owned() } else { possible.join(", ") };
    let detail =
        format!("Of a training in a {kind} in state {status}, {action} is not possible; possible is {possible}.");
    Err(Error::new(Code::InvalidTransition, detail))
}

fn is_possible(kind: ItemKind, status: Status, action: Action) -> bool {
    match action {
        Action::Start => status == Status::Enrolled,
        Action::Progress => kind == ItemKind::Course && status == Status::InProgress,
        Action::Complete => kind == ItemKind::Course && status.is_open(),
        Action::Attempt => kind == ItemKind::Exam && status.is_open(),
        Action::Withdraw => status.is_open(),
        Action::Waive => status.is_open() || status == Status::Failed,
    }
}

/// An attempt at an exam that was made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// When.
    pub taken_on: NaiveDate,
}

/// Whether an attempt may be made on a day, after these.
///
/// # Errors
/// `policy_refuses` when it is too early, or one too many, or nobody watched where somebody must.
pub fn may_attempt(exam: &ExamEntry, earlier: &[Earlier], on: NaiveDate, proctored: bool) -> Result<(), Error> {
    let refuse = |detail: String| Err(Error::new(Code::PolicyRefuses, detail));
    if exam.proctored && !proctored {
        return refuse("Only attempts that were proctored count for this exam.".to_owned());
    }
    if exam.attempts.is_some_and(|most| earlier.len() >= usize::from(most)) {
        return refuse(format!("All {} attempts were made.", earlier.len()));
    }
    let last = earlier.iter().map(|attempt| attempt.taken_on).max();
    let from = last.and_then(|last| last.checked_add_days(Days::new(u64::from(exam.retake_wait_days))));
    match from {
        Some(from) if on < from => refuse(format!(
            "The next attempt is possible from {from} on: {} days must lie between.",
            exam.retake_wait_days
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_of_what_is_over() {
        for status in Status::iter().filter(|status| !status.is_open() && *status != Status::Failed) {
            for (kind, action) in Action::iter().flat_map(|it| [(ItemKind::Course, it), (ItemKind::Exam, it)]) {
                assert!(allow(kind, status, action).is_err(), "{kind} {status} {action}");
            }
        }
    }

    #[test]
    fn a_course_is_completed_and_an_exam_is_tried() {
        for status in [Status::Enrolled, Status::InProgress] {
            assert!(allow(ItemKind::Course, status, Action::Complete).is_ok());
            assert!(allow(ItemKind::Exam, status, Action::Complete).is_err());
            assert!(allow(ItemKind::Exam, status, Action::Attempt).is_ok());
            assert!(allow(ItemKind::Course, status, Action::Attempt).is_err());
        }
        assert!(allow(ItemKind::Exam, Status::Failed, Action::Waive).is_ok());
        let refused = allow(ItemKind::Course, Status::Withdrawn, Action::Start).unwrap_err();
        assert!(refused.detail.contains("possible is nothing"), "{}", refused.detail);
    }

    #[test]
    fn attempts_are_counted_and_wait() {
        let exam: ExamEntry = serde_json::from_value(
            serde_json::json!({"name": "e", "pass_mark": 70, "attempts": 2, "retake_wait_days": 14}),
        )
        .unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let first = [Earlier { taken_on: day("2026-03-01") }];
        assert!(may_attempt(&exam, &[], day("2026-03-01"), false).is_ok());
        assert!(may_attempt(&exam, &first, day("2026-03-14"), false).is_err());
        assert!(may_attempt(&exam, &first, day("2026-03-15"), false).is_ok());
        let both = [first[0], Earlier { taken_on: day("2026-03-15") }];
        assert!(may_attempt(&exam, &both, day("2027-01-01"), false).unwrap_err().detail.contains("All 2"));
    }
}
