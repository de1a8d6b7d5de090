use std::fmt::Write as _;

use super::Manifest;
use super::document::{FieldShape, Need, Shape, Shapes, Value as _};

/// The reference page of the manifest, in Markdown: made from what reading is made from.
pub fn reference_page() -> String {
    let mut shapes = Shapes::default();
    let _ = Manifest::shape(&mut shapes);
    let mut page = String::from(
        "# The manifest of a family\n\nOne file `families/<name>.yaml` says all about a family. It is read strictly: an unknown key, \
         a key twice, a number where a text belongs are errors, all reported at once with their places. \
         [`manifest.schema.json`](manifest.schema.json) tells editors the same; [`families/`](../families) has examples, and `steward init` \
         writes a first one.\n\nThis page is written by a test from the types \
         that read manifests.\n",
    );
    for name in shapes.in_order() {
        if let Some(record) = shapes.records.get(name) {
            let _ = write!(
                page,
                "\n## {name}\n\n{}\n\n| key | what it says | value | left out |\n|---|---|---|---|\n",
                record.doc
            );
            for field in &record.fields {
                page.push_str(&row(field));
            }
        } else if let Some(choice) = shapes.choices.get(name) {
            let _ = write!(
                page,
                "\n## {name}\n\n{} One of these, told apart by its key:\n\n",
                choice.doc
            );
            for (key, doc, record) in &choice.variants {
                let _ = writeln!(page, "- `{key}`: {doc} See {}.", link(record));
            }
        }
    }
    page
}

fn row(field: &FieldShape) -> String {
    let need = match &field.need {
        Need::Required => String::from("must be there"),
        Need::Optional => String::from("—"),
        Need::Default(tree) => {
            let json = tree.json();
            match json
                .as_object()
                .map(serde_json::Map::len)
                .or(json.as_array().map(Vec::len))
            {
                Some(0) if matches!(field.shape, Shape::Named(_)) => String::from("what is said there"),
                Some(0) => String::from("none"),
                _ => format!("`{}`", json.to_string().trim_matches('"')),
            }
        }
    };
    let doc = field.doc.replace('|', "\\|");
    format!("| `{}` | {doc} | {} | {need} |\n", field.key, value(&field.shape))
}

fn value(shape: &Shape) -> String {
    match shape {
        Shape::Word { noun, example } => format!("{noun}, as `{example}`"),
        Shape::OneOf(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Shape::Anything => String::from("anything"),
        Shape::Flag => String::from("`true` or `false`"),
        Shape::Number { least, most } => format!("a number from {least} to {most}"),
        Shape::List { of, least: 0, most } => format!("a list, at most {most}: {}", value(of)),
        Shape::List { of, least, most } => format!("a list of {least} to {most}: {}", value(of)),
        Shape::Map { key, of, most: _ } => format!("a mapping by {}: {}", value(key), value(of)),
        Shape::Named(name) => link(name),
    }
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}
