//! The one way in: every request passes here before any handler, and the document decides what it may do.
//!
//! In this order: is there such an operation, who is calling, may they, are the parameters right, is the body
//! right. So a handler cannot forget a check, and a body is never read for somebody who may not send it; but for the forms
//! of xAPI's other syntax ([`alternate`]), in which who is calling stands in the body.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Path, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web::{Bytes, Data},
};
use events::Attempt;
use identity::Verified;
use kernel::{Code, Error as DomainError, Fault, Origin, Scopes};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{
    alternate,
    app::{App, subject},
    basic,
    body::{self, Format},
    call::{Call, Caller, Document, Read, Text},
    idempotency, multipart,
    operations::{Access, FORM, Operation, Size},
    problem::Problem,
    tag::Tags,
    throttle::{Standing, network},
    trace::RequestId,
};

/// Lets a request through or answers it. The middleware of the whole application.
pub(crate) async fn gate<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    if let Err(problem) = enter(&mut request).await {
        return Ok(request.error_response(problem));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

async fn enter(request: &mut ServiceRequest) -> Result<(), Problem> {
    if request.method() == Method::HEAD {
        // Answered as GET is; the server leaves the body away (RFC 9110, 9.3.2).
        request.head_mut().method = Method::GET;
    }
    let app = request.app_data::<Data<App>>().cloned();
    let app = app.ok_or_else(|| Problem::new(Code::Internal, "Something went wrong on our side."))?;
    if alternate::is_one(request) {
        unfold(request, &app).await?;
    }
    let pattern = request.match_pattern().unwrap_or_default();
    let Some(operation) = app.operations.find(&pattern, request.method()).cloned() else {
        count_address(request, &app)?;
        // The pages of `/docs` are files, not operations.
        return if pattern.starts_with("/docs") { Ok(()) } else { Err(no_operation(request, &app)) };
    };
    let caller = caller(request, &app, &operation).await?;
    let (query, headers) = parameters(request, &operation)?;
    let call = caller.map(|caller| call(request, &app, &operation, caller, &headers));
    if request.method() == Method::PATCH && call.as_ref().is_some_and(|call| call.if_match.is_none()) {
        let detail = "Say which version you change: send the ETag that you read as If-Match.";
        return Err(Problem::new(Code::PreconditionRequired, detail));
    }
    let (body, digest) = read_body(request, &app, &operation).await?;
    if let Some(mut call) = call {
        call.attempt = headers.get(idempotency::HEADER).and_then(Value::as_str).map(|key| Attempt {
            fingerprint: idempotency::fingerprint(&operation.id, &call.path, &call.query, &digest),
            key: key.to_owned(),
        });
        request.extensions_mut().insert(call);
    }
    request.extensions_mut().insert(Read { body, query });
    Ok(())
}

/// Puts the request in its place that a form of xAPI stands for. Who is calling stands in it, and is counted when that is
/// known; until then their address is.
async fn unfold(request: &mut ServiceRequest, app: &App) -> Result<(), Problem> {
    let address = address(request.request(), app).unwrap_or_default();
    app.throttle.count_caller(&network(&address))?;
    body::check_coding(request)?;
    if !alternate::is_form(request) {
        return Err(Problem::new(Code::UnsupportedMediaType, format!("The body must be of the type {FORM}.")));
    }
    let limits = &app.settings.limits;
    let form = body::bytes(request, limits.bytes_of(Size::Statements), limits).await?;
    Ok(alternate::unfold(request, &form)?)
}

/// Who is calling, if they may; counted under their name, or under their address as long as they have shown none.
async fn caller(request: &ServiceRequest, app: &App, operation: &Operation) -> Result<Option<Caller>, Problem> {
    let needed = match &operation.access {
        Access::Token(needed) | Access::TokenOrSecret(needed) => needed,
        Access::TokenOrNone(needed) if request.headers().contains_key(header::AUTHORIZATION) => needed,
        access => {
            count_address(request, app)?;
            return match access {
                Access::Applicant => Ok(Some(Caller::Holder(bearer(request)?.to_owned()))),
                Access::TokenOrNone(_) => Ok(Some(Caller::Applicant)),
                _ => Ok(None),
            };
        }
    };
    known(request, app, operation, needed).await.map(Some)
}

fn count_address(request: &ServiceRequest, app: &App) -> Result<(), Problem> {
    let address = address(request.request(), app).unwrap_or_default();
    stands(request.request(), app.throttle.count_caller(&network(&address))?);
    Ok(())
}

/// How the caller stands with the limits that count this request, for the answer.
#[derive(Default)]
pub(crate) struct Standings(pub Vec<Standing>);

/// Adds how the caller stands with a limit, if there is one.
pub(crate) fn stands(request: &HttpRequest, standing: Option<Standing>) {
    let Some(standing) = standing else { return };
    let mut extensions = request.extensions_mut();
    if let Some(standings) = extensions.get_mut::<Standings>() {
        standings.0.push(standing);
    } else {
        extensions.insert(Standings(vec![standing]));
    }
}

/// Whom a genuine token speaks of, if it holds the scopes.
async fn known(request: &ServiceRequest, app: &App, operation: &Operation, needed: &Scopes) -> Result<Caller, Problem> {
    let verified = match verified(request, app, operation).await {
        Ok(verified) => verified,
        Err(problem) => {
            count_address(request, app)?;
            return Err(problem);
        }
    };
    // What the token says of itself; what its subject holds is asked again in the transaction.
    let held = |held: &Scopes| needed.iter().all(|scope| held.contains(scope));
    let lacks = !verified.scopes.as_ref().is_none_or(held);
    let caller = Caller::Known(Arc::new(verified));
    stands(request.request(), app.throttle.count_caller(&subject(&caller))?);
    if lacks { Err(Problem::lacks(needed)) } else { Ok(caller) }
}

async fn verified(request: &ServiceRequest, app: &App, operation: &Operation) -> Result<Verified, Problem> {
    if !matches!(operation.access, Access::TokenOrSecret(_)) {
        return Ok(app.identity.verify(bearer(request)?).await?);
    }
    match basic::credentials(request.request()) {
        Some((id, secret)) => by_secret(request, app, (&id, &secret)).await,
        None => {
            let challenged = |problem: Problem| problem.with_header("WWW-Authenticate", basic::CHALLENGE);
            let token = bearer(request).map_err(challenged)?;
            Ok(app.identity.verify(token).await?)
        }
    }
}

/// Whom a client's id and secret speak of. Who guesses is slowed down as at the token endpoint; who does not is never.
async fn by_secret(request: &ServiceRequest, app: &App, (id, secret): (&str, &str)) -> Result<Verified, Problem> {
    match app.identity.verify_secret(id, secret).await {
        Ok(verified) => Ok(verified),
        Err(error) => {
            let address = address(request.request(), app).unwrap_or_default();
            app.throttle.count_token(&address).await?;
            app.count_account(id, &address).await?;
            Err(Problem::from(error).with_header("WWW-Authenticate", basic::CHALLENGE))
        }
    }
}

fn call(request: &ServiceRequest, app: &App, operation: &Arc<Operation>, caller: Caller, headers: &Value) -> Call {
    let tags = |name: &str| headers.get(name).and_then(Value::as_str).map(Tags::parse);
    Call {
        operation: operation.clone(),
        caller,
        origin: origin(request.request(), app),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        if_match: tags("If-Match"),
        if_none_match: tags("If-None-Match"),
        attempt: None,
    }
}

fn bearer(request: &ServiceRequest) -> Result<&str, Problem> {
    let header = request.headers().get(header::AUTHORIZATION).ok_or_else(Problem::no_token)?;
    let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(Problem::no_token)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Problem::no_token()) }
}

