use crate::support::x;

const FACTS: &str = "facts: {a: {type: number}, b: {type: number}, t: {type: text}, m: {type: map}}\n";

fn of(value: &str, facts: &str) -> String {
    x(
        &format!(
            "{FACTS}tables: {{fee: {{by: [tier, market], values: {{Gold: {{mature: 10000, growth: 7500}}}}}}}}\nmetrics: {{x: {value}}}"
        ),
        facts,
    )
}

#[test]
fn arithmetic_is_exact() {
    assert_eq!(of("{sum: [a, b, 0.1]}", "{a: 0.2, b: '15/7'}"), "171/70");
    assert_eq!(of("{difference: {of: a, less: b}}", "{a: 3, b: 5}"), "-2");
    assert_eq!(of("{product: [a, '1/3', 3]}", "{a: 7}"), "7");
    assert_eq!(of("{ratio: {of: a, to: b}}", "{a: 1, b: 3}"), "1/3");
    assert_eq!(of("{round: {value: a, decimals: 2, mode: half_even}}", "{a: '20/3'}"), "6.67");
    assert_eq!(of("{round: {value: a, decimals: 0, mode: half_even}}", "{a: 2.5}"), "2");
    assert_eq!(of("{round: {value: a, decimals: 0, mode: half_up}}", "{a: -2.5}"), "-3");
}

#[test]
fn a_zero_denominator_is_the_programs_choice() {
    assert_eq!(of("{ratio: {of: a, to: b}}", "{a: 1, b: 0}"), "unknown");
    assert_eq!(of("{ratio: {of: a, to: b, when_zero: 1}}", "{a: 7, b: 0}"), "1");
}

#[test]
fn growth_in_percent() {
    let growth = "{growth_percent: {now: a, before: b, minimum_baseline: 50000, when_zero: 0}}";
    assert_eq!(of(growth, "{a: 56000, b: 50000}"), "12");
    assert_eq!(of(growth, "{a: 56000, b: 49999}"), "0");
    assert_eq!(of("{growth_percent: {now: a, before: b}}", "{a: 90, b: 100}"), "-10");
    assert_eq!(of("{growth_percent: {now: a, before: b}}", "{a: 90, b: 0}"), "unknown");
}

#[test]
fn what_is_unknown_is_skipped_only_where_it_is_said() {
    assert_eq!(of("{sum: [a, b]}", "{a: 3}"), "3");
    assert_eq!(of("{sum: [a, b]}", "{}"), "unknown");
    assert_eq!(of("{greatest: [a, b]}", "{b: 4}"), "4");
    assert_eq!(of("{least: [a, b, 9]}", "{}"), "9");
    assert_eq!(of("{difference: {of: a, less: b}}", "{a: 3}"), "unknown");
    assert_eq!(of("{product: [a, b]}", "{a: 3, b: null}"), "unknown");
}

#[test]
fn the_first_that_is_known_counts() {
    let first = "{first_known: [a, b, 7]}";
    assert_eq!(of(first, "{a: 3, b: 4}"), "3");
    assert_eq!(of(first, "{a: 0, b: 4}"), "0", "0 is known");
    assert_eq!(of(first, "{b: 4}"), "4");
    assert_eq!(of(first, "{}"), "7");
    assert_eq!(of("{first_known: [a, b]}", "{}"), "unknown");
    assert_eq!(
        of("{first_known: [{ratio: {of: a, to: 0, when_zero: b}}, a]}", "{a: 5}"),
        "5",
        "so is what has no value"
    );
    assert_eq!(of("{first_known: [t, {text: none}]}", "{}"), "none");
    assert_eq!(of("{first_known: [{product: [a, a, a]}, 1]}", "{a: 1000000000000000000}"), "unknown", "too large");
}

#[test]
fn keys_of_maps_are_reached_by_dots_and_quotes() {
    assert_eq!(of("m.now", "{m: {now: 5}}"), "5");
    assert_eq!(of("'m.\"SKU 1.0\"'", "{m: {'SKU 1.0': 7}}"), "7");
    assert_eq!(of("m.then", "{m: {now: 5}}"), "unknown");
}

