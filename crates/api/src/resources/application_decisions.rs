//! What is decided on an application, and what is said on the way there: one verb each.

use actix_web::{
    post,
    web::{Data, Path},
};
use database::Tx;
use kernel::Actor;
use partners::application::{
    Application, ApplicationId, decide,
    requests::{
        ApproveApplication, RejectApplication, RequestApplicationInformation, SupplyApplicationInformation,
        WithdrawApplication,
    },
    store::Check,
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Outcome, Reply, Valid};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(claim_review)
        .service(request_information)
        .service(supply_information)
        .service(approve)
        .service(reject)
        .service(withdraw);
}

/// Runs a verb in a transaction, on the version that the caller means.
async fn verb<T: Clone + Send + 'static>(
    app: &App,
    call: Call,
    id: ApplicationId,
    request: T,
    action: fn(&mut Tx, &Actor, ApplicationId, T, Check) -> database::Result<Application>,
) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&action(tx, actor, id, request.clone(), &|current| precondition.check(current))?)
    })
    .await
}

/// Take up an application's review
///
/// The caller becomes its reviewer. What the company may be a duplicate of is looked up anew.
#[utoipa::path(
    operation_id = "claimApplicationReview",
    tag = "applications",
    security(("oauth2" = ["applications:decide"])),
    params(("id" = ApplicationId, Path, description = "The application.")),
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/claim-review")]
async fn claim_review(app: Data<App>, call: Call, id: Path<ApplicationId>) -> Outcome {
    verb(&app, call, *id, (), |tx, actor, id, (), check| decide::claim_review(tx, actor, id, check)).await
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
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/request-information")]
async fn request_information(
    app: Data<App>,
    call: Call,
    id: Path<ApplicationId>,
    request: Valid<RequestApplicationInformation>,
) -> Outcome {
    verb(&app, call, *id, request.0, decide::request_information).await
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
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/supply-information")]
async fn supply_information(
    app: Data<App>,
    call: Call,
    id: Path<ApplicationId>,
    request: Valid<SupplyApplicationInformation>,
) -> Outcome {
    verb(&app, call, *id, request.0, decide::supply_information).await
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
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/approve")]
async fn approve(app: Data<App>, call: Call, id: Path<ApplicationId>, request: Valid<ApproveApplication>) -> Outcome {
    verb(&app, call, *id, request.0, decide::approve).await
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
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/reject")]
async fn reject(app: Data<App>, call: Call, id: Path<ApplicationId>, request: Valid<RejectApplication>) -> Outcome {
    verb(&app, call, *id, request.0, decide::reject).await
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
    responses((status = 200, description = "The application as it is now.", body = Application))
)]
#[post("/v1/applications/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<ApplicationId>, request: Valid<WithdrawApplication>) -> Outcome {
    verb(&app, call, *id, request.0, decide::withdraw).await
}
