//! Why: a tree from a tier, rule or metric down to the facts, with what each was, what it had to be, and what is missing.

mod counted;
mod evidence;
mod words;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Facts, Met, Number, Program, Unknown, Value,
    evaluate::{Reference, Run, arg},
    node::{Node, Op, Relation},
};

pub use counted::{CertificateRow, PeopleCounted};
pub use evidence::{Evidence, EvidenceRow, EvidenceWindow};

/// Why a value is what it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Explanation {
    /// The construct, as the book names it; `name` for what a name stands for, `tier`, `score`, `component`.
    #[schema(max_length = 64, example = "at_least")]
    pub construct: String,
    /// What it is called: the name, or the construct in words.
    #[schema(max_length = 2000)]
    pub label: String,
    /// JSON Pointer to where the document says so.
    #[schema(max_length = 2000, example = "/tiers/2/requires")]
    pub pointer: String,
    /// In a sentence.
    #[schema(max_length = 4000)]
    pub words: String,
    /// What it came to; null if that is unknown.
    pub value: Value,
    /// What its numbers count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 40, example = "EUR")]
    pub unit: Option<String>,
    /// Of a condition: whether it is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<Met>,
    /// Of a comparison: what the value had to reach, or to stay under. Of `at_least_of`: how many are needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub threshold: Option<Value>,
    /// Of a comparison of numbers that is not met: how much is missing, or too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub gap: Option<Number>,
    /// Why the value is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub unknown: Option<Unknown>,
    /// The facts that are not known and that it depends on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 10000)]
    pub missing: Vec<String>,
    /// Of a construct over rows, and of a fact: what it rests on, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub evidence: Option<Evidence>,
    /// Of a construct over rows: the days that count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub window: Option<EvidenceWindow>,
    /// What it is computed from. What a name stands for is explained where the name first comes up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 10000, no_recursion)]
    pub children: Vec<Explanation>,
}

impl Program {
    /// Why a tier is met or not; `None` if there is no such tier.
    pub fn explain_tier(&self, tier: &str, facts: &Facts, as_of: NaiveDate) -> Option<Explanation> {
        let (place, (name, rule)) = self.tiers.iter().enumerate().find(|(_, (name, _))| name == tier)?;
        let mut teller = Teller::new(self, facts, as_of);
        let children: Vec<Explanation> = rule.iter().map(|rule| teller.node(rule)).collect();
        let value = children.first().map_or(Value::Boolean(true), |rule| rule.value.clone());
        let mut told = Explanation::new("tier", name, format!("/tiers/{place}"), value);
        told.words = match told.outcome {
            Some(Met::Met) => format!("{name} is met"),
            Some(Met::Unknown) => format!("{name} is not met, as far as is known"),
            _ => format!("{name} is not met"),
        };
        told.adopt(children);
        Some(told)
    }

    /// Why a metric, rule, fact, score (`score.NAME`, `score.NAME.COMPONENT`) or criterion (`eligibility.NAME`) is what
    /// it is; `None` if there is none of that name.
    pub fn explain(&self, name: &str, facts: &Facts, as_of: NaiveDate) -> Option<Explanation> {
        let reference = self.lookup(name)?;
        Teller::new(self, facts, as_of).named(name, &reference)
    }
}

impl Explanation {
    fn new(construct: &str, label: &str, pointer: String, value: Value) -> Self {
        let is_condition = matches!(value, Value::Boolean(_)) || construct == "tier";
        let outcome = is_condition.then(|| Met::from(&value));
        let unknown = if let Value::Unknown(why) = &value { Some(*why) } else { None };
        Self {
            construct: construct.to_owned(),
            label: label.to_owned(),
            pointer,
            words: format!("{label} is {value}"),
            value,
            unit: None,
            outcome,
            threshold: None,
            gap: None,
            unknown,
            missing: Vec::new(),
            evidence: None,
            window: None,
            children: Vec::new(),
        }
    }

    /// Of `first_known`: what it took, unless that is written out or nothing is known.
    pub fn taken(&self) -> Option<&Self> {
        let last = self.children.last().filter(|_| self.construct == "first_known");
        last.filter(|last| last.unknown.is_none())
    }

