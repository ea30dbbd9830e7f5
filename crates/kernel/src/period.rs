//! Lengths of time as ISO 8601 durations (`P30D`, `PT15M`).

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// A length of time of whole seconds. Years and months are refused: their length depends on where they start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(TimeDelta);

impl Period {
    /// So many days of 24 hours.
    pub fn days(days: u16) -> Self {
        Self(TimeDelta::days(i64::from(days)))
    }

    /// As chrono's type.
    pub fn delta(self) -> TimeDelta {
        self.0
    }
}

impl FromStr for Period {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let invalid =
            || "is not an ISO 8601 duration of weeks, days, hours, minutes and seconds such as P30D".to_owned();
        let parsed: iso8601_duration::Duration = text.parse().map_err(|_| invalid())?;
        parsed.to_chrono().filter(|length| length.subsec_nanos() == 0).map(Self).ok_or_else(invalid)
    }
}
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.0.num_days(), self.0.num_seconds() % 86_400);
        match (days, seconds) {
            (_, 0) => write!(f, "P{days}D"),
            (0, _) => write!(f, "PT{seconds}S"),
            _ => write!(f, "P{days}DT{seconds}S"),
        }
    }
}
impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
impl utoipa::PartialSchema for Period {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An ISO 8601 duration of weeks, days, hours, minutes and seconds."))
            .pattern(Some("^P(?!$)(\\d{1,5}W)?(\\d{1,5}D)?(T(?=\\d)(\\d{1,6}H)?(\\d{1,6}M)?(\\d{1,8}S)?)?$"))
            .max_length(Some(40))
            .examples([serde_json::json!("P30D")])
            .into()
    }
}
impl utoipa::ToSchema for Period {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        for (text, seconds, shown) in
            [("P30D", 2_592_000, "P30D"), ("P2W", 1_209_600, "P14D"), ("PT90M", 5_400, "PT5400S")]
        {
            let period: Period = text.parse().unwrap();
            assert_eq!((period.delta().num_seconds(), period.to_string().as_str()), (seconds, shown));
        }
        for wrong in ["P1M", "P1Y", "30 days", "", "P"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }
}
