use std::collections::BTreeSet;

/// What is wrong with the template of a Dockerfile.
///
/// Image Builder does without `components` even where the recipe has some, and then runs none of them: nobody means that.
pub(in crate::manifest) fn dockerfile(text: &str, has_components: bool) -> Option<String> {
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
    let needed = if has_components { &KNOWN[..] } else { &KNOWN[..1] };
    let missing = needed.iter().find(|name| !found.contains(*name))?;
    Some(format!(
        "the placeholder {{{{{{ imagebuilder:{missing} }}}}}} is missing"
    ))
}
