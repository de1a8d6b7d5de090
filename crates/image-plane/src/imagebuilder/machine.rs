//! The machines of a build: launched from the parent, imaged into an AMI, launched again from that to test it.

use std::time::Duration;

use serde_json::Value;

use super::arn::{Arn, Kind, Place};
use super::distribute::{ami_name, given_tags};
use super::failure::Failure;
use super::image::Status;
use super::recipe::Makes;
use super::recipe::ami::Mapping;
use super::run::{Run, Stage};
use crate::ec2::image::{self as ec2_image, Device, ImageState, Protection};
use crate::ec2::launch::note_launch;
use crate::ec2::make::{Blank, image_of_machine};
use crate::ec2::tags::Tags;
use crate::ec2::watermark::{self, MOST_WATERMARKS};
use crate::ec2::{devices, encryption};
use crate::ids::{ImageId, InstanceId};
use crate::world::{Caller, Target, World};

/// Who made an AMI, as its tags say. Lifecycle executions touch no AMI without it.
pub(crate) const CREATED_BY: (&str, &str) = ("CreatedBy", "EC2 Image Builder");
/// The build an AMI comes from.
pub(crate) const BUILD_TAG: &str = "Ec2ImageBuilderArn";

/// Whether the AMI of a build can be used.
pub(crate) enum Ready {
    Now,
    After(Duration),
}

/// Images the build machine, the first time; looks whether the AMI is there, from then on.
pub(crate) fn build(world: &mut World, target: Target, place: &Place) -> Result<Ready, Failure> {
    let Some(image) = world.builder.shelf(target).images.get(place) else {
        return Ok(Ready::Now);
    };
    let Some(ami) = image.work.ami else {
        return match image_machine(world, target, place) {
            Ok(ami) => {
                if let Some(image) = world.builder.image_mut(target, place) {
                    image.work.ami = Some(ami);
                }
                Ok(Ready::After(world.settings.image_pending))
            }
            Err((step, why)) => Err(broken(world, target, place, step, &why)),
        };
    };
    let state = world
        .ec2
        .get(target.region)
        .and_then(|plane| plane.image(ami))
        .map(|image| image.state.clone());
    match state {
        Some(ImageState::Available) => Ok(Ready::Now),
        Some(ImageState::Pending) => Ok(Ready::After(Duration::from_secs(15))),
        _ => {
            let why = format!("The AMI '{ami}' did not become available.");
            Err(broken(world, target, place, "CreateOutputAMI", &why))
        }
    }
}

/// The failure of a step of the build.
fn broken(world: &World, target: Target, place: &Place, step: &str, why: &str) -> Failure {
    let arn = Arn::of_build(target, Kind::Image, place);
    let image = world.builder.shelf(target).images.get(place);
    image.map_or_else(
        || Failure::before_workflows(Status::Building, why.to_owned()),
        |image| Failure::of_step(&Run::of(target, &arn, image, Stage::Build), step, why, &Value::Null),
    )
}

