//! `entente program`: program documents at the desk; planned and applied where there is a database.

mod apply;
mod cases;
pub(crate) mod desk;
mod diff;
mod evaluate;
mod export;
pub(crate) mod paint;
mod plan;
pub(crate) mod show;
mod validate;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use crate::output::{self, Outcome};

/// What to do with program documents.
#[derive(Subcommand)]
pub enum ProgramCommand {
    /// Check documents: everything that is wrong with them at once, with line and column.
    ///
    /// Their shape, what their names stand for, contradictions, and whether their examples come out. Ends with 1 if a
    /// document has faults; warnings do not count.
    Validate {
        #[command(flatten)]
        files: Files,
    },
    /// Run the examples of documents, and tell of each whether it comes out.
    Test {
        #[command(flatten)]
        files: Files,
    },
    /// Evaluate a document for one partner: tier, scores and rules, computed from facts and nothing else.
    Evaluate(EvaluateArguments),
    /// Run worked cases of real programs through the rule language.
    ///
    /// A case file holds published rules as data and cases, `given` → `expect`. What a case names by `eval` is judged by the
    /// file's own reading, everything else by the document whose `published_as` names the program and the version. Ends with
    /// 1 if a case failed, or if a file cannot be read; what is unsupported is no failure.
    Cases(cases::CasesArguments),
    /// Tell what a document would change, before anything does: in rules, tiers, benefits and protections.
    ///
    /// Every active partner in the program is evaluated by the rules in force and by the document, over the facts that the
    /// database holds. The plan is kept, so that it can be applied as it was shown. Ends with 0 if nothing would change, with
    /// 2 if something would, and with 1 if the document has faults or the database cannot be read.
    Plan(Box<plan::PlanArguments>),
    /// Make a document the program's rules, by a plan: of a file, which is shown first, or one that was made before.
    Apply(Box<apply::ApplyArguments>),
    /// Tell in rules what a document says that the program's rules do not. Ends with 2 if there is a difference.
    Diff(diff::DiffArguments),
    /// Print a program's rules as a document.
    Export(export::ExportArguments),
    /// Print the JSON Schema of documents, for editors.
    Schema,
}

/// The documents to look at.
#[derive(Args)]
pub struct Files {
    /// Documents: YAML, or JSON if the name ends in .json; - reads YAML from standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print one JSON document instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// What to evaluate.
#[derive(Args)]
pub struct EvaluateArguments {
    /// The document: YAML, or JSON if the name ends in .json.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A JSON or YAML file with the partner's facts by name; - reads JSON from standard input. Without it, none is known.
    #[arg(long, value_name = "FACTS")]
    pub facts: Option<PathBuf>,
    /// The day of evaluation; today in the program's time zone, if it is left out.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<NaiveDate>,
    /// Explain this: a tier, a metric, rule or fact, score.NAME, eligibility.NAME. May be given several times.
    #[arg(long, value_name = "NAME")]
    pub explain: Vec<String>,
    /// Print one JSON document instead of lines.
    #[arg(long)]
    pub json: bool,
}

/// Runs a command.
///
/// # Errors
/// What kept it from being run; what it found wrong is its outcome.
pub fn run(command: ProgramCommand) -> Result<Outcome, String> {
    match command {
        ProgramCommand::Validate { files } => validate::validate(&files),
        ProgramCommand::Test { files } => validate::test(&files),
        ProgramCommand::Evaluate(arguments) => evaluate::evaluate(&arguments),
        ProgramCommand::Cases(arguments) => cases::cases(&arguments),
        ProgramCommand::Plan(arguments) => plan::plan(&arguments),
        ProgramCommand::Apply(arguments) => apply::apply(&arguments),
        ProgramCommand::Diff(arguments) => diff::diff(&arguments),
        ProgramCommand::Export(arguments) => export::export(&arguments),
        ProgramCommand::Schema => {
            output::json(&programs::schema()?)?;
            Ok(Outcome::Fine)
        }
    }
}
