//! What holds for all books and facts.

use chrono::NaiveDate;
use proptest::prelude::*;
use rules::{Explanation, Met, Program, RuleBook};
use serde_json::{Value as Json, json};

use crate::support::{TODAY, day};

const FACTS: [&str; 3] = ["a", "b", "c"];

fn facts_section() -> Json {
    json!({
        "a": {"type": "number"}, "b": {"type": "number"}, "c": {"type": "number"},
        "flag": {"type": "boolean"}, "text": {"type": "text"}, "when": {"type": "date"}, "map": {"type": "map"},
        "list": {"type": "list"}, "people": {"type": "people"},
        "rows": {"type": "records", "columns": [{"name": "at", "type": "date"}, {"name": "n", "type": "number"}, {"name": "t", "type": "text"}]},
    })
}

fn compiled(book: &Json) -> Option<Program> {
    RuleBook::read(book).ok().and_then(|book| Program::compile(&book).ok())
}

/// Expressions that grow with every fact.
fn rising() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        prop::sample::select(FACTS.to_vec()).prop_map(|name| json!(name)),
        (0_i64..50).prop_map(|n| json!(n))
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"sum": of})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"greatest": of})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"least": of})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"first_known": of})),
            (inner.clone(), 1..100_i64, 0..100_i64)
                .prop_map(|(of, reaches, points)| json!({"linear": {"of": of, "reaches": reaches, "points": points}})),
            (inner.clone(), 1..20_i64, any::<bool>()).prop_map(
                |(of, points, whole)| json!({"per_unit": {"of": of, "unit": 7, "points": points, "whole_units": whole}})
            ),
            (inner, 0..100_i64).prop_map(|(of, cap)| json!({"clamp": {"value": of, "at_most": cap}})),
        ]
    })
}

fn ladder() -> impl Strategy<Value = Json> {
    let threshold = (rising(), -20_i64..200).prop_map(|(metric, least)| json!({"metric": metric, "at_least": least}));
    let rule = prop::collection::vec(threshold, 1..4);
    let group = (rule, 0..3_u8).prop_map(|(rules, how)| match how {
        0 => json!({"all": rules}),
        1 => json!({"any": rules}),
        _ => json!({"at_least_of": {"count": 1, "of": rules}}),
    });
    prop::collection::vec(group, 1..5).prop_map(|rules| {
        let tiers: Vec<Json> = rules
            .into_iter()
            .enumerate()
            .map(|(at, rule)| json!({"name": format!("T{at}"), "requires": rule}))
            .collect();
        json!({"facts": facts_section(), "tiers": tiers})
    })
}

fn rank(program: &Program, facts: &Json) -> usize {
    let facts = program.read_facts(facts).unwrap();
    let outcome = program.evaluate(&facts, day(TODAY));
    let tier = outcome.tier();
    tier.map_or(0, |tier| outcome.tiers().position(|(name, _)| name == tier).unwrap() + 1)
}

fn name() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        "a",
        "b",
        "flag",
        "text",
        "when",
        "map",
        "map.k",
        "list",
        "people",
        "rows",
        "row.n",
        "row.at",
        "outer.t",
        "m",
        "r",
        "score.s",
        "score.s.p",
        "as_of",
        "nothing",
        "\"",
        "a..b",
    ])
    .prop_map(|name| json!(name))
}

