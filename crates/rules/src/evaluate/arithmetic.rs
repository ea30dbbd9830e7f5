//! Arithmetic. What is computed from something unknown is unknown; sum, greatest and least skip it.

use super::{Run, arg};
use crate::{
    Number, Unknown, Value,
    node::{Edges, Node, Op},
};

/// A number, or why there is none.
pub(super) type Known = Result<Number, Unknown>;

pub(super) fn fits(number: Option<Number>) -> Known {
    number.ok_or(Unknown::TooLarge)
}

pub(super) fn value(known: Known) -> Value {
    known.map_or_else(Value::Unknown, Value::Number)
}

/// Whether a summand is skipped; what was too large or too costly is not, as the sum would be wrong without it.
pub(super) fn is_skipped(why: Unknown) -> bool {
    matches!(why, Unknown::Missing | Unknown::Undefined)
}

impl<'a> Run<'a> {
    pub(super) fn number(&mut self, node: &'a Node) -> Known {
        match self.eval(node) {
            Value::Number(number) => Ok(number),
            other => Err(other.why()),
        }
    }

    pub(super) fn arithmetic(&mut self, op: &'a Op, args: &'a [Node]) -> Value {
        match op {
            Op::Extreme { greatest } => self.extreme(args, *greatest),
            Op::Bands { edges, outside } => self.bands(edges, args, *outside),
            Op::Rates { edges, applies } => value(self.rates(edges, *applies, args)),
            _ => value(self.numeric(op, args)),
        }
    }

    fn numeric(&mut self, op: &'a Op, args: &'a [Node]) -> Known {
        match op {
            Op::Sum => self.sum(args),
            Op::Difference => {
                let (of, less) = (self.number(arg(args, 0))?, self.number(arg(args, 1))?);
                fits(of.minus(less))
            }
            Op::Product => {
                let mut product = Number::ONE;
                for node in args {
                    product = fits(product.times(self.number(node)?))?;
                }
                Ok(product)
            }
            Op::Ratio { zero } => {
                let (of, to) = (self.number(arg(args, 0))?, self.number(arg(args, 1))?);
                self.divided(of, to, zero.then(|| arg(args, 2)))
            }
            Op::Growth { baseline, zero } => self.growth(args, *baseline, *zero),
            Op::Clamp { low, high } => self.clamp(args, *low, *high),
            Op::Round { decimals, mode } => fits(self.number(arg(args, 0))?.rounded(*decimals, *mode)),
            Op::PerUnit { unit, whole } => {
                let units = fits(self.number(arg(args, 0))?.over(*unit))?;
                let units = if *whole { fits(units.rounded(0, crate::Rounding::Down))? } else { units };
                fits(units.times(self.number(arg(args, 1))?))
            }
            Op::Linear => self.linear(args),
            _ => Err(Unknown::Undefined),
        }
    }

    fn sum(&mut self, args: &'a [Node]) -> Known {
        let (mut sum, mut why) = (None, Unknown::Missing);
        for node in args {
            match self.number(node) {
                Ok(number) => sum = Some(fits(number.plus(sum.unwrap_or(Number::ZERO)))?),
                Err(reason) if is_skipped(reason) => why = reason,
                Err(reason) => return Err(reason),
            }
        }
        sum.ok_or(why)
    }

    fn divided(&mut self, of: Number, to: Number, when_zero: Option<&'a Node>) -> Known {
        match when_zero {
            Some(node) if to.is_zero() => self.number(node),
            None if to.is_zero() => Err(Unknown::Undefined),
            _ => fits(of.over(to)),
        }
    }

    fn growth(&mut self, args: &'a [Node], baseline: bool, zero: bool) -> Known {
        let (now, before) = (self.number(arg(args, 0))?, self.number(arg(args, 1))?);
        if baseline && before < self.number(arg(args, 2))? {
            return Ok(Number::ZERO);
        }
        let gain = fits(now.minus(before).and_then(|gain| gain.times(Number::whole(100))))?;
        let place = if baseline { 3 } else { 2 };
        self.divided(gain, before, zero.then(|| arg(args, place)))
    }

    fn extreme(&mut self, args: &'a [Node], greatest: bool) -> Value {
        let (mut best, mut why) = (None, Unknown::Missing);
        for node in args {
            match self.eval(node) {
                Value::Unknown(reason) if is_skipped(reason) => why = reason,
                Value::Unknown(reason) => return Value::Unknown(reason),
                found => best = Some(best.map_or(found.clone(), |best| further(best, found, greatest))),
            }
        }
        best.unwrap_or(Value::Unknown(why))
    }

    fn clamp(&mut self, args: &'a [Node], low: bool, high: bool) -> Known {
        let mut number = self.number(arg(args, 0))?;
        if low {
            number = number.max(self.number(arg(args, 1))?);
        }
        if high {
            number = number.min(self.number(arg(args, if low { 2 } else { 1 }))?);
        }
        Ok(number)
    }

    fn linear(&mut self, args: &'a [Node]) -> Known {
        let (of, reaches) = (self.number(arg(args, 0))?, self.number(arg(args, 1))?);
        let points = self.number(arg(args, 2))?;
        if reaches <= Number::ZERO {
            return Err(Unknown::Undefined);
        }
        if of >= reaches {
            return Ok(points);
        }
        let share = fits(of.max(Number::ZERO).over(reaches))?;
        fits(share.times(points))
    }

    fn bands(&mut self, edges: &'a Edges, args: &'a [Node], outside: bool) -> Value {
        let of = match self.number(arg(args, 0)) {
            Ok(of) => of,
            Err(why) => return Value::Unknown(why),
        };
        match edges.find(of) {
            Some(place) => self.eval(arg(args, place + 1)),
            None if outside => self.eval(arg(args, edges.ends.len() + 1)),
            None => Value::Unknown(Unknown::Undefined),
        }
    }
}

/// The greater or the lesser of two numbers or days.
pub(super) fn further(best: Value, found: Value, greatest: bool) -> Value {
    let beyond = match (&best, &found) {
        (Value::Number(best), Value::Number(found)) => found.cmp(best),
        (Value::Date(best), Value::Date(found)) => found.cmp(best),
        _ => std::cmp::Ordering::Equal,
    };
    if if greatest { beyond.is_gt() } else { beyond.is_lt() } { found } else { best }
}
