//! What a check has found.

use std::collections::BTreeSet;

use contract::Marks;
use kernel::{Code, Error, Fault};
use rules::Program as Compiled;

use crate::ProgramDocument;

/// The most faults, and the most warnings, that are told.
const MOST: usize = 100;
/// How many characters of a fault are told.
const LONGEST: usize = 1_000;
/// What is wrong with a name, not with what stands under it.
const OF_NAMES: [&str; 6] = ["unknown_field", "unknown_fact", "name", "reserved", "duplicate", "cycle"];

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
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What keeps the document from being used, in the order of the text.
    pub faults: Vec<Fault>,
    /// What is hardly meant.
    pub warnings: Vec<Fault>,
    /// The document and its rules, if nothing is wrong.
    pub program: Option<(ProgramDocument, Compiled)>,
    /// At which step the first fault came up.
    pub stage: Option<Stage>,
}

impl Report {
    pub(super) fn unreadable(fault: Fault) -> Self {
        Self { faults: vec![shortened(fault)], stage: Some(Stage::Text), ..Self::default() }
    }

    pub(super) fn add(&mut self, stage: Stage, faults: Vec<Fault>) {
        if !faults.is_empty() {
            self.stage = self.stage.into_iter().chain([stage]).min();
        }
        self.faults.extend(faults.into_iter().map(shortened));
    }

    pub(super) fn warn(&mut self, warnings: impl IntoIterator<Item = Fault>) {
        self.warnings.extend(warnings.into_iter().map(shortened));
    }

    /// Adds what is not taken of the text. What follows from it is not told.
    pub(super) fn add_text(&mut self, faults: Vec<Fault>) {
        if faults.is_empty() {
            return;
        }
        let told: BTreeSet<Option<String>> = faults.iter().map(|fault| fault.pointer.clone()).collect();
        self.faults.retain(|fault| !told.contains(&fault.pointer));
        self.add(Stage::Text, faults);
        self.program = None;
    }

    /// Gives each fault its place in the text, and puts them in its order.
    pub(super) fn place(&mut self, marks: &Marks) {
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
        self.faults.is_empty() && self.program.is_some()
    }

    /// The document and its rules.
    ///
    /// # Errors
    /// `invalid_json` if the text cannot be read, `invalid_body` if it has not the shape of a document,
    /// `invalid_program` if it contradicts itself or an example does not come out; with every fault.
    pub fn into_program(self) -> Result<(ProgramDocument, Compiled), Error> {
        let (code, words) = match self.stage.unwrap_or(Stage::Meaning) {
            Stage::Text => (Code::InvalidJson, self.unreadable_words()),
            Stage::Shape => (Code::InvalidBody, "The program document has faults; see errors.".to_owned()),
            Stage::Meaning => (Code::InvalidProgram, "The program document contradicts itself; see errors.".to_owned()),
            Stage::Examples => {
                (Code::InvalidProgram, "The program document's examples do not come out; see errors.".to_owned())
            }
        };
        let Self { mut faults, program, .. } = self;
        faults.truncate(MOST);
        program.ok_or(Error { code, detail: words, faults })
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