/// Where the request comes from.
fn origin(request: &HttpRequest, app: &App) -> Origin {
    Origin { address: address(request, app), request_id: Some(RequestId::of(request)) }
}

/// The client's address: the peer's, or the one that a trusted proxy names.
pub(crate) fn address(request: &HttpRequest, app: &App) -> Option<String> {
    let named = app.settings.behind_proxy.then(|| {
        request.connection_info().realip_remote_addr().map(|address| address.chars().take(64).collect::<String>())
    });
    named.flatten().or_else(|| request.peer_addr().map(|peer| peer.ip().to_string()))
}

/// Checks the parameters of the path, and reads those of the query and the headers; all their faults at once.
fn parameters(request: &ServiceRequest, operation: &Operation) -> Result<(Value, Value), Problem> {
    let mut path = Path::new(request.path());
    operation.route.capture_match_info(&mut path);
    let in_path: Vec<_> = path.iter().map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    let in_query = serde_urlencoded::from_str::<Vec<(String, String)>>(request.query_string()).unwrap_or_default();
    let in_headers = headers(request, operation).and_then(|pairs| operation.headers.read(&pairs));
    match (operation.path.read(&in_path), operation.query.read(&in_query), in_headers) {
        (Ok(_), Ok(query), Ok(headers)) => Ok((query, headers)),
        (path, query, headers) => {
            let faults = [path.err(), query.err(), headers.err()].into_iter().flatten().flatten().collect();
            let detail = "The parameters have faults; see errors.".into();
            Err(DomainError { code: Code::InvalidParameter, detail, faults }.into())
        }
    }
}

