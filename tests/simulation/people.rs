//! What people do meanwhile, at the best and at the worst moment.

use aws_sdk_ec2::types::{LaunchPermission, LaunchPermissionModifications, SnapshotAttributeName, Tag};
use image_plane::{AccountId, ImageId, KeyState, SurveyedImage};
use stage::aws::{HUB, IRELAND, target};

use crate::company::{let_us_publish, role_in};
use crate::site::Site;
use stage::member::PUBLISH_ROLE;

impl Site {
    /// Somebody does something.
    pub(crate) async fn somebody_acts(&mut self) {
        let at = self.dice.below(self.families.len());
        match self.dice.below(24) {
            0..=2 => self.build(at).await,
            3..=7 => {
                let change = self.families[at].policy.change(&mut self.dice, &self.company);
                self.say(format!(
                    "somebody changes {}: {change}",
                    self.families[at].policy.family
                ));
                self.apply_manifest(at).await;
            }
            8 | 9 => self.move_an_account(),
            10 => self.close_or_suspend(),
            11 => self.revoke(at).await,
            12 => self.roll_back(at).await,
            13 => self.promote(at).await,
            14 | 15 => self.share_by_hand().await,
            16 => self.retag().await,
            17 => self.deregister_a_copy().await,
            18 => self.copy_by_hand().await,
            19 | 20 => self.edit_a_parameter().await,
            21 => {
                let paused = !self.paused;
                self.throw(paused).await;
            }
            22 => self.touch_a_role(),
            _ => self.touch_a_key(),
        }
    }

    fn images(&self) -> std::collections::BTreeMap<ImageId, SurveyedImage> {
        self.plane().with(|world| world.survey_images(HUB))
    }

    /// One of the images of releases, and where it is.
    fn an_image(&mut self) -> Option<(ImageId, SurveyedImage)> {
        let images = self.images();
        let known = self.judge.images(&images);
        if known.is_empty() {
            return None;
        }
        let id = *self.dice.pick(&known);
        Some((id, images[&id].clone()))
    }

    fn move_an_account(&mut self) {
        let account = *self.dice.pick(&self.company.members);
        let place = self.company.place(&mut self.dice);
        let moved = self.plane().with(|world| world.move_account(account, &place));
        self.say(format!("{account} moves to {place}: {moved:?}"));
    }

    fn close_or_suspend(&mut self) {
        let account = *self.dice.pick(&self.company.members);
        let what = self.dice.below(4);
        let came = self.plane().with(|world| match what {
            0 => world.close_account(account),
            1 | 2 => world.suspend_account(account),
            _ => world.reinstate_account(account),
        });
        let what = ["closed", "suspended", "suspended", "reinstated"][what];
        self.say(format!("{account} is {what}: {came:?}"));
    }

    async fn revoke(&mut self, at: usize) {
        let builds = self.families[at].builds.clone();
        if builds.is_empty() {
            return;
        }
        let build = self.dice.pick(&builds).clone();
        let words = ["revoke", &build.arn, "--because", "a bad key", "--yes"];
        if self.steward(&words).await.code == 0 {
            self.judge.revoked.insert(build.release);
        }
    }

    async fn roll_back(&mut self, at: usize) {
        let family = self.families[at].policy.family.clone();
        let channel = *self.dice.pick(&["candidate", "stable"]);
        let words = [
            "rollback",
            &family,
            "--channel",
            channel,
            "--because",
            "it does not boot",
            "--yes",
        ];
        self.steward(&words).await;
    }

    async fn promote(&mut self, at: usize) {
        let family = self.families[at].policy.family.clone();
        let build = self.dice.between(1, 4);
        let release = format!("{family}/1.0.0/{build}");
        let channel = *self.dice.pick(&["candidate", "stable", "stable"]);
        let words = [
            "promote",
            &release,
            "--to",
            channel,
            "--because",
            "tested",
            "--yes",
            "--force",
        ];
        self.steward(&words).await;
    }

    async fn share_by_hand(&mut self) {
        let Some((id, image)) = self.an_image() else { return };
        let with = *self.dice.pick(&self.company.members);
        let adds = self.dice.chance(60);
        self.share((id, &image), with, adds).await;
    }

    /// Lets an account use an image and copy its snapshots, or ends that, past whatever is declared.
    pub(crate) async fn share(&mut self, (id, image): (ImageId, &SurveyedImage), with: AccountId, adds: bool) -> bool {
        let ec2 = self.aws.ec2(HUB, image.target.region.name());
        let permission = LaunchPermission::builder().user_id(with.to_string()).build();
        let change = LaunchPermissionModifications::builder();
        let change = if adds {
            change.add(permission)
        } else {
            change.remove(permission)
        };
        let request = ec2.modify_image_attribute().image_id(id.to_string());
        let launch = request.launch_permission(change.build()).send().await.is_ok();
        let operation = if adds { "add" } else { "remove" };
        for snapshot in image.snapshots.keys() {
            let request = ec2.modify_snapshot_attribute().snapshot_id(snapshot.to_string());
            let request = request.attribute(SnapshotAttributeName::CreateVolumePermission);
            let request = request.operation_type(operation.into()).user_ids(with.to_string());
            drop(request.send().await);
        }
        self.say(format!(
            "somebody: {operation} {with} at {id} in {}: {launch}",
            image.target
        ));
        launch
    }

