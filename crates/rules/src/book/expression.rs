//! Expressions: what a value is computed from. Each construct is a map with one key that names it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MonthDay, People, Rows, Rule};
use crate::{Number, Rounding, Value};

/// What a value is: a scalar as written, a name, or a construct.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A value as written.
    Literal(Value),
    /// `fact`, `fact.key`, `metric`, `rule`, `score.NAME`, `score.NAME.COMPONENT`, `row.COLUMN`, `outer.COLUMN`, `as_of`.
    Name(String),
    /// Something computed.
    Construct(Box<Construct>),
}

/// Something computed. What is computed from something unknown is unknown, unless it is said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schema(no_recursion)]
pub enum Construct {
    /// A text as written.
    Text(String),
    /// All added up. What is unknown is skipped; if all is unknown, so is the sum.
    Sum(Vec<Expr>),
    /// One less another: numbers.
    Difference {
        /// From which.
        of: Expr,
        /// What is taken away.
        less: Expr,
    },
    /// All multiplied.
    Product(Vec<Expr>),
    /// One divided by another.
    Ratio(Ratio),
    /// `(now − before) × 100 / before`.
    GrowthPercent(Growth),
    /// The greatest number or latest day of several. What is unknown is skipped.
    Greatest(Vec<Expr>),
    /// The least number or earliest day of several. What is unknown is skipped.
    Least(Vec<Expr>),
    /// The first of several that is known: a total as another system reports it, otherwise counted from what is stored.
    FirstKnown(Vec<Expr>),
    /// Kept between two ends.
    Clamp(Clamp),
    /// Rounded, by a named mode.
    Round(Round),
    /// So many points per unit: `of / unit × points`.
    PerUnit(PerUnit),
    /// Points in proportion: none at 0, all at `reaches` and above.
    Linear(Linear),
    /// What the band gives in which a number lies.
    Bands(Steps),
    /// An amount at the rates of bands.
    Rates(Rates),
    /// A value of a table.
    Lookup(Lookup),
    /// The first case whose condition is met.
    Choose {
        /// In this order.
        cases: Vec<Case>,
        /// When no case is met. Without it, the value is unknown then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        otherwise: Option<Expr>,
    },
    /// All cases whose conditions are met, as a list in this order.
    Collect {
        /// What is in the list, and when.
        cases: Vec<Case>,
    },
    /// Texts, numbers and days one after the other, as one text.
    Join(Vec<Expr>),
    /// How many people hold certificates.
    People(People),
    /// How many certificates people hold, each once a person.
    Certificates(People),
    /// How many rows.
    Count(Rows),
    /// How many different values in rows.
    CountDistinct(Rows),
    /// The values of rows added up; without rows 0. What is unknown is skipped.
    Total(Rows),
    /// The mean of the values of rows; without rows unknown.
    Average(Rows),
    /// The middle value of rows, the mean of the middle two of an even number; without rows unknown.
    Median(Rows),
    /// The greatest value of rows; without rows unknown.
    Highest(Rows),
    /// The least value of rows; without rows unknown.
    Lowest(Rows),
    /// The value of the row with the latest day; of several on that day, the greatest.
    Latest(Rows),
    /// The mean of a level over the days of `within`: a row's value holds from its day until the day of the next.
    /// Days before the first row do not count.
    TimeWeightedAverage(Rows),
    /// A day later (or, with negative numbers, earlier). A day that a month does not have is the month's last.
    DatePlus(DatePlus),
    /// The first day of the month, quarter or year that a day is in.
    StartOf(OfUnit),
    /// The last day of the month, quarter or year that a day is in.
    EndOf(OfUnit),
    /// The name of the month, quarter or year that a day is in: `2026-01`, `2026-Q1`, `2026`.
    PeriodOf(OfUnit),
    /// The first day of the period that a text names as `period_of` does: `2026-01`, `2026-Q1`, `2026`.
    PeriodStart(Expr),
    /// The next of days that come every year.
    NextOf(NextOf),
    /// Days from one day to another: 1 from a day to the next.
    DaysBetween {
        /// The earlier.
        from: Expr,
        /// The later; if it is earlier, the number is negative.
        to: Expr,
    },
    /// Whole months from one day to another: the most that, added to the earlier, do not pass the later.
    MonthsBetween {
        /// The earlier.
        from: Expr,
        /// The later; if it is earlier, the number is negative.
        to: Expr,
    },
}

/// One number divided by another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Ratio {
    /// What is divided.
    pub of: Expr,
    /// By what.
    pub to: Expr,
    /// What it is when `to` is 0. Without it, it is unknown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_zero: Option<Expr>,
}

