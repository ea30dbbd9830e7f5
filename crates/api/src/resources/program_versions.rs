//! Versions of a program's rules.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use kernel::Timestamp;
use programs::{ProgramDiff, ProgramDocument, ProgramVersionSummary, Version, version};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Document, Listed, Outcome, Query, Reply, list_of};

list_of!(ProgramVersionList of ProgramVersionSummary);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(publish).service(get_one).service(diff);
}

/// When the rules come into force.
#[derive(Debug, Deserialize, IntoParams)]
struct Schedule {
    /// From when on they hold; without it, from now on. Not in the past.
    #[param(nullable = false)]
    effective_from: Option<Timestamp>,
}

/// List a program's versions
///
/// Newest first, without their rules.
#[utoipa::path(
    operation_id = "listProgramVersions",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        Listed,
    ),
    responses((status = 200, description = "One page of versions.", body = ProgramVersionList))
)]
#[get("/v1/programs/{slug}/versions")]
async fn list(app: Data<App>, call: Call, slug: Path<String>, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<ProgramVersionList>(call, move |tx, _| version::versions(tx, &slug, &paging)).await
}

/// Publish a version of a program
///
/// Takes the whole document as JSON or as YAML. A version never changes; the one before stays readable, and what was
/// decided under it stays explained by it. A scheduled version gives way to a later one of the same time.
#[utoipa::path(
    operation_id = "publishProgramVersion",
    tag = "programs",
    security(("oauth2" = ["programs:write"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        Schedule,
    ),
    request_body(content(
        (ProgramDocument = "application/json"),
        (ProgramDocument = "application/yaml"),
    )),
    extensions(("x-error-codes" = json!(["already_exists", "invalid_program"]))),
    responses((status = 201, description = "The new version.", body = Version))
)]
#[post("/v1/programs/{slug}/versions")]
async fn publish(
    app: Data<App>,
    call: Call,
    slug: Path<String>,
    schedule: Query<Schedule>,
    document: Document,
) -> Outcome {
    let (document, _) = document.read(programs::check).await?.into_document()?;
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let (document, from) = (document.clone(), schedule.effective_from);
        let made = version::publish(tx, actor, &slug, document, from, |current| precondition.check(current))?;
        Reply::created(format!("/v1/programs/{}/versions/{}", made.program, made.version), &made)
    })
    .await
}

/// Get a version of a program
///
/// Its rules as they were published, whether or not they hold today.
#[utoipa::path(
    operation_id = "getProgramVersion",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        ("version" = i32, Path, description = "The version, counted from 1.", minimum = 1, example = 2),
    ),
    responses((status = 200, description = "The version.", body = Version))
)]
#[get("/v1/programs/{slug}/versions/{version}")]
async fn get_one(app: Data<App>, call: Call, path: Path<(String, i32)>) -> Outcome {
    app.get(call, move |tx, _| version::version(tx, &path.0, path.1)).await
}

/// With which version to compare.
#[derive(Debug, Deserialize, IntoParams)]
struct Against {
    /// The version to compare with; without it, the one before.
    #[param(nullable = false, minimum = 1)]
    against: Option<i32>,
}

/// See what a version changed
///
/// Every difference in words that name rules, not lines, with its place in the document. 404 for the first version,
/// which changed nothing.
#[utoipa::path(
    operation_id = "diffProgramVersion",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    params(
        ("slug" = String, Path, description = "The program's slug.", min_length = 1, max_length = 64, example = "reseller"),
        ("version" = i32, Path, description = "The version, counted from 1.", minimum = 1, example = 2),
        Against,
    ),
    responses((status = 200, description = "The differences.", body = ProgramDiff))
)]
#[get("/v1/programs/{slug}/versions/{version}/diff")]
async fn diff(app: Data<App>, call: Call, path: Path<(String, i32)>, query: Query<Against>) -> Outcome {
    app.get(call, move |tx, _| version::compare(tx, &path.0, path.1, query.against)).await
}
