use crate::support::answer_on;

fn on(value: &str, as_of: &str) -> String {
    let book =
        format!("fiscal_year_start: 02-01\nfacts: {{d: {{type: date, default: 2024-01-31}}}}\nmetrics: {{x: {value}}}");
    answer_on(&book, "{}", "x", as_of).to_string()
}

#[test]
fn months_end_where_they_end() {
    assert_eq!(on("{date_plus: {date: d, months: 1}}", "2024-01-01"), "2024-02-29");
    assert_eq!(on("{date_plus: {date: 2024-02-29, years: -1}}", "2024-01-01"), "2023-02-28");
    assert_eq!(on("{date_plus: {months: 6, days: -1}}", "2025-04-10"), "2025-10-09");
}

#[test]
fn starts_and_ends() {
    for (unit, start, end, name) in [
        ("month", "2024-01-01", "2024-01-31", "2024-01"),
        ("quarter", "2024-01-01", "2024-03-31", "2024-Q1"),
        ("year", "2024-01-01", "2024-12-31", "2024"),
        ("fiscal_year", "2023-02-01", "2024-01-31", "2024"),
    ] {
        assert_eq!(on(&format!("{{start_of: {{unit: {unit}}}}}"), "2024-01-31"), start);
        assert_eq!(on(&format!("{{end_of: {{unit: {unit}}}}}"), "2024-01-31"), end);
        assert_eq!(on(&format!("{{period_of: {{unit: {unit}}}}}"), "2024-01-31"), name);
    }
    assert_eq!(on("{period_of: {unit: fiscal_year}}", "2024-02-01"), "2025");
}

#[test]
fn the_next_of_yearly_days() {
    let next = |how: &str| format!("{{next_of: {{days: ['01-15', '07-15'], {how}: as_of}}}}");
    assert_eq!(on(&next("on_or_after"), "2025-07-15"), "2025-07-15");
    assert_eq!(on(&next("after"), "2025-07-15"), "2026-01-15");
    assert_eq!(
        on("{next_of: {days: ['01-15', '07-15'], on_or_after: {date_plus: {months: 6}}}}", "2025-04-10"),
        "2026-01-15"
    );
    assert_eq!(on("{next_of: {days: ['02-29'], after: as_of}}", "2025-01-01"), "2025-02-28");
}

#[test]
fn between_two_days() {
    assert_eq!(on("{days_between: {from: 2024-02-28, to: 2024-03-01}}", "2024-01-01"), "2");
    assert_eq!(on("{months_between: {from: 2024-01-31, to: 2024-02-29}}", "2024-01-01"), "1");
    assert_eq!(on("{months_between: {from: 2024-01-30, to: 2024-02-28}}", "2024-01-01"), "0");
    assert_eq!(on("{months_between: {from: 2024-03-01, to: 2024-01-01}}", "2024-01-01"), "-2");
}

#[test]
fn the_earliest_and_the_latest() {
    assert_eq!(on("{least: [d, as_of]}", "2024-01-01"), "2024-01-01");
    assert_eq!(on("{greatest: [d, as_of]}", "2024-01-01"), "2024-01-31");
}
