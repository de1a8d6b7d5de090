//! The hub as the template makes it, whole: families with their pipelines, the table, the queue of work, and the functions, each
//! in an environment that lives on until it ends.

use std::time::Duration;

use distribute_images::{Dispatched, plan_distribution};
use image_plane::{Channel, Fifo, ImageId, ImagePlane, Process, QueueAddress, QueueSettings, Redrive, Settings, Time};
use record_lineage::{handle, tag_snapshots};
use serde_json::{Value, json};
use stage::aws::{Aws, HUB, IRELAND, minutes, target};
use stage::member::PUBLISH_ROLE;
use stage::table::{TABLE, create_table};
use steward::CanonicalName;
use steward_aws::{AppliedManifest, Caller, FirstValue, MemberAccess, Record};
use steward_cli::{Spoken, Surroundings};
use steward_lambda::{Deadline, Environment, Moment};

use crate::company::{Company, Size};
use crate::diary::Diary;
use crate::dice::Dice;
use crate::judge::Judge;
use crate::policy::Policy;
use crate::users::Thing;
use crate::weather::{Weather, calm};

/// A function that takes longer is ended.
const TIMEOUT: Duration = Duration::from_mins(5);
/// What a Lambda is handed of the events that the template's rules let through.
const OF_RECORD: [&str; 3] = [
    "EC2 Image Builder Image State Change",
    "EC2 AMI State Change",
    "EBS Snapshot Notification",
];
const OF_BUILDS: [&str; 3] = ["channel moved", "manifest applied", "release recorded"];
const OF_PLAN: [&str; 6] = [
    "EC2 AMI State Change",
    "AWS API Call via CloudTrail",
    "AWS Service Event via CloudTrail",
    "channel moved",
    "manifest applied",
    "release recorded",
];

/// A rule that did not hold, in a sentence.
pub(crate) type Broken = String;

/// A build that somebody started.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) arn: String,
    pub(crate) release: String,
    pub(crate) architecture: &'static str,
    pub(crate) started: Time,
}

/// A family and all that was done with it.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) policy: Policy,
    /// Which of its manifests holds.
    pub(crate) version: u32,
    pub(crate) pipelines: Vec<String>,
    pub(crate) builds: Vec<Build>,
}

/// Environments of functions, warm until they end.
#[derive(Default)]
pub(crate) struct Warm {
    plan: Option<(distribute_images::Room, Process)>,
    pub(crate) apply: Option<(distribute_images::Room, Process)>,
    /// That of a second worker.
    pub(crate) beside: Option<(distribute_images::Room, Process)>,
    record: Option<(record_lineage::Room, Process)>,
    tag: Option<(record_lineage::Room, Process)>,
    pub(crate) trigger: Option<(trigger_builds::Room, Process)>,
    pub(crate) gather: Option<(record_lineage::Room, Process)>,
    pub(crate) plan_pruning: Option<(prune_images::Room, Process)>,
    pub(crate) apply_pruning: Option<(prune_images::Room, Process)>,
}

