//! Text as searches see it.

/// Folds text so that search neither sees case nor accents: Unicode to ASCII, lower case, single spaces.
/// The same on every database, unlike `LIKE`, which ignores case only on SQLite.
pub fn searchable(text: &str) -> String {
    any_ascii::any_ascii(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
