//! `entente program`, at the desk: no server, no database.

use std::{fs, path::Path, process::Output};

use tests::{Value, json, server::command};

use super::PROGRAM;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = command()
        .arg("program")
        .args(arguments)
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .output()
        .expect("entente");
    let text = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.code().expect("a code"), text)
}

/// A folder with the program, and the program with this replaced by that.
fn folder(replaced: &str, by: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("good.yaml"), PROGRAM).expect("a file");
    assert!(PROGRAM.contains(replaced), "{replaced}");
    fs::write(folder.path().join("wrong.yaml"), PROGRAM.replace(replaced, by)).expect("a file");
    folder
}

#[test]
fn faults_are_lines_that_editors_understand() {
    let folder = folder("metric: certified, at_least: 2", "metric: certifed, at_least: 2");
    assert_eq!(
        run(folder.path(), &["validate", "good.yaml"]),
        (0, "good.yaml: valid: Gold program with 1 example, 0 warnings\n".to_owned())
    );
    let (code, text) = run(folder.path(), &["validate", "good.yaml", "wrong.yaml"]);
    assert_eq!(code, 1, "{text}");
    let wanted = "wrong.yaml:17:22: error: /rules/skilled/metric: there is no name \"certifed\"; \
                  did you mean \"certified\"? [unknown_name]";
    assert!(text.lines().any(|line| line == wanted), "{text}");
    let (code, text) = run(folder.path(), &["validate", "--json", "good.yaml", "wrong.yaml"]);
    let all: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, &all[0]["valid"], &all[1]["faults"][0]["line"]), (1, &json!(true), &json!(17)));
    let (code, text) = run(folder.path(), &["validate", "nothing.yaml"]);
    assert!(code == 1 && text.starts_with("entente: nothing.yaml: "), "{text}");
    fs::write(folder.path().join("large.yaml"), "# x\n".repeat(3_000_000)).expect("a file");
    let (code, text) = run(folder.path(), &["validate", "large.yaml"]);
    assert!(code == 1 && text.contains("large.yaml:1:1: error: has ") && text.contains("[too_large]"), "{text}");
}

#[test]
fn examples_pass_or_say_why_not() {
    let folder = folder("given: { revenue: 100000,", "given: { revenue: 99000,");
    let (code, text) = run(folder.path(), &["test", "good.yaml", "wrong.yaml"]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.starts_with(
            "passed good.yaml:26: Just Gold\nfailed wrong.yaml:26: Just Gold\n       tier: Gold was expected"
        ),
        "{text}"
    );
    assert!(text.ends_with("1 passed, 1 failed\n"), "{text}");
    let (_, text) = run(folder.path(), &["test", "--json", "wrong.yaml"]);
    let all: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&all["failed"], &all["files"][0]["examples"][0]["outcome"]), (&json!(1), &json!("failed")));
}

#[test]
fn a_document_is_evaluated_at_the_desk() {
    let folder = folder("metric: certified, at_least: 2", "metric: certifed, at_least: 2");
    fs::write(folder.path().join("facts.json"), r#"{"revenue": 100000, "people": {"ann": ["cert_a"]}}"#)
        .expect("a file");
    let evaluate = |more: &[&str]| {
        let all = [&["evaluate", "good.yaml", "--facts", "facts.json", "--as-of", "2026-12-31"], more].concat();
        run(folder.path(), &all)
    };
    let (code, text) = evaluate(&["--explain", "Gold"]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "gold as of 2026-12-31",
        "tier: Registered",
        "score total: 60",
        "metric certified: 1",
        "rule skilled: not met",
        "Gold is not met",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} in {text}");
    }
    assert!(text.contains("certified is 1; needed is at least 2: not met: 1 short"), "{text}");
    let (_, text) = evaluate(&["--json"]);
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")["tier"], "Registered");
    assert_eq!(run(folder.path(), &["evaluate", "wrong.yaml"]).0, 1);
    let (code, text) = evaluate(&["--explain", "nothing"]);
    assert!(code == 1 && text.starts_with("error: /explain/0: nothing here is called"), "{text}");
}
