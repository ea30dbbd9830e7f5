use crate::support::{answer_on, faults, x};

const FACTS: &str = "facts: {a: {type: number}, b: {type: boolean}, month: {type: text}, d: {type: date}}";

fn of(value: &str, facts: &str) -> String {
    x(&format!("{FACTS}\nmetrics: {{x: {value}}}"), facts)
}

#[test]
fn collect_holds_what_is_met_in_its_order() {
    let book = format!(
        "{FACTS}\nmetrics: {{x: {{collect: {{cases: [{{when: b, then: {{text: two}}}}, {{when: {{metric: a, at_least: 1}}, then: {{text: one}}}}]}}}}}}\n\
         rules: {{has: {{contains: {{list: x, any: [one]}}}}}}"
    );
    let shown = |facts: &str| serde_json::to_string(&answer_on(&book, facts, "x", "2024-01-01")).unwrap();
    assert_eq!(shown("{a: 1, b: true}"), r#"["two","one"]"#);
    assert_eq!(shown("{a: 1}"), r#"["one"]"#, "an unknown condition is not met");
    assert_eq!(shown("{a: 0, b: false}"), "[]");
    assert_eq!(answer_on(&book, "{a: 1}", "has", "2024-01-01").truth(), Some(true));
    let mixed =
        format!("{FACTS}\nmetrics: {{x: {{collect: {{cases: [{{when: b, then: 1}}, {{when: b, then: d}}]}}}}}}");
    assert_eq!(faults(&mixed), ["/metrics/x/collect/cases/1/then type"]);
}

#[test]
fn join_makes_one_text() {
    assert_eq!(of("{join: [{text: 'FY '}, a, {text: ' of '}, d]}", "{a: 2.50, d: 2024-01-31}"), "FY 2.5 of 2024-01-31");
    assert_eq!(of("{join: [month, a]}", "{a: 1}"), "unknown");
    let doubled: String = (1..20).map(|at| format!(", m{at}: {{join: [m{}, m{}]}}", at - 1, at - 1)).collect();
    let book = format!("metrics: {{m0: {{text: word}}{doubled}, x: m19}}");
    assert_eq!(x(&book, "{}"), "unknown", "it does not grow without bound");
}

#[test]
fn a_period_has_a_first_day() {
    for (name, day) in [("2010-03", "2010-03-01"), ("2010-Q3", "2010-07-01"), ("2010", "2010-01-01")] {
        assert_eq!(of("{period_start: month}", &format!("{{month: '{name}'}}")), day);
    }
    for name in ["2010-13", "2010-Q5", "2010-Q0", "2010-3", "20", "2010-03-01", "später", "2010é", "+201-01"] {
        assert_eq!(of("{period_start: month}", &format!("{{month: '{name}'}}")), "unknown", "{name}");
    }
}
