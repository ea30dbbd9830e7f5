//! Business plans, and their reviews.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use kernel::{PartnerId, Timestamp};
use partners::{
    BusinessPlan, BusinessPlanFilter, BusinessPlanId, BusinessPlanReview, BusinessPlanReviewId,
    BusinessPlanReviewUpdate, BusinessPlanUpdate, CloseBusinessPlan, EnrollmentId, NewBusinessPlan,
    NewBusinessPlanReview,
    business_plan::{self, Status},
    review,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(BusinessPlanList of BusinessPlan);
list_of!(BusinessPlanReviewList of BusinessPlanReview);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(get_one)
        .service(update)
        .service(propose)
        .service(agree)
        .service(close)
        .service(list_reviews)
        .service(create_review)
        .service(get_review)
        .service(update_review);
}

/// Which business plans to list.
#[derive(Debug, Deserialize, IntoParams)]
struct BusinessPlanQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this enrollment.
    #[param(nullable = false)]
    enrollment_id: Option<EnrollmentId>,
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only those changed or reviewed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List business plans
///
/// Newest first. A partner sees its own; a channel manager those of their partners.
#[utoipa::path(
    operation_id = "listBusinessPlans",
    tag = "business_plans",
    security(("oauth2" = ["partners:read"])),
    params(Listed, BusinessPlanQuery),
    responses((status = 200, description = "One page of plans.", body = BusinessPlanList))
)]
#[get("/v1/business-plans")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<BusinessPlanQuery>) -> Outcome {
    let BusinessPlanQuery { partner_id, enrollment_id, status, updated_after } = query.0;
    let (paging, filter) = (listed.paging(), BusinessPlanFilter { partner_id, enrollment_id, status, updated_after });
    app.list::<BusinessPlanList>(call, move |tx, actor| business_plan::list(tx, actor, &filter, &paging)).await
}

/// Add a business plan
///
/// As a draft, by either side. Both see it, but for the vendor's internal notes.
#[utoipa::path(
    operation_id = "createBusinessPlan",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    request_body = NewBusinessPlan,
    extensions(("x-error-codes" = json!(["agreement_required", "policy_refuses"]))),
    responses((status = 201, description = "The new plan.", body = BusinessPlan))
)]
#[post("/v1/business-plans")]
async fn create(app: Data<App>, call: Call, new: Valid<NewBusinessPlan>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = business_plan::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/business-plans/{}", made.id), &made)
    })
    .await
}

/// Get a business plan
///
/// As it is now.
#[utoipa::path(
    operation_id = "getBusinessPlan",
    tag = "business_plans",
    security(("oauth2" = ["partners:read"])),
    params(("id" = BusinessPlanId, Path, description = "The plan.")),
    responses((status = 200, description = "The plan.", body = BusinessPlan))
)]
#[get("/v1/business-plans/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<BusinessPlanId>) -> Outcome {
    app.get(call, move |tx, actor| business_plan::find(tx, actor, *id)).await
}

/// Change a business plan
///
/// What is left out stays, null clears. What is proposed becomes a draft again; of what is agreed, only how far the goals
/// have come can be changed.
#[utoipa::path(
    operation_id = "updateBusinessPlan",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    params(("id" = BusinessPlanId, Path, description = "The plan.")),
    request_body = BusinessPlanUpdate,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The plan as it is now.", body = BusinessPlan))
)]
#[patch("/v1/business-plans/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<BusinessPlanId>, new: Valid<BusinessPlanUpdate>) -> Outcome {
    app.change(call, *id, new.0, business_plan::update).await
}

/// Propose a business plan
///
/// A draft, to the other side.
#[utoipa::path(
    operation_id = "proposeBusinessPlan",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    params(("id" = BusinessPlanId, Path, description = "The plan.")),
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The plan as it is now.", body = BusinessPlan))
)]
#[post("/v1/business-plans/{id}/propose")]
async fn propose(app: Data<App>, call: Call, id: Path<BusinessPlanId>) -> Outcome {
    app.change(call, *id, (), |tx, actor, id, (), check| business_plan::propose(tx, actor, id, check)).await
}

