//! Old versions of launch templates: they go once nobody names them for all that was read, and never on a guess.

use std::time::Duration;

use aws_sdk_autoscaling::types::{
    LaunchTemplate as Mixed, LaunchTemplateOverrides, LaunchTemplateSpecification as Pinned, MixedInstancesPolicy,
};
use aws_sdk_ec2::types::{
    FleetLaunchTemplateConfigRequest, FleetLaunchTemplateSpecificationRequest, FleetType,
    LaunchTemplateSpecification as Started, RequestLaunchTemplateData, TargetCapacitySpecificationRequest,
};
use image_plane::{Effect, Fault};
use record_lineage::Gathered;
use stage::aws::{IRELAND, MEMBER, hours, minutes};
use steward::Target;
use steward::publication::Published;
use steward_lambda::Failure;

use super::templates::Templates;
use super::web;
use crate::crash::Crash;
use crate::evidence::gather;
use crate::hub::Hub;

/// As publishing describes what it makes.
const OURS: &str = "web stable 1.4.2/1 by Image Steward";

/// A template of the member's that follows stable, and what is looked at in the member.
struct Trimmed {
    templates: Templates,
    id: String,
}

/// Gathers evidence, and again after a while: a version goes that neither found named.
async fn gather_twice(hub: &Hub) -> Result<Gathered, Failure> {
    gather(hub).await?;
    hub.shop.aws.pass(minutes(35)).await;
    gather(hub).await
}

fn there() -> Target {
    format!("{MEMBER}/{IRELAND}").parse().unwrap()
}

impl Trimmed {
    /// Of which this stays, and which nothing follows yet.
    async fn keeping(versions: &str) -> Self {
        let templates = Templates::new().await;
        templates.depot.hub.admit_to_look(MEMBER);
        let id = templates.make("agreed", Some("web")).await;
        let wanted = format!(
            "{{ share_with: {{ accounts: [\"{MEMBER}\"] }}, publish: {{ launch_templates: [{{ id: {id}, account: \
             \"{MEMBER}\", region: {IRELAND}, set_default: true }}] }} }}\nchannels: {{ stable: {{ from: release }} }}\n\
             retain: {{ releases: 5, for: 30d, launch_template_versions: {versions} }}"
        );
        templates.depot.hub.want(&wanted).await;
        Self { templates, id }
    }

    /// The same after so many releases: version 1 is the owner's, the last is the default.
    async fn after_releases(versions: &str, count: usize) -> Self {
        let trimmed = Self::keeping(versions).await;
        trimmed.templates.depot.rounds(8).await;
        for _ in 1..count {
            trimmed.templates.depot.next_release().await;
        }
        trimmed
    }

    /// The same with so many old versions of ours between the owner's and the default, at the cost of one release. What
    /// publishing made it knows by the record: these are put there.
    async fn after_old(versions: &str, count: i64) -> Self {
        let trimmed = Self::keeping(versions).await;
        for _ in 0..count {
            trimmed.version(OURS).await;
        }
        let default = count + 2;
        trimmed.settle().await;
        assert_eq!(trimmed.numbers().await, (1..=default).collect::<Vec<_>>());
        let mut published = trimmed.published().await;
        let made = published.made.get_mut(&trimmed.id.parse().unwrap()).unwrap();
        assert_eq!(
            made.iter().copied().collect::<Vec<_>>(),
            [u64::try_from(default).unwrap()]
        );
        made.extend(2..u64::try_from(default).unwrap());
        let record = trimmed.templates.depot.hub.record();
        record.write_published(&web(), there(), &published).await.unwrap();
        trimmed
    }

