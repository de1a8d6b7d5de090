//! Of which kinds the lines are that the decision was held against the reference with.

use std::collections::BTreeMap;

use super::reference::{Expected, Verdict, Why};
use crate::building::freeze::frozen_until;
use crate::building::{Attempt, BuildsFacts, Ending, LineFacts, LinePlan, Look, Reason, Superseded};
use crate::manifest::ReasonKind;
use crate::{Duration, Timestamp};

/// How often each kind was among them.
#[derive(Debug, Default)]
pub(super) struct Coverage(BTreeMap<String, u64>);

const WAITS: [Why; 5] = [
    Why::Freeze,
    Why::MoreMayCome,
    Why::NotReadJustNow,
    Why::FailedByTheWay,
    Why::ParentFirst,
];
const SKIPPED: [Why; 7] = [
    Why::NothingDiffers,
    Why::TheSameIsBuilt,
    Why::TheSameFailed,
    Why::TheSameWasCancelled,
    Why::Tried,
    Why::TooOld,
    Why::Disabled,
];
const BLOCKED: [Why; 7] = [
    Why::NoPipeline,
    Why::Disabled,
    Why::Unreadable,
    Why::NoBuildOfAComponent,
    Why::NotStarted,
    Why::Breaker,
    Why::LinesFailed,
];

impl Coverage {
    pub(super) fn assert_each_at_least(&self, least: u64) {
        let rare: Vec<_> = self.0.iter().filter(|(_, count)| **count < least).collect();
        assert!(rare.is_empty(), "fewer than {least}: {rare:#?} of {:#?}", self.0);
    }

    /// For whoever runs many.
    pub(super) fn report(&self, lives: u64) {
        eprintln!("{lives} lives: {:#?}", self.0);
    }

    pub(super) fn see(&mut self, facts: &BuildsFacts<'_>, of: &LineFacts<'_>, plan: &LinePlan, expected: &Expected) {
        let verdict = &expected.verdict;
        self.hit("lines", true);
        self.hit("quiet", *verdict == Verdict::Quiet);
        self.hit("to be read", *verdict == Verdict::ToBeRead);
        self.hit("building", *verdict == Verdict::Building);
        self.hit("ended for another", *verdict == Verdict::Cancels);
        self.hit("queued", matches!(verdict, Verdict::Queued(_)));
        self.hit("follows", matches!(verdict, Verdict::Follows(_)));
        for why in WAITS {
            self.hit(
                &format!("waits: {why:?}"),
                matches!(verdict, Verdict::Waits(_, of) if *of == why),
            );
        }
        for why in SKIPPED {
            self.hit(&format!("skipped: {why:?}"), *verdict == Verdict::Skipped(why));
        }
        for why in BLOCKED {
            self.hit(&format!("blocked: {why:?}"), *verdict == Verdict::Blocked(why));
        }
        self.starts(facts, of, plan, expected);
        self.edges(facts, of, plan, expected);
    }

    fn hit(&mut self, kind: &str, is_so: bool) {
        *self.0.entry(kind.to_owned()).or_default() += u64::from(is_so);
    }

