//! Steps of workflows that wait until a person answers them.

use serde::{Deserialize, Serialize};

use crate::text::digest;
use crate::{Duration, FamilyName, ImageBuildArn, Timestamp, Words, WorkflowBuildArn};

/// So long Image Builder waits where neither it nor a workflow says anything else.
pub const USUAL_WAIT: Duration = Duration::days(3);

/// What a person answered and nobody could send for so long is over.
const ANSWER_KEPT: Duration = Duration::days(1);
/// A list may leave out what is there: two that are so far apart must agree.
const AGREE: Duration = Duration::minutes(5);
/// Longer Image Builder takes no reason.
const LONGEST_REASON: usize = 1_024;

/// A step that waits, as Image Builder lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingStep {
    /// Image Builder's name for this one time.
    pub id: String,
    /// Of which build.
    pub build: ImageBuildArn,
    /// Of which workflow.
    pub workflow: WorkflowBuildArn,
    /// What the workflow calls it.
    pub name: Words,
    /// Since when.
    pub since: Timestamp,
}

/// What is kept of such a step from when it is first seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// Which.
    pub step: WaitingStep,
    /// Of a build of which family.
    pub family: FamilyName,
    /// Its build fails then at the latest, unless somebody answers.
    pub until: Timestamp,
    /// When people were told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Timestamp>,
    /// What a person answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<StepAnswer>,
    /// Since when Image Builder lists it no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Timestamp>,
    /// What came of it; none: it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Words>,
}

/// What a person answers to a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAnswer {
    /// Who, by the name that AWS knows them by.
    pub who: String,
    /// Why.
    pub why: Words,
    /// When.
    pub at: Timestamp,
    /// Whether the build is to end here; else it goes on.
    pub stops: bool,
    /// Whether it was sent, for all that is known: it is written down before.
    #[serde(default)]
    pub sent: bool,
}

/// What becomes of a step now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepPlan {
    /// What.
    pub fate: StepFate,
    /// What is to be kept of it.
    pub state: StepState,
}

/// What becomes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepFate {
    /// Nothing.
    Quiet,
    /// People are told that it waits.
    Told,
    /// This answer is sent.
    Answered(StepAnswer),
    /// What a person answered came to nothing: why. The step waits for another answer.
    Lapsed(Words),
    /// It waits no more: what came of it.
    Over(Words),
}

/// Decides of one step, by whether Image Builder lists it now.
pub fn decide_step(before: &StepState, is_listed: bool, now: Timestamp) -> StepPlan {
    let mut state = before.clone();
    let fate = state.settle(is_listed, now);
    StepPlan { fate, state }
}

impl StepAnswer {
    /// What makes the same answer to a step that is sent again one answer.
    pub fn token(&self, step: &WaitingStep) -> String {
        let Self {
            who,
            why,
            at,
            stops,
            sent: _,
        } = self;
        digest(&(&step.id, who, why, at, stops))
    }

    /// Who and why, as Image Builder keeps it with the step.
    pub fn reason(&self) -> String {
        let reason = format!("{}: {}", self.who, self.why);
        reason.chars().take(LONGEST_REASON).collect()
    }
}

impl StepState {
    /// A step that is seen for the first time.
    pub const fn seen(step: WaitingStep, family: FamilyName, until: Timestamp) -> Self {
        Self {
            step,
            family,
            until,
            told: None,
            answer: None,
            missed: None,
            over: None,
        }
    }

    /// Its build, as people call it.
    pub fn title(&self) -> String {
        format!("{}/{}", self.family, self.step.build.version())
    }

    /// That it waits, in a line.
    pub fn headline(&self) -> String {
        let WaitingStep { name, workflow, .. } = &self.step;
        format!(
            "{} waits for an answer in the step {name} of {}",
            self.title(),
            workflow.name()
        )
    }

    /// What lets it go on. It names the build by its ARN: two architectures of a release may have the same number. A name that a
    /// shell would take for something else is left out: it is needed only where a build waits in several steps.
    pub fn command(&self) -> String {
        let WaitingStep { name, build, .. } = &self.step;
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-');
        let step = if name.as_str().bytes().all(is_plain) {
            format!(" --step {name}")
        } else {
            String::new()
        };
        format!("steward approve {build}{step} --because TEXT")
    }

