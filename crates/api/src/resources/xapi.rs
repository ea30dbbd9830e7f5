//! The statement resource of xAPI 1.0.3, for learning systems.

use std::sync::Arc;

use actix_web::{HttpRequest, get, http::StatusCode, post, put, web::Data};
use kernel::{Code, Error, Paging, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use training::xapi::{self, Attachment, Authority, Filter, Format, Found, Sent};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    App, Call, Document, Outcome, Query, Reply,
    list::next_page,
    multipart::{Part, Written},
    texts::texts,
};

/// How HTTP writes a time (RFC 9110, 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// An answer of several parts, as the document shows one.
const PARTS: &str = "--b\r\nContent-Type: application/json\r\n\r\n{\"statements\": [], \"more\": \"\"}\r\n--b--\r\n";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(list).service(store).service(put_one);
}

/// A statement, as part two of xAPI 1.0.3 describes it. What is not described there is refused.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the schema of what the domain reads itself")]
#[schema(example = json!({
    "id": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    "actor": {"mbox": "mailto:ada@northwind.example"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": {"en": "passed"}},
    "object": {"id": "https://lms.example/exams/platform"},
    "result": {"score": {"scaled": 0.92}, "success": true},
    "timestamp": "2026-01-31T12:00:00Z"
}))]
struct XapiStatement {
    /// A UUID; the server makes one for a statement that has none.
    #[schema(nullable = false, max_length = 36)]
    id: Option<String>,
    /// Who: an agent or a group.
    #[schema(value_type = Object)]
    actor: Value,
    /// Did what.
    #[schema(value_type = Object)]
    verb: Value,
    /// With what: an activity, an agent, a group, another statement.
    #[schema(value_type = Object)]
    object: Value,
    /// What came of it.
    #[schema(nullable = false, value_type = Option<Object>)]
    result: Option<Value>,
    /// In which context.
    #[schema(nullable = false, value_type = Option<Object>)]
    context: Option<Value>,
    /// When (RFC 3339); the time at which it was stored, if nothing is said.
    #[schema(nullable = false, max_length = 64)]
    timestamp: Option<String>,
    /// When it was stored. The server sets it.
    #[schema(nullable = false, max_length = 64)]
    stored: Option<String>,
    /// Who says so. The server sets it, whatever was sent.
    #[schema(nullable = false, value_type = Option<Object>)]
    authority: Option<Value>,
    /// The version of xAPI: 1.0.x.
    #[schema(nullable = false, max_length = 8, example = "1.0.0")]
    version: Option<String>,
    /// What is attached, each with a `fileUrl` or with its bytes in a part of its own.
    #[schema(nullable = false, value_type = Option<Vec<Object>>, max_items = 1000)]
    attachments: Option<Vec<Value>>,
}

/// Statements to store.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of what the domain reads itself")]
#[schema(max_items = 1000, example = json!([{
    "id": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    "actor": {"mbox": "mailto:ada@northwind.example"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en": "completed"}},
    "object": {"id": "https://lms.example/courses/platform-basics"}
}]))]
struct XapiStatements(Vec<XapiStatement>);

texts! {
    /// Statements, and what is attached to them (`multipart/mixed`): the first part is JSON; each other one has the bytes of
    /// an attachment, and the headers `Content-Type`, `Content-Transfer-Encoding: binary` and `X-Experience-API-Hash`.
    XapiParts(max_length = 20_000_000);
}

/// The ids of statements, in the order in which they were sent.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of what the handler answers")]
#[schema(max_items = 1000, example = json!(["8e03978e-40d5-43e8-bc93-6894a57f9324"]))]
struct XapiStatementIds(Vec<StatementUuid>);

/// The id of a statement: a UUID.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of what the handler answers")]
#[schema(max_length = 36, example = "8e03978e-40d5-43e8-bc93-6894a57f9324")]
struct StatementUuid(String);

/// Statements that fit; or one statement, where one was asked for by its id.
#[derive(ToSchema)]
#[allow(dead_code, reason = "the schema of what the handler answers")]
struct XapiStatementPage {
    /// The statements, newest first unless asked otherwise.
    #[schema(nullable = false, max_items = 200)]
    statements: Option<Vec<XapiStatement>>,
    /// Where the next ones are; empty on the last page.
    #[schema(nullable = false, max_length = 9000, example = "/xapi/statements?limit=2&cursor=WyJ4YXBpIl0")]
    more: Option<String>,
}

