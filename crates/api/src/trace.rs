//! The request's id and its span: what ties answer, log line and trace together.

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    web::Data,
};
use tracing::Span;
use tracing_actix_web::{RootSpanBuilder, root_span};

use crate::app::App;

/// The header's name.
pub(crate) const HEADER: &str = "X-Request-Id";
/// The same in lower case, as HTTP/2 and the library want it.
pub(crate) const LOWER_CASE: &str = "x-request-id";

/// What a request is called: as the caller says, if that is a name, else a new UUID.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// The id of a request.
    pub(crate) fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }

    fn choose(request: &ServiceRequest) -> String {
        let visible = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let named = request.headers().get(HEADER).and_then(|id| id.to_str().ok()).filter(visible);
        named.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
    }
}

/// Begins a span for each request, in the caller's trace if `traceparent` names one.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = RequestId::choose(request);
        request.extensions_mut().insert(RequestId(id.clone()));
        let operation = operation(request.request());
        // `request_id` is the library's own; `id` is the one that the caller sees.
        let span = root_span!(request, id = %id, operation = %operation);
        // Without the query: somebody may have put a secret there.
        span.record("http.target", request.path());
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = outcome.as_ref().map_or(500, |answer| answer.status().as_u16());
        span.record("http.status_code", i32::from(status));
        span.record("otel.status_code", if status < 500 { "OK" } else { "ERROR" });
        let duration = outcome.as_ref().ok().and_then(|answer| {
            answer.request().extensions().get::<crate::finish::Took>().map(|took| took.0.as_secs_f64() * 1_000.0)
        });
        tracing::info!(status, duration_ms = duration, "answered");
    }
}

/// The id of the operation that a request means; `none` for a route that there is not.
pub(crate) fn operation(request: &HttpRequest) -> String {
    let app = request.app_data::<Data<App>>();
    let found = app.and_then(|app| app.operations.find(&request.match_pattern()?, request.method()));
    found.map_or_else(|| "none".to_owned(), |operation| operation.id.clone())
}
