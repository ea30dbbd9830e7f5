//! What is decided on an application, and what is said on the way there: one verb each.

use actix_web::{
    post,
    web::{Data, Path},
};
use partners::application::{
    Application, ApplicationId, decide,
    requests::{
        ApproveApplication, RejectApplication, RequestApplicationInformation, SupplyApplicationInformation,
        WithdrawApplication,
    },
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Outcome, Valid};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(claim_review)
        .service(request_information)
        .service(supply_information)
        .service(approve)
        .service(reject)
        .service(withdraw);
}

/// Take up an application's review
///
/// The caller becomes its reviewer. What the company may be a duplicate of is looked up anew.
#[utoipa::path(
    operation_id = "claimApplicationReview",
    tag = "applications",
    security(("oauth2" = ["applications:decide"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/claim-review")]
async fn claim_review(app: Data<App>, call: Call, id: Path<ApplicationId>) -> Outcome {
    app.change(call, *id, (), |tx, actor, id, (), check| decide::claim_review(tx, actor, id, check)).await
}

/// Ask the applicant for more
///
/// Names what is missing, per field. Whoever applies reads it with the application's token, and answers.
#[utoipa::path(
    operation_id = "requestApplicationInformation",
    tag = "applications",
    security(("oauth2" = ["applications:decide"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    request_body = RequestApplicationInformation,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/request-information")]
async fn request_information(
    app: Data<App>,
    call: Call,
    id: Path<ApplicationId>,
    request: Valid<RequestApplicationInformation>,
) -> Outcome {
    app.change(call, *id, request.0, decide::request_information).await
}

/// Supply what was asked for
///
/// For the partner's own people, and for the vendor's who were told in another way. The application is screened anew.
#[utoipa::path(
    operation_id = "supplyApplicationInformation",
    tag = "applications",
    security(("oauth2" = ["applications:write"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    request_body = SupplyApplicationInformation,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/supply-information")]
async fn supply_information(
    app: Data<App>,
    call: Call,
    id: Path<ApplicationId>,
    request: Valid<SupplyApplicationInformation>,
) -> Outcome {
    app.change(call, *id, request.0, decide::supply_information).await
}

/// Approve an application
///
/// Makes the partner, its first contact, its first user and its enrollment, all or nothing; or enrolls the partner that
/// `partner_id` names, when the company is one already.
#[utoipa::path(
    operation_id = "approveApplication",
    tag = "applications",
    security(("oauth2" = ["applications:decide"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    request_body = Option<ApproveApplication>,
    extensions(("x-error-codes" = json!(["invalid_transition", "already_exists"]))),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/approve")]
async fn approve(app: Data<App>, call: Call, id: Path<ApplicationId>, request: Valid<ApproveApplication>) -> Outcome {
    app.change(call, *id, request.0, decide::approve).await
}

/// Reject an application
///
/// With an enumerated reason, and in words for the applicant, who may apply again after a while.
#[utoipa::path(
    operation_id = "rejectApplication",
    tag = "applications",
    security(("oauth2" = ["applications:decide"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    request_body = RejectApplication,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/reject")]
async fn reject(app: Data<App>, call: Call, id: Path<ApplicationId>, request: Valid<RejectApplication>) -> Outcome {
    app.change(call, *id, request.0, decide::reject).await
}

/// Withdraw an application
///
/// The company may apply again at once.
#[utoipa::path(
    operation_id = "withdrawApplication",
    tag = "applications",
    security(("oauth2" = ["applications:write"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    request_body = Option<WithdrawApplication>,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<ApplicationId>, request: Valid<WithdrawApplication>) -> Outcome {
    app.change(call, *id, request.0, decide::withdraw).await
}
