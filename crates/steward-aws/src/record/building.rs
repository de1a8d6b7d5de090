//! What the record has of a family's builds, as the decision about the next one asks.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join3;
use serde::{Deserialize, Serialize};
use steward::building::{BuildRequest, Built, Ending, Line, LineFacts, LineState, MadeOf, Named, UnderWay, ending_of};
use steward::evidence::Source;
use steward::lineage::{Caption, Card};
use steward::manifest::{CveTrigger, Manifest, Parent};
use steward::{
    Architecture, BuildState, BuildVersion, CanonicalName, Duration, FamilyName, Heard, ImageBuildArn, ReleaseId,
    ResourceName, VulnerabilityId, Words,
};

use super::keys::{BUILD_ASKED, Key, LINE, of_family};
use super::table::Condition;
use super::{Member, Record};
use crate::Problem;

/// What a person asked for goes after so long: nothing answers it any more.
const REQUEST_KEPT: Duration = Duration::days(30);
const A_MOMENT: Duration = Duration::seconds(1);

#[derive(Deserialize, Debug)]
struct LineRow {
    sk: String,
    #[serde(flatten)]
    kept: KeptLine,
}

/// What is kept of a line, and how often it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptLine {
    /// What.
    state: LineState,
    /// How often. Nobody writes over what somebody else wrote since.
    revision: u64,
}

#[derive(Serialize, Debug)]
struct RequestItem<'a> {
    request: &'a BuildRequest,
    expires: i64,
}

/// A release of a line, and what is told of it.
#[derive(Debug)]
struct Made {
    release: ReleaseId,
    order: BuildVersion,
    card: Card,
}

#[derive(Deserialize, Debug)]
struct RequestRow {
    request: BuildRequest,
}

impl Record {
    /// What is known of each line of a family, with how often its state was written. What its pipelines would build is not asked.
    pub async fn lines_of<'m>(
        &self,
        (manifest, number): (&'m Manifest, u32),
    ) -> Result<BTreeMap<Line, (LineFacts<'m>, u64)>, Problem> {
        let family = &manifest.family;
        let (kept, members, under_way) = try_join3(
            self.kept_lines(family),
            self.members_of(family),
            self.under_way_of(family),
        )
        .await?;
        let requests = self.build_requests(family).await?;
        let asking = self.asking(manifest).await?;
        let mut lines = BTreeMap::new();
        for architecture in &manifest.architectures {
            let line = Line {
                family: family.clone(),
                architecture: *architecture,
            };
            let KeptLine { state, revision } = kept.get(architecture).cloned().unwrap_or_default();
            let name = ResourceName::of_line(family, *architecture);
            let under_way = under_way
                .iter()
                .filter_map(|(_, card)| under_way_of(card, &name))
                .collect();
            let asked = requests
                .iter()
                .filter(|asked| asked.architecture.is_none_or(|of| of == *architecture));
            let of_line = members
                .iter()
                .rev()
                .filter(|member| member.architecture == *architecture);
            let newest = self.newest_made(of_line).await?;
            let parent = manifest.build.as_ref().and_then(|build| build.parent.as_ref());
            let facts = LineFacts {
                manifest: number,
                triggers: &manifest.triggers,
                parent,
                newest: self.built(newest.as_ref()).await?,
                under_way,
                is_asking: state
                    .attempt
                    .as_ref()
                    .and_then(|attempt| attempt.build.as_ref())
                    .is_some_and(|build| asking.contains(build)),
                ended: self.ended(&state).await?,
                requests: asked.cloned().collect(),
                parent_points: self.parent_points(parent, *architecture).await?,
                rumour: None,
                look: None,
                found: self
                    .found_in(family, newest.as_ref(), manifest.triggers.cve.as_ref())
                    .await?,
                state,
            };
            lines.insert(line, (facts, revision));
        }
        Ok(lines)
    }

    /// Writes what is to be kept of a line in the place of what was read; false where somebody else wrote it since.
    pub async fn keep_line(&self, line: &Line, state: &LineState, before: u64) -> Result<bool, Problem> {
        let same = if before == 0 {
            Condition::not_there()
        } else {
            Condition::still("revision", before)
        };
        let kept = KeptLine {
            state: state.clone(),
            revision: before + 1,
        };
        self.set(Key::line(line), kept, Some(same)).await
    }

    /// Writes that a person asks for a build, and into the family's journal.
    pub async fn ask_build(&self, family: &FamilyName, request: &BuildRequest) -> Result<(), Problem> {
        let mut request = request.clone();
        loop {
            let expires = request
                .at
                .checked_add(REQUEST_KEPT)
                .unwrap_or(request.at)
                .as_millisecond()
                / 1000;
            let item = RequestItem {
                request: &request,
                expires,
            };
            let key = Key::build_asked(family, request.at);
            if self.set(key, item, Some(Condition::not_there())).await? {
                break;
            }
            // Somebody else asked in this very moment.
            request.at = request.at.saturating_add(A_MOMENT);
        }
        let BuildRequest { who, why, at, .. } = request;
        let heard = Heard {
            event: format!("build#{at}"),
            at,
            says: Words::from(format!("{who} asked for a build: {why}")),
        };
        self.hear_of_family(family, &heard, at).await.map(drop)
    }

    /// What persons asked of a family's builds lately, answered or not.
    pub async fn build_requests(&self, family: &FamilyName) -> Result<Vec<BuildRequest>, Problem> {
        let rows: Vec<RequestRow> = self.query(&of_family(family), BUILD_ASKED).await?;
        Ok(rows.into_iter().map(|row| row.request).collect())
    }

