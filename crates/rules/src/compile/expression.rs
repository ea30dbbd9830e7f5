//! Arithmetic: its kinds, units and ranges.

use std::sync::Arc;

use super::{About, Compiler, Kind, Range, Typed};
use crate::{
    Number, Value,
    book::{Case, Clamp, Construct, Expr, Growth, Linear, Lookup, PerUnit, Ratio, Round},
    fault::{below, unknown},
    node::{Aggregate, Op},
};

/// How many things a list in a book may hold.
pub(super) const LIST: usize = 500;

impl Compiler<'_> {
    pub(super) fn expr(&mut self, expr: &Expr, at: &str) -> Typed {
        match expr {
            Expr::Literal(value) => self.literal(value.clone(), at),
            Expr::Name(name) => self.use_name(name, at),
            Expr::Construct(construct) => self.deeper(at, |it| it.construct(construct, at)),
        }
    }

    /// An expression that must be of a kind.
    pub(super) fn expect(&mut self, expr: &Expr, at: &str, kind: &Kind) -> Typed {
        let typed = self.expr(expr, at);
        self.must_be(typed, at, kind)
    }

    pub(super) fn must_be(&mut self, mut typed: Typed, at: &str, kind: &Kind) -> Typed {
        if !typed.about.kind.fits(kind) {
            let mut words = format!("is {}, but {kind} is needed", typed.about.kind);
            if typed.about.kind == Kind::Date && *kind == Kind::Number {
                words.push_str("; days_between gives the days from one date to another");
            }
            self.error(at, "type", words);
            typed.about.kind = Kind::Any;
        }
        typed
    }

    pub(super) fn number(&mut self, expr: &Expr, at: &str, key: &str) -> Typed {
        self.expect(expr, &below(at, key), &Kind::Number)
    }

    fn maybe_number(&mut self, expr: Option<&Expr>, at: &str, key: &str) -> Option<Typed> {
        expr.map(|expr| self.number(expr, at, key))
    }

    fn construct(&mut self, construct: &Construct, above: &str) -> Typed {
        let name = name_of(construct);
        let at = &below(above, name);
        match construct {
            Construct::Text(text) => self.literal(Value::text(text), above),
            Construct::Sum(of) => self.sum(of, at),
            Construct::Difference { of, less } => self.difference(of, less, at),
            Construct::Product(of) => self.product(of, at),
            Construct::Ratio(ratio) => self.ratio(ratio, at),
            Construct::GrowthPercent(growth) => self.growth(growth, at),
            Construct::Greatest(of) => self.extreme(of, true, at),
            Construct::Least(of) => self.extreme(of, false, at),
            Construct::FirstKnown(of) => self.first_known(of, at),
            Construct::Clamp(clamp) => self.clamp(clamp, at),
            Construct::Round(round) => self.round(round, at),
            Construct::PerUnit(per_unit) => self.per_unit(per_unit, at),
            Construct::Linear(linear) => self.linear(linear, at),
            Construct::Bands(steps) => self.bands(steps, at),
            Construct::Rates(rates) => self.rates(rates, at),
            Construct::Lookup(lookup) => self.lookup(lookup, at),
            Construct::Choose { cases, otherwise } => self.choose(cases, otherwise.as_ref(), at),
            Construct::Collect { cases } => self.collect(cases, at),
            Construct::Join(of) => self.join(of, at),
            Construct::People(people) => self.people(people, false, name, at),
            Construct::Certificates(people) => self.people(people, true, name, at),
            Construct::Count(rows) => self.rows(rows, Aggregate::Count, name, at),
            Construct::CountDistinct(rows) => self.rows(rows, Aggregate::CountDistinct, name, at),
            Construct::Total(rows) => self.rows(rows, Aggregate::Total, name, at),
            Construct::Average(rows) => self.rows(rows, Aggregate::Average, name, at),
            Construct::Median(rows) => self.rows(rows, Aggregate::Median, name, at),
            Construct::Highest(rows) => self.rows(rows, Aggregate::Highest, name, at),
            Construct::Lowest(rows) => self.rows(rows, Aggregate::Lowest, name, at),
            Construct::Latest(rows) => self.rows(rows, Aggregate::Latest, name, at),
            Construct::TimeWeightedAverage(rows) => self.rows(rows, Aggregate::TimeWeighted, name, at),
            Construct::DatePlus(plus) => self.date_plus(plus, at),
            Construct::StartOf(of) => self.of_unit(of, name, Op::StartOf(of.unit), Kind::Date, at),
            Construct::EndOf(of) => self.of_unit(of, name, Op::EndOf(of.unit), Kind::Date, at),
            Construct::PeriodOf(of) => self.of_unit(of, name, Op::PeriodOf(of.unit), Kind::Text, at),
            Construct::PeriodStart(of) => self.period_start(of, at),
            Construct::NextOf(next) => self.next_of(next, at),
            Construct::DaysBetween { from, to } => self.between_days(from, to, name, Op::DaysBetween, at),
            Construct::MonthsBetween { from, to } => self.between_days(from, to, name, Op::MonthsBetween, at),
        }
    }

    /// The common unit of what is added or compared; two different ones are a fault.
    pub(super) fn common_unit(&mut self, all: &[&Typed], at: &str) -> Option<Arc<str>> {
        let mut units = all.iter().filter_map(|typed| typed.about.unit.clone());
        let first = units.next()?;
        if let Some(other) = units.find(|unit| *unit != first) {
            self.error(
                at,
                "unit_mismatch",
                format!("mixes {first} and {other}; a metric can state the unit it converts to"),
            );
        }
        Some(first)
    }

    /// Several numbers, each at its place in a list.
    fn numbers(&mut self, of: &[Expr], at: &str) -> Vec<Typed> {
        self.some(of.len(), at);
        let each = of.iter().enumerate();
        each.map(|(place, expr)| self.expect(expr, &below(at, place), &Kind::Number)).collect()
    }

    /// A list must hold something, and not too much.
    pub(super) fn some(&mut self, length: usize, at: &str) {
        if length == 0 {
            self.error(at, "empty", "is empty, and would mean nothing");
        } else if length > LIST {
            self.error(at, "length", format!("holds more than {LIST}"));
        }
    }

    fn sum(&mut self, of: &[Expr], at: &str) -> Typed {
        let args = self.numbers(of, at);
        let mut about = About::new(Kind::Number);
        about.unit = self.common_unit(&args.iter().collect::<Vec<_>>(), at);
        // What is unknown is skipped: each summand may also be nothing.
        let skippable = |arg: &Typed| arg.about.range.or(Range::exactly(Number::ZERO));
        about.range = args.iter().map(skippable).reduce(Range::plus).unwrap_or(Range::ANY);
        self.node("sum", at, Op::Sum, args, about)
    }

    fn difference(&mut self, of: &Expr, less: &Expr, at: &str) -> Typed {
        let (of, less) = (self.number(of, at, "of"), self.number(less, at, "less"));
        let mut about = About::new(Kind::Number);
        about.unit = self.common_unit(&[&of, &less], at);
        about.range = of.about.range.plus(less.about.range.negated());
        self.node("difference", at, Op::Difference, vec![of, less], about)
    }

    fn product(&mut self, of: &[Expr], at: &str) -> Typed {
        let args = self.numbers(of, at);
        let mut about = About::new(Kind::Number);
        about.range = args.iter().map(|arg| arg.about.range).reduce(Range::times).unwrap_or(Range::ANY);
        self.node("product", at, Op::Product, args, about)
    }

    fn ratio(&mut self, ratio: &Ratio, at: &str) -> Typed {
        let mut args = vec![self.number(&ratio.of, at, "of"), self.number(&ratio.to, at, "to")];
        self.not_zero(args.last(), ratio.when_zero.is_some(), &below(at, "to"));
        args.extend(self.maybe_number(ratio.when_zero.as_ref(), at, "when_zero"));
        let op = Op::Ratio { zero: ratio.when_zero.is_some() };
        self.node("ratio", at, op, args, About::new(Kind::Number))
    }

    fn not_zero(&mut self, divisor: Option<&Typed>, handled: bool, at: &str) {
        if !handled && divisor.and_then(|it| it.about.range.only()).is_some_and(Number::is_zero) {
            self.error(at, "contradiction", "is always 0, by which nothing is divided");
        }
    }

    fn growth(&mut self, growth: &Growth, at: &str) -> Typed {
        let mut args = vec![self.number(&growth.now, at, "now"), self.number(&growth.before, at, "before")];
        self.common_unit(&args.iter().collect::<Vec<_>>(), at);
        args.extend(self.maybe_number(growth.minimum_baseline.as_ref(), at, "minimum_baseline"));
        args.extend(self.maybe_number(growth.when_zero.as_ref(), at, "when_zero"));
        let op = Op::Growth { baseline: growth.minimum_baseline.is_some(), zero: growth.when_zero.is_some() };
        self.node("growth_percent", at, op, args, About::new(Kind::Number))
    }

    fn extreme(&mut self, of: &[Expr], greatest: bool, at: &str) -> Typed {
        self.some(of.len(), at);
        let mut args: Vec<Typed> = Vec::new();
        for (place, expr) in of.iter().enumerate() {
            let here = below(at, place);
            let kind = args.first().map_or(Kind::Any, |first| first.about.kind.clone());
            let typed = self.expect(expr, &here, &kind);
            args.push(self.ordered(typed, &here));
        }
        let mut about = About::new(args.first().map_or(Kind::Any, |first| first.about.kind.clone()));
        about.unit = self.common_unit(&args.iter().collect::<Vec<_>>(), at);
        let ranges: Vec<Range> = args.iter().map(|arg| arg.about.range).collect();
        about.range = Range::greatest(&ranges);
        // A literal is never skipped, so it is a limit.
        let limits = args.iter().filter_map(|arg| arg.about.range.only());
        about.range = if greatest { about.range.raised(limits.max()) } else { about.range.lowered(limits.min()) };
        self.node(if greatest { "greatest" } else { "least" }, at, Op::Extreme { greatest }, args, about)
    }

    fn first_known(&mut self, of: &[Expr], at: &str) -> Typed {
        self.some(of.len(), at);
        let (mut args, mut kind, mut range) = (Vec::new(), Kind::Any, None);
        for (place, expr) in of.iter().enumerate() {
            let typed = self.expect(expr, &below(at, place), &kind);
            self.branch(&typed, &mut kind, &mut range);
            args.push(typed);
        }
        let mut about = About::new(kind);
        about.range = range.unwrap_or(Range::ANY);
        about.unit = self.common_unit(&args.iter().collect::<Vec<_>>(), at);
        self.node("first_known", at, Op::FirstKnown, args, about)
    }

    pub(super) fn ordered(&mut self, mut typed: Typed, at: &str) -> Typed {
        if !typed.about.kind.is_ordered() {
            self.error(at, "type", format!("is {}, but only numbers and dates have an order", typed.about.kind));
            typed.about.kind = Kind::Any;
        }
        typed
    }

    fn clamp(&mut self, clamp: &Clamp, at: &str) -> Typed {
        let mut args = vec![self.number(&clamp.value, at, "value")];
        let low = self.maybe_number(clamp.at_least.as_ref(), at, "at_least");
        let high = self.maybe_number(clamp.at_most.as_ref(), at, "at_most");
        let mut about = About::new(Kind::Number);
        about.range = args.first().map_or(Range::ANY, |arg| arg.about.range);
        about.range = low.as_ref().map_or(about.range, |it| about.range.max(it.about.range));
        about.range = high.as_ref().map_or(about.range, |it| about.range.min(it.about.range));
        if low.is_none() && high.is_none() {
            self.error(at, "required", "needs at_least or at_most");
        }
        let op = Op::Clamp { low: low.is_some(), high: high.is_some() };
        args.extend(low.into_iter().chain(high));
        about.unit = self.common_unit(&args.iter().collect::<Vec<_>>(), at);
        self.node("clamp", at, op, args, about)
    }

    fn round(&mut self, round: &Round, at: &str) -> Typed {
        let value = self.number(&round.value, at, "value");
        if round.decimals > 12 {
            self.error(&below(at, "decimals"), "maximum", "is more than 12");
        }
        let mut about = About::new(Kind::Number);
        about.unit.clone_from(&value.about.unit);
        let rounded = |end: Option<Number>| end.and_then(|end| end.rounded(round.decimals, round.mode));
        about.range = Range { low: rounded(value.about.range.low), high: rounded(value.about.range.high) };
        let op = Op::Round { decimals: round.decimals, mode: round.mode };
        self.node("round", at, op, vec![value], about)
    }

    fn per_unit(&mut self, per_unit: &PerUnit, at: &str) -> Typed {
        let args = vec![self.number(&per_unit.of, at, "of"), self.number(&per_unit.points, at, "points")];
        let unit = per_unit.unit.unwrap_or(Number::ONE);
        if unit <= Number::ZERO {
            self.error(&below(at, "unit"), "minimum", "is not more than 0");
        }
        let ranges: Vec<Range> = args.iter().map(|arg| arg.about.range).collect();
        let scale = Number::ONE.over(unit).map_or(Range::ANY, Range::exactly);
        let mut about = About::new(Kind::Number);
        about.range = ranges.into_iter().fold(scale, Range::times);
        if per_unit.whole_units {
            // Rounded towards 0.
            about.range = about.range.or(Range::exactly(Number::ZERO));
        }
        self.node("per_unit", at, Op::PerUnit { unit, whole: per_unit.whole_units }, args, about)
    }

    fn linear(&mut self, linear: &Linear, at: &str) -> Typed {
        let args = vec![
            self.number(&linear.of, at, "of"),
            self.number(&linear.reaches, at, "reaches"),
            self.number(&linear.points, at, "points"),
        ];
        self.common_unit(&args.iter().take(2).collect::<Vec<_>>(), at);
        if args.get(1).and_then(|it| it.about.range.high).is_some_and(|high| high <= Number::ZERO) {
            self.error(&below(at, "reaches"), "minimum", "is not more than 0");
        }
        let mut about = About::new(Kind::Number);
        let points = args.last().map_or(Range::ANY, |arg| arg.about.range);
        about.range = points.or(Range::exactly(Number::ZERO));
        self.node("linear", at, Op::Linear, args, about)
    }

    fn lookup(&mut self, lookup: &Lookup, at: &str) -> Typed {
        let book = self.book;
        let Some((table, declared)) = book.tables.iter().enumerate().find(|(_, (name, _))| **name == lookup.table)
        else {
            let words = unknown("table", &lookup.table, book.tables.keys().map(String::as_str));
            self.error(&below(at, "table"), "unknown_name", words);
            return self.nothing(at);
        };
        let declared = declared.1;
        let by = below(at, "by");
        if lookup.by.len() != declared.by.len() {
            let words = format!(
                "has {} keys, but the table has {}: {}",
                lookup.by.len(),
                declared.by.len(),
                declared.by.join(", ")
            );
            self.error(&by, "length", words);
        }
        let mut args: Vec<Typed> = Vec::new();
        for (place, key) in lookup.by.iter().enumerate() {
            args.push(self.expr(key, &below(&by, place)));
        }
        let kind = declared.gives.map_or(Kind::Number, Kind::from);
        let mut about = About::new(kind.clone());
        about.unit = declared.unit.as_deref().map(Into::into);
        if let Some(otherwise) = &lookup.otherwise {
            args.push(self.expect(otherwise, &below(at, "otherwise"), &kind));
        }
        self.node("lookup", at, Op::Lookup { table, otherwise: lookup.otherwise.is_some() }, args, about)
    }

    fn choose(&mut self, cases: &[Case], otherwise: Option<&Expr>, at: &str) -> Typed {
        let here = below(at, "cases");
        self.some(cases.len(), &here);
        let (mut args, mut kind, mut range) = (Vec::new(), Kind::Any, None);
        for (place, case) in cases.iter().enumerate() {
            let here = below(&here, place);
            args.push(self.rule(&case.when, &below(&here, "when")));
            let then = self.expect(&case.then, &below(&here, "then"), &kind);
            self.branch(&then, &mut kind, &mut range);
            args.push(then);
        }
        if let Some(otherwise) = otherwise {
            let typed = self.expect(otherwise, &below(at, "otherwise"), &kind);
            self.branch(&typed, &mut kind, &mut range);
            args.push(typed);
        }
        let mut about = About::new(kind);
        about.range = range.unwrap_or(Range::ANY);
        let given: Vec<&Typed> = args.iter().collect();
        about.unit = self.common_unit(&given, at);
        self.node("choose", at, Op::Choose { otherwise: otherwise.is_some() }, args, about)
    }

    /// Takes a branch's kind and range into those of the whole.
    pub(super) fn branch(&self, branch: &Typed, kind: &mut Kind, range: &mut Option<Range>) {
        if *kind == Kind::Any {
            *kind = branch.about.kind.clone();
        }
        *range = Some(range.map_or(branch.about.range, |range| range.or(branch.about.range)));
    }
}

