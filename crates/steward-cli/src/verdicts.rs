//! What people say of releases: revoked, back again, exempt, held.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use steward::lineage::{Exemption, Lifted, Reach, Revocation};
use steward::{AmiId, ReleaseId, Timestamp, plural};
use steward_aws::{Hold, Record};

use crate::failure::Failure;
use crate::hub::Hub;
use crate::releases::found;
use crate::terminal::{agreed, one_line};
use crate::titled::{listed, titled, titles, way};
use crate::word::{parse, reason, until};

/// Says that nobody should use a release any more; what came from it with it, unless told otherwise.
pub(crate) async fn revoke(hub: &Hub, word: &str, because: &str, only: bool, yes: bool) -> Result<String, Failure> {
    let why = reason(because)?;
    let (caller, record, releases) = found(hub, word).await?;
    let titles = listed_of(&record, &releases).await?;
    let below = if only { 0 } else { below(&record, &releases).await? };
    let with = if only {
        String::from("nothing that came from it")
    } else {
        format!("{below} release{} that came from it, and each that will", plural(below))
    };
    agreed(yes, &format!("This revokes {titles}, and with it {with}."))?;
    for release in &releases {
        let revocation = Revocation {
            who: caller.arn.clone(),
            why: why.clone(),
            at: hub.now()?,
            inherited: !only,
            lifted: None,
        };
        record.revoke(*release, revocation).await?;
    }
    Ok(format!("Revoked: {titles}. `steward restore-release` takes it back."))
}

/// Takes back one revocation of each release itself: that of a moment, where there are several.
pub(crate) async fn restore(
    hub: &Hub,
    word: &str,
    of: Option<&str>,
    because: &str,
    yes: bool,
) -> Result<String, Failure> {
    let why = reason(because)?;
    let of = of.map(|of| parse::<Timestamp>(of, "--of")).transpose()?;
    let (caller, record, releases) = found(hub, word).await?;
    let mut wanted = BTreeMap::new();
    for release in &releases {
        let said = record.said(*release).await?;
        let holding: Vec<Revocation> = said
            .revocations
            .into_iter()
            .filter(|revocation| revocation.lifted.is_none() && of.is_none_or(|of| of == revocation.at))
            .collect();
        if holding.len() > 1 {
            let title = titled(&record, *release).await?;
            let lines: Vec<String> = holding
                .iter()
                .map(|revocation| one_line(&format!("  --of {}  {}", revocation.at, revocation.why)))
                .collect();
            return Err(Failure::Mistake(format!(
                "{title} is revoked more than once; nothing was done. Say which:\n{}",
                lines.join("\n")
            )));
        }
        let holding = holding.into_iter();
        wanted.extend(holding.map(|revocation| ((*release, revocation.at), revocation.why)));
    }
    let titles = listed_of(&record, &releases).await?;
    let mut text = format!("Nothing was revoked of {titles} itself.");
    if !wanted.is_empty() {
        let count = wanted.len();
        let whys: BTreeSet<String> = wanted.values().map(|why| one_line(why)).collect();
        let whys: Vec<String> = whys.into_iter().collect();
        let mut what = format!(
            "This takes back {count} revocation{} of {titles}: {}.",
            plural(count),
            whys.join("; ")
        );
        for still in still_revoked(&record, &releases, &wanted, hub.now()?).await? {
            let _ = write!(what, " {still}.");
        }
        agreed(yes, &what)?;
        let lifted = Lifted {
            who: caller.arn.clone(),
            why,
            at: hub.now()?,
        };
        for (release, made) in wanted.keys() {
            record.lift(*release, *made, &lifted).await?;
        }
        text = format!("Taken back: {count} revocation{} of {titles}.", plural(count));
    }
    for still in still_revoked(&record, &releases, &wanted, hub.now()?).await? {
        let _ = write!(text, "\n{still}");
    }
    Ok(text)
}

/// By what releases are revoked once these revocations are taken back, each of a release and a moment.
async fn still_revoked(
    record: &Record,
    releases: &BTreeSet<ReleaseId>,
    wanted: &BTreeMap<(ReleaseId, Timestamp), String>,
    now: Timestamp,
) -> Result<Vec<String>, Failure> {
    let mut left = BTreeSet::new();
    for release in releases {
        left.extend(record.causes(*release, now).await?);
    }
    left.retain(|cause| {
        !cause
            .path
            .first()
            .is_some_and(|of| wanted.contains_key(&(*of, cause.at)))
    });
    let mut still = Vec::new();
    for cause in left {
        let mut path = Vec::new();
        for step in &cause.path {
            path.push(titled(record, *step).await?);
        }
        still.push(format!("Still revoked by {}: {}", way(&path), one_line(&cause.why)));
    }
    Ok(still)
}

/// Lets a release be used although something it came from is revoked.
pub(crate) async fn exempt(hub: &Hub, word: &str, end: &str, because: &str) -> Result<String, Failure> {
    let why = reason(because)?;
    let now = hub.now()?;
    let until = until(end, now)?;
    let (caller, record, releases) = found(hub, word).await?;
    for release in &releases {
        let exemption = Exemption {
            who: caller.arn.clone(),
            why: why.clone(),
            until,
        };
        record.exempt(*release, exemption, now).await?;
    }
    Ok(format!(
        "Until {until} {} may be used whatever is revoked above it; what was said of it itself holds.",
        listed_of(&record, &releases).await?
    ))
}

/// Keeps an image until a time, whatever the rules say.
pub(crate) async fn hold(hub: &Hub, word: &str, end: &str, because: &str) -> Result<String, Failure> {
    let ami: AmiId = parse(word, "image")?;
    let why = reason(because)?;
    let at = hub.now()?;
    let until = until(end, at)?;
    let (caller, record) = hub.open().await?;
    let releases = record.releases_with(ami).await?;
    if releases.is_empty() {
        return Err(Failure::Mistake(format!(
            "{ami} is an image of no release in the record."
        )));
    }
    let hold = Hold {
        ami,
        who: caller.arn,
        why,
        at,
        until,
    };
    for release in releases {
        record.hold(release, &hold).await?;
    }
    Ok(format!("{ami} stays until {until}."))
}

pub(crate) async fn below(record: &Record, releases: &BTreeSet<ReleaseId>) -> Result<usize, Failure> {
    let mut below = BTreeSet::new();
    for release in releases {
        let reach = record.descendants(*release).await?;
        below.extend(reach.into_iter().map(|Reach { release, .. }| release));
    }
    Ok(below.len())
}

async fn listed_of(record: &Record, releases: &BTreeSet<ReleaseId>) -> Result<String, Failure> {
    Ok(listed(titles(record, releases).await?.values()))
}
