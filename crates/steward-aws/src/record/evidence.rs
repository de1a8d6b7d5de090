//! What is kept of evidence: runs, uses, and what need not be read again.
//!
//! A use lies twice: with its image, for questions, and with its target, for the next run to compare. Whatever a crash leaves
//! between the two, the next run rewrites: it trusts the target's side only where that says what the image's side says too.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::evidence::{
    Asked, BASELINE, ImageName, ImageSeen, KeptUse, ReportStanding, Said, Source, SourceRun, TemplateSeen,
};
use steward::{AmiId, Duration, Target, TemplateId, Timestamp, Words};

use super::keys::{CONTROL, EVIDENCE, Key, PARAMETER, RUN, TEMPLATE, USE, WITHOUT_IMAGES, accepted_of, of_target};
use super::table::{Condition, Range, Reads};
use super::{AT_ONCE, Kept, KeptReports, Record};
use crate::{HoldingParameter, Problem, ReadParameters, ReadTemplate};

/// So far apart clocks that are right may be.
const APART: Duration = Duration::minutes(1);
/// Whoever died while gathering holds nobody up for longer. No function runs for so long.
const LASTS: Duration = Duration::minutes(16);
/// Runs are kept longer than they tell what is usual: a source that could not be read for weeks is judged by what it last said.
const KEPT: Duration = Duration::days(90);
/// A template that says more is read anew each time: an item of the table is bounded.
const MOST_BYTES: usize = 300_000;
/// What a version takes beside the name of its image.
const BYTES_A_VERSION: usize = 60;
/// So many marks are kept in one item: a number takes about ten bytes.
const MARKS_IN_ONE_ITEM: usize = 10_000;

#[derive(Serialize, Deserialize, Debug)]
struct GatheringItem {
    target: Target,
    run: String,
    lapses: Timestamp,
}

#[derive(Serialize, Deserialize, Debug)]
struct GatheredItem {
    target: Target,
    gathered: Option<Timestamp>,
    next: Option<Timestamp>,
    /// Versions before did not keep it.
    read: Option<Timestamp>,
    /// None while it was never read to an end.
    uses: Option<bool>,
}

#[derive(Serialize, Deserialize, Debug)]
struct RunItem {
    source: Source,
    as_of: Timestamp,
    said: Said,
    expires: i64,
}

/// A use, with its image. Nulls take away what was there: a report may show nothing any more.
#[derive(Serialize, Debug)]
struct UseItem<'a> {
    source: Source,
    target: Target,
    as_of: Timestamp,
    usage: Option<&'a KeptUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a ImageSeen>,
    reports: Option<&'a ReportStanding>,
}

/// The same, with its target. No digest: it is being changed.
#[derive(Serialize, Deserialize, Debug)]
struct MirrorItem {
    source: Source,
    ami: AmiId,
    digest: Option<String>,
}

#[derive(Serialize, Deserialize, Debug)]
struct TemplateItem {
    id: TemplateId,
    name: String,
    default: u64,
    latest: u64,
    settled: bool,
    versions: Vec<(u64, Option<ImageName>)>,
}

#[derive(Serialize, Deserialize, Debug)]
struct ParameterItem {
    name: String,
    mark: u64,
    images: BTreeSet<AmiId>,
}

/// Marks of parameters that hold no image.
#[derive(Serialize, Deserialize, Debug)]
struct MarksItem {
    marks: Vec<u64>,
}

/// What came of reading a target.
#[derive(Clone, Copy, Debug)]
pub struct GatheringEnd {
    /// As of when all of it was read and believed; none where it was not.
    pub whole: Option<Timestamp>,
    /// The same of anything of it.
    pub read: Option<Timestamp>,
    /// When it is to be read again.
    pub next: Timestamp,
    /// Whether what is known of it shows an image of ours in use.
    pub uses: bool,
}

/// What a person accepted as true although it was strange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Where.
    pub target: Target,
    /// Of which source.
    pub source: Source,
    /// The run that says so. Those before it say nothing of what is usual any more.
    pub run: Timestamp,
    /// Who accepted it.
    pub who: Words,
    /// Why.
    pub why: Words,
}

impl Record {
    /// As of when all sources of each target were last read and believed; none where they never were.
    pub async fn gathered(&self) -> Result<BTreeMap<Target, Option<Timestamp>>, Problem> {
        let asked = self.asked().await?.into_iter();
        Ok(asked.map(|(target, asked)| (target, asked.gathered)).collect())
    }

