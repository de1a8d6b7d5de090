use super::text::length;
use crate::FamilyName;
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

impl FilePath {
    /// What a family's component of this file is called in Image Builder: `web-nginx` for `components/nginx.yaml`.
    pub fn component_name(&self, family: &FamilyName) -> String {
        let last = self.as_str().rsplit('/').next().unwrap_or_default();
        let stem = last.split('.').next().unwrap_or_default();
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        format!("{family}-{}", stem.chars().map(plain).collect::<String>())
    }
}
