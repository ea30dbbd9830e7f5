//! The vendor's own opportunities.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use deal_registration::{
    account::AccountId,
    opportunity::{
        self, NewVendorOpportunity, Status, VendorOpportunity, VendorOpportunityFilter, VendorOpportunityId,
        VendorOpportunityUpdate,
    },
};
use kernel::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(VendorOpportunityList of VendorOpportunity);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update);
}

/// Which vendor opportunities to list.
#[derive(Debug, Deserialize, IntoParams)]
struct VendorOpportunityQuery {
    /// Only at this account.
    #[param(nullable = false)]
    account_id: Option<AccountId>,
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only those of this external system.
    #[param(max_length = 64, nullable = false)]
    external_system: Option<String>,
    /// Only with this id there.
    #[param(max_length = 200, nullable = false)]
    external_id: Option<String>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List vendor opportunities
///
/// Newest first.
#[utoipa::path(
    operation_id = "listVendorOpportunities",
    tag = "vendor_opportunities",
    security(("oauth2" = ["accounts:read"])),
    params(Listed, VendorOpportunityQuery),
    responses((status = 200, description = "One page of vendor opportunities.", body = VendorOpportunityList))
)]
#[get("/v1/vendor-opportunities")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<VendorOpportunityQuery>) -> Outcome {
    let VendorOpportunityQuery { account_id, status, external_system, external_id, updated_after } = query.0;
    let (paging, filter) =
        (listed.paging(), VendorOpportunityFilter { account_id, status, external_system, external_id, updated_after });
    app.list::<VendorOpportunityList>(call, move |tx, _| opportunity::list(tx, &filter, &paging)).await
}

/// Add a vendor opportunity
///
/// A CRM pushes them, so that a partner's claim on the same account and product is found to be `direct`. An account that is not known is added.
#[utoipa::path(
    operation_id = "createVendorOpportunity",
    tag = "vendor_opportunities",
    security(("oauth2" = ["accounts:write"])),
    request_body = NewVendorOpportunity,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 201, description = "The new vendor opportunity.", body = VendorOpportunity))
)]
#[post("/v1/vendor-opportunities")]
async fn create(app: Data<App>, call: Call, new: Valid<NewVendorOpportunity>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = opportunity::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/vendor-opportunities/{}", made.id), &made)
    })
    .await
}

/// Get a vendor opportunity
///
/// One opportunity of the vendor's own.
#[utoipa::path(
    operation_id = "getVendorOpportunity",
    tag = "vendor_opportunities",
    security(("oauth2" = ["accounts:read"])),
    params(("id" = VendorOpportunityId, Path, description = "The vendor opportunity.")),
    responses((status = 200, description = "The vendor opportunity.", body = VendorOpportunity))
)]
#[get("/v1/vendor-opportunities/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<VendorOpportunityId>) -> Outcome {
    app.get(call, move |tx, _| opportunity::find(tx, *id)).await
}

/// Change a vendor opportunity
///
/// What is left out stays. A closed opportunity stands in nobody's way.
#[utoipa::path(
    operation_id = "updateVendorOpportunity",
    tag = "vendor_opportunities",
    security(("oauth2" = ["accounts:write"])),
    params(("id" = VendorOpportunityId, Path, description = "The vendor opportunity.")),
    request_body = VendorOpportunityUpdate,
    responses((status = 200, description = "The vendor opportunity as it is now.", body = VendorOpportunity))
)]
#[patch("/v1/vendor-opportunities/{id}")]
async fn update(
    app: Data<App>,
    call: Call,
    id: Path<VendorOpportunityId>,
    new: Valid<VendorOpportunityUpdate>,
) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&opportunity::update(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}
