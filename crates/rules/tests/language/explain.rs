use rules::{Explanation, Met, Number, Reference, Unknown, Value};

use crate::support::{TODAY, day, program, yaml};

const BOOK: &str = "
facts: {revenue: {type: number, unit: USD}, people: {type: people}, ok: {type: boolean}}
metrics: {doubled: {product: [revenue, 2]}}
scores: {s: {components: [{name: skills, points: {people: {holding: [a]}}, cap: 5, gate: ok}]}}
rules: {rich: {metric: revenue, at_least: 2100}}
tiers:
  - {name: Base}
  - {name: Gold, requires: {all: [rich, {metric: score.s, at_least: 2}, {metric: doubled, more_than: 10}]}}
";

fn gold(facts: &str) -> Explanation {
    let program = program(BOOK);
    let facts = program.read_facts(&yaml(facts)).unwrap();
    let told = program.explain_tier("Gold", &facts, day(TODAY)).unwrap();
    let met = program.evaluate(&facts, day(TODAY)).tiers().find(|(name, _)| *name == "Gold").unwrap().1;
    assert_eq!(told.outcome, Some(met));
    told
}

fn find<'a>(told: &'a Explanation, construct: &str) -> &'a Explanation {
    fn all<'a>(told: &'a Explanation, found: &mut Vec<&'a Explanation>) {
        found.push(told);
        told.children.iter().for_each(|child| all(child, found));
    }
    let mut found = Vec::new();
    all(told, &mut found);
    found.into_iter().find(|it| it.construct == construct).unwrap()
}

#[test]
fn what_is_short_is_told_with_its_unit() {
    let told = gold("{revenue: 1125, people: {ann: [a], bob: [a]}, ok: true}");
    let comparison = find(&told, "at_least");
    assert_eq!(comparison.gap.unwrap().to_string(), "975");
    assert_eq!(comparison.unit.as_deref(), Some("USD"));
    assert_eq!(comparison.pointer, "/rules/rich");
    assert_eq!(comparison.words, "revenue is 1125 USD; needed is at least 2100 USD: not met: 975 USD short");
    assert_eq!(find(&told, "all").words, "all of 3 are needed: 2 met, so not met");
}

#[test]
fn what_is_missing_is_named() {
    let told = gold("{revenue: 3000, people: {}}");
    assert_eq!(told.outcome, Some(Met::NotMet), "the gate is closed");
    assert_eq!(told.missing, ["ok"]);
    assert_eq!(find(&told, "component").words, "skills gives 0 of at most 5: its gate is not met");
    let told = gold("{people: {ann: [a], bob: [a]}, ok: true}");
    assert_eq!(told.outcome, Some(Met::Unknown));
    assert_eq!(told.missing, ["revenue"]);
    assert_eq!(told.words, "Gold is not met, as far as is known");
}

#[test]
fn of_what_stands_in_for_another_only_what_was_looked_at_is_told() {
    let program = program(
        "facts: {reported: {type: number}, listed: {type: number}, people: {type: people, default: {}}}
metrics: {holders: {first_known: [reported, {people: {holding: [a]}}, listed]}}
tiers: [{name: Gold, requires: {metric: holders, at_least: 3}}]",
    );
    let gold = |facts: &str| {
        let facts = program.read_facts(&yaml(facts)).unwrap();
        program.explain_tier("Gold", &facts, day(TODAY)).unwrap()
    };
    let told = gold("{people: {ann: [a], bob: [a]}}");
    assert_eq!(find(&told, "at_least").words, "holders is 2; needed is at least 3: not met: 1 short");
    let first = find(&told, "first_known");
    let constructs: Vec<&str> = first.children.iter().map(|child| child.construct.as_str()).collect();
    assert_eq!(constructs, ["name", "people"]);
    assert_eq!(first.taken().unwrap().evidence.as_ref().unwrap().rows.len(), 2);
    assert!(told.missing.is_empty(), "it does not depend on what was not reported: {:?}", told.missing);
    let told = gold("{reported: 1, people: {ann: [a], bob: [a]}}");
    let first = find(&told, "first_known");
    assert_eq!((first.children.len(), first.taken().unwrap().label.as_str()), (1, "reported"));
    assert_eq!(find(&told, "at_least").gap.unwrap().to_string(), "2");
}

