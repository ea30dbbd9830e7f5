//! Partner companies.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use deal_registration::standing::settle;
use kernel::{Country, PartnerId, Timestamp};
use partners::{
    NewPartner, Partner, PartnerFilter, PartnerUpdate,
    partner::{self, Status},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Counted, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(PartnerList of Partner, counted);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one).service(update);
}

/// Which partners to list.
#[derive(Debug, Deserialize, IntoParams)]
struct PartnerQuery {
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only of this country.
    #[param(nullable = false)]
    country: Option<Country>,
    /// Only with this host name.
    #[param(max_length = 253, nullable = false)]
    domain: Option<String>,
    /// Only those whose name or domain contains this, ignoring case and accents.
    #[param(min_length = 1, max_length = 100, nullable = false)]
    q: Option<String>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List partners
///
/// Newest first. A partner sees itself; a channel manager sees the partners whose enrollments they manage.
#[utoipa::path(
    operation_id = "listPartners",
    tag = "partners",
    security(("oauth2" = ["partners:read"])),
    params(Listed, Counted, PartnerQuery),
    responses((status = 200, description = "One page of partners.", body = PartnerList))
)]
#[get("/v1/partners")]
async fn list(
    app: Data<App>,
    call: Call,
    listed: Query<Listed>,
    counted: Query<Counted>,
    query: Query<PartnerQuery>,
) -> Outcome {
    let PartnerQuery { status, country, domain, q, updated_after } = query.0;
    let (paging, filter) = (counted.paging(&listed), PartnerFilter { status, country, domain, q, updated_after });
    app.list::<PartnerList>(call, move |tx, actor| partner::list(tx, actor, &filter, &paging)).await
}

/// Add a partner
///
/// It can act at once; enroll it in a program next. Its host name is unique.
#[utoipa::path(
    operation_id = "createPartner",
    tag = "partners",
    security(("oauth2" = ["partners:write"])),
    request_body = NewPartner,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 201, description = "The new partner.", body = Partner))
)]
#[post("/v1/partners")]
async fn create(app: Data<App>, call: Call, new: Valid<NewPartner>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = partner::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/partners/{}", made.id), &made)
    })
    .await
}

/// Get a partner
///
/// One partner company.
#[utoipa::path(
    operation_id = "getPartner",
    tag = "partners",
    security(("oauth2" = ["partners:read"])),
    params(("id" = PartnerId, Path, description = "The partner.")),
    responses((status = 200, description = "The partner.", body = Partner))
)]
#[get("/v1/partners/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<PartnerId>) -> Outcome {
    app.get(call, move |tx, actor| partner::find(tx, actor, *id)).await
}

/// Change a partner
///
/// What is left out stays. The people of a suspended partner are signed out at once. Another status has the same effects
/// as the actions `suspend`, `terminate` and `reinstate`, which also take a reason and tell what was done.
#[utoipa::path(
    operation_id = "updatePartner",
    tag = "partners",
    security(("oauth2" = ["partners:write"])),
    params(("id" = PartnerId, Path, description = "The partner.")),
    request_body = PartnerUpdate,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 200, description = "The partner as it is now.", body = Partner))
)]
#[patch("/v1/partners/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<PartnerId>, new: Valid<PartnerUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&partner::update(tx, actor, *id, new.0.clone(), &settle, |current| precondition.check(current))?)
    })
    .await
}
