//! What happens in AWS: drawn from a seed, with people and Image Builder at work and nothing of ours.

use std::collections::BTreeSet;

use aws_sdk_imagebuilder::types::{
    AmiDistributionConfiguration, ContainerRepositoryService, ContainerType, Distribution, ImageStatus, Platform,
    TargetContainerRepository,
};
use fastrand::Rng;
use image_plane::{
    BuildFailure, BuildStage, Channel, Delivery, FailureCause, RegionFailure, RegionFailureStatus, Settings, World,
};
use serde_json::{Value, json};
use stage::aws::{Aws, HUB, IRELAND, MEMBER, STRANGER, VIRGINIA, hours, minutes, share, target};
use stage::shop::{AL2023, TOPIC, amis, distribution, shop_in};

use crate::hub::Hub;

/// What families are called, in the order in which they come.
const NAMES: [&str; 4] = ["base", "site", "till", "desk"];
const REPOSITORY: &str = "tools";
const DOCKERFILE: &str =
    "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n";

/// Where the images of a family go, beside the hub's own Region.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Beside {
    Nowhere,
    Virginia,
    Member,
    /// It makes container images, which stay in the hub.
    Registry,
}

#[derive(Clone, Debug)]
struct Family {
    pipeline: String,
    beside: Beside,
}

/// An image in the hub that people may build on, copy and take away.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Image {
    ami: String,
    region: &'static str,
}

/// A world of AWS so far.
pub(crate) struct Past {
    pub(crate) hub: Hub,
    dice: Rng,
    families: Vec<Family>,
    /// What recipes may name.
    parents: Vec<String>,
    images: Vec<Image>,
    /// Where releases lie beside the hub's Ireland: elsewhere a copy by hand is known by its event alone.
    reached: Vec<Beside>,
    /// Names must differ.
    named: usize,
}

impl Past {
    pub(crate) async fn new(seed: u64) -> Self {
        let mut dice = Rng::with_seed(seed);
        let calm = Settings::calm();
        let Settings {
            read_lag,
            list_lag,
            sparse_pages,
            ..
        } = if dice.bool() { Settings::default() } else { calm.clone() };
        let settings = Settings {
            read_lag,
            list_lag,
            sparse_pages,
            ..calm
        };
        // The SDK's futures are large.
        let distributions = vec![distribution(IRELAND), distribution(VIRGINIA)];
        let shop = Box::pin(shop_in(Aws::new(seed, settings), distributions)).await;
        let vendor = shop.aws.image(STRANGER, IRELAND, "vendor");
        share(&shop.aws.ec2(STRANGER, IRELAND), &vendor, HUB).await;
        let web = Family {
            pipeline: shop.pipeline.clone(),
            beside: Beside::Virginia,
        };
        let hub = Hub { shop };
        hub.admit(MEMBER);
        hub.shop.aws.plane.with(|world| {
            world.allow_distribution(MEMBER);
            world.create_repository(target(HUB, IRELAND), REPOSITORY);
        });
        Self {
            hub,
            dice,
            families: vec![web],
            parents: vec![AL2023.to_owned(), vendor],
            images: Vec::new(),
            reached: Vec::new(),
            named: 0,
        }
    }

    /// Some more happens. Only what records know is taken away: of what came and went before anybody looked, an event
    /// and a sweep have different things to tell.
    pub(crate) async fn go_on(&mut self, known: &BTreeSet<String>) {
        for n in 0..self.dice.usize(2..=4) {
            match self.dice.u8(0..10) {
                6 if n > 0 => self.copy_by_hand().await,
                7 if n > 0 => self.copy_elsewhere().await,
                8 if n > 0 => self.image_of_an_instance().await,
                9 if !known.is_empty() => self.take_away(known).await,
                _ => self.build().await,
            }
        }
        // What is told reaches nobody before EC2 has forgotten what is gone: a stale look is a thing that no sweep has.
        self.hub.shop.aws.pass(minutes(1)).await;
    }

