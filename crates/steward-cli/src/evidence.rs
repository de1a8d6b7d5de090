//! How far what is known of users can be believed, and what a person accepts of it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use steward::evidence::{Said, Source, SourceRun};
use steward::{Duration, Target, Timestamp, Words, table};
use steward_aws::Acceptance;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::thing::near;
use crate::word::{parse, reason};

/// A reading of a source, and how far behind the truth that may be.
#[derive(Serialize)]
struct Run<'a> {
    #[serde(flatten)]
    run: &'a SourceRun,
    lag: Duration,
}

/// Lists when each target was last asked who uses images; of one target each source.
pub(crate) async fn show(hub: &Hub, target: Option<&str>, format: Format) -> Result<String, Failure> {
    let (_, record) = hub.open().await?;
    let Some(target) = target else {
        return Ok(every_target(&record.gathered().await?, format));
    };
    let target: Target = parse(target, "target")?;
    let asked = record.gathered().await?;
    if !asked.contains_key(&target) {
        return Err(nobody_asks(target, &asked));
    }
    let runs = record.runs(target, hub.now()?).await?;
    // They come oldest first: the last of a source is its newest.
    let newest: BTreeMap<Source, &SourceRun> = runs.iter().map(|run| (run.source, run)).collect();
    if format == Format::Json {
        let runs = newest.into_values().map(|run| Run {
            run,
            lag: run.source.lag(),
        });
        return Ok(json::text(runs.collect::<Vec<_>>()));
    }
    if newest.is_empty() {
        return Ok(format!("In {target} it is being asked for the first time."));
    }
    let mut rows = vec![["SOURCE", "AS OF", "LAG", "LISTED", "SAYS"].map(str::to_owned)];
    for run in newest.values() {
        let (listed, says) = match &run.said {
            Said::Complete(count) => (count.to_string(), String::from("complete")),
            Said::Implausible { count, usual } => (
                count.to_string(),
                format!("not believed: {usual} are usual; `steward evidence accept` if it is true"),
            ),
            Said::Unread(why) => (String::from("-"), format!("not read: {why}")),
        };
        rows.push([
            run.source.to_string(),
            run.as_of.to_string(),
            run.source.lag().to_string(),
            listed,
            says,
        ]);
    }
    Ok(table(&rows))
}

fn every_target(gathered: &BTreeMap<Target, Option<Timestamp>>, format: Format) -> String {
    if format == Format::Json {
        let targets = gathered.iter();
        let targets = targets.map(|(target, at)| json!({ "target": target, "as_of": at }));
        return json::text(targets.collect::<Vec<_>>());
    }
    if gathered.is_empty() {
        return String::from("Nobody was asked yet: the first sweep after the first release does so.");
    }
    let mut rows = vec![["TARGET", "ASKED AS OF"].map(str::to_owned)];
    for (target, at) in gathered {
        let at = at.map_or_else(|| String::from("-"), |at| at.to_string());
        rows.push([target.to_string(), at]);
    }
    table(&rows)
}

fn nobody_asks(target: Target, asked: &BTreeMap<Target, Option<Timestamp>>) -> Failure {
    let asked = asked.keys().map(ToString::to_string).collect();
    let near = near(&target.to_string(), asked, "targets")
        .unwrap_or_else(|| String::from(" yet, nor anywhere: the first sweep after the first release does so"));
    Failure::Mistake(format!("nobody asks in {target} who uses images{near}."))
}

/// Accepts what a source of a target says, however strange it is.
pub(crate) async fn accept(
    hub: &Hub,
    target: &str,
    source: &str,
    listed: u64,
    because: &str,
) -> Result<String, Failure> {
    let target: Target = parse(target, "target")?;
    let source: Source = parse(source, "source")?;
    let why = reason(because)?;
    let (caller, record) = hub.open().await?;
    let runs = record.runs(target, hub.now()?).await?;
    let Some(last) = runs.iter().rfind(|run| run.source == source) else {
        let asked = record.gathered().await?;
        if !asked.contains_key(&target) {
            return Err(nobody_asks(target, &asked));
        }
        return Err(Failure::Mistake(format!(
            "{source} of {target} were never read: `steward evidence {target}` says what was."
        )));
    };
    let Said::Implausible { count, usual } = last.said else {
        return Err(Failure::Mistake(format!(
            "there is nothing to accept: `steward evidence {target}` says what {source} say."
        )));
    };
    // What nobody has looked at is not accepted: a later run may list still less.
    if count != listed {
        return Err(Failure::Mistake(format!(
            "{source} of {target} list {count} by now, not {listed}: look again, and accept that if it is true."
        )));
    }
    let acceptance = Acceptance {
        target,
        source,
        run: last.as_of,
        who: Words::from(caller.arn),
        why: Words::from(why),
    };
    record.accept(&acceptance).await?;
    Ok(format!(
        "Accepted: {source} of {target} list {count} where {usual} were usual. The next run believes it."
    ))
}
