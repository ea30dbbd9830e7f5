//! What can go wrong, as a caller is told it. One table of codes, published in `docs/API.md`.

use serde::Serialize;

/// The class of an error. `api` maps each to an HTTP status, in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// Who is calling is not known.
    Unauthenticated,
    /// The caller may not do this at all.
    Forbidden,
    /// Not there, or there but not the caller's.
    NotFound,
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// The request took too long to arrive.
    TimedOut,
    /// The state of things does not allow it.
    Conflict,
    /// The caller's copy is out of date.
    Stale,
    /// Too many bytes.
    TooLarge,
    /// A body of a type that is not read here.
    UnsupportedMediaType,
    /// Well-formed but not acceptable.
    Unacceptable,
    /// The caller must say which copy it changes.
    PreconditionRequired,
    /// The caller must slow down.
    TooMany,
    /// A fault of ours.
    Internal,
    /// Not now; later.
    Unavailable,
}

impl Kind {
    /// Whether the business has decided: the same request, repeated, is to hear the same again.
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Conflict | Self::NotFound | Self::Unacceptable | Self::Stale)
    }
}

macro_rules! codes {
    ($($variant:ident $code:literal $kind:ident $title:literal $when:literal)+) => {
        /// A stable name for what went wrong. Clients branch on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $(#[doc = $when] $variant,)+ }

        impl Code {
            /// Every code, in the order of the published table.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];
            /// As it is sent.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $code,)+ } }
            /// Its class.
            pub fn kind(self) -> Kind { match self { $(Self::$variant => Kind::$kind,)+ } }
            /// A short title, the same for every occurrence.
            pub fn title(self) -> &'static str { match self { $(Self::$variant => $title,)+ } }
            /// When it is sent.
            pub fn when(self) -> &'static str { match self { $(Self::$variant => $when,)+ } }
        }
    };
}

codes! {
    InvalidJson "invalid_json" Malformed "The body cannot be read" "The body is not JSON (or YAML, or parts of which the first is JSON, where those are taken), or is nested too deeply."
    InvalidStatement "invalid_statement" Malformed "The statements are not valid" "An xAPI statement is not as xAPI 1.0.3 wants it; `errors` lists every fault."
    InvalidParameter "invalid_parameter" Malformed "A parameter is not valid" "A query parameter, path parameter or header is unknown, missing or not of its type."
    InvalidGrant "invalid_grant" Malformed "The grant is not valid" "The token endpoint refuses the password, the refresh token or the form (RFC 6749, 5.2)."
    InvalidClient "invalid_client" Unauthenticated "The client is not known" "The token endpoint does not know the client or its secret (RFC 6749, 5.2)."
    InvalidToken "invalid_token" Unauthenticated "The access token is missing or not valid" "No bearer token, or one that is expired, altered, revoked or of an unknown issuer."
    InsufficientScope "insufficient_scope" Forbidden "The token does not allow this" "The token lacks the scope that the operation names."
    NotFound "not_found" NotFound "There is no such thing" "Not there, or there but not yours."
    UnknownRoute "unknown_route" NotFound "There is no such route" "No operation has this path."
    MethodNotAllowed "method_not_allowed" MethodNotAllowed "The route does not take this method" "The path exists with other methods; `Allow` names them."
    RequestTimeout "request_timeout" TimedOut "The request took too long" "The body did not arrive in time."
    PlanStale "plan_stale" Conflict "The plan does not hold any more" "Rules, facts or enrollments have moved since the plan was made, or its time is over; the detail and `errors` say what."
    InvalidTransition "invalid_transition" Conflict "The state does not allow this action" "The resource is in a state from which the action is not possible; the detail names state, action and what is allowed."
    AlreadyExists "already_exists" Conflict "It exists already" "Something with the same unique value is there."
    DealConflict "deal_conflict" Conflict "Another protection is in the way" "Approving would give two partners protection for the same account and product."
    AgreementRequired "agreement_required" Conflict "An agreement must be accepted first" "The program asks for the acceptance of an agreement before the partner may do this; the detail and `errors` name agreement and version."
    AgreementChanged "agreement_changed" Conflict "This is not the text in force" "The version or the digest that was accepted is not that of the agreement now: read it again."
    TerritoryConflict "territory_conflict" Conflict "The territory is another partner's alone" "Two exclusive territories of different partners in one program would overlap; the detail names which and where."
    ReapplyLater "reapply_later" Conflict "It is too early to apply again" "The company's last application to this program was rejected; the detail says from when on it may apply again."
    IdempotencyKeyInUse "idempotency_key_in_use" Conflict "A request with this key is still running" "The first request with this `Idempotency-Key` has not ended; try again shortly."
    Stale "stale" Stale "Your copy is out of date" "`If-Match` names another version than the current one."
    PreconditionRequired "precondition_required" PreconditionRequired "If-Match is required" "A PATCH must say which version it changes."
    BodyTooLarge "body_too_large" TooLarge "The body is too large" "The body is larger than the limit that the detail names."
    UnsupportedMediaType "unsupported_media_type" UnsupportedMediaType "The content type is not supported" "The body is of another type than the operation takes."
    InvalidBody "invalid_body" Unacceptable "The body is not acceptable" "The body is well-formed, but fields are missing, unknown, of the wrong type or out of range; `errors` lists them all."
    InvalidProgram "invalid_program" Unacceptable "The program document is not valid" "The program document contradicts itself, or its examples do not come out; `errors` lists every fault."
    InvalidCatalogue "invalid_catalogue" Unacceptable "The training catalogue is not valid" "The training catalogue contradicts itself; `errors` lists every fault."
    PolicyRefuses "policy_refuses" Unacceptable "The program's policy does not allow this" "For example an extension too early, too long or too often; the detail names the rule."
    ProofRequired "proof_required" Unacceptable "A proof is required" "Whoever applies without an account sends a proof of work or a captcha's token with it; `errors` says whether it is missing (`required`), `wrong`, `expired` or `spent`."
    IdempotencyKeyReused "idempotency_key_reused" Unacceptable "The key was used for another request" "The same `Idempotency-Key` came with another body or operation within 24 hours."
    RateLimited "rate_limited" TooMany "Too many requests" "Slow down; `Retry-After` says how long."
    Internal "internal" Internal "Something went wrong on our side" "A fault of the server; it is logged under the `request_id`."
    CaptchaUnavailable "captcha_unavailable" Unavailable "The captcha cannot be verified" "The captcha's provider does not answer: repeat after `Retry-After`."
    DatabaseUnavailable "database_unavailable" Unavailable "The database cannot be reached" "Nothing was changed, or the answer was lost: repeat with the same `Idempotency-Key` after `Retry-After`."
    Busy "busy" Unavailable "Too much at once" "The transaction kept colliding with others; nothing was changed. Try again after `Retry-After`."
    StorageFull "storage_full" Unavailable "The disk of the database is full" "Nothing was changed."
    StorageReadOnly "storage_read_only" Unavailable "The database cannot be written" "The database file or server is read-only; nothing was changed."
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One fault among possibly many, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) into the body; `""` is the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The query parameter, path parameter or header at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Stable name of the fault.
    pub code: String,
    /// What is wrong, for a person.
    pub detail: String,
    /// Of a text: the line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Of a text: the character in the line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

