//! YAML in, JSON out: a document is validated the same way whichever it came as.

use kernel::{Code, Error};
use serde_json::Value;

/// Reads YAML as JSON. The library bounds nesting and the expansion of aliases.
///
/// # Errors
/// `invalid_json` with line and column.
pub fn from_yaml(text: &str) -> Result<Value, Error> {
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map(|at| format!(" at line {}, column {}", at.line(), at.column()));
        let what = error.without_snippet().to_string();
        Error::new(Code::InvalidJson, format!("The body is not YAML{}: {what}", place.unwrap_or_default()))
    })
}
