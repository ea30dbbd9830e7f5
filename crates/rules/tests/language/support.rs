use chrono::NaiveDate;
use rules::{Fault, Number, Program, RuleBook, Value};
use serde_json::Value as Json;

/// YAML as JSON, with the booleans of YAML 1.2: `n`, `on` and `no` are words.
pub fn yaml(text: &str) -> Json {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true }).unwrap()
}

pub fn program(text: &str) -> Program {
    let book = RuleBook::read(&yaml(text)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    Program::compile(&book).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// Every fault of a book, of shape or of meaning, as `pointer code`.
pub fn faults(text: &str) -> Vec<String> {
    let all = match RuleBook::read(&yaml(text)) {
        Ok(book) => rules::check(&book),
        Err(faults) => faults,
    };
    all.iter().map(shown).collect()
}

fn shown(fault: &Fault) -> String {
    format!("{} {}", fault.pointer, fault.code)
}

/// The words of the faults.
pub fn words(text: &str) -> String {
    let all = match RuleBook::read(&yaml(text)) {
        Ok(book) => rules::check(&book),
        Err(faults) => faults,
    };
    all.into_iter().map(|fault| fault.detail).collect::<Vec<_>>().join("\n")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub const TODAY: &str = "2024-08-15";

/// What a name is, with facts, on a day.
pub fn answer_on(book: &str, facts: &str, name: &str, as_of: &str) -> Value {
    let program = program(book);
    let facts = program.read_facts(&yaml(facts)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    program.answer(name, &facts, day(as_of)).unwrap()
}

/// The value of the metric `x`.
pub fn x(book: &str, facts: &str) -> String {
    answer_on(book, facts, "x", TODAY).to_string()
}

pub fn tier(program: &Program, facts: &str) -> Option<String> {
    let facts = program.read_facts(&yaml(facts)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    program.evaluate(&facts, day(TODAY)).tier().map(str::to_owned)
}

pub fn points(program: &Program, facts: &str, name: &str) -> Value {
    let facts = program.read_facts(&yaml(facts)).unwrap_or_else(|faults| panic!("{faults:#?}"));
    program.answer(name, &facts, day(TODAY)).unwrap()
}

pub fn number(text: &str) -> Value {
    Value::Number(text.parse::<Number>().unwrap())
}