/// Which statements to answer, and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
struct XapiQuery {
    /// The statement with this id, and no other parameter but `format` and `attachments`.
    #[serde(rename = "statementId")]
    #[param(rename = "statementId", max_length = 36, nullable = false)]
    statement_id: Option<String>,
    /// The statement with this id that was voided, and no other parameter but `format` and `attachments`.
    #[serde(rename = "voidedStatementId")]
    #[param(rename = "voidedStatementId", max_length = 36, nullable = false)]
    voided_statement_id: Option<String>,
    /// Only of this agent or identified group, as JSON.
    #[param(max_length = 4000, nullable = false, example = r#"{"mbox":"mailto:ada@northwind.example"}"#)]
    agent: Option<String>,
    /// Only with this verb.
    #[param(max_length = 2000, nullable = false, example = "http://adlnet.gov/expapi/verbs/passed")]
    verb: Option<String>,
    /// Only about this activity.
    #[param(max_length = 2000, nullable = false, example = "https://lms.example/exams/platform")]
    activity: Option<String>,
    /// Only of this registration.
    #[param(max_length = 36, nullable = false)]
    registration: Option<String>,
    /// Whether an activity that is named anywhere in the statement will do.
    #[param(nullable = false)]
    related_activities: Option<bool>,
    /// Whether an agent who is named anywhere in the statement will do.
    #[param(nullable = false)]
    related_agents: Option<bool>,
    /// Only those stored after this time.
    #[param(max_length = 64, nullable = false, example = "2026-01-31T12:00:00Z")]
    since: Option<String>,
    /// Only those stored at this time or before.
    #[param(max_length = 64, nullable = false, example = "2026-01-31T12:00:00Z")]
    until: Option<String>,
    /// How many at most; 0, and more than 200, for 200.
    #[param(minimum = 0, maximum = 1_000_000_000, nullable = false)]
    limit: Option<i64>,
    /// How much of each statement.
    #[param(inline, nullable = false)]
    format: Option<Format>,
    /// Whether to answer what is attached: then the answer is `multipart/mixed`.
    #[param(nullable = false)]
    attachments: Option<bool>,
    /// Whether the oldest come first.
    #[param(nullable = false)]
    ascending: Option<bool>,
    /// Where a page begins: `more` has it.
    #[param(min_length = 1, max_length = 500, nullable = false)]
    cursor: Option<String>,
}

/// What a query asks for.
enum Asked {
    One(String),
    Voided(String),
    Several(Paging),
}

impl XapiQuery {
    fn read(self, languages: Option<String>) -> Result<(Asked, Filter), Error> {
        let mut wrong = Error::new(Code::InvalidParameter, "The query has faults; see errors.");
        let mut fault = |name: &str, code: &str, words: &str| {
            wrong =
                std::mem::replace(&mut wrong, Error::new(Code::InvalidParameter, "")).with_parameter(name, code, words);
        };
        let agent = self.agent.as_deref().map(|text| serde_json::from_str::<Value>(text).unwrap_or_default());
        if agent.as_ref().is_some_and(|agent| !xapi::is_agent(agent)) {
            fault("agent", "format", "must be an agent or an identified group, as JSON");
        }
        for (name, iri) in [("verb", &self.verb), ("activity", &self.activity)] {
            if iri.as_ref().is_some_and(|iri| !xapi::is_iri(iri)) {
                fault(name, "format", "must be an IRI with its scheme");
            }
        }
        let ids = [&self.statement_id, &self.voided_statement_id, &self.registration];
        for (name, id) in ["statementId", "voidedStatementId", "registration"].into_iter().zip(ids) {
            if id.as_ref().is_some_and(|id| !xapi::is_uuid(id)) {
                fault(name, "format", "must be a UUID in its usual form");
            }
        }
        let [since, until] = [("since", &self.since), ("until", &self.until)].map(|(name, text)| {
            let time: Option<Option<Timestamp>> = text.as_deref().map(xapi::timestamp);
            if time == Some(None) {
                fault(name, "format", "must be an RFC 3339 time, whose offset is not -00:00");
            }
            time.flatten()
        });
        let has_others = self.is_filtered();
        let asked = match (self.statement_id, self.voided_statement_id) {
            (Some(_), Some(_)) => {
                fault("voidedStatementId", "contradiction", "must not be there beside statementId");
                Asked::Several(Paging::default())
            }
            (Some(id), None) => Asked::One(id),
            (None, Some(id)) => Asked::Voided(id),
            (None, None) => Asked::Several(paging(self.limit, self.cursor)),
        };
        if has_others && !matches!(asked, Asked::Several(_)) {
            fault("statementId", "contradiction", "must be alone, but for format and attachments");
        }
        if !wrong.faults.is_empty() {
            return Err(wrong);
        }
        let filter = Filter {
            agent,
            verb: self.verb,
            activity: self.activity,
            registration: self.registration,
            related_activities: self.related_activities == Some(true),
            related_agents: self.related_agents == Some(true),
            since,
            until,
            ascending: self.ascending == Some(true),
            format: self.format.unwrap_or_default(),
            attachments: self.attachments == Some(true),
            languages,
        };
        Ok((asked, filter))
    }