/// Any expression, mostly of the right form, often of the wrong kind.
fn wild() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![4 => name(), 1 => any::<i32>().prop_map(|n| json!(n)), 1 => Just(json!("2024-02-29")), 1 => Just(json!("1000000000000000000")), 1 => Just(json!("1/999999999989"))];
    leaf.prop_recursive(4, 20, 3, |inner| {
        let rows = (inner.clone(), inner.clone(), 0..6_u8).prop_map(|(of, value, window)| {
            let within = match window {
                0 => json!({"trailing": {"months": 12}}),
                1 => json!({"previous": "fiscal_year"}),
                2 => json!({"months_back": {"from": 12, "to": 1}}),
                3 => json!({"between": {"from": "when"}}),
                _ => Json::Null,
            };
            json!({"of": of, "value": value, "within": within})
        });
        let aggregate = prop::sample::select(vec!["count_distinct", "total", "average", "median", "highest", "latest", "time_weighted_average"]);
        prop_oneof![
            (prop::sample::select(vec!["sum", "product", "greatest", "least", "first_known"]), prop::collection::vec(inner.clone(), 1..4)).prop_map(|(key, of)| json!({ key: of })),
            (inner.clone(), inner.clone()).prop_map(|(of, to)| json!({"ratio": {"of": of, "to": to}})),
            (inner.clone(), inner.clone()).prop_map(|(now, before)| json!({"growth_percent": {"now": now, "before": before}})),
            inner.clone().prop_map(|value| json!({"round": {"value": value, "decimals": 3, "mode": "half_even"}})),
            (inner.clone(), inner.clone()).prop_map(|(of, gives)| json!({"bands": {"of": of, "bands": [{"to": 5, "gives": gives}, {"gives": 1}]}})),
            (inner.clone(), inner.clone()).prop_map(|(of, rate)| json!({"rates": {"of": of, "applies": "marginal", "bands": [{"to": 5, "rate": rate}, {"rate": 1}]}})),
            (inner.clone(), inner.clone()).prop_map(|(date, days)| json!({"date_plus": {"date": date, "days": days, "months": days}})),
            (inner.clone(), inner.clone()).prop_map(|(from, to)| json!({"months_between": {"from": from, "to": to}})),
            (aggregate, rows).prop_map(|(key, rows)| json!({ key: rows })),
            (inner.clone(), inner.clone(), inner).prop_map(|(metric, least, then)| json!({"choose": {"cases": [{"when": {"metric": metric, "at_least": least}, "then": then}]}})),
        ]
    })
}

fn window() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        json!({"trailing": {"months": 12}}),
        json!({"trailing": {"days": 1, "until": "when"}}),
        json!({"to_date": "quarter"}),
        json!({"previous": "fiscal_year"}),
        json!({"months_back": {"from": 12, "to": 0}}),
        json!({"between": {"from": "when"}}),
    ])
}

/// Days, built on numbers.
fn date_on(number: impl Strategy<Value = Json> + Clone) -> impl Strategy<Value = Json> {
    let leaf = || {
        prop::sample::select(vec![
            json!("when"),
            json!("as_of"),
            json!("2024-02-29"),
            json!({"lowest": {"of": "rows", "value": "row.at"}}),
        ])
    };
    let unit = prop::sample::select(vec!["month", "quarter", "year", "fiscal_year"]);
    prop_oneof![
        leaf(),
        (leaf(), number).prop_map(|(date, n)| json!({"date_plus": {"date": date, "months": {"round": {"value": n, "decimals": 0, "mode": "up"}}, "days": 3}})),
        (leaf(), unit, any::<bool>()).prop_map(|(date, unit, start)| json!({(if start { "start_of" } else { "end_of" }): {"unit": unit, "date": date}})),
        leaf().prop_map(|date| json!({"next_of": {"days": ["02-29", "07-15"], "after": date}})),
    ]
}

