//! What distribution would do with each release that matters, in the order in which it would.

use std::fmt::Write as _;

use serde::Serialize;
use steward::{FamilyName, Target, Words, plural};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::preflight::{Examined, Found, Planned, examine, mark};
use crate::said::Said;
use crate::terminal::one_line;
use crate::{json, word};

/// A family, for programs.
#[derive(Serialize)]
struct Shown {
    family: FamilyName,
    /// Why nothing would be done whatever there is.
    held_up: Option<Words>,
    targets: Vec<Planned>,
    unread: Vec<Unread>,
    /// Targets of members, who let in the hub's functions alone.
    members: usize,
    left_out: usize,
}

/// A target that could not be looked at.
#[derive(Serialize)]
struct Unread {
    target: Target,
    why: Words,
}

/// Shows what would be done for one family, or for all.
pub(crate) async fn plan(hub: &Hub, family: Option<&str>, format: Format) -> Result<Said, Failure> {
    let family: Option<FamilyName> = family.map(|family| word::parse(family, "family name")).transpose()?;
    let (_, _, examined) = Box::pin(examine(hub, family.as_ref())).await?;
    let shown: Vec<Shown> = examined.into_iter().map(Shown::of).collect();
    let right = shown.iter().all(Shown::is_right);
    let text = match format {
        Format::Json => json::text(&shown),
        Format::Text => text(&shown),
    };
    Ok(Said::new(&text, right))
}

impl Shown {
    fn of(Examined { family, found }: Examined) -> Self {
        match found {
            Err(why) => Self {
                family,
                held_up: Some(why),
                targets: Vec::new(),
                unread: Vec::new(),
                members: 0,
                left_out: 0,
            },
            Ok(Found {
                manifest: _,
                audience: _,
                targets,
                unread,
                members,
                stood: _,
                left_out,
                makers: _,
            }) => Self {
                family,
                held_up: None,
                targets,
                unread: unread.into_iter().map(|(target, why)| Unread { target, why }).collect(),
                members: members.len(),
                left_out,
            },
        }
    }

    fn is_right(&self) -> bool {
        let trouble = self
            .targets
            .iter()
            .flat_map(|planned| &planned.findings)
            .any(|said| said.trouble);
        self.held_up.is_none() && self.unread.is_empty() && !trouble
    }
}

fn text(shown: &[Shown]) -> String {
    let mut text = String::new();
    for Shown {
        family,
        held_up,
        targets,
        unread,
        members,
        left_out,
    } in shown
    {
        if let Some(why) = held_up {
            let _ = writeln!(text, "! {family}: {why}");
        }
        for Planned {
            titled,
            target,
            reach: _,
            steps,
            findings,
        } in targets
        {
            if steps.is_empty() && findings.is_empty() {
                continue;
            }
            let _ = writeln!(text, "{titled} in {target}");
            for (number, step) in steps.iter().enumerate() {
                let _ = writeln!(text, "  {}. {}", number + 1, one_line(step.as_str()));
            }
            for said in findings {
                let _ = writeln!(text, "  {} {}", mark(said.trouble), one_line(&said.says));
            }
        }
        for Unread { target, why } in unread {
            let _ = writeln!(
                text,
                "! {family} in {target}: not looked at: {}",
                one_line(why.as_str())
            );
        }
        if *members > 0 {
            let _ = writeln!(
                text,
                "· {family} in {members} target{} of members: these let in the hub's functions alone; `steward distribution {family}` says what they saw",
                plural(*members)
            );
        }
        if *left_out > 0 {
            let _ = writeln!(
                text,
                "· {left_out} older release{} of {family} would be looked at too",
                plural(*left_out)
            );
        }
    }
    let steps: usize = shown
        .iter()
        .flat_map(|shown| &shown.targets)
        .map(|planned| planned.steps.len())
        .sum();
    let looked: usize = shown.iter().map(|shown| shown.targets.len()).sum();
    let end = match steps {
        0 => format!(
            "Nothing would be changed ({looked} release{} looked at, each target for itself).",
            plural(looked)
        ),
        _ => format!(
            "{steps} step{}. What they make is looked at again before what stands on it is done.",
            plural(steps)
        ),
    };
    if !text.is_empty() {
        text.push('\n');
    }
    text + &end
}
