//! Values as they stand in a book.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::{Number, Value, value::Kind};

/// A value as written, where only values can stand. What a text means (a number, a date) follows from what it is
/// compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// A text, a date or a number in quotes.
    Text(String),
}

impl Literal {
    /// The value of the type that is asked for, if it can be one.
    pub fn of_kind(&self, kind: &Kind) -> Option<Value> {
        match (self, kind) {
            (Self::Number(number), Kind::Number | Kind::Any) => Some(Value::Number(*number)),
            (Self::Number(number), Kind::Text) => Some(Value::text(&number.to_string())),
            (Self::Boolean(it), Kind::Boolean | Kind::Any) => Some(Value::Boolean(*it)),
            (Self::Text(text), Kind::Text | Kind::Any) => Some(Value::text(text)),
            (Self::Text(text), Kind::Number) => text.parse().ok().map(Value::Number),
            (Self::Text(text), Kind::Date) => date(text).map(Value::Date),
            _ => None,
        }
    }
}

/// Reads a day in full: `2026-01-31`, with four digits of the year.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => number.serialize(serializer),
            Self::Boolean(it) => serializer.serialize_bool(*it),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl de::Visitor<'_> for Written {
            type Value = Literal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, a date or true or false")
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Literal, E> {
                Ok(Literal::Boolean(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Literal, E> {
                value.to_string().parse().map(Literal::Number).map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Literal, E> {
                value.to_string().parse().map(Literal::Number).map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Literal, E> {
                Number::from_float(value).map(Literal::Number).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Literal, E> {
                Ok(Literal::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Written)
    }
}

/// A day of every year, `01-15`. The 29th of February is the 28th where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u32,
    /// 1 to the month's last.
    pub day: u32,
}

impl MonthDay {
    /// The 1st of January.
    pub const NEW_YEAR: Self = Self { month: 1, day: 1 };

    /// The day in this year; `None` outside the years that there are.
    pub fn in_year(self, year: i32) -> Option<NaiveDate> {
        let leap = || NaiveDate::from_ymd_opt(year, self.month, 28).filter(|_| self.day == 29);
        NaiveDate::from_ymd_opt(year, self.month, self.day).or_else(leap)
    }
}

impl fmt::Display for MonthDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for MonthDay {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "is not a day of the year such as 01-15".to_owned();
        let (month, day) = text.split_once('-').filter(|_| text.len() == 5).ok_or_else(wrong)?;
        let it = Self { month: month.parse().map_err(|_| wrong())?, day: day.parse().map_err(|_| wrong())? };
        // 2024 is a leap year: every day that some year has is in it.
        NaiveDate::from_ymd_opt(2024, it.month, it.day).map(|_| it).ok_or_else(wrong)
    }
}
impl Serialize for MonthDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for MonthDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
impl utoipa::PartialSchema for MonthDay {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A day of every year: month and day."))
            .pattern(Some("^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))
            .max_length(Some(5))
            .examples([serde_json::json!("01-15")])
            .into()
    }
}
impl utoipa::ToSchema for MonthDay {}
