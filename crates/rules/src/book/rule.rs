//! Rules: conditions that are met, not met, or unknown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Expr, Literal};
use crate::Number;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Always or never met.
    Always(bool),
    /// The rule of this name, or a fact or metric that is true or false.
    Name(String),
    /// Something beside a threshold.
    Comparison(Box<Comparison>),
    /// Several conditions, or one about several things.
    Group(Box<Group>),
}

/// A value beside exactly one threshold. Each threshold but `is` and `one_of` is an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Comparison {
    /// What is compared.
    pub metric: Expr,
    /// ≥
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Expr>,
    /// >
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_than: Option<Expr>,
    /// ≤
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Expr>,
    /// <
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than: Option<Expr>,
    /// =, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Expr>,
    /// ≠
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_equals: Option<Expr>,
    /// = a value as written: a bare word is a text here, no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Literal>,
    /// = one of the values as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    pub one_of: Option<Vec<Literal>>,
    /// From one value, included, to another, of which it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<Between>,
}

impl Rule {
    /// What a map that is a rule may begin with.
    pub(super) const KEYS: [&str; 17] = [
        "metric",
        "at_least",
        "more_than",
        "at_most",
        "less_than",
        "equals",
        "not_equals",
        "is",
        "one_of",
        "between",
        "all",
        "any",
        "none",
        "not",
        "at_least_of",
        "contains",
        "every_component",
    ];
}

impl Comparison {
    /// The keys by which a map is known to be a comparison.
    pub(super) const KEYS: [&str; 10] =
        ["metric", "at_least", "more_than", "at_most", "less_than", "equals", "not_equals", "is", "one_of", "between"];
}

/// A range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Between {
    /// The lower end; it belongs to the range.
    pub from: Expr,
    /// The upper end.
    pub to: Expr,
    /// Whether the upper end belongs to the range.
    pub upper: Upper,
}

/// Whether the upper end of a range belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Upper {
    /// It does.
    Included,
    /// It does not.
    Excluded,
}

/// Several conditions, or one about several things. What is unknown stays unknown unless the rest decides (Kleene).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Group {
    /// Every one is met.
    All(Vec<Rule>),
    /// At least one is met.
    Any(Vec<Rule>),
    /// Not one is met.
    None(Vec<Rule>),
    /// It is not met.
    Not(Rule),
    /// At least so many of several are met.
    AtLeastOf(AtLeastOf),
    /// A list holds texts or numbers.
    Contains(Contains),
    /// Every component of a score has points.
    EveryComponent(EveryComponent),
}

/// At least so many of several are met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct AtLeastOf {
    /// How many.
    #[schema(minimum = 1, maximum = 500)]
    pub count: u16,
    /// Of which.
    #[schema(max_items = 500)]
    pub of: Vec<Rule>,
    /// What must be met besides: "of which one is A or B" is `{any: [a, b]}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub including: Option<Rule>,
}

/// A list holds values: one of `any`, or `all`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Contains {
    /// The list.
    pub list: Expr,
    /// At least one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    pub any: Option<Vec<Literal>>,
    /// All of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    pub all: Option<Vec<Literal>>,
}

/// Every component of a score has points: exactly one of `more_than` and `at_least`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct EveryComponent {
    /// The score's name. Of paths, it looks at the chosen one only.
    #[schema(max_length = 64)]
    pub score: String,
    /// Each has more points than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_than: Option<Number>,
    /// Each has at least these points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Number>,
    /// Which components: those with `points` of their own, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Components that it does not look at, with all that lies in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub except: Vec<String>,
}

/// Which components of a score are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Those with points of their own, however deep.
    Innermost,
    /// Those that the score itself adds up.
    Outermost,
}
