//! People in courses and exams.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::NaiveDate;
use kernel::{PartnerId, Timestamp};
use serde::Deserialize;
use training::{
    CompleteTraining, ExamAttempt, NewExamAttempt, NewTrainingEnrollment, PersonId, TrainingEnrollment,
    TrainingEnrollmentFilter, TrainingEnrollmentId, TrainingProgress, WaiveTraining, attempt, enrollment,
    rules::Status as TrainingEnrollmentStatus,
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, CsvText, Exported, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(TrainingEnrollmentList of TrainingEnrollment);
list_of!(ExamAttemptList of ExamAttempt);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(export).service(create).service(get_one);
    config.service(start).service(progress).service(complete).service(attempt_exam).service(attempts);
    config.service(withdraw).service(waive);
}

/// Which training enrollments to list.
#[derive(Debug, Deserialize, IntoParams)]
struct TrainingEnrollmentQuery {
    /// Only of this partner's people.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this person.
    #[param(nullable = false)]
    person_id: Option<PersonId>,
    /// Only in this course or exam, by slug.
    #[param(max_length = 64, nullable = false)]
    item: Option<String>,
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<TrainingEnrollmentStatus>,
    /// Only open ones that are due before this day.
    #[param(nullable = false)]
    due_before: Option<NaiveDate>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

impl From<TrainingEnrollmentQuery> for TrainingEnrollmentFilter {
    fn from(query: TrainingEnrollmentQuery) -> Self {
        let TrainingEnrollmentQuery { partner_id, person_id, item, status, due_before, updated_after } = query;
        Self { partner_id, person_id, item, status, due_before, updated_after }
    }
}

/// List training enrollments
///
/// People in courses and exams, newest first.
#[utoipa::path(
    operation_id = "listTrainingEnrollments",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(Listed, TrainingEnrollmentQuery),
    responses((status = 200, description = "One page of training enrollments.", body = TrainingEnrollmentList))
)]
#[get("/v1/training-enrollments")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<TrainingEnrollmentQuery>) -> Outcome {
    let (paging, filter) = (listed.paging(), query.0.into());
    app.list::<TrainingEnrollmentList>(call, move |tx, actor| enrollment::list(tx, actor, &filter, &paging)).await
}

/// Export training enrollments
///
/// The same as CSV, with names and e-mail addresses, and as many rows at once as a spreadsheet takes. A cell that a
/// spreadsheet could take for a formula begins with an apostrophe.
#[utoipa::path(
    operation_id = "exportTrainingEnrollments",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(Exported, TrainingEnrollmentQuery),
    responses((status = 200, description = "The rows.", content_type = "text/csv", body = CsvText))
)]
#[get("/v1/training-enrollments.csv")]
async fn export(app: Data<App>, call: Call, asked: Query<Exported>, query: Query<TrainingEnrollmentQuery>) -> Outcome {
    let (Exported { limit, cursor }, filter) = (asked.0, query.0.into());
    let limit = limit.unwrap_or(training::export::MOST_ROWS);
    app.export(call, move |tx, actor| training::export::enrollments(tx, actor, &filter, limit, cursor)).await
}

/// Enroll a person
///
/// In a course or an exam that is offered to their company: themselves, one of the partner's people by its administrator,
/// or by assignment with a day on which it is due. Members enroll themselves.
#[utoipa::path(
    operation_id = "createTrainingEnrollment",
    tag = "training",
    security(("oauth2" = ["training:write"])),
    request_body = NewTrainingEnrollment,
    extensions(("x-error-codes" = json!(["already_exists", "invalid_transition", "policy_refuses"]))),
    responses((status = 201, description = "The new training enrollment.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments")]
async fn create(app: Data<App>, call: Call, new: Valid<NewTrainingEnrollment>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = enrollment::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/training-enrollments/{}", made.id), &made)
    })
    .await
}

/// Get a training enrollment
///
/// Where a person stands in a course or an exam.
#[utoipa::path(
    operation_id = "getTrainingEnrollment",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    responses((status = 200, description = "The training enrollment.", body = TrainingEnrollment))
)]
#[get("/v1/training-enrollments/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<TrainingEnrollmentId>) -> Outcome {
    app.get(call, move |tx, actor| enrollment::find(tx, actor, *id)).await
}