/// The step that failed, and why.
type Broken = (&'static str, String);

fn image_machine(world: &mut World, target: Target, place: &Place) -> Result<ImageId, Broken> {
    let gone = || ("LaunchBuildInstance", String::from("The parent image is gone."));
    let base = world.builder.shelf(target).images.get(place);
    let base = base
        .and_then(|image| image.work.base.as_deref().cloned())
        .ok_or_else(gone)?;
    let own = encryption::at_home(world, target, base.devices.clone());
    let image = world.builder.shelf(target).images.get(place).ok_or_else(gone)?;
    let parent = image.work.parent.as_ref().map(|parent| parent.ami).ok_or_else(gone)?;
    let recipe = &image.recipe;
    let Makes::Ami(makes) = &recipe.makes else {
        return Err(gone());
    };
    let (name, description) = ami_name(world, target, target, place);
    // Only what the build itself gives: the distribution's tags come when the AMI is distributed.
    let mut tags = given_tags(makes.ami_tags.as_ref(), image, place);
    tags.set(CREATED_BY.0, CREATED_BY.1);
    tags.set(BUILD_TAG, &Arn::of_build(target, Kind::Image, place).to_string());
    let description = description.or_else(|| recipe.description.clone()).unwrap_or_default();
    let devices = machine_devices(world, target, &own, makes.mappings.as_deref().unwrap_or_default())
        .map_err(|why| ("LaunchBuildInstance", why))?;
    let watermarks = makes.watermarks.clone().unwrap_or_default();
    if base.watermarks.with(target.account, &watermarks) > MOST_WATERMARKS {
        let why = format!("The image would have more than {MOST_WATERMARKS} watermarks.");
        return Err(("CreateOutputAMI", why));
    }
    let made = ec2_image::Image {
        owner: target.account,
        alias: None,
        name: name.into(),
        description: description.into(),
        state: ImageState::Pending,
        created: world.now,
        devices,
        tags,
        launch: None,
        source: Some((parent, target.region)),
        source_instance: Some(InstanceId::draw(&mut world.random)),
        deprecate_at: None,
        launched: None,
        protection: Protection::Off,
        backup: false,
        ..base
    };
    // No tag given to a build reaches the snapshots.
    let blank = Blank {
        image: made,
        snapshot_tags: Tags::default(),
    };
    let ami = image_of_machine(world, target, blank).map_err(|error| ("CreateOutputAMI", error.message))?;
    watermark::attach(world, target, ami, &watermarks);
    Ok(ami)
}

/// The parent's volumes with the recipe's laid over them, as EC2 does it for the build machine.
fn machine_devices(
    world: &World,
    target: Target,
    base: &[Device],
    mappings: &[Mapping],
) -> Result<Box<[Device]>, String> {
    let wishes = mappings.iter().filter_map(Mapping::wish).collect();
    let refused = |code: &str, message: &str| format!("EC2 Client Error: 'Client.{code}: {message}'");
    let devices =
        devices::lay_over(world, target, base, wishes).map_err(|error| refused(&error.code, &error.message))?;
    if let Some(key) = encryption::unusable(world, &Caller::of_account(target), &devices) {
        let message = format!("The KMS key {key} is not usable.");
        return Err(refused("InvalidKMSKey.InvalidState", &message));
    }
    Ok(devices)
}

/// Launches an instance for a while, and gives the AMI as it was then. Its owner will see this as a launch, a day later.
pub(crate) fn launch(world: &mut World, target: Target, ami: ImageId) -> Option<ec2_image::Image> {
    let image = world.ec2.plane(target.region).image(ami)?.clone();
    note_launch(world, target, ami);
    Some(image)
}

/// Launches the test instance from the AMI that was built.
pub(crate) fn launch_for_test(world: &mut World, target: Target, place: &Place) {
    let ami = world
        .builder
        .shelf(target)
        .images
        .get(place)
        .and_then(|image| image.work.ami);
    if let Some(ami) = ami {
        launch(world, target, ami);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::testing::Bench;
    use super::*;
    use crate::ec2::image::{Volume, VolumeKind};

    /// Builds a family whose recipe has these members too, and gives the build.
    fn built_with(bench: &mut Bench, members: &[(&str, Value)]) -> String {
        let base = bench.base_image();
        bench.surroundings("web");
        let mut recipe = json!({ "name": "web", "semanticVersion": "1.0.0", "parentImage": base });
        for (member, value) in members {
            recipe[*member] = value.clone();
        }
        bench.ok("CreateImageRecipe", recipe);
        let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("web"))["imagePipelineArn"]
            .as_str()
            .unwrap()
            .to_owned();
        let build = bench.start(&pipeline);
        bench.pass(Duration::from_hours(2));
        build
    }

    #[test]
    fn a_finished_build_has_an_ami_that_names_it_and_its_parent() {
        let mut bench = Bench::new();
        let build = built_with(
            &mut bench,
            &[
                ("amiTags", json!({ "team": "web {{imagebuilder:buildVersion}}" })),
                ("description", json!("the web")),
            ],
        );
        let image = bench.image(&build);
        let output = &image["outputResources"]["amis"][0];
        assert_eq!(
            (&output["region"], &output["accountId"]),
            (&json!("eu-west-1"), &json!("111122223333"))
        );
        let ami = bench.ami(bench.hub, output["image"].as_str().unwrap()).unwrap();
        let tags: Vec<_> = ami.tags.iter().collect();
        assert_eq!(tags, [("team", "web 1"), CREATED_BY, (BUILD_TAG, build.as_str())]);
        assert_eq!(
            ami.source.map(|(id, _)| id.to_string()),
            image["imageRecipe"]["parentImage"].as_str().map(str::to_owned)
        );
        assert_eq!((&*ami.description, ami.state), ("the web", ImageState::Available));
    }

    #[test]
    fn no_tag_of_a_build_reaches_the_snapshots() {
        let mut bench = Bench::new();
        let build = built_with(&mut bench, &[("amiTags", json!({ "team": "web" }))]);
        let ami = bench.ami_of(&build);
        let ami = bench.ami(bench.hub, &ami).unwrap();
        let plane = bench.world.ec2.get(bench.hub.region).unwrap();
        assert_eq!(ami.snapshots().count(), 1);
        assert!(ami.snapshots().all(|id| plane.snapshot(id).unwrap().tags.is_empty()));
    }

    #[test]
    fn the_recipes_volumes_lie_over_the_parents() {
        let mut bench = Bench::new();
        let key = bench.world.create_key(bench.hub, Some("alias/golden"), []);
        let mappings = json!([
            { "deviceName": "/dev/xvda", "ebs": { "volumeSize": 20, "encrypted": true, "kmsKeyId": "alias/golden" } },
            { "deviceName": "/dev/sdb", "ebs": { "volumeSize": 5, "volumeType": "gp3" } },
        ]);
        let build = built_with(&mut bench, &[("blockDeviceMappings", mappings)]);
        let ami = bench.ami_of(&build);
        let devices = bench.ami(bench.hub, &ami).unwrap().devices;
        let Volume::Ebs {
            size_gib,
            key: used,
            encrypted,
            kind,
            ..
        } = &devices[0].volume
        else {
            panic!()
        };
        assert_eq!(
            (*size_gib, used.as_ref(), *encrypted, *kind),
            (20, Some(&key), true, VolumeKind::Gp3)
        );
        assert!(matches!(
            devices[1].volume,
            Volume::Ebs {
                size_gib: 5,
                encrypted: false,
                ..
            }
        ));
    }

    #[test]
    fn a_volume_that_ec2_refuses_fails_the_build_in_ec2s_words() {
        for (device, ebs, code) in [
            ("/dev/xvda", json!({ "volumeSize": 4 }), "InvalidBlockDeviceMapping"),
            (
                "/dev/xvda",
                json!({ "encrypted": true, "kmsKeyId": "alias/none" }),
                "InvalidParameterValue",
            ),
            ("/dev/sdb", json!({ "volumeType": "gp3" }), "MissingParameter"),
            // The parent has 8 GiB of gp3.
            ("/dev/xvda", json!({ "iops": 4001 }), "InvalidParameterValue"),
            ("/dev/xvda", json!({ "volumeType": "st1" }), "InvalidParameterValue"),
        ] {
            let mut bench = Bench::new();
            let build = built_with(
                &mut bench,
                &[("blockDeviceMappings", json!([{ "deviceName": device, "ebs": ebs }]))],
            );
            let state = bench.image(&build)["state"].clone();
            assert_eq!(
                (&state["status"], &state["failureContext"]["failedStep"]),
                (&json!("FAILED"), &json!("LaunchBuildInstance"))
            );
            let reason = state["reason"].as_str().unwrap();
            assert!(reason.contains(&format!("Client.{code}: ")), "{reason}");
        }
    }

    #[test]
    fn building_launches_the_parent_and_testing_launches_the_result() {
        let mut bench = Bench::new();
        let build = built_with(&mut bench, &[]);
        let parent = bench.image(&build)["imageRecipe"]["parentImage"]
            .as_str()
            .unwrap()
            .to_owned();
        let ami = bench.ami_of(&build);
        let launched = |bench: &Bench, id: &str| bench.ami(bench.hub, id).unwrap().launched;
        assert_eq!((launched(&bench, &parent), launched(&bench, &ami)), (None, None));
        bench.pass(Duration::from_hours(24));
        assert!(launched(&bench, &parent) < launched(&bench, &ami));
    }

    #[test]
    fn the_watermarks_of_parent_and_recipe_are_on_the_ami_and_on_its_copies() {
        let mut bench = Bench::new();
        let build = built_with(&mut bench, &[("amiWatermarks", json!(["base", "golden"]))]);
        let arn = bench.arn("image-recipe/web/1.0.0");
        let recipe = bench.get("GetImageRecipe", "imageRecipeArn", &arn);
        assert_eq!(recipe["imageRecipe"]["amiWatermarks"], json!(["base", "golden"]));
        let parent = bench.ami_of(&build);
        bench.surroundings("child");
        let recipe = json!({ "name": "child", "semanticVersion": "1.0.0", "parentImage": parent, "amiWatermarks": ["golden", "child"] });
        bench.ok("CreateImageRecipe", recipe);
        let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("child"))["imagePipelineArn"].clone();
        let both = json!([{ "region": "eu-west-1", "amiDistributionConfiguration": {} }, { "region": "us-east-1", "amiDistributionConfiguration": {} }]);
        let arn = bench.arn("distribution-configuration/child");
        bench.ok(
            "UpdateDistributionConfiguration",
            json!({ "distributionConfigurationArn": arn, "distributions": both }),
        );
        let child = bench.start(pipeline.as_str().unwrap());
        bench.pass(Duration::from_hours(2));
        let outputs = bench.image(&child)["outputResources"]["amis"].clone();
        let marks = |bench: &Bench, at: usize| {
            let region = outputs[at]["region"].as_str().unwrap().parse().unwrap();
            let target = Target { region, ..bench.hub };
            let image = bench.ami(target, outputs[at]["image"].as_str().unwrap()).unwrap();
            (
                image.watermarks.values("image-watermark.watermark-key"),
                image.watermarks.values("image-watermark.source-image-id"),
            )
        };
        let keys = ["base", "golden", "child"].map(|name| format!("111122223333:{name}"));
        let own = outputs[0]["image"].as_str().unwrap().to_owned();
        let sources = [parent.clone(), parent, own];
        for at in [0, 1] {
            assert_eq!(marks(&bench, at), (keys.to_vec(), sources.to_vec()));
        }
    }

    #[test]
    fn a_sixth_watermark_fails_the_build_and_a_public_one_is_not_even_started() {
        let mut bench = Bench::new();
        let marks = ["one", "two", "three", "four", "five"];
        let parent = built_with(&mut bench, &[("amiWatermarks", json!(marks))]);
        let parent = bench.ami_of(&parent);
        bench.surroundings("child");
        let recipe =
            json!({ "name": "child", "semanticVersion": "1.0.0", "parentImage": parent, "amiWatermarks": ["six"] });
        bench.ok("CreateImageRecipe", recipe);
        let pipeline = bench.ok("CreateImagePipeline", bench.pipeline_request("child"))["imagePipelineArn"].clone();
        let build = bench.start(pipeline.as_str().unwrap());
        bench.pass(Duration::from_hours(2));
        assert_eq!(bench.image(&build)["state"]["status"], "FAILED");
        let public = json!([{ "region": "eu-west-1", "amiDistributionConfiguration": { "launchPermission": { "userGroups": ["all"] } } }]);
        let arn = bench.arn("distribution-configuration/child");
        bench.ok(
            "UpdateDistributionConfiguration",
            json!({ "distributionConfigurationArn": arn, "distributions": public }),
        );
        let refusal = bench.refused("StartImagePipelineExecution", json!({ "imagePipelineArn": pipeline }));
        assert_eq!(refusal.1, "InvalidParameterCombinationException");
    }

    #[test]
    fn an_ami_is_named_after_its_image_and_the_time_of_the_build() {
        let mut bench = Bench::new();
        let build = built_with(&mut bench, &[]);
        let name = bench.image(&build)["outputResources"]["amis"][0]["name"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(name.starts_with("web 2026-01-01T00-") && name.ends_with('Z'), "{name}");
    }
}
