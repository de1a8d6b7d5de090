//! The members of the workspace and what they depend on, as cargo sees them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

pub(crate) struct Workspace {
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) name: String,
    /// Built and tested when nobody says which.
    pub(crate) everyday: bool,
    pub(crate) manifest: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) only_for_tests: bool,
}

impl Workspace {
    pub(crate) fn read() -> Self {
        let output = Command::new(std::env::var_os("CARGO").expect("cargo runs this test"))
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .output()
            .expect("cargo can be started");
        assert!(
            output.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
        let everyday = list(&metadata, "workspace_default_members");
        let members = list(&metadata, "packages")
            .iter()
            .map(|package| Member::read(package, everyday))
            .collect();
        Self { members }
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// What this check finds in the text of each member's Cargo.toml.
    pub(crate) fn complaints_of_manifests(&self, check: impl Fn(&str) -> Vec<String>) -> Vec<String> {
        let complaints_of = |member: &Member| {
            let text = fs::read_to_string(&member.manifest).expect("cargo read it, too");
            let found = check(&text);
            found
                .into_iter()
                .map(|complaint| format!("{}: {complaint}", member.manifest.display()))
                .collect::<Vec<_>>()
        };
        self.members.iter().flat_map(complaints_of).collect()
    }
}

impl Member {
    fn read(package: &Value, everyday: &[Value]) -> Self {
        Self {
            name: string(package, "name"),
            everyday: everyday.contains(&package["id"]),
            manifest: string(package, "manifest_path").into(),
            dependencies: list(package, "dependencies").iter().map(Dependency::read).collect(),
        }
    }
}

impl Dependency {
    fn read(dependency: &Value) -> Self {
        Self {
            name: string(dependency, "name"),
            only_for_tests: dependency["kind"] == "dev",
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key]
        .as_array()
        .unwrap_or_else(|| panic!("`{key}` is a list in cargo's metadata"))
}

fn string(value: &Value, key: &str) -> String {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("`{key}` is a string in cargo's metadata"))
        .to_owned()
}
