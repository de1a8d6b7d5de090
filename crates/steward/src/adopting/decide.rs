use std::collections::{BTreeMap, BTreeSet};

use super::BUILD;
use super::claims::Claims;
use super::left::{LeftAlone, WhyAlone};
use super::rule::AdoptionRule;
use crate::distribution::{FAMILY, Grantee, RELEASE, undeclared};
use crate::manifest::Manifest;
use crate::pruning::Line;
use crate::tagging::{
    LeftBare, Recorded, SnapshotSeen, Tagging, TaggingFacts, TaggingPlan, bare_snapshots, decide_tagging,
};
use crate::{
    AccountId, AmiFacts, AmiId, AmiState, CanonicalName, FamilyName, Output, Region, ReleaseId, SnapshotId, Target,
    Timestamp,
};

/// An image, as EC2 lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundImage {
    /// What the record keeps of images.
    pub facts: AmiFacts,
    /// What it says of itself.
    pub claims: Claims,
    /// Whether everybody may use it.
    pub public: bool,
    /// Whether EC2 would refuse to deregister it.
    pub protected: bool,
}

/// An image that was adopted, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The release that it is of: its own, or that of the image that it is a copy of.
    pub release: ReleaseId,
    /// Which image.
    pub output: Output,
    /// When EC2 made it.
    pub created: Timestamp,
    /// The line of that release.
    pub line: Line,
    /// By what its manifest said then.
    pub rule: AdoptionRule,
}

impl Adopted {
    /// Whether its release is its own; else it is a copy of another, and ranks as that does.
    pub fn is_own(&self) -> bool {
        self.release == own(self.output).id()
    }
}

/// What is known when images are adopted into a family.
#[derive(Clone, Copy, Debug)]
pub struct AdoptionFacts<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// All manifests that hold.
    pub families: &'a [Manifest],
    /// All images that the adopted owner has, in every target that is looked at.
    pub images: &'a [FoundImage],
    /// Those that were adopted before.
    pub adopted: &'a [Adopted],
    /// The releases that the record knows images to be of.
    pub recorded: &'a BTreeMap<Output, ReleaseId>,
    /// Regions where it may have images that were not looked at.
    pub unseen: &'a BTreeSet<Region>,
}

/// What is to be adopted, and what is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The family.
    pub family: FamilyName,
    /// What is to be adopted: line by line, the oldest first.
    pub taken: Vec<Taken>,
    /// What was adopted before by what its manifest says now, and is still there.
    pub before: Vec<(Output, Line)>,
    /// What is as the manifest says, and is left alone.
    pub left: Vec<LeftAlone>,
    /// Snapshots of adopted images that stay without our tag.
    pub bare: Vec<(Target, LeftBare)>,
    /// How many images are not as the manifest says.
    pub others: usize,
}

/// An image that is to be adopted: for the first time, or anew because its manifest says otherwise by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// It, as EC2 describes it.
    pub image: AmiFacts,
    /// When it was made.
    pub created: Timestamp,
    /// Its line.
    pub line: Line,
    /// The release that it is of.
    pub release: ReleaseId,
    /// Whether that is its own; else it is a copy of another.
    pub is_own: bool,
    /// Whether it lacks our tag.
    pub untagged: bool,
    /// Those of its snapshots that get our tag.
    pub snapshots: BTreeSet<SnapshotId>,
}

impl Taken {
    /// Which image, and where.
    pub const fn output(&self) -> Output {
        Output {
            target: self.image.target,
            ami: self.image.ami,
        }
    }

    /// What it is a copy of, in the same account; none: it is none.
    fn original(&self) -> Option<Output> {
        let (region, ami) = self.image.source.filter(|_| !self.image.from_instance)?;
        let target = Target::new(self.image.target.account(), region);
        Some(Output { target, ami })
    }

    /// What its release is called, where that is its own.
    pub fn name(&self) -> CanonicalName {
        own(self.output())
    }
}

