use crate::support::{answer_on, x};

const SALES: &str = "facts: {sales: {type: records, columns: [{name: sold, type: date}, {name: amount, type: number, unit: USD}, {name: region, type: text}]}, people: {type: people}, scores: {type: map}, tags: {type: list, of: text}}
tables: {weight: {by: [region], values: {EMEA: 2, AMER: 1}}}
";

fn of(value: &str, facts: &str) -> String {
    x(&format!("{SALES}metrics: {{x: {value}}}"), facts)
}

const ROWS: &str = "{sales: [[2023-08-15, 1, EMEA], [2023-08-16, 2, EMEA], {sold: 2024-08-15, amount: 4, region: AMER}, [2024-08-16, 8, AMER], [2024-03-01, null, EMEA]]}";

#[test]
fn rows_are_counted_totalled_and_averaged() {
    assert_eq!(of("{count: {of: sales}}", ROWS), "5");
    assert_eq!(of("{total: {of: sales}}", ROWS), "15");
    assert_eq!(of("{average: {of: sales}}", ROWS), "3.75");
    assert_eq!(of("{median: {of: sales}}", ROWS), "3");
    assert_eq!(of("{highest: {of: sales}}", ROWS), "8");
    assert_eq!(of("{lowest: {of: sales, value: row.sold}}", ROWS), "2023-08-15");
    assert_eq!(of("{count_distinct: {of: sales, value: row.region}}", ROWS), "2");
    assert_eq!(of("{latest: {of: sales, value: row.amount}}", ROWS), "8");
    assert_eq!(of("{total: {of: sales, where: {metric: row.region, is: EMEA}}}", ROWS), "3");
    for empty in ["average", "median", "highest", "latest"] {
        assert_eq!(of(&format!("{{{empty}: {{of: sales}}}}"), "{sales: []}"), "unknown", "{empty} of nothing");
    }
    assert_eq!(of("{total: {of: sales}}", "{sales: []}"), "0");
    assert_eq!(of("{total: {of: sales}}", "{}"), "unknown");
}

#[test]
fn windows_include_both_of_their_ends() {
    let within = |window: &str| of(&format!("{{total: {{of: sales, within: {window}}}}}"), ROWS);
    // (2023-08-15, 2024-08-15]
    assert_eq!(within("{trailing: {months: 12}}"), "6");
    assert_eq!(within("{trailing: {days: 1}}"), "4");
    assert_eq!(within("{trailing: {days: 366}}"), "6");
    assert_eq!(within("{trailing: {days: 367}}"), "7");
    assert_eq!(within("{to_date: year}"), "4");
    assert_eq!(within("{to_date: month}"), "4");
    assert_eq!(within("{previous: year}"), "3");
    assert_eq!(within("{months_back: {from: 12, to: 12}}"), "3");
    assert_eq!(within("{months_back: {from: 5, to: 0}}"), "4");
    assert_eq!(within("{between: {from: 2023-08-16, to: 2024-08-15}}"), "6");
    assert_eq!(within("{between: {from: 2024-08-16}}"), "8");
    assert_eq!(within("{trailing: {months: 12, until: 2024-08-16}}"), "12");
}

#[test]
fn a_row_can_be_weighted_by_a_table() {
    let weighted = "{total: {of: sales, value: {product: [row.amount, {lookup: {table: weight, by: [row.region]}}]}}}";
    assert_eq!(of(weighted, ROWS), "18");
}

#[test]
fn maps_and_lists_have_rows_too() {
    assert_eq!(of("{highest: {of: scores}}", "{scores: {AMER: 480, EMEA: 510, APAC: 120}}"), "510");
    assert_eq!(
        of("{count: {of: scores, where: {metric: row.value, at_least: 480}}}", "{scores: {AMER: 480, EMEA: 510}}"),
        "2"
    );
    assert_eq!(
        of("{count: {of: scores, where: {metric: row.key, one_of: [AMER, APAC]}}}", "{scores: {AMER: 480, EMEA: 510}}"),
        "1"
    );
    assert_eq!(of("{count_distinct: {of: tags}}", "{tags: [a, b, a]}"), "2");
}