    /// Sweeps until the template follows.
    async fn settle(&self) {
        for _ in 0..10 {
            self.templates.depot.rounds(1).await;
            let record = self.templates.depot.hub.record();
            let published = record.published_in(&web(), there()).await.unwrap();
            if published.is_some_and(|published| published.settled) {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    async fn published(&self) -> Published {
        let record = self.templates.depot.hub.record();
        record.published_in(&web(), there()).await.unwrap().unwrap()
    }

    /// Another version of the owner's, described like this.
    async fn version(&self, description: &str) {
        let data = RequestLaunchTemplateData::builder().image_id(&self.templates.old);
        let data = data.user_data("aGk=").build();
        let make = self.templates.ec2.create_launch_template_version();
        let make = make.launch_template_id(&self.id).launch_template_data(data);
        make.version_description(description).send().await.unwrap();
    }

    async fn numbers(&self) -> Vec<i64> {
        let versions = self.templates.versions(&self.id).await;
        versions.into_iter().map(|(number, ..)| number).collect()
    }

    /// Lets members be looked at again.
    async fn daily(&self) {
        self.templates.depot.hub.shop.aws.pass(hours(24)).await;
    }

    /// A day later, with evidence of that day.
    async fn look(&self) {
        self.daily().await;
        drop(gather_twice(&self.templates.depot.hub).await);
        self.templates.depot.rounds(2).await;
    }

    /// A moment later its owner goes back to a version.
    async fn make_default_meanwhile(&self, version: &str) {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let back = self.templates.ec2.modify_launch_template();
        let back = back.launch_template_id(&self.id).default_version(version);
        back.send().await.unwrap();
    }

    fn deletions(&self) -> u64 {
        self.templates.depot.calls("DeleteLaunchTemplateVersions")
    }

    /// What is said of it.
    async fn notes(&self) -> String {
        let published = self.published().await;
        assert_eq!(published.findings, []);
        let notes: Vec<String> = published.notes.iter().map(ToString::to_string).collect();
        notes.join("\n")
    }

    /// Asserts that all versions stay, and that this is said.
    async fn stays(&self, count: i64, why: &str) {
        assert_eq!(self.numbers().await, (1..=count).collect::<Vec<_>>(), "{why}");
        assert_eq!(self.deletions(), 0, "{why}");
        let notes = self.notes().await;
        assert!(notes.contains(why), "{why} in {notes}");
    }

    fn pinned(&self, version: &str) -> Pinned {
        Pinned::builder().launch_template_id(&self.id).version(version).build()
    }

    fn group(
        &self,
        name: &str,
    ) -> aws_sdk_autoscaling::operation::create_auto_scaling_group::builders::CreateAutoScalingGroupFluentBuilder {
        let scaling = self.templates.depot.hub.shop.aws.scaling(MEMBER, IRELAND);
        let group = scaling.create_auto_scaling_group().auto_scaling_group_name(name);
        let group = group.min_size(0).max_size(1).desired_capacity(0);
        group.availability_zones("eu-west-1a")
    }

    /// A fleet that keeps itself as large as it is, by a version as it is named.
    async fn fleet(&self, version: &str) -> String {
        let from = FleetLaunchTemplateSpecificationRequest::builder();
        let from = from.launch_template_id(&self.id).version(version).build();
        let config = FleetLaunchTemplateConfigRequest::builder().launch_template_specification(from);
        let capacity = TargetCapacitySpecificationRequest::builder().total_target_capacity(0);
        let fleet = self.templates.ec2.create_fleet().r#type(FleetType::Maintain);
        let fleet = fleet.launch_template_configs(config.build());
        let fleet = fleet.target_capacity_specification(capacity.build());
        fleet.send().await.unwrap().fleet_id().unwrap().to_owned()
    }

    async fn end_group(&self, name: &str) {
        let scaling = self.templates.depot.hub.shop.aws.scaling(MEMBER, IRELAND);
        let end = scaling.delete_auto_scaling_group().auto_scaling_group_name(name);
        end.send().await.unwrap();
        self.templates.depot.hub.shop.aws.pass(minutes(5)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_three_moves_of_a_channel_exactly_the_versions_that_are_not_to_stay_are_gone() {
    let trimmed = Trimmed::after_releases("newest 1", 3).await;
    assert_eq!(trimmed.numbers().await, [1, 2, 3, 4]);
    // Read twice alike, a template is not read again until it changes.
    for _ in 0..2 {
        gather_twice(&trimmed.templates.depot.hub).await.unwrap();
        trimmed.templates.depot.hub.shop.aws.pass(minutes(40)).await;
    }
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 4]);
    assert_eq!(trimmed.deletions(), 1);
    let published = trimmed.published().await;
    assert!(published.settled);
    assert_eq!(published.notes, []);
    assert_eq!(published.made[&trimmed.id.parse().unwrap()], [4].into());
    // Nothing is left to do, and nothing is done.
    let depot = &trimmed.templates.depot;
    let changes = || {
        let changes = ["CreateLaunchTemplateVersion", "ModifyLaunchTemplate"].map(|action| depot.calls(action));
        (changes, trimmed.deletions())
    };
    let before = changes();
    for _ in 0..2 {
        trimmed.look().await;
    }
    assert_eq!(changes(), before);
    // Nor does the record go on naming what is gone.
    let known = depot.hub.record().known_templates(there()).await.unwrap();
    let [known] = known.into_values().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(known.seen.versions.into_keys().collect::<Vec<_>>(), [1, 4]);
    let journal = depot.hub.journal();
    let said = journal
        .iter()
        .filter(|(_, heard)| heard.contains("delete 2 old versions"));
    assert_eq!(said.count(), 1, "{journal:?}");
}

#[tokio::test(start_paused = true)]
async fn a_version_stays_that_a_group_an_override_a_fleet_or_an_instance_names_and_who_does_is_said() {
    let trimmed = Trimmed::after_old("newest 1", 5).await;
    let (ec2, id) = (&trimmed.templates.ec2, &trimmed.id);
    let group = trimmed.group("pinned").launch_template(trimmed.pinned("2"));
    group.send().await.unwrap();
    let by_name = Pinned::builder().launch_template_name("agreed").version("3").build();
    let over = LaunchTemplateOverrides::builder().instance_type("t3.medium");
    let mixed = Mixed::builder().launch_template_specification(trimmed.pinned("$Default"));
    let mixed = mixed.overrides(over.launch_template_specification(by_name).build());
    let mixed = MixedInstancesPolicy::builder().launch_template(mixed.build()).build();
    let group = trimmed.group("mixed").mixed_instances_policy(mixed);
    group.send().await.unwrap();
    let fleet = trimmed.fleet("4").await;
    let from = Started::builder().launch_template_id(id).version("5").build();
    let run = ec2.run_instances().launch_template(from).min_count(1).max_count(1);
    let run = run.send().await.unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 2, 3, 4, 5, 7]);
    let notes = trimmed.notes().await;
    for told in [
        String::from("keeps 4 old versions, as something names them: 2 (group pinned)"),
        String::from("3 (group mixed → override 1)"),
        format!("4 (fleet {fleet})"),
        String::from("and 1 more"),
    ] {
        assert!(notes.contains(&told), "{told} in {notes}");
    }
    // Once nobody names it any more, it goes.
    trimmed.end_group("pinned").await;
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 3, 4, 5, 7]);
    assert!(trimmed.notes().await.contains(&format!("5 (instance {instance}")));
}