/// The images of which it must be known who may use them: those that nothing else keeps from being adopted.
pub fn candidates(facts: AdoptionFacts<'_>) -> Vec<&FoundImage> {
    let before = adopted_before(facts);
    let images = facts.images.iter();
    let new = images.filter(|image| !before.contains_key(&image.output()));
    new.filter(|image| matches!(judge(facts, image), Some(Ok(_)))).collect()
}

/// Decides which images are adopted, by who may use each of the [`candidates`] and by their snapshots that lack our tag.
///
/// Each is a release by itself, but a copy of one that is adopted, too: that is another image of its release.
pub fn decide_adoption(
    facts: AdoptionFacts<'_>,
    grants: &BTreeMap<Output, BTreeSet<Grantee>>,
    snapshots: &BTreeMap<Target, BTreeMap<SnapshotId, SnapshotSeen>>,
) -> Adoption {
    let mut adoption = Adoption {
        family: facts.manifest.family.clone(),
        taken: Vec::new(),
        before: Vec::new(),
        left: Vec::new(),
        bare: Vec::new(),
        others: 0,
    };
    let before = adopted_before(facts);
    for image in facts.images {
        let output = image.output();
        if let Some(adopted) = before.get(&output) {
            adoption.before.push((output, adopted.line.clone()));
            continue;
        }
        let Some(judged) = judge(facts, image) else {
            adoption.others += 1;
            continue;
        };
        let owner = output.target.account();
        let judged = judged.and_then(|found| may_go(facts, owner, grants.get(&output)).map(|()| found));
        match judged {
            Ok((line, created)) => adoption.taken.push(Taken {
                created,
                line,
                release: own(output).id(),
                is_own: true,
                untagged: image.facts.family.is_none(),
                snapshots: BTreeSet::new(),
                image: image.facts.clone(),
            }),
            Err(why) => adoption.left.push(LeftAlone {
                ami: output.ami,
                target: output.target,
                name: image.facts.name.clone(),
                why,
            }),
        }
    }
    leave_copies_of_the_left(facts, &mut adoption);
    join_copies(facts, &before, &mut adoption);
    adoption.taken.sort_by(|one, other| {
        let key = |taken: &Taken| (taken.created, taken.image.ami, taken.image.target);
        (&one.line, key(one)).cmp(&(&other.line, key(other)))
    });
    adoption
        .left
        .sort_by_key(|left| (left.target, left.name.clone(), left.ami));
    tag_snapshots(facts, snapshots, &mut adoption);
    adoption
}

/// What was adopted by what the manifest says now. All else is judged anew.
fn adopted_before(facts: AdoptionFacts<'_>) -> BTreeMap<Output, &Adopted> {
    let rule = facts.manifest.adopt.as_ref().map(AdoptionRule::of);
    let adopted = facts
        .adopted
        .iter()
        .filter(|adopted| Some(&adopted.rule) == rule.as_ref());
    adopted.map(|adopted| (adopted.output, adopted)).collect()
}

/// What the release of an image is called that is one by itself.
fn own(output: Output) -> CanonicalName {
    CanonicalName::Ami {
        region: output.target.region(),
        id: output.ami,
    }
}

/// In which line an image would be, or why it is left alone; none where it is not as the manifest says.
fn judge(facts: AdoptionFacts<'_>, image: &FoundImage) -> Option<Result<(Line, Timestamp), WhyAlone>> {
    let adopt = facts.manifest.adopt.as_ref()?;
    image.claims.is_as(adopt).then(|| examine(facts, image))
}