/// A whole world.
pub(crate) struct Site {
    pub(crate) aws: Aws,
    pub(crate) dice: Dice,
    pub(crate) company: Company,
    pub(crate) families: Vec<Family>,
    pub(crate) weather: Weather,
    pub(crate) judge: Judge,
    pub(crate) diary: Diary,
    /// Whether the functions act, or only say what they would do.
    pub(crate) acts: bool,
    pub(crate) paused: bool,
    /// Whether two workers are at the queue at once.
    pub(crate) in_pairs: bool,
    /// The record, as the command line reaches it.
    pub(crate) record: Record,
    pub(crate) ib: aws_sdk_imagebuilder::Client,
    pub(crate) infrastructure: String,
    pub(crate) queue: QueueAddress,
    /// That of pruning's work.
    pub(crate) pruning_queue: QueueAddress,
    /// The topic by which people are told of releases.
    pub(crate) releases: String,
    pub(crate) warm: Warm,
    /// What people made that uses images.
    pub(crate) things: Vec<Thing>,
    /// The newest version of the component that another hand keeps, where families are built for reasons.
    pub(crate) agent: usize,
    /// What vendors' parameters named, for which architecture.
    pub(crate) bases: Vec<(&'static str, String)>,
    /// The images that a worker of pruning is sent to.
    pub(crate) sent_to: Vec<ImageId>,
    pub(crate) runs: usize,
    /// How often a function came to no end.
    pub(crate) crashes: usize,
}

impl Site {
    pub(crate) async fn found(seed: u64, scale: Size, settings: Settings, diary: Diary) -> Self {
        let mut dice = Dice::new(seed);
        let aws = Aws::new(seed, settings);
        create_table(&aws).await;
        let (company, admitted) = Company::found(&aws.plane, &mut dice, scale);
        let [queue, pruning_queue] = aws.plane.with(|world| {
            world.publish_vendor_images(IRELAND.parse().unwrap());
            let plain = QueueSettings {
                fifo: Some(Fifo {
                    content_based_deduplication: false,
                    ..QueueSettings::fifo().fifo.unwrap()
                }),
                visibility_timeout: minutes(30),
                ..QueueSettings::fifo()
            };
            let dead = world
                .create_queue(target(HUB, IRELAND), "dead.fifo", plain.clone())
                .unwrap();
            let redrive = Redrive {
                dead_letter_queue: dead.arn,
                max_receive_count: 3,
            };
            let settings = QueueSettings {
                redrive: Some(redrive),
                ..plain
            };
            ["work.fifo", "prune.fifo"].map(|name| {
                world
                    .create_queue(target(HUB, IRELAND), name, settings.clone())
                    .unwrap()
            })
        });
        let releases = aws
            .plane
            .with(|world| world.create_topic(target(HUB, IRELAND), "releases"));
        let ib = aws_sdk_imagebuilder::Client::new(&aws.config(HUB, IRELAND));
        let infrastructure = ib.create_infrastructure_configuration().name("all");
        let infrastructure = infrastructure.instance_profile_name("ImageBuilder").send().await;
        let environment = environment();
        let functions = steward_aws::Aws::new(&aws.config(HUB, IRELAND), environment.hub, environment.access);
        let mut site = Self {
            record: Record::new(functions.tables(), TABLE, functions.hub()),
            aws,
            company,
            families: Vec::new(),
            weather: Weather::default(),
            judge: Judge::of(admitted.into_iter().chain([HUB])),
            diary,
            acts: true,
            paused: false,
            in_pairs: false,
            ib,
            infrastructure: infrastructure.unwrap().infrastructure_configuration_arn.unwrap(),
            queue,
            pruning_queue,
            releases: releases.unwrap(),
            warm: Warm::default(),
            things: Vec::new(),
            agent: 0,
            bases: Vec::new(),
            sent_to: Vec::new(),
            runs: 0,
            crashes: 0,
            dice,
        };
        for number in 0..scale.families {
            let policy = Policy::draw(&mut site.dice, &site.company, number);
            site.add_family(policy).await;
        }
        site
    }

    pub(crate) fn plane(&self) -> &ImagePlane {
        &self.aws.plane
    }

    pub(crate) fn say(&mut self, line: impl std::fmt::Display) {
        let now = self.aws.plane.now();
        self.diary.say(now, &line.to_string());
    }

    pub(crate) async fn add_family(&mut self, policy: Policy) {
        let mut pipelines = Vec::new();
        let by_hand: &[&str] = if policy.building.is_some() {
            &[]
        } else {
            &policy.architectures
        };
        for architecture in by_hand {
            let name = match *architecture {
                "x86_64" => policy.family.clone(),
                other => format!("{}-{other}", policy.family),
            };
            let vendors = architecture.replace("x86_64", "x86");
            let parent = format!("arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-{vendors}/x.x.x");
            let recipe = self.ib.create_image_recipe().name(&name).semantic_version("1.0.0");
            let recipe = recipe
                .parent_image(parent)
                .ami_tags("image-steward:family", &policy.family);
            let recipe = recipe.send().await.unwrap().image_recipe_arn.unwrap();
            let pipeline = self.ib.create_image_pipeline().name(&name).image_recipe_arn(recipe);
            let pipeline = pipeline.infrastructure_configuration_arn(&self.infrastructure);
            pipelines.push(pipeline.send().await.unwrap().image_pipeline_arn.unwrap());
        }
        self.families.push(Family {
            policy,
            version: 0,
            pipelines,
            builds: Vec::new(),
        });
        let at = self.families.len() - 1;
        self.apply_manifest(at).await;
    }

    /// Applies a family's manifest as it is now.
    pub(crate) async fn apply_manifest(&mut self, at: usize) {
        if self.families[at].policy.building.is_some() {
            return Box::pin(self.apply_by_command(at)).await;
        }
        let family = &mut self.families[at];
        let name = family.policy.family.parse().unwrap();
        let before = self.record.applied(&name).await.unwrap();
        family.version = before.as_ref().map_or(1, |before| before.version + 1);
        let text = family.policy.manifest();
        let manifest = AppliedManifest {
            version: family.version,
            digest: text.clone(),
            who: String::from("ann"),
            at: self.aws.plane.now().to_string().parse().unwrap(),
            message: None,
            text,
        };
        let stored = self.record.store_manifest(&name, &manifest, before.as_ref());
        stored.await.unwrap();
        let line = format!("manifest {} of {}", manifest.version, manifest.text.replace('\n', " "));
        self.say(line);
    }

