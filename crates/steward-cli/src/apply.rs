//! Planning and applying families.

use std::collections::BTreeMap;
use std::time::Duration;

use steward::applying::{FleetPlan, Unappliable, digest_of, wanted};
use steward::manifest::{Checked, Component, FilePath, ManifestFile, check_beside};
use steward::{ComponentArn, FamilyName, Target};
use steward_aws::{Applier, ApplyError, Caller, FamilyInput, Progress, Record};

use crate::arguments::PlanFormat;
use crate::failure::Failure;
use crate::given::{Apply, Which};
use crate::hub::Hub;
use crate::said::Said;
use crate::{check, folder, json, terminal};

/// How often somebody who waits looks whether the other is done.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

/// Shows what applying would do.
pub(crate) async fn plan(hub: &Hub, which: &Which, format: PlanFormat) -> Result<Said, Failure> {
    // Programs get a plan or nothing.
    let wrong = |said: Said| match format {
        PlanFormat::Json => Err(Failure::Mistake(said.text)),
        PlanFormat::Text | PlanFormat::Markdown => Ok(said),
    };
    let checked = match right(which)? {
        Ok(checked) => checked,
        Err(said) => return wrong(said),
    };
    let (caller, record) = hub.open().await?;
    let checked = match beside(checked, which, &record).await? {
        Ok(checked) => checked,
        Err(said) => return wrong(said),
    };
    let families = inputs(&checked, which, caller.hub)?;
    let at = caller.at_hub();
    let plan = applier(hub, &caller, &record, &at, &checked, which)?
        .plan(&families)
        .await
        .map_err(Failure::Aws)?;
    let text = match format {
        PlanFormat::Text => plan.text(),
        PlanFormat::Markdown => plan.markdown(),
        PlanFormat::Json => json(&plan),
    };
    Ok(Said::new(&text, plan.blocked().next().is_none()))
}

