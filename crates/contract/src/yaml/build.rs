//! Values from the parser's events, with a bound on depth and on what aliases unfold to.

use std::collections::{BTreeMap, HashMap};

use kernel::Fault;
use serde_json::{Map, Value};

use super::scalar::resolve;
use crate::{
    Bounds, Marks, Place,
    marks::Inner,
    text::{at, long_name, too_deep, too_many},
    words::child,
};

/// How many bytes of text weigh as much as one value.
const BYTES_A_VALUE: usize = 64;

/// What holds other values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Map,
}

/// A value that is finished.
#[derive(Clone)]
struct Node {
    value: Value,
    marks: Marks,
    /// How many values it holds, itself counted, long texts as several.
    weight: usize,
    /// How deep maps and lists stand in it.
    depth: usize,
}

/// A map or list that is being read.
struct Open {
    at: Place,
    anchor: usize,
    weight: usize,
    depth: usize,
    content: Content,
}

enum Content {
    List(Vec<Value>, Vec<Marks>),
    Map { values: Map<String, Value>, marks: BTreeMap<String, Marks>, key: Option<(String, Place)> },
}

pub(super) struct Builder<'a> {
    bounds: &'a Bounds,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    weight: usize,
    faults: Vec<Fault>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(bounds: &'a Bounds) -> Self {
        Self { bounds, open: Vec::new(), anchors: HashMap::new(), root: None, weight: 0, faults: Vec::new() }
    }

    pub(super) fn finish(self) -> (Option<(Value, Marks)>, Vec<Fault>) {
        (self.root.map(|root| (root.value, root.marks)), self.faults)
    }

    /// Notes what is not taken, and goes on.
    pub(super) fn soft(&mut self, place: Place, code: &str, words: impl Into<String>) {
        let mut fault = at(place, code, words);
        fault.pointer = Some(self.pointer());
        self.faults.push(fault);
    }

    pub(super) fn scalar(&mut self, text: &str, literal: bool, anchor: usize, place: Place) -> Result<(), Fault> {
        if self.awaits_key() {
            return self.key(text, literal, place);
        }
        let value = if literal { Value::from(text) } else { self.plain(text, place) };
        let weight = 1 + text.len() / BYTES_A_VALUE;
        let node = Node { value, marks: Marks::new(place, Inner::Scalar), weight, depth: 0 };
        self.done(node, anchor, place)
    }

    fn plain(&mut self, text: &str, place: Place) -> Value {
        resolve(text).unwrap_or_else(|words| {
            self.soft(place, "number", words);
            Value::Null
        })
    }

    fn key(&mut self, text: &str, literal: bool, place: Place) -> Result<(), Fault> {
        if text.len() > self.bounds.name {
            return Err(long_name(place, self.bounds));
        }
        if !literal && text == "<<" {
            return Err(at(place, "merge_key", "merge keys (<<) are not taken here: name each entry"));
        }
        if let Some(Open { content: Content::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((text.to_owned(), place));
        }
        Ok(())
    }

    pub(super) fn open(&mut self, kind: Kind, anchor: usize, place: Place) -> Result<(), Fault> {
        if self.awaits_key() {
            return Err(at(place, "key", "is a list or map where a name stands: names are texts"));
        }
        if self.open.len() >= self.bounds.depth {
            return Err(too_deep(place, self.bounds));
        }
        self.spend(1, place)?;
        let content = match kind {
            Kind::List => Content::List(Vec::new(), Vec::new()),
            Kind::Map => Content::Map { values: Map::new(), marks: BTreeMap::new(), key: None },
        };
        self.open.push(Open { at: place, anchor, weight: 1, depth: 0, content });
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), Fault> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (value, inner) = match open.content {
            Content::List(values, marks) => (Value::Array(values), Inner::List(marks)),
            Content::Map { values, marks, .. } => (Value::Object(values), Inner::Map(marks)),
        };
        let node = Node { value, marks: Marks::new(open.at, inner), weight: open.weight, depth: open.depth + 1 };
        self.place(node, open.anchor)
    }

    /// What an anchor stands for, once more. It is not there while it is being read, so nothing can hold itself.
    pub(super) fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Fault> {
        let Some(meant) = self.anchors.get(&anchor) else {
            return Err(at(place, "alias", "stands for something that holds it"));
        };
        if self.awaits_key() {
            return Err(at(place, "key", "is an alias where a name stands: names are texts"));
        }
        // Before it is copied: a copy of what is too large would be too large.
        let (weight, depth) = (meant.weight, meant.depth);
        if self.open.len() + depth > self.bounds.depth {
            return Err(too_deep(place, self.bounds));
        }
        self.spend(weight, place)?;
        let Some(mut node) = self.anchors.get(&anchor).cloned() else { return Ok(()) };
        node.marks.at = place;
        self.place(node, 0)
    }

    fn done(&mut self, node: Node, anchor: usize, place: Place) -> Result<(), Fault> {
        self.spend(node.weight, place)?;
        self.place(node, anchor)
    }

    fn spend(&mut self, weight: usize, place: Place) -> Result<(), Fault> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > self.bounds.values { Err(too_many(place, self.bounds)) } else { Ok(()) }
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            // It is kept besides, so it counts twice: anchors within anchors would keep what they hold many times.
            self.spend(node.weight, node.marks.at)?;
            self.anchors.insert(anchor, node.clone());
        }
        if let Some((first, place)) = self.twice() {
            let name: String = self.pending().map(|(name, _)| name.chars().take(60).collect()).unwrap_or_default();
            self.soft(place, "duplicate", format!("“{name}” is there twice, first in line {}", first.line));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.weight = open.weight.saturating_add(node.weight);
        open.depth = open.depth.max(node.depth);
        match &mut open.content {
            Content::List(values, marks) => {
                values.push(node.value);
                marks.push(node.marks);
            }
            Content::Map { values, marks, key } => {
                let Some((name, place)) = key.take() else { return Ok(()) };
                let marked = Marks { key: Some(place), ..node.marks };
                marks.entry(name.clone()).or_insert(marked);
                values.entry(name).or_insert(node.value);
            }
        }
        Ok(())
    }

    /// Where a name stood the first time, and where it stands now.
    fn twice(&self) -> Option<(Place, Place)> {
        let Some(Open { content: Content::Map { marks, key: Some((name, place)), .. }, .. }) = self.open.last() else {
            return None;
        };
        Some((marks.get(name)?.key?, *place))
    }

    fn pending(&self) -> Option<&(String, Place)> {
        match &self.open.last()?.content {
            Content::Map { key, .. } => key.as_ref(),
            Content::List(..) => None,
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    /// The pointer to what is being read.
    fn pointer(&self) -> String {
        self.open.iter().fold(String::new(), |pointer, open| match &open.content {
            Content::List(values, _) => format!("{pointer}/{}", values.len()),
            Content::Map { key: Some((name, _)), .. } => child(&pointer, name),
            Content::Map { key: None, .. } => pointer,
        })
    }
}
