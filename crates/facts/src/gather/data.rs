//! A fact's columns, read of its text without a copy.

use std::{borrow::Cow, fmt};

use chrono::NaiveDate;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

/// A day as ISO 8601 and both databases write it, `2026-01-31`.
pub(super) fn iso_day(text: &str) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let number = |digits: &[&u8]| {
        let digit = |sum: u32, digit: &&u8| digit.is_ascii_digit().then(|| sum * 10 + u32::from(**digit - b'0'));
        digits.iter().try_fold(0, digit)
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// What a column holds: facts hold texts (exact numbers, days and instants among them) and truths.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'d> {
    /// A text, or a number as text.
    Text(Cow<'d, str>),
    /// True or false.
    Boolean(bool),
    /// Nothing.
    Null,
}

/// The columns, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Columns<'d>(Vec<(Cow<'d, str>, Cell<'d>)>);

impl<'d> Columns<'d> {
    /// Reads them.
    pub fn of(text: &'d str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// What the column holds, unless that is nothing.
    pub fn get(&self, name: &str) -> Option<&Cell<'d>> {
        self.0.iter().find(|(column, _)| column == name).map(|(_, cell)| cell).filter(|cell| **cell != Cell::Null)
    }

    /// The column's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Cell::Text(text) => Some(text),
            Cell::Boolean(_) | Cell::Null => None,
        }
    }

    /// Each column with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Cell<'d>)> {
        self.0.iter().map(|(name, cell)| (&**name, cell))
    }
}

impl<'de> Deserialize<'de> for Columns<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Columns<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of columns")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut columns = Vec::with_capacity(8);
                while let Some((name, cell)) = map.next_entry::<Name<'de>, Cell<'de>>()? {
                    columns.push((name.0, cell));
                }
                Ok(Columns(columns))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'d>(#[serde(borrow)] Cow<'d, str>);

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Cell<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number, true, false or null")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, it: bool) -> Result<Self::Value, E> {
                Ok(Cell::Boolean(it))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Owned(number.to_string())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Cell::Text(Cow::Owned(number.to_string())))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Cell::Null)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