/// Does it, once somebody said yes.
pub(crate) async fn apply(hub: &Hub, given: &Apply) -> Result<Said, Failure> {
    let checked = match right(&given.which)? {
        Ok(checked) => checked,
        Err(said) => return Ok(said),
    };
    let (caller, record) = hub.open().await?;
    let checked = match beside(checked, &given.which, &record).await? {
        Ok(checked) => checked,
        Err(said) => return Ok(said),
    };
    let families = inputs(&checked, &given.which, caller.hub)?;
    let at = caller.at_hub();
    let applier = applier(hub, &caller, &record, &at, &checked, &given.which)?;
    let mut agreed = None;
    loop {
        let plan = applier.plan(&families).await.map_err(Failure::Aws)?;
        let blocked = plan.blocked().next().is_some();
        if plan.is_empty() || blocked {
            return Ok(Said::new(&plan.text(), !blocked));
        }
        if agreed.as_ref() != Some(&plan.digest()) {
            agree(&plan, given)?;
            agreed = Some(plan.digest());
        }
        let (digest, message) = (plan.digest(), given.message.as_deref());
        let done = show_progress(plan.steps().count() + plan.old_versions.len());
        let clock = hub.clock()?;
        match applier.apply(&families, &digest, message, clock, done).await {
            Ok(()) => return Ok(applied_text(plan)),
            Err(ApplyError::Taken { who, .. }) if given.wait => {
                complain(&format!("{who} is applying: waiting."));
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn agree(plan: &FleetPlan, given: &Apply) -> Result<(), Failure> {
    match &given.plan {
        Some(number) if !plan.is_numbered(number) => Err(Failure::Mistake(format!(
            "{}\n\nthis is not the plan {number}: look at it, and apply it by its own number.",
            plan.text()
        ))),
        Some(_) => Ok(()),
        None if given.yes => Ok(()),
        None => ask(plan),
    }
}

fn show_progress(steps: usize) -> impl FnMut(Progress<'_>) {
    let mut at_step = 0;
    move |progress| {
        let what = match progress {
            Progress::Untold(problem) => {
                #[expect(clippy::print_stderr, reason = "a command says what did not go as it should")]
                {
                    eprintln!("steward: the manifest holds, but {problem}; the next sweep finds it by itself.");
                }
                return;
            }
            Progress::Done(step) => step.to_string(),
            Progress::Deleted(old) => format!("deleted: {old}"),
            Progress::Stays(old) => format!("stays, as Image Builder says something refers to it: {old}"),
        };
        at_step += 1;
        #[expect(clippy::print_stdout, reason = "a command shows how far it is")]
        {
            println!("[{at_step}/{steps}] {what}");
        }
    }
}

fn applied_text(plan: FleetPlan) -> Said {
    let names: Vec<&str> = plan.unapplied().map(|family| family.family.as_str()).collect();
    let stored = if names.is_empty() {
        String::from("no manifest changed")
    } else {
        format!("the manifests of {} hold", names.join(", "))
    };
    let mut lines = vec![format!("Applied: {stored}.")];
    lines.extend(plan.waiting);
    Said::from(lines.join("\n"))
}

/// The manifests, when nothing is wrong with any of them; or what to say.
fn right(which: &Which) -> Result<Result<Checked, Said>, Failure> {
    Ok(or_what_is_wrong(folder::read(&which.dir)?, which))
}

/// The same, when nothing is wrong with those that were asked for beside all that hold: other folders are applied too.
async fn beside(mut checked: Checked, which: &Which, record: &Record) -> Result<Result<Checked, Said>, Failure> {
    let asked = |file: &&ManifestFile| which.asks_for(&file.manifest().family);
    let files: Vec<&ManifestFile> = checked.files.iter().filter(asked).collect();
    let families = files.iter().map(|file| &file.manifest().family).collect();
    let held = record.holding_beside(&families).await?;
    let found = check_beside(files, &held);
    checked.diagnostics.extend(found);
    Ok(or_what_is_wrong(checked, which))
}

fn or_what_is_wrong(checked: Checked, which: &Which) -> Result<Checked, Said> {
    if checked.is_right() {
        return Ok(checked);
    }
    Err(Said::new(&check::text(&checked, &which.dir), false))
}

fn applier<'a>(
    hub: &Hub,
    caller: &Caller,
    record: &'a Record,
    at: &'a steward_aws::AtTarget,
    checked: &Checked,
    which: &Which,
) -> Result<Applier<'a>, Failure> {
    Ok(Applier {
        at,
        record,
        bus: caller.bus(),
        who: caller.arn.clone(),
        run: format!("{} {}", hub.now()?, std::process::id()),
        prune_versions: which.prune_versions.then(|| named_components(checked)),
    })
}

/// The components that any manifest of the folder names, whether it is applied this time or not.
fn named_components(checked: &Checked) -> Vec<ComponentArn> {
    let builds = checked.files.iter().filter_map(|file| file.manifest().build.as_ref());
    let components = builds.flat_map(|build| build.components.iter().chain(&build.tests));
    components
        .filter_map(|component| match component {
            Component::Arn(component) => Some(component.arn.clone()),
            Component::File(_) => None,
        })
        .collect()
}

/// What was asked for, parents before their children.
fn inputs(checked: &Checked, which: &Which, hub: Target) -> Result<Vec<FamilyInput>, Failure> {
    let by_name: BTreeMap<&FamilyName, &ManifestFile> = checked
        .files
        .iter()
        .map(|file| (&file.manifest().family, file))
        .collect();
    for name in &which.family {
        if !by_name.keys().any(|known| known.as_str() == name) {
            let known: Vec<&str> = by_name.keys().map(|known| known.as_str()).collect();
            return Err(Failure::Mistake(format!(
                "there is no family {name} in {}: there is {}.",
                which.dir.display(),
                known.join(", ")
            )));
        }
    }
    let mut files: Vec<(usize, &ManifestFile)> =
        checked.files.iter().map(|file| (depth(file, &by_name), file)).collect();
    files.sort_by(|(one, first), (other, second)| {
        (one, &first.manifest().family).cmp(&(other, &second.manifest().family))
    });
    let files = files
        .into_iter()
        .map(|(_, file)| file)
        .filter(|file| which.asks_for(&file.manifest().family));
    let mut inputs = Vec::new();
    for file in files {
        let input = input(file, which, hub, &by_name);
        inputs.push(input.map_err(|error| Failure::Mistake(format!("{error}.")))?);
    }
    Ok(inputs)
}

/// How many families stand above this one. The manifests were checked: there is no cycle.
fn depth(file: &ManifestFile, by_name: &BTreeMap<&FamilyName, &ManifestFile>) -> usize {
    let parent = file.manifest().parent_family();
    let parent = parent.and_then(|parent| by_name.get(&parent.family));
    parent.map_or(0, |parent| depth(parent, by_name) + 1)
}

fn input(
    file: &ManifestFile,
    which: &Which,
    hub: Target,
    by_name: &BTreeMap<&FamilyName, &ManifestFile>,
) -> Result<FamilyInput, Unappliable> {
    let manifest = file.manifest();
    let mut contents = vec![(String::from("manifest"), file.text().to_vec())];
    let read = |path: &FilePath| {
        let content = folder::named(&which.dir, path.as_str())?;
        contents.push((path.to_string(), content.clone()));
        String::from_utf8(content).map_err(|_| String::from("it is not UTF-8"))
    };
    let wanted = wanted(
        manifest,
        hub,
        |family| by_name.get(family).map(|file| file.manifest()),
        read,
    )?;
    Ok(FamilyInput {
        family: manifest.family.clone(),
        wanted,
        follows: manifest
            .parent_family()
            .map(|parent| (parent.family.clone(), parent.channel.clone())),
        text: String::from_utf8_lossy(file.text()).into_owned(),
        digest: digest_of(
            contents
                .iter()
                .map(|(name, content)| (name.as_str(), content.as_slice())),
        ),
    })
}

#[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
fn complain(sentence: &str) {
    eprintln!("steward: {sentence}");
}

fn ask(plan: &FleetPlan) -> Result<(), Failure> {
    let otherwise = format!(
        "nobody can be asked here: add --yes, or --plan {} for exactly what `steward plan apply` shows.",
        plan.number()
    );
    terminal::agree(&format!("{}\n\nApply this?", plan.text()), &otherwise)
}

fn json(plan: &FleetPlan) -> String {
    let mut value = serde_json::json!(plan);
    value["digest"] = plan.digest().into();
    json::text(value)
}
