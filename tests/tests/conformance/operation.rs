//! The operations of the document, each with what a request for it needs.

use std::sync::LazyLock;

use reqwest::{Method, blocking::RequestBuilder};
use tests::{Client, Value, json, parse};

/// What no test exercises, and why: the list that `tests/coverage.py` keeps short.
static EXCEPTIONS: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../unexercised.json")).expect("JSON"));

/// An operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With its parameters in braces.
    pub path: String,
    /// The scopes that it asks for; none where it asks for no token.
    pub scopes: Option<Vec<String>>,
    /// Whether it answers who has no token too.
    pub open: bool,
    /// A body that its schema accepts.
    pub body: Option<Value>,
    /// The media types of its body.
    pub takes: Vec<String>,
    pub statuses: Vec<u16>,
    /// What stands for each parameter of the path.
    parameters: Vec<(String, String)>,
    /// What its query must have.
    query: String,
}

/// All operations that document the status and have no exception from it.
pub fn documenting(client: &Client, status: u16) -> Vec<Operation> {
    let excepted = |operation: &Operation| !EXCEPTIONS["operations"][&operation.id][status.to_string()].is_null();
    let documents = |operation: &Operation| operation.statuses.contains(&status) && !excepted(operation);
    let operations: Vec<_> = all(client).into_iter().filter(documents).collect();
    assert!(!operations.is_empty(), "no operation documents {status}");
    operations
}

/// All operations.
pub fn all(client: &Client) -> Vec<Operation> {
    let document = client.get("/openapi.json").expect_status(200).json;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            if let Some(id) = operation["operationId"].as_str() {
                operations.push(read(&document, path, method, id, operation));
            }
        }
    }
    operations
}