fn examine(facts: AdoptionFacts<'_>, image: &FoundImage) -> Result<(Line, Timestamp), WhyAlone> {
    let Manifest { family, adopt, .. } = facts.manifest;
    let FoundImage {
        facts: seen,
        claims,
        public,
        protected,
    } = image;
    if let Some(service) = claims.service() {
        return Err(WhyAlone::Of(service));
    }
    if let Some(tag) = claims.tag(FAMILY).filter(|tag| *tag != family.as_str()) {
        return Err(WhyAlone::OtherFamily(tag.into()));
    }
    if claims.tag(BUILD).is_some() {
        return Err(WhyAlone::Built);
    }
    if claims.tag(RELEASE).is_some() {
        return Err(WhyAlone::Copied);
    }
    let output = image.output();
    if let Some(release) = facts.recorded.get(&output)
        && *release != own(output).id()
        && facts.adopted.iter().all(|adopted| adopted.release != *release)
    {
        return Err(WhyAlone::OfRelease(*release));
    }
    let others = facts.families.iter().filter(|other| other.family != *family);
    let also = |other: &&Manifest| other.adopt.as_ref().is_some_and(|adopt| claims.is_as(adopt));
    if let Some(other) = others.into_iter().find(also) {
        return Err(WhyAlone::AlsoOf(other.family.clone()));
    }
    match seen.state {
        AmiState::Available | AmiState::Disabled => {}
        state @ (AmiState::Pending
        | AmiState::Transient
        | AmiState::Invalid
        | AmiState::Deregistered
        | AmiState::Failed
        | AmiState::Error) => return Err(WhyAlone::Unsettled(state)),
    }
    let created = seen.created.ok_or(WhyAlone::Undated)?;
    if *public {
        return Err(WhyAlone::Public);
    }
    if *protected {
        return Err(WhyAlone::Protected);
    }
    let line = claims.line(adopt.as_ref()).map_err(WhyAlone::Ungrouped)?;
    Ok((line, created))
}

/// Who may use it and is not declared is asked by nobody whether they do.
fn may_go(facts: AdoptionFacts<'_>, owner: AccountId, grants: Option<&BTreeSet<Grantee>>) -> Result<(), WhyAlone> {
    let share_with = &facts.manifest.distribute.share_with;
    let others = undeclared(share_with, owner, grants.ok_or(WhyAlone::Gone)?);
    if others.is_empty() {
        Ok(())
    } else {
        Err(WhyAlone::SharedWith(others))
    }
}

/// Leaves copies alone whose original may be adopted yet: by themselves they would be newer than it, and it would go before them.
fn leave_copies_of_the_left(facts: AdoptionFacts<'_>, adoption: &mut Adoption) {
    let left = adoption.left.iter();
    let mut left: BTreeSet<Output> = left
        .map(|LeftAlone { ami, target, .. }| Output {
            target: *target,
            ami: *ami,
        })
        .collect();
    // What a copy was made from is older than the copy.
    adoption.taken.sort_by_key(|taken| taken.created);
    for taken in std::mem::take(&mut adoption.taken) {
        let why = match taken.original() {
            Some(Output { target, ami }) if facts.unseen.contains(&target.region()) => {
                Some(WhyAlone::OriginalUnseen(ami, target.region()))
            }
            Some(original) if left.contains(&original) => Some(WhyAlone::OriginalLeft(original.ami)),
            Some(_) | None => None,
        };
        match why {
            None => adoption.taken.push(taken),
            Some(why) => {
                left.insert(taken.output());
                adoption.left.push(LeftAlone {
                    ami: taken.image.ami,
                    target: taken.image.target,
                    name: taken.image.name,
                    why,
                });
            }
        }
    }
}

