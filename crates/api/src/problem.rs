//! Every error as a problem document (RFC 9457).

use std::fmt;

use actix_web::{HttpResponse, ResponseError, body::BoxBody, http::StatusCode};
use database::{Error as DatabaseError, StorageFault};
use events::Answer;
use kernel::{Code, Error, ErrorKind, Fault, Scopes};
use serde::Serialize;
use utoipa::ToSchema;

use crate::trace;

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";
/// That of an error that RFC 6749, 5.2 has a name for: plain JSON.
pub(crate) const OAUTH_MEDIA_TYPE: &str = "application/json";

/// Whether the token endpoint has a name of its own for it (RFC 6749, 5.2).
pub(crate) fn is_of_oauth(code: Code) -> bool {
    matches!(code, Code::InvalidGrant | Code::InvalidClient)
}

/// How many faults a problem tells.
const MOST_FAULTS: usize = 100;
/// Characters of a path that a problem tells.
const LONGEST_INSTANCE: usize = 2_000;

/// An error on its way to the caller. Where it ends, `finish` makes the document, because only there the request
/// is at hand.
pub struct Problem(Box<Parts>);

struct Parts {
    error: Error,
    headers: Vec<(String, String)>,
    oauth: Option<&'static str>,
    /// Path and id of the request, where no `finish` will know them.
    place: Option<(String, String)>,
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument<'a> {
    /// Identifies the kind of problem; the address tells more about it.
    #[serde(rename = "type")]
    #[schema(value_type = String, format = "uri-reference", max_length = 200, example = "/problems/invalid_body")]
    kind: String,
    /// The kind of problem in words, the same for every occurrence.
    #[schema(value_type = String, max_length = 200, example = "The body is not acceptable")]
    title: &'a str,
    /// The HTTP status.
    #[schema(value_type = i32, minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// This occurrence in words.
    #[schema(value_type = String, max_length = 2000, example = "The body has faults; see errors.")]
    detail: &'a str,
    /// The path of the request.
    #[schema(value_type = String, format = "uri-reference", max_length = 2000, example = "/v1/users")]
    instance: &'a str,
    /// Stable name of the kind of problem. More may be added.
    #[schema(value_type = String, max_length = 60, example = "invalid_body")]
    code: Code,
    /// The request, as the server's log names it.
    #[schema(value_type = String, max_length = 64, example = "0b0c2f5e-5f0e-4d43-9c0e-1f5e0e7a6a10")]
    request_id: &'a str,
    /// All the faults at once; empty when there is nothing more to say.
    #[schema(value_type = Vec<ProblemFault>, max_items = 100)]
    errors: &'a [Fault],
    /// Only from the token endpoint: the error as RFC 6749, 5.2 calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, max_length = 60, example = "invalid_grant")]
    error: Option<&'static str>,
    /// Only from the token endpoint: the detail again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, max_length = 2000)]
    error_description: Option<&'a str>,
}

/// One fault among possibly many, and where it is.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of kernel::Fault, which knows no OpenAPI")]
pub struct ProblemFault {
    /// JSON Pointer (RFC 6901) into the body; "" is the whole body.
    #[schema(nullable = false, max_length = 500, example = "/account/country")]
    pointer: Option<String>,
    /// The query parameter, path parameter or header at fault.
    #[schema(nullable = false, max_length = 100, example = "limit")]
    parameter: Option<String>,
    /// Stable name of the fault.
    #[schema(max_length = 60, example = "required")]
    code: String,
    /// What is wrong, in words.
    #[schema(max_length = 2000, example = "is required")]
    detail: String,
    /// Of a program document: the line, counted from 1.
    #[schema(nullable = false, minimum = 1, example = 12)]
    line: Option<i64>,
    /// Of a program document: the character in the line, counted from 1.
    #[schema(nullable = false, minimum = 1, example = 5)]
    column: Option<i64>,
}

