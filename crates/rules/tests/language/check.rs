use crate::support::{faults, program, words};

const FACTS: &str = "facts:
  revenue: {type: number, unit: EUR}
  staff: {type: number, unit: people}
  name: {type: text}
  ok: {type: boolean}
  since: {type: date}
  team: {type: people}
  deals: {type: records, columns: [{name: won, type: date}, {name: lost, type: date}, {name: amount, type: number}]}
scores: {s: {cap: 100, components: [{name: one, points: revenue, cap: 30}, {name: two, points: staff, cap: 20}]}}
";

fn metric(value: &str) -> Vec<String> {
    faults(&format!("{FACTS}metrics: {{x: {value}}}"))
}

fn rule(value: &str) -> Vec<String> {
    faults(&format!("{FACTS}rules: {{x: {value}}}"))
}

fn one(found: &[String], expected: &str) {
    assert_eq!(found, [expected]);
}

#[test]
fn all_faults_are_told_at_once_with_their_places() {
    let book = "facts: {a: {type: number}, a_b: {type: nonsense}}
metrics: {x: {sum: [a, nothing]}, y: {plus: [1]}, z: {difference: {of: a, les: 1}}}
tiers: [{name: T, requires: {metric: a, at_leest: 5}}]";
    assert_eq!(
        faults(book),
        ["/facts/a_b/type shape", "/metrics/y shape", "/metrics/z/difference/les shape", "/tiers/0/requires shape"]
    );
    let book = "facts: {revenue: {type: number}, name: {type: text}}
metrics: {x: {sum: [revenu, name]}, y: {linear: {of: revenue, reaches: 0, points: 5}}}
rules: {r: {any: []}}";
    assert_eq!(
        faults(book),
        [
            "/metrics/x/sum/0 unknown_name",
            "/metrics/x/sum/1 type",
            "/metrics/y/linear/reaches minimum",
            "/rules/r/any empty"
        ]
    );
    assert!(words(book).contains("did you mean \"revenue\"?"), "{}", words(book));
}

#[test]
fn what_may_stand_in_for_another_is_of_its_kind() {
    one(&metric("{first_known: []}"), "/metrics/x/first_known empty");
    one(&metric("{first_known: [revenue, name]}"), "/metrics/x/first_known/1 type");
    one(&metric("{first_known: [revenue, staff]}"), "/metrics/x/first_known unit_mismatch");
    one(&metric("{first_known: [nothing, staff]}"), "/metrics/x/first_known/0 unknown_name");
    one(&metric(&format!("{{first_known: [{}]}}", "1, ".repeat(501))), "/metrics/x/first_known length");
    assert_eq!(metric("{first_known: [staff, {people: {holding: [a]}}]}"), [""; 0]);
    // It lies between the ends of all of them.
    let tier = |least: u32| {
        let rule =
            format!("{{metric: {{first_known: [{{clamp: {{value: revenue, at_most: 5}}}}, 9]}}, at_least: {least}}}");
        faults(&format!("{FACTS}tiers: [{{name: T, requires: {rule}}}]"))
    };
    assert_eq!(tier(9), [""; 0]);
    assert_eq!(tier(10), ["/tiers/0/requires/at_least never_met", "/tiers/0/requires unreachable"]);
}

#[test]
fn certificates_are_each_counted() {
    assert_eq!(metric("{certificates: {holding: [a, b]}}"), [""; 0]);
    one(&metric("{certificates: {holding: [a], match: all}}"), "/metrics/x/certificates/match meaningless");
    one(&metric("{certificates: {holding: []}}"), "/metrics/x/certificates/holding empty");
}

#[test]
fn names() {
    one(&metric("nothing"), "/metrics/x unknown_name");
    one(&metric("s"), "/metrics/x unknown_name");
    one(&metric("score.t"), "/metrics/x unknown_name");
    one(&metric("score.s.three"), "/metrics/x unknown_name");
    one(&metric("revenue.now"), "/metrics/x type");
    one(&metric("row.amount"), "/metrics/x unknown_name");
    one(&metric("{lookup: {table: t, by: [name]}}"), "/metrics/x/lookup/table unknown_name");
    one(&faults("facts: {row: {type: number}}"), "/facts/row reserved");
    one(&faults("facts: {Upper: {type: number}}"), "/facts/Upper name");
    one(&faults("facts: {a: {type: number}}\nmetrics: {a: 1}"), "/metrics/a duplicate");
    one(
        &faults("facts: {a: {type: number}}\nscores: {s: {components: [{name: p, points: a}, {name: p, points: a}]}}"),
        "/scores/s/components/1/name duplicate",
    );
    one(&faults("tiers: [{name: A}, {name: a, requires: true}]"), "/tiers/1/name duplicate");
    one(&faults("nonsense: {}"), "/nonsense unknown_field");
}

