//! Every operation by everybody, on their own object, on another partner's, and on one that there is not.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use reqwest::Method;
use tests::{Answer, Kind as DatabaseKind, Value, json};

use super::{
    callers::{Caller, ROLES, Reach, Who, callers},
    document::{Access, Document, Operation},
    rows::{At, Row, rows},
    world::{Kind, Whose, World, application, fresh, start, statement},
};

/// One question to the server.
struct Cell<'a> {
    caller: &'a Caller,
    operation: &'a Operation,
    row: &'a Row,
    whose: Whose,
}

/// Those who ask at once.
const AT_ONCE: usize = 4;

fn cells<'a>(world: &World, document: &'a Document, rows: &'a [Row], callers: &'a [Caller]) -> Vec<Cell<'a>> {
    let mut cells = Vec::new();
    for row in rows {
        let operation = document.operation(row.operation);
        for whose in [Whose::Ours, Whose::Theirs, Whose::Nobodys] {
            let is_there = row.kind().map_or(whose == Whose::Ours, |kind| world.id(kind, whose).is_some());
            if is_there {
                cells.extend(callers.iter().map(|caller| Cell { caller, operation, row, whose }));
            }
        }
    }
    cells
}

/// The object that a cell is about. What is deleted is made for it.
fn object(world: &World, cell: &Cell) -> String {
    let Some(kind) = cell.row.kind() else { return String::new() };
    if cell.operation.method == "DELETE" && cell.whose != Whose::Nobodys {
        assert_eq!(kind, Kind::Contact, "how is another made of what {} deletes?", cell.operation.id);
        let partner = &world.side(cell.whose).partner.id;
        let contact = json!({"name": "Ada", "email": format!("ada{}@short.example", fresh()), "partner_id": partner});
        return world.scene.admin.post("/v1/contacts", &contact).expect_status(201).text("id");
    }
    world.id(kind, cell.whose).expect("an id")
}

/// The object in the path of an operation that names another in its body. What changes by it is made for it.
fn outer(world: &World, cell: &Cell) -> String {
    if cell.operation.id == "approveApplication" {
        let company = application("entry", &format!("company{}.example", fresh()));
        return world.scene.admin.post("/v1/applications", &company).expect_status(201).text("id");
    }
    if cell.operation.id == "resolveTrainingReview" {
        let told = world.scene.admin.post("/xapi/statements", &statement(&world.ours.domain)).expect_status(200);
        let reference = told.json[0].as_str().expect("an id").to_owned();
        let waiting = world.scene.admin.all(&format!("/v1/training-reviews?reference={reference}"));
        return waiting[0]["id"].as_str().expect("an id").to_owned();
    }
    if cell.operation.id == "mergePerson" {
        let partner = &world.ours.partner.id;
        let double = json!({"name": "Ada", "email": format!("double{}@short.example", fresh()), "partner_id": partner});
        return world.scene.admin.post("/v1/people", &double).expect_status(201).text("id");
    }
    let row = rows().into_iter().find(|row| row.operation == cell.operation.id && matches!(row.at, At::Path(_)));
    row.and_then(|row| world.id(row.kind()?, Whose::Ours)).unwrap_or_default()
}

fn ask(world: &World, cell: &Cell) -> Answer {
    let id = object(world, cell);
    let Operation { method, path, .. } = cell.operation;
    let query = match cell.operation.id.as_str() {
        "getApplicationChallenge" => "?program=entry",
        "startTrainingImport" => "?kind=people",
        "putXapiStatement" => "?statementId=6690e6c9-3ef0-4ed3-8b37-7f3964730bee",
        _ => "",
    };
    let path = match cell.row.at {
        At::Path(_) | At::Planned(_) => world.path(path, &id),
        At::Nothing => path.clone(),
        At::Body(..) => world.path(path, &outer(world, cell)),
    };
    let body = cell.row.body(world, world.side(cell.whose), &id);
    for _ in 0..10 {
        let mut request =
            cell.caller.client.request(method.parse::<Method>().expect("a method"), &format!("{path}{query}"));
        if cell.operation.takes_versions() && matches!(cell.row.at, At::Path(_)) {
            // Whoever gets as far as the version has reached the object, and nothing is changed.
            request = request.header("If-Match", "\"another version\"");
        }
        request = match &body {
            // Rows, not JSON.
            Some(Value::String(rows)) => request.header("Content-Type", "text/csv").body(rows.clone()),
            Some(body) => request.json(body),
            None => request,
        };
        let answer = Answer::of(request);
        if answer.status != 503 {
            return answer;
        }
    }
    panic!("{} is busy for ever", cell.operation.id)
}

