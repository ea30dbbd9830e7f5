//! Where a program is: its time zone and its regions.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use kernel::{Country, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// A time zone of the IANA database: `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(chrono_tz::UTC);

    /// The day that it is there at a time.
    pub fn day_of(self, time: DateTime<Utc>) -> NaiveDate {
        time.with_timezone(&self.0).date_naive()
    }

    /// The last microsecond of a day there.
    pub fn end_of(self, day: NaiveDate) -> Timestamp {
        let next = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
        // Where clocks are put forward at midnight, the day begins an hour later.
        let later = || (next + TimeDelta::hours(1)).and_local_timezone(self.0).earliest();
        let begin = next.and_local_timezone(self.0).earliest().or_else(later);
        let begin = begin.map_or_else(|| next.and_utc(), |begin| begin.to_utc());
        Timestamp::from(begin) - TimeDelta::microseconds(1)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}
impl FromStr for TimeZone {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "is not a time zone of the IANA database such as Europe/Berlin".to_owned())
    }
}
impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
impl utoipa::PartialSchema for TimeZone {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A time zone of the IANA database."))
            .max_length(Some(64))
            .examples([serde_json::json!("Europe/Berlin")])
            .into()
    }
}
impl ToSchema for TimeZone {}

/// A group of countries that the program tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// What facts and tables call it.
    #[schema(min_length = 1, max_length = 64, example = "emea")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// The countries in it; a country is in one region at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 300)]
    pub countries: Vec<Country>,
}
