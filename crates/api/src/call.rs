//! What the gate has found out about a request, and how handlers get it.

use std::{
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Bytes};
use events::Attempt;
use identity::Verified;
use kernel::{Code, Error, Fault, Origin, Paging};
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::{
    multipart::Part,
    operations::Operation,
    problem::Problem,
    resources::blocking,
    tag::{Precondition, Tags},
    texts::texts,
};

/// Who is calling, as far as the gate knows.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Whom a genuine token speaks of.
    Known(Arc<Verified>),
    /// Somebody without an account who applies to a program.
    Applicant,
    /// Whoever holds this token of an application, if it is one.
    Holder(String),
}

/// A request that has passed the gate: its token is genuine and holds the operation's scopes. Who stands behind
/// it is asked in the transaction that acts.
#[derive(Clone)]
pub struct Call {
    pub(crate) operation: Arc<Operation>,
    pub(crate) caller: Caller,
    pub(crate) origin: Origin,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) if_match: Option<Tags>,
    pub(crate) if_none_match: Option<Tags>,
    pub(crate) attempt: Option<Attempt>,
}

impl Call {
    /// Whether the answer is to be kept under an `Idempotency-Key`.
    pub fn is_keyed(&self) -> bool {
        self.attempt.is_some()
    }

    /// Where the request came from: an address, or nothing.
    pub(crate) fn address(&self) -> Option<&str> {
        self.origin.address.as_deref()
    }

    /// Whether whoever is calling has shown no token.
    pub(crate) fn is_anonymous(&self) -> bool {
        matches!(self.caller, Caller::Applicant)
    }

    /// The version that the request wants to change, to be checked in the transaction.
    pub fn precondition(&self) -> Precondition {
        Precondition(self.if_match.clone())
    }
}

/// A body that the published schema accepts, as its type.
pub struct Valid<T>(pub T);

/// Parameters of the query that the document accepts, as their type.
pub struct Query<T>(pub T);

/// A document of a domain as it came. Whoever takes it checks it: what is wrong with it has a place in its text.
pub struct Document {
    bytes: Bytes,
    format: contract::Format,
    attached: Vec<Part>,
}

/// A body of lines of text as it came. Whoever takes it reads it.
pub struct Text(pub Bytes);

impl Document {
    pub(crate) fn new(bytes: Bytes, format: contract::Format) -> Self {
        Self { bytes, format, attached: Vec::new() }
    }

    /// The first of several parts, of so many bytes at most; the others are attached to it.
    ///
    /// # Errors
    /// `invalid_json` where the first is no JSON; `body_too_large`.
    pub(crate) fn of_parts(parts: Vec<Part>, limit: usize) -> Result<Self, Error> {
        let mut parts = parts.into_iter();
        let first = parts.next().filter(|first| first.media_type() == "application/json");
        let wrong = || Error::new(Code::InvalidJson, "The first part must be of the type application/json.");
        let bytes = first.ok_or_else(wrong)?.bytes;
        if bytes.len() > limit {
            return Err(Error::new(Code::BodyTooLarge, format!("The first part may have at most {limit} bytes.")));
        }
        Ok(Self { bytes, format: contract::Format::Json, attached: parts.collect() })
    }

    /// What a domain makes of it: that takes time, as examples are computed and rules compiled.
    ///
    /// # Errors
    /// `internal`, if it does not come back.
    pub(crate) async fn read<T: Send + 'static>(
        self,
        read: impl FnOnce(&[u8], contract::Format) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(blocking(move || Ok(read(&self.bytes, self.format))).await?)
    }

    /// What a domain makes of it and of what is attached to it.
    ///
    /// # Errors
    /// `internal`, if it does not come back.
    pub(crate) async fn read_all<T: Send + 'static>(
        self,
        read: impl FnOnce(&[u8], &[Part]) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(blocking(move || Ok(read(&self.bytes, &self.attached))).await?)
    }
}

/// What the gate has read, until an extractor takes it.
pub(crate) struct Read {
    pub body: Option<Value>,
    pub query: Value,
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or_else(Problem::no_token))
    }
}

