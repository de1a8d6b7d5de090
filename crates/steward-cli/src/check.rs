//! Whether manifests are right, without a network.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use steward::manifest::{Checked, Diagnostic, Level};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::folder;
use crate::json;
use crate::said::Said;

/// Checks a folder.
pub(crate) fn check(folder: &Path, format: Format) -> Result<Said, Failure> {
    let checked = folder::read(folder)?;
    let text = match format {
        Format::Text => text(&checked, folder),
        Format::Json => json(&checked),
    };
    Ok(Said::new(&text, checked.is_right()))
}

/// The manifests of a folder, where nothing is wrong with any of them.
pub(crate) fn right(folder: &Path) -> Result<Checked, Failure> {
    let checked = folder::read(folder)?;
    if checked.is_right() {
        Ok(checked)
    } else {
        Err(Failure::Mistake(text(&checked, folder)))
    }
}

/// For people: each diagnostic, and a line that counts them.
pub(crate) fn text(checked: &Checked, folder: &Path) -> String {
    let mut text = String::new();
    for diagnostic in &checked.diagnostics {
        let _ = writeln!(text, "{diagnostic}");
    }
    let count = |level| {
        checked
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.level == level)
            .count()
    };
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let folder = folder.display();
    let warned = if warnings == 0 {
        String::new()
    } else {
        format!(", {}", counted(warnings, "warning", "warnings"))
    };
    if checked.is_right() {
        let families = counted(checked.files.len(), "family", "families");
        let are = if checked.files.len() == 1 { "is" } else { "are" };
        let _ = write!(text, "{families} in {folder} {are} right{warned}.");
    } else {
        let _ = write!(text, "{} in {folder}{warned}.", counted(errors, "error", "errors"));
    }
    text
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

fn json(checked: &Checked) -> String {
    let diagnostics: Vec<_> = checked
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let Diagnostic {
                level,
                file,
                line,
                column,
                path,
                what,
                right,
                ..
            } = diagnostic;
            json!({
                "level": level.as_str(), "file": file, "line": line, "column": column, "path": path, "what": what,
                "right": right,
            })
        })
        .collect();
    let families: Vec<_> = checked
        .files
        .iter()
        .map(|file| file.manifest().family.as_str())
        .collect();
    let report = json!({ "ok": checked.is_right(), "families": families, "diagnostics": diagnostics });
    json::text(report)
}
