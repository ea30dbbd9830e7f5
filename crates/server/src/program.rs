//! `entente program`: what can be done with program documents without a server.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use programs::cases::{CaseFile, CaseReport, Library, Report, Verdict};

#[derive(Subcommand)]
pub enum ProgramCommand {
    /// Run worked cases of real programs through the rule language.
    ///
    /// A case file holds published rules as data and cases, `given` → `expect`. What a case names by `eval` is judged by the
    /// file's own reading, everything else by the document whose `published_as` names the program and the version. Ends with
    /// code 1 if a case failed, or if a file cannot be read; what is unsupported is no failure.
    Cases(CasesArguments),
}

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

/// Runs a command on documents.
///
/// # Errors
/// In words, if something could not be read, or did not come out as it should.
pub fn run(command: &ProgramCommand) -> Result<(), String> {
    match command {
        ProgramCommand::Cases(arguments) => cases(arguments),
    }
}

fn cases(arguments: &CasesArguments) -> Result<(), String> {
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
    let shown = if arguments.json { as_json(&report) } else { as_text(&report) };
    // Whoever reads may stop reading: `entente program cases FILE | head`.
    shown.map_err(|error| error.to_string())?;
    if report.failed > 0 {
        let all = report.passed + report.failed + report.unsupported;
        unread.push(format!("{} of {all} cases failed", report.failed));
    }
    if unread.is_empty() { Ok(()) } else { Err(unread.join("\nentente: ")) }
}

fn as_json(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)
}

fn as_text(report: &Report) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for case in &report.cases {
        writeln!(out, "{:<11} {} {}", case.outcome.to_string(), case.file, case.id)?;
        explain(&mut out, case)?;
    }
    let Report { passed, failed, unsupported, .. } = report;
    writeln!(out, "{passed} passed, {failed} failed, {unsupported} unsupported")
}

fn explain(out: &mut impl Write, case: &CaseReport) -> io::Result<()> {
    if case.outcome == Verdict::Passed {
        return Ok(());
    }
    for line in case.reason.iter().flat_map(|reason| reason.lines()) {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}
