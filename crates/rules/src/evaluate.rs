//! Evaluation: from facts and a day to values. Pure, bounded, and the same in whatever order it is asked.

mod arithmetic;
mod dates;
mod money;
mod outcome;
mod rows;
mod rules;
mod scores;
mod texts;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::{
    Facts, Program, Records, Unknown, Value,
    node::{Node, Op},
};
use arithmetic::is_skipped;
pub(crate) use outcome::Reference;
pub use outcome::{ComponentOutcome, Met, Outcome, ScoreOutcome};
pub(crate) use scores::ScoreValue;

/// How many nodes one evaluation may visit: well under a second, and far more than a program needs.
const STEPS: u32 = 5_000_000;

/// One evaluation: what was computed already, and what rows it is in.
pub(crate) struct Run<'a> {
    pub program: &'a Program,
    pub facts: &'a Facts,
    pub as_of: NaiveDate,
    metrics: Box<[Option<Value>]>,
    rules: Box<[Option<Value>]>,
    scores: Box<[Option<ScoreValue>]>,
    rows: Vec<(Source, usize)>,
    steps: u32,
}

/// Where rows come from.
#[derive(Debug, Clone)]
enum Source {
    Records(Arc<Records>),
    List(Arc<[Value]>),
    Map(Arc<[(Arc<str>, Value)]>),
}

impl<'a> Run<'a> {
    pub fn new(program: &'a Program, facts: &'a Facts, as_of: NaiveDate) -> Self {
        Self {
            program,
            facts,
            as_of,
            metrics: vec![None; program.metrics.len()].into(),
            rules: vec![None; program.rules.len()].into(),
            scores: vec![None; program.scores.len()].into(),
            rows: Vec::new(),
            steps: 0,
        }
    }

    /// The node's value.
    pub fn eval(&mut self, node: &'a Node) -> Value {
        self.steps += 1;
        if self.steps > STEPS {
            return Value::Unknown(Unknown::TooCostly);
        }
        let args = &node.args;
        match &node.op {
            Op::Value(value) => value.clone(),
            Op::Fact(place) => self.fact(*place).clone(),
            Op::Key { fact, key } => self.key(*fact, key),
            Op::Metric(place) => self.metric(*place),
            Op::Rule(place) => self.rule(*place),
            Op::Score(place) => self.score(*place).total.clone(),
            Op::Part { score, at } => self.part(*score, at),
            Op::AsOf => Value::Date(self.as_of),
            Op::Column { outer, at } => self.column(*outer, *at),
            Op::People(holding) => self.people(holding, args),
            Op::Rows(over) => self.over(over, args),
            Op::Choose { otherwise } => self.choose(args, *otherwise),
            Op::FirstKnown => self.first_known(args).1,
            Op::Collect => self.collect(args),
            Op::Join => self.join(args),
            Op::Lookup { table, otherwise } => self.lookup(*table, args, *otherwise),
            Op::DatePlus
            | Op::StartOf(_)
            | Op::EndOf(_)
            | Op::PeriodOf(_)
            | Op::PeriodStart
            | Op::NextOf { .. }
            | Op::DaysBetween
            | Op::MonthsBetween => self.dates(&node.op, args),
            Op::Compare(_) | Op::OneOf(_) | Op::Between { .. } | Op::Contains { .. } => self.compare(&node.op, args),
            Op::All | Op::Any | Op::None | Op::Not | Op::AtLeastOf { .. } | Op::Every(_) => self.group(&node.op, args),
            _ => self.arithmetic(&node.op, args),
        }
    }

    fn fact(&self, place: usize) -> &'a Value {
        self.facts.values.get(place).unwrap_or(&Value::Unknown(Unknown::Missing))
    }

    fn key(&self, fact: usize, key: &str) -> Value {
        match self.fact(fact) {
            Value::Map(entries) => match entries.binary_search_by(|(it, _)| (**it).cmp(key)) {
                Ok(at) => entries.get(at).map_or(Value::Unknown(Unknown::Missing), |(_, value)| value.clone()),
                Err(_) => Value::Unknown(Unknown::Missing),
            },
            other => Value::Unknown(other.why()),
        }
    }

    fn metric(&mut self, place: usize) -> Value {
        if let Some(Some(known)) = self.metrics.get(place) {
            return known.clone();
        }
        let program = self.program;
        let Some(node) = program.metrics.get(place) else { return Value::Unknown(Unknown::Undefined) };
        let value = self.outside_rows(|run| run.eval(node));
        if let Some(slot) = self.metrics.get_mut(place) {
            *slot = Some(value.clone());
        }
        value
    }

    pub fn rule(&mut self, place: usize) -> Value {
        if let Some(Some(known)) = self.rules.get(place) {
            return known.clone();
        }
        let program = self.program;
        let Some(node) = program.rules.get(place) else { return Value::Unknown(Unknown::Undefined) };
        let value = self.outside_rows(|run| run.eval(node));
        if let Some(slot) = self.rules.get_mut(place) {
            *slot = Some(value.clone());
        }
        value
    }

    /// What a name stands for does not see the rows of the place where it is used.
    fn outside_rows<T>(&mut self, eval: impl FnOnce(&mut Self) -> T) -> T {
        let rows = std::mem::take(&mut self.rows);
        let value = eval(self);
        self.rows = rows;
        value
    }

    fn column(&self, outer: bool, at: usize) -> Value {
        let back = if outer { 2 } else { 1 };
        let row = self.rows.len().checked_sub(back).and_then(|place| self.rows.get(place));
        let Some((source, row)) = row else { return Value::Unknown(Unknown::Undefined) };
        let found = match source {
            Source::Records(records) => records.row(*row).get(at).cloned(),
            Source::List(values) => values.get(*row).cloned(),
            Source::Map(entries) => entries.get(*row).map(|(key, value)| match at {
                0 => Value::Text(key.clone()),
                _ => value.clone(),
            }),
        };
        found.unwrap_or(Value::Unknown(Unknown::Undefined))
    }

    fn choose(&mut self, args: &'a [Node], otherwise: bool) -> Value {
        let (cases, rest) = if otherwise { args.split_at(args.len().saturating_sub(1)) } else { (args, &[][..]) };
        for case in cases.chunks_exact(2) {
            if let [when, then] = case
                && self.eval(when).truth() == Some(true)
            {
                return self.eval(then);
            }
        }
        rest.first().map_or(Value::Unknown(Unknown::Undefined), |node| self.eval(node))
    }

    /// The first that is known, with how many were looked at for it; what was too large or too costly is not passed over.
    pub fn first_known(&mut self, args: &'a [Node]) -> (usize, Value) {
        let mut found = Value::Unknown(Unknown::Undefined);
        for (at, node) in args.iter().enumerate() {
            found = self.eval(node);
            if !matches!(found, Value::Unknown(why) if is_skipped(why)) {
                return (at + 1, found);
            }
        }
        (args.len(), found)
    }
}

/// The argument at a place. The compiler made as many as the construct has.
pub(crate) fn arg(args: &[Node], at: usize) -> &Node {
    static NOTHING: Node = Node::NOTHING;
    args.get(at).unwrap_or(&NOTHING)
}
