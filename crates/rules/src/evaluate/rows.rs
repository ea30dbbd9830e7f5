//! What is computed over rows, and people.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::{
    Run, Source, arg,
    arithmetic::{Known, fits, further, is_skipped, value},
};
use crate::{
    Number, Unknown, Value,
    node::{Aggregate, Holding, Node, Over},
};

/// A row that counts: its day, if that matters, and its value.
pub(crate) type Row = (Option<NaiveDate>, Value);
/// The first and the last day that count.
pub(crate) type Days = Option<(NaiveDate, NaiveDate)>;

impl<'a> Run<'a> {
    pub(super) fn over(&mut self, over: &'a Over, args: &'a [Node]) -> Value {
        let (source, length) = match self.collection(args) {
            Ok(found) => found,
            Err(why) => return Value::Unknown(why),
        };
        let window = match self.window(over, args) {
            Ok(window) => window,
            Err(why) => return Value::Unknown(why),
        };
        if over.aggregate == Aggregate::Count && over.filter.is_none() && window.is_none() {
            return Value::Number(Number::count(length));
        }
        self.rows.push((source, 0));
        let mut rows = Vec::new();
        self.matching(over, args, window, length, |_, row| rows.push(row));
        self.rows.pop();
        self.aggregate(over.aggregate, rows, window)
    }

    /// The rows that count, each by its place, with its day, if that matters, and its value.
    pub fn rows_that_count(&mut self, over: &'a Over, args: &'a [Node]) -> Vec<(usize, Row)> {
        let mut counted = Vec::new();
        if let Ok((source, length)) = self.collection(args)
            && let Ok(window) = self.window(over, args)
        {
            self.rows.push((source, 0));
            self.matching(over, args, window, length, |at, row| counted.push((at, row)));
            self.rows.pop();
        }
        counted
    }

    fn collection(&mut self, args: &'a [Node]) -> Result<(Source, usize), Unknown> {
        match self.eval(arg(args, 0)) {
            Value::Records(records) => Ok((Source::Records(records.clone()), records.len())),
            Value::List(values) => Ok((Source::List(values.clone()), values.len())),
            Value::Map(entries) => Ok((Source::Map(entries.clone()), entries.len())),
            other => Err(other.why()),
        }
    }

    /// The first and the last day that count.
    pub fn window(&mut self, over: &'a Over, args: &'a [Node]) -> Result<Days, Unknown> {
        over.window.map(|(from, to)| Ok((self.day(arg(args, from))?, self.day(arg(args, to))?))).transpose()
    }

    fn matching(
        &mut self,
        over: &'a Over,
        args: &'a [Node],
        window: Days,
        length: usize,
        mut counts: impl FnMut(usize, Row),
    ) {
        // A level holds on after its day: what came before the window matters too.
        let first = window.filter(|_| over.aggregate != Aggregate::TimeWeighted).map(|(from, _)| from);
        for at in 0..length {
            if let Some(top) = self.rows.last_mut() {
                top.1 = at;
            }
            let met = over.filter.is_none_or(|filter| self.eval(arg(args, filter)).truth() == Some(true));
            if !met {
                continue;
            }
            let day = match over.day {
                Some(place) => match self.day(arg(args, place)) {
                    Ok(day) => Some(day),
                    Err(_) => continue,
                },
                None => None,
            };
            let outside = |day| first.is_some_and(|first| day < first) || window.is_some_and(|(_, last)| day > last);
            if day.is_some_and(outside) {
                continue;
            }
            let value = over.value.map_or(Value::Boolean(true), |place| self.eval(arg(args, place)));
            counts(at, (day, value));
        }
    }

    fn aggregate(&self, aggregate: Aggregate, rows: Vec<Row>, window: Days) -> Value {
        if self.steps > super::STEPS {
            return Value::Unknown(Unknown::TooCostly);
        }
        let unusable = |(_, value): &Row| matches!(value, Value::Unknown(why) if !is_skipped(*why));
        if let Some((_, Value::Unknown(why))) = rows.iter().find(|row| unusable(row)) {
            return Value::Unknown(*why);
        }
        let known = rows.into_iter().filter(|(_, value)| value.is_known());
        match aggregate {
            Aggregate::Count => Value::Number(Number::count(known.count())),
            Aggregate::CountDistinct => {
                let distinct: BTreeSet<String> = known.map(|(_, value)| value.to_string()).collect();
                Value::Number(Number::count(distinct.len()))
            }
            Aggregate::Highest => extreme(known, true),
            Aggregate::Lowest => extreme(known, false),
            Aggregate::Latest => latest(known),
            Aggregate::Total => value(total(&numbers(known))),
            Aggregate::Average => value(average(&numbers(known))),
            Aggregate::Median => value(median(numbers(known))),
            Aggregate::TimeWeighted => value(time_weighted(known.collect(), window)),
        }
    }

