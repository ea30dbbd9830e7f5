//! The problems, explained where their `type` points.

use actix_web::{get, http::StatusCode, web::Path};
use kernel::{Code, Error};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{Outcome, Reply, problem::status};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(get_one);
}

/// A kind of problem.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemKind {
    /// Stable name.
    #[schema(value_type = String, max_length = 60, example = "stale")]
    code: &'static str,
    /// The HTTP status that comes with it.
    #[schema(minimum = 400, maximum = 599, value_type = i32, example = 412)]
    status: u16,
    /// In words.
    #[schema(value_type = String, max_length = 200, example = "Your copy is out of date")]
    title: &'static str,
    /// When it is sent.
    #[schema(value_type = String, max_length = 500, example = "`If-Match` names another version than the current one.")]
    when: &'static str,
}

/// All kinds of problems.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemKindList {
    /// The kinds.
    #[schema(max_items = 200)]
    data: Vec<ProblemKind>,
}

/// List kinds of problems
///
/// All the codes that a problem document can have.
#[utoipa::path(
    operation_id = "listProblemTypes",
    tag = "service",
    security(()),
    responses((status = 200, description = "All kinds of problems.", body = ProblemKindList))
)]
#[get("/problems")]
async fn list() -> Outcome {
    let data = Code::ALL.iter().copied().map(explained).collect();
    Ok(Reply::json(StatusCode::OK, &ProblemKindList { data })?)
}

/// Get a kind of problem
///
/// What the `type` of a problem document points at.
#[utoipa::path(
    operation_id = "getProblemType",
    tag = "service",
    security(()),
    params(("code" = String, Path, description = "The code.", min_length = 1, max_length = 60, example = "stale")),
    responses((status = 200, description = "The kind of problem.", body = ProblemKind))
)]
#[get("/problems/{code}")]
async fn get_one(code: Path<String>) -> Outcome {
    let found = Code::ALL.iter().copied().find(|known| known.as_str() == *code);
    let found = found.ok_or_else(|| Error::not_found("kind of problem"))?;
    Ok(Reply::json(StatusCode::OK, &explained(found))?)
}

fn explained(code: Code) -> ProblemKind {
    ProblemKind { code: code.as_str(), status: status(code.kind()).as_u16(), title: code.title(), when: code.when() }
}