/// The documented headers that the request has. What cannot be read must not pass for what is not there: an `If-Match`
/// that nobody reads would protect nothing.
fn headers(request: &ServiceRequest, operation: &Operation) -> Result<Vec<(String, String)>, Vec<Fault>> {
    let (mut pairs, mut faults) = (Vec::new(), Vec::new());
    for name in operation.headers.names() {
        let lines: Vec<_> = request.headers().get_all(name).map(|value| value.to_str()).collect();
        match lines.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(lines) if lines.is_empty() => {}
            // Several lines are one list (RFC 9110, 5.3).
            Ok(lines) => pairs.push((name.to_owned(), lines.join(", "))),
            Err(_) => faults.push(Fault::of_parameter(name, "pattern", "must be visible ASCII characters")),
        }
    }
    if faults.is_empty() { Ok(pairs) } else { Err(faults) }
}

/// What a part of the path says, as its handler reads it.
fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

async fn read_body(
    request: &mut ServiceRequest,
    app: &App,
    operation: &Operation,
) -> Result<(Option<Value>, Bytes), Problem> {
    let Some(documented) = &operation.body else { return Ok((None, Bytes::new())) };
    let format = body::check_type(request, documented)?;
    let limits = &app.settings.limits;
    let size = if format == Format::Mixed { Size::Attachments } else { documented.size };
    let bytes = body::bytes(request, limits.bytes_of(size), limits).await?;
    if format == Format::Form {
        request.extensions_mut().insert(Form(body::form(&bytes, documented)));
        return Ok((None, Bytes::new()));
    }
    let kept = bytes.clone();
    if format == Format::Text {
        request.extensions_mut().insert(Text(bytes));
        return Ok((None, kept));
    }
    if format == Format::Mixed {
        let parts = multipart::read(request, bytes).await?;
        request.extensions_mut().insert(Document::of_parts(parts, limits.bytes_of(documented.size))?);
        return Ok((None, kept));
    }
    if documented.is_document {
        // The domain reads it: it tells what is wrong with its place in the text.
        let format = if format == Format::Yaml { contract::Format::Yaml } else { contract::Format::Json };
        request.extensions_mut().insert(Document::new(bytes, format));
        return Ok((None, kept));
    }
    let deepest = limits.depth_of(documented.size);
    Ok((Some(body::value(&bytes, deepest, documented)?), kept))
}

/// The fields of a form, or all that is wrong with them: its handler has errors of its own for that.
pub(crate) struct Form(pub Result<Value, Vec<Fault>>);

fn no_operation(request: &ServiceRequest, app: &App) -> Problem {
    let methods = app.operations.methods(request.path());
    if methods.is_empty() {
        return Problem::new(Code::UnknownRoute, "There is no such route; /openapi.json lists those that there are.");
    }
    let detail = format!("{} is not for {}.", request.path(), request.method());
    Problem::new(Code::MethodNotAllowed, detail).with_header("Allow", methods.join(", "))
}
