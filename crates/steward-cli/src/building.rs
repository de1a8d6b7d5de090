//! What is to be built, and a person's word that something is.

use std::fmt::Write as _;

use serde::Serialize;
use steward::building::{BuildRequest, Fate, LinePlan, ShownLine, relatives};
use steward::manifest::Manifest;
use steward::{Architecture, FamilyName, Timestamp, Words};
use steward_aws::{PlannedBuilds, Record, plan_builds};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::given::Build;
use crate::hub::Hub;
use crate::json;
use crate::pruning::all_manifests;
use crate::said::Said;
use crate::terminal::one_line;
use crate::word::{parse, reason};

/// How many run at once is the stack's to say: none is told to wait for others here.
const AT_ONCE: usize = usize::MAX;

/// A plan, for programs.
#[derive(Serialize)]
struct Shown {
    lines: Vec<ShownLine>,
    /// What could not be read: the lines that it is of are left out.
    unread: Vec<Words>,
}

/// Shows what would become of each line, of one family or of all.
pub(crate) async fn plan(hub: &Hub, family: Option<&str>, format: Format) -> Result<Said, Failure> {
    let (caller, record) = hub.open().await?;
    let only = all_manifests(&record, family).await?;
    let manifests = match (family, &only[..]) {
        (Some(_), [(manifest, _)]) => with_relatives(&record, &manifest.family).await?,
        _ => only.clone(),
    };
    let (at_hub, now) = (caller.at_hub(), hub.now()?);
    let mut planned = Box::pin(plan_builds(&record, &at_hub, &manifests, || true, (AT_ONCE, now))).await;
    let is_asked_for = |family: &FamilyName| only.iter().any(|(manifest, _)| manifest.family == *family);
    planned.plan.lines.retain(|line, _| is_asked_for(&line.family));
    let Said { text, right } = shown(&planned, now);
    Ok(match format {
        Format::Text => Said { text, right },
        Format::Json => {
            let unread = planned.problems.iter().map(|problem| Words::from(problem.to_string()));
            let shown = Shown {
                lines: planned.plan.shown(now),
                unread: unread.collect(),
            };
            Said::new(&json::text(&shown), right)
        }
    })
}

/// The manifest of a family with those of all whose lines hold up its own. One that cannot be read holds up nobody: what starts
/// builds goes on without it as well.
async fn with_relatives(record: &Record, family: &FamilyName) -> Result<Vec<(Manifest, u32)>, Failure> {
    let held = record.all_holding().await?.into_iter();
    let readable = held.filter_map(|held| Some((held.manifest.ok()?, held.version)));
    let mut manifests: Vec<(Manifest, u32)> = readable.collect();
    let relatives = relatives(&manifests, family);
    manifests.retain(|(manifest, _)| relatives.contains(&manifest.family));
    Ok(manifests)
}

/// Asks for a build of a family, and says what is in its way.
pub(crate) async fn build(hub: &Hub, given: &Build) -> Result<Said, Failure> {
    let Build {
        family,
        architecture,
        because,
    } = given;
    let why = reason(because)?;
    let name: FamilyName = parse(family, "family name")?;
    let architecture: Option<Architecture> = architecture
        .as_deref()
        .map(|of| parse(of, "architecture"))
        .transpose()?;
    let (caller, record) = hub.open().await?;
    let manifests = all_manifests(&record, Some(family)).await?;
    let Some((manifest, _)) = manifests.first() else {
        return Err(Failure::Mistake(format!("no manifest of {name} holds.")));
    };
    if let Some(why) = cannot(manifest, architecture) {
        return Err(Failure::Mistake(why));
    }
    let now = hub.now()?;
    let request = BuildRequest {
        who: caller.arn.clone(),
        why: Words::from(why),
        at: now,
        architecture,
    };
    let manifests = with_relatives(&record, &name).await?;
    record.ask_build(&name, &request).await?;
    let at_hub = caller.at_hub();
    let mut planned = Box::pin(plan_builds(&record, &at_hub, &manifests, || true, (AT_ONCE, now))).await;
    planned
        .plan
        .lines
        .retain(|line, _| line.family == name && architecture.is_none_or(|of| of == line.architecture));
    let Said { text, right } = shown(&planned, now);
    let text = format!(
        "Asked for: the next sweep takes it up, within five minutes, where functions act and are not paused.\n\n{text}"
    );
    Ok(Said { text, right })
}

/// A plan for people, and whether nothing is in its way.
fn shown(planned: &PlannedBuilds, now: Timestamp) -> Said {
    let PlannedBuilds {
        plan,
        before: _,
        problems,
        left: _,
    } = planned;
    let mut text = plan.text(now);
    for problem in problems {
        let _ = write!(text, "\n! {}", one_line(&problem.to_string()));
    }
    let is_blocked = |plan: &LinePlan| matches!(plan.fate, Fate::Blocked { .. });
    Said::new(&text, problems.is_empty() && !plan.lines.values().any(is_blocked))
}

/// Why a family is not built by a pipeline of images; none: it is.
fn cannot(manifest: &Manifest, architecture: Option<Architecture>) -> Option<String> {
    let family = &manifest.family;
    if manifest.build.is_none() {
        return Some(format!(
            "{family} has no `build` in its manifest: nothing of it is built."
        ));
    }
    if !manifest.makes_images() {
        return Some(format!(
            "{family} makes container images, which are not started by this."
        ));
    }
    let architecture = architecture?;
    (!manifest.architectures.contains(&architecture)).then(|| {
        let known: Vec<String> = manifest.architectures.iter().map(ToString::to_string).collect();
        format!(
            "{family} is not built for {architecture}; its manifest says {}.",
            known.join(", ")
        )
    })
}