    /// What was told since this was last asked, as the function's rules and its topic hand it on.
    pub(crate) fn told(&self) -> Vec<Value> {
        let deliveries = self.hub.shop.aws.plane.with(World::take_deliveries);
        deliveries.into_iter().filter_map(as_it_comes).collect()
    }

    async fn build(&mut self) {
        let is_new = self.families.len() <= NAMES.len() && self.dice.u8(0..3) > 0;
        let family = if is_new {
            self.new_family().await
        } else {
            self.dice.choice(&self.families).cloned()
        };
        let Some(family) = family else { return };
        let aws = &self.hub.shop.aws;
        let fate = self.dice.u8(0..20);
        let failure = match fate {
            0 | 1 => Some((BuildStage::Building, FailureCause::Other(String::from("no room")))),
            2 | 3 => failing_to_reach(family.beside).map(|cause| (BuildStage::Distributing, cause)),
            _ => None,
        };
        let only_tests = fate == 4;
        aws.plane.with(|world| {
            world.test_only_builds(&family.pipeline, only_tests);
            if let Some((stage, cause)) = failure {
                world.fail_builds(&family.pipeline, 1, &BuildFailure { stage, cause });
            }
        });
        let ib = &self.hub.shop.ib;
        let start = ib.start_image_pipeline_execution().image_pipeline_arn(&family.pipeline);
        // Its parent may be gone.
        let Ok(started) = start.send().await else { return };
        let build = started.image_build_version_arn.unwrap();
        match fate {
            5 => {
                aws.pass(minutes(5)).await;
                let cancel = ib.cancel_image_creation().image_build_version_arn(&build);
                cancel.send().await.unwrap();
                aws.pass(minutes(30)).await;
            }
            // It is under way when events come.
            6 => aws.pass(minutes(5)).await,
            _ => {
                aws.pass(hours(2)).await;
                if !only_tests {
                    self.take_in(&build, family.beside).await;
                }
            }
        }
    }

    /// What a build made can be copied and built on, by each of the names that recipes have for it.
    async fn take_in(&mut self, build: &str, beside: Beside) {
        let made = self.hub.shop.image(build).await;
        if made.state().and_then(|state| state.status()) != Some(&ImageStatus::Available) {
            return;
        }
        for (region, ami) in amis(&made) {
            if region == VIRGINIA {
                self.reached.push(beside);
                if beside == Beside::Virginia {
                    let region = VIRGINIA;
                    self.images.push(Image { ami, region });
                }
                continue;
            }
            let (version, _) = build.rsplit_once('/').unwrap();
            let (family, _) = version.rsplit_once('/').unwrap();
            let parameter = format!("/golden/{}", self.named);
            self.named += 1;
            let aws = &self.hub.shop.aws;
            aws.plane
                .with(|world| world.put_parameter(target(HUB, IRELAND), &parameter, &ami));
            self.parents.extend([
                ami.clone(),
                build.to_owned(),
                format!("{family}/x.x.x"),
                format!("ssm:{parameter}"),
            ]);
            let region = IRELAND;
            self.images.push(Image { ami, region });
        }
    }

