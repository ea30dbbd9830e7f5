//! What the server sets, no request can: it is refused by name, and nothing has changed.

use std::collections::BTreeSet;

use reqwest::Method;
use tests::{Answer, Client, Kind as DatabaseKind, Value, json};

use super::{
    callers::{Caller, Who, callers},
    document::{Access, Document, Operation},
    rows::{At, Row, rows},
    world::{Whose, World, start},
};

/// What an attacker would try whatever the operation, besides all that it answers and does not take.
const ALWAYS: &[&str] = &[
    "account_id",
    "allowed_actions",
    "channel_manager_id",
    "client_secret",
    "created_at",
    "decision",
    "enrollment_id",
    "id",
    "is_admin",
    "owner_id",
    "partner_id",
    "password_hash",
    "program_version",
    "protected_until",
    "role",
    "scopes",
    "secret_hash",
    "status",
    "status_token",
    "tier",
    "updated_at",
    "verdict",
    "version",
];

/// The members that a request of this schema does not take, though answers have them or somebody may hope for them.
fn not_taken(document: &Document, request: &Value, answer: Option<&Value>) -> BTreeSet<String> {
    let taken: BTreeSet<String> = document.members(request).into_iter().map(|(name, _)| name).collect();
    let shown = answer.map(|answer| document.members(answer)).unwrap_or_default();
    let names = shown.into_iter().map(|(name, _)| name).chain(ALWAYS.iter().map(|name| (*name).to_owned()));
    names.filter(|name| !taken.contains(name)).collect()
}

/// The objects in a body, the body first: where each is, its schema, and the schema of what answers show under its name.
fn objects(document: &Document, operation: &Operation, body: &Value) -> Vec<(String, Value, Option<Value>)> {
    let (schema, _) = operation.body.as_ref().expect("a body");
    let answer = operation.answer.clone();
    let whole = match body.is_array() {
        true => ("/0".to_owned(), document.resolved(schema)["items"].clone(), None),
        false => (String::new(), schema.clone(), answer.clone()),
    };
    let mut found = vec![whole];
    let shown = answer.map(|answer| document.members(&answer)).unwrap_or_default();
    for (name, member) in document.members(schema) {
        let same = shown.iter().find(|(other, _)| *other == name).map(|(_, schema)| schema.clone());
        let member = document.resolved(&member).clone();
        let is_open = member.get("additionalProperties").is_some_and(|open| *open != json!(false));
        let of_document = name == "document";
        match &body[&name] {
            Value::Object(_) if !is_open && !of_document => found.push((format!("/{name}"), member, same)),
            Value::Array(items) if items.first().is_some_and(Value::is_object) => {
                found.push((format!("/{name}/0"), member["items"].clone(), None));
            }
            _ => {}
        }
    }
    found
}

fn send(caller: &Client, operation: &Operation, path: &str, body: &Value) -> Answer {
    let request = caller.request(operation.method.parse::<Method>().expect("a method"), path).json(body);
    let versioned = operation.takes_versions();
    Answer::of(if versioned { request.header("If-Match", "*") } else { request })
}

/// What is wrong with how a body with members that the server sets is received.
fn assigned(
    caller: &Caller,
    (document, operation): (&Document, &Operation),
    path: &str,
    body: &Value,
    checked: &mut usize,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, schema, answer) in objects(document, operation, body) {
        let names = not_taken(document, &schema, answer.as_ref());
        let mut sent = body.clone();
        for name in &names {
            sent.pointer_mut(&at).expect("an object")[name] = json!("forged");
        }
        let answer = send(&caller.client, operation, path, &sent);
        // Whoever only asks whether a program is right is told that it is not.
        let only_asks = operation.id.starts_with("validate");
        let (answered, list) = match operation.id.as_str() {
            _ if only_asks => (200, "faults"),
            // xAPI knows no other refusal of a statement.
            "postXapiStatements" | "putXapiStatement" => (400, "errors"),
            _ => (422, "errors"),
        };
        let faults = answer.json[list].as_array().into_iter().flatten();
        let faults: Vec<_> = faults.filter_map(|fault| fault["pointer"].as_str().map(str::to_owned)).collect();
        let unnamed: Vec<_> = names.iter().filter(|name| !faults.contains(&format!("{at}/{name}"))).collect();
        *checked += names.len();
        if answer.status != answered || !unnamed.is_empty() {
            wrong.push(format!("{} {} {at} takes {unnamed:?}: {}", caller.name, operation.id, answer.text));
        }
    }
    wrong
}

