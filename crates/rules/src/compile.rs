//! From a book to nodes: every name becomes a place, every kind and unit is checked, and every fault is told.

mod bands;
mod dates;
mod eligibility;
mod expression;
mod names;
mod range;
mod rows;
mod rule;
mod score;
mod tables;
mod texts;
mod tiers;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Fault, Value,
    book::{MonthDay, RuleBook},
    facts::FactCode,
    fault::below,
    node::{Entries, Node, Note, Op, ScoreCode},
    value::{Columns, Kind},
};
pub(crate) use names::steps;
use range::{Fate, Range};

/// How deep a construct may lie in others.
const DEPTH: usize = 32;
/// How deep it may lie when what names stand for is counted too.
const HEIGHT: usize = 200;
/// How many constructs a book may have.
const NODES: usize = 20_000;
/// How many faults are told.
const FAULTS: usize = 200;

/// A book that was checked, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) fiscal_year_start: MonthDay,
    pub(crate) facts: Vec<FactCode>,
    pub(crate) fact_places: BTreeMap<String, usize>,
    pub(crate) metric_names: Vec<String>,
    pub(crate) metrics: Vec<Node>,
    pub(crate) rule_names: Vec<String>,
    pub(crate) rules: Vec<Node>,
    pub(crate) score_names: Vec<String>,
    pub(crate) scores: Vec<ScoreCode>,
    pub(crate) tables: Vec<Entries>,
    pub(crate) criteria: Vec<(String, Node)>,
    pub(crate) tiers: Vec<(String, Option<Node>)>,
    pub(crate) notes: Vec<Note>,
    warnings: Vec<Fault>,
}

impl Program {
    /// Checks a book and makes it ready.
    ///
    /// # Errors
    /// Every fault of the book at once, warnings among them.
    pub fn compile(book: &RuleBook) -> Result<Self, Vec<Fault>> {
        let mut compiler = Compiler::new(book);
        compiler.book();
        if compiler.faults.iter().any(Fault::is_error) {
            return Err(compiler.faults);
        }
        compiler.finish()
    }

    /// What is hardly meant, but can be evaluated.
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }
}

/// Every fault of a book, warnings among them: what [`Program::compile`] would tell.
pub fn check(book: &RuleBook) -> Vec<Fault> {
    let mut compiler = Compiler::new(book);
    compiler.book();
    compiler.faults
}

/// A node and what the check knows of it.
#[derive(Debug, Clone)]
struct Typed {
    node: Node,
    about: About,
}

/// What the check knows of a value.
#[derive(Debug, Clone)]
struct About {
    kind: Kind,
    unit: Option<Arc<str>>,
    /// How deep what it is computed from lies, through names.
    height: usize,
    /// Between which numbers it lies.
    range: Range,
    /// Whether it can be met, and not be met.
    fate: Fate,
}

impl About {
    fn new(kind: Kind) -> Self {
        Self { kind, unit: None, height: 0, range: Range::ANY, fate: Fate::OPEN }
    }
}

/// How far a name is compiled.
#[derive(Debug, Clone)]
enum State {
    Waiting,
    Doing,
    Done(About),
}

/// What a name in the book stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Metric(usize),
    Rule(usize),
    Score(usize),
}

