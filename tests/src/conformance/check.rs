//! An answer against what the document says of it: status, headers, content type, body.

use serde_json::Value;

use super::{
    Asked,
    document::{Document, Header, Operation, Response},
};
use crate::Answer;

/// Where the document keeps the schema of all problems.
const PROBLEM: &str = "/components/schemas/Problem";

/// Headers of HTTP itself, and those that an answer has for a browser's or a cache's sake: no document lists them.
const OF_HTTP: &[&str] = &[
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "keep-alive",
    "pragma",
    "referrer-policy",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
];

/// All that is wrong with the answer of an operation.
pub(super) fn of_operation(document: &Document, operation: &Operation, asked: &Asked, answer: &Answer) -> Vec<String> {
    let Some(response) = operation.responses.get(&answer.status.to_string()) else {
        let known: Vec<_> = operation.responses.keys().map(String::as_str).collect();
        return vec![format!("the status is none of {}", known.join(", "))];
    };
    let mut faults = headers(document, response, answer);
    faults.extend(content(document, response, asked, answer));
    faults.extend(code(response, answer));
    faults
}

/// All that is wrong with the answer where there is no operation: a problem that says so, or a page.
pub(super) fn of_no_operation(document: &Document, asked: &Asked, answer: &Answer) -> Vec<String> {
    let preflight = asked.method == "OPTIONS" && asked.header("access-control-request-method").is_some();
    let page = asked.path == "/" || asked.path.starts_with("/docs");
    if (page || preflight) && answer.status < 400 {
        return Vec::new();
    }
    let expected = match answer.status {
        404 => "unknown_route",
        405 => "method_not_allowed",
        429 => "rate_limited",
        // A page of another origin may not ask: who adds CORS headers decides.
        400 if preflight => return Vec::new(),
        _ => return vec!["no operation, and yet neither 404, nor 405, nor 429, nor a page".into()],
    };
    if asked.method == "HEAD" {
        return Vec::new();
    }
    let mut faults = document.faults(PROBLEM, &answer.json);
    if answer.json["code"] != expected {
        faults.push(format!("the code is not {expected}"));
    }
    faults
}

fn headers(document: &Document, response: &Response, answer: &Answer) -> Vec<String> {
    let documented = response.headers.iter().flat_map(|header| match answer.header(&header.name) {
        Some(value) => header_faults(document, header, value),
        None if header.required => vec![format!("there is no header {}", header.name)],
        None => Vec::new(),
    });
    let unknown = |name: &&String| {
        let known = response.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
        !known && !OF_HTTP.contains(&name.as_str()) && !name.starts_with("access-control-")
    };
    let names = answer.headers.iter().map(|(name, _)| name).filter(unknown);
    documented.chain(names.map(|name| format!("the header {name} is not documented"))).collect()
}

fn header_faults(document: &Document, header: &Header, text: &str) -> Vec<String> {
    let value = match document.at(&header.schema)["type"].as_str() {
        Some("integer" | "number" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => Value::from(text),
    };
    let faults = document.faults(&header.schema, &value);
    faults.into_iter().map(|fault| format!("the header {}: {fault}", header.name)).collect()
}

fn content(document: &Document, response: &Response, asked: &Asked, answer: &Answer) -> Vec<String> {
    // The head alone has no body, and a coded one is not for this client to read.
    let unread = asked.method == "HEAD" || answer.header("content-encoding").is_some_and(|coding| coding != "identity");
    let Some(said) = answer.header("content-type") else {
        let missing = !response.content.is_empty() || !answer.text.is_empty();
        return if missing { vec!["there is no content type".into()] } else { Vec::new() };
    };
    let media_type = said.split(';').next().unwrap_or_default().trim();
    let Some(schema) = response.content.get(media_type) else {
        let known: Vec<_> = response.content.keys().map(String::as_str).collect();
        return vec![format!("the content type {media_type} is none of {known:?}")];
    };
    if unread {
        return Vec::new();
    }
    if !media_type.ends_with("json") {
        return document.faults(schema, &Value::from(answer.text.as_str()));
    }
    match serde_json::from_str(&answer.text) {
        Ok(body) => document.faults(schema, &body),
        Err(error) => vec![format!("the body is not JSON: {error}")],
    }
}

/// A problem says its own status, and one of the codes that are named.
fn code(response: &Response, answer: &Answer) -> Vec<String> {
    let Some(code) = answer.json["code"].as_str().filter(|_| answer.status >= 400) else { return Vec::new() };
    let mut faults = Vec::new();
    if answer.json["status"] != answer.status {
        faults.push(format!("the problem says that the status is {}", answer.json["status"]));
    }
    if let Some(codes) = &response.codes
        && !codes.iter().any(|one| one == code)
    {
        faults.push(format!("the code {code} is none of {codes:?}"));
    }
    faults
}
