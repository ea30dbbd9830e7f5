//! What can be learned, and what is certified for it.

use actix_web::{
    get, post,
    web::{Data, Path},
};
use kernel::{Error, Fault, PartnerId};
use serde::{Deserialize, Serialize};
use training::{
    CatalogueDocument, CatalogueVersion,
    catalogue::{
        self, LearningRole, OfferFilter, OfferKind as TrainingOfferKind, TrainingCatalogueDiff,
        TrainingCatalogueSummary, TrainingOffer,
    },
};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Call, Document, Listed, Outcome, ProblemFault, Query, Reply, list_of};

list_of!(TrainingCatalogueVersionList of TrainingCatalogueSummary);
list_of!(TrainingOfferList of TrainingOffer);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(newest).service(validate).service(diff).service(list).service(publish).service(get_one);
    config.service(offers).service(offer);
}

/// What is wrong with a training catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "valid": false,
    "faults": [{
        "pointer": "/certifications/technical/requires/all/1", "code": "unknown_name",
        "detail": "there is no \"platform_exma\"; did you mean \"platform_exam\"?", "line": 12, "column": 25
    }]
}))]
struct TrainingCatalogueCheck {
    /// Whether it could be published as it is.
    valid: bool,
    /// What keeps it from being used, in the order of the text.
    #[schema(value_type = Vec<ProblemFault>, max_items = 100)]
    faults: Vec<Fault>,
}

/// Get the training catalogue
///
/// The version that holds: courses, exams, certifications and learning paths.
#[utoipa::path(
    operation_id = "getTrainingCatalogue",
    tag = "training",
    security(("oauth2" = ["programs:write"])),
    extensions(("x-error-codes" = json!(["not_found"]))),
    responses((status = 200, description = "The version that holds.", body = CatalogueVersion))
)]
#[get("/v1/training-catalogue")]
async fn newest(app: Data<App>, call: Call) -> Outcome {
    app.get(call, move |tx, _| catalogue::newest(tx)?.ok_or_else(|| Error::not_found("training catalogue").into()))
        .await
}

/// Check a training catalogue
///
/// Takes the document as JSON or as YAML, and tells everything that is wrong with it at once, each fault with line,
/// column and JSON Pointer: what cannot be read, what has not the shape of a catalogue, slugs that stand for nothing,
/// certifications that rest on themselves. Nothing is stored.
#[utoipa::path(
    operation_id = "validateTrainingCatalogue",
    tag = "training",
    security(("oauth2" = ["programs:write"])),
    request_body(content(
        (CatalogueDocument = "application/json"),
        (CatalogueDocument = "application/yaml"),
    )),
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "What is wrong with it; nothing, if it is valid.", body = TrainingCatalogueCheck))
)]
#[post("/v1/training-catalogue/validate")]
async fn validate(app: Data<App>, call: Call, document: Document) -> Outcome {
    let report = document.read(catalogue::check).await?;
    let check = TrainingCatalogueCheck { valid: report.document.is_some(), faults: report.faults };
    app.answer(call, move |_, _| Ok(check.clone())).await
}

/// Compare a training catalogue
///
/// What a document would change of the catalogue that holds, in words. Nothing is stored.
#[utoipa::path(
    operation_id = "diffTrainingCatalogue",
    tag = "training",
    security(("oauth2" = ["programs:write"])),
    request_body(content(
        (CatalogueDocument = "application/json"),
        (CatalogueDocument = "application/yaml"),
    )),
    extensions(("x-never" = json!(["etag"])), ("x-error-codes" = json!(["invalid_catalogue"]))),
    responses((status = 200, description = "What would change.", body = TrainingCatalogueDiff))
)]
#[post("/v1/training-catalogue/diff")]
async fn diff(app: Data<App>, call: Call, document: Document) -> Outcome {
    let document = document.read(catalogue::check).await?.into_document()?.document;
    app.answer(call, move |tx, _| catalogue::diff(tx, &document)).await
}