/// Everybody who may call the operation, and whose request differs in what it could gain.
fn who_tries<'a>(callers: &'a [Caller], operation: &Operation) -> Vec<&'a Caller> {
    let tries = ["program_admin", "channel_manager", "partner_admin", "applicant", "nobody"];
    callers.iter().filter(|caller| tries.contains(&caller.name) && caller.may(&operation.access)).collect()
}

fn path_of(world: &World, operation: &Operation, row: &Row) -> String {
    let kind = match row.at {
        At::Path(kind) | At::Planned(kind) => kind,
        _ if operation.id == "putXapiStatement" => {
            return format!("{}?statementId=6690e6c9-3ef0-4ed3-8b37-7f3964730bee", operation.path);
        }
        _ => return operation.path.clone(),
    };
    world.path(&operation.path, &world.id(kind, Whose::Ours).expect("an id"))
}

fn check(database: DatabaseKind) {
    let server = start(database);
    let world = World::new(&server);
    let document = Document::of(&server.client());
    let (callers, rows) = (callers(&server, &world, &document), rows());
    let before = world.scene.admin.all_events().len();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for operation in document.operations.iter().filter(|one| one.body.is_some()) {
        let at_path = |row: &&Row| row.operation == operation.id && !matches!(row.at, At::Body(..));
        let row = rows.iter().find(at_path).or(rows.iter().find(|row| row.operation == operation.id)).expect("a row");
        let id = row.kind().and_then(|kind| world.id(kind, Whose::Ours)).unwrap_or_default();
        let body = row.body(&world, &world.ours, &id).expect("a body");
        if body.is_string() {
            // A file has no members.
            continue;
        }
        for caller in who_tries(&callers, operation) {
            let mut body = body.clone();
            if matches!(caller.who, Who::Nobody | Who::Applicant) && operation.access != Access::Applicant {
                body["proof"] = Value::Null;
            }
            wrong.extend(assigned(
                caller,
                (&document, operation),
                &path_of(&world, operation, row),
                &body,
                &mut checked,
            ));
        }
    }
    println!("{checked} members were sent that the server sets, on {database:?}");
    assert!(wrong.is_empty(), "{} are taken:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(world.scene.admin.all_events().len(), before, "something has changed");
}

#[test]
fn what_the_server_sets_no_request_sets_on_sqlite() {
    check(DatabaseKind::Sqlite);
}

#[test]
fn what_the_server_sets_no_request_sets_on_postgres() {
    check(DatabaseKind::Postgres);
}

#[test]
fn no_object_of_a_request_takes_what_it_does_not_name() {
    let server = start(DatabaseKind::Sqlite);
    let document = Document::of(&server.client());
    let mut open = Vec::new();
    for operation in &document.operations {
        let Some((schema, _)) = &operation.body else { continue };
        walk(&document, schema, &operation.id, 0, &mut open);
    }
    assert!(open.is_empty(), "{open:#?}");
}

/// Looks for objects with named members that take others too. Program documents are read by what understands them.
fn walk(document: &Document, schema: &Value, place: &str, depth: usize, open: &mut Vec<String>) {
    if schema["$ref"].as_str().is_some_and(|to| to.ends_with("/ProgramDocument")) || depth > 8 {
        return;
    }
    let schema = document.resolved(schema);
    let members = document.members(schema);
    if !members.is_empty() && schema["additionalProperties"] != json!(false) {
        open.push(place.to_owned());
    }
    for (name, member) in members {
        walk(document, &member, &format!("{place}/{name}"), depth + 1, open);
    }
    if schema["items"].is_object() {
        walk(document, &schema["items"], &format!("{place}/-"), depth + 1, open);
    }
}