/// What is wrong with an answer; nothing, if it is what the document and the design ask for.
fn judge(cell: &Cell, answer: &Answer) -> Result<(), &'static str> {
    let (status, code) = (answer.status, answer.json["code"].as_str().unwrap_or_default());
    let is = |expected: u16, named: &str| status == expected && code == named;
    if !cell.caller.may(&cell.operation.access) {
        let told = answer.header("www-authenticate").unwrap_or_default();
        return match cell.caller.who {
            Who::Known(..) if cell.operation.access != Access::Applicant => {
                let told = told.contains(r#"error="insufficient_scope""#);
                if is(403, "insufficient_scope") && told { Ok(()) } else { Err("403 that names the scopes") }
            }
            // What the token lacks by its own word is told before anybody asks whom it speaks of: that tells nothing new.
            Who::Expelled(ref held) if lacks(&cell.operation.access, held) => {
                at_least(is(403, "insufficient_scope"), "403 by the token's own word")
            }
            _ if is(401, "invalid_token") && told.starts_with("Bearer ") => Ok(()),
            _ => Err("401 with a challenge"),
        };
    }
    if status >= 500 || matches!(status, 401 | 403) {
        return Err("no refusal of the caller");
    }
    let (reads, reached) =
        (cell.operation.reads(), cell.row.kind().is_none_or(|kind| cell.caller.reaches(kind, cell.whose)));
    match (cell.row.at, &cell.operation.access) {
        (At::Path(_), Access::Public) if cell.whose == Whose::Nobodys => at_least(is(404, "not_found"), "404"),
        (_, Access::Public | Access::TokenOrNone(_) | Access::Applicant) => Ok(()),
        (At::Nothing | At::Planned(_), _) if reads => at_least(status == 200, "200"),
        (At::Nothing | At::Planned(_), _) => {
            at_least(matches!(status, 200..=299 | 409 | 422), "that it was done, or why not")
        }
        (At::Path(_), _) if !reached => at_least(is(404, "not_found"), "404"),
        (At::Path(_), _) if reads => at_least(status == 200, "200"),
        (At::Path(_), _) if cell.operation.takes_versions() => at_least(is(412, "stale"), "412"),
        (At::Path(_), _) => at_least(status == 204, "204"),
        (At::Body(_, pointer), _) => {
            let mut faults = answer.json["errors"].as_array().into_iter().flatten();
            let unknown = faults.any(|fault| fault["pointer"] == pointer && fault["code"] == "unknown_reference");
            let refused = status == 422 && unknown;
            let done = matches!(status, 200..=299 | 409 | 422) && !refused;
            at_least(
                if reached { done } else { refused },
                if reached { "that it is known" } else { "422 at its place" },
            )
        }
    }
}

fn lacks(access: &Access, held: &BTreeSet<String>) -> bool {
    match access {
        Access::Token(needed) | Access::TokenOrNone(needed) => !needed.iter().all(|scope| held.contains(scope)),
        Access::Public | Access::Applicant => false,
    }
}

fn at_least(holds: bool, expected: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(expected) }
}

fn check(database: DatabaseKind) {
    let server = start(database);
    let world = World::new(&server);
    let document = Document::of(&server.client());
    let (rows, callers) = (rows(), callers(&server, &world, &document));
    expect_what_the_design_gives(&callers);
    let cells = cells(&world, &document, &rows, &callers);
    let (began, next, wrong) = (Instant::now(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = ask(&world, cell);
                    if let Err(expected) = judge(cell, &answer) {
                        let Cell { caller, operation, whose, row } = cell;
                        let line = format!(
                            "{} expects {expected}, not {}: {} ({:?}, {whose:?}) {}",
                            operation.id, answer.status, caller.name, row.at, answer.text
                        );
                        wrong.lock().expect("the lock").push(line);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("the lock");
    wrong.sort_unstable();
    let (operations, seconds) = (document.operations.len(), began.elapsed().as_secs());
    println!("{} cells on {database:?}: {operations} operations, {} callers, {seconds} s", cells.len(), callers.len());
    assert!(wrong.is_empty(), "{} cells are wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// Roles hold what the table of these tests says, so that server and test do not only agree with themselves.
fn expect_what_the_design_gives(callers: &[Caller]) {
    for (role, ..) in ROLES.iter().chain([&("program_admin", Reach::Everything, &[] as &[&[&str]])]) {
        let caller = callers.iter().find(|caller| caller.name == *role).expect("the role");
        let me = caller.client.get("/v1/me").expect_status(200).json;
        let held = me["scopes"].as_array().expect("scopes").iter().filter_map(|scope| scope.as_str());
        let Who::Known(scopes, _) = &caller.who else { panic!("{role} is known") };
        assert_eq!(held.map(str::to_owned).collect::<BTreeSet<_>>(), *scopes, "{role}");
        assert_eq!(me["role"], *role);
    }
}

#[test]
fn every_operation_by_everybody_on_sqlite() {
    check(DatabaseKind::Sqlite);
}

#[test]
fn every_operation_by_everybody_on_postgres() {
    check(DatabaseKind::Postgres);
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let server = start(DatabaseKind::Sqlite);
    let document = Document::of(&server.client());
    let rows = rows();
    let there: BTreeSet<&str> = document.operations.iter().map(|one| one.id.as_str()).collect();
    let rowed: BTreeSet<&str> = rows.iter().map(|row| row.operation).collect();
    let lacking: Vec<_> = there.difference(&rowed).collect();
    assert!(lacking.is_empty(), "without a row in rows.rs: {lacking:?}");
    let left: Vec<_> = rowed.difference(&there).collect();
    assert!(left.is_empty(), "rows of operations that there are not: {left:?}");
    for operation in &document.operations {
        let of = |wanted: fn(&At) -> bool| rows.iter().any(|row| row.operation == operation.id && wanted(&row.at));
        assert_eq!(
            of(|at| matches!(at, At::Path(_) | At::Planned(_))),
            operation.names_object(),
            "{}: its path",
            operation.id
        );
        let Some((schema, _)) = &operation.body else { continue };
        let named = document.members(schema);
        let named = named.iter().find(|(name, _)| matches!(name.as_str(), "partner_id" | "enrollment_id"));
        if let Some((name, _)) = named {
            assert!(of(|at| matches!(at, At::Body(..))), "{} names an object in its body: {name}", operation.id);
        }
    }
}