    /// Whether it has a parameter that is not for one statement.
    fn is_filtered(&self) -> bool {
        let texts =
            [&self.agent, &self.verb, &self.activity, &self.registration, &self.since, &self.until, &self.cursor];
        let switches = [self.related_activities, self.related_agents, self.ascending];
        texts.iter().any(|text| text.is_some()) || switches.iter().any(Option::is_some) || self.limit.is_some()
    }
}

fn paging(limit: Option<i64>, cursor: Option<String>) -> Paging {
    let most = i64::from(Paging::MAX_LIMIT);
    let limit = limit.filter(|limit| (1..=most).contains(limit)).and_then(|limit| u8::try_from(limit).ok());
    Paging { limit: limit.unwrap_or(Paging::MAX_LIMIT), cursor, total: false }
}

/// Read xAPI statements
///
/// One by its id, or those that fit, as part three of xAPI 1.0.3 says (2.1.3). A statement that was voided is found by
/// `voidedStatementId` alone. With `attachments=true` the answer has several parts: the statements as JSON, then the bytes
/// of each attachment that came with them, once.
#[utoipa::path(
    operation_id = "getXapiStatements",
    tag = "training",
    security(("client_secret" = []), ("oauth2" = ["training:read"])),
    params(
        XapiQuery,
        ("X-Experience-API-Version" = String, Header, description = "The version of xAPI that the client speaks.",
            pattern = r"^1\.0(\.\d{1,4})?$", example = "1.0.3"),
        ("Accept-Language" = Option<String>, Header, description = "For `format=canonical`: the languages to choose from.",
            max_length = 1000, nullable = false),
    ),
    extensions(("x-error-codes" = json!(["not_found"]))),
    responses((
        status = 200,
        description = "The statements that fit, or the one that was asked for.",
        content((XapiStatementPage = "application/json"), (XapiParts = "multipart/mixed", example = json!(PARTS)))
    ))
)]
#[get("/xapi/statements")]
async fn list(app: Data<App>, call: Call, query: Query<XapiQuery>, request: HttpRequest) -> Outcome {
    let languages = request.headers().get("Accept-Language").and_then(|value| value.to_str().ok());
    let (asked, filter) = query.0.read(languages.map(str::to_owned))?;
    let link = call.clone();
    app.read(&call, move |tx, actor| {
        let (found, stored_at, more) = match asked {
            Asked::One(id) => one(xapi::find(tx, actor, &id, &filter)?),
            Asked::Voided(id) => one(xapi::find_voided(tx, actor, &id, &filter)?),
            Asked::Several(paging) => {
                let page = xapi::list(tx, actor, &filter, &paging)?;
                let next = |cursor: &String| next_page(&link.path, &link.query, "cursor", cursor);
                (page.data, None, page.next_cursor.as_ref().map(next))
            }
        };
        let attached = if filter.attachments { Some(xapi::attachments(tx, &found)?) } else { None };
        let reply = match stored_at {
            Some(_) => Reply::json(StatusCode::OK, &found.first()),
            None => Reply::json(StatusCode::OK, &json!({"statements": found, "more": more.unwrap_or_default()})),
        }?;
        let reply = match attached {
            Some(attached) => with_attachments(&reply, &attached),
            None => reply,
        };
        let modified = stored_at.map(|at| at.utc().format(HTTP_DATE).to_string());
        Ok(modified.into_iter().fold(reply, |reply, modified| reply.with_header("Last-Modified", modified)))
    })
    .await
}

/// One statement, when it was stored, and no next page.
fn one(found: Found) -> (Vec<Value>, Option<Timestamp>, Option<String>) {
    (vec![found.statement], Some(found.stored_at), None)
}

