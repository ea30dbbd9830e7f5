//! Documents read from files, and their faults as lines that editors understand.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use contract::{Bounds, Format, Report};
use kernel::Fault;
use programs::check::BOUNDS;
use serde_json::{Value, json};

use crate::output;

/// Reads a program document.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    within(path, &BOUNDS)
}

/// Reads a file, or standard input for `-`; of what is larger than is taken, not more than that shows.
pub(crate) fn within(path: &Path, bounds: &Bounds) -> Result<Vec<u8>, String> {
    let limit = u64::try_from(bounds.bytes).unwrap_or(u64::MAX).saturating_add(1);
    let told = |error: io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().take(limit).read_to_end(&mut bytes).map_err(told)?;
    } else {
        File::open(path).map_err(told)?.take(limit).read_to_end(&mut bytes).map_err(told)?;
    }
    Ok(bytes)
}

/// What a file is written in, by its name.
pub(crate) fn format(path: &Path) -> Format {
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json { Format::Json } else { Format::Yaml }
}

/// Prints faults and warnings as `file:line:column: severity: what`, in the order of the text.
pub(super) fn print<T>(path: &Path, report: &Report<T>) -> Result<(), String> {
    let marked = |faults: &[Fault], severity| faults.iter().map(|it| (it.clone(), severity)).collect::<Vec<_>>();
    let mut all = marked(&report.faults, "error");
    all.extend(marked(&report.warnings, "warning"));
    all.sort_by_key(|(fault, _)| (fault.line, fault.column));
    for (fault, severity) in all {
        output::line(&shown(path, &fault, severity))?;
    }
    Ok(())
}

/// A fault as a line that editors understand.
fn shown(path: &Path, fault: &Fault, severity: &str) -> String {
    let (line, column) = (fault.line.unwrap_or(1), fault.column.unwrap_or(1));
    let pointer = fault.pointer.as_deref().filter(|pointer| !pointer.is_empty());
    let at = pointer.map_or_else(String::new, |pointer| format!("{pointer}: "));
    format!("{}:{line}:{column}: {severity}: {at}{} [{}]", path.display(), fault.detail, fault.code)
}

/// A report for machines.
pub(crate) fn as_json<T>(path: &Path, report: &Report<T>) -> Value {
    json!({
        "file": path.display().to_string(), "valid": report.is_valid(),
        "faults": report.faults, "warnings": report.warnings,
    })
}
