use crate::support::{TODAY, answer_on};

const FACTS: &str = "facts: {n: {type: number}, t: {type: text}, sure: {type: boolean}, never: {type: boolean}, open: {type: boolean}, d: {type: date}, l: {type: list, of: text}}\n";
const GIVEN: &str = "{n: 10, t: smb, sure: true, never: false, d: 2024-05-01, l: [a, b]}";

fn of(rule: &str) -> String {
    answer_on(&format!("{FACTS}rules: {{x: {rule}}}"), GIVEN, "x", TODAY).to_string()
}

#[test]
fn comparisons_and_their_borders() {
    for (comparison, at_9, at_10, at_11) in [
        ("at_least", "true", "true", "false"),
        ("more_than", "true", "false", "false"),
        ("at_most", "false", "true", "true"),
        ("less_than", "false", "false", "true"),
        ("equals", "false", "true", "false"),
        ("not_equals", "true", "false", "true"),
    ] {
        for (threshold, expected) in [("9", at_9), ("10", at_10), ("11", at_11)] {
            assert_eq!(of(&format!("{{metric: n, {comparison}: {threshold}}}")), expected, "{comparison} {threshold}");
        }
    }
    assert_eq!(of("{metric: n, between: {from: 10, to: 11, upper: excluded}}"), "true");
    assert_eq!(of("{metric: n, between: {from: 9, to: 10, upper: excluded}}"), "false");
    assert_eq!(of("{metric: n, between: {from: 9, to: 10, upper: included}}"), "true");
    assert_eq!(of("{metric: d, at_least: 2024-05-01}"), "true");
    assert_eq!(of("{metric: d, more_than: {date_plus: {months: -3}}}"), "false");
}

#[test]
fn words_are_texts_where_only_values_stand() {
    assert_eq!(of("{metric: t, is: smb}"), "true");
    assert_eq!(of("{metric: t, equals: {text: smb}}"), "true");
    assert_eq!(of("{metric: t, one_of: [enterprise, smb]}"), "true");
    assert_eq!(of("{metric: n, one_of: [9, '10']}"), "true");
    assert_eq!(of("{metric: sure, is: true}"), "true");
    assert_eq!(of("{contains: {list: l, any: [z, b]}}"), "true");
    assert_eq!(of("{contains: {list: l, all: [z, b]}}"), "false");
}

#[test]
fn groups_follow_kleene() {
    for (group, expected) in [
        ("{all: [sure, sure]}", "true"),
        ("{all: [sure, open]}", "unknown"),
        ("{all: [never, open]}", "false"),
        ("{any: [never, open]}", "unknown"),
        ("{any: [sure, open]}", "true"),
        ("{none: [never, never]}", "true"),
        ("{none: [never, open]}", "unknown"),
        ("{none: [sure, open]}", "false"),
        ("{not: open}", "unknown"),
        ("{not: never}", "true"),
        ("{at_least_of: {count: 2, of: [sure, sure, open]}}", "true"),
        ("{at_least_of: {count: 2, of: [sure, never, open]}}", "unknown"),
        ("{at_least_of: {count: 2, of: [sure, never, never]}}", "false"),
        ("{at_least_of: {count: 1, of: [sure, never], including: {any: [never, sure]}}}", "true"),
        ("{at_least_of: {count: 1, of: [sure, never], including: never}}", "false"),
        ("{at_least_of: {count: 1, of: [sure, never], including: open}}", "unknown"),
    ] {
        assert_eq!(of(group), expected, "{group}");
    }
}

#[test]
fn a_rule_has_a_name_and_may_have_words() {
    let book = format!(
        "{FACTS}rules: {{big: {{description: d, requires: {{metric: n, at_least: 5}}}}, x: {{all: [big, sure]}}}}"
    );
    assert_eq!(answer_on(&book, GIVEN, "x", TODAY).to_string(), "true");
}
