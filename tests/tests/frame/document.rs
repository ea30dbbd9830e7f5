//! The OpenAPI document, as it is served.

use std::{collections::BTreeSet, path::PathBuf};

use tests::{Value, on_both, server::command};

/// Every operation: method, path, what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let methods =
            item.as_object().expect("an item").iter().filter(|(_, operation)| operation["operationId"].is_string());
        methods.map(|(method, operation)| (method.clone(), path.clone(), operation.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

on_both! {
    fn the_document_is_that_of_the_repository_and_of_the_command(server: Server) {
        let served = server.client().get("/openapi.json").expect_status(200);
        assert_eq!(served.header("content-type"), Some("application/json"));
        assert!(served.text("openapi").starts_with("3.1."), "{}", served.text("openapi"));
        let printed = command().arg("openapi").output().expect("entente").stdout;
        assert_eq!(serde_json::from_slice::<Value>(&printed).expect("JSON"), served.json);
        let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
        if let Ok(kept) = std::fs::read(kept) {
            assert!(serde_json::from_slice::<Value>(&kept).expect("JSON") == served.json, "run `make openapi`");
        }
    }

    fn every_operation_says_what_it_is_called_what_it_does_and_who_may_call_it(server: Server) {
        let document = server.client().get("/openapi.json").json;
        let tags: BTreeSet<&str> =
            document["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
        let mut names = BTreeSet::new();
        for (method, path, operation) in operations(&document) {
            let place = format!("{method} {path}");
            let name = operation["operationId"].as_str().expect("an operationId").to_owned();
            assert!(is_camel_case(&name), "{place}: {name}");
            assert!(names.insert(name.clone()), "{name} is there twice");
            for member in ["summary", "description"] {
                assert!(operation[member].as_str().is_some_and(|text| text.len() > 3), "{place} has no {member}");
            }
            let own = operation["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(own.len() == 1 && tags.contains(own[0].as_str().unwrap_or_default()), "{place}: {own:?}");
            let security =
                operation["security"].as_array().unwrap_or_else(|| panic!("{place} says nothing of security"));
            // Who applies to a program has no account; what they do later needs the token of their application.
            let expected: &[&str] = match name.as_str() {
                "createApplication" => &["", "oauth2"],
                "getApplicationChallenge" => &[],
                _ if path.starts_with("/v1/own-application") => &["application_token"],
                // Learning systems know nothing but a secret.
                _ if path.starts_with("/xapi/") => &["client_secret", "oauth2"],
                // A schema is for editors, which have no token.
                _ if path.starts_with("/v1/") && !path.starts_with("/v1/schemas/") => &["oauth2"],
                _ => &[],
            };
            let scheme = |one: &Value| one.as_object().and_then(|one| one.keys().next().cloned()).unwrap_or_default();
            assert_eq!(security.iter().map(scheme).collect::<Vec<_>>(), expected, "{place}");
            let statuses: Vec<&String> = operation["responses"].as_object().expect("responses").keys().collect();
            assert!(
                statuses.iter().any(|status| status.starts_with('2'))
                    && statuses.iter().any(|status| status.starts_with('4')),
                "{place}"
            );
        }
        assert!(names.len() > 60, "{} operations", names.len());
    }

    fn every_scope_that_an_operation_names_is_declared(server: Server) {
        let document = server.client().get("/openapi.json").json;
        let flows = &document["components"]["securitySchemes"]["oauth2"]["flows"];
        for flow in ["clientCredentials", "password"] {
            let declared = flows[flow]["scopes"].as_object().expect("scopes");
            assert!(declared.values().all(|text| text.as_str().is_some_and(|text| !text.is_empty())), "{declared:?}");
            for (method, path, operation) in operations(&document) {
                for scope in operation["security"][0]["oauth2"].as_array().into_iter().flatten() {
                    assert!(declared.contains_key(scope.as_str().expect("a scope")), "{method} {path}: {scope}");
                }
            }
        }
    }
}
