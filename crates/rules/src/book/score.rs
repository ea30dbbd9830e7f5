//! Scores: points in components, with caps, gates and paths.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Expr, Rule};
use crate::Number;

/// Points. Either `components`, whose points are added, or `paths`, of which one counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(no_recursion)]
pub struct Score {
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// At most so many points in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap: Option<Number>,
    /// What is added up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub components: Vec<Component>,
    /// Other scores, of which one counts in full: never a mix of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub paths: Vec<String>,
    /// Which of the paths counts; the best, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choose: Option<Choose>,
}

/// Which of several paths counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(no_recursion)]
pub enum Choose {
    /// The one with the greatest total; of equal ones, the first named.
    Best,
    /// The one whose name this text is. If it names none, the score is unknown.
    By(Expr),
}

/// A part of a score: `points`, or further `components`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Component {
    /// Its name; `score.SCORE.NAME` reaches it, `score.SCORE.OUTER.NAME` if it lies in another.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$")]
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Its points. Unknown points count as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Expr>,
    /// The components that are added up in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub components: Vec<Component>,
    /// At most so many points: over `components`, a joint cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Number>,
    /// At least so many points; 0 if nothing is said. A floor below 0 lets losses count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Number>,
    /// If it is not met, the component gives 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Rule>,
    /// If it is not met, the component does not apply: it gives 0 and `every_component` does not look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<Rule>,
}