/// An error that a caller is told about.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Error {
    /// What went wrong.
    pub code: Code,
    /// This occurrence, for a person: no SQL, no path of the machine.
    pub detail: String,
    /// All the faults at once.
    pub faults: Vec<Fault>,
}

impl Error {
    /// An error without particular faults.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), faults: Vec::new() }
    }

    /// Nothing of this kind is there that the caller may see.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// One fault in the body.
    pub fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidBody, "The body has faults; see errors.").with_fault(pointer, code, detail)
    }

    /// Adds a fault at a place in the body.
    #[must_use]
    pub fn with_fault(mut self, pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        self.faults.push(Fault::at(pointer, code, detail));
        self
    }

    /// Adds a fault in a parameter.
    #[must_use]
    pub fn with_parameter(mut self, parameter: &str, code: &str, detail: impl Into<String>) -> Self {
        self.faults.push(Fault::of_parameter(parameter, code, detail));
        self
    }

    /// All of the faults, or nothing when there are none.
    ///
    /// # Errors
    /// `code` with the faults, if there are any.
    pub fn unless_empty(code: Code, faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() {
            return Ok(());
        }
        Err(Self { code, detail: "The request has faults; see errors.".into(), faults })
    }
}

impl Fault {
    /// A fault at a place in the body.
    pub fn at(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.into(), detail.into());
        Self { pointer: Some(pointer.into()), parameter: None, code, detail, line: None, column: None }
    }

    /// A fault in a query parameter, path parameter or header.
    pub fn of_parameter(parameter: &str, code: &str, detail: impl Into<String>) -> Self {
        let (code, detail) = (code.into(), detail.into());
        Self { pointer: None, parameter: Some(parameter.into()), code, detail, line: None, column: None }
    }

    /// The same, in a text at this line and column, both counted from 1.
    #[must_use]
    pub fn in_text(mut self, line: u32, column: u32) -> Self {
        (self.line, self.column) = (Some(line), Some(column));
        self
    }
}
