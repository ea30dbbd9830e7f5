//! Files of people and of completions.

use actix_web::{
    get,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use kernel::Timestamp;
use serde::Deserialize;
use training::{
    TrainingImport, TrainingImportFault, TrainingImportFilter, TrainingImportId,
    import::{self, Kind, Status, file},
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::blocking;
use crate::{App, Call, Listed, Outcome, Query, Reply, Text, list_of, texts::texts};

list_of!(TrainingImportList of TrainingImport);
list_of!(TrainingImportFaultList of TrainingImportFault);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(start).service(get_one).service(list_faults).service(cancel);
}

texts! {
    /// A file of rows: columns separated by commas or semicolons, the first row names them.
    TrainingImportFile(
        max_length = 33_554_432,
        example = "email,item,completed_on,score\nada@northwind.example,platform_basics,2026-11-27,92\n"
    );
}

/// Which imports to list.
#[derive(Debug, Deserialize, IntoParams)]
struct TrainingImportQuery {
    /// Only of this kind.
    #[param(nullable = false)]
    kind: Option<Kind>,
    /// Only with this status.
    #[param(nullable = false)]
    status: Option<Status>,
    /// Only those that came further at or after this time.
    #[param(nullable = false)]
    updated_after: Option<Timestamp>,
}

/// What a file is.
#[derive(Debug, Deserialize, IntoParams)]
struct NewTrainingImport {
    /// What its rows tell of.
    kind: Kind,
    /// Whether nothing is to change: the import only tells what would come of the file.
    #[param(default = false, nullable = false)]
    dry_run: Option<bool>,
    /// What it is called.
    #[param(min_length = 1, max_length = 200, nullable = false)]
    filename: Option<String>,
}

/// List imports
///
/// Newest first. A partner's client sees its partner's; a channel manager their own, and those of the partners that they
/// manage.
#[utoipa::path(
    operation_id = "listTrainingImports",
    tag = "training",
    security(("oauth2" = ["training:report"])),
    params(Listed, TrainingImportQuery),
    responses((status = 200, description = "One page of imports.", body = TrainingImportList))
)]
#[get("/v1/training-imports")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<TrainingImportQuery>) -> Outcome {
    let TrainingImportQuery { kind, status, updated_after } = query.0;
    let (paging, filter) = (listed.paging(), TrainingImportFilter { kind, status, updated_after });
    app.list::<TrainingImportList>(call, move |tx, actor| import::list(tx, actor, &filter, &paging)).await
}

/// Import a file
///
/// CSV in UTF-8, separated by commas or semicolons, with a header. People: `email`, `name`, `partner` (id or domain; a
/// partner's client may leave it out), `external_id`. Completions: `email` or `person_external_id`, `item` (a slug, or the
/// id of an activity), `completed_on`, `score`, `proctored`, `external_id`. The import goes on by itself: read it again to
/// see how far it has come, and its faults by row and column. Who or what is not known waits in the review list. The same
/// file again changes nothing.
#[utoipa::path(
    operation_id = "startTrainingImport",
    tag = "training",
    security(("oauth2" = ["training:report"])),
    params(NewTrainingImport),
    request_body(content = TrainingImportFile, content_type = "text/csv", description = "The file."),
    extensions(("x-error-codes" = json!(["policy_refuses"])), ("x-never" = json!(["invalid_json"]))),
    responses((status = 202, description = "The import, which goes on.", body = TrainingImport))
)]
#[post("/v1/training-imports")]
async fn start(app: Data<App>, call: Call, new: Query<NewTrainingImport>, body: Text) -> Outcome {
    let NewTrainingImport { kind, dry_run, filename } = new.0;
    // The longest may have some 200,000 rows.
    let file = blocking(move || Ok(file::read(kind, &body.0)?)).await?;
    app.write(call, move |tx, actor| {
        let made = import::start(tx, actor, &file, dry_run.unwrap_or_default(), filename.as_deref())?;
        let at = format!("/v1/training-imports/{}", made.id);
        Ok(Reply::json(StatusCode::ACCEPTED, &made)?.tagged_as(&made)?.with_header("Location", at))
    })
    .await
}

/// Get an import
///
/// How far it has come, and what came of it.
#[utoipa::path(
    operation_id = "getTrainingImport",
    tag = "training",
    security(("oauth2" = ["training:report"])),
    params(("id" = TrainingImportId, Path, description = "The import.")),
    responses((status = 200, description = "The import.", body = TrainingImport))
)]
#[get("/v1/training-imports/{id}")]
async fn get_one(app: Data<App>, call: Call, id: Path<TrainingImportId>) -> Outcome {
    app.get(call, move |tx, actor| import::find(tx, actor, *id)).await
}

/// List an import's faults
///
/// What is wrong with rows, and what rows wait for, in the order of the file.
#[utoipa::path(
    operation_id = "listTrainingImportFaults",
    tag = "training",
    security(("oauth2" = ["training:report"])),
    params(("id" = TrainingImportId, Path, description = "The import."), Listed),
    responses((status = 200, description = "One page of faults.", body = TrainingImportFaultList))
)]
#[get("/v1/training-imports/{id}/faults")]
async fn list_faults(app: Data<App>, call: Call, id: Path<TrainingImportId>, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<TrainingImportFaultList>(call, move |tx, actor| import::list_faults(tx, actor, *id, &paging)).await
}

/// Cancel an import
///
/// What it has done stays; what it has not, it does not do.
#[utoipa::path(
    operation_id = "cancelTrainingImport",
    tag = "training",
    security(("oauth2" = ["training:report"])),
    params(("id" = TrainingImportId, Path, description = "The import.")),
    extensions(("x-error-codes" = json!(["invalid_transition"]))),
    responses((status = 200, description = "The import as it is now.", body = TrainingImport))
)]
#[post("/v1/training-imports/{id}/cancel")]
async fn cancel(app: Data<App>, call: Call, id: Path<TrainingImportId>) -> Outcome {
    app.change(call, *id, (), import::cancel).await
}