    /// Why a person's clock cannot be right; none: it may be. By it is told which evidence is younger than what they do.
    pub async fn is_behind(&self, now: Timestamp) -> Result<Option<String>, Problem> {
        let latest = self.asked().await?.into_values().filter_map(|asked| asked.read).max();
        let latest = latest.filter(|latest| *latest > now.saturating_add(APART));
        Ok(latest.map(|latest| {
            format!(
                "by this machine's clock it is {now}, and evidence was read at {latest} already; set the clock right"
            )
        }))
    }

    /// When each target that was ever tried was last read, and is to be read again.
    pub async fn asked(&self) -> Result<BTreeMap<Target, Asked>, Problem> {
        let items: Vec<GatheredItem> = self.query(EVIDENCE, "").await?;
        let asked = items.into_iter().map(|item| {
            let GatheredItem {
                target,
                gathered,
                next,
                read,
                uses,
            } = item;
            let asked = Asked {
                gathered,
                next,
                read: read.or(gathered),
                uses: uses.unwrap_or(true),
            };
            (target, asked)
        });
        Ok(asked.collect())
    }

    /// Takes the right to gather a target's evidence; false where somebody else has it.
    pub async fn begin_gathering(&self, target: Target, run: &str, now: Timestamp) -> Result<bool, Problem> {
        let item = GatheringItem {
            target,
            run: run.to_owned(),
            lapses: now.checked_add(LASTS).unwrap_or(now),
        };
        let free = Condition::new(
            "attribute_not_exists(pk) OR attribute_not_exists(lapses) OR lapses <= :now",
            [(":now", AttributeValue::S(now.to_string()))],
        );
        self.set(Key::evidence(target), item, Some(free)).await
    }

    /// Says what came of reading the target, and when it is to be read again: until then nobody needs the right to.
    pub async fn end_gathering(&self, target: Target, run: &str, ended: GatheringEnd) -> Result<(), Problem> {
        #[derive(Serialize)]
        struct Ended {
            #[serde(skip_serializing_if = "Option::is_none")]
            gathered: Option<Timestamp>,
            #[serde(skip_serializing_if = "Option::is_none")]
            read: Option<Timestamp>,
            next: Timestamp,
            lapses: Timestamp,
            uses: bool,
        }
        let GatheringEnd {
            whole,
            read,
            next,
            uses,
        } = ended;
        let ended = Ended {
            gathered: whole,
            read,
            next,
            lapses: next,
            uses,
        };
        self.set(Key::evidence(target), ended, Some(mine(run))).await.map(drop)
    }

    /// The runs of a target that tell what is usual, the oldest first: those of the last seven days, and of a source of which
    /// none of them was believed, what was believed last.
    pub async fn runs(&self, target: Target, now: Timestamp) -> Result<Vec<SourceRun>, Problem> {
        let since = now.checked_sub(BASELINE).unwrap_or(now);
        let each = iter(Source::ALL).map(|source| async move {
            let recent = self
                .runs_of(target, source, Range::Between(&key_of(source, since), &end_of(source)))
                .await?;
            if recent.iter().any(SourceRun::is_believed) {
                return Ok::<_, Problem>(recent);
            }
            let older = self
                .runs_of(
                    target,
                    source,
                    Range::Between(&start_of(source), &key_of(source, since)),
                )
                .await?;
            let last = older.into_iter().rfind(SourceRun::is_believed);
            Ok(last.into_iter().chain(recent).collect())
        });
        let each: Vec<Vec<SourceRun>> = each.buffered(AT_ONCE).try_collect().await?;
        let mut runs: Vec<SourceRun> = each.into_iter().flatten().collect();
        runs.sort_by_key(|run| run.as_of);
        Ok(runs)
    }

    async fn runs_of(&self, target: Target, source: Source, range: Range<'_>) -> Result<Vec<SourceRun>, Problem> {
        let items: Vec<RunItem> = self.query_range(&of_target(target), range, Reads::Lately).await?;
        let run = |RunItem { as_of, said, .. }| SourceRun { source, as_of, said };
        Ok(items.into_iter().map(run).collect())
    }

    /// Writes what came of reading a source.
    pub async fn write_run(&self, target: Target, run: &SourceRun) -> Result<(), Problem> {
        let SourceRun { source, as_of, said } = run;
        let item = RunItem {
            source: *source,
            as_of: *as_of,
            said: said.clone(),
            expires: as_of.checked_add(KEPT).unwrap_or(*as_of).as_millisecond() / 1000,
        };
        self.set(Key::run(target, *source, *as_of), item, None).await.map(drop)
    }

