//! What is computed over rows, and people.

use std::sync::Arc;

use super::{About, Compiler, Kind, Range, Typed};
use crate::{
    book::{Expr, Match, People, Rows},
    fault::{below, unknown},
    node::{Aggregate, Holding, Op, Over},
};

/// How many certificates one `people` may name: each is a bit.
const CERTIFICATES: usize = 64;
/// How deep rows may lie within rows.
const NESTED: usize = 2;

impl Compiler<'_> {
    pub(super) fn rows(&mut self, rows: &Rows, aggregate: Aggregate, name: &'static str, at: &str) -> Typed {
        let of = self.expr(&rows.of, &below(at, "of"));
        let Some(columns) = Self::row_columns(&of.about.kind) else {
            if of.about.kind != Kind::Any {
                self.error(&below(at, "of"), "type", format!("is {}, which has no rows", of.about.kind));
            }
            return self.nothing(at);
        };
        if self.rows.len() >= NESTED {
            self.error(at, "too_deep", "lies in rows within rows; give the inner one a name in metrics");
            return self.nothing(at);
        }
        // The window is the same for every row, and cannot use the row.
        let window = rows.within.as_ref().map(|window| self.window(window, &below(at, "within")));
        let unit = self.column_unit(&rows.of, rows.value.as_ref(), &columns);
        self.rows.push(columns.clone());
        let mut args = vec![of];
        let mut over = Over { aggregate, value: None, filter: None, day: None, window: None };
        let mut about = self.value(rows, aggregate, &columns, &mut args, &mut over, at);
        if let Some(filter) = &rows.filter {
            over.filter = Some(args.len());
            args.push(self.rule(filter, &below(at, "where")));
        }
        let by_day = matches!(aggregate, Aggregate::Latest | Aggregate::TimeWeighted);
        if window.is_some() || by_day {
            over.day = Some(args.len());
            args.push(self.row_day(rows.day.as_ref(), &columns, at));
        } else if rows.day.is_some() {
            self.error(&below(at, "day"), "meaningless", "says nothing without within");
        }
        self.rows.pop();
        if let Some((from, to)) = window {
            over.window = Some((args.len(), args.len() + 1));
            args.extend([from, to]);
        } else if aggregate == Aggregate::TimeWeighted {
            self.error(at, "required", "needs within: the days over which the level is averaged");
        }
        if !matches!(aggregate, Aggregate::Count | Aggregate::CountDistinct) {
            about.unit = unit;
        }
        self.node(name, at, Op::Rows(Box::new(over)), args, about)
    }

    fn value(
        &mut self,
        rows: &Rows,
        aggregate: Aggregate,
        columns: &[(Arc<str>, Kind)],
        args: &mut Vec<Typed>,
        over: &mut Over,
        at: &str,
    ) -> About {
        if aggregate == Aggregate::Count {
            if rows.value.is_some() {
                self.error(&below(at, "value"), "meaningless", "is not looked at: count counts rows");
            }
            let mut about = About::new(Kind::Number);
            about.range = Range::NOT_NEGATIVE;
            return about;
        }
        let here = below(at, "value");
        let wanted = if aggregate == Aggregate::CountDistinct { Kind::Any } else { Kind::Number };
        let value = match &rows.value {
            Some(value) => self.expr(value, &here),
            None => self.only_column(columns, &wanted, &here),
        };
        let mut about = About::new(Kind::Number);
        let value = match aggregate {
            Aggregate::CountDistinct => {
                about.range = Range::NOT_NEGATIVE;
                value
            }
            Aggregate::Latest => {
                about.kind = value.about.kind.clone();
                about.range = value.about.range;
                value
            }
            Aggregate::Highest | Aggregate::Lowest => {
                let value = self.ordered(value, &here);
                about.kind = value.about.kind.clone();
                about.range = value.about.range;
                value
            }
            Aggregate::Total => {
                let value = self.must_be(value, &here, &Kind::Number);
                if value.about.range.low.is_some_and(|low| !low.is_negative()) {
                    about.range = Range::NOT_NEGATIVE;
                }
                value
            }
            _ => {
                let value = self.must_be(value, &here, &Kind::Number);
                about.range = value.about.range;
                value
            }
        };
        over.value = Some(args.len());
        args.push(value);
        about
    }

    /// The column `value`, or the only one of the kind.
    fn only_column(&mut self, columns: &[(Arc<str>, Kind)], kind: &Kind, at: &str) -> Typed {
        if let Some(place) = columns.iter().position(|(name, _)| &**name == "value") {
            return self.row_column(columns, place, at);
        }
        let mut fitting = columns.iter().enumerate().filter(|(_, (_, of))| of.fits(kind));
        match (fitting.next(), fitting.next()) {
            (Some((place, _)), None) => self.row_column(columns, place, at),
            _ => {
                let all: Vec<String> = columns.iter().map(|(name, _)| format!("row.{name}")).collect();
                self.error(at, "required", format!("is needed here: one of {}", all.join(", ")));
                self.nothing(at)
            }
        }
    }

    fn row_day(&mut self, on: Option<&Expr>, columns: &[(Arc<str>, Kind)], at: &str) -> Typed {
        let here = below(at, "day");
        match on {
            Some(on) => self.expect(on, &here, &Kind::Date),
            None => {
                let dates = columns.iter().filter(|(_, kind)| *kind == Kind::Date).count();
                let place = columns.iter().position(|(_, kind)| *kind == Kind::Date).filter(|_| dates == 1);
                match place {
                    Some(place) => self.row_column(columns, place, &here),
                    None => {
                        self.error(&here, "required", format!("is needed: the rows have {dates} columns of dates"));
                        self.nothing(&here)
                    }
                }
            }
        }
    }

    fn row_column(&mut self, columns: &[(Arc<str>, Kind)], place: usize, at: &str) -> Typed {
        let (name, kind) = columns.get(place).map_or(("", Kind::Any), |(name, kind)| (&**name, kind.clone()));
        self.reference(&format!("row.{name}"), at, Op::Column { outer: false, at: place }, About::new(kind))
    }

    /// The declared unit of the column that is taken, or of the list or map.
    fn column_unit(&self, of: &Expr, value: Option<&Expr>, columns: &[(Arc<str>, Kind)]) -> Option<Arc<str>> {
        let Expr::Name(fact) = of else { return None };
        let fact = self.book.facts.get(fact)?;
        let column = match value {
            Some(Expr::Name(name)) => name.strip_prefix("row.")?,
            Some(_) => return None,
            None if fact.columns.is_empty() => return fact.unit.as_deref().map(Into::into),
            None => columns.iter().find(|(_, kind)| *kind == Kind::Number).map(|(name, _)| &**name)?,
        };
        let column = fact.columns.iter().find(|it| it.name == column)?;
        column.unit.as_deref().map(Into::into)
    }

    pub(super) fn people(&mut self, people: &People, each: bool, name: &'static str, at: &str) -> Typed {
        self.some(people.holding.len(), &below(at, "holding"));
        if people.holding.len() > CERTIFICATES {
            self.error(&below(at, "holding"), "length", format!("holds more than {CERTIFICATES}"));
        }
        if each && people.matching.is_some() {
            self.error(&below(at, "match"), "meaningless", "is not looked at: certificates counts each of them");
        }
        let Some(of) = self.people_fact(people, at) else { return self.nothing(at) };
        let on = match &people.day {
            Some(on) => self.expect(on, &below(at, "day"), &Kind::Date),
            None => self.reference("as_of", at, Op::AsOf, About::new(Kind::Date)),
        };
        let certificates = people.holding.iter().map(|it| it.as_str().into()).collect();
        let holding = Holding { certificates, all: people.matching == Some(Match::All), each };
        let mut about = About::new(Kind::Number);
        about.range = Range::NOT_NEGATIVE;
        self.node(name, at, Op::People(Box::new(holding)), vec![of, on], about)
    }

    fn people_fact(&mut self, people: &People, at: &str) -> Option<Typed> {
        let here = below(at, "of");
        if let Some(name) = &people.of {
            let Some(place) = self.fact_places.get(name).copied() else {
                let words = unknown("fact", name, self.book.facts.keys().map(String::as_str));
                self.error(&here, "unknown_name", words);
                return None;
            };
            return Some(self.expect(&Expr::Name(name.clone()), &here, &Kind::People)).filter(|_| place < usize::MAX);
        }
        let all: Vec<&str> = self.book.facts.keys().map(String::as_str).collect();
        let mut found = all.into_iter().filter(|name| {
            let place = self.fact_places.get(*name).and_then(|place| self.facts.get(*place));
            place.is_some_and(|fact| fact.kind == Kind::People)
        });
        match (found.next(), found.next()) {
            (Some(name), None) => {
                let name = Expr::Name(name.to_owned());
                Some(self.expect(&name, &here, &Kind::People))
            }
            (None, _) => {
                self.error(at, "unknown_name", "needs a fact of type people; the book has none");
                None
            }
            (Some(_), Some(_)) => {
                self.error(&here, "required", "is needed: the book has several facts of type people");
                None
            }
        }
    }
}
