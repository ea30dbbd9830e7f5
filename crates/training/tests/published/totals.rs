//! Cases that give totals: people are stored whose certificates add up to them.

use std::collections::BTreeSet;

use database::testing::TestDatabase;
use programs::cases::{Library, Verdict};
use serde_json::{Map, Value, json};

use crate::{
    AS_OF, Stage, all_documents,
    backing::{self, Backed, OnePerson, backed, of_one_person},
    cases, documents, files, further, judged, open, people_fact, said_day, stating, without_eval,
};

/// How many cases at least give totals of certificates, or what one person holds, and how many of them come out as the
/// files expect by our documents alone: of three, `eval` says which of two paths counts.
const TOTALS: (usize, usize) = (33, 30);

/// The case without totals of certificates, or what one person holds; its people are stored instead.
struct Restated {
    people: Map<String, Value>,
    /// What is left of what is given.
    given: Map<String, Value>,
    as_of: String,
    /// The fact that says who is meant, if it is one person.
    name: Option<String>,
}

/// A total that is given, under its name or its name with a day (`certification_valid_on_2025-07-15`).
fn total(given: &Map<String, Value>, fact: &str) -> Option<(String, u64, Option<String>)> {
    let day = |key: &str| key.strip_prefix(fact)?.strip_prefix("_on_").map(str::to_owned);
    let (key, value) = given.iter().find(|(key, _)| *key == fact || day(key).is_some())?;
    let value = value.as_u64().or_else(|| value.as_bool().map(u64::from));
    Some((key.clone(), value.expect("a whole number, or true or false"), day(key)))
}

/// A case with totals that a document can count; nothing of another one.
fn totals(document: &Value, case: &Value) -> Option<Restated> {
    let given = case["given"].as_object().unwrap();
    let backed = backed(document);
    let found: Vec<_> = backed.iter().map(|one| total(given, &one.fact)).collect();
    found.iter().flatten().next()?;
    // What is not given was counted of nobody.
    let wanted: Vec<u64> = found.iter().map(|total| total.as_ref().map_or(0, |(_, value, _)| *value)).collect();
    let people = backing::people(&backed, &wanted);
    let people = people.unwrap_or_else(|| panic!("{}: nobody can hold what adds up to {wanted:?}", case["id"]));
    let (mut left, mut as_of) = (given.clone(), said_day(given));
    for (key, _, day) in found.into_iter().flatten() {
        left.remove(&key);
        as_of = as_of.or(day);
    }
    Some(Restated { people, given: left, as_of: as_of.unwrap_or_else(|| AS_OF.to_owned()), name: None })
}

/// A case about what one person holds.
fn one_person(document: &Value, case: &Value) -> Option<Restated> {
    let asked: Vec<OnePerson> = of_one_person(document);
    let (list, name) = asked.first().map(|one| (one.list.clone(), one.name.clone()))?;
    let mut left = case["given"].as_object().unwrap().clone();
    let is_list = |(outer, fields): &(&String, &Value)| {
        fields.as_object().is_some_and(|fields| fields.keys().any(|key| format!("{outer}_{key}") == list))
    };
    let (outer, fields) = left.iter().find(is_list).map(|(outer, fields)| (outer.clone(), fields.clone()))?;
    left.remove(&outer);
    let of = |fact: &str| fields[fact.strip_prefix(&format!("{outer}_")).unwrap()].clone();
    let held: Vec<String> = serde_json::from_value(of(&list)).unwrap();
    let stored: Vec<&String> = asked.iter().flat_map(|one| one.stored_for(&held)).collect();
    assert_eq!(stored.len(), held.len(), "{}: each printed name stands for a certificate", case["id"]);
    let people = Map::from_iter([(of(&name).as_str().unwrap().to_owned(), json!(stored))]);
    Some(Restated { people, given: left, as_of: AS_OF.to_owned(), name: Some(name) })
}

