//! Everything that somebody can fetch, and the search in it for what is not theirs.

use std::{cell::Cell, collections::BTreeSet};

use tests::{Answer, Value};

use super::{MARK, stage::Stage};
use crate::authorization::document::{Document, Operation};

/// What the vendor keeps of its own, and its channel managers see whole: who manages one partner among them.
const OF_THE_VENDOR: &[&str] = &[
    "listAccounts",
    "getAccount",
    "listVendorOpportunities",
    "getVendorOpportunity",
    "listTerritories",
    "getTerritory",
];

/// What there is to find, and where to look.
pub struct Sight<'a> {
    document: &'a Document,
    /// Every id that there is, by whom it concerns.
    ids: BTreeSet<String>,
    secrets: BTreeSet<String>,
    asked: Cell<usize>,
}

impl<'a> Sight<'a> {
    /// Asks the vendor for all that there is: what concerns the rival is a secret, its ids among it.
    pub fn of(stage: &Stage, document: &'a Document) -> Self {
        let (mut ids, mut secrets) = (BTreeSet::new(), BTreeSet::new());
        secrets.extend([MARK, "7654.32", "765432", "2037-07-07", "7654321"].map(str::to_owned));
        for operation in lists(document) {
            for entry in stage.admin.all(&operation.path) {
                let Some(id) = entry["id"].as_str().or(entry["client_id"].as_str()) else { continue };
                ids.insert(id.to_owned());
                if is_the_rivals(&entry, stage) || operation.id == "listVendorOpportunities" {
                    secrets.insert(id.to_owned());
                }
            }
        }
        let inner = [
            ("plan_", "business-plans", "reviews"),
            ("enrollment_", "enrollments", "tier-history"),
            ("training_", "training-enrollments", "attempts"),
        ];
        for (prefix, resource, part) in inner {
            for id in ids.clone().iter().filter(|id| id.starts_with(prefix)) {
                let entries = stage.admin.all(&format!("/v1/{resource}/{id}/{part}"));
                let found = entries.iter().filter_map(|entry| entry["id"].as_str()).map(str::to_owned);
                let found: Vec<String> = found.collect();
                ids.extend(found.clone());
                if secrets.contains(id) {
                    secrets.extend(found);
                }
            }
        }
        for event in stage.admin.all_events() {
            let id = event["id"].as_str().expect("an id").to_owned();
            if is_the_rivals(&event, stage) {
                secrets.extend([id.clone(), event["subject"].as_str().expect("a subject").to_owned()]);
                ids.insert(id);
            }
        }
        let rivals = [&stage.rival.admin, &stage.rival_member];
        secrets.extend(rivals.map(|rival| rival.get("/v1/me").expect_status(200).text("subject")));
        Self { document, ids, secrets, asked: Cell::new(0) }
    }

    pub fn asked(&self) -> usize {
        self.asked.get()
    }

    pub fn secrets(&self) -> usize {
        self.secrets.len()
    }

    /// Every place where something of the rival's shows.
    pub fn leaks(&self, stage: &Stage) -> Vec<String> {
        let heard = stage.heard.iter().flat_map(|heard| self.found(&heard.what, &heard.sent, &heard.answer, false));
        let mut leaks: Vec<String> = heard.collect();
        for (who, client, is_vendor) in
            [("the partner", &stage.own.admin, false), ("its channel manager", &stage.manager, true)]
        {
            for path in self.paths(is_vendor) {
                let answer = client.get(&path);
                leaks.extend(self.found(&path, &path, &answer, is_vendor).map(|leak| format!("{who}: {leak}")));
            }
        }
        assert!(self.shows(stage), "the rival sees its own: the marks are where they should be");
        leaks
    }

    /// Whether the search finds what is there: the lists that the rival itself sees are full of it.
    fn shows(&self, stage: &Stage) -> bool {
        let paths = lists(self.document).map(|operation| operation.path.as_str());
        let full = |path: &&str| self.found(path, "", &stage.rival.admin.get(path), false).is_some();
        paths.filter(full).count() >= 8
    }