struct Compiler<'b> {
    book: &'b RuleBook,
    faults: Vec<Fault>,
    notes: Vec<Note>,
    facts: Vec<FactCode>,
    fact_places: BTreeMap<String, usize>,
    metrics: Vec<(&'b str, State, Option<Node>)>,
    rules: Vec<(&'b str, State, Option<Node>)>,
    scores: Vec<(&'b str, State, Option<ScoreCode>)>,
    tables: Vec<Entries>,
    criteria: Vec<(String, Node)>,
    tiers: Vec<(String, Option<Node>)>,
    /// The names that are being compiled, outermost first.
    path: Vec<String>,
    /// The columns of the rows around, outermost first.
    rows: Vec<Columns>,
    /// How many points components can have, by score and place.
    part_ranges: BTreeMap<(String, usize), Range>,
    /// How deep in the present entry, and through names.
    depth: usize,
    height: usize,
}

impl<'b> Compiler<'b> {
    fn new(book: &'b RuleBook) -> Self {
        Self {
            book,
            faults: Vec::new(),
            notes: Vec::new(),
            facts: Vec::new(),
            fact_places: BTreeMap::new(),
            metrics: book.metrics.keys().map(|name| (name.as_str(), State::Waiting, None)).collect(),
            rules: book.rules.keys().map(|name| (name.as_str(), State::Waiting, None)).collect(),
            scores: book.scores.keys().map(|name| (name.as_str(), State::Waiting, None)).collect(),
            tables: Vec::new(),
            criteria: Vec::new(),
            tiers: Vec::new(),
            path: Vec::new(),
            rows: Vec::new(),
            part_ranges: BTreeMap::new(),
            depth: 0,
            height: 0,
        }
    }

    fn book(&mut self) {
        self.names();
        self.facts();
        self.tables();
        for at in 0..self.metrics.len() {
            self.named(Named::Metric(at), "");
        }
        for at in 0..self.scores.len() {
            self.named(Named::Score(at), "");
        }
        for at in 0..self.rules.len() {
            self.named(Named::Rule(at), "");
        }
        self.eligibility();
        self.tiers();
        if self.notes.len() > NODES {
            self.error("", "too_large", format!("has more than {NODES} constructs"));
        }
        self.faults.truncate(FAULTS);
    }

    fn finish(self) -> Result<Program, Vec<Fault>> {
        let metric_names = self.metrics.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let rule_names = self.rules.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let score_names = self.scores.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let metrics: Option<Vec<_>> = self.metrics.into_iter().map(|(.., node)| node).collect();
        let rules: Option<Vec<_>> = self.rules.into_iter().map(|(.., node)| node).collect();
        let scores: Option<Vec<_>> = self.scores.into_iter().map(|(.., code)| code).collect();
        let (Some(metrics), Some(rules), Some(scores)) = (metrics, rules, scores) else {
            // Only what has a fault is without code, and a book with faults does not come here.
            return Err(vec![Fault::error("", "internal", "could not be compiled")]);
        };
        Ok(Program {
            fiscal_year_start: self.book.fiscal_year_start.unwrap_or(MonthDay::NEW_YEAR),
            facts: self.facts,
            fact_places: self.fact_places,
            metric_names,
            metrics,
            rule_names,
            rules,
            score_names,
            scores,
            tables: self.tables,
            criteria: self.criteria,
            tiers: self.tiers,
            notes: self.notes,
            warnings: self.faults,
        })
    }

    fn error(&mut self, at: &str, code: &'static str, detail: impl Into<String>) {
        self.faults.push(Fault::error(at, code, detail));
    }

    fn warning(&mut self, at: &str, code: &'static str, detail: impl Into<String>) {
        self.faults.push(Fault::warning(at, code, detail));
    }

    /// Makes a node. The depths were counted by [`Self::deeper`].
    fn node(&mut self, construct: &'static str, at: &str, op: Op, args: Vec<Typed>, mut about: About) -> Typed {
        about.height = args.iter().map(|arg| arg.about.height + 1).max().unwrap_or(about.height);
        if about.height > HEIGHT {
            self.error(at, "too_deep", format!("rests on more than {HEIGHT} constructs in a row, through names"));
            about.height = 0;
        }
        let id = self.notes.len();
        let label = match &op {
            Op::People(holding) => {
                let what = if holding.each { "certificates among" } else { "people holding" };
                format!("{what} {}", holding.certificates.join(", "))
            }
            _ => construct.replace('_', " "),
        };
        self.notes.push(Note { construct, label, pointer: at.to_owned(), unit: about.unit.clone() });
        Typed { node: Node { id, op, args: args.into_iter().map(|arg| arg.node).collect() }, about }
    }

    /// A node for a name.
    fn reference(&mut self, name: &str, at: &str, op: Op, mut about: About) -> Typed {
        about.height += 1;
        let typed = self.node("name", at, op, Vec::new(), about);
        if let Some(note) = self.notes.get_mut(typed.node.id) {
            name.clone_into(&mut note.label);
        }
        typed
    }

    fn literal(&mut self, value: Value, at: &str) -> Typed {
        let mut about = About::new(kind_of(&value));
        if let Value::Number(number) = value {
            about.range = Range::exactly(number);
        }
        if let Value::Boolean(it) = value {
            about.fate = Fate::of(it);
        }
        self.node("literal", at, Op::Value(value), Vec::new(), about)
    }

    /// What stands where there was a fault: anything, so that no further fault follows from it.
    fn nothing(&mut self, at: &str) -> Typed {
        let nothing = Value::Unknown(crate::Unknown::Undefined);
        self.node("literal", at, Op::Value(nothing), Vec::new(), About::new(Kind::Any))
    }

    /// Compiles one step deeper, unless that is too deep.
    fn deeper(&mut self, at: &str, compile: impl FnOnce(&mut Self) -> Typed) -> Typed {
        if self.depth >= DEPTH || self.height >= HEIGHT || self.notes.len() > NODES {
            if self.notes.len() <= NODES {
                let words = format!("lies more than {DEPTH} constructs deep: give a part of it a name in metrics");
                self.error(at, "too_deep", words);
            }
            return self.nothing(at);
        }
        self.depth += 1;
        self.height += 1;
        let typed = compile(self);
        self.depth -= 1;
        self.height -= 1;
        typed
    }

    /// Compiles what a name stands for, if that was not done yet, and tells what is known of it.
    fn named(&mut self, named: Named, at: &str) -> About {
        let (name, state) = match named {
            Named::Metric(place) => self.metrics.get(place).map(|(name, state, _)| (*name, state.clone())),
            Named::Rule(place) => self.rules.get(place).map(|(name, state, _)| (*name, state.clone())),
            Named::Score(place) => self.scores.get(place).map(|(name, state, _)| (*name, state.clone())),
        }
        .unwrap_or(("", State::Done(About::new(Kind::Any))));
        let shown = if matches!(named, Named::Score(_)) { format!("score.{name}") } else { name.to_owned() };
        match state {
            State::Done(about) => about,
            State::Doing => {
                let from = self.path.iter().position(|it| *it == shown).unwrap_or_default();
                let mut cycle: Vec<&str> = self.path.iter().skip(from).map(String::as_str).collect();
                cycle.push(&shown);
                let words = format!("rests on itself: {}", cycle.join(" → "));
                self.error(at, "cycle", words);
                About::new(Kind::Any)
            }
            State::Waiting => self.compile_named(named, name, shown, at),
        }
    }

    fn compile_named(&mut self, named: Named, name: &'b str, shown: String, at: &str) -> About {
        if self.height >= HEIGHT {
            self.error(at, "too_deep", format!("rests on more than {HEIGHT} constructs in a row, through names"));
            return About::new(Kind::Any);
        }
        self.mark(named, State::Doing, None);
        self.path.push(shown);
        self.height += 1;
        // What a name stands for sees neither the rows nor the depth of the place where it is used.
        let (rows, depth) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.depth));
        let about = match named {
            Named::Score(place) => {
                let (code, about) = self.score(name);
                if let Some(slot) = self.scores.get_mut(place) {
                    slot.1 = State::Done(about.clone());
                    slot.2 = Some(code);
                }
                about
            }
            Named::Metric(_) | Named::Rule(_) => {
                let typed = if matches!(named, Named::Metric(_)) { self.metric(name) } else { self.named_rule(name) };
                self.mark(named, State::Done(typed.about.clone()), Some(typed.node));
                typed.about
            }
        };
        (self.rows, self.depth) = (rows, depth);
        self.path.pop();
        self.height -= 1;
        about
    }

    fn mark(&mut self, named: Named, state: State, node: Option<Node>) {
        let slot = match named {
            Named::Metric(place) => self.metrics.get_mut(place),
            Named::Rule(place) => self.rules.get_mut(place),
            Named::Score(place) => {
                if let Some(slot) = self.scores.get_mut(place) {
                    slot.1 = state;
                }
                return;
            }
        };
        if let Some(slot) = slot {
            (slot.1, slot.2) = (state, node);
        }
    }

    fn metric(&mut self, name: &str) -> Typed {
        let at = below("/metrics", name);
        let Some(metric) = self.book.metrics.get(name) else { return self.nothing(&at) };
        let place = if metric.short { at } else { below(&at, "value") };
        let mut typed = self.expr(&metric.value, &place);
        if let Some(unit) = &metric.unit {
            typed.about.unit = Some(unit.as_str().into());
        }
        if matches!(typed.about.kind, Kind::Records(_) | Kind::People) {
            self.error(
                &place,
                "type",
                format!("is {}; a metric is computed from them, with count or total", typed.about.kind),
            );
        }
        typed
    }

    fn named_rule(&mut self, name: &str) -> Typed {
        let at = below("/rules", name);
        let Some(rule) = self.book.rules.get(name) else { return self.nothing(&at) };
        let place = if rule.short { at } else { below(&at, "requires") };
        self.rule(&rule.requires, &place)
    }
}

fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Number(_) => Kind::Number,
        Value::Text(_) => Kind::Text,
        Value::Boolean(_) => Kind::Boolean,
        Value::Date(_) => Kind::Date,
        _ => Kind::Any,
    }
}