#[test]
fn kinds_and_units() {
    one(&rule("{metric: name, at_least: 5}"), "/rules/x/metric type");
    one(&rule("{metric: name, is: true}"), "/rules/x/is type");
    one(&rule("{metric: since, at_least: 5}"), "/rules/x/at_least type");
    one(&rule("{metric: deals, equals: 5}"), "/rules/x type");
    one(&rule("revenue"), "/rules/x type");
    one(&rule("{metric: revenue, at_least: staff}"), "/rules/x unit_mismatch");
    one(&metric("{sum: [revenue, staff]}"), "/metrics/x/sum unit_mismatch");
    one(&metric("deals"), "/metrics/x type");
    one(&metric("{total: {of: deals, within: {to_date: year}}}"), "/metrics/x/total/day required");
    one(&metric("{count: {of: deals, value: row.amount}}"), "/metrics/x/count/value meaningless");
    one(&metric("{choose: {cases: [{when: ok, then: 1}], otherwise: {text: a}}}"), "/metrics/x/choose/otherwise type");
    assert!(metric("{ratio: {of: revenue, to: staff}}").is_empty(), "units may be divided");
}

#[test]
fn cycles_are_told_with_their_path() {
    let book = "metrics: {a: {sum: [b, 1]}, b: {product: [c, 2]}, c: {sum: [a]}}";
    one(&faults(book), "/metrics/c/sum/0 cycle");
    assert!(words(book).contains("a → b → c → a"), "{}", words(book));
    let score = "facts: {f: {type: number}}\nscores: {s: {components: [{name: p, points: f, gate: {metric: score.s, at_least: 1}}]}}";
    one(&faults(score), "/scores/s/components/0/gate/metric cycle");
}

#[test]
fn bands_in_order_and_without_gaps() {
    let bands = |bands: &str| metric(&format!("{{bands: {{of: revenue, bands: {bands}}}}}"));
    one(&bands("[{from: 0, to: 5, gives: 1}, {from: 6, gives: 2}]"), "/metrics/x/bands/bands/1 band_gap");
    one(&bands("[{from: 0, to: 5, gives: 1}, {from: 4, gives: 2}]"), "/metrics/x/bands/bands/1 band_overlap");
    one(&bands("[{from: 5, to: 5, gives: 1}]"), "/metrics/x/bands/bands/0 band_order");
    one(&bands("[{gives: 1}, {gives: 2}]"), "/metrics/x/bands/bands/1 required");
    one(&bands("[]"), "/metrics/x/bands/bands empty");
    assert!(metric("{bands: {of: revenue, bands: [{to: 5, gives: 1}, {from: 6, gives: 2}], outside: 0}}").is_empty());
}

#[test]
fn groups_that_mean_nothing() {
    one(&rule("{at_least_of: {count: 3, of: [ok, ok]}}"), "/rules/x/at_least_of/count count");
    one(&rule("{all: []}"), "/rules/x/all empty");
    one(&rule("{metric: revenue}"), "/rules/x comparison");
    one(&rule("{metric: revenue, at_least: 1, at_most: 2}"), "/rules/x comparison");
    one(&rule("{every_component: {score: s}}"), "/rules/x/every_component required");
    one(
        &rule("{every_component: {score: s, more_than: 0, except: [three]}}"),
        "/rules/x/every_component/except/0 unknown_name",
    );
}

#[test]
fn tiers_that_nobody_can_reach() {
    let tier = |rule: &str| faults(&format!("{FACTS}tiers: [{{name: None}}, {{name: T, requires: {rule}}}]"));
    // The components' caps add up to 50.
    assert_eq!(
        tier("{metric: score.s, at_least: 51}"),
        ["/tiers/1/requires/at_least never_met", "/tiers/1/requires unreachable"]
    );
    assert!(tier("{metric: score.s, at_least: 50}").is_empty());
    assert_eq!(
        tier("{all: [{metric: score.s.two, more_than: 20}, ok]}"),
        ["/tiers/1/requires/all/0/more_than never_met", "/tiers/1/requires unreachable"]
    );
    assert_eq!(
        tier("{all: [{metric: revenue, at_least: 10}, ok, {metric: revenue, less_than: 10}]}"),
        ["/tiers/1/requires/all/2 contradiction", "/tiers/1/requires unreachable"]
    );
    assert_eq!(tier("{every_component: {score: s, at_least: 21}}"), ["/tiers/1/requires unreachable"]);
    // The upper end may lie anywhere, so the score may be reached.
    let moving = format!(
        "{FACTS}metrics: {{x: {{clamp: {{value: {{clamp: {{value: revenue, at_most: 10}}}}, at_least: staff}}}}}}
tiers: [{{name: T, requires: {{metric: x, at_least: 20}}}}]"
    );
    assert_eq!(faults(&moving), ["/metrics/x/clamp unit_mismatch"]);
    assert!(faults(&moving.replace("staff}", "{product: [staff, 1]}}")).is_empty());
    assert!(tier("{any: [{metric: score.s, at_least: 51}, ok]}").iter().all(|fault| fault.ends_with("never_met")));
}

