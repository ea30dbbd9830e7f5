//! Which problems each operation can answer: by what it is, and by the codes that its handler names.
//!
//! A handler adds what is particular to it: `extensions(("x-error-codes" = json!(["deal_conflict"])))`.

use kernel::{Code, ErrorKind};
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, Content, Ref, RefOr, Response, ResponseBuilder, example::ExampleBuilder, extensions::Extensions,
    path::Operation,
};

use super::{common, route::Route};
use crate::problem;

/// Where a handler names its codes, and where an answer lists those that it may have.
const CODES: &str = "x-error-codes";

/// An answer that many operations share.
struct Usual {
    name: &'static str,
    text: &'static str,
    codes: &'static [Code],
}

use Code::*;

/// The answers that many operations share. The first of a status describes the others of it.
const USUAL: &[Usual] = &[
    Usual::new(
        "BadRequest",
        "The request cannot be read, or a parameter is not valid.",
        &[InvalidJson, InvalidParameter],
    ),
    Usual::new("InvalidParameter", "A parameter is not valid.", &[InvalidParameter]),
    Usual::new("Unauthorized", "The token is missing or not valid.", &[InvalidToken]),
    Usual::new("Forbidden", "The token lacks a scope that the operation names.", &[InsufficientScope]),
    Usual::new("NotFound", "Not there, or there but not yours.", &[NotFound]),
    Usual::new("RequestTimeout", "The body did not arrive in time.", &[RequestTimeout]),
    Usual::new("Conflict", "The state of things does not allow it.", &[InvalidTransition, IdempotencyKeyInUse]),
    Usual::new("StillRunning", "The first request with this key is still running.", &[IdempotencyKeyInUse]),
    Usual::new(
        "AlreadyExists",
        "Something with the same unique value is there.",
        &[AlreadyExists, IdempotencyKeyInUse],
    ),
    Usual::new("PreconditionFailed", "`If-Match` names another version than the current one.", &[Stale]),
    Usual::new("ContentTooLarge", "The body is too large.", &[BodyTooLarge]),
    Usual::new("UnsupportedMediaType", "The body is of a type that is not taken here.", &[UnsupportedMediaType]),
    Usual::new(
        "UnprocessableContent",
        "Well-formed, but not acceptable; `errors` lists all the faults.",
        &[InvalidBody, IdempotencyKeyReused],
    ),
    Usual::new("InvalidBody", "Well-formed, but not acceptable; `errors` lists all the faults.", &[InvalidBody]),
    Usual::new("KeyReused", "The key was used for another request.", &[IdempotencyKeyReused]),
    Usual::new("PreconditionRequired", "`If-Match` is missing.", &[PreconditionRequired]),
    Usual::new("TooManyRequests", "Slow down.", &[RateLimited]),
    Usual::new("InternalServerError", "A fault of ours; it is logged under the `request_id`.", &[Internal]),
    Usual::new(
        "ServiceUnavailable",
        "Not now. With the same `Idempotency-Key` it is safe to repeat.",
        &[DatabaseUnavailable, Busy, StorageFull, StorageReadOnly],
    ),
    Usual::new("Unreadable", "Not now: nothing can be read.", &[DatabaseUnavailable, Busy]),
];

impl Usual {
    const fn new(name: &'static str, text: &'static str, codes: &'static [Code]) -> Self {
        Self { name, text, codes }
    }

    fn kind(&self) -> Option<ErrorKind> {
        self.codes.first().map(|code| code.kind())
    }
}

/// The shared answers.
pub(super) fn describe(components: &mut Components) {
    for usual in USUAL {
        components.responses.insert(usual.name.into(), answer(usual.text, usual.codes).into());
    }
}

/// Adds to an operation the problems that it can answer.
///
/// # Errors
/// When its handler names a code that there is not.
pub(super) fn complete(route: &Route, operation: &mut Operation) -> Result<(), String> {
    let codes = codes(route, operation)?;
    let mut kinds: Vec<ErrorKind> = codes.iter().map(|code| code.kind()).collect();
    kinds.dedup();
    for kind in kinds {
        let of_kind: Vec<Code> = codes.iter().copied().filter(|code| code.kind() == kind).collect();
        let status = problem::status(kind).as_u16().to_string();
        let of_kind = || if route.is_xapi() { apart(kind, &of_kind) } else { response(kind, &of_kind) };
        operation.responses.responses.entry(status).or_insert_with(of_kind);
    }
    Ok(())
}