    /// None where the parent that was drawn is gone.
    async fn new_family(&mut self) -> Option<Family> {
        let name = NAMES[self.families.len() - 1];
        let beside = match self.dice.u8(0..8) {
            0 | 1 => Beside::Virginia,
            2 | 3 => Beside::Member,
            4 => Beside::Registry,
            _ => Beside::Nowhere,
        };
        // Rather the newest: chains get long that way.
        let newest = self.parents.len().saturating_sub(5);
        let from = if self.dice.bool() { newest } else { 0 };
        let parent = self.parents[self.dice.usize(from..self.parents.len())].clone();
        let shop = &self.hub.shop;
        let infrastructure = shop.recipe.replace(":image-recipe/", ":infrastructure-configuration/");
        let (infrastructure, _) = infrastructure.rsplit_once('/').unwrap();
        let pipeline = shop.ib.create_image_pipeline().name(name);
        let pipeline = pipeline.infrastructure_configuration_arn(infrastructure);
        let pipeline = if beside == Beside::Registry {
            let repository = TargetContainerRepository::builder()
                .service(ContainerRepositoryService::Ecr)
                .repository_name(REPOSITORY);
            let recipe = shop.ib.create_container_recipe().semantic_version("1.0.0");
            // Its name says what it runs on, as that of `steward apply` does.
            let recipe = recipe
                .name(format!("{name}-x86-64"))
                .tags("image-steward:family", name)
                .container_type(ContainerType::Docker)
                .platform_override(Platform::Linux)
                .parent_image("amazonlinux:2023")
                .dockerfile_template_data(DOCKERFILE)
                .target_repository(repository.build().unwrap());
            pipeline.set_container_recipe_arn(recipe.send().await.unwrap().container_recipe_arn)
        } else {
            let recipe = shop.ib.create_image_recipe().name(name).semantic_version("1.0.0");
            let recipe = recipe.parent_image(parent).ami_tags("image-steward:family", name);
            let recipe = recipe.send().await.ok()?;
            let there = shop.ib.create_distribution_configuration().name(name);
            let there = there.set_distributions(Some(distributions(name, beside)));
            let there = there.send().await.unwrap().distribution_configuration_arn;
            pipeline
                .set_image_recipe_arn(recipe.image_recipe_arn)
                .set_distribution_configuration_arn(there)
        };
        let pipeline = pipeline.send().await.unwrap().image_pipeline_arn.unwrap();
        let family = Family { pipeline, beside };
        self.families.push(family.clone());
        Some(family)
    }

    /// Somebody copies an image of the hub's, within the hub or to the member.
    async fn copy_by_hand(&mut self) {
        let Some(source) = self.dice.choice(&self.images).cloned() else {
            return;
        };
        let aws = &self.hub.shop.aws;
        let (account, region) = match self.dice.u8(0..4) {
            0 if self.reached.contains(&Beside::Virginia) => (HUB, VIRGINIA),
            1 if self.reached.contains(&Beside::Member) => (MEMBER, VIRGINIA),
            _ => (HUB, IRELAND),
        };
        if account == MEMBER {
            share(&aws.ec2(HUB, source.region), &source.ami, MEMBER).await;
        }
        let copy = aws.ec2(account, region).copy_image().source_image_id(&source.ami);
        let copy = copy
            .source_region(source.region)
            .name(format!("by hand {}", self.named));
        self.named += 1;
        let ami = copy.send().await.unwrap().image_id.unwrap();
        aws.pass(hours(4)).await;
        if account == HUB {
            if region == IRELAND {
                self.parents.push(ami.clone());
            }
            self.images.push(Image { ami, region });
        }
    }

    fn one_in_ireland(&mut self) -> Option<Image> {
        let here = self.images.iter().filter(|image| image.region == IRELAND);
        let here: Vec<Image> = here.cloned().collect();
        self.dice.choice(here)
    }

    /// Somebody we do not know copies an image, and lets the hub build on that.
    async fn copy_elsewhere(&mut self) {
        let Some(source) = self.one_in_ireland() else { return };
        let aws = &self.hub.shop.aws;
        share(&aws.hub(), &source.ami, STRANGER).await;
        let theirs = aws.ec2(STRANGER, IRELAND);
        let copy = theirs.copy_image().source_image_id(&source.ami).source_region(IRELAND);
        let ami = copy.name(format!("theirs {}", self.named)).send().await.unwrap();
        self.named += 1;
        let ami = ami.image_id.unwrap();
        aws.pass(hours(4)).await;
        share(&theirs, &ami, HUB).await;
        self.parents.push(ami);
    }