/// Expressions of numbers, over everything that there is, so that most books are whole.
fn numeric() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b", "c", "map.k", "score.s"]).prop_map(|name| json!(name)),
        any::<i64>().prop_map(|n| json!(n % 1_000_000_007)),
        Just(json!("1/999999999989"))
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::sample::select(vec!["sum", "product", "greatest", "least", "first_known"]);
        let aggregate = prop::sample::select(vec!["count_distinct", "total", "average", "median", "highest", "lowest", "latest", "time_weighted_average"]);
        let plain = prop_oneof![
            (several, prop::collection::vec(inner.clone(), 1..4)).prop_map(|(key, of)| json!({ key: of })),
            (inner.clone(), inner.clone()).prop_map(|(of, less)| json!({"difference": {"of": of, "less": less}})),
            (inner.clone(), inner.clone()).prop_map(|(of, to)| json!({"ratio": {"of": of, "to": {"sum": [to, 1]}, "when_zero": 7}})),
            (inner.clone(), inner.clone()).prop_map(|(now, before)| json!({"growth_percent": {"now": now, "before": {"sum": [before, 1]}, "minimum_baseline": 3}})),
            (inner.clone(), inner.clone()).prop_map(|(value, low)| json!({"clamp": {"value": value, "at_least": low, "at_most": 50}})),
            (inner.clone(), inner.clone()).prop_map(|(of, points)| json!({"per_unit": {"of": of, "unit": 3, "points": points, "whole_units": true}})),
            (inner.clone(), inner.clone()).prop_map(|(of, points)| json!({"linear": {"of": of, "reaches": "b", "points": points}})),
        ];
        let banded = prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(of, gives)| json!({"bands": {"of": of, "bands": [{"from": 0, "to": 5, "gives": gives}, {"gives": 1}]}})),
            (inner.clone(), inner.clone(), prop::sample::select(vec!["marginal", "retroactive", "stacked_capped", "stacked_full"]))
                .prop_map(|(of, rate, applies)| json!({"rates": {"of": of, "applies": applies, "bands": [{"to": 5, "rate": rate}, {"rate": 1}]}})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(x, then, other)| json!({"choose": {"cases": [{"when": {"any": ["flag", {"metric": x, "between": {"from": 1, "to": "b", "upper": "excluded"}}]}, "then": then}], "otherwise": other}})),
        ];
        let rows = prop_oneof![
            (aggregate, inner.clone(), window()).prop_map(|(key, n, within)| json!({ key: {"of": "rows", "value": {"product": ["row.n", n]}, "where": {"metric": "row.n", "less_than": n}, "within": within}})),
            inner.clone().prop_map(|n| json!({"count": {"of": "list", "where": {"metric": "row.value", "at_least": n}}})),
            inner.clone().prop_map(|n| json!({"total": {"of": "map", "value": {"sum": ["row.value", n]}}})),
            Just(json!({"count": {"of": "rows", "where": {"metric": "row.n", "at_least": {"highest": {"of": "rows", "value": "row.n", "where": {"metric": "row.t", "equals": "outer.t"}}}}}})),
            Just(json!({"people": {"holding": ["x", "y"], "match": "all", "day": "when"}})),
            Just(json!({"certificates": {"holding": ["x", "y"]}})),
        ];
        let days = (date_on(inner.clone()), date_on(inner), any::<bool>())
            .prop_map(|(from, to, months)| json!({(if months { "months_between" } else { "days_between" }): {"from": from, "to": to}}));
        prop_oneof![3 => plain, 2 => banded, 2 => rows, 1 => days]
    })
}

fn some_facts() -> impl Strategy<Value = Json> {
    let number = || prop_oneof![2 => (-1000_i64..1000).prop_map(|n| json!(n)), 1 => Just(Json::Null), 1 => Just(json!("999999999999999999")), 1 => Just(json!("-22/7"))];
    let rows = prop::collection::vec((number(), 1..28_u32), 0..4).prop_map(|rows| {
        json!(rows.into_iter().map(|(n, at)| json!([format!("2024-02-{at:02}"), n, "t"])).collect::<Vec<_>>())
    });
    (number(), number(), any::<Option<bool>>(), rows, number()).prop_map(|(a, b, flag, rows, k)| {
        json!({"a": a, "b": b, "flag": flag, "rows": rows, "map": {"k": k}, "when": "2024-02-29", "people": {"ann": ["x"]}, "list": [1, null, 3]})
    })
}

fn agrees(told: &Explanation) -> bool {
    let consistent = match told.outcome {
        Some(met) => met == Met::from(&told.value),
        None => true,
    };
    consistent && told.children.iter().all(agrees)
}

/// Evaluates and explains everything that the book names; whether the explanations agree.
fn holds_together(book: &Json, facts: &Json, as_of: NaiveDate) -> Result<(), TestCaseError> {
    let Some(program) = compiled(book) else { return Ok(()) };
    let facts = program.read_facts(facts).unwrap();
    let outcome = program.evaluate(&facts, as_of);
    for (tier, met) in outcome.tiers() {
        let told = program.explain_tier(tier, &facts, as_of).unwrap();
        prop_assert_eq!(told.outcome, Some(met));
        prop_assert!(agrees(&told));
    }
    for name in ["m", "r", "score.s", "score.s.p"] {
        let told = program.explain(name, &facts, as_of).unwrap();
        let answer = program.answer(name, &facts, as_of).unwrap();
        prop_assert_eq!(&told.value, &answer);
        prop_assert!(agrees(&told));
    }
    serde_json::to_value(&outcome).unwrap();
    Ok(())
}

