//! The alternate request syntax of xAPI 1.0.3 (part three, 1.3), for clients that can send neither headers nor methods of
//! their choice: a form that stands for another request. The gate has that request put in its place, and goes on as if it
//! had come.

use std::{collections::HashSet, future::ready};

use actix_web::{
    dev::{Payload, ServiceRequest},
    http::{
        Method, Uri,
        header::{self, HeaderMap, HeaderName, HeaderValue},
        uri::PathAndQuery,
    },
    web::Bytes,
};
use futures_util::stream;
use kernel::{Code, Error};
use percent_encoding::percent_decode_str;

use crate::{body, operations::FORM, xapi};

/// The parameter that says which method is meant.
const METHOD: &str = "method";
/// The field that holds what would be the body.
const CONTENT: &str = "content";
/// How many fields there may be: more than any request has parameters and headers.
const MOST: usize = 50;
/// The methods that may be meant.
const METHODS: [Method; 4] = [Method::GET, Method::PUT, Method::POST, Method::DELETE];
/// The fields that are headers. How long the content is can be seen.
const HEADERS: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static(xapi::VERSION),
];

/// Whether a request stands for another.
pub(crate) fn is_one(request: &ServiceRequest) -> bool {
    let is_meant = || parameters(request).iter().any(|(name, _)| name == METHOD);
    request.method() == Method::POST && xapi::is_of(request.path()) && is_meant()
}

/// Whether its body can be a form: such clients may be unable to say so.
pub(crate) fn is_form(request: &ServiceRequest) -> bool {
    let said = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    said.is_none_or(|said| body::media_type(said) == FORM)
}

/// Puts the request that the form stands for in its place.
///
/// # Errors
/// `invalid_parameter` for another method or parameter, and for a field that is there twice or cannot be a header;
/// `invalid_json` where the body is no form.
pub(crate) fn unfold(request: &mut ServiceRequest, form: &[u8]) -> Result<(), Error> {
    let method = method(&parameters(request))?;
    let (mut query, mut content) = (Vec::new(), None);
    let mut headers = HeaderMap::new();
    for (name, value) in fields(form)? {
        match HEADERS.iter().find(|header| header.as_str().eq_ignore_ascii_case(&name)) {
            Some(header) => drop(headers.insert(header.clone(), header_value(&name, &value)?)),
            None if name == CONTENT => content = Some(value),
            None => query.push((name, value)),
        }
    }
    let uri = with_query(request.uri(), &query)?;
    let head = request.head_mut();
    (head.method, head.uri) = (method, uri);
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        head.headers.remove(name);
    }
    if content.is_some() {
        head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in headers.into_iter().filter(|(name, _)| name != header::CONTENT_LENGTH) {
        head.headers.insert(name, value);
    }
    let content = Bytes::from(content.unwrap_or_default());
    request.set_payload(Payload::Stream { payload: Box::pin(stream::once(ready(Ok(content)))) });
    Ok(())
}

fn parameters(request: &ServiceRequest) -> Vec<(String, String)> {
    serde_urlencoded::from_str(request.query_string()).unwrap_or_default()
}

/// The method that is meant, if nothing else stands beside it.
fn method(parameters: &[(String, String)]) -> Result<Method, Error> {
    if let Some((name, _)) = parameters.iter().find(|(name, _)| name != METHOD) {
        return Err(wrong(name, "not_allowed", "must be a field of the form: method is there"));
    }
    let said = parameters.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    let meant = METHODS.into_iter().find(|method| said == [method.as_str()]);
    meant.ok_or_else(|| wrong(METHOD, "enum", "must be GET, PUT, POST or DELETE, once"))
}

/// The fields of a form, each of which is there once.
fn fields(form: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let refused = |words: &str| Error::new(Code::InvalidJson, format!("The body {words}."));
    let text = str::from_utf8(form).map_err(|_| refused("is not UTF-8"))?;
    let (mut fields, mut names) = (Vec::new(), HashSet::new());
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        if fields.len() >= MOST {
            return Err(refused(&format!("has more than {MOST} fields")));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = decoded(name).zip(decoded(value)).ok_or_else(|| refused("is not UTF-8"))?;
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(wrong(&name, "repeated", "must be there once"));
        }
        fields.push((name, value));
    }
    Ok(fields)
}

/// A library would put something else in the place of what is not UTF-8; a statement must not be changed in silence.
fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(|text| text.into_owned())
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::try_from(value).map_err(|_| wrong(name, "pattern", "must be visible ASCII characters"))
}

fn with_query(uri: &Uri, query: &[(String, String)]) -> Result<Uri, Error> {
    let unwritable = || Error::new(Code::InvalidParameter, "The fields cannot be written as parameters of a query.");
    let query = serde_urlencoded::to_string(query).map_err(|_| unwritable())?;
    let mut parts = uri.clone().into_parts();
    let target = PathAndQuery::try_from(format!("{}?{query}", uri.path())).map_err(|_| unwritable())?;
    parts.path_and_query = Some(target);
    Uri::from_parts(parts).map_err(|_| unwritable())
}

fn wrong(name: &str, code: &str, words: &str) -> Error {
    Error::new(Code::InvalidParameter, "The parameters have faults; see errors.").with_parameter(name, code, words)
}
