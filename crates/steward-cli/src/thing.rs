//! What people name: a release, an image, or an ARN.

use std::collections::{BTreeMap, BTreeSet};

use steward::lineage::Card;
use steward::{AmiId, Architecture, CanonicalName, FamilyName, ImageArn, ReleaseId, ReleaseName, ResourceName, Target};
use steward_aws::Record;

use crate::failure::Failure;

/// Names that are told to somebody who mistyped one.
const MOST_NEAR: usize = 5;

/// How many letters of an image's id somebody gets wrong.
const MOST_WRONG: usize = 2;

/// The releases that a word means. `web/1.4.2` is one of each architecture and build, `web` the newest of each.
pub(crate) async fn find(record: &Record, hub: Target, word: &str) -> Result<BTreeSet<ReleaseId>, Failure> {
    if let Ok(ami) = word.parse::<AmiId>() {
        return of_image(record, hub, ami).await;
    }
    if let Some(image) = image_in(word) {
        let ami = image.parse::<AmiId>();
        let ami = ami.map_err(|error| Failure::Mistake(format!("invalid image: {error}.")))?;
        return of_image(record, hub, ami).await;
    }
    if word.starts_with("arn:") {
        let arn = word.parse::<ImageArn>();
        let arn = arn.map_err(|error| Failure::Mistake(format!("invalid ARN: {error}.")))?;
        return of_arn(record, hub, &arn).await;
    }
    if let Ok(name) = word.parse::<CanonicalName>() {
        return if record.knows(&name).await? {
            Ok(BTreeSet::from([name.id()]))
        } else {
            Err(unheard_of(&name, hub, &[]))
        };
    }
    if let Ok(name) = word.parse::<ReleaseName>() {
        return of_release_name(record, word, &name).await;
    }
    let Ok(family) = word.parse::<FamilyName>() else {
        return Err(Failure::Mistake(format!(
            "{word:?} names nothing: say a release (web/1.4.2), a family (web), an image (ami-0123456789abcdef0) or the ARN of a build."
        )));
    };
    Ok(newest_of(of_family(record, &family).await?))
}

/// Of each architecture the newest. They come in their order: the last of an architecture is its newest.
pub(crate) fn newest_of(releases: Vec<(ReleaseId, Card)>) -> BTreeSet<ReleaseId> {
    let newest: BTreeMap<Option<Architecture>, ReleaseId> =
        releases.into_iter().map(|(id, card)| (card.architecture, id)).collect();
    newest.into_values().collect()
}

/// Its releases with images; where there is none of that name, what failed or was cancelled, or is still under way.
async fn of_release_name(record: &Record, word: &str, name: &ReleaseName) -> Result<BTreeSet<ReleaseId>, Failure> {
    let meant = |known: &[(ReleaseId, Card)]| -> BTreeSet<ReleaseId> {
        let is_meant = |card: &Card| match &card.name {
            CanonicalName::Build(build) => name.names(build.version()),
            CanonicalName::Ami { .. } => false,
        };
        known
            .iter()
            .filter(|(_, card)| is_meant(card))
            .map(|(id, _)| *id)
            .collect()
    };
    let found = meant(&record.releases_of(name.family()).await?);
    if !found.is_empty() {
        return Ok(found);
    }
    let left_off = meant(&record.left_off_of(name.family()).await?);
    if !left_off.is_empty() {
        return Ok(left_off);
    }
    let under_way = meant(&record.under_way_of(name.family()).await?);
    if !under_way.is_empty() {
        return Ok(under_way);
    }
    Err(no_such(word, &of_family(record, name.family()).await?))
}

/// The image that an ARN of EC2's names, which has no account: `arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0`.
fn image_in(word: &str) -> Option<&str> {
    let mut parts = word.splitn(6, ':');
    let (Some("arn"), Some(_), Some("ec2"), Some(_), Some(_), Some(resource)) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return None;
    };
    resource.strip_prefix("image/")
}

/// That of a build; of a version the newest build of each architecture, as Image Builder takes it.
async fn of_arn(record: &Record, hub: Target, arn: &ImageArn) -> Result<BTreeSet<ReleaseId>, Failure> {
    if let Some(build) = arn.as_build() {
        let name = CanonicalName::Build(build);
        return if record.knows(&name).await? {
            Ok(BTreeSet::from([name.id()]))
        } else {
            Err(unheard_of(&name, hub, &of_name(record, arn.name()).await?))
        };
    }
    let known = of_name(record, arn.name()).await?;
    let version = arn.as_version();
    let is_meant = |card: &Card| match &card.name {
        CanonicalName::Build(build) => version.as_ref().is_some_and(|version| version.matches(build)),
        CanonicalName::Ami { .. } => false,
    };
    let meant: Vec<(ReleaseId, Card)> = known.iter().filter(|(_, card)| is_meant(card)).cloned().collect();
    if meant.is_empty() {
        return Err(no_such(&arn.to_string(), &known));
    }
    Ok(newest_of(meant))
}

