//! Violations of the rules of engagement, and their consequences.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use deal_registration::standing::settle;
use kernel::{PartnerId, Timestamp};
use partners::{
    EnrollmentId, NewViolation, Violation, ViolationFilter, ViolationId, WithdrawViolation,
    violation::{self, Category, ConsequenceKind, Status},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(ViolationList of Violation);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(withdraw);
}

/// Which violations to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ViolationQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only in this enrollment.
    #[param(nullable = false)]
    enrollment_id: Option<EnrollmentId>,
    /// Only of this kind.
    #[param(nullable = false)]
    category: Option<Category>,
    /// Only with this consequence.
    #[param(nullable = false)]
    consequence: Option<ConsequenceKind>,
    /// Only those that stand like this now.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List violations
///
/// Newest first. A partner sees its own; a channel manager those of their partners.
#[utoipa::path(
    operation_id = "listViolations",
    tag = "violations",
    security(("oauth2" = ["partners:read"])),
    params(Listed, ViolationQuery),
    responses((status = 200, description = "One page of violations.", body = ViolationList))
)]
#[get("/v1/violations")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<ViolationQuery>) -> Outcome {
    let ViolationQuery { partner_id, enrollment_id, category, consequence, status, updated_after } = query.0;
    let filter = ViolationFilter { partner_id, enrollment_id, category, consequence, status, updated_after };
    let paging = listed.paging();
    app.list::<ViolationList>(call, move |tx, actor| violation::list(tx, actor, &filter, &paging)).await
}

/// Record a violation
///
/// Its consequence bites from now on, or from its time on: the partner reads, and does nothing else. What becomes of
/// its open registrations and protections stands in the program's document (`standing`); `effects` tells what was done.
#[utoipa::path(
    operation_id = "createViolation",
    tag = "violations",
    security(("oauth2" = ["partners:write"])),
    request_body = NewViolation,
    responses((status = 201, description = "The new violation.", body = Violation))
)]
#[post("/v1/violations")]
async fn create(app: Data<App>, call: Call, new: Valid<NewViolation>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = violation::create(tx, actor, new.0.clone(), &settle)?;
        Reply::created(format!("/v1/violations/{}", made.id), &made)
    })
    .await
}

/// Get a violation
///
/// As it stands now: a consequence that has ended is shown as ended from its moment on.
#[utoipa::path(
    operation_id = "getViolation",
    tag = "violations",
    security(("oauth2" = ["partners:read"])),
    params(("id" = ViolationId, Path, description = "The violation.")),
    responses((status = 200, description = "The violation.", body = Violation))
)]
#[get("/v1/violations/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<ViolationId>) -> Outcome {
    app.get(call, move |tx, actor| violation::find(tx, actor, *id)).await
}

/// Withdraw a violation
///
/// With a reason. Its consequence ends now; what was held or paused because of it goes on.
#[utoipa::path(
    operation_id = "withdrawViolation",
    tag = "violations",
    security(("oauth2" = ["partners:write"])),
    params(("id" = ViolationId, Path, description = "The violation.")),
    request_body = WithdrawViolation,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The violation as it is now.", body = Violation))
)]
#[post("/v1/violations/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<ViolationId>, request: Valid<WithdrawViolation>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let check = |current: &Violation| precondition.check(current);
        Reply::ok(&violation::withdraw(tx, actor, *id, request.0.clone(), &settle, check)?)
    })
    .await
}
