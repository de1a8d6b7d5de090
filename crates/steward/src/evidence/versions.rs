//! Who names which versions of a launch template: what may be deleted stands on this, and so nothing is guessed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::join::{Readings, instance_hop};
use super::run::{Said, SourceRun};
use super::seen::{Launch, Launched, Launcher, TemplateBy, TemplateSeen, VersionBy};
use super::source::Source;
use crate::{Duration, TemplateId, Timestamp, Words};

/// Every list in which a version may be named.
const NAMING: [Source; 6] = [
    Source::Instances,
    Source::LaunchTemplates,
    Source::AutoScalingGroups,
    Source::Fleets,
    Source::SpotFleets,
    Source::SpotRequests,
];
/// Two runs say the same of a list by chance, or by one trouble of EC2's, where they are closer than this.
const APART: Duration = Duration::minutes(20);
/// One that is further back says nothing of now.
const TOGETHER: Duration = Duration::hours(25);
/// So many named versions fit into an item of the record; of a template with more nothing is said.
const MOST: usize = 1_000;

/// Who names which versions of a launch template, and as of when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionsNamed {
    /// As of when: who came later is not in it.
    pub as_of: Timestamp,
    /// What was found.
    pub found: NamesFound,
}

/// What the lists of a target say of a template's versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamesFound {
    /// All of the lists were read to their ends, and are believed.
    All {
        /// The newest version by then: of those that came after nothing is known.
        latest: u64,
        /// The versions that something names, the oldest first.
        named: Vec<VersionNamed>,
    },
    /// One of them was not, and why: no version can be said to be named by nobody.
    NotAll(Words),
}

/// A version that something names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionNamed {
    /// Which.
    pub version: u64,
    /// Who names it, or one of them.
    pub by: Words,
    /// How many more do.
    pub more: usize,
}

/// What can be relied on by what a run found and what the one before it did: a version that either found named. One list that was
/// cut short, and looks whole, must not make a version look like nobody's.
pub fn named_by_both(found: &NamesFound, before: Option<&VersionsNamed>, now: Timestamp) -> NamesFound {
    let NamesFound::All { latest, named } = found else {
        return found.clone();
    };
    let is_apart = |before: &&VersionsNamed| {
        let age = now.checked_since(before.as_of);
        age.is_some_and(|age| age >= APART.length() && age <= TOGETHER.length())
    };
    match before.filter(is_apart).map(|before| &before.found) {
        Some(NamesFound::All {
            latest: latest_before,
            named: named_before,
        }) => {
            let mut both: BTreeMap<u64, VersionNamed> = BTreeMap::new();
            for named in named_before.iter().chain(named) {
                both.insert(named.version, named.clone());
            }
            NamesFound::All {
                latest: *latest.min(latest_before),
                named: both.into_values().collect(),
            }
        }
        Some(NamesFound::NotAll(_)) | None => NamesFound::NotAll(Words::from(format!(
            "it was not read to its end twice, {APART} to {TOGETHER} apart"
        ))),
    }
}

/// Who names which versions of a template, by the lists of its target and what is thought of them.
pub fn versions_named(readings: &Readings, runs: &[SourceRun], template: TemplateId) -> NamesFound {
    match all_named(readings, runs, template) {
        Ok((latest, named)) => NamesFound::All {
            latest,
            named: named.into_iter().map(|(version, by)| by.of(version)).collect(),
        },
        Err(why) => NamesFound::NotAll(why),
    }
}

