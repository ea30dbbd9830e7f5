//! What an operation's place and access say of it.

use serde_json::Value;
use utoipa::openapi::{
    OpenApi,
    path::{Operation, PathItem},
    security::SecurityRequirement,
};

use crate::operations::APPLICANT;

/// An operation's place, and who may call it.
pub(super) struct Route<'a> {
    pub path: &'a str,
    pub method: &'static str,
    /// Whether anybody may call it, and nobody needs a token.
    pub public: bool,
    /// Whether a token can lack what it needs.
    pub asks_for_scopes: bool,
    /// What its handler denies although others like it have it: codes of problems, or `etag`.
    pub never: Vec<String>,
    /// Whether its handler says that a caller can hold a version of what it changes.
    stale: bool,
}

impl<'a> Route<'a> {
    pub(super) fn new(path: &'a str, method: &'static str, operation: &mut Operation) -> Self {
        let never = operation.extensions.as_mut().and_then(|extensions| extensions.remove("x-never"));
        let never =
            never.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str).map(str::to_owned).collect();
        let own = operation.extensions.as_ref().and_then(|extensions| extensions.get("x-error-codes"));
        let stale = own.and_then(Value::as_array).into_iter().flatten().any(|code| code == "stale");
        let requirements = operation.security.as_deref().unwrap_or_default();
        let public = requirements == [SecurityRequirement::default()];
        let unscoped = [APPLICANT, "oauth2"].map(|scheme| SecurityRequirement::new(scheme, NO_SCOPES));
        let asks_for_scopes = !public && !unscoped.iter().any(|one| requirements == std::slice::from_ref(one));
        Self { path, method, public, asks_for_scopes, never, stale }
    }

    /// Whether it is part of the API proper, or of what it publishes, not of what is around it.
    pub(super) fn is_resource(&self) -> bool {
        self.path.starts_with("/v1/") || self.path.starts_with("/credentials/")
    }

    /// Whether xAPI says what it answers.
    pub(super) fn is_xapi(&self) -> bool {
        crate::xapi::is_of(self.path)
    }

    pub(super) fn has_parameter(&self) -> bool {
        self.path.contains('{')
    }

    /// Whether it takes an `Idempotency-Key`.
    pub(super) fn takes_key(&self) -> bool {
        self.is_business() && self.method == "POST"
    }

    /// Whether it changes a resource of which a caller can hold a version.
    pub(super) fn changes_one(&self) -> bool {
        let is_one = self.stale || self.has_parameter();
        self.is_business() && is_one && matches!(self.method, "PATCH" | "POST" | "PUT" | "DELETE")
    }

    /// Whether an answer of this status, if it is no list, is a resource with a version.
    pub(super) fn answers_a_version(&self, status: &str) -> bool {
        status != "204" && !self.never.iter().any(|never| never == "etag")
    }

    fn is_business(&self) -> bool {
        self.is_resource() && !self.public
    }
}

const NO_SCOPES: [&str; 0] = [];

/// The operations of a path, with their methods.
pub(super) fn methods(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("PUT", &mut item.put),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// Every operation of the document.
pub(super) fn operations(document: &OpenApi) -> impl Iterator<Item = &Operation> {
    document.paths.paths.values().flat_map(|item| {
        [&item.get, &item.post, &item.patch, &item.put, &item.delete].into_iter().filter_map(Option::as_ref)
    })
}
