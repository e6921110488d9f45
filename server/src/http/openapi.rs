//! The OpenAPI document, made from the list of operations and the schemas of their types.

use std::sync::OnceLock;

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use model::access::Who;
use model::api::{Method, Problem};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Listed, list};

/// `/api/v1/openapi.json`
pub async fn document() -> Response {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    Json(DOCUMENT.get_or_init(make)).into_response()
}

/// Makes the document.
pub fn make() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = SchemaGenerator::new(settings);
    let operations = list(&mut generator);
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for operation in &operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[method(operation)] = described(operation);
    }
    let definitions: Map<String, Value> = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Comunanza",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Il catalogo dei servizi in riuso, i crediti e le richieste dei Comuni. Each write carries \
                an Idempotency-Key; problems follow RFC 9457 with a stable `code`.",
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": { "session": { "type": "apiKey", "in": "cookie", "name": "session" } },
            "responses": {
                "Problem": {
                    "description": "Why it was not done",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
        },
    })
}

fn method(operation: &Listed) -> &'static str {
    match operation.method {
        Method::Get => "get",
        Method::Post => "post",
    }
}

/// One operation: fields of the path and the query as parameters, the others as the body.
fn described(operation: &Listed) -> Value {
    let mut asked = operation.asked.clone().to_value();
    let description = asked.get("description").cloned().unwrap_or_else(|| json!(operation.name));
    if let Some(asked) = asked.as_object_mut() {
        asked.remove("$schema");
        asked.remove("$defs");
        asked.remove("components");
    }
    let in_path: Vec<&str> =
        operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    let properties = asked["properties"].as_object().cloned().unwrap_or_default();
    let required: Vec<String> = asked["required"]
        .as_array()
        .map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let mut parameters = Vec::new();
    for (name, schema) in &properties {
        let of_path = in_path.contains(&name.as_str());
        if of_path || operation.method == Method::Get {
            parameters.push(json!({
                "name": name,
                "in": if of_path { "path" } else { "query" },
                "required": of_path || required.contains(name),
                "schema": schema,
            }));
        }
    }
    let mut document = json!({
        "operationId": operation.name,
        "summary": description,
        "tags": [tag(operation.path)],
        "responses": {
            "200": {
                "description": "Done",
                "content": { "application/json": { "schema": operation.answered.clone().to_value() } },
            },
            "4XX": { "$ref": "#/components/responses/Problem" },
            "5XX": { "$ref": "#/components/responses/Problem" },
        },
    });
    if operation.method == Method::Post {
        parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": true,
            "schema": { "type": "string", "minLength": 8, "maxLength": 80 },
        }));
        document["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": body(&asked, &required, &in_path) } },
        });
    }
    document["parameters"] = json!(parameters);
    if !operation.permission.allowed().contains(&Who::Anyone) {
        document["security"] = json!([{ "session": [] }]);
    }
    document
}

/// The body of a write: what does not travel in the path, and nothing else where the operation takes nothing else.
fn body(asked: &Value, required: &[String], in_path: &[&str]) -> Value {
    let closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| asked.get(key) == Some(&Value::from(false)));
    let properties: Map<String, Value> = asked["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !in_path.contains(&name.as_str()))
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let required: Vec<&String> = required.iter().filter(|name| !in_path.contains(&name.as_str())).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": !closed,
    })
}

fn tag(path: &str) -> &str {
    path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default()
}
