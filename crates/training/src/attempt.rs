//! Attempts at exams.

use chrono::NaiveDate;
use database::{Result, Tx, schema::exam_attempts as attempts};
use diesel::prelude::*;
use kernel::{Actor, Code, Error, Page, Paging, PartnerId, Timestamp, ids};
use rules::Number;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    catalogue::{ExamEntry, Item},
    enrollment::{self, Check, Origin, TrainingEnrollment, TrainingEnrollmentId, acting},
    person::PersonId,
    rules::{Action, Earlier, may_attempt},
};

ids! {
    /// An attempt at an exam.
    ExamAttemptKind = "attempt" => ExamAttemptId;
}

/// An attempt at an exam. It never changes.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts)]
pub struct ExamAttempt {
    /// Unique.
    pub id: ExamAttemptId,
    /// The person's enrollment in the exam.
    pub training_enrollment_id: TrainingEnrollmentId,
    /// Who.
    pub person_id: PersonId,
    /// The partner that they work for now.
    pub partner_id: PartnerId,
    /// The exam, by slug.
    #[schema(max_length = 64, example = "platform_exam")]
    pub exam: String,
    /// Counts the attempts of the enrollment, from 1.
    #[schema(format = Int64, minimum = 1, example = 1)]
    pub number: i32,
    /// The day.
    pub taken_on: NaiveDate,
    /// The score, of 100.
    #[schema(max_length = 12, pattern = r"^\d{1,3}(\.\d{1,4})?$", example = "74.5")]
    pub score: String,
    /// The least score with which the exam was passed then, of 100.
    #[schema(max_length = 40, example = "70")]
    pub pass_mark: String,
    /// Whether it was passed.
    pub passed: bool,
    /// Whether somebody watched.
    pub proctored: bool,
    /// How it became known.
    pub source: Origin,
    /// Who reported it.
    #[schema(max_length = 120, example = "client_01h455vb4pex5vsknk084sn02q")]
    pub recorded_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// An attempt to record.
#[derive(Debug, Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"score": "74.5", "proctored": true}))]
pub struct NewExamAttempt {
    /// The score, of 100.
    #[schema(max_length = 8, pattern = r"^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$", example = "74.5")]
    pub score: String,
    /// Whether somebody watched.
    #[serde(default)]
    pub proctored: bool,
    /// The day; today in the catalogue's time zone, if it is left out. Not in the future.
    #[schema(nullable = false)]
    pub on: Option<NaiveDate>,
}

/// Records an attempt. The first that reaches the pass mark completes the enrollment; the last that is allowed and fails
/// ends it.
///
/// # Errors
/// `not_found`; `invalid_transition`; `policy_refuses` for an attempt too early, one too many, or one that nobody watched
/// where somebody must; `invalid_body` for a day that cannot be; those of `check`.
pub fn attempt(
    tx: &mut Tx,
    actor: &Actor,
    id: TrainingEnrollmentId,
    request: NewExamAttempt,
    check: Check,
) -> Result<TrainingEnrollment> {
    let mut acting = acting::begin(tx, actor, id, Action::Attempt, check)?;
    let on = acting::day(request.on, acting.today)?;
    let catalogue = std::sync::Arc::clone(&acting.catalogue);
    let Some(Item::Exam(exam)) = enrollment::item_of(&catalogue, &acting.row) else {
        let detail = format!("The catalogue has no exam {} any more.", acting.row.item);
        return Err(Error::new(Code::PolicyRefuses, detail).into());
    };
    let event = take(tx, actor, &mut acting.row, exam, (on, &request), Origin::Api)?;
    acting.save(tx, actor, event, "attemptExam")
}

/// Writes down an attempt, and makes of the enrollment what comes of it; the event that tells it.
pub(crate) fn take(
    tx: &mut Tx,
    actor: &Actor,
    row: &mut TrainingEnrollment,
    exam: &ExamEntry,
    (on, request): (NaiveDate, &NewExamAttempt),
    source: Origin,
) -> Result<&'static str> {
    let earlier = if row.attempts == 0 { Vec::new() } else { earlier(tx, row.id)? };
    may_attempt(exam, &earlier, on, request.proctored)?;
    let score =
        request.score.parse::<Number>().map_err(|words| Error::invalid("/score", "format", words.to_string()))?;
    let passed = score >= exam.pass_mark;
    row.attempts = row.attempts.saturating_add(1);
    let attempt = ExamAttempt {
        id: tx.id(),
        training_enrollment_id: row.id,
        person_id: row.person_id,
        partner_id: row.partner_id,
        exam: row.item.clone(),
        number: row.attempts,
        taken_on: on,
        score: request.score.clone(),
        pass_mark: exam.pass_mark.to_string(),
        passed,
        proctored: request.proctored,
        source,
        recorded_by: actor.subject.clone(),
        created_at: tx.now(),
    };
    diesel::insert_into(attempts::table).values(&attempt).execute(tx.sql())?;
    let was_last = exam.attempts.is_some_and(|most| row.attempts >= i32::from(most));
    Ok(row.attempt(attempt.score, (passed, was_last), on))
}

fn earlier(tx: &mut Tx, id: TrainingEnrollmentId) -> Result<Vec<Earlier>> {
    let own = attempts::table.filter(attempts::training_enrollment_id.eq(id)).select(attempts::taken_on);
    Ok(own.load::<NaiveDate>(tx.sql())?.into_iter().map(|taken_on| Earlier { taken_on }).collect())
}

/// The attempts of an enrollment that the actor may see, newest first.
///
/// # Errors
/// `not_found`; `invalid_parameter` for a foreign cursor.
pub fn list(tx: &mut Tx, actor: &Actor, id: TrainingEnrollmentId, paging: &Paging) -> Result<Page<ExamAttempt>> {
    enrollment::find(tx, actor, id)?;
    let query = attempts::table.filter(attempts::training_enrollment_id.eq(id)).into_boxed();
    Ok(database::page!(tx, query, paging, "exam_attempts", desc(attempts::number) as ExamAttempt))
}
