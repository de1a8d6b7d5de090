//! What people say of releases: revoked, back again, exempt or no longer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use steward::lineage::{Exemption, Lifted, Reach, Revocation};
use steward::{Heard, ReleaseId, Timestamp, Words, plural};
use steward_aws::Record;

use crate::failure::Failure;
use crate::given::Exempt;
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

/// Lets a release be used although something it came from is revoked; or no longer, where no end is given.
pub(crate) async fn exempt(hub: &Hub, given: &Exempt) -> Result<String, Failure> {
    let Exempt {
        what: word,
        until: end,
        end: _,
        because,
    } = given;
    let why = reason(because)?;
    let Some(end) = end else {
        return end_exemptions(hub, word, why).await;
    };
    let now = hub.now()?;
    let until = until(end, now)?;
    let (caller, record, releases) = found(hub, word).await?;
    for release in &releases {
        let exemption = Exemption {
            who: caller.arn.clone(),
            why: why.clone(),
            until,
            ended: None,
        };
        record.exempt(*release, exemption, now).await?;
    }
    Ok(format!(
        "Until {until} {} may be used whatever is revoked above it; what was said of it itself holds.",
        listed_of(&record, &releases).await?
    ))
}

/// Ends what lets a release be used although something it came from is revoked.
async fn end_exemptions(hub: &Hub, word: &str, why: String) -> Result<String, Failure> {
    let (caller, record, releases) = found(hub, word).await?;
    let titles = listed_of(&record, &releases).await?;
    let ended = Lifted {
        who: caller.arn,
        why,
        at: hub.now()?,
    };
    let mut count = 0;
    for release in &releases {
        for (n, exemption) in record.end_exemptions(*release, &ended).await?.iter().enumerate() {
            let says = format!(
                "{} ended what {} exempted until {} ({}): {}",
                ended.who, exemption.who, exemption.until, exemption.why, ended.why
            );
            let event = format!("exempt#ended#{}#{n}", ended.at);
            hear(&record, *release, (event, says), ended.at).await?;
            count += 1;
        }
    }
    if count == 0 {
        return Err(Failure::Mistake(format!(
            "nothing exempts {titles}: there is nothing to end."
        )));
    }
    let mut text = format!("Ended: {count} exemption{} of {titles}.", plural(count));
    for still in still_revoked(&record, &releases, &BTreeMap::new(), ended.at).await? {
        let _ = write!(text, "\n{still}");
    }
    Ok(text)
}

/// Writes into the journal of a release what a person said of it.
pub(crate) async fn hear(
    record: &Record,
    release: ReleaseId,
    (event, says): (String, String),
    now: Timestamp,
) -> Result<(), Failure> {
    let heard = Heard {
        event,
        at: now,
        says: Words::from(says),
    };
    Ok(record.hear(release, &heard, now).await.map(drop)?)
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
