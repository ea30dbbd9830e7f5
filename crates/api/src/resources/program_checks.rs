//! Checking and evaluating program documents. Nothing is stored.

use std::sync::Arc;

use actix_web::{http::StatusCode, post, web::Data};
use chrono::NaiveDate;
use kernel::{Error, Fault, Timestamp};
use programs::{Evaluation, ProgramDocument, Report, TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::blocking;
use crate::{App, Call, Document, Outcome, ProblemFault, Reply, Valid};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(validate).service(evaluate);
}

/// What is wrong with a program document.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "valid": false,
    "faults": [{
        "pointer": "/tiers/1/requires/metric", "code": "unknown_name",
        "detail": "there is no name \"revenu\"; did you mean \"revenue\"?", "line": 12, "column": 25
    }],
    "warnings": []
}))]
struct ProgramCheck {
    /// Whether the document could be added as it is.
    valid: bool,
    /// What keeps it from being used, in the order of the text.
    #[schema(value_type = Vec<ProblemFault>, max_items = 100)]
    faults: Vec<Fault>,
    /// What is hardly meant.
    #[schema(value_type = Vec<ProblemFault>, max_items = 100)]
    warnings: Vec<Fault>,
}

impl From<Report> for ProgramCheck {
    fn from(report: Report) -> Self {
        Self { valid: report.is_valid(), faults: report.faults, warnings: report.warnings }
    }
}

/// A program, and what is known of a partner.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "document": {
        "slug": "reseller", "name": "Reseller program",
        "facts": {"revenue": {"type": "number", "unit": "EUR", "default": 0}},
        "tiers": [{"name": "Registered"}, {"name": "Gold", "requires": {"metric": "revenue", "at_least": 100000}}]
    },
    "facts": {"revenue": 112000}, "as_of": "2026-12-31", "explain": ["Gold"]
}))]
struct EvaluationRequest {
    /// The slug of a program whose rules in force are evaluated. Either this or `document`.
    #[schema(nullable = false, min_length = 1, max_length = 64, example = "reseller")]
    program: Option<String>,
    /// The document that is evaluated. Either this or `program`.
    #[schema(nullable = false, value_type = Option<ProgramDocument>)]
    document: Option<Value>,
    /// What is known of the partner, by the names of the document's facts.
    #[serde(default = "nothing")]
    #[schema(value_type = Object, example = json!({"revenue": 112000}))]
    facts: Value,
    /// The day of evaluation; today in the program's time zone, if it is left out.
    #[schema(nullable = false)]
    as_of: Option<NaiveDate>,
    /// What to explain: a tier, a metric, rule or fact, `score.NAME`, `score.NAME.COMPONENT`, `eligibility.NAME`.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["Gold"]))]
    explain: Vec<String>,
}

fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

/// Check a program document
///
/// Takes the document as JSON or as YAML, and tells everything that is wrong with it at once, each fault with line,
/// column and JSON Pointer: what cannot be read, what has not the shape of a document, names that stand for nothing,
/// contradictions, tiers that nobody can reach, examples that do not come out. Nothing is stored.
#[utoipa::path(
    operation_id = "validateProgram",
    tag = "programs",
    security(("oauth2" = ["programs:write"])),
    request_body(content(
        (ProgramDocument = "application/json"),
        (ProgramDocument = "application/yaml"),
    )),
    extensions(("x-never" = json!(["etag"]))),
    responses((status = 200, description = "What is wrong with it; nothing, if it is valid.", body = ProgramCheck))
)]
#[post("/v1/programs/validate")]
async fn validate(app: Data<App>, call: Call, document: Document) -> Outcome {
    let report = ProgramCheck::from(document.read(programs::check).await?);
    app.answer(call, move |_, _| Ok(report.clone())).await
}

/// Evaluate a program
///
/// The tier, scores and rules of one partner on one day, and why, computed from the facts in the request and nothing
/// else. Nothing is stored.
#[utoipa::path(
    operation_id = "evaluateProgram",
    tag = "programs",
    security(("oauth2" = ["programs:read"])),
    request_body = EvaluationRequest,
    extensions(("x-never" = json!(["etag"])), ("x-error-codes" = json!(["invalid_program"]))),
    responses((status = 200, description = "What came out.", body = Evaluation))
)]
#[post("/v1/programs/evaluate")]
async fn evaluate(app: Data<App>, call: Call, request: Valid<EvaluationRequest>) -> Outcome {
    let request = Arc::new(request.0);
    let slug = request.program.clone();
    let (now, stored) = app
        .read(&call, move |tx, _| {
            let stored = slug.map(|slug| programs::current(tx, &slug)).transpose()?.flatten();
            Ok((tx.now(), stored.map(|version| (version.version, version.document.0))))
        })
        .await?;
    // Computing takes time, so it holds neither a thread of the server nor a transaction.
    let computed = blocking(move || Ok(computed(&request, stored, now))).await?;
    let work = move || Reply::json(StatusCode::OK, &computed.clone()?);
    if call.is_keyed() { app.write(call, move |_, _| work()).await } else { Ok(work()?) }
}

fn computed(
    request: &EvaluationRequest,
    stored: Option<(i32, ProgramDocument)>,
    now: Timestamp,
) -> Result<Evaluation, Error> {
    let (document, compiled, version) = match (&request.program, &request.document) {
        (Some(_), None) => {
            let (version, document) = stored
                .ok_or_else(|| Error::invalid("/program", "not_a_known_value", "there is no program of this slug"))?;
            let compiled = programs::compile(&document).map_err(below_document)?;
            (document, compiled, Some(version))
        }
        (None, Some(given)) => {
            let report = programs::check_value(given);
            let (document, compiled) =
                report.into_document().map_err(|error| Error { faults: below(error.faults), ..error })?;
            (document, compiled, None)
        }
        _ => return Err(Error::invalid("", "exactly_one", "must hold exactly one of program and document")),
    };
    let as_of = request.as_of.unwrap_or_else(|| document.time_zone.unwrap_or(TimeZone::UTC).day_of(now.utc()));
    let evaluation = programs::evaluate(&document, &compiled, &request.facts, as_of, &request.explain)?;
    Ok(Evaluation { version, ..evaluation })
}

/// Rules that were taken when they were stored, and are not any more.
fn below_document(faults: Vec<Fault>) -> Error {
    Error {
        code: kernel::Code::InvalidProgram,
        detail: "The stored rules have faults; see errors.".into(),
        faults: below(faults),
    }
}

/// The faults of a document that stands in the body.
fn below(faults: Vec<Fault>) -> Vec<Fault> {
    let lowered = |fault: Fault| Fault { pointer: fault.pointer.map(|at| format!("/document{at}")), ..fault };
    faults.into_iter().map(lowered).collect()
}