fn all_named(
    readings: &Readings,
    runs: &[SourceRun],
    template: TemplateId,
) -> Result<(u64, BTreeMap<u64, Namers>), Words> {
    NAMING.into_iter().try_for_each(|source| believed(source, runs))?;
    let Readings {
        instances,
        templates,
        groups,
        // It names an image, and no template.
        configurations: _,
        fleets,
        spot_fleets,
        spot_requests,
        parameters: _,
        pipelines: _,
        images: _,
        reports: _,
        references: _,
    } = readings;
    let mut listed = templates.as_ref().map_err(Words::clone)?.iter();
    let seen = listed.find(|seen| seen.id == template);
    let seen = seen.ok_or_else(|| Words::from("it is not among the launch templates of its account"))?;
    let mut named = BTreeMap::new();
    let mut name = |version: u64, by: &dyn Fn() -> String| {
        let namers: &mut Namers = named.entry(version).or_insert_with(|| Namers::first(by()));
        namers.count += 1;
    };
    name(seen.default, &|| String::from("its default version"));
    name(seen.latest, &|| String::from("its latest version"));
    for (list, words) in [
        (groups, WordsMean::WhatTheyMeanNow),
        (fleets, WordsMean::WhatTheyMeantOnce),
        (spot_fleets, WordsMean::WhatTheyMeantOnce),
        (spot_requests, WordsMean::WhatTheyMeanNow),
    ] {
        for launcher in list.as_ref().map_err(Words::clone)? {
            for launch in &launcher.launches {
                let by = || said(launcher, launch);
                match (version_of(launch, seen), words) {
                    (None, _) => {}
                    (Some(VersionBy::Default | VersionBy::Latest), WordsMean::WhatTheyMeantOnce) => {
                        return Err(Words::from(format!(
                            "{} names $Default or $Latest, and no list tells which version that was when it began",
                            by()
                        )));
                    }
                    (Some(version), _) => name(seen.number(version), &by),
                }
            }
        }
    }
    // What an instance was started by it may be started by again.
    for instance in instances.as_ref().map_err(Words::clone)? {
        if let Some((_, version)) = instance.template.filter(|(id, _)| *id == template) {
            name(version, &|| instance_hop(instance).to_string());
        }
    }
    if named.len() > MOST {
        return Err(Words::from(format!("more than {MOST} of its versions are named")));
    }
    Ok((seen.latest, named))
}

/// What a launcher goes by that names `$Default` or `$Latest`.
#[derive(Clone, Copy)]
enum WordsMean {
    /// A group looks with each launch.
    WhatTheyMeanNow,
    /// A fleet looks when it begins, and where it is not listed with the number that it found, nobody knows which that was.
    WhatTheyMeantOnce,
}

/// By which of a template's versions a launch is, where it is by that template.
fn version_of(launch: &Launch, seen: &TemplateSeen) -> Option<VersionBy> {
    match &launch.what {
        Launched::Template { by, version } => {
            let is_meant = match by {
                TemplateBy::Id(id) => *id == seen.id,
                TemplateBy::Name(name) => *name == seen.name,
            };
            is_meant.then_some(*version)
        }
        Launched::Image(_) | Launched::Configuration(_) => None,
    }
}

fn said(launcher: &Launcher, launch: &Launch) -> String {
    match &launch.within {
        Some(within) => format!("{} → {within}", launcher.user),
        None => launcher.user.to_string(),
    }
}

/// Whether a list was read to its end, and is believed; or why not.
fn believed(source: Source, runs: &[SourceRun]) -> Result<(), Words> {
    let run = runs.iter().find(|run| run.source == source);
    match run.map(|run| &run.said) {
        Some(Said::Complete(_)) => Ok(()),
        Some(Said::Implausible { count, usual }) => Err(Words::from(format!(
            "of {source} {count} were listed where {usual} are usual"
        ))),
        Some(Said::Unread(why)) => Err(Words::from(format!("{source} could not be read: {why}"))),
        None => Err(Words::from(format!("{source} were not read"))),
    }
}

/// Who names a version.
struct Namers {
    first: String,
    count: usize,
}

impl Namers {
    const fn first(first: String) -> Self {
        Self { first, count: 0 }
    }

    fn of(self, version: u64) -> VersionNamed {
        VersionNamed {
            version,
            by: Words::from(self.first),
            more: self.count.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests;
