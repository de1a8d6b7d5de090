//! What adoption would do, for people and for programs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::decide::{Adoption, Taken};
use super::left::LeftAlone;
use crate::manifest::{GroupKey, Manifest};
use crate::pruning::Line;
use crate::{
    AccountId, AmiId, Architecture, FamilyName, Output, Region, ReleaseId, SnapshotId, Timestamp, plural, table,
};

/// So many of those that are left alone for the same reason are named.
const NAMED: usize = 3;

/// What adoption would do, for programs.
#[derive(Debug, Serialize)]
pub struct AdoptionShown<'a> {
    family: &'a FamilyName,
    groups: Vec<Shelf<'a>>,
    images: Vec<Shown<'a>>,
    left: Vec<Left<'a>>,
    bare: Vec<Bare>,
    others: usize,
}

/// The images of a line.
#[derive(Debug, Serialize)]
struct Shelf<'a> {
    architecture: Architecture,
    group: BTreeMap<&'a str, &'a str>,
    /// How many releases they become.
    releases: usize,
    images: usize,
    /// How many were adopted before.
    adopted: usize,
    newest: Option<Newest>,
    gib: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Newest {
    image: AmiId,
    region: Region,
    created: Timestamp,
}

#[derive(Debug, Serialize)]
struct Shown<'a> {
    account: AccountId,
    region: Region,
    image: AmiId,
    name: &'a str,
    created: Timestamp,
    architecture: Architecture,
    group: BTreeMap<&'a str, &'a str>,
    release: ReleaseId,
    /// Whether it is a copy of another that is adopted.
    copy: bool,
    gib: u32,
    /// Those that get our tag.
    snapshots: &'a BTreeSet<SnapshotId>,
}

#[derive(Debug, Serialize)]
struct Left<'a> {
    account: AccountId,
    region: Region,
    image: AmiId,
    name: &'a str,
    rule: &'static str,
    why: String,
}

#[derive(Debug, Serialize)]
struct Bare {
    account: AccountId,
    region: Region,
    image: AmiId,
    why: String,
}

impl<'a> AdoptionShown<'a> {
    /// Of an adoption into the family of this manifest.
    pub fn new(adoption: &'a Adoption, manifest: &'a Manifest) -> Self {
        let Adoption {
            family,
            taken,
            before: _,
            left,
            bare,
            others,
        } = adoption;
        let image = |taken: &'a Taken| Shown {
            account: taken.image.target.account(),
            region: taken.image.target.region(),
            image: taken.image.ami,
            name: &taken.image.name,
            created: taken.created,
            architecture: taken.line.architecture,
            group: named(manifest, &taken.line),
            release: taken.release,
            copy: !taken.is_own,
            gib: taken.image.size,
            snapshots: &taken.snapshots,
        };
        let alone = |left: &'a LeftAlone| Left {
            account: left.target.account(),
            region: left.target.region(),
            image: left.ami,
            name: &left.name,
            rule: left.why.as_str(),
            why: left.why.to_string(),
        };
        Self {
            family,
            groups: groups(adoption, manifest),
            images: taken.iter().map(image).collect(),
            left: left.iter().map(alone).collect(),
            bare: bare
                .iter()
                .map(|(target, left)| Bare {
                    account: target.account(),
                    region: target.region(),
                    image: left.ami,
                    why: left.cause.to_string(),
                })
                .collect(),
            others: *others,
        }
    }
}

fn groups<'a>(adoption: &'a Adoption, manifest: &'a Manifest) -> Vec<Shelf<'a>> {
    let mut of: BTreeMap<&Line, Shelf<'_>> = BTreeMap::new();
    let nothing = |line: &'a Line| Shelf {
        architecture: line.architecture,
        group: named(manifest, line),
        releases: 0,
        images: 0,
        adopted: 0,
        newest: None,
        gib: 0,
    };
    for (_, line) in &adoption.before {
        of.entry(line).or_insert_with(|| nothing(line)).adopted += 1;
    }
    // The oldest first: the last is the newest.
    for taken in &adoption.taken {
        let group = of.entry(&taken.line).or_insert_with(|| nothing(&taken.line));
        group.images += 1;
        group.gib += u64::from(taken.image.size);
        if taken.is_own {
            group.releases += 1;
            let Output { target, ami } = taken.output();
            group.newest = Some(Newest {
                image: ami,
                region: target.region(),
                created: taken.created,
            });
        }
    }
    of.into_values().collect()
}

/// The values of the group keys that are tags, by these.
fn named<'a>(manifest: &'a Manifest, line: &'a Line) -> BTreeMap<&'a str, &'a str> {
    let keys = manifest.adopt.iter().flat_map(|adopt| adopt.group_by.iter());
    let keys = keys.filter_map(GroupKey::tag);
    keys.zip(line.group.iter().map(String::as_str)).collect()
}

/// The same for people.
pub fn adoption_text(adoption: &Adoption, manifest: &Manifest) -> String {
    let Adoption {
        family,
        taken,
        before,
        left,
        bare,
        others,
    } = adoption;
    let of_group = |group: &Shelf<'_>| {
        let values: Vec<String> = group
            .group
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let newest = group.newest.map(|newest| {
            let Newest { image, region, created } = newest;
            format!("{created} {image} in {region}")
        });
        let or_dash = |text: String| if text.is_empty() { String::from("-") } else { text };
        [
            or_dash(values.join(", ")),
            group.architecture.to_string(),
            group.releases.to_string(),
            group.images.to_string(),
            group.adopted.to_string(),
            group.gib.to_string(),
            or_dash(newest.unwrap_or_default()),
        ]
    };
    let mut parts = Vec::new();
    let groups = groups(adoption, manifest);
    if !groups.is_empty() {
        let headings = [
            "GROUP",
            "ARCHITECTURE",
            "RELEASES",
            "IMAGES",
            "ADOPTED",
            "GIB AT MOST",
            "NEWEST",
        ];
        let rows: Vec<_> = [headings.map(str::to_owned)]
            .into_iter()
            .chain(groups.iter().map(of_group))
            .collect();
        parts.push(table(&rows));
    }
    if !left.is_empty() {
        let mut of: BTreeMap<String, Vec<AmiId>> = BTreeMap::new();
        for LeftAlone { ami, why, .. } in left {
            of.entry(why.to_string()).or_default().push(*ami);
        }
        let lines = of.iter().map(|(why, images)| format!("  {}: {why}", some(images)));
        let lines: Vec<String> = lines.collect();
        parts.push(format!("Left alone:\n{}", lines.join("\n")));
    }
    if !bare.is_empty() {
        let lines = bare.iter().map(|(target, left)| format!("  {left} ({target})"));
        let lines: Vec<String> = lines.collect();
        parts.push(format!("Without our tag stay snapshots of:\n{}", lines.join("\n")));
    }
    let (new, snapshots) = (taken.len(), snapshots(taken));
    parts.push(format!(
        "{new} image{} to adopt into {family}, with {snapshots} snapshot{}; {} adopted before, {} left alone, {others} not as its manifest \
         says.",
        plural(new),
        plural(snapshots),
        before.len(),
        left.len()
    ));
    parts.join("\n\n")
}

/// How many snapshots get our tag.
fn snapshots(taken: &[Taken]) -> usize {
    taken.iter().map(|taken| taken.snapshots.len()).sum()
}

/// `ami-1, ami-2, ami-3 and 4 more`.
fn some(images: &[AmiId]) -> String {
    let named: Vec<String> = images.iter().take(NAMED).map(ToString::to_string).collect();
    match images.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