    /// Takes in what it is computed from, and what is missing there.
    fn adopt(&mut self, children: Vec<Self>) {
        let missing: BTreeSet<String> =
            self.missing.drain(..).chain(children.iter().flat_map(|child| child.missing.iter().cloned())).collect();
        self.missing = missing.into_iter().collect();
        self.children = children;
    }
}

/// Tells one explanation. What a name stands for is told once.
struct Teller<'a> {
    program: &'a Program,
    run: Run<'a>,
    told: BTreeSet<String>,
}

impl<'a> Teller<'a> {
    fn new(program: &'a Program, facts: &'a Facts, as_of: NaiveDate) -> Self {
        Self { program, run: Run::new(program, facts, as_of), told: BTreeSet::new() }
    }

    fn node(&mut self, node: &'a Node) -> Explanation {
        let value = self.run.eval(node);
        let note = self.program.notes.get(node.id);
        let (construct, label) = note.map_or(("", ""), |note| (note.construct, note.label.as_str()));
        let pointer = note.map_or_else(String::new, |note| note.pointer.clone());
        let mut told = Explanation::new(construct, label, pointer, value);
        told.unit = note.and_then(|note| note.unit.as_deref()).map(str::to_owned);
        if is_condition(&node.op) {
            told.outcome = Some(Met::from(&told.value));
        }
        self.missing(node, &mut told);
        let children = self.children(node);
        told.adopt(children);
        if matches!(node.op, Op::FirstKnown) && told.value.is_known() {
            // It does not depend on what it did without.
            told.missing = told.taken().map_or_else(Vec::new, |taken| taken.missing.clone());
        }
        self.compare(node, &mut told);
        told.evidence = evidence::of(&mut self.run, node);
        told.window = evidence::window(&mut self.run, node);
        if let Op::AtLeastOf { count, .. } = &node.op {
            told.threshold = Some(Value::Number(Number::count(*count)));
        }
        told.words = words::of(node, &told);
        told
    }

    fn missing(&self, node: &Node, told: &mut Explanation) {
        if told.unknown == Some(Unknown::Missing) && matches!(node.op, Op::Fact(_) | Op::Key { .. }) {
            told.missing.push(told.label.clone());
        }
    }

    fn children(&mut self, node: &'a Node) -> Vec<Explanation> {
        match &node.op {
            Op::Metric(place) => {
                let definition = self.program.metrics.get(*place);
                self.once(node, definition)
            }
            Op::Rule(place) => {
                let definition = self.program.rules.get(*place);
                self.once(node, definition)
            }
            Op::Score(place) => self.score(*place),
            Op::Part { score, .. } => self.score(*score),
            // What is computed for each row has a value only within the row.
            Op::Rows(over) => {
                let window = over.window.iter().flat_map(|(from, to)| [*from, *to]);
                [0].into_iter().chain(window).map(|at| self.node(arg(&node.args, at))).collect()
            }
            // Only what was looked at.
            Op::FirstKnown => {
                let looked_at = self.run.first_known(&node.args).0;
                self.each(node.args.iter().take(looked_at))
            }
            _ => self.each(&node.args),
        }
    }

    /// Each but what is written out.
    fn each(&mut self, nodes: impl IntoIterator<Item = &'a Node>) -> Vec<Explanation> {
        nodes.into_iter().filter(|node| !matches!(node.op, Op::Value(_))).map(|node| self.node(node)).collect()
    }

    /// The definition of a name, unless it was told before.
    fn once(&mut self, node: &Node, definition: Option<&'a Node>) -> Vec<Explanation> {
        let name = self.program.notes.get(node.id).map_or("", |note| note.label.as_str());
        if !self.told.insert(name.to_owned()) {
            return Vec::new();
        }
        definition.map(|definition| self.node(definition)).into_iter().collect()
    }