    /// Starts a build of each architecture of a family.
    pub(crate) async fn build(&mut self, at: usize) {
        if self.families[at].policy.building.is_some() {
            return Box::pin(self.build_in_the_console(at)).await;
        }
        let pairs: Vec<(String, &'static str)> = {
            let family = &self.families[at];
            let architectures = family.policy.architectures.iter().copied();
            family.pipelines.iter().cloned().zip(architectures).collect()
        };
        for (pipeline, architecture) in pairs {
            let start = self.ib.start_image_pipeline_execution().image_pipeline_arn(pipeline);
            let arn = start.send().await.unwrap().image_build_version_arn.unwrap();
            let release = arn.parse::<CanonicalName>().unwrap().id().to_string();
            self.say(format!("builds {arn}, which is {release}"));
            let started = self.aws.plane.now();
            self.families[at].builds.push(Build {
                arn,
                release,
                architecture,
                started,
            });
        }
    }

    /// What the command says to somebody in the hub.
    pub(crate) async fn steward(&mut self, words: &[&str]) -> Spoken {
        let spoken = Box::pin(self.speak(words)).await;
        self.say(format!("steward {}: {}", words.join(" "), spoken.code));
        spoken
    }

    pub(crate) async fn speak(&self, words: &[&str]) -> Spoken {
        let caller = Caller::of(self.aws.config(HUB, IRELAND)).await.unwrap();
        let surroundings = Surroundings {
            caller,
            now: self.aws.plane.now().to_string().parse().unwrap(),
        };
        let all = ["steward", "--table", TABLE].into_iter().chain(words.iter().copied());
        let all: Vec<String> = all.map(String::from).collect();
        Box::pin(steward_cli::run(all, Some(surroundings))).await
    }

    pub(crate) fn moment(&self) -> Moment {
        self.moment_of(TIMEOUT)
    }

    /// Now, for a function that is ended after so long.
    pub(crate) fn moment_of(&self, timeout: Duration) -> Moment {
        Moment {
            now: self.aws.plane.now().to_string().parse().unwrap(),
            deadline: Deadline::after(timeout),
        }
    }

    pub(crate) fn aws_of_function(&self, role: &str) -> (steward_aws::Aws, Environment, Process) {
        let other = self.aws.another_process();
        let mut environment = environment();
        role.clone_into(&mut environment.access.role);
        let aws = steward_aws::Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        (aws, environment, other.process)
    }

    pub(crate) fn distribution_room(&self) -> (distribute_images::Room, Process) {
        let (aws, environment, process) = self.aws_of_function(PUBLISH_ROLE);
        let queue = self.acts.then_some(self.queue.url.as_str());
        // The template gives the topic where it gives the queue.
        let releases = self.acts.then_some(self.releases.as_str());
        let room = distribute_images::Room::new(aws, &environment, queue)
            .telling_of_releases(releases)
            .publishing_under(Some("/golden/".parse().unwrap()))
            .with_role(Some(format!("arn:aws:iam::{HUB}:root")));
        (room, process)
    }

    pub(crate) fn record_room(&self, role: &str) -> (record_lineage::Room, Process) {
        let (aws, environment, process) = self.aws_of_function(role);
        (record_lineage::Room::new(aws, &environment), process)
    }

    /// Runs a function once: what it answers, where it comes to an end.
    pub(crate) async fn invoke<T>(
        &mut self,
        name: &str,
        process: &Process,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Broken> {
        self.invoke_for(TIMEOUT, name, process, work).await
    }

    /// The same, of one that is ended after so long.
    pub(crate) async fn invoke_for<T>(
        &mut self,
        timeout: Duration,
        name: &str,
        process: &Process,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Broken> {
        let struck = self.weather.strike(&mut self.dice, &self.aws.plane);
        let is_thrown_on = struck.is_empty() && !self.paused && self.dice.chance(self.weather.strikes / 10);
        for strike in struck {
            self.say(format!("{name} is to meet {strike}"));
        }
        self.judge.begin(&self.aws.plane, self.paused);
        let work = tokio::time::timeout(timeout, process.run(work));
        let is_acted_on = name == "apply-pruning" && !is_thrown_on && self.dice.chance(self.weather.strikes);
        let ended = if is_thrown_on {
            self.throw_meanwhile(work).await
        } else if is_acted_on {
            self.need_it_meanwhile(work).await
        } else {
            work.await
        };
        if !self.weather.persists {
            calm(&self.aws.plane);
        }
        let answered = match ended {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_crashed)) => {
                self.crashes += 1;
                self.say(format!("{name} crashes"));
                None
            }
            Err(_elapsed) => {
                self.say(format!("{name} takes too long"));
                None
            }
        };
        let world = (&self.aws.plane, self.families.as_slice());
        self.judge
            .end((name, answered.is_some()), world, self.acts, &mut self.diary)?;
        Ok(answered)
    }

