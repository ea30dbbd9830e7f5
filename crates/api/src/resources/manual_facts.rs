//! What people enter about partners.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use chrono::NaiveDate;
use facts::{ManualFact, ManualFactFilter, ManualFactId, NewManualFact, WithdrawManualFact, manual};
use kernel::{PartnerId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(ManualFactList of ManualFact);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(withdraw);
}

/// Which facts to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ManualFactQuery {
    /// Only of this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this name.
    #[param(nullable = false, pattern = "^[a-z][a-z0-9_]{0,63}$")]
    name: Option<String>,
    /// Only those that hold for this program, alone or with all others.
    #[param(nullable = false, min_length = 1, max_length = 64)]
    program: Option<String>,
    /// Only those that hold on this day and are not withdrawn.
    #[param(nullable = false)]
    holds_on: Option<NaiveDate>,
    /// Only those entered or withdrawn at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List manual facts
///
/// Newest first. A partner sees its own; a channel manager those of their partners.
#[utoipa::path(
    operation_id = "listManualFacts",
    tag = "facts",
    security(("oauth2" = ["facts:read"])),
    params(Listed, ManualFactQuery),
    responses((status = 200, description = "One page of manual facts.", body = ManualFactList))
)]
#[get("/v1/manual-facts")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<ManualFactQuery>) -> Outcome {
    let ManualFactQuery { partner_id, name, program, holds_on, updated_after } = query.0;
    let filter = ManualFactFilter { partner_id, name, program, holds_on, updated_after };
    let paging = listed.paging();
    app.list::<ManualFactList>(call, move |tx, actor| manual::list(tx, actor, &filter, &paging)).await
}

/// Enter a manual fact
///
/// An invitation, an audit, a fee paid: what, why, and until when it holds. Programs read it by
/// `source: { manual: NAME }`.
#[utoipa::path(
    operation_id = "createManualFact",
    tag = "facts",
    security(("oauth2" = ["facts:write"])),
    request_body = NewManualFact,
    responses((status = 201, description = "The new fact.", body = ManualFact))
)]
#[post("/v1/manual-facts")]
async fn create(app: Data<App>, call: Call, new: Valid<NewManualFact>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = manual::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/manual-facts/{}", made.id), &made)
    })
    .await
}

/// Get a manual fact
///
/// As it is now.
#[utoipa::path(
    operation_id = "getManualFact",
    tag = "facts",
    security(("oauth2" = ["facts:read"])),
    params(("id" = ManualFactId, Path, description = "The fact.")),
    responses((status = 200, description = "The fact.", body = ManualFact))
)]
#[get("/v1/manual-facts/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<ManualFactId>) -> Outcome {
    app.get(call, move |tx, actor| manual::find(tx, actor, *id)).await
}

/// Withdraw a manual fact
///
/// With a reason. It holds no longer; what was decided by it stays explained.
#[utoipa::path(
    operation_id = "withdrawManualFact",
    tag = "facts",
    security(("oauth2" = ["facts:write"])),
    params(("id" = ManualFactId, Path, description = "The fact.")),
    request_body = WithdrawManualFact,
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The fact as it is now.", body = ManualFact))
)]
#[post("/v1/manual-facts/{id}/withdraw")]
async fn withdraw(app: Data<App>, call: Call, id: Path<ManualFactId>, request: Valid<WithdrawManualFact>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let check = |current: &ManualFact| precondition.check(current);
        Reply::ok(&manual::withdraw(tx, actor, *id, request.0.clone(), check)?)
    })
    .await
}
