//! Published rules that speak of certificates, on stored certifications: people complete courses, are awarded what each
//! case says that they hold, or what adds up to the totals that it says, and the same comes out as of facts that were made
//! by hand. On both databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests may stop")]

mod backing;
mod totals;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use database::{Database, Tx, testing::TestDatabase};
use facts::{Moment, gather, inputs};
use kernel::{Actor, Clock, PartnerId, Timestamp};
use partners::{Enrollment, enrollment, partner};
use programs::cases::{CaseFile, CaseReport, Document, Library, Report, Verdict};
use serde_json::{Map, Value, json};
use training::{
    catalogue,
    enrollment::Origin,
    person,
    record::{Feat, Learned, record},
};

/// The day on which everybody has completed everything.
const COMPLETED: &str = "2020-01-02";
/// The day of evaluation, where a case says none.
const AS_OF: &str = "2026-06-30";
/// How a case says its day of evaluation.
const SAYS_DAY: [&str; 6] = ["as_of", "today", "evaluated_on", "evaluation_date", "on", "date"];

/// The folder of published rules; what is kept of it here, where there is none.
fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = root.join("../../shared/programs");
    let beside = root.join("../shared/programs");
    let kept = root.join("crates/programs/tests/cases/published");
    [shared, beside].into_iter().find(|path| path.is_dir()).unwrap_or(kept)
}

fn files() -> Vec<Value> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "json") {
            let json: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            found.extend(json["cases"].is_array().then(|| (path.display().to_string(), json)));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().map(|(_, json)| json).collect()
}

/// Further cases of the published rules, on both sides of each border.
fn further() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../programs/tests/cases/published/further.json")).unwrap()
}

fn cases(files: &[Value]) -> Vec<(&Value, &Value)> {
    files.iter().flat_map(|file| file["cases"].as_array().unwrap().iter().map(move |case| (file, case))).collect()
}

/// Our documents that read who is certified of the store.
fn documents() -> Vec<(Document, Value)> {
    let mut found = all_documents();
    found.retain(|(_, json)| people_fact(json).is_some());
    found
}

fn all_documents() -> Vec<(Document, Value)> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs"), &mut found);
    found
}

fn collect(folder: &Path, found: &mut Vec<(Document, Value)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let json = contract::read(text.as_bytes(), contract::Format::Yaml, &catalogue::BOUNDS).unwrap().value;
            found.push((Document::read("it", &text).unwrap(), json));
        }
    }
}

/// The fact of a document that the training room fills.
fn people_fact(document: &Value) -> Option<&str> {
    let facts = document["facts"].as_object()?;
    let is_it = |fact: &Value| fact["type"] == "people" && fact["source"]["engine"] == "certificates";
    facts.iter().find(|(_, fact)| is_it(fact)).map(|(name, _)| name.as_str())
}

/// What a case gives as people with their certificates: by the fact's name, who holds what.
fn people(case: &Value) -> Vec<(String, Map<String, Value>)> {
    let is_certificate = |it: &Value| it.is_string() || it["certificate"].is_string();
    let is_people = |value: &Value| {
        let held = |all: &Value| all.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is_certificate));
        value.as_object().is_some_and(|people| !people.is_empty() && people.values().all(held))
    };
    let given = case["given"].as_object().unwrap();
    let people = given.iter().filter(|(_, value)| is_people(value));
    people.map(|(name, value)| (name.clone(), value.as_object().unwrap().clone())).collect()
}

fn certificate(held: &Value) -> &str {
    held.as_str().or(held["certificate"].as_str()).unwrap()
}

/// A catalogue with a certification for each certificate, for one course each.
fn academy(certificates: &BTreeSet<String>) -> Value {
    let (mut courses, mut certifications) = (json!({}), json!({}));
    for slug in certificates {
        let course = format!("{}_course", &slug[..slug.len().min(50)]);
        courses[&course] = json!({"name": slug});
        certifications[slug] = json!({"name": slug, "requires": course});
    }
    json!({"name": "Academy", "courses": courses, "certifications": certifications})
}

struct Stage {
    database: Database,
    _test: TestDatabase,
}

impl Stage {
    fn on(test: TestDatabase) -> Self {
        Self { database: Database::attach(&test.settings, Clock::default()).unwrap(), _test: test }
    }

    fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> database::Result<T> + Send + 'static) -> T {
        self.database.write_blocking(work).unwrap()
    }

    /// A partner whose people hold what a case says, enrolled in a program; what the program's rules then read of them.
    fn stored(&self, name: &str, people: Map<String, Value>, program: &str, fact: &str, as_of: &str) -> Value {
        let (name, slug) = (name.to_owned(), program.to_owned());
        let enrolled: Enrollment = self.write(move |tx| {
            let system = Actor::system();
            let new = json!({"name": name, "domain": format!("{name}.example"), "country": "DE"});
            let partner = partner::create(tx, &system, serde_json::from_value(new).unwrap())?.id;
            for (at, (person, held)) in people.iter().enumerate() {
                award(tx, partner, (&format!("p{at}@{name}.example"), person), held)?;
            }
            let new = json!({"partner_id": partner, "program": slug});
            enrollment::create(tx, &system, serde_json::from_value(new).unwrap())
        });
        let moment = Moment { as_of: as_of.parse().unwrap(), known_at: Timestamp::never() };
        let read = |tx: &mut Tx| {
            let rules = programs::rules(tx, program, 1)?;
            let gathered = gather(tx, &rules, std::slice::from_ref(&enrolled), moment)?;
            Ok(inputs(&rules, &gathered[0])[fact].clone())
        };
        self.database.read_blocking(read).unwrap()
    }
}

