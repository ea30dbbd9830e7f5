//! What was learned elsewhere and could not be recorded.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use serde::Deserialize;
use training::{
    DismissTrainingReview, ResolveTrainingReview, TrainingReview, TrainingReviewFilter, TrainingReviewId,
    review::{self, Reason, Source, Status},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Valid, list_of};

list_of!(TrainingReviewList of TrainingReview);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(get_one).service(resolve).service(dismiss);
}

/// Which reviews to list.
#[derive(Debug, Deserialize, IntoParams)]
struct TrainingReviewQuery {
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only for this reason.
    #[param(nullable = false)]
    reason: Option<Reason>,
    /// Only from there.
    #[param(nullable = false)]
    source: Option<Source>,
    /// Only what is called so there: a statement's id, or an import and its row.
    #[param(max_length = 200, nullable = false)]
    reference: Option<String>,
}

/// List training reviews
///
/// What learning systems and files have told and could not be recorded, newest first. Those of people and activities that
/// nobody knew are tried again by themselves when they become known.
#[utoipa::path(
    operation_id = "listTrainingReviews",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(Listed, TrainingReviewQuery),
    responses((status = 200, description = "One page of reviews.", body = TrainingReviewList))
)]
#[get("/v1/training-reviews")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<TrainingReviewQuery>) -> Outcome {
    let TrainingReviewQuery { status, reason, source, reference } = query.0;
    let (paging, filter) = (listed.paging(), TrainingReviewFilter { status, reason, source, reference });
    app.list::<TrainingReviewList>(call, move |tx, actor| review::list(tx, actor, &filter, &paging)).await
}

/// Get a training review
///
/// With what is to be recorded, and why it could not be.
#[utoipa::path(
    operation_id = "getTrainingReview",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(("id" = TrainingReviewId, Path, description = "The review.")),
    responses((status = 200, description = "The review.", body = TrainingReview))
)]
#[get("/v1/training-reviews/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<TrainingReviewId>) -> Outcome {
    app.get(call, move |tx, actor| review::find(tx, actor, *id)).await
}

/// Record what waits
///
/// For this person, of this course or exam, as if it had been known when it was reported. Score and whether somebody
/// watched can be told where they were not.
#[utoipa::path(
    operation_id = "resolveTrainingReview",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(("id" = TrainingReviewId, Path, description = "The review.")),
    request_body = ResolveTrainingReview,
    extensions(("x-error-codes" = json!(["invalid_transition", "policy_refuses"]))),
    responses((status = 200, description = "The review as it is now.", body = TrainingReview))
)]
#[post("/v1/training-reviews/{id}/resolve")]
async fn resolve(
    app: Data<App>,
    call: Call,
    id: Path<TrainingReviewId>,
    request: Valid<ResolveTrainingReview>,
) -> Outcome {
    app.change(call, *id, request.0, review::resolve).await
}

/// Dismiss what waits
///
/// It is not to be recorded. It stays readable, with the reason.
#[utoipa::path(
    operation_id = "dismissTrainingReview",
    tag = "training",
    security(("oauth2" = ["training:manage"])),
    params(("id" = TrainingReviewId, Path, description = "The review.")),
    request_body = DismissTrainingReview,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The review as it is now.", body = TrainingReview))
)]
#[post("/v1/training-reviews/{id}/dismiss")]
async fn dismiss(
    app: Data<App>,
    call: Call,
    id: Path<TrainingReviewId>,
    request: Valid<DismissTrainingReview>,
) -> Outcome {
    app.change(call, *id, request.0, review::dismiss).await
}
