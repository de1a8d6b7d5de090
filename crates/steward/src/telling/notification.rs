//! A message as AWS's chat integration takes it (Amazon Q Developer in chat applications, "custom notifications"): it drops what is
//! not of this shape.

use std::collections::BTreeMap;

use serde::Serialize;

/// Characters of a description; counted in bytes here, of which there are never fewer.
pub(crate) const ROOM: usize = 8_000;

/// What chat shows.
pub(crate) struct Notification {
    /// Two with the same are one that was sent twice.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) next_steps: Vec<String>,
    pub(crate) keywords: Vec<String>,
    /// Those with the same lie together.
    pub(crate) thread: String,
    pub(crate) event_type: &'static str,
    pub(crate) related: Vec<String>,
    pub(crate) context: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Document {
    version: &'static str,
    source: &'static str,
    id: String,
    content: Content,
    metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    next_steps: Vec<String>,
    keywords: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    thread_id: String,
    summary: String,
    event_type: &'static str,
    related_resources: Vec<String>,
    additional_context: BTreeMap<&'static str, String>,
}

impl Notification {
    pub(crate) fn text(self) -> String {
        let Self {
            id,
            title,
            description,
            next_steps,
            keywords,
            thread,
            event_type,
            related,
            context,
        } = self;
        let document = Document {
            version: "1.0",
            source: "custom",
            id,
            content: Content {
                text_type: "client-markdown",
                title: title.clone(),
                description,
                next_steps,
                keywords,
            },
            metadata: Metadata {
                thread_id: thread,
                summary: title,
                event_type,
                related_resources: related,
                additional_context: context,
            },
        };
        serde_json::to_string(&document).unwrap_or_default()
    }
}
