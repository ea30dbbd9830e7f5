//! The examples of `docs/RULES.md` are of the language.

use rules::{
    RuleBook,
    book::{Expr, Rule, Window},
};
use serde::de::DeserializeOwned;

use crate::support::yaml;

const PAGE: &str = include_str!("../../../../docs/RULES.md");

fn section(title: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("## {title}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

/// The code in tables that is a map.
fn examples(title: &str) -> Vec<&'static str> {
    let rows = section(title).lines().filter(|line| line.starts_with('|'));
    rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|code| code.starts_with('{')).collect()
}

fn read_all<T: DeserializeOwned>(title: &str, at_least: usize) {
    let all = examples(title);
    assert!(all.len() >= at_least, "{title}: {all:?}");
    for example in all {
        if let Err(error) = serde_json::from_value::<T>(yaml(example)) {
            panic!("{title}: {example}: {error}");
        }
    }
}

#[test]
fn every_example_is_read() {
    read_all::<Expr>("Expressions", 25);
    read_all::<Window>("Windows", 6);
    read_all::<Rule>("Rules", 8);
}

#[test]
fn every_block_is_part_of_a_book() {
    let blocks: Vec<&str> = PAGE.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        RuleBook::read(&yaml(block)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    }
}

#[test]
fn every_construct_has_an_example() {
    let variants = |error: String| error.split('`').skip(3).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let unknown = yaml("{nonsense: 1}");
    let constructs = variants(serde_json::from_value::<Expr>(unknown.clone()).unwrap_err().to_string());
    let groups = variants(serde_json::from_value::<Rule>(unknown).unwrap_err().to_string());
    assert!(constructs.len() > 30 && groups.len() > 6);
    for name in constructs.iter().chain(&groups) {
        assert!(PAGE.contains(&format!("`{name}`")), "{name} is not documented");
    }
}