/// Makes copies of what is adopted images of its release. One of another line is by itself.
fn join_copies(facts: AdoptionFacts<'_>, before: &BTreeMap<Output, &Adopted>, adoption: &mut Adoption) {
    // What is gone is nobody's original any more.
    let there: BTreeSet<Output> = facts.images.iter().map(FoundImage::output).collect();
    let before = before.iter().filter(|(output, _)| there.contains(output));
    let mut known: BTreeMap<Output, (ReleaseId, Line)> = before
        .map(|(output, adopted)| (*output, (adopted.release, adopted.line.clone())))
        .collect();
    // The oldest first: a copy of a copy is one of the original's release, too.
    for taken in &mut adoption.taken {
        let source = taken.original().and_then(|original| known.get(&original));
        let recorded = facts.recorded.get(&taken.output());
        if let Some((release, line)) = source
            && *line == taken.line
            && recorded.is_none_or(|recorded| recorded == release)
        {
            taken.release = *release;
            taken.is_own = false;
        }
        known.insert(taken.output(), (taken.release, taken.line.clone()));
    }
    // Found as a copy of a release that it is no copy of by its line.
    let (taken, apart): (Vec<Taken>, Vec<Taken>) = std::mem::take(&mut adoption.taken).into_iter().partition(|taken| {
        facts
            .recorded
            .get(&taken.output())
            .is_none_or(|of| *of == taken.release)
    });
    adoption.taken = taken;
    adoption.left.extend(apart.into_iter().filter_map(|taken| {
        let release = *facts.recorded.get(&taken.output())?;
        Some(LeftAlone {
            ami: taken.image.ami,
            target: taken.image.target,
            name: taken.image.name,
            why: WhyAlone::OfRelease(release),
        })
    }));
}

/// Decides which snapshots get our tag, as of those of any image of ours: one in doubt leaves all of its image's.
fn tag_snapshots(
    facts: AdoptionFacts<'_>,
    snapshots: &BTreeMap<Target, BTreeMap<SnapshotId, SnapshotSeen>>,
    adoption: &mut Adoption,
) {
    let family = &adoption.family;
    let mut by_target: BTreeMap<Target, Vec<AmiFacts>> = BTreeMap::new();
    let taken: BTreeMap<Output, ReleaseId> = adoption
        .taken
        .iter()
        .map(|taken| (taken.output(), taken.release))
        .collect();
    for image in facts.images {
        let mut image = image.facts.clone();
        let output = Output {
            target: image.target,
            ami: image.ami,
        };
        if taken.contains_key(&output) {
            image.family = Some(family.clone());
        }
        by_target.entry(image.target).or_default().push(image);
    }
    let mut plans: BTreeMap<Output, BTreeSet<SnapshotId>> = BTreeMap::new();
    for (target, mut images) in by_target {
        // Those of images that were ours before are another's work.
        let ours = images
            .iter()
            .filter(|image| taken.contains_key(&Output { target, ami: image.ami }));
        let ours: Vec<AmiFacts> = ours.cloned().collect();
        let nothing = BTreeMap::new();
        let seen = snapshots.get(&target).unwrap_or(&nothing);
        let bare = bare_snapshots(&ours, &BTreeSet::new());
        let recorded = ours.iter().filter_map(|image| {
            let output = Output { target, ami: image.ami };
            let recorded = Recorded {
                release: *taken.get(&output)?,
                family: Some(family.clone()),
                managed: true,
                build: None,
            };
            Some((image.ami, recorded))
        });
        let recorded: BTreeMap<AmiId, Recorded> = recorded.collect();
        // First: what two images have is tagged with the one that is adopted.
        images.sort_by_key(|image| !recorded.contains_key(&image.ami));
        let TaggingPlan { tag, left } = decide_tagging(TaggingFacts {
            target,
            images: &images,
            bare: &bare,
            snapshots: seen,
            recorded: &recorded,
        });
        for Tagging { ami, snapshots, .. } in tag {
            plans.insert(Output { target, ami }, snapshots);
        }
        let ours = left.into_iter().filter(|left| recorded.contains_key(&left.ami));
        adoption.bare.extend(ours.map(|left| (target, left)));
    }
    for taken in &mut adoption.taken {
        taken.snapshots = plans.remove(&taken.output()).unwrap_or_default();
    }
}

impl FoundImage {
    /// Which, and where.
    pub const fn output(&self) -> Output {
        Output {
            target: self.facts.target,
            ami: self.facts.ami,
        }
    }
}