/// List versions of the training catalogue
///
/// Newest first, without what they say.
#[utoipa::path(
    operation_id = "listTrainingCatalogueVersions",
    tag = "training",
    security(("oauth2" = ["programs:write"])),
    params(Listed),
    responses((status = 200, description = "One page of versions.", body = TrainingCatalogueVersionList))
)]
#[get("/v1/training-catalogue/versions")]
async fn list(app: Data<App>, call: Call, listed: Query<Listed>) -> Outcome {
    let paging = listed.paging();
    app.list::<TrainingCatalogueVersionList>(call, move |tx, _| catalogue::versions(tx, &paging)).await
}

/// Publish a training catalogue
///
/// Takes the whole document as JSON or as YAML; it holds from now on. A version never changes, and what was awarded under
/// the one before stays awarded. `If-Match` names the version that it is to follow.
#[utoipa::path(
    operation_id = "publishTrainingCatalogue",
    tag = "training",
    security(("oauth2" = ["programs:write"])),
    request_body(content(
        (CatalogueDocument = "application/json"),
        (CatalogueDocument = "application/yaml"),
    )),
    extensions(("x-error-codes" = json!(["already_exists", "invalid_catalogue", "stale"]))),
    responses((status = 201, description = "The new version.", body = CatalogueVersion))
)]
#[post("/v1/training-catalogue/versions")]
async fn publish(app: Data<App>, call: Call, document: Document) -> Outcome {
    let document = document.read(catalogue::check).await?.into_document()?.document;
    let precondition = call.precondition();
    app.write(call, move |tx, actor| {
        let made = catalogue::publish(tx, actor, document.clone(), |current| precondition.check(current))?;
        Reply::created(format!("/v1/training-catalogue/versions/{}", made.version), &made)
    })
    .await
}

/// Get a version of the training catalogue
///
/// What was awarded names the version under which it was.
#[utoipa::path(
    operation_id = "getTrainingCatalogueVersion",
    tag = "training",
    security(("oauth2" = ["programs:write"])),
    params(("version" = i32, Path, description = "Counts from 1.", format = Int64, minimum = 1, example = 1)),
    responses((status = 200, description = "The version.", body = CatalogueVersion))
)]
#[get("/v1/training-catalogue/versions/{version}")]
async fn get_one(app: Data<App>, call: Call, version: Path<i32>) -> Outcome {
    app.get(call, move |tx, _| catalogue::version(tx, *version)).await
}

/// Which offers to list.
#[derive(Debug, Deserialize, IntoParams)]
struct TrainingOfferQuery {
    /// Only what is offered to this partner. A partner's own people see what is offered to theirs.
    #[param(nullable = false)]
    partner_id: Option<PartnerId>,
    /// Only of this kind.
    #[param(nullable = false)]
    kind: Option<TrainingOfferKind>,
    /// Only learning paths for this role.
    #[param(nullable = false)]
    role: Option<LearningRole>,
}

/// List training offers
///
/// Courses, exams, certifications and learning paths, by slug; a partner's people see those that its programs, tiers and
/// type entitle them to.
#[utoipa::path(
    operation_id = "listTrainingOffers",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(Listed, TrainingOfferQuery),
    responses((status = 200, description = "One page of offers.", body = TrainingOfferList))
)]
#[get("/v1/training-offers")]
async fn offers(app: Data<App>, call: Call, listed: Query<Listed>, query: Query<TrainingOfferQuery>) -> Outcome {
    let TrainingOfferQuery { partner_id, kind, role } = query.0;
    let (paging, filter) = (listed.paging(), OfferFilter { partner_id, kind, role });
    app.list::<TrainingOfferList>(call, move |tx, actor| catalogue::offers(tx, actor, &filter, &paging)).await
}

/// Get a training offer
///
/// A course, an exam, a certification or a learning path. What is not offered to the caller's company is not there.
#[utoipa::path(
    operation_id = "getTrainingOffer",
    tag = "training",
    security(("oauth2" = ["training:read"])),
    params(("slug" = String, Path, description = "Its slug.", min_length = 1, max_length = 64, example = "platform_basics")),
    responses((status = 200, description = "The offer.", body = TrainingOffer))
)]
#[get("/v1/training-offers/{slug}")]
async fn offer(app: Data<App>, call: Call, slug: Path<String>) -> Outcome {
    app.get(call, move |tx, actor| catalogue::offer(tx, actor, &slug)).await
}
