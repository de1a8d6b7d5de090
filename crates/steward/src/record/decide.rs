//! What a look at AWS adds to the record. Pure: what was read goes in, what is to be written comes out.

use std::collections::BTreeSet;

use super::container::{ContainerPlacement, Containers};
use super::facts::{AmiFacts, BuildFacts, Output, Reading};
use super::inputs::fingerprint;
use super::release::{Placement, Release};
use crate::{Architecture, BuildState, CanonicalName, ReleaseId, Target, Timestamp};

/// What the record already says of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// How far its build was.
    pub state: BuildState,
    /// Whether all its images were placements.
    pub placed: bool,
    /// Whether its lineage is whole.
    pub linked: bool,
    /// Whether all that Image Builder tells of it beside is in the record.
    pub detailed: bool,
}

impl Known {
    /// Whether looking again could add anything.
    pub const fn is_final(self) -> bool {
        self.state.ended() && self.placed && self.linked && self.detailed
    }

    /// Whether a build in this state has nothing to add. An ended one may have images that were not seen yet.
    pub const fn covers(self, state: BuildState) -> bool {
        self.is_final()
            || state.height() < self.state.height()
            || (state.height() == self.state.height() && !state.ended())
    }
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Whether the record has heard nothing of the build before.
    pub is_new: bool,
    /// The release as it is now; none where the record says as much or more.
    pub release: Option<Release>,
    /// Its images that were seen, but those that the record has as it says.
    pub placements: Vec<Placement>,
    /// Its container images that were seen, but those.
    pub containers: Vec<ContainerPlacement>,
    /// Its images that were not, and why. They are looked for again.
    pub unplaced: Vec<Unplaced>,
}

/// An image that is not a placement yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// Which, and where.
    pub image: String,
    /// Why not.
    pub cause: String,
}

/// Decides what a build and its images add to the record.
///
/// An image becomes a placement only if EC2 says in the account and Region that the build names that this account owns
/// it: the output of a build that only tests is its parent, which may be somebody else's. What a build left behind that
/// failed, it does not name: it was looked for where its images were to go, and `missed` are the targets in which nobody
/// could. EC2 may list an image late, so that one look is not enough to say that there are no more.
pub fn decide_recording(
    known: Option<Known>,
    build: &BuildFacts,
    readings: &[(Output, Reading)],
    missed: &[Target],
    made: &Containers,
    now: Timestamp,
) -> Recording {
    let BuildFacts {
        build: arn,
        state,
        reason,
        failure,
        family,
        recipe,
        parent: _,
        components,
        pipeline,
        created,
        outputs,
        containers: _,
        distributed_to: _,
        build_type,
        scan: _,
    } = build;
    let name = CanonicalName::Build(arn.clone());
    let (mut placements, mut unplaced, mut architectures) = (Vec::new(), Vec::new(), BTreeSet::new());
    for output in outputs {
        let reading = readings
            .iter()
            .find(|(read, _)| read == output)
            .map(|(_, reading)| reading);
        match place(name.id(), *output, reading, Some(build), now) {
            Ok((placement, architecture)) => {
                placements.push(placement);
                architectures.extend(architecture);
            }
            Err(NotPlaced::Yet(cause)) => unplaced.push(Unplaced {
                image: format!("{} in {}", output.ami, output.target),
                cause,
            }),
            Err(NotPlaced::Ever) => {}
        }
    }
    let (containers, missing) = made.placed(build, now);
    if !containers.is_empty() {
        architectures.extend(made.architecture);
    }
    unplaced.extend(missing.into_iter().map(|(image, cause)| Unplaced { image, cause }));
    // What a build names when it ended stays what it names. What it left behind is looked for, and may be found late.
    let are_written = known.is_some_and(|known| known.placed) && !state.left_off();
    let looked_before = known.is_some_and(|known| known.state == *state);
    let all_found = !state.left_off() || (missed.is_empty() && looked_before);
    let placed = state.ended() && unplaced.is_empty() && all_found;
    let says_as_much =
        known.is_some_and(|known| known.covers(*state) || (known.state == *state && known.placed == placed));
    let release = (!says_as_much).then(|| Release {
        name,
        state: *state,
        reason: reason.clone(),
        failure: failure.clone(),
        family: family.clone(),
        architecture: only(architectures),
        recipe: recipe.clone(),
        components: components.clone(),
        fingerprint: fingerprint(build),
        pipeline: pipeline.clone(),
        created: *created,
        build_type: build_type.clone(),
        placed,
    });
    Recording {
        is_new: known.is_none(),
        release,
        placements: if are_written { Vec::new() } else { placements },
        containers: if are_written { Vec::new() } else { containers },
        unplaced,
    }
}

enum NotPlaced {
    /// Another look may see it.
    Yet(String),
    /// It is not ours, and will not become so.
    Ever,
}

fn place(
    release: ReleaseId,
    output: Output,
    reading: Option<&Reading>,
    build: Option<&BuildFacts>,
    now: Timestamp,
) -> Result<(Placement, Option<Architecture>), NotPlaced> {
    let AmiFacts {
        target,
        ami,
        owner,
        state,
        name,
        created,
        architecture,
        family: _,
        claims_build,
        snapshots,
        size,
        watermarks,
        source: _,
        from_instance: _,
    } = match reading {
        Some(Reading::Seen(facts)) => &**facts,
        Some(Reading::Missing) => return Err(NotPlaced::Yet(String::from("EC2 does not know it"))),
        Some(Reading::Unreadable(why)) => return Err(NotPlaced::Yet(why.clone())),
        None => return Err(NotPlaced::Yet(String::from("nobody looked at it"))),
    };
    if (*target, *ami) != (output.target, output.ami) {
        return Err(NotPlaced::Yet(format!("what was looked at is {ami} in {target}")));
    }
    if *owner != target.account() {
        return Err(NotPlaced::Ever);
    }
    // A build that only tests has its parent for output, which may be the hub's own: another build made it, or it was there
    // before this one began.
    if let Some(build) = build {
        let of_another = claims_build.as_ref().is_some_and(|claimed| *claimed != build.build);
        let older = matches!((created, build.created), (Some(made), Some(began)) if *made < began);
        if of_another || older {
            return Err(NotPlaced::Ever);
        }
    }
    if !state.settled() {
        return Err(NotPlaced::Yet(format!("it is still {state}")));
    }
    let placement = Placement {
        release,
        target: *target,
        ami: *ami,
        managed: build.is_some(),
        state: *state,
        name: name.clone(),
        created: *created,
        snapshots: snapshots.clone(),
        size: *size,
        watermarks: watermarks.clone(),
        seen: now,
    };
    Ok((placement, *architecture))
}

/// Decides whether an image is a copy of a release's that another hand made in an account of ours. An image of an instance
/// is none, whatever the instance ran from.
pub fn decide_copy(release: ReleaseId, image: &AmiFacts, now: Timestamp) -> Option<Placement> {
    let output = Output {
        target: image.target,
        ami: image.ami,
    };
    if image.from_instance {
        return None;
    }
    let reading = Reading::Seen(Box::new(image.clone()));
    let (placement, _) = place(release, output, Some(&reading), None, now).ok()?;
    Some(placement)
}

/// The one there is; images of two architectures are not one release's, and then it has none.
fn only(architectures: BTreeSet<Architecture>) -> Option<Architecture> {
    let mut architectures = architectures.into_iter();
    match (architectures.next(), architectures.next()) {
        (Some(architecture), None) => Some(architecture),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
