//! A plan as people read it.

use std::fmt::Write as _;

use super::difference::Change;
use super::fleet::{FamilyPlan, FleetPlan};
use super::plan::{ApplyStep, Before};
use crate::text::plural;

/// Longer texts are shown by the lines that differ.
const MOST_ON_A_LINE: usize = 100;
/// Of those, so many around what differs.
const MOST_LINES: usize = 40;

impl FleetPlan {
    /// For a terminal: `+` is made, `~` is changed, `-` goes.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for family in &self.families {
            if let Some(shown) = family.shown() {
                let _ = writeln!(text, "{}\n{shown}", family.family);
            }
        }
        if !self.old_versions.is_empty() {
            let _ = writeln!(text, "Old versions\n{}", self.deletions());
        }
        for waiting in &self.waiting {
            let _ = writeln!(text, "{waiting}\n");
        }
        if !self.left_over.is_empty() {
            let _ = writeln!(
                text,
                "No longer wanted, and still there: {}.\n",
                self.left_over.join(", ")
            );
        }
        if !self.unmanaged.is_empty() {
            let _ = writeln!(text, "Not ours, and left alone: {}.\n", self.unmanaged.join(", "));
        }
        let _ = write!(text, "{}", self.summary());
        text
    }

    /// For a pull request.
    pub fn markdown(&self) -> String {
        let mut text = format!("### steward apply\n\n{}\n", self.summary());
        for family in &self.families {
            if let Some(shown) = family.shown() {
                // A fence longer than any that the texts could hold.
                let _ = write!(text, "\n**{}**\n\n`````diff\n{}`````\n", family.family, diff(&shown));
            }
        }
        if !self.old_versions.is_empty() {
            let _ = write!(
                text,
                "\n**Old versions**\n\n`````diff\n{}`````\n",
                diff(&self.deletions())
            );
        }
        for waiting in &self.waiting {
            let _ = write!(text, "\n{waiting}\n");
        }
        if !self.left_over.is_empty() {
            let _ = write!(
                text,
                "\nNo longer wanted, and still there: {}.\n",
                self.left_over.join(", ")
            );
        }
        if !self.unmanaged.is_empty() {
            let _ = write!(text, "\nNot ours, and left alone: {}.\n", self.unmanaged.join(", "));
        }
        text
    }

    fn deletions(&self) -> String {
        let line = |old| format!("  - {old} (nothing that is seen refers to it)\n");
        self.old_versions.iter().map(line).collect()
    }

    fn summary(&self) -> String {
        let blocked = self.blocked().count();
        if blocked > 0 {
            return format!("{blocked} in the way: nothing can be applied.");
        }
        if self.is_empty() {
            return String::from("Nothing to do: all is as the manifests say.");
        }
        let updated = self.steps().filter(|step| step.before == Before::Same).count();
        let manifests = self.unapplied().count();
        let deleted = match self.old_versions.len() {
            0 => String::new(),
            old => format!("{old} to delete, "),
        };
        format!(
            "Plan {}: {} to make, {updated} to change, {deleted}{manifests} manifest{} to store.",
            self.number(),
            self.steps().count() - updated,
            plural(manifests),
        )
    }
}

impl FamilyPlan {
    /// Nothing where nothing is done.
    fn shown(&self) -> Option<String> {
        let mut text = String::new();
        if let Some(plan) = &self.builder {
            for blocked in &plan.blocked {
                let _ = writeln!(text, "  ! {blocked}");
            }
            for step in &plan.steps {
                show_step(step, self.is_applied, &mut text);
            }
        }
        if !self.is_applied {
            match self.holds {
                None => text.push_str("  + manifest 1\n"),
                Some(version) => {
                    let _ = writeln!(text, "  + manifest {} (after {version})", version + 1);
                }
            }
        }
        let unchanged = self.builder.as_ref().map_or(0, |plan| plan.unchanged.len());
        if !text.is_empty() && unchanged > 0 {
            let _ = writeln!(text, "    {unchanged} unchanged");
        }
        (!text.is_empty()).then_some(text)
    }
}

fn show_step(step: &ApplyStep, is_drift: bool, text: &mut String) {
    let (sign, how) = match step.before {
        Before::Nothing => ('+', String::new()),
        Before::Version(before) => ('+', format!(" (after {before})")),
        Before::Same if is_drift => ('~', String::from(" (drift: the manifest that holds says otherwise)")),
        Before::Same => ('~', String::new()),
    };
    let _ = writeln!(text, "  {sign} {step}{how}");
    for change in &step.changes {
        show_change(change, step.before == Before::Nothing, text);
    }
}

fn show_change(Change { path, before, after }: &Change, is_new: bool, text: &mut String) {
    let short = |side: &Option<String>| {
        side.as_ref()
            .is_none_or(|side| side.len() <= MOST_ON_A_LINE && !side.contains('\n'))
    };
    if !short(before) || !short(after) {
        let lines = |side: &Option<String>| {
            side.as_deref()
                .unwrap_or_default()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (old, new) = (lines(before), lines(after));
        if is_new {
            let _ = writeln!(text, "      {path}: {} lines", new.len());
            return;
        }
        let _ = writeln!(text, "      {path}:");
        return show_lines(&old, &new, text);
    }
    let quoted = |side: &Option<String>| side.as_ref().map(|side| format!("{side:?}"));
    let _ = match (quoted(before), quoted(after)) {
        (Some(before), Some(after)) => writeln!(text, "      {path}: {before} → {after}"),
        (None, Some(after)) => writeln!(text, "      {path}: {after}"),
        (Some(before), None) => writeln!(text, "      {path}: {before} → nothing"),
        (None, None) => Ok(()),
    };
}

/// What lies between the lines that both begin and both end with.
fn show_lines(old: &[String], new: &[String], text: &mut String) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    for (sign, lines) in [('-', &old[..old.len() - end]), ('+', &new[..new.len() - end])] {
        for line in lines.iter().take(MOST_LINES) {
            let line: String = line.chars().filter(|c| !c.is_control()).collect();
            let _ = writeln!(text, "      {sign} {line}");
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(text, "      {sign} … {} more lines", lines.len() - MOST_LINES);
        }
    }
}

/// With the signs where a diff has them.
fn diff(shown: &str) -> String {
    let line = |line: &str| match line.trim_start().chars().next() {
        Some(sign @ ('+' | '-')) => format!("{sign}{}\n", line.replacen(sign, " ", 1)),
        Some('~' | '!') => format!("!{}\n", line.replacen(['~', '!'], " ", 1)),
        _ => format!(" {line}\n"),
    };
    shown.lines().map(line).collect()
}
