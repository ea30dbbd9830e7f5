//! Filters, searches, cursors and counts: asking for what is another's finds as much as asking for nonsense.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tests::{Client, Kind as DatabaseKind, Value, json};

use super::{
    callers::callers,
    document::{Document, Operation},
    rows::rows,
    told::told,
    world::{Kind, Whose, World, missing, start},
};

/// A value of the second partner's, and one of nobody's that looks like it.
type Pair = (String, String);

/// Whether a parameter takes what somebody has written or what names something: not a number, a day, or one of a few words.
fn is_telling(document: &Document, schema: &Value) -> bool {
    let schema = document.resolved(schema);
    if schema["type"] == "array" {
        return is_telling(document, &schema["items"]);
    }
    let is_text =
        schema["type"] == "string" || schema["type"].as_array().is_some_and(|all| all.contains(&json!("string")));
    let format = schema["format"].as_str().unwrap_or_default();
    is_text && schema.get("enum").is_none() && !matches!(format, "date" | "date-time")
}

/// What is asked for with a parameter. One without a line here fails the test.
fn pair(world: &World, operation: &Operation, name: &str) -> Option<Pair> {
    let of = |kind: Kind| {
        let id = world.id(kind, Whose::Theirs).expect("an id");
        (id.clone(), missing(&id))
    };
    let words = |theirs: &str, nobodys: &str| (theirs.to_owned(), nobodys.to_owned());
    let domain = &world.theirs.domain;
    Some(match name {
        "partner_id" => of(Kind::Partner),
        "enrollment_id" => of(Kind::Enrollment),
        "owner_id" | "channel_manager_id" => of(Kind::User),
        "account_id" => {
            let deal = world.id(Kind::Deal, Whose::Theirs).expect("an id");
            let account = world.scene.admin.get(&format!("/v1/deal-registrations/{deal}")).text("account_id");
            (account.clone(), missing(&account))
        }
        "subject" | "actor" => of(Kind::User),
        "person_id" => of(Kind::Person),
        "reference" => words("bravo", "nobod"),
        "agent" => {
            let agent = |domain: &str| encoded(&json!({"mbox": format!("mailto:ada@{domain}")}).to_string());
            (agent(domain), agent("nobody.example"))
        }
        "statementId" | "voidedStatementId" => {
            let agent = encoded(&json!({"mbox": format!("mailto:ada@{domain}")}).to_string());
            let said = world.scene.admin.get(&format!("/xapi/statements?agent={agent}")).expect_status(200).json;
            let id = said["statements"][0]["id"].as_str().expect("a statement of the partner's").to_owned();
            (id, "00000000-0000-4000-8000-000000000000".to_owned())
        }
        "after" => of(Kind::Event),
        "domain" => words(domain, "nobody.example"),
        "email" => words(&format!("user@{domain}"), "user@nobody.example"),
        "q" => words("bravo", "nobod"),
        "external_system" | "external_id" | "source" | "dimension" => words("bravo", "nobod"),
        "cursor" => cursors(world, operation)?,
        // Of the program, of the vendor, or of everybody.
        "agreement_id" | "program" | "slug" | "country" | "tier" | "metric" | "currency" | "product" | "types"
        | "sort" | "name" | "amount_min" | "amount_max" | "score_min" | "score_max" | "action" | "until" | "at"
        | "as_of" | "known_at" | "item" | "certification" | "verb" | "activity" | "registration" | "since" => {
            return None;
        }
        _ => panic!("{} has a parameter {name}: what would one ask with it for what is another's?", operation.id),
    })
}

/// A value of a query, escaped as a whole.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The cursor behind the second partner's object in a list, and behind one that there is not.
fn cursors(world: &World, operation: &Operation) -> Option<Pair> {
    let path = world.path(&operation.path, &outer(world, operation)?);
    let page = world.scene.admin.get(&format!("{path}?limit=1")).expect_status(200);
    let cursor = URL_SAFE_NO_PAD.decode(page.json["next_cursor"].as_str()?).expect("base64url");
    let cursor: Vec<Value> = serde_json::from_slice(&cursor).expect("a list");
    let kind = cursor[1].as_str()?.split('_').next()?.to_owned();
    let theirs = world.theirs.ids().find(|(_, id)| id.starts_with(&format!("{kind}_")))?.1.to_owned();
    let forged = |id: &str| {
        let mut forged = cursor.clone();
        forged[1] = json!(id);
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&forged).expect("JSON"))
    };
    Some((forged(&theirs), forged(&missing(&theirs))))
}

fn outer(world: &World, operation: &Operation) -> Option<String> {
    if !operation.names_object() {
        return Some(String::new());
    }
    let row = rows().into_iter().find(|row| row.operation == operation.id)?;
    world.id(row.kind()?, Whose::Ours)
}

fn compared(client: &Client, path: &str, name: &str, pair: &Pair, more: &str) -> Option<String> {
    let (theirs, nobodys) = pair;
    let hears = |value: &str| told(&client.get(&format!("{path}?{name}={value}{more}")), value);
    let (known, unknown) = (hears(theirs), hears(nobodys));
    (known != unknown).then(|| format!("{path}?{name}={theirs}{more}\n  {known:?}\n  {unknown:?}"))
}

fn check(database: DatabaseKind) {
    let server = start(database);
    let world = World::new(&server);
    let document = Document::of(&server.client());
    let callers = callers(&server, &world, &document);
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for operation in document.operations.iter().filter(|one| one.reads()) {
        let Some(outer) = outer(&world, operation) else { continue };
        let path = world.path(&operation.path, &outer);
        let counts = operation.query.iter().any(|(name, _)| name == "include");
        for (name, _) in operation.query.iter().filter(|(_, schema)| is_telling(&document, schema)) {
            if operation.id == "getApplicationChallenge" {
                continue;
            }
            let Some(pair) = pair(&world, operation, name) else { continue };
            for caller in callers.iter().filter(|caller| super::hidden::NARROW.contains(&caller.name)) {
                // Whoever has handed a partner over goes on in the feed from where they were.
                if name == "after" && caller.name == "channel_manager" {
                    continue;
                }
                for more in ["", "&limit=1", "&include=total"].iter().filter(|more| counts || !more.contains("include"))
                {
                    asked += 1;
                    let different = compared(&caller.client, &path, name, &pair, more);
                    wrong.extend(different.map(|line| format!("{} {line}", caller.name)));
                }
            }
        }
    }
    println!("{asked} pairs of questions on {database:?}");
    assert!(asked > 100, "{asked} pairs of questions");
    assert!(wrong.is_empty(), "{} tell apart:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_question_for_what_is_anothers_finds_nothing_on_sqlite() {
    check(DatabaseKind::Sqlite);
}

#[test]
fn a_question_for_what_is_anothers_finds_nothing_on_postgres() {
    check(DatabaseKind::Postgres);
}
