//! `entente catalogue`, as it is called.

#![allow(clippy::expect_used, reason = "tests may stop; clippy does not know their helpers for tests")]

use std::{fs, path::Path, process::Command};

/// What it printed, what it said on standard error, and how it ended.
fn catalogue(arguments: &[&str]) -> (String, String, i32) {
    let done = Command::new(env!("CARGO_BIN_EXE_entente")).arg("catalogue").args(arguments).output();
    let done = done.expect("the binary");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (text(done.stdout), text(done.stderr), done.status.code().unwrap_or(-1))
}

fn written(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("a place for temporary files");
    path.to_string_lossy().into_owned()
}

#[test]
fn a_catalogue_is_checked_compared_and_published() {
    let faulty = written("faulty.yaml", "name: A\ncertifications:\n  c: { name: C, requires: nothing }\n");
    let (out, _, code) = catalogue(&["validate", &faulty]);
    assert_eq!((out.lines().count(), code), (1, 1));
    assert!(out.contains("faulty.yaml:3:") && out.contains("/certifications/c/requires"), "{out}");
    let good = written("good.yaml", "name: A\ncourses:\n  one: { name: One }\n");
    let (out, _, code) = catalogue(&["validate", &good]);
    assert!(out.ends_with("valid: A with 1 courses, 0 exams, 0 certifications\n") && code == 0, "{out}");
    let database = written("catalogue.db", "");
    fs::remove_file(&database).expect("the place is free");
    let at = database;
    let (out, said, code) = catalogue(&["diff", &good, "--database-url", &at]);
    assert_eq!((said.as_str(), code), ("", 2), "{out}");
    let (out, said, code) = catalogue(&["apply", &good, "--database-url", &at]);
    assert_eq!((out.as_str(), said.as_str(), code), ("version 1 holds\n", "", 0));
    assert_eq!(catalogue(&["diff", &good, "--database-url", &at]).2, 0);
    let (_, said, code) = catalogue(&["apply", &good, "--database-url", &at]);
    assert!(said.contains("says the same") && code == 1, "{said}");
    let (_, _, code) = catalogue(&["apply", &faulty, "--database-url", &at, "--json"]);
    assert_eq!(code, 1);
}
