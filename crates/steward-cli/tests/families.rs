//! `steward check` and `steward init` as people type them: no network, no credentials, no Region.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder, gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("steward-families-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs the command in it: exit code, output, errors.
    fn steward(&self, words: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_steward"))
            .args(words)
            .current_dir(&self.0)
            .env_clear()
            .output();
        let Output { status, stdout, stderr } = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_samples_are_right() {
    let root = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..");
    let folder = Folder::new("samples");
    let (code, said, _) = folder.steward(&["check", root.join("families").to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("3 families in ") && said.ends_with(" are right.\n"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_is_told_all_at_once_with_exit_code_2() {
    let folder = Folder::new("wrong");
    folder.write(
        "families/web.yaml",
        "family: web\nbuid: {}\nretain: { releases: 0, for: 1y }\n",
    );
    folder.write("families/api.yaml", "family: web\n");
    let (code, said, complained) = folder.steward(&["check"]);
    assert_eq!((code, complained.as_str()), (2, ""));
    let places = [
        "--> families/api.yaml:1:9 (family)",
        "--> families/web.yaml:2:1\n",
        "--> families/web.yaml:3:21 (retain.releases)",
        "--> families/web.yaml:3:29 (retain.for)",
    ];
    for place in places {
        assert!(said.contains(place), "{place} in {said}");
    }
    assert!(said.ends_with("\n5 errors in families.\n"), "{said}");
}

#[test]
fn programs_read_the_same_as_json() {
    let folder = Folder::new("json");
    folder.write("families/web.yaml", "family: web\nbuid: {}\n");
    let (code, said, _) = folder.steward(&["check", "--format", "json"]);
    assert_eq!(code, 2);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        report,
        serde_json::json!({
            "ok": false,
            "families": [],
            "diagnostics": [{
                "level": "error", "file": "families/web.yaml", "line": 2, "column": 1, "path": "",
                "what": "unknown key `buid`", "right": "did you mean `build`?",
            }],
        })
    );
}

#[test]
fn a_folder_that_cannot_be_checked_is_one_sentence_and_exit_code_2() {
    let folder = Folder::new("folders");
    let refused = |words: &[&str], sentence: &str| {
        let (code, said, complained) = folder.steward(words);
        assert_eq!((code, said.as_str()), (2, ""));
        assert_eq!(complained.lines().count(), 1);
        assert!(complained.starts_with(&format!("steward: {sentence}")), "{complained}");
    };
    refused(&["check"], "there is no folder families: ");
    folder.write("empty/.hidden.yaml", "");
    refused(&["check", "empty"], "there is no manifest in empty: ");
    refused(&["check", "empty/.hidden.yaml"], "empty/.hidden.yaml is a file: ");
    folder.write("other/web.yml", "family: web\n");
    refused(
        &["check", "other"],
        "other/web.yml would not be read: rename it to other/web.yaml",
    );
}

#[test]
fn a_file_that_a_manifest_names_is_no_link_to_somewhere_else() {
    let folder = Folder::new("links");
    let (code, _, complained) = folder.steward(&["init", "web"]);
    assert_eq!(code, 0, "{complained}");
    let manifest = fs::read_to_string(folder.0.join("families/web.yaml")).unwrap();
    folder.write(
        "families/web.yaml",
        manifest.replace("  components: []", "  components: []\n  user_data: boot.sh"),
    );
    std::os::unix::fs::symlink("/etc/hostname", folder.0.join("families/boot.sh")).unwrap();
    let (code, said, _) = folder.steward(&["check"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("boot.sh cannot be read: it is a link out of the manifests' folder"),
        "{said}"
    );
}

#[test]
fn a_starting_manifest_is_right_and_never_written_over_another() {
    let folder = Folder::new("init");
    let (code, said, complained) = folder.steward(&["init", "base", "--architectures", "x86_64,arm64"]);
    assert_eq!(code, 0, "{complained}");
    assert_eq!(
        said,
        "Wrote families/base.yaml. Look it through, then type `steward check families`.\n"
    );
    let (code, said, complained) =
        folder.steward(&["init", "web", "--parent", "base", "--description", "nginx: the web"]);
    assert_eq!(code, 0, "{said}{complained}");
    let (code, said, complained) = folder.steward(&["init", "tools", "--container", "amazonlinux:2023"]);
    assert_eq!(code, 0, "{complained}");
    assert!(
        said.starts_with("Wrote families/tools.yaml and families/containers/tools.Dockerfile."),
        "{said}"
    );
    let (code, said, _) = folder.steward(&["check"]);
    assert_eq!((code, said.as_str()), (0, "3 families in families are right.\n"));
    let before = fs::read(folder.0.join("families/web.yaml")).unwrap();
    let (code, _, complained) = folder.steward(&["init", "web"]);
    assert_eq!(code, 2);
    assert!(
        complained.starts_with("steward: families/web.yaml exists already"),
        "{complained}"
    );
    assert_eq!(fs::read(folder.0.join("families/web.yaml")).unwrap(), before);
}

#[test]
fn a_starting_manifest_that_would_be_wrong_is_not_written() {
    let folder = Folder::new("refused");
    for (words, sentence) in [
        (
            vec!["init", "Web"],
            "steward: invalid family name: \"Web\" has upper-case letters",
        ),
        (
            vec!["init", "web", "--architectures", "amd64"],
            "steward: invalid architecture: ",
        ),
        (vec!["init", "web", "--platform", "bsd"], "steward: invalid platform: "),
        (
            vec![
                "init",
                "web",
                "--platform",
                "windows",
                "--architectures",
                "arm64",
                "--parameter",
                "/base/{architecture}",
            ],
            "steward: these answers do not go together:",
        ),
    ] {
        let (code, _, complained) = folder.steward(&words);
        assert_eq!(code, 2);
        assert!(complained.starts_with(sentence), "{complained}");
        assert!(!folder.0.join("families").exists());
    }
}
