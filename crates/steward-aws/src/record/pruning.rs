//! What the record has of a family, as its pruning is decided by.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join3, try_join4};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::adopting::{Adopted, AdoptionRule};
use steward::evidence::{
    Asked, Hop, LookedUp, Reaching, Said, Source, decide_reach, evidence_targets, knows_everybody,
};
use steward::manifest::Manifest;
use steward::organization::Gone;
use steward::pruning::{
    BuildOutput, BuildTime, BuildsOnIt, ExpendableSince, FRESH, LastRead, Makes, Needed, Place, PlacementSeen,
    PruningFacts, RecordedImage, RecordedUses, ReleaseFacts, Shared, SourceRead, Switch, TargetEvidence, Ungrouped,
    Waiver, Wishes, needed_evidence,
};
use steward::{CanonicalName, FamilyName, ImageBuildArn, Output, ReleaseId, Target, Timestamp, Words};

use super::retiring::RetiringRelease;
use super::wishes::Channels;
use super::{AT_ONCE, HeldAudience, Member, Record};
use crate::{FirstValue, Problem, SwitchState};

/// What holds of all families when their pruning is decided.
#[derive(Clone, Debug)]
pub struct Around {
    asked: BTreeMap<Target, Asked>,
    gone: Gone,
    waivers: BTreeMap<Target, Waiver>,
    switch: Switch,
}

impl Around {
    /// Whether anything may be done at all.
    pub fn switch(&self) -> &Switch {
        &self.switch
    }
}

impl Record {
    /// Reads what holds of all families.
    pub async fn around(&self, first: FirstValue) -> Result<Around, Problem> {
        let switch = async { Ok(self.may_act(first).await) };
        let (asked, gone, waivers, switch) = try_join4(self.asked(), self.gone(), self.waivers(), switch).await?;
        Ok(Around {
            asked,
            gone,
            waivers,
            switch: match switch {
                SwitchState::Running => Switch::On,
                SwitchState::Paused(why) => Switch::Paused(Words::from(why)),
            },
        })
    }

    /// All that is known of a family when its pruning is decided.
    pub async fn pruning_facts(
        &self,
        (manifest, number): (&Manifest, u32),
        around: &Around,
        now: Timestamp,
    ) -> Result<PruningFacts, Problem> {
        let (family, makes) = (&manifest.family, Makes::by(manifest));
        let (members, adopted, channels) = try_join3(
            self.members_of(family),
            self.adopted_of(family),
            self.channels_of(manifest, now),
        )
        .await?;
        let otherwise = adopted_otherwise(&adopted, manifest);
        let built = members.into_iter().map(built);
        let places = built.chain(adopted.into_iter().filter_map(adopted_by_itself));
        let known = (&channels, &otherwise);
        let releases = iter(places.map(|place| self.release_facts((family, makes), place, around, known, now)));
        let releases: Vec<Option<ReleaseFacts>> = releases.buffered(AT_ONCE).try_collect().await?;
        let releases: Vec<ReleaseFacts> = releases.into_iter().flatten().collect();
        let (evidence, shared) = match makes {
            Makes::Images => self.family_evidence((manifest, number), &releases, around, now).await?,
            // Nothing is done, whoever uses them.
            Makes::Containers => (Vec::new(), Shared::WithoutRoles),
        };
        let let_through = self.let_through(family).await?;
        let let_through = let_through.filter(|given| given.holds(number, now));
        Ok(PruningFacts {
            family: family.clone(),
            makes,
            retain: manifest.retain.clone(),
            shared,
            switch: around.switch.clone(),
            releases,
            evidence,
            accepted: let_through.map(|given| given.digest),
        })
    }