/// The HTTP status of a class of errors.
pub(crate) fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Malformed => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorKind::TimedOut => StatusCode::REQUEST_TIMEOUT,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Unacceptable => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl Problem {
    /// An error without particular faults.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Error::new(code, detail).into()
    }

    /// Nobody has shown who they are.
    pub(crate) fn no_token() -> Self {
        Self::new(Code::InvalidToken, "This needs an access token: Authorization: Bearer …")
            .with_header("WWW-Authenticate", r#"Bearer realm="entente""#)
    }

    /// The token does not allow it; names what would.
    pub(crate) fn lacks(needed: &Scopes) -> Self {
        Self::new(Code::InsufficientScope, format!("This needs the scope {needed}.")).with_header(
            "WWW-Authenticate",
            format!(r#"Bearer realm="entente", error="insufficient_scope", scope="{needed}""#),
        )
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.headers.push((name.into(), value.into()));
        self
    }

    /// Says for which request it is, where nobody else will know.
    #[must_use]
    pub(crate) fn at(mut self, path: String, request_id: String) -> Self {
        self.0.place = Some((path, request_id));
        self
    }

    /// Makes it an answer of the token endpoint, which has names of its own (RFC 6749, 5.2).
    #[must_use]
    pub(crate) fn for_oauth(mut self, error: &'static str) -> Self {
        self.0.oauth = Some(error);
        self
    }

    /// Whether it has such a name already.
    pub(crate) fn is_for_oauth(&self) -> bool {
        self.0.oauth.is_some()
    }

    /// What a library answered, of which only the status is known.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, detail) = match status.as_u16() {
            404 => (Code::UnknownRoute, "There is no such route."),
            405 => (Code::MethodNotAllowed, "The route does not take this method."),
            401 => (Code::InvalidToken, "Who is calling is not known."),
            403 => (Code::InsufficientScope, "This is not allowed."),
            408 => (Code::RequestTimeout, "The request did not arrive in time."),
            413 => (Code::BodyTooLarge, "The body is too large."),
            415 => (Code::UnsupportedMediaType, "The content type is not supported."),
            500..=599 => (Code::Internal, "Something went wrong on our side."),
            _ => (Code::InvalidParameter, "The request cannot be read."),
        };
        Self::new(code, detail)
    }

    /// The error as the business knows it.
    pub(crate) fn error(&self) -> &Error {
        &self.0.error
    }

    /// The whole answer, for the request of this path and id.
    pub(crate) fn answer(&self, instance: &str, request_id: &str) -> Answer {
        let code = self.0.error.code;
        let status = status(code.kind()).as_u16();
        let document = ProblemDocument {
            kind: format!("/problems/{}", code.as_str()),
            title: code.title(),
            status,
            detail: &self.0.error.detail,
            instance: &beginning(instance),
            code,
            request_id,
            errors: &told(&self.0.error.faults),
            error: self.0.oauth,
            error_description: self.0.oauth.map(|_| self.0.error.detail.as_str()),
        };
        let media_type = if self.0.oauth.is_some() { OAUTH_MEDIA_TYPE } else { MEDIA_TYPE };
        let mut headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        headers.extend(self.0.headers.clone());
        headers.extend(self.usual_headers());
        Answer { status, headers, body: serde_json::to_vec(&document).unwrap_or_default() }
    }

    /// What belongs to every problem of this kind, unless it was said already.
    fn usual_headers(&self) -> Option<(String, String)> {
        let (name, value) = match self.0.error.code {
            Code::InvalidToken => ("WWW-Authenticate", r#"Bearer realm="entente", error="invalid_token""#),
            Code::InsufficientScope => ("WWW-Authenticate", r#"Bearer realm="entente", error="insufficient_scope""#),
            Code::IdempotencyKeyInUse | Code::Busy => ("Retry-After", "1"),
            Code::DatabaseUnavailable | Code::CaptchaUnavailable => ("Retry-After", "2"),
            Code::StorageFull | Code::StorageReadOnly => ("Retry-After", "60"),
            _ => return None,
        };
        let said = self.0.headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name));
        (!said).then(|| (name.into(), value.into()))
    }
}

/// As much of a path as the document says that is told, and no half of an escape (`%2`) at its end.
fn beginning(path: &str) -> String {
    let mut told: String = path.chars().take(LONGEST_INSTANCE).collect();
    if told.len() < path.len()
        && let Some(escape) = told.rfind('%').filter(|at| at + 3 > told.len())
    {
        told.truncate(escape);
    }
    told
}

/// The faults as far as the document says that they are told: a hundred, each in so many characters.
fn told(faults: &[Fault]) -> Vec<Fault> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let told = faults.iter().take(MOST_FAULTS).cloned().map(|fault| Fault {
        pointer: fault.pointer.map(|pointer| cut(&pointer, 500)),
        parameter: fault.parameter.map(|parameter| cut(&parameter, 100)),
        detail: cut(&fault.detail, 2_000),
        ..fault
    });
    told.collect()
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(Box::new(Parts { error, headers: Vec::new(), oauth: None, place: None }))
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        let fault = error.storage_fault();
        let error = match error {
            DatabaseError::Domain(error) => return error.into(),
            error => error,
        };
        // The caller hears nothing of tables and files; who runs the server finds all of it in the log.
        tracing::error!(%error, "the database failed");
        match fault {
            Some(StorageFault::Unavailable) => Self::new(Code::DatabaseUnavailable, "The database cannot be reached."),
            Some(StorageFault::Busy) => Self::new(Code::Busy, "The transaction kept colliding with others."),
            Some(StorageFault::Full) => Self::new(Code::StorageFull, "The disk of the database is full."),
            Some(StorageFault::ReadOnly) => Self::new(Code::StorageReadOnly, "The database cannot be written."),
            None => Self::new(Code::Internal, "Something went wrong on our side."),
        }
    }
}

/// For logs: the code alone. The detail and the faults are the caller's, and may repeat what they sent, such as a
/// password in a wrong place.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.error.code.as_str())
    }
}

/// As for people: logs show this too.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(self.0.error.code.kind())
    }

    /// Empty, and `finish` fills it in; unless the request is lost and this is the last word.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let Some((path, id)) = &self.0.place else { return HttpResponse::new(self.status_code()) };
        let answer = self.answer(path, id);
        let mut response = HttpResponse::build(self.status_code());
        for header in answer.headers {
            response.append_header(header);
        }
        response.append_header((trace::HEADER, id.as_str())).body(answer.body)
    }
}
