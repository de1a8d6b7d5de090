//! Planning and applying families.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};

use steward::applying::{ApplyStep, FleetPlan, Unappliable, digest_of, wanted};
use steward::manifest::{Checked, FilePath, ManifestFile};
use steward::{FamilyName, Target};
use steward_aws::{Applier, Caller, FamilyInput, Record};

use crate::arguments::{Apply, Hub, PlanFormat, Which};
use crate::failure::Failure;
use crate::said::Said;
use crate::{check, folder, hub, terminal};

/// Shows what applying would do.
pub(crate) async fn plan(hub: &Hub, which: &Which, format: PlanFormat) -> Result<Said, Failure> {
    let checked = match right(which) {
        Ok(checked) => checked,
        Err(said) => return said,
    };
    let (caller, record) = hub::open(hub).await?;
    let families = inputs(&checked, which, caller.hub)?;
    let at = caller.at_hub();
    let plan = applier(&caller, &record, &at)?.plan(&families).await?;
    let text = match format {
        PlanFormat::Text => plan.text(),
        PlanFormat::Markdown => plan.markdown(),
        PlanFormat::Json => json(&plan),
    };
    Ok(Said {
        text,
        right: plan.blocked().next().is_none(),
    })
}

/// Does it, once somebody said yes.
pub(crate) async fn apply(hub: &Hub, given: &Apply) -> Result<Said, Failure> {
    let checked = match right(&given.which) {
        Ok(checked) => checked,
        Err(said) => return said,
    };
    let (caller, record) = hub::open(hub).await?;
    let families = inputs(&checked, &given.which, caller.hub)?;
    let at = caller.at_hub();
    let applier = applier(&caller, &record, &at)?;
    let plan = applier.plan(&families).await?;
    let blocked = plan.blocked().next().is_some();
    if plan.is_empty() || blocked {
        return Ok(Said {
            text: plan.text(),
            right: !blocked,
        });
    }
    if let Some(number) = &given.plan {
        if !plan.is_numbered(number) {
            let what = format!(
                "{}\n\nthis is not the plan {number}: look at it, and apply it by its own number.",
                plan.text()
            );
            return Err(Failure::Mistake(what));
        }
    } else if !given.yes {
        ask(&plan)?;
    }
    let steps = plan.steps().count();
    let mut at_step = 0;
    let done = |step: &ApplyStep| {
        at_step += 1;
        #[expect(clippy::print_stdout, reason = "a command shows how far it is")]
        {
            println!("[{at_step}/{steps}] {step}");
        }
    };
    let clock = hub::clock()?;
    applier
        .apply(&families, &plan.digest(), given.message.as_deref(), clock, done)
        .await?;
    let names: Vec<&str> = plan.unapplied().map(|family| family.family.as_str()).collect();
    let stored = if names.is_empty() {
        String::from("no manifest changed")
    } else {
        format!("the manifests of {} hold", names.join(", "))
    };
    let mut lines = vec![format!("Applied: {stored}.")];
    lines.extend(plan.waiting);
    Ok(Said::from(lines.join("\n")))
}

/// The manifests, when nothing is wrong with any of them; or what to say.
fn right(which: &Which) -> Result<Checked, Result<Said, Failure>> {
    let checked = folder::read(&which.dir).map_err(Err)?;
    if checked.is_right() {
        return Ok(checked);
    }
    let text = check::text(&checked, &which.dir);
    Err(Ok(Said { text, right: false }))
}

fn applier<'a>(caller: &Caller, record: &'a Record, at: &'a steward_aws::AtTarget) -> Result<Applier<'a>, Failure> {
    Ok(Applier {
        at,
        record,
        who: caller.arn.clone(),
        run: format!("{} {}", hub::now()?, std::process::id()),
    })
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
    let asked =
        |family: &FamilyName| which.family.is_empty() || which.family.iter().any(|name| name == family.as_str());
    let files = files
        .into_iter()
        .map(|(_, file)| file)
        .filter(|file| asked(&file.manifest().family));
    let mut inputs = Vec::new();
    for file in files {
        match input(file, which, hub, &by_name) {
            Ok(input) => inputs.push(input),
            // Asked for by name it is refused; among others it is left out, and said.
            Err(error @ Unappliable::Container { .. }) if which.family.is_empty() => {
                #[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
                {
                    eprintln!("steward: left out: {error}.");
                }
            }
            Err(error) => return Err(Failure::Mistake(format!("{error}."))),
        }
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

fn ask(plan: &FleetPlan) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Mistake(format!(
            "nobody can be asked here: add --yes, or --plan {} for exactly what `steward plan apply` shows.",
            plan.number()
        )));
    }
    let answer = terminal::ask(&format!("{}\n\nApply this? [y/N]", plan.text()))?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::Mistake(String::from("nothing was done."))),
    }
}

fn json(plan: &FleetPlan) -> String {
    let mut value = serde_json::json!(plan);
    value["digest"] = plan.digest().into();
    format!("{value:#}")
}
