//! What every operation has, added in one place: problems, headers, preconditions.

use kernel::ErrorKind;
use utoipa::openapi::{
    Components, Content, Header, Object, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
    Schema, Type,
    header::HeaderBuilder,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, ParameterStyle, PathItem},
    security::SecurityRequirement,
};

use super::bounds;
use crate::{idempotency, problem, trace};

/// The problems that an operation can answer, by class.
const PROBLEMS: &[(ErrorKind, &str, &str)] = &[
    (ErrorKind::Malformed, "BadRequest", "The request cannot be read, or a parameter is not valid."),
    (ErrorKind::Unauthenticated, "Unauthorized", "The token, or the client's secret, is missing or not valid."),
    (ErrorKind::Forbidden, "Forbidden", "The token lacks a scope that the operation names."),
    (ErrorKind::NotFound, "NotFound", "Not there, or there but not yours."),
    (ErrorKind::TimedOut, "RequestTimeout", "The body did not arrive in time."),
    (
        ErrorKind::Conflict,
        "Conflict",
        "The state of things does not allow it, or the first request with this key is still running.",
    ),
    (ErrorKind::Stale, "PreconditionFailed", "`If-Match` names another version than the current one."),
    (ErrorKind::TooLarge, "ContentTooLarge", "The body is too large."),
    (ErrorKind::UnsupportedMediaType, "UnsupportedMediaType", "The body is of a type that is not taken here."),
    (
        ErrorKind::Unacceptable,
        "UnprocessableContent",
        "Well-formed, but not acceptable; `errors` lists all the faults.",
    ),
    (ErrorKind::PreconditionRequired, "PreconditionRequired", "`If-Match` is missing."),
    (ErrorKind::TooMany, "TooManyRequests", "Slow down."),
    (ErrorKind::Internal, "InternalServerError", "A fault of ours; it is logged under the `request_id`."),
    (ErrorKind::Unavailable, "ServiceUnavailable", "Not now. With the same `Idempotency-Key` it is safe to repeat."),
];

/// Adds to all operations what they have in common.
pub(super) fn add(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    add_headers(components);
    for (kind, name, text) in PROBLEMS {
        components.responses.insert((*name).into(), problem_response(*kind, text).into());
    }
    components.schemas.values_mut().for_each(bounds::entries);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in methods(item) {
            let public = operation.security.as_deref() == Some(&[SecurityRequirement::default()]);
            complete(&Route { path, method, public }, operation);
        }
    }
}

/// Every operation of the document.
pub(super) fn operations(document: &OpenApi) -> impl Iterator<Item = &Operation> {
    document.paths.paths.values().flat_map(|item| {
        [&item.get, &item.post, &item.patch, &item.put, &item.delete].into_iter().filter_map(Option::as_ref)
    })
}

fn methods(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("PUT", &mut item.put),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

struct Route<'a> {
    path: &'a str,
    method: &'static str,
    public: bool,
}

impl Route<'_> {
    fn is_business(&self) -> bool {
        self.is_resource() && !self.public
    }
    fn is_resource(&self) -> bool {
        self.path.starts_with("/v1/")
    }
    fn has_parameter(&self) -> bool {
        self.path.contains('{')
    }
    fn changes_one(&self) -> bool {
        self.is_business() && self.has_parameter() && matches!(self.method, "PATCH" | "POST" | "PUT")
    }
}

fn complete(route: &Route, operation: &mut Operation) {
    let mut kinds = vec![ErrorKind::Malformed, ErrorKind::TooMany, ErrorKind::Internal, ErrorKind::Unavailable];
    if route.is_business() {
        kinds.extend([ErrorKind::Unauthenticated, ErrorKind::Forbidden]);
    }
    if route.has_parameter() {
        kinds.push(ErrorKind::NotFound);
    }
    if operation.request_body.is_some() {
        use ErrorKind::{TimedOut, TooLarge, Unacceptable, UnsupportedMediaType};
        kinds.extend([TimedOut, TooLarge, UnsupportedMediaType, Unacceptable]);
    }
    if route.is_business() && route.method == "POST" {
        kinds.extend([ErrorKind::Conflict, ErrorKind::Unacceptable]);
        parameter(operation, idempotency_key());
    }
    if route.changes_one() {
        let required = route.method == "PATCH";
        kinds.extend([ErrorKind::Conflict, ErrorKind::Stale]);
        kinds.extend(required.then_some(ErrorKind::PreconditionRequired));
        parameter(operation, if_match(required));
    }
    for kind in kinds {
        let named = PROBLEMS.iter().find(|(listed, ..)| *listed == kind);
        let reference = named.map(|(_, name, _)| RefOr::Ref(Ref::from_response_name(*name)));
        let status = problem::status(kind).as_u16().to_string();
        operation
            .responses
            .responses
            .entry(status)
            .or_insert_with(|| reference.unwrap_or_else(|| Response::new("").into()));
    }
    complete_answers(route, operation);
    complete_parameters(operation);
}

