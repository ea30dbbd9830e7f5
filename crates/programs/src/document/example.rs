//! Worked cases: the document's own tests.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A worked case: what comes out, given these facts on this day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Just Gold", "as_of": "2026-12-31", "given": {"revenue": 100000}, "expect": {"tier": "Gold"}
}))]
pub struct Example {
    /// What the case shows.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// More about it: how it is computed by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// The day of evaluation.
    pub as_of: NaiveDate,
    /// The facts, by name. What is left out has its default, or is unknown.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub given: Map<String, Value>,
    /// What is to come out: `tier` (null for none), or a name such as `revenue`, `score.data_ai.skilling` or
    /// `eligibility.has_a_domain`. Rules are true or false; null is what is unknown.
    #[schema(value_type = Object)]
    pub expect: BTreeMap<String, Value>,
    /// To how many decimals numbers are rounded, half to even, before they are compared; exactly, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 12)]
    pub round: Option<u8>,
}
