//! What each step makes of a training enrollment, whoever takes it, and the event that tells it. Pure; whether the step is
//! possible is asked before.

use chrono::NaiveDate;

use super::TrainingEnrollment;
use crate::rules::Status;

impl TrainingEnrollment {
    /// Begun on this day, or before.
    pub(crate) fn start(&mut self, on: NaiveDate) -> &'static str {
        self.status = Status::InProgress;
        self.has_begun(on);
        "training_enrollment.started"
    }

    /// Come so far, in percent; never less than before.
    pub(crate) fn progress_to(&mut self, percent: u8, on: NaiveDate) -> &'static str {
        self.start(on);
        self.progress = self.progress.max(i32::from(percent).min(100));
        "training_enrollment.progressed"
    }

    /// Completed, with a score if one is known.
    pub(crate) fn complete(&mut self, score: Option<String>, on: NaiveDate) -> &'static str {
        self.score = score.or(self.score.take());
        self.end(Status::Completed, on);
        "training_enrollment.completed"
    }

    /// Tried an exam with this score, and passed it or not; the last attempt that fails ends it.
    pub(crate) fn attempt(&mut self, score: String, (passed, last): (bool, bool), on: NaiveDate) -> &'static str {
        self.score = Some(score);
        self.start(on);
        match (passed, last) {
            (true, _) => self.complete(None, on),
            (false, true) => {
                self.end(Status::Failed, on);
                "training_enrollment.failed"
            }
            (false, false) => "training_enrollment.attempted",
        }
    }

    /// Given up.
    pub(crate) fn withdraw(&mut self, on: NaiveDate) -> &'static str {
        self.end(Status::Withdrawn, on);
        "training_enrollment.withdrawn"
    }

    /// Counted as completed.
    pub(crate) fn waive(&mut self, reason: String, on: NaiveDate) -> &'static str {
        self.reason = Some(reason);
        self.end(Status::Waived, on);
        "training_enrollment.waived"
    }

    fn has_begun(&mut self, on: NaiveDate) {
        self.started_on = Some(self.started_on.map_or(on, |started| started.min(on)));
    }

    /// Nothing becomes of it any more.
    fn end(&mut self, status: Status, on: NaiveDate) {
        (self.status, self.ended_on, self.open_key) = (status, Some(on), None);
        self.enrolled_on = self.enrolled_on.min(on);
        if status.is_done() {
            self.progress = 100;
            self.has_begun(on);
        }
    }
}
