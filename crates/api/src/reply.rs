//! What a handler answers: status, headers and bytes, in a form that can be kept and sent again.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
};
use database::{Error, Result};
use events::Answer;
use serde::Serialize;

use crate::{
    problem::Problem,
    tag::{self, Tags},
};

/// What every handler returns.
pub type Outcome = std::result::Result<Reply, Problem>;

/// An answer to the last byte.
#[derive(Debug, Clone)]
pub struct Reply(pub(crate) Answer);

impl Reply {
    /// 200 with a resource and its `ETag`.
    ///
    /// # Errors
    /// When the value is not JSON.
    pub fn ok<T: Serialize>(resource: &T) -> Result<Self> {
        Ok(Self::json(StatusCode::OK, resource)?.tagged())
    }

    /// 201 with a new resource, its `ETag` and where it is.
    ///
    /// # Errors
    /// When the value is not JSON.
    pub fn created<T: Serialize>(location: impl Into<String>, resource: &T) -> Result<Self> {
        Ok(Self::json(StatusCode::CREATED, resource)?.tagged().with_header("Location", location))
    }

    /// JSON that is not a resource: a list, or the result of a computation.
    ///
    /// # Errors
    /// When the value is not JSON.
    pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(|error| Error::Internal(error.to_string()))?;
        let headers = vec![("Content-Type".into(), "application/json".into())];
        Ok(Self(Answer { status: status.as_u16(), headers, body }))
    }

    /// A text, or bytes, of some other type.
    pub fn text(status: StatusCode, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self(Answer { status: status.as_u16(), headers: vec![("Content-Type".into(), media_type.into())], body })
    }

    /// 204: it is gone.
    pub fn no_content() -> Self {
        Self(Answer { status: StatusCode::NO_CONTENT.as_u16(), headers: Vec::new(), body: Vec::new() })
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push((name.into(), value.into()));
        self
    }

    /// Gives it the `ETag` of the resource, where the body says more than the resource: a secret shown once.
    ///
    /// # Errors
    /// When the resource is not JSON.
    pub fn tagged_as<T: Serialize>(mut self, resource: &T) -> Result<Self> {
        let bytes = serde_json::to_vec(resource).map_err(|error| Error::Internal(error.to_string()))?;
        self.0.headers.retain(|(name, _)| name != "ETag");
        Ok(self.with_header("ETag", tag::of(&bytes)))
    }

    /// Its `ETag`, if it has one.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.0.headers.iter().find(|(name, _)| name == "ETag").map(|(_, tag)| tag.as_str())
    }

    /// The same without content, for whoever has it already.
    pub(crate) fn not_modified(mut self) -> Self {
        self.0.status = StatusCode::NOT_MODIFIED.as_u16();
        self.0.headers.retain(|(name, _)| matches!(name.as_str(), "ETag" | "Cache-Control" | "Vary"));
        self.0.body.clear();
        self
    }

    /// The same, or without content for whoever has it already as `If-None-Match` says.
    pub(crate) fn unless_known(self, request: &HttpRequest) -> Self {
        let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(Tags::parse);
        let is_known = known.as_ref().zip(self.tag()).is_some_and(|(tags, tag)| tags.weakly(tag));
        if is_known { self.not_modified() } else { self }
    }

    /// Gives it the `ETag` of what it says.
    #[must_use]
    pub(crate) fn tagged(self) -> Self {
        let tag = tag::of(&self.0.body);
        self.with_header("ETag", tag)
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response =
            HttpResponse::build(StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        for (name, value) in self.0.headers {
            response.append_header((name, value));
        }
        response.body(self.0.body)
    }
}
