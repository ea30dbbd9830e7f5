use std::collections::BTreeSet;

use programs::cases::{CaseReport, Library, Verdict};
use serde_json::Value as Json;

use crate::support::run;

const FILES: [(&str, &str); 6] = [
    ("microsoft", include_str!("published/microsoft.json")),
    ("hubspot", include_str!("published/hubspot.json")),
    ("salesforce", include_str!("published/salesforce.json")),
    ("vmware", include_str!("published/vmware.json")),
    ("aws", include_str!("published/aws.json")),
    ("small_programs", include_str!("published/small_programs.json")),
];

/// What nothing answers, and why. This list only shrinks.
const UNSUPPORTED: [(&str, &str); 2] = [
    // The multipliers are letters, and the answer is the formula with them.
    ("vm-008", "/multipliers/licence_model: is not a number"),
    // The name that is asked for is that of a partner.
    ("vm-016", "defines no \"partner_B\""),
];

/// Cases whose `eval` says more than what is given: which path counts, or which of two dated documents holds.
const SAID_BY_EVAL: [&str; 5] = ["ms-120", "ms-126", "ms-130", "ms-132", "ms-140"];

fn judged(prepare: impl Fn(&mut Json)) -> Vec<CaseReport> {
    let library = Library::embedded().unwrap();
    let mut cases = Vec::new();
    for (name, text) in FILES {
        let mut file: Json = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        prepare(&mut file);
        cases.extend(run(&file, &library).cases);
    }
    cases
}

#[test]
fn every_published_case_has_its_outcome() {
    let cases = judged(|_| {});
    assert_eq!(cases.len(), 104);
    for case in &cases {
        let known = UNSUPPORTED.iter().find(|(id, _)| *id == case.id);
        match (case.outcome, known) {
            (Verdict::Passed, None) => assert_eq!(case.reason, None),
            (Verdict::Unsupported, Some((_, why))) => {
                assert!(case.reason.as_ref().unwrap().contains(why), "{}: {:?}", case.id, case.reason);
                assert_eq!(case.got, Json::Null);
            }
            _ => panic!("{} is {}: {}", case.id, case.outcome, case.reason.as_deref().unwrap_or_default()),
        }
    }
}

#[test]
fn the_documents_say_what_the_files_readings_say() {
    let cases = judged(|file| {
        for case in file["cases"].as_array_mut().unwrap() {
            case.as_object_mut().unwrap().remove("eval");
        }
        // Or a table called like the version would answer.
        file.as_object_mut().unwrap().remove("tier_tables");
    });
    let unsupported: BTreeSet<&str> = UNSUPPORTED.iter().map(|(id, _)| *id).collect();
    let not_passed = |verdict: Verdict| cases.iter().filter(move |case| case.outcome == verdict);
    let found: BTreeSet<&str> = not_passed(Verdict::Unsupported).map(|case| case.id.as_str()).collect();
    assert_eq!(found, unsupported);
    let failed: BTreeSet<&str> = not_passed(Verdict::Failed).map(|case| case.id.as_str()).collect();
    assert_eq!(failed, SAID_BY_EVAL.into_iter().collect());
}