    fn score(&mut self, place: usize) -> Vec<Explanation> {
        let name = self.program.score_names.get(place).map_or("", String::as_str);
        if !self.told.insert(format!("score.{name}")) {
            return Vec::new();
        }
        let Some(code) = self.program.scores.get(place) else { return Vec::new() };
        let mut told: Vec<Explanation> = code.by.iter().map(|by| self.node(by)).collect();
        for path in &code.paths {
            let path_name = self.program.score_names.get(*path).map_or("", String::as_str);
            told.extend(self.named(&format!("score.{path_name}"), &Reference::Score(*path)));
        }
        for at in 0..code.parts.len() {
            if code.parts.get(at).is_some_and(|part| part.outermost) {
                told.extend(self.part(place, at));
            }
        }
        told
    }

    fn part(&mut self, score: usize, at: usize) -> Option<Explanation> {
        let part = self.program.scores.get(score)?.parts.get(at)?;
        let computed = self.run.score(score).parts.get(at).cloned()?;
        let mut told = Explanation::new("component", &part.name, part.pointer.clone(), computed.points.clone());
        told.unit = Some("points".to_owned());
        told.threshold = part.cap.map(Value::Number);
        let conditions = part.gate.iter().chain(&part.applies).chain(&part.points);
        let mut children: Vec<Explanation> = conditions.map(|node| self.node(node)).collect();
        for child in &part.children {
            children.extend(self.part(score, *child));
        }
        told.adopt(children);
        told.words = words::component(&part.name, &computed.points, part.cap, computed.applies, computed.open);
        Some(told)
    }

    fn named(&mut self, name: &str, reference: &Reference) -> Option<Explanation> {
        let value = self.run.eval_reference(reference)?;
        let mut told = Explanation::new("name", name, String::new(), value);
        let children = match reference {
            Reference::Fact(place) | Reference::Key(place, _) => {
                told.evidence = evidence::of_fact(&self.run, *place);
                if told.unknown == Some(Unknown::Missing) {
                    told.missing.push(name.to_owned());
                }
                Vec::new()
            }
            Reference::Metric(place) => {
                self.told.insert(name.to_owned());
                self.program.metrics.get(*place).map(|node| self.node(node)).into_iter().collect()
            }
            Reference::Rule(place) => {
                self.told.insert(name.to_owned());
                told.outcome = Some(Met::from(&told.value));
                self.program.rules.get(*place).map(|node| self.node(node)).into_iter().collect()
            }
            Reference::Criterion(place) => {
                told.outcome = Some(Met::from(&told.value));
                self.program.criteria.get(*place).map(|(_, node)| self.node(node)).into_iter().collect()
            }
            Reference::Score(place) => self.score(*place),
            Reference::Part(place, part) => {
                let score = self.run.score(*place).path.unwrap_or(*place);
                let at = self.program.scores.get(score)?.parts.iter().position(|it| it.name == *part)?;
                self.part(score, at).into_iter().collect()
            }
        };
        if let Some(child) = children.first() {
            told.pointer.clone_from(&child.pointer);
        }
        told.adopt(children);
        Some(told)
    }

    /// The threshold of a comparison, and how far it is.
    fn compare(&mut self, node: &'a Node, told: &mut Explanation) {
        let Op::Compare(by) = &node.op else { return };
        let (left, right) = (self.run.eval(arg(&node.args, 0)), self.run.eval(arg(&node.args, 1)));
        let unit = |at: usize| {
            let note = self.program.notes.get(arg(&node.args, at).id)?;
            note.unit.as_deref().map(str::to_owned)
        };
        told.unit = unit(0).or_else(|| unit(1));
        if let (Value::Number(left), Value::Number(right), Some(Met::NotMet)) = (&left, &right, told.outcome) {
            told.gap = match by {
                Relation::AtLeast | Relation::MoreThan => right.minus(*left),
                Relation::AtMost | Relation::LessThan => left.minus(*right),
                Relation::Equals | Relation::NotEquals => None,
            };
        }
        told.threshold = Some(right);
    }
}

/// Whether it is a condition even when it is unknown.
fn is_condition(op: &Op) -> bool {
    matches!(
        op,
        Op::Rule(_)
            | Op::Compare(_)
            | Op::OneOf(_)
            | Op::Between { .. }
            | Op::All
            | Op::Any
            | Op::None
            | Op::Not
            | Op::AtLeastOf { .. }
            | Op::Contains { .. }
            | Op::Every(_)
    )
}
