//! What is to be built, and a person's word that something is.

use std::fmt::Write as _;

use steward::building::{BuildRequest, Fate, Line, LinePlan, Reason};
use steward::manifest::Manifest;
use steward::{Architecture, FamilyName, Words};
use steward_aws::{PlannedBuilds, plan_builds};

use crate::failure::Failure;
use crate::given::Build;
use crate::hub::Hub;
use crate::pruning::all_manifests;
use crate::said::Said;
use crate::terminal::one_line;
use crate::word::{parse, reason};

/// How many run at once is the stack's to say: none is told to wait for others here.
const AT_ONCE: usize = usize::MAX;

/// Shows what would become of each line, of one family or of all.
pub(crate) async fn plan(hub: &Hub, family: Option<&str>) -> Result<Said, Failure> {
    let (caller, record) = hub.open().await?;
    let manifests = all_manifests(&record, family).await?;
    let at_hub = caller.at_hub();
    let planned = plan_builds(&record, &at_hub, &manifests, AT_ONCE, hub.now()?);
    let PlannedBuilds { plan, problems, .. } = Box::pin(planned).await;
    let mut text = String::new();
    let mut right = problems.is_empty();
    for (line, of_line) in &plan.lines {
        right &= tell(&mut text, line, of_line);
    }
    for problem in &problems {
        let _ = writeln!(text, "! {}", one_line(&problem.to_string()));
    }
    if text.is_empty() {
        text.push_str("No family has a manifest that makes images.");
    }
    Ok(Said::new(text.trim_end(), right))
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
    record.ask_build(&name, &request).await?;
    let at_hub = caller.at_hub();
    let planned = plan_builds(&record, &at_hub, &manifests, AT_ONCE, now);
    let PlannedBuilds { plan, problems, .. } = Box::pin(planned).await;
    let mut text = String::from(
        "Asked for. The next sweep starts it, within five minutes, unless the functions are paused or only observe:\n",
    );
    let lines = plan
        .lines
        .iter()
        .filter(|(line, _)| architecture.is_none_or(|of| of == line.architecture));
    let mut right = problems.is_empty();
    for (line, of_line) in lines {
        right &= tell(&mut text, line, of_line);
    }
    for problem in &problems {
        let _ = writeln!(text, "! {}", one_line(&problem.to_string()));
    }
    Ok(Said::new(text.trim_end(), right))
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

/// Adds a line about a line; false where somebody has to do something.
fn tell(text: &mut String, line: &Line, LinePlan { fate, state }: &LinePlan) -> bool {
    let says = match (fate, &state.attempt) {
        (Fate::Starts, Some(attempt)) => format!("is built now: {}", joined(&attempt.reasons)),
        _ => says(fate),
    };
    let _ = writeln!(text, "{} {line}: {}", mark(fate), one_line(&says));
    !matches!(fate, Fate::Blocked { .. })
}

const fn mark(fate: &Fate) -> &'static str {
    match fate {
        Fate::Starts => "+",
        Fate::Blocked { .. } => "!",
        Fate::Quiet
        | Fate::ToBeRead
        | Fate::Building
        | Fate::Waits { .. }
        | Fate::Skipped { .. }
        | Fate::Queued { .. } => " ",
    }
}

fn says(fate: &Fate) -> String {
    match fate {
        Fate::Quiet => String::from("nothing asks for a build"),
        Fate::ToBeRead => String::from("what it would build was not read"),
        Fate::Building => String::from("a build is under way"),
        Fate::Waits { reasons, until, why } => format!("waits until {until}, {why}: {}", joined(reasons)),
        Fate::Skipped { reasons, why } => format!("not built, {why}: {}", joined(reasons)),
        Fate::Queued { reasons, ahead } => format!("{ahead} go first: {}", joined(reasons)),
        Fate::Blocked { reasons, why } => format!("blocked, {why}: {}", joined(reasons)),
        Fate::Starts => String::from("is built now"),
    }
}

fn joined(reasons: &[Reason]) -> String {
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    reasons.join("; ")
}
