//! What a caller can tell from an answer.

use tests::{Answer, Value};

/// Everything in it but what is the caller's own: the object that they named, the time, and the request's id.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub body: String,
    /// Sorted; of those that count down, the name alone.
    pub headers: Vec<(String, String)>,
}

/// What an answer tells about the object with this id.
pub fn told(answer: &Answer, id: &str) -> Told {
    let mut body = answer.json.clone();
    let text = if body.is_object() {
        for own in ["instance", "request_id"] {
            if body.get(own).is_some() {
                body[own] = Value::Null;
            }
        }
        body.to_string()
    } else {
        answer.text.clone()
    };
    let mut headers: Vec<_> = answer.headers.iter().filter_map(|header| shown(header, id)).collect();
    headers.sort_unstable();
    Told { status: answer.status, body: text.replace(id, "THE OBJECT"), headers }
}

fn shown((name, value): &(String, String), id: &str) -> Option<(String, String)> {
    match name.as_str() {
        // `connection` tells of the socket: it closes where the server answered before the body was all there.
        "date" | "x-experience-api-consistent-through" | "x-request-id" | "connection" | "traceparent" => None,
        name if name.starts_with("ratelimit") || name.starts_with("x-ratelimit") => {
            Some((name.to_owned(), String::new()))
        }
        // What servers list in no particular order says nothing by its order.
        "access-control-expose-headers" | "vary" => {
            let mut listed: Vec<_> = value.split(", ").collect();
            listed.sort_unstable();
            Some((name.clone(), listed.join(", ")))
        }
        _ => Some((name.clone(), value.replace(id, "THE OBJECT"))),
    }
}