    /// What persons accepted of a target's sources.
    pub async fn accepted(&self, target: Target) -> Result<BTreeMap<Source, Acceptance>, Problem> {
        let items: Vec<Acceptance> = self.query(CONTROL, &accepted_of(target)).await?;
        Ok(items.into_iter().map(|accepted| (accepted.source, accepted)).collect())
    }

    /// Writes that a person accepts what a source says.
    pub async fn accept(&self, acceptance: &Acceptance) -> Result<(), Problem> {
        let key = Key::accepted(acceptance.target, acceptance.source);
        self.set(key, acceptance, None).await.map(drop)
    }

    /// What a target's sources used when they were last read, each with its digest; none where a write was cut off.
    pub async fn uses_in(&self, target: Target) -> Result<BTreeMap<(Source, AmiId), Option<String>>, Problem> {
        let items: Vec<MirrorItem> = self.query(&of_target(target), USE).await?;
        let mirrored = |MirrorItem { source, ami, digest }| ((source, ami), digest);
        Ok(items.into_iter().map(mirrored).collect())
    }

    /// Writes what a source says of an image.
    pub async fn put_use(
        &self,
        target: Target,
        (source, ami): (Source, AmiId),
        kept: &Kept,
        as_of: Timestamp,
    ) -> Result<(), Problem> {
        let (usage, image, reports) = match kept {
            Kept::Use(usage) => (Some(usage), None, None),
            Kept::Image(image) => (None, Some(image), None),
            Kept::Reports(KeptReports { standing, usage }) => (usage.as_ref(), None, standing.as_ref()),
        };
        let item = UseItem {
            source,
            target,
            as_of,
            usage,
            image,
            reports,
        };
        // Between the two the target's side says nothing: what it says, the image's side says.
        self.mirror(target, (source, ami), None).await?;
        self.set(Key::usage(ami, source, target), item, None).await?;
        self.mirror(target, (source, ami), Some(kept.digest())).await
    }

    /// Takes away what a source does not say any more.
    pub async fn drop_use(&self, target: Target, (source, ami): (Source, AmiId)) -> Result<(), Problem> {
        // Cut off anywhere, the next run takes it away again, or finds that it must be written anew.
        self.mirror(target, (source, ami), None).await?;
        self.delete(Key::usage(ami, source, target)).await?;
        self.delete(Key::usage_in(target, source, ami)).await
    }

    /// Takes away all that was gathered from a target but its runs, which say what is usual there and go by themselves; false
    /// where somebody gathers from it at this moment. Last that it was ever tried, so that whoever is cut off is gone on with.
    pub async fn drop_evidence(&self, target: Target, run: &str, now: Timestamp) -> Result<bool, Problem> {
        if !self.begin_gathering(target, run, now).await? {
            return Ok(false);
        }
        let uses = self.uses_in(target).await?;
        let drops = iter(uses.into_keys().map(|key| self.drop_use(target, key)));
        let drops: Vec<()> = drops.buffer_unordered(AT_ONCE).try_collect().await?;
        drop(drops);
        let templates = self.known_templates(target).await?;
        self.keep_templates(target, &templates, &BTreeMap::new()).await?;
        let parameters = self.known_parameters(target).await?;
        self.keep_parameters(target, &parameters, &ReadParameters::default())
            .await?;
        self.delete(Key::bin(target)).await?;
        self.delete_if(Key::evidence(target), mine(run)).await?;
        Ok(true)
    }

    async fn mirror(
        &self,
        target: Target,
        (source, ami): (Source, AmiId),
        digest: Option<String>,
    ) -> Result<(), Problem> {
        let item = MirrorItem { source, ami, digest };
        self.set(Key::usage_in(target, source, ami), item, None).await.map(drop)
    }

    /// The launch templates of a target, as they were read last.
    pub async fn known_templates(&self, target: Target) -> Result<BTreeMap<TemplateId, ReadTemplate>, Problem> {
        let items: Vec<TemplateItem> = self.query(&of_target(target), TEMPLATE).await?;
        let known = items.into_iter().map(|item| {
            let TemplateItem {
                id,
                name,
                default,
                latest,
                settled,
                versions,
            } = item;
            let seen = TemplateSeen {
                id,
                name,
                default,
                latest,
                versions: versions.into_iter().collect(),
            };
            (id, ReadTemplate { seen, settled })
        });
        Ok(known.collect())
    }

