use aws_sdk_imagebuilder::types::{PipelineStatus, WorkflowConfiguration};
use image_plane::{Effect, Fault, Service};
use serde_json::Value;
use steward::Timestamp;
use steward_aws::Switch;
use steward_cli::Spoken;

use super::*;
use crate::crash::Crash;
use crate::pruning::described::assert_described;

/// So long a step waits.
const WAIT: Duration = Duration::from_hours(48);

/// A step of a workflow of this stage.
type Gate = (&'static str, &'static str);

impl Yard {
    /// A family whose builds wait in these steps.
    async fn gated(gates: &[Gate]) -> Self {
        let bench = Bench::new().await;
        let workflows: Vec<String> = gates
            .iter()
            .map(|(stage, step)| format!("{{ arn: \"{}\" }}", place_gate(&bench, stage, step)))
            .collect();
        let workflows = workflows.join(", ");
        let own = format!("  workflows: [{workflows}]\n  execution_role: ImageBuilderWorkflows\n  infrastructure:");
        Self::applied_as(bench, &WEB.replace("  infrastructure:", &own)).await
    }

    /// A family whose first build waits for an answer, of which people were told.
    async fn waiting() -> Self {
        let yard = Self::gated(&[("build", "approve")]).await;
        yard.pass(6).await;
        yard
    }

    /// What people were told of builds that wait, since this was last asked.
    fn told_of_waits(&self) -> Vec<Value> {
        let published = self.bench.world.plane.with(World::take_published).into_iter();
        let told: Vec<Value> = published
            .filter(|message| message.topic == self.releases)
            .map(|message| serde_json::from_str(&message.message).unwrap())
            .collect();
        told.iter().for_each(assert_described);
        told
    }

    /// The only build, and what people call it.
    async fn only(&self) -> (String, String) {
        let [(build, _)] = self.builds().await.try_into().unwrap();
        let number = build.split_once("/web-x86-64/").unwrap().1;
        let title = format!("web/{number}");
        (build, title)
    }

    async fn status(&self, build: &str) -> String {
        let image = self.bench.ib().get_image().image_build_version_arn(build).send().await;
        image.unwrap().image.unwrap().state.unwrap().status.unwrap().to_string()
    }

    fn answers(&self) -> u64 {
        self.bench
            .world
            .plane
            .with(|world| world.ledger().of("SendWorkflowStepAction").all())
    }

    async fn approved(&self, words: &[&str]) {
        let all: Vec<&str> = ["approve", "web", "--because", "it boots"]
            .into_iter()
            .chain(words.iter().copied())
            .collect();
        let Spoken { out, err, code } = self.steward(&all).await;
        assert_eq!((err.as_str(), code), ("", 0), "{out}");
    }

    /// How often the journal says this.
    async fn heard(&self, says: &str) -> usize {
        self.journal().await.iter().filter(|said| said.contains(says)).count()
    }
}

fn place_gate(bench: &Bench, stage: &str, step: &str) -> String {
    bench.world.plane.with(|world| {
        let workflow = world.place_workflow(target(HUB, IRELAND), stage, &format!("ask-{step}"), "1.0.0");
        world.wait_in_workflow(&workflow, step, WAIT);
        workflow
    })
}