    pub(super) fn people(&mut self, holding: &'a Holding, args: &'a [Node]) -> Value {
        let mut count = 0_usize;
        match self.holders(holding, args, |_, held| count += if holding.each { held } else { 1 }) {
            Ok(()) => Value::Number(Number::count(count)),
            Err(why) => Value::Unknown(why),
        }
    }

    /// Tells each person who holds the certificates, and how many of them.
    pub fn holders(
        &mut self,
        holding: &'a Holding,
        args: &'a [Node],
        mut holder: impl FnMut(&Value, usize),
    ) -> Result<(), Unknown> {
        let records = match self.eval(arg(args, 0)) {
            Value::Records(records) => records,
            other => return Err(other.why()),
        };
        let day = self.day(arg(args, 1))?;
        let wanted = holding.certificates.len();
        let every = if wanted >= 64 { u64::MAX } else { (1_u64 << wanted) - 1 };
        let (mut person, mut held) = (None, 0_u64);
        let mut told = |person: Option<&Value>, held: u64| {
            let enough = if holding.all { held & every == every } else { held != 0 };
            if let Some(person) = person.filter(|_| enough) {
                holder(person, held.count_ones() as usize);
            }
        };
        self.steps = self.steps.saturating_add(u32::try_from(records.len()).unwrap_or(u32::MAX));
        for row in records.cells.chunks_exact(records.columns.len().max(1)) {
            let [name, Value::Text(certificate), from, to, until, ..] = row else { continue };
            // The rows of a person stand beside each other.
            if person != Some(name) {
                told(person, held);
                (person, held) = (Some(name), 0);
            }
            if let Some(at) = holding.certificates.iter().position(|it| it == certificate)
                && counts(day, from, if until.is_known() { until } else { to })
            {
                held |= 1 << at;
            }
        }
        told(person, held);
        Ok(())
    }
}

/// Whether a certificate counts on a day. Without a first or a last day, it counts from or for ever.
fn counts(day: NaiveDate, from: &Value, to: &Value) -> bool {
    let begun = !matches!(from, Value::Date(from) if day < *from);
    let ended = matches!(to, Value::Date(to) if day > *to);
    begun && !ended
}

fn numbers(rows: impl Iterator<Item = Row>) -> Vec<Number> {
    rows.filter_map(|(_, value)| value.number()).collect()
}

fn total(numbers: &[Number]) -> Known {
    numbers.iter().try_fold(Number::ZERO, |sum, number| fits(sum.plus(*number)))
}

fn average(numbers: &[Number]) -> Known {
    if numbers.is_empty() {
        return Err(Unknown::Undefined);
    }
    fits(total(numbers)?.over(Number::count(numbers.len())))
}

fn median(mut numbers: Vec<Number>) -> Known {
    numbers.sort_unstable();
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle).copied().ok_or(Unknown::Undefined)?;
    if numbers.len() % 2 == 1 {
        return Ok(upper);
    }
    let lower = middle.checked_sub(1).and_then(|at| numbers.get(at)).copied().ok_or(Unknown::Undefined)?;
    average(&[lower, upper])
}

fn extreme(rows: impl Iterator<Item = Row>, greatest: bool) -> Value {
    let values = rows.map(|(_, value)| value);
    values.reduce(|best, found| further(best, found, greatest)).unwrap_or(Value::Unknown(Unknown::Undefined))
}

/// The value of the latest day; of several on that day the greatest, so that the order of rows does not matter.
fn latest(rows: impl Iterator<Item = Row>) -> Value {
    let key = |(day, value): &Row| (*day, value.number(), value.to_string());
    let found = rows.max_by(|a, b| key(a).cmp(&key(b)));
    found.map_or(Value::Unknown(Unknown::Undefined), |(_, value)| value)
}

/// The mean of a level over the days of a window on which there is one.
fn time_weighted(rows: Vec<Row>, window: Days) -> Known {
    let (first, last) = window.ok_or(Unknown::Undefined)?;
    let mut levels: Vec<(NaiveDate, Number)> =
        rows.into_iter().filter_map(|(day, value)| Some((day?, value.number()?))).collect();
    levels.sort_unstable();
    let (mut sum, mut days) = (Number::ZERO, 0_i64);
    for (at, (from, level)) in levels.iter().enumerate() {
        let next = levels.get(at + 1).map(|(day, _)| *day);
        let start = i64::from((*from).max(first).num_days_from_ce());
        // The day after the last one on which the level holds.
        let after = i64::from(last.num_days_from_ce()) + 1;
        let end = next.map_or(after, |day| i64::from(day.num_days_from_ce()).min(after));
        let held = (end - start).max(0);
        sum = fits(level.times(Number::whole(held)).and_then(|part| sum.plus(part)))?;
        days += held;
    }
    if days == 0 { Err(Unknown::Undefined) } else { fits(sum.over(Number::whole(days))) }
}
