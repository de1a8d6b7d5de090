//! The `steward` command, as a function of what was typed: `main` only prints what it says.

mod adopt;
mod apply;
mod approving;
mod arguments;
mod building;
mod channels;
mod check;
mod diff;
mod distribution;
mod doctor;
mod evidence;
mod explain;
mod explained;
mod failure;
mod families;
mod folder;
mod foreseeing;
mod given;
mod holding;
mod hub;
mod impact;
mod import;
mod init;
mod json;
#[cfg(test)]
mod manual;
mod message;
mod old;
mod page;
mod pause;
mod plan_distribute;
mod plan_offline;
mod plan_prune;
mod preflight;
mod progress;
mod prune;
mod pruning;
mod recycled;
mod refused;
mod releases;
mod requests;
mod restore;
mod said;
mod simulate;
mod terminal;
mod thing;
mod titled;
mod verdicts;
mod word;

use arguments::{Accept, Arguments, Command, LineageRepair, Plan};
use clap::Parser as _;
use failure::Failure;
use given::PlanBuild;
use hub::Hub;
use said::Said;
use steward::Timestamp;
use steward_aws::Caller;

/// The caller's own mistake, apart from a failure of ours or AWS's (1).
const MISTAKE: u8 = 2;

/// What a command says on its terminal, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// What was asked for.
    pub out: String,
    /// What went wrong.
    pub err: String,
    /// 0 all right, 2 something for the caller to mend, 1 a failure of ours or AWS's.
    pub code: u8,
}

/// Who calls, and when: what a test says, and what a person's environment and clock say else.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Who calls.
    pub caller: Caller,
    /// What time it is.
    pub now: Timestamp,
}

/// Does what these words say; the first of them is the command's own name.
pub async fn run(words: impl IntoIterator<Item = String>, surroundings: Option<Surroundings>) -> Spoken {
    match Arguments::try_parse_from(words) {
        Ok(Arguments { hub, command }) => {
            let hub = Hub::new(hub.table, surroundings);
            spoken(Box::pin(obey(&hub, command)).await)
        }
        // Help and mistakes of words are clap's own, with exit code 0 and 2.
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(MISTAKE);
            let text = terminal::styled(&error.render());
            if error.use_stderr() {
                Spoken {
                    out: String::new(),
                    err: text,
                    code,
                }
            } else {
                Spoken {
                    out: text,
                    err: String::new(),
                    code,
                }
            }
        }
    }
}