/// The answer as the first of several parts; each of the others is an attachment.
fn with_attachments(reply: &Reply, attached: &[Attachment]) -> Reply {
    let mut parts = Written::new();
    parts.add(&[("Content-Type", "application/json")], &reply.0.body);
    for one in attached {
        let headers = [
            ("Content-Type", one.content_type.as_str()),
            ("Content-Transfer-Encoding", "binary"),
            ("X-Experience-API-Hash", one.sha2.as_str()),
        ];
        parts.add(&headers, &one.bytes);
    }
    let (media_type, bytes) = parts.end();
    Reply::text(StatusCode::OK, &media_type, bytes)
}

/// Store xAPI statements
///
/// Many, or one that stands for itself and in no list. All are stored, or none. One that was stored before changes nothing;
/// another under the same id is refused. What they say of the catalogue's courses and exams is recorded, found by the ids
/// of activities and the addresses or numbers of people; what cannot be recorded waits as a training review.
/// What is attached without a `fileUrl` comes with them as `multipart/mixed`: see the schema of that answer of
/// `getXapiStatements`. A form with the parameter `method` stands for another request (part three, 1.3).
#[utoipa::path(
    operation_id = "postXapiStatements",
    tag = "training",
    security(("client_secret" = []), ("oauth2" = ["training:report"])),
    params(
        ("X-Experience-API-Version" = String, Header, description = "The version of xAPI that the client speaks.",
            pattern = r"^1\.0(\.\d{1,4})?$", example = "1.0.3"),
    ),
    request_body(content((inline(XapiStatements) = "application/json"), (XapiParts = "multipart/mixed"))),
    extensions(("x-error-codes" = json!(["invalid_statement", "already_exists"])), ("x-never" = json!(["invalid_body"]))),
    responses((status = 200, description = "The ids of the statements.", body = inline(XapiStatementIds)))
)]
#[post("/xapi/statements")]
async fn store(app: Data<App>, call: Call, document: Document) -> Outcome {
    let sent = Arc::new(document.read_all(|bytes, parts| xapi::read(bytes, &attached(parts))).await??);
    let authority = authority(&app);
    app.write(call, move |tx, actor| Reply::json(StatusCode::OK, &xapi::save(tx, actor, &authority, &sent)?)).await
}

/// Which statement to store.
#[derive(Debug, Deserialize, IntoParams)]
struct XapiPut {
    /// Its id.
    #[serde(rename = "statementId")]
    #[param(rename = "statementId", max_length = 36, example = "8e03978e-40d5-43e8-bc93-6894a57f9324")]
    statement_id: String,
}

/// Store an xAPI statement
///
/// One, under this id. The same as to send it in a list of one.
#[utoipa::path(
    operation_id = "putXapiStatement",
    tag = "training",
    security(("client_secret" = []), ("oauth2" = ["training:report"])),
    params(
        XapiPut,
        ("X-Experience-API-Version" = String, Header, description = "The version of xAPI that the client speaks.",
            pattern = r"^1\.0(\.\d{1,4})?$", example = "1.0.3"),
    ),
    request_body(content((XapiStatement = "application/json"), (XapiParts = "multipart/mixed"))),
    extensions(("x-error-codes" = json!(["invalid_statement", "already_exists"])), ("x-never" = json!(["invalid_body"]))),
    responses((status = 204, description = "It is stored."))
)]
#[put("/xapi/statements")]
async fn put_one(app: Data<App>, call: Call, query: Query<XapiPut>, document: Document) -> Outcome {
    let id = query.0.statement_id;
    let sent = document.read_all(move |bytes, parts| xapi::read_one(bytes, &attached(parts), &id)).await??;
    let sent: Arc<[Sent]> = Arc::new([sent]);
    let authority = authority(&app);
    app.write(call, move |tx, actor| {
        xapi::save(tx, actor, &authority, &sent)?;
        Ok(Reply::no_content())
    })
    .await
}

/// What is attached, as the domain reads it.
fn attached(parts: &[Part]) -> Vec<xapi::Part> {
    let text = |part: &Part, name: &str| part.header(name).map(str::to_owned);
    let part = |part: &Part| xapi::Part {
        hash: text(part, "x-experience-api-hash"),
        encoding: text(part, "content-transfer-encoding"),
        bytes: part.bytes.as_ref().into(),
    };
    parts.iter().map(part).collect()
}

fn authority(app: &App) -> Authority {
    Authority { home_page: app.identity.issuer().to_owned() }
}