/// Adds the headers that a good answer has.
fn complete_answers(route: &Route, operation: &mut Operation) {
    let mut is_resource = false;
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        response.headers.insert(trace::HEADER.into(), header("RequestId"));
        if !status.starts_with('2') || !route.is_resource() {
            continue;
        }
        if status == "201" {
            response.headers.insert("Location".into(), header("Location"));
        }
        if route.method == "POST" {
            response.headers.insert("Idempotency-Replayed".into(), header("IdempotencyReplayed"));
        }
        if is_list(response) {
            response.headers.insert("Link".into(), header("Link"));
        } else {
            is_resource = true;
            response.headers.insert("ETag".into(), header("ETag"));
        }
    }
    if is_resource && route.method == "GET" {
        let mut unchanged = Response::new("You have it already: `If-None-Match` names the current version.");
        unchanged.headers.insert("ETag".into(), header("ETag"));
        unchanged.headers.insert(trace::HEADER.into(), header("RequestId"));
        operation.responses.responses.insert("304".into(), unchanged.into());
        let text = "The `ETag` that you have: when it is the current one, the answer is 304 without a body.";
        parameter(operation, tag_parameter("If-None-Match", text, false));
    }
}

fn is_list(response: &Response) -> bool {
    response.content.values().any(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => schema.ref_location.ends_with("List"),
        _ => false,
    })
}

/// Lists in the query are separated by commas.
fn complete_parameters(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        parameter.schema.iter_mut().for_each(bounds::entries);
        if let (ParameterIn::Query, Some(RefOr::T(Schema::Array(_)))) = (&parameter.parameter_in, &parameter.schema) {
            parameter.style = Some(ParameterStyle::Form);
            parameter.explode = Some(false);
        }
    }
}

fn parameter(operation: &mut Operation, parameter: Parameter) {
    operation.parameters.get_or_insert_default().push(parameter.into());
}

fn idempotency_key() -> Parameter {
    let schema = text().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(idempotency::HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "What you call the request, such as a UUID: repeated with the same key, it gets the first answer again.",
        ))
        .schema(Some(schema))
        .example(Some("8e03978e-40d5-43e8-bc93-6894a57f9324".into()))
        .build()
}

fn if_match(required: bool) -> Parameter {
    tag_parameter(
        "If-Match",
        "The `ETag` of the version that you change; with another one current, the answer is 412.",
        required,
    )
}

fn tag_parameter(name: &str, text_: &str, required: bool) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(if required { Required::True } else { Required::False })
        .description(Some(text_))
        .schema(Some(text().min_length(Some(1)).max_length(Some(1000))))
        .example(Some("\"pQ7sT2kXvN0b3cY1mJf4Zg\"".into()))
        .build()
}

fn problem_response(kind: ErrorKind, description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let mut response = ResponseBuilder::new().description(description).content(problem::MEDIA_TYPE, content).build();
    let particular = match kind {
        ErrorKind::TooMany | ErrorKind::Unavailable => Some(("Retry-After", "RetryAfter")),
        ErrorKind::Unauthenticated | ErrorKind::Forbidden => Some(("WWW-Authenticate", "WWWAuthenticate")),
        _ => None,
    };
    for (name, component) in particular.into_iter().chain([(trace::HEADER, "RequestId")]) {
        response.headers.insert(name.into(), header(component));
    }
    response
}

fn add_headers(components: &mut Components) {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(86_400));
    let headers: [(&str, &str, Object); 7] = [
        ("RequestId", "What the server's log calls the request.", text().max_length(Some(64)).build()),
        ("ETag", "The version of the resource, for `If-Match`.", text().max_length(Some(100)).build()),
        ("Location", "Where the new resource is.", text().max_length(Some(500)).build()),
        (
            "Link",
            "The next page, as `rel=\"next\"` (RFC 8288); absent on the last.",
            text().max_length(Some(4000)).build(),
        ),
        (
            "IdempotencyReplayed",
            "`true` when this is the answer to an earlier request with the same key.",
            text().enum_values(Some(["true"])).build(),
        ),
        ("RetryAfter", "Seconds after which to try again.", seconds.build()),
        ("WWWAuthenticate", "How to authenticate (RFC 6750).", text().max_length(Some(500)).build()),
    ];
    for (name, description, schema) in headers {
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        components.headers.insert(name.into(), header.into());
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn header(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

#[cfg(test)]
mod tests {
    use kernel::Code;

    use super::*;

    #[test]
    fn every_class_of_errors_is_described() {
        for code in Code::ALL {
            let described = PROBLEMS.iter().any(|(kind, ..)| *kind == code.kind());
            assert!(described || code.kind() == ErrorKind::MethodNotAllowed, "{}", code.as_str());
        }
    }
}
