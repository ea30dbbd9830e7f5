//! Which published rules a document states.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Published rules that a document states, by the name and version that case files give them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedAs {
    /// The program, as case files call it.
    #[schema(min_length = 1, max_length = 200, example = "hubspot")]
    pub program: String,
    /// The versions whose rules these are.
    #[schema(min_items = 1, max_items = 100, example = json!(["mrr-2018"]))]
    pub versions: Vec<String>,
}
