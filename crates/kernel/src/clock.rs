//! Time. Only this file asks the machine what time it is.

use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};

/// An instant in UTC, whole microseconds: what every database here can hold and give back unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Timestamp))]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The last instant that RFC 3339 can write: stands for the end of what has none.
    pub fn never() -> Self {
        Self::from_micros(253_402_300_799_999_999)
    }

    /// The time, unless it is [`Self::never`].
    pub fn comes(self) -> Option<Self> {
        (self < Self::never()).then_some(self)
    }

    /// Microseconds since 1970-01-01T00:00:00Z. Out of range is clamped to the epoch.
    pub fn from_micros(micros: i64) -> Self {
        Self(DateTime::from_timestamp_micros(micros).unwrap_or_default())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn as_micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, as JWTs count.
    pub fn as_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The day in UTC.
    pub fn date(self) -> NaiveDate {
        self.0.date_naive()
    }

    /// As chrono's type, for calendar arithmetic.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// As databases take it: without a zone, meaning UTC.
    pub fn naive(self) -> NaiveDateTime {
        self.0.naive_utc()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self::from_micros(at.timestamp_micros())
    }
}
impl From<NaiveDateTime> for Timestamp {
    fn from(at: NaiveDateTime) -> Self {
        at.and_utc().into()
    }
}
impl Add<TimeDelta> for Timestamp {
    type Output = Self;
    fn add(self, delta: TimeDelta) -> Self {
        self.0.checked_add_signed(delta).map_or(self, Into::into)
    }
}
impl Sub<TimeDelta> for Timestamp {
    type Output = Self;
    fn sub(self, delta: TimeDelta) -> Self {
        self.0.checked_sub_signed(delta).map_or(self, Into::into)
    }
}
impl Sub for Timestamp {
    type Output = TimeDelta;
    fn sub(self, other: Self) -> TimeDelta {
        self.0 - other.0
    }
}
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}
impl FromStr for Timestamp {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| at.to_utc().into())
            .map_err(|_| "is not an RFC 3339 time such as 2026-01-31T12:00:00Z".to_owned())
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .max_length(Some(40))
            .examples([serde_json::json!("2026-01-31T12:00:00.000000Z")])
            .into()
    }
}
impl utoipa::ToSchema for Timestamp {}

/// Where every crate takes the time from. Clones share one offset, which only a sandbox or a demo moves.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's time. Sessions, tokens and request limits are measured by it, so that a sandbox user who
    /// moves the business time forward is not signed out.
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn wall(&self) -> Timestamp {
        Utc::now().into()
    }

    /// Business time: the machine's time plus the offset.
    pub fn now(&self) -> Timestamp {
        self.wall() + TimeDelta::microseconds(self.offset_micros.load(Ordering::Relaxed))
    }

    /// How far business time is ahead of the machine's, in microseconds.
    pub fn offset_micros(&self) -> i64 {
        self.offset_micros.load(Ordering::Relaxed)
    }

    /// Sets how far business time is ahead of the machine's, in microseconds.
    pub fn set_offset_micros(&self, micros: i64) {
        self.offset_micros.store(micros, Ordering::Relaxed);
    }

    /// Moves business time to `at`; from there it runs on.
    pub fn set(&self, at: Timestamp) {
        self.set_offset_micros((at - self.wall()).num_microseconds().unwrap_or_default());
    }
}
