//! How companies apply to the program.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How companies apply to the program. What they are asked for is in `eligibility`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reapply_after_days": 90, "auto_reject_ineligible": true}))]
pub struct ApplicationPolicy {
    /// Whether companies may apply; true if left out. The vendor's people may hand in an application either way.
    #[schema(default = true)]
    pub open: bool,
    /// How long a company that was rejected waits before it may apply again, in days of 24 hours; 90 if left out, 0 for
    /// not at all.
    #[schema(minimum = 0, maximum = 3650, default = 90)]
    pub reapply_after_days: u16,
    /// Whether who certainly does not meet a required criterion is rejected at once. What is unknown is for a person.
    #[schema(default = false)]
    pub auto_reject_ineligible: bool,
    /// From which likeness of names on the vendor is told of a partner or another application, in per mille; 880 if left
    /// out.
    #[schema(minimum = 500, maximum = 1000, default = 880)]
    pub name_threshold_per_mille: u16,
}

impl Default for ApplicationPolicy {
    fn default() -> Self {
        Self { open: true, reapply_after_days: 90, auto_reject_ineligible: false, name_threshold_per_mille: 880 }
    }
}

impl ApplicationPolicy {
    /// Whether it says nothing: then a document need not hold it.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
