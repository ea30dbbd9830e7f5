//! Days, and the windows of days that choose rows.

use super::{About, Compiler, Kind, Typed};
use crate::{
    Number, Value,
    book::{DatePlus, Expr, NextOf, OfUnit, Trailing, Unit, Window},
    fault::below,
    node::{FIRST_DAY, LAST_DAY, Op},
};

impl Compiler<'_> {
    fn day(&mut self, expr: Option<&Expr>, at: &str, key: &str) -> Typed {
        match expr {
            Some(expr) => self.expect(expr, &below(at, key), &Kind::Date),
            None => self.reference("as_of", at, Op::AsOf, About::new(Kind::Date)),
        }
    }

    fn length(&mut self, expr: Option<&Expr>, at: &str, key: &str) -> Typed {
        match expr {
            Some(expr) => self.number(expr, at, key),
            None => self.literal(Value::Number(Number::ZERO), at),
        }
    }

    pub(super) fn date_plus(&mut self, plus: &DatePlus, at: &str) -> Typed {
        if plus.years.is_none() && plus.months.is_none() && plus.days.is_none() {
            self.error(at, "required", "needs days, months or years");
        }
        let args = vec![
            self.day(plus.date.as_ref(), at, "date"),
            self.length(plus.years.as_ref(), at, "years"),
            self.length(plus.months.as_ref(), at, "months"),
            self.length(plus.days.as_ref(), at, "days"),
        ];
        self.node("date_plus", at, Op::DatePlus, args, About::new(Kind::Date))
    }

    pub(super) fn of_unit(&mut self, of: &OfUnit, name: &'static str, op: Op, kind: Kind, at: &str) -> Typed {
        let day = self.day(of.date.as_ref(), at, "date");
        self.node(name, at, op, vec![day], About::new(kind))
    }

    pub(super) fn next_of(&mut self, next: &NextOf, at: &str) -> Typed {
        self.some(next.days.len(), &below(at, "days"));
        let day = match (&next.after, &next.on_or_after) {
            (Some(after), None) => self.day(Some(after), at, "after"),
            (None, Some(from)) => self.day(Some(from), at, "on_or_after"),
            _ => {
                self.error(at, "required", "needs either after or on_or_after");
                self.nothing(at)
            }
        };
        let op = Op::NextOf { days: next.days.clone().into(), strict: next.after.is_some() };
        self.node("next_of", at, op, vec![day], About::new(Kind::Date))
    }

    pub(super) fn between_days(&mut self, from: &Expr, to: &Expr, name: &'static str, op: Op, at: &str) -> Typed {
        let args = vec![self.day(Some(from), at, "from"), self.day(Some(to), at, "to")];
        self.node(name, at, op, args, About::new(Kind::Number))
    }

    /// The first and the last day of a window.
    pub(super) fn window(&mut self, window: &Window, at: &str) -> (Typed, Typed) {
        match window {
            Window::Trailing(trailing) => self.trailing(trailing, &below(at, "trailing")),
            Window::ToDate(unit) => {
                let at = &below(at, "to_date");
                let today = self.day(None, at, "");
                (self.edge(*unit, true, None, at), today)
            }
            Window::Previous(unit) => {
                let at = &below(at, "previous");
                let first = self.edge(*unit, true, None, at);
                let last = self.shifted(first, 0, -1, at);
                (self.edge(*unit, true, Some(last.clone()), at), last)
            }
            Window::MonthsBack(back) => {
                let at = &below(at, "months_back");
                if back.to > back.from {
                    let words = format!(
                        "counts back from {} to {}: from is the earlier month, the larger number",
                        back.from, back.to
                    );
                    self.error(at, "contradiction", words);
                }
                let today = self.day(None, at, "");
                let (from, to) =
                    (self.shifted(today.clone(), back.from, 0, at), self.shifted(today.clone(), back.to, 0, at));
                let last = self.edge(Unit::Month, false, Some(to), at);
                let last =
                    self.node("least", at, Op::Extreme { greatest: false }, vec![last, today], About::new(Kind::Date));
                (self.edge(Unit::Month, true, Some(from), at), last)
            }
            Window::Between(range) => {
                let at = &below(at, "between");
                let from = match &range.from {
                    Some(from) => self.day(Some(from), at, "from"),
                    None => self.literal(Value::Date(FIRST_DAY), at),
                };
                let to = match &range.to {
                    Some(to) => self.day(Some(to), at, "to"),
                    None => self.literal(Value::Date(LAST_DAY), at),
                };
                (from, to)
            }
        }
    }

    fn trailing(&mut self, trailing: &Trailing, at: &str) -> (Typed, Typed) {
        let until = self.day(trailing.until.as_ref(), at, "until");
        let first = match (trailing.months, trailing.days) {
            (Some(months @ 1..), None) => self.shifted(until.clone(), months, 1, at),
            (None, Some(days @ 1..)) => self.shifted(until.clone(), 0, 1 - i64::from(days), at),
            _ => {
                self.error(at, "required", "needs either months or days, 1 or more");
                self.nothing(at)
            }
        };
        (first, until)
    }

    /// So many months earlier, then so many days later.
    fn shifted(&mut self, day: Typed, months_back: u16, days: i64, at: &str) -> Typed {
        let years = self.literal(Value::Number(Number::ZERO), at);
        let months = self.literal(Value::Number(Number::whole(-i64::from(months_back))), at);
        let days = self.literal(Value::Number(Number::whole(days)), at);
        self.node("date_plus", at, Op::DatePlus, vec![day, years, months, days], About::new(Kind::Date))
    }

    fn edge(&mut self, unit: Unit, start: bool, day: Option<Typed>, at: &str) -> Typed {
        let day = day.unwrap_or_else(|| self.day(None, at, ""));
        let (name, op) = if start { ("start_of", Op::StartOf(unit)) } else { ("end_of", Op::EndOf(unit)) };
        self.node(name, at, op, vec![day], About::new(Kind::Date))
    }
}
