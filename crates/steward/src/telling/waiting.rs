//! What people and their programs are told of a build that waits for them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::notification::Notification;
use super::quoted::Look;
use super::subject::subject;
use super::texts::texts;
use crate::building::{StepState, WaitingStep};
use crate::{FamilyName, ImageBuildArn, Timestamp, Words, WorkflowBuildArn};

/// That a build waits in a step of its workflow until somebody answers.
#[derive(Clone, Copy, Debug)]
pub struct WaitingNotice<'a> {
    /// The step.
    pub waits: &'a StepState,
    /// When it is told of.
    pub told: Timestamp,
}

#[derive(Serialize)]
struct Machine<'a> {
    message: &'static str,
    family: &'a FamilyName,
    build: &'a ImageBuildArn,
    release: String,
    workflow: &'a WorkflowBuildArn,
    step: &'a Words,
    since: Timestamp,
    until: Timestamp,
    approve: String,
    told: Timestamp,
}

impl WaitingNotice<'_> {
    /// A mail's subject.
    pub fn subject(&self) -> String {
        subject(
            &self.waits.family,
            &format!("{} waits for an answer", self.waits.title()),
        )
    }

    /// The texts for all protocols, as SNS takes them (`MessageStructure` is `json`).
    pub fn texts(&self) -> String {
        texts(self.json(), self.text(), self.chat())
    }

    fn json(&self) -> String {
        let StepState {
            step,
            family,
            until,
            told: _,
            answer: _,
            missed: _,
            over: _,
        } = self.waits;
        let WaitingStep {
            id: _,
            build,
            workflow,
            name,
            since,
        } = step;
        let machine = Machine {
            message: "build waits",
            family,
            build,
            release: self.waits.title(),
            workflow,
            step: name,
            since: *since,
            until: *until,
            approve: self.waits.command(),
            told: self.told,
        };
        serde_json::to_string(&machine).unwrap_or_default()
    }

    fn text(&self) -> String {
        let command = self.waits.command();
        format!(
            "{}\n\nWhoever lets it go on:\n{command}\nWhoever ends it:\n{command} --stop\n",
            self.summary(Look::Plain)
        )
    }

    fn chat(&self) -> String {
        let family = self.waits.family.to_string();
        let command = self.waits.command();
        let notification = Notification {
            id: self.waits.step.id.clone(),
            title: format!("{} waits for an answer", self.waits.title()),
            description: self.summary(Look::Chat),
            next_steps: vec![
                format!("`{command}`: lets it go on"),
                format!("`{command} --stop`: ends it"),
            ],
            keywords: vec![family.clone()],
            thread: format!("{family} is built"),
            event_type: "build waits",
            related: vec![self.waits.step.build.to_string()],
            context: BTreeMap::from([("family", family)]),
        };
        notification.text()
    }

    fn summary(&self, look: Look) -> String {
        let StepState { step, until, .. } = self.waits;
        format!(
            "{} waits in the step {} of {} since {}. Unless somebody answers, it fails, at {until} at the latest.",
            self.waits.title(),
            look.quote(step.name.as_str()),
            step.workflow,
            step.since
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_blessed;

    #[test]
    fn people_and_programs_are_told_which_build_waits_until_when_and_what_answers_it() {
        let step = WaitingStep {
            id: String::from("step-0c9d8e7f-6a5b-4c3d-8e2f-1a0b9c8d7e6f"),
            build: "arn:aws:imagebuilder:eu-west-1:111122223333:image/web-x86-64/1.4.2/1"
                .parse()
                .unwrap(),
            workflow: "arn:aws:imagebuilder:eu-west-1:111122223333:workflow/build/ask-first/1.0.0/1"
                .parse()
                .unwrap(),
            name: "approve".into(),
            since: "2026-03-01T08:00:00Z".parse().unwrap(),
        };
        let until = "2026-03-04T08:00:00Z".parse().unwrap();
        let notice = WaitingNotice {
            waits: &StepState::seen(step, "web".parse().unwrap(), until),
            told: "2026-03-01T08:01:00Z".parse().unwrap(),
        };
        let texts: serde_json::Value = serde_json::from_str(&notice.texts()).unwrap();
        let pretty = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            serde_json::to_string_pretty(&value).unwrap()
        };
        assert_blessed(
            pretty(texts["default"].as_str().unwrap()).lines(),
            "../../docs/messages/build-waits.json",
        );
        let chat = pretty(texts["https"].as_str().unwrap());
        let mail = format!("{}\n\n{}", notice.subject(), texts["email"].as_str().unwrap());
        assert_blessed(format!("{mail}\n\n{chat}").lines(), "src/telling/tests/waiting.txt");
    }
}
