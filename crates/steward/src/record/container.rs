//! Images in registries: named by what they hold, found by what somebody called them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::facts::BuildFacts;
use crate::text::string_form;
use crate::{AccountId, Architecture, CanonicalName, Given, Region, ReleaseId, Target, Timestamp};

/// What a container image holds, hashed: `sha256:…`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

string_form!(Digest, "digest");

/// The name of a repository in a registry: `tools/build`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryName(String);

string_form!(RepositoryName, "repository");

/// That a word is no name of a container image's, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given} is no {noun}, must be as in {example}")]
pub struct ContainerNameError {
    given: Given,
    noun: &'static str,
    example: &'static str,
}

impl FromStr for Digest {
    type Err = ContainerNameError;

    fn from_str(text: &str) -> Result<Self, ContainerNameError> {
        let hash = text.strip_prefix("sha256:").unwrap_or_default();
        let is_lower_hex = |letter: u8| letter.is_ascii_digit() || matches!(letter, b'a'..=b'f');
        if hash.len() == 64 && hash.bytes().all(is_lower_hex) {
            return Ok(Self(text.to_owned()));
        }
        Err(ContainerNameError {
            given: Given::new(text),
            noun: "digest",
            example: "sha256: and 64 hexadecimal digits",
        })
    }
}

impl FromStr for RepositoryName {
    type Err = ContainerNameError;

    fn from_str(text: &str) -> Result<Self, ContainerNameError> {
        let fits = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"-_./".contains(&letter);
        let begins = |part: &str| part.starts_with(|first: char| first.is_ascii_alphanumeric());
        if (2..=256).contains(&text.len()) && text.bytes().all(fits) && text.split('/').all(begins) {
            return Ok(Self(text.to_owned()));
        }
        Err(ContainerNameError {
            given: Given::new(text),
            noun: "repository",
            example: "tools/build",
        })
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A container image in the repository of a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerImage {
    /// Whose registry, and where.
    pub target: Target,
    /// In which repository.
    pub repository: RepositoryName,
    /// Which.
    pub digest: Digest,
}

impl fmt::Display for ContainerImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target: _,
            repository,
            digest,
        } = self;
        write!(f, "{repository}@{digest}")
    }
}

/// A container image as a build names what it made: by a tag, which may point to another one tomorrow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerOutput {
    /// Whose registry, and where.
    pub target: Target,
    /// In which repository.
    pub repository: RepositoryName,
    /// What it is called there.
    pub tag: String,
}

impl FromStr for ContainerOutput {
    type Err = ContainerNameError;

    fn from_str(text: &str) -> Result<Self, ContainerNameError> {
        let read = || -> Option<Self> {
            let (registry, name) = text.split_once('/')?;
            let (repository, tag) = name.rsplit_once(':')?;
            let mut parts = registry.split('.');
            let account: AccountId = parts.next()?.parse().ok()?;
            // The one form is of IPv4 alone, the other of both.
            match parts.next()? {
                "dkr" if parts.next()? == "ecr" => {}
                "dkr-ecr" => {}
                _ => return None,
            }
            let region: Region = parts.next()?.parse().ok()?;
            let suffix: Vec<&str> = parts.collect();
            let is_amazons = matches!(suffix.as_slice(), ["amazonaws" | "on", ..]);
            (is_amazons && !tag.is_empty() && tag.len() <= 128).then_some(())?;
            Some(Self {
                target: Target::new(account, region),
                repository: repository.parse().ok()?,
                tag: tag.to_owned(),
            })
        };
        read().ok_or_else(|| ContainerNameError {
            given: Given::new(text),
            noun: "image of a registry of Amazon's",
            example: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools:1.0.0-1",
        })
    }
}

impl fmt::Display for ContainerOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target,
            repository,
            tag,
        } = self;
        write!(f, "{repository}:{tag} in {target}")
    }
}

/// What the registry says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerFacts {
    /// Which.
    pub digest: Digest,
    /// What it is called at present.
    pub tags: BTreeSet<String>,
    /// When it was pushed.
    pub pushed: Option<Timestamp>,
    /// What it takes there, in bytes.
    pub size: u64,
}

/// What came of looking at a container image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerReading {
    /// It is there.
    Seen(ContainerFacts),
    /// The registry does not know it.
    Missing,
    /// It could not be looked at, and why.
    Unreadable(String),
}

/// A container image of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPlacement {
    /// Of which release.
    pub release: ReleaseId,
    /// Which, and where.
    pub image: ContainerImage,
    /// What the registry says of it.
    pub facts: ContainerFacts,
    /// When it was looked at.
    pub seen: Timestamp,
}

/// The container images that a build made, as they were looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Containers {
    /// What the registries say.
    pub readings: Vec<(ContainerOutput, ContainerReading)>,
    /// What they run on, which no registry says.
    pub architecture: Option<Architecture>,
}

impl Containers {
    /// Those that are placements now, and those that are not with why.
    pub(super) fn placed(
        &self,
        build: &BuildFacts,
        now: Timestamp,
    ) -> (Vec<ContainerPlacement>, Vec<(String, String)>) {
        let release = CanonicalName::Build(build.build.clone()).id();
        let (mut placed, mut unplaced) = (Vec::new(), Vec::new());
        for output in &build.containers {
            let reading = self.readings.iter().find(|(read, _)| read == output);
            let why = match reading.map(|(_, reading)| reading) {
                Some(ContainerReading::Seen(facts)) => {
                    // A tag may have been there before, on what another build pushed: only a later push is this build's.
                    let is_later =
                        matches!((facts.pushed, build.created), (Some(pushed), Some(began)) if pushed >= began);
                    if is_later {
                        placed.push(ContainerPlacement {
                            release,
                            image: ContainerImage {
                                target: output.target,
                                repository: output.repository.clone(),
                                digest: facts.digest.clone(),
                            },
                            facts: facts.clone(),
                            seen: now,
                        });
                        continue;
                    }
                    String::from("what is called so was not pushed since the build began")
                }
                Some(ContainerReading::Missing) => String::from("the registry does not know it"),
                Some(ContainerReading::Unreadable(why)) => why.clone(),
                None => String::from("nobody looked at it"),
            };
            unplaced.push((output.to_string(), why));
        }
        (placed, unplaced)
    }
}

/// Whether a container image is there, as the record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerState {
    /// It is.
    Present,
    /// It was deleted.
    Gone,
}

impl fmt::Display for ContainerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Present => "present",
            Self::Gone => "gone",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_names_a_registry_a_repository_and_a_tag() {
        for uri in [
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools/build:1.0.0-1",
            "111122223333.dkr-ecr.eu-west-1.on.aws/tools/build:1.0.0-1",
        ] {
            let output: ContainerOutput = uri.parse().unwrap();
            assert_eq!(output.to_string(), "tools/build:1.0.0-1 in 111122223333/eu-west-1");
        }
        for wrong in [
            "",
            "tools:1.0.0-1",
            "docker.io/library/nginx:1",
            "111122223333.dkr.ecr.mars-north-1.amazonaws.com/tools:1",
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools",
            "111122223333.dkr.ecr.eu-west-1.evil.com/tools:1",
            "111122223333.dkr.ecr.eu-west-1.amazonaws.com/Tools:1",
        ] {
            assert!(wrong.parse::<ContainerOutput>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_digest_is_of_one_kind_and_length() {
        assert!(format!("sha256:{}", "0a".repeat(32)).parse::<Digest>().is_ok());
        for wrong in ["", "sha256:", &"0a".repeat(32), &format!("sha256:{}", "0A".repeat(32))] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
