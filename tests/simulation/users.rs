//! What people do to images that may go, at the best and at the worst moment.

use std::time::Duration;

use aws_sdk_autoscaling::types::LaunchTemplateSpecification;
use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice, RequestLaunchTemplateData, Tag};
use aws_smithy_types::DateTime;
use image_plane::{AccountId, Effect, Fault, ImageId, SurveyedImage, Target};
use stage::aws::{HUB, IRELAND, hours};

use crate::company::let_us_look;
use crate::retention::Retention;
use crate::site::Site;

/// So long a worker stands still.
const STANDS: Duration = Duration::from_secs(20);
/// So much later at the latest it looks at the very image again, whatever it waits for.
const AT_A_LOOK: Duration = Duration::from_mins(1);
/// So much later at the latest it reads the record again.
const AT_A_GATHERING: Duration = Duration::from_mins(2);

/// Something that people made and may take away again.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Instance(Target, String),
    Template(Target, String),
    Group(Target, String),
    Configuration(Target, String),
    Parameter(Target, String),
    Pipeline(String),
}

impl Site {
    /// Somebody does something about images, or else what people do anyhow.
    pub(crate) async fn somebody_needs_something(&mut self) {
        match self.dice.below(42) {
            0..=4 => self.launch().await,
            5 | 6 => self.name_in_a_template().await,
            7 => self.pin_a_version().await,
            8 => self.configure_a_launch().await,
            9 => self.name_in_a_parameter().await,
            10 => self.build_on_it().await,
            11..=17 => self.take_something_away().await,
            18 | 19 => self.hold().await,
            20..=22 => self.retire_by_hand().await,
            23 | 24 => self.keep_or_protect().await,
            25 => self.untag().await,
            26 => self.waive().await,
            27 | 28 => Box::pin(self.accept()).await,
            29 | 30 => self.change_retention().await,
            31 => self.touch_who_looks(),
            32 | 33 => self.use_a_snapshot().await,
            _ => Box::pin(self.somebody_acts()).await,
        }
        self.look_around().await;
    }

    /// The judge looks at the world itself.
    pub(crate) async fn look_around(&mut self) {
        let plane = &self.aws.plane;
        plane.with(|world| self.judge.needs.look(world, &self.company, &self.families));
        self.look_at_channels().await;
    }

    /// An image of a release, rather one that is on its way out.
    fn an_old_image(&mut self) -> Option<(ImageId, SurveyedImage)> {
        let images = self.plane().with(|world| world.survey_images(HUB));
        let known = self.judge.images(&images);
        let going: Vec<ImageId> = known
            .iter()
            .copied()
            .filter(|id| images[id].deprecate_at.is_some() || images[id].state == "disabled")
            .collect();
        let among = if going.is_empty() || self.dice.chance(30) {
            known
        } else {
            going
        };
        let id = *among.get(self.dice.below(among.len()))?;
        Some((id, images[&id].clone()))
    }

    /// The hub, or somebody else.
    fn somebody(&mut self) -> AccountId {
        if self.dice.chance(50) {
            HUB
        } else {
            *self.dice.pick(&self.company.members)
        }
    }

    async fn launch(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let who = self.somebody();
        let ec2 = self.aws.ec2(who, image.target.region.name());
        let run = ec2.run_instances().image_id(id.to_string()).min_count(1).max_count(1);
        let made = run.send().await.ok();
        let instance = made.and_then(|made| made.instances().first()?.instance_id().map(str::to_owned));
        self.say(format!("{who} launches {id} in {}: {instance:?}", image.target));
        let there = Target {
            account: who,
            ..image.target
        };
        self.things
            .extend(instance.map(|instance| Thing::Instance(there, instance)));
    }

    async fn template(&mut self, who: AccountId, id: ImageId, image: &SurveyedImage) -> Option<String> {
        self.runs += 1;
        let ec2 = self.aws.ec2(who, image.target.region.name());
        let data = RequestLaunchTemplateData::builder().image_id(id.to_string()).build();
        let made = ec2.create_launch_template().launch_template_data(data);
        let made = made
            .launch_template_name(format!("by-hand-{}", self.runs))
            .send()
            .await
            .ok()?;
        let template = made.launch_template()?.launch_template_id()?.to_owned();
        let there = Target {
            account: who,
            ..image.target
        };
        self.say(format!("{there}: {template} names {id}"));
        self.things.push(Thing::Template(there, template.clone()));
        Some(template)
    }

