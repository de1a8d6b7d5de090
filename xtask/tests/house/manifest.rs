//! What a member's Cargo.toml may say itself. Cargo's metadata has lost what was inherited, so the text is read, and
//! any form but the two that inherit is a complaint.

/// Lines with the name of the table they stand in.
fn entries(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut table = "";
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(move |line| {
            match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                Some(header) => {
                    table = header.trim();
                    // A dependency with a table of its own declares something, whatever stands below.
                    names_dependency(table).then_some((table, line))
                }
                None => Some((table, line)),
            }
        })
}

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

fn holds_dependencies(table: &str) -> bool {
    TABLES
        .iter()
        .any(|kind| table == *kind || (table.starts_with("target.") && table.ends_with(&format!(".{kind}"))))
}

/// `[dependencies.serde]`
fn names_dependency(table: &str) -> bool {
    table
        .rsplit_once('.')
        .is_some_and(|(above, _)| holds_dependencies(above))
}

/// Dependencies that are not taken from the workspace.
pub(crate) fn own_versions(text: &str) -> Vec<String> {
    entries(text)
        .filter(|(table, line)| names_dependency(table) && line.starts_with('[') || holds_dependencies(table))
        .filter(|(_, line)| !inherits(line))
        .map(|(_, line)| format!("write `name.workspace = true` and put the version into the workspace, not `{line}`"))
        .collect()
}

fn inherits(line: &str) -> bool {
    let line: String = line.chars().filter(|character| !character.is_whitespace()).collect();
    let Some((key, value)) = line.split_once('=') else {
        return false;
    };
    let dotted = key.ends_with(".workspace") && value == "true";
    let inline = value
        .trim_start_matches('{')
        .split([',', '}'])
        .any(|part| part == "workspace=true");
    dotted || inline
}

/// Lints other than the workspace's.
pub(crate) fn own_lints(text: &str) -> Vec<String> {
    let inherited = entries(text).any(|(table, line)| table == "lints" && inherits(&format!("lints.{line}")));
    if inherited {
        Vec::new()
    } else {
        vec!["add `[lints]` with `workspace = true`".to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_inheriting_are_accepted() {
        let text = "[dependencies]\n\
                    # Why it is here.\n\
                    serde.workspace = true\n\
                    [target.'cfg(unix)'.dev-dependencies]\n\
                    tokio = { workspace = true, features = [\"fs\"] }\n\
                    [package]\n\
                    version = \"1\"\n";
        assert_eq!(own_versions(text), Vec::<String>::new());
    }

    #[test]
    fn a_version_of_its_own_is_refused_in_every_form() {
        for (table, line) in [
            ("[dependencies]", "serde = \"1\""),
            (
                "[dev-dependencies]",
                "serde = { version = \"1\", features = [\"derive\"] }",
            ),
            ("[build-dependencies]", "steward = { path = \"../steward\" }"),
            ("[target.'cfg(unix)'.dependencies]", "serde.version = \"1\""),
        ] {
            let complaints = own_versions(&format!("{table}\n{line}\n"));
            assert_eq!(complaints.len(), 1, "{table} {line}");
            assert!(complaints[0].ends_with(&format!("not `{line}`")), "{complaints:?}");
        }
    }

    #[test]
    fn a_dependency_with_a_table_of_its_own_is_refused() {
        for table in ["[dependencies.serde]", "[target.'cfg(unix)'.dev-dependencies.serde]"] {
            assert_eq!(own_versions(&format!("{table}\nversion = \"1\"\n")).len(), 1, "{table}");
        }
    }

    #[test]
    fn lints_come_from_the_workspace_or_are_asked_for() {
        assert_eq!(own_lints("[lints]\nworkspace = true\n"), Vec::<String>::new());
        for text in [
            "",
            "[lints]\n",
            "[lints]\nworkspace = false\n",
            "[lints.clippy]\npedantic = \"warn\"\n",
        ] {
            assert_eq!(own_lints(text), ["add `[lints]` with `workspace = true`"], "{text}");
        }
    }
}
