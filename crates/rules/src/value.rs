//! Values: what facts hold and expressions give.

use std::{fmt, sync::Arc};

use chrono::NaiveDate;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::Number;

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// A fact that it needs was not given.
    Missing,
    /// It has no value: divided by 0, the mean of nothing, outside all bands.
    Undefined,
    /// A number on the way does not fit.
    TooLarge,
    /// Computing it would take too long.
    TooCostly,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "a fact is missing",
            Self::Undefined => "it has no value here",
            Self::TooLarge => "a number is too large",
            Self::TooCostly => "it would take too long",
        })
    }
}

/// A value. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not known.
    Unknown(Unknown),
    /// An exact number.
    Number(Number),
    /// A text.
    Text(Arc<str>),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// Several values.
    List(Arc<[Value]>),
    /// Values by key, sorted by key.
    Map(Arc<[(Arc<str>, Value)]>),
    /// Rows, each with a value for every column.
    Records(Arc<Records>),
}

/// Rows with the values of their columns, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Records {
    /// The columns' names.
    pub columns: Arc<[Arc<str>]>,
    /// The values, one row after the other.
    pub cells: Vec<Value>,
}

impl Records {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.cells.len().checked_div(self.columns.len()).unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The row's values.
    pub fn row(&self, at: usize) -> &[Value] {
        let width = self.columns.len();
        self.cells.get(at * width..(at + 1) * width).unwrap_or_default()
    }
}

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is known.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// True, false, or unknown.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Boolean(it) => Some(*it),
            _ => None,
        }
    }

    /// Why it is unknown; `Undefined` for what is known but of another kind than was asked for.
    pub(crate) fn why(&self) -> Unknown {
        match self {
            Self::Unknown(why) => *why,
            _ => Unknown::Undefined,
        }
    }
}

impl From<Option<Number>> for Value {
    /// What a checked operation gave.
    fn from(number: Option<Number>) -> Self {
        number.map_or(Self::Unknown(Unknown::TooLarge), Self::Number)
    }
}

/// Numbers as numbers or text, days as text, what is unknown as null.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown(_) => serializer.serialize_none(),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Boolean(it) => serializer.serialize_bool(*it),
            Self::Date(day) => serializer.collect_str(day),
            Self::List(values) => serializer.collect_seq(values.iter()),
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (&**key, value))),
            Self::Records(records) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("rows", &records.len())?;
                map.end()
            }
        }
    }
}

impl utoipa::PartialSchema for Value {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let words = "A number (as text where a JSON number would not keep it), a text, a day, true or false, a list, a \
                     map, or null for what is not known.";
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::SchemaType::AnyValue)
            .description(Some(words))
            .into()
    }
}
impl utoipa::ToSchema for Value {
    fn name() -> std::borrow::Cow<'static, str> {
        "RuleValue".into()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(_) => f.write_str("unknown"),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Boolean(it) => it.fmt(f),
            Self::Date(day) => day.fmt(f),
            Self::List(values) => write!(f, "{} values", values.len()),
            Self::Map(entries) => write!(f, "{} values by key", entries.len()),
            Self::Records(records) => write!(f, "{} rows", records.len()),
        }
    }
}

/// The columns of rows, in their order.
pub(crate) type Columns = Arc<[(Arc<str>, Kind)]>;

/// What kind of value an expression gives, as far as the check knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A list of these.
    List(Box<Kind>),
    /// A map of these.
    Map(Box<Kind>),
    /// Rows with these columns.
    Records(Arc<[(Arc<str>, Kind)]>),
    /// People: rows with the columns of a certificate, those of a person beside each other.
    People,
    /// Anything: what follows a fault that was told already.
    Any,
}

impl Kind {
    /// Whether a value of one may stand where the other is asked for.
    pub fn fits(&self, other: &Self) -> bool {
        self == other || matches!(self, Self::Any) || matches!(other, Self::Any)
    }

    /// Whether values of it have an order that programs compare by.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Self::Number | Self::Date | Self::Any)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("a text"),
            Self::Boolean => f.write_str("true or false"),
            Self::Date => f.write_str("a date"),
            Self::List(_) => f.write_str("a list"),
            Self::Map(_) => f.write_str("a map"),
            Self::Records(_) => f.write_str("records"),
            Self::People => f.write_str("people"),
            Self::Any => f.write_str("anything"),
        }
    }
}