    async fn retag(&mut self) {
        let Some((id, image)) = self.an_image() else { return };
        let ec2 = self.aws.ec2(HUB, image.target.region.name());
        let tag = Tag::builder().key("team").value("somebody").build();
        let tagged = ec2.create_tags().resources(id.to_string()).tags(tag).send().await;
        self.say(format!("somebody tags {id} in {}: {}", image.target, tagged.is_ok()));
    }

    async fn deregister_a_copy(&mut self) {
        let copies = self.judge.copies(&self.images());
        if copies.is_empty() {
            return;
        }
        let (id, known) = self.dice.pick(&copies).clone();
        let ec2 = self.aws.ec2(HUB, known.region.name());
        let request = ec2.deregister_image().image_id(id.to_string());
        let gone = request.delete_associated_snapshots(true).send().await;
        self.say(format!(
            "somebody deregisters {id} in {}: {}",
            known.region.name(),
            gone.is_ok()
        ));
    }

    async fn copy_by_hand(&mut self) {
        let Some((id, image)) = self.an_image() else { return };
        let regions: Vec<&'static str> = self.company.all_regions().collect();
        let region = *self.dice.pick(&regions);
        let ec2 = self.aws.ec2(HUB, region);
        let with_tags = self.dice.chance(40);
        let request = ec2.copy_image().source_image_id(id.to_string());
        let request = request.source_region(image.target.region.name());
        let request = request.name(format!("by-hand-{}", self.plane().now().millis()));
        let made = request.copy_image_tags(with_tags).send().await;
        let made = made
            .ok()
            .and_then(|made| made.image_id().map(|id| id.parse::<ImageId>().unwrap()));
        self.judge.by_hand.extend(made);
        self.say(format!("somebody copies {id} to {region}, tags {with_tags}: {made:?}"));
    }

    async fn edit_a_parameter(&mut self) {
        let regions: Vec<&'static str> = self.company.all_regions().collect();
        let region = *self.dice.pick(&regions);
        let account = if self.dice.chance(60) {
            HUB
        } else {
            *self.dice.pick(&self.company.members)
        };
        let there = target(account, region);
        let all = self.plane().with(|world| world.parameters_of_images(there));
        if all.is_empty() || !self.plane().with(|world| world.is_enabled(there)) {
            return;
        }
        let (arn, _) = self.dice.pick(&all).clone();
        let name = arn.split_once(":parameter").unwrap().1.to_owned();
        let ssm = self.aws.ssm(account, region);
        let done = if self.dice.chance(50) {
            ssm.delete_parameter().name(&name).send().await.is_ok()
        } else {
            let other = self.aws.image(account, region, "other");
            let put = ssm.put_parameter().name(&name).value(other).overwrite(true);
            put.send().await.is_ok()
        };
        self.say(format!("somebody edits {name} in {there}: {done}"));
    }

    fn touch_a_role(&mut self) {
        let account = *self.dice.pick(&self.company.members);
        if self.dice.chance(50) {
            let gone = self.plane().with(|world| world.delete_role(&role_in(account)));
            self.judge.admitted.remove(&account);
            self.say(format!("{account} deletes {PUBLISH_ROLE}: {gone:?}"));
        } else {
            let_us_publish(self.plane(), account);
            self.judge.admitted.insert(account);
            self.say(format!("{account} has {PUBLISH_ROLE}"));
        }
    }

    fn touch_a_key(&mut self) {
        let (key, state) = (
            self.dice.pick(&self.company.keys).clone(),
            if self.dice.chance(50) {
                KeyState::Disabled
            } else {
                KeyState::Enabled
            },
        );
        self.plane().with(|world| world.set_key_state(&key, state));
        self.say(format!("{key} is {state:?}"));
    }

    /// Makes good what only people can: the switch, keys, and accounts that let us in.
    pub(crate) async fn make_good(&mut self) {
        if self.paused {
            self.throw(false).await;
        }
        for key in self.company.keys.clone() {
            self.plane().with(|world| world.set_key_state(&key, KeyState::Enabled));
        }
        // What EC2 no longer lists late, and the regions that are on.
        self.plane().with(|world| {
            world.settings_mut().read_lag = std::time::Duration::ZERO;
            world.settings_mut().organization_lag = std::time::Duration::ZERO;
            let bahrain = "me-south-1".parse().unwrap();
            world.account_mut(HUB).opted_in.insert(bahrain);
        });
        assert!(self.company.all_regions().any(|region| region == IRELAND));
    }
}
