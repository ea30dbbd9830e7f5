//! `docs/SECURITY.md` names the tests behind what it says: each of them is there, and each point has some.

use std::{collections::BTreeSet, fs, path::PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join("../docs/SECURITY.md")).expect("docs/SECURITY.md")
}

/// The tests that a part of the page names: `module::file::test`.
fn named(part: &str) -> BTreeSet<&str> {
    part.split('`').skip(1).step_by(2).filter(|code| code.contains("::") && !code.contains(' ')).collect()
}

/// Whether the tree has such a test.
fn is_there(name: &str) -> bool {
    let (module, test) = name.rsplit_once("::").expect("a path");
    let path = root().join("tests").join(module.replace("::", "/"));
    let files = [path.with_extension("rs"), path.join("mod.rs")];
    let text = files.iter().find_map(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    text.contains(&format!("fn {test}("))
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = page();
    let lost: Vec<_> = named(&page).into_iter().filter(|name| !is_there(name)).collect();
    assert!(lost.is_empty(), "docs/SECURITY.md names what there is not: {lost:#?}");
    assert!(!is_there("identity::forged::no_such_test") && !is_there("identity::nowhere::run"));
}

#[test]
fn every_point_of_the_ten_names_its_tests() {
    let page = page();
    for point in 1..=10 {
        let heading = format!("### API{point}:2023 ");
        let (_, after) = page.split_once(&heading).unwrap_or_else(|| panic!("no heading {heading}"));
        let part = after.split("\n#").next().expect("a part");
        assert!(!named(part).is_empty(), "API{point} names no test");
    }
}
