//! Calendar arithmetic. A day that a month does not have is the month's last.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{Run, arg, texts::period_start};
use crate::{
    Number, Unknown, Value,
    book::{MonthDay, Unit},
    node::{Node, Op},
};

type Day = Result<NaiveDate, Unknown>;

impl<'a> Run<'a> {
    pub(super) fn day(&mut self, node: &'a Node) -> Day {
        match self.eval(node) {
            Value::Date(day) => Ok(day),
            other => Err(other.why()),
        }
    }

    pub(super) fn dates(&mut self, op: &'a Op, args: &'a [Node]) -> Value {
        let known = match op {
            Op::PeriodOf(unit) => self.day(arg(args, 0)).map(|day| period(day, *unit, self.program.fiscal_year_start)),
            Op::DaysBetween => self
                .two_days(args)
                .map(|(from, to)| Value::Number(Number::whole(to.signed_duration_since(from).num_days()))),
            Op::MonthsBetween => {
                self.two_days(args).map(|(from, to)| Value::Number(Number::whole(months_between(from, to))))
            }
            Op::PeriodStart => self.period_start(args).map(Value::Date),
            _ => self.date(op, args).map(Value::Date),
        };
        known.unwrap_or_else(Value::Unknown)
    }

    fn two_days(&mut self, args: &'a [Node]) -> Result<(NaiveDate, NaiveDate), Unknown> {
        Ok((self.day(arg(args, 0))?, self.day(arg(args, 1))?))
    }

    fn period_start(&mut self, args: &'a [Node]) -> Day {
        match self.eval(arg(args, 0)) {
            Value::Text(name) => period_start(&name).ok_or(Unknown::Undefined),
            other => Err(other.why()),
        }
    }

    fn date(&mut self, op: &'a Op, args: &'a [Node]) -> Day {
        let day = self.day(arg(args, 0))?;
        let fiscal = self.program.fiscal_year_start;
        let found = match op {
            Op::DatePlus => {
                let (years, months) = (self.whole(arg(args, 1))?, self.whole(arg(args, 2))?);
                let days = self.whole(arg(args, 3))?;
                let months = years.checked_mul(12).and_then(|years| years.checked_add(months));
                months.and_then(|months| plus_months(day, months)).and_then(|day| plus_days(day, days))
            }
            Op::StartOf(unit) => start_of(day, *unit, fiscal),
            Op::EndOf(unit) => end_of(day, *unit, fiscal),
            Op::NextOf { days, strict } => next_of(day, days, *strict),
            _ => None,
        };
        found.ok_or(Unknown::TooLarge)
    }

    fn whole(&mut self, node: &'a Node) -> Result<i64, Unknown> {
        self.number(node)?.to_i64().ok_or(Unknown::Undefined)
    }
}

fn plus_months(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    let size = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { day.checked_sub_months(size) } else { day.checked_add_months(size) }
}

fn plus_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let size = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(size) } else { day.checked_add_days(size) }
}

fn start_of(day: NaiveDate, unit: Unit, fiscal: MonthDay) -> Option<NaiveDate> {
    match unit {
        Unit::Month => day.with_day(1),
        Unit::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Unit::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
        Unit::FiscalYear => {
            let this_year = fiscal.in_year(day.year())?;
            if this_year <= day { Some(this_year) } else { fiscal.in_year(day.year().checked_sub(1)?) }
        }
    }
}

fn end_of(day: NaiveDate, unit: Unit, fiscal: MonthDay) -> Option<NaiveDate> {
    let start = start_of(day, unit, fiscal)?;
    let next = match unit {
        Unit::Month => plus_months(start, 1),
        Unit::Quarter => plus_months(start, 3),
        Unit::Year => plus_months(start, 12),
        Unit::FiscalYear => fiscal.in_year(start.year().checked_add(1)?),
    };
    plus_days(next?, -1)
}

/// `2026-01`, `2026-Q1`, `2026`; a fiscal year is named after the year in which it ends.
fn period(day: NaiveDate, unit: Unit, fiscal: MonthDay) -> Value {
    let name = match unit {
        Unit::Month => format!("{:04}-{:02}", day.year(), day.month()),
        Unit::Quarter => format!("{:04}-Q{}", day.year(), day.month0() / 3 + 1),
        Unit::Year => format!("{:04}", day.year()),
        Unit::FiscalYear => match end_of(day, unit, fiscal) {
            Some(end) => format!("{:04}", end.year()),
            None => return Value::Unknown(Unknown::TooLarge),
        },
    };
    Value::text(&name)
}

fn next_of(day: NaiveDate, days: &[MonthDay], strict: bool) -> Option<NaiveDate> {
    let years = [day.year(), day.year().checked_add(1)?];
    let all = years.into_iter().flat_map(|year| days.iter().filter_map(move |it| it.in_year(year)));
    all.filter(|next| if strict { *next > day } else { *next >= day }).min()
}

/// The most months that, added to the earlier day, do not pass the later.
fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let years = i64::from(to.year()) - i64::from(from.year());
    let months = years * 12 + i64::from(to.month()) - i64::from(from.month());
    let passed = plus_months(from, months).is_none_or(|day| day > to);
    months - i64::from(passed)
}
