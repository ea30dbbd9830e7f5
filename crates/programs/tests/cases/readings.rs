//! The files' own readings, translated: every construct with its borders.

use serde_json::{Value as Json, json};

use crate::support::{one, told};

fn points(component: &Json, given: &Json) -> String {
    let sections = json!({"score_models": {"m": {"components": [component]}}});
    let report = one(&sections, &json!({"given": given, "expect": {"score": "?"}, "eval": {"model": "m"}}));
    if report.got.is_null() { told(&report) } else { plain(&report.got["score"]) }
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// Whether a rule is met, or why that cannot be told.
fn met(rule: &Json, given: &Json) -> String {
    let sections = json!({"rules": {"r": rule, "other": {"metric": "b", "op": ">=", "value": 1}}});
    let report = one(&sections, &json!({"given": given, "expect": {"ok": "?"}, "eval": {"rule": "r", "as": "ok"}}));
    if report.got.is_null() { told(&report) } else { plain(&report.got["ok"]) }
}

#[test]
fn points_for_units() {
    let units = |more: Json| {
        let mut component = json!({"id": "c", "kind": "per_unit", "metric": "x", "points_per_unit": "20/3"});
        component.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        component
    };
    assert_eq!(points(&units(json!({})), &json!({"x": 3})), "20");
    assert_eq!(points(&units(json!({"unit": 2})), &json!({"x": 3})), "10");
    assert_eq!(points(&units(json!({"unit": 2, "whole_units": true})), &json!({"x": 3})), "20/3");
    assert_eq!(points(&units(json!({"unit": "per"})), &json!({"x": 6, "per": 2})), "20");
    assert_eq!(points(&units(json!({"unit": "per"})), &json!({"x": 6})), "0", "nothing per nothing");
    assert_eq!(points(&units(json!({"cap": 15})), &json!({"x": 3})), "15");
    assert_eq!(points(&units(json!({})), &json!({"x": -3})), "0", "points are not negative");
    assert_eq!(points(&units(json!({"floor": -10})), &json!({"x": -3})), "-10");
    assert_eq!(points(&units(json!({"multiplier": 0.5})), &json!({"x": 3})), "10");
    assert_eq!(points(&units(json!({"multiplier": "share"})), &json!({"x": 3, "share": "1/4"})), "5");
    assert_eq!(points(&units(json!({"multipliers": [2, 3]})), &json!({"x": 3})), "120");
    assert_eq!(points(&units(json!({})), &json!({})), "0", "what is not given is 0");
    let gate = json!({"gate": {"metric": "open", "op": "==", "value": true}});
    assert_eq!(points(&units(gate.clone()), &json!({"x": 3, "open": true})), "20");
    assert_eq!(points(&units(gate), &json!({"x": 3, "open": 0})), "0");
}

#[test]
fn points_in_proportion_in_bands_and_at_once() {
    let linear = json!({"id": "c", "kind": "linear", "metric": "a.b", "threshold": 7, "max": 15});
    assert_eq!(points(&linear, &json!({"a": {"b": 3}})), "45/7");
    assert_eq!(points(&linear, &json!({"a.b": 9})), "15");
    let bands = json!({"id": "c", "kind": "bands", "metric": "x", "bands": [
        {"gt": 0, "lte": 10, "points": 1}, {"gt": 10, "lt": 20, "points": 2}, {"gte": 30, "points": 3}]});
    for (x, expected) in [(0, "0"), (1, "1"), (10, "1"), (11, "2"), (20, "0"), (29, "0"), (30, "3"), (99, "3")] {
        assert_eq!(points(&bands, &json!({"x": x})), expected, "{x}");
    }
    let factored = json!({"id": "c", "kind": "bands", "metric": "x", "bands": [{"gte": 0, "points": 200}],
        "multiplier": {"metric": "y", "bands": [{"gte": 0.01, "lt": 5, "factor": 0.1}, {"gte": 5, "factor": 1}]}});
    assert_eq!(points(&factored, &json!({"y": 4.99})), "20");
    assert_eq!(points(&factored, &json!({"y": 5})), "200");
    assert_eq!(points(&factored, &json!({})), "0", "outside of all bands");
    let all = json!({"id": "c", "kind": "all_or_nothing", "metric": "x", "threshold": 4, "points": 9});
    assert_eq!((points(&all, &json!({"x": 4})), points(&all, &json!({"x": 3}))), ("9".into(), "0".into()));
    assert_eq!(points(&json!({"id": "c", "points": "x"}), &json!({"x": "2.5"})), "2.5");
}

#[test]
fn parts_are_nested_and_the_best_of_them_counts() {
    let part = |metric: &str, cap: u32| json!({"kind": "per_unit", "metric": metric, "points_per_unit": 2, "cap": cap});
    let best = json!({"id": "c", "kind": "best_of", "cap": 7, "of": [part("x", 5), part("y", 9)]});
    assert_eq!(points(&best, &json!({"x": 9, "y": 1})), "5");
    assert_eq!(points(&best, &json!({"x": 9, "y": 9})), "7");
    let sum = json!({"id": "c", "kind": "sum", "cap": 12, "of": [best, part("z", 9)]});
    assert_eq!(points(&sum, &json!({"x": 1, "z": 3})), "8");
    assert_eq!(points(&sum, &json!({"x": 9, "y": 9, "z": 9})), "12");
    assert_eq!(points(&sum, &json!({"x": 1, "z": -9})), "2", "no part takes away from another");
    let gated = json!({"id": "c", "kind": "sum", "of": [
        {"kind": "per_unit", "metric": "x", "points_per_unit": 1, "gate": {"metric": "y", "op": ">", "value": 1}}]});
    assert_eq!(
        (points(&gated, &json!({"x": 1, "y": 1})), points(&gated, &json!({"x": 1, "y": 2}))),
        ("0".into(), "1".into())
    );
}

#[test]
fn metrics_are_computed() {
    let of = |metric: Json, given: Json| {
        points(&json!({"id": "c", "kind": "per_unit", "metric": metric, "points_per_unit": 1, "floor": -1000}), &given)
    };
    assert_eq!(of(json!({"diff": ["a.now", "a.year_ago"]}), json!({"a": {"now": 1, "year_ago": 4}})), "-3");
    assert_eq!(of(json!({"growth_pct": ["a", "b"]}), json!({"a": 112, "b": 100})), "12");
    assert_eq!(of(json!({"growth_pct": ["a", "b"]}), json!({"a": 112})), "0", "from nothing there is no growth");
    assert_eq!(of(json!({"growth_pct": ["a", "b"], "min_baseline": 50}), json!({"a": 80, "b": 40})), "0");
    assert_eq!(of(json!({"ratio": ["a", "b"]}), json!({"a": 1, "b": 3})), "1/3");
    assert_eq!(of(json!({"ratio": {"num": "a", "den": "b"}, "when_zero": 1}), json!({"a": 1})), "1");
    assert_eq!(of(json!({"ratio": ["a", "b"], "max_denominator": 100}), json!({"a": 50, "b": 200})), "0.5");
    assert_eq!(of(json!({"pct": ["a", "b"]}), json!({"a": 1, "b": 4})), "25");
    assert_eq!(of(json!({"sum": ["a", {"max": ["b", 7]}, {"product": ["a", 2]}]}), json!({"a": 1, "b": 9})), "12");
    assert_eq!(of(json!({"min": ["a", "b"]}), json!({"a": 1, "b": 9})), "1");
    assert!(of(json!({"mystery": ["a"]}), json!({})).contains("no metric is known by mystery"));
    assert!(of(json!({"diff": ["a"]}), json!({})).contains("is not of two metrics"));
}

#[test]
fn people_are_counted_once() {
    let of = |metric: Json, given: Json| {
        points(&json!({"id": "c", "kind": "per_unit", "metric": metric, "points_per_unit": 1}), &given)
    };
    let people = json!({"people": {"ann": ["a", "b"], "bob": ["b"], "cy": ["c"]}});
    assert_eq!(of(json!({"people_with": ["b"]}), people.clone()), "2");
    assert_eq!(of(json!({"people_with": ["a", "b"]}), people.clone()), "2", "any of them");
    assert_eq!(of(json!({"people_with_all": ["a", "b"]}), people.clone()), "1");
    assert_eq!(of(json!({"people_with": ["a", "b"], "match": "all"}), people), "1");
    let dated = |today: &str| {
        json!({"today": today, "people": [
        {"name": "ann", "holds": [{"cert": "a", "valid_from": "2024-01-01", "valid_to": "2024-06-30"}]},
        {"name": "bob", "certificates": [{"name": "a", "valid_to": "2024-06-30", "counts_until": "2024-12-31"}]}]})
    };
    for (today, expected) in [("2023-12-31", "1"), ("2024-06-30", "2"), ("2024-07-01", "1"), ("2025-01-01", "0")] {
        assert_eq!(of(json!({"people_with": ["a"]}), dated(today)), expected, "{today}");
    }
    assert!(of(json!({"people_with": []}), json!({})).contains("names no certificates"));
    assert!(
        of(json!({"people_with": ["a"]}), json!({"people": 3})).contains("people with their certificates is needed")
    );
}

#[test]
fn rules_are_grouped() {
    let a = json!({"metric": "a", "op": ">", "value": 1});
    let b = json!({"metric": "b", "op": "<=", "value": 1});
    for (rule, given, expected) in [
        (json!({"all": []}), json!({}), "true"),
        (json!({"any": []}), json!({}), "false"),
        (json!({"all": [a, b]}), json!({"a": 2, "b": 2}), "false"),
        (json!({"any": [a, b]}), json!({"a": 2, "b": 2}), "true"),
        (json!({"none": [a, b]}), json!({"a": 1, "b": 2}), "true"),
        (json!({"not": a}), json!({"a": 1}), "true"),
        (json!([a, {"not": {"any": [b, "other"]}}]), json!({"a": 2, "b": 2}), "false"),
        (json!({"at_least_n": 2, "of": [a, b, "other"]}), json!({"a": 2, "b": 1}), "true"),
        (
            json!({"at_least_n": {"n": 2, "of": [a, b], "including": [{"metric": "c", "op": "==", "value": 1}]}}),
            json!({"a": 2, "b": 1}),
            "false",
        ),
        (
            json!({"at_least_n": {"n": 2, "of": [a, b], "including": {"metric": "c", "op": "==", "value": 1}}}),
            json!({"a": 2, "b": 1, "c": true}),
            "true",
        ),
        (json!({"at_least_n": 3, "of": [a]}), json!({"a": 2}), "false"),
    ] {
        assert_eq!(met(&rule, &given), expected, "{rule} {given}");
    }
}

#[test]
fn comparisons_compare_numbers_texts_days_and_lists() {
    for (rule, given, expected) in [
        (json!({"metric": "a", "op": ">=", "value": "15/7"}), json!({"a": "15/7"}), "true"),
        (json!({"metric": "a", "op": "==", "value": 70}), json!({"a": 70.0}), "true"),
        (json!({"metric": "a", "op": "!=", "value": 0}), json!({}), "false"),
        (json!({"metric": "a", "op": "==", "value": 1}), json!({"a": true}), "true"),
        (json!({"metric": "a", "op": "==", "value": "Gold"}), json!({"a": "Gold"}), "true"),
        (json!({"metric": "a", "op": "in", "value": ["Gold", "Silver"]}), json!({"a": "Bronze"}), "false"),
        (json!({"metric": "a", "op": "not_in", "value": [1, 2]}), json!({"a": 3}), "true"),
        (json!({"metric": "a", "op": "between", "value": [1, 5]}), json!({"a": 5}), "true"),
        (json!({"metric": "a", "gte": 1, "lt": 5}), json!({"a": 5}), "false"),
        (json!({"metric": "a", "at_least": 5}), json!({"a": 5}), "true"),
        (json!({"metric": "a", "op": "<", "value": "2024-01-01"}), json!({"a": "2023-12-31"}), "true"),
        (json!({"metric": "a", "op": ">", "value": {"metric": "b"}}), json!({"a": 2, "b": 1}), "true"),
        (json!({"metric": "a", "op": "contains", "value": "x"}), json!({"a": ["x", "y"]}), "true"),
        (json!({"metric": "a", "op": "contains_all", "value": ["x", "z"]}), json!({"a": ["x", "y"]}), "false"),
        (json!({"metric": "a", "op": "contains_any", "value": ["x", "z"]}), json!({"a": ["x", "y"]}), "true"),
        (json!({"people_with": ["a"], "op": ">=", "value": 1}), json!({"people": {"ann": ["a"]}}), "true"),
        (json!({"metric": "Net Adds (2024)", "op": ">=", "value": 1}), json!({"Net Adds (2024)": 1}), "true"),
    ] {
        assert_eq!(met(&rule, &given), expected, "{rule} {given}");
    }
}

#[test]
fn ladders_by_score_and_by_rules() {
    let sections = json!({
        "score_models": {"m": {"total_cap": 90, "components": [{"id": "c", "points": "x"}]}},
        "tier_tables": {
            "by_score": [{"id": "Gold", "min_score": 80}, {"id": "None", "min_score": 0}, {"id": "Silver", "min_score": 60}],
            "by_rule": [{"id": "None", "requires": {"all": []}}, {"id": "Two", "requires": {"metric": "y", "op": "<", "value": 3}},
                {"id": "Three", "requires": {"metric": "y", "op": ">=", "value": 7}}],
            "both": [{"id": "None"}, {"id": "Some", "min_score": 60, "min_y": 2}]
        }
    });
    let tier = |eval: Json, given: Json| {
        let report = one(&sections, &json!({"given": given, "expect": {"tier": "?"}, "eval": eval}));
        if report.got.is_null() { told(&report) } else { plain(&report.got["tier"]) }
    };
    let by_score = json!({"model": "m", "tiers": "by_score"});
    assert_eq!(tier(by_score.clone(), json!({"x": 79})), "Silver");
    assert_eq!(tier(by_score, json!({"x": 95})), "Gold");
    assert_eq!(tier(json!({"tiers": "by_score"}), json!({"anything": 60, "name": "p"})), "Silver", "the one number");
    assert_eq!(tier(json!({"tiers": "by_score"}), json!({"score": 60, "other": 1})), "Silver");
    assert!(tier(json!({"tiers": "by_score"}), json!({"a": 60, "b": 1})).contains("not exactly one number"));
    for (y, expected) in [(2, "Two"), (3, "None"), (7, "Three")] {
        assert_eq!(tier(json!({"tier_rules": "by_rule"}), json!({"y": y})), expected, "tiers need not nest");
    }
    assert_eq!(tier(json!({"model": "m", "tiers": "both"}), json!({"x": 60, "y": 1})), "None");
    assert_eq!(tier(json!({"model": "m", "tiers": "both"}), json!({"x": 60, "y": 2})), "Some");
    let version = json!({"version": "by-score", "given": {"points_now": 60}, "expect": {"tier": "Silver"}});
    assert_eq!(told(&one(&sections, &version)), "passed", "a table that is called like the version");
}

#[test]
fn designations_are_as_the_version_says() {
    let models = json!({
        "a": {"components": [{"id": "x", "points": "x"}, {"id": "y", "points": "y", "applies": {"metric": "has_y", "op": "==", "value": 1}}]},
        "b_large": {"components": [{"id": "x", "kind": "per_unit", "metric": "x", "points_per_unit": 2}]},
        "b_small": {"components": [{"id": "x", "points": 50}]}
    });
    let status = |versions: Json, eval: Json, given: Json, expect: Json| {
        let sections = json!({"score_models": models, "versions": versions});
        told(&one(&sections, &json!({"version": "v", "given": given, "expect": expect, "eval": eval})))
    };
    let of_a = json!({"model": "a", "designation": true});
    let asked = |status: &str| json!({"status": status});
    assert_eq!(status(json!([]), of_a.clone(), json!({"x": 70}), asked("Qualified")), "passed", "y does not apply");
    assert_eq!(status(json!([]), of_a.clone(), json!({"x": 70, "has_y": 1}), asked("In progress")), "passed");
    let versions = json!([{"id": "other"}, {"id": "v", "tiers": [{"id": "Has it", "rank": 1}, {"id": "Has it not", "rank": 0}],
        "designation_rule": {"all": [{"score": "> 80 of 90"}, {"every_metric": ">= 5 points (the other page says > 0)"}]}}]);
    assert_eq!(status(versions.clone(), of_a.clone(), json!({"x": 80}), asked("Has it not")), "passed");
    assert_eq!(status(versions.clone(), of_a.clone(), json!({"x": 81}), asked("Has it")), "passed");
    assert_eq!(status(versions, of_a, json!({"x": 90, "has_y": 1, "y": 4}), asked("Has it not")), "passed");
    let odd = json!([{"designation_rule": {"score": "a lot"}}]);
    assert!(
        status(odd, json!({"model": "a", "designation": true}), json!({}), asked("?")).contains("is no comparison")
    );
    for eval in [
        json!({"model": ["b_large", "b_small"]}),
        json!({"best_of": ["b_large", "b_small"]}),
        json!({"best_path": ["b_large", "b_small"]}),
    ] {
        let best = |x: u32, expect: Json| status(json!([]), eval.clone(), json!({"x": x}), expect);
        assert_eq!(best(30, json!({"score": 60, "path": "Large"})), "passed");
        assert_eq!(best(20, json!({"score": 50, "path": "b_small"})), "passed");
        assert!(best(20, json!({"path": "large"})).starts_with("failed: path: expected large, got b_small"));
        assert_eq!(best(30, json!({"component": "x", "points": 60})), "passed");
    }
    let named = json!({"model": {"Enterprise": "b_large", "SMB": "b_small"}});
    assert_eq!(status(json!([]), named, json!({"x": 30}), json!({"path": "Enterprise", "score": 60})), "passed");
}

#[test]
fn what_is_expected_is_compared_exactly_or_rounded() {
    let sections = json!({"score_models": {"m": {"components": [{"id": "c.d", "points": "x", "cap": 40}]}}});
    let case = |x: Json, expect: Json| {
        told(&one(&sections, &json!({"given": {"x": x}, "expect": expect, "eval": {"model": "m"}})))
    };
    assert_eq!(case(json!("40/3"), json!({"component": "c.d", "points": 13.33, "round": 2})), "passed");
    assert!(
        case(json!("40/3"), json!({"component": "c.d", "points": 13.33}))
            .starts_with("failed: points: expected 13.33, got 40/3")
    );
    assert_eq!(case(json!("40/3"), json!({"score": "40/3"})), "passed");
    assert_eq!(case(json!(7), json!({"score": 7.0, "c.d": 7})), "passed");
    assert_eq!(case(json!(7), json!({"components": {"c.d": 7}})), "passed");
    let failed = case(json!(50), json!({"score": 50}));
    assert_eq!(failed.lines().next(), Some("failed: score: expected 50, got 40"));
    assert!(failed.contains("c_d gives 40 of at most 40"), "{failed}");
}
