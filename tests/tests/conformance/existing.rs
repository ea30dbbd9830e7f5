//! One object of each kind, from the demo or made here.

use reqwest::Method;
use tests::{Answer, Client, Value};

use super::operation::Operation;

/// The path of the operation, to something that is there.
pub fn path(client: &Client, operations: &[Operation], operation: &Operation) -> String {
    let segments: Vec<&str> = operation.path.split('/').collect();
    let mut path = String::new();
    for (at, segment) in segments.iter().enumerate().skip(1) {
        path.push('/');
        if segment.starts_with('{') {
            let (item, list) = (segments[..=at].join("/"), path.trim_end_matches('/').to_owned());
            path.push_str(&object(client, operations, &item, &list));
        } else {
            path.push_str(segment);
        }
    }
    path
}

/// What stands in the path for one of the list.
fn object(client: &Client, operations: &[Operation], item: &str, list: &str) -> String {
    if list == "/problems" {
        return "stale".into();
    }
    // A review has its own place, but is listed with its plan.
    let list = match list {
        "/v1/business-plan-reviews" => {
            format!("/v1/business-plans/{}/reviews", object(client, operations, "", "/v1/business-plans"))
        }
        list => list.to_owned(),
    };
    let page = client.get(&format!("{list}?limit=1")).expect_status(200).json;
    let first = match page["data"].as_array().and_then(|data| data.first()) {
        Some(first) => first.clone(),
        None => made(client, operations, &list),
    };
    let name = item.rsplit('{').next().unwrap_or_default().trim_end_matches('}');
    let key = [name, "id", "slug", "version"].into_iter().find(|key| !first[*key].is_null());
    match &first[key.unwrap_or_else(|| panic!("nothing names {first} of {list}"))] {
        Value::String(text) => text.clone(),
        number => number.to_string(),
    }
}

/// Makes one, from the example of the operation that does, among those that are there.
fn made(client: &Client, operations: &[Operation], list: &str) -> Value {
    let makes = |one: &&Operation| one.method == Method::POST && one.fits(list);
    let make = operations.iter().find(makes).unwrap_or_else(|| panic!("nothing makes one of {list}"));
    let mut body = make.body.clone().unwrap_or_default();
    among_existing(client, operations, &mut body);
    Answer::of(client.request(Method::POST, list).json(&body)).expect_status(201).json
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
            *text = object(client, operations, "", list);
        }
        _ => {}
    }
}
