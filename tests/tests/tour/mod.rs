//! The tours of the README and of other pages, run as a newcomer would run them.

use std::{process::Command, sync::Arc};

use serde_json::{Deserializer, Value};
use tests::{Database, Kind, Server, server::command};

/// A fenced block of a page: its language and its text.
type Block = (String, String);

/// What a page lets its reader run, with the answers and the lines that it shows.
struct Step {
    script: String,
    answers: Vec<Value>,
    lines: Vec<String>,
}

#[test]
fn the_tour_answers_what_the_readme_shows_sqlite() {
    run_page("README.md", Kind::Sqlite);
}

#[test]
fn the_tour_answers_what_the_readme_shows_postgres() {
    run_page("README.md", Kind::Postgres);
}

#[test]
fn the_page_on_partners_answers_what_it_shows_sqlite() {
    run_page("docs/PARTNERS.md", Kind::Sqlite);
}

#[test]
fn the_page_on_partners_answers_what_it_shows_postgres() {
    run_page("docs/PARTNERS.md", Kind::Postgres);
}

#[test]
fn the_page_on_programs_answers_what_it_shows_sqlite() {
    run_page("docs/PROGRAMS.md", Kind::Sqlite);
}

#[test]
fn the_page_on_programs_answers_what_it_shows_postgres() {
    run_page("docs/PROGRAMS.md", Kind::Postgres);
}

#[test]
fn the_page_on_tiers_answers_what_it_shows_sqlite() {
    run_page("docs/TIERS.md", Kind::Sqlite);
}

#[test]
fn the_page_on_tiers_answers_what_it_shows_postgres() {
    run_page("docs/TIERS.md", Kind::Postgres);
}

#[test]
fn the_page_on_training_answers_what_it_shows_sqlite() {
    run_page("docs/TRAINING.md", Kind::Sqlite);
}

#[test]
fn the_page_on_training_answers_what_it_shows_postgres() {
    run_page("docs/TRAINING.md", Kind::Postgres);
}

fn run_page(name: &str, kind: Kind) {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let steps = steps(blocks(&std::fs::read_to_string(page).unwrap()));
    assert!(steps.len() > 3, "{name} has no tour");
    let server = Server::with(Arc::new(Database::empty(kind)), &[("ENTENTE_DEMO", "1")]);
    let script: String = steps.iter().map(|step| format!("{}\nprintf '\\036'\n", step.script)).collect();
    let script = script.replace("BASE=http://127.0.0.1:8080", &format!("BASE={}", server.url));
    let own = command();
    let binary = std::path::Path::new(own.get_program()).parent().unwrap().to_string_lossy().into_owned();
    let done = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .env("PATH", format!("{binary}:{}", std::env::var("PATH").unwrap()))
        .env("DATABASE_URL", &server.database.url)
        .current_dir(server.database.folder.path())
        .output()
        .unwrap();
    let output = String::from_utf8(done.stdout).unwrap();
    for (step, output) in steps.iter().zip(output.split('\u{1e}')) {
        let output = &after_lines(&step.lines, output, &step.script);
        let got: Vec<Value> = Deserializer::from_str(output).into_iter().map(|value| value.unwrap()).collect();
        assert_eq!(got.len(), step.answers.len(), "answers of\n{}\n{output}", step.script);
        for (shown, got) in step.answers.iter().zip(&got) {
            assert!(shows(shown, got), "after\n{}\nthe page shows\n{shown}\nand the answer is\n{got}", step.script);
        }
    }
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The fenced blocks that name a language.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(language) => {
                open = true;
                blocks.push((language.to_owned(), String::new()));
            }
            None if open => {
                let (_, text) = blocks.last_mut().unwrap();
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    blocks
}

fn steps(blocks: Vec<Block>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (language, text) in blocks {
        match language.as_str() {
            "sh" => steps.push(Step { script: text, answers: Vec::new(), lines: Vec::new() }),
            "text" => steps.last_mut().unwrap().lines.extend(text.lines().map(str::to_owned)),
            "json" => steps.last_mut().unwrap().answers.push(serde_json::from_str(&text).unwrap()),
            _ => {}
        }
    }
    steps
}

/// What is printed after the lines that the page shows: a line of `…` alone stands for any lines.
fn after_lines(lines: &[String], output: &str, script: &str) -> String {
    let mut got = output.lines();
    let mut skips = false;
    for line in lines {
        if line == "…" {
            skips = true;
            continue;
        }
        let parts = line.split_once('…');
        let is_it = |got: &&str| match parts {
            Some((before, after)) => got.starts_with(before) && got.ends_with(after),
            None => got == line,
        };
        let found = if skips { got.find(is_it) } else { got.next().filter(is_it) };
        assert!(found.is_some(), "after\n{script}\nthe page shows\n{line}\nwhich is not so in\n{output}");
        skips = false;
    }
    got.collect::<Vec<_>>().join("\n")
}

/// Whether the answer is what the page shows: what it leaves out may be anything, and so may what `…` stands for.
fn shows(shown: &Value, got: &Value) -> bool {
    match (shown, got) {
        (Value::String(text), _) if text == "…" => !got.is_null(),
        (Value::String(text), Value::String(got)) => match text.split_once('…') {
            Some((before, after)) => got.starts_with(before) && got.ends_with(after),
            None => text == got,
        },
        (Value::Array(shown), Value::Array(got)) => {
            shown.len() == got.len() && shown.iter().zip(got).all(|(shown, got)| shows(shown, got))
        }
        (Value::Object(shown), Value::Object(got)) => {
            shown.iter().all(|(name, shown)| got.get(name).is_some_and(|got| shows(shown, got)))
        }
        _ => shown == got,
    }
}

#[test]
fn a_page_that_shows_something_else_is_found_out() {
    let got: Value = serde_json::json!({"id": "deal_1", "list": [1], "more": null});
    for (shown, expected) in [
        (serde_json::json!({"id": "deal_…"}), true),
        (serde_json::json!({"id": "partner_…"}), false),
        (serde_json::json!({"more": "…"}), false),
        (serde_json::json!({"list": []}), false),
        (serde_json::json!({"missing": null}), false),
    ] {
        assert_eq!(shows(&shown, &got), expected, "{shown}");
    }
}

#[test]
fn the_published_table_of_codes_is_the_servers() {
    let server = Server::start(Kind::Sqlite);
    let page =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API.md")).unwrap();
    let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let problems = server.client().get("/problems").expect_status(200).json["data"].clone();
    let rows: Vec<String> = problems
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!("| `{}` | {} | {} |", one["code"].as_str().unwrap(), one["status"], one["when"].as_str().unwrap())
        })
        .collect();
    assert_eq!(listed, rows);
}