#[tokio::test(start_paused = true)]
async fn people_are_told_once_of_a_build_that_waits_until_when_and_what_answers_it() {
    let yard = Yard::waiting().await;
    yard.pass(24).await;
    let (build, title) = yard.only().await;
    assert_eq!(yard.status(&build).await, "BUILDING");
    let [told] = yard.told_of_waits().try_into().unwrap();
    let since: Timestamp = told["since"].as_str().unwrap().parse().unwrap();
    let until = since.checked_add(WAIT).unwrap();
    let command = format!("steward approve {build} --step approve --because TEXT");
    assert_eq!(
        (
            &told["build"],
            &told["release"],
            &told["step"],
            &told["until"],
            &told["approve"]
        ),
        (
            &json!(build),
            &json!(title),
            &json!("approve"),
            &json!(until.to_string()),
            &json!(command)
        )
    );
    let waits = format!(
        "{title} waits for an answer in the step approve of ask-approve since {since}, until {until} at the latest"
    );
    assert_eq!(yard.heard(&waits).await, 1, "{:#?}", yard.journal().await);
    let events = yard.bench.world.plane.with(World::take_deliveries).into_iter();
    let blocked = events.filter(|event| event.body["detail-type"] == "blocked");
    assert_eq!(blocked.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_event_of_a_step_that_waits_wakes_the_function_before_the_sweep_would() {
    let yard = Yard::gated(&[("build", "approve")]).await;
    yard.wake().await.unwrap();
    yard.bench.world.pass(minutes(20)).await;
    let events = yard.bench.world.plane.with(World::take_deliveries).into_iter();
    let waiting = |event: &Value| event["detail-type"] == "EC2 Image Builder Workflow Step Waiting";
    let event = events.map(|event| event.body).find(waiting).unwrap();
    let (room, _) = yard.room(5);
    let outcome = Box::pin(trigger_builds(&room, &event, "woken", yard.moment()))
        .await
        .unwrap();
    assert_eq!((outcome.refused, yard.told_of_waits().len()), (None, 1));
}

#[tokio::test(start_paused = true)]
async fn who_approves_lets_the_build_go_on_by_one_answer_that_says_who_and_why() {
    let yard = Yard::waiting().await;
    let (build, title) = yard.only().await;
    let Spoken { out, err, code } = yard.steward(&["approve", &title, "--because", "it boots"]).await;
    assert_eq!((err.as_str(), code), ("", 0));
    assert!(
        out.starts_with(&format!("Asked for: {title} goes on at the step approve")),
        "{out}"
    );
    let again = yard
        .steward(&["approve", &build, "--stop", "--because", "it does not"])
        .await;
    assert_eq!(again.code, 2);
    assert!(
        again.err.contains(" answered ") && again.err.contains("already: it boots"),
        "{}",
        again.err
    );
    let outcome = yard.pass(1).await;
    assert_eq!((outcome.answered.len(), yard.answers()), (1, 1), "{outcome:#?}");
    yard.pass(12).await;
    assert_eq!((yard.status(&build).await.as_str(), yard.answers()), ("AVAILABLE", 1));
    let who = "arn:aws:iam::111122223333:root";
    assert_eq!(
        yard.heard(&format!("{title} goes on at the step approve: {who} said so: it boots"))
            .await,
        1
    );
    let late = yard.steward(&["approve", &title, "--because", "once more"]).await;
    let says =
        format!("steward: nothing was answered: {title} goes on at the step approve: {who} said so: it boots.\n");
    assert_eq!((late.err, late.code), (says, 2));
}

#[tokio::test(start_paused = true)]
async fn a_line_is_known_to_wait_for_a_person_until_its_build_goes_on() {
    let yard = Yard::waiting().await;
    let record = yard.bench.run().await.record;
    let is_asking = async || {
        let manifest = record.all_holding().await.unwrap().remove(0).manifest.unwrap();
        let lines = record.lines_of((&manifest, 1)).await.unwrap();
        lines.values().any(|(facts, _)| facts.is_asking)
    };
    assert!(is_asking().await);
    yard.approved(&[]).await;
    yard.pass(1).await;
    assert!(!is_asking().await);
}

#[tokio::test(start_paused = true)]
async fn who_stops_a_build_ends_it_and_it_is_not_built_again() {
    let yard = Yard::waiting().await;
    let (build, title) = yard.only().await;
    yard.approved(&["--step", "approve", "--stop"]).await;
    yard.pass(36).await;
    assert_eq!(yard.status(&build).await, "FAILED");
    assert_eq!((yard.builds().await.len(), yard.told_of_waits().len()), (1, 1));
    assert_eq!(yard.heard(&format!("{title} was ended at the step approve")).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_waits_in_several_steps_is_answered_step_by_step() {
    let yard = Yard::gated(&[("test", "smoke"), ("test", "load")]).await;
    yard.pass(8).await;
    let (build, _) = yard.only().await;
    assert_eq!(
        (yard.status(&build).await.as_str(), yard.told_of_waits().len()),
        ("TESTING", 2)
    );
    let unclear = yard.steward(&["approve", "web", "--because", "it boots"]).await;
    assert_eq!(unclear.code, 2);
    for step in ["smoke", "load"] {
        assert!(
            unclear.err.contains(&format!("  {build} --step {step}  since ")),
            "{}",
            unclear.err
        );
    }
    yard.approved(&["--step", "smoke"]).await;
    yard.pass(6).await;
    assert_eq!((yard.status(&build).await.as_str(), yard.answers()), ("TESTING", 1));
    // Whoever says it once more has not seen what waits now.
    let again = yard.steward(&["approve", "web", "--because", "it boots"]).await;
    assert_eq!((again.code, yard.answers()), (2, 1));
    assert!(
        again.err.contains(" already: ") && again.err.contains(&format!("  {build} --step load  since ")),
        "{}",
        again.err
    );
    yard.approved(&["--step", "load"]).await;
    yard.pass(6).await;
    assert_eq!((yard.status(&build).await.as_str(), yard.answers()), ("AVAILABLE", 2));
}

#[tokio::test(start_paused = true)]
async fn what_waits_by_no_such_name_is_refused_with_what_does() {
    let yard = Yard::waiting().await;
    let (_, title) = yard.only().await;
    for (words, says) in [
        (
            ["approve", "wbe", "--because", "it boots"].as_slice(),
            String::from("no manifest of wbe was ever applied: `steward families` lists those that were."),
        ),
        (
            &["approve", "web/9.9.9", "--because", "it boots"],
            format!(
                "nothing is known of web/9.9.9 that would wait for an answer; builds that wait there are: {title}. A sweep looks every \
                 five minutes, where functions act."
            ),
        ),
        (
            &["approve", "web", "--step", "aprove", "--because", "it boots"],
            String::from("web waits in no step aprove; steps there are: approve."),
        ),
        (
            &["approve", "web", "--because", " "],
            String::from("--because must say why, in 1 to 300 characters."),
        ),
    ] {
        let said = yard.steward(words).await;
        assert_eq!((said.err, said.code), (format!("steward: {says}\n"), 2));
    }
    yard.pass(2).await;
    assert_eq!(yard.answers(), 0);
}

/// A build that somebody else has the same account make, and that waits in the same workflow.
async fn stranger(yard: &Yard) -> String {
    let ib = yard.bench.ib();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}");
    let recipe = ib
        .create_image_recipe()
        .name("theirs")
        .semantic_version("1.0.0")
        .parent_image(yard.bench.world.image(HUB, IRELAND, "their-base"))
        .client_token("theirs")
        .send()
        .await
        .unwrap();
    let workflow = WorkflowConfiguration::builder().workflow_arn(arn("workflow/build/ask-approve/1.0.0/1"));
    let pipeline = ib
        .create_image_pipeline()
        .name("theirs")
        .set_image_recipe_arn(recipe.image_recipe_arn)
        .infrastructure_configuration_arn(arn("infrastructure-configuration/web-x86-64"))
        .workflows(workflow.build().unwrap())
        .execution_role("ImageBuilderWorkflows")
        .status(PipelineStatus::Enabled)
        .client_token("theirs")
        .send()
        .await
        .unwrap();
    let started = ib
        .start_image_pipeline_execution()
        .set_image_pipeline_arn(pipeline.image_pipeline_arn)
        .client_token("theirs")
        .send()
        .await
        .unwrap();
    started.image_build_version_arn.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_build_of_somebody_elses_waits_for_them_alone() {
    let yard = Yard::waiting().await;
    let theirs = stranger(&yard).await;
    yard.pass(6).await;
    let waiting = yard.bench.ib().list_waiting_workflow_steps().send().await.unwrap();
    assert_eq!(waiting.steps().len(), 2);
    let [told] = yard.told_of_waits().try_into().unwrap();
    assert_ne!(told["build"], json!(theirs));
    let refused = yard.steward(&["approve", &theirs, "--because", "it boots"]).await;
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.starts_with("steward: nothing is known of"),
        "{}",
        refused.err
    );
    yard.approved(&[]).await;
    yard.pass(12).await;
    assert_eq!((yard.answers(), yard.status(&theirs).await.as_str()), (1, "BUILDING"));
}

#[tokio::test(start_paused = true)]
async fn where_no_manifest_names_workflows_of_its_own_nobody_asks_what_waits() {
    let yard = Yard::built().await;
    let asked = |action: &str| yard.bench.world.plane.with(|world| world.ledger().of(action).all());
    assert_eq!(asked("ListWaitingWorkflowSteps"), 0);
    let yard = Yard::waiting().await;
    let asked = |action: &str| yard.bench.world.plane.with(|world| world.ledger().of(action).all());
    let before = (asked("ListWaitingWorkflowSteps"), asked("GetWorkflowStepExecution"));
    yard.pass(3).await;
    let after = (asked("ListWaitingWorkflowSteps"), asked("GetWorkflowStepExecution"));
    assert_eq!(after, (before.0 + 3, before.1));
    assert_eq!(before.1, 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_answers_and_the_build_fails_at_the_time_that_was_told() {
    let yard = Yard::waiting().await;
    let (build, title) = yard.only().await;
    let [told] = yard.told_of_waits().try_into().unwrap();
    let until: Timestamp = told["until"].as_str().unwrap().parse().unwrap();
    let left = until.checked_since(yard.bench.now()).unwrap();
    yard.bench
        .world
        .pass(left.checked_sub(Duration::from_mins(6)).unwrap())
        .await;
    yard.pass(1).await;
    assert_eq!(yard.status(&build).await, "BUILDING");
    yard.pass(4).await;
    assert_eq!(yard.status(&build).await, "FAILED");
    let gone = format!("{title} waits no more in the step approve: nobody answered it in time, and its build fails");
    assert_eq!(yard.heard(&gone).await, 1);
    yard.pass(24).await;
    assert_eq!((yard.builds().await.len(), yard.heard(&gone).await), (1, 1));
    let late = yard.steward(&["approve", &title, "--because", "it boots"]).await;
    assert_eq!(
        (late.err, late.code),
        (format!("steward: nothing was answered: {gone}.\n"), 2)
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_what_was_answered_in_image_builder_itself_comes_to_nothing_and_that_is_said() {
    let yard = Yard::waiting().await;
    let (build, title) = yard.only().await;
    let waiting = yard.bench.ib().list_waiting_workflow_steps().send().await.unwrap();
    yard.bench
        .ib()
        .send_workflow_step_action()
        .set_step_execution_id(waiting.steps()[0].step_execution_id.clone())
        .image_build_version_arn(&build)
        .action(aws_sdk_imagebuilder::types::WorkflowStepActionType::Resume)
        .client_token("by hand")
        .send()
        .await
        .unwrap();
    yard.approved(&[]).await;
    let outcome = yard.pass(1).await;
    let [answered] = outcome.answered.try_into().unwrap();
    assert!(
        answered.contains(&format!("answered to {title} came to nothing")),
        "{answered}"
    );
    yard.pass(3).await;
    assert_eq!(yard.heard("came to nothing").await, 1);
    let gone = format!(
        "{title} waits no more in the step approve: it was answered in Image Builder itself, or its build was ended"
    );
    assert_eq!(yard.heard(&gone).await, 1, "{:#?}", yard.journal().await);
}

#[tokio::test(start_paused = true)]
async fn while_all_is_paused_an_answer_waits_for_a_day_and_then_it_is_asked_anew() {
    let yard = Yard::waiting().await;
    let record = yard.bench.run().await.record;
    let paused = |paused| Switch {
        paused,
        who: String::from("ada"),
        why: String::from("a bad base"),
        since: yard.bench.now(),
    };
    record.throw(&paused(true)).await.unwrap();
    yard.approved(&[]).await;
    let outcome = yard.pass(1).await;
    assert!(outcome.paused.unwrap().starts_with("ada paused it"));
    yard.bench.world.pass(Duration::from_hours(24)).await;
    yard.pass(1).await;
    assert_eq!(
        (yard.answers(), yard.heard("nobody could send it for a day").await),
        (0, 1)
    );
    record.throw(&paused(false)).await.unwrap();
    yard.pass(1).await;
    assert_eq!(yard.answers(), 0);
    yard.approved(&[]).await;
    yard.pass(12).await;
    let (build, _) = yard.only().await;
    assert_eq!((yard.answers(), yard.status(&build).await.as_str()), (1, "AVAILABLE"));
    // Who answered in vain has to hear of it.
    assert_eq!(yard.told_of_waits().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_answered_is_sent_though_the_manifest_cannot_be_read_any_more() {
    let yard = Yard::waiting().await;
    let (build, _) = yard.only().await;
    yard.approved(&[]).await;
    let web = "web".parse().unwrap();
    yard.unreadable(&web, 2).await;
    let outcome = yard.wake().await;
    assert!(
        format!("{outcome:?}").contains("the manifest 2 of web in the record cannot be read"),
        "{outcome:?}"
    );
    assert_eq!(yard.answers(), 1);
    yard.bench.world.pass(Duration::from_hours(1)).await;
    assert_eq!(yard.status(&build).await, "AVAILABLE");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_told_is_told_by_the_next_sweep() {
    let yard = Yard::gated(&[("build", "approve")]).await;
    let broken = Fault::new(Effect::Deny).service(Service::Sns).always();
    yard.bench.world.plane.with(|world| world.inject(broken));
    yard.pass(8).await;
    assert_eq!(yard.told_of_waits(), [Value::Null; 0]);
    yard.bench.world.plane.with(World::clear_faults);
    yard.pass(3).await;
    assert_eq!(
        (yard.told_of_waits().len(), yard.heard("waits for an answer").await),
        (1, 1)
    );
}

/// However the run ends in which an answer is sent, the next ones come to one answer, and say so once.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_an_answer_comes_to_one_answer() {
    let mut crashed = 0;
    for kind in Crash::KINDS {
        for call in 0.. {
            let yard = Yard::waiting().await;
            yard.approved(&[]).await;
            let (room, process) = yard.room(5);
            let crash = kind.at(call);
            crash.strike(&yard.bench.world.plane);
            let run = process.run(Box::pin(async { yard.wake_in(&room).await })).await;
            if run.is_ok() {
                break;
            }
            crashed += 1;
            // The lease of the dead lapses.
            yard.pass(12).await;
            let (build, title) = yard.only().await;
            assert_eq!(yard.status(&build).await, "AVAILABLE", "{crash}");
            assert_eq!(yard.heard(&format!("{title} goes on")).await, 1, "{crash}");
        }
    }
    assert!(crashed > 10, "{crashed}");
}
