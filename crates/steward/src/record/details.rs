use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, Vulnerability, VulnerabilityId, Words};

/// What Image Builder tells of a build once it has ended, beyond the build itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// The workflows that it ran, its tests among them.
    pub workflows: Vec<WorkflowRun>,
    /// What a scan found; none where there was none.
    pub findings: Option<Findings>,
    /// The vulnerabilities that it found.
    pub vulnerabilities: BTreeMap<VulnerabilityId, Vulnerability>,
    /// What is installed, where Image Builder lists it.
    pub packages: BTreeSet<Package>,
}

/// A workflow that a build ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowRun {
    /// Which: `test/test-image/1.0.0/1`.
    pub workflow: Words,
    /// How it ended, in Image Builder's words.
    pub status: Words,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// How many steps it had.
    pub steps: u32,
    /// How many of them failed.
    pub failed: u32,
    /// What it says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Words>,
}

/// How many vulnerabilities a scan found, by their severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// All there are, those of other severities too.
    pub all: u64,
    /// Critical ones.
    pub critical: u64,
    /// High ones.
    pub high: u64,
    /// Medium ones.
    pub medium: u64,
}

/// A package in an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Whether the scan of an image has anything more to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// None was asked for, or it was given up.
    None,
    /// It is under way.
    UnderWay,
    /// It is done.
    Done,
}

impl Scan {
    /// As Image Builder names its states; an unknown one may yet end.
    pub fn read(status: Option<&str>) -> Self {
        match status {
            None | Some("ABANDONED" | "FAILED" | "TIMED_OUT") => Self::None,
            Some("COMPLETED") => Self::Done,
            Some(_) => Self::UnderWay,
        }
    }
}

impl fmt::Display for WorkflowRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            workflow,
            status,
            started: _,
            steps,
            failed,
            message,
        } = self;
        write!(f, "{workflow} {status}, {failed} of {steps} steps failed")?;
        message.iter().try_for_each(|message| write!(f, ": {message}"))
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            all,
            critical,
            high,
            medium,
        } = self;
        let other = all.saturating_sub(critical + high + medium);
        write!(f, "{critical} critical, {high} high, {medium} medium, {other} other")
    }
}

/// A package that two releases do not have alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageDifference {
    /// Its name.
    pub name: String,
    /// The versions that the one has; several may be installed side by side.
    pub before: Vec<String>,
    /// The versions that the other has.
    pub after: Vec<String>,
}

impl fmt::Display for PackageDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, before, after } = self;
        let (old, new) = (before.join(", "), after.join(", "));
        match (before.is_empty(), after.is_empty()) {
            (true, _) => write!(f, "+ package {name} {new}"),
            (false, true) => write!(f, "- package {name} {old}"),
            (false, false) => write!(f, "~ package {name}: {old} → {new}"),
        }
    }
}

/// In which packages two releases differ: what came, what went, and what is of another version.
pub fn package_differences(before: &BTreeSet<Package>, after: &BTreeSet<Package>) -> Vec<PackageDifference> {
    let mut of: BTreeMap<&str, [Vec<String>; 2]> = BTreeMap::new();
    for (side, packages) in [before, after].into_iter().enumerate() {
        for Package { name, version } in packages {
            of.entry(name).or_default()[side].push(version.clone());
        }
    }
    of.into_iter()
        .filter(|(_, [before, after])| before != after)
        .map(|(name, [before, after])| PackageDifference {
            name: name.to_owned(),
            before,
            after,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(packages: &[(&str, &str)]) -> BTreeSet<Package> {
        let package = |(name, version): &(&str, &str)| Package {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
        };
        packages.iter().map(package).collect()
    }

    #[test]
    fn packages_differ_by_what_came_what_went_and_what_is_of_another_version() {
        let before = packages(&[("bash", "5.2"), ("kernel", "6.1"), ("kernel", "6.2"), ("telnet", "0.1")]);
        let after = packages(&[("bash", "5.2"), ("kernel", "6.2"), ("openssl", "3.0")]);
        let told = package_differences(&before, &after);
        assert_eq!(
            told.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "~ package kernel: 6.1, 6.2 → 6.2",
                "+ package openssl 3.0",
                "- package telnet 0.1"
            ]
        );
        assert!(package_differences(&after, &after).is_empty());
    }

    #[test]
    fn a_scan_that_will_say_nothing_more_is_told_from_one_that_will() {
        assert_eq!(Scan::read(None), Scan::None);
        assert_eq!(Scan::read(Some("TIMED_OUT")), Scan::None);
        assert_eq!(Scan::read(Some("COLLECTING")), Scan::UnderWay);
        assert_eq!(Scan::read(Some("COMPLETED")), Scan::Done);
    }

    #[test]
    fn findings_and_workflows_read_as_sentences() {
        let findings = Findings {
            all: 10,
            critical: 1,
            high: 2,
            medium: 3,
        };
        assert_eq!(findings.to_string(), "1 critical, 2 high, 3 medium, 4 other");
        let run = WorkflowRun {
            workflow: "test/test-image/1.0.0/1".into(),
            status: "FAILED".into(),
            started: None,
            steps: 4,
            failed: 1,
            message: Some("boot".into()),
        };
        assert_eq!(
            run.to_string(),
            "test/test-image/1.0.0/1 FAILED, 1 of 4 steps failed: boot"
        );
    }
}