/// Somebody completes a course for each certificate that they are to hold.
fn award(tx: &mut Tx, partner: PartnerId, (email, name): (&str, &str), held: &Value) -> database::Result<()> {
    let system = Actor::system();
    let new = json!({"partner_id": partner, "name": name, "email": email});
    let person = person::create(tx, &system, serde_json::from_value(new).unwrap())?;
    let catalogue = catalogue::current(tx)?;
    for certificate in held.as_array().unwrap().iter().map(certificate) {
        let rule = &catalogue.certification(certificate).unwrap().1.award;
        for item in rule.names() {
            let learned = Learned {
                person: &person,
                item,
                on: COMPLETED.parse().unwrap(),
                feat: Feat::Completed(None),
                source: Origin::Import,
                external_id: None,
            };
            record(tx, &system, &catalogue, &learned)?;
        }
    }
    Ok(())
}

fn judged(file: &Value, case: &Value, library: &Library) -> CaseReport {
    let mut file = file.clone();
    file["cases"] = json!([case]);
    let file = CaseFile::read("file.json", &file.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let mut report = Report::default();
    report.run(&file, library);
    report.cases.remove(0)
}

fn without_eval(case: &Value) -> Value {
    let mut case = case.clone();
    case.as_object_mut().unwrap().remove("eval");
    case
}

/// A vendor who offers these certifications and runs our programs that read who holds them.
fn open(stage: &Stage, certificates: &BTreeSet<String>, documents: &[(Document, Value)]) {
    let report = catalogue::check(academy(certificates).to_string().as_bytes(), contract::Format::Json);
    let academy = report.into_document().unwrap().document;
    stage.write(move |tx| catalogue::publish(tx, &Actor::system(), academy.clone(), |_| Ok(())).map(drop));
    for (_, document) in documents {
        let document = document.clone();
        stage.write(move |tx| {
            programs::program::create(tx, &Actor::system(), serde_json::from_value(document.clone()).unwrap()).map(drop)
        });
    }
}

/// Those of our documents that state the version of a case.
fn stating<'d>(documents: &'d [(Document, Value)], file: &Value, case: &Value) -> Vec<&'d (Document, Value)> {
    let (title, version) = (file["program"].as_str(), case["version"].as_str());
    let states = |document: &Document| document.states(title.unwrap_or_default(), version.unwrap_or_default());
    documents.iter().filter(|(document, _)| states(document)).collect()
}

/// The day of evaluation, where what is given says it.
fn said_day(given: &Map<String, Value>) -> Option<String> {
    SAYS_DAY.iter().find_map(|key| given.get(*key)?.as_str().map(str::to_owned))
}

/// Every case that gives people with certificates; how many there are.
fn run(stage: &Stage) -> usize {
    let (documents, library) = (documents(), Library::embedded().unwrap());
    let files = files();
    let certificates: BTreeSet<String> = cases(&files)
        .into_iter()
        .flat_map(|(_, case)| people(case))
        .flat_map(|(_, people)| people.into_iter())
        .flat_map(|(_, held)| held.as_array().unwrap().iter().map(|it| certificate(it).to_owned()).collect::<Vec<_>>())
        .collect();
    open(stage, &certificates, &documents);
    let mut count = 0;
    for (file, case) in cases(&files) {
        for (fact, people) in people(case) {
            let stating = stating(&documents, file, case).into_iter().map(|(_, json)| json);
            let stating: Vec<&Value> = stating.filter(|json| people_fact(json) == Some(&fact)).collect();
            let id = case["id"].as_str().unwrap();
            assert!(!stating.is_empty(), "{id}: no document of ours reads {fact} of the store");
            for document in stating {
                count += 1;
                let mut stored = case.clone();
                let given = stored["given"].as_object_mut().unwrap();
                let said = said_day(given);
                let as_of = said.clone().unwrap_or_else(|| AS_OF.to_owned());
                let slug = document["slug"].as_str().unwrap();
                let known = stage.stored(&format!("partner{count}"), people.clone(), slug, &fact, &as_of);
                assert_eq!(known.as_object().map(Map::len), Some(people.len()), "{id}: {known}");
                given.insert(fact.clone(), known);
                if said.is_none() {
                    given.insert("as_of".to_owned(), json!(as_of));
                }
                let report = judged(file, &stored, &library);
                assert_eq!(report.outcome, Verdict::Passed, "{id} by {slug}: {:?}", report.reason);
                // By our documents alone, the same comes out as of what is given by hand.
                let (one, other) = (without_eval(&stored), without_eval(case));
                let (one, other) = (judged(file, &one, &library), judged(file, &other, &library));
                assert_eq!((one.outcome, one.got), (other.outcome, other.got), "{id} by {slug}");
            }
        }
    }
    count
}

#[test]
fn published_cases_come_out_on_stored_certifications_on_sqlite() {
    assert!(run(&Stage::on(TestDatabase::sqlite().unwrap())) > 0);
}

#[test]
fn published_cases_come_out_on_stored_certifications_on_postgres() {
    assert!(run(&Stage::on(TestDatabase::postgres().unwrap())) > 0);
}