/// The releases that are builds of an image of Image Builder's: its name begins with that of its family.
async fn of_name(record: &Record, name: &ResourceName) -> Result<Vec<(ReleaseId, Card)>, Failure> {
    let applied = record.all_applied().await?.into_iter().map(|applied| applied.family);
    let mut families: BTreeSet<FamilyName> = applied
        .filter(|family| name.as_str().starts_with(family.as_str()))
        .collect();
    families.extend(name.as_str().parse::<FamilyName>());
    let mut all = Vec::new();
    for family in families {
        all.extend(record.releases_of(&family).await?);
    }
    let is_of_it = |card: &Card| match &card.name {
        CanonicalName::Build(build) => build.name() == name,
        CanonicalName::Ami { .. } => false,
    };
    all.retain(|(_, card)| is_of_it(card));
    Ok(all)
}

async fn of_image(record: &Record, hub: Target, ami: AmiId) -> Result<BTreeSet<ReleaseId>, Failure> {
    let releases = record.releases_with(ami).await?;
    if !releases.is_empty() {
        return Ok(releases);
    }
    // One that was only met as somebody's ancestor.
    let name = CanonicalName::Ami {
        region: hub.region(),
        id: ami,
    };
    if record.knows(&name).await? {
        return Ok(BTreeSet::from([name.id()]));
    }
    let word = ami.to_string();
    let placed = record
        .placed_in(hub)
        .await?
        .into_iter()
        .map(|placed| placed.ami.to_string());
    let close = placed.filter(|known| strsim::damerau_levenshtein(&word, known) <= MOST_WRONG);
    let near = near(&word, close.collect(), "images of the hub").unwrap_or_default();
    Err(Failure::Mistake(format!(
        "the record has never heard of {ami}{near}; an ancestor of another Region is named ami:PARTITION:REGION:{ami}."
    )))
}

fn unheard_of(name: &CanonicalName, hub: Target, known: &[(ReleaseId, Card)]) -> Failure {
    let why = match name {
        CanonicalName::Build(_) => "the sweep after a build has ended writes it down",
        CanonicalName::Ami { .. } => {
            "an image from elsewhere is in it once it was adopted, or something was built on it"
        }
    };
    let titles = known.iter().map(|(_, card)| card.title()).collect();
    let near = near(&name.to_string(), titles, "releases").unwrap_or_default();
    Failure::Mistake(format!("the record of {hub} has never heard of {name}: {why}{near}."))
}

async fn of_family(record: &Record, family: &FamilyName) -> Result<Vec<(ReleaseId, Card)>, Failure> {
    let releases = releases_of(record, family).await?;
    if releases.is_empty() {
        return Err(Failure::Mistake(format!(
            "{family} has no release with images yet; `steward history {family}` says what was heard of it."
        )));
    }
    Ok(releases)
}

/// The releases of a family, which may have none yet; a word that is none is answered with those there are.
pub(crate) async fn releases_of(record: &Record, family: &FamilyName) -> Result<Vec<(ReleaseId, Card)>, Failure> {
    let releases = record.releases_of(family).await?;
    if !releases.is_empty() {
        return Ok(releases);
    }
    let applied = record.all_applied().await?;
    if applied.iter().any(|applied| applied.family == *family) {
        return Ok(releases);
    }
    let word = family.as_str();
    if word.starts_with("ami-") {
        return Err(Failure::Mistake(match word.parse::<AmiId>() {
            Ok(_) => format!("{word} is an image, and not a family: `steward explain {word}` says of which release."),
            Err(error) => format!("invalid image: {error}."),
        }));
    }
    let known = applied.iter().map(|applied| applied.family.to_string()).collect();
    let near = near(word, known, "families").unwrap_or_else(|| {
        String::from(", and no manifest was applied yet that would name others: `steward apply` does it")
    });
    Err(Failure::Mistake(format!(
        "the record has no release of {family}{near}."
    )))
}

fn no_such(word: &str, releases: &[(ReleaseId, Card)]) -> Failure {
    let known = releases.iter().map(|(_, card)| card.title()).collect();
    let near = near(word, known, "releases").unwrap_or_default();
    Failure::Mistake(format!("there is no release {word}{near}."))
}

/// The nearest of what there is; none where there is nothing.
pub(crate) fn near(word: &str, mut known: Vec<String>, what: &str) -> Option<String> {
    known.sort();
    known.dedup();
    known.sort_by_key(|known| strsim::damerau_levenshtein(word, known));
    known.truncate(MOST_NEAR);
    (!known.is_empty()).then(|| format!("; {what} there are: {}", known.join(", ")))
}
