use super::text::length;
use crate::manifest::document::word;

word! {
    /// A file beside the manifest: relative to its folder, and within it.
    FilePath: "file", "components/nginx.yaml", |text| {
        length(text, 1, 255)?;
        if text.starts_with('/') || text.contains('\\') || text.contains(':') {
            return Err(String::from("must be relative to the manifest's folder, with / between folders"));
        }
        if text.split('/').any(|part| part == ".." || part == "." || part.is_empty()) {
            return Err(String::from("has an empty part, . or .., must stay within the manifest's folder"));
        }
        Ok(())
    }
}