    async fn release_facts(
        &self,
        (family, makes): (&FamilyName, Makes),
        (release, place): (ReleaseId, Place),
        around: &Around,
        (wished, otherwise): (&Channels, &BTreeSet<Output>),
        now: Timestamp,
    ) -> Result<Option<ReleaseFacts>, Problem> {
        let Some(known) = self.retiring_release(release).await? else {
            return Ok(None);
        };
        let (images, holds) = try_join(self.retiring_images(release), self.holds(release)).await?;
        let containers = match makes {
            Makes::Images => Vec::new(),
            Makes::Containers => self.containers_there(release).await?,
        };
        let output_refused = known.refused();
        let RetiringRelease {
            name,
            state,
            created,
            expendable,
            output_announced,
            output_missed,
            ..
        } = known;
        let Wishes {
            holds,
            channels,
            may_run,
        } = wished.of(release, holds);
        let mut parent_of: BTreeSet<BuildsOnIt> = may_run.into_iter().collect();
        let (mut placements, mut gone) = (Vec::new(), Vec::new());
        for image in images {
            // Nobody launches anything in an account that is closed, and nobody can be let in: its copies hold up nobody.
            if image.target.account() != self.hub.account() && around.gone.closed.contains(&image.target.account()) {
                continue;
            }
            gone.extend(image.gone());
            let (image, uses) = self.as_seen(image, around).await?;
            let (uses, pipelines) = without_pipelines(uses);
            parent_of.extend(pipelines);
            placements.extend(image.placement(family, uses, now));
        }
        let build = match &name {
            CanonicalName::Build(build) => Some(build),
            CanonicalName::Ami { .. } => None,
        };
        let left_off = state.is_some_and(steward::BuildState::left_off);
        let is_otherwise = |image: &PlacementSeen| {
            let PlacementSeen { ami, target, .. } = *image;
            otherwise.contains(&Output { target, ami })
        };
        let place = if left_off {
            Place::LeftByFailedBuild
        } else if placements.iter().any(is_otherwise) {
            Place::Ungrouped(Ungrouped::Rule)
        } else {
            place
        };
        Ok(Some(ReleaseFacts {
            release,
            name: build.map_or_else(|| Words::from(name.to_string()), |build| title(family, build)),
            place,
            built: created.map_or(BuildTime::Absent, BuildTime::At),
            since: expendable.map_or(ExpendableSince::NotYet, ExpendableSince::Recorded),
            holds,
            channels,
            parent_of: parent_of.into_iter().collect(),
            output: build.zip(state).map(|(arn, state)| {
                Box::new(BuildOutput {
                    arn: arn.clone(),
                    state,
                    missed: output_missed,
                    announced: output_announced,
                    refused: output_refused,
                })
            }),
            placements,
            gone,
            containers,
        }))
    }

    /// An image as its owner and consumers see it, and who uses it.
    async fn as_seen(&self, image: RecordedImage, around: &Around) -> Result<(RecordedImage, RecordedUses), Problem> {
        let RecordedImage { ami, target, .. } = image;
        let mut image = RecordedImage {
            asked: around.asked.get(&target).and_then(|asked| asked.gathered),
            ..image
        };
        let mut known = RecordedUses::default();
        for held in self.uses_now(ami, target).await? {
            if held.source == Source::Images && held.target == target {
                image.seen = held.image;
            } else if let Some(seen) = held.image {
                known.views.push((held.target.account(), seen));
            }
            if held.source == Source::Reports && held.target == target {
                known.reported = held.reports.and_then(|reports| reports.read);
            }
            known.uses.extend(held.usage.map(|usage| (held.target, usage)));
        }
        Ok((image, known))
    }

    /// What is known of who uses a family's images, wherever its releases can reach, and who may.
    async fn family_evidence(
        &self,
        (manifest, number): (&Manifest, u32),
        releases: &[ReleaseFacts],
        around: &Around,
        now: Timestamp,
    ) -> Result<(Vec<TargetEvidence>, Shared), Problem> {
        let family = &manifest.family;
        let (reach, audience) = try_join(self.family_reach(family), self.audience(family)).await?;
        let looked_up = audience
            .as_ref()
            .and_then(|audience: &HeldAudience| audience.looked_up(number));
        let known = knows_everybody(manifest, looked_up, now);
        // Not only whom it reached when evidence was gathered last: this manifest may name others.
        let using = around.asked.iter().filter(|(_, asked)| asked.uses);
        let using = using.map(|(target, _)| target.account()).collect();
        let reach = decide_reach(&reach.reach, manifest, looked_up, (&using, &around.gone.closed), now);
        let reaching = Reaching {
            manifest: Some(manifest),
            reach: &reach,
            known,
        };
        let placed = releases.iter().flat_map(|release| &release.placements);
        let placed: BTreeSet<Target> = placed.map(|placement| placement.target).collect();
        let reached = evidence_targets(&placed, &[reaching], self.hub, &around.gone);
        let Needed { targets, shared } = needed_evidence(&reaching, &reached, (&placed, &around.asked));
        let evidence = iter(targets.iter().map(|target| self.target_evidence(*target, around, now)));
        let mut evidence: Vec<TargetEvidence> = evidence.buffered(AT_ONCE).try_collect().await?;
        if !known {
            evidence.push(self.of_unknown_accounts(looked_up));
        }
        Ok((evidence, shared))
    }