#[test]
fn names_are_explained_by_name() {
    let program = program(BOOK);
    let facts = program.read_facts(&yaml("{revenue: 7}")).unwrap();
    let told = |name: &str| program.explain(name, &facts, day(TODAY));
    assert_eq!(told("doubled").unwrap().words, "doubled is 14");
    assert_eq!(told("rich").unwrap().outcome, Some(Met::NotMet));
    assert_eq!(told("score.s.skills").unwrap().children[0].construct, "component");
    assert!(told("nothing").is_none());
    let json = serde_json::to_value(told("rich").unwrap()).unwrap();
    assert_eq!(json["children"][0]["gap"], 2093);
}

#[test]
fn a_name_is_explained_once() {
    // Each name uses the next one twice: told in full, that would be 2^24 nodes.
    let links: Vec<String> = (0..24).map(|at| format!("m{at:02}: {{sum: [m{:02}, m{:02}]}}", at + 1, at + 1)).collect();
    let program = program(&format!("facts: {{f: {{type: number}}}}\nmetrics: {{{}, m24: f}}", links.join(", ")));
    let facts = program.read_facts(&yaml("{f: 1}")).unwrap();
    let told = program.explain("m00", &facts, day(TODAY)).unwrap();
    assert_eq!(told.value.to_string(), "16777216");
    assert!(serde_json::to_string(&told).unwrap().len() < 100_000);
}

#[test]
fn what_counted_is_named() {
    let program = program(
        "
facts:
  deals: {type: records, columns: [{name: won, type: date}, {name: amount, type: number}]}
  level: {type: number}
metrics:
  sold: {total: {of: deals, value: row.amount, within: {trailing: {months: 12}}}}
rules: {either: {at_least_of: {count: 2, of: [{metric: sold, at_least: 1}, {metric: level, at_least: 1}]}}}
",
    );
    let row = |won: &str, amount: i64| [Value::Date(day(won)), Value::Number(Number::whole(amount))];
    let named = |id: &str, note: Option<&str>| Reference { id: id.into(), note: note.map(Into::into) };
    let (mut cells, mut references) = (Vec::new(), Vec::new());
    for at in 0..60 {
        cells.extend(row("2024-08-01", 10));
        references.push(named(&format!("deal {at}"), None));
    }
    cells.extend(row("2020-01-01", 1000));
    references.push(named("long ago", None));
    cells.extend([Value::Date(day("2024-08-02")), Value::Unknown(Unknown::Missing)]);
    references.push(named("elsewhere", Some("is in USD, not in EUR")));
    let mut builder = program.builder();
    builder.rows(program.place("deals").unwrap(), cells, references);
    builder.set(program.place("level").unwrap(), Value::Number(Number::ONE), vec![named("an observation", None)]);
    let facts = builder.finish();
    let told = program.explain("either", &facts, day(TODAY)).unwrap();
    let total = find(&told, "total");
    let evidence = total.evidence.as_ref().unwrap();
    assert_eq!((total.value.to_string().as_str(), evidence.rows.len(), evidence.more), ("600", 50, 11));
    assert_eq!((evidence.rows[0].reference.as_str(), evidence.rows[0].day), ("deal 0", Some(day("2024-08-01"))));
    let window = total.window.unwrap();
    assert_eq!((window.from, window.to), (Some(day("2023-08-16")), Some(day(TODAY))));
    assert_eq!(find(&told, "at_least_of").threshold, Some(Value::Number(Number::whole(2))));
    let level = program.explain("level", &facts, day(TODAY)).unwrap();
    assert_eq!(level.evidence.unwrap().rows[0].reference, "an observation");
    // Facts that came as a text have no references, and read back they are the same.
    let json = program.facts_as_json(&facts);
    let read = program.read_facts(&json).unwrap();
    assert_eq!(program.facts_as_json(&read), json);
    let told = program.explain("either", &read, day(TODAY)).unwrap();
    assert_eq!(
        (find(&told, "total").evidence.clone(), find(&told, "total").value.clone()),
        (None, total.value.clone())
    );
}
