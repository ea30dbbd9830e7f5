//! The OpenAPI document, ready to be asked what an operation may answer.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use crate::server::command;

/// What the document is called while schemas refer into it.
const NAME: &str = "https://entente.test/openapi.json";

/// The document with the operations that only a sandbox has.
pub(super) struct Document {
    operations: Vec<Operation>,
    json: Value,
    registry: Registry<'static>,
    /// By the pointer of their schema.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One operation.
pub(super) struct Operation {
    pub id: String,
    pub sandbox: bool,
    method: String,
    segments: Vec<String>,
    /// By status.
    pub responses: BTreeMap<String, Response>,
}

/// What it may answer with one status.
pub(super) struct Response {
    pub headers: Vec<Header>,
    /// The pointer of the schema, by media type.
    pub content: BTreeMap<String, String>,
    /// The codes that its problem may have, if they are named.
    pub codes: Option<Vec<String>>,
}

/// A header of an answer.
pub(super) struct Header {
    pub name: String,
    pub required: bool,
    /// The pointer of its schema.
    pub schema: String,
}

impl Document {
    /// That of the binary under test, read once.
    pub(super) fn of_the_binary() -> &'static Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
            let printed = command().args(["openapi", "--sandbox"]).output().expect("the binary `entente`");
            Document::new(serde_json::from_slice(&printed.stdout).expect("the document as JSON"))
        });
        &DOCUMENT
    }

    fn new(json: Value) -> Self {
        let registry = Registry::new().draft(Draft::Draft202012).add(NAME, json.clone()).expect("a document");
        let registry = registry.prepare().expect("a document whose references lead somewhere");
        let mut document = Self { operations: Vec::new(), json, registry, validators: Mutex::default() };
        document.operations = document.operations();
        document
    }

    /// The operation of a request. Whoever asks for the head alone means that of GET.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let method = if method == "HEAD" { "GET" } else { method };
        let segments: Vec<_> = path.split('/').collect();
        let fitting = self.operations.iter().filter(|one| one.method == method && one.fits(&segments));
        fitting.min_by_key(|one| one.parameters())
    }

    /// What is at a pointer, and at the pointer that it refers to.
    pub(super) fn at<'p>(&'p self, pointer: &'p str) -> &'p Value {
        let value = self.json.pointer(pointer).unwrap_or(&Value::Null);
        value["$ref"].as_str().map_or(value, |to| self.at(to.trim_start_matches('#')))
    }

    /// All that is wrong with a value, by the schema at this pointer.
    pub(super) fn faults(&self, schema: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        let told = |error: jsonschema::ValidationError<'_>| {
            let (place, text) = (error.instance_path().to_string(), error.to_string());
            format!("at “{place}”: {}", text.chars().take(500).collect::<String>())
        };
        validator.iter_errors(value).map(told).collect()
    }

    fn validator(&self, schema: &str) -> Arc<Validator> {
        let mut validators = self.validators.lock().expect("the lock");
        if let Some(known) = validators.get(schema) {
            return known.clone();
        }
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        // A fragment has no braces (RFC 3986, 3.5), and a path with parameters has.
        let fragment = schema.replace('{', "%7B").replace('}', "%7D");
        let built = options.with_registry(&self.registry).build(&json!({"$ref": format!("{NAME}#{fragment}")}));
        let validator = Arc::new(built.unwrap_or_else(|error| panic!("the schema at {schema}: {error}")));
        validators.insert(schema.to_owned(), validator.clone());
        validator
    }

    fn operations(&self) -> Vec<Operation> {
        let paths = self.json["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&String, &Value)| {
            let methods = item.as_object().expect("a path").iter().filter(|(_, one)| one["operationId"].is_string());
            methods.map(|(method, one)| self.operation(path, method, one)).collect::<Vec<_>>()
        };
        paths.iter().flat_map(of_path).collect()
    }

    fn operation(&self, path: &str, method: &str, operation: &Value) -> Operation {
        let at = format!("/paths/{}/{method}/responses", escaped(path));
        let statuses = operation["responses"].as_object().expect("responses").keys();
        Operation {
            id: operation["operationId"].as_str().expect("an id").to_owned(),
            sandbox: operation["tags"][0] == "sandbox",
            method: method.to_uppercase(),
            segments: path.split('/').map(str::to_owned).collect(),
            responses: statuses.map(|status| (status.clone(), self.response(format!("{at}/{status}")))).collect(),
        }
    }

    fn response(&self, at: String) -> Response {
        let own = self.json.pointer(&at).unwrap_or(&Value::Null);
        let referred = own["$ref"].as_str().map(|to| to.trim_start_matches('#').to_owned());
        // An operation may say of a response that all share which codes it has here.
        let codes = [own, self.at(&at)].into_iter().find_map(|one| one["x-error-codes"].as_array());
        let codes = codes.map(|codes| codes.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        let at = referred.unwrap_or(at);
        let response = self.at(&at);
        let keys = |member: &str| response[member].as_object().into_iter().flatten().map(|(key, _)| key.clone());
        let header = |name: String| {
            let place = format!("{at}/headers/{}", escaped(&name));
            let target = self.json.pointer(&place).and_then(|header| header["$ref"].as_str());
            let target = target.map_or(place.clone(), |to| to.trim_start_matches('#').to_owned());
            Header { name, required: self.at(&place)["required"] == true, schema: format!("{target}/schema") }
        };
        let content = |media: String| (media.clone(), format!("{at}/content/{}/schema", escaped(&media)));
        Response {
            headers: keys("headers").map(header).collect(),
            content: keys("content").map(content).collect(),
            codes,
        }
    }
}

impl Operation {
    fn fits(&self, segments: &[&str]) -> bool {
        let fits = |(own, asked): (&String, &&str)| if is_parameter(own) { !asked.is_empty() } else { own == asked };
        self.segments.len() == segments.len() && self.segments.iter().zip(segments).all(fits)
    }

    fn parameters(&self) -> usize {
        self.segments.iter().filter(|segment| is_parameter(segment)).count()
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// A member's name within a JSON Pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
