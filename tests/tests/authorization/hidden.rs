//! What is another's looks exactly like what is not there, however one asks.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use reqwest::{Method, blocking::RequestBuilder};
use tests::{Answer, Client, Kind as DatabaseKind, Value, json};

use super::{
    callers::{Caller, callers},
    document::{Access, Document, Operation},
    rows::{At, Row, rows},
    told::told,
    world::{Kind, Whose, World, fresh, missing, start},
};

/// What is sent with the question.
#[derive(Debug, Clone)]
enum Manner {
    Plain,
    Header(&'static str, String),
    Head,
    UnknownParameter,
    NoBody,
    WrongBody,
    NoJson,
    /// Twice, under one key.
    Repeated,
}

/// Those who see some and not all.
pub const NARROW: &[&str] = &["partner_admin", "channel_manager", "integration of a partner"];

fn narrow(callers: &[Caller]) -> impl Iterator<Item = &Caller> {
    callers.iter().filter(|caller| NARROW.contains(&caller.name))
}

/// The tags that the object has for those who see it.
fn tags(world: &World, document: &Document, kind: Kind, id: &str, whose: Whose) -> Vec<String> {
    let shown = rows().into_iter().filter(|row| row.at == At::Path(kind)).map(|row| document.operation(row.operation));
    let shown = shown.filter(|one| one.reads() && one.path.ends_with('}'));
    let paths: Vec<String> = shown.map(|one| world.path(&one.path, id)).collect();
    let seers = [&world.scene.admin, &world.side(whose).partner.admin];
    let shows = |path: &String| seers.map(|seer| seer.get(path).header("etag").map(str::to_owned));
    paths.iter().flat_map(shows).flatten().collect()
}

fn manners(operation: &Operation, row: &Row, tags: &[String]) -> Vec<Manner> {
    let mut manners = vec![Manner::Plain, Manner::UnknownParameter];
    let versions = ["*", "\"another\"", "nonsense"].map(str::to_owned);
    let name = if operation.reads() { "If-None-Match" } else { "If-Match" };
    manners.extend(versions.iter().chain(tags).map(|tag| Manner::Header(name, tag.clone())));
    match operation.method.as_str() {
        "GET" => manners.push(Manner::Head),
        "DELETE" => {}
        // Without its body it is not about the object.
        "POST" if matches!(row.at, At::Body(..)) => manners.push(Manner::Repeated),
        "POST" => manners.extend([Manner::NoBody, Manner::WrongBody, Manner::NoJson, Manner::Repeated]),
        _ => manners.extend([Manner::NoBody, Manner::WrongBody, Manner::NoJson]),
    }
    manners
}

fn dressed(request: RequestBuilder, operation: &Operation, manner: &Manner, body: Option<&Value>) -> RequestBuilder {
    // A PATCH without a version is refused before anything is looked for: that is what `Plain` shows.
    let wants_version = operation.method == "PATCH" && !matches!(manner, Manner::Plain | Manner::Header(..));
    let request = if wants_version { request.header("If-Match", "*") } else { request };
    let request = match manner {
        Manner::Header(name, value) => request.header(*name, value),
        _ => request,
    };
    match (manner, body) {
        (Manner::NoBody, _) | (_, None) if !matches!(manner, Manner::WrongBody | Manner::NoJson) => request,
        (Manner::WrongBody, _) => request.json(&json!({"nonsense": true, "id": 7})),
        (Manner::NoJson, _) => request.header("Content-Type", "application/json").body("{"),
        (_, Some(body)) => request.json(body),
        (_, None) => request,
    }
}

/// All that the caller hears when they ask about this object in this manner.
fn heard(client: &Client, operation: &Operation, path: &str, manner: &Manner, body: Option<&Value>) -> Vec<Answer> {
    let method = if matches!(manner, Manner::Head) { "HEAD" } else { &operation.method };
    let query = if matches!(manner, Manner::UnknownParameter) { "?nonsense=1" } else { "" };
    let key = format!("key-{}", fresh());
    let times = if matches!(manner, Manner::Repeated) { 2 } else { 1 };
    let ask = || {
        let request = client.request(method.parse::<Method>().expect("a method"), &format!("{path}{query}"));
        let request = if times == 2 { request.header("Idempotency-Key", &key) } else { request };
        Answer::of(dressed(request, operation, manner, body))
    };
    (0..times).map(|_| ask()).collect()
}

/// One thing that two answers must not tell apart.
struct Question<'a> {
    caller: &'a Caller,
    operation: &'a Operation,
    row: &'a Row,
    kind: Kind,
    manner: Manner,
}

