use serde_json::json;

use super::*;

fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut diff = Diff { units: units(&[before, after]), changes: Vec::new() };
    diff.compare(&Place::default(), before, after);
    diff.changes
}

fn words(before: &Value, after: &Value) -> Vec<String> {
    changes(before, after).into_iter().map(|change| change.words).collect()
}

fn with_gold(requires: Value) -> Value {
    json!({
        "facts": {"revenue": {"type": "number", "unit": "EUR"}, "people": {"type": "number", "unit": "people"}},
        "tiers": [{"name": "Silver"}, {"name": "Gold", "requires": requires, "benefits": {"protection_days": 90}}]
    })
}

#[test]
fn a_threshold_is_told_with_its_metric_and_unit() {
    let before = with_gold(json!({"metric": "revenue", "at_least": 100_000}));
    let after = with_gold(json!({"metric": "revenue", "at_least": 120_000}));
    assert_eq!(words(&before, &after), ["Gold: revenue at least 100,000 → 120,000 EUR"]);
    let before =
        with_gold(json!({"all": [{"metric": "people", "at_least": 2}, {"metric": "revenue", "at_least": "1500.5"}]}));
    let after =
        with_gold(json!({"all": [{"metric": "revenue", "at_least": 2000}, {"metric": "people", "at_least": 2}]}));
    let change = &changes(&before, &after)[0];
    assert_eq!(change.words, "Gold: revenue at least 1,500.5 → 2,000 EUR");
    assert_eq!((change.pointer.as_str(), change.kind), ("/tiers/1/requires/all/0/at_least", ChangeKind::Changed));
    assert_eq!((&change.before, &change.after), (&Some(json!("1500.5")), &Some(json!(2000))));
}

#[test]
fn a_tier_between_two_others_is_one_tier_more() {
    let tier = |name: &str| json!({"name": name});
    let before = json!({"tiers": [tier("Silver"), tier("Gold")]});
    let after = json!({"tiers": [tier("Silver"), tier("Bronze"), tier("Gold")]});
    assert_eq!(words(&before, &after), ["Bronze (new)"]);
    let back = changes(&after, &before);
    assert_eq!((back[0].words.as_str(), back[0].pointer.as_str(), back.len()), ("Bronze (gone)", "/tiers/1", 1));
}

#[test]
fn policies_and_benefits_are_told_by_their_place() {
    let before = json!({"tiers": [{"name": "Gold", "benefits": {"protection_days": 90}}],
        "deal_registration": {"decision": {"business_days": 2}, "products": ["core", "analytics"]}});
    let after = json!({"tiers": [{"name": "Gold", "benefits": {"protection_days": 120}}],
        "deal_registration": {"decision": {"business_days": 3}, "products": ["core", "security"]}});
    assert_eq!(
        words(&before, &after),
        [
            "Deal registration: decision business days 2 → 3",
            "Deal registration: products security (new)",
            "Deal registration: products analytics (gone)",
            "Gold: protection days 90 → 120",
        ]
    );
}

#[test]
fn the_same_document_has_no_differences() {
    let document = with_gold(json!({"metric": "revenue", "at_least": 1}));
    assert!(changes(&document, &document).is_empty());
}

#[test]
fn thousands_are_told_apart() {
    for (text, shown) in [
        ("999", "999"),
        ("1000", "1,000"),
        ("-1234567.25", "-1,234,567.25"),
        ("2026-01-01", "2026-01-01"),
        ("15/7", "15/7"),
    ] {
        assert_eq!(grouped(text), shown);
    }
}
