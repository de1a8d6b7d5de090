use std::fmt::Write as _;

use super::next::{comes_to, minute};
use super::{HOLES, PruningReport};
use crate::pruning::{Effect, Kept, Orphan};
use crate::text::table;

/// So many of what is kept are shown; `--format json` has all.
const KEPT: usize = 20;

impl PruningReport<'_> {
    /// For a terminal: what goes, what is blocked, what stays, and what it comes to.
    pub fn text(&self) -> String {
        let parts = [
            Some(self.plan.family.to_string()),
            self.climbing(),
            self.going(),
            self.blocked(),
            self.kept(),
            self.left(),
            self.waived(),
        ];
        let mut text: Vec<String> = parts.into_iter().flatten().collect();
        text.push(self.paragraph());
        if let Some(digest) = self.plan.acceptance() {
            text.push(format!(
                "To let through what is more than `share` allows: {}",
                self.accept(&digest)
            ));
        }
        text.push(String::from(HOLES));
        text.join("\n\n")
    }

    fn climbing(&self) -> Option<String> {
        let climbs = self.plan.steps.iter().filter_map(|step| match &step.effect {
            Effect::Restore { ami, target, from } => Some([
                ami.to_string(),
                self.title(step.release),
                target.to_string(),
                from.to_string(),
            ]),
            _ => None,
        });
        headed(["CLIMBS BACK", "RELEASE", "WHERE", "FROM"], climbs.collect())
    }

    fn going(&self) -> Option<String> {
        let (goes_on, ends) = self.goes_on();
        let rows = goes_on.iter().map(|goes| {
            [
                goes.image.ami.to_string(),
                self.title(goes.image.release),
                goes.image.target.to_string(),
                format!("{} → {}", goes.image.rung, comes_to(goes.to)),
                goes.when(),
                format!("{} GiB", goes.image.gib),
                goes.why(),
            ]
        });
        let head = ["GOES", "RELEASE", "WHERE", "BECOMES", "WHEN", "AT MOST", "WHY"];
        let mut text = headed(head, rows.collect()).unwrap_or_default();
        if ends > 0 {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{gap}{ends} more stay on their rung: their ladder ends there.");
        }
        (!text.is_empty()).then_some(text)
    }

    fn blocked(&self) -> Option<String> {
        let rows = self.stuck().into_iter().map(|stuck| {
            let advice = stuck.advice.replace('`', "");
            [stuck.images, stuck.cause.to_string(), stuck.says, advice]
        });
        headed(["BLOCKED", "CAUSE", "BY WHAT", "WHAT TO DO"], rows.collect())
    }

    fn kept(&self) -> Option<String> {
        let rows = self.plan.kept.iter().take(KEPT).map(|kept| {
            let Kept {
                ami,
                target,
                release,
                why,
            } = kept;
            let rule = why.rule().to_string();
            [
                ami.to_string(),
                self.title(*release),
                target.to_string(),
                rule,
                why.to_string(),
            ]
        });
        let mut text = headed(["KEPT", "RELEASE", "WHERE", "RULE", "WHY"], rows.collect())?;
        let more = self.plan.kept.len().saturating_sub(KEPT);
        if more > 0 {
            let _ = write!(text, "\n+{more} more: --format json has all");
        }
        Some(text)
    }

    fn left(&self) -> Option<String> {
        let rows = self.plan.orphans.iter().map(|orphan| {
            let Orphan { output, release, fate } = orphan;
            [output.to_string(), self.title(*release), fate.to_string()]
        });
        headed(
            ["LEFT IN IMAGE BUILDER", "RELEASE", "WHAT BECOMES OF IT"],
            rows.collect(),
        )
    }

    fn waived(&self) -> Option<String> {
        let rows = self.plan.waived.iter().map(|(target, waiver)| {
            let until = minute(waiver.until);
            [target.to_string(), until, waiver.who.clone(), waiver.why.to_string()]
        });
        headed(["WITHOUT EVIDENCE", "UNTIL", "BY", "WHY"], rows.collect())
    }
}

/// A table under its head; none where it has no rows.
fn headed<const N: usize>(head: [&str; N], mut rows: Vec<[String; N]>) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    rows.insert(0, head.map(str::to_owned));
    Some(table(&rows))
}
