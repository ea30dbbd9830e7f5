//! A training enrollment, and what callers send about it.

use chrono::NaiveDate;
use database::schema::training_enrollments as enrollments;
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp, ids};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{catalogue::ItemKind, person::PersonId, rules::Status};

ids! {
    /// A person in a course or an exam.
    TrainingKindMark = "training" => TrainingEnrollmentId;
}

database::text_enum! {
    /// How it became known.
    pub enum Origin as TrainingOrigin {
        /// Somebody enrolled here.
        Api,
        /// A learning system sent statements.
        Xapi,
        /// A file was imported.
        Import,
    }
}

/// A person in a course or an exam.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = enrollments, treat_none_as_null = true)]
pub struct TrainingEnrollment {
    /// Unique.
    pub id: TrainingEnrollmentId,
    /// Who.
    pub person_id: PersonId,
    /// The partner that they work for now.
    pub partner_id: PartnerId,
    /// Whether it is a course or an exam.
    pub kind: ItemKind,
    /// Which, by slug.
    #[schema(max_length = 64, example = "platform_basics")]
    pub item: String,
    /// Which edition was given when they enrolled.
    #[schema(required = true, max_length = 40, example = "2026.1")]
    pub item_version: Option<String>,
    /// Where they stand.
    pub status: Status,
    /// How far they have come, in percent.
    #[schema(format = Int64, minimum = 0, maximum = 100, example = 40)]
    pub progress: i32,
    /// With which score they completed it, of 100.
    #[schema(required = true, max_length = 12, pattern = r"^\d{1,3}(\.\d{1,4})?$", example = "87.5")]
    pub score: Option<String>,
    /// How often the exam was tried.
    #[schema(format = Int64, minimum = 0, maximum = 100_000, example = 1)]
    pub attempts: i32,
    /// By which day it is to be completed.
    #[schema(required = true)]
    pub due_on: Option<NaiveDate>,
    /// Who assigned it; null if they enrolled themselves.
    #[schema(required = true, max_length = 120, example = "user_01h455vb4pex5vsknk084sn02q")]
    pub assigned_by: Option<String>,
    /// How it became known.
    pub source: Origin,
    /// What the learning system calls it.
    #[schema(required = true, max_length = 200, example = "LMS-00417")]
    pub external_id: Option<String>,
    /// Why it was waived or withdrawn.
    #[schema(required = true, max_length = 4000)]
    pub reason: Option<String>,
    /// The day on which they enrolled.
    pub enrolled_on: NaiveDate,
    /// The day on which they began.
    #[schema(required = true)]
    pub started_on: Option<NaiveDate>,
    /// The day on which it was completed, or ended otherwise.
    #[schema(required = true)]
    pub ended_on: Option<NaiveDate>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) open_key: Option<String>,
    /// The partner for whose figures it counts: the one on the day on which it ended, or the one now.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) reported_to: PartnerId,
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) overdue: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A person to enroll.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "person_id": "person_01h455vb4pex5vsknk084sn02q", "item": "platform_basics", "due_on": "2027-03-31"
}))]
pub struct NewTrainingEnrollment {
    /// Who.
    pub person_id: PersonId,
    /// The course or exam, by slug.
    #[schema(min_length = 1, max_length = 64, example = "platform_basics")]
    pub item: String,
    /// By which day it is to be completed.
    #[schema(nullable = false)]
    pub due_on: Option<NaiveDate>,
}

/// How far somebody has come.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"progress": 40}))]
pub struct TrainingProgress {
    /// In percent; never less than before.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub progress: u8,
}

/// That somebody has completed a course.
#[derive(Debug, Clone, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"on": "2026-11-27", "score": "92"}))]
pub struct CompleteTraining {
    /// On which day; today in the catalogue's time zone, if it is left out. Not in the future.
    #[schema(nullable = false)]
    pub on: Option<NaiveDate>,
    /// With which score, of 100.
    #[schema(nullable = false, max_length = 8, pattern = r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$", example = "92")]
    pub score: Option<String>,
    /// What the learning system calls it.
    #[schema(nullable = false, min_length = 1, max_length = 200, example = "LMS-00417")]
    pub external_id: Option<String>,
}

/// Counts a course or an exam as completed.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Taught this course for us in 2025."}))]
pub struct WaiveTraining {
    /// Why.
    #[schema(min_length = 1, max_length = 4000, example = "Taught this course for us in 2025.")]
    pub reason: String,
    /// From which day on; today in the catalogue's time zone, if it is left out. Not in the future.
    #[schema(nullable = false)]
    pub on: Option<NaiveDate>,
}

/// Which to list.
#[derive(Debug, Default)]
pub struct TrainingEnrollmentFilter {
    /// Only of this partner's people.
    pub partner_id: Option<PartnerId>,
    /// Only of this person.
    pub person_id: Option<PersonId>,
    /// Only in this course or exam.
    pub item: Option<String>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only open ones that are due before this day.
    pub due_before: Option<NaiveDate>,
    /// Only those changed at or after this time.
    pub updated_after: Option<Timestamp>,
}
