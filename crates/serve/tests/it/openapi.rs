//! The OpenAPI document is the one on record, and tells of every route.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use serve::ROUTES;

#[test]
fn the_document_on_record_is_current() {
    let document = serve::openapi_document().unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        recorded == document,
        "web/openapi.json is not what the server says; run with UPDATE=1 and look at the difference"
    );
}

#[test]
fn it_tells_of_every_route_and_no_other() {
    let document: Value = serde_json::from_str(&serve::openapi_document().unwrap()).unwrap();
    let mut told = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            told.insert((method.to_uppercase(), path.clone()));
            let statuses: Vec<&str> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            assert!(statuses.iter().any(|s| s.starts_with('2')), "{method} {path}: {statuses:?}");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            if path.starts_with("/api/") {
                let wanted: &[&str] = if operation["requestBody"].is_object() {
                    &["400", "401", "403", "408", "413", "415", "422", "500", "503"]
                } else {
                    &["401", "403", "500", "503"]
                };
                for status in wanted {
                    assert!(statuses.contains(status), "{method} {path} does not tell of {status}");
                }
            }
        }
    }
    let routes: BTreeSet<_> = ROUTES.iter().map(|r| (r.method.to_owned(), r.path.to_owned())).collect();
    assert_eq!(told, routes);
}

#[test]
fn its_references_lead_somewhere() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| match (key.as_str(), value) {
                ("$ref", Value::String(target)) => drop(found.insert(target.clone())),
                _ => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(&serve::openapi_document().unwrap()).unwrap();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for target in found {
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} is not there");
    }
}