    /// Every path that there is to read: each operation on every object that there is, and each list however it may be asked.
    fn paths(&self, is_vendor: bool) -> Vec<String> {
        let mut paths = Vec::new();
        let skipped = |operation: &&Operation| !(is_vendor && OF_THE_VENDOR.contains(&operation.id.as_str()));
        for operation in self.document.operations.iter().filter(|one| one.reads()).filter(skipped) {
            if !operation.path.starts_with("/v1") {
                continue;
            }
            for path in self.filled(operation) {
                paths.push(path.clone());
                paths.extend(queries(self.document, operation).iter().map(|query| format!("{path}?{query}")));
            }
        }
        paths
    }

    fn filled(&self, operation: &Operation) -> Vec<String> {
        let Some((before, after)) = operation.path.split_once('{') else { return vec![operation.path.clone()] };
        let prefix = match before.trim_end_matches('/').rsplit('/').next().expect("a resource") {
            "agreement-acceptances" => "acceptance",
            "business-plan-reviews" => "review",
            "business-plans" => "plan",
            "deal-registrations" => "deal",
            "manual-facts" => "manual",
            "tier-runs" => "tier_run",
            "territories" => "territory",
            "vendor-opportunities" => "opportunity",
            "api-clients" => "client",
            // Rules are everybody's.
            "programs" => return Vec::new(),
            resource => resource.trim_end_matches('s'),
        };
        let rest = after.split_once('}').expect("a brace").1;
        let of_kind = self.ids.iter().filter(|id| id.rsplit_once('_').is_some_and(|(kind, _)| kind == prefix));
        of_kind.map(|id| format!("{before}{id}{rest}")).collect()
    }

    /// What an answer gives away, if anything. What somebody has sent themselves is no secret to them.
    fn found(&self, what: &str, sent: &str, answer: &Answer, is_vendor: bool) -> Option<String> {
        self.asked.set(self.asked.get() + 1);
        let mut body = answer.json.clone();
        if let Some(instance) = body.get_mut("instance") {
            *instance = Value::Null;
        }
        if is_vendor {
            without_evidence(&mut body);
        }
        let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let body = if answer.json.is_null() { answer.text.clone() } else { body.to_string() };
        let (told, sent) = (format!("{body}\n{}", headers.join("\n")).to_lowercase(), sent.to_lowercase());
        let secret =
            self.secrets.iter().find(|secret| told.contains(secret.as_str()) && !sent.contains(secret.as_str()))?;
        Some(format!("{what} tells {secret}: {} {}", answer.status, answer.text))
    }
}

/// Those who decide on a claim for the vendor are told by its id what it collides with, though they cannot open it.
fn without_evidence(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("rule") {
                members.remove("evidence");
            }
            members.values_mut().for_each(without_evidence);
        }
        Value::Array(items) => items.iter_mut().for_each(without_evidence),
        _ => {}
    }
}

fn is_the_rivals(entry: &Value, stage: &Stage) -> bool {
    [&entry["partner_id"], &entry["id"]].iter().any(|id| **id == *stage.rival.id)
}

fn lists(document: &Document) -> impl Iterator<Item = &Operation> {
    document.operations.iter().filter(|one| {
        one.reads()
            && one.id.starts_with("list")
            && !one.names_object()
            && one.id != "listEvents"
            && one.id != "listProblemTypes"
    })
}

/// Everything that a list can be asked: each word of its filters and orders, the mark itself, and how many there are.
fn queries(document: &Document, operation: &Operation) -> Vec<String> {
    let mut queries = Vec::new();
    for (name, schema) in &operation.query {
        let schema = document.resolved(schema);
        let schema = if schema["type"] == "array" { document.resolved(&schema["items"]) } else { schema };
        match schema["enum"].as_array() {
            Some(words) => queries.extend(words.iter().filter_map(Value::as_str).map(|word| format!("{name}={word}"))),
            None if matches!(name.as_str(), "q" | "domain" | "email" | "external_id" | "source") => {
                queries.push(format!("{name}={MARK}"));
            }
            None if schema["type"] == "boolean" => queries.extend([format!("{name}=true"), format!("{name}=false")]),
            None if name == "known_at" => queries.push("known_at=2026-12-31T00:00:00Z".into()),
            None => {}
        }
    }
    queries
}
