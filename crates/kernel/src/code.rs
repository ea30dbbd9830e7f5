//! Codes from ISO standards: countries (ISO 3166-1 alpha-2) and currencies (ISO 4217).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// A country, by its ISO 3166-1 alpha-2 code in capitals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
pub struct Country([u8; 2]);

impl FromStr for Country {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || "is not an ISO 3166-1 alpha-2 country code such as DE".to_owned();
        let letters = <[u8; 2]>::try_from(text.as_bytes()).map_err(|_| unknown())?;
        let known = letters.iter().all(u8::is_ascii_uppercase) && celes::Country::from_alpha2(text).is_ok();
        known.then_some(Self(letters)).ok_or_else(unknown)
    }
}
impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// A currency, by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// How many decimals an amount has: 2 for EUR, 0 for JPY, 3 for KWD; 0 for units that have no minor unit.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}
impl FromStr for Currency {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        iso_currency::Currency::from_code(text)
            .map(Self)
            .ok_or_else(|| "is not an ISO 4217 currency code such as EUR".to_owned())
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

macro_rules! code {
    ($type:ident, $letters:literal, $example:literal, $text:literal) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
        impl utoipa::PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($text))
                    .pattern(Some(concat!("^[A-Z]{", $letters, "}$")))
                    .min_length(Some($letters))
                    .max_length(Some($letters))
                    .examples([serde_json::json!($example)])
                    .into()
            }
        }
        impl utoipa::ToSchema for $type {}
    };
}
code!(Country, 2, "DE", "A country (ISO 3166-1 alpha-2).");
code!(Currency, 3, "EUR", "A currency (ISO 4217).");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_only() {
        assert_eq!("DE".parse::<Country>().unwrap().to_string(), "DE");
        assert!("de".parse::<Country>().is_err() && "XX".parse::<Country>().is_err());
        assert_eq!("JPY".parse::<Currency>().unwrap().decimals(), 0);
        assert_eq!("KWD".parse::<Currency>().unwrap().decimals(), 3);
        assert!("ABC".parse::<Currency>().is_err());
    }
}
