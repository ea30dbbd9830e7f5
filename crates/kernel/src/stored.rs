//! How ids, codes and times are written to and read from each database. Only with the feature `diesel`.

use std::io::Write;

use chrono::NaiveDateTime;
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self, Text},
    sqlite::Sqlite,
};

use crate::{Country, Currency, Id, Kind, Role, Timestamp};

macro_rules! as_text {
    ($type:ty $(, $kind:ident)?) => {
        impl$(<$kind: Kind>)? FromSql<Text, Pg> for $type {
            fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(<String as FromSql<Text, Pg>>::from_sql(bytes)?.parse::<$type>()?)
            }
        }
        impl$(<$kind: Kind>)? FromSql<Text, Sqlite> for $type {
            fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(<String as FromSql<Text, Sqlite>>::from_sql(bytes)?.parse::<$type>()?)
            }
        }
        impl$(<$kind: Kind>)? ToSql<Text, Pg> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                write!(out, "{self}")?;
                Ok(IsNull::No)
            }
        }
        impl$(<$kind: Kind>)? ToSql<Text, Sqlite> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.to_string());
                Ok(IsNull::No)
            }
        }
    };
}

as_text!(Id<K>, K);
as_text!(Country);
as_text!(Currency);
as_text!(Role);

impl FromSql<sql_types::Timestamp, Pg> for Timestamp {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(<NaiveDateTime as FromSql<sql_types::Timestamp, Pg>>::from_sql(bytes)?.into())
    }
}
impl FromSql<sql_types::Timestamp, Sqlite> for Timestamp {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(<NaiveDateTime as FromSql<sql_types::Timestamp, Sqlite>>::from_sql(bytes)?.into())
    }
}
impl ToSql<sql_types::Timestamp, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamp, Pg>::to_sql(&self.naive(), &mut out.reborrow())
    }
}
impl ToSql<sql_types::Timestamp, Sqlite> for Timestamp {
    /// Always six decimals, so that the order of the text is the order in time.
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.naive().format("%F %T%.6f").to_string());
        Ok(IsNull::No)
    }
}
