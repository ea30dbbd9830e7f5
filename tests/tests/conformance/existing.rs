//! One object of each kind, from the demo or made here.

use reqwest::Method;
use tests::{Answer, Client, Value};

use super::operation::Operation;

/// The path of the operation, to something that is there; nothing if there is none and nobody makes one.
pub fn path(client: &Client, operations: &[Operation], operation: &Operation) -> Option<String> {
    let mut path = String::new();
    for segment in operation.path.split('/').skip(1) {
        let name = segment.strip_prefix('{').map(|name| name.trim_end_matches('}'));
        let segment = match name {
            Some(name) => object(client, operations, name, &path)?,
            None => segment.to_owned(),
        };
        path = format!("{path}/{segment}");
    }
    Some(path)
}

/// What stands in the path for one of the list.
fn object(client: &Client, operations: &[Operation], name: &str, list: &str) -> Option<String> {
    // A review has its own place, but is listed with its plan.
    let list = match list {
        "/v1/business-plan-reviews" => {
            format!("/v1/business-plans/{}/reviews", object(client, operations, "id", "/v1/business-plans")?)
        }
        // What is published of credentials is listed with them.
        "/credentials" => "/v1/credentials".to_owned(),
        list => list.to_owned(),
    };
    // The server itself may be giving events their places just now.
    let page = (0..10).map(|_| client.get(&format!("{list}?limit=1"))).find(|page| page.status != 503);
    let page = page.expect("a server that is not busy for ever").expect_status(200).json;
    let first = page["data"].as_array().and_then(|data| data.first()).cloned();
    let first = first.or_else(|| made(client, operations, &list))?;
    let key = [name, "id", "client_id"].into_iter().find(|key| !first[*key].is_null())?;
    match &first[key] {
        Value::String(text) => Some(text.clone()),
        number => Some(number.to_string()),
    }
}

/// Makes one, from the example of the operation that does, among those that are there.
fn made(client: &Client, operations: &[Operation], list: &str) -> Option<Value> {
    let make = operations.iter().find(|one| one.method == Method::POST && one.fits(list))?;
    let mut body = make.body.clone().unwrap_or_default();
    among_existing(client, operations, &mut body);
    let answer = Answer::of(client.request(Method::POST, list).json(&body));
    (answer.status == 201).then_some(answer.json)
}

/// Puts what is there in the place of the ids of an example.
fn among_existing(client: &Client, operations: &[Operation], value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| among_existing(client, operations, item)),
        Value::Object(fields) => fields.values_mut().for_each(|field| among_existing(client, operations, field)),
        Value::String(text) => {
            let list = match text.split_once("_01").map(|(kind, _)| kind) {
                Some("partner") => "/v1/partners",
                Some("enrollment") => "/v1/enrollments",
                Some("user") => "/v1/users",
                Some("agreement") => "/v1/agreements",
                _ => return,
            };
            if let Some(there) = object(client, operations, "id", list) {
                *text = there;
            }
        }
        _ => {}
    }
}
