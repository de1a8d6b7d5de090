use std::collections::BTreeMap;

use serde::Serialize;

use super::changes::SNAPSHOTS_LEFT;
use super::document::ToldBin;
use super::next::{Wave, minute};
use super::page::step_words;
use super::said::counted;
use super::since::{Since, ToldSince};
use super::totals::Totals;
use super::{BOUND, PruningReport, RunMode};
use crate::pruning::{JudgedContainer, OverShare, PruningPlan};
use crate::telling::{CHAT_ROOM, Listed, Look, Notification, fitting, subject, texts};
use crate::{FamilyName, Target, Timestamp, Words, plural};

/// So many bytes of JSON, with as many again for what stands in front of quotes where it lies in another JSON.
const ROOM: usize = 48 << 10;
/// Bytes of a mail's text.
const MAIL_ROOM: usize = 16 << 10;
/// Entries of each list, where there is room.
const LENGTHS: [usize; 8] = [500, 200, 100, 50, 20, 10, 5, 1];
/// The same for people.
const FEW: [usize; 5] = [20, 10, 5, 3, 1];
/// Of what goes next people are told no more lines: the page has every image.
const WAVES: usize = 5;

/// What a run comes to, and what is in the way. That images go for good is told apart, a day ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PruningMessage {
    /// Of which family.
    pub family: FamilyName,
    /// When the plan was made.
    pub at: Timestamp,
    /// The plan's digest.
    pub digest: String,
    mode: RunMode,
    totals: Totals,
    says: String,
    next: Vec<Wave>,
    since: Option<ToldSince>,
    troubles: Vec<Words>,
    over_share: Option<ToldShare>,
    waivers: Vec<ToldWaiver>,
    bins: Vec<ToldBin>,
    containers: Vec<ToldContainer>,
    report: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ToldShare {
    releases: usize,
    allowed: usize,
    of: usize,
    accept: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ToldWaiver {
    target: Target,
    until: Timestamp,
    who: Words,
}

/// A container image, and what its release is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ToldContainer {
    #[serde(flatten)]
    judged: JudgedContainer,
    title: Words,
}

/// The message for programs, with lists that have room.
#[derive(Serialize)]
struct Machine<'a> {
    message: &'static str,
    family: &'a FamilyName,
    at: Timestamp,
    mode: RunMode,
    digest: &'a str,
    totals: &'a Totals,
    gib: &'static str,
    /// The soonest first.
    next: Listed<&'a Wave>,
    since: Option<Since<'a>>,
    troubles: Listed<&'a Words>,
    over_share: Option<&'a ToldShare>,
    waivers: Listed<&'a ToldWaiver>,
    /// What no Recycle Bin gives back whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    bins: Option<Listed<&'a ToldBin>>,
    /// Those that no rule keeps first.
    #[serde(skip_serializing_if = "Option::is_none")]
    containers: Option<Listed<&'a ToldContainer>>,
    /// Where its whole document lies.
    report: Option<&'a str>,
}

impl PruningReport<'_> {
    /// The run in short.
    pub fn message(&self) -> PruningMessage {
        let PruningPlan {
            family,
            troubles,
            over_share,
            waived,
            ..
        } = self.plan;
        let over_share = over_share.as_ref().zip(self.plan.acceptance());
        PruningMessage {
            family: family.clone(),
            at: self.at,
            digest: self.plan.digest(),
            mode: self.mode,
            totals: self.totals(),
            says: self.paragraph(),
            next: self.waves(),
            since: self.told.map(|told| ToldSince::of(told, &self.totals())),
            troubles: troubles.iter().map(|trouble| trouble.to_string().into()).collect(),
            over_share: over_share.map(|(over, digest)| {
                let OverShare { releases, allowed, of } = over;
                ToldShare {
                    releases: releases.len(),
                    allowed: *allowed,
                    of: *of,
                    accept: self.accept(&digest),
                }
            }),
            waivers: waived
                .iter()
                .map(|(target, waiver)| ToldWaiver {
                    target: *target,
                    until: waiver.until,
                    who: waiver.who.as_str().into(),
                })
                .collect(),
            bins: self.short_bins().map(ToldBin::of).collect(),
            containers: self.told_containers(),
            report: None,
        }
    }
}

