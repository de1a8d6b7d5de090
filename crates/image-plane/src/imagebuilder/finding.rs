//! What a scan finds: so many vulnerabilities, or these.

use std::borrow::Cow;
use std::fmt;
use std::iter::Sum;

use crate::time::Time;

/// Findings of a scan, as the event counts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// Of any severity.
    pub all: u32,
    /// Critical ones.
    pub critical: u32,
    /// High ones.
    pub high: u32,
    /// Medium ones.
    pub medium: u32,
}

impl Sum for Findings {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, more| Self {
            all: sum.all.saturating_add(more.all),
            critical: sum.critical.saturating_add(more.critical),
            high: sum.high.saturating_add(more.high),
            medium: sum.medium.saturating_add(more.medium),
        })
    }
}

/// How bad a vulnerability is, as Inspector says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// 9.0 and above.
    Critical,
    /// 7.0 and above.
    High,
    /// 4.0 and above.
    Medium,
    /// Below that. This and what follows is in no count but that of all.
    Low,
    /// No danger by itself.
    Informational,
    /// Not judged yet.
    Untriaged,
}

impl Severity {
    /// A score that means it.
    pub(crate) const fn score(self) -> Option<f64> {
        match self {
            Self::Critical => Some(9.8),
            Self::High => Some(7.5),
            Self::Medium => Some(5.3),
            Self::Low => Some(3.1),
            Self::Informational => Some(0.0),
            Self::Untriaged => None,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
            Self::Informational => "INFORMATIONAL",
            Self::Untriaged => "UNTRIAGED",
        })
    }
}

/// A vulnerability a scan finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vulnerability {
    /// `CVE-2026-12345`.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is: text that others wrote.
    pub description: String,
    /// The packages that have it.
    pub packages: Vec<VulnerablePackage>,
    /// When it was made public, where its database says so.
    pub published: Option<Time>,
}

/// A package with a vulnerability.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VulnerablePackage {
    /// As the operating system calls it.
    pub name: String,
    /// The version that is installed.
    pub version: String,
    /// The version without the vulnerability, where there is one.
    pub fixed_in: Option<String>,
}

impl Vulnerability {
    /// A vulnerability of one package, which the next version of that mends.
    #[must_use]
    pub fn new(id: &str, severity: Severity, package: &str) -> Self {
        let package = VulnerablePackage {
            name: package.to_owned(),
            version: String::from("1.0.0"),
            fixed_in: Some(String::from("1.0.1")),
        };
        Self {
            id: id.to_owned(),
            severity,
            description: format!("A flaw was found in {}.", package.name),
            packages: vec![package],
            published: None,
        }
    }

    /// The same, made public then.
    #[must_use]
    pub fn published(mut self, at: Time) -> Self {
        self.published = Some(at);
        self
    }

    /// As Inspector calls a finding: `CVE-2026-12345 - openssl, openssl-libs`.
    pub(crate) fn title(&self) -> String {
        let names: Vec<&str> = self.packages.iter().map(|package| package.name.as_str()).collect();
        format!("{} - {}", self.id, names.join(", "))
    }

    /// Whether the packages that have it can be mended.
    pub(crate) fn fix_available(&self) -> &'static str {
        let mended = self.packages.iter().filter(|package| package.fixed_in.is_some());
        match mended.count() {
            0 => "NO",
            some if some < self.packages.len() => "PARTIAL",
            _ => "YES",
        }
    }
}

/// What the scan of a build finds.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Counted(Findings),
    Each(Vec<Vulnerability>),
}

impl Default for Found {
    fn default() -> Self {
        Self::Counted(Findings::default())
    }
}

impl Found {
    pub(crate) fn counts(&self) -> Findings {
        let each = match self {
            Self::Counted(counts) => return *counts,
            Self::Each(each) => each,
        };
        counts(each)
    }

    /// The vulnerabilities. Where only their number was given they are made up, the same for the same number.
    pub(crate) fn each(&self) -> Cow<'_, [Vulnerability]> {
        let Findings {
            all,
            critical,
            high,
            medium,
        } = match self {
            Self::Each(each) => return Cow::Borrowed(each),
            Self::Counted(counts) => *counts,
        };
        let others = all.saturating_sub(critical).saturating_sub(high).saturating_sub(medium);
        let made_up = [
            (Severity::Critical, critical, 10_000),
            (Severity::High, high, 20_000),
            (Severity::Medium, medium, 30_000),
            (Severity::Low, others, 40_000),
        ];
        let each = made_up.into_iter().flat_map(|(severity, count, from)| {
            (0..count).map(move |number| {
                let id = format!("CVE-2026-{}", from + u64::from(number));
                Vulnerability::new(&id, severity, &format!("package-{number}"))
            })
        });
        Cow::Owned(each.collect())
    }
}

/// How many vulnerabilities there are of each severity that is counted.
pub(crate) fn counts<'a>(each: impl IntoIterator<Item = &'a Vulnerability>) -> Findings {
    let one = |of: bool| u32::from(of);
    let counted = each.into_iter().map(|vulnerability| Findings {
        all: 1,
        critical: one(vulnerability.severity == Severity::Critical),
        high: one(vulnerability.severity == Severity::High),
        medium: one(vulnerability.severity == Severity::Medium),
    });
    counted.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vulnerabilities_made_up_from_counts_have_these_counts() {
        let given = Findings {
            all: 9,
            critical: 1,
            high: 2,
            medium: 3,
        };
        let found = Found::Counted(given);
        assert_eq!(found.counts(), given);
        assert_eq!(counts(found.each().iter()), given);
        let ids: std::collections::BTreeSet<String> = found.each().iter().map(|each| each.id.clone()).collect();
        assert_eq!(ids.len(), 9);
    }

    #[test]
    fn a_fix_is_there_for_all_packages_for_some_or_for_none() {
        let mut found = Vulnerability::new("CVE-2026-1", Severity::High, "openssl");
        assert_eq!(found.fix_available(), "YES");
        let mut unmended = found.packages[0].clone();
        unmended.name = String::from("openssl-libs");
        unmended.fixed_in = None;
        found.packages.push(unmended);
        assert_eq!(found.fix_available(), "PARTIAL");
        assert_eq!(found.title(), "CVE-2026-1 - openssl, openssl-libs");
        found.packages.remove(0);
        assert_eq!(found.fix_available(), "NO");
    }
}
