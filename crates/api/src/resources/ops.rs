//! For whoever runs the server: is it alive, can it serve, how much does it do; and the document itself.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header::ContentType},
    web::Data,
};
use database::{Error, StorageFault};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{App, Outcome, Reply, pages, texts::texts};

/// How long the database may take to answer that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(index)
        .service(healthz)
        .service(readyz)
        .service(get_metrics)
        .service(openapi_json)
        .service(older_openapi_json);
}

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`: what is not answers a problem.
    #[schema(value_type = String, max_length = 2, example = "ok")]
    status: &'static str,
}

/// Where to go from here.
#[derive(Debug, Serialize, ToSchema)]
struct Index {
    /// What this is.
    #[schema(value_type = String, max_length = 20, example = "Entente")]
    name: &'static str,
    /// Interactive documentation.
    #[schema(value_type = String, max_length = 100, example = "/docs/")]
    docs: &'static str,
    /// The OpenAPI document.
    #[schema(value_type = String, max_length = 100, example = "/openapi.json")]
    openapi: &'static str,
    /// Where to get a token.
    #[schema(value_type = String, max_length = 100, example = "/oauth/token")]
    token: &'static str,
    /// Whether the server can serve.
    #[schema(value_type = String, max_length = 100, example = "/readyz")]
    health: &'static str,
}

/// Get the index
///
/// Where to go from here: a page for whoever would rather have HTML, such as a browser, and JSON for everybody else.
#[utoipa::path(
    operation_id = "getIndex",
    tag = "service",
    security(()),
    responses((
        status = 200,
        description = "The index.",
        content((Index = "application/json"), (Text = "text/html", example = json!("<!doctype html>")))
    ))
)]
#[get("/")]
async fn index(app: Data<App>, request: HttpRequest) -> Outcome {
    let reply = if pages::prefers_html(&request) {
        pages::home(&app, look(&app).await.is_ok())?
    } else {
        let (docs, openapi, token, health) = ("/docs/", "/openapi.json", "/oauth/token", "/readyz");
        Reply::json(StatusCode::OK, &Index { name: "Entente", docs, openapi, token, health })?
    };
    Ok(reply.with_header("Vary", "Accept"))
}

/// Check that the server is alive
///
/// Answers as long as the process does. Restart it when it does not.
#[utoipa::path(
    operation_id = "getHealth",
    tag = "service",
    security(()),
    responses((status = 200, description = "It is alive.", body = Health))
)]
#[get("/healthz")]
async fn healthz() -> Outcome {
    Ok(Reply::json(StatusCode::OK, &Health { status: "ok" })?)
}

/// Check that the server can serve
///
/// Looks at the database. Send it no requests while it cannot.
#[utoipa::path(
    operation_id = "getReadiness",
    tag = "service",
    security(()),
    extensions(("x-error-codes" = json!(["database_unavailable", "busy"]))),
    responses((status = 200, description = "It can serve.", body = Health))
)]
#[get("/readyz")]
async fn readyz(app: Data<App>) -> Outcome {
    look(&app).await?;
    Ok(Reply::json(StatusCode::OK, &Health { status: "ok" })?)
}

/// Looks at the database.
async fn look(app: &App) -> Result<(), Error> {
    let look = app.database.read(|tx| tx.remembered("readiness").map(drop));
    let late = |_| Error::Storage(StorageFault::Unavailable);
    tokio::time::timeout(PATIENCE, look).await.map_err(late)?
}

/// Get the metrics
///
/// Rate, errors and duration by operation, connections and transactions, as Prometheus reads them.
#[utoipa::path(
    operation_id = "getMetrics",
    tag = "service",
    security(()),
    responses((status = 200, description = "The metrics.", content_type = "text/plain", body = Text))
)]
#[get("/metrics")]
async fn get_metrics(app: Data<App>) -> HttpResponse {
    let (connections, idle) = app.database.connections();
    metrics::gauge!("database_connections").set(connections);
    metrics::gauge!("database_connections_idle").set(idle);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(app.settings.metrics.render())
}

/// Get the OpenAPI document
///
/// This document (OpenAPI 3.1).
#[utoipa::path(
    operation_id = "getOpenapi",
    tag = "service",
    security(()),
    responses((status = 200, description = "The document.", body = OpenapiDocument, example = json!({"openapi": "3.1.0"})))
)]
#[get("/openapi.json")]
async fn openapi_json(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(app.document.json())
}

/// Get the OpenAPI document for older tools
///
/// The same as OpenAPI 3.0.3, for tools that know nothing newer. It has no webhooks.
#[utoipa::path(
    operation_id = "getOlderOpenapi",
    tag = "service",
    security(()),
    responses((status = 200, description = "The document.", body = OpenapiDocument, example = json!({"openapi": "3.0.3"})))
)]
#[get("/openapi-3.0.json")]
async fn older_openapi_json(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(app.document.older_json())
}

texts! {
    /// A text: a page, or metrics as Prometheus reads them.
    Text(max_length = 10_000_000);
}

/// An OpenAPI document.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the outline of what utoipa writes")]
struct OpenapiDocument {
    /// The version of OpenAPI.
    #[schema(max_length = 10, example = "3.1.0")]
    openapi: String,
}