    /// That it waits, since when and until when, and what answers it.
    pub fn says(&self) -> Words {
        Words::from(format!(
            "{} since {}, until {} at the latest, when its build fails; `{}` lets it go on, with --stop it ends",
            self.headline(),
            self.step.since,
            self.until,
            self.command()
        ))
    }

    /// Forgets an answer that came to nothing: people are told again that it waits.
    pub fn ask_anew(&mut self) {
        (self.answer, self.told) = (None, None);
    }

    fn settle(&mut self, is_listed: bool, now: Timestamp) -> StepFate {
        if is_listed && self.answer.is_none() {
            // However long lists left it out.
            (self.missed, self.over) = (None, None);
        }
        if self.over.is_some() {
            return StepFate::Quiet;
        }
        if let Some(answer) = &self.answer {
            if answer.sent || answer.at.saturating_add(ANSWER_KEPT) > now {
                return StepFate::Answered(answer.clone());
            }
            let why = format!(
                "what {} answered to {} came to nothing: nobody could send it for a day",
                answer.who,
                self.title()
            );
            self.ask_anew();
            return StepFate::Lapsed(Words::from(why));
        }
        if is_listed {
            return if self.told.is_none() {
                StepFate::Told
            } else {
                StepFate::Quiet
            };
        }
        let missed = *self.missed.get_or_insert(now);
        if missed.saturating_add(AGREE) > now {
            return StepFate::Quiet;
        }
        let came = if missed >= self.until {
            "nobody answered it in time, and its build fails"
        } else {
            "it was answered in Image Builder itself, or its build was ended"
        };
        let over = Words::from(format!(
            "{} waits no more in the step {}: {came}",
            self.title(),
            self.step.name
        ));
        self.over = Some(over.clone());
        StepFate::Over(over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn told() -> StepState {
        let step = WaitingStep {
            id: String::from("step-0c9d8e7f-6a5b-4c3d-8e2f-1a0b9c8d7e6f"),
            build: "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86-64/1.4.2/1"
                .parse()
                .unwrap(),
            workflow: "arn:aws:imagebuilder:eu-west-1:111122223333:workflow/build/ask-first/1.0.0/1"
                .parse()
                .unwrap(),
            name: "approve".into(),
            since: time("2026-03-01T08:00:00Z"),
        };
        StepState {
            told: Some(time("2026-03-01T08:01:00Z")),
            ..StepState::seen(step, "web".parse().unwrap(), time("2026-03-04T08:00:00Z"))
        }
    }

    fn answered(at: &str) -> StepState {
        let answer = StepAnswer {
            who: String::from("ann"),
            why: "it boots".into(),
            at: time(at),
            stops: false,
            sent: false,
        };
        StepState {
            answer: Some(answer),
            ..told()
        }
    }

    fn fate(state: &StepState, is_listed: bool, now: &str) -> StepFate {
        decide_step(state, is_listed, time(now)).fate
    }

    #[test]
    fn people_are_told_of_a_step_that_waits_until_they_were_and_then_no_more() {
        let untold = StepState { told: None, ..told() };
        assert_eq!(fate(&untold, true, "2026-03-01T08:05:00Z"), StepFate::Told);
        assert_eq!(fate(&told(), true, "2026-03-01T08:05:00Z"), StepFate::Quiet);
        assert_eq!(
            told().says().as_str(),
            "web/1.4.2/1 waits for an answer in the step approve of ask-first since 2026-03-01T08:00:00.000Z, until \
             2026-03-04T08:00:00.000Z at the latest, when its build fails; `steward approve \
             arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86-64/1.4.2/1 --step approve --because TEXT` lets it go on, with \
             --stop it ends"
        );
    }

    #[test]
    fn a_step_is_never_named_to_a_shell_by_what_the_shell_would_run() {
        let mut state = told();
        state.step.name = "a; rm -rf ~".into();
        assert!(!state.command().contains("rm"), "{}", state.command());
    }

    #[test]
    fn an_answer_is_sent_for_a_day_and_then_only_where_it_may_have_been_sent_before() {
        let mut state = answered("2026-03-01T09:00:00Z");
        let answer = state.answer.clone().unwrap();
        for is_listed in [true, false] {
            assert_eq!(
                fate(&state, is_listed, "2026-03-02T08:59:00Z"),
                StepFate::Answered(answer.clone())
            );
        }
        let StepPlan {
            fate: lapsed,
            state: after,
        } = decide_step(&state, true, time("2026-03-02T09:00:00Z"));
        let StepFate::Lapsed(why) = lapsed else {
            panic!("{lapsed:?}")
        };
        assert_eq!(
            why.as_str(),
            "what ann answered to web/1.4.2/1 came to nothing: nobody could send it for a day"
        );
        // Whoever answered has to hear of it.
        assert_eq!(after, StepState { told: None, ..told() });
        assert_eq!(fate(&after, true, "2026-03-02T09:05:00Z"), StepFate::Told);
        state.answer.as_mut().unwrap().sent = true;
        let sent = state.answer.clone().unwrap();
        assert_eq!(fate(&state, false, "2026-03-09T08:00:00Z"), StepFate::Answered(sent));
    }

    #[test]
    fn another_answer_has_another_token_and_the_same_one_the_same_whether_it_was_sent_or_not() {
        let state = answered("2026-03-01T09:00:00Z");
        let answer = state.answer.unwrap();
        let token = |answer: &StepAnswer| answer.token(&state.step);
        assert_eq!(token(&answer).len(), 64);
        let sent = StepAnswer {
            sent: true,
            ..answer.clone()
        };
        assert_eq!(token(&sent), token(&answer));
        let stops = StepAnswer {
            stops: true,
            ..answer.clone()
        };
        assert_ne!(token(&stops), token(&answer));
        let later = StepAnswer {
            at: time("2026-03-02T09:30:00Z"),
            ..answer.clone()
        };
        assert_ne!(token(&later), token(&answer));
        let long = StepAnswer {
            why: "é".repeat(2_000).into(),
            who: "a".repeat(100),
            ..answer
        };
        assert_eq!(long.reason().chars().count(), 1_024);
    }

    #[test]
    fn what_two_lists_leave_out_five_minutes_apart_waits_no_more_and_one_that_is_listed_again_does() {
        let first = decide_step(&told(), false, time("2026-03-01T10:00:00Z"));
        assert_eq!(first.fate, StepFate::Quiet);
        assert_eq!(fate(&first.state, false, "2026-03-01T10:04:00Z"), StepFate::Quiet);
        let again = decide_step(&first.state, true, time("2026-03-01T10:05:00Z"));
        assert_eq!((again.fate, again.state), (StepFate::Quiet, told()));
        let gone = decide_step(&first.state, false, time("2026-03-01T10:05:00Z"));
        let StepFate::Over(over) = &gone.fate else {
            panic!("{gone:?}")
        };
        assert_eq!(
            over.as_str(),
            "web/1.4.2/1 waits no more in the step approve: it was answered in Image Builder itself, or its build was ended"
        );
        assert_eq!(fate(&gone.state, false, "2026-03-01T11:00:00Z"), StepFate::Quiet);
        assert_eq!(
            decide_step(&gone.state, true, time("2026-03-01T11:00:00Z")).state,
            told()
        );
    }

    #[test]
    fn a_step_that_is_gone_after_its_time_was_answered_by_nobody() {
        let first = decide_step(&told(), false, time("2026-03-04T08:02:00Z"));
        let StepFate::Over(over) = fate(&first.state, false, "2026-03-04T08:07:00Z") else {
            panic!()
        };
        assert_eq!(
            over.as_str(),
            "web/1.4.2/1 waits no more in the step approve: nobody answered it in time, and its build fails"
        );
    }

    #[test]
    fn what_was_answered_is_not_asked_again_however_long_lists_show_it() {
        let state = StepState {
            over: Some("ann let it go on".into()),
            ..answered("2026-03-01T09:00:00Z")
        };
        for is_listed in [true, false] {
            let plan = decide_step(&state, is_listed, time("2026-03-05T09:00:00Z"));
            assert_eq!((plan.fate, &plan.state), (StepFate::Quiet, &state));
        }
    }
}