#[tokio::test(start_paused = true)]
async fn every_version_stays_while_a_fleet_names_one_by_a_word_for_it_may_mean_what_that_meant_once() {
    for word in ["$Default", "$Latest"] {
        let trimmed = Trimmed::after_old("newest 1", 2).await;
        // By its number: a list of fleets that is suddenly empty would not be believed.
        trimmed.fleet("4").await;
        let fleet = trimmed.fleet(word).await;
        trimmed.look().await;
        trimmed
            .stays(4, &format!("fleet {fleet} names $Default or $Latest"))
            .await;
        let ec2 = &trimmed.templates.ec2;
        let end = ec2.delete_fleets().fleet_ids(fleet).terminate_instances(true);
        end.send().await.unwrap();
        trimmed.look().await;
        assert_eq!(trimmed.numbers().await, [1, 4]);
    }
}

#[tokio::test(start_paused = true)]
async fn where_only_what_is_referenced_is_to_stay_the_newest_ten_do_too_and_with_all_everything() {
    for (versions, left) in [
        ("referenced", vec![1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]),
        ("all", (1..=13).collect()),
    ] {
        let trimmed = Trimmed::after_old(versions, 11).await;
        trimmed.look().await;
        assert_eq!(trimmed.numbers().await, left, "{versions}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_made_is_never_deleted_whatever_it_says_of_itself() {
    let trimmed = Trimmed::keeping("newest 1").await;
    trimmed.version(OURS).await;
    trimmed.version("by hand").await;
    trimmed.templates.depot.rounds(8).await;
    trimmed.version(OURS).await;
    trimmed.templates.depot.next_release().await;
    trimmed.look().await;
    // 4 and 6 are ours.
    assert_eq!(trimmed.numbers().await, [1, 2, 3, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn while_nobody_looked_or_not_lately_or_not_at_all_lists_every_version_stays_and_that_is_said() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let hub = &trimmed.templates.depot.hub;
    trimmed.daily().await;
    trimmed.templates.depot.rounds(2).await;
    trimmed.stays(4, "nobody has looked who names them").await;
    for action in [
        "DescribeAutoScalingGroups",
        "DescribeInstances",
        "DescribeFleets",
        "DescribeSpotFleetRequests",
        "DescribeSpotInstanceRequests",
        "DescribeLaunchTemplates",
    ] {
        let deny = Fault::new(Effect::Deny).on(action).account(MEMBER);
        trimmed.daily().await;
        hub.shop.aws.plane.with(|world| world.inject(deny));
        drop(gather_twice(hub).await);
        trimmed.templates.depot.rounds(2).await;
        trimmed.stays(4, "it is not known who names them").await;
    }
    // Known, and too long ago.
    trimmed.daily().await;
    gather_twice(hub).await.unwrap();
    hub.shop.aws.pass(minutes(46)).await;
    trimmed.templates.depot.rounds(2).await;
    trimmed.stays(4, "nobody has looked since").await;
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 4]);
}

#[tokio::test(start_paused = true)]
async fn while_a_list_is_strangely_short_every_version_stays_and_that_is_said() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let group = trimmed.group("other").launch_template(trimmed.pinned("$Latest"));
    group.send().await.unwrap();
    gather_twice(&trimmed.templates.depot.hub).await.unwrap();
    trimmed.end_group("other").await;
    trimmed.look().await;
    let why = "of auto-scaling-groups 0 were listed where 1 are usual";
    trimmed.stays(4, why).await;
}

#[tokio::test(start_paused = true)]
async fn evidence_from_before_the_last_change_of_a_template_says_nothing_of_it() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let hub = &trimmed.templates.depot.hub;
    trimmed.daily().await;
    gather_twice(hub).await.unwrap();
    // Its owner makes an old one the default, by which instances start, and publishing sets that right.
    trimmed.make_default_meanwhile("3").await;
    let from = Started::builder().launch_template_id(&trimmed.id).build();
    let run = trimmed.templates.ec2.run_instances().launch_template(from);
    run.min_count(1).max_count(1).send().await.unwrap();
    trimmed.templates.depot.rounds(4).await;
    let default: Vec<i64> = trimmed
        .templates
        .versions(&trimmed.id)
        .await
        .into_iter()
        .filter_map(|(number, default, ..)| default.then_some(number))
        .collect();
    assert_eq!(default, [4]);
    trimmed.stays(4, "nobody has looked yet").await;
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn what_changed_between_the_decision_and_the_call_holds_it_back() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let hub = &trimmed.templates.depot.hub;
    trimmed.daily().await;
    gather_twice(hub).await.unwrap();
    hub.shop.aws.pass(minutes(5)).await;
    let stands_still = Fault::new(Effect::FreezeAfter(Duration::from_secs(10))).on("DescribeLaunchTemplateVersions");
    hub.shop.aws.plane.with(|world| world.inject(stands_still));
    tokio::join!(trimmed.templates.depot.round(), trimmed.make_default_meanwhile("3"));
    assert!(trimmed.templates.depot.calls("DescribeLaunchTemplateVersions") > 2);
    trimmed.stays(4, "right before they were to be deleted").await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_is_refused_is_written_down_alarms_nobody_and_is_made_a_day_later() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let hub = &trimmed.templates.depot.hub;
    let deny = Fault::new(Effect::Deny).on("DeleteLaunchTemplateVersions");
    hub.shop.aws.plane.with(|world| world.inject(deny));
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 2, 3, 4]);
    let notes = trimmed.notes().await;
    assert!(notes.contains("failed to delete 2 old versions"), "{notes}");
    let published = trimmed.published().await;
    assert!(published.settled && published.tries == 0, "{published:?}");
    let said = hub.says(&["channels", "web"]).await;
    let line = said
        .lines()
        .find(|line| line.contains("failed to delete 2 old versions"));
    assert!(line.is_some_and(|line| line.starts_with("· ")), "{said}");
    let failed = hub
        .journal()
        .into_iter()
        .filter(|(_, heard)| heard.contains("2 old versions"));
    assert_eq!(failed.filter(|(_, heard)| heard.contains("failed")).count(), 1);
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 4]);
    assert_eq!(trimmed.notes().await, "");
}

