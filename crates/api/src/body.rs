//! Bodies: of a type that is taken, not too large, well-formed, and as the published schema wants them.

use actix_web::{dev::ServiceRequest, http::header, web};
use contract::json;
use kernel::{Code, Error, Fault};
use serde_json::{Map, Value};

use crate::{
    operations::{self, Body},
    problem::Problem,
    settings::Limits,
};

/// Reads the body's bytes, at most as many as are allowed, within the time that is allowed.
pub(crate) async fn bytes(request: &mut ServiceRequest, limit: usize, limits: &Limits) -> Result<web::Bytes, Problem> {
    let too_large = || Problem::new(Code::BodyTooLarge, format!("The body may have at most {limit} bytes."));
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let payload = request.extract::<web::Payload>().await.map_err(|_| broken())?;
    match tokio::time::timeout(limits.body_time, payload.to_bytes_limited(limit)).await {
        Err(_) => Err(Problem::new(Code::RequestTimeout, "The body did not arrive in time.")),
        Ok(Err(_)) => Err(too_large()),
        Ok(Ok(Err(_))) => Err(broken()),
        Ok(Ok(Ok(bytes))) => Ok(bytes),
    }
}

/// The media type that a header names: without parameters, in lower case.
pub(crate) fn media_type(said: &str) -> String {
    said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Refuses a body that is compressed.
pub(crate) fn check_coding(request: &ServiceRequest) -> Result<(), Problem> {
    let coding = request.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or_default());
    match coding {
        None | Some("" | "identity") => Ok(()),
        Some(_) => Err(Problem::new(Code::UnsupportedMediaType, "The body must not be compressed.")),
    }
}

/// Refuses a content type that the operation does not take, before the body is read.
pub(crate) fn check_type(request: &ServiceRequest, body: &Body) -> Result<Format, Problem> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    check_coding(request)?;
    let media_type = media_type(text("content-type"));
    let named = body.media_types.contains(&media_type);
    let json =
        media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"));
    match media_type.as_str() {
        "application/yaml" if named => Ok(Format::Yaml),
        operations::FORM if named => Ok(Format::Form),
        operations::MIXED if named => Ok(Format::Mixed),
        // Lines of text, which the domain reads.
        operations::CSV | operations::OCTETS if named => Ok(Format::Text),
        _ if json && body.media_types.iter().any(|taken| taken.ends_with("json")) => Ok(Format::Json),
        // Without a body there is no type to be wrong.
        "" if !body.required => Ok(Format::Json),
        _ => Err(Problem::new(
            Code::UnsupportedMediaType,
            format!("The body must be of the type {}.", body.media_types.join(" or ")),
        )),
    }
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
    Form,
    Text,
    Mixed,
}

/// The value of a body of JSON, at most so deep, if the schema accepts it; else all that is wrong with it.
pub(crate) fn value(bytes: &[u8], deepest: usize, body: &Body) -> Result<Value, Error> {
    // A body that may be left out is the same as one that says nothing.
    let value = if bytes.is_empty() && !body.required {
        Value::Object(Map::new())
    } else {
        json::from_slice(bytes).map_err(|error| not_json(&error))?
    };
    if json::depth(&value) > deepest {
        return Err(malformed(format!("The body is nested more than {deepest} levels deep.")));
    }
    let faults = body.check.faults(&value);
    match Error::unless_empty(Code::InvalidBody, faults) {
        Ok(()) => Ok(value),
        Err(error) => Err(Error { detail: "The body has faults; see errors.".into(), ..error }),
    }
}

/// The fields of a form, if the schema accepts them; else all that is wrong with them.
pub(crate) fn form(bytes: &[u8], body: &Body) -> Result<Value, Vec<Fault>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).unwrap_or_default();
    let many = pairs.len();
    let fields: Map<_, _> = pairs.into_iter().map(|(name, text)| (name, text.into())).collect();
    let repeated = (fields.len() < many).then(|| Fault::at("", "repeated", "has a field twice"));
    let fields = Value::Object(fields);
    let faults: Vec<_> = repeated.into_iter().chain(body.check.faults(&fields)).collect();
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

fn not_json(error: &serde_json::Error) -> Error {
    let what = json::words(error);
    malformed(format!("The body is not JSON: {what} at line {}, column {}.", error.line(), error.column()))
}

fn malformed(detail: impl Into<String>) -> Error {
    Error::new(Code::InvalidJson, detail)
}

fn broken() -> Problem {
    Problem::new(Code::InvalidJson, "The body broke off.")
}
