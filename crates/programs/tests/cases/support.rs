use programs::cases::{CaseFile, CaseReport, Library, Report};
use serde_json::{Value as Json, json};

/// Runs the cases of a file of JSON, with these documents.
pub fn run(file: &Json, library: &Library) -> Report {
    let file = CaseFile::read("file.json", &file.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let mut report = Report::default();
    report.run(&file, library);
    report
}

/// Runs one case by a file's own reading: `sections` and `case` are maps of JSON.
pub fn one(sections: &Json, case: &Json) -> CaseReport {
    let mut file = sections.clone();
    let mut case = case.clone();
    case["id"] = json!("it");
    file["cases"] = json!([case]);
    run(&file, &Library::default()).cases.remove(0)
}

/// The outcome of a case in a word, and why.
pub fn told(report: &CaseReport) -> String {
    match &report.reason {
        None => report.outcome.to_string(),
        Some(reason) => format!("{}: {reason}", report.outcome),
    }
}
