//! What a fact says that came from outside: a text, in which numbers are exact, or whether something is so.

use std::fmt;

use kernel::Fault;
use rules::Number;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type, schema::OneOfBuilder},
};

/// How long a text is.
const TEXT: usize = 2_000;

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FactValue {
    /// Whether something is so.
    Boolean(bool),
    /// An exact number as text (`"1250.00"`, up to 12 decimals), a day (`"2026-06-30"`) or a text.
    Text(String),
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(it) => it.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl PartialSchema for FactValue {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT));
        let words = "An exact number as text (\"1250.00\", up to 12 decimals), a day (\"2026-06-30\"), a text, or whether \
                     something is so.";
        OneOfBuilder::new()
            .item(text)
            .item(ObjectBuilder::new().schema_type(Type::Boolean))
            .description(Some(words))
            .examples([serde_json::json!("1250.00")])
            .into()
    }
}
impl ToSchema for FactValue {}

/// What is wrong with a value: too long, or a number that cannot be kept exactly.
pub(crate) fn fault(value: &FactValue, at: &str) -> Option<Fault> {
    let FactValue::Text(text) = value else { return None };
    if text.chars().count() > TEXT {
        return Some(Fault::at(at, "too_long", format!("must be at most {TEXT} characters")));
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_decimal = digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1;
    let wrong = text.parse::<Number>().err().filter(|_| is_decimal)?;
    Some(Fault::at(at, "number", wrong))
}