    /// What people call a release, and its key, whether or not the record knows it.
    pub async fn named(&self, name: &CanonicalName) -> Result<Named, Problem> {
        let known = self.called(name.id()).await?;
        Ok(known.unwrap_or_else(|| Named {
            release: name.id(),
            says: Words::from(Caption::unknown(name.clone()).title()),
        }))
    }

    async fn kept_lines(&self, family: &FamilyName) -> Result<BTreeMap<Architecture, KeptLine>, Problem> {
        let rows: Vec<LineRow> = self.query(&of_family(family), LINE).await?;
        let kept = |LineRow { sk, kept }: LineRow| {
            let architecture = sk.strip_prefix(LINE).and_then(|text| text.parse().ok());
            let wrong = || Problem::not_understood("read what is kept of builds", self.hub, "a key is no line's");
            Ok((architecture.ok_or_else(wrong)?, kept))
        };
        rows.into_iter().map(kept).collect()
    }

    /// The builds of a family that wait until a person answers.
    async fn asking(&self, manifest: &Manifest) -> Result<BTreeSet<ImageBuildArn>, Problem> {
        if !manifest.has_own_workflows() {
            return Ok(BTreeSet::new());
        }
        let waits = self.waits_of(&manifest.family).await?.into_iter();
        let waits = waits.filter(|(state, _)| state.over.is_none());
        Ok(waits.map(|(state, _)| state.step.build).collect())
    }

    /// The first of these that became a release: a build that failed may have left an image behind.
    async fn newest_made<'m>(&self, newest_first: impl Iterator<Item = &'m Member>) -> Result<Option<Made>, Problem> {
        for Member { release, order, .. } in newest_first {
            let Some(card) = self.card(*release).await? else {
                continue;
            };
            if !card.state.is_some_and(BuildState::left_off) {
                let (release, order) = (*release, *order);
                return Ok(Some(Made { release, order, card }));
            }
        }
        Ok(None)
    }

    async fn built(&self, newest: Option<&Made>) -> Result<Option<Built>, Problem> {
        let Some(Made { release, order, card }) = newest else {
            return Ok(None);
        };
        let card = card.clone();
        let CanonicalName::Build(build) = card.name else {
            return Ok(None);
        };
        let parent = self.built_on(*release).await?;
        Ok(Some(Built {
            build,
            number: *order,
            created: card.created,
            of: MadeOf {
                parent: match parent {
                    Some(parent) => self.called(parent).await?,
                    None => None,
                },
                recipe: card.recipe,
                components: card.components,
                fingerprint: card.fingerprint,
            },
        }))
    }

    /// The same by its key; none where the record does not know it.
    pub async fn called(&self, release: ReleaseId) -> Result<Option<Named>, Problem> {
        let caption = self.captions(&BTreeSet::from([release])).await?.remove(&release);
        Ok(caption.map(|caption| Named {
            release,
            says: Words::from(caption.title()),
        }))
    }

    async fn ended(&self, state: &LineState) -> Result<Option<Ending>, Problem> {
        let attempt = state.attempt.as_ref().filter(|attempt| attempt.goes_on());
        let Some(build) = attempt.and_then(|attempt| attempt.build.as_ref()) else {
            return Ok(None);
        };
        let card = self.card(release_of(build)).await?;
        Ok(card.as_ref().and_then(ending_of))
    }

    /// What the parent's channel points to for an architecture.
    async fn parent_points(
        &self,
        parent: Option<&Parent>,
        architecture: Architecture,
    ) -> Result<Option<ReleaseId>, Problem> {
        let Some(Parent::Family(parent)) = parent else {
            return Ok(None);
        };
        let channels = self.channels(&parent.family).await?;
        let now = channels.get(&parent.channel).and_then(|held| held.now());
        Ok(now.and_then(|moved| moved.to.get(&architecture).copied()))
    }

    /// What the scan of a release found that is so bad and can be mended, where it is on a channel or in use.
    async fn found_in(
        &self,
        family: &FamilyName,
        newest: Option<&Made>,
        trigger: Option<&CveTrigger>,
    ) -> Result<BTreeSet<VulnerabilityId>, Problem> {
        let (Some(Made { release, .. }), Some(CveTrigger { at_least })) = (newest, trigger) else {
            return Ok(BTreeSet::new());
        };
        let found = self.vulnerabilities(*release).await?.into_iter();
        let found = found.filter(|(_, found)| found.is_mended() && at_least.reaches(found.severity.as_str()));
        let found: BTreeSet<VulnerabilityId> = found.map(|(id, _)| id).collect();
        let is_wanted =
            !found.is_empty() && (self.is_on_a_channel(family, *release).await? || self.is_used(*release).await?);
        Ok(if is_wanted { found } else { BTreeSet::new() })
    }

    async fn is_on_a_channel(&self, family: &FamilyName, release: ReleaseId) -> Result<bool, Problem> {
        let channels = self.channels(family).await?;
        Ok(channels
            .values()
            .any(|held| held.releases().any(|held| held == release)))
    }

    /// Whether anybody is known to use an image of it.
    async fn is_used(&self, release: ReleaseId) -> Result<bool, Problem> {
        for placement in self.placements(release).await? {
            let uses = self.uses_of(placement.ami, placement.target).await?;
            // How an account sees an image is no use of it, and neither is who only names it.
            let mut uses = uses.into_iter().filter(|held| held.source != Source::Images);
            if uses.any(|held| held.parted().usage.is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn release_of(build: &ImageBuildArn) -> ReleaseId {
    CanonicalName::from(build.clone()).id()
}

/// A build that goes on, where it is one of this line: its images, which tell its architecture, are not made yet.
fn under_way_of(card: &Card, name: &ResourceName) -> Option<UnderWay> {
    let CanonicalName::Build(build) = &card.name else {
        return None;
    };
    (build.name() == name).then(|| UnderWay {
        build: build.clone(),
        created: card.created,
    })
}