#[test]
fn clamp_keeps_between_two_ends() {
    let billed = "{clamp: {value: a, at_least: {product: [0.5, b]}, at_most: 24}}";
    assert_eq!(of(billed, "{a: 4, b: 16}"), "8");
    assert_eq!(of(billed, "{a: 40, b: 64}"), "24");
}

#[test]
fn points_per_unit_whole_or_in_proportion() {
    assert_eq!(of("{per_unit: {of: a, unit: 100, points: 5}}", "{a: 150}"), "7.5");
    assert_eq!(of("{per_unit: {of: a, unit: 100, points: 5, whole_units: true}}", "{a: 150}"), "5");
    assert_eq!(of("{per_unit: {of: a, points: 15/7}}", "{a: 7}"), "15");
}

#[test]
fn linear_is_capped_at_both_ends() {
    let linear = "{linear: {of: a, reaches: 500, points: 30}}";
    for (a, points) in [("-1", "0"), ("0", "0"), ("499", "29.94"), ("500", "30"), ("9999", "30")] {
        assert_eq!(of(linear, &format!("{{a: {a}}}")), points, "at {a}");
    }
}

#[test]
fn bands_have_borders_that_belong_somewhere() {
    let bands = |boundary: &str| {
        format!(
            "{{bands: {{of: a, boundary: {boundary}, bands: [{{from: 0, to: 5, gives: 250}}, {{to: 10, gives: 200}}, {{gives: 0}}]}}}}"
        )
    };
    for (a, lower, upper) in [
        ("0", "250", "unknown"),
        ("5", "200", "250"),
        ("10", "0", "200"),
        ("4.999", "250", "250"),
        ("-1", "unknown", "unknown"),
        ("1e9", "0", "0"),
    ] {
        assert_eq!(of(&bands("lower_included"), &format!("{{a: {a}}}")), lower, "lower, at {a}");
        assert_eq!(of(&bands("upper_included"), &format!("{{a: {a}}}")), upper, "upper, at {a}");
    }
    let texts = "{bands: {of: a, bands: [{from: 0, to: 1, gives: {text: low}}, {from: 2, gives: {text: high}}], outside: {text: none}}}";
    assert_eq!(of(texts, "{a: 1.5}"), "none");
    assert_eq!(of(texts, "{a: 2}"), "high");
}

#[test]
fn tables_are_looked_up_by_several_keys() {
    let fee = "{lookup: {table: fee, by: [{text: Gold}, t]}}";
    assert_eq!(of(fee, "{t: growth}"), "7500");
    assert_eq!(of(fee, "{t: nowhere}"), "unknown");
    assert_eq!(of("{lookup: {table: fee, by: [{text: Gold}, t], otherwise: 0}}", "{t: nowhere}"), "0");
}

#[test]
fn the_first_case_that_is_met_counts() {
    let by_date = "{choose: {cases: [{when: {metric: as_of, less_than: 2023-12-01}, then: 1}], otherwise: 2}}";
    let book = format!("{FACTS}metrics: {{x: {by_date}}}");
    assert_eq!(crate::support::answer_on(&book, "{}", "x", "2023-11-30").to_string(), "1");
    assert_eq!(crate::support::answer_on(&book, "{}", "x", "2023-12-01").to_string(), "2");
    let unknown = "{choose: {cases: [{when: {metric: a, at_least: 1}, then: 1}]}}";
    assert_eq!(of(unknown, "{}"), "unknown");
}

#[test]
fn what_is_too_large_is_unknown_and_not_skipped() {
    let huge = "{product: [a, a, a]}";
    assert_eq!(of(huge, "{a: 1000000000000000000}"), "unknown");
    assert_eq!(of(&format!("{{sum: [1, {huge}]}}"), "{a: 1000000000000000000}"), "unknown");
    assert_eq!(of(&format!("{{greatest: [1, {huge}]}}"), "{a: 1000000000000000000}"), "unknown");
}

#[test]
fn a_metric_may_have_words_and_a_unit() {
    let book = format!("{FACTS}metrics: {{x: {{description: d, unit: points, value: {{sum: [a, 1]}}}}}}");
    assert_eq!(x(&book, "{a: 1}"), "2");
}
