use programs::cases::{CaseFile, Library, Report};
use serde_json::json;

use crate::support::{one, told};

fn read(text: &str) -> String {
    CaseFile::read("cases.json", text).unwrap_err()
}

#[test]
fn what_is_no_case_file_is_told_with_file_and_place() {
    assert!(read("{").starts_with("cases.json: is not JSON: EOF while parsing an object at line 1"));
    assert_eq!(read("[]"), "cases.json: /: is not a map");
    assert_eq!(read("{}"), "cases.json: /cases: is not a list of cases");
    assert_eq!(read(r#"{"cases": {}}"#), "cases.json: /cases: is not a list of cases");
    assert_eq!(read(r#"{"cases": [7]}"#), "cases.json: /cases/0: is not a map");
    assert_eq!(read(r#"{"cases": [{}]}"#), "cases.json: /cases/0/id: is not a text");
    assert_eq!(read(r#"{"cases": [{"id": "a"}]}"#), "cases.json: /cases/0 (a)/expect: expects nothing");
    assert_eq!(
        read(r#"{"cases": [{"id": "a", "expect": {"round": 2}}]}"#),
        "cases.json: /cases/0 (a)/expect: expects nothing"
    );
    assert_eq!(
        read(r#"{"cases": [{"id": "a", "expect": {"x": 1, "round": -1}}]}"#),
        "cases.json: /cases/0 (a)/expect/round: is no number of decimals from 0 to 12"
    );
    assert_eq!(
        read(r#"{"cases": [{"id": "a", "given": [], "expect": {"x": 1}}]}"#),
        "cases.json: /cases/0 (a)/given: is not a map"
    );
    assert_eq!(read(r#"{"cases": [], "rules": []}"#), "cases.json: /rules: is not a map by name");
    assert!(read(&format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000))).contains("recursion limit"));
}

#[test]
fn a_reading_that_is_not_understood_is_unsupported() {
    let sections = json!({
        "score_models": {
            "empty": {}, "odd": {"components": [{"id": "a", "kind": "magic", "metric": "x"}]},
            "worded": {"components": [{"id": "a", "kind": "per_unit", "metric": "x", "points_per_unit": "many"}]},
            "number": 7, "capped": {"components": [{"id": "a", "kind": "per_unit", "metric": "x", "points_per_unit": 1, "cap": "all"}]}
        },
        "rules": {
            "circle": {"rule": "circle"}, "odd": {"metric": "x", "op": "~", "value": 1}, "bare": {"metric": "x"},
            "ordered": {"metric": "x", "op": ">=", "value": "much"}, "number": 7
        },
        "tier_tables": {"one": {"min_score": 1}, "nameless": [{"min_score": 1}]}
    });
    for (eval, why) in [
        (json!({"model": "none"}), "/score_models: the file has no \"none\""),
        (json!({"model": "empty"}), "/score_models/empty: has no list of components"),
        (json!({"model": "number"}), "/score_models/number: is no score"),
        (json!({"model": "odd"}), "/score_models/odd/components/0: no component is known by the kind \"magic\""),
        (json!({"model": "worded"}), "given: many is \"x\", where a number is needed"),
        (json!({"model": "capped"}), "/score_models/capped/components/0: \"all\" is no number"),
        (json!({"rule": "circle", "as": "it"}), "/rules/circle: lies more than 64 deep, or names itself"),
        (json!({"rule": "odd", "as": "it"}), "/rules/odd: no comparison is known by \"~\""),
        (json!({"rule": "bare", "as": "it"}), "/rules/bare: compares with nothing"),
        (json!({"rule": "ordered", "as": "it"}), "/rules/ordered: \"much\" has no order"),
        (json!({"rule": "number", "as": "it"}), "/rules/number: 7 is no rule"),
        (json!({"tiers": "one"}), "/tier_tables/one: is no list of tiers"),
        (json!({"tiers": "nameless"}), "/tier_tables/nameless/0: has no id"),
        (json!({"model": "worded", "luck": true}), "/eval/luck: no reading is known by this name"),
        (json!({"designation": true}), "/eval/designation: needs a model"),
    ] {
        let case = json!({"given": {"many": "x"}, "expect": {"score": 1}, "eval": eval});
        assert_eq!(told(&one(&sections, &case)), format!("unsupported: {why}"));
    }
}

#[test]
fn what_a_reading_does_not_say_is_unsupported() {
    let sections = json!({"rules": {"r": {"metric": "x", "op": ">=", "value": 1}}});
    let asked = |expect: serde_json::Value| {
        told(&one(&sections, &json!({"given": {"x": [1]}, "expect": expect, "eval": {"rule": "r", "as": "ok"}})))
    };
    assert_eq!(asked(json!({"tier": "Gold"})), "unsupported: given: x is [1], where a number is needed");
    let case = json!({"given": {"x": 1}, "expect": {"ok": true, "tier": "Gold"}, "eval": {"rule": "r", "as": "ok"}});
    assert_eq!(told(&one(&sections, &case)), "unsupported: the file's reading says nothing of \"tier\"");
}

#[test]
fn hostile_cases_are_judged_in_bounded_time() {
    let wide: Vec<_> = (0..5_000).map(|at| json!({"metric": format!("m{at}"), "op": ">=", "value": at})).collect();
    let sections = json!({"rules": {"wide": {"all": wide}}});
    let report = one(&sections, &json!({"given": {}, "expect": {"ok": true}, "eval": {"rule": "wide", "as": "ok"}}));
    assert!(told(&report).contains("holds more than 500"), "{}", told(&report));
    let mut report = Report::default();
    let file = CaseFile::read(
        "f",
        r#"{"cases": [{"id": "a", "given": {"é.": 1}, "expect": {"_on_": 1, "x_until_2025-13-99": 2}}]}"#,
    );
    report.run(&file.unwrap(), &Library::embedded().unwrap());
    assert_eq!(report.unsupported, 1);
}
