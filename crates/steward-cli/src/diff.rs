//! In what two releases differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use steward::lineage::{Card, Reach};
use steward::{
    Architecture, ComponentDifference, Details, Findings, PackageDifference, RecipeArn, ReleaseId,
    VulnerabilityDifferences, Words, component_differences, package_differences,
};
use steward_aws::Record;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::releases::found;
use crate::thing::find;
use crate::titled::{Titled, listed, titles};

/// What there is to compare of what two words mean.
#[derive(Serialize)]
struct Answer {
    /// Architecture by architecture.
    compared: Vec<Differences>,
    /// Releases of an architecture that the other side has none of.
    only_before: Vec<Titled>,
    only_after: Vec<Titled>,
}

/// In what one release differs from another; none where it does not, or where nobody knows.
#[derive(Serialize)]
struct Differences {
    before: Titled,
    after: Titled,
    parents: Option<Change<Vec<Titled>>>,
    /// Further up, the nearest first.
    above: Vec<Above>,
    recipe: Option<Change<Option<RecipeArn>>>,
    components: Vec<ComponentDifference>,
    findings: Option<Change<Option<Findings>>>,
    /// None where one of them was not scanned.
    vulnerabilities: Option<VulnerabilityDifferences>,
    workflows: Change<BTreeSet<Ended>>,
    /// What the volumes of their images hold, in GiB.
    volumes: Option<Change<Option<u32>>>,
    /// None where the packages of only one of them are known.
    packages: Option<Vec<PackageDifference>>,
    /// What the two are in a few words, for people.
    #[serde(skip)]
    details: String,
}

/// What it was, and what it is.
#[derive(Serialize, PartialEq, Eq)]
struct Change<T> {
    before: T,
    after: T,
}

/// What they came from so many steps further up, where that is another.
#[derive(Serialize)]
struct Above {
    /// Two: what their parents came from.
    steps: u16,
    #[serde(flatten)]
    change: Change<Vec<Titled>>,
}

/// A workflow, and how it ended.
#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Ended {
    workflow: Words,
    status: Words,
}

type Newest = BTreeMap<Option<Architecture>, (ReleaseId, Card)>;

/// Architecture by architecture, what went into the one and not into the other.
pub(crate) async fn diff(hub: &Hub, before: &str, after: &str, format: Format) -> Result<String, Failure> {
    let (caller, record, old) = found(hub, before).await?;
    let new = find(&record, caller.hub, after).await?;
    let (old, new) = (newest(&record, &old).await?, newest(&record, &new).await?);
    let mut compared = Vec::new();
    for (architecture, old) in &old {
        if let Some(new) = new.get(architecture) {
            compared.push(between(&record, old, new).await?);
        }
    }
    if compared.is_empty() {
        return Err(Failure::Mistake(format!(
            "{before} and {after} have no architecture in common: nothing can be compared."
        )));
    }
    let answer = Answer {
        compared,
        only_before: only(&old, &new),
        only_after: only(&new, &old),
    };
    Ok(match format {
        Format::Json => json::text(&answer),
        Format::Text => answer.told(),
    })
}

/// The releases of an architecture that the others have none of.
fn only(some: &Newest, others: &Newest) -> Vec<Titled> {
    let only = some
        .iter()
        .filter(|(architecture, _)| !others.contains_key(architecture));
    only.map(|(_, (id, card))| Titled::of(*id, Some(card))).collect()
}

async fn between(
    record: &Record,
    (id, card): &(ReleaseId, Card),
    (other, other_card): &(ReleaseId, Card),
) -> Result<Differences, Failure> {
    let (old, new) = (record.details(*id).await?, record.details(*other).await?);
    let scanned = card.scanned.is_some() && other_card.scanned.is_some();
    let (ended, then_ended) = (ended(&old), ended(&new));
    let is_tombstone = record.tombstones(&BTreeSet::from([*id])).await?.contains(id);
    Ok(Differences {
        before: Titled::of(*id, Some(card)),
        after: Titled::of(*other, Some(other_card)),
        parents: change(parents(record, *id).await?, parents(record, *other).await?),
        above: above(record, *id, *other).await?,
        recipe: change(card.recipe.clone(), other_card.recipe.clone()),
        components: component_differences(&card.components, &other_card.components),
        findings: change(old.findings, new.findings),
        vulnerabilities: scanned.then(|| VulnerabilityDifferences::between(&old.vulnerabilities, &new.vulnerabilities)),
        volumes: change(size(record, *id).await?, size(record, *other).await?),
        workflows: Change {
            before: ended.difference(&then_ended).cloned().collect(),
            after: then_ended.difference(&ended).cloned().collect(),
        },
        packages: (old.packages.is_empty() == new.packages.is_empty())
            .then(|| package_differences(&old.packages, &new.packages)),
        details: card.details(is_tombstone),
    })
}

fn change<T: PartialEq>(before: T, after: T) -> Option<Change<T>> {
    (before != after).then_some(Change { before, after })
}

fn ended(details: &Details) -> BTreeSet<Ended> {
    let ended = details.workflows.iter().map(|run| Ended {
        workflow: run.workflow.clone(),
        status: run.status.clone(),
    });
    ended.collect()
}

