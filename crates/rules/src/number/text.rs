//! Numbers as they are written: `15`, `0.05`, `"1234.50"`, `"15/7"`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{
    ObjectBuilder, RefOr, Schema, Type,
    schema::{OneOfBuilder, SchemaType},
};

use super::Number;

/// The largest whole part that may be written.
const LARGEST: i128 = 1_000_000_000_000_000_000;
/// The largest denominator that may be written.
const LARGEST_UNDER: i128 = 1_000_000_000_000;
/// The most decimals that may be written.
const DECIMALS: usize = 12;
/// The most digits of a JSON number with a decimal point that all of its readers agree on.
const FLOAT_DIGITS: usize = 15;
/// What a number written as text looks like.
pub(crate) const PATTERN: &str = "^-?[0-9]{1,19}(\\.[0-9]{1,12}|/[0-9]{1,13})?$";
/// The largest whole number that every reader of JSON keeps exactly.
const LARGEST_JSON: i64 = 9_007_199_254_740_991;

impl FromStr for Number {
    type Err = String;

    /// Reads `-12`, `1234.50` or `15/7`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let number = match (digits.split_once('.'), digits.split_once('/')) {
            (Some((whole, decimals)), None) => decimal(whole, decimals)?,
            (None, Some((over, under))) => Self::fraction(integer(over, LARGEST)?, integer(under, LARGEST_UNDER)?)
                .ok_or_else(|| "has the denominator 0".to_owned())?,
            (None, None) => Self::fraction(integer(digits, LARGEST)?, 1).ok_or_else(too_large)?,
            (Some(_), Some(_)) => return Err(no_number()),
        };
        Ok(if sign < 0 { number.negated() } else { number })
    }
}

fn no_number() -> String {
    "is not a number such as 12, 1234.50 or 15/7".to_owned()
}

fn too_large() -> String {
    "is too large: at most 10^18, and denominators at most 10^12".to_owned()
}

fn integer(digits: &str, largest: i128) -> Result<i128, String> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(no_number());
    }
    digits.parse().ok().filter(|value| *value <= largest).ok_or_else(too_large)
}

fn decimal(whole: &str, decimals: &str) -> Result<Number, String> {
    if decimals.len() > DECIMALS {
        return Err(format!("has more than {DECIMALS} decimals"));
    }
    let scale = u32::try_from(decimals.len()).ok().and_then(|places| 10_i128.checked_pow(places));
    let scale = scale.ok_or_else(too_large)?;
    let (whole, decimals) = (integer(whole, LARGEST)?, integer(decimals, LARGEST)?);
    let over = whole.checked_mul(scale).and_then(|over| over.checked_add(decimals));
    over.and_then(|over| Number::fraction(over, scale)).filter(|it| it.floor().over <= LARGEST).ok_or_else(too_large)
}

impl Number {
    /// Reads a JSON number with a decimal point by its shortest decimal text.
    ///
    /// # Errors
    /// With more than 15 significant digits, which not every reader of JSON keeps.
    pub fn from_float(value: f64) -> Result<Self, String> {
        let text = format!("{value}");
        let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
        let trailing = if text.contains('.') { 0 } else { text.len() - text.trim_end_matches('0').len() };
        if value.is_finite() && digits.saturating_sub(trailing) > FLOAT_DIGITS {
            return Err(format!("has more than {FLOAT_DIGITS} digits: write it as a string, \"{text}\""));
        }
        text.parse()
    }

    /// Whether the text looks like a number; names and dates do not.
    pub(crate) fn looks_like(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        digits.starts_with(|first: char| first.is_ascii_digit())
            && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/'))
    }
}

/// A decimal if it is one of up to 30 decimals, else a fraction.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.under == 1 {
            return write!(f, "{}", self.over);
        }
        match decimals_of(*self) {
            Some((places, scaled)) => {
                let digits = format!("{:0>width$}", scaled.unsigned_abs(), width = places + 1);
                let (whole, rest) = digits.split_at(digits.len().saturating_sub(places));
                write!(f, "{}{whole}.{rest}", if scaled < 0 { "-" } else { "" })
            }
            None => write!(f, "{}/{}", self.over, self.under),
        }
    }
}

/// How many decimals the number has, and the number without its decimal point.
fn decimals_of(number: Number) -> Option<(usize, i128)> {
    let (mut rest, mut twos, mut fives) = (number.under, 0_u32, 0_u32);
    while rest % 2 == 0 {
        (rest, twos) = (rest / 2, twos + 1);
    }
    while rest % 5 == 0 {
        (rest, fives) = (rest / 5, fives + 1);
    }
    let places = twos.max(fives);
    if rest != 1 || places > 30 {
        return None;
    }
    let scale = 10_i128.checked_pow(places)?.checked_div(number.under)?;
    Some((usize::try_from(places).ok()?, number.over.checked_mul(scale)?))
}

/// A JSON number if it is whole and every reader keeps it; otherwise text.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.to_i64().filter(|whole| (-LARGEST_JSON..=LARGEST_JSON).contains(whole)) {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl de::Visitor<'_> for Written {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a string such as \"1234.50\" or \"15/7\"")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
                value.to_string().parse().map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Number, E> {
                value.to_string().parse().map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
                Number::from_float(value).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl utoipa::PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(PATTERN)).max_length(Some(34));
        OneOfBuilder::new()
            .description(Some("An exact number: whole, decimal, or as text, which may also be a fraction: \"15/7\"."))
            .item(ObjectBuilder::new().schema_type(SchemaType::Type(Type::Number)))
            .item(text)
            .into()
    }
}
impl utoipa::ToSchema for Number {}