fn book_of(m: Json, p: Json, r: Json) -> Json {
    json!({
        "facts": facts_section(),
        "metrics": {"m": m},
        "scores": {"s": {"cap": 50, "components": [{"name": "p", "points": p, "cap": 20}, {"name": "q", "points": 3}]}},
        "rules": {"r": {"any": [{"metric": r, "more_than": 5}, {"every_component": {"score": "s", "more_than": 0}}]}},
        "tiers": [{"name": "T", "requires": {"all": ["r", {"metric": "m", "at_least": 1}]}}],
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn more_never_lowers_a_tier(book in ladder(), facts in prop::collection::vec(-10_i64..150, 3), which in 0_usize..3, by in 1_i64..100) {
        let Some(program) = compiled(&book) else { return Ok(()) };
        let given = |facts: &[i64]| json!({"a": facts[0], "b": facts[1], "c": facts[2]});
        let mut more = facts.clone();
        more[which] += by;
        prop_assert!(rank(&program, &given(&more)) >= rank(&program, &given(&facts)));
    }

    #[test]
    fn at_least_includes_its_border(threshold in -1000_i64..1000, under in 1_i64..50) {
        let least = json!(format!("{threshold}/{under}"));
        let book = json!({"facts": facts_section(), "rules": {
            "at_least": {"metric": "a", "at_least": least}, "more_than": {"metric": "a", "more_than": least},
            "at_most": {"metric": "a", "at_most": least}, "less_than": {"metric": "a", "less_than": least},
        }});
        let program = compiled(&book).unwrap();
        let facts = program.read_facts(&json!({"a": least})).unwrap();
        let outcome = program.evaluate(&facts, day(TODAY));
        let met: Vec<bool> = ["at_least", "at_most", "more_than", "less_than"].iter().map(|name| outcome.rule(name) == Some(Met::Met)).collect();
        prop_assert_eq!(met, [true, true, false, false]);
    }

    #[test]
    fn order_does_not_matter(parts in prop::collection::vec(rising(), 1..6), facts in prop::collection::vec(-10_i64..150, 3), turn in 0_usize..6) {
        let book = |parts: &[Json], reversed: bool| {
            let components: Vec<Json> = parts.iter().map(|points| json!({"name": format!("p{}", parts[0].to_string().len()), "points": points})).collect();
            let mut components: Vec<Json> = components.into_iter().enumerate().map(|(at, mut it)| { it["name"] = json!(format!("p{at}")); it }).collect();
            // The same metrics under names whose order is the other way round.
            let names: Vec<String> = (0..parts.len()).map(|at| format!("m{}", if reversed { parts.len() - at } else { at })).collect();
            let metrics: serde_json::Map<String, Json> = names.iter().cloned().zip(parts.iter().cloned()).collect();
            for (component, name) in components.iter_mut().zip(&names) { component["points"] = json!(name); }
            json!({"facts": facts_section(), "metrics": metrics, "scores": {"s": {"cap": 60, "components": components}}})
        };
        let mut turned = parts.clone();
        turned.rotate_left(turn % parts.len());
        let given = json!({"a": facts[0], "b": facts[1], "c": facts[2]});
        let total = |book: &Json| {
            let program = compiled(book).unwrap();
            program.answer("score.s", &program.read_facts(&given).unwrap(), day(TODAY)).unwrap()
        };
        prop_assert_eq!(total(&book(&parts, false)), total(&book(&turned, false)));
        prop_assert_eq!(total(&book(&parts, false)), total(&book(&parts, true)));
    }

    #[test]
    fn no_book_is_too_strange_to_be_checked(m in wild(), p in wild(), r in wild()) {
        let Ok(book) = RuleBook::read(&book_of(m, p, r)) else { return Ok(()) };
        let faults = rules::check(&book);
        prop_assert!(faults.iter().all(|fault| fault.pointer.starts_with('/') && !fault.detail.is_empty()));
        prop_assert_eq!(Program::compile(&book).is_ok(), !faults.iter().any(rules::Fault::is_error));
    }

    #[test]
    fn explanations_agree_with_evaluation(m in numeric(), p in numeric(), r in numeric(), facts in some_facts()) {
        // The metric may use the score, so the score's points must not use it back.
        let p: Json = serde_json::from_str(&p.to_string().replace("score.s", "a")).unwrap();
        holds_together(&book_of(m, p, r), &facts, day(TODAY))?;
    }

    #[test]
    fn days_at_the_ends_of_time(m in numeric(), far in any::<bool>()) {
        let as_of = if far { NaiveDate::MAX } else { NaiveDate::MIN };
        holds_together(&book_of(m, json!("a"), json!("a")), &json!({"a": 1, "when": "9999-12-31", "rows": [["0001-01-01", 5, "t"]]}), as_of)?;
    }

    #[test]
    fn nothing_that_is_no_book_is_taken_for_one(text in "[-{}\\[\\]a-z:, \"0-9.]{0,60}") {
        if let Ok(json) = serde_json::from_str::<Json>(&text) {
            let _ = RuleBook::read(&json).map(|book| rules::check(&book));
        }
    }
}
