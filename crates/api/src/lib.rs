//! The HTTP API: one file per resource, and around them what all have in common.
//!
//! A request passes, from outside to inside: tracing (its id, its span), compression, [`finish`] (problem
//! documents, headers, metrics), CORS, and [`gate`], where the OpenAPI document decides: is there such an
//! operation, who is calling, may they, are parameters and body right. Then a handler has only typed values, says
//! what is to be done, and [`App`] does it in one transaction.
//!
//! To add a resource: one file under `resources/`, one line in `resources.rs`. The file has handlers such as
//!
//! ```text
//! list_of!(PartnerList of Partner);
//!
//! /// List partners
//! ///
//! /// Newest first.
//! #[utoipa::path(operation_id = "listPartners", tag = "partners", security(("oauth2" = ["partners:read"])),
//!     params(Listed, PartnerQuery),
//!     responses((status = 200, description = "One page of partners.", body = PartnerList)))]
//! #[get("/v1/partners")]
//! async fn list(app: Data<App>, call: Call, listed: Query<Listed>, filter: Query<PartnerQuery>) -> Outcome {
//!     let (paging, filter) = (listed.paging(), filter.0.into());
//!     app.list::<PartnerList>(call, move |tx, actor| partner::list(tx, actor, &filter, &paging)).await
//! }
//!
//! /// Get a partner
//! ///
//! /// As it is now.
//! #[utoipa::path(operation_id = "getPartner", tag = "partners", security(("oauth2" = ["partners:read"])),
//!     params(("id" = PartnerId, Path, description = "The partner.")),
//!     responses((status = 200, description = "The partner.", body = Partner)))]
//! #[get("/v1/partners/{id}")]
//! async fn get_one(app: Data<App>, call: Call, id: Path<PartnerId>) -> Outcome {
//!     app.get(call, move |tx, actor| partner::find(tx, actor, *id)).await
//! }
//!
//! /// Add a partner
//! ///
//! /// It can act at once.
//! #[utoipa::path(operation_id = "createPartner", tag = "partners", security(("oauth2" = ["partners:write"])),
//!     request_body = NewPartner,
//!     responses((status = 201, description = "The new partner.", body = Partner)))]
//! #[post("/v1/partners")]
//! async fn create(app: Data<App>, call: Call, new: Valid<NewPartner>) -> Outcome {
//!     app.write(call, move |tx, actor| {
//!         let partner = partner::create(tx, actor, new.0.clone())?;
//!         Reply::created(format!("/v1/partners/{}", partner.id), &partner)
//!     })
//!     .await
//! }
//!
//! /// Change a partner
//! ///
//! /// What is left out stays.
//! #[utoipa::path(operation_id = "updatePartner", tag = "partners", security(("oauth2" = ["partners:write"])),
//!     params(("id" = PartnerId, Path, description = "The partner.")), request_body = PartnerUpdate,
//!     responses((status = 200, description = "The partner as it is now.", body = Partner)))]
//! #[patch("/v1/partners/{id}")]
//! async fn update(app: Data<App>, call: Call, id: Path<PartnerId>, new: Valid<PartnerUpdate>) -> Outcome {
//!     let precondition = call.precondition();
//!     app.write(call, move |tx, actor| {
//!         precondition.check(&partner::find(tx, actor, *id)?)?;
//!         Reply::ok(&partner::update(tx, actor, *id, new.0.clone())?)
//!     })
//!     .await
//! }
//! ```
//!
//! A verb is the same as a change: `#[post("/v1/partners/{id}/suspend")]`, with the precondition checked in the
//! transaction. Everything else that the document says of an operation (headers, problems) is added by
//! [`openapi`] to all operations alike.

mod alternate;
mod app;
mod basic;
mod body;
mod call;
mod connection;
mod finish;
mod gate;
mod headers;
mod idempotency;
mod list;
mod multipart;
mod openapi;
mod operations;
mod pages;
mod parameters;
mod problem;
mod reply;
mod resources;
mod settings;
mod tag;
mod texts;
mod throttle;
mod trace;
mod xapi;

use actix_cors::Cors;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::{Compress, from_fn},
    web::Data,
};
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::service_config::ServiceConfig;

pub use app::App;
pub use call::{Call, Counted, CsvText, Document, Exported, Include, Listed, Query, Text, Valid};
pub use connection::Activity;
pub use list::List;
pub use openapi::Published;
pub use problem::{Problem, ProblemDocument, ProblemFault};
pub use reply::{Outcome, Reply};
pub use settings::{Demo, Guard, Limits, Rate, Settings};
pub use tag::Precondition;
pub use trace::RequestSpan;

/// The application, for `HttpServer::new(move || api::service(&app))` and for tests.
pub fn service(
    app: &Data<App>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let routes = app.clone();
    actix_web::App::new()
        .app_data(app.clone())
        .configure(move |config| {
            resources::routes(&mut ServiceConfig::new(config), routes.settings.sandbox);
            pages::routes(config);
        })
        // The last is the outermost.
        .wrap(from_fn(gate::gate))
        .wrap(cors(&app.settings.cors_origins))
        .wrap(from_fn(finish::finish))
        .wrap(Compress::default())
        .wrap(TracingLogger::<RequestSpan>::new())
}

/// Lets pages of these origins call the API. Tokens travel in a header, never in a cookie, so no credentials.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PATCH", "PUT", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH])
        .allowed_headers([idempotency::HEADER, trace::HEADER, "traceparent", "tracestate", xapi::VERSION])
        .expose_headers([header::ETAG, header::LINK, header::LOCATION, header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .expose_headers([trace::HEADER, "Idempotency-Replayed", "RateLimit", "RateLimit-Policy"])
        .expose_headers([xapi::VERSION, xapi::CONSISTENT_THROUGH])
        .max_age(600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
