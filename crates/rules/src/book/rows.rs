//! What is computed over the rows of a fact, and the windows of time that choose them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Expr, Rule, Unit};

/// Rows of a fact: of records, of a list (column `value`), of a map (columns `key` and `value`) or of people.
/// In `value`, `where` and `day`, `row.COLUMN` is the row's column; `outer.COLUMN` that of the row around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Rows {
    /// The fact whose rows they are.
    pub of: Expr,
    /// What is taken of each row. Without it, the column `value` of a list or map, or the only column of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Expr>,
    /// Only rows of which this is met.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Rule>,
    /// Only rows whose day lies in this window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Window>,
    /// The row's day. Without it, the only column of dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Expr>,
}

/// People who hold certificates. `people` counts a person once, however many certificates they hold; `certificates`
/// counts what each of them holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct People {
    /// The certificates.
    #[schema(min_items = 1, max_items = 500)]
    pub holding: Vec<String>,
    /// Whether one of them is enough; it is, if nothing is said. Of `people` alone.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<Match>,
    /// The fact of type people; the only one, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub of: Option<String>,
    /// The day on which a certificate must count: valid_from ≤ day ≤ counts_until, or valid_to without that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Expr>,
}

/// Whether one or all of several must be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// At least one.
    Any,
    /// Each of them.
    All,
}

/// A window of whole days. Both ends are included. `D` is the day of evaluation, `as_of`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Window {
    /// The last so many months or days up to D: 12 months are (D − 12 months, D].
    Trailing(Trailing),
    /// From the first day of the present month, quarter or year up to D.
    ToDate(Unit),
    /// The whole last month, quarter or year before the present one.
    Previous(Unit),
    /// Whole calendar months, counted back from the present one, which is 0; never beyond D.
    /// `{from: 12, to: 12}` is the same month last year, `{from: 5, to: 0}` the present month and the five before.
    MonthsBack(MonthsBack),
    /// From one day to another.
    Between(DayRange),
}

/// The last so many months or days: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(no_recursion)]
pub struct Trailing {
    /// Calendar months; a day that a month does not have is its last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1200)]
    pub months: Option<u16>,
    /// Days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 36525)]
    pub days: Option<u16>,
    /// Up to this day, instead of D.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Expr>,
}

/// Whole calendar months, counted back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthsBack {
    /// The first month, so many back.
    #[schema(minimum = 0, maximum = 1200)]
    pub from: u16,
    /// The last month, so many back; at most `from`.
    #[schema(minimum = 0, maximum = 1200)]
    pub to: u16,
}

/// From one day to another, both included. Without an end, without that limit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(no_recursion)]
pub struct DayRange {
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Expr>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Expr>,
}