/// Every case that gives totals of certificates, or what one person holds; how many there are, and how many came out as
/// the files expect by our documents alone.
fn run_totals(stage: &Stage) -> (usize, usize) {
    let documents = documents();
    let of_document = |json: &Value| {
        let (totals, persons) = (backed(json), of_one_person(json));
        let of_totals = totals.iter().flat_map(Backed::certificates);
        of_totals.chain(persons.iter().flat_map(OnePerson::certificates)).cloned().collect::<Vec<_>>()
    };
    let certificates: BTreeSet<String> = documents.iter().flat_map(|(_, json)| of_document(json)).collect();
    open(stage, &certificates, &documents);
    let files: Vec<Value> = files().into_iter().chain(further()).collect();
    let (mut count, mut passed) = (0, 0);
    for (file, case) in cases(&files) {
        for (document, json) in stating(&documents, file, case) {
            let Some(restated) = totals(json, case).or_else(|| one_person(json, case)) else { continue };
            count += 1;
            let (fact, slug) = (people_fact(json).unwrap(), json["slug"].as_str().unwrap());
            let Restated { people, mut given, as_of, name } = restated;
            let known = stage.stored(&format!("partner{count}"), people.clone(), slug, fact, &as_of);
            let held = known.as_object().unwrap();
            assert_eq!(held.len(), people.len(), "{}: {known}", case["id"]);
            given.extend(name.map(|name| (name, json!(held.keys().next()))));
            given.insert("as_of".to_owned(), json!(as_of));
            given.insert(fact.to_owned(), known);
            let mut stored = without_eval(case);
            stored["given"] = Value::Object(given);
            let alone = Library::of(vec![document.clone()]);
            let (one, other) = (judged(file, &stored, &alone), judged(file, &without_eval(case), &alone));
            assert_ne!(other.outcome, Verdict::Unsupported, "{} by {slug}: {:?}", case["id"], other.reason);
            let came = (one.outcome, one.got);
            assert_eq!(came, (other.outcome, other.got), "{} by {slug}: {:?}", case["id"], one.reason);
            passed += usize::from(one.outcome == Verdict::Passed);
        }
    }
    (count, passed)
}

/// Facts of which the words speak of certificates, and which are not counted of them: what a company is awarded as a whole.
/// What it takes in people is not published.
const NOT_COUNTED: [(&str, &[&str]); 6] = [
    // Audited by AWS.
    ("aws-services-path-2023", &["has_cloudops_competency", "has_devops_competency"]),
    ("aws-services-path-2024", &["has_cloudops_competency", "has_devops_competency"]),
    // Points as SAP awards them: what for is not published.
    ("sap-partneredge-business-one-2010", &["competency_points"]),
    ("sap-partneredge-businessobjects-2010", &["competency_points"]),
    // Awarded by VMware, for people and for what was sold.
    (
        "vmware-levels-2010",
        &[
            "competency_business_continuity",
            "competency_desktop_virtualization",
            "competency_infrastructure_virtualization",
        ],
    ),
    ("vmware-partner-connect-2020", &["master_services_competency", "solution_competency"]),
];

/// Words by which a fact speaks of certificates.
const SPEAKS: [&str; 9] =
    ["certif", "accredit", "credential", "trained", "holders", "competenc", "consultant", "developer", "skill"];

#[test]
fn every_total_of_certificates_is_counted_where_nobody_reports_it() {
    let mut left = BTreeSet::new();
    for (_, document) in all_documents() {
        let backed = backed(&document);
        let slug = document["slug"].as_str().unwrap();
        for (name, fact) in document["facts"].as_object().into_iter().flatten() {
            let words = format!("{name} {}", fact["description"]).to_lowercase();
            let is_total = fact["type"] == "number" || fact["type"] == "boolean";
            let is_counted = backed.iter().any(|one| one.fact == *name);
            if is_total && !is_counted && SPEAKS.iter().any(|word| words.contains(word)) {
                left.insert((slug.to_owned(), name.clone()));
            }
            let is_unset = fact["default"].is_null();
            assert!(!is_counted || is_unset, "{slug}: {name} has a default, so nothing would ever be counted");
        }
        assert!(backed.is_empty() || people_fact(&document).is_some(), "{slug}: its people are not of the store");
    }
    let of = |(slug, facts): &(&str, &[&str])| {
        facts.iter().map(|fact| ((*slug).to_owned(), (*fact).to_owned())).collect::<Vec<_>>()
    };
    let known = NOT_COUNTED.iter().flat_map(of).collect();
    assert_eq!(left, known);
}

#[test]
fn published_totals_come_out_on_stored_certifications_on_sqlite() {
    let (count, passed) = run_totals(&Stage::on(TestDatabase::sqlite().unwrap()));
    assert!(count >= TOTALS.0 && passed >= TOTALS.1, "{count} ran, and {passed} passed");
}

#[test]
fn published_totals_come_out_on_stored_certifications_on_postgres() {
    let (count, passed) = run_totals(&Stage::on(TestDatabase::postgres().unwrap()));
    assert!(count >= TOTALS.0 && passed >= TOTALS.1, "{count} ran, and {passed} passed");
}
