//! Schemas of what is written outside: editors complete and check with them.

use std::sync::LazyLock;

use actix_web::{HttpRequest, get, http::StatusCode};
use database::Error;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Outcome, Reply};

/// How long it may be kept without asking again: it changes with the server's version alone.
const LIFE: &str = "public, max-age=3600";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(program);
}

/// A JSON Schema (2020-12).
#[derive(ToSchema)]
#[allow(dead_code, reason = "the outline of what is made from the types")]
struct JsonSchema {
    /// The dialect.
    #[schema(rename = "$schema", max_length = 100, example = "https://json-schema.org/draft/2020-12/schema")]
    schema: String,
}

/// Get the schema of program documents
///
/// JSON Schema 2020-12, for editors. `POST /v1/programs/validate` says more: what names stand for, what contradicts
/// itself, and whether the examples come out.
#[utoipa::path(
    operation_id = "getProgramSchema",
    tag = "programs",
    security(()),
    responses((status = 200, description = "The schema.", content_type = "application/schema+json", body = JsonSchema))
)]
#[get("/v1/schemas/program")]
async fn program(request: HttpRequest) -> Outcome {
    static TEXT: LazyLock<Result<String, String>> =
        LazyLock::new(|| serde_json::to_string(&programs::schema()?).map_err(|error| error.to_string()));
    let text = TEXT.as_ref().map_err(|error| Error::Internal(error.clone()))?;
    let reply = Reply::text(StatusCode::OK, "application/schema+json", text.clone()).tagged();
    Ok(reply.with_header("Cache-Control", LIFE).unless_known(&request))
}
