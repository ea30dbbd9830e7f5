//! Documents as people write them, wrong in many ways at once.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::time::{Duration, Instant};

use programs::{Format, ProgramDocument, Report, Stage, check};
use proptest::prelude::*;
use serde_json::{Value, json};

const GOOD: &str = r#"slug: gold
name: Gold program
currency: EUR
year: 2026
time_zone: Europe/Berlin
fiscal_year_start: "02-01"
source: [https://vendor.example/guide]
sample: [/tiers/1/benefits/margin_percent]
regions: [{ name: emea, countries: [DE, FR] }]
published_as: [{ program: gold, versions: [v1] }]
facts:
  revenue: { type: number, unit: EUR, default: 0 }
  people: { type: people }
  founded: { type: date }
metrics:
  certified: { people: { holding: [cert_a] } }
  half: { ratio: { of: revenue, to: 2 } }
scores:
  total: { components: [{ name: money, points: { per_unit: { of: revenue, unit: 1000, points: 1 } }, cap: 50 }] }
rules:
  old_enough: { metric: { months_between: { from: founded, to: as_of } }, at_least: 12 }
eligibility:
  - { name: age, requires: old_enough, description: A year old. }
  - { name: certified, kind: preferred, weight: 2, requires: { metric: certified, at_least: 1 } }
tiers:
  - name: Registered
  - name: Gold
    requires: { all: [{ metric: revenue, at_least: 100000 }, { metric: certified, at_least: 2 }] }
    benefits: { protection_days: 90, margin_percent: 12.5, leads: true, support: priority, other: { events: Two tickets } }
evaluation: { cadence: semi_annual, dates: ["01-15", "07-15"], demotion: { grace_days: 90, fall_to: highest_met_in_window } }
examples:
  - name: Just Gold
    as_of: 2026-12-31
    given: { revenue: 100000, people: { ann: [cert_a], bob: [cert_a] }, founded: 2025-12-31 }
    expect: { tier: Gold, certified: 2, score.total.money: 50, half: "50000.00", old_enough: true, eligibility.age: true }
  - name: A euro short
    as_of: 2026-12-31
    given: { revenue: 99999.999, people: { ann: [cert_a], bob: [cert_a] } }
    expect: { tier: Registered, half: 50000, old_enough: null }
    round: 2
"#;

fn yaml(text: &str) -> Report {
    check(text.as_bytes(), Format::Yaml)
}

/// Line, pointer and code of every fault.
fn told(report: &Report) -> Vec<(u32, String, String)> {
    let shown =
        |it: &kernel::Fault| (it.line.unwrap_or_default(), it.pointer.clone().unwrap_or_default(), it.code.clone());
    report.faults.iter().map(shown).collect()
}

fn expect(report: &Report, expected: &[(u32, &str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(line, at, code)| (*line, (*at).to_owned(), (*code).to_owned())).collect();
    assert_eq!(told(report), expected, "{:#?}", report.faults);
}

#[test]
fn a_good_document_is_read_written_and_read_again() {
    let report = yaml(GOOD);
    assert!(report.is_valid() && report.warnings.is_empty(), "{report:#?}");
    let (document, compiled) = report.document.unwrap();
    let written = serde_json::to_vec(&document).unwrap();
    let again = check(&written, Format::Json);
    assert!(again.is_valid(), "{:#?}", again.faults);
    // Once written, it is written the same for ever: versions are known by their digest.
    assert_eq!(serde_json::to_vec(&again.document.unwrap().0).unwrap(), written);
    let (facts, day) = (json!({"revenue": 250_000}), "2026-12-31".parse().unwrap());
    let came = programs::evaluate(&document, &compiled, &facts, day, &["Gold".into(), "half".into()]).unwrap();
    assert_eq!(
        (came.tier.as_deref(), came.scores["total"].components[0].points.number()),
        (Some("Registered"), Some(rules::Number::whole(50)))
    );
    assert!(came.explanations["Gold"].missing.contains(&"people".to_owned()), "{:#?}", came.explanations["Gold"]);
    let wrong = programs::evaluate(&document, &compiled, &json!({"revenue": "x", "revenu": 1}), day, &["x".into()]);
    let places: Vec<_> = wrong.unwrap_err().faults.into_iter().map(|fault| fault.pointer.unwrap()).collect();
    assert_eq!(places, ["/facts/revenu", "/facts/revenue"]);
}

#[test]
fn the_programs_that_come_with_it_are_valid() {
    for name in ["reseller", "referral"] {
        let text = std::fs::read(format!("{}/../../programs/{name}.yaml", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let report = check(&text, Format::Yaml);
        assert!(report.is_valid(), "{name}: {:#?}", report.faults);
    }
}

#[test]
fn everything_is_told_at_once_each_with_its_place() {
    let text = "slug: Not A Slug
nmae: x
time_zone: Europe/Atlantis
facts:
  revenue: { type: number }
  revenue: { type: number }
metrics:
  twice: { sumn: [revenue, revenue] }
tiers:
  - name: Gold
    requires: { metric: revenue, at_leest: 5 }
    benefits: { leads: yes, protection_days: 0 }
deal_registration:
  products: core
";
    let report = yaml(text);
    assert_eq!(report.stage, Some(Stage::Text));
    expect(
        &report,
        &[
            (1, "/name", "required"),
            (1, "/slug", "pattern"),
            (2, "/nmae", "unknown_field"),
            (6, "/facts/revenue", "duplicate"),
            (8, "/metrics/twice", "shape"),
            (11, "/tiers/0/requires", "shape"),
            (12, "/tiers/0/benefits/leads", "type"),
            (12, "/tiers/0/benefits/protection_days", "minimum"),
            (14, "/deal_registration/products", "type"),
        ],
    );
    let words: Vec<&str> = report.faults.iter().map(|fault| fault.detail.as_str()).collect();
    for (at, what) in [
        (2, "did you mean name?"),
        (4, "did you mean `sum`?"),
        (5, "did you mean `at_least`?"),
        (6, "write true or false"),
    ] {
        assert!(words[at].contains(what), "{}", words[at]);
    }
}

#[test]
fn contradictions_are_told_although_other_parts_are_faulty() {
    let text = "slug: a
name: A
facts: { revenue: { type: number, unit: EUR }, heads: { type: number, unit: people } }
rules: { r: { metric: revenu, at_least: 5 } }
tiers:
  - name: Gold
    requires: { metric: revenue, at_least: heads }
  - { name: gold, benefits: { margin_percent: 120 } }
evaluation: { cadence: quarterly, dates: [\"07-15\", \"01-15\"] }
deal_registration: { exclusive_with: [a] }
sample: [/nothing]
";
    let report = yaml(text);
    assert_eq!(report.stage, Some(Stage::Meaning));
    expect(
        &report,
        &[
            (4, "/rules/r/metric", "unknown_name"),
            (7, "/tiers/0/requires", "unit_mismatch"),
            (8, "/tiers/1/name", "duplicate"),
            (8, "/tiers/1/benefits/margin_percent", "out_of_range"),
            (9, "/evaluation/dates", "count"),
            (9, "/evaluation/dates/1", "order"),
            (10, "/deal_registration/exclusive_with/0", "contradiction"),
        ],
    );
    assert!(
        report.warnings.iter().any(|it| it.code == "unknown_pointer" && it.line == Some(11)),
        "{:?}",
        report.warnings
    );
    assert_eq!(report.into_document().unwrap_err().code, kernel::Code::InvalidProgram);
}

#[test]
fn an_example_that_does_not_come_out_says_what_did_and_why() {
    let text = GOOD
        .replace("revenue: 100000, people", "revenue: 99000, people")
        .replace("half: 50000,", "half: 50000, haf: 1,");
    let report = yaml(&text);
    assert_eq!(report.stage, Some(Stage::Examples));
    expect(
        &report,
        &[
            (35, "/examples/0/expect/tier", "example_fails"),
            (35, "/examples/0/expect/half", "example_fails"),
            (39, "/examples/1/expect/haf", "unknown_name"),
        ],
    );
    let words = &report.faults[0].detail;
    assert!(
        words.starts_with("Gold was expected, Registered came out: revenue is 99000 EUR")
            && words.contains("1000 EUR short"),
        "{words}"
    );
    assert!(report.faults[2].detail.contains("did you mean half?"));
    let wrong = GOOD.replace("given: { revenue: 100000,", "given: { revenu: 1, revenue: many,");
    expect(
        &yaml(&wrong),
        &[(34, "/examples/0/given/revenu", "unknown_fact"), (34, "/examples/0/given/revenue", "type")],
    );
}

#[test]
fn what_only_the_types_know_has_its_place_too() {
    for (from, to, place) in [
        ("Europe/Berlin", "Europe/Atlantis", "/time_zone"),
        ("[DE, FR]", "[DE, XX]", "/regions/0/countries/1"),
        ("currency: EUR", "currency: ABC", "/currency"),
        ("\"02-01\"", "\"02-30\"", "/fiscal_year_start"),
        (
            "as_of: 2026-12-31\n    given: { revenue: 100000",
            "as_of: 2026-02-31\n    given: { revenue: 100000",
            "/examples/0/as_of",
        ),
    ] {
        let report = yaml(&GOOD.replace(from, to));
        assert_eq!(report.stage, Some(Stage::Shape), "{to}");
        assert_eq!(told(&report)[0].1, place, "{:#?}", report.faults);
    }
}

#[test]
fn json_and_yaml_are_told_the_same() {
    let value = json!({"slug": "A", "name": "A", "metrics": {"x": {"sumn": [1]}}, "tiers": []});
    let (json, yaml) = (serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap());
    let codes = |report: Report| told(&report).into_iter().map(|(_, at, code)| (at, code)).collect::<Vec<_>>();
    let told = codes(check(json.as_bytes(), Format::Json));
    assert_eq!(told.len(), 3);
    assert_eq!(told, codes(check(yaml.as_bytes(), Format::Yaml)));
}

#[test]
fn the_published_schema_takes_what_the_check_takes() {
    let schema = programs::schema().unwrap();
    assert!(!schema.to_string().contains("#/components/"));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let good = contract::read(GOOD.as_bytes(), Format::Yaml, &programs::check::BOUNDS).unwrap().value;
    let errors: Vec<_> = validator.iter_errors(&good).map(|it| format!("{} {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for wrong in [
        "/slug",
        "/tiers/1/requires",
        "/metrics/half",
        "/eligibility/0/kind",
        "/evaluation/cadence",
        "/examples/0/as_of",
    ] {
        let mut document = good.clone();
        match document.pointer_mut(wrong) {
            Some(place) => *place = json!({"nonsense": 1}),
            None => document["eligibility"][0]["kind"] = json!({"nonsense": 1}),
        }
        assert!(!validator.is_valid(&document), "{wrong}");
    }
}

#[test]
fn hostile_documents_are_refused_quickly_with_a_clear_error() {
    let deep = |n: usize| format!("slug: a\nname: A\nmetrics: {{ x: {}1{} }}\n", "{sum: [".repeat(n), "]}".repeat(n));
    let cycle: String = (0..5_000).map(|at| format!("  m{at}: {{ sum: [m{}, 1] }}\n", (at + 1) % 5_000)).collect();
    let wide: String = (0..20_000).map(|at| format!("  m{at}: {{ sum: [1, 2] }}\n")).collect();
    let wrong: String = (0..20_000).map(|at| format!("  m{at}: {{ sumn: [1] }}\n")).collect();
    let unknown: String = (0..20_000).map(|at| format!("x{at}: 1\n")).collect();
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for at in 1..12 {
        bomb.push_str(&format!("a{at}: &a{at} [{}]\n", format!("*a{},", at - 1).repeat(10)));
    }
    for (what, text, code) in [
        ("10 MB", "# x\n".repeat(2_500_000), "too_large"),
        ("deep flow", "[".repeat(1_000_000), "too_deep"),
        ("deep rules", deep(33), "too_deep"),
        ("deeper rules", deep(200), "too_deep"),
        ("alias bomb", bomb, "too_large"),
        ("cycle", format!("slug: a\nname: A\nmetrics:\n{cycle}"), "too_deep"),
        ("small cycle", "slug: a\nname: A\nmetrics: { x: { sum: [y] }, y: { sum: [x] } }".into(), "cycle"),
        ("anchors in a cycle", "a: &a { b: *a }".into(), "alias"),
        ("huge number", format!("slug: a\nname: A\nmetrics: {{ x: {{ sum: [{}] }} }}", "9".repeat(100_000)), "number"),
        (
            "huge number as text",
            format!("slug: a\nname: A\nmetrics: {{ x: {{ sum: [\"{}\"] }} }}", "9".repeat(100_000)),
            "shape",
        ),
        ("many constructs", format!("slug: a\nname: A\nmetrics:\n{wide}"), "too_large"),
        ("many faults", format!("slug: a\nname: A\nmetrics:\n{wrong}"), "shape"),
        ("many unknown fields", format!("slug: a\nname: A\n{unknown}"), "unknown_field"),
        ("long text", format!("slug: a\nname: {}", "x".repeat(1_000_000)), "too_long"),
    ] {
        let began = Instant::now();
        let report = yaml(&text);
        let took = began.elapsed();
        println!("{what}: {took:?}");
        assert!(!report.is_valid(), "{what}");
        assert!(
            report.faults.iter().any(|fault| fault.code == code),
            "{what}: {:#?}",
            &report.faults[..report.faults.len().min(3)]
        );
        assert!(
            report.faults.len() <= 100 && report.faults.iter().all(|fault| fault.detail.chars().count() <= 1_001),
            "{what}"
        );
        assert!(report.faults.iter().all(|fault| fault.line.is_some()), "{what}");
        // A debug build on a busy machine.
        assert!(took < Duration::from_secs(30), "{what}: {took:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_bytes_are_checked_and_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let report = check(&bytes, Format::Yaml);
        prop_assert!(!report.is_valid() && !report.faults.is_empty());
        check(&bytes, Format::Json);
    }

    /// A good document with a piece cut out, doubled or replaced.
    #[test]
    fn mangled_documents_are_checked_and_do_no_harm(
        from in 0..GOOD.len(), length in 0_usize..60, piece in "([a-z_]{1,8}|[-{}\\[\\]:,&*!|>'\"0-9. \n]{1,8})", twice: bool,
    ) {
        let to = (from + length).min(GOOD.len());
        let cut = &GOOD[from..to];
        let middle = if twice { format!("{cut}{cut}") } else { piece };
        let report = yaml(&format!("{}{middle}{}", &GOOD[..from], &GOOD[to..]));
        prop_assert_eq!(report.faults.is_empty(), report.document.is_some());
        prop_assert!(report.faults.iter().all(|fault| fault.line.is_some() && fault.column.is_some()));
        if let Some((document, _)) = report.document {
            let written = serde_json::to_vec(&document).unwrap();
            let read: ProgramDocument = serde_json::from_slice(&written).unwrap();
            prop_assert_eq!(serde_json::to_vec(&read).unwrap(), written);
        }
    }

    #[test]
    fn arbitrary_values_are_checked_and_do_no_harm(section in "facts|tables|metrics|scores|rules|tiers|eligibility|examples|evaluation",
        value in any_value()) {
        let document = json!({"slug": "a", "name": "A", section: value});
        programs::check_value(&document);
    }
}

/// Values made of the language's own words, most of them nonsense.
fn any_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "sum",
        "ratio",
        "of",
        "to",
        "metric",
        "at_least",
        "all",
        "any",
        "requires",
        "value",
        "name",
        "type",
        "number",
        "records",
        "columns",
        "components",
        "points",
        "cap",
        "paths",
        "people",
        "holding",
        "count",
        "within",
        "trailing",
        "bands",
        "row.x",
        "as_of",
        "score.s",
        "default",
        "by",
        "values",
        "given",
        "expect",
        "tier",
        "cadence",
        "monthly",
        "choose",
        "cases",
    ]);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!("2026-01-31")),
    ];
    leaf.prop_recursive(6, 60, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

#[test]
fn where_facts_come_from_is_checked() {
    let faults = |facts: &str, currency: &str| {
        let report = yaml(&format!("slug: a\nname: A\n{currency}facts:\n  x: {facts}\ntiers: [{{ name: A }}]\n"));
        report
            .faults
            .iter()
            .map(|it| format!("{} {}", it.pointer.as_deref().unwrap_or_default(), it.detail))
            .collect::<Vec<_>>()
    };
    let euros = "currency: EUR\n";
    for right in [
        "{ type: records, source: { engine: registrations }, columns: [{ name: accepted, type: date }] }",
        "{ type: records, source: { engine: transactions }, columns: [{ name: won, type: date }, { name: amount, type: number }] }",
        "{ type: records, source: { observation: transactions }, columns: [{ name: anything, type: text }] }",
        "{ type: people, source: { engine: certificates } }",
        "{ type: boolean, source: { engine: agreement } }",
        "{ type: text, source: { engine: tier } }",
        "{ type: map, source: { observation: revenue } }",
        "{ type: number, source: { manual: fee } }",
    ] {
        assert_eq!(faults(right, euros), Vec::<String>::new(), "{right}");
    }
    for (wrong, told) in [
        (
            "{ type: records, source: { engine: registration }, columns: [{ name: a, type: date }] }",
            "did you mean \"registrations\"?",
        ),
        ("{ type: number, source: { engine: won_registrations } }", "/facts/x/source/engine"),
        ("{ type: number, source: { engine: registrations } }", "must be records"),
        (
            "{ type: records, source: { engine: registrations }, columns: [{ name: aproved, type: date }, { name: closed, type: date }] }",
            "did you mean \"approved\"?",
        ),
        (
            "{ type: records, source: { engine: registrations }, columns: [{ name: status, type: number }] }",
            "must be text",
        ),
        ("{ type: number, source: { observation: registrations } }", "/facts/x/source/observation"),
        ("{ type: list, source: { manual: fee } }", "must be number, text, boolean or date"),
    ] {
        let found = faults(wrong, euros);
        assert!(found.len() == 1 && found[0].contains(told), "{wrong}: {found:?}");
    }
    let amount = "{ type: records, source: { engine: transactions }, columns: [{ name: amount, type: number }] }";
    assert!(faults(amount, "")[0].starts_with("/facts/x/columns/0/unit is required"), "{:?}", faults(amount, ""));
}
