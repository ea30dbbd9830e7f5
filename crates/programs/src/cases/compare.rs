//! What came out beside what is expected.

use rules::{Number, Rounding, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{Answer, Case};

/// What came out, by the expected names.
pub(super) fn shown(case: &Case, answers: &[Answer]) -> Json {
    let mut got: Map<String, Json> = Map::new();
    for answer in answers {
        got.insert(answer.name.clone(), json!(rounded(&answer.value, case.decimals())));
    }
    Json::Object(got)
}

/// What differs, in words; `None` if all is as expected.
pub(super) fn differences(case: &Case, answers: &[Answer]) -> Option<String> {
    let mut told = Vec::new();
    for (name, expected) in case.expected() {
        let Some(answer) = answers.iter().find(|answer| answer.name == name) else {
            told.push(format!("{name}: expected {expected}, and nothing came out"));
            continue;
        };
        if !is(expected, &answer.value, case.decimals()) {
            let got = rounded(&answer.value, case.decimals());
            told.push(format!("{name}: expected {}, got {got}", words(expected)));
            told.extend(answer.why.iter().map(|line| format!("  {line}")));
        }
    }
    (!told.is_empty()).then(|| told.join("\n"))
}

fn words(expected: &Json) -> String {
    expected.as_str().map_or_else(|| expected.to_string(), str::to_owned)
}

fn rounded(value: &Value, decimals: Option<u8>) -> Value {
    match (value, decimals) {
        (Value::Number(number), Some(decimals)) => {
            number.rounded(decimals, Rounding::HalfEven).map_or_else(|| value.clone(), Value::Number)
        }
        _ => value.clone(),
    }
}

/// Whether a value is what is expected. True and false are also 1 and 0, as the files write conditions either way.
fn is(expected: &Json, got: &Value, decimals: Option<u8>) -> bool {
    match (expected, got) {
        (Json::Null, Value::Unknown(_)) => true,
        (Json::Bool(expected), Value::Boolean(got)) => expected == got,
        (Json::Bool(expected), Value::Number(got)) => *got == one_or_zero(*expected),
        (Json::Number(_), Value::Boolean(got)) => number(expected) == Some(one_or_zero(*got)),
        (Json::Number(_) | Json::String(_), Value::Number(got)) => number(expected).is_some_and(|expected| {
            let exact = |number: Number| match decimals {
                Some(decimals) => number.rounded(decimals, Rounding::HalfEven),
                None => Some(number),
            };
            exact(expected) == exact(*got)
        }),
        (Json::String(expected), Value::Text(got)) => *expected == **got,
        (Json::String(expected), Value::Date(got)) => *expected == got.to_string(),
        (Json::Array(expected), Value::List(got)) => {
            expected.len() == got.len() && expected.iter().zip(got.iter()).all(|(one, other)| is(one, other, decimals))
        }
        (Json::Object(expected), Value::Map(got)) => {
            let of = |key: &str| got.iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
            expected.len() == got.len()
                && expected.iter().all(|(key, one)| of(key).is_some_and(|other| is(one, other, decimals)))
        }
        _ => false,
    }
}

fn one_or_zero(it: bool) -> Number {
    if it { Number::ONE } else { Number::ZERO }
}

/// A number as the files write it: a JSON number, or a text such as `15/7`.
pub(super) fn number(json: &Json) -> Option<Number> {
    Number::deserialize(json).ok()
}
