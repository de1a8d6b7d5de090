use std::collections::BTreeSet;

/// What is wrong with the template of a Dockerfile.
pub(in crate::manifest) fn dockerfile(text: &str) -> Option<String> {
    const KNOWN: [&str; 3] = ["parentImage", "environments", "components"];
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("{{{") {
        let inside = text[start + 3..].split("}}}").next().unwrap_or_default().trim();
        match inside.strip_prefix("imagebuilder:") {
            Some(name) if KNOWN.contains(&name) => {
                found.insert(name);
            }
            _ => {
                let inside: String = inside.chars().take(40).collect();
                return Some(format!(
                    "Image Builder has no placeholder {{{{{{ {} }}}}}}",
                    inside.escape_debug()
                ));
            }
        }
    }
    let missing = KNOWN.into_iter().find(|name| !found.contains(name))?;
    Some(format!(
        "the placeholder {{{{{{ imagebuilder:{missing} }}}}}} is missing"
    ))
}
