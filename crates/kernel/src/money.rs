//! Money: whole minor units and a currency. Never a float.

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type, schema::AdditionalProperties};
use utoipa::{PartialSchema, ToSchema};

use crate::Currency;

/// An amount of money. On the wire `{"amount": "1234.50", "currency": "EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// In the currency's minor unit: cents for EUR, yen for JPY.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// What a decimal amount looks like: no exponent, no plus sign, no leading zeros.
const AMOUNT: &str = "^-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,4})?$";

impl Money {
    /// Reads a decimal string.
    ///
    /// # Errors
    /// Says what is wrong: not a decimal, more decimals than the currency has, or too large.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, String> {
        let value =
            Decimal::from_str_exact(amount).map_err(|_| "is not a decimal amount such as 1234.50".to_owned())?;
        if value.scale() > currency.decimals() {
            return Err(format!("has more than the {} decimals that {currency} has", currency.decimals()));
        }
        let minor = value
            .checked_mul(Decimal::from(10_i64.pow(currency.decimals())))
            .and_then(|minor| minor.to_i64())
            .ok_or_else(|| "is too large".to_owned())?;
        Ok(Self { minor, currency })
    }

    /// The amount with exactly the currency's decimals.
    pub fn amount(&self) -> String {
        Decimal::new(self.minor, self.currency.decimals()).to_string()
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Money", 2)?;
        out.serialize_field("amount", &self.amount())?;
        out.serialize_field("currency", &self.currency)?;
        out.end()
    }
}
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            amount: String,
            currency: Currency,
        }
        let wire = Wire::deserialize(deserializer)?;
        Self::parse(&wire.amount, wire.currency).map_err(|fault| de::Error::custom(format!("amount {fault}")))
    }
}
impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        let amount = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A decimal number with no more decimals than the currency has."))
            .pattern(Some(AMOUNT))
            .max_length(Some(21))
            .examples([serde_json::json!("1234.50")]);
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("An amount of money: a decimal string, never a float, and an ISO 4217 currency."))
            .property("amount", amount)
            .property("currency", Currency::schema())
            .required("amount")
            .required("currency")
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .examples([serde_json::json!({"amount": "1234.50", "currency": "EUR"})])
            .into()
    }
}
impl ToSchema for Money {
    fn name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn decimals_are_the_currency_s() {
        assert_eq!(Money::parse("1234.5", currency("EUR")).unwrap().amount(), "1234.50");
        assert!(Money::parse("1.5", currency("JPY")).is_err());
        assert!(Money::parse("1.234", currency("EUR")).is_err());
        assert_eq!(Money::parse("1.234", currency("KWD")).unwrap().minor, 1234);
        assert!(Money::parse("99999999999999999999", currency("EUR")).is_err());
        assert!(Money::parse("1e3", currency("EUR")).is_err());
    }

    proptest! {
        #[test]
        fn text_and_back(minor in any::<i64>(), code in prop::sample::select(vec!["EUR", "JPY", "KWD"])) {
            let money = Money { minor, currency: currency(code) };
            prop_assert_eq!(Money::parse(&money.amount(), money.currency).unwrap(), money);
        }
    }
}