    async fn name_in_a_template(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let who = self.somebody();
        self.template(who, id, &image).await;
    }

    /// A group pins the first version of a template, of which another is the default and the latest.
    async fn pin_a_version(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let Some(template) = self.template(HUB, id, &image).await else {
            return;
        };
        let region = image.target.region;
        let pinned = LaunchTemplateSpecification::builder()
            .launch_template_id(&template)
            .version("1");
        let group = self.aws.scaling(HUB, region.name()).create_auto_scaling_group();
        let group = group.auto_scaling_group_name(&template).launch_template(pinned.build());
        let group = group.min_size(0).max_size(1).desired_capacity(0);
        let made = group
            .availability_zones(format!("{}a", region.name()))
            .send()
            .await
            .is_ok();
        self.say(format!("a group pins {template}: {made}"));
        if made {
            self.things.push(Thing::Group(image.target, template));
        }
    }

    async fn configure_a_launch(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        self.runs += 1;
        let name = format!("by-hand-{}", self.runs);
        let scaling = self.aws.scaling(HUB, image.target.region.name());
        let made = scaling.create_launch_configuration().launch_configuration_name(&name);
        let made = made
            .image_id(id.to_string())
            .instance_type("t3.micro")
            .send()
            .await
            .is_ok();
        self.say(format!("a launch configuration names {id}: {made}"));
        if made {
            self.things.push(Thing::Configuration(image.target, name));
        }
    }

    async fn name_in_a_parameter(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        self.runs += 1;
        let name = format!("/app/{}", self.runs);
        let ssm = self.aws.ssm(HUB, image.target.region.name());
        let put = ssm
            .put_parameter()
            .name(&name)
            .value(id.to_string())
            .data_type("aws:ec2:image");
        let made = put
            .r#type(aws_sdk_ssm::types::ParameterType::String)
            .send()
            .await
            .is_ok();
        self.say(format!("{name} in {} names {id}: {made}", image.target));
        if made {
            self.things.push(Thing::Parameter(image.target, name));
        }
    }

    /// A pipeline builds on an image.
    async fn build_on_it(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        if image.target.region.name() != IRELAND {
            return;
        }
        self.runs += 1;
        let name = format!("by-hand-{}", self.runs);
        let recipe = self.ib.create_image_recipe().name(&name).semantic_version("1.0.0");
        let Ok(recipe) = recipe.parent_image(id.to_string()).send().await else {
            return;
        };
        let pipeline = self.ib.create_image_pipeline().name(&name);
        let pipeline = pipeline.image_recipe_arn(recipe.image_recipe_arn.unwrap());
        let pipeline = pipeline.infrastructure_configuration_arn(&self.infrastructure);
        let pipeline = pipeline.send().await.unwrap().image_pipeline_arn.unwrap();
        self.say(format!("{pipeline} builds on {id}"));
        let now = self.now();
        self.judge.needs.builds_on(&pipeline, Some(id), now);
        self.things.push(Thing::Pipeline(pipeline));
    }

    /// Something that somebody made goes, and with it what it used.
    pub(crate) async fn take_something_away(&mut self) {
        if self.things.is_empty() {
            return;
        }
        let at = self.dice.below(self.things.len());
        let thing = self.things.swap_remove(at);
        let gone = match &thing {
            Thing::Instance(there, instance) => {
                let ec2 = self.aws.ec2(there.account, there.region.name());
                if self.dice.chance(30) {
                    self.things.push(thing.clone());
                    ec2.stop_instances().instance_ids(instance).send().await.is_ok()
                } else {
                    ec2.terminate_instances().instance_ids(instance).send().await.is_ok()
                }
            }
            Thing::Template(there, template) => {
                let ec2 = self.aws.ec2(there.account, there.region.name());
                let delete = ec2.delete_launch_template().launch_template_id(template);
                delete.send().await.is_ok()
            }
            Thing::Group(there, group) => {
                let scaling = self.aws.scaling(there.account, there.region.name());
                let delete = scaling.delete_auto_scaling_group().auto_scaling_group_name(group);
                delete.send().await.is_ok()
            }
            Thing::Configuration(there, name) => {
                let scaling = self.aws.scaling(there.account, there.region.name());
                let delete = scaling.delete_launch_configuration().launch_configuration_name(name);
                delete.send().await.is_ok()
            }
            Thing::Parameter(there, name) => {
                let ssm = self.aws.ssm(there.account, there.region.name());
                ssm.delete_parameter().name(name).send().await.is_ok()
            }
            Thing::Pipeline(pipeline) => {
                let delete = self.ib.delete_image_pipeline().image_pipeline_arn(pipeline);
                let gone = delete.send().await.is_ok();
                let now = self.now();
                self.judge.needs.builds_on(pipeline, None, now);
                gone
            }
        };
        self.say(format!("{thing:?} is taken away, or stopped: {gone}"));
    }