#[test]
fn rows_within_rows_reach_the_outer_row() {
    // How many sales are no smaller than any other of their region?
    let top = "{count: {of: sales, where: {metric: row.amount, at_least: {highest: {of: sales, value: row.amount, where: {metric: row.region, equals: outer.region}}}}}}";
    assert_eq!(of(top, ROWS), "2");
}

#[test]
fn what_would_take_too_long_is_unknown() {
    let rows: Vec<String> = (0..3000).map(|n| format!("[2024-01-01, {n}, A]")).collect();
    let facts = format!("{{sales: [{}]}}", rows.join(", "));
    let smaller = "{count: {of: sales, where: {metric: row.amount, less_than: outer.amount}}}";
    let all = format!("{{total: {{of: sales, value: {smaller}}}}}");
    assert_eq!(of(&all, &facts), "unknown");
}

#[test]
fn a_level_is_averaged_over_days() {
    let level = "{time_weighted_average: {of: sales, value: row.amount, within: {between: {from: 2024-01-01, to: 2024-01-10}}}}";
    // 5 days at 10, 5 days at 20; then the level of a row before the window holds on.
    assert_eq!(of(level, "{sales: [[2024-01-01, 10, A], [2024-01-06, 20, A]]}"), "15");
    assert_eq!(of(level, "{sales: [[2023-06-01, 10, A], [2024-01-06, 20, A], [2024-02-01, 99, A]]}"), "15");
    assert_eq!(of(level, "{sales: [[2024-01-10, 7, A]]}"), "7");
    assert_eq!(of(level, "{sales: []}"), "unknown");
}

#[test]
fn people_count_once_whatever_they_hold() {
    let people = "{people: {ann: [a, b], bob: [a], eve: [c, {certificate: a, valid_to: 2024-08-14}]}}";
    assert_eq!(of("{people: {holding: [a]}}", people), "2");
    assert_eq!(of("{people: {holding: [a, b]}}", people), "2");
    assert_eq!(of("{people: {holding: [a, b], match: all}}", people), "1");
    assert_eq!(of("{people: {holding: [a], day: 2024-08-14}}", people), "3");
    assert_eq!(of("{count: {of: people, where: {metric: row.certificate, is: a}}}", people), "3");
    assert_eq!(of("{people: {holding: [a]}}", "{}"), "unknown");
}

#[test]
fn certificates_count_once_a_person() {
    let people = "{people: {ann: [a, b, c], bob: [a, {certificate: a, valid_from: 2024-08-01}], eve: [{certificate: b, valid_to: 2024-08-14}]}}";
    assert_eq!(of("{certificates: {holding: [a, b]}}", people), "3");
    assert_eq!(of("{certificates: {holding: [a, b], day: 2024-08-14}}", people), "4");
    assert_eq!(of("{certificates: {holding: [d]}}", people), "0");
    assert_eq!(of("{certificates: {holding: [a]}}", "{}"), "unknown");
}

#[test]
fn a_certificate_counts_on_its_first_and_its_last_day() {
    let book = format!("{SALES}metrics: {{x: {{people: {{holding: [a]}}}}}}");
    let facts = "{people: {ann: [{certificate: a, valid_from: 2023-01-10, valid_to: 2023-06-30, counts_until: 2024-06-30, retired: 2023-06-30}]}}";
    for (day, count) in [("2023-01-09", "0"), ("2023-01-10", "1"), ("2024-06-30", "1"), ("2024-07-01", "0")] {
        assert_eq!(answer_on(&book, facts, "x", day).to_string(), count, "on {day}");
    }
}

#[test]
fn qualified_on_any_day_of_a_window() {
    let book = "facts: {anniversary: {type: date}, scores: {type: records, columns: [{name: sold, type: date}, {name: score, type: number}, {name: note, type: text}]}}
rules: {x: {metric: {count: {of: scores, where: {metric: row.score, at_least: 70}, within: {between: {from: {start_of: {unit: month, date: {date_plus: {date: anniversary, months: -5}}}}, to: {end_of: {unit: month, date: anniversary}}}}}}, at_least: 1}}";
    let renewable = |rows: &str| x(book, &format!("{{anniversary: 2024-08-15, scores: {rows}}}"));
    assert_eq!(renewable("[[2024-02-29, 75, all], [2024-08-20, 69, all]]"), "false");
    assert_eq!(renewable("[[2024-03-01, 70, all]]"), "true");
}
