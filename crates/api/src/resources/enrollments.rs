//! Partners in programs.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use deal_registration::standing::settle;
use identity::UserId;
use kernel::{PartnerId, Timestamp};
use partners::{
    Enrollment, EnrollmentFilter, EnrollmentId, EnrollmentUpdate, NewEnrollment,
    enrollment::{self, Status},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(EnrollmentList of Enrollment);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update);
}

/// Which enrollments to list.
#[derive(Debug, Deserialize, IntoParams)]
struct EnrollmentQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only in this program, by slug.
    #[param(max_length = 64, nullable = false)]
    program: Option<String>,
    /// Only at this tier, by name.
    #[param(max_length = 64, nullable = false)]
    tier: Option<String>,
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only with this channel manager.
    #[param(nullable = false)]
    channel_manager_id: Option<UserId>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List enrollments
///
/// Newest first.
#[utoipa::path(
    operation_id = "listEnrollments",
    tag = "enrollments",
    security(("oauth2" = ["partners:read"])),
    params(Listed, EnrollmentQuery),
    responses((status = 200, description = "One page of enrollments.", body = EnrollmentList))
)]
#[get("/v1/enrollments")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<EnrollmentQuery>) -> Outcome {
    let EnrollmentQuery { partner_id, program, tier, status, channel_manager_id, updated_after } = query.0;
    let (paging, filter) =
        (listed.paging(), EnrollmentFilter { partner_id, program, tier, status, channel_manager_id, updated_after });
    app.list::<EnrollmentList>(call, move |tx, actor| enrollment::list(tx, actor, &filter, &paging)).await
}

/// Add an enrollment
///
/// Without a tier the partner begins at the lowest. A channel manager who enrolls a partner manages it.
#[utoipa::path(
    operation_id = "createEnrollment",
    tag = "enrollments",
    security(("oauth2" = ["partners:write"])),
    request_body = NewEnrollment,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 201, description = "The new enrollment.", body = Enrollment))
)]
#[post("/v1/enrollments")]
async fn create(app: Data<App>, call: Call, new: Valid<NewEnrollment>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = enrollment::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/enrollments/{}", made.id), &made)
    })
    .await
}

/// Get an enrollment
///
/// One partner in one program.
#[utoipa::path(
    operation_id = "getEnrollment",
    tag = "enrollments",
    security(("oauth2" = ["partners:read"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    responses((status = 200, description = "The enrollment.", body = Enrollment))
)]
#[get("/v1/enrollments/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<EnrollmentId>) -> Outcome {
    app.get(call, move |tx, actor| enrollment::find(tx, actor, *id)).await
}

/// Change an enrollment
///
/// What is left out stays, null clears. Another status has the same effects as the actions `suspend`, `terminate` and
/// `reinstate`, which also take a reason and tell what was done.
#[utoipa::path(
    operation_id = "updateEnrollment",
    tag = "enrollments",
    security(("oauth2" = ["partners:write"])),
    params(("id" = EnrollmentId, Path, description = "The enrollment.")),
    request_body = EnrollmentUpdate,
    responses((status = 200, description = "The enrollment as it is now.", body = Enrollment))
)]
#[patch("/v1/enrollments/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<EnrollmentId>, new: Valid<EnrollmentUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&enrollment::update(tx, actor, *id, new.0.clone(), &settle, |current| precondition.check(current))?)
    })
    .await
}
