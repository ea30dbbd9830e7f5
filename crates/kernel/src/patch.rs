//! JSON Merge Patch (RFC 7396): what is left out stays, null clears.

use serde::{Deserialize, Deserializer};

/// For a field of type `Option<Option<T>>` with `#[serde(default)]`: left out is `None`, null is `Some(None)`.
///
/// # Errors
/// When the value is not a `T`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
