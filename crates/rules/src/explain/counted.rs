//! Which people a construct counts: for who wants to know who is among them, not only how many.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::{
    Facts, Program, Records, Value,
    evaluate::{Run, arg},
    node::{Node, Op},
};

/// What a construct `people` counts.
#[derive(Debug, Clone)]
pub struct PeopleCounted {
    /// The certificates.
    pub certificates: Vec<Arc<str>>,
    /// Whether a person has to hold all of them; one is enough otherwise.
    pub all: bool,
    /// The day on which they must count.
    pub day: NaiveDate,
    /// Every certificate that is known, of whatever days: rows of person, certificate, first day, last day, last day on
    /// which it counts. Those of a person stand beside each other.
    rows: Arc<Records>,
}

/// A certificate that somebody has, had, or will have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateRow<'r> {
    /// Who.
    pub person: &'r str,
    /// Which.
    pub certificate: &'r str,
    /// The first day on which it counts; without, it always has.
    pub from: Option<NaiveDate>,
    /// The last; without, it counts for ever.
    pub until: Option<NaiveDate>,
}

impl CertificateRow<'_> {
    /// Whether it counts on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl PeopleCounted {
    /// Whether another counts over the same certificates.
    pub fn is_of_same_rows(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows)
    }

    /// Every certificate that is known.
    pub fn rows(&self) -> impl Iterator<Item = CertificateRow<'_>> {
        let date = |value: &Value| if let Value::Date(day) = value { Some(*day) } else { None };
        self.rows.cells.chunks_exact(self.rows.columns.len().max(1)).filter_map(move |row| {
            let [Value::Text(person), Value::Text(certificate), from, to, until, ..] = row else { return None };
            let until = if until.is_known() { until } else { to };
            Some(CertificateRow { person, certificate, from: date(from), until: date(until) })
        })
    }
}

impl Program {
    /// What the construct `people` counts that stands at a place of the document, as an explanation tells it; `None` if
    /// none stands there, or what it counts is unknown.
    pub fn people_counted(&self, pointer: &str, facts: &Facts, as_of: NaiveDate) -> Option<PeopleCounted> {
        let parts = self.scores.iter().flat_map(|score| &score.parts);
        let parts = parts.flat_map(|part| part.gate.iter().chain(&part.applies).chain(&part.points));
        let tiers = self.tiers.iter().filter_map(|(_, rule)| rule.as_ref());
        let by = self.scores.iter().filter_map(|score| score.by.as_ref());
        let mut roots = self.metrics.iter().chain(&self.rules).chain(tiers).chain(parts).chain(by);
        let node = roots.find_map(|root| self.find_people(root, pointer))?;
        let Op::People(holding) = &node.op else { return None };
        let mut run = Run::new(self, facts, as_of);
        match (run.eval(arg(&node.args, 0)), run.eval(arg(&node.args, 1))) {
            (Value::Records(rows), Value::Date(day)) => {
                Some(PeopleCounted { certificates: holding.certificates.to_vec(), all: holding.all, day, rows })
            }
            _ => None,
        }
    }

    fn find_people<'a>(&'a self, node: &'a Node, pointer: &str) -> Option<&'a Node> {
        let is_there = || self.notes.get(node.id).is_some_and(|note| note.pointer == pointer);
        if matches!(&node.op, Op::People(holding) if !holding.each) && is_there() {
            return Some(node);
        }
        node.args.iter().find_map(|arg| self.find_people(arg, pointer))
    }
}