    async fn target_evidence(
        &self,
        target: Target,
        around: &Around,
        now: Timestamp,
    ) -> Result<TargetEvidence, Problem> {
        let asked = around.asked.get(&target);
        // A later reading that was not believed whole says what is doubted, source by source.
        let whole = asked.and_then(|asked| {
            asked
                .gathered
                .filter(|whole| asked.read.is_none_or(|read| read <= *whole))
        });
        // What is older is read source by source: some may be of now all the same.
        let is_fresh = whole.is_some_and(|at| now.checked_since(at).is_some_and(|age| age <= FRESH.length()));
        let sources = match whole.filter(|_| is_fresh) {
            Some(as_of) => vec![SourceRead {
                source: Words::from("every list"),
                last: Some(LastRead {
                    as_of,
                    said: Said::Complete(0),
                }),
            }],
            None => self.sources_of(target, now).await?,
        };
        Ok(TargetEvidence {
            target,
            sources,
            waiver: around.waivers.get(&target).cloned(),
        })
    }

    /// What came of reading each source of a target last.
    async fn sources_of(&self, target: Target, now: Timestamp) -> Result<Vec<SourceRead>, Problem> {
        let mut last: BTreeMap<Source, LastRead> = BTreeMap::new();
        // The oldest first.
        for run in self.runs(target, now).await? {
            let read = LastRead {
                as_of: run.as_of,
                said: run.said,
            };
            last.insert(run.source, read);
        }
        if last.is_empty() {
            return Ok(Vec::new());
        }
        let read = Source::ALL.iter().map(|source| SourceRead {
            source: Words::from(source.as_str()),
            last: last.remove(source),
        });
        Ok(read.collect())
    }

    /// That nobody knows who is in a family's units.
    fn of_unknown_accounts(&self, looked_up: Option<LookedUp<'_>>) -> TargetEvidence {
        let last = looked_up.map(|looked_up| LastRead {
            as_of: looked_up.as_of,
            said: Said::Unread(Words::from(
                "the organization does not say who is in them; `steward doctor` says why",
            )),
        });
        TargetEvidence {
            target: self.hub,
            sources: vec![SourceRead {
                source: Words::from("the accounts of its units and organizations, asked"),
                last,
            }],
            waiver: None,
        }
    }
}

/// Where a build ranks.
fn built(member: Member) -> (ReleaseId, Place) {
    let Member {
        release,
        architecture,
        order,
        usable: _,
        untold: _,
    } = member;
    (release, Place::Built { architecture, order })
}

/// What was adopted by another `adopt` than this manifest's: whether it still belongs to the family, and as what, only a person says.
fn adopted_otherwise(adopted: &[Adopted], manifest: &Manifest) -> BTreeSet<Output> {
    let rule = manifest.adopt.as_ref().map(AdoptionRule::of);
    let otherwise = adopted.iter().filter(|adopted| Some(&adopted.rule) != rule.as_ref());
    otherwise.map(|adopted| adopted.output).collect()
}

/// Where an adopted image ranks; none: it is a copy, and ranks as what it was copied from.
fn adopted_by_itself(adopted: Adopted) -> Option<(ReleaseId, Place)> {
    let is_own = adopted.is_own();
    let Adopted {
        release,
        output: Output { target, ami },
        created: _,
        line,
        rule: _,
    } = adopted;
    let region = target.region();
    is_own.then_some((release, Place::Adopted { line, ami, region }))
}

/// What builds on an image is told apart from who launches it.
fn without_pipelines(uses: RecordedUses) -> (RecordedUses, Vec<BuildsOnIt>) {
    let mut pipelines = Vec::new();
    let RecordedUses {
        mut uses,
        views,
        reported,
    } = uses;
    for (_, kept) in &mut uses {
        kept.references.retain(|way| match way.path.first() {
            Some(Hop::Pipeline(name)) => {
                pipelines.push(BuildsOnIt::Pipeline(name.clone()));
                false
            }
            Some(_) | None => true,
        });
    }
    let uses = RecordedUses { uses, views, reported };
    (uses, pipelines)
}

/// What people call the release of a build.
pub(super) fn title(family: &FamilyName, build: &ImageBuildArn) -> Words {
    Words::from(format!("{family}/{}", build.version()))
}
