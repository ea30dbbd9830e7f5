//! From a text to a catalogue: everything that is wrong with it at once, each fault with its place.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use contract::{Bounds, Check, Format, Kind, Stage, child, nearest};
use kernel::{Code, Fault};
use rules::{Number, RuleBook};
use serde_json::{Value, json};

use super::{
    Catalogue,
    compiled::{Requirement, Requirements, rests_on},
    document::{CatalogueDocument, CertificationEntry, RenewalEntry},
};

/// How much a document may hold.
pub const BOUNDS: Bounds = Bounds { bytes: 4 * 1024 * 1024, depth: 60, values: 500_000, name: 200 };

/// The most faults of one sort that are looked for: no more are told.
const MOST: usize = 100;

/// How many entries each section may have.
const SECTIONS: [(&str, usize); 4] =
    [("courses", 5_000), ("exams", 5_000), ("certifications", 1_000), ("paths", 1_000)];

static KIND: Kind = Kind { name: "catalogue", code: Code::InvalidCatalogue, bounds: BOUNDS };

/// What a check has found, with the catalogue, without a version of its own, if nothing is wrong.
pub type Report = contract::Report<Catalogue>;

/// Reads and checks a document.
pub fn check(bytes: &[u8], format: Format) -> Report {
    KIND.check(bytes, format, checked)
}

fn checked(value: &Value) -> Report {
    let mut report = Report::new(&KIND);
    report.add(Stage::Shape, of_shape(value));
    let has_shape = report.faults.is_empty();
    match contract::typed(value).map(|document| compile(0, document)) {
        Ok(Ok(catalogue)) => report.document = Some(catalogue).filter(|_| has_shape),
        // What contradicts itself is told although something else has not the right shape.
        Ok(Err(mut faults)) => {
            faults.retain(|fault| report.faults.iter().all(|other| other.pointer != fault.pointer));
            report.add(Stage::Meaning, faults);
        }
        Err(fault) if has_shape => report.add(Stage::Shape, vec![fault]),
        Err(_) => {}
    }
    report
}

/// A document whose shape is right, as a catalogue.
///
/// # Errors
/// Every contradiction.
pub(super) fn compile(version: i32, document: CatalogueDocument) -> Result<Catalogue, Vec<Fault>> {
    let mut faults = names(&document);
    faults.extend(figures(&document));
    faults.extend(activities(&document));
    faults.extend(steps(&document));
    let (requirements, more) = requirements(&document);
    faults.extend(more);
    let order = order(&document, &requirements).unwrap_or_else(|fault| {
        faults.push(fault);
        Vec::new()
    });
    if faults.is_empty() { Ok(Catalogue::new(version, document, requirements, order)) } else { Err(faults) }
}

/// What the schema says; rules are read with words of their own.
fn of_shape(value: &Value) -> Vec<Fault> {
    static OUTLINE: LazyLock<Result<Check, String>> = LazyLock::new(outline);
    let mut faults = match &*OUTLINE {
        Ok(check) => check.faults(value),
        Err(words) => vec![Fault::at("", "internal", words)],
    };
    for (slug, entry) in value.get("certifications").and_then(Value::as_object).into_iter().flatten() {
        let at = child("/certifications", slug);
        for pointer in ["/requires", "/renewal/requires"] {
            let Some(rule) = entry.pointer(pointer).filter(|rule| !rule.is_null()) else { continue };
            let book = json!({"tiers": [{"name": "rule", "requires": rule}]});
            for fault in RuleBook::read(&book).err().into_iter().flatten() {
                let mut fault = Fault::from(fault);
                let below = fault.pointer.as_deref().and_then(|it| it.strip_prefix("/tiers/0/requires"));
                fault.pointer = Some(format!("{at}{pointer}{}", below.unwrap_or_default()));
                faults.push(fault);
            }
        }
    }
    faults
}

/// The check of everything but rules.
fn outline() -> Result<Check, String> {
    let rules = ["CertificationEntry", "RenewalEntry"];
    Check::outline::<CatalogueDocument>(rules.map(|of| format!("/components/schemas/{of}/properties/requires")))
}

/// Slugs that are none, and slugs that stand for two things.
fn names(document: &CatalogueDocument) -> Vec<Fault> {
    let (mut seen, mut faults) = (HashMap::new(), Vec::new());
    let sections: [(&str, Vec<&String>); 4] = [
        ("courses", document.courses.keys().collect()),
        ("exams", document.exams.keys().collect()),
        ("certifications", document.certifications.keys().collect()),
        ("paths", document.paths.keys().collect()),
    ];
    for ((section, slugs), (_, most)) in sections.into_iter().zip(SECTIONS) {
        if slugs.len() > most {
            faults.push(Fault::at(&format!("/{section}"), "too_many", format!("has more than {most} entries")));
        }
        for slug in slugs {
            let at = format!("/{section}/{slug}");
            if !is_slug(slug) {
                let words = "must begin with a letter and consist of at most 64 small letters, digits and underscores";
                faults.push(Fault::at(&child(&format!("/{section}"), slug), "name", words));
            } else if let Some(other) = seen.insert(slug, section) {
                faults.push(Fault::at(&at, "duplicate", format!("is a slug in {other} too")));
            }
        }
    }
    faults
}

fn is_slug(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && text.len() <= 64
        && letters.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
}

