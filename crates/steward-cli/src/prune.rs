//! What a person asks of pruning: to do what its plan says now, and to do without somebody's evidence.

use std::collections::BTreeSet;

use steward::pruning::{LetThrough, RunMode, Waiver};
use steward::{Heard, Target, Words};

use crate::failure::Failure;
use crate::given::Prune;
use crate::hub::Hub;
use crate::pruning::{Shown, around, manifest};
use crate::said::Said;
use crate::terminal::{agreed, harmless};
use crate::thing::near;
use crate::word::{parse, reason, until};

/// Shows a family's plan, asks, and asks for it. Where more would go at once than its manifest allows, a person accepts that
/// very set of releases by its digest.
pub(crate) async fn prune(hub: &Hub, given: &Prune) -> Result<Said, Failure> {
    let (caller, record) = hub.open().await?;
    let now = hub.now()?;
    let around = around(&record).await?;
    let (held, number) = manifest(&record, &given.family).await?;
    let family = &held.family;
    let pruning = Shown::of(&record, (&held, number), &around, now).await?;
    let shown = harmless(&pruning.report().text());
    let acceptance = pruning.plan.acceptance();
    let digest = match (&given.accept, acceptance) {
        (Some(given), Some(digest)) if *given == digest => digest,
        (Some(given), Some(digest)) => {
            return Err(Failure::Mistake(format!(
                "what would go at once is not what {given} named any more: look again, and accept {digest} if that is meant."
            )));
        }
        (Some(_), None) => {
            return Err(Failure::Mistake(format!(
                "no more would go at once than the manifest of {family} allows: there is nothing to accept."
            )));
        }
        (None, Some(_)) => return Ok(Said::new(&shown, false)),
        (None, None) if pruning.plan.rests() => {
            let nothing = format!("{shown}\n\nNothing of {family} is to be done now: there is nothing to ask for.");
            return Ok(Said::new(&nothing, false));
        }
        // What somebody let through stays let through: the plan that is shown has it.
        (None, None) => {
            let before = record.let_through(family).await?;
            let before = before.filter(|before| before.holds(number, now));
            before.map_or_else(|| pruning.plan.digest(), |before| before.digest)
        }
    };
    agreed(given.yes, &shown)?;
    // Whoever was asked may have taken long: what is asked for is what was shown.
    let now = hub.now()?;
    let again = self::around(&record).await?;
    let again = Shown::of(&record, (&held, number), &again, now).await?;
    if again.plan.digest() != pruning.plan.digest() {
        return Err(Failure::Mistake(format!(
            "the plan of {family} is another by now than what was shown: nothing was asked for; look again."
        )));
    }
    let plan = match given.accept {
        Some(_) => again.accepting(&digest),
        None => again.plan,
    };
    let let_through = LetThrough {
        digest: digest.clone(),
        who: caller.arn.clone(),
        at: now,
        manifest: number,
        plan: Some(plan.digest()),
    };
    record.write_let_through(family, &let_through).await?;
    let asked = plan.number();
    let heard = Heard {
        event: format!("prune#{digest}"),
        at: now,
        says: Words::from(format!("{} asked for pruning by the plan {asked}", caller.arn)),
    };
    record.hear_of_family(family, &heard, now).await?;
    let ends = match pruning.planned() {
        Some(RunMode::Acts) => {
            "The next sweep plans it anew, and the workers look again before each step: what changed since is left alone."
        }
        Some(RunMode::Observes) => "But this stack only looks: deploy it with Mode=act to have anything done.",
        None => {
            "No sweep has planned this family yet: the next one does, if plan-pruning is deployed, and acts where Mode is act."
        }
    };
    let holds = match given.accept {
        Some(_) => " It holds for a day, and for this version of the manifest.",
        None => "",
    };
    Ok(Said::new(
        &format!("Asked for {family}, by the plan {asked}.{holds} {ends}"),
        true,
    ))
}

/// Does without the evidence of a target until a time.
pub(crate) async fn waive(hub: &Hub, target: &str, end: &str, because: &str) -> Result<String, Failure> {
    let target: Target = parse(target, "target")?;
    let why = reason(because)?;
    let now = hub.now()?;
    let until = until(end, now)?;
    let (caller, record) = hub.open().await?;
    let mut known: BTreeSet<Target> = record.gathered().await?.into_keys().collect();
    // One that nobody can be let into any more owns images all the same.
    known.extend(record.targets().await?);
    if !known.contains(&target) {
        let asked = known.iter().map(ToString::to_string).collect();
        let near = near(&target.to_string(), asked, "targets").unwrap_or_default();
        return Err(Failure::Mistake(format!(
            "nobody asks in {target} who uses images{near}: there is nothing to do without."
        )));
    }
    let waiver = Waiver {
        until,
        who: caller.arn,
        why: Words::from(why),
    };
    record.write_waiver(target, &waiver).await?;
    Ok(format!(
        "Until {until} pruning does without the evidence of {target}. Whoever uses an image there may lose it; every plan says so."
    ))
}