/// Of each architecture the newest that was meant.
async fn newest(record: &Record, releases: &BTreeSet<ReleaseId>) -> Result<Newest, Failure> {
    let mut newest = Newest::new();
    for (release, card) in record.cards(releases).await? {
        let is_older = newest
            .get(&card.architecture)
            .is_some_and(|(_, known)| known.name > card.name);
        if !is_older {
            newest.insert(card.architecture, (release, card));
        }
    }
    Ok(newest)
}

/// What the volumes of a release's images hold; every copy has the same.
async fn size(record: &Record, release: ReleaseId) -> Result<Option<u32>, Failure> {
    let placements = record.placements(release).await?;
    Ok(placements.into_iter().find_map(|placement| placement.size))
}

async fn parents(record: &Record, release: ReleaseId) -> Result<Vec<Titled>, Failure> {
    let parents = record.parents(release).await?;
    titled_all(record, &parents.into_iter().map(|parent| parent.release).collect()).await
}

/// In what the ways up differ beyond the parents.
async fn above(record: &Record, before: ReleaseId, after: ReleaseId) -> Result<Vec<Above>, Failure> {
    let (old, new) = (way_up(record, before).await?, way_up(record, after).await?);
    let beyond: BTreeSet<u16> = old
        .keys()
        .chain(new.keys())
        .copied()
        .filter(|steps| *steps > 1)
        .collect();
    let none = BTreeSet::new();
    let mut above = Vec::new();
    for steps in beyond {
        let (before, after) = (old.get(&steps).unwrap_or(&none), new.get(&steps).unwrap_or(&none));
        if before != after {
            let change = Change {
                before: titled_all(record, before).await?,
                after: titled_all(record, after).await?,
            };
            above.push(Above { steps, change });
        }
    }
    Ok(above)
}

/// What a release came from, by how many steps it is up.
async fn way_up(record: &Record, release: ReleaseId) -> Result<BTreeMap<u16, BTreeSet<ReleaseId>>, Failure> {
    let mut way: BTreeMap<u16, BTreeSet<ReleaseId>> = BTreeMap::new();
    for Reach { depth, release } in record.ancestors(release).await? {
        way.entry(depth).or_default().insert(release);
    }
    Ok(way)
}

async fn titled_all(record: &Record, releases: &BTreeSet<ReleaseId>) -> Result<Vec<Titled>, Failure> {
    Ok(titles(record, releases).await?.into_values().collect())
}

impl Answer {
    fn told(&self) -> String {
        let mut text = String::new();
        for differences in &self.compared {
            let Differences {
                before, after, details, ..
            } = differences;
            let _ = writeln!(text, "{} → {}  {details}", before.title, after.title);
            let mut told = differences.lines();
            if told.is_empty() {
                told.push(String::from("nothing that is recorded differs"));
            }
            for line in told {
                let _ = writeln!(text, "  {line}");
            }
        }
        for (only, which) in [(&self.only_before, "first"), (&self.only_after, "second")] {
            if !only.is_empty() {
                let _ = writeln!(text, "Only of the {which}, and not compared: {}", listed(only));
            }
        }
        text.trim_end().to_owned()
    }
}

impl Differences {
    fn lines(&self) -> Vec<String> {
        let Self {
            before: _,
            after: _,
            parents,
            above,
            recipe,
            components,
            findings,
            vulnerabilities,
            workflows,
            volumes,
            packages,
            details: _,
        } = self;
        let mut told = Vec::new();
        let came_from = |parents: &Vec<Titled>| {
            let titles: Vec<&str> = parents.iter().map(|parent| parent.title.as_str()).collect();
            if titles.is_empty() {
                String::from("unknown")
            } else {
                titles.join(", ")
            }
        };
        told.extend(line("parent", parents.as_ref(), came_from));
        let further = above
            .iter()
            .filter_map(|Above { steps, change }| line(&format!("{steps} steps up"), Some(change), came_from));
        told.extend(further);
        let named = |recipe: &Option<RecipeArn>| recipe.as_ref().map_or_else(|| "none".into(), ToString::to_string);
        told.extend(line("recipe", recipe.as_ref(), named));
        told.extend(components.iter().flat_map(ComponentDifference::lines));
        let found = |findings: &Option<Findings>| match findings {
            None => String::from("not scanned"),
            Some(findings) => findings.to_string(),
        };
        told.extend(line("findings", findings.as_ref(), found));
        told.extend(vulnerabilities.iter().flat_map(VulnerabilityDifferences::lines));
        let gib = |size: &Option<u32>| size.map_or_else(|| String::from("unknown"), |size| format!("{size} GiB"));
        told.extend(line("volumes", volumes.as_ref(), gib));
        for (sign, ended) in [('-', &workflows.before), ('+', &workflows.after)] {
            let ended = ended.iter();
            told.extend(ended.map(|Ended { workflow, status }| format!("{sign} workflow {workflow}: {status}")));
        }
        match packages {
            None => told.push(String::from("the packages of one of them are not known")),
            Some(packages) => told.extend(packages.iter().map(ToString::to_string)),
        }
        told
    }
}

/// `~ recipe: … → …`, where it is another.
fn line<T>(what: &str, change: Option<&Change<T>>, shown: impl Fn(&T) -> String) -> Option<String> {
    let Change { before, after } = change?;
    Some(format!("~ {what}: {} → {}", shown(before), shown(after)))
}
