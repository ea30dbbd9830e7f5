//! What is to be recorded, whoever and whatever it turns out to be of. Pure: no clock, no database.

use chrono::{NaiveDate, TimeDelta};
use kernel::{Code, Error, Timestamp};
use rules::Number;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    catalogue::{Catalogue, ExamEntry, Item},
    record::Feat,
};

/// How far a clock elsewhere may be ahead of ours. NTP keeps clocks within a second and a phone's or a test centre's
/// drifts by seconds a day; what is further ahead is no drift but a mistake, which would date a certification wrongly.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What somebody is said to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TrainingDeed)]
pub enum Did {
    /// Enrolled.
    Enrolled,
    /// Begun.
    Started,
    /// Come further.
    Progressed,
    /// Completed it.
    Completed,
    /// Passed it.
    Passed,
    /// Failed it.
    Failed,
    /// Given up.
    Withdrawn,
}

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PendingTraining)]
pub struct Pending {
    /// Who, as it was reported: `mailto:` and an address, `sha1:` and the digest of one, or `external:` and what
    /// another system calls them.
    #[schema(max_length = 2100, example = "mailto:ada@northwind.example")]
    pub person: String,
    /// The course or exam, as it was reported: the id of an activity, or a slug.
    #[schema(max_length = 2000, example = "https://lms.example/courses/platform-basics")]
    pub item: String,
    /// What they did.
    pub did: Did,
    /// The day, if it is known better than the time.
    #[schema(required = true)]
    pub on: Option<NaiveDate>,
    /// The time.
    #[schema(required = true)]
    pub at: Option<Timestamp>,
    /// How far they have come, in percent.
    #[schema(required = true, minimum = 0, maximum = 100, example = 40)]
    pub progress: Option<u8>,
    /// The score, of 100.
    #[schema(required = true, max_length = 12, example = "92")]
    pub score: Option<String>,
    /// Whether it is said to be a success.
    #[schema(required = true)]
    pub success: Option<bool>,
    /// Whether somebody watched.
    pub proctored: bool,
    /// What the other system calls it.
    #[schema(required = true, max_length = 200, example = "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    pub external_id: Option<String>,
}

impl Pending {
    /// The day of it, in the catalogue's time zone.
    ///
    /// # Errors
    /// `invalid_body` for a time that has not come.
    pub(super) fn day(&self, catalogue: &Catalogue, now: Timestamp) -> Result<NaiveDate, Error> {
        if self.at.is_some_and(|at| at > now + AHEAD) {
            let words = format!("{} has not come yet", self.at.unwrap_or(now));
            return Err(Error::invalid("/at", "maximum", words));
        }
        let today = catalogue.day_of(now);
        // A clock that is a little ahead must not tell of tomorrow.
        let of_time = self.at.map(|at| catalogue.day_of(at).min(today));
        Ok(self.on.or(of_time).unwrap_or(today))
    }

    /// What it is of this course or exam.
    ///
    /// # Errors
    /// `invalid_body` for an attempt without a score; `policy_refuses` where score and success contradict each other.
    pub(super) fn feat(&self, item: Item) -> Result<Feat, Error> {
        match (self.did, item) {
            (Did::Enrolled, _) => Ok(Feat::Enrolled),
            (Did::Started, _) | (Did::Progressed, Item::Exam(_)) | (Did::Failed, Item::Course(_)) => Ok(Feat::Started),
            (Did::Withdrawn, _) => Ok(Feat::Withdrawn),
            (Did::Progressed, Item::Course(_)) => Ok(self.progress.map_or(Feat::Started, Feat::Progressed)),
            (Did::Completed | Did::Passed, Item::Course(_)) => Ok(Feat::Completed(self.score.clone())),
            // That all of it was seen is no attempt; that it was a success or not is one.
            (Did::Completed, Item::Exam(_)) if self.score.is_none() && self.success.is_none() => Ok(Feat::Started),
            (Did::Completed | Did::Passed | Did::Failed, Item::Exam(exam)) => self.attempted(exam),
        }
    }

    fn attempted(&self, exam: &ExamEntry) -> Result<Feat, Error> {
        let missing = || Error::invalid("/score", "required", "is required: an exam is passed by its score");
        let score = self.score.clone().ok_or_else(missing)?;
        let number = score.parse::<Number>().map_err(|words| Error::invalid("/score", "format", words.to_string()))?;
        let is_enough = number >= exam.pass_mark;
        if self.success.is_some_and(|success| success != is_enough) {
            let said = if is_enough { "failed" } else { "passed" };
            let detail = format!("It is said to be {said} with {score}, and the pass mark is {}.", exam.pass_mark);
            return Err(Error::new(Code::PolicyRefuses, detail));
        }
        Ok(Feat::Attempted { score, proctored: self.proctored })
    }
}
