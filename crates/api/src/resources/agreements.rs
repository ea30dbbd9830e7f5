//! Agreements: the rules of engagement in versions, and who accepted which.

use actix_web::{
    get, patch, post,
    web::{Data, Path},
};
use kernel::{PartnerId, Timestamp};
use partners::{
    AcceptAgreement, Agreement, AgreementAcceptance, AgreementAcceptanceFilter, AgreementAcceptanceId, AgreementFilter,
    AgreementId, AgreementUpdate, AgreementVersion, NewAgreement, PublishAgreement, acceptance, agreement,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Listed, Outcome, Query, Reply, Valid, list_of};

list_of!(AgreementList of Agreement);
list_of!(AgreementVersionList of AgreementVersion);
list_of!(AgreementAcceptanceList of AgreementAcceptance);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(create)
        .service(get_one)
        .service(update)
        .service(list_versions)
        .service(publish)
        .service(accept)
        .service(list_acceptances)
        .service(get_acceptance);
}

/// Which agreements to list.
#[derive(Debug, Deserialize, IntoParams)]
struct AgreementQuery {
    /// Only with this slug.
    #[param(max_length = 64, nullable = false)]
    slug: Option<String>,
    /// Only for this program, by slug; those for all programs are left out.
    #[param(max_length = 64, nullable = false)]
    program: Option<String>,
    /// Only those changed at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// Which acceptances to list.
#[derive(Debug, Deserialize, IntoParams)]
struct AgreementAcceptanceQuery {
    /// Only of this agreement.
    #[param(nullable = false)]
    agreement_id: Option<AgreementId>,
    /// Only of this version.
    #[param(format = Int64, minimum = 1, maximum = 1_000_000, nullable = false)]
    version: Option<i32>,
    /// Only by this partner.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only those recorded at or after this time: an acceptance never changes.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// List agreements
///
/// Newest first, each with the version in force and the next.
#[utoipa::path(
    operation_id = "listAgreements",
    tag = "agreements",
    security(("oauth2" = ["partners:read"])),
    params(Listed, AgreementQuery),
    responses((status = 200, description = "One page of agreements.", body = AgreementList))
)]
#[get("/v1/agreements")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<AgreementQuery>) -> Outcome {
    let AgreementQuery { slug, program, updated_after } = query.0;
    let (paging, filter) = (listed.paging(), AgreementFilter { slug, program, updated_after });
    app.list::<AgreementList>(call, move |tx, _| agreement::list(tx, &filter, &paging)).await
}

/// Add an agreement
///
/// Its text comes with the first version that is published. A program's document refers to it by slug.
#[utoipa::path(
    operation_id = "createAgreement",
    tag = "agreements",
    security(("oauth2" = ["programs:write"])),
    request_body = NewAgreement,
    extensions(("x-error-codes" = json!(["already_exists"]))),
    responses((status = 201, description = "The new agreement.", body = Agreement))
)]
#[post("/v1/agreements")]
async fn create(app: Data<App>, call: Call, new: Valid<NewAgreement>) -> Outcome {
    app.write(call, move |tx, actor| {
        let made = agreement::create(tx, actor, new.0.clone())?;
        Reply::created(format!("/v1/agreements/{}", made.id), &made)
    })
    .await
}

/// Get an agreement
///
/// With the version in force and the next.
#[utoipa::path(
    operation_id = "getAgreement",
    tag = "agreements",
    security(("oauth2" = ["partners:read"])),
    params(("id" = AgreementId, Path, description = "The agreement.")),
    responses((status = 200, description = "The agreement.", body = Agreement))
)]
#[get("/v1/agreements/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<AgreementId>) -> Outcome {
    app.get(call, move |tx, _| agreement::find(tx, *id)).await
}