fn name_of(construct: &Construct) -> &'static str {
    match construct {
        Construct::Text(_) => "text",
        Construct::Sum(_) => "sum",
        Construct::Difference { .. } => "difference",
        Construct::Product(_) => "product",
        Construct::Ratio(_) => "ratio",
        Construct::GrowthPercent(_) => "growth_percent",
        Construct::Greatest(_) => "greatest",
        Construct::Least(_) => "least",
        Construct::FirstKnown(_) => "first_known",
        Construct::Clamp(_) => "clamp",
        Construct::Round(_) => "round",
        Construct::PerUnit(_) => "per_unit",
        Construct::Linear(_) => "linear",
        Construct::Bands(_) => "bands",
        Construct::Rates(_) => "rates",
        Construct::Lookup(_) => "lookup",
        Construct::Choose { .. } => "choose",
        Construct::Collect { .. } => "collect",
        Construct::Join(_) => "join",
        Construct::People(_) => "people",
        Construct::Certificates(_) => "certificates",
        Construct::Count(_) => "count",
        Construct::CountDistinct(_) => "count_distinct",
        Construct::Total(_) => "total",
        Construct::Average(_) => "average",
        Construct::Median(_) => "median",
        Construct::Highest(_) => "highest",
        Construct::Lowest(_) => "lowest",
        Construct::Latest(_) => "latest",
        Construct::TimeWeightedAverage(_) => "time_weighted_average",
        Construct::DatePlus(_) => "date_plus",
        Construct::StartOf(_) => "start_of",
        Construct::EndOf(_) => "end_of",
        Construct::PeriodOf(_) => "period_of",
        Construct::PeriodStart(_) => "period_start",
        Construct::NextOf(_) => "next_of",
        Construct::DaysBetween { .. } => "days_between",
        Construct::MonthsBetween { .. } => "months_between",
    }
}
