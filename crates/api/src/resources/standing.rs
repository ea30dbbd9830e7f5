//! How a partner stands: suspended, terminated, reinstated, as a whole or in one program.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use deal_registration::standing::settle;
use kernel::PartnerId;
use partners::{
    EnrollmentId, EnrollmentMove, PartnerMove, Standing, enrollment, partner,
    standing::{self, ChangeStanding},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Outcome, Reply, Valid};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(suspend_partner)
        .service(terminate_partner)
        .service(reinstate_partner)
        .service(suspend_enrollment)
        .service(terminate_enrollment)
        .service(reinstate_enrollment)
        .service(of_enrollment);
}

async fn of_partner(app: &App, call: Call, id: PartnerId, to: partner::Status, why: ChangeStanding) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let to = (to, why.reason.clone());
        let moved = partner::change_status(tx, actor, id, to, &settle, |current| precondition.check(current))?;
        Reply::ok(&moved)?.tagged_as(&moved.partner)
    })
    .await
}

async fn in_program(app: &App, call: Call, id: EnrollmentId, to: enrollment::Status, why: ChangeStanding) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let to = (to, why.reason.clone());
        let moved = enrollment::change_status(tx, actor, id, to, &settle, |current| precondition.check(current))?;
        Reply::ok(&moved)?.tagged_as(&moved.enrollment)
    })
    .await
}

/// Suspend a partner
///
/// In all its programs, until it is reinstated. Its people are signed out at once. What becomes of its open
/// registrations and protections stands in each program's document (`standing.on_suspension`); `effects` tells what was
/// done. For a suspension that ends by itself, or that lets the partner read, record a violation.
#[utoipa::path(
    operation_id = "suspendPartner",
    tag = "partners",
    security(("oauth2" = ["partners:write"])),
    params(("id" = PartnerId, Path, description = "The partner.")),
    request_body = ChangeStanding,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The partner as it is now, and what was done.", body = PartnerMove))
)]
#[post("/v1/partners/{id}/suspend")]
async fn suspend_partner(app: Data<App>, call: Call, id: Path<PartnerId>, why: Valid<ChangeStanding>) -> Outcome {
    of_partner(&app, call, *id, partner::Status::Suspended, why.0).await
}

/// Terminate a partner
///
/// In all its programs. Its people are signed out at once. What becomes of its business stands in each program's
/// document (`standing.on_termination`): by default its registrations are withdrawn and its protections released.
#[utoipa::path(
    operation_id = "terminatePartner",
    tag = "partners",
    security(("oauth2" = ["partners:write"])),
    params(("id" = PartnerId, Path, description = "The partner.")),
    request_body = ChangeStanding,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The partner as it is now, and what was done.", body = PartnerMove))
)]
#[post("/v1/partners/{id}/terminate")]
async fn terminate_partner(app: Data<App>, call: Call, id: Path<PartnerId>, why: Valid<ChangeStanding>) -> Outcome {
    of_partner(&app, call, *id, partner::Status::Terminated, why.0).await
}

/// Reinstate a partner
///
/// It may act again, where nothing else stands against it. What was held or paused goes on with the time that was left.
#[utoipa::path(
    operation_id = "reinstatePartner",
    tag = "partners",
    security(("oauth2" = ["partners:write"])),
    params(("id" = PartnerId, Path, description = "The partner.")),
    request_body = ChangeStanding,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The partner as it is now, and what was done.", body = PartnerMove))
)]
#[post("/v1/partners/{id}/reinstate")]
async fn reinstate_partner(app: Data<App>, call: Call, id: Path<PartnerId>, why: Valid<ChangeStanding>) -> Outcome {
    of_partner(&app, call, *id, partner::Status::Active, why.0).await
}

/// Suspend an enrollment
///
/// The partner may not act in the program until it is reinstated; it may read. What becomes of its open registrations
/// and protections stands in the program's document (`standing.on_suspension`); `effects` tells what was done.
#[utoipa::path(
    operation_id = "suspendEnrollment",
    tag = "enrollments",
    security(("oauth2" = ["partners:write"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    request_body = ChangeStanding,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The enrollment as it is now, and what was done.", body = EnrollmentMove))
)]
#[post("/v1/enrollments/{id}/suspend")]
async fn suspend_enrollment(app: Data<App>, call: Call, id: Path<EnrollmentId>, why: Valid<ChangeStanding>) -> Outcome {
    in_program(&app, call, *id, enrollment::Status::Suspended, why.0).await
}

/// Terminate an enrollment
///
/// The partner leaves the program. What becomes of its business stands in the program's document
/// (`standing.on_termination`): by default its registrations are withdrawn and its protections released.
#[utoipa::path(
    operation_id = "terminateEnrollment",
    tag = "enrollments",
    security(("oauth2" = ["partners:write"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    request_body = ChangeStanding,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The enrollment as it is now, and what was done.", body = EnrollmentMove))
)]
#[post("/v1/enrollments/{id}/terminate")]
async fn terminate_enrollment(
    app: Data<App>,
    call: Call,
    id: Path<EnrollmentId>,
    why: Valid<ChangeStanding>,
) -> Outcome {
    in_program(&app, call, *id, enrollment::Status::Ended, why.0).await
}

/// Reinstate an enrollment
///
/// The partner may act in the program again, where nothing else stands against it: `standing` tells. What was held or
/// paused goes on with the time that was left.
#[utoipa::path(
    operation_id = "reinstateEnrollment",
    tag = "enrollments",
    security(("oauth2" = ["partners:write"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    request_body = ChangeStanding,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The enrollment as it is now, and what was done.", body = EnrollmentMove))
)]
#[post("/v1/enrollments/{id}/reinstate")]
async fn reinstate_enrollment(
    app: Data<App>,
    call: Call,
    id: Path<EnrollmentId>,
    why: Valid<ChangeStanding>,
) -> Outcome {
    in_program(&app, call, *id, enrollment::Status::Active, why.0).await
}

/// Get an enrollment's standing
///
/// May the partner act in the program now, and if not, why not: statuses, violations with their end, and agreements
/// to be accepted.
#[utoipa::path(
    operation_id = "getEnrollmentStanding",
    tag = "enrollments",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "How the partner stands.", body = Standing))
)]
#[get("/v1/enrollments/{id}/standing")]
async fn of_enrollment(app: Data<App>, call: Call, id: Path<EnrollmentId>) -> Outcome {
    app.tell(call, move |tx, actor| standing::find(tx, actor, *id)).await
}
