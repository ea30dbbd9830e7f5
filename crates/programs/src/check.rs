//! From a text to a program: everything that is wrong with it at once, each fault with its place.
//!
//! In this order: can the text be read, does it have the shape of a document, does it mean something, do its examples
//! come out. What a later step needs of an earlier one is not looked at while it is faulty.

mod examples;
mod shape;

use contract::{Bounds, Format, Kind, Stage};
use kernel::{Code, Fault};
use rules::Program as Compiled;
use serde_json::Value;

use crate::{ProgramDocument, sources};
use shape::Shape;

/// How much a document may hold. Of constructs 32 may lie in each other, each two or three levels deep.
pub const BOUNDS: Bounds = Bounds { bytes: 1024 * 1024, depth: 100, values: 100_000, name: 200 };

static KIND: Kind = Kind { name: "program document", code: Code::InvalidProgram, bounds: BOUNDS };

/// What a check has found, with the document and its rules if nothing is wrong.
pub type Report = contract::Report<(ProgramDocument, Compiled)>;

/// Reads and checks a document.
pub fn check(bytes: &[u8], format: Format) -> Report {
    KIND.check(bytes, format, |value| checked(value, true))
}

/// The same without its examples: for what is only to be evaluated.
pub fn check_rules(bytes: &[u8], format: Format) -> Report {
    KIND.check(bytes, format, |value| checked(value, false))
}

/// Checks the rules of a document that was read already: its faults have pointers, and no places.
pub fn check_value(value: &Value) -> Report {
    checked(value, false)
}

fn checked(value: &Value, examples: bool) -> Report {
    let mut report = Report::new(&KIND);
    let Shape { document, book, faults } = Shape::of(value);
    report.add(Stage::Shape, faults);
    let rest = shape::rest(value);
    report.add(Stage::Meaning, rest.as_ref().map(ProgramDocument::faults).unwrap_or_default());
    if let Some((book, rest)) = book.as_ref().zip(rest) {
        report.add(Stage::Meaning, sources::faults(&book.facts, rest.currency));
    }
    let compiled = book.and_then(|book| match Compiled::compile(&book) {
        Ok(compiled) => {
            report.warn(compiled.warnings().iter().cloned().map(Fault::from));
            Some(compiled)
        }
        Err(faults) => {
            let (errors, warnings): (Vec<_>, Vec<_>) = faults.into_iter().partition(rules::Fault::is_error);
            report.add(Stage::Meaning, errors.into_iter().map(Fault::from).collect());
            report.warn(warnings.into_iter().map(Fault::from));
            None
        }
    });
    report.warn(samples(value));
    let Some((document, compiled)) = document.zip(compiled).filter(|_| report.faults.is_empty()) else {
        return report;
    };
    if examples {
        report.add(Stage::Examples, examples::faults(&document, &compiled));
    }
    if report.faults.is_empty() {
        report.document = Some((document, compiled));
    }
    report
}

/// What is said to be made up, and is not there.
fn samples(value: &Value) -> Vec<Fault> {
    let listed = value.get("sample").and_then(Value::as_array).into_iter().flatten().enumerate();
    let pointers = listed.filter_map(|(at, entry)| Some((at, entry.as_str().filter(|text| text.starts_with('/'))?)));
    let missing = pointers.filter(|(_, pointer)| value.pointer(pointer).is_none());
    missing
        .map(|(at, _)| Fault::at(&format!("/sample/{at}"), "unknown_pointer", "points at nothing in this document"))
        .collect()
}

/// A document that was checked when it was stored, ready to be evaluated.
///
/// # Errors
/// When it would not be taken any more, with every fault.
pub fn compile(document: &ProgramDocument) -> Result<Compiled, Vec<Fault>> {
    Compiled::compile(&document.book())
        .map_err(|faults| faults.into_iter().filter(rules::Fault::is_error).map(Fault::from).collect())
}
