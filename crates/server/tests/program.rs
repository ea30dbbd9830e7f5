//! `entente program cases`, as it is called.

#![allow(clippy::expect_used, reason = "tests may stop; clippy does not know their helpers for tests")]

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

/// What it printed, what it said on standard error, and how it ended.
fn cases(arguments: &[&str]) -> (String, String, i32) {
    let done = Command::new(env!("CARGO_BIN_EXE_entente")).args(["program", "cases"]).args(arguments).output();
    let done = done.expect("the binary");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (text(done.stdout), text(done.stderr), done.status.code().unwrap_or(-1))
}

fn published(name: &str) -> String {
    format!("{}/../programs/tests/cases/published/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

fn written(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a place for temporary files");
    path.to_string_lossy().into_owned()
}

#[test]
fn cases_are_listed_and_counted() {
    let (out, said, code) = cases(&[&published("aws"), &published("vmware")]);
    assert_eq!((said.as_str(), code), ("", 0), "what is unsupported is no failure");
    assert!(out.lines().any(|line| line.starts_with("passed ") && line.ends_with("aws.json aws-002")), "{out}");
    assert!(out.contains("defines no \"partner_B\""), "{out}");
    assert!(out.ends_with("\n21 passed, 0 failed, 2 unsupported\n"), "{out}");
}

#[test]
fn a_failure_is_explained_and_ends_with_1() {
    let file = json!({"rules": {"r": {"metric": "x", "op": ">=", "value": 10}}, "cases": [
        {"id": "a", "given": {"x": 9}, "expect": {"ok": true}, "eval": {"rule": "r", "as": "ok"}}]});
    let path = written("failing.json", &file.to_string());
    let (out, said, code) = cases(&[&path]);
    assert_eq!((said.as_str(), code), ("entente: 1 of 1 cases failed\n", 1));
    assert!(out.contains("ok: expected true, got false\n") && out.contains("1 short"), "{out}");
    let (out, _, code) = cases(&["--json", &path]);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let keys = |json: Option<&Value>| {
        let map = json.and_then(Value::as_object);
        let mut keys: Vec<&str> = map.into_iter().flat_map(|map| map.keys().map(String::as_str)).collect();
        keys.sort_unstable();
        keys.join(" ")
    };
    assert_eq!((code, keys(Some(&report)).as_str()), (1, "cases failed passed unsupported"));
    assert_eq!(keys(report.pointer("/cases/0")), "expected file got id outcome reason");
    assert_eq!(report.pointer("/cases/0/outcome"), Some(&json!("failed")));
}

#[test]
fn what_cannot_be_read_does_not_hide_the_rest() {
    let broken = written("broken.json", "{");
    let (out, said, code) = cases(&[&broken, "nowhere.json", &published("aws")]);
    assert_eq!(code, 1);
    assert!(said.contains("broken.json: is not JSON") && said.contains("nowhere.json: "), "{said}");
    assert!(out.ends_with("7 passed, 0 failed, 0 unsupported\n"), "{out}");
}

#[test]
fn documents_can_be_other_ones() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    fs::create_dir_all(&folder).expect("a folder");
    let document = "slug: d\npublished_as: [{program: P, versions: [v]}]\nfacts: {x: {type: number}}\nmetrics: {y: {product: [x, 2]}}\n";
    fs::write(folder.join("d.yaml"), document).expect("a file");
    let path = written(
        "own.json",
        r#"{"program": "P", "cases": [{"id": "a", "version": "v", "given": {"x": 2}, "expect": {"y": 4}}]}"#,
    );
    let folder = folder.to_string_lossy();
    assert!(cases(&["--programs", &folder, &path]).0.ends_with("1 passed, 0 failed, 0 unsupported\n"));
    assert!(cases(&[&path]).0.ends_with("0 passed, 0 failed, 1 unsupported\n"));
    let (_, said, code) = cases(&["--programs", "no such folder", &path]);
    assert!(code == 1 && said.starts_with("entente: no such folder: "), "{said}");
}