#[test]
fn a_tier_that_asks_less_than_the_one_below_is_a_warning() {
    let book = format!(
        "{FACTS}tiers: [{{name: A, requires: {{all: [{{metric: revenue, at_least: 10}}, ok]}}}}, {{name: B, requires: {{metric: revenue, at_least: 9}}}}]"
    );
    assert_eq!(faults(&book), ["/tiers/1/requires weaker_than_below"]);
    assert_eq!(program(&book).warnings().len(), 1);
}

#[test]
fn what_is_too_deep_or_too_large_is_refused() {
    let deep = |levels: usize| {
        let sums = format!("{}1{}", "{\"sum\": [".repeat(levels), "]}".repeat(levels));
        let json = serde_json::from_str(&format!("{{\"metrics\": {{\"x\": {sums}}}}}")).unwrap();
        rules::check(&rules::RuleBook::read(&json).unwrap())
    };
    assert!(deep(32).is_empty());
    assert!(deep(33).iter().any(|fault| fault.code == "too_deep"));
    let chain = |length: usize| {
        let links: Vec<String> = (0..length).map(|at| format!("m{at:05}: {{sum: [m{:05}]}}", at + 1)).collect();
        format!("metrics: {{{}, m{length:05}: 1}}", links.join(", "))
    };
    // As long as it may be, it is computed and explained on a small stack.
    let long = chain(99);
    assert_eq!(crate::support::answer_on(&long, "{}", "m00000", crate::support::TODAY).to_string(), "1");
    let program = program(&long);
    let told = program.explain(
        "m00000",
        &program.read_facts(&crate::support::yaml("{}")).unwrap(),
        crate::support::day("2024-01-01"),
    );
    assert_eq!(told.unwrap().value.to_string(), "1");
    assert!(faults(&chain(5000)).iter().any(|fault| fault.ends_with("too_deep")));
    let links: Vec<String> = (1..5000).map(|at| format!("m{at:05}: m{:05}", at - 1)).collect();
    let aliases = format!("metrics: {{m00000: 1, {}}}", links.join(", "));
    assert!(faults(&aliases).iter().any(|fault| fault.ends_with("too_deep")));
    let wide = format!("{{sum: [{}]}}", vec!["1"; 501].join(", "));
    one(&metric(&wide), "/metrics/x/sum length");
}

#[test]
fn facts_are_read_against_what_the_book_declares() {
    let program = program(FACTS);
    let read = |json: &str| {
        let faults = program.read_facts(&crate::support::yaml(json)).unwrap_err();
        faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    assert_eq!(
        read("{revenue: much, staff: true, ok: 1, since: yesterday, unknown: 5}"),
        ["/ok type", "/revenue type", "/since type", "/staff type", "/unknown unknown_fact"]
    );
    assert_eq!(
        read("{deals: [[2024-01-01], {wonn: 1}], team: {ann: [5, {valid_to: 2024-01-01}], bob: x}}"),
        ["/deals/0 length", "/deals/1/wonn unknown_column", "/team/ann/0 type", "/team/ann/1 type", "/team/bob type"]
    );
    assert!(program.read_known_facts(&crate::support::yaml("{unknown: 5}")).is_ok());
    one(&faults("facts: {a: {type: number, default: x}}"), "/facts/a/default type");
    one(&faults("facts: {a: {type: records}}"), "/facts/a/columns required");
}

#[test]
fn tables_are_as_deep_as_they_have_keys() {
    one(&faults("tables: {t: {by: [a, b], values: {x: 1}}}"), "/tables/t/values/x depth");
    one(&faults("tables: {t: {by: [a], values: {x: many}}}"), "/tables/t/values/x type");
}
