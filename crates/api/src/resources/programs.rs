//! Programs: a vendor's rules, as a document.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use kernel::Timestamp;
use programs::{PartnerType, Program, ProgramDocument, program};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Document, Listed, Outcome, Query, Reply, list_of};

list_of!(ProgramList of Program);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(get_one);
}

/// Which programs to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ProgramQuery {
    /// Only for this kind of companies.
    #[param(nullable = false)]
    partner_type: Option<PartnerType>,
}

/// List programs
///
/// With the rules in force, by slug.
#[utoipa::path(
    operation_id = "listPrograms",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    params(Listed, ProgramQuery),
    responses((status = 200, description = "One page of programs.", body = ProgramList))
)]
#[get("/v1/programs")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<ProgramQuery>) -> Outcome {
    let (paging, partner_type) = (listed.paging(), query.partner_type);
    app.list::<ProgramList>(call, move |tx, _| program::list(tx, partner_type, &paging)).await
}

/// Add a program
///
/// Takes the program document as JSON or as YAML; its rules hold from now on. All faults are told at once, with line and
/// column: `invalid_body` for its shape, `invalid_program` for what contradicts itself and for examples that do not come
/// out.
#[utoipa::path(
    operation_id = "createProgram",
    tag = "programs",
    security(("oauth2" = ["programs:write"])),
    request_body(content(
        (ProgramDocument = "application/json"),
        (ProgramDocument = "application/yaml"),
    )),
    extensions(("x-error-codes" = json!(["already_exists", "invalid_program"]))),
    responses((status = 201, description = "The new program.", body = Program))
)]
#[post("/v1/programs")]
async fn create(app: Data<App>, call: Call, document: Document) -> Outcome {
    let (document, _) = document.read(programs::check).await?.into_document()?;
    app.write(call, move |tx, actor| {
        let program = program::create(tx, actor, document.clone())?;
        Reply::created(format!("/v1/programs/{}", program.slug), &program)
    })
    .await
}

/// As of when to read.
#[derive(Debug, Deserialize, IntoParams)]
struct AsOf {
    /// With the rules that were, or will be, in force then; without it, now.
    #[param(nullable = false)]
    as_of: Option<Timestamp>,
}

/// Get a program
///
/// With the rules in force, now or at another time. 404 also when it had no rules yet.
#[utoipa::path(
    operation_id = "getProgram",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        AsOf,
    ),
    responses((status = 200, description = "The program.", body = Program))
)]
#[get("/v1/programs/{slug}")]
async fn get_one(app: Data<App>, call: Call, slug: Path<String>, at: Query<AsOf>) -> Outcome {
    app.get(call, move |tx, _| program::find(tx, &slug, at.as_of.unwrap_or_else(|| tx.now()))).await
}
