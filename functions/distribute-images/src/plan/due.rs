//! What of a family is due where.

use std::collections::{BTreeMap, BTreeSet};

use steward::sweep::{LastLooked, Rest, Sweep};
use steward::{FamilyName, ReleaseId, Target};
use steward_aws::Problem;
use steward_lambda::Moment;
use tracing::warn;

use super::family::Family;
use crate::Room;

/// What is due of a family in a target.
pub(crate) struct Due {
    pub(crate) target: Target,
    pub(crate) family: FamilyName,
    /// Releases to look at that channels point to or that somebody asked for, the newest first.
    pub(crate) pointed: Vec<ReleaseId>,
    /// The others, the newest first.
    pub(crate) others: Vec<ReleaseId>,
    /// Where it is to be looked at how its channels are published: when that was done last.
    pub(crate) publish: Option<LastLooked>,
    /// Where it is to be looked at what the target's account sees of it: when that was done last.
    pub(crate) view: Option<LastLooked>,
}

impl Due {
    /// How many releases are to be looked at.
    pub(crate) fn releases(&self) -> usize {
        self.pointed.len() + self.others.len()
    }
}

/// What is due of a family, target by target. Where it rests with its members, and nobody knew, that is written down.
pub(crate) async fn due(room: &Room, family: &Family<'_>, moment: Moment) -> Result<Vec<Due>, Problem> {
    let pointed = family.held.pointed(family.manifest, moment.now);
    let gone = family.gone();
    let facts = family.facts(room, (&pointed, &gone), moment.now);
    let Sweep {
        releases,
        publications,
        views,
    } = Sweep::of(&facts);
    let mut due: BTreeMap<Target, Due> = BTreeMap::new();
    let nothing = |target| Due {
        target,
        family: family.manifest.family.clone(),
        pointed: Vec::new(),
        others: Vec::new(),
        publish: None,
        view: None,
    };
    let unknown = releases.iter().filter(|release| !release.due.is_empty());
    let unknown: BTreeSet<ReleaseId> = unknown.map(|release| release.release).collect();
    let built = room.record.available(&unknown).await?;
    for release in releases.iter().filter(|release| built.contains(&release.release)) {
        for target in &release.due {
            let due = due.entry(*target).or_insert_with(|| nothing(*target));
            let releases = if pointed.contains(&release.release) {
                &mut due.pointed
            } else {
                &mut due.others
            };
            releases.push(release.release);
        }
    }
    for (target, looked) in &publications.due {
        due.entry(*target).or_insert_with(|| nothing(*target)).publish = Some(*looked);
    }
    for (target, looked) in &views.due {
        due.entry(*target).or_insert_with(|| nothing(*target)).view = Some(*looked);
    }
    if family.held.rest.is_none() {
        let with_members = releases.iter().filter(|due| due.with_members.has_come(moment.now));
        let with_members = with_members.map(|due| due.release);
        let unbuilt = with_members.filter(|release| !built.contains(release)).collect();
        let sweep = Sweep {
            releases,
            publications,
            views,
        };
        if let Some(rest) = Rest::of(&facts, &sweep, &unbuilt) {
            // Where that is disturbed at this moment, the next sweep reads again: no reason to send less now.
            let family_name = &family.manifest.family;
            if let Err(problem) = room.record.write_rest(family_name, &family.before, &rest).await {
                warn!(family = %family_name, %problem, "that the family rests could not be written");
            }
        }
    }
    Ok(due.into_values().collect())
}