impl<T: DeserializeOwned + Validate> FromRequest for Valid<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let body = request.extensions_mut().get_mut::<Read>().and_then(|read| read.body.take());
        ready(body.ok_or_else(undocumented).and_then(|body| valid(body).map_err(Problem::from)).map(Self))
    }
}

impl FromRequest for Document {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions_mut().remove::<Self>().ok_or_else(undocumented))
    }
}

impl FromRequest for Text {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions_mut().remove::<Self>().ok_or_else(undocumented))
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.extensions().get::<Read>().map(|read| read.query.clone());
        ready(query.ok_or_else(undocumented).and_then(|query| typed_query(query).map_err(Problem::from)).map(Self))
    }
}

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// A handler asks for what its operation does not document: a mistake of ours that the first request shows.
fn undocumented() -> Problem {
    tracing::error!("a handler takes a body or a query that its operation does not document");
    Problem::new(Code::Internal, "Something went wrong on our side.")
}

fn valid<T: DeserializeOwned + Validate>(body: Value) -> Result<T, Error> {
    let refused = Error::new(Code::InvalidBody, "The body has faults; see errors.");
    let value: T = contract::typed(body).map_err(|fault| Error { faults: vec![fault], ..refused })?;
    let mut faults = Vec::new();
    if let Err(errors) = value.validate() {
        collect("", &errors, &mut faults);
    }
    Error::unless_empty(Code::InvalidBody, faults)?;
    Ok(value)
}

fn typed_query<T: DeserializeOwned>(query: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(query).map_err(|error| {
        let name = error.path().to_string();
        Error::new(Code::InvalidParameter, "The query has faults; see errors.").with_parameter(
            &name,
            "not_valid",
            error.into_inner().to_string(),
        )
    })
}

/// What `validator` finds, which can relate fields to each other as a schema cannot.
fn collect(at: &str, errors: &ValidationErrors, faults: &mut Vec<Fault>) {
    for (field, kind) in errors.errors() {
        let here = if field == "__all__" { at.to_owned() } else { format!("{at}/{field}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(&here, inner, faults),
            ValidationErrorsKind::List(items) => {
                items.iter().for_each(|(index, inner)| collect(&format!("{here}/{index}"), inner, faults));
            }
            ValidationErrorsKind::Field(found) => faults.extend(found.iter().map(|error| {
                let detail = error.message.as_deref().unwrap_or("is not valid");
                Fault::at(&here, &error.code, detail)
            })),
        }
    }
}

/// The part of a query that every list has.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Listed {
    /// How many to answer at most.
    #[param(minimum = 1, maximum = 200, default = 50, value_type = Option<i64>, nullable = false)]
    pub limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 500, nullable = false)]
    pub cursor: Option<String>,
}

impl Listed {
    /// The page that is asked for.
    pub fn paging(&self) -> Paging {
        let limit = self.limit.unwrap_or(Paging::DEFAULT_LIMIT).clamp(1, Paging::MAX_LIMIT);
        Paging { limit, cursor: self.cursor.clone(), total: false }
    }
}

/// The part of a query of every list that is answered as CSV.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Exported {
    /// How many rows to answer at most.
    #[param(minimum = 1, maximum = 100_000, default = 100_000, value_type = Option<i64>, nullable = false)]
    pub limit: Option<u32>,
    /// That of the `Link` to the next rows, in the answer before.
    #[param(min_length = 1, max_length = 500, nullable = false)]
    pub cursor: Option<String>,
}

texts! {
    /// A list as CSV: a header, and rows.
    pub CsvText(max_length = 200_000_000);
}

/// The part of a query of lists that can be counted.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
pub struct Counted {
    /// `total` counts all that match, which takes time.
    #[param(max_items = 1, nullable = false)]
    pub include: Option<Vec<Include>>,
}

/// What a list can tell besides its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// How many match.
    Total,
}

impl Counted {
    /// The page that is asked for, counted if that is asked for.
    pub fn paging(&self, listed: &Listed) -> Paging {
        let total = self.include.as_ref().is_some_and(|include| include.contains(&Include::Total));
        Paging { total, ..listed.paging() }
    }
}