    /// Wakes plan-distribution; none where it did not come to its end.
    pub(crate) async fn plan(&mut self, event: &Value) -> Result<Option<Dispatched>, Broken> {
        let (room, process) = self.warm.plan.take().unwrap_or_else(|| self.distribution_room());
        self.runs += 1;
        let run = format!("run-{}", self.runs);
        let work = Box::pin(plan_distribution(&room, event, &run, self.moment()));
        let answered = self.invoke("plan-distribution", &process, work).await?;
        let dispatched = match answered {
            Some(Ok(dispatched)) => Some(dispatched),
            Some(Err(failure)) => {
                self.say(format!("plan-distribution fails: {failure:?}"));
                None
            }
            None => None,
        };
        if dispatched.is_some() {
            self.warm.plan = Some((room, process));
        }
        for moved in dispatched.iter().flat_map(|dispatched| &dispatched.moved) {
            self.say(format!("moved {moved}"));
        }
        // What is asked for to outlast an invocation would hit the judge as well.
        if !self.weather.persists {
            self.judge_moves().await?;
        }
        Ok(dispatched)
    }

    /// Wakes plan-distribution as the schedule does.
    pub(crate) async fn plan_by_sweep(&mut self) -> Result<Option<Dispatched>, Broken> {
        self.plan(&json!({ "wake": "sweep" })).await
    }

    pub(crate) async fn record_lineage(&mut self, event: &Value) -> Result<(), Broken> {
        let (room, process) = self
            .warm
            .record
            .take()
            .unwrap_or_else(|| self.record_room("image-steward-look"));
        let work = Box::pin(handle(&room, event, self.moment()));
        if self.invoke("record-lineage", &process, work).await?.is_some() {
            self.warm.record = Some((room, process));
        }
        Ok(())
    }

    pub(crate) async fn tag_snapshots(&mut self) -> Result<(), Broken> {
        let (room, process) = self
            .warm
            .tag
            .take()
            .unwrap_or_else(|| self.record_room("image-steward-tag"));
        let event = json!({ "wake": "sweep" });
        let work = Box::pin(tag_snapshots(&room, &event, self.moment()));
        if self.invoke("tag-snapshots", &process, work).await?.is_some() {
            self.warm.tag = Some((room, process));
        }
        Ok(())
    }

    /// Hands the functions the events that have come, as the template's rules do.
    pub(crate) async fn hand_over_events(&mut self) -> Result<(), Broken> {
        let deliveries = self.aws.plane.with(image_plane::World::take_deliveries);
        let mut dispatches = 0;
        for delivery in deliveries.into_iter().filter(|one| one.channel == Channel::EventBridge) {
            let kind = delivery.body["detail-type"].as_str().unwrap_or_default().to_owned();
            if OF_RECORD.contains(&kind.as_str()) && self.dice.chance(70) {
                self.record_lineage(&delivery.body).await?;
            }
            // Each goes through all families: a few are enough.
            if self.is_built_for_reasons() && OF_BUILDS.contains(&kind.as_str()) && self.dice.chance(50) {
                Box::pin(self.trigger_builds(&delivery.body)).await?;
            }
            if OF_PLAN.contains(&kind.as_str()) && dispatches < 2 && self.dice.chance(25) {
                dispatches += 1;
                self.plan(&delivery.body).await?;
            }
        }
        Ok(())
    }

    /// Ends every environment: the next invocations begin anew.
    pub(crate) fn cool_down(&mut self) {
        self.warm = Warm::default();
    }
}

pub(crate) fn environment() -> Environment {
    Environment {
        hub: "111122223333/eu-west-1".parse().unwrap(),
        table: TABLE.to_owned(),
        topic: stage::shop::TOPIC.to_owned(),
        access: MemberAccess {
            role: String::new(),
            external_id: String::from("steward"),
        },
        switch_at_first: FirstValue::Running,
    }
}