/// Growth in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Growth {
    /// The later number.
    pub now: Expr,
    /// The earlier number.
    pub before: Expr,
    /// If `before` is below it, growth is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_baseline: Option<Expr>,
    /// What it is when `before` is 0. Without it, it is unknown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_zero: Option<Expr>,
}

/// A number kept between two ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Clamp {
    /// The number.
    pub value: Expr,
    /// The lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Expr>,
    /// The upper end; it wins over the lower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Expr>,
}

/// A number rounded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Round {
    /// The number.
    pub value: Expr,
    /// To so many decimals.
    #[schema(minimum = 0, maximum = 12)]
    pub decimals: u8,
    /// How.
    pub mode: Rounding,
}

/// So many points per unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct PerUnit {
    /// What is counted.
    pub of: Expr,
    /// How much is one unit; 1 if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Number>,
    /// What each unit gives.
    pub points: Expr,
    /// Whether only whole units count (rounded down) rather than each in proportion.
    #[serde(default)]
    pub whole_units: bool,
}

/// Points in proportion, up to a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Linear {
    /// What is measured.
    pub of: Expr,
    /// Where all points are reached; more than 0.
    pub reaches: Expr,
    /// All points.
    pub points: Expr,
}

/// To which band a number on the border between two belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// To the higher: from ≤ x < to.
    #[default]
    LowerIncluded,
    /// To the lower: from < x ≤ to.
    UpperIncluded,
}

/// What the band gives in which a number lies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Steps {
    /// The number.
    pub of: Expr,
    /// To which band a border belongs; to the higher, if nothing is said.
    #[serde(default)]
    pub boundary: Boundary,
    /// In ascending order.
    #[schema(min_items = 1, max_items = 200)]
    pub bands: Vec<Band>,
    /// What it is outside all bands. Without it, it is unknown there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Expr>,
}

/// A band. An end that is not said is that of the neighbour; the first is open downwards, the last upwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Band {
    /// The lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Number>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Number>,
    /// What it gives.
    pub gives: Expr,
}

/// An amount at the rates of bands. Below the first band, and below 0, it is 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Rates {
    /// The amount.
    pub of: Expr,
    /// How the rates apply. Vendors call two opposite ones "cumulative"; here each has a name.
    pub applies: Applies,
    /// To which band a border belongs; to the higher, if nothing is said.
    #[serde(default)]
    pub boundary: Boundary,
    /// In ascending order and without gaps. The first starts at 0 if nothing is said.
    #[schema(min_items = 1, max_items = 200)]
    pub bands: Vec<RateBand>,
}

/// A band with a rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct RateBand {
    /// The lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Number>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Number>,
    /// What one of the amount gives: 0.05 is 5 percent.
    pub rate: Expr,
}

/// How the rates of bands apply to an amount. A band is reached when the amount lies in it or above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// The rate of the band in which the amount lies applies to all of it, back to the first.
    Retroactive,
    /// Each band's rate applies to the part of the amount in the band.
    Marginal,
    /// Each reached band's rate applies to the amount up to the band's upper end, and all are added.
    StackedCapped,
    /// Each reached band's rate applies to all of the amount, and all are added.
    StackedFull,
}

/// A value of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Lookup {
    /// The table's name.
    #[schema(max_length = 64)]
    pub table: String,
    /// Its keys, outermost first: texts, or numbers and days as they are written.
    #[schema(min_items = 1, max_items = 4)]
    pub by: Vec<Expr>,
    /// What it is when the table has no such key. Without it, it is unknown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Expr>,
}

/// A case of `choose` or `collect`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct Case {
    /// When. An unknown condition is not met.
    pub when: Rule,
    /// What it is then.
    pub then: Expr,
}

/// A day so much later. Years and months are added first, then days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct DatePlus {
    /// The day; `as_of`, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Expr>,
    /// Days; a whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<Expr>,
    /// Months; a whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<Expr>,
    /// Years; a whole number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<Expr>,
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
    /// A year from the book's `fiscal_year_start`.
    FiscalYear,
}

/// The month, quarter or year that a day is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct OfUnit {
    /// Month, quarter or year.
    pub unit: Unit,
    /// The day; `as_of`, if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Expr>,
}

/// The next of days that come every year: exactly one of `after` and `on_or_after`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(no_recursion)]
pub struct NextOf {
    /// The days.
    #[schema(min_items = 1, max_items = 366)]
    pub days: Vec<MonthDay>,
    /// Later than this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Expr>,
    /// This day or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_or_after: Option<Expr>,
}
