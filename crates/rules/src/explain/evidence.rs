//! What a value rests on: which rows counted, and what they are called where they come from.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Number, Value,
    build::Reference,
    evaluate::{Run, arg},
    node::{FIRST_DAY, LAST_DAY, Node, Op},
};

/// How many rows are told.
const TOLD: usize = 50;

/// What a value rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Evidence {
    /// The rows that counted, the first 50 of them.
    #[schema(max_items = 50)]
    pub rows: Vec<EvidenceRow>,
    /// How many more there are.
    #[schema(minimum = 0, maximum = 200_000, example = 0)]
    pub more: usize,
}

/// A row that counted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EvidenceRow {
    /// What it is called: a deal, an observation, an acceptance, a manual fact, a person.
    #[schema(max_length = 2000, example = "deal_01h455vb4pex5vsknk084sn02q")]
    pub reference: String,
    /// Its day, where days matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub day: Option<NaiveDate>,
    /// What it contributed; null where that is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = true)]
    pub value: Option<Value>,
    /// Why something of it is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 500, example = "is in USD, not in EUR")]
    pub note: Option<String>,
}

/// The days that count, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceWindow {
    /// The first; without it, there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<NaiveDate>,
    /// The last; without it, there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<NaiveDate>,
}

impl EvidenceRow {
    fn new(reference: &Reference, day: Option<NaiveDate>, value: Option<Value>) -> Self {
        let note = reference.note.as_deref().map(str::to_owned);
        Self { reference: reference.id.to_string(), day, value, note }
    }
}

/// What a node rests on by itself, not by what it is computed from.
pub(super) fn of<'a>(run: &mut Run<'a>, node: &'a Node) -> Option<Evidence> {
    match &node.op {
        Op::Fact(place) | Op::Key { fact: place, .. } => of_fact(run, *place),
        Op::Rows(over) => {
            let references = run.facts.references.get(fact_behind(run, arg(&node.args, 0))?)?;
            if references.is_empty() {
                return None;
            }
            let counts_rows = over.value.is_none();
            let counted = run.rows_that_count(over, &node.args).into_iter().filter_map(|(at, (day, value))| {
                let reference = references.get(at)?;
                // What has no value does not count; but that it was left out is told.
                let told = value.is_known() || reference.note.is_some();
                told.then(|| EvidenceRow::new(reference, day, (!counts_rows).then_some(value)))
            });
            Some(bounded(counted.collect()))
        }
        Op::People(holding) => {
            let mut people = Vec::new();
            let named = |person: &Value, held: usize| {
                let value = holding.each.then(|| Value::Number(Number::count(held)));
                EvidenceRow { reference: person.to_string(), day: None, value, note: None }
            };
            run.holders(holding, &node.args, |person, held| people.push(named(person, held))).ok()?;
            Some(bounded(people))
        }
        _ => None,
    }
}

/// The days that count of a construct over rows.
pub(super) fn window<'a>(run: &mut Run<'a>, node: &'a Node) -> Option<EvidenceWindow> {
    let Op::Rows(over) = &node.op else { return None };
    let (from, to) = run.window(over, &node.args).ok()??;
    let from = Some(from).filter(|day| *day != FIRST_DAY);
    Some(EvidenceWindow { from, to: Some(to).filter(|day| *day != LAST_DAY) })
}

/// What one value of a fact rests on.
pub(super) fn of_fact(run: &Run<'_>, place: usize) -> Option<Evidence> {
    let references = run.facts.references.get(place).filter(|references| !references.is_empty())?;
    if matches!(run.facts.values.get(place), Some(Value::Records(_) | Value::List(_))) {
        // Which of the rows count is told where they are counted.
        return None;
    }
    Some(bounded(references.iter().map(|reference| EvidenceRow::new(reference, None, None)).collect()))
}

/// The fact whose rows a node hands on.
fn fact_behind(run: &Run<'_>, node: &Node) -> Option<usize> {
    match &node.op {
        Op::Fact(place) => Some(*place),
        Op::Metric(place) => fact_behind(run, run.program.metrics.get(*place)?),
        _ => None,
    }
}

fn bounded(mut rows: Vec<EvidenceRow>) -> Evidence {
    let more = rows.len().saturating_sub(TOLD);
    rows.truncate(TOLD);
    Evidence { rows, more }
}