    async fn hold(&mut self) {
        let Some((id, _)) = self.an_old_image() else { return };
        let until = self.now() + hours(*self.dice.pick(&[6, 30, 100]));
        let words = [
            "hold",
            &id.to_string(),
            "--until",
            &until.to_string(),
            "--because",
            "an audit",
        ];
        if self.steward(&words).await.code == 0
            && let Some(release) = self.judge.release_of(id)
        {
            self.judge.needs.holds(&release, until);
        }
    }

    async fn retire_by_hand(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let ec2 = self.ec2_of(image.target.region);
        let ami = id.to_string();
        let (what, done) = match self.dice.below(6) {
            0 | 1 => ("disables", ec2.disable_image().image_id(ami).send().await.is_ok()),
            2 => ("enables", ec2.enable_image().image_id(ami).send().await.is_ok()),
            3 => {
                let soon = DateTime::from_millis((self.now() + hours(1)).millis());
                let deprecate = ec2.enable_image_deprecation().image_id(ami).deprecate_at(soon);
                ("deprecates", deprecate.send().await.is_ok())
            }
            4 => {
                let back = ec2.disable_image_deprecation().image_id(ami);
                ("recommends", back.send().await.is_ok())
            }
            _ => {
                let gone = ec2.deregister_image().image_id(ami);
                let gone = gone.delete_associated_snapshots(self.dice.chance(50));
                ("deregisters", gone.send().await.is_ok())
            }
        };
        self.say(format!("somebody {what} {id} in {}: {done}", image.target));
    }

    async fn keep_or_protect(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let ec2 = self.ec2_of(image.target.region);
        let ami = id.to_string();
        let keep = Tag::builder().key("keep").value("true").build();
        let (what, done) = match self.dice.below(4) {
            0 => (
                "keeps",
                ec2.create_tags().resources(ami).tags(keep).send().await.is_ok(),
            ),
            1 => (
                "lets go of",
                ec2.delete_tags().resources(ami).tags(keep).send().await.is_ok(),
            ),
            2 => {
                let protect = ec2.enable_image_deregistration_protection().image_id(ami);
                ("protects", protect.send().await.is_ok())
            }
            _ => {
                let protect = ec2.disable_image_deregistration_protection().image_id(ami);
                ("protects no more", protect.send().await.is_ok())
            }
        };
        self.say(format!("somebody {what} {id} in {}: {done}", image.target));
    }

    /// What is behind an image is locked for a while, or somebody makes another image of it.
    async fn use_a_snapshot(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let Some(snapshot) = image.snapshots.keys().next().copied() else {
            return;
        };
        if self.dice.chance(50) {
            let until = self.now() + hours(*self.dice.pick(&[30, 300]));
            let region = image.target.region;
            let locked = self.plane().with(|world| world.lock_snapshot(region, snapshot, until));
            self.say(format!("somebody locks {snapshot} of {id} until {until}: {locked}"));
            return;
        }
        self.runs += 1;
        let behind = EbsBlockDevice::builder().snapshot_id(snapshot.to_string()).build();
        let device = BlockDeviceMapping::builder().device_name("/dev/xvda").ebs(behind);
        let register = self.ec2_of(image.target.region).register_image();
        let register = register
            .name(format!("by-hand-{}", self.runs))
            .virtualization_type("hvm");
        let register = register
            .root_device_name("/dev/xvda")
            .block_device_mappings(device.build());
        let made = register.send().await.is_ok();
        self.say(format!("somebody makes an image of {snapshot} of {id}: {made}"));
    }

    async fn untag(&mut self) {
        let Some((id, image)) = self.an_old_image() else { return };
        let ec2 = self.ec2_of(image.target.region);
        let family = Tag::builder().key("image-steward:family").build();
        let done = ec2.delete_tags().resources(id.to_string()).tags(family).send().await;
        self.say(format!("somebody takes our tag off {id}: {}", done.is_ok()));
    }

