//! The rule book: the sections of a program document that say what is known of a partner, what is computed from it
//! and what a tier requires. Plain data: [`crate::Program::compile`] checks it and gives it meaning.

mod expression;
mod literal;
mod rows;
mod rule;
mod schema;
mod score;
mod short;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Number;

pub use expression::{
    Applies, Band, Boundary, Case, Clamp, Construct, DatePlus, Expr, Growth, Linear, Lookup, NextOf, OfUnit, PerUnit,
    RateBand, Rates, Ratio, Round, Steps, Unit,
};
pub use literal::{Literal, MonthDay};
pub use rows::{DayRange, Match, MonthsBack, People, Rows, Trailing, Window};
pub use rule::{AtLeastOf, Between, Comparison, Contains, EveryComponent, Group, Level, Rule, Upper};
pub use score::{Choose, Component, Score};

/// Everything a program says about the facts, metrics, scores and rules that its tiers rest on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleBook {
    /// The first day of the fiscal year. The year is named after the calendar year in which it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fiscal_year_start: Option<MonthDay>,
    /// What is known of a partner, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
    /// Published tables, by name; `lookup` reads them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Table>,
    /// What is computed, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Metric>,
    /// Points, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, Score>,
    /// Conditions, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, NamedRule>,
    /// What a company is asked for before it may join.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub eligibility: Vec<Criterion>,
    /// The ladder, lowest tier first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub tiers: Vec<TierRule>,
}

/// What kind of thing a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    /// An exact number.
    Number,
    /// Words, compared exactly.
    Text,
    /// True or false.
    Boolean,
    /// A day, `2026-01-31`.
    Date,
}

/// What kind of thing a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactType {
    /// An exact number.
    Number,
    /// Words, compared exactly.
    Text,
    /// True or false.
    Boolean,
    /// A day, `2026-01-31`.
    Date,
    /// Several values of the type `of`.
    List,
    /// Rows with the named `columns`. A row is a map, or a list in the order of the columns.
    Records,
    /// Values of the type `of` by key; `fact.key` reaches one.
    Map,
    /// People and their certificates: rows of person, certificate, valid_from, valid_to, counts_until, retired.
    People,
}

/// Something that is known of a partner, and handed to an evaluation as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What kind of thing it is.
    #[serde(rename = "type")]
    pub kind: FactType,
    /// Of what a list's or a map's values are; numbers, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Scalar>,
    /// The columns of records: a list of `{name, type}`, in the order in which rows that are lists have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50)]
    pub columns: Vec<Column>,
    /// What its numbers count: `USD`, `people`, `points`. Different units are not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40, example = "USD")]
    pub unit: Option<String>,
    /// What it is when nothing is known. Without it, it is unknown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value)]
    pub default: Option<serde_json::Value>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Where the engine takes it from. It means nothing to the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// A column of records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name; `row.NAME` reaches it.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$")]
    pub name: String,
    /// What kind of thing it holds.
    #[serde(rename = "type")]
    pub kind: Scalar,
    /// What its numbers count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub unit: Option<String>,
}

/// Where the engine takes a fact from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Reported from outside, under this name.
    Observation(String),
    /// Entered by a person, with this name: an invitation, an audit, a fee paid.
    Manual(String),
    /// Known to the engine itself, under this name.
    Engine(String),
}

/// A published table: values by one or more texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// What its numbers count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub unit: Option<String>,
    /// What the keys are, outermost first: their number is the depth of `values`.
    #[schema(min_items = 1, max_items = 4, example = json!(["tier", "market"]))]
    pub by: Vec<String>,
    /// What kind of thing it gives; numbers, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gives: Option<Scalar>,
    /// Maps of maps, as deep as `by` is long.
    #[schema(value_type = Object)]
    pub values: BTreeMap<String, Cell>,
}

/// A value of a table, or a map to the next key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// The value.
    Value(Literal),
    /// By the next key.
    Map(BTreeMap<String, Cell>),
}

/// Something computed. Short: the expression alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What its numbers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// How it is computed.
    pub value: Expr,
    /// Whether it was written as the expression alone, so that faults point at it.
    #[serde(skip)]
    pub short: bool,
}

/// A condition with a name. Short: the condition alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamedRule {
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it is met.
    pub requires: Rule,
    /// Whether it was written as the condition alone, so that faults point at it.
    #[serde(skip)]
    pub short: bool,
}

/// What a company is asked for before it may join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// What it is called: `eligibility.NAME` is its explanation.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$", example = "has_a_domain")]
    pub name: String,
    /// In words for who applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Whether who does not meet it is refused.
    #[serde(default)]
    pub kind: CriterionKind,
    /// How much it counts beside the other criteria; 1, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<Number>,
    /// When it is met.
    #[schema(no_recursion)]
    pub requires: Rule,
}

/// Whether a criterion must be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CriterionKind {
    /// Who does not meet it may not join.
    #[default]
    Required,
    /// Who meets it fits better.
    Preferred,
}

/// What a tier requires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierRule {
    /// The tier's name.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    /// What it takes. Without it, every partner has the tier. Tiers need not nest: the highest whose own rule is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub requires: Option<Rule>,
}
