//! Whether Image Builder's own image of a build gets our tag. A pipeline's tags reach only the builds that a schedule starts; what a
//! person starts has none, and what retires images may change only what has one.

use super::decide::{LeftCause, Recorded, release_of, stands};
use crate::{AmiFacts, FamilyName, ImageBuildArn, ImageBuilderOwner, ReleaseId, Target, Words};

/// Image Builder's image of a build, as it describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputSeen {
    /// The family that its recipe and its distribution say it makes images of.
    pub makes: Option<FamilyName>,
    /// What our tag says on it.
    pub family: Option<Words>,
}

/// What is known when Image Builder's image of a build may get the tag.
#[derive(Clone, Copy, Debug)]
pub struct OutputFacts<'a> {
    /// Where Image Builder builds.
    pub hub: Target,
    /// An image that it made.
    pub image: &'a AmiFacts,
    /// What the record says of that.
    pub recorded: &'a Recorded,
    /// The build that it came from.
    pub build: &'a ImageBuildArn,
    /// What Image Builder says of it; none where it knows it no more.
    pub seen: Option<&'a OutputSeen>,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputFate {
    /// It gets the tag.
    Tag(OutputTagging),
    /// It wants nothing: it has the tag.
    Settled,
    /// Image Builder does not know it, by this look: it may be gone.
    Missed,
    /// It stays without.
    Left(LeftCause),
}

/// Image Builder's image of a build that gets the tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputTagging {
    /// Of which build.
    pub build: ImageBuildArn,
    /// Of which release.
    pub release: ReleaseId,
    /// What the tag will say.
    pub family: FamilyName,
}

/// The build behind an image of ours that a target's account owns. A copy of ours is of the build that its original is of.
pub fn output_of<'a>(image: &AmiFacts, target: Target, recorded: &'a Recorded) -> Option<&'a ImageBuildArn> {
    let build = recorded.build.as_ref().filter(|_| recorded.managed)?;
    let is_its_own = image.claims_build.as_ref() == Some(build);
    (is_its_own && image.family.is_some() && stands(image, target)).then_some(build)
}

/// Decides whether Image Builder's image of a build gets the tag of an image that it made. In doubt it is left as it is.
pub fn decide_output(facts: OutputFacts<'_>) -> OutputFate {
    let OutputFacts {
        hub,
        image,
        recorded,
        build,
        seen,
    } = facts;
    let Some(OutputSeen { makes, family: said }) = seen else {
        return OutputFate::Missed;
    };
    let Some(family) = &image.family else {
        return OutputFate::Settled;
    };
    let release = match release_of(recorded, family) {
        Ok(release) => release,
        Err(cause) => return OutputFate::Left(cause),
    };
    if *build.owner() != ImageBuilderOwner::Account(hub.account()) || build.region() != hub.region() {
        return OutputFate::Left(LeftCause::BuiltElsewhere(build.clone()));
    }
    if makes.as_ref() != Some(family) {
        return OutputFate::Left(LeftCause::MakesOthers(build.clone()));
    }
    match said {
        Some(said) if said.as_str() == family.as_str() => OutputFate::Settled,
        Some(said) => OutputFate::Left(LeftCause::OutputOtherwise(build.clone(), said.clone())),
        None => OutputFate::Tag(OutputTagging {
            build: build.clone(),
            release,
            family: family.clone(),
        }),
    }
}

#[cfg(test)]
mod tests;
