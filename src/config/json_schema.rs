//! The JSON schema of `reduse.toml`, for editors: the shape, with every name that the rules know.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::shape::{LevelShape, Shape};
use crate::knowledge::{lint_docs, presets, signals, systems};

/// The schema as text.
pub fn render() -> String {
    // Draft 7 is what editors' TOML extensions understand.
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<Shape>().to_value();
    drop_null_defaults(&mut schema);
    // What it is comes first, for people who open it.
    let mut ordered = Map::new();
    for key in ["$schema", "title", "description"] {
        ordered.extend(schema.get(key).map(|v| (key.to_owned(), v.clone())));
    }
    ordered.extend(schema.as_object().cloned().unwrap_or_default());
    // A tree of plain values always serialises.
    let mut text = serde_json::to_string_pretty(&ordered).unwrap_or_default();
    text.push('\n');
    text
}

/// TOML has no null, so a default of null says nothing.
fn drop_null_defaults(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("default").is_some_and(|d| d.is_null() || d.is_object()) {
                map.remove("default");
            }
            map.values_mut().for_each(drop_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_defaults),
        _ => {}
    }
}

pub(super) fn presets(_: &mut SchemaGenerator) -> Schema {
    let choices: Vec<Value> = presets::all().iter().map(|p| json!({"const": p.name, "description": p.summary})).collect();
    json_schema!({"oneOf": choices})
}

pub(super) fn systems(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<&str> = systems::all().iter().map(|s| s.name.as_str()).collect();
    json_schema!({"type": "array", "items": {"type": "string", "enum": names}})
}

/// Lints and families by name, each with its own words.
pub(super) fn lints(generator: &mut SchemaGenerator) -> Schema {
    let level = generator.subschema_for::<LevelShape>();
    let described = |words: String| {
        let mut value = level.clone();
        value.insert("description".to_owned(), Value::String(words));
        value.to_value()
    };
    let mut properties = Map::new();
    for doc in lint_docs::all() {
        let own = match doc.summary.strip_suffix('.') {
            Some(summary) => format!("{summary} ({}).", doc.severity),
            None => format!("{} ({})", doc.summary, doc.severity),
        };
        properties.insert(doc.name.clone(), described(own));
        properties.entry(doc.family.clone()).or_insert_with(|| described(format!("All lints of the family {}.", doc.family)));
    }
    properties.sort_keys();
    json_schema!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// Signals by id; the end of an id does where it is unique.
pub(super) fn signals(_: &mut SchemaGenerator) -> Schema {
    let mut properties = Map::new();
    for signal in signals::all() {
        let metric = json!({"type": "string", "description": signal.question});
        for name in signals::names_of(signal) {
            properties.insert(name.to_owned(), metric.clone());
        }
    }
    properties.sort_keys();
    json_schema!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// A wrapper is one of three.
pub(super) fn one_call(schema: &mut Schema) {
    let only = |key: &str| json!({"required": [key]});
    schema.insert("oneOf".to_owned(), json!([only("macro"), only("function"), only("method")]));
    schema.insert("if".to_owned(), json!({"not": {"properties": {"type": {"const": "histogram"}}}}));
    schema.insert("then".to_owned(), json!({"not": {"required": ["buckets"]}}));
}

pub(super) fn names_or_argument(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string", "pattern": "^\\{[0-9A-Za-z_]+\\}$"}]})
}

pub(super) fn bounds_or_argument(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"oneOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string", "pattern": "^\\{[0-9A-Za-z_]+\\}$"}]})
}

/// A label is vouched for by one of its keys.
pub(super) fn exactly_one(schema: &mut Schema) {
    schema.insert("minProperties".to_owned(), json!(1));
    schema.insert("maxProperties".to_owned(), json!(1));
}
