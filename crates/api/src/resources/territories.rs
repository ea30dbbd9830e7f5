//! Territories, and to whom they are assigned.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use kernel::{PartnerId, Timestamp};
use partners::{
    AssignTerritory, EnrollmentId, NewTerritory, Territory, TerritoryFilter, TerritoryId, TerritoryUpdate, territory,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(TerritoryList of Territory);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update).service(assign).service(unassign);
}

/// Which territories to list.
#[derive(Debug, Deserialize, IntoParams)]
struct TerritoryQuery {
    /// Only of this program, by slug.
    #[param(max_length = 64, nullable = false)]
    program: Option<String>,
    /// Only those assigned to this enrollment.
    #[param(nullable = false)]
    enrollment_id: Option<EnrollmentId>,
    /// Only those assigned to this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only those that are one partner's alone, or are not.
    #[param(nullable = false)]
    exclusive: Option<bool>,
    /// Only those changed or assigned at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List territories
///
/// Newest first. A partner sees those assigned to it.
#[utoipa::path(
    operation_id = "listTerritories",
    tag = "territories",
    security(("oauth2" = ["partners:read"])),
    params(Listed, TerritoryQuery),
    responses((status = 200, description = "One page of territories.", body = TerritoryList))
)]
#[get("/v1/territories")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<TerritoryQuery>) -> Outcome {
    let TerritoryQuery { program, enrollment_id, partner_id, exclusive, updated_after } = query.0;
    let (paging, filter) =
        (listed.paging(), TerritoryFilter { program, enrollment_id, partner_id, exclusive, updated_after });
    app.list::<TerritoryList>(call, move |tx, actor| territory::list(tx, actor, &filter, &paging)).await
}

/// Add a territory
///
/// Countries and named regions, segments, industries; what is left out sets no limit. It is nobody's until it is assigned.
#[utoipa::path(
    operation_id = "createTerritory",
    tag = "territories",
    security(("oauth2" = ["programs:write"])),
    request_body = NewTerritory,
    extensions(("x-error-codes" = json!(["already_exists", "territory_conflict"]))),
    responses((status = 201, description = "The new territory.", body = Territory))
)]
#[post("/v1/territories")]
async fn create(app: Data<App>, call: Call, new: Valid<NewTerritory>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = territory::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/territories/{}", made.id), &made)
    })
    .await
}

/// Get a territory
///
/// With the enrollments to which it is assigned, as far as the caller may see them.
#[utoipa::path(
    operation_id = "getTerritory",
    tag = "territories",
    security(("oauth2" = ["partners:read"])),
    params(("id" = TerritoryId, Path, description = "The territory.")),
    responses((status = 200, description = "The territory.", body = Territory))
)]
#[get("/v1/territories/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<TerritoryId>) -> Outcome {
    app.get(call, move |tx, actor| territory::find(tx, actor, *id)).await
}

/// Change a territory
///
/// What is left out stays. `territory_conflict` when an exclusive one would overlap another partner's.
#[utoipa::path(
    operation_id = "updateTerritory",
    tag = "territories",
    security(("oauth2" = ["programs:write"])),
    params(("id" = TerritoryId, Path, description = "The territory.")),
    request_body = TerritoryUpdate,
    extensions(("x-error-codes" = json!(["already_exists", "territory_conflict"]))),
    responses((status = 200, description = "The territory as it is now.", body = Territory))
)]
#[patch("/v1/territories/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<TerritoryId>, new: Valid<TerritoryUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&territory::update(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}

/// Assign a territory
///
/// To an enrollment in its program. `territory_conflict` when an exclusive one would overlap another partner's; the detail
/// names which and where. A registration outside the countries of all its partner's territories is `out_of_territory`.
#[utoipa::path(
    operation_id = "assignTerritory",
    tag = "territories",
    security(("oauth2" = ["partners:write"])),
    params(("id" = TerritoryId, Path, description = "The territory.")),
    request_body = AssignTerritory,
    extensions(("x-error-codes" = json!(["already_exists", "territory_conflict"]))),
    responses((status = 200, description = "The territory as it is now.", body = Territory))
)]
#[post("/v1/territories/{id}/assign")]
async fn assign(app: Data<App>, call: Call, id: Path<TerritoryId>, request: Valid<AssignTerritory>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&territory::assign(tx, actor, *id, &request.0, |current| precondition.check(current))?)
    })
    .await
}

/// Take a territory back
///
/// From an enrollment to which it is assigned.
#[utoipa::path(
    operation_id = "unassignTerritory",
    tag = "territories",
    security(("oauth2" = ["partners:write"])),
    params(("id" = TerritoryId, Path, description = "The territory.")),
    request_body = AssignTerritory,
    responses((status = 200, description = "The territory as it is now.", body = Territory))
)]
#[post("/v1/territories/{id}/unassign")]
async fn unassign(app: Data<App>, call: Call, id: Path<TerritoryId>, request: Valid<AssignTerritory>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&territory::unassign(tx, actor, *id, &request.0, |current| precondition.check(current))?)
    })
    .await
}
