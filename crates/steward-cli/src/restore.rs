//! Bringing back what pruning took down: a person holds it, and the worker does the rest.

use std::collections::BTreeSet;

use steward::pruning::{Effect, PlacementSeen, PlacementStanding, ReleaseFacts, RunMode, Since, Switch};
use steward::{AmiId, Duration, FamilyName, Output, ReleaseId, Timestamp, headed, plural};
use steward_aws::{Around, Hold, Record};

use crate::failure::Failure;
use crate::given::Restore;
use crate::hub::Hub;
use crate::pruning::{Pruning, around, manifests};
use crate::recycled::{Away, Binned, away, bring_back};
use crate::releases::found;
use crate::terminal::{agreed, harmless};
use crate::word::{reason, until};

/// So long it is kept where nobody says how long.
const KEPT: Duration = Duration::days(30);

/// What is to be brought back, and what of the rest there is to say.
#[derive(Debug, Default)]
struct Found {
    down: Vec<(ReleaseId, AmiId)>,
    rows: Vec<[String; 4]>,
    by_others: Vec<AmiId>,
}

/// Holds the images that pruning took down, so that the next plan brings them back up.
pub(crate) async fn restore(hub: &Hub, given: &Restore) -> Result<String, Failure> {
    let Restore {
        what,
        until: end,
        because,
        yes,
    } = given;
    let because = because.as_deref().map(reason).transpose()?;
    let now = hub.now()?;
    let until = match end {
        Some(end) => until(end, now)?,
        None => now.saturating_add(KEPT),
    };
    let (caller, record, releases) = found(hub, what).await?;
    let why = because.unwrap_or_else(|| format!("{} restored it", caller.arn));
    if let Some(why) = record.is_behind(now).await? {
        return Err(Failure::Mistake(format!("{why}.")));
    }
    let mut cards = record.cards(&releases).await?;
    let families: BTreeSet<FamilyName> = cards.values().filter_map(|card| card.family.clone()).collect();
    let only = what.parse::<AmiId>().ok();
    let mut all = Found::default();
    let around = around(&record).await?;
    for family in &families {
        if !all.add((&record, &around), family, (&releases, only), now).await? {
            // Nothing would bring it up any more.
            cards.retain(|_, card| card.family.as_ref() != Some(family));
        }
    }
    let Found {
        mut down,
        mut rows,
        by_others,
    } = all;
    let Away { binned, said } = away(&caller, &record, &cards, only).await?;
    down.extend(binned.iter().map(|binned| (binned.release, binned.image.ami)));
    rows.extend(binned.iter().map(from_the_bin));
    let others = by_others.iter();
    let others = others.map(|ami| format!("{ami} was taken down by another hand, and stays as it is."));
    let others: Vec<String> = others.chain(said).collect();
    let Some(shown) = headed(["COMES BACK", "RELEASE", "WHERE", "FROM"], rows) else {
        let others = others.join(" ");
        let why = if others.is_empty() {
            String::from(
                "nothing of it is known to stand on a rung. What was deprecated within the hour may not be known yet: `steward hold` keeps an image all the same.",
            )
        } else {
            others
        };
        return Err(Failure::Mistake(format!(
            "there is nothing to restore of {what}: {why}"
        )));
    };
    let parts: Vec<String> = std::iter::once(shown).chain(others).collect();
    agreed(*yes, &harmless(&parts.join("\n\n")))?;
    for (release, ami) in &down {
        let hold = Hold {
            ami: *ami,
            who: caller.arn.clone(),
            why: why.clone(),
            at: now,
            until,
        };
        record.hold(*release, &hold).await?;
    }
    // Held first: what comes back is not to go again.
    let back = bring_back(&caller, &record, &binned, (&why, now)).await?;
    let mut acts = false;
    for family in &families {
        acts |= record
            .pruned(family)
            .await?
            .is_some_and(|last| last.mode == RunMode::Acts);
        record.plan_soon(family).await?;
    }
    let count = down.len() - binned.len() + back.images;
    if count == 0 {
        return Err(Failure::Mistake(format!(
            "nothing came back of {what}: {}",
            back.said.join(" ")
        )));
    }
    let then = then(acts, back.images > 0, around.switch());
    let told = format!(
        "{count} image{} stay{} until {until}. {then}",
        plural(count),
        if count == 1 { "s" } else { "" }
    );
    let lines: Vec<String> = std::iter::once(told).chain(back.said).collect();
    Ok(lines.join("\n"))
}

/// What becomes of what is held.
fn then(acts: bool, from_the_bin: bool, switch: &Switch) -> String {
    match (acts, switch) {
        (true, Switch::Paused(why)) => {
            format!("But the switch is thrown ({why}): nothing is brought up until `steward resume`.")
        }
        (true, Switch::On) if from_the_bin => String::from(
            "What came out of the Recycle Bin is looked at within the hour, and then brought up like the others: launch permissions that \
             were saved and are still declared with it. What Image Builder had of it is gone. `steward history` says whom it left out.",
        ),
        (true, Switch::On) => String::from(
            "The next sweep brings them back: launch permissions that were saved and are still declared with them. `steward history` says \
             whom it left out.",
        ),
        (false, _) => String::from("But this stack only looks: deploy it with Mode=act to have anything done."),
    }
}

fn from_the_bin(binned: &Binned) -> [String; 4] {
    let from = match binned.until {
        Some(until) => format!("the Recycle Bin, which holds it until {until}"),
        None => String::from("the Recycle Bin, already"),
    };
    let Output { target, ami } = binned.image;
    [ami.to_string(), binned.title.clone(), target.to_string(), from]
}

impl Found {
    /// What of a family is meant and stands on a rung; false where it makes no images of machines any more.
    async fn add(
        &mut self,
        (record, around): (&Record, &Around),
        family: &FamilyName,
        (releases, only): (&BTreeSet<ReleaseId>, Option<AmiId>),
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let held = manifests(record, Some(family.as_str())).await?;
        let Some((manifest, number)) = held.first() else {
            return Ok(false);
        };
        let (facts, plan) = Pruning::of(record, (manifest, *number), around, now).await?.right()?;
        let climbs = |ami: AmiId| {
            plan.steps
                .iter()
                .any(|step| matches!(step.effect, Effect::Restore { ami: of, .. } if of == ami))
        };
        for release in facts
            .releases
            .iter()
            .filter(|release| releases.contains(&release.release))
        {
            let meant = release
                .managed()
                .filter(|image| only.is_none_or(|only| only == image.ami));
            for image in meant.filter(|image| !climbs(image.ami)) {
                self.take(release, image);
            }
        }
        Ok(true)
    }

    fn take(&mut self, release: &ReleaseFacts, image: &PlacementSeen) {
        let (PlacementStanding::Deprecated(Since { by_us, .. }) | PlacementStanding::Disabled(Since { by_us, .. })) =
            image.standing
        else {
            return;
        };
        if !by_us {
            self.by_others.push(image.ami);
            return;
        }
        let rung = image.standing.rung().map(|rung| rung.to_string()).unwrap_or_default();
        self.rows.push([
            image.ami.to_string(),
            release.name.to_string(),
            image.target.to_string(),
            rung,
        ]);
        self.down.push((release.release, image.ami));
    }
}
