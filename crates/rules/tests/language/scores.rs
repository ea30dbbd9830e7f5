use crate::support::{number, points, program, tier};

const BOOK: &str = "
facts: {a: {type: number}, b: {type: number}, c: {type: number}, ok: {type: boolean}, track: {type: text}}
scores:
  s:
    cap: 100
    components:
      - name: skilling
        cap: 40
        components:
          - {name: basic, points: a, cap: 30}
          - {name: advanced, points: b, cap: 20, gate: ok}
      - {name: growth, points: c, cap: 70}
  other:
    components: [{name: growth, points: {product: [c, 2]}}, {name: optional, points: b, applies: ok}]
  losses: {components: [{name: net, points: a, floor: -10}]}
  best: {paths: [s, other]}
  given: {paths: [s, other], choose: {by: track}}
rules:
  every: {every_component: {score: s, more_than: 0}}
  every_but: {every_component: {score: s, more_than: 0, except: [skilling]}}
  topmost: {every_component: {score: s, at_least: 5, level: outermost}}
  applying: {every_component: {score: other, more_than: 0}}
  chosen: {every_component: {score: best, more_than: 0}}
tiers: [{name: none}, {name: some, requires: {all: [{metric: score.best, at_least: 70}, chosen]}}]
";

#[test]
fn caps_are_nested_and_joint() {
    let program = program(BOOK);
    let of = |facts: &str, name: &str| points(&program, facts, name);
    assert_eq!(of("{a: 35, b: 35, c: 99, ok: true}", "score.s.skilling.basic"), number("30"));
    assert_eq!(of("{a: 35, b: 35, c: 99, ok: true}", "score.s.skilling.advanced"), number("20"));
    assert_eq!(of("{a: 35, b: 35, c: 99, ok: true}", "score.s.skilling"), number("40"));
    assert_eq!(of("{a: 35, b: 35, c: 99, ok: true}", "score.s"), number("100"));
    assert_eq!(of("{a: 1, c: 60}", "score.s"), number("61"));
}

#[test]
fn a_gate_that_is_not_met_or_not_known_gives_nothing() {
    let program = program(BOOK);
    assert_eq!(points(&program, "{a: 1, b: 9, c: 1, ok: false}", "score.s"), number("2"));
    assert_eq!(points(&program, "{a: 1, b: 9, c: 1}", "score.s"), number("2"));
}

#[test]
fn there_are_no_negative_points_unless_the_floor_says_so() {
    let program = program(BOOK);
    assert_eq!(points(&program, "{a: -5, c: 3}", "score.s"), number("3"));
    assert_eq!(points(&program, "{a: -5}", "score.losses"), number("-5"));
    assert_eq!(points(&program, "{a: -50}", "score.losses"), number("-10"));
}

#[test]
fn every_component_looks_at_what_applies() {
    let program = program(BOOK);
    let of = |facts: &str, name: &str| points(&program, facts, name).to_string();
    assert_eq!(of("{a: 1, b: 1, c: 1, ok: true}", "every"), "true");
    assert_eq!(of("{a: 1, b: 1, c: 1, ok: false}", "every"), "false");
    assert_eq!(of("{a: 1, b: 1, ok: true}", "every"), "unknown");
    assert_eq!(of("{c: 1}", "every_but"), "true");
    assert_eq!(of("{a: 3, b: 2, c: 5, ok: true}", "topmost"), "true");
    assert_eq!(of("{a: 2, b: 2, c: 5, ok: true}", "topmost"), "false");
    assert_eq!(of("{b: 0, c: 1, ok: false}", "applying"), "true");
    assert_eq!(of("{b: 0, c: 1, ok: true}", "applying"), "false");
}

#[test]
fn one_path_counts_in_full_and_never_a_mix() {
    let program = program(BOOK);
    // s: 30 + 35 = 65; other: 70, but its optional component has none.
    assert_eq!(points(&program, "{a: 30, b: 0, c: 35, ok: false}", "score.best"), number("70"));
    assert_eq!(points(&program, "{a: 30, b: 0, c: 35, ok: false}", "score.best.growth"), number("70"));
    assert_eq!(points(&program, "{a: 30, c: 35, track: s}", "score.given"), number("65"));
    assert_eq!(points(&program, "{a: 30, c: 35, track: nowhere}", "score.given").to_string(), "unknown");
    assert_eq!(tier(&program, "{a: 30, b: 0, c: 35, ok: false}").unwrap(), "some");
    // The mix of the better components would do; neither path alone does.
    assert_eq!(tier(&program, "{a: 30, b: 0, c: 35, ok: true}").unwrap(), "none");
}

#[test]
fn of_equal_paths_the_first_named_counts() {
    let book = "facts: {a: {type: number}}
scores: {second: {components: [{name: p, points: a}]}, first: {components: [{name: p, points: a}]}, best: {paths: [second, first]}}";
    let program = program(book);
    let facts = program.read_facts(&crate::support::yaml("{a: 5}")).unwrap();
    let outcome = program.evaluate(&facts, crate::support::day(crate::support::TODAY));
    assert_eq!(outcome.score("best").unwrap().path(), Some("second"));
    assert_eq!(serde_json::to_value(&outcome).unwrap()["scores"]["best"]["total"], 5);
}
