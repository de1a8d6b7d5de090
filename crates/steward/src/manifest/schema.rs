use serde_json::{Map, Value as Json, json};

use super::Manifest;
use super::document::{ChoiceShape, FieldShape, Need, RecordShape, Shape, Shapes, Value as _};

/// The JSON Schema of a manifest, for editors: made from what reading is made from.
pub fn json_schema() -> Json {
    let mut shapes = Shapes::default();
    let Shape::Named(top) = Manifest::shape(&mut shapes) else {
        return Json::Null;
    };
    let mut definitions = Map::new();
    for name in shapes.in_order() {
        let definition = match (shapes.records.get(name), shapes.choices.get(name)) {
            (Some(record), _) => of_record(record),
            (None, Some(choice)) => of_choice(choice),
            (None, None) => continue,
        };
        definitions.insert((*name).to_owned(), definition);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Image Steward family",
        "$ref": format!("#/$defs/{top}"),
        "$defs": definitions,
    })
}

fn of_record(record: &RecordShape) -> Json {
    let properties: Map<String, Json> = record
        .fields
        .iter()
        .map(|field| (field.key.to_owned(), of_field(field)))
        .collect();
    let required: Vec<&str> = record
        .fields
        .iter()
        .filter(|field| field.need == Need::Required)
        .map(|field| field.key)
        .collect();
    let mut schema = json!({
        "description": record.doc,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn of_field(field: &FieldShape) -> Json {
    let mut schema = of_shape(&field.shape);
    schema["description"] = field.doc.clone().into();
    if let Need::Default(default) = &field.need {
        schema["default"] = default.json();
    }
    schema
}

fn of_choice(choice: &ChoiceShape) -> Json {
    let variants: Vec<Json> = choice
        .variants
        .iter()
        .map(|(_, _, record)| json!({ "$ref": format!("#/$defs/{record}") }))
        .collect();
    json!({ "description": choice.doc, "oneOf": variants })
}

fn of_shape(shape: &Shape) -> Json {
    match shape {
        Shape::Word { noun: _, example } => json!({ "type": "string", "examples": [example] }),
        Shape::OneOf(words) => json!({ "enum": words }),
        Shape::Anything => json!({}),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Number { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::List { of, least, most } => {
            json!({ "type": "array", "items": of_shape(of), "minItems": least, "maxItems": most, "uniqueItems": true })
        }
        Shape::Map { key: _, of, most } => {
            json!({ "type": "object", "additionalProperties": of_shape(of), "maxProperties": most })
        }
        Shape::Named(name) => json!({ "$ref": format!("#/$defs/{name}") }),
    }
}