/// Agree to a business plan
///
/// To what the other side has proposed.
#[utoipa::path(
    operation_id = "agreeBusinessPlan",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    params(("id" = BusinessPlanId, Path, description = "The plan.")),
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The plan as it is now.", body = BusinessPlan))
)]
#[post("/v1/business-plans/{id}/agree")]
async fn agree(app: Data<App>, call: Call, id: Path<BusinessPlanId>) -> Outcome {
    app.change(call, *id, (), |tx, actor, id, (), check| business_plan::agree(tx, actor, id, check)).await
}

/// Close a business plan
///
/// One that was agreed, with what came of it.
#[utoipa::path(
    operation_id = "closeBusinessPlan",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    params(("id" = BusinessPlanId, Path, description = "The plan.")),
    request_body = CloseBusinessPlan,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The plan as it is now.", body = BusinessPlan))
)]
#[post("/v1/business-plans/{id}/close")]
async fn close(app: Data<App>, call: Call, id: Path<BusinessPlanId>, request: Valid<CloseBusinessPlan>) -> Outcome {
    app.change(call, *id, request.0, business_plan::close).await
}

/// List a business plan's reviews
///
/// Newest first.
#[utoipa::path(
    operation_id = "listBusinessPlanReviews",
    tag = "business_plans",
    security(("oauth2" = ["partners:read"])),
    params(("id" = BusinessPlanId, Path, description = "The plan."), Listed),
    responses((status = 200, description = "One page of reviews.", body = BusinessPlanReviewList))
)]
#[get("/v1/business-plans/{id}/reviews")]
async fn list_reviews(app: Data<App>, call: Call, id: Path<BusinessPlanId>, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<BusinessPlanReviewList>(call, move |tx, actor| review::list(tx, actor, *id, &paging)).await
}

/// Add a review of a business plan
///
/// The notes of a quarterly business review: who was there, what was said and decided. `If-Match` is of the plan.
#[utoipa::path(
    operation_id = "createBusinessPlanReview",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    params(("id" = BusinessPlanId, Path, description = "The plan.")),
    request_body = NewBusinessPlanReview,
    extensions(("x-error-codes" = json!(["invalid_transition", "agreement_required", "policy_refuses"]))),
    responses((status = 201, description = "The new review.", body = BusinessPlanReview))
)]
#[post("/v1/business-plans/{id}/reviews")]
async fn create_review(
    app: Data<App>,
    call: Call,
    id: Path<BusinessPlanId>,
    new: Valid<NewBusinessPlanReview>,
) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let made = review::create(tx, actor, *id, new.0.clone(), &|current| precondition.check(current))?;
        Reply::created(format!("/v1/business-plan-reviews/{}", made.id), &made)
    })
    .await
}

/// Get a review of a business plan
///
/// As it is now.
#[utoipa::path(
    operation_id = "getBusinessPlanReview",
    tag = "business_plans",
    security(("oauth2" = ["partners:read"])),
    params(("id" = BusinessPlanReviewId, Path, description = "The review.")),
    responses((status = 200, description = "The review.", body = BusinessPlanReview))
)]
#[get("/v1/business-plan-reviews/{id}")]
async fn get_review(app: Data<App>, call: Call, id: Path<BusinessPlanReviewId>) -> Outcome {
    app.get(call, move |tx, actor| review::find(tx, actor, *id)).await
}

/// Change a review of a business plan
///
/// What is left out stays, null clears.
#[utoipa::path(
    operation_id = "updateBusinessPlanReview",
    tag = "business_plans",
    security(("oauth2" = ["plans:write"])),
    params(("id" = BusinessPlanReviewId, Path, description = "The review.")),
    request_body = BusinessPlanReviewUpdate,
    extensions(("x-error-codes" = json!(["agreement_required", "policy_refuses"]))),
    responses((status = 200, description = "The review as it is now.", body = BusinessPlanReview))
)]
#[patch("/v1/business-plan-reviews/{id}")]
async fn update_review(
    app: Data<App>,
    call: Call,
    id: Path<BusinessPlanReviewId>,
    new: Valid<BusinessPlanReviewUpdate>,
) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&review::update(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}
