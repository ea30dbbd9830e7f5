//! What the document says of each operation, ready to be looked up by route.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use actix_web::{dev::ResourceDef, http::Method};
use contract::Check;
use kernel::{Scope, Scopes};
use serde_json::Value;

use crate::parameters::Parameters;

/// Who may call an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody.
    Public,
    /// Who has a token with these scopes.
    Token(Scopes),
    /// The same, and whoever sends no token at all.
    TokenOrNone(Scopes),
    /// The same, and an API client that shows its id and secret with each request.
    TokenOrSecret(Scopes),
    /// Who has the token of an application.
    Applicant,
}

/// The body that an operation takes.
pub(crate) struct Body {
    pub required: bool,
    /// The media types that the document names.
    pub media_types: Vec<String>,
    pub check: Check,
    pub size: Size,
    /// Whether it is a document of a domain: that is read and checked where it is understood.
    pub is_document: bool,
}

/// By what it is decided how large and how deep a body may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// It is like most.
    Usual,
    /// It is a form: anybody may send it, and its fields are short.
    Form,
    /// It says something of many partners.
    Bulk,
    /// It is a program document, or holds one.
    Program,
    /// It is a training catalogue.
    Catalogue,
    /// It is a file, which is kept and read in parts.
    File,
    /// It is what a learning system says.
    Statement,
    /// The same, several times.
    Statements,
    /// The same, with what is attached.
    Attachments,
}

/// The media type of a file of rows.
pub(crate) const CSV: &str = "text/csv";

/// The media type of a file, as generators of clients take one.
pub(crate) const OCTETS: &str = "application/octet-stream";

/// The media type of a document with what is attached to it.
pub(crate) const MIXED: &str = "multipart/mixed";

/// The media type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// What documents that a domain reads are called in the document of the API.
const DOCUMENTS: [(&str, Size); 3] =
    [("ProgramDocument", Size::Program), ("CatalogueDocument", Size::Catalogue), ("XapiStatement", Size::Statement)];

/// Where a handler says that its body says something of many partners.
const BULK: &str = "x-bulk";

/// Other media types that a body may have. Generators of clients take one alone.
pub(crate) const ALSO: &str = "x-also-accepts";

/// The security scheme of whoever holds an application's token.
pub(crate) const APPLICANT: &str = "application_token";

/// The security scheme of API clients that show their secret with each request.
pub(crate) const CLIENT_SECRET: &str = "client_secret";

/// One operation of the document.
pub(crate) struct Operation {
    pub id: String,
    pub access: Access,
    pub body: Option<Body>,
    pub query: Parameters,
    pub path: Parameters,
    pub headers: Parameters,
    /// Matches the path and captures its parameters.
    pub route: ResourceDef,
}

/// All the operations.
pub(crate) struct Operations(HashMap<String, HashMap<Method, Arc<Operation>>>);

impl Operations {
    /// Reads them from the document.
    ///
    /// # Errors
    /// When an operation does not say who may call it, or names what there is not: nothing may be open by mistake.
    pub(crate) fn of(document: &Value) -> Result<Self, String> {
        let components = &open(document.get("components").cloned().unwrap_or_default());
        let mut routes: HashMap<String, HashMap<Method, Arc<Operation>>> = HashMap::new();
        for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let Ok(method) = Method::from_str(&method.to_uppercase()) else { continue };
                if !operation.is_object() {
                    continue;
                }
                let operation = Operation::new(path, operation, components)
                    .map_err(|error| format!("{method} {path} in the document: {error}"))?;
                routes.entry(path.clone()).or_default().insert(method, Arc::new(operation));
            }
        }
        Ok(Self(routes))
    }

    /// The operation of a route. Whoever asks for the head alone means that of GET.
    pub(crate) fn find(&self, pattern: &str, method: &Method) -> Option<&Arc<Operation>> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.0.get(pattern)?.get(method)
    }

    /// The methods that the path takes, sorted; none for a path that there is not. HEAD goes where GET does.
    pub(crate) fn methods(&self, path: &str) -> Vec<&str> {
        let matching = self.0.values().filter(|methods| methods.values().any(|one| one.route.is_match(path)));
        let mut methods: Vec<_> = matching.flat_map(HashMap::keys).map(Method::as_str).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }
}

