use std::fmt::Write as _;

use super::PruningReport;
use super::advice::{ADVICE_ON_OUTPUTS_LEFT, ADVICE_ON_SNAPSHOTS_LEFT};
use super::next::comes_to;
use crate::text::headed;

/// So many of what is kept are shown; `--format json` has all.
const KEPT: usize = 20;

impl PruningReport<'_> {
    /// For a terminal: what goes, what is blocked, what stays, and what it comes to.
    pub fn text(&self) -> String {
        let parts = [
            Some(self.plan.family.to_string()),
            self.climbing(),
            self.going(),
            self.not_given_back(),
            self.blocked(),
            self.kept(),
            self.left(),
            self.snapshots(),
            self.by_failed_builds(),
            self.without_an_image(),
            self.snapshots_of_others(),
            self.containers(),
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
        text.push(String::from(self.holes()));
        text.join("\n\n")
    }

    fn climbing(&self) -> Option<String> {
        headed(["CLIMBS BACK", "RELEASE", "WHERE", "FROM"], self.climbs())
    }

    fn going(&self) -> Option<String> {
        let (goes_on, ends) = self.goes_on();
        let rows = goes_on.iter().map(|goes| {
            [
                goes.image.ami.to_string(),
                self.title(goes.image.release),
                goes.image.target.to_string(),
                format!("{} → {}", goes.image.rung, comes_to(goes.to)),
                goes.when.to_string(),
                format!("{} GiB", goes.image.gib),
                goes.why(),
            ]
        });
        let head = ["GOES", "RELEASE", "WHERE", "BECOMES", "WHEN", "AT MOST", "WHY"];
        let mut text = headed(head, rows).unwrap_or_default();
        if ends > 0 {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = write!(text, "{gap}{ends} more stay on their rung: their ladder ends there.");
        }
        (!text.is_empty()).then_some(text)
    }

    fn not_given_back(&self) -> Option<String> {
        let rows = self.short_bins().map(|ahead| {
            let advice = self.advice_on_bin(ahead).replace('`', "");
            [ahead.images.to_string(), ahead.to_string(), advice]
        });
        headed(
            ["IMAGES", "WHAT NO RECYCLE BIN GIVES BACK", "WHAT WOULD CHANGE THAT"],
            rows,
        )
    }

    fn blocked(&self) -> Option<String> {
        let rows = self.stuck().into_iter().map(|stuck| {
            let advice = stuck.advice.replace('`', "");
            [stuck.images, stuck.cause.to_string(), stuck.says, advice]
        });
        headed(["BLOCKED", "CAUSE", "BY WHAT", "WHAT TO DO"], rows)
    }

    fn kept(&self) -> Option<String> {
        let mut text = headed(["KEPT", "RELEASE", "WHERE", "RULE", "WHY"], self.stay().take(KEPT))?;
        let more = self.plan.kept.len().saturating_sub(KEPT);
        if more > 0 {
            let _ = write!(text, "\n+{more} more: --format json has all");
        }
        Some(text)
    }

    fn left(&self) -> Option<String> {
        let head = ["LEFT IN IMAGE BUILDER", "RELEASE", "WHAT BECOMES OF IT"];
        headed(head, self.orphans())
    }

    fn snapshots(&self) -> Option<String> {
        let head = ["STILL THERE", "OF", "RELEASE", "WHERE", "WHY", "TRIED AGAIN"];
        headed(head, self.still_there())
    }

    fn by_failed_builds(&self) -> Option<String> {
        let head = [
            "LEFT BEHIND",
            "BY THE BUILD",
            "WHERE",
            "SNAPSHOTS",
            "AT MOST",
            "WHY IT STAYS",
        ];
        let text = headed(head, self.left_behind())?;
        Some(format!("{text}\n{}", self.advice_on_left().replace('`', "")))
    }

    fn without_an_image(&self) -> Option<String> {
        let head = ["IN IMAGE BUILDER", "RELEASE", "STATE", "SINCE", "WHY IT IS LEFT"];
        let mut text = headed(head, self.outputs_left().take(KEPT))?;
        let more = self.leftovers.outputs.len().saturating_sub(KEPT);
        if more > 0 {
            let _ = write!(text, "\n+{more} more: --format json has all");
        }
        let advice = ADVICE_ON_OUTPUTS_LEFT.replace('`', "");
        Some(format!("{text}\n{advice}"))
    }

    fn snapshots_of_others(&self) -> Option<String> {
        let head = ["SNAPSHOTS LEFT", "OF", "RELEASE", "WHERE", "AT MOST", "GONE SINCE"];
        let text = headed(head, self.snapshots_left())?;
        let advice = ADVICE_ON_SNAPSHOTS_LEFT.replace('`', "");
        Some(format!("{text}\n{advice}"))
    }

    fn containers(&self) -> Option<String> {
        let head = ["WOULD GO", "CALLED", "RELEASE", "WHERE", "WHY NOTHING KEEPS IT"];
        let would_go = headed(head, self.containers_that_would_go());
        let head = ["KEPT", "CALLED", "RELEASE", "WHERE", "RULE", "WHY"];
        let stay = headed(head, self.containers_that_stay().take(KEPT)).map(|mut stay| {
            let more = self.containers_that_stay().skip(KEPT).count();
            if more > 0 {
                let _ = write!(stay, "\n+{more} more: --format json has all");
            }
            stay
        });
        let both: Vec<String> = would_go.into_iter().chain(stay).collect();
        (!both.is_empty()).then(|| both.join("\n\n"))
    }

    fn waived(&self) -> Option<String> {
        headed(["WITHOUT EVIDENCE", "UNTIL", "BY", "WHY"], self.waivers())
    }
}
