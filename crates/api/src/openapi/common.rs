//! What every operation has, added in one place: headers, preconditions, and by [`problems`] what can go wrong.

use serde_json::json;
use utoipa::openapi::{
    Components, Content, Header, KnownFormat, Object, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, Schema,
    SchemaFormat, Type,
    header::HeaderBuilder,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn, ParameterStyle},
    request_body::RequestBody,
};

use super::{
    bounds, problems,
    route::{self, Route},
};
use crate::{
    idempotency,
    operations::{ALSO, CSV, MIXED, OCTETS},
    trace,
};

const YAML: &str = "application/yaml";

/// Adds to all operations what they have in common.
///
/// # Errors
/// When a handler names what there is not.
pub(super) fn add(document: &mut OpenApi) -> Result<(), String> {
    let components = document.components.get_or_insert_default();
    add_headers(components);
    problems::describe(components);
    components.schemas.values_mut().for_each(bounds::entries);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in route::methods(item) {
            complete(&Route::new(path, method, operation), operation)
                .map_err(|error| format!("{method} {path} in the document: {error}"))?;
        }
    }
    Ok(())
}

fn complete(route: &Route, operation: &mut Operation) -> Result<(), String> {
    if route.takes_key() {
        parameter(operation, idempotency_key());
    }
    if route.changes_one() {
        parameter(operation, if_match(route.method == "PATCH"));
    }
    if route.public {
        operation.security = Some(Vec::new());
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        one_media_type(body);
    }
    problems::complete(route, operation)?;
    complete_answers(route, operation);
    complete_parameters(operation);
    Ok(())
}

/// A client sends JSON; that YAML would do, or JSON with something attached, is said beside it. A file is bytes to it, whatever they say.
fn one_media_type(body: &mut RequestBody) {
    if let Some(mut file) = body.content.remove(CSV) {
        // As generators know it: in its place, and nothing more said.
        if let RefOr::T(file) = &mut file {
            let bytes = SchemaFormat::KnownFormat(KnownFormat::Binary);
            file.schema = Some(text().format(Some(bytes)).build().into());
        }
        body.content.insert(OCTETS.into(), file);
        body.extensions.get_or_insert_default().insert(ALSO.into(), json!([CSV]));
    }
    for other in [YAML, MIXED] {
        if body.content.len() > 1 && body.content.remove(other).is_some() {
            body.extensions.get_or_insert_default().insert(ALSO.into(), json!([other]));
        }
    }
}

/// Adds the headers that a good answer has.
fn complete_answers(route: &Route, operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        every_header(response);
        if route.is_xapi() {
            response.headers.insert("X-Experience-API-Version".into(), header("ExperienceApiVersion"));
            response.headers.insert("X-Experience-API-Consistent-Through".into(), header("ConsistentThrough"));
            if route.method == "GET" && status == "200" {
                response.headers.insert("Last-Modified".into(), header("LastModified"));
            }
        }
        if !status.starts_with('2') || !route.is_resource() {
            continue;
        }
        if matches!(status.as_str(), "201" | "202") {
            response.headers.insert("Location".into(), header("Location"));
        }
        if route.method == "POST" {
            response.headers.insert("Idempotency-Replayed".into(), header("IdempotencyReplayed"));
        }
        if is_list(response) {
            response.headers.insert("Link".into(), header("Link"));
        } else if route.answers_a_version(status) {
            response.headers.insert("ETag".into(), header("ETag"));
        }
    }
    let ok = operation.responses.responses.get("200");
    if route.method == "GET" && matches!(ok, Some(RefOr::T(answer)) if answer.headers.contains_key("ETag")) {
        let mut unchanged = Response::new("You have it already: `If-None-Match` names the current version.");
        unchanged.headers.insert("ETag".into(), header("ETag"));
        every_header(&mut unchanged);
        operation.responses.responses.insert("304".into(), unchanged.into());
        let text = "The `ETag` that you have: when it is the current one, the answer is 304 without a body.";
        parameter(operation, tag_parameter("If-None-Match", text, false));
    }
}

/// The headers of every answer.
pub(super) fn every_header(response: &mut Response) {
    for (name, component) in
        [(trace::HEADER, "RequestId"), ("RateLimit", "RateLimit"), ("RateLimit-Policy", "RateLimitPolicy")]
    {
        response.headers.insert(name.into(), header(component));
    }
}

fn is_list(response: &Response) -> bool {
    let as_csv = response.content.contains_key("text/csv");
    as_csv
        || response.content.values().any(|content| match content {
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
        .schema(Some(text().max_length(Some(1000))))
        .example(Some("\"pQ7sT2kXvN0b3cY1mJf4Zg\"".into()))
        .build()
}

fn add_headers(components: &mut Components) {
    let seconds = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(86_400)).build();
    let headers: [(&str, &str, Object); 13] = [
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
        (
            "RateLimit",
            "What is left of each limit (`r`) and in how many seconds there is more (`t`); absent without a limit.",
            text().max_length(Some(300)).build(),
        ),
        (
            "RateLimitPolicy",
            "The limits that apply: requests at once (`q`), and in how many seconds they are made up for (`w`).",
            text().max_length(Some(300)).build(),
        ),
        ("ExperienceApiVersion", "The version of xAPI that answers.", text().max_length(Some(8)).build()),
        (
            "ConsistentThrough",
            "Up to which time everything that was stored can be read.",
            text().max_length(Some(40)).build(),
        ),
        ("LastModified", "Of one statement: when it was stored.", text().max_length(Some(40)).build()),
        ("RetryAfter", "Seconds after which to try again.", seconds()),
        ("RetrySoon", "While the first request is running: seconds after which to try again.", seconds()),
        ("WWWAuthenticate", "How to authenticate (RFC 6750).", text().max_length(Some(500)).build()),
    ];
    for (name, description, schema) in headers {
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        components.headers.insert(name.into(), header.into());
    }
}

/// A schema of a text.
pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A reference to a header that is described once.
pub(super) fn header(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}