fn questions<'a>(world: &World, document: &'a Document, rows: &'a [Row], callers: &'a [Caller]) -> Vec<Question<'a>> {
    let mut questions = Vec::new();
    for row in rows {
        let (operation, Some(kind)) = (document.operation(row.operation), row.kind()) else { continue };
        let Some(id) = world.id(kind, Whose::Theirs) else { continue };
        // What is public is there for whoever knows its id.
        if operation.access == Access::Public {
            continue;
        }
        let tags = tags(world, document, kind, &id, Whose::Theirs);
        for caller in narrow(callers).filter(|caller| !caller.reaches(kind, Whose::Theirs)) {
            let manners =
                manners(operation, row, if operation.takes_versions() || operation.reads() { &tags } else { &[] });
            questions.extend(manners.into_iter().map(|manner| Question { caller, operation, row, kind, manner }));
        }
    }
    questions
}

fn compare(world: &World, question: &Question) -> Result<(), String> {
    let Question { caller, operation, row, kind, manner } = question;
    let theirs = world.id(*kind, Whose::Theirs).expect("an id");
    let nobodys = missing(&theirs);
    let made = row.body(world, &world.theirs, "THE OBJECT");
    let hears = |id: &str| {
        let path = match row.at {
            At::Path(_) | At::Planned(_) => world.path(&operation.path, id),
            _ => world
                .path(&operation.path, &world.id(outer(operation).unwrap_or(*kind), Whose::Ours).unwrap_or_default()),
        };
        let body = made.as_ref().map(|body| with(body, id));
        let heard = heard(&caller.client, operation, &path, manner, body.as_ref());
        heard.iter().map(|answer| told(answer, id)).collect::<Vec<_>>()
    };
    let (known, unknown) = (hears(&theirs), hears(&nobodys));
    let opened = known.iter().any(|told| told.status < 300 || told.status == 304);
    if known == unknown && !opened {
        return Ok(());
    }
    Err(format!("{} {} {manner:?}\n  theirs:   {known:?}\n  nobody's: {unknown:?}", caller.name, operation.id))
}

/// The kind of object in the path of an operation that names another in its body.
fn outer(operation: &Operation) -> Option<Kind> {
    rows().into_iter().find_map(|row| match row.at {
        At::Path(kind) if row.operation == operation.id => Some(kind),
        _ => None,
    })
}

fn with(body: &Value, id: &str) -> Value {
    serde_json::from_str(&body.to_string().replace("THE OBJECT", id)).expect("JSON")
}

fn check(database: DatabaseKind) {
    let server = start(database);
    let world = World::new(&server);
    let document = Document::of(&server.client());
    let (rows, callers) = (rows(), callers(&server, &world, &document));
    let questions = questions(&world, &document, &rows, &callers);
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(question) = questions.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(line) = compare(&world, question) {
                        wrong.lock().expect("the lock").push(line);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("the lock");
    println!("{} pairs of answers on {database:?}", questions.len());
    assert!(wrong.is_empty(), "{} tell apart:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn what_is_anothers_is_as_if_it_were_not_there_on_sqlite() {
    check(DatabaseKind::Sqlite);
}

#[test]
fn what_is_anothers_is_as_if_it_were_not_there_on_postgres() {
    check(DatabaseKind::Postgres);
}