    fn starts(&mut self, facts: &BuildsFacts<'_>, of: &LineFacts<'_>, plan: &LinePlan, expected: &Expected) {
        let starts = expected.verdict == Verdict::Starts;
        let attempt = plan.state.attempt.as_ref().filter(|_| starts);
        let new = attempt.filter(|attempt| attempt.begun == facts.now);
        self.hit("starts: in doubt", starts && new.is_none());
        let reasons = new.map_or(&[] as &[Reason], |attempt| attempt.reasons.as_slice());
        let is = |kind: fn(&Reason) -> bool| reasons.iter().any(kind);
        self.hit("starts: by hand", is(|reason| matches!(reason, Reason::Manual { .. })));
        self.hit("starts: found", is(|reason| matches!(reason, Reason::Cve { .. })));
        self.hit("starts: parent", is(|reason| matches!(reason, Reason::Parent { .. })));
        self.hit("starts: base", is(|reason| matches!(reason, Reason::Base { .. })));
        self.hit("starts: change", is(|reason| matches!(reason, Reason::Change { .. })));
        self.hit("starts: first", is(|reason| matches!(reason, Reason::First)));
        self.hit("starts: age", is(|reason| matches!(reason, Reason::Age { .. })));
        self.hit(
            "starts: schedule",
            is(|reason| matches!(reason, Reason::Schedule { .. })),
        );
        self.hit("starts: for three reasons", reasons.len() > 2);
        for retries in 1..=3 {
            let again = new.is_some_and(|attempt| attempt.retries == retries);
            self.hit(&format!("starts: again, {retries}"), again);
        }
        let kinds = [
            ReasonKind::Manual,
            ReasonKind::Cve,
            ReasonKind::Parent,
            ReasonKind::Schedule,
        ];
        let is_frozen = |kind| frozen_until(&of.triggers.freeze, kind, facts.now).is_some();
        self.hit(
            "starts: in spite of a freeze",
            new.is_some() && kinds.into_iter().any(is_frozen),
        );
        let before = of.state.attempt.as_ref().and_then(|attempt| attempt.ended.as_ref());
        let was = |how: fn(&Ending) -> bool| new.is_some() && before.is_some_and(|ended| how(&ended.how));
        self.hit("starts: after a release", was(|how| *how == Ending::Made));
        self.hit("starts: after a failure", was(|how| matches!(how, Ending::Failed(_))));
        self.hit("starts: after it was cancelled", was(|how| *how == Ending::Cancelled));
        self.hit(
            "starts: after it was refused",
            was(|how| matches!(how, Ending::NotStarted(_))),
        );
        let is_by_hand = reasons.iter().any(|reason| reason.kind() == ReasonKind::Manual);
        self.hit("starts: by hand, while broken", is_by_hand && expected.is_broken);
    }

    fn edges(&mut self, facts: &BuildsFacts<'_>, of: &LineFacts<'_>, plan: &LinePlan, expected: &Expected) {
        let (verdict, before) = (&expected.verdict, &of.state);
        let a_millisecond = matches!(verdict, Verdict::Waits(until, _) if *until == facts.now.as_millisecond() + 1);
        self.hit("waits: a millisecond more", a_millisecond);
        let was_broken = before.breaker.is_some() && !expected.is_broken;
        let is_made = plan.state.looked != before.looked && plan.state.looked.is_none();
        self.hit(
            "mended: by another recipe",
            was_broken && matches!(of.look, Some(Look::Would(_))),
        );
        self.hit("mended: by a release", was_broken && is_made);
        self.hit("breaks", before.breaker.is_none() && expected.is_broken);
        let learned = |state: &crate::building::LineState| state.attempt.as_ref().is_some_and(|it| it.build.is_some());
        self.hit(
            "building: what was built since a start in doubt",
            *verdict == Verdict::Building && before.is_in_doubt() && learned(&plan.state),
        );
        let is_old = |at: Timestamp| at.saturating_add(Duration::days(1)) <= facts.now;
        let asked_long_ago = before
            .pending
            .iter()
            .any(|pending| pending.reason.kind() == ReasonKind::Manual && is_old(pending.since));
        self.hit(
            "by hand, a day ago: goes on",
            asked_long_ago && *verdict != Verdict::Skipped(Why::TooOld),
        );
        let is_frozen = matches!(verdict, Verdict::Waits(_, Why::Freeze));
        self.hit("by hand, a day ago: frozen", asked_long_ago && is_frozen);
        self.hit("building: by another hand", plan.state.adopted.is_some());
        self.hit(
            "building: asked meanwhile",
            *verdict == Verdict::Building && !expected.pending.is_empty(),
        );
        let running = plan.state.attempt.as_ref().filter(|attempt| attempt.ended.is_none());
        let is = |of: fn(&Attempt) -> bool| *verdict == Verdict::Building && running.is_some_and(of);
        self.hit("building: follows one that was ended", is(|attempt| attempt.follows));
        let is_too_far = is(|attempt| attempt.superseded == Some(Superseded::TooLate));
        self.hit("building: too far to be ended", is_too_far);
        let was_asked = before
            .attempt
            .as_ref()
            .is_some_and(|attempt| attempt.superseded.is_some());
        self.hit(
            "ended for another: asked again",
            *verdict == Verdict::Cancels && was_asked,
        );
        let late = of.newest.as_ref().zip(plan.state.attempt.as_ref());
        let late = late.is_some_and(|(newest, attempt)| {
            attempt.ended.as_ref().is_some_and(|ended| ended.how == Ending::Made)
                && attempt
                    .build
                    .as_ref()
                    .is_some_and(|build| newest.number < build.version())
        });
        self.hit("the record is late", late);
    }
}
