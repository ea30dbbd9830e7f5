use programs::cases::{Document, Library};
use serde_json::Value as Json;

use crate::support::run;

#[test]
fn every_document_compiles() {
    let library = Library::embedded().unwrap();
    assert!(library.documents().len() > 50);
    let mut slugs: Vec<&str> = library.documents().iter().map(|document| document.slug.as_str()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), library.documents().len(), "each has its own slug");
    for document in library.documents() {
        // The two to start from say nothing yet of what their tiers require.
        if !["reseller", "referral"].contains(&document.slug.as_str()) {
            assert_eq!(document.warnings(), [], "{}", document.slug);
        }
    }
}

#[test]
fn a_document_states_whole_names_of_programs() {
    let read = |program: &str| {
        Document::read("d.yaml", &format!("slug: d\npublished_as: [{{program: {program}, versions: [v1]}}]\n")).unwrap()
    };
    assert!(read("SAP PartnerEdge").states("Wix Partners, SAP PartnerEdge, Shopify Partners", "v1"));
    assert!(read("sap partneredge").states("SAP PartnerEdge", "V1"));
    assert!(!read("SAP Partner").states("Wix Partners, SAP PartnerEdge", "v1"));
    assert!(!read("SAP PartnerEdge").states("SAP PartnerEdge", "v2"));
    assert!(!read("SAP PartnerEdge").states("", "v1"));
}

#[test]
fn a_faulty_document_is_told_with_its_place() {
    let told = |text: &str| Document::read("d.yaml", text).unwrap_err();
    assert!(told("slug: [").starts_with("d.yaml:"));
    assert_eq!(told("name: x"), "d.yaml: has no slug");
    assert_eq!(told("[]"), "d.yaml: is not a map of sections");
    assert_eq!(
        told("{slug: d, published_as: [{program: p}]}"),
        "d.yaml: /published_as: is not a list of {program, versions}"
    );
    assert!(told("{slug: d, metrics: {m: nowhere}}").starts_with("d.yaml: /metrics/m: there is no name \"nowhere\""));
    assert!(Library::folder(std::path::Path::new("no such folder")).is_err());
}

/// Further cases of the published rules: other inputs, and both sides of each border. They follow from the rules alone.
#[test]
fn the_documents_are_general() {
    let files: Vec<Json> = serde_json::from_str(include_str!("published/further.json")).unwrap();
    let library = Library::embedded().unwrap();
    for file in &files {
        for case in run(file, &library).cases {
            assert_eq!(case.reason, None, "{} expects {}", case.id, case.expected);
        }
    }
}
