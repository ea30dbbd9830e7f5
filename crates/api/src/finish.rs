//! The last word on every answer: problems become documents, headers that all have are set, and it is counted.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};

use crate::{
    connection::{Activity, Running},
    gate::Standings,
    headers::{self, Circumstances},
    problem::Problem,
    trace::{self, RequestId, operation},
};

/// How long an answer took, for the log.
pub(crate) struct Took(pub Duration);

/// The middleware around all others but compression and tracing.
pub(crate) async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let began = Instant::now();
    let _running = request.conn_data::<Arc<Activity>>().map(Running::on);
    let called = Called::of(&request);
    let answer = match caught(next.call(request)).await {
        Some(Ok(answer)) => answer.map_into_boxed_body(),
        Some(Err(error)) => return Err(lost(called, error.as_response_error().status_code(), began)),
        // The panic has written to the log already.
        None => return Err(lost(called, StatusCode::INTERNAL_SERVER_ERROR, began)),
    };
    let mut answer = explained(answer);
    dress(&called, &mut answer);
    let took = began.elapsed();
    count(&called, answer.status(), took);
    answer.request().extensions_mut().insert(Took(took));
    Ok(answer)
}

/// What is needed of a request when it is gone.
struct Called {
    operation: String,
    method: String,
    path: String,
    id: String,
    circumstances: Circumstances,
}

impl Called {
    fn of(request: &ServiceRequest) -> Self {
        let id = RequestId::of(request.request());
        let method = known_method(request.method().as_str());
        let (operation, path) = (operation(request.request()), request.path().to_owned());
        Self { operation, method, path, id, circumstances: Circumstances::of(request.request()) }
    }
}

/// The answer when the request is lost with what went wrong, as after a panic.
fn lost(called: Called, status: StatusCode, began: Instant) -> Error {
    count(&called, status, began.elapsed());
    let mut usual = HeaderMap::new();
    called.circumstances.dress(&mut usual);
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let problem = Problem::of_status(status).at(called.path, called.id);
    let usual = usual.iter().filter(|(name, _)| name.as_str() != trace::LOWER_CASE);
    usual.fold(problem, |problem, (name, value)| problem.with_header(name.as_str(), text(value))).into()
}

/// Turns an error into its document. What others add to the answer, such as CORS headers, stays.
fn explained(answer: ServiceResponse) -> ServiceResponse {
    let status = answer.status();
    let problem = match answer.response().error() {
        Some(error) => match error.as_error::<Problem>() {
            Some(problem) => Some(rendered(problem, &answer)),
            None => Some(rendered(&unexpected(status, error), &answer)),
        },
        None if (status.is_client_error() || status.is_server_error()) && !is_json(&answer) => {
            Some(rendered(&Problem::of_status(status), &answer))
        }
        None => None,
    };
    let Some(problem) = problem else { return answer };
    let (request, mut response) = answer.into_parts();
    *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &problem.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
            response.headers_mut().insert(name, value);
        }
    }
    ServiceResponse::new(request, response.set_body(BoxBody::new(problem.body)))
}

fn rendered(problem: &Problem, answer: &ServiceResponse) -> events::Answer {
    let request = answer.request();
    problem.answer(request.path(), &RequestId::of(request))
}

fn unexpected(status: StatusCode, error: &Error) -> Problem {
    if status.is_server_error() {
        tracing::error!(%error, "an error that nobody expected");
    }
    Problem::of_status(status)
}

fn is_json(answer: &ServiceResponse) -> bool {
    let media_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.contains("json"))
}

/// Sets the headers that every answer has.
fn dress(called: &Called, answer: &mut ServiceResponse) {
    let standings = answer.request().extensions_mut().remove::<Standings>().unwrap_or_default();
    headers::tell_limits(answer.headers_mut(), &standings);
    called.circumstances.dress(answer.headers_mut());
}

fn count(called: &Called, status: StatusCode, took: Duration) {
    let operation = called.operation.clone();
    let labels =
        [("operation", operation.clone()), ("method", called.method.clone()), ("status", status.as_u16().to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "operation" => operation).record(took.as_secs_f64());
}

/// A label has few values; whoever calls may invent methods.
fn known_method(method: &str) -> String {
    let known = matches!(method, "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "HEAD" | "OPTIONS");
    if known { method.to_owned() } else { "other".to_owned() }
}

/// What the future gives, or `None` when it panics: one request's mistake must not end the others.
pub(crate) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[actix_web::test]
    async fn a_panic_is_caught_and_anything_else_passes() {
        assert_eq!(caught(async { 7 }).await, Some(7));
        assert_eq!(caught(async { panic!("on purpose") }).await, None::<()>);
    }

    #[test]
    fn a_lost_request_gets_its_document() {
        let (method, path) = ("GET".into(), "/v1/users".into());
        let circumstances = Circumstances::of(&TestRequest::default().to_http_request());
        let called = Called { operation: "listUsers".into(), method, path, id: "r1".into(), circumstances };
        let error = lost(called, StatusCode::INTERNAL_SERVER_ERROR, Instant::now());
        let answer = error.error_response();
        assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), crate::problem::MEDIA_TYPE);
        assert_eq!(answer.headers().get(trace::HEADER).unwrap(), "r1");
        assert_eq!(answer.headers().get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
        assert_eq!(answer.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
    }
}
