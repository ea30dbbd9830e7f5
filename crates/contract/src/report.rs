//! What is wrong with a document, and whether it may be used: the same for every kind of document.

use std::collections::BTreeSet;

use kernel::{Code, Error, Fault};
use serde_json::Value;

use crate::{Bounds, Format, Marks, read};

/// The most faults, and the most warnings, that are told.
const MOST: usize = 100;
/// How many characters of a fault are told.
const LONGEST: usize = 1_000;
/// What is wrong with a name, not with what stands under it.
const OF_NAMES: [&str; 6] = ["unknown_field", "unknown_fact", "name", "reserved", "duplicate", "cycle"];

/// A kind of document.
#[derive(Debug)]
pub struct Kind {
    /// What an error calls it.
    pub name: &'static str,
    /// The error of one that contradicts itself.
    pub code: Code,
    /// How much it may hold.
    pub bounds: Bounds,
}

/// How far a document came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It cannot be read.
    Text,
    /// Fields are missing, unknown, or of another kind.
    Shape,
    /// It contradicts itself.
    Meaning,
    /// Its examples do not come out.
    Examples,
}

/// What a check has found.
#[derive(Debug, Clone)]
pub struct Report<T> {
    /// What keeps the document from being used, in the order of the text.
    pub faults: Vec<Fault>,
    /// What is hardly meant.
    pub warnings: Vec<Fault>,
    /// The document, ready to be used, if nothing is wrong.
    pub document: Option<T>,
    /// At which step the first fault came up.
    pub stage: Option<Stage>,
    kind: &'static Kind,
}

impl Kind {
    /// Reads a text and checks what it holds: `check` finds faults with pointers, and here they get their places.
    pub fn check<T>(&'static self, bytes: &[u8], format: Format, check: impl FnOnce(&Value) -> Report<T>) -> Report<T> {
        let text = match read(bytes, format, &self.bounds) {
            Ok(text) => text,
            Err(fault) => {
                let mut report = Report::new(self);
                report.add(Stage::Text, vec![fault]);
                return report;
            }
        };
        let mut report = check(&text.value);
        report.add_text(text.faults);
        report.place(&text.marks);
        report
    }
}

impl<T> Report<T> {
    /// Nothing is found yet.
    pub fn new(kind: &'static Kind) -> Self {
        Self { faults: Vec::new(), warnings: Vec::new(), document: None, stage: None, kind }
    }

    /// Adds what a step has found.
    pub fn add(&mut self, stage: Stage, faults: Vec<Fault>) {
        if !faults.is_empty() {
            self.stage = self.stage.into_iter().chain([stage]).min();
        }
        self.faults.extend(faults.into_iter().map(shortened));
    }

    /// Adds what is hardly meant.
    pub fn warn(&mut self, warnings: impl IntoIterator<Item = Fault>) {
        self.warnings.extend(warnings.into_iter().map(shortened));
    }

    /// Adds what is not taken of the text. What follows from it is not told.
    fn add_text(&mut self, faults: Vec<Fault>) {
        if faults.is_empty() {
            return;
        }
        let told: BTreeSet<Option<String>> = faults.iter().map(|fault| fault.pointer.clone()).collect();
        self.faults.retain(|fault| !told.contains(&fault.pointer));
        self.add(Stage::Text, faults);
        self.document = None;
    }

    /// Gives each fault its place in the text, and puts them in its order.
    fn place(&mut self, marks: &Marks) {
        for list in [&mut self.faults, &mut self.warnings] {
            for fault in list.iter_mut().filter(|fault| fault.line.is_none()) {
                let pointer = fault.pointer.as_deref().unwrap_or_default();
                let of_name = OF_NAMES.contains(&fault.code.as_str());
                let place = if of_name { marks.name(pointer) } else { marks.value(pointer) };
                (fault.line, fault.column) = (Some(place.line), Some(place.column));
            }
            list.sort_by_key(|fault| (fault.line, fault.column));
            list.dedup();
            list.truncate(MOST);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.faults.is_empty() && self.document.is_some()
    }

    /// The document, ready to be used.
    ///
    /// # Errors
    /// `invalid_json` if the text cannot be read, `invalid_body` if it has not the shape of a document, its kind's code if
    /// it contradicts itself or an example does not come out; with every fault.
    pub fn into_document(self) -> Result<T, Error> {
        let name = self.kind.name;
        let (code, detail) = match self.stage.unwrap_or(Stage::Meaning) {
            Stage::Text => (Code::InvalidJson, self.unreadable_words()),
            Stage::Shape => (Code::InvalidBody, format!("The {name} has faults; see errors.")),
            Stage::Meaning => (self.kind.code, format!("The {name} contradicts itself; see errors.")),
            Stage::Examples => (self.kind.code, format!("The {name}'s examples do not come out; see errors.")),
        };
        let Self { mut faults, document, .. } = self;
        faults.truncate(MOST);
        document.ok_or(Error { code, detail, faults })
    }

    fn unreadable_words(&self) -> String {
        let first = self.faults.first();
        let place = first.and_then(|fault| Some(format!(" at line {}, column {}", fault.line?, fault.column?)));
        let words = first.map_or("", |fault| fault.detail.as_str());
        format!("The document cannot be read: {words}{}.", place.unwrap_or_default())
    }
}

fn shortened(mut fault: Fault) -> Fault {
    if let Some((at, _)) = fault.detail.char_indices().nth(LONGEST) {
        fault.detail.truncate(at);
        fault.detail.push('…');
    }
    fault
}