impl PruningReport<'_> {
    /// Its container images, those that no rule keeps first.
    fn told_containers(&self) -> Vec<ToldContainer> {
        let told = self.plan.containers.iter().map(|judged| ToldContainer {
            judged: judged.clone(),
            title: self.title(judged.release).into(),
        });
        let (mut told, stay): (Vec<_>, Vec<_>) = told.partition(|told| told.judged.would_go());
        told.extend(stay);
        told
    }
}

impl PruningMessage {
    /// The same, where its whole document lies at this address.
    #[must_use]
    pub fn lying_at(self, address: String) -> Self {
        Self {
            report: Some(address),
            ..self
        }
    }

    /// The news, in a line.
    pub fn headline(&self) -> String {
        let family = &self.family;
        if let Some(over) = &self.over_share {
            return format!("{family}: {} releases wait for a person to let them go", over.releases);
        }
        if !self.troubles.is_empty() {
            return format!("{family}: nothing is pruned, as who uses its images is not known");
        }
        if let Some(of) = self.totals.containers.as_ref().filter(|of| of.would_go > 0) {
            let count = of.would_go;
            return format!(
                "{family}: no rule keeps {count} container image{}, and nobody can know who uses them",
                plural(count)
            );
        }
        if let Some(left) = self.totals.left_behind {
            let count = left.images;
            return format!(
                "{family}: failed builds left {count} image{} that nothing of ours takes away",
                plural(count)
            );
        }
        let is_told = self.since.as_ref().is_some_and(|since| !since.is_other(SNAPSHOTS_LEFT));
        let left = self.totals.leftovers.filter(|left| left.snapshots > 0 && !is_told);
        if let Some(left) = left {
            let count = left.snapshots;
            return format!(
                "{family}: others took images away, and left {count} snapshot{}",
                plural(count)
            );
        }
        if let Some(done) = self.since.as_ref().and_then(ToldSince::headline) {
            return format!("{family}: {done}");
        }
        match counted(&step_words(&self.totals.steps)) {
            None => format!("{family}: nothing is pruned in this run"),
            Some(done) if self.mode == RunMode::Observes => format!("{family}: {done}, if it were not looked at alone"),
            Some(done) => format!("{family}: {done}"),
        }
    }

    /// A mail's subject.
    pub fn subject(&self) -> String {
        subject(&self.family, &self.headline())
    }

    /// It for people, as text.
    pub fn text(&self) -> String {
        fitting(MAIL_ROOM, &FEW, |most| {
            format!("{}.\n\n{}\n", self.headline(), self.told(Look::Plain, most))
        })
    }

    /// It for chat.
    pub fn chat(&self) -> String {
        // What a plan does may be what it did a day ago: that is another message.
        let since = self.since.as_ref().map(|since| format!("-{}", since.told));
        let id = format!("{}{}-{}", self.family, since.unwrap_or_default(), self.digest);
        let notification = Notification {
            id: id.chars().take(256).collect(),
            title: self.headline(),
            description: fitting(CHAT_ROOM, &FEW, |most| self.told(Look::Chat, most)),
            next_steps: self.next_steps(),
            keywords: vec![self.family.to_string(), String::from("pruning")],
            thread: format!("pruning of {}", self.family),
            event_type: "pruning run",
            related: Vec::new(),
            context: BTreeMap::from([("family", self.family.to_string()), ("digest", self.digest.clone())]),
        };
        notification.text()
    }

    /// It for programs, as JSON.
    pub fn json(&self) -> String {
        let Self {
            family,
            at,
            digest,
            mode,
            totals,
            says: _,
            next,
            since,
            troubles,
            over_share,
            waivers,
            bins,
            containers,
            report,
        } = self;
        fitting(ROOM, &LENGTHS, |most| {
            let machine = Machine {
                message: "pruning run",
                family,
                at: *at,
                mode: *mode,
                digest,
                totals,
                gib: BOUND,
                next: Listed::of(next, most),
                since: since.as_ref().map(|since| since.machine(most)),
                troubles: Listed::of(troubles, most),
                over_share: over_share.as_ref(),
                waivers: Listed::of(waivers, most),
                bins: (!bins.is_empty()).then(|| Listed::of(bins, most)),
                containers: (!containers.is_empty()).then(|| Listed::of(containers, most)),
                report: report.as_deref(),
            };
            serde_json::to_string(&machine).unwrap_or_default()
        })
    }