/// All the codes that the operation can answer, in the order of the table.
fn codes(route: &Route, operation: &mut Operation) -> Result<Vec<Code>, String> {
    let mut codes = vec![InvalidParameter, RateLimited, Internal];
    if !route.public {
        codes.extend([InvalidToken, DatabaseUnavailable, Busy]);
        codes.extend(route.asks_for_scopes.then_some(InsufficientScope));
        if route.method != "GET" {
            codes.extend([StorageFull, StorageReadOnly]);
        }
    }
    if route.has_parameter() {
        codes.push(NotFound);
    }
    if operation.request_body.is_some() {
        codes.extend([InvalidJson, InvalidBody, RequestTimeout, BodyTooLarge, UnsupportedMediaType]);
    }
    if route.takes_key() {
        codes.extend([IdempotencyKeyInUse, IdempotencyKeyReused]);
    }
    if route.changes_one() {
        codes.push(Stale);
        codes.extend((route.method == "PATCH").then_some(PreconditionRequired));
    }
    let own = operation.extensions.as_mut().and_then(|extensions| extensions.remove(CODES));
    for name in own.iter().filter_map(Value::as_array).flatten() {
        codes.push(named(name)?);
    }
    codes.retain(|code| !route.never.iter().any(|never| never == code.as_str()));
    Ok(Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect())
}

fn named(name: &Value) -> Result<Code, String> {
    let code = Code::ALL.iter().find(|code| name == code.as_str());
    code.copied().ok_or_else(|| format!("there is no code {name}"))
}

fn response(kind: ErrorKind, codes: &[Code]) -> RefOr<Response> {
    let of_kind = || USUAL.iter().filter(|usual| usual.kind() == Some(kind));
    let same = |usual: &&Usual| usual.codes.len() == codes.len() && usual.codes.iter().all(|code| codes.contains(code));
    match of_kind().find(same) {
        Some(usual) => RefOr::Ref(Ref::from_response_name(usual.name)),
        None => answer(of_kind().next().map_or("", |usual| usual.text), codes).into(),
    }
}

/// An answer that has headers of its own, and is therefore shared with nobody.
fn apart(kind: ErrorKind, codes: &[Code]) -> RefOr<Response> {
    let text = USUAL.iter().find(|usual| usual.kind() == Some(kind)).map_or("", |usual| usual.text);
    answer(text, codes).into()
}

fn answer(text: &str, codes: &[Code]) -> Response {
    let when = codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.when()));
    let text = format!("{text}\n\n{}", when.collect::<Vec<_>>().join("\n"));
    let (of_oauth, usual): (Vec<Code>, Vec<Code>) = codes.iter().partition(|code| problem::is_of_oauth(**code));
    let mut response = ResponseBuilder::new().description(text).build();
    for (media_type, codes) in [(problem::MEDIA_TYPE, usual), (problem::OAUTH_MEDIA_TYPE, of_oauth)] {
        if !codes.is_empty() {
            response.content.insert(media_type.into(), content(&codes).into());
        }
    }
    let particular = match codes.first().map(|code| code.kind()) {
        _ if codes.contains(&IdempotencyKeyInUse) => Some(("Retry-After", "RetrySoon")),
        Some(ErrorKind::TooMany | ErrorKind::Unavailable) => Some(("Retry-After", "RetryAfter")),
        Some(ErrorKind::Unauthenticated | ErrorKind::Forbidden) => Some(("WWW-Authenticate", "WWWAuthenticate")),
        _ => None,
    };
    if let Some((name, component)) = particular {
        response.headers.insert(name.into(), common::header(component));
    }
    // A refusal of the business is kept under the request's key, as an effect is.
    if codes.iter().any(|code| code.kind().is_decision()) {
        response.headers.insert("Idempotency-Replayed".into(), common::header("IdempotencyReplayed"));
    }
    common::every_header(&mut response);
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    response.extensions = Some(Extensions::from_iter([(CODES, json!(names))]));
    response
}

fn content(codes: &[Code]) -> Content {
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    for code in codes {
        let example = ExampleBuilder::new().summary(code.title()).value(Some(example(*code)));
        content.examples.insert(code.as_str().into(), example.build().into());
    }
    content
}

/// The problem as the server sends it.
fn example(code: Code) -> Value {
    let answer =
        problem::Problem::new(code, code.when()).answer("/v1/partners", "0b0c2f5e-5f0e-4d43-9c0e-1f5e0e7a6a10");
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_errors_is_described() {
        for code in Code::ALL {
            let described = USUAL.iter().any(|usual| usual.kind() == Some(code.kind()));
            assert!(described || code.kind() == ErrorKind::MethodNotAllowed, "{}", code.as_str());
        }
    }

    #[test]
    fn a_code_that_there_is_not_is_refused() {
        let named = |code: &str| {
            let mut operation = Operation::new();
            operation.extensions = Some(Extensions::from_iter([(CODES, json!([code]))]));
            let route = Route::new("/v1/deals", "POST", &mut operation);
            complete(&route, &mut operation).map(|()| operation.responses.responses.contains_key("409"))
        };
        assert_eq!(named("already_exists"), Ok(true));
        assert_eq!(named("already_exist"), Err(r#"there is no code "already_exist""#.into()));
    }
}
