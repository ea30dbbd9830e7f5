//! Runs worked cases of real programs.

use std::{fs, path::PathBuf};

use clap::Args;
use programs::cases::{CaseFile, Library, Report, Verdict};

use crate::output::{self, Outcome};

/// Which cases to run, and against what.
#[derive(Args)]
pub struct CasesArguments {
    /// Case files, as JSON.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A folder of program documents; by default, those that the binary brings along.
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// Print the outcome of all cases as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the cases of the files.
///
/// # Errors
/// When a case failed, or a file cannot be read; the others are run.
pub(super) fn cases(arguments: &CasesArguments) -> Result<Outcome, String> {
    let library = match &arguments.programs {
        Some(folder) => Library::folder(folder)?,
        None => Library::embedded()?,
    };
    let (mut report, mut unread) = (Report::default(), Vec::new());
    for path in &arguments.files {
        let name = path.to_string_lossy();
        let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"));
        match text.and_then(|text| CaseFile::read(&name, &text)) {
            Ok(file) => report.run(&file, &library),
            Err(error) => unread.push(error),
        }
    }
    let shown = if arguments.json { output::json(&report) } else { as_text(&report) };
    shown?;
    if report.failed > 0 {
        let all = report.passed + report.failed + report.unsupported;
        unread.push(format!("{} of {all} cases failed", report.failed));
    }
    if unread.is_empty() { Ok(Outcome::Fine) } else { Err(unread.join("\nentente: ")) }
}

fn as_text(report: &Report) -> Result<(), String> {
    for case in &report.cases {
        output::line(&format!("{:<11} {} {}", case.outcome.to_string(), case.file, case.id))?;
        if case.outcome != Verdict::Passed {
            let mut lines = case.reason.iter().flat_map(|reason| reason.lines());
            lines.try_for_each(|line| output::line(&format!("    {line}")))?;
        }
    }
    let Report { passed, failed, unsupported, .. } = report;
    output::line(&format!("{passed} passed, {failed} failed, {unsupported} unsupported"))
}
