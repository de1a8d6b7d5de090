//! Manifests that are right, and for each rule one that breaks it: what is said of them, in full.
//!
//! `IMAGE_STEWARD_BLESS=1` writes what is said; read the difference.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use steward::manifest::{Checked, check};

fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    entries
}

fn check_folder(folder: &Path) -> Checked {
    let manifests: Vec<(String, Vec<u8>)> = entries(folder)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    check(&manifests, |_, path| {
        fs::read(folder.join(path.as_str())).map_err(|_| String::from("there is no such file"))
    })
}

fn said(checked: &Checked) -> String {
    let mut said = String::new();
    for diagnostic in &checked.diagnostics {
        writeln!(said, "{diagnostic}").unwrap();
    }
    said
}

#[test]
fn each_rule_that_is_broken_is_told_with_its_place_and_what_would_be_right() {
    let mut differ = Vec::new();
    let folders = entries(&root().join("tests/manifests/bad"));
    assert!(folders.len() > 50);
    for folder in folders {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let checked = check_folder(&folder);
        let (said, file) = (said(&checked), folder.join("said.txt"));
        if name.starts_with("warning-") {
            assert!(checked.is_right() && !checked.diagnostics.is_empty(), "{name}: {said}");
        } else {
            assert!(!checked.is_right(), "{name} is taken");
        }
        if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
            fs::write(&file, &said).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != said {
            differ.push(format!("{name}:\n{said}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

#[test]
fn manifests_that_are_right_are_taken_without_a_word() {
    for folder in entries(&root().join("tests/manifests/good"))
        .into_iter()
        .chain([root().join("../../families")])
    {
        let checked = check_folder(&folder);
        assert_eq!(said(&checked), "", "{}", folder.display());
        assert!(!checked.files.is_empty(), "{}", folder.display());
    }
}

#[test]
fn a_manifest_that_is_printed_reads_back_the_same() {
    for folder in entries(&root().join("tests/manifests/good"))
        .into_iter()
        .chain([root().join("../../families")])
    {
        for file in check_folder(&folder).files {
            let printed = file.manifest().to_yaml();
            let again = steward::manifest::ManifestFile::read(file.name(), printed.as_bytes());
            let again = again.file.unwrap_or_else(|| panic!("{printed}"));
            assert_eq!(again.manifest(), file.manifest(), "{printed}");
        }
    }
}

/// The page and the schema in docs/ are what reading is made from.
fn written(path: &str, text: &str) {
    let path = root().join("../../docs").join(path);
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        fs::write(&path, text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "{} is not what the types say: run this test with IMAGE_STEWARD_BLESS=1 and read the difference",
        path.display()
    );
}

#[test]
fn the_schema_is_what_the_types_say() {
    let schema = serde_json::to_string_pretty(&steward::manifest::json_schema()).unwrap();
    written("manifest.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_reference_is_what_the_types_say() {
    written("manifest.md", &steward::manifest::reference_page());
}
