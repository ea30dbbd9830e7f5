//! How the ground floor's types, JSON and enums stand in columns of either database.

use std::fmt;

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{self, Text},
    sqlite::Sqlite,
};
use kernel::{Country, Currency, Id, Kind, Role, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::MultiBackend;

macro_rules! on_either {
    ($type:ty as $sql:path $(, $kind:ident)?) => {
        impl$(<$kind: Kind>)? FromSql<$sql, MultiBackend> for $type {
            fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                bytes.from_sql::<$type, $sql>()
            }
        }
        impl$(<$kind: Kind>)? ToSql<$sql, MultiBackend> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
    };
}

on_either!(Id<K> as Text, K);
on_either!(Country as Text);
on_either!(Currency as Text);
on_either!(Role as Text);
on_either!(Timestamp as sql_types::Timestamp);

/// A value kept as JSON in a text column, and shown as the value itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Json<T: fmt::Debug>(pub T);

impl<T: fmt::Debug + DeserializeOwned> FromSql<Text, MultiBackend> for Json<T> {
    fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&bytes.from_sql::<String, Text>()?)?))
    }
}
impl<T: fmt::Debug + Serialize + Send + Sync + 'static> ToSql<Text, MultiBackend> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + Serialize> ToSql<Text, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + Serialize> ToSql<Text, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

/// Declares enums of known values: text in JSON and in a column, each value by its name in snake case.
/// `pub enum Status as DealStatus { … }` is called `DealStatus` in the OpenAPI document. Derives of its own may be added.
/// Whoever declares one has diesel, serde, strum and utoipa among its dependencies.
#[macro_export]
macro_rules! text_enum {
    ($($(#[$of:meta])* $vis:vis enum $name:ident $(as $schema:ident)? { $($variants:tt)* })+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[derive(::strum::Display, ::strum::EnumString, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
        #[derive(::diesel::expression::AsExpression, ::diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = ::diesel::sql_types::Text)]
        #[strum(serialize_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        $(#[schema(as = $schema)])?
        $(#[$of])*
        $vis enum $name { $($variants)* }

        const _: () = {
            use $crate::macros::*;
            impl FromSql<Text, MultiBackend> for $name {
                fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                    Ok(bytes.from_sql::<String, Text>()?.parse::<$name>()?)
                }
            }
            impl ToSql<Text, MultiBackend> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                    out.set_value((Text, self));
                    Ok(IsNull::No)
                }
            }
            impl ToSql<Text, Pg> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                    std::io::Write::write_all(out, self.to_string().as_bytes())?;
                    Ok(IsNull::No)
                }
            }
            impl ToSql<Text, Sqlite> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                    out.set_value(self.to_string());
                    Ok(IsNull::No)
                }
            }
        };
    )+};
}

/// What [`text_enum`] writes names of.
#[doc(hidden)]
pub mod macros {
    pub use diesel::{
        backend::Backend,
        deserialize::{self, FromSql},
        pg::Pg,
        serialize::{self, IsNull, Output, ToSql},
        sql_types::Text,
        sqlite::Sqlite,
    };

    pub use crate::MultiBackend;
}
