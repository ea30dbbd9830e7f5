//! TypeIDs: an id that says what it is the id of (`deal_01h455vb4pex5vsknk084sn02q`).
//!
//! Source of the format: <https://github.com/jetify-com/typeid> v0.3; the suffix is a UUIDv7, so ids sort by
//! the time at which they were made.

use std::{
    borrow::Cow,
    fmt,
    hash::Hash,
    marker::PhantomData,
    str::FromStr,
    sync::atomic::{AtomicU16, Ordering},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use type_safe_id::{StaticType, TypeSafeId};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// What an id is the id of.
pub trait Kind: Send + Sync + 'static {
    /// The part of the text before the last underscore, such as `deal`.
    const PREFIX: &'static str;
}

/// Declares a marker type with its prefix and the alias for its id: `ids! { Deal = "deal" => DealId }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $marker:ident = $prefix:literal => $alias:ident;)+) => {$(
        #[doc = concat!("Marks the ids that begin with `", $prefix, "_`.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $marker;
        impl $crate::Kind for $marker { const PREFIX: &'static str = $prefix; }
        $(#[$doc])*
        pub type $alias = $crate::Id<$marker>;
    )+};
}

/// Counts the ids that this process made.
static MADE: AtomicU16 = AtomicU16::new(0);

struct Tag<K>(PhantomData<K>);

impl<K> Default for Tag<K> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<K: Kind> StaticType for Tag<K> {
    const TYPE: &'static str = K::PREFIX;
}

/// An id of kind `K`. Small and `Copy`; its text form is the one that is stored and sent.
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Text))]
pub struct Id<K: Kind>(Uuid, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// A new id whose time part is `at`, to the microsecond. Ids that one process makes for the same instant
    /// sort in the order in which they were made (up to 16,384 of them).
    pub fn new(at: Timestamp) -> Self {
        let micros = at.as_micros();
        let millis = u64::try_from(micros.div_euclid(1_000)).unwrap_or_default();
        let [fraction_high, fraction_low] = u16::try_from(micros.rem_euclid(1_000)).unwrap_or_default().to_be_bytes();
        let [count_high, count_low] = MADE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let [.., r0, r1, r2, r3, r4, r5] = *Uuid::new_v4().as_bytes();
        let tail = [fraction_high, fraction_low, count_high, count_low, r0, r1, r2, r3, r4, r5];
        Self(Builder::from_unix_timestamp_millis(millis, &tail).into_uuid(), PhantomData)
    }

    /// The same id for the same bytes: for fixed data, such as the demo's.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Builder::from_bytes(bytes).with_version(uuid::Version::SortRand).into_uuid(), PhantomData)
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TypeSafeId::<Tag<K>>::from_uuid(self.0).fmt(f)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        TypeSafeId::<Tag<K>>::from_str(text)
            .map(|id| Self(id.uuid(), PhantomData))
            .map_err(|_| format!("is not an id of the form {}_…", K::PREFIX))
    }
}

impl<K: Kind> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K: Kind> Copy for Id<K> {}
impl<K: Kind> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K: Kind> Eq for Id<K> {}
impl<K: Kind> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K: Kind> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
impl<K: Kind> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX)))
            .min_length(Some(K::PREFIX.len() + 27))
            .max_length(Some(K::PREFIX.len() + 27))
            .examples([serde_json::json!(format!("{}_01h455vb4pex5vsknk084sn02q", K::PREFIX))])
            .into()
    }
}
impl<K: Kind> utoipa::ToSchema for Id<K> {
    /// Each kind has a schema of its own: `UserId` for `user`.
    fn name() -> Cow<'static, str> {
        let words = K::PREFIX.split('_').flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_uppercase(), rest.to_owned()]
        });
        Cow::Owned(words.chain(["Id".to_owned()]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    ids! { Thing = "thing" => ThingId; Other = "other" => OtherId; }

    #[test]
    fn text_and_back() {
        let id = ThingId::new(Timestamp::from_micros(1_700_000_000_000_000));
        assert_eq!(id.to_string().parse::<ThingId>(), Ok(id));
        assert!(id.to_string().parse::<OtherId>().is_err());
        assert_eq!("thing_01h455vb4pex5vsknk084sn02q".parse::<ThingId>().unwrap().to_string().len(), 32);
    }

    #[test]
    fn ids_sort_by_time() {
        let early = ThingId::new(Timestamp::from_micros(1_000_000));
        let late = ThingId::new(Timestamp::from_micros(2_000_000));
        assert!(early < late && early.to_string() < late.to_string());
    }
}