    /// Somebody makes an image of an instance that runs from one of ours.
    async fn image_of_an_instance(&mut self) {
        let Some(source) = self.one_in_ireland() else { return };
        let aws = &self.hub.shop.aws;
        let ec2 = aws.hub();
        let run = ec2.run_instances().image_id(&source.ami).min_count(1).max_count(1);
        let instance = run.send().await.unwrap().instances()[0]
            .instance_id()
            .unwrap()
            .to_owned();
        aws.pass(minutes(10)).await;
        let image = ec2
            .create_image()
            .instance_id(instance)
            .name(format!("of one {}", self.named));
        self.named += 1;
        let ami = image.send().await.unwrap().image_id.unwrap();
        aws.pass(hours(1)).await;
        self.parents.push(ami.clone());
        self.images.push(Image { ami, region: IRELAND });
    }

    /// Somebody disables or deregisters an image, or deletes a container image.
    async fn take_away(&mut self, known: &BTreeSet<String>) {
        let aws = &self.hub.shop.aws;
        let ireland = target(HUB, IRELAND);
        if self.dice.u8(0..4) == 0 {
            let held = aws.plane.with(|world| world.containers_in(ireland, REPOSITORY));
            if let Some((digest, _)) = held.iter().find(|(digest, _)| known.contains(digest)) {
                assert!(
                    aws.plane
                        .with(|world| world.delete_container(ireland, REPOSITORY, digest))
                );
            }
            return;
        }
        let there = self.images.iter().filter(|image| known.contains(&image.ami));
        let there: Vec<Image> = there.cloned().collect();
        let Some(image) = self.dice.choice(there) else { return };
        let ec2 = aws.ec2(HUB, image.region);
        if self.dice.bool() {
            ec2.disable_image().image_id(&image.ami).send().await.unwrap();
        } else {
            ec2.deregister_image().image_id(&image.ami).send().await.unwrap();
        }
        self.images.retain(|other| *other != image);
    }
}

fn distributions(name: &str, beside: Beside) -> Vec<Distribution> {
    let of = |region: &str, account: Option<String>| {
        let ami = AmiDistributionConfiguration::builder()
            .name(format!("{name}-{{{{ imagebuilder:buildDate }}}}"))
            .ami_tags("image-steward:family", name)
            .set_target_account_ids(account.map(|account| vec![account]));
        let there = Distribution::builder().region(region);
        there.ami_distribution_configuration(ami.build()).build().unwrap()
    };
    let there = match beside {
        Beside::Nowhere | Beside::Registry => None,
        Beside::Virginia => Some(of(VIRGINIA, None)),
        Beside::Member => Some(of(VIRGINIA, Some(MEMBER.to_string()))),
    };
    [of(IRELAND, None)].into_iter().chain(there).collect()
}

/// A copy that fails when the hub's own image is there already.
fn failing_to_reach(beside: Beside) -> Option<FailureCause> {
    let account = match beside {
        Beside::Nowhere | Beside::Registry => return None,
        Beside::Virginia => HUB,
        Beside::Member => MEMBER,
    };
    Some(FailureCause::Regions(vec![RegionFailure {
        region: VIRGINIA.parse().unwrap(),
        account: Some(account),
        status: RegionFailureStatus::Failed,
        step: None,
        message: String::from("no key"),
    }]))
}

/// A message as it wakes the function, where a rule of the hub's or a member's, or the topic, hands it on.
fn as_it_comes(delivery: Delivery) -> Option<Value> {
    let Delivery {
        at,
        account,
        region: _,
        channel,
        body,
    } = delivery;
    match channel {
        Channel::Sns { topic } if topic == TOPIC => Some(json!({ "Records": [{ "EventSource": "aws:sns", "Sns": {
            "TopicArn": topic, "MessageId": format!("m-{at}"), "Timestamp": at.to_string(), "Message": body,
        }}]})),
        Channel::Sns { .. } => None,
        Channel::EventBridge => {
            let is_for_us = match body["detail-type"].as_str()? {
                "EC2 Image Builder Image State Change" | "ECR Image Action" => account == HUB,
                "EC2 AMI State Change" => [HUB, MEMBER].contains(&account),
                "EBS Snapshot Notification" => {
                    [HUB, MEMBER].contains(&account) && body["detail"]["event"] == "copySnapshot"
                }
                _ => false,
            };
            is_for_us.then_some(body)
        }
    }
}
