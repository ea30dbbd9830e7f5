//! Conditions: met, not met or unknown. Groups follow Kleene: unknown, unless the rest decides.

use std::cmp::Ordering;

use super::{Run, arg};
use crate::{
    Unknown, Value,
    node::{Every, Node, Op, Relation},
};

/// Met, not met, or why that is unknown.
type Truth = Result<bool, Unknown>;

fn value(truth: Truth) -> Value {
    truth.map_or_else(Value::Unknown, Value::Boolean)
}

/// How two values stand to each other; `None` for what has no order or is of different kinds.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn holds(by: Relation, left: &Value, right: &Value) -> Truth {
    match (left, right) {
        (Value::Unknown(why), _) | (_, Value::Unknown(why)) => return Err(*why),
        _ => {}
    }
    let ordered = || order(left, right).ok_or(Unknown::Undefined);
    Ok(match by {
        Relation::AtLeast => ordered()?.is_ge(),
        Relation::MoreThan => ordered()?.is_gt(),
        Relation::AtMost => ordered()?.is_le(),
        Relation::LessThan => ordered()?.is_lt(),
        Relation::Equals => left == right,
        Relation::NotEquals => left != right,
    })
}

impl<'a> Run<'a> {
    pub(super) fn compare(&mut self, op: &'a Op, args: &'a [Node]) -> Value {
        let left = self.eval(arg(args, 0));
        value(match op {
            Op::Compare(by) => {
                let right = self.eval(arg(args, 1));
                holds(*by, &left, &right)
            }
            Op::Between { upper_included } => {
                let (from, to) = (self.eval(arg(args, 1)), self.eval(arg(args, 2)));
                let upper = if *upper_included { Relation::AtMost } else { Relation::LessThan };
                both(holds(Relation::AtLeast, &left, &from), holds(upper, &left, &to))
            }
            Op::OneOf(values) => match left {
                Value::Unknown(why) => Err(why),
                found => Ok(values.contains(&found)),
            },
            Op::Contains { all, values } => match left {
                Value::List(list) if *all => Ok(values.iter().all(|value| list.contains(value))),
                Value::List(list) => Ok(values.iter().any(|value| list.contains(value))),
                other => Err(other.why()),
            },
            _ => Err(Unknown::Undefined),
        })
    }

    pub(super) fn truth(&mut self, node: &'a Node) -> Truth {
        match self.eval(node) {
            Value::Boolean(it) => Ok(it),
            other => Err(other.why()),
        }
    }

    pub(super) fn group(&mut self, op: &'a Op, args: &'a [Node]) -> Value {
        value(match op {
            Op::All => self.any(args, false).map(|found| !found),
            Op::Any => self.any(args, true),
            Op::None => self.any(args, true).map(|found| !found),
            Op::Not => self.truth(arg(args, 0)).map(|it| !it),
            Op::AtLeastOf { count, including } => self.at_least_of(args, *count, *including),
            Op::Every(every) => self.every(every),
            _ => Err(Unknown::Undefined),
        })
    }

    /// Whether one of them is `wanted`.
    fn any(&mut self, args: &'a [Node], wanted: bool) -> Truth {
        let mut unknown = None;
        for node in args {
            match self.truth(node) {
                Ok(it) if it == wanted => return Ok(true),
                Ok(_) => {}
                Err(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    fn at_least_of(&mut self, args: &'a [Node], count: usize, including: bool) -> Truth {
        let (of, besides) = args.split_at(args.len().saturating_sub(usize::from(including)));
        let (mut met, mut open, mut why) = (0, 0, Unknown::Missing);
        for node in of {
            match self.truth(node) {
                Ok(it) => met += usize::from(it),
                Err(reason) => (open, why) = (open + 1, reason),
            }
        }
        let enough = match (met >= count, met + open >= count) {
            (true, _) => Ok(true),
            (false, true) => Err(why),
            (false, false) => Ok(false),
        };
        match besides.first() {
            Some(node) => both(enough, self.truth(node)),
            None => enough,
        }
    }

    fn every(&mut self, every: &'a Every) -> Truth {
        let mut all = Ok(true);
        for (score, place) in self.every_parts(every)? {
            let found = match self.points(score, place) {
                Value::Number(points) if every.strict => Ok(points > every.least),
                Value::Number(points) => Ok(points >= every.least),
                other => Err(other.why()),
            };
            all = both(all, found);
        }
        all
    }
}

fn both(one: Truth, other: Truth) -> Truth {
    match (one, other) {
        (Ok(false), _) | (_, Ok(false)) => Ok(false),
        (Err(why), _) | (_, Err(why)) => Err(why),
        _ => Ok(true),
    }
}