#[tokio::test(start_paused = true)]
async fn a_version_that_ec2_keeps_is_written_down_with_why_and_never_as_deleted() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let hub = &trimmed.templates.depot.hub;
    trimmed.daily().await;
    gather_twice(hub).await.unwrap();
    hub.shop.aws.pass(minutes(5)).await;
    let stands_still = Fault::new(Effect::FreezeBefore(Duration::from_secs(10))).on("DeleteLaunchTemplateVersions");
    hub.shop.aws.plane.with(|world| world.inject(stands_still));
    tokio::join!(trimmed.templates.depot.round(), trimmed.make_default_meanwhile("3"));
    assert_eq!(trimmed.numbers().await, [1, 3, 4]);
    let notes = trimmed.notes().await;
    assert!(
        notes.contains("1 of 2 are deleted; version 3 stays: unexpectedError"),
        "{notes}"
    );
    let journal = hub.journal();
    let of_it: Vec<&str> = journal.iter().map(|(_, heard)| heard.as_str()).collect();
    let of_it: Vec<&str> = of_it
        .into_iter()
        .filter(|heard| heard.contains("2 old versions"))
        .collect();
    assert!(
        matches!(of_it[..], [failed] if failed.contains(": failed: ")),
        "{of_it:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn while_the_switch_is_thrown_every_version_stays() {
    let trimmed = Trimmed::after_old("newest 1", 2).await;
    let hub = &trimmed.templates.depot.hub;
    hub.says(&["pause", "--because", "tested"]).await;
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 2, 3, 4]);
    hub.says(&["resume", "--because", "tested"]).await;
    trimmed.look().await;
    assert_eq!(trimmed.numbers().await, [1, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_write_or_read_of_the_record_deletes_the_same_versions_once() {
    assert!(Box::pin(crashing(true)).await > 20);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_other_call_of_trimming_deletes_the_same_versions_once() {
    assert!(Box::pin(crashing(false)).await > 10);
}

/// Lets a worker end at each of its calls, of the table's or of all others; how often it did.
async fn crashing(of_tables: bool) -> usize {
    let mut ends = 0;
    for kind in Crash::KINDS.into_iter().filter(|kind| kind.of_tables == of_tables) {
        for skip in 0..60 {
            let trimmed = Trimmed::after_old("newest 1", 2).await;
            let depot = &trimmed.templates.depot;
            trimmed.daily().await;
            gather_twice(&depot.hub).await.unwrap();
            depot.hub.shop.aws.pass(minutes(5)).await;
            depot.dispatch().await.unwrap();
            let crash = kind.at(skip);
            crash.strike(&depot.hub.shop.aws.plane);
            if !depot.work_or_crash().await {
                break;
            }
            ends += 1;
            depot.hub.shop.aws.pass(hours(1)).await;
            trimmed.look().await;
            assert_eq!(trimmed.numbers().await, [1, 4], "{crash}");
            let deleted = trimmed.deletions();
            assert_eq!(deleted, 1, "{crash}");
            assert_eq!(depot.open_steps(), [], "{crash}");
        }
    }
    ends
}