/// Change an agreement
///
/// Its title. A text never changes: publish another version.
#[utoipa::path(
    operation_id = "updateAgreement",
    tag = "agreements",
    security(("oauth2" = ["programs:write"])),
    params(("id" = AgreementId, Path, description = "The agreement.")),
    request_body = AgreementUpdate,
    responses((status = 200, description = "The agreement as it is now.", body = Agreement))
)]
#[patch("/v1/agreements/{id}")]
async fn update(app: Data<App>, call: Call, id: Path<AgreementId>, new: Valid<AgreementUpdate>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&agreement::update(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}

/// List an agreement's versions
///
/// Newest first, those to come among them.
#[utoipa::path(
    operation_id = "listAgreementVersions",
    tag = "agreements",
    security(("oauth2" = ["partners:read"])),
    params(("id" = AgreementId, Path, description = "The agreement."), Listed),
    responses((status = 200, description = "One page of versions.", body = AgreementVersionList))
)]
#[get("/v1/agreements/{id}/versions")]
async fn list_versions(app: Data<App>, call: Call, id: Path<AgreementId>, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<AgreementVersionList>(call, move |tx, _| agreement::list_versions(tx, *id, &paging)).await
}

/// Publish a version of an agreement
///
/// The text never changes again. With `requires_reacceptance`, partners who accepted an earlier version must accept
/// this one, from `effective_from` on, before they may do what the program asks the agreement for.
#[utoipa::path(
    operation_id = "publishAgreement",
    tag = "agreements",
    security(("oauth2" = ["programs:write"])),
    params(("id" = AgreementId, Path, description = "The agreement.")),
    request_body = PublishAgreement,
    responses((status = 200, description = "The agreement as it is now.", body = Agreement))
)]
#[post("/v1/agreements/{id}/publish")]
async fn publish(app: Data<App>, call: Call, id: Path<AgreementId>, new: Valid<PublishAgreement>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        Reply::ok(&agreement::publish(tx, actor, *id, new.0.clone(), |current| precondition.check(current))?)
    })
    .await
}

/// Accept an agreement
///
/// Names version and digest of the text that was read: the one in force, or one that is to come. A partner accepts for
/// itself; the vendor's people record what was accepted elsewhere, with evidence.
#[utoipa::path(
    operation_id = "acceptAgreement",
    tag = "agreements",
    security(("oauth2" = ["agreements:accept"])),
    params(("id" = AgreementId, Path, description = "The agreement.")),
    request_body = AcceptAgreement,
    extensions(("x-error-codes" = json!(["already_exists", "agreement_changed"]))),
    responses((status = 201, description = "The acceptance.", body = AgreementAcceptance))
)]
#[post("/v1/agreements/{id}/accept")]
async fn accept(app: Data<App>, call: Call, id: Path<AgreementId>, request: Valid<AcceptAgreement>) -> Outcome {
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let made = acceptance::accept(tx, actor, *id, request.0.clone(), &facts::acceptance::accepted, |current| {
            precondition.check(current)
        })?;
        Reply::created(format!("/v1/agreement-acceptances/{}", made.id), &made)
    })
    .await
}

/// List acceptances of agreements
///
/// Newest first: who accepted which text, when, and from where. A partner sees its own.
#[utoipa::path(
    operation_id = "listAgreementAcceptances",
    tag = "agreements",
    security(("oauth2" = ["partners:read"])),
    params(Listed, AgreementAcceptanceQuery),
    responses((status = 200, description = "One page of acceptances.", body = AgreementAcceptanceList))
)]
#[get("/v1/agreement-acceptances")]
async fn list_acceptances(
    app: Data<App>,
    call: Call,
    listed: Query<Listed>,
    query: Query<AgreementAcceptanceQuery>,
) -> Outcome {
    let AgreementAcceptanceQuery { agreement_id, version, partner_id, updated_after } = query.0;
    let (paging, filter) =
        (listed.paging(), AgreementAcceptanceFilter { agreement_id, version, partner_id, updated_after });
    app.list::<AgreementAcceptanceList>(call, move |tx, actor| acceptance::list(tx, actor, &filter, &paging)).await
}

/// Get an acceptance of an agreement
///
/// It never changes.
#[utoipa::path(
    operation_id = "getAgreementAcceptance",
    tag = "agreements",
    security(("oauth2" = ["partners:read"])),
    params(("id" = AgreementAcceptanceId, Path, description = "The acceptance.")),
    responses((status = 200, description = "The acceptance.", body = AgreementAcceptance))
)]
#[get("/v1/agreement-acceptances/{id}")]
async fn get_acceptance(app: Data<App>, call: Call, id: Path<AgreementAcceptanceId>) -> Outcome {
    app.get(call, move |tx, actor| acceptance::find(tx, actor, *id)).await
}
