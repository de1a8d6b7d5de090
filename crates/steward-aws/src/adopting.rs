//! Adopting images: the world is read, what is adopted decided, and carried out with a person's own credentials.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Image, Tag};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::adopting::{
    Adopted, Adoption, AdoptionFacts, AdoptionRule, Claims, FoundImage, Taken, candidates, decide_adoption,
};
use steward::distribution::Grantee;
use steward::manifest::Manifest;
use steward::{AccountId, FamilyName, Intent, Output, Region, ReleaseId, SnapshotId, Target, Timestamp, Words, Worker};

use crate::evidence::image_seen;
use crate::tags::tags_of;
use crate::{AtTarget, Carried, FAMILY, FirstValue, ImagesOf, Problem, Record};

/// EC2 takes a thousand in one call, and asks for fewer.
const IN_ONE_CALL: usize = 200;
/// So many images are asked about, or written down, at a time.
const AT_ONCE: usize = 8;

/// Whoever adopts: where, into which record, and under whose name.
#[derive(Debug)]
pub struct Adopter<'a> {
    /// The account that owns the images, in each Region that is looked at.
    pub at: Vec<AtTarget>,
    /// The record.
    pub record: &'a Record,
    /// Who, for the record.
    pub who: &'a str,
    /// The family's manifest.
    pub manifest: &'a Manifest,
    /// All manifests that hold.
    pub families: &'a [Manifest],
    /// The Regions of its manifest that are not looked at.
    pub unseen: BTreeSet<Region>,
}

/// What came of adopting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdoptionDone {
    /// How many images are adopted now.
    pub images: usize,
    /// Those that became another's meanwhile, and copies of these.
    pub lost: Vec<Output>,
    /// Why it ended before its end: the switch.
    pub paused: Option<String>,
}

/// What calls were made so far.
#[derive(Clone, Copy, Debug)]
pub enum AdoptionProgress {
    /// The images of a target are listed.
    Listed(Target),
    /// Of so many images it is asked who may use them.
    Asking(usize),
    /// So many of all that are to be adopted are.
    Adopted(usize, usize),
}

impl Adopter<'_> {
    /// Reads the world and decides what would be adopted; changes nothing.
    pub async fn plan(&self, progress: &mut impl FnMut(AdoptionProgress)) -> Result<Adoption, Problem> {
        let (mut images, mut recorded) = (Vec::new(), BTreeMap::new());
        for at in &self.at {
            progress(AdoptionProgress::Listed(at.target()));
            images.extend(at.found_images(at.target().account()).await?);
            recorded.extend(self.recorded(at.target()).await?);
        }
        let adopted: Vec<Adopted> = self.record.adopted_of(&self.manifest.family).await?;
        let facts = AdoptionFacts {
            manifest: self.manifest,
            families: self.families,
            images: &images,
            adopted: &adopted,
            recorded: &recorded,
            unseen: &self.unseen,
        };
        let meant = candidates(facts);
        progress(AdoptionProgress::Asking(meant.len()));
        let (mut snapshots, mut grants) = (BTreeMap::new(), BTreeMap::new());
        for at in &self.at {
            let here = || meant.iter().filter(|image| image.facts.target == at.target());
            let behind: BTreeSet<SnapshotId> = here().flat_map(|image| image.facts.snapshots.clone()).collect();
            let seen = at.snapshots(&behind).await?.into_iter();
            snapshots.insert(at.target(), seen.map(|seen| (seen.snapshot, seen)).collect());
            let asked = iter(here().map(|image| launchers(at, image.output())));
            let asked: Vec<Option<(Output, BTreeSet<Grantee>)>> = asked.buffer_unordered(AT_ONCE).try_collect().await?;
            grants.extend(asked.into_iter().flatten());
        }
        Ok(decide_adoption(facts, &grants, &snapshots))
    }

    async fn recorded(&self, target: Target) -> Result<BTreeMap<Output, ReleaseId>, Problem> {
        let placed = self.record.placed_in(target).await?.into_iter();
        let known = placed.map(|placed| {
            let ami = placed.ami;
            (Output { target, ami }, placed.release)
        });
        Ok(known.collect())
    }

    /// Adopts these, some at a time: first our tag, then the record. Whoever dies between does the rest the next time.
    pub async fn adopt(
        &self,
        taken: &[Taken],
        why: &str,
        clock: impl Fn() -> Timestamp,
        progress: &mut impl FnMut(AdoptionProgress),
    ) -> Result<AdoptionDone, Problem> {
        let mut done = AdoptionDone::default();
        let Some(rule) = self.manifest.adopt.as_ref().map(AdoptionRule::of) else {
            return Ok(done);
        };
        if let Some(why) = self.record.is_behind(clock()).await? {
            done.paused = Some(why);
            return Ok(done);
        }
        let (family, clock, rule, all) = (&self.manifest.family, &clock, &rule, taken.len());
        for at in &self.at {
            // What an earlier run died of: the images themselves say whether it was made.
            let open = self.record.open_steps(Worker::Adopt, at.target()).await?;
            self.record.close_unwanted(&open, &BTreeSet::new(), clock()).await?;
        }
        let adopted = self.record.adopted_of(family).await?;
        let mut releases: BTreeSet<ReleaseId> = adopted.iter().map(|adopted| adopted.release).collect();
        // Originals first, wherever they are: a copy is an image of its original's release, and of none without it.
        for own in [true, false] {
            for at in &self.at {
                let of_it = |taken: &&Taken| taken.is_own == own && taken.image.target == at.target();
                let here: Vec<&Taken> = taken.iter().filter(of_it).collect();
                let (here, without): (Vec<&Taken>, Vec<&Taken>) = here
                    .into_iter()
                    .partition(|taken| own || releases.contains(&taken.release));
                done.lost.extend(without.iter().map(|taken| taken.output()));
                for some in batches(&here) {
                    if let Some(paused) = self.tag(at, some, clock()).await? {
                        done.paused = Some(paused);
                        return Ok(done);
                    }
                    let written = iter(some.iter().map(|taken| async move {
                        let now = clock();
                        let written = self.record.adopt(family, taken, (self.who, why, rule), now).await?;
                        Ok::<_, Problem>((*taken, written))
                    }));
                    let written: Vec<(&Taken, bool)> = written.buffer_unordered(AT_ONCE).try_collect().await?;
                    for (taken, written) in written {
                        if written {
                            done.images += 1;
                            releases.insert(taken.release);
                        } else {
                            done.lost.push(taken.output());
                        }
                    }
                    progress(AdoptionProgress::Adopted(done.images, all));
                }
            }
        }
        Ok(done)
    }

    /// Puts our tag on images and on their snapshots that lack it; why not, where the switch holds it back.
    async fn tag(&self, at: &AtTarget, some: &[&Taken], now: Timestamp) -> Result<Option<String>, Problem> {
        let family = &self.manifest.family;
        let lacking: BTreeSet<String> = some.iter().copied().flat_map(lacking).collect();
        let Some(first) = some.first().filter(|_| !lacking.is_empty()) else {
            return Ok(None);
        };
        let says = format!(
            "tag {} and {} more as of {family}, which {} adopts",
            first.image.ami,
            lacking.len() - 1,
            self.who
        );
        let intent = Intent {
            worker: Worker::Adopt,
            target: at.target(),
            step: first.image.ami.to_string(),
            release: first.release,
            says: Words::from(says),
        };
        let call = async |_| at.tag_as_of(&lacking, family).await;
        // What the stack says of the switch until somebody throws it is not known here.
        match Box::pin(self.record.carry_out(intent, FirstValue::Running, now, call)).await? {
            Carried::Made(()) => Ok(None),
            Carried::Failed(problem) | Carried::Waits(problem) => Err(problem),
            Carried::Paused(why) => Ok(Some(why)),
            Carried::ByAnother => Ok(Some(String::from(
                "somebody else adopts the same images at this moment",
            ))),
        }
    }
}