/// Start a training
///
/// The person begins the course, or goes to the exam.
#[utoipa::path(
    operation_id = "startTraining",
    tag = "training",
    security(("oauth2" = ["training:write"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    extensions(("x-error-codes" = json!(["invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The training enrollment as it is now.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments/{id}/start")]
async fn start(app: Data<App>, call: Call, id: Path<TrainingEnrollmentId>) -> Outcome {
    app.change(call, *id, (), enrollment::start).await
}

/// Say how far a training has come
///
/// Of a course that was started, in percent; never less than before. It completes nothing.
#[utoipa::path(
    operation_id = "progressTraining",
    tag = "training",
    security(("oauth2" = ["training:write"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    request_body = TrainingProgress,
    extensions(("x-error-codes" = json!(["invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The training enrollment as it is now.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments/{id}/progress")]
async fn progress(
    app: Data<App>,
    call: Call,
    id: Path<TrainingEnrollmentId>,
    request: Valid<TrainingProgress>,
) -> Outcome {
    app.change(call, *id, request.0, enrollment::progress).await
}

/// Complete a training
///
/// Of a course. Where the catalogue does not say that people report it themselves, a learning system or the vendor does
/// (`training:report`). Certifications that are earned by it are awarded at once.
#[utoipa::path(
    operation_id = "completeTraining",
    tag = "training",
    security(("oauth2" = ["training:write"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    request_body = CompleteTraining,
    extensions(("x-error-codes" = json!(["invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The training enrollment as it is now.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments/{id}/complete")]
async fn complete(
    app: Data<App>,
    call: Call,
    id: Path<TrainingEnrollmentId>,
    request: Valid<CompleteTraining>,
) -> Outcome {
    app.change(call, *id, request.0, enrollment::complete).await
}

/// Record an attempt at an exam
///
/// The first that reaches the pass mark completes the enrollment; the last that the exam allows, and that fails, ends it.
/// An attempt before the wait is over, one too many, or one that nobody watched where somebody must, is refused.
#[utoipa::path(
    operation_id = "attemptExam",
    tag = "training",
    security(("oauth2" = ["training:report"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    request_body = NewExamAttempt,
    extensions(("x-error-codes" = json!(["invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The training enrollment as it is now.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments/{id}/attempt")]
async fn attempt_exam(
    app: Data<App>,
    call: Call,
    id: Path<TrainingEnrollmentId>,
    request: Valid<NewExamAttempt>,
) -> Outcome {
    app.change(call, *id, request.0, attempt::attempt).await
}

/// List attempts at an exam
///
/// Those of one enrollment, newest first.
#[utoipa::path(
    operation_id = "listExamAttempts",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment."), Listed),
    responses((status = 200, description = "One page of attempts.", body = ExamAttemptList))
)]
#[get("/v1/training-enrollments/{id}/attempts")]
async fn attempts(app: Data<App>, call: Call, id: Path<TrainingEnrollmentId>, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<ExamAttemptList>(call, move |tx, actor| attempt::list(tx, actor, *id, &paging)).await
}

/// Withdraw from a training
///
/// The person gives up. What was assigned is withdrawn by an administrator or the vendor.
#[utoipa::path(
    operation_id = "withdrawTraining",
    tag = "training",
    security(("oauth2" = ["training:write"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    extensions(("x-error-codes" = json!(["invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The training enrollment as it is now.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<TrainingEnrollmentId>) -> Outcome {
    app.change(call, *id, (), enrollment::withdraw).await
}

/// Waive a training
///
/// The vendor counts a course or an exam as completed, and says why. Certifications that are earned by it are awarded at
/// once.
#[utoipa::path(
    operation_id = "waiveTraining",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(("id" = TrainingEnrollmentId, Path, description = "The training enrollment.")),
    request_body = WaiveTraining,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The training enrollment as it is now.", body = TrainingEnrollment))
)]
#[post("/v1/training-enrollments/{id}/waive")]
async fn waive(app: Data<App>, call: Call, id: Path<TrainingEnrollmentId>, request: Valid<WaiveTraining>) -> Outcome {
    app.change(call, *id, request.0, enrollment::waive).await
}
