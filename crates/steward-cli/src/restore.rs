//! Bringing back what pruning took down: a person holds it, and the worker does the rest.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use steward::pruning::{Effect, PlacementSeen, PlacementStanding, PruningCall, ReleaseFacts, Rung, Switch};
use steward::{AmiId, Duration, FamilyName, Output, ReleaseId, Target, Timestamp, Words, Worker, headed, plural};
use steward_aws::{Around, Hold, OpenStep, Record};

use crate::failure::Failure;
use crate::given::Restore;
use crate::hub::Hub;
use crate::pruning::{Pruning, around, comes_back, manifests, plan_soon};
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
    /// The steps of pruning that are open where they are.
    open: BTreeMap<Target, Vec<OpenStep>>,
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
        open: _,
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
            ended: None,
        };
        record.hold(*release, &hold).await?;
    }
    // Held first: what comes back is not to go again.
    let back = bring_back(&caller, &record, &binned, (&why, now)).await?;
    let acts = plan_soon(&record, &families, now).await?;
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
        (true, Switch::On) if from_the_bin => String::from(
            "What came out of the Recycle Bin is looked at within the hour, and then brought up like the others: launch permissions that \
             were saved and are still declared with it. What Image Builder had of it is gone. `steward history` says whom it left out.",
        ),
        (acts, switch) => comes_back(acts, switch),
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
        let climbs = plan.steps.iter().filter_map(|step| match step.effect {
            Effect::Restore { ami, from, .. } => Some((ami, from)),
            _ => None,
        });
        let climbs: BTreeMap<AmiId, Rung> = climbs.collect();
        for release in facts
            .releases
            .iter()
            .filter(|release| releases.contains(&release.release))
        {
            let meant = release
                .managed()
                .filter(|image| only.is_none_or(|only| only == image.ami));
            for image in meant {
                let open = self.open_on(record, image).await?;
                self.take(release, image, (climbs.get(&image.ami).copied(), open));
            }
        }
        Ok(true)
    }

    /// A call on an image of which its worker has not heard yet what came of it.
    async fn open_on(&mut self, record: &Record, image: &PlacementSeen) -> Result<Option<Words>, Failure> {
        let steps = match self.open.entry(image.target) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(new) => new.insert(record.open_steps(Worker::ApplyPruning, image.target).await?),
        };
        let ami = image.ami;
        let snapshots = Vec::new();
        let moves = [
            PruningCall::Deprecate(ami),
            PruningCall::Disable(ami),
            PruningCall::Enable(ami),
            PruningCall::Deregister { ami, snapshots },
        ];
        let moves = moves.map(|call| call.key());
        // What AWS refused was not made.
        let mut open = steps.iter().filter(|open| open.failed.is_none());
        let of_it = open.find(|open| moves.contains(&open.intent.step));
        Ok(of_it.map(|open| open.intent.says.clone()))
    }

    fn take(&mut self, release: &ReleaseFacts, image: &PlacementSeen, (climbs, open): (Option<Rung>, Option<Words>)) {
        let rung = match image.standing {
            PlacementStanding::Unsettled(state) => state.to_string(),
            standing => standing.rung().map(|rung| rung.to_string()).unwrap_or_default(),
        };
        let from = match (climbs, image.standing, open) {
            (Some(from), _, _) => format!("{from}, and is on its way back already"),
            (None, _, Some(open)) => format!("{rung}, as far as is known: what came of `{open}` nobody has heard yet"),
            (None, PlacementStanding::Deprecated(since) | PlacementStanding::Disabled(since), None) => {
                if !since.by_us {
                    self.by_others.push(image.ami);
                    return;
                }
                rung
            }
            (None, PlacementStanding::Available | PlacementStanding::Unsettled(_), None) => return,
        };
        self.rows.push([
            image.ami.to_string(),
            release.name.to_string(),
            image.target.to_string(),
            from,
        ]);
        self.down.push((release.release, image.ami));
    }
}