    /// All of its texts in one, as SNS takes them.
    pub fn texts(&self) -> String {
        texts(self.json(), self.text(), self.chat())
    }

    fn next_steps(&self) -> Vec<String> {
        let family = &self.family;
        let mut steps = vec![format!(
            "`steward plan prune {family}`: all that goes, stays or is blocked, and why"
        )];
        steps.extend(
            self.over_share
                .as_ref()
                .map(|over| format!("`{}`: lets them go", over.accept)),
        );
        steps
    }

    fn told(&self, look: Look, most: usize) -> String {
        let mut told = vec![self.says.clone()];
        told.extend(self.kept_and_blocked());
        told.extend(list("What goes next:", &self.next, most.min(WAVES), Wave::to_string));
        told.extend(self.since.as_ref().and_then(|since| since.text(most)));
        if let Some(ToldShare { accept, .. }) = &self.over_share {
            told.push(format!("To let them: {}", look.quote(accept)));
        }
        told.extend(list(
            "Nothing is done while this is so:",
            &self.troubles,
            most,
            |trouble| look.quote(trouble.as_str()),
        ));
        told.extend(list("Done without the evidence of:", &self.waivers, most, |waiver| {
            let ToldWaiver { target, until, who } = waiver;
            format!(
                "{target} until {}, as {} said",
                minute(*until),
                look.quote(who.as_str())
            )
        }));
        told.extend(list("What no Recycle Bin gives back:", &self.bins, most, |bin| {
            look.quote(bin.says.as_str())
        }));
        told.extend(list("Container images:", &self.containers, most, |told| {
            let ToldContainer { judged, title } = told;
            let (image, title) = (judged.container.image.to_string(), title.as_str());
            format!(
                "{} of {} {}",
                look.quote(&image),
                look.quote(title),
                look.quote(&judged.to_string())
            )
        }));
        let page = self.report.as_deref().map(page_of);
        told.extend(page.map(|at| format!("All of it: {}", look.quote(&at))));
        told.join("\n\n")
    }

    /// How many images stay by which rule, how many are held up by what, and how large is what nothing keeps; none: nothing of it.
    fn kept_and_blocked(&self) -> Option<String> {
        let Totals { kept, blocked, gib, .. } = &self.totals;
        let kept: Vec<(usize, &str)> = kept.iter().map(|(rule, count)| (*count, rule.as_str())).collect();
        let blocked: Vec<(usize, &str)> = blocked.iter().map(|(cause, count)| (*count, cause.as_str())).collect();
        let kept = counted(&kept).map(|kept| format!("Kept, by rule: {kept}."));
        let blocked = counted(&blocked).map(|blocked| format!("Blocked, by cause: {blocked}."));
        let large = (gib.expendable > 0).then(|| format!("What no rule keeps holds {} GiB at most.", gib.expendable));
        let said: Vec<String> = kept.into_iter().chain(blocked).chain(large).collect();
        (!said.is_empty()).then(|| said.join(" "))
    }
}

/// Where the page for people lies: beside the document for programs.
fn page_of(document: &str) -> String {
    let stem = document.strip_suffix(".json");
    stem.map_or_else(|| document.to_owned(), |stem| format!("{stem}.md"))
}

/// A sentence and its list; none of nothing.
pub(super) fn list<T>(says: &str, items: &[T], most: usize, show: impl FnMut(&T) -> String) -> Option<String> {
    if items.is_empty() {
        return None;
    }
    let Listed { listed, more } = Listed::of(items, most).map(show);
    let more = (more > 0).then(|| format!("+{more} more"));
    let lines = listed.into_iter().chain(more);
    Some(lines.fold(says.to_owned(), |text, line| format!("{text}\n- {line}")))
}
