//! The API's document: kept beside this file, so that no change of it goes unseen; complete, and whole in itself.

use std::collections::BTreeSet;
use std::path::Path;

use model::access::Who;
use model::api::Method;
use schemars::SchemaGenerator;
use serde_json::Value;
use server::http::{Listed, list, openapi};

use crate::test_app::TestApp;

const KEPT: &str = include_str!("openapi.json");

fn operations() -> Vec<Listed> {
    list(&mut SchemaGenerator::default())
}

#[test]
fn the_document_is_the_one_that_is_kept() {
    let now = format!("{:#}\n", openapi::make());
    if now == KEPT {
        return;
    }
    let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    std::fs::write(&new, &now).expect("the new document is written");
    let old: Vec<_> = KEPT.lines().collect();
    let first = now.lines().zip(&old).position(|(new, old)| new != *old).unwrap_or(old.len());
    panic!(
        "The API's document changed, first in line {}:\n  was {}\n  is  {}\nIf that is meant, keep the new one:\n  cp {} server/tests/stories/openapi.json",
        first + 1,
        old.get(first).unwrap_or(&"").trim(),
        now.lines().nth(first).unwrap_or("").trim(),
        new.display(),
    );
}

#[tokio::test]
async fn the_document_is_served_to_anybody() {
    let app = TestApp::new().await;
    let reply = app.stranger().get("/api/v1/openapi.json").await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/json"));
    assert_eq!(serde_json::from_str::<Value>(&reply.body).expect("JSON"), openapi::make());
}

#[test]
fn every_operation_is_in_the_document_as_it_is() {
    let document = openapi::make();
    let operations = operations();
    let mut ids = BTreeSet::new();
    for operation in &operations {
        let method = if operation.method == Method::Get { "get" } else { "post" };
        let written = &document["paths"][operation.path][method];
        assert_eq!(written["operationId"], operation.name, "{}", operation.path);
        assert!(ids.insert(operation.name), "{} twice", operation.name);
        let public = operation.permission.allowed().contains(&Who::Anyone);
        assert_eq!(written["security"].is_null(), public, "{}", operation.name);
        let parameters = written["parameters"].as_array().expect("parameters");
        for name in operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let found = parameters.iter().find(|one| one["name"] == name);
            let found = found.unwrap_or_else(|| panic!("{}: {name}", operation.name));
            assert_eq!((&found["in"], &found["required"]), (&Value::from("path"), &Value::from(true)));
            let body = &written["requestBody"]["content"]["application/json"]["schema"]["properties"];
            assert!(body[name].is_null(), "{}: {name} travels in the path alone", operation.name);
        }
        let keyed = parameters.iter().any(|one| one["name"] == "Idempotency-Key" && one["required"] == true);
        assert_eq!(keyed, operation.method == Method::Post, "{}", operation.name);
    }
    let written: usize = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .map(|path| path.as_object().expect("methods").len())
        .sum();
    assert_eq!(written, operations.len(), "and nothing else");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = openapi::make();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(reference) if name == "$ref" => references.push(reference.clone()),
                    value => collect(value, references),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[test]
fn no_body_of_a_request_can_say_whose_or_how_much() {
    let document = openapi::make();
    for operation in operations().iter().filter(|operation| operation.method == Method::Post) {
        let written = &document["paths"][operation.path]["post"];
        let body = &written["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(body["additionalProperties"], false, "{} takes what it does not know", operation.name);
        for field in
            ["aggregator", "actor", "state", "status", "price", "value", "held", "spent", "granted", "id"]
        {
            assert!(body["properties"][field].is_null(), "{} takes {field}", operation.name);
        }
    }
}
