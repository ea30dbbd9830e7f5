//! The document, as these tests read it: what there is to call, and what it takes and answers.

use tests::{Client, Value};

/// Who may call an operation, as the document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Who has a token with these scopes.
    Token(Vec<String>),
    /// The same, and whoever sends no token.
    TokenOrNone(Vec<String>),
    /// Who has the token of an application.
    Applicant,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    pub method: String,
    /// With its parameters in braces.
    pub path: String,
    pub access: Access,
    /// What it may be asked in the query: the name, and its schema.
    pub query: Vec<(String, Value)>,
    /// The schema of the JSON that it takes, and its media types.
    pub body: Option<(Value, Vec<String>)>,
    /// The schema of the JSON that it answers when it does what is asked.
    pub answer: Option<Value>,
}

impl Operation {
    /// Whether it only reads.
    pub fn reads(&self) -> bool {
        self.method == "GET"
    }

    /// Whether its path names an object.
    pub fn names_object(&self) -> bool {
        self.path.contains('{')
    }

    /// Whether whoever calls may say which version they mean.
    pub fn takes_versions(&self) -> bool {
        self.names_object() && matches!(self.method.as_str(), "POST" | "PATCH")
    }
}

/// The document that a server answers with.
pub struct Document {
    pub operations: Vec<Operation>,
    schemas: Value,
}

impl Document {
    pub fn of(client: &Client) -> Self {
        let document = client.get("/openapi.json").expect_status(200).json;
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, one) in item.as_object().expect("operations") {
                if matches!(method.as_str(), "get" | "put" | "post" | "patch" | "delete") {
                    operations.push(operation(path, method, one));
                }
            }
        }
        assert!(operations.len() > 150, "{} operations", operations.len());
        Self { operations, schemas: document["components"]["schemas"].clone() }
    }

    pub fn operation(&self, id: &str) -> &Operation {
        self.operations.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// What stands behind references and alternatives with null.
    pub fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
            return self.resolved(&self.schemas[name]);
        }
        let ways = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        let thing = ways.and_then(|ways| ways.iter().find(|one| one["type"] != "null"));
        thing.map_or(schema, |one| self.resolved(one))
    }

    /// The members of an object of this schema, its parts taken together.
    pub fn members(&self, schema: &Value) -> Vec<(String, Value)> {
        let schema = self.resolved(schema);
        let own = schema["properties"].as_object().into_iter().flatten();
        let own = own.map(|(name, member)| (name.clone(), member.clone()));
        let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(|part| self.members(part));
        own.chain(parts).collect()
    }
}

fn operation(path: &str, method: &str, one: &Value) -> Operation {
    let parameters = one["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let in_query = parameters.iter().filter(|parameter| parameter["in"] == "query");
    let content = one["requestBody"]["content"].as_object();
    let body = content.and_then(|content| {
        let json = content.get("application/json")?;
        Some((json["schema"].clone(), content.keys().cloned().collect()))
    });
    let good = one["responses"].as_object().into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let answer = good.map(|(_, answer)| answer["content"]["application/json"]["schema"].clone());
    Operation {
        id: one["operationId"].as_str().expect("an operationId").to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        access: access(&one["security"]),
        query: in_query.map(|one| (one["name"].as_str().expect("a name").to_owned(), one["schema"].clone())).collect(),
        body,
        answer: answer.filter(Value::is_object),
    }
}

fn access(security: &Value) -> Access {
    let ways = security.as_array().expect("security");
    let scopes = |way: &Value| {
        let scopes = way["oauth2"].as_array().unwrap_or_else(|| panic!("scopes in {security}"));
        scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let nobody = |way: &Value| way.as_object().is_some_and(serde_json::Map::is_empty);
    match ways.as_slice() {
        [] => Access::Public,
        [one] if one.get("application_token").is_some() => Access::Applicant,
        [one] => Access::Token(scopes(one)),
        [first, one] if nobody(first) => Access::TokenOrNone(scopes(one)),
        // Who shows a client's secret is the client: tests of their own show that.
        [first, one] if first.get("client_secret").is_some() => Access::Token(scopes(one)),
        _ => panic!("nobody knows what this asks for: {security}"),
    }
}