    /// Keeps launch templates for the next run; those that are gone are taken away.
    pub async fn keep_templates(
        &self,
        target: Target,
        before: &BTreeMap<TemplateId, ReadTemplate>,
        now: &BTreeMap<TemplateId, ReadTemplate>,
    ) -> Result<(), Problem> {
        let gone = before.keys().filter(|id| !now.contains_key(*id));
        let gone = gone.map(|id| Key::template(target, *id));
        let changed = now.iter().filter(|(id, template)| before.get(*id) != Some(template));
        let fits = |template: &ReadTemplate| {
            let names = template.seen.versions.values().flatten();
            let bytes: usize = names.map(|name| name.to_string().len()).sum();
            bytes + template.seen.versions.len() * BYTES_A_VERSION < MOST_BYTES
        };
        let changed = changed.filter(|(_, template)| fits(template)).map(|(id, template)| {
            let ReadTemplate { seen, settled } = template;
            let item = TemplateItem {
                id: *id,
                name: seen.name.clone(),
                default: seen.default,
                latest: seen.latest,
                settled: *settled,
                versions: seen.versions.iter().map(|(n, image)| (*n, image.clone())).collect(),
            };
            (Key::template(target, *id), item)
        });
        self.keep(gone.collect(), changed.collect()).await
    }

    /// Forgets how a launch template was read: the next run reads all its versions anew, as it does not see that one is gone.
    pub async fn forget_template(&self, target: Target, id: TemplateId) -> Result<(), Problem> {
        self.delete(Key::template(target, id)).await
    }

    /// The parameters of a target, as they were read last.
    pub async fn known_parameters(&self, target: Target) -> Result<ReadParameters, Problem> {
        let items: Vec<ParameterItem> = self.query(&of_target(target), PARAMETER).await?;
        let without: Vec<MarksItem> = self.query(&of_target(target), WITHOUT_IMAGES).await?;
        let held = |ParameterItem { name, mark, images }| (name, HoldingParameter { mark, images });
        Ok(ReadParameters {
            holding: items.into_iter().map(held).collect(),
            without: without.into_iter().flat_map(|item| item.marks).collect(),
        })
    }

    /// Keeps parameters for the next run; those that are gone, or hold no image any more, are taken away.
    pub async fn keep_parameters(
        &self,
        target: Target,
        before: &ReadParameters,
        now: &ReadParameters,
    ) -> Result<(), Problem> {
        let gone = before.holding.keys().filter(|name| !now.holding.contains_key(*name));
        let gone = gone.map(|name| Key::parameter(target, name));
        let changed = now
            .holding
            .iter()
            .filter(|(name, held)| before.holding.get(*name) != Some(held));
        let changed = changed.map(|(name, HoldingParameter { mark, images })| {
            let item = ParameterItem {
                name: name.clone(),
                mark: *mark,
                images: images.clone(),
            };
            (Key::parameter(target, name), item)
        });
        self.keep(gone.collect(), changed.collect()).await?;
        if before.without == now.without {
            return Ok(());
        }
        let marks: Vec<u64> = now.without.iter().copied().collect();
        let parts: Vec<_> = marks.chunks(MARKS_IN_ONE_ITEM).map(<[u64]>::to_vec).collect();
        let held_before = before.without.len().div_ceil(MARKS_IN_ONE_ITEM);
        let gone = (parts.len()..held_before).map(|n| Key::without_images(target, n));
        let changed = parts.iter().enumerate();
        let changed = changed.map(|(n, marks)| (Key::without_images(target, n), MarksItem { marks: marks.clone() }));
        self.keep(gone.collect(), changed.collect()).await
    }

    async fn keep(&self, gone: Vec<Key>, changed: Vec<(Key, impl Serialize)>) -> Result<(), Problem> {
        let gone = iter(gone.into_iter().map(|key| self.delete(key)));
        let gone: Vec<()> = gone.buffer_unordered(AT_ONCE).try_collect().await?;
        let changed = iter(changed.into_iter().map(|(key, item)| self.set(key, item, None)));
        let changed: Vec<bool> = changed.buffer_unordered(AT_ONCE).try_collect().await?;
        drop((gone, changed));
        Ok(())
    }
}

/// That the right to gather is this run's still.
fn mine(run: &str) -> Condition {
    Condition::new("run = :mine", [(":mine", AttributeValue::S(run.to_owned()))])
}

fn start_of(source: Source) -> String {
    format!("{RUN}{source}#")
}

fn key_of(source: Source, at: Timestamp) -> String {
    format!("{RUN}{source}#{at}")
}

/// After every time.
fn end_of(source: Source) -> String {
    format!("{RUN}{source}#~")
}
