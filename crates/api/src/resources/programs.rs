//! Programs: a vendor's rules, as a document.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use programs::{PartnerType, Program, ProgramDocument};
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
    app.list::<ProgramList>(call, move |tx, _| programs::list(tx, partner_type, &paging)).await
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
    responses((status = 201, description = "The new program.", body = Program))
)]
#[post("/v1/programs")]
async fn create(app: Data<App>, call: Call, document: Document) -> Outcome {
    let (document, _) = document.check().await?.into_program()?;
    app.write(call, move |tx, actor| {
        let program = programs::create(tx, actor, document.clone())?;
        Reply::created(format!("/v1/programs/{}", program.slug), &program)
    })
    .await
}

/// Get a program
///
/// With the rules in force.
#[utoipa::path(
    operation_id = "getProgram",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    params(("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller")),
    responses((status = 200, description = "The program.", body = Program))
)]
#[get("/v1/programs/{slug}")]
async fn get_one(app: Data<App>, call: Call, slug: Path<String>) -> Outcome {
    app.get(call, move |tx, _| programs::find(tx, &slug)).await
}