/// Those of an image and its snapshots that get our tag.
fn lacking(taken: &Taken) -> impl Iterator<Item = String> + '_ {
    let image = taken.untagged.then(|| taken.image.ami.to_string());
    image.into_iter().chain(taken.snapshots.iter().map(ToString::to_string))
}

/// As many at a time as one call takes with their snapshots.
fn batches<'a, 't>(taken: &'a [&'t Taken]) -> impl Iterator<Item = &'a [&'t Taken]> {
    let mut rest = taken;
    std::iter::from_fn(move || {
        let mut room = IN_ONE_CALL;
        let fits = rest.iter().take_while(|taken| {
            let wanted = 1 + taken.snapshots.len();
            let fits = wanted <= room;
            room = room.saturating_sub(wanted);
            fits
        });
        // One that alone is too much goes by itself.
        let (some, more) = rest.split_at(fits.count().max(1).min(rest.len()));
        rest = more;
        (!some.is_empty()).then_some(some)
    })
}

/// Who may launch an image; none where it is gone.
async fn launchers(at: &AtTarget, output: Output) -> Result<Option<(Output, BTreeSet<Grantee>)>, Problem> {
    let launchers = at.who_may_launch(output.ami).await?;
    Ok(launchers.map(|launchers| (output, launchers)))
}

impl AtTarget {
    /// Lists what an account owns, with all that tells whether it may be adopted.
    pub async fn found_images(&self, owner: AccountId) -> Result<Vec<FoundImage>, Problem> {
        self.described(&ImagesOf::Owner(owner), |image| self.found(image)).await
    }

    fn found(&self, image: &Image) -> Result<FoundImage, String> {
        let facts = self.facts(image)?;
        Ok(FoundImage {
            claims: Claims {
                owner: Some(facts.owner),
                alias: image.image_owner_alias().map(str::to_owned),
                name: image.name().map(str::to_owned),
                architecture: image
                    .architecture()
                    .map(|architecture| architecture.as_str().to_owned()),
                tags: tags_of(image.tags()),
            },
            public: image.public().unwrap_or_default(),
            protected: image_seen(image)?.protected.is_some(),
            facts,
        })
    }

    /// Puts our tag on these images and snapshots.
    async fn tag_as_of(&self, lacking: &BTreeSet<String>, family: &FamilyName) -> Result<(), Problem> {
        let doing = format!("tag {} images and snapshots as of {family}", lacking.len());
        let tag = Tag::builder().key(FAMILY).value(family.as_str()).build();
        self.writes.wait().await;
        self.create_tags(lacking, vec![tag], &doing).await
    }
}