/// Figures that cannot be meant.
fn figures(document: &CatalogueDocument) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (slug, exam) in &document.exams {
        if exam.pass_mark < Number::ZERO || exam.pass_mark > Number::whole(100) {
            faults.push(Fault::at(&format!("/exams/{slug}/pass_mark"), "maximum", "must be from 0 to 100"));
        }
    }
    for (slug, certification) in &document.certifications {
        let at = |field: &str| format!("/certifications/{slug}/{field}");
        if certification.renewal.is_some() && certification.valid_months.is_none() {
            faults.push(Fault::at(&at("renewal"), "contradiction", "there is nothing to renew: it is valid for ever"));
        }
        match (certification.retired_on, certification.counts_until) {
            (None, Some(_)) => {
                faults.push(Fault::at(&at("counts_until"), "contradiction", "is said of one that is not retired"));
            }
            (Some(retired), Some(until)) if until < retired => {
                faults.push(Fault::at(&at("counts_until"), "contradiction", "is before retired_on"));
            }
            _ => {}
        }
    }
    let days = &document.expiry_notices_days;
    if days.iter().collect::<HashSet<_>>().len() < days.len() {
        faults.push(Fault::at("/expiry_notices_days", "duplicate", "names a number of days twice"));
    }
    faults
}

/// Activities that are no IRIs, or of two things.
fn activities(document: &CatalogueDocument) -> Vec<Fault> {
    let (mut seen, mut faults): (HashMap<&str, &String>, _) = (HashMap::new(), Vec::new());
    let courses = document.courses.iter().map(|(slug, it)| ("courses", slug, &it.activities));
    let exams = document.exams.iter().map(|(slug, it)| ("exams", slug, &it.activities));
    for (section, slug, ids) in courses.chain(exams) {
        for (place, id) in ids.iter().enumerate() {
            let at = format!("/{section}/{slug}/activities/{place}");
            if id.is_empty() || id.len() > 2_000 || !id.contains(':') || id.contains(char::is_whitespace) {
                faults.push(Fault::at(&at, "format", "must be an IRI of at most 2000 characters"));
            }
            if let Some(other) = seen.insert(id, slug) {
                faults.push(Fault::at(&at, "duplicate", format!("is an activity of {other} already")));
            }
        }
    }
    faults
}

/// Steps of paths that there are not.
fn steps(document: &CatalogueDocument) -> Vec<Fault> {
    let steps = document.paths.iter().flat_map(|(slug, path)| {
        path.steps.iter().enumerate().map(move |(place, step)| (format!("/paths/{slug}/steps/{place}"), step))
    });
    // To find what was meant takes time: no more than are told.
    let unknowns = steps.filter(|(_, step)| !is_known(document, step)).take(MOST);
    unknowns.map(|(at, step)| unknown(document, &at, step)).collect()
}

fn is_known(document: &CatalogueDocument, slug: &str) -> bool {
    document.courses.contains_key(slug)
        || document.exams.contains_key(slug)
        || document.certifications.contains_key(slug)
}

fn unknown(document: &CatalogueDocument, at: &str, slug: &str) -> Fault {
    let all = document.courses.keys().chain(document.exams.keys()).chain(document.certifications.keys());
    let all: Vec<String> = all.cloned().collect();
    let words = match nearest(slug, &all) {
        Some(near) => format!("there is no \"{slug}\"; did you mean \"{near}\"?"),
        None => format!("there is no course, exam or certification \"{slug}\""),
    };
    Fault::at(at, "unknown_name", words)
}

/// What each certification takes, compiled.
fn requirements(document: &CatalogueDocument) -> (BTreeMap<String, Requirements>, Vec<Fault>) {
    let (mut all, mut faults) = (BTreeMap::new(), Vec::new());
    for (slug, entry) in &document.certifications {
        if faults.len() >= MOST {
            break;
        }
        let at = format!("/certifications/{slug}");
        for (place, name) in entry.prerequisites.iter().enumerate() {
            if !document.certifications.contains_key(name) {
                faults.push(unknown(document, &format!("{at}/prerequisites/{place}"), name));
            }
        }
        let mut compiled = |rule, at: String| match Requirement::new(rule) {
            Ok(requirement) => {
                let missing = requirement.names().iter().filter(|name| !is_known(document, name)).take(MOST);
                faults.extend(missing.map(|name| unknown(document, &at, name)));
                Some(requirement)
            }
            Err(found) => {
                let lowered =
                    |fault: Fault| Fault { pointer: fault.pointer.map(|below| format!("{at}{below}")), ..fault };
                faults.extend(found.into_iter().map(lowered));
                None
            }
        };
        let award = compiled(&entry.requires, format!("{at}/requires"));
        let shorter = entry.renewal.as_ref().and_then(|RenewalEntry { requires, .. }| requires.as_ref());
        let renewal = shorter.and_then(|rule| compiled(rule, format!("{at}/renewal/requires")));
        all.extend(award.map(|award| (slug.clone(), Requirements { award, renewal })));
    }
    (all, faults)
}

/// The certifications, each after those that it rests on.
///
/// # Errors
/// One that rests on itself.
fn order(document: &CatalogueDocument, requirements: &BTreeMap<String, Requirements>) -> Result<Vec<String>, Fault> {
    let mut done: Vec<String> = Vec::with_capacity(document.certifications.len());
    let mut seen: HashSet<&str> = HashSet::new();
    let mut open: Vec<(&String, &CertificationEntry)> = document.certifications.iter().collect();
    while !open.is_empty() {
        let is_ready = |(slug, entry): &(&String, &CertificationEntry)| {
            rests_on(entry, requirements.get(*slug))
                .all(|name| seen.contains(name.as_str()) || !document.certifications.contains_key(name))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(is_ready);
        match (ready.is_empty(), rest.first()) {
            (true, Some((slug, _))) => {
                return Err(Fault::at(&format!("/certifications/{slug}"), "cycle", "rests on itself"));
            }
            _ => {
                seen.extend(ready.iter().map(|(slug, _)| slug.as_str()));
                done.extend(ready.into_iter().map(|(slug, _)| slug.clone()));
                open = rest;
            }
        }
    }
    Ok(done)
}