fn read(document: &Value, path: &str, method: &str, id: &str, operation: &Value) -> Operation {
    let content = operation["requestBody"]["content"].as_object();
    let json = content.and_then(|content| content.iter().find(|(media, _)| media.ends_with("json")));
    let mut body = json.map(|(_, media)| given(media).unwrap_or_else(|| sample(document, &media["schema"])));
    if let Some(slug) = body.as_mut().and_then(|body| body.get_mut("slug")).filter(|_| path.contains("{slug}")) {
        // The document of the program that the path names.
        *slug = "nowhere".into();
    }
    let in_path = operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path");
    let scopes = operation["security"].as_array().and_then(|all| all.last()).and_then(|last| {
        let scheme = last.as_object().and_then(|schemes| schemes.values().next())?;
        Some(scheme.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    });
    Operation {
        id: id.to_owned(),
        method: Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method"),
        path: path.to_owned(),
        scopes,
        open: operation["security"].as_array().is_some_and(|all| all.contains(&json!({}))),
        body,
        takes: content.into_iter().flatten().map(|(media, _)| media.clone()).collect(),
        statuses: operation["responses"]
            .as_object()
            .expect("responses")
            .keys()
            .filter_map(|it| it.parse().ok())
            .collect(),
        parameters: in_path
            .map(|one| (one["name"].as_str().expect("a name").to_owned(), missing(document, one)))
            .collect(),
        query: needed(document, operation),
    }
}

/// A query with the parameters that must be there.
fn needed(document: &Value, operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let needed = parameters.filter(|one| one["in"] == "query" && one["required"] == true);
    let pair = |one: &Value| match given(one).unwrap_or_else(|| sample(document, &one["schema"])) {
        Value::String(text) => format!("{}={text}", one["name"].as_str().expect("a name")),
        other => format!("{}={other}", one["name"].as_str().expect("a name")),
    };
    let pairs: Vec<_> = needed.map(pair).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

impl Operation {
    /// Its path, to what is not there.
    pub fn missing(&self) -> String {
        let parameters = self.parameters.iter();
        parameters.fold(self.path.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value))
    }

    /// The same, with the query that it needs.
    pub fn asked(&self) -> String {
        format!("{}{}", self.missing(), self.query)
    }

    /// A request for what is not there, with all that it needs but a body.
    pub fn bare(&self, client: &Client) -> RequestBuilder {
        self.at(client, &self.asked())
    }

    /// The same, to this path.
    pub fn at(&self, client: &Client, path: &str) -> RequestBuilder {
        let mut client = client.clone();
        // Who asks for a token shows none.
        client.token = client.token.filter(|_| self.scopes.is_some());
        let request = client.request(self.method.clone(), path);
        if self.statuses.contains(&428) { request.header("If-Match", "*") } else { request }
    }

    /// The same, with a body that its schema accepts.
    pub fn whole(&self, client: &Client) -> RequestBuilder {
        self.with_body(self.bare(client))
    }

    /// Adds a body that its schema accepts.
    pub fn with_body(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.body {
            Some(body) => request.json(body),
            None if self.takes.is_empty() => request,
            None if self.takes.iter().any(|media| media == "text/csv") => {
                request.header("Content-Type", "text/csv").body("email,name\n")
            }
            // The one form that there is.
            None => {
                request.form(&[("grant_type", "password"), ("username", "a@vendor.example"), ("password", "a guess")])
            }
        }
    }

    /// Whether its path is one like this.
    pub fn fits(&self, path: &str) -> bool {
        let same = |(own, asked): (&str, &str)| own.starts_with('{') || own == asked;
        self.path.split('/').count() == path.split('/').count() && self.path.split('/').zip(path.split('/')).all(same)
    }

    /// Whether a token of a user or an API client is asked for.
    pub fn asks_who(&self) -> bool {
        self.scopes.is_some() && !self.is_an_applicants()
    }

    /// Whether it is for who holds the token of an application.
    pub fn is_an_applicants(&self) -> bool {
        self.path.starts_with("/v1/own-application")
    }

    /// Whether it takes JSON, and what is wrong with it is a problem: `validateProgram` and its like answer it.
    pub fn refuses_json(&self) -> bool {
        self.takes.iter().any(|media| media.ends_with("json")) && !self.id.starts_with("validate")
    }

    /// Whether xAPI says how it behaves.
    pub fn is_of_xapi(&self) -> bool {
        self.path.starts_with("/xapi/")
    }

    /// Whether it takes an `Idempotency-Key`.
    pub fn takes_a_key(&self) -> bool {
        self.method == Method::POST && self.asks_who() && !self.is_of_xapi()
    }
}

/// What a parameter of the path has where nothing is.
fn missing(document: &Value, parameter: &Value) -> String {
    match sample(document, &parameter["schema"]) {
        Value::String(id) if id.contains("_01") => id,
        Value::Number(_) => "999999".into(),
        _ => "nowhere".into(),
    }
}

/// The example that stands beside a schema or in it.
fn given(place: &Value) -> Option<Value> {
    let listed = place["examples"].as_array().and_then(|all| all.first()).cloned();
    let named = place["examples"].as_object().and_then(|all| all.values().next()).map(|one| one["value"].clone());
    [place.get("example").cloned(), listed, named].into_iter().flatten().next()
}

/// A value that a schema accepts: its example, or the least that will do.
fn sample(document: &Value, schema: &Value) -> Value {
    if let Some(example) = given(schema).or_else(|| schema.get("default").cloned()) {
        return example;
    }
    if let Some(to) = schema["$ref"].as_str() {
        return sample(document, document.pointer(to.trim_start_matches('#')).expect("a schema"));
    }
    if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
        return value.clone();
    }
    for alternatives in ["oneOf", "anyOf"] {
        let one = schema[alternatives].as_array().into_iter().flatten().find(|one| one["type"] != "null");
        if let Some(one) = one {
            return sample(document, one);
        }
    }
    let kind = schema["type"].as_str().or(schema["type"][0].as_str());
    match kind {
        Some("object") => least(document, schema),
        Some("array") => json!([sample(document, &schema["items"])]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(false),
        Some("string") if schema["format"] == "date" => json!("2026-06-30"),
        _ => json!("some text"),
    }
}

fn least(document: &Value, schema: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let fields = required.map(|name| (name.to_owned(), sample(document, &schema["properties"][name])));
    Value::Object(fields.collect())
}