impl Operation {
    fn new(path: &str, operation: &Value, components: &Value) -> Result<Self, String> {
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            id: operation["operationId"].as_str().ok_or("it has no operationId")?.into(),
            access: access(&operation["security"])?,
            body: body(operation, components)?,
            query: Parameters::new(parameters, "query", components)?,
            path: Parameters::new(parameters, "path", components)?,
            headers: Parameters::new(parameters, "header", components)?,
            route: ResourceDef::new(path),
        })
    }

    /// The scopes that it asks for.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        match &self.access {
            Access::Public | Access::Applicant => Vec::new(),
            Access::Token(scopes) | Access::TokenOrNone(scopes) | Access::TokenOrSecret(scopes) => {
                scopes.iter().collect()
            }
        }
    }
}

fn access(security: &Value) -> Result<Access, String> {
    let requirements = security.as_array().ok_or("it has no `security`: say who may call it")?;
    let nobody = |requirement: &Value| requirement.as_object().is_some_and(serde_json::Map::is_empty);
    match requirements.as_slice() {
        [] => Ok(Access::Public),
        [requirement] if requirement.get(APPLICANT).is_some() => Ok(Access::Applicant),
        [requirement] => scopes(requirement).map(Access::Token),
        [first, requirement] if nobody(first) => scopes(requirement).map(Access::TokenOrNone),
        [first, requirement] if first.get(CLIENT_SECRET).is_some() => scopes(requirement).map(Access::TokenOrSecret),
        _ => Err("it needs one entry in `security`, or an empty one or a client's secret and another".into()),
    }
}

fn scopes(requirement: &Value) -> Result<Scopes, String> {
    let scopes = requirement.get("oauth2").ok_or("its security scheme is not oauth2")?;
    let names = scopes.as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| Scope::from_str(name).map_err(|_| format!("there is no scope {name}"))).collect()
}

fn body(operation: &Value, components: &Value) -> Result<Option<Body>, String> {
    let body = &operation["requestBody"];
    let Some(content) = body["content"].as_object() else { return Ok(None) };
    let schema = content.values().map(|content| &content["schema"]).next().ok_or("its body has no content")?;
    let others = body[ALSO].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    Ok(Some(Body {
        required: body["required"] == true,
        media_types: content.keys().cloned().chain(others).collect(),
        check: Check::new(schema, components)?,
        size: match size_of_document(schema, components) {
            _ if content.contains_key(FORM) => Size::Form,
            _ if content.contains_key(OCTETS) => Size::File,
            _ if operation[BULK] == true => Size::Bulk,
            document => document.unwrap_or(Size::Usual),
        },
        is_document: document(schema).is_some(),
    }))
}

/// What a schema is, if it is a document of a domain.
fn document(schema: &Value) -> Option<Size> {
    if let Some(items) = schema.get("items") {
        return document(items).filter(|size| *size == Size::Statement).map(|_| Size::Statements);
    }
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    DOCUMENTS.iter().find(|(document, _)| *document == name).map(|(_, size)| *size)
}

/// The same of a body that is a document, or has a field that is one.
fn size_of_document(schema: &Value, components: &Value) -> Option<Size> {
    let named = schema["$ref"].as_str().and_then(|to| components.pointer(to.strip_prefix("#/components")?));
    let fields = named.and_then(|named| named["properties"].as_object());
    document(schema).or_else(|| fields?.values().find_map(document))
}

/// The components with such documents left open: a schema can say that a rule is none of the forms that there are, but
/// not which one was meant. The domain can.
fn open(mut components: Value) -> Value {
    for (document, _) in DOCUMENTS {
        if let Some(schema) = components.pointer_mut(&format!("/schemas/{document}")) {
            *schema = Value::Bool(true);
        }
    }
    components
}