    async fn waive(&mut self) {
        let who = self.somebody();
        let region = {
            let regions: Vec<&'static str> = self.company.all_regions().collect();
            *self.dice.pick(&regions)
        };
        let until = self.now() + hours(*self.dice.pick(&[3, 30]));
        let there = format!("{who}/{region}");
        let words = [
            "waive",
            &there,
            "--until",
            &until.to_string(),
            "--because",
            "nobody is there",
        ];
        if self.steward(&words).await.code == 0 {
            self.judge.needs.waives(stage::aws::target(who, region), until);
        }
    }

    /// Lets through what is more at once than a manifest allows.
    pub(crate) async fn accept(&mut self) {
        for at in 0..self.families.len() {
            let family = self.families[at].policy.family.clone();
            let shown = self.steward(&["prune", "--family", &family, "--yes"]).await;
            let digest = shown.out.rsplit_once("--accept ").map(|(_, rest)| rest);
            let digest = digest.and_then(|rest| rest.split_whitespace().next());
            if let Some(digest) = digest.map(|digest| digest.trim_matches('`').to_owned()) {
                self.steward(&["prune", "--family", &family, "--accept", &digest, "--yes"])
                    .await;
            }
        }
    }

    async fn change_retention(&mut self) {
        let at = self.dice.below(self.families.len());
        let mut retain = self.families[at].policy.retain.take();
        let change = if let Some(retain) = &mut retain {
            retain.change(&mut self.dice)
        } else {
            retain = Some(Retention::draw(&mut self.dice));
            format!("{retain:?}")
        };
        self.families[at].policy.retain = retain;
        self.say(format!("somebody changes what stays: {change}"));
        self.apply_manifest(at).await;
    }

    /// Somebody needs an image that a worker is sent to, while that stands still before one of its calls, or after.
    pub(crate) async fn need_it_meanwhile<T>(&mut self, work: impl Future<Output = T>) -> T {
        let images = self.plane().with(|world| world.survey_images(HUB));
        let sent_to: Vec<ImageId> = self
            .sent_to
            .iter()
            .copied()
            .filter(|id| images.contains_key(id))
            .collect();
        let Some(id) = sent_to.get(self.dice.below(sent_to.len())).copied() else {
            return work.await;
        };
        let effect = *self
            .dice
            .pick(&[Effect::FreezeBefore(STANDS), Effect::FreezeAfter(STANDS)]);
        let call = u64::try_from(self.dice.below(30)).unwrap();
        let (what, grace) = *self.dice.pick(&[
            ("launches", None),
            ("keeps", Some(AT_A_LOOK)),
            ("holds", Some(AT_A_GATHERING)),
        ]);
        self.plane().with(|world| world.inject(Fault::new(effect).after(call)));
        let ec2 = self.ec2_of(images[&id].target.region);
        let site = &*self;
        let needs = async {
            tokio::time::sleep(STANDS / 2).await;
            let (ami, at) = (id.to_string(), site.now());
            let until = (at + hours(100)).to_string();
            let done = match what {
                "launches" => {
                    let run = ec2.run_instances().image_id(ami).min_count(1).max_count(1);
                    run.send().await.is_ok()
                }
                "keeps" => {
                    let keep = Tag::builder().key("keep").value("true").build();
                    ec2.create_tags().resources(ami).tags(keep).send().await.is_ok()
                }
                _ => {
                    let words = ["hold", &ami, "--until", &until, "--because", "it is needed"];
                    Box::pin(site.speak(&words)).await.code == 0
                }
            };
            (at, done)
        };
        let (ended, (at, done)) = tokio::join!(work, needs);
        self.say(format!(
            "meanwhile at {at} somebody {what} {id}: {done}; {effect:?} at call {call}"
        ));
        if done && let Some(grace) = grace {
            self.judge.needs.meanwhile = Some((id, at + grace));
        }
        if done
            && what == "holds"
            && let Some(release) = self.judge.release_of(id)
        {
            self.judge.needs.holds_later = Some((release, at + hours(100)));
        }
        ended
    }

    fn touch_who_looks(&mut self) {
        let account = *self.dice.pick(&self.company.members);
        if self.dice.chance(50) {
            let role = format!("arn:aws:iam::{account}:role/{}", stage::member::LOOK_ROLE);
            let gone = self.plane().with(|world| world.delete_role(&role));
            self.say(format!("{account} lets nobody look any more: {gone:?}"));
        } else {
            let_us_look(self.plane(), account);
            self.company.looked_at.insert(account);
            self.say(format!("{account} lets us look"));
        }
    }
}
