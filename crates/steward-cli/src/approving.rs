//! A person's answer to a build that waits for one.

use steward::building::{StepAnswer, StepState};
use steward::{Duration, FamilyName, ImageBuildArn, ReleaseName, Timestamp, Words};
use steward_aws::Record;

use crate::failure::Failure;
use crate::given::Approve;
use crate::hub::Hub;
use crate::pruning::all_manifests;
use crate::terminal::one_line;
use crate::thing::near;
use crate::word::{parse, reason};

/// For so long a step that was answered may be meant by the same words again.
const LATELY: Duration = Duration::hours(24);

/// A step, and how often what is kept of it was written.
type Kept = (StepState, u64);

/// Answers the step in which a build waits.
pub(crate) async fn approve(hub: &Hub, given: &Approve) -> Result<String, Failure> {
    let Approve {
        build,
        step,
        because,
        stop,
    } = given;
    let why = reason(because)?;
    let (caller, record) = hub.open().await?;
    let (known, now) = (known(&record, build).await?, hub.now()?);
    let (waits, revision) = known.one(build, step.as_deref(), now)?;
    let answer = StepAnswer {
        who: caller.arn,
        why: Words::from(why),
        at: now,
        stops: *stop,
        sent: false,
    };
    let (title, step) = (waits.title(), &waits.step.name);
    if !record.answer_wait((waits, *revision), &answer).await? {
        return Err(Failure::Mistake(format!(
            "nothing was answered: something became of {title} at the step {step} a moment ago. Ask again."
        )));
    }
    let what = if *stop { "ends" } else { "goes on" };
    let family = &waits.family;
    Ok(format!(
        "Asked for: {title} {what} at the step {step} with the next sweep, within five minutes, where functions act and are not \
         paused. `steward history {family}` says what came of it."
    ))
}

/// Which builds a word means.
enum Meant {
    Build(ImageBuildArn),
    Release(ReleaseName),
    Family(FamilyName),
}

impl Meant {
    fn of(word: &str) -> Result<Self, Failure> {
        if word.starts_with("arn:") {
            return parse(word, "ARN of a build").map(Self::Build);
        }
        match word.parse() {
            Ok(name) => Ok(Self::Release(name)),
            Err(_) => parse(word, "name of a build").map(Self::Family),
        }
    }

    /// The families that it may be of.
    async fn families(&self, record: &Record) -> Result<Vec<FamilyName>, Failure> {
        Ok(match self {
            Self::Build(build) => {
                let applied = record.all_applied().await?.into_iter().map(|applied| applied.family);
                let is_before = |family: &FamilyName| build.name().as_str().starts_with(family.as_str());
                applied.filter(is_before).collect()
            }
            Self::Release(name) => vec![name.family().clone()],
            Self::Family(family) => vec![family.clone()],
        })
    }

    fn means(&self, waits: &StepState) -> bool {
        match self {
            Self::Build(build) => waits.step.build == *build,
            Self::Release(name) => name.names(waits.step.build.version()),
            Self::Family(_) => true,
        }
    }
}

/// What is kept of families whose builds wait.
struct Known {
    /// What a word means, waiting or not.
    meant: Vec<Kept>,
    /// What other builds of these families wait.
    others: Vec<String>,
}

async fn known(record: &Record, word: &str) -> Result<Known, Failure> {
    let builds = Meant::of(word)?;
    let (mut meant, mut others) = (Vec::new(), Vec::new());
    for family in builds.families(record).await? {
        // A name that no family has is answered with what helps.
        all_manifests(record, Some(family.as_str())).await?;
        for (waits, revision) in record.waits_of(&family).await? {
            if builds.means(&waits) {
                meant.push((waits, revision));
            } else if is_open(&waits) {
                others.push(waits.title());
            }
        }
    }
    Ok(Known { meant, others })
}

fn is_open(waits: &StepState) -> bool {
    waits.over.is_none() && waits.answer.is_none()
}

impl Known {
    /// The one step that is meant and waits.
    fn one(&self, word: &str, step: Option<&str>, now: Timestamp) -> Result<&Kept, Failure> {
        let Self { meant, others } = self;
        if meant.is_empty() {
            let near = near(word, others.clone(), "builds that wait").unwrap_or_default();
            return Err(Failure::Mistake(format!(
                "nothing is known of {word} that would wait for an answer{near}. A sweep looks every five minutes, where functions act."
            )));
        }
        let is_named = |waits: &StepState| step.is_none_or(|step| waits.step.name.as_str() == step);
        let named: Vec<&Kept> = meant.iter().filter(|(waits, _)| is_named(waits)).collect();
        if named.is_empty() {
            let others = meant.iter().map(|(waits, _)| waits.step.name.to_string()).collect();
            let step = step.unwrap_or_default();
            let near = near(step, others, "steps").unwrap_or_default();
            return Err(Failure::Mistake(format!("{word} waits in no step {step}{near}.")));
        }
        let open: Vec<&Kept> = named.iter().copied().filter(|(waits, _)| is_open(waits)).collect();
        match open.as_slice() {
            // Nothing says more than the ARN and the step.
            [one] if step.is_some() && *word == one.0.step.build.to_string() => Ok(*one),
            [one] => match named.iter().find(|(waits, _)| was_meant(waits, &one.0, now)) {
                None => Ok(*one),
                // Whoever says the same again means what was answered.
                Some((answered, _)) => Err(Failure::Mistake(format!(
                    "{}; nothing was answered now. If you mean the one that waits, say so:\n{}",
                    already(answered),
                    line(&one.0)
                ))),
            },
            [] => Err(Failure::Mistake(closed(&named))),
            several => {
                let lines: Vec<String> = several.iter().map(|(waits, _)| line(waits)).collect();
                Err(Failure::Mistake(format!(
                    "{word} waits in several steps; nothing was answered. Say which:\n{}",
                    lines.join("\n")
                )))
            }
        }
    }
}

/// Why a step takes no answer: of the one that waited last.
fn closed(named: &[&Kept]) -> String {
    let last = named.iter().max_by_key(|(waits, _)| waits.step.since);
    let said = last.map(|(waits, _)| match &waits.over {
        Some(over) => one_line(over.as_str()),
        None => already(waits),
    });
    format!("nothing was answered: {}.", said.unwrap_or_default())
}

/// Whether the same words may have meant another step a while ago, which was answered.
fn was_meant(waits: &StepState, open: &StepState, now: Timestamp) -> bool {
    let is_lately = |answer: &StepAnswer| answer.at.saturating_add(LATELY) > now;
    waits.step.id != open.step.id && waits.answer.as_ref().is_some_and(is_lately)
}

/// What a step was answered.
fn already(waits: &StepState) -> String {
    waits.answer.as_ref().map_or_else(
        || waits.headline(),
        |answer| {
            let StepAnswer { who, why, at, .. } = answer;
            one_line(&format!("{who} answered {} at {at} already: {why}", waits.title()))
        },
    )
}

fn line(waits: &StepState) -> String {
    let step = &waits.step;
    let line = format!("{} --step {}  since {}", step.build, step.name, step.since);
    format!("  {}", one_line(&line))
}