async fn obey(hub: &Hub, command: Command) -> Result<Said, Failure> {
    match command {
        Command::Check { dir, format } => check::check(&dir, format),
        Command::Init(given) => init::init(&given).map(Said::from),
        Command::Import { pipeline, family, dir } => import::run(hub, &pipeline, family.as_deref(), &dir)
            .await
            .map(Said::from),
        Command::Plan { what: None, given } => plan_offline::plan(hub, &given),
        Command::Plan {
            what: Some(what),
            given: _,
        } => Box::pin(plan(hub, what)).await,
        Command::Doctor { family, topic, format } => {
            Box::pin(doctor::doctor(hub, family.as_deref(), topic.as_deref(), format)).await
        }
        Command::Apply(given) => apply::apply(hub, &given).await,
        Command::Families { format, what } => families::families(hub, what.as_ref(), format).await,
        Command::Releases { family, format } => releases::list(hub, &family, format).await.map(Said::from),
        Command::Where { what, format } => releases::places(hub, &what, format).await.map(Said::from),
        Command::History { what, format } => releases::history(hub, &what, format).await.map(Said::from),
        Command::Lineage {
            repair: Some(LineageRepair::Rebuild { write }),
            ..
        } => releases::rebuild(hub, write).await,
        Command::Lineage {
            repair: None,
            what,
            way,
            depth,
            format,
        } => {
            let what = what.unwrap_or_default();
            releases::lineage(hub, &what, way, depth, format).await.map(Said::from)
        }
        Command::Diff { before, after, format } => diff::diff(hub, &before, &after, format).await.map(Said::from),
        Command::Explain { what, format } => explain::explain(hub, &what, format).await.map(Said::from),
        Command::Impact { what, cve, format } => {
            impact::impact(hub, &what, cve.as_deref(), format).await.map(Said::from)
        }
        Command::Old { family, than, format } => old::old(hub, &family, &than, format).await.map(Said::from),
        Command::Evidence {
            accept:
                Some(Accept::Accept {
                    target,
                    source,
                    count,
                    because,
                }),
            ..
        } => evidence::accept(hub, &target, &source, count, &because)
            .await
            .map(Said::from),
        Command::Evidence {
            accept: None,
            target,
            format,
        } => evidence::show(hub, target.as_deref(), format).await.map(Said::from),
        Command::Revoke {
            what,
            because,
            only,
            yes,
        } => verdicts::revoke(hub, &what, &because, only, yes).await.map(Said::from),
        Command::RestoreRelease { what, of, because, yes } => {
            verdicts::restore(hub, &what, of.as_deref(), &because, yes)
                .await
                .map(Said::from)
        }
        Command::Exempt(given) => verdicts::exempt(hub, &given).await.map(Said::from),
        Command::Build(given) => Box::pin(building::build(hub, &given)).await,
        Command::Approve(given) => Box::pin(approving::approve(hub, &given)).await.map(Said::from),
        Command::Hold(given) => Box::pin(holding::hold(hub, &given)).await.map(Said::from),
        Command::Distribution { family, format } => {
            distribution::distribution(hub, &family, format).await.map(Said::from)
        }
        Command::Channels {
            family,
            channel,
            format,
        } => channels::channels(hub, &family, channel.as_deref(), format)
            .await
            .map(Said::from),
        Command::Message { what, format } => message::message(hub, &what, format).await.map(Said::from),
        Command::Promote(given) => channels::promote(hub, &given).await.map(Said::from),
        Command::Rollback(given) => channels::rollback(hub, &given).await.map(Said::from),
        Command::Withdraw(given) => requests::withdraw(hub, &given).await.map(Said::from),
        Command::Prune(given) => Box::pin(prune::prune(hub, &given)).await,
        Command::Restore(given) => Box::pin(restore::restore(hub, &given)).await.map(Said::from),
        Command::Simulate(given) => Box::pin(simulate::run(hub, &given)).await,
        Command::Adopt(given) => Box::pin(adopt::adopt(hub, &given)).await,
        Command::Waive { target, until, because } => prune::waive(hub, &target, &until, &because).await.map(Said::from),
        Command::Refused { format } => refused::refused(hub, format).await.map(Said::from),
        Command::Pause { because } => pause::throw(hub, true, &because).await.map(Said::from),
        Command::Resume { because } => pause::throw(hub, false, &because).await.map(Said::from),
        Command::Switch { format } => pause::show(hub, format).await.map(Said::from),
    }
}

async fn plan(hub: &Hub, what: Plan) -> Result<Said, Failure> {
    match what {
        Plan::Apply { which, format } => apply::plan(hub, &which, format).await,
        Plan::Build(PlanBuild {
            if_parent: Some(release),
            at_once,
            format,
            family: _,
        }) => Box::pin(foreseeing::show(hub, &release, at_once, format)).await,
        Plan::Build(PlanBuild {
            if_parent: None,
            family,
            format,
            at_once: _,
        }) => Box::pin(building::plan(hub, family.as_deref(), format)).await,
        Plan::Distribute { family, format } => plan_distribute::plan(hub, family.as_deref(), format).await,
        Plan::Prune { family, format } => Box::pin(plan_prune::plan(hub, family.as_deref(), format)).await,
    }
}

fn spoken(done: Result<Said, Failure>) -> Spoken {
    match done {
        Ok(Said { text, right }) => Spoken {
            out: text + "\n",
            err: String::new(),
            code: if right { 0 } else { MISTAKE },
        },
        Err(failure) => Spoken {
            out: String::new(),
            err: terminal::harmless(&format!("steward: {failure}\n")),
            code: if failure.is_a_mistake() { MISTAKE } else { 1 },
        },
    }
}
