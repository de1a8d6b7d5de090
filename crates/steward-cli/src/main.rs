//! The `steward` command.

mod apply;
mod arguments;
mod check;
mod diff;
mod evidence;
mod explain;
mod failure;
mod families;
mod folder;
mod hub;
mod impact;
mod import;
mod init;
mod old;
mod page;
mod pause;
mod refused;
mod releases;
mod said;
mod table;
mod terminal;
mod thing;
mod verdicts;
mod word;

use std::process::ExitCode;

use arguments::{Accept, Arguments, Command, Families, LineageRepair, Plan};
use clap::Parser as _;
use said::Said;

/// The caller's own mistake, apart from a failure of ours or AWS's (1).
const MISTAKE: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // clap answers --help and mistakes by itself, with exit code 0 and 2.
    let Arguments { hub, command } = Arguments::parse();
    let done = match command {
        Command::Check { dir, format } => check::check(&dir, format),
        Command::Init(given) => init::init(&given).map(Said::from),
        Command::Import { pipeline, family, dir } => {
            import::run(&pipeline, family.as_deref(), &dir).await.map(Said::from)
        }
        Command::Plan(Plan::Apply { which, format }) => apply::plan(&hub, &which, format).await,
        Command::Apply(given) => apply::apply(&hub, &given).await,
        Command::Families { format, what } => match what {
            None => families::list(&hub, format).await,
            Some(Families::Show { family, at }) => families::show(&hub, &family, at.as_deref(), format).await,
            Some(Families::History { family }) => families::history(&hub, &family, format).await,
        }
        .map(Said::from),
        Command::Releases { family, format } => releases::list(&hub, &family, format).await.map(Said::from),
        Command::Where { what, format } => releases::places(&hub, &what, format).await.map(Said::from),
        Command::History { what, format } => releases::history(&hub, &what, format).await.map(Said::from),
        Command::Lineage {
            repair: Some(LineageRepair::Rebuild { write }),
            ..
        } => releases::rebuild(&hub, write).await,
        Command::Lineage {
            repair: None,
            what,
            way,
            depth,
            format,
        } => {
            let what = what.unwrap_or_default();
            releases::lineage(&hub, &what, way, depth, format).await.map(Said::from)
        }
        Command::Diff { before, after } => diff::diff(&hub, &before, &after).await.map(Said::from),
        Command::Explain { what } => explain::explain(&hub, &what).await.map(Said::from),
        Command::Impact { what, format } => impact::impact(&hub, &what, format).await.map(Said::from),
        Command::Old { family, than, format } => old::old(&hub, &family, &than, format).await.map(Said::from),
        Command::Evidence {
            accept:
                Some(Accept::Accept {
                    target,
                    source,
                    count,
                    because,
                }),
            ..
        } => evidence::accept(&hub, &target, &source, count, &because)
            .await
            .map(Said::from),
        Command::Evidence {
            accept: None,
            target,
            format,
        } => evidence::show(&hub, target.as_deref(), format).await.map(Said::from),
        Command::Revoke {
            what,
            because,
            only,
            yes,
        } => verdicts::revoke(&hub, &what, &because, only, yes).await.map(Said::from),
        Command::RestoreRelease { what, of, because } => verdicts::restore(&hub, &what, of.as_deref(), &because)
            .await
            .map(Said::from),
        Command::Exempt { what, until, because } => {
            verdicts::exempt(&hub, &what, &until, &because).await.map(Said::from)
        }
        Command::Hold { image, until, because } => verdicts::hold(&hub, &image, &until, &because).await.map(Said::from),
        Command::Refused { format } => refused::refused(&hub, format).await.map(Said::from),
        Command::Pause { because } => pause::throw(&hub, true, &because).await.map(Said::from),
        Command::Resume { because } => pause::throw(&hub, false, &because).await.map(Said::from),
        Command::Switch => pause::show(&hub).await.map(Said::from),
    };
    match done {
        Ok(Said { text, right }) => {
            #[expect(clippy::print_stdout, reason = "a command speaks on its terminal")]
            {
                println!("{text}");
            }
            if right {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(MISTAKE)
            }
        }
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
            {
                eprintln!("steward: {failure}");
            }
            ExitCode::from(if failure.is_a_mistake() { MISTAKE } else { 1 })
        }
    }
}
