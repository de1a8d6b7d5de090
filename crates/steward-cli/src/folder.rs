//! The folder of manifests.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use steward::manifest::{Checked, check};

use crate::failure::Failure;

/// More than any file that is taken: what is longer is refused, and need not be read to its end.
const MOST_READ: u64 = 1024 * 1024;

/// Reads every manifest of a folder and checks them, each by itself and all together.
pub(crate) fn read(folder: &Path) -> Result<Checked, Failure> {
    let shown = folder.display();
    let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Failure::Mistake(format!("there is no folder {shown}: name the one that holds the manifests, or write the first by `steward init NAME`."))
        }
        io::ErrorKind::NotADirectory => {
            Failure::Mistake(format!("{shown} is a file: name the folder that holds the manifests."))
        }
        _ => Failure::Mistake(format!("the folder {shown} cannot be read: {error}.")),
    })?;
    let mut manifests = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| Failure::Mistake(format!("the folder {shown} cannot be read: {error}.")))?
            .path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(Failure::Mistake(format!(
                "{} has a name that is not UTF-8: rename it.",
                path.display()
            )));
        };
        if name.starts_with('.') || path.is_dir() {
            continue;
        }
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        match extension {
            "yaml" => {
                let content = content(&path).map_err(|error| {
                    Failure::Mistake(format!("{} cannot be read: {}.", path.display(), told(&error)))
                })?;
                manifests.push((path.display().to_string(), content));
            }
            "yml" | "YAML" | "YML" => {
                let right = path.with_extension("yaml");
                return Err(Failure::Mistake(format!(
                    "{} would not be read: rename it to {}.",
                    path.display(),
                    right.display()
                )));
            }
            _ => {}
        }
    }
    if manifests.is_empty() {
        return Err(Failure::Mistake(format!(
            "there is no manifest in {shown}: each is a file NAME.yaml, and `steward init NAME` writes the first."
        )));
    }
    manifests.sort();
    Ok(check(&manifests, |_, path| named(folder, path.as_str())))
}

/// The content of a file that a manifest names: within the folder, also where it is a link.
pub(crate) fn named(folder: &Path, path: &str) -> Result<Vec<u8>, String> {
    let file = folder.join(path);
    let real = |path: &Path| fs::canonicalize(path).map_err(|error| told(&error));
    if !real(&file)?.starts_with(real(folder)?) {
        return Err(String::from("it is a link out of the manifests' folder"));
    }
    content(&file).map_err(|error| told(&error))
}

/// A file's content, as far as any file that is taken goes.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(MOST_READ).read_to_end(&mut content)?;
    Ok(content)
}

/// Without the number that the operating system has for it.
fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => String::from("there is no such file"),
        io::ErrorKind::PermissionDenied => String::from("you may not read it"),
        _ => error.to_string(),
    }
}
