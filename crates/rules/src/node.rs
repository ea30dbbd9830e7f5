//! What a book is compiled to: nodes whose names are places, and what is told about each.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;

use crate::{
    Number, Rounding, Value,
    book::{Applies, MonthDay, Unit},
};

/// One construct with what it is computed from. What an argument means follows from its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where its note is.
    pub id: usize,
    pub op: Op,
    pub args: Vec<Node>,
}

impl Node {
    /// What stands where an argument is missing. The compiler leaves none out.
    pub const NOTHING: Self =
        Self { id: usize::MAX, op: Op::Value(Value::Unknown(crate::Unknown::Undefined)), args: Vec::new() };
}

/// What is told about a node: how the book writes it and where.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    /// The construct, as the book names it.
    pub construct: &'static str,
    /// For a name, the name; otherwise what distinguishes it, or nothing.
    pub label: String,
    pub pointer: String,
    pub unit: Option<Arc<str>>,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
    Equals,
    NotEquals,
}

/// What is computed over rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Count,
    CountDistinct,
    Total,
    Average,
    Median,
    Highest,
    Lowest,
    Latest,
    TimeWeighted,
}

/// Over which rows, by the places of arguments. The first argument is the collection.
#[derive(Debug, Clone)]
pub(crate) struct Over {
    pub aggregate: Aggregate,
    pub value: Option<usize>,
    pub filter: Option<usize>,
    pub day: Option<usize>,
    pub window: Option<(usize, usize)>,
}

/// Which certificates people hold.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub certificates: Box<[Arc<str>]>,
    pub all: bool,
    /// Whether certificates are counted, not people.
    pub each: bool,
}

/// Bands' lower and upper ends.
#[derive(Debug, Clone)]
pub(crate) struct Edges {
    pub ends: Box<[(Option<Number>, Option<Number>)]>,
    pub upper_included: bool,
}

impl Edges {
    /// The band in which the number lies.
    pub fn find(&self, x: Number) -> Option<usize> {
        self.ends.iter().position(|(from, to)| {
            let above = from.is_none_or(|from| if self.upper_included { from < x } else { from <= x });
            let below = to.is_none_or(|to| if self.upper_included { x <= to } else { x < to });
            above && below
        })
    }
}

/// Every component of a score, by path (one, if the score has none).
#[derive(Debug, Clone)]
pub(crate) struct Every {
    pub score: usize,
    pub parts: Box<[Box<[usize]>]>,
    pub strict: bool,
    pub least: Number,
}

/// What a node does.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Value(Value),
    Fact(usize),
    Key {
        fact: usize,
        key: Arc<str>,
    },
    Metric(usize),
    Rule(usize),
    Score(usize),
    /// A component; its place in each path.
    Part {
        score: usize,
        at: Box<[usize]>,
    },
    AsOf,
    Column {
        outer: bool,
        at: usize,
    },
    Sum,
    Difference,
    Product,
    Ratio {
        zero: bool,
    },
    Growth {
        baseline: bool,
        zero: bool,
    },
    Extreme {
        greatest: bool,
    },
    FirstKnown,
    Clamp {
        low: bool,
        high: bool,
    },
    Round {
        decimals: u8,
        mode: Rounding,
    },
    PerUnit {
        unit: Number,
        whole: bool,
    },
    Linear,
    Bands {
        edges: Edges,
        outside: bool,
    },
    Rates {
        edges: Edges,
        applies: Applies,
    },
    Lookup {
        table: usize,
        otherwise: bool,
    },
    Choose {
        otherwise: bool,
    },
    Collect,
    Join,
    People(Box<Holding>),
    Rows(Box<Over>),
    /// Of date, years, months, days.
    DatePlus,
    StartOf(Unit),
    EndOf(Unit),
    PeriodOf(Unit),
    PeriodStart,
    NextOf {
        days: Box<[MonthDay]>,
        strict: bool,
    },
    DaysBetween,
    MonthsBetween,
    Compare(Relation),
    OneOf(Box<[Value]>),
    Between {
        upper_included: bool,
    },
    All,
    Any,
    None,
    Not,
    /// The last argument is what is met besides, if there is one.
    AtLeastOf {
        count: usize,
        including: bool,
    },
    Contains {
        all: bool,
        values: Box<[Value]>,
    },
    Every(Box<Every>),
}

/// A compiled table.
#[derive(Debug, Clone)]
pub(crate) enum Entries {
    Value(Value),
    Map(BTreeMap<String, Entries>),
}

/// A component of a score, with those that lie in it by their place.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// With the names of those around it, by dots.
    pub name: String,
    pub pointer: String,
    pub cap: Option<Number>,
    pub floor: Number,
    pub gate: Option<Node>,
    pub applies: Option<Node>,
    pub points: Option<Node>,
    pub children: Vec<usize>,
    pub outermost: bool,
}

/// A compiled score.
#[derive(Debug, Clone)]
pub(crate) struct ScoreCode {
    pub cap: Option<Number>,
    /// Outer before inner.
    pub parts: Vec<Part>,
    pub paths: Vec<usize>,
    pub by: Option<Node>,
}

/// The first and last day that there is; windows without an end have them.
pub(crate) const FIRST_DAY: NaiveDate = NaiveDate::MIN;
/// See [`FIRST_DAY`].
pub(crate) const LAST_DAY: NaiveDate = NaiveDate::MAX;
