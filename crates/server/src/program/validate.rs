//! Checks documents, and runs their examples.

use std::path::Path;

use programs::{Report, Stage};
use serde_json::{Value, json};

use super::{Files, show};
use crate::output::{self, Outcome};

/// Checks documents.
pub(super) fn validate(files: &Files) -> Result<Outcome, String> {
    let mut all = Vec::new();
    let mut outcome = Outcome::Fine;
    for path in &files.files {
        let report = programs::check(&show::bytes(path)?, show::format(path));
        if !report.is_valid() {
            outcome = Outcome::Faulty;
        }
        if files.json {
            all.push(show::as_json(path, &report));
            continue;
        }
        show::print(path, &report)?;
        output::line(&format!("{}: {}", path.display(), summary(&report)))?;
    }
    if files.json {
        output::json(&all)?;
    }
    Ok(outcome)
}

fn summary(report: &Report) -> String {
    let warnings = counted(report.warnings.len(), "warning");
    match &report.document {
        Some((document, _)) if report.is_valid() => {
            let examples = counted(document.examples.len(), "example");
            format!("valid: {} with {examples}, {warnings}", document.name)
        }
        _ => format!("{}, {warnings}", counted(report.faults.len(), "fault")),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Runs the examples of documents.
pub(super) fn test(files: &Files) -> Result<Outcome, String> {
    let (mut all, mut failed, mut passed) = (Vec::new(), 0, 0);
    let mut outcome = Outcome::Fine;
    for path in &files.files {
        let (bytes, format) = (show::bytes(path)?, show::format(path));
        let report = programs::check(&bytes, format);
        if !matches!(report.stage, None | Some(Stage::Examples)) {
            outcome = Outcome::Faulty;
            if files.json {
                all.push(show::as_json(path, &report))
            } else {
                show::print(path, &report)?
            }
            continue;
        }
        let results = results(&bytes, format, &report);
        failed += results.iter().filter(|result| !result.faults.is_empty()).count();
        passed += results.iter().filter(|result| result.faults.is_empty()).count();
        if files.json {
            let examples: Vec<Value> = results.iter().map(Ran::as_json).collect();
            all.push(json!({"file": path.display().to_string(), "valid": report.is_valid(), "examples": examples}));
        } else {
            results.iter().try_for_each(|result| result.print(path))?;
        }
    }
    if files.json {
        output::json(&json!({"passed": passed, "failed": failed, "files": all}))?;
    } else {
        output::line(&format!("{passed} passed, {failed} failed"))?;
    }
    Ok(if failed > 0 { Outcome::Faulty } else { outcome })
}

/// An example that was run.
struct Ran {
    name: String,
    line: u32,
    faults: Vec<kernel::Fault>,
}

/// The examples with what is wrong with each. That nothing else is wrong is known.
fn results(bytes: &[u8], format: contract::Format, report: &Report) -> Vec<Ran> {
    let Ok(text) = contract::read(bytes, format, &programs::check::BOUNDS) else { return Vec::new() };
    let examples = text.value.get("examples").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let ran = |(at, example): (usize, &Value)| {
        let (here, below) = (format!("/examples/{at}"), format!("/examples/{at}/"));
        let own = |fault: &&kernel::Fault| fault.pointer.as_deref().is_some_and(|it| it.starts_with(&below));
        let name = example.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ran { name, line: text.marks.value(&here).line, faults: report.faults.iter().filter(own).cloned().collect() }
    };
    examples.iter().enumerate().map(ran).collect()
}

impl Ran {
    fn as_json(&self) -> Value {
        let outcome = if self.faults.is_empty() { "passed" } else { "failed" };
        json!({"name": self.name, "line": self.line, "outcome": outcome, "faults": self.faults})
    }

    fn print(&self, path: &Path) -> Result<(), String> {
        let outcome = if self.faults.is_empty() { "passed" } else { "failed" };
        output::line(&format!("{outcome} {}:{}: {}", path.display(), self.line, self.name))?;
        for fault in &self.faults {
            let expected = fault.pointer.as_deref().and_then(|it| it.rsplit('/').next()).unwrap_or_default();
            output::line(&format!("       {expected}: {}", fault.detail))?;
        }
        Ok(())
    }
}
